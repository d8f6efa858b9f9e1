"""The setting of the claims of Fiorelli et al. 2023 (New J. Phys. 25, 083010): a few particles of d levels in their
full space of d^N dimensions, with an all-to-all Hamiltonian and jumps whose amplitude is a polynomial in an average.

Names in formulas: v: orthonormal Hermitian basis, s(c): Σ_α c_α v_α; eps, h: of the Hamiltonian of eq. 10; a:
a[α, β, γ] = tr([v_β, v_α] v_γ); m: averages of v; r1, r2, G1, G2, j1, j2, M1, M2: argument, amplitude, jump and matrix
of D^Loc of two jumps; delta, g0, g1, g2: Σ|r_α|, γ(δ), γ′(δ), γ″(δ) of one of them; N, NO: particles, sites of an
operator O.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from comparison.claims.exact.full_space import anticommutator, commutator
from finite_n.model.operators import hermitian_basis

SEVERAL = "exact at every N: polynomial in 1/N through full spaces of a few particles"


def norm(x: np.ndarray) -> float:
    """The largest singular value."""
    return float(np.linalg.norm(x, 2))


def site(x: np.ndarray, k: int, N: int) -> np.ndarray:
    """x of particle k; x may act on several particles from k on."""
    d = 2 if len(x) % 2 == 0 else 3
    sites = round(np.log(len(x)) / np.log(d))
    return np.kron(np.kron(np.eye(d**k), x), np.eye(d ** (N - k - sites)))


def average(x: np.ndarray, N: int) -> np.ndarray:
    """(1/N) Σ_k x^(k)."""
    return sum(site(x, k, N) for k in range(N)) / N


@dataclasses.dataclass(frozen=True, eq=False)
class Jump:
    """j^(k) Γ(Δ), Δ = Σ_α r_α m_α, Γ(x) = Σ_n c_n x^n."""

    j: np.ndarray
    r: np.ndarray
    c: tuple[float, ...]

    def amplitude(self, x):
        """Γ at a number or a matrix."""
        if np.ndim(x) < 2:
            return sum(c * x**n for n, c in enumerate(self.c))
        return sum(c * np.linalg.matrix_power(x, n) for n, c in enumerate(self.c))

    @property
    def majorants(self) -> dict[str, float]:
        """δ, γ(δ), γ′(δ) and γ″(δ), derivatives of γ."""
        delta, size = np.abs(self.r).sum(), np.polynomial.Polynomial(np.abs(self.c))
        return {"delta": delta, "g0": size(delta), "g1": size.deriv()(delta), "g2": size.deriv(2)(delta)}


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """Particles of d levels: basis v, energies ε, interaction h, and jumps."""

    v: np.ndarray
    eps: np.ndarray
    h: np.ndarray
    jumps: tuple[Jump, ...]

    @property
    def d(self) -> int:
        """Levels of a particle."""
        return self.v.shape[1]

    @functools.cache  # noqa: B019 settings live as long as the module
    def averages(self, N: int) -> np.ndarray:
        """m_α, (d², d^N, d^N)."""
        return np.array([average(x, N) for x in self.v])

    @functools.cache  # noqa: B019
    def hamiltonian(self, N: int) -> np.ndarray:
        """H of eq. 10."""
        m = self.averages(N)
        return N * (
            np.tensordot(self.eps, m, 1) + sum(x @ np.tensordot(h, m, 1) for x, h in zip(m, self.h, strict=True))
        )

    @functools.cache  # noqa: B019
    def argument(self, l: int, N: int) -> np.ndarray:
        """Δ of jump number l."""
        return np.tensordot(self.jumps[l].r, self.averages(N), 1)

    @functools.cache  # noqa: B019
    def rate(self, l: int, N: int) -> np.ndarray:
        """Γ(Δ) of jump number l."""
        return self.jumps[l].amplitude(self.argument(l, N))

    @functools.cache  # noqa: B019
    def jump_operators(self, N: int) -> list[np.ndarray]:
        """j^(k) Γ(Δ) of every jump and particle."""
        return [site(x.j, k, N) @ self.rate(l, N) for l, x in enumerate(self.jumps) for k in range(N)]

    def dissipator(self, l: int, o: np.ndarray, N: int) -> np.ndarray:
        """D_l[o] = Σ_k J†oJ − ½{J†J, o}."""
        return lindblad(o, self.jump_operators(N)[l * N : (l + 1) * N])

    def generator(self, o: np.ndarray, N: int) -> np.ndarray:
        """L_N[o]."""
        return 1j * commutator(self.hamiltonian(N), o) + lindblad(o, self.jump_operators(N))

    @property
    def names(self) -> dict:
        """What the names of this module stand for."""
        commutators = np.array([[commutator(y, x) for y in self.v] for x in self.v])
        names = {"i": 1j, "v": self.v, "eps": self.eps, "h": self.h, "T": np.transpose}
        names["a"] = np.einsum("abij,gji->abg", commutators, self.v)
        names["s"] = lambda c: np.tensordot(c, self.v, 1)
        for l, x in enumerate(self.jumps):
            local = np.array([lindblad(y, [x.j]) for y in self.v])
            names |= {f"r{l + 1}": x.r, f"G{l + 1}": x.amplitude, f"j{l + 1}": x.j}
            names[f"M{l + 1}"] = np.einsum("aij,bji->ab", local, self.v).real
        return names


def lindblad(o: np.ndarray, jumps: list[np.ndarray]) -> np.ndarray:
    """Σ J†oJ − ½{J†J, o}."""
    out = np.zeros(o.shape, complex)
    for x in jumps:
        out += x.conj().T @ o @ x - anticommutator(x.conj().T @ x, o) / 2
    return out


def random_matrix(random: np.random.Generator, d: int) -> np.ndarray:
    """A complex matrix."""
    return random.normal(size=(d, d)) + 1j * random.normal(size=(d, d))


@functools.cache
def setting(d: int, powers: tuple[int, int] = (1, 2)) -> Setting:
    """One point without any symmetry: also the basis is rotated, so that no coefficient vanishes. `powers` of Δ in the
    two amplitudes."""
    random = np.random.default_rng(d)
    letters = np.array([x / np.sqrt(np.trace(x @ x).real) for x in hermitian_basis(d)])
    rotation = np.linalg.qr(random.normal(size=(d * d, d * d)))[0]
    v = np.tensordot(rotation, letters, 1)
    eps, h = random.normal(size=d * d), random_matrix(random, d * d) / d
    c = (0.5, 0.3, -0.2), (0.4, -0.3, 0.2)
    jumps = [
        Jump(random_matrix(random, d) / d, random.normal(size=d * d) / d, c[l][: power + 1])
        for l, power in enumerate(powers)
    ]
    return Setting(v, eps, (h + h.conj().T) / 2, tuple(jumps))


@functools.cache
def one_particle(d: int) -> np.ndarray:
    """A density matrix of one particle."""
    x = random_matrix(np.random.default_rng(10 + d), d)
    return x @ x.conj().T / np.trace(x @ x.conj().T).real


def product(d: int, N: int) -> np.ndarray:
    """N particles in that state, without correlations."""
    return functools.reduce(np.kron, [one_particle(d)] * N, np.eye(1))


def means(where: Setting) -> np.ndarray:
    """m_α in that state."""
    return np.einsum("aij,ji->a", where.v, one_particle(where.d)).real


def two_sites(d: int = 2, seed: int = 20) -> np.ndarray:
    """Some operator of two particles."""
    return random_matrix(np.random.default_rng(seed), d * d)


def others_averaged(out: np.ndarray, d: int, N: int, kept: int = 1) -> np.ndarray:
    """The average of an operator over all particles but the first ones, in a product state."""
    k, rest = d**kept, product(d, N - kept)
    return np.einsum("aibj,ji->ab", out.reshape(k, d ** (N - kept), k, d ** (N - kept)), rest)
