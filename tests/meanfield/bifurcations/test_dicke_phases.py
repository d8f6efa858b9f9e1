"""Phases of the open Dicke model, spins and modes together, against closed forms and equations written by hand.

With B = −S m_x the mean field of the modes at rest, S = Σ_k λ_k² ν_k/(ν_k² + κ²/4), the spin has, derived here,

    no emission   m ∥ (2B, 0, ω₀):  m_z = −ω₀/2S, m_x² = r² − m_z² on |m| = r, from S = ω₀/2r on
    emission γ    m_y = −γ m_x/2ω₀, m_z = −(ω₀² + γ²/4)/(2Sω₀), m_x² = ω₀ (1 + m_z)/S, from S = (ω₀² + γ²/4)/2ω₀ on

so that λ_c² = ω₀ (ν² + κ²/4)/2ν with one mode and no emission (F. Dimer et al., Phys. Rev. A 75, 013804 (2007)).
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from finite_n import FiniteNError, LocalJump, Model, Species
from finite_n.systems import collective_dissipation, dicke_model, hopfield
from meanfield import (
    FixedLength,
    Limit,
    attractor,
    bifurcation_curve,
    branches,
    continue_branch,
    fixed_points,
    phase_diagram,
)

pytestmark = pytest.mark.rounding

CURVE = 1e-7  # f and ψ are solved to 1e-10; ψ has slopes of order one
POINT = 1e-9  # |f| ≤ 1e-10 over eigenvalues of order 0.1
LOCATED = 1e-6
DOWN, UP = np.array([0, 0, -1.0]), np.array([0, 0, 1.0])


def by_hand(m, omega0, nu, coupling, loss, emission):
    """ṁ of (m_x, m_y, m_z, φ_1, π_1, …) for H = ½ω₀σz + Σ_k ν_k a_k†a_k + λ_k σx φ_k, polynomial, so good at complex
    m."""
    x, y, z, phi, pi = m[0], m[1], m[2], m[3::2], m[4::2]
    nu, coupling = np.atleast_1d(nu), np.atleast_1d(coupling)
    field = 2 * np.sum(coupling * phi)
    spin = [-omega0 * y - emission / 2 * x, omega0 * x - field * z - emission / 2 * y, field * y - emission * (1 + z)]
    modes = np.array([nu * pi - loss / 2 * phi, -nu * phi - coupling * x - loss / 2 * pi])
    return np.concatenate([spin, modes.T.ravel()])


def jacobian_by_hand(m, *parameters):
    """By complex step, exact to rounding."""
    return np.array([by_hand(m + 1e-30j * e, *parameters).imag / 1e-30 for e in np.eye(len(m))]).T


def superradiant(omega0, nu, coupling, loss, emission, r=1.0):
    """The point with m_x > 0, or None."""
    nu, coupling = np.atleast_1d(nu), np.atleast_1d(coupling)
    parts = coupling / (nu**2 + loss**2 / 4)
    s = np.sum(coupling * nu * parts)
    z = -(omega0**2 + emission**2 / 4) / (2 * s * omega0)
    square = omega0 * (1 + z) / s if emission else r**2 - z**2
    if z < -r or square < 0:
        return None
    x = np.sqrt(square)
    y = -emission * x / (2 * omega0)
    return np.concatenate([[x, y, z], np.ravel(np.array([-nu * parts * x, -loss / 2 * parts * x]).T)])


def with_field(spin, modes=1):
    return np.concatenate([spin, np.zeros(2 * modes)])


def mirrored(m):
    """The symmetry of parity: m_x, m_y and the fields change sign."""
    return m * np.array([-1, -1, 1, *[-1] * (len(m) - 3)])


def held(coupling, loss, nu=0.8, r=1.0):
    return FixedLength(dicke_model(1.0, nu, coupling, loss), r)


def emitting(coupling, loss, nu=0.8):
    return dicke_model(1.0, nu, coupling, loss, emission=0.4)


def same_spectrum(a, b, tolerance):
    b = list(b)
    for x in a:
        k = int(np.argmin(np.abs(np.array(b) - x)))
        if abs(b.pop(k) - x) > tolerance:
            return False
    return not b


def test_drift_is_the_one_by_hand():
    m = np.array([0.3, -0.2, 0.5, 0.7, -0.4, 0.1, 0.9])
    p = (1.3, [0.8, 1.1], [0.4, 0.6], 0.5, 0.3)
    limit = Limit(dicke_model(*p))
    assert np.abs(limit.drift(m) - by_hand(m, *p)).max() < 1e-14
    assert np.abs(limit.jacobian(m) - jacobian_by_hand(m, *p)).max() < 1e-14


@pytest.mark.parametrize(
    ("coupling", "loss", "r"), [(0.5, 0.6, 1.0), (1.0, 0.6, 1.0), (1.0, 0.6, 0.7), (0.75, 0.6, 0.7)]
)
def test_fixed_points_on_a_sphere(coupling, loss, r):
    points = fixed_points(held(coupling, loss, r=r), 12)
    point = superradiant(1.0, 0.8, coupling, loss, 0.0, r)
    expected = [with_field(r * DOWN), with_field(r * UP)] + ([] if point is None else [point, mirrored(point)])
    assert len(points) == len(expected)
    for m in expected:
        (near,) = [p for p in points if np.linalg.norm(p.m - m) < POINT]
        values = np.linalg.eigvals(jacobian_by_hand(m, 1.0, 0.8, coupling, loss, 0.0))
        along = int(np.argmin(np.abs(values)))
        assert abs(values[along]) < 1e-12
        assert same_spectrum(near.eigenvalues, [-2 * r**2, *np.delete(values, along)], 1e-7)
        stable = point is None if m[2] == -r else m[0] != 0
        assert near.isolated and near.stability == ("stable" if stable else "unstable")


def test_points_may_be_lists():
    sphere, m = FixedLength(dicke_model(loss=0.5)), [0.6, 0.2, -0.7, 0.1, 0.3]
    assert np.array_equal(sphere.drift(m), sphere.drift(np.array(m)))
    assert np.array_equal(sphere.jacobian(m), sphere.jacobian(np.array(m)))


def test_superradiant_curve_with_loss():
    curve = bifurcation_curve(
        held, with_field(DOWN), (0.67, 0.6), "pitchfork", ((0.1, 1.2), (0.0, 2.0)), names=("coupling", "loss")
    )
    coupling, loss = curve.values.T
    assert np.abs(coupling**2 - (0.8**2 + loss**2 / 4) / (2 * 0.8)).max() < CURVE
    # to the edge, where the family refuses κ < 0, but for rounding
    assert 0 <= loss.min() < 1e-12 and loss.max() == 2.0


def test_superradiant_curve_in_the_plane_of_coupling_and_frequency():
    # λ_c² = ω₀ (ν² + κ²/4)/2ν has its smallest value at ν = κ/2
    def family(coupling, nu):
        return held(coupling, 1.0, nu)

    at = np.sqrt(1.25 / 2), 1.0
    curve = bifurcation_curve(family, with_field(DOWN), at, "pitchfork", ((0.3, 1.2), (0.2, 1.5)), step=0.1)
    coupling, nu = curve.values.T
    assert np.abs(coupling**2 - (nu**2 + 0.25) / (2 * nu)).max() < CURVE
    assert (
        nu.min() < 0.2 + CURVE and nu.max() > 1.5 - CURVE and abs(coupling.min() - np.sqrt(0.5)) < 1e-2
    )  # of the step


def test_branches_through_the_transition():
    found = branches(lambda g: held(g, 0.6), (0.1, 1.2), anchors=2, starts=4, step=0.1)
    assert len(found) == 3
    (event,) = [e for b in found for e in b.bifurcations]
    assert event.kind == "pitchfork" and event.side == "supercritical"
    assert abs(event.parameters[0] - np.sqrt((0.8**2 + 0.09) / 1.6)) < LOCATED
    (bright,) = [b for b in found if np.abs(b.m[:, 0]).max() > 0.1]
    for value, m in zip(bright.values, bright.m, strict=True):
        if abs(m[0]) > 0.05:  # near the transition m_x is the root of what rounding leaves
            point = superradiant(1.0, 0.8, value, 0.6, 0.0)
            assert np.abs(m - (point if m[0] > 0 else mirrored(point))).max() < POINT
    assert bright.m[:, 0].min() < -0.8 and bright.m[:, 0].max() > 0.8 and np.all(bright.unstable[[0, -1]] == 0)


def test_closed_model_has_only_the_transitions_that_theory_knows():
    # eigenvalues stay on the imaginary axis: from |down⟩ they leave it at 0, λ_c = √(ω₀ν/2); from |up⟩ two pairs meet
    # where (s² + ν²)(s² + ω₀²) + 2λ²ω₀ν = 0 has double roots, λ = |ω₀² − ν²|/√(8ω₀ν)
    for pole, expected in ((DOWN, np.sqrt(0.4)), (UP, 0.36 / np.sqrt(6.4))):
        branch = continue_branch(lambda g: held(g, 0.0), with_field(pole), 0.3, (0.0, 1.2), step=0.2)
        (event,) = branch.bifurcations
        assert event.kind == "multiple" and abs(event.parameters[0] - expected) < LOCATED
    (bright,) = [p for p in fixed_points(held(1.0, 0.0), 12) if p.m[0] > 0.1]
    assert np.abs(bright.m - superradiant(1.0, 0.8, 1.0, 0.0, 0.0)).max() < POINT and bright.stability == "marginal"


def test_without_a_held_length_the_code_says_what_is_conserved():
    def family(coupling):
        return dicke_model(1.0, 0.8, coupling, 0.6)

    points = fixed_points(family(1.0), 1)
    assert points and not any(p.isolated for p in points)
    with pytest.raises(FiniteNError, match=r"conserves \|m\| of the particles: fix it with FixedLength"):
        continue_branch(family, with_field(DOWN), 0.3, (0.1, 1.2))
    with pytest.raises(FiniteNError, match="fix it with FixedLength"):
        branches(family, (0.1, 1.2), anchors=1, starts=4)


def test_emission_fixes_the_length():
    for coupling in (0.6, 1.2, 2.0):
        points = fixed_points(emitting(coupling, 0.6), 8)
        point = superradiant(1.0, 0.8, coupling, 0.6, 0.4)
        expected = [with_field(DOWN)] + ([] if point is None else [point, mirrored(point)])
        assert len(points) == len(expected)
        for m in expected:
            (near,) = [p for p in points if np.linalg.norm(p.m - m) < POINT]
            values = np.linalg.eigvals(jacobian_by_hand(m, 1.0, 0.8, coupling, 0.6, 0.4))
            assert same_spectrum(near.eigenvalues, values, 1e-8)
            assert near.stability == ("stable" if values.real.max() < 0 else "unstable")


def test_curves_with_emission():
    curve = bifurcation_curve(emitting, with_field(DOWN), (0.68, 0.6), "pitchfork", ((0.1, 1.2), (0.0, 2.0)), step=0.1)
    coupling, loss = curve.values.T
    assert np.abs(coupling**2 - (1 + 0.04) * (0.8**2 + loss**2 / 4) / (2 * 0.8)).max() < CURVE

    # the superradiant state oscillates at small loss: where a pair of the closed-form point's eigenvalues crosses
    def growth(coupling, loss):
        p = (1.0, 0.8, coupling, loss, 0.4)
        return np.linalg.eigvals(jacobian_by_hand(superradiant(*p), *p)).real.max()

    branch = continue_branch(lambda g: emitting(g, 0.1), superradiant(1.0, 0.8, 0.8, 0.1, 0.4), 0.8, (0.7, 1.2))
    (hopf,) = [e for e in branch.bifurcations if e.kind == "Hopf" and e.m[0] > 0]
    assert abs(hopf.parameters[0] - brentq(growth, 0.8, 1.0, args=(0.1,), xtol=1e-12)) < LOCATED
    curve = bifurcation_curve(emitting, hopf, (hopf.parameters[0], 0.1), "Hopf", ((0.7, 1.2), (0.0, 0.4)), step=0.2)
    assert len(curve.values) > 4
    for coupling, loss in curve.values:
        assert abs(growth(coupling, loss)) < CURVE


def test_lasing_cycle_by_a_long_run():
    p = (1.0, 0.8, 1.0, 0.1, 0.4)
    end = attractor(emitting(1.0, 0.1), [0.5, 0.0, -0.3, -0.9, 0.0])
    assert end.kind == "limit cycle" and end.cycle.stability == "stable"

    def rises(_, m):
        return m[0] - end.cycle.mean[0]

    rises.direction = 1
    late = solve_ivp(
        lambda _, m: by_hand(m, *p), (0, 600), [0.5, 0, -0.3, -0.9, 0], "LSODA", events=rises, rtol=1e-10, atol=1e-12
    ).t_events[0][-6:]
    assert np.abs(np.diff(late) - end.cycle.period).max() < 1e-5 * end.cycle.period  # of the second integrator


def test_two_modes():
    # superradiant on an ellipse, Σ_k 2 λ_k² ν_k/(ω₀ (ν_k² + κ²/4)) = 1
    nu, loss = np.array([0.8, 1.3]), 0.6

    def family(a, b):
        return FixedLength(dicke_model(1.0, nu, [a, b], loss))

    curve = bifurcation_curve(
        family, with_field(DOWN, 2), (0.5, 0.6), "pitchfork", ((0.05, 1.2), (0.05, 1.2)), step=0.2
    )
    assert np.abs(np.sum(2 * curve.values**2 * nu / (nu**2 + loss**2 / 4), axis=1) - 1).max() < CURVE
    assert curve.values.min() < 0.05 + CURVE and curve.ends == ("on the bounds", "on the bounds")
    p = (1.0, nu, [0.6, 0.9], loss, 0.0)
    bright = [q for q in fixed_points(family(0.6, 0.9), 12) if abs(q.m[0]) > 0.1]
    assert len(bright) == 2 and np.abs(bright[1].m - superradiant(*p)).max() < POINT
    values = np.linalg.eigvals(jacobian_by_hand(bright[1].m, *p))
    assert bright[1].stability == (
        "stable" if np.delete(values, np.argmin(np.abs(values))).real.max() < 0 else "unstable"
    )


@pytest.mark.parametrize("emission", [pytest.param(0.0, marks=pytest.mark.slow), 0.4])
def test_phase_diagram_by_long_runs(emission):
    """Ends of runs of the equations by hand, from eight starts in each cell, are the attractors that the diagram
    has."""
    member = emitting if emission else held
    diagram = phase_diagram(
        lambda g, k: member(g, k, 1.2), [0.4, 1.1], [0.8, 1.6], names=("coupling", "loss"), starts=4, runs=1
    )
    rng = np.random.default_rng(1)
    for cell, label in zip(diagram.cells.flat, diagram.labels.flat, strict=True):
        p = (1.0, 1.2, *cell.parameters, emission)
        bright = superradiant(*p) is not None
        poles = 1 if emission else 2
        assert label == (f"2 stable, {poles} unstable" if bright else "1 stable" + ", 1 unstable" * (poles - 1))
        ends = []
        for _ in range(8):
            spin = rng.normal(size=3)
            start = np.append(spin / np.linalg.norm(spin), rng.normal(size=2))
            run = solve_ivp(lambda _, m, p=p: by_hand(m, *p), (0, 300), start, "LSODA", rtol=1e-9, atol=1e-11)
            ends.append(run.y[:, -1])
        stable = [q.m for q in cell.points if q.stability == "stable"]
        near = [int(np.argmin([np.linalg.norm(e - m) for m in stable])) for e in ends]
        # |m| drifts with the integrator; the slowest of these rates, 0.075, leaves e^{−22}
        assert max(np.linalg.norm(e - stable[k]) for e, k in zip(ends, near, strict=True)) < 1e-4
        assert set(near) == set(range(len(stable)))
        assert all(a.kind == "fixed point" for a in cell.attractors)


def test_other_models_that_conserve_lengths():
    # collective dissipation: ṁ_z = λ (m_x² + m_y²)/2 …, so that only the poles rest
    low, high = fixed_points(FixedLength(collective_dissipation(lam=0.8), 0.6), 8)
    assert np.abs(low.m - 0.6 * DOWN).max() < POINT and low.stability == "unstable"
    assert np.abs(high.m - 0.6 * UP).max() < POINT and high.stability == "stable"
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    half = Model(a.mx * b.mx + a.mz, [LocalJump(np.array([[0, 0], [1, 0]]), 1.0, species=b)], species=[a, b])
    assert len(FixedLength(half).starts(5, 0)) == 5
    assert np.allclose(np.linalg.norm(FixedLength(half, {"a": 0.3}).starts(5, 0)[:, :3], axis=1), 0.3)
    with pytest.raises(FiniteNError, match="conserves"):
        FixedLength(half, {"b": 1.0})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FixedLength(hopfield()), "conserves"),
        (lambda: FixedLength(emitting(1.0, 0.1)), "conserves"),
        (lambda: FixedLength(dicke_model(), 0.0), "above 0"),
        (lambda: FixedLength(dicke_model(), {"": 1.2}), "at most 1"),
        (lambda: FixedLength(dicke_model(), {"field": 1.0}), "conserves"),
        (lambda: attractor(FixedLength(dicke_model()), [0, 0, 0.5, 0, 0]), "fixed length of FixedLength"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(FiniteNError, match=message):
        call()
