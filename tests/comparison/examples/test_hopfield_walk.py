"""The walk from a model to the first page's figure: its verdicts, and the numbers that it draws."""

import runpy

import numpy as np
import pytest

from figures import hopfield_covariance
from tests.pages import ROOT

WALK = ROOT / "comparison" / "examples" / "hopfield_walk.py"  # to be run, not imported, which would run it too


@pytest.fixture(scope="module")
def cells():
    return runpy.run_path(str(WALK))


def test_the_derived_limit_is_confirmed_and_the_other_refuted(cells):
    status = {(v.claim, v.status) for v in cells["result"].verdicts if v.quantity == "cov_zz"}
    assert status == {("derived", "confirmed"), ("without ∂Γ", "refuted")}


def test_the_figure_shows_what_the_first_page_shows(cells):
    """By a model that is written here, and the printed formula integrated here, against those of the package."""
    drawn = {line.get_label(): line.get_ydata()[-1] for line in cells["axes"].get_lines()}
    data = hopfield_covariance.compute(lambda text: None)
    end = data.isel(time=-1)
    assert drawn["derived limit"] == pytest.approx(float(end["limit"].sel(claim="derived")), abs=1e-6)
    assert drawn["rates held fixed in Q"] == pytest.approx(float(end["limit"].sel(claim="printed")), abs=1e-6)
    exact = [drawn[f"exact, N = {N}"] for N in data["N"].values]
    np.testing.assert_allclose(exact, end["exact"].values, atol=1e-7)


def test_every_cell_has_a_title():
    titles = [line for line in WALK.read_text(encoding="utf-8").splitlines() if line.startswith("# %%")]
    assert len(titles) == 5 and all(len(title.split()) >= 4 for title in titles)
