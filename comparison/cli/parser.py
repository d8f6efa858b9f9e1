"""The command line: its commands, their options and help. Each command is run by the file of its name."""

from __future__ import annotations

import argparse
import re
from importlib.metadata import version

from comparison.cli.endings import ENDINGS
from finite_n.errors import SHOWN, FiniteNError, shortened, shown


def read(argv: list[str]) -> argparse.Namespace:
    """The options of a command, whose name is `command`; refuses unknown ones."""
    arguments, unknown = parser().parse_known_args(_glued(argv))
    if unknown:
        raise FiniteNError(
            f"`finite-n {arguments.command}` does not accept {' '.join(shown(word) for word in unknown[:4])}; see "
            f"`finite-n {arguments.command} --help`."
        )
    return arguments


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = _Parser(
        prog="finite-n",
        description="An exact referee for mean-field theory: exact open-system dynamics at finite N "
        "against its limits.",
    )
    top.add_argument("--version", action="version", version=version("finite-n"))
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    run = commands.add_parser(
        "run",
        help="run a study: exact dynamics at a ladder of sizes, limits, verdicts",
        description="Run the study of a built-in system or of a TOML study file: exact dynamics at a ladder of sizes,\n"
        "the mean-field and Gaussian limits from the same model, and verdicts with error bars.",
        epilog="examples:\n  finite-n run hopfield --out out/hopfield\n"
        "  finite-n run hopfield --set omega=0.5 --sizes 10,20,40,80 --json\n"
        "  finite-n run study.toml --budget 2min --largest 200\n"
        "  finite-n run hopfield --fluctuation 0.2,0.5,0.6 --accuracy 1e-4\n"
        "  finite-n run hopfield --sizes 10,20,40,80 --theories meanfield,corrected,cumulants2,cumulants3\n\n"
        "exit status: "
        + ENDINGS.format(done="the study ran, whatever the verdicts (see --json)", kept="the sizes that are done")
        + "\n\nresults already in FOLDER: the same study is replaced by as many sizes or more; fewer sizes, of an\n"
        "interrupted run, are written beside it (study-partial.nc, …) or not at all; anything else is refused at the\n"
        "start unless --force is given.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _study(run)
    _study_options(run)
    run.add_argument(
        "--theories",
        metavar="NAME,NAME,…",
        help="theories at finite N, derived from the model and judged at every N: meanfield, gaussian (the linear "
        "noise approximation), corrected (the expansion in 1/N), cumulants2, cumulants3, cumulants4; ends with a table "
        "of their errors against N, their orders in 1/N, and when they leave what quantum states allow",
    )
    run.add_argument("--power", action="store_true", help="also plant 1 %% errors in every coefficient of the limit")
    _folder(run, "dataset, report and figure (PNG, PDF)")
    _printing(run, "print the verdicts as JSON instead of text")

    _add_judge(commands)
    _add_predict(commands)

    slow = commands.add_parser(
        "spectrum",
        help="slow Liouvillian eigenvalues and gap at a ladder of sizes, beside mean field",
        description="The eigenvalues of the Liouvillian with the largest real parts at a ladder of sizes, its gap,\n"
        "and the sums of eigenvalues of the mean-field Jacobian at the fixed points, to which they go as N grows.",
        epilog="examples:\n  finite-n spectrum hopfield\n"
        "  finite-n spectrum hopfield --set omega=0.5 --sizes 8 16 24 32 -k 8 --json\n\n"
        "exit status: " + ENDINGS.format(done="the eigenvalues were found", kept="and prints the sizes that are done"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _study(slow)
    _setting(slow)
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
    _printing(slow)

    until = commands.add_parser(
        "horizon",
        help="until when a theory holds at a ladder of sizes, and how that time grows with N",
        description="The first time t*(N) at which exact numbers differ from a theory by more than the tolerance, for\n"
        "a ladder of sizes, and how it grows: as log N (unstable points), as a power of N (limit cycles,\n"
        "critical points), or not at all (a wrong limit).",
        epilog="examples:\n  finite-n horizon hopfield --sizes 10 20 40 80\n"
        "  finite-n horizon hopfield --set omega=1 --set beta=2 --stop 20 --tolerance 0.2\n"
        "  finite-n horizon hopfield --theory printed --quantities cov_zz\n\n"
        "exit status: " + ENDINGS.format(done="the times were found", kept="and prints the sizes that are done"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _study(until)
    _setting(until)
    until.add_argument("--sizes", nargs="+", metavar="N", help="numbers of particles, increasing; four or more for a "
                       "growth law (default: those of the study, or four small ones where it leaves the choice open)"
                       )  # fmt: skip
    until.add_argument("--tolerance", default="1e-2", metavar="E", help="difference that counts as having failed, "
                       "relative for values above 1 (default 1e-2)")  # fmt: skip
    until.add_argument("--theory", default="derived", metavar="NAME", help="a claim of the study, as «printed», or a "
                       "theory at finite N, as cumulants2; default: the limit derived from the model")  # fmt: skip
    until.add_argument("--quantities", nargs="+", metavar="Q", help="such as mean_z cov_zz (default: the averages)")
    _start_and_times(until, "default 201", 201)
    _folder(until, "horizon.json and a figure (PNG, PDF)")
    _printing(until)

    _add_correlation(commands)

    claims = commands.add_parser(
        "claims",
        help="judge the statements of the papers, or formulas of one's own, by exact numbers",
        description="Every statement of the papers that numbers can decide: the formula as printed, evaluated,\n"
        "against exact numbers that are computed without it. With FILE.py, the formulas of a theory of one's own: its\n"
        "list CLAIMS of comparison.formula_claim(…). The file is executed, so give only one that you trust.",
        epilog="examples:\n  finite-n claims --quick\n  finite-n claims --paper 000 --json\n  finite-n claims "
        "comparison/examples/boundary_time_crystal.py\n\n"
        "exit status: " + ENDINGS.format(done="all claims were judged, whatever the verdicts", kept="and prints the "
                                         "claims\nthat are decided"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    claims.add_argument("file", nargs="?", metavar="FILE.py", help="claims of a file in place of those of the papers")
    claims.add_argument("--paper", metavar="NUMBER", help="of one paper alone, such as 000")
    claims.add_argument("--quick", action="store_true", help="ladders of a few seconds each: under two minutes in all")
    claims.add_argument(
        "--page", metavar="FILE", help="also write a page in Markdown; one that shows more is not replaced"
    )
    claims.add_argument(
        "--json",
        action="store_true",
        help="print a list of objects as JSON instead of tables; a complex number is a pair [re, im]",
    )
    claims.add_argument("--quiet", action="store_true", help="no progress and no notices on standard error")

    systems = commands.add_parser("systems", help="list the built-in systems and their parameters")
    systems.add_argument("--json", action="store_true", help="print as JSON")

    speed = commands.add_parser(
        "bench",
        help="measure speed against PIQS and scipy in one run",
        description="Time one job by PIQS with mesolve, by scipy's CSR product on the same reduced space and by this "
        "package, to the same accuracy, and one application of the generator. About a minute; --large several.",
    )
    speed.add_argument("--large", action="store_true", help="go to N = 100, and to N = 60 with PIQS")
    speed.add_argument("--json", action="store_true", help="print as JSON")
    return top


def _study(command, saved: bool = False) -> None:
    """What a command is about: a name or a file, or a folder too."""
    if saved:
        metavar, help = "NAME|FILE.toml|FOLDER", "a system, a study file, or a saved study"
    else:
        metavar, help = "NAME|FILE.toml", "a system (see `finite-n systems`) or a study file"
    command.add_argument("study", metavar=metavar, help=help)


def _setting(command) -> None:
    help = "a parameter of the system; a list as [0.8,1.2]"
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=help)


def _start_and_times(command, default: str, points: int | None = None) -> None:
    """Initial state and times; `default` says how many those are."""
    command.add_argument("--initial", metavar="X,Y,Z", help="Bloch vector of the initial product state")
    command.add_argument("--stop", type=float, metavar="T", help="last time")
    command.add_argument("--points", type=int, default=points, metavar="K", help=f"number of times ({default})")


def _folder(command, what: str) -> None:
    command.add_argument("--out", metavar="FOLDER", help=f"write {what} there")
    command.add_argument("--force", action="store_true", help="replace whatever result stands in FOLDER")


def _printing(command, help: str = "print as JSON instead of text") -> None:
    command.add_argument("--json", action="store_true", help=help)
    command.add_argument("--quiet", action="store_true", help="no progress and no notices on standard error")


def _study_options(command) -> None:
    """Options that change the study of a name or a file."""
    _setting(command)
    command.add_argument(
        "--sizes",
        metavar="N,N,…|auto",
        help="numbers of particles, four or more, increasing; auto: they are chosen while it runs, as where a study "
        "file gives none",
    )
    command.add_argument(
        "--budget",
        metavar="TIME",
        help="choose sizes until every verdict is settled or TIME would be exceeded, such as 90s, 2min, 1h (default "
        "60s); compiling does not count",
    )
    command.add_argument("--largest", metavar="N", help="choose sizes up to N")
    _start_and_times(command, "default 16")
    command.add_argument(
        "--fluctuation",
        action="append",
        default=[],
        metavar="[NAME=]X,Y,…",
        help="look at the fluctuation r·F beyond its covariance, r a number for every letter of the model: its "
        "characteristic function and its third and fourth cumulants; repeatable with names",
    )
    command.add_argument(
        "--accuracy",
        type=float,
        metavar="A",
        help="accuracy asked of «confirmed» (default 1e-4, that of built-in studies 5e-6 to 1e-4)",
    )


def _add_judge(commands) -> None:
    judge = commands.add_parser(
        "judge",
        help="judge claims from files, by a study that is run or by a saved one",
        description="Judge a claim that comes from a file by the exact numbers of a study: does it agree within the\n"
        "error bars? A study file or a built-in system is run with the claim, also at the times of the claim. The\n"
        "folder of a saved study is not run again: claims are judged at the times that it has.\n\n"
        "CLAIM is one of\n"
        "  fig3.csv    a table. Its first line names the columns: time, quantities such as mean_z or cov_zz, and, if\n"
        "              need be, mean_z_uncertainty (half-widths). Without that a number is known to ± ½ of its last\n"
        "              digit, so write 0.500, not 0.5. Lines that begin with # are left out. With a column N it is a\n"
        "              theory at finite N, judged at these N, which are run too.\n"
        "  theory.py   a Python file with one function of times, or of times and N (a theory at finite N, judged at\n"
        "              every N), that returns a dict of arrays by quantity; `error`, `uncertainty` and `source` of\n"
        "              the file are those of the claim. The file is executed, so give only one that you trust; a\n"
        "              study file never runs one.\n"
        "[[claims]] of a study file are judged as well.",
        epilog="examples:\n  finite-n judge study.toml --claim fig3.csv --claim theory.py\n"
        "  finite-n run hopfield --out out/hopfield\n  finite-n judge out/hopfield --claim fig3.csv --json\n\n"
        "exit status: "
        + ENDINGS.format(
            done="no claim is refuted, 1 when one is", kept="the sizes that are done, and\njudges by them"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _study(judge, saved=True)
    judge.add_argument(
        "--claim", action="append", default=[], metavar="CLAIM", help="a CSV or a Python file; repeatable"
    )
    _study_options(judge)
    _printing(judge)


def _add_predict(commands) -> None:
    predict = commands.add_parser(
        "predict",
        help="exact numbers at sizes that are not run, with errors, from a ladder of smaller ones",
        description="Predict every quantity at N particles, with an error, where N is too large to run: from the\n"
        "exact numbers at the sizes of a study and the expansion in 1/N that is derived from its model. A study file\n"
        "or a built-in system is run; the folder of a saved study is not run again. A question mark stands for an\n"
        "error where the ladder is not in the range of the expansion. --json prints all times, not only the last.",
        epilog="examples:\n  finite-n predict hopfield 400 1000\n"
        "  finite-n predict study.toml 1e6 --budget 2min --json\n"
        "  finite-n run hopfield --out out/hopfield\n  finite-n predict out/hopfield 400\n\n"
        "exit status: "
        + ENDINGS.format(
            done="all N are predicted", kept="the sizes that are done, and\npredicts by them if they are four or more"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _study(predict, saved=True)
    predict.add_argument("N", nargs="+", metavar="N", help="numbers of particles, from the smallest of the study on")
    _study_options(predict)
    _printing(predict, "print all times as JSON instead of text")


def _add_correlation(commands) -> None:
    two = commands.add_parser(
        "correlation",
        help="correlations of two times at a ladder of sizes, beside those of Gaussian fluctuations",
        description="N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩), exactly at a ladder of sizes, its limit as N grows,\n"
        "which is derived from the same model, and verdicts: do exact numbers go there? b is a formula of mx, my,\n"
        "mz, mp, mm (of σ+ and σ−), with _name for a species that has one, and of phi_name, pi_name, alpha_name,\n"
        "n_name of modes.",
        epilog="examples:\n  finite-n correlation hopfield mz\n"
        "  finite-n correlation collective_dissipation mm --at 0.5 --stop 2 --sizes 16 32 64 128\n"
        "  finite-n correlation hopfield mz --left my --set omega=0.5 --json\n\n"
        "exit status: " + ENDINGS.format(done="the correlations were found", kept="and prints the sizes that are done"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _study(two)
    two.add_argument("b", metavar="B", help="formula of the operator at the earlier time")
    two.add_argument(
        "--left", metavar="A", help="formula of the operator at the later time (default: the adjoint of B)"
    )
    _setting(two)
    two.add_argument("--sizes", nargs="+", metavar="N", help="numbers of particles, increasing, four or more (default: "
                     "those of the study, or four small ones where it leaves the choice open)")  # fmt: skip
    two.add_argument("--initial", metavar="X,Y,Z", help="Bloch vector of the initial product state")
    two.add_argument("--at", type=float, metavar="T", help="the earlier time (default: the last one of the study)")
    two.add_argument("--stop", type=float, default=1.0, metavar="T", help="longest delay (default 1)")
    two.add_argument("--points", type=int, default=5, metavar="K", help="number of delays (default 5)")
    _printing(two)


_WITH_VALUE = (
    "--at",
    "--left",
    "--initial",
    "--sizes",
    "--budget",
    "--largest",
    "--stop",
    "--points",
    "--accuracy",
    "--tolerance",
    "--theories",
    "--fluctuation",
)


def _glued(argv: list[str]) -> list[str]:
    """`--initial -0.5,0,0` as `--initial=-0.5,0,0`, since argparse takes the value for an option."""
    out: list[str] = []
    for word in argv:
        if out and out[-1] in _WITH_VALUE and re.match(r"-[\d.]", word):
            out[-1] += f"={word}"
        else:
            out.append(word)
    return out


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are sentences."""

    def error(self, message):
        said = shortened(" ".join(message.split()), 4 * SHOWN)
        raise FiniteNError(f"{said}; see `{self.prog} --help`.")
