"""What the README says is so: its examples print what is printed, its tables name what there is and what fits."""

import contextlib
import importlib
import io
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from qutip import sigmam, sigmap, sigmaz

from comparison import build, load
from comparison.cli.main import main
from comparison.report.pages import text_report
from comparison.study_file.defaults import DEFAULTS
from finite_n import CollectiveJumps, LocalJump, Model, memory, mx, my, mz
from finite_n.memory import NoMemoryError
from finite_n.solvers.choose import ENGINES
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.systems import dicke_model, hopfield_patterns, kinetically_constrained, three_level
from meanfield import Limit

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ROOMS = ("finite_n", "meanfield", "comparison", "figures")
FREE = 21 * 2**30  # bytes, for which the table of engines is made


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_prints_its_verdict():
    out = io.StringIO()
    code = blocks("python")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    with contextlib.redirect_stdout(out):
        exec(code, {})
    printed, expected = (
        [line.split(", claimed is")[0] for line in text.splitlines()] for text in (out.getvalue(), blocks("text")[1])
    )
    assert printed == expected


def test_the_study_file_is_accepted(tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(blocks("toml")[0], encoding="utf-8")
    study = load(str(file))
    assert study.sizes == [10, 20, 40, 80, 120] and study.quantities[-1] == "order"
    assert build(tomllib.loads(blocks("toml")[0])).model.collective


def test_the_study_file_of_three_levels_is_accepted():
    study = build(tomllib.loads(next(b for b in blocks("toml") if "levels" in b)))
    assert study.model.space.species[0].dim == 3 and len(study.model.jumps) == 2


def test_predictions_are_those_printed(capsys):
    """The last digit may round otherwise on another machine."""
    command = re.search(r"`finite-n (predict hopfield 200 [^`]*)`", README)[1]
    assert main([*command.split(), "--quiet"]) == 0
    printed = next(block for block in blocks("text") if "N = 200\n" in block).splitlines()
    found = capsys.readouterr().out.splitlines()
    assert found[:2] == printed[:2] and len(found) == len(printed) == 8
    for row, expected in zip(found[2:], printed[2:], strict=True):
        (name, number), (wanted, text) = row.split(), expected.split()
        digits = len(text.split("(")[0].split(".")[1])
        assert name == wanted and abs(float(number.split("(")[0]) - float(text.split("(")[0])) < 1.5 * 10.0**-digits


def test_the_table_is_judged_as_printed(tmp_path, capsys):
    """By the command of the page, on the study file of the page."""
    (tmp_path / "study.toml").write_text(blocks("toml")[0], encoding="utf-8")
    (tmp_path / "fig3.csv").write_text(blocks("csv")[0], encoding="utf-8")
    command = next(line for line in blocks("sh")[2].splitlines() if "judge" in line)
    words = [str(tmp_path / x) if x in ("study.toml", "fig3.csv") else x for x in command.split()[1:]]
    assert main([*words, "--quiet"]) == 0
    printed, expected = (text.split(", claimed is") for text in (capsys.readouterr().out, blocks("text")[2]))
    number = re.compile(r"\(\d+\)$")  # error bars can differ by the rounding of processors
    assert [number.sub("", part) for part in printed] == [number.sub("", part) for part in expected]


def test_the_claims_of_a_study_file_are_accepted(tmp_path):
    (tmp_path / "study.toml").write_text(
        blocks("toml")[0] + next(b for b in blocks("toml") if "[[claims]]" in b), encoding="utf-8"
    )
    (tmp_path / "fig3.csv").write_text(blocks("csv")[0], encoding="utf-8")
    table, numbers, formula = load(str(tmp_path / "study.toml")).claims
    assert table.times.tolist() == [0.2, 0.6, 1.0] and numbers.uncertainty == 0.0005 and formula.per_size


def test_the_test_of_a_theory_passes():
    names: dict = {}
    exec(blocks("python")[0].rpartition("study = ")[0], names)
    names |= {"rho0": [0.6, 0, 0.3], "tlist": np.linspace(0, 1, 6)}
    limit = Limit(names["model"])
    names["my_theory"] = lambda t: {"mean_z": limit.evolve([0.6, 0, 0.3], t).mean("z")}
    exec(blocks("python")[2], names)
    names["test_my_theory"]()


def test_formulas_of_ones_own_are_judged_as_printed():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(next(code for code in blocks("python") if "formula_claim" in code), {})
    printed = next(block for block in blocks("text") if block.startswith("own theory"))
    assert [line.split()[:4] for line in out.getvalue().splitlines()] == [x.split()[:4] for x in printed.splitlines()]


@pytest.mark.parametrize("words", ["BosonicParticle(", "fluctuation_products"])
def test_bosons_and_squeezed_chains_say_what_is_printed(words):
    """Rounded numbers that are known to three digits more."""
    code = next(code for code in blocks("python") if words in code)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    printed = README.split(code)[1].split("```text\n")[1].split("```")[0]
    assert out.getvalue() == printed


@pytest.mark.parametrize("system", list(DEFAULTS))
def test_every_system_is_listed(system):
    assert f"`{system}`" in README


def test_the_example_with_species_and_a_mode_runs():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(blocks("python")[1], {})
    assert "nan" not in out.getvalue() and len(out.getvalue().split()) >= 6


def test_the_study_ends_as_printed():
    lines = text_report(load("hopfield").run()).splitlines()
    for line in filter(None, blocks("text")[0].splitlines()):
        shown = [part.strip() for part in line.split(", claimed is")[0].split("…")]
        assert any(all(part in whole for part in shown) for whole in lines), line


def test_functions_named_are_there():
    names = set(re.findall(r"`(finite_n|meanfield|comparison)\.(\w+)", README))
    assert len(names) >= 20
    for package, name in names:
        assert hasattr(importlib.import_module(package), name)


def test_what_comes_back_is_there():
    rows = README.split("| question |")[1].split("\n\n")[0].splitlines()[2:]
    packages = [importlib.import_module(name) for name in ("finite_n", "meanfield", "comparison")]
    classes = [name for row in rows for name in re.findall(r"`([A-Z]\w+)`", row.split("|")[3])]
    assert len(classes) >= 15
    assert all(any(hasattr(package, name) for package in packages) for name in classes)


@pytest.mark.parametrize("room", ROOMS)
def test_files_named_in_the_rooms_are_there(room):
    text = (ROOT / room / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/<>])[\w/]+\.py(?!\w)", text))
    files = [file.as_posix() for folder in (*ROOMS, "tests") for file in (ROOT / folder).rglob("*.py")]
    assert named and all(any(file.endswith("/" + name) for file in files) for name in named)
    assert len(text.split("\n## Gallery\n")[0].splitlines()) <= 75  # of one screen and a half


def test_files_linked_are_there():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links and all((ROOT / link).exists() for link in links)


def _engine_rows() -> dict[str, str]:
    rows = README.split("| `basis=` |")[1].split("\n\n")[0].splitlines()[2:]
    return {re.match(r'\| `"(.+?)"`', row)[1]: row for row in rows}


def test_the_engines_named_are_those_that_are_asked():
    assert list(_engine_rows()) == [engine.name for engine in ENGINES]


START = {species.name: [0, 0.3, 0.4] for species in hopfield_patterns(patterns=2).species}
DRIVEN = Model(
    0.4 * mx + 0.1 * mz * mz,
    [LocalJump(sigmap(), lambda d: np.exp(0.5 * d) / 2, mz), LocalJump(sigmaz(), rate=0.09)],
    [CollectiveJumps([sigmam()], rate=0.3)],
)
UNDRIVEN = Model(
    0.5 * mz + 0.3 * (mx * mx + my * my),
    [LocalJump(sigmam()), LocalJump(sigmap(), rate=0.3)],
    [CollectiveJumps([sigmam()], rate=0.5)],
)
LARGEST = {  # row of the table, what it says, and what is asked
    "spins": ("state vector", mz * mz + 0.3 * mx, [0, 0, 1], {}),
    "1001 Fock levels": ("state vector", dicke_model(), [0, 0, -1], {"cutoffs": {"field": 1000}}),
    "mixed spins": ("energy eigenstates", mz * mz + 0.3 * mx, [0, 0.3, 0.4], {"basis": "energy eigenstates"}),
    "classical spin flips": ("symmetrised products", kinetically_constrained(), [0, 0, 0.4], {}),
    "three-level atoms": ("symmetrised products", three_level(), np.diag([1.0, 0, 0]), {}),
    "where every element matters": ("symmetrised products", three_level(control=1.0), np.diag([1.0, 0, 0]), {}),
    "the first model of this page": ("Dicke", DRIVEN, [0.6, 0, 0.3], {}),
    "from a pole": ("Dicke", UNDRIVEN, [0, 0, 1], {}),
    "two driven species": ("Dicke", hopfield_patterns(patterns=2), START, {}),
    "21 Fock levels": ("Dicke", dicke_model(loss=1.0), [0, 0, -1], {"cutoffs": {"field": 20}}),
}


@pytest.mark.parametrize("what", list(LARGEST))
def test_the_largest_sizes_are_those_of_the_memory_check(what, monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: FREE)
    engine, model, start, options = LARGEST[what]
    model = model if isinstance(model, Model) else Model(model)
    with pytest.raises(NoMemoryError) as refused:
        check_evolution_memory(model, 10**9, start, **options)
    said = re.search(rf"{what}: (\d[\d ]*)|(\d+) {what}", _engine_rows()[engine])
    N = int((said[1] or said[2]).replace(" ", ""))
    assert N <= refused.value.largest < 1.1 * N + 2


def test_the_citation_is_of_this_version_and_lists_the_papers():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == project["version"]
    papers = re.findall(r"^- \*\*(\w+).*? (\d{4})\*\*", README, re.MULTILINE)
    assert len(papers) == 5
    for author, year in papers:
        assert re.search(rf"family-names: {author}\b.*?year: {year}", citation, re.DOTALL)
