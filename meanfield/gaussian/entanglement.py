"""Entanglement of two modes: the logarithmic negativity.

Covariances are those of `meanfield.gaussian.two_modes`: over (x_1, p_1, x_2, p_2), vacuum ½·1.
"""

from __future__ import annotations

import numpy as np

from meanfield.gaussian.states import partial_transpose, symplectic_eigenvalues
from meanfield.gaussian.two_modes import checked_two_modes


def log_negativity(covariance) -> float:
    """max(0, −ln 2ν̃), ν̃ the smallest symplectic eigenvalue of the partial transpose, (4, 4).

    Two modes are entangled if and only if it is positive. Natural logarithms as in Fiorelli 2024 (after eq. 76); divide
    by ln 2 for the log₂ of Benatti et al. 2017, eq. 65.

    Example
    -------
    >>> c, s = np.cosh(1.0) / 2, np.sinh(1.0) / 2  # two-mode squeezed vacuum, r = ½
    >>> print(round(log_negativity([[c, 0, s, 0], [0, c, 0, -s], [s, 0, c, 0], [0, -s, 0, c]]), 12))
    1.0

    Source: Vidal and Werner, Phys. Rev. A 65, 032314 (2002).
    """
    return max(0.0, -float(np.log(2 * symplectic_eigenvalues(partial_transpose(checked_two_modes(covariance)))[0])))
