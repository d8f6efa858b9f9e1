"""Cumulant expansions against exact numbers at finite N, published numbers and independent equations."""

from fractions import Fraction

import numpy as np
import pytest
import qutip
from scipy.integrate import solve_ivp

from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, Species, evolve, mx, my, mz
from meanfield import Corrections, Cumulants
from tests import random_models
from tests.brute_force_general import GeneralBruteForce
from tests.random_general_models import density, polynomial_model

EXACT = 1e-9  # tolerance 1e-11 of the exact numbers over rates × times of 10; measured up to 5e-13
TIMES = [0, 0.3, 0.7]


def superradiance(N: int) -> Model:
    """L = J₋."""
    return Model(collective=[CollectiveJumps([qutip.sigmam()], N)])


@pytest.mark.parametrize(("order", "N"), [(2, 2), (3, 2), (3, 3), (4, 2), (4, 4)])
@pytest.mark.parametrize("kind", ["hamiltonian", "constant", "collective", "linear rates"])
def test_as_many_particles_as_the_order_are_exact(kind, order, N):
    rng = np.random.default_rng(3)
    model = polynomial_model(rng, [Species()]) if kind == "linear rates" else random_models.model(kind, rng)
    m = random_models.bloch(rng)
    ops = {"product": mx * mz * my + my * mz * mx}
    found = Cumulants(model, order).evolve(m, N, TIMES, ops)
    exact = evolve(model, N, m, TIMES, ops, tol=1e-11, check=False)
    assert np.abs(found.means - exact.means).max() < EXACT
    assert np.abs(found.covariance - exact.covariance).max() < EXACT
    assert np.abs(found.e_data["product"] - exact.e_data["product"]).max() < EXACT
    assert np.abs(found.correlations[-1]).max() > 1e-3 or kind == "constant"  # it is not mean field that is exact


def test_two_species_of_one_particle_each_are_exact():
    rng = np.random.default_rng(8)
    a, b = Species("a", 2, Fraction(1, 2)), Species("b", 2, Fraction(1, 2))
    h = 0.7 * a.mz * b.mx + 0.3 * a.my * a.mz + 0.3 * a.mz * a.my + 0.5 * b.mz * a.mx
    jump = LocalJump(qutip.sigmam(), np.polynomial.Polynomial([0.7, 0.3]), b.mz + 0.4 * a.mz, species=a)
    model = Model(h, [jump], [CollectiveJumps([a.average(qutip.sigmam()) + b.mx])], species=[a, b])
    start = {"a": random_models.bloch(rng), "b": random_models.bloch(rng)}
    found = Cumulants(model).evolve(start, 2, TIMES)
    exact = evolve(model, 2, start, TIMES, tol=1e-11, check=False)
    assert np.abs(found.means - exact.means).max() < EXACT
    assert np.abs(found.covariance - exact.covariance).max() < EXACT


def test_three_levels_are_exact_on_the_full_space():
    rng = np.random.default_rng(5)
    q = Species("q", 3)
    x, y = (rng.normal(size=(3, 3)) for _ in range(2))
    jump = LocalJump(x, np.polynomial.Polynomial([0.7, 0.3]), q.average(np.diag([1.0, 0.2, -0.5])), species=q)
    model = Model(0.5 * q.average(y + y.T) * q.average(y + y.T), [jump], species=[q])
    start = density(rng, 3)
    found = Cumulants(model).evolve({"q": start}, 2, [0, 0.4])
    brute = GeneralBruteForce(model, 2)
    exact = evolve(model, 2, {"q": start}, [0, 0.4], tol=1e-11, check=False)
    assert brute.size == 9
    assert np.abs(found.means - exact.means).max() < EXACT
    assert np.abs(found.covariance - exact.covariance).max() < EXACT


def second_order(N: int, t: float) -> tuple[float, float]:
    """Excited fraction and ⟨σ₊σ₋⟩ of two atoms under L = J₋ from all excited, by equations written by hand.

    p = ⟨ee⟩ of one, c = ⟨σ₊σ₋⟩ and e = ⟨ee, ee⟩ of two atoms; three-atom averages without their cumulant.
    """

    def flow(_, y):
        p, c, e = y
        three = (2 * p - 1) * c  # ⟨σz σ₊ σ₋⟩
        return [-p - (N - 1) * c, -c + 2 * e - p + (N - 2) * three, -2 * e - 2 * (N - 2) * p * c]

    return tuple(solve_ivp(flow, (0, t), [1, 0, 1], rtol=1e-12, atol=1e-13).y[:2, -1])


@pytest.mark.parametrize(("N", "published"), [(10, 0.219668), (40, 0.455562)])
def test_superradiance_to_second_order(N, published):
    t = 4 / N
    found = Cumulants(superradiance(N), 2).evolve([0, 0, 1], N, [0, t])
    excited, pair = second_order(N, t)
    fraction = (1 + found.mean("z")[-1]) / 2
    assert abs(fraction - published) < 1e-6  # of its digits
    assert abs(fraction - excited) < EXACT
    # ⟨σ₊σ₋⟩ of two atoms is ¼(κ_xx + κ_yy)
    assert abs((found.correlations[-1, 0, 0] + found.correlations[-1, 1, 1]) / 4 - pair) < EXACT


@pytest.mark.parametrize("kind", ["collective", "rates"])
def test_errors_of_averages_fall_as_their_order_says(kind):
    """Mean field N^−1, m + c_1/N and second order N^−2, third order N^−3, fourth order N^−4."""
    rng = np.random.default_rng(7)
    model, m, sizes, t = random_models.model(kind, rng), random_models.bloch(rng), [20, 40, 80, 160], [0, 0.3]
    exact = [evolve(model, N, m, t, tol=1e-12, check=False).means[-1] for N in sizes]
    expansion = Corrections(model, 1).evolve(m, t)
    found = {
        1: [expansion.means[0, -1]] * len(sizes),
        2: [expansion.means[0, -1] + expansion.c1[-1] / N for N in sizes],
        "second": [Cumulants(model, 2).evolve(m, N, t).means[-1] for N in sizes],
        "third": [Cumulants(model, 3).evolve(m, N, t).means[-1] for N in sizes],
        "fourth": [Cumulants(model, 4).evolve(m, N, t).means[-1] for N in sizes],
    }
    for what, values in found.items():
        error = [np.abs(e - v).max() for e, v in zip(exact, values, strict=True)]
        local = -np.diff(np.log(error)) / np.log(2)
        wanted = {"second": 2, "third": 3, "fourth": 4}.get(what, what)
        # the local order approaches its limit as 1/N: extrapolated from the last two
        assert abs(2 * local[-1] - local[-2] - wanted) < 0.1, (what, local)


def test_a_mode_in_a_displaced_state():
    light = Mode("light")
    model = Model(0.5 * mz + 0.4 * light.number + 0.6 * mx * light.phi, modes=[light])
    start, t = {"": [0.2, 0.3, -0.4], "light": Field(beta=0.3 + 0.1j, thermal=0.2)}, [0, 0.4]
    errors = []
    for N in (6, 12, 24):
        exact = evolve(model, N, start, t, tol=1e-9, check=False)
        found = Cumulants(model, 3).evolve(start, N, t)
        assert np.abs(found.means[0] - exact.means[0]).max() < 1e-7
        assert np.abs(found.covariance[0] - exact.covariance[0]).max() < 1e-7  # levels that are cut off
        errors.append(np.abs(found.covariance[-1] - exact.covariance[-1]).max())
    assert errors[2] < errors[1] < errors[0] < 1e-2
    assert errors[2] < errors[0] / 8  # N^−2 gives 16


def test_what_is_refused():
    with pytest.raises(FiniteNError, match=r"give a finite_n\.Model"):
        Cumulants("hopfield")
    with pytest.raises(FiniteNError, match="order"):
        Cumulants(Model(mx), order=5)
    five = Model(Species("q", 5).average(np.eye(5)), species=[Species("q", 5)])
    with pytest.raises(FiniteNError, match="has 24 letters, and equations of order 3 are derived for 16 at most; use"):
        Cumulants(five, order=3)
    assert Cumulants(five, order=2).order == 2
    a, b = Species("a", 2, Fraction(1, 2)), Species("b", 2, Fraction(1, 2))
    with pytest.raises(FiniteNError, match="whole number of particles"):
        Cumulants(Model(a.mx, species=[a, b])).evolve({"a": [0, 0, 1], "b": [0, 0, 1]}, 3, [0, 1])


def test_equations_that_diverge():
    """A quenched Ising model to third order at N = 10: nothing is left of the closure after t ≈ 10."""
    model, t = Model(0.5 * mz * mz + 0.4 * mx), np.linspace(0, 20, 21)
    found = Cumulants(model, 3).evolve([0, 0, 1], 10, t, {"zz": mz * mz}, partial=True)
    there = np.isfinite(found.mean("z"))
    assert there[:4].all() and not there[-1]
    assert np.array_equal(there, np.sort(there)[::-1])  # nan at the end only
    assert "after t =" in found.stats["ended"]
    early = Cumulants(model, 3).evolve([0, 0, 1], 10, t[:4])
    assert early.stats["ended"] == ""
    assert np.abs(early.means - found.means[:4]).max() < EXACT
    assert np.array_equal(np.isfinite(found.e_data["zz"]), there)
    with pytest.raises(FiniteNError, match=r"at N = 10: after t = .* ask for earlier times, another order"):
        Cumulants(model, 3).evolve([0, 0, 1], 10, t)


def alike(a, b) -> float:
    """Largest difference of averages and covariances; nan at the same places counts as none."""
    assert np.array_equal(np.isfinite(a.means), np.isfinite(b.means))
    return max(np.nanmax(np.abs(getattr(a, x) - getattr(b, x))) for x in ("means", "covariance"))


@pytest.mark.parametrize("kind", ["rates", "collective"])
@pytest.mark.parametrize("order", [2, 3, 4])
def test_several_sizes_are_integrated_together(kind, order):
    rng = np.random.default_rng(11)
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    cumulants, sizes = Cumulants(model, order), [6, 9, 50, 10**12]
    together = cumulants.evolve_each(m, sizes, TIMES, [mx * mz])
    assert [x.N for x in together] == sizes and cumulants.evolve_each(m, [], TIMES) == []
    for found in together:
        assert alike(found, cumulants.evolve(m, found.N, TIMES, [mx * mz])) < EXACT


def test_what_comes_to_rest_goes_on_alone_with_an_implicit_method():
    """Rates × times of 6000 take more than the 5000 evaluations after which rest is looked for."""
    model, t = Model(0.5 * mz * mz + 0.2 * mx, [LocalJump(qutip.sigmam(), rate=300.0)]), [0, 0.01, 10, 20]
    cumulants = Cumulants(model, 2)
    five, forty = cumulants.evolve_each([0.6, 0, 0.8], [5, 40], t)
    assert alike(forty, cumulants.evolve([0.6, 0, 0.8], 40, t)) < EXACT
    assert np.abs(five.means[-1] - [0, 0, -1]).max() < 1e-2 and five.stats["ended"] == forty.stats["ended"] == ""


def test_a_size_that_diverges_does_not_end_the_others():
    model, t = Model(0.5 * mz * mz + 0.4 * mx), np.linspace(0, 12, 13)
    cumulants, sizes = Cumulants(model, 3), [10, 400, 800]
    together = cumulants.evolve_each([0, 0, 1], sizes, t)
    assert [bool(x.stats["ended"]) for x in together] == [True, False, False]
    assert "at N = 10: after t =" in together[0].stats["ended"]
    assert [np.isfinite(x.means[-1]).all() for x in together] == [False, True, True]
    alone = cumulants.evolve([0, 0, 1], 10, t, partial=True)
    assert alike(together[0], alone) == 0  # since it is integrated alone
    assert alike(together[1], cumulants.evolve([0, 0, 1], 400, t)) < 1e-7  # errors grow on the way to the divergence
