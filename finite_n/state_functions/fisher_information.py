"""`quantum_fisher_information`: how well a state tells the angle of a collective rotation."""

from __future__ import annotations

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
    return of_every_time(state, lambda x: _information(x, given))


def _information(state: DensityMatrix, generator: Polynomial) -> float:
    # what G leads to above the highest level counts too
    wide = state.with_levels([n + generator.degree for n in state.levels])
    g, N, total = wide.own(generator, "generator"), sum(state.sizes), 0.0
    for at, matrix in wide.blocks.items():
        p, vectors = np.linalg.eigh(matrix)
        p = np.maximum(p, 0.0)
        G = N * (vectors.conj().T @ wide.operator(g, at) @ vectors)
        both, apart = p[:, None] + p, p[:, None] - p
        weight = np.divide(apart**2, both, out=np.zeros_like(both), where=both > _EMPTY)
        total += 2 * float(np.sum(weight * np.abs(G) ** 2))
    return total
