"""The script of README's figure draws a saved study."""

from comparison import build, write
from figures.hopfield_covariance import main


def test_it_draws_what_is_saved(tmp_path):
    write(build({"system": "hopfield", "sizes": [4, 5, 6, 7], "times": {"stop": 0.2, "points": 3}}).run(), tmp_path)
    png, pdf = main(tmp_path / "study.nc", tmp_path / "figures")
    assert png.read_bytes().startswith(b"\x89PNG") and pdf.read_bytes().startswith(b"%PDF")
