"""Three-level atoms: the full space, and what is known of them."""

import numpy as np
import pytest

from finite_n.evolve_products import evolve_products
from finite_n.systems import three_level
from finite_n.systems.three_level import unit
from tests.brute_force_general import GeneralBruteForce

FULL = 1e-9  # the reference integrates with 1e-12; populations are of order one


@pytest.mark.parametrize("parameters", [{}, {"control": 0.7, "offset": 2.0}, {"self_energy": True, "detuning": 0.4}])
@pytest.mark.parametrize("N", [1, 2, 3])
def test_it_is_the_model_on_all_particles(parameters, N):
    model, times = three_level(**parameters), [0, 0.5, 1.5]
    result = evolve_products(model, N, unit("g", "g"), times)
    full = GeneralBruteForce(model, N)
    rho = full.product_state({"": unit("g", "g").astype(complex)})
    for k in (1, 2):
        rho = full.evolve(rho, times[k] - times[k - 1])
        assert np.abs(result.means[k] - full.means(rho)).max() < FULL
        assert np.abs(result.second[k] - full.second(rho)).max() < FULL


def test_a_blockade_hinders_and_an_offset_helps():
    def excited(**parameters):
        model = three_level(omega=2.0, leak=0.1, **parameters)
        observable = {"r": model.species[0].average(unit("r", "r"))}
        return evolve_products(model, 8, unit("g", "g"), [0, 6.0], observable, check=False).expect["r"][-1].real

    assert excited(shift=20.0) < 0.85 * excited(shift=0.0)
    assert excited(offset=3.0, shift=12.0) > 1.1 * excited(offset=3.0, shift=0.0)


def test_without_drive_the_ground_state_is_dark():
    result = evolve_products(three_level(omega=0.0), 6, unit("g", "g"), [0, 4.0])
    assert np.abs(result.means[-1] - result.means[0]).max() < FULL
