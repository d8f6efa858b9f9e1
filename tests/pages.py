"""Reads the pages of the documentation, runs their blocks in order, and compares what they print with what is shown.

A `python` block is executed, in one namespace per page. Of a `sh` block the commands `finite-n …` are run by
the command line itself, if a `text` block follows; that block is what is printed, of commands perhaps a part of it, and
«…» stands for anything. A first line such as `# study.toml` makes a block a file; `# more of study.toml` adds to it.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from comparison import load
from comparison.cli.main import main

ROOT = Path(__file__).parent.parent
PACKAGES = ("finite_n", "meanfield", "comparison", "figures")
PAGES = [
    ROOT / "README.md",
    *sorted(page for name in PACKAGES for page in (ROOT / name).rglob("*.md") if "templates" not in page.parts),
]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"([-−]?\d+(?:\.(\d+))?(?:e([-+]\d+))?)(?:\(\d+\))?")


@dataclass
class Block:
    """A fenced block: its language, its text, and the output that is shown for it, if any."""

    language: str
    text: str
    shown: str | None = None

    @property
    def file(self) -> str | None:
        """The file that the block is, or more of it."""
        named = re.match(r"# (?:more of )?([\w.-]+\.(?:toml|csv|py))\b", self.text)
        return named[1] if named else None

    @property
    def commands(self) -> list[list[str]]:
        """The words after `finite-n` of every command, with lines joined that end in a backslash."""
        text = self.text.replace("\\\n", " ") if self.language == "sh" else ""
        found = re.findall(r"^(?:.* && )?(?:\.venv/bin/)?finite-n (.+)$", text, re.MULTILINE)
        return [shlex.split(words, comments=True) for words in found]


def blocks(text: str) -> list[Block]:
    """The blocks of a page in order; a `text` block belongs to the code before it."""
    found: list[Block] = []
    for language, content in _FENCE.findall(text):
        if language == "text" and found and found[-1].shown is None and found[-1].language in ("python", "sh"):
            found[-1].shown = content
        else:
            found.append(Block(language, content))
    return found


def run(page: Path) -> int:
    """Runs a page in the current folder; the number of blocks whose output was compared. Raises AssertionError."""
    names: dict = {"__name__": "page"}
    compared = 0
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.file:
            _write(block)
            continue
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            if block.language == "python":
                exec(compile(block.text, page.name, "exec"), names)
            elif block.shown is not None:
                for words in block.commands:
                    assert main([*words, "--quiet"]) in (0, 1), words  # 1: a claim is refuted
        if block.shown is not None:
            assert_shown(block.shown, out.getvalue(), whole=block.language == "python")
            compared += 1
    return compared


def _write(block: Block) -> None:
    file = Path(block.file)
    before = file.read_text(encoding="utf-8") if block.text.startswith("# more of") else ""
    file.write_text(before + block.text, encoding="utf-8")
    if file.suffix == ".toml":
        load(str(file))


def assert_shown(shown: str, printed: str, whole: bool) -> None:
    """Every line that is shown is printed, in this order, numbers to 1.5 units of their last digit."""
    lines, wanted = ([line for line in text.splitlines() if line.strip()] for text in (printed, shown))
    if whole and "…" not in wanted:
        assert len(lines) == len(wanted), f"{len(wanted)} lines are shown, {len(lines)} are printed:\n{printed}"
    place = 0
    for line in wanted:
        if line.strip() == "…":
            continue
        place = next((k + 1 for k in range(place, len(lines)) if _same(line, lines[k])), 0)
        assert place, f"not printed, or not here: {line!r}\nprinted:\n{printed}"


def _same(shown: str, printed: str) -> bool:
    """Whether two lines are equal but for spaces, rounding, error bars, and what «…» stands for."""
    parts = [re.sub(r"\s+", " ", part.strip()) for part in shown.split("…")]
    pattern = ".*".join(_pattern(part) for part in parts)
    found = re.fullmatch(pattern, re.sub(r"\s+", " ", printed.strip()))
    if not found:
        return False
    numbers = [m for part in parts for m in _NUMBER.finditer(part)]
    return all(_close(m, text) for m, text in zip(numbers, found.groups(), strict=True))


def _pattern(text: str) -> str:
    """The text with every number replaced by a group for one."""
    pieces, end = [], 0
    for number in _NUMBER.finditer(text):
        pieces += [re.escape(text[end : number.start()]), r"([-−]?\d+(?:\.\d+)?(?:e[-+]\d+)?)(?:\(\d+\))?"]
        end = number.end()
    return "".join([*pieces, re.escape(text[end:])])


def _close(shown: re.Match, printed: str) -> bool:
    """Integers must agree; of other numbers the last digit that is shown may round otherwise."""
    a, b = (float(x.replace("−", "-")) for x in (shown[1], printed))
    if shown[2] is None and shown[3] is None:
        return a == b
    return abs(a - b) <= 1.5 * 10.0 ** (int(shown[3] or 0) - len(shown[2] or ""))
