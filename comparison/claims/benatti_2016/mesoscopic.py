"""Claims of Benatti et al. 2016 about the maps of fluctuations: affine, not a semigroup where averages move, and stable
or not at the poles. Decided by exact starts that are displaced by 1/√N, `maps.fluctuation_map`."""

from __future__ import annotations

import numpy as np

from comparison.claims.benatti_2016.facts import LAM, XI, W, spin_covariance
from comparison.claims.benatti_2016.fluctuations import correlation_at_pole, noise_of_mode
from comparison.claims.benatti_2016.maps import (
    GENERAL,
    HOW,
    SECOND,
    STABLE,
    THREE,
    UNSTABLE,
    Point,
    fluctuation_map,
    in_limit,
    mixed_covariance,
)
from comparison.claims.paper_claim import ABOVE, BELOW, Facts, PaperClaim

_LIMIT = "extrapolated exact numbers are known to about 1e-4; a coefficient that is off by 1 % is seen"
_PLANE = slice(0, 2)  # F(s_1) and F(s_2)
_U = np.array([0.15, -0.15, 0.2])


def maps_in_limit(point: Point, times: tuple[float, ...] = THREE):
    """X, Y and ω for N → ∞, with errors of the first two."""
    (x, dx), (y, dy), (w, _) = (in_limit(lambda N, k=k: fluctuation_map(point, times, N)[k]) for k in range(3))
    return x, y, w, dx, dy


def affine(_: bool) -> Facts:
    """The covariance at three times from a state with correlated particles, and what is negative in the noise."""
    x, y, _, dx, dy = maps_in_limit(GENERAL)
    value, error = in_limit(lambda N: mixed_covariance(GENERAL, THREE, N, _U))
    start = spin_covariance(W) + np.outer(_U, _U)
    names = {"X": x, "Y": y, "S": start, "T": lambda m: np.swapaxes(m, -1, -2), "zero": 0.0}
    negative = np.minimum(np.linalg.eigvalsh(y), 0.0).sum(axis=1)
    moved = 2 * np.abs(x) @ np.abs(start) @ np.swapaxes(dx, -1, -2)  # of X S Xᵀ
    return Facts(names, {"": value, "negative": negative}, {"": error + moved + dy, "negative": float(dy.sum())}, HOW)


def composition(_: bool) -> Facts:
    """How far X and Y of t + s are from those of s and t one after the other, in both orders. With the maps of the
    state that has got to s in place of the first, they compose; `how` says how well."""
    x, y, _, dx, dy = maps_in_limit(GENERAL)
    value, error = [], []
    for one, two in ((0, 1), (1, 0)):
        value.append(_distance(x[2], y[2], x[two] @ x[one], x[two] @ y[one] @ x[two].T + y[two]))
        scale = 1 + np.linalg.norm(x[one]) + np.linalg.norm(x[two])
        error.append(scale**2 * (np.linalg.norm(dx) + np.linalg.norm(dy)))
    left = after_restart(GENERAL)
    how = f"{HOW}; with the maps of the state at s the distance is {left:.0e}"
    shown = {"distance of the maps": min(value)}
    return Facts({"zero": 0.0}, {"": np.array(value)}, np.array(error), how, shown=shown)


def after_restart(point: Point) -> float:
    """Distance of the map of t + s from that of s followed by that of t of the state at s."""
    x, y, w, *_ = maps_in_limit(point)
    (later,), (noise,), *_ = maps_in_limit(Point(point.bath, tuple(w[0])), (SECOND,))
    return _distance(x[2], y[2], later @ x[0], later @ y[0] @ later.T + noise)


def _distance(x: np.ndarray, y: np.ndarray, other_x: np.ndarray, other_y: np.ndarray) -> float:
    return float(np.hypot(np.linalg.norm(x - other_x), np.linalg.norm(y - other_y)))


def fixed_covariance(_: bool) -> Facts:
    """The smallest eigenvalue of the only Σ = X Σ Xᵀ + Y of F(s_1), F(s_2) at the unstable pole."""

    x, y, dx, dy = (m[0, _PLANE, _PLANE] for k, m in enumerate(maps_in_limit(UNSTABLE)) if k != 2)
    inverse = np.linalg.inv(np.eye(4) - np.kron(x, x))
    found = (inverse @ y.ravel()).reshape(2, 2)
    moved = np.linalg.norm(dy) + 2 * np.linalg.norm(x) * np.linalg.norm(dx) * np.linalg.norm(found)
    error = np.linalg.norm(inverse, 2) * moved
    least = np.linalg.eigvalsh(found)[0]
    shown = {"smallest eigenvalue of the only Σ at rest": least}
    return Facts({"zero": 0.0}, {"": least}, float(error), HOW, shown=shown)


def rates_at_poles(_: bool) -> Facts:
    """At what rates displaced averages of s_1 and s_2 grow at the two poles."""
    exact, bound = {}, {}
    for name, point in (("stable", STABLE), ("unstable", UNSTABLE)):
        rate = lambda N, point=point: np.log(fluctuation_map(point, THREE, N)[0][-1][[0, 1], [0, 1]]) / THREE[-1]  # noqa: E731
        exact[name], bound[name] = in_limit(rate)
    return Facts({"lam": LAM, "xi": XI}, exact, bound, HOW)


def divergence(_: bool) -> Facts:
    """At the unstable pole: how X stretches F(s_1), F(s_2) at least, and the least noise of Y, at two times."""
    x, y, dx, dy = (m[:2, _PLANE, _PLANE] for k, m in enumerate(maps_in_limit(UNSTABLE)) if k != 2)
    stretch = np.linalg.svd(x, compute_uv=False)[:, -1]
    noise = np.linalg.eigvalsh(y)[:, 0]
    exact = {"stretch": stretch, "noise": noise}
    shown = {"least factor of growth": stretch[-1], "least added noise": noise[-1]}
    return Facts({"zero": 0.0}, exact, {"stretch": float(dx.sum()), "noise": float(dy.sum())}, HOW, shown=shown)


CLAIMS = (
    PaperClaim("000-text-3.2-1", {"": "X@S@T(X) + Y", "negative": "zero"}, affine, 1e-3, _LIMIT, seconds=2),
    PaperClaim("000-text-3.2-2", {"": "zero"}, composition, relation=ABOVE, seconds=2),
    PaperClaim("000-text-3.2-4", {"": "zero"}, correlation_at_pole, relation=ABOVE, seconds=2),
    PaperClaim(
        "000-52",
        {"11": "A11*absxi", "12": "A12*xi", "21": "A12*xi", "22": "A22*absxi", "b": "b", "c": "-b"},
        noise_of_mode,
        1e-4,
        _LIMIT,
        seconds=2,
    ),
    PaperClaim("000-text-4.1-4", {"": "zero"}, fixed_covariance, relation=BELOW),
    PaperClaim("000-text-4.1-5", {"stable": "-lam*xi", "unstable": "lam*xi"}, rates_at_poles, 1e-3, _LIMIT),
    PaperClaim("000-text-5-1", {"stretch": "1", "noise": "zero"}, divergence, relation=ABOVE),
)
