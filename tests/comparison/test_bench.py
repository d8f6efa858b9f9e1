"""The benchmark measures the same job everywhere: every contestant is within the accuracy it is compared at."""

import numpy as np
import pytest

from comparison import bench


def test_contestants_agree_and_ratios_are_those_of_the_times():
    (row,) = bench.jobs([8], piqs_up_to=8, csr_up_to=8, report=lambda text: None)
    for name in ("ours", "piqs", "csr", "runge_kutta"):
        assert row[f"{name} error"] < bench.ACCURACY
        assert row[name] > 0
    assert row["piqs / ours"] == pytest.approx(row["piqs"] / row["ours"])


def test_applications_and_text():
    single = bench.applications([6, 9], csr_up_to=9, report=lambda text: None)
    assert {r["arithmetic"] for r in single} == {"real", "two real planes", "complex"}
    assert all(r["ns per element, 1 thread(s)"] > 0 for r in single)
    data = {
        "jobs": [
            {"N": 8, "ours": 1.0, "threads": 1, "ours error": 1e-6, "piqs": 3.0, "piqs error": 1e-7, "piqs / ours": 3.0}
        ],
        "applications": single,
        "two species": bench.two_species(2, 4, report=lambda text: None),
        "growth": {"whole job": 4.0},
    }
    assert data["two species"]["elements"] == [100, 35]
    text = bench.bench_text(data)
    assert "3 times ours" in text and "copies" in text and "N^4.00" in text and "one species, 35 elements" in text


def test_exponent_is_the_slope():
    assert bench.exponent([10, 20, 40], 3.0 * np.array([10, 20, 40]) ** 2.5) == pytest.approx(2.5)
