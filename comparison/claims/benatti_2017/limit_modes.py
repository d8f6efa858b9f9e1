"""The three modes of the limit from a squeezed start, with the generator and the covariance that one site gives, and
their entanglement in time."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from comparison.claims.benatti_2017.site import correlations, generator, site
from finite_n.systems.double_chain import DoubleChain

FORM = np.kron(np.eye(2), [[0.0, 1], [-1, 0]])
FLIP = np.diag([1.0, 1, 1, -1])
LIMIT = "two modes of the limit, with generator and covariance of one site"
CHAIN_SIZES = tuple(400 * 2**j for j in range(6))  # of squeezed chains
CHAINS = "chains of N = 400 … 12800 sites, exact at every N, extrapolated"
LAST, _STEP = 90.0, 0.05  # times that are searched


def scaled_negativity(covariances: np.ndarray) -> np.ndarray:
    """𝓔 = −log₂ 2ν̃ of two modes, (…, 4, 4): from the spectrum of the partially transposed covariance times the form."""
    values = np.linalg.eigvals(FORM @ (FLIP @ covariances @ FLIP))
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
        times = np.arange(0.0, LAST, _STEP)
        return times, self.negativity(times)

    def most(self) -> float:
        """The largest 𝓔 at any time up to `LAST`."""
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
