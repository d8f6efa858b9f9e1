"""`quantum_fisher_information`: how well a state tells the angle of a collective rotation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.inputs import read_observables
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_kind
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time

_EMPTY = 1e-15  # what double precision makes of eigenvalues that vanish


def quantum_fisher_information(state, generator: Polynomial):
    """F = 2 Σ_kl (p_k − p_l)²/(p_k + p_l) |⟨k|G|l⟩|² of ρ = Σ_k p_k |k⟩⟨k| under e^{−iφG}, G = N g(m).

    G is written as a Hamiltonian is, by g: mz/2 stands for G = S_z = ½ Σ_k σz^(k). Var φ ≥ 1/F for one measurement; of
    a pure state F = 4 Var G. The d_J copies of a block drop out. For S_n, F > N only if particles are entangled, and
    F ≤ N².

    Parameters
    ----------
    state : Result or SteadyState, as of `entropy`
    generator : Polynomial
        g, a Hermitian polynomial of averages and modes of the model.

    Returns
    -------
    array (T,) of a `Result`, T = 1 if states were not kept; a number of a `SteadyState`

    Raises FiniteNError where the blocks ρ_J are not known (evolve with basis="dicke" to know them), and for a generator
    that is not Hermitian or not of this model.

    Example
    -------
    >>> from finite_n import Model, coherent, evolve, mz, quantum_fisher_information
    >>> result = evolve(Model(0.3 * mz), 12, coherent(1.5707963267949), [0, 1], basis="dicke")
    >>> quantum_fisher_information(result, mz / 2).round(8)
    array([12.])

    Source: S. L. Braunstein and C. M. Caves, Phys. Rev. Lett. 72, 3439 (1994); on entanglement L. Pezzè and A. Smerzi,
    Phys. Rev. Lett. 102, 100401 (2009).
    """
    check_kind(generator, "generator", Polynomial, "a polynomial of averages, such as mz / 2")
    _, (given,) = read_observables({"generator": generator})
    if given.non_hermitian_part().words:
        raise FiniteNError(f"generator: g = {given} is not Hermitian; symmetrise products of averages.")
    return of_every_time(state, lambda x: information(x, given))


def information(state: DensityMatrix, generator: Polynomial) -> float:
    """F of one state."""
    return sum(2 * float(np.sum(_slopes(p)[1] * np.abs(G) ** 2)) for p, G in _eigenbases(state, generator))


def information_with_slope(state: DensityMatrix, generator: Polynomial) -> tuple[float, float]:
    """F, and by how much it changes at most, to first order, for a change of the state of one in trace norm.

    F = max_L 2 tr(−i[G, ρ] L) − tr ρL², so that δF = tr δρ (−2i[L, G] − L²) with the symmetric logarithmic derivative
    L_kl = 2i (p_k − p_l)/(p_k + p_l) G_kl.
    """
    total = steepest = 0.0
    for p, G in _eigenbases(state, generator):
        ratio, weight = _slopes(p)
        L = 2j * ratio * G
        total += 2 * float(np.sum(weight * np.abs(G) ** 2))
        steepest = max(steepest, float(np.abs(np.linalg.eigvalsh(-2j * (L @ G - G @ L) - L @ L)).max()))
    return total, steepest


def _eigenbases(state: DensityMatrix, generator: Polynomial) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Eigenvalues of every block, and G between its eigenvectors."""
    # what G leads to above the highest level counts too
    wide = state.with_levels([n + generator.degree for n in state.levels])
    g, N = wide.own(generator, "generator"), sum(state.sizes)
    for at, matrix in wide.blocks.items():
        p, vectors = np.linalg.eigh(matrix)
        yield np.maximum(p, 0.0), N * (vectors.conj().T @ wide.operator(g, at) @ vectors)


def _slopes(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(p_k − p_l)/(p_k + p_l), and that times p_k − p_l."""
    both, apart = p[:, None] + p, p[:, None] - p
    ratio = np.divide(apart, both, out=np.zeros_like(both), where=both > _EMPTY)
    return ratio, ratio * apart
