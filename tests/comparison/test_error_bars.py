"""Error bars follow from the budgets of the runs: runs whose moments are off by as much as their budgets say."""

import dataclasses

import numpy as np
import pytest

import comparison.local_states
from comparison import Study, compare_local_states, power_test
from comparison.study import StudyResult
from finite_n import Field, Model, evolve, mx, mz
from finite_n.systems import dicke_model

OFF = 1e-6  # by which moments are off: far above the tolerance of the runs


def test_first_moments_are_off_by_root_n_times_averages():
    """⟨F⟩ = √N (⟨m⟩ − its limit): an average off by e moves it by √N e."""
    study = Study(
        dicke_model(coupling=0.3), {"": [0, 0.6, -0.8], "field": Field(beta=0.4)}, [0, 0.2], [2, 4, 6, 9], accuracy=1e-3
    )
    result = study.run()

    def moved(r, shift):
        return dataclasses.replace(
            r, means=r.means + shift, budget=dataclasses.replace(r.budget, moment_difference=OFF)
        )

    true, off = (StudyResult(study, [moved(r, x) for r in result.results], result.limits, False, 0.0) for x in (0, OFF))
    names = study.quantities
    first, means = ([i for i, q in enumerate(names) if q.startswith(k)] for k in ("first_", "mean_"))
    assert len(first) == 2 and len(means) == 5
    for chosen in (first, means):
        change, bar = np.abs(off.exact - true.exact)[:, :, chosen], true.errors[:, :, chosen]
        assert np.all(change <= bar * (1 + 1e-8)) and np.all(bar <= 1.01 * change.max(axis=(1, 2), keepdims=True))


@pytest.mark.parametrize("n", [1, 2])
def test_reduced_states_are_off_by_no_more_than_their_bar_and_not_much_less(monkeypatch, n):
    """Every moment off by ±e, with the signs that matter most; two particles suffer most at N = 2."""
    rng = np.random.default_rng(n)

    def run(signs=0.0, pairs=0.0):
        def off(*args, **kwargs):
            r = evolve(*args, **kwargs)
            budget = dataclasses.replace(r.budget, moment_difference=OFF)
            return dataclasses.replace(r, means=r.means + OFF * signs, second=r.second + OFF * pairs, budget=budget)

        monkeypatch.setattr(comparison.local_states, "evolve", off)
        return compare_local_states(Model(mz * mz), [0.6, 0, 0.3], [0, 0.3], [2, 3, 4, 6], n=(n,))[n]

    true, worst = run(), 0.0
    for _ in range(12):
        signs, pairs = rng.choice([-1.0, 1.0], 3), np.sign(rng.normal(size=(3, 3)))
        # errors that keep the commutators: ⟨m_a m_b⟩ real and symmetric, ⟨m²⟩ = 1 + 2⟨σσ⟩/N … free
        other = run(signs, np.sign(pairs + pairs.T + 0.5))
        change = other.exact - true.exact
        sizes = [comparison.local_states.trace_distance(other.exact, true.exact), np.linalg.norm(change, axis=(2, 3))]
        for size in sizes:
            assert np.all(size <= true.errors[:, None] * (1 + 1e-9))
        worst = max(worst, *(float((s / true.errors[:, None]).max()) for s in sizes))
    assert worst > 0.5


def test_what_a_study_would_notice_is_what_it_refutes():
    """Twice the smallest error that the power test names is refuted, half of it is not, although the study confirms its limit."""
    result = Study(Model(mz * mz + 0.3 * mx), [0.6, 0, 0.3], [0, 0.2, 0.4], [8, 12, 18, 27]).run()
    assert result.status("derived") != "refuted"
    (strongest, *_) = power_test(result)
    for factor, refuted in ((2.0, True), (0.5, False)):
        rows = power_test(result, planted=factor * strongest.smallest)
        assert next(r for r in rows if r.coefficient == strongest.coefficient).refuted == refuted
