"""What decides the claims of Fiorelli 2024 about the network itself: energies and rates of configurations, and one-spin
algebra.

Names in formulas: beta: β, z: ⟨σ_z⟩, gp, gm: both rates; of a configuration: sums by pattern and large spin, N, Ns, p.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from comparison.claims.fiorelli_2024.network import BETA
from comparison.claims.full_space import anticommutator, commutator
from comparison.claims.paper_claim import Facts
from comparison.claims.product_states import PAULI

_PLUS = (PAULI[0] + 1j * PAULI[1]) / 2
_TWO_LEVELS = "2×2 matrices"
_MEAN = np.array([0, 0.3, 0.5])
_LADDER = "exact at a ladder of N, extrapolated"


def _network() -> dict:
    """A configuration of 12 spins with two patterns in four equal blocks, and what the paper makes of it."""
    blocks = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    size, patterns = 3, np.repeat(blocks, 3, axis=0).T
    rng = np.random.default_rng(5)
    config = rng.choice([-1.0, 1.0], 12)
    large = config.reshape(4, size).sum(axis=1)
    hebb = patterns.T @ patterns / 12
    coupling = blocks @ blocks.T / 4
    return {
        "energy": -config @ hebb @ config / 2,
        "fields": (hebb @ config).reshape(4, size),
        "overlap": patterns @ config / 12,
        "sums": ((patterns @ config) ** 2).sum(),
        "sSS": large @ coupling @ large,
        "squares": ((blocks.T @ large) ** 2).sum(),
        "wS": coupling @ large,
        "eS": blocks.T @ large,
        "N": 12.0,
        "Ns": float(size),
        "p": 2.0,
    }


def configuration(*wanted: str) -> Callable[[bool], Facts]:
    """Numbers of a configuration, all entries the same."""

    def facts(_: bool) -> Facts:
        known = _network()
        exact = known.pop(wanted[0])
        if np.ndim(exact) == 2:
            exact = exact.mean(axis=1)  # the same for all spins of a block
        return Facts(known, dict.fromkeys(wanted[1:], exact), how="a configuration of 12 spins")

    return facts


def couplings(_: bool) -> Facts:
    """How ΔE of each of two blocks of 4 spins depends on the averages of both, with one pattern."""
    xi = np.repeat([1.0, -1.0], 4)
    hebb = np.outer(xi, xi) / 8
    of_averages = np.array([[hebb[4 * h, 4 * k : 4 * k + 4].sum() for k in range(2)] for h in range(2)])
    m = np.array([0.5, -0.5])
    first, second = of_averages @ m
    products = of_averages[:, :, None] * of_averages[None, :, :]  # by h, k′ and k
    exact = {"hh": of_averages[0, 0], "hk": of_averages[0, 1], "ww": products}
    known = {"w": of_averages[:, None, :], "z": 0.5}
    return Facts(known, exact | {"first": first, "second": second}, how="two blocks of 4 spins")


def unit_rates(_: bool) -> Facts:
    """Γ_+² + Γ_−² of the heat bath."""
    x = 0.4
    known = {f"g{end}": np.exp(sign * BETA * x / 2) / np.sqrt(2) for end, sign in (("p", 1), ("m", -1))}
    return Facts(known | {"x": x, "beta": BETA}, {"": 1.0}, how="what the rates of Refs. [47, 70] are said to obey")


def local(mu: int) -> Callable[[bool], Facts]:
    """D_±^Loc[σ_μ]."""

    def facts(_: bool) -> Facts:
        exact = {}
        for name, j in (("plus", _PLUS), ("minus", _PLUS.T)):
            loss = j.conj().T @ j
            exact[name] = j.conj().T @ PAULI[mu] @ j - anticommutator(loss, PAULI[mu]) / 2
        return Facts({"s": PAULI[mu], "one": np.eye(2)}, exact, how=_TWO_LEVELS)

    return facts


def matrix_of_flips(_: bool) -> Facts:
    """Coefficients of D_ℓ^Loc[σ_α] along σ_x, σ_y, σ_z and 1, for both ℓ."""
    basis, exact, known = [*PAULI, np.eye(2)], {}, {}
    for name, j, sign in (("plus", _PLUS, 1.0), ("minus", _PLUS.T, -1.0)):
        rows = [j.conj().T @ v @ j - anticommutator(j.conj().T @ j, v) / 2 for v in PAULI]
        exact[name] = np.array([[np.trace(row @ v).real / 2 for v in basis] for row in rows])
        known[name] = sign
    for k, x in enumerate("xyz"):
        known[x + x] = np.outer(np.arange(3) == k, np.arange(4) == k) * 1.0
    return Facts(known | {"z4": np.outer(np.arange(3) == 2, np.arange(4) == 3) * 1.0}, exact, how=_TWO_LEVELS)


def squared_jump(_: bool) -> Facts:
    """⟨σ_∓ σ_±⟩ in a state with ⟨σ_z⟩ = z."""
    rho = (np.eye(2) + np.tensordot(_MEAN, PAULI, 1)) / 2
    exact = {name: np.trace(rho @ j.T @ j).real for name, j in (("plus", _PLUS), ("minus", _PLUS.T))}
    return Facts({"z": _MEAN[2]}, exact, how=_TWO_LEVELS)


def along_basis(_: bool) -> Facts:
    """Coefficients of σ_∓ σ_± along σ_x, σ_y, σ_z."""
    exact = {}
    for name, j in (("plus", _PLUS), ("minus", _PLUS.T)):
        exact |= {f"{name} {x}": np.trace(j.T @ j @ v).real / 2 for x, v in zip("xyz", PAULI, strict=True)}
    return Facts({"zero": 0.0}, exact, how=_TWO_LEVELS)


def squared_slope(_: bool) -> Facts:
    """(Γ′)² of both rates, by imaginary steps."""
    x, exact = 0.4, {}
    for name, sign in (("plus", 1), ("minus", -1)):
        exact[name] = (np.exp(sign * BETA / 2 * (x + 1e-20j)) / np.sqrt(2)).imag ** 2 * 1e40
    known = {"beta": BETA, "gp": np.exp(BETA * x / 2) / np.sqrt(2), "gm": np.exp(-BETA * x / 2) / np.sqrt(2)}
    return Facts(known, exact, how="closed form")


def evolution_of_exponential(_: bool) -> Facts:
    """d/dt e^{iM(t)} for a matrix that does not commute with its derivative."""
    m = np.diag([0.3, -0.2, 0.5]) + 0.2 * np.ones((3, 3))
    slope = np.array([[0.1, 0.4, 0], [0.4, -0.3, 0.2], [0, 0.2, 0.6]])
    inner, series = slope, 1j * slope
    factor = 1j
    for k in range(2, 25):
        inner, factor = commutator(m, inner), factor * 1j / k
        series = series + factor * inner
    # e^{i(M + εM′)} for ε → 0 stands in the corner of the exponential of a block matrix
    block = expm(1j * np.block([[m, slope], [np.zeros((3, 3)), m]]))
    return Facts({"O": series, "N": expm(1j * m)}, {"": block[:3, 3:]}, 1e-13, "3×3 matrices")
