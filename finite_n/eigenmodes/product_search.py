"""Before a search for slow modes on symmetrised products: checks of what is asked, of sizes and of memory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.eigenmodes.arnoldi import bytes_kept, bytes_of
from finite_n.eigenmodes.product_sectors import ProductLindbladian, ProductSectors
from finite_n.engine import mode_states
from finite_n.engine.cutoffs import given_levels
from finite_n.errors import FiniteNError
from finite_n.memory import check_memory
from finite_n.model.model import Model
from finite_n.occupations.initial_state import Start, parts_of
from finite_n.occupations.search import elements_at
from finite_n.states.initial_state import InitialState

_MOST = 60_000  # elements that are searched in full


def lindbladian_of(what: str, model: Model, N: int, J, cutoffs: Mapping[str, int] | None) -> ProductLindbladian:
    """L_N on symmetrised products; refuses one value of J, which these do not know."""
    if J is not None:
        raise FiniteNError(
            f"{what}: J is known for models of two-level particles only; leave it out, or give rho0 for what is "
            "reached from a state."
        )
    return ProductLindbladian(what, model, N, given_levels(model, None, N, cutoffs) or ())


def all_products(what: str, model: Model, N: int, J, cutoffs, k: int) -> ProductSectors:
    """All elements, for k modes of every sector."""
    return every_product(lindbladian_of(what, model, N, J, cutoffs), k)


def every_product(lindbladian: ProductLindbladian, k: int) -> ProductSectors:
    """All elements, if they are few enough to be searched for k modes of every sector."""
    elements = lindbladian.columns.elements
    if elements > _MOST:
        N = lindbladian.N
        largest = max((n for n in range(1, N) if elements_at(lindbladian.columns, n) <= _MOST), default=0)
        raise FiniteNError(
            f"{lindbladian.what}: the {elements:.12g} symmetrised products of N = {N} are too many to search all of "
            f"them (at most {_MOST}); take a smaller N, at most {largest} in any case, or evolve to a late time."
        )
    made = lindbladian.all()
    needed = sum(bytes_kept(s, k) for s in made.sectors) + max(bytes_of(s, k) for s in made.sectors)
    check_memory(lindbladian.what, lindbladian.N, lambda n: needed * (n / lindbladian.N) ** 8)
    return made


def product_start(start: InitialState, made: ProductSectors) -> np.ndarray:
    """A start as a full vector (Re p, Im p) of trace one."""
    lindbladian = made.lindbladian
    columns, model = lindbladian.columns, lindbladian.model
    fields = [
        mode_states.density(start.parts[m.name], lindbladian.N, b.cutoff)
        for m, b in zip(model.modes, columns.bosons, strict=True)
    ]
    values = Start(columns, parts_of(model, start, columns.frames), fields).values(made.elements.n)
    values = np.where(made.elements.self_conjugate, values.real, values)
    return np.concatenate([values.real, values.imag]) / values.real[made.is_population].sum()
