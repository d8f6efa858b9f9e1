"""Functions of the state as quantities of a study: which are asked for, and what averages and covariances say of them.

    squeezing                        ξ² = min nᵀΣn/|m|², n ⊥ m, of a species
    entropy                          −Tr ρ ln ρ of modes, and of species that stay on J = N_s/2
    entropy_per_particle             the same of any parts, divided by their number of particles
    purity                           Tr ρ² of what `entropy` is of
    negativity                       (‖ρ^{T_A}‖₁ − 1)/2 between two parts
    pair_negativity_times_N          N_s times that of two particles of a species
    fidelity                         with the product state that has the averages of the limit
    fisher_information_per_particle  F/N of the generator G = N g(m)
    g2_zero                          ⟨b†b†bb⟩/⟨b†b⟩² of a mode

Limits are those of the Gaussian state of the fluctuations, `meanfield.GaussianLimit`. Beside them exact numbers differ
by 1/N, by N^−½ in studies of that power, and by ln N/N or N^−½ where the limit is that of a pure or of an unentangled
state; of squeezing the first of these terms is derived too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from comparison.referee.claimed import Claimed
from comparison.referee.quantities import covariance_indices, covariance_names, first_moment_names, mean_names
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_letters, read_observables
from finite_n.model.polynomial import Letter, Polynomial
from finite_n.model.species import Mode, Space, Species
from finite_n.model.squeezing import squeezing_slope
from finite_n.model.validation import check_kind
from meanfield import GaussianLimit

SQUEEZING, PAIR, FIDELITY = "squeezing", "pair_negativity_times_N", "fidelity"
ENTROPY, PURITY, PER_PARTICLE = "entropy", "purity", "entropy_per_particle"
NEGATIVITY, FISHER, BUNCHING = "negativity", "fisher_information_per_particle", "g2_zero"
KINDS = (SQUEEZING, ENTROPY, PER_PARTICLE, PURITY, NEGATIVITY, PAIR, FIDELITY, FISHER, BUNCHING)
_ALONE = (SQUEEZING, PAIR)  # of one species, from moments
_INSTEAD = {
    "pair_negativity": (PAIR, "it falls as 1/N"),
    "quantum_fisher_information": (FISHER, "it grows with N"),
    "fisher_information": (FISHER, "it grows with N"),
}
_TITLE = "functions of the state"
_PROBES = 4  # changes of all averages and covariances by their errors, with random signs


@dataclasses.dataclass(frozen=True)
class StateFunction:
    """A function of the state that a study looks at.

    Parameters
    ----------
    kind : "squeezing", "entropy", "entropy_per_particle", "purity", "negativity", "pair_negativity_times_N", "fidelity"
        (with the product state that has the averages of the limit), "fisher_information_per_particle" or "g2_zero"
    of : a species or mode, or several, themselves or by name; all others are traced out. Default: everything; of
        squeezing and pairs the only species, of g²(0) the only mode. Of a negativity one of the two parts.
    other : the other part of a negativity. Default: all that is not in `of`.
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
            return "fidelity with the product state of the limit"
        if self.kind == BUNCHING:
            return f"g²(0) of {of}"
        words = {PAIR: "N times the negativity of two particles", SQUEEZING: "squeezing ξ²", PURITY: "purity"}
        return f"{words.get(self.kind, self.kind.replace('_', ' '))} of {of}"

    def of_limit(self, limit: GaussianLimit) -> np.ndarray:
        """Its limit (T,)."""
        arguments = {NEGATIVITY: (list(self.of), list(self.other)), FIDELITY: (), FISHER: (self.generator,)}
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


def check_limits(
    asked: Sequence[AskedFunction], values: Mapping[str, np.ndarray], times: np.ndarray, note: str
) -> None:
    """Refuse functions without a derived limit at all times (T,); `note`: why there is no expansion in 1/N, else
    empty."""
    for f in asked:
        if note and f.kind != SQUEEZING:
            raise FiniteNError(
                f"state function {f.name}: nothing says how it goes with N. {note} Take evolve and functions of its "
                "result."
            )
        unknown = np.isnan(values.get(f.name, np.full(len(times), np.nan)))
        if not unknown.any():
            continue
        raise FiniteNError(
            f"state function {f.name}: no limit of the {f.text} is derived at t = {times[unknown.argmax()]:g}; "
            f"{_reason(f.kind)}"
        )


def with_state_functions(
    said: Claimed,
    asked: Sequence[AskedFunction],
    space: Space,
    symmetric: np.ndarray,
    derived: Mapping[str, np.ndarray],
    at_one_N: bool = False,
) -> Claimed:
    """A claim with what the Gaussian of its averages and covariances says of functions of the state, where it has all
    covariances and does not say so itself; at one N of squeezing alone, which is a function of them.

    symmetric : (T, S), of `GaussianLimit`
    derived : averages of the derived limit by name, (T,), which are those of a claimed limit that says nothing of any,
        and then nothing of functions of averages alone
    """
    averages = mean_names(space)
    if not at_one_N and not any(q in said.values for q in averages):
        zero = dict.fromkeys(averages, np.zeros(len(symmetric)))
        others = {q: derived[q] for q in averages if q in derived}
        said, alone = Claimed(said.values | others, said.errors | zero, said.uncertainties | zero), said
        found = with_state_functions(said, [f for f in asked if f.kind != PER_PARTICLE], space, symmetric, derived)
        parts = (found.values, found.errors, found.uncertainties)
        return Claimed(*({q: x for q, x in part.items() if q in alone.values or q not in averages} for part in parts))
    asked = [f for f in asked if f.name not in said.values and (f.kind == SQUEEZING or not at_one_N)]
    needed = [*averages, *covariance_names(space)]
    if not asked or any(q not in said.values for q in needed):
        return said
    letters = [*needed, *(q for q in first_moment_names(space) if q in said.values)]
    known = np.flatnonzero(np.all([np.isfinite(said.values[q]) for q in letters], axis=0))
    own = {q: said.values[q][known] for q in letters}

    def found(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        limit = _limit_of(values, space, symmetric[known])
        return {f.name: _at_each(f, limit) for f in asked}

    middle = found(own)
    widths = {q: said.uncertainties[q][known] for q in letters if np.any(said.uncertainties[q][known])}
    spread = {q: np.zeros(len(known)) for q in middle}
    for q, width in widths.items():  # to first order, one after the other
        ends = [found(own | {q: own[q] + sign * width}) for sign in (1, -1)]
        for name, x in middle.items():
            spread[name] += np.fmax(*(np.abs(end[name] - x) for end in ends))  # beyond an end there may be no state
    errors = {q: said.errors[q][known] for q in letters}
    signs = np.random.default_rng(0).choice([-1, 1], (_PROBES, len(letters)))
    ends = [found({q: own[q] + s * errors[q] for q, s in zip(letters, row, strict=True)}) for row in signs]
    off = {
        name: 2 * np.sqrt(len(letters) * np.mean([np.nan_to_num(end[name] - x) ** 2 for end in ends], axis=0))
        for name, x in middle.items()
    }
    stated = [q for q, x in middle.items() if np.any(np.isfinite(x))]
    put = [{q: _spread(each[q], known, len(symmetric)) for q in stated} for each in (middle, off, spread)]
    parts = (said.values, said.errors, said.uncertainties)
    return Claimed(*({**old, **new} for old, new in zip(parts, put, strict=True)))


def first_term(
    f: AskedFunction, quantities: Sequence[str], coefficients: np.ndarray, space: Space
) -> np.ndarray | None:
    """The coefficient (T,) of the first power of 1/N, from those of averages and covariances in a derived expansion (K,
    T, Q); None where it is not derived."""
    if f.kind != SQUEEZING or len(coefficients) < 2:
        return None
    at = {q: i for i, q in enumerate(quantities)}
    (m, sigma), (c, C) = (
        _arrays({q: row[:, at[q]] for q in (*mean_names(space), *covariance_names(space))}, space)
        for row in coefficients[:2]
    )
    return squeezing_slope(m, sigma, c, C, space, f.of[0])


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


def _limit_of(values: Mapping[str, np.ndarray], space: Space, symmetric: np.ndarray) -> GaussianLimit:
    means, covariance = _arrays(values, space)
    first = np.zeros_like(means)
    for q in first_moment_names(space):
        if q in values:
            first[:, space.labels.index(q.removeprefix("first_"))] = values[q]
    return GaussianLimit(space, means, covariance, first, symmetric)


def _arrays(values: Mapping[str, np.ndarray], space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Averages (T, n) and covariances (T, n, n) by name."""
    means = np.stack([values[q] for q in mean_names(space)], axis=1)
    covariance = np.zeros((len(means), space.size, space.size))
    for q, (a, b) in zip(covariance_names(space), covariance_indices(space), strict=True):
        covariance[:, a, b] = covariance[:, b, a] = values[q]
    return means, covariance


def _at_each(f: AskedFunction, limit: GaussianLimit) -> np.ndarray:
    """Its limit, nan at times at which covariances are those of no state."""
    try:
        return f.of_limit(limit)
    except FiniteNError:
        if len(limit.means) <= 1:
            return np.full(len(limit.means), np.nan)
    arrays = ("means", "covariance", "first_moments", "symmetric")
    each = [{a: getattr(limit, a)[t : t + 1] for a in arrays} for t in range(len(limit.means))]
    return np.concatenate([_at_each(f, dataclasses.replace(limit, **x)) for x in each])


def _spread(x: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    out = np.full(count, np.nan)
    out[known] = x
    return out


def _reason(kind: str) -> str:
    if kind in (ENTROPY, PURITY):
        return (
            "particles in mixed states, or that jump alone, have an entropy that grows with N: take "
            f'"{PER_PARTICLE}", or the {kind} of modes.'
        )
    if kind == SQUEEZING:
        return "the average spin vanishes there, so that it has no direction."
    if kind == BUNCHING:
        return "there is no light then; start with some, or at a later time."
    return "the average spin vanishes there, or is that of a pure state although particles jump alone."


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
    taken = {"other": kind == NEGATIVITY, "generator": kind == FISHER, "of": kind not in (FIDELITY, FISHER)}
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
    of = _parts(given.of, space, f"{what}: of")
    if kind == PER_PARTICLE and not any(isinstance(o, Species) for o in of):
        raise FiniteNError(f'{what}: of = {shown(given.of)} has no particles; take "{ENTROPY}".')
    if kind != NEGATIVITY:
        return AskedFunction(name, kind, _names(of))
    if given.of is None:
        raise FiniteNError(f"{what}: say between which parts, of and other; known are {_known(space)}.")
    rest = [o for o in space.owners if o not in of]
    other = rest if given.other is None else _parts(given.other, space, f"{what}: other")
    if not other or set(of) & set(other):
        raise FiniteNError(f"{what}: the two parts must be different species or modes; of two particles take {PAIR}.")
    return AskedFunction(name, kind, _names(of), _names(other))


def _parts(given, space: Space, what: str) -> list[Species | Mode]:
    if given is None:
        return list(space.owners)
    given = list(given) if isinstance(given, list | tuple) else [given]
    try:
        found = [space.owner(x.name if isinstance(x, Species | Mode) else x) for x in given]
    except FiniteNError as error:
        raise FiniteNError(f"{what}: {error}") from None
    if not found or len(set(found)) < len(found):
        raise FiniteNError(f"{what} = {shown(given)}; give species or modes, each once: {_known(space)}.")
    return found


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
    check_kind(given, f"{what}: generator", Polynomial, "a polynomial of averages, such as mz / 2")
    _, (g,) = read_observables({"generator": given})
    g = check_letters(g.with_shares({s.name: s.fraction for s in space.species}), _Of(space), f"{what}: generator")
    if g.non_hermitian_part().words:
        raise FiniteNError(f"{what}: generator = {g} is not Hermitian; symmetrise products of averages.")
    return g


@dataclasses.dataclass(frozen=True)
class _Of:
    space: Space


def _names(parts: Sequence[Species | Mode]) -> tuple[str, ...]:
    return tuple(o.name for o in parts)


def _known(space: Space) -> str:
    return _named(space.owners)


def _named(parts: Sequence[Species | Mode]) -> str:
    return ", ".join(repr(o.name) for o in parts) or "the model has none"
