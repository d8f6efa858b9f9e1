"""Fluctuations r·F of a study beyond their covariance: which are asked for, by what names, and what a Gaussian says of
them.

    re_chi_<name>, im_chi_<name>        χ = ⟨e^{i r·F}⟩, F_a = √N_s (m_a − ⟨m_a⟩)         Gaussian: e^{−v/2}, 0
    kappa3_<name>, kappa4_<name>        cumulants of r·F                                  0, 0
    distance_<name>                     max_x |P(r·F ≤ x) − Φ(x/√v₀)|, v₀ of the derived limit
                                        max_x |Φ(x/√v) − Φ(x/√v₀)|
    re_product_<name>, im_product_<name>    ⟨W(r_1) Φ_t[W(r)] W(r_2)⟩, W(r) = e^{i r·F}    not stated by covariances

with the variance v = r·Σr. At finite N, where fluctuations have no mean value, real parts and fourth cumulants differ
from the limit by a series in 1/N, imaginary parts and third cumulants by N^−½ times such a series, and distances, of
which a maximum is taken, and products by one in N^−½. Derived are the limits, and by `expansion.py` the terms N^−½ of
third cumulants and imaginary parts.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr

from comparison.referee.claim import Claim
from comparison.referee.claimed import Claimed
from comparison.referee.quantities import covariance_indices, covariance_names
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import read_directions
from finite_n.model.species import Space, Species
from finite_n.model.validation import check_kind, check_number
from finite_n.states.initial_state import InitialState

CHARACTERISTIC, CUMULANTS, DISTANCE, PRODUCT = "characteristic", "cumulants", "distance", "product"
_PREFIXES = {
    CHARACTERISTIC: ("re_chi", "im_chi"),
    CUMULANTS: ("kappa3", "kappa4"),
    DISTANCE: ("distance",),
    PRODUCT: ("re_product", "im_product"),
}
_KINDS = {
    CHARACTERISTIC: "characteristic functions",
    CUMULANTS: "cumulants",
    DISTANCE: "distances from the Gaussian",
    PRODUCT: "products of Weyl operators",
}
_ROOT = (0.5, 0.5)
_POWERS = {"im_chi": (0.5, 1.0), "kappa3": (0.5, 1.0)}  # first exponents and steps, where not in 1/N
_POWERS |= dict.fromkeys(("distance", "re_product", "im_product"), _ROOT)
_CLOSE, _DENSITY = 1e-8, np.exp(-0.5) / np.sqrt(8 * np.pi)  # relative; ½ φ(1), the slope of the distance then


@dataclasses.dataclass(frozen=True)
class Fluctuation:
    """A fluctuation r·F that a study looks at beyond its covariance.

    Parameters
    ----------
    r : a number for every letter of the model, (n,), or a dict of numbers by label, such as {"z": 1.0} or {"a.x": 0.5,
        "field.phi": 1.0}
    quantities : of "characteristic": ⟨e^{i r·F}⟩; "cumulants": the third and the fourth; "distance": from the Gaussian
        of the derived limit, the largest difference of distribution functions. Default: the first two. The last two are
        for an r of one two-level species.
    between : (r_1, r_2), each as r or 0: then ⟨W(r_1) Φ_t[W(r)] W(r_2)⟩ is looked at in place of all these, what the
        dynamics makes of W(r) = e^{i r·F} between two others of the start; see `finite_n.weyl_three_point`.
    """

    r: Sequence[float] | Mapping[str, float]
    quantities: Sequence[str] | None = None
    between: tuple[Sequence[float], Sequence[float]] | None = None


@dataclasses.dataclass(frozen=True)
class Direction:
    """A fluctuation as a study has read it.

    name : in the names of its quantities
    r : (n,)
    asked : of "characteristic", "cumulants", "distance"
    variance : the weights of covariances in v = r·Σr, by name
    between : (r_1, r_2) of a product, (2, n); empty where none is asked for
    """

    name: str
    r: tuple[float, ...]
    asked: tuple[str, ...]
    variance: dict[str, float]
    between: tuple[tuple[float, ...], ...] = ()

    @property
    def product(self) -> np.ndarray:
        """(r_1, r, r_2), shape (3, n)."""
        return np.array([self.between[0], self.r, self.between[1]])

    def product_named(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """A product (T,), complex, by the names of its parts."""
        return dict(zip(self.names(PRODUCT), (values.real, values.imag), strict=True))

    def names(self, what: str) -> list[str]:
        """Names of the quantities of one kind that are asked for."""
        return [f"{prefix}_{self.name}" for prefix in _PREFIXES[what]] if what in self.asked else []

    @property
    def quantities(self) -> list[str]:
        """Names of all quantities asked for."""
        return [name for what in _PREFIXES for name in self.names(what)]

    def variance_of(self, covariances: Mapping[str, np.ndarray]) -> np.ndarray | None:
        """v = r·Σr (T,) of covariances by name; None where some are missing."""
        if any(q not in covariances for q in self.variance):
            return None
        return sum(weight * covariances[q] for q, weight in self.variance.items())

    def half_width(self, of_covariances: Mapping[str, np.ndarray]) -> np.ndarray:
        """The largest error of v (T,) for errors of covariances by name."""
        return sum(abs(weight) * of_covariances[q] for q, weight in self.variance.items())


def read_fluctuations(given, space: Space) -> list[Direction]:
    """The fluctuations of a study, from a dict by name of directions or of `Fluctuation`; refuses what a model of this
    space does not have."""
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise FiniteNError(f"fluctuations = {shown(given)}: give a dict by name, such as {_example(space)}.")
    return [_read(name, x, space) for name, x in given.items()]


def check_gaussian(start: InitialState) -> None:
    """Refuse a start whose fluctuations are not Gaussian, so that they do not become so."""
    for name in start.number_states:
        raise FiniteNError(
            f"fluctuations: mode {name} starts in a number state, whose fluctuations are not Gaussian, so that limits "
            "are not either; start from a thermal or displaced state, or take meanfield.fluctuation_map."
        )


def owner_of(r, space: Space) -> Species | None:
    """The two-level species that all of r belongs to, None if there is none."""
    for species in space.species:
        others = np.array(r, float)
        others[space.part(species)] = 0
        if species.dim == 2 and not np.any(others):
            return species
    return None


def kinds_of(directions: Sequence[Direction]) -> list[tuple[str, list[str]]]:
    """Names of quantities by kind."""
    found = ((_KINDS[what], [name for d in directions for name in d.names(what)]) for what in _PREFIXES)
    return [(kind, names) for kind, names in found if names]


def first_powers(quantities: Sequence[str], directions: Sequence[Direction], power: float) -> np.ndarray | None:
    """p of the first term N^−p of every quantity, and steps of those that follow, (Q, 2); None where all are
    `power`."""
    own = {name: name.removesuffix(f"_{d.name}") for d in directions for name in d.quantities}
    if power == 0.5 or not own:
        return None
    return np.array([_POWERS.get(own.get(q, ""), (power, power)) for q in quantities])


def is_gaussian(claim: Claim) -> bool:
    """Whether fluctuations are claimed to have the Gaussian of the covariances: by all limits, and by theories at
    finite N that say so."""
    return not claim.per_size or getattr(claim.values, "is_gaussian", False)


def variances(directions: Sequence[Direction], derived: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """v₀ (T,) of every fluctuation by name, from the covariances of the derived limit by name."""
    return {d.name: d.variance_of(derived) for d in directions}


def with_fluctuations(said: Claimed, directions: Sequence[Direction], derived: Mapping[str, np.ndarray]) -> Claimed:
    """A claimed limit with what the Gaussian of its covariances says of every fluctuation, where it does not say so
    itself.

    derived : covariances of the derived limit, by name, (T,)
    """
    values, errors, uncertainties = ({**x} for x in (said.values, said.errors, said.uncertainties))
    for d, v0 in zip(directions, variances(directions, derived).values(), strict=True):
        v = d.variance_of(said.values)
        if v is None or d.between:
            continue
        for out, widths in ((errors, said.errors), (uncertainties, said.uncertainties)):
            for q, width in _widths(d, v, v0, d.half_width(widths)).items():
                if q not in said.values:
                    out[q] = width
        values |= {q: x for q, x in _gaussian(d, v, v0).items() if q not in said.values}
    return Claimed(values, errors, uncertainties)


def gaussian_distance(v: np.ndarray, other: np.ndarray) -> np.ndarray:
    """max_x |Φ(x/√v) − Φ(x/√w)|, (T,), of two normal distributions of mean zero."""
    small, large = (np.maximum(f(v, other), 0.0) for f in (np.minimum, np.maximum))
    apart = large - small
    with np.errstate(divide="ignore", invalid="ignore"):
        x2 = np.log(large / small) * small * large / apart  # where the densities are the same
        found = ndtr(np.sqrt(x2 / small)) - ndtr(np.sqrt(x2 / large))
        found = np.where(apart > _CLOSE * large, found, _DENSITY * apart / large)
    out = np.where(small > 0, found, np.where(large > 0, 0.5, 0.0))
    return np.where(np.isnan(v) | np.isnan(other), np.nan, out)


def _gaussian(d: Direction, v: np.ndarray, v0: np.ndarray) -> dict[str, np.ndarray]:
    zero = np.where(np.isnan(v), np.nan, 0.0)
    found = {"re_chi": np.exp(-v / 2), "im_chi": zero, "kappa3": zero, "kappa4": zero}
    found["distance"] = gaussian_distance(v, v0)
    named = {f"{prefix}_{d.name}": x for prefix, x in found.items()}
    return {q: named[q] for q in d.quantities}


def _widths(d: Direction, v: np.ndarray, v0: np.ndarray, width: np.ndarray) -> dict[str, np.ndarray]:
    """How far these values may be off where v is off by up to `width`."""
    middle, ends = _gaussian(d, v, v0), [_gaussian(d, v + sign * width, v0) for sign in (1, -1)]
    return {q: functools.reduce(np.maximum, [np.abs(end[q] - x) for end in ends]) for q, x in middle.items()}


def _read(name, given, space: Space) -> Direction:
    if not isinstance(name, str) or not name.isidentifier():
        raise FiniteNError(f"fluctuations: name {shown(name)}; give a word of letters, digits and underscores.")
    what = f"fluctuation {name}"
    given = given if isinstance(given, Fluctuation) else Fluctuation(given)
    r = _vector(given.r, space, what)
    for species in space.species:
        if species.dim != 2 and np.any(r[space.part(species)]):
            raise FiniteNError(f"{what}: {species} has {species.dim} levels; only two-level particles are supported.")
    if any(s.dim != 2 for s in space.species):
        raise FiniteNError(f"{what}: the model has particles of three or more levels, whose states are not known.")
    if given.between is not None and given.quantities is not None:
        raise FiniteNError(f"{what}: between asks for a product in place of other quantities; leave quantities out.")
    has_owner = owner_of(r, space) is not None
    asked = (PRODUCT,) if given.between is not None else _asked(given.quantities, has_owner, what)
    weights = {
        q: float((1 if a == b else 2) * r[a] * r[b])
        for q, (a, b) in zip(covariance_names(space), covariance_indices(space), strict=True)
        if r[a] * r[b]
    }
    return Direction(name, tuple(r.tolist()), asked, weights, _between(given, space, what))


def _between(given: Fluctuation, space: Space, what: str) -> tuple[tuple[float, ...], ...]:
    if given.between is None:
        return ()
    if not isinstance(given.between, list | tuple) or len(given.between) != 2:
        raise FiniteNError(f"{what}: between = {shown(given.between)}; give two directions (r_1, r_2).")
    return tuple(tuple(_vector(x, space, f"{what}: between", zero=True).tolist()) for x in given.between)


def _vector(given, space: Space, what: str, zero: bool = False) -> np.ndarray:
    if zero and isinstance(given, int | float) and given == 0:
        return np.zeros(space.size)
    if isinstance(given, Mapping):
        r = np.zeros(space.size)
        for label, x in given.items():
            if label not in space.labels:
                raise FiniteNError(f"{what}: {shown(label)} is no letter; they are {', '.join(space.labels)}.")
            r[space.labels.index(label)] = check_number(x, f"{what}: {label}")
    else:
        r = read_directions(given, space, what)
    if r.ndim != 1 or not (zero or np.any(r)):
        raise FiniteNError(f"{what} = {shown(r.tolist())}: give one direction that is not 0.")
    return r


def _asked(given, has_owner: bool, what: str) -> tuple[str, ...]:
    if given is None:
        return (CHARACTERISTIC, CUMULANTS) if has_owner else (CHARACTERISTIC,)
    given = [given] if isinstance(given, str) else check_kind(given, f"{what}: quantities", list | tuple, "a list")
    known = [x for x in _PREFIXES if x != PRODUCT]
    if not given or any(x not in known for x in given):
        raise FiniteNError(f"{what}: quantities = {shown(given)}; choose of {', '.join(known)}.")
    if not has_owner and (lost := [x for x in given if x != CHARACTERISTIC]):
        raise FiniteNError(f"{what}: {lost[0]} is known where r belongs to one two-level species.")
    return tuple(x for x in _PREFIXES if x in given)


def _example(space: Space) -> str:
    return f'{{"f": {{"{space.labels[-1]}": 1.0}}}}'
