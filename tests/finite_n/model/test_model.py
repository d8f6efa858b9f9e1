"""The model description: the algebra, and one clear sentence for everything it refuses."""

import math

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from comparison.formula import parse
from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Model,
    average,
    coherent,
    dicke,
    evolve,
    from_blocks,
    mx,
    my,
    mz,
    product,
    thermal,
)
from finite_n.model.amplitude import Amplitude
from finite_n.model.polynomial import Polynomial
from tests.brute_force import polynomial
from tests.random_models import complex_matrix, hamiltonian

SEEDS = st.integers(0, 2**32 - 1)
SM = qutip.sigmam()


@given(SEEDS)
def test_the_algebra_is_that_of_the_operators(seed):
    rng = np.random.default_rng(seed)
    a, b = hamiltonian(rng, 2), hamiltonian(rng, 2) * 1j + 0.3
    N = 2
    A, B = polynomial(a, N), polynomial(b, N)
    for ours, theirs in (
        (a + b, A + B),
        (a - b, A - B),
        (a * b, A @ B),
        (a**2, A @ A),
        (2.5 * a / 5, A / 2),
        (b.adjoint(), B.conj().T),
        (1 - a, np.eye(4) - A),
    ):
        assert np.abs(polynomial(ours, N) - theirs).max() < 1e-12


@given(SEEDS)
def test_average_is_linear_and_reads_arrays_and_qobj(seed):
    rng = np.random.default_rng(seed)
    x, y = complex_matrix(rng), complex_matrix(rng)
    assert np.abs(polynomial(average(x) + 2 * average(y) - average(x + 2 * y), 2)).max() < 1e-12
    assert average(qutip.Qobj(x)) == average(x)
    assert average(np.eye(2)) == Polynomial({(): 1})


def test_value_and_partials_are_those_of_commuting_numbers():
    p = 2 * mx * mz * mx + my**2 - 3
    assert p.value([2, 3, 5]) == 2 * 4 * 5 + 9 - 3
    assert np.allclose(p.gradient([2, 3, 5]), [4 * 2 * 5, 6, 2 * 4])


def test_numpy_numbers_multiply_from_the_left():
    assert np.float64(2.0) * mx == 2 * mx
    assert np.complex128(1j) * mx == 1j * mx


def test_ordered_hermiticity():
    Model(0.5j * (mx * my - my * mx))
    for h in (mx * my, 1j * mx, mx + 0.1j):
        with pytest.raises(FiniteNError, match="not Hermitian"):
            Model(h)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: average([1, 2, 3]), "shape"),
        (lambda: average("sz"), "2×2 array"),
        (lambda: average(qutip.basis(3, 0)), "square array"),
        (lambda: average([[np.nan, 0], [0, 0]]), "not finite"),
        (lambda: mx + "my", "polynomial of averages"),
        (lambda: mx**-1, "whole number"),
        (lambda: mx / mz, "number only"),
        (lambda: Model(float("nan") * mx), "not finite"),
        (lambda: Model(mx, [SM]), "LocalJump objects"),
        (lambda: Model(mx, collective=[LocalJump(SM)]), "CollectiveJumps objects"),
        (lambda: LocalJump(SM, lambda d: d), "delta is missing"),
        (lambda: LocalJump(SM, 1.0, mz), "would be ignored"),
        (lambda: LocalJump(SM, 1.0, include_self=False), "would be ignored"),
        (lambda: LocalJump(SM, 1j), "finite real number"),
        (lambda: LocalJump(SM, float("nan")), "finite real number"),
        (lambda: LocalJump(SM, "fast"), "function of Δ"),
        (lambda: LocalJump(SM, 1e200), "too large for double precision"),
        (lambda: LocalJump(SM, lambda d: np.exp(1j * d), mz), "is complex"),
        (lambda: LocalJump(SM, lambda d: np.sqrt(d), mz), "inside the range"),
        (lambda: LocalJump(SM, lambda d: 1 / d, mz), "inside the range"),
        (lambda: LocalJump(SM, lambda d: 1 / d, average(np.diag([2, 1])), include_self=False), "inside the range"),
        (lambda: LocalJump(SM, lambda d: np.abs(d), mz), "derivative"),
        (lambda: LocalJump(SM, lambda d: math.exp(d), mz), "derivative"),
        (lambda: LocalJump(SM, lambda d: np.where(np.real(d) > 0.013, 1.0, 0.0), mz), "smooth"),
        (lambda: LocalJump(SM, lambda d: np.sqrt((d - 0.2) ** 2), mz), "smooth"),
        (lambda: LocalJump(SM, lambda d: np.exp(d), mz, derivative=lambda d: 1.01 * np.exp(d)), "derivative"),
        (lambda: LocalJump(SM, lambda d: np.exp(d), mz, include_self="no"), "True or False"),
        (lambda: CollectiveJumps([]), "empty"),
        (lambda: CollectiveJumps("sm"), "list of operators"),
        (lambda: Model(jumps=5), "list of LocalJump"),
        (lambda: Model(True), "polynomial of averages"),
        (lambda: mz / 0, "not by zero"),
        (lambda: (mx + my + mz) ** 40, "terms"),
        (lambda: coherent("a", 0), "angles"),
        (lambda: from_blocks(3), "list of square matrices"),
        (lambda: from_blocks([np.full((2, 2), np.nan)]), "finite"),
        (lambda: LocalJump(SM, lambda d: d.nothing, mz), "calling it failed"),
        (lambda: LocalJump(SM, lambda d: d, mz * mx), "degree 2"),
        (lambda: LocalJump(SM, lambda d: d, 1j * mx), "not Hermitian"),
        (lambda: Model(jumps=[LocalJump(np.eye(3))]), "have 2 levels"),
        (lambda: CollectiveJumps([SM, SM], [[1]]), "2 operator"),
        (lambda: CollectiveJumps([SM, SM], [[1, 1], [0, 1]]), "not Hermitian"),
        (lambda: CollectiveJumps([SM, SM], [[1, 2], [2, 1]]), "not positive semi-definite"),
        (lambda: CollectiveJumps([SM], -1), "not positive semi-definite"),
        (lambda: CollectiveJumps([SM], "much"), "square array"),
        (lambda: product([0, 0, 1.1]), "length at most 1"),
        (lambda: product([0, 0, 1j]), "three real numbers"),
        (lambda: product([[0.7, 0], [0, 0.7]]), "trace"),
        (lambda: product([[1.5, 0], [0, -0.5]]), "negative"),
        (lambda: thermal(mx * my, 1.0), "not Hermitian"),
        (lambda: thermal(mx, np.inf), "finite real number"),
    ],
)
def test_refusals_of_models_and_states(make, message):
    with pytest.raises(FiniteNError, match=message):
        make()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"N": 0}, "N = 0"),
        ({"N": -3}, "N = -3"),
        ({"N": 2.5}, "N = 2.5"),
        ({"N": "ten"}, "N = 'ten'"),
        ({"N": True}, "N = True"),
        ({"N": float("nan")}, "N = nan"),
        ({"N": 10**6, "model": Model(mx + mx * mx, [LocalJump(qutip.sigmam())])}, "largest N that fits is"),
        ({"tlist": [0]}, "two or more"),
        ({"tlist": [0, 2, 1]}, "later than the one before"),
        ({"tlist": "now"}, "increasing list of times"),
        ({"tol": 0}, "between 1e-13"),
        ({"rho0": dicke(7, 0)}, "does not exist for N = 4"),
        ({"rho0": "up"}, "2×2 array"),
        ({"model": None}, "finite_n.Model"),
        ({"e_ops": {"q": "sz"}}, "polynomial of averages"),
        ({"e_ops": 5}, "dict or a list"),
        ({"e_ops": {"": mz}}, "needs a name"),
        ({"e_ops": {"q": np.nan * mz}}, "finite coefficients"),
        ({"e_ops": [mz, mz]}, "give a dict with names"),
        ({"tol": "x"}, "between 1e-13"),
        ({"threads": -1}, "threads = -1"),
        ({"threads": 1.5}, "threads = 1.5"),
        ({"progress": 3}, "function of one number"),
        ({"basis": ["dicke"]}, "choose one of"),
        ({"method": "euler"}, "choose one of"),
        ({"rho0": dicke(lambda N: "a", 0)}, "two real numbers"),
        ({"N": float("inf")}, "N = inf"),
        ({"N": 10**400}, "largest N that fits is"),
        ({"model": Model(1e12 * mx * mx, [LocalJump(qutip.sigmam())])}, "shorten the times"),
    ],
)
def test_refusals_of_evolve(change, message):
    arguments = {"model": Model(mx), "N": 4, "rho0": [0, 0, 1], "tlist": [0, 1]} | change
    with pytest.raises(FiniteNError, match=message):
        evolve(**arguments)


def test_integral_floats_are_sizes():
    assert evolve(Model(mx), 4.0, [0, 0, 1], [0, 1]).N == 4
    assert evolve(Model(mx), np.int64(4), [0, 0, 1], [0, 1]).N == 4


def test_functions_of_numbers_and_given_derivatives_are_accepted():
    scalar = Amplitude(lambda x: math.exp(x), derivative=lambda x: math.exp(x))
    scalar.check(-1, 1)
    assert np.allclose(scalar(np.array([0.0, 1.0])), np.exp([0.0, 1.0]))
    assert scalar.derivative(0.5) == pytest.approx(np.exp(0.5), abs=1e-15)
    assert Amplitude(lambda x: np.sin(3 * x)).derivative(0.2) == pytest.approx(3 * np.cos(0.6), abs=1e-15)


def test_formulas_are_read_and_nothing_else_is():
    assert parse("2*a**2 - -1", {"a": 3}, "here") == 19
    assert parse("0.5*(mx*mz + mz*mx)", {"mx": mx, "mz": mz}, "here") == 0.5 * (mx * mz + mz * mx)
    for text in (
        "__import__('os')",
        "a.real",
        "[1]",
        "lambda: 1",
        "a if a else 1",
        "open('x')",
        "'text'",
        "a[0]",
        "",
        "f(1, 2)",
    ):
        with pytest.raises(FiniteNError, match="here"):
            parse(text, {"a": 3}, "here")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x: CollectiveJumps([SM, SM], [[1, 1 + x], [1 + x, 1]]), "not positive semi-definite"),
        (lambda x: CollectiveJumps([SM, SM], [[1, 1j * (0.5 + x)], [-0.5j, 1]]), "not Hermitian"),
        (lambda x: Model(mx + x * 1j * mz), "not Hermitian"),
        (lambda x: Model(mx * my + (1 + x) * my * mx), "not Hermitian"),
        (lambda x: LocalJump(SM, np.exp, mz + 1j * x * mx), "not Hermitian"),
    ],
)
def test_what_is_no_lindblad_generator_is_refused_beyond_rounding(make, message):
    make(1e-14)  # sums of a few numbers
    for off in (1e-9, 1e-5, 1e-3):
        with pytest.raises(FiniteNError, match=message):
            make(off)
