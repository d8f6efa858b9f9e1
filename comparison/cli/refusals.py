"""What is wrong with a command line, each in one sentence: what came, what is meant perhaps, where to read on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import click

from finite_n.errors import SHOWN, FiniteNError, shortened, shown


def see_help(ctx: click.Context | None) -> str:
    """Where to read on."""
    return f"see `{ctx.command_path if ctx else 'finite-n'} --help`."


def meant(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: which names a word may stand for, or nothing."""
    names, bare = {name.lstrip("-"): name for name in known}, word.lstrip("-")
    begins = [name for name in names if len(bare) > 1 and name.startswith(bare)]
    close = [names[name] for name in begins or get_close_matches(bare, names, n=2)]
    return f" (did you mean {' or '.join(close[:3])}?)" if close else ""


def option_names(ctx: click.Context) -> list[str]:
    """The options of a command."""
    return [name for p in ctx.command.get_params(ctx) for name in p.opts if name.startswith("-")]


def does_not_accept(ctx: click.Context, words: Sequence[str]) -> FiniteNError:
    """Words that a command has no place for."""
    word = words[0].partition("=")[0]
    hint = meant(word, option_names(ctx)) if word.startswith("-") else ""
    if word.isdigit() and "--sizes" in option_names(ctx):
        hint = "; sizes are one word, such as --sizes 10,20,40,80"
    listed = " ".join(shown(w) for w in words[:4])
    return FiniteNError(f"`{ctx.command_path}` does not accept {listed}{hint}; {see_help(ctx)}")


def needs_value(ctx: click.Context, name: str, option: click.Option) -> FiniteNError:
    """An option at the end of a command line, or with another option behind it."""
    return FiniteNError(f"{name}: its value {option.make_metavar(ctx)} is missing; {see_help(ctx)}")


def no_command(word: str, known: Sequence[str]) -> FiniteNError:
    """A command that there is not."""
    hint = meant(word, known) or f"; the commands are {', '.join(known)}"
    return FiniteNError(f"there is no command {shown(word)}{hint}; see `finite-n --help`.")


def sentence(error: click.UsageError) -> FiniteNError:
    """What click says, as a sentence of this package."""
    ctx = error.ctx
    if isinstance(error, click.NoSuchOption) and ctx:
        return does_not_accept(ctx, [error.option_name])
    if isinstance(error, click.MissingParameter) and error.param:
        return FiniteNError(f"{error.param.make_metavar(ctx)} is missing; {see_help(ctx)}")
    text = shortened(" ".join(error.message.split()).rstrip("."), 4 * SHOWN)
    if isinstance(error, click.BadParameter) and error.param:
        text = f"{error.param.opts[0]}: {text}"
    return FiniteNError(f"{text}; {see_help(ctx)}")
