"""Cumulant expansions of second to fourth order, at any N, derived from the model alone."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_times, read_observables
from finite_n.model.model import Model
from finite_n.model.validation import check_number, check_whole
from finite_n.states.initial_state import as_initial_state
from meanfield.corrections.initial_moments import initial_moments
from meanfield.cumulants.averages import covariance_of, expectations
from meanfield.cumulants.equations import Equations
from meanfield.cumulants.result import CumulantResult
from meanfield.limit.driven import course_of, integrate_until_over
from meanfield.limit.integrate import RTOL, TooMuchWork

MOST = {2: 32, 3: 16, 4: 8}  # letters, by order: half a minute to derive the equations
TOGETHER = 900  # evaluations for several N; one that takes more has come to rest or diverges, and goes on alone
LARGEST = 1e6  # of averages, and of N times correlations in units of N, beyond which nothing physical is left

_Solution = tuple[np.ndarray, str]  # unknowns at all times, and why they end, "" where they do not


class Cumulants:
    """A cumulant expansion: equations for averages and connected correlations of different particles at finite N,
    closed by leaving out correlations of more than `order` particles.

    Parameters
    ----------
    model : Model
    order : 2 (default), 3 or 4

    With x the averages over products of different particles, κ their joint cumulants, and the generator
    L† = Σ N^(1−q−w) (1/q!) K^(q,w)(x) ∂^q of the model,

        d⟨x_a⟩/dt = ⟨K^(1)_a⟩,   dκ_ab/dt = ⟨K^(1)_a δx_b⟩ + ⟨δx_a K^(1)_b⟩ + ⟨K^(2)_ab⟩/N,   K^(q) = Σ_w N^−w K^(q,w),

    and dκ_abc/dt and dκ_abcd/dt likewise, where averages of products follow from cumulants up to `order`. For a
    polynomial Hamiltonian, collective jumps, and local jumps whose Γ is constant or a linear numpy Polynomial the
    equations are complete at every N, so that order n is exact at N = n particles. Other Γ enter by four derivatives
    about ⟨Δ⟩ and terms up to N^−3, by six and up to N^−4 to fourth order. Errors of averages fall as N^−order, those of
    covariances as N^(1−order).

    Modes are normally ordered, with the cumulants of their initial state up to `order`: the fourth cumulants of number
    states are left out too, so that starts from them are no better than second order says.

    Nothing of the exact engines enters. ħ = 1. Source: R. Kubo, J. Phys. Soc. Japan 17, 1100 (1962); for open systems
    D. Plankensteiner, C. Hotter, H. Ritsch, Quantum 6, 617 (2022).

    Raises FiniteNError for what is not a model, other orders, more than 32 letters (16 to third order, 8 to fourth),
    and a Γ without a Taylor series.

    Example
    -------
    >>> from finite_n import CollectiveJumps, Model
    >>> import qutip
    >>> model = Model(collective=[CollectiveJumps([qutip.sigmam()], rate=10)])  # L = J₋ of N = 10 atoms
    >>> Cumulants(model, 2).evolve([0, 0, 1], 10, [0, 0.4]).mean("z").round(6)
    array([ 1.      , -0.560664])
    """

    def __init__(self, model: Model, order: int = 2):
        if not isinstance(model, Model):
            raise FiniteNError(f"cumulants: got {shown(model)}; give a finite_n.Model.")
        self.model, self.space = model, model.space
        self.order = check_whole(order, "cumulants: order", 2, 4)
        if self.space.size > MOST[self.order]:
            raise FiniteNError(
                f"cumulants: the model has {self.space.size} letters, and equations of order {self.order} are derived "
                f"for {MOST[self.order]} at most; "
                + ("use a lower order, or " if self.order > 2 else "")
                + "use fewer species, modes or levels."
            )

    @functools.cached_property
    def equations(self) -> Equations:
        """The equations of motion, for all N."""
        return Equations(self.model, self.order)

    def evolve(self, rho0, N: int, tlist, e_ops=None, partial: bool = False, rtol: float = RTOL) -> CumulantResult:
        """Averages and covariances at N particles.

        Parameters
        ----------
        rho0 : as for `Limit.evolve`: a product, coherent or linear thermal state, by species and mode
        N : number of particles
        tlist : array, shape (T,)
        e_ops : dict or list of Polynomial, optional; the order of their factors counts
        partial : where the equations diverge, return what there is before, nan afterwards, and the reason in
            `stats["ended"]`. Default: False, which raises.
        rtol : relative tolerance of the integration, 1e-13 to 1e-3. Default: 1e-12.

        Returns
        -------
        CumulantResult

        Raises FiniteNError for a state without a limit, an N that gives no whole numbers of particles, and where the
        closed equations diverge or leave the domain of Γ, which truncated expansions may do.
        """
        (found,) = self.evolve_each(rho0, [N], tlist, e_ops, rtol)
        if found.stats["ended"] and not partial:
            raise FiniteNError(found.stats["ended"])
        return found

    def evolve_each(self, rho0, sizes: Sequence[int], tlist, e_ops=None, rtol: float = RTOL) -> list[CumulantResult]:
        """The same at several N, as with `partial`: they are integrated together, several times faster than one after
        the other, and one by one where that takes long, as some come to rest or diverge.

        sizes : numbers of particles
        rho0, tlist, e_ops, rtol : as for `evolve`
        """
        times = check_times(tlist)
        rtol = check_number(rtol, "cumulants: rtol", 1e-13, 1e-3)
        for N in sizes:
            self.space.sizes(N)
        labels, polynomials = read_observables(e_ops, self.model)
        start = as_initial_state(rho0, self.model)
        begin = {N: self.equations.packed(self._start(start, N), N) for N in sizes}
        found = self._integrated(begin, times, rtol) if begin else {}
        return [self._result(N, times, *found[N], labels, polynomials, rtol) for N in sizes]

    def _integrated(self, begin: Mapping[int, np.ndarray], times: np.ndarray, rtol: float) -> dict[int, _Solution]:
        """Unknowns at all times, nan where the equations diverge, and why they end, by N; those that diverge, if others
        do not, alone."""
        sizes = list(begin)
        what = f"cumulants of order {self.order} at N = {', '.join(map(str, sizes))}"
        rhs = _Within(self.equations.at(sizes), [LARGEST * max(N, np.abs(y).max()) for N, y in begin.items()])
        course = course_of(self.model, times)
        y, ended = integrate_until_over(
            course, rhs, np.concatenate(list(begin.values())), times, what, rtol, len(sizes)
        )
        if ended and len(sizes) > 1:
            alone = [[N] for N, out in zip(sizes, rhs.outside, strict=True) if out]
            rest = [N for N in sizes if [N] not in alone]
            parts = [*alone, rest] if alone and rest else [[N] for N in sizes]
            return {
                N: x for part in parts for N, x in self._integrated({N: begin[N] for N in part}, times, rtol).items()
            }
        if ended:
            last = int(np.flatnonzero(np.isfinite(y[:, 0]))[-1])
            ended = (
                f"{what}: after t = {times[last]:.6g} the closed equations diverge or leave the domain of Γ, as "
                "expansions that are cut off may; ask for earlier times, another order or a larger N."
            )
        own = y.reshape(len(times), len(sizes), -1)
        return {N: (own[:, k], ended) for k, N in enumerate(sizes)}

    def _result(self, N: int, times, y: np.ndarray, ended: str, labels, polynomials, rtol: float) -> CumulantResult:
        equations = self.equations
        rows = [equations.tensors(row, N) for row in y]
        means, correlations = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
        return CumulantResult(
            N=N,
            order=self.order,
            times=times,
            means=means,
            covariance=covariance_of(self.space, means, correlations, N),
            correlations=correlations,
            third=np.array([r[2] for r in rows]) if self.order > 2 else None,
            fourth=np.array([r[3] for r in rows]) if self.order > 3 else None,
            labels=labels,
            expect=[expectations(p, self.space, rows, N) for p in polynomials],
            stats={
                "ended": ended,
                "unknowns": equations.size,
                "monomials": len(equations.closure),
                "rtol": rtol,
            },
            space=self.space,
        )

    def _start(self, start, N: int) -> list[np.ndarray]:
        """Cumulants of x in the initial state: zero for particles, which are uncorrelated."""
        m, _, first = start.limit()
        moments = initial_moments(start, [(k, 0) for k in range(2, self.order + 1)], np.zeros(len(m)))
        return [m + first / np.sqrt(N), *(moments[k, 0] * float(N) ** (-k / 2) for k in range(2, self.order + 1))]

    def __repr__(self):
        return f"Cumulants of order {self.order} of {self.model!r}"


class _Within:
    """rhs of several vectors one after the other that is nan where a solution is larger than its `largest`, so that no
    time is spent on a divergence; `outside` tells which were at the last call. Several are called `TOGETHER` times at
    most."""

    def __init__(self, rhs: Callable, largest: Sequence[float]):
        self.rhs, self.largest = rhs, np.array(largest)
        self.outside, self.calls = np.zeros(len(largest), bool), 0

    def __call__(self, t: float, y: np.ndarray) -> np.ndarray:
        self.calls += 1
        if self.calls > TOGETHER and len(self.largest) > 1:
            self.outside[:] = False
            raise TooMuchWork("more evaluations than for several N together")
        self.outside = ~(np.abs(y.reshape(len(self.largest), -1)).max(axis=1) < self.largest)
        return np.full(len(y), np.nan) if self.outside.any() else self.rhs(t, y)
