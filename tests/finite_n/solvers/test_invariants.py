"""What every model keeps: trace, Hermiticity, positivity, and the equivalence of frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finite_n import LocalJump, Model, evolve, mx, mz, product
from finite_n.model.operators import bloch_to_density
from finite_n.model.rotation import adjoint_matrix
from meanfield import Limit
from tests import random_models

KINDS = st.sampled_from(random_models.KINDS)
SEEDS = st.integers(0, 2**32 - 1)
ROUNDING = 1e-10


@given(KINDS, SEEDS, st.integers(1, 9))
def test_trace_hermiticity_and_positivity(kind, seed, N):
    rng = np.random.default_rng(seed)
    model = random_models.model(kind, rng)
    result = evolve(model, N, random_models.bloch(rng), [0, 0.5, 1.0], check=False, basis="dicke")
    assert result.budget.trace_drift < ROUNDING
    assert result.budget.smallest_eigenvalue > -ROUNDING
    for block in result.final_state:
        assert np.abs(block - block.conj().T).max() < ROUNDING
    assert abs(result.j_distribution[-1].sum() - 1) < ROUNDING
    assert np.all(result.j_distribution > -ROUNDING)
    assert np.abs(result.means).max() <= 1 + ROUNDING
    eigenvalues = np.linalg.eigvalsh(result.covariance)
    assert eigenvalues.min() > -N * ROUNDING


@given(KINDS, SEEDS, st.integers(1, 7))
def test_turning_model_and_state_together_turns_the_averages(kind, seed, N):
    rng = np.random.default_rng(seed)
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    q, r = np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))
    u = q * (np.diag(r) / np.abs(np.diag(r)))
    turn = adjoint_matrix(u)
    here = evolve(model, N, m, [0, 0.7], check=False, basis="dicke")
    there = evolve(model.rotated(u), N, turn @ m, [0, 0.7], check=False, basis="dicke")
    assert np.abs(there.means - here.means @ turn.T).max() < 1e-8
    assert np.abs(there.covariance - turn @ here.covariance @ turn.T).max() < 1e-8 * N
    assert np.abs(there.j_distribution - here.j_distribution).max() < 1e-8


@given(SEEDS, st.integers(2, 6))
def test_order_of_jumps_and_common_phases_do_not_matter(seed, N):
    rng = np.random.default_rng(seed)
    model, m = random_models.model("rates without self", rng), random_models.bloch(rng)
    phase = np.exp(2j * np.pi * rng.uniform())
    relabelled = Model(
        model.hamiltonian,
        [LocalJump(phase * j.operator, j.amplitude, _delta(j), j.include_self) for j in reversed(model.jumps)],
    )
    a, b = (evolve(x, N, m, [0, 0.5], check=False) for x in (model, relabelled))
    assert np.abs(a.means - b.means).max() < ROUNDING
    assert np.abs(a.second_moments - b.second_moments).max() < ROUNDING


def _delta(jump):
    return jump.delta[0] + jump.delta[3] * mz


@given(SEEDS, st.integers(1, 12))
def test_linear_generators_have_mean_field_averages_at_every_N(seed, N):
    rng = np.random.default_rng(seed)
    model, m = random_models.model("constant", rng), random_models.bloch(rng)
    assert model.is_linear
    times = np.linspace(0, 1, 4)
    exact = evolve(model, N, m, times, check=False)
    limit = Limit(model).evolve(m, times)
    assert np.abs(exact.means - limit.means).max() < 1e-9
    # independent particles: the covariance of fluctuations is that of a product state, at every N
    assert np.abs(exact.covariance - limit.covariance).max() < 1e-8


@given(SEEDS, st.integers(1, 9))
def test_continuing_from_a_final_state_is_evolving_through(seed, N):
    from finite_n import from_blocks

    rng = np.random.default_rng(seed)
    model, m = random_models.model("tilted rates", rng), random_models.bloch(rng)
    whole = evolve(model, N, m, [0, 0.8], check=False)
    half = evolve(model, N, m, [0, 0.4], check=False)
    rest = evolve(model, N, from_blocks(half.final_state), [0.4, 0.8], check=False)
    assert np.abs(whole.means[-1] - rest.means[-1]).max() < 1e-8
    for a, b in zip(whole.final_state, rest.final_state, strict=True):
        assert np.abs(a - b).max() < 1e-8


@pytest.mark.parametrize("N", [1, 2, 3, 8])
def test_one_particle_of_a_nonlinear_model_sees_its_own_average(N):
    # Γ(Δ) with particle k left out is Γ(0) for N = 1: a linear model
    alone = Model(mx, [LocalJump([[0, 1], [0, 0]], lambda d: np.exp(d), mz, include_self=False)])
    linear = Model(mx, [LocalJump([[0, 1], [0, 0]])])
    a, b = (evolve(x, N, product(bloch_to_density([0.1, 0.2, 0.3])), [0, 1.0], check=False) for x in (alone, linear))
    assert (np.abs(a.means - b.means).max() < 1e-9) == (N == 1)
