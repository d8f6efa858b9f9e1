"""The mean-field drift in terms: what the Hamiltonian, every local jump and every set of collective jumps contribute.

The averages m_a are those of the letters of the model's space (species and modes, n of them), and
N [m_a, m_b] = {a, b} = C_ab0 + Σ_c C_abc m_c. Every term contributes ṁ_a = Σ_β G_aβ(m) m_β, β = 1, letters, with
m_1 = 1 and G_aβ(m) = Σ_i g_i(m) S_iaβ: fields g that depend on the averages times constant structures S,

    Hamiltonian   Σ_i (∂h/∂m_i) i{i, a}
    local jump    Γ(Δ)² (j† v_a j − ½{j†j, v_a}) on the letters of its species, Δ at its mean-field value
    collective    ½ Σ_μν D_μν (ℓ_μ* {a, ℓ_ν} + {ℓ_μ*, a} ℓ_ν) = Σ_i ε_i(m) i{i, a},  ε real and linear in m

Restricted to the letters of one species, G is the Heisenberg generator of one particle in the field of the averages.

Sources: Fiorelli et al. 2023, Lemma 3, for the first two, with N_s/N = f_s in the brackets; Benatti et al. 2016, eq. 24
for the third; with the derivative of the rates kept throughout.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from scipy.sparse import csr_array

from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.model.operators import coefficients, hermitian_basis
from finite_n.model.polynomial import Polynomial, linear_coefficients
from finite_n.model.species import Space
from meanfield.limit.averages import Function, JumpAmplitude, jump_amplitudes, real_values, with_one


@dataclasses.dataclass(frozen=True)
class DriftTerm:
    """Fields g(m), shape (k,), their slopes ∂g_i/∂m_c, shape (k, n), and structures S_iaβ, sparse, shape (k n, n + 1)
    with i and a in a row; part: of a model that depends on time, which function of time multiplies it."""

    name: str
    field: Function
    slope: Function
    structure: csr_array
    part: int = 0

    def matrix(self, m: np.ndarray) -> np.ndarray:
        """G_aβ(m) = Σ_i g_i(m) S_iaβ, shape (n, n + 1)."""
        return (self._of_fields @ self.field(m)).reshape(-1, self.structure.shape[1])

    @functools.cached_property
    def _of_fields(self) -> csr_array:
        return by_fields(self.structure)


def by_fields(structure: csr_array) -> csr_array:
    """S_iaβ (k n, n + 1) as a map of fields, (n (n + 1), k)."""
    rows, columns = structure.shape
    n, entries = columns - 1, structure.tocoo()
    i, a = np.divmod(entries.coords[0].astype(np.int64), n)
    return csr_array((entries.data, (a * columns + entries.coords[1], i)), shape=(n * columns, rows // n))


def weighted(structure: csr_array, weight: np.ndarray | None) -> csr_array:
    """S_iaβ w_aβ, w (n, n + 1)."""
    if weight is None:
        return structure
    entries = structure.tocoo()
    a = entries.coords[0] % len(weight)
    return csr_array((entries.data * weight[a, entries.coords[1]], entries.coords), shape=structure.shape)


def drift_terms(model: Model, amplitudes: list[JumpAmplitude] | None = None) -> list[DriftTerm]:
    """All terms of the mean-field drift of a model; `amplitudes` are those of `jump_amplitudes`, if already made."""
    terms, space = [], model.space
    amplitudes = jump_amplitudes(model) if amplitudes is None else amplitudes
    if model.hamiltonian.degree > 0:
        terms.append(_hamiltonian(model.hamiltonian, space))
    terms += [_local(amplitude, f"jump {k}") for k, amplitude in enumerate(amplitudes)]
    terms += [_collective(jumps, space, f"collective {k}") for k, jumps in enumerate(model.collective)]
    return terms


def _hamiltonian(h: Polynomial, space: Space) -> DriftTerm:
    first, n = h.partials(space.letters), space.size
    # derivatives by letters that occur, most polynomials having few
    own = [sorted(p.letters, key=space.index.__getitem__) for p in first]
    places = [(a, space.index[b]) for a, letters in enumerate(own) for b in letters]
    second = real_values([q for p, letters in zip(first, own, strict=True) for q in p.partials(letters)], space.letters)
    rows, columns = np.array(places, dtype=int).reshape(-1, 2).T

    def slope(m: np.ndarray) -> np.ndarray:
        out = np.zeros((n, n))
        out[rows, columns] = second(m)
        return out

    return DriftTerm("hamiltonian", real_values(first, space.letters), slope, (1j * space.brackets).real)


def _local(amplitude: JumpAmplitude, name: str) -> DriftTerm:
    j, own, n = amplitude.jump.operator, amplitude.own, amplitude.space.size
    square = j.conj().T @ j
    moved = [j.conj().T @ v @ j - 0.5 * (square @ v + v @ square) for v in hermitian_basis(amplitude.species.dim)[1:]]
    local = np.array([coefficients(x) for x in moved]).real  # (d² − 1, d²)
    structure = np.zeros((n, n + 1))
    structure[own, 0], structure[own, 1 + own.start : 1 + own.stop] = local[:, 0], local[:, 1:]

    def field(m):
        return np.array([amplitude(m)[0] ** 2])

    def slope(m):
        gamma, gamma_slope = amplitude(m)
        return 2 * gamma * gamma_slope * amplitude.r[None, 1:]

    return DriftTerm(name, field, slope, csr_array(structure))


def _collective(jumps: CollectiveJumps, space: Space, name: str) -> DriftTerm:
    l = np.array([linear_coefficients(p, space.letters) for p in jumps.polynomials])  # (μ, n + 1)
    # ε_a = (i/2) Σ D_μν (ℓ_μ* ℓ_νa − ℓ_ν ℓ_μa*), a letter; ε = field·(1, m)
    half = 0.5j * np.einsum("mn,mb,na->ab", jumps.kossakowski, l.conj(), l[:, 1:])
    whole = (half + half.conj()).real  # (n, n + 1)
    at = np.flatnonzero(whole.any(axis=1))
    field = whole[at]
    structure = space.brackets_with(np.eye(space.size)[at])
    return DriftTerm(name, lambda m: field @ with_one(m), lambda m: field[:, 1:], (1j * structure).real)
