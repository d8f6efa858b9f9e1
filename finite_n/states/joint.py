"""States that are no products over species and modes, as an evolution leaves them: blocks of all of them together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.species import Space
from finite_n.states.conversions import dims_of, read_full_space
from finite_n.states.full_space import check_rows, full_matrix
from finite_n.states.mode import ModeState
from finite_n.states.particles import BlockState, State
from finite_n.states.parts import InitialState
from finite_n.states.symmetric import SymmetricVector


class Marginal(State):
    """What a species alone has of a joint state: its blocks ρ_J by the position of J, all others traced out. No engine
    may start from it in place of the joint state."""

    def __init__(self, size: int, blocks: Mapping[int, np.ndarray]):
        self.size, self.blocks = size, blocks

    def of_size(self, N: int) -> list[np.ndarray]:
        """The blocks of every J; refuses another N than theirs."""
        if N != self.size:
            raise FiniteNError(
                f"initial state: it has {self.size} particles of a species where the model has {N}; evolve the same "
                "numbers."
            )
        return _every_block(N, self.blocks)

    def __repr__(self):
        return "part of a joint state"


class MarginalMode(ModeState):
    """What a mode alone has of a joint state: populations of its levels."""

    def __init__(self, levels: np.ndarray):
        self.levels = levels

    def weight_below(self, cutoff: int) -> float:
        """Weight of the levels 0 … cutoff."""
        return float(self.levels[: cutoff + 1].sum())

    def cutoff(self, N: int, tail: float) -> int:
        """Highest level needed so that about `tail` is left out."""
        above = np.cumsum(self.levels[::-1])[::-1]
        return max(int(np.count_nonzero(above > tail)) - 1, 0)

    def __repr__(self):
        return "part of a joint state"


class JointState(InitialState):
    """ρ of all species and modes, for one N.

    blocks: matrices on ⊗_s |J_s, M_s⟩ ⊗ modes, M descending, by the positions of their J in N_s/2, N_s/2 − 1, …; those
    that are missing vanish; sizes: N_s; levels: of every mode, cutoff + 1; psi: in place of blocks, amplitudes of a
    vector, J_s = N_s/2; parts: what species and modes have of it alone, by name.
    """

    def __init__(
        self,
        blocks: Mapping[tuple[int, ...], np.ndarray] | None,
        sizes: Sequence[int],
        levels: Sequence[int],
        space: Space,
        psi: np.ndarray | None = None,
    ):
        self._blocks, self.sizes, self.levels, self.psi = blocks, tuple(sizes), tuple(levels), psi
        super().__init__(self._marginals(space), space)

    @property
    def blocks(self) -> Mapping[tuple[int, ...], np.ndarray]:
        """Of a vector the only one, |ψ⟩⟨ψ|."""
        if self.psi is None:
            return self._blocks
        return {(0,) * len(self.sizes): np.outer(self.psi, self.psi.conj())}

    def dims(self, at: tuple[int, ...]) -> list[int]:
        """Of the factors of a block, 2J + 1 of every species, then the levels of every mode."""
        return [*(n + 1 - 2 * p for n, p in zip(self.sizes, at, strict=True)), *self.levels]

    def _marginals(self, space: Space) -> dict[str, State | ModeState]:
        count = len(self.sizes)
        found: list[dict[int, np.ndarray]] = [{} for _ in (*self.sizes, *self.levels)]
        for at, part in self._parts():
            for k, own in enumerate(found):
                key = at[k] if k < count else 0
                own[key] = own.get(key, 0) + part(k)
        parts = {s.name: Marginal(n, x) for s, n, x in zip(space.species, self.sizes, found, strict=False)}
        modes = zip(space.modes, found[count:], strict=True)
        return parts | {m.name: MarginalMode(np.diag(x[0]).real) for m, x in modes}

    def _parts(self) -> Iterator[tuple[tuple[int, ...], Callable[[int], np.ndarray]]]:
        """Every block's positions, and a function that gives what its k-th factor alone has."""
        if self.psi is not None:
            at = (0,) * len(self.sizes)
            tensor = self.psi.reshape(self.dims(at))
            rest = [[i for i in range(tensor.ndim) if i != k] for k in range(tensor.ndim)]
            yield at, lambda k: np.tensordot(tensor, tensor.conj(), (rest[k], rest[k]))
            return
        for at, matrix in self._blocks.items():
            dims = self.dims(at)
            n, whole = len(dims), np.asarray(matrix).reshape(*dims, *dims)

            def part(k, n=n, whole=whole):
                return np.einsum(whole, [*range(n), *(n if i == k else i for i in range(n))], [k, n])

            yield at, part

    def limit(self):
        raise FiniteNError(
            f"{self!r} has no mean-field limit here: it is of one N. Start from a product over species and modes to "
            "compare with a limit."
        )

    def within(self, space: Space) -> JointState:
        """The same of a model with the same species and modes."""
        own, other = ([(x.name, getattr(x, "dim", 0)) for x in s.owners] for s in (self.space, space))
        if own != other:
            raise FiniteNError(
                f"initial state: it is a {self!r}, and the model has {', '.join(map(str, space.owners))}; give a state "
                "of the same species and modes, in this order."
            )
        return JointState(self._blocks, self.sizes, self.levels, space, self.psi)

    def check_sizes(self, sizes: Sequence[int]) -> None:
        """Refuse other numbers of particles than those of the state."""
        if tuple(sizes) != self.sizes:
            raise FiniteNError(
                f"initial state of {' + '.join(map(str, self.sizes))} particles: the model has "
                f"{' + '.join(map(str, sizes))} of them; evolve the same numbers."
            )

    def to_qobj(self):
        """ρ as a qutip `Qobj` on the full space, particles of one species after those of another, then the modes; up to
        1024 dimensions."""
        import qutip

        check_rows(2 ** sum(self.sizes) * math.prod(self.levels), "state as Qobj")
        dims = [2] * sum(self.sizes) + list(self.levels)
        return qutip.Qobj(full_matrix(self.blocks, self.sizes, self.levels), dims=[dims, dims])

    def to_piqs(self):
        """Refuses: the Dicke basis of `qutip.piqs` is that of one species."""
        raise FiniteNError(f"{self!r}: PIQS knows one species and no modes; use to_qobj().")

    def __repr__(self):
        return f"joint state of {', '.join(map(str, self.space.owners))}"


def as_start(
    blocks: Mapping[tuple[int, ...], np.ndarray] | None,
    sizes: Sequence[int],
    levels: Sequence[int],
    space: Space,
    psi: np.ndarray | None = None,
) -> BlockState | SymmetricVector | JointState:
    """A state from its blocks, or from amplitudes `psi` with J_s = N_s/2: of one species without modes a state of its
    particles, else a `JointState`."""
    if len(sizes) > 1 or levels:
        return JointState(blocks, sizes, levels, space, psi)
    if psi is not None:
        return SymmetricVector(psi)
    return BlockState(_every_block(sizes[0], {k: b for (k,), b in blocks.items()}))


def _every_block(size: int, blocks: Mapping[int, np.ndarray]) -> list[np.ndarray]:
    return [blocks.get(k, np.zeros((n, n), complex)) for k, n in enumerate(range(size + 1, 0, -2))]


def is_of_all(state, space: Space) -> bool:
    """Whether a `Qobj` has a tensor factor for every particle and mode of a model with several of them."""
    dims = dims_of(state)
    if dims is None or len(dims) < 2 or len(space.owners) == 1:
        return False
    dim = space.species[0].dim
    return len(space.species) > 1 or (dims[0] == dim and set(dims) != {dim})


def joint_from_qobj(state, space: Space) -> JointState:
    """A state of all species and modes from a ket or matrix on their full space, as `JointState.to_qobj` orders it."""
    what, dims = "state on the full space", dims_of(state) or []
    if any(s.dim != 2 for s in space.species):
        raise FiniteNError(f"{what}: of several species or modes it is read for two-level particles only.")
    count = len(dims) - len(space.modes)
    if count < 1 or set(dims[:count]) != {2}:
        raise FiniteNError(
            f"{what}: its tensor factors have dimensions {shown(dims)}; give 2 for every particle, species after "
            f"species, then the levels of {len(space.modes)} modes."
        )
    sizes, levels = space.sizes(count), dims[count:]
    return JointState(read_full_space(state, sizes, levels, what), sizes, levels, space)
