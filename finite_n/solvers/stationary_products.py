"""The stationary state of particles of any number of levels on symmetrised products, or why there is not exactly
one."""

from __future__ import annotations

from collections.abc import Mapping

from finite_n.eigenmodes.arnoldi import smallest_told_from_zero
from finite_n.eigenmodes.invariant_subspaces import EPS
from finite_n.eigenmodes.long_time import LongTime
from finite_n.eigenmodes.product_search import every_product, lindbladian_of, product_start
from finite_n.eigenmodes.product_sectors import ProductSectors
from finite_n.eigenmodes.product_unique import unique_product_state
from finite_n.model.model import Model
from finite_n.solvers.stationary_blocks import WHAT
from finite_n.solvers.stationary_checks import Found, checked, of_sectors
from finite_n.solvers.stationary_result import SteadyState
from finite_n.states.initial_state import InitialState

_SEARCHED = 500  # elements up to which every sector is searched at no cost
_SLOWEST = 2  # modes of a sector that are looked for at first


def solved_on_products(
    model: Model, N: int, start: InitialState | None, tol: float, J, cutoffs: Mapping[str, int] | None
) -> SteadyState:
    """The stationary state with modes cut off where told."""
    lindbladian = lindbladian_of(WHAT, model, N, J, cutoffs)
    if lindbladian.columns.elements > _SEARCHED:
        zero = tol * lindbladian.rate
        only = unique_product_state(lindbladian, zero, tol)
        if only is not None:
            return _alone(*only, tol)
    made = every_product(lindbladian, _SLOWEST)
    found = [LongTime(s, tol, _zero(made, tol)) for s in made.sectors]
    vector = None if start is None else product_start(start, made)
    return _checked(*of_sectors(found, vector, tol, made.norm, N, has_J=False), made, tol)


def _zero(made: ProductSectors, tol: float) -> float:
    return smallest_told_from_zero(tol, made.lindbladian.rate, made.scale)


def _alone(found, made: ProductSectors, tol: float) -> SteadyState:
    """The limit from every start."""
    counts = {"zero_modes": 1, "undamped": 0, "found_gap": None}
    state = _checked(found.elements, found.error + 10 * EPS, counts, found.stats, made, tol)

    lindbladian = made.lindbladian  # and not all its matrices are kept with the state

    def gap() -> float:
        every = every_product(lindbladian, _SLOWEST)
        return min(LongTime(s, tol, _zero(every, tol)).gap for s in every.sectors)

    state.search = gap
    return state


def _checked(vector, error: float, counts: dict, stats: dict, made: ProductSectors, tol: float) -> SteadyState:
    image = sum(s.embed(s.apply(s.restrict(vector))) for s in made.sectors)
    size = made.frobenius(vector)
    rho = made.density(vector)
    found = Found(
        model=made.lindbladian.model,
        N=made.lindbladian.N,
        rho=rho,
        moments=rho.moments(),
        residual=made.trace_norm(image),
        relative=made.frobenius(image) / size / made.lindbladian.rate,
        trace=float(vector[: len(vector) // 2][made.is_population].sum()),
        smallest=float(rho.populations.min()),
        error=error,
    )
    return checked(found, counts, stats, tol)
