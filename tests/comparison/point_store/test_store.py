"""The folder of points: found again or computed once, whatever stands in the way of it."""

import ast
import errno
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import comparison
from comparison import PointStore
from comparison.point_store import source, store
from comparison.point_store.store import key_of
from comparison.results_folder.lock import FileLock
from finite_n import FiniteNError
from tests.comparison.cli.children import until

ABOUT = ["point", 8, "σ"]
DATA = {"x": np.arange(100) / 7}


@pytest.fixture
def filled(tmp_path):
    """A folder with one point."""
    assert PointStore(tmp_path).keep(ABOUT, "N = 8", DATA)
    return tmp_path


def computed(folder, data=DATA, about=ABOUT):
    """What a new store says of a point, how often it was computed, and what was said."""
    calls, points = [], PointStore(folder)
    got, found = points.once(about, "N = 8", lambda: calls.append(1) or data)
    assert found == (not calls) and np.array_equal(got["x"], data["x"])
    return len(calls)


def messages(caplog):
    said = [r.getMessage() for r in caplog.records]
    caplog.clear()
    return said


def test_a_point_is_computed_once(tmp_path, caplog):
    assert [computed(tmp_path) for _ in range(3)] == [1, 0, 0]
    assert computed(tmp_path, about=["point", 9, "σ"]) == 1
    points = PointStore(tmp_path)
    assert points.size()[0] == 2 and points.size()[1] > 1600 and not caplog.records
    assert not list(tmp_path.rglob("*.lock")) and not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("what", ["empty", "half", "one bit", "text", "link to nothing", "another point", "longer"])
def test_what_is_not_whole_is_told_and_computed_again(filled, caplog, what):
    path = PointStore(filled).path(key_of(ABOUT))
    content = path.read_bytes()
    if what == "link to nothing":
        path.unlink()
        path.symlink_to(filled / "nothing")
    elif what == "another point":
        PointStore(filled).keep(["point", 9], "N = 9", DATA)
        path.write_bytes(PointStore(filled).path(key_of(["point", 9])).read_bytes())
    else:
        half = len(content) // 2
        flipped = content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :]
        other = {
            "empty": b"",
            "half": content[:half],
            "one bit": flipped,
            "text": b"x = 3\n",
            "longer": content + b"\n",
        }
        path.write_bytes(other[what])
    assert computed(filled) == 1
    said = messages(caplog)
    if what == "link to nothing":
        assert not said
    else:
        why = {"empty": "it is empty", "another point": "it is of another point"}.get(what, "checksum")
        assert len(said) == 1 and why in said[0] and "computed again" in said[0] and str(path) in said[0]
    assert computed(filled) == 0 and path.read_bytes() == content


def test_a_folder_or_a_pipe_in_the_place_of_a_point(filled, caplog):
    path = PointStore(filled).path(key_of(ABOUT))
    path.unlink()
    path.mkdir()
    assert [computed(filled) for _ in range(2)] == [1, 1]
    said = messages(caplog)
    assert "it is no file" in said[0] and "cannot be stored" in said[1] and len(said) == 4
    if hasattr(os, "mkfifo"):
        path.rmdir()
        os.mkfifo(path)  # reading it would wait for ever
        assert [computed(filled) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT])
def test_a_folder_that_cannot_be_written_is_told_once(tmp_path, caplog, monkeypatch, number):
    def fails(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(store, "write_set", fails)
    points = PointStore(tmp_path)
    for N in (4, 6):
        assert points.once(["point", N], f"N = {N}", lambda: DATA) == (DATA, False)
    said = messages(caplog)
    assert len(said) == 1 and os.strerror(number) in said[0] and "the run goes on" in said[0]


def test_a_folder_below_a_file_and_one_that_no_system_makes(tmp_path, caplog):
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file" / "points", "/proc/finite-n"):
        assert computed(folder) == 1
        assert len(messages(caplog)) == 1


def test_a_point_that_cannot_be_read(filled, caplog, monkeypatch):
    def fails(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(store, "_content", fails)
    assert computed(filled) == 1
    assert "cannot be read, Permission denied" in messages(caplog)[0]


def test_data_that_cannot_be_stored_are_told(tmp_path, caplog):
    assert PointStore(tmp_path).once(ABOUT, "N = 8", lambda: {"x": {1, 2}})[0] == {"x": {1, 2}}
    assert "N = 8: not stored, TypeError: set cannot be stored" in messages(caplog)[0]


def test_an_error_of_the_work_leaves_nothing(tmp_path):
    def fails():
        raise FiniteNError("too much.")

    with pytest.raises(FiniteNError, match="too much"):
        PointStore(tmp_path).once(ABOUT, "N = 8", fails)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
    assert computed(tmp_path) == 1


def test_two_at_once_compute_a_point_once(tmp_path, caplog):
    """In two threads, whose locks are apart like those of two processes."""
    calls, ready = [], threading.Event()

    def slow():
        calls.append(1)
        ready.set()
        until(lambda: caplog.records)  # the other one says that it waits
        return DATA

    first = threading.Thread(target=PointStore(tmp_path).once, args=(ABOUT, "N = 8", slow))
    first.start()
    ready.wait()
    data, found = PointStore(tmp_path).once(ABOUT, "N = 8", slow)
    first.join()
    assert found and len(calls) == 1 and np.array_equal(data["x"], DATA["x"])
    assert [f"another run (process {os.getpid()}) is computing it" in m for m in messages(caplog)] == [True]


def test_who_waits_for_one_that_fails_computes_itself(tmp_path, caplog):
    ready = threading.Event()

    def fails():
        ready.set()
        until(lambda: caplog.records)
        raise FiniteNError("too much.")

    def first():
        with pytest.raises(FiniteNError):
            PointStore(tmp_path).once(ABOUT, "N = 8", fails)

    thread = threading.Thread(target=first)
    thread.start()
    ready.wait()
    assert computed(tmp_path) == 1
    thread.join()


def test_what_a_killed_process_leaves_is_no_obstacle(tmp_path):
    path = PointStore(tmp_path).path(key_of(ABOUT))
    path.parent.mkdir()
    (path.parent / f".{path.name}.12345.0123abcd.part").write_bytes(b"half")
    other = path.parent / f".{'a' * 64}.npz.12345.0123abcd.part"
    other.write_bytes(b"of another point, which is being written")
    path.with_suffix(".lock").write_text("12345\n")
    assert [computed(tmp_path) for _ in range(2)] == [1, 0]
    assert {p for p in tmp_path.rglob("*") if p.is_file()} == {path, other}


def test_the_lock_of_a_process_killed_after_storing_goes_and_one_that_is_held_stays(filled):
    lock = FileLock(PointStore(filled).path(key_of(ABOUT)).with_suffix(".lock"))
    lock.file.write_text("12345\n")
    assert computed(filled) == 0 and not lock.file.exists()
    assert lock.take() and computed(filled) == 0 and lock.file.exists()
    lock.release()
    assert not lock.file.exists()


def test_least_used_points_go_first(tmp_path):
    points = PointStore(tmp_path)
    for N in range(4):
        points.keep(["point", N], f"N = {N}", DATA)
        os.utime(points.path(key_of(["point", N])), (N, N))
    points.find(["point", 0], "N = 0")  # now the last used
    (tmp_path / "note.txt").write_text("of the user")
    total = points.size()[1]
    assert points.clear(total) == 0 and points.clear(total // 2) == 2
    assert points.find(["point", 1], "") is None and points.find(["point", 0], "") is not None
    assert points.clear() == 2 and [p.name for p in tmp_path.iterdir()] == ["note.txt"]


def test_where_points_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("FINITE_N_CACHE", str(tmp_path / "elsewhere"))
    assert PointStore().folder == tmp_path / "elsewhere"
    monkeypatch.setenv("FINITE_N_CACHE", "off")
    with pytest.raises(FiniteNError, match='FINITE_N_CACHE is "off"; give a folder'):
        PointStore()
    monkeypatch.delenv("FINITE_N_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert PointStore().folder.parts[-2:] == ("finite-n", "points")
    for folder in ("", "a\0b", 3):
        with pytest.raises(FiniteNError, match="give the path of a folder"):
            PointStore(folder)


def test_the_hash_of_the_source_is_of_every_byte_and_place(tmp_path, monkeypatch):
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_text("x = 1\n")
    other.write_text("y = 2\n")

    def hashed(*files):
        monkeypatch.setattr(source, "source_files", lambda: list(files))
        return source.numerical_source.__wrapped__()

    before = hashed(one, other)
    assert hashed(one, other) == before and hashed(other, one) != before
    one.write_text("x = 2\n")
    edited = hashed(one, other)
    assert edited != before
    other.rename(tmp_path / "renamed.py")
    assert hashed(one, tmp_path / "renamed.py") not in (before, edited)


def test_the_source_is_all_that_numbers_of_a_study_may_depend_on():
    names = {"/".join(file.parts[-3:]) for file in source.source_files()}
    for needed in (
        "finite_n/kernels.py",
        "meanfield/limit/drift.py",
        "comparison/formula.py",
        "comparison/study/points.py",
    ):
        assert any(name.endswith(needed) for name in names), needed
    assert len(names) > 200


def test_whatever_a_study_imports_is_part_of_the_hash():
    """Followed from file to file: an import from a room that is left out would let its edits go unnoticed."""
    root = Path(comparison.__file__).parent
    hashed, todo, seen = set(source.source_files()), [root / "study" / "points.py"], set()
    while todo:
        file = todo.pop()
        if file in seen:
            continue
        seen.add(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("comparison."):
                place = root.joinpath(*node.module.split(".")[1:])
                todo += [p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file()]
    assert root / "ladder.py" in seen and len(seen) > 30 and seen <= hashed


def test_source_that_was_edited_after_the_start_is_not_trusted(tmp_path, caplog, monkeypatch):
    """What runs is not what its hash would say."""
    file = tmp_path / "edited.py"
    file.write_text("x = 1\n")
    monkeypatch.setattr(source, "source_files", lambda: [file])
    os.utime(file, (0, 0))
    assert source.edited() == ""
    os.utime(file)
    assert source.edited() == str(file)
    points = tmp_path / "points"
    assert computed(points) == 1 and "was edited after this process began" in messages(caplog)[0]
    os.utime(file, (0, 0))
    assert [computed(points) for _ in range(2)] == [1, 0]


def test_a_point_costs_milliseconds(tmp_path):
    """Of the processor, with the arrays of a study of N = 100 at 50 times; the disk takes as long as it takes."""
    data = {"second_moments": np.ones((50, 3, 3), complex), "weights": np.ones((50, 51)), "means": np.ones((50, 3))}
    points = PointStore(tmp_path)
    began = time.process_time()
    for _ in range(2):
        for N in range(20):
            points.once(["point", N], f"N = {N}", lambda: data)
    assert points.found == points.kept == 20
    assert (time.process_time() - began) / 20 < 0.02  # measured: 0.002 s for storing and finding together
