"""What a study would take, said before it runs, against what it takes."""

import json
import time

import pytest

from comparison import build, load
from comparison.study.forecast import forecast, size_forecast
from comparison.study.study import Study
from finite_n.memory import NoMemoryError
from tests.comparison.cli.called import run

FACTOR = 30  # of times: small sizes vary from run to run


@pytest.fixture(autouse=True)
def processor_time(monkeypatch):
    """Tests run beside others on busy cores, which the time of the processor does not count."""
    monkeypatch.setattr(time, "perf_counter", time.process_time)


def test_memory_elements_and_engines_are_those_of_the_run():
    study = load("hopfield", {"sizes": [8, 16, 32, 64]})
    found = forecast(study)
    results = study.run().results
    assert [x.N for x in found.sizes] == study.sizes
    assert [x.elements for x in found.sizes] == [r.stats["elements"] for r in results]
    assert all(x.bytes >= r.stats["bytes"] for x, r in zip(found.sizes, results, strict=True))
    assert all("Dicke blocks" in x.note for x in found.sizes)
    taken = results[-1].stats["run time"]
    assert 0 < taken / FACTOR < found.sizes[-1].seconds < FACTOR * taken
    assert found.trials[-1] <= 64 and found.budget is None


def test_the_sizes_that_would_be_chosen_grow_with_the_budget_and_end_at_the_largest():
    few, more = (forecast(load("hopfield", {"budget": b})) for b in (1.0, 100.0))
    assert len(few.sizes) < len(more.sizes) and 4 <= len(more.sizes)
    assert [x.N for x in more.sizes][:3] == [8, 12, 16] and more.seconds <= 150  # times are rounded by √2
    bounded = forecast(load("hopfield", {"largest": 24}))
    assert [x.N for x in bounded.sizes] == [8, 12, 16, 24] and "larger sizes are not allowed" in str(bounded)


def test_what_does_not_fit_is_refused_at_once():
    study = load("hopfield", {"sizes": [4, 6, 8, 10]})
    with pytest.raises(NoMemoryError, match="N = 5000"):
        size_forecast(study, 5000)


def test_particles_of_bosons_are_the_same_at_every_n():
    particle = {"bosons": ["b"], "hamiltonian": "n_b", "operators": {"X": "x_b**2"}, "jumps": ["a_b"]}
    start = {"modes": {"b": {"thermal": 0.1}}}
    found = forecast(build({"particle": particle, "initial": start, "times": {"stop": 0.1, "points": 2}}))
    assert "one particle" in str(found) and found.as_data()["seconds"] is None


def test_a_dry_run_prints_and_runs_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(Study, "run", None)
    words = ["run", "hopfield", "--sizes", "8,16,32,64", "--dry-run", "--out", tmp_path / "out"]
    status, out, err = run(capsys, *words)
    assert (status, err) == (0, "") and "Dicke blocks" in out and "In all about" in out and "MiB" in out
    data = json.loads(run(capsys, *words, "--json")[1])
    assert [row["N"] for row in data["sizes"]] == [8, 16, 32, 64] and data["seconds"] > 0
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_functions_of_time_that_are_slow_to_resolve_are_not_taken_for_work():
    """Six functions with kinks take half a second at every N, as long as the trials themselves: within a factor of 3,
    where what is taken for work grows by hundreds."""
    drives = " + ".join(
        f"abs(sin({10 + k}*t))*{x}" for k, x in enumerate(["mx", "my", "mz", "mx*mx", "my*my", "mz*mz"])
    )
    model = {"hamiltonian": f"0.2*mz + {drives}", "jumps": [{"operator": "sm", "rate": 0.1}]}
    raw = {"initial": {"bloch": [0.3, 0, -0.6]}, "times": {"stop": 2.0, "points": 3}, "model": model}
    study = build(raw | {"sizes": [10, 20, 30, 40]}, "study.toml")
    found = forecast(study)
    taken = sum(r.stats["run time"] for r in study.run().results)
    assert taken / 3 < found.seconds < 3 * taken
