"""Any model on the full space of all its particles and modes, written from the definitions: the reference for small N.

Tensor factors are the particles, species after species, then the modes, each cut off at a highest level. Nothing here
uses the package's engines: operators are dense matrices, Γ(Δ) is a function of a matrix through its eigenvectors. With
a mode cut off, a is the matrix of ⟨n|a|n′⟩ between the levels 0 … cutoff, and products in H and L are products of such
matrices; what is measured is not cut off: ⟨a a†⟩ = ⟨a†a⟩ + 1 (`measured`).
"""

from __future__ import annotations

import copy
import functools
import itertools

import numpy as np
from scipy.integrate import solve_ivp

from finite_n.model.polynomial import Polynomial
from tests.brute_force import integrated


def basis_matrix(dim: int, index: int) -> np.ndarray:
    """v_index: Pauli matrices for two levels, else the Gell-Mann matrices pair by pair, then the diagonal ones."""
    if dim == 2:
        return np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], complex)[index - 1]
    pairs = list(itertools.combinations(range(dim), 2))
    out = np.zeros((dim, dim), complex)
    if index <= 2 * len(pairs):
        j, k = pairs[(index - 1) // 2]
        out[j, k], out[k, j] = (1, 1) if index % 2 else (-1j, 1j)
        return out
    l = index - 2 * len(pairs)
    return np.diag([1.0] * l + [-l] + [0] * (dim - l - 1)).astype(complex) * np.sqrt(2 / (l * (l + 1)))


class GeneralBruteForce:
    """H, all jumps and all collective forms of `model` at N particles.

    cutoffs: highest level of every mode, in the order of model.modes. Attributes: `dims` of the tensor factors, `size`
    of the space, `sizes` N_s, `H`, `jumps` (J_k as matrices), `collective` [(list of L_μ, D)].
    """

    def __init__(self, model, N: int, cutoffs=()):
        self.model, self.N = model, N
        self.sizes = [round(float(s.fraction) * N) for s in model.species]
        assert sum(self.sizes) == N and len(cutoffs) == len(model.modes)
        self.dims = [s.dim for s, n in zip(model.species, self.sizes, strict=True) for _ in range(n)]
        self.dims += [c + 1 for c in cutoffs]
        self.size = int(np.prod(self.dims))
        ends = np.cumsum([0, *self.sizes]).tolist()
        self.sites = {s.name: range(a, b) for s, a, b in zip(model.species, ends, ends[1:], strict=False)}
        self.sites |= {mode.name: range(N + i, N + i + 1) for i, mode in enumerate(model.modes)}
        self.H = N * self.polynomial(model.hamiltonian)
        self.jumps = [self._jump(jump, k) for jump in model.jumps for k in self.sites[model.species_of(jump).name]]
        self.collective = [
            ([np.sqrt(N) * self.polynomial(p) for p in part.polynomials], part.kossakowski) for part in model.collective
        ]
        self._effective = -1j * self.H - sum((J.conj().T @ J for J in self.jumps), np.zeros_like(self.H)) / 2
        for L, D in self.collective:
            for m, n in np.ndindex(D.shape):
                self._effective = self._effective - D[m, n] * (L[m].conj().T @ L[n]) / 2

    def site(self, x, k: int) -> np.ndarray:
        """x acting on tensor factor k."""
        before, after = int(np.prod(self.dims[:k])), int(np.prod(self.dims[k + 1 :]))
        return np.kron(np.kron(np.eye(before), np.asarray(x)), np.eye(after))

    def letter(self, letter) -> np.ndarray:
        """m(v) = (1/N_s) Σ_k v^(k), or a quadrature of a mode."""
        owner, dim, index = letter
        sites = self.sites[owner]
        if dim == 0:
            a = np.diag(np.sqrt(np.arange(1.0, self.dims[sites[0]])), 1) / np.sqrt(self.N)
            x = (a + a.T) / np.sqrt(2) if index == 1 else (a - a.T) / (1j * np.sqrt(2))
            return self.site(x, sites[0]).astype(complex)
        v = basis_matrix(dim, index)
        return sum((self.site(v, k) for k in sites), np.zeros((self.size, self.size), complex)) / len(sites)

    @functools.cached_property
    def letters(self) -> dict:
        """The matrices of all letters."""
        return {a: self.letter(a) for a in self.model.space.letters}

    def polynomial(self, p) -> np.ndarray:
        """An ordered polynomial of letters."""
        total = np.zeros((self.size, self.size), complex)
        for word, c in p.words.items():
            product = np.eye(self.size)
            for letter in word:
                product = product @ self.letters[letter]
            total += c * product
        return total

    def delta(self, jump, k: int) -> np.ndarray:
        """Δ_k = r_0 + Σ_s (1/N_s) Σ_k′ r_s^(k′) of a jump of particle k, with or without k′ = k."""
        r0 = jump.argument.words.get((), 0) - sum(jump.ones.values())
        total = r0 * np.eye(self.size, dtype=complex)
        for s in self.model.species:
            r = jump.ones.get(s.name, 0.0) * np.eye(s.dim, dtype=complex)
            for word, c in jump.argument.words.items():
                if word and word[0][0] == s.name:
                    r += c * basis_matrix(s.dim, word[0][2])
            for i in self.sites[s.name]:
                if jump.include_self or i != k:
                    total += self.site(r, i) / len(self.sites[s.name])
        return total

    def _jump(self, jump, k: int) -> np.ndarray:
        j = self.site(jump.operator, k)
        if jump.amplitude.is_constant:
            return float(jump.amplitude(0.0)) * j
        values, vectors = np.linalg.eigh(self.delta(jump, k))
        return j @ (vectors * jump.amplitude(values)) @ vectors.conj().T

    def rhs(self, rho: np.ndarray) -> np.ndarray:
        """ρ̇ of any matrix ρ."""
        G = self._effective
        out = G @ rho + rho @ G.conj().T
        for J in self.jumps:
            out += J @ rho @ J.conj().T
        for L, D in self.collective:
            for m, n in np.ndindex(D.shape):
                out += D[m, n] * (L[n] @ rho @ L[m].conj().T)
        return out

    def evolve(self, rho0: np.ndarray, t: float) -> np.ndarray:
        """ρ(t), relative tolerance 1e-12."""
        return integrated(self.rhs, rho0, t)

    def product_state(self, parts: dict) -> np.ndarray:
        """⊗ over species of density^⊗N_s ⊗ over modes of their matrix; `parts` maps names to d×d matrices."""
        rho = np.ones((1, 1), complex)
        for owner in (*self.model.species, *self.model.modes):
            for _ in self.sites[owner.name]:
                rho = np.kron(rho, parts[owner.name])
        return rho

    def measured(self, p) -> np.ndarray:
        """An ordered polynomial between states without weight above the cutoffs: products are of matrices with as many
        more levels as its words have letters, cut off at the end."""
        extra = max((len(word) for word in p.words), default=0)
        dims = [d if k < self.N else d + extra for k, d in enumerate(self.dims)]
        wide = copy.copy(self)
        wide.dims, wide.size = dims, int(np.prod(dims))
        wide.__dict__.pop("letters", None)
        kept = np.ix_(*(range(d) for d in self.dims))
        inside = np.arange(wide.size).reshape(dims)[kept].ravel()
        return wide.polynomial(p)[np.ix_(inside, inside)]

    def expect(self, p, rho: np.ndarray) -> complex:
        """Tr(ρ p) of an ordered polynomial, of a state without weight above the cutoffs."""
        return np.trace((self.measured(p) if self.model.modes else self.polynomial(p)) @ rho)

    def means(self, rho: np.ndarray) -> np.ndarray:
        """⟨m_a⟩ of all letters in order, real."""
        return np.array([np.trace(self.letters[a] @ rho).real for a in self.model.space.letters])

    def second(self, rho: np.ndarray) -> np.ndarray:
        """⟨m_a m_b⟩ of all letters, complex; two quadratures of a mode as in `measured`."""
        letters = self.model.space.letters
        ms = [self.letters[a] for a in letters]
        out = np.array([[np.vdot(a, b @ rho) for b in ms] for a in ms])  # letters are Hermitian
        for mode in self.model.modes:
            for a in mode.letters:
                for b in mode.letters:
                    out[letters.index(a), letters.index(b)] = self.expect(Polynomial({(a, b): 1}), rho)
        return out


class DrivenBruteForce:
    """L(t) = Σ_k f_k(t) L_k of constant `models` and `functions`, None for 1, of which `breaks` are kinks; `each` of
    the models on the full space."""

    def __init__(self, models, functions, N: int, cutoffs=(), breaks=()):
        self.each = [GeneralBruteForce(model, N, cutoffs) for model in models]
        self.functions, self.breaks = functions, breaks

    def rhs(self, t: float, x: np.ndarray) -> np.ndarray:
        """ẋ of any matrix x at time t."""
        weights = [1.0 if f is None else float(f(t)) for f in self.functions]
        return sum(w * full.rhs(x) for w, full in zip(weights, self.each, strict=True))

    def evolve(self, x: np.ndarray, start: float, end: float) -> np.ndarray:
        """x(end) from x(start), relative tolerance 1e-12."""
        shape, x = x.shape, x.astype(complex)
        ends = [start, *(b for b in self.breaks if start < b < end), end]
        for left, right in itertools.pairwise(ends):
            rhs = lambda t, y: self.rhs(t, y.reshape(shape)).ravel()  # noqa: E731
            found = solve_ivp(rhs, (left, right), x.ravel(), "DOP853", rtol=1e-12, atol=1e-14)
            x = found.y[:, -1].reshape(shape)
        return x
