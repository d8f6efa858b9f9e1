"""What decides the claims of Benatti et al. 2016 (Phys. Lett. A 380, 381): exact numbers of spins that dissipate
collectively, in the full space of few spins, in closed form for product states, and at ladders of sizes.

Names in formulas: w, w1 … averages of s = σ/2; S, sigma: covariance and symplectic form of the fluctuations; A, B: real
and imaginary part of the Kossakowski matrix D; lam, xi, b = lam·xi: as in eqs. 40, 41, 50; T: transposition.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from comparison.claims.exact import full_space as spins
from comparison.claims.exact.full_space import (
    EPSILON,
    SPIN,
    anticommutator,
    commutator,
    dissipated,
    site,
    superoperator,
    total,
)
from comparison.claims.exact.ladders import limits, of_closed_form
from comparison.claims.exact.oscillator import low, position_momentum, weyl
from comparison.claims.paper_claim import Facts
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.systems import collective_dissipation

# one parameter point without any symmetry
_ROOT = np.array([[0.9, 0.2 - 0.5j, 0.3j], [0.1, 0.7 + 0.2j, -0.3], [0.2j, 0.4 - 0.3j, 0.6]])
D = _ROOT @ _ROOT.conj().T
A, B = D.real, D.imag
W = np.array([0.21, -0.13, 0.25])
N = 4  # spins in the full space

# and one in the frame of eq. 40
LAM, A11, A22, A12, A33, XI = 0.8, 1.0, 1.2, 0.4, 0.3, 0.35
ROTATED = {"lam": LAM, "A11": A11, "A22": A22, "A12": A12}
TIMES = [0.0, 0.5, 1.2]
LATE = 18.0  # e^{−2 |b| t} below 1e-4 of the differences that are looked at

_FULL = f"full space of {N} spins"
_SEVERAL = "exact at every N: polynomial in 1/N through full spaces of 2 to 5 spins"
_LADDER = "exact at a ladder of N, extrapolated"
_PRODUCTS = "product states, in closed form at N = 10³ … 10⁷, extrapolated"
_FOCK = "oscillator in 60 Fock levels"


def vector(prefix: str, x) -> dict[str, float]:
    """x1, x2, x3 of a vector, or x11 … x33 of a matrix."""
    return {prefix + "".join(str(i + 1) for i in at): float(value) for at, value in np.ndenumerate(x)}


def spin_covariance(w: np.ndarray) -> np.ndarray:
    """½⟨{F_μ, F_ν}⟩ of independent spins."""
    return np.eye(3) / 4 - np.outer(w, w)


def form(w: np.ndarray) -> np.ndarray:
    """−i⟨[F_μ, F_ν]⟩ = ε_μνγ ω_γ."""
    return EPSILON @ w


def commutators(_: bool) -> Facts:
    """[s_μ, s_ν] as matrices."""
    names = {"i": 1j, **{f"s{k + 1}": SPIN[k] for k in range(3)}}
    exact = {f"{j + 1}{k + 1}": commutator(SPIN[j], SPIN[k]) for j, k in ((0, 1), (1, 2), (2, 0))}
    return Facts(names, exact, how="2×2 matrices")


def largest_average(_: bool) -> Facts:
    """The largest |ω(s_μ)| of any state, an eigenvalue."""
    return Facts({}, {"": np.abs(np.linalg.eigvalsh(SPIN)).max(axis=1)}, how="eigenvalues")


def symplectic(_: bool) -> Facts:
    """−i⟨[F_N(s_μ), F_N(s_ν)]⟩ in a product state."""
    rho, s = spins.product(W, N), total(N) / np.sqrt(N)
    exact = {f"{j + 1}{k + 1}": np.trace(rho @ commutator(s[j], s[k])) for j, k in ((0, 1), (0, 2), (1, 2))}
    return Facts({"i": 1j, **vector("w", W)}, exact, how=_FULL)


R1, R2 = np.array([0.7, -0.4, 0.9]), np.array([-0.3, 0.8, 0.5])


def _characteristic(*parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """⟨e^{i(r₁,F_N)} e^{i(r₂,F_N)} …⟩ in a product state, for N → ∞: one particle's number to the power N."""

    def at(size: int) -> np.ndarray:
        one = functools.reduce(np.matmul, [expm(1j / np.sqrt(size) * _centred(r)) for r in parameters])
        return np.exp(size * np.log(np.trace(spins.particle(W) @ one)))

    return of_closed_form(at)


def _centred(r: np.ndarray) -> np.ndarray:
    return np.tensordot(r, SPIN, 1) - (r @ W) * np.eye(2)


_GAUSSIAN = {"i": 1j, "r": R1, "r1": R1, "r2": R2, "S": spin_covariance(W), "sigma": form(W)}


def characteristic(_: bool) -> Facts:
    """⟨e^{i(r,F_N)}⟩ for N → ∞."""
    value, error = _characteristic(R1)
    return Facts(_GAUSSIAN, {"": value}, error, _PRODUCTS)


def characteristic_of_two(_: bool) -> Facts:
    """⟨e^{i(r₁,F_N)} e^{i(r₂,F_N)}⟩ for N → ∞."""
    value, error = _characteristic(R1, R2)
    return Facts(_GAUSSIAN, {"": value}, error, _PRODUCTS)


def composition(_: bool) -> Facts:
    """The phase between W(r₁)W(r₂) and W(r₁ + r₂)."""
    (two, e2), (one, e1) = _characteristic(R1, R2), _characteristic(R1 + R2)
    return Facts(_GAUSSIAN, {"": two / one}, (e1 + e2) / np.abs(one), _PRODUCTS)


def semigroup(_: bool) -> Facts:
    """Maps γ_t = e^{tL} of two spins: which products are γ_{t+s}."""
    generator = superoperator(lambda x: dissipated(x, D, total(2) / np.sqrt(2)), 4)
    t, s = 0.7, 0.4
    names = {"g_t": expm(t * generator), "g_s": expm(s * generator), "g_ts": expm((t + s) * generator)}
    return Facts(names, {"first": names["g_ts"], "second": names["g_ts"]}, 1e-13, "maps of two spins")


def _sums(x: np.ndarray, left: np.ndarray, right: np.ndarray, bracket: Callable) -> Callable:
    """M → Σ_μν M_μν bracket([left_μ, x], right_ν)."""
    terms = np.array([[bracket(commutator(l, x), r) for r in right] for l in left])
    return lambda m: np.tensordot(m, terms, 2)


def _operator(size: int) -> np.ndarray:
    """Some operator of `size` spins."""
    s = total(size)
    return s[0] @ s[1] + 0.3 * site(2, 0, size) @ site(0, 1, size)


def generator(part: np.ndarray) -> Callable[[bool], Facts]:
    """L_N[x] with D, or with its real or imaginary part alone."""

    def facts(_: bool) -> Facts:
        x, jumps = _operator(N), total(N) / np.sqrt(N)
        product = lambda a, b: a @ b  # noqa: E731
        names = {"i": 1j, "A": A, "B": B, "D": D, "N": N}
        names["double"] = _sums(x, total(N), total(N), commutator)
        names["anti"] = _sums(x, total(N), total(N), anticommutator)
        names["left"] = _sums(x, jumps, jumps, product)
        # s_μ [x, s_ν] = −s_μ [s_ν, x]
        names["right"] = lambda m: -np.tensordot(m, np.array([[a @ commutator(b, x) for b in jumps] for a in jumps]), 2)
        return Facts(names, {"": dissipated(x, part, jumps)}, 1e-13, _FULL)

    return facts


def one_site(part: np.ndarray) -> Callable[[bool], Facts]:
    """L_N[x] of an operator x of one spin."""

    def facts(_: bool) -> Facts:
        x = 0.4 * site(0, 1, N) + site(2, 1, N)
        own, mean = np.array([site(mu, 1, N) for mu in range(3)]), total(N) / N
        names = {"i": 1j, "A": A, "B": B, "N": N}
        names["double"] = _sums(x, own, own, commutator)
        names["anti"] = _sums(x, own, mean, anticommutator)
        return Facts(names, {"": dissipated(x, part, total(N) / np.sqrt(N))}, 1e-13, _FULL)

    return facts


def local_hamiltonian(_: bool) -> Facts:
    """What L_N[x^(1)] becomes for N → ∞ where the other spins are in a product state."""
    x = 0.4 * SPIN[0] + SPIN[2]

    def reduced(size: int) -> np.ndarray:
        out = dissipated(np.kron(x, np.eye(2 ** (size - 1))), D, total(size) / np.sqrt(size))
        others = spins.product(W, size - 1)
        return np.einsum("aibj,ji->ab", out.reshape(2, 2 ** (size - 1), 2, 2 ** (size - 1)), others)

    value, error = spins.in_limit(reduced)
    names = {"i": 1j, "B": B, "w": W, "x": x, "s": lambda v: np.tensordot(v, SPIN, 1)}
    return Facts(names, {"": value}, error, _SEVERAL)


def mean_field(component: int) -> Callable[[bool], Facts]:
    """d⟨S_μ⟩/dt in a product state for N → ∞."""

    def facts(_: bool) -> Facts:
        def rate(size: int) -> np.ndarray:
            s = total(size)
            return np.trace(
                spins.product(W, size) @ dissipated(s[component] / size, D, s / np.sqrt(size))
            ).real  # fmt: skip

        value, error = spins.in_limit(rate)
        return Facts({**vector("w", W), **vector("B", B)}, {"": value}, error, _SEVERAL)

    return facts


def rotated_form(_: bool) -> Facts:
    """B in the frame whose third axis is its axial vector."""
    axial = np.array([B[1, 2], B[2, 0], B[0, 1]])
    third = axial / np.linalg.norm(axial)
    first = np.cross(third, [1.0, 0, 0])
    first /= np.linalg.norm(first)
    rotation = np.array([first, np.cross(third, first), third])
    names = {"lam": np.linalg.norm(axial), "J": EPSILON[2] * 1.0}
    return Facts(names, {"": rotation @ B @ rotation.T}, how="rotation of three vectors")


def _model(size_of_d: np.ndarray) -> Model:
    return Model(collective=[CollectiveJumps(SPIN, size_of_d)])


@functools.cache
def _means(quick: bool) -> tuple[np.ndarray, np.ndarray]:
    """ω(t) of the general model for N → ∞, (T, 3), and its errors."""
    names = ["mean_x", "mean_y", "mean_z"]
    value, error = limits(_model(D), 2 * W, TIMES, names, quick)
    return tuple(np.stack([part[q] for q in names], axis=1) / 2 for part in (value, error))


def length(quick: bool) -> Facts:
    """|ω(t)|² for N → ∞."""
    value, error = _means(quick)
    exact, bound = (value**2).sum(axis=1), 2 * (np.abs(value) * error).sum(axis=1)
    return Facts(vector("w", W), {"": exact}, bound, _LADDER)


@functools.cache
def rotated_means(sign: float, times: tuple[float, ...], accuracy: float, quick: bool):
    """ω(t) in the frame of eq. 40 for N → ∞, with λ of either sign, (T, 3), and errors."""
    model = collective_dissipation(sign * LAM, A11, A22, A12, A33)
    names = ["mean_x", "mean_y", "mean_z"]
    value, error = limits(model, 2 * W, times, names, quick, accuracy)
    return tuple(np.stack([part[q] for q in names], axis=1) / 2 for part in (value, error))


def closed_solution(times) -> dict[str, object]:
    """Names of the solution of the averages from `W`."""
    xi = np.linalg.norm(W)
    return {**vector("w", W), "xi": xi, "c": np.arctanh(W[2] / xi) / xi, "lam": LAM, "t": np.array(times)}


def by_axis(values: np.ndarray) -> dict[str, np.ndarray]:
    """(T, 3) as w1, w2, w3."""
    return {f"w{k + 1}": values[:, k] for k in range(3)}


def solution(quick: bool) -> Facts:
    """ω(t) in the frame of eq. 40 for N → ∞."""
    value, error = rotated_means(1.0, tuple(TIMES), 1e-6, quick)
    return Facts(closed_solution(TIMES), by_axis(value), by_axis(error), _LADDER)


LATE_TIMES = (0.0, LATE / 2, LATE, 1.7 * LATE)


def late_averages(sign: float) -> Callable[[bool], Facts]:
    """ω at a late time, for λ of either sign, for N → ∞."""

    def facts(quick: bool) -> Facts:
        value, error = rotated_means(sign, LATE_TIMES, 1e-4, quick)
        exact, bound = by_axis(value[-1:]), by_axis(error[-1:])
        return Facts({"xi": np.linalg.norm(W), "zero": 0.0, "sign": sign}, exact, bound, _LADDER)

    return facts


def conjugate_pair(xi: float) -> Callable[[bool], Facts]:
    """Commutators of F(s_1), F(s_2), F(s_3) at (0, 0, ξ), in a product state."""

    def facts(_: bool) -> Facts:
        rho, f = spins.product(np.array([0, 0, xi]), N), total(N) / np.sqrt(N)
        exact = {
            "12": np.trace(rho @ commutator(f[0], f[1])),
            "3": np.array([np.trace(rho @ commutator(f[2], x)) for x in f]),
        }
        return Facts({"i": 1j, "xi": xi, "zero": 0.0}, exact, how=_FULL)

    return facts


def position_and_momentum(xi: float) -> Callable[[bool], Facts]:
    """⟨[q, p]⟩ at (0, 0, ξ), in a product state."""

    def facts(_: bool) -> Facts:
        rho, f = spins.product(np.array([0, 0, xi]), N), total(N) / np.sqrt(N)
        q, p = f[0] / np.sqrt(abs(xi)), np.sign(xi) / np.sqrt(abs(xi)) * f[1]
        return Facts({"i": 1j}, {"qp": np.trace(rho @ commutator(q, p))}, how=_FULL)

    return facts


_R = np.array([0.5, -0.8])


def weyl_generator(parts: str) -> Callable[[bool], Facts]:
    """Maps of W(r), r = (r₁, r₂), by F_1 = √|ξ| q and F_2 = sgn ξ √|ξ| p, at ξ < 0.

    parts : "A", "B" or both, of the Kossakowski matrix; "off" for A without its diagonal
    """

    def facts(_: bool) -> Facts:
        xi = -XI
        r = position_momentum()
        w = weyl(_R)
        f = np.sqrt(abs(xi)) * r * np.array([1.0, np.sign(xi)])[:, None, None]
        a = np.array([[A11, A12], [A12, A22]])
        b = np.array([[0, LAM], [-LAM, 0]])
        if parts == "off":
            a = a - np.diag(np.diag(a))
        d = (a if parts != "B" else 0) + 1j * (b if "B" in parts else 0 * b)
        names: dict = {**ROTATED, "A21": A12, "i": 1j, "xi": xi, "b": LAM * xi, "absxi": abs(xi), "W": low(w)}
        for j, x in enumerate("qp"):
            for k, y in enumerate("qp"):
                names[f"double_{x}{y}"] = low(commutator(commutator(r[j], w), r[k]))
                names[f"anti_{x}{y}"] = low(anticommutator(commutator(r[j], w), r[k]))
                names[f"anti_F{j + 1}{k + 1}"] = low(anticommutator(commutator(f[j], w), f[k]))
        names["rR"] = low(np.tensordot(_R, r, 1))
        names["rRW"] = low(np.tensordot(_R, r, 1) @ w)
        names["r"], names["sigma"] = _R, np.array([[0.0, 1], [-1, 0]])
        names["A"] = np.array([[A11 * abs(xi), A12 * xi], [A12 * xi, A22 * abs(xi)]])
        return Facts(names, {"": low(dissipated(w, d, f))}, 1e-10, _FOCK)

    return facts


def displaced(_: bool) -> Facts:
    """W† q W and W† p W."""
    r, w = position_momentum(), weyl(_R)
    one = np.eye(len(w))
    exact = {x: low(w.conj().T @ r[k] @ w) for k, x in enumerate("qp")}
    names = {"q": low(r[0]), "p": low(r[1]), "r1": _R[0], "r2": _R[1], "one": low(one)}
    return Facts(names, exact, 1e-10, _FOCK)
