"""The exact generator at N: its frame, its terms, and what is made from them (CSR matrix, compiled product).

The state is kept in a frame turned by U (every single-particle operator x becomes U x U†) in which the Δ of the
operator-valued rates is diagonal and, where possible, everything is real. Jumps whose Δ point along other axes are applied
in frames of their own: turn the state, apply their terms, turn back.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp

from finite_n import kernel
from finite_n.blocks import DickeBlocks, dicke_blocks
from finite_n.memory import check_memory
from finite_n.model import Model, adjoint_matrix
from finite_n.rotation import axis_rotation, spin_representation, turn_to_z
from finite_n.terms import Term, build_terms

_REAL_TOLERANCE = 1e-14  # rounding in the coefficients of a rotated model


@dataclasses.dataclass(frozen=True)
class _Part:
    """Terms in a frame turned by `turn` (block matrices) against the frame of the state; None for no turn."""

    terms: list[Term]
    turn: list[np.ndarray] | None


class Generator:
    """The Lindblad generator of `model` for N particles, in a frame turned by `frame` (2×2 unitary).

    Methods: `apply(v)` (compiled), `apply_plain(v)` (the same kernel, uncompiled), `csr()`.
    `is_real` says whether its coefficients are real in this frame.
    """

    def __init__(self, model: Model, N: int, frame: np.ndarray | None = None):
        self.model = model
        self.blocks: DickeBlocks = dicke_blocks(N)
        self.frame = choose_frame(model) if frame is None else np.asarray(frame, dtype=complex)
        turned = model.rotated(self.frame)
        groups = _group_by_axis(turned)
        bare = Model()
        self.parts = []
        for k, (turn, jumps) in enumerate(groups):
            part_model = turned if k == 0 else bare
            jumps = [_turned_jump(turned, j, turn) for j in jumps]
            representation = None if k == 0 else spin_representation(turn, self.blocks)
            self.parts.append(_Part(build_terms(part_model, jumps, self.blocks), representation))
        self.is_real = len(self.parts) == 1 and all(
            np.abs(np.imag(x)).max(initial=0) <= _REAL_TOLERANCE * np.abs(x).max(initial=0)
            for t in self.parts[0].terms
            for x in (t.left, t.right)
        )
        self._arrays = {}

    @property
    def dim(self) -> int:
        """Number of elements of the state."""
        return self.blocks.dim

    @property
    def terms(self) -> list[Term]:
        """All terms, of all parts."""
        return [t for part in self.parts for t in part.terms]

    def dtype(self, vector: np.ndarray):
        """float64 if generator and vector are real, else complex128."""
        return np.dtype(float if self.is_real and not np.iscomplexobj(vector) else complex)

    def arrays(self, part: int, real: bool):
        """Kernel arrays of one part."""
        key = (part, real)
        if key not in self._arrays:
            self._arrays[key] = kernel.as_arrays(self.parts[part].terms, self.blocks, real)
        return self._arrays[key]

    @property
    def layout(self):
        """Index tables in the order of the kernel's arguments."""
        b = self.blocks
        return b.size, b.row_start, b.element_start, b.row_block

    def apply(self, vector: np.ndarray, workers: int = 1) -> np.ndarray:
        """L ρ, compiled; same shape and type as the vector (complex if the generator is complex)."""
        return self._apply(kernel.apply, vector, workers)

    def apply_plain(self, vector: np.ndarray) -> np.ndarray:
        """L ρ by the uncompiled twin of the kernel: slow, for tests at small N."""
        return self._apply(_plain_apply, vector, 1)

    def _apply(self, function, vector, workers):
        dtype = self.dtype(vector)
        vector = np.ascontiguousarray(vector, dtype=dtype)
        out = np.empty(self.dim, dtype)
        function(vector, out, *self.layout, *self.arrays(0, dtype.kind == "f"), workers)
        self.add_turned_parts(vector, out, 1.0, workers, function)
        return out

    def add_turned_parts(self, vector, out, scale, workers, function=kernel.apply) -> None:
        """out += scale · (the parts that live in frames of their own) vector."""
        for k, part in enumerate(self.parts[1:], start=1):
            turned = self.blocks.join(
                w @ m @ w.conj().T for w, m in zip(part.turn, self.blocks.matrices(vector), strict=True)
            )
            image = np.empty_like(turned)
            function(turned, image, *self.layout, *self.arrays(k, False), workers)
            out += scale * self.blocks.join(
                w.conj().T @ m @ w for w, m in zip(part.turn, self.blocks.matrices(image), strict=True)
            )

    def csr(self) -> sp.csr_array:
        """The generator as a sparse matrix acting on state vectors of this frame, shape (dim, dim)."""
        entries = sum(int(self.blocks.dim) for _ in self.terms)
        check_memory(24 * entries, "the sparse matrix of the generator", self.blocks.N, _csr_bytes(len(self.terms)))
        total = None
        for part in self.parts:
            matrix = _terms_to_csr(part.terms, self.blocks)
            if part.turn is not None:
                turn = sp.block_diag([np.kron(w, w.conj()) for w in part.turn], format="csr")
                matrix = turn.conj().T @ matrix @ turn
            total = matrix if total is None else total + matrix
        return sp.csr_array(total.real if self.is_real else total)

    def __repr__(self):
        kind = "real" if self.is_real else "complex"
        return f"Generator(N = {self.blocks.N}, {self.dim} elements, {len(self.terms)} terms, {kind})"


def choose_frame(model: Model, bloch=None) -> np.ndarray:
    """A 2×2 unitary U: Δ along z and, if a turn about z does it, generator (and initial Bloch vector) real."""
    axes = [j.delta[1:] for j in model.jumps if np.any(j.delta[1:])]
    tilt = turn_to_z(axes[0]) if axes else np.eye(2, dtype=complex)
    turn = adjoint_matrix(tilt)
    linear = turn @ np.real(model.hamiltonian.gradient(np.zeros(3)))
    angles = [0.0, -np.pi / 2, np.pi / 2 - np.arctan2(linear[1], linear[0])]
    if bloch is not None:
        m = turn @ np.asarray(bloch, dtype=float)
        angles += [-np.arctan2(m[1], m[0])]
    for angle in angles:
        frame = axis_rotation([0, 0, 1], angle) @ tilt
        state_is_real = bloch is None or abs((adjoint_matrix(frame) @ bloch)[1]) < 1e-15
        if state_is_real and Generator(model, 4, frame).is_real:
            return frame
    return tilt


def _group_by_axis(model: Model):
    """[(U, jumps)]: jumps that share the axis of Δ, with the turn that brings it to z; first the untilted ones."""
    groups = [(np.eye(2, dtype=complex), [])]
    for jump in model.jumps:
        r = jump.delta[1:]
        for turn, jumps in groups:
            image = adjoint_matrix(turn) @ r
            if np.hypot(image[0], image[1]) <= 1e-12 * np.linalg.norm(r):
                jumps.append(jump)
                break
        else:
            groups.append((turn_to_z(r), [jump]))
    return groups


def _turned_jump(model: Model, jump, turn):
    return dataclasses.replace(model, hamiltonian=0, jumps=[jump], collective=()).rotated(turn).jumps[0]


def _plain_apply(vector, out, size, row_start, element_start, row_block, table, left, right, workers):
    for r, b in enumerate(row_block):
        i = r - row_start[b]
        kernel._apply_row.py_func(r, b, i, vector, out, size, row_start, element_start, table, left, right)


def _csr_bytes(terms: int):
    return lambda N: 24 * terms * (N + 1) * (N + 2) * (N + 3) // 6


def _terms_to_csr(terms: list[Term], blocks: DickeBlocks) -> sp.csr_array:
    rows, columns, values = [], [], []
    for t in terms:
        for b, n in enumerate(blocks.size):
            source = b + t.hop
            if not 0 <= source < len(blocks.size):
                continue
            n_s = blocks.size[source]
            i = np.arange(n)[:, None]
            k = np.arange(n)[None, :]
            i_s, k_s = i - t.hop + t.left_shift, k - t.hop + t.right_shift
            part = slice(blocks.row_start[b], blocks.row_start[b + 1])
            value = np.outer(t.left[part], t.right[part])
            inside = (i_s >= 0) & (i_s < n_s) & (k_s >= 0) & (k_s < n_s) & (value != 0)
            rows.append((blocks.element_start[b] + i * n + k)[inside])
            columns.append((blocks.element_start[source] + i_s * n_s + k_s)[inside])
            values.append(value[inside])
    shape = (blocks.dim, blocks.dim)
    if not rows:
        return sp.csr_array(shape, dtype=complex)
    index = (np.concatenate(rows), np.concatenate(columns))
    return sp.coo_array((np.concatenate(values), index), shape=shape).tocsr()
