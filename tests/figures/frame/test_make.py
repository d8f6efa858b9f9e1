"""The runner: what it keeps, what it computes again and why, and what it leaves when something fails."""

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from comparison.results_folder.lock import FolderLock
from figures.frame import figure, make, source
from finite_n import FiniteNError
from tests.comparison.cli.called import refused
from tests.comparison.cli.called import run as finite_n

SCRIPT = '''"""A test figure."""
import numpy as np
import xarray as xr
from figures.frame.style import one_column

SHOWS = "A line that rises."
BESIDE = ""
SLOPE = 2.0
COLOUR = "k"


def values(x):
    """A line."""
    return SLOPE * x


def compute(progress):
    progress("the line")
    x = np.linspace(0, 1, 4)
    return xr.Dataset({"y": ("x", values(x))}, {"x": x}, {"slope": SLOPE})


def draw(data):
    figure = one_column(2)
    figure.subplots().plot(data["x"], data["y"], color=COLOUR)
    return figure
'''


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """write(name, text): a figure in a folder of its own that the frame finds in place of the real ones."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    monkeypatch.setattr(figure, "FOLDER", folder)
    monkeypatch.setattr(source, "numerical_source", lambda: "as it is")

    def write(name, text=SCRIPT):
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        module = types.ModuleType(f"figures.{name}")
        exec(compile(text, name, "exec"), module.__dict__)
        monkeypatch.setitem(sys.modules, module.__name__, module)

    return write


@pytest.fixture
def quick(monkeypatch):
    """Pictures in a moment."""
    monkeypatch.setattr(
        make, "figure_files", lambda figure, subject, stem, dpi: {f"{stem}.{x}": b"" for x in ("png", "pdf")}
    )
    monkeypatch.setattr(figure.FigureScript, "draw", lambda self, data: None)


@pytest.fixture
def run(tmp_path):
    """run(*names) makes figures in tmp_path/out: what was made, and what was said."""

    def made(*names):
        said = []
        return make.make(names, tmp_path / "out", said.append), said

    return made


def test_data_are_kept_until_their_source_changes(scripts, run, tmp_path):
    scripts("line")
    (first,), said = run("line")
    assert said == ["line: the line"] and not first.kept and not first.problem
    assert [p.name for p in first.paths] == ["line.nc", "line.png", "line.pdf"]
    before = {p: p.read_bytes() for p in first.paths}
    assert before[first.paths[1]].startswith(b"\x89PNG") and before[first.paths[2]].startswith(b"%PDF")
    (again,), said = run("line")
    assert again.kept and said == [] and before == {p: p.read_bytes() for p in again.paths}

    scripts("line", SCRIPT.replace('COLOUR = "k"', 'COLOUR = "r"').replace('"""A line."""', '"""The line."""'))
    (redrawn,), said = run("line")
    now = [p.read_bytes() == before[p] for p in redrawn.paths]
    assert redrawn.kept and said == [] and now == [True, False, False]

    scripts("line", SCRIPT.replace("SLOPE = 2.0", "SLOPE = 3.0"))
    (anew,), said = run("line")
    assert not anew.kept and "line: the data in line.nc are of other source code and are computed again" in said
    with xr.open_dataset(anew.paths[0], engine="h5netcdf") as data:
        assert data["y"].values[-1] == 3.0


@pytest.mark.usefixtures("quick")
def test_a_change_of_the_numerical_packages_computes_again(scripts, run, monkeypatch):
    scripts("line")
    run("line")
    monkeypatch.setattr(source, "numerical_source", lambda: "changed")
    (made,), said = run("line")
    assert not made.kept and "other source code" in said[0]


def _cut(path):
    path.write_bytes(path.read_bytes()[:2000])


def _edit_number(path):
    data = xr.load_dataset(path, engine="h5netcdf")
    data["y"][2] += 1e-9
    data.to_netcdf(path, engine="h5netcdf")


def _edit_attribute(path):
    xr.load_dataset(path, engine="h5netcdf").assign_attrs(slope=2.5).to_netcdf(path, engine="h5netcdf")


def _other(path):
    xr.Dataset({"y": ("x", np.arange(3.0))}).to_netcdf(path, engine="h5netcdf")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_cut, "are damaged"),
        (_edit_number, "were edited"),
        (_edit_attribute, "were edited"),
        (_other, "are damaged"),
    ],
)
def test_files_that_cannot_be_trusted_are_computed_again(scripts, run, tmp_path, spoil, why):
    scripts("line")
    whole = run("line")[0][0].paths[0].read_bytes()
    spoil(tmp_path / "out" / "line.nc")
    (made,), said = run("line")
    assert not made.kept and f"line: the data in line.nc {why} and" in said[0]
    assert (tmp_path / "out" / "line.nc").read_bytes() == whole
    assert run("line")[0][0].kept


@pytest.mark.usefixtures("quick")
def test_an_edited_picture_is_drawn_again(scripts, run):
    scripts("line")
    (made,), _ = run("line")
    picture = made.paths[1].read_bytes()
    made.paths[1].write_bytes(picture + b"x")
    run("line")
    assert made.paths[1].read_bytes() == picture


@pytest.mark.usefixtures("quick")
def test_one_failure_keeps_no_other_figure(scripts, run, tmp_path, capsys):
    scripts("line")
    scripts("broken", SCRIPT.replace("SLOPE * x", "1 / 0"))
    made, _ = run("broken", "line")
    assert made[0].problem == "broken: ZeroDivisionError: division by zero." and not made[1].problem
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["drawn.json", "line.nc", "line.pdf", "line.png"]
    status, out, err = finite_n(capsys, "figures", "broken", "line", "--out", tmp_path / "out")
    assert status == 2 and "1 of 2 figures" in out
    assert "finite-n: broken: ZeroDivisionError: division by zero.\n" in err and "Traceback" not in err


@pytest.mark.usefixtures("quick")
def test_bad_input_is_one_sentence(scripts, run, tmp_path, capsys):
    scripts("line")
    with pytest.raises(FiniteNError, match=r"no figure 'circle'; the figures are line\."):
        run("circle")
    lock = FolderLock(tmp_path / "out")
    lock.take()
    assert "another run is writing" in refused(capsys, "figures", "line", "--out", tmp_path / "out")
    lock.release()
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refused(capsys, "figures", "line", "--out", tmp_path / "file")
    assert "either names or --all" in refused(capsys, "figures", "line", "--all")
    assert "no figure 'circle'" in refused(capsys, "figures", "circle")


def test_without_names_figures_are_listed(scripts, capsys):
    scripts("line")
    status, out, _ = finite_n(capsys, "figures")
    assert status == 0 and out == "line\n  A line that rises.\n"
    status, out, _ = finite_n(capsys, "figures", "--json")
    assert status == 0 and json.loads(out) == [{"name": "line", "shows": "A line that rises."}]


@pytest.mark.usefixtures("quick")
def test_what_was_made_is_told_as_json_alone(scripts, tmp_path, capsys):
    scripts("line")
    scripts("broken", SCRIPT.replace("SLOPE * x", "1 / 0"))
    status, out, err = finite_n(capsys, "figures", "--all", "--json", "--out", tmp_path / "out")
    found = {one["name"]: one for one in json.loads(out)}
    assert status == 2 and "ZeroDivisionError" in found["broken"]["problem"] and not found["line"]["problem"]
    assert [Path(p).name for p in found["line"]["paths"]] == ["line.nc", "line.png", "line.pdf"]
    assert "1 of 2: broken\n" in err and "2 of 2: line\n" in err


@pytest.mark.usefixtures("quick")
def test_a_signal_leaves_what_is_done_and_the_next_run_goes_on(scripts, tmp_path, capsys):
    scripts("first")
    scripts("second", SCRIPT.replace('progress("the line")', "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"))
    status, out, err = finite_n(capsys, "figures", "--all", "--out", tmp_path / "out")
    assert status == 143 and "first: computed" in out and "interrupted" in err
    scripts("second")
    status, out, _ = finite_n(capsys, "figures", "--all", "--out", tmp_path / "out")
    assert status == 0 and "first: kept data" in out and "second: computed" in out


def test_drawing_uses_the_style(scripts):
    scripts("line")
    script = figure.figure_script("line")
    drawn = script.draw(script.compute())
    assert isinstance(drawn, Figure) and drawn.axes[0].xaxis.get_ticklabels()[0].get_fontsize() == 7
