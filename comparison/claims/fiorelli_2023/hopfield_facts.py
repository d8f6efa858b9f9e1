"""What decides the claims of Fiorelli et al. 2023 about Hopfield networks, from all configurations of a few spins.

Names in formulas: dE: ΔE by configuration; z: σ_z of the flipped spin by configuration; c: what a flip changes; w:
w_ij; xi, f: patterns, and their signs in the blocks of equal spins; S, Ns: sums over the blocks, and spins in one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm, sqrtm

from comparison.claims.exact.full_space import commutator
from comparison.claims.fiorelli_2023.facts import average, lindblad, norm, random_matrix, site
from comparison.claims.paper_claim import Facts
from finite_n.model.operators import SIGMA_PLUS

BETA = 0.8
SIZES = (2, 3, 4, 5, 6)
_XI = np.array([[1, 1, -1, 1], [1, -1, -1, -1]])  # two patterns of four spins
_Z = np.diag([1.0, -1.0])
_ALL = "all configurations"
_UPTO = "full space of 2 to 6 spins"


def configurations(N: int) -> np.ndarray:
    """σ_z of every spin, (2^N, N), in the order of the full space."""
    return np.array(list(itertools.product((1, -1), repeat=N)))


def energies(spins: np.ndarray, xi: np.ndarray, own: bool) -> np.ndarray:
    """−½ Σ_ij w_ij s_i s_j pair by pair, with or without i = j."""
    N, out = spins.shape[1], np.zeros(len(spins))
    for i, j in itertools.product(range(N), repeat=2):
        if own or i != j:
            out -= sum(pattern[i] * pattern[j] for pattern in xi) / N * spins[:, i] * spins[:, j] / 2
    return out


def lowest_energy(_: bool) -> Facts:
    """The smallest energy of eight spins with one pattern, and with two orthogonal ones, by all configurations."""
    spins = configurations(8)
    xi = np.array([[1, -1, 1, 1, -1, 1, -1, -1], [1, 1, 1, 1, 1, 1, 1, 1]])
    names = {}
    for p in (1, 2):
        weights = xi[:p].T @ xi[:p] / 8
        names[f"w{p}"] = weights - np.diag(np.diag(weights))
    lowest = [energies(spins, xi[:p], False).min() for p in (1, 2)]
    names |= {"first": xi[0].astype(float), "second": xi[1].astype(float)}
    return Facts(names, {"one": lowest[0], "two": lowest[1], "other": lowest[1]}, how=_ALL)


def argument(spins: np.ndarray, xi: np.ndarray, k: int, own: bool) -> np.ndarray:
    """ΔE of spin k in every configuration, with or without the spin itself."""
    weights = xi[:, k] @ xi / xi.shape[1]
    return spins @ (weights if own else np.where(np.arange(len(weights)) == k, 0.0, weights))


_FLIPPED = 1  # the spin of four that flips


def _flip() -> tuple[np.ndarray, np.ndarray]:
    """Energies with this spin down less those with it up, pair by pair, and ΔE without it, by configuration."""
    spins = configurations(4)
    up, down = (np.where(np.arange(4) == _FLIPPED, s, spins) for s in (1, -1))
    return energies(down, _XI, False) - energies(up, _XI, False), argument(spins, _XI, _FLIPPED, False)


def energy_of_a_flip(_: bool) -> Facts:
    """What the flip of a spin changes."""
    cost, dE = _flip()
    return Facts({"dE": dE}, {"": cost}, 1e-14, _ALL)


def detailed_balance(_: bool) -> Facts:
    """Ratio of the rates of both flips of a spin that a bath at β wants, and their sum."""
    cost, dE = _flip()
    return Facts({"beta": BETA, "dE": dE}, {"ratio": np.exp(BETA * cost), "sum": np.ones(len(dE))}, 1e-13, _ALL)


def rate(x: np.ndarray, sign: int, beta: float = BETA) -> np.ndarray:
    """The amplitude of eq. 59 at numbers."""
    return 1 / np.sqrt(1 + np.exp(-2 * sign * beta * x))


def _as_matrix(dE: np.ndarray, sign: int) -> np.ndarray:
    """The same by functions of matrices."""
    x = np.diag(dE)
    return expm(sign * BETA / 2 * x) @ np.linalg.inv(sqrtm(expm(BETA * x) + expm(-BETA * x)))


def product_with_flip(what: str) -> Callable[[bool], Facts]:
    """σ Γ of one spin of four with two patterns: σ_± and ΔE without this spin; σ_z; or σ_+ and ΔE with all spins."""

    def facts(_: bool) -> Facts:
        N, spins, k, block = 4, configurations(4), 1, 3
        dE = argument(spins, _XI, k, False) if what == "own" else argument(spins, _XI, block, True)
        operator = {"own": SIGMA_PLUS, "z": _Z, "shift": SIGMA_PLUS}[what]
        s = site(operator, k, N)
        names = {"beta": BETA, "dE": dE, "z": spins[:, k], "s": s, "diag": np.diag}
        names["c"] = 2 * (_XI[:, k] @ _XI[:, block]) / N
        return Facts(
            names, {x: s @ _as_matrix(dE, sign) for x, sign in (("+", 1), ("-", -1))}, 1e-12, f"full space of {N} spins"
        )

    return facts


def commutator_with_flip(double: bool) -> Callable[[bool], Facts]:
    """‖[Γ, σ_+]‖, or ‖[Γ, [Γ, σ_+]]‖, of a spin of four with two patterns of which it is in another block."""

    def facts(_: bool) -> Facts:
        N, spins, k = 4, configurations(4), 0
        xi = np.array([[1, 1, 1, -1], [1, 1, -1, -1]])
        dE = argument(spins, xi, 1, True)
        gamma, s = _as_matrix(dE, 1), site(SIGMA_PLUS, k, N)
        first = commutator(gamma, s)
        names = {"beta": BETA, "dE": dE, "z": spins[:, k], "c": 2 * (xi[:, k] @ xi[:, 1]) / N}
        names["norm"] = lambda x: np.abs(x).max()
        return Facts(
            names, {"": norm(commutator(gamma, first) if double else first)}, 1e-12, f"full space of {N} spins"
        )

    return facts


def _network(N: int, own: bool = True) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Γ with all spins, Γ as every spin has it, and jumps that raise, of one pattern of ones."""
    spins, xi = configurations(N), np.ones((1, N))
    gamma = [np.diag(rate(argument(spins, xi, k, own), 1)) for k in range(N)]
    return (
        np.diag(rate(argument(spins, xi, 0, True), 1)),
        gamma,
        [site(SIGMA_PLUS, k, N) @ g for k, g in enumerate(gamma)],
    )


def _constant() -> float:
    """C_σ, the largest N‖[Γ, σ_+]‖."""
    return max(N * norm(commutator(_network(N)[0], site(SIGMA_PLUS, 0, N))) for N in SIZES)


_X = random_matrix(np.random.default_rng(41), 2)
_NAMES = {"N": np.array(SIZES), "xmax": np.abs(_X).max(), "beta": BETA, "p": 1}


def commutator_with_average(double: bool) -> Callable[[bool], Facts]:
    """‖[Γ, X_N]‖, or ‖[Γ, [Γ, X_N]]‖, for one pattern."""

    def facts(_: bool) -> Facts:
        exact = []
        for N in SIZES:
            gamma = _network(N)[0]
            first = commutator(gamma, average(_X, N))
            exact.append(norm(commutator(gamma, first) if double else first))
        c = _constant()
        flip = _NAMES["xmax"] * (c / _NAMES["N"]) ** (2 if double else 1)  # of σ_+ or σ_− in one spin
        bound = sum(flip for _sign in "+-")
        return Facts({**_NAMES, "C": c}, {"": np.array(exact)}, how=_UPTO, parts={"": bound})

    return facts


def dissipator_of_one_spin(what: str) -> Callable[[bool], Facts]:
    """‖D[x] − Γ² D^Loc[x]‖ with and without the spin itself in ΔE, and the distance of both D[x], for one pattern."""

    def facts(_: bool) -> Facts:
        exact, whole, sizes = [], [], []
        for N in SIZES:
            x = site(_X, 0, N)
            local = site(lindblad(_X, [SIGMA_PLUS]), 0, N)
            (gamma, _same, jumps), (_g, own, without) = _network(N), _network(N, own=False)
            images = {
                "with": lindblad(x, jumps) - gamma @ gamma @ local,
                "without": lindblad(x, without) - own[0] @ own[0] @ local,
                "difference": lindblad(x, jumps) - lindblad(x, without),
            }
            exact.append(norm(images[what]))
            sizes.append(norm(gamma if what == "with" else own[0]))
            spins = configurations(N)
            first, second = (np.cosh(BETA * argument(spins, np.ones((1, N)), 0, o)) for o in (True, False))
            whole.append(norm(np.diag(1 / (2 * first * second)) @ local))
        names = {**_NAMES, "C": _constant(), "Gamma": np.array(sizes), "W": np.array(whole)}
        return Facts(names, {"": np.array(exact)}, how=_UPTO)

    return facts


_TWO_NUMBERS = {"beta": BETA, "x": 0.7, "y": -0.3}


def difference_of_rates(power: int) -> Callable[[bool], Facts]:
    """Γ(x) − Γ(y) of two numbers, or Γ²(x) − Γ²(y)."""

    def facts(_: bool) -> Facts:
        x, y = _TWO_NUMBERS["x"], _TWO_NUMBERS["y"]
        exact = {s: rate(x, k) ** power - rate(y, k) ** power for s, k in (("+", 1), ("-", -1))}
        return Facts(_TWO_NUMBERS, exact, how="two numbers")

    return facts


_SPINS, _WARM = 10, 0.5  # spins and β for ΔE with and without the spin that flips


def shifted_square(bound: bool) -> Callable[[bool], Facts]:
    """Γ²(ΔE) − Γ²(ΔE − cσ_z/2) times 2 cosh(β ΔE) cosh(β(ΔE − cσ_z/2)) at every eigenvalue of ΔE; or the number
    sinh(βc/2), which shall bound it."""

    def facts(_: bool) -> Facts:
        dE, z = (a.ravel() for a in np.meshgrid(np.linspace(-1, 1, _SPINS + 1), [1.0, -1.0]))
        c, exact = 2 / _SPINS, {}
        for entry, sign in (("+", 1), ("-", -1)):
            shifted = dE - c / 2 * z
            factor = 2 * np.cosh(_WARM * dE) * np.cosh(_WARM * shifted)
            exact[entry] = (rate(dE, sign, _WARM) ** 2 - rate(shifted, sign, _WARM) ** 2) * factor
            if bound:
                exact[entry] = np.sinh(_WARM * c / 2)
        names = {"beta": _WARM, "dE": dE, "z": z, "c": c, "norm": lambda x: np.abs(x).max()}
        return Facts(names, exact, 1e-13, f"eigenvalues of {_SPINS} spins")

    return facts
