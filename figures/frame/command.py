"""Options of `finite-n figures`."""

import click

from comparison.cli.command import Command
from comparison.cli.commands.shared import flag, printing

command = Command(
    "figures",
    [
        click.Argument(["names"], nargs=-1, metavar="[NAME …]", help="Figures; without any, all are listed."),
        flag("--all", "Draw all figures."),
        click.Option(
            ["--out"],
            default="out/figures",
            metavar="FOLDER",
            help="Keep data, PNGs and PDFs there (default out/figures).",
        ),
        *printing(),
    ],
    "Draw the figures, each as PNG and PDF from a file of its data. Data that FOLDER holds already are used again if "
    "nothing has changed that they follow from; else they are computed, which may take minutes.",
    short="draw the figures, from data that are kept or computed",
    examples=["finite-n figures", "finite-n figures hopfield_covariance", "finite-n figures --all --out out/figures"],
    done="all were drawn",
    kept="the figures that are done; the same command goes on from there",
    work="figures.frame.draw",
)
