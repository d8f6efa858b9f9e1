"""Fixtures for tests of what is written."""

import pytest

import comparison.report.files
from comparison.results_folder.folder import FIGURES
from comparison.results_folder.identity import mark
from tests.comparison.cli.children import Children


@pytest.fixture(scope="session")
def children():
    """Starts commands as processes of their own that can be killed."""
    with Children() as parent:
        yield parent


@pytest.fixture
def real_figures():
    """For tests of the figure itself."""


@pytest.fixture
def quick_figures(request, monkeypatch):
    """Figures of one line, which carry the mark of their numbers as real ones do; drawing takes longer than a small
    study."""
    if "real_figures" not in request.fixturenames:
        monkeypatch.setattr(
            comparison.report.files,
            "_figures",
            lambda result: (dict.fromkeys(FIGURES, mark(result.digest).encode()), None),
        )
