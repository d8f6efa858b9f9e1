"""Entanglement of two modes, the logarithmic negativity, and of any two systems, by covariances of two operators each.

Covariances are those of `meanfield.gaussian.two_modes`: over (x_1, p_1, x_2, p_2), vacuum ½·1.
"""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError
from meanfield.gaussian.canonical_modes import checked_matrix
from meanfield.gaussian.states import partial_transpose, symplectic_eigenvalues
from meanfield.gaussian.two_modes import checked_two_modes

_APART = 1e-9  # of the largest commutator


def log_negativity(covariance) -> float:
    """max(0, −ln 2ν̃), ν̃ the smallest symplectic eigenvalue of the partial transpose of a covariance, (4, 4).

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


def entanglement_witness(covariance, commutators) -> float:
    """−ln 2ν̃ of two operators A_1, A_2 of one system and B_1, B_2 of another: if it is positive, they are entangled.

    In a state without entanglement, of any two systems and Gaussian or not, Σ + (i/2)(⟨σ_A⟩ ⊕ −⟨σ_B⟩) ≥ 0. For product
    states these are the uncertainty relations of both systems; in mixtures averages add up, and different first moments
    only add to Σ. ν̃ is the smallest symplectic eigenvalue of the partial transpose in units of these averages. So
    fluctuations at finite N, whose commutators are no numbers, prove entanglement; where they are numbers and the state
    is Gaussian, `log_negativity` is the positive part.

    Parameters
    ----------
    covariance : array, shape (4, 4)
        Σ = ½⟨{F_a, F_b}⟩ of F = (A_1, A_2, B_1, B_2), first moments subtracted.
    commutators : array, shape (4, 4)
        −i⟨[F_a, F_b]⟩; those of A with B vanish.

    Raises FiniteNError if A and B do not commute, an average commutator vanishes, or Σ is no covariance of a state.

    Example
    -------
    >>> c, s = np.cosh(1.0), np.sinh(1.0)  # a two-mode squeezed vacuum, of operators that are √2 times x and p
    >>> sigma = np.kron(np.eye(2), [[0, 2], [-2, 0]])
    >>> print(round(entanglement_witness([[c, 0, s, 0], [0, c, 0, -s], [s, 0, c, 0], [0, -s, 0, c]], sigma), 12))
    1.0

    Source: the criterion of Simon, Phys. Rev. Lett. 84, 2726 (2000), with averages of commutators.
    """
    cov, sigma = checked_matrix(covariance, "covariance", +1), checked_matrix(commutators, "commutators", -1)
    if sigma.shape != (4, 4) or np.abs(sigma[:2, 2:]).max() > _APART * np.abs(sigma).max():
        raise FiniteNError("commutators: give those of two operators of each of two systems, which commute, (4, 4).")
    sizes = sigma[[0, 2], [1, 3]]
    if np.any(np.abs(sizes) <= _APART * np.abs(sigma).max()):
        raise FiniteNError(f"commutators: averages {sizes}; where one vanishes, covariances prove no entanglement.")
    units = np.repeat(np.abs(sizes) ** -0.5, 2) * np.array([1, np.sign(sizes[0]), 1, np.sign(sizes[1])])
    scaled = checked_two_modes(units[:, None] * cov * units)
    return -float(np.log(2 * symplectic_eigenvalues(partial_transpose(scaled))[0]))
