"""Sectors hold every Hermitian matrix once, with the spectrum of the Liouvillian; their names; zero modes of one."""

import numpy as np
import pytest
import qutip
import scipy.linalg

from finite_n import CollectiveJumps, Liouvillian, LocalJump, Model, Species, spectrum
from finite_n.eigenmodes import arnoldi as slow_module
from finite_n.eigenmodes.arnoldi import slow_subspace
from finite_n.eigenmodes.dicke_sectors import sectors_of
from finite_n.eigenmodes.low_spectrum import low_spectrum
from finite_n.eigenmodes.sectors import SparseSector
from finite_n.systems import dicke_model
from tests.pairing import paired_distance
from tests.random_models import KINDS, model

pytestmark = pytest.mark.rounding

DENSE = 1e-10  # eigenvalues of dense matrices of some hundred rows, condition numbers up to 1e4 times rounding


@pytest.mark.parametrize("N", [1, 4, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_sectors_hold_every_hermitian_matrix_once_and_commute_with_the_generator(kind, N):
    generator = Liouvillian(model(kind, np.random.default_rng(3)), N)
    sectors = sectors_of(generator)
    assert sum(s.size for s in sectors) == generator.dim
    rng = np.random.default_rng(N)
    eigenvalues = []
    for s in sectors:
        x = rng.normal(size=s.size)
        full = s.embed(x)
        for m in generator.blocks.matrices(full):
            assert np.array_equal(m, m.conj().T)
        assert np.isclose(np.linalg.norm(full), np.linalg.norm(x), rtol=1e-13)
        assert np.isclose(s.trace @ x, np.real(generator.blocks.trace(full)), atol=1e-12)
        np.testing.assert_allclose(s.restrict(full), x, atol=1e-14)
        np.testing.assert_allclose(s.embed(s.apply(x)), generator.apply(full.astype(complex)), atol=1e-11)
        matrix = s.matrix().toarray()
        np.testing.assert_allclose(matrix @ x, s.apply(x), atol=1e-12)
        np.testing.assert_allclose(s.propagate(x, 0.7), scipy.linalg.expm(0.7 * matrix) @ x, atol=1e-11)
        eigenvalues.append(np.linalg.eigvals(matrix))
    exact = np.linalg.eigvals(generator.csr().toarray())
    assert paired_distance(np.concatenate(eigenvalues), exact) < DENSE


def test_sectors_of_several_species_and_modes_are_named_by_what_each_conserves():
    """Independent species conserve M − M′ of each; of Dicke's model J = 0 is a lossy mode alone, which conserves
    n − n′."""
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    jumps = [LocalJump(qutip.sigmam(), 1.0, species=a), LocalJump(qutip.sigmam(), 1.3, species=b)]
    found = spectrum(Model(0.4 * a.mz - 0.7 * b.mz, jumps, species=[a, b]), 4, 4)
    ends = {
        round(float(x), 6): name.split(", ", 1)[1]
        for x, name in zip(found.eigenvalues.real, found.sectors, strict=True)
    }
    assert ends[0.0] == "a: |M − M′| = 0, b: |M − M′| = 0"
    assert ends[-0.5] == "a: |M − M′| = 1, b: |M − M′| = 0"
    assert ends[-0.845] == "a: |M − M′| = 0, b: |M − M′| = 1"
    empty = spectrum(dicke_model(1.0, 0.8, 0.7, loss=0.8), 2, 1, cutoffs={"field": 3}).zero_sectors
    assert list(empty) == ["Hermitian, J = 1, part 1 of 2", "Hermitian, J = 0, field: |n − n′| = 0"]


def test_zero_modes_through_arnoldi_with_deflation(monkeypatch):
    """A strong symmetry that the sectors do not see: L_x² alone keeps every function of J_x in a real sector."""
    monkeypatch.setattr(slow_module, "DENSE", 4)
    monkeypatch.setattr(slow_module, "BASIS", 6)
    m = Model(collective=[CollectiveJumps([qutip.sigmax()])])
    found = [slow_subspace(s, 1, 1e-9) for s in sectors_of(Liouvillian(m, 8)) if s.size > 4]
    zeros = sum(int(np.sum(np.abs(f.eigenvalues) < 1e-9)) for f in found)
    dense = np.concatenate(
        [np.linalg.eigvals(s.matrix().toarray()) for s in sectors_of(Liouvillian(m, 8)) if s.size > 4]
    )
    assert any("Arnoldi" in f.method for f in found)
    assert zeros == np.sum(np.abs(dense) < 1e-9) > len(found)


def test_oscillation_for_ever_is_told_from_zero_modes():
    lone = SparseSector(np.array([[0.0, -2.0, 0], [2.0, 0, 0], [0, 0, -1.0]]), label="turning", rate=1.0)
    turning = low_spectrum([lone], 3)
    assert turning.undamped == 2 and turning.zero_modes == 0 and turning.gap == pytest.approx(1, abs=1e-12)
