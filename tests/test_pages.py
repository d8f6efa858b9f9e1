"""Every page of the documentation runs and prints what it shows; its commands, links and names are there."""

import contextlib
import importlib
import re

import click
import pytest

from comparison.cli.group import ENTRY_POINTS, top
from tests.pages import PAGES, ROOT, assert_shown, blocks, run

TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
LEDGER = "comparison/claims/README.md"  # written and tested by its own command
SLOW = ("comparison/sweep/README.md",)  # starts processes
WITH_CODE = [name for name, text in TEXTS.items() if any(b.language != "text" for b in blocks(text)) and name != LEDGER]


@pytest.mark.parametrize("name", [pytest.param(x, marks=pytest.mark.slow) if x in SLOW else x for x in WITH_CODE])
def test_the_page_runs_and_prints_what_it_shows(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINITE_N_CACHE", str(tmp_path / "points"))
    run(ROOT / name)


def _commands(text: str) -> list[list[str]]:
    inline = [part.split()[1:] for part in re.findall(r"`(finite-n [^`]+)`", text)]
    return [words for block in blocks(text) for words in block.commands] + inline


@pytest.mark.parametrize("name", [name for name in TEXTS if name != LEDGER])
def test_commands_are_accepted_by_the_command_line(name):
    for words in _commands(TEXTS[name]):
        if words[0].isupper() or words[0] in ("--help", "…", "word"):
            continue
        command = top.get_command(None, words[0].strip(","))
        assert command is not None, words
        with contextlib.suppress(click.MissingParameter):  # a command that is only named
            command.make_context(words[0], words[1:])


@pytest.mark.parametrize("name", list(TEXTS))
def test_files_linked_are_there(name):
    text = TEXTS[name]
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, place = link.partition("#")
        target = (ROOT / name).parent / file if file else ROOT / name
        assert target.exists() or link.startswith("https://"), link
        if place and target.suffix == ".md" and name != LEDGER:
            titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert place in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}, link


@pytest.mark.parametrize("name", list(TEXTS))
def test_public_names_are_there(name):
    for package, word in re.findall(r"`(finite_n|meanfield|comparison)\.(\w+)", TEXTS[name]):
        if f"{package}.{word}" == ENTRY_POINTS:
            continue
        module = importlib.import_module(package)
        assert hasattr(module, word) or (ROOT / package / word).is_dir() or (ROOT / package / f"{word}.py").exists()


def test_guides_are_one_click_from_the_first_page():
    linked = re.findall(r"\]\(([^)#\s]+\.md)", TEXTS["README.md"])
    assert set(TEXTS) - {"README.md"} == set(linked) & set(TEXTS)


@pytest.mark.parametrize(
    "shown, printed, same",
    [
        ("a 0.50 b", "a  0.51 b", True),  # the last digit may round otherwise
        ("a 0.50 b", "a 0.52 b", False),
        ("1.36563(3)", "1.36564(2)", True),
        ("N = 8", "N = 9", False),
        ("CONFIRMED to 1.1e-07 in …", "CONFIRMED to 1.2e-07 in every entry.", True),
        ("CONFIRMED to 1.1e-07", "CONFIRMED to 1.4e-07", False),
        ("0.5", "0.5\nmore", False),
    ],
)
def test_the_comparison_notices_what_differs(shown, printed, same):
    if same:
        assert_shown(shown, printed, whole=True)
    else:
        with pytest.raises(AssertionError):
            assert_shown(shown, printed, whole=True)
