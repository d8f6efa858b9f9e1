"""What decides the claims of Fiorelli 2024 about W = e^{i r·F}: what the generator makes of it in product states of
spins, exact at every N and extrapolated, in units of ⟨W⟩.

Names in formulas, for Pauli matrices: m: averages, S, sigma: covariance and symplectic form, T = iσ, FW = ⟨F W⟩/⟨W⟩; A,
B, h, hR, hI: of the Hamiltonian (B for B̃); R: r_ℓ. By jump, with p or m at the end for σ_±: G2, d2, gd: Γ², its
derivative and ΓΓ′; gg: Γ′²; M, Mw: M_ℓ and M_ℓ ω, the identity included; G, c: G_ℓ and c_ℓ; jj = ⟨j†j⟩.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from comparison.claims.exact.full_space import EPSILON
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.exact.product_states import PAULI, LargeSpins, in_limit, in_limit_of_weyl
from comparison.claims.fiorelli_2024.network import BETA, drift
from comparison.claims.paper_claim import Facts

R1, R2 = np.array([0.3, -0.2, 0.4]), np.array([-0.25, 0.35, 0.1])
_M = np.array([0.2, 0.3, 0.4])
_EPS = np.array([0.3, -0.2, 0.15])
_H = np.array([[0.2, 0.1 + 0.3j, -0.2j], [0.1 - 0.3j, -0.4, 0.25], [0.2j, 0.25, 0.3]])
_TWO = [(0, a, 0, b, _H[j, k]) for j, a in enumerate(PAULI) for k, b in enumerate(PAULI)]
_ZERO, _ONE = np.zeros(3), np.ones((1, 1))
_HOW = "product states, exact at every N, extrapolated"

FULL = LargeSpins(_M[None], BETA, _ONE, _EPS, _TWO)
FLIPS = LargeSpins(_M[None], BETA, _ONE, _ZERO)
FIELD = LargeSpins(_M[None], None, _ONE, _EPS)
INTERACTION = LargeSpins(_M[None], None, _ONE, _ZERO, _TWO)
CONSTANT = LargeSpins(_M[None], 0.0, _ONE, _EPS, _TWO)


def names(beta: float = BETA) -> dict:
    """What stands in the formulas."""
    sigma = 2 * EPSILON @ _M
    s = np.eye(3) - np.outer(_M, _M)
    out: dict = {"i": 1j, "zero": 0.0, "m": _M, "S": s, "sigma": sigma, "T": 1j * sigma, "r": R1, "Tr": np.transpose}
    out |= {"h": _H, "hR": _H.real, "hI": _H.imag, "FW": 1j * (s + 0.5j * sigma) @ R1, "R": np.array([0.0, 0, 1])}
    out |= {"A": 2j * EPSILON @ _EPS, "B": 2j * 2j * EPSILON @ _H.real @ _M, "M": np.diag([-0.5, -0.5, -1.0])}
    rho = (np.eye(2) + np.tensordot(_M, PAULI, 1)) / 2
    for end, sign in (("p", 1), ("m", -1)):
        j = (PAULI[0] + sign * 1j * PAULI[1]) / 2
        square = np.exp(sign * beta * _M[2]) / 2
        out |= {f"G2{end}": square, f"d2{end}": sign * beta * square, f"gd{end}": sign * beta * square / 2}
        out |= {f"gg{end}": beta**2 / 4 * square, f"jj{end}": np.trace(rho @ j.conj().T @ j).real}
        local = np.array([j.conj().T @ v @ j - (j.conj().T @ j @ v + v @ j.conj().T @ j) / 2 for v in PAULI])
        out[f"Mw{end}"] = np.trace(rho @ local, axis1=1, axis2=2).real
        out[f"G{end}"] = np.array(
            [[np.trace(rho @ (v @ j.conj().T - j.conj().T @ v) @ (j @ u - u @ j)) for u in PAULI] for v in PAULI]
        )
        out[f"c{end}"] = np.array([np.trace(j.conj().T @ j @ v).real / 2 for v in PAULI])
    return out


def _over_average(spins: LargeSpins, value: Callable) -> Callable:
    """value(size, r) over ⟨W⟩."""

    def ratio(size: int, r: np.ndarray) -> complex:
        common = [{"w": x["w"]} for x in spins.weyl(r, size)]
        return value(size, r)[0, 0] / spins.moments("w", size, common)[0, 0]

    return ratio


def in_units_of_weyl(spins: LargeSpins, value: Callable, leading: bool = False):
    """N → ∞ of value(size, r) over ⟨W⟩, of order one or √N, and the error."""
    return in_limit_of_weyl(_over_average(spins, value), R1, leading)


def generator(spins: LargeSpins, leading: bool = True) -> Callable[[bool], Facts]:
    """⟨L[W]⟩/⟨W⟩: its part of order one, and that of order √N."""

    def facts(_: bool) -> Facts:
        parts = {"": False} | ({"leading": True} if leading else {})
        found = {k: in_units_of_weyl(spins, lambda n, r: spins.generated({"w": 1}, n, r), x) for k, x in parts.items()}
        exact, error = ({k: x[j] for k, x in found.items()} for j in (0, 1))
        return Facts(names(), exact, error, _HOW)

    return facts


def words(parts: dict[str, float]) -> Callable[[bool], Facts]:
    """Σ_k of products of Γ, j and W, by jump, over ⟨W⟩ and of order one."""

    def facts(_: bool) -> Facts:
        found = {}
        for end, sign in (("p", 1), ("m", -1)):
            found[end] = in_units_of_weyl(FLIPS, lambda n, r, s=sign: FLIPS.flips(parts, n, r, (s,)))
        exact, error = ({k: x[j] for k, x in found.items()} for j in (0, 1))
        return Facts(names(), exact, error, _HOW)

    return facts


RATE_COMMUTATORS = {"gwJjg": 0.5, "wgJjg": -0.5, "gJjwg": 0.5, "gJjgw": -0.5}
JUMP_COMMUTATORS = {"gJwjg": 1.0, "gwJjg": -0.5, "gJjwg": -0.5}
DOUBLE_COMMUTATORS = {"gwgJj": 1.0, "wggJj": -0.5, "ggwJj": -0.5}  # ½ [[Γ, W], Γ] j†j
MOVED_RATES = JUMP_COMMUTATORS | {"ggJwj": -1.0, "ggwJj": 0.5, "ggJjw": 0.5}  # D_II − Γ² D^Loc[W]


def difference_of_rates(_: bool) -> Facts:
    """i√N Σ_ℓ (r·M_ℓ ω) (Γ_ℓ²(Δ_N) − Γ_ℓ²(Δ)) W, over ⟨W⟩: the flips' part of eq. 44 at t = 0."""
    known = names()
    value, error = 0.0, 0.0
    for end, sign in (("p", 1), ("m", -1)):

        def rate(size: int, r: np.ndarray, sign=sign, end=end) -> np.ndarray:
            common = [x | {"g": expm(sign * BETA / (2 * size) * PAULI[2])} for x in FLIPS.weyl(r, size)]
            both = [FLIPS.moments(word, size, common) for word in ("ggw", "w")]
            return 1j * np.sqrt(size) * (r @ known[f"Mw{end}"]) * (both[0] / 2 - known[f"G2{end}"] * both[1])

        one = in_units_of_weyl(FLIPS, rate)
        value, error = value + one[0], error + one[1]
    return Facts(known, {"": value}, error, _HOW)


def antisymmetric(_: bool) -> Facts:
    """r·T h^I T r."""
    known = names()
    value = known["r"] @ known["T"] @ known["hI"] @ known["T"] @ known["r"]
    return Facts(known, {"": value}, how="3×3 matrices", scale=1.0)


def fluctuating_interaction(_: bool) -> Facts:
    """i Σ h^R_μν {[F_μ, W], F_ν} over ⟨W⟩, of order one."""
    signs = {"xwy": 1j, "wxy": -1j, "yxw": 1j, "ywx": -1j}

    def value(size: int, r: np.ndarray) -> np.ndarray:
        common = INTERACTION.weyl(r, size)
        terms = sum(sign * INTERACTION.moments(word, size, common)[1:, 1:] for word, sign in signs.items())
        return np.full((1, 1), np.sum(_H.real * terms) / size)

    found, error = in_units_of_weyl(INTERACTION, value)
    return Facts(names(), {"": found}, error, _HOW)


def covariance_rate(spins: LargeSpins, beta: float) -> Callable[[bool], Facts]:
    """dΣ/dt of product states for N → ∞."""

    def facts(_: bool) -> Facts:
        value, error = in_limit(lambda n: spins.generated({"xy": 0.5, "yx": 0.5}, n)[1:, 1:].real / n)
        return Facts(names(beta), {"": value.real}, error, _HOW)

    return facts


def averages_rate(_: bool) -> Facts:
    """d⟨m⟩/dt of product states for N → ∞."""
    value, error = drift(FULL)
    return Facts(names(), {"": value[0]}, error[0], _HOW)


@functools.cache
def _characteristic(*parameters: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """⟨W(r₁) W(r₂) …⟩ for N → ∞."""

    def at(size: int) -> np.ndarray:
        centred = [np.tensordot(r, PAULI, 1) - (np.array(r) @ _M) * np.eye(2) for r in parameters]
        one = functools.reduce(np.matmul, [expm(1j / np.sqrt(size) * x) for x in centred])
        return np.exp(size * np.log(np.trace((np.eye(2) + np.tensordot(_M, PAULI, 1)) / 2 @ one)))

    return of_closed_form(at)


def characteristic(_: bool) -> Facts:
    """⟨e^{i r·F}⟩."""
    value, error = _characteristic(tuple(R1))
    return Facts(names(), {"": value}, error, _HOW)


def one_operator(_: bool) -> Facts:
    """⟨e^{iα F(σ_y)}⟩ and the variance."""
    value, error = _characteristic((0.0, 0.7, 0.0))
    return Facts({"alpha": 0.7, "S": 1 - _M[1] ** 2}, {"": value}, error, _HOW)


def composition(_: bool) -> Facts:
    """The phase between W(r₁) W(r₂) and W(r₁ + r₂)."""
    (two, e2), (one, e1) = _characteristic(tuple(R1), tuple(R2)), _characteristic(tuple(R1 + R2))
    return Facts(names() | {"r1": R1, "r2": R2}, {"": two / one}, (e1 + e2) / np.abs(one), _HOW)
