"""Attractors of the flow ṁ = f(m): fixed points and limit cycles, by long-time evolution and shooting.

A cycle of period T through m solves φ_T(m) = m; its Floquet multipliers are the eigenvalues of the monodromy matrix M =
Φ(T), Φ̇ = Q(m(t)) Φ, Φ(0) = 1. One of them is 1, along the flow; det M = exp ∮ tr Q dt. (Kuznetsov, Elements of Applied
Bifurcation Theory, Springer 2004, sections 1.5 and 10.2.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.integrate import solve_ivp

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_number, check_whole
from meanfield.bifurcations import state_space, vector_field
from meanfield.bifurcations.fixed_points import ZERO, FixedPoint, classify, polish
from meanfield.limit.integrate import bounded

_RTOL, _ATOL = 1e-11, 1e-12  # along a cycle, with the variational equation
_FAST = 1e-8  # relative tolerance before that, where only a guess is needed
_CLOSURE = 1e-9  # |φ_T(m) − m| of a cycle that counts as closed
_SMALL = 1e-5  # extent below which a closed orbit is a fixed point
_NEAR_POINT = 1e-4  # distance from an attracting fixed point at which its linearisation decides
_RETURN = 1e-2  # returns that repeat to this part of the extent start the shooting
_NEAR_CYCLE = 1e-3  # of the extent: the error of a polygon of 256 corners is 1e-4 of it
_STEADY = 0.02  # an orbit whose extent still changes by this part has not settled
_MULTIPLES = 4  # a cycle may close after this many returns
_FIRST_WINDOW = 20.0
_SAMPLES = 256


@dataclasses.dataclass(frozen=True)
class LimitCycle:
    """A closed orbit of the drift, through m, with period T.

    m (n,); mean (n,): (1/T)∮ m dt; amplitude (n,): half of largest minus smallest value; multipliers (n,): Floquet
    multipliers by falling modulus, without the trivial one first (see below); closure: |φ_T(m) − m|; times (K,) and
    orbit (K, n): one period. multipliers[0] is the one nearest 1, which is 1 exactly; its distance from 1 measures the
    error of all of them.
    stability: "stable" if all others lie inside the unit circle, "unstable" if one lies outside, else "marginal".
    """

    m: np.ndarray
    period: float
    mean: np.ndarray
    amplitude: np.ndarray
    multipliers: np.ndarray
    stability: str
    closure: float
    times: np.ndarray
    orbit: np.ndarray

    def __repr__(self):
        size = ", ".join(f"{a:.6f}" for a in self.amplitude)
        others = np.array2string(self.multipliers[1:], precision=4)
        return f"LimitCycle(T = {self.period:.8f}, amplitude = ({size}), {self.stability}, multipliers 1 and {others})"


@dataclasses.dataclass(frozen=True)
class Attractor:
    """Attractor of a start: kind "fixed point" (point), "limit cycle" (cycle), or "not settled" by `time`.

    With a conserved quantity the point or the cycle is "marginal": it attracts, if at all, only states of the same
    value.

    m (n,): the last point of the evolution; time: how long it took; starts: how many starts ended here.
    """

    kind: str
    m: np.ndarray
    time: float
    point: FixedPoint | None = None
    cycle: LimitCycle | None = None
    starts: int = 1


def attractor(model, start, t_max: float = 2000.0, known: Sequence[Attractor] = ()) -> Attractor:
    """Long-time evolution of ṁ = f(m) from one start, until it is at a fixed point or on a limit cycle.

    Parameters
    ----------
    model : Model, or an object with drift(m) and jacobian(m)
    start : array, shape (n,)
    t_max : float
        In units of 1/energy, ħ = 1. Windows of growing length are tried up to this time. Default 2000.
    known : sequence of Attractor
        Stable cycles of the same model found before; a start that comes within 1e-3 of the extent of one ends there.

    Returns
    -------
    Attractor
        "fixed point" if the flow is within 1e-4 of a root of f with no growing direction and approaches it; "limit
        cycle" if its returns to a plane repeat and shooting closes the orbit nearby with no multiplier outside the unit
        circle; otherwise "not settled": slower than t_max, quasi-periodic, or chaotic.

    Raises FiniteNError for a start that is not a state, and if the flow diverges.
    """
    limit = vector_field.as_limit(model)
    m = state_space.as_start(limit, start)
    check_number(t_max, "attractor: t_max", 0, strict=True)
    if not isinstance(known, list | tuple) or any(not isinstance(a, Attractor) for a in known):
        raise FiniteNError(f"attractor: known = {shown(known)}; give a list of Attractor objects.")
    time, window = 0.0, min(_FIRST_WINDOW, t_max)
    while True:
        path, returns = _window(limit, m, window)
        m, time = path[-1], time + window
        point = _settled_point(limit, path)
        if point is not None:
            return Attractor("fixed point", m, time, point=point)
        cycle = _known_cycle(path, known) or _settled_cycle(limit, path, *returns)
        if cycle is not None:
            return Attractor("limit cycle", m, time, cycle=cycle)
        if time >= t_max * (1 - 1e-12):
            return Attractor("not settled", m, time)
        window = min(2 * window, t_max - time)


def attractors(model, starts: int | np.ndarray = 16, t_max: float = 2000.0, seed: int = 0) -> list[Attractor]:
    """The different attractors of many starts, those with most starts first.

    starts: how many low-discrepancy states to begin from, or an array of shape (count, n)
    seed: of these states
    model, t_max: as of `attractor`
    """
    limit = vector_field.as_limit(model)
    points = state_space.starts(limit, starts, seed) if np.ndim(starts) == 0 else np.atleast_2d(starts)
    found: list[Attractor] = []
    for start in points:
        new = attractor(limit, start, t_max, found)
        for k, old in enumerate(found):
            if same_attractor(old, new):
                found[k] = dataclasses.replace(old, starts=old.starts + 1)
                break
        else:
            found.append(new)
    return sorted(found, key=lambda a: (-a.starts, tuple(np.round(_centre(a), 6))))


def same_attractor(a: Attractor, b: Attractor, tolerance: float = 1e-4) -> bool:
    """Whether two are the same; all that have not settled count as one."""
    if a.kind != b.kind:
        return False
    if a.point is not None and b.point is not None:
        return bool(np.linalg.norm(a.point.m - b.point.m) < tolerance)
    if a.cycle is not None and b.cycle is not None:
        gap = state_space.distance_from_polygon(b.cycle.orbit[::8], a.cycle.orbit).max()
        periods = abs(a.cycle.period / b.cycle.period - 1)
        return bool(
            gap < _NEAR_CYCLE * 2 * a.cycle.amplitude.max() and periods < 1e-2
        )  # near its end T is ill-conditioned
    return True


def limit_cycle(model, start, period: float, iterations: int = 30) -> LimitCycle:
    """The closed orbit near `start` with a period near `period`, stable or not, by shooting.

    Newton's method for (m, T) in φ_T(m) − m = 0 and f(m₀)·(m − m₀) = 0, with the monodromy matrix from the variational
    equation.

    Parameters
    ----------
    model : Model, or an object with drift(m) and jacobian(m)
    start : array, shape (n,)
    period : float
    iterations : int
        Default 30.

    Raises FiniteNError if it does not close, or closes on a fixed point.
    """
    limit = vector_field.as_limit(model)
    m = state_space.as_start(limit, start)
    check_number(period, "limit cycle: period", 0, strict=True)
    check_whole(iterations, "limit cycle: iterations", 1)
    anchor, normal = m, vector_field.drift(limit, m)
    normal = normal / max(np.linalg.norm(normal), 1e-300)
    n, T, gap, best = len(m), float(period), np.inf, None
    for _ in range(iterations):
        if not (period / 10 < T < period * 10 and np.all(np.isfinite(m))):
            break
        end, monodromy = _variations(limit, m, T)
        gap = np.linalg.norm(end - m)
        if not np.isfinite(gap):
            break
        if best is not None and gap <= _CLOSURE and gap >= best[0] / 4:
            break  # the integrator's tolerance allows no more
        if best is None or gap < best[0]:
            best = gap, m, T, monodromy
        matrix = np.zeros((n + 1, n + 1))
        matrix[:n, :n], matrix[:n, n], matrix[n, :n] = monodromy - np.eye(n), vector_field.drift(limit, end), normal
        if not np.all(np.isfinite(matrix)):
            break
        step = np.linalg.lstsq(matrix, np.append(m - end, normal @ (anchor - m)), rcond=1e-12)[0]
        step *= min(1.0, 0.2 * T / max(abs(step[n]), 1e-300), 0.5 / max(np.linalg.norm(step[:n]), 1e-300))
        m, T = m + step[:n], T + step[n]
    if best is None or best[0] > _CLOSURE:
        raise FiniteNError(
            f"limit cycle: shooting from {anchor} with period {period:g} did not close, |φ_T(m) − m| = "
            f"{'inf' if best is None else format(best[0], '.2g')}; start nearer, for example from `attractor`."
        )
    return _describe(limit, *best)


def _describe(limit, gap: float, m: np.ndarray, T: float, monodromy: np.ndarray) -> LimitCycle:
    n = len(m)
    times = np.linspace(0, T, _SAMPLES + 1)

    def rhs(_, y):
        return np.concatenate([limit.drift(y[:n]), y[:n]])

    run = _solve(rhs, np.concatenate([m, np.zeros(n)]), T, t_eval=times, dense=True)
    orbit = run.y[:n].T
    extent = orbit.max(axis=0) - orbit.min(axis=0)
    if extent.max() < _SMALL:
        raise FiniteNError(f"limit cycle: shooting ended at the fixed point {m}; start farther from it.")
    if not all(state_space.physical(limit, y, 1e-6) for y in orbit):
        raise FiniteNError(
            f"limit cycle: shooting from near {m} closed an orbit that leaves the states; start elsewhere."
        )
    multipliers = np.linalg.eigvals(monodromy)
    multipliers = multipliers[np.argsort(-np.abs(multipliers), kind="stable")]
    trivial = int(np.argmin(np.abs(multipliers - 1)))
    multipliers = np.concatenate([multipliers[trivial : trivial + 1], np.delete(multipliers, trivial)])
    largest = np.abs(multipliers[1:]).max(initial=0)
    word = "stable" if largest < 1 - ZERO else "unstable" if largest > 1 + ZERO else "marginal"
    amplitude = np.array([_extent(run.sol, times, orbit, k) for k in range(n)]) / 2
    return LimitCycle(m, float(T), run.y[n:, -1] / T, amplitude, multipliers, word, float(gap), times, orbit)


def _extent(path, times: np.ndarray, orbit: np.ndarray, k: int) -> float:
    """max − min of component k, each from a parabola through the highest of closely spaced values."""
    ends = []
    for sign in (1, -1):
        at = times[np.argmax(sign * orbit[:, k])]
        near = at + np.linspace(-1, 1, 41) * (times[1] - times[0])
        near = near[(near >= 0) & (near <= times[-1])]
        values = sign * path(near)[k]
        i = int(np.clip(np.argmax(values), 1, len(values) - 2))
        a, b, c = values[i - 1 : i + 2]
        bend = a - 2 * b + c
        ends.append(b - (a - c) ** 2 / (8 * bend) if bend < 0 else values.max())
    return float(max(ends[0] + ends[1], 0.0))


def _variations(limit, m: np.ndarray, T: float) -> tuple[np.ndarray, np.ndarray]:
    """φ_T(m), shape (n,), and Φ(T), shape (n, n)."""
    n = len(m)

    def rhs(_, y):
        return np.concatenate([limit.drift(y[:n]), (limit.jacobian(y[:n]) @ y[n:].reshape(n, n)).ravel()])

    try:
        y = _solve(rhs, np.concatenate([m, np.eye(n).ravel()]), T).y[:, -1]
    except FiniteNError:  # after a bad Newton step
        return np.full(n, np.nan), np.full((n, n), np.nan)
    return y[:n], y[n:].reshape(n, n)


def _solve(rhs, start, T, rtol=_RTOL, atol=_ATOL, t_eval=None, dense=False, events=None):
    why = "its rates overflow"
    with np.errstate(all="ignore"):
        try:
            run = solve_ivp(
                bounded(rhs, "flow"),
                (0, T),
                start,
                "DOP853",
                t_eval,
                dense_output=dense,
                events=events,
                rtol=rtol,
                atol=atol,
            )
        except (FiniteNError, OverflowError) as error:
            run, why = None, str(error)
    if run is None or not run.success or not np.all(np.isfinite(run.y[:, -1])):
        raise FiniteNError(f"flow: the evolution from {start[:8]} diverges or stops; {run.message if run else why}")
    return run


def _window(limit, m: np.ndarray, length: float):
    """Path through one window, and its returns (times, points) to the plane through m across the flow."""
    normal = vector_field.drift(limit, m)
    normal = normal / max(np.linalg.norm(normal), 1e-300)

    def plane(_, y):
        return normal @ (y - m)

    plane.direction = 1
    times = np.linspace(0, length, _SAMPLES + 1)
    run = _solve(lambda _, y: limit.drift(y), m, length, _FAST, 1e-10, times, events=plane)
    after = run.t_events[0] > 1e-6 * length
    return run.y.T, (run.t_events[0][after], np.reshape(run.y_events[0], (-1, len(m)))[after])


def _settled_point(limit, path: np.ndarray) -> FixedPoint | None:
    end, middle = path[-1], path[len(path) // 2]
    if (
        np.linalg.norm(vector_field.drift(limit, end)) > 1.0
        or np.ptp(path[len(path) // 2 :], axis=0).max() > 100 * _NEAR_POINT
    ):
        return None
    root = polish(limit, end)
    if root is None or np.linalg.norm(root - end) > _NEAR_POINT or not state_space.physical(limit, root, 1e-7):
        return None
    if np.linalg.norm(end - root) > np.linalg.norm(middle - root) + 1e-9:
        return None
    point = classify(limit, root)
    return point if point.stability != "unstable" else None


def _settled_cycle(limit, path: np.ndarray, times: np.ndarray, points: np.ndarray) -> LimitCycle | None:
    extent = np.ptp(path[len(path) // 2 :], axis=0).max()
    if extent < _SMALL:
        return None
    if len(times) > 2 * _MULTIPLES:  # enough to see whether the orbit still shrinks or grows
        third, fourth = (np.ptp(part, axis=0).max() for part in np.array_split(path, 4)[2:])
        if abs(third - fourth) > _STEADY * extent:
            return None
    for back in range(1, min(_MULTIPLES, len(times) - 1) + 1):
        if np.linalg.norm(points[-1] - points[-1 - back]) > _RETURN * extent:
            continue
        try:
            cycle = limit_cycle(limit, points[-1], times[-1] - times[-1 - back], 6)
        except FiniteNError:
            return None
        near = np.linalg.norm(cycle.orbit - points[-1], axis=1).min() < 0.2 * extent
        alike = 0.5 < 2 * cycle.amplitude.max() / extent < 2
        return cycle if near and alike and cycle.stability != "unstable" else None
    return None


def _known_cycle(path: np.ndarray, known: Sequence[Attractor]) -> LimitCycle | None:
    """The stable cycle that the last half of the path stays near."""
    late = path[len(path) // 2 :: 8]
    for cycle in (a.cycle for a in known if a.cycle is not None and a.cycle.stability == "stable"):
        extent = 2 * cycle.amplitude.max()
        if (
            state_space.distance_from_polygon(late, cycle.orbit).max() < _NEAR_CYCLE * extent
            and np.ptp(late, axis=0).max() > extent / 2
        ):
            return cycle
    return None


def _centre(a: Attractor) -> np.ndarray:
    return a.point.m if a.point is not None else a.cycle.mean if a.cycle is not None else a.m
