"""Where exp(tL) ends within a sector: its stationary vectors, the limit of a given vector, and how far off these are.

The peripheral modes, Re λ = 0, of a generator that preserves the trace are semisimple and their projection P is bounded
in trace norm; the decaying ones may be defective and nearly parallel. So P comes from ordered Schur forms and Sylvester
equations (`finite_n.eigenmodes.invariant_subspaces`), never from eigenvectors. A perturbation E of L moves P by PES +
SEP, S being the inverse of L on what decays: with ‖E‖ the defect of the Schur form and the rounding of L's coefficients
that is the error stated. All norms here are Frobenius norms.

T. Kato, Perturbation Theory for Linear Operators (1995), §II.2.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from scipy.linalg import inv, schur

from finite_n.eigenmodes.arnoldi import COEFFICIENTS, SlowSubspace, dense_schur, is_small, until_decaying
from finite_n.eigenmodes.invariant_subspaces import Inseparable, decoupling, ordered, schur_eigenvalues, spectral_norm
from finite_n.eigenmodes.sectors import Sector
from finite_n.errors import FiniteNError

_FORGOTTEN = 36.0  # e^{−36} = 2e-16: what is left of modes outside the slow subspace
_BEYOND = 4  # modes known beyond the peripheral ones before a vector is projected
_PROPAGATED = 1e-14  # error of exp(τL)x, of ‖x‖, for every `_ONE_STEP` of τ × scale
_ONE_STEP = 500.0
_FASTER = 3.0  # ‖S‖ of the modes not known, over the norm of the projection and the rate of the last one known


@dataclasses.dataclass
class Limit:
    """lim exp(tL)x: the vector, its error, and what goes on oscillating, with its largest frequency."""

    vector: np.ndarray
    error: float
    oscillating: float
    frequency: float


class LongTime:
    """The peripheral and the slowest decaying modes of a sector.

    Parameters
    ----------
    sector : Sector
    tol : float
        Of residuals, in units of the sector's rate.
    zero : float
        |λ| and |Re λ| up to which a mode is stationary or undamped.

    Attributes: eigenvalues, all those known; zeros, undamped: how many of them are; gap: the smallest decay rate;
    method; propagations.
    """

    def __init__(self, sector: Sector, tol: float, zero: float):
        self.sector, self.tol, self.zero = sector, tol, zero
        self._slow: SlowSubspace | None = None
        self.propagations, self.method = 0, "dense"
        if is_small(sector):
            a, self._t, self._basis = dense_schur(sector)
            self._defect = spectral_norm(a @ self._basis - self._basis @ self._t)
        else:
            self._know(until_decaying(sector, 2 if sector.carries_trace else 1, tol, zero))
        self.eigenvalues = schur_eigenvalues(self._t)
        self.zeros = int(np.sum(np.abs(self.eigenvalues) <= zero))
        self.undamped = int(np.sum(self._peripheral)) - self.zeros
        self.gap = float(-self.eigenvalues.real[~self._peripheral].max(initial=-np.inf))
        if self._complete and self.zeros + self.undamped == 0:  # not needed any more
            self._t = self._basis = None

    @property
    def _peripheral(self) -> np.ndarray:
        return schur_eigenvalues(self._t).real >= -self.zero

    @property
    def _complete(self) -> bool:
        return self._slow is None

    def _know(self, slow: SlowSubspace) -> None:
        self._slow, self.method = slow, slow.method
        self.propagations += slow.propagations
        self._t, z = schur(slow.projected, output="real")
        self._basis, self._defect = slow.basis @ z, slow.defect
        for name in ("_split", "_faster"):
            self.__dict__.pop(name, None)

    @functools.cached_property
    def _split(self):
        """(basis, T) with peripheral modes first, zero ones first of all; their numbers; Y of both cuts; ‖S‖."""
        try:
            t, z, p = ordered(self._t, self._peripheral)
            zero = np.abs(schur_eigenvalues(t[:p, :p])) <= self.zero
            inner, w, stays = ordered(t[:p, :p], zero)
        except Inseparable:
            raise FiniteNError(
                f"stationary state: in the sector «{self.sector.label}» stationary, undamped and decaying modes cannot "
                "be told apart; try another tol, or evolve to a late time."
            ) from None
        y, y_inner = decoupling(t, p), decoupling(inner, stays)
        basis = self._basis @ z
        basis[:, :p] = basis[:, :p] @ w
        y = w.T @ y
        decay, turn = _inverse(t[p:, p:]), _inverse(inner[stays:, stays:])
        return basis, p, stays, y, y_inner, decay, turn

    @functools.cached_property
    def _faster(self) -> float:
        """‖S‖ of the modes that are not known."""
        if self._complete:
            return 0.0
        norm = np.sqrt(np.linalg.eigvalsh(self._slow.gram)[-1])
        return float(_FASTER * max(1.0, norm) / max(-self.eigenvalues.real.min(), 1e-300))

    def _memory(self) -> float:
        """‖S‖."""
        _, _, _, y, y_inner, decay, turn = self._split
        sizes = [decay, y @ decay, turn, y_inner @ turn, turn @ y[len(y) - len(turn) :]]
        return float(np.sqrt(sum(spectral_norm(x) ** 2 for x in sizes))) + self._faster

    @property
    def _perturbation(self) -> float:
        return self._defect + COEFFICIENTS * self.sector.scale

    def stationary(self) -> tuple[np.ndarray, float]:
        """The only zero mode, of trace one, and its error."""
        x = self._split[0][:, 0]
        x = x / (self.sector.trace @ x)
        size = np.linalg.norm(x)
        residual = np.linalg.norm(self.sector.apply(x)) + COEFFICIENTS * self.sector.scale * size
        return x, float(self._memory() * residual)

    def limit(self, x: np.ndarray) -> Limit:
        """Of exp(tL)x for t → ∞."""
        start, error = float(np.linalg.norm(x)), 0.0
        if self.zeros + self.undamped == 0:
            return Limit(np.zeros_like(x), 0.0, 0.0, 0.0)
        if not self._complete:
            known = int(np.sum(self._peripheral)) + _BEYOND
            self._know(until_decaying(self.sector, known, self.tol, self.zero))
            self.eigenvalues = schur_eigenvalues(self._t)
            time = _FORGOTTEN / max(-self.eigenvalues.real.min(), 1e-300)
            x = self.sector.propagate(x, time)
            error += _PROPAGATED * start * max(1.0, time * self.sector.scale / _ONE_STEP)
        basis, p, stays, y, y_inner, decay, turn = self._split
        c = basis.T @ x
        error += float(np.linalg.norm(x - basis @ c))  # P is a contraction
        peripheral = c[:p] - y @ c[p:]
        turning = peripheral[stays:]
        zero = peripheral[:stays] - y_inner @ turning
        vector = basis[:, :stays] @ zero
        faded = decay @ c[p:]
        inverse = np.linalg.norm(faded) + np.linalg.norm(y @ faded)  # ‖Sx‖
        inverse += np.linalg.norm(turn @ turning) * (1 + np.linalg.norm(y_inner))
        inverse += self._faster * start
        error += self._perturbation * float(inverse + self._memory() * np.linalg.norm(vector))
        oscillating = float(np.hypot(np.linalg.norm(y_inner @ turning), np.linalg.norm(turning)))
        undamped = self.eigenvalues[self._peripheral & (np.abs(self.eigenvalues) > self.zero)]
        return Limit(vector, error, oscillating, float(np.abs(undamped.imag).max(initial=0.0)))


def _inverse(matrix: np.ndarray) -> np.ndarray:
    """The inverse in place of one copy."""
    return inv(np.array(matrix, order="F"), overwrite_a=True, check_finite=False)
