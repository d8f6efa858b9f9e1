"""Closed models that start pure: ρ̇ = −i[H, ρ] keeps ρ = |ψ⟩⟨ψ|, with |ψ⟩ in (symmetric subspaces of the species) ⊗
(modes).

No jumps of any kind, and every species in a product of pure one-particle states or in a Dicke state |N_s/2, M⟩, every
mode in a displaced number state. Then Π_s C(N_s + d_s − 1, d_s − 1) Π (cutoff + 1) amplitudes replace the elements of
ρ, whose number is the square of that.
"""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.engine.footprint import Asked
from finite_n.engine.rates import entries_per_row
from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis, without_rounding
from finite_n.state_vector.symmetric_subspace import SymmetricSubspace, symmetric_dimension

_CANCELLED = 8 * np.finfo(float).eps  # of the absolute values added up: what rounding leaves of a zero


class ClosedSystem:
    """The factors of |ψ⟩: species in order, then modes with levels 0 … cutoff. `shape` says how many states each has.

    letters: for every letter of the model its factor and its matrix there, real or complex.
    """

    def __init__(self, model: Model, N: int, cutoffs: Sequence[int] = ()):
        self.model, self.N = model, N
        self.sizes = model.space.sizes(N)
        self.species = [SymmetricSubspace(n, s.dim) for s, n in zip(model.species, self.sizes, strict=True)]
        self.letters: dict = {}
        for f, (s, own) in enumerate(zip(model.species, self.species, strict=True)):
            for a, v in zip(s.letters, hermitian_basis(s.dim)[1:], strict=True):
                self.letters[a] = f, own.total(v) * (1 / own.size)
        self._set_modes(cutoffs)

    def _set_modes(self, cutoffs: Sequence[int]) -> None:
        model, N = self.model, self.N
        self.cutoffs = tuple(cutoffs)
        self.shape = tuple(s.dimension for s in self.species) + tuple(c + 1 for c in cutoffs)
        for f, (mode, cutoff) in enumerate(zip(model.modes, cutoffs, strict=True), start=len(self.species)):
            lower = sp.diags_array([np.sqrt(np.arange(1.0, cutoff + 1))], offsets=[1]).tocsr()
            phi, pi = mode.letters
            self.letters[phi] = f, (lower + lower.T).tocsr() * (1 / math.sqrt(2 * N))
            self.letters[pi] = f, (lower - lower.T).tocsr() * (-1j / math.sqrt(2 * N))

    def raised(self, levels: int) -> ClosedSystem:
        """The same with every mode cut off by `levels` levels higher."""
        out = copy.copy(self)
        out.letters = dict(self.letters)
        out._set_modes([c + levels for c in self.cutoffs])
        return out

    def embedded(self, psi: np.ndarray, levels: int) -> np.ndarray:
        """The same amplitudes among those of `raised(levels)`, the new ones zero."""
        if not self.cutoffs or not levels:
            return psi
        more = [(0, 0)] * len(self.species) + [(0, levels)] * len(self.cutoffs)
        return np.pad(psi.reshape(self.shape), more).ravel()

    @property
    def size(self) -> int:
        """Number of amplitudes."""
        return math.prod(self.shape)

    def act(self, letter, psi: np.ndarray) -> np.ndarray:
        """A letter on a vector of all amplitudes, shape (size,)."""
        f, matrix = self.letters[letter]
        before, n = math.prod(self.shape[:f]), self.shape[f]
        parts = np.moveaxis(psi.reshape(before, n, -1), 1, 0)
        out = (matrix @ parts.reshape(n, -1)).reshape(parts.shape)
        return np.moveaxis(out, 0, 1).ravel()

    def hamiltonian(self) -> sp.csr_array:
        """H = N h, real where h is real in this basis; without its constant, which only changes the phase.

        Words that differ only in their last factor are added up there, so that what cancels is recognised as rounding.
        """
        identities = [sp.eye_array(n, format="csr") for n in self.shape]
        total = sp.csr_array((self.size, self.size))
        for (others, last), matrix in self._grouped().items():
            factors = [*identities]
            for f, word in others:
                factors[f] = _product(self.letters[a][1] for a in word)
            factors[last] = matrix
            total = total + functools.reduce(lambda x, y: sp.kron(x, y, format="csr"), factors)
        total.eliminate_zeros()
        total = total.real.copy() if not np.any(total.data.imag) else total
        return sp.csr_array(total)

    def left_out(self, closed: Sequence[bool]) -> sp.csr_array:
        """What the cutoffs leave out of H, from all amplitudes to those of a system with more levels; nothing for modes
        that are `closed`, which reach no further."""
        first, h = len(self.species), self.model.hamiltonian
        levels = max([len(w) for w in h.words], default=0)
        wide = self.raised(levels)
        identities = [sp.eye_array(m, n, format="csr") for m, n in zip(wide.shape, self.shape, strict=True)]
        out = sp.csr_array((wide.size, self.size))
        whole = wide._grouped()
        for (others, last), matrix in self._grouped().items():
            pairs = {f: [_product(x.letters[a][1] for a in word) for x in (self, wide)] for f, word in others}
            pairs[last] = [matrix, whole[others, last]]
            small, large = [*identities], [*identities]
            for f, (narrow, broad) in pairs.items():
                large[f] = sp.csr_array(broad)[:, : self.shape[f]]
                small[f] = sp.csr_array(narrow).copy()
                small[f].resize(large[f].shape)
            for f in sorted(pairs):
                if f >= first and not closed[f - first]:
                    difference = large[f] - small[f]
                    difference.eliminate_zeros()
                    if difference.nnz:  # the first modes as they are cut off, the others whole
                        factors = [*small[:f], difference, *large[f + 1 :]]
                        out = out + functools.reduce(lambda x, y: sp.kron(x, y, format="csr"), factors)
        out = sp.csr_array(out)
        out.eliminate_zeros()
        return out

    def _grouped(self) -> dict:
        """{(words on all factors but the last, the last): N Σ c × word on the last factor}."""
        sums: dict = {}
        for word, c in self.model.hamiltonian.words.items():
            if not word:
                continue
            by_factor: dict[int, list] = {}
            for a in word:
                by_factor.setdefault(self.letters[a][0], []).append(a)
            *others, (last, own) = sorted(by_factor.items())
            matrix = self.N * c * _product(self.letters[a][1] for a in own)
            key = tuple((f, tuple(w)) for f, w in others), last
            value, size = sums.get(key, (0, 0))
            sums[key] = (matrix, abs(matrix)) if key not in sums else (value + matrix, size + abs(matrix))
        return {key: _without_cancelled(*both) for key, both in sums.items()}


def state_vector_bytes(
    model: Model,
    N: int,
    cutoffs: Sequence[int],
    scaled: float = 1.0,
    asked: Asked | None = None,
    weights: int = 1,
) -> float:
    """Memory of building H and of a few vectors of all amplitudes, and of the letters of every factor; N_s times
    `scaled`; `weights` of J are read."""
    asked, sizes = asked or Asked(), [n * scaled for n in model.space.sizes(N)]
    factors = [symmetric_dimension(n, s.dim) for n, s in zip(sizes, model.species, strict=True)]
    rows = math.prod(factors) * math.prod(c + 1.0 for c in cutoffs)
    own = sum(x * s.dim**2 * (119.0 if s.dim == 2 else 220.0) for x, s in zip(factors, model.species, strict=True))
    values = asked.values(9 + weights * scaled)
    return rows * (34.0 * entries_per_row(model) + 16.0 * max(model.space.size - 3, 1)) + own + values + 1e6


def _product(matrices) -> sp.csr_array:
    return functools.reduce(lambda x, y: x @ y, matrices)


def _without_cancelled(matrix, size) -> sp.csr_array:
    """The matrix without what cancellation left of sums of absolute values `size`."""
    index, shape = sp.csr_array(matrix).tocoo(), matrix.shape
    data = without_rounding(index.data, np.asarray(sp.csr_array(size)[index.coords]).ravel(), _CANCELLED)
    out = sp.coo_array((data if data.imag.any() else data.real, index.coords), shape=shape).tocsr()
    out.eliminate_zeros()
    return out
