"""Files that `finite-n init` writes: they ask for what the name asks for, explain every key, and run."""

import re
import tomllib

import pytest

from comparison import build, load
from comparison.cli.main import main
from comparison.results_folder.identity import identity
from comparison.study.study import Study
from comparison.study_file.explained import INITIAL, MODEL, PARTICLE, STUDY
from comparison.study_file.reading import BUILT_IN
from comparison.study_file.schema import Initial, ModelSpec, ParticleSpec, StudySpec
from comparison.study_file.template import template
from tests.comparison.cli.called import refused, run


@pytest.mark.parametrize("system", BUILT_IN)
def test_the_file_of_a_system_is_its_study(tmp_path, monkeypatch, system):
    monkeypatch.setattr(Study, "_read_claims", lambda study: None)  # numbers, on which no identity depends
    file = tmp_path / "study.toml"
    file.write_text(template(system), encoding="utf-8")
    own, theirs = load(str(file)), load(system)
    assert identity(own) == identity(theirs)
    assert (own.sizes, own.budget, own.largest) == (theirs.sizes, theirs.budget, theirs.largest)


@pytest.mark.parametrize(
    ("schema", "explained"), [(StudySpec, STUDY), (Initial, INITIAL), (ModelSpec, MODEL), (ParticleSpec, PARTICLE)]
)
def test_every_key_is_explained(schema, explained):
    assert set(schema.model_fields) == set(explained)
    text = template() + template("hopfield")
    for key, words in explained.items():
        assert all(line in text for line in words.splitlines()) and re.search(rf"\b{key}\b", text)


def test_all_that_stands_in_comments_is_accepted_too():
    """Every example, one group at a time: the file with it is a study, or is refused for lack of a file only."""
    text = template()
    lines = text.splitlines()
    for k, line in enumerate(lines):
        if not line.startswith("#= ") or line.startswith(("#= system", "#= [particle]", "#= [", "#= file", "#= power")):
            continue
        before = "\n".join(lines[: k + 1])
        if "#= [particle]" in before:
            continue
        key = line.removeprefix("#= ").partition(" = ")[0]
        table = re.findall(r"^(?:#= )?\[+([a-z_]+)[^\n]*\]", before, re.MULTILINE)
        raw = tomllib.loads(text)
        value = tomllib.loads(line.removeprefix("#= "))
        if table and table[-1] in ("claims",):
            continue
        if not table:
            raw |= value
        elif table[-1] == "grid":
            continue
        else:
            raw.setdefault(table[-1], {}).update(value)
        if key in ("species", "levels", "binned"):  # formulas of the file are of one two-level species
            raw["model"] |= {"hamiltonian": "0", "jumps": [], "collective": []}
            start = (
                {"populations": [0.5, 0.3, 0.2]}
                if key == "levels"
                else raw["initial"]
                if key == "binned"
                else {"species": {s: {"bloch": [0, 0, 1]} for s in "ab"}}
            )
            raw["initial"] = start
        if key == "cutoffs":
            raw["model"]["modes"] = ["light"]
        assert build(raw).sizes == "auto", key
    claims = tomllib.loads(re.sub("^#= ", "", re.search(r"#= \[\[claims\]\]\n(#= .*\n)+", text)[0], flags=re.MULTILINE))
    raw = tomllib.loads(text) | claims | {"name": "x"}
    assert build(raw).claims[0].per_size
    particle = tomllib.loads(re.sub("^#= ", "", text[text.index("#= [particle]") :], flags=re.MULTILINE))["particle"]
    del particle["matrix"]
    raw = {"particle": particle, "initial": {"modes": {"b": {"thermal": 0.2}}}, "times": {"stop": 1.0}}
    assert build(raw).operators.keys() == {"X"}


def test_the_command_writes_the_file_and_replaces_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, "init", "hopfield")
    assert (status, err) == (0, "") and "hopfield.toml" in out
    assert (tmp_path / "hopfield.toml").read_text(encoding="utf-8") == template("hopfield")
    assert "hopfield.toml stands there already" in refused(capsys, "init", "hopfield")
    assert run(capsys, "init", "hopfield", "--force")[0] == 0
    assert run(capsys, "init")[0] == 0 and (tmp_path / "model.toml").read_text(encoding="utf-8") == template()
    assert main(["run", "model.toml", "--sizes", "4,6,8,10", "--quiet"]) == 0
    assert "perhaps hopfield is meant" in refused(capsys, "init", "hopfeld")
    assert run(capsys, "init", "superradiance", "--out", "-")[1] == template("superradiance")
    assert "No such file" in refused(capsys, "init", "hopfield", "--out", "missing/x.toml")
