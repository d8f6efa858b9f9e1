"""The kinetically constrained model: at Ω = 0 the populations are a classical chain of N + 1 states."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import binom

from comparison import load
from finite_n import evolve
from finite_n.systems import kinetically_constrained


@pytest.mark.parametrize("self_energy", [True, False])
@pytest.mark.parametrize("N", [1, 2, 7, 20])
def test_populations_follow_the_classical_chain(N, self_energy):
    up, down, start, t = 1.0, 0.5, 0.7, 1.5
    n = np.arange(N + 1)
    seen_up = n / N  # density seen by a down spin: it is not excited itself
    seen_down = n / N if self_energy else (n - 1) / N
    rate_up, rate_down = up * (N - n) * seen_up**2, down * n * seen_down**2
    W = np.diag(rate_up[:-1], -1) + np.diag(rate_down[1:], 1) - np.diag(rate_up + rate_down)
    p = expm(t * W) @ binom.pmf(n, N, start)
    result = evolve(kinetically_constrained(up, down, 0.0, self_energy), N, [0.3, 0, 2 * start - 1], [0, t])
    m = 2 * n / N - 1
    assert abs(result.means[-1, 2] - p @ m) < 1e-9
    assert abs(result.second_moments[-1, 2, 2].real - p @ m**2) < 1e-9


def test_the_empty_state_is_dark():
    result = evolve(kinetically_constrained(), 8, [0, 0, -1], [0, 5.0])
    assert np.abs(result.means[-1] - [0, 0, -1]).max() < 1e-9


def test_exact_numbers_go_to_the_derived_limit():
    study = load(
        "kinetically_constrained", {"parameters": {"omega": 0.4}, "sizes": [20, 28, 40, 56, 80, 112], "accuracy": 1e-4}
    )
    assert study.run().status("derived") == "confirmed"
