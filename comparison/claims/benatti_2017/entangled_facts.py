"""What decides the claims of Benatti et al. 2017 about entanglement: two modes in the limit, with the generator and the
covariance that one site gives, and N → ∞ from chains of N sites that are exact at every N.

Names in formulas: eta, lam, omega, k, t: as in the paper; I1 … I4: eq. 63, with I_1I_2 + I_3² − I_4 the determinant.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
from scipy.linalg import expm
from scipy.optimize import brentq, minimize_scalar

from comparison.claims.benatti_2017.few_sites import ONE, SIGMA, printed
from comparison.claims.benatti_2017.moving_facts import six
from comparison.claims.benatti_2017.site import CHAIN, correlations, generator, site
from comparison.claims.benatti_2017.squeezed_chains import correlations_later
from comparison.claims.benatti_2017.weyl import R1, limit, to_power
from comparison.claims.ladders import of_closed_form
from comparison.claims.paper_claim import Facts
from finite_n.systems.double_chain import DoubleChain
from meanfield import entanglement_witness

_FORM = np.kron(np.eye(2), [[0.0, 1], [-1, 0]])
_FLIP = np.diag([1.0, 1, 1, -1])
LIMIT = "two modes of the limit, with generator and covariance of one site"
CHAINS = "chains of N = 400 … 12800 sites, exact at every N, extrapolated"
_SIZES = tuple(400 * 2**j for j in range(6))
_LAST, _STEP = 90.0, 0.05  # times that are searched


def scaled_negativity(covariances: np.ndarray) -> np.ndarray:
    """𝓔 = −log₂ 2ν̃ of two modes, (…, 4, 4): from the spectrum of the partially transposed covariance times the form."""
    values = np.linalg.eigvals(_FORM @ (_FLIP @ covariances @ _FLIP))
    return -np.log2(2 * np.abs(values.imag).min(axis=-1))


@dataclasses.dataclass(frozen=True)
class Pair:
    """The limit's modes from the thermal state at T, the first two squeezed by k; dissipative: without Hamiltonian."""

    T: float
    coupling: float
    k: float
    omega: float = 1.0
    dissipative: bool = False

    @property
    def eta(self) -> float:
        """η."""
        return DoubleChain(self.T, self.omega, self.coupling).eta

    def covariance(self, times: Sequence[float]) -> np.ndarray:
        """Of all three modes, (T, 6, 6)."""
        values, vectors = _spectrum(self.T, self.coupling, self.omega, self.dissipative)
        thermal = _thermal(self.T, self.omega)
        stretch = np.diag(np.exp([2 * self.k, -2 * self.k, 2 * self.k, -2 * self.k, 0, 0]))
        phases = np.exp(np.multiply.outer(np.asarray(times, float), values))
        M = ((vectors * phases[:, None, :]) @ np.linalg.inv(vectors)).real
        return thermal + M @ (stretch @ thermal @ stretch - thermal) @ M.swapaxes(1, 2)

    def negativity(self, times: Sequence[float]) -> np.ndarray:
        """𝓔 at times, (T,)."""
        return scaled_negativity(self.covariance(times)[:, :4, :4])

    def at(self, t: float) -> float:
        """𝓔 at one time."""
        return float(self.negativity([t])[0])

    @functools.cached_property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Times, and 𝓔."""
        times = np.arange(0.0, _LAST, _STEP)
        return times, self.negativity(times)

    def most(self) -> float:
        """The largest 𝓔 at any time up to `_LAST`."""
        times, found = self.grid
        k = int(np.argmax(found))
        around = (times[max(k - 1, 0)], times[min(k + 1, len(times) - 1)])
        refined = -minimize_scalar(lambda t: -self.at(t), bounds=around, method="bounded", options={"xatol": 1e-9}).fun
        return max(float(refined), float(found[k]))

    def changes(self) -> list[float]:
        """Times at which 𝓔 changes its sign."""
        times, found = self.grid
        at = np.flatnonzero(np.diff(np.sign(found)))
        return [brentq(self.at, times[j], times[j + 1], xtol=1e-10) for j in at]


@functools.cache
def _spectrum(T: float, coupling: float, omega: float, dissipative: bool) -> tuple[np.ndarray, np.ndarray]:
    return np.linalg.eig(generator(T, coupling, omega, dissipative)[5:11, 5:11])


@functools.cache
def _thermal(T: float, omega: float) -> np.ndarray:
    # γ^quanta is e^{−34}, 2e-15
    return correlations(site(T=T, omega=omega, quanta=int(34 * T / omega) + 6)).real


# Section 3.3

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
        s = expm((0.15 if seed == 4 else 0.5) * _FORM @ (h + h.T) / 2)
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
    names |= {"s3": np.diag([1.0, -1]), "J": _FORM[:2, :2]}
    return Facts(names, {"": _invariants(state[None])["I4"][0]}, 1e-12, "determinants")


def _symplectic(states: np.ndarray) -> np.ndarray:
    return np.sort(np.abs(np.linalg.eigvals(_FORM @ states).imag), axis=-1)[:, ::2]


def separability(_: bool) -> Facts:
    """(ν_1² − ¼)(ν_2² − ¼) with the symplectic eigenvalues of the partial transpose, which is negative if and only if
    two modes are entangled; of the state itself where I_3 > 0, which excludes entanglement."""
    states = _states()
    names = _invariants(states)
    nu = np.where(names["I3"][:, None] < 0, _symplectic(_FLIP @ states @ _FLIP), _symplectic(states))
    return Facts(names, {"": np.prod(nu**2 - 0.25, axis=1)}, 1e-11, "spectra of 4×4 matrices")


def smallest_eigenvalue(_: bool) -> Facts:
    """ν̃² of the partial transpose."""
    states = _states()
    return Facts(
        _invariants(states), {"": _symplectic(_FLIP @ states @ _FLIP)[:, 0] ** 2}, 1e-11, "spectra of 4×4 matrices"
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


# Section 4


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
        lambda N: correlations_later(_COLD, N, _K, [t], dissipative)[0, :4, :4].real, 1.0, _SIZES
    )
    return value.real, float(error.max())


def _blocks(t: float) -> dict:
    return {"eta": _COLD.eta, "lam": _COLD.coupling, "omega": _COLD.omega, "k": _K, "t": t, "zero": 0.0}


def turned_blocks(_: bool) -> Facts:
    """lim Σ̂(t) of squeezed chains; names A, B: the same without Hamiltonian, H: the rotation of eq. 71."""
    value, error = _from_chains(_TIME, False)
    still, e2 = _from_chains(_TIME, True)
    names = {"A": still[:2, :2], "B": still[:2, 2:], "T": np.transpose}
    names["H"] = expm(2 * _COLD.omega * _TIME * _FORM[:2, :2])
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


def _witness(chain: DoubleChain, N: int, k: float, times: Sequence[float]) -> np.ndarray:
    """−ln 2ν̃ of the first two fluctuations of N sites, which proves that the chains are entangled if it is positive."""
    later = correlations_later(chain, N, k, times)[:, :4, :4]
    return np.array([entanglement_witness(G.real, 2 * G.imag) for G in later])


def explicit(_: bool) -> Facts:
    """𝓔(t) in the limit for k = 1 at three times, and for k = ½ at two from the witness of chains of N sites."""
    T, coupling = 0.1, 0.9
    exact = list(Pair(T, coupling, 1.0).negativity([1.0, 4.0, 20.0]))
    chain, late = DoubleChain(T, 1.0, coupling), (1.0, 4.2)

    value, error = of_closed_form(lambda N: _witness(chain, N, 0.5, late) / np.log(2), 1.0, _SIZES)
    names = {"eta": chain.eta, "lam": coupling, "k": np.array([1, 1, 1, 0.5, 0.5]), "t": np.array([1, 4, 20, *late])}
    errors = np.concatenate([np.full(3, 1e-10), error])
    return Facts(names, {"": np.concatenate([exact, value.real])}, {"": errors}, f"{LIMIT}; {CHAINS}")


_LATE = 200.0


def late(_: bool) -> Facts:
    """𝓔 at a late time, λ = 1 and λ = 0.9, at several k and T."""
    points = [(k, T) for T in (0.1, 0.5) for k in (0.5, 1.0, 2.0)]
    exact = {
        name: np.array([Pair(T, coupling, k).at(_LATE) for k, T in points])
        for name, coupling in (("one", 1.0), ("less", 0.9))
    }
    names = {"k": np.array([k for k, _ in points]), "eta": np.array([Pair(T, 1.0, k).eta for k, T in points])}
    return Facts(names, exact, 1e-9, LIMIT)


def _positive(numbers, error: float = 1e-7, how: str = LIMIT) -> Facts:
    """Numbers that the claim says to be positive."""
    return Facts({"zero": 0.0}, {"": np.asarray(numbers, float)}, error, how)


def generated(_: bool) -> Facts:
    """The largest 𝓔 with k = 1; minus that with k = 0; and the witness of 5 and 3200 sites with k = ½ at t = 4.2, minus
    that at the start: λ = 0.9, T = 0.1."""
    found = [Pair(0.1, 0.9, 1.0).most(), -float(Pair(0.1, 0.9, 0.0).negativity(np.linspace(0, 30, 50)).max())]
    for N in (5, 3200):
        start, later = _witness(DoubleChain(0.1, 1.0, 0.9), N, 0.5, (0.0, 4.2))
        found += [later, -start]
    return _positive(found, 1e-10, f"{LIMIT}; chains of 5 and of 3200 sites")


def without_hamiltonian(_: bool) -> Facts:
    """𝓔 of the whole dynamics; names: without Hamiltonian."""
    times = [0.5, 2.0, 4.2, 12.0]
    still, moving = (Pair(0.1, 0.9, 1.0, dissipative=d).negativity(times) for d in (True, False))
    return Facts({"still": still}, {"": moving}, 1e-10, LIMIT)


_COUPLINGS = (0.5, 0.7, 0.8, 0.9, 1.0)


def grows_with_coupling(_: bool) -> Facts:
    """Increments of max 𝓔 from one λ to the next, T = 0.1, k = 1; the first is max 𝓔 itself."""
    return _positive(np.diff([0.0, *(Pair(0.1, x, 1.0).most() for x in _COUPLINGS)]))


def earlier_with_coupling(_: bool) -> Facts:
    """How much earlier entanglement begins from one λ to the next, and its first time at λ = 1."""
    first = [Pair(0.1, x, 1.0).changes()[0] for x in _COUPLINGS]
    return _positive([*-np.diff(first), first[-1]])


def optimal_squeezing(_: bool) -> Facts:
    """max 𝓔 at k = ½ less that at 0.1, 1 and 2, and each of those: λ = 0.9, T = 0.1."""
    most = {k: Pair(0.1, 0.9, k).most() for k in (0.1, 0.5, 1.0, 2.0)}
    return _positive([most[0.5] - most[k] for k in (0.1, 1.0, 2.0)] + [most[1.0] - most[2.0], most[0.1]])


def birth_and_squeezing(_: bool) -> Facts:
    """How much later entanglement begins from one k to the next, k = 0.1, 0.5, 1, 2."""
    return _positive(np.diff([Pair(0.1, 0.9, k).changes()[0] for k in (0.1, 0.5, 1.0, 2.0)]))


def falls_with_temperature(_: bool) -> Facts:
    """How much max 𝓔 falls from one T to the next, 0.1 … 0.6, that at 0.5, and minus that at 0.6: λ = 0.9, k = 1."""
    most = [Pair(T, 0.9, 1.0).most() for T in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)]
    return _positive([*-np.diff(most), most[4], -most[5]])


def sudden_birth(_: bool) -> Facts:
    """−𝓔 at three small times for T from 0.1 to 2 and k from 0.1 to 3."""
    found = [
        -Pair(T, x, k).negativity([1e-3, 1e-2, 3e-2])
        for T in (0.1, 0.5, 2.0)
        for k in (0.1, 1.0, 3.0)
        for x in (0.9, 1.0)
    ]
    return _positive(np.concatenate(found), 1e-10)


def sudden_death(_: bool) -> Facts:
    """max 𝓔, and −𝓔 at a late time, where λ < 1."""
    pairs = [Pair(0.1, x, 1.0) for x in (0.5, 0.7, 0.8)] + [Pair(0.3, 0.9, 1.0), Pair(0.3, 0.95, 0.5)]
    return _positive([x for p in pairs for x in (p.most(), -p.at(_LAST))], 1e-9)


def later_death(_: bool) -> Facts:
    """How much later entanglement ends from one λ to the next: at T = 0.1 and at T = 0.3, k = 1."""
    ends = [[Pair(T, x, 1.0).changes()[-1] for x in couplings] for T, couplings in _ENDS]
    return _positive(np.concatenate([np.diff(x) for x in ends]))


_ENDS = ((0.1, (0.5, 0.7, 0.8)), (0.3, (0.7, 0.8, 0.9, 0.95)))


def persists(_: bool) -> Facts:
    """𝓔 at t = 20 and late for λ = 1, k = 1, T = 0.1 … 0.7; minus that at 0.76; and 0.01 less the change after 20."""
    pairs = [Pair(T, 1.0, 1.0) for T in (0.1, 0.3, 0.5, 0.7)]
    late = [p.at(_LATE) for p in pairs]
    change = [0.01 - abs(p.at(20.0) - x) for p, x in zip(pairs, late, strict=True)]
    return _positive([*(p.at(20.0) for p in pairs), *late, -Pair(0.76, 1.0, 1.0).at(_LATE), *change], 1e-9)


_SQUEEZINGS = (0.1, 0.5, 1.0, 2.0, 3.0)


def more_squeezing(_: bool) -> Facts:
    """The smallest increment of the asymptotic 𝓔 from one k to the next, λ = 1, T = 0.1; names: between k1 and k2."""
    found = np.array([Pair(0.1, 1.0, k).at(_LATE) for k in _SQUEEZINGS])
    j = int(np.argmin(np.diff(found)))
    names = {"zero": 0.0, "k1": _SQUEEZINGS[j], "k2": _SQUEEZINGS[j + 1]}
    return Facts(names, {"": found[j + 1] - found[j]}, 1e-9, LIMIT, scale=1.0)


@functools.cache
def _critical(k: float) -> float:
    return brentq(lambda T: Pair(T, 1.0, k).at(_LATE), 0.3, 0.9, xtol=1e-6)


def critical_temperature(_: bool) -> Facts:
    """Where the asymptotic 𝓔 changes its sign, λ = 1, k = 1, ω = 1."""
    return Facts({}, {"": _critical(1.0)}, 1e-5, LIMIT)


def critical_line(_: bool) -> Facts:
    """The asymptotic 𝓔 by 0.01 below T_c(k), and minus the largest at any time by 0.01 above: k = 0.3, 1, 2, λ = 1."""
    found = []
    for k in (0.3, 1.0, 2.0):
        found += [Pair(_critical(k) - 0.01, 1.0, k).at(_LATE), -Pair(_critical(k) + 0.01, 1.0, k).most()]
    return _positive(found, 1e-9)


def asymptotic_states(_: bool) -> Facts:
    """Norms of differences of late covariances from k = 0, ½ and 1 with λ = 1, T = 0.1; 𝓔 of the last two, minus that
    of the first; and how little they still move without Hamiltonian."""
    late = [Pair(0.1, 1.0, k, dissipative=True).covariance([_LATE, 2 * _LATE])[:, :4, :4] for k in (0.0, 0.5, 1.0)]
    apart = [np.linalg.norm(late[a][0] - late[b][0]) for a, b in ((0, 1), (0, 2), (1, 2))]
    kinds = [scaled_negativity(x[0]) * s for x, s in zip(late, (-1, 1, 1), strict=True)]
    still = [1e-6 - np.abs(x[1] - x[0]).max() for x in late]
    return _positive([*apart, *kinds, *still], 1e-10)
