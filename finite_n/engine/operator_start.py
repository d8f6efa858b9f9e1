"""Operators X that an evolution starts from in place of a state: parts as an engine knows them, and their levels."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from finite_n.model.polynomial import Polynomial


class OperatorPart(Protocol):
    """X, or a part of it, in the basis of an engine. levels: cutoffs of the modes."""

    levels: tuple[int, ...]

    def weighted(self, left: Polynomial | None = None, right: Polynomial | None = None) -> OperatorPart:
        """left X right, exact where no mode is raised above its cutoff."""

    def with_levels(self, levels: tuple[int, ...]) -> OperatorPart:
        """The same with other cutoffs of the modes: new levels are empty, what lies above the cutoffs is left out."""

    def trace(self) -> complex:
        """Tr X."""

    def norm(self) -> float:
        """A bound of ‖X‖₁."""


@dataclasses.dataclass(frozen=True)
class OperatorStart:
    """X at the first time, the sum of parts of one kind."""

    parts: Sequence[OperatorPart]

    @property
    def levels(self) -> tuple[int, ...]:
        """Cutoffs of the modes to begin with."""
        return self.parts[0].levels


RETRIES = 12  # of attempts that begin with the levels of X, while modes may fill


class OperatorLevels:
    """Levels of the attempts: those that X has, more for a check, and many more where these were not enough: what a
    `LevelSearch` knows of populations is not known here."""

    def __init__(self, levels: tuple[int, ...]):
        self.levels, self.closed, self.history, self._share = levels, [False] * len(levels), [], 5

    def further(self) -> tuple[tuple[int, ...], list[bool]]:
        """Levels for a check, and which modes they close."""
        more = tuple(c + max(3, c // self._share) for c in self.levels)
        self._share = 2  # should they be asked for again
        return more, self.closed


def with_room(part: OperatorPart, polynomials: Sequence[Polynomial], modes) -> OperatorPart:
    """The same with as many more levels of every mode as one of the polynomials may raise it."""
    words = [w for p in polynomials for w in p.words]
    raised = (max((sum(x in mode.letters for x in w) for w in words), default=0) for mode in modes)
    return part.with_levels(tuple(c + more for c, more in zip(part.levels, raised, strict=True)))
