"""The boundary time crystal: the full space of few spins, and the closed solution of mean field in both phases."""

import numpy as np
import pytest
import qutip

from comparison import Claim, Study
from comparison.testing import assert_confirmed
from finite_n import evolve
from finite_n.systems import boundary_time_crystal
from meanfield import Limit
from tests.brute_force import PAULI, integrated, site

INTEGRATORS = 1e-9  # tolerances of the evolution and of the full space


@pytest.mark.parametrize("omega", [0.5, 2.0])
def test_few_spins_are_those_of_the_full_space(omega):
    N, kappa, t, start = 3, 1.3, 1.7, [0.3, -0.2, 0.6]
    x, minus = (sum(site(s, k, N) for k in range(N)) for s in (PAULI[1].full() / 2, qutip.sigmam().full()))

    def rhs(rho):
        both = minus.conj().T @ minus
        decay = minus @ rho @ minus.conj().T - (both @ rho + rho @ both) / 2
        return -1j * omega * (x @ rho - rho @ x) + kappa / (N / 2) * decay

    one = (PAULI[0].full() + sum(m * s.full() for m, s in zip(start, PAULI[1:], strict=True))) / 2
    rho = integrated(rhs, np.kron(np.kron(one, one), one), t)
    expected = [np.trace(rho @ site(s.full(), 0, N)).real for s in PAULI[1:]]
    found = evolve(boundary_time_crystal(omega, kappa), N, start, [0, t]).means[-1]
    assert found == pytest.approx(expected, abs=INTEGRATORS)


@pytest.mark.parametrize("omega", [0.6, 2.0], ids=["weak drive", "strong drive"])
def test_exact_numbers_go_to_the_closed_solution(omega):
    """From all spins up m is (0, sin θ, cos θ) with θ' = −ω + κ sin θ, which the tangent of half the angle solves."""
    rate = np.sqrt(complex(1 - omega**2))

    def closed(times):
        tangent = np.tanh(rate * times / 2)
        c, s = (rate - tangent).astype(complex), -omega * tangent
        return {"mean_y": (2 * c * s / (c * c + s * s)).real, "mean_z": ((c * c - s * s) / (c * c + s * s)).real}

    sizes = [32, 48, 64, 96, 128, 192]
    study = Study(boundary_time_crystal(omega, 1.0), [0, 0, 1], np.linspace(0, 2, 5), sizes)
    assert_confirmed(study, Claim("closed", "half the angle", closed), accuracy=1e-4)


def test_a_weak_drive_ends_at_the_fixed_point():
    omega, kappa = 0.5, 1.0
    m = [0, omega / kappa, -np.sqrt(1 - (omega / kappa) ** 2)]
    model = boundary_time_crystal(omega, kappa)
    assert np.abs(Limit(model).drift(m)).max() < 1e-14
    long_after = evolve(model, 40, [0, 0, -1], [0, 60.0]).means[-1]
    assert long_after == pytest.approx(m, abs=2 / 40)


def test_no_decay_is_a_rotation():
    assert evolve(boundary_time_crystal(2.0, 0.0), 5, [0, 0, 1], [0, 0.4]).means[-1] == pytest.approx(
        [0, -np.sin(0.8), np.cos(0.8)], abs=INTEGRATORS
    )
