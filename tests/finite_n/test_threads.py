"""How many threads run: of the kernel by what the cores have to do, of BLAS one while our own work runs."""

import numpy as np
import pytest
import qutip
from threadpoolctl import ThreadpoolController, threadpool_limits

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, evolve, mx, steady_state, threads
from finite_n.systems import hopfield
from finite_n.threads import SMALL, one_blas_thread, threads_for
from meanfield import Limit

BLAS = ThreadpoolController().select(user_api="blas")


def blas_threads() -> set[int]:
    return {x["num_threads"] for x in BLAS.info()}


@pytest.fixture
def two_blas_threads():
    with threadpool_limits(limits=2, user_api="blas"):
        assert blas_threads() == {2}
        yield
        assert blas_threads() == {2}  # given back


@pytest.mark.parametrize(
    ("cores", "allowed", "runnable", "expected"),
    [(2, 2, 1, 2), (2, 2, 2, 1), (2, 2, 9, 1), (8, 8, 4, 5), (8, 2, 1, 2), (8, 4, 7, 2), (1, 1, 1, 1)],
)
def test_large_states_take_the_cores_that_nobody_uses(monkeypatch, cores, allowed, runnable, expected):
    monkeypatch.setattr(threads.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(threads, "allowed_cores", lambda: allowed)
    monkeypatch.setattr(threads, "_runnable", lambda: runnable)
    assert threads_for(None, SMALL) == expected
    assert threads_for(None, SMALL - 1) == 1
    assert threads_for(2, 1) == min(2, cores)  # asked for


def test_the_load_decides_where_the_system_does_not_say_what_runs(monkeypatch):
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 4)
    monkeypatch.setattr(threads, "allowed_cores", lambda: 4)
    monkeypatch.setattr(threads, "_runnable", lambda: None)
    monkeypatch.setattr(threads.os, "getloadavg", lambda: (1.2, 9.0, 9.0), raising=False)
    assert threads_for(None, SMALL) == 3
    monkeypatch.delattr(threads.os, "getloadavg")
    assert threads_for(None, SMALL) == 1


def test_blas_runs_on_one_thread_in_every_solver(two_blas_threads):
    model, seen = Model(0.3 * mx, [LocalJump(qutip.sigmam())], [CollectiveJumps([qutip.sigmam()], 0.5)]), []

    class Watched(Limit):
        def drift(self, m, t=None):
            seen.append(blas_threads())
            return super().drift(m, t)

    evolve(model, 4, [0, 0, 1], [0.0, 0.1], progress=lambda share: seen.append(blas_threads()))
    assert seen and all(x == {1} for x in seen)
    seen.clear()
    Watched(model).evolve([0, 0, 1], [0.0, 0.1])
    assert seen and all(x == {1} for x in seen)
    assert steady_state(model, 4).zero_modes == 1


def test_threads_are_given_back_after_the_last_of_several_calls(two_blas_threads):
    @one_blas_thread
    def inner(fail: bool):
        assert blas_threads() == {1}
        if fail:
            raise FiniteNError("as asked.")
        return np.ones(2)

    @one_blas_thread
    def outer():
        """Its own."""
        inner(False)
        assert blas_threads() == {1}
        inner(True)

    assert outer.__doc__ == "Its own."
    with pytest.raises(FiniteNError, match="as asked"):
        outer()
    assert blas_threads() == {2}


@pytest.mark.parametrize(("N", "start"), [(66, [0, 0.3, 0.4]), (67, [0.3, 0.3, 0.4])])
def test_numbers_are_the_same_to_the_last_digit_for_any_number_of_threads(N, start):
    """From 50 000 elements on the default takes idle cores, and the numbers of a study must not depend on them."""
    results = [
        evolve(hopfield(), N, start, [0, 0.1, 0.2], threads=k, check=False, method=method)
        for method in ("faber", "runge_kutta")
        for k in (1, 2, 3)
    ]
    for first, *others in (results[:3], results[3:]):
        for other in others:
            assert np.array_equal(first.second_moments, other.second_moments) and np.array_equal(
                first.means, other.means
            )
            assert np.array_equal(first.j_distribution, other.j_distribution)
    assert [r.stats["threads"] for r in results[:2]] == [1, threads_for(2, 1)]
