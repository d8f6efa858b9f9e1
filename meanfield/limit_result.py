"""What the limit equations give: averages and fluctuations by time, with labels."""

from __future__ import annotations

import dataclasses

import numpy as np
import xarray as xr

from finite_n.errors import FiniteNError, shown
from finite_n.inputs import label_index
from finite_n.species import Mode, Space

_SHOWN = 8  # letters in a repr


@dataclasses.dataclass(repr=False)
class LimitResult:
    """Limit dynamics at T times of n letters: means (T, n), covariance and symplectic (T, n, n), first_moments (T, n)."""

    times: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    first_moments: np.ndarray
    symplectic: np.ndarray
    labels: list[str]
    expect: list[np.ndarray]
    stats: dict
    space: Space

    @property
    def axes(self) -> tuple[str, ...]:
        """Labels of the n letters."""
        return tuple(self.space.labels)

    @property
    def e_data(self) -> dict[str, np.ndarray]:
        """Observables asked for, by label."""
        return dict(zip(self.labels, self.expect, strict=True))

    def mean(self, axis: str) -> np.ndarray:
        """m_axis(t), shape (T,); axis such as "x", "a.x" or "field.phi"."""
        return self.means[:, self._index(axis)]

    def number(self, mode: Mode | str) -> np.ndarray:
        """Number of bosons of order one, ½(Σ_φφ + Σ_ππ − 1) + ½(⟨F_φ⟩² + ⟨F_π⟩²), shape (T,).

        ⟨a†a⟩ → this where the average α = ⟨a⟩/√N is zero; where it is not, ⟨a†a⟩ = N|α|² + O(√N), with α from `mean`.
        """
        owner = self.space.owner(mode.name if isinstance(mode, Mode) else mode)
        if not isinstance(owner, Mode):
            raise FiniteNError(f"number({shown(mode)}): {owner} is no mode; give a Mode or its name.")
        part = self.space.part(owner)
        spread = np.trace(self.covariance[:, part, part], axis1=1, axis2=2)
        return 0.5 * (spread - 1 + (self.first_moments[:, part] ** 2).sum(axis=1))

    def to_xarray(self) -> xr.Dataset:
        """Dataset with dimensions time, axis, axis2, observable."""
        data = {
            "mean": (("time", "axis"), self.means),
            "covariance": (("time", "axis", "axis2"), self.covariance),
            "symplectic": (("time", "axis", "axis2"), self.symplectic),
            "first_moments": (("time", "axis"), self.first_moments),
        }
        if self.labels:
            data["expect"] = (("observable", "time"), np.real(self.expect))
            data["expect_imag"] = (("observable", "time"), np.imag(self.expect))
        axes = list(self.axes)
        coords = {"time": self.times, "axis": axes, "axis2": axes, "observable": self.labels}
        return xr.Dataset(data, coords)

    def _index(self, axis: str) -> int:
        return label_index(axis, self.axes)

    def __repr__(self):
        shown = ", ".join(f"{a} {x:+.8f}" for a, x in list(zip(self.axes, self.means[-1], strict=True))[:_SHOWN])
        rest = " …" if len(self.axes) > _SHOWN else ""
        return (
            f"Limit N → ∞, {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}\n"
            f"  final m      {shown}{rest}\n"
            f"  final diag Σ {', '.join(f'{x:.8f}' for x in np.diag(self.covariance[-1])[:_SHOWN])}{rest}"
        )
