"""Values of options as the user types them: numbers and settings KEY=VALUE."""

from __future__ import annotations

import json

from finite_n.errors import SHOWN, FiniteNError, shortened, shown


def settings(texts: list[str]) -> dict:
    """Parameters by name from texts KEY=VALUE."""
    pairs = [setting(text) for text in texts]
    refuse_twice("--set", [key for key, _ in pairs])
    return dict(pairs)


def refuse_twice(option: str, names: list[str]) -> None:
    """Refuse an option whose names are not all different."""
    if len(set(names)) < len(names):
        raise FiniteNError(f"{option}: {shown(max(names, key=names.count))} is given twice; give it once.")


def setting(text: str):
    """(key, value) of KEY=VALUE; the value a number, true, false, a list, or a text."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise FiniteNError(f"--set {shown(text)}: write KEY=VALUE, for example --set omega=0.5.")
    for read in (lambda x: json.loads(x.lower(), parse_int=float), float):  # true and lists; numbers such as .5
        try:
            return key.strip(), read(value)
        except (ValueError, RecursionError):
            continue
    return key.strip(), value.strip()


def number(text: str, option: str, wanted: str):
    """The number that an option gives, an int where it is whole; `wanted` says in words what is asked for."""
    try:
        value = float(text)
    except ValueError:
        raise FiniteNError(f"{option}: «{shortened(text.strip(), SHOWN)}» is not a number; give {wanted}.") from None
    return int(value) if value.is_integer() else value
