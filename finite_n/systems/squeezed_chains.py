"""Two chains of N sites whose first two fluctuations start squeezed, evolved exactly at every N.

K_± = ½ Σ_k a_k†², ½ Σ_k a_k² of one chain are collective raising and lowering operators of su(1, 1): F(X_1) = √(η/N)
(K_+ + K_−), F(X_2) = −i√(η/N) (K_− − K_+). The thermal state is a mixture of irreducible parts, κ = N/4 + ℓ/2, and in
each the ladder m = 0, 1, … is filled like a thermal oscillator with ratio γ². The start is squeezed along that ladder,
b|m⟩ = √m|m − 1⟩, with Q and P of b in the exponent of eq. 68. With F in place of them nothing would be defined: F_1F_2
+ F_2F_1 links m and m + 2 with elements that grow like m², and has many self-adjoint extensions, at every N. For N → ∞
b is the paper's mode.

Later, sites evolve independently: L[F_μF_ν] = L[F_μ]F_ν + F_μL[F_ν] + (1/N) Σ_k D(X_μ, X_ν)^(k), with D(X, Y) = L[XY] −
L[X]Y − XL[Y] of one site, of degree two. So ⟨F_μF_ν⟩ and averages of quadratic operators of a site obey closed linear
equations, and nothing is left out.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict

import numpy as np
from scipy.linalg import expm
from scipy.special import gammaln, xlogy

from finite_n.errors import FiniteNError
from finite_n.model.boson_algebra import BosonAlgebra, average
from finite_n.model.bosonic_particle import BosonicParticle

FEWEST, MOST = 160, 163_840  # levels of the ladder: squeezed by k = ½ it is filled like 0.76^m, by k = 2 like 0.9993^m
_TAIL = 1e-18  # of the weights of ℓ
_TOP, _LEFT_OUT = 4, 1e-10  # highest levels of the ladder; their population times the levels' number squared
_AT_ONCE = 1_000_000  # numbers of a sum over levels and parts


@functools.cache
def squeezed_ladder(gamma: float, k: float, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """The thermal state with ratio γ², squeezed to ⟨Q²⟩ e^{4k} times as large: ⟨m|ρ|m⟩, (levels,), and ⟨m+2|ρ|m⟩,
    (levels − 2,).

    By the recurrence of a Gaussian state, √(m+1) ρ_{m+1,n} = A √m ρ_{m−1,n} + B √n ρ_{m,n−1}, which stays on the two.
    """
    mean = gamma**2 / (1 - gamma**2)
    number, square = (mean + 0.5) * np.cosh(4 * k) - 0.5, (mean + 0.5) * np.sinh(4 * k)  # ⟨b†b⟩, ⟨b²⟩
    whole = mean * (mean + 1) + number + 1  # (⟨b†b⟩ + 1)² − ⟨b²⟩²
    A, B = square / whole, mean * (mean + 1) / whole
    root = np.sqrt(np.arange(levels + 1.0)).tolist()
    filled, second = [whole**-0.5, B * whole**-0.5], [0.0]
    for m in range(levels - 2):
        second.append((A * root[m + 1] * filled[m] + B * root[m] * second[m]) / root[m + 2])
        filled.append(B * filled[m + 1] + A * root[m + 1] / root[m + 2] * second[m + 1])
    return np.array(filled), np.array(second[1:])


def _held_ladder(chain, k: float) -> tuple[np.ndarray, np.ndarray]:
    """With so many levels that the squeezed state is held."""
    levels = FEWEST
    while levels <= MOST:
        found = squeezed_ladder(chain.gamma, k, levels)
        if found[0][-_TOP:].sum() * levels**2 < _LEFT_OUT:
            return found
        levels *= 2
    raise FiniteNError(
        f"double chain: k = {k:g} at T = {chain.T:g}: {MOST} levels do not hold the squeezed state at finite N; "
        "give a smaller k or T, or take limit_covariance, which has no levels."
    )


def _parts(N: int, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """2κ and weights of the irreducible parts: γ^ℓ (1 − γ)^N/(1 − γ²) times how often ℓ occurs."""
    spread = np.sqrt(N * gamma) / (1 - gamma)
    last = int(N * gamma / (1 - gamma) + 12 * spread + 60)
    l = np.arange(last + 1.0)
    if N == 1:
        weights = np.where(l < 2, gamma**l * (1 - gamma), 0.0) / (1 - gamma**2)
    else:
        # C(N+ℓ−1, ℓ) − C(N+ℓ−3, ℓ−2) = C(N+ℓ−3, ℓ) (N+2ℓ−2)/(N−2) for N > 2, and 2 for N = 2, ℓ > 0
        if N == 2:
            logs = np.log(np.where(l > 0, 2.0, 1.0))
        else:
            logs = gammaln(N + l - 2) - gammaln(l + 1) - gammaln(N - 2) + np.log((N + 2 * l - 2) / (N - 2))
        weights = np.exp(logs + xlogy(l, gamma) + N * np.log1p(-gamma)) / (1 - gamma**2)
    kept = weights > _TAIL
    return (N / 2 + l)[kept], weights[kept]


def start(chain, N: int, k: float) -> tuple[np.ndarray, float]:
    """⟨F_μF_ν⟩ of the six fluctuations, (6, 6), and ⟨x²⟩ = ⟨p²⟩ of every oscillator, in the squeezed state."""
    filled, second = _held_ladder(chain, k)
    m = np.arange(len(filled))
    double, weights = _parts(N, chain.gamma)
    mean = float(weights @ double)  # 2⟨κ⟩
    down_up = filled @ (m * (m - 1 + mean))  # K_+K_−
    up_down = filled @ ((m + 1) * (m + mean))  # K_−K_+
    above = m[2:, None]
    some = max(_AT_ONCE // len(double), 1)
    root = [
        np.sqrt((n - 1 + double) * (n - 2 + double)) @ weights for n in np.split(above, range(some, len(above), some))
    ]
    twice = float(second @ (np.sqrt(m[2:] * (m[2:] - 1.0)) * np.concatenate(root)))  # K_−K_− and K_+K_+
    scale = chain.eta / N
    one, two = scale * (down_up + up_down + 2 * twice), scale * (down_up + up_down - 2 * twice)
    half = 0.5j * scale * 2 * (up_down - down_up)  # F_1F_2 = −i (η/N)(… K_−K_+ …), whose real part vanishes
    square = (mean + 2 * filled @ m) / N  # 2⟨K_0⟩/N
    mixed = chain.eta / 2 * (2 * square**2 + 0.5)
    order = 1j * chain.eta * square
    G = np.diag([one, two, one, two, mixed, mixed]).astype(complex)
    for j, value in ((0, half), (2, half), (4, order)):
        G[j, j + 1], G[j + 1, j] = value, -value
    return G, square


@functools.cache
def _equations(chain, dissipative: bool):
    """L on 1 and the six operators, what averages are needed of a site, and the equations of ⟨F_μF_ν⟩ and of these."""
    particle = chain.particle
    if dissipative:
        particle = BosonicParticle(particle.bosons, 0, particle.jumps.polynomials, particle.jumps.kossakowski)
    algebra = BosonAlgebra(particle)
    six = [algebra.normal(p) for p in chain.operators.values()]
    return algebra.equations_of_products(six, list(chain.operators))


@functools.lru_cache(maxsize=512)
def _propagator(chain, dissipative: bool, t: float) -> np.ndarray:
    """e^{tL} of all that the equations hold."""
    return expm(t * _equations(chain, dissipative)[2])


def products_later(chain, N: int, k: float, times, dissipative: bool = False) -> np.ndarray:
    """⟨F_μF_ν⟩ at times from 0, (T, 6, 6): covariances in the real part, half the commutators in the imaginary one.

    chain : `DoubleChain`; k : squeezing; dissipative : without Hamiltonian
    """
    rest = dataclasses.replace(chain, k=0.0)  # the generator knows nothing of the start
    needed = _equations(rest, dissipative)[1]
    G, square = start(chain, N, k)
    moments = defaultdict(float, {(0, 0): 1.0, (1, 1): square - 0.5})  # of each oscillator, in every product
    y = np.concatenate([G.ravel(), [average(A, [moments, moments]) for A in needed]])
    return np.array([(_propagator(rest, dissipative, float(t)) @ y)[:36].reshape(6, 6) for t in times])


def limit_covariance(chain, k: float, times) -> np.ndarray:
    """N → ∞ of the real part, (T, 6, 6): Σ_0 + M(Σ_k − Σ_0)Mᵀ, M = e^{tQ}, Σ_0 of the thermal state, which stays."""
    Q = _equations(dataclasses.replace(chain, k=0.0), False)[0][1:, 1:]
    thermal = chain.squeezed_covariance(0.0)
    M = np.array([expm(t * Q) for t in times])
    return thermal + M @ (chain.squeezed_covariance(k) - thermal) @ M.transpose(0, 2, 1)
