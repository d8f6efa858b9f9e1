"""Sweeps: the numbers of single studies, found again, and what happens when a part of them fails."""

import concurrent.futures
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from comparison import Sweep, load
from comparison.point_store.store import PointStore
from comparison.sweep import run
from comparison.sweep.files import check_tables, folder_names, write_study, write_tables
from comparison.sweep.result import SweepResult, SweepRow
from comparison.sweep.tasks import Task
from finite_n import FiniteNError
from tests.comparison.sweep.pretending import at_once  # noqa: F401

QUICK = {"sizes": [6, 9, 13, 19], "times": {"stop": 0.2, "points": 3}, "accuracy": 1e-3}
GRID = {"omega": [0.2, 0.4], "beta": "0.5,0.8"}


def test_what_a_point_does_not_depend_on_is_not_sent(at_once, tmp_path, monkeypatch):  # noqa: F811
    """Theories and formulas are judged here; the points are those of the whole study."""
    sent, payload = [], Task.payload
    monkeypatch.setattr(Task, "payload", lambda task, store: sent.append(payload(task, store)) or sent[-1])
    claims = [
        {"name": "formula", "values": {"mean_z": "0.4"}},
        {"name": "table", "times": [0.15], "values": {"mean_z": [0.4]}},
    ]
    study = QUICK | {"system": "hopfield", "theories": ["meanfield"], "claims": claims}
    (row,) = Sweep(study).run(points=tmp_path).rows
    assert [c["name"] for c in sent[0]["source"]["raw"]["claims"]] == ["table"] and len(sent) == 4
    assert "theories" not in sent[0]["source"]["raw"] and set(row.statuses()) > {"formula", "table", "meanfield"}
    assert not row.failure and 0.15 in row.result.study.times


@pytest.mark.parametrize("shared", [True, False])
def test_every_study_has_the_numbers_that_it_has_alone(at_once, tmp_path, shared):  # noqa: F811
    """Whether workers see the store or send what they have stored."""
    at_once.shared = shared
    grid = {"omega": [0.2], "beta": "0.5,0.8"}
    result = Sweep("hopfield", grid, QUICK).run(points=tmp_path)
    assert result.computed == 8 and not result.failures and not result.interrupted
    assert [row.name for row in result.rows] == ["omega=0.2,beta=0.5", "omega=0.2,beta=0.8"]
    for row in result.rows:
        alone = load("hopfield", QUICK | {"parameters": dict(row.parameters)}).run()
        assert row.result.digest == alone.digest
        assert row.statuses() == {name: alone.status(name) for name in ("derived", "printed")}
    again = Sweep("hopfield", grid, QUICK).run(points=tmp_path)
    assert again.computed == 0 and [r.result.digest for r in again.rows] == [r.result.digest for r in result.rows]


def test_tables_and_files_hold_the_same_numbers(at_once, tmp_path):  # noqa: F811
    result = Sweep("hopfield", {"omega": [0.2, 0.4]}, QUICK).run()
    data, last = result.as_data(), [row.result.extrapolation.value[-1] for row in result.rows]
    quantities = result.rows[0].result.study.quantities
    for own, values in zip(data["studies"], last, strict=True):
        assert [own["final"][q]["value"] for q in quantities] == values.tolist()
        assert own["final"]["mean_z"]["error"] > 0
        assert abs(own["final"]["mean_z"]["value"] - own["final"]["mean_z"]["derived"]) < 1e-3
    table = result.table().splitlines()
    assert table[0].split()[:3] == ["omega", "derived", "printed"] and len(table) == 3
    for row, name in zip(result.rows, folder_names([row.parameters for row in result.rows]), strict=True):
        assert write_study(row, tmp_path, name) == []
        assert (tmp_path / name / "study.nc").is_file() and not (tmp_path / name / "convergence.png").exists()
    paths = write_tables(result, tmp_path)
    assert [p.name for p in paths] == ["sweep.json", "sweep.nc", "sweep.md"]
    assert json.loads(paths[0].read_text(encoding="utf-8")) == json.loads(json.dumps(data))
    with xr.open_dataset(paths[1]) as found:
        assert found.value.dims == ("omega", "time", "quantity")
        assert np.array_equal(found.value.sel(omega=0.4)[-1], last[1])
        assert found.verdict.sel(omega=0.2, claim="derived") == result.rows[0].statuses()["derived"]


def test_a_point_that_raises_ends_no_other(at_once, tmp_path):  # noqa: F811
    """Four sizes are judged without the fifth, three are not."""
    at_once.broken = (19,)
    result = Sweep("hopfield", {"omega": [0.2]}, QUICK | {"sizes": [6, 9, 13, 16, 19]}).run(points=tmp_path)
    (row,) = result.rows
    assert row.result.sizes == [6, 9, 13, 16] and row.statuses()["derived"] == "confirmed"
    assert result.failures == ["omega=0.2: N = 19: out of memory: no more."] and result.computed == 4
    result = Sweep("hopfield", {"omega": [0.2, 0.4]}, QUICK).run(points=tmp_path)
    assert [row.result for row in result.rows] == [None, None] and len(result.failures) == 2
    at_once.broken = ()
    assert Sweep("hopfield", {"omega": [0.2]}, QUICK).run(points=tmp_path).computed == 1


def test_a_combination_that_the_system_refuses_ends_no_other(at_once):  # noqa: F811
    done = []
    result = Sweep("collective_dissipation", {"lam": [5.0, 0.8]}, QUICK).run(done=lambda row: done.append(row.name))
    refused, fine = result.rows
    assert refused.result is None and "not positive semi-definite" in refused.failure
    assert fine.statuses()["derived"] == "confirmed" and done == ["lam=5.0", "lam=0.8"]
    assert result.as_data()["studies"][0]["claims"] == {} and "–" in result.table()
    assert np.all(np.isnan(result.dataset.value.sel(lam=5.0))) and np.all(
        np.isfinite(result.dataset.value.sel(lam=0.8))
    )


def test_interrupted_it_keeps_what_is_finished(at_once, tmp_path):  # noqa: F811
    def stop_after(count):
        seen = []

        def tick(note):
            seen.append(note)
            if len(seen) > count:
                raise KeyboardInterrupt

        return tick

    result = Sweep("hopfield", GRID, QUICK).run(points=tmp_path, tick=stop_after(6))
    assert result.interrupted and result.computed == 6 and [row.failure for row in result.rows] == 4 * ["interrupted."]
    assert PointStore(tmp_path).size()[0] == 7  # one was finished after the last that was reported
    rest = Sweep("hopfield", GRID, QUICK).run(points=tmp_path)
    assert not rest.interrupted and not rest.failures and rest.computed == 9


def test_ctrl_c_while_a_study_is_judged_ends_the_sweep(at_once, monkeypatch):  # noqa: F811
    def interrupted(self, *arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(run._Found, "once", interrupted)
    result = Sweep("hopfield", GRID, QUICK).run()
    assert result.interrupted and 12 < result.computed <= 16 and all(row.result is None for row in result.rows)


@pytest.mark.parametrize("shared", [True, False])
def test_studies_that_choose_their_sizes_are_one_task_each(at_once, tmp_path, shared):  # noqa: F811
    at_once.shared = shared
    chosen = {"budget": 20, "largest": 16, "times": QUICK["times"], "accuracy": 1e-3}
    result = Sweep("hopfield", {"omega": "0.2,0.4"}, chosen).run(points=tmp_path)
    assert not result.failures and all(row.result.growth.ended in ("settled", "largest") for row in result.rows)
    assert Sweep("hopfield", {"omega": "0.2,0.4"}, chosen).run(points=tmp_path).computed == 0


FILE = """
sizes = [6, 9, 13, 19]
initial = { bloch = [0, 0, 1] }
times = { stop = 0.2, points = 3 }
[model]
hamiltonian = "w*mx"
parameters = { w = 1.0, g = 0.5 }
[[model.jumps]]
operator = "sm"
rate = "g"
[[claims]]
name = "table"
file = "fig.csv"
[grid]
w = "0.5:1.5:3"
"""


def test_the_grid_of_a_file_and_the_files_that_it_names(at_once, tmp_path):  # noqa: F811
    """The table of a claim goes along to workers that do not see it; its time is evolved there too."""
    at_once.shared = False
    (tmp_path / "study.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "fig.csv").write_text("time,mean_z\n0.15,0.911\n", encoding="utf-8")
    sweep = Sweep(tmp_path / "study.toml", {"g": [0.5]})
    assert sweep.grid == {"w": [0.5, 1.0, 1.5], "g": [0.5]}
    result = sweep.run(points=tmp_path / "points")
    assert not result.failures and 0.15 in result.rows[0].result.study.times
    assert [row.result.study.spec["model"]["parameters"]["w"] for row in result.rows] == [0.5, 1.0, 1.5]
    assert Path(result.rows[0].result.points.store.folder) == tmp_path / "points"
    with pytest.raises(FiniteNError, match=r"'v'.*has none of this name; it has w, g"):
        Sweep(tmp_path / "study.toml", {"v": [0.5]})
    with pytest.raises(FiniteNError, match="grid: it asks for a study of every combination"):
        load(str(tmp_path / "study.toml"))


def test_a_worker_of_another_version_is_said(at_once, monkeypatch):  # noqa: F811
    """Its points would not be found here."""
    submit = at_once.submit

    def older(self, task):
        future = concurrent.futures.Future()
        outcome = submit(self, task).result()
        future.set_result(outcome | {"environment": outcome["environment"] | {"numpy": "1.0"}})
        return future

    monkeypatch.setattr(at_once, "submit", older)
    (row,) = Sweep("hopfield", {"omega": [0.2]}, QUICK).run().rows
    assert row.result is None and "a worker has numpy 1.0, and here it is" in row.failure


def test_points_that_came_back_damaged_are_not_stored(at_once, monkeypatch, tmp_path):  # noqa: F811
    at_once.shared, submit = False, at_once.submit

    def damaged(self, task):
        future = concurrent.futures.Future()
        outcome = submit(self, task).result()
        future.set_result(outcome | {"points": {k: x[:-1] for k, x in outcome["points"].items()}})
        return future

    monkeypatch.setattr(at_once, "submit", damaged)
    (row,) = Sweep("hopfield", {"omega": [0.2]}, QUICK).run(points=tmp_path).rows
    assert row.result is None and "cannot be stored, its bytes are not those of its checksum" in row.failure
    assert PointStore(tmp_path).size()[0] == 0


def test_options_that_would_be_ignored_are_refused():
    with pytest.raises(FiniteNError, match="a cluster has workers of its own"):
        Sweep("hopfield", GRID, QUICK).run(workers=2, scheduler="tcp://127.0.0.1:1")


def test_unknown_parameters_are_told_once_and_not_for_every_combination(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('system = "hopfield"\n[grid]\nomega = [0.1, 0.2]\nN = [10, 20]\n')
    with pytest.raises(FiniteNError, match=r"a\.toml, line 4: grid\.N: hopfield has no parameter N; it has omega"):
        Sweep(file)
    with pytest.raises(FiniteNError, match=r"hopfield: parameters\.omga: hopfield has no parameter omga"):
        Sweep("hopfield", {"omega": [0.1, 0.2]}, {"parameters": {"omga": 1}})


def test_a_store_that_cannot_be_written_is_refused_before_anything_is_computed(tmp_path):
    taken = tmp_path / "points"
    taken.write_text("a file")
    begun = []
    with pytest.raises(FiniteNError, match=r"points cannot be stored in .*points, .*--no-cache"):
        Sweep("hopfield", {"omega": [0.2]}, QUICK).run(
            workers=1, points=taken, progress=lambda *done: begun.append(done)
        )
    assert not begun


def test_an_interrupted_sweep_does_not_replace_the_tables_of_more_studies(at_once, tmp_path):  # noqa: F811
    whole = Sweep("hopfield", {"omega": [0.2, 0.4]}, QUICK).run()
    less = SweepResult(whole.grid, [whole.rows[0], SweepRow(whole.rows[1].parameters, None, "interrupted.")], True)
    assert len(write_tables(less, tmp_path)) == 3 and len(write_tables(whole, tmp_path)) == 3
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert write_tables(less, tmp_path) == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_tables_of_another_grid_are_replaced_only_by_force(at_once, tmp_path):  # noqa: F811
    write_tables(Sweep("hopfield", {"omega": [0.2, 0.4]}, QUICK).run(), tmp_path)
    check_tables([{"omega": 0.2}, {"omega": 0.3}, {"omega": 0.4}], tmp_path)
    with pytest.raises(FiniteNError, match=r"its sweep\.json is of other studies, such as omega=0\.2; choose another"):
        check_tables([{"beta": 0.5}], tmp_path)
    check_tables([{"beta": 0.5}], tmp_path, force=True)
    check_tables([{"beta": 0.5}], tmp_path / "none")
