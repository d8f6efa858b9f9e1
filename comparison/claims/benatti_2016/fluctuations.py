"""What decides the claims of Benatti et al. 2016 about fluctuations that evolve: Gaussian states, their covariances at
late times, and the equation of motion of the covariance. Names as in `facts.py`."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from comparison.claims.benatti_2016.facts import (
    A11,
    A12,
    A22,
    A33,
    LAM,
    LATE,
    ROTATED,
    TIMES,
    XI,
    A,
    B,
    D,
    N,
    W,
    form,
    spin_covariance,
    vector,
)
from comparison.claims.exact import full_space as spins
from comparison.claims.exact.full_space import EPSILON, anticommutator, commutator, dissipated, superoperator, total
from comparison.claims.exact.ladders import limits
from comparison.claims.exact.oscillator import position_momentum, weyl
from comparison.claims.paper_claim import Facts
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.systems import collective_dissipation

_COVARIANCES = [f"cov_{pair}" for pair in ("xx", "xy", "xz", "yy", "yz", "zz")]
_PAIRS = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
_LADDER = "exact at a ladder of N, extrapolated"
_LEVELS = 22


def _mode(lam: float, xi: float) -> dict:
    """Names of eqs. 52–57."""
    b = lam * xi
    a = np.array([[A11 * abs(xi), A12 * xi], [A12 * xi, A22 * abs(xi)]])
    sigma = np.array([[0.0, 1], [-1, 0]])
    return {**ROTATED, "lam": lam, "xi": xi, "absxi": abs(xi), "b": b, "absb": abs(b), "A": a, "sigma": sigma}


def evolved_weyl(_: bool) -> Facts:
    """⟨e^{tL}[W(r)]⟩ in the vacuum, whose covariance is ½, from the master equation of the mode."""
    names = _mode(LAM, XI) | {"t": 0.6, "r": np.array([0.4, -0.5]), "one": np.eye(2)}
    d = names["A"] + 1j * names["b"] * names["sigma"]
    generator = superoperator(lambda x: dissipated(x, d, position_momentum(_LEVELS)), _LEVELS)
    evolved = expm(names["t"] * generator) @ weyl(names["r"], _LEVELS).ravel()
    return Facts(names, {"": evolved.reshape(_LEVELS, _LEVELS)[0, 0]}, 1e-9, f"oscillator in {_LEVELS} Fock levels")


@functools.cache
def _pole_covariance(lam: float, xi: float, times: tuple[float, ...], quick: bool):
    """Covariance of q and p for N → ∞ in the state of averages (0, 0, ξ), (T,) by entry, and errors."""
    model = collective_dissipation(lam, A11, A22, A12, A33)
    value, error = limits(model, [0, 0, 2 * xi], times, ["cov_xx", "cov_xy", "cov_yy"], quick, 1e-5)
    scale = {"cov_xx": 1, "cov_xy": np.sign(xi), "cov_yy": 1}
    entries = {"cov_xx": "11", "cov_xy": "12", "cov_yy": "22"}
    exact = {entries[q]: scale[q] * value[q] / (4 * abs(xi)) for q in value}
    return exact, {entries[q]: error[q] / (4 * abs(xi)) for q in error}


def covariance_at_pole(lam: float, xi: float, late: bool = False):
    """Covariance of q and p at `TIMES`, or at a late time."""

    def facts(quick: bool) -> Facts:
        times = (0.0, LATE / 3, 2 * LATE / 3, LATE) if late else tuple(TIMES)
        exact, error = _pole_covariance(lam, xi, times, quick)
        names = _mode(lam, xi)
        start = {"S11": 1 / (4 * abs(xi)), "S12": 0.0, "S22": 1 / (4 * abs(xi))}
        if late:
            exact, error = ({k: x[-1] for k, x in part.items()} for part in (exact, error))
        return Facts({**names, **start, "t": np.array(times)}, exact, error, _LADDER)

    return facts


def correlation_of_two(quick: bool) -> Facts:
    """N times the connected correlation of s_1 and s_2 of two spins at late times, for N → ∞."""
    exact, error = _pole_covariance(LAM, XI, (0.0, LATE / 3, 2 * LATE / 3, LATE), quick)
    # the covariance of F(s_1) and F(s_2) holds nothing else, since s_1 and s_2 of one spin anticommute
    return Facts(_mode(LAM, XI), {"": XI * exact["12"][-1]}, XI * error["12"][-1], _LADDER)


def correlation_at_pole(quick: bool) -> Facts:
    """|Σ_12| of F(s_1) and F(s_2) at two times after a product state at the pole, whose one-spin states do not move."""
    exact, error = _pole_covariance(LAM, XI, tuple(TIMES), quick)
    return Facts({"zero": 0.0}, {"": XI * np.abs(exact["12"][1:])}, XI * error["12"][1:], _LADDER)


def noise_of_mode(quick: bool) -> Facts:
    """Covariance of q and p at `TIMES`; the formulas are entries of the Kossakowski matrix of the mode, whose Lindblad
    equation dΣ/dt = −2bΣ − σAσ is integrated."""
    exact, error = _pole_covariance(LAM, XI, tuple(TIMES), quick)
    names = _mode(LAM, XI)
    sigma = names["sigma"]

    def solve(formulas) -> dict[str, np.ndarray]:
        d = {k: float(x) for k, x in formulas(names).items()}
        a = np.array([[d["11"], d["12"]], [d["21"], d["22"]]])
        noise, b = -sigma @ ((a + a.T) / 2) @ sigma, (d["b"] - d["c"]) / 2
        rhs = lambda _, y: (noise - 2 * b * y.reshape(2, 2)).ravel()  # noqa: E731
        start = np.eye(2).ravel() / (4 * XI)
        y = solve_ivp(rhs, (0, TIMES[-1]), start, "DOP853", TIMES, rtol=1e-10, atol=1e-12).y
        return {"11": y[0], "12": y[1], "22": y[3]}

    return Facts({}, exact, error, _LADDER, solve)


def what_is_left_of_correlations(quick: bool) -> Facts:
    """Zero; NC is N times the connected correlation of s_1 and s_2 of two spins at late times, for N → ∞."""
    found = correlation_of_two(quick)
    names = {**found.names, "NC": found.exact[""]}
    return Facts(names, {"": np.array(0.0)}, found.error, _LADDER, scale=float(np.abs(found.exact[""])))


def example_generator(_: bool) -> Facts:
    """The master equation of D of eq. 58, on some density matrix."""
    b, (q, p) = 0.7, position_momentum(12)
    rho = np.linalg.matrix_power(np.eye(12) * 0.3 + 0.1 * q + 0.05 * p @ q, 2)
    d = np.array([[1, 1j * b], [-1j * b, b * b]])
    r = np.array([q, p])
    exact = sum(
        d[m, n] * (r[n] @ rho @ r[m] - anticommutator(r[m] @ r[n], rho) / 2) for m in range(2) for n in range(2)
    )
    return Facts({"i": 1j, "b": b, "q": q, "p": p, "rho": rho}, {"": exact}, 1e-12, "matrices")


def stationary_mode(b: float):
    """Populations, and the covariance, of the mode with D of eq. 58 at a late time, from a mixed state."""

    def facts(_: bool) -> Facts:
        levels, t = 12, 14.0
        d = np.array([[1, 1j * b], [-1j * b, b * b]])
        start = np.diag(np.concatenate([[0.5, 0.3, 0.2], np.zeros(levels - 3)]))
        q, p = r = position_momentum(levels)
        rho = spins.evolved(lambda x: dissipated(x, d, r), start, t)
        covariance = {
            "11": np.trace(rho @ q @ q).real,
            "12": np.trace(rho @ anticommutator(q, p)).real / 2,
            "22": np.trace(rho @ p @ p).real,
        }
        exact = {"vacuum": rho[0, 0].real, **covariance}
        return Facts({"zero": 0.0}, exact, 1e-9, f"oscillator in {levels} Fock levels")

    return facts


def growing_number(_: bool) -> Facts:
    """How ⟨a†a⟩ grows with D of eq. 58 at b = −1: its rate of change in three states, none of which vanishes."""
    levels = 40
    d = np.array([[1, -1j], [1j, 1]])
    q, p = position_momentum(levels)
    number = (q @ q + p @ p) / 2 - np.eye(levels) / 2
    rate = np.diag(dissipated(number, d, np.array([q, p]))).real[:20]
    return Facts({"zero": 0.0}, {"": rate}, 1e-10, f"oscillator in {levels} Fock levels")


@functools.cache
def _covariances(w: tuple[float, ...], rotated: bool, times: tuple[float, ...], quick: bool, accuracy: float):
    """Covariances of s for N → ∞ from a product state, {jk: (T,)}, and errors."""
    model = (
        collective_dissipation(LAM, A11, A22, A12, A33)
        if rotated
        else Model(collective=[CollectiveJumps(spins.SPIN, D)])
    )
    value, error = limits(model, 2 * np.array(w), times, _COVARIANCES, quick, accuracy)
    names = [f"{j + 1}{k + 1}" for j, k in _PAIRS]
    return tuple({n: part[q] / 4 for n, q in zip(names, _COVARIANCES, strict=True)} for part in (value, error))


def covariance_equation(quick: bool) -> Facts:
    """Σ(t) for N → ∞ of the general model; formulas are right-hand sides, integrated along the mean field."""
    exact, error = _covariances(tuple(W), False, tuple(TIMES), quick, 1e-5)

    def solve(formulas) -> dict[str, np.ndarray]:
        def rhs(_, y):
            w, s = y[:3], y[3:].reshape(3, 3)
            drift = np.cross(B @ w, w)  # eqs. 37–39, which are judged on their own
            c = np.einsum("abc,b->ac", EPSILON, B @ w)
            names = {"A": A, "B": B, "C": c, "S": s, "sigma": form(w), "T": np.transpose}
            return np.concatenate([drift, formulas(names)["rhs"].ravel()])

        begin = np.concatenate([W, spin_covariance(W).ravel()])
        y = solve_ivp(rhs, (0, TIMES[-1]), begin, "DOP853", TIMES, rtol=1e-10, atol=1e-12).y[3:].reshape(3, 3, -1)
        return {f"{j + 1}{k + 1}": y[j, k] for j, k in _PAIRS}

    return Facts({}, exact, error, _LADDER, solve)


def late_covariance_equation(_: bool) -> Facts:
    """dΣ/dt for N → ∞ at the pole (0, 0, ξ), in a product state."""
    w = np.array([0, 0, XI])
    d = np.array([[A11, A12 + 1j * LAM, 0], [A12 - 1j * LAM, A22, 0], [0, 0, A33]])

    def rate(size: int) -> np.ndarray:
        s, rho = total(size) / np.sqrt(size), spins.product(w, size)
        f = s - np.sqrt(size) * w[:, None, None] * np.eye(2**size)
        # averages that move change F by a number, whose product with ⟨F⟩ = 0 vanishes
        both = [anticommutator(f[j], f[k]) / 2 for j, k in _PAIRS]
        return np.array([np.trace(rho @ dissipated(x, d, s)).real for x in both])

    value, error = spins.in_limit(rate, 3)
    exact = {f"{j + 1}{k + 1}": value[n] for n, (j, k) in enumerate(_PAIRS)}
    start = {f"S{j + 1}{k + 1}": spin_covariance(w)[j, k] for j, k in _PAIRS}
    return Facts(_mode(LAM, XI) | start, exact, float(error.max()), "exact at every N, polynomial in 1/N")


def late_equation_of_two(quick: bool) -> Facts:
    """The same of F(s_1) and F(s_2) alone."""
    found = late_covariance_equation(quick)
    return dataclasses.replace(found, exact={k: found.exact[k] for k in ("11", "12", "22")})


def solution_of_late_equation(_: bool) -> Facts:
    """The solution of dΣ/dt = −2bΣ + A⁽²⁾ at three times, integrated."""
    names = _mode(LAM, XI)
    start, noise = np.array([0.25, 0.0, 0.25]), np.array([A22, -A12, A11])
    times = np.array(TIMES)
    y = solve_ivp(
        lambda _, s: noise - 2 * names["b"] * s, (0, times[-1]), start, "DOP853", times, rtol=1e-11, atol=1e-13
    ).y
    exact = {"11": y[0], "12": y[1], "22": y[2]}
    values = {"S11": start[0], "S12": start[1], "S22": start[2], "t": times}
    return Facts(names | values, exact, 1e-9, "the paper's own equation, integrated")


_OFF_POLE = np.array([0.3, -0.15, 0.25])


def _late_covariances(w: np.ndarray, quick: bool):
    """At late times; covariances with F(s_3) fall as e^{−bt}."""
    return _covariances(tuple(w), True, (0.0, LATE, 2 * LATE), quick, 1e-5)


def decoupling(quick: bool) -> Facts:
    """Covariances of F(s_3) at a late time for N → ∞; S33 is its variance at half that time."""
    exact, error = _late_covariances(_OFF_POLE, quick)
    wanted = {k: exact[k][-1] for k in ("13", "23", "33")}
    bounds = {k: error[k][-1] for k in wanted} | {"33": error["33"][-1] + error["33"][-2]}
    return Facts({"zero": 0.0, "S33": exact["33"][-2]}, wanted, bounds, _LADDER)


def forgotten_start(quick: bool) -> Facts:
    """Covariance of F(s_1) and F(s_2) at a late time, from two starts with the same |ξ|."""
    w = _OFF_POLE
    found = [_late_covariances(x, quick) for x in (w, np.array([-w[1], w[2], w[0]]))]
    exact, error = ({k: np.array([run[n][k][-1] for run in found]) for k in ("11", "12", "22")} for n in (0, 1))
    return Facts(_mode(LAM, np.linalg.norm(w)), exact, error, _LADDER)


def late_variance(quick: bool) -> Facts:
    """Variance of F(s_3), and its covariances with F(s_1) and F(s_2), at a late time for N → ∞."""
    w = _OFF_POLE
    xi = np.linalg.norm(w)
    exact, error = _late_covariances(w, quick)
    s = spin_covariance(w)
    names = {"xi": xi, "w": w, "S": s, "zero": 0.0}
    wanted = {"33": exact["33"][-1], "13": exact["13"][-1], "23": exact["23"][-1]}
    return Facts(names, wanted, {k: error[k][-1] for k in wanted}, _LADDER)


def product_covariance(_: bool) -> Facts:
    """½⟨{F_μ, F_ν}⟩ in a product state at the pole."""
    w = np.array([0, 0, XI])
    f = total(N) / np.sqrt(N) - np.sqrt(N) * w[:, None, None] * np.eye(2**N)
    rho = spins.product(w, N)
    exact = {f"{j + 1}{k + 1}": np.trace(rho @ anticommutator(f[j], f[k])).real / 2 for j, k in _PAIRS}
    return Facts({"xi": XI}, exact, how=f"full space of {N} spins")


@functools.cache
def _evolved(size: int, t: float) -> np.ndarray:
    """The density matrix of `size` spins at time t, from the pole, with the general model."""
    start = spins.product(np.array([0, 0, XI]), size)
    return spins.evolved(lambda x: dissipated(x, D, total(size) / np.sqrt(size)), start, t)


def sum_of_correlations(_: bool) -> Facts:
    """½⟨{F(s_1), F(s_2)}⟩ at finite N in terms of correlations of two spins."""
    size = 3
    rho = _evolved(size, 0.8)
    s = total(size) / np.sqrt(size)
    mean = [np.trace(rho @ x).real / np.sqrt(size) for x in s]
    covariance = np.trace(rho @ anticommutator(s[0], s[1])).real / 2 - size * mean[0] * mean[1]
    pair = np.trace(rho @ spins.site(0, 0, size) @ spins.site(1, 1, size)).real
    names = {"N": size, "s1s2": pair, "sigma1sigma2": 4 * pair, "w1": mean[0], "w2": mean[1]}
    # diagonal terms: s_1 and s_2 of one spin anticommute, and each takes −ω_1 ω_2 along
    return Facts(names, {"": covariance + mean[0] * mean[1]}, 1e-10, f"full space of {size} spins")


_X = (0, 2)  # the pair (μ, ν) of the appendix


def appendix(what: str):
    """The steps of the appendix at finite N, in the full space, or between matrices of the limit."""

    def facts(_: bool) -> Facts:
        w = W
        root = np.sqrt(N)
        f = total(N) / root - root * w[:, None, None] * np.eye(2**N)
        pair = anticommutator(f[_X[0]], f[_X[1]]) / 2
        inner = [commutator(x, pair) for x in f]
        names: dict = {"i": 1j, "N": N, "A": A, "B": B, "w": w, "root": root}
        names["double"] = lambda m: np.tensordot(m, np.array([[commutator(a, y) for y in f] for a in inner]), 2)
        names["anti"] = lambda m: np.tensordot(m, np.array([[anticommutator(a, y) for y in f] for a in inner]), 2)
        names["single"] = lambda v: np.tensordot(v, np.array(inner), 1)
        part = A if what == "A" else 1j * B
        return Facts(names, {"": dissipated(pair, part, total(N) / root)}, 1e-12, f"full space of {N} spins")

    return facts


def commutator_with_covariance(_: bool) -> Facts:
    """⟨[F_μ', ½{F_μ, F_ν}] F_κ⟩ for N → ∞ in a product state, for all indices."""

    def value(size: int) -> np.ndarray:
        root, rho = np.sqrt(size), spins.product(W, size)
        f = total(size) / root - root * W[:, None, None] * np.eye(2**size)
        out = np.zeros((3,) * 4, complex)
        for m, n in np.ndindex(3, 3):
            pair = anticommutator(f[m], f[n]) / 2
            for k, l in np.ndindex(3, 3):
                out[k, m, n, l] = np.trace(rho @ commutator(f[k], pair) @ f[l])
        return out

    exact, error = spins.in_limit(value, 3)
    sigma, two = form(W), spin_covariance(W) + 0.5j * form(W)  # ⟨F F⟩ = Σ + iσ/2
    names = {
        "i": 1j,
        "first": np.einsum("km,nl->kmnl", sigma, two),
        "second": np.einsum("kn,ml->kmnl", sigma, two),
    }
    return Facts(names, {"": exact}, float(error.max()), "exact at every N, polynomial in 1/N")


def sums_of_the_limit(equation: str):
    """The double sums of eqs. 72, 76 and 77, written out, with a covariance of correlated spins."""

    def facts(_: bool) -> Facts:
        sigma, eps = form(W), EPSILON
        s = spin_covariance(W) + np.outer([0.1, 0.2, -0.05], [0.1, 0.2, -0.05])
        halves = {
            "72": np.einsum("kl,km,nl->mn", A, sigma, sigma) / 2,
            "76": np.einsum("kl,km,nl->mn", B, sigma, s),
            "77": np.einsum("kl,l,kmg,gn->mn", B, W, eps, s),
        }
        half = halves[equation]
        c = np.einsum("abc,b->ac", eps, B @ W)
        names = {"A": A, "B": B, "C": c, "S": s, "sigma": sigma, "T": np.transpose}
        return Facts(names, {equation: -half - half.T}, 1e-14, "sums over indices")

    return facts


def rotated_matrix(_: bool) -> Facts:
    """C of eq. 78 with B of eq. 40."""
    b = LAM * EPSILON[2]
    c = np.einsum("abc,b->ac", EPSILON, b @ W)
    entries = {f"{j + 1}{k + 1}": c[j, k] for j, k in np.ndindex(3, 3)}
    return Facts({"lam": LAM, "zero": 0.0, **vector("w", W)}, entries, how="sums over indices")


def symplectic_at_time(_: bool) -> Facts:
    """−i⟨[F_μ, F_ν]⟩ at a later time, at finite N."""
    size = 3
    rho, s = _evolved(size, 0.8), total(size) / np.sqrt(3)
    w = [np.trace(rho @ x).real / np.sqrt(size) for x in s]
    exact = {f"{j + 1}{k + 1}": np.trace(rho @ commutator(s[j], s[k])) / 1j for j, k in np.ndindex(3, 3)}
    return Facts({"zero": 0.0, **vector("w", np.array(w))}, exact, 1e-12, f"full space of {size} spins")
