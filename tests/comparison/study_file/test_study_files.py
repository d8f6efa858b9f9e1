"""Study files: what is overridden and what stays, and times that are none."""

import numpy as np
import pytest

from comparison import build, load
from finite_n import FiniteNError, squeezed

FILE = """
system = "hopfield"
sizes = [6, 9, 13, 18]
[parameters]
beta = 0.5
omega = 0.2
[times]
start = 1.0
stop = 2.0
points = 5
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(FILE, encoding="utf-8")
    return str(path)


def test_overrides_leave_the_rest_of_a_file(file):
    study = load(file, {"times": {"stop": 3.0}, "parameters": {"omega": 0.4}})
    assert np.array_equal(study.tlist, np.linspace(1, 3, 5))
    assert study.spec["parameters"]["beta"] == 0.5 and study.spec["parameters"]["omega"] == 0.4
    assert study.sizes == [6, 9, 13, 18]
    assert load(file, {"sizes": [4, 6, 8, 10]}).sizes == [4, 6, 8, 10]


@pytest.mark.parametrize(("start", "stop"), [(0.0, 0.0), (1.0, 1.0), (1.0, 0.5)])
def test_times_that_do_not_run_on_are_refused(start, stop):
    with pytest.raises(FiniteNError, match=r"study: times\.stop = .* is not later than times\.start"):
        build({"system": "hopfield", "sizes": [4, 6, 8, 10], "times": {"start": start, "stop": stop}})


def test_a_mode_may_start_squeezed():
    """`squeezed` and `angle` are those of `finite_n.squeezed`; with an amplitude they are refused in a sentence."""
    raw = {
        "sizes": [4, 8, 16, 32],
        "initial": {"bloch": [0, 0, -1], "modes": {"light": {"squeezed": 0.4, "angle": 0.3}}},
        "times": {"stop": 1.0},
        "model": {"hamiltonian": "0.5*mz + 0.4*n_light", "modes": ["light"]},
    }
    study = build(raw)
    assert study.rho0.parts["light"] == squeezed(0.4, 0.3)
    raw["initial"]["modes"]["light"]["beta"] = 0.1
    with pytest.raises(FiniteNError, match=r"initial\.modes\.light: give squeezed"):
        build(raw)
