"""Starting is quick: what a model is written with loads no engine, and every name is imported when it is used."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import finite_n

HEAVY = ("numba", "qutip", "xarray", "matplotlib")
PROGRAMS = {
    "finite_n": "import finite_n",
    "systems": "import finite_n.systems; finite_n.systems.hopfield(); finite_n.systems.dicke_model()",
    "meanfield": "import meanfield",
    "errors": "from finite_n.errors import FiniteNError",
    "a model": "from finite_n import Field, LocalJump, Model, mx, product;"
    "from finite_n.model.operators import SIGMA_MINUS; Model(mx, [LocalJump(SIGMA_MINUS)]); product([0, 0, 1])",
    "a limit": "from meanfield import Limit; from finite_n.systems import hopfield;"
    "Limit(hopfield()).evolve([0, 0, 1], [0.0, 0.1])",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_needs_no_engine_loads_none(program):
    ask = f"; import sys; print([x for x in {HEAVY} if x in sys.modules])"
    done = subprocess.run([sys.executable, "-c", PROGRAMS[program] + ask], capture_output=True, text=True, timeout=300)
    assert done.stdout == "[]\n", done.stderr


def test_every_public_name_is_found_and_listed():
    for name in finite_n.__all__:
        assert getattr(finite_n, name).__class__ and name in dir(finite_n)
    assert "kernels" not in finite_n.__all__ and finite_n.steadystate is finite_n.steady_state
    with pytest.raises(AttributeError, match="no attribute 'masterequation'"):
        finite_n.masterequation  # noqa: B018
    with pytest.raises(ImportError):
        exec("from finite_n import masterequation")


def test_the_stub_for_type_checkers_names_the_same_things():
    tree = ast.parse(Path(finite_n.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert len(imports) == len(tree.body)
    found = {(node.module, x.name, x.asname) for node in imports for x in node.names}
    assert found == {(file, name, name) for name, file in finite_n._FILES.items()}
    for file, name, _ in found:
        assert getattr(importlib.import_module(file), name) is getattr(finite_n, name)
