"""The benchmark measures the same job everywhere: every contestant is within the accuracy it is compared at."""

import itertools

import numpy as np
import pytest

from comparison.cli import speed
from comparison.cli.bench import text


@pytest.mark.slow
def test_contestants_agree_and_are_timed():
    (row,) = speed.jobs([8], piqs_up_to=8, csr_up_to=8, report=lambda text: None)
    for name in ("ours", "piqs", "csr", "runge_kutta"):
        assert row[f"{name} error"] < speed.ACCURACY
        assert row[name] > 0


def test_ratios_are_those_of_the_times_and_ours_is_the_faster_of_one_and_two_threads(monkeypatch):
    """Clocks that are known: 0.5 s on one thread and 0.25 s on two, and 2 s for every other contestant."""
    clock = itertools.count(0.0, 2.0)
    monkeypatch.setattr(speed, "best_times", lambda functions: [0.5, 0.25])
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(clock))
    values = np.zeros((3, len(speed.TIMES)))
    for name in ("ours", "runge_kutta", "csr", "piqs"):
        monkeypatch.setattr(speed, name, lambda *args, off=0.1 * (name == "csr"), **kwargs: values + off)
    small, large = speed.jobs([8, 16], piqs_up_to=8, csr_up_to=16, report=lambda text: None)
    assert (small["ours"], small["threads"]) == (0.25, 2)
    assert small["piqs / ours"] == small["csr / ours"] == large["csr / ours"] == 8.0
    assert "piqs" not in large and large["N"] == 16
    assert small["csr error"] == pytest.approx(0.1) and small["piqs error"] == 0.0


def test_applications_and_text():
    single = speed.applications([6, 9], csr_up_to=9, report=lambda text: None)
    assert {r["arithmetic"] for r in single} == {"real", "two real planes", "complex"}
    assert all(r["ns per element, 1 thread(s)"] > 0 for r in single)
    data = {
        "jobs": [
            {"N": 8, "ours": 1.0, "threads": 1, "ours error": 1e-6, "piqs": 3.0, "piqs error": 1e-7, "piqs / ours": 3.0}
        ],
        "applications": single,
        "two species": speed.two_species(2, 4, report=lambda text: None),
        "growth": {"whole job": 4.0},
    }
    assert data["two species"]["elements"] == [100, 35]
    shown = text(data)
    assert "3 times ours" in shown and "copies" in shown and "N^4.00" in shown and "one species, 35 elements" in shown


def test_exponent_is_the_slope():
    assert speed.exponent([10, 20, 40], 3.0 * np.array([10, 20, 40]) ** 2.5) == pytest.approx(2.5)
