"""What of a question takes memory, whatever the engine; how much, every engine says itself."""

from __future__ import annotations

import dataclasses

BASE = 1e6  # bytes of any evolution


@dataclasses.dataclass(frozen=True)
class Asked:
    """What of a job takes memory: states kept, vectors held by the integrator, a check run, times, observables beside
    moments."""

    kept: int = 0
    vectors: int = 4
    check: bool = True
    times: int = 2
    observables: int = 0

    def values(self, functionals: float) -> float:
        """Functionals at all times, of both runs, and what is read from them."""
        return self.times * (32.0 * (functionals + 2 * self.observables) + 600.0)
