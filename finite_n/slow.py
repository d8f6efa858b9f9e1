"""The slowest modes of a sector: an orthonormal real basis of the invariant subspace that decays last.

Small sectors: an ordered real Schur form. Others: Arnoldi's method (ARPACK) for E = exp(τL), whose largest eigenvalues
e^{τλ} are those with the largest Re λ, so that no factorisation is needed. λ itself comes from the projection QᵀLQ, since a
logarithm would not tell λ from λ + 2πi/τ. Arnoldi's method can miss copies of a degenerate eigenvalue; so what was found is
deflated, (1 − QQᵀ)E(1 − QQᵀ), and searched again until nothing slower than the slowest accepted mode turns up.

R. B. Lehoucq, D. C. Sorensen, C. Yang, ARPACK Users' Guide (SIAM 1998); Y. Saad, Numerical Methods for Large Eigenvalue
Problems (SIAM 2011), §4.2 on deflation with Schur vectors.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import schur
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

from finite_n.errors import FiniteNError
from finite_n.sectors import Sector

_ROUNDING = 3e-15  # of the largest rate or frequency: no residual is smaller
DENSE = 500  # numbers up to which the dense Schur form is the faster method
BASIS = 16  # Arnoldi vectors besides two for every mode wanted
_RESTARTS = 12
_ROUNDS = 30
_EXTRA = 2  # modes looked for in the search for what was missed
_CLOSE = 1e-6  # relative difference of moduli that counts as equal
_REFINEMENTS = 6
_GENTLE = 0.1  # e^{τ Re λ} of the last mode in refinements
# e^{τ Re λ} of the last mode wanted: below the first, τ is made such that it is the second
_FASTEST, _WANTED = 1e-5, 1e-2


@dataclasses.dataclass
class SlowSubspace:
    """Invariant subspace of a sector.

    basis (size, m): orthonormal real columns Q; projected (m, m): QᵀLQ; eigenvalues (m,): by falling real part;
    vectors (m, m): eigenvectors of `projected` as columns; residuals (m,): ‖Lv − λv‖/‖v‖; propagations: of E; method.
    """

    basis: np.ndarray
    projected: np.ndarray
    eigenvalues: np.ndarray
    vectors: np.ndarray
    residuals: np.ndarray
    propagations: int
    method: str

    def mode(self, j: int) -> np.ndarray:
        """Eigenvector j in the sector, of norm one."""
        return self.basis @ self.vectors[:, j]


def slow_subspace(sector: Sector, k: int, tol: float) -> SlowSubspace:
    """At least the k modes of `sector` with the largest real parts (all, if there are fewer).

    A pair of complex conjugates is never parted. Residuals are at most tol × sector.rate, or what rounding
    of the largest rates and frequencies leaves.

    Raises FiniteNError if that is not reached.
    """
    k = min(k, sector.size)
    found = _dense(sector, k) if sector.size <= DENSE else _Search(sector, k, tol).run()
    worst = found.residuals[:k].max(initial=0)
    if not worst <= max(tol * sector.rate, _ROUNDING * sector.scale):
        raise FiniteNError(
            f"spectrum: in the sector «{sector.label}» the residual {worst:.1e} of a mode stays above the {tol * sector.rate:.1e} "
            f"that tol = {tol:g} allows; try tol = {3 * worst / sector.rate:.0e} or fewer modes."
        )
    return found


def bytes_of(size: float, k: int) -> float:
    """Memory of the search: Arnoldi basis, complex eigenvectors, basis and its image, and vectors on the way."""
    return 8.0 * size * ((BASIS + 2 * k) + 2 * (k + 2) + 2 * (2 * k + 8) + 16)


def eigen(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of a small real matrix through its Schur form.

    LAPACK balances before it looks for eigenvectors, which spoils half of the digits of a matrix that is triangular but for
    rounding, as projections onto slow modes are.
    """
    t, z = schur(matrix, output="real")
    values, vectors = np.linalg.eig(t)
    return values, z @ vectors


def _dense(sector: Sector, k: int) -> SlowSubspace:
    matrix = sector.matrix()
    a = np.array([sector.apply(e) for e in np.eye(sector.size)]).T if matrix is None else matrix.toarray()
    t, q = schur(a, output="real")
    real = np.sort(np.linalg.eigvals(t).real)[::-1]
    scale = np.abs(a).max(initial=0)
    m = k
    while m < len(real) and real[m - 1] - real[m] <= 1e-10 * scale:  # the cut must not part a pair or a multiplet
        m += 1
    if m < len(real):
        cut = (real[m - 1] + real[m]) / 2
        t, inner, m = schur(t, output="real", sort=lambda x, y=0.0: x > cut)
        q = q @ inner
    return _subspace(sector, q[:, :m], 0, "dense", t[:m, :m])


class _Search:
    """Arnoldi with E = exp(τL), locking and deflation."""

    def __init__(self, sector: Sector, k: int, tol: float):
        self.sector, self.k, self.tol = sector, k, tol
        self.tau = 1.0 / sector.rate
        self.count = 0
        self.random = np.random.default_rng(1)
        self.basis = np.zeros((sector.size, 0))

    def run(self) -> SlowSubspace:
        complete = False
        for _ in range(_ROUNDS):
            wanted = self.k - self.basis.shape[1]
            fresh = self.arnoldi(wanted if wanted > 0 else _EXTRA, 1e-12 if wanted > 0 else 1e-6)
            if fresh is None:
                self.tau *= 3.0  # the modes decay too little within τ to be told apart
                continue
            moduli, vectors = fresh
            if wanted <= 0:
                kept = self.modulus(self.slowness())
                if not np.any(moduli > (kept * (1 + _CLOSE) if kept < 1 - _CLOSE else 1 - _CLOSE)):
                    complete = True
                    break
            self.lock(vectors)
            if self.basis.shape[1] >= self.k and self.modulus(slowness := self.slowness()) < _FASTEST:
                self.tau = -np.log(_WANTED) / slowness  # the last modes were lost in rounding: again with a shorter τ
                self.basis = self.basis[:, :0]
        if not complete:
            raise FiniteNError(
                f"spectrum: the search in the sector «{self.sector.label}» did not settle; "
                f"{self.basis.shape[1]} modes were found after {self.count} propagations; try another number of modes."
            )
        return self.refined()

    def propagate(self, x: np.ndarray) -> np.ndarray:
        self.count += 1
        return self.sector.propagate(x, self.tau)

    def deflate(self, x: np.ndarray) -> np.ndarray:
        return x - self.basis @ (self.basis.T @ x)

    def slowness(self) -> float:
        """−Re λ of the k-th mode found."""
        return -float(np.sort(eigen(self.ritz())[0].real)[::-1][self.k - 1])

    def modulus(self, slowness: float) -> float:
        """|e^{τλ}|."""
        return float(np.exp(-self.tau * slowness))

    def ritz(self) -> np.ndarray:
        return self.basis.T @ np.array([self.sector.apply(q) for q in self.basis.T]).T

    def arnoldi(self, wanted: int, accuracy: float):
        """(moduli, vectors) of the largest eigenvalues of the deflated E; None if none converged."""
        n = self.sector.size
        wanted = min(wanted, n - 3)
        operator = LinearOperator((n, n), lambda x: self.deflate(self.propagate(self.deflate(x.ravel()))), dtype=float)
        start = self.deflate(self.random.standard_normal(n))
        try:
            values, vectors = eigs(
                operator, wanted, ncv=min(n - 1, 2 * wanted + BASIS), v0=start, tol=accuracy, maxiter=_RESTARTS
            )
        except ArpackNoConvergence as stopped:
            values, vectors = stopped.eigenvalues, stopped.eigenvectors
        return (np.abs(values), vectors) if len(values) else None

    def lock(self, vectors: np.ndarray) -> None:
        """Add the real span of complex vectors to the basis."""
        for v in vectors.T:
            v = v * np.exp(-1j * np.angle(v[np.argmax(np.abs(v))]))
            for x in (v.real, v.imag):
                size = np.linalg.norm(x)
                if size < 1e-7:
                    continue
                x = self.deflate(self.deflate(x / size))
                if np.linalg.norm(x) > 1e-5:
                    x = self.deflate(x / np.linalg.norm(x))
                    self.basis = np.column_stack([self.basis, x / np.linalg.norm(x)])

    def refined(self) -> SlowSubspace:
        """Subspace iteration, which damps what is left of faster modes, until the residuals are small.

        With a shorter τ, since rounding is amplified by the decay of the last mode; in the order of a Schur form, so that slower modes
        are not spoilt by faster ones.
        """
        best = _subspace(self.sector, self.basis, self.count, "Arnoldi on exp(τL)")
        self.tau = min(self.tau, -np.log(_GENTLE) / max(self.slowness(), 1e-300))
        for _ in range(_REFINEMENTS):
            if best.residuals[: self.k].max() <= 0.1 * max(self.tol * self.sector.rate, _ROUNDING * self.sector.scale):
                break
            ordered = best.basis @ np.linalg.qr(best.vectors @ _pairs_real(best.eigenvalues))[0].real
            image = np.array([self.propagate(q) for q in ordered.T]).T
            new = _subspace(self.sector, np.linalg.qr(image)[0], self.count, best.method)
            if not new.residuals[: self.k].max() < best.residuals[: self.k].max():
                break
            best = new
        return best


def _pairs_real(values: np.ndarray) -> np.ndarray:
    """The unitary matrix that turns neighbouring eigenvectors v, v* into √2 Re v, √2 Im v."""
    out = np.eye(len(values), dtype=complex)
    for j in np.flatnonzero(values.imag > 0):
        out[j : j + 2, j : j + 2] = np.array([[1, -1j], [1, 1j]]) / np.sqrt(2)
    return out


def _subspace(sector: Sector, basis: np.ndarray, propagations: int, method: str, projected=None) -> SlowSubspace:
    image = np.array([sector.apply(q) for q in basis.T]).T.reshape(basis.shape)
    projected = basis.T @ image if projected is None else projected
    values, vectors = eigen(projected)
    scale = np.abs(projected).max(initial=1e-300)
    order = np.lexsort(
        (-np.imag(values), np.abs(np.imag(values)), -np.round(np.real(values) / scale, 12))
    )  # pairs adjacent
    values, vectors = values[order], vectors[:, order]
    residuals = np.linalg.norm(image @ vectors - (basis @ vectors) * values, axis=0)
    return SlowSubspace(basis, projected, values, vectors, residuals, propagations, method)
