"""Functionals of (z − L)⁻¹x for many z: one rational Krylov space, with a pole where the residual is largest.

The space is spanned by (p₁ − L)⁻¹x, (p₁ − L)⁻²x, …, then by solutions with the residual at the worst z and a pole p₂
next to it, and so on. Each pole takes one sparse LU decomposition. With an orthonormal basis V of it, y(z) = V (z −
V†LV)⁻¹ V†x; the residual x − (z − L)y is known for every z, and the space grows until all are small.

A. Ruhe, Linear Algebra Appl. 58, 391 (1984); poles by the largest residual as in Druskin and Simoncini, Syst. Control
Lett. 60, 546 (2011).
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp
from scipy.linalg import eig, qr
from scipy.sparse.linalg import splu

from finite_n.eigenmodes.fill_in import ORDER
from finite_n.errors import FiniteNError

_FIRST, _FURTHER = 12, 6  # vectors for the first pole and for each further one
_MOST = 400  # vectors
_BESIDE = 0.05  # of the rate: a pole lies to the right of z by as much
_SMALL = 1e-10  # norm of what is left of a vector after projection, relative: nothing new
_LIGHT = 1e-6  # of the largest residue: modes that count
_KNOWN = 1e-11  # residual of a mode, in units of the rate
_REFINED = 6  # poles next to a mode


@dataclasses.dataclass(frozen=True)
class Poles:
    """values (Z, rows); residual: the largest, relative to x; distance: of z from eigenvalues, the smallest; slowest:
    the eigenvalue with the largest real part of those that matter, nan if none is known; vectors, decompositions."""

    values: np.ndarray
    residual: float
    distance: float
    slowest: complex
    vectors: int
    decompositions: int


class Resolvent:
    """matrix L (n, n), x (n,), rows (r, n); rate: a typical decay rate; without: orthonormal rows t with tL = 0 and
    tx = 0, (k, n), so that t (z − L)⁻¹x = 0: what rounding brings of it is taken out, which is all there is at z = 0.
    """

    def __init__(self, matrix: sp.csr_array, x: np.ndarray, rows: np.ndarray, rate: float, without=None):
        self.matrix, self.rows = sp.csc_array(matrix), np.asarray(rows)
        self._without = sp.csr_array((0, len(x))) if without is None else without
        self.x = self._within(np.asarray(x))
        self.rate, self.size = rate, float(np.linalg.norm(x))
        n = len(x)
        self._basis, self._images = np.zeros((n, 0), complex), np.zeros((n, 0), complex)
        self._one, self.decompositions = sp.eye_array(n, format="csc"), 0

    def at(self, z: np.ndarray, tol: float) -> Poles:
        """Solutions for all z with residuals of at most tol ‖x‖."""
        z = np.asarray(z, dtype=complex)
        if self.size == 0:
            return Poles(np.zeros((len(z), len(self.rows)), complex), 0.0, np.inf, complex(np.nan), 0, 0)
        if self._basis.shape[1] == 0:
            self._extend(complex(self.rate), self.x, _FIRST)
        while True:
            y, residuals = self._solved(z)
            worst = int(np.argmax(residuals))
            full = self._basis.shape[1] >= len(self.x) - self._without.shape[0]
            if residuals[worst] <= tol * self.size or full:
                break
            if self._basis.shape[1] >= _MOST:
                raise FiniteNError(
                    f"spectrum: after {_MOST} vectors the residual at ω = {z[worst].imag:.6g} is still "
                    f"{residuals[worst] / self.size:.1e}; ask for fewer frequencies at a time."
                )
            rest = self.x - z[worst] * (self._basis @ y[:, worst]) + self._images @ y[:, worst]
            if not self._extend(z[worst] + _BESIDE * self.rate, rest, _FURTHER):
                break
        values, slowest = (self.rows @ self._basis) @ y, self._slowest()
        theta = np.linalg.eigvals(self._projected)
        distance = float(np.abs(z[:, None] - theta).min())
        vectors = self._basis.shape[1]
        return Poles(values.T, residuals[worst] / self.size, distance, slowest, vectors, self.decompositions)

    @property
    def _projected(self) -> np.ndarray:
        return self._basis.conj().T @ self._images

    def _within(self, v: np.ndarray) -> np.ndarray:
        return v - self._without.T @ (self._without @ v)

    def _extend(self, pole: complex, v: np.ndarray, count: int) -> bool:
        """More vectors (pole − L)⁻¹v, (pole − L)⁻²v, …; False if there is nothing new."""
        p = pole.real if pole.imag == 0 else pole
        lu, new = splu(sp.csc_matrix(p * self._one - self.matrix), **ORDER), False
        self.decompositions += 1
        of_complex = np.iscomplexobj(p) or np.iscomplexobj(self.matrix)
        for _ in range(count):
            v = lu.solve(v.astype(complex)) if of_complex else lu.solve(np.real(v)) + 1j * lu.solve(np.imag(v))
            size = np.linalg.norm(v)
            for _ in range(2):
                v = self._within(v)
                v = v - self._basis @ (self._basis.conj().T @ v)
            if not np.linalg.norm(v) > _SMALL * size:
                break
            v, new = v / np.linalg.norm(v), True
            self._basis = np.column_stack([self._basis, v])
            self._images = np.column_stack([self._images, self.matrix @ v])
        return new

    def _solved(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients y (vectors, Z) and norms of residuals (Z,)."""
        m = self._basis.shape[1]
        shifted = z[:, None, None] * np.eye(m) - self._projected
        right = self._basis.conj().T @ self.x
        y = np.linalg.solve(shifted, np.broadcast_to(right[:, None], (len(z), m, 1)))[:, :, 0].T
        # in coordinates of an orthonormal basis of x, V and LV, in which norms lose no digits
        r = qr(np.column_stack([self.x, self._basis, self._images]), mode="r")[0][: 2 * m + 1]
        return y, np.linalg.norm(r @ np.concatenate([np.ones((1, len(z))), -z * y, y]), axis=0)

    def _slowest(self) -> complex:
        """The eigenvalue with the largest real part among modes that the functionals see."""
        for _ in range(_REFINED):
            theta, left, right = eig(self._projected, left=True)
            overlap = np.sum(left.conj() * right, axis=0)
            weight = left.conj().T @ (self._basis.conj().T @ self.x) / np.where(overlap == 0, 1.0, overlap)
            residues = np.abs((self.rows @ self._basis) @ right).max(axis=0) * np.abs(weight)
            seen = np.flatnonzero(residues > _LIGHT * residues.max())
            at = seen[np.argmax(theta.real[seen])]
            u = right[:, at]
            rest = self._images @ u - theta[at] * (self._basis @ u)
            if np.linalg.norm(rest) <= _KNOWN * self.rate:
                return complex(theta[at])
            if not self._extend(theta[at] + 1e-3 * self.rate, self._basis @ u, 2):
                return complex(theta[at])
        return complex(np.nan)
