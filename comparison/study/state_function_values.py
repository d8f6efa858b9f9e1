"""Functions of the state of an exact result: values of the quantities of a study, with bounds of their errors."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
from scipy.special import entr

from comparison.referee.state_function import (
    BUNCHING,
    ENTROPY,
    FIDELITY,
    FISHER,
    NEGATIVITY,
    PAIR,
    PER_PARTICLE,
    PURITY,
    SQUEEZING,
    AskedFunction,
)
from comparison.study.fluctuation_values import Found
from finite_n import Field, Model, entropy, g2_zero, negativity, pair_negativity, product, purity
from finite_n.memory import refused_when_full
from finite_n.model.species import Space, Species
from finite_n.solvers.result import Result
from finite_n.state_functions.density_matrix import DensityMatrix
from finite_n.state_functions.fidelity import fidelity_between
from finite_n.state_functions.fisher_information import information_with_slope
from finite_n.states.initial_state import as_initial_state
from finite_n.states.parts import InitialState
from meanfield.gaussian.limit_functions import PURE

_SECOND = 2.0  # times a change to first order
_TAIL = 1e-13  # of a coherent state above its cutoff
_OF_PAIRS = 6.0  # N times the error of averages of products, at most, in N times the negativity of two particles


def state_function_values(
    result: Result, asked: Sequence[AskedFunction], limit_means: np.ndarray, rho0: InitialState
) -> Found:
    """Values and errors (T,) of functions of the state, of a result that has kept its states where these are needed.

    limit_means, rho0 : averages of the limit, (T, n), and the start, for fidelities
    """
    with refused_when_full("functions of the state"):
        return {f.name: _of(result, f, limit_means, rho0) for f in asked}


def _of(result: Result, f: AskedFunction, limit_means: np.ndarray, rho0: InitialState) -> tuple[np.ndarray, np.ndarray]:
    ones, error = np.ones(len(result.times)), state_error(result)
    of, other = list(f.of), list(f.other)
    if f.kind == SQUEEZING:
        return result.squeezing(of[0]), _of_squeezing(result, of[0])
    if f.kind == PAIR:
        N = result.sizes[_place(result, of[0])]
        return N * pair_negativity(result, of[0]), _OF_PAIRS * N * error * ones
    if f.kind in (ENTROPY, PER_PARTICLE):
        count = sum(result.sizes[_place(result, name)] for name in of if _is_species(result, name))
        by = count if f.kind == PER_PARTICLE else 1
        all_of_it = len(of) == len(result.space.owners)  # known without a rotation to the frame of the model
        bound = _of_entropy(error, _log_dimension(result, of))
        return entropy(result, None if all_of_it else of) / by, bound / by * ones
    if f.kind == PURITY:
        return purity(result, of), 2 * error * ones
    if f.kind == NEGATIVITY:  # ‖X^{T_A}‖₁ ≤ d_A ‖X‖₁
        smaller = min(_largest_dimension(result, part) for part in (of, other))
        return negativity(result, of, other), smaller * error / 2 * ones
    if f.kind == FISHER:
        found = np.array([information_with_slope(x, f.generator) for x in result.density_matrices()])
        return found[:, 0] / result.N, _SECOND * found[:, 1] * error / result.N
    if f.kind == BUNCHING:
        return g2_zero(result, of[0]), _of_bunching(result, of[0], error)
    assert f.kind == FIDELITY
    products = (_product(result.space, m) for m in limit_means)
    others = itertools.repeat(rho0, len(limit_means)) if f.other else products
    found = [_fidelity(x, y, error) for x, y in zip(result.density_matrices(), others, strict=True)]
    return tuple(np.array(found).T)


def state_error(result: Result) -> float:
    """How far the state may be off in trace norm: its budget, what a second run has shown, and the tolerance asked
    for."""
    b = result.budget
    return max(b.state_error, b.moment_difference or 0.0, b.tolerance)


def _of_entropy(error: float, log_dimension: float) -> float:
    """T ln(d − 1) + H(T, 1 − T) for states that differ by 2T in trace norm (K. M. R. Audenaert, J. Phys. A 40, 8127
    (2007))."""
    T = min(error / 2, 0.5)
    return T * log_dimension + float(entr(T) + entr(1 - T))


def _of_bunching(result: Result, name: str, error: float) -> np.ndarray:
    """Of pairs/n², pairs = Σ n(n − 1) p_n and n = Σ n p_n of populations that are off by ε together."""
    populations, top = result.levels[name], _levels(result, name) - 1
    levels = np.arange(top + 1)
    n, pairs = populations @ levels, populations @ (levels * (levels - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (top * (top - 1) + 2 * pairs * top / n) * error / n**2
    return np.where(np.isfinite(found), found, np.inf)


def _of_squeezing(result: Result, name: str) -> np.ndarray:
    """|δξ²| ≤ (δλ + 2λ δm/|m|)/|m|² for ξ² = λ/|m|², λ an eigenvalue of Σ across m, which turns by δm/|m|."""
    b, part = result.budget, result.space.part(name)
    m, sigma = np.linalg.norm(result.means[:, part], axis=1), result.covariance[:, part, part]
    off, spread = np.sqrt(3) * b.moment_error, 3 * b.covariance_error(result.N)
    largest = np.linalg.eigvalsh(sigma)[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        turned = spread + 2 * largest * off / m
        found = (turned + 2 * result.squeezing(name) * m**2 * off / m) / m**2
    return np.where(np.isfinite(found), found, np.inf)


def _product(space: Space, m: np.ndarray) -> InitialState:
    """The product state of averages m (n,)."""
    start = {mode.name: Field(alpha=complex(*m[space.part(mode)]) / np.sqrt(2)) for mode in space.modes}
    for s in space.species:
        bloch = m[space.part(s)]
        start[s.name] = product(bloch / max(1.0, np.linalg.norm(bloch)))  # longer by rounding
    return as_initial_state(start, Model(0.0, species=space.species, modes=space.modes))


def _fidelity(x: DensityMatrix, other: InitialState, error: float) -> tuple[float, float]:
    """The fidelity of a state, known to ε in trace norm, with an initial state σ, and its error.

    ε/2 where σ is pure. Else √F is monotone in ρ, and ρ + ε·1 is above the true state, so that √F(ρ + ε·1, σ) is above
    the true one; as much is allowed for below, twice. In any case angles arccos √F differ by up to √ε.
    """
    N, levels = sum(x.sizes), list(x.levels)
    for k, mode in enumerate(x.space.modes):
        levels[k] = max(levels[k], other.parts[mode.name].cutoff(N, _TAIL) + 1)
    y = DensityMatrix.of_initial(other, N, levels)
    lost = max(1 - sum(float(np.trace(block).real) for block in y.blocks.values()), 0.0)  # above its levels
    F, angle = fidelity_between(x, y), np.sqrt(error) + np.sqrt(lost)
    largest = min(2 * np.sqrt(F * max(1 - F, 0.0)) * angle + angle**2, 1.0)
    if sum(np.sum(np.abs(block) ** 2) for block in y.blocks.values()) > 1 - PURE:  # one block then
        return F, min(error / 2 + 2 * np.sqrt(lost), largest)
    wide = x.with_levels(levels)
    raised = {at: wide.blocks.get(at, 0.0) + error * np.eye(len(block)) for at, block in y.blocks.items()}
    root = 2 * (np.sqrt(fidelity_between(dataclasses.replace(wide, blocks=raised), y)) - np.sqrt(F)) + np.sqrt(lost)
    return F, float(min(2 * np.sqrt(F) * root + root**2, largest))


def _is_species(result: Result, name: str) -> bool:
    return isinstance(result.space.owner(name), Species)


def _place(result: Result, name: str) -> int:
    return result.space.species.index(result.space.owner(name))


def _log_dimension(result: Result, of: Sequence[str]) -> float:
    """ln d of some species and modes."""
    each = (
        result.sizes[_place(result, name)] * np.log(2) if _is_species(result, name) else np.log(_levels(result, name))
        for name in of
    )
    return float(sum(each))


def _largest_dimension(result: Result, of: Sequence[str]) -> int:
    """Of a block of some species and modes."""
    each = (
        result.sizes[_place(result, name)] + 1 if _is_species(result, name) else _levels(result, name) for name in of
    )
    return int(np.prod(list(each)))


def _levels(result: Result, name: str) -> int:
    return result.levels[name].shape[1]
