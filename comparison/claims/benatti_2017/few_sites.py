"""What decides the claims of Benatti et al. 2017 that hold at every N: operators of one or two sites as matrices, in
the thermal state.

Names in formulas: i; beta, omega, eta: β, ω and tanh(βω/2) as numbers; tr, E: trace and exponential of matrices; first,
second: an operator of one site at the first or second of two.
"""

from __future__ import annotations

import functools

import numpy as np
import scipy.sparse as sp
from scipy.linalg import expm

from comparison.claims.benatti_2017.site import CHAIN, LETTERS, OTHERS, Site, site, two_sites
from comparison.claims.benatti_2017.site import correlations as correlations_of
from comparison.claims.benatti_2017.weyl import R1, R2
from comparison.claims.exact.full_space import anticommutator, commutator
from comparison.claims.paper_claim import Facts
from finite_n.model.polynomial import Polynomial
from finite_n.systems.double_chain import FIRST, SECOND

ONE = f"one site in Fock space, T = {CHAIN.T}, ω = {CHAIN.omega}"
_TWO = "two sites of few levels"
_FEW = 3  # quanta of a site, where there are two
_TEMPERATURES = (0.3, 0.5)
_SQUARE = FIRST.x**2


def few() -> Site:
    """A site small enough for two of them: products over sites do not ask how many levels there are."""
    return site(quanta=_FEW)


def both_states() -> np.ndarray:
    """The thermal state of two sites, from their Hamiltonian."""
    H = two_sites(few().H, 0) + two_sites(few().H, 1)
    out = expm(-H / CHAIN.T)
    return out / np.trace(out)


def canonical(_: bool) -> Facts:
    """Commutators of positions and momenta: of one oscillator, of two at a site, and of two sites."""
    s = site(quanta=_FEW)
    # products in the larger space, so that truncation is not seen
    x1, p1, x2, p2 = s.wide_v
    exact = {
        "same": s.cut(commutator(x1, p1)),
        "same of chain 2": s.cut(commutator(x2, p2)),
        "chains": s.cut(commutator(x1, p2)),
        "sites": commutator(two_sites(s.v[0], 0), two_sites(s.v[1], 1)),
    }
    return Facts({"i": 1j, "one": np.eye(s.size), "zero": 0.0}, exact, 1e-13, _TWO)


def product_state(_: bool) -> Facts:
    """The thermal state of two sites as a matrix."""
    names = {"beta": 1 / CHAIN.T, "H": few().H, "E": expm, "tr": np.trace}
    names |= {"first": lambda x: two_sites(x, 0), "second": lambda x: two_sites(x, 1)}
    return Facts(names, {"": both_states()}, 1e-14, _TWO)


_LOCAL = (FIRST.x**2, FIRST.x**4, SECOND.p**2 * FIRST.x**2)


def _averages(at: int) -> np.ndarray:
    rho = both_states()
    return np.array([np.trace(rho @ two_sites(few().matrix(p), at)).real for p in _LOCAL])


def same_averages(_: bool) -> Facts:
    """Averages of operators of the second of two sites; names: those of the first."""
    return Facts({"o": _averages(0)}, {"": _averages(1)}, 1e-13, _TWO)


def no_correlations(_: bool) -> Facts:
    """⟨A^[j]B^[k]⟩ − ⟨A^[j]⟩⟨B^[k]⟩ at the same site and at two; A = x_1², B = p_1² + x_1 p_1."""
    s, rho = few(), both_states()
    a, b = s.matrix(_SQUARE), s.matrix(FIRST.p**2 + FIRST.x * FIRST.p)

    def average(x: np.ndarray) -> complex:
        return np.trace(rho @ x)

    left, right = two_sites(a, 0), [two_sites(b, k) for k in (0, 1)]
    exact = np.array([average(left @ x) - average(left) * average(x) for x in right])
    one = {"AB": s.average(a @ b), "A": s.average(a), "B": s.average(b), "same": np.array([1.0, 0.0])}
    return Facts(one, {"": exact}, 1e-13, _TWO)


def higher_moments(_: bool) -> Facts:
    """Fourth and sixth moments of x and p of one site; names: second moments."""
    s, (x1, p1, x2, _p2) = site(), LETTERS
    exact = {"4": x1**4, "22": x1**2 * x2**2, "xp": x1 * p1 * x1 * p1, "6": x1**3 * x1**3}
    two = {"xx": x1**2, "yy": x2**2, "xp": x1 * p1, "px": p1 * x1, "pp": p1**2}
    names = {k: s.average(s.cut(s.wide(p))) for k, p in two.items()}
    return Facts(names, {k: s.average(s.cut(s.wide(p))) for k, p in exact.items()}, 1e-9, ONE)


_V1, _V2 = np.array([0.3, -0.2, 0.25, 0.1]), np.array([-0.1, 0.2, 0.15, -0.3])
_FORM = np.kron(np.eye(2), [[0.0, 1], [-1, 0]])


def weyl_relation(_: bool) -> Facts:
    """Ŵ(v₁)Ŵ(v₂) between low levels."""
    s = site(quanta=20)

    def displaced(v: np.ndarray) -> np.ndarray:
        return expm(1j * np.tensordot(v, s.v, 1))

    low = np.s_[:15, :15]  # up to four quanta
    names = {"i": 1j, "W12": displaced(_V1 + _V2)[low], "v1": _V1, "v2": _V2, "sigma": _FORM}
    return Facts(names, {"": (displaced(_V1) @ displaced(_V2))[low]}, 1e-10, "one site in Fock space")


def weyl_is_unitary(_: bool) -> Facts:
    """Ŵ†Ŵ and Ŵ† between low levels; names: the identity, and Ŵ(−v)."""
    s, low = site(quanta=20), np.s_[:15, :15]
    plus, minus = (expm(1j * sign * np.tensordot(_V1, s.v, 1)) for sign in (1, -1))
    names = {"one": np.eye(15), "minus": minus[low]}
    exact = {"inverse": (plus.conj().T @ plus)[low], "adjoint": plus.conj().T[low]}
    return Facts(names, exact, 1e-10, "one site in Fock space")


def symplectic_matrix(_: bool) -> Facts:
    """−i[R_j, R_k] of one site, as numbers times the identity."""
    s = few()
    form = np.array([[s.cut(-1j * commutator(a, b))[0, 0] for b in s.wide_v] for a in s.wide_v])
    exact = {f"{j + 1}{k + 1}": form[j, k] for j in range(4) for k in range(j + 1, 4)} | {"21": form[1, 0]}
    return Facts({"zero": 0.0}, exact, 1e-13, "one site in Fock space")


def thermal_covariance(_: bool) -> Facts:
    """½⟨{R_j, R_k}⟩ at two temperatures, (2, 4, 4)."""
    values = []
    for T in _TEMPERATURES:
        s = site(T=T)
        two = np.array([[s.average(s.matrix(a * b)) for b in LETTERS] for a in LETTERS])
        values.append((two + two.T).real / 2)
    beta = 1 / np.array(_TEMPERATURES)[:, None, None]
    names = {"beta": beta, "omega": CHAIN.omega, "one": np.eye(4)}
    return Facts(names, {"": np.array(values)}, 1e-11, "one site in Fock space, T = 0.3 and 0.5")


def _sums(scale: float) -> tuple[dict, np.ndarray]:
    """Names, and the commutator of (1/N^scale) Σ_k X^[k] and Y^[k], N = 2, between low levels."""
    s = few()
    parts = [s.wide(p) for p in (_SQUARE, FIRST.p**2 + FIRST.x * FIRST.p + FIRST.p * SECOND.p)]
    one = sp.eye_array(len(s.numbers), format="csr")
    X, Y = ([sp.csr_array(sp.kron(w, one)), sp.csr_array(sp.kron(one, w))] for w in parts)
    low = (np.arange(s.size)[:, None] * len(s.numbers) + np.arange(s.size)).ravel()

    def cut(x: sp.csr_array) -> np.ndarray:
        return x[low][:, low].toarray()

    names = {
        "N": 2.0,
        "pairs": cut(sum(commutator(a, b) for a in X for b in Y)),
        "sites": cut(sum(commutator(a, b) for a, b in zip(X, Y, strict=True))),
    }
    names["Z"] = names["sites"] / 2
    return names, cut(commutator(sum(X), sum(Y))) / 2 ** (2 * scale)


def commutator_of_averages(*entries: str):
    """[X^(N), Y^(N)] of two sites."""

    def facts(_: bool) -> Facts:
        names, exact = _sums(1.0)
        return Facts(names, dict.fromkeys(entries, exact), 1e-12, _TWO)

    return facts


def commutator_of_fluctuations(_: bool) -> Facts:
    """[F^(N)(X), F^(N)(Y)] of two sites."""
    names, exact = _sums(0.5)
    return Facts(names, {"": exact}, 1e-12, _TWO)


def prefactors(_: bool) -> Facts:
    """The factors before the six operators with which each pair has −i⟨[X_μ, X_ν]⟩ = 1."""
    x1, p1, x2, p2 = LETTERS
    pairs = {
        "1": (x1**2 - p1**2, x1 * p1 + p1 * x1),
        "3": (x2**2 - p2**2, x2 * p2 + p2 * x2),
        "5": (x1 * x2 - p1 * p2, x1 * p2 + p1 * x2),
    }
    s = site()
    exact = {
        k: 1 / np.sqrt(s.average(-1j * s.cut(commutator(s.wide(a), s.wide(b)))).real) for k, (a, b) in pairs.items()
    }
    return Facts({"eta": CHAIN.eta}, exact, 1e-12, ONE)


def linear(_: bool) -> Facts:
    """F^(N)(r·X) of two sites."""
    s = few()
    whole = sum((float(x) * p for x, p in zip(R1, CHAIN.operators.values(), strict=True)), Polynomial({}))

    def fluctuation(p: Polynomial) -> np.ndarray:
        x = s.matrix(p) - s.average(s.matrix(p)) * np.eye(s.size)
        return (two_sites(x, 0) + two_sites(x, 1)) / np.sqrt(2)

    names = {f"r{k + 1}": x for k, x in enumerate(R1)}
    names |= {f"F{k + 1}": fluctuation(p) for k, p in enumerate(CHAIN.operators.values())}
    return Facts(names, {"": fluctuation(whole)}, 1e-12, _TWO)


@functools.cache
def correlations(T: float = CHAIN.T) -> np.ndarray:
    """⟨X_μ X_ν⟩ of one site, (6, 6)."""
    return correlations_of(site(T=T))


def covariance(_: bool) -> Facts:
    """½⟨{X_μ, X_ν}⟩ of one site at two temperatures, (2, 6, 6)."""
    eta = np.array([site(T=T).chain.eta for T in _TEMPERATURES])[:, None, None]
    exact = np.array([correlations(T).real for T in _TEMPERATURES])
    return Facts({"eta": eta, "one": np.eye(6)}, {"": exact}, 1e-11, "one site in Fock space, T = 0.3 and 0.5")


def diagonal_covariance(_: bool) -> Facts:
    """The same off the diagonal."""
    two = correlations().real
    exact = {f"{j + 1}{k + 1}": two[j, k] for j in range(6) for k in range(j)}
    return Facts({"zero": 0.0}, exact, 1e-12, ONE, scale=1.0)


def form_of_operators(_: bool) -> Facts:
    """−i⟨[X_μ, X_ν]⟩ of one site."""
    form = 2 * correlations().imag
    exact = {f"{j + 1}{k + 1}": form[j, k] for j in range(6) for k in range(j + 1, 6)}
    return Facts({"zero": 0.0}, exact, 1e-12, ONE)


SIGMA = np.kron(np.eye(3), [[0.0, 1], [-1, 0]])  # as eq. 32 prints it


def printed(**more) -> dict:
    """What eqs. 27 and 32 print, at `CHAIN`."""
    eta = CHAIN.eta
    n = (eta**2 + 1) / (4 * eta)
    return {"i": 1j, "eta": eta, "n": n, "S": n * np.eye(6), "sigma": SIGMA, "T": np.transpose} | more


def commutator_of_span(_: bool) -> Facts:
    """⟨[X_{r₁}, X_{r₂}]⟩ of one site."""
    exact = R1 @ (correlations() - correlations().T) @ R2
    return Facts(printed(r1=R1, r2=R2), {"": exact}, 1e-12, ONE)


def canonical_pairs(_: bool) -> Facts:
    """⟨[F_μ, F_ν]⟩, which one site gives at every N, of positions and momenta."""
    form = correlations() - correlations().T
    exact = {f"X{j + 1}P{k + 1}": form[2 * j, 2 * k + 1] for j, k in np.ndindex(3, 3)}
    exact |= {f"X{j + 1}X{k + 1}": form[2 * j, 2 * k] for j in range(3) for k in range(j)}
    return Facts({"i": 1j, "zero": 0.0}, exact, 1e-12, ONE)


def chains_of_modes(_: bool) -> Facts:
    """How many chains each pair acts on: those with an x or p that does not commute with it."""
    s, operators = few(), list(CHAIN.operators.values())

    def touches(p: Polynomial, letters) -> bool:
        return any(np.abs(s.cut(commutator(s.wide(p), s.wide(a)))).max() > 1e-6 for a in letters)

    groups = {"first": LETTERS[:2], "second": LETTERS[2:]}
    exact = {
        f"{mode + 1} on {name}": float(all(touches(p, letters) for p in operators[2 * mode : 2 * mode + 2]))
        for mode in range(3)
        for name, letters in groups.items()
    }
    return Facts({"zero": 0.0}, exact, 0.0, "one site in Fock space")


def decoupled(_: bool) -> Facts:
    """L between the six operators and the other four quadratic ones, and their covariances."""
    s = site()
    six = list(CHAIN.operators.values())
    basis = [*s.X, *(s.matrix(p) for p in OTHERS), np.eye(s.size)]
    generator = np.array([s.coefficients(s.generated(p), basis)[0] for p in (*six, *OTHERS)])
    mixed = [[s.average(anticommutator(a, s.matrix(b))).real / 2 for b in OTHERS] for a in s.X]
    exact = {"to others": generator[:6, 6:], "from others": generator[6:, :6], "covariance": np.array(mixed)}
    return Facts({"zero": 0.0}, exact, 1e-11, ONE, scale=1.0)


def two_point_form(_: bool) -> Facts:
    """⟨F^(N)(r*) F^(N)(r)⟩ for complex r, which one site gives at every N."""
    r = R1 + 1j * R2
    return Facts(printed(r=r, conj=r.conj()), {"": r.conj() @ correlations() @ r}, 1e-12, ONE)


def uncertainty(_: bool) -> Facts:
    """The smallest eigenvalue of ⟨X_μ X_ν⟩ = Σ_β + (i/2)σ at three temperatures."""
    exact = np.array([np.linalg.eigvalsh(correlations(T))[0] for T in (0.25, *_TEMPERATURES)])
    return Facts({"zero": 0.0}, {"": exact}, 1e-12, "one site in Fock space, T = 0.25, 0.3 and 0.5")
