"""What holds for every figure: the gallery shows it, a test of its own draws it, and one command makes it from
nothing."""

import re
import time
from pathlib import Path

import pytest

from figures.frame.data import kept
from figures.frame.figure import figure_names, figure_script, figure_scripts
from figures.frame.gallery import LARGEST, PAGE, page
from figures.frame.source import source_hash
from tests.comparison.cli.called import run
from tests.figures.drawn import check_look

HERE = Path(__file__).parent
LONGEST = 30 * 60  # seconds of the processor


def test_the_gallery_is_that_of_the_scripts():
    """`python -m figures.frame.gallery` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()
    pictures = {p.stem: p.stat().st_size for p in PAGE.parent.glob("*.png")}
    assert set(pictures) == set(figure_names())
    assert max(pictures.values()) < LARGEST, pictures


@pytest.mark.parametrize("script", figure_scripts(), ids=lambda script: script.name)
def test_a_figure_says_what_it_shows_and_has_a_test(script):
    assert re.fullmatch(r"[^.]\S.*\.", script.shows) and len(script.shows) < 250, "one sentence"
    assert not script.beside.endswith("."), "the gallery ends the sentence"
    assert "check_look(" in (HERE / f"test_{script.name}.py").read_text(encoding="utf-8")


@pytest.mark.slow
def test_one_command_makes_all_figures(tmp_path, capsys):
    began = time.process_time()
    status, out, _ = run(capsys, "figures", "--all", "--out", tmp_path)
    assert status == 0 and re.search(r"\d+ s$", out.splitlines()[-1])
    assert time.process_time() - began < LONGEST
    assert {p.stem for p in tmp_path.glob("*.png")} == {p.stem for p in tmp_path.glob("*.pdf")} == set(figure_names())
    for name in figure_names():
        script = figure_script(name)
        check_look(script.draw(kept(tmp_path, name, source_hash(script))))
        assert (tmp_path / f"{name}.png").stat().st_size < LARGEST, name
    _, out, _ = run(capsys, "figures", "--all", "--out", tmp_path)
    assert out.count("kept data") == len(figure_names())
