"""Which studies the formulas of the papers are judged by, from any way of giving the initial state."""

import numpy as np
import pytest

from comparison.claims.benatti_2016.study import magnetisation, pole_covariance
from comparison.claims.papers import printed_claims
from finite_n import FiniteNError, product
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import SYSTEMS, collective_dissipation

NOISE = {"lam": 0.8, "a11": 1.0, "a22": 1.2, "a12": 0.4}
SPINS = collective_dissipation()


def names(system, state, **parameters):
    model = SYSTEMS[system]()
    return [claim.name for claim in printed_claims(system, parameters, as_initial_state(state, model), model)]


@pytest.mark.parametrize(
    ("state", "expected"), [([0.5, 0.2, -0.3], ["magnetisation"]), ([0, 0, 0.4], ["covariance"]), ([0, 0, 0], [])]
)
def test_claims_of_the_common_bath_by_the_initial_state(state, expected):
    assert names("collective_dissipation", state, **NOISE) == expected


def test_claims_of_the_hopfield_network_by_its_rates():
    given = {"omega": 0.3, "beta": 0.8}
    for system, state in (("hopfield", [0, 0.3, 0.4]), ("hopfield_patterns", {"pp": [0, 0, 1], "pm": [0, 0, 1]})):
        assert names(system, state, rates="exponential", **given) == ["printed"]
        assert names(system, state, rates="heat_bath", **given) == []
    assert names("kinetically_constrained", [0, 0, 1]) == []


@pytest.mark.parametrize("form", [list, product, lambda m: {"": m}, lambda m: as_initial_state(m, SPINS)])
def test_a_claim_takes_the_initial_state_in_any_form(form):
    times = np.array([0.0, 0.5])
    own = pole_covariance(form([0, 0, 0.4]), **NOISE).values(times)
    assert own["cov_xx"][0] == pytest.approx(1) and own["cov_yy"][0] == pytest.approx(1)
    m = magnetisation(form([0.5, 0.2, -0.3]), 0.8).values(times)
    assert [m[f"mean_{a}"][0] for a in "xyz"] == pytest.approx([0.5, 0.2, -0.3])
    with pytest.raises(FiniteNError, match="off the pole"):
        magnetisation(form([0, 0, 0.4]), 0.8)
