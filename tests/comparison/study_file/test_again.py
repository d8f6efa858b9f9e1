"""The study file that a report shows is the study that it reports, of every kind of subject."""

import tomllib

import pytest

from comparison import build
from comparison.report.again import study_file
from comparison.results_folder.identity import identity
from tests.comparison.study_file.test_own_models import THREE_LEVEL

COMMON = {"sizes": [4, 6, 8, 10], "times": {"stop": 0.1, "points": 2}, "accuracy": 1e-2}
PARTICLE = {
    "bosons": ["b"],
    "hamiltonian": "w*n_b",
    "parameters": {"w": 0.5},
    "jumps": ["a_b", "dag(a_b)"],
    "rate": [0.3, "0.1"],
    "operators": {"X": "x_b**2 - p_b**2"},
}
DRIVEN = {
    "hamiltonian": "h*pulse(t)*mx + ramp(t)*mz",
    "parameters": {"h": 0.5, "on": 0.05},
    "functions": {"ramp": {"times": [0.0, 0.05, 0.1], "values": [0.0, 1.0, 0.0], "order": 1}, "pulse": "1 + ramp(t)"},
    "breaks": ["on"],
    "jumps": [{"operator": "sm", "rate": "exp(D)*exp(-t)/9", "delta": "mz"}],
    "collective": [{"operators": ["sm", "sz"], "matrix": [[1, 0], [0, 0.5]], "time": "step(t - on)"}],
}
STUDIES = {
    "functions of time": {"model": DRIVEN, "initial": {"bloch": [0, 0, -1]}},
    "levels": {"model": THREE_LEVEL, "initial": {"ket": [1, 0, 0]}, "observables": {"r": "m(s_rr)"}},
    "species with levels": {
        "model": {"species": {"a": {"fraction": "1/2", "levels": ["g", "e"]}, "b": 0.5}, "hamiltonian": "m_a(s_gg_a)"},
        "initial": {"species": {"a": {"matrix": [[0.5, "0.1j"], ["-0.1j", 0.5]]}, "b": {"bloch": [0, 0, 1]}}},
    },
    "bosons": {"particle": PARTICLE, "initial": {"modes": {"b": {"thermal": 0.2}}}},
}


@pytest.mark.parametrize("kind", STUDIES)
def test_it_can_be_run_again(kind):
    study = build(STUDIES[kind] | COMMON)
    again = build(tomllib.loads(study_file(study.run())))
    assert identity(again) == identity(study) and again.sizes == study.sizes
