"""What tables and sums on the pages say is so: systems, calls, engines, largest sizes, speed, papers; pages are run by
`test_pages.py`."""

import importlib
import re
import tomllib

import numpy as np
import pytest
from qutip import sigmam, sigmap, sigmaz

from comparison.study_file.defaults import DEFAULTS
from finite_n import CollectiveJumps, LocalJump, Model, memory, mx, my, mz
from finite_n.memory import NoMemoryError
from finite_n.solvers.choose import ENGINES
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.systems import dicke_model, hopfield_patterns, kinetically_constrained, three_level
from tests.pages import ROOT, blocks

README, ENGINE_PAGE, SYSTEMS_PAGE, LEDGER = (
    (ROOT / folder / "README.md").read_text(encoding="utf-8")
    for folder in ("", "finite_n/engine", "finite_n/systems", "comparison/claims")
)
CALLS = ("finite_n/solvers", "meanfield/limit", "comparison/convergence")  # pages with tables of calls
ROOMS = ("finite_n", "meanfield", "comparison", "figures")
FREE = 21 * 2**30  # bytes, for which the table of engines is made


def test_the_first_page_is_short():
    """Read in five minutes; the example has twenty lines."""
    code = next(block.text for block in blocks(README) if block.language == "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    assert len(README.splitlines()) <= 200


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?: \d{3})*(?:\.\d+)?", text))


def _table(text: str, header: str) -> str:
    return text.split(header)[1].split("\n\n")[0].split("\n", 2)[2]


def test_sizes_and_speed_of_the_first_page_are_those_of_the_guide():
    sizes = "\n".join(row.split("|")[3] for row in _table(README, "| model | engine |").splitlines())
    assert len(_numbers(sizes)) >= 6 and _numbers(sizes) <= _numbers(_table(ENGINE_PAGE, "| `basis=` |"))
    rows = _table(README, "| N | qutip").splitlines()
    guide = {row.split("|")[1].strip(): _numbers(row) for row in _table(ENGINE_PAGE, "| N | this").splitlines()}
    assert len(rows) == 3 and all(_numbers(row) <= guide[row.split("|")[1].strip()] for row in rows)


def test_the_sum_of_the_papers_is_that_of_the_ledger():
    held, all_claims = re.search(r"\*\*(\d+) of (\d+) claims hold", README).groups()
    assert f"**{held} of {all_claims} claims hold" in LEDGER
    together = re.search(r"\| together \|(.*)\|", LEDGER)[1].split("|")
    others = dict(zip(("conclusions", "formulas", "steps", "misprints"), together[4:], strict=True))
    words = " ".join(README.split())
    for what, number in others.items():
        assert re.search(rf"\b{number.strip()} (are )?{what}", words), what


@pytest.mark.parametrize("system", list(DEFAULTS))
def test_every_system_is_listed(system):
    assert f"| `{system}` |" in SYSTEMS_PAGE


def test_what_comes_back_is_there():
    texts = [(ROOT / folder / "README.md").read_text(encoding="utf-8") for folder in CALLS]
    rows = [row for text in texts for row in text.split("| question |")[1].split("\n\n")[0].splitlines()[2:]]
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


def _engine_rows() -> dict[str, str]:
    rows = ENGINE_PAGE.split("| `basis=` |")[1].split("\n\n")[0].splitlines()[2:]
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
    "the model of the first page": ("Dicke", DRIVEN, [0.6, 0, 0.3], {}),
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
