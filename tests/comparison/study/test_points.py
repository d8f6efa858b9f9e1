"""Points of studies: found ones are those that were computed, to the last bit and in all that a study does with them;
what differs in anything that numbers follow from is computed."""

import dataclasses
import json
import logging

import numpy as np
import pytest
import qutip

import comparison.ladder
import comparison.study.points
from comparison import Claim, PointStore, Study, StudyPoints, load
from comparison.report.as_data import as_json
from comparison.report.pages import text_report
from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, coefficient, mx, mz
from finite_n.solvers.plan import EvolutionPlan

SIZES = [4, 6, 8, 10]
SHORT = {"sizes": SIZES, "times": {"stop": 0.5, "points": 3}}
LONG = ["species", "three levels", "particles", "driven", "hopfield"]  # seconds to derive their limits


def spins(**change):
    """A study with observables and a fluctuation."""
    jump = LocalJump(qutip.sigmam(), lambda d: np.exp(0.3 * d), delta=mz)
    given = {"e_ops": {"zx": mz * mx + mx * mz}, "fluctuations": {"f": [0.2, 0.5, 0.6]}, "name": "spins"}
    return Study(Model(0.4 * mx, [jump]), [0, 0.6, 0.3], [0.0, 0.4, 1.0], **({"sizes": SIZES} | given | change))


def light(**change):
    """One with a boson mode, an amplitude of order one, and powers N^−½."""
    field = Mode("light")
    model = Model(
        field.number + 0.3 * mx * field.phi, collective=[CollectiveJumps([field.alpha], rate=0.5)], modes=[field]
    )
    start = {"": [0, 0, 1.0], "light": Field(beta=0.4)}
    return Study(model, start, [0.0, 0.5], **({"sizes": SIZES, "name": "light"} | change))


def driven():
    """One that depends on time."""
    drive = coefficient(lambda t: np.cos(3 * t)) * mx + 0.2 * mz * mz
    return Study(Model(drive, [LocalJump(qutip.sigmam(), rate=0.3)]), [0, 0.6, 0.3], [0.0, 0.5], SIZES)


STUDIES = {
    "driven": driven,
    "spins": spins,
    "light": light,
    "hopfield": lambda: load("hopfield", SHORT),
    "species": lambda: load("hopfield_patterns", SHORT | {"parameters": {"patterns": 2}}),
    "three levels": lambda: load("three_level", SHORT),
    "closed": lambda: load("energy_conserving", SHORT),
    "squeezed": lambda: load("double_chain", SHORT | {"parameters": {"k": 0.2}}),
    "particles": lambda: load("double_chain", SHORT),
}


def forbid_work(monkeypatch):
    """From here on whatever evolves fails."""

    def work(*_, **__):
        raise AssertionError("something was computed")

    monkeypatch.setattr(comparison.ladder, "evolve", work)
    monkeypatch.setattr(comparison.study.subject, "evolve", work)
    monkeypatch.setattr(EvolutionPlan, "run", work)


def fields(x):
    return {f.name: getattr(x, f.name) for f in dataclasses.fields(x)}


def same(one, other):
    """Whether two values are the same to the last bit."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and (one.tobytes() == other.tobytes())
        )
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and same(fields(one), fields(other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "letters") and hasattr(one, "labels"):  # a space
        return one.letters == other.letters and one.labels == other.labels
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("name", [pytest.param(x, marks=[pytest.mark.slow] * (x in LONG)) for x in STUDIES])
def test_what_is_found_is_what_was_computed(name, tmp_path, monkeypatch):
    plain = STUDIES[name]().run()
    stored = STUDIES[name]().run(points=tmp_path)
    assert stored.points.found == {} and stored.points.store.kept == 4
    subject = type(stored.study.subject)
    monkeypatch.setattr(subject, "exact", None)
    monkeypatch.setattr(comparison.ladder, "evolve", None)
    found = STUDIES[name]().run(points=tmp_path)
    assert list(found.points.found) == SIZES and plain.points is None
    assert same(found.results, stored.results) and same(found.readings, stored.readings)
    for one in (plain, stored):
        assert found.digest == one.digest and found.dataset.identical(one.dataset)
        texts = [json.dumps(as_json(r) | {"seconds": 0}, sort_keys=True) for r in (found, one)]
        assert texts[0] == texts[1] and text_report(found) == text_report(one)
        predictions = [r.predict(400) for r in (found, one)]
        assert same(predictions[0].to_dict(), predictions[1].to_dict())


def test_a_result_of_a_study_has_no_states_whether_found_or_not(tmp_path):
    for result in (spins().run(), spins().run(points=tmp_path), spins().run(points=tmp_path)):
        assert np.allclose(result.results[0].reduced_state()[-1].trace(), 1)
        with pytest.raises(FiniteNError, match="not known in full"):
            result.results[0].state()


def test_other_claims_accuracy_and_sizes_share_points(tmp_path, monkeypatch):
    spins().run(points=tmp_path)
    forbid_work(monkeypatch)
    claim = Claim("flat", "", lambda t: {"mean_z": np.zeros(len(t))})
    result = spins(claims=[claim], accuracy=1e-3, name="other").run(points=tmp_path)
    assert list(result.points.found) == SIZES and result.status("flat") == "refuted"
    result = spins(sizes=[*SIZES, 12]).run(points=tmp_path)
    assert list(result.points.found) == SIZES and "something was computed" in result.failure


@pytest.mark.parametrize(
    "change",
    [
        {"tol": 1e-8},
        {"e_ops": {"zx": mz * mx + mx * mz + 1e-9 * mz}},
        {"e_ops": {"other": mz * mx + mx * mz}},
        {"fluctuations": {"f": [0.2, 0.5, 0.6000001]}},
        {"fluctuations": None},
        {"claims": [Claim("at another time", "", {"mean_z": [0.1]}, times=[0.7])]},
    ],
)
def test_what_numbers_follow_from_makes_another_key(change):
    assert StudyPoints(spins(**change), "nowhere").key(4) != StudyPoints(spins(), "nowhere").key(4)


def test_every_size_and_cutoff_has_a_key_of_its_own():
    points = StudyPoints(light(), "nowhere")
    assert len({points.key(N) for N in range(1, 40)}) == 39
    assert StudyPoints(light(cutoffs={"light": 9}), "nowhere").key(4) != points.key(4)
    assert StudyPoints(light(), PointStore("nowhere")).key(4) == points.key(4)


def test_an_edited_source_or_another_version_finds_nothing(tmp_path, monkeypatch):
    spins().run(points=tmp_path)
    real = comparison.study.points.environment()
    for what in real:
        changed = real | {what: real[what] + "0"}
        monkeypatch.setattr(comparison.study.points, "environment", lambda changed=changed: changed)
        assert not any(StudyPoints(spins(), tmp_path).is_stored(N) for N in SIZES), what
    monkeypatch.setattr(comparison.study.points, "environment", lambda: real)
    assert all(StudyPoints(spins(), tmp_path).is_stored(N) for N in SIZES)


def test_a_value_that_was_edited_is_told_and_computed_again(tmp_path, caplog):
    before = spins().run(points=tmp_path)
    path = before.points.store.path(before.points.key(6))
    content = bytearray(path.read_bytes())
    content[content.index(np.float64(before.results[1].means[1, 2]).tobytes())] ^= 1  # the last bit of a number
    path.write_bytes(content)
    again = spins().run(points=tmp_path)
    assert list(again.points.found) == [4, 8, 10] and again.digest == before.digest
    assert len(caplog.records) == 1 and "spins, N = 6: the stored point" in caplog.text and "checksum" in caplog.text


def test_a_function_that_says_too_little_is_told_once_and_computed(tmp_path, caplog):
    seen = [0.3]
    study = spins(sizes="auto", budget=1, largest=12)
    jump = LocalJump(qutip.sigmam(), lambda d: np.exp(seen[0] * d), delta=mz)
    other = dataclasses.replace(study, model=Model(0.4 * mx, [jump]))
    for _ in range(2):
        result = other.run(points=tmp_path)
        assert result.points.found == {} and not list(tmp_path.iterdir())
    assert len(caplog.records) == 2  # once in each run
    assert "its points cannot be found again" in caplog.text
    assert "Γ of jump 0: the lambda is a closure over «seen», a list, which may change" in caplog.text
    points = StudyPoints(other, tmp_path)
    assert not points.reusable and not points.is_stored(4) and points.finish(4).result.N == 4
    with pytest.raises(FiniteNError, match="cannot be found again"):
        points.key(4)
    assert StudyPoints(study, tmp_path).reusable and StudyPoints(study, tmp_path).why_not == ""


def test_points_that_others_have_finished_are_found(tmp_path, monkeypatch):
    study, shares = spins(), []
    for N in SIZES[::-1]:
        points = StudyPoints(spins(), tmp_path)
        assert not points.is_stored(N)
        made = points.finish(N, shares.append)
        assert points.is_stored(N) and points.found == {} and made.result.N == N
    expected = spins().run()
    with pytest.raises(FiniteNError):
        points.finish(0)
    forbid_work(monkeypatch)
    assert max(shares) == 1 and same(StudyPoints(spins(), tmp_path).finish(4).result.means, expected.results[0].means)
    result = study.run(points=tmp_path)
    assert list(result.points.found) == SIZES and result.digest == expected.digest


def test_sizes_that_are_chosen_are_found_and_chosen_again(tmp_path, monkeypatch):
    """The seconds of a size that is found count as if they were spent now: so nothing is chosen beyond the budget."""
    chosen = {"sizes": "auto", "budget": 20.0, "largest": 24, "accuracy": 1e-6}
    first = spins(**chosen).run(points=tmp_path)
    forbid_work(monkeypatch)
    again = spins(**chosen).run(points=tmp_path)
    assert again.sizes == first.sizes == list(again.points.found) and len(first.sizes) >= 4
    assert again.growth.ended == first.growth.ended and again.digest == first.digest
    assert again.growth.spent >= sum(again.points.found.values()) > 0


def test_time_that_was_spent_before_counts(tmp_path, monkeypatch):
    """Sizes that took long when they were computed end a ladder as they did then."""
    clock = [0.0]
    monkeypatch.setattr(comparison.study.points, "working_time", lambda: clock[0])
    study = spins(sizes="auto", budget=100.0, largest=24, accuracy=1e-6)
    real = StudyPoints.obtain

    def slow(points, N, work):
        def slower(N):
            clock[0] += 40.0
            return work(N)

        return real(points, N, slower)

    with monkeypatch.context() as slowly:
        slowly.setattr(StudyPoints, "obtain", slow)
        study.run(points=tmp_path)
    again = spins(sizes="auto", budget=100.0, largest=24, accuracy=1e-6).run(points=tmp_path)
    assert again.growth.ended == "budget" and again.growth.spent > 80 and len(again.sizes) < 6


def test_a_store_that_cannot_be_written_ends_nothing(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    result = spins().run(points=tmp_path / "file")
    assert result.is_complete and len(caplog.records) == 1 and "points cannot be stored" in caplog.text
    assert caplog.records[0].levelno == logging.WARNING


def test_what_is_no_store_is_refused():
    for points in (3, "", b"x"):
        with pytest.raises(FiniteNError, match="give the path of a folder"):
            spins().run(points=points)
    with pytest.raises(FiniteNError, match=r"points: they are of another study, 'spins'; give StudyPoints"):
        spins().run(points=StudyPoints(spins(), "nowhere"))
    with pytest.raises(FiniteNError, match="points of a study: study: got 3; give a Study"):
        StudyPoints(3, "nowhere")
