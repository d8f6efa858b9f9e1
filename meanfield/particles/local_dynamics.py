"""Local operators in the limit: each particle moves on its own under a generator that follows the averages of the bulk.

In the Heisenberg picture d/dt v_α = Σ_β G_αβ(m(t)) v_β for the basis operators v_α of a particle of species s, with the
rows of s in the G of `meanfield.limit.drift` and ṁ = f(m); particles of whatever species move with the product of
these one-particle maps, whatever their initial state, entangled or not (Fiorelli et al. 2023, eq. 50 and Theorem 2 for
one species). Since [m_i, v_a] involves the letters of v_a's own species only, the columns of all other letters are zero
there: averages of others and amplitudes of modes enter through m(t) alone.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.operators import hermitian_basis
from finite_n.model.species import Space, Species
from finite_n.states.initial_state import as_initial_state
from meanfield.limit.averages import with_one
from meanfield.limit.drift import drift_terms
from meanfield.limit.integrate import integrate
from meanfield.limit.limit import Limit
from meanfield.particles.tensor_products import (
    apply,
    on_columns,
    one_species,
    product,
    read_density,
    read_matrix,
    read_particles,
    stacked,
    weighted_basis,
)

_SHOWN = 8  # letters in a repr


class Bulk:
    """The drift of all averages as a matrix: ṁ_a = Σ_β G_aβ(m) (1, m)_β, a one of the n letters.

    Refuses a Limit with planted errors: its drift is that of no one-particle generators.
    """

    def __init__(self, model: Model | Limit):
        limit = model if isinstance(model, Limit) else Limit(model)
        self.model, self.space = limit.model, limit.model.space
        self._terms = drift_terms(self.model)
        if any(c.kind == "drift" and error for c, error in limit.planted.items()):
            raise FiniteNError(
                "local operators: this Limit has planted errors, and its drift is that of no one-particle generator; "
                "give the model, or a Limit without planted errors."
            )

    def matrix(self, m) -> np.ndarray:
        """G, shape (n, n + 1)."""
        n = self.space.size
        try:
            m = np.asarray(m, dtype=float)
        except (TypeError, ValueError):
            raise FiniteNError(f"local operators: averages {shown(m)}; give {n} real numbers.") from None
        if m.shape != (n,):
            raise FiniteNError(
                f"local operators: averages of shape {m.shape}; give {n} numbers, for "
                f"{', '.join(self.space.labels[:12])}."
            )
        return sum((p.matrix(m) for p in self._terms), np.zeros((n, n + 1)))

    def of_particle(self, species: Species, g: np.ndarray) -> np.ndarray:
        """G over (1, v_1, …) of one particle, shape (d², d²), from G of all letters; its first row is zero."""
        own = self.space.part(species)
        return np.pad(np.column_stack([g[own, 0], g[own, 1 + own.start : 1 + own.stop]]), ((1, 0), (0, 0)))


class LocalGenerator:
    """The Lindblad generator of one particle inside a bulk with averages m, ħ = 1.

    Parameters
    ----------
    model : Model or Limit
        A Limit with planted errors is refused: they are not those of a generator.
    species : Species or its name, optional
        Whose particle; needed if the model has several.

    Methods take the averages of all n letters of the model, shape (n,): ⟨σx⟩, ⟨σy⟩, ⟨σz⟩ for one species of two levels;
    averages of other species and amplitudes of modes act on the particle as fields. d is the particle's number of
    levels. The same generator is offered as `matrix` on the basis (1, v_1, …, v_{d²−1}), as `superoperator` on density
    matrices, and as Hamiltonian and jumps, `lindblad`. Source: Fiorelli et al. 2023, eq. 50, there for one species.

    Example
    -------
    >>> from finite_n.systems import dicke_model
    >>> H, jumps = LocalGenerator(dicke_model(coupling=0.5)).lindblad([0, 0, -1, 0.2, 0])  # ½ω₀ σz + λφ σx
    >>> H.round(6).real
    array([[ 0.5,  0.1],
           [ 0.1, -0.5]])
    """

    def __init__(self, model: Model | Limit | Bulk, species: Species | str | None = None):
        self._bulk = model if isinstance(model, Bulk) else Bulk(model)
        self.model = self._bulk.model
        self.species = one_species(self._bulk.space, species)

    def matrix(self, m) -> np.ndarray:
        """G at averages m, with d/dt v_α = Σ_β G_αβ v_β over (1, v_1, …), shape (d², d²); its first row is zero."""
        return self._bulk.of_particle(self.species, self._bulk.matrix(m))

    def superoperator(self, m) -> np.ndarray:
        """L̃ at averages m, with d/dt vec(ρ) = L̃ vec(ρ), columns of ρ stacked as in qutip, shape (d², d²), complex."""
        return on_columns(self.matrix(m))

    def lindblad(self, m, floor: float = 1e-13) -> tuple[np.ndarray, np.ndarray]:
        """H̃, shape (d, d), without trace, and jumps L_k without trace, shape (K, d, d), K ≤ d² − 1, at averages m.

        L̃ρ = −i[H̃, ρ] + Σ_k (L_k ρ L_k† − ½{L_k†L_k, ρ}). In this form, which fixes H̃ and the rates tr L_k†L_k, the
        trace of a jump j is part of H̃. Jumps with a rate below `floor` times the size of the generator are left out.
        (Gorini, Kossakowski and Sudarshan, J. Math. Phys. 17, 821 (1976).)
        """
        generator = self.superoperator(m)
        if not np.all(np.isfinite(generator)):
            raise FiniteNError(f"one-particle generator: has no finite value at {shown(m)}; give finite averages.")
        return lindblad_form(generator, self.species.dim, floor)

    def __repr__(self):
        of = f" of {self.species}" if self.species.name else ""
        return f"One-particle generator{of} of {self.model!r}"


def lindblad_form(generator: np.ndarray, d: int, floor: float = 1e-13) -> tuple[np.ndarray, np.ndarray]:
    """H̃ and jumps of a superoperator (d², d²) on columns; see `LocalGenerator.lindblad`."""
    basis = hermitian_basis(d) / np.sqrt(np.r_[d, np.full(d * d - 1, 2)])[:, None, None]
    vectors = stacked(basis)  # column a: Σ_i |i⟩ ⊗ F_a|i⟩
    x = vectors.conj().T @ choi(generator) @ vectors  # L̃ρ = Σ_ab x_ab F_a ρ F_b†
    half = np.einsum("a,aij->ij", x[1:, 0], basis[1:]) / np.sqrt(d)
    hamiltonian = 0.5j * (half - half.conj().T)
    rates, modes = np.linalg.eigh(x[1:, 1:])
    kept = rates > floor * np.abs(generator).max()
    jumps = np.einsum("k,ak,aij->kij", np.sqrt(rates[kept]), modes[:, kept], basis[1:])
    return hamiltonian, jumps[::-1]


def local_dynamics(model: Model | Limit, rho0, tlist) -> LocalDynamics:
    """The one-particle maps Λ_t of every species in the field of a bulk that starts from `rho0`, at all times.

    d/dt R = G(m(t)) R, R = 1 and m that of `rho0` at the first time, ṁ = f(m), ħ = 1. Integrated with relative
    tolerance 1e-12.

    Parameters
    ----------
    model : Model or Limit
    rho0 : State, Bloch vector (3,), one-particle state (d, d), or dict of states by species and mode
        The bulk; must have a limit: product, coherent, or thermal of a linear Hamiltonian. Amplitudes of modes per √N
        count, those of order one do not.
    tlist : array, shape (T,)

    Raises FiniteNError for a state without a limit, bad times, or a Limit with planted errors.

    Example
    -------
    >>> import numpy as np
    >>> from finite_n.systems import hopfield
    >>> from meanfield import local_dynamics
    >>> local = local_dynamics(hopfield(), [0, 0.3, 0.4], [0.0, 1.0])
    >>> local.reduced_state(1)[-1].round(6)
    array([[0.690392+0.j      , 0.      +0.005741j],
           [0.      -0.005741j, 0.309608+0.j      ]])
    >>> singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    >>> local.evolve_state(singlet)[-1].diagonal().real.round(6)
    array([0.319783, 0.276551, 0.276551, 0.127116])

    Source: Fiorelli et al. 2023, eq. 50 and Theorem 2, there for one species.
    """
    bulk = Bulk(model)
    space, times = bulk.space, check_times(tlist)
    start, _, _ = as_initial_state(rho0, bulk.model).limit()
    # the averages, then R of every species
    ends = np.cumsum([space.size, *(s.dim**4 for s in space.species)])
    slices = [slice(a, b) for a, b in itertools.pairwise(ends)]

    def rhs(_, y):
        m = y[: space.size]
        g = bulk.matrix(m)
        flows = [
            (bulk.of_particle(s, g) @ y[part].reshape(s.dim**2, s.dim**2)).ravel()
            for s, part in zip(space.species, slices, strict=True)
        ]
        return np.concatenate([g @ with_one(m), *flows])

    y0 = np.concatenate([start, *(np.eye(s.dim**2).ravel() for s in space.species)])
    y, _ = integrate(rhs, y0, times, "local operators")
    maps = {
        s.name: LocalMap(LocalGenerator(bulk, s), y[:, part].reshape(-1, s.dim**2, s.dim**2))
        for s, part in zip(space.species, slices, strict=True)
    }
    return LocalDynamics(times, y[:, : space.size], maps)


@dataclasses.dataclass(frozen=True, repr=False)
class LocalMap:
    """Λ_t of a particle of one species at T times, d its number of levels.

    generator: its `LocalGenerator`; transfer (T, d², d²): R, real, with Λ_t[v_α] = Σ_β R_αβ v_β over (1, v_1, …),
    equally ⟨v_α⟩(t) = Σ_β R_αβ ⟨v_β⟩(0).
    """

    generator: LocalGenerator
    transfer: np.ndarray

    @property
    def superoperator(self) -> np.ndarray:
        """Λ_t on density matrices with stacked columns, shape (T, d², d²), complex."""
        return np.array([on_columns(r) for r in self.transfer])

    @property
    def choi(self) -> np.ndarray:
        """Σ_ij |i⟩⟨j| ⊗ Λ_t(|i⟩⟨j|), shape (T, d², d²); positive since Λ_t is completely positive."""
        return np.array([choi(s) for s in self.superoperator])

    def __repr__(self):
        return f"LocalMap({self.generator.species}, {len(self.transfer)} times)"


@dataclasses.dataclass(frozen=True, repr=False)
class LocalDynamics:
    """Λ_t of particles at T times in the field of one bulk.

    times (T,); means (T, n): m(t) of the bulk, all letters of the model; maps: the `LocalMap` of every species, by
    name. `generator`, `transfer`, `superoperator` and `choi` are those of the only species; of one among several take
    `of("a")`.
    """

    times: np.ndarray
    means: np.ndarray
    maps: dict[str, LocalMap]

    @property
    def space(self) -> Space:
        """The letters of the model."""
        return next(iter(self.maps.values())).generator.model.space

    def of(self, species: Species | str | None = None) -> LocalMap:
        """The map of a particle of one species, the only one by default."""
        return self.maps[one_species(self.space, species).name]

    @property
    def generator(self) -> LocalGenerator:
        """Of the only species."""
        return self.of().generator

    @property
    def transfer(self) -> np.ndarray:
        """R of the only species, shape (T, d², d²), see `LocalMap`."""
        return self.of().transfer

    @property
    def superoperator(self) -> np.ndarray:
        """Λ_t of the only species on density matrices with stacked columns, shape (T, d², d²), complex."""
        return self.of().superoperator

    @property
    def choi(self) -> np.ndarray:
        """Σ_ij |i⟩⟨j| ⊗ Λ_t(|i⟩⟨j|) of the only species, shape (T, d², d²)."""
        return self.of().choi

    def reduced_state(self, n: int | None = None, particles=None) -> np.ndarray:
        """The state of n particles of the bulk, the product of their Σ_a w_a m_a(t) v_a, ½(1 + m(t)·σ) for two levels,
        shape (T, D, D).

        n: number of particles of one species, default 1; particles: a species or its name, or one for every particle
        such as ("a", "a", "b"); needed if there are several species. D is the product of their levels, at most 256, n
        at most 6.
        """
        owners = read_particles(self.space, particles, n)
        return product([self._own_state(s) for s in owners])

    def evolve_state(self, state, particles=None) -> np.ndarray:
        """⊗_k Λ_t(ρ) of n particles put into the bulk at the first time, shape (T, D, D).

        state : ket (D,), density matrix (D, D) or Qobj; any state, entangled or different from the bulk.
        particles : the species of every particle, such as ("a", "a", "b"), in the order of the tensor factors of the
            state; or one species, or None for the only one, of which the state holds as many as its shape says.
        """
        rho, owners = read_density(state, self.space, particles)
        return apply(rho, [self.of(s).transfer for s in owners])

    def evolve_operator(self, operator, particles=None) -> np.ndarray:
        """The operator O of n particles in the Heisenberg picture, ⊗_k Λ_t[O], (D, D) array or Qobj, to (T, D, D)."""
        matrix, owners = read_matrix(operator, "local operator", self.space, particles)
        return apply(matrix, [self.of(s).transfer for s in owners], heisenberg=True)

    def _own_state(self, species: Species) -> np.ndarray:
        basis = weighted_basis(species.dim)
        return basis[0] + np.einsum("ta,aij->tij", self.means[:, self.space.part(species)], basis[1:])

    def __repr__(self):
        letters = list(zip(self.space.labels, self.means[-1], strict=True))
        final = ", ".join(f"{a} {x:+.8f}" for a, x in letters[:_SHOWN]) + (" …" if len(letters) > _SHOWN else "")
        return (
            f"LocalDynamics({len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}, final m = ({final}))"
        )


def choi(superoperator: np.ndarray) -> np.ndarray:
    """Choi matrix Σ_ij |i⟩⟨j| ⊗ Λ(|i⟩⟨j|), (d², d²), of a superoperator on stacked columns (d², d²)."""
    d = round(np.sqrt(len(superoperator)))
    return superoperator.reshape(d, d, d, d).transpose(3, 1, 2, 0).reshape(d * d, d * d)
