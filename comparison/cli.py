"""The command `finite-n`: run a study, find slow eigenvalues, list the systems."""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import sys
import time
from importlib.metadata import version

from comparison.bench import bench, bench_text
from comparison.extrapolation import FEWEST
from comparison.power import power_table, power_test
from comparison.report import as_json, check_folder, headlines, table, write
from comparison.specification import DEFAULTS, load
from comparison.spectrum import compare_spectrum
from finite_n.errors import FiniteNError
from finite_n.systems import SYSTEMS

EXIT_ERROR, EXIT_INTERRUPTED = 2, 130


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit status: 0, 2 for bad input, 130 if interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # Greek letters on a terminal that has none
    try:
        arguments = parser().parse_args(_glued(sys.argv[1:] if argv is None else argv))
        return arguments.action(arguments)
    except FiniteNError as error:
        print(f"finite-n: {error}", file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print("finite-n: interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"finite-n: output cannot be written, {error.strerror}.", file=sys.stderr)
        return EXIT_ERROR


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


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="finite-n",
        description="An exact referee for mean-field theory: exact open-system dynamics at finite N against its limits.",
    )
    top.add_argument("--version", action="version", version=version("finite-n"))
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser(
        "run",
        help="run a study: exact dynamics at a ladder of sizes, limits, verdicts",
        description="Run the study of a built-in system or of a TOML study file: exact dynamics at a ladder of sizes,\n"
        "the mean-field and Gaussian limits from the same model, and verdicts with error bars.",
        epilog="examples:\n  finite-n run hopfield --out out/hopfield\n"
        "  finite-n run hopfield --set omega=0.5 --sizes 10,20,40,80 --json\n\n"
        "exit status: 0 when the study ran, whatever the verdicts (see --json), 2 for bad input, 130 if interrupted",
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
        "exit status: 0 when the eigenvalues were found, 2 for bad input, 130 if interrupted",
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
    study = load(arguments.study, _overrides(arguments))
    if arguments.out is not None:
        check_folder(arguments.out)
    progress = None if arguments.quiet else Progress(study.sizes)
    result = study.run(progress)
    if progress:
        progress.close()
    power = power_test(result) if arguments.power and len(result.results) >= FEWEST else None
    if arguments.json:
        print(json.dumps(as_json(result, power), indent=2, sort_keys=True, ensure_ascii=False))
    elif result.results:
        print(table(result))
        print()
        for line in headlines(result):
            print(line)
        if power is not None:
            print(f"\nPlanted errors\n{power_table(power)}")
    if arguments.out is not None:
        files = write(result, arguments.out, power)
        print(f"\nwritten: {', '.join(str(f) for f in files)}", file=sys.stderr if arguments.json else sys.stdout)
    if result.interrupted:
        kept = f"the sizes {result.sizes} are done" if result.results else "no size was done yet"
        hint = "" if arguments.out or not result.results else "; with --out FOLDER they would have been written"
        print(f"finite-n: interrupted; {kept}{hint}.", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


def run_spectrum(arguments) -> int:
    """`finite-n spectrum`."""
    given = {"parameters": dict(_setting(text) for text in arguments.set)} if arguments.set else {}
    model = load(arguments.study, given).model
    words = [w for group in arguments.sizes for w in group.split(",") if w]
    sizes = [_number(w, "--sizes", "whole numbers such as 10 20 40") for w in words]
    k, tol = (
        _number(arguments.k, "-k", "a whole number such as 6"),
        _number(arguments.tol, "--tol", "a number such as 1e-9"),
    )
    started = time.perf_counter()

    def progress(N: int) -> None:
        print(f"N = {N}: done, {time.perf_counter() - started:.1f} s", file=sys.stderr)

    result = compare_spectrum(model, sizes, k, tol=tol, progress=None if arguments.quiet else progress)
    if arguments.json:
        print(json.dumps(result.to_dict(), indent=2, sort_keys=True, ensure_ascii=False))
    else:
        print(result.table())
    return 0


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
    """One line on standard error, redrawn on a terminal, one line per size elsewhere."""

    def __init__(self, sizes):
        self.sizes, self.started, self.last, self.done = sizes, time.perf_counter(), 0.0, set()
        self.terminal = sys.stderr.isatty()

    def __call__(self, N: int, share: float):
        now = time.perf_counter()
        if self.terminal and (now - self.last > 0.1 or share >= 1):
            self.last = now
            print(f"\rN = {N} of {self.sizes}: {share:4.0%}  {now - self.started:.0f} s ", end="", file=sys.stderr)
        elif not self.terminal and share >= 1 and N not in self.done:
            self.done.add(N)
            print(f"N = {N}: done, {now - self.started:.1f} s", file=sys.stderr)

    def close(self):
        """End the line."""
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr)


def _overrides(arguments) -> dict:
    out: dict = {}
    if arguments.set:
        out["parameters"] = dict(_setting(text) for text in arguments.set)
    if arguments.sizes is not None:
        out["sizes"] = [_number(x, "--sizes", "whole numbers such as 10,20,40") for x in arguments.sizes.split(",")]
    if arguments.initial is not None:
        parts = arguments.initial.split(",")
        if len(parts) != 3:
            raise FiniteNError(f"--initial {arguments.initial}: give three numbers, for example 0,0.3,0.4.")
        out["initial"] = {"bloch": [_number(x, "--initial", "three numbers such as 0,0.3,0.4") for x in parts]}
    times = {"stop": arguments.stop, "points": arguments.points}
    if any(v is not None for v in times.values()):
        out["times"] = {k: v for k, v in times.items() if v is not None}
    if arguments.accuracy is not None:
        out["accuracy"] = arguments.accuracy
    return out


def _setting(text: str):
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise FiniteNError(f"--set {text}: write KEY=VALUE, for example --set omega=0.5.")
    for read in (lambda x: json.loads(x.lower(), parse_int=float), float):  # true and lists; numbers such as .5
        try:
            return key.strip(), read(value)
        except ValueError:
            continue
    return key.strip(), value.strip()


def _number(text: str, option: str, wanted: str):
    try:
        value = float(text)
    except ValueError:
        raise FiniteNError(f"{option}: «{text.strip()}» is not a number; give {wanted}.") from None
    return int(value) if value.is_integer() else value


if __name__ == "__main__":
    sys.exit(main())
