"""Lists of complex numbers without an order, such as spectra."""

import numpy as np
from scipy.optimize import linear_sum_assignment


def paired_distance(a, b) -> float:
    """Largest distance in the best pairing of two lists of equally many complex numbers."""
    assert len(a) == len(b)
    cost = np.abs(np.asarray(a)[:, None] - np.asarray(b)[None, :])
    return cost[linear_sum_assignment(cost)].max()
