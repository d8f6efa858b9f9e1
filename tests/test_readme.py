"""The README's example runs as printed and prints what is printed; its two commands are the ones in use."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from comparison import build, load
from comparison.study_file.defaults import DEFAULTS

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_example_prints_its_verdict():
    out = io.StringIO()
    code = blocks("python")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    with contextlib.redirect_stdout(out):
        exec(code, {})
    printed, expected = (
        [line.split(", claimed is")[0] for line in text.splitlines()] for text in (out.getvalue(), blocks("text")[1])
    )
    assert printed == expected


def test_the_study_file_is_accepted(tmp_path):
    import tomllib

    file = tmp_path / "study.toml"
    file.write_text(blocks("toml")[0], encoding="utf-8")
    study = load(str(file))
    assert study.sizes == [10, 20, 40, 80, 120] and study.quantities[-1] == "order"
    assert build(tomllib.loads(blocks("toml")[0])).model.collective


@pytest.mark.parametrize("system", list(DEFAULTS))
def test_every_system_is_listed(system):
    assert f"`{system}`" in README


def test_the_example_with_species_and_a_mode_runs():
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(blocks("python")[1], {})
    assert "nan" not in out.getvalue() and len(out.getvalue().split()) >= 6
