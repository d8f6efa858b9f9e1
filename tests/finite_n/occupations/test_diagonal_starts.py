"""Starts that are diagonal in |J, M⟩: their chains of symmetrised products against 2^N, closed forms and Dicke
blocks."""

import itertools

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, LocalJump, Model, dicke, evolve, from_blocks, mx, my, mz, product, thermal
from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.model.rotation import axis_rotation
from finite_n.occupations.basis import compositions
from finite_n.occupations.initial_state import Diagonal
from finite_n.states.particles import State
from finite_n.systems import hopfield
from tests.brute_force import BruteForce, polynomial

SM, SP, SZ = qutip.sigmam(), qutip.sigmap(), qutip.sigmaz()
FULL = 1e-9  # the reference integrates with 1e-12; moments are of order one
ROUNDING = 1e-13  # sums of some hundred numbers of order one
OBSERVABLES = {"zzz": mz * mz * mz, "xxz": mx * mx * mz, "xyxy": mx * my * mx * my}

MODELS = {
    "dephasing, decay and pump": Model(
        0.3 * mz + 0.1 * mz * mz, [LocalJump(SM, 0.7), LocalJump(SP, 0.4), LocalJump(SZ, 0.3)]
    ),
    "rates that depend on the state": hopfield(0.0, 0.8),
    "flips and a shift of energy": Model(0.2 * mz * mz, [LocalJump(SM, 0.7), LocalJump(qutip.sigmax(), 0.4)]),
    "collective and local decay": Model(0.2 * mz * mz, [LocalJump(SM, 0.5)], [CollectiveJumps([SM], 0.7)]),
}


def _projected(J: float, M: float, N: int) -> np.ndarray:
    """The projector on total spin J and S_z = M over its trace, on 2^N."""
    spin = [N / 2 * polynomial(a, N) for a in (mx, my, mz)]
    values, vectors = np.linalg.eigh(sum(s @ s for s in spin) + 1e-3 * spin[2])
    some = vectors[:, np.abs(values - J * (J + 1) - 1e-3 * M) < 1e-6]
    return some @ some.conj().T / some.shape[1]


def _thermal(h, beta: float, N: int) -> np.ndarray:
    weight = np.exp(-beta * N * np.diag(polynomial(h, N)).real)
    return np.diag(weight / weight.sum())


def _starts(N: int):
    for b in range(N // 2 + 1):
        J = N / 2 - b
        for M in {J, -J, J - int(J)}:
            yield dicke(J, M), _projected(J, M, N)
    h = 0.4 * mz + 0.5 * mz * mz
    yield thermal(h, 0.7), _thermal(h, 0.7, N)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("N", [1, 2, 3, *(pytest.param(N, marks=pytest.mark.slow) for N in (4, 5, 6))])
def test_moments_are_those_of_the_full_space(name, N):
    full = BruteForce(MODELS[name], N)
    for state, rho in _starts(N):
        final = full.evolve(rho, 0.5)
        for basis in ("auto", "dicke"):
            result = evolve(MODELS[name], N, state, [0, 0.5], OBSERVABLES, tol=1e-11, check=False, basis=basis)
            for label, p in OBSERVABLES.items():
                assert abs(result.e_data[label][-1] - full.expect(p, final)) < FULL
            for a, b in itertools.product(range(3), repeat=2):
                letters = (mx, my, mz)
                assert abs(result.second_moments[-1, a, b] - full.expect(letters[a] * letters[b], final)) < FULL


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("N", [8, 9])
def test_products_agree_with_dicke_blocks(name, N):
    rng = np.random.default_rng(N)
    blocks = [np.diag(rng.random(n)) for n in DickeBlocks([N]).size]
    mixed = from_blocks([b / sum(np.trace(m) for m in blocks) for b in blocks])
    for state in (dicke(N / 2, N / 2 - 2), dicke(N / 2 - 1, -1 + N / 2 % 1), thermal(mz, 0.5), mixed):
        one = evolve(MODELS[name], N, state, [0, 0.5], OBSERVABLES, tol=1e-11)
        other = evolve(MODELS[name], N, state, [0, 0.5], OBSERVABLES, tol=1e-11, basis="dicke")
        if name != "collective and local decay":  # which couples any number of off-diagonal units
            assert one.stats["basis"] == "symmetrised products"
        assert np.abs(one.means - other.means).max() < 1e-11  # the tolerance asked for
        assert np.abs(one.second_moments - other.second_moments).max() < 1e-11
        assert np.abs(np.array(one.expect) - np.array(other.expect)).max() < 1e-11


@pytest.mark.parametrize("N", [1, 300, 301, 2000])
def test_decay_from_dicke_states_has_its_closed_form(N):
    """n spins up decay one by one: ⟨m_z⟩ = 2 n e^{−t}/N − 1 and N var m_z = 4 (n/N) e^{−t}(1 − e^{−t}), whatever J
    is."""
    times, model = np.array([0.0, 0.5, 2.0]), Model(jumps=[LocalJump(SM)])
    left = np.exp(-times)
    for M in (N / 2, 0.5 * (N % 2)):
        up = N / 2 + M
        result = evolve(model, N, dicke(N / 2, M), times, check=False, basis="symmetrised")
        assert result.stats["elements"] <= 2 * (N + 1)
        assert result.stats["bytes"] < 2000 * N + 3e6
        assert np.abs(result.mean("z") - (2 * up / N * left - 1)).max() < 1e-9  # the tolerance
        assert np.abs(result.covariance[:, 2, 2] - 4 * up / N * left * (1 - left)).max() < 1e-9
        # Σ_{i≠j} ⟨σ+ σ−⟩ = N²/4 − M² at the start: two coherences, each of which decays as e^{−t/2}
        flips = 4 * (N**2 / 4 - M**2) * left / N**2 + 2 / N
        sum_xy = result.second_moments[:, 0, 0].real + result.second_moments[:, 1, 1].real
        assert np.abs(sum_xy - flips).max() < 1e-9


def test_all_states_of_decay_are_stored_on_their_diagonals_only():
    """ρ_J of independent decay from all up is that of a product state; N = 200 has 1.4 million elements, of which 10
    201 are kept."""
    N, t = 200, 0.7
    tracing = evolve(Model(jumps=[LocalJump(SM)]), N, [0, 0, 1], [0, t], keep_states=True, check=False)
    m = 2 * np.exp(-t) - 1
    expected = initial_state.matrices(product([0, 0, m]), DickeBlocks([N]))
    assert tracing.stats["elements"] == (N // 2 + 1) ** 2 and tracing.stats["bytes"] < 25e6
    assert max(np.abs(a - b).max() for a, b in zip(tracing.states[-1], expected, strict=True)) < 1e-11
    assert abs(tracing.purity[-1] / ((1 + m**2) / 2) ** N - 1) < 1e-6
    assert tracing.budget.smallest_eigenvalue > -1e-14


def _examples(N: int):
    rng = np.random.default_rng(N)
    size = DickeBlocks([N]).size
    diagonal = [np.diag(rng.random(n)) for n in size]
    full = [x @ x.conj().T for x in (rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)) for n in size)]
    blocks = [from_blocks([b / sum(np.trace(x).real for x in m) for b in m]) for m in (diagonal, full)]
    some = [product(m) for m in ([0, 0, 0.3], [0, 0, 1], [0, 0, -1], [0.3, 0.2, 0.4], [0.6, 0, 0.8])]
    low = N / 2 - N // 2
    return [
        *some,
        *blocks,
        dicke(N / 2, -N / 2),
        dicke(low, low),
        thermal(mz * mz * mz + mz, 0.7),
        thermal(mx + mz, 0.7),
    ]


@pytest.mark.parametrize("N", [1, 2, 5, 6])
def test_elements_made_one_by_one_are_those_of_the_whole_state(N):
    rng = np.random.default_rng(N)
    frames = (np.eye(2), axis_rotation([0, 0, 1], 0.7), axis_rotation([1, 0.3, 1], 0.7))
    for state, frame in itertools.product(_examples(N), frames):
        for blocks in (DickeBlocks([N]), DickeBlocks([N], chosen=[np.arange(N // 2 + 1)[::2]])):
            whole = initial_state.vector(state, blocks, frame)
            by_matrices = initial_state.vector.dispatch(State)(state, blocks, frame)
            assert np.abs(whole - by_matrices).max() < ROUNDING
            support = initial_state.support(state, blocks, frame)
            filled = np.flatnonzero(np.abs(whole) > ROUNDING)
            assert support is None or np.isin(filled, support).all()
            few = np.sort(rng.choice(blocks.dim, min(blocks.dim, 5), replace=False))
            assert np.abs(initial_state.elements(state, few, blocks, frame) - whole[few]).max() < ROUNDING
        traces = [np.trace(m).real for m in DickeBlocks([N]).matrices(initial_state.vector(state, DickeBlocks([N])))]
        assert np.abs(initial_state.weights(state, N) - traces).max() < ROUNDING


@pytest.mark.parametrize("N", [2, 4, 5])
def test_elements_of_products_are_sums_of_matrix_elements(N):
    """p_n of |J, M⟩ against adding up ρ on 2^N by the units |a⟩⟨b| of every pair of configurations."""
    n = compositions(N, 4)
    at = {tuple(row): i for i, row in enumerate(n.tolist())}
    configurations = np.array(list(itertools.product((0, 1), repeat=N)))
    for b in range(N // 2 + 1):
        J = N / 2 - b
        for M in np.arange(-J, J + 1):
            rho = _projected(J, M, N)
            sums = np.zeros(len(n))
            for x, y in itertools.product(range(2**N), repeat=2):
                units = np.bincount(2 * configurations[x] + configurations[y], minlength=4)
                sums[at[tuple(units.tolist())]] += rho[x, y].real
            assert np.abs(Diagonal(dicke(J, M)).values(n) - sums).max() < 1e-10
