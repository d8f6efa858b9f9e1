"""Initial states on Dicke blocks: all elements, some of them, or the weights of J.

`frame` is a 2×2 unitary U, by default 1; elements are those of W ρ W†, W its representation.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping

import numpy as np
from scipy.special import logsumexp, xlogy

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks, dicke_blocks, dimension, log_multiplicity
from finite_n.dicke_blocks.operators import spin_operators, total
from finite_n.dicke_blocks.rotation import rotate, spin_representation
from finite_n.engine import mode_states
from finite_n.errors import FiniteNError
from finite_n.model.operators import PAULI
from finite_n.states.initial_state import InitialState
from finite_n.states.joint import JointState, Marginal
from finite_n.states.particles import BlockState, DickeState, ProductState, State, ThermalState, no_case
from finite_n.states.symmetric import SymmetricState

_IDENTITY = np.eye(2, dtype=complex)
_AT_ONCE = 2_000_000  # elements of blocks that are made to look at some of them


@functools.singledispatch
def vector(state: State, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray:
    """All elements on the given blocks, float64 if they are real.

    An `InitialState` is made on `DickeBlocks`, with a mapping of names of species to their frames.
    """
    of_every_J = matrices(state, dicke_blocks(blocks.N))
    own = blocks.join(of_every_J[round(blocks.N / 2 - J)] for J in blocks.J)
    return _real_if_real(own if np.array_equal(frame, _IDENTITY) else rotate(own, frame, blocks))


@vector.register
def _(state: ProductState, blocks, frame=_IDENTITY):
    density = frame @ state.density @ frame.conj().T
    if np.abs(density.imag).max() < 1e-15:
        density = density.real
    logs, spectrum = _symmetric_powers(state, blocks.N)
    factor = np.exp(logs[np.rint(blocks.N / 2 - blocks.J).astype(int)])
    out = np.empty(blocks.dim, density.dtype)
    kernels.symmetric_powers(density / spectrum[1], factor, out, blocks.size, blocks.element_start)
    return out


@vector.register
def _(state: DickeState, blocks, frame=_IDENTITY):
    b, i = state.position(blocks.N)
    own = DickeBlocks([blocks.N], chosen=[np.array([b])])
    block = np.zeros(own.dim)
    block[i * (own.size[0] + 1)] = 1.0
    block = block if state.is_diagonal(frame) else _real_if_real(rotate(block, frame, own))
    out = np.zeros(blocks.dim, block.dtype)
    for at in np.flatnonzero(blocks.J == own.J[0]):
        out[blocks.element_start[at] : blocks.element_start[at + 1]] = block
    return out


@vector.register
def _(state: SymmetricState, blocks, frame=_IDENTITY):
    own = DickeBlocks([blocks.N], chosen=[np.array([0])])
    psi = spin_representation(frame, own)[0] @ state.of_size(blocks.N)
    block = _real_if_real(np.outer(psi, psi.conj()).ravel())
    out = np.zeros(blocks.dim, block.dtype)
    for at in np.flatnonzero(blocks.J == blocks.N / 2):
        out[blocks.element_start[at] : blocks.element_start[at + 1]] = block
    return out


@vector.register
def _(state: InitialState, blocks: DickeBlocks, frame: Mapping[str, np.ndarray]):
    matrices_of = []
    for s, spins in zip(state.space.species, blocks.spins, strict=True):
        own = spins.alone()
        matrices_of.append(own.matrices(vector(state.parts[s.name], own, frame[s.name])))
    modes = zip(state.space.modes, blocks.modes, strict=True)
    return blocks.product(matrices_of, [mode_states.density(state.parts[m.name], blocks.N, q.cutoff) for m, q in modes])


@vector.register
def _(state: JointState, blocks: DickeBlocks, frame: Mapping[str, np.ndarray]):
    state.check_sizes([s.N for s in blocks.spins])
    levels = [q.cutoff + 1 for q in blocks.modes]
    turns = [
        spin_representation(frame[s.name], spins.alone())
        for s, spins in zip(state.space.species, blocks.spins, strict=True)
    ]
    order = np.argsort([-s.stride for s in blocks.spins] + [-q.stride for q in blocks.modes], kind="stable")
    kept = [slice(min(pair)) for pair in zip(state.levels, levels, strict=True)]
    existing = []
    for which in np.ndindex(blocks.shape):
        at = tuple(int(spins.positions[i]) for spins, i in zip(blocks.spins, which, strict=True))
        own = state.dims(at)
        dims = [*own[: len(at)], *levels]
        out = np.zeros([*dims, *dims], complex)
        if at in state.blocks:
            inside = (*[slice(None)] * len(at), *kept) * 2
            out[inside] = np.asarray(state.blocks[at]).reshape(*own, *own)[inside]
        w = functools.reduce(np.kron, [t[i] for t, i in zip(turns, which, strict=True)] + [np.eye(n) for n in levels])
        size = math.prod(dims)
        turned = (w @ out.reshape(size, size) @ w.conj().T).reshape(*dims, *dims)
        existing.append(turned.transpose(*order, *(order + len(dims))).reshape(size, size))
    return _real_if_real(blocks.filled(existing))


@functools.singledispatch
def matrices(state: State, blocks: DickeBlocks) -> list[np.ndarray]:
    """ρ_J for every J of N particles, in the frame of the model: the one case that every kind of state needs."""
    raise FiniteNError(no_case(state, "Dicke blocks"))


def check_known(state: State) -> None:
    """Refuse a state of a kind that has no case of `matrices`."""
    if matrices.dispatch(type(state)) is matrices.dispatch(object):
        raise FiniteNError(no_case(state, "Dicke blocks"))


@matrices.register
def _(state: ProductState, blocks):
    return blocks.matrices(vector(state, blocks))


@matrices.register
def _(state: DickeState, blocks):
    b, i = state.position(blocks.N)
    out = [np.zeros((n, n)) for n in blocks.size]
    out[b][i, i] = 1.0
    return out


@matrices.register
def _(state: SymmetricState, blocks):
    return blocks.matrices(vector(state, blocks))


@matrices.register
def _(state: ThermalState, blocks):
    spins = blocks.spins[0]
    letters = [total(PAULI[a], spins) * (1 / blocks.N) for a in (1, 2, 3)]
    H = blocks.N * state.hamiltonian.evaluate(letters, spin_operators(spins)[0])
    spectra = [np.linalg.eigh(h) for h in H.dense(blocks)]
    logs = [d - state.beta * e for d, (e, _) in zip(blocks.log_multiplicity, spectra, strict=True)]
    norm = logsumexp(np.concatenate(logs))
    return [(v * np.exp(x - norm)) @ v.conj().T for x, (_, v) in zip(logs, spectra, strict=True)]


@matrices.register
def _(state: BlockState, blocks):
    return state.of_size(blocks.N)


@matrices.register
def _(state: Marginal, blocks):
    return state.of_size(blocks.N)


def diagonal(state: State, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
    """Diagonal elements, for every row, where a case says how without the blocks; None for a state that is not known to
    be diagonal."""
    return _diagonal(state, blocks, frame) if state.is_diagonal(frame) else None


@functools.singledispatch
def _diagonal(state, blocks: DickeBlocks, frame: np.ndarray) -> np.ndarray:
    return vector(state, blocks, frame)[blocks.diagonal()].real


@_diagonal.register
def _(state: ProductState, blocks, frame):
    up, down = np.clip(np.diag(frame @ state.density @ frame.conj().T).real, 0.0, 1.0)
    logs = blocks.log_multiplicity[blocks.row_block]
    logs = logs + xlogy(blocks.N / 2 + blocks.row_M, up) + xlogy(blocks.N / 2 - blocks.row_M, down)
    return np.exp(logs)


@_diagonal.register
def _(state: DickeState, blocks, frame):
    b, i = state.position(blocks.N)
    return ((blocks.row_J == blocks.N / 2 - b) & (blocks.row_index == i)).astype(float)


@_diagonal.register
def _(state: ThermalState, blocks, frame):
    every = dicke_blocks(blocks.N)
    m = 2 * every.row_M / blocks.N
    h = sum(np.real(c) * m ** len(w) for w, c in state.hamiltonian.words.items()) * np.ones(every.rows)
    logs = every.log_multiplicity[every.row_block] - state.beta * blocks.N * h
    out = np.exp(logs - logsumexp(logs))
    if len(blocks.J) == len(every.J):
        return out
    first = every.row_start[np.rint(blocks.N / 2 - blocks.J).astype(int)]
    return out[first[blocks.row_block] + blocks.row_index]


@_diagonal.register
def _(state: BlockState, blocks, frame):
    of_every_J = matrices(state, dicke_blocks(blocks.N))
    return np.concatenate([np.diag(of_every_J[round(blocks.N / 2 - J)]).real for J in blocks.J])


def populations(state: State, N: int, frame: np.ndarray = _IDENTITY) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions N/2 − J, positions J − M and weights of the populations that are not zero, of a diagonal state."""
    if isinstance(state, DickeState):
        b, i = state.position(N)
        return np.array([b]), np.array([i]), np.ones(1)
    blocks = dicke_blocks(N)
    weight = diagonal(state, blocks, frame)
    used = np.flatnonzero(weight)
    return blocks.row_block[used], blocks.row_index[used], weight[used]


def support(state: State, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray | None:
    """Elements that are not zero, sorted; None if nearly all are."""
    populated = diagonal(state, blocks, frame)
    return _support(state, blocks, frame) if populated is None else blocks.diagonal()[populated != 0]


@functools.singledispatch
def _support(state, blocks: DickeBlocks, frame: np.ndarray) -> np.ndarray | None:
    """`support` of a state that is not diagonal."""
    return np.flatnonzero(vector(state, blocks, frame))


@_support.register
def _(state: ProductState, blocks, frame):
    if np.linalg.eigvalsh(state.density)[0] > 0 or blocks.J[0] < blocks.N / 2:
        return None
    return np.arange(blocks.size[0] ** 2)  # pure: J = N/2 only


@_support.register
def _(state: DickeState, blocks, frame):
    b, _ = state.position(blocks.N)
    at = np.flatnonzero(blocks.J == blocks.N / 2 - b)
    return np.concatenate([np.arange(*blocks.element_start[x : x + 2]) for x in at] or [np.zeros(0, int)])


@_support.register
def _(state: SymmetricState, blocks, frame):
    at = np.flatnonzero(blocks.J == blocks.N / 2)
    if not at.size:
        return np.zeros(0, int)
    own = DickeBlocks([blocks.N], chosen=[np.array([0])])
    return np.flatnonzero(vector(state, own, frame)) + blocks.element_start[at[0]]


def elements(state: State, chosen: np.ndarray, blocks: DickeBlocks, frame: np.ndarray = _IDENTITY) -> np.ndarray:
    """The `chosen` elements (sorted) of `vector`, without making the others where that can be avoided."""
    populated = diagonal(state, blocks, frame)
    if populated is not None:
        b, i, k = blocks.locate(chosen)
        return np.where(i == k, populated[blocks.row_start[b] + i], 0.0)
    if not isinstance(state, ProductState) or blocks.dim <= _AT_ONCE:
        return vector(state, blocks, frame)[chosen]
    out, together = [], np.cumsum(blocks.size.astype(float) ** 2) // _AT_ONCE
    for x in np.unique(together):
        some = np.flatnonzero(together == x)
        begin, end = blocks.element_start[[some[0], some[-1] + 1]]
        wanted = chosen[np.searchsorted(chosen, begin) : np.searchsorted(chosen, end)]
        if wanted.size:
            part = DickeBlocks([blocks.N], chosen=[blocks.spins[0].positions[some]])
            out.append(vector(state, part, frame)[wanted - begin])
    return np.concatenate(out) if out else np.zeros(0)


@functools.singledispatch
def weights(state: State, N: int) -> np.ndarray:
    """Tr ρ_J for J = N/2, N/2 − 1, …"""
    blocks = dicke_blocks(N)
    populated = diagonal(state, blocks)
    if populated is not None:
        return np.add.reduceat(populated, blocks.row_start[:-1])
    return np.array([np.trace(m).real for m in matrices(state, blocks)])


@weights.register
def _(state: ProductState, N):
    logs, spectrum = _symmetric_powers(state, N)
    ratio, two_J = spectrum[0] / spectrum[1], N - 2 * np.arange(N // 2 + 1)
    # tr Sym^{2J} = Σ_k ratio^k, k = 0 … 2J
    if ratio == 1:
        series = two_J + 1.0
    elif ratio > 0:  # the same logarithm twice, so that its error cancels near the maximally mixed state
        series = np.expm1((two_J + 1.0) * np.log(ratio)) / np.expm1(np.log(ratio))
    else:
        series = np.ones(len(two_J))
    return np.exp(logs) * series


@weights.register
def _(state: DickeState, N):
    return (np.arange(N // 2 + 1) == state.position(N)[0]).astype(float)


@weights.register
def _(state: SymmetricState, N):
    return (np.arange(N // 2 + 1) == 0).astype(float)


def knows_weights(state: State) -> bool:
    """Whether the weights of J, and single blocks, are made without all blocks."""
    return isinstance(state, ProductState | DickeState | SymmetricState)


def least_elements(state: State, N: int) -> float:
    """Elements that blocks of conserved J hold at least, known without a list of the weights of J."""
    if isinstance(state, DickeState):
        return (N + 1.0 - 2 * state.position(N)[0]) ** 2
    if isinstance(state, SymmetricState):
        return (N + 1.0) ** 2
    if isinstance(state, ProductState):
        # half of the weight is at 2J ≥ N|m|, spread over √(N(1 − m²))
        m = min(float(np.linalg.norm(state.bloch)), 1.0)
        spread = math.sqrt(N * (1 - m**2))
        return max(1.0, spread / 2) * max(1.0, N * m + spread / 2) ** 2
    return dimension(N)  # they are made for all J


def is_real(state: State, frame: np.ndarray = _IDENTITY) -> bool:
    """Whether the elements are known to be real."""
    if isinstance(state, ProductState):
        return bool(np.abs((frame @ state.density @ frame.conj().T).imag).max() < 1e-15)
    return state.is_diagonal(frame)


def _symmetric_powers(state: ProductState, N: int) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of d_J det(ρ₁)^{N/2−J} λ^{2J} in ρ_J = d_J det(ρ₁)^{N/2−J} Sym^{2J}(ρ₁), and the eigenvalues of ρ₁, of
    which the larger one, λ, is taken out against underflow."""
    spectrum = np.clip(np.linalg.eigvalsh(state.density), 0.0, 1.0)
    J = N / 2 - np.arange(N // 2 + 1)
    logs = log_multiplicity(N, J) + xlogy(N / 2 - J, spectrum[0] * spectrum[1])
    return logs + 2 * J * np.log(spectrum[1]), spectrum


def _real_if_real(x: np.ndarray) -> np.ndarray:
    if np.iscomplexobj(x) and np.abs(x.imag).max() <= 1e-14 * np.abs(x).max():
        return np.ascontiguousarray(x.real)
    return x
