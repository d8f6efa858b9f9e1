"""One block of a closed model in the eigenstates of its Hamiltonian, and a bound of what rounding changes.

With H V ≈ V E, R = V†ρV and phases p_a = e^{−iE_a t} the state is ρ(t) = V (R_ab p_a p_b*) V†, and

    tr[O ρ(t)] = Σ_ab R_ab (V†OV)_ba p_a p_b*.

Of eigenvectors that a computer gives, two defects are measured: r ≥ ‖HV − VE‖ and f ≥ ‖1 − V†V‖, both spectral norms.
From d/ds [e^{iHs} V e^{−iEs}] = i e^{iHs} (HV − VE) e^{−iEs} follows

    ‖e^{−iHt} − V e^{−iEt} V†‖ ≤ δ = t r √(1 + f) + f,    ‖ρ_exact(t) − ρ(t)‖₁ ≤ (2 + δ) δ tr ρ(0).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp

from finite_n.dicke_blocks.eigenstates.footprint import turned_at_once

_EPS = np.finfo(float).eps
_REAL = 1e-14  # of the largest entry of H: an imaginary part that is rounding; the residual counts it


class EigenBlock:
    """The eigenstates of H and a state on one block.

    Parameters
    ----------
    H : sparse array, shape (n, n)
        Hermitian.
    density : array, shape (n, n)
        ρ at the first time.
    span : array, shape (T,)
        Times after the first.

    Attributes: `weight`, tr ρ; `error`: the bound above at the last time; `rounding`: what rounding of phases and sums
    adds, an estimate.
    """

    def __init__(self, H: sp.csr_array, density: np.ndarray, span: np.ndarray):
        dense = H.toarray()
        if np.iscomplexobj(dense) and np.abs(dense.imag).max(initial=0) <= _REAL * np.abs(dense).max(initial=0):
            dense = np.ascontiguousarray(dense.real)
        energies, vectors = np.linalg.eigh(dense)
        del dense
        self.vectors, self._bra = vectors, np.ascontiguousarray(vectors.conj().T)
        self._gram = self._bra @ vectors
        residual = spectral_norm(H @ vectors - vectors * energies)
        lack = spectral_norm(self._gram - np.eye(len(energies)))
        longest, self.weight = float(span[-1]), float(np.trace(density).real)
        delta = longest * residual * math.sqrt(1 + lack) + lack
        self.error = (2 + delta) * delta * self.weight
        energies = energies - (energies[0] + energies[-1]) / 2  # a constant changes no state
        self.rounding = 2 * _EPS * (float(np.abs(energies).max()) * longest + math.sqrt(len(energies))) * self.weight
        phase = np.outer(span, energies)
        self._phases = np.concatenate([np.cos(phase), np.sin(phase)])  # (2T, n)
        self._density = _product(self._bra, _product(density, vectors))

    def weights(self) -> np.ndarray:
        """tr ρ at all times, shape (T,)."""
        gram = self._gram
        return self._traced(gram.real[None], gram.imag[None] if np.iscomplexobj(gram) else None)[:, 0]

    def expectations(self, operators: sp.csr_array, imaginary: bool) -> np.ndarray:
        """tr[O_k ρ] at all times, shape (T, K): O_k Hermitian, with real matrix elements or with `imaginary` ones.

        operators: their real or imaginary parts one below the other, shape (K n, n).
        """
        n = len(self.vectors)
        count = operators.shape[0] // n
        out, together = [np.zeros((len(self._phases) // 2, 0))], turned_at_once(n, len(self._phases) // 2)
        for k in range(0, count, together):
            some = operators if together >= count else operators[k * n : (k + together) * n]
            images = self._bra @ (some @ self.vectors).reshape(-1, n, n)
            real, other = images.real, images.imag if np.iscomplexobj(images) else None
            if imaginary:
                real, other = None if other is None else -other, real
            out.append(self._traced(real, other))
        return np.concatenate(out, axis=1)

    def _traced(self, real: np.ndarray | None, imaginary: np.ndarray | None) -> np.ndarray:
        """Σ_ab R_ab O_ba p_a p_b*, shape (T, K), of O with the given parts, shape (K, n, n), None for zero.

        O_ba = O_ab* and p = cos − i sin, so that of G_ab = R_ab O_ab* the real part, which is symmetric, and the
        imaginary one, which is skew, make cᵀSc + sᵀSs − 2 cᵀAs.
        """
        R, X, Y = self._density, real, imaginary
        mixed = np.iscomplexobj(R)
        symmetric = _sum(None if X is None else R.real * X, R.imag * Y if mixed and Y is not None else None)
        skew = _sum(R.imag * X if mixed and X is not None else None, None if Y is None else -R.real * Y)
        T, out = len(self._phases) // 2, 0.0
        if symmetric is not None:
            both = np.einsum("kta,ta->tk", self._phases @ symmetric, self._phases)
            out = both[:T] + both[T:]
        if skew is not None:
            out = out - 2 * np.einsum("kta,ta->tk", self._phases[:T] @ skew, self._phases[T:])
        return out

    def state(self, k: int) -> np.ndarray:
        """ρ at time k, shape (n, n)."""
        cos, sin = self._phases[k], self._phases[len(self._phases) // 2 + k]
        turned = self.vectors * (cos - 1j * sin)
        return turned @ _product(self._density, turned.conj().T)


def _sum(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    """a + b, None for zero."""
    return b if a is None else a if b is None else a + b


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b; of a real and a complex factor in real arithmetic."""
    if np.iscomplexobj(a) == np.iscomplexobj(b):
        return a @ b
    out = np.empty((a.shape[0], b.shape[1]), complex)
    out.real, out.imag = a.real @ b.real, a.imag @ b if np.iscomplexobj(a) else a @ b.imag
    return out


def spectral_norm(x: np.ndarray) -> float:
    """An upper bound of the largest singular value, within n^{1/8} of it: tr[(X†X)⁴]^{1/8}."""
    size = float(np.abs(x).max(initial=0))
    if size == 0:
        return 0.0
    x = x / size  # fourth powers of what rounding leaves would underflow
    square = x.conj().T @ x
    return size * float(np.linalg.norm(square @ square)) ** 0.25
