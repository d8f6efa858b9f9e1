"""Averages, covariances and observables as series in N^−½, with values at any N."""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.model.inputs import label_index
from finite_n.model.species import Space
from finite_n.model.validation import check_size


@dataclasses.dataclass(repr=False)
class Expansion:
    """Series in ε = N^−½ at T times for n letters; odd powers vanish unless fluctuations start with a mean value.

    times : (T,)
    means : (K + 1, T, n), coefficients of ε^0 … ε^K in the averages ⟨m_a⟩
    covariances : (K − 1, T, n, n), coefficients of ε^0 … ε^(K−2) in Σ_ab = ½⟨{F_a, F_b}⟩
    labels : of the observables
    expect : (observables, K + 1, T), complex
    space : letters of the model
    stats : evaluations and unknowns of the integration
    """

    times: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    labels: list[str]
    expect: np.ndarray
    space: Space
    stats: dict

    @property
    def axes(self) -> tuple[str, ...]:
        """Labels of the n letters."""
        return tuple(self.space.labels)

    @property
    def c1(self) -> np.ndarray:
        """Coefficient of 1/N in the averages, shape (T, n)."""
        return self.means[2]

    @property
    def c2(self) -> np.ndarray | None:
        """Coefficient of 1/N² in the averages, shape (T, n); None where it is not derived."""
        return self.means[4] if len(self.means) > 4 else None

    @property
    def C1(self) -> np.ndarray | None:
        """Coefficient of 1/N in the covariances, shape (T, n, n); None where it is not derived."""
        return self.covariances[2] if len(self.covariances) > 2 else None

    def mean(self, axis: str, N: int | None = None) -> np.ndarray:
        """The series of ⟨m_a⟩ of the letter `axis` at N, or its limit, shape (T,)."""
        return self._at(self.means, N)[:, label_index(axis, self.axes)]

    def covariance(self, N: int | None = None) -> np.ndarray:
        """The series of Σ at N, or its limit, shape (T, n, n)."""
        return self._at(self.covariances, N)

    def observable(self, label: str, N: int | None = None) -> np.ndarray:
        """The series of the observable `label` at N, or its limit, shape (T,), complex."""
        return self._at(self.expect[label_index(label, self.labels)], N)

    @staticmethod
    def _at(series: np.ndarray, N: int | None) -> np.ndarray:
        return series[0] if N is None else np.tensordot(check_size(N) ** (-0.5 * np.arange(len(series))), series, 1)

    def __repr__(self):
        shown = list(zip(self.axes, self.means[0, -1], self.c1[-1], strict=True))[:8]
        rest = " …" if len(self.axes) > 8 else ""
        return f"Expansion in 1/N, {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}\n  final " + (
            ", ".join(f"{a} {m:+.6f} {c:+.4g}/N" for a, m, c in shown) + rest
        )
