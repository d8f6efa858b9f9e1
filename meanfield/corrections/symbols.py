"""Operators on functions of the averages x, in normal order: sums of c N^−w x_a x_b … ∂_c ∂_d …

A permutation-symmetric observable is written over products of different particles: the average of v_a ⊗ v_b ⊗ … over
all k-tuples of different particles has the symbol x_a x_b …, so that its value in a product state with averages x is
its symbol at x. Modes are normally ordered. Multiplying an observable by an average from the left is then

    m_a X  ↔  λ_a f,  λ_a = x_a + (1/N) S_ab(x) ∂_b,  S_ab = (⟨v_a v_b⟩_x − x_a x_b)/f_s within a species of share f_s,

S_ab = ½(δ_ab + i ε_ab) for the quadratures of a mode, and 0 between different species and modes; X m_a is the same with
S_ba = S_ab*. This is exact at every N: either v_a acts on a particle that X contains, or on one of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb, perm

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Space

_ROUNDING = 1e-15
MOST_TERMS = 5_000_000  # of one symbol: six levels without a symmetry take 2.4 million, 40 s and 0.8 GB
_CHUNK = 1 << 16  # terms hashed at once
_MOST = 12  # largest exponent whose binomials are tabulated
_HASHES = np.random.default_rng(0).integers(1, 2**63, 4096, dtype=np.uint64) | np.uint64(1)
_BINOMIAL = np.array([[comb(n, k) for k in range(_MOST)] for n in range(128)], float)
_FALLING = np.array([[perm(n, k) for k in range(_MOST)] for n in range(128)], float)


class Symbol:
    """Σ_i c_i N^−w_i x^α_i ∂^β_i, with exponents α, β of shape (terms, n), w and c of shape (terms,)."""

    __slots__ = ("c", "d", "w", "x")

    def __init__(self, x: np.ndarray, d: np.ndarray, w: np.ndarray, c: np.ndarray):
        self.x, self.d, self.w, self.c = x, d, w, c

    @classmethod
    def of(cls, terms: Mapping[tuple[tuple[int, ...], tuple[int, ...], int], complex], n: int) -> Symbol:
        """From {(letters of x, letters of ∂, power of 1/N): c} with letters by index; n letters in all."""
        x, d = np.zeros((2, len(terms), n), np.int8)
        for row, (letters, derivatives, _) in enumerate(terms):
            np.add.at(x[row], list(letters), 1)
            np.add.at(d[row], list(derivatives), 1)
        return cls(x, d, np.array([w for _, _, w in terms], np.int8), np.array(list(terms.values()), complex))

    @classmethod
    def one(cls, n: int) -> Symbol:
        """The identity."""
        return cls.of({((), (), 0): 1.0}, n)

    @classmethod
    def zero(cls, n: int) -> Symbol:
        """No terms."""
        return cls.of({}, n)

    @classmethod
    def total(cls, symbols: list[Symbol]) -> Symbol:
        """The sum of one or more, without coefficients that are rounding of the largest."""
        x, d, w, c = (np.concatenate([getattr(s, name) for s in symbols]) for name in ("x", "d", "w", "c"))
        n = x.shape[1]
        if len(c) > MOST_TERMS:
            raise FiniteNError(
                f"corrections: the generator of {n} averages has {len(c):.1e} terms, and {MOST_TERMS:.0e} are allowed; "
                "take fewer levels, order=1, or a model of lower degree."
            )
        keys = np.zeros(len(c), np.uint64)
        with np.errstate(over="ignore"):
            for k in range(0, len(c), _CHUNK):  # of 64-bit numbers, which take eight times the memory of exponents
                rows = slice(k, k + _CHUNK)
                exponents = np.concatenate([x[rows], d[rows], w[rows, None]], axis=1).astype(np.uint64)
                keys[rows] = (exponents * _HASHES[: 2 * n + 1]).sum(axis=1, dtype=np.uint64)
        _, first, owner = np.unique(keys, return_index=True, return_inverse=True)
        added = np.bincount(owner, c.real, len(first)) + 1j * np.bincount(owner, c.imag, len(first))
        size = np.abs(added)
        kept = size > _ROUNDING * max(size.max(initial=0.0), np.abs(c).max(initial=0.0))
        first = first[kept]
        return cls(x[first], d[first], w[first], added[kept])

    def __len__(self) -> int:
        return len(self.c)

    def __getitem__(self, rows) -> Symbol:
        return Symbol(self.x[rows], self.d[rows], self.w[rows], self.c[rows])

    def times(self, c: complex, power: int = 0) -> Symbol:
        """c N^−power times this."""
        return Symbol(self.x, self.d, (self.w + power).astype(np.int8), c * self.c)

    def conjugate(self) -> Symbol:
        """With conjugate coefficients: multiplication from the other side."""
        return Symbol(self.x, self.d, self.w, self.c.conj())

    def after(self, other: Symbol, powers: int) -> Symbol:
        """The product self · other, other acting first, in normal order and up to N^−powers:

        ∂^β x^γ = Σ_κ Π_a C(β_a, κ_a) γ_a!/(γ_a − κ_a)! x^(γ−κ) ∂^(β−κ).
        """
        i, j = _pairs(self.w, other.w, powers)
        x, d, c, passed = self.x[i], self.d[i], self.c[i] * other.c[j], other.x[j]
        w = self.w[i] + other.w[j]
        for a in range(x.shape[1]):
            most = min(int(d[:, a].max(initial=0)), int(passed[:, a].max(initial=0)))
            contracted = []
            for k in range(1, most + 1):
                r = np.flatnonzero((d[:, a] >= k) & (passed[:, a] >= k))
                weight = _BINOMIAL[d[r, a], k] * _FALLING[passed[r, a], k]
                rows = [x[r], d[r], c[r] * weight, passed[r], j[r], w[r]]
                rows[0][:, a] += passed[r, a] - k
                rows[1][:, a] -= k
                contracted.append(rows)
            x[:, a] += passed[:, a]
            if contracted:
                blocks = zip([x, d, c, passed, j, w], *contracted, strict=True)
                x, d, c, passed, j, w = (np.concatenate(block) for block in blocks)
        return Symbol.total([Symbol(x, d + other.d[j], w.astype(np.int8), c)])


def _pairs(left: np.ndarray, right: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """All (i, j) with left_i + right_j ≤ most."""
    out = [np.zeros((2, 0), int)]
    for w in np.unique(left):
        i, j = np.flatnonzero(left == w), np.flatnonzero(right <= most - w)
        out.append(np.stack([np.repeat(i, len(j)), np.tile(j, len(i))]))
    i, j = np.concatenate(out, axis=1)
    return i, j


def product_covariances(space: Space) -> dict[tuple[int, int], dict[tuple[int, ...], complex]]:
    """S_ab(x) of all pairs of letters where it is not zero, as {(a, b): {letters of x: c}}."""
    out = {}
    for s in space.species:
        first, share, v = space.part(s).start, float(s.fraction), hermitian_basis(s.dim)[1:]
        for i, a in enumerate(v):
            for j, b in enumerate(v):
                c = coefficients(a @ b) / share
                row = {(() if k == 0 else (first + k - 1,)): c[k] for k in np.flatnonzero(np.abs(c) > _ROUNDING)}
                pair = tuple(sorted((first + i, first + j)))
                row[pair] = row.get(pair, 0) - 1 / share
                out[first + i, first + j] = row
    for mode in space.modes:
        q = space.part(mode).start
        for (i, j), c in {(0, 0): 0.5, (0, 1): 0.5j, (1, 0): -0.5j, (1, 1): 0.5}.items():
            out[q + i, q + j] = {(): c}
    return out


def multiplications(space: Space) -> list[Symbol]:
    """λ_a of every letter: multiplication of an observable by m_a from the left."""
    rows: list[dict] = [{((a,), (), 0): 1.0} for a in range(space.size)]
    for (a, b), covariance in product_covariances(space).items():
        for letters, c in covariance.items():
            rows[a][letters, (b,), 1] = c
    return [Symbol.of(row, space.size) for row in rows]


def multiplied(polynomial: Polynomial, letters: list[Symbol], space: Space, powers: int) -> Symbol:
    """Multiplication of an observable by an ordered polynomial from the left, up to N^−powers."""
    cache = {(): Symbol.one(space.size)}

    def word(indices: tuple[int, ...]) -> Symbol:
        if indices not in cache:
            cache[indices] = letters[indices[0]].after(word(indices[1:]), powers)
        return cache[indices]

    words = [word(tuple(space.index[a] for a in w)).times(c) for w, c in polynomial.words.items()]
    return Symbol.total([Symbol.zero(space.size), *words])
