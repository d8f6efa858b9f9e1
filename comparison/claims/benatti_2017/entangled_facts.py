"""What decides the claims of Benatti et al. 2017 about entanglement in time: the modes of the limit, and chains of N
sites that are exact at every N.

Names in formulas: eta, lam, k, t: as in the paper.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.optimize import brentq

from comparison.claims.benatti_2017.limit_modes import CHAIN_SIZES, CHAINS, LAST, LIMIT, Pair, scaled_negativity
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.paper_claim import Facts
from finite_n.systems.double_chain import DoubleChain
from finite_n.systems.squeezed_chains import products_later
from meanfield import entanglement_witness


def _witness(chain: DoubleChain, N: int, k: float, times: Sequence[float]) -> np.ndarray:
    """−ln 2ν̃ of the first two fluctuations of N sites, which proves that the chains are entangled if it is positive."""
    later = products_later(chain, N, k, times)[:, :4, :4]
    return np.array([entanglement_witness(G.real, 2 * G.imag) for G in later])


def explicit(_: bool) -> Facts:
    """𝓔(t) in the limit for k = 1 at three times, and for k = ½ at two from the witness of chains of N sites."""
    T, coupling = 0.1, 0.9
    exact = list(Pair(T, coupling, 1.0).negativity([1.0, 4.0, 20.0]))
    chain, late = DoubleChain(T, 1.0, coupling), (1.0, 4.2)

    value, error = of_closed_form(lambda N: _witness(chain, N, 0.5, late) / np.log(2), 1.0, CHAIN_SIZES)
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


def _positive(numbers, error: float = 1e-7, how: str = LIMIT, shown: Mapping[str, float] | None = None) -> Facts:
    """Numbers that the claim says to be positive, and those that readers want to see."""
    return Facts({"zero": 0.0}, {"": np.asarray(numbers, float)}, error, how, shown=shown or {})


def generated(_: bool) -> Facts:
    """The largest 𝓔 with k = 1; minus that with k = 0; and the witness of 5 and 3200 sites with k = ½ at t = 4.2, minus
    that at the start: λ = 0.9, T = 0.1."""
    found = [Pair(0.1, 0.9, 1.0).most(), -float(Pair(0.1, 0.9, 0.0).negativity(np.linspace(0, 30, 50)).max())]
    for N in (5, 3200):
        start, later = _witness(DoubleChain(0.1, 1.0, 0.9), N, 0.5, (0.0, 4.2))
        found += [later, -start]
    shown = {"largest 𝓔 for k = 1": found[0], "for k = 0": -found[1]}
    shown |= {"−ln 2ν̃ of 5 sites, k = ½": found[2], "of 3200 sites": found[4]}
    return _positive(found, 1e-10, f"{LIMIT}; chains of 5 and of 3200 sites", shown)


def without_hamiltonian(_: bool) -> Facts:
    """𝓔 of the whole dynamics; names: without Hamiltonian."""
    times = [0.5, 2.0, 4.2, 12.0]
    still, moving = (Pair(0.1, 0.9, 1.0, dissipative=d).negativity(times) for d in (True, False))
    return Facts({"still": still}, {"": moving}, 1e-10, LIMIT)


_COUPLINGS = (0.5, 0.7, 0.8, 0.9, 1.0)


def grows_with_coupling(_: bool) -> Facts:
    """Increments of max 𝓔 from one λ to the next, T = 0.1, k = 1; the first is max 𝓔 itself."""
    most = [Pair(0.1, x, 1.0).most() for x in _COUPLINGS]
    return _positive(np.diff([0.0, *most]), shown=_by("largest 𝓔 at λ", _COUPLINGS, most))


def earlier_with_coupling(_: bool) -> Facts:
    """How much earlier entanglement begins from one λ to the next, and its first time at λ = 1."""
    first = [Pair(0.1, x, 1.0).changes()[0] for x in _COUPLINGS]
    return _positive([*-np.diff(first), first[-1]], shown=_by("begins at t for λ", _COUPLINGS, first))


def optimal_squeezing(_: bool) -> Facts:
    """max 𝓔 at k = ½ less that at 0.1, 1 and 2, and each of those: λ = 0.9, T = 0.1."""
    most = {k: Pair(0.1, 0.9, k).most() for k in (0.1, 0.5, 1.0, 2.0)}
    found = [most[0.5] - most[k] for k in (0.1, 1.0, 2.0)] + [most[1.0] - most[2.0], most[0.1]]
    return _positive(found, shown=_by("largest 𝓔 at k", most, most.values()))


def birth_and_squeezing(_: bool) -> Facts:
    """How much later entanglement begins from one k to the next, k = 0.1, 0.5, 1, 2."""
    squeezings = (0.1, 0.5, 1.0, 2.0)
    first = [Pair(0.1, 0.9, k).changes()[0] for k in squeezings]
    return _positive(np.diff(first), shown=_by("begins at t for k", squeezings, first))


def falls_with_temperature(_: bool) -> Facts:
    """How much max 𝓔 falls from one T to the next, 0.1 … 0.6, that at 0.5, and minus that at 0.6: λ = 0.9, k = 1."""
    temperatures = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    most = [Pair(T, 0.9, 1.0).most() for T in temperatures]
    return _positive([*-np.diff(most), most[4], -most[5]], shown=_by("largest 𝓔 at T", temperatures, most))


def sudden_birth(_: bool) -> Facts:
    """−𝓔 at three small times for T from 0.1 to 2 and k from 0.1 to 3."""
    found = [
        -Pair(T, x, k).negativity([1e-3, 1e-2, 3e-2])
        for T in (0.1, 0.5, 2.0)
        for k in (0.1, 1.0, 3.0)
        for x in (0.9, 1.0)
    ]
    numbers = np.concatenate(found)
    return _positive(numbers, 1e-10, shown={"𝓔 at t = 0.001 … 0.03, at most": -numbers.min()})


def last_zero(pair: Pair) -> float:
    """t_0, the last time at which 𝓔 changes its sign."""
    return pair.changes()[-1]


def sudden_death(_: bool) -> Facts:
    """Where λ < 1: max 𝓔, −𝓔 at a late time, and the time between t_0 and that; 𝓔 at t_0 − 1, and minus that at
    t_0 + 1."""
    points = [(0.1, 0.5, 1.0), (0.1, 0.7, 1.0), (0.1, 0.8, 1.0), (0.3, 0.9, 1.0), (0.3, 0.95, 0.5)]
    found, shown = [], {}
    for T, coupling, k in points:
        p = Pair(T, coupling, k)
        end = last_zero(p)
        found += [p.most(), -p.at(LAST), LAST - end, p.at(end - 1), -p.at(end + 1)]
        shown[f"t_0 at T = {T}, λ = {coupling}, k = {k:g}"] = end
    return _positive(found, 1e-10, shown=shown)


def later_death(_: bool) -> Facts:
    """How much later entanglement ends from one λ to the next: at T = 0.1 and at T = 0.3, k = 1."""
    ends = [[last_zero(Pair(T, x, 1.0)) for x in couplings] for T, couplings in _ENDS]
    shown: dict[str, float] = {}
    for (T, couplings), found in zip(_ENDS, ends, strict=True):
        shown |= _by(f"t_0 at T = {T}, λ", couplings, found)
    return _positive(np.concatenate([np.diff(x) for x in ends]), shown=shown)


def _by(name: str, at: Iterable[float], numbers: Iterable[float]) -> dict[str, float]:
    """Numbers by the value of a parameter."""
    return {f"{name} = {x:g}": float(y) for x, y in zip(at, numbers, strict=True)}


_ENDS = ((0.1, (0.5, 0.7, 0.8)), (0.3, (0.7, 0.8, 0.9, 0.95)))


def persists(_: bool) -> Facts:
    """𝓔 at t = 20 and late for λ = 1, k = 1, T = 0.1 … 0.7; minus that at 0.76; and 0.01 less the change after 20."""
    pairs = [Pair(T, 1.0, 1.0) for T in (0.1, 0.3, 0.5, 0.7)]
    late = [p.at(_LATE) for p in pairs]
    change = [0.01 - abs(p.at(20.0) - x) for p, x in zip(pairs, late, strict=True)]
    above = Pair(0.76, 1.0, 1.0).at(_LATE)
    shown = _by("late 𝓔 at T", (0.1, 0.3, 0.5, 0.7, 0.76), [*late, above])
    return _positive([*(p.at(20.0) for p in pairs), *late, -above, *change], 1e-9, shown=shown)


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
    for k in _LINE:
        found += [Pair(_critical(k) - 0.01, 1.0, k).at(_LATE), -Pair(_critical(k) + 0.01, 1.0, k).most()]
    return _positive(found, 1e-9, shown=_by("T_c at k", _LINE, [_critical(k) for k in _LINE]))


_LINE = (0.3, 1.0, 2.0)


def asymptotic_states(_: bool) -> Facts:
    """Norms of differences of late covariances from k = 0, ½ and 1 with λ = 1, T = 0.1; 𝓔 of the last two, minus that
    of the first; and how little they still move without Hamiltonian."""
    late = [Pair(0.1, 1.0, k, dissipative=True).covariance([_LATE, 2 * _LATE])[:, :4, :4] for k in (0.0, 0.5, 1.0)]
    apart = [np.linalg.norm(late[a][0] - late[b][0]) for a, b in ((0, 1), (0, 2), (1, 2))]
    kinds = [scaled_negativity(x[0]) * s for x, s in zip(late, (-1, 1, 1), strict=True)]
    still = [1e-6 - np.abs(x[1] - x[0]).max() for x in late]
    values = [kinds[0] * -1, *kinds[1:]]
    return _positive([*apart, *kinds, *still], 1e-10, shown=_by("late 𝓔 at k", (0.0, 0.5, 1.0), values))
