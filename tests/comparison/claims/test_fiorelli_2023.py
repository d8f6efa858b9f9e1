"""Exact numbers of the claims of Fiorelli et al. 2023 against the engines, the derived limit and numbers by hand."""

import numpy as np
import pytest

from comparison.claims.fiorelli_2023.bound_table import SYSTEMS, bounds, table
from comparison.claims.fiorelli_2023.evolution import averages, evolved, mean_field
from comparison.claims.fiorelli_2023.facts import average, norm, product, setting, site
from comparison.claims.fiorelli_2023.hopfield_facts import argument, configurations, energies
from comparison.claims.fiorelli_2023.ladders import BETA, BLOCH, FIELD, coupled_model, coupled_setting
from comparison.claims.fiorelli_2023.local import network
from finite_n import evolve
from finite_n.systems import hopfield
from meanfield import Limit

# the bound and the error of every system, at few sizes
FEW = {1: (8, 12, 16, 24), 2: (4, 6, 8, 10)}
CASES = {
    "heat bath": (network(FIELD, BETA), hopfield(FIELD, BETA, "heat_bath")),
    "interacting": (coupled_setting(), coupled_model()),
}
RHO = np.array([[1 + BLOCH[2], BLOCH[0] - 1j * BLOCH[1]], [BLOCH[0] + 1j * BLOCH[1], 1 - BLOCH[2]]]) / 2
TIMES = np.array([0.0, 0.7])
ROUNDING = 1e-7  # of integrators with tolerances of 1e-9 and less


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request):
    return request.param


def test_full_space_evolves_like_the_engines(case):
    point, model = case
    N = 3
    rho = evolved(point, np.kron(np.kron(RHO, RHO), RHO), N, TIMES)[-1]
    found = [np.sqrt(2) * np.trace(rho @ x).real for x in point.averages(N)[1:]]
    assert found == pytest.approx(evolve(model, N, BLOCH, TIMES).means[-1], abs=ROUNDING)


def test_one_particle_in_its_own_field_is_the_derived_limit(case):
    point, model = case
    found = np.sqrt(2) * averages(point, mean_field(point, RHO, TIMES))[-1, 1:]
    assert found == pytest.approx(Limit(model).evolve(BLOCH, TIMES).means[-1], abs=ROUNDING)


@pytest.mark.parametrize("d", [2, 3])
def test_the_point_without_symmetry_obeys_what_the_paper_assumes(d):
    point = setting(d)
    gram = np.einsum("aij,bji->ab", point.v, point.v)
    assert np.allclose(gram, np.eye(d * d), atol=1e-14) and np.allclose(point.h, point.h.conj().T)
    H = point.hamiltonian(2)
    by_pairs = sum(e * (site(v, 0, 2) + site(v, 1, 2)) for e, v in zip(point.eps, point.v, strict=True))
    for a, b in np.ndindex(d * d, d * d):
        for k, j in np.ndindex(2, 2):
            by_pairs = by_pairs + point.h[a, b] * site(point.v[a], k, 2) @ site(point.v[b], j, 2) / 2
    assert np.allclose(H, by_pairs, atol=1e-13) and np.allclose(H, H.conj().T, atol=1e-13)
    assert norm(point.generator(np.eye(d**2), 2)) < 1e-14  # the identity is conserved
    assert np.trace(product(d, 2)).real == pytest.approx(1.0, abs=1e-14)
    assert norm(average(np.eye(d), 2) - np.eye(d * d)) == 0.0


def test_energies_and_their_changes_by_hand():
    spins, xi = configurations(3), np.array([[1, 1, -1]])
    at = {tuple(s): k for k, s in enumerate(spins)}
    assert energies(spins, xi, False)[at[1, 1, -1]] == pytest.approx(-1.0)  # −(N − 1)/2, the stored pattern
    assert energies(spins, xi, True)[at[1, 1, 1]] == pytest.approx(-1 / 6)  # −(1 + 1 − 1)²/(2N)
    assert argument(spins, xi, 0, False)[at[1, 1, -1]] == pytest.approx(2 / 3)
    assert argument(spins, xi, 2, True)[at[1, 1, 1]] == pytest.approx(-1 / 3)


def test_the_bound_of_theorem_1_stands_above_the_exact_error_of_every_system():
    found = bounds(FEW)
    assert set(found) == set(SYSTEMS) and len(found) == 8
    for name, x in found.items():
        assert x.holds and not x.holds_with(1e-7), name  # E_N grows, which no bound allows with such small constants
        assert np.all(x.looseness >= -1e-6), name  # log₁₀ of bound over error; at t = 0 both are E_N(0)
        assert abs(x.rate().asymptotic - 1) < (0.3 if "retrieval" in name else 0.1), name  # as in test_theorem_1
    rows = table(found).splitlines()
    assert len(rows) == 2 + len(found)
    for row, (name, x) in zip(rows[2:], found.items(), strict=True):
        assert row.startswith(f"| {name} | {x.sizes[-1]} | {x.error[-1, -1]:.4f} |")
