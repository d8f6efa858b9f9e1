"""What decides the identities and bounds of Fiorelli 2024 that hold at every N: operators of a few spins in their full
space.

Names in formulas: i, N, root = √N, one: the identity; sums over indices and spins are single names, read as
rAF = Σ r_α A_αβ F_β, with w for ω and T, G, M, B as the paper has them. Equalities use Pauli matrices, bounds the
orthonormal v = σ/√2, with d² = 4, a = √2 for the largest structure coefficient and v = 1/√2 for the norm.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from comparison.claims.exact.full_space import EPSILON, anticommutator, commutator, site, total
from comparison.claims.paper_claim import Facts

N = 4
_BETA = 0.8
_MEAN = np.array([0.2, 0.3, 0.4])
R = np.array([0.3, -0.2, 0.4])
_EPS = np.array([0.3, -0.2, 0.15])
IN_RATE = np.array([0.4, -0.3, 0.7])  # some r_ℓ
_H = np.array([[0.2, 0.1 + 0.3j, -0.2j], [0.1 - 0.3j, -0.4, 0.25], [0.2j, 0.25, 0.3]])
_Q = np.array([[0.3, -0.7, 0.2], [0.5, 0.1, -0.4], [-0.2, 0.6, 0.9]])
_A = 2j * EPSILON  # [σ_α, σ_β] = Σ a_αβγ σ_γ
_FULL = f"full space of {N} spins"
_ONE = np.eye(2**N)
_UNITS = {"i": 1j, "N": N, "root": np.sqrt(N), "one": _ONE}

AVERAGES = 2 * total(N) / N
_F = np.sqrt(N) * (AVERAGES - _MEAN[:, None, None] * _ONE)
_T = np.einsum("abc,cij->abij", _A, AVERAGES)
_RF = np.tensordot(R, _F, 1)
_W = expm(1j * _RF)
_PAULI = [[2 * site(mu, k, N) for k in range(N)] for mu in range(3)]
_JUMPS = [site(0, k, N) + 1j * site(1, k, N) for k in range(N)]  # σ_+
_RATE = expm(_BETA / 2 * AVERAGES[2]) / np.sqrt(2)
_X = _PAULI[0][0] @ _PAULI[1][1] + 0.3 * _PAULI[2][0]  # some operator


def _dagger(x: np.ndarray) -> np.ndarray:
    return x.conj().T


def _spin() -> np.ndarray:
    """The density matrix of one spin."""
    return (np.eye(2) + sum(m * 2 * site(k, 0, 1) for k, m in enumerate(_MEAN))) / 2


def _facts(exact, **names) -> Callable[[bool], Facts]:
    entries = exact if isinstance(exact, dict) else {"": exact}
    return lambda _: Facts(_UNITS | names, entries, 1e-12, _FULL)


def _local(x: np.ndarray) -> np.ndarray:
    """D^Loc[x] with j = σ_+."""
    return sum(_dagger(j) @ x @ j - anticommutator(_dagger(j) @ j, x) / 2 for j in _JUMPS)


def _of(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Σ r_α matrix_αβ right_β, with operators on the right."""
    return np.tensordot(R @ matrix, right, 1)


_TR = np.einsum("abij,b->aij", _T, R)
_SINGLE = np.einsum("m,mab->ab", _EPS, np.moveaxis(_A, 2, 0))
_B = np.einsum("mn,n,abm->ab", 2j * _H.real, _MEAN, _A)
_M = np.diag([-0.5, -0.5, -1.0])  # of σ_+, on x, y and z
_WITH_ONE = _M @ _MEAN + np.array([0, 0, 1.0])


def moved_average() -> np.ndarray:
    """W Δ W† − Δ of Δ with coefficients `IN_RATE`."""
    delta = np.tensordot(IN_RATE, AVERAGES, 1)
    return _W @ delta @ _dagger(_W) - delta


def fluctuations(_: bool) -> Facts:
    """[F_α, F_β]."""
    exact = {f"{j + 1}{k + 1}": commutator(_F[j], _F[k]) for j, k in ((0, 1), (0, 2), (1, 2))}
    return Facts(_UNITS | {f"m{k + 1}": AVERAGES[k] for k in range(3)}, exact, 1e-12, _FULL)


def linear(_: bool) -> Facts:
    """[u·F, u·(QF)] for some Q, u = X^T r."""
    right = np.tensordot(R @ _Q, _F, 1)
    known = np.tensordot(np.einsum("a,ab,c->bc", R, _Q, R), _T, 2)
    return Facts(_UNITS | {"uQTu": known}, {"": commutator(_RF, right)}, 1e-12, _FULL)


def symplectic(_: bool) -> Facts:
    """−i⟨[F_α, F_β]⟩ after some time, in the Hopfield network of three spins."""
    size, t = 3, 0.7
    s = 2 * total(size)
    rate = {sign: expm(sign * _BETA / 2 * s[2] / size) / np.sqrt(2) for sign in (1, -1)}
    jumps = [(site(0, k, size) + sign * 1j * site(1, k, size)) @ rate[sign] for k in range(size) for sign in (1, -1)]
    one, rho = np.eye(2**size), functools.reduce(np.kron, [_spin()] * size)
    hamiltonian = 0.3 * s[0]
    flow = -1j * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T))
    for j in jumps:
        loss = _dagger(j) @ j
        flow = flow + np.kron(j, j.conj()) - (np.kron(loss, one) + np.kron(one, loss.T)) / 2
    rho = (expm(t * flow) @ rho.ravel()).reshape(rho.shape)
    exact = {}
    for j, k in ((0, 1), (0, 2), (1, 2)):
        exact[f"{j + 1}{k + 1}"] = np.trace(rho @ commutator(s[j], s[k])).imag / size
    means = {f"m{k + 1}": np.trace(rho @ s[k]).real / size for k in range(3)}
    return Facts({"zero": 0.0} | means, exact, 1e-10, "Hopfield network of 3 spins in full space")


def correlations(_: bool) -> Facts:
    """⟨F_i F_j⟩ in a product state."""
    rho = functools.reduce(np.kron, [_spin()] * N)
    exact = np.array([[np.trace(rho @ a @ b) for b in _F] for a in _F])
    known = {"S": np.eye(3) - np.outer(_MEAN, _MEAN), "sigma": 2 * EPSILON @ _MEAN}
    return Facts(_UNITS | known, {"": exact}, 1e-12, _FULL)


def expanded(_: bool) -> Facts:
    """x as a combination of σ/√2 and 1/√2."""
    basis = [2 * site(k, 0, 1) / np.sqrt(2) for k in range(3)] + [np.eye(2) / np.sqrt(2)]
    x = np.array([[0.3, 0.7 - 0.2j], [0.4 + 0.1j, -0.9j]])
    known = {f"v{k + 1}": v for k, v in enumerate(basis)} | {f"t{k + 1}": np.trace(x @ v) for k, v in enumerate(basis)}
    return Facts(known, {"": x}, how="2×2 matrices")


def series(_: bool) -> Facts:
    """Σ_n [x, [x, … y]]/n!."""
    x, y = 0.3 * AVERAGES[0] + 0.2j * AVERAGES[2], _X
    term, out = y, y
    for n in range(1, 30):
        term = commutator(x, term) / n
        out = out + term
    return Facts(_UNITS | {"e": expm(x), "inverse": expm(-x), "y": y}, {"": out}, 1e-12, _FULL)


first_of_field = _facts(
    sum(e * commutator(_RF, v) for e, row in zip(_EPS, _PAULI, strict=True) for v in row),
    rAF=_of(_SINGLE, _F),
    rAw=R @ _SINGLE @ _MEAN,
)
second_of_field = _facts(
    0.5j * sum(e * commutator(_RF, commutator(_RF, v)) for e, row in zip(_EPS, _PAULI, strict=True) for v in row),
    rATr=_of(_SINGLE, _TR),
)
_WEIGHTS = 2j * _H.real @ _MEAN
first_of_mean = _facts(
    sum(
        w / np.sqrt(N) * 1j * commutator(v, np.sqrt(N) * _RF)
        for w, row in zip(_WEIGHTS, _PAULI, strict=True)
        for v in row
    ),
    rBF=_of(_B, _F),
    rBw=R @ _B @ _MEAN,
)
second_of_mean = _facts(
    sum(w / 2 * commutator(_RF, commutator(_RF, v)) for w, row in zip(_WEIGHTS, _PAULI, strict=True) for v in row),
    rBTr=_of(_B, _TR),
)


def interaction(_: bool) -> Facts:
    """i Σ h_αβ [V_α V_β, x]."""
    v = 2 * total(N) / np.sqrt(N)

    def sums(term: Callable) -> Callable:
        terms = np.array([[term(a, b) for b in v] for a in v])
        return lambda h: np.tensordot(h, terms, 2)

    known = {
        "hR": _H.real,
        "hI": _H.imag,
        "left": sums(lambda a, b: a @ commutator(b, _X)),
        "right": sums(lambda a, b: commutator(a, _X) @ b),
        "anti": sums(lambda a, b: anticommutator(commutator(a, _X), b)),
        "double": sums(lambda a, b: commutator(commutator(a, _X), b)),
    }
    exact = 1j * sums(lambda a, b: commutator(a @ b, _X))(_H)
    return Facts(_UNITS | known, {"middle": exact, "last": exact}, 1e-11, _FULL)


def _rates(left: str) -> Callable[[bool], Facts]:
    """D_ℓ[W], or its part D_I with commutators of the rate, for jumps σ_+ + 0.3 σ_z."""

    def facts(_: bool) -> Facts:
        moved = [j + 0.3 * x for j, x in zip(_JUMPS, _PAULI[2], strict=True)]
        g, w, square = _RATE, _W, [(j, _dagger(j), _dagger(j) @ j) for j in moved]
        known = {
            "of_jdagger": sum(g @ commutator(d, w) @ j @ g for j, d, _ in square),
            "of_j": sum(g @ d @ commutator(w, j) @ g for j, d, _ in square),
            "of_rate": sum(commutator(g, w) @ s @ g for _, _, s in square),
            "of_rate_right": sum(g @ s @ commutator(w, g) for _, _, s in square),
            "first": sum(commutator(g, w) @ commutator(s, g) for _, _, s in square),
            "second": sum(commutator(commutator(g, w), g @ s) for _, _, s in square),
        }
        whole = sum(g @ d @ w @ j @ g - anticommutator(g @ s @ g, w) / 2 for j, d, s in square)
        part = sum(commutator(g, w) @ s @ g + g @ s @ commutator(w, g) for _, _, s in square) / 2
        return Facts(_UNITS | known, {"": whole if left == "whole" else part}, 1e-12, _FULL)

    return facts


dissipated, by_rates = _rates("whole"), _rates("part")
_MOVED = _W @ _RATE @ _dagger(_W)
# Σ_b c_b Σ_s binom(b, s) Δ^{b−s} D^s of an exponential is e^{βΔ/2} e^{βD/2}/√2
moved_rate = _facts(
    _MOVED,
    G=_RATE,
    of_shift=expm(_BETA / 2 * (_W @ AVERAGES[2] @ _dagger(_W) - AVERAGES[2])),
    of_sum=expm(_BETA / 2 * (_W @ AVERAGES[2] @ _dagger(_W))) / np.sqrt(2),
)
double_commutator = _facts(commutator(commutator(_RATE, _W), _RATE), G=_RATE, V=_MOVED, W=_W)
first_of_flips = _facts(
    0.5 * sum(-1j * commutator(_RF, _dagger(j)) @ j + _dagger(j) @ (1j * commutator(_RF, j)) for j in _JUMPS),
    rMF=_of(_M, _F),
    rMw=R @ _WITH_ONE,
)
identity_of_flips = _facts(
    sum(
        commutator(_RF, commutator(_RF, _dagger(j))) @ j / 2 - _dagger(j) @ commutator(_RF, commutator(_RF, j)) / 2
        for j in _JUMPS
    ),
    first=sum(commutator(_RF, commutator(_dagger(j), _RF) @ j) for j in _JUMPS),
    second=sum(commutator(_RF, _dagger(j) @ commutator(_RF, j)) for j in _JUMPS),
)
second_of_flips = _facts(commutator(_local(_RF), _RF) / 2, rMTr=_of(_M, _TR))
_C = np.array([0.5, 0.5j, 0])  # σ_+ = Σ c_α σ_α
_LEFT, _RIGHT = (np.einsum(s, R, x, _A) for s, x in (("m,a,mac->c", _C.conj()), ("n,b,bnc->c", _C)))
squares_of_flips = _facts(
    sum(commutator(_RF, _dagger(j)) @ commutator(_RF, j) for j in _JUMPS) / 2,
    rGr=sum(
        _LEFT[a] * _RIGHT[b] * sum(_PAULI[a][k] @ _PAULI[b][k] for k in range(N)) / N
        for a in range(3)
        for b in range(3)
    ),
)
