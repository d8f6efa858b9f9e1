"""The sectors of a Liouvillian on Dicke blocks: Hermitian matrices as independent real linear problems ẋ = Lx.

A Hermitian matrix is a list of real numbers x, and L maps such lists to such lists; on them L has exactly the spectrum
of the Liouvillian. x holds the elements (i, k ≥ i) once, those off the diagonal times √2, so that ‖x‖ is the Frobenius
norm of the block matrices. Under a real generator real symmetric and imaginary antisymmetric matrices do not mix;
conserved J, a conserved coherence M − M′ (or its parity) and anything else that leaves matrix elements unconnected
split further.
"""

from __future__ import annotations

import functools
import weakref
from collections import defaultdict

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.liouvillian.symbol import around_generator, symbol_of
from finite_n.eigenmodes.sectors import Sector, SparseSector
from finite_n.propagation.exponential import exponential
from finite_n.propagation.faber import Ellipse

SPLIT = 20_000  # numbers up to which a sector's matrix is made, to look for parts that are not connected
COLUMNS = 1_500  # numbers up to which a matrix is made column by column, where the terms are in several frames
_ROUNDING = 1e-14  # matrix elements and terms below, relative to the largest, do not connect


class StoredSector(Sector):
    """Some elements of Hermitian matrices as a `Liouvillian` stores them, applied by its compiled kernel.

    Parameters
    ----------
    liouvillian : Liouvillian
    planes : int
        Planes of the stored state that the kernel needs: 1 for real symmetric matrices, else 2.
    members : (plane, block, row, column) integer arrays, column ≥ row
    kind : str
        Of matrices; the label adds what else the elements have in common.
    """

    def __init__(self, liouvillian: Liouvillian, planes: int, members, kind: str):
        self.liouvillian, self._planes, self._kind = liouvillian, planes, kind
        self._members = plane, block, i, k = members
        blocks, storage = liouvillian.blocks, liouvillian.storage
        self.size = len(plane)
        self.label = ", ".join([kind, *in_common(liouvillian, block, i, k)])
        self._index = plane * storage.length + storage.offset[blocks.row_start[block] + i] + k
        self._scale = np.where(i == k, 1.0, np.sqrt(2.0))
        self.trace = ((i == k) & (plane == 0)).astype(float)
        self.rate = typical_rate(liouvillian)
        self.scale = largest_rate(liouvillian)

    def _state(self, x: np.ndarray) -> np.ndarray:
        state = self.liouvillian.storage.zeros(self._planes)
        values = x / self._scale
        values[np.abs(values) < kernels.TINY] = 0.0
        state.ravel()[self._index] = values
        kernels.mirror(state, *self.liouvillian.layout)
        return state

    def _numbers(self, state: np.ndarray) -> np.ndarray:
        return state.ravel()[self._index] * self._scale

    def apply(self, x: np.ndarray) -> np.ndarray:
        out = self.liouvillian.storage.zeros(self._planes)
        self.liouvillian.apply_stored(self._state(x), out)
        return self._numbers(out)

    def propagate(self, x: np.ndarray, tau: float, tol: float = 1e-14) -> np.ndarray:
        ellipse = _ellipse(self.liouvillian)
        return self._numbers(exponential(self.liouvillian.apply_stored, self._state(x), tau, ellipse, tol))

    @property
    def workspace(self) -> float:
        states = 6 * 8.0 * self._planes * self.liouvillian.storage.length
        return states + (6 * 16.0 * self.liouvillian.dim if len(self.liouvillian.parts) > 1 else 0.0)

    def matrix(self) -> sp.csr_array | None:
        if len(self.liouvillian.parts) == 1:
            return self._matrix_of_terms() if self.size <= SPLIT else None
        if self.size > COLUMNS:
            return None
        columns = np.array([self.apply(unit) for unit in np.eye(self.size)]).T
        columns[np.abs(columns) <= _ROUNDING * np.abs(columns).max(initial=0)] = 0.0
        return sp.csr_array(columns)

    def _matrix_of_terms(self) -> sp.csr_array:
        blocks, storage = self.liouvillian.blocks, self.liouvillian.storage
        plane, block, i, k = self._members
        lookup = np.full(2 * storage.length, -1)
        lookup[self._index] = np.arange(self.size)
        here, rows, columns, values = np.arange(self.size), [], [], []
        for t in self.liouvillian.terms:
            source = block + t.hop
            n = blocks.size[np.clip(source, 0, len(blocks.size) - 1)]
            i_s, k_s = i - t.hop + t.left_shift, k - t.hop + t.right_shift
            c = t.left[blocks.row_start[block] + i] * t.right[blocks.row_start[block] + k]
            inside = (source >= 0) & (source < len(blocks.size)) & (c != 0)
            inside &= (i_s >= 0) & (i_s < n) & (k_s >= 0) & (k_s < n)
            row, p, c, i_s, k_s = here[inside], plane[inside], c[inside], i_s[inside], k_s[inside]
            low, high = np.minimum(i_s, k_s), np.maximum(i_s, k_s)
            at = storage.offset[blocks.row_start[source[inside]] + low] + high
            sign = np.where(i_s > k_s, -1.0, 1.0)  # ρ_ik = X_ik + iY_ik with X_ki = X_ik, Y_ki = −Y_ik
            for q in (0, 1):
                column = lookup[q * storage.length + at]
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
        return self.liouvillian.storage.unpack(self._state(x))

    def restrict(self, vector: np.ndarray) -> np.ndarray:
        return self._numbers(self.liouvillian.storage.pack(vector, self._planes))

    def part(self, chosen: np.ndarray) -> StoredSector:
        """The sector of some of the numbers."""
        return StoredSector(self.liouvillian, self._planes, tuple(m[chosen] for m in self._members), self._kind)


_known: weakref.WeakKeyDictionary[Liouvillian, dict] = weakref.WeakKeyDictionary()  # so that none is kept alive


def _once(function):
    """Compute a function of a Liouvillian once for each."""

    @functools.wraps(function)
    def cached(liouvillian: Liouvillian):
        known = _known.setdefault(liouvillian, {})
        if function.__name__ not in known:
            known[function.__name__] = function(liouvillian)
        return known[function.__name__]

    return cached


@_once
def _ellipse(liouvillian: Liouvillian) -> Ellipse:
    return around_generator(liouvillian, np.inf)


def largest_rate(liouvillian: Liouvillian) -> float:
    """How far the field of values reaches: the largest rate or frequency."""
    ellipse = _ellipse(liouvillian)
    return float(max(ellipse.a + ellipse.mu, ellipse.b))


@_once
def typical_rate(liouvillian: Liouvillian) -> float:
    """Half of how far the field of values reaches to the left, per particle: a typical decay rate."""
    rate = 0.0
    for part in liouvillian.parts:
        symbol = symbol_of(part.terms.all(), liouvillian.blocks)
        left = -symbol.real.min()
        rate += left / 2 if left > 1e-12 * np.abs(symbol).max() else 0.0
    return float(rate / liouvillian.blocks.N)


def sectors_of(liouvillian: Liouvillian) -> list[Sector]:
    """All sectors of a Liouvillian; together they hold every Hermitian matrix exactly once.

    A sector is a `StoredSector` if it fills its planes, and otherwise, where its matrix is small enough to be made, a
    `SparseSector` for each of the matrix's connected parts.
    """
    out: list[Sector] = []
    choices = [((0,), 1, "real symmetric"), ((1,), 2, "imaginary antisymmetric")]
    if not liouvillian.is_real:
        choices = [((0, 1), 2, "Hermitian")]
    for planes, stored, kind in choices:
        members = _elements(liouvillian.blocks, planes)
        groups = _groups(liouvillian, members, with_diagonal=0 in planes)
        for chosen in groups:
            sector = StoredSector(liouvillian, stored, tuple(m[chosen] for m in members), kind)
            out += _split(sector, whole=len(groups) == 1)
    alike = defaultdict(list)
    for sector in out:
        alike[sector.label].append(sector)
    for sectors in alike.values():
        if len(sectors) > 1:
            for number, sector in enumerate(sectors, 1):
                sector.label += f", part {number} of {len(sectors)}"
    return out


def with_trace(liouvillian: Liouvillian) -> StoredSector:
    """All real symmetric matrices under a real Liouvillian, else all Hermitian ones, without a search for parts."""
    if not liouvillian.is_real:
        return StoredSector(liouvillian, 2, _elements(liouvillian.blocks, (0, 1)), "Hermitian")
    return StoredSector(liouvillian, 1, _elements(liouvillian.blocks, (0,)), "real symmetric")


def antisymmetric(liouvillian: Liouvillian) -> StoredSector:
    """All imaginary antisymmetric matrices, under a real Liouvillian."""
    return StoredSector(liouvillian, 2, _elements(liouvillian.blocks, (1,)), "imaginary antisymmetric")


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


def _groups(liouvillian: Liouvillian, members, with_diagonal: bool) -> list[np.ndarray]:
    """Index arrays of elements that no term connects, told by block and coherence q = k − i alone."""
    _, block, i, k = members
    if len(liouvillian.parts) > 1 or len(block) == 0:
        return [np.arange(len(block))] if len(block) else []
    blocks = liouvillian.blocks
    scale = max((np.abs(t.left).max() * np.abs(t.right).max() for t in liouvillian.terms), default=0.0)
    source, dest = [], []
    for t in liouvillian.terms:
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


def in_common(liouvillian: Liouvillian, block, i, k) -> list[str]:
    """What elements have in common, in words: J of every species, and the coherence, M − M′ of a species or n − n′ of a
    mode, or its parity."""
    blocks, space = liouvillian.blocks, liouvillian.model.space
    words = []
    if len(blocks.size) > 1 and len(block) and np.all(block == block[0]):
        J = [spins.row_J[blocks.row_start[block[0]]] for spins in blocks.spins]
        words.append(f"J = {', '.join(f'{x:g}' for x in J)}")
    row, column = blocks.row_start[block] + i, blocks.row_start[block] + k
    quanta = [("M", spins.row_M, 2 * spins.row_J[row].max(initial=0) + 1) for spins in blocks.spins]
    quanta += [("n", mode.row_n, mode.cutoff + 1) for mode in blocks.modes]
    for owner, (letter, number, possible) in zip(space.owners, quanta, strict=True):
        coherence = np.unique(np.abs(np.rint(number[row] - number[column])).astype(int))
        of = f"{owner.name}: " if owner.name and len(quanta) > 1 else ""
        if len(coherence) == 1 and possible > 1:
            words.append(f"{of}|{letter} − {letter}′| = {coherence[0]}")
        elif len(coherence) > 1 and np.all(coherence % 2 == coherence[0] % 2) and possible > 2:
            words.append(f"{of}{letter} − {letter}′ {'odd' if coherence[0] % 2 else 'even'}")
    return words


def _split(sector: StoredSector, whole: bool) -> list[Sector]:
    """The parts of a sector that its matrix does not connect; `whole`: it is all there is, and stays if it is one
    part."""
    matrix = sector.matrix()
    if matrix is None:
        return [sector]
    count, part = connected_components(matrix, directed=False)
    if count == 1 and whole:
        return [sector]
    order = np.argsort(part, kind="stable")
    out: list[Sector] = []
    for chosen in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        piece = sector.part(chosen) if count > 1 else sector
        inner = matrix[chosen][:, chosen] if count > 1 else matrix
        out.append(SparseSector(inner, piece.trace, piece.label, piece.rate, piece.embed, piece.restrict, piece.scale))
    return out
