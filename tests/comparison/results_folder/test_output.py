"""What stands in an output folder: nothing finished is replaced by less, one result's files belong together, one writer
at a time."""

import contextlib
import errno
import json
import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

import comparison.ladder
import comparison.report.files
import comparison.results_folder.atomic
from comparison import Study, build, write
from comparison.cli.main import main
from comparison.results_folder.atomic import write_set
from comparison.results_folder.folder import FIGURES, NUMBERS, OutputFolder, standing
from comparison.results_folder.identity import identity
from comparison.results_folder.lock import NAME, FolderLock
from finite_n import FiniteNError, LocalJump, Model, mx, mz, product

FILES = {*NUMBERS, *FIGURES}
SMALL = {"system": "hopfield", "sizes": [4, 5, 6, 7], "times": {"stop": 0.2, "points": 3}}
QUICK = ["--sizes", "4,5,6,7", "--stop", "0.2", "--points", "3", "--quiet"]
pytestmark = pytest.mark.usefixtures("quick_figures")
POSIX = pytest.mark.skipif(os.name != "posix", reason="links, locks and limits of POSIX")


@pytest.fixture(scope="module")
def result():
    return build(SMALL).run()


def stopped(study, after, error=KeyboardInterrupt):
    """The study's result, ended by `error` after that many sizes."""
    original, done = comparison.ladder.evolve, []

    def evolve(*args, **kwargs):
        if len(done) == after:
            raise error
        done.append(1)
        return original(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison.ladder, "evolve", evolve)
        return study.run()


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def stored_sizes(folder, name="study.nc"):
    with xr.open_dataset(folder / name, engine="h5netcdf") as data:
        return data["N"].values.tolist()


def digests(folder):
    """What every file of a folder says its numbers are; one entry if they belong together."""
    out = set()
    for name, content in contents(folder).items():
        if name == "study.nc":
            with xr.open_dataset(folder / name, engine="h5netcdf") as data:
                out.add(data.attrs["digest"])
        elif name == "verdicts.json":
            out.add(json.loads(content)["dataset"])
        elif name in FILES:
            out.add(re.search(rb"finite-n dataset ([0-9a-f]{64})", content)[1].decode())
    return out


def test_the_same_study_gives_the_same_bytes_in_every_file(tmp_path, real_figures):
    for name in ("a", "b"):
        result = build(SMALL).run()
        result.seconds += hash(name) % 100
        write(result, tmp_path / name)
    a, b = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert set(a) == FILES and a == b
    assert len(digests(tmp_path / "a")) == 1


def test_other_numbers_have_another_digest(result):
    other = build(SMALL | {"parameters": {"omega": 0.3000001}}).run()
    assert result.digest != other.digest
    assert result.digest == build(SMALL).run().digest


def test_the_identity_sees_every_digit_and_every_function():
    def study(g=0.5, omega=0.4, m=0.3, times=(0.0, 0.1), **more):
        jump = LocalJump(np.array([[0, 1], [0, 0]]), lambda d: np.exp(g * d) / 2, delta=mz)
        return Study(Model(omega * mx, jumps=[jump]), product([0.6, 0, m]), times, [4, 5, 6, 7], **more)

    same = identity(study())
    assert identity(study()) == same
    changes = {
        "model": [study(g=0.5000001), study(omega=0.4000001)],
        "initial state": [study(m=0.3000001)],
        "times": [study(times=(0.0, 0.1000001))],
        "accuracy": [study(accuracy=1e-3)],
        "tolerance": [study(tol=1e-10)],
        "observables": [study(e_ops={"zz": mz * mz})],
        "name": [study(name="other")],
    }
    for what, studies in changes.items():
        for other in studies:
            assert [key for key, value in identity(other).items() if value != same[key]] == [what]


def test_an_interrupted_rerun_leaves_the_finished_result(result, tmp_path):
    write(result, tmp_path)
    before = contents(tmp_path)
    assert write(stopped(build(SMALL), 2), tmp_path) == []
    assert contents(tmp_path) == before


def test_an_interrupted_run_with_sizes_of_its_own_is_written_beside(result, tmp_path):
    write(result, tmp_path)
    before = contents(tmp_path)
    longer = build(SMALL | {"sizes": [3, 4, 5, 6, 7]})
    for _ in range(2):  # the second run replaces what the first left
        files = write(stopped(longer, 2), tmp_path)
        assert {f.name for f in files} == {
            "study-partial.nc", "verdicts-partial.json", "report-partial.md", "report-partial.html",
            "convergence-partial.png", "convergence-partial.pdf",
        }  # fmt: skip
    assert stored_sizes(tmp_path, "study-partial.nc") == [3, 4]
    assert {name: data for name, data in contents(tmp_path).items() if name in before} == before
    write(stopped(longer, 1), tmp_path)
    assert stored_sizes(tmp_path, "study-partial.nc") == [3, 4]
    write(longer.run(), tmp_path)
    assert stored_sizes(tmp_path) == [3, 4, 5, 6, 7]


def test_more_sizes_replace_fewer(result, tmp_path):
    write(stopped(build(SMALL), 2), tmp_path)
    assert stored_sizes(tmp_path) == [4, 5]
    write(stopped(build(SMALL), 3), tmp_path)
    assert stored_sizes(tmp_path) == [4, 5, 6]
    write(result, tmp_path)
    assert stored_sizes(tmp_path) == [4, 5, 6, 7] and len(digests(tmp_path)) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"parameters": {"omega": 0.5}}, ["another study", "model"]),
        ({"times": {"stop": 0.3, "points": 3}}, ["other settings", "times"]),
        ({"accuracy": 1e-3}, ["accuracy"]),
        ({"sizes": [3, 4, 5, 6]}, ["N = 7", "leaves out"]),
    ],
)
def test_something_else_is_replaced_only_by_force(result, tmp_path, change, words):
    write(result, tmp_path)
    before = contents(tmp_path)
    other = build(SMALL | change).run()
    with pytest.raises(FiniteNError) as refusal:
        write(other, tmp_path)
    assert all(word in str(refusal.value) for word in ["--force", *words])
    assert contents(tmp_path) == before
    part = stopped(other.study, 2)
    write(part, tmp_path, force=True)  # less than what stands there, so beside it even by force
    assert {name: data for name, data in contents(tmp_path).items() if name in before} == before
    write(other, tmp_path, force=True)
    with xr.open_dataset(tmp_path / "study.nc", engine="h5netcdf") as data:
        assert data.attrs["digest"] == other.digest


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_of_somebody_else_are_left_alone(result, tmp_path, name):
    (tmp_path / name).write_bytes(b"my notes")
    with pytest.raises(FiniteNError, match=f"{re.escape(name)} there (was not written by|cannot be read)"):
        write(result, tmp_path)
    assert contents(tmp_path) == {name: b"my notes"}
    write(result, tmp_path, force=True)
    assert len(digests(tmp_path)) == 1


def test_a_folder_of_ones_own_files_is_no_obstacle(result, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write(result, tmp_path)
    assert set(contents(tmp_path)) == {*FILES, "notes.txt"}


def test_planted_errors_are_part_of_a_result(result, tmp_path):
    from comparison import power_test

    write(result, tmp_path, power_test(result))
    with pytest.raises(FiniteNError, match="planted errors"):
        write(result, tmp_path)


def test_it_is_told_at_the_start(capsys, tmp_path, monkeypatch):
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 0
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 0  # again, the same
    before = contents(tmp_path)
    capsys.readouterr()
    monkeypatch.setattr(comparison.ladder, "evolve", lambda *a, **k: pytest.fail("evolution had begun"))
    assert main(["run", "hopfield", *QUICK, "--set", "omega=0.4", "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "another study" in err and "--force" in err
    assert contents(tmp_path) == before


def test_a_mixed_folder_is_told_and_mended(result, tmp_path, capsys):
    write(stopped(build(SMALL), 2), tmp_path)
    old = (tmp_path / "verdicts.json").read_bytes()
    write(result, tmp_path)
    (tmp_path / "verdicts.json").write_bytes(old)  # as if killed between the two
    assert standing(tmp_path).mixed == ("verdicts.json",)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 0
    assert "verdicts.json there and study.nc are of different runs" in capsys.readouterr().err
    assert len(digests(tmp_path)) == 1


@POSIX
def test_the_second_writer_is_told_at_once(capsys, tmp_path, result):
    code = (
        "import time; from pathlib import Path; from comparison.results_folder.lock import FolderLock as L\n"
        f"lock = L(Path({str(tmp_path)!r})); lock.take(); print(1, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"1\n"
        started = time.perf_counter()
        assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path), "--force"]) == 2
        assert time.perf_counter() - started < 20  # what hangs
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1 and f"another run is writing to it (process {holder.pid})" in err
        with pytest.raises(FiniteNError, match="another run"):
            write(result, tmp_path)
        holder.kill()
    write(result, tmp_path)  # the lock ended with its process
    assert set(contents(tmp_path)) == FILES


def test_a_folder_that_cannot_be_locked_is_said(tmp_path, monkeypatch, result):
    monkeypatch.setattr("comparison.results_folder.lock.fcntl", None)
    with OutputFolder(tmp_path) as folder:
        assert "cannot be locked" in folder.notes[0]
    write(result, tmp_path)
    assert set(contents(tmp_path)) == {*FILES, NAME}


@POSIX
def test_a_lock_file_that_vanishes_is_made_again(tmp_path):
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.take()
    first.file.unlink()
    second.take()
    first.release()  # takes nothing from the other
    with pytest.raises(FiniteNError, match="another run"):
        FolderLock(tmp_path).take()
    second.release()
    assert not list(tmp_path.iterdir())


@POSIX
def test_no_link_is_followed(result, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "study.nc").symlink_to(precious)
    (folder / "report.md").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FiniteNError, match="not written by"):
        write(result, folder)
    write(result, folder, force=True)
    assert precious.read_text() == "mine" and not (tmp_path / "nowhere").exists()
    assert not (folder / "study.nc").is_symlink() and len(digests(folder)) == 1
    (tmp_path / "link").symlink_to(folder)
    write(result, tmp_path / "link")  # a folder may be a link


def test_a_full_disk_replaces_nothing(result, tmp_path, monkeypatch):
    write(stopped(build(SMALL), 2), tmp_path)
    before, original, written = contents(tmp_path), os.write, []

    def full(descriptor, data):
        if len(written) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(original(descriptor, data[:1000]))  # and short writes are continued
        return written[-1]

    monkeypatch.setattr(comparison.results_folder.atomic.os, "write", full)
    with pytest.raises(OSError):
        write_set(tmp_path, {"study.nc": bytes(5000)})
    assert contents(tmp_path) == before


def test_a_disk_that_fills_up_later_loses_no_table(capsys, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(comparison.report.files, "write_set", full)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path / "out")]) == 2
    out, err = capsys.readouterr()
    assert "N = 7" in out and "REFUTED" in out and "No space left" in err and "study.nc" in err
    assert not (tmp_path / "out").exists()  # it was made for nothing


def test_the_figure_cannot_lose_the_numbers(capsys, tmp_path, monkeypatch, real_figures):
    def broken(*_):
        raise RuntimeError("no fonts")

    write(stopped(build(SMALL), 2), tmp_path)
    monkeypatch.setattr(comparison.report.files, "convergence_figure", broken)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert "N = 7" in out and "the figure could not be drawn, RuntimeError: no fonts" in err
    assert set(contents(tmp_path)) == set(NUMBERS)  # a figure of fewer sizes would not belong to them
    assert stored_sizes(tmp_path) == [4, 5, 6, 7] and len(digests(tmp_path)) == 1
    assert "The figure was not drawn" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_made_keeps_none_of_the_others(capsys, tmp_path, monkeypatch):
    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(comparison.report.files, "verdicts_file", broken)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path)]) == 2
    assert "verdicts.json is not written, out of memory" in capsys.readouterr().err
    assert {"study.nc", "report.md", "report.html"} <= set(contents(tmp_path))


def test_what_killed_runs_left_is_removed(result, tmp_path):
    (tmp_path / ".study.nc.4242.0123abcd.part").write_bytes(b"half")
    (tmp_path / ".mine.part").write_bytes(b"not of this package")
    write(result, tmp_path)
    assert set(contents(tmp_path)) == {*FILES, ".mine.part"}


@POSIX
@pytest.mark.parametrize("place", ["file", "file/below/that", "pipe"])
def test_places_that_are_no_folders(capsys, tmp_path, place):
    (tmp_path / "file").write_text("mine")
    os.mkfifo(tmp_path / "pipe")
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path / place)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "cannot be written" in err and "--out" in err


@POSIX
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path, result):
    os.mkfifo(tmp_path / "study.nc")
    with pytest.raises(FiniteNError, match="cannot be read"):
        write(result, tmp_path)


@POSIX
@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT])
def test_what_can_be_known_is_told_before_the_work(capsys, tmp_path, monkeypatch, code):
    original = os.open

    def refused(path, flags, *more, **named):
        if str(path).startswith(str(tmp_path)) and flags & os.O_CREAT:
            raise OSError(code, os.strerror(code))
        return original(path, flags, *more, **named)

    monkeypatch.setattr(comparison.ladder, "evolve", lambda *a, **k: pytest.fail("evolution had begun"))
    monkeypatch.setattr(os, "open", refused)
    assert main(["run", "hopfield", *QUICK, "--out", str(tmp_path / "out")]) == 2
    monkeypatch.undo()
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and os.strerror(code) in err
    with contextlib.suppress(FileNotFoundError):
        assert not list((tmp_path / "out").iterdir())
