"""The example that judges second-order cumulants of superradiant decay: the numbers, and their distance at every N."""

import numpy as np
import pytest

from comparison import Study, theory_errors
from comparison.cli.main import main
from comparison.examples.superradiant_decay import __file__ as FILE
from comparison.examples.superradiant_decay import second_order
from comparison.study_file.claim_files import claim_from
from finite_n.systems import superradiance
from meanfield import Cumulants

TIMES = np.linspace(0, 4, 9)
SIZES = [10, 20, 40, 80, 160]
PRINTED = 5e-7  # numbers are given to six digits


@pytest.fixture(scope="module")
def result():
    return Study(superradiance(), [0, 0, 1], TIMES, SIZES, [claim_from(FILE)]).run()


@pytest.mark.parametrize(("N", "theory", "exact"), [(10, 0.219668, 0.250012), (40, 0.455562, 0.522373)])
def test_excited_fractions_at_four(result, N, theory, exact):
    assert (1 + second_order(TIMES, N)["mean_z"][-1]) / 2 == pytest.approx(theory, abs=PRINTED)
    z = result.exact[SIZES.index(N), -1, result.study.quantities.index("mean_z")]
    assert (1 + z) / 2 == pytest.approx(exact, abs=PRINTED)


@pytest.mark.parametrize("N", [10, 40])
def test_equations_by_hand_are_those_that_are_derived(N):
    derived = Cumulants(superradiance(), 2).evolve([0, 0, 1], N, TIMES).mean("z")
    assert second_order(TIMES, N)["mean_z"] == pytest.approx(derived, abs=1e-8)


def test_the_distance_grows_and_then_falls(result):
    (errors,) = theory_errors(result)
    assert errors.error == pytest.approx([0.0661508, 0.1199792, 0.1336220, 0.1001889, 0.0542393], abs=1e-6)
    assert {v.status for v in result.finite_sizes} == {"refuted"}


def test_the_command_judges_the_file(capsys):
    command = "judge superradiance --initial 0,0,1 --stop 4 --points 9 --sizes 10,20,40,80 --quiet --claim"
    assert main([*command.split(), FILE]) == 1
    assert "averages: REFUTED at N = 10, 20, 40, 80." in capsys.readouterr().out
