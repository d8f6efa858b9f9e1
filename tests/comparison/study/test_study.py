"""Studies: claims of any kind, interruption, dataset and files."""

import json

import numpy as np
import pytest
import xarray as xr

from comparison import Claim, Study, build, write
from comparison.report.figure import convergence_figure, telling_quantity
from comparison.report.headlines import headlines
from comparison.report.pages import text_report
from comparison.report.tables import table
from finite_n import FiniteNError, mx, mz, product
from finite_n.systems import hopfield

SMALL = {"system": "hopfield", "sizes": [8, 12, 18, 26], "times": {"stop": 0.4, "points": 3}}


@pytest.fixture(scope="module")
def result():
    return build(SMALL).run()


def test_any_claim_on_any_observable_is_judged():
    zx = (mz * mx + mx * mz) * 0.5
    claims = [
        Claim("right", "initial values", lambda t: {"mean_y": np.full(t.shape, 0.3)}),
        Claim("half a percent off", "made up", lambda t: {"zx": np.full(t.shape, 0.1206)}),
    ]
    times = [0, 1e-7]
    study = Study(hopfield(), product([0.3, 0.3, 0.4]), times, [8, 12, 18, 26], claims, {"zx": zx}, accuracy=1e-4)
    r = study.run()
    assert r.status("right") == "confirmed"
    assert r.status("half a percent off") == "refuted"
    assert r.status("derived") == "confirmed"
    assert r.limits["derived"]["zx"][0] == pytest.approx(0.12)


def test_files_hold_the_study(result, tmp_path):
    files = {f.name: f for f in write(result, tmp_path / "new" / "folder")}
    assert set(files) == {"study.nc", "verdicts.json", "report.md", "report.html", "convergence.png", "convergence.pdf"}
    assert not list((tmp_path / "new" / "folder").glob(".*"))
    with xr.open_dataset(files["study.nc"], engine="h5netcdf") as data:
        assert np.array_equal(data["exact"], result.exact)
        assert data["exact"].dims == ("N", "time", "quantity")
        provenance = json.loads(data.attrs["provenance"])
        assert provenance["spec"]["parameters"]["beta"] == 0.8 and "numba" in provenance["versions"]
    verdicts = json.loads(files["verdicts.json"].read_text(encoding="utf-8"))
    assert {v["claim"] for v in verdicts["verdicts"]} == {"derived", "printed"}
    assert "REFUTED" in files["report.md"].read_text(encoding="utf-8")
    assert files["convergence.png"].read_bytes().startswith(b"\x89PNG")
    assert files["convergence.pdf"].read_bytes().startswith(b"%PDF")


def test_the_figure_draws_the_numbers_of_the_dataset(result):
    data = result.dataset
    assert telling_quantity(data) == "cov_zz"
    left, right = convergence_figure(data).axes
    curves = {line.get_label(): line.get_ydata() for line in left.lines}
    assert np.array_equal(curves["exact, N = 26"], data["exact"].sel(N=26, quantity="cov_zz"))
    assert np.array_equal(curves["claim: printed"], data["limit"].sel(claim="printed", quantity="cov_zz"))
    points = {line.get_label(): line.get_ydata() for line in right.lines}
    gap = np.abs(data["exact"] - data["limit"].sel(claim="derived")).sel(quantity="cov_zz").isel(time=-1)
    assert np.allclose(points["exact − derived"], gap)


def test_table_and_headlines(result):
    text = table(result)
    for word in ("N = 26", "N → ∞", "cov_zz", "claim: printed"):
        assert word in text
    lines = headlines(result)
    assert len(lines) == 3 and "REFUTED" in lines[-1]
    assert "Error budget" in text_report(result)


@pytest.mark.usefixtures("quick_figures")
def test_interruption_keeps_what_is_done(monkeypatch, tmp_path):
    import comparison.ladder

    original = comparison.ladder.evolve

    def stops_at_18(model, N, *args, **kwargs):
        if N == 18:
            raise KeyboardInterrupt
        return original(model, N, *args, **kwargs)

    monkeypatch.setattr(comparison.ladder, "evolve", stops_at_18)
    r = build(SMALL).run()
    assert r.interrupted and r.sizes == [8, 12] and r.verdicts == []
    files = write(r, tmp_path)
    with xr.open_dataset(tmp_path / "study.nc", engine="h5netcdf") as data:
        assert list(data["N"]) == [8, 12]
    assert len(files) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": [10, 20]}, "four or more increasing"),
        ({"sizes": [10, 30, 20, 40]}, "four or more increasing"),
        ({"sizes": [10, 20, 30, -3]}, "whole number"),
        ({"sizes": [10, 20, 30, 2.5]}, "whole number"),
        ({"accuracy": 0.0}, "accuracy"),
        ({"power": 0.7}, "power"),
        ({"e_ops": {"q": mz * mx}}, "not Hermitian"),
        ({"e_ops": {"mean_x": mz}}, "already"),
        ({"tlist": [0, 0]}, "later than the one before"),
        ({"sizes": [10, 20, 30, 10**5]}, "largest N that fits is"),
    ],
)
def test_bad_studies_are_refused(change, message):
    arguments = {"model": hopfield(), "rho0": [0, 0.3, 0.4], "tlist": [0, 1], "sizes": [10, 20, 30, 40]} | change
    with pytest.raises(FiniteNError, match=message):
        Study(**arguments)


def test_a_claim_about_something_unknown_is_refused():
    study = build(SMALL)
    study.claims = [Claim("odd", "nowhere", lambda t: {"cov_qq": t})]
    with pytest.raises(FiniteNError, match="cov_qq"):
        study.run()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (lambda t: {"mean_x": 0.0}, "shape"),
        (lambda t: {"mean_x": t[:, None]}, "shape"),
        (lambda t: {"mean_x": t + 1j}, "finite real"),
        (lambda t: {"mean_x": t * np.nan}, "finite real"),
        (lambda t: None, "dict of arrays by quantity"),
    ],
)
def test_claims_that_are_not_real_numbers_at_every_time_are_refused_before_the_long_work(values, message):
    study = build(SMALL)
    study.claims = [Claim("odd", "nowhere", values)]
    with pytest.raises(FiniteNError, match=message):
        study.run(progress=lambda *_: pytest.fail("evolution had begun"))


def test_names_of_claims_are_unique():
    with pytest.raises(FiniteNError, match="name is taken"):
        Study(hopfield(), [0, 0.3, 0.4], [0, 1], [10, 20, 30, 40], [Claim("derived", "", lambda t: {})])


def test_cutoffs_of_a_study_file_are_those_of_every_size():
    """What cutoffs that are too low change is in the errors of all numbers, so that no verdict stands on them."""
    raw = {
        "system": "dicke_model",
        "initial": {"bloch": [0, 0, -1]},
        "sizes": [2, 3, 4, 5],
        "times": {"stop": 2.0, "points": 3},
    }
    good, poor = (build(raw | {"tolerance": 1e-7, "cutoffs": {"field": c}}).run() for c in (30, 2))
    assert [r.levels["field"].shape[1] for r in good.results] == [31] * 4
    assert [r.levels["field"].shape[1] for r in poor.results] == [3] * 4
    assert np.abs(poor.exact - good.exact).max() > 1e-4  # they matter
    assert np.all(np.abs(poor.exact - good.exact) <= poor.errors + good.errors)
    with pytest.raises(FiniteNError, match="highest level of field"):
        build(raw | {"cutoffs": {"light": 9}})
    with pytest.raises(FiniteNError, match="no modes"):
        build({"system": "hopfield", "cutoffs": {"light": 9}})
