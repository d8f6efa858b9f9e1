"""Which models are energy conserving: their operators of spins commute, and modes are linear."""

from __future__ import annotations

import math

import numpy as np

from finite_n.displaced.commuting_model import CommutingModel, Terms
from finite_n.displaced.frames import common_levels
from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import Polynomial
from finite_n.states.initial_state import InitialState
from finite_n.states.mode import Field
from finite_n.states.particles import ProductState

_ROUNDING = 1e-13  # of the largest coefficient: what is left of terms that cancel
_ROOT_HALF = math.sqrt(0.5)


def recognised(model: Model, N: int, start: InitialState) -> CommutingModel:
    """The model in its levels; FiniteNError, with the reason, where it is not energy conserving or the start is no
    product."""
    for s in model.species:
        if not isinstance(start.parts[s.name], ProductState):
            raise _refusal(f"{s} starts in {start.parts[s.name]!r}, not in a product state")
    for mode in model.modes:
        if not isinstance(start.parts[mode.name], Field):
            raise _refusal(f"{mode} starts in {start.parts[mode.name]!r}, not in a Field")
    energy, couplings, frequencies = _parts_of(model)
    losses, baths = _baths_of(model)
    operators = {s.name: [jump.operator for jump in model.jumps if model.species_of(jump) is s] for s in model.species}
    polynomials = [energy, *(p for pair in couplings for p in pair), *(p for part in baths for p in part.polynomials)]
    turns = {s.name: common_levels(s, polynomials, operators[s.name]) for s in model.species}
    if lost := next((s for s in model.species if turns[s.name] is None), None):
        raise _refusal(f"operators of {lost} in h or in the jumps do not commute")
    sizes, dims = model.space.sizes(N), [s.dim for s in model.species]
    letters, matrices, own = [], [], []
    for k, s in enumerate(model.species):
        for a, v in zip(s.letters, hermitian_basis(s.dim)[1:], strict=True):
            letters.append(a)
            own.append(k)
            matrices.append(turns[s.name] @ v @ turns[s.name].conj().T)
    levels = np.repeat(np.arange(len(dims)), dims)
    per_particle = np.zeros((len(letters), len(levels)))
    for i, (k, x) in enumerate(zip(own, matrices, strict=True)):
        per_particle[i, levels == k] = np.diag(x).real / sizes[k]
    densities = [turns[s.name] @ start.parts[s.name].density @ turns[s.name].conj().T for s in model.species]
    position = {a: i for i, a in enumerate(letters)}
    fields = [start.parts[mode.name] for mode in model.modes]
    root = math.sqrt(N)
    return CommutingModel(
        N=N,
        sizes=tuple(sizes),
        dims=tuple(dims),
        species=levels,
        p=np.concatenate([_populations(x) for x in densities]),
        densities=densities,
        matrices=matrices,
        per_particle=per_particle,
        energy=_terms(energy, N, position),
        couplings=[_terms((f + 1j * g) * (root * _ROOT_HALF), 1.0, position) for f, g in couplings],
        frequencies=np.array(frequencies, dtype=float),
        losses=np.array(losses, dtype=float),
        amplitudes=np.array([f.amplitude(N) for f in fields], dtype=complex),
        thermal=np.array([f.thermal for f in fields], dtype=float),
        numbers=np.array([f.number for f in fields], dtype=int),
        rates=_rates(model, turns),
        baths=[_bath(part, root, position, per_particle) for part in baths],
        letters=tuple(letters),
        owners=tuple(own),
        modes=tuple(mode.name for mode in model.modes),
    )


def _refusal(reason: str) -> FiniteNError:
    return FiniteNError(
        f"basis = 'displaced': {reason}; closed forms need commuting operators of spins, modes that enter as ω a†a and "
        "linearly, and a product start; use basis='auto'."
    )


def _parts_of(model: Model) -> tuple[Polynomial, list[tuple[Polynomial, Polynomial]], list[float]]:
    """h without modes, the polynomials in front of φ_k and π_k, and ω_k."""
    plain: dict = {}
    linear: list[tuple[dict, dict]] = [({}, {}) for _ in model.modes]
    squares = [np.zeros((2, 2), complex) for _ in model.modes]
    of = {mode.name: k for k, mode in enumerate(model.modes)}
    for word, c in model.hamiltonian.words.items():
        spins, fields = (tuple(a for a in word if (a.dim > 0) == kind) for kind in (True, False))
        if not fields:
            plain[spins] = c
        elif len(fields) == 1:
            linear[of[fields[0].owner]][fields[0].index - 1][spins] = c
        elif len(fields) == 2 and not spins and fields[0].owner == fields[1].owner:
            squares[of[fields[0].owner]][fields[0].index - 1, fields[1].index - 1] = c
        else:
            raise _refusal(f"h contains {shown(Polynomial({word: c}))}")
    for mode, x in zip(model.modes, squares, strict=True):
        largest = np.abs(x).max()
        if max(abs(x[0, 0] - x[1, 1]), abs(x[0, 1] + x[1, 0])) > _ROUNDING * largest:
            raise _refusal(f"the squares of φ and π of {mode} are not those of its number a†a")
    couplings = [(Polynomial(f), Polynomial(g)) for f, g in linear]
    return Polynomial(plain), couplings, [(x[0, 0] + x[1, 1]).real for x in squares]


def _baths_of(model: Model) -> tuple[np.ndarray, list]:
    """κ_k of every mode, and the collective jumps of spins."""
    for k, jump in enumerate(model.jumps):
        if not jump.amplitude.is_constant:
            raise _refusal(f"the rate of jump {k} depends on Δ")
    losses, baths = np.zeros(len(model.modes)), []
    for part in model.collective:
        if not any(a.dim == 0 for p in part.polynomials for a in p.letters):
            baths.append(part)
            continue
        lost = [_lowered(model, p) for p in part.polynomials]
        D = part.kossakowski
        crossed = len(D) > 1 and np.abs(D - np.diag(np.diag(D))).max() > 0
        if None in lost or crossed:
            raise _refusal(f"{shown(part)} is not the loss of bosons of single modes")
        for (k, c), rate in zip(lost, np.diag(D).real, strict=True):
            losses[k] += rate * abs(c) ** 2
    return losses, baths


def _lowered(model: Model, p: Polynomial) -> tuple[int, complex] | None:
    """(k, c) where p = c α_k, else None."""
    for k, mode in enumerate(model.modes):
        c = p.words.get((mode.letters[0],), 0) / _ROOT_HALF
        rest = p - c * mode.alpha
        if c and rest.size <= _ROUNDING * abs(c):
            return k, c
    return None


def _terms(p: Polynomial, factor: float, position) -> Terms:
    return [(factor * c, tuple(position[a] for a in word)) for word, c in p.words.items()]


def _populations(density: np.ndarray) -> np.ndarray:
    p = np.clip(np.diag(density).real, 0.0, None)
    return p / p.sum()


def _rates(model: Model, turns) -> list[np.ndarray]:
    """Of coherences of one particle by local jumps: Σ Γ² (j_a j_a′* − ½|j_a|² − ½|j_a′|²), [a′, a]."""
    out = []
    for s in model.species:
        total = np.zeros((s.dim, s.dim), complex)
        for jump in model.jumps:
            if model.species_of(jump) is s:
                j = np.diag(turns[s.name] @ jump.operator @ turns[s.name].conj().T)
                weight = np.abs(j) ** 2 / 2
                total += float(jump.amplitude(0.0)) ** 2 * (np.outer(j.conj(), j) - weight - weight[:, None])
        np.fill_diagonal(total, 0.0)
        out.append(total)
    return out


def _bath(part, root: float, position, per_particle: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = np.zeros((len(part.polynomials), per_particle.shape[1]), complex)
    constants = np.zeros(len(rows), complex)
    for m, p in enumerate(part.polynomials):
        for word, c in p.words.items():
            if word:
                rows[m] += root * c * per_particle[position[word[0]]]
            else:
                constants[m] += root * c
    return np.asarray(part.kossakowski, dtype=complex), rows, constants
