"""What decides the claims of Merkli and Rafiyi 2018 about the expansion itself: Theorems 1.1 to 1.3, Lemma 1.6 and the
steps of their proofs. Exact numbers are averages of a few particles in their full space, and their Taylor coefficients
in λ, which are polynomials in 1/N.

Names in formulas: fact(x) = x!; X0_2, Y0_1 …: the sums over multi-commutators of the coefficient X_0 in order r = 2 ….
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.special import gamma

from comparison.claims.exact.full_space import in_limit
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.merkli_2018 import points
from comparison.claims.merkli_2018.points import ONE, SX, SY, SZ
from comparison.claims.merkli_2018.setting import Setting, nested, ordered, turned
from comparison.claims.paper_claim import Facts
from comparison.referee.extrapolation import weights

NAMES = {"i": 1j, "fact": lambda x: gamma(x + 1), "zero": 0.0}
_FULL = "full space of {} spins and their reservoir"
_SERIES = "Taylor coefficients in λ of exact averages of 2 to 4 spins, polynomials in 1/N"
_A, _AR = 0.7 * SX + 0.4 * SZ + 0.3 * SY, 0.6 * SX - 0.5 * SZ + 0.2 * SY  # some observables


def coefficients(setting: Setting, A: csr_array, n: int, N: int, t: float, lam: float, most: int) -> np.ndarray:
    """X_0, Y_0, X_1, Y_1, … at N: N^{k/2} times what ⟨A⟩ has of order k in the couplings of the first n particles, all
    orders in those of the others, of which only even ones are kept, (most + 1,); X_0 without the free average."""
    signs = list(itertools.product((1, -1), repeat=N - n))
    out = np.zeros(most + 1, complex)
    for sign in signs:
        others = lam / np.sqrt(N) * np.array(sign, dtype=float)
        found = setting.coefficients(
            A, t, N, range(most + 1), lambda z, o=others: np.concatenate([np.full(n, z * lam / np.sqrt(N)), o]), 1.0
        )
        out += np.array([found[k] for k in range(most + 1)]) / len(signs)
    out[0] -= setting.free(A, t, N)
    return out * np.sqrt(N) ** np.arange(most + 1)


def first_orders(_: bool) -> Facts:
    """d ln|X|/d ln λ as λ → 0 at N = 3, from λ = 0.02 and 0.04, where corrections are of relative order λ²."""
    setting, N, t = points.bounded(), 3, 1.0
    X = setting.observable(N, [_A], _AR)
    sizes = np.abs([coefficients(setting, X, 1, N, t, lam, 3) for lam in (0.01, 0.02, 0.04)])
    slopes = np.diff(np.log(sizes), axis=0) / np.log(2)
    found = slopes[0] + (slopes[0] - slopes[1]) / 3
    exact = dict(zip(("X0", "Y0", "X1", "Y1"), found, strict=True))
    return Facts({"nu": 1.0}, exact, float(np.abs(found - slopes[0]).max()), _FULL.format(N))


def bounds(half: int):
    """|X_ν| or, with half = 1, |Y_ν| at N = 2, 3 and three times, ν = 0, 1, 2, and S_ν with moments β_r = 1."""

    def facts(_: bool) -> Facts:
        # from ↑ the averages of σz with an even number of σx, and of σx with an odd number, reach 1
        setting, own, lam = points.bounded(reservoir=(0, 0, 1)), (SZ, SX)[half], 0.6
        times, nu, s = np.array([0.4, 1.0, 2.0]), np.arange(3), np.arange(60)
        found = [
            [coefficients(setting, setting.observable(N, [own], own), 1, N, t, lam, 5)[half::2] for t in times]
            for N in (2, 3)
        ]
        terms = (2 * lam * times[:, None]) ** (2 * s) / gamma(s + 1)
        S = np.array([terms[:, int(half == 0 and n == 0) :].sum(axis=1) for n in nu]).T
        names = {**NAMES, "A": 1.0, "n": 1, "lam": lam, "g": 1.0, "t": times[:, None], "nu": nu, "S": S}
        # times in order t_1 > t_2 > …, each with a commutator of n G
        volume = np.array([[ordered(lambda *_: 1.0, t, 2 * k + half, 3) for k in nu.tolist()] for t in times])
        parts = names["A"] * (2 * names["n"] * lam * names["g"]) ** (2 * nu + half) * volume * S
        return Facts(names, {"": np.abs(found)}, 1e-12, _FULL.format("2 and 3"), parts={"": parts})

    return facts


def theorem_1_2(_: bool) -> Facts:
    """⟨A⟩ at N = 3 and λ = 0.7, and the coefficients X_ν, Y_ν at N, those from X_2 on in one number."""
    setting, N, t, lam = points.bounded(), 3, 1.5, 0.7
    A = setting.observable(N, [_A], _AR)
    found = coefficients(setting, A, 1, N, t, lam, 11).real
    names = dict(zip(("X0", "Y0", "X1", "Y1"), found, strict=False))
    rest = found[4:] @ np.sqrt(N) ** -np.arange(4.0, 12.0)
    names |= {**NAMES, "N": N, "free": setting.free(A, t, N).real, "rest": rest}
    exact = setting.averages(A, np.full((1, N), lam / np.sqrt(N)), t)[0].real
    return Facts(names, {"": exact}, 1e-10, _FULL.format(N))


def theorem_1_3(_: bool) -> Facts:
    """Coefficients of λ^r N^{−k/2} in averages of the reservoir (X_0) and of one particle (X_1, Y_0) as N → ∞, and the
    sums D_r and E_r."""
    setting, t = points.bounded(), 1.2
    wanted = {"X0": ((), _AR, 0, (2, 4)), "X1": ((SZ,), None, 2, (2, 4)), "Y0": ((SX,), None, 1, (1, 3))}
    exact, error, names = {}, {}, dict(NAMES)
    for name, (own, other, k, orders) in wanted.items():

        def value(N: int, own=own, other=other, k=k, orders=orders) -> np.ndarray:
            A = setting.observable(N, own, other)
            found = setting.coefficients(A, t, N, orders)
            return np.sqrt(N) ** k * np.array([found[r].real for r in orders])

        limit, off = in_limit(value, 1)
        for r, x, e in zip(orders, limit, off, strict=True):
            exact[f"{name}_{r}"], error[f"{name}_{r}"] = x, e + 1e-10
            counts = [k] * bool(own) + [2] * ((r - k) // 2)
            names[f"{name}_{r}"] = setting.arrangements(setting.observable(len(counts), own, other), t, counts)
    return Facts({**names, "lam": 1.0}, exact, error, _SERIES)


@functools.cache
def reservoir_series(_: bool) -> Facts:
    """Coefficients of λ², λ⁴ and λ⁶ in the number of quanta as N → ∞, and of λ² in N(⟨σz⟩ − free)."""
    exact, error, names = {}, {}, {**NAMES, "lam": 1.0}
    setting, t = points.dicke(7), 1.7
    quanta = points.number(7)

    def value(N: int) -> np.ndarray:
        found = setting.coefficients(setting.observable(N, (), quanta), t, N, (2, 4, 6))
        own = setting.coefficients(setting.observable(N, [SZ]), t, N, (2,))
        return np.array([*(found[r].real for r in (2, 4, 6)), N * own[2].real])

    limit, off = in_limit(value, 2)
    for name, x, e in zip(("X0_2", "X0_4", "X0_6", "X1_2"), limit, off, strict=True):
        exact[name], error[name] = x, e + 1e-9
    for q in (1, 2, 3):
        names[f"X0_{2 * q}"] = setting.arrangements(setting.observable(q, (), quanta), t, [2] * q)
    names["X1_2"] = setting.arrangements(setting.observable(1, [SZ]), t, [2])
    return Facts(names, exact, error, "Taylor coefficients in λ of exact averages of 2 to 5 spins, polynomials in 1/N")


def quanta_series(_: bool) -> Facts:
    """Those of the number of quanta alone."""
    found = reservoir_series(_)
    exact = {k: x for k, x in found.exact.items() if k.startswith("X0")}
    return dataclasses.replace(found, exact=exact)


def particle_series(_: bool) -> Facts:
    """Coefficients of λ and λ³ in √N(⟨A⟩ − free) as N → ∞ from a coherent state, for A = σx of one spin and σx ⊗ σy of
    two, and the sums E_r over all p_1 + … + p_n = 1."""
    levels, t = 14, 1.2
    setting = points.dicke(levels, points.coherent(0.3 + 0.4j, levels), points.thermal())
    exact, error, names = {}, {}, {**NAMES, "lam": 1.0}
    for n, own in ((1, [SX]), (2, [SX, 0.6 * SY + 0.8 * SZ])):

        def value(N: int, own=own) -> np.ndarray:
            found = setting.coefficients(setting.observable(N, own), t, N, (1, 3))
            return np.sqrt(N) * np.array([found[1].real, found[3].real])

        limit, off = in_limit(value, 1)
        for r, x, e in zip((1, 3), limit, off, strict=True):
            exact[f"Y{n}_{r}"], error[f"Y{n}_{r}"] = x, e + 1e-9
            counts = [[int(k == j) for k in range(n)] + [2] * (r // 2) for j in range(n)]
            names[f"Y{n}_{r}"] = sum(setting.arrangements(setting.observable(len(c), own), t, c) for c in counts)
    return Facts(names, exact, error, _SERIES)


def leading_orders(_: bool) -> Facts:
    """Orders 1, λ/√N and λ² of ⟨A_S ⊗ A_R⟩, the last one as N → ∞, and the integrals of Lemma 1.6 by quadrature."""
    levels, t = 12, 1.1
    setting = points.dicke(levels, points.coherent(0.3 + 0.4j, levels))
    field = points.phi(levels) + 0.5 * points.number(levels)
    # the spins' average of A_S must not vanish, nor that of G(s) A_S(t)
    own, other = _A, field

    def value(N: int) -> np.ndarray:
        found = setting.coefficients(setting.observable(N, [own], other), t, N, (0, 1, 2))
        return np.array([found[0].real, np.sqrt(N) * found[1].real, found[2].real])

    limit, off = in_limit(value, 1)
    G = functools.partial(turned, setting.G, setting.h)
    B = functools.partial(turned, setting.B, setting.HR)
    AS, AR = turned(own, setting.h, t), turned(other, setting.HR, t)
    mu, muR = (lambda x, rho=rho: np.trace(rho @ x) for rho in (setting.rho, setting.rhoR))
    J1 = ordered(lambda s: (mu(G(s) @ AS) * muR(B(s) @ AR)).imag, t, 1, 16)
    J2 = ordered(lambda s, u: (mu(G(u) @ G(s)) * muR(B(u) @ nested(AR, B(s)))).real, t, 2, 10)
    names = {**NAMES, "lam": 1.0, "muA": mu(AS).real, "muR": muR(AR).real, "J1": J1, "J2": J2}
    exact = dict(zip(("free", "first", "second"), limit, strict=True))
    return Facts(names, exact, float(off.max()) + 1e-9, _SERIES)


def equal_particles(_: bool) -> Facts:
    """−2(λ²/N) Σ_j of Lemma 1.6 for G_j = (1 + 1/j²) σx, j = 2 … N, at N = 10³ … 10⁷, extrapolated: every particle
    gives (1 + 1/j²)² times the λ² coefficient of one."""
    levels, t = 6, 1.1
    setting = points.dicke(levels)
    A = points.number(levels) + 0.5 * points.phi(levels) @ points.phi(levels)
    one = setting.coefficients(setting.observable(1, (), A), t, 1, (2,))[2].real
    factors = np.cumsum((1 + 1 / np.arange(1, 10**5 + 1.0) ** 2) ** 2) - 4
    value, error = of_closed_form(
        lambda N: np.array(one * factors[N - 1] / N), 1.0, (100, 300, 1000, 3000, 10**4, 10**5)
    )
    G = functools.partial(turned, setting.G, setting.h)
    B = functools.partial(turned, setting.B, setting.HR)
    AR = turned(A, setting.HR, t)
    J2 = ordered(
        lambda s, u: (np.trace(setting.rho @ G(u) @ G(s)) * np.trace(setting.rhoR @ B(u) @ nested(AR, B(s)))).real,
        t,
        2,
        10,
    )
    return Facts({**NAMES, "lam": 1.0, "J2": J2}, {"": value.real}, error, "closed form at N = 10² … 10⁵, extrapolated")


def _heisenberg(setting: Setting, N: int):
    """H_R + Σ h, the operators G_j ⊗ B and the state of a few particles, as matrices."""
    free, coupled, start = setting.parts(N)
    H = free.toarray()
    e, u = np.linalg.eigh(H)

    def at(x: np.ndarray, t: float) -> np.ndarray:
        phase = np.exp(1j * t * e)
        return (u * phase) @ (u.conj().T @ x @ u) @ (u * phase).conj().T

    return at, [v.toarray() for v in coupled], start @ start.conj().T


def dyson(_: bool) -> Facts:
    """Taylor coefficients in λ of ⟨A⟩ for two spins, and the integrals of ω(P_r) by quadrature, r = 1, 2, 3."""
    setting, N, t = points.bounded(), 2, 1.0
    A = setting.observable(N, [_A], _AR)
    at, coupled, rho = _heisenberg(setting, N)
    V, now = sum(coupled) / np.sqrt(N), at(A.toarray(), t)

    def P(*times: float) -> complex:
        return np.trace(rho @ nested(now, *(at(V, s) for s in times)))

    names = {f"P{r}": ordered(P, t, r, points_) for r, points_ in ((1, 12), (2, 9), (3, 7))}
    exact = {str(r): x.real for r, x in setting.coefficients(A, t, N, (1, 2, 3)).items()}
    return Facts({**NAMES, "lam": 1.0, **names}, exact, 1e-9, _FULL.format(N))


def integral_bound(_: bool) -> Facts:
    """The integrals of sums over C_r(p_1, p_2, p_3) for several (p_1, p_2, p_3), and what bounds them, with β_r = 1."""
    setting, N, t = points.bounded(reservoir=(0, 0, 1)), 3, 0.9
    counts = [(2, 0, 0), (0, 2, 0), (1, 2, 0), (3, 0, 0), (2, 2, 0), (0, 2, 2)]
    r = np.array([sum(p) for p in counts])
    A = [setting.observable(N, [x], x) for x in (SZ, SX)]
    found = np.array([abs(setting.arrangements(A[sum(p) % 2], t, p)) for p in counts])
    arrangements = gamma(r + 1) / np.array([np.prod(gamma(np.array(p) + 1.0)) for p in counts])
    names = {**NAMES, "A": 1.0, "g": 1.0, "t": t, "r": r, "beta": 1.0, "binom": arrangements}
    volume = np.array([ordered(lambda *_: 1.0, t, sum(p), 3) for p in counts])
    parts = names["A"] * (2 * names["g"]) ** r * volume * names["beta"] * arrangements
    return Facts(names, {"": found}, 1e-12, _FULL.format(N), parts={"": parts})


def equal_terms(_: bool) -> Facts:
    """Σ over p_2, p_3, p_4 ∈ {0, 2} with sum 2 and over C_4(2, p_2, p_3, p_4) of ω(T) at some times, for four spins,
    and Σ over D_4(2) for two."""
    setting, times, t = points.bounded(), (0.2, 0.9, 0.4, 0.7), 1.3

    def total(N: int, counts: Sequence[int]) -> complex:
        at, coupled, rho = _heisenberg(setting, N)
        A = at(setting.observable(N, [_A], _AR).toarray(), t)
        word = [j for j, p in enumerate(counts) for _ in range(p)]
        moved = [[at(v, s) for s in times] for v in coupled]
        terms = (
            nested(A, *(moved[j][k] for k, j in enumerate(js))) for js in sorted(set(itertools.permutations(word)))
        )
        return sum(np.trace(rho @ x) for x in terms)

    exact = sum(total(4, (2, *(2 * (k == j) for k in range(3)))) for j in range(3))
    names = {**NAMES, "N": 4, "n": 1, "r": 4, "nu": 1, "D": total(2, (2, 2))}
    return Facts(names, {"": exact}, 1e-11, _FULL.format(4))


def lowest_of_the_reservoir(_: bool) -> Facts:
    """The coefficient of λ² in the number of quanta at N = 3, and double commutators of every spin by quadrature."""
    levels, N, t = 4, 3, 1.0
    setting = points.dicke(levels)
    exact = setting.coefficients(setting.observable(N, (), points.number(levels)), t, N, (2,))[2].real
    at, coupled, rho = _heisenberg(setting, 1)
    now = at(setting.observable(1, (), points.number(levels)).toarray(), t)
    one = ordered(lambda s, u: np.trace(rho @ nested(now, at(coupled[0], s), at(coupled[0], u))).real, t, 2, 10)
    names = {**NAMES, "lam": 1.0, "N": N, "sum": np.sum, "J": np.full(N, one)}
    return Facts(names, {"": exact}, 1e-10, _FULL.format(N))


def lowest_of_particles(_: bool) -> Facts:
    """√N times the coefficient of λ in ⟨A⟩ at N = 3, A of two spins and the reservoir, and the integrals of commutators
    by quadrature."""
    setting, N, t = points.bounded(), 3, 1.1
    A = setting.observable(N, [_A, 0.5 * SZ + ONE + 0.2 * SX], _AR)
    exact = np.sqrt(N) * setting.coefficients(A, t, N, (1,))[1].real
    at, coupled, rho = _heisenberg(setting, N)
    now = at(A.toarray(), t)
    J = [ordered(lambda s, v=v: np.trace(rho @ nested(now, at(v, s))), t, 1, 14) for v in coupled[:2]]
    return Facts({**NAMES, "lam": 1.0, "sum": np.sum, "J": np.array(J)}, {"": exact}, 1e-10, _FULL.format(N))


def double_commutator(_: bool) -> Facts:
    """ω([G_2 ⊗ B_2, [G_1 ⊗ B_1, A_S ⊗ A_R]]) for Hermitian matrices without any symmetry, A_S of one particle, G of
    another one."""
    rng = np.random.default_rng(4)

    def hermitian(d: int) -> np.ndarray:
        x = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
        return x + x.conj().T

    def state(d: int) -> np.ndarray:
        x = hermitian(d) @ hermitian(d)
        x = x @ x.conj().T
        return x / np.trace(x)

    AS, AR, G1, G2, B1, B2 = hermitian(2), hermitian(3), hermitian(2), hermitian(2), hermitian(3), hermitian(3)
    own, other, reservoir = state(2), state(2), state(3)

    def of(*factors: np.ndarray) -> np.ndarray:
        return functools.reduce(np.kron, factors)

    one = np.eye(2)
    exact = np.trace(of(own, other, reservoir) @ nested(of(AS, one, AR), of(one, G1, B1), of(one, G2, B2)))
    names = {**NAMES, "muA": np.trace(own @ AS).real, "muG": np.trace(other @ G2 @ G1), "Re": np.real}
    names["muB"] = np.trace(reservoir @ B2 @ nested(AR, B1))
    return Facts(names, {"": exact}, 1e-11 * abs(exact), "matrices")


def remainder_at_all_times(_: bool) -> Facts:
    """log₂ of the coefficient of λ⁴ at t = 2 over that at t = 1, as N → ∞, for a bounded reservoir with H_R = 0."""
    setting = Setting(0.4 * SZ, SZ, ONE / 2, 0 * SZ, SX, points.diagonal(1.0))

    def value(N: int) -> np.ndarray:
        A = setting.observable(N, (), SZ)
        return np.array([setting.coefficients(A, t, N, (4,))[4].real for t in (1.0, 2.0)])

    (first, second), off = in_limit(value, 1)
    error = float(off.max()) / abs(first) + 1e-9
    return Facts(NAMES, {"": np.log2(second / first)}, 2 * error, _SERIES)


def powers_of_the_orders(_: bool) -> Facts:
    """Coefficients of λ², λ³ and λ⁴ at N = 5, and at N = 2, 3, 4."""
    setting, t = points.bounded(), 1.2

    def at(N: int) -> dict[int, float]:
        found = setting.coefficients(setting.observable(N, [_A], _AR), t, N, (2, 3, 4))
        return {r: np.sqrt(N) ** (r % 2) * x.real for r, x in found.items()}

    known, names = {N: at(N) for N in (2, 3, 4, 5)}, dict(NAMES)
    for r, degree in ((2, 1), (3, 1), (4, 2)):
        sizes = np.arange(4 - degree, 5)
        names[f"at5_{r}"] = weights(sizes, at=5.0) @ np.array([known[N][r] for N in sizes])
    return Facts(names, {str(r): known[5][r] for r in (2, 3, 4)}, 1e-9, _FULL.format("2 to 5"))
