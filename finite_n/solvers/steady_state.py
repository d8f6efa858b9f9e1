"""`steady_state`: the stationary state at one N with a bound of its error, or why there is not exactly one."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.density import DensityBlocks
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.moments import functionals_of, operators_read
from finite_n.eigenmodes.arnoldi import smallest_told_from_zero
from finite_n.eigenmodes.dicke_sectors import largest_rate, typical_rate
from finite_n.eigenmodes.invariant_subspaces import EPS
from finite_n.eigenmodes.long_time import LongTime
from finite_n.eigenmodes.prepare import check_question, generator, searched
from finite_n.eigenmodes.unique import Unique, limit_of_every_J, unique_state
from finite_n.engine.cutoffs import Patience, first_levels, in_words, raised_levels, reach_in_levels
from finite_n.engine.leakage import tail_of
from finite_n.engine.moments import Readout, covariance
from finite_n.errors import FiniteNError
from finite_n.model.inputs import check_letters, label_index, read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode, Space, Species
from finite_n.model.squeezing import squeezing
from finite_n.state_functions.density_matrix import DensityMatrix
from finite_n.state_functions.reduced_states import ReducedStates
from finite_n.states.initial_state import InitialState, as_initial_state
from finite_n.states.joint import JointState, as_start
from finite_n.states.particles import BlockState
from finite_n.threads import one_blas_thread
from finite_n.typing import Observables, StateLike

_WHAT = "the stationary state"
_SLOWEST = 2  # modes of a sector that are looked for at first
_FEWEST = 8  # levels to begin with
_TAIL = 100.0  # times tol that the highest levels may hold
_GROWTH = 16.0  # of the work with twice as many levels: four times as many elements, of which large sectors are dense
_FALLS = 0.5  # of what the highest levels held before: where more levels leave them more, a mode keeps filling
_OSCILLATING = 1e3  # times tol × ‖ρ‖ that an oscillation may have; what is less is part of the error
_USELESS = 0.1  # error in trace norm beyond which nothing is returned
_NAMED = 4  # sectors named in a message
SEARCHED = 1000  # elements up to which every sector is searched at no cost


@dataclasses.dataclass(repr=False)
class SteadyState:
    """A stationary state ρ, L_N ρ = 0; letters a, b in the order of `space.labels`: x, y, z for one two-level species.

    N; means (n,): ⟨m_a⟩; second_moments (n, n): ⟨m_a m_b⟩, complex; j_distribution: weights of the J, (number of J,),
    J descending, with several species an axis for each; levels: populations (cutoff + 1,) of the Fock levels by name
    of the mode; boson_tail: the largest population of the highest ones; residual: ‖Lρ‖₁, in the model's units of a
    rate; relative_residual: ‖Lρ‖/‖ρ‖, Frobenius norm of the blocks, over the decay rate per particle; trace_error:
    |Tr ρ − 1|; smallest_eigenvalue: of the ρ_J; zero_modes: stationary operators of the model; undamped: its modes
    that oscillate indefinitely; gap: decay rate of the slowest decaying mode of all sectors, which are searched when
    it is asked for; found_gap: the same where they have been searched for the state, else None; search: finds it;
    solution_error: bound of the error of ρ in trace norm as a solution with the levels kept: residual and rounding,
    carried by the modes that relax slowest, and where rho0 decides what is left of other modes; cutoff_error:
    distance in trace norm to the state with fewer levels; e_data: expectation values of the observables asked for, by
    label; vector: elements (size,) in the frame of the computation; frames: rotations (d, d) by species; stats.
    """

    N: int
    means: np.ndarray
    second_moments: np.ndarray
    j_distribution: np.ndarray
    residual: float
    relative_residual: float
    trace_error: float
    smallest_eigenvalue: float
    solution_error: float
    zero_modes: int
    undamped: int
    found_gap: float | None
    vector: np.ndarray
    frames: dict[str, np.ndarray]
    stats: dict
    blocks: DickeBlocks
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
        _, (given,) = read_observables({"p": p}, self.space)
        operators = operators_read([check_letters(given, self, "expectation")], self.space, self.blocks, self.frames)
        matrices = operators[0].dense(self.blocks)
        pairs = zip(self.blocks.matrices(self.vector), matrices, strict=True)
        return complex(sum(np.sum(rho.T * x) for rho, x in pairs))

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
        """Density matrix of one particle of the only species, shape (2, 2)."""
        if len(self.space.species) > 1:
            raise FiniteNError("reduced state: there are several species; use means.")
        return self.reduced_states().of_particles()[0]

    def reduced_states(self) -> ReducedStates:
        """Of one and two particles, for functions of them; T = 1."""
        sizes = [spins.N for spins in self.blocks.spins]
        return ReducedStates(self.means[None], self.second_moments[None], sizes, self.space)

    @property
    def states(self) -> list[np.ndarray]:
        """ρ_J in the frame of the laboratory, J = N/2, N/2 − 1, …, shapes (2J + 1, 2J + 1), M descending; Σ_J tr ρ_J
        = 1.
        With several species or modes a matrix on ⊗_s |J_s, M_s⟩ ⊗ modes, in the order of the model, for every choice
        of the J."""
        return list(self._density.in_laboratory().values())

    @property
    def _density(self) -> DensityBlocks:
        return DensityBlocks(self.blocks, self.vector, self.frames, self.space)

    @property
    def purity(self) -> float:
        """Tr ρ² = Σ_J tr ρ_J² / d_J."""
        return self._density.purity()

    @property
    def entropy(self) -> float:
        """−Tr ρ ln ρ = −Σ_J tr ρ_J ln(ρ_J/d_J) in nats.

        An error ε of the state in trace norm changes it by up to about ε (N ln 2 − ln ε). Of parts: `finite_n.entropy`.
        """
        return self._density.entropy()

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


@one_blas_thread
def steady_state(
    model: Model,
    N: int,
    *,
    rho0: StateLike | None = None,
    J: float | Mapping[str, float] | None = None,
    e_ops: Observables | None = None,
    tol: float = 1e-10,
    cutoffs: Mapping[str, int] | None = None,
) -> SteadyState:
    """The state with L_N ρ = 0, Tr ρ = 1 (ħ = 1).

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    rho0 : State, Bloch vector (3,) or one-particle state (2, 2), optional; with several species or modes a dict of them
        and of Fields
        Where there are several stationary states: the limit of exp(tL_N) rho0 for t → ∞ is returned. Without it the
        state must be unique.
    J : float, or dict of names of species to float, optional
        The state of these blocks alone, of species whose particles do not jump one by one, so that J is conserved:
        J = N/2 for symmetric states. Not together with rho0, which has weights on the J.
    e_ops : dict or list of Polynomial, optional
        Ordered polynomials of averages and modes, whose expectation values are `e_data`; others later by `expectation`.
    tol : float
        ‖Lρ‖ ≤ tol × ‖ρ‖ × the largest decay rate per particle; eigenvalues of ρ down to −tol are allowed, and modes
        slower than tol, in units of that rate, are taken for stationary. Default 1e-10.
    cutoffs : dict of names of modes to int, optional
        Highest Fock level kept; by default so many that the highest hold at most 100 tol. What of rho0 lies above is
        left out. A second solution with fewer levels says what the cutoff does (`cutoff_error`), and takes as long
        again.

    Returns
    -------
    SteadyState

    Raises FiniteNError for particles of more than two levels, if there are several stationary states and no rho0, if
    the evolution from rho0 oscillates indefinitely, if a mode keeps filling however many levels are kept, for a model
    without dissipation, for bad N, rho0, J or tol, if memory does not suffice, or if the tolerance is not reached.

    Example
    -------
    >>> import qutip
    >>> from finite_n import LocalJump, Model, mx, steady_state
    >>> driven = Model(0.5 * mx, jumps=[LocalJump(qutip.sigmam())])
    >>> steady_state(driven, 10).means.round(9)
    array([ 0.        ,  0.66666667, -0.33333333])
    """
    started = time.perf_counter()
    N, tol = check_question(_WHAT, model, N, tol)
    if J is not None and rho0 is not None:
        raise FiniteNError(
            "stationary state: J and rho0; give one of them, since rho0 has weights on the J of its own."
        )
    start = None if rho0 is None else as_initial_state(rho0, model)
    labels, observables = read_observables(e_ops, model)
    observables = [check_letters(x, model, f"observable {label}") for label, x in zip(labels, observables, strict=True)]
    if start is not None:  # refuses early a state that does not exist at this N
        for s, n in zip(model.species, model.space.sizes(N), strict=True):
            initial_state.weights(start.parts[s.name], n)
    if model.modes and cutoffs is None:
        state = _with_empty_highest_levels(model, N, start, tol, J)
    else:
        state = _solved(model, N, start, tol, cutoffs, J)
    if model.modes:
        state.cutoff_error = _cutoff_error(state, model, start, tol, J)
    state.e_data = {label: state.expectation(x) for label, x in zip(labels, observables, strict=True)}
    state.stats["run time"] = time.perf_counter() - started
    return state


steadystate = steady_state  # as qutip calls it


def _with_empty_highest_levels(model: Model, N: int, start: InitialState | None, tol: float, J) -> SteadyState:
    """The stationary state with so many levels of the modes that the highest hold at most 100 tol."""
    allowed, patience, before = _TAIL * tol, Patience(_GROWTH), np.inf
    levels = first_levels(model, start, N, tol, _FEWEST)
    while True:
        cutoffs = {mode.name: c for mode, c in zip(model.modes, levels, strict=True)}
        found = _solved(model, N, start, tol, cutoffs, J)
        if found.boson_tail <= allowed:
            return found
        if patience.ends(levels, hopeless=found.boson_tail > _FALLS * before):
            raise FiniteNError(
                f"stationary state: of {in_words(levels)} the highest still hold {found.boson_tail:.1e}, so that the "
                "mode may have no stationary state; give cutoffs={…} or a larger tol."
            )
        levels = raised_levels(model, [p[None] for p in found.levels.values()], [allowed] * len(levels))
        before = found.boson_tail


def _solved(
    model: Model, N: int, start: InitialState | None, tol: float, cutoffs: Mapping[str, int] | None, J
) -> SteadyState:
    """The stationary state with modes cut off where told."""
    liouvillian = generator(_WHAT, model, N, cutoffs, J)
    zero = _zero(liouvillian, tol)
    if liouvillian.dim > SEARCHED:
        only = unique_state(liouvillian, zero, tol)
        if isinstance(only, Unique):
            return _alone(only, liouvillian, tol)
        if only is not None and start is None:
            raise FiniteNError(_several(Counter(s.label for s in only.sectors), tol))
        if only is not None and len(model.species) == 1 and not model.jumps:  # collective jumps conserve J
            limit = limit_of_every_J(liouvillian, _initial(start, liouvillian), zero, tol)
            if limit is not None:
                return _alone(limit, liouvillian, tol, len(only.sectors))
    found = _searched(liouvillian, tol, zero)
    count = Counter({f.sector.label: f.zeros for f in found})
    undamped = sum(f.undamped for f in found)
    if not any(f.zeros and f.sector.carries_trace for f in found):
        raise FiniteNError(
            f"stationary state: no eigenvalue below tol = {tol:g} was found in the sectors that carry the trace; "
            f"{_larger(tol)}."
        )
    if count.total() > 1 and start is None:
        raise FiniteNError(_several(count, tol))
    if start is not None and (count.total() > 1 or undamped):
        vector, error = _limit(_initial(start, liouvillian), found, liouvillian, tol)
    else:
        only = next(f for f in found if f.zeros)
        x, error = only.stationary()
        vector, error = only.sector.embed(x), _trace_norm(error, liouvillian) + 10 * EPS
    stats = {
        "method": " and ".join(sorted({f.method for f in found})),
        "size": liouvillian.dim,
        "sectors": len(found),
        "propagations": sum(f.propagations for f in found),
    }
    counts = {"zero_modes": count.total(), "undamped": undamped, "found_gap": min(f.gap for f in found)}
    return _checked(vector, error, liouvillian, counts, stats, tol)


def _searched(liouvillian: Liouvillian, tol: float, zero: float) -> list[LongTime]:
    """Of every sector."""
    sectors = searched(_WHAT, liouvillian, _SLOWEST, stationary=True)
    return [LongTime(s, tol, zero) for s in sectors if s.size]


def _alone(found: Unique, liouvillian: Liouvillian, tol: float, zero_modes: int = 1) -> SteadyState:
    """The state that is the limit from every start: where only one is stationary nothing oscillates indefinitely, for
    the frequencies of undamped modes would be a group. The same of every J, where J is conserved."""
    stats = {"sectors": 1} | {k: getattr(found, k) for k in ("method", "size", "propagations", "isolation")}
    counts = {"zero_modes": zero_modes, "undamped": 0, "found_gap": None}
    error = found.error + (10 * EPS if zero_modes == 1 else _of_weights(liouvillian.blocks.N))
    state = _checked(found.vector, error, liouvillian, counts, stats, tol)
    state.search = lambda: min(f.gap for f in _searched(liouvillian, tol, _zero(liouvillian, tol)))
    return state


def _zero(liouvillian: Liouvillian, tol: float) -> float:
    return smallest_told_from_zero(tol, typical_rate(liouvillian), largest_rate(liouvillian))


def _cutoff_error(state: SteadyState, model: Model, start: InitialState | None, tol: float, J) -> float:
    """Distance to the state with fewer levels (with more, where there are few), which takes no longer."""
    cutoffs = {}
    for mode, quanta in zip(model.modes, state.blocks.modes, strict=True):
        fewer = quanta.cutoff - reach_in_levels(model, mode)
        cutoffs[mode.name] = fewer if fewer >= 1 else 2 * quanta.cutoff - fewer
    try:
        return _distance(state, _solved(model, state.N, start, tol, cutoffs, J))
    except FiniteNError:  # nothing to compare with
        return np.inf


def _distance(one: SteadyState, other: SteadyState) -> float:
    """‖ρ − ρ′‖₁ of states with different numbers of levels of the modes, missing levels taken as empty."""
    levels = [max(a.cutoff, b.cutoff) + 1 for a, b in zip(one.blocks.modes, other.blocks.modes, strict=True)]

    def padded(state: SteadyState, matrix: np.ndarray) -> np.ndarray:
        own = [q.cutoff + 1 for q in state.blocks.modes]
        spins = len(matrix) // int(np.prod(own))
        more = [(0, 0), *((0, n - m) for n, m in zip(levels, own, strict=True))]
        size = spins * int(np.prod(levels))
        return np.pad(matrix.reshape(spins, *own, spins, *own), more + more).reshape(size, size)

    pairs = zip(one.states, other.states, strict=True)
    return float(sum(np.abs(np.linalg.eigvalsh(padded(one, a) - padded(other, b))).sum() for a, b in pairs))


def _trace_norm(error: float, liouvillian: Liouvillian) -> float:
    """A bound of the trace norm of a block matrix by its Frobenius norm."""
    return error * float(np.sqrt(np.sum(liouvillian.blocks.exists)))


def _larger(tol: float) -> str:
    return "try a larger tol" if tol < 1e-2 else "evolve to a late time instead"


def _initial(start: InitialState, liouvillian: Liouvillian) -> np.ndarray:
    vector = initial_state.vector(start, liouvillian.blocks, liouvillian.frames)
    if not liouvillian.blocks.modes:
        return vector
    return vector / np.real(liouvillian.blocks.trace(vector))  # where levels are cut off the rest stands for all


def _several(count: Counter, tol: float) -> str:
    where = [f"{label}: {n}" for label, n in count.items() if n]
    names = "; ".join(where[:_NAMED]) + (f"; and {len(where) - _NAMED} more sectors" if len(where) > _NAMED else "")
    return (
        f"stationary state: there are {count.total()} linearly independent stationary operators ({names}), or modes "
        f"slower than tol = {tol:g}; give rho0=… for the limit of the evolution from a state, J=… for one value of a "
        "conserved J, or try a smaller tol."
    )


def _limit(vector: np.ndarray, found: list[LongTime], liouvillian: Liouvillian, tol: float) -> tuple[np.ndarray, float]:
    """lim exp(tL)ρ₀ and its error in trace norm."""
    total, error = np.zeros(len(vector)), 0.0
    for part in found:
        x = part.sector.restrict(vector)
        if not np.linalg.norm(x) > 1e-15:
            continue
        limit = part.limit(x)
        if limit.oscillating > _OSCILLATING * tol * np.linalg.norm(vector):
            raise FiniteNError(
                "stationary state: from rho0 the evolution oscillates indefinitely, with frequency "
                f"{limit.frequency:.6g} in the sector «{part.sector.label}»; it has no limit. Start from a state "
                "without that mode, or use evolve."
            )
        total = total + part.sector.embed(limit.vector)
        error += limit.error + limit.oscillating
    return total, _trace_norm(error, liouvillian) + _of_weights(liouvillian.blocks.N)


def _of_weights(N: int) -> float:
    """Rounding of the initial state, whose weights are exponentials of logarithms."""
    return EPS * (10 + N * np.log(N + 1))


def _advice(needed: float) -> str:
    return f"try tol = {1.5 * needed:.0e}" if needed <= 5e-3 else "evolve to a late time instead"


def _checked(vector, error: float, liouvillian: Liouvillian, counts: dict, stats: dict, tol: float) -> SteadyState:
    blocks, space = liouvillian.blocks, liouvillian.model.space
    trace = float(np.real(blocks.trace(vector)))
    image = liouvillian.apply(vector)
    rate = typical_rate(liouvillian)
    smallest = min(float(np.linalg.eigvalsh(m)[0]) for m in blocks.existing(vector))
    relative = float(np.linalg.norm(image) / np.linalg.norm(vector)) / rate
    if not (relative <= 10 * tol and abs(trace - 1) <= 10 * tol and smallest >= -tol):
        advice = _advice(max(relative / 10, abs(trace - 1) / 10, -smallest))
        raise FiniteNError(
            f"stationary state: found only to a relative residual {relative:.1e}, trace error {abs(trace - 1):.1e}, "
            f"smallest eigenvalue {smallest:.1e}, while tol = {tol:g}; {advice}."
        )
    if not error <= _USELESS:
        slowest = stats["isolation"] if counts["found_gap"] is None else counts["found_gap"]
        raise FiniteNError(
            f"stationary state: its error would be {error:.1e} in trace norm, since modes decay as slowly as "
            f"{slowest:.1e}, where double precision no longer tells stationary states apart; evolve to a time of "
            "interest, or take a smaller N."
        )
    readout = Readout(space, [q.cutoff for q in blocks.modes], len(blocks.size))
    moments = readout.moments(functionals_of(readout, blocks, liouvillian.frames)(vector)[None], blocks.N)
    levels = {mode.name: p[0] for mode, p in zip(space.modes, moments.levels, strict=True)}
    widths = [reach_in_levels(liouvillian.model, mode) for mode in space.modes]
    return SteadyState(
        N=blocks.N,
        means=moments.means[0],
        second_moments=moments.second_moments[0],
        j_distribution=moments.weights[0].reshape(blocks.shape),
        residual=float(sum(np.abs(np.linalg.eigvalsh(m)).sum() for m in blocks.existing(image))),
        relative_residual=relative,
        trace_error=abs(trace - 1),
        smallest_eigenvalue=smallest,
        solution_error=error,
        **counts,
        vector=vector,
        frames=liouvillian.frames,
        stats=stats,
        blocks=blocks,
        space=space,
        levels=levels,
        boson_tail=max((float(tail_of(p, w).max()) for p, w in zip(moments.levels, widths, strict=True)), default=0.0),
    )
