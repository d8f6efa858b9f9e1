"""Squeezed vacuum and cat states of a mode against qutip, and in evolutions against closed forms."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, Field, FiniteNError, Mode, Model, cat, evolve, mx, mz, squeezed
from meanfield import Corrections, Cumulants, Limit
from tests.engine_tester import check_sentence

EXACT = 1e-9  # the tolerance asked for
LIGHT = Mode("light")
WITH_LIGHT = Model(mz, modes=[LIGHT])
FOCK = 60  # levels of qutip's operators, far above those compared


@pytest.mark.parametrize(("r", "angle"), [(0.0, 0.0), (0.4, 0.0), (0.7, 1.1), (0.5, np.pi)])
def test_the_squeezed_vacuum_is_that_of_qutip(r, angle):
    theirs = (qutip.squeeze(200, r * np.exp(1j * angle)) * qutip.basis(200, 0)).full()[:40, 0]
    assert np.abs(squeezed(r, angle).amplitudes(39) - theirs).max() < 1e-12


@pytest.mark.parametrize(("beta", "phase"), [(1.5, 0.0), (1.2 + 0.5j, np.pi), (0.01, np.pi), (2.0j, 0.7)])
def test_cats_are_those_of_qutip(beta, phase):
    one, other = (qutip.coherent(FOCK, x, method="analytic") for x in (beta, -beta))
    ket = (one + np.exp(1j * phase) * other).unit()
    # of a small odd cat qutip cancels 1 − 1
    assert np.abs(cat(beta, phase).amplitudes(FOCK - 1) - ket.full()[:, 0]).max() < (1e-12 if abs(beta) > 0.1 else 1e-9)


@pytest.mark.parametrize("state", [squeezed(0.6, 0.4), cat(1.3), cat(0.8 + 0.6j, np.pi), squeezed(2.0), cat(5.0)])
def test_cutoffs_leave_out_what_they_say(state):
    for tail in (1e-3, 1e-10):
        c = state.cutoff(10, tail)
        assert 1 - state.weight_below(c) < tail + 1e-13
        assert abs(state.weight_below(1500) - 1) < 1e-12  # normalised


def test_loss_of_squeezing():
    """Under κ D[a] and ω a†a the covariance turns with ω and goes to ½ as e^{−κt}; whatever N is."""
    kappa, omega, r, t = 0.7, 0.5, 0.6, np.array([0.0, 0.4, 1.5])
    model = Model(omega * LIGHT.number, collective=[CollectiveJumps([LIGHT.alpha], rate=kappa)], modes=[LIGHT])
    start = {"": [0, 0, 1], "light": squeezed(r, 0.3)}
    expected = []
    for x in t:
        turn = np.array([[np.cos(omega * x), np.sin(omega * x)], [-np.sin(omega * x), np.cos(omega * x)]])
        left = np.exp(-kappa * x)
        expected.append(left * turn @ squeezed(r, 0.3).limit()[1] @ turn.T + (1 - left) / 2 * np.eye(2))
    limit = Limit(model).evolve(start, t)
    assert np.abs(limit.covariance[:, 3:, 3:] - expected).max() < 1e-7  # of its integrator
    result = evolve(model, 2, start, t)
    assert np.abs(result.covariance[:, 3:, 3:] - expected).max() < 1e-8  # N times the tolerance, and levels


def test_cats_lose_their_parity():
    """⟨(−1)^{a†a}⟩ of an even cat under κ D[a]: cosh(|β|² (2e^{−κt} − 1))/cosh |β|²."""
    kappa, beta, t = 0.5, 1.2, np.array([0.0, 0.5, 1.5])
    model = Model(0.0, collective=[CollectiveJumps([LIGHT.alpha], rate=kappa)], modes=[LIGHT])
    result = evolve(model, 1, {"": [0, 0, 1], "light": cat(beta)}, t)
    levels = result.levels["light"]
    parity = levels @ (-1.0) ** np.arange(levels.shape[1])
    assert np.abs(parity - np.cosh(beta**2 * (2 * np.exp(-kappa * t) - 1)) / np.cosh(beta**2)).max() < 1e-8


@pytest.mark.parametrize("state", [squeezed(0.4, 0.5), cat(0.8j, 0.3)])
def test_engines_agree(state):
    model = Model(0.5 * mz + 0.4 * LIGHT.number + 0.5 * mx * LIGHT.phi, modes=[LIGHT])
    start = {"": [0, 0, -1], "light": state}
    runs = [evolve(model, 2, start, [0, 0.5], basis=b) for b in ("state vector", "Dicke", "symmetrised")]
    for run in runs[1:]:
        assert np.abs(run.means - runs[0].means).max() < 10 * EXACT  # levels differ
        assert np.abs(run.second_moments - runs[0].second_moments).max() < 10 * EXACT


def test_corrections_and_cumulants_start_from_squeezing():
    """1/N corrections and second-order cumulants of the Dicke model, whose errors fall as 1/N²."""
    model = Model(0.5 * mz + 0.4 * LIGHT.number + 0.3 * mx * LIGHT.phi, modes=[LIGHT])
    start, times = {"": [0.6, 0, -0.8], "light": squeezed(0.4, 0.5)}, np.array([0.0, 0.5, 1.0])
    expansion = Corrections(model).evolve(start, times)
    errors = []
    for N in (8, 16):
        exact = evolve(model, N, start, times).means[:, 2]
        errors.append(np.abs(expansion.mean("z", N) - exact).max())
        closed = Cumulants(model, 2).evolve(start, N, times)
        assert np.abs(closed.mean("z") - exact).max() < 10 / N**2
    assert errors[0] / errors[1] > 4


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: squeezed(4.0), "0"),
        (lambda: squeezed(0.1, "x"), "angle"),
        (lambda: cat(0), "0 < |β| ≤ 30"),
        (lambda: cat(1e-9, np.pi), "cancel"),
        (lambda: cat(1.0, None), "phase"),
        (
            lambda: Limit(WITH_LIGHT).evolve({"": [0, 0, 1], "light": cat(1.0)}, [0, 1]),
            "no Gaussian limit",
        ),
        (lambda: evolve(WITH_LIGHT, 2, {"": [0, 0, 1], "light": "cat"}, [0, 1]), "squeezed or cat"),
        (
            lambda: evolve(WITH_LIGHT, 2, {"": [0, 0, 1], "light": cat(1.0)}, [0, 1], basis="displaced"),
            "not in a Field",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(ask, words):
    with pytest.raises(FiniteNError) as refused:
        ask()
    check_sentence(str(refused.value))
    assert words in str(refused.value)


def test_a_thermal_mode_has_a_name_too():
    """Field(thermal=n̄)."""
    result = evolve(Model(0.3 * LIGHT.number, modes=[LIGHT]), 2, {"": [0, 0, 1], "light": Field(thermal=0.5)}, [0, 1])
    assert abs(result.number()[1] - 0.5) < 1e-8
