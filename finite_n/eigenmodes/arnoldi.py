"""The slowest modes of a sector: an orthonormal real basis of the invariant subspace that decays last.

Small sectors: an ordered real Schur form. Others: Arnoldi's method (ARPACK) for E = exp(τL), whose largest eigenvalues
e^{τλ} are those with the largest Re λ, so that no factorisation is needed. λ itself comes from the projection QᵀLQ,
since a logarithm would not tell λ from λ + 2πi/τ. Arnoldi's method can miss copies of a degenerate eigenvalue; so what
was found is deflated, (1 − QQᵀ)E(1 − QQᵀ), and searched again until nothing slower than the slowest accepted mode turns
up.

R. B. Lehoucq, D. C. Sorensen, C. Yang, ARPACK Users' Guide (SIAM 1998); Y. Saad, Numerical Methods for Large Eigenvalue
Problems (SIAM 2011), §4.2 on deflation with Schur vectors.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools

import numpy as np
from scipy.linalg import expm, schur
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigs

from finite_n.eigenmodes.invariant_subspaces import (
    EPS,
    Accuracy,
    Inseparable,
    decoupling,
    eigen,
    ordered,
    schur_eigenvalues,
    spectral_norm,
)
from finite_n.eigenmodes.sectors import Sector
from finite_n.errors import FiniteNError

COEFFICIENTS = 4 * EPS  # rounding of matrix elements, over the largest rate or frequency
_ROUNDING = 3e-15  # of the largest rate or frequency: no residual is smaller
DENSE = 500  # numbers up to which the dense Schur form is the faster method
BASIS = 16  # Arnoldi vectors besides two for every mode wanted
_RESTARTS = 12
_ROUNDS = 30
_EXTRA = 2  # modes looked for in the search for what was missed
_CLOSE = 1e-6  # relative difference of moduli that counts as equal
_REFINEMENTS = 6
_GENTLE = 0.1  # e^{τ Re λ} of the last mode in refinements
_WHOLE = 128  # numbers up to which all modes are kept
_BESIDE = 6  # modes kept beyond the last one wanted, so that its neighbours are known
_CUTS = 4  # places tried for a cut
_TORN = 1e3  # norm of a projection above which the cut may go through a defective multiplet
_DENSE_MATRICES = 5.6  # held at once
_VECTORS = 22  # besides the basis
_IN_ONE_SECTOR = 800  # modes of a large sector that may be looked for until one decays
_INDISTINGUISHABLE = 2e-15  # from zero, of the largest rate or frequency
_PROBES = 6  # random vectors for the norm of a projection
_LONGEST = 1e4  # propagation of these, in units of the inverse rate
# e^{τ Re λ} of the last mode wanted: below the first, τ is made such that it is the second
_FASTEST, _WANTED = 1e-5, 1e-2


@dataclasses.dataclass
class SlowSubspace:
    """Invariant subspace of a sector.

    sector; basis (size, m): orthonormal real columns Q; projected (m, m): QᵀLQ; eigenvalues (m,): by falling real part;
    vectors (m, m): eigenvectors of `projected` as columns; residuals (m,): ‖Lv − λv‖/‖v‖; defect: ‖LQ − QT‖; floor: no
    mode with a larger real part is missing; propagations: of E; method.
    """

    sector: Sector
    basis: np.ndarray
    projected: np.ndarray
    eigenvalues: np.ndarray
    vectors: np.ndarray
    residuals: np.ndarray
    defect: float
    floor: float
    propagations: int
    method: str
    _order: np.ndarray
    _gram: np.ndarray | None = None

    def mode(self, j: int) -> np.ndarray:
        """Eigenvector j in the sector, of norm one."""
        return self.basis @ self.vectors[:, j]

    def accuracy(self, j: int) -> tuple[float, float, int, bool]:
        """Of eigenvalue j: condition, error, number of eigenvalues within the error, and whether they are defective."""
        return self._accuracy.of(int(self._order[j]))

    @functools.cached_property
    def _accuracy(self) -> Accuracy:
        return Accuracy(self.projected, self.gram, self.perturbation)

    @property
    def perturbation(self) -> float:
        """Norm of the change of L of which the basis is exactly invariant, with the rounding of L's own
        coefficients."""
        return self.defect + COEFFICIENTS * self.sector.scale

    @functools.cached_property
    def gram(self) -> np.ndarray:
        """BBᵀ of the projection B of the whole sector onto the coordinates of the subspace, along the faster modes.

        Where only a part of the modes is known an estimate: B of random vectors, by propagation until the faster modes
        are gone.
        """
        if self._gram is not None:
            return self._gram
        m = self.basis.shape[1]
        tau = -np.log(_GENTLE) / max(-float(self.eigenvalues.real.min(initial=0.0)), 1e-300)
        tau = min(tau, _LONGEST / self.sector.rate) if self.sector.rate > 0 else tau
        back = expm(-tau * self.projected)
        random, total = np.random.default_rng(4), np.zeros((m, m))
        for _ in range(_PROBES):
            c = back @ (self.basis.T @ self.sector.propagate(random.standard_normal(self.sector.size), tau))
            total += np.outer(c, c) / _PROBES
        return total


def slow_subspace(sector: Sector, k: int, tol: float) -> SlowSubspace:
    """At least the k modes of `sector` with the largest real parts (all, if there are fewer).

    A pair of complex conjugates is never parted, and in small sectors modes that tie with the last are found too.
    Residuals are at most tol × sector.rate, or what rounding of the largest rates and frequencies leaves.

    Raises FiniteNError if that is not reached.
    """
    k = min(k, sector.size)
    found = _dense(sector, k, tol) if is_small(sector) else _Search(sector, k, tol).run()
    worst = found.residuals[:k].max(initial=0)
    if not worst <= max(tol * sector.rate, _ROUNDING * sector.scale):
        wanted = 3 * worst / sector.rate if sector.rate > 0 else np.inf
        advice = f"try tol = {wanted:.0e}" if wanted <= 1e-2 else "try a smaller N"
        raise FiniteNError(
            f"slow modes: in the sector «{sector.label}» the residual {worst:.1e} of a mode stays above the "
            f"{tol * sector.rate:.1e} that tol = {tol:g} allows; {advice}."
        )
    return found


def until_decaying(sector: Sector, k: int, tol: float, zero: float) -> SlowSubspace:
    """The k slowest modes of a sector, and more until one of them decays, Re λ < −zero.

    Raises FiniteNError where too many of a large sector do not decay.
    """
    while True:
        found = slow_subspace(sector, k, tol)
        if np.any(found.eigenvalues.real < -zero) or k >= sector.size:
            return found
        k = max(2 * k, found.basis.shape[1] + 2)
        if k > _IN_ONE_SECTOR and not is_small(sector):
            raise FiniteNError(
                f"slow modes: {found.basis.shape[1]} modes or more of the sector «{sector.label}» do not decay, more "
                "than can be computed one by one; take a smaller N."
            )


def smallest_told_from_zero(tol: float, rate: float, scale: float) -> float:
    """|λ| up to which an eigenvalue counts as zero: `tol` times the decay rate per particle, or what rounding of the
    largest rate or frequency, `scale`, allows."""
    return max(tol * rate, _INDISTINGUISHABLE * scale)


def is_small(sector: Sector) -> bool:
    """Whether the dense Schur form is the faster method."""
    return sector.size <= DENSE


def bytes_of(sector: Sector, k: int) -> float:
    """Memory that the search for k modes takes at its peak, measured: a dense Schur form and its reordering; or
    Arnoldi's basis, its complex eigenvectors, vectors on the way, and states as the Liouvillian stores them."""
    if is_small(sector):
        return _DENSE_MATRICES * 8.0 * sector.size**2
    return 8.0 * sector.size * (BASIS + 6 * k + _VECTORS) + sector.workspace


def modes_kept(sector: Sector, k: int) -> int:
    """How many modes a `SlowSubspace` of k modes holds, about."""
    if not is_small(sector):
        return k + 4
    return sector.size if sector.size <= _WHOLE else min(sector.size, k + _BESIDE + 2)


def bytes_kept(sector: Sector, k: int) -> float:
    """Memory of a `SlowSubspace` of k modes."""
    m = modes_kept(sector, k)
    return 8.0 * (sector.size * m + 4.5 * m**2)


def dense_schur(sector: Sector) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(L, T, Q) with L = QTQᵀ, T a real Schur form; for small sectors."""
    matrix = sector.matrix()
    a = np.array([sector.apply(e) for e in np.eye(sector.size)]).T if matrix is None else matrix.toarray()
    return a, *schur(a, output="real")


def _dense(sector: Sector, k: int, tol: float) -> SlowSubspace:
    a, t, q = dense_schur(sector)
    n, values = len(a), schur_eigenvalues(t)
    real = np.sort(values.real)[::-1]
    close = 1e-10 * np.abs(a).max(initial=0)  # the cut must not part a pair or a multiplet
    m, tries, best = k, _CUTS, None
    while m < n and real[k - 1] - real[m] <= max(close, 2 * tol * sector.rate):
        m += 1
    m = n if n <= _WHOLE else m + _BESIDE
    while tries and m < n:
        while m < n and real[m - 1] - real[m] <= close:
            m += 1
        if m >= n:
            break
        tries -= 1
        with contextlib.suppress(Inseparable):
            cut, z, p = ordered(t, values.real > (real[m - 1] + real[m]) / 2)
            y = decoupling(cut, p)
            size = spectral_norm(y)
            if best is None or size < best[0]:
                best = size, p, cut[:p, :p].copy(), q @ z[:, :p], np.eye(p) + y @ y.T  # not the whole matrix
            if size <= _TORN:
                break
        m += _BESIDE
    if best is None:
        return _subspace(sector, q, 0, "dense", t, -np.inf, np.eye(n), a)
    _, p, t, q, gram = best
    return _subspace(sector, q, 0, "dense", t, (real[p - 1] + real[p]) / 2, gram, a)


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
                self.tau *= 8.0  # the modes decay too little within τ to be told apart
                continue
            moduli, vectors = fresh
            if not len(moduli) and wanted > 0:
                self.tau /= 10.0  # nothing but what is known outlives τ
                continue
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
                f"slow modes: the search in the sector «{self.sector.label}» did not converge; "
                f"{self.basis.shape[1]} modes were found after {self.count} propagations; try another N or, of a "
                "spectrum, another k."
            )
        found = self.refined()
        found.floor = float(np.sort(found.eigenvalues.real)[::-1][self.k - 1]) + _CLOSE / self.searched
        return found

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
        """(moduli, vectors) of the largest eigenvalues of the deflated E, empty if it is zero; None if none
        converged."""
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
        except ArpackError as stopped:
            if "error -9:" not in str(stopped):  # the deflated E maps everything to zero
                raise FiniteNError(
                    f"slow modes: the search in the sector «{self.sector.label}» failed ({stopped}); try another N."
                ) from None
            return np.zeros(0), np.zeros((n, 0))
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

        With a shorter τ, since rounding is amplified by the decay of the last mode; in the order of a Schur form, so
        that slower modes are not spoilt by faster ones.
        """
        best = _subspace(self.sector, self.basis, self.count, "Arnoldi on exp(τL)")
        self.searched = self.tau
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


def _subspace(
    sector: Sector,
    basis: np.ndarray,
    propagations: int,
    method: str,
    projected=None,
    floor=np.nan,
    gram=None,
    matrix=None,
) -> SlowSubspace:
    if matrix is None:
        image = np.array([sector.apply(q) for q in basis.T]).T.reshape(basis.shape)
    else:
        image = matrix @ basis
    projected = basis.T @ image if projected is None else projected
    values, vectors, _ = eigen(projected)
    scale = np.abs(projected).max(initial=1e-300)
    order = np.lexsort(
        (-np.imag(values), np.abs(np.imag(values)), -np.round(np.real(values) / scale, 12))
    )  # pairs adjacent
    values, vectors = values[order], vectors[:, order]
    residuals = np.linalg.norm(image @ vectors - (basis @ vectors) * values, axis=0)
    defect = spectral_norm(image - basis @ projected)
    return SlowSubspace(
        sector, basis, projected, values, vectors, residuals, defect, floor, propagations, method, order, gram
    )
