"""Initial states as parts: a state of every species and mode, whose product they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.model.species import Mode, Space
from finite_n.states.mode import Field, ModeState
from finite_n.states.particles import State


class InitialState:
    """A product over species and modes; `parts` maps names to a `State` or a `ModeState`."""

    def __init__(self, parts: Mapping[str, State | ModeState], space: Space):
        self.parts, self.space = dict(parts), space

    def limit(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """m (n,), Σ_ab = ½⟨{F_a, F_b}⟩ (n, n) and ⟨F⟩ (n,) as N → ∞, in the order of the letters."""
        space = self.space
        m, covariance, first = np.zeros(space.size), np.zeros((space.size, space.size)), np.zeros(space.size)
        for owner in space.owners:
            at = space.part(owner)
            own = self.parts[owner.name].limit()
            m[at], covariance[at, at] = own[:2]
            if isinstance(owner, Mode):
                first[at] = own[2]
        return m, covariance, first

    @property
    def number_states(self) -> dict[str, int]:
        """n of the modes that start in a number state n > 0, displaced or not: their fluctuations are not Gaussian."""
        return {name: part.number for name, part in self.parts.items() if isinstance(part, Field) and part.number}

    def __repr__(self):
        if len(self.parts) == 1:
            return repr(*self.parts.values())
        return f"joint({', '.join(f'{name}: {part!r}' if name else repr(part) for name, part in self.parts.items())})"
