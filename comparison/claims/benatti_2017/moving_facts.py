"""What decides the claims of Benatti et al. 2017 about the limit of the open dynamics: one site's numbers, evolved by
its master equation, to the power N.

Names in formulas: r, r1, r2: vectors; L: the generator on the six operators, M = e^{tL}; rt = Mᵀ r; S, sigma: what eqs.
27 and 32 print; gamma, eta, omega, lam: γ, η, ω, λ.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from comparison.claims.benatti_2017 import weyl
from comparison.claims.benatti_2017.at_rest_facts import exponent, rest_terms
from comparison.claims.benatti_2017.few_sites import ONE, SIGMA, correlations, printed
from comparison.claims.benatti_2017.microscopic_facts import TIME
from comparison.claims.benatti_2017.site import CHAIN, site
from comparison.claims.benatti_2017.site import generator as everything
from comparison.claims.benatti_2017.weyl import (
    HOW,
    INTEGRATED,
    R1,
    R2,
    SIZES,
    ZERO,
    R,
    at_rest,
    evolved,
    evolved_ones,
    limit,
)
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.paper_claim import Facts
from finite_n.model.polynomial import Polynomial
from finite_n.systems.double_chain import FIRST


def six(coupling: float = CHAIN.coupling) -> np.ndarray:
    """L on the six operators, (6, 6)."""
    return everything(coupling=coupling)[5:11, 5:11]


def moved(t: float, coupling: float = CHAIN.coupling, **more) -> dict:
    """Names of eqs. 50 to 54 at time t."""
    L = six(coupling)
    M = expm(t * L)
    return printed(L=L, M=M, t=t, rt=M.T @ R, r=R, E=expm, **more)


def quasi_free(_: bool) -> Facts:
    """lim ⟨W(r₁)Φ_t[W(r)]W(r₂)⟩; names: the factor e^{f_t}, as r₁ = r₂ = 0 give it."""
    (value, e1), (plain, e2), (turned, e3) = (
        evolved(R1, R, R2, TIME),
        evolved(ZERO, R, ZERO, TIME),
        at_rest(moved(TIME)["rt"]),
    )
    names = moved(TIME, r1=R1, r2=R2, factor=plain / turned)
    return Facts(names, {"": value}, e1 + 2 * e2 + 2 * e3, HOW)


def theorem_2(t: float, coupling: float, vectors=(R1, R, R2)) -> Callable[[bool], Facts]:
    """lim ⟨W(r₁)Φ_t[W(r)]W(r₂)⟩ alone."""

    def facts(_: bool) -> Facts:
        value, error = evolved(vectors[0], vectors[1], vectors[2], t, coupling)
        return Facts(moved(t, coupling, r1=vectors[0], r2=vectors[2]), {"": value}, error, HOW)

    return facts


@functools.cache
def _two_times(t: float) -> np.ndarray:
    """⟨e^{tL}[X_μ] X_ν⟩ of one site, (6, 6)."""
    s = site()
    later = s.evolved(np.array([x @ s.rho for x in s.X]), t)
    return np.array([[np.trace(y @ x) for y in later] for x in s.X])


def moved_operators(_: bool) -> Facts:
    """M_t of e^{tL}[X_μ] = Σ_ν M_μν X_ν, from averages with X_κ at time 0."""
    exact = np.linalg.solve(correlations().T, _two_times(TIME).T).T
    return Facts(moved(TIME), {"": exact.T @ R}, 1e-10, ONE)


def generated_fluctuations(_: bool) -> Facts:
    """L[r·X] of one site as a matrix; sites add up."""
    s = site(quanta=6)
    whole = sum((float(x) * p for x, p in zip(R, s.chain.operators.values(), strict=True)), Polynomial({}))
    names = {"r": R, "L": six(), "combined": s.combined}
    return Facts(names, {"": s.generated(whole)}, 1e-11, ONE)


def generator(_: bool) -> Facts:
    """L on the six operators."""
    mixing = np.kron([[0, 0, 1], [0, 0, 1], [1, 1, 0]], np.eye(2))
    names = {"gamma": CHAIN.gamma, "omega": CHAIN.omega, "lam": CHAIN.coupling}
    return Facts(names | {"one": np.eye(6), "sigma": SIGMA, "mixing": mixing}, {"": six()}, 1e-11, ONE)


def _factor(t: float) -> tuple[complex, float]:
    """lim ⟨Φ_t[W(r)]⟩/⟨W(r_t)⟩."""
    (value, e1), (turned, e2) = evolved(ZERO, R, ZERO, t), at_rest(moved(t)["rt"])
    return value / turned, 2 * (e1 + e2)


def exponent_of_map(_: bool) -> Facts:
    """f_t(r), from the factor of the Weyl operator."""
    value, error = _factor(TIME)
    return Facts(moved(TIME), {"": np.log(value).real}, error, HOW)


def composition(_: bool) -> Facts:
    """The factor of Φ_s Φ_t[W(r)] = Φ_{t+s}[W(r)]; names: Kt, Ks, Kts of eq. 54."""
    t, s = TIME, 0.4
    value, error = _factor(t + s)

    def noise(t: float) -> np.ndarray:
        M, S = moved(t)["M"], printed()["S"]
        return S - M @ S @ M.T

    names = moved(t, Kt=noise(t), Ks=noise(s), Kts=noise(t + s))
    return Facts(names, {"first": value, "last": value}, error, HOW)


def completely_positive(_: bool) -> Facts:
    """The smallest eigenvalue of G − M_t G M_tᵀ, G = ⟨X_μ X_ν⟩, at two couplings and four times."""
    G, found = correlations(), []
    for coupling in (0.5, 0.9):
        for t in (0.01, 0.3, 1.0, 10.0):
            M = expm(t * six(coupling))
            found.append(np.linalg.eigvalsh(G - M @ G @ M.T)[0])
    return Facts({"zero": 0.0}, {"": np.array(found)}, 1e-12, ONE)


def contraction(_: bool) -> Facts:
    """|e^{f_t(r)}| at two times."""
    found = [_factor(t) for t in (TIME, TIME + 0.4)]
    return Facts({}, {"": np.array([abs(f[0]) for f in found])}, max(f[1] for f in found), HOW)


def damped_directions(_: bool) -> Facts:
    """How many eigenvalues of K_t are positive, λ = 0.5, 0.9 and 1; names limit: whether λ is 1."""
    found = []
    for coupling in (0.5, 0.9, 1.0):
        M, S = expm(TIME * six(coupling)), correlations().real
        found.append(float(np.count_nonzero(np.linalg.eigvalsh(S - M @ S @ M.T) > 1e-6)))
    return Facts({"limit": np.array([0.0, 0.0, 1.0])}, {"": np.array(found)}, 0.0, ONE)


# Section 6.4


def order_of_lemma_4(_: bool) -> Facts:
    """The exponent of |⟨e^{iY/√N} e^{tL}[R_ℓ^δ] B⟩|, X = X_1, Y = X_2, B = X_1 + x_1², ℓ = 3, δ = ½."""
    s = site()
    b, sizes = s.X[0] + s.matrix(FIRST.x**2), (1e8, 2e8)
    starts = np.array([b @ s.rho @ s.exponential(np.eye(6)[1], N**-0.5) for N in sizes])
    later = dict(zip(sizes, s.evolved(starts, 1.0), strict=True))
    found = exponent(lambda N: rest_terms(s.X[0], 3, N**-0.5, later[N]))
    return Facts({"l": 3.0, "delta": 0.5}, {"": found}, 1e-4, ONE)


def cauchy_schwarz(_: bool) -> Facts:
    """|⟨U X B⟩| at t = 0 with B = X U†/10, where Cauchy's and Schwarz's inequality is an equality; U = e^{iX_2/√50}."""
    s = site()
    u, x = s.exponential(np.eye(6)[1], 50**-0.5), s.X[0]
    b = x @ u.conj().T / 10
    names = {"BB": s.average(b.conj().T @ b).real, "XX": s.average(u @ x @ x @ u.conj().T).real}
    return Facts(names, {"": abs(s.average(u @ x @ b))}, 1e-11, ONE)


# Section 6.5


def _exponents(t: float) -> dict:
    """Z and Y of eq. 88 as our derivation has them, with averages of one site."""
    G, M = correlations(), moved(t)["M"]
    S, sigma = G.real, 2 * G.imag
    rt = M.T @ R
    noise = S - M @ S @ M.T
    total = rt + R1 + R2
    Y = R1 @ sigma @ rt + rt @ sigma @ R2 + R1 @ sigma @ R2
    return {"Z": total @ S @ total + R @ noise @ R, "Y": Y}


def gaussian_value(_: bool) -> Facts:
    """lim ⟨W(r₁)Φ_t[W(r)]W(r₂)⟩; names: Z and Y as our derivation has them."""
    value, error = evolved(R1, R, R2, TIME)
    return Facts(moved(TIME, **_exponents(TIME)), {"": value}, error, HOW)


def exponents(_: bool) -> Facts:
    """−2 ln of the modulus of that limit, and −2 times its phase."""
    value, error = evolved(R1, R, R2, TIME)
    exact = {"Z": -2 * np.log(abs(value)), "Y": -2 * np.angle(value)}
    return Facts(moved(TIME, r1=R1, r2=R2), exact, 4 * error, HOW)


@functools.cache
def _orders() -> dict[str, tuple[complex, float]]:
    """Coefficients of one site's number: lim of it, of √N times its distance from 1, and of N times that, with all
    three vectors and with each alone."""
    cases = {"all": (R1, R, R2), "1": (R1, ZERO, ZERO), "r": (ZERO, R, ZERO), "2": (ZERO, ZERO, R2)}
    out = {}
    for name, vectors in cases.items():
        one = evolved_ones(*vectors, TIME)
        out[name] = limit(lambda N, one=one: N * (one(N) - 1))
    one = evolved_ones(R1, R, R2, TIME)
    out["constant"] = limit(one)
    out["root"] = of_closed_form(lambda N: np.sqrt(N) * (one(N) - 1), 0.5, SIZES)
    return out


def leading_order(_: bool) -> Facts:
    """The limits of one site's number and of √N (number − 1)."""
    (value, e1), (root, e2) = (_orders()[k] for k in ("constant", "root"))
    return Facts({"zero": 0.0}, {"constant": value, "root": root}, {"constant": e1, "root": e2 + INTEGRATED}, HOW)


def squares(_: bool) -> Facts:
    """The sum of lim N (number − 1) with one vector alone."""
    found = _orders()
    exact, error = (sum(found[k][j] for k in ("1", "r", "2")) for j in (0, 1))
    return Facts(moved(TIME, r1=R1, r2=R2), {"": exact}, error + INTEGRATED, HOW)


def products(_: bool) -> Facts:
    """lim N (number − 1) with all three vectors less that of each alone; and two-time averages of one site."""
    found = _orders()
    exact = found["all"][0] - sum(found[k][0] for k in ("1", "r", "2"))
    names = moved(TIME, r1=R1, r2=R2)
    return Facts(names, {"": exact}, sum(found[k][1] for k in ("all", "1", "r", "2")) + INTEGRATED, HOW)


def two_time_averages(_: bool) -> Facts:
    """⟨X_{r₁} X_r(t)⟩, ⟨X_r(t) X_{r₂}⟩ and ⟨X_{r₁} X_{r₂}⟩ of one site; ⟨X_r⟩ = 0."""
    two = _two_times(TIME)
    exact = {"1t": R1 @ two.conj().T @ R, "t2": R @ two @ R2, "12": R1 @ correlations() @ R2}
    return Facts(moved(TIME, r1=R1, r2=R2), exact, 1e-10, ONE)


def limit_of_power(_: bool) -> Facts:
    """lim (1 − (Z + iY)/(2N))^N."""
    z = _exponents(TIME)
    value, error = limit(lambda N: weyl.to_power(1 - (z["Z"] + 1j * z["Y"]) / (2 * N), N))
    return Facts({"i": 1j, **z}, {"": value}, error, "numbers")
