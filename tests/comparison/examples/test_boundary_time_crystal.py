"""The example that judges mean field of the boundary time crystal: verdicts and numbers."""

import numpy as np
import pytest

from comparison import decide
from comparison.cli.main import main
from comparison.examples.boundary_time_crystal import CLAIMS
from comparison.examples.boundary_time_crystal import __file__ as FILE


@pytest.fixture(scope="module")
def found():
    return {d.claim.item.equation: d for d in decide(CLAIMS)}


def test_mean_field_holds_in_both_phases_and_a_wrong_period_does_not(found):
    assert {name: d.verdict for name, d in found.items()} == {
        "period": "confirmed",
        "bare period": "refuted",
        "length": "confirmed",
        "second constant": "confirmed",
        "at rest": "confirmed",
    }
    assert max(d.accuracy for d in found.values() if d.verdict == "confirmed") < 5e-5


def test_numbers(found):
    period, bare = found["period"], found["bare period"]
    assert period.exact == pytest.approx(2 * np.pi / np.sqrt(8), abs=2e-6) and period.error < 2e-5
    assert bare.printed == pytest.approx(2 * np.pi / 3, abs=1e-12) and bare.exact == period.exact
    assert found["second constant"].exact == pytest.approx(0.6 / (0 - 3), abs=2e-6)
    assert found["at rest"].exact.real in (pytest.approx(0.5, abs=1e-5), pytest.approx(-np.sqrt(0.75), abs=1e-5))


def test_the_command_prints_the_same(capsys):
    assert main(["claims", FILE, "--quiet"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("mean field of the boundary time crystal\n")
    assert out.rstrip().endswith("4 confirmed, 1 refuted")
