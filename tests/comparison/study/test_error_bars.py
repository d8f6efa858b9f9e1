"""Error bars follow from the budgets of the runs: runs whose moments are off by as much as their budgets say."""

import dataclasses

import numpy as np
import pytest

import comparison.ladder
from comparison import Claim, Study, compare_local_states, extrapolate, power_test, theorem_bound
from comparison.report.headlines import headlines
from comparison.study.result import StudyResult
from finite_n import Field, Model, evolve, mx, mz
from finite_n.systems import dicke_model, hopfield

pytestmark = pytest.mark.rounding

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


@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_reduced_states_are_off_by_no_more_than_their_bar_and_not_much_less(monkeypatch, n):
    """Every moment off by ±e, with the signs that matter most; two particles suffer most at N = 2."""
    rng = np.random.default_rng(n)

    def run(signs=0.0, pairs=0.0):
        def off(*args, **kwargs):
            r = evolve(*args, **kwargs)
            budget = dataclasses.replace(r.budget, moment_difference=OFF)
            return dataclasses.replace(
                r, means=r.means + OFF * signs, second_moments=r.second_moments + OFF * pairs, budget=budget
            )

        monkeypatch.setattr(comparison.ladder, "evolve", off)
        return compare_local_states(Model(mz * mz), [0.6, 0, 0.3], [0, 0.3], [2, 3, 4, 6], n=(n,))[n]

    true, worst = run(), 0.0
    for _ in range(12):
        signs, pairs = rng.choice([-1.0, 1.0], 3), np.sign(rng.normal(size=(3, 3)))
        # errors that keep the commutators: ⟨m_a m_b⟩ real and symmetric, ⟨m²⟩ = 1 + 2⟨σσ⟩/N … free
        other = run(signs, np.sign(pairs + pairs.T + 0.5))
        change = other.exact - true.exact
        sizes = [
            comparison.convergence.reduced_states.trace_distance(other.exact, true.exact),
            np.linalg.norm(change, axis=(2, 3)),
        ]
        for size in sizes:
            assert np.all(size <= true.errors[:, None] * (1 + 1e-9))
        worst = max(worst, *(float((s / true.errors[:, None]).max()) for s in sizes))
    assert worst > 0.5


def test_what_a_study_would_notice_is_what_it_refutes():
    """Twice the smallest error that the power test names is refuted, half of it is not, although the study confirms its
    limit."""
    result = Study(Model(mz * mz + 0.3 * mx), [0.6, 0, 0.3], [0, 0.2, 0.4], [8, 12, 18, 27]).run()
    assert result.status("derived") != "refuted"
    (strongest, *_) = power_test(result)
    for factor, refuted in ((2.0, True), (0.5, False)):
        rows = power_test(result, planted=factor * strongest.smallest)
        assert next(r for r in rows if r.coefficient == strongest.coefficient).refuted == refuted


@pytest.fixture(scope="module")
def twisting():
    claims = [
        Claim("twice wrong", "made up", lambda t: {"mean_x": 0 * t + 0.6, "cov_xx": 0 * t + 0.99}),
        Claim("right", "closed form", lambda t: {"mean_z": 0 * t + 0.3}),
    ]
    study = Study(Model(mz * mz), [0.6, 0, 0.3], [0, 0.2, 0.4], [8, 12, 18, 27], claims, {"five": 5 * mz * mz})
    return study.run()


def with_budget(result, means=None, **parts):
    """The same study, had its runs had these budgets, and means(N, t) added to ⟨m_z⟩."""
    runs = []
    for r in result.results:
        shift = np.zeros_like(r.means)
        if means is not None:
            shift[:, 2] = [means(r.N, k) for k in range(len(r.times))]
        runs.append(dataclasses.replace(r, means=r.means + shift, budget=dataclasses.replace(r.budget, **parts)))
    return StudyResult(result.study, runs, result.limits, False, 0.0)


EXACT = dict(
    truncation_bound=0.0,
    trace_drift=0.0,
    smallest_eigenvalue=0.0,
    moment_difference=0.0,
    covariance_difference=0.0,
    observable_difference=0.0,
)


def test_bars_are_never_below_the_tolerance(twisting):
    assert np.all(with_budget(twisting, **EXACT).errors == twisting.study.tol)


@pytest.mark.parametrize(
    ("parts", "of_average", "of_covariance", "of_five"),
    [
        (dict(moment_difference=OFF), OFF, None, 5 * OFF),
        (dict(covariance_difference=OFF), None, OFF, None),
        (dict(observable_difference=OFF), None, None, OFF),
        (dict(trace_drift=OFF), OFF, "3N", 5 * OFF),
    ],
    ids=["moments", "covariances", "observables", "state"],
)
def test_every_part_of_the_budget_is_in_the_bars_it_concerns(twisting, parts, of_average, of_covariance, of_five):
    result = with_budget(twisting, **EXACT | parts)
    for k, N in enumerate(result.sizes):
        for name, wanted in (("mean_z", of_average), ("cov_xz", of_covariance), ("five", of_five)):
            bar = result.errors[k, :, result.study.quantities.index(name)]
            wanted = 3 * N * OFF if wanted == "3N" else wanted or result.study.tol
            assert np.allclose(bar, wanted, rtol=1e-12), (N, name)


def test_what_an_early_time_says_of_the_error_counts_later(twisting):
    """A term 3/N² of ⟨m_z⟩ at the middle time and none at the last: where exact numbers are the only witness, errors do
    not heal."""
    r = with_budget(twisting, lambda N, k: 3 / N**2 * (k == 1), **EXACT)
    e = extrapolate(r.sizes, r.exact, r.errors, ordered=True)
    i = twisting.study.quantities.index("mean_z")
    assert e.error[1, i] > 1e-4 and e.error[2, i] >= 0.99 * e.error[1, i] and e.error[0, i] < 1e-6


def test_headlines_quote_the_largest_gap_and_rates_that_are_known(twisting):
    lines = {line.split(" (")[0] + line.split("), ")[1][:8]: line for line in headlines(twisting)}
    averages = next(v for v in twisting.verdicts if (v.claim, v.quantity) == ("twice wrong", "mean_x"))
    assert averages.status == "refuted" and "REFUTED. mean_x" in lines["twice wrongaverages"]
    both = [dataclasses.replace(averages, quantity=q, extrapolated=x) for q, x in (("mean_x", 0.5), ("mean_y", 0.1))]
    for verdicts in (both, both[::-1]):
        result = with_budget(twisting)
        result.__dict__["verdicts"] = verdicts
        (line,) = headlines(result)
        assert "REFUTED. mean_y" in line
    sure, unsure = (
        dataclasses.replace(
            averages, claim="right", status="confirmed", rate=r, rate_error=e, claimed=averages.extrapolated
        )
        for r, e in ((1.0, 1e-3), (7.0, 3.0))
    )
    result.__dict__["verdicts"] = [sure, unsure, unsure]
    assert "N^-1.00" in headlines(result)[0]
    result.__dict__["verdicts"] = [dataclasses.replace(averages, claim="right", status="confirmed", rate=0.2)]
    assert "N^-" not in headlines(result)[0] and "but off: the gap is" in headlines(result)[0]
    result.__dict__["verdicts"] = [unsure]
    assert "falls as" not in headlines(result)[0]


def test_the_error_of_theorem_1_is_off_by_no_more_than_its_bar(monkeypatch):
    """Every average and square off by e, with the signs that matter most at m = (1, 1, 1)/√3: ½(3 + 2√3) e."""
    m = np.full(3, 0.999 / np.sqrt(3))

    def run(off):
        def moved(*args, **kwargs):
            r = evolve(*args, **kwargs)
            return dataclasses.replace(
                r,
                means=r.means - off,
                second_moments=r.second_moments + off * np.eye(3),
                budget=dataclasses.replace(r.budget, moment_difference=OFF),
            )

        monkeypatch.setattr(comparison.ladder, "evolve", moved)
        return theorem_bound(hopfield(), m, [0, 1e-3], [4, 6, 9, 14])

    true, other = run(0.0), run(OFF)
    change = np.abs(other.error - true.error)[:, 0]
    assert np.all(change <= true.uncertainty) and np.all(change > 0.7 * true.uncertainty)
