"""What decides the claims of Merkli and Rafiyi 2018 about the conditions of their theorems (section 1.2 and the proofs
3.5.1, 3.5.2): moments of matrices, and of φ in the vacuum of one mode, ⟨φ²⟩ = ½ = C.

Names in formulas: beta: β_r; b: lim β_r^{1/r}/√r; a: width of the squeezed state v in A_R = |Ω⟩⟨v|, whose wave function
is e^{−ax²/2}; norm: ‖A_R‖.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
from scipy.special import gamma

from comparison.claims.merkli_2018 import points
from comparison.claims.merkli_2018.points import NU, OMEGA0, SX, SZ
from comparison.claims.merkli_2018.setting import turned
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts
from comparison.referee.extrapolation import extrapolate

_NAMES = {"i": 1j, "zero": 0.0, "fact": lambda x: gamma(x + 1), "C": 0.5, "norm": 1.0}
_FOCK = "moments of φ in the vacuum, in Fock levels"
_SUMS = "sums, term by term"
_A = 0.2  # of the squeezed state
_R = np.array([2, 4, 6, 8])


def _powers(most: int) -> list[np.ndarray]:
    """φ^r|0⟩ for r = 0 … most, in as many levels as they reach."""
    phi, out = points.phi(most + 4), [np.eye(most + 4)[0]]
    for _ in range(most):
        out.append(phi @ out[-1])
    return out


def _root_limit(beta: Callable[[int], float], sizes=(8, 16, 32, 64)) -> tuple[float, float]:
    """b = lim β_r^{1/r}/√r of even r, from ratios β_{r+2}/β_r = e b² r + …, and its error."""
    found = extrapolate(sizes, np.array([beta(r + 2) / beta(r) / r for r in sizes]))
    value = float(np.sqrt(found.value / np.e))
    return value, float(found.error / (2 * np.e * value))


def odd_moments(dims: tuple[int, ...], pauli: bool):
    """Averages of one, three and five G(t_i) at random times in mixtures of energy levels, for G = σx or one that
    couples neighbouring levels."""

    def facts(_: bool) -> Facts:
        rng, exact = np.random.default_rng(3), []
        for d in dims:
            c = rng.normal(size=d - 1) + 1j * rng.normal(size=d - 1)
            G, h = np.diag(c, 1) + np.diag(c, 1).conj().T, np.diag(rng.normal(size=d))
            if pauli:
                G, h = SX, OMEGA0 / 2 * SZ
            rho = np.diag(rng.dirichlet(np.ones(d)))
            for n in (1, 3, 5):
                product = np.linalg.multi_dot([rho, *(turned(G, h, t) for t in rng.uniform(0, 3, n))])
                exact.append(np.trace(product))
        return Facts(_NAMES, {"": np.array(exact)}, 1e-12, "matrices", scale=1.0)

    return facts


def _bounded_moments(_: bool) -> Facts:
    """|μ(B … A_R … B)| at random times and places for a spin with B = 1.3 σx, r = 1 … 6."""
    rng, exact, r = np.random.default_rng(8), [], np.repeat(np.arange(1, 7), 5)
    x = rng.normal(size=(2, 2))
    A, state = x + x.T, np.diag([0.8, 0.2])
    for n in r:
        factors = [turned(1.3 * SX, SZ / 2, t) for t in rng.uniform(0, 2, n)]
        factors.insert(rng.integers(0, n + 1), A)
        exact.append(abs(np.trace(np.linalg.multi_dot([state, *factors]))))
    names = {**_NAMES, "norm": np.abs(np.linalg.eigvalsh(A)).max(), "gR": 1.3, "r": r}
    return Facts(names, {"": np.array(exact)}, 1e-12, "matrices")


# A_R = 1 and one factor B = 1.3 σz, of spins that are almost all up
bounded_moments = near_equality(_bounded_moments, {"norm": 1.0, "r": 1}, {"": 1.3 * (1 - TILT)})


def series_of_bounds(_: bool) -> Facts:
    """The limit of κ_{s+1}/κ_s for the terms κ_s of S_0 with A_R = 1, and b of the same moments."""
    psi = _powers(70)
    beta = [np.vdot(x, x) for x in psi]  # β_{2s}
    lam, t = np.array([0.4, 0.9]), 0.5
    s = np.array([8, 16, 32, 64])
    ratios = np.array([beta[k + 1] / beta[k] / (k + 1) for k in s])[:, None] * (2 * lam * t) ** 2
    found = extrapolate(s, ratios)
    b, off = _root_limit(lambda r: beta[r // 2])
    names = {**_NAMES, "lam": lam, "g": 1.0, "t": t, "b": b}
    return Facts(names, {"": found.value}, found.error + 4 * off, _FOCK)


def _squeezed(levels: int) -> np.ndarray:
    """The state with the wave function e^{−ax²/2}, normalised."""
    out, w = np.zeros(levels), (1 - _A) / (1 + _A)
    n = np.arange(0, levels, 2)
    out[n] = [(w / 2) ** (k // 2) * math.exp(math.lgamma(k + 1) / 2 - math.lgamma(k // 2 + 1)) for k in n]
    return out / np.linalg.norm(out)


def _root_of_bounded() -> tuple[float, float]:
    """b of A_R = |Ω⟩⟨v|, which has the norm 1, from moments with A_R in front."""
    psi = _powers(70)
    v = _squeezed(len(psi[0]))
    return _root_limit(lambda r: float(v @ psi[r]))


def bounded_observable(_: bool) -> Facts:
    """The average of A_R φ^r with A_R = |Ω⟩⟨φ^rΩ|/‖φ^rΩ‖, r = 2 … 8, and b of A_R = |Ω⟩⟨v|."""
    psi, (b, off) = _powers(8), _root_of_bounded()
    exact = {"beta": np.array([np.linalg.norm(psi[r]) for r in _R]), "b": b}
    return Facts({**_NAMES, "r": _R, "a": _A}, exact, {"beta": 1e-12, "b": off}, _FOCK)


def few_quanta(_: bool) -> Facts:
    """The average of A_R φ^r with A_R = |Ω⟩⟨r|, and ‖A_R P(N̂ ≤ r/2)‖."""
    psi = _powers(8)
    levels = len(psi[0])
    exact, norms = [], []
    for r in _R:
        A = np.outer(np.eye(levels)[0], np.eye(levels)[r])
        exact.append((A @ psi[r])[0])
        norms.append(np.linalg.norm(A[:, : r // 2 + 1], 2))
    return Facts({**_NAMES, "r": _R, "norm": np.array(norms)}, {"": np.array(exact)}, 1e-12, _FOCK)


def _stirling(n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both bounds of n! in eq. 3.24."""
    log = (n + 0.5) * np.log(n) - n
    return np.exp(log + np.log(2 * np.pi) / 2), np.exp(log + 1)


def field_products(sharp: bool):
    """β_r of A_R = φ², r = 2 … 20: the largest moment over random times, and equal ones."""

    def facts(_: bool) -> Facts:
        psi, r = _powers(11), np.arange(2, 11 if sharp else 22, 2)
        equal = np.array([np.vdot(psi[k // 2 + 1], psi[k // 2 + 1]) for k in r])
        if sharp:
            rng, H, phi = np.random.default_rng(6), NU * points.number(16), points.phi(16)
            for at, n in enumerate(r):
                for _k in range(4):
                    x = np.linalg.multi_dot([turned(phi, H, t) for t in rng.uniform(0, 2, n + 2)])
                    equal[at] = max(equal[at], abs(x[0, 0]))
        m = (r + 2) / 2
        parts = None if sharp else {"": 0.25**m * _stirling(2 * m)[1] / _stirling(m)[0]}  # C/2 = ¼ by pair
        return Facts({**_NAMES, "r": r, "k": 2}, {"": equal}, 1e-12 * equal.max(), _FOCK, parts=parts)

    return facts


def wick(_: bool) -> Facts:
    """The largest |⟨φ(t_1) … φ(t_r)⟩| over random times and equal ones, r = 2, 4, 6."""
    rng, r, H, phi = np.random.default_rng(2), np.array([2, 4, 6]), NU * points.number(12), points.phi(12)
    exact = []
    for n in r:
        times = [np.zeros(n), *(rng.uniform(0, 2, n) for _k in range(6))]
        products = [np.linalg.multi_dot([turned(phi, H, t) for t in row]) for row in times]
        exact.append(max(abs(x[0, 0]) for x in products))
    return Facts({**_NAMES, "r": r}, {"": np.array(exact)}, 1e-12, _FOCK)


def around_an_observable(_: bool) -> Facts:
    """⟨φ^{j−1} A_R φ^{r−j+1}⟩ for the A_R of norm 1 for which it is largest, r = 4, 5 and all j."""
    psi = [x / np.linalg.norm(x) for x in _powers(6)]
    phi = points.phi(len(psi[0]))
    rows = [(r, j) for r in (4, 5) for j in range(1, r + 2)]
    exact = []
    for r, j in rows:
        A = np.outer(psi[j - 1], psi[r - j + 1])
        exact.append((np.linalg.matrix_power(phi, j - 1) @ A @ np.linalg.matrix_power(phi, r - j + 1))[0, 0])
    r, j = np.array(rows).T
    return Facts({**_NAMES, "r": r, "j": j}, {"": np.array(exact)}, 1e-11, _FOCK)


def sufficient(_: bool) -> Facts:
    """The square of the left side of (A1) for A_R = |Ω⟩⟨v|, where 8λ²g²t²C = 0.9."""
    b, off = _root_of_bounded()
    lam = math.sqrt(0.9 / 8 / 0.5)
    names = {**_NAMES, "lam": lam, "g": 1.0, "t": 1.0, "a": _A}
    return Facts(names, {"": 8 * np.e * lam**2 * b**2}, 16 * np.e * lam**2 * b * off, _FOCK)


def bounded_series(_: bool) -> Facts:
    """S_ν for β_r = g_R^r and g = 2, ν = 0, 1, 2; with S_0 also its term s = 0, so that one formula holds for all."""
    lam, t, g, gR, s = 0.3, 0.5, 2.0, 1.2, np.arange(60)
    nu = np.arange(3)
    terms = (2 * lam * g * t) ** (2 * s) / gamma(s + 1) * gR ** (2.0 * (nu[:, None] + s))
    terms[0, 0] = 0  # for ν = 0 it begins at s = 1
    exact = terms.sum(axis=1) + (nu == 0)
    return Facts({**_NAMES, "lam": lam, "t": t, "g": g, "gR": gR, "nu": nu}, {"": exact}, 1e-12, _SUMS)


def bound_of_series(form: str):
    """S_ν of A_R = φ² for 2|λ|gt = 0.6, from exact moments, ν = 1 … 12; form: of the bound, see `_sum_of_moments`."""

    def facts(_: bool) -> Facts:
        kappa, nu = 0.6, np.arange(1, 13)
        beta = np.array([np.vdot(x, x) for x in _powers(64)])  # ⟨φ^{2m}⟩
        s = np.arange(50)
        exact = [np.sum(kappa ** (2 * s) / gamma(s + 1) * beta[n + s + 1]) for n in nu]  # β_{2(ν+s)} = ⟨φ^{2(ν+s)+2}⟩
        names = {**_NAMES, "kappa": kappa, "k": 2.0, "nu": nu.astype(float), "column": nu[:, None].astype(float)}
        names |= {"s": np.arange(1.0, 400), "sum": lambda x: x.sum(axis=-1)}
        names["after"] = lambda x: np.where(names["s"] >= nu[:, None] + 1, x, 0.0)  # s ≥ ν + k/2
        return Facts(names, {"": np.array(exact)}, 0.0, _SUMS, parts={"": _sum_of_moments(form, nu, kappa)})

    return facts


def _sum_of_moments(form: str, nu: np.ndarray, kappa: float, C: float = 0.5, k: int = 2) -> np.ndarray:
    """S_ν with both Stirling bounds: its first term, and the others by their logarithms as they are, with
    (2 + (2ν + k)/s)^s ≤ 2^s e^{ν + k/2}, or with Σ s^M y^s ≤ M!/(1 − y)^M besides."""
    out, y = [], 2 * C * kappa**2
    for n in nu.tolist():
        M = n + k // 2
        s, both = np.arange(1.0, 400), _stirling(np.array([M, 2.0 * M]))
        first = (C / 2) ** M * both[1][1] / both[0][0]
        if form == "terms":  # κ^{2s}/s! without its √s, times the bound of β_{2(ν+s)}
            log = 2 * s * np.log(kappa) - s * np.log(s) + s + (M + s) * (np.log(C) - 1 + np.log(2 * (M + s)))
            rest = np.e / np.sqrt(np.pi) / np.sqrt(2 * np.pi) * np.exp(log).sum()
        else:
            s = np.arange(float(M), 400)
            bound = math.prod(j / (1 - y) for j in range(1, M + 1)) / y**M
            series = np.sum(s**M * y ** (s - M)) if form == "series" else bound
            rest = np.e / np.sqrt(2) / np.pi * (2 * C) ** M * series
        out.append(first + rest)
    return np.array(out)


def growth_of_series(_: bool) -> Facts:
    """d ln S_ν^{1/ν}/d ln ν for ν → ∞, for A_R = 1 and 2|λ|gt = 0.6, from ν = 6 … 96."""
    x, most = 0.6, 700
    phi, psi, log = points.phi(most + 2), np.eye(most + 2)[0], [0.0]
    for _k in range(most):  # ln ⟨φ^{2m}⟩ = ln ‖φ^m Ω‖²
        psi = phi @ psi
        size = np.linalg.norm(psi)
        log.append(log[-1] + 2 * math.log(size))
        psi = psi / size

    def root(nu: int) -> float:
        s = np.arange(most - nu)
        return np.logaddexp.reduce(2 * s * math.log(x) - np.array([math.lgamma(k + 1) for k in s]) + log[nu:most]) / nu

    sizes = np.array([6, 12, 24, 48])
    found = extrapolate(sizes, np.array([(root(2 * n) - root(n)) / math.log(2) for n in sizes]))
    return Facts(_NAMES, {"": found.value}, found.error, _SUMS)


def number_operator(_: bool) -> Facts:
    """b of A_R = N̂ with B = φ(g), ‖g‖ = 1.3, from the largest moment over the places of N̂; and the time up to which
    (A1) then holds."""
    g, lam = 1.3, 0.25
    psi = _powers(70)
    n = np.arange(len(psi[0]))

    def beta(r: int) -> float:
        return max(abs(psi[j] @ (n * psi[r - j])) for j in range(r + 1)) * g**r

    b, off = _root_limit(beta)
    exact = {"b": b, "t": 1 / (2 * math.sqrt(2 * math.e) * lam * b)}
    names = {**_NAMES, "g": g, "lam": lam}
    return Facts(names, exact, {"b": off, "t": exact["t"] * off / b}, _FOCK)


def stirling_of_the_proof(_: bool) -> Facts:
    """[S_ν/(2ν)]^{1/ν} for S_ν = ν^ν, ν = 10, 100, 1000, where S_ν^{1/ν}/ν² = 1/ν."""
    nu = np.array([10.0, 100.0, 1000.0])
    return Facts({**_NAMES, "nu": nu, "root": nu}, {"": np.exp(np.log(nu) - np.log(2 * nu) / nu)}, 1e-10, "numbers")


def _stirling_of_integers(_: bool) -> Facts:
    """n! and −n!, n = 2 … 120 (at n = 1 the upper bound is attained)."""
    n = np.arange(2, 121)
    exact = np.array([float(math.factorial(k)) for k in n])
    return Facts({**_NAMES, "n": n.astype(float)}, {"lower": exact, "upper": -exact}, 0.0, "integers")


stirling = near_equality(_stirling_of_integers, {"n": 1.01}, {"upper": -gamma(2.01)})


def ratio_of_factorials(_: bool) -> Facts:
    """(2n)!/n!, n = 1 … 80."""
    n = np.arange(1, 81)
    exact = [math.factorial(2 * k) // math.factorial(k) for k in n.tolist()]
    real = n.astype(float)
    parts = {"": _stirling(2 * real)[1] / _stirling(real)[0]}
    return Facts({**_NAMES, "n": real}, {"": np.array(exact, dtype=float)}, 0.0, "integers", parts=parts)


def largest_product(_: bool) -> Facts:
    """max ℓ^ℓ (r − ℓ)^{r−ℓ} over ℓ = 0 … r, r = 2, 4 … 10."""
    r = np.arange(2, 12, 2)
    exact = [max(l**l * (k - l) ** (k - l) for l in range(k + 1)) for k in r.tolist()]
    return Facts({**_NAMES, "r": r.astype(float)}, {"": np.array(exact, dtype=float)}, 0.0, "integers")


_Y = {"3": 0.3, "6": 0.6}  # 2Cϰ²


def sum_of_powers(_: bool) -> Facts:
    """Σ y^s s^m, m = 1 … 4, y = 0.3 and 0.6; derivatives by α from values on a circle around 0."""
    s, exact = np.arange(400), {}
    alpha = 0.25 * np.exp(2j * np.pi * np.arange(64) / 64)
    names: dict = {**_NAMES, "alpha": alpha}
    for m, (label, y) in itertools.product(range(1, 5), _Y.items()):
        exact[f"{m} {label}"] = np.sum(y**s * s.astype(float) ** m)
        names[f"kappa{label}"] = math.sqrt(y)
        names[f"derivative{m}"] = lambda x, m=m: (math.factorial(m) * np.mean(x / alpha**m)).real
    return Facts(names, exact, 1e-9, _SUMS)


def bound_of_derivative(_: bool) -> Facts:
    """Σ y^s s^m = ∂^m (1 − y e^α)^{−1}, m = 1, 2, 3, at y = 0.9."""
    s, y = np.arange(2000), 0.9
    exact = {str(m): np.sum(y**s * s.astype(float) ** m) for m in (1, 2, 3)}
    return Facts({**_NAMES, "kappa": math.sqrt(y), "y": y}, exact, 1e-7, _SUMS)
