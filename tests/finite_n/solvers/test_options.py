"""Options of `evolve`: the words of bases, asked for and reported alike; threads as they are used."""

import os

import numpy as np
import pytest

from finite_n import FiniteNError, LocalJump, Model, dicke, evolve, mx, mz

SM = np.array([[0, 0], [1.0, 0]])
TWISTED = Model(mz * mz + 0.3 * mx)


@pytest.mark.parametrize(
    ("word", "model", "start"),
    [
        ("Dicke", TWISTED, [0.6, 0, 0.8]),
        ("state vector", TWISTED, [0.6, 0, 0.8]),
        ("energy eigenstates", TWISTED, [0.6, 0, 0.8]),
        ("symmetrised products", Model(0, [LocalJump(SM)]), [0.6, 0, 0.8]),
    ],
)
def test_the_basis_that_results_name_may_be_asked_for(word, model, start):
    times = [0, 0.7]
    reference = evolve(model, 5, start, times).means
    for spelt in (word, word.lower(), word.upper()):
        result = evolve(model, 5, start, times, basis=spelt)
        assert result.stats["basis"] == word
        assert np.abs(result.means - reference).max() < 1e-9  # the tolerance
    again = evolve(model, 5, start, times, basis=result.stats["basis"])
    assert again.stats["basis"] == word


def test_a_state_vector_that_does_not_suffice_is_refused():
    for model, start, options in (
        (Model(mx, [LocalJump(SM)]), [0, 0, 1], {}),
        (TWISTED, [0, 0, 0.5], {}),
        (TWISTED, dicke(1.0, 0.0), {}),
        (TWISTED, [0, 0, 1], {"keep_states": True}),
        (TWISTED, [0, 0, 1], {"method": "runge_kutta"}),
    ):
        with pytest.raises(FiniteNError, match=r"basis = 'state vector'.*use basis='auto'"):
            evolve(model, 4, start, [0, 1], basis="state vector", **options)
    for word in ("fock", 3, None, ["Dicke"]):
        with pytest.raises(FiniteNError, match="choose one of 'auto', 'independent', 'displaced', 'state vector', "):
            evolve(TWISTED, 4, [0, 0, 1], [0, 1], basis=word)


def test_threads_are_reported_as_used():
    """Two for whole blocks; a state vector and symmetrised products use one, and two may be asked for, as the engine is
    chosen later."""
    blocks = Model(mx + 0.3 * mz * mz, [LocalJump(SM, lambda d: 1 + 0.4 * d, mx + mz)])
    assert evolve(blocks, 6, [0, 0.3, 0.4], [0, 0.3], threads=2).stats["threads"] == min(2, os.cpu_count())
    for model, basis in ((TWISTED, "state vector"), (Model(0.1 * mz * mz, [LocalJump(SM)]), "symmetrised products")):
        result = evolve(model, 6, [0.6, 0, 0.8], [0, 0.3], threads=2)
        assert (result.stats["basis"], result.stats["threads"]) == (basis, 1)
        for bad in (0, 1.5, "two", True):
            with pytest.raises(FiniteNError, match="threads"):
                evolve(model, 6, [0.6, 0, 0.8], [0, 0.3], threads=bad)
