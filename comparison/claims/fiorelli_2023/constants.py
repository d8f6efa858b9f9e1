"""What decides the constants and series in the proofs of Fiorelli et al. 2023: the same sums, term by term. Names as in
`facts.py`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from comparison.claims.fiorelli_2023.facts import Jump, norm, setting, two_sites
from comparison.claims.paper_claim import Facts


def sums_of_series(_: bool) -> Facts:
    """Σ_n |c_n| n² δ^{n−2} and Σ_n Σ_{i<n} |c_n| δ^{n−1}, term by term, for Γ(x) = eˣ."""
    n = np.arange(40)
    delta = 0.9
    c = 1 / np.concatenate([[1.0], np.cumprod(n[1:].astype(float))])
    series = np.polynomial.Polynomial(c)
    exact = {
        "A.8": sum(x * k**2 * delta ** (k - 2.0) for k, x in enumerate(c)),
        "A.9": sum(sum(x * delta ** (k - 1.0) for _i in range(k)) for k, x in enumerate(c)),
    }
    names = {"delta": delta, "g1": series.deriv()(delta), "g2": series.deriv(2)(delta), "n": n[1:].astype(float)}
    names |= {"c": (c * delta ** (n - 1.0))[1:], "one": np.ones(len(n) - 1)}
    return Facts(names, exact, 1e-14, "the sums of the proof, by 40 terms")


def sum_of_bounds(delta: float, g0: float, g1: float, g2: float, sites: int = 1) -> float:
    """The bounds of D_12, D_21, D_221, D′, D″ and D‴_222 as the proof prints them, for ‖O‖ = ‖j‖ = 1."""
    first, second = delta * g1, delta**2 * g2
    bounds = [4 * sites**2 * g0 * first, 2 * sites * first**2, 2 * sites**2 * first**2]
    bounds += [2 * sites * g0 * second, 2 * sites**2 * g0 * first, 2 * sites * g0 * second]
    return sum(bounds)


def of_jump(jump: Jump, sites: int) -> float:
    """The same for one jump."""
    return norm(jump.j) ** 2 * sum_of_bounds(**jump.majorants, sites=sites)


def constant_of_lemma_2(_: bool) -> Facts:
    """Their sum for operators of two sites and of one."""
    jump, o = setting(2).jumps[1], norm(two_sites())
    names = {**jump.majorants, "O": o, "x": o, "j": norm(jump.j), "NO": 2}
    return Facts(names, {"O": o * of_jump(jump, 2), "x": o * of_jump(jump, 1)}, how="six bounds of the proof, added up")


def bounds_of_terms(delta: float, c: Sequence[float]) -> dict[str, float]:
    """N times the bounds of the same six parts by name, for ‖j‖ = 1 and an operator of one site and norm 1, every sum
    over powers of Δ in Γ = Σ_n c_n Δ^n done term by term: ‖[Δ, O]‖ ≤ 2δ/N, ‖[Δ, Σ_k j†j]‖ ≤ 2δ, and ‖Δ‖ ≤ δ."""
    size = np.abs(c)
    g0 = float(sum(x * delta**n for n, x in enumerate(size)))
    one = float(sum(x * 2 * delta**n for n, x in enumerate(size) for _i in range(n)))  # N‖[Γ, O]‖ and ‖[Γ, Σ j†j]‖
    two = float(sum(x * i * 4 * delta**n for n, x in enumerate(size) for i in range(n)))  # [Δ^i, Σ j†j] [Δ, O] …
    nested = float(sum(x * 4 * delta**n for n, x in enumerate(size) for _i in range(n)))  # … [[Δ, O], j†j] …
    return {"12": 2 * g0 * one, "21": one**2 / 2, "221": one**2 / 2} | {
        "222′": g0 * two / 2,
        "222″": g0 * nested / 2,
        "222‴": g0 * two / 2,
    }


def sum_of_terms(delta: float, c: Sequence[float]) -> float:
    """Their sum, to which the printed bounds are `sum_of_bounds`."""
    return sum(bounds_of_terms(delta, c).values())


def constant_of_lemma_3(_: bool) -> Facts:
    """C_L: the bound of L_22, and the sums of terms for ‖v_α‖ ≤ 1 and one jump, and for the jump with twice its j."""
    jump, point = setting(2).jumps[1], setting(2)
    sizes = norm(jump.j) * np.array([1, 2])
    names = {**jump.majorants, "j": sizes, "d": 2, "q": 1}
    names |= {"hmax": np.abs(point.h).max(), "amax": np.abs(point.names["a"]).max()}
    exact = 2**8 * names["hmax"] * names["amax"] ** 2 + sizes**2 * sum_of_terms(names["delta"], jump.c)
    return Facts(names, {"": exact}, how="the bounds of the proof's terms, added up")
