"""When exact numbers leave a limit, on made-up curves where the answer is plain."""

import numpy as np
import pytest

from comparison.convergence.departure import departure_times
from finite_n.systems import collective_dissipation

TIMES = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
UNSTABLE = [0, 0, -0.6]


def leaves(off):
    """The departure by a tenth of numbers that are off by these relative amounts."""
    found = departure_times(
        collective_dissipation(), UNSTABLE, TIMES, [4], lambda r: 2.0 * (1 + np.array(off)), lambda r: np.full(5, 2.0)
    )
    return found.departure[0]


def test_it_leaves_where_it_crosses_the_share():
    assert leaves([0, 0.05, 0.1, 0.15, 0.2]) == pytest.approx(0.2, abs=1e-9)
    assert leaves([0, -0.05, -0.1, -0.15, -0.2]) == pytest.approx(0.2, abs=1e-9)
    assert 0.2 < leaves([0, 0.01, 0.05, 0.2, 0.4]) < 0.3


def test_what_begins_outside_leaves_after_it_has_been_inside():
    assert 0.2 < leaves([0.5, 0.05, 0.05, 0.2, 0.3]) < 0.3


@pytest.mark.parametrize("off", [[0, 0.01, 0.02, 0.03, 0.09], [0.5, 0.4, 0.3, 0.2, 0.15], [0.5, 0.2, 0.05, 0.02, 0.01]])
def test_what_never_leaves_has_no_time(off):
    assert np.isnan(leaves(off))
