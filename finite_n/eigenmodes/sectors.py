"""Sectors: the generator on Hermitian matrices as independent real linear problems ẋ = Lx.

A Hermitian matrix is a list of real numbers x, and L maps such lists to such lists; on them L has exactly the spectrum
of the Liouvillian. x holds the elements (i, k ≥ i) once, those off the diagonal times √2, so that ‖x‖ is the Frobenius
norm of the block matrices. Under a real generator real symmetric and imaginary antisymmetric matrices do not mix;
conserved J, a conserved coherence M − M′ (or its parity) and anything else that leaves matrix elements unconnected
split further.
"""

from __future__ import annotations

import functools
import weakref
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.liouvillian.symbol import around_generator, symbol_of
from finite_n.propagation.exponential import exponential
from finite_n.propagation.faber import Ellipse, around_rows, row_bounds

SPLIT = 20_000  # numbers up to which a sector's matrix is made, to look for parts that are not connected
COLUMNS = 1_500  # numbers up to which a matrix is made column by column, where the terms are in several frames
_ROUNDING = 1e-14  # matrix elements and terms below, relative to the largest, do not connect


class Sector(ABC):
    """A real linear problem ẋ = Lx on an invariant subspace.

    Attributes
    ----------
    size : int
        Number of real numbers in x.
    label : str
        What distinguishes the subspace.
    trace : array, shape (size,)
        t with t·x = Tr ρ; zeros if the subspace carries no trace.
    rate : float
        A typical decay rate: it sets the time of the first filter, and tolerances are in its units.
    scale : float
        Largest rate or frequency.
    """

    size: int
    label: str
    trace: np.ndarray
    rate: float
    scale: float

    @abstractmethod
    def apply(self, x: np.ndarray) -> np.ndarray:
        """Lx, shape (size,)."""

    @abstractmethod
    def propagate(self, x: np.ndarray, tau: float, tol: float = 1e-14) -> np.ndarray:
        """exp(τL)x for any x, with an error of about tol·‖x‖."""

    @abstractmethod
    def matrix(self) -> sp.csr_array | None:
        """L as a sparse matrix, or None where it would be too large."""

    @property
    def bytes(self) -> float:
        """Bytes kept: tables of where every number stands, and of its weight in the trace."""
        return 75.0 * self.size

    @property
    def workspace(self) -> float:
        """Bytes taken while `apply` and `propagate` run, besides vectors of this size."""
        return 0.0

    @property
    def carries_trace(self) -> bool:
        """Whether Tr ρ can differ from zero here."""
        return bool(np.any(self.trace))

    def embed(self, x: np.ndarray) -> np.ndarray:
        """The full state vector, in the frame of the generator."""
        raise NotImplementedError(f"{self.label}: this sector knows no density matrix")

    def restrict(self, vector: np.ndarray) -> np.ndarray:
        """x of the part of a full Hermitian state vector that lies here."""
        raise NotImplementedError(f"{self.label}: this sector knows no density matrix")

    def __repr__(self):
        return f"{type(self).__name__}({self.label}, {self.size} numbers)"


class SparseSector(Sector):
    """A sector given by its real sparse matrix.

    Parameters
    ----------
    matrix : sparse matrix, shape (size, size), real
    trace : array, shape (size,), optional
        Default zeros.
    label : str
    rate : float, optional
        Default: the largest decay rate on the diagonal.
    embed, restrict : functions, optional
        Between x and the full state vector, where there is one.
    scale : float, optional
        Default: by Gershgorin. Of parts of a generator that of the whole, since what cancels here leaves its rounding.
    """

    def __init__(
        self,
        matrix,
        trace: np.ndarray | None = None,
        label: str = "sector",
        rate: float | None = None,
        embed: Callable[[np.ndarray], np.ndarray] | None = None,
        restrict: Callable[[np.ndarray], np.ndarray] | None = None,
        scale: float = 0.0,
    ):
        self._matrix = sp.csr_array(matrix)
        self.size, self.label = self._matrix.shape[0], label
        self.trace = np.zeros(self.size) if trace is None else np.asarray(trace, dtype=float)
        self.rate = max(0.0, float(-self._matrix.diagonal().min(initial=0))) if rate is None else rate
        self.scale = max(scale, float(abs(self._matrix).sum(axis=1).max()) if self.size else 0.0)
        self._embed, self._restrict = embed, restrict

    def apply(self, x: np.ndarray) -> np.ndarray:
        return self._matrix @ x

    def propagate(self, x: np.ndarray, tau: float, tol: float = 1e-14) -> np.ndarray:
        def combined(source, out, scale, shift, keep):
            out *= keep
            out += scale * (self._matrix @ source + shift * source)

        return exponential(combined, x, tau, around_rows(*self._bounds, tau), tol)

    @property
    def bytes(self) -> float:
        return super().bytes + 12.0 * self._matrix.nnz + 8.0 * self.size

    @property
    def workspace(self) -> float:
        return 50.0 * self._matrix.nnz  # its transpose and absolute values

    @functools.cached_property
    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return row_bounds(self._matrix)

    def matrix(self) -> sp.csr_array:
        return self._matrix

    def embed(self, x: np.ndarray) -> np.ndarray:
        return super().embed(x) if self._embed is None else self._embed(x)

    def restrict(self, vector: np.ndarray) -> np.ndarray:
        return super().restrict(vector) if self._restrict is None else self._restrict(vector)


class StoredSector(Sector):
    """Elements of the stored halves of a `Liouvillian`, applied by its compiled kernel.

    Parameters
    ----------
    generator : Liouvillian
    planes : int
        Planes of the stored state that the kernel needs: 1 for real symmetric matrices, else 2.
    members : (plane, block, row, column) integer arrays, column ≥ row
    label : str
    """

    def __init__(self, generator: Liouvillian, planes: int, members, label: str):
        self.generator, self.label, self._planes = generator, label, planes
        self._members = plane, block, i, k = members
        blocks, halves = generator.blocks, generator.storage
        self.size = len(plane)
        self._index = plane * halves.length + halves.offset[blocks.row_start[block] + i] + k
        self._scale = np.where(i == k, 1.0, np.sqrt(2.0))
        self.trace = ((i == k) & (plane == 0)).astype(float)
        self.rate = typical_rate(generator)
        self.scale = field_of_values(generator)

    def _state(self, x: np.ndarray) -> np.ndarray:
        g, state = self.generator, self.generator.storage.zeros(self._planes)
        values = x / self._scale
        values[np.abs(values) < kernels.TINY] = 0.0
        state.ravel()[self._index] = values
        kernels.mirror(state, *g.layout)
        return state

    def _numbers(self, state: np.ndarray) -> np.ndarray:
        return state.ravel()[self._index] * self._scale

    def apply(self, x: np.ndarray) -> np.ndarray:
        out = self.generator.storage.zeros(self._planes)
        self.generator.apply_stored(self._state(x), out)
        return self._numbers(out)

    def propagate(self, x: np.ndarray, tau: float, tol: float = 1e-14) -> np.ndarray:
        ellipse = _ellipse(self.generator)
        return self._numbers(exponential(self.generator.apply_stored, self._state(x), tau, ellipse, tol))

    @property
    def workspace(self) -> float:
        states = 6 * 8.0 * self._planes * self.generator.storage.length
        return states + (6 * 16.0 * self.generator.dim if len(self.generator.parts) > 1 else 0.0)

    def matrix(self) -> sp.csr_array | None:
        if len(self.generator.parts) == 1:
            return self._matrix_of_terms() if self.size <= SPLIT else None
        if self.size > COLUMNS:
            return None
        columns = np.array([self.apply(unit) for unit in np.eye(self.size)]).T
        columns[np.abs(columns) <= _ROUNDING * np.abs(columns).max(initial=0)] = 0.0
        return sp.csr_array(columns)

    def _matrix_of_terms(self) -> sp.csr_array:
        blocks, halves = self.generator.blocks, self.generator.storage
        plane, block, i, k = self._members
        lookup = np.full(2 * halves.length, -1)
        lookup[self._index] = np.arange(self.size)
        here, rows, columns, values = np.arange(self.size), [], [], []
        for t in self.generator.terms:
            source = block + t.hop
            n = blocks.size[np.clip(source, 0, len(blocks.size) - 1)]
            i_s, k_s = i - t.hop + t.left_shift, k - t.hop + t.right_shift
            c = t.left[blocks.row_start[block] + i] * t.right[blocks.row_start[block] + k]
            inside = (source >= 0) & (source < len(blocks.size)) & (c != 0)
            inside &= (i_s >= 0) & (i_s < n) & (k_s >= 0) & (k_s < n)
            row, p, c, i_s, k_s = here[inside], plane[inside], c[inside], i_s[inside], k_s[inside]
            low, high = np.minimum(i_s, k_s), np.maximum(i_s, k_s)
            at = halves.offset[blocks.row_start[source[inside]] + low] + high
            sign = np.where(i_s > k_s, -1.0, 1.0)  # ρ_ik = X_ik + iY_ik with X_ki = X_ik, Y_ki = −Y_ik
            for q in (0, 1):
                column = lookup[q * halves.length + at]
                if q == 0:
                    value = np.where(p == 0, np.real(c), np.imag(c))
                else:
                    value = sign * np.where(p == 0, -np.imag(c), np.real(c))
                used = (column >= 0) & (value != 0)
                rows.append(row[used])
                columns.append(column[used])
                values.append(value[used] * self._scale[row[used]] / self._scale[column[used]])
        shape = (self.size, self.size)
        if not rows:
            return sp.csr_array(shape)
        index = (np.concatenate(rows), np.concatenate(columns))
        matrix = sp.coo_array((np.concatenate(values), index), shape=shape).tocsr()
        matrix.data[np.abs(matrix.data) <= _ROUNDING * np.abs(matrix.data).max(initial=0)] = 0.0
        matrix.eliminate_zeros()
        return matrix

    def embed(self, x: np.ndarray) -> np.ndarray:
        return self.generator.storage.unpack(self._state(x))

    def restrict(self, vector: np.ndarray) -> np.ndarray:
        return self._numbers(self.generator.storage.pack(vector, self._planes))

    def part(self, chosen: np.ndarray, label: str) -> StoredSector:
        """The sector of some of the numbers."""
        return StoredSector(self.generator, self._planes, tuple(m[chosen] for m in self._members), label)


_known: weakref.WeakKeyDictionary[Liouvillian, dict] = weakref.WeakKeyDictionary()  # so that no generator is kept alive


def _once(function):
    """Compute a function of a generator once for each."""

    @functools.wraps(function)
    def cached(generator: Liouvillian):
        known = _known.setdefault(generator, {})
        if function.__name__ not in known:
            known[function.__name__] = function(generator)
        return known[function.__name__]

    return cached


@_once
def _ellipse(generator: Liouvillian) -> Ellipse:
    return around_generator(generator, np.inf)


def field_of_values(generator: Liouvillian) -> float:
    """How far the field of values reaches: the largest rate or frequency."""
    ellipse = _ellipse(generator)
    return float(max(ellipse.a + ellipse.mu, ellipse.b))


@_once
def typical_rate(generator: Liouvillian) -> float:
    """Half of how far the field of values reaches to the left, per particle: a typical decay rate."""
    rate = 0.0
    for part in generator.parts:
        symbol = symbol_of(part.terms.all(), generator.blocks)
        left = -symbol.real.min()
        rate += left / 2 if left > 1e-12 * np.abs(symbol).max() else 0.0
    return float(rate / generator.blocks.N)


def sectors_of(generator: Liouvillian) -> list[Sector]:
    """All sectors of a generator; together they hold every Hermitian matrix exactly once.

    A sector is a `StoredSector` if it fills its planes, and otherwise, where its matrix is small enough to be made, a
    `SparseSector` for each of the matrix's connected parts.
    """
    out: list[Sector] = []
    choices = [((0,), 1, "real symmetric"), ((1,), 2, "imaginary antisymmetric")]
    if not generator.is_real:
        choices = [((0, 1), 2, "Hermitian")]
    for planes, stored, name in choices:
        members = _elements(generator.blocks, planes)
        groups = _groups(generator, members, with_diagonal=0 in planes)
        for chosen in groups:
            label = ", ".join([name, *_describe(generator.blocks, [m[chosen] for m in members])])
            sector = StoredSector(generator, stored, tuple(m[chosen] for m in members), label)
            out += _split(sector, whole=len(groups) == 1)
    seen: Counter[str] = Counter()
    for sector in out:
        seen[sector.label] += 1
        if seen[sector.label] > 1:
            sector.label += f", number {seen[sector.label]}"
    return out


def _elements(blocks: DickeBlocks, planes: tuple[int, ...]):
    """(plane, block, row, column) of every independent number of these planes."""
    parts = []
    for p in planes:
        first = blocks.row_index + p  # no diagonal in the imaginary plane
        count = blocks.size[blocks.row_block] - first
        row = np.repeat(np.arange(blocks.rows), count)
        k = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
        there = blocks.exists[row] & blocks.exists[blocks.row_start[blocks.row_block[row]] + k]
        row, k = row[there], k[there]
        parts.append((np.full(len(row), p), blocks.row_block[row], blocks.row_index[row], k))
    return tuple(np.concatenate(x) for x in zip(*parts, strict=True))


def _groups(generator: Liouvillian, members, with_diagonal: bool) -> list[np.ndarray]:
    """Index arrays of elements that no term connects, told by block and coherence q = k − i alone."""
    _, block, i, k = members
    if len(generator.parts) > 1 or len(block) == 0:
        return [np.arange(len(block))] if len(block) else []
    blocks = generator.blocks
    scale = max((np.abs(t.left).max() * np.abs(t.right).max() for t in generator.terms), default=0.0)
    source, dest = [], []
    for t in generator.terms:
        if np.abs(t.left).max() * np.abs(t.right).max() <= _ROUNDING * scale:
            continue
        for b, n in enumerate(blocks.size):
            s, rows = b + t.hop, slice(blocks.row_start[b], blocks.row_start[b + 1])
            if 0 <= s < len(blocks.size) and np.any(t.left[rows]) and np.any(t.right[rows]):
                q = np.arange(0 if with_diagonal else 1, n)
                q_s = np.abs(q + t.right_shift - t.left_shift)
                used = (q_s < blocks.size[s]) & (with_diagonal | (q_s > 0))
                dest.append(blocks.row_start[b] + q[used])
                source.append(blocks.row_start[s] + q_s[used])
    source, dest = (np.concatenate([*x, np.zeros(0, int)]) for x in (source, dest))
    graph = sp.coo_array((np.ones(len(source)), (dest, source)), shape=(blocks.rows, blocks.rows))
    group = connected_components(graph, directed=False)[1][blocks.row_start[block] + k - i]
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return sorted(parts, key=lambda p: p[0])


def _describe(blocks: DickeBlocks, members) -> list[str]:
    """What the elements have in common: J of every species; for one species without modes |M − M′|."""
    _, block, i, k = members
    words = []
    present, coherence = np.unique(block), np.unique(k - i)
    if len(blocks.size) > 1 and len(present) == 1:
        J = [spins.row_J[blocks.row_start[present[0]]] for spins in blocks.spins]
        words.append(f"J = {', '.join(f'{x:g}' for x in J)}")
    if not isinstance(blocks, DickeBlocks):
        return words
    possible = blocks.size[present].max()
    if len(coherence) == 1 and possible > 1:
        words.append(f"|M − M′| = {coherence[0]}")
    elif np.all(coherence % 2 == coherence[0] % 2) and possible > 2:
        words.append(f"M − M′ {'odd' if coherence[0] % 2 else 'even'}")
    return words


def _split(sector: StoredSector, whole: bool) -> list[Sector]:
    matrix = sector.matrix()
    if matrix is None:
        return [sector]
    count, part = connected_components(matrix, directed=False)
    if count == 1 and whole:
        return [sector]
    order = np.argsort(part, kind="stable")
    out: list[Sector] = []
    for number, chosen in enumerate(np.split(order, np.flatnonzero(np.diff(part[order])) + 1), 1):
        label = sector.label if count == 1 else f"{sector.label}, part {number} of {count}"
        piece = sector.part(chosen, label) if count > 1 else sector
        inner = matrix[chosen][:, chosen] if count > 1 else matrix
        out.append(SparseSector(inner, piece.trace, label, piece.rate, piece.embed, piece.restrict, piece.scale))
    return out
