"""Every numbered equation of the five papers, and what their prose says that numbers can decide: read from coverage/.

One TOML file a paper. What it says is about the stored text of the paper; verdicts are found elsewhere.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files

from finite_n.errors import FiniteNError, shown

FILES = {
    "000": "benatti_2016",
    "001": "benatti_2017",
    "002": "fiorelli_2023",
    "003": "fiorelli_2024",
    "004": "merkli_2018",
}
KINDS = ("claim", "definition", "proof step", "not decidable")
_HEADER = {"paper", "authors", "title", "year", "source", "equations", "conventions", "points", "item"}


@dataclass(frozen=True)
class Item:
    """One numbered equation, or one statement between them.

    equation: its number, such as "62", "1.25" or "B.5"; "text" for prose, figures and displays without a number
    part: tells several statements of one equation, or of the prose of one section, from each other; else ""
    section: where it stands; kind: one of `KINDS`; statement: in our words
    printed: the formula as the stored text prints it; every claim has one
    decides: of a claim, the exact number that decides it; of what no number decides, the reason
    suspicion: why the printed formula is believed to be wrong, or the stored text damaged; else ""
    """

    paper: str
    equation: str
    section: str
    kind: str
    statement: str
    part: str = ""
    printed: str = ""
    decides: str = ""
    suspicion: str = ""

    @property
    def id(self) -> str:
        """Such as "000-62", "000-62b" and, for prose, "000-text-4.1-2"."""
        if self.equation == "text":
            return f"{self.paper}-text-{self.section}-{self.part}"
        return f"{self.paper}-{self.equation}{self.part}"


@dataclass(frozen=True)
class Paper:
    """Where a paper stands, how it writes things, and the parameter points that `decides` calls by name."""

    paper: str
    authors: str
    title: str
    year: int
    source: str
    equations: tuple[str, ...]
    conventions: str
    points: dict[str, str]


def coverage(paper: str) -> list[Item]:
    """The items of a paper, "000" … "004", in the order of its text.

    Raises FiniteNError for a paper that is not there, and for a file with unknown keys, kinds or parameter points, with
    a number missing or without what its kind asks for.
    """
    return list(_read(paper)[1])


def paper_of(paper: str) -> Paper:
    """The head of a paper's file."""
    return _read(paper)[0]


@lru_cache
def _read(paper: str) -> tuple[Paper, tuple[Item, ...]]:
    if paper not in FILES:
        raise FiniteNError(f"coverage of {shown(paper)}: there are the papers {', '.join(FILES)}.")
    name = f"{FILES[paper]}.toml"
    text = (files("comparison.claims") / "coverage" / name).read_text(encoding="utf-8")
    return parsed(text, name)


def parsed(text: str, name: str) -> tuple[Paper, tuple[Item, ...]]:
    """Head and items of the text of one file, checked; `name` is for messages."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FiniteNError(f"{name}: not TOML: {error}.") from error
    _only(data, _HEADER, name)
    if missing := sorted(_HEADER - set(data)):
        raise FiniteNError(f"{name}: the head needs {', '.join(missing)}.")
    raw = data.pop("item")
    data["equations"] = tuple(data["equations"])
    data |= {k: _line(data[k]) for k in ("authors", "title", "source", "conventions")}
    data["points"] = {k: _line(v) for k, v in data["points"].items()}
    head = Paper(**data)
    items = tuple(_item(head, x, name) for x in raw)
    _check_ids(items, name)
    _check_numbers(head, items, name)
    return head, items


def _item(head: Paper, raw: dict, name: str) -> Item:
    where = f"{name}, equation {raw.get('equation', '?')}{raw.get('part', '')} of section {raw.get('section', '?')}"
    _only(raw, {f.name for f in fields(Item)} - {"paper"}, where)
    if missing := [k for k in ("equation", "section", "kind", "statement") if not raw.get(k)]:
        raise FiniteNError(f"{where}: give {', '.join(missing)}.")
    item = Item(head.paper, **{k: _line(v) for k, v in raw.items()})
    if item.kind not in KINDS:
        raise FiniteNError(f"{where}: kind {shown(item.kind)}; kinds are {', '.join(KINDS)}.")
    needed = {"claim": ("printed", "decides"), "not decidable": ("decides",)}.get(item.kind, ())
    needed += ("part",) if item.equation == "text" else ()
    if missing := [k for k in needed if not getattr(item, k)]:
        raise FiniteNError(f"{where}: a {item.kind} needs {', '.join(missing)}.")
    if unknown := sorted(set(re.findall(r"@(\w+)", item.decides)) - set(head.points)):
        raise FiniteNError(f"{where}: no parameter point {', '.join(unknown)}; there are {', '.join(head.points)}.")
    return item


def _check_ids(items, name: str) -> None:
    if twice := [x for x, n in Counter(item.id for item in items).items() if n > 1]:
        raise FiniteNError(f"{name}: twice {', '.join(twice)}; tell them apart by part.")


def _check_numbers(head: Paper, items, name: str) -> None:
    """Every number of the ranges of the head, such as "1.1-1.31" or "B.1-B.6", and no other."""
    wanted: list[str] = []
    for span in head.equations:
        found = re.fullmatch(r"(\w+\.|[A-Z]?)(\d+)-\1(\d+)", span)
        if not found:
            raise FiniteNError(f"{name}: equations {shown(span)}; give ranges such as 1-78, 1.1-1.31 or B1-B6.")
        wanted += [f"{found[1]}{n}" for n in range(int(found[2]), int(found[3]) + 1)]
    given = {item.equation for item in items} - {"text"}
    if missing := [x for x in wanted if x not in given]:
        raise FiniteNError(f"{name}: no equation {', '.join(missing)}; every number of {head.equations} has an item.")
    if unknown := sorted(given - set(wanted)):
        raise FiniteNError(f"{name}: equation {', '.join(unknown)} is not in {head.equations}.")


def _only(given: dict, allowed: set[str], where: str) -> None:
    if unknown := sorted(set(given) - allowed):
        raise FiniteNError(f"{where}: unknown key {', '.join(unknown)}; keys are {', '.join(sorted(allowed))}.")


def _line(text: str) -> str:
    return " ".join(text.split())
