"""Averages in product states of large spins against matrices of the full space."""

import functools

import numpy as np
import pytest
from scipy.linalg import expm

from comparison.claims.exact.full_space import anticommutator, commutator, site
from comparison.claims.exact.product_states import PAULI, LargeSpins, in_limit, in_limit_of_weyl

SIZE, N = 2, 4  # spins of each large spin, and of both
BLOCH = np.array([[0.2, 0.3, 0.4], [-0.1, 0.25, -0.35]])
H = np.array([[0.2, 0.3j], [-0.3j, -0.4]])
SPINS = LargeSpins(
    BLOCH,
    0.8,
    np.array([[0.5, -0.3], [-0.3, 0.6]]),
    np.array([0.3, -0.2, 0.1]),
    [(h, PAULI[j], k, PAULI[j], H[h, k].real) for h in range(2) for k in range(2) for j in range(3)],
)
R = np.array([[0.3, -0.2, 0.4], [0.1, 0.5, -0.3]])
ONE = np.eye(2**N)
EXACT = 1e-12  # matrices of size 16


def spins_of(h):
    return range(SIZE * h, SIZE * (h + 1))


def total(h, a):
    return sum(2 * site(a, i, N) for i in spins_of(h))


RHO = functools.reduce(
    np.kron, [(np.eye(2) + np.tensordot(BLOCH[h], PAULI, 1)) / 2 for h in range(2) for _ in range(SIZE)]
)
CENTRED = [total(h, a) - SIZE * BLOCH[h, a] * ONE for h in range(2) for a in range(3)]


def generator(x):
    """L[x] with the Hamiltonian and all jumps."""
    hamiltonian = sum(SPINS.field[a] * total(h, a) for h in range(2) for a in range(3))
    for h, _, k, _, c in SPINS.pairs[::3]:
        hamiltonian = hamiltonian + c / SIZE * sum(total(h, a) @ total(k, a) for a in range(3))
    out = 1j * commutator(hamiltonian, x)
    for h in range(2):
        energy = sum(SPINS.coupling[h, k] * total(k, 2) for k in range(2)) / SIZE
        for sign in (1, -1):
            rate = expm(sign * SPINS.beta / 2 * energy) / np.sqrt(2)
            for i in spins_of(h):
                jump = (site(0, i, N) + sign * 1j * site(1, i, N)) @ rate
                loss = jump.conj().T @ jump
                out = out + jump.conj().T @ x @ jump - anticommutator(loss, x) / 2
    return out


def test_rates_of_averages_and_of_pairs():
    found = SPINS.generated({"x": 1}, SIZE)[1:, 0]
    assert found == pytest.approx([np.trace(RHO @ generator(x)) for x in CENTRED], abs=EXACT)
    found = SPINS.generated({"xy": 0.5, "yx": 0.5}, SIZE)[1:, 1:]
    pairs = [[np.trace(RHO @ generator(anticommutator(x, y) / 2)) for y in CENTRED] for x in CENTRED]
    assert np.abs(found - pairs).max() < EXACT


def test_weyl_like_operators():
    w = expm(1j / np.sqrt(SIZE) * sum(r * x for r, x in zip(R.ravel(), CENTRED, strict=True)))
    assert SPINS.generated({"w": 1}, SIZE, R)[0, 0] == pytest.approx(np.trace(RHO @ generator(w)), abs=EXACT)


def test_the_response_is_the_derivative_by_the_averages():
    found, step = SPINS.generated({"x": 1}, SIZE, d="d")[1:, 1:], 1e-5
    for column, at in enumerate(np.ndindex(2, 3)):
        rates = []
        for sign in (1, -1):
            bloch = BLOCH.copy()
            bloch[at] += sign * step
            moved = LargeSpins(bloch, SPINS.beta, SPINS.coupling, SPINS.field, SPINS.pairs)
            rates.append(moved.generated({"x": 1}, SIZE)[1:, 0])
        slope = (rates[0] - rates[1]) / (2 * step)
        assert found[:, column] == pytest.approx(slope, abs=1e-8)  # step² and rounding over the step


def test_parts_of_the_noise_by_words():
    """Σ⟨Γ [j, F_a]† [j, F_b] Γ⟩ of all jumps."""
    words = {"gxJjyg": 1, "gxJyjg": -1, "gJxjyg": -1, "gJxyjg": 1}
    found, expected = SPINS.flips(words, SIZE)[1:, 1:], np.zeros((6, 6), complex)
    for h in range(2):
        energy = sum(SPINS.coupling[h, k] * total(k, 2) for k in range(2)) / SIZE
        for sign in (1, -1):
            rate = expm(sign * SPINS.beta / 2 * energy) / np.sqrt(2)
            for i in spins_of(h):
                moved = [commutator(site(0, i, N) + sign * 1j * site(1, i, N), x) @ rate for x in CENTRED]
                expected += [[np.trace(RHO @ a.conj().T @ b) for b in moved] for a in moved]
    assert np.abs(found - expected).max() < EXACT


def test_limits_of_series():
    value, error = in_limit(lambda n: np.array(2 + 3 / n - 1j / n**2))
    assert abs(value - 2) <= error < 1e-7
    value, error = in_limit_of_weyl(lambda n, r: np.array(np.sqrt(n) * 3 * r[0] + 2 * r[0] ** 2 + 1 / n), np.ones(1))
    assert abs(value - 2) <= error < 1e-7
    value, error = in_limit_of_weyl(lambda n, r: np.array(np.sqrt(n) * 3 * r[0] + 2), np.ones(1), leading=True)
    assert abs(value - 3) <= error < 1e-7
