"""What decides the claims of Fiorelli et al. 2023 about evolution at finite N: Lemma 4 and the steps of Theorem 1,
by density matrices of a few particles beside mean field. Names as in `facts.py`; E: E_N(t); m, mdot: mean
field at t and its derivative."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from comparison.claims.exact.full_space import anticommutator, commutator
from comparison.claims.fiorelli_2023.facts import (
    Setting,
    norm,
    one_particle,
    product,
    random_matrix,
    setting,
)
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts

SIZES, T = (2, 3, 4), 0.4
_FULL = "density matrices of 2 to 4 particles beside mean field"
_POINT = setting(2)


def flow(rho: np.ndarray, H: np.ndarray, jumps: list[np.ndarray]) -> np.ndarray:
    """−i[H, ρ] + Σ JρJ† − ½{J†J, ρ}."""
    out = -1j * commutator(H, rho)
    for x in jumps:
        out += x @ rho @ x.conj().T - anticommutator(x.conj().T @ x, rho) / 2
    return out


def _integrated(rhs: Callable, start: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Matrices at increasing times from the first one on."""
    found = solve_ivp(
        lambda t, y: rhs(t, y.reshape(start.shape)).ravel(),
        (times[0], times[-1]),
        start.astype(complex).ravel(),
        "DOP853",
        times,
        rtol=1e-11,
        atol=1e-13,
    )
    return found.y.T.reshape(-1, *start.shape)


def evolved(point: Setting, rho: np.ndarray, N: int, times: np.ndarray) -> np.ndarray:
    """Density matrices, or any others, of N particles at times from 0 on."""
    H, jumps = point.hamiltonian(N), point.jump_operators(N)
    return _integrated(lambda _, y: flow(y, H, jumps), rho, times)


def local_flow(point: Setting, m: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """H̃ and the jumps of L̃ for one particle in the averages m."""
    H = np.tensordot(point.eps + m @ point.h + point.h @ m, point.v, 1)
    return H, [x.j * x.amplitude(x.r @ m) for x in point.jumps]


def averages(point: Setting, rho: np.ndarray) -> np.ndarray:
    """m_α of one particle."""
    return np.einsum("aij,...ji->...a", point.v, rho).real


def mean_field(point: Setting, rho: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The state of one particle in the averages of its own state at times from 0 on."""
    return _integrated(lambda _, y: flow(y, *local_flow(point, averages(point, y))), rho, times)


@functools.cache
def _at_t(shift: float = 0.0) -> list[dict]:
    """By size: density matrix ρ at time T + shift, deviations m_α^N − m_α(t), m and dm/dt, and E_N."""
    times = np.array([0.0, T + shift])
    one = mean_field(_POINT, one_particle(2), times)[-1]
    m = averages(_POINT, one)
    mdot = averages(_POINT, flow(one, *local_flow(_POINT, m)))
    out = []
    for N in SIZES:
        rho = evolved(_POINT, product(2, N), N, times)[-1]
        dev = _POINT.averages(N) - m[:, None, None] * np.eye(2**N)
        squares = np.array([np.trace(rho @ x @ x).real for x in dev])
        out.append({"N": N, "rho": rho, "dev": dev, "m": m, "mdot": mdot, "squares": squares, "E": squares.sum()})
    return out


def _cauchy_schwarz(_: bool) -> Facts:
    """|ω_t(m_α^N − m_α)| and √ω_t([m_α^N − m_α]²), (sizes, d²)."""
    found = _at_t()
    exact = np.array([[abs(np.trace(x["rho"] @ y)) for y in x["dev"]] for x in found])
    squares = np.array([x["squares"] for x in found])
    names = {"squares": squares, "E": squares.sum(axis=1)[:, None]}
    return Facts(names, {"first": exact, "second": np.sqrt(squares)}, 1e-10, _FULL)


def _far_from_mean_field(N: int = 10**4, shift: float = 0.3, z: float = 0.6) -> Callable[[bool], Facts]:
    """Beside it so many spins in a product state with ⟨σ⟩ = (0, 0, z), whose ⟨m_z^N⟩ is off by a shift."""
    square = shift**2 + (1 - z**2) / (2 * N)
    return near_equality(
        _cauchy_schwarz, {"squares": square, "E": square + 1 / N}, {"first": shift, "second": np.sqrt(square)}
    )


cauchy_schwarz = _far_from_mean_field()


def between_deviations(what: str) -> Callable[[bool], Facts]:
    """|ω_t([m_β^N − m_β] X [m_α^N − m_α])| for all α and β; X: a matrix, 1, every m_γ^N, every m_γ(t) or Γ²(Δ(t)); or
    |ω_t([Γ²(Δ_N) − Γ²(Δ(t))] m_γ^N [m_α^N − m_α])|, what = "rate"."""

    def facts(_: bool) -> Facts:
        jump, exact, sizes = _POINT.jumps[1], [], []
        for x in _at_t():
            N, m, one = x["N"], x["m"], np.eye(2 ** x["N"])
            square = jump.amplitude(jump.r @ m) ** 2
            any_matrix = random_matrix(np.random.default_rng(60), 2**N)
            inner = {"matrix": [any_matrix], "one": [one], "numbers": [y * one for y in m], "square": [square * one]}
            inner |= dict.fromkeys(("averages", "rate"), _POINT.averages(N))
            g = _POINT.rate(1, N)
            left = [g @ g - square * one] if what == "rate" else x["dev"]
            values = [abs(np.trace(x["rho"] @ a @ y @ b)) for a in left for y in inner[what] for b in x["dev"]]
            exact.append(max(values))
            sizes.append(max(norm(y) for y in inner[what]))
        names = {"E": np.array([x["E"] for x in _at_t()]), "X": np.array(sizes), **jump.majorants}
        return Facts(names, {"": np.array(exact)}, 1e-10, _FULL)

    if what not in _ALMOST_EQUAL:
        return facts
    # all of 1000 spins up or all down, as likely: ⟨m_z²⟩ = ½, and E has 1/(2N) of m_x and of m_y besides
    near = {"X": 1.0, "g0": 0.5, "E": 0.5 + 1e-3}
    return near_equality(facts, near, {"": _ALMOST_EQUAL[what] * 0.5})


_ALMOST_EQUAL = {"matrix": 1.0, "one": 1.0, "square": 0.25}  # what then stands between both deviations


def derivative_of_square(_: bool) -> Facts:
    """d/dt ω_t([m_α^N − m_α(t)]²) for all α, by differences of exact numbers."""
    h = 0.01
    ahead = {k: np.array([x["squares"] for x in _at_t(k * h)]) for k in (-2, -1, 1, 2)}
    exact = (8 * (ahead[1] - ahead[-1]) - (ahead[2] - ahead[-2])) / (12 * h)
    generated = [[np.trace(x["rho"] @ _POINT.generator(y @ y, x["N"])).real for y in x["dev"]] for x in _at_t()]
    mean = [[np.trace(x["rho"] @ y).real for y in x["dev"]] for x in _at_t()]
    names = {"generated": np.array(generated), "mean": np.array(mean), "mdot": _at_t()[0]["mdot"]}
    return Facts(names, {"": exact}, 1e-7 * np.abs(exact).max(), _FULL)


def _constants() -> dict:
    """A, B, M, q, δ and γ of eq. 47, C_P of eq. 32, and C_L of Appendix A.3 with C_v as at the end of Appendix A.2."""
    names, jumps, d = _POINT.names, _POINT.jumps, 2
    a = np.abs(names["a"]).max()
    b = [x.majorants for x in jumps]
    delta = max(x["delta"] for x in b)
    at_delta = [np.polynomial.Polynomial(np.abs(x.c)) for x in jumps]
    first = [x["delta"] * x["g1"] for x in b]
    own = [norm(x.j) ** 2 for x in jumps]
    C_P = sum(n * (2 * f + d**2 * a * x["g0"]) ** 2 for n, f, x in zip(own, first, b, strict=True))
    C_v = max(
        2 * n * ((2 * f + 3 * x["g0"]) * f + 2 * x["g0"] * x["delta"] ** 2 * x["g2"])
        for n, f, x in zip(own, first, b, strict=True)
    )
    return {
        "d": d,
        "q": 2,
        "A": np.abs(_POINT.eps @ names["a"]).max(),
        "B": np.abs((_POINT.h + _POINT.h.T) @ names["a"]).max(),
        "M": max(np.abs(names[k]).max() for k in ("M1", "M2")),
        "delta": delta,
        "g0": max(x(delta) for x in at_delta),
        "g1": max(x.deriv()(delta) for x in at_delta),
        "CP": C_P,
        "CL": d**8 * np.abs(_POINT.h).max() * a**2 + 2 * C_v,
        "N": np.array(SIZES),
        "E": np.array([x["E"] for x in _at_t()]),
        "E0": np.array([_start(N) for N in SIZES]),
    }


def _start(N: int) -> float:
    """E_N(0)."""
    m = averages(_POINT, one_particle(2))
    dev = _POINT.averages(N) - m[:, None, None] * np.eye(2**N)
    return sum(np.trace(product(2, N) @ x @ x).real for x in dev)


def _added_up(c: dict) -> dict[str, np.ndarray]:
    """The bounds of the terms of eqs. 42 to 47, one by one, and of dE_N/dt as their sum over α."""
    own = range(c["d"] ** 2)
    terms = sum(c["A"] for _beta in own) + sum(c["B"] + c["B"] for _pair in itertools.product(own, own))
    terms += sum(c["M"] * (c["g0"] ** 2 + 2 * c["delta"] * c["g0"] * c["g1"]) for _beta in own for _l in range(c["q"]))
    rest = 2 * c["CL"] / c["N"]
    both = 2 * sum(terms for _alpha in own), sum(2 * rest + c["CP"] / c["N"] for _alpha in own)
    return {"one": terms * c["E"] + rest, "growth": both[0], "source": both[1], "rate": both[0] * c["E"] + both[1]}


def derivative_of_error(what: str) -> Callable[[bool], Facts]:
    """|D_t^{α,I}|, the largest, |dE_N/dt| or dE_N/dt."""

    def facts(_: bool) -> Facts:
        names, one = _constants(), []
        for x in _at_t():
            rates = [
                _POINT.generator(y, x["N"]) - z * np.eye(2 ** x["N"]) for y, z in zip(x["dev"], x["mdot"], strict=True)
            ]
            one.append(max(abs(np.trace(x["rho"] @ a @ b)) for a, b in zip(rates, x["dev"], strict=True)))
        h = 0.01
        ahead, behind = (np.array([x["E"] for x in _at_t(k * h)]) for k in (1, -1))
        rate = (ahead - behind) / (2 * h)
        exact = {"one": np.array(one), "modulus": np.abs(rate), "rate": rate}[what]
        parts = {"": _added_up(names)["one" if what == "one" else "rate"]}
        return Facts(names, {"": exact}, 1e-4 if "one" != what else 1e-10, _FULL, parts=parts)

    return facts


def error_of_mean_field(_: bool) -> Facts:
    """E_N(t), (times, sizes): early, where the bound is a number of order one, and late."""
    times = np.array([2e-4, T])
    exact = np.array([[x["E"] for x in _at_t(t - T)] for t in times])
    names = _constants()
    sums = _added_up(names)

    def grown(t: float, start: float, source: float) -> float:
        return float((expm(t * np.array([[sums["growth"], source], [0, 0]])) @ [start, 1])[0])

    parts = [[grown(t, *pair) for pair in zip(names["E0"], sums["source"], strict=True)] for t in times]
    return Facts({**names, "t": times[:, None]}, {"": exact}, 1e-9, _FULL, parts={"": np.array(parts)})


def no_product(_: bool) -> Facts:
    """‖e^{tL}[m_α m_β] − e^{tL}[m_α] e^{tL}[m_β]‖ for three particles."""
    N, m = 3, _POINT.averages(3)
    times = np.array([0.0, 1.0])

    def later(x: np.ndarray) -> np.ndarray:
        return _integrated(lambda _, y: _POINT.generator(y, N), x, times)[-1]

    return Facts({"zero": 0.0}, {"": norm(later(m[1] @ m[2]) - later(m[1]) @ later(m[2]))}, 1e-8, "three particles")


def _bounded_averages(_: bool) -> Facts:
    """|m_α(t)| of mean field from random states, up to a late time."""
    times, exact = np.linspace(0, 5, 21), []
    for seed in range(3):
        x = random_matrix(np.random.default_rng(61 + seed), 2)
        rho = x @ x.conj().T / np.trace(x @ x.conj().T)
        exact.append(np.abs(averages(_POINT, mean_field(_POINT, rho, times))).max(axis=0))
    return Facts({"v": np.array([norm(x) for x in _POINT.v])}, {"": np.array(exact)}, 1e-8, "mean field, integrated")


def _almost_pure(x: np.ndarray) -> float:
    """|tr(xρ)| of a state that is the eigenvector of the largest |eigenvalue| of x, but for a little noise."""
    e, u = np.linalg.eigh(x)
    top = u[:, np.argmax(np.abs(e))]
    rho = (1 - TILT) * np.outer(top, top.conj()) + TILT * np.eye(len(x)) / len(x)
    return abs(np.trace(x @ rho))


bounded_averages = near_equality(_bounded_averages, {}, {"": np.array([_almost_pure(x) for x in _POINT.v])})
