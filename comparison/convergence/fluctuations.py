"""Fluctuations beyond their covariance at a ladder of sizes, beside the Gaussian of the limit: how they go there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from comparison.ladder import Ladder
from comparison.referee.extrapolation import FEWEST, Extrapolation, Rate, extrapolate, rate
from comparison.referee.fluctuation import check_gaussian, read_fluctuations
from comparison.referee.verdict import Verdict, judge, with_error
from comparison.study.fluctuation_values import fluctuation_values
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times, read_directions
from finite_n.model.model import Model
from finite_n.model.validation import check_array, check_progress, check_whole
from finite_n.solvers.result import Result
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit

RATES = {"real": 1.0, "imaginary": 0.5, "third": 0.5, "fourth": 1.0}  # p of N^−p where the fluctuations become Gaussian
_NAMES = {"real": "Re χ", "imaginary": "Im χ", "third": "κ₃", "fourth": "κ₄"}


@dataclasses.dataclass(frozen=True, repr=False)
class Fluctuations:
    """The fluctuation r·F at S sizes and T times: χ = ⟨e^{i r·F}⟩ and cumulants.

    sizes : S numbers of all particles
    times : (T,)
    r : (n,), a number for every letter of the model
    exact : χ at every size, complex (S, T)
    limit : χ of the Gaussian with the derived covariance, (T,)
    third, fourth : cumulants of r·F, (S, T); nan unless r belongs to one two-level species
    errors : of exact, third and fourth, (3, S)
    """

    sizes: list[int]
    times: np.ndarray
    r: np.ndarray
    exact: np.ndarray
    limit: np.ndarray
    third: np.ndarray
    fourth: np.ndarray
    errors: np.ndarray

    def rate(self, what: str, k: int = -1) -> Rate:
        """p of N^−p, at time number k, of `what`: by which Re χ goes to its limit ("real"), and Im χ ("imaginary"),
        κ_3 ("third") and κ_4 ("fourth") go to 0: 1, ½, ½ and 1 where the derived Gaussian is the limit."""
        k = check_whole(k, "number k of a time", -len(self.times), len(self.times) - 1)
        values = {
            "real": (self.exact.real, self.limit[k], self.errors[0]),
            "imaginary": (self.exact.imag, 0.0, self.errors[0]),
            "third": (self.third, 0.0, self.errors[1]),
            "fourth": (self.fourth, 0.0, self.errors[2]),
        }
        if what not in values:
            raise FiniteNError(f"rate: {shown(what)}; give one of {', '.join(values)}.")
        value, limit, errors = values[what]
        if np.any(np.isnan(value)):
            raise FiniteNError(f"rate: the {what} cumulant is known where r belongs to one two-level species.")
        return rate(self.sizes, value[:, k], limit, errors, 1.0)

    @property
    def extrapolation(self) -> Extrapolation:
        """lim χ_N, complex (T,), with its error: Re χ in powers of 1/N, and √N Im χ, which has a limit if Im χ has
        none but 0."""
        real = extrapolate(self.sizes, self.exact.real, self.errors[0][:, None], 1.0, ordered=True)
        root = np.sqrt(np.array(self.sizes, float))[:, None]
        odd = extrapolate(self.sizes, root * self.exact.imag, root * self.errors[0][:, None], 1.0, ordered=True)
        return Extrapolation(real.value + 0j, real.error + np.where(np.isfinite(odd.error), 0.0, np.inf))

    def judge(self, name: str, covariance, accuracy: float = 1e-3) -> Verdict:
        """Verdict on the Gaussian with a claimed covariance, (T, n, n), of the letters of the model: is lim χ_N =
        exp(−½ r·Σr)? name: of the claim; accuracy: asked of "confirmed"."""
        n = len(self.r)
        sigma = check_array(covariance, f"claim {shown(name)}: covariance", (len(self.times), n, n))
        claimed = np.exp(-0.5 * np.einsum("a,tab,b->t", self.r, sigma, self.r))
        found = self.extrapolation
        advice = "Larger sizes would decide."
        return judge(name, "Re χ", self.times, found.value.real, found.error, claimed, accuracy, advice)

    def __repr__(self):
        found = self.extrapolation
        lines = [
            f"Fluctuation r·F, r = {np.array2string(self.r, separator=', ')}, N = {', '.join(map(str, self.sizes))}, "
            f"t = {self.times[-1]:g}",
            f"  χ = ⟨exp(i r·F)⟩     {', '.join(f'{x:.5f}' for x in self.exact[:, -1])}",
            f"  N → ∞               {with_error(float(found.value[-1].real), float(found.error[-1]))}, Gaussian "
            f"{self.limit[-1]:.6f}",
        ]
        known = {k: p for k, p in RATES.items() if k in ("real", "imaginary") or not np.any(np.isnan(self.third))}
        for what, expected in known.items():
            p = self.rate(what)
            if np.isfinite(p.asymptotic):
                text = with_error(p.asymptotic, p.asymptotic_error)
                lines.append(f"  {_NAMES[what]:5} ~ N^−p        p = {text}, expected {expected:g}")
        return "\n".join(lines)


def compare_fluctuations(
    model: Model,
    rho0,
    tlist: Sequence[float],
    sizes: Sequence[int],
    r: Sequence[float],
    tol: float = 1e-10,
    progress: Callable[[int, float], None] | None = None,
) -> Fluctuations:
    """The characteristic function ⟨e^{i r·F}⟩ of exact fluctuations, and their third and fourth cumulants, at every
    size, against the Gaussian of the derived limit.

    F_a = √N_s (m_a − ⟨m_a⟩), for modes √N in place of √N_s. States of a limit without long-range correlations become
    Gaussian: 1 − χ_N/χ has a real part of order 1/N and an imaginary one of order N^−½, κ_3 falls as N^−½ and κ_4 as
    1/N (quantum central limit; Benatti et al. 2016, eqs. 12, 32). `Study(…, fluctuations={"f": r})` judges the same
    numbers as quantities beside averages and covariances.

    Parameters
    ----------
    model : Model
        Two-level species and modes.
    rho0 : State, Bloch vector or one-particle state with a limit; with several species or modes a dict of them
    tlist : times, shape (T,)
    sizes : four or more increasing N
    r : (n,), a number for every letter of the model: x, y, z for one species
    tol : of the exact evolution. Default 1e-10.
    progress : function of N and of a number in [0, 1], optional

    Example
    -------
    >>> from finite_n.systems import hopfield
    >>> compare_fluctuations(hopfield(0.3, 0.8), [0, 0.3, 0.4], [0, 1.5], [10, 20, 40, 80], [0.2, 0.5, 0.6])
    Fluctuation r·F, r = [0.2, 0.5, 0.6], N = 10, 20, 40, 80, t = 1.5
      χ = ⟨exp(i r·F)⟩     0.66451+0.01417j, 0.65965+0.01168j, 0.65712+0.00904j, 0.65586+0.00672j
      N → ∞               0.65461(2), Gaussian 0.654618
      Re χ  ~ N^−p        p = 1.006(8), expected 1
      Im χ  ~ N^−p        p = 0.499(10), expected 0.5
      κ₃    ~ N^−p        p = 0.50(2), expected 0.5
      κ₄    ~ N^−p        p = 1.030(10), expected 1
    """
    check_progress(progress)
    ladder = Ladder(sizes, FEWEST)
    times = check_times(tlist)
    if not isinstance(model, Model):
        raise FiniteNError(f"fluctuations: got {shown(model)}; give a finite_n.Model.")
    r, state = read_directions(r, model.space, "fluctuations: r"), as_initial_state(rho0, model)
    if r.ndim != 1 or not np.any(r):
        raise FiniteNError(f"fluctuations: r = {shown(r.tolist())}: give one direction that is not 0.")
    (direction,) = read_fluctuations({"f": r}, model.space)
    check_gaussian(state)
    unknown = np.full((2, len(times)), np.nan)

    def read(result: Result) -> tuple[np.ndarray, ...]:
        found = fluctuation_values(result, [direction])
        (real, error), (imaginary, _) = found["re_chi_f"], found["im_chi_f"]
        third, fourth = (found.get(q, unknown) for q in ("kappa3_f", "kappa4_f"))
        return real + 1j * imaginary, third[0], fourth[0], np.array([e[0] for e in (error, third[1], fourth[1])])

    found = ladder.evolve(model, state, times, tol=tol, progress=progress, read=read, keep_states=True)
    exact, third, fourth, errors = (np.array(column) for column in zip(*found, strict=True))
    limit = Limit(model).evolve(state, times).characteristic(r)
    return Fluctuations(ladder.sizes, times, r, exact, limit, third, fourth, errors.T)
