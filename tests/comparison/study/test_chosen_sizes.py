"""Studies whose sizes are chosen: they settle, keep to their budget, say what they spent, and stay the same study."""

import json

import numpy as np
import pytest

import comparison.growing_ladder
from comparison import Claim, Study, build, write
from comparison.cli.main import main
from comparison.growing_ladder import GrowingLadder
from comparison.report.as_data import as_json
from comparison.report.pages import text_report
from comparison.results_folder.identity import identity
from finite_n import FiniteNError
from finite_n.systems import hopfield, three_level

AUTO = {"system": "hopfield", "sizes": "auto", "times": {"stop": 0.3, "points": 3}}
QUICK = ["--stop", "0.3", "--points", "3", "--quiet"]
pytestmark = pytest.mark.usefixtures("quick_figures")


def study(**changes):
    """A quick study with time enough that no decision hangs on the speed of the machine."""
    budget = {} if "sizes" in changes else {"budget": "1h"}
    return Study(hopfield(), [0, 0.3, 0.4], [0.0, 0.15, 0.3], **budget | changes)


@pytest.fixture(scope="module")
def result():
    return study().run()


@pytest.fixture
def stopping(monkeypatch):
    """Ends the study at the k-th plan of a larger size with an error."""

    def at(k, error):
        original, calls = comparison.growing_ladder.GrowingLadder._evolved, []

        def evolved(*arguments, **options):
            calls.append(1)
            if len(calls) == k:
                raise error
            return original(*arguments, **options)

        monkeypatch.setattr(GrowingLadder, "_evolved", evolved)

    return at


def test_without_sizes_they_are_chosen_until_every_verdict_is_settled(result):
    assert result.study.is_auto and result.study.budget == 3600.0 and study(budget=None).budget == 60.0
    assert result.sizes[:4] == [8, 12, 16, 24] and result.settled
    assert {v.status for v in result.verdicts} == {"confirmed"}
    assert result.growth.ended == "settled" and result.growth.sizes == tuple(result.sizes)
    assert 0 < result.growth.spent <= result.seconds
    fixed = study(sizes=result.sizes).run()
    assert np.array_equal(fixed.exact, result.exact) and fixed.growth is None


def test_a_study_that_cannot_settle_goes_on_to_the_largest_size():
    r = study(accuracy=1e-9, tol=1e-11, largest=20).run()
    assert r.sizes[-1] == 20 and not r.settled and r.growth.ended == "largest"
    assert {v.status for v in r.verdicts} != {"confirmed"}


def test_the_report_says_what_was_chosen_and_spent(result):
    data = as_json(result)["growth"]
    assert data["sizes"] == result.sizes and data["ended"] == "settled" and data["budget"] == 3600.0
    assert data["spent"] == round(result.growth.spent, 3) and "every verdict is settled" in data["text"]
    listed = ", ".join(map(str, result.sizes))
    assert f"Sizes {listed} chosen within 60 min; every verdict is settled." in text_report(result)
    provenance = json.loads(result.dataset.attrs["provenance"])
    assert provenance["sizes"] == "auto" and provenance["budget"] == 3600.0 and provenance["largest"] is None
    assert provenance["chosen sizes"] == result.sizes and provenance["ended"] == "settled"


def test_the_identity_does_not_depend_on_how_sizes_are_chosen():
    same = identity(build(AUTO))
    for change in ({"budget": "2min"}, {"largest": 40}, {"sizes": [4, 5, 6, 7]}):
        assert identity(build(AUTO | change)) == same
    assert identity(build(AUTO | {"accuracy": 1e-3})) != same


def test_the_same_chosen_sizes_give_the_same_bytes(result, tmp_path):
    again = study(budget=4000, largest=result.sizes[-1]).run()
    assert again.sizes == result.sizes and again.digest == result.digest
    folder = tmp_path / "a"
    write(study(largest=32, accuracy=1e-6).run(), folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    write(study(largest=32, accuracy=1e-6).run(), folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_folder_keeps_the_larger_result(tmp_path):
    hard = {"accuracy": 1e-7}
    large, small = study(largest=40, **hard).run(), study(largest=28, **hard).run()
    assert large.sizes == [8, 12, 16, 24, 32, 40] and small.sizes == [8, 12, 16, 24, 28]
    write(small, tmp_path)
    assert [p.name for p in write(large, tmp_path) if p.suffix == ".nc"] == ["study-2.nc"]  # neither holds the other
    with pytest.raises(FiniteNError, match="N = 28, which this run leaves out"):
        write(study(largest=24, **hard).run(), tmp_path)
    with pytest.raises(FiniteNError, match="N = 8, 12, 16, 24, 28, which this run leaves out"):
        write(study(sizes=[10, 20, 40, 80], **hard).run(), tmp_path)
    more = study(sizes=[8, 12, 16, 24, 28, 48], **hard).run()
    assert [p.name for p in write(more, tmp_path) if p.suffix == ".nc"] == ["study.nc"]
    with pytest.raises(FiniteNError, match="N = 48, which this run leaves out"):
        write(small, tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), FiniteNError("too much.")])
def test_what_is_done_is_kept_and_written_as_partial(stopping, result, tmp_path, error):
    write(result, tmp_path)
    stopping(3, error)
    r = study().run()
    assert r.sizes == [8, 12] and r.verdicts == [] and not r.is_complete and r.growth.ended == ""
    assert r.interrupted == isinstance(error, KeyboardInterrupt) and bool(r.failure) != r.interrupted
    assert write(r, tmp_path) == []  # the finished result holds these sizes
    assert len(write(r, tmp_path / "other")) == 6
    assert "2 sizes are done" in text_report(r)


def test_every_size_is_handed_over_to_be_stored():
    stored = []
    r = study().run(keep=lambda so_far: stored.append((so_far.sizes, so_far.interrupted)))
    assert stored == [(r.sizes[: k + 1], True) for k in range(len(r.sizes))] and not r.interrupted


def test_a_theory_that_cannot_be_read_at_a_chosen_size_keeps_the_sizes_before(result):
    def theory(times, N):
        if N > 14:
            raise ZeroDivisionError("not beyond 14")
        return {"mean_z": np.full(len(times), 1.0 / N)}

    r = study(claims=[Claim("mine", "", theory)]).run()
    assert r.sizes == [8, 12] and "N = 16" in r.failure and "not beyond 14" in r.failure


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": "many"}, "sizes = 'many': give \"auto\""),
        ({"sizes": [8, 10, 12, 14], "budget": 30}, "budget = 30 is for sizes that are chosen automatically"),
        ({"sizes": [8, 10, 12, 14], "largest": 30}, "largest = 30 is for sizes that are chosen automatically"),
        ({"budget": -1}, "budget = -1: give seconds"),
        ({"budget": float("nan")}, "budget = nan: give seconds"),
        ({"budget": "soon"}, "budget = 'soon': give seconds"),
        ({"largest": 3}, "largest = 3: four sizes are needed, and the smallest of this model are 2, 3, 4, 5"),
        ({"largest": 2.5}, "largest = 2.5: give the largest number of particles"),
    ],
)
def test_bad_budgets_and_sizes_are_refused(change, message):
    with pytest.raises(FiniteNError, match=message):
        study(**change)


def test_memory_is_checked_for_the_smallest_sizes(monkeypatch):
    monkeypatch.setattr("finite_n.memory.available", lambda: 2e6)
    with pytest.raises(FiniteNError, match="largest N that fits is"):
        Study(three_level(control=1.0), np.diag([0.6, 0.3, 0.1]), [0.0, 0.5])


def test_the_command_line_chooses_sizes(capsys, tmp_path):
    assert (
        main(["run", "hopfield", *QUICK, "--budget", "1min", "--largest", "64", "--json", "--out", str(tmp_path)]) == 0
    )
    data = json.loads(capsys.readouterr().out)
    assert data["sizes"][-1] <= 64 and data["growth"]["budget"] == 60.0 and data["spec"]["sizes"] == "auto"
    assert "spent" not in json.loads((tmp_path / "verdicts.json").read_text())["growth"]
    assert main(["run", "hopfield", *QUICK, "--sizes", "auto"]) == 0
    out = capsys.readouterr().out
    assert "Sizes 8, 12, 16, 24" in out and "of 60 s spent" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--budget", "fast"], ["--budget = 'fast'", "60s"]),
        (["--budget", "-5s"], ["--budget = '-5s'", "60s"]),
        (["--budget", "nan"], ["--budget = 'nan'", "60s"]),
        (["--budget", "0"], ["--budget = '0'", "more than none"]),
        (["--largest", "3"], ["largest = 3", "give 5 or more"]),
        (["--largest", "-3"], ["largest = -3"]),
        (["--largest", "ten"], ["--largest", "ten"]),
        (["--sizes", "4,5,6,7", "--budget", "5s"], ["budget = 5", "chosen automatically", "[4, 5, 6, 7]"]),
        (["--sizes", "4,5,6,7", "--largest", "9"], ["largest = 9", "chosen automatically"]),
    ],
)
def test_bad_options_get_one_sentence(capsys, arguments, words):
    assert main(["run", "hopfield", *QUICK, *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("finite-n: ") and err.count("\n") == 1
    for word in words:
        assert word in err


FILE = '[model]\nhamiltonian = "0.3*mx"\n[initial]\nbloch = [0, 0, 1]\n[times]\nstop = 0.3\npoints = 3\n'


def test_study_files(tmp_path, capsys):
    file = tmp_path / "study.toml"
    file.write_text(FILE)
    assert main(["run", str(file), "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["growth"]["ended"] == "settled"
    file.write_text('budget = "2min"\nlargest = 20\nsizes = "auto"\n' + FILE)
    assert main(["run", str(file), "--json", "--quiet"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["growth"]["budget"] == 120.0 and data["sizes"][-1] <= 20 and data["spec"]["largest"] == 20
    assert main(["run", str(file), "--json", "--quiet", "--sizes", "4,5,6,7"]) == 0  # more than the file says
    assert json.loads(capsys.readouterr().out)["sizes"] == [4, 5, 6, 7]
    for text, words in (
        ('budget = "often"\n', ["budget", "'often'"]),
        ("budget = true\n", ["budget", "True"]),
        ("largest = 9.5\n", ["largest", "whole number"]),
        ('sizes = "all"\n', ["sizes = 'all'", '"auto"']),
        ("sizes = [4, 5, 6, 7]\nbudget = 9\n", ["budget", "chosen automatically"]),
    ):
        file.write_text(text + FILE)
        assert main(["run", str(file), "--quiet"]) == 2
        err = capsys.readouterr().err
        assert all(word in err for word in words) and err.count("\n") == 1, err
