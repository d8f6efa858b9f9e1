"""Exact reduced states of one and two particles go to products at rate 1/N (Fiorelli et al. 2023, Theorem 2)."""

import numpy as np
import pytest
import qutip

from comparison import compare_local_states
from comparison.convergence.reduced_states import trace_distance
from finite_n import Field, FiniteNError, LocalJump, Model, Species, mz
from finite_n.systems import collective_dissipation, dicke_model, hopfield, kinetically_constrained, three_level
from meanfield import Limit
from tests import random_models
from tests.brute_force import BruteForce, product_state, reduced
from tests.brute_force_general import GeneralBruteForce

RATE = 0.002  # by which an extrapolated exponent may differ from 1: corrections of fourth order in 1/N at N = 10 … 80
START = [0, 0.3, 0.4]


def test_trace_distance_is_that_of_qutip():
    a, b = (qutip.rand_dm([2, 2], seed=s) for s in (1, 2))
    assert abs(trace_distance(a.full(), b.full()) - qutip.tracedist(a, b)) < 1e-12


def test_dephasing_by_a_common_field_in_closed_form():
    # H = N m_z², all spins along x: ⟨σx⟩ = cos(4t/N)^{N−1}, the limit does not move, N · distance → 4t²
    times, sizes = [0.0, 0.3, 0.6], [10, 20, 40, 80, 160]
    one = compare_local_states(Model(mz * mz), [1, 0, 0], times, sizes, n=(1,))[1]
    t, N = np.array(times), np.array(sizes)[:, None]
    assert np.abs(one.distance - (1 - np.cos(4 * t / N) ** (N - 1)) / 2).max() < 1e-8  # tol 1e-9, norms of order 1
    assert np.abs(one.coefficient.value - 4 * t**2).max() < 1e-4 and one.coefficient.error.max() < 1e-3
    assert abs(one.rate().asymptotic - 1) < 1e-3


@pytest.mark.parametrize("model", [hopfield(), kinetically_constrained(omega=0.4), collective_dissipation()])
def test_systems_of_the_papers_go_to_products_as_one_over_n(model):
    found = compare_local_states(model, START, [0.0, 1.0], [10, 20, 40, 60, 80])
    for n in (1, 2):
        r, c = found[n].rate(), found[n].coefficient
        assert abs(r.asymptotic - 1) < RATE
        assert c.value[-1] > 0.1 and c.error[-1] < 1e-3 * c.value[-1]
        assert np.abs(found[n].distance[:, 0]).max() < 1e-10 and np.isnan(found[n].rate(0).exponent)
    # two particles hold more than one of them
    assert np.all(found[2].distance[:, -1] >= found[1].distance[:, -1])


@pytest.mark.parametrize("kind", random_models.KINDS)
def test_random_models_go_to_products_as_one_over_n(kind):
    rng = np.random.default_rng(100 + random_models.KINDS.index(kind))
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    sizes = [12, 18, 27, 40] if kind not in ("two tilts", "everything") else [10, 14, 20, 28]
    found = compare_local_states(model, m, [0, 0.4], sizes)
    for n in (1, 2):
        if kind == "constant":  # independent particles: exact at every N
            assert found[n].distance.max() < found[n].errors.max()
            continue
        r = found[n].rate()
        assert abs(r.asymptotic - 1) < 0.03  # smaller sizes than above


@pytest.mark.parametrize("control", [0.0, 0.4], ids=["populations of r", "coherences with r"])
def test_three_levels_go_to_products_as_one_over_n(control):
    """A line as wide as the shift; sizes to 20 where few elements matter, to 11 where all do."""
    rho0 = np.array([[0.5, 0.2, 0], [0.2, 0.3, 0], [0, 0, 0.2]])
    sizes = [5, 7, 10, 14, 20] if control == 0 else [4, 6, 8, 11]
    found = compare_local_states(three_level(shift=1.0, control=control), rho0, [0.0, 1.0], sizes, tol=1e-8)
    for n in (1, 2):
        states = found[n]
        assert states.exact.shape == (len(sizes), 2, 3**n, 3**n)
        assert abs(states.rate().asymptotic - 1) < (
            0.02 if control == 0 else 0.1
        )  # measured 0.002 and 0.04: small sizes
        assert np.abs(states.distance[:, 0]).max() < 1e-8  # a product at the start; tol
    assert np.all(found[2].distance[:, 1] >= found[1].distance[:, 1])


def test_the_exact_states_are_those_of_brute_force():
    model = Model(0.5 * mz * mz, [LocalJump(qutip.sigmam(), lambda x: np.exp(0.3 * x), mz)])
    found = compare_local_states(model, START, [0, 0.7], [2, 3, 4, 5])
    one = 0.5 * (qutip.qeye(2) + 0.3 * qutip.sigmay() + 0.4 * qutip.sigmaz()).full()
    for N, states in ((3, 1), (5, 3)):
        rho = BruteForce(model, N).evolve(product_state(one, N), 0.7)
        for n in (1, 2):
            assert np.abs(found[n].exact[states, -1] - reduced(rho, n, N)).max() < 1e-8  # tol 1e-9 on moments


A, B = Species("a", fraction=0.5), Species("b", fraction=0.5)
TWO = Model(
    0.3 * A.mx + 0.25 * A.mz * B.mz + 0.2 * B.mx,
    [
        LocalJump(qutip.sigmam(), lambda x: 0.7 + 0.3 * x, 0.5 * A.mz + 0.4 * B.mz, species=A),
        LocalJump(qutip.sigmap(), 0.6, species=B),
    ],
    species=[A, B],
)
TWO_START = {"a": START, "b": [0.5, 0, -0.2]}
SMALL = 0.005  # as RATE, with sizes up to 10 … 16: corrections of fourth order there; measured 0.002


def test_two_species_go_to_products_as_one_over_n():
    found = compare_local_states(TWO, TWO_START, [0.0, 0.7], [4, 8, 12, 16])
    assert list(found) == [("a",), ("b",), ("a", "a"), ("a", "b"), ("b", "b")]
    for names, states in found.items():
        assert states.particles == names and states.power == 1
        assert abs(states.rate().asymptotic - 1) < SMALL
        assert np.abs(states.distance[:, 0]).max() < 1e-10
    # the pair holds more than either of its particles
    for one in "ab":
        assert np.all(found["a", "b"].distance[:, -1] >= found[one,].distance[:, -1])
    ba = compare_local_states(TWO, TWO_START, [0.0, 0.7], [4, 6, 8, 10], particles=[("b", A), "b"])
    assert list(ba) == [("b", "a"), ("b",)]
    swapped = ba["b", "a"].exact.reshape(4, 2, 2, 2, 2, 2).transpose(0, 1, 3, 2, 5, 4).reshape(4, 2, 4, 4)
    assert np.abs(swapped[0] - found["a", "b"].exact[0]).max() < 1e-8  # tol 1e-9 on both


@pytest.mark.parametrize("alpha", [0.0, 0.3 - 0.2j])
def test_dicke_with_loss_goes_to_products_as_one_over_n(alpha):
    # with an amplitude of order √N the atoms turn about a field that moves with the bulk
    model = dicke_model(coupling=0.5, loss=0.6)
    sizes = [4, 6, 8, 12] if alpha == 0 else [3, 5, 7, 10]
    found = compare_local_states(model, {"": [0, 0.6, -0.8], "field": Field(alpha=alpha)}, [0.0, 0.8], sizes)
    for n in (1, 2):
        assert found[n].power == 1 and found[n].rate().exponent > 0.9
        assert abs(found[n].rate().asymptotic - 1) < SMALL
        assert found[n].coefficient.error[-1] < 0.05 * found[n].coefficient.value[-1]


def test_a_field_of_order_one_makes_it_one_over_root_n_with_the_first_moments():
    # √N (⟨m⟩ − m(t)) → ⟨F⟩, so N^½ · distance of one atom → ½|⟨F⟩|, which the limit knows
    model, start = dicke_model(coupling=0.5, loss=0.6), {"": [0, 0.6, -0.8], "field": Field(beta=0.4)}
    one = compare_local_states(model, start, [0.0, 0.4, 0.8], [4, 6, 9, 14], n=(1,))[1]
    assert one.power == 0.5 and abs(one.rate().asymptotic - 0.5) < SMALL
    first = np.linalg.norm(Limit(model).evolve(start, one.times).first_moments[:, :3], axis=1) / 2
    c = one.coefficient
    assert np.all(np.abs(c.value - first) <= c.error) and c.error.max() < 0.05 * first[-1]
    assert "N^½" in repr(one)


def test_states_of_two_species_are_those_of_brute_force():
    found = compare_local_states(TWO, TWO_START, [0, 0.5], [2, 4, 6, 8], particles=["a", "b", ("a", "b")])
    pauli = [np.eye(2), *(s.full() for s in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()))]
    parts = {k: 0.5 * sum(c * s for c, s in zip((1, *m), pauli, strict=True)) for k, m in TWO_START.items()}
    reference = GeneralBruteForce(TWO, 4)
    rho = qutip.Qobj(reference.evolve(reference.product_state(parts), 0.5), dims=[[2] * 4] * 2)
    for names, sites in ((("a",), [0]), (("b",), [2]), (("a", "b"), [0, 2])):
        assert np.abs(found[names].exact[1, -1] - rho.ptrace(sites).full()).max() < 1e-8  # tol 1e-9 on moments


def test_bad_input_with_several_species_is_refused():
    for options, word in (
        ({"sizes": [3, 4, 6, 8]}, "no whole number"),
        ({"sizes": [2, 4, 6, 8]}, "no pairs of particles of species a, which has 1"),
        ({"particles": []}, "particles = "),
        ({"particles": "ab"}, "particles = 'ab'"),
        ({"particles": [("a", "a", "b")]}, "a, a, b: exact reduced states are available for one and two"),
        ({"particles": ["c"]}, "neither a species nor a mode"),
        ({"power": 2}, "power = 2"),
        ({"rho0": START}, "a dict with a state for each"),
    ):
        given = {"rho0": TWO_START, "sizes": [4, 8, 12, 16]} | options
        with pytest.raises(FiniteNError, match=word):
            compare_local_states(TWO, given.pop("rho0"), [0, 1], **given)
    with pytest.raises(FiniteNError, match=r"give a finite_n\.Model"):
        compare_local_states("hopfield", START, [0, 1], [4, 8, 12, 16])


def test_bad_input_is_refused():
    for sizes, word in (
        ([10, 20, 40], "four or more increasing"),
        ([1, 2, 3, 4], "2 or more each"),
        (10, "list"),
        ([4, 3, 5, 6], "incr"),
    ):
        with pytest.raises(FiniteNError, match=word):
            compare_local_states(hopfield(), START, [0, 1], sizes)
    for n in ((1, 3), 2, ()):
        with pytest.raises(FiniteNError, match="one and two particles"):
            compare_local_states(hopfield(), START, [0, 1], [10, 20, 40, 80], n=n)
