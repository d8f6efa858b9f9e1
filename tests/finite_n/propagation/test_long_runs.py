"""Long evolutions, rates × time up to some 10⁶: rounding grows no faster than it must, and the budget says what it may
be."""

import numpy as np
import pytest

from finite_n import LocalJump, Model, evolve, mx, mz

SM = np.array([[0, 0], [1.0, 0]])
LONG = np.longdouble  # phases of 10⁶ keep twelve digits in double precision


def _driven_qubit(g: float, T: float) -> tuple[float, float]:
    """⟨m_y⟩, ⟨m_z⟩ of ẏ = −gy/2 − 2z, ż = 2y − g(z + 1) from z = 1: resonance fluorescence, H = σx, decay g (Torrey
    1949)."""
    g, T = LONG(g), LONG(T)
    z_end = -(g**2 / 4) / (2 + g**2 / 4)
    y_end = g * (z_end + 1) / 2
    y, z, omega = -y_end, 1 - z_end, np.sqrt(4 - (g / 4) ** 2)
    decay, c, s = np.exp(-3 * g * T / 4), np.cos(omega * T), np.sin(omega * T) / omega
    return (
        float(y_end + decay * (c * y + s * (g / 4 * y - 2 * z))),
        float(z_end + decay * (c * z + s * (2 * y - g / 4 * z))),
    )


def _rabi(T: float) -> float:
    """⟨m_z⟩ from all up under H = σx + σz/2: n_z² + (1 − n_z²) cos(2ωT)."""
    omega = np.sqrt(LONG(1.25))
    along = LONG(0.5) / omega
    return float(along**2 + (1 - along**2) * np.cos(2 * omega * LONG(T)))


def _checked(result, error: float, lowest: float) -> None:
    """The budget covers the error and is no more than thirty times what is known to be wrong, but for `lowest`."""
    b = result.budget
    known = max(error, b.truncation_bound, b.trace_drift, -b.smallest_eigenvalue)
    assert error <= b.state_error
    assert b.rounding <= max(30 * known, lowest)


@pytest.mark.parametrize(
    ("g", "T"), [(1e-6, 1e4), (1e-6, 2e5), pytest.param(1e-6, 1e6, marks=pytest.mark.slow), (1e-3, 1e5)]
)
def test_a_driven_qubit_with_little_decay(g, T):
    y, z = _driven_qubit(g, T)
    result = evolve(Model(mx, jumps=[LocalJump(SM, g**0.5)]), 1, [0, 0, 1.0], [0, T], check=False, basis="dicke")
    error = max(abs(result.mean("y")[-1] - y), abs(result.mean("z")[-1] - z))
    assert error < 1e-9  # the tolerance; 6e-8 at T = 1e6 where steps and times do not add up to the same
    assert result.budget.holds == (result.budget.state_error <= 1e-9)
    _checked(result, error, 0.0)


@pytest.mark.parametrize(("g", "T"), [(5e-6, 1039.2077174584717), (2e-5, 33978.60240279423), (1e-6, 1e6)])
def test_a_driven_qubit_by_a_matrix_exponential(g, T):
    """Squaring loses up to thirty times ‖G‖T rounding errors."""
    result = evolve(Model(mx, jumps=[LocalJump(SM, g**0.5)]), 1, [0, 0, 1.0], [0, T], check=False)
    assert result.stats["basis"] == "independent"
    y, z = _driven_qubit(g, T)
    assert max(abs(result.mean("y")[-1] - y), abs(result.mean("z")[-1] - z)) <= result.budget.state_error


@pytest.mark.parametrize(("N", "T"), [(1, 2e5), (4, 1e4), (10, 1e4), pytest.param(10, 3e4, marks=pytest.mark.slow)])
def test_many_rotations_of_a_density_matrix(N, T):
    """Rounding grows in proportion to time: imaginary parts on the diagonal, if let be, make it grow as its square, to
    2.4e-9 (N = 10)."""
    result = evolve(Model(mx + 0.5 * mz), N, [0, 0, 1.0], [0, T], tol=1e-10, check=False, basis="dicke")
    error = abs(result.mean("z")[-1] - _rabi(T))
    assert error < 4e-15 * T * N  # rates are 1 to N
    _checked(result, error, 0.0)


@pytest.mark.parametrize("T", [1e4, 2e5, pytest.param(2e6, marks=pytest.mark.slow)])
def test_many_rotations_of_a_state_vector(T):
    result = evolve(Model(mx + 0.5 * mz), 1, [0, 0, 1.0], [0, T], check=False, basis="state vector")
    assert result.stats["basis"] == "state vector"
    error = abs(result.mean("z")[-1] - _rabi(T))
    assert error < 1e-9
    _checked(result, error, 0.0)


@pytest.mark.parametrize("basis", ["symmetrised", "dicke"])
@pytest.mark.parametrize(("N", "T"), [(10, 1e3), (20, 2e3), pytest.param(20, 1e5, marks=pytest.mark.slow)])
def test_long_one_axis_twisting(N, T, basis):
    """H = N m_z² = (4/N) S_z²: ⟨m_x⟩ = cos^{N−1}(4T/N) from all along x (Kitagawa and Ueda, PRA 47, 5138 (1993))."""
    result = evolve(Model(mz * mz), N, [1.0, 0, 0], [0, T], check=False, basis=basis)
    error = abs(result.mean("x")[-1] - float(np.cos(4 * LONG(T) / N) ** (N - 1)))
    assert error < 1e-9
    _checked(result, error, 1e-11)


def test_rounding_beyond_the_tolerance_does_not_hold():
    """4e4 applications carry no 1e-13; what is lost is said without a second run."""
    result = evolve(Model(mx + 0.5 * mz), 4, [0, 0, 1.0], [0, 3e3], tol=1e-13, check=False, basis="dicke")
    assert abs(result.mean("z")[-1] - _rabi(3e3)) < result.budget.rounding < 1e-10
    assert not result.budget.holds


@pytest.mark.parametrize("method", ["faber", "runge_kutta"])
def test_ordinary_jobs_hold(method):
    model = Model(0.8 * mx, [LocalJump(SM, 0.5)])
    result = evolve(model, 20, [0, 0, 1.0], [0, 5.0], method=method, check=False)
    assert result.budget.holds and result.budget.rounding < 1e-12
