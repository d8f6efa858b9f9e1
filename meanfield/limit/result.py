"""Results of the limit equations: averages and fluctuations at all times, with labels."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import label_index, read_directions
from finite_n.model.observed import Observed
from finite_n.model.species import Mode, Space, Species
from finite_n.model.squeezing import squeezing
from finite_n.model.validation import check_size

if TYPE_CHECKING:
    import xarray

_SHOWN = 8  # letters in a repr
_EMPTY = 1e-9  # averages of a mode below this are rounding and the integrator's error


class Labelled(Observed):
    """Averages and covariances by name, of a result with `means` (T, n), `covariance` (T, n, n), `labels`, `expect` and
    `space`."""

    @property
    def axes(self) -> tuple[str, ...]:
        """Labels of the n letters."""
        return tuple(self.space.labels)

    def mean(self, axis: str) -> np.ndarray:
        """m_axis(t), shape (T,); axis such as "x", "a.x" or "field.phi"."""
        return self.means[:, label_index(axis, self.axes)]

    def squeezing(self, species: Species | str | None = None) -> np.ndarray:
        """Wineland's ξ² = N_s min ΔS_⊥² / |⟨S⟩|² of a two-level species, the only one by default, shape (T,), as
        `Result.squeezing`.

        See `finite_n.model.squeezing`.
        """
        return squeezing(self.means, self.covariance, self.space, species)


@dataclasses.dataclass(repr=False)
class LimitResult(Labelled):
    """Limit dynamics at T times of n letters: means (T, n), covariance and symplectic (T, n, n), first_moments (T,
    n); labels of observables, expect: their values, (T,) each; space: of the letters; stats: what the integrator
    did."""

    times: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    first_moments: np.ndarray
    symplectic: np.ndarray
    labels: list[str]
    expect: list[np.ndarray]
    stats: dict
    space: Space

    def characteristic(self, r) -> np.ndarray:
        """⟨e^{i r·F}⟩ = exp(−½ r·Σr) of the fluctuations about their mean, (T,), or (R, T) for rows r (R, n): the limit
        of `finite_n.Result.characteristic`, unless a mode starts in a number state, which is not Gaussian: see
        `fluctuation_map`."""
        r = read_directions(r, self.space)
        return np.exp(-0.5 * np.einsum("...a,tab,...b->...t", r, self.covariance, r))

    def number(self, mode: Mode | str | None = None, N: int | None = None) -> np.ndarray:
        """⟨a†a⟩ of a mode, the only one by default, shape (T,): the limit of `Result.number`.

            ⟨a†a⟩ = N|α|² + √N Re(α* (⟨F_φ⟩ + i⟨F_π⟩)) √2 + ½(Σ_φφ + Σ_ππ − 1) + ½(⟨F_φ⟩² + ⟨F_π⟩²),  α = ⟨a⟩/√N = (m_φ
            + i m_π)/√2.

        If α is zero at all times this does not depend on N and is the limit of the exact number. Otherwise ⟨a†a⟩ is
        extensive: give N. Corrections to α of order 1/N then change the number by order one.

        Raises FiniteNError if the number grows with N and no N is given, or for what is not a mode.
        """
        if mode is None and len(self.space.modes) != 1:
            names = ", ".join(m.name for m in self.space.modes)
            raise FiniteNError(f"number: say which mode: {names}." if names else "number: the model has no modes.")
        owner = self.space.modes[0] if mode is None else self.space.owner(mode.name if isinstance(mode, Mode) else mode)
        if not isinstance(owner, Mode):
            raise FiniteNError(f"number({shown(mode)}): {owner} is not a mode; give a Mode or its name.")
        part = self.space.part(owner)
        m, first = self.means[:, part], self.first_moments[:, part]
        spread = np.trace(self.covariance[:, part, part], axis1=1, axis2=2)
        number = 0.5 * (spread - 1 + (first**2).sum(axis=1))
        if N is not None:
            N = check_size(N)
            return N * (m**2).sum(axis=1) / 2 + np.sqrt(N) * (m * first).sum(axis=1) + number
        if np.abs(m).max() > _EMPTY:
            raise FiniteNError(
                f"number: the mode {owner.name!r} has an amplitude of {np.abs(m).max() / np.sqrt(2):.3g} √N, so ⟨a†a⟩ "
                "grows with N; give number(…, N=…), or take N|α|² from mean."
            )
        return number

    def to_xarray(self) -> xarray.Dataset:
        """Dataset with dimensions time, axis, axis2, observable."""
        import xarray

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
        return xarray.Dataset(data, coords)

    def __repr__(self):
        shown = ", ".join(f"{a} {x:+.8f}" for a, x in list(zip(self.axes, self.means[-1], strict=True))[:_SHOWN])
        rest = " …" if len(self.axes) > _SHOWN else ""
        return (
            f"Limit N → ∞, {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}\n"
            f"  final m      {shown}{rest}\n"
            f"  final diag Σ {', '.join(f'{x:.8f}' for x in np.diag(self.covariance[-1])[:_SHOWN])}{rest}"
        )
