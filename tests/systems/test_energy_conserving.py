"""The energy-conserving model: any number of atoms in a continuum, in closed form, against integrals over it."""

import numpy as np
import pytest
from scipy.special import gamma

from finite_n import Field, FiniteNError, Mode, evolve, my
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


OMEGA0, NU, LAMBDA = 1.0, 0.8, 0.25
ONE_MODE, LATER = energy_conserving(OMEGA0, NU, LAMBDA), np.array([0.0, 1.0, 3.0, 6.0])
PUSHED = (1 - np.cos(NU * LATER)) / NU  # Re⟨g, (1 − e^{iωt}) h/ω⟩ of g = h = 1
TURNED = LAMBDA**2 * (NU * LATER - np.sin(NU * LATER)) / NU**2


@pytest.mark.parametrize("N", [1, 10, 10**6])
def test_printed_limits_of_the_reservoir_are_twice_too_large(N):
    """Merkli and Rafiyi 2018, eqs. 2.17 and 2.18, with μ(G) = 0 and μ(G²) = 1. What λ adds to ⟨a†a⟩ and to the variance
    of φ is half of what is printed, at every N: eq. 1.25 has 2√κ φ where the series gives √(2κ) φ. At second order eqs.
    1.26 and 2.9 have the half."""
    result = evolve(ONE_MODE, N, [1.0, 0, 0], LATER, check=False)
    number = LAMBDA**2 * 2 * PUSHED / NU  # λ² μ(G²) ‖(e^{iωt} − 1) g/ω‖²
    variance = 2 * LAMBDA**2 * PUSHED**2  # e^{−V/2} = exp(−λ² μ(G²) (Re⟨…⟩)²)
    found = N * result.second_moments[:, 3, 3].real - 0.5
    assert np.abs(result.number() - number / 2).max() < ROUNDING
    assert np.abs(found - variance / 2).max() < ROUNDING
    assert number.max() > 0.3 and variance.max() > 0.5


def test_particles_are_free_up_to_one_over_n():
    """Merkli and Rafiyi 2018, Lemma 1.4 and eq. 1.21: N (⟨σx⟩ − cos ω₀t) goes to X₁ = −2 (C + S²) cos ω₀t, which begins
    with λ²."""
    C = LAMBDA**2 * PUSHED / NU
    first = -2 * (C + TURNED**2) * np.cos(OMEGA0 * LATER)
    errors = []
    for N in (100, 10_000):
        result = evolve(ONE_MODE, N, [1.0, 0, 0], LATER, check=False)
        errors.append(np.abs(N * (result.mean("x") - np.cos(OMEGA0 * LATER)) - first).max())
    assert 50 < errors[0] / errors[1] < 200 and errors[1] < 1e-3 * np.abs(first).max()


def test_a_coherent_field_gives_fluctuations_a_mean():
    """Merkli and Rafiyi 2018, eq. 1.29: √N (⟨σx⟩ − cos ω₀t) → iλ ∫ μ([G(s), A(t)]) μ_R(B(s)) ds = −2λ sin ω₀t ∫ ⟨φ(s)⟩
    ds; terms of higher order vanish, since G is conserved and the state even."""
    beta = 0.5 + 0.3j
    integral = np.sqrt(2) * (beta * (1 - np.exp(-1j * NU * LATER)) / (1j * NU)).real  # of √2 Re(β e^{−iωs})
    exact = -2 * LAMBDA * np.sin(OMEGA0 * LATER) * integral
    errors = []
    for N in (10**4, 10**6):
        result = evolve(ONE_MODE, N, {"": [1.0, 0, 0], "field": Field(beta=beta)}, LATER, check=False)
        errors.append(np.abs(np.sqrt(N) * (result.mean("x") - np.cos(OMEGA0 * LATER)) - exact).max())
    assert 8 < errors[0] / errors[1] < 12 and errors[1] < 2e-3  # the next order is 1/√N


def test_particles_feel_each_other_where_their_mean_force_does_not_vanish():
    """Merkli and Rafiyi 2018, eq. 2.12: h_eff = h + λ²⟨G⟩F(t)G, F = −∫₀ᵗ |g|² sin ωs ds, up to 1/N."""
    z, N = 0.6, 10**6
    result = evolve(ONE_MODE, N, [0.8, 0, z], LATER, check=False)
    assert np.abs(result.mean("x") - 0.8 * np.cos(OMEGA0 * LATER - 2 * z * TURNED)).max() < 2 / N
    assert np.abs(result.mean("x") - 0.8 * np.cos(OMEGA0 * LATER)).max() > 0.1  # not free


def test_leading_order_of_products_of_particles_and_field():
    """Merkli and Rafiyi 2018, eq. 1.26, ω₀ = 0: √N ⟨σy φ⟩ → −2λ ∫ Im{μ(G σy) μ_R(B(s) φ(t))} ds = λ sin(νt)/ν, up to
    λ³."""
    field, N, errors = Mode("field"), 10**6, []
    for coupling in (0.1, 0.05):
        model = energy_conserving(0.0, NU, coupling)
        result = evolve(model, N, [1.0, 0, 0], LATER, {"b": my * field.phi}, check=False)  # φ here is that over √N
        errors.append(np.abs(N * result.e_data["b"] - coupling * np.sin(NU * LATER) / NU)[1:])
    assert np.all(errors[1] < 0.05 * 0.06) and np.all(np.abs(np.log2(errors[0] / errors[1]) - 3) < 0.1)
