"""Real processes, killed at random moments: no finished point is lost or computed twice, and what a study comes to is
the same to the last byte."""

import os
import random
import signal
import time

import pytest
import xarray as xr

from comparison import PointStore
from comparison.point_store.encoding import decoded
from tests.comparison.cli.children import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
NUMBERS = ["study.nc", "verdicts.json", "report.md"]


class Life:
    """Runs of one study with one cache, each of which may be killed."""

    def __init__(self, children, folder, sizes, points=4):
        self.children, self.folder, self.sizes = children, folder, sizes
        folder.mkdir(exist_ok=True)
        self.study = ["run", "hopfield", "--sizes", ",".join(map(str, sizes)), "--stop", "0.5", "--points", points]
        self.study += ["--fluctuation", "0.2,0.5,0.6", "--accuracy", "0.05"]
        self.count = 0

    def start(self, *options, out="out", cache="cache"):
        """A child and the file in which it notes the sizes that it evolves."""
        self.count += 1
        log = self.folder / f"evolved{self.count}"
        where = ["--out", self.folder / out, *(["--cache", self.folder / cache] if cache else ["--no-cache"])]
        argv = [*self.study, *where, *options]
        return self.children.start(argv, self.folder, f"run{self.count}", LOG=str(log), NO_FIGURES=1), log

    def stored(self):
        """Every point that is there, all of them whole: name of the file, and what would change if it were written
        again."""
        out = {}
        for path in (self.folder / "cache").rglob("*.npz"):
            content = path.read_bytes()
            decoded(content)
            out[path.name] = (path.stat().st_ino, content)
        return out

    def reference(self):
        """The files of a run that nothing disturbs, and how long it takes."""
        began = time.perf_counter()
        child, log = self.start(out="reference", cache=None)
        assert child.end() == 0, child.err
        assert evolved(log) == self.sizes
        return self.numbers("reference"), time.perf_counter() - began

    def numbers(self, out="out"):
        return {name: (self.folder / out / name).read_bytes() for name in NUMBERS}

    def kill(self, delay):
        """Run, kill after `delay` seconds, and see that nothing that was stored is computed; True if it was killed."""
        before = self.stored()
        child, log = self.start()
        time.sleep(delay)
        child.send(signal.SIGKILL)
        status = child.end()
        assert status in (0, -signal.SIGKILL), child.err
        assert "Traceback" not in child.err and "as it was written" not in child.err
        after = self.stored()
        assert before.items() <= after.items(), "a finished point was lost or written again"
        begun = evolved(log)
        assert len(begun) == len(set(begun)) and len(begun) - 1 <= len(after) - len(before) <= len(begun)
        return status != 0


def evolved(log):
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def finish(life, expected):
    """The last run: it computes what is missing and ends as if nothing had happened."""
    missing = len(life.sizes) - len(life.stored())
    child, log = life.start()
    assert child.end() == 0, child.err
    assert len(evolved(log)) == missing
    assert life.numbers() == expected
    left = [p.name for p in (life.folder / "cache").rglob("*") if p.is_file()]
    assert len(left) == len(life.sizes) and all(name.endswith(".npz") for name in left)
    return missing


SIZES = [8, 10, 12, 14, 16, 18]


@pytest.fixture(scope="module")
def undisturbed(children, tmp_path_factory):
    """The files of a run of `SIZES` that nothing disturbs, and how long it takes."""
    return Life(children, tmp_path_factory.mktemp("reference"), SIZES).reference()


def test_a_killed_study_goes_on_where_it_was(children, undisturbed, tmp_path):
    expected, duration = undisturbed
    chance = random.Random(3)
    for attempt in range(5):  # runs are shorter where less else runs than before
        life = Life(children, tmp_path / str(attempt), SIZES)
        killed = [life.kill(chance.uniform(0, duration)) for _ in range(2)]
        if any(killed):
            break
        duration /= 2
    assert any(killed)
    finish(life, expected)


def test_two_runs_at_once_share_points(children, undisturbed, tmp_path):
    life, (expected, _) = Life(children, tmp_path, SIZES), undisturbed
    both = [life.start(out=out) for out in ("one", "two")]
    assert [child.end() for child, _ in both] == [0, 0], [child.err for child, _ in both]
    assert sorted(evolved(both[0][1]) + evolved(both[1][1])) == life.sizes
    assert life.numbers("one") == life.numbers("two") == expected


def test_who_waits_for_a_run_that_is_killed_takes_over(children, tmp_path):
    life = Life(children, tmp_path, [10, 12, 14, 100])
    first, log = life.start(out="one")
    until(lambda: evolved(log) == life.sizes)  # the last size, which takes longest
    first.send(signal.SIGSTOP)
    second, other = life.start(out="two")
    errors = tmp_path / f"run{life.count}.err"
    until(lambda: errors.exists() and ("another run (process" in second.err or "N = 100: done" in second.err))
    waited = "another run (process" in second.err  # unless the first had stored its last size when it was stopped
    first.send(signal.SIGKILL)
    first.end()
    assert second.end() == 0, second.err
    assert evolved(other) == [100] * waited and len(life.stored()) == 4


@pytest.mark.parametrize("room", [0, 3000])
def test_a_full_disk_ends_nothing(children, tmp_path, room):
    """As by a limit of the size of files: told once, and the study is run to its end."""
    life = Life(children, tmp_path, [4, 6, 8, 10])
    study = [*life.study, "--cache", tmp_path / "cache"]
    child = children.start(study, tmp_path, "limited", RLIMIT_FSIZE=room, NO_FIGURES=1) if room else None
    if child is None:  # not even messages have room then, so without a limit and where nothing can be made
        child = children.start([*life.study, "--cache", "/proc/finite-n"], tmp_path, "limited", NO_FIGURES=1)
    assert child.end() == (2 if room else 0), child.err  # the printed tables are longer than that room
    assert child.err.count("points cannot be stored in") == 1 and "Traceback" not in child.err
    assert not list(tmp_path.rglob("*.part")) and not PointStore(tmp_path / "cache").size()[0]


@pytest.mark.slow
def test_thirty_kills_of_a_study_of_forty_points(children, tmp_path):
    sizes = list(range(8, 48))
    kills = rounds = 0
    chance, expected, duration = random.Random(3), None, 0.0
    while kills < 30:
        life = Life(children, tmp_path / f"round{rounds}", sizes)
        if expected is None:
            expected, duration = life.reference()
        while len(life.stored()) < len(sizes) and kills < 30:
            kills += life.kill(chance.uniform(0, duration / 3))
        finish(life, expected)
        rounds += 1
    print(f"{kills} kills, {rounds} studies, {duration:.1f} s undisturbed")


@pytest.mark.slow
def test_a_killed_study_that_chooses_its_sizes(children, tmp_path):
    """Which sizes fit into the budget depends on the time; those that both runs have are the same to the last byte, and
    nothing that is stored is computed again."""
    life = Life(children, tmp_path, [])
    life.study = ["run", "hopfield", "--budget", "20s", "--stop", "0.5", "--points", "4", "--accuracy", "1e-6"]
    chance = random.Random(4)
    for _ in range(10):
        before = life.stored()
        child, _ = life.start()
        time.sleep(chance.uniform(0.2, 2))
        child.send(signal.SIGKILL)
        child.end()
        assert before.items() <= life.stored().items()
    child, _ = life.start()
    assert child.end() == 0, child.err
    before = life.stored()
    child, _ = life.start(out="again")
    assert child.end() == 0 and life.stored() == before
    assert life.numbers("again")["study.nc"] == life.numbers()["study.nc"]
    child, _ = life.start(out="undisturbed", cache=None)
    assert child.end() == 0
    one, other = (xr.load_dataset(tmp_path / out / "study.nc", engine="h5netcdf") for out in ("out", "undisturbed"))
    both = sorted({*one["N"].values.tolist()} & {*other["N"].values.tolist()})
    assert len(both) >= 4
    assert one[["exact", "exact_error"]].sel(N=both).identical(other[["exact", "exact_error"]].sel(N=both))
