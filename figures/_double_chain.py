"""Numbers that the figures of the double chain share: entanglement of N sites, exact, and of the limit's two modes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from figures.frame.figure import Say
from finite_n.systems import double_chain
from finite_n.systems.double_chain import DoubleChain
from meanfield import entanglement_witness

LATE = 200.0  # a time at which nothing of order e^{−t} is left


def witness(chain: DoubleChain, N: int, times: Sequence[float]) -> np.ndarray:
    """−log₂ 2ν̃ of the first two fluctuations of N sites, (T,), from times[0] on: where it is positive, the chains are
    entangled."""
    products = chain.fluctuation_products(N, times)[:, :4, :4]
    return np.array([entanglement_witness(G.real, 2 * G.imag) for G in products]) / np.log(2)


def negativity(chain: DoubleChain, times: Sequence[float]) -> np.ndarray:
    """𝓔 = −log₂ 2ν̃ of the first two modes, N → ∞, (T,): eq. 72 of Benatti et al. 2017 before the maximum with 0."""
    sigma = np.kron(np.eye(2), [[0.0, 1.0], [-1.0, 0.0]])
    return np.array([entanglement_witness(S[:4, :4], sigma) for S in chain.limit_covariance(times)]) / np.log(2)


def printed_73(chain: DoubleChain, times: np.ndarray) -> np.ndarray:
    """The right-hand side of eq. 73 as it is printed, (T,)."""
    eta, k, lam = chain.eta, chain.k, chain.coupling
    x = eta * np.asarray(times) / (1 + eta)
    first = np.exp(4 * k) + np.exp(4 * x) - 1
    second = np.exp(4 * (k + x)) - (np.exp(4 * k) - 1) * np.cosh(2 * lam * x) ** 2
    return ((1 + eta**2) / (4 * eta)) ** 2 * np.exp(-4 * (k + 2 * x)) * first * second


def late_74(T: float, k: float) -> float:
    """Eq. 74 for λ = 1, with log₂ as in eq. 72."""
    eta = double_chain(T).eta
    return -0.5 * float(np.log2((3 + np.exp(-4 * k)) * (1 + eta**2) ** 2 / (16 * eta**2)))


def in_time(name: str, values: Sequence[float], fixed: dict, sizes: Sequence[int], times, progress: Say) -> xr.Dataset:
    """exact (case, N, time) and limit (case, time) of 𝓔 for several values of one parameter of `double_chain`."""
    exact, limit = [], []
    for value in values:
        chain = double_chain(**fixed, **{name: value})
        progress(f"{name} = {value:g}, N = {', '.join(map(str, sizes))}")
        exact.append([witness(chain, N, times) for N in sizes])
        limit.append(negativity(chain, times))
    return xr.Dataset(
        {"exact": (("case", "N", "time"), np.array(exact)), "limit": (("case", "time"), np.array(limit))},
        {"case": list(values), "N": list(sizes), "time": np.asarray(times)},
    )


def largest(name: str, values, fixed: dict, sizes: Sequence[int], times, progress: Say) -> xr.Dataset:
    """most (N, value) and most_limit (value): the largest E over `times`, zero where there is no entanglement."""
    found = in_time(name, values, fixed, sizes, times, progress)
    most = {"most": found["exact"].max("time").T, "most_limit": found["limit"].max("time")}
    return xr.Dataset({key: x.clip(min=0).rename(case="value") for key, x in most.items()})
