"""Operators of bosons in normal order against matrices in Fock space."""

import numpy as np
import pytest

from finite_n import Boson, BosonicParticle, Field, FiniteNError, cat, squeezed
from finite_n.engine.mode_states import density
from finite_n.model.boson_algebra import BosonAlgebra, adjoint, combination, times
from finite_n.states.mode_moments import normal_moment

B, C = Boson("b"), Boson("c")
D = [[0.7, 0.1 + 0.2j], [0.1 - 0.2j, 0.4]]
PARTICLE = BosonicParticle([B, C], B.number + 0.3 * B.x * C.p, [B.a + 0.2 * C.x, C.p], D)
LEVELS, KEPT = 12, 6
ROUNDING = 1e-11


def _matrix(A) -> np.ndarray:
    a = np.diag(np.sqrt(np.arange(1.0, LEVELS)), 1)
    power = np.linalg.matrix_power
    parts = (c * np.kron(power(a.T, k) @ power(a, l), power(a.T, m) @ power(a, n)) for (k, l, m, n), c in A.items())
    return sum(parts, np.zeros((LEVELS**2,) * 2, complex))


def _kept(x: np.ndarray) -> np.ndarray:
    """Between levels that are not near the end."""
    at = [i for i in range(LEVELS**2) if max(divmod(i, LEVELS)) < KEPT]
    return x[np.ix_(at, at)]


def test_products_adjoints_and_the_generator_are_those_of_matrices():
    algebra = BosonAlgebra(PARTICLE)
    p, q = B.x * B.p * C.x + 2j * C.p, C.x**2 + B.p * C.p
    P, Q, H = (_matrix(algebra.normal(x)) for x in (p, q, PARTICLE.hamiltonian))
    assert _kept(_matrix(times(algebra.normal(p), algebra.normal(q)))) == pytest.approx(_kept(P @ Q), abs=ROUNDING)
    assert _matrix(adjoint(algebra.normal(p))) == pytest.approx(P.conj().T, abs=ROUNDING)
    L = [_matrix(algebra.normal(x)) for x in (B.a + 0.2 * C.x, C.p)]
    found = 1j * (H @ P - P @ H)
    for m, n in np.ndindex(2, 2):
        both = L[m].conj().T @ L[n]
        found = found + D[m][n] * (L[m].conj().T @ P @ L[n] - (both @ P + P @ both) / 2)
    assert _kept(_matrix(algebra.generated(algebra.normal(p)))) == pytest.approx(_kept(found), abs=ROUNDING)


def test_quadratic_particles_close_and_others_are_refused():
    algebra = BosonAlgebra(PARTICLE)
    basis, G = algebra.closed([algebra.normal(B.x * C.p)])
    assert len(basis) == len(G) <= 11  # quadratic operators and 1
    for A, row in zip(basis, G, strict=True):
        assert (
            np.abs(_matrix(algebra.generated(A)) - sum(g * _matrix(b) for g, b in zip(row, basis, strict=True))).max()
            < ROUNDING
        )
    assert combination(algebra.normal(C.x**4), basis)[1]
    kerr = BosonAlgebra(BosonicParticle([B, C], (B.number + C.x) ** 2))
    with pytest.raises(FiniteNError, match="do not close"):
        kerr.closed([kerr.normal(B.x)])


@pytest.mark.parametrize(
    "state",
    [Field(number=2), Field(beta=0.4 + 0.3j, number=1), Field(beta=0.2j, thermal=0.1), squeezed(0.3, 0.7), cat(0.6)],
)
def test_averages_are_those_of_density_matrices(state):
    rho = density(state, 1, 40)
    a = np.diag(np.sqrt(np.arange(1.0, 41)), 1)
    for k, l in ((0, 0), (1, 0), (0, 2), (1, 3), (2, 2)):
        exact = np.trace(np.linalg.matrix_power(a.T, k) @ np.linalg.matrix_power(a, l) @ rho)
        assert normal_moment(state, k, l) == pytest.approx(exact, abs=ROUNDING)
