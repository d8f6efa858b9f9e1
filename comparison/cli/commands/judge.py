"""Options of `finite-n judge`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.names import FILE
from comparison.cli.commands.shared import cache, printing, study, study_options

command = Command(
    "judge",
    [
        study(saved=True),
        click.Option(
            ["--claim"], type=FILE, multiple=True, metavar="CLAIM", help="A CSV or a Python file; repeatable."
        ),
        *study_options(),
        *cache(),
        *printing(),
    ],
    """Judge a claim that comes from a file by the exact numbers of a study: does it agree within the error bars? A
    study file or a built-in system is run with the claim, also at the times of the claim. The folder of a saved study
    is not run again: claims are judged at the times that it has. [[claims]] of a study file are judged as well.

    CLAIM is one of

    fig3.csv, a table. Its first line names the columns: time, quantities such as mean_z or cov_zz, and, if need be,
    mean_z_uncertainty (half-widths). Without that a number is known to ± ½ of its last digit, so write 0.500, not 0.5.
    Lines that begin with # are left out. With a column N it is a theory at finite N, judged at these N, which are run
    too.

    theory.py, a Python file with one function of times, or of times and N (a theory at finite N, judged at every N),
    that returns a dict of arrays by quantity; `error`, `uncertainty` and `source` of the file are those of the claim.
    The file is executed, so give only one that you trust; a study file never runs one.""",
    examples=[
        "finite-n judge study.toml --claim fig3.csv --claim theory.py",
        "finite-n run hopfield --out out/hopfield",
        "finite-n judge out/hopfield --claim fig3.csv --json",
    ],
    done="no claim is refuted, 1 when one is",
    kept="the sizes that are done, and judges by them",
)
