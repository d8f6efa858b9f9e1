"""What a command is: options and help, read at once; a file with its work, which is imported when it is called."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace

import click

from comparison.cli.endings import ENDINGS
from comparison.cli.refusals import does_not_accept, needs_value

_NEGATIVE = re.compile(r"-[\d.]")
_HELP = {"help_option_names": ["-h", "--help"]}


class Several(click.Option):
    """An option that takes all the words behind it up to the next option: `--sizes 10 20 40` is `--sizes 10,20,40`."""


class Command(click.Command):
    """A command `finite-n name`.

    name : as the user types it
    params : its click options and arguments; values of options reach `run` by the name of the option
    about : its help, paragraphs that are filled to the width of the terminal; one that begins with \\b is kept as it is
    short : one line for `finite-n --help`; built-in commands have theirs in `group.py`
    examples : lines of examples
    done, kept : what exit status 0 means and what an interrupted command keeps, for `ENDINGS`
    more : a last paragraph of help
    work : the module whose run(arguments) does the work and returns the exit status; comparison.cli.<name> if None
    """

    def __init__(
        self,
        name: str,
        params: Sequence[click.Parameter] = (),
        about: str = "",
        *,
        short: str = "",
        examples: Sequence[str] = (),
        done: str = "",
        kept: str = "",
        more: str = "",
        work: str | None = None,
    ):
        parts = []
        if examples:
            parts.append("\b\n" + "\n".join(["Examples:", *(f"  {line}" for line in examples)]))
        if done:
            parts.append("Exit status: " + ENDINGS.format(done=done, kept=kept))
        self.work = work or f"comparison.cli.{name.replace('-', '_')}"
        super().__init__(
            name,
            context_settings=_HELP,
            callback=self._call,
            params=list(params),
            help=about,
            short_help=short,
            epilog="\n\n".join([*parts, *([more] if more else [])]),
        )

    def _call(self, **values) -> int:
        from comparison.cli.notices import said

        with said(values.get("quiet", False)):
            return _load(self.work, self.name).run(SimpleNamespace(**values))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, self._arranged(ctx, args))
        if left and not ctx.resilient_parsing:
            raise does_not_accept(ctx, left)
        return left

    def _arranged(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options first, then `--` and the other words: so numbers below zero are words, an option at the place of a
        value is none, and `Several` is one value."""
        options = {name: p for p in self.get_params(ctx) if isinstance(p, click.Option) for name in p.opts}
        out, words, rest = [], [], list(args)

        def is_value(word: str) -> bool:
            return not word.startswith("--") and word not in options

        while rest:
            word = rest.pop(0)
            option = options.get(word)
            if word == "--":
                words += rest
                break
            if option is None or option.is_flag:
                plain = not word.startswith("-") or word == "-" or _NEGATIVE.match(word)
                (words if plain else out).append(word)
            elif rest and is_value(rest[0]):
                values = [rest.pop(0)]
                while isinstance(option, Several) and rest and is_value(rest[0]):
                    values.append(rest.pop(0))
                out += [word, ",".join(values)]
            elif not ctx.resilient_parsing:
                raise needs_value(ctx, word, option)
        return [*out, "--", *words]


def _load(work: str, name: str) -> ModuleType:
    """The file of a command, which imports what that command needs."""
    try:
        return importlib.import_module(work)
    except OSError as error:  # a library of some package, not the output
        raise ImportError(f"finite-n {name} cannot be loaded") from error
