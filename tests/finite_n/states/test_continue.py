"""Evolutions that go on from the state of an earlier result: two halves are one run."""

import numpy as np
import pytest
import qutip

from finite_n import FiniteNError, LocalJump, Model, evolve, mx, mz
from tests.engine_tester import check_sentence

TIMES = np.array([0.0, 0.4, 0.9, 1.7])
EXACT = 2e-9  # the tolerance asked for, once for every half
OPEN = Model(0.5 * mx + 0.3 * mz * mz, [LocalJump(qutip.sigmam(), lambda d: 1 + 0.4 * d, delta=mz)])
CLOSED = Model(0.5 * mx + 0.3 * mz * mz)


@pytest.mark.parametrize(("model", "basis"), [(OPEN, "dicke"), (CLOSED, "auto"), (CLOSED, "dicke")])
@pytest.mark.parametrize("N", [1, 5, 12])
def test_one_species_in_two_halves(model, basis, N):
    start = [0.3, 0.0, -0.6] if model is OPEN else [0.6, 0.0, -0.8]
    once = evolve(model, N, start, TIMES, basis=basis)
    first = evolve(model, N, start, TIMES[:3], basis=basis)
    for given in (first, first.state(), first.state(TIMES[2])):
        second = evolve(model, N, given, TIMES[2:])
        assert np.abs(second.means[-1] - once.means[-1]).max() < EXACT
        assert np.abs(second.covariance[-1] - once.covariance[-1]).max() < N * EXACT


def test_a_state_vector_goes_on_as_one():
    model, N = Model(0.5 * mx + 0.3 * mz * mz), 400
    once = evolve(model, N, [0.6, 0, 0.8], TIMES)
    first = evolve(model, N, [0.6, 0, 0.8], TIMES[:3])
    second = evolve(model, N, first, TIMES[2:])
    assert first.stats["basis"] == second.stats["basis"] == "state vector"
    assert np.abs(second.means[-1] - once.means[-1]).max() < EXACT
    assert np.abs(second.covariance[-1] - once.covariance[-1]).max() < N * EXACT
    opened = evolve(Model(jumps=[LocalJump(qutip.sigmaz())]), 5, evolve(model, 5, [0.6, 0, 0.8], TIMES), [0, 1])
    assert opened.budget.holds


def test_from_a_time_in_between():
    kept = evolve(OPEN, 6, [0, 0, 1], TIMES, keep_states=True)
    second = evolve(OPEN, 6, kept.state(0.4), TIMES[1:])
    assert np.abs(second.means - kept.means[1:]).max() < EXACT
    assert np.abs(second.covariance - kept.covariance[1:]).max() < 6 * EXACT


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: evolve(OPEN, 6, [0, 0, 1], TIMES).state(0.3), "one of the times"),
        (lambda: evolve(OPEN, 6, [0, 0, 1], TIMES).state("end"), "one of the times"),
        (lambda: evolve(OPEN, 6, [0, 0, 1], TIMES).state(0.4), "keep_states=True"),
        (lambda: evolve(OPEN, 6, [0, 0, 1], TIMES, basis="symmetrised").state(), "basis='dicke'"),
        (lambda: evolve(OPEN, 7, evolve(OPEN, 6, [0, 0, 1], TIMES, basis="dicke"), TIMES), "not N = 7"),
        (lambda: evolve(OPEN, 12, [0, 0, 1], TIMES, basis="dicke").state().to_qobj(), "up to 1024"),
    ],
)
def test_what_is_not_known_is_refused_in_a_sentence(ask, words):
    with pytest.raises(FiniteNError) as refused:
        ask()
    check_sentence(str(refused.value))
    assert words in str(refused.value)
