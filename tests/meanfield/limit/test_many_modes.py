"""The limit of models with hundreds of modes: little memory, and the numbers of the modes one by one."""

import tracemalloc

import numpy as np
import pytest

from finite_n import Mode, Species
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.species import Space
from finite_n.systems import dicke_model
from meanfield import Limit

MODES, MEGABYTE = 200, 2**20
ROUNDING = 1e-14


def modes_of(n):
    return np.linspace(0.3, 2.0, n), 0.4 / np.sqrt(n) * np.ones(n)


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_two_hundred_modes_take_little_memory(loss):
    nu, coupling = modes_of(MODES)
    model = dicke_model(nu=nu, coupling=coupling, loss=loss)
    tracemalloc.start()
    try:
        limit = Limit(model)
        m = np.linspace(-0.3, 0.4, 3 + 2 * MODES)
        drift, flow, noise = limit.drift(m), limit.jacobian(m), limit.diffusion(m)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * MEGABYTE  # a dense table of brackets has 1000
    # ȧ = −(iν + κ/2) a − iλ⟨σx⟩/√2 of every mode, spins in the field of all
    q, p = m[3::2], m[4::2]
    x, y, z = m[:3]
    assert drift[3::2] == pytest.approx(nu * p - loss / 2 * q, abs=ROUNDING)
    assert drift[4::2] == pytest.approx(-nu * q - loss / 2 * p - coupling * x, abs=ROUNDING)
    force = 2 * coupling @ q
    assert drift[:3] == pytest.approx([-y, x - force * z, force * y], abs=1e-13)
    assert flow[4::2, 0] == pytest.approx(-coupling, abs=ROUNDING)
    assert flow[1, 3::2] == pytest.approx(-2 * coupling * z, abs=ROUNDING)
    assert np.diag(noise)[3:] == pytest.approx(loss / 2, abs=ROUNDING) and noise[:3].max() == 0.0


def test_brackets_are_commutators_of_the_basis():
    """N [m_a, m_b] of two species with fractions and a mode, from matrices."""
    space = Space((Species("a", fraction=0.25), Species("b", dim=3, fraction=0.75)), (Mode("f"),))
    n, m = space.size, np.linspace(-0.4, 0.5, space.size)
    expected = np.zeros((n, n), complex)
    for s in space.species:
        v, own = hermitian_basis(s.dim)[1:], space.part(s)
        table = np.array([[coefficients(a @ b - b @ a) for b in v] for a in v]) / s.fraction
        expected[own, own] = table @ np.concatenate([[1.0], m[own]])
    expected[n - 2, n - 1], expected[n - 1, n - 2] = 1j, -1j
    assert np.abs(space.bracket_values(m) - expected).max() < ROUNDING
    assert space.bracket_values(np.array([m, 0 * m])).shape == (2, n, n)
    l = np.linspace(1, 2, n)
    found = space.brackets_with(l[None]) @ np.concatenate([[1.0], m])
    assert np.abs(found - l @ expected).max() < 10 * ROUNDING
