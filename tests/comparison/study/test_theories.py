"""Theories side by side: what the table, the report and the JSON of a study say."""

import json

import numpy as np
import pytest
import qutip

from comparison import Study, build, theories, theory_errors, theory_table
from comparison.cli.main import main
from comparison.referee.expansion import derived_expansion
from comparison.report.as_data import as_json
from comparison.report.pages import text_report
from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, mx, mz, product
from meanfield import Corrections

MODEL = Model(0.4 * mx + 0.1 * mz * mz, [LocalJump(qutip.sigmaz(), 0.3)], [CollectiveJumps([qutip.sigmam()], 0.3)])
START, SIZES = [0.6, 0, 0.3], [10, 20, 40, 80]


@pytest.fixture(scope="module")
def result():
    claims = theories(MODEL, START, ["meanfield", "cumulants2"])
    return Study(MODEL, START, np.linspace(0, 1, 4), SIZES, claims).run()


def test_errors_are_the_largest_distances(result):
    found = {(e.theory, e.kind): e for e in theory_errors(result)}
    assert set(found) == {(t, k) for t in ("meanfield", "cumulants2") for k in ("averages", "covariances")}
    claim = next(c for c in result.claims if c.name == "cumulants2")
    for k, r in enumerate(result.results):
        said = claim.values(result.study.times, r.N)
        largest = max(np.abs(said[f"mean_{a}"] - r.mean(a)).max() for a in "xyz")
        assert abs(found["cumulants2", "averages"].error[k] - largest) < 1e-12
    for key, order in {
        ("meanfield", "averages"): 1,
        ("cumulants2", "averages"): 2,
        ("cumulants2", "covariances"): 1,
    }.items():
        assert abs(found[key].order - order) < 0.1  # four sizes


def test_the_table_the_report_and_json_agree(result):
    table = theory_table(result)
    assert table.splitlines()[0].split() == ["largest", "error", "of", "averages", "meanfield", "cumulants2"]
    assert table.splitlines()[-1].split() == ["N", "=", "80", "never", "never"]
    assert table in text_report(result)
    data = json.loads(json.dumps(as_json(result)))["theories"]
    assert [d["theory"] for d in data] == ["meanfield", "cumulants2"]
    errors = theory_errors(result)[0].error
    assert np.allclose(data[0]["kinds"]["averages"]["error"], errors, rtol=1e-12)
    assert f"{errors[-1]:.2e}" in table
    assert data[0]["unphysical"] == [None] * 4


def test_the_expansion_is_derived_once_for_the_referee_and_for_the_theory(monkeypatch):
    derived, evolve = [], Corrections.evolve

    def counted(*arguments):
        derived.append(arguments[0].model)
        return evolve(*arguments)

    monkeypatch.setattr(Corrections, "evolve", counted)
    start, other = product(START), Model(0.4 * mx)
    for own, count in ((MODEL, 1), (other, 3)):
        study = Study(MODEL, start, [0, 0.5], SIZES, theories(own, start, ["corrected"]))
        found = study.expansion.coefficients
        assert len(derived) == count and derived[-1] is MODEL
        alone = derived_expansion(MODEL, start, study.times, study.quantities).coefficients
        assert np.array_equal(found, alone, equal_nan=True)
        derived.pop()


def test_a_study_file_names_theories():
    raw = {
        "theories": ["meanfield", "cumulants2"],
        "initial": {"bloch": START},
        "times": {"stop": 1.0, "points": 3},
        "sizes": SIZES,
        "observables": {"order": "mz*mz"},
        "model": {"hamiltonian": "0.4*mx", "collective": [{"operators": ["sm"]}]},
    }
    study = build(raw)
    assert [c.name for c in study.claims] == ["meanfield", "cumulants2"]
    assert "order" in study.claims[1].values(study.tlist, 10)
    with pytest.raises(FiniteNError, match="'gauss' is unknown; known are"):
        build(raw | {"theories": ["gauss"]})


def test_the_command_line(capsys):
    sizes = ["--sizes", "4,6,8,12", "--points", "3", "--stop", "0.5", "--quiet"]
    assert main(["run", "collective_dissipation", "--theories", "meanfield,cumulants3", *sizes]) == 0
    out = capsys.readouterr().out
    last = out.rstrip().split("\n\n")[-1].splitlines()
    assert last[0].split()[-2:] == ["meanfield", "cumulants3"] and len(last) == 5
    assert main(["run", "collective_dissipation", "--theories", "nonsense", *sizes]) == 2
    assert "'nonsense' is unknown" in capsys.readouterr().err


@pytest.mark.slow
def test_a_theory_that_diverges_is_compared_until_then():
    model, times = Model(0.5 * mz * mz + 0.4 * mx), np.linspace(0, 20, 11)
    claims = theories(model, [0, 0, 1], ["meanfield", "cumulants3"])
    result = Study(model, [0, 0, 1], times, [4, 6, 8, 10], claims).run()
    verdicts = {v.claim: v for v in result.finite_sizes if v.quantity == "mean_z"}
    assert verdicts["meanfield"].times[-1] == 20
    end = verdicts["cumulants3"].times[-1]
    assert 2 < end < 20
    assert f"cumulants3 is compared until t = {end:g}" in theory_table(result)
    data = json.loads(json.dumps(as_json(result), allow_nan=False))["theories"][1]
    assert all(x["time"] <= 20 for x in data["unphysical"] if x)
    assert np.isnan(result.dataset["theory_value"].sel(theory="cumulants3", N=10).values[-1]).all()
