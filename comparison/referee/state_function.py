"""Functions of the state as quantities of a study: what there are, and which are asked for.

    squeezing                        ξ² = min nᵀΣn/|m|², n ⊥ m, of a species
    entropy                          −Tr ρ ln ρ of modes, and of species that stay on J = N_s/2
    entropy_per_particle             the same of any parts, divided by their number of particles
    purity                           Tr ρ² of what `entropy` is of
    negativity                       (‖ρ^{T_A}‖₁ − 1)/2 between two parts
    pair_negativity_times_N          N_s times that of two particles of a species
    fidelity                         with the product state that has the averages of the limit, or with the start
    fisher_information_per_particle  F/N of the generator G = N g(m)
    g2_zero                          ⟨b†b†bb⟩/⟨b†b⟩² of a mode

Limits are those of the Gaussian state of the fluctuations, `meanfield.GaussianLimit`. Beside them exact numbers differ
by 1/N, by N^−½ in studies of that power, and by ln N/N or N^−½ where the limit is that of a pure or of an unentangled
state; of squeezing the first of these terms is derived too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import read_operator
from finite_n.model.polynomial import Letter, Polynomial
from finite_n.model.species import Mode, Space, Species
from meanfield import GaussianLimit

SQUEEZING, PAIR, FIDELITY = "squeezing", "pair_negativity_times_N", "fidelity"
ENTROPY, PURITY, PER_PARTICLE = "entropy", "purity", "entropy_per_particle"
NEGATIVITY, FISHER, BUNCHING = "negativity", "fisher_information_per_particle", "g2_zero"
KINDS = (SQUEEZING, ENTROPY, PER_PARTICLE, PURITY, NEGATIVITY, PAIR, FIDELITY, FISHER, BUNCHING)
START = "start"
_ALONE = (SQUEEZING, PAIR)  # of one species, from moments
_INSTEAD = {
    "pair_negativity": (PAIR, "it falls as 1/N"),
    "quantum_fisher_information": (FISHER, "it grows with N"),
    "fisher_information": (FISHER, "it grows with N"),
}
_TITLE = "functions of the state"


@dataclasses.dataclass(frozen=True)
class StateFunction:
    """A function of the state that a study looks at.

    Parameters
    ----------
    kind : "squeezing", "entropy", "entropy_per_particle", "purity", "negativity", "pair_negativity_times_N", "fidelity"
        (with the product state that has the averages of the limit), "fisher_information_per_particle" or "g2_zero"
    of : a species or mode, or several, themselves or by name; all others are traced out. Default: everything; of
        squeezing and pairs the only species, of g²(0) the only mode. Of a negativity one of the two parts.
    other : the other part of a negativity. Default: all that is not in `of`. Of a fidelity "start", for the one with
        the initial state.
    generator : g of a Fisher information, G = N g(m), a Hermitian polynomial of averages and modes
    """

    kind: str
    of: object = None
    other: object = None
    generator: Polynomial | None = None


@dataclasses.dataclass(frozen=True)
class AskedFunction:
    """A function of the state as a study has read it.

    name : of its quantity
    kind : one of KINDS
    of, other : names of species and modes
    generator : of a Fisher information
    """

    name: str
    kind: str
    of: tuple[str, ...]
    other: tuple[str, ...] = ()
    generator: Polynomial | None = None

    @property
    def needs_states(self) -> bool:
        """Whether averages and their products are not enough."""
        return self.kind not in _ALONE

    @property
    def text(self) -> str:
        """What it is, in words."""
        of = ", ".join(name or "the particles" for name in self.of)
        if self.kind == NEGATIVITY:
            return f"negativity between {of} and {', '.join(name or 'the particles' for name in self.other)}"
        if self.kind == FISHER:
            return f"Fisher information per particle of N ({self.generator})"
        if self.kind == FIDELITY:
            return f"fidelity with {'the start' if self.other else 'the product state of the limit'}"
        if self.kind == BUNCHING:
            return f"g²(0) of {of}"
        words = {PAIR: "N times the negativity of two particles", SQUEEZING: "squeezing ξ²", PURITY: "purity"}
        return f"{words.get(self.kind, self.kind.replace('_', ' '))} of {of}"

    def of_limit(self, limit: GaussianLimit, start: tuple | None = None) -> np.ndarray:
        """Its limit (T,); start : averages (n,), covariance (n, n) and first moments (n,) at the first time."""
        with_start = (start,) if self.other else ()
        arguments = {NEGATIVITY: (list(self.of), list(self.other)), FIDELITY: with_start, FISHER: (self.generator,)}
        alone = (self.of[0],) if self.kind in (*_ALONE, BUNCHING) else (list(self.of),)
        return getattr(limit, self.kind)(*arguments.get(self.kind, alone))


def read_state_functions(given, space: Space) -> list[AskedFunction]:
    """Functions of the state from a dict by name of kinds or of `StateFunction`; refuses what a model of this space
    does not have."""
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise FiniteNError(f'state functions = {shown(given)}: give a dict by name, such as {{"xi2": "squeezing"}}.')
    return [_read(name, x, space) for name, x in given.items()]


def kinds_of_functions(asked: Sequence[AskedFunction]) -> list[tuple[str, list[str]]]:
    """Their names by kind of quantity."""
    return [(_TITLE, [f.name for f in asked])] if asked else []


def as_data(f: AskedFunction) -> dict:
    """A function as plain data, for JSON."""
    words = [] if f.generator is None else f.generator.words.items()
    generator = [[[list(letter) for letter in word], c.real, c.imag] for word, c in words]
    return {"name": f.name, "kind": f.kind, "of": f.of, "other": f.other, "generator": generator}


def from_data(data: Mapping) -> AskedFunction:
    """The function of `as_data`."""
    words = {tuple(Letter(*letter) for letter in word): complex(x, y) for word, x, y in data["generator"]}
    generator = Polynomial(words) if data["kind"] == FISHER else None
    return AskedFunction(data["name"], data["kind"], tuple(data["of"]), tuple(data["other"]), generator)


def _read(name, given, space: Space) -> AskedFunction:
    if not isinstance(name, str) or not name.isidentifier():
        raise FiniteNError(f"state functions: name {shown(name)}; give a word of letters, digits and underscores.")
    what = f"state function {name}"
    given = given if isinstance(given, StateFunction) else StateFunction(given)
    kind = given.kind
    if isinstance(kind, str) and kind in _INSTEAD:
        other, why = _INSTEAD[kind]
        raise FiniteNError(f'{what}: kind = {shown(kind)}; {why}, so take "{other}".')
    if not isinstance(kind, str) or kind not in KINDS:
        raise FiniteNError(f"{what}: kind = {shown(kind)}; choose of {', '.join(KINDS)}.")
    if large := next((s for s in space.species if s.dim != 2), None):
        raise FiniteNError(f"{what}: {large} has {large.dim} levels; only two-level particles are supported.")
    taken = {"other": kind in (NEGATIVITY, FIDELITY), "generator": kind == FISHER, "of": kind not in (FIDELITY, FISHER)}
    for key, may in taken.items():
        if getattr(given, key) is not None and not may:
            raise FiniteNError(f"{what}: {key} = {shown(getattr(given, key))} is not for {kind}; leave it out.")
    if kind == FISHER:
        return AskedFunction(name, kind, _names(space.owners), generator=_generator(given.generator, space, what))
    if kind in _ALONE:
        return AskedFunction(name, kind, (_species(given.of, space, what).name,))
    if kind == BUNCHING:
        modes = list(space.modes) if given.of is None else _parts(given.of, space, f"{what}: of")
        if len(modes) != 1 or not isinstance(modes[0], Mode):
            raise FiniteNError(f"{what}: of = {shown(given.of)}; give one mode: {_named(space.modes)}.")
        return AskedFunction(name, kind, _names(modes))
    if kind == FIDELITY:
        other = given.other[0] if isinstance(given.other, list | tuple) and len(given.other) == 1 else given.other
        if other is not None and not (isinstance(other, str) and other == START):
            raise FiniteNError(f'{what}: other = {shown(given.other)}; give "{START}", or leave it out.')
        return AskedFunction(name, kind, _names(space.owners), (START,) if other else ())
    of = _parts(given.of, space, f"{what}: of")
    if kind == PER_PARTICLE and not any(isinstance(o, Species) for o in of):
        raise FiniteNError(f'{what}: of = {shown(given.of)} has no particles; take "{ENTROPY}".')
    if kind != NEGATIVITY:
        return AskedFunction(name, kind, _names(of))
    if given.of is None:
        raise FiniteNError(f"{what}: say between which parts, of and other; known are {_named(space.owners)}.")
    rest = [o for o in space.owners if o not in of]
    other = rest if given.other is None else _parts(given.other, space, f"{what}: other")
    if not other or set(of) & set(other):
        raise FiniteNError(f"{what}: the two parts must be different species or modes; of two particles take {PAIR}.")
    return AskedFunction(name, kind, _names(of), _names(other))


def _parts(given, space: Space, what: str) -> list[Species | Mode]:
    return list(space.owners) if given is None else space.owners_of(given, what)


def _species(given, space: Space, what: str) -> Species:
    if isinstance(given, list | tuple) and len(given) == 1:
        (given,) = given
    try:
        return space.species_of(given)
    except FiniteNError as error:
        raise FiniteNError(f"{what}: {error}") from None


def _generator(given, space: Space, what: str) -> Polynomial:
    if given is None:
        raise FiniteNError(f"{what}: generator is missing; give g of G = N g(m), such as mz / 2.")
    g = read_operator(given, f"{what}: generator", SimpleNamespace(space=space))
    if g.non_hermitian_part().words:
        raise FiniteNError(f"{what}: generator = {g} is not Hermitian; symmetrise products of averages.")
    return g


def _names(parts: Sequence[Species | Mode]) -> tuple[str, ...]:
    return tuple(o.name for o in parts)


def _named(parts: Sequence[Species | Mode]) -> str:
    return ", ".join(repr(o.name) for o in parts) or "the model has none"
