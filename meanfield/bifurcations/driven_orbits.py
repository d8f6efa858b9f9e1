"""The periodic orbit of mean field under a periodic drive, and the Gaussian fluctuations about it.

φ_T(m) = m by Newton's method, with the monodromy matrix M = Φ(T), Φ̇ = Q(m(t), t) Φ; its eigenvalues are the Floquet
multipliers, none of which is trivial. Where all lie inside the unit circle the covariance goes to the solution of
Σ = M̃ Σ M̃ᵀ + V, M̃ = S M S⁻¹ and V what noise adds over a period.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.time_dependent import check_period
from finite_n.model.validation import check_kind, check_number, check_whole
from meanfield.bifurcations import state_space
from meanfield.bifurcations.fixed_points import ZERO
from meanfield.limit.driven import course_of, integrate_over
from meanfield.limit.limit import Limit

_CLOSURE = 1e-10  # |φ_T(m) − m|
_LONGEST = 0.5  # change of m by one step
_SAMPLES = 129  # times of a period


@dataclasses.dataclass(frozen=True)
class PeriodicOrbit:
    """m(t + T) = m(t) of a driven model.

    period : T
    times (K,), means (K, n) : one period
    covariance (K, n, n) : Σ(t) of the fluctuations; None unless the orbit is stable
    multipliers (n,) : Floquet multipliers by falling modulus
    stability : "stable" if all lie inside the unit circle, "unstable" if one lies outside, else "marginal"
    closure : |φ_T(m) − m|
    axes : labels of the letters
    """

    period: float
    times: np.ndarray
    means: np.ndarray
    covariance: np.ndarray | None
    multipliers: np.ndarray
    stability: str
    closure: float
    axes: tuple[str, ...]

    def mean(self, axis: str) -> np.ndarray:
        """m_a(t) of the letter `axis`, by its label, shape (K,)."""
        if axis not in self.axes:
            raise FiniteNError(f"axis = {shown(axis)}: choose one of {', '.join(self.axes)}.")
        return self.means[:, self.axes.index(axis)]

    def __repr__(self):
        values = np.array2string(self.multipliers, precision=4)
        return f"PeriodicOrbit(T = {self.period:.8g}, {self.stability}, multipliers {values})"


def periodic_orbit(model: Model, period: float, start, t0: float = 0.0, iterations: int = 40) -> PeriodicOrbit:
    """The orbit of the period of the drive near `start`, stable or not.

    Parameters
    ----------
    model : Model that depends on time
    period : float
        A period of all its functions of time; a multiple of the shortest one finds subharmonic orbits too.
    start : array, shape (n,)
        Averages near those of the orbit at t0.
    t0 : float
        The first time. Default 0.
    iterations : int
        Of Newton's method. Default 40.

    Raises FiniteNError if a function of time has another period, and where the orbit does not close or leaves the
    states.

    Example
    -------
    >>> import numpy as np, qutip
    >>> from finite_n import LocalJump, Model, coefficient, mx, mz
    >>> drive = coefficient(lambda t: np.cos(2 * t))
    >>> orbit = periodic_orbit(Model(mz + drive * mx, [LocalJump(qutip.sigmam(), rate=0.5)]), np.pi, [0, 0, -1])
    >>> orbit.mean("z")[[0, 32, 64]].round(6), orbit.stability
    (array([-0.071211, -0.196547, -0.071211]), 'stable')
    """
    check_kind(model, "periodic orbit", Model, "a finite_n.Model")
    if not model.depends_on_time:
        raise FiniteNError(f"periodic orbit: {shown(model)} does not depend on time; use limit_cycle or fixed_points.")
    t0 = check_number(t0, "periodic orbit: t0")
    period = check_period(model, period, t0)
    check_whole(iterations, "periodic orbit: iterations", 1)
    limit = Limit(model)
    m, n = state_space.as_start(limit, start), len(limit.axes)
    best = None
    for _ in range(iterations):
        end, monodromy = _map(limit, m, t0, period)
        gap = float(np.linalg.norm(end - m))
        if best is not None and best[0] <= _CLOSURE and gap >= best[0] / 4:
            break  # the integrator's tolerance allows no more
        if best is None or gap < best[0]:
            best = gap, m, monodromy
        step = np.linalg.lstsq(monodromy - np.eye(n), m - end, rcond=1e-12)[0]
        m = m + step * min(1.0, _LONGEST / max(np.linalg.norm(step), 1e-300))
    gap, m, monodromy = best
    if gap > _CLOSURE or not state_space.physical(limit, m, 1e-6):
        raise FiniteNError(
            f"periodic orbit: from {shown(np.asarray(start).tolist())} Newton's method ends with |φ_T(m) − m| = "
            f"{gap:.2g}; start nearer, for example at the end of a long evolution of Limit(model)."
        )
    multipliers = np.linalg.eigvals(monodromy)
    multipliers = multipliers[np.argsort(-np.abs(multipliers), kind="stable")]
    largest = float(np.abs(multipliers[0]))
    word = "stable" if largest < 1 - ZERO else "unstable" if largest > 1 + ZERO else "marginal"
    sigma = None
    if word == "stable":
        scale, ends = model.space.scale, np.array([t0, t0 + period])
        noise = _path(limit, m, np.zeros((n, n)), ends)[1][-1]
        sigma = solve_discrete_lyapunov(scale[:, None] * monodromy / scale, noise)
    times = t0 + period * np.linspace(0, 1, _SAMPLES)
    means, covariance = _path(limit, m, np.zeros((n, n)) if sigma is None else sigma, times)
    covariance = None if sigma is None else covariance
    return PeriodicOrbit(period, times, means, covariance, multipliers, word, gap, limit.axes)


def _map(limit: Limit, m: np.ndarray, t0: float, period: float) -> tuple[np.ndarray, np.ndarray]:
    """φ_T(m) and M."""
    n, ends = len(m), np.array([t0, t0 + period])

    def rhs(t, y):
        q = limit.jacobian(y[:n], t)
        return np.concatenate([limit.drift(y[:n], t), (q @ y[n:].reshape(n, n)).ravel()])

    start = np.concatenate([m, np.eye(n).ravel()])
    y = integrate_over(course_of(limit.model, ends), rhs, start, ends, "periodic orbit")[0][-1]
    return y[:n], y[n:].reshape(n, n)


def _path(limit: Limit, m: np.ndarray, sigma: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Averages and covariances at all times."""
    n = len(m)

    def rhs(t, y):
        q = limit.fluctuation_matrix(y[:n], t)
        flow = q @ y[n:].reshape(n, n)
        return np.concatenate([limit.drift(y[:n], t), (flow + flow.T + limit.diffusion(y[:n], t)).ravel()])

    start = np.concatenate([m, sigma.ravel()])
    y = integrate_over(course_of(limit.model, times), rhs, start, times, "periodic orbit")[0]
    return y[:, :n], y[:, n:].reshape(-1, n, n)
