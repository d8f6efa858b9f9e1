"""`weyl_three_point`: what the dynamics makes of a Weyl operator of fluctuations between two others, for spins and
modes."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence

import numpy as np

from finite_n.dicke_blocks.operator_blocks import OperatorBlocks, from_laboratory
from finite_n.engine.protocol import MOMENTS, STATES, TIME_DEPENDENCE
from finite_n.errors import FiniteNError
from finite_n.memory import refused_when_full
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_array
from finite_n.solvers.choose import choose, naming_what_fits
from finite_n.solvers.evolve import evolve
from finite_n.solvers.evolve_operator import evolve_operator
from finite_n.solvers.fluctuations import WeylOperator
from finite_n.solvers.plan import read_question
from finite_n.threads import one_blas_thread
from finite_n.typing import Cutoffs, Progress, StateLike

_WATCHED = 2  # levels below a cutoff
_SPREADS, _FEWEST = 6, 4  # of the highest level kept when it is displaced, and further levels


@dataclasses.dataclass(repr=False)
class WeylThreePoint:
    """⟨W(r_1) Φ_t[W(r)] W(r_2)⟩ at one N.

    N; times (T,); r: (3, n), r_1, r and r_2; values: complex (T,); error: of values, as far as it is known: of the
    truncations, the check runs, the highest levels of modes and the averages that are subtracted; stats.
    """

    N: int
    times: np.ndarray
    r: np.ndarray
    values: np.ndarray
    error: float
    stats: dict

    def __repr__(self):
        return (
            f"⟨W(r_1) Φ_t[W(r)] W(r_2)⟩, N = {self.N}, {len(self.times)} times from {self.times[0]:g} to "
            f"{self.times[-1]:g}\n  at the last  {self.values[-1]:.8f}\n  error        below {self.error:.0e}"
        )


@one_blas_thread
def weyl_three_point(
    model: Model,
    N: int,
    rho0: StateLike,
    tlist: Sequence[float],
    r: Sequence[Sequence[float]],
    *,
    tol: float = 1e-9,
    check: bool = True,
    method: str = "faber",
    threads: int | None = None,
    cutoffs: Cutoffs | None = None,
    progress: Progress | None = None,
) -> WeylThreePoint:
    """⟨W(r_1) e^{tL†}[e^{i r·F_t}] W(r_2)⟩ = Tr(e^{i r·F_t} e^{tL}(W(r_2) ρ W(r_1))), exactly for N particles (ħ = 1).

    W(r) = e^{i r·F} with the fluctuations F_a = √N_s (m_a − ⟨m_a⟩) of the start, for modes √N in place of √N_s; F_t has
    the averages at t. These numbers for all r_1 and r_2 are what the mesoscopic limit Φ_t of the dynamics means; it is
    `meanfield.FluctuationMap.three_point`. W(r_2)ρW(r_1) is not Hermitian: its Hermitian and its anti-Hermitian part
    are evolved as states are.

    Parameters
    ----------
    model : Model
        Of two-level species and modes.
    N : int
        Number of particles, N ≥ 1.
    rho0 : as for `evolve`
    tlist : array, shape (T,)
        Increasing times; rho0 is the state at tlist[0].
    r : (r_1, r, r_2), shape (3, n)
        Each a number for every letter of the model: x, y, z for one species.
    tol : float
        Truncation error allowed. Default 1e-9.
    check, method, threads, progress : as for `evolve`
    cutoffs : of the modes, as for `evolve`; levels for what W(r_1) and W(r_2) displace are added

    Returns
    -------
    WeylThreePoint

    Raises FiniteNError for bad input, particles of more than two levels, or if memory does not suffice.

    Example
    -------
    >>> from finite_n.systems import hopfield
    >>> r = [[0.2, 0, 0.4], [0.2, 0.5, 0.6], [0, 0.3, -0.3]]
    >>> weyl_three_point(hopfield(0.3, 0.8), 20, [0, 0.3, 0.4], [0, 1.5], r).values.round(7)
    array([0.5830555-0.0544548j, 0.5404901-0.0450214j])

    Source: Benatti et al. 2016, eq. 15 and the equation below eq. 33; Fiorelli 2024, eq. 36 and Theorem 2. Particles
    without interaction, for every N: `three_point_function`.
    """
    started = time.perf_counter()
    times, options = check_times(tlist), {"tol": tol, "check": check, "method": method, "threads": threads}
    _, question = read_question(model, N, rho0, times, basis="dicke", cutoffs=cutoffs, **options)
    r = _read(r, model)
    for species in model.species:
        if species.dim != 2:
            raise FiniteNError(
                f"Weyl operators: {species} has {species.dim} levels; only two-level particles are supported."
            )
    state = evolve(model, N, rho0, times, cutoffs=cutoffs, **options)
    wants = question.wants & {TIME_DEPENDENCE} | {MOMENTS, STATES}
    start = dataclasses.replace(question, times=times[:1], wants=wants)
    with naming_what_fits(start), refused_when_full(f"evolution at N = {N}"):
        parts = [_between(part, r, question.model, state.N) for part in choose(start).run().states[0]]
    letters = [Polynomial({(letter,): 1}) for letter in model.space.letters]
    with refused_when_full(f"evolution of an operator at N = {N}"):
        found = evolve_operator(model, state.N, parts, times, letters, keep_states=True, progress=progress, **options)
    levels = [mode.cutoff + 1 for mode in found.final[0].blocks.modes]  # they may have been raised
    now, scale = WeylOperator(r[1], model.space, state.sizes, levels), model.space.scale * np.sqrt(state.N)
    averages = (r[0] + r[2]) @ (scale * state.means[0]) + state.means @ (scale * r[1])
    values = np.array([now.expectation(blocks) for blocks in found.states]) * np.exp(-1j * averages)
    moved = float(np.abs(scale * r).sum()) * state.budget.moment_error + sum(map(_edge, parts))
    stats = found.stats | {"run time": time.perf_counter() - started}
    return WeylThreePoint(state.N, times, r, values, max(found.error, state.budget.state_error) + moved, stats)


def _read(r, model: Model) -> np.ndarray:
    r = check_array(r, "r", wanted="three lists of numbers (r_1, r, r_2)")
    if r.shape != (3, model.space.size):
        labels = ", ".join(model.space.labels)
        raise FiniteNError(f"r: got shape {r.shape}; give (r_1, r, r_2) with a number for each of {labels}.")
    return r


def _between(part, r: np.ndarray, model: Model, N: int) -> OperatorBlocks:
    """W(r_2) ρ W(r_1) without the phases of the averages, with levels for what it displaces."""
    x, space, sizes = OperatorBlocks.of_state(part), model.space, model.space.sizes(N)
    cutoffs = [
        _levels(quanta.cutoff, max(np.linalg.norm(y[space.part(mode)]) for y in (r[0], r[2])) / np.sqrt(2))
        for mode, quanta in zip(space.modes, x.blocks.modes, strict=True)
    ]
    x = x.with_levels(tuple(cutoffs))
    left, right = (WeylOperator(y, space, sizes, [c + 1 for c in cutoffs]) for y in (r[2], r[0]))
    matrices = {at: left.matrix(at) @ m @ right.matrix(at) for at, m in x.in_laboratory().items()}
    return from_laboratory(matrices, model, N, cutoffs)


def _edge(x: OperatorBlocks) -> float:
    """What stands in the highest levels of the modes, and about what is left out above."""
    total = 0.0
    for b, matrix in enumerate(x.blocks.matrices(x.full())):
        at = slice(x.blocks.row_start[b], x.blocks.row_start[b] + len(matrix))
        for quanta in x.blocks.modes:
            top = quanta.row_n[at] > quanta.cutoff - _WATCHED
            total += float(np.linalg.norm(matrix[top]) + np.linalg.norm(matrix[:, top]))
    return total


def _levels(cutoff: int, displaced: float) -> int:
    """The cutoff that holds levels up to another one displaced by an amplitude d, which spread by d √(2c + 1)."""
    if displaced == 0:
        return cutoff
    return cutoff + math.ceil(displaced**2 + _SPREADS * displaced * np.sqrt(2 * cutoff + 1)) + _FEWEST
