"""Photon correlations against closed forms and the full space."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, average, coefficient, evolve, g2, mx
from finite_n.model.operators import bloch_to_density
from tests import random_models
from tests.brute_force import BruteForce, polynomial, product_state

DOWN = average(qutip.sigmam())
TOLERANCE = 1e-7  # of ratios of numbers of about 0.1 known to 1e-9


@pytest.mark.parametrize("N", [4, 10])
def test_equal_pump_and_loss_leave_a_flat_ladder(N):
    """g²(0) = ⟨J₊²J₋²⟩/⟨J₊J₋⟩² over all M alike: 1.05 at N = 4, 1.17 at N = 10; 1 after a long time."""
    model = Model(collective=[CollectiveJumps([qutip.sigmam()], N), CollectiveJumps([qutip.sigmap()], N)])
    J, M = N / 2, np.arange(-N / 2, N / 2 + 1)
    right = ((J + M) * (J - M + 1) * (J + M - 1) * (J - M + 2)).mean() / ((J + M) * (J - M + 1)).mean() ** 2
    found = g2(model, N, [0, 0, -1], None, [0.0, 40.0], DOWN)
    assert found.values == pytest.approx([right, 1.0], abs=TOLERANCE)
    assert found.error < 1e-6
    assert N**2 * found.intensity == pytest.approx(((J + M) * (J - M + 1)).mean(), abs=1e-7)


def test_one_atom_never_emits_two_photons_at_once():
    """Resonance fluorescence: 1 − e^{−3γτ/4}(cos μτ + 3γ/4μ sin μτ), μ² = Ω² − γ²/16."""
    omega, gamma, tau = 1.3, 0.7, np.linspace(0, 4, 5)
    model = Model(omega / 2 * mx, [LocalJump(qutip.sigmam(), np.sqrt(gamma))])
    found = g2(model, 1, None, None, tau, DOWN)
    mu = np.sqrt(omega**2 - gamma**2 / 16)
    right = 1 - np.exp(-0.75 * gamma * tau) * (np.cos(mu * tau) + 0.75 * gamma / mu * np.sin(mu * tau))
    assert found.values == pytest.approx(right, abs=TOLERANCE)


def test_thermal_light_bunches_and_coherent_light_does_not():
    """1 + e^{−κτ} about a thermal state of a damped mode in a warm bath; 1 for a coherent field."""
    field, n, loss, tau = Mode("light"), 0.2, 1.0, np.array([0.0, 0.5, 2.0])
    jumps = [CollectiveJumps([field.alpha], loss * (n + 1)), CollectiveJumps([field.alpha.adjoint()], loss * n)]
    warm = Model(0.3 * field.number, collective=jumps, modes=[field])
    found = g2(warm, 1, {"": [0, 0, 1], "light": Field(thermal=n)}, [0.0], tau, field.alpha)
    assert found.values[0] == pytest.approx(1 + np.exp(-loss * tau), abs=TOLERANCE)
    cold = Model(0.3 * field.number, collective=[CollectiveJumps([field.alpha], loss)], modes=[field])
    found = g2(cold, 1, {"": [0, 0, 1], "light": Field(beta=0.5)}, [0.0, 0.4], tau, field.alpha)
    assert found.values == pytest.approx(np.ones((2, 3)), abs=1e-6)


def test_random_models_against_the_full_space():
    N, rng, tau = 3, np.random.default_rng(6), [0.2, 0.9]
    model, bloch = random_models.model("everything", rng), random_models.bloch(rng)
    full, down = BruteForce(model, N), polynomial(DOWN, N)
    found = g2(model, N, bloch, [0.0, 0.4], tau, DOWN)
    rho = full.evolve(product_state(bloch_to_density(bloch), N), 0.4)
    light = down.conj().T @ down
    for k, t in enumerate(tau):
        pair = np.trace(light @ full.evolve(down @ rho @ down.conj().T, t)).real
        alone = np.trace(light @ full.evolve(rho, t)).real * np.trace(light @ rho).real
        assert found.values[1, k] == pytest.approx(pair / alone, abs=TOLERANCE)


def test_darkness_is_refused():
    with pytest.raises(FiniteNError, match="no light"):
        g2(Model(jumps=[LocalJump(qutip.sigmam())]), 3, [0, 0, -1], [0.0], [0.0, 1.0], DOWN)


def test_light_that_too_few_levels_hide_is_not_called_darkness_alone():
    """A driven mode with a few quanta, held in two levels."""
    field = Mode("field")
    model = Model(
        1.5 * field.phi + 0.3 * mx, [LocalJump(qutip.sigmam())], [CollectiveJumps([field.alpha])], modes=[field]
    )
    with pytest.raises(FiniteNError, match="above the highest Fock levels matters; raise cutoffs"):
        g2(model, 1, None, None, [0.0, 1.0], field.alpha, cutoffs={"field": 2})


def test_a_start_without_light_leaves_later_times():
    """From all down, under a pulse: nothing at first, bunching at t = 1 as from there alone."""
    pulse = coefficient(lambda t: np.exp(-((t - 1) ** 2)))
    model = Model(pulse * mx, [LocalJump(qutip.sigmam(), 0.5)])
    found = g2(model, 4, [0, 0, -1], [0.0, 1.0], [0.0, 0.5], average(qutip.sigmam()))
    assert np.isnan(found.values[0]).all() and found.intensity[0] == pytest.approx(0, abs=1e-9)
    after = evolve(model, 4, [0, 0, -1], [0.0, 1.0], basis="Dicke").state()
    again = g2(model, 4, after, [1.0], [0.0, 0.5], average(qutip.sigmam()))
    assert found.values[1] == pytest.approx(again.values[0], abs=1e-7)
    assert found.error < 1e-6
