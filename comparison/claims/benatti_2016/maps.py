"""Exact maps of the common bath at a ladder of sizes: what one spin among the others undergoes, and what fluctuations
do, seen from starts that are displaced by 1/√N. Everything is in s = σ/2."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from comparison.claims.benatti_2016.facts import A11, A12, A22, A33, LAM, XI, D, W, spin_covariance
from comparison.claims.exact.full_space import SPIN
from comparison.claims.exact.ladders import of_sizes
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.model.species import Species
from finite_n.solvers.evolve import evolve
from finite_n.solvers.result import Result
from finite_n.systems import collective_dissipation

SIZES = (8, 12, 16, 24, 32, 48)
_WITH_PROBE = (6, 8, 12, 16, 24, 32)
HOW = f"exact at N = {SIZES[0]} … {SIZES[-1]}, extrapolated"
ONE_AMONG_OTHERS = f"one spin among {_WITH_PROBE[0] - 1} … {_WITH_PROBE[-1] - 1} others, exact, extrapolated"
FIRST, SECOND, BOTH = 0.4, 0.7, 1.1  # two times and their sum
THREE = (FIRST, SECOND, BOTH)
_TOL = 1e-11
_ROUNDING = 1e-10  # of numbers that are differences of averages times √N or N
_SHIFT = 0.3  # of averages, times √N


class Point(NamedTuple):
    """Which Kossakowski matrix, and the averages ω(s_μ) of the product state at the start."""

    bath: str
    w: tuple[float, float, float]


GENERAL = Point("general", tuple(W))
STABLE, UNSTABLE = Point("rotated", (0.0, 0.0, XI)), Point("rotated", (0.0, 0.0, -XI))
TILTED = Point("rotated", tuple(W))
BATHS = {
    "general": Model(collective=[CollectiveJumps(SPIN, D)]),
    "rotated": collective_dissipation(LAM, A11, A22, A12, A33),
}


@functools.cache
def _with_probe(bath: str) -> Model:
    """The same bath of all spins, one of which is a species of its own."""
    probe, rest = Species("probe", fraction=0.5), Species("rest", fraction=0.5)
    both = [(probe.share * getattr(probe, m) + rest.share * getattr(rest, m)) / 2 for m in ("mx", "my", "mz")]
    return Model(collective=[CollectiveJumps(both, BATHS[bath].collective[0].kossakowski)], species=[probe, rest])


@functools.cache
def spin_map(point: Point, times: tuple[float, ...], N: int) -> np.ndarray:
    """(T, 3, 4): of one spin that starts with averages v, ω_t(s_μ) = out[μ, 3] + Σ_ν out[μ, ν] v_ν; the others start
    with those of the point."""
    model, others = _with_probe(point.bath).sized({"probe": 1, "rest": N - 1}), 2 * np.array(point.w)
    starts = [*np.eye(3), np.zeros(3)]
    runs = [evolve(model, N, {"probe": v, "rest": others}, _from_zero(times), tol=_TOL).means[1:, :3] for v in starts]
    shift = runs[3] / 2
    return np.stack([*(run - runs[3] for run in runs[:3]), shift], axis=2)


def of_spin_maps(
    point: Point, value: Callable[[np.ndarray], np.ndarray], times: tuple[float, ...] = THREE
) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of what is made of `spin_map` at the times, and its error."""
    return of_sizes(lambda N: value(spin_map(point, times, N)), _WITH_PROBE, _ROUNDING)


@functools.cache
def fluctuation_map(point: Point, times: tuple[float, ...], N: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """X, Y and ω, (T, 3, 3) and (T, 3), of covariances X Σ Xᵀ + Y at averages ω.

    X is seen where all averages start displaced by ± 0.3/√N along each axis, and Y in a product state.
    """
    w, step = np.array(point.w), _SHIFT / np.sqrt(N)
    columns = [displaced(point, times, N, step * axis) for axis in np.eye(3)]
    x = np.stack([(up[0] - down[0]) / (2 * step) for up, down in columns], axis=2)
    run = exact(point, times, N)
    y = run.covariance[1:] / 4 - x @ spin_covariance(w) @ x.transpose(0, 2, 1)
    return x, y, run.means[1:] / 2


def displaced(point: Point, times: tuple[float, ...], N: int, shift: np.ndarray):
    """Averages (T, 3) and covariances (T, 3, 3) from product states with averages ω + shift and ω − shift."""
    found = []
    for sign in (1, -1):
        run = evolve(BATHS[point.bath], N, 2 * (np.array(point.w) + sign * shift), _from_zero(times), tol=_TOL)
        found.append((run.means[1:] / 2, run.covariance[1:] / 4))
    return found


def mixed_covariance(point: Point, times: tuple[float, ...], N: int, u: np.ndarray) -> np.ndarray:
    """Covariance (T, 3, 3) from ½ (product at ω + u/√N) + ½ (product at ω − u/√N), whose particles are correlated: at
    the start it is that of the product state plus u uᵀ."""
    (up, one), (down, other) = displaced(point, times, N, u / np.sqrt(N))
    half = (up - down) / 2
    return (one + other) / 2 + N * half[:, :, None] * half[:, None, :]


def in_limit(value: Callable[[int], np.ndarray], power: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of what is made of exact evolutions at N, and its error."""
    return of_sizes(value, SIZES, _ROUNDING, power)


def exact(point: Point, times: tuple[float, ...], N: int, **options) -> Result:
    """The evolution from the product state of a point."""
    return evolve(BATHS[point.bath], N, 2 * np.array(point.w), _from_zero(times), tol=_TOL, **options)


def _from_zero(times: tuple[float, ...]) -> np.ndarray:
    return np.array([0.0, *times])
