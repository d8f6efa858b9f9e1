"""What decides the claims of Fiorelli et al. 2023 about kinetically constrained particles (section 2.1): a few of them
in their full space, and flips counted one by one.

Names in formulas: n: density of excited particles; plus, minus: σ_± of every particle; gup, gdown: γ_• and γ_◦.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from comparison.claims.fiorelli_2023.facts import average, lindblad, random_matrix, site
from comparison.claims.fiorelli_2023.hopfield_facts import configurations
from comparison.claims.paper_claim import Facts
from finite_n.model.operators import SIGMA_MINUS, SIGMA_PLUS


def _particles(N: int) -> tuple[float, float, np.ndarray, list[np.ndarray]]:
    up, down = 1.0, 0.5
    n = average(np.diag([1.0, 0.0]), N)
    jumps = [np.sqrt(g) * site(j, k, N) @ n for g, j in ((up, SIGMA_PLUS), (down, SIGMA_MINUS)) for k in range(N)]
    return up, down, n, jumps


def flow(diagonal: bool) -> Callable[[bool], Facts]:
    """dρ/dt of three particles: of some ρ by duality, tr(ρ̇ x) = tr(ρ L[x]); of a diagonal one by counting flips."""

    def facts(_: bool) -> Facts:
        N = 3
        up, down, n, jumps = _particles(N)
        rho = random_matrix(np.random.default_rng(40), 2**N)
        rho = rho @ rho.conj().T / np.trace(rho @ rho.conj().T)
        if diagonal:
            rho = np.diag(np.diag(rho).real)
            exact = np.diag(_counted(np.diag(rho), N, up, down))
        else:
            units = np.eye(4**N).reshape(-1, 2**N, 2**N)
            exact = np.array([np.trace(rho @ lindblad(x, jumps)) for x in units]).reshape(2**N, 2**N).T
        names = {"gup": up, "gdown": down, "n": n, "rho": rho, "sum": lambda x: x.sum(axis=0)}
        names["plus"] = np.array([site(SIGMA_PLUS, k, N) for k in range(N)])
        names["minus"] = np.array([site(SIGMA_MINUS, k, N) for k in range(N)])
        return Facts(names, {"": exact}, 1e-13, "all configurations" if diagonal else f"full space of {N} particles")

    return facts


def _counted(p: np.ndarray, N: int, up: float, down: float) -> np.ndarray:
    """The classical master equation: a flip has the rate γ times the square of the density of excited particles."""
    spins, out = configurations(N), np.zeros(len(p))
    for a, s in enumerate(spins):
        for k in range(N):
            b = a ^ (1 << (N - 1 - k))
            rate = (down if s[k] > 0 else up) * np.mean(s > 0) ** 2
            out[a] -= rate * p[a]
            out[b] += rate * p[a]
    return out


def rates_of_flips(_: bool) -> Facts:
    """d⟨n⟩/dt where exactly M particles of four are excited, for every M."""
    N = 4
    up, down, n, jumps = _particles(N)
    excited = (configurations(N) > 0).sum(axis=1)
    rate = np.diag(lindblad(n, jumps)).real
    exact = np.array([rate[excited == m].mean() for m in range(N + 1)])
    return Facts(
        {"gup": up, "gdown": down, "x": np.arange(N + 1) / N}, {"": exact}, 1e-13, f"full space of {N} particles"
    )
