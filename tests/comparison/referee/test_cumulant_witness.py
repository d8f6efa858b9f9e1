"""A cumulant expansion as the second witness where the expansion in 1/N has not begun to converge."""

import numpy as np
import pytest
from qutip import sigmam

from comparison import Study
from comparison.referee.cumulant_witness import CumulantWitness
from comparison.referee.witnesses import OUTSIDE, WITHIN, Closed, witnessed_limit
from finite_n import CollectiveJumps, Field, LocalJump, Mode, Model, Species, mx, my, mz
from finite_n.states.initial_state import as_initial_state
from tests.comparison.referee.test_witnesses import COEFFICIENTS, SIZES, derived, series

TIMES = np.linspace(0, 2, 4)


def pulse() -> Study:
    """A superradiant pulse from near the unstable pole, where the expansion of averages begins late."""
    model = Model(0.2 * mx, [LocalJump(sigmam(), rate=0.3)], [CollectiveJumps([sigmam()], rate=3.0)])
    return Study(model, [0.2, 0, 0.97], TIMES, [8, 16, 32, 64, 96], accuracy=1e-3)


def test_a_pulse_is_decided_by_cumulants_and_not_by_its_expansion():
    study = pulse()
    result = study.run()
    coefficients = study.expansion.coefficients
    alone = witnessed_limit(result.sizes, result.exact, result.errors, coefficients)
    z = study.quantities.index("mean_z")
    assert alone.error[:, z].max() > 2e-3 and result.extrapolation.error[:, z].max() < 1e-3
    before, after = (e.error.max(axis=0) for e in (alone, result.extrapolation))
    assert np.median(after / before) < 0.4  # 0.25 seen
    gap = np.abs(result.extrapolation.value - coefficients[0])  # the limit is known here
    assert np.all(gap <= result.extrapolation.error + 1e-12)
    assert result.extrapolation.expected[-1, z] in (3, 4)


@pytest.mark.parametrize("off", [0.0, 1e-2])
def test_the_better_of_two_references_is_taken_and_a_wrong_one_is_none(off):
    """A theory that has all terms but the fifth, of N^−4, and one that goes to another limit."""
    sizes = [*SIZES, 160]
    exact = series(sizes, COEFFICIENTS)
    theory = exact - 3.0 * np.array(sizes, float)[:, None, None] ** -4 + off
    plain = witnessed_limit(sizes, exact, 1e-13, derived(COEFFICIENTS, 2))
    found = witnessed_limit(sizes, exact, 1e-13, derived(COEFFICIENTS, 2), closed=Closed(theory, 1e-12, 2))
    gap = abs(found.value[0, 0] - COEFFICIENTS[0])
    assert gap <= found.error[0, 0] and found.state[0, 0] == WITHIN
    if off:
        assert found.error[0, 0] == plain.error[0, 0] and found.expected[0, 0] == 2
    else:
        assert found.error[0, 0] < plain.error[0, 0] / 3 and found.expected[0, 0] in (2, 4)


def test_where_neither_reference_falls_nothing_is_said():
    grows = np.array(SIZES, float)[:, None, None] ** 0.3
    found = witnessed_limit(SIZES, grows, 1e-12, derived(COEFFICIENTS, 2), closed=Closed(0.5 * grows, 1e-12))
    assert found.state[0, 0] == OUTSIDE and np.isinf(found.error[0, 0])


def witness(model, rho0, **options) -> CumulantWitness:
    names = [f"mean_{a}" for a in model.space.axes] if hasattr(model.space, "axes") else ["mean_x"]
    return CumulantWitness(model, as_initial_state(rho0, model), None, TIMES, options.get("names", names[:1]), 1e-4)


def test_values_count_only_where_their_limit_is_the_derived_one():
    study = pulse()
    limit = study.expansion.coefficients[0]
    cumulants = study.subject.cumulants(study.times, study.quantities, study.accuracy)
    right = cumulants.at([16, 32], limit).values
    assert np.isfinite(right).all()
    wrong = limit + 1e-4 * (np.arange(len(study.quantities)) == 2)
    masked = cumulants.at([16, 32], wrong).values
    assert np.isnan(masked[:, :, 2]).all() and np.isfinite(np.delete(masked, 2, axis=2)).all()


def test_its_stated_error_covers_what_integrating_leaves():
    study, sizes = pulse(), [8, 32, 96]
    limit = study.expansion.coefficients[0]
    coarse, fine = (study.subject.cumulants(study.times, study.quantities, x).at(sizes, limit) for x in (1e-3, 1e-8))
    off = np.abs(coarse.values - fine.values) / np.maximum(1.0, np.abs(fine.values))
    assert 1e-12 < off.max() <= coarse.error == 1e-7 and fine.error == 1e-11


def test_its_order_and_where_there_is_none():
    quick = Model(0.3 * mx, [LocalJump(sigmam(), lambda d: np.exp(0.3 * d), delta=mz)])
    assert witness(quick, [0, 0, 1]).ahead == 1
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    start, names = {"a": [0, 0, 1], "b": [0, 0, -1]}, ["mean_a.x"]
    two = Model(0.5 * a.mx * b.mx, [LocalJump(sigmam(), rate=1.0, species=a)], species=[a, b])
    assert witness(two, start, names=names).ahead == 1
    rates = Model(0.5 * a.mx, [LocalJump(sigmam(), lambda d: np.exp(0.3 * d), b.mz, species=a)], species=[a, b])
    assert witness(rates, start, names=names).ahead == 0
    light = Mode("light")
    lit = Model(0.5 * my + 0.4 * light.number + 0.6 * mx * light.phi, modes=[light])
    number = {"": [0, 0, 1], "light": Field(number=1)}
    assert witness(lit, number, names=["mean_x"]).at([8], np.zeros((4, 1))) is None
    assert witness(lit, {"": [0, 0, 1], "light": Field()}, names=["mean_x"]).ahead == 1
