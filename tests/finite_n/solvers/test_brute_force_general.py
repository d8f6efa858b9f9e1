"""The general brute force against the one for two levels, and against what a Lindblad generator must do."""

import numpy as np
import pytest

from finite_n import Model, Species
from tests import random_general_models as general
from tests import random_models
from tests.brute_force import BruteForce, product_state
from tests.brute_force_general import GeneralBruteForce, basis_matrix

ROUNDING = 1e-12  # matrices of size below 100 with entries of order one


@pytest.mark.parametrize("kind", random_models.KINDS)
@pytest.mark.parametrize("N", [1, 3])
def test_one_species_of_two_levels_is_the_known_reference(kind, N):
    rng = np.random.default_rng(N)
    model = random_models.model(kind, rng)
    rho = product_state(general.density(rng, 2), N)
    assert np.abs(GeneralBruteForce(model, N).rhs(rho) - BruteForce(model, N).rhs(rho)).max() < ROUNDING


@pytest.mark.parametrize("kind", [*general.KINDS, "two tilts"])
@pytest.mark.parametrize(("dims", "sizes", "modes"), [((3,), (2,), 0), ((2, 3), (2, 1), 0), ((2,), (2,), 1)])
def test_trace_and_hermiticity_are_kept(kind, dims, sizes, modes):
    rng = np.random.default_rng(2)
    species, fields = general.parts(dims, sizes, modes)
    model, N, cutoffs = general.model(kind, rng, species, fields), sum(sizes), [3] * modes
    full = GeneralBruteForce(model, N, cutoffs)
    rho = full.product_state(general.matrices(general.state(rng, species, fields), N, cutoffs))
    image = full.rhs(rho)
    assert np.abs(image).max() > 1e-3
    assert abs(np.trace(image)) < ROUNDING
    assert np.abs(image - image.conj().T).max() < ROUNDING


@pytest.mark.parametrize("dim", [2, 3, 4])
def test_letters_are_those_of_the_package(dim):
    rng = np.random.default_rng(dim)
    s = Species("a", dim)
    x = general.complex_matrix(rng, dim)
    full = GeneralBruteForce(Model(species=[s]), 2)
    direct = (np.kron(x, np.eye(dim)) + np.kron(np.eye(dim), x)) / 2
    assert np.abs(full.polynomial(s.average(x)) - direct).max() < ROUNDING
    assert np.abs(np.trace(basis_matrix(dim, 1) @ basis_matrix(dim, dim**2 - 1))) < ROUNDING
