"""The referee's power and its honesty on random models of every kind."""

import numpy as np
import pytest

from comparison import Study, power_test
from tests import random_models

pytestmark = pytest.mark.rounding

MATTERS = 1e-4  # a coefficient matters here if 1 % of it moves some quantity by this much
SIZES = [16, 24, 36, 54, 80]
QUICK = ("constant", "rates", "collective")


def _study(kind, seed, sizes=SIZES, span=0.4):
    rng = np.random.default_rng([seed, 1])
    return Study(random_models.model(kind, rng), random_models.bloch(rng), np.linspace(0, span, 5), sizes).run()


def _check(kind, seed, sizes=SIZES, span=0.4):
    if kind in ("hamiltonian", "collective"):  # J is conserved: the blocks are few and the larger size is cheap
        sizes = [*sizes, 120]
    result = _study(kind, seed, sizes, span)
    for v in result.verdicts:
        assert v.status == "confirmed" and v.accuracy <= 1e-4, str(v)
    rows = power_test(result, planted=0.01)
    mattering = [r for r in rows if r.shift > MATTERS]
    assert len(mattering) >= 3
    for r in mattering:
        assert r.refuted, str(r.coefficient)
    assert all(r.smallest < 0.01 for r in mattering)


@pytest.mark.parametrize("kind", QUICK)
def test_truth_is_confirmed_and_one_percent_errors_are_refuted(kind):
    _check(kind, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", [k for k in random_models.KINDS if k not in ("two tilts", "everything")])
def test_truth_is_confirmed_and_one_percent_errors_are_refuted_for_more_models(kind, seed):
    _check(kind, seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["two tilts", "everything"])
def test_truth_is_confirmed_and_one_percent_errors_are_refuted_with_two_frames(kind):
    _check(kind, 0, span=0.25)


@pytest.mark.slow
def test_the_smallest_refuted_error_is_where_the_verdict_turns():
    result = _study("rates", 4, [12, 18, 27, 40])
    strongest = power_test(result)[0]
    for factor, expected in ((2.0, True), (0.4, False)):
        row = next(
            r for r in power_test(result, planted=factor * strongest.smallest) if r.coefficient == strongest.coefficient
        )
        assert row.refuted == expected
