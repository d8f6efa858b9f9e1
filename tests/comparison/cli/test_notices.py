"""The command says once that kernels are compiled and how long that took, with the line of progress and without."""

import logging
import os
import re
import subprocess
import sys

import pytest

from comparison.cli.notices import said
from comparison.cli.streams import say, show

LOG = logging.getLogger("finite_n")


def compiled(*seconds):
    LOG.info("compiling kernels, once after installation")
    for x in seconds:
        LOG.info("compiled a kernel, %.1f s", x, extra={"seconds": x})


@pytest.mark.parametrize("tell", [say, show])
def test_one_line_that_ends_before_anything_else_is_written(tell, capsys):
    with said():
        compiled(0.5, 1.8)
        tell("N = 8: done")
        LOG.info("compiled another, 0.3 s", extra={"seconds": 0.3})
        LOG.info("compiled one for two threads, 4.0 s", extra={"seconds": 4.0})
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line != "N = 8: done"]
    assert "N = 8: done\n" in out + err
    assert lines == [
        "finite-n: compiling kernels, once after installation … 2.3 s",
        "finite-n: compiled one for two threads, 4.0 s.",
    ]


def test_the_line_ends_with_the_command_whatever_ends_it(capsys):
    with pytest.raises(ValueError, match="as asked"), said():
        compiled(1.0)
        raise ValueError("as asked")
    assert capsys.readouterr().err.endswith("… 1.0 s\n")
    assert not LOG.handlers and LOG.level == logging.NOTSET


def test_warnings_are_said_in_full_even_to_those_who_want_quiet(capsys):
    with said(quiet=True):
        compiled(1.0)
        LOG.warning("finite-n: %s cannot be written.", "a folder")
    assert capsys.readouterr().err == "finite-n: a folder cannot be written.\n"


def test_a_first_run_and_a_second(tmp_path):
    run = [
        sys.executable,
        "-m",
        "comparison.cli",
        "run",
        "kinetically_constrained",
        "--sizes",
        "4,6,8,10",
        "--points",
        "3",
    ]
    where = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    first, second = (
        subprocess.run(run, env=where, capture_output=True, text=True, timeout=300).stderr.splitlines()
        for _ in range(2)
    )
    assert re.fullmatch(r"finite-n: compiling kernels, once after installation … \d+\.\d s", first[0]), first
    assert len(first) == 5 and len(second) == 4
    assert all(re.fullmatch(r"N = \d+: done, \d+\.\d s", line) for line in [*first[1:], *second])
