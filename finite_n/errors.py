"""The one exception of the package: a sentence that says what came, what is allowed, and what to try."""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable

LONGEST = 400  # characters of a message
SHOWN = 60  # characters of a value that a user gave

_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = _brief.maxlong = SHOWN


class FiniteNError(ValueError):
    """A model, state, size or study that cannot be accepted; the message is a full sentence for the user.

    A message longer than `LONGEST` characters loses its middle, so that what was given and what to try both stay; what
    does not print, such as the end of a line in a name, becomes a space.
    """

    def __init__(self, message: str = ""):
        text = "".join(c if c.isprintable() else " " for c in str(message))
        super().__init__(shortened(text, LONGEST))


def shown(value, width: int = SHOWN) -> str:
    """A value as messages show it: its repr on one line, cut in the middle at `width` characters.

    >>> shown(list(range(1000)))
    '[0, 1, 2, 3, 4, 5, ...]'
    """
    try:
        text = _brief.repr(value)
    except Exception:  # a repr of the user's own may fail
        text = f"<{type(value).__name__}>"
    return shortened(" ".join(text.split()), width)


def perhaps(name: str, known: Iterable[str]) -> str:
    """For a refusal of a name: the one of the known names that may be meant, or nothing.

    >>> perhaps("hopfeild", ["hopfield", "three_level"])
    ', perhaps hopfield is meant'
    """
    close = difflib.get_close_matches(name, list(known), 1)
    return f", perhaps {close[0]} is meant" if close else ""


def shortened(text: str, width: int) -> str:
    """`text`, its middle replaced by … where it is longer than `width`."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[-tail:]}"


def in_words(error: BaseException, place: str = "") -> str:
    """What an exception says, in one line: a refusal's own sentence, anything else with its kind in front; `place` says
    where.

    >>> in_words(MemoryError()), in_words(ZeroDivisionError("division by zero"), "N = 4")
    ('out of memory.', 'N = 4: ZeroDivisionError: division by zero.')
    """
    text = " ".join(str(error).split())
    if not isinstance(error, FiniteNError):
        kind = "out of memory" if isinstance(error, MemoryError) else type(error).__name__
        text = f"{kind}: {text.rstrip('.')}." if text else f"{kind}."
    return shortened(text if not place or place in text[:SHOWN] else f"{place}: {text}", LONGEST)
