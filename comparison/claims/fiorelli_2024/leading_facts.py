"""What decides the leading orders in Appendix A of Fiorelli 2024: averages in product states, exact at every N and
extrapolated, and operators of a few spins.

Names in formulas as in `weyl.py`; by jump also dg, ddg: Γ′ and Γ″; K: [r·σ, σ_α] = Σ K_αγ σ_γ; chi = ⟨W⟩; V: variance
of the averages.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

import numpy as np
from scipy.linalg import expm

from comparison.claims.exact.full_space import EPSILON, commutator, product, total
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.exact.product_states import PAULI, in_limit
from comparison.claims.fiorelli_2024 import operators as spins
from comparison.claims.fiorelli_2024.network import BETA
from comparison.claims.fiorelli_2024.weyl import FIELD, FLIPS, INTERACTION, R1, in_units_of_weyl, names
from comparison.claims.paper_claim import Facts

_HOW = "product states, exact at every N, extrapolated"
_GENERAL = np.array([[0.2, 0.5, -0.4], [-0.3, 0.1, 0.6], [0.7, -0.2, 0.3]])  # in place of h^I
_DIFFERENCES = {"gwJjv": 1.0, "gJj": -1.0, "wgJjv": -1.0, "wgvJj": 1.0}  # (Γ − WΓW†)(W j†j W† − j†j)


def _names() -> dict:
    """Names with derivatives of the rates and K."""
    known = names()
    known["K"] = 2j * np.einsum("n,nac->ac", R1, EPSILON)
    for end, sign in (("p", 1), ("m", -1)):
        slope = sign * BETA / 2
        gamma = np.sqrt(known[f"G2{end}"])
        known |= {f"dg{end}": slope * gamma, f"ddg{end}": slope**2 * gamma}
    return known


def commutator_with_weyl(_: bool) -> Facts:
    """⟨[V_μ, W]⟩ for N → ∞, and ⟨W⟩."""
    m = names()["m"]
    rho = (np.eye(2) + np.tensordot(m, PAULI, 1)) / 2
    centred = np.tensordot(R1, PAULI, 1) - (R1 @ m) * np.eye(2)

    def at(size: int) -> np.ndarray:
        w = expm(1j / np.sqrt(size) * centred)
        one = np.array([np.trace(rho @ commutator(x, w)) for x in PAULI])
        return np.sqrt(size) * one * np.exp((size - 1) * np.log(np.trace(rho @ w)))

    value, error = of_closed_form(at)
    return Facts(names() | {"chi": np.exp(-R1 @ names()["S"] @ R1 / 2)}, {"": value}, error, _HOW)


def double_commutator(_: bool) -> Facts:
    """−Σ h_αβ [[V_α, W], V_β] over ⟨W⟩, of order one, for an h without the antisymmetry of h^I, by which both
    sides vanish."""
    signs = {"xwy": 1, "wxy": -1, "yxw": -1, "ywx": 1}

    def value(size: int, r: np.ndarray) -> np.ndarray:
        common = INTERACTION.weyl(r, size)
        terms = sum(sign * INTERACTION.moments(word, size, common)[1:, 1:] for word, sign in signs.items())
        return np.full((1, 1), -np.sum(_GENERAL * terms) / size)

    found, error = in_units_of_weyl(INTERACTION, value)
    return Facts(names() | {"hI": _GENERAL}, {"": found}, error, _HOW)


def flips_of_weyl(_: bool) -> Facts:
    """D^Loc[W] over ⟨W⟩ by jump: of order one, and of order √N."""
    words, exact, error = {"Jwj": 1.0, "wJj": -0.5, "Jjw": -0.5}, {}, {}
    for end, sign in (("p", 1), ("m", -1)):
        for entry, leading in ((end, False), (f"leading {end}", True)):
            found = in_units_of_weyl(FLIPS, lambda n, r, s=sign: FLIPS.flips(words, n, r, (s,)), leading)
            exact[entry], error[entry] = found
    return Facts(names(), exact, error, _HOW)


def product_of_differences(rest: bool) -> Callable[[bool], Facts]:
    """Σ_k (Γ − WΓW†)(W j†j W† − j†j) by jump: of order one, or √N times what is left of it."""

    def facts(_: bool) -> Facts:
        exact, error = {}, {}
        for end, sign in (("p", 1), ("m", -1)):

            def part(size: int, s=sign) -> np.ndarray:
                ahead, back = (FLIPS.flips(_DIFFERENCES, size, r, (s,))[0, 0] for r in (R1, -R1))
                return np.sqrt(size) * (ahead - back) / 2 if rest else (ahead + back) / 2  # it is a series in r/√N

            exact[end], error[end] = in_limit(part)
        return Facts(_names(), exact, error, _HOW)

    return facts


def variance(_: bool) -> Facts:
    """⟨F_μ²⟩ of product states for N → ∞, and N⟨(m_μ^N − m_μ)²⟩ of five spins."""
    m, size = names()["m"], 5
    value, error = in_limit(lambda n: np.diag(FIELD.moments("xy", n, [{}])[1:, 1:]) / n)
    averages = 2 * total(size) / size - m[:, None, None] * np.eye(2**size)
    own = [np.trace(product(m / 2, size) @ x @ x).real for x in averages]
    return Facts({"N": float(size), "V": np.array(own)}, {"": value.real}, error, _HOW)


def shift(_: bool) -> Facts:
    """W Δ W† − Δ, and r_ℓ r_ν1 … r_νn a … a m for all n, in the full space of a few spins."""
    n = np.arange(1, 25)
    chain = 2j * np.einsum("n,nac->ac", spins.R, EPSILON)
    rows = np.array([spins.IN_RATE @ np.linalg.matrix_power(chain, k) for k in n])
    known = {"i": 1j, "root": np.sqrt(spins.N), "n": n[:, None, None], "total": lambda x: x.sum(axis=0)}
    known |= {"d": np.tensordot(rows, spins.AVERAGES, 1)}
    known["factorial"] = np.array([float(factorial(k)) for k in n])[:, None, None]
    return Facts(known, {"": spins.moved_average()}, 1e-12, f"full space of {spins.N} spins")
