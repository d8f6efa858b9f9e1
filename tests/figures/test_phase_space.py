"""Phase space: the numbers that are drawn are normalised, decay as closed forms, and lie where the limit is."""

import numpy as np
import pytest

from figures.frame.figure import figure_script
from figures.phase_space import gaussian_photons
from tests.figures.drawn import check_look
from tests.figures.small_data import small_data


@pytest.fixture(scope="module")
def data():
    times = np.linspace(0, 0.12, 3)
    return small_data(
        "phase_space", SPINS=8, SIZES=(4, 8), TIMES=times, ANGLES=(40, 60), ATOMS=4, CUTOFF=16, UNTIL=30.0
    )


def test_functions_on_the_sphere(data):
    """∫ dΩ = 1; dephasing scales the fringes, and changes Q by less than 2^−N of its norm."""
    weight = np.sin(data["theta"]) * (np.pi / 40) * (2 * np.pi / 60)
    for name in ("cat_Q", "cat_W"):
        assert (data[name] * weight).sum(["theta", "phi"]).values == pytest.approx([1, 1], abs=3e-3)  # of 40 × 60 cells
    assert float(np.abs(data["cat_Q"][0] - data["cat_Q"][1]).max()) < 9 / (4 * np.pi) / 2**8
    cat, dephased = data["cat_W"].values
    mixed = cat.mean(axis=-1, keepdims=True)  # fringes average out
    assert cat.min() < -0.3 and dephased - mixed == pytest.approx(data.attrs["left"] * (cat - mixed), abs=1e-7)


def test_fringes_decay_as_those_of_independent_spins(data):
    wanted = np.exp(-2 * data["N"] * data["time"])
    assert np.abs(data["fringes"] - wanted).max() < 1e-7


def test_light(data):
    """Two lobes about ±√N of the limit, and photon numbers of norm one."""
    light, x = data["light"].values, data["x"].values
    step = x[1] - x[0]
    assert light.sum() * step**2 == pytest.approx(1, abs=1e-6)
    assert light == pytest.approx(light[::-1, ::-1], abs=1e-8)  # parity
    assert float(data["photons"].sum()) == pytest.approx(1, abs=1e-6)
    p, q = (data[k].values[i] for k, i in zip("px", np.unravel_index(light.argmax(), light.shape), strict=True))
    centre = np.sqrt(4) * data["centre"].values
    assert np.abs(np.abs([q, p]) - np.abs(centre)).max() < 0.35  # a correction of order 1/√N
    # ν = κ/2 = 1: the drift vanishes where φ = π = −λ m_x/2, m_z = −(λ_c/λ)², λ_c = 1
    assert data["centre"].values == pytest.approx(-0.8 * np.sqrt(1 - 1 / 1.6**4), abs=1e-7)
    # of an evolution that begins elsewhere
    assert data["covariance"].values == pytest.approx(np.array([[0.54500, 0.04500], [0.04500, 0.54500]]), abs=1e-4)


def test_photons_of_gaussians():
    """Coherent light is Poissonian, thermal light geometric."""
    n = np.arange(12)
    poisson = np.exp(-2.0) * 2.0**n / np.cumprod([1, *n[1:]])
    assert gaussian_photons(np.array([1.2, 1.6]), np.eye(2) / 2, n) == pytest.approx(poisson, abs=1e-12)
    assert gaussian_photons(np.zeros(2), 1.5 * np.eye(2), n) == pytest.approx(0.5 ** (n + 1), abs=1e-10)


def test_the_figure(data):
    check_look(figure_script("phase_space").draw(data))
