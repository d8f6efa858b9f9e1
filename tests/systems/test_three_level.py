"""Three-level atoms: the full space, and what is known of them."""

import numpy as np
import pytest

from comparison import Study
from finite_n import evolve
from finite_n.systems import three_level
from finite_n.systems.three_level import unit
from tests.brute_force_general import GeneralBruteForce

FULL = 1e-9  # the reference integrates with 1e-12; populations are of order one


@pytest.mark.parametrize("parameters", [{}, {"control": 0.7, "offset": 2.0}, {"self_energy": True, "detuning": 0.4}])
@pytest.mark.parametrize("N", [1, 2, 3])
def test_it_is_the_model_on_all_particles(parameters, N):
    model, times = three_level(**parameters), [0, 0.5, 1.5]
    result = evolve(model, N, unit("g", "g"), times)
    full = GeneralBruteForce(model, N)
    rho = full.product_state({"": unit("g", "g").astype(complex)})
    for k in (1, 2):
        rho = full.evolve(rho, times[k] - times[k - 1])
        assert np.abs(result.means[k] - full.means(rho)).max() < FULL
        assert np.abs(result.second_moments[k] - full.second(rho)).max() < FULL


def test_a_blockade_hinders_and_an_offset_helps():
    def excited(**parameters):
        model = three_level(omega=2.0, leak=0.1, **parameters)
        observable = {"r": model.species[0].average(unit("r", "r"))}
        return evolve(model, 8, unit("g", "g"), [0, 6.0], observable, check=False).e_data["r"][-1].real

    assert excited(shift=20.0) < 0.85 * excited(shift=0.0)
    assert excited(offset=3.0, shift=12.0) > 1.1 * excited(offset=3.0, shift=0.0)


def test_without_drive_the_ground_state_is_dark():
    result = evolve(three_level(omega=0.0), 6, unit("g", "g"), [0, 4.0])
    assert np.abs(result.means[-1] - result.means[0]).max() < FULL


@pytest.mark.parametrize(
    ("parameters", "sizes"),
    [({}, [6, 8, 12, 16, 24, 32]), ({"control": 0.5, "shift": 1.0}, [3, 4, 6, 8, 12])],
    ids=["no coherence with r", "all coherences"],
)
def test_mean_field_and_covariance_are_confirmed_in_every_entry(parameters, sizes):
    """8 averages and 36 covariances of the Gell-Mann matrices, at 1e-4."""
    start = np.diag([0.6, 0.3, 0.1]).astype(complex)
    start[0, 1] = start[1, 0] = 0.2
    study = Study(three_level(**parameters), start, np.linspace(0, 0.5, 3), sizes, accuracy=1e-4, tol=1e-8)
    verdicts = study.run().verdicts
    assert len(verdicts) == 44
    assert {v.status for v in verdicts} == {"confirmed"}, [str(v) for v in verdicts if v.status != "confirmed"]
