"""Numerical integration of limit equations, to a tolerance far below any extrapolation error and with a bound on the
work.

Dormand and Prince's method of order 8 (scipy's DOP853). The fastest rate bounds its step even near a stationary state;
there an implicit method (Radau, order 5) takes over, whose step grows freely.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy.integrate import DOP853, Radau
from scipy.linalg import LinAlgWarning

from finite_n.errors import FiniteNError
from finite_n.model.amplitude import NoTaylorSeries
from finite_n.model.time_dependent import TimeDependentError
from finite_n.threads import one_blas_thread

RTOL, ATOL = 1e-12, 1e-13
LEAST = 1e-13  # relative tolerance that double precision allows for
MOST_EVALUATIONS = 80_000  # enough for fastest rate × time of about 3000; ten seconds for a few letters
_PATIENCE = 5_000  # evaluations before the first check whether the solution is stationary
_STEPS = 100  # explicit steps between two such checks
_AT_REST = 1e-10  # change over these steps, relative to the largest entry, that counts as stationary


class TooMuchWork(FiniteNError):
    """More evaluations would be needed than are allowed."""


class _Stopped(ArithmeticError):
    """Overflow, or a step below the spacing of floating-point times."""


def bounded(rhs: Callable, what: str) -> Callable:
    """rhs(t, y) that may be evaluated `MOST_EVALUATIONS` times; `what` begins the error message."""
    count = 0

    def counted(t, y):
        nonlocal count
        count += 1
        if count > MOST_EVALUATIONS:
            raise TooMuchWork(_too_much(what, t))
        return rhs(t, y)

    return counted


def integrate(
    rhs: Callable, start: np.ndarray, times: np.ndarray, what: str, rtol: float = RTOL
) -> tuple[np.ndarray, int]:
    """Solution of ẏ = rhs(t, y) at `times`, shape (T, size of start), to `rtol` and a tenth of it beside numbers below
    one, and the number of evaluations.

    `what` begins error messages. Raises FiniteNError if averages leave the domain of Γ, overflow, or need more than
    `MOST_EVALUATIONS` evaluations.
    """
    return _integrated(lambda *arguments: _integrate(*arguments, [], rtol), rhs, start, times, what)


@one_blas_thread
def _integrated(solve: Callable, rhs: Callable, start: np.ndarray, times: np.ndarray, what: str):
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", LinAlgWarning)  # rate × step overflows
            return solve(bounded(rhs, what), np.asarray(start, dtype=float), times)
    except (TooMuchWork, TimeDependentError):
        raise
    except NoTaylorSeries as error:
        raise NoTaylorSeries(f"{what}: {error}") from None
    except FiniteNError as error:
        raise FiniteNError(f"{what}: the averages left the range of the model; {error}") from None
    except (ArithmeticError, LinAlgWarning):
        raise FiniteNError(
            f"{what}: from {times[0]:.6g} to {times[-1]:.6g} its rates times the time exceed double "
            "precision; ask for earlier times or lower the rates."
        ) from None


def integrate_until(
    rhs: Callable, start: np.ndarray, times: np.ndarray, what: str, rtol: float = RTOL, blocks: int = 1
) -> tuple[np.ndarray, str]:
    """The same for equations that may diverge: the solution as far as it goes, nan at later times, and why it ends, ""
    where it does not.

    blocks : of unknowns, of equal sizes, that do not depend on each other; each to the tolerance
    """
    out: list[np.ndarray] = []

    def kept(rhs, start, times):
        return _integrate(rhs, start, times, out, rtol, blocks)

    reason = ""
    try:
        _integrated(kept, rhs, start, times, what)
    except FiniteNError as error:
        reason = str(error)
    found = np.full((len(times), len(start)), np.nan)
    found[0] = start
    found[: len(out)] = out[: len(times)]
    return found, reason


def _integrate(
    rhs, start, times: np.ndarray, out: list[np.ndarray], rtol: float = RTOL, blocks: int = 1
) -> tuple[np.ndarray, int]:
    """`out` takes the solution at the times that are reached."""
    rtol = max(rtol / np.sqrt(blocks), LEAST)  # the error of a step is the root of the mean square over all unknowns
    atol = ATOL / RTOL * rtol
    first, last = float(times[0]), float(times[-1])
    if not np.all(np.isfinite(rhs(first, start))):
        raise _Stopped
    solver = DOP853(rhs, first, start, last, rtol=rtol, atol=atol)
    out.append(start)
    before, steps, used = start, 0, 1
    while len(out) < len(times):
        solver.step()
        if solver.status == "failed" or not np.all(np.isfinite(solver.y)):
            raise _Stopped
        end = len(times) if solver.status == "finished" else int(np.searchsorted(times, solver.t, side="right"))
        if end > len(out):
            out.extend(solver.dense_output()(times[len(out) : end]).T)
        steps += 1
        if steps % _STEPS == 0 and isinstance(solver, DOP853) and solver.nfev > _PATIENCE:
            if np.abs(solver.y - before).max() <= _AT_REST * max(1.0, np.abs(solver.y).max()):
                used += solver.nfev
                solver = Radau(rhs, solver.t, solver.y, last, rtol=rtol, atol=atol)
            before = solver.y
    return np.array(out), used + solver.nfev


def _too_much(what: str, t: float) -> str:
    return (
        f"{what}: the most evaluations allowed, {MOST_EVALUATIONS}, reach t = {t:.6g} only; their number grows as the "
        "fastest rate times the time: ask for earlier times or lower the rates."
    )
