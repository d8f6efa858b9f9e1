"""Before a search for slow modes: checks of input and of memory, and the Liouvillian with its sectors."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks, all_blocks
from finite_n.dicke_blocks.extent import extent, scaled
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.eigenmodes.arnoldi import bytes_kept, bytes_of, is_small, modes_kept
from finite_n.eigenmodes.dicke_sectors import COLUMNS, SPLIT, sectors_of, typical_rate
from finite_n.eigenmodes.one_J import chosen_blocks
from finite_n.eigenmodes.sectors import Sector, reached_by
from finite_n.engine.cutoffs import given_levels, in_words
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.model.model import Model
from finite_n.model.validation import check_kind, check_number, check_size

_PER_TERM_AND_ROW = 70.0  # bytes
_ACCURACY = 13.0  # matrices over the modes kept
_PER_ENTRY = 75.0  # bytes, while a sector's matrix is made
_OTHERWISE = 1.3  # for smaller N, whose sectors may be searched in another way: the N that is named must fit
_SAMPLE = 1.5e6  # bytes, of the field of values


def check_question(model, N, tol) -> tuple[int, float]:
    """N and tol as numbers; refuses what is no model, no size, or no tolerance from 1e-13 to 1e-2."""
    check_kind(model, "model", Model, "a finite_n.Model")
    return check_size(N), check_number(tol, "tol", 1e-13, 1e-2)


def generator(
    what: str,
    model: Model,
    N: int,
    cutoffs: Mapping[str, int] | None,
    J: float | Mapping[str, float] | None = None,
    whole: bool = True,
) -> Liouvillian:
    """The Liouvillian on all blocks, or on those of one J, if memory suffices for its tables.

    Parameters
    ----------
    what : str
        Is asked for, in words for messages.
    model : Model
    N : int
    cutoffs : mapping of names of modes to int, or None for a model without modes
    J : as for `chosen_blocks`
    whole : bool
        Whether tables over all elements will be made; else over rows only, and `check_tables` comes before the others.
    """
    check_tables(what, model, N, cutoffs, J, whole)
    levels, sizes = given_levels(model, None, N, cutoffs) or (), model.space.sizes(N)
    kept = chosen_blocks(what, model, N, J)
    blocks = all_blocks(tuple(sizes), levels) if J is None else DickeBlocks(sizes, levels, kept)
    liouvillian = Liouvillian(model, N, blocks=blocks)
    if liouvillian.blocks.rows == 1:
        raise FiniteNError(f"{what}: J = {shown(J)} is a single state, which nothing changes; give a larger J.")
    if typical_rate(liouvillian) <= 1e-14 * model.hamiltonian.size:
        raise FiniteNError(
            f"{what}: {shown(model)} has no dissipation, so nothing decays and every function of H is stationary; add "
            "jumps, or use evolve for its dynamics."
        )
    return liouvillian


def check_tables(what: str, model: Model, N: int, cutoffs, J=None, whole: bool = True) -> None:
    """Refuse tables of a Liouvillian that do not fit into memory; arguments as of `generator`."""
    levels, sizes = given_levels(model, None, N, cutoffs) or (), model.space.sizes(N)
    kept = chosen_blocks(what, model, N, J)

    def tables(n):
        size, chosen = scaled(kept, sizes, n / N)
        every = extent(size, levels, chosen)
        return _tables(every.rows, every.stored if whole else 0)

    check_memory(f"{what} with {in_words(levels)}" if levels else what, N, tables, is_all=False)


def searched(
    what: str, liouvillian: Liouvillian, k: int, stationary: bool = False, start: np.ndarray | None = None
) -> list[Sector]:
    """All sectors of a Liouvillian, or those that a start has a part in, if memory suffices for a search.

    Parameters
    ----------
    what : str
        Is asked for, in words for messages.
    liouvillian : Liouvillian
    k : int
        Modes that will be looked for in every sector.
    stationary : bool
        Whether it will be `LongTime` that looks for them, not `low_spectrum`.
    start : array, elements of a density matrix, optional
    """
    sectors = sectors_of(liouvillian)
    if start is not None:
        sectors = reached_by(sectors, start, float(np.linalg.norm(start)))
    needed = bytes_of_search(liouvillian, sectors, k, stationary)
    N, spins = liouvillian.blocks.N, liouvillian.blocks.spins

    def memory(n):  # elements grow as (N_s + 1)(N_s + 2)(N_s + 3) of every species, of one J as (N_s + 1)²
        grown = math.prod(((s.N * (n / N) + 2) / (s.N + 2)) ** (3 if len(s.positions) > 1 else 2) for s in spins)
        return needed * grown * (1 if n == N else _OTHERWISE)

    check_memory(what, N, memory)
    return sectors


def _tables(rows: float, elements: float) -> float:
    """Memory of terms and index tables, told before they are made."""
    return 7000.0 * rows + 60.0 * elements


def bytes_of_search(liouvillian: Liouvillian, sectors: list[Sector], k: int, stationary: bool) -> float:
    """Peak memory of Liouvillian, sectors and the search for k modes of each, as measured for several models: within a
    quarter."""
    stored = _PER_TERM_AND_ROW * len(liouvillian.terms) * liouvillian.blocks.rows
    stored += sum(s.bytes for s in sectors)
    kept = search = 0.0
    for s in sectors:  # one after the other, and what is found is kept: of stationary states Schur forms
        search = max(search, kept + bytes_of(s, k))
        kept += 16.0 * s.size**2 * s.carries_trace if stationary and is_small(s) else bytes_kept(s, k)
    if not stationary:  # then how accurate eigenvalues are, one sector after the other
        search = max(search, kept + _ACCURACY * 8.0 * max(modes_kept(s, k) for s in sectors) ** 2)
    # what found the sectors: matrices by terms or by columns
    making = max(s.size for s in sectors)
    if len(liouvillian.parts) > 1:
        making = 3 * 8.0 * making**2 if making <= COLUMNS else 0.0
    else:
        making = _PER_ENTRY * making * _entries_per_element(liouvillian) if making <= SPLIT else 0.0
    return stored + max(_SAMPLE, making, search)


def _entries_per_element(liouvillian: Liouvillian) -> float:
    """How many terms, on average, have a coefficient for an element."""
    blocks, entries = liouvillian.blocks, 0
    for t in liouvillian.terms:
        left, right = (np.add.reduceat(x != 0, blocks.row_start[:-1], dtype=int) for x in (t.left, t.right))
        entries += int(left @ right)
    return entries / blocks.elements
