"""Which averages are states: starts inside, the boundary and its gradient, named and unnamed species alike."""

import numpy as np
import pytest

from finite_n import Mode, Model, Species
from finite_n.systems import dicke_model, hopfield, three_level
from meanfield import Limit, fixed_points, local_dynamics
from meanfield.bifurcations.state_space import boundary, generic_state, physical, starts
from tests.random_general_models import split

MODELS = {
    "one species": hopfield(),
    "a mode": dicke_model(),
    "three levels": three_level(),
    "two species and a mode": Model(species=[Species("a", 3, 0.5), Species("b", 2, 0.5)], modes=[Mode()]),
}


@pytest.mark.parametrize("name", MODELS)
def test_starts_are_states_and_the_boundary_has_its_gradient(name):
    limit = Limit(MODELS[name])
    points = starts(limit, 40, 3)
    assert points.shape == (40, len(limit.axes)) and all(physical(limit, m) for m in points)
    assert np.array_equal(points, starts(limit, 40, 3)) and not np.array_equal(points, starts(limit, 40, 4))
    assert physical(limit, generic_state(limit.model.space))
    for m in points[:5]:
        _, gradient = boundary(limit, m)
        steps = 1e-6 * np.eye(len(m))
        numeric = [(boundary(limit, m + e)[0] - boundary(limit, m - e)[0]) / 2e-6 for e in steps]
        assert np.abs(gradient - numeric).max() < 1e-8


def test_one_species_with_a_name_is_studied_as_without():
    plain, named = hopfield(0.3, 2.0), split(hopfield(0.3, 2.0), (1,))
    for seed in (0, 5):
        assert np.array_equal(starts(Limit(plain), 20, seed), starts(Limit(named), 20, seed))
    first, second = fixed_points(plain, 8), fixed_points(named, 8)
    assert len(first) == len(second) == 3
    assert max(np.abs(a.m - b.m).max() for a, b in zip(first, second, strict=True)) < 1e-12
    maps = [
        local_dynamics(model, state, [0.0, 1.0]) for model, state in ((plain, [0, 0, 1]), (named, {"s0": [0, 0, 1]}))
    ]
    assert np.abs(maps[0].transfer - maps[1].transfer).max() < 1e-12
    assert repr(maps[0]).replace("(x", "(s0.x").replace(", y", ", s0.y").replace(", z", ", s0.z") == repr(maps[1])
