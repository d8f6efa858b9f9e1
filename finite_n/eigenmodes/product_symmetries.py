"""Weak symmetries of a Lindbladian on symmetrised products that phases of levels generate: which elements they leave
alone.

Every step of L changes the differences of left and right numbers of particles in the levels of a species, and of quanta
of a mode, by vectors of a lattice Λ; phases that Λ leaves alone are weak symmetries, as in
`finite_n.eigenmodes.charges`. Where the levels of a species fall into groups such that no step changes how many
particles are in units |a⟩⟨b| from one group to another, the phases of the groups of every single particle are
symmetries too, a torus again, and such units are not in what they leave alone: a letter that mixes groups would turn
one particle's unit. So, as for blocks (`finite_n.eigenmodes.trace_sector`), a state that is unique among the elements
that all of these leave alone is unique, up to signs.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.eigenmodes.charges import smith
from finite_n.eigenmodes.product_sectors import ProductLindbladian
from finite_n.occupations.basis import CHUNK, combined, supported
from finite_n.occupations.columns import Columns, Particles
from finite_n.occupations.labels import ROUNDING, Trial
from finite_n.occupations.steps import run_all

_MOST = 2_000_000  # elements among which those that are left alone are counted
_LEVELS = 6  # of which all groupings are tried
_LABELS = 12  # of random elements on which steps are tried


@dataclasses.dataclass(frozen=True)
class ProductSymmetries:
    """invariant: elements (mirror images counted) that all symmetries leave alone, None where they are too many to
    count; odd: elements (E, width) that only signs change; orders: of the cyclic factors of the finite group."""

    invariant: int | None
    odd: np.ndarray
    orders: tuple[int, ...]


def symmetries_of(lindbladian: ProductLindbladian) -> ProductSymmetries:
    """Of phases, with all steps that the Lindbladian takes at this model's fractions."""
    columns = lindbladian.columns
    shifts = _shifts(columns)
    orders, basis = smith(_charges(columns, shifts))
    finite = tuple(int(x) for x in orders if x > 1)
    units = [_kept_units(p, shifts[:, p.first : p.last]) for p in columns.particles]
    pairs = [np.stack(np.divmod(np.arange((b.cutoff + 1) ** 2), b.cutoff + 1), axis=1) for b in columns.bosons]
    count, groups = supported(columns, units, pairs)
    if count > _MOST:
        return ProductSymmetries(None, np.zeros((0, columns.width), np.int32), finite)
    rows = combined([group() for group in groups])
    invariant, odd = 0, []
    for some in np.array_split(rows, max(1, -(-len(rows) // (8 * CHUNK)))):
        keys = _charges(columns, some) @ basis
        fixed = ~np.any(keys[:, orders == 0], axis=1)
        even = fixed & ~np.any(keys[:, orders > 1] % np.maximum(orders[orders > 1], 1), axis=1)
        invariant += int(even.sum())
        odd.append(some[fixed & ~even])
    return ProductSymmetries(invariant, np.concatenate(odd), finite)


def _shifts(columns: Columns) -> np.ndarray:
    """All changes of occupations that L makes, tried on elements with many particles of every kind."""
    everywhere = np.ones(columns.width, dtype=bool)
    trial = Trial(columns, [np.arange(p.dim) * (p.dim + 1) for p in columns.particles], everywhere)
    random = np.random.default_rng(0)
    labels = np.zeros((_LABELS, columns.width), np.int64)
    for p in trial.columns.particles:
        units = p.first + np.setdiff1d(np.arange(p.dim**2), np.arange(p.dim) * (p.dim + 1))
        labels[1:, units] = random.integers(0, max(2, p.size // (2 * p.dim**2)), (_LABELS - 1, len(units)))
    for b in columns.bosons:
        labels[:, b.first] = random.integers(-b.cutoff, b.cutoff + 1, _LABELS)
        labels[0, b.first] = 0
    rows = trial.samples(labels)
    value, size = run_all(trial.chains, rows), run_all(trial.chains, rows, absolute=True)
    found = [s for s, c in value.items() if np.any(np.abs(c) > ROUNDING * size[s])]
    return np.array(found, dtype=np.int64).reshape(-1, columns.width)


def _charges(columns: Columns, rows: np.ndarray) -> np.ndarray:
    """Differences of left and right numbers in the levels of species and modes, (E, charges)."""
    out = []
    for p in columns.particles:  # the last level follows from the others
        out += [rows[:, p.level(x, 0)].sum(axis=1) - rows[:, p.level(x, 1)].sum(axis=1) for x in range(p.dim - 1)]
    out += [rows[:, b.first] - rows[:, b.first + 1] for b in columns.bosons]
    return np.column_stack(out).astype(np.int64)


def _kept_units(p: Particles, shifts: np.ndarray) -> np.ndarray:
    """Units of a species within the groups of its levels, as many groups as there can be."""
    left, right = np.divmod(np.arange(p.dim**2), p.dim)
    for group in _groupings(p.dim):
        between = group[left] != group[right]
        kinds = group[left] * p.dim + group[right]
        if not any(np.any(shifts[:, kinds == kind].sum(axis=1)) for kind in np.unique(kinds[between])):
            return np.flatnonzero(~between)
    raise AssertionError("one group is always possible")


def _groupings(dim: int) -> list[np.ndarray]:
    """The ways to put levels into groups, those with most groups first; of many levels the two extremes."""
    if dim > _LEVELS:
        return [np.arange(dim), np.zeros(dim, int)]
    found = [[0]]
    for _ in range(dim - 1):
        found = [[*x, g] for x in found for g in range(max(x) + 2)]
    return [np.array(x) for x in sorted(found, key=max, reverse=True)]
