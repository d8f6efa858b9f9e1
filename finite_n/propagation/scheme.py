"""What the schemes of time integration have in common: a problem with its rates, and an attempted step."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.propagation.problem import LinearProblem

_TOO_MANY = 1e7  # rates × time: beyond, an explicit method is the wrong tool
# In trace norm, of every term of a series or every short step: twice the unit of rounding, as rates, coefficients and
# sums have one each and add up in proportion to time. Measured against closed forms and extended precision, rates ×
# time from 10 to 2·10⁶: errors of averages 0.01 to 0.7 units per term, the trace up to 2, the least eigenvalue as much.
ROUNDING = 2 * np.finfo(float).eps


@dataclasses.dataclass
class Trial:
    """One attempted step: the functionals of its terms, their weights at times into the step, its error, its rounding,
    and an error that no shorter step lowers."""

    series: np.ndarray
    weights: Callable[[np.ndarray], np.ndarray]
    applications: int
    error: float
    shorten: float
    rounding: float
    unresolved: float = 0.0


class Scheme:
    """A problem, its rates and two buffers; vectors: states that are held at once, for what memory is planned.

    What schemes add: first_step(v), next_step(v, step), lengths; attempt(t, v, acc, step, allowed), which writes the
    state after a step from time t into acc.
    """

    vectors = 4  # the state, the next one and the buffers

    def __init__(self, problem: LinearProblem, span: float, safety: float):
        self.problem, self.span, self.enlarged = problem, span, safety
        self.first, self.second = problem.empty(), problem.empty()

    def ellipse(self, v):
        ellipse = self.problem.field_of_values(self.span, v).scaled(self.enlarged)
        self.rate = self.bounded(max(ellipse.a, ellipse.b))
        return ellipse

    def bounded(self, rate: float) -> float:
        """The rate, if what it takes over the whole time is not too much."""
        if rate * self.span > _TOO_MANY:
            raise FiniteNError(
                f"evolution: rates near {rate:.3g} over a time of {self.span:.3g} need about "
                f"{2 * rate * self.span:.1e} applications of the generator, and {2 * _TOO_MANY:.0e} are the limit; "
                "shorten the times or lower the rates."
            )
        return rate

    def next_edge(self, t: float) -> float:
        """The first time after t that a step must end at."""
        return math.inf
