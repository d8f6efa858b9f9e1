"""Two-time correlations of fluctuations at a ladder of sizes, beside the Gaussian limit: how they go there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from comparison.ladder import Ladder
from comparison.referee.claim import INTEGRATED
from comparison.referee.extrapolation import FEWEST, Extrapolation, Rate, extrapolate, rate
from comparison.referee.table import aligned
from comparison.referee.verdict import Verdict, judge, with_error
from finite_n.errors import FiniteNError
from finite_n.model.inputs import check_delays
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_kind, check_number, check_progress, check_whole
from finite_n.solvers.correlation import correlation
from meanfield import Limit, fixed_points

_TOGETHER, _SLOWEST = 1e-6, 0.5  # averages that agree; the power of 1/N, 1 as expected, by which they must approach
_PARTS = {"Re": np.real, "Im": np.imag}


@dataclasses.dataclass(frozen=True, repr=False)
class Correlations:
    """N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩) at S sizes and D delays.

    sizes : S numbers of all particles
    time : t, None in the stationary state
    delays : τ, (D,)
    exact : at every size, complex (S, D)
    limit : of the Gaussian fluctuations derived from the model, complex (D,)
    errors : of exact, (S,)
    interrupted : True if a signal ended it before the last size
    failure : the error that ended it before the last size, in a sentence; empty if there was none
    """

    sizes: list[int]
    time: float | None
    delays: np.ndarray
    exact: np.ndarray
    limit: np.ndarray
    errors: np.ndarray
    interrupted: bool = False
    failure: str = ""

    def rate(self, k: int = -1) -> Rate:
        """p of N^−p by which the distance to the limit falls at delay number k: 1 where the derived limit holds."""
        k = check_whole(k, "number k of a delay", -len(self.delays), len(self.delays) - 1)
        return rate(self.sizes, np.abs(self.exact[:, k] - self.limit[k]), 0.0, self.errors, 1.0)

    def extrapolation(self, part: str = "Re") -> Extrapolation:
        """The limit N → ∞ of the exact numbers, (D,), in powers of 1/N: of their real ("Re") or imaginary ("Im")
        part."""
        return extrapolate(self.sizes, _PARTS[part](self.exact), self.errors[:, None], 1.0, ordered=True)

    def judge(self, name: str = "derived", values=None, accuracy: float = 1e-3) -> list[Verdict]:
        """Verdicts on claimed values, complex (D,), by default the derived limit: on real and on imaginary parts, where
        either is not zero; name: of the claim; accuracy: asked of "confirmed"."""
        claimed = np.asarray(self.limit if values is None else values, dtype=complex)
        if claimed.shape != self.delays.shape:
            raise FiniteNError(f"correlations: claimed values of shape {claimed.shape}; give one for each delay.")
        error = INTEGRATED * max(1.0, float(np.abs(claimed).max())) if values is None else 0.0
        out = []
        for part, of in _PARTS.items():
            if part == "Re" or np.any(of(claimed)) or np.any(of(self.exact)):
                found = self.extrapolation(part)
                advice, what = "Larger sizes would decide.", f"{part} N⟨a(τ); b⟩"
                out.append(
                    judge(name, what, self.delays, found.value, found.error, of(claimed), accuracy, advice, error)
                )
        return out

    def table(self, columns: int = 4) -> str:
        """Text: a row for every size and for the limit, a column for some of the delays, `columns` at most, and the
        verdicts."""
        some = np.unique(np.linspace(0, len(self.delays) - 1, columns).round().astype(int))
        rows = [["", *(f"τ = {self.delays[k]:g}" for k in some)]]
        rows += [[f"N = {N}", *(_number(x[k]) for k in some)] for N, x in zip(self.sizes, self.exact, strict=True)]
        rows += [["N → ∞, derived", *(_number(self.limit[k]) for k in some)]]
        verdicts = [str(v) for v in self._verdicts]
        return "\n".join([aligned(rows), *([""] if verdicts else []), *verdicts])

    @property
    def _verdicts(self) -> list[Verdict]:
        """On the derived limit; none where a ladder ended early."""
        return self.judge() if len(self.sizes) >= FEWEST else []

    @staticmethod
    def _plain(v: Verdict) -> dict:
        accuracy = v.accuracy if np.isfinite(v.accuracy) else None
        return {"quantity": v.quantity, "status": v.status, "accuracy": accuracy}

    def to_dict(self) -> dict:
        """Plain numbers, complex ones as [real, imaginary], for JSON."""

        def pairs(x):
            return [[float(y.real), float(y.imag)] for y in x]

        return {
            "sizes": self.sizes,
            "time": self.time,
            "delays": self.delays.tolist(),
            "exact": [pairs(x) for x in self.exact],
            "errors": self.errors.tolist(),
            "derived": pairs(self.limit),
            "verdicts": [self._plain(v) for v in self._verdicts],
            "interrupted": self.interrupted,
            "failure": self.failure or None,
        }

    def __repr__(self):
        when = "stationary" if self.time is None else f"t = {self.time:g}"
        found = self.extrapolation("Re"), self.extrapolation("Im")
        ends = [with_error(float(x.value[-1]), float(x.error[-1])) for x in found]
        lines = [
            f"N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩), {when}, τ = {self.delays[-1]:g}, N = "
            f"{', '.join(map(str, self.sizes))}",
            f"  exact               {', '.join(f'{x:.5f}' for x in self.exact[:, -1])}",
            f"  N → ∞               {ends[0]} + {ends[1]}i, derived {self.limit[-1]:.6f}",
        ]
        p = self.rate()
        if np.isfinite(p.asymptotic):
            lines.append(f"  distance ~ N^−p     p = {with_error(p.asymptotic, p.asymptotic_error)}, expected 1")
        return "\n".join(lines)


def compare_correlations(
    model: Model,
    rho0,
    time: float | None,
    taulist: Sequence[float],
    sizes: Sequence[int],
    a: Polynomial,
    b: Polynomial,
    *,
    start: float = 0.0,
    averages: Sequence[float] | None = None,
    tol: float = 1e-11,
    progress: Callable[[int, float], None] | None = None,
    keep: bool = False,
) -> Correlations:
    """Exact connected correlations of two times, times N, at every size, beside their Gaussian limit.

    Fluctuations regress as averages move: N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩) → ∇a · Φ(t + τ, t) (Σ + iσ/2) · ∇b,
    at a rate 1/N; see `meanfield.Limit.correlation`.

    Parameters
    ----------
    model : Model
        Two-level species and modes.
    rho0 : as for `compare_fluctuations`; in the stationary state as for `steady_state`, None where there is only one
    time : t ≥ start, or None for the stationary state, where the limit is that of a stable fixed point
    taulist : delays τ, shape (D,)
    sizes : four or more increasing N
    a, b : Polynomial of averages and modes
    start : the time at which rho0 is given. Default 0.
    averages : (n,), of the fixed point, with time=None; refused if those of the exact stationary state do not go
        there. Default: the only stable one.
    tol : of the exact values
    progress : function of N and of a number in [0, 1], optional
    keep : an error or a signal after the first size ends the ladder there; else it is raised

    Example
    -------
    >>> from finite_n import mx, mz
    >>> from finite_n.systems import hopfield
    >>> network = hopfield(0.3, 0.8)
    >>> found = compare_correlations(network, [0, 0.3, 0.4], 0.5, [0, 1.0], [10, 20, 40, 80], mz, mz)
    >>> found.judge()[0].status
    'confirmed'
    """
    check_progress(progress)
    check_kind(model, "correlations: model", Model, "a finite_n.Model")
    if time is None and model.depends_on_time:
        raise FiniteNError(
            "correlations: the model depends on time and has no stationary state; give a start rho0 and a time, or "
            "model.at(t), the model at one time."
        )
    ladder, delays, limit = Ladder(sizes, FEWEST), check_delays(taulist), Limit(model)
    if time is None:
        averages = _fixed_point(model) if averages is None else averages
        derived = limit.correlation(averages, None, delays, a, b)
        state, times = rho0, None
    else:
        start, time = check_number(start, "correlations: start"), check_number(time, "correlations: time")
        if time < start:
            raise FiniteNError(f"correlations: time = {time:g} lies before the start at {start:g}; give a later one.")
        state, times = rho0, [start, time] if time > start else [time]
        derived = limit.correlation(rho0, times, delays, a, b)

    def work(N: int):
        if progress is not None:
            progress(N, 0.0)
        inside = progress and (lambda share: progress(N, share) if share < 1 else None)
        found = correlation(model, N, state, times, delays, a, b, connected=True, tol=tol, progress=inside)
        values = found.values if times is None else found.values[-1]
        return N * values, N * found.error, found.stats.get("averages")

    results = ladder.climb(work, progress and (lambda N: progress(N, 1.0)), keep)
    exact, errors, means = zip(*results, strict=True)
    if times is None:
        _check_averages(ladder.done, np.array(means), np.asarray(averages, dtype=float))
    connected = derived.connected if times is None else derived.connected[-1]
    found = np.array(exact), connected, np.array(errors)
    return Correlations(ladder.done, time, delays, *found, ladder.interrupted, ladder.failure)


def _number(x: complex) -> str:
    """A complex number, short."""
    return f"{x.real:.6f}{x.imag:+.6f}i"


def _check_averages(sizes: list[int], exact: np.ndarray, averages: np.ndarray) -> None:
    """Refuse averages that those of the exact stationary state do not go to, of which they would be no test."""
    apart = np.abs(exact - averages).max(axis=1)
    if len(sizes) > 1 and apart[-1] > max(_TOGETHER, apart[0] * (sizes[0] / sizes[-1]) ** _SLOWEST):
        raise FiniteNError(
            f"correlations: averages of the exact stationary state are {apart[0]:.3g} from those of the fixed point at "
            f"N = {sizes[0]} and {apart[-1]:.3g} at N = {sizes[-1]}, so that it is not the state there, but may be a "
            "mixture of several; give a start and a late time."
        )


def _fixed_point(model: Model) -> np.ndarray:
    """Averages at the only stable fixed point."""
    stable = [p.m for p in fixed_points(model) if p.stability == "stable"]
    if len(stable) != 1:
        raise FiniteNError(
            f"correlations: {len(stable)} fixed points are stable; give averages=…, or a start and a time: at finite N "
            "the stationary state is a mixture of several."
        )
    return stable[0]
