"""The command `finite-n`: run a study, find slow eigenvalues, list the systems."""

from __future__ import annotations

import argparse
import contextlib
import inspect
import json
import os
import re
import sys
import time
from importlib.metadata import version

from comparison.cli.interruption import Interruption
from comparison.cli.speed import bench, bench_text
from comparison.convergence.spectrum import compare_spectrum
from comparison.referee.extrapolation import FEWEST
from comparison.results_folder.folder import OutputFolder
from comparison.starting import EXIT_INTERRUPTED
from comparison.study.planted_errors import power_table, power_test
from comparison.study.report import Written, as_json, headlines, table, write_into
from comparison.study_file.build import load
from comparison.study_file.defaults import DEFAULTS
from finite_n.errors import LONGEST, SHOWN, FiniteNError, in_words, shortened, shown
from finite_n.systems import SYSTEMS

EXIT_ERROR = 2
WORTH_KEEPING = 2.0  # seconds of work
ENDINGS = (
    "0 when {done},\n2 for bad input or an error, 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.\n"
    "Ended by one of these signals, by an error or by too little memory, it keeps {kept}."
)


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit status: 0, 2 for bad input or an error, 128 + the number of a signal that ended
    it."""
    _open_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # Greek letters on a terminal that has none
    try:
        arguments = _read(_glued(sys.argv[1:] if argv is None else argv))
        status = arguments.action(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # an error is met here, not at exit
        return status
    except FiniteNError as error:
        say(shortened(f"finite-n: {error}", LONGEST))
        return EXIT_ERROR
    except MemoryError as error:
        say(f"finite-n: {in_words(error)} Try smaller sizes.")
        return EXIT_ERROR
    except KeyboardInterrupt as error:
        say("finite-n: interrupted.")
        return 128 + getattr(error, "number", EXIT_INTERRUPTED - 128)
    except BrokenPipeError:  # the reader has gone, as with `| head`
        _drop(sys.stdout)
        return 0
    except OSError as error:
        _drop(sys.stdout)
        say(f"finite-n: output cannot be written, {error.strerror}.")
        return EXIT_ERROR


def say(text: str) -> None:
    """A line on standard error, if anybody listens; a run is not ended by its own messages."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(text, file=sys.stderr, flush=True)


def show(text: str) -> None:
    """Text on standard output, at once, so that an error is met here; a reader that has gone is none."""
    if sys.stdout is not None:
        try:
            print(text, flush=True)
        except BrokenPipeError:
            _drop(sys.stdout)


def _drop(stream) -> None:
    """Let what a stream still holds go nowhere, so that it is not tried again at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _open_descriptors() -> None:
    """Give a closed standard stream a descriptor that leads nowhere, lest the next file opened take its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def _glued(argv: list[str]) -> list[str]:
    """`--initial -0.5,0,0` as `--initial=-0.5,0,0`, since argparse takes the value for an option."""
    out: list[str] = []
    for word in argv:
        if (
            out
            and out[-1] in ("--initial", "--sizes", "--stop", "--points", "--accuracy")
            and re.match(r"-[\d.]", word)
        ):
            out[-1] += f"={word}"
        else:
            out.append(word)
    return out


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are sentences."""

    def error(self, message):
        said = shortened(" ".join(message.split()), 4 * SHOWN)
        raise FiniteNError(f"{said}; see `{self.prog} --help`.")


def _read(argv: list[str]) -> argparse.Namespace:
    arguments, unknown = parser().parse_known_args(argv)
    if unknown:
        raise FiniteNError(
            f"`finite-n {arguments.command}` has no use for {' '.join(shown(word) for word in unknown[:4])}; see "
            f"`finite-n {arguments.command} --help`."
        )
    return arguments


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = _Parser(
        prog="finite-n",
        description="An exact referee for mean-field theory: exact open-system dynamics at finite N against its limits.",
    )
    top.add_argument("--version", action="version", version=version("finite-n"))
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    run = commands.add_parser(
        "run",
        help="run a study: exact dynamics at a ladder of sizes, limits, verdicts",
        description="Run the study of a built-in system or of a TOML study file: exact dynamics at a ladder of sizes,\n"
        "the mean-field and Gaussian limits from the same model, and verdicts with error bars.",
        epilog="examples:\n  finite-n run hopfield --out out/hopfield\n"
        "  finite-n run hopfield --set omega=0.5 --sizes 10,20,40,80 --json\n\n"
        "exit status: "
        + ENDINGS.format(done="the study ran, whatever the verdicts (see --json)", kept="the sizes that are done")
        + "\n\nwhat stands in FOLDER: the same study is replaced by as many sizes or more; fewer, of an interrupted run, are written\n"
        "beside it (study-partial.nc, …) or not at all; anything else is refused at the start unless --force is given.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("study", metavar="NAME|FILE.toml", help="a system (see `finite-n systems`) or a study file")
    setting = "a parameter of the system; a list as [0.8,1.2]"
    run.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=setting)
    run.add_argument("--sizes", metavar="N,N,…", help="numbers of particles, four or more, increasing")
    run.add_argument("--initial", metavar="X,Y,Z", help="Bloch vector of the initial product state")
    run.add_argument("--stop", type=float, metavar="T", help="last time")
    run.add_argument("--points", type=int, metavar="K", help="number of times (default 16)")
    run.add_argument("--accuracy", type=float, metavar="A", help="accuracy asked of «confirmed» (default 1e-4)")
    run.add_argument("--power", action="store_true", help="also plant 1 %% errors in every coefficient of the limit")
    run.add_argument("--out", metavar="FOLDER", help="write dataset, report and figure (PNG, PDF) there")
    run.add_argument("--force", action="store_true", help="replace whatever result stands in FOLDER")
    run.add_argument("--json", action="store_true", help="print the verdicts as JSON instead of text")
    run.add_argument("--quiet", action="store_true", help="no progress on standard error")
    run.set_defaults(action=run_study)

    slow = commands.add_parser(
        "spectrum",
        help="slow Liouvillian eigenvalues and gap at a ladder of sizes, beside mean field",
        description="The eigenvalues of the Liouvillian with the largest real parts at a ladder of sizes, its gap, and the sums\n"
        "of eigenvalues of the mean-field Jacobian at the fixed points, to which they go as N grows.",
        epilog="examples:\n  finite-n spectrum hopfield\n"
        "  finite-n spectrum hopfield --set omega=0.5 --sizes 8 16 24 32 -k 8 --json\n\n"
        "exit status: " + ENDINGS.format(done="the eigenvalues were found", kept="and prints the sizes that are done"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    slow.add_argument("study", metavar="NAME|FILE.toml", help="a system (see `finite-n systems`) or a study file")
    slow.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=setting)
    slow.add_argument(
        "--sizes", nargs="+", default=["10", "20", "30", "40"], metavar="N", help="numbers of particles, increasing "
        "(default 10 20 30 40); four or more give errors",
    )  # fmt: skip
    slow.add_argument("-k", default="6", metavar="K", help="number of eigenvalues, zero not counted (default 6)")
    slow.add_argument("--tol", default="1e-9", metavar="TOL", help="residual allowed, in units of a decay rate (1e-9)")
    slow.add_argument(
        "--cutoff",
        action="append",
        default=[],
        metavar="NAME=LEVEL",
        help="highest Fock level of a mode; for every mode",
    )
    slow.add_argument("--json", action="store_true", help="print as JSON instead of text")
    slow.add_argument("--quiet", action="store_true", help="no progress on standard error")
    slow.set_defaults(action=run_spectrum)

    systems = commands.add_parser("systems", help="list the built-in systems and their parameters")
    systems.add_argument("--json", action="store_true", help="print as JSON")
    systems.set_defaults(action=list_systems)

    speed = commands.add_parser(
        "bench",
        help="measure speed against PIQS and scipy in one run",
        description="Time one job by PIQS with mesolve, by scipy's CSR product on the same reduced space and by this package, "
        "to the same accuracy, and one application of the generator. About a minute; --large several.",
    )
    speed.add_argument("--large", action="store_true", help="go to N = 100, and to N = 60 with PIQS")
    speed.add_argument("--json", action="store_true", help="print as JSON")
    speed.set_defaults(action=run_bench)
    return top


def run_bench(arguments) -> int:
    """`finite-n bench`."""
    data = bench(arguments.large, lambda text: print(text, file=sys.stderr))
    print(json.dumps(data, indent=2, sort_keys=True) if arguments.json else bench_text(data))
    return 0


def run_study(arguments) -> int:
    """`finite-n run`."""
    with contextlib.ExitStack() as entered:
        stop = entered.enter_context(Interruption())
        study = load(arguments.study, _overrides(arguments))
        folder = None
        if arguments.out is not None:
            folder = entered.enter_context(OutputFolder(arguments.out, arguments.force))
            folder.check(study, arguments.power)
            for note in folder.notes:
                say(f"finite-n: {note}")
        elif sys.stdout is None:
            raise FiniteNError("standard output is closed, so the result would go nowhere; give --out FOLDER.")
        progress = Progress(study.sizes, stop, arguments.quiet)
        result = study.run(progress, _Keeper(folder) if folder else None)
        stop.hold()
        progress.close()
        return _report_study(arguments, result, folder, stop)


class _Keeper:
    """Writes what is done between sizes, where it took some time, so that even a process that is killed loses
    little."""

    def __init__(self, folder: OutputFolder):
        self.folder, self.written_at = folder, time.perf_counter()

    def __call__(self, result) -> None:
        if time.perf_counter() - self.written_at > WORTH_KEEPING:
            # what goes wrong is told at the end, if it still does
            write_into(self.folder, result, drawing=lambda draw: None)
            self.written_at = time.perf_counter()


def _report_study(arguments, result, folder: OutputFolder | None, stop: Interruption) -> int:
    """Write what is done, print it, say how it ended; returns the exit status."""
    power, problems = None, []
    if arguments.power and len(result.results) >= FEWEST and not stop.number:
        try:
            power = stop.attempt(lambda: power_test(result))
        except Exception as error:
            problems.append(f"planted errors: {in_words(error)}")
        stop.hold()
        if power is None and not problems:
            problems.append("planted errors: interrupted.")

    def draw(figure):
        return None if stop.count > 1 else stop.attempt(figure, pause=0.0)

    written = write_into(folder, result, power, draw) if folder else Written()
    problems += written.problems
    if arguments.json:
        show(json.dumps(as_json(result, power), indent=2, sort_keys=True, ensure_ascii=False))
    elif result.results:
        show("\n".join([table(result), "", *headlines(result)]))
        if power is not None:
            show(f"\nPlanted errors\n{power_table(power)}")
    if written.paths:
        (say if arguments.json else show)(f"\nwritten: {', '.join(map(str, written.paths))}")
    if written.standing:
        say(
            f"finite-n: output folder {folder.name} holds all of these sizes and more of this study, so nothing was "
            "written."
        )
    for problem in problems:
        say(f"finite-n: {problem}")
    if result.failure:
        say(f"finite-n: {result.failure}")
    if result.failure or stop.number or result.interrupted:
        kept = f"the sizes {result.sizes} are done" if result.results else "no size was done yet"
        hint = "" if folder or not result.results else "; with --out FOLDER they would have been written"
        say(f"finite-n: {'ended by the error' if result.failure else 'interrupted'}; {kept}{hint}.")
    if stop.number or result.interrupted:
        return stop.status or EXIT_INTERRUPTED
    return EXIT_ERROR if problems or result.failure else 0


def run_spectrum(arguments) -> int:
    """`finite-n spectrum`."""
    given = {"parameters": _settings(arguments.set)} if arguments.set else {}
    words = [w for group in arguments.sizes for w in group.split(",") if w]
    sizes = [_number(w, "--sizes", "whole numbers such as 10 20 40") for w in words]
    k, tol = (
        _number(arguments.k, "-k", "a whole number such as 6"),
        _number(arguments.tol, "--tol", "a number such as 1e-9"),
    )
    started = time.perf_counter()
    with Interruption() as stop:
        model = load(arguments.study, given).model
        cutoffs = _levels(arguments.cutoff, model)

        def progress(N: int) -> None:
            if not arguments.quiet:
                say(f"N = {N}: done, {time.perf_counter() - started:.1f} s")
            stop.check()

        result = compare_spectrum(model, sizes, k, tol=tol, progress=progress, cutoffs=cutoffs)
        stop.hold()
        show(
            json.dumps(result.to_dict(), indent=2, sort_keys=True, ensure_ascii=False)
            if arguments.json
            else result.table()
        )
    if result.failure:
        say(f"finite-n: {result.failure}")
    if result.failure or stop.number:
        say(
            f"finite-n: {'ended by the error' if result.failure else 'interrupted'}; the sizes {result.sizes} are done."
        )
    return stop.status or (EXIT_ERROR if result.failure else 0)


def _levels(texts: list[str], model) -> dict | None:
    """Levels by mode from NAME=LEVEL; None for a model without modes."""
    pairs = [text.rpartition("=") for text in texts]
    if bad := next((t for t, (name, _, _) in zip(texts, pairs, strict=True) if not name.strip()), None):
        raise FiniteNError(f"--cutoff {shown(bad)}: write NAME=LEVEL, for example --cutoff field=20.")
    _refuse_twice("--cutoff", [name.strip() for name, _, _ in pairs])
    levels = {name.strip(): _number(level, "--cutoff", "a whole number such as 20") for name, _, level in pairs}
    if set(levels) != {mode.name for mode in model.modes}:
        options = " ".join(f"--cutoff {mode.name}=20" for mode in model.modes)
        given = f"levels are given for {', '.join(levels)}" if levels else "no levels are given"
        wanted = (
            f"give them for its modes, for example {options}" if options else "this model has no modes, so give none"
        )
        raise FiniteNError(f"spectrum: {given}; {wanted}.")
    return levels or None


def list_systems(arguments) -> int:
    """`finite-n systems`."""
    entries = {}
    for name, function in SYSTEMS.items():
        defaults = {p.name: p.default for p in inspect.signature(function).parameters.values()}
        entries[name] = {
            "parameters": defaults,
            "description": inspect.getdoc(function),
            "about": inspect.getdoc(inspect.getmodule(function)),
            "study": DEFAULTS[name],
        }
    if arguments.json:
        print(json.dumps(entries, indent=2, sort_keys=True, ensure_ascii=False))
        return 0
    for name, entry in entries.items():
        values = ", ".join(f"{k}={v}" for k, v in entry["parameters"].items())
        study = entry["study"]
        print(f"{name}({values})")
        print(f"  {entry['about']}")
        for line in entry["description"].splitlines():
            print(f"    {line}".rstrip())
        print(
            f"  study: from {_initial_text(study['initial'])}, t = 0 … {study['times']['stop']:g}, "
            f"N = {', '.join(map(str, study['sizes']))}\n"
        )
    return 0


def _initial_text(initial: dict) -> str:
    if "species" in initial:
        return "; ".join(f"{name} {_initial_text(own)}" for name, own in initial["species"].items())
    return f"populations {initial['populations']}" if "populations" in initial else f"Bloch vector {initial['bloch']}"


class Progress:
    """One line on standard error, redrawn on a terminal, one line per size elsewhere; ends the work when a signal has
    come.

    A size counts as done when its result is kept: from there to the next size signals are held.
    """

    def __init__(self, sizes, stop: Interruption, quiet: bool = False):
        self.sizes, self.stop, self.quiet = sizes, stop, quiet
        self.started, self.last = time.perf_counter(), 0.0
        self.terminal = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, N: int, share: float):
        if share >= 1:
            self.stop.hold()
        elif share == 0:
            self.stop.work()
        if not self.quiet:
            self._show(N, share, time.perf_counter())
        self.stop.check()

    def _show(self, N: int, share: float, now: float):
        if self.terminal and (now - self.last > 0.1 or share >= 1):
            self.last = now
            with contextlib.suppress(OSError, ValueError):
                line = f"\rN = {N} of {self.sizes}: {share:4.0%}  {now - self.started:.0f} s "
                print(line, end="", file=sys.stderr, flush=True)
        elif not self.terminal and share >= 1:
            say(f"N = {N}: done, {now - self.started:.1f} s")

    def close(self):
        """End the line."""
        if self.terminal and not self.quiet:
            with contextlib.suppress(OSError, ValueError):
                print("\r\033[K", end="", file=sys.stderr, flush=True)


def _overrides(arguments) -> dict:
    out: dict = {}
    if arguments.set:
        out["parameters"] = _settings(arguments.set)
    if arguments.sizes is not None:
        out["sizes"] = [_number(x, "--sizes", "whole numbers such as 10,20,40") for x in arguments.sizes.split(",")]
    if arguments.initial is not None:
        parts = arguments.initial.split(",")
        if len(parts) != 3:
            raise FiniteNError(f"--initial {shown(arguments.initial)}: give three numbers, for example 0,0.3,0.4.")
        out["initial"] = {"bloch": [_number(x, "--initial", "three numbers such as 0,0.3,0.4") for x in parts]}
    times = {"stop": arguments.stop, "points": arguments.points}
    if any(v is not None for v in times.values()):
        out["times"] = {k: v for k, v in times.items() if v is not None}
    if arguments.accuracy is not None:
        out["accuracy"] = arguments.accuracy
    return out


def _settings(texts: list[str]) -> dict:
    pairs = [_setting(text) for text in texts]
    _refuse_twice("--set", [key for key, _ in pairs])
    return dict(pairs)


def _refuse_twice(option: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise FiniteNError(f"{option}: {shown(max(names, key=names.count))} is given twice; give it once.")


def _setting(text: str):
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise FiniteNError(f"--set {shown(text)}: write KEY=VALUE, for example --set omega=0.5.")
    for read in (lambda x: json.loads(x.lower(), parse_int=float), float):  # true and lists; numbers such as .5
        try:
            return key.strip(), read(value)
        except (ValueError, RecursionError):
            continue
    return key.strip(), value.strip()


def _number(text: str, option: str, wanted: str):
    try:
        value = float(text)
    except ValueError:
        raise FiniteNError(f"{option}: «{shortened(text.strip(), SHOWN)}» is not a number; give {wanted}.") from None
    return int(value) if value.is_integer() else value
