"""Exact numbers of the claims of Merkli and Rafiyi 2018 against the engines, the derived limit and plain quadrature."""

import itertools
import math

import numpy as np
import pytest

from comparison.claims.merkli_2018 import ladders, points
from comparison.claims.merkli_2018.conserving import _one_oscillator
from comparison.claims.merkli_2018.moments import bounded_observable, largest_product
from comparison.claims.merkli_2018.points import SX, SY, SZ
from comparison.claims.merkli_2018.setting import nested, ordered, turned
from comparison.referee.extrapolation import rate
from finite_n import Field, evolve
from finite_n.systems import dicke_model, energy_conserving
from meanfield import Limit

ROUNDING = 1e-10  # exponentials of matrices, and Gauss and Legendre's rule for smooth functions
T = 1.1


def operators(setting, N):
    """H_R + Σ h, all G_j ⊗ B and the state, as matrices."""
    free, coupled, columns = setting.parts(N)
    return free.toarray(), [v.toarray() for v in coupled], columns @ columns.conj().T


def test_averages_of_few_particles_are_those_of_the_engines():
    levels, N, lam = 24, 3, 0.6
    setting = points.dicke(levels, points.coherent(0.4, levels))
    found = evolve(dicke_model(1.0, 0.8, lam), N, {"": [0, 0, -0.4], "field": Field(beta=0.4)}, [0, T])
    couplings = np.full((1, N), lam / math.sqrt(N))
    one = [setting.averages(setting.observable(N, [s]), couplings, T)[0].real for s in (SX, SY, SZ)]
    assert one == pytest.approx(found.means[-1, :3], abs=1e-8)
    number = setting.averages(setting.observable(N, (), points.number(levels)), couplings, T)[0].real
    assert number == pytest.approx(found.number()[-1], abs=1e-7)


@pytest.mark.parametrize("counts", [(1, 2), (2, 1), (3, 0)])
def test_arrangements_are_ordered_integrals_of_all_multi_commutators(counts):
    """T_t of eq. 1.9 for every order of the indices, by quadrature."""
    setting = points.bounded(up=0.3)
    A = setting.observable(2, [SX + 0.4 * SZ], SX + 0.3 * SZ - 0.2 * SY)
    H, coupled, rho = operators(setting, 2)
    word = [j for j, p in enumerate(counts) for _ in range(p)]

    def terms(*times):
        moved = [[turned(v, H, s) for s in times] for v in coupled]
        now = turned(A.toarray(), H, T)
        return sum(
            np.trace(rho @ nested(now, *(moved[j][k] for k, j in enumerate(js))))
            for js in set(itertools.permutations(word))
        )

    assert setting.arrangements(A, T, counts) == pytest.approx(ordered(terms, T, len(word), 6), abs=1e-8)


def test_coefficients_by_cauchy_are_those_of_a_cosine():
    """A spin with H = λσx alone: ⟨σz⟩ = cos 2λt."""
    setting = points.bounded(up=1.0)
    free = setting.__class__(0 * SZ, SX, setting.rho, np.zeros((1, 1)), np.eye(1), np.eye(1))
    found = free.coefficients(free.observable(1, [SZ]), T, 1, (0, 1, 2, 4))
    assert [found[r] for r in (0, 1, 2, 4)] == pytest.approx([1, 0, -((2 * T) ** 2) / 2, (2 * T) ** 4 / 24], abs=1e-10)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_ordered_integrals_of_one(n):
    assert ordered(lambda *_: 1.0, T, n) == pytest.approx(T**n / math.factorial(n), rel=1e-13)


def test_ladders_go_to_the_derived_limit():
    start, times = {"": [0.0, 0.0, -1.0], "field": Field(beta=0.5)}, (0.0, 1.0)
    value, error = ladders.dicke(0.25, (0.0, 0.0, -1.0), Field(beta=0.5), times, (4, 8, 16, 32))
    limit = Limit(dicke_model(1.0, 0.8, 0.25)).evolve(start, times)
    for name, expected in (("number", limit.number()), ("Fx", limit.first_moments[:, 0]), ("z", limit.mean("z"))):
        assert np.all(np.abs(value[name] - expected) <= error[name]) and error[name].max() < 1e-4


def test_closed_forms_go_to_the_derived_limit():
    times, nu, lam = (0.0, 1.0, 3.0), (0.8, 1.7), (0.5, 0.3)
    value, error = ladders.conserving(lam, nu, points.POLARISED, Field(), times)
    limit = Limit(energy_conserving(1.0, list(nu), list(lam))).evolve(list(points.POLARISED), times)
    for k, name in enumerate("xyz"):
        assert np.all(np.abs(value[name] - limit.means[:, k]) <= error[name] + 1e-10)


def test_one_oscillator_instead_of_all_particles_has_the_number_by_hand():
    """A force c φ on the field, ⟨φ²⟩ = ½: half of c²(1 − cos νt)/ν² quanta."""
    c, times = 0.4, np.array([1.0, 3.0])
    expected = c**2 / 2 * (1 - np.cos(0.8 * times)) / 0.8**2
    assert _one_oscillator(c)["number"] == pytest.approx(expected, abs=1e-9)


def test_moments_that_the_lemmas_exceed_by_hand():
    """⟨φ⁴⟩ = 3/4 of the vacuum; ℓ^ℓ(r − ℓ)^{r−ℓ} is 4, 1, 4 for r = 2."""
    assert bounded_observable(True).exact["beta"][0] == pytest.approx(math.sqrt(3) / 2, abs=1e-12)
    assert largest_product(True).exact[""][0] == 4.0


def test_the_inequality_before_the_wrong_maximum_holds():
    """Eq. 3.26 for r ≤ 20, 0⁰ = 1."""
    for r in range(2, 21):
        for l in range(r + 1):
            left = math.factorial(2 * l) / math.factorial(l) * math.factorial(2 * (r - l)) / math.factorial(r - l)
            assert left <= math.e**2 / math.pi * (4 / math.e) ** r * l**l * (r - l) ** (r - l)


def test_rates_at_which_the_limits_are_reached():
    """⟨σx⟩ − free falls as N^−½ and ⟨σz⟩ − free as 1/N from a coherent field; ⟨σxσx⟩ − ⟨σx⟩² of two spins as 1/N."""
    sizes = (8, 16, 32, 64)
    state = {"": [0.0, 0.0, -1.0], "field": Field(beta=0.5)}
    means = np.array([evolve(dicke_model(coupling=0.25), N, state, [0, 1.0]).means[-1] for N in sizes])
    assert rate(sizes, means[:, 0], 0.0, 1e-8, 0.5).asymptotic == pytest.approx(0.5, abs=0.01)
    assert rate(sizes, means[:, 2], -1.0, 1e-8).asymptotic == pytest.approx(1.0, abs=0.01)
    model, sizes = energy_conserving(coupling=0.5), (10, 100, 1000, 10**4)
    found = [evolve(model, N, list(points.POLARISED), [0, 1.0]) for N in sizes]
    apart = np.array([x.pair_moments[-1, 0, 0] - x.means[-1, 0] ** 2 for x in found])
    assert rate(sizes, apart, 0.0, 1e-13).asymptotic == pytest.approx(1.0, abs=0.01)
