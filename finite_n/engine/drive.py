"""What of a question depends on time: constant models and, on pieces of time, the polynomials that multiply them."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.piecewise import Pieces
from finite_n.model.time_dependent import Part
from finite_n.propagation.time_course import TimeCourse

_OTHER_PIECES = 37  # to begin with, of a check run: other places are looked at
_GOLDEN = (np.sqrt(5) - 1) / 2
_NEGATIVE = 1e-12  # of the largest rate


@dataclasses.dataclass(frozen=True, eq=False)
class Drive:
    """L(t) = Σ_k f_k(t) L_k from times[0] to times[-1].

    parts: constant models M_k with their functions f_k, None for 1; peak: Σ_k w_k M_k with w_k somewhat above max
    |f_k|, a constant model which has every term that occurs and moves states as fast as they are moved at any time.
    """

    model: Model
    start: float
    end: float

    @functools.cached_property
    def _resolved(self) -> list[tuple[Part, Pieces | None]]:
        """Parts that are not zero, with their functions resolved."""
        known = self._pieces(None)
        return [(p, known[i]) for i, p in enumerate(self.model.parts) if known[i] is None or known[i].largest > 0]

    def _pieces(self, first: int | None) -> list[Pieces | None]:
        found = []
        for part in self.model.parts:
            pieces = None if part.coefficient is None else part.coefficient.resolved(self.start, self.end, first)
            if part.is_rate:
                _check_rate(part, pieces)
            found.append(pieces)
        return found

    @property
    def parts(self) -> list[Model]:
        """M_k."""
        return [part.model for part, _ in self._resolved]

    @functools.cached_property
    def peak(self) -> Model:
        """Σ_k w_k M_k. The weights have no simple ratios, so that no term of one part cancels one of another."""
        used = {id(part): pieces for part, pieces in self._resolved}
        weights = []
        for k, part in enumerate(self.model.parts):
            pieces = used.get(id(part))
            size = float(part.coefficient is None) if pieces is None else pieces.largest
            weights.append(size * (1 if part.coefficient is None else 1.02 + 0.05 * (k * _GOLDEN % 1)))
        return self.model.weighted(weights)

    def course(self, another: bool = False) -> TimeCourse:
        """The polynomials; `another`: from other points, for a check."""
        used, pieces = {id(part) for part, _ in self._resolved}, [x for _, x in self._resolved]
        if another:
            again = self._pieces(_OTHER_PIECES)
            pieces = [x for part, x in zip(self.model.parts, again, strict=True) if id(part) in used]
        return TimeCourse(self.start, pieces)


def _check_rate(part: Part, pieces: Pieces) -> None:
    """Refuse a rate that is negative at any time."""
    cuts = np.linspace(pieces.edges[:-1], pieces.edges[1:], 33)
    values = pieces(cuts)
    if values.min() < -_NEGATIVE * max(pieces.largest, 1e-300):
        at = cuts.flat[np.argmin(values)]
        raise FiniteNError(
            f"rate: its coefficient {part.coefficient.text} is {values.min():.6g} at t = {at:.6g}; a rate is not "
            "negative at any time."
        )
