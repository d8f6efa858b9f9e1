"""Correlations of two modes: mutual information, classical correlations and discord, in nats.

Covariances are those of `meanfield.gaussian.two_modes`: over (x_1, p_1, x_2, p_2), vacuum ½·1.
"""

from __future__ import annotations

import numpy as np

from meanfield.gaussian.states import bosonic_entropy, entropy, mode_index
from meanfield.gaussian.two_modes import checked_two_modes, standard_form


def mutual_information(covariance) -> float:
    """S(1) + S(2) − S(12) in nats, of a two-mode covariance (4, 4)."""
    cov = checked_two_modes(covariance)
    return max(0.0, entropy(cov[:2, :2]) + entropy(cov[2:, 2:]) - entropy(cov))


def classical_correlations(covariance, measured: int = 1) -> float:
    """The most that a Gaussian measurement of one mode tells about the other: J = g(a) − g(√E) in nats.

    E = min det(α − γ(β + μ)⁻¹γᵀ) over pure one-mode covariances μ (vacuum 1), reached in the standard form by μ =
    diag(λ, 1/λ), where

        E(λ) = (a − c²/(b + λ)) (a − d²λ/(bλ + 1)),  0 ≤ λ ≤ ∞,

    is least at λ = 0 or ∞ (homodyne) or where its derivative, a quadratic in λ, vanishes. This is the closed formula of
    the source, without its cancellations near pure states.

    Parameters
    ----------
    covariance : array, shape (4, 4)
        Over (x_1, p_1, x_2, p_2), vacuum ½·1.
    measured : 0 or 1
        The mode that is measured; 1 gives J^{1←2}.

    Raises
    ------
    FiniteNError
        If the covariance is not that of a two-mode state.

    Source: Fiorelli 2024, eqs. 74 to 76, which agree; Adesso and Datta, Phys. Rev. Lett. 105, 030501 (2010); Giorda and
    Paris, Phys. Rev. Lett. 105, 020503 (2010).
    """
    unmeasured, _, conditional = _measured(covariance, measured)
    return max(0.0, float(bosonic_entropy(unmeasured) - bosonic_entropy(conditional)))


def discord(covariance, measured: int = 1) -> float:
    """Gaussian quantum discord D = g(b) − g(2ν_−) − g(2ν_+) + g(√E) in nats: mutual information less J.

    The covariance, errors and source are those of `classical_correlations`; `measured` = 1 gives D^{1←2}.

    Example
    -------
    >>> c, s = np.cosh(1.0) / 2, np.sinh(1.0) / 2  # two-mode squeezed vacuum, r = ½: the entropy of one mode
    >>> print(round(discord([[c, 0, s, 0], [0, c, 0, -s], [s, 0, c, 0], [0, -s, 0, c]]), 6))
    0.659453
    """
    _, own, conditional = _measured(covariance, measured)
    return max(0.0, float(bosonic_entropy(own) + bosonic_entropy(conditional)) - entropy(covariance))


def _measured(covariance, measured: int) -> tuple[float, float, float]:
    """a of the unmeasured mode, b of the measured one, and √E of the first after the best Gaussian measurement."""
    a, b, c, d = standard_form(covariance)
    if mode_index(measured, 2) == 0:
        a, b = b, a
    alpha, beta = a * b - c**2, a * b - d**2
    two, one, zero = beta * (a + b * c**2) - a**2 * b, a * b * (beta - alpha), a**2 * b - alpha * (a + b * d**2)
    root = -one - np.copysign(np.sqrt(max(one**2 - two * zero, 0.0)), one)
    candidates = [1.0]
    candidates += [u / v for u, v in ((root, two), (zero, root)) if v != 0 and 0 < u / v < np.inf]
    least = min((a - c**2 / (b + x)) * (a - d**2 / (b + 1 / x)) for x in candidates)
    return a, b, float(np.sqrt(max(1.0, min(least, a * (a - c**2 / b), a * (a - d**2 / b)))))
