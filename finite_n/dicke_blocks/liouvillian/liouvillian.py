"""The exact generator at N: its frame, its terms, and what is made from them (CSR matrix, compiled product).

The state is kept in a frame rotated by U (every single-particle operator x becomes U x U†) in which the Δ of the
operator-valued rates is diagonal and, where possible, everything is real. Jumps whose Δ point along other axes are
applied in frames of their own: rotate the state, apply their terms, rotate back.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import scipy.sparse as sp

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks, all_blocks
from finite_n.dicke_blocks.frames import choose_frames
from finite_n.dicke_blocks.liouvillian.elements import terms_matrix
from finite_n.dicke_blocks.liouvillian.storage import (
    HermitianStorage,
    coefficient_arrays,
    halo_of,
    mixes_planes,
    reach_of,
)
from finite_n.dicke_blocks.rotation import representation, turn, turn_back
from finite_n.dicke_blocks.terms import Term, TermList, build_terms
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.rotation import adjoint_matrix, turn_to_z, turned_letters, turns_of
from finite_n.model.validation import check_kind, check_whole


@dataclasses.dataclass(eq=False)
class _Part:
    """Terms in a frame rotated by `turn` (block matrices) against the frame of the state; None for no rotation."""

    terms: TermList
    turn: list[np.ndarray] | None
    storage: _Tables

    @functools.cached_property
    def arrays(self) -> tuple:
        """The terms in the form of the compiled product, made when first used: a subset of elements needs none."""
        return coefficient_arrays(self.terms, self.storage.storage)


class _Tables:
    """How states are stored, made when it is first used."""

    def __init__(self, blocks: DickeBlocks, terms: list[TermList]):
        self._blocks, self._halo, self._reach = blocks, halo_of(*terms), reach_of(*terms)

    @functools.cached_property
    def storage(self) -> HermitianStorage:
        return HermitianStorage(self._blocks, self._halo, self._reach)


class Liouvillian:
    """The Lindblad generator of `model` for N particles, every species in a frame rotated by its 2×2 unitary.

    Parameters
    ----------
    model : Model
        Of two-level species and modes.
    N : int
        Particles of all species.
    frames : mapping of names of species to unitaries, or the unitary of the only species
        Default: Δ along z and, where rotations suffice, real coefficients.
    blocks : DickeBlocks
        Default: all blocks; needed where there are modes, and for some of the J of a model that conserves them.

    Methods: `apply(v)` (compiled), `apply_plain(v)` (the same in plain Python), `csr()`, all on full vectors of `dim`
    elements; `apply_stored` on stored states. `is_real` says whether its coefficients are real in this frame.
    """

    def __init__(self, model: Model, N: int, frames=None, blocks: DickeBlocks | None = None):
        self.model = check_kind(model, "generator", Model)
        if blocks is None:
            sizes = model.space.sizes(N)
            if model.modes:
                raise FiniteNError("generator of a model with modes: give blocks, DickeBlocks(sizes, cutoffs).")

            def one_term(n):
                return 16.0 * math.prod((x * (n / N) / 2 + 1) ** 2 for x in sizes)

            check_memory("the generator", N, one_term)
            blocks = all_blocks(tuple(sizes))
        self.blocks = check_kind(blocks, "generator: blocks", DickeBlocks)
        if blocks.N != N or len(blocks.spins) != len(model.species) or len(blocks.modes) != len(model.modes):
            raise FiniteNError(
                f"generator: blocks of N = {blocks.N}, {len(blocks.spins)} species and {len(blocks.modes)} modes for "
                f"N = {N}, {len(model.species)} and {len(model.modes)}; give blocks of the same N and model."
            )
        self.frames = choose_frames(model) if frames is None else turns_of(model.space, frames)
        lists = self._in_their_frames(model.rotated(self.frames))
        self._storage = _Tables(self.blocks, [terms for terms, _ in lists])
        self.parts = [_Part(terms, turn, self._storage) for terms, turn in lists]

    def store_as(self, other: Liouvillian) -> None:
        """Store states as `other`, a generator on the same blocks, does, whose terms reach as far."""
        self._storage = other._storage
        for part in self.parts:
            part.storage = other._storage

    @property
    def storage(self) -> HermitianStorage:
        """How states are stored."""
        return self._storage.storage

    @functools.cached_property
    def is_real(self) -> bool:
        """Whether the coefficients are real in this frame."""
        return len(self.parts) == 1 and not mixes_planes(self.parts[0].arrays)

    def _in_their_frames(self, turned: Model) -> list:
        """Terms of jumps by the axes of their Δ, each with the rotation that its axes need."""
        lists, space = [], turned.space
        for turns, jumps in _by_axes(turned):
            if not turns:
                lists.append((build_terms(turned, jumps, self.blocks), None))
                continue
            images, every = (
                turned_letters(space, full := turns_of(space, turns)),
                Model(0.0, species=space.species, modes=space.modes),
            )
            jumps = [j.rotated(full[turned.species_of(j).name], images) for j in jumps]
            lists.append((build_terms(every, jumps, self.blocks), representation(turns, self.blocks, space)))
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
        """Planes that a Hermitian state `vector` needs: 1 if it and the generator are real, else 2."""
        return 1 if self.is_real and not np.iscomplexobj(vector) else 2

    @property
    def layout(self):
        """Index tables in the order of the kernel's arguments."""
        b = self.blocks
        return b.size, b.row_start, b.row_block, self.storage.offset, self.storage.halo

    def apply_stored(self, state, out, scale: float = 1.0, shift: float = 0.0, keep: float = 0.0, workers: int = 1):
        """out = keep out + scale (L + shift) ρ for a Hermitian ρ, `state`, in stored form, by `workers` threads."""
        bounds = self.storage.bounds(workers)
        kernels.apply[workers > 1](state, out, keep, scale, shift, *self.layout, *self.parts[0].arrays, bounds)
        for part in self.parts[1:]:
            out += scale * self._turned(part, state, workers, bounds)

    def _turned(self, part: _Part, state, workers, bounds) -> np.ndarray:
        halves, blocks = self.storage, self.blocks
        turned, image = turn(halves.unpack(state), part.turn, blocks), halves.zeros(2)
        kernels.apply[workers > 1](halves.pack(turned, 2), image, 0.0, 1.0, 0.0, *self.layout, *part.arrays, bounds)
        return halves.pack(turn_back(halves.unpack(image), part.turn, blocks), 2)

    def apply(self, vector: np.ndarray, workers: int = 1) -> np.ndarray:
        """L ρ, compiled, for any matrix ρ, `vector` of shape (size,), as the sum of its Hermitian and its
        anti-Hermitian part; `workers` threads."""
        vector = self._full(vector)
        check_whole(workers, "generator: workers", 1)
        blocks, real = self.blocks, self.is_real and not np.iscomplexobj(vector)
        vector = vector.astype(complex)
        adjoint = blocks.join(m.conj().T for m in blocks.matrices(vector))

        def hermitian(v):
            state = self.storage.pack(v, 2)
            out = self.storage.zeros(2)
            self.apply_stored(state, out, workers=workers)
            return self.storage.unpack(out)

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
        """L ρ in plain Python for ρ = `vector`, shape (size,), term by term and element by element: slow, for tests at
        small N."""
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
        check_memory(
            "the sparse matrix of the generator", N := self.blocks.N, lambda n: 48 * terms * self.dim * (n / N) ** 3
        )
        total = None
        for part in self.parts:
            matrix = _terms_to_csr(part.terms.all(), self.blocks)
            if part.turn is not None:
                whole = self.blocks.matrices(self.blocks.filled(part.turn))
                kron = sp.block_diag([sp.coo_array(np.kron(w, w.conj())) for w in whole], format="csr")
                matrix = kron.conj().T @ matrix @ kron
            total = matrix if total is None else total + matrix
        return sp.csr_array(total.real if self.is_real else total)

    def __repr__(self):
        kind = "real" if self.is_real else "complex"
        return f"Liouvillian(N = {self.blocks.N}, {self.dim} elements, {len(self.terms)} terms, {kind})"


def _by_axes(model: Model) -> list[tuple[dict[str, np.ndarray], list[LocalJump]]]:
    """Jumps whose Δ lie along the same axes, with the rotations that bring these to z; first those that need none."""
    groups: list[tuple[dict, list]] = [({}, [])]
    for jump in model.jumps:
        fields = {s.name: np.real([jump.argument.words.get((a,), 0) for a in s.letters]) for s in model.species}
        for turns, jumps in groups:
            if all(_is_along_z(turns.get(name), r) for name, r in fields.items()):
                jumps.append(jump)
                break
        else:
            groups.append(({name: turn_to_z(r) for name, r in fields.items() if not _is_along_z(None, r)}, [jump]))
    return groups


def _is_along_z(unitary: np.ndarray | None, r: np.ndarray) -> bool:
    image = r if unitary is None else adjoint_matrix(unitary) @ r
    return bool(np.hypot(image[0], image[1]) <= 1e-12 * np.linalg.norm(r))


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
