"""Verdicts: does the exact number go to the claimed limit?"""

from __future__ import annotations

import dataclasses

import numpy as np

from comparison.referee.extrapolation import rounding
from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_array, check_number

LARGE, PART = 10.0, 0.5  # an error above both 10 and half the number leaves nothing to be said of it
REFUTE = 5.0  # a gap of more than this many error bars refutes; see tests/comparison/referee/test_false_refutations.py


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One claim against one quantity, over all times.

    claim, quantity : names
    status : "refuted" if at some time |extrapolated − claimed| exceeds what the claim leaves open by more than 5 error
        bars and, with the error, `wanted`; "confirmed" if gap + error, and what the claim leaves open + error, stay
        below `wanted` at every time; else "undecided"
    time : where the refuting gap is largest, or else where gap (or what the claim leaves open) + error is largest
    extrapolated, error, claimed : the numbers at that time
    accuracy : the largest of these sums, the accuracy to which a consistent claim is confirmed
    wanted : the accuracy asked for, in units of the quantity
    rate, rate_error : exponent of |exact − claimed| ~ N^−p at that time, nan if the distance is within errors
    advice : what would decide, if undecided
    uncertainty : half-width that the claim itself leaves open at that time
    until : the last time up to which every judged time is within `wanted`; nan where the first is not
    accuracy_until : the accuracy up to there
    """

    claim: str
    quantity: str
    status: str
    time: float
    extrapolated: float
    error: float
    claimed: float
    accuracy: float
    wanted: float
    rate: float = float("nan")
    rate_error: float = float("nan")
    advice: str = ""
    uncertainty: float = 0.0
    until: float = float("nan")
    accuracy_until: float = float("nan")

    @property
    def early(self) -> str:
        """What of a claim that is undecided later is confirmed, "confirmed to 1.0e-05 until t = 3.2, …"; else empty."""
        if self.status != "undecided" or not self.until > 0:
            return ""
        return f"confirmed to {self.accuracy_until:.1e} until t = {self.until:g}, undecided later"

    @property
    def gap(self) -> float:
        """|extrapolated − claimed|."""
        return abs(self.extrapolated - self.claimed)

    @property
    def too_vague(self) -> bool:
        """Whether it is the claim's own uncertainty that leaves it undecided, so that no larger size decides."""
        return self.status == "undecided" and self.uncertainty + self.error > self.wanted >= 2 * self.error

    @property
    def excess(self) -> float:
        """What of the gap lies beyond the claim's own uncertainty."""
        return max(self.gap - self.uncertainty, 0.0)

    @property
    def claimed_text(self) -> str:
        """The claimed number, with ± its uncertainty where it has one."""
        return f"{self.claimed:.7g}" + (f" ± {self.uncertainty:.2g}" if self.uncertainty else "")

    @property
    def gap_text(self) -> str:
        """The gap beyond the claim's own uncertainty, and how many error bars it is."""
        beyond = " beyond its uncertainty" if self.uncertainty else ""
        return f"the gap{beyond} is {with_error(self.excess, self.error)}, {self.excess / self.error:.3g} error bars."

    @property
    def found_text(self) -> str:
        """Where the exact numbers go, in words."""
        if says_nothing(self.extrapolated, self.error):
            return "exact numbers say nothing yet"
        return f"exact numbers go to {with_error(self.extrapolated, self.error)}"

    def __str__(self):
        number = with_error(self.extrapolated, self.error)
        at = f"{self.quantity}({self.time:g})"
        if self.status == "refuted":
            return (
                f"{self.claim}, {self.quantity}: refuted. Exact {at} → {number}, claimed {self.claimed_text}; "
                f"{self.gap_text}"
            )
        if self.status == "confirmed":
            apart = f"; {self.gap_text}" if self.excess > REFUTE * self.error else "."
            return (
                f"{self.claim}, {self.quantity}: confirmed to {self.accuracy:.1e}. Exact {at} → {number}, "
                f"claimed {self.claimed_text}{apart}"
            )
        nothing = says_nothing(self.extrapolated, self.error)
        exact = f"Exact numbers say nothing yet of {at}" if nothing else f"Exact {at} → {number}"
        return (
            f"{self.claim}, {self.quantity}: {self.early or 'undecided'}. {exact}, claimed {self.claimed_text}; the "
            f"error should be below {self.wanted:.1e}. {self.advice}"
        )


def error_bar(value, error, claimed, claimed_error=0.0) -> np.ndarray:
    """What a gap is measured by: the error of the extrapolated value, that of the claimed one, and the rounding of
    both."""
    return error + claimed_error + rounding(value, claimed)


def judge(
    claim: str,
    quantity: str,
    times,
    value,
    error,
    claimed,
    wanted: float,
    advice: str = "",
    claimed_error=0.0,
    uncertainty=0.0,
) -> Verdict:
    """Verdict on claimed values from extrapolated ones.

    The error bar is the sum of both errors and of the rounding of both numbers, so that no verdict is finer than the
    numbers it stands on. A claim may leave an interval open: only the part of a gap that lies outside refutes, and
    nothing is confirmed more finely than the interval. What lies within the accuracy asked for is not refuted, however
    small the errors: the verdict then says to what accuracy the claim holds.

    Parameters
    ----------
    claim, quantity : names
    times : (T,)
    value, error : extrapolated values and their errors, (T,)
    claimed : (T,)
    wanted : accuracy asked of "confirmed", relative to the largest value that is known where that is above 1
    advice : a sentence for the undecided
    claimed_error : of the claimed values, for example of an integrator; one number or (T,). Default 0.
    uncertainty : half-width of the interval that the claim leaves open, such as ½ of the last digit of a table; one
        number or (T,). Default 0.
    """
    times = check_array(times, f"{quantity}: times", (None,))
    value, claimed = (
        check_array(x, f"{quantity}: {what}", times.shape) for x, what in ((value, "value"), (claimed, "claimed"))
    )
    if not len(times):
        raise FiniteNError(f"{quantity}: there is no time to judge at; give one time or more.")
    check_number(wanted, f"{quantity}: wanted accuracy", 0, strict=True)
    try:
        error = np.broadcast_to(np.asarray(error, dtype=float), times.shape)
    except (TypeError, ValueError):
        error = np.full(times.shape, np.nan)
    if not np.all(error >= 0):
        raise FiniteNError(
            f"{quantity}: errors are not negative, and infinite where nothing is known; one for each time."
        )
    claimed_error = _half_widths(claimed_error, f"{quantity}: claimed_error", times.shape)
    uncertainty = _half_widths(uncertainty, f"{quantity}: uncertainty", times.shape)
    gap = np.abs(value - claimed)
    error = error_bar(value, error, claimed, claimed_error)
    scale = size_of(value, error)
    excess, reach = gap - uncertainty, np.maximum(gap, uncertainty) + error
    beyond = (excess > REFUTE * error) & (reach > wanted * scale)
    if np.any(beyond):
        status, at = "refuted", int(np.argmax(np.where(beyond, excess, 0.0)))
    else:
        at = int(np.argmax(reach))
        status = "confirmed" if reach[at] <= wanted * scale else "undecided"
    late = np.flatnonzero(reach > wanted * scale)
    until = late[0] if late.size else len(times)
    found = Verdict(
        claim,
        quantity,
        status,
        float(times[at]),
        float(value[at]),
        float(error[at]),
        float(claimed[at]),
        float(reach.max()),
        wanted * scale,
        advice=advice if status == "undecided" else "",
        uncertainty=float(uncertainty[at]),
        until=float(times[until - 1]) if until else float("nan"),
        accuracy_until=float(reach[:until].max()) if until else float("nan"),
    )
    if not found.too_vague:
        return found
    advice = f"The claim itself is known to ± {found.uncertainty:.2g} only: ask for less or state it better."
    return dataclasses.replace(found, advice=advice)


def size_of(value: np.ndarray, error: np.ndarray) -> float:
    """What accuracies are relative to: the largest |value| that is known to 10 %, at least 1."""
    return float(np.abs(value[error <= 0.1 * np.abs(value)]).max(initial=1.0))


def _half_widths(given, what: str, shape: tuple[int]) -> np.ndarray:
    """One number, 0 or more, or one for each time."""
    array = check_array(given, what)
    if np.any(array < 0) or array.shape not in ((), shape):
        raise FiniteNError(f"{what} = {shown(given)}; give one number, 0 or more, or one for each time.")
    return np.broadcast_to(array, shape)


def says_nothing(x: float, error: float) -> bool:
    """Whether a number with this error, in units of order one, tells nothing, as that of an extrapolation that does not
    converge."""
    return not (np.isfinite(x) and error <= max(LARGE, PART * abs(x)))


def with_error(x: float, error: float) -> str:
    """A number with its error in the last digits, 1.92533(3); ? where it tells nothing."""
    if says_nothing(x, error):
        return "?"
    if error <= 0:
        return f"{x:.10g}"
    digits = int(np.ceil(-np.log10(error) - 1e-12)) if error < 1 else 0
    digits = min(max(digits, 0), 14)
    return f"{round(x, digits) + 0.0:.{digits}f}({max(1, int(np.ceil(error * 10**digits - 1e-9)))})"
