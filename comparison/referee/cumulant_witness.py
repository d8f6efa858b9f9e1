"""The second witness at sizes where the expansion in 1/N has not begun to converge: a cumulant expansion at finite N,
which contains its terms and sums higher ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from comparison.referee.theories import FourthOrder, ThirdOrder
from comparison.referee.witnesses import Closed
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.states.initial_state import InitialState
from finite_n.states.mode import Field

MOST_LETTERS = 9  # to third order; deriving the equations takes a second at most
MOST_TO_FOURTH, MOST_WITH_RATES = 8, 5  # letters to fourth order, the latter where a Γ has no end of derivatives
_RTOL = 1e-4, 1e-12, 1e-8  # of its integration: in units of the accuracy asked for, at least and at most
_LEAVES = 10.0  # tolerances by which the end of an integration may be off: up to 3 seen where nothing grows
FAR = 10**12  # particles of which nothing but the limit is left
_ALIKE = 1e-6  # of two limits, relative to those above 1: what integrating leaves is far below


class CumulantWitness:
    """The quantities of a study by `Cumulants` of third order, whose errors fall as those of the derived expansion,
    N^−3 and N^−2 for covariances, or of fourth order, N^−4 and N^−3, where its equations are few enough.

    Parameters
    ----------
    model : Model
    rho0 : its initial state
    e_ops : observables, optional
    times : (T,)
    quantities : names, (Q,)
    accuracy : to which verdicts are wanted; it is integrated to 1e-4 of that

    ahead : powers of 1/N by which its errors fall faster than those of the derived expansion, 0 or 1
    rtol : relative tolerance to which it is integrated

    There is none for models with more than nine letters, for fields that begin in a number state, whose fourth cumulant
    it leaves out, and for a Γ without a Taylor series.
    """

    def __init__(
        self,
        model: Model,
        rho0: InitialState,
        e_ops: Mapping[str, Polynomial] | None,
        times: np.ndarray,
        quantities: Sequence[str],
        accuracy: float,
    ):
        self.times, self.quantities, self.unit = times, list(quantities), model.space.unit
        self.theory, self.ahead = None, 0
        self.rtol = float(np.clip(_RTOL[0] * accuracy, *_RTOL[1:]))
        numbers = (part.number for part in rho0.parts.values() if isinstance(part, Field))
        if model.space.size <= MOST_LETTERS and not any(numbers):
            degrees = [j.amplitude.degree for part in model.parts for j in part.model.jumps]
            endless = any(degree is None or degree > 1 for degree in degrees)
            self.ahead = int(model.space.size <= (MOST_WITH_RATES if endless else MOST_TO_FOURTH))
            self.theory = (ThirdOrder, FourthOrder)[self.ahead](model, rho0, e_ops, self.rtol)
        self._known: dict[int, np.ndarray] = {}

    def at(self, sizes: Sequence[int], limit: np.ndarray) -> Closed | None:
        """What it says at these sizes, nan where the equations diverge, of quantities that they do not have, and where
        their own limit is not that of the derived expansion, (T, Q); None if there are no equations."""
        if self.theory is None:
            return None
        try:
            *values, own_limit = self._values([*sizes, self.unit * FAR])
        except FiniteNError:  # a Γ that cannot be expanded
            self.theory = None
            return None
        alike = np.abs(own_limit - limit) <= _ALIKE * np.maximum(1.0, np.abs(limit))
        return Closed(np.where(alike, values, np.nan), _LEAVES * self.rtol, self.ahead)

    def _values(self, sizes: Sequence[int]) -> list[np.ndarray]:
        """(T, Q) at each of these sizes, found once."""
        unknown = np.full(len(self.times), np.nan)
        if new := [N for N in sizes if N not in self._known]:
            for N, found in zip(new, self.theory.each(self.times, new), strict=True):
                self._known[N] = np.stack([found.get(q, unknown) for q in self.quantities], axis=1)
        return [self._known[N] for N in sizes]
