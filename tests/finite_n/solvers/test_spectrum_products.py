"""Slow eigenvalues of particles of several levels against the full space, mean-field sums, and Dicke blocks."""

import itertools

import numpy as np
import pytest
import qutip
from scipy.optimize import linear_sum_assignment

from finite_n import FiniteNError, LocalJump, Model, Species, mx, spectrum
from finite_n.eigenmodes.low_spectrum import low_spectrum
from finite_n.solvers.spectrum import _of_products
from finite_n.systems import hopfield, three_level
from tests import random_general_models as random_models
from tests.brute_force_general import GeneralBruteForce

AGREE = 1e-8  # tol = 1e-9 on residuals, times condition numbers of a few


def symmetric_eigenvalues(full: GeneralBruteForce) -> np.ndarray:
    """Of L on operators that no exchange of particles of one species changes."""
    n, dims = full.size, full.dims
    every = np.eye(n * n).reshape(n * n, *dims, *dims)
    total = np.zeros((n * n, n * n))
    orders = [itertools.permutations(sites) for sites in full.sites.values()]
    for choice in itertools.product(*map(list, orders)):
        order = [k for sites in choice for k in sites]
        total += every.transpose(0, *(1 + np.array(order)), *(1 + len(dims) + np.array(order))).reshape(n * n, n * n)
    values, vectors = np.linalg.eigh(total)
    basis = vectors[:, values > 0.5]
    image = np.array([full.rhs(x.reshape(n, n)).ravel() for x in basis.T]).T
    return np.linalg.eigvals(basis.T @ image)


def same(found, right) -> float:
    """The largest distance when two sets are paired."""
    cost = np.abs(np.asarray(found)[:, None] - np.asarray(right)[None, :])
    rows, columns = linear_sum_assignment(cost)
    return cost[rows, columns].max()


@pytest.mark.parametrize(("kind", "dims", "sizes"), [("tilted rates", (3,), (2,)), ("constant", (2, 3), (2, 1))])
def test_all_eigenvalues_against_the_full_space(kind, dims, sizes):
    species, _ = random_models.parts(dims, sizes)
    model, N = random_models.model(kind, np.random.default_rng(8), species), sum(sizes)
    right = symmetric_eigenvalues(GeneralBruteForce(model, N))
    found = spectrum(model, N, len(right))
    assert len(found.eigenvalues) == len(right) and same(found.eigenvalues, right) < AGREE
    decaying = -right.real[right.real < -1e-9]
    assert found.gap == pytest.approx(decaying.min(), abs=AGREE) and found.errors.max() < 1e-6


@pytest.mark.slow
def test_three_particles_of_three_levels_against_the_full_space():
    model = three_level(control=0.7)
    right = symmetric_eigenvalues(GeneralBruteForce(model, 3))
    found = spectrum(model, 3, len(right))
    assert len(found.eigenvalues) == len(right) == 165 and same(found.eigenvalues, right) < 1e-6


def test_independent_particles_have_sums_of_one_particle():
    """The slowest eigenvalues of many particles are those of one."""
    q = Species("q", dim=3)
    down = [np.zeros((3, 3)) for _ in range(3)]
    for x, (a, b) in zip(down, ((0, 1), (1, 2), (0, 2)), strict=True):
        x[a, b] = 1
    jumps = [LocalJump(x, rate, species=q) for x, rate in zip(down, (0.9, 0.7, 0.5), strict=True)]
    model = Model(0.4 * q.average(down[0] + down[0].T), jumps, species=[q])
    one = np.sort(
        -np.linalg.eigvals(
            qutip.liouvillian(
                qutip.Qobj(0.4 * (down[0] + down[0].T)),
                [r * qutip.Qobj(x) for x, r in zip(down, (0.9, 0.7, 0.5), strict=True)],
            ).full()
        ).real
    )
    found = spectrum(model, 6, 4)
    assert found.gap == pytest.approx(one[1], abs=AGREE) and found.zero_modes == 1
    assert found.stats["size"] == 3003


@pytest.mark.parametrize("model", [hopfield(omega=0.5, beta=0.8), Model(0.5 * mx, [LocalJump(qutip.sigmam())])])
def test_two_levels_are_the_same_in_both_bases(model):
    N, right = 5, spectrum(model, 5, 20)
    sectors, origin = _of_products(model, N, 20, None, None, None)
    found = low_spectrum(sectors, 20, 1e-9, origin)
    m = min(len(found.eigenvalues), len(right.eigenvalues), 20)
    assert np.abs(np.sort(found.eigenvalues.real)[::-1][:m] - np.sort(right.eigenvalues.real)[::-1][:m]).max() < AGREE
    assert found.zero_modes == right.zero_modes == 1


def test_only_what_a_start_reaches():
    """All in level 2: no coherence with level 2 ever shows, and no mode of these is there."""
    model = three_level(control=0.0)
    rho0 = {model.species[0].name: np.diag([0.0, 0.0, 1.0])}
    every, some = spectrum(model, 3, 8), spectrum(model, 3, 8, rho0=rho0)
    assert some.stats["size"] < every.stats["size"] and some.zero_modes == 1 and not some.of_all
    whole = spectrum(model, 3, 165).eigenvalues
    assert max(np.abs(whole - x).min() for x in some.eigenvalues) < AGREE


def test_refusals():
    with pytest.raises(FiniteNError, match="too many to search"):
        spectrum(three_level(), 20)
    with pytest.raises(FiniteNError, match="two-level"):
        spectrum(three_level(), 2).mode(0)
    with pytest.raises(FiniteNError, match="two-level particles only"):
        spectrum(three_level(), 4, J=2)
