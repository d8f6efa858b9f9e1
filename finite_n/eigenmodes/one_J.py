"""One value of J of species that conserve it: which blocks a question is about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks.extent import Chosen
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.species import Species
from finite_n.model.validation import check_number

_WHOLE = 1e-9  # from an integer


def chosen_blocks(what: str, model: Model, N: int, J: float | Mapping[str, float] | None) -> list[Chosen]:
    """Positions of the values of J in N_s/2, N_s/2 − 1, … for every species: one, or a range for all of them.

    J: of the only species, or a dict by name of species. Raises FiniteNError where J is not conserved or no such value
    exists.
    """
    sizes = model.space.sizes(N)
    chosen: list[Chosen] = [range(n // 2 + 1) for n in sizes]
    if J is None:
        return chosen
    names = [s.name for s in model.species]
    if not isinstance(J, Mapping):
        if len(names) > 1:
            raise FiniteNError(f"{what}: there are several species; give J as a dict, such as J={{{names[0]!r}: 1}}.")
        J = {names[0]: J}
    for key, value in J.items():
        name = key.name if isinstance(key, Species) else key
        if name not in names:
            raise FiniteNError(f"{what}: J of {name!r}; the species are {', '.join(map(repr, names))}.")
        at = names.index(name)
        value = check_number(value, "J", 0)
        if any(model.species_of(jump) is model.species[at] for jump in model.jumps):
            raise FiniteNError(
                f"{what}: J is not conserved, since single particles{f' of {name}' if name else ''} jump; leave J out."
            )
        position = sizes[at] / 2 - value
        if not (abs(position - round(position)) < _WHOLE and 0 <= round(position) <= sizes[at] // 2):
            raise FiniteNError(
                f"{what}: J = {value:g} of {sizes[at]} particles; give one of {sizes[at] / 2:g}, "
                f"{sizes[at] / 2 - 1:g}, …, {sizes[at] % 2 / 2:g}."
            )
        chosen[at] = np.array([round(position)])
    return chosen
