"""The N → ∞ limits of a model: drift of the averages and Gaussian dynamics of the fluctuations.

ṁ = f(m),  Σ̇ = QΣ + ΣQᵀ + 𝒟,  ⟨Ḟ⟩ = Q⟨F⟩,  Q = ∂f/∂m at m(t),

with F_a = √N (m(σ_a) − ⟨m(σ_a)⟩), Σ_ab = ½⟨{F_a, F_b}⟩ and σ_ab = −i⟨[F_a, F_b]⟩ = 2 ε_abc m_c.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import xarray as xr
from scipy.integrate import solve_ivp

from finite_n.basis import AXES
from finite_n.errors import FiniteNError
from finite_n.inputs import axis_index, check_times, read_observables
from finite_n.model import Model
from finite_n.states import as_state
from meanfield.one_particle import COMMUTATORS, pieces, with_one

RTOL, ATOL = 1e-12, 1e-13  # of the limit's twenty-one equations: far below any extrapolation error


@dataclasses.dataclass(frozen=True)
class Coefficient:
    """One coefficient of the limit equations: an entry of a drift piece or of a noise piece."""

    kind: str  # "drift" or "noise"
    piece: str
    row: int
    column: int

    def __str__(self):
        columns = ("1", *AXES) if self.kind == "drift" else AXES
        return f"{self.kind}, {self.piece}, {AXES[self.row]} {columns[self.column]}"


class Limit:
    """Mean-field and Gaussian limit of a model.

    Parameters
    ----------
    model : Model
    planted : mapping of Coefficient to a relative error, optional
        Multiplies coefficients by 1 + ε: a deliberately wrong limit, for testing the referee's power.

    Methods take m = (⟨σx⟩, ⟨σy⟩, ⟨σz⟩), shape (3,).
    """

    def __init__(self, model: Model, planted: Mapping[Coefficient, float] | None = None):
        if not isinstance(model, Model):
            raise FiniteNError(f"limit: got {model!r}; give a finite_n.Model.")
        self.model = model
        self._drift, self._noise = pieces(model)
        self._drift_weight = {p.name: np.ones((3, 4)) for p in self._drift}
        self._noise_weight = {p.name: np.ones((3, 3)) for p in self._noise}
        for c, error in (planted or {}).items():
            if c.kind == "drift":
                self._drift_weight[c.piece][c.row, c.column] += error
            else:
                for a, b in {(c.row, c.column), (c.column, c.row)}:
                    self._noise_weight[c.piece][a, b] += error

    def drift(self, m) -> np.ndarray:
        """f(m) with ṁ = f(m), shape (3,)."""
        one = with_one(np.asarray(m, dtype=float))
        return sum(((self._drift_weight[p.name] * p.matrix(one[1:])) @ one for p in self._drift), np.zeros(3))

    def jacobian(self, m) -> np.ndarray:
        """Q = ∂f/∂m, shape (3, 3), including the derivative of the rates."""
        one = with_one(np.asarray(m, dtype=float))
        total = np.zeros((3, 3))
        for p in self._drift:
            w = self._drift_weight[p.name]
            total += np.einsum("xb,xbc,b->xc", w, p.derivative(one[1:]), one) + (w * p.matrix(one[1:]))[:, 1:]
        return total

    def diffusion(self, m) -> np.ndarray:
        """𝒟(m), shape (3, 3), symmetric."""
        m = np.asarray(m, dtype=float)
        return sum((self._noise_weight[p.name] * p.matrix(m) for p in self._noise), np.zeros((3, 3)))

    def symplectic(self, m) -> np.ndarray:
        """σ_ab = −i⟨[F_a, F_b]⟩, shape (3, 3), antisymmetric."""
        return np.real(-1j * np.einsum("abc,c->ab", COMMUTATORS[1:, 1:], with_one(np.asarray(m, dtype=float))))

    def coefficients(self, m, floor: float = 1e-12) -> list[Coefficient]:
        """Coefficients that are not zero at any of the points m, shape (3,) or (T, 3)."""
        points = np.atleast_2d(m)
        found = []
        for kind, parts in (("drift", self._drift), ("noise", self._noise)):
            for p in parts:
                size = np.max([np.abs(p.matrix(x)) for x in points], axis=0)
                found += [
                    Coefficient(kind, p.name, int(a), int(b))
                    for a, b in np.argwhere(size > floor)
                    if kind == "drift" or a <= b
                ]
        return found

    def evolve(self, rho0, tlist, e_ops=None, first_moments=None) -> LimitResult:
        """Averages and fluctuations from a clustering initial state.

        Parameters
        ----------
        rho0 : State, Bloch vector or one-particle state
            Must have a limit: product, coherent, or thermal of a linear Hamiltonian.
        tlist : array, shape (T,)
        e_ops : dict or list of Polynomial, optional
            Evaluated with commuting averages.
        first_moments : array, shape (3,), optional
            ⟨F⟩ at the first time. Default 0.
        """
        times = check_times(tlist)
        labels, polynomials = read_observables(e_ops)
        m, covariance = as_state(rho0).limit()
        s = np.zeros(3) if first_moments is None else np.asarray(first_moments, dtype=float)
        if s.shape != (3,) or not np.all(np.isfinite(s)):
            raise FiniteNError(f"limit: first_moments = {first_moments!r}; give three finite numbers.")
        start = np.concatenate([m, covariance.ravel(), s])

        def rhs(_, y):
            m, sigma = y[:3], y[3:12].reshape(3, 3)
            q = self.jacobian(m)
            flow = q @ sigma
            return np.concatenate([self.drift(m), (flow + flow.T + self.diffusion(m)).ravel(), q @ y[12:]])

        try:
            solution = solve_ivp(rhs, (times[0], times[-1]), start, method="DOP853", t_eval=times, rtol=RTOL, atol=ATOL)
        except FiniteNError as error:
            raise FiniteNError(f"limit: the averages left the range of the model; {error}") from None
        if not solution.success:
            raise FiniteNError(f"limit: the integrator stopped with «{solution.message}»; try earlier times.")
        y = solution.y.T
        return LimitResult(
            times=times,
            means=y[:, :3],
            covariance=y[:, 3:12].reshape(-1, 3, 3),
            first_moments=y[:, 12:],
            symplectic=np.array([self.symplectic(m) for m in y[:, :3]]),
            labels=labels,
            expect=[np.array([p.value(m) for m in y[:, :3]]) for p in polynomials],
            stats={"method": "DOP853", "evaluations": solution.nfev, "rtol": RTOL, "atol": ATOL},
        )

    def __repr__(self):
        return f"Limit of {self.model!r}: {len(self._drift)} drift and {len(self._noise)} noise pieces"


@dataclasses.dataclass(repr=False)
class LimitResult:
    """Limit dynamics at T times: means (T, 3), covariance (T, 3, 3), first_moments (T, 3), symplectic (T, 3, 3)."""

    times: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    first_moments: np.ndarray
    symplectic: np.ndarray
    labels: list[str]
    expect: list[np.ndarray]
    stats: dict

    @property
    def e_data(self) -> dict[str, np.ndarray]:
        """Observables asked for, by label."""
        return dict(zip(self.labels, self.expect, strict=True))

    def mean(self, axis: str) -> np.ndarray:
        """m_axis(t), shape (T,)."""
        return self.means[:, axis_index(axis)]

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
        coords = {"time": self.times, "axis": list(AXES), "axis2": list(AXES), "observable": self.labels}
        return xr.Dataset(data, coords)

    def __repr__(self):
        final = ", ".join(f"{a} {x:+.8f}" for a, x in zip(AXES, self.means[-1], strict=True))
        return (
            f"Limit N → ∞, {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}\n"
            f"  final m      {final}\n"
            f"  final diag Σ {', '.join(f'{x:.8f}' for x in np.diag(self.covariance[-1]))}"
        )
