"""The predictor and corrector of all curves, on a circle and on a parabola."""

import numpy as np
import pytest

from meanfield.bifurcations.arclength import Curve, follow
from meanfield.bifurcations.vector_field import Family
from tests.meanfield.bifurcations.small_flows import Planar

POINT = 1e-11  # residual 1e-12 over slopes of order one


class Circle(Planar):
    """ẋ = x² + (2p − 1)² − r²: fixed points on an ellipse, (2p − 1)² + x² = r²."""

    n = 1

    def __init__(self, p, r):
        self.p, self.r = p, r

    def drift(self, m):
        return np.array([m[0] ** 2 + (2 * self.p - 1) ** 2 - self.r**2])

    def jacobian(self, m):
        return np.array([[2 * m[0]]])


def circle(r, step=0.05):
    return Curve(Family(lambda p: Circle(p, r)), 0.0, 1.0, step)


@pytest.mark.parametrize("step", [0.05, 0.2])
def test_an_ellipse_inside_the_bounds_is_followed_once_around(step):
    chain, end = follow(circle(0.6, step), np.array([0.6, 0.5]), np.array([0.0, 1.0]), 1000)
    x, p = np.array([point for point, _ in chain]).T
    assert end == "closed" and np.abs(x**2 + (2 * p - 1) ** 2 - 0.36).max() < POINT
    sides = np.hypot(np.diff(x), np.diff(p))
    assert sides.max() < 1.1 * step and np.hypot(x[-1] - x[0], p[-1] - p[0]) < step
    assert np.abs(np.sum(sides) / 2.906 - 1) < 0.1  # its perimeter, half axes 0.6 and 0.3


@pytest.mark.parametrize(("side", "sign"), [(0, -1.0), (1, 1.0)])
def test_a_curve_ends_exactly_on_the_bound(side, sign):
    chain, end = follow(circle(1.2), np.array([1.2, 0.5]), np.array([0.0, sign]), 1000)
    x, p = chain[-1][0]
    assert end == "on the bounds" and abs(p - side) < POINT and abs(x - np.sqrt(0.44)) < POINT
    assert follow(circle(1.2), np.array([1.2, 0.5]), np.array([0.0, sign]), 3)[1] == "3 points"


def test_the_corrector_stays_in_the_plane_across_the_normal():
    curve, start = circle(0.6), np.array([0.6 * np.cos(0.5), 0.5 + 0.3 * np.sin(0.5)])
    normal = np.array([-0.6 * np.sin(0.5), 0.3 * np.cos(0.5)])
    normal /= np.linalg.norm(normal)
    assert np.abs(curve.tangent(start, normal) - normal).max() < 1e-8  # ∂f/∂p is a difference
    guess = start + 0.05 * normal
    done = curve.correct(guess, normal)
    assert abs(normal @ (done.x - guess)) < POINT and np.abs(curve.residual(done.x)).max() < curve.converged
    assert curve.correct(np.array([0.0, 0.95]), np.array([0.0, 1.0])) is None  # no point on p = 0.95
