"""What a Gaussian says of fluctuations, how they are read, and limits of series that begin with N^−½."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

from comparison.referee.claimed import Claimed
from comparison.referee.extrapolation import extrapolate_each
from comparison.referee.fluctuation import (
    Fluctuation,
    first_powers,
    gaussian_distance,
    kinds_of,
    read_fluctuations,
    with_fluctuations,
)
from comparison.referee.judging import Evidence
from comparison.referee.prediction import predict
from comparison.referee.slopes import fitted_slopes
from comparison.referee.witnesses import WITHIN, remainder_weights, witnessed_limit
from finite_n import Field, FiniteNError, Mode, Species
from finite_n.model.species import SINGLE, Space

pytestmark = pytest.mark.rounding

SIZES = [10, 20, 40, 80]
ALL = ["characteristic", "cumulants", "distance"]
TWO = Space([Species("a", fraction=0.5), Species("b", fraction=0.5)], [Mode("field")])


def test_directions_are_read_by_letter_and_by_label():
    by_number, by_label = read_fluctuations({"f": [0.2, 0, 0.6], "g": {"x": 0.2, "z": 0.6}}, SINGLE)
    assert by_number.r == by_label.r == (0.2, 0.0, 0.6)
    assert by_number.variance == pytest.approx({"cov_xx": 0.04, "cov_xz": 0.24, "cov_zz": 0.36})
    assert by_number.quantities == ["re_chi_f", "im_chi_f", "kappa3_f", "kappa4_f"]
    (one,), (both,) = (read_fluctuations({"h": r}, TWO) for r in ({"b.z": 1.0}, {"b.z": 1.0, "field.phi": 0.5}))
    assert one.quantities == ["re_chi_h", "im_chi_h", "kappa3_h", "kappa4_h"]
    assert both.quantities == ["re_chi_h", "im_chi_h"] and both.variance["cov_b.z_field.phi"] == 1.0
    (every,) = read_fluctuations({"d": Fluctuation([0, 0, 1.0], ALL)}, SINGLE)
    assert kinds_of([every]) == [
        ("characteristic functions", ["re_chi_d", "im_chi_d"]),
        ("cumulants", ["kappa3_d", "kappa4_d"]),
        ("distances from the Gaussian", ["distance_d"]),
    ]
    names = ["mean_x", *every.quantities]
    assert first_powers(names, [every], 1.0).tolist() == [[1, 1], [1, 1], [0.5, 1], [0.5, 1], [1, 1], [0.5, 0.5]]
    assert first_powers(names, [every], 0.5) is None and first_powers(names, [], 1.0) is None


@pytest.mark.parametrize(
    ("given", "space", "words"),
    [
        ([0, 0, 1.0], SINGLE, "a dict by name"),
        ({"f": [0, 1.0]}, SINGLE, "one number for each of x, y, z"),
        ({"f": [0, 0, 0]}, SINGLE, "not 0"),
        ({"f": [[0, 0, 1.0]]}, SINGLE, "one direction"),
        ({"f": {"w": 1.0}}, SINGLE, "'w'|«w»"),
        ({"f": {"z": "1"}}, SINGLE, "finite real number"),
        ({"two words": [0, 0, 1.0]}, SINGLE, "a word"),
        ({"f": Fluctuation([0, 0, 1.0], ["variance"])}, SINGLE, "choose of characteristic, cumulants, distance"),
        ({"f": Fluctuation([0, 0, 1.0], [])}, SINGLE, "choose of"),
        ({"f": Fluctuation({"a.z": 1.0, "b.z": 1.0}, "cumulants")}, TWO, "one two-level species"),
        ({"f": Fluctuation([0, 0, 1.0], between=[[0, 0, 1.0]])}, SINGLE, "two directions"),
        ({"f": Fluctuation([0, 0, 1.0], "cumulants", [[0, 0, 1.0], 0])}, SINGLE, "leave quantities out"),
        ({"f": Fluctuation([0, 0, 1.0], between=([0, 1.0], 0))}, SINGLE, "for each of x, y, z"),
        ({"f": Fluctuation([0, 0, 1.0], ["product"])}, SINGLE, "choose of"),
        ({"f": {"v1": 1.0}}, Space([Species(dim=3)], []), "levels"),
        ({"f": Field()}, SINGLE, "fluctuation f"),
    ],
)
def test_bad_input_is_refused(given, space, words):
    with pytest.raises(FiniteNError, match=words):
        read_fluctuations(given, space)


@pytest.mark.parametrize(("v", "w"), [(1.0, 2.0), (2.0, 1.0), (0.3, 0.31), (1.0, 50.0)])
def test_the_distance_of_two_gaussians_is_the_largest(v, w):
    def minus(x):
        return -abs(ndtr(x / np.sqrt(v)) - ndtr(x / np.sqrt(w)))

    found = minimize_scalar(minus, bounds=(0, 10 * np.sqrt(max(v, w))), method="bounded", options={"xatol": 1e-10})
    assert gaussian_distance(np.array([v]), np.array([w]))[0] == pytest.approx(-found.fun, abs=1e-12)


def test_the_distance_of_gaussians_that_are_close_or_have_no_width():
    one = np.ones(4)
    close = gaussian_distance(one, 1 + np.array([1e-12, 0.99e-8, 1.01e-8, 1e-4]))
    assert close[:3] == pytest.approx(np.array([1e-12, 0.99e-8, 1.01e-8]) * 0.1209853622595717, rel=1e-6)
    assert close[3] == pytest.approx(1e-4 * 0.12098, rel=1e-3)
    assert gaussian_distance(np.array([0, 0, 1, np.nan]), np.array([0, 1, 0, 1.0])) == pytest.approx(
        [0, 0.5, 0.5, np.nan], nan_ok=True
    )


def test_a_claim_with_covariances_states_its_gaussian():
    (d,) = read_fluctuations({"f": Fluctuation({"z": 2.0}, ALL)}, SINGLE)
    v, width = np.array([0.5, 0.25, np.nan]), np.array([0.1, 0.0, np.nan])
    zero = np.zeros(3)
    said = Claimed({"cov_zz": v}, {"cov_zz": zero}, {"cov_zz": width})
    found = with_fluctuations(said, [d], {"cov_zz": np.array([0.5, 0.5, 0.5])})
    assert found.values["re_chi_f"] == pytest.approx(np.exp([-1.0, -0.5, np.nan]), nan_ok=True)
    assert found.values["kappa3_f"] == pytest.approx([0, 0, np.nan], nan_ok=True)
    assert found.values["distance_f"][:2] == pytest.approx([0, float(gaussian_distance(1.0, 2.0))])
    # a variance of 2 ± 0.4: the farther end of e^{−v/2}
    assert found.uncertainties["re_chi_f"][:2] == pytest.approx([np.exp(-0.8) - np.exp(-1.0), 0])
    assert found.errors["re_chi_f"][:2] == pytest.approx([0, 0]) and found.uncertainties["kappa4_f"][0] == 0

    own = Claimed(said.values | {"kappa3_f": np.ones(3)}, said.errors | {"kappa3_f": zero}, said.uncertainties)
    assert with_fluctuations(own, [d], said.values).values["kappa3_f"] is own.values["kappa3_f"]
    other = Claimed({"cov_xx": v}, {"cov_xx": zero}, {"cov_xx": zero})
    assert "re_chi_f" not in with_fluctuations(other, [d], said.values).values


def series(first: float, a, sizes=SIZES):
    """a_0 + N^−first (a_1 + a_2/N + …), (n, 1, 1)."""
    N = np.array(sizes, float)
    return (a[0] + N**-first * sum(x * N**-k for k, x in enumerate(a[1:])))[:, None, None]


def test_series_that_begin_with_the_root_have_their_limits_too():
    """Beside one in 1/N: with the first term derived, and by the exact numbers alone in all powers of N^−½."""
    a = [0.3, -2.0, 1.5, -4.0, 3.0]
    values = np.concatenate([series(1.0, a), series(0.5, a)], axis=2)
    powers, errors = np.array([[1, 1], [0.5, 1]]), np.full(values.shape, 1e-12)
    derived = np.full((3, 1, 2), np.nan)
    derived[0] = a[0]
    e = witnessed_limit(SIZES, values, errors, derived, 1.0, powers)
    assert np.all(e.state == WITHIN) and e.expected.tolist() == [[1, 0.5]]
    assert np.all(np.abs(e.value - a[0]) <= e.error) and np.all(e.error < 1e-2)
    assert e.order[0] == pytest.approx([1, 0.5], abs=0.05)
    alone = extrapolate_each(SIZES, values, errors, 1.0, powers)
    assert np.all(np.abs(alone.value - a[0]) <= alone.error) and np.all(alone.error < 0.3)
    slope, error = fitted_slopes(SIZES, values, errors, 1.0, powers)
    assert slope[0] == pytest.approx([a[1], a[1]], abs=0.1) and np.all(np.abs(slope - a[1]) <= error)
    evidence = Evidence(SIZES, np.array([1.0]), ["e", "o"], values, errors, e, 1e-4, 1.0, derived, powers)
    truth = [series(p, a, [160])[0, 0, 0] for p in (1.0, 0.5)]
    for found, allowed in ((predict(evidence, 160), 1e-3), (predict(evidence, 10**8), 2e-3)):
        wanted = truth if found.N == 160 else [a[0], a[0] + a[1] * 1e-4]
        assert np.all(np.abs(found.value[0] - wanted) <= found.error[0]) and np.all(found.error < allowed)


def test_weights_remove_the_powers_that_follow_a_root():
    w, N = remainder_weights(SIZES, 0.5, 1.0), np.array(SIZES, float)
    assert w.sum() == pytest.approx(1.0, abs=1e-12)
    assert all(abs(w @ N**-k) < 1e-12 for k in (0.5, 1.5, 2.5))
