"""The exact generator at N: its frame, its terms, and what is made from them (CSR matrix, compiled product).

The state is kept in a frame turned by U (every single-particle operator x becomes U x U†) in which the Δ of the
operator-valued rates is diagonal and, where possible, everything is real. Jumps whose Δ point along other axes are
applied in frames of their own: turn the state, apply their terms, turn back.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

import numpy as np
import scipy.sparse as sp

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks, dicke_blocks, dimension
from finite_n.dicke_blocks.liouvillian.storage import Halves, coefficient_arrays, halo_of, mixes_planes, reach_of
from finite_n.dicke_blocks.product_blocks import ProductBlocks
from finite_n.dicke_blocks.reality import is_real
from finite_n.dicke_blocks.rotation import spin_representation, turn, turn_back
from finite_n.dicke_blocks.terms import Term, TermList, build_terms
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.model.model import Model
from finite_n.model.rotation import adjoint_matrix, axis_rotation, turn_to_z
from finite_n.model.validation import check_kind, check_size, check_whole


@dataclasses.dataclass(eq=False)
class _Part:
    """Terms in a frame turned by `turn` (block matrices) against the frame of the state; None for no turn."""

    terms: TermList
    turn: list[np.ndarray] | None
    storage: _Storage

    @functools.cached_property
    def arrays(self) -> tuple:
        """The terms as the compiled product wants them, made when it is first used: a subset of elements does
        without."""
        return coefficient_arrays(self.terms, self.storage.halves)


class _Storage:
    """How states are stored, made when it is first used."""

    def __init__(self, blocks: DickeBlocks | ProductBlocks, terms: list[TermList]):
        self._blocks, self._halo, self._reach = blocks, halo_of(*terms), reach_of(*terms)

    @functools.cached_property
    def halves(self) -> Halves:
        return Halves(self._blocks, self._halo, self._reach)


class Generator:
    """The Lindblad generator of `model` for N particles, in a frame turned by `frame` (2×2 unitary).

    `blocks`: some of the J only, for a model that conserves J. For models with several species or modes `frame` maps
    names of species to unitaries, and `blocks` are `ProductBlocks`.

    Methods: `apply(v)` (compiled), `apply_plain(v)` (the same by plain Python), `csr()`, all on full vectors of `dim`
    elements; `apply_halves` on stored states. `is_real` says whether its coefficients are real in this frame.
    """

    def __init__(
        self,
        model: Model,
        N: int,
        frame: np.ndarray | Mapping[str, np.ndarray] | None = None,
        blocks: DickeBlocks | ProductBlocks | None = None,
    ):
        self.model = check_kind(model, "generator", Model)
        if model.is_single:
            N = check_size(N)
            check_memory("the generator", N, lambda n: 16.0 * (n / 2 + 1) ** 2)  # of one term at least
            self.blocks = dicke_blocks(N) if blocks is None else check_kind(blocks, "generator: blocks", DickeBlocks)
            if self.blocks.N != N:
                raise FiniteNError(f"generator: blocks of N = {self.blocks.N} for N = {N}; give blocks of the same N.")
            self.frame = choose_frame(model) if frame is None else np.asarray(frame, dtype=complex)
            lists = self._in_their_frames(model.rotated(self.frame))
        else:
            if not isinstance(blocks, ProductBlocks):
                raise FiniteNError("generator of several species or modes: give blocks, ProductBlocks(sizes, cutoffs).")
            self.blocks, self.frame = blocks, {} if frame is None else frame
            turned = model.rotated(frame)
            lists = [(build_terms(turned, turned.jumps, blocks), None)]
        self._storage = _Storage(self.blocks, [terms for terms, _ in lists])
        self.parts = [_Part(terms, turn, self._storage) for terms, turn in lists]

    @property
    def halves(self) -> Halves:
        """How states are stored."""
        return self._storage.halves

    @functools.cached_property
    def is_real(self) -> bool:
        """Whether the coefficients are real in this frame."""
        return len(self.parts) == 1 and not mixes_planes(self.parts[0].arrays)

    def _in_their_frames(self, turned: Model) -> list:
        """Terms of jumps by the axis of their Δ, each with the turn that its axis asks for."""
        lists = []
        for k, (unitary, jumps) in enumerate(_group_by_axis(turned)):
            jumps = [j.rotated(unitary) for j in jumps] if k else jumps
            terms = build_terms(turned if k == 0 else Model(), jumps, self.blocks)
            lists.append((terms, None if k == 0 else spin_representation(unitary, self.blocks)))
        return lists

    @property
    def dim(self) -> int:
        """Number of elements of the state."""
        return self.blocks.dim

    @property
    def terms(self) -> list[Term]:
        """All terms, of all parts."""
        return [t for part in self.parts for t in part.terms.all()]

    def planes(self, vector: np.ndarray) -> int:
        """Planes a Hermitian state needs: 1 if it and the generator are real, else 2."""
        return 1 if self.is_real and not np.iscomplexobj(vector) else 2

    @property
    def layout(self):
        """Index tables in the order of the kernel's arguments."""
        b = self.blocks
        return b.size, b.row_start, b.row_block, self.halves.offset, self.halves.halo

    def apply_halves(self, state, out, scale: float = 1.0, shift: float = 0.0, keep: float = 0.0, workers: int = 1):
        """out = keep out + scale (L + shift) ρ for a Hermitian ρ in stored form."""
        bounds = self.halves.bounds(workers)
        kernels.apply[workers > 1](state, out, keep, scale, shift, *self.layout, *self.parts[0].arrays, bounds)
        for part in self.parts[1:]:
            out += scale * self._turned(part, state, workers, bounds)

    def _turned(self, part: _Part, state, workers, bounds) -> np.ndarray:
        halves, blocks = self.halves, self.blocks
        turned, image = turn(halves.unpack(state), part.turn, blocks), halves.zeros(2)
        kernels.apply[workers > 1](halves.pack(turned, 2), image, 0.0, 1.0, 0.0, *self.layout, *part.arrays, bounds)
        return halves.pack(turn_back(halves.unpack(image), part.turn, blocks), 2)

    def apply(self, vector: np.ndarray, workers: int = 1) -> np.ndarray:
        """L ρ, compiled, for any matrix ρ, as the sum of its Hermitian and its anti-Hermitian part."""
        vector = self._full(vector)
        check_whole(workers, "generator: workers", 1)
        blocks, real = self.blocks, self.is_real and not np.iscomplexobj(vector)
        vector = vector.astype(complex)
        adjoint = blocks.join(m.conj().T for m in blocks.matrices(vector))

        def hermitian(v):
            state = self.halves.pack(v, 2)
            out = self.halves.zeros(2)
            self.apply_halves(state, out, workers=workers)
            return self.halves.unpack(out)

        image = hermitian((vector + adjoint) / 2) + 1j * hermitian((vector - adjoint) / 2j)
        return image.real if real else image

    def _full(self, vector) -> np.ndarray:
        """A full vector of finite numbers; refuses another shape."""
        try:
            out = np.asarray(vector)
            fits = out.shape == (self.dim,) and bool(np.all(np.isfinite(out)))
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise FiniteNError(f"generator: got {shown(vector)}; give a vector of {self.dim} finite numbers.")
        return out

    def apply_plain(self, vector: np.ndarray) -> np.ndarray:
        """L ρ by plain Python, term by term and element by element: slow, for tests at small N."""
        blocks, total = self.blocks, np.zeros(self.dim, complex)
        for part in self.parts:
            v = self._full(vector).astype(complex)
            if part.turn is not None:
                v = turn(v, part.turn, blocks)
            out = _plain_apply(part.terms.all(), v, blocks)
            if part.turn is not None:
                out = turn_back(out, part.turn, blocks)
            total += out
        return total

    def csr(self) -> sp.csr_array:
        """The generator as a sparse matrix acting on state vectors of this frame, shape (dim, dim)."""
        terms = len(self.terms)
        check_memory("the sparse matrix of the generator", self.blocks.N, lambda n: 48 * terms * dimension(n))
        total = None
        for part in self.parts:
            matrix = _terms_to_csr(part.terms.all(), self.blocks)
            if part.turn is not None:
                kron = sp.block_diag([sp.coo_array(np.kron(w, w.conj())) for w in part.turn], format="csr")
                matrix = kron.conj().T @ matrix @ kron
            total = matrix if total is None else total + matrix
        return sp.csr_array(total.real if self.is_real else total)

    def __repr__(self):
        kind = "real" if self.is_real else "complex"
        return f"Generator(N = {self.blocks.N}, {self.dim} elements, {len(self.terms)} terms, {kind})"


def choose_frame(model: Model, bloch=None) -> np.ndarray:
    """A 2×2 unitary U: Δ along z and, if a turn about z does it, the generator real, the initial Bloch vector too."""
    axes = [j.delta[1:] for j in model.jumps if np.any(j.delta[1:])]
    tilt = turn_to_z(axes[0]) if axes else np.eye(2, dtype=complex)
    to_axis = adjoint_matrix(tilt)
    m = to_axis @ (np.zeros(3) if bloch is None else np.asarray(bloch, dtype=float))
    linear = to_axis @ np.real(model.hamiltonian.gradient(np.zeros(3)))
    angles = [0.0, -np.pi / 2, np.pi / 2 - np.arctan2(linear[1], linear[0]), -np.arctan2(m[1], m[0])]
    real = []
    for angle in angles:
        frame = axis_rotation([0, 0, 1], angle) @ tilt
        state_too = abs((adjoint_matrix(axis_rotation([0, 0, 1], angle)) @ m)[1]) < 1e-15
        if (state_too or not real) and is_real(model.rotated(frame)):
            if state_too:
                return frame
            real.append(frame)
    return real[0] if real else tilt


def _group_by_axis(model: Model):
    """[(U, jumps)]: jumps that share the axis of Δ, with the turn that brings it to z; first the untilted ones."""
    groups = [(np.eye(2, dtype=complex), [])]
    for jump in model.jumps:
        r = jump.delta[1:]
        for unitary, jumps in groups:
            image = adjoint_matrix(unitary) @ r
            if np.hypot(image[0], image[1]) <= 1e-12 * np.linalg.norm(r):
                jumps.append(jump)
                break
        else:
            groups.append((turn_to_z(r), [jump]))
    return groups


def _plain_apply(terms: list[Term], vector: np.ndarray, blocks: DickeBlocks) -> np.ndarray:
    out = np.zeros(blocks.dim, complex)
    for b, n in enumerate(blocks.size):
        for t in terms:
            source = b + t.hop
            if not 0 <= source < len(blocks.size):
                continue
            n_s = blocks.size[source]
            for i in range(n):
                for k in range(n):
                    i_s, k_s = i - t.hop + t.left_shift, k - t.hop + t.right_shift
                    if 0 <= i_s < n_s and 0 <= k_s < n_s:
                        c = t.left[blocks.row_start[b] + i] * t.right[blocks.row_start[b] + k]
                        out[blocks.element_start[b] + i * n + k] += (
                            c * vector[blocks.element_start[source] + i_s * n_s + k_s]
                        )
    return out


def _terms_to_csr(terms: list[Term], blocks: DickeBlocks) -> sp.csr_array:
    return terms_matrix(terms, blocks, np.arange(blocks.dim))


def terms_matrix(terms: list[Term], blocks: DickeBlocks, elements: np.ndarray) -> sp.csr_array:
    """The terms between some elements (sorted), as a sparse matrix over them, real if all entries are."""
    b, i, k = blocks.locate(elements)
    whole = np.int32 if len(elements) < 2**31 else np.int64
    to, source, values = [np.zeros(0, whole)], [np.zeros(0, whole)], [np.zeros(0)]
    for t in terms:
        value = t.left[blocks.row_start[b] + i] * t.right[blocks.row_start[b] + k]
        used = np.flatnonzero(value)
        at = b[used] + t.hop
        i_s, k_s = i[used] - t.hop + t.left_shift, k[used] - t.hop + t.right_shift
        element = blocks.element_start[at] + i_s * blocks.size[at] + k_s
        place = np.minimum(np.searchsorted(elements, element), len(elements) - 1)
        inside = elements[place] == element
        value = value[used][inside]
        to.append(used[inside].astype(whole))
        source.append(place[inside].astype(whole))
        values.append(value if np.any(np.imag(value)) else np.real(value))
    values, index = np.concatenate(values), (np.concatenate(to), np.concatenate(source))
    return sp.coo_array((values, index), shape=2 * (len(elements),)).tocsr()
