"""Averages ⟨a†^k a^l⟩ of a boson in its initial state."""

from __future__ import annotations

from math import comb, factorial, perm

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.states.mode import Field, ModeState
from finite_n.states.nonclassical import VectorState

_LEFT_OUT = 1e-34  # population of the levels above those that are summed


def normal_moment(state: ModeState, k: int, l: int) -> complex:
    """⟨a†^k a^l⟩ at N = 1, of a Field, a squeezed vacuum or a cat.

    Of D(z) ρ_0 D† it is Σ_i C(k, i) C(l, i) z*^{k−i} z^{l−i} ⟨a†^i a^i⟩_0, with n(n − 1) … (n − i + 1) in a number
    state and i! n̄^i in a thermal one.

    >>> normal_moment(Field(thermal=0.5), 2, 2), normal_moment(Field(beta=2), 0, 1)
    ((0.5+0j), (2+0j))
    """
    if isinstance(state, VectorState):
        psi = state.amplitudes(state.cutoff(1, _LEFT_OUT))
        return complex(np.vdot(_lowered(psi, k), _lowered(psi, l)))
    if not isinstance(state, Field):
        raise FiniteNError(f"boson: {shown(state)} has no known averages; give a Field, squeezed or cat.")
    z = complex(state.amplitude(1))
    undisplaced = [factorial(i) * state.thermal**i if state.thermal else perm(state.number, i) for i in range(l + 1)]
    if z == 0:
        return complex(undisplaced[l] if k == l else 0)
    terms = (comb(k, i) * comb(l, i) * z.conjugate() ** (k - i) * z ** (l - i) for i in range(min(k, l) + 1))
    return sum((c * x for c, x in zip(terms, undisplaced, strict=False)), 0j)


def _lowered(psi: np.ndarray, times: int) -> np.ndarray:
    """a^times |ψ⟩, with as many levels."""
    for _ in range(times):
        psi = np.append(np.sqrt(np.arange(1.0, len(psi))) * psi[1:], 0.0)
    return psi
