"""The highest level of a mode that a model can reach from a state, where a quantity that never grows bounds it.

With n_s,i particles of species s at level i, Q = n + Σ_s,i y_s,i n_s,i + Σ_j z_j n_j, z_j ≥ 0, does not grow under the
generator if it grows under none of its moves, the changes of occupations by the words of h and of J, L, J†J and L†L.
Then n never exceeds Q at the start less the smallest value of its other terms. The smallest such bound is a linear
program. Tavis–Cummings: Q = a†a + Σ (1 + σz)/2, with loss too; a counter-rotating term or a drive leaves no Q.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np

from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode
from finite_n.states.initial_state import InitialState
from finite_n.states.particles import DickeState, ProductState

_CANCELLED = 1e-12  # of the absolute values added up
_EMPTY = 1e-15  # weight of a level that counts as none
_MOST = 50_000  # products of matrix elements looked at


def highest_levels(model: Model, state: InitialState, N: int) -> list[int | None]:
    """For every mode the highest level that can be reached, None where nothing is known to bound it."""
    moves = _moves(model)
    if moves is None:
        return [None for _ in model.modes]
    return [_bound(model, state, model.space.sizes(N), moves, mode) for mode in model.modes]


def _bound(model: Model, state: InitialState, sizes: list[int], moves: np.ndarray, mode: Mode) -> int | None:
    columns, most, modes = _columns(model), len(model.species), model.modes
    start = [state.parts[m.name].number_state for m in modes]
    own = columns[mode.name]
    if start[modes.index(mode)] is None or np.any(
        np.all(moves[:, np.arange(moves.shape[1]) != own] == 0, axis=1) & (moves[:, own] > 0)
    ):
        return None
    # unknowns: y and z in the order of the columns, then for every species the largest Σ y n at the start, and the
    # smallest ever
    width = moves.shape[1]
    cost, bounds = np.zeros(width + 2 * most), [(None, None)] * (width + 2 * most)
    rows = [np.pad(move, (0, 2 * most)) for move in moves]
    jumping = {model.species_of(j).name for j in model.jumps}
    for k, (s, size) in enumerate(zip(model.species, sizes, strict=True)):
        at = width + 2 * k
        cost[at : at + 2] = 1, -1
        occupied = _occupied(state.parts[s.name], s.dim, size, s.name in jumping)
        for unknown, sign, corners in zip((at, at + 1), (1, -1), occupied, strict=True):
            for corner in corners:
                row = np.zeros(len(cost))
                row[columns[s.name] : columns[s.name] + s.dim], row[unknown] = sign * corner, -sign
                rows.append(row)
    for m, n in zip(modes, start, strict=True):
        at = columns[m.name]
        bounds[at] = (1, 1) if m is mode else (0, 0) if n is None else (0, None)
        cost[at] = n or 0
    from scipy.optimize import linprog  # slow to import

    found = linprog(cost, np.array(rows), np.zeros(len(rows)), bounds=bounds)
    return math.floor(found.fun + 1e-6) if found.status == 0 else None


def _occupied(part, dim: int, size: int, jumps: bool) -> tuple[np.ndarray, np.ndarray]:
    """Occupations of the levels between which those of the start lie, and those between which all others do; rows."""
    start = ever = size * np.eye(dim)
    if isinstance(part, ProductState):
        start = start[np.diag(part.density).real > _EMPTY]
    elif isinstance(part, DickeState):
        block, index = part.position(size)
        start = np.array([[size - block - index, block + index]])
        if not jumps:  # J is conserved
            ever = np.array([[size - block, block], [block, size - block]])
    return start, ever


def _columns(model: Model) -> dict[str, int]:
    """Where the levels of every species begin, and the column of every mode."""
    widths = [s.dim for s in model.species] + [1] * len(model.modes)
    names = [owner.name for owner in model.space.owners]
    return dict(zip(names, np.cumsum([0, *widths[:-1]]).tolist(), strict=True))


def _moves(model: Model) -> np.ndarray | None:
    """Changes of the occupations of levels and of the numbers of quanta, each once; None where they are too many or not
    known."""
    columns, width = _columns(model), sum(s.dim for s in model.species) + len(model.modes)
    found: set[tuple] = set()
    polynomials = [model.hamiltonian]
    for part in model.collective:
        polynomials += [*part.polynomials, *(p.adjoint() * q for p in part.polynomials for q in part.polynomials)]
    for jump in model.jumps:
        s = model.species_of(jump)
        if not jump.amplitude.is_constant and any(
            np.any(x - np.diag(np.diag(x))) for x in (jump.field(t.name, t.dim) for t in model.species)
        ):
            return None
        for x in (jump.operator, jump.operator.conj().T @ jump.operator):
            found |= _of_matrix(x, columns[s.name], width)
    total = 0
    for p in polynomials:
        some, looked_at = _of_polynomial(model, p, columns, width)
        found |= some
        total += looked_at
        if total > _MOST:
            return None
    found.discard((0,) * width)
    return np.array(sorted(found), dtype=float).reshape(-1, width)


def _of_matrix(x: np.ndarray, first: int, width: int) -> set[tuple]:
    out = set()
    for i, j in np.argwhere(np.abs(x) > _EMPTY * np.abs(x).max()):
        move = [0] * width
        move[first + i] += 1
        move[first + j] -= 1
        out.add(tuple(move))
    return out


def _of_polynomial(model: Model, p: Polynomial, columns: dict, width: int) -> tuple[set[tuple], int]:
    """Moves of the products of matrix elements that do not cancel, and how many products there are."""
    elements = _elements(model, columns)
    sums: dict[tuple, list] = {}
    looked_at = 0
    for word, c in p.words.items():
        choices: Iterable = itertools.product(*(elements[a] for a in word))
        looked_at += math.prod(len(elements[a]) for a in word)
        if looked_at > _MOST:
            break
        for steps in choices:
            key = tuple(sorted((x[0] for x in steps), key=lambda k: k[0]))  # stable: orders owners, not factors of one
            value = c * math.prod(x[1] for x in steps)
            total = sums.setdefault(key, [0, 0.0])
            total[0] += value
            total[1] += abs(value)
    out = set()
    for key, (value, size) in sums.items():
        if abs(value) > _CANCELLED * size:
            move = [0] * width
            for _, *changes in key:
                for at, by in changes:
                    move[at] += by
            out.add(tuple(move))
    return out, looked_at


def _elements(model: Model, columns: dict) -> dict:
    """For every letter its matrix elements: ((number of the owner, (column, change), …), value)."""
    out: dict = {}
    for k, s in enumerate(model.species):
        first = columns[s.name]
        for a, v in zip(s.letters, hermitian_basis(s.dim)[1:], strict=True):
            out[a] = [((k, (first + int(i), 1), (first + int(j), -1)), complex(v[i, j])) for i, j in np.argwhere(v)]
    for k, mode in enumerate(model.modes, start=len(model.species)):
        at = columns[mode.name]
        phi, pi = mode.letters
        out[phi] = [((k, (at, -1)), 1 + 0j), ((k, (at, 1)), 1 + 0j)]
        out[pi] = [((k, (at, -1)), -1j), ((k, (at, 1)), 1j)]
    return out
