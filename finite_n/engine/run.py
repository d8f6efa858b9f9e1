"""Running what a plan consists of: every piece through the time integrator, a second time with other settings as a
check."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from scipy.linalg.lapack import dpotrf, zpotrf

from finite_n.dicke_blocks.moments import Moments, read_moments
from finite_n.dicke_blocks.spaces import Plan
from finite_n.engine.footprint import Asked
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.propagation.propagate import propagate
from finite_n.propagation.reachability import SomeElements

RESOLVED = 1e-13  # of the trace norm: what double precision carries through thousands of applications
_POSITIVE = 1e-14  # eigenvalues are told from zero down to here
_DENSE = 1500  # rows of a block beyond which its eigenvalues cost more than the evolution


@dataclasses.dataclass(frozen=True)
class Job:
    """What `evolve` was asked for."""

    model: Model
    N: int
    times: np.ndarray
    polynomials: list[Polynomial]
    tol: float
    keep_states: bool
    check: bool
    method: str
    basis: str
    threads: int | None
    progress: Callable[[float], None] | None

    @property
    def asked(self) -> Asked:
        """What of it takes memory."""
        times, vectors = len(self.times), 4 if self.method == "faber" else 5
        return Asked(times if self.keep_states else 0, vectors, self.check, times, len(self.polynomials))

    def trace_tolerance(self, largest: float, sizes: list[float]) -> float:
        """Trace-norm error of ρ allowed, for averages of norm up to `largest` and polynomials of norm up to `sizes`."""
        return max(self.tol / max(3.0 * self.N * largest**2, *sizes, 1.0), RESOLVED)


@dataclasses.dataclass
class Run:
    """What came out: functionals at all times, of the second run too; finals and states are (blocks, vector) per
    piece."""

    plan: Plan
    frame: object
    values: np.ndarray
    second: np.ndarray | None
    stats: dict
    finals: list
    states: list
    complete: bool
    smallest: float
    bound: float
    discarded: float
    cutoffs: tuple[int, ...] = ()
    second_cutoffs: tuple[int, ...] = ()
    largest: float = 1.0  # norm of an average
    rounding: float = 0.0
    tail: float = 0.0

    def moments(self, job: Job, values: np.ndarray) -> Moments:
        """The functionals by what they mean."""
        cutoffs = self.second_cutoffs if values is self.second else self.cutoffs
        return read_moments(values, job.N, len(job.polynomials), job.model.space, cutoffs)


def run_plan(
    chosen: Plan,
    job: Job,
    frame,
    trace_tol: float,
    check: bool,
    cautious: float = 1.0,
    part=(0.0, 1.0),
    watch=None,
) -> Run:
    """Evolve all pieces of a plan; with `check` each twice. `part`: of the progress to be reported; watch: see
    `propagate`."""
    values = chosen.empty(len(job.times), len(job.polynomials))
    second = values.copy() if check else None
    out = Run(chosen, frame, values, second, {}, [], [], True, np.inf, 0.0, chosen.discarded)
    stats, arithmetic, done, used = dict.fromkeys(("applications", "steps", "terms"), 0), set(), 0.0, 1
    for piece in chosen.pieces():
        share = piece.problem.elements / max(chosen.elements, 1)
        first, rest = two_reports(job.progress, done, min(share, 1.0), check, part)
        done += share
        allowed = piece.share * trace_tol
        run = propagate(piece.problem, job.times, allowed, job.keep_states, job.method, cautious, first, watch)
        chosen.add(values, run.values, piece.columns, len(job.polynomials))
        if check:
            again = propagate(piece.problem, job.times, allowed / 10, False, job.method, 1.3, rest)
            chosen.add(second, again.values, piece.columns, len(job.polynomials))
        stats["applications"] += run.applications
        stats["steps"] = max(stats["steps"], run.steps)
        stats["terms"] = max(stats["terms"], piece.terms)
        arithmetic.add(piece.problem.arithmetic)
        used = max(used, piece.problem.workers)
        out.bound, out.discarded = out.bound + run.error_bound, out.discarded + run.discarded
        out.rounding = max(out.rounding, run.rounding)  # relative to the weight of a piece, and all weigh 1 together
        out.complete &= piece.state_of is not None
        if piece.state_of is not None:
            out.finals.append(piece.state_of(run.final))
            out.states.append([piece.state_of(v) for v in run.states])
        out.smallest = min(out.smallest, _smallest(piece, run.final, out.finals))
        del piece
    out.stats = stats | {"arithmetic": ", ".join(sorted(arithmetic)), "threads": used}
    return out


def two_reports(progress, done: float, share: float, check: bool, part):
    """Progress of the first and the second run of a piece."""
    if progress is None:
        return None, None
    cut, (start, width) = 0.45 if check else 1.0, part

    def report(x):
        progress(min(1.0, start + width * (done + share * x)))

    return lambda x: report(cut * x), lambda x: report(cut + (1 - cut) * x)


def _smallest(piece, final: np.ndarray, finals: list) -> float:
    """The smallest eigenvalue of the blocks of a piece, zero if none is negative; where elements are left out or blocks
    large, the smallest population."""
    if piece.state_of is None:
        return float((final[piece.populations] / piece.unit).min(initial=0.0))
    blocks, vector = finals[-1]
    # a block of norm below _POSITIVE has no eigenvalue beyond that
    if isinstance(vector, SomeElements) and vector.is_diagonal(blocks):
        return float(vector.values.real.min(initial=0.0))
    matrices = vector.matrices(blocks) if isinstance(vector, SomeElements) else blocks.existing(vector)
    return min((_smallest_of(m) for m in matrices if np.abs(m).max() > _POSITIVE / len(m)), default=0.0)


def _smallest_of(matrix: np.ndarray) -> float:
    """The smallest eigenvalue of a block, zero if none is negative; of a large one the smallest population."""
    if len(matrix) > _DENSE:
        return float(np.diag(matrix).real.min())
    return 0.0 if _is_positive(matrix) else float(np.linalg.eigvalsh(matrix)[0])


def _is_positive(matrix: np.ndarray) -> bool:
    """Whether no eigenvalue is below −_POSITIVE, by Cholesky's decomposition, cheaper than eigenvalues."""
    raised = matrix.copy()
    raised.ravel()[:: len(matrix) + 1] += _POSITIVE
    factorise = zpotrf if np.iscomplexobj(matrix) else dpotrf
    return factorise(raised.T, overwrite_a=True)[1] == 0  # the transpose, as LAPACK wants its columns
