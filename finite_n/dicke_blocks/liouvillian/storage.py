"""The stored form of a Hermitian state: half of every block, real and imaginary parts in planes of their own.

Layout as in `finite_n.kernels`. A real symmetric state is one plane; a complex one two. With a real generator the
planes do not mix, so real arithmetic suffices for both.
"""

from __future__ import annotations

import numpy as np

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.terms import TermList
from finite_n.model.operators import without_rounding
from finite_n.threads import SMALL

PAD = 64  # slots read beyond the ends, times a coefficient that is zero
ROW_OVERHEAD = 20  # cost of a row besides its elements, in elements
LARGE = 1_000_000  # elements from which more shares cost nothing
_ROUNDING = 1e-14


class HermitianStorage:
    """Index tables for states whose terms shift left and right columns by up to `halo` against each other, and either
    by up to `reach` against its place in the block; the kernel may read that far beyond the ends of a plane."""

    def __init__(self, blocks: DickeBlocks, halo: int, reach: int = 2):
        self.blocks, self.halo, self._bounds, self._shares = blocks, halo, {}, {}
        pad = PAD + kernels.LANES * -(-reach // kernels.LANES)
        lines = -(-(blocks.size[blocks.row_block] - blocks.row_index + halo + kernels.LANES) // kernels.LANES)
        start = pad + kernels.LANES * (
            -(-halo // kernels.LANES) + np.concatenate([[0], np.cumsum(blocks.exists * lines)])
        )
        # where the diagonal element of every row is stored, at the beginning of a cache line: terms that shift rows and
        # columns alike then cross no lines; for a row that does not exist, where that of the next one is
        self.begin = start[:-1]
        self.offset = np.where(blocks.exists, self.begin - blocks.row_index, -1)
        self.length = int(start[-1]) + pad

    def bounds(self, workers: int) -> np.ndarray:
        """Rows split into runs of about equal work, whole shares each, shape (workers + 1,)."""
        if workers not in self._bounds:  # asked for at every application
            shares = self.shares(workers)
            self._bounds[workers] = shares[np.rint(np.arange(workers + 1) * (len(shares) - 1) / workers).astype(int)]
        return self._bounds[workers]

    def shares(self, workers: int) -> np.ndarray:
        """Rows split into runs of equal work over which functionals are summed one by one, shape (shares + 1,).

        For the threads chosen by default their number depends on the size alone: what comes out is then the same to the
        last digit for any number of threads.
        """
        if workers not in self._shares:  # asked for by `bounds` and by every problem
            b = self.blocks
            count = 1 if b.dim < SMALL and workers == 1 else max(workers, 4 if b.dim < LARGE else 16)
            work = np.cumsum(b.exists * (b.size[b.row_block] - b.row_index + ROW_OVERHEAD))
            inner = np.searchsorted(work, work[-1] * np.arange(1, count) / count)
            self._shares[workers] = np.concatenate([[0], inner, [b.rows]]).astype(np.int64)
        return self._shares[workers]

    def zeros(self, planes: int) -> np.ndarray:
        """An empty state, shape (planes, length), at the beginning of a cache line."""
        memory = np.zeros(planes * self.length + kernels.LANES)
        first = -(memory.ctypes.data // memory.itemsize) % kernels.LANES
        return memory[first : first + planes * self.length].reshape(planes, self.length)

    def pack(self, vector: np.ndarray, planes: int) -> np.ndarray:
        """Halves of the Hermitian part of a full vector."""
        state = self.zeros(planes)
        for plane, parity in zip(state, (1.0, -1.0), strict=False):
            full = np.ascontiguousarray(np.real(vector) if parity > 0 else np.imag(vector))
            kernels.pack(full, plane, parity, *self._tables)
        kernels.mirror(state, self.blocks.size, self.blocks.row_start, self.blocks.row_block, self.offset, self.halo)
        return state

    def unpack(self, state: np.ndarray) -> np.ndarray:
        """The full vector, float64 for one plane, complex128 for two."""
        full = np.empty(self.blocks.dim)
        kernels.unpack(state[0], full, 1.0, *self._tables)
        if len(state) == 1:
            return full
        out = np.empty(self.blocks.dim, complex)
        out.real = full
        kernels.unpack(state[1], full, -1.0, *self._tables)
        out.imag = full
        return out

    @property
    def _tables(self):
        b = self.blocks
        return b.size, b.row_start, b.element_start, b.row_block, self.offset


def coefficient_arrays(terms: TermList, halves: HermitianStorage, *more: TermList):
    """The terms in the form of the kernel: cut, coefficient, weight_at, source_at, right, diagonal.

    diagonal has one plane if it is real, else two. `more`: terms that act on states of their own, which follow in the
    planes of the first.
    """
    blocks = halves.blocks
    shifts, left, right, begins = [], [], [], []
    lists = [terms.off_diagonal(), *(x.all() for x in more)]
    for begin, t in ((k * halves.length, t) for k, own in enumerate(lists) for t in own):
        pairs = [(t.left, t.right)]
        if np.iscomplexobj(t.right):
            phase = t.right[np.argmax(np.abs(t.right))]
            phase = phase / abs(phase)
            turned = t.right * np.conj(phase)
            pairs = [(t.left * phase, turned.real)]
            if np.abs(turned.imag).max() > _ROUNDING * np.abs(turned).max():
                pairs.append((1j * t.left * phase, turned.imag))
        for l, r in pairs:
            if np.ptp(r) == 0:  # the same for all columns: into the other factor
                l, r = l * r[0], np.ones(len(r))
            shifts.append((t.hop, t.left_shift - t.hop, t.right_shift - t.hop))
            begins.append(begin)
            left.append(without_rounding(l, relative=_ROUNDING))
            right.append(r)
    keys, entries = [np.zeros(0, int)], [np.zeros((3, 0))]
    for index, ((hop, up, across), begin, l, r) in enumerate(zip(shifts, begins, left, right, strict=True)):
        own, bare = begin == hop == up == across == 0, r[0] == r[-1] and np.ptp(r) == 0
        kinds = (
            (kernels.OWN if own else kernels.BARE if bare else kernels.WEIGHTED),
            (kernels.BARE_IMAGINARY if bare else kernels.IMAGINARY),
        )
        for kind, value in zip(kinds, (l.real, l.imag), strict=True):
            used = value.nonzero()[0]
            if used.size:
                i = blocks.row_index[used]
                source = blocks.row_start[blocks.row_block[used] + hop] + i + up
                keys.append(used * kernels.KINDS + kind)
                at = begin + halves.offset[source] + i + across
                entries.append(np.array([value[used], index * blocks.rows + used, at]))
    keys = np.concatenate(keys)
    order = np.argsort(keys, kind="stable")
    count = np.bincount(keys, minlength=blocks.rows * kernels.KINDS)
    cut = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    coefficient, weight_at, source_at = np.concatenate(entries, axis=1)[:, order]
    places = np.int32 if max(len(lists) * halves.length, len(right) * blocks.rows) < 2**31 else np.int64
    diagonal = without_rounding(terms.diagonal(), relative=_ROUNDING)
    diagonal = np.array([diagonal.real, diagonal.imag])
    planes = 2 if np.any(diagonal[1]) else 1
    flat = np.concatenate([np.array(right, dtype=float).ravel(), np.zeros(PAD)])
    # columns beyond the last row are read, and their results are not used
    diagonal = np.pad(diagonal[:planes], ((0, 0), (0, kernels.LANES)))
    return cut, coefficient.copy(), weight_at.astype(places), source_at.astype(places), flat, diagonal


def mixes_planes(arrays: tuple) -> bool:
    """Whether any coefficient is imaginary, so that the planes of a state act on each other."""
    cut, diagonal = arrays[0], arrays[-1]
    return len(diagonal) > 1 or bool(
        np.any(cut[kernels.BARE_IMAGINARY :: kernels.KINDS] < cut[kernels.KINDS :: kernels.KINDS])
    )


def reach_of(*lists: TermList) -> int:
    """Largest distance, in rows or columns of a block, between an element and where a term takes it from."""
    terms = [t for terms in lists for t in terms.all()]
    return max((max(abs(t.left_shift - t.hop), abs(t.right_shift - t.hop)) for t in terms), default=0)


def halo_of(*lists: TermList) -> int:
    """Largest difference of left and right shift."""
    return max((abs(t.left_shift - t.right_shift) for terms in lists for t in terms.all()), default=0)
