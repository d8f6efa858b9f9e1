"""Until when a theory holds at finite N: the first time at which exact numbers differ from it by a tolerance, and how
that time grows with N.

    t*(N) = min { t : |exact_N(t) − theory(t)| > ε max(1, |theory(t)|) }

Near a stable fixed point a limit holds for ever once N is large; at an unstable one, with growth rate γ,
t* = log N/(2γ) + const; on a limit cycle, whose phase diffuses, t* ~ N; at a critical point t* ~ N^p with an exponent
of its own. A wrong limit has a t* that stays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.convergence.crossing import first_crossing
from comparison.convergence.growth import Growth, fit_growth
from comparison.convergence.theory import Theory, chosen_quantities, read_theory
from comparison.ladder import Ladder
from comparison.study.exact_values import exact_errors, exact_values
from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times, read_observables
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_number, check_progress
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.solvers.result import Result
from finite_n.states.initial_state import as_initial_state
from meanfield import Limit
from meanfield.bifurcations.vector_field import eigenvalues

_AT_REST = 1e-9  # |f| over |Q| at which averages count as a fixed point


@dataclasses.dataclass(frozen=True)
class Horizon:
    """Times t*(N) until which a theory holds.

    sizes : those that are done, (n,)
    time : t*(N), inf where the theory holds at all times, (n,)
    low, high : it holds until `low` and no longer at `high`, whatever the errors of the exact numbers, of the theory
        and of the interpolation between times, (n,); `high` is inf where that is not known
    leaves : the quantity that leaves first at every size, "" where none does
    tolerance : ε
    quantities : names of what is compared
    theory : its name
    start : first time of the evolution
    times : those that are compared, (T,)
    distance : largest |exact − theory|/max(1, |theory|) of the quantities, (n, T)
    growth : how t* − start grows with N, over the sizes with 0 < t* − start < inf
    rate : γ, the largest real part of ∂f/∂m, if the averages start at an unstable fixed point of mean field; else nan
    interrupted : True if a signal ended it before the last size
    failure : the error that ended it before the last size, in a sentence; empty if there was none
    """

    sizes: list[int]
    time: np.ndarray
    low: np.ndarray
    high: np.ndarray
    leaves: list[str]
    tolerance: float
    quantities: list[str]
    theory: str
    start: float
    times: np.ndarray
    distance: np.ndarray
    growth: Growth
    rate: float = np.nan
    interrupted: bool = False
    failure: str = ""

    @property
    def error(self) -> np.ndarray:
        """Of t*, the larger of t* − low and high − t*, (n,): inf where it is not known, nan where t* is inf."""
        with np.errstate(invalid="ignore"):
            return np.where(np.isfinite(self.time), np.maximum(self.time - self.low, self.high - self.time), np.nan)

    def table(self) -> str:
        """Text table: N, t*, its error, what leaves first; then the growth law."""
        from comparison.convergence.horizon_report import table

        return table(self)

    def to_dict(self) -> dict:
        """Plain numbers for JSON, None for what is infinite or unknown."""
        from comparison.convergence.horizon_report import as_dict

        return as_dict(self)

    def __repr__(self):
        return self.table()


def horizon(
    model: Model,
    rho0,
    tlist: Sequence[float],
    sizes: Sequence[int],
    theory=None,
    tolerance: float = 1e-2,
    quantities: Sequence[str] | None = None,
    e_ops: Mapping[str, Polynomial] | None = None,
    *,
    tol: float = 1e-9,
    check: bool = True,
    cutoffs: Mapping[str, int] | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Horizon:
    """The first time t*(N) at which |exact − theory| exceeds ε max(1, |theory|) for any of the quantities.

    Between the times of `tlist` t* is interpolated; the error bar holds what the interpolation and the errors of exact
    numbers and theory leave open. t* is inf where the theory holds until the last time, and tlist[0] where it is wrong
    at the start.

    Parameters
    ----------
    model, rho0 : as for `finite_n.evolve`
    tlist : times, shape (T,), so close that what is compared is smooth between them
    sizes : one or more increasing N; four or more for a growth law
    theory : Claim, or function of times (T,), or of times and N, → dict of arrays (T,) by quantity. A claim with times
        of its own is compared at these. Default: the mean-field and Gaussian limit derived from the model, for which
        rho0 must have a limit.
    tolerance : ε > 0, relative for values above 1. Default 1e-2.
    quantities : names such as "mean_z" or "cov_zz", or labels of e_ops. Default: the averages that the theory gives.
    e_ops : dict of Polynomial, further observables, optional
    tol : of the exact evolution. Default 1e-9.
    check : run a second time, with other settings, for the error of the exact numbers. Default True.
    cutoffs : highest Fock level of every mode by name. Default: chosen at every size for `tol`.
    progress : function of N and the share of its evolution that is done, optional

    Returns
    -------
    Horizon
        Of the sizes that are done, if a signal or an error ends it after the first one.

    Raises FiniteNError for a tolerance that is not a positive number, and for a theory that gives unknown quantities,
    none of those asked for, or values that are not finite.

    Example
    -------
    >>> import numpy as np
    >>> import qutip
    >>> from comparison import horizon
    >>> from finite_n import CollectiveJumps, Model
    >>> superradiance = Model(collective=[CollectiveJumps([qutip.sigmam()])])
    >>> found = horizon(superradiance, [0, 0, 1], np.linspace(0, 8, 81), [200, 400, 800, 1600], tolerance=0.1)
    >>> found.growth.law, found.time.round(2)
    ('log N', array([2.47, 3.13, 3.8 , 4.49]))
    """
    tlist, ladder = check_times(tlist), Ladder(sizes)
    tolerance = check_number(tolerance, "horizon: tolerance", 0, strict=True)
    check_progress(progress)
    if not isinstance(model, Model):
        raise FiniteNError(f"horizon: model = {shown(model)}; give a finite_n.Model.")
    rho0 = as_initial_state(rho0, model)
    for label, p in zip(*read_observables(e_ops, model), strict=True):
        if p.non_hermitian_part().words:
            raise FiniteNError(f"observable {label} = {p}: not Hermitian; symmetrise it, so that its mean is real.")
    # before the long work, so that nothing is lost to a theory that cannot be evaluated or a size that does not fit
    claimed = read_theory(theory, model, rho0, e_ops, tlist, ladder.sizes)
    names = chosen_quantities(quantities, claimed, model, e_ops)
    options = {"tol": tol, "cutoffs": cutoffs, "check": check}
    check_evolution_memory(model, ladder.sizes[-1], rho0, e_ops, tlist=claimed.times, **options)

    def read(result: Result) -> tuple:
        return _compared(result, claimed, ladder.sizes.index(result.N), names, tolerance, tol)

    found = ladder.evolve(model, rho0, claimed.times, e_ops, read=read, progress=progress, keep=True, **options)
    crossings, leaves, distance = zip(*found, strict=True)
    time, low, high = np.array([[c.time, c.low, c.high] for c in crossings]).T
    since = time - tlist[0]
    kept = np.isfinite(since) & (since > 0)
    error = np.maximum(time[kept] - low[kept], high[kept] - time[kept])
    growth = fit_growth(np.array(ladder.done)[kept], since[kept], error)
    return Horizon(
        sizes=ladder.done,
        time=time,
        low=low,
        high=high,
        leaves=list(leaves),
        tolerance=tolerance,
        quantities=names,
        theory=claimed.name,
        start=float(tlist[0]),
        times=claimed.times[claimed.there],
        distance=np.array(distance),
        growth=growth,
        rate=_growth_rate(model, rho0) if theory is None or claimed.name == "derived" else np.nan,
        interrupted=ladder.interrupted,
        failure=ladder.failure,
    )


def _compared(result: Result, theory: Theory, at: int, names: list[str], tolerance: float, tol: float) -> tuple:
    """When and by which quantity one size leaves the theory, and its distance at all times."""
    values, errors = exact_values(result), exact_errors(result, tol)
    said, there = theory.said[at], theory.there
    crossings, distances = [], []
    for q in names:
        expected = said.values[q][there]
        scale = np.maximum(1.0, np.abs(expected))
        off = (values[q][there] - expected) / scale
        uncertain = errors[q] + said.errors[q][there] + said.uncertainties[q][there]
        distances.append(np.abs(off))
        crossings.append(first_crossing(result.times[there], off, tolerance, uncertain / scale))
    first = min(range(len(names)), key=lambda k: crossings[k].time)
    low, high = min(c.low for c in crossings), min(c.high for c in crossings)
    one = dataclasses.replace(crossings[first], low=low, high=high)
    return one, names[first] if np.isfinite(one.time) else "", np.max(distances, axis=0)


def _growth_rate(model: Model, rho0) -> float:
    """γ at the averages of the start, if they are an unstable fixed point; else nan."""
    limit, m = Limit(model), rho0.limit()[0]
    jacobian = limit.jacobian(m)
    gamma = float(eigenvalues(limit, m).real.max())
    at_rest = np.abs(limit.drift(m)).max() <= _AT_REST * np.abs(jacobian).max(initial=0)
    return gamma if at_rest and gamma > _AT_REST * np.abs(jacobian).max() else np.nan
