"""Names of quantities; what a claim is and what it is not."""

import functools

import numpy as np
import pytest

from comparison import Claim
from comparison.referee.claim import derived_claim
from comparison.referee.claimed import read_claim
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
    assert np.allclose(claim.error_of("mean_x", np.array([-3.0, 0.5])), [3e-6, 1e-6])
    assert not np.any(Claim("exact", "by hand", lambda t: {}).error_of("mean_x", np.ones(2)))
    for bad in (-1.0, np.nan, np.inf, "1e-6", True):
        with pytest.raises(FiniteNError, match="claim x: error"):
            Claim("x", "", lambda t: {}, error=bad)


def test_the_derived_limit_is_off_by_less_than_it_says():
    """Against the closed form after ten periods of a rotation about x."""
    t = np.linspace(0, 20, 11)
    turning = derived_claim(Model(1.5 * mx), [0, 0, 1])
    values = turning.values(t)
    gap = np.abs(values["mean_z"] - np.cos(3 * t))
    assert np.all(gap <= turning.error_of("mean_z", values["mean_z"]))
    assert np.all(np.abs(values["cov_yy"] - (1 - np.sin(3 * t) ** 2)) <= turning.error_of("cov_yy", values["cov_yy"]))


def test_a_table_has_times_and_uncertainties():
    claim = Claim(
        "table", "", {"mean_x": [1, 2], "mean_z": [0.5, 0.25]}, 1e-6, [0, 1], {"mean_x": 0.1, "mean_z": [0, 1]}
    )
    assert not claim.per_size and claim.times.tolist() == [0, 1]
    assert np.allclose(claim.error_of("mean_x", claim.values["mean_x"]), [0.1 + 1e-6, 0.1 + 2e-6])
    assert np.allclose(claim.error_of("mean_z", claim.values["mean_z"]), [1e-6, 1 + 1e-6])
    assert np.all(Claim("x", "", lambda t: {}, uncertainty=0.25).uncertainty_of("mean_y", 3) == 0.25)


@pytest.mark.parametrize(
    ("function", "per_size"),
    [
        (lambda t: {}, False),
        (lambda t, N: {}, True),
        (lambda t, order=2: {}, False),
        (lambda *times: {}, False),
        (functools.partial(lambda g, t, N: {}, 0.3), True),
        (functools.partial(lambda t, N: {}, N=3), False),
        (np.sin, False),
    ],
)
def test_a_theory_at_finite_n_is_told_by_its_arguments(function, per_size):
    assert Claim("x", "", function).per_size == per_size


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"values": {"mean_x": [0.0]}}, "give their times"),
        ({"values": {"mean_x": [0.0, 1.0]}, "times": [0.0]}, "mean_x.*one for each time, 1 of them"),
        ({"values": {"mean_x": [np.nan]}, "times": [0.0]}, "finite real"),
        ({"values": {"mean_x": ["a"]}, "times": [0.0]}, "finite real"),
        ({"values": 3}, "a function of times, or of times and N"),
        ({"values": lambda a, b, c: {}}, "a function of times, or of times and N"),
        ({"values": lambda t, *, g: {}}, "a function of times, or of times and N"),
        ({"times": []}, "one or more increasing"),
        ({"times": [1.0, 0.5]}, "one or more increasing"),
        ({"times": [1.0, 1.0]}, "one or more increasing"),
        ({"times": [0.0, np.inf]}, "one or more increasing"),
        ({"times": 1.0}, "one or more increasing"),
        ({"uncertainty": -1e-3}, "uncertainty"),
        ({"uncertainty": np.nan}, "uncertainty"),
        ({"uncertainty": "small"}, "uncertainty"),
        ({"uncertainty": [0.1, 0.1]}, "dict by quantity"),
        ({"uncertainty": {"mean_x": -0.1}}, "mean_x"),
        ({"uncertainty": {"mean_x": [0.1, -0.1]}}, "0 or more"),
        ({"uncertainty": {"mean_x": [0.1]}, "times": [0.0, 1.0]}, "2 of them"),
    ],
)
def test_what_is_no_claim_is_refused(arguments, words):
    with pytest.raises(FiniteNError, match=words):
        Claim(**{"name": "x", "source": "", "values": lambda t: {}} | arguments)


def test_a_table_with_sizes_is_a_theory_at_finite_size():
    table = {"mean_x": [[1, 2, 3], [4, 5, 6]]}
    claim = Claim("x", "", table, times=[0, 1, 2], sizes=[8, 16], uncertainty={"mean_x": np.ones((2, 3))})
    assert claim.per_size and claim.row(16) == 1 and claim.uncertainty_of("mean_x", 3, 8).tolist() == [1, 1, 1]
    said = read_claim(claim, np.array([0.0, 0.5, 1, 2]), np.array([0.0, 2]), ["mean_x"], 16)
    assert np.array_equal(said.values["mean_x"], [4, np.nan, 5, 6], equal_nan=True)
    with pytest.raises(FiniteNError, match="says nothing at N = 12, only at N = 8, 16"):
        read_claim(claim, np.array([0.0, 1, 2]), np.array([0.0, 2]), ["mean_x"], 12)
    with pytest.raises(FiniteNError, match="sizes are for a table"):
        Claim("x", "", lambda t, N: {}, sizes=[8, 16])
    with pytest.raises(FiniteNError, match=r"shape \(1, 3\), one for each of its sizes and times"):
        Claim("x", "", table, times=[0, 1, 2], sizes=[8])
