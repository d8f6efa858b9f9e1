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

from comparison.claims.exact.full_space import EPSILON, anticommutator, commutator, product, site, total
from comparison.claims.fiorelli_2023.constants import sum_of_bounds, sum_of_terms
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts
from finite_n.model.operators import PAULI

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


def norms(
    of: Mapping[str, Callable[[_Spins], np.ndarray]], parts: Mapping[str, np.ndarray] | None = None, **more
) -> Callable[[bool], Facts]:
    """Norms at every size, by entry."""

    def facts(_: bool) -> Facts:
        spins = [_Spins(size) for size in _SIZES]
        exact = {k: np.array([np.linalg.norm(operator(s), 2) for s in spins]) for k, operator in of.items()}
        return Facts(NAMES | more, exact, 1e-12, "full spaces of 2 to 5 spins", parts=parts)

    return facts


def _single(s: _Spins) -> np.ndarray:
    """√2 s_x of the first spin, one of the orthonormal v."""
    return np.sqrt(2) * site(0, 0, s.size)


# near equality: two spins, σ_z in place of an orthonormal v, since the proofs use ‖v‖ ≤ 1 only, and small β in the rate
_ALONG = 2 * total(2)[2] / 2
_TILTED = PAULI[1] * np.cos(TILT) + PAULI[3] * np.sin(TILT)
_ACROSS = np.kron(_TILTED, np.eye(2))
_MEAN = (_ACROSS + np.kron(np.eye(2), _TILTED)) / 2
_SLOW = expm(TILT * _ALONG / 2) / np.sqrt(2)
_NEAR = {"N": 2.0, "root": np.sqrt(2), "delta": 1.0, "x": 1.0, "y": 1.0}
_NEAR |= {"g": np.exp(TILT / 2) / np.sqrt(2), "dg": TILT / 2 * np.exp(TILT / 2) / np.sqrt(2)}


def _size(x: np.ndarray) -> float:
    return float(np.linalg.norm(x, 2))


averages = near_equality(
    norms({"": lambda s: commutator(s.mean, s.average[0])}, x=np.sqrt(1.25), y=1 / np.sqrt(2)),
    _NEAR,
    {"": _size(commutator(_MEAN, _ALONG))},
)
argument = near_equality(norms({"": lambda s: s.delta}), _NEAR, {"": _size((1 - TILT) * _ALONG)})
_commutators_of_rate = norms(
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
commutators_of_rate = near_equality(
    _commutators_of_rate,
    _NEAR,
    {
        "local": _size(commutator(_SLOW, _ACROSS)),
        "average": _size(commutator(_SLOW, _MEAN)),
        "local twice": _size(commutator(_SLOW, commutator(_SLOW, _ACROSS))),
        "average twice": _size(commutator(_SLOW, commutator(_SLOW, _MEAN))),
    },
)
_SUM = NAMES["j2"] * sum_of_bounds(NAMES["delta"], NAMES["g"], NAMES["dg"], NAMES["ddg"])  # of one site
dissipator = norms(
    {
        "local": lambda s: s.dissipated(s.local) - s.rated(s.local),
        "average": lambda s: s.dissipated(s.mean) - s.rated(s.mean),
    },
    {"local": _SUM / NAMES["N"], "average": np.sqrt(1.25) * _SUM / NAMES["N"]},
    O=1.0,
    NO=1.0,
    x=np.sqrt(1.25),
)
# ‖[jΓ, m]‖ by both of its terms, the second with four letters, for every particle
_TERMS = (2 * NAMES["delta"] * NAMES["dg"] + sum(NAMES["a"] * NAMES["g"] for _beta in range(4))) / NAMES["N"]
product_term = norms(
    {
        "": lambda s: sum(
            commutator(s.gamma @ j.conj().T, s.average[1]) @ commutator(s.average[1], j @ s.gamma) for j in s.jumps
        )
    },
    {"": NAMES["N"] * NAMES["j2"] * _TERMS**2},
)
# four letters, each at most 2‖r v‖‖v‖/√N, at every step
_STEP = sum(2 * NAMES["r"] * NAMES["v"] / NAMES["root"] for _nu in range(4))
nested_commutators = norms(
    {f"n{n}": lambda s, n=n: s.nested(_single(s), n) for n in range(1, 5)},
    {f"n{n}": NAMES["v"] * _STEP**n for n in range(1, 5)},
)
_EPS = (0.3, -0.2, 0.15)


def _rest(s: _Spins, x: np.ndarray, first: int) -> np.ndarray:
    """Σ_{n ≥ first} i^n K^n[x]/n! with r·F."""
    known = [1j**n / factorial(n) * s.nested(x, n) for n in range(first)]
    return s.w @ x @ s.w.conj().T - sum(known)


_LETTERS, _PAIRS = range(4), np.ndindex(4, 4)


def _exponential(x: float) -> float:
    """Σ x^n/n!, the bounds of nested commutators of every order."""
    return sum(x**n / factorial(n) for n in range(40))


_OWN = _exponential(sum(2 * NAMES["r"] * NAMES["v"] for _nu in _LETTERS))
rest_of_field = norms(
    {"": lambda s: sum(e * _rest(s, s.size * v, 3) for e, v in zip(_EPS, s.average, strict=True))},
    {"": sum(NAMES["v"] * max(_EPS) / NAMES["root"] * _OWN for _alpha in _LETTERS)},
    eps=max(_EPS),
)
rest_of_interaction = norms(
    {"": lambda s: s.size * commutator(_rest(s, s.average[0], 2), s.average[1])},
    # here the letters in the exponent are bounded by ‖v‖ ≤ 1
    {"": NAMES["v"] * NAMES["v"] / NAMES["N"] * _exponential(sum(2 * NAMES["r"] for _nu in _LETTERS))},
)
# Δ moves by δ/√N times a series in d⁴ terms r a; γ at δ and that shift, by its own series
_SHIFT = NAMES["delta"] * _exponential(sum(NAMES["r"] * NAMES["a"] for _pair in _PAIRS))
_MOVED = sum((_BETA / 2) ** n / factorial(n) / np.sqrt(2) * (NAMES["delta"] + _SHIFT) ** n for n in range(60))
rate_and_weyl = norms({"": lambda s: commutator(s.gamma, s.w)}, {"": _MOVED / NAMES["root"]})
shift = norms({"": lambda s: s.w @ s.delta @ s.w.conj().T - s.delta}, {"": _SHIFT / NAMES["root"]})
first_part = norms(
    {"": lambda s: sum(commutator(s.gamma, s.w) @ commutator(j.conj().T @ j, s.gamma) / 2 for j in s.jumps)},
    # Σ_k ‖[j†j, Γ]‖/2 of N particles, each 2‖j‖²δγ′/N
    {"": _MOVED / NAMES["root"] * sum(2 * NAMES["j2"] * NAMES["delta"] * NAMES["dg"] / 5 / 2 for _k in range(5))},
)
_ENERGY = np.array([0.3, -0.2, 0.15])
_COUPLING = np.array([[0.2, 0.1 + 0.3j, -0.2j], [0.1 - 0.3j, -0.4, 0.25], [0.2j, 0.25, 0.3]])


def _off_drift(s: _Spins, alpha: int, j2: float) -> np.ndarray:
    """L[m_α] − f_α(m^N) of Lemma 3, with ‖j‖² = j2."""
    m, a = s.average, 1j * np.sqrt(2) * EPSILON  # [v_α, v_β] = Σ a_αβγ v_γ
    both = np.einsum("aij,ab,bjk->ik", m, _COUPLING, m)
    hamiltonian = s.size * (np.tensordot(_ENERGY, m, 1) + both)
    f = 1j * np.einsum("m,mb,bij->ij", _ENERGY, a[:, alpha], m)
    f = f + 1j * np.einsum("bm,mc,bij,cjk->ik", _COUPLING + _COUPLING.T, a[:, alpha], m, m)
    return 1j * commutator(hamiltonian, m[alpha]) - f + j2 * (s.dissipated(m[alpha]) - s.rated(m[alpha]))


def drift(_: bool) -> Facts:
    """C_L/N: the bounds of the terms in the proof of Lemma 3 for one jump of each of two strengths, beside the norms
    that it shall bound."""
    hmax, j2 = float(np.abs(_COUPLING).max()), np.array([[1.0], [4.0]])
    series = [(_BETA / 2) ** n / factorial(n) / np.sqrt(2) for n in range(40)]
    terms = sum(hmax * NAMES["a"] ** 2 for _four in np.ndindex(4, 4, 4, 4)) + j2 * sum_of_terms(_DELTA, series)
    bound = terms / NAMES["N"]
    spins = [_Spins(size) for size in _SIZES]
    largest = [[max(_size(_off_drift(s, k, float(x))) for k in range(3)) for s in spins] for x in j2[:, 0]]
    room = float(np.min(bound / largest))
    how = f"the bounds of the proof's terms, added up; norms of 2 to 5 spins stay {room:.0f} times below"
    return Facts(NAMES | {"hmax": hmax, "q": 1.0, "j2": j2}, {"": bound}, 1e-12, how)


fluctuation_and_rate = near_equality(
    norms({"": lambda s: commutator(np.sqrt(s.size) * s.average[1], s.gamma)}),
    _NEAR,
    {"": _size(commutator(np.sqrt(2) * _MEAN, _SLOW))},
)


def _cauchy_schwarz(_: bool) -> Facts:
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


# Lemma 6 with the identity as the map, A = B = 1 and C close to D; Lemma 5 with A = B = 1, averages without
# fluctuations, of which all three are off, and small β
_C, _D, _OFF = PAULI[3], PAULI[3] + TILT * PAULI[1], np.array([0.3, 0.2, 0.1])
_RATES = np.array([0.5, 0.4, 1.2])  # r
_AT_DELTA = np.exp(TILT * _RATES.sum() / 2) / np.sqrt(2)  # γ(δ)
cauchy_schwarz = near_equality(
    _cauchy_schwarz,
    {"AA": np.trace(_C @ _C).real / 2, "BB": np.trace(_D.conj().T @ _D).real / 2}
    | {f"e{k + 1}": x**2 for k, x in enumerate(_OFF)}
    | {f"r{k + 1}": r for k, r in enumerate(_RATES)}
    | {"bb": 1.0, "g": _AT_DELTA, "dg": TILT / 2 * _AT_DELTA},
    {
        "Lemma 6": abs(np.trace(_C.conj().T @ _D)) / 2,
        "Lemma 5": _AT_DELTA**2 * (1 - np.exp(-TILT * (_RATES @ _OFF))),
    },
)
