"""Hopfield network, one pattern: exact covariance Σ_zz at N = 10 … 160 against the derived and the printed limit.

Stands beside Fiorelli 2024, section 6.3 (the paper prints eqs. 50 and 58–64 without a figure of Σ_zz). Draws a saved
study:

    finite-n run hopfield --out out/hopfield
    python -m figures.hopfield_covariance out/hopfield/study.nc out
"""

from __future__ import annotations

import sys
from pathlib import Path

import xarray as xr

from comparison.report.figure import convergence_figure


def main(dataset: str, folder: str) -> list[Path]:
    """Write hopfield_covariance.png and .pdf into the folder."""
    with xr.open_dataset(dataset, engine="h5netcdf") as data:
        figure = convergence_figure(data, "cov_zz")
    Path(folder).mkdir(parents=True, exist_ok=True)
    paths = [Path(folder) / f"hopfield_covariance.{ending}" for ending in ("png", "pdf")]
    for path in paths:
        figure.savefig(path, dpi=160)
    return paths


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m figures.hopfield_covariance STUDY.nc FOLDER")
    print(*main(*sys.argv[1:]), sep="\n")
