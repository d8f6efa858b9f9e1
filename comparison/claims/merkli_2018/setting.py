"""A few particles and a reservoir in their full space: averages at any couplings, their Taylor coefficients, and the
sums of multi-commutators by which the paper writes them.

H = Σ h_j + H_R + Σ_j c_j G_j ⊗ B with couplings c_j, from ρ ⊗ … ⊗ ρ ⊗ ρ_R; the paper has c_j = λ/√N. A Taylor
coefficient in c of order r from the vacuum needs r levels of an oscillator and no more.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import csr_array, diags_array, eye_array, kron
from scipy.sparse.linalg import expm_multiply

from comparison.claims.exact.full_space import commutator

_POINTS, _RADIUS = 24, 0.3  # of Cauchy's integral: what it folds down is of order r + 24, times 0.3^24


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """h, G and ρ of one particle; H_R, B and ρ_R of the reservoir."""

    h: np.ndarray
    G: np.ndarray
    rho: np.ndarray
    HR: np.ndarray
    B: np.ndarray
    rhoR: np.ndarray

    def observable(
        self, N: int, particles: Sequence[np.ndarray] = (), reservoir: np.ndarray | None = None
    ) -> csr_array:
        """A_1 ⊗ A_2 ⊗ … ⊗ 1 ⊗ A_R."""
        one = eye_array(len(self.h))
        factors = [
            *particles,
            *[one] * (N - len(particles)),
            eye_array(len(self.HR)) if reservoir is None else reservoir,
        ]
        return csr_array(functools.reduce(kron, factors))

    def at(self, x: np.ndarray, j: int, N: int, reservoir: np.ndarray | None = None) -> csr_array:
        """x of particle j, j = 0 … N − 1, times an operator of the reservoir."""
        return self.observable(N, [*[eye_array(len(self.h))] * j, x], reservoir)

    def parts(self, N: int) -> tuple[csr_array, list[csr_array], np.ndarray]:
        """H at c = 0, G_j ⊗ B of every particle, and columns C with C C† the initial state."""
        return _parts(self, N)

    def free(self, A: csr_array, t: float, N: int) -> complex:
        """The average of A at time t without coupling."""
        return self.averages(A, np.zeros((1, N)), t)[0]

    def averages(self, A: csr_array, couplings: np.ndarray, t: float) -> np.ndarray:
        """⟨e^{itH} A e^{−itH}⟩ for rows of couplings, (K, N) → (K,); analytic in them, and they may be complex."""
        kets = self._evolved(couplings, t)
        bras = kets if np.isrealobj(couplings) else self._evolved(couplings.conj(), t)
        return np.array([np.vdot(bra, A @ ket) for bra, ket in zip(bras, kets, strict=True)])

    def _evolved(self, couplings: np.ndarray, t: float) -> np.ndarray:
        free, coupled, start = self.parts(couplings.shape[1])
        K = len(couplings)
        H = kron(eye_array(K), free)
        for c, v in zip(couplings.T, coupled, strict=True):
            H = H + kron(diags_array(c), v)
        return expm_multiply(-1j * t * csr_array(H), np.tile(start, (K, 1)).astype(complex)).reshape(K, *start.shape)

    def coefficients(
        self,
        A: csr_array,
        t: float,
        N: int,
        orders: Sequence[int],
        at: Callable | None = None,
        radius: float = _RADIUS,
    ) -> dict[int, complex]:
        """Coefficients of λ^r in ⟨A⟩ for c_j = λ/√N, or for the couplings that the function `at` gives at λ; by
        Cauchy's integral around 0."""
        at = (lambda z: np.full(N, z / math.sqrt(N))) if at is None else at
        z = radius * np.exp(2j * np.pi * np.arange(_POINTS) / _POINTS)
        # values at complex conjugate places are conjugate for Hermitian A
        half = z[: _POINTS // 2 + 1]
        values = self.averages(A, np.array([at(x) for x in half]), t)
        values = np.concatenate([values, values[1 : _POINTS // 2][::-1].conj()])
        return {r: (z**-r @ values) / _POINTS for r in orders}

    def arrangements(self, A: csr_array, t: float, counts: Sequence[int]) -> complex:
        """∫_0^t dt_1 ⋯ ∫_0^{t_{r−1}} dt_r Σ ω(T_t), over all T_t of eq. 1.9 in which the index j occurs counts_j times:
        Σ over C_r(p_1, …, p_N) of the paper, and over D_r and E_r.

        The time-ordered integrals of all products of G_j(t_i) ⊗ B(t_i) are those of e^{−itH} with one nilpotent
        coupling for every particle; the commutators put some of them to the left of A, the others to its right.
        """
        free, coupled, start = self.parts(len(counts))
        keys = list(itertools.product(*(range(p + 1) for p in counts)))
        place = {key: k for k, key in enumerate(keys)}
        H = kron(eye_array(len(keys)), free)
        for j, v in enumerate(coupled):
            up = [key for key in keys if key[j] < counts[j]]
            rows = [place[(*key[:j], key[j] + 1, *key[j + 1 :])] for key in up]
            raising = csr_array((np.ones(len(up)), (rows, [place[k] for k in up])), shape=(len(keys),) * 2)
            H = H + kron(raising, v)
        begin = np.concatenate([start, np.zeros(((len(keys) - 1) * len(start), start.shape[1]))])
        found = expm_multiply(-1j * t * csr_array(H), begin.astype(complex)).reshape(len(keys), *start.shape)
        rest = [place[tuple(p - q for p, q in zip(counts, key, strict=True))] for key in keys]
        total = sum(np.vdot(found[m], A @ found[k]) for k, m in enumerate(rest))
        return total / 1j ** sum(counts)


@functools.lru_cache(maxsize=32)
def _parts(setting: Setting, N: int) -> tuple[csr_array, list[csr_array], np.ndarray]:
    free = sum((setting.at(setting.h, j, N) for j in range(N)), setting.observable(N, (), setting.HR))
    coupled = [setting.at(setting.G, j, N, setting.B) for j in range(N)]
    return free, coupled, functools.reduce(np.kron, [*[_root(setting.rho)] * N, _root(setting.rhoR)])


def ordered(f: Callable[..., complex], t: float, r: int, points: int = 8) -> complex:
    """∫_0^t dt_1 ∫_0^{t_1} dt_2 ⋯ ∫_0^{t_{r−1}} dt_r f(t_1, …, t_r), by Gauss and Legendre's rule in every variable."""
    x, w = np.polynomial.legendre.leggauss(points)
    x, w = (x + 1) / 2, w / 2

    def inner(times: tuple[float, ...], end: float):
        if len(times) == r:
            return f(*times)
        return sum(end * b * inner((*times, end * a), end * a) for a, b in zip(x, w, strict=True))

    return inner((), t)


def nested(first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """[others_r, [… [others_1, first] …]]."""
    for x in others:
        first = commutator(x, first)
    return first


def turned(x: np.ndarray, H: np.ndarray, t: float) -> np.ndarray:
    """e^{itH} x e^{−itH} of Hermitian H."""
    e, u = np.linalg.eigh(H)
    phase = np.exp(1j * t * e)
    return (u * phase) @ (u.conj().T @ x @ u) @ (u * phase).conj().T


def _root(rho: np.ndarray) -> np.ndarray:
    """C with C C† = ρ, without columns of zeros."""
    p, u = np.linalg.eigh(rho)
    keep = p > 1e-15
    return u[:, keep] * np.sqrt(p[keep])
