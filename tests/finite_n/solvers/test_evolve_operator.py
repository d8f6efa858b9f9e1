"""Operators that are neither Hermitian nor positive, evolved on Dicke blocks, against the full space."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, LocalJump, Model, average, evolve, mx, mz
from finite_n.dicke_blocks.operator_blocks import OperatorBlocks, from_laboratory
from finite_n.model.operators import bloch_to_density
from finite_n.solvers.evolve_operator import evolve_operator
from tests import random_general_models as general
from tests import random_models
from tests.brute_force import BruteForce, polynomial, product_state
from tests.brute_force_general import GeneralBruteForce

TOLERANCE = 1e-9  # of both integrations, for operators of norm one or less
UP, DOWN = average(qutip.sigmap()), average(qutip.sigmam())
T0, T1 = 0.4, 0.7


def parts_of(result):
    return [OperatorBlocks.of_state(part) for part in result.stored_final]


@pytest.mark.parametrize("kind", ["everything", "collective", "two tilts"])
def test_random_models_against_the_full_space(kind):
    N, rng = 4, np.random.default_rng(3)
    model, bloch = random_models.model(kind, rng), random_models.bloch(rng)
    left, right, read = DOWN + 0.4 * mx * mz, mz * UP, [UP, mx * mz * UP]
    parts = parts_of(evolve(model, N, bloch, [0, T0], basis="dicke"))
    parts = [p.weighted(left, right) for p in parts]
    found = evolve_operator(model, N, parts, [T0, T0 + T1], read, final_state=True)
    full = BruteForce(model, N)
    rho = full.evolve(product_state(bloch_to_density(bloch), N), T0)
    x = polynomial(left, N) @ rho @ polynomial(right, N)
    right_values = [[full.expect(p, y) for p in read] for y in (x, full.evolve(x, T1))]
    assert np.abs(found.values - right_values).max() < TOLERANCE
    assert found.error < TOLERANCE
    # what the last operator itself gives is what was read from it
    later = [from_laboratory(found.states[0], model, N)]
    again = evolve_operator(model, N, later, [0.0, 1.0], read)
    assert np.abs(again.values[0] - right_values[1]).max() < TOLERANCE


@pytest.mark.parametrize("rotated", [0.0, 0.3])
def test_real_generators_take_one_problem_of_two_planes(rotated):
    """bρ real up to a phase: symmetric and antisymmetric parts are evolved together."""
    N, phase = 4, np.exp(1j * rotated)
    jumps = [LocalJump(qutip.sigmam(), np.sqrt(0.3))]
    model = Model(0.4 * mx, jumps, [CollectiveJumps([qutip.sigmam()], 1.0)])
    parts = [p.weighted(phase * DOWN) for p in parts_of(evolve(model, N, [0, 0, 1], [0, T0], basis="dicke"))]
    assert all(p.phase() is not None for p in parts)
    found = evolve_operator(model, N, parts, [0, T1], [UP, mz * mx], final_state=True)
    assert found.stats["arithmetic"] == "two real planes"
    full = BruteForce(model, N)
    x = phase * polynomial(DOWN, N) @ full.evolve(product_state(np.diag([1.0, 0.0]), N), T0)
    x = full.evolve(x, T1)
    assert np.abs(found.values[1] - [full.expect(UP, x), full.expect(mz * mx, x)]).max() < TOLERANCE
    again = evolve_operator(model, N, [from_laboratory(found.states[0], model, N)], [0.0, 1.0], [UP])
    assert abs(again.values[0, 0] - full.expect(UP, x)) < TOLERANCE


def test_few_elements_suffice_where_a_symmetry_keeps_coherences_apart():
    N = 40
    model = Model(0.3 * mz, [LocalJump(qutip.sigmam(), 0.5), LocalJump(qutip.sigmap(), 0.2)])
    parts = [p.weighted(DOWN) for p in parts_of(evolve(model, N, [0, 0, 1], [0, T0], basis="dicke"))]
    assert all(p.elements is not None for p in parts)
    times = np.linspace(0, 2, 5)
    found = evolve_operator(model, N, parts, times, [UP], keep_states=True)
    # independent spins: N ⟨s₊(τ)s₋⟩ + N(N − 1)⟨s₊⟩⟨s₋⟩, the second zero here
    up = found.values[0, 0]
    assert np.abs(found.values[:, 0] - up * np.exp((0.6j - 0.29 / 2) * times)).max() < TOLERANCE
    later = [from_laboratory(found.states[2], model, N)]
    assert abs(evolve_operator(model, N, later, [0, 1.0], [UP]).values[0, 0] - found.values[2, 0]) < TOLERANCE


def test_two_species():
    N, rng = 4, np.random.default_rng(5)
    species, _ = general.parts((2, 2), (1, 3))
    model, state = general.model("everything", rng, species), general.state(rng, species)
    a, b = (s.average(qutip.sigmam()) for s in species)
    left, right, read = a * b, b, [a, b * a.adjoint()]
    parts = [p.weighted(left, right) for p in parts_of(evolve(model, N, state, [0, T0], basis="dicke"))]
    found = evolve_operator(model, N, parts, [0, T1], read, final_state=True)
    full = GeneralBruteForce(model, N)
    rho = full.evolve(full.product_state(general.matrices(state, N)), T0)
    x = full.evolve(full.polynomial(left) @ rho @ full.polynomial(right), T1)
    assert np.abs(found.values[1] - [full.expect(p, x) for p in read]).max() < TOLERANCE
    again = evolve_operator(model, N, [from_laboratory(found.states[0], model, N)], [0.0, 1.0], read)
    assert np.abs(again.values[0] - found.values[1]).max() < TOLERANCE
