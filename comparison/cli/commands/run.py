"""Options of `finite-n run`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.names import Names, parameters, theories
from comparison.cli.commands.shared import Number, cache, flag, folder, printing, study, study_options

command = Command(
    "run",
    [
        study(),
        *study_options(),
        click.Option(
            ["--theories"],
            type=Names(theories),
            metavar="NAME,NAME,…",
            help="Theories at finite N, derived from the model and judged at every N: meanfield, gaussian (the linear "
            "noise approximation), corrected (the expansion in 1/N), cumulants2, cumulants3, cumulants4; ends with a "
            "table of their errors against N, their orders in 1/N, and when they leave what quantum states allow.",
        ),
        flag("--power", "Also plant 1 % errors in every coefficient of the limit."),
        click.Option(
            ["--grid"],
            type=Names(parameters),
            multiple=True,
            metavar="KEY=VALUES",
            help="A study for every value of a parameter, such as omega=0.1,0.2 or omega=0.1:0.5:5 "
            "(start:stop:number); repeatable, for all combinations; also [grid] of a study file.",
        ),
        click.Option(
            ["--workers"],
            type=Number("a number of processes such as 2", int),
            metavar="K",
            help="Compute sizes, and studies of a grid, by K processes (default for a grid: one for every core).",
        ),
        click.Option(
            ["--scheduler"],
            metavar="ADDRESS",
            help="Compute them by the workers of a Dask scheduler, such as tcp://node1:8786.",
        ),
        flag("--dry-run", "Only say what it would take: sizes, engines, memory and time, by trials of a second or so."),
        *folder("dataset, report (HTML, Markdown) and figure (PNG, PDF)"),
        *cache(),
        *printing("Print the verdicts as JSON instead of text."),
    ],
    "Run the study of a built-in system or of a TOML study file: exact dynamics at a ladder of sizes, the mean-field "
    "and Gaussian limits from the same model, and verdicts with error bars.",
    examples=[
        "finite-n run hopfield --out out/hopfield",
        "finite-n run hopfield --set omega=0.5 --sizes 10,20,40,80 --json",
        "finite-n run study.toml --budget 2min --largest 200",
        "finite-n run hopfield --fluctuation 0.2,0.5,0.6 --accuracy 1e-4",
        "finite-n run hopfield --state-function xi=squeezing --state-function purity",
        "finite-n run hopfield --sizes 10,20,40,80 --theories meanfield,cumulants2",
        "finite-n run hopfield --grid omega=0.1:0.5:5 --workers 2 --out out/sweep",
    ],
    done="the study ran, whatever the verdicts (see --json)",
    kept="the sizes that are done",
    more="Results already in FOLDER: the same study is replaced by as many sizes or more; fewer sizes, of an "
    "interrupted run, are written beside it (study-partial.nc, …) or not at all; anything else is refused at the start "
    "unless --force is given. With a grid FOLDER holds a folder for every study, and sweep.json, sweep.nc and sweep.md "
    "with verdicts and values for N → ∞ against the parameters.",
)
