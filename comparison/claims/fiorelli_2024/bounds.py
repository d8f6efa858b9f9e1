"""What decides the bounds of Fiorelli 2024 that are said to hold at every N: norms in the full space of two to five
spins, of operators that do not commute.

Names in formulas: N, root = √N; delta, g, dg, ddg: δ_ℓ, γ(δ_ℓ) and its derivatives; j2 = ‖j‖², x, y, O: norms, NO: how
many spins O acts on; v = 1/√2, a = √2, d2 = 4: norm, largest structure coefficient and number of the orthonormal σ/√2,
1/√2; r: the largest r_ν.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import factorial

import numpy as np
from scipy.linalg import expm

from comparison.claims.full_space import EPSILON, anticommutator, commutator, product, site, total
from comparison.claims.paper_claim import Facts

_SIZES = (2, 3, 4, 5)
_BETA, _SMALL = 0.8, 0.05
_IN_RATE = np.array([0.5, 0.0, 1.2])  # r_ℓ
_R = _SMALL * np.array([1.0, -0.6, 0.8])
_DELTA = float(np.abs(_IN_RATE).sum())
_GAMMA = float(np.exp(_BETA * _DELTA / 2) / np.sqrt(2))


def _rate(z: float) -> float:
    """γ(z) of e^{β z / 2}/√2."""
    return np.exp(_BETA / 2 * z) / np.sqrt(2)


NAMES: dict = {
    "N": np.array(_SIZES, float),
    "root": np.sqrt(_SIZES),
    "delta": _DELTA,
    "g": _GAMMA,
    "dg": _BETA / 2 * _GAMMA,
    "ddg": _BETA**2 / 4 * _GAMMA,
    "gamma": _rate,
    "j2": 1.0,
    "v": 1 / np.sqrt(2),
    "a": np.sqrt(2),
    "d2": 4.0,
    "r": _SMALL,
}


class _Spins:
    """Operators of so many spins."""

    def __init__(self, size: int):
        self.size = size
        self.average = np.sqrt(2) * total(size) / size  # of v = σ/√2
        self.delta = np.tensordot(_IN_RATE, self.average, 1)
        self.gamma = expm(_BETA / 2 * self.delta) / np.sqrt(2)
        self.jumps = [site(0, k, size) + 1j * site(1, k, size) for k in range(size)]
        self.local = 2 * site(1, 0, size)
        self.mean = (2 * total(size)[0] + total(size)[2]) / size  # of x = σ_x + σ_z/2
        self.rf = np.sqrt(size) * np.tensordot(_R, self.average, 1)
        self.w = expm(1j * self.rf)

    def dissipated(self, x: np.ndarray) -> np.ndarray:
        """D_ℓ[x] of the jumps σ_+ Γ."""
        jumps = [j @ self.gamma for j in self.jumps]
        return sum(j.conj().T @ x @ j - anticommutator(j.conj().T @ j, x) / 2 for j in jumps)

    def rated(self, x: np.ndarray) -> np.ndarray:
        """Γ² D^Loc[x]."""
        flips = sum(j.conj().T @ x @ j - anticommutator(j.conj().T @ j, x) / 2 for j in self.jumps)
        return self.gamma @ self.gamma @ flips

    def nested(self, x: np.ndarray, n: int) -> np.ndarray:
        """K^n[x] with r·F."""
        for _ in range(n):
            x = commutator(self.rf, x)
        return x


def norms(of: Mapping[str, Callable[[_Spins], np.ndarray]], **more) -> Callable[[bool], Facts]:
    """Norms at every size, by entry."""

    def facts(_: bool) -> Facts:
        spins = [_Spins(size) for size in _SIZES]
        exact = {k: np.array([np.linalg.norm(operator(s), 2) for s in spins]) for k, operator in of.items()}
        return Facts(NAMES | more, exact, 1e-12, "full spaces of 2 to 5 spins")

    return facts


def _single(s: _Spins) -> np.ndarray:
    """√2 s_x of the first spin, one of the orthonormal v."""
    return np.sqrt(2) * site(0, 0, s.size)


averages = norms({"": lambda s: commutator(s.mean, s.average[0])}, x=np.sqrt(1.25), y=1 / np.sqrt(2))
argument = norms({"": lambda s: s.delta})
commutators_of_rate = norms(
    {
        "local": lambda s: commutator(s.gamma, s.local),
        "average": lambda s: commutator(s.gamma, s.mean),
        "local twice": lambda s: commutator(s.gamma, commutator(s.gamma, s.local)),
        "average twice": lambda s: commutator(s.gamma, commutator(s.gamma, s.mean)),
    },
    O=1.0,
    NO=1.0,
    x=np.sqrt(1.25),
)
dissipator = norms(
    {
        "local": lambda s: s.dissipated(s.local) - s.rated(s.local),
        "average": lambda s: s.dissipated(s.mean) - s.rated(s.mean),
    },
    O=1.0,
    NO=1.0,
    x=np.sqrt(1.25),
)
product_term = norms(
    {
        "": lambda s: sum(
            commutator(s.gamma @ j.conj().T, s.average[1]) @ commutator(s.average[1], j @ s.gamma) for j in s.jumps
        )
    }
)
nested_commutators = norms({f"n{n}": lambda s, n=n: s.nested(_single(s), n) for n in range(1, 5)})
_EPS = (0.3, -0.2, 0.15)


def _rest(s: _Spins, x: np.ndarray, first: int) -> np.ndarray:
    """Σ_{n ≥ first} i^n K^n[x]/n! with r·F."""
    known = [1j**n / factorial(n) * s.nested(x, n) for n in range(first)]
    return s.w @ x @ s.w.conj().T - sum(known)


rest_of_field = norms(
    {"": lambda s: sum(e * _rest(s, s.size * v, 3) for e, v in zip(_EPS, s.average, strict=True))}, eps=max(_EPS)
)
rest_of_interaction = norms({"": lambda s: s.size * commutator(_rest(s, s.average[0], 2), s.average[1])})
rate_and_weyl = norms({"": lambda s: commutator(s.gamma, s.w)})
shift = norms({"": lambda s: s.w @ s.delta @ s.w.conj().T - s.delta})
first_part = norms(
    {"": lambda s: sum(commutator(s.gamma, s.w) @ commutator(j.conj().T @ j, s.gamma) / 2 for j in s.jumps)}
)
_ENERGY = np.array([0.3, -0.2, 0.15])
_COUPLING = np.array([[0.2, 0.1 + 0.3j, -0.2j], [0.1 - 0.3j, -0.4, 0.25], [0.2j, 0.25, 0.3]])


def _off_drift(s: _Spins, alpha: int) -> np.ndarray:
    """L[m_α] − f_α(m^N) of Lemma 3."""
    m, a = s.average, 1j * np.sqrt(2) * EPSILON  # [v_α, v_β] = Σ a_αβγ v_γ
    both = np.einsum("aij,ab,bjk->ik", m, _COUPLING, m)
    hamiltonian = s.size * (np.tensordot(_ENERGY, m, 1) + both)
    f = 1j * np.einsum("m,mb,bij->ij", _ENERGY, a[:, alpha], m)
    f = f + 1j * np.einsum("bm,mc,bij,cjk->ik", _COUPLING + _COUPLING.T, a[:, alpha], m, m)
    return 1j * commutator(hamiltonian, m[alpha]) + s.dissipated(m[alpha]) - f - s.rated(m[alpha])


drift = norms(
    {x: lambda s, k=k: _off_drift(s, k) for k, x in enumerate("xyz")}, hmax=float(np.abs(_COUPLING).max()), q=1.0
)
fluctuation_and_rate = norms({"": lambda s: commutator(np.sqrt(s.size) * s.average[1], s.gamma)})


def cauchy_schwarz(_: bool) -> Facts:
    """|ω(A†Λ[C†D]B)| for random matrices of dimension 4 and a unital map with three Kraus operators; and Lemma 5 at
    t = 0 for three spins, A and B any operators of them, X = 1."""
    rng = np.random.default_rng(3)
    a, b, c, d, root, *kraus = rng.normal(size=(8, 4, 4)) + 1j * rng.normal(size=(8, 4, 4))
    rho = root @ root.conj().T / np.trace(root @ root.conj().T)
    total_of = np.linalg.inv(np.linalg.cholesky(sum(k.conj().T @ k for k in kraus))).conj().T
    kraus = [k @ total_of for k in kraus]  # Σ K†K = 1

    def average(left: np.ndarray, x: np.ndarray, right: np.ndarray) -> complex:
        return np.trace(rho @ left.conj().T @ sum(k.conj().T @ x @ k for k in kraus) @ right)

    known = {"AA": average(a, c.conj().T @ c, a).real, "BB": average(b, d.conj().T @ d, b).real}
    exact = {"Lemma 6": abs(average(a, c.conj().T @ d, b))}
    s, mean = _Spins(3), np.array([0.2, 0.3, 0.4]) / np.sqrt(2)
    rho = product(mean / np.sqrt(2), 3)
    a, b = rng.normal(size=(2, 8, 8)) + 1j * rng.normal(size=(2, 8, 8))
    square = np.exp(_BETA * _IN_RATE @ mean) / 2
    exact["Lemma 5"] = abs(np.trace(rho @ a.conj().T @ (s.gamma @ s.gamma - square * np.eye(8)) @ b))
    known |= NAMES | {"bb": np.trace(rho @ b.conj().T @ b).real, "zero": 0.0}
    for k, r in enumerate(_IN_RATE):
        shifted = s.average[k] - mean[k] * np.eye(8)
        known |= {f"r{k + 1}": abs(r), f"e{k + 1}": np.trace(rho @ a.conj().T @ shifted @ shifted @ a).real}
    return Facts(known, exact, 1e-10, "random matrices of dimension 4, and of three spins")
