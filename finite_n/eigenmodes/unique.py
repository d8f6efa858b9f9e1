"""The stationary state by a search of the trace's sector alone, where that shows that there is no other."""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.density import SomeElements
from finite_n.dicke_blocks.liouvillian.elements import closed_orders
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.eigenmodes.arnoldi import COEFFICIENTS
from finite_n.eigenmodes.dicke_sectors import antisymmetric, with_trace
from finite_n.eigenmodes.fill_in import bytes_of_decomposition, decomposes
from finite_n.eigenmodes.null_vector import has_zero_mode, null_vector
from finite_n.eigenmodes.relaxed import AMPLIFIED, bytes_of_relaxation, relaxed, slowest
from finite_n.eigenmodes.trace_sector import TraceSector, is_simple, trace_sector
from finite_n.memory import check_memory

_GROWTH = 2.95  # power of N, tables over rows growing more slowly: the N that a refusal names must fit
_WHAT = "the stationary state"
_ABSENT = 1e-15  # weight of a block that a start does not reach
_FEW_ORDERS = 3  # of k − i: elements in a plane, whose decomposition fills in little
MOST, MOST_OF_FEW = 6_500, 400_000  # numbers that a sparse decomposition is for
_LISTED = 60_000  # elements among which a few sectors that carry the trace are looked for
_PER_ELEMENT = 60.0  # bytes of tables on all elements


@dataclasses.dataclass(frozen=True)
class Unique:
    """The only stationary state.

    elements: of ρ, all or some; image: of Lρ, likewise; error: of ρ, in trace norm; isolation: at least as far from
    zero are all other eigenvalues of the sector; size: numbers in the sector; propagations; method.
    """

    elements: np.ndarray | SomeElements
    image: np.ndarray | SomeElements
    error: float
    isolation: float
    size: int
    propagations: int
    method: str

    @property
    def stats(self) -> dict:
        """How it was found, for `finite_n.SteadyState`."""
        names = ("method", "size", "propagations", "isolation")
        return {"sectors": 1} | {name: getattr(self, name) for name in names}

    def full(self, blocks: DickeBlocks) -> np.ndarray:
        """All elements of ρ."""
        return self.elements.full(blocks) if isinstance(self.elements, SomeElements) else self.elements


def unique_state(liouvillian: Liouvillian, zero: float, tol: float) -> Unique | TraceSector | None:
    """The state; or the sectors that carry the trace, if these are several, each with a stationary state of its own; or
    None where the search of all sectors has to tell. `tol` on residuals, in units of the rate."""
    few = _has_few_orders(liouvillian)
    found = trace_sector(liouvillian, MOST_OF_FEW if few else _LISTED)
    if found is not None and len(found.sectors) > 1:
        return found
    if found is None or found.sectors[0].size > (MOST_OF_FEW if few else MOST):
        return _by_relaxation(liouvillian, tol)
    if not found.complete:
        return None
    if not decomposes(matrix := found.sectors[0].matrix()):
        if not few:
            return _by_relaxation(liouvillian, tol)
        needed, N = bytes_of_decomposition(matrix), liouvillian.blocks.N
        check_memory(_WHAT, N, lambda n: needed * (n / N) ** 2.5)
    return _by_decomposition(found, liouvillian, zero)


def _has_few_orders(liouvillian: Liouvillian) -> bool:
    """Whether diagonal elements lead to a few k − i only."""
    changes = {t.left_shift - t.right_shift for t in liouvillian.terms}
    return len(closed_orders([0], changes, True, int(liouvillian.blocks.size.max()))) <= _FEW_ORDERS


def _by_decomposition(found: TraceSector, liouvillian: Liouvillian, zero: float) -> Unique | None:
    (sector,) = found.sectors
    state = null_vector(sector, zero)
    if state is None:
        return None
    rho, blocks = sector.embed(state.vector), liouvillian.blocks
    error = state.error * float(np.sqrt(np.sum(blocks.exists)))
    if not found.alone and not is_simple(list(rho.matrices(blocks)), error):
        if found.antisymmetric is None or has_zero_mode(found.antisymmetric(), zero):
            return None
    image = sector.embed(sector.apply(state.vector))
    return Unique(rho, image, error, state.slowest, sector.size, 0, "sparse LU")


def _by_relaxation(liouvillian: Liouvillian, tol: float) -> Unique | None:
    """Among all real symmetric matrices of a real L, among all Hermitian ones else."""
    blocks = liouvillian.blocks
    check_memory(_WHAT, blocks.N, lambda n: _PER_ELEMENT * blocks.dim * (n / blocks.N) ** 3, is_all=False)
    sector = with_trace(liouvillian)
    needed = bytes_of_relaxation(sector)
    check_memory(_WHAT, blocks.N, lambda n: needed * ((n + 2) / (blocks.N + 2)) ** _GROWTH)
    copies = np.exp(blocks.log_multiplicity - blocks.log_multiplicity.max())[blocks.row_block] * blocks.exists
    mixed = np.zeros(blocks.dim)
    mixed[blocks.diagonal()] = copies / copies.sum()
    state = relaxed(sector, sector.restrict(mixed), tol)
    if state is None:
        return None
    vector = sector.embed(state.vector)
    image = sector.embed(sector.apply(state.vector))
    residual, change = (
        sum(float(np.abs(np.linalg.eigvalsh(m)).sum()) for m in blocks.existing(x))
        for x in (image, sector.embed(state.change))
    )
    error = max(change, AMPLIFIED / state.gap * (residual + COEFFICIENTS * sector.scale))
    if liouvillian.is_real and not is_simple(blocks.existing(vector), error):
        if slowest(antisymmetric(liouvillian))[0] is None:
            return None
    return Unique(vector, image, error, state.gap, sector.size, state.propagations, "Krylov spaces of exp(τL)")


def limit_of_every_J(liouvillian: Liouvillian, start: np.ndarray, zero: float, tol: float) -> Unique | None:
    """Where the blocks of one species evolve apart, Σ_J p_J ρ_J with the weights p_J of a start and the only stationary
    state of every block that it reaches; None where some block has several."""
    blocks, frames, model = liouvillian.blocks, liouvillian.frames, liouvillian.model
    vector, image = np.zeros((2, blocks.dim), complex)
    error, isolation, size, methods = 0.0, np.inf, 0, set()
    for b, matrix in enumerate(blocks.matrices(start)):
        if not (weight := float(np.trace(matrix).real)) > _ABSENT:
            error += 2 * abs(weight)
            continue
        here = slice(blocks.element_start[b], blocks.element_start[b + 1])
        if len(matrix) == 1:
            vector[here] = weight
            continue
        (spins,), levels = blocks.spins, [mode.cutoff for mode in blocks.modes]
        own = DickeBlocks([blocks.N], levels, [spins.positions[b : b + 1]])
        state = unique_state(Liouvillian(model, blocks.N, frames, own), zero, tol)
        if not isinstance(state, Unique):
            return None
        vector[here] = weight * state.full(own)
        image[here] = weight * (state.image.full(own) if isinstance(state.image, SomeElements) else state.image)
        error, isolation = error + weight * state.error, min(isolation, state.isolation)
        size, methods = size + state.size, methods | {state.method}
    vector = vector if np.any(vector.imag) else vector.real
    return Unique(vector, image, error, isolation, size, 0, " and ".join(sorted(methods)) or "one state")
