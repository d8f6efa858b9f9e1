"""Particles of three levels: fixed points, their stability and folds against closed forms and a density matrix written
by hand.

At rest with δ = 0, p = p_r: Γ² = pump/(1 + (offset − shift p)²), p_e = p (1 + κ/Γ²), p_g = 1 − p_e − p, and the
coherence between g and e, which decays with ½(γ + Γ²), drives at the rate R = Ω²/(γ + Γ²) = (γ p_e + κ p)/(p_g − p_e):
so Ω is a known function of p.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar

from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.systems import three_level
from finite_n.systems.three_level import unit
from meanfield import Limit, attractor, continue_branch, fixed_points, phase_diagram

pytestmark = pytest.mark.rounding

LOCATED = 1e-6
CURVE = 1e-9
FACILITATED = {"decay": 1.0, "pump": 20.0, "shift": 30.0, "offset": 6.0, "leak": 0.1}


def family(omega):
    return three_level(omega, **FACILITATED)


def rate(p):
    return FACILITATED["pump"] / (1 + (FACILITATED["offset"] - FACILITATED["shift"] * p) ** 2)


def drive(p):
    """Ω at which p_r = p."""
    u, decay, leak = rate(p), FACILITATED["decay"], FACILITATED["leak"]
    e = p * (1 + leak / u)
    return np.sqrt((decay + u) * (decay * e + leak * p) / (1 - 2 * e - p))


def by_hand(rho, omega, control=0.0, detuning=0.0):
    """ρ̇ of one atom in the mean field of all."""
    h = np.array([[0, omega / 2, 0], [omega / 2, -detuning, control / 2], [0, control / 2, 0]])
    decay, leak, u = FACILITATED["decay"], FACILITATED["leak"], rate(rho[2, 2].real)
    gone = np.array([0, decay + u, leak + u])  # of g, e, r
    p = rho.diagonal()
    out = -1j * (h @ rho - rho @ h) - rho * (gone[:, None] + gone) / 2
    return out + np.diag([decay * p[1] + leak * p[2], u * p[2], u * p[1]])


def averages(rho):
    return np.einsum("aij,ji->a", hermitian_basis(3)[1:], rho).real


def state(m):
    v = hermitian_basis(3)
    return v[0] / 3 + np.einsum("a,aij->ij", m, v[1:]) / 2


def late(rho, omega, t=150.0, **others):
    """Where a long run of the density matrix ends."""

    def rhs(_, y):
        return by_hand(y.reshape(3, 3), omega, **others).ravel()

    return (
        solve_ivp(rhs, (0, t), np.asarray(rho, complex).ravel(), "DOP853", rtol=1e-9, atol=1e-11).y[:, -1].reshape(3, 3)
    )


def density_r(m):
    """p_r."""
    return 1 / 3 + coefficients(unit("r", "r"))[1:].real @ m.T


@pytest.fixture(scope="module")
def branch():
    return continue_branch(family, averages(late(unit("g", "g"), 2.0)), 2.0, (1.5, 4.0), step=0.1, parameter="omega")


def test_branch_follows_the_closed_form_through_both_folds(branch):
    p = density_r(branch.m)
    assert np.abs(drive(p) - branch.values).max() < 1e3 * CURVE  # dΩ/dp is of order 100 where Γ is steep
    assert branch.ends == ("bound 1.5", "bound 4") and [e.kind for e in branch.bifurcations] == ["fold", "fold"]
    up = minimize_scalar(lambda p: -drive(p), bounds=(0.18, 0.235), method="bounded", options={"xatol": 1e-12})
    down = minimize_scalar(drive, bounds=(0.235, 0.3), method="bounded", options={"xatol": 1e-12})
    assert np.abs([e.parameters[0] for e in branch.bifurcations] - np.array([-up.fun, down.fun])).max() < LOCATED
    inner = (p > up.x + 1e-6) & (p < down.x - 1e-6)
    assert np.all(branch.unstable[~inner] == 0) and np.all(branch.unstable[inner] == 1)


@pytest.mark.parametrize("omega", [pytest.param(2.0, marks=pytest.mark.slow), 3.2])
def test_long_runs_end_on_the_stable_parts(branch, omega):
    points = fixed_points(family(omega), 8)
    assert [p.stability for p in sorted(points, key=lambda p: density_r(p.m))] == (
        ["stable", "unstable", "stable"] if omega == 3.2 else ["stable"]
    )
    for p in points:
        assert np.abs(np.array([drive(density_r(p.m))]) - omega).max() < 1e3 * CURVE
        # along the branch, between whose points straight lines run
        assert np.abs(branch.at(omega) - p.m).max(axis=1).min() < 0.02
        step = 1e-6
        q = [averages(by_hand(state(p.m + step * e), omega) - by_hand(state(p.m - step * e), omega)) for e in np.eye(8)]
        values = np.linalg.eigvals(np.array(q).T / (2 * step))
        assert abs(values.real.max() - p.eigenvalues[0].real) < 1e-6 and abs(values.sum() - p.eigenvalues.sum()) < 1e-6
    ends = [averages(late(unit(x, x), omega)) for x in "ger"]
    stable = [p.m for p in points if p.stability == "stable"]
    assert (
        max(min(np.abs(end - m).max() for m in stable) for end in ends) < 1e-8
    )  # the slowest rate is 0.1, and t = 150
    if omega == 3.2:
        assert len({int(np.argmin([np.abs(end - m).max() for m in stable])) for end in ends}) == 2
    found = attractor(family(omega), averages(unit("r", "r")))
    assert found.kind == "fixed point" and np.abs(found.point.m - ends[2]).max() < 1e-8


def test_coherent_coupling_to_the_third_level():
    """With all coherences alive there is no closed form: the branch against long runs."""

    def controlled(control):
        return three_level(2.0, 0.3, control=control, **FACILITATED)

    start = averages(late(unit("g", "g"), 2.0, control=0.2, detuning=0.3))
    assert np.abs(Limit(controlled(0.2)).drift(start)).max() < 1e-8
    branch = continue_branch(controlled, start, 0.2, (0.0, 1.5), step=0.2, points=30)
    assert branch.ends == ("bound 0", "bound 1.5") and not branch.bifurcations and not branch.unstable.any()
    for value, m in list(zip(branch.values, branch.m, strict=True))[::6]:
        end = averages(late(state(m * 0.9), 2.0, control=value, detuning=0.3))
        assert np.abs(end - m).max() < 1e-8


@pytest.mark.slow
def test_phase_diagram_of_three_levels():
    diagram = phase_diagram(family, [2.0, 3.2, 3.8], names=("omega",), starts=8, runs=3)
    assert list(diagram.labels) == ["1 stable", "2 stable, 1 unstable", "1 stable"]
