"""Observables of a result by label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Observed:
    """What has `labels` and `expect`, an array (T,) for each."""

    labels: Sequence[str]
    expect: Sequence[np.ndarray]

    @property
    def e_data(self) -> dict[str, np.ndarray]:
        """Expectation values of the observables asked for, by label."""
        return dict(zip(self.labels, self.expect, strict=True))
