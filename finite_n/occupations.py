"""The generator on occupation numbers: symmetrised products E_n, and what L does to each of them.

A particle of d levels has d² units |a⟩⟨b|, numbered α = a d + b; for d = 2 in the order uu, ud, du, dd, up first. E_n is the
average, over all distinct ways to hand them to the particles, of products with n_α factors of unit α, Σ_α n_α = N. Then

    ρ = Σ_n p_n E_n,    p_n = the sum of all matrix elements of ρ with these occupations,

so p_n with n_ud = n_du = 0 are classical probabilities, Tr ρ is their sum, and Σ_n |p_n| is at least the trace norm of ρ.
A one-particle superoperator ℓ: α → Σ_β ℓ_βα β, summed over the particles, gives

    Σ_k ℓ^(k) E_n = Σ_αβ ℓ_βα n_α E_{n − e_α + e_β},

without square roots; functions of a Δ along z are numbers from the left and from the right; and the generator is a sum of
chains, products of such steps. Commutators of h and of collective jumps are commutators of one letter at a time, x ⊗ 1 − 1 ⊗ x
of one particle, so that no numbers of size N are subtracted there. Other normalisations of the same basis: S. Xu, D. A. Tieri and
M. J. Holland, PRA 87, 062101 (2013); M. Gegg and M. Richter, New J. Phys. 18, 043037 (2016).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.algebra import Polynomial, Word
from finite_n.basis import PAULI
from finite_n.errors import FiniteNError
from finite_n.model import CollectiveJumps, LocalJump, Model
from finite_n.terms import split_by_self

Shift = tuple[int, ...]
ROUNDING = 1e-14  # of the largest word of h: below it, a word is what a turn of the frame left behind


@dataclasses.dataclass(frozen=True)
class Step:
    """A one-particle superoperator summed over all particles: entries (β, α, ℓ_βα) that are not zero."""

    entries: tuple[tuple[int, int, float | complex], ...]


@dataclasses.dataclass(frozen=True)
class Factor:
    """A number for every element: `table` at the count of particles that are down on one side."""

    side: int  # 0: left index, 1: right index
    table: np.ndarray  # (N + 1,)


@dataclasses.dataclass(frozen=True)
class Chain:
    """weight × the product of the steps, the first one applied first."""

    weight: float | complex
    steps: tuple[Step | Factor, ...]


def left(x: np.ndarray) -> np.ndarray:
    """The superoperator ρ → xρ of one particle, shape (d², d²)."""
    return np.kron(x, np.eye(len(x)))


def right(x: np.ndarray) -> np.ndarray:
    """The superoperator ρ → ρx of one particle, shape (d², d²)."""
    return np.kron(np.eye(len(x)), x.T)


def step(superoperator: np.ndarray) -> Step:
    """A `Step` from a matrix ℓ of shape (d², d²)."""
    entries = [(int(b), int(a), _plain(superoperator[b, a])) for b, a in np.argwhere(superoperator)]
    return Step(tuple(entries))


def images(model: Model, N: int, n: np.ndarray) -> dict[Shift, np.ndarray]:
    """The generator's action on basis elements, L E_n = Σ_shift c_shift(n) E_{n + shift}.

    Parameters
    ----------
    model : Model
        In a frame where every Δ of its jumps lies along z: for one axis `model.rotated(choose_frame(model))`, with
        `choose_frame` of `finite_n.generator`.
    N : int
        Number of particles.
    n : integer array, shape (E, 4)
        Occupations (uu, ud, du, dd) of the elements, each row with sum N.

    Returns
    -------
    dict from shifts, tuples of 4 integers, to complex coefficients of shape (E,). Shifts whose coefficients are all zero are
    left out, and a coefficient is zero where n + shift has a negative entry.

    Raises FiniteNError if a Δ does not lie along z. Words of h below 1e-14 of its largest one count as rounding. ħ = 1.

    Example
    -------
    >>> import numpy as np, qutip
    >>> from finite_n import LocalJump, Model
    >>> images(Model(jumps=[LocalJump(qutip.sigmam())]), 5, np.array([[3, 1, 0, 1]]))
    {(0, 0, 0, 0): array([-3.5+0.j]), (-1, 0, 0, 1): array([3.+0.j])}
    """
    return {s: c.astype(complex) for s, c in run_all(generator_chains(model, N), np.asarray(n)).items()}


def run_all(chains: Sequence[Chain], n: np.ndarray, absolute: bool = False) -> dict[Shift, np.ndarray]:
    """Sum of `run` over the chains, without the shifts that vanish everywhere."""
    total: dict[Shift, np.ndarray] = {}
    for chain in chains:
        for shift, c in run(chain, n, absolute).items():
            total[shift] = total[shift] + c if shift in total else c
    return {s: c for s, c in total.items() if np.any(c)}


def run(
    chain: Chain, n: np.ndarray, absolute: bool = False, keep: Callable[[Shift, int], bool] | None = None
) -> dict[Shift, np.ndarray]:
    """One chain on the elements n (E, d²): coefficients by shift.

    `absolute`: with absolute values throughout, the size that cancellation starts from. `keep(shift, steps left)`: False
    for what need not be followed.
    """
    size = abs if absolute else lambda x: x
    columns = [np.ascontiguousarray(n[:, a], dtype=float) for a in range(n.shape[1])]
    current = {(0,) * n.shape[1]: np.full(len(n), size(chain.weight))}
    for position, action in enumerate(chain.steps):
        following: dict[Shift, np.ndarray] = {}
        for shift, c in current.items():
            if isinstance(action, Factor):
                following[shift] = c * size(_tabulated(action, n, shift))
                continue
            for beta, alpha, value in action.entries:
                moved = list(shift)
                moved[alpha] -= 1
                moved[beta] += 1
                to = tuple(moved)
                if keep is not None and not keep(to, len(chain.steps) - position - 1):
                    continue
                # falls to zero with the occupation, so nothing leaves through an empty unit
                new = (columns[alpha] + shift[alpha]) * (size(value) * c)
                following[to] = following[to] + new if to in following else new
        current = following
    return current


def generator_chains(model: Model, N: int) -> list[Chain]:
    """The generator of `model` at N particles as chains; see `images` for what is refused."""
    chains = []
    for word, c in _words(model.hamiltonian).items():
        chains += _commutator(word, -1j * c * float(N) ** (1 - len(word)))
    for jump in model.jumps:
        if jump.amplitude.is_constant:
            chains.append(Chain(1.0, (step(_dissipator(float(jump.amplitude(0.0)) * jump.operator)),)))
        else:
            chains += _operator_rates(jump, N)
    for part in model.collective:
        chains += _collective(part, N)
    return [c for c in chains if all(isinstance(s, Factor) or s.entries for s in c.steps)]


def _commutator(word: Word, weight: complex) -> list[Chain]:
    """weight [w₁ … w_k, ρ] = weight Σ_i w₁ … w_{i−1} [w_i, ρ] w_{i+1} … w_k, letters not divided by N."""
    chains = []
    for i, letter in enumerate(word):
        steps = [step(left(PAULI[letter]) - right(PAULI[letter]))]
        steps += [step(right(PAULI[a])) for a in word[i + 1 :]]
        steps += [step(left(PAULI[a])) for a in word[:i][::-1]]
        chains.append(Chain(_plain(weight), tuple(steps)))
    return chains


def _dissipator(j: np.ndarray) -> np.ndarray:
    """jρj† − ½{j†j, ρ} of one particle, shape (d², d²)."""
    square, size = _product(j.conj().T, j), np.abs(j).T @ np.abs(j)
    total = np.kron(j, j.conj()) - (left(square) + right(square)) / 2
    return _without_rounding(total, np.kron(np.abs(j), np.abs(j)) + (left(size) + right(size)) / 2)


def _product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return _without_rounding(x @ y, np.abs(x) @ np.abs(y))


def _without_rounding(x: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Entries that are 1e-15 of what was added up, set to zero: they would make labels that nothing reaches."""
    return np.where(np.abs(x) > 1e-15 * size, x, 0)


def _collective(part: CollectiveJumps, N: int) -> list[Chain]:
    """Σ_μ ½([W_μ, ρ L_μ†] + [W_μ ρ, L_μ†]) with W_μ = Σ_ν D_μν L_ν, the same as the dissipator written out."""
    chains = []
    for v, w in zip(part.operators, np.einsum("mn,nij->mij", part.kossakowski, part.operators), strict=True):
        adjoint = v.conj().T
        chains.append(Chain(0.5 / N, (step(right(adjoint)), step(left(w) - right(w)))))
        chains.append(Chain(-0.5 / N, (step(left(w)), step(left(adjoint) - right(adjoint)))))
    return chains


def _operator_rates(jump: LocalJump, N: int) -> list[Chain]:
    """Σ_k J_k ρ J_k† − ½{J_k†J_k, ρ} with J_k = Σ_s j_s^(k) Γ_s, Γ_s diagonal."""
    parts = _split_along_z(jump, N)
    chains = []
    for j, g in parts:
        for i, f in parts:
            square = _product(j.conj().T, i)
            chains.append(Chain(1.0, (Factor(0, g), Factor(1, f), step(np.kron(j, i.conj())))))
            chains.append(Chain(-0.5, (Factor(0, f), step(left(square)), Factor(0, g))))
            chains.append(Chain(-0.5, (Factor(1, g), step(right(square)), Factor(1, f))))
    return chains


def _split_along_z(jump: LocalJump, N: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """`split_by_self` without the parts that vanish; refuses a Δ that is not along z."""
    r = jump.delta
    if np.hypot(r[1], r[2]) > 1e-12 * np.linalg.norm(r[1:]):
        raise FiniteNError(
            f"symmetrised products: Δ of {jump!r} does not lie along z. If all Δ of the model share one axis, turn it with "
            "model.rotated(choose_frame(model)); if they do not, this basis cannot hold the model, so use evolve."
        )
    return [(j, table) for j, table in split_by_self(jump, N) if np.any(j)]


def _tabulated(factor: Factor, n: np.ndarray, shift: Shift) -> np.ndarray:
    """The table at the elements n + shift; outside of it lie only elements with coefficient zero."""
    other = 2 - factor.side  # du is down on the left, ud on the right
    down = n[:, other] + n[:, 3] + (shift[other] + shift[3])
    return factor.table[np.clip(down, 0, len(factor.table) - 1)]


def _words(h: Polynomial) -> dict[Word, complex]:
    """Words of h but the constant, without real or imaginary parts that are rounding."""
    floor = ROUNDING * max((abs(c) for c in h.words.values()), default=0.0)
    clean = {
        w: complex(c.real if abs(c.real) > floor else 0, c.imag if abs(c.imag) > floor else 0)
        for w, c in h.words.items()
        if w
    }
    return {w: c for w, c in clean.items() if c != 0}


def _plain(x: complex) -> float | complex:
    """A float where the imaginary part is none or rounding, so that real chains stay real; imaginary likewise."""
    if abs(np.imag(x)) <= 1e-15 * abs(x):
        return float(np.real(x))
    return 1j * float(np.imag(x)) if abs(np.real(x)) <= 1e-15 * abs(x) else complex(x)
