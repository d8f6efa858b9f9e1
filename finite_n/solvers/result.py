"""What an exact evolution returns: moments and what follows from them, statistics."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from finite_n.engine.moments import covariance
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import label_index, read_directions
from finite_n.model.observed import Observed
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode, Space, Species
from finite_n.model.squeezing import squeezing
from finite_n.model.validation import check_array, check_choice
from finite_n.solvers.error_budget import ErrorBudget
from finite_n.solvers.fluctuations import FluctuationDistribution, characteristic, distribution, owner_index
from finite_n.state_functions.density_matrix import DensityMatrix
from finite_n.state_functions.reduced_states import ReducedStates
from finite_n.states.joint import JointState, as_start
from finite_n.states.particles import BlockState
from finite_n.states.symmetric import SymmetricVector

if TYPE_CHECKING:
    import xarray


@dataclasses.dataclass(repr=False)
class Result(Observed):
    """Exact dynamics at one N. T times; n letters a, b in the order of `space.labels`: x, y, z for one two-level
    species.

    times (T,); means (T, n): ⟨m_a⟩; second_moments (T, n, n): ⟨m_a m_b⟩, complex; j_distribution (T, number of J), J
    descending, with several species an axis for each; levels: populations (T, cutoff + 1) of the Fock levels, by name
    of the mode, (T, 0) where they are not resolved; sizes: N_s;
    expect: list of complex (T,) arrays in the order of `labels`; e_data: the same as a dict; stored_final,
    stored_states: blocks and vectors in the frame of the computation (use final_state and states); known_covariance:
    (T, n, n), what an engine knows better than from moments (use covariance); final_amplitudes: (size,), of a
    state vector (use state); budget; stats, of which "kept" says what part of the
    state space was stored and why; weights: of the J, (T, number of blocks);
    values_of_J: of every species, (number of J,); frames: rotations (d, d) by species; polynomials: of e_ops.
    """

    N: int
    times: np.ndarray
    means: np.ndarray
    second_moments: np.ndarray
    weights: np.ndarray
    values_of_J: list[np.ndarray] | None
    labels: list[str]
    expect: list[np.ndarray]
    polynomials: list[Polynomial]
    stored_final: list
    stored_states: list[list]
    frames: dict[str, np.ndarray]
    budget: ErrorBudget
    stats: dict
    space: Space
    sizes: list[int]
    levels: dict[str, np.ndarray]
    known_covariance: np.ndarray | None = None
    final_amplitudes: np.ndarray | None = None

    @property
    def one_species(self) -> bool:
        """Whether there is one species and no mode: J is then one number."""
        return len(self.sizes) == 1 and not self.levels

    @property
    def J(self) -> np.ndarray | list[np.ndarray]:
        """Values of J that `j_distribution` runs over, shape (number of J,); for several species or with modes a
        list, an array for each species."""
        values = self._values_of_j
        return values[0] if self.one_species else values

    @property
    def _values_of_j(self) -> list[np.ndarray]:
        if self.values_of_J is None:
            raise FiniteNError(f"J is not resolved by {self.stats['basis']}; {self._where_known}.")
        return self.values_of_J

    def mean(self, axis: str) -> np.ndarray:
        """⟨m_a⟩, shape (T,); axis is "x", "y" or "z", or a label such as "a.x", "field.phi"."""
        return self.means[:, label_index(axis, self.space.labels)]

    @property
    def covariance(self) -> np.ndarray:
        """Σ_ab = ½⟨{F_a, F_b}⟩ of F_a = √N_s (m_a − ⟨m_a⟩), for modes √N in place of √N_s, shape (T, n, n), real."""
        if self.known_covariance is not None:
            return self.known_covariance
        return covariance(self.means, self.second_moments, self.N, self.space)

    def squeezing(self, species: Species | str | None = None) -> np.ndarray:
        """Wineland's ξ² = N_s min ΔS_⊥² / |⟨S⟩|² of a two-level species, the only one by default, shape (T,).

        See `finite_n.model.squeezing`.
        """
        return squeezing(self.means, self.covariance, self.space, species)

    def number(self, mode: Mode | str | None = None) -> np.ndarray:
        """⟨a†a⟩ of a mode, the only one by default, shape (T,)."""
        if not self.levels:
            raise FiniteNError("number: the model has no modes.")
        if mode is None and len(self.levels) > 1:
            raise FiniteNError(f"number: say which mode: {', '.join(self.levels)}.")
        name = next(iter(self.levels)) if mode is None else mode.name if isinstance(mode, Mode) else mode
        check_choice(name, "number: mode", list(self.levels))
        populations = self.levels[name]
        if not populations.shape[1]:  # not resolved: a†a = ½ N (φ² + π²) − ½
            at = self.space.part(name)
            return self.N / 2 * np.einsum("tii->t", self.second_moments[:, at, at]).real - 0.5
        return populations @ np.arange(populations.shape[1])

    def pair_moments_of(self, first: Species | str, second: Species | str) -> np.ndarray:
        """⟨v_a ⊗ v_b⟩ of two different particles, of species `first` and `second`, or both of one, shape (T, d² − 1,
        d′² − 1)."""
        return self.reduced_states().pair_moments(first, second)

    def reduced_states(self) -> ReducedStates:
        """Of one and two particles at all times, for functions of them."""
        return ReducedStates(self.means, self.second_moments, self.sizes, self.space)

    @property
    def pair_moments(self) -> np.ndarray:
        """⟨σ_a ⊗ σ_b⟩ of two different particles of the only species, shape (T, 3, 3)."""
        return self.pair_moments_of(None, None)

    @property
    def connected(self) -> np.ndarray:
        """N (⟨σ_a ⊗ σ_b⟩ − ⟨σ_a⟩⟨σ_b⟩) of two different particles of the only species, shape (T, 3, 3)."""
        species = self.space.species_of(None)
        if self.N < 2:
            return self.pair_moments  # refuses
        at = self.space.part(species)
        m, same = self.means[:, at], self.reduced_states().same_particle(species)
        apart = self.covariance[:, at, at] - same.real + np.einsum("ta,tb->tab", m, m)
        return self.N / (self.N - 1) * apart

    def reduced_state(self, n: int = 1, species=None) -> np.ndarray:
        """Reduced density matrix of n = 1 or 2 particles, shape (T, d^n, d^n).

        species: whose particle; for n = 2 one species or a pair of them. Needed if there are several.
        """
        return self.reduced_states().of_particles(n, species)

    @property
    def j_distribution(self) -> np.ndarray:
        """Weight of every J, shape (T, number of J), J descending."""
        return self.weights.reshape(len(self.times), *map(len, self._values_of_j))

    @property
    def _where_known(self) -> str:
        """What to do for states and weights of J."""
        if all(s.dim == 2 for s in self.space.species):
            return "call evolve(…, basis='dicke') for states and weights of J"
        return "states and weights of J are given for particles of two levels only"

    def _blocks(self, parts: list) -> dict[tuple[int, ...], np.ndarray]:
        """Blocks of a state by the positions of their J."""
        if not parts:
            raise FiniteNError(f"the state is not known in full, only {self.stats['kept']}; {self._where_known}.")
        return {at: matrix for part in parts for at, matrix in part.in_laboratory().items()}

    def _in_laboratory(self, parts: list) -> list[np.ndarray]:
        known = self._blocks(parts)
        if not self.one_species:
            return [known[at] for at in sorted(known)]
        sizes = range(self.N + 1, 0, -2)
        return [known.get((k,), np.zeros((n, n), complex)) for k, n in enumerate(sizes)]

    @property
    def final_state(self) -> list[np.ndarray]:
        """ρ_J at the last time, J = N/2, N/2 − 1, …, M descending, shapes (2J + 1, 2J + 1).

        With several species or modes a matrix on ⊗_s |J_s, M_s⟩ ⊗ modes, in the order of the model, for every choice of
        the J that were kept, the last one running fastest.
        """
        return self._in_laboratory(self.stored_final)

    @property
    def states(self) -> list[list[np.ndarray]]:
        """ρ_J at every time, a list as `final_state`, shapes (2J + 1, 2J + 1); needs keep_states=True."""
        if not self.stored_states:
            raise FiniteNError("states were not kept; call evolve(…, keep_states=True).")
        return [self._in_laboratory(pieces) for pieces in self.stored_states]

    def state(self, t: float | None = None) -> BlockState | SymmetricVector | JointState:
        """ρ at one time, to start from again, or for qutip by `to_qobj()` (N ≤ 10) and, of one species, `to_piqs()`.

        t : one of `times`, by default the last one; others need keep_states=True
        """
        parts, levels = self._stored_at(t), [x.shape[1] for x in self.levels.values()]
        if parts is self.stored_final and self.final_amplitudes is not None:
            return as_start(None, self.sizes, levels, self.space, self.final_amplitudes)
        return as_start(self._blocks(parts), self.sizes, levels, self.space)

    def _stored_at(self, t: float | None) -> list:
        if t is None:
            return self.stored_final
        at = int(np.argmin(np.abs(self.times - t))) if isinstance(t, numbers.Real) else -1
        if at < 0 or not abs(self.times[at] - t) <= 1e-12 * max(abs(t), np.ptp(self.times)):
            raise FiniteNError(f"state at t = {shown(t)}: give one of the times of the result, {shown(self.times)}.")
        if at == len(self.times) - 1:
            return self.stored_final
        if not self.stored_states:
            raise FiniteNError("states were not kept at all times; call evolve(…, keep_states=True).")
        return self.stored_states[at]

    def _known_states(self) -> tuple[list[dict], np.ndarray]:
        """Blocks at all times, or at the last one if states were not kept, and the averages then."""
        kept = self.stored_states or [self.stored_final]
        return [self._blocks(parts) for parts in kept], self.means[-len(kept) :]

    def characteristic(self, r) -> np.ndarray:
        """⟨e^{i r·F}⟩ of the fluctuations F_a = √N_s (m_a − ⟨m_a⟩), for modes √N in place of √N_s.

        r : (n,) in the order of `space.labels`, or rows of them, (R, n)

        Returns complex (T,), or (R, T), if states were kept (keep_states=True), else T = 1 for the last time. For
        two-level particles. Its limit is `meanfield.LimitResult.characteristic`.
        """
        r, (blocks, means) = read_directions(r, self.space), self._known_states()
        levels = [x.shape[1] for x in self.levels.values()]
        return characteristic(blocks, means, r, self.space, self.sizes, levels)

    def distribution(self, direction, species: Species | str | None = None) -> FluctuationDistribution:
        """The distribution of r·F for a direction r (3,) of a two-level species, the only one by default, at all times
        if states were kept, else at the last one: values, probabilities, cumulants, distance from a Gaussian."""
        k = owner_index(self.space, species)
        r = check_array(direction, "distribution: direction", (3,))
        blocks, means = self._known_states()
        return distribution(blocks, means, r, k, self.space, self.sizes)

    @property
    def purity(self) -> np.ndarray:
        """Tr ρ² = Σ_J tr ρ_J² / d_J, shape (T,) if states were kept, else (1,) for the last time."""
        return np.array([sum(part.purity() for part in parts) for parts in self._known_parts()])

    @property
    def entropy(self) -> np.ndarray:
        """−Tr ρ ln ρ = −Σ_J tr ρ_J ln(ρ_J/d_J) in nats, shape (T,) if states were kept, else (1,) for the last time.

        An error ε of the state in trace norm changes it by up to about ε (N ln 2 − ln ε). Of parts: `finite_n.entropy`.
        """
        return np.array([sum(part.entropy() for part in parts) for parts in self._known_parts()])

    def _known_parts(self) -> list[list]:
        """Parts of the state at all times, or at the last one if states were not kept."""
        states = self.stored_states or [self.stored_final]
        if not all(states):
            self._in_laboratory([])  # says what is known
        return states

    def density_matrices(self) -> Iterator[DensityMatrix]:
        """The state at all times, or at the last one if states were not kept, for functions of it."""
        levels = tuple(x.shape[1] for x in self.levels.values())
        for parts in self._known_parts():
            yield DensityMatrix(self._blocks(parts), tuple(self.sizes), levels, self.space)

    def to_xarray(self) -> xarray.Dataset:
        """Dataset with dimensions time, axis, axis2, J, observable; observables as real and imaginary parts."""
        import xarray

        labels = self.space.labels
        data = {
            "mean": (("time", "axis"), self.means),
            "covariance": (("time", "axis", "axis2"), self.covariance),
        }
        resolved = self.values_of_J is not None and self.one_species
        for name, populations in self.levels.items():
            if not populations.shape[1]:
                continue
            data[f"levels_{name}"] = (("time", f"n_{name}"), populations)
        if resolved:
            data["j_distribution"] = (("time", "J"), self.j_distribution)
        if self.labels:
            data["expect"] = (("observable", "time"), np.real(self.expect))
            data["expect_imag"] = (("observable", "time"), np.imag(self.expect))
        coords = {"time": self.times, "axis": labels, "axis2": labels, "observable": self.labels}
        if resolved:
            coords["J"] = self.J
        attrs = {"N": self.N} | {k: v for k, v in dataclasses.asdict(self.budget).items() if v is not None}
        return xarray.Dataset(data, coords, attrs)

    def __repr__(self):
        b, s = self.budget, self.stats
        second = "not run" if b.moment_difference is None else f"{b.moment_difference:.1e} on averages"
        final = ", ".join(f"{a} {x:+.8f}" for a, x in zip(self.space.labels, self.means[-1], strict=True))
        lines = [
            f"Exact dynamics, N = {self.N}, {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}",
            f"  state        {s['elements']} elements, {s['arithmetic']}, {s['bytes'] / 2**20:.1f} MiB planned",
            f"  kept         {s['kept']}",
            f"  method       {s['method']}, {s['applications']} applications of {s['terms']} terms in {s['steps']} "
            f"steps, {s['run time']:.2f} s",
            f"  final ⟨m⟩    {final}",
            f"  error budget tolerance {b.tolerance:.0e}; second run {second}; trace drift {b.trace_drift:.1e}; "
            f"smallest eigenvalue {b.smallest_eigenvalue:.1e}{'' if b.holds else '; EXCEEDS THE TOLERANCE'}",
        ]
        if self.labels:
            lines.append(f"  observables  {', '.join(self.labels)}")
        return "\n".join(lines)
