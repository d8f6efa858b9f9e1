"""The limit's integrator: its tolerance against closed forms, and the bound on its work."""

import numpy as np
import pytest

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, evolve, mx, mz
from meanfield import Limit
from meanfield.limit.integrate import ATOL, RTOL, integrate

SM = np.array([[0, 0], [1.0, 0]])


def test_the_tolerance_against_closed_forms():
    """Spin decay, 2e^{−t} − 1, and its variance 1 − m_z²; a rotation; growth by 1e4: errors of a hundred tolerances at
    most."""
    times = np.linspace(0, 8, 9)
    decay = Limit(Model(0, [LocalJump(SM)])).evolve([0, 0, 1.0], times)
    m = 2 * np.exp(-times) - 1
    assert np.abs(decay.mean("z") - m).max() < 100 * RTOL
    assert np.abs(decay.covariance[:, 2, 2] - (1 - m**2)).max() < 100 * RTOL
    turned = Limit(Model(mx)).evolve([0, 0, 1.0], times)
    assert np.abs(turned.mean("z") - np.cos(2 * times)).max() < 100 * RTOL
    grown, _ = integrate(lambda _, y: y, np.ones(1), np.array([0, np.log(1e4)]), "growth")
    assert abs(grown[-1, 0] - 1e4) < 1e4 * 100 * RTOL + 100 * ATOL


def test_errors_follow_the_order_of_the_method():
    """Evaluations grow as tolerance^{−1/8}, of an oscillator over 30 periods."""
    counts, tols, t = [], 10.0 ** np.arange(-12, -6.0, 2), np.array([0, 60 * np.pi])
    for tol in tols:
        y, n = integrate(lambda _, y: np.array([y[1], -y[0]]), np.array([1.0, 0.0]), t, "oscillator", tol)
        assert np.abs(y[-1] - [1, 0]).max() < 1e3 * tol
        counts.append(n)
    assert -1 / 6 < np.polyfit(np.log(tols), np.log(counts), 1)[0] < -1 / 11


@pytest.mark.parametrize("T", [1e3, 1e9])
def test_what_has_come_to_rest_costs_nothing_more(T):
    """ż = −(1 + z) + … to its fixed point, that of the Bloch equations with H = 0.8 σx, decay 0.49."""
    limit = Limit(Model(0.8 * mx, [LocalJump(SM, 0.7)]))
    result = limit.evolve([0, 0.3, 0.4], [0, 1.0, T])
    g, w = 0.49, 1.6  # ẏ = −(g/2)y − wz, ż = wy − g(1 + z)
    z = -(g**2) / 2 / (w**2 + g**2 / 2)
    assert np.abs(result.means[-1] - [0, -2 * w * z / g, z]).max() < 1e-11
    assert np.abs(result.covariance[-1] - (np.eye(3) - np.outer(result.means[-1], result.means[-1]))).max() < 1e-10
    assert result.stats["evaluations"] < 20_000


@pytest.mark.parametrize(
    ("model", "T"),
    [
        (Model(mx + 0.3 * mz * mz), 1e6),
        (Model(mx + 0.3 * mz * mz), 1e300),
        (Model(0.8 * mx, [LocalJump(SM, 0.7)]), 1e300),
        (Model(0, [LocalJump(SM, rate=1e90)]), 1.0),
        (Model(1e30 * mx), 1.0),
        (Model(0, [LocalJump(SM, rate=1e12)], [CollectiveJumps([SM])]), 1e300),
    ],
)
def test_what_would_take_for_ever_is_refused(model, T, monkeypatch):
    monkeypatch.setattr("meanfield.limit.integrate.MOST_EVALUATIONS", 9000)  # a tenth, for speed
    with pytest.raises(
        FiniteNError, match=r"limit: .*(most evaluations allowed|exceed double precision).*earlier times"
    ):
        Limit(model).evolve([0, 0.3, 0.4], [0, T])


@pytest.mark.parametrize("times", [[0, 1e-280], [0, 1e-310, 1e-290], [1, 1 + 3e-16]])
def test_times_that_numbers_hardly_tell_apart(times):
    result = Limit(Model(mx, [LocalJump(SM)])).evolve([0, 0.3, 0.4], times)
    assert np.abs(result.means - [0, 0.3, 0.4]).max() < 1e-14


@pytest.mark.parametrize("times", [[0, 5e-324], [-1e308, 1e308]])
def test_spans_beyond_numbers_are_refused(times):
    for ask in (Limit(Model(mx)).evolve, lambda *a: evolve(Model(mx), 2, *a)):
        with pytest.raises(FiniteNError, match=r"tlist: from .* give times over a span"):
            ask([0, 0.3, 0.4], times)
