"""Theories at finite N that are derived from the model: mean field, expansions in 1/N and cumulant expansions, as
claims."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.referee.claim import INTEGRATED, Claim
from comparison.referee.quantities import named_quantities
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.states.initial_state import InitialState, as_initial_state
from meanfield import Corrections, Cumulants, Expansion, Limit
from meanfield.cumulants.averages import correlations_of, covariance_of, expectations
from meanfield.limit.integrate import RTOL, integrate

Values = tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]  # means (T, n), covariances (T, n, n), observables


class _Theory:
    """Values at all times and N of a model that starts in a state; a function as `Claim` wants it."""

    def __init__(self, model: Model, rho0, e_ops: Mapping[str, Polynomial] | None):
        self.model, self.space, self.e_ops = model, model.space, e_ops
        self.start = as_initial_state(rho0, model)
        self.labels, self.polynomials = read_observables(e_ops, model)

    def __call__(self, times: np.ndarray, N: int) -> dict[str, np.ndarray]:
        return self.named(times, N, *self.at(times, N))

    def named(self, times: np.ndarray, N: int, means, covariance, observables) -> dict[str, np.ndarray]:
        """Quantities by name."""
        first = None
        if self.space.modes:
            first = np.sqrt(N) * (means - self.limit(times).means)
        return named_quantities(means, covariance, self.space, first) | {q: np.real(x) for q, x in observables.items()}

    def at(self, times: np.ndarray, N: int) -> Values:
        raise NotImplementedError

    def limit(self, times: np.ndarray):
        """The limit N → ∞, integrated once for the same times."""
        return self._limit(tuple(times.tolist()))

    @functools.cache  # noqa: B019 (as long as the claim)
    def _limit(self, times: tuple[float, ...]):
        return Limit(self.model).evolve(self.start, times)

    def with_correlations(self, means: np.ndarray, correlations: np.ndarray, N: int) -> dict[str, np.ndarray]:
        """Observables where connected correlations of three and more particles vanish."""
        rows = list(zip(means, correlations, strict=True))
        found = (expectations(p, self.space, rows, N) for p in self.polynomials)
        return dict(zip(self.labels, found, strict=True))


class _MeanField(_Theory):
    """ṁ = f(m) from the averages of the initial state at N; no correlations."""

    def at(self, times, N):
        m, _, first = self.start.limit()
        drift = Limit(self.model).drift
        means, _ = integrate(lambda _, x: drift(x), m + first / np.sqrt(N), times, f"mean field at N = {N}")
        none = np.zeros((len(times), self.space.size, self.space.size))
        return means, covariance_of(self.space, means, none, N), self.with_correlations(means, none, N)


class _Gaussian(_Theory):
    """m and Σ of the limit, with the mean values of the fluctuations."""

    is_gaussian = True  # so that it states characteristic functions and cumulants too

    def at(self, times, N):
        limit = self.limit(times)
        means = limit.means + limit.first_moments / np.sqrt(N)
        correlations = correlations_of(self.space, means, limit.covariance, N)
        return means, limit.covariance, self.with_correlations(means, correlations, N)


class Corrected(_Theory):
    """The expansion in 1/N, summed at N."""

    def at(self, times, N):
        e = self.expansion(times)
        means = np.stack([e.mean(a, N) for a in e.axes], axis=1)
        return means, e.covariance(N), {label: e.observable(label, N) for label in e.labels}

    def is_of(self, model: Model, start: InitialState, e_ops: Mapping[str, Polynomial] | None) -> bool:
        """Whether it is the expansion of this model from this state, with these observables."""
        mine, other = self.start.parts, start.parts
        same = self.model is model and (self.e_ops or None) is (e_ops or None) and mine.keys() == other.keys()
        return same and all(mine[name] is other[name] for name in mine)

    def expansion(self, times: np.ndarray) -> Expansion:
        """The expansion at these times, derived once."""
        return self._expansion(tuple(times.tolist()))

    @functools.cache  # noqa: B019 (as long as the claim)
    def _expansion(self, times):
        return Corrections(self.model).evolve(self.start, times, self.e_ops)


class _Cumulants(_Theory):
    """A cumulant expansion."""

    order = 2

    def __init__(self, model: Model, rho0, e_ops: Mapping[str, Polynomial] | None, rtol: float = RTOL):
        super().__init__(model, rho0, e_ops)
        self.rtol = rtol

    def at(self, times, N):
        (found,) = self._equations.evolve_each(self.start, [N], times, self.e_ops, self.rtol)
        return found.means, found.covariance, found.e_data

    def each(self, times: np.ndarray, sizes: Sequence[int]) -> list[dict[str, np.ndarray]]:
        """What it says at several N, integrated together."""
        found = self._equations.evolve_each(self.start, sizes, times, self.e_ops, self.rtol)
        return [self.named(times, x.N, x.means, x.covariance, x.e_data) for x in found]

    @functools.cached_property
    def _equations(self) -> Cumulants:
        return Cumulants(self.model, self.order)


class ThirdOrder(_Cumulants):
    """The cumulant expansion of third order."""

    order = 3


class FourthOrder(_Cumulants):
    """The cumulant expansion of fourth order."""

    order = 4


THEORIES: dict[str, tuple[Callable[..., _Theory], str]] = {
    "meanfield": (_MeanField, "ṁ = f(m), particles uncorrelated"),
    "gaussian": (_Gaussian, "ṁ = f(m), Σ̇ = QΣ + ΣQᵀ + 𝒟"),
    "corrected": (Corrected, "m + c₁/N + c₂/N², Σ + C₁/N"),
    "cumulants2": (_Cumulants, "correlations of three particles left out"),
    "cumulants3": (ThirdOrder, "correlations of four particles left out"),
    "cumulants4": (FourthOrder, "correlations of five particles left out"),
}


def theories(
    model: Model, rho0, names: Sequence[str] | None = None, e_ops: Mapping[str, Polynomial] | None = None
) -> list[Claim]:
    """Theories at finite N as claims, which a study judges at every N.

        meanfield    ṁ = f(m), from the averages of the initial state at N. Particles are uncorrelated, modes coherent,
                     so that Σ is that of a product state with averages m: errors N^−1, and N^0 of Σ.
        gaussian     the same averages with the Σ of the limit, Σ̇ = QΣ + ΣQᵀ + 𝒟, what is also called the linear noise
                     approximation: fluctuations do not act back on averages, so that only Σ differs from mean field.
                     Errors N^−1. Modes that start with an amplitude of order one carry it by the same Q.
        corrected    m + c₁/N + c₂/N² and Σ + C₁/N of `meanfield.Corrections` (c₁ alone above 16 averages): errors N^−3,
                     of Σ N^−2.
        cumulants2   `meanfield.Cumulants` of second order: errors N^−2, of Σ N^−1.
        cumulants3   of third order: errors N^−3, of Σ N^−2.
        cumulants4   of fourth order, for up to 8 averages: errors N^−4, of Σ N^−3. Where one of the three diverges, it
                     is judged until then.

    Parameters
    ----------
    model : Model
    rho0 : initial state with a limit
    names : of these theories. Default: all but the last.
    e_ops : dict of Polynomial, the observables of the study, optional

    Example
    -------
    >>> from finite_n import CollectiveJumps, Model, mx
    >>> import qutip
    >>> model = Model(0.5 * mx, collective=[CollectiveJumps([qutip.sigmam()])])
    >>> [claim.name for claim in theories(model, [0, 0, 1], ["meanfield", "cumulants2"])]
    ['meanfield', 'cumulants2']
    """
    if not isinstance(model, Model):
        raise FiniteNError(f"theories: got {shown(model)}; give a finite_n.Model.")
    names = (
        [n for n in THEORIES if n != "cumulants4"] if names is None else [names] if isinstance(names, str) else names
    )
    if not isinstance(names, list | tuple) or any(not isinstance(n, str) or n not in THEORIES for n in names):
        wrong = next((n for n in names if n not in THEORIES), names) if isinstance(names, list | tuple) else names
        raise FiniteNError(f"theories: {shown(wrong)} is unknown; known are {', '.join(THEORIES)}.")
    if len(set(names)) < len(names):
        raise FiniteNError(f"theories: {max(names, key=list(names).count)} is given twice; give it once.")
    return [Claim(n, THEORIES[n][1], THEORIES[n][0](model, rho0, e_ops), INTEGRATED, may_end=True) for n in names]
