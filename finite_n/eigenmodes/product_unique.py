"""The only stationary state on symmetrised products, by a search of the elements that populations lead to, where their
symmetries show that there is no other."""

from __future__ import annotations

import numpy as np

from finite_n.eigenmodes.arnoldi import COEFFICIENTS
from finite_n.eigenmodes.fill_in import decomposes
from finite_n.eigenmodes.null_vector import has_zero_mode, null_vector
from finite_n.eigenmodes.product_sectors import ProductLindbladian, ProductSectors
from finite_n.eigenmodes.product_symmetries import symmetries_of
from finite_n.eigenmodes.relaxed import AMPLIFIED, bytes_of_relaxation, relaxed, slowest
from finite_n.eigenmodes.sectors import SparseSector
from finite_n.eigenmodes.unique import MOST, MOST_OF_FEW, Unique
from finite_n.memory import check_memory
from finite_n.occupations.units import log_products

_MOST = 200_000  # elements that are looked at
_FEW, _LEAST = 6, 0.01  # particles that shares of levels are told from, and the least that these may be
_FINER = 1e-3  # of residuals, which trace norms exceed by more than in blocks
QUICK = 1_000  # numbers beyond which factors fill in, and Krylov spaces come first


def unique_product_state(
    lindbladian: ProductLindbladian, zero: float, tol: float
) -> tuple[Unique, ProductSectors] | None:
    """The state and the elements of its vector; None where the search of all sectors has to tell."""
    known = symmetries_of(lindbladian)
    if known.invariant is None or any(order != 2 for order in known.orders):
        return None
    shares = None if lindbladian.N <= _FEW else _shares(lindbladian.smaller(_FEW), zero)
    made = lindbladian.reached(lindbladian.diagonal, _MOST, shares)
    if made is None or made.elements.count != known.invariant:
        return None
    (*_, first), *more = sorted(([s.size, k] for k, s in enumerate(made.sectors) if s.carries_trace), reverse=True)
    if more:
        return None
    found = _of_sector(made, made.sectors[first], zero, tol)
    others = [s for k, s in enumerate(made.sectors) if k != first]
    if len(known.odd):
        odd = lindbladian.reached(known.odd, _MOST, shares)
        others += [] if odd is None else odd.sectors
        found = None if odd is None else found
    if found is None or any(_may_stay(s, zero) for s in others):
        return None
    return found, made


def _shares(lindbladian: ProductLindbladian, zero: float) -> list[np.ndarray] | None:
    """About how much of every species is in its levels in the stationary state, for units; None if that is not seen."""
    made = lindbladian.reached(lindbladian.diagonal, _MOST)
    carrying = [] if made is None else [s for s in made.sectors if s.carries_trace]
    if len(carrying) != 1 or (state := null_vector(carrying[0], zero)) is None:
        return None
    p, n = made.density(carrying[0].embed(state.vector)).populations, made.elements.n[made.is_population]
    out = []
    for part in made.elements.columns.particles:
        own = np.maximum(p @ n[:, part.first : part.last : part.dim + 1] / part.size, _LEAST)
        out.append(own / own.sum())
    return out


def _may_stay(sector: SparseSector, zero: float) -> bool:
    """Whether a sector without trace may hold a stationary operator."""
    if sector.size > QUICK and slowest(sector)[0] is not None:
        return False
    return sector.size > MOST or has_zero_mode(sector, zero)


def _of_sector(made: ProductSectors, sector: SparseSector, zero: float, tol: float) -> Unique | None:
    """Its only stationary state."""
    if np.all(made.is_population):
        return _by_decomposition(made, sector, zero) if sector.size <= MOST_OF_FEW else None
    if sector.size > QUICK and (found := _by_relaxation(made, sector, tol)) is not None:
        return found
    return _by_decomposition(made, sector, zero) if sector.size <= MOST else None


def _by_decomposition(made: ProductSectors, sector: SparseSector, zero: float) -> Unique | None:
    if not decomposes(sector.matrix()):
        return None
    state = null_vector(sector, zero)
    if state is None:
        return None
    vector, image = sector.embed(state.vector), sector.embed(sector.apply(state.vector))
    return Unique(vector, image, state.error * made.norm, state.slowest, sector.size, 0, "sparse LU")


def _by_relaxation(made: ProductSectors, sector: SparseSector, tol: float) -> Unique | None:
    lindbladian = made.lindbladian
    needed = bytes_of_relaxation(sector)
    check_memory(lindbladian.what, lindbladian.N, lambda n: needed * (n / lindbladian.N) ** 3)
    ways = log_products(made.elements)
    mixed = np.where(made.is_population, np.exp(ways - ways[made.is_population].max()), 0.0)
    mixed = np.concatenate([mixed / mixed.sum(), np.zeros(len(mixed))])
    state = relaxed(sector, sector.restrict(mixed), _FINER * tol)
    if state is None:
        return None
    vector, image = sector.embed(state.vector), sector.embed(sector.apply(state.vector))
    error = AMPLIFIED / state.gap * (made.trace_norm(image) + COEFFICIENTS * sector.scale)
    error = max(error, made.trace_norm(sector.embed(state.change)))
    return Unique(vector, image, error, state.gap, sector.size, state.propagations, "Krylov spaces of exp(τL)")
