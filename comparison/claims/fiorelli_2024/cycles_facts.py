"""What decides the claims of Fiorelli 2024 about where its limit cycle is: attractors of the limit, and exact averages
half a turn later, at fixed times for N → ∞. Names in formulas as in `phases_facts.py`."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from scipy.integrate import solve_ivp

from comparison.claims.paper_claim import Facts
from comparison.referee.extrapolation import Extrapolation, extrapolate, rate
from finite_n import evolve
from finite_n.systems import hopfield
from meanfield import Attractor, Limit, attractor

EXACT, LIMIT = "N → ∞ of exact numbers", "attractors of the limit"  # what decides
CYCLE = (1 / 0.6, 0.6)  # β, Ω
_POINTS = (CYCLE, (1.4, 0.6), (1 / 0.6, 0.26), (2.0, 0.2))
_AWAY = np.array([0.0, 0.0, 1.0])
_OUTSIDE = 0.7  # −⟨m_y⟩ of a start beyond the cycle
_INSIDE = 0.3
_CLOSED = 2e-3  # distance from which on an orbit is not closed, or not at rest; exact numbers know it to 3e-4
_PARTS = 8  # of half a turn
_SIZES = (10, 14, 20, 28, 40, 56, 80)
_LADDER = f"exact at N = {_SIZES[0]} … {_SIZES[-1]}"
_TOL = 1e-8


@functools.cache
def attracted(beta: float, omega: float) -> Attractor:
    """Where mean field goes from all spins up."""
    return attractor(hopfield(omega, beta), _AWAY)


def _crossing(beta: float, omega: float, start: Sequence[float]) -> tuple[float, np.ndarray]:
    """When and where mean field from `start` next crosses ⟨m_z⟩ = 0 upwards."""
    limit = Limit(hopfield(omega, beta))

    def upwards(_, m):
        return m[2]

    upwards.direction, upwards.terminal = 1, True
    found = solve_ivp(lambda _, m: limit.drift(m), (0, 20), start, events=upwards, rtol=1e-10, atol=1e-12)
    return float(found.t_events[0][0]), found.y_events[0][0]


@functools.cache
def _exact(beta: float, omega: float, start: tuple[float, ...], t: float) -> tuple[Extrapolation, np.ndarray]:
    """⟨m⟩ at equally spaced times up to t for N → ∞, and at every size."""
    model, times = hopfield(omega, beta), np.linspace(0, t, _PARTS + 1)
    means = np.array([evolve(model, n, start, times, tol=_TOL).means for n in _SIZES])
    return extrapolate(_SIZES, means, 10 * _TOL), means


def _half_turn(beta: float, omega: float, y: float) -> tuple[float, float]:
    """⟨m_y⟩ of exact numbers half a turn after (0, −y, 0), when mean field has ⟨m_z⟩ = 0, and its error."""
    start = (0.0, -y, 0.0)
    found, _ = _exact(beta, omega, start, _crossing(beta, omega, start)[0])
    return float(found.value[-1, 1]), float(found.error[-1, 1])


@functools.cache
def _on_cycle() -> float:
    """|⟨m_y⟩| of the cycle of the limit where ⟨m_z⟩ = 0."""
    return abs(float(_crossing(*CYCLE, attracted(*CYCLE).cycle.m)[1][1]))


def _falls() -> float:
    """The exponent of N by which exact numbers on the cycle go to where they started, inverted."""
    y, start = _on_cycle(), (0.0, -_on_cycle(), 0.0)
    _, means = _exact(*CYCLE, start, _crossing(*CYCLE, start)[0])
    return rate(_SIZES, means[:, -1, 1], y, _TOL).asymptotic


def _turning(beta: float, omega: float, y: float | None) -> tuple[float, float]:
    """Whether exact numbers have a cycle through (0, −y, 0) that attracts from outside, 1, or shrink towards no order
    with y = None, 0; and its error, infinite where they do not tell."""
    (outer, bound), inner = _half_turn(beta, omega, _OUTSIDE), _INSIDE if y is None else y
    back, error = _half_turn(beta, omega, inner)
    if y is None:
        told = back + error < inner and outer + bound < _OUTSIDE
    else:
        told = abs(back - y) + error < _CLOSED and y < outer - bound < outer + bound < _OUTSIDE
    return float(y is not None), 0.0 if told else np.inf


def _resting(beta: float, omega: float, m: np.ndarray) -> tuple[float, float]:
    """0 if exact numbers stay at m, a retrieval state, and an error as above."""
    found, _ = _exact(beta, omega, tuple(m.tolist()), 1.0)
    stays = float((np.abs(found.value[-1] - m) + found.error[-1]).max())
    return 0.0, 0.0 if stays < _CLOSED else np.inf


def cycles(_: bool) -> Facts:
    """Whether there is a limit cycle at four points of the (β, Ω) plane: in the limit, and in exact numbers. There a
    half turn closes and one from outside comes nearer; or half turns from two starts shrink; or a state with order
    stays."""
    found = [attracted(*point) for point in _POINTS]
    o = [0.0 if x.point is None else abs(x.point.m[2]) for x in found]
    beta, omega = np.array(_POINTS).T
    known = {"beta": beta, "Omega": omega, "o": np.array(o), "step": lambda x: 1.0 * (x > 0)}
    limit = np.array([float(x.cycle is not None and x.cycle.stability == "stable") for x in found])
    own = []
    for point, x, order in zip(_POINTS, found, o, strict=True):
        if order > _CLOSED:
            own.append(_resting(*point, x.point.m))
        else:
            own.append(_turning(*point, None if x.cycle is None else _on_cycle()))
    value, error = np.array(own).T
    how = f"attractors of the limit; {_LADDER}, extrapolated: half a turn of the cycle closes as N^−{_falls():.2f}"
    return Facts(known, {EXACT: value, LIMIT: limit}, {EXACT: error, LIMIT: 0.0}, how)


def multiplier(_: bool) -> Facts:
    """The largest Floquet multiplier of the cycle, without the trivial one; and by how much exact numbers come nearer
    to it in half a turn from outside."""
    cycle, y = attracted(*CYCLE).cycle, _on_cycle()
    largest = np.abs(cycle.multipliers[1:]).max()
    (back, error), (outer, bound) = _half_turn(*CYCLE, y), _half_turn(*CYCLE, _OUTSIDE)
    nearer = (outer - back) / (_OUTSIDE - y)
    errors = {EXACT: (error + bound) / (_OUTSIDE - y), LIMIT: 10 * abs(cycle.multipliers[0] - 1)}
    shown = {"largest Floquet multiplier": largest, "−⟨m_y⟩ after half a turn of it over that before, exact": back / y}
    how = f"attractors of the limit; {_LADDER}, extrapolated"
    return Facts({}, {EXACT: nearer, LIMIT: largest}, errors, how, shown=shown)


def cycle_overlap() -> tuple[float, float]:
    """Root of the average of ⟨m_z⟩² over half a turn of the cycle, after which ⟨m_z⟩ has changed its sign, N → ∞."""
    start = (0.0, -_on_cycle(), 0.0)
    found, _ = _exact(*CYCLE, start, _crossing(*CYCLE, start)[0])
    z, error = found.value[1:, 2], found.error[1:, 2]
    value = float(np.sqrt(np.mean(np.square(z))))
    return value, float(np.sqrt(np.mean(np.square(error))))  # of a norm, at most the norm of errors
