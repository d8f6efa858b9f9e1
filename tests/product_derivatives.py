"""d/dt of averages and of fluctuations' covariance in a product state at finite N, from the definitions on the full
space.

The reference for models of several species, levels and modes. Every particle and every mode is a tensor factor; a mixed
product state is a mixture of products of eigenvectors, of which those that differ by a permutation within a species
count once, with their weight. Nothing here uses structure constants: only matrices of averages, applied to vectors. A
mode starts in a number state displaced by √N α, and is written in the displaced frame, where no operator of a finite
degree leaves a few levels.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping

import numpy as np
import qutip
import scipy.sparse as sp

from finite_n import Field, Model
from finite_n.model.operators import hermitian_basis

PAULI = [x.full() for x in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())]
LEVELS = 8  # of a mode: words have at most 5 letters on one side, number states go up to 2


class ProductDerivatives:
    """At fraction f_s N of every species: means (n,), covariance, symplectic (n, n), rate d⟨m⟩/dt (n,), flow dΣ/dt (n,
    n).

    states: name of a species → density matrix, name of a mode → Field with alpha and number.
    """

    def __init__(self, model: Model, states: Mapping, N: int):
        self.model, self.states, self.N = model, states, N
        self.sizes = [round(float(s.fraction) * N) for s in model.species]
        self.dims = [s.dim for s, n in zip(model.species, self.sizes, strict=True) for _ in range(n)]
        self.dims += [LEVELS] * len(model.modes)
        self.letters = dict(zip(model.space.letters, self._letters(), strict=True))
        self.scale = [math.sqrt(n / N) for s, n in zip(model.species, self.sizes, strict=True) for _ in s.letters]
        self.scale = np.array(self.scale + [1.0] * (2 * len(model.modes)))

        psi, weights = self._mixture(None)
        products, self.means = self._gram(psi, psi, weights)
        fluctuation = N * np.outer(self.scale, self.scale)
        self.covariance = fluctuation * (products.real - np.outer(self.means, self.means))
        self.symplectic = 2 * fluctuation * products.imag
        rate, second = self._rates(psi, weights)
        self.rate = rate
        self.flow = fluctuation * (second - np.outer(rate, self.means) - np.outer(self.means, rate))

    def site(self, x, k: int) -> sp.csr_matrix:
        """x on tensor factor k."""
        before, after = math.prod(self.dims[:k]), math.prod(self.dims[k + 1 :])
        return sp.kron(sp.kron(sp.identity(before), sp.csr_matrix(x)), sp.identity(after), format="csr")

    def _letters(self) -> list:
        out, first = [], 0
        for s, n in zip(self.model.species, self.sizes, strict=True):
            for v in PAULI if s.dim == 2 else hermitian_basis(s.dim)[1:]:
                out.append(sum(self.site(v, first + k) for k in range(n)) / n)
            first += n
        for k, mode in enumerate(self.model.modes):
            b, alpha = qutip.destroy(LEVELS).full(), self.states[mode.name].alpha
            a = b / np.sqrt(self.N) + alpha * np.eye(LEVELS)
            out += [
                self.site(q, first + k) for q in ((a + a.conj().T) / np.sqrt(2), (a - a.conj().T) / np.sqrt(2) / 1j)
            ]
        return out

    def _mixture(self, pinned: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Vectors (dimension, batch) and weights; those of particle `pinned` of its species are not merged with
        others'."""
        parts, first = [], 0
        for s, n in zip(self.model.species, self.sizes, strict=True):
            p, u = np.linalg.eigh(self.states[s.name])
            own = pinned is not None and first <= pinned < first + n
            free = n - own
            choices = []
            for c in itertools.combinations_with_replacement(range(s.dim), free):
                count = math.factorial(free) // math.prod(math.factorial(c.count(l)) for l in range(s.dim))
                choices += [(count, (*c, l)) for l in range(s.dim)] if own else [(count, c)]
            parts.append([(w * np.prod(p[list(c)]), [u[:, l] for l in c]) for w, c in choices])
            first += n
        for mode in self.model.modes:
            parts.append([(1.0, [np.eye(LEVELS)[self.states[mode.name].number]])])
        vectors, weights = [], []
        for combination in itertools.product(*parts):
            weights.append(math.prod(w for w, _ in combination))
            vectors.append(functools.reduce(np.kron, [v for _, vs in combination for v in vs]))
        return np.array(vectors).T, np.array(weights)

    def _gram(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """⟨m_a x|m_b y⟩, (n, n), and Re⟨x|m_b y⟩, (n,), mixed with weights."""
        mx, my = (np.array([m @ z for m in self.letters.values()]).reshape(len(self.letters), -1) for z in (x, y))
        w = np.broadcast_to(weights, x.shape).ravel()
        return (mx.conj() * w) @ my.T, ((x.ravel().conj() * w) @ my.T).real

    def apply(self, p, psi: np.ndarray) -> np.ndarray:
        """A polynomial of averages on vectors."""
        total = np.zeros_like(psi)
        for word, c in p.words.items():
            image = c * psi
            for letter in reversed(word):
                image = self.letters[letter] @ image
            total = total + image
        return total

    def _rates(self, psi: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """d⟨m_a⟩/dt and d½⟨{m_a, m_b}⟩/dt."""
        products, means = self._gram(-1j * self.N * self.apply(self.model.hamiltonian, psi), psi, weights)
        rate, second = 2 * means, (products + products.T).real
        for jump in self.model.jumps:
            s = self.model.species.index(self.model.species_of(jump))
            k = sum(self.sizes[: s + 1]) - 1  # the last one stands for all
            forth, back = self._local(jump, k, self.sizes[s])
            parts = self._jump_rates(forth, back, *self._mixture(k))
            rate, second = rate + self.sizes[s] * parts[0], second + self.sizes[s] * parts[1]
        for part in self.model.collective:
            values, u = np.linalg.eigh(part.kossakowski)
            for value, column in zip(values, u.T, strict=True):
                l = sum((c * p for c, p in zip(column.conj(), part.polynomials, strict=True)), 0)
                l = math.sqrt(max(value, 0) * self.N) * l
                parts = self._jump_rates(
                    lambda x, l=l: self.apply(l, x), lambda x, l=l: self.apply(l.adjoint(), x), psi, weights
                )
                rate, second = rate + parts[0], second + parts[1]
        return rate, second

    def _local(self, jump, k: int, size: int) -> tuple[Callable, Callable]:
        """J = j^(k) Γ(Δ) and J†; Γ is a numpy Polynomial."""
        j = self.site(jump.operator, k)
        species = self.model.species_of(jump)
        r = jump.field(species.name, species.dim) + jump.ones.get(species.name, 0.0) * np.eye(species.dim)
        own = 0 * j if jump.include_self else self.site(r, k) / size

        def gamma(x):
            total = np.zeros_like(x)
            for c in reversed(jump.amplitude.function.coef):
                total = self.apply(jump.argument, total) - own @ total + c * x
            return total

        return lambda x: j @ gamma(x), lambda x: gamma(j.conj().T @ x)

    def _jump_rates(self, forth: Callable, back: Callable, psi, weights) -> tuple[np.ndarray, np.ndarray]:
        """⟨J†XJ − ½{J†J, X}⟩ for X = m_a and ½{m_a, m_b}."""
        image = forth(psi)
        moved, mean = self._gram(image, image, weights)
        lost, lost_mean = self._gram(back(image), psi, weights)
        return mean - lost_mean, moved.real - 0.5 * (lost + lost.T).real


def intercept(sizes, values) -> np.ndarray:
    """The value at 1/N = 0 of the polynomial in 1/N through all points."""
    powers = np.vander(1 / np.array(sizes, float), increasing=True)
    return np.tensordot(np.linalg.inv(powers)[0], np.array(values), 1)


def random_density(rng, dim: int) -> np.ndarray:
    """Mixed, with no structure."""
    a = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
    rho = a @ a.conj().T + 0.3 * np.eye(dim)
    return rho / np.trace(rho).real


def random_field(rng) -> Field:
    """A number state displaced by √N α."""
    return Field(alpha=0.4 * complex(*rng.normal(size=2)), number=int(rng.integers(3)))
