"""Real processes, killed at random moments or short of room: nothing finished is lost, and what is mixed is marked as
such."""

import os
import random
import re
import shutil
import signal
import time

import numpy as np
import pytest
import xarray as xr

from comparison import load, write
from comparison.results_folder.folder import PAGE, standing

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
SIZES = [12, 16, 20, 24]
STUDY = ["run", "hopfield", "--sizes", ",".join(map(str, SIZES)), "--stop", "0.5", "--points", "3"]
GENTLE = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
NUMBERS = ["study.nc", "verdicts.json", "report.md"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The study's result, the files of numbers and the page, which holds the figure, and the folder of all files."""
    result = load("hopfield", {"sizes": SIZES, "times": {"stop": 0.5, "points": 3}}).run()
    folder = tmp_path_factory.mktemp("finished")
    write(result, folder)
    return result, numbers(folder, PAGE), folder


def numbers(folder, *more):
    return {name: (folder / name).read_bytes() for name in (*NUMBERS, *more) if (folder / name).exists()}


def without_page(files):
    return {name: content for name, content in files.items() if name != PAGE}


def stored(folder):
    with xr.open_dataset(folder / "study.nc", engine="h5netcdf") as data:
        return data.load()


def reported(child):
    return [int(N) for N in re.findall(r"^N = (\d+): done", child.err, re.MULTILINE)]


def kill_a_rerun(children, tmp_path, finished, number, delay):
    """A finished result, run again and killed: not a byte of its numbers changes."""
    out = tmp_path / "rerun"
    if not out.exists():
        shutil.copytree(finished[2], out)
    child = children.start([*STUDY, "--out", out], tmp_path)
    time.sleep(delay)
    child.send(number)
    status = child.end()
    assert status in ({0, -signal.SIGKILL} if number == signal.SIGKILL else {0, 128 + number, -number}), child.err
    assert "Traceback" not in child.err
    assert numbers(out, PAGE) == finished[1]
    return status


def kill_a_first_run(children, tmp_path, finished, number, delay, name):
    """A first run, killed: what it reported is stored, or for SIGKILL, what is stored is right and a next run
    begins."""
    out, result = tmp_path / name, finished[0]
    earlier = set(numbers(out)) if out.exists() else set()
    child = children.start([*STUDY, "--out", out], tmp_path)
    time.sleep(delay)
    child.send(number)
    status = child.end()
    assert "Traceback" not in child.err
    there = standing(out) if out.exists() else None
    if there is not None:
        assert not there.why
        data = stored(out)
        sizes = data["N"].values.tolist()
        assert sizes == SIZES[: len(sizes)]
        assert np.array_equal(data["exact"], result.exact[: len(sizes)])
        if sizes == SIZES and not there.mixed and set(numbers(out)) == set(NUMBERS):
            assert numbers(out) == without_page(finished[1])
    if status > 0:
        assert status == 128 + number
        kept = sizes if there is not None else []
        assert reported(child) == kept[: len(reported(child))] and (earlier or reported(child) == kept)
    elif status < 0 and number != signal.SIGKILL:  # before the command has begun or after its end, while Python ends
        assert reported(child) in ([], SIZES)
    return status


def pair(children, tmp_path, finished, name):
    """Two runs into one folder: one is told at the start, and the other's result stands there whole."""
    out = tmp_path / name
    both = [children.start([*STUDY, "--out", out], tmp_path, f"{name}{k}") for k in (1, 2)]
    ends = [child.end() for child in both]
    for child, status in zip(both, ends, strict=True):
        if status:
            assert status == 2 and "another run is writing to it" in child.err and not reported(child), child.err
            assert child.err.count("\n") == 1 and child.out == ""
    assert 0 in ends and numbers(out, PAGE) == finished[1] and not standing(out).mixed
    assert not list(out.glob(".*"))
    return ends


@pytest.fixture(scope="module")
def duration(children, tmp_path_factory, finished):
    """Seconds that an undisturbed child takes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    started = time.perf_counter()
    assert children.start([*STUDY, "--out", folder / "out"], folder).end() == 0
    assert numbers(folder / "out", PAGE) == finished[1]
    return time.perf_counter() - started


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run(children, tmp_path, finished, duration, number):
    kill_a_rerun(children, tmp_path, finished, number, 0.3 * duration)
    kill_a_first_run(children, tmp_path, finished, number, 0.3 * duration, "first")


def test_two_runs_into_one_folder(children, tmp_path, finished):
    pair(children, tmp_path, finished, "pair")


@pytest.mark.parametrize("room", [0, 10_000, 30_000])
def test_files_that_may_not_be_large(children, tmp_path, finished, room):
    """As on a full disk: nothing is lost, and where it can be known it is told before the work."""
    out = tmp_path / "out"
    shutil.copytree(finished[2], out)
    child = children.start([*STUDY, "--out", out], tmp_path, RLIMIT_FSIZE=room)
    assert child.end() in (2, 120)  # 120: not even the message has room
    assert numbers(out, PAGE) == finished[1] and not reported(child)
    if room:
        assert "cannot be written, File too large" in child.err and child.err.count("\n") == 1
    assert not list(out.glob(".*.part"))


def test_a_figure_without_room(children, tmp_path, finished):
    child = children.start([*STUDY, "--out", tmp_path / "out"], tmp_path, RLIMIT_FSIZE=90_000)
    assert child.end() == 2 and "File too large" in child.err and "N = 24" in child.out
    assert numbers(tmp_path / "out") == without_page(finished[1])
    assert "The figure was not drawn" in (tmp_path / "out" / PAGE).read_text(encoding="utf-8")


def test_memory_that_runs_out(children, tmp_path):
    """The last size asks for more than the process may have by then: the sizes before it are kept."""
    study = ["run", "hopfield", "--sizes", "12,16,20,300", "--stop", "0.01", "--points", "2"]
    child = children.start([*study, "--out", tmp_path / "out"], tmp_path, MORE_MEMORY_AFTER_20=100 << 20)
    assert child.end() == 2, child.err
    assert re.search("N = 300: .*(memory|GiB)", child.err), child.err
    assert "the sizes [12, 16, 20] are done" in child.err and "Traceback" not in child.err
    assert stored(tmp_path / "out")["N"].values.tolist() == [12, 16, 20]


@pytest.mark.slow
def test_sixty_signals_at_random_moments(children, tmp_path, finished, duration):
    chance = random.Random(1)
    seen = []
    for _ in range(30):
        number = chance.choice([signal.SIGKILL, *GENTLE])
        seen.append(kill_a_rerun(children, tmp_path, finished, number, chance.uniform(0, 1.1 * duration)))
    for k in range(30):
        number = chance.choice([signal.SIGKILL, *GENTLE])
        name = f"first{k // 3}"  # three in a row into one folder
        seen.append(kill_a_first_run(children, tmp_path, finished, number, chance.uniform(0, 1.1 * duration), name))
    assert len(set(seen)) >= 4, seen  # signals arrived in the middle of the work, of several kinds


@pytest.mark.slow
def test_ten_pairs(children, tmp_path, finished):
    ends = [pair(children, tmp_path, finished, f"pair{k}") for k in range(10)]
    assert sum(2 in e for e in ends) >= 5, ends
