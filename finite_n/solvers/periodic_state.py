"""`periodic_state`: the state that a periodically driven model goes to, ρ(t + T) = ρ(t), at one N.

It is the fixed point of the map of one period, ρ(T) = P ρ(0), found by iterating P with Anderson's acceleration: of the
last states that combination, of trace one, is taken whose change by P is least, which for a linear map is GMRES (Walker
& Ni, SIAM J. Numer. Anal. 49, 1715 (2011)). P restricted to these states also shows the slowest Floquet multiplier λ,
and with it the error ‖Pρ − ρ‖/(1 − |λ|).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from finite_n.engine.protocol import Outcome
from finite_n.engine.run import Piece, Settings, propagated
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times
from finite_n.model.model import Model
from finite_n.model.time_dependent import check_period
from finite_n.model.validation import check_kind, check_whole
from finite_n.propagation.propagate import propagate
from finite_n.propagation.scheme import ROUNDING
from finite_n.solvers.choose import choose, naming_what_fits
from finite_n.solvers.plan import read_question, result_of
from finite_n.solvers.result import Result
from finite_n.threads import one_blas_thread
from finite_n.typing import Observables, StateLike

_MEMORY = 12  # states of Anderson's acceleration
_SAMPLES = 65  # times of a period, if none are asked for
_SLOWEST = 1 - 1e-7  # |λ| beyond which the periodic state is not told from others


@dataclasses.dataclass(frozen=True)
class PeriodicState:
    """The periodic state of a driven model.

    result : `Result` over one period: averages, covariances, observables at its times, error budget, final state
    period : T
    multiplier : the slowest Floquet multiplier λ that was seen on the way, an estimate: deviations fall as |λ|^{t/T}
    error : of ρ in trace norm, by λ, contained in `result.budget.truncation_bound`
    periods : maps of one period that were taken
    """

    result: Result
    period: float
    multiplier: complex
    error: float
    periods: int

    def __repr__(self):
        return (
            f"PeriodicState(N = {self.result.N}, T = {self.period:.6g}, slowest multiplier {self.multiplier:.6g}, "
            f"error {self.error:.1e}, {self.periods} periods)"
        )


@one_blas_thread
def periodic_state(
    model: Model,
    N: int,
    period: float,
    tlist=None,
    e_ops: Observables | None = None,
    *,
    rho0: StateLike | None = None,
    tol: float = 1e-9,
    cutoffs: Mapping[str, int] | None = None,
    threads: int | None = None,
    most: int = 400,
) -> PeriodicState:
    """The solution of ρ̇ = L_N(t) ρ with ρ(t + T) = ρ(t), Tr ρ = 1 (ħ = 1).

    Parameters
    ----------
    model : Model
        Of two-level species and modes, or of species of more levels without modes; all functions of time have the
        period T.
    N : int
    period : float
        T. A multiple of the shortest period gives the same state.
    tlist : array, shape (K,), optional
        Times over one period, the last T after the first. Default: 65 times from 0 on.
    e_ops : as for `evolve`
    rho0 : as for `evolve`, optional
        Where the search begins; default: all species maximally mixed, modes in the vacuum. Where something is
        conserved, as J without local jumps, it is that of rho0.
    tol : float
        Error allowed on averages, covariances and observables. Default 1e-9.
    cutoffs : dict of names of modes to int
        Highest Fock levels; needed where there are modes.
    threads : as for `evolve`
    most : int
        Periods at most. Default 400.

    Returns
    -------
    PeriodicState

    Raises FiniteNError if a function of time has another period, and if the state is not found or not unique.

    Example
    -------
    >>> import numpy as np, qutip
    >>> from finite_n import LocalJump, Model, coefficient, mx, mz
    >>> driven = Model(mz + coefficient(lambda t: np.cos(2 * t)) * mx, [LocalJump(qutip.sigmam(), rate=0.5)])
    >>> found = periodic_state(driven, 5, np.pi, np.linspace(0, np.pi, 5))
    >>> found.result.mean("z").round(6)
    array([-0.071211, -0.196547, -0.071211, -0.196547, -0.071211])
    """
    check_kind(model, "model", Model, "a finite_n.Model")
    if not model.depends_on_time:
        raise FiniteNError(f"periodic state: {shown(model)} does not depend on time; use steady_state.")
    if model.modes and cutoffs is None:
        raise FiniteNError("periodic state: give cutoffs, the highest Fock level of every mode, such as {'field': 20}.")
    check_whole(most, "periodic state: most", 1)
    first = 0.0 if tlist is None else float(check_times(tlist)[0])
    period = check_period(model, period, first)
    times = first + period * np.linspace(0, 1, _SAMPLES) if tlist is None else tlist
    two_levels = all(s.dim == 2 for s in model.species)
    options = {"tol": tol, "check": False, "cutoffs": cutoffs, "threads": threads}
    basis = "dicke" if two_levels else "symmetrised products"
    labels, question = read_question(model, N, _begin(model, rho0), times, e_ops, basis=basis, **options)
    if abs(question.times[-1] - question.times[0] - period) > 1e-12 * period:
        raise FiniteNError(
            f"periodic state: tlist spans {question.times[-1] - first:.10g}; give times over one period."
        )
    with naming_what_fits(question):
        offer = choose(question)
    levels = offer.search.levels
    tolerance = question.trace_tolerance(levels)
    attempt = offer.problems(levels, tolerance)
    pieces, error, multiplier, taken = list(attempt.pieces()), 0.0, 0j, 0
    for piece in pieces:
        found = _fixed_point(piece, period, tolerance * piece.share, most)
        piece.problem.start_vector = found.vector
        error, taken = error + found.error, max(taken, found.periods)
        multiplier = max(multiplier, found.multiplier, key=abs)
    attempt = dataclasses.replace(attempt, pieces=lambda: iter(pieces))
    settings = Settings(False, closed=tuple(offer.search.closed))
    outcome: Outcome = propagated(attempt, question, tolerance, settings, offer.watch(attempt, settings))
    outcome.basis, outcome.bound = offer.name, outcome.bound + error
    outcome.largest_average = question.largest_average(levels)
    return PeriodicState(result_of(question, labels, outcome), period, multiplier, error, taken)


def _begin(model: Model, rho0):
    if rho0 is not None:
        return rho0
    mixed = {s.name: np.eye(s.dim) / s.dim for s in model.species}
    named = len(model.species) > 1 or model.modes or model.species[0].name
    return mixed if named else mixed[model.species[0].name]


@dataclasses.dataclass(frozen=True)
class _Found:
    vector: np.ndarray
    error: float
    multiplier: complex
    periods: int


def _fixed_point(piece: Piece, period: float, tolerance: float, most: int) -> _Found:
    """x = Px of one piece, with ‖Px − x‖ small enough for the tolerance on x."""
    problem, times = piece.problem, np.array([0.0, period])
    x, states, images = np.array(problem.start_vector), [], []
    for k in range(1, most + 1):
        problem.start_vector = x
        run = propagate(problem, times, 0.1 * tolerance, method="taylor")
        problem.start_vector = run.final - x
        residual = problem.trace_norm(problem.start())
        states, images = [*states[1 - _MEMORY :], x], [*images[1 - _MEMORY :], run.final]
        multiplier = _slowest(states, images)
        gap = 1 - min(abs(multiplier), _SLOWEST)
        lost = run.error_bound + run.discarded + ROUNDING * run.applications
        error = (residual + lost) / gap
        if residual <= 0.5 * tolerance * gap or residual <= 2 * lost:
            if abs(multiplier) >= _SLOWEST:
                break
            return _Found(run.final, error, multiplier, k)
        x = _mixed(states, images)
    raise FiniteNError(
        f"periodic state: after {k} periods a period still changes the state by {residual:.2g} in trace norm, slowest "
        f"multiplier {abs(multiplier):.8g}; allow more with most=…, give rho0, or a larger tol."
    )


def _differences(vectors: list[np.ndarray]) -> np.ndarray:
    return np.array([v - vectors[-1] for v in vectors[:-1]]).reshape(len(vectors) - 1, -1)


def _mixed(states: list[np.ndarray], images: list[np.ndarray]) -> np.ndarray:
    """Σ α_i P x_i, Σ α_i = 1, with the least Σ α_i (P x_i − x_i)."""
    residuals = [b - a for a, b in zip(states, images, strict=True)]
    if len(states) == 1:
        return images[-1]
    D = _differences(residuals)
    weights = np.linalg.lstsq(_real(D).T, -_real(residuals[-1]), rcond=1e-12)[0]
    return images[-1] + weights @ _differences(images)


def _slowest(states: list[np.ndarray], images: list[np.ndarray]) -> complex:
    """The largest Ritz value of P on differences of states."""
    if len(states) < 2:
        return 0j
    D, E = _real(_differences(states)), _real(_differences(images))
    u, sizes, v = np.linalg.svd(D, full_matrices=False)
    kept = sizes > 1e-9 * sizes[0]
    if not np.any(kept):
        return 0j
    # D = u s v, and v P vᵀ = s⁻¹ uᵀ E vᵀ for rows
    values = np.linalg.eigvals((u[:, kept].T @ E @ v[kept].T) / sizes[kept, None])
    return complex(max(values, key=abs))


def _real(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x.real, x.imag], axis=-1) if np.iscomplexobj(x) else x
