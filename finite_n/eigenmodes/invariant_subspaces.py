"""Invariant subspaces of small real matrices: what belongs to which eigenvalues, and how far off computed eigenvalues
are.

Real Schur forms throughout, since eigenvectors of defective matrices are no basis. The part of a vector that belongs to
some of the eigenvalues is split off by a Sylvester equation: with T = [[A, C], [0, B]] and AY − YB = −C, T is block
diagonal in the columns of [[1, Y], [0, 1]]. Eigenvalues are as uncertain as perturbations of norm η make them: κη with
the condition κ = 1/|yᴴx| where they stand alone; else the radius of a circle on which the smallest singular value of z
− T stays above η, so that no eigenvalue crosses it (a double defective eigenvalue moves by about η^(1/2)).

G. H. Golub, C. F. Van Loan, Matrix Computations (2013), §7.2, §7.6; L. N. Trefethen, M. Embree, Spectra and
Pseudospectra (2005), §2, §52.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, eig, lapack, schur, solve_triangular

EPS = float(np.finfo(float).eps)
_ALONE = 20.0  # times κη apart, first order suffices
_POINTS = 12  # of a circle
_STEPS = 3  # of inverse iteration for the smallest singular value
_DOUBLINGS = 60
_DEFECTIVE = 30.0  # times as far as a semisimple multiple eigenvalue would move


class Inseparable(ArithmeticError):
    """Eigenvalues lie too close to be parted."""


def schur_eigenvalues(t: np.ndarray) -> np.ndarray:
    """Eigenvalues of a real Schur form, in the order of its diagonal."""
    values = np.diag(t).astype(complex)
    i = np.flatnonzero(np.diag(t, -1))
    turning = np.sqrt(np.abs(t[i, i + 1] * t[i + 1, i]))
    values[i] += 1j * turning
    values[i + 1] -= 1j * turning
    return values


def ordered(t: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """(T', Z, p) with T = Z T' Zᵀ and the p eigenvalues `chosen` (mask over the diagonal) first.

    Raises Inseparable if they are too close to others to be moved.
    """
    n = len(t)
    i = np.flatnonzero(np.diag(t, -1))
    chosen = np.array(chosen, dtype=bool)
    chosen[i] = chosen[i + 1] = chosen[i] | chosen[i + 1]  # a pair is not parted
    if not n or chosen.all() or not chosen.any():
        return t, np.eye(n), int(chosen.sum())
    out, z, _, _, p, _, _, info = lapack.dtrsen(chosen.astype(np.int32), t, np.eye(n), job=b"N")
    if info != 0:
        raise Inseparable
    return out, z, int(p)


def decoupling(t: np.ndarray, p: int) -> np.ndarray:
    """Y (p, n − p): the first p coordinates and the others evolve apart in c₁ − Y c₂ and c₂."""
    if p == 0 or p == len(t):
        return np.zeros((p, len(t) - p))
    y, scale, _ = lapack.dtrsyl(t[:p, :p], t[p:, p:], -t[:p, p:], isgn=-1)
    return y / scale


def spectral_norm(matrix: np.ndarray) -> float:
    """‖A‖₂ to some per cent."""
    if min(matrix.shape) == 0:
        return 0.0
    if min(matrix.shape) <= 32:
        return float(np.linalg.norm(matrix, 2))
    x, size = np.random.default_rng(2).standard_normal(matrix.shape[1]), 0.0
    for _ in range(12):
        x = matrix.T @ (matrix @ (x / np.linalg.norm(x)))
        size = np.sqrt(np.linalg.norm(x))
        if size == 0:
            break
    return float(1.1 * size)


def eigen(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalues, right and left eigenvectors (columns of norm one) of a small real matrix through its Schur form.

    LAPACK balances before it looks for eigenvectors, which spoils half of the digits of a matrix that is triangular but
    for rounding, as projections onto slow modes are.
    """
    if not len(matrix):
        return np.zeros(0, complex), np.zeros((0, 0), complex), np.zeros((0, 0), complex)
    t, z = schur(matrix, output="real")
    values, left, right = eig(t, left=True, right=True, check_finite=False)
    return values, z @ right, z @ left


class Accuracy:
    """How far eigenvalues of a larger matrix lie from those of a projection T = QᵀLQ onto an invariant subspace.

    Parameters
    ----------
    projected : array (m, m)
    gram : array (m, m)
        BBᵀ of the projection B = [1, −Y] from the whole space onto the coordinates of the subspace, along the other
        one.
    eta : float
        Norm of the perturbation of L of which T is the exact projection.
    """

    def __init__(self, projected: np.ndarray, gram: np.ndarray, eta: float):
        self.eta = max(eta, 1e-300)
        self.values, right, left = eigen(projected)
        overlap = np.abs(np.sum(left.conj() * right, axis=0))
        outside = np.sqrt(np.maximum(np.real(np.sum(left.conj() * (gram @ left), axis=0)), 1.0))
        with np.errstate(divide="ignore"):
            self.conditions = outside / overlap
        self._inner_eta = self.eta * np.sqrt(max(1.0, float(np.linalg.eigvalsh(gram)[-1]))) if len(gram) else self.eta
        self._real = schur(projected, output="real")[0] if len(projected) else projected
        self._triangle = schur(projected, output="complex")[0] if len(projected) else projected
        self._circles: list[tuple[complex, float, bool]] = []

    def of(self, j: int) -> tuple[float, float, int, bool]:
        """(condition, error, eigenvalues within it, whether they are defective) of eigenvalue j."""
        x, condition = self.values[j], float(self.conditions[j])
        first = condition * self.eta
        others = np.abs(np.delete(self.values, j) - x)
        if _ALONE * first <= others.min(initial=np.inf) and np.isfinite(first):
            return condition, 2 * first, 1, False
        for centre, radius, defective in self._circles:
            if abs(x - centre) <= radius / 2:
                return condition, radius + abs(x - centre), self._within(centre, radius), defective
        radius = self._radius(x)
        count = self._within(x, radius)
        defective = count > 1 and radius > _DEFECTIVE * self._inner_eta * self._projection(x, radius)
        self._circles.append((x, radius, defective))
        return condition, radius, count, defective

    def _within(self, centre: complex, radius: float) -> int:
        return int(np.sum(np.abs(self.values - centre) <= radius))

    def _radius(self, x: complex) -> float:
        """Of a circle about x that no eigenvalue crosses."""
        circle = np.exp(2j * np.pi * (np.arange(_POINTS) + 0.5) / _POINTS)
        radius = 2 * self._inner_eta
        for _ in range(_DOUBLINGS):
            if all(_distance_to_singular(self._triangle, z) > 2 * self._inner_eta for z in x + radius * circle):
                break
            radius *= 2
        return float(radius)

    def _projection(self, x: complex, radius: float) -> float:
        """Norm of the projection onto what lies within the circle, from within the subspace."""
        values = schur_eigenvalues(self._real)
        inside = (np.abs(values - x) <= radius) | (np.abs(values - np.conj(x)) <= radius)
        try:
            t, _, p = ordered(self._real, inside)
        except Inseparable:
            return 1e3
        return float(np.hypot(1.0, spectral_norm(decoupling(t, p))))


def _distance_to_singular(triangle: np.ndarray, z: complex) -> float:
    """Smallest singular value of z − T, T upper triangular, by inverse iteration."""
    a = z * np.eye(len(triangle)) - triangle
    x = np.random.default_rng(3).standard_normal(len(a)) + 0j
    size = np.inf
    try:
        for _ in range(_STEPS):
            x = solve_triangular(a, solve_triangular(a, x, check_finite=False), trans="C", check_finite=False)
            size = np.linalg.norm(x)
            if not 0 < size < np.inf:
                return 0.0
            x = x / size
    except LinAlgError:
        return 0.0
    return float(1 / np.sqrt(size))
