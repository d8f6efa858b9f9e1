"""The list of the papers' equations: complete, without repetition, and refusing what it does not know."""

import re
from collections import Counter
from pathlib import Path

import pytest

import comparison.claims
from comparison.claims.coverage import FILES, KINDS, coverage, paper_of, parsed
from finite_n import FiniteNError

HEAD = """
paper = "009"
authors = "A. Author"
title = "A title"
year = 2000
source = "nowhere"
equations = ["1-2", "B.1-B.1"]
conventions = "none"
points = {here = "N = 4"}
"""
ITEM = {"equation": "1", "section": "1", "kind": "claim", "statement": "s", "printed": "p", "decides": "@here"}
DEFINITION = {"section": "1", "kind": "definition", "statement": "s"}
REST = [{"equation": "2", **DEFINITION}, {"equation": "B.1", **DEFINITION}]


def text_of(*items, head=HEAD):
    return head + "\n".join("[[item]]\n" + "\n".join(f"{k} = '{v}'" for k, v in item.items()) for item in items)


def without(key):
    return {k: v for k, v in ITEM.items() if k != key}


@pytest.mark.parametrize("paper", FILES)
def test_every_equation_has_an_item_and_every_claim_what_decides_it(paper):
    items = coverage(paper)
    kinds = Counter(item.kind for item in items)
    assert kinds["claim"] >= 15 and set(kinds) <= set(KINDS)
    assert len({item.id for item in items}) == len(items)
    assert paper_of(paper).paper == paper and {item.paper for item in items} == {paper}
    for item in items:
        assert item.statement.endswith((".", ")")), item.id
    used = {name for item in items for name in re.findall(r"@(\w+)", item.decides)}
    assert used == set(paper_of(paper).points)


def test_every_file_of_the_folder_is_read_and_modules_of_papers_have_their_names():
    room = Path(comparison.claims.__file__).parent
    assert {x.name for x in (room / "coverage").iterdir()} == {f"{name}.toml" for name in FILES.values()}
    assert {x.parent.name for x in room.glob("*/claims.py")} == set(FILES.values())


def test_the_claims_of_all_papers_are_many():
    assert sum(item.kind == "claim" for paper in FILES for item in coverage(paper)) >= 120


def test_identifiers_of_equations_of_their_parts_and_of_prose():
    prose = {**ITEM, "equation": "text", "section": "4.1", "part": "2"}
    items = parsed(text_of({**ITEM, "part": "a"}, {**ITEM, "part": "b"}, prose, *REST), "x")[1]
    assert [item.id for item in items] == ["009-1a", "009-1b", "009-text-4.1-2", "009-2", "009-B.1"]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([{**ITEM, "colour": "red"}, *REST], "unknown key colour"),
        ([{**ITEM, "kind": "guess"}, *REST], "kind 'guess'"),
        ([ITEM, REST[1]], "no equation 2"),
        ([ITEM, *REST, {"equation": "3", **DEFINITION}], "equation 3 is not in"),
        ([ITEM, ITEM, *REST], "twice 009-1;"),
        ([without("printed"), *REST], "a claim needs printed"),
        ([without("decides"), *REST], "a claim needs decides"),
        ([without("statement"), *REST], "give statement"),
        ([{**ITEM, "decides": "@elsewhere"}, *REST], "no parameter point elsewhere"),
        ([{"equation": "1", **DEFINITION, "kind": "not decidable"}, *REST], "a not decidable needs decides"),
        ([{**ITEM, "equation": "text"}, ITEM, *REST], "a claim needs part"),
    ],
)
def test_incomplete_items_are_refused(items, message):
    with pytest.raises(FiniteNError, match=message):
        parsed(text_of(*items), "file.toml")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (HEAD + "volume = 3", "unknown key volume"),
        (HEAD.replace("year = 2000", ""), "the head needs year"),
        (HEAD.replace("1-2", "1 to 2"), "give ranges"),
        (HEAD + "=", "not TOML"),
    ],
)
def test_incomplete_heads_are_refused(head, message):
    with pytest.raises(FiniteNError, match=message):
        parsed(text_of(ITEM, *REST, head=head + "\n"), "file.toml")


def test_papers_that_are_not_there_are_refused():
    with pytest.raises(FiniteNError, match="coverage of '042'"):
        coverage("042")


@pytest.mark.parametrize("paper", FILES)
def test_what_readers_see_names_no_parameter_point_and_breaks_no_line(paper):
    """@names are for `decides`, which no page prints."""
    head = paper_of(paper)
    assert "\n" not in head.title + head.authors + head.source
    assert not [item.id for item in coverage(paper) if "@" in item.statement + item.suspicion]
