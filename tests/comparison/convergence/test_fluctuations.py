"""Fluctuations beyond their covariance: how they become Gaussian, and which Gaussian it is."""

import numpy as np
import pytest

from comparison import compare_fluctuations
from comparison.claims.fiorelli_2024.study import printed_covariance
from comparison.referee.quantities import covariance_indices, covariance_names
from finite_n import Field, FiniteNError, Model, Species, mz
from finite_n.systems import collective_dissipation, dicke_model, hopfield
from meanfield import Limit

NETWORK, START, TIMES, R = hopfield(0.3, 0.8), [0, 0.3, 0.4], [0, 0.75, 1.5], [0.2, 0.5, 0.6]


@pytest.fixture(scope="module")
def network():
    return compare_fluctuations(NETWORK, START, TIMES, [16, 32, 64, 128], R)


def test_the_network_becomes_gaussian_at_the_rates_of_the_central_limit(network):
    """With their errors from leaving a size out, below 0.02."""
    found = {what: network.rate(what) for what in ("real", "imaginary", "third", "fourth")}
    for what, expected in (("real", 1), ("imaginary", 0.5), ("third", 0.5), ("fourth", 1)):
        assert found[what].asymptotic == pytest.approx(expected, abs=3 * found[what].asymptotic_error), what
        assert found[what].asymptotic_error < 0.02


def test_it_goes_to_the_derived_gaussian_and_not_to_the_printed_one(network):
    """Eq. 59 as printed leaves out the derivative of the rates: its variance is off by half at t = 1.5."""
    derived = Limit(NETWORK).evolve(START, TIMES).covariance
    assert network.judge("derived", derived).status == "confirmed"
    values, printed = printed_covariance(START, 0.3, 0.8).values(np.array(TIMES)), np.zeros_like(derived)
    for name, (a, b) in zip(covariance_names(NETWORK.space), covariance_indices(NETWORK.space), strict=True):
        printed[:, a, b] = printed[:, b, a] = values[name]
    assert printed[0] == pytest.approx(derived[0], abs=1e-12)  # both begin with the state
    verdict = network.judge("printed", printed)
    assert verdict.status == "refuted" and verdict.gap > 0.05
    percent = derived + 0.01 * np.diag([0, 0, derived[-1, 2, 2]])
    assert network.judge("1 %", percent, accuracy=1e-4).status == "refuted"


def test_independent_spins_have_closed_forms():
    """κ_3 and κ_4 of N spins are those of one over √N and N: of ±1 with mean z, −2z(1 − z²), −2(1 − z²)(1 − 3z²)."""
    z, sizes = 0.4, [10, 20, 40, 80]
    found = compare_fluctuations(Model(0.3 * mz), [0, 0, z], [0, 1.0], sizes, [0, 0, 1.0])
    N = np.array(sizes, float)[:, None]
    assert found.third == pytest.approx(-2 * z * (1 - z * z) / np.sqrt(N) * np.ones(2), abs=1e-8)
    assert found.fourth == pytest.approx(-2 * (1 - z * z) * (1 - 3 * z * z) / N * np.ones(2), abs=1e-7)
    one = (1 + z) / 2 * np.exp(1j * (1 - z) / np.sqrt(N)) + (1 - z) / 2 * np.exp(-1j * (1 + z) / np.sqrt(N))
    assert found.exact == pytest.approx(one**N * np.ones(2), abs=1e-10)
    assert found.extrapolation.value == pytest.approx(np.exp(-(1 - z * z) / 2) * np.ones(2), abs=1e-6)


def test_letters_of_several_owners_have_no_cumulants_but_a_characteristic_function():
    """Spins beside a field that they do not see: the product of both, and the Gaussian of the field alone."""
    found = compare_fluctuations(
        dicke_model(1.0, 0.8, 0.0), {"": [0, 0, 0.4], "field": Field()}, [0, 0.5], [4, 8, 16, 32], [0, 0, 1.0, 0.7, 0]
    )
    spins = compare_fluctuations(Model(0.5 * mz), [0, 0, 0.4], [0, 0.5], [4, 8, 16, 32], [0, 0, 1.0])
    assert found.exact == pytest.approx(spins.exact * np.exp(-(0.7**2) / 4), abs=1e-8)
    assert np.all(np.isnan(found.third)) and "κ₃" not in repr(found)
    with pytest.raises(FiniteNError, match="one two-level species"):
        found.rate("third")


def test_collective_dissipation_becomes_gaussian_too():
    found = compare_fluctuations(collective_dissipation(), [0.5, 0.2, -0.3], [0, 1.0], [16, 32, 64, 128], R)
    assert found.extrapolation.value[-1].real == pytest.approx(found.limit[-1], abs=2 * found.extrapolation.error[-1])
    assert found.extrapolation.error[-1] < 1e-4
    assert found.rate("imaginary").asymptotic == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"r": [1.0, 0]}, "one number for each of x, y, z"),
        ({"r": [0, 0, 0]}, "not 0"),
        ({"r": [[0, 0, 1.0], [1.0, 0, 0]]}, "one direction"),
        ({"sizes": [4, 8]}, "four"),
        ({"model": "hopfield"}, r"give a finite_n\.Model"),
        (
            {"model": Model(Species("q", dim=3).average(np.eye(3)), species=[Species("q", dim=3)])},
            "letter|state|for each",
        ),
    ],
)
def test_bad_input_is_refused(change, words):
    given = {"model": NETWORK, "rho0": START, "tlist": TIMES, "sizes": [4, 6, 8, 12], "r": R} | change
    with pytest.raises(FiniteNError, match=words):
        compare_fluctuations(**given)


def test_claims_of_another_shape_and_unknown_rates_are_refused(network):
    with pytest.raises(FiniteNError, match="covariance"):
        network.judge("wrong", np.eye(3))
    with pytest.raises(FiniteNError, match="give one of real, imaginary, third, fourth"):
        network.rate("fifth")
