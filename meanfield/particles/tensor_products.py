"""Matrices of n particles, each of its own number of levels: reading them, and applying a map to every particle.

A matrix x on ⊗_k C^{d_k} is known by its coefficients over products of the Hermitian bases of the particles, with v_0 =
1 and tr(v_a v_b) = 2 δ_ab: x = Σ w_a … w_b tr(x v_a ⊗ … ⊗ v_b) v_a ⊗ … ⊗ v_b, w_0 = 1/d and w_a = ½ else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import hermitian_basis
from finite_n.model.species import Space, Species
from finite_n.model.validation import check_whole

MOST = 6  # particles
LARGEST = 256  # levels of all of them together: 256² numbers at every time


def weighted_basis(dim: int) -> np.ndarray:
    """w_a v_a, dual to the basis v_a: tr(w_a v_a v_b) = δ_ab, shape (d², d, d)."""
    return hermitian_basis(dim) * np.r_[1 / dim, np.full(dim**2 - 1, 0.5)][:, None, None]


def stacked(basis: np.ndarray) -> np.ndarray:
    """Basis operators (d², d, d) as columns, each with its own columns stacked, shape (d², d²)."""
    return basis.transpose(0, 2, 1).reshape(len(basis), -1).T


def on_columns(transfer: np.ndarray) -> np.ndarray:
    """The map ⟨v_a⟩ → Σ_b R_ab ⟨v_b⟩ as a matrix on vec(ρ), columns stacked; R and result (d², d²)."""
    dim = math.isqrt(len(transfer))
    return stacked(weighted_basis(dim)) @ transfer @ stacked(hermitian_basis(dim)).conj().T


def one_species(space: Space, species: Species | str | None) -> Species:
    """A species of a model, given itself or by name; the only one if None."""
    if species is None and len(space.species) == 1:
        return space.species[0]
    if species is None:
        names = ", ".join(s.name for s in space.species)
        raise FiniteNError(f"local operators: the model has the species {names}; say which, for example 'a'.")
    name = species.name if isinstance(species, Species) else species
    if not isinstance(name, str):
        raise FiniteNError(f"local operators: species = {shown(species)}; give a Species of the model or its name.")
    owner = space.owner(name)
    if owner not in space.species:
        raise FiniteNError(f"local operators: {owner} has no particles; give a species.")
    return owner


def read_particles(space: Space, particles, n: int | None = None) -> tuple[Species, ...]:
    """The species of every particle: from a list of them; or n particles of one species, the only one by default."""
    if n is not None:
        check_whole(n, "number of particles n", 1, MOST)
    if particles is None and len(space.species) > 1:
        names = ", ".join(s.name for s in space.species)
        raise FiniteNError(
            f"local operators: the model has the species {names}; say which particles are meant with particles=…, for "
            f"example {shown(tuple(s.name for s in space.species[:2]))}."
        )
    if particles is None or isinstance(particles, str | Species):
        found = (one_species(space, particles),) * (n or 1)
    else:
        if not isinstance(particles, list | tuple):
            raise FiniteNError(f"particles = {shown(particles)}: give a list of species or their names.")
        found = tuple(one_species(space, s) for s in particles)
        if n is not None and n != len(found):
            raise FiniteNError(f"n = {n} and {len(found)} particles: give one of the two.")
    levels = math.prod(s.dim for s in found)
    if not 1 <= len(found) <= MOST or levels > LARGEST:
        raise FiniteNError(
            f"{len(found)} particles with {levels} levels together: give 1 to {MOST} with at most {LARGEST} levels "
            "together."
        )
    return found


def read_matrix(x, what: str, space: Space, particles, ket: bool = False) -> tuple[np.ndarray, tuple[Species, ...]]:
    """A matrix of n particles and their species; `particles` None or one species: as many as the shape says."""
    several = isinstance(particles, list | tuple)
    owners = read_particles(space, particles)
    d = owners[0].dim
    try:
        matrix = np.array(x.full() if hasattr(x, "full") else x, dtype=complex)
    except (TypeError, ValueError):
        raise FiniteNError(f"{what}: got {shown(x)}; give a {d}^n×{d}^n array or Qobj for n particles.") from None
    if ket and (matrix.ndim == 1 or (matrix.ndim == 2 and matrix.shape[1] == 1)):
        matrix = np.outer(matrix, matrix.conj())
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    if several:
        size = math.prod(s.dim for s in owners)
        if not square or len(matrix) != size:
            raise FiniteNError(
                f"{what}: got shape {matrix.shape}; the particles have {' · '.join(str(s.dim) for s in owners)} "
                f"levels, so give {size}×{size}."
            )
    else:
        sizes = [d**n for n in range(1, MOST + 1) if d**n <= LARGEST]
        if not square or len(matrix) not in sizes:
            raise FiniteNError(
                f"{what}: got shape {matrix.shape}; give {d}^n×{d}^n for n = 1 to {len(sizes)} particles with {d} "
                "levels each."
            )
        owners *= 1 + sizes.index(len(matrix))
    given, wanted = getattr(x, "dims", [None])[0], [s.dim for s in owners]
    if given is not None and given not in (wanted, [len(matrix)]):
        raise FiniteNError(f"{what}: a Qobj of dims {given} for particles of {wanted} levels; order them alike.")
    if not np.all(np.isfinite(matrix)):
        raise FiniteNError(f"{what}: has an entry that is not finite; give finite numbers.")
    return matrix, owners


def read_density(state, space: Space, particles) -> tuple[np.ndarray, tuple[Species, ...]]:
    """A density matrix of n particles, from a ket, matrix or Qobj, and their species."""
    rho, owners = read_matrix(state, "local state", space, particles, ket=True)
    trace, gap = np.trace(rho), np.abs(rho - rho.conj().T).max()
    if abs(trace - 1) > 1e-10 or gap > 1e-10:
        raise FiniteNError(
            f"local state: trace {trace:.6g} and ρ − ρ† of size {gap:.2g}; a density matrix is Hermitian with trace 1, "
            "so divide by the trace or symmetrise."
        )
    smallest = np.linalg.eigvalsh(rho)[0]
    if smallest < -1e-10:
        raise FiniteNError(f"local state: smallest eigenvalue {smallest:.6g}; a density matrix has none below 0.")
    return rho, owners


def apply(x: np.ndarray, maps: Sequence[np.ndarray], heisenberg: bool = False) -> np.ndarray:
    """⊗_k Λ_k of a matrix of n particles at T times, shape (T, D, D).

    maps: for every particle R (T, d_k², d_k²), ⟨v_a⟩ → Σ_b R_ab ⟨v_b⟩. heisenberg: of an operator, v_a → Σ_b R_ab v_b.
    """
    dims = [math.isqrt(r.shape[-1]) for r in maps]
    plain, dual = [hermitian_basis(d) for d in dims], [weighted_basis(d) for d in dims]
    start = _expand(x, dual if heisenberg else plain)
    out = np.empty((len(maps[0]), *x.shape), dtype=complex)
    for t in range(len(out)):
        c = start
        for k, r in enumerate(maps):
            c = np.moveaxis(np.tensordot(r[t].T if heisenberg else r[t], c, (1, k)), 0, k)
        out[t] = _collect(c, plain if heisenberg else dual)
    return out


def product(factors: Sequence[np.ndarray]) -> np.ndarray:
    """⊗_k of matrices (T, d_k, d_k) at T times, shape (T, D, D)."""
    out = factors[0]
    for x in factors[1:]:
        size = out.shape[1] * x.shape[1]
        out = np.einsum("tij,tkl->tikjl", out, x).reshape(-1, size, size)
    return out


def _expand(x: np.ndarray, bases: Sequence[np.ndarray]) -> np.ndarray:
    """tr(x u_a ⊗ … ⊗ u_b) over the bases u of the particles, shape (d_1², …, d_n²)."""
    dims = [b.shape[1] for b in bases]
    c = x.reshape(dims + dims)
    for k, b in enumerate(
        bases
    ):  # the first row index and the first column index of what is left belong to this particle
        c = np.tensordot(c, b, ((0, len(dims) - k), (2, 1)))
    return c


def _collect(c: np.ndarray, bases: Sequence[np.ndarray]) -> np.ndarray:
    """Σ c_{a…b} u_a ⊗ … ⊗ u_b, shape (D, D)."""
    n, size = len(bases), math.prod(b.shape[1] for b in bases)
    for b in bases:
        c = np.tensordot(c, b, (0, 0))  # … a′ i j, rows and columns of the particles in turn
    return c.transpose([*range(0, 2 * n, 2), *range(1, 2 * n, 2)]).reshape(size, size)
