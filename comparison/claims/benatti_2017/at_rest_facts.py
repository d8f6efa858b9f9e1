"""What decides the claims of Benatti et al. 2017 about N → ∞ in the thermal state: Weyl-like operators, mean-field
operators, and the rests of expansions.

Names in formulas: S, sigma: what eqs. 27 and 32 print; r, r1, r2: vectors; c: ⟨[X_{r₁}, X_{r₂}]⟩ of one site.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from scipy.linalg import expm
from scipy.special import factorial2, gammaln

from comparison.claims.benatti_2017.few_sites import ONE, correlations, few, printed
from comparison.claims.benatti_2017.site import CHAIN, LETTERS, Site, site, two_sites
from comparison.claims.benatti_2017.weyl import HOW, R1, R2, R, at_rest, limit, of_one_site, to_power
from comparison.claims.exact.full_space import commutator
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts
from finite_n.model.polynomial import Polynomial
from finite_n.systems.double_chain import FIRST, SECOND


def _span(r: np.ndarray) -> Polynomial:
    return sum((float(x) * p for x, p in zip(r, CHAIN.operators.values(), strict=True)), Polynomial({}))


def _power(s: Site, r: np.ndarray, k: int) -> sp.csr_array:
    """(r·X)^k in the larger space."""
    x = s.wide(_span(r))
    return functools.reduce(operator.matmul, [x] * k)


def average_with_locals(_: bool) -> Facts:
    """lim ⟨A X^(N) B⟩, X = x_1² and A, B = x_1, p_1 on the first site, from numbers of one site."""
    s = site()
    x, ab, own = (s.average(s.matrix(p)) for p in (FIRST.x**2, FIRST.x * FIRST.p, FIRST.x**3 * FIRST.p))
    value, error = limit(lambda N: (own + (N - 1) * x * ab) / N)
    return Facts({"X": x, "AB": ab}, {"": value}, error, HOW)


def average_is_a_number(_: bool) -> Facts:
    """lim ⟨X^(N)⟩ and lim ⟨(X^(N))²⟩, X = x_1²."""
    s = site()
    first, second = s.average(s.matrix(FIRST.x**2)).real, s.average(s.matrix(FIRST.x**4)).real
    square, error = limit(lambda N: (second + (N - 1) * first**2) / N)
    return Facts({"X": first}, {"first": first, "second": square}, {"first": 1e-13, "second": error}, HOW)


def characteristic(*vectors: np.ndarray) -> Callable[[bool], Facts]:
    """lim ⟨W^(N)(r)⟩ for several r; names rr: r·r."""

    def facts(_: bool) -> Facts:
        found = [at_rest(r) for r in vectors]
        names = printed(rr=np.array([r @ r for r in vectors]))
        return Facts(names, {"": np.array([f[0] for f in found])}, max(f[1] for f in found), HOW)

    return facts


def power_of_one_site(_: bool) -> Facts:
    """⟨W^(2)(r)⟩ of two sites as a matrix, and of N = 50 by the power; names: one site's number and its expansion."""
    s, x = few(), few().combined(R)
    whole = expm(1j * (two_sites(x, 0) + two_sites(x, 1)) / np.sqrt(2))
    two = np.trace(np.kron(s.rho, s.rho) @ whole)
    N = 50
    one = site()
    rest = rest_terms(one.combined(R), 3, 1 / np.sqrt(N), one.rho)
    names = {"i": 1j, "one": of_one_site(R, N=2, where=s), "N": float(N), "two": 2.0, "mean": 0.0, "rest": rest}
    names["variance"] = one.average(one.cut(_power(one, R, 2))).real
    return Facts(
        names, {"power": two, "expanded": to_power(of_one_site(R, N=N), N)}, 1e-12, "two sites; one of 120 levels"
    )


def rest_terms(x: np.ndarray, first: int, scale: float, state: np.ndarray) -> complex:
    """Σ_{k ≥ first} (i s)^k/k! Tr(x^k ρ), summed."""
    now, total = state, 0.0
    for k in range(1, 40):
        now = x @ now
        if k >= first:
            total = total + (1j * scale) ** k / math.factorial(k) * np.trace(now)
    return complex(total)


def exponent(value: Callable[[float], complex], N: float = 1e8) -> float:
    """−d ln|value|/d ln N at large N."""
    return float(np.log(abs(value(N) / value(2 * N))) / np.log(2))


def order_of_rest(_: bool) -> Facts:
    """The exponent of N with which |⟨R_r⟩| falls."""
    s = site()
    x = s.combined(R1)
    return Facts({}, {"": exponent(lambda N: rest_terms(x, 3, N**-0.5, s.rho), 1e4)}, 1e-2, ONE)


_CASES = ((3, 0.5), (2, 0.5), (3, 1.0), (4, 0.5))


def order_of_lemma_3(_: bool) -> Facts:
    """The exponents of |⟨A R_ℓ^δ B⟩|, A a Weyl operator of eq. 10, X = X_1, B = x_1²."""
    s = site()
    a = expm(1j * np.tensordot([0.3, -0.2, 0.25, 0.1], s.v, 1))
    b = s.matrix(FIRST.x**2)
    found = [exponent(lambda N, l=l, d=d: rest_terms(s.X[0], l, N**-d, b @ s.rho @ a)) for l, d in _CASES]
    names = {"l": np.array([c[0] for c in _CASES], float), "delta": np.array([c[1] for c in _CASES])}
    return Facts(names, {"": np.array(found)}, 1e-4, ONE)


def variance(_: bool) -> Facts:
    """⟨X_r²⟩ − ⟨X_r⟩² of one site."""
    s = site()
    first, second = (s.average(s.cut(_power(s, R1, k))).real for k in (1, 2))
    return Facts(printed(r=R1), {"": second - first**2}, 1e-12, ONE)


def defect_of_product(_: bool) -> Facts:
    """lim ⟨A W(r₁) W(r₂)⟩ with A = W(r), and lim ⟨Δ†Δ⟩ of the difference Δ to W(r₁ + r₂)e^{−c/2}."""
    (value, e1), (single, e2), (triple, e3) = at_rest(R, R1, R2), at_rest(R, R1 + R2), at_rest(-R2, -R1, R1 + R2)
    c = R1 @ (correlations() - correlations().T) @ R2
    norm = 2 - 2 * (np.exp(-c / 2) * triple).real
    names = {"c": c, "single": single, "zero": 0.0}
    return Facts(names, {"product": value, "norm": norm}, e1 + e2 + 2 * e3, HOW, scale=1.0)


def algebra(_: bool) -> Facts:
    """lim ⟨W(r₁)W(r₂)⟩/⟨W(r₁ + r₂)⟩, and lim ⟨W(r)W†(r₁)⟩ with the adjoint taken of the matrix."""
    (two, e1), (one, e2), (minus, e3) = at_rest(R1, R2), at_rest(R1 + R2), at_rest(R, -R1)
    s = site()

    def adjoint(N: int) -> complex:
        x = s.exponential(R, 1 / np.sqrt(N)) @ s.exponential(R1, 1 / np.sqrt(N)).conj().T
        return to_power(complex(s.average(x)), N)

    value, e4 = limit(adjoint)
    names = printed(r1=R1, r2=R2, minus=minus)
    return Facts(names, {"product": two / one, "adjoint": value}, e1 + e2 + e3 + e4, HOW)


def three_products(_: bool) -> Facts:
    """lim ⟨W(r₁)W(r)W(r₂)⟩."""
    value, error = at_rest(R1, R, R2)
    return Facts(printed(r1=R1, r=R, r2=R2), {"": value}, error, HOW)


def commutator_is_a_number(_: bool) -> Facts:
    """lim ⟨[F(X_{r₁}), F(X_{r₂})]⟩ and lim of its square, a mean of Z = [X_{r₁}, X_{r₂}] over sites."""
    s = site()
    z = commutator(s.wide(_span(R1)), s.wide(_span(R2)))
    first, second = s.average(s.cut(z)), s.average(s.cut(z @ z))
    square, error = limit(lambda N: (second + (N - 1) * first**2) / N)
    return Facts(printed(r1=R1, r2=R2), {"mean": first, "square": square}, error + 1e-11, HOW)


def moments(_: bool) -> Facts:
    """lim ⟨F^(N)(X_1)^m⟩, m = 2, 4, from the moments of one site."""
    s = site()
    two, four = (s.average(s.cut(_power(s, np.eye(6)[0], m))).real for m in (2, 4))
    value, error = limit(lambda N: (four + 3 * (N - 1) * two**2) / N)
    return Facts(printed(), {"2": two, "4": value}, error + 1e-9, HOW)


_PARTS = (FIRST.x**2, SECOND.p**2 + FIRST.x * SECOND.p, FIRST.x**2 * SECOND.x**2)


def exponentials_of_averages(_: bool) -> Facts:
    """lim ⟨Π e^{iX_j^(N)}⟩ and lim ⟨e^{iΣX_j^(N)}⟩ for three X_j, the second Hermitian by its adjoint."""
    s = site()
    parts = [s.matrix(p) for p in _PARTS]

    def value(N: int, together: bool) -> complex:
        if together:
            return to_power(complex(s.average(expm(1j * sum(parts) / N))), N)
        product = np.linalg.multi_dot([expm(1j * x / N) for x in parts])
        return to_power(complex(s.average(product)), N)

    (apart, e1), (whole, e2) = (limit(lambda N, k=k: value(N, k)) for k in (False, True))
    names = {"i": 1j} | {f"X{k + 1}": s.average(x).real for k, x in enumerate(parts)}
    return Facts(names, {"product": apart, "sum": whole}, e1 + e2, HOW)


def exponential_beside_bounded(_: bool) -> Facts:
    """lim ⟨A^(N) e^{iX^(N)}⟩, A = W^(N)(r₁), X = x_1²."""
    s = site()
    x = s.matrix(FIRST.x**2)

    def value(N: int) -> complex:
        return to_power(complex(s.average(s.exponential(R1, 1 / np.sqrt(N)) @ expm(1j * x / N))), N)

    exact, error = of_closed_form(value, 0.5, tuple(400 * 4**k for k in range(6)))
    single, e2 = at_rest(R1)
    return Facts({"i": 1j, "X": s.average(x).real, "A": single}, {"": exact}, error + e2, HOW)


def variance_of_average(_: bool) -> Facts:
    """⟨(X^(2) − ⟨X⟩)²⟩ of two sites as matrices; X = x_1²."""
    s = few()
    x = s.matrix(FIRST.x**2)
    first = s.average(x).real
    shifted = (two_sites(x, 0) + two_sites(x, 1)) / 2 - first * np.eye(s.size**2)
    exact = np.trace(np.kron(s.rho, s.rho) @ shifted @ shifted).real
    return Facts({"N": 2.0, "X": first, "XX": s.average(x @ x).real}, {"": exact}, 1e-12, "two sites of few levels")


def difference_by_integral(_: bool) -> Facts:
    """e^{iX^(2)} − e^{i⟨X⟩} of two sites as a matrix, X = x_1²; names integral: by Gauss and Legendre."""
    s = few()
    x = s.matrix(FIRST.x**2)
    whole, mean = (two_sites(x, 0) + two_sites(x, 1)) / 2, s.average(x).real
    values, vectors = np.linalg.eigh(whole)
    nodes, weights = np.polynomial.legendre.leggauss(30)
    at = sum(
        w / 2 * np.exp(1j * (1 + u) / 2 * values + 1j * (1 - u) / 2 * mean) for u, w in zip(nodes, weights, strict=True)
    )
    integral = (vectors * at * (values - mean)) @ vectors.conj().T
    exact = expm(1j * whole) - np.exp(1j * mean) * np.eye(len(whole))
    return Facts({"i": 1j, "integral": integral}, {"": exact}, 1e-11, "two sites of few levels")


def _bound_of_difference(_: bool) -> Facts:
    """|⟨A^(N) I^(N)⟩| with A = W^(N)(r₁), of norm one, X = x_1², N = 1, 10, 100 and 1000."""
    s, sizes = site(), np.array([1, 10, 100, 1000])
    x = s.matrix(FIRST.x**2)
    mean, square = s.average(x).real, s.average(s.matrix(FIRST.x**4)).real
    found = []
    for N in sizes.tolist():
        w = s.exponential(R1, 1 / np.sqrt(N))
        both = to_power(complex(s.average(w @ expm(1j * x / N))), N)
        found.append(abs(both - np.exp(1j * mean) * to_power(complex(s.average(w)), N)))
    names = {"N": sizes.astype(float), "X": mean, "XX": square}
    return Facts(names, {"": np.array(found)}, 1e-9, "one site in Fock space to the power N")


# one site with X = 1 ± 0.15, as likely, and A the sign of X − 1
bound_of_difference = near_equality(_bound_of_difference, {"N": 1.0, "X": 1.0, "XX": 1.0 + 0.15**2}, {"": np.sin(0.15)})


def ratio_of_terms(_: bool) -> Facts:
    """The ratio of the terms k + 1 and k of the series of eq. 81, for k → ∞; n = 2."""
    C, N, delta, n = 0.7, 50.0, 0.5, 2

    def log_term(k: float) -> float:
        # (2m − 1)!! = 2^m Γ(m + ½)/√π with m = 2(2k + n)/2
        m = 2 * k + n
        half = (m * np.log(2) + gammaln(m + 0.5)) / 2
        return k * np.log(C / N**delta) - gammaln(k + 1) + half

    value, error = limit(lambda k: np.exp(log_term(k + 1) - log_term(k)))
    return Facts({"C": C, "N": N, "delta": delta}, {"": value}, error + 1e-8, "terms k = 100 … 3200, extrapolated")


def _wick_bound(_: bool) -> Facts:
    """⟨P†P⟩ of products of two, three and four x and p; names d: how many, terms: (2d − 1)!!, M: the largest two-point
    function."""
    s, (x1, p1, x2, p2) = site(), LETTERS
    products = (x1 * p2, p1 * x1, x1 * x2 * p1, p2 * p1 * p2, x1 * p1 * x2 * p2, x1 * x2 * x1 * p1)
    # P†P of degree up to 8 needs more levels than a site keeps exact; P acts on the few that are filled
    exact = [np.linalg.norm(s.wide(p)[:, : s.size] @ np.sqrt(s.rho)) ** 2 for p in products]
    d = np.array([p.degree for p in products])
    largest = max(abs(s.average(s.matrix(a * b))) for a in LETTERS for b in LETTERS)
    return Facts({"d": d, "terms": factorial2(2 * d - 1, exact=True), "M": largest}, {"": np.array(exact)}, 1e-9, ONE)


def wick_bound(quick: bool) -> Facts:
    """Besides, ⟨x⁴⟩ of x_1, with M but a little above ⟨x²⟩."""
    s, x = site(), LETTERS[0]
    fourth = np.linalg.norm(s.wide(x * x)[:, : s.size] @ np.sqrt(s.rho)) ** 2
    near = {"d": 2, "terms": 3, "M": (1 + TILT) * s.average(s.matrix(x * x)).real}
    return near_equality(_wick_bound, near, {"": fourth})(quick)


def constant_of_series(_: bool) -> Facts:
    """C^k Σ_m binom(k, m) |⟨X⟩|^{k−m} for k = 1 … 4, which eq. 81 bounds by (C′)^k; ⟨X⟩ of X = −x_1² is negative."""
    s = site()
    average = -s.average(s.matrix(FIRST.x**2)).real
    C = max(abs(s.average(s.matrix(a * b))) for a in LETTERS for b in LETTERS)
    k = np.arange(1, 5)
    exact = [C**n * sum(math.comb(n, m) * abs(average) ** (n - m) for m in range(n + 1)) for n in k]
    names = {"C": C, "X": average, "absX": abs(average), "k": k.astype(float)}
    return Facts(names, {"": np.array(exact)}, 1e-13, "sums of numbers")


def norm_of_defect(_: bool) -> Facts:
    """⟨Δ†Δ⟩ of one site, N = 1, as matrices."""
    s = site()
    c = R1 @ (correlations() - correlations().T) @ R2
    delta = s.exponential(R1) @ s.exponential(R2) - np.exp(-c / 2) * s.exponential(R1 + R2)
    names = {"c": c, "triple": of_one_site(-R2, -R1, R1 + R2, N=1), "re": np.real}
    return Facts(names, {"": s.average(delta.conj().T @ delta).real}, 1e-12, ONE)


def triple_of_two_sites(_: bool) -> Facts:
    """⟨W^(2)(−r₂)W^(2)(−r₁)W^(2)(r₁ + r₂)⟩ of two sites as matrices."""
    s = few()

    def weyl(r: np.ndarray) -> np.ndarray:
        return expm(1j * (two_sites(s.combined(r), 0) + two_sites(s.combined(r), 1)) / np.sqrt(2))

    exact = np.trace(np.kron(s.rho, s.rho) @ weyl(-R2) @ weyl(-R1) @ weyl(R1 + R2))
    return Facts({"one": of_one_site(-R2, -R1, R1 + R2, N=2, where=s), "N": 2.0}, {"": exact}, 1e-12, "two sites")


def triple(_: bool) -> Facts:
    """lim ⟨W^(N)(−r₂)W^(N)(−r₁)W^(N)(r₁ + r₂)⟩."""
    value, error = at_rest(-R2, -R1, R1 + R2)
    c = R1 @ (correlations() - correlations().T) @ R2
    return Facts({"c": c}, {"": value}, error, HOW)
