"""Exact reduced states of one and two particles go to products at rate 1/N (002 Theorem 2)."""

import numpy as np
import pytest
import qutip

from comparison import compare_local_states
from comparison.local_states import trace_distance
from finite_n import FiniteNError, LocalJump, Model, mz
from finite_n.systems import collective_dissipation, hopfield, kinetically_constrained
from tests import random_models
from tests.brute_force import BruteForce, product_state, reduced

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


def test_the_exact_states_are_those_of_brute_force():
    model = Model(0.5 * mz * mz, [LocalJump(qutip.sigmam(), lambda x: np.exp(0.3 * x), mz)])
    found = compare_local_states(model, START, [0, 0.7], [2, 3, 4, 5])
    one = 0.5 * (qutip.qeye(2) + 0.3 * qutip.sigmay() + 0.4 * qutip.sigmaz()).full()
    for N, states in ((3, 1), (5, 3)):
        rho = BruteForce(model, N).evolve(product_state(one, N), 0.7)
        for n in (1, 2):
            assert np.abs(found[n].exact[states, -1] - reduced(rho, n, N)).max() < 1e-8  # tol 1e-9 on moments


def test_bad_input_is_refused():
    for sizes, word in (
        ([10, 20, 40], "4 or more"),
        ([1, 2, 3, 4], "2 or more each"),
        (10, "list"),
        ([4, 3, 5, 6], "incr"),
    ):
        with pytest.raises(FiniteNError, match=word):
            compare_local_states(hopfield(), START, [0, 1], sizes)
    for n in ((1, 3), 2, ()):
        with pytest.raises(FiniteNError, match="one and two particles"):
            compare_local_states(hopfield(), START, [0, 1], [10, 20, 40, 80], n=n)
