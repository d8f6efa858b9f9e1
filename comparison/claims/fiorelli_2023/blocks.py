"""What decides the claims of Fiorelli et al. 2023 about Hopfield networks by blocks of equal spins: energies pair by
pair, and rates at numbers. Names as in `hopfield_facts.py`; wt: w̃_hk; m, mt: averages of the blocks."""

from __future__ import annotations

import numpy as np

from comparison.claims.fiorelli_2023.evolution import averages, mean_field
from comparison.claims.fiorelli_2023.hopfield_facts import BETA, argument, energies, rate
from comparison.claims.fiorelli_2023.local import network
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts
from comparison.referee.extrapolation import extrapolate
from finite_n.systems import Patterns

_P, _NS = 2, 3  # patterns, and spins of a block
_F = np.array([[1, 1, -1, -1], [1, -1, 1, -1]])  # signs of the patterns in the blocks
_XI = np.repeat(_F, _NS, axis=1)
_SPINS = np.where(np.random.default_rng(50).random((6, _XI.shape[1])) < 0.7, 1, -1) * _XI[0]
_HOW = "configurations of twelve spins, pair by pair"


def energy_by_patterns(_: bool) -> Facts:
    """The energy of some configurations of twelve spins with three patterns."""
    xi = np.random.default_rng(51).choice((-1, 1), size=(3, 12))
    names = {"overlaps": _SPINS @ xi.T, "N": 12, "sum": lambda x: x.sum(axis=-1)}
    return Facts(names, {"": energies(_SPINS, xi, True)}, 1e-13, _HOW)


def _blocks(spins: np.ndarray) -> np.ndarray:
    return spins.reshape(len(spins), -1, _NS).sum(axis=2)


def energy_by_blocks(_: bool) -> Facts:
    """The energy of some configurations of four blocks of three spins."""
    names = {"S": _blocks(_SPINS), "f": _F, "wt": _F.T @ _F / 2**_P, "Ns": _NS, "p": _P, "T": np.transpose}
    exact = energies(_SPINS, _XI, True)
    names["sum"] = lambda x: x.sum(axis=-1)
    return Facts(names, {"first": exact, "second": exact}, 1e-13, _HOW)


def shares(_: bool) -> Facts:
    """Shares of the blocks of two drawn patterns; three standard deviations are left uncertain."""
    N = 2_000_000
    xi = Patterns.draw(_P, N, 0).xi
    exact = np.array([np.mean((xi[0] == a) & (xi[1] == b)) for a in (1, -1) for b in (1, -1)])
    return Facts({"p": _P}, {"": exact}, 3 * np.sqrt(3 / 16 / N), f"{N} drawn spins")


def argument_by_blocks(_: bool) -> Facts:
    """ΔE of a spin of every block in some configurations."""
    exact = np.array([argument(_SPINS, _XI, k * _NS, True) for k in range(2**_P)]).T
    names = {"S": _blocks(_SPINS), "wt": _F.T @ _F / 2**_P, "Ns": _NS, "m": _blocks(_SPINS) / _NS}
    return Facts(names, {"sums": exact, "averages": exact}, 1e-13, _HOW)


def _numbers(draws: int) -> tuple[dict, np.ndarray, np.ndarray]:
    """Averages of the blocks and mean-field ones, w̃ of one block, and both arguments."""
    m, mt = np.random.default_rng(52).uniform(-1, 1, size=(2, draws, 2**_P))
    wt = (_F.T @ _F / 2**_P)[0] + np.array([0.0, 0.1, -0.2, 0.05])
    return {"wt": wt, "m": m, "mt": mt, "beta": BETA}, m @ wt, mt @ wt


def difference_of_squares(_: bool) -> Facts:
    """Γ²(ΔE) − Γ²(ΔE(t)) with numbers in place of averages."""
    names, x, y = _numbers(5)
    exact = {s: rate(x, k) ** 2 - rate(y, k) ** 2 for s, k in (("+", 1), ("-", -1))}
    return Facts({**names, "x": x, "y": y}, exact, 1e-14, "numbers")


def quotient(_: bool) -> Facts:
    """That difference over ΔE − ΔE(t)."""
    names, x, y = _numbers(5)
    exact = {s: (rate(x, k) ** 2 - rate(y, k) ** 2) / (x - y) for s, k in (("+", 1), ("-", -1))}
    n = np.arange(12)
    odd = np.array([np.prod(np.arange(1.0, 2 * k + 2)) for k in n])
    names |= {"x": x, "y": y, "n": n, "factorial": odd, "column": lambda z: z[:, None], "sum": lambda z: z.sum(axis=-1)}
    return Facts(names, exact, 1e-12, "numbers")


def _bound_of_quotient(_: bool) -> Facts:
    """Its modulus for many numbers."""
    names, x, y = _numbers(200)
    exact = np.abs((rate(x, 1) ** 2 - rate(y, 1) ** 2) / (x - y))
    return Facts({**names, "x": x, "y": y, "dE": np.abs(names["wt"]).sum()}, {"": exact}, how="200 draws of numbers")


bound_of_quotient = near_equality(
    _bound_of_quotient,
    {"x": 1.0, "y": TILT - 1, "dE": 1.0},
    {"": (rate(1.0, 1) ** 2 - rate(TILT - 1, 1) ** 2) / (2 - TILT)},
)


def inverse_radius(_: bool) -> Facts:
    """1/R² of the power series of (cosh βx)^{−½} about 0, R its radius of convergence: ratios of its coefficients."""
    terms, power = 200, -0.5
    even = BETA**2 / np.array([(2 * k + 1) * (2 * k + 2) for k in range(terms)])
    g = np.concatenate([[1.0], np.cumprod(even)])  # coefficients of cosh βx in x²
    f = np.zeros(terms)
    f[0] = 1.0
    for n in range(1, terms):
        k = np.arange(1, n + 1)
        f[n] = ((power * k - (n - k)) * g[k] * f[n - k]).sum() / n
    at = np.array([20, 40, 80, 160])
    found = extrapolate(at, np.abs(f[at + 1] / f[at]), 1e-10)
    return Facts({"zero": 0.0}, {"": found.value}, found.error, "200 coefficients, extrapolated")


def phases(_: bool) -> Facts:
    """Of mean field with one pattern: the rate at which averages vanish at high temperature; the overlap left at low
    temperature and weak field; and how far it goes up and down at late times in a strong field."""
    start = np.array([[0.8, 0.05 - 0.1j], [0.05 + 0.1j, 0.2]])

    def overlap(omega: float, beta: float, times: np.ndarray) -> np.ndarray:
        point = network(omega, beta)
        return np.sqrt(2) * averages(point, mean_field(point, start, times))[:, 1:]

    hot = np.linalg.norm(overlap(0.3, 0.5, np.array([0.0, 8, 16])), axis=1)
    late = np.concatenate([[0.0], np.linspace(30, 42, 61)])
    cold, driven = overlap(0.1, 2.0, late)[1:, 2], overlap(0.6, 2.0, late)[1:, 2]
    exact = {
        "paramagnet": np.log(hot[1] / hot[2]) / 8,
        "ferromagnet": np.abs(cold).min() - np.ptp(cold),
        "cycle": np.ptp(driven),
    }
    shown = {
        "decay rate at β = 0.5": exact["paramagnet"],
        "least overlap at β = 2, Ω = 0.1": np.abs(cold).min(),
        "its swing at Ω = 0.6": exact["cycle"],
    }
    return Facts({"zero": 0.0}, exact, 1e-3, "mean field, integrated", shown=shown)
