"""What decides the steps of the proofs of Fiorelli et al. 2023: identities of operators and bounds of their parts, in
the full space of a few particles. Names as in `facts.py`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from comparison.claims.exact.full_space import commutator
from comparison.claims.fiorelli_2023.facts import (
    Jump,
    average,
    lindblad,
    means,
    norm,
    random_matrix,
    setting,
    site,
    two_sites,
)
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts
from finite_n.model.operators import PAULI

N = 4
SIZES = (2, 3, 4, 5)
_FULL = f"full space of {N} particles"
_UPTO = "full space of 2 to 5 particles"


def _sum_over_jumps(left: np.ndarray, right: np.ndarray, size: int) -> np.ndarray:
    """Σ [J†, left][right, J]."""
    jumps = setting(2).jump_operators(size)
    return sum(commutator(x.conj().T, left) @ commutator(right, x) for x in jumps)


def generator_of_product(_: bool) -> Facts:
    """L_N[AB] of two operators of four particles."""
    random, point = np.random.default_rng(30), setting(2)
    a, b = random_matrix(random, 2**N), random_matrix(random, 2**N)
    names = {"A": a, "B": b, "LA": point.generator(a, N), "LB": point.generator(b, N)}
    return Facts({**names, "jumps": _sum_over_jumps(a, b, N)}, {"": point.generator(a @ b, N)}, 1e-11, _FULL)


def last_term(_: bool) -> Facts:
    """Σ [J†, m][m, J] of one jump of three particles."""
    size, point, x = 3, setting(2), setting(2).jumps[1]
    m = point.averages(size)[1]
    exact = sum(commutator(j.conj().T, m) @ commutator(m, j) for j in point.jump_operators(size)[size : 2 * size])
    own = np.array([site(x.j, k, size) for k in range(size)])
    names = {"j": own, "jd": own.conj().transpose(0, 2, 1), "m": m, "G": point.rate(1, size)}
    return Facts({**names, "sum": lambda y: y.sum(axis=0)}, {"": exact}, 1e-12, f"full space of {size} particles")


def bound_of_last_term(_: bool) -> Facts:
    """‖P‖ for every average m_α."""
    point = setting(2)
    exact = np.array([[norm(_sum_over_jumps(m, m, size)) for m in point.averages(size)] for size in SIZES])
    names: dict = {"N": np.array(SIZES)[:, None], "d": 2, "amax": np.abs(point.names["a"]).max()}
    for l, x in enumerate(point.jumps):
        names |= {f"{k}_{l + 1}": value for k, value in x.majorants.items()} | {f"jnorm_{l + 1}": norm(x.j)}
    terms = 0.0
    for x in point.jumps:  # ‖[jΓ, m]‖ by both of its terms, the second with d² letters
        b = x.majorants
        one = norm(x.j) * (2 * b["delta"] * b["g1"] + sum(names["amax"] * b["g0"] for _beta in range(4))) / names["N"]
        terms = terms + names["N"] * one**2
    return Facts(names, {"": exact}, how=_UPTO, parts={"": terms})


def differences(_: bool) -> Facts:
    """m_β m_γ − m_β(t) m_γ(t), and the same of Γ² m_β, with numbers m(t)."""
    point, at = setting(2), means(setting(2)) + np.array([0.1, -0.2, 0.15, 0.05])
    m, one = point.averages(N), np.eye(2**N)
    g, rate = point.rate(1, N), point.jumps[1].amplitude(point.jumps[1].r @ at)
    names = {"mb": m[1], "mc": m[2], "b": at[1], "c": at[2], "one": one, "G": g, "g": rate}
    exact = {"37": m[1] @ m[2] - at[1] * at[2] * one, "38": g @ g @ m[1] - rate**2 * at[1] * one}
    return Facts(names, exact, 1e-13, _FULL)


def only(facts: Callable[[bool], Facts], entry: str) -> Callable[[bool], Facts]:
    """One entry of several."""

    def one(quick: bool) -> Facts:
        found = facts(quick)
        return Facts(found.names, {entry: found.exact[entry]}, found.error, found.how)

    return one


def _parts() -> dict:
    """Operators of Appendix A.2 for an operator O of two sites."""
    point = setting(2)
    x, o = point.jumps[1], site(two_sites(), 0, N)
    own = [site(x.j, k, N) for k in range(N)]
    pairs = [(j.conj().T, j) for j in own]
    return {
        "G": point.rate(1, N),
        "O": o,
        "O1": sum(commutator(a, o) @ b for a, b in pairs) / 2,
        "O2": sum(a @ commutator(o, b) for a, b in pairs) / 2,
        "n": sum(a @ b for a, b in pairs),
    }


def dissipator_by_parts(_: bool) -> Facts:
    """D[O]."""
    names = _parts()
    return Facts(names, {"": setting(2).dissipator(1, names["O"], N)}, 1e-12, _FULL)


def first_part(_: bool) -> Facts:
    """Γ Σ (½[j†, O]j + ½j†[O, j]) Γ, by local Lindblad maps."""
    names, x = _parts(), setting(2).jumps[1]
    local = lindblad(names["O"], [site(x.j, k, N) for k in range(N)])
    return Facts(names, {"": names["G"] @ local @ names["G"]}, 1e-12, _FULL)


def second_part(_: bool) -> Facts:
    """What D[O] has beside Γ D^Loc[O] Γ."""
    names, point = _parts(), setting(2)
    local = lindblad(names["O"], [site(point.jumps[1].j, k, N) for k in range(N)])
    rest = point.dissipator(1, names["O"], N) - names["G"] @ local @ names["G"]
    return Facts(names, {"": rest}, 1e-12, _FULL)


def bound_of_third_sum(_: bool) -> Facts:
    """‖D‴_222‖ of eq. A.7 with a cubic amplitude, for an operator of two sites."""
    jump, exact = Jump(setting(2).jumps[1].j, setting(2).jumps[1].r, (0.4, -0.3, 0.2, 0.5)), []
    for size in SIZES:
        where = np.tensordot(jump.r, setting(2).averages(size), 1)
        inner = commutator(where, site(two_sites(), 0, size))
        power = [np.linalg.matrix_power(where, n) for n in range(len(jump.c))]
        squares = sum(site(jump.j.conj().T @ jump.j, k, size) for k in range(size))
        terms = [
            c * power[i] @ inner @ commutator(power[n - 1 - i], squares) for n, c in enumerate(jump.c) for i in range(n)
        ]
        exact.append(norm(jump.amplitude(where) @ sum(terms)) / 2)
    names = {"N": np.array(SIZES), "NO": 2, "O": norm(two_sites()), "j": norm(jump.j), **jump.majorants}
    return Facts(names, {"": np.array(exact)}, how=_UPTO)


def local_action(_: bool) -> Facts:
    """D^Loc[v_2] of a jump of three-level particles."""
    point = setting(3)
    v, j = point.v[1], point.jumps[0].j
    return Facts({"s": point.names["s"], "M": point.names["M1"][1]}, {"": lindblad(v, [j])}, 1e-13, "3×3 matrices")


def energy_of_average(d: int) -> Callable[[bool], Facts]:
    """i[Σ_k Σ ε v^(k), m_α] for one α."""

    def facts(_: bool) -> Facts:
        point, size = setting(d), 3
        m, field = point.averages(size), np.tensordot(point.eps, point.v, 1)
        exact = 1j * size * commutator(average(field, size), m[1])
        a = point.names["a"]
        return Facts(
            {"i": 1j, "eps": point.eps, "a": a[1], "S": lambda c: np.tensordot(c, m, 1)},
            {"": exact},
            1e-12,
            f"full space of {size} particles",
        )

    return facts


def interaction_of_average(_: bool) -> Facts:
    """i[H, m_α] of the all-to-all Hamiltonian for one α."""
    point = setting(2)
    m, h = point.averages(N), point.h
    H = N * sum(x @ np.tensordot(y, m, 1) for x, y in zip(m, h, strict=True))
    a = point.names["a"][1]
    pairs = np.array([[x @ y for y in m] for x in m])
    commutators = pairs - pairs.transpose(1, 0, 2, 3)
    names = {
        "i": 1j,
        "B": (h + h.T) @ a,
        "ha": h.T @ a,
        "pairs": lambda c: np.tensordot(c, pairs, 2),
        "commutators": lambda c: np.tensordot(c, commutators.transpose(1, 0, 2, 3), 2),
    }
    return Facts(names, {"": 1j * commutator(H, m[1])}, 1e-12, _FULL)


def bound_of_commutators(_: bool) -> Facts:
    """‖Σ_γβ Σ_β′ h_β′β a^γ_β′α [m_γ, m_β]‖ for every α."""
    point, exact = setting(2), []
    for size in SIZES:
        m = point.averages(size)
        brackets = np.array([[commutator(x, y) for y in m] for x in m])  # [γ, β]
        exact.append([norm(np.tensordot((point.h.T @ a).T, brackets, 2)) for a in point.names["a"]])
    names = {"N": np.array(SIZES)[:, None], "d": 2, "hmax": np.abs(point.h).max()}
    names["amax"] = np.abs(point.names["a"]).max()
    one = names["hmax"] * names["amax"] * (names["amax"] / names["N"])  # ‖[m_γ, m_β]‖ ≤ a_max/N
    bound = sum(one for _four in np.ndindex(4, 4, 4, 4))
    return Facts(names, {"": np.array(exact)}, how=_UPTO, parts={"": bound})


def quotient(_: bool) -> Facts:
    """|Γ²(x) − Γ²(y)|/|x − y| for numbers up to δ."""
    jump = Jump(setting(2).jumps[1].j, setting(2).jumps[1].r, (0.4, 0.3, 0.2, 0.5))
    b = jump.majorants
    x = b["delta"] * np.append(np.linspace(-1, 0.99, 12), [0.9998, 0.9999])
    g = np.array([jump.amplitude(y) for y in x])
    apart = np.subtract.outer(x, x) + np.eye(len(x))
    exact = np.abs(np.subtract.outer(g**2, g**2) / apart)
    return Facts(b, {"": exact}, how="numbers")


def _completely_positive(_: bool) -> Facts:
    """|ω(A†Λ[C†D]B)| for 200 random unital maps and states in dimension 4."""
    random, rows = np.random.default_rng(31), []
    for _k in range(200):
        kraus = np.array([random_matrix(random, 4) for _l in range(2)])
        root = np.linalg.inv(np.linalg.cholesky(sum(k.conj().T @ k for k in kraus))).conj().T
        kraus = kraus @ root
        rho = random_matrix(random, 4)
        rho = rho @ rho.conj().T / norm(rho) ** 2
        rho /= np.trace(rho)
        a, b, c, e = (random_matrix(random, 4) for _l in range(4))

        def value(left, inner, right, kraus=kraus, rho=rho):
            return np.trace(rho @ left.conj().T @ sum(k.conj().T @ inner @ k for k in kraus) @ right)

        own = value(a, c.conj().T @ c, a).real, value(b, e.conj().T @ e, b).real
        rows.append([abs(value(a, c.conj().T @ e, b)), *own])
    exact, left, right = np.array(rows).T
    return Facts({"left": left, "right": right}, {"": exact}, how="200 random maps, states and matrices")


# the identity as the map: A = B = 1 and C close to D
_C, _D = PAULI[3], PAULI[3] + TILT * PAULI[1]
completely_positive = near_equality(
    _completely_positive,
    {k: np.trace(x.conj().T @ x).real / 2 for k, x in (("left", _C), ("right", _D))},
    {"": abs(np.trace(_C.conj().T @ _D)) / 2},
)
