"""Names of quantities."""

import numpy as np
import pytest

from comparison import Claim
from comparison.referee.claim import derived_claim
from comparison.referee.quantities import covariance_names, mean_names, named_quantities
from finite_n import Field, FiniteNError, Mode, Model, Species, mx, mz


def test_names_of_a_single_species():
    space = Model(mx).space
    assert mean_names(space) == ("mean_x", "mean_y", "mean_z")
    assert covariance_names(space) == ("cov_xx", "cov_xy", "cov_xz", "cov_yy", "cov_yz", "cov_zz")
    covariance = np.arange(9.0).reshape(1, 3, 3)
    assert named_quantities(np.zeros((1, 3)), covariance)["cov_yz"] == [5]


def test_names_of_several_parts():
    a, b, field = Species("a", fraction=0.5), Species("b", dim=3, fraction=0.5), Mode("field")
    space = Model(species=[a, b], modes=[field]).space
    names = covariance_names(space)
    assert mean_names(space)[3] == "mean_b.v1" and "cov_a.x_field.phi" in names
    assert len(names) == len(set(names)) == 13 * 14 // 2


def test_the_derived_limit_names_everything():
    field = Mode("field")
    model = Model(0.5 * mz + mx * field.phi, modes=[field])
    values = derived_claim(model, {"": [0, 0, 1], "field": Field(beta=1)}).values(np.array([0, 0.5]))
    assert len(values) == 5 + 15 + 2
    assert values["first_field.phi"][0] == np.sqrt(2) and values["cov_field.phi_field.phi"][0] == 0.5
    assert values["cov_x_y"].shape == (2,)


def test_a_claim_knows_how_far_its_values_may_be_off():
    claim = Claim("integrated", "by hand", lambda t: {"mean_x": t}, error=1e-6)
    assert np.allclose(claim.error_of(np.array([-3.0, 0.5])), [3e-6, 1e-6])
    assert not np.any(Claim("exact", "by hand", lambda t: {}).error_of(np.ones(2)))
    for bad in (-1.0, np.nan, np.inf, "1e-6", True):
        with pytest.raises(FiniteNError, match="claim x: error"):
            Claim("x", "", lambda t: {}, error=bad)


def test_the_derived_limit_is_off_by_less_than_it_says():
    """Against the closed form after ten periods of a rotation about x."""
    t = np.linspace(0, 20, 11)
    turning = derived_claim(Model(1.5 * mx), [0, 0, 1])
    values = turning.values(t)
    gap = np.abs(values["mean_z"] - np.cos(3 * t))
    assert np.all(gap <= turning.error_of(values["mean_z"]))
    assert np.all(np.abs(values["cov_yy"] - (1 - np.sin(3 * t) ** 2)) <= turning.error_of(values["cov_yy"]))
