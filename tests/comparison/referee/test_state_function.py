"""Functions of the state as quantities: how they are read, what claims say of them, and the first term of
squeezing."""

import numpy as np
import pytest

from comparison.referee.claimed import Claimed
from comparison.referee.implied_functions import with_state_functions
from comparison.referee.quantities import named_quantities
from comparison.referee.state_function import (
    KINDS,
    StateFunction,
    as_data,
    from_data,
    read_state_functions,
)
from finite_n import FiniteNError, Mode, Species, mx, mz
from finite_n.model.species import SINGLE, Space
from finite_n.model.squeezing import squeezing, squeezing_slope
from meanfield import entropy

LIGHT = Mode("light")
ATOMS = Space([Species()], [LIGHT])
TWO = Space([Species("a", fraction=0.5), Species("b", fraction=0.5)], [])
SYMMETRIC = np.ones((2, 1), bool)


def test_they_are_read_by_kind_and_by_part():
    given = {
        "xi2": "squeezing",
        "S": StateFunction("entropy", of="light"),
        "EN": StateFunction("negativity", of=LIGHT),
        "I": StateFunction("fisher_information_per_particle", generator=mx / 2 + LIGHT.number),
    }
    xi, S, EN, fisher = read_state_functions(given, ATOMS)
    assert (xi.of, S.of, EN.of, EN.other) == (("",), ("light",), ("light",), ("",))
    assert not xi.needs_states and S.needs_states
    assert "light" in S.text and "σx" in fisher.text
    for f in (xi, S, EN, fisher):
        assert from_data(as_data(f)) == f
    assert read_state_functions({k: k for k in KINDS[:1]}, SINGLE)[0].name == "squeezing"
    assert read_state_functions(None, SINGLE) == []


@pytest.mark.parametrize(
    ("given", "space", "words"),
    [
        (["squeezing"], SINGLE, "a dict by name"),
        ({"two words": "squeezing"}, SINGLE, "a word"),
        ({"S": "entropie"}, SINGLE, "choose of squeezing"),
        ({"F": "quantum_fisher_information"}, SINGLE, 'grows with N, so take "fisher_information_per_particle"'),
        ({"n": "pair_negativity"}, SINGLE, 'falls as 1/N, so take "pair_negativity_times_N"'),
        ({"S": StateFunction("entropy", of="heavy")}, SINGLE, "neither a species nor a mode"),
        ({"S": StateFunction("entropy", of=["light", "light"])}, ATOMS, "each once"),
        ({"S": StateFunction("entropy_per_particle", of="light")}, ATOMS, "no particles"),
        ({"S": StateFunction("entropy", generator=mz)}, SINGLE, "leave it out"),
        ({"F": StateFunction("fidelity", of="light")}, ATOMS, "leave it out"),
        ({"I": StateFunction("fisher_information_per_particle")}, SINGLE, "generator is missing"),
        ({"I": StateFunction("fisher_information_per_particle", generator="mz")}, SINGLE, "a polynomial of averages"),
        ({"I": StateFunction("fisher_information_per_particle", generator=1j * mz)}, SINGLE, "not Hermitian"),
        ({"I": StateFunction("fisher_information_per_particle", generator=LIGHT.phi)}, SINGLE, "not an average"),
        ({"xi": "squeezing"}, TWO, "say which species"),
        ({"EN": "negativity"}, TWO, "between which parts"),
        ({"EN": StateFunction("negativity", of="a", other="a")}, TWO, "different species or modes"),
        ({"EN": StateFunction("negativity", of="")}, SINGLE, "different species or modes"),
        ({"xi": "squeezing"}, Space([Species(dim=3)], []), "3 levels"),
        ({"g": "g2_zero"}, SINGLE, "give one mode: the model has none"),
        ({"g": StateFunction("g2_zero", of="")}, ATOMS, "give one mode: 'light'"),
        ({"xi": 3}, SINGLE, "kind = 3"),
        ({"L": StateFunction("fidelity", other=np.array([0, 0, 1.0]))}, SINGLE, 'give "start"'),
    ],
)
def test_bad_input_is_refused(given, space, words):
    with pytest.raises(FiniteNError, match=words):
        read_state_functions(given, space)


def claimed(m, sigma, space, width=0.0, names=None):
    values = named_quantities(np.array(m), np.array(sigma), space)
    values = {q: x for q, x in values.items() if names is None or q.startswith(names)}
    zero = {q: np.zeros(len(x)) for q, x in values.items()}
    return Claimed(values, zero, {q: np.full(len(x), width * (q == "cov_xx")) for q, x in values.items()})


def test_a_claim_states_them_by_its_averages_and_covariances():
    """ξ² = 0.5/0.8² with σ_xx smallest; ± 0.1 of it with that of σ_xx; of covariances alone with derived averages."""
    functions = read_state_functions({"xi": "squeezing", "s": "entropy_per_particle"}, SINGLE)
    m, sigma = [[0, 0, 0.8], [0, 0, 0.8]], [np.diag([0.5, 1.5, 0.3])] * 2
    arguments = (functions, SINGLE, ~SYMMETRIC)
    found = with_state_functions(claimed(m, sigma, SINGLE, 0.064), *arguments, {})
    assert found.values["xi"] == pytest.approx([0.5 / 0.64] * 2, abs=1e-12)
    assert found.uncertainties["xi"] == pytest.approx([0.1] * 2, abs=1e-12)
    assert found.uncertainties["s"] == pytest.approx([0, 0]) and found.errors["xi"] == pytest.approx([0, 0])
    derived = named_quantities(np.array(m), np.array(sigma), SINGLE)
    alone = with_state_functions(claimed(m, sigma, SINGLE, names="cov"), *arguments, derived)
    assert alone.values["xi"] == pytest.approx(found.values["xi"]) and "s" not in alone.values
    assert not any(q.startswith("mean") for q in alone.values)
    assert with_state_functions(claimed(m, sigma, SINGLE, names="mean"), *arguments, derived).values.keys() == {
        "mean_x",
        "mean_y",
        "mean_z",
    }


def test_what_is_no_state_has_no_entropy_and_times_without_values_none():
    functions = read_state_functions({"S": StateFunction("entropy", of="light")}, ATOMS)
    sigma = np.array([np.diag([1, 1, 0, v, 0.5]) for v in (0.9, 0.2)])  # the second is below the vacuum
    found = with_state_functions(claimed(np.eye(5)[[2, 2]], sigma, ATOMS), functions, ATOMS, SYMMETRIC, {})
    assert found.values["S"][0] == pytest.approx(entropy(np.diag([0.9, 0.5])), abs=1e-12)
    assert np.isnan(found.values["S"][1])
    sigma[0, 3, 3] = np.nan
    found = with_state_functions(claimed(np.eye(5)[[2, 2]], sigma, ATOMS), functions, ATOMS, SYMMETRIC, {})
    assert "S" not in found.values


@pytest.mark.parametrize("degenerate", [False, True])
def test_the_slope_of_squeezing_is_that_of_its_values(degenerate):
    rng = np.random.default_rng(1)
    m, c, a, b = rng.normal(size=3) * 0.4, rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    sigma, C, n = np.eye(3) + 0.2 * (a + a.T), b + b.T, m / np.linalg.norm(m)
    sigma = np.eye(3) - 0.3 * np.outer(n, n) if degenerate else sigma
    steps = np.array([1e-5, 2e-5])
    values = squeezing(m + steps[:, None] * c, sigma + steps[:, None, None] * C, SINGLE)
    start = squeezing(m, sigma, SINGLE)
    slope = 2 * (values[0] - start) / steps[0] - (values[1] - start) / steps[1]
    assert squeezing_slope(m, sigma, c, C, SINGLE) == pytest.approx(slope, rel=1e-6)


def test_covariances_of_no_state_say_nothing_of_its_state():
    functions = {"I": StateFunction("fisher_information_per_particle", generator=mx / 2), "F": "fidelity"}
    none = claimed([[0, 0, 0.8]] * 2, [np.zeros((3, 3)), np.diag([1.0, -1.0, 0.3])], SINGLE)
    found = with_state_functions(none, read_state_functions(functions, SINGLE), SINGLE, ~SYMMETRIC, {})
    assert not functions.keys() & found.values.keys()
    no_length = claimed([[0, 0, 0.8]], [np.diag([1.0, 1.0, 0.0])], SINGLE)
    found = with_state_functions(no_length, read_state_functions(functions, SINGLE), SINGLE, ~SYMMETRIC[:1], {})
    assert found.values["I"] == pytest.approx([0.64]) and "F" not in found.values


@pytest.mark.parametrize(("width", "off"), [(0.0, 3e-5), (5e-5, 3e-5), (0.0, 0.1)])
def test_rounded_averages_do_not_say_that_the_start_is_left(width, off):
    """Fidelity with the start jumps to 0 where averages differ, g²(0) to 1 where there is an amplitude of order √N."""
    functions = {"L": StateFunction("fidelity", other="start"), "g": StateFunction("g2_zero", of="light")}
    m, sigma = np.zeros((2, 5)), np.array([np.diag([1, 1, 0, 0.9, 0.9])] * 2)
    m[:, 2] = 1
    derived = named_quantities(m, sigma, ATOMS)
    arguments = (read_state_functions(functions, ATOMS), ATOMS, SYMMETRIC, derived)
    exact = with_state_functions(claimed(m, sigma, ATOMS), *arguments)
    assert exact.values["g"] == pytest.approx([2, 2]) and exact.values["L"] == pytest.approx([1, 1])
    said = claimed(m + off * np.eye(5)[3], sigma, ATOMS)
    said.uncertainties["mean_light.phi"][:] = width
    found = with_state_functions(said, *arguments)
    if off < 1e-2:
        assert not functions.keys() & found.values.keys()
    else:
        assert found.values["L"] == pytest.approx([0, 0]) and found.values["g"] == pytest.approx([1, 1])


@pytest.mark.parametrize("name", ["cov_light.phi_light.phi", "cov_light.phi_light.pi"])
def test_uncertain_covariances_of_a_pure_state_say_nothing_of_it(name):
    functions = read_state_functions({"S": StateFunction("entropy", of="light")}, ATOMS)
    m, sigma = np.eye(5)[[2, 2]], np.array([np.diag([1, 1, 0, v, v]) for v in (0.5, 0.9)])
    said = claimed(m, sigma, ATOMS)
    said.uncertainties[name][:] = 1e-3
    found = with_state_functions(said, functions, ATOMS, SYMMETRIC, {})
    assert np.isnan(found.values["S"][0]) and found.values["S"][1] == pytest.approx(entropy(np.diag([0.9, 0.9])))
    assert 0 <= found.uncertainties["S"][1] < 1e-2


def test_fidelity_of_a_claim_goes_with_its_rounding_and_not_with_the_root_of_it():
    functions = read_state_functions({"F": "fidelity"}, SINGLE)
    values = [
        with_state_functions(claimed([[0, 0, z]] * 2, [np.diag([0.8, 1.6, 0])] * 2, SINGLE), *arguments).values["F"]
        for arguments in [(functions, SINGLE, SYMMETRIC, {})]
        for z in (1.0, 1 - 1e-5)
    ]
    assert values[0] == pytest.approx([2 / np.sqrt(1.8 * 2.6)] * 2, abs=1e-12)  # 1/√det(V + ½)
    assert values[1] == pytest.approx(values[0], abs=1e-5)
