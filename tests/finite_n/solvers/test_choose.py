"""The one place that chooses an engine: a new engine is one class and one name in ENGINES, and everybody uses it."""

import dataclasses

import numpy as np
import pytest
import qutip
from scipy.linalg import expm

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Mode, Model, Species, evolve, from_blocks, memory, mx, mz
from finite_n.engine.moments import Readout, pairs
from finite_n.engine.protocol import MOMENTS, Outcome, Question, Refusal
from finite_n.memory import NoMemoryError
from finite_n.model.operators import PAULI
from finite_n.propagation.propagate import METHODS
from finite_n.solvers import choose as choosing
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.states.initial_state import as_initial_state
from finite_n.states.particles import ProductState

ENGINES_AGREE = 1e-9  # the tolerance that both are asked for


class OneByOne:
    """Particles that do not feel each other: the master equation of one particle answers every N."""

    name = "one by one"
    gives = frozenset([MOMENTS])

    def offer(self, question: Question):
        model = question.model
        apart = len(model.space.owners) == 1 and model.is_linear and not question.observables
        if not apart or not isinstance(question.start.parts[""], ProductState):
            return Refusal(FiniteNError("one by one: particles that feel each other."))
        return OneByOneOffer(question)


class OneByOneOffer:
    elements, bytes, applications, note = 2, 1e3, 1, "one particle"

    def __init__(self, question: Question):
        self.question = question

    def run(self) -> Outcome:
        q = self.question
        field = [
            qutip.Qobj(q.model.hamiltonian.words.get((a,), 0) * s)
            for a, s in zip(q.model.space.letters, PAULI[1:], strict=True)
        ]
        jumps = [qutip.Qobj(float(j.amplitude(0.0)) * j.operator) for j in q.model.jumps]
        L, rho = qutip.liouvillian(sum(field), jumps).full(), q.start.parts[""].density.ravel(order="F")
        densities = [(expm(L * (t - q.times[0])) @ rho).reshape(2, 2, order="F") for t in q.times]
        m = np.array([[np.trace(s @ r).real for s in PAULI[1:]] for r in densities])
        both = [(1 - 1 / q.N) * m[:, a] * m[:, b] + (a == b) / q.N for a, b in pairs(3)]
        moments = Readout(q.model.space).moments(np.column_stack([m, *both, np.ones(len(m))]), q.N)
        return Outcome(
            moments, OneByOne.name, 2, 1000, self.note, stats=dict.fromkeys(STATS, 0) | {"arithmetic": "complex"}
        )


STATS = ("applications", "terms", "steps", "threads")
DRIVEN = Model(0.5 * mx, [LocalJump(qutip.sigmam(), 0.7), LocalJump(qutip.sigmaz(), 0.3)])


def test_a_new_engine_is_used_where_it_is_the_cheapest(monkeypatch):
    start, times = [0.3, -0.2, 0.4], [0.0, 0.5, 2.0]
    before = evolve(DRIVEN, 30, start, times)
    monkeypatch.setattr(choosing, "ENGINES", (*choosing.ENGINES, OneByOne()))
    result = evolve(DRIVEN, 30, start, times)
    assert before.stats["basis"] != result.stats["basis"] == "one by one"
    assert np.abs(result.covariance - before.covariance).max() < ENGINES_AGREE
    assert evolve(DRIVEN, 10**9, start, times).N == 10**9
    check_evolution_memory(DRIVEN, 10**9, start)
    assert "one particle" in repr(result) and evolve(DRIVEN, 5, start, times, basis="One by One").N == 5
    feeling = Model(0.5 * mx, collective=[CollectiveJumps([qutip.sigmam()])])
    assert evolve(feeling, 5, start, times).stats["basis"] == "Dicke"
    assert evolve(DRIVEN, 5, start, times, {"zz": mz * mz}).stats["basis"] != "one by one"
    with pytest.raises(FiniteNError, match="one by one: particles that feel each other"):
        evolve(feeling, 5, start, times, basis="one by one")


def test_the_cheapest_offer_is_taken():
    """Fewest elements times applications among what is offered."""
    s = Species("s", dim=2)
    cases = {
        "state vector": (Model(0.5 * mx + mz * mz), [0, 0, 1.0]),
        "independent": (Model(0.5 * mx, [LocalJump(qutip.sigmam())]), [0.3, 0, 0.4]),
        "symmetrised products": (Model(0.5 * mz + 0.1 * mz * mz, [LocalJump(qutip.sigmam())]), [0.3, 0, 0.4]),
        "Dicke": (Model(0.5 * mx + 0.1 * mz * mz, [LocalJump(qutip.sigmam())]), [0.3, 0, 0.4]),
    }
    for basis, (model, start) in cases.items():
        question = _question(model, 40, start)
        offers = [x for x in (_answer(engine, question) for engine in choosing.ENGINES) if x is not None]
        cost = [offer.elements * offer.applications for offer in offers]
        chosen = choosing.choose(question)
        assert chosen.elements * chosen.applications == min(cost)
        assert evolve(model, 40, start, [0, 0.1], check=False).stats["basis"] == basis
    named = Model(0.5 * s.mz + 0.1 * s.mz * s.mz, [LocalJump(qutip.sigmam())], species=[s])
    assert evolve(named, 40, {"s": [0.3, 0, 0.4]}, [0, 0.1], check=False).stats["basis"] == "symmetrised products"


@pytest.mark.parametrize("basis", ["auto", "independent", "dicke", "symmetrised products", "state vector"])
def test_what_an_offer_says_is_what_runs(basis):
    """The check of memory is the choice without the run: elements and bytes are those of the run."""
    model = Model(0.5 * mz) if basis == "state vector" else Model(0.5 * mz, [LocalJump(qutip.sigmam())])
    question = _question(model, 12, [0, 0, 1.0], basis)
    offer = choosing.choose(question)
    outcome = offer.run()
    assert outcome.elements <= offer.elements and outcome.bytes >= 8 * outcome.elements
    assert basis in ("auto", outcome.basis.lower())


def test_where_nothing_is_offered_every_reason_is_said():
    levels = Species("s", dim=3)
    model = Model(0.0, species=[levels])
    with pytest.raises(FiniteNError) as refused:
        evolve(model, 3, {"s": [[1, 0, 0], [0, 0, 0], [0, 0, 0]]}, [0, 1], keep_states=True)
    assert "state vector" in str(refused.value) and "two-level" in str(refused.value)
    assert len(str(refused.value)) <= 400


def test_a_start_that_the_only_engine_of_a_model_refuses_is_named_alone():
    """Not behind the sentences of engines that are not for such models."""
    a, b = Species("a", dim=2, fraction=0.75), Species("b", dim=3, fraction=0.25)
    blocks = from_blocks([np.full((4, 4), 0.1) + 0.05 * np.eye(4), np.diag([0.2, 0.2])])
    with pytest.raises(FiniteNError) as refused:
        evolve(Model(a.mx * a.mx, species=[a, b]), 4, {"a": blocks, "b": np.eye(3) / 3}, [0, 1])
    message = str(refused.value)
    assert message.startswith("initial state of species a: from_blocks") and "…" not in message


def test_the_largest_n_is_that_of_the_engine_that_holds_most(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 8e9)
    model = Model(0.5 * mz + 0.1 * mz * mz, [LocalJump(qutip.sigmam())])
    with pytest.raises(NoMemoryError) as refused:
        check_evolution_memory(model, 10**12, [0, 0, 1.0])
    largest = refused.value.largest
    check_evolution_memory(model, largest, [0, 0, 1.0])
    assert largest > 10**6  # far beyond Dicke blocks


def test_memory_is_planned_for_the_vectors_that_an_integrator_holds(monkeypatch):
    class Hoarder(METHODS["runge_kutta"]):
        vectors = 50

    model = Model(0.5 * mx, [LocalJump(qutip.sigmam())])
    monkeypatch.setitem(METHODS, "hoarder", Hoarder)
    few, many = (
        choosing.choose(dataclasses.replace(_question(model, 200, [0.3, 0, 0.4]), method=method)).bytes
        for method in ("runge_kutta", "hoarder")
    )
    assert many > 2 * few
    with pytest.raises(FiniteNError, match="method = 'euler'"):
        check_evolution_memory(model, 200, [0.3, 0, 0.4], method="euler")


def _question(model, N, start, basis="auto") -> Question:
    return Question(model, N, as_initial_state(start, model), np.array([0.0, 0.1]), basis=basis)


def _answer(engine, question):
    answer = engine.offer(question)
    return None if isinstance(answer, Refusal) else answer


def test_the_largest_n_with_modes_is_found_in_few_steps(monkeypatch):
    """Between what fits and 10^15 particles lie fifty halvings, each of which asks all engines."""
    monkeypatch.setattr(memory, "available", lambda: 8e9)
    tried, refused_at = [], choosing._refused
    monkeypatch.setattr(choosing, "_refused", lambda question, N: tried.append(N) or refused_at(question, N))
    s, field = Species("s"), Mode("f")
    model = Model(field.number + s.mx * field.phi, [LocalJump(qutip.sigmam(), species=s)], species=[s], modes=[field])
    with pytest.raises(NoMemoryError) as refused:
        check_evolution_memory(model, 10**15, {"s": [0, 0.3, 0.4]})
    largest = refused.value.largest
    assert len(tried) <= 30
    check_evolution_memory(model, largest, {"s": [0, 0.3, 0.4]})
    with pytest.raises(NoMemoryError):
        check_evolution_memory(model, 2 * largest, {"s": [0, 0.3, 0.4]})
