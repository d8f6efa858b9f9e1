"""Steps on occupation numbers: what one-particle superoperators and ladder operators do to symmetrised products.

A particle of d levels has d² units |a⟩⟨b|, numbered α = a d + b; for d = 2 in the order uu, ud, du, dd, up first. E_n
is the average, over all distinct ways to hand them to the particles, of products with n_α factors of unit α, Σ_α n_α =
N. Then

    ρ = Σ_n p_n E_n,    p_n = the sum of all matrix elements of ρ with these occupations,

so p_n with n_ud = n_du = 0 are classical probabilities, Tr ρ is their sum, and Σ_n |p_n| is at least the trace norm of
ρ. A one-particle superoperator ℓ: α → Σ_β ℓ_βα β, summed over the particles, gives

    Σ_k ℓ^(k) E_n = Σ_αβ ℓ_βα n_α E_{n − e_α + e_β},

without square roots; functions of a diagonal Δ are numbers from the left and from the right; and the Lindbladian is a
sum of chains, products of such steps (`finite_n.occupations.lindbladian`). Several species are several groups of
columns, and a boson mode adds two columns for |n⟩⟨n′|, on which a and a† act with their square roots
(`finite_n.occupations.columns`). Other normalisations of the same basis: S. Xu, D. A. Tieri and M. J. Holland, PRA 87,
062101 (2013); M. Gegg and M. Richter, New J. Phys. 18, 043037 (2016).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

Shift = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Step:
    """A sum of one-particle superoperators over all particles, of ladder operators, and a number.

    entries (β, α, ℓ_βα), columns β, α; ladders (column, ±1, coefficient, cutoff).
    """

    entries: tuple[tuple[int, int, float | complex], ...]
    ladders: tuple[tuple[int, int, float | complex, int], ...] = ()
    number: float | complex = 0.0

    @property
    def is_zero(self) -> bool:
        """True if nothing is left."""
        return not self.entries and not self.ladders and self.number == 0


@dataclasses.dataclass(frozen=True)
class Factor:
    """A number for every element: Γ(constant + Σ_c weights_c n_c), zero where the columns `present` are all empty."""

    amplitude: Callable[[np.ndarray], np.ndarray]
    constant: float
    weights: tuple[tuple[int, float], ...]
    present: tuple[int, ...] = ()

    is_zero = False

    def __call__(self, columns: list[np.ndarray], shift: Shift, used: np.ndarray) -> np.ndarray:
        """Values at the elements n + shift, zero where not `used`: Γ is asked only where Δ can lie."""
        if self.present:
            used = used & (sum(columns[c] + shift[c] for c in self.present) > 0)
        delta = np.full(int(np.count_nonzero(used)), float(self.constant))
        for c, weight in self.weights:
            delta += weight * (columns[c][used] + shift[c])
        out = np.zeros(used.shape)
        if delta.size:
            out[used] = self.amplitude(delta)
        return out


@dataclasses.dataclass(frozen=True)
class Chain:
    """weight × the product of the steps, the first one applied first."""

    weight: float | complex
    steps: tuple[Step | Factor, ...]

    @property
    def is_real(self) -> bool:
        """Whether all its numbers are."""
        steps = [s for s in self.steps if isinstance(s, Step)]
        numbers = [self.weight, *(s.number for s in steps), *(x for s in steps for _, _, x in s.entries)]
        numbers += [x for s in steps for _, _, x, _ in s.ladders]
        return not any(isinstance(x, complex) for x in numbers)


def left(x: np.ndarray) -> np.ndarray:
    """The superoperator ρ → xρ of one particle, shape (d², d²)."""
    return np.kron(x, np.eye(len(x)))


def right(x: np.ndarray) -> np.ndarray:
    """The superoperator ρ → ρx of one particle, shape (d², d²)."""
    return np.kron(np.eye(len(x)), x.T)


def entries_of(superoperator: np.ndarray, first: int = 0) -> tuple:
    """`Step.entries` of a matrix ℓ of shape (d², d²) for units that start at column `first`."""
    return tuple((first + int(b), first + int(a), plain(superoperator[b, a])) for b, a in np.argwhere(superoperator))


def step(superoperator: np.ndarray) -> Step:
    """A `Step` from a matrix ℓ of shape (d², d²) for a single species."""
    return Step(entries_of(superoperator))


def run_all(
    chains: Sequence[Chain], n: np.ndarray, absolute: bool = False, backward: bool = False
) -> dict[Shift, np.ndarray]:
    """Sum of `run` over the chains, without the shifts that vanish everywhere."""
    total: dict[Shift, np.ndarray] = {}
    for chain in chains:
        for shift, c in run(chain, n, absolute, backward=backward).items():
            total[shift] = total[shift] + c if shift in total else c
    return {s: c for s, c in total.items() if np.any(c)}


def run(
    chain: Chain,
    n: np.ndarray,
    absolute: bool = False,
    keep: Callable[[np.ndarray, int], np.ndarray] | None = None,
    backward: bool = False,
) -> dict[Shift, np.ndarray]:
    """One chain on the elements n (E, width): coefficients by shift.

    Forward: L E_n = Σ_shift c E_{n + shift}. Backward: the transpose, the coefficient of E_n in L E_{n + shift}, zero
    where n + shift has a negative entry. `absolute`: with absolute values throughout, the size that cancellation starts
    from. `keep(shifts, steps left)`: a mask of the rows `shifts` that are to be followed.
    """
    size = abs if absolute else lambda x: x
    columns = [np.ascontiguousarray(n[:, a], dtype=float) for a in range(n.shape[1])]
    shifts, values = np.zeros((1, n.shape[1]), dtype=np.int64), np.full((1, len(n)), size(chain.weight))
    steps = chain.steps[::-1] if backward else chain.steps
    for position, action in enumerate(steps):
        if isinstance(action, Factor):
            factors = [action(columns, shift, c != 0) for shift, c in zip(shifts, values, strict=True)]
            values = values * size(np.array(factors).reshape(values.shape))
            continue
        moves = _moves(action, n.shape[1], backward)
        targets, place = _distinct((shifts[None] + np.array([m for m, *_ in moves])[:, None]).reshape(-1, n.shape[1]))
        followed = np.ones(len(targets), dtype=bool)
        if keep is not None:
            followed[:] = keep(targets, len(steps) - position - 1)
        numbers = [size(value) for _, value, *_ in moves]
        following = np.zeros((len(targets), len(n)), dtype=np.result_type(values, *numbers))
        for (_, _, kind, beta, alpha), value, to in zip(moves, numbers, place.reshape(len(moves), -1), strict=True):
            some = followed[to]
            to = to[some]  # different shifts move to different ones, so nothing is added twice in one go
            before, after = shifts[some], targets[to]
            c = value * values[some]
            if kind == "particle":
                # falls to zero with the occupation, so nothing leaves through an empty unit
                c = c * (columns[alpha] + (after if backward else before)[:, alpha, None])
                if backward and alpha != beta:
                    c *= columns[beta] + after[:, beta, None] >= 0
            elif kind == "ladder":
                higher = columns[alpha] + np.maximum(before, after)[:, alpha, None]
                c = c * np.sqrt(np.where(higher <= beta, np.maximum(higher, 0.0), 0.0))
            following[to] += c
        used = following.any(axis=1)
        shifts, values = targets[used], following[used]
    return {tuple(shift): c for shift, c in zip(shifts.tolist(), values, strict=True)}


def _moves(action: Step, width: int, backward: bool) -> list[tuple]:
    """(change of occupations, coefficient, kind, β or cutoff, α or column) for everything that a step does."""
    out = []
    sign = -1 if backward else 1
    for beta, alpha, value in action.entries:
        move = np.zeros(width, dtype=np.int64)
        move[alpha] -= sign
        move[beta] += sign
        out.append((move, value, "particle", beta, alpha))
    for column, by, value, top in action.ladders:
        move = np.zeros(width, dtype=np.int64)
        move[column] = sign * by
        out.append((move, value, "ladder", top, column))
    if action.number:
        out.append((np.zeros(width, dtype=np.int64), action.number, "number", 0, 0))
    return out


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones among small integer rows, and where each of them is."""
    place = _random_places(rows.shape[1])
    _, first, inverse = np.unique(rows @ place, return_index=True, return_inverse=True)
    if not np.array_equal(rows[first][inverse], rows):  # two rows share a code, which is all but impossible
        out, inverse = np.unique(rows, axis=0, return_inverse=True)
        return out, inverse.ravel()
    order = np.argsort(first)  # as they come
    return rows[first[order]], np.argsort(order)[inverse.ravel()]


@functools.lru_cache(maxsize=16)
def _random_places(width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(-(2**62), 2**62, width)


def plain(x: complex) -> float | complex:
    """A float where the imaginary part is none or rounding, so that real chains stay real; imaginary likewise."""
    if abs(np.imag(x)) <= 1e-15 * abs(x):
        return float(np.real(x))
    return 1j * float(np.imag(x)) if abs(np.real(x)) <= 1e-15 * abs(x) else complex(x)
