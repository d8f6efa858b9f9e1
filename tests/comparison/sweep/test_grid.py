"""Grids of parameters: what is read, and one sentence for what cannot be."""

import pytest

from comparison.sweep.files import folder_names
from comparison.sweep.grid import combinations, named, read_grid
from finite_n import FiniteNError


def test_the_last_parameter_runs_fastest():
    grid = read_grid({"omega": "0.1:0.3:3", "beta": [1, 2]})
    assert combinations(grid)[:3] == [{"omega": 0.1, "beta": 1}, {"omega": 0.1, "beta": 2}, {"omega": 0.2, "beta": 1}]
    assert combinations({}) == [{}]


def test_texts_are_numbers_words_and_switches():
    grid = read_grid({"a": "0.1, 2,-1e-3", "rates": "heat_bath", "s": "true,false", "r": "-1:1:5"})
    assert grid == {"a": [0.1, 2, -1e-3], "rates": ["heat_bath"], "s": [True, False], "r": [-1, -0.5, 0, 0.5, 1]}
    assert isinstance(grid["a"][1], int)


@pytest.mark.parametrize(
    "values",
    ["", "0.1:0.5", "0.1:0.5:1", "a:b:3", "0:1:2.5", "0:inf:3", [], 0.3, None, [[1, 2]], [None], "1,1", "1:1:3"],
)
def test_what_is_no_grid_is_refused(values):
    with pytest.raises(FiniteNError, match=r"grid\.omega"):
        read_grid({"omega": values})


def test_too_many_combinations_are_refused():
    with pytest.raises(FiniteNError, match="1000000 combinations; a sweep has 10000 at most"):
        read_grid({"a": "0:1:1000", "b": "0:1:1000"})


def test_names_of_folders_are_safe_and_different():
    assert named({"omega": 0.3, "rates": "heat_bath", "x": True}) == "omega=0.3,rates=heat_bath,x=true"
    assert folder_names([{"a": "../b"}, {"a": "c d"}]) == ["a=.._b", "a=c_d"]
    assert folder_names([{"a": "b/c"}, {"a": "b?c"}]) == ["0000,a=b_c", "0001,a=b_c"]
    assert folder_names([{}]) == ["study"]
