"""First Lyapunov coefficients where they are known: another formula, in other coordinates, and cycles born at the
curve."""

import numpy as np
import pytest

from meanfield import bifurcation_curve, continue_branch
from tests.meanfield.bifurcations.small_flows import Brusselator, Planar

pytestmark = pytest.mark.rounding

FORM = 1e-6  # fourth differences with step 2e-3


class Quadratic(Planar):
    """ẋ = μx − ωy + Q₁, ẏ = ωx + μy + Q₂ with quadratic Q, (f_xx, f_xy, f_yy) each: nothing cubic, so only double terms
    decide."""

    def __init__(self, mu, omega, f, g):
        self.mu, self.omega, self.f, self.g = mu, omega, f, g

    def drift(self, m):
        x, y = m
        second = np.array([x * x / 2, x * y, y * y / 2])
        return np.array(
            [self.mu * x - self.omega * y + self.f @ second, self.omega * x + self.mu * y + self.g @ second]
        )

    def jacobian(self, m):
        x, y = m
        rows = [[h[0] * x + h[1] * y, h[1] * x + h[2] * y] for h in (self.f, self.g)]
        return np.array([[self.mu, -self.omega], [self.omega, self.mu]]) + rows


def guckenheimer_holmes(omega, f, g, cubic=0.0):
    """a of ṙ = a r³ from second derivatives (f_xx, f_xy, f_yy) and the sum of third ones: Guckenheimer and Holmes eq.
    3.4.11."""
    products = f[1] * (f[0] + f[2]) - g[1] * (g[0] + g[2]) - f[0] * g[0] + f[2] * g[2]
    return cubic / 16 + products / (16 * omega)


@pytest.mark.parametrize("seed", range(4))
def test_quadratic_terms_make_what_guckenheimer_and_holmes_say(seed):
    rng = np.random.default_rng(seed)
    omega, f, g = rng.uniform(0.5, 2), rng.normal(size=3), rng.normal(size=3)
    family = lambda mu: Quadratic(mu, omega, f, g)  # noqa: E731
    (event,) = [b for b in continue_branch(family, np.zeros(2), -0.02, (-0.03, 0.03)).bifurcations if b.kind == "Hopf"]
    found, value = event.frequency, event.coefficient
    # |q| = 1 means q = (1, −i)/√2, so that (x, y) = √2 (Re z, Im z) and |z| = r/√2: a r² = 2a |z|²
    assert abs(event.parameters[0]) < 1e-8 and abs(found - omega) < 1e-8
    assert abs(value - 2 * guckenheimer_holmes(omega, f, g) / omega) < FORM * max(1, abs(value))


def brusselator(a):
    """l₁ of the Brusselator at b = 1 + a² for |q| = 1, by Guckenheimer and Holmes in the coordinates of q.

    Q = [[a², a²], [−1 − a², −a²]], Qq = iaq, q = (a, i − a)/√(1 + 2a²); (ξ, η) = 2 Re zq = x e₁ + y e₂, e₁ = 2 Re q, e₂
    = −2 Im q.
    """
    norm = np.sqrt(1 + 2 * a**2)
    e1, e2 = 2 * np.array([a, -a]) / norm, -2 * np.array([0, 1]) / norm
    back = np.linalg.inv(np.column_stack([e1, e2]))
    b = 1 + a**2
    hessian = np.array([[2 * b / a, 2 * a], [2 * a, 0]])  # of (b/a)ξ² + 2aξη
    c = back @ [1.0, -1.0]  # the direction in which everything nonlinear pulls
    second = np.array([e1 @ hessian @ e1, e1 @ hessian @ e2, e2 @ hessian @ e2])

    def third(*e):  # of ξ²η
        return 2 * sum(e[i][0] * e[j][0] * e[k][1] for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0)))

    cubic = c[0] * (third(e1, e1, e1) + third(e1, e2, e2)) + c[1] * (third(e1, e1, e2) + third(e2, e2, e2))
    return guckenheimer_holmes(a, c[0] * second, c[1] * second, cubic) / a


def test_the_brusselator_along_its_curve():
    curve = bifurcation_curve(Brusselator, [1.0, 2.0], (1.0, 2.05), "Hopf", ((0.5, 1.6), (1, 4)), names=("a", "b"))
    a = curve.values[:, 0]
    assert np.abs(curve.values[:, 1] - 1 - a**2).max() < 1e-8
    assert np.abs(curve.coefficient - [brusselator(x) for x in a]).max() < 1e-5
    (event,) = continue_branch(lambda b: Brusselator(1.3, b), [1.3, 2 / 1.3], 2.0, (1.5, 4)).bifurcations
    assert abs(event.coefficient - brusselator(1.3)) < FORM and event.side == "supercritical"


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_quadratic_terms_alone_decide_the_side_along_a_curve(sign):
    """The curve μ = 0, whatever ω, found from a start beside it; its side turns with the sign of g."""
    f, g = np.array([1.0, 0.5, 1.0]), sign * np.array([0.3, 0.0, 0.0])
    curve = bifurcation_curve(
        lambda mu, omega: Quadratic(mu, omega, f, g), [0.0, 0.0], (0.02, 1.0), "Hopf", ((-0.5, 0.5), (0.6, 1.6))
    )
    mu, omega = curve.values.T
    assert np.abs(mu).max() < 1e-8 and omega.min() < 0.6 + 1e-8 and omega.max() > 1.6 - 1e-8
    wanted = [2 * guckenheimer_holmes(w, f, g) / w for w in omega]
    assert np.abs(curve.coefficient - wanted).max() < FORM and np.all(curve.coefficient > 0)


class Slaved(Planar):
    """ẋ = μx + axy + ex³, ẏ = −2y + bx²: y follows as ½bx², so that ẋ = μx + (e + ½ab)x³, even where e alone has the
    other sign."""

    def __init__(self, mu, a, b, e):
        self.mu, self.a, self.b, self.e = mu, a, b, e

    def drift(self, m):
        x, y = m
        return np.array([self.mu * x + self.a * x * y + self.e * x**3, -2 * y + self.b * x * x])

    def jacobian(self, m):
        x, y = m
        return np.array([[self.mu + self.a * y + 3 * self.e * x * x, self.a * x], [2 * self.b * x, -2.0]])


@pytest.mark.parametrize(
    ("a", "b", "e", "side"),
    [(1.0, 3.0, -1.0, "subcritical"), (1.0, -3.0, 1.0, "supercritical"), (2.0, 1.0, -2.5, "supercritical")],
)
def test_what_is_slaved_decides_the_side_of_a_pitchfork(a, b, e, side):
    events = continue_branch(lambda mu: Slaved(mu, a, b, e), np.zeros(2), -0.05, (-0.1, 0.1)).bifurcations
    (event,) = [x for x in events if x.kind == "pitchfork"]
    assert abs(event.parameters[0]) < 1e-8 and event.side == side
    assert abs(event.coefficient - (e + a * b / 2)) < FORM
