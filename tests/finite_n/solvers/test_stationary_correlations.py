"""Two-time correlations, bunching and spectra of light in stationary states of several levels, on the full space."""

import numpy as np
import pytest
from scipy.linalg import expm

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, correlation, g2, power_spectrum
from finite_n.systems import three_level
from tests import random_general_models as general
from tests.brute_force_general import GeneralBruteForce
from tests.finite_n.solvers.test_stationary_products import stationary_of_all, unit

TOLERANCE = 1e-8  # of values of order one; states are known to 1e-10, evolutions to 1e-9
DELAYS, OMEGAS = [0.0, 0.4, 1.5], [-1.1, 0.0, 0.7]


def matrix_of(full: GeneralBruteForce) -> np.ndarray:
    n = full.size
    return np.array([full.rhs(e.reshape(n, n)).ravel() for e in np.eye(n * n)]).T


def parts(kind: str):
    """A model, two operators, and the full space: three levels; three beside two; two beside three and a mode."""
    rng = np.random.default_rng(12)
    dims, modes, cutoffs = {"one": ((3,), 0, ()), "two": ((3, 2), 0, ()), "mode": ((3,), 1, (2,))}[kind]
    sizes = (2,) if kind == "one" else (1,) * len(dims)
    species, modes = general.parts(dims, sizes, modes)
    if kind == "mode":
        (s,), (light,) = species, modes
        exchange = light.alpha.adjoint() * s.average(unit(1, 0))
        jumps = [LocalJump(unit(a, b), rate, species=s) for a, b, rate in ((0, 1, 0.8), (1, 2, 0.9), (2, 0, 0.6))]
        h = 0.4 * (exchange + exchange.adjoint()) + 0.3 * light.number + 0.2 * s.average(unit(1, 2) + unit(2, 1))
        model = Model(h, jumps, [CollectiveJumps([light.alpha], 1.5)], species=species, modes=modes)
        return model, s.average(unit(0, 1)), s.average(unit(1, 0)), GeneralBruteForce(model, 1, cutoffs)
    model = general.model("constant", rng, species)
    b = species[0].average(general.complex_matrix(rng, 3)) + 0.5 * species[-1].average(unit(0, 1, species[-1].dim))
    return model, b.adjoint(), b, GeneralBruteForce(model, sum(sizes))


@pytest.mark.parametrize("kind", ["one", "two", "mode"])
def test_correlation_bunching_and_spectrum_against_the_full_space(kind):
    model, a, b, full = parts(kind)
    cutoffs = {"f0": 2} if kind == "mode" else None
    n, L, rho = full.size, matrix_of(full), stationary_of_all(full)
    A, B = full.polynomial(a), full.polynomial(b)
    evolved = [expm(t * L) for t in DELAYS]

    def later(x):
        return np.array([(u @ x.ravel()).reshape(n, n) for u in evolved])

    right = np.trace(A @ later(B @ rho), axis1=1, axis2=2)
    found = correlation(model, full.N, None, None, DELAYS, a, b, cutoffs=cutoffs, check=kind != "mode")
    assert np.abs(found.values - right).max() < TOLERANCE
    assert (found.error < 1e-7) == (kind != "mode")  # that says what three levels leave out

    pairs = np.trace(A @ B @ later(B @ rho @ A), axis1=1, axis2=2).real / np.trace(A @ B @ rho).real ** 2
    bunched = g2(model, full.N, None, None, DELAYS, b, cutoffs=cutoffs, check=kind != "mode")
    assert np.abs(bunched.values - pairs).max() < 10 * TOLERANCE

    x = (B @ rho - np.trace(B @ rho) * rho).ravel()
    away = np.outer(rho.ravel(), np.eye(n).ravel())  # nothing of x: so that it may be solved at ω = 0 too
    y = [np.linalg.solve(1j * w * np.eye(n * n) - L + away, x).reshape(n, n) for w in OMEGAS]
    spectrum = 2 * np.array([np.trace(A @ v).real for v in y])
    lines = power_spectrum(model, full.N, OMEGAS, a, b, cutoffs=cutoffs)
    assert np.abs(lines.values - spectrum).max() < TOLERANCE
    assert (lines.error < 1e-6) == (kind != "mode")
    assert abs(lines.coherent - np.trace(A @ rho) * np.trace(B @ rho)) < TOLERANCE
    assert abs(lines.total - np.trace(A @ B @ rho)) < TOLERANCE


def test_a_spectrum_that_is_too_large_says_what_to_do(monkeypatch):
    import finite_n.solvers.laplace_products as module

    monkeypatch.setattr(module, "_MOST", 10)
    q = three_level().species[0]
    with pytest.raises(FiniteNError, match=r"Fourier transform of correlation"):
        power_spectrum(three_level(control=0.5), 4, [0.0], q.average(unit(0, 1)), q.average(unit(1, 0)))
