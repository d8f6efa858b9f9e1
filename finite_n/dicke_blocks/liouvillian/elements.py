"""Some elements of Dicke blocks: which of them suffice, and the sparse problem on them.

An element matters if the initial state leads to it under the terms of the generator and if it leads to an element that
some observable reads.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from finite_n import kernels
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.terms import Term

_QUEUE = 4096  # places more than elements known so far


def closed_elements(
    terms: list[Term], blocks: DickeBlocks, seeds: np.ndarray, forward: bool, limit: int
) -> np.ndarray | None:
    """All elements that `seeds` lead to (forward), or that lead to them, sorted; None if there are more than `limit`.

    Only the coherence orders k − i that seeds and terms allow are looked at, so that the tables are of the size of what
    is found where a symmetry keeps orders apart.
    """
    seeds = np.sort(seeds)
    seeds = seeds[np.diff(seeds, prepend=-1) > 0]  # np.unique hashes, and elements in regular places collide
    if seeds.size > limit:
        return None
    _, i, k = blocks.locate(seeds)
    longest = int(blocks.size.max())
    some = np.flatnonzero(np.bincount(longest + k - i)) - longest
    orders = closed_orders(some.tolist(), {t.left_shift - t.right_shift for t in terms}, forward, longest)
    order_at = np.full(2 * longest + 1, -1)
    order_at[longest + orders] = np.arange(len(orders))
    lengths = np.maximum(blocks.size[None, :] - np.abs(orders)[:, None], 0)
    order_start = np.concatenate([[0], np.cumsum(lengths.ravel())])
    found, order_start = np.zeros(order_start[-1], dtype=np.bool_), order_start[:-1].reshape(lengths.shape)
    b, i, k = blocks.locate(seeds)
    found[order_start[order_at[longest + k - i], b] + np.minimum(i, k)] = True
    shifts = np.array([(t.hop, t.left_shift, t.right_shift) for t in terms], dtype=np.int64).reshape(-1, 3)
    left_used, right_used = (
        np.array([getattr(t, side) != 0 for t in terms]).reshape(-1, blocks.rows) for side in ("left", "right")
    )
    queue, head, count = seeds, 0, seeds.size
    while head < count:
        if count > limit:
            return None
        queue = np.concatenate([queue[:count], np.empty(count + len(terms) + _QUEUE, dtype=np.int64)])
        head, count = kernels.reach(
            found, queue, head, count, forward, blocks.size, blocks.row_start, blocks.element_start,
            order_at, order_start, shifts, left_used, right_used,
        )  # fmt: skip
    return None if count > limit else np.sort(queue[:count])


def closed_orders(seeds: list[int], changes: set[int], forward: bool, longest: int) -> np.ndarray:
    """Coherence orders k − i below `longest` that seeds lead to, or that lead to them, sorted; a term changes an order
    by `changes`."""
    changes = {c if forward else -c for c in changes}
    found, layer = set(seeds), set(seeds)
    while layer:
        layer = {q + c for q in layer for c in changes if abs(q + c) < longest} - found
        found |= layer
    return np.array(sorted(found), dtype=np.int64)


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
