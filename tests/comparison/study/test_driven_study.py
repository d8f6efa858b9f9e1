"""Studies of models that depend on time: verdicts, and what tells one function from another."""

import numpy as np
from qutip import sigmam

from comparison import Claim, Study
from comparison.results_folder.identity import identity
from finite_n import CollectiveJumps, LocalJump, Model, coefficient, mx, mz
from meanfield import Limit

START, TIMES, SIZES = [0.0, 0.0, -1.0], [0.0, 0.5, 1.0], [8, 12, 16, 24]


def _model(width: float = 1.0) -> Model:
    pulse = coefficient(lambda t: np.exp(-(((t - 0.5) / width) ** 2)))
    return Model(0.2 * mz + pulse * mx, [LocalJump(sigmam(), 0.3)], [CollectiveJumps([sigmam()], 0.2)])


def test_the_derived_limit_is_confirmed_and_that_of_another_pulse_refuted():
    other = Claim("other pulse", "", lambda times: {"mean_z": Limit(_model(0.9)).evolve(START, times).means[:, 2]})
    result = Study(_model(), START, TIMES, SIZES, claims=[other], accuracy=1e-3).run()
    derived = {v.quantity: v.status for v in result.verdicts if v.claim.startswith("derived")}
    assert "refuted" not in derived.values()
    assert [derived[f"mean_{a}"] for a in "xyz"] == 3 * ["confirmed"]
    assert [v.status for v in result.verdicts if v.claim.startswith("other pulse")] == ["refuted"]


def test_another_function_of_time_is_another_study():
    one, same, other = (identity(Study(_model(w), START, TIMES, SIZES)) for w in (1.0, 1.0, 1.01))
    assert one == same
    assert one != other
