"""The assertion for test suites of users, on a true claim and on wrong ones."""

import numpy as np
import pytest

from comparison import Claim, Study
from comparison.testing import assert_confirmed
from finite_n import FiniteNError, Model, mx, mz

TURNING = Study(Model(1.5 * mx), [0, 0, 1], np.linspace(0, 1, 4), [6, 9, 13, 19])
TRUE = Claim("turning", "closed form", lambda t: {"mean_z": np.cos(3 * t), "mean_y": -np.sin(3 * t)})
WRONG = Claim("too slow", "made up", lambda t: {"mean_z": np.cos(2.9 * t), "mean_y": -np.sin(3 * t)})


def test_a_true_claim_passes_and_its_result_comes_back():
    result = assert_confirmed(TURNING, TRUE)
    assert [c.name for c in result.claims] == ["derived", "turning"] and result.study.accuracy == 1e-4
    assert assert_confirmed(TURNING, TRUE, accuracy=1e-6).study.accuracy == 1e-6
    assert len(TURNING.claims) == 0  # the study itself is left as it is


def test_a_wrong_claim_raises_its_headlines():
    with pytest.raises(AssertionError) as raised:
        assert_confirmed(TURNING, WRONG)
    said = str(raised.value)
    assert said.startswith("too slow (made up), averages: REFUTED. mean_z(0.666667)") and said.count("\n") == 0
    with pytest.raises(AssertionError, match=r"at N = 6, 9, 13, 19.*mean_z\(0.666667\)"):
        assert_confirmed(TURNING, Claim("also", "", lambda t, N: WRONG.values(t)))
    assert_confirmed(TURNING, Claim("right at every N", "", lambda t, N: TRUE.values(t)))


def test_what_is_undecided_is_not_confirmed():
    vague = Claim("vague", "", lambda t: {"mean_z": np.cos(3 * t)}, uncertainty=0.1)
    with pytest.raises(AssertionError, match="UNDECIDED"):
        assert_confirmed(TURNING, vague)
    assert_confirmed(TURNING, vague, accuracy=0.2)


def test_the_claims_of_a_study_and_a_result_that_is_there_already(monkeypatch):
    import dataclasses

    both = dataclasses.replace(TURNING, claims=[TRUE, WRONG])
    with pytest.raises(AssertionError, match=r"^too slow"):
        assert_confirmed(both)
    result = assert_confirmed(TURNING)  # the derived limit
    monkeypatch.setattr(Study, "run", lambda *_: pytest.fail("it ran again"))
    assert_confirmed(result, TRUE)
    with pytest.raises(AssertionError, match="too slow"):
        assert_confirmed(result, WRONG)
    with pytest.raises(AssertionError, match=r"UNDECIDED at 1\.0e-07"):
        assert_confirmed(result, Claim("near", "", lambda t: TRUE.values(t), uncertainty=1e-6), accuracy=1e-7)


def test_what_cannot_be_asserted_is_refused():
    for arguments in ([Model(mz)], [TURNING, {"mean_z": [0]}], [TURNING, TRUE, 2.0]):
        with pytest.raises(FiniteNError):
            assert_confirmed(*arguments)
    with pytest.raises(FiniteNError, match="nothing to judge"):
        assert_confirmed(TURNING, Claim("empty", "", lambda t: {}))
