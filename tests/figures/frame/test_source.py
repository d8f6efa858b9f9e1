"""What a figure's numbers follow from: definitions that `compute` uses, and files of figures that it imports."""

from figures.frame import source

SCRIPT = """
import numpy as np
from figures._shared import shared
from figures.frame.style import one_column

SIZE = 3
UNUSED = 4


def helper():
    return SIZE


def compute(progress):
    return shared(helper())


def draw(data):
    return one_column(UNUSED)
"""


def test_only_what_numbers_follow_from_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "FOLDER", tmp_path)
    files = {name: tmp_path / f"{name}.py" for name in ("script", "_shared", "_deeper")}
    texts = {
        "script": SCRIPT,
        "_shared": "from figures import _deeper\ndef shared(x):\n    return _deeper.FACTOR * x\n",
        "_deeper": "FACTOR = 2\n",
    }

    def found(**changed):
        for name, text in (texts | changed).items():
            files[name].write_text(text, encoding="utf-8")
        return source.computing_source(files["script"])

    first = found()
    assert "UNUSED" not in first and "one_column" not in first
    for name, old, new in (
        ("script", "SIZE = 3", "SIZE = 5"),
        ("script", "return SIZE", "return -SIZE"),
        ("_shared", "* x", "+ x"),
        ("_deeper", "2", "3"),
    ):
        assert found(**{name: texts[name].replace(old, new)}) != first
    for old, new in (("UNUSED = 4", "UNUSED = 5"), ("def helper():", "# why\ndef helper():\n    'A size.'")):
        assert found(script=SCRIPT.replace(old, new)) == first
