"""Superradiant decay: at every N the populations from the excited state are a classical chain down the Dicke ladder."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from comparison import load
from finite_n import evolve
from finite_n.systems import superradiance

INTEGRATORS = 1e-9  # tolerance of the evolution


def excited_fraction(N: int, t: float, gamma: float = 1.0) -> float:
    """Of N atoms that all start excited: from |J, M⟩ to |J, M − 1⟩ with the rate Γ (J + M)(J − M + 1)/N, J = N/2."""
    n = np.arange(N, -1, -1.0)
    out = gamma / N * n * (N - n + 1)
    start, last = np.eye(N + 1)[0], (0, t)
    # not by expm, which loses digits where rates of a triangular matrix are nearly equal
    end = solve_ivp(lambda _, p: np.append(0, (out * p)[:-1]) - out * p, last, start, "DOP853", rtol=1e-12, atol=1e-14)
    return float(end.y[:, -1] @ n / N)


@pytest.mark.parametrize(("N", "t"), [(1, 0.7), (2, 1.1), (10, 4.0), (40, 4.0)])
def test_the_decay_is_that_of_the_chain(N, t):
    found = evolve(superradiance(), N, [0, 0, 1], [0, t]).means[-1, 2]
    assert (1 + found) / 2 == pytest.approx(excited_fraction(N, t), abs=INTEGRATORS)


@pytest.mark.parametrize(("N", "fraction"), [(10, 0.250012), (40, 0.522373)])
def test_the_chain_at_four_is_that_of_the_page(N, fraction):
    assert excited_fraction(N, 4.0) == pytest.approx(fraction, abs=5e-7)


def test_atoms_on_their_own_decay_exponentially():
    found = evolve(superradiance(gamma=0.0, local=0.8), 6, [0.5, 0, 0.4], [0, 1.5]).means[-1]
    expected = [0.5 * np.exp(-0.8 * 1.5 / 2), 0, 1.4 * np.exp(-0.8 * 1.5) - 1]
    assert found == pytest.approx(expected, abs=INTEGRATORS)


def test_exact_numbers_go_to_the_derived_limit():
    assert load("superradiance", {"sizes": [20, 28, 40, 56, 80, 112], "accuracy": 1e-4}).run().status("derived") == (
        "confirmed"
    )
