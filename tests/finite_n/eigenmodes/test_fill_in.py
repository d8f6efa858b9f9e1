"""The memory told of sparse LU decompositions: entries against elimination by hand, and what a refusal does then."""

import numpy as np
import pytest
import qutip
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, average, memory, mz, power_spectrum, steady_state
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.eigenmodes import unique
from finite_n.eigenmodes.fill_in import ORDER, _counts, bytes_of_decomposition
from finite_n.eigenmodes.trace_sector import trace_sector
from finite_n.solvers import laplace
from finite_n.systems import hopfield


@pytest.mark.parametrize("seed", range(6))
def test_entries_are_those_of_elimination(seed):
    n, rng = 40, np.random.default_rng(seed)
    filled = rng.random((n, n)) < 0.04
    filled = filled | filled.T | np.eye(n, dtype=bool)
    pattern = sp.csr_array(filled.astype(float))
    for k in range(n):  # rows below that hold column k are joined
        below = np.flatnonzero(filled[:, k] & (np.arange(n) > k))
        filled[np.ix_(below, below)] = True
    right = np.tril(filled).sum(axis=0)
    assert np.array_equal(_counts(pattern.indptr.tolist(), pattern.indices.tolist()), right)


def laser() -> Model:
    return Model(0.5 * mz, [LocalJump(qutip.sigmap(), 0.5)], [CollectiveJumps([qutip.sigmam()])])


@pytest.mark.parametrize(("model", "N"), [(laser(), 200), (hopfield(omega=0.3, beta=0.8), 24)])
def test_factors_are_told_within_a_factor_of_two(model, N):
    """12 bytes an entry are kept, as many are worked in."""
    (sector,) = trace_sector(Liouvillian(model, N), 400_000).sectors
    lu = splu(sp.csc_matrix(sp.eye_array(sector.size) - sector.matrix()), **ORDER)
    kept = 12.0 * (lu.L.nnz + lu.U.nnz)
    assert kept < bytes_of_decomposition(sector.matrix()) < 4 * kept


def test_what_does_not_fit_is_refused_or_left_to_krylov_spaces(monkeypatch):
    monkeypatch.setattr(unique, "decomposes", lambda matrix: False)
    found = steady_state(hopfield(omega=0.3, beta=0.8), 20)
    assert found.stats["method"] == "Krylov spaces of exp(τL)"
    monkeypatch.setattr(memory, "available", lambda: 3e7)
    with pytest.raises(FiniteNError, match=r"N = 200: the stationary state needs .* no N above \d+ fits"):
        steady_state(laser(), 200)


def test_spectra_whose_factors_do_not_fit_come_from_an_evolution(monkeypatch):
    model, up, down = laser(), average(qutip.sigmap()), average(qutip.sigmam())
    right = power_spectrum(model, 12, [0.4, 1.0], up, down)
    monkeypatch.setattr(laplace, "decomposes", lambda matrix, shifted: False)
    found = power_spectrum(model, 12, [0.4, 1.0], up, down)
    assert "resolvent" in right.stats["method"] and "evolution" in found.stats["method"]
    assert np.abs(found.values - right.values).max() < found.error + right.error < 1e-6
