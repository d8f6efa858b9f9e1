"""Two-time correlations in the limit: exact at every N where particles do not interact and where light is Gaussian."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, average, correlation, mx, my, mz
from finite_n.systems import hopfield
from meanfield import Limit, fixed_points
from tests import random_general_models as general
from tests import random_models

TOLERANCE = 1e-8  # of exact numbers at N = 3 asked for to 1e-10, and of the limit's integrator
UP, DOWN = average(qutip.sigmap()), average(qutip.sigmam())
DELAYS = [0.0, 0.4, 1.5]


def test_independent_spins_have_their_limit_at_every_n():
    """N times the connected correlation of averages of N spins is that of one spin."""
    rng, N = np.random.default_rng(4), 3
    model = random_models.model("constant", rng)
    start, times = [0.3, -0.2, 0.5], [0.0, 0.6]
    for a, b in ((UP, DOWN), (mx, my), (mz + 0.3j * mx, DOWN)):
        exact = correlation(model, N, start, times, DELAYS, a, b, connected=True, tol=1e-10)
        found = Limit(model).correlation(start, times, DELAYS, a, b)
        assert np.abs(N * exact.values - found.connected).max() < TOLERANCE
        whole = correlation(model, N, start, times, DELAYS, a, b, tol=1e-10)
        assert np.abs(whole.values - exact.values - found.product).max() < TOLERANCE


def test_two_independent_species_keep_their_fractions():
    rng, N = np.random.default_rng(8), 4
    species, _ = general.parts((2, 2), (1, 3))
    model, start = general.model("constant", rng, species), general.state(rng, species)
    a, b = species[1].average(qutip.sigmap()), species[1].mx + 0.5 * species[0].mz
    exact = correlation(model, N, start, [0.0, 0.6], DELAYS, a, b, connected=True, tol=1e-10)
    assert (
        np.abs(N * exact.values - Limit(model).correlation(start, [0.0, 0.6], DELAYS, a, b).connected).max() < TOLERANCE
    )


def test_the_stationary_state_of_independent_spins():
    """Loss a and gain b: b/(a + b) e^{(iω − (a + b)/2)τ}, and 1 − z² of ⟨σz(τ); σz⟩ falls as e^{−(a + b)τ}."""
    w, a, b = 0.5, 0.2, 0.5
    model = Model(w / 2 * mz, [LocalJump(qutip.sigmam(), np.sqrt(a)), LocalJump(qutip.sigmap(), np.sqrt(b))])
    limit, m, tau = Limit(model), fixed_points(model)[0].m, np.array(DELAYS)
    light = limit.correlation(m, None, DELAYS, UP, DOWN)
    assert light.times is None
    assert light.connected == pytest.approx(b / (a + b) * np.exp((1j * w - (a + b) / 2) * tau), abs=1e-9)
    z = (b - a) / (a + b)
    same = limit.correlation(m, None, DELAYS, mz, mz)
    assert same.connected == pytest.approx((1 - z * z) * np.exp(-(a + b) * tau), abs=1e-9)
    assert same.product == pytest.approx(z * z * np.ones(3), abs=1e-9)


def test_a_cavity_with_loss_and_gain():
    """⟨a†(t + τ); a(t)⟩ = n(t) e^{(iω − (κ − g)/2)τ}, n of the noise that came in since the start."""
    w, loss, gain, N = 0.8, 1.0, 0.3, 2
    field = Mode("light")
    jumps = [CollectiveJumps([field.alpha], rate=loss), CollectiveJumps([field.alpha.adjoint()], rate=gain)]
    model = Model(w * field.number + 0.2 * field.phi, collective=jumps, modes=[field])
    start, t, tau = {"": [0, 0, 1], "light": Field(alpha=0.3)}, 0.5, np.array(DELAYS)
    found = Limit(model).correlation(start, [0, t], DELAYS, field.alpha.adjoint(), field.alpha)
    photons = gain / (loss - gain) * (1 - np.exp(-(loss - gain) * t))
    right = photons * np.exp((1j * w - (loss - gain) / 2) * tau)
    assert found.connected[1] == pytest.approx(right, abs=TOLERANCE)
    exact = correlation(model, N, start, [0, t], DELAYS, field.alpha.adjoint(), field.alpha, connected=True, tol=1e-9)
    assert N * exact.values[1] == pytest.approx(right, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("rho0", "tlist", "words"),
    [
        ([0, 0.1, 0.2], None, "averages move"),
        ([0, 0, 0.0], None, "eigenvalue has real part"),
        ([0, 0, 1.0], [], "one or more times"),
        ([0, 0], None, "averages"),
    ],
)
def test_bad_input_is_refused(rho0, tlist, words):
    with pytest.raises(FiniteNError, match=words):
        Limit(hopfield(0.3, 2.0)).correlation(rho0, tlist, DELAYS, mz, mz)
