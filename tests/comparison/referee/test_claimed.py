"""Times of claims among those of a study, and what is read of a claim there."""

import numpy as np
import pytest

from comparison import Claim
from comparison.referee.claimed import positions, read_claim, union
from finite_n import FiniteNError

GRID = np.array([0.0, 0.1, 0.2, 1e3])


def test_times_are_found_whatever_their_last_digits():
    near = 0.2 * (1 + 5e-10)
    assert positions(np.array([0.1 + 0.1, near, 0.2001, -1e-13, 1e3 * (1 - 5e-10), 2e3]), GRID).tolist() == [
        2, 2, -1, 0, 3, -1,
    ]  # fmt: skip
    assert positions(np.array([0.3]), np.array([0.3])).tolist() == [0]


def test_the_union_keeps_the_times_of_the_study_and_each_time_once():
    claims = [
        Claim("a", "", {}, times=[0.05, 0.1 * (1 + 1e-12), 2e3]),
        Claim("b", "", {}, times=[0.05]),
        Claim("c", "", lambda t: {}),
    ]
    assert union(GRID, claims).tolist() == [0, 0.05, 0.1, 0.2, 1e3, 2e3]
    with pytest.raises(FiniteNError, match=r"before the study.*t = 0"):
        union(GRID, [Claim("early", "", {}, times=[-1.0, 0.1])])


def test_a_claim_says_nothing_at_times_that_are_not_its_own():
    claim = Claim("t", "", {"q": [3.0, 4.0]}, 0.1, times=[0.1, 0.15], uncertainty={"q": [0.5, 0.6]})
    said = read_claim(claim, GRID, GRID, ["q"])
    assert np.array_equal(said.values["q"], [np.nan, 3, np.nan, np.nan], equal_nan=True)
    assert said.errors["q"][1] == pytest.approx(0.3) and said.uncertainties["q"][1] == 0.5
    function = Claim("f", "", lambda t, N: {"q": t / N}, times=[0.2])
    assert read_claim(function, GRID, GRID[:2], ["q"], N=4).values["q"][2] == 0.05
    near = Claim("f", "", lambda t: {"q": t}, times=[0.2 * (1 + 5e-10), 7.0])
    assert read_claim(near, GRID, GRID, ["q"]).values["q"][2] == 0.2  # at the time of the exact numbers
    shown = read_claim(Claim("f", "", lambda t: {"q": t}), GRID, GRID[:2], ["q"]).values["q"]
    assert np.array_equal(shown, [0, 0.1, np.nan, np.nan], equal_nan=True)


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (Claim("c", "", lambda t: {"p": t}), "unknown quantity 'p'; known are q"),
        (Claim("c", "", lambda t: {3: t}), "unknown quantity 3"),
        (Claim("c", "", lambda t: [t]), "dict of arrays by quantity"),
        (Claim("c", "", lambda t: {"q": t[:1]}), "shape"),
        (Claim("c", "", lambda t: {"q": t / 0 * 0}), "finite real"),
        (Claim("c", "", lambda t, N: {"q": t[N]}), r"values\(times, N\) failed at N = 9 with IndexError"),
        (Claim("c", "", lambda t: {"q": t}, uncertainty={"q": [0.1]}), "1 uncertainties of q for 4 times"),
        (Claim("c", "", lambda t: {"q": t}, uncertainty={"r": 0.1}), "uncertainty of 'r' is given, but no value"),
    ],
)
@pytest.mark.filterwarnings("ignore:(divide|invalid)")
def test_what_cannot_be_read_is_refused(claim, words):
    with pytest.raises(FiniteNError, match=words):
        read_claim(claim, GRID, GRID, ["q"], N=9)


def test_a_claim_cannot_change_the_times_of_the_study():
    def values(t):
        t *= 2
        return {"q": t}

    grid = GRID.copy()
    read_claim(Claim("c", "", values), grid, grid, ["q"])
    assert np.array_equal(grid, GRID)
