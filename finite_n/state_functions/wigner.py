"""`wigner`: Wigner's function of a mode."""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.species import Mode
from finite_n.model.validation import check_array
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time


def wigner(state, x, p, mode: Mode | str | None = None):
    """W(x, p) = (1/π) ∫ ⟨x − y|ρ|x + y⟩ e^{2ipy} dy of a mode, a = (x + ip)/√2, so that ∫∫ W dx dp = 1.

    x and p are not divided by √N: a coherent amplitude β of order one is a peak of height 1/π at √2 (Re β, Im β).

    Parameters
    ----------
    state : Result or SteadyState, as of `entropy`
    x, p : (X,) and (P,), real
        The axes of a grid.
    mode : Mode or its name; needed if there are several
        All else is traced out.

    Returns
    -------
    array (T, P, X) of a `Result`, T = 1 if states were not kept; (P, X) of a `SteadyState`

    Raises FiniteNError where the blocks ρ_J are not known (evolve with basis="dicke" to know them), and for a model
    without modes.

    Example
    -------
    >>> from finite_n import Field, Mode, Model, evolve, wigner
    >>> light = Mode("light")
    >>> start = {"": [0, 0, 1], "light": Field(number=1)}
    >>> one = evolve(Model(light.number, modes=[light]), 1, start, [0, 1], basis="dicke")
    >>> wigner(one, [0.0], [0.0]).round(8)  # −1/π
    array([[[-0.31830989]]])

    Source: K. E. Cahill and R. J. Glauber, Phys. Rev. 177, 1882 (1969); computed by `qutip.wigner`.
    """
    x, p = check_array(x, "wigner: x", (None,)), check_array(p, "wigner: p", (None,))

    def function(rho: DensityMatrix) -> np.ndarray:
        import qutip  # models and other functions do without it

        modes = rho.space.modes
        if not modes or (mode is None and len(modes) > 1):
            known = ", ".join(m.name for m in modes) or "none"
            raise FiniteNError(f"wigner: say which mode; the model has {known}.")
        (own,) = rho.space.owners_of(modes[0] if mode is None else mode, "wigner")
        if own not in modes:
            raise FiniteNError(f"wigner: {own} is not a mode of the model.")
        return qutip.wigner(qutip.Qobj(rho.reduced([own]).blocks[()]), x, p)

    return of_every_time(state, function)
