"""Names that shells complete: systems, their parameters, theories, papers, files. They are looked up when asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import click
from click.shell_completion import CompletionItem


class _Place(click.ParamType):
    """A path, which is checked by what reads or writes there; `kind` is what shells complete, file or dir."""

    name = "path"

    def __init__(self, kind: str):
        self.kind = kind

    def shell_complete(self, ctx, param, incomplete):
        return [CompletionItem(incomplete, type=self.kind)]


FILE, FOLDER = _Place("file"), _Place("dir")


class Names(click.ParamType):
    """A text, for which there are names; the last one of a list with commas.

    known : function of the context that gives them, with a word on each
    files : whether it may be a file too
    """

    name = "text"

    def __init__(self, known: Callable[[click.Context], dict[str, str]], files: bool = False):
        self.known, self.files = known, files

    def shell_complete(self, ctx, param, incomplete):
        before, comma, last = incomplete.rpartition(",")
        found = [CompletionItem(incomplete, type="file")] if self.files else []
        names = self.known(ctx).items()
        return found + [CompletionItem(before + comma + k, help=text) for k, text in names if k.startswith(last)]


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]


def systems(ctx: click.Context | None = None) -> dict[str, str]:
    """Built-in systems."""
    from finite_n.systems import PARTICLES, SYSTEMS

    return {name: _first_line(inspect.getdoc(make)) for name, make in (SYSTEMS | PARTICLES).items()}


def parameters(ctx: click.Context) -> dict[str, str]:
    """KEY=VALUE of the system that is named, or that its study file names, with the values that it has by itself."""
    from finite_n.systems import PARTICLES, SYSTEMS

    make = (SYSTEMS | PARTICLES).get(_system(str(ctx.params.get("study") or "")))
    found = inspect.signature(make).parameters.values() if make else ()
    return {f"{p.name}={_value(p.default)}": "" for p in found}


def _value(default) -> str:
    return "" if default is inspect.Parameter.empty or default is None else str(default).replace(" ", "")


def _system(study: str) -> str:
    """The system of a study file; another text as it is."""
    if Path(study).suffix != ".toml":
        return study
    import tomllib

    try:
        return str(tomllib.loads(Path(study).read_text(encoding="utf-8")).get("system", ""))
    except (OSError, ValueError):
        return ""


def theories(ctx: click.Context | None = None) -> dict[str, str]:
    """Theories at finite N."""
    from comparison.referee.theories import THEORIES

    return {name: text for name, (_, text) in THEORIES.items()}


def claims(ctx: click.Context | None = None) -> dict[str, str]:
    """Claims that studies may have, and theories at finite N."""
    limits = {"derived": "the limit derived from the model", "printed": "the formula of a paper"}
    return limits | theories()


def papers(ctx: click.Context | None = None) -> dict[str, str]:
    """Papers of the ledger."""
    from comparison.claims.coverage import FILES

    return dict(FILES)
