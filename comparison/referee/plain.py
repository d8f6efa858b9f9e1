"""Numbers as plain data, for JSON."""

from __future__ import annotations

import numpy as np


def plain(x):
    """A float, None for one that is infinite or unknown; what is no float as it is.

    >>> plain(np.float64(0.5)), plain(float("nan")), plain("x")
    (0.5, None, 'x')
    """
    if not isinstance(x, float | np.floating):
        return x
    return float(x) if np.isfinite(x) else None
