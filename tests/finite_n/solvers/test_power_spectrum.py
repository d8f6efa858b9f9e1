"""Power spectra against linear solves on the full space, closed forms, and a second algorithm."""

import numpy as np
import pytest
import qutip
from scipy.linalg import expm

import finite_n.solvers.laplace as solver
from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    average,
    correlation,
    mx,
    my,
    mz,
    power_spectrum,
    spectrum,
)
from finite_n.systems import hopfield
from meanfield import Limit
from tests import random_general_models as general
from tests import random_models
from tests.brute_force import BruteForce, polynomial
from tests.brute_force_general import GeneralBruteForce

UP, DOWN = average(qutip.sigmap()), average(qutip.sigmam())
TOLERANCE = 1e-8  # residuals are 1e-9 of bρ


def solved(model, N, omegas, a, b, resolution=0.0, coherent=False):
    """By one dense linear solve for every ω on 4^N."""
    full = BruteForce(model, N)
    L = full.liouvillian()
    rho = qutip.Qobj(np.linalg.svd(L)[2][-1].conj().reshape(2**N, 2**N, order="F")).full()
    rho /= np.trace(rho)
    a, b = polynomial(a, N), polynomial(b, N)
    x = b @ rho - (0 if coherent else np.trace(b @ rho)) * rho
    out = []
    # without the stationary part, of which a connected x has nothing, so that it may be solved at ω = 0 too
    away = 0 if coherent else np.outer(rho.ravel(order="F"), np.eye(2**N).ravel())
    for z in resolution + 1j * np.asarray(omegas):
        y = np.linalg.solve(z * np.eye(4**N) - L + away, x.ravel(order="F"))
        out.append(2 * np.trace(a @ y.reshape(2**N, 2**N, order="F")).real)
    return np.array(out), np.trace(a @ rho) * np.trace(b @ rho), np.trace(a @ b @ rho)


@pytest.mark.parametrize("kind", ["constant", "rates", "tilted rates without self", "two tilts", "everything"])
def test_random_models_against_the_full_space(kind):
    N, omegas = 3, [-1.3, 0.0, 0.2, 0.7]
    model = random_models.model(kind, np.random.default_rng(11))
    found = power_spectrum(model, N, omegas, UP + 0.3 * mx * mz, DOWN)
    right, coherent, total = solved(model, N, omegas, UP + 0.3 * mx * mz, DOWN)
    assert np.abs(found.values - right).max() < TOLERANCE
    assert abs(found.coherent - coherent) < TOLERANCE and abs(found.total - total) < TOLERANCE
    assert np.abs(found.values - right).max() < found.error < TOLERANCE


def test_two_species_and_their_stationary_correlation():
    """A linear solve, and the regression, on 4³."""
    N, rng, omega, tau = 3, np.random.default_rng(4), 0.6, 0.7
    species, _ = general.parts((2, 2), (1, 2))
    model = general.model("everything", rng, species)
    a, b = species[0].average(qutip.sigmap()), species[1].average(qutip.sigmam()) * species[0].mz
    full = GeneralBruteForce(model, N)
    L = np.array([full.rhs(x.reshape(8, 8)).ravel() for x in np.eye(64, dtype=complex)]).T
    rho = np.linalg.svd(L)[2][-1].conj().reshape(8, 8)
    rho, left, right = rho / np.trace(rho), full.polynomial(a), full.polynomial(b)
    x = (right - np.trace(right @ rho) * np.eye(8)) @ rho
    y = np.linalg.solve(1j * omega * np.eye(64) - L, x.ravel()).reshape(8, 8)
    found = power_spectrum(model, N, [omega], a, b).values[0]
    assert found == pytest.approx(2 * np.trace(left @ y).real, abs=TOLERANCE)
    later = (expm(tau * L) @ x.ravel()).reshape(8, 8)
    connected = correlation(model, N, None, None, [tau], a, b, connected=True).values[0]
    assert connected == pytest.approx(np.trace(left @ later), abs=TOLERANCE)


def test_the_coherent_line_is_kept_with_a_resolution():
    N, omegas, g = 3, [0.0, 0.4], 0.1
    model = Model(0.4 * mx, [LocalJump(qutip.sigmam(), np.sqrt(0.3))], [CollectiveJumps([qutip.sigmam()], 1.2)])
    kept = power_spectrum(model, N, omegas, UP, DOWN, coherent=True, resolution=g)
    right, coherent, _ = solved(model, N, omegas, UP, DOWN, g, True)
    assert np.abs(kept.values - right).max() < TOLERANCE
    without = power_spectrum(model, N, omegas, UP, DOWN, resolution=g)
    line = 2 * coherent.real * g / (g**2 + np.array(omegas) ** 2)
    assert np.abs(kept.values - without.values - line).max() < TOLERANCE
    with pytest.raises(FiniteNError, match="resolution above 0"):
        power_spectrum(model, N, omegas, UP, DOWN, coherent=True)


def test_light_of_a_driven_ensemble():
    """Right values by a linear solve on 4³, of J₊ and J₋."""
    model = Model(0.4 * mx, [LocalJump(qutip.sigmam(), np.sqrt(0.3))], [CollectiveJumps([qutip.sigmam()], 1.2)])
    found = power_spectrum(model, 3, [0.5, 0.8], UP, DOWN)
    assert 9 * found.values == pytest.approx([0.9312022899, 0.4081532953], abs=1e-9)
    assert found.error < 1e-9


def test_the_whole_spectrum_adds_up_to_the_fluctuations():
    """(1/2π) ∫ S dω = ⟨J₊J₋⟩ − ⟨J₊⟩⟨J₋⟩, by Gauss–Legendre nodes of ω = tan θ, in which S/cos² θ is smooth."""
    jumps = [LocalJump(qutip.sigmam(), np.sqrt(0.3)), LocalJump(qutip.sigmaz(), 0.5)]
    model = Model(0.6 * mx + 0.2 * mz, jumps, [CollectiveJumps([qutip.sigmam()], 1.2)])
    theta, weight = (np.pi / 2 * x for x in np.polynomial.legendre.leggauss(120))
    found = power_spectrum(model, 6, np.tan(theta), UP, DOWN)
    whole = weight @ (found.values / np.cos(theta) ** 2) / (2 * np.pi)
    assert whole == pytest.approx((found.total - found.coherent).real, abs=1e-8)
    assert whole > 0.01


def test_independent_spins_have_a_lorentzian_and_its_width():
    w, a, b = 0.5, 0.2, 0.5
    model = Model(w / 2 * mz, [LocalJump(qutip.sigmam(), np.sqrt(a)), LocalJump(qutip.sigmap(), np.sqrt(b))])
    omegas = np.linspace(-1, 2, 7)
    for N in (5, 24):
        found = power_spectrum(model, N, omegas, UP, DOWN)
        right = b / (a + b) * (a + b) / ((omegas - w) ** 2 + (a + b) ** 2 / 4)
        assert N * found.values == pytest.approx(right, abs=TOLERANCE)
        assert found.slowest == pytest.approx(-(a + b) / 2 + 1j * w, abs=1e-9)
        assert found.line_width == pytest.approx(a + b, abs=1e-9)
        assert abs(found.coherent) < 1e-12


def test_a_driven_cavity_with_gain():
    """Its noise is n (κ − g)/((ω − w)² + (κ − g)²/4), n = g/(κ − g); its coherent line |drive|²/(w² + (κ − g)²/4)."""
    w, loss, gain, drive, N = 0.6, 1.0, 0.1, 0.2, 1
    field = Mode("light")
    jumps = [CollectiveJumps([field.alpha], rate=loss), CollectiveJumps([field.alpha.adjoint()], rate=gain)]
    h = w * field.number + drive * np.sqrt(2 / N) * field.phi  # H = w a†a + drive (a + a†)
    model = Model(h, [LocalJump(qutip.sigmam())], jumps, modes=[field])
    omegas, width = np.array([0.0, 0.6, 1.0]), loss - gain
    found = power_spectrum(model, N, omegas, field.alpha.adjoint(), field.alpha, cutoffs={"light": 12})
    right = gain / width * width / ((omegas - w) ** 2 + width**2 / 4)
    assert N * found.values == pytest.approx(right, abs=1e-6)  # 12 levels hold all but 1e-8 of the light
    assert N * found.coherent == pytest.approx(drive**2 / (w**2 + width**2 / 4), abs=1e-6)


def test_an_evolution_gives_the_same(monkeypatch):
    """Without decompositions: the Fourier transform of exp(τL)X."""
    model = Model(
        0.6 * mx,
        [LocalJump(qutip.sigmam()), LocalJump(qutip.sigmap(), 0.5)],
        [CollectiveJumps([qutip.sigmam()], 0.5)],
    )
    omegas = np.linspace(-3, 3, 13)
    one = power_spectrum(model, 10, omegas, UP, DOWN)
    monkeypatch.setattr(solver, "_MOST", 10)
    other = power_spectrum(model, 10, omegas, UP, DOWN)
    assert "evolution" in other.stats["method"] and "resolvent" in one.stats["method"]
    assert other.values == pytest.approx(one.values, abs=1e-9)
    assert other.slowest == pytest.approx(one.slowest, abs=1e-7)


def test_a_part_that_stays_is_refused_at_its_frequency_only():
    """Spins that decay together from a mixed state: every J has its own stationary ⟨m_z⟩."""
    model, start = Model(0.3 * mx, collective=[CollectiveJumps([qutip.sigmam()], 2.0)]), [0.3, 0.2, 0.5]
    with pytest.raises(FiniteNError, match="infinite"):
        power_spectrum(model, 6, [0.0, 0.5], mz, mz, rho0=start)
    narrow = power_spectrum(model, 6, [0.5], mz, mz, rho0=start).values
    wide = power_spectrum(model, 6, [0.5], mz, mz, rho0=start, resolution=1e-7).values
    assert narrow == pytest.approx(wide, abs=1e-6)


def test_the_slowest_mode_is_one_of_the_spectrum():
    model, N = hopfield(0.3, 0.8), 8
    found = power_spectrum(model, N, np.linspace(-2, 2, 9), mz, mz)
    assert np.abs(spectrum(model, N, k=6).eigenvalues - found.slowest).min() < 1e-8


def test_the_narrowest_line_of_one_value_of_j():
    """A driven spin J = N/2 with collective decay, ω/κ = ½: the gap of its (N + 1)²-dimensional Liouvillian."""
    N, model = 8, Model(0.25 * mx, collective=[CollectiveJumps([qutip.sigmam()], 2.0)])
    L = qutip.liouvillian(0.5 * qutip.jmat(N / 2, "x"), [np.sqrt(2 / N) * qutip.jmat(N / 2, "-")]).full()
    gap = np.sort(-np.linalg.eigvals(L).real)[1]
    found = power_spectrum(model, N, [0.0, 1.0], UP, DOWN, rho0=[0, 0, -1])
    assert found.line_width == pytest.approx(2 * gap, abs=1e-8)


def test_it_goes_to_the_spectrum_of_the_derived_fluctuations():
    """By Richardson's extrapolation in 1/N of four sizes, above the critical temperature."""
    model, omegas = hopfield(0.3, 0.5), [0.0, 0.7]
    right = Limit(model).power_spectrum([0, 0, 0], omegas, mz, my + mz)
    values = np.array([N * power_spectrum(model, N, omegas, mz, my + mz).values for N in (8, 12, 16, 24)])
    fit = np.linalg.solve(np.vander(1 / np.array([8.0, 12, 16, 24]), increasing=True), values)[0]
    assert fit == pytest.approx(right, rel=5e-3)


def test_a_number_has_no_fluctuations():
    model = Model(0.3 * mx, [LocalJump(qutip.sigmam())])
    found = power_spectrum(model, 3, [0.0, 0.5], UP, 2.0)
    assert np.abs(found.values).max() < 1e-12  # rounding
    assert found.total == pytest.approx(found.coherent, abs=1e-12)
    for a in (-1.0, UP, mz):
        assert not np.any(power_spectrum(hopfield(0.3, 0.8), 4, [0.0, 0.5], a, -1.0).values)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"omegas": []}, "one frequency"),
        ({"omegas": [np.nan]}, "frequencies"),
        ({"resolution": -1.0}, "resolution"),
        ({"a": Mode("x").alpha}, "not an average"),
        ({"model": "decay"}, "finite_n.Model"),
    ],
)
def test_bad_input_gets_one_sentence(changes, words):
    given = {"model": Model(0.3 * mx, [LocalJump(qutip.sigmam())]), "omegas": [0.0], "a": UP, "b": DOWN} | changes
    with pytest.raises(FiniteNError, match=words):
        power_spectrum(N=3, **given)
