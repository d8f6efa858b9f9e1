"""Expansions in 1/N and cumulants of models that depend on time, against exact numbers at two N."""

import numpy as np
import pytest
from qutip import sigmam, sigmap

from finite_n import CollectiveJumps, LocalJump, Model, coefficient, evolve, mx, mz
from meanfield import Corrections, Cumulants

START, TIMES = [0.3, 0.0, -0.5], [0.0, 0.7, 1.4]


@pytest.fixture(scope="module")
def model() -> Model:
    """A pulse on the drive and on collective decay, and a kink, at π/3, of rates that depend on the state."""
    pulse = coefficient(lambda t: np.exp(-((t - 1) ** 2)))
    pump = coefficient(lambda t: 1 + 0.5 * np.abs(np.sin(3 * t)))
    return Model(
        0.2 * mz + pulse * mx + 0.2 * mz * mz,
        [LocalJump(sigmam(), 0.3), LocalJump(sigmap(), lambda d: 0.4 * np.exp(0.3 * d), mz, time=pump)],
        [CollectiveJumps([sigmam()], 0.2, time=pulse)],
    )


@pytest.fixture(scope="module")
def exact(model):
    return {N: evolve(model, N, START, TIMES, tol=1e-8, check=False).means for N in (12, 24)}


def test_what_two_orders_leave_falls_as_the_third_power(model, exact):
    expansion = Corrections(model).evolve(START, TIMES)
    rest = {N: np.abs(m - np.array([expansion.mean(a, N=N) for a in "xyz"]).T).max() for N, m in exact.items()}
    assert rest[12] / rest[24] == pytest.approx(8, abs=1.2)
    assert rest[24] < 2e-5


def test_what_third_order_cumulants_leave_falls_as_the_third_power(model, exact):
    cumulants = Cumulants(model, 3)
    rest = {N: np.abs(m - cumulants.evolve(START, N, TIMES).means).max() for N, m in exact.items()}
    assert rest[12] / rest[24] == pytest.approx(8, abs=2)
    assert rest[24] < 5e-6
