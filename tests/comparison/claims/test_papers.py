"""Which studies the formulas of the papers are judged by, from any way of giving the initial state."""

import numpy as np
import pytest

from comparison.claims.benatti_2016.study import magnetisation, pole_covariance
from comparison.claims.merkli_2018.study import free_particles, reservoir
from comparison.claims.papers import printed_claims
from comparison.referee.quantities import covariance_indices, covariance_names
from finite_n import Field, FiniteNError, product
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import SYSTEMS, collective_dissipation, energy_conserving
from meanfield import Limit

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


CLOSED = {"omega0": 1.0, "nu": 0.8, "coupling": 0.25, "loss": 0.0}


@pytest.mark.parametrize(
    ("system", "state", "changed", "expected"),
    [
        ("dicke_model", [0, 0, -0.4], {}, ["free particles"]),
        ("dicke_model", [0.1, 0, -0.4], {}, []),  # odd moments of σx
        ("dicke_model", [0, 0, -0.4], {"loss": 0.1}, []),
        ("dicke_model", [0, 0, -0.4], {"emission": 0.1}, []),
        ("energy_conserving", [0.6, 0.3, 0], {}, ["free particles", "reservoir"]),
        ("energy_conserving", [0.6, 0, 0.5], {}, []),  # odd moments of σz
        ("energy_conserving", {"": [0.6, 0, 0], "field": Field(alpha=0.1)}, {}, []),
    ],
)
def test_claims_of_light_and_matter_where_odd_moments_vanish(system, state, changed, expected):
    assert names(system, state, **CLOSED | changed) == expected


def test_the_printed_reservoir_has_twice_the_displacement_of_the_derived_limit():
    nu, coupling, times = [0.8, 1.7], [0.3, 0.2], np.array([0.0, 1.0, 3.0])
    model = energy_conserving(nu=nu, coupling=coupling)
    start = as_initial_state({"": [0.6, 0.3, 0], "field1": Field(thermal=0.7)}, model)
    printed = reservoir(start, np.array(nu), np.array(coupling)).values(times)
    limit = Limit(model).evolve(start, times)
    still = Limit(energy_conserving(nu=nu, coupling=[0.0, 0.0])).evolve(start, times)
    names = dict(zip(covariance_names(model.space), covariance_indices(model.space), strict=True))
    assert len(printed) == 10
    for name, values in printed.items():
        a, b = names[name]
        free = still.covariance[:, a, b]
        assert values == pytest.approx(free + 2 * (limit.covariance[:, a, b] - free), abs=1e-10)


def test_free_particles_are_those_of_the_derived_limit():
    model, times = energy_conserving(omega0=0.7), np.array([0.5, 1.0, 3.0])
    start = as_initial_state([0.6, 0.3, 0], model)
    means = Limit(model).evolve(start, times).means
    values = free_particles(start, 0.7).values(times)
    assert np.transpose([values[f"mean_{a}"] for a in "xyz"]) == pytest.approx(means[:, :3], abs=1e-10)


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
