"""Exact correlations of two times go to those of the derived Gaussian fluctuations, at the rate 1/N."""

import numpy as np
import pytest
import qutip

from comparison import compare_correlations
from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Model, average, coefficient, mx, my, mz
from finite_n.systems import collective_dissipation, dicke_model, hopfield
from meanfield import Limit, fixed_points

UP, DOWN = average(qutip.sigmap()), average(qutip.sigmam())


def check(found, accuracy=1e-3, rate=0.02):
    """Confirmed, real and imaginary part, at a rate of 1 within `rate` at the largest delay."""
    assert {v.status for v in found.judge(accuracy=accuracy)} == {"confirmed"}, found
    assert found.rate().asymptotic == pytest.approx(1.0, abs=rate)


def test_collective_dissipator():
    check(
        compare_correlations(collective_dissipation(), [0.5, 0.2, -0.3], 0.5, [0, 1.5], [16, 32, 64, 96], UP, DOWN),
        1e-4,
    )


def test_driven_collective_spin_below_its_transition():
    """H = ω J_x and collective decay of rate κ, ω/κ = ½, from all down."""
    model = Model(0.25 * mx, collective=[CollectiveJumps([qutip.sigmam()], 2.0)])
    check(compare_correlations(model, [0, 0, -1], 3.0, [0, 1.5], [16, 32, 64, 128], mx * mz, my), 1e-4)


def test_driven_collective_spin_at_rest():
    """In the stationary state of J = N/2, where the length of m does not fluctuate."""
    model, m = Model(0.25 * mx, collective=[CollectiveJumps([qutip.sigmam()], 2.0)]), [0, 0.5, -np.sqrt(0.75)]
    found = compare_correlations(model, [0, 0, -1], None, [0, 1.5], [8, 12, 16, 24], mx * mz, my, averages=m)
    check(found, 1e-3, 0.05)
    # what late times go to, from there
    late = Limit(model).correlation([0, 0, -1], [0, 60.0], [0, 1.5], mx * mz, my).connected[-1]
    assert found.limit == pytest.approx(late, abs=1e-8)
    assert np.abs(late).max() > 0.1


def test_a_driven_ensemble():
    """A pulse about t, rates that depend on the state and on time: 1/N, and one per cent more is refuted."""
    pulse = coefficient(lambda t: np.exp(-4 * (t - 0.7) ** 2))
    pump = LocalJump(qutip.sigmap(), rate=lambda d: 0.3 + 0.2 * d, delta=mz, time=lambda t: 1 + np.sin(3 * t))
    model = Model(0.3 * mz + pulse * (mx + 0.4 * my), [pump], [CollectiveJumps([qutip.sigmam()], 1.0)])
    found = compare_correlations(model, [0.3, 0, -0.6], 0.5, [0, 0.8], [12, 16, 24, 32], UP, DOWN, tol=1e-10)
    check(found, 1e-3, 0.03)
    assert "refuted" in {v.status for v in found.judge("1 %", 1.01 * found.limit)}
    with pytest.raises(FiniteNError, match="no stationary state; give a start"):
        compare_correlations(model, [0, 0, 1], None, [0, 1], [4, 6, 8, 10], mz, mz)


@pytest.mark.slow
def test_hopfield_network_in_the_retrieval_phase():
    network = hopfield(0.2, 1.6)
    assert {p.stability for p in fixed_points(network) if abs(p.m[2]) > 0.5} == {"stable"}
    found = compare_correlations(network, [0, -0.2, 0.9], 0.5, [0, 0.5], [16, 32, 64, 128], mz, mz)
    check(found)
    # one per cent more, and fluctuations that commute, are told from the truth
    assert found.judge("1 %", 1.01 * found.limit)[0].status == "refuted"
    light = compare_correlations(network, [0, -0.2, 0.9], 0.5, [0, 0.2], [16, 32, 64, 128], mx, my)
    check(light)
    assert np.abs(light.limit.imag).min() > 0.1
    assert "refuted" in {v.status for v in light.judge("classical", light.limit.real)}


@pytest.mark.parametrize(("coupling", "field"), [(0.3, Field()), (1.0, Field(alpha=0.2))])
def test_open_dicke_model_below_and_above_threshold(coupling, field):
    """λ_c = √(ω₀(ν² + κ²/4)/2ν) = 0.68 for the loss taken."""
    model = dicke_model(1.0, 0.8, coupling, loss=0.6)
    alpha = model.modes[0].alpha
    start = {"": [0.2, 0, -0.9], "field": field}
    check(compare_correlations(model, start, 0.5, [0, 0.5], [4, 6, 8, 12], alpha.adjoint(), alpha, tol=1e-8))


def test_stationary_correlations_about_the_only_fixed_point():
    """A network above its critical temperature, at rest."""
    found = compare_correlations(hopfield(0.3, 0.5), None, None, [0, 1.0], [8, 12, 16, 24], mz, mz)
    assert found.time is None
    check(found, 1e-2, 0.1)
    with pytest.raises(FiniteNError, match="2 fixed points are stable"):
        compare_correlations(hopfield(0.2, 1.6), None, None, [0, 1.0], [8, 12, 16, 24], mz, mz)


def test_the_stationary_state_of_a_network_in_the_retrieval_phase_is_that_of_no_fixed_point():
    """It is an even mixture of both, whose fluctuations are of order N."""
    network = hopfield(0.2, 1.6)
    retrieval = next(p.m for p in fixed_points(network) if p.m[2] > 0.5)
    with pytest.raises(FiniteNError, match="mixture of several; give a start and a late time"):
        compare_correlations(network, None, None, [0, 1.0], [8, 12, 16, 20], mz, mz, averages=retrieval)


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), [(mx, my), (mz, mz)])
def test_hopfield_network_that_rests_in_the_retrieval_phase(a, b):
    """After 28 relaxation times, long before it leaves for the other pattern, its correlations are those at the fixed
    point."""
    network = hopfield(0.2, 2.5)
    retrieval = next(p.m for p in fixed_points(network) if p.m[2] > 0.5)
    found = compare_correlations(network, [0, -0.2, 0.9], 10.0, [0, 0.5], [64, 80, 96, 128], a, b, tol=1e-10)
    check(found, 1e-3, 0.05)
    assert found.limit == pytest.approx(Limit(network).correlation(retrieval, None, [0, 0.5], a, b).connected, abs=1e-8)


def test_bad_input_gets_one_sentence():
    model = Model(0.3 * mx, [LocalJump(qutip.sigmam())])
    with pytest.raises(FiniteNError, match="four"):
        compare_correlations(model, [0, 0, 1], 0.0, [0, 1.0], [4, 6], mz, mz)
    with pytest.raises(FiniteNError, match="before the start"):
        compare_correlations(model, [0, 0, 1], -1.0, [0, 1.0], [4, 6, 8, 12], mz, mz)
    with pytest.raises(FiniteNError, match="one for each delay"):
        compare_correlations(model, [0, 0, 1], 0.0, [0, 1.0], [4, 6, 8, 12], mz, mz).judge("short", [1.0])
