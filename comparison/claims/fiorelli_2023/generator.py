"""What decides the claims of Fiorelli et al. 2023 about the generator: Lemmas 1 to 3, the mean-field generator of local
operators, and identities of operators, in the full space of a few particles. Names as in `facts.py`."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from comparison.claims.exact.full_space import commutator, in_limit
from comparison.claims.fiorelli_2023.constants import of_jump
from comparison.claims.fiorelli_2023.facts import (
    SEVERAL,
    average,
    lindblad,
    means,
    norm,
    others_averaged,
    product,
    random_matrix,
    setting,
    site,
    two_sites,
)
from comparison.claims.near_equality import TILT, near_equality
from comparison.claims.paper_claim import Facts
from finite_n.model.operators import PAULI

SIZES = (2, 3, 4, 5)
_FULL = "full space of 2 to 5 particles"
_X = random_matrix(np.random.default_rng(21), 2)
_LINEAR = (1, 1)  # powers of Δ in the amplitudes, so that limits are those of polynomials of degree 2 in 1/N


def trace(x: np.ndarray) -> complex:
    """tr x, of every matrix where there are several."""
    return np.trace(x, axis1=-2, axis2=-1)


def _small_commutators(_: bool) -> Facts:
    """‖[X_N, Y_N]‖ for two matrices x and y."""
    y = random_matrix(np.random.default_rng(22), 2)
    exact = np.array([norm(commutator(average(_X, N), average(y, N))) for N in SIZES])
    return Facts({"x": norm(_X), "y": norm(y), "N": np.array(SIZES)}, {"": exact}, how=_FULL)


# what the proofs use of v is ‖v‖ ≤ 1; with σ_z in place of an orthonormal v both sides can be equal
_ALONG, _ACROSS, _FEW = PAULI[3], PAULI[1] * np.cos(TILT) + PAULI[3] * np.sin(TILT), 3
small_commutators = near_equality(
    _small_commutators,
    {"x": 1.0, "y": 1.0, "N": _FEW},
    {"": norm(commutator(average(_ALONG, _FEW), average(_ACROSS, _FEW)))},
)


def clustering(_: bool) -> Facts:
    """Variance of X_N in a product state, for N → ∞."""
    x = _X + _X.conj().T

    def variance(N: int) -> np.ndarray:
        deviation = average(x, N) - trace(product(2, 1) @ x) * np.eye(2**N)
        return trace(product(2, N) @ deviation @ deviation).real

    value, error = in_limit(variance)
    return Facts({"zero": 0.0}, {"": value}, error, SEVERAL, scale=norm(x) ** 2)


def expansion(d: int) -> Callable[[bool], Facts]:
    """A matrix, whose coefficients in the basis v1, v2, … are asked for."""

    def facts(_: bool) -> Facts:
        names = {f"v{k + 1}": x for k, x in enumerate(setting(d).v)}
        x = random_matrix(np.random.default_rng(23), d)
        return Facts({"tr": trace, "x": x, **names}, {"": x}, how=f"{d}×{d} matrices")

    return facts


def structure(_: bool) -> Facts:
    """[v_2, v_3] of two-level particles."""
    v = setting(2).v
    names = {"tr": trace, "v": v, "s": setting(2).names["s"], "v2": v[1], "v3": v[2]}
    return Facts(names, {"": commutator(v[1], v[2])}, how="2×2 matrices")


def _bounded_argument(_: bool) -> Facts:
    """‖Δ_N‖ of both jumps."""
    exact = {str(l + 1): np.array([norm(setting(2).argument(l, N)) for N in SIZES]) for l in range(2)}
    return Facts(
        {"r1": setting(2).jumps[0].r, "r2": setting(2).jumps[1].r, "abs": np.abs, "sum": np.sum}, exact, how=_FULL
    )


bounded_argument = near_equality(
    _bounded_argument,
    {"r1": np.array([0.7]), "r2": np.array([-1.2])},
    {k: norm(r * average((1 - TILT) * _ALONG, _FEW)) for k, r in (("1", 0.7), ("2", -1.2))},
)


def _operator(kind: str, N: int) -> tuple[np.ndarray, float, int]:
    """A local operator of one or two sites, or an average one; its norm, or that of x; and its number of sites."""
    if kind == "average":
        return average(_X, N), norm(_X), 1
    small = _X if kind == "one" else two_sites()
    return site(small, 0, N), norm(small), 1 if kind == "one" else 2


def lemma_1(kind: str, double: bool) -> Callable[[bool], Facts]:
    """Norms of [Γ, O], or of [Γ, [Γ, O]]; O of two sites, or X_N."""

    def facts(_: bool) -> Facts:
        point, exact = setting(2), []
        for N in SIZES:
            gamma, (o, size, sites) = point.rate(1, N), _operator(kind, N)
            first = commutator(gamma, o)
            exact.append(norm(commutator(gamma, first) if double else first))
        names = {"N": np.array(SIZES), "NO": sites, "O": size, "x": size, **point.jumps[1].majorants}
        return Facts(names, {"": np.array(exact)}, how=_FULL)

    delta = average(_ALONG, _FEW)  # as Γ
    across = {"one": site(_ACROSS, 0, _FEW), "two": site(np.kron(_ACROSS, _ACROSS), 0, _FEW)}
    inner = commutator(delta, across[kind] if kind in across else average(_ACROSS, _FEW))
    near = {"N": _FEW, "O": 1.0, "x": 1.0, "delta": 1.0, "g1": 1.0}
    return near_equality(facts, near, {"": norm(commutator(delta, inner) if double else inner)})


def lemma_2(_: bool) -> Facts:
    """‖D[O] − Γ² D^Loc[O]‖ for operators of one and two sites, and for an average."""
    point, exact = setting(2), {}
    jump = point.jumps[1]
    names: dict = {"N": np.array(SIZES), "j": norm(jump.j), **jump.majorants}
    for kind in ("one", "two", "average"):
        values = []
        for N in SIZES:
            o, size, _sites = _operator(kind, N)
            local = lindblad(o, [site(jump.j, k, N) for k in range(N)])
            values.append(norm(point.dissipator(1, o, N) - point.rate(1, N) @ point.rate(1, N) @ local))
            names[kind] = size
        exact[kind] = np.array(values)
    sites = {"one": 1, "two": 2, "average": 1}
    parts = {k: names[k] * of_jump(jump, n) / np.array(SIZES) for k, n in sites.items()}
    return Facts(names, exact, how=_FULL, parts=parts)


@functools.cache
def drift_in_limit(d: int) -> tuple[np.ndarray, np.ndarray]:
    """⟨L_N[m_α]⟩ in a product state for N → ∞, (d²,), and its error."""
    point = setting(d, _LINEAR)

    def value(N: int) -> np.ndarray:
        # of one particle, since the state and the generator do not tell particles apart
        return np.array([trace(product(d, N) @ point.generator(site(x, 0, N), N)).real for x in point.v])

    return in_limit(value)


def drift(d: int) -> Callable[[bool], Facts]:
    """That limit, for what the paper says about f_α(m)."""

    def facts(_: bool) -> Facts:
        value, error = drift_in_limit(d)
        point = setting(d, _LINEAR)
        return Facts({**point.names, "m": means(point)}, {"": value}, error, SEVERAL)

    return facts


def local_generator(d: int) -> Callable[[bool], Facts]:
    """What L_N[x^(1)] becomes for N → ∞ where the other particles are in a product state."""

    def facts(_: bool) -> Facts:
        point, x = setting(d, _LINEAR), random_matrix(np.random.default_rng(24), d)
        value, error = in_limit(lambda N: others_averaged(point.generator(site(x, 0, N), N), d, N))
        names = {**point.names, "m": means(point), "x": x}
        names |= {f"D{l + 1}": lindblad(x, [jump.j]) for l, jump in enumerate(point.jumps)}
        return Facts(names, {"": value}, error, SEVERAL)

    return facts


def same_site_terms(_: bool) -> Facts:
    """What the terms k = j of the Hamiltonian give in i[H, O] for N → ∞, O of two sites."""
    point = setting(2)
    own = np.einsum("ab,aij,bjk->ik", point.h, point.v, point.v)

    def value(N: int) -> np.ndarray:
        return others_averaged(1j * commutator(average(own, N), site(two_sites(), 0, N)), 2, N, kept=2)

    exact, error = in_limit(value)
    return Facts({"zero": 0.0}, {"": exact}, error, SEVERAL, scale=norm(own))


def generator_on_local(fixed: bool) -> Callable[[bool], Facts]:
    """L_N[O] of an operator of two sites where the other particles are in a product state, for N → ∞, and the terms of
    eq. 52 alike; or L_N[O] − L̃[O] and those of eq. 53 with any numbers m(s) in place of the averages."""

    def facts(_: bool) -> Facts:
        point, small = setting(2, _LINEAR), two_sites()
        other = means(point) + np.array([0.1, -0.2, 0.15, 0.05]) if fixed else np.zeros(4)

        def parts(N: int) -> np.ndarray:
            o, one, m = site(small, 0, N), np.eye(2**N), point.averages(N)
            inner = np.array([sum(commutator(site(x, k, N), o) for k in range(2)) for x in point.v])
            local = [lindblad(o, [site(x.j, k, N) for k in range(N)]) for x in point.jumps]
            squares = [point.rate(l, N) @ point.rate(l, N) for l in range(2)]
            if fixed:
                m = m - other[:, None, None] * one
                squares = [s - x.amplitude(x.r @ other) ** 2 * one for s, x in zip(squares, point.jumps, strict=True)]
            whole = point.generator(o, N)
            if fixed:
                field = np.tensordot(point.eps + 2 * (point.h @ other).real, inner, 1)
                whole = whole - 1j * field
                whole = whole - sum(x.amplitude(x.r @ other) ** 2 * y for x, y in zip(point.jumps, local, strict=True))
            terms = [
                whole,
                np.tensordot(point.eps, inner, 1),
                sum(m[a] @ np.tensordot(point.h[a], inner, 1) for a in range(4)),
                sum(np.tensordot(point.h[:, b], inner, 1) @ m[b] for b in range(4)),
                *(s @ y for s, y in zip(squares, local, strict=True)),
            ]
            return np.array([others_averaged(x, 2, N, kept=2) for x in terms])

        value, error = in_limit(parts, 3)
        names = dict(zip(("energy", "left", "right", "rate1", "rate2"), value[1:], strict=True))
        return Facts({"i": 1j, **names}, {"": value[0]}, float(error.max()), SEVERAL)

    return facts
