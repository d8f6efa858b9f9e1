"""The examples in docstrings print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import comparison
import finite_n
import meanfield

MODULES = [
    m.name
    for package in (finite_n, meanfield, comparison)
    for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    assert sum(bool(t.examples) for name in MODULES for t in finder.find(importlib.import_module(name))) >= 5
