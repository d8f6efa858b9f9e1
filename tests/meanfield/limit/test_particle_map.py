"""The map of fluctuations of particles made of bosons: against one in Fock space, and exact numbers of many."""

import numpy as np
import pytest

from finite_n import Boson, BosonicParticle, Field, FiniteNError, evolve_particle, mz, squeezed, three_point_function
from finite_n.systems import double_chain
from meanfield import fluctuation_map
from tests.systems.test_double_chain import CHAIN, T_END, R, _limit

B, C = Boson("b"), Boson("c")
DAMPED = BosonicParticle([B], 1.5 * B.number + 0.2 * B.x, [B.a, B.x], [[0.8, 0.1], [0.1, 0.3]])
OPERATORS = {"n": B.number, "x": B.x, "p": B.p, "s": B.x**2 - B.p**2, "q": B.x * B.p + B.p * B.x}
ALGEBRA = 1e-12  # exponentials of matrices of some twenty rows
SOLVER = 1e-8  # ten times what the evolution in Fock space is asked for
TIMES = [0.2, 0.5, 1.0]
DIRECTIONS = np.array([[0.1, 0.2, -0.1, 0.1, 0.0], [0.2, 0.3, 0.1, 0.0, 0.2], [-0.1, 0.1, 0.2, 0.1, 0.1]])


@pytest.mark.parametrize(
    "state", [Field(number=1), Field(beta=0.6 + 0.2j), Field(beta=0.3, thermal=0.1), squeezed(0.2, 0.5)]
)
def test_it_carries_the_covariances_of_one_particle(state):
    """Polynomials in normal order against ρ in Fock space."""
    one = evolve_particle(DAMPED, {"b": state}, TIMES, OPERATORS, check=False)
    found = fluctuation_map(DAMPED, {"b": state}, TIMES, OPERATORS)
    assert found.means == pytest.approx(one.means, abs=SOLVER)
    assert found.covariance == pytest.approx(one.covariance[0], abs=SOLVER)
    assert found.symplectic == pytest.approx(one.symplectic_form[0], abs=SOLVER)
    moved = found.X @ found.covariance @ found.X.transpose(0, 2, 1) + found.Y
    assert moved == pytest.approx(one.covariance, abs=SOLVER)
    assert np.abs(found.Y[1:]).max() > 0.1


def test_exact_numbers_of_many_particles_go_there():
    """What is even in r goes there by 1/N, what is odd to 0 by N^−½."""
    start, sizes = {"b": Field(beta=0.4)}, (20, 40, 80, 160)
    found = fluctuation_map(DAMPED, start, TIMES, OPERATORS)
    limit, moved = found.three_point(DIRECTIONS), found.means - found.means[0]
    even, odd = [], []
    for N in sizes:
        both = [
            three_point_function(DAMPED, start, TIMES, OPERATORS, sign * DIRECTIONS, N)
            * np.exp(-1j * sign * np.sqrt(N) * moved @ DIRECTIONS[1])
            for sign in (1, -1)
        ]
        even.append(np.abs((both[0] + both[1]) / 2 - limit))
        odd.append(np.abs(both[0] - both[1]) / 2)
    even, odd = np.array(even), np.array(odd)
    assert np.log2(even[:-1] / even[1:])[-1] == pytest.approx(np.ones(3), abs=0.05)  # 1/N of it
    assert np.log2(odd[:-1] / odd[1:])[-1] == pytest.approx(np.full(3, 0.5), abs=0.05)
    assert even[-1].max() < 5e-4 and odd[-1].max() > 1e-4
    assert np.abs(found.three_point(DIRECTIONS[::-1]) - limit).min() > 1e-3  # its order matters


def test_of_the_double_chain_it_is_the_paper_s():
    """Eqs. 27, 32, 33, 50 to 54 of Benatti et al. 2017, and exact numbers of 160 sites, off by 1/N."""
    found = fluctuation_map(CHAIN.particle, CHAIN.gibbs, [0.0, T_END], CHAIN.operators).three_point(R)
    assert found == pytest.approx([_limit(CHAIN, R, t) for t in (0.0, T_END)], abs=ALGEBRA)
    cold = double_chain(T=0.15, coupling=0.7)
    arguments = (cold.particle, cold.gibbs, [0.0, T_END], cold.operators)
    limit = fluctuation_map(*arguments).three_point(R)
    off = [np.abs(three_point_function(*arguments, R, N, tol=1e-8) - limit) for N in (80, 160)]
    assert np.log2(off[0] / off[1]) == pytest.approx([1, 1], abs=0.05)


def test_operators_that_stay_need_no_others():
    """n of an oscillator with Kerr's H = n², whose x leads to ever more operators; without jumps nothing is noise."""
    kerr = BosonicParticle([B], B.number**2)
    found = fluctuation_map(kerr, {"b": Field(thermal=0.5)}, TIMES, {"n": B.number})
    assert found.X == pytest.approx(np.ones((3, 1, 1)), abs=ALGEBRA) and not found.Y.any()
    assert found.covariance[0, 0] == pytest.approx(0.75, abs=ALGEBRA)  # n̄(n̄ + 1)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: fluctuation_map(DAMPED, None, TIMES, {"x": B.x}), "leads from x to operators"),
        (lambda: fluctuation_map(DAMPED, None, TIMES), "give a dict of names"),
        (lambda: fluctuation_map(DAMPED, None, TIMES, {"y": C.x}), "polynomial of x and p"),
        (lambda: fluctuation_map(DAMPED, {"c": Field()}, TIMES, OPERATORS), "start of a particle"),
        (lambda: fluctuation_map(0.3 * mz, [0, 0, 1], TIMES, {"x": B.x}), "of a finite_n.BosonicParticle"),
        (lambda: fluctuation_map(DAMPED, None, TIMES, OPERATORS).three_point(np.ones((3, 2))), "r: got shape"),
    ],
)
def test_bad_input_is_refused(make, said):
    with pytest.raises(FiniteNError, match=said):
        make()
