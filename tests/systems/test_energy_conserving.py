"""The energy-conserving model: any number of atoms in a continuum, in closed form, against integrals over it."""

import numpy as np
import pytest
from scipy.special import gamma

from finite_n import FiniteNError, evolve
from finite_n.systems import energy_conserving, spectral_modes

ROUNDING = 1e-12  # sums of 200 terms, and N log1p(…) of a power
CUTOFF, MODES = 36.0, 200  # e^{−36} = 2e-16 of an exponential density is left out
TIMES = np.array([0.0, 0.5, 3.0, 15.0])
ETA = 0.7


def ohmic(w):
    return ETA * w * np.exp(-w)


@pytest.mark.parametrize("N", [1, 12, 10**6])
def test_atoms_in_an_ohmic_continuum(N):
    """From x: ⟨σx⟩ = cos ω₀t exp(−(2/N) C) cos^{N−1}((2/N) S), Σ⟨a†a⟩ = C, with C = ∫ J (1 − cos ωt)/ω² dω =
    (η/2) log(1 + t²) and S = ∫ J (ωt − sin ωt)/ω² dω = η (t − arctan t), for J = η ω e^{−ω}."""
    nu, coupling = spectral_modes(ohmic, CUTOFF, MODES)
    model = energy_conserving(omega0=0.3, nu=nu, coupling=coupling)
    number = sum((mode.number for mode in model.modes[1:]), model.modes[0].number)
    result = evolve(model, N, [1.0, 0, 0], TIMES, {"n": number}, check=False)
    C, S = ETA / 2 * np.log1p(TIMES**2), ETA * (TIMES - np.arctan(TIMES))
    # cos x = 1 − 2 sin²(x/2), of a small x
    power = np.exp((N - 1) * np.log1p(-2 * np.sin(S / N) ** 2)) if N > 12 else np.cos(2 * S / N) ** (N - 1)
    assert result.stats["basis"] == "displaced"
    assert np.abs(result.mean("x") - np.cos(0.3 * TIMES) * np.exp(-2 / N * C) * power).max() < ROUNDING
    assert np.abs(N * result.e_data["n"] - C).max() < ROUNDING * max(1, N / 1000)  # ½N(φ² + π²) − ½ of 200 modes
    assert result.second_moments.shape == (4, 403, 403)


def test_more_modes_converge_until_they_recur():
    """∫ ω e^{−ω} cos ωt dω = (1 − t²)/(1 + t²)² to t = 8: digits come where 4 modes exceed cutoff · t, not before."""
    times, errors = np.array([0, 2, 8]), {}
    exact = ETA * (1 - times**2) / (1 + times**2) ** 2
    for modes in (20, 40, 60, 80):
        nu, coupling = spectral_modes(ohmic, 30.0, modes)
        errors[modes] = np.abs(coupling**2 @ np.cos(np.outer(nu, times)) - exact)
    left_out = ETA * 31 * np.exp(-30)  # 2e-12, beyond the cutoff
    assert errors[20][0] < 2 * left_out and errors[20][1] < 1e-4 and errors[20][2] > 0.1  # 4 · 20 < 30 · 8
    assert 1e-3 < errors[40][2] and 1e-5 < errors[60][2] < 1e-3
    assert np.all(errors[80] < 2 * left_out)


@pytest.mark.parametrize("s", [0.5, 1.0, 3.0, -0.4])
def test_exponents_of_the_density(s):
    """∫ ω^s e^{−ω} dω = Γ(s + 1), with few modes for any exponent."""
    nu, coupling = spectral_modes(lambda w: w**s * np.exp(-w), 40.0, 40, exponent=s)
    assert abs(np.sum(coupling**2) / gamma(s + 1) - 1) < ROUNDING
    assert np.all(np.diff(nu) > 0) and nu[0] > 0 and nu[-1] < 40


def test_what_is_no_density_is_refused():
    for density in (lambda w: -w, lambda w: 1.0, lambda w: 1 / (w - w), lambda w: w.nothing, lambda w: "x"):
        with np.errstate(divide="ignore"), pytest.raises(FiniteNError, match="spectral_modes: the density"):
            spectral_modes(density, 1.0, 3)
    for arguments in ((ohmic, 0.0, 3), (ohmic, 1.0, 0), (ohmic, 1.0, 3, -1.0)):
        with pytest.raises(FiniteNError, match="spectral_modes: "):
            spectral_modes(*arguments)
    with pytest.raises(FiniteNError, match="one coupling for every mode"):
        energy_conserving(nu=[1.0, 2.0], coupling=0.3)
