"""The memory predicted for stationary states and spectra against the peak that Python's allocator sees (numpy and scipy
included)."""

import gc
import tracemalloc

import pytest
import qutip

from comparison.cli.speed import job_a
from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, memory, mx, my, mz, spectrum, steady_state
from finite_n.eigenmodes import prepare
from finite_n.solvers import stationary_blocks as stationary
from finite_n.systems import dicke_model, hopfield_patterns

SHARE = 0.25  # by which the prediction may be off, to both sides
COMPLEX = Model(
    0.5 * mx + 0.3 * my + 0.4 * mz + 0.2 * mz * mz,
    [LocalJump(qutip.sigmam()), LocalJump(qutip.sigmax() + 0.4j * qutip.sigmaz() + 0.5 * qutip.sigmam(), 0.3)],
)
FRAMES = Model(
    0.5 * mx,
    [LocalJump(qutip.sigmam(), lambda d: 1 + 0.3 * d, mz), LocalJump(qutip.sigmaz(), lambda d: 1 + 0.3 * d, mx)],
)
DECAY = Model(0.4 * mx, collective=[CollectiveJumps([qutip.sigmam()])])
CASES = {
    "dense, two planes": (job_a, 10, None),
    "dense, larger": (job_a, 15, None),
    "dense, complex": (lambda: COMPLEX, 10, None),
    "several frames": (lambda: FRAMES, 9, None),
    "conserved J": (lambda: DECAY, 20, None),
    "two species": (lambda: hopfield_patterns(omega=0.5, beta=0.5, patterns={"pp": 4, "pm": 4}), 8, None),
    "Arnoldi": (job_a, 22, None),
    "Arnoldi, complex": (lambda: COMPLEX, 16, None),
    "a mode": (lambda: dicke_model(1.0, 0.8, 0.7, loss=0.8, emission=0.6), 3, {"field": 5}),
}


@pytest.fixture(scope="module")
def every_sector():
    """All are searched, also for stationary states, by kernels that are compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stationary, "SEARCHED", 10**9)
        for solver in (spectrum, steady_state):
            _ignoring_refusals(solver, job_a(), 17, None)  # by Arnoldi's method
        yield


@pytest.mark.parametrize("solver", [spectrum, steady_state])
@pytest.mark.parametrize("name", CASES)
def test_memory_is_predicted_within_a_quarter(name, solver, every_sector, monkeypatch):
    build, N, cutoffs = CASES[name]
    model, predicted = build(), []
    original = prepare.bytes_of_search
    monkeypatch.setattr(prepare, "bytes_of_search", lambda *a: predicted.append(original(*a)) or predicted[-1])
    _ignoring_refusals(solver, model, 2, cutoffs)
    predicted.clear()
    gc.collect()
    tracemalloc.start()
    try:
        _ignoring_refusals(solver, model, N, cutoffs)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 1 - SHARE <= peak / max(predicted) <= 1 + SHARE


def _ignoring_refusals(solver, model, N, cutoffs):
    try:
        solver(model, N, cutoffs=cutoffs)
    except FiniteNError as error:
        assert "linearly independent" in str(error)  # several stationary states: found, and then refused


def test_what_does_not_fit_is_refused_with_a_size_that_does(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 3.2e6)
    with pytest.raises(FiniteNError, match=r"the largest N that fits is \d+") as refused:
        spectrum(job_a(), 30)
    largest = int(str(refused.value).rsplit(" ", 1)[1].rstrip("."))
    assert 15 < largest < 30
    spectrum(job_a(), largest)


@pytest.mark.parametrize(("solver", "free"), [(steady_state, 6e7), (spectrum, 2.4e7)])
def test_tables_alone_name_no_size_that_later_checks_refuse(monkeypatch, solver, free):
    """What does not fit for its tables is told beyond which N none does, and is refused there with one that does."""
    monkeypatch.setattr(memory, "available", lambda: free)
    with pytest.raises(memory.NoMemoryError, match=r"no N above \d+ fits") as refused:
        solver(job_a(), 200)
    beyond = refused.value.largest
    with pytest.raises(memory.NoMemoryError, match="the largest N that fits is") as refused:
        solver(job_a(), beyond)
    assert 0.4 * beyond < refused.value.largest < beyond
    solver(job_a(), refused.value.largest)
