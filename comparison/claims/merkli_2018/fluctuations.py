"""What decides the claims of Merkli and Rafiyi 2018 about intensive observables and mean fluctuations (section 1.1.4):
exact numbers of spins with G = σx and a mode with B = φ, and of the energy-conserving model.

Names in formulas: s: times of a quadrature from 0 to t, integral(x): that of an array of values there; J1, J3:
integrals of the first and third order of Lemma 1.7.
"""

from __future__ import annotations

import functools

import numpy as np

from comparison.claims.exact.full_space import in_limit
from comparison.claims.merkli_2018 import ladders, points
from comparison.claims.merkli_2018.expansion import NAMES
from comparison.claims.merkli_2018.points import ALPHA, LAM, NU, OMEGA0, SX, SY, SZ, T
from comparison.claims.merkli_2018.setting import Setting, nested, ordered, turned
from comparison.claims.paper_claim import Facts
from finite_n.states.mode import Field

_LADDER = "exact at N = 4 … 128, extrapolated"
_SERIES = "Taylor coefficients in λ of exact averages of 2 to 4 spins, polynomials in 1/N"
_LEVELS, _COMPLEX = 14, 0.3 + 0.4j
_A = 0.8 * SX + 0.5 * SY - 0.3 * SZ  # some observable of one spin
_TIMES = (0.0, 1.0, 3.0)
_RAISING = np.array([[0, 1], [0, 0]])  # σ_+ = |↑⟩⟨↓|


def mean_fluctuation(setting: Setting, A: np.ndarray, t: float, orders: tuple[int, ...]) -> tuple:
    """Coefficients of λ^r in √N (⟨A⟩ − free) as N → ∞, and their errors."""

    def value(N: int) -> np.ndarray:
        found = setting.coefficients(setting.observable(N, [A]), t, N, orders)
        return np.sqrt(N) * np.array([found[r].real for r in orders])

    limit, off = in_limit(value, (max(orders) - 1) // 2)  # of that degree in 1/N
    return limit, off + 1e-10


def _coherent(temperature: float = T, alpha: complex = _COMPLEX) -> Setting:
    return points.dicke(_LEVELS, points.coherent(alpha, _LEVELS), points.thermal(temperature))


def intensive(_: bool) -> Facts:
    """⟨σ⟩ for N → ∞ at λ = 0.25 from spins down and a coherent field."""
    value, error = ladders.dicke(LAM, (0.0, 0.0, -1.0), Field(beta=ALPHA), _TIMES)
    names = {"zero": 0.0, "mz": -1.0}
    return Facts(names, {k: value[k] for k in "xyz"}, {k: error[k] for k in "xyz"}, _LADDER)


def any_state(_: bool) -> Facts:
    """⟨σ_x⟩ and ⟨σ_y⟩ for N → ∞ of spins with μ(G) = 0.5 in the energy-conserving model."""
    lam, t = 0.5, np.array([1.0, 3.0])
    value, error = ladders.conserving((lam,), (NU,), points.POLARISED, Field(), (0.0, *t))
    x0, _, z0 = points.POLARISED
    names = {"x0": x0, "G0": z0, "omega0": OMEGA0, "nu": NU, "lam": lam, "t": t}
    exact = {k: value[k][1:] for k in "xy"}
    return Facts(names, exact, {k: error[k][1:] for k in "xy"}, "closed form at N = 100 … 6400, extrapolated")


def lemma_1_7(_: bool) -> Facts:
    """The coefficients of λ and λ³ from a complex coherent state, and the integrals of eq. 1.29 by quadrature."""
    setting, t = _coherent(), 1.2
    limit, off = mean_fluctuation(setting, _A, t, (1, 3))
    G = functools.partial(turned, setting.G, setting.h)
    B = functools.partial(turned, setting.B, setting.HR)
    A = turned(_A, setting.h, t)
    one, both = np.eye(2), np.kron(setting.rho, setting.rhoR)

    def moved(s: float) -> complex:
        return np.trace(setting.rho @ nested(A, G(s)))

    def third(t1: float, t2: float, t3: float) -> complex:
        inner = nested(np.kron(one, B(t1)), np.kron(G(t2), B(t2)), np.kron(G(t3), B(t3)))
        return moved(t1) * np.trace(both @ inner)

    names = {
        **NAMES,
        "lam": 1.0,
        "J1": ordered(lambda s: moved(s) * np.trace(setting.rhoR @ B(s)), t, 1, 14),
        "J3": ordered(third, t, 3, 8),
    }
    exact = dict(zip(("1", "3"), limit, strict=True))
    return Facts(names, exact, dict(zip(("1", "3"), off + 1e-10, strict=True)), _SERIES)


def average_of_y0(_: bool) -> Facts:
    """The same numbers, and Y_0(A_n) of eq. 3.20 for the first and the second particle."""
    setting, t = _coherent(), 1.2
    limit, off = mean_fluctuation(setting, _A, t, (1, 3))
    first = [setting.arrangements(setting.at(_A, k, k + 1), t, [0] * k + [1]) for k in (0, 1)]
    third = [setting.arrangements(setting.at(_A, k, k + 2), t, [0] * k + [1, 2]) for k in (0, 1)]
    names = {**NAMES, "lam": 1.0, "N": 2, "sum": np.sum, "Y1": np.array(first), "Y3": np.array(third)}
    return Facts(names, {"1": limit[0], "3": limit[1]}, float(off.max()) + 1e-9, _SERIES)


def without_odd_moments(_: bool) -> Facts:
    """√N (⟨σ⟩ − free) for N → ∞ from the vacuum and from two quanta, states without odd moments of φ."""
    exact, error = {}, {}
    for label, field in (("vacuum", Field()), ("two quanta", Field(number=2))):
        value, off = ladders.dicke(LAM, (0.0, 0.0, -1.0), field, (0.0, 1.0))
        for name in ("Fx", "Fy", "Fz"):
            exact[f"{name} {label}"], error[f"{name} {label}"] = value[name], off[name]
    return Facts({"zero": 0.0}, exact, error, _LADDER, scale=1.0)


def _quadrature(t: float) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.polynomial.legendre.leggauss(24)
    return t * (x + 1) / 2, t * w / 2


def lowest_order(_: bool) -> Facts:
    """The coefficient of λ from a complex coherent state, and the integrand of eq. 1.30 at times s."""
    setting, t = _coherent(), 1.2
    s, w = _quadrature(t)
    exact, error, names = {}, {}, {"lam": 1.0, "i": 1j, "integral": lambda x: w @ x, "Re": np.real}
    names |= {"s": s, "omegaR": NU, "alpha": _COMPLEX, "sqrt2": np.sqrt(2)}
    for name, A in (("x", SX), ("A", _A)):
        limit, off = mean_fluctuation(setting, A, t, (1,))
        exact[name], error[name] = limit[0], off[0]
        at = turned(A, setting.h, t)
        moved = [np.trace(setting.rho @ nested(at, np.exp(1j * x * OMEGA0) * _RAISING)) for x in s]
        names[f"im_{name}"] = np.imag(moved)
    return Facts(names, exact, error, _SERIES)


def _real(temperature: float, t: float) -> tuple[float, float, dict]:
    """The coefficient of λ for real α and an observable with a real off-diagonal element, its error, and names."""
    A = 0.7 * SX - 0.3 * SZ
    limit, off = mean_fluctuation(_coherent(temperature, ALPHA), A, t, (1,))
    names = {"lam": 1.0, "alpha": ALPHA, "A": 0.7, "omega0": OMEGA0, "omegaR": NU, "t": t, "T": temperature}
    return limit[0], off[0], names


def of_thermal_spins(_: bool) -> Facts:
    """At T = 0.7 and t = 1.2."""
    value, error, names = _real(T, 1.2)
    return Facts(names, {"": value}, error, _SERIES)


def of_infinite_temperature(_: bool) -> Facts:
    """At T = ∞, where every mean fluctuation is an average of a commutator in the trace state."""
    value, error, names = _real(1e12, 1.2)
    return Facts({**names, "zero": 0.0}, {"": value}, error, _SERIES, scale=1.0)


def of_diagonal(_: bool) -> Facts:
    """√N (⟨σz⟩ − free) for N → ∞ at λ = 0.25 from a coherent field."""
    value, error = ladders.dicke(LAM, (0.0, 0.0, -1.0), Field(beta=ALPHA), _TIMES)
    return Facts({"zero": 0.0}, {"": value["Fz"]}, error["Fz"], _LADDER, scale=1.0)


def onset(_: bool) -> Facts:
    """d ln|F|/d ln t of the coefficient of λ for A = σx, as t → 0."""
    times = np.array([0.05, 0.1, 0.2])
    f = np.array([mean_fluctuation(_coherent(T, ALPHA), SX, t, (1,))[0][0] for t in times])
    slopes = np.diff(np.log(np.abs(f))) / np.log(2)
    found = slopes[0] + (slopes[0] - slopes[1]) / 3  # the next term of a series in t²
    return Facts({}, {"": found}, abs(found - slopes[0]), _SERIES)
