"""A ladder of sizes that ends early: what is done is kept or the error is raised, and an unexpected one is logged."""

import logging

import numpy as np
import pytest

from comparison.ladder import Ladder
from finite_n import FiniteNError, Model, mx


def until(last, error):
    """Work that succeeds up to size `last`."""

    def work(N):
        if last < N:
            raise error
        return 10 * N

    return work


def test_every_size_in_turn():
    seen, ladder = [], Ladder([2, 3, 5])
    assert ladder.climb(lambda N: 10 * N, lambda N: seen.append((N, len(ladder.results)))) == [20, 30, 50]
    assert seen == [(2, 1), (3, 2), (5, 3)] and ladder.done == [2, 3, 5]
    assert not ladder.interrupted and not ladder.failure


@pytest.mark.parametrize(
    "error", [FiniteNError("too much."), ZeroDivisionError("division by zero"), KeyboardInterrupt()]
)
def test_it_keeps_what_is_done_only_if_asked_and_never_without_a_size(error):
    for last, keep in ((3, False), (1, True)):
        with pytest.raises(type(error)):
            Ladder([2, 3, 5]).climb(until(last, error), keep=keep)
    ladder = Ladder([2, 3, 5])
    assert ladder.climb(until(3, error), keep=True) == [20, 30] and ladder.done == [2, 3]
    assert ladder.interrupted == isinstance(error, KeyboardInterrupt)
    assert ladder.failure.startswith("" if ladder.interrupted else "N = 5: ")


@pytest.mark.parametrize(
    ("error", "logged"), [(FiniteNError("too much."), False), (MemoryError(), False), (ZeroDivisionError(), True)]
)
def test_the_traceback_of_an_unexpected_error_is_logged(caplog, error, logged):
    with caplog.at_level(logging.ERROR):
        Ladder([2, 3, 5]).climb(until(3, error), keep=True)
    assert bool(caplog.records) == logged
    if logged:
        assert "in work" in caplog.text and "raise error" in caplog.text and "N = 5" in caplog.text


def test_a_size_is_reported_done_once_its_result_is_kept():
    ladder, seen = Ladder([2, 4]), []

    def progress(N, share):
        seen.append((N, share))
        assert len(ladder.results) == (N == 4) + (share == 1)

    means = ladder.evolve(Model(mx), [0, 0, 1], [0.0, 0.5], progress=progress, read=lambda r: r.mean("z"))
    assert np.allclose(means, [[1, np.cos(1)]] * 2)
    for N in (2, 4):
        shares = [share for n, share in seen if n == N]
        assert shares[0] == 0 and shares[-1] == 1 and shares.count(1) == 1
