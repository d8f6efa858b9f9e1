"""What decides the claims of Fiorelli 2024 about averages and second moments that stay finite (section 4.1, Lemma 7):
the Hopfield network with exponential rates from a product state and from that state displaced by W^N(r), exact at a
ladder of sizes and in the full space of a few spins.

Names in formulas: E, E0, EW: N E_N(t), its value at t = 0 and E_N^W(t), over v = σ/√2; d, q, A, B, M, delta, g0, g1,
CP, CL: as in eq. A.19 and Lemma 3; x, y, z: averages; cz, cy, cx, s: averages of cosh(βΔ) m and sinh(βΔ).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from math import factorial

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from comparison.claims.exact.full_space import EPSILON, product, site, total
from comparison.claims.exact.product_states import PAULI, LargeSpins
from comparison.claims.fiorelli_2024.equations import FIRST, FLIPS, SECOND
from comparison.claims.fiorelli_2024.network import BETA, OMEGA, names
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts
from comparison.convergence.theorem_1 import mean_field_error
from comparison.convergence.theorem_1_constants import bound_constants
from comparison.formula import parse
from comparison.referee.extrapolation import extrapolate, rate
from finite_n import evolve
from finite_n.model.model import Model
from finite_n.model.polynomial import mx, my, mz
from finite_n.systems import hopfield, hopfield_patterns
from meanfield import Limit

_START = np.array([0.0, 0.3, 0.4])
_R = np.array([0.3, -0.2, 0.4])  # of W, over Pauli matrices
_TIMES = (0.0, 2e-4, 0.5, 1.0)
_SIZES = (10, 14, 20, 28, 40, 56, 80)
_TOL = 1e-10
_LADDER = f"exact at N = {_SIZES[0]} … {_SIZES[-1]}, extrapolated"
_FULL = "full space of 2 to 4 spins"
_LIMIT = Limit(hopfield(OMEGA, BETA))
_G = 0.3  # of H_2 = N g m_z²/4, so that the constant B does not vanish


def _network(g: float) -> Model:
    model = hopfield(OMEGA, BETA)
    return Model(model.hamiltonian + g / 4 * mz * mz, model.jumps) if g else model


def _displaced(size: int, sign: float = 1.0) -> np.ndarray:
    """Averages of W† ρ W, a product state too."""
    u = expm(1j * sign / np.sqrt(size) * np.tensordot(_R, PAULI, 1))
    rho = u.conj().T @ (np.eye(2) + np.tensordot(_START, PAULI, 1)) @ u / 2
    return np.trace(rho @ PAULI, axis1=1, axis2=2).real


@functools.cache
def _mean_field(times: Sequence[float] = _TIMES):
    return _LIMIT.evolve(_START, times)


@functools.cache
def _with_interaction(times: Sequence[float] = _TIMES) -> np.ndarray:
    """Averages of mean field with H_2."""
    return Limit(_network(_G)).evolve(_START, times).means


@functools.cache
def _ladder(displaced: bool, g: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """By size and time: N E_N, and N ⟨(m_z^N − m_z)²⟩, of Pauli matrices over two; from r and −r, averaged, so that
    they are series in 1/N."""
    model, m = _network(g), _with_interaction() if g else _mean_field().means
    errors, z = [], []
    for size in _SIZES:
        starts = [_displaced(size, sign) for sign in (1, -1)] if displaced else [_START]
        found = [evolve(model, size, start, _TIMES, tol=_TOL) for start in starts]
        errors.append(size * np.mean([mean_field_error(x, m) for x in found], axis=0))
        squares = [x.second_moments[:, 2, 2].real - 2 * m[:, 2] * x.means[:, 2] + m[:, 2] ** 2 for x in found]
        z.append(size * np.mean(squares, axis=0) / 2)
    return np.array(errors), np.array(z)


def _limit(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = extrapolate(_SIZES, values, 1e-8)
    return found.value, found.error


def _over_size(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """N → ∞ of values/N."""
    found = extrapolate(_SIZES, values / np.array(_SIZES)[:, None], 1e-9)
    return found.value[1:], found.error[1:]


def convergence(displaced: bool) -> Callable[[bool], Facts]:
    """E_N(t) for N → ∞, of the product state, and also of the displaced one."""

    def facts(_: bool) -> Facts:
        kinds = {"": False} | ({"displaced": True} if displaced else {})
        found = {k: _over_size(_ladder(x)[0]) for k, x in kinds.items()}
        exact, error = ({k: x[j] for k, x in found.items()} for j in (0, 1))
        falls = rate(_SIZES, _ladder(displaced)[0][:, -1] / _SIZES, 0.0, 1e-9).asymptotic
        return Facts({"zero": 0.0}, exact, error, f"{_LADDER}; falls as N^−{falls:.2f}", scale=1.0)

    return facts


def _constants(g: float = 0.0) -> dict:
    c = bound_constants(_network(g))
    known = {"d": 2, "q": c.q, "A": c.A, "B": c.B, "M": c.M, "delta": c.delta, "g0": c.gamma, "g1": c.gamma_prime}
    return known | {"CP": c.C_P, "CL": c.C_L}


def bounded(_: bool) -> Facts:
    """E_N^W(t) for N → ∞, and at every size, with H_2."""
    values = _ladder(True, _G)[0]
    value, error = _limit(values)
    exact = {"limit": value[1:], "sizes": values[:, 1:]}
    known = _constants(_G) | {"t": np.array(_TIMES[1:]), "E0": values[:, 0].max()}
    growth, source = _added_up(known)
    start = np.array([known["E0"], 1.0])
    bound = np.array([(expm(t * np.array([[growth, source], [0, 0]])) @ start)[0] for t in known["t"]])
    return Facts(known, exact, {"limit": error[1:], "sizes": 1e-7}, _LADDER, parts={"limit": bound, "sizes": bound})


def one_root(_: bool) -> Facts:
    """The middle member of eq. A.17 over √N for N → ∞, with X = 1; and Σ_zz and the shift of ⟨F_z⟩ of the limit."""
    times = np.array(_TIMES[1:])
    value, error = _limit(np.sqrt(_ladder(True)[1]))
    c = _constants()
    moved = _LIMIT.evolve(_START, _TIMES)
    sigma = 2 * np.einsum("abc,c->ab", EPSILON, _START)

    def rate(_, y):
        return np.concatenate([_LIMIT.drift(y[:3]), _LIMIT.jacobian(y[:3]) @ y[3:]])

    start = np.concatenate([_START, -_R @ sigma])
    shift = solve_ivp(rate, (0, times[-1]), start, "DOP853", times, rtol=1e-10, atol=1e-12).y[5]
    factor = 4 * c["g0"] * c["g1"] * c["delta"]
    known = c | {"S": moved.covariance[1:, 2, 2], "D": shift, "infinite": np.float64(np.inf)}
    known["EW"] = _limit(_ladder(True)[0])[0][1:]
    return Facts(known, {"": factor * value[1:]}, factor * error[1:], _LADDER)


def derivative(_: bool) -> Facts:
    """d⟨m⟩/dt at t = 0.5 for N → ∞ by differences, and averages of what stands in f(m^N)."""
    h = 0.02
    times = [0.0, *(0.5 + k * h for k in range(-2, 3))]
    cosh = 1 + sum(BETA ** (2 * k) / factorial(2 * k) * mz ** (2 * k) for k in range(1, 5))  # to 3e-8
    sinh = sum(BETA ** (2 * k + 1) / factorial(2 * k + 1) * mz ** (2 * k + 1) for k in range(5))
    e_ops = {f"c{x}": (cosh * m + m * cosh) / 2 for x, m in (("x", mx), ("y", my), ("z", mz))} | {"s": sinh}
    rows, products = [], []
    for size in _SIZES:
        found = evolve(hopfield(OMEGA, BETA), size, [0.2, 0.3, 0.4], times, e_ops=e_ops, tol=1e-11)
        m = found.means
        rows.append((8 * (m[4] - m[2]) - (m[5] - m[1])) / (12 * h))
        products.append([*m[3], *(found.e_data[k][3].real for k in e_ops)])
    value, known = extrapolate(_SIZES, rows, 2e-9), extrapolate(_SIZES, products, 1e-10)
    error = 4 * float(value.error.max() + known.error.max())
    known = dict(zip(("x", "y", "z", *e_ops), known.value, strict=True)) | {"Omega": OMEGA}
    return Facts(known, dict(zip("xyz", value.value, strict=True)), error, _LADDER)


@functools.cache
def _evolved(size: int, t: float) -> tuple[np.ndarray, list[np.ndarray]]:
    """The displaced state at t with H_2, and m_α^N − m_α(t) over v."""
    s = 2 * total(size)
    rates = {sign: expm(sign * BETA / 2 * s[2] / size) / np.sqrt(2) for sign in (1, -1)}
    jumps = [(site(0, k, size) + sign * 1j * site(1, k, size)) @ g for k in range(size) for sign, g in rates.items()]
    one, h = np.eye(2**size), OMEGA * s[0] + _G / 4 * s[2] @ s[2] / size
    flow = -1j * (np.kron(h, one) - np.kron(one, h.T))
    for j in jumps:
        loss = j.conj().T @ j
        flow = flow + np.kron(j, j.conj()) - (np.kron(loss, one) + np.kron(one, loss.T)) / 2
    rho = product(_displaced(size) / 2, size)
    rho = (expm(t * flow) @ rho.ravel()).reshape(rho.shape)
    m = _with_interaction((0.0, t))[-1]
    return rho, [(x / size - y * one) / np.sqrt(2) for x, y in zip(s, m, strict=True)]


def _second_moments(size: int, t: float) -> float:
    """E_N^W(t)."""
    rho, deviations = _evolved(size, t)
    return size * sum(np.trace(rho @ x @ x).real for x in deviations)


_FEW, _T = (2, 3, 4), 0.5


def _between_deviations(_: bool) -> Facts:
    """|⟨[m_β^N − m_β] X [m_μ^N − m_μ]⟩| N, the largest, with X = 1 and X = m_γ^N, in the displaced state."""
    exact: dict[str, list[float]] = {"one": [], "average": []}
    norms = []
    for size in _FEW:
        rho, deviations = _evolved(size, _T)
        averages = np.sqrt(2) * total(size) / size
        for entry, inner in (("one", [np.eye(2**size)]), ("average", averages)):
            values = [abs(np.trace(rho @ a @ x @ b)) for a in deviations for x in inner for b in deviations]
            exact[entry].append(size * max(values))
        norms.append(max(np.linalg.norm(x, 2) for x in averages))
    known = {"EW": np.array([_second_moments(n, _T) for n in _FEW]), "X": np.array(norms)}
    return Facts(known, {k: np.array(x) for k, x in exact.items()}, 1e-9, _FULL)


# all of 1000 spins up or all down, as likely, and X = 1: N⟨m_z²⟩ = N/2, and E_N^W has ½ of m_x and of m_y besides
between_deviations = near_equality(_between_deviations, {"EW": 501.0, "X": 1.0}, {"one": 500.0, "average": 500.0})


def derivative_of_moments(_: bool) -> Facts:
    """dE_N^W/dt and its modulus, by differences."""
    h = 0.01
    rate = np.array([(_second_moments(n, _T + h) - _second_moments(n, _T - h)) / (2 * h) for n in _FEW])
    known = _constants(_G) | {"EW": np.array([_second_moments(n, _T) for n in _FEW])}
    growth, source = _added_up(known)
    bound = growth * known["EW"] + source
    return Facts(known, {"rate": rate, "modulus": np.abs(rate)}, 1e-3, _FULL, parts={"rate": bound, "modulus": bound})


def _added_up(c: dict) -> tuple[float, float]:
    """What multiplies E_N^W in the bounds of the terms of dE_N^W/dt, one by one, and the rest of them."""
    own = range(c["d"] ** 2)
    terms = sum(c["A"] for _beta in own) + sum(c["B"] + c["B"] for _beta in own for _gamma in own)
    terms += sum(c["M"] * (c["g0"] ** 2 + 4 * c["delta"] * c["g0"] * c["g1"]) for _beta in own for _l in range(c["q"]))
    return 2 * sum(terms for _alpha in own), sum(2 * 2 * c["CL"] + c["CP"] for _alpha in own)


def _bounded_averages(_: bool) -> Facts:
    """|m_α(t)| of mean field up to t = 100, of two patterns from three states, and on a limit cycle."""
    times, exact = np.linspace(0, 100, 401), {}
    limit = Limit(hopfield_patterns(0.2, 2.0, 2))
    random = np.random.default_rng(7)
    for k in range(3):
        x = random.normal(size=(2, 3))
        start = (x / np.linalg.norm(x, axis=1)[:, None] * random.uniform(0.8, 1, size=(2, 1))).ravel()
        exact[f"start {k + 1}"] = _largest(limit, start, times)
    exact["cycle"] = _largest(Limit(hopfield(0.6, 1 / 0.6)), np.array([0.0, 0.0, 1.0]), times)
    return Facts({"v": 1.0}, exact, 1e-6, "mean field, integrated to t = 100")


# at t = 0, spins up but for a little noise
bounded_averages = near_equality(
    _bounded_averages, {}, dict.fromkeys(("start 1", "start 2", "start 3", "cycle"), 1 - TILT)
)


def _largest(limit: Limit, start: np.ndarray, times: np.ndarray) -> float:
    y = solve_ivp(lambda _, m: limit.drift(m), (0, times[-1]), start, "LSODA", times[1:], rtol=1e-8, atol=1e-10).y
    return float(np.abs(y).max())


def derivative_of_noise(_: bool) -> Facts:
    """d/ds of r·Y_{t,s} r of eq. 38, integrated with the derived drift matrix and noise; X_{t,s}, and the paper's
    matrices at m(s)."""
    t, s, h = 1.0, 0.4, 0.02
    m = _mean_field((0.0, s)).means[-1]

    def rate(_, y):
        q, x = _LIMIT.jacobian(y[:3]), y[3:12].reshape(3, 3)
        return np.concatenate([_LIMIT.drift(y[:3]), (q @ x).ravel()])

    def moved(start: float, to: np.ndarray) -> np.ndarray:
        """X_{τ, start} at times τ."""
        y = np.concatenate([_mean_field((0.0, start)).means[-1], np.eye(3).ravel()])
        found = solve_ivp(rate, (start, to[-1]), y, "DOP853", to, rtol=1e-11, atol=1e-13).y.T
        return found[:, 3:].reshape(-1, 3, 3)

    nodes, weights = np.polynomial.legendre.leggauss(12)

    def noise(start: float) -> float:
        at = (start + t) / 2 + (t - start) / 2 * nodes
        found = moved(start, np.append(at, t))
        means = _mean_field((0.0, *at)).means[1:]
        total_ = 0.0
        for w, x, y in zip(weights, found[:-1], means, strict=True):
            left = _R @ found[-1] @ np.linalg.inv(x)
            total_ += w * (t - start) / 2 * left @ _LIMIT.diffusion(y) @ left
        return total_

    values = [noise(s + k * h) for k in (-2, -1, 1, 2)]
    exact = (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * h)
    spins = LargeSpins(m[None], BETA, np.ones((1, 1)), np.array([OMEGA, 0, 0]))
    known = names(spins)
    of_rates, flips = (parse(text, known, "eqs. 61–63") for text in (f"{SECOND} + {FIRST}", FLIPS))
    out = {"X": moved(s, np.array([t]))[0], "sSs": -of_rates, "GG": flips, "r": _R, "T": np.transpose}
    return Facts(out, {"": exact}, 1e-7, "eq. 38, integrated")
