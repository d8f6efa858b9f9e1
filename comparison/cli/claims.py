"""`finite-n claims`: the statements of the papers, decided by exact numbers."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Sequence
from pathlib import Path

from comparison.claims.decisions import as_data, counts, decided, decision_table
from comparison.claims.ledger import claims_of
from comparison.claims.page import judged_on, page
from comparison.claims.paper_claim import Decision, PaperClaim
from comparison.cli.endings import EXIT_ERROR
from comparison.cli.interruption import Interrupted, Interruption
from comparison.cli.printing import present, present_json
from comparison.cli.progress import Steps
from comparison.cli.running import refuse_closed_output
from comparison.cli.streams import say, show
from comparison.growth import duration
from comparison.results_folder.atomic import write_set
from comparison.starting import EXIT_INTERRUPTED
from comparison.study_file.python_files import executed
from finite_n.errors import FiniteNError, shown


def run(arguments) -> int:
    """Decide claims and print them; returns the exit status."""
    claims = _claims(arguments)
    target = None if arguments.page is None else Path(arguments.page)
    if target is not None and not target.parent.is_dir():
        raise FiniteNError(f"--page {shown(arguments.page)}: there is no folder {shown(str(target.parent))}.")
    if target is not None and (fuller := _fuller(target, len(claims), arguments.quick)):
        raise FiniteNError(fuller)
    if target is None:
        refuse_closed_output("result", "; give --page FILE")
    started = time.perf_counter()
    with Interruption() as stop:
        found = _decided(claims, arguments, stop)
        stop.hold()
        problem = _report(arguments, found, target, time.perf_counter() - started)
    if problem:
        say(f"finite-n: {problem}")
    if not arguments.quiet:
        say(f"{len(found)} of {len(claims)} claims decided in {duration(time.perf_counter() - started)}")
    if len(found) < len(claims):
        say("finite-n: interrupted; what is decided is printed above.")
        return stop.status or EXIT_INTERRUPTED
    return EXIT_ERROR if problem else 0


def _claims(arguments) -> list[PaperClaim]:
    """Those of the papers, or of a file."""
    if arguments.file is None:
        return claims_of(arguments.paper)
    if arguments.paper is not None or arguments.page is not None:
        raise FiniteNError("claims of a file: --paper and --page are for those of the papers.")
    path = Path(arguments.file)
    if path.suffix != ".py":
        raise FiniteNError(f"claims of {shown(arguments.file)}: give a Python file with a list CLAIMS.")
    found = getattr(executed(path), "CLAIMS", None)
    if not isinstance(found, list | tuple) or not found or not all(isinstance(x, PaperClaim) for x in found):
        raise FiniteNError(f"{path}: CLAIMS = {shown(found)}; give a list of comparison.formula_claim(…).")
    return list(found)


def _decided(claims: Sequence[PaperClaim], arguments, stop: Interruption) -> list[Decision]:
    """All decisions up to a signal."""
    found: list[Decision] = []
    with contextlib.suppress(Interrupted), Steps(len(claims), arguments.quiet) as begin:
        for claim in claims:
            begin(claim.id)
            decision = decided(claim, arguments.quick)
            stop.check()  # a ladder that a signal has ended decides nothing
            found.append(decision)
    return found


def _fuller(target: Path, count: int, quick: bool) -> str:
    """Why a page of so many claims may not replace what stands there; "" if it may."""
    try:
        there = target.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        there = ""
    what, shows = f"--page {shown(str(target))}", judged_on(there)
    if shows is None:
        return f"{what}: the file is no page of claims; give another file."
    if shows[0] > count:
        return f"{what}: the page there shows {shows[0]} claims, this one would show {count}; give another file."
    if quick and not shows[1]:
        return f"{what}: the page there is of a full run, this one would be of a quick one; give another file."
    return ""


def _report(arguments, found: Sequence[Decision], target: Path | None, seconds: float) -> str:
    """Print, and write the page; returns what went wrong."""
    if arguments.json:
        present_json([as_data(d) for d in found])
    elif found:
        present(lambda: decision_table(found))
        if len({d.claim.paper for d in found}) > 1:
            show(f"\n{counts(found)} in all")
    if target is None:
        return ""
    if fuller := _fuller(target, len(found), arguments.quick):
        return fuller
    text = page(found, datetime.date.today().isoformat(), quick=arguments.quick, took=duration(seconds))
    try:
        write_set(target.parent, {target.name: text.encode()})
    except OSError as error:
        return f"--page {shown(str(target))}: it cannot be written, {error.strerror}."
    return ""
