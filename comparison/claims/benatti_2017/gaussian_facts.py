"""What decides the claims of Benatti et al. 2017 about Gaussian states: covariances at later times, of products of
sites and of squeezed chains, and the entanglement of two modes.

Names in formulas: eta, lam, omega, k, t: as in the paper; I1 … I4: eq. 63, with I_1I_2 + I_3² − I_4 the determinant.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.linalg import expm

from comparison.claims.benatti_2017.few_sites import ONE, SIGMA, printed
from comparison.claims.benatti_2017.limit_modes import CHAIN_SIZES, CHAINS, FLIP, FORM, LIMIT, Pair, scaled_negativity
from comparison.claims.benatti_2017.moving_facts import six
from comparison.claims.benatti_2017.site import CHAIN, correlations, site
from comparison.claims.benatti_2017.weyl import R1, limit, to_power
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.paper_claim import Facts
from finite_n.systems.double_chain import DoubleChain
from finite_n.systems.squeezed_chains import products_later

_TIME = 0.7


@functools.cache
def _unusual() -> tuple[np.ndarray, np.ndarray]:
    """One site at 0 and at a later time: averages of x and p and of quadratic operators are those of the thermal state,
    but not the covariances of the six: populations 0, 1, 4 of the first oscillator are moved, and 0 and 4 coherent."""
    s = site()
    at = {tuple(n): j for j, n in enumerate(s.numbers[: s.size].tolist())}
    second = (1 - CHAIN.gamma) * CHAIN.gamma ** np.arange(5.0)
    rho = s.rho.copy()
    for n, p in enumerate(second):
        zero, one, four = (at[m, n] for m in (0, 1, 4))
        rho[zero, zero] += 0.03 * p
        rho[one, one] -= 0.04 * p
        rho[four, four] += 0.01 * p
        rho[zero, four] += 0.03 * p
        rho[four, zero] += 0.03 * p
    return rho, s.evolved(rho[None], _TIME)[0]


def _covariance_in(rho: np.ndarray) -> np.ndarray:
    wide = [site().wide(p) for p in CHAIN.operators.values()]
    two = np.array([[np.trace(rho @ site().cut(a @ b)) for b in wide] for a in wide])
    return two.real - np.outer(*[[np.trace(rho @ x).real for x in site().X]] * 2)


def uncertainty(_: bool) -> Facts:
    """The smallest eigenvalue of Σ(t) + (i/2)σ, from a squeezed start, at six times."""
    cov = Pair(0.3, 0.9, 0.5).covariance([0.0, 0.2, 1.0, 3.0, 10.0, 40.0])
    return Facts({"zero": 0.0}, {"": np.linalg.eigvalsh(cov + 0.5j * SIGMA)[:, 0]}, 1e-10, LIMIT)


def evolved_covariance(_: bool) -> Facts:
    """½⟨{F_μ, F_ν}⟩ at a later time in a product of sites that are not thermal, which one site gives at every N."""
    before, after = _unusual()
    M = expm(_TIME * six())
    return Facts(printed(M=M, start=_covariance_in(before)), {"": _covariance_in(after)}, 1e-10, ONE)


def invariance(_: bool) -> Facts:
    """½⟨{F_μ, F_ν}⟩ at a later time, from the thermal state."""
    s = site()
    return Facts(printed(one=np.eye(6)), {"": _covariance_in(s.evolved(s.rho[None], _TIME)[0])}, 1e-10, ONE)


def reduction(_: bool) -> Facts:
    """lim ⟨W^(N)(r)⟩ with r_5 = r_6 = 0 in the product of sites that are not thermal, at the later time."""
    s, rho = site(), _unusual()[1]
    r = R1 * [1, 1, 1, 1, 0, 0]
    value, error = limit(lambda N: to_power(np.trace(rho @ s.exponential(r, N**-0.5)), N))
    names = {"r": R1[:4], "S": _covariance_in(rho)[:4, :4]}
    return Facts(names, {"": value}, error, "one site in Fock space to the power N = 100 … 3200, extrapolated")


def _states() -> np.ndarray:
    """Covariances of two modes, (5, 4, 4): squeezed and turned at random, with and without entanglement, I_3 of both
    signs."""
    out = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        h = rng.normal(size=(4, 4))
        s = expm((0.15 if seed == 4 else 0.5) * FORM @ (h + h.T) / 2)
        out.append(s @ np.diag(np.repeat(0.5 + rng.exponential(0.3, 2), 2)) @ s.T)
    return np.array(out)


def _invariants(states: np.ndarray) -> dict:
    det = np.linalg.det
    out = {"I1": det(states[:, :2, :2]), "I2": det(states[:, 2:, 2:]), "I3": det(states[:, :2, 2:])}
    return out | {"I4": out["I1"] * out["I2"] + out["I3"] ** 2 - det(states), "absI3": np.abs(out["I3"])}


def fourth_invariant(_: bool) -> Facts:
    """I_4 = I_1I_2 + I_3² − det Σ̂ of one state."""
    state = _states()[0]
    names = {"S1": state[:2, :2], "S2": state[2:, 2:], "Sc": state[:2, 2:], "tr": np.trace, "T": np.transpose}
    names |= {"s3": np.diag([1.0, -1]), "J": FORM[:2, :2]}
    return Facts(names, {"": _invariants(state[None])["I4"][0]}, 1e-12, "determinants")


def _symplectic(states: np.ndarray) -> np.ndarray:
    return np.sort(np.abs(np.linalg.eigvals(FORM @ states).imag), axis=-1)[:, ::2]


def separability(_: bool) -> Facts:
    """(ν_1² − ¼)(ν_2² − ¼) with the symplectic eigenvalues of the partial transpose, which is negative if and only if
    two modes are entangled; of the state itself where I_3 > 0, which excludes entanglement."""
    states = _states()
    names = _invariants(states)
    nu = np.where(names["I3"][:, None] < 0, _symplectic(FLIP @ states @ FLIP), _symplectic(states))
    return Facts(names, {"": np.prod(nu**2 - 0.25, axis=1)}, 1e-11, "spectra of 4×4 matrices")


def smallest_eigenvalue(_: bool) -> Facts:
    """ν̃² of the partial transpose."""
    states = _states()
    return Facts(
        _invariants(states), {"": _symplectic(FLIP @ states @ FLIP)[:, 0] ** 2}, 1e-11, "spectra of 4×4 matrices"
    )


def negativity(_: bool) -> Facts:
    """log₂ of the trace norm of the partial transpose of two states of two squeezed thermal modes, in Fock space, one
    entangled; names I: ν̃² of their covariances."""
    levels, exact, smallest = 16, [], []
    a = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
    one = np.eye(levels)
    a, b = np.kron(a, one), np.kron(one, a)
    R = [(a + a.T) / np.sqrt(2), (a - a.T) / (1j * np.sqrt(2)), (b + b.T) / np.sqrt(2), (b - b.T) / (1j * np.sqrt(2))]
    for s, ratio in ((0.2, 0.05), (0.02, 0.2)):
        turn = expm(s * (a.T @ b.T - a @ b))
        weights = (1 - ratio) * ratio ** np.arange(levels)
        rho = (turn * np.kron(weights, weights)) @ turn.T
        turned = rho.reshape((levels,) * 4).transpose(0, 3, 2, 1).reshape(rho.shape)
        exact.append(np.log2(np.abs(np.linalg.eigvalsh(turned)).sum()))
        two = np.array([[np.trace(rho @ x @ y).real for y in R] for x in R])
        smallest.append(2 ** (-2 * scaled_negativity((two + two.T) / 2)) / 4)
    names = {"I": np.array(smallest), "positive": lambda x: np.maximum(0.0, x)}
    return Facts(names, {"": np.array(exact)}, 1e-9, "density matrices in Fock space")


def squeezed_mode(_: bool) -> Facts:
    """⟨X̂²⟩ and ⟨P̂²⟩ of S(k) ρ S(k)† of one thermal mode, in Fock space, S as eq. 68 prints it."""
    levels, k = 80, 0.1
    a = np.diag(np.sqrt(np.arange(1.0, levels)), 1)
    x, p = (a + a.T) / np.sqrt(2), (a - a.T) / (1j * np.sqrt(2))
    n = correlations(site())[0, 0].real
    ratio = (n - 0.5) / (n + 0.5)
    turn = expm(1j * k * (x @ p + p @ x))
    rho = turn @ np.diag((1 - ratio) * ratio ** np.arange(levels)) @ turn.conj().T
    exact = {"11": np.trace(rho @ x @ x).real, "22": np.trace(rho @ p @ p).real}
    return Facts({"eta": CHAIN.eta, "k": k}, exact, 1e-10, f"one mode in {levels} Fock levels")


_COLD = DoubleChain(T=0.3, omega=1.2, coupling=0.9)
_K = 0.3


@functools.cache
def _from_chains(t: float, dissipative: bool) -> tuple[np.ndarray, float]:
    """lim ½⟨{F_μ, F_ν}⟩ of the first two modes, (4, 4), from squeezed chains of N sites."""
    value, error = of_closed_form(
        lambda N: products_later(_COLD, N, _K, [t], dissipative)[0, :4, :4].real, 1.0, CHAIN_SIZES
    )
    return value.real, float(error.max())


def _blocks(t: float) -> dict:
    return {"eta": _COLD.eta, "lam": _COLD.coupling, "omega": _COLD.omega, "k": _K, "t": t, "zero": 0.0}


def turned_blocks(_: bool) -> Facts:
    """lim Σ̂(t) of squeezed chains; names A, B: the same without Hamiltonian, H: the rotation of eq. 71."""
    value, error = _from_chains(_TIME, False)
    still, e2 = _from_chains(_TIME, True)
    names = {"A": still[:2, :2], "B": still[:2, 2:], "T": np.transpose}
    names["H"] = expm(2 * _COLD.omega * _TIME * FORM[:2, :2])
    exact = {"11": value[:2, :2], "12": value[:2, 2:], "21": value[2:, :2], "22": value[2:, 2:]}
    return Facts(names, exact, error + e2, CHAINS)


def rotation(_: bool) -> Facts:
    """Coefficients of X_1 and X_2 in e^{itH} X_μ e^{−itH} of one site, μ = 1, 2."""
    s, t = site(quanta=6), 0.4
    turn = np.exp(1j * t * np.diag(s.H))
    rows = [s.coefficients(turn[:, None] * s.X[mu] * turn.conj(), s.X)[0] for mu in (0, 1)]
    exact = {f"{j + 1}{k + 1}": rows[j][k] for j, k in np.ndindex(2, 2)}
    return Facts({"omega": CHAIN.omega, "t": t}, exact, 1e-12, ONE)


def block(which: str):
    """lim A(t) or B(t), Σ̂(t) without Hamiltonian, of squeezed chains."""

    def facts(_: bool) -> Facts:
        value, error = _from_chains(_TIME, True)
        part = value[:2, :2] if which == "A" else value[:2, 2:]
        exact = {"11": part[0, 0], "12": part[0, 1], "22": part[1, 1]}
        return Facts(_blocks(_TIME), exact, error, CHAINS)

    return facts
