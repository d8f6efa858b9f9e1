"""Which engine answers a question: the one place that decides, for running and for checks of memory alike."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Iterator

from finite_n.dicke_blocks.eigenstates.engine import EnergyEigenstates
from finite_n.dicke_blocks.engine import DickeEngine
from finite_n.displaced.engine import Displaced
from finite_n.engine.protocol import TIME_DEPENDENCE, Engine, Offer, Question, Refusal
from finite_n.errors import FiniteNError, shown
from finite_n.independent.engine import Independent
from finite_n.memory import USABLE, NoMemoryError, available
from finite_n.model.model import Model
from finite_n.occupations.engine import Occupations
from finite_n.state_vector.engine import StateVector

ENGINES: tuple[Engine, ...] = (
    Independent(),
    Displaced(),
    StateVector(),
    EnergyEigenstates(),
    Occupations(),
    DickeEngine(),
)

_CORRECTIONS = 6  # of the largest N that fits
_BEYOND = 2**53  # particles that no machine has room for; up to here N is a whole number as a float too
_SHORT = {"symmetrised": "symmetrised products"}


def choose(question: Question) -> Offer:
    """The cheapest offer: a closed form, or else the fewest elements times applications of the generator, of the engine
    asked for or of all.

    Raises FiniteNError where nothing is offered, with the sentences of the engines that are for such a model or else of
    all; NoMemoryError where memory is why.
    """
    offers, refusals, raised = [], [], []
    for engine in ENGINES:
        if question.basis not in ("auto", engine.name.lower()):
            continue
        try:
            answer = engine.offer(question) if question.wants <= engine.gives else _gives_less(engine, question)
        except FiniteNError as error:  # of an engine for such models, of what was given
            answer = Refusal(error)
            raised.append(error)
        except OverflowError:  # more particles than floats count
            answer = Refusal(NoMemoryError("the evolution", question.N, math.inf, USABLE * available(), _BEYOND))
        (refusals if isinstance(answer, Refusal) else offers).append(answer)
        if getattr(answer, "closed_form", False):  # with many modes it takes longer to ask the others than to run
            break
    if len(offers) == 1:
        return offers[0]
    if offers:
        return min(offers, key=lambda offer: offer.elements * offer.applications)
    reasons = [refusal.reason for refusal in refusals]
    no_memory = [reason for reason in reasons if isinstance(reason, NoMemoryError)]
    if no_memory:
        raise max(no_memory, key=lambda reason: reason.largest)
    sentences = dict.fromkeys(str(reason) for reason in raised or reasons)
    if len(sentences) == 1:
        raise (raised or reasons)[0]
    raise FiniteNError(" ".join(sentences))


def _gives_less(engine: Engine, question: Question) -> Refusal:
    if TIME_DEPENDENCE in question.wants - engine.gives:
        return Refusal(FiniteNError(f"basis = {engine.name!r} is for constant models; use basis='auto'."))
    missing = ", ".join(sorted(question.wants - engine.gives))
    other = "two-level species" if question.basis == "auto" else "basis='auto' with two-level species"
    return Refusal(FiniteNError(f"basis = {engine.name!r} gives no {missing}; leave keep_states out, or use {other}."))


def read_basis(basis) -> str:
    """The name of an engine in small letters, or "auto"; refuses others."""
    known = ["auto", *(engine.name for engine in ENGINES)]
    word = basis.lower() if isinstance(basis, str) else None
    word = _SHORT.get(word, word)
    if word not in (name.lower() for name in known):
        raise FiniteNError(f"basis = {shown(basis)}: choose one of {', '.join(map(repr, known))}.")
    return word


@contextlib.contextmanager
def naming_what_fits(question: Question) -> Iterator[None]:
    """A refusal for memory names the largest N that is not refused itself."""
    try:
        yield
    except NoMemoryError as refusal:
        reason, at = _largest(question, refusal)
        if reason is refusal and at == refusal.largest:
            raise
        raise (refusal if reason is refusal else reason.at(question.N)).naming(at) from None


def _largest(question: Question, refusal: NoMemoryError) -> tuple[NoMemoryError, int]:
    """The largest N that fits, and what does not fit beyond it.

    A refusal names the N at which its own part of an evolution fits; other parts may not, and levels of modes depend on
    N as well.
    """
    reason, low, high = refusal, 0, _whole_size(question.model, min(refusal.largest, _BEYOND))
    for _ in range(_CORRECTIONS):
        smaller = _refused(question, high)
        if smaller is None:
            low = high
            break
        reason, high = smaller, _whole_size(question.model, min(smaller.largest, high - 1))
    else:
        low = _bisected(question, 0, high)
    if question.model.modes and question.cutoffs is None:
        beyond = min(question.N, _BEYOND)
        if beyond < question.N or _refused(question, beyond) is not None:  # else levels that filled later did not fit
            low = _bisected(question, low, beyond)
    return reason, low


def _bisected(question: Question, low: int, high: int) -> int:
    """The largest N that fits between one that does and one that does not."""
    while high - low > 1:
        middle = math.isqrt(low * high) if 0 < 4 * low < high else (low + high) // 2  # by factors where far apart
        n = _whole_size(question.model, middle)
        if n <= low:
            high = middle
        elif _refused(question, n) is None:
            low = n
        else:
            high = n
    return low


def _refused(question: Question, N: int) -> NoMemoryError | None:
    """Why N particles do not fit; None if they do, or if nothing can be said, as of a state of one N."""
    try:
        if N:
            choose(dataclasses.replace(question, N=N))
    except NoMemoryError as error:
        return error
    except FiniteNError:
        pass
    return None


def _whole_size(model: Model, largest: int) -> int:
    """The largest N up to `largest` that gives every species a whole number of particles."""
    return largest - largest % model.space.unit
