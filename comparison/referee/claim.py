"""A claimed limit: named quantities as functions of time, to be judged by exact numbers.

Names of quantities, by the labels of the letters of a model's space:

    mean_<a>        ⟨m_a⟩                                       mean_x        mean_a.x           mean_field.phi
    cov_<a>_<b>     Σ_ab = ½⟨{F_a, F_b}⟩, a not after b         cov_xy        cov_a.x_b.z        cov_a.x_field.phi
    first_<a>       ⟨F_a⟩ of a mode, at finite N √N (⟨m_a⟩ − its limit)                          first_field.phi

The first examples are those of one species of two levels without a name and no modes, where cov_xy has no second bar.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.species import Space, Species
from finite_n.model.validation import check_function, check_kind, check_number
from meanfield import Limit
from meanfield.limit.integrate import RTOL

# error of claimed values that an integrator gives: some hundred steps, each off by its tolerance
INTEGRATED = 100 * RTOL


@dataclasses.dataclass(frozen=True)
class Claim:
    """name; source (paper and equation); values(times) → {quantity: array (T,)}; error of the values.

    Quantities are averages and covariances of the model's letters, for one species of two levels mean_x … mean_z and
    cov_xx … cov_zz, first moments of its modes, and the labels of the study's own observables. A claim may speak of
    only some.
    error: relative to the size of a value where that is above 1, for values that an integrator gives. Default 0: exact
    but for rounding.
    """

    name: str
    source: str
    values: Callable[[np.ndarray], Mapping[str, np.ndarray]]
    error: float = 0.0

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.strip():
            raise FiniteNError(f"claim: name = {shown(self.name)}; give a short text.")
        check_kind(self.source, f"claim {shown(self.name)}: source", str, "a text, such as paper and equation, or ''")
        check_function(
            self.values,
            f"claim {shown(self.name)}: values",
            "a function of times that returns a dict of arrays by quantity",
        )
        check_number(self.error, f"claim {self.name}: error", 0)

    def error_of(self, values: np.ndarray) -> np.ndarray:
        """Absolute errors of claimed values."""
        return self.error * np.maximum(1.0, np.abs(values))


def mean_names(space: Space) -> tuple[str, ...]:
    """Names of the n averages, in the order of the letters."""
    return tuple(f"mean_{a}" for a in space.labels)


def covariance_names(space: Space) -> tuple[str, ...]:
    """Names of the n (n + 1)/2 covariances, in the order of `covariance_indices`."""
    between = "" if all(len(a) == 1 for a in space.labels) else "_"
    return tuple(f"cov_{space.labels[a]}{between}{space.labels[b]}" for a, b in covariance_indices(space))


def covariance_indices(space: Space) -> list[tuple[int, int]]:
    """(a, b), a ≤ b, of every covariance."""
    return list(itertools.combinations_with_replacement(range(space.size), 2))


def first_moment_names(space: Space) -> tuple[str, ...]:
    """Names of the first moments of the fluctuations of all modes, φ and π of each."""
    return tuple(f"first_{space.labels[a]}" for a in _mode_letters(space))


def named_quantities(
    means: np.ndarray, covariance: np.ndarray, space: Space | None = None, first_moments: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """{quantity: (T,)} from means (T, n) and covariance (T, n, n), and of modes from first_moments (T, n) if given.

    space: that of the model; default one species of two levels, n = 3.
    """
    space = _SINGLE if space is None else space
    out = {name: means[:, a] for a, name in enumerate(mean_names(space))}
    pairs = zip(covariance_names(space), covariance_indices(space), strict=True)
    out |= {name: covariance[:, a, b] for name, (a, b) in pairs}
    if first_moments is not None:
        named = zip(first_moment_names(space), _mode_letters(space), strict=True)
        out |= {name: first_moments[:, a] for name, a in named}
    return out


def derived_claim(model: Model, rho0, e_ops=None, planted=None) -> Claim:
    """The limit that this package derives from the model, optionally with planted errors."""

    def values(times):
        result = Limit(model, planted).evolve(rho0, times, e_ops)
        extra = {label: np.real(v) for label, v in result.e_data.items()}
        return named_quantities(result.means, result.covariance, model.space, result.first_moments) | extra

    source = "ṁ = f(m), Σ̇ = QΣ + ΣQᵀ + 𝒟 with Q = ∂f/∂m, from the model"
    return Claim("derived", source, values, INTEGRATED)


def _mode_letters(space: Space) -> list[int]:
    return [a for mode in space.modes for a in range(space.part(mode).start, space.part(mode).stop)]


_SINGLE = Space([Species()], [])
MEANS, COVARIANCES = mean_names(_SINGLE), covariance_names(_SINGLE)
