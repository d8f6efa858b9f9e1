"""`SteadyState`: a stationary state with what is known of it and of its errors."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.density import DensityBlocks, SomeElements
from finite_n.dicke_blocks.moments import Functionals, operators_read
from finite_n.engine.moments import Readout, covariance
from finite_n.errors import FiniteNError
from finite_n.model.inputs import label_index, read_directions, read_operator
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode, Space, Species
from finite_n.model.squeezing import squeezing
from finite_n.model.validation import check_array
from finite_n.occupations.density import DensityElements
from finite_n.solvers.fluctuations import FluctuationDistribution, characteristic, distribution, owner_index
from finite_n.state_functions.density_matrix import DensityMatrix
from finite_n.state_functions.reduced_states import ReducedStates
from finite_n.states.joint import JointState, as_start
from finite_n.states.particles import BlockState


@dataclasses.dataclass(repr=False)
class SteadyState:
    """A stationary state ρ, L_N ρ = 0; letters a, b in the order of `space.labels`: x, y, z for one two-level species.

    N; means (n,): ⟨m_a⟩; second_moments (n, n): ⟨m_a m_b⟩, complex; levels: populations (cutoff + 1,) of the Fock
    levels by name of the mode; boson_tail: the largest population of the highest ones; residual: ‖Lρ‖₁, in the model's
    units of a rate; relative_residual: ‖Lρ‖/‖ρ‖, Frobenius norm of the blocks, over the decay rate per particle;
    trace_error: |Tr ρ − 1|; smallest_eigenvalue: of the ρ_J, of symmetrised products the smallest population;
    zero_modes: stationary operators of the model; undamped: its modes that oscillate indefinitely; gap: decay rate of
    the slowest decaying mode of all sectors, which are searched when it is asked for; found_gap: the same where they
    have been searched for the state, else None; search: finds it; solution_error: bound of the error of ρ in trace norm
    as a solution with the levels kept: residual and rounding, carried by the modes that relax slowest, and where rho0
    decides what is left of other modes; cutoff_error: distance in trace norm to the state with fewer levels; e_data:
    expectation values of the observables asked for, by label; rho: the state in the basis of the computation; space: of
    the model; stats.

    Two-level particles are held in blocks ρ_J; others in symmetrised products, where functions of ρ_J are refused.
    """

    N: int
    means: np.ndarray
    second_moments: np.ndarray
    residual: float
    relative_residual: float
    trace_error: float
    smallest_eigenvalue: float
    solution_error: float
    zero_modes: int
    undamped: int
    found_gap: float | None
    rho: DensityBlocks | DensityElements
    stats: dict
    space: Space
    levels: dict[str, np.ndarray]
    boson_tail: float = 0.0
    cutoff_error: float = 0.0
    e_data: dict[str, complex] = dataclasses.field(default_factory=dict)
    search: Callable[[], float] | None = None

    @functools.cached_property
    def gap(self) -> float:
        """Decay rate of the slowest decaying mode, in the sector of the state and elsewhere.

        Raises FiniteNError if a search of all sectors does not fit into memory.
        """
        return self.search() if self.found_gap is None else self.found_gap

    @property
    def error(self) -> float:
        """Error of ρ in trace norm: of the solution, of its trace, and of the levels left out. Large where a gap
        closes."""
        return self.solution_error + self.trace_error + self.cutoff_error

    @property
    def J(self) -> np.ndarray | list[np.ndarray]:
        """Values of J that `j_distribution` runs over, shape (number of J,); for several species or with modes a
        list, an array for each species."""
        return self.blocks.J if self.blocks.is_one_species else [spins.J for spins in self.blocks.spins]

    def mean(self, axis: str) -> float:
        """⟨m_a⟩; axis is "x", "y" or "z", or a label such as "a.x", "field.phi"."""
        return float(self.means[label_index(axis, self.space.labels)])

    @property
    def covariance(self) -> np.ndarray:
        """Σ_ab = ½⟨{F_a, F_b}⟩ of F_a = √N_s (m_a − ⟨m_a⟩), for modes √N in place of √N_s, shape (n, n), real."""
        return covariance(self.means, self.second_moments, self.N, self.space)

    def expectation(self, p: Polynomial) -> complex:
        """⟨p⟩ of an ordered polynomial of averages and modes; its error is at most `error` × ‖p‖."""
        given = read_operator(p, "p", self)
        if isinstance(self.rho, DensityElements):
            return complex(self.rho.moments([given]).observables[0, 0])
        both = Readout(self.space, observables=[given]).observables  # Hermitian and anti-Hermitian part
        operators = operators_read(both, self.space, self.blocks, self.rho.frames)
        return complex(*self.rho.read(Functionals(operators, self.blocks)))

    def squeezing(self, species: Species | str | None = None) -> float:
        """Wineland's ξ² = N_s min ΔS_⊥² / |⟨S⟩|² of a two-level species, the only one by default.

        See `finite_n.model.squeezing`.
        """
        return float(squeezing(self.means, self.covariance, self.space, species))

    def number(self, mode: Mode | str | None = None) -> float:
        """⟨a†a⟩ of a mode, the only one by default."""
        names = [mode.name if isinstance(mode, Mode) else mode] if mode is not None else list(self.levels)
        if len(names) != 1 or names[0] not in self.levels:
            raise FiniteNError(f"number: say which mode; the model has {', '.join(self.levels) or 'none'}.")
        populations = self.levels[names[0]]
        return float(populations @ np.arange(len(populations)))

    @property
    def reduced_state(self) -> np.ndarray:
        """Density matrix of one particle of the only species, shape (d, d)."""
        if len(self.space.species) > 1:
            raise FiniteNError(
                "reduced state: there are several species; take reduced_states().of_particles(1, …) of one of them."
            )
        return self.reduced_states().of_particles()[0]

    def reduced_states(self) -> ReducedStates:
        """Of one and two particles, such as reduced_states().of_particles(2), (T, d², d²) with T = 1."""
        return ReducedStates(self.means[None], self.second_moments[None], self.space.sizes(self.N), self.space)

    def characteristic(self, r) -> complex | np.ndarray:
        """⟨e^{i r·F}⟩ of F_a = √N_s (m_a − ⟨m_a⟩), for modes √N in place of √N_s, as of `Result.characteristic`.

        r : (n,) in the order of `space.labels`; or rows of them, (R, n), and then an array (R,)
        """
        r, found = read_directions(r, self.space), self.density_matrices()
        values = characteristic([found.blocks], self.means[None], r, self.space, found.sizes, found.levels)[..., 0]
        return values if values.ndim else complex(values)

    def distribution(self, direction, species: Species | str | None = None) -> FluctuationDistribution:
        """The distribution of r·F for a direction r (3,) of a two-level species, the only one by default, as of
        `Result.distribution` with T = 1."""
        k, r = owner_index(self.space, species), check_array(direction, "distribution: direction", (3,))
        found = self.density_matrices()
        return distribution([found.blocks], self.means[None], r, k, self.space, found.sizes)

    @property
    def states(self) -> list[np.ndarray]:
        """ρ_J in the frame of the laboratory, J = N/2, N/2 − 1, …, shapes (2J + 1, 2J + 1), M descending; Σ_J tr ρ_J
        = 1.
        With several species or modes a matrix on ⊗_s |J_s, M_s⟩ ⊗ modes, in the order of the model, for every choice
        of the J."""
        return list(self._density.in_laboratory().values())

    @property
    def _density(self) -> DensityBlocks:
        if isinstance(self.rho, DensityBlocks):
            return self.rho
        raise FiniteNError(
            "stationary state: particles of more than two levels are held in symmetrised products, without blocks ρ_J; "
            "known are means, second_moments, expectation, reduced_states().of_particles(2), purity and "
            "entropy."
        )

    @property
    def blocks(self) -> DickeBlocks:
        """The blocks of two-level particles."""
        return self._density.blocks

    @property
    def vector(self) -> np.ndarray:
        """Elements of the blocks in the frame of the computation, (size,)."""
        some = self._density.elements
        return some.full(self.blocks) if isinstance(some, SomeElements) else some

    @property
    def j_distribution(self) -> np.ndarray:
        """Weights of the J, (number of J,), J descending; with several species an axis for each."""
        return self._density.weights().reshape(self.blocks.shape)

    @property
    def purity(self) -> float:
        """Tr ρ² = Σ_J tr ρ_J² / d_J."""
        return self.rho.purity()

    @property
    def entropy(self) -> float:
        """−Tr ρ ln ρ = −Σ_J tr ρ_J ln(ρ_J/d_J) in nats; of particles of more levels by a matrix on all of them, up to
        1100 rows.

        An error ε of the state in trace norm changes it by up to about ε (N ln 2 − ln ε). Of parts: `finite_n.entropy`.
        """
        return self.rho.entropy()

    def state(self) -> BlockState | JointState:
        """ρ, to start from, or for qutip by `to_qobj()` (N ≤ 10) and, of one species, `to_piqs()`."""
        found = self.density_matrices()
        return as_start(found.blocks, found.sizes, found.levels, self.space)

    def density_matrices(self) -> DensityMatrix:
        """The state for functions of it."""
        sizes, levels = (spins.N for spins in self.blocks.spins), (q.cutoff + 1 for q in self.blocks.modes)
        return DensityMatrix(self._density.in_laboratory(), tuple(sizes), tuple(levels), self.space)

    def __repr__(self):
        s = self.stats
        several = "unique" if self.zero_modes == 1 else f"reached from rho0, with {self.zero_modes} zero modes"
        if self.found_gap is None:
            slowest = f"all other eigenvalues of its sector are {s['isolation']:.3g} or more from zero"
        else:
            slowest = f"slowest mode decays at {self.found_gap:.8g}"
        return "\n".join(
            [
                f"Stationary state, N = {self.N}, {several}",
                "  m            "
                + ", ".join(f"{a} {x:+.10f}" for a, x in zip(self.space.labels, self.means, strict=True)),
                f"  diag Σ       {', '.join(f'{x:.8f}' for x in np.diag(self.covariance))}",
                f"  {slowest}; error of ρ below {self.error:.0e} in trace norm"
                + (f", {self.cutoff_error:.0e} of it by the levels left out" if self.levels else "")
                + (f"; {self.undamped} modes are undamped" if self.undamped else ""),
                f"  residual     ‖Lρ‖₁ = {self.residual:.1e}, |Tr ρ − 1| = {self.trace_error:.0e}, smallest eigenvalue "
                f"{self.smallest_eigenvalue:.1e}",
                f"  method       {s['method']}, {s['size']} real numbers in {s['sectors']} sector(s), "
                f"{s['run time']:.2f} s",
            ]
        )
