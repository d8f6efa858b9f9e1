"""The limit equations against exact generators, with no formula in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.referee.extrapolation import extrapolate
from finite_n import (
    CollectiveJumps,
    FiniteNError,
    Liouvillian,
    LocalJump,
    Model,
    dicke,
    evolve,
    mx,
    my,
    mz,
    product,
    thermal,
)
from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.moments import functionals_of
from finite_n.engine.moments import Readout
from meanfield import Coefficient, Limit, fixed_points
from tests import random_models

SEEDS = st.integers(0, 2**32 - 1)


def exact_derivatives(model, m, N):
    """d⟨m⟩/dt and dΣ/dt at t = 0 from a product state, from one application of the exact generator."""
    generator = Liouvillian(model, N)
    readout = Readout(model.space, weights=len(generator.blocks.size))
    functionals = functionals_of(readout, generator.blocks, generator.frames)
    v = initial_state.vector(product(m), generator.blocks, generator.frames[""])
    first, slope = functionals(v), functionals(generator.apply(v))
    mean, rate = first[:3], slope[:3]
    products = readout.moments(slope[None], N).second_moments[0]
    flow = N * ((products + products.T).real / 2 - np.outer(rate, mean) - np.outer(mean, rate))
    return np.concatenate([rate, flow.ravel()])


@pytest.mark.parametrize("kind", random_models.KINDS)
def test_drift_and_covariance_flow_are_those_of_the_exact_generator(kind):
    rng = np.random.default_rng(random_models.KINDS.index(kind))
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    sizes = [16, 24, 36, 54, 80] if kind not in ("two tilts", "everything") else [12, 16, 24, 36, 54]
    e = extrapolate(sizes, [exact_derivatives(model, m, N) for N in sizes], 1e-11)
    limit = Limit(model)
    covariance = np.eye(3) - np.outer(m, m)
    flow = limit.jacobian(m) @ covariance
    expected = np.concatenate([limit.drift(m), (flow + flow.T + limit.diffusion(m)).ravel()])
    assert e.error.max() < 3e-4  # or the comparison would say nothing
    assert np.all(np.abs(e.value - expected) < 3 * e.error + 1e-9)


@given(st.sampled_from(random_models.KINDS), SEEDS)
def test_jacobian_is_the_derivative_of_the_drift(kind, seed):
    rng = np.random.default_rng(seed)
    limit, m = Limit(random_models.model(kind, rng)), random_models.bloch(rng) * 0.9
    step = 1e-6
    rough = np.array([(limit.drift(m + step * e) - limit.drift(m - step * e)) / (2 * step) for e in np.eye(3)]).T
    assert np.abs(limit.jacobian(m) - rough).max() < 1e-7  # of a central difference with that step


@given(st.sampled_from(random_models.KINDS), SEEDS)
def test_noise_is_positive_and_the_uncertainty_relation_is_kept(kind, seed):
    rng = np.random.default_rng(seed)
    limit, m = Limit(random_models.model(kind, rng)), random_models.bloch(rng)
    assert np.linalg.eigvalsh(limit.diffusion(m)).min() > -1e-12
    result = limit.evolve(m, [0, 0.3, 0.6])
    for covariance, symplectic in zip(result.covariance, result.symplectic, strict=True):
        assert np.linalg.eigvalsh(covariance + 0.5j * symplectic).min() > -1e-9
    assert np.linalg.norm(result.means, axis=1).max() <= 1 + 1e-9


def test_first_moments_move_with_the_jacobian():
    rng = np.random.default_rng(2)
    model, m = random_models.model("rates", rng), random_models.bloch(rng) * 0.8
    shift, scale = np.array([0.3, -0.2, 0.4]), 1e-5
    moved = Limit(model).evolve(m + scale * shift, [0, 1.0]).means[-1]
    base = Limit(model).evolve(m, [0, 1.0], first_moments=shift)
    assert np.abs((moved - base.means[-1]) / scale - base.first_moments[-1]).max() < 1e-4  # second order in scale


def test_symplectic_form_is_two_epsilon_m():
    limit = Limit(Model(mx))
    assert np.array_equal(limit.symplectic([1, 2, 3]), 2 * np.array([[0, 3, -2], [-3, 0, 1], [2, -1, 0]]))


def test_planted_error_changes_one_coefficient_only():
    model = random_models.model("rates", np.random.default_rng(1))
    m = np.array([0.2, 0.3, 0.4])
    whole = Limit(model)
    c = next(c for c in whole.coefficients(m) if c.kind == "drift")
    change = Limit(model, {c: 0.01}).drift(m) - whole.drift(m)
    assert np.count_nonzero(change) == 1 and change[c.row] != 0
    n = Coefficient("noise", "jump 0 rate", 0, 1)
    change = Limit(model, {n: 0.01}).diffusion(m) - whole.diffusion(m)
    assert np.count_nonzero(change) == 2 and change[0, 1] == change[1, 0]


def test_fixed_points_of_a_bistable_network():
    beta = 2.0  # Ω = 0: m = tanh(βm) at ±m*, and 0; closed form, independent of the root finder
    model = Model(
        0,
        [
            LocalJump(j, (lambda d, s=s: np.exp(s * beta * d / 2) / np.sqrt(2)), mz)
            for j, s in (([[0, 1], [0, 0]], 1), ([[0, 0], [1, 0]], -1))
        ],
    )
    low, mid, high = fixed_points(model)
    assert (low.stability, mid.stability, high.stability) == ("stable", "unstable", "stable")
    assert abs(high.m[2] - np.tanh(beta * high.m[2])) < 1e-10 and high.m[2] > 0.9
    assert np.abs(low.m + high.m).max() < 1e-8 and np.abs(mid.m).max() < 1e-8
    # ṁ_z = sinh βm − m cosh βm, so the slope at 0 is β − 1; transverse −½
    assert np.allclose(mid.eigenvalues, [beta - 1, -0.5, -0.5])


def test_a_conserved_length_gives_marginal_points():
    # superradiance: the length of m is kept, so Q has a zero eigenvalue and linearisation does not decide
    points = fixed_points(Model(collective=[CollectiveJumps([[[0, 0], [1, 0]]])]))
    assert points and all(abs(p.m[0]) + abs(p.m[1]) < 1e-4 for p in points)
    assert all(p.stability in ("marginal", "unstable") for p in points)


def test_thermal_state_of_a_field_is_the_product_it_should_be():
    state = thermal(0.3 * mx - 0.4 * mz, 2.0)
    m, covariance = state.limit()
    assert np.allclose(m, [-0.6 * np.tanh(1.0), 0, 0.8 * np.tanh(1.0)])
    result = evolve(Model(my), 9, state, [0, 1e-3])
    assert np.abs(result.means[0] - m).max() < 1e-12 and np.abs(result.covariance[0] - covariance).max() < 1e-10


def test_states_without_a_limit_are_refused():
    with pytest.raises(FiniteNError, match="no mean-field limit"):
        Limit(Model(mx)).evolve(dicke(lambda N: N / 2, 0), [0, 1])
    with pytest.raises(FiniteNError, match="no mean-field limit"):
        Limit(Model(mx)).evolve(thermal(mz * mz, 1.0), [0, 1])
