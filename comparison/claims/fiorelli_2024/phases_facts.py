"""What decides the claims of Fiorelli 2024 about its phase diagram (figures 2 and B1): attractors of the limit, and
exact averages at a ladder of sizes that follow them.

Names in formulas: beta, Omega; o: ō_z of the retrieval state, 0 where there is none; oz: overlap at late times; step:
1 for a positive number, else 0; mean: average over times.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.integrate import solve_ivp

from comparison.claims.exact.product_states import LargeSpins
from comparison.claims.fiorelli_2024.cycles_facts import CYCLE, attracted, cycle_overlap
from comparison.claims.fiorelli_2024.network import BETA, OMEGA, drift
from comparison.claims.paper_claim import Facts
from comparison.referee.extrapolation import extrapolate
from finite_n import evolve
from finite_n.solvers.result import Result
from finite_n.systems import hopfield
from meanfield import Limit, fixed_points

REST = (2.5, 0.35)  # β, Ω
RETRIEVED = np.array([0, -0.244786, 0.951483])  # averages at rest there
_HOT = (0.5, 0.3)
_SIZES = (10, 14, 20, 28, 40, 56)
_LADDER = "exact at a ladder of N, extrapolated"


@functools.cache
def runs_at_rest() -> dict[int, Result]:
    """Exact evolution from the retrieval state at three times, by size."""
    (beta, omega), sizes = REST, (48, 64, 80, 96, 128, 160)
    return {n: evolve(hopfield(omega, beta), n, RETRIEVED, (0.0, 1.0, 2.0), tol=1e-9) for n in sizes}


@functools.cache
def at_rest() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Averages and Σ_xx from the retrieval state, N → ∞, at three times, and errors."""
    sizes, runs = list(runs_at_rest()), runs_at_rest().values()
    means, variance = (extrapolate(sizes, [pick(x) for x in runs], 1e-8) for pick in (_means, _variance))
    names = {"mean_y": (means, 1), "mean_z": (means, 2)}
    value, error = ({k: getattr(x, what)[:, at] for k, (x, at) in names.items()} for what in ("value", "error"))
    return value | {"cov_xx": variance.value}, error | {"cov_xx": variance.error}


def _means(run: Result) -> np.ndarray:
    return run.means


def _variance(run: Result) -> np.ndarray:
    return run.covariance[:, 0, 0]


@functools.cache
def _late_overlap() -> tuple[float, float]:
    """⟨m_z⟩ of the paramagnet after relaxation, N → ∞."""
    beta, omega = _HOT
    values = [evolve(hopfield(omega, beta), n, [0, 0.3, 0.4], [0, 25.0], tol=1e-10).means[-1, 2] for n in _SIZES]
    found = extrapolate(_SIZES, values, 1e-9)
    return float(found.value), float(found.error)


def paramagnet(_: bool) -> Facts:
    """At high temperature: stable fixed points, all of them, the largest |o_z| of one, and exact averages long after
    another start."""
    points = [fixed_points(hopfield(w, b), starts=8) for b, w in ((0.5, 0.0), (0.5, 1.0), (0.9, 0.3), (0.9, 1.0))]
    value, error = _late_overlap()
    exact = {
        "stable": np.array([sum(p.stability == "stable" for p in found) for found in points], float),
        "all": np.array([len(found) for found in points], float),
        "overlap": max(abs(p.m[2]) for found in points for p in found),
        "later": value,
    }
    error = {"stable": 0.0, "all": 0.0, "overlap": 1e-8, "later": error}
    return Facts({"zero": 0.0}, exact, error, f"fixed points of the limit; {_LADDER}", scale=1.0)


def retrieval(_: bool) -> Facts:
    """⟨m_z⟩ that stays at low temperature and small Ω, N → ∞."""
    value, error = at_rest()
    beta, omega = REST
    o = value["mean_z"][-1]
    return Facts({"beta": beta, "Omega": omega, "o": o}, {"": o}, 2 * error["mean_z"][-1], _LADDER)


def deviation(_: bool) -> Facts:
    """The standard deviation of ⟨m_z⟩ at late times, N → ∞, in the three phases; and mean field at late times."""
    cycle, value = attracted(*CYCLE).cycle, at_rest()
    beta, omega = CYCLE
    limit, late = Limit(hopfield(omega, beta)), 200 + np.linspace(0, 10 * cycle.period, 2000, endpoint=False)
    y = solve_ivp(lambda _, m: limit.drift(m), (0, late[-1]), [0, 0.01, 0.01], "LSODA", late, rtol=1e-8, atol=1e-10).y
    found, (paramagnet_, error) = cycle_overlap(), _late_overlap()
    exact = {"cycle": found[0], "retrieval": value[0]["mean_z"][1:].std(), "paramagnet": abs(paramagnet_)}
    errors = {"cycle": found[1], "retrieval": value[1]["mean_z"][1:].max(), "paramagnet": error}
    return Facts({"oz": y[2], "mean": np.mean, "zero": 0.0}, exact, errors, _LADDER, scale=1.0)


def symmetries(_: bool) -> Facts:
    """d o/dt of two patterns with both exchanged, or the first inverted; and without either."""
    blocks = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])

    def rates(oz: np.ndarray, oy: np.ndarray) -> tuple[np.ndarray, float]:
        bloch = np.stack([np.zeros(4), blocks @ oy, blocks @ oz], axis=1)
        value, error = drift(LargeSpins(bloch, BETA, blocks @ blocks.T / 4, np.array([OMEGA, 0, 0])))
        return blocks.T @ value[:, 1:] / 4, float(error.max())

    oz, oy, flip = np.array([0.5, 0.2]), np.array([-0.1, 0.15]), np.array([-1, 1])
    plain, error = rates(oz, oy)
    known = {f"{x}{mu + 1}": plain[mu, j] for mu in range(2) for j, x in enumerate("yz")}
    exact = {}
    for name, (found, bound) in (("exchanged", rates(oz[::-1], oy[::-1])), ("inverted", rates(flip * oz, flip * oy))):
        exact |= {f"{name} {x}{mu + 1}": found[mu, j] for mu in range(2) for j, x in enumerate("yz")}
        error += bound
    return Facts(known, exact, error, "product states of four large spins, exact at every N, extrapolated")
