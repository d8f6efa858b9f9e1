"""Ordered products of averages of particles as sums over different particles, and over what these do between ket and
bra."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from finite_n.displaced.commuting_model import CommutingModel
from finite_n.model.polynomial import Letter

# of the particles that a product touches: (level of the bra, level of the ket) of each, sorted
Touched = tuple[tuple[int, int], ...]


@functools.lru_cache(maxsize=64)
def set_partitions(n: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """All partitions of 0 … n − 1 into blocks, each in order."""
    if n == 0:
        return ((),)
    out = []
    for rest in set_partitions(n - 1):
        out += [(*rest[:i], (*block, n - 1), *rest[i + 1 :]) for i, block in enumerate(rest)]
        out.append((*rest, (n - 1,)))
    return tuple(out)


def terms(word: Sequence[Letter]) -> float:
    """How many products of matrix elements, and of moments of modes, an ordered product takes: Σ_b S(q, b) d^{2b} for q
    averages of a species, S(q, b) partitions into b blocks; Bell's numbers for letters of modes."""
    total = 1.0
    fields = sum(a.dim == 0 for a in word)
    for owner, dim in {a[:2] for a in word if a.dim}:
        total *= _in_blocks(sum(a.owner == owner for a in word), float(dim**2))
    return total * _in_blocks(fields + 1, 1.0)


def _in_blocks(n: int, each: float) -> float:
    """Σ_b S(n, b) each^b."""
    row = [1.0]
    for _ in range(n):
        row = [b * x + y for b, (x, y) in enumerate(zip([*row, 0.0], [0.0, *row], strict=True))]
    return sum(x * each**b for b, x in enumerate(row))


def falling(n: int, k: int) -> float:
    """n (n − 1) … (n − k + 1)."""
    return math.prod(float(n - i) for i in range(k))


def touching(model: CommutingModel, word: Sequence[Letter]) -> dict[Touched, complex]:
    """Σ over different particles of ⟨bra|O|ket⟩⟨ket|ρ|bra⟩ at the start, by what is touched.

    A word m(v₁) … m(v_q) of one species is N_s^{−q} Σ over partitions of its places into b blocks, N_s (N_s − 1) … of b
    different particles, each with the ordered product of the operators in its block.
    """
    places: dict[int, list[int]] = {}
    for letter in word:
        i = model.position[letter]
        places.setdefault(model.owners[i], []).append(i)
    total: dict[Touched, complex] = {(): 1.0}
    for s, own in places.items():
        part = _of_species(model, s, own)
        joined: dict[Touched, complex] = {}
        for (x, a), (y, b) in itertools.product(total.items(), part.items()):
            key = tuple(sorted((*x, *y)))
            joined[key] = joined.get(key, 0) + a * b
        total = joined
    return total


def _of_species(model: CommutingModel, s: int, own: list[int]) -> dict[Touched, complex]:
    size, first = model.sizes[s], int(model.first[s])
    out: dict[Touched, complex] = {}
    for partition in set_partitions(len(own)):
        count = falling(size, len(partition)) / float(size) ** len(own)
        if count == 0:
            continue
        choices = []
        for block in partition:
            x = functools.reduce(np.matmul, [model.matrices[own[j]] for j in block])
            weights = x * model.densities[s].T  # ⟨a′|x|a⟩⟨a|ρ|a′⟩
            choices.append([((first + b, first + a), weights[b, a]) for b, a in zip(*np.nonzero(weights), strict=True)])
        for chosen in itertools.product(*choices):
            key = tuple(sorted(entry for entry, _ in chosen))
            out[key] = out.get(key, 0) + count * math.prod(weight for _, weight in chosen)
    return out


def subsets(places: Sequence[int]) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """All ways to divide places in two, each in order."""
    for size in range(len(places) + 1):
        for one in itertools.combinations(places, size):
            yield one, tuple(j for j in places if j not in one)
