"""What decides the claims of Merkli and Rafiyi 2018 about the limits of particles and reservoir (sections 1.1.1, 1.1.2)
and about Dicke's model (section 2.1): exact numbers of the engines at ladders of N, and Taylor coefficients in λ.

Names in formulas: X0, Y0, X1: the paper's series up to λ⁶; propagator(M): e^M; M: of the four linear modes φ, π, F_x,
F_y, S: their covariance at the beginning, F: which of them are φ and π.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import expm

from comparison.claims.merkli_2018 import ladders, points
from comparison.claims.merkli_2018.points import ALPHA, LAM, NU, OMEGA0, SX, SZ, P
from comparison.claims.merkli_2018.setting import Setting
from comparison.claims.paper_claim import Facts
from finite_n.solvers.evolve import evolve
from finite_n.states.mode import Field
from finite_n.systems import dicke_model

_LADDER = "exact at a ladder of N, extrapolated"
_DOWN, _MIXED = (0.0, 0.0, -1.0), (0.0, 0.0, 2 * P - 1)
_STRONG = 1.0  # λ, above λ_c = √(ω_0 ν/2) = 0.63 of spins down
_CUT = 16  # levels of a coherent field


def series(setting: Setting, own, other, k: int, lam: float, t: float) -> float:
    """X_0, Y_0 or X_1 (k = 0, 1, 2) of one particle or none as eqs. 3.19 and 3.20 print them, up to λ⁶."""
    total = 0.0
    for r in range(k or 2, 7, 2):
        counts = [k] * bool(own) + [2] * ((r - k) // 2)
        A = setting.observable(len(counts), own, other)
        total += ((1j * lam) ** r / math.factorial((r - k) // 2) * setting.arrangements(A, t, counts)).real
    return total


def expanded(_: bool) -> Facts:
    """⟨N̂⟩, √N⟨σx⟩ and N(⟨σz⟩ − free) for N → ∞ from spins down and a coherent field, at t = 1."""
    value, error = ladders.dicke(LAM, _DOWN, Field(beta=ALPHA), (0.0, 1.0, 3.0))
    setting = points.dicke(_CUT, points.coherent(ALPHA, _CUT), 0.0)
    names = {
        "free": ALPHA**2,
        "X0": series(setting, (), points.number(_CUT), 0, LAM, 1.0),
        "Y0": series(setting, (SX,), None, 1, LAM, 1.0),
        "X1": series(setting, (SZ,), None, 2, LAM, 1.0),
    }
    of = ("number", "Fx", "Nz")
    return Facts(names, {k: value[k][1] for k in of}, {k: error[k][1] for k in of}, _LADDER)


def particles(_: bool) -> Facts:
    """⟨σz⟩, ⟨σzσz⟩ and ⟨σxσx⟩ of two spins for N → ∞: at λ = 0.25 for p = 0.3, and above λ_c for spins down."""
    exact, error = {}, {}
    for label, found in (
        ("weak", ladders.dicke(LAM, _MIXED, Field(), (0.0, 1.0, 3.0), ladders.MIXED)),
        ("strong", ladders.dicke(_STRONG, _DOWN, Field(), (0.0, 0.5, 1.0))),
    ):
        for name in ("z", "zz", "xx"):
            exact[f"{name} {label}"], error[f"{name} {label}"] = found[0][name], found[1][name]
    return Facts({"zero": 0.0, "mz": _MIXED[2], "down": -1.0}, exact, error, _LADDER)


def reservoir_moves(_: bool) -> Facts:
    """⟨N̂⟩ for N → ∞ from the vacuum, where it would stay zero without particles."""
    value, error = ladders.dicke(LAM, _MIXED, Field(), (0.0, 1.0, 3.0), ladders.MIXED)
    number = value["number"][1:]
    shown = {"quanta at t = 1": number[0], "at t = 3": number[1]}
    return Facts({"zero": 0.0}, {"": number}, error["number"][1:], _LADDER, shown=shown)


def reservoir(_: bool) -> Facts:
    """⟨N̂⟩ and ⟨φ²⟩ for N → ∞ from spins down and a coherent field, at t = 1."""
    value, error = ladders.dicke(LAM, _DOWN, Field(beta=ALPHA), (0.0, 1.0, 3.0))
    field = points.coherent(ALPHA, _CUT)
    setting, square = points.dicke(_CUT, field, 0.0), points.phi(_CUT) @ points.phi(_CUT)
    operators = {"number": points.number(_CUT), "phi2": square}
    names = {f"X0_{k}": series(setting, (), x, 0, LAM, 1.0) for k, x in operators.items()}
    names |= {f"free_{k}": setting.free(setting.observable(1, (), x), 1.0, 1).real for k, x in operators.items()}
    return Facts(names, {k: value[k][1] for k in operators}, {k: error[k][1] for k in operators}, _LADDER)


def quanta(_: bool) -> Facts:
    """⟨N̂⟩ for N → ∞ from spins with p = 0.3 and one quantum, at t = 1."""
    value, error = ladders.dicke(LAM, _MIXED, Field(number=1), (0.0, 1.0), ladders.MIXED)
    levels = 8
    setting = points.dicke(levels, np.diag(np.eye(levels)[1]))
    names = {"N0": 1.0, "X0": series(setting, (), points.number(levels), 0, LAM, 1.0)}
    return Facts(names, {"": value["number"][1]}, error["number"][1], _LADDER)


def lowest_order(_: bool) -> Facts:
    """The coefficient of λ² in the number of quanta of two modes, at N = 2 (it is the same at every N) and three
    times."""
    omega, g, levels, N = np.array([0.8, 1.7]), np.array([1.0, 0.6]), 3, 2
    one = np.eye(levels)
    n, phi = points.number(levels), points.phi(levels)
    number = np.kron(n, one) + np.kron(one, n)
    HR = omega[0] * np.kron(n, one) + omega[1] * np.kron(one, n)
    B = g[0] * np.kron(phi, one) + g[1] * np.kron(one, phi)
    setting = Setting(OMEGA0 / 2 * SZ, SX, points.diagonal(P), HR, B, points.vacuum(levels**2))
    times = np.array([1.0, 3.0, 6.0])
    A = setting.observable(N, (), number)
    exact = [setting.coefficients(A, t, N, (2,), radius=0.05)[2].real for t in times]
    names = {"lam": 1.0, "g": g, "omega": omega, "omega0": OMEGA0, "p": P, "t": times[:, None]}
    names["sum"] = lambda x: x.sum(axis=-1)
    return Facts(names, {"": np.array(exact)}, 1e-10, "coefficient of λ² of exact averages, the same at every N")


def growth_at_resonance(_: bool) -> Facts:
    """d ln 𝒩/d ln t of the coefficient of λ², from t = 2 to t = 4, for inverted spins at ω_0 = ω."""
    levels = 3
    setting = Setting(
        0.4 * SZ, SX, points.diagonal(1.0), 0.8 * points.number(levels), points.phi(levels), points.vacuum(levels)
    )
    A = setting.observable(1, (), points.number(levels))
    first, second = (setting.coefficients(A, t, 1, (2,), radius=0.05)[2].real for t in (2.0, 4.0))
    exact = {"": np.log2(second / first)}
    return Facts({"zero": 0.0}, exact, 1e-8, "coefficient of λ² of exact averages, the same at every N")


def remainder(_: bool) -> Facts:
    """d ln R/d ln λ as λ → 0, R = 𝒩 − eq. 2.9 at t = 1/(2λ) for N → ∞, inverted spins at ω_0 = ω = 1."""
    lam = np.array([0.1, 0.05, 0.025])
    R = []
    for x in lam:
        t = 1 / (2 * x)
        value, error = ladders.dicke(float(x), (0.0, 0.0, 1.0), Field(), (0.0, t), (4, 8, 16, 32, 64), 1.0)
        R.append([value["number"][1] - x**2 * t**2 / 2, error["number"][1]])  # its limit at resonance
    R = np.array(R)
    slopes = np.diff(np.log(R[:, 0])) / np.diff(np.log(lam))
    off = 2 * (R[:, 1] / R[:, 0]).max() / np.log(2)
    found = slopes[1] + (slopes[1] - slopes[0]) / 3  # the next term of a series in λ²
    return Facts({"zero": 0.0}, {"": found}, abs(found - slopes[1]) + off, _LADDER, scale=4.0)


def all_orders(_: bool) -> Facts:
    """How far the series of ⟨N̂⟩, N → ∞, up to λ²⁴ stays from it, from spins with p = 0.3 and the vacuum, at t = 1 and
    3, λ = 0.25."""
    t = np.array([1.0, 3.0])
    value, error = ladders.dicke(LAM, _MIXED, Field(), (0.0, *t), ladders.MIXED)
    mz = _MIXED[2]
    M = np.array([[0, NU, 0, 0], [-NU, 0, -LAM, 0], [0, 0, 0, -OMEGA0], [-2 * LAM * mz, 0, OMEGA0, 0]])
    S, F, trace = np.diag([0.5, 0.5, 1, 1]), np.diag([1.0, 1, 0, 0]), lambda x: np.trace(x, axis1=-2, axis2=-1)
    names: dict = {"accuracy": 1e-4, "exact": value["number"][1:], "M": np.tensordot(t, M, 0), "abs": np.abs}
    names |= {"S": S, "F": F, "propagator": expm, "T": lambda x: np.swapaxes(x, -1, -2), "tr": trace}
    # coefficients of λ^r, r < 26, by Cauchy's integral on |λ| = 1, where 64 values fold down what is below rounding
    at = np.exp(2j * np.pi * np.arange(64) / 64)
    coupling, free = np.zeros((4, 4)), M.copy()
    for place in ((1, 2), (3, 0)):
        coupling[place], free[place] = M[place] / LAM, 0.0
    moved = expm(np.multiply.outer(t, free + at[:, None, None] * coupling))  # (times, 64, 4, 4)
    numbers = (trace(F @ moved @ S @ np.swapaxes(moved, -1, -2)) - 1) / 2
    terms = (np.fft.fft(numbers, axis=1)[:, :26] / 64 * LAM ** np.arange(26)).real
    distance = np.abs(value["number"][1:, None] - np.cumsum(terms, axis=1))  # (times, orders)
    seen = {f"off at t = 3 up to {name}": float(distance[1, r]) for name, r in (("λ²", 2), ("λ⁶", 6), ("λ²⁴", 24))}
    how = "distance of the series up to λ²⁴ from exact numbers at a ladder of N, extrapolated"
    return Facts(names, {"": distance[:, 24]}, error["number"][1:], how, scale=1.0, shown=seen)


def growth(_: bool) -> Facts:
    """Above λ_c the growth rate of ⟨N̂⟩ for N → ∞ at t = 0.75 and 1.5; below, how far the largest ⟨N̂⟩ at N = 32 up to
    t = 30 stays above those up to t = 60, with 5 % to spare."""
    times = (0.0, 0.5, 1.0, 1.25, 1.75)
    value, error = ladders.dicke(_STRONG, _DOWN, Field(), times, (8, 16, 32, 64, 128))
    n, e = value["number"], error["number"]
    rates = np.array([np.log(n[2] / n[1]) / 0.5, np.log(n[4] / n[3]) / 0.5])
    errors = 2 * np.array([e[2] / n[2] + e[1] / n[1], e[4] / n[4] + e[3] / n[3]])
    long = evolve(
        dicke_model(OMEGA0, NU, 0.3), 32, list(_DOWN), np.linspace(0, 60, 241), tol=1e-8, check=False
    ).number()
    spare = np.array([1.05 * long[:121].max() - long[121:].max()])
    shown = {"growth rate above λ_c at t = 0.75": rates[0], "at t = 1.5": rates[1]}
    shown |= {"most quanta below λ_c up to t = 30": long[:121].max(), "after it up to t = 60": long[121:].max()}
    exact, bound = {"above": rates, "below": spare}, {"above": errors, "below": 1e-6}
    return Facts({"zero": 0.0}, exact, bound, _LADDER, shown=shown)


def without_odd_moment_condition(_: bool) -> Facts:
    """|⟨σz⟩ − free| for N → ∞ above λ_c from spins with ⟨σx⟩ = 0.6, which break (A0); and how far it stays
    below 1e-4 from spins down, which obey it."""
    value, error = ladders.dicke(_STRONG, (0.6, 0.0, -0.8), Field(), (0.0, 1.0), (4, 8, 16, 32))
    obeyed, off = ladders.dicke(_STRONG, _DOWN, Field(), (0.0, 0.5, 1.0))
    moved, kept = abs(value["z"][1:] + 0.8), abs(obeyed["z"][1:] + 1)
    exact, errors = {"without (A0)": moved, "with (A0)": 1e-4 - kept}, {"without (A0)": error["z"][1:]}
    seen = {"off the free state without (A0)": float(moved[0]), "with (A0)": float(kept.max())}
    return Facts({"zero": 0.0}, exact, errors | {"with (A0)": off["z"][1:]}, _LADDER, shown=seen)
