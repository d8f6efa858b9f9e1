"""Reports of a study from its prepared content: one HTML page that needs nothing else, and Markdown."""

from __future__ import annotations

import base64
import dataclasses
import functools
import re
from collections.abc import Mapping, Sequence

import jinja2
from markupsafe import Markup

from comparison.referee.table import Table
from comparison.referee.verdict import Verdict
from comparison.report.content import SYMBOLS, Content, prepared
from comparison.report.figure import panel_files
from comparison.report.tables import CLAIM, LIMIT, gap_and_error
from comparison.study.planted_errors import PowerRow
from comparison.study.result import StudyResult
from finite_n.errors import FiniteNError
from finite_n.model.validation import check_kind

Panels = Mapping[str, Mapping[str, bytes]]


def html_report(result: StudyResult, power: Sequence[PowerRow] | None = None) -> str:
    """The report of a study as one HTML page, with its figure inside; the same study gives the same page.

    Parameters
    ----------
    result : StudyResult with one size or more
    power : what `power_test(result)` returns, optional

    Raises FiniteNError if no size is done.
    """
    check_kind(result, "html_report: result", StudyResult, "a StudyResult, which Study.run() returns")
    if not result.results:
        raise FiniteNError("html_report: no size of this study is done; there is nothing to report.")
    data = result.dataset
    return page(prepared(result, power, data=data), panel_files(data))


def page(content: Content, panels: Panels | None = None) -> str:
    """The page; panels : of its figure, as `panel_files` draws them."""
    return _html().get_template("study.html").render(page=content, panels=panels, symbols=SYMBOLS)


def text_report(result: StudyResult, power: Sequence[PowerRow] | None = None) -> str:
    """The report of a study as Markdown that also reads as text."""
    return markdown(prepared(result, power))


def markdown(content: Content) -> str:
    """The same from its content."""
    return _markdown().get_template("study.md").render(page=content, symbols=SYMBOLS)


class _Raw(str):
    """Text that is Markdown already."""


@functools.cache
def _html() -> jinja2.Environment:
    env = _environment(autoescape=True)
    env.filters |= {"data_uri": _data_uri, "gap": _gap, "limits_first": _limits_first}
    env.globals["limit"] = LIMIT
    return env


@functools.cache
def _markdown() -> jinja2.Environment:
    """Every value is shown literally, but for what a filter has made Markdown."""
    env = _environment(autoescape=False, finalize=lambda x: x if isinstance(x, _Raw) else literal(str(x)))
    env.filters |= {"fenced": _fenced, "code": _code, "raw": _Raw}
    return env


def _environment(**options) -> jinja2.Environment:
    loader = jinja2.PackageLoader("comparison.report")
    return jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True, **options
    )


def literal(text: str) -> str:
    """Text on one line such that Markdown shows it as it is."""
    text = re.sub(r"[\\`*\[\]<>#$~]|&(?=[\w#]+;)|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", " ".join(text.split()))
    # what begins a list, a rule or an underlined heading where it stands first
    return re.sub(r"^(\d+)(?=[.)](?:\s|$))|^(?=[-+](?:\s|$)|--|=)", r"\1\\", text)


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _fenced(given: str | Sequence[Table]) -> _Raw:
    """Text, or tables with their titles and notes, as a block of code."""
    if not isinstance(given, str):
        parts = ("\n".join([*([t.title] if t.title else []), t.text, *(f"\n{x}" for x in t.notes)]) for t in given)
        given = "\n\n".join(parts)
    fence = "`" * max(3, _longest(given) + 1)
    return _Raw(f"{fence}\n{given.rstrip()}\n{fence}")


def _code(text: str) -> _Raw:
    text, fence = " ".join(text.split()), "`" * (_longest(text) + 1)
    space = " " if "`" in (text[:1], text[-1:]) else ""
    return _Raw(f"{fence}{space}{text}{space}{fence}")


def _data_uri(svg: bytes) -> Markup:
    return Markup("data:image/svg+xml;base64," + base64.b64encode(svg).decode())


def _gap(v: Verdict) -> list[tuple[str, str]]:
    return list(zip(("gap", "error bar", "asked"), gap_and_error(v), strict=True))


def _limits_first(t: Table) -> Table:
    """A table with sizes in columns, exact limit and claims before them, where a narrow screen shows them."""
    head = t.rows[0]
    order = [0, *sorted(range(1, len(head)), key=lambda c: not (head[c] == LIMIT or head[c].startswith(CLAIM)))]
    marks = {(r, order.index(c)): verdict for (r, c), verdict in t.marks.items()}
    return dataclasses.replace(t, rows=[[row[c] for c in order] for row in t.rows], marks=marks)
