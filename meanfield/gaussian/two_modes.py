"""Two modes: reduction of fluctuations to one mode of each of two groups, local invariants and the standard form.

Covariances are Σ_ab = ½⟨{F_a, F_b}⟩ over (x_1, p_1, x_2, p_2) with [x, p] = i, ħ = 1: the vacuum is ½·1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import block_diag

from finite_n.errors import FiniteNError
from meanfield.gaussian.canonical_modes import TOLERANCE, canonical_modes, checked_matrix, indices
from meanfield.gaussian.states import state_eigenvalues


class Invariants(NamedTuple):
    """Local invariants of 2Σ = [[α, γ], [γᵀ, β]]: A = det α, B = det β, C = det γ, D = det 2Σ."""

    A: float
    B: float
    C: float
    D: float


class StandardForm(NamedTuple):
    """2Σ up to local symplectic maps: α = a·1, β = b·1, γ = diag(c, d) with c ≥ |d|."""

    a: float
    b: float
    c: float
    d: float


def two_mode_covariance(
    covariance, symplectic, first: Sequence[int], second: Sequence[int], tolerance: float = TOLERANCE
) -> np.ndarray:
    """Canonical covariance (x_1, p_1, x_2, p_2), shape (4, 4), of one mode from each of two groups of directions.

    The rows are those of `canonical_modes`; both pairs have [x, p] = +i, also where two Bloch vectors are anti-aligned.
    Everything else, the classical directions of the two groups included, is traced over.

    Parameters
    ----------
    covariance, symplectic : arrays, shape (n, n)
        Σ_ab = ½⟨{F_a, F_b}⟩, first moments subtracted, and σ_ab = −i⟨[F_a, F_b]⟩; ħ = 1.
    first, second : lists of indices
        The directions of the two groups, such as [0, 1, 2] and [3, 4, 5]; each must carry exactly one mode.
    tolerance : float, optional
        A group whose σ is below tolerance times the bound 2‖Σ‖ set by its fluctuations carries no mode.

    Raises
    ------
    FiniteNError
        If a group carries no mode (a species with m = 0) or several, or the groups overlap or do not commute.

    Example
    -------
    >>> sigma = np.zeros((5, 5))
    >>> sigma[0, 1], sigma[1, 0], sigma[3, 4], sigma[4, 3] = 1, -1, 1, -1  # spins with m_z = ½, and a boson
    >>> print(two_mode_covariance(np.diag([1, 1, 0.75, 0.5, 0.5]), sigma, [0, 1, 2], [3, 4]).diagonal())
    [1.  1.  0.5 0.5]

    Source: Fiorelli 2024, eqs. 69 to 73, except that its one rotation for both spins gives the second of two
    anti-aligned ones −i.
    """
    cov = checked_matrix(covariance, "covariance", +1)
    sigma = checked_matrix(symplectic, "symplectic form", -1)
    if len(cov) != len(sigma):
        raise FiniteNError(
            f"two modes: got a covariance of {len(cov)} directions and a symplectic form of {len(sigma)}; "
            "give both for the same fluctuations."
        )
    parts = [indices(first, len(cov)), indices(second, len(cov))]
    if set(parts[0]) & set(parts[1]):
        raise FiniteNError(f"two modes: got {parts[0]} and {parts[1]}; give two groups with no direction in common.")
    both = parts[0] + parts[1]
    split = [list(range(len(parts[0]))), list(range(len(parts[0]), len(both)))]
    local = sigma[np.ix_(both, both)]
    canonical_modes(local, split, tolerance)  # refuses groups that do not commute
    rows = []
    for part in parts:
        bound = 2 * float(np.linalg.norm(cov[np.ix_(part, part)], 2))
        own = canonical_modes(sigma[np.ix_(part, part)], None, tolerance, scale=bound)
        if len(own.strengths) == 0:
            raise FiniteNError(
                f"two modes: directions {part} carry no mode, because their symplectic form vanishes (largest value "
                f"{np.abs(sigma[np.ix_(part, part)]).max():.1e}; m = 0 for a spin species); they are classical "
                "variables, so choose a state with m ≠ 0 or another group."
            )
        if len(own.strengths) > 1:
            raise FiniteNError(
                f"two modes: directions {part} carry {len(own.strengths)} modes; give groups with one mode each, or "
                "pick two from canonical_modes(...).covariance(...)."
            )
        rows.append(own.modes)
    t = block_diag(*rows)
    reduced = t @ cov[np.ix_(both, both)] @ t.T
    return (reduced + reduced.T) / 2


def invariants(covariance) -> Invariants:
    """A, B, C, D of a two-mode covariance (4, 4); unchanged by symplectic maps of either mode."""
    s = 2 * checked_two_modes(covariance)
    return Invariants(*(float(np.linalg.det(m)) for m in (s[:2, :2], s[2:, 2:], s[:2, 2:], s)))


def standard_form(covariance) -> StandardForm:
    """a, b, c, d of a two-mode covariance (4, 4), by the maps (α/a)^(−1/2), (β/b)^(−1/2) and rotations.

    Source: Duan, Giedke, Cirac and Zoller, Phys. Rev. Lett. 84, 2722 (2000).
    """
    s = 2 * checked_two_modes(covariance)
    roots, sizes = [], []
    for block in (s[:2, :2], s[2:, 2:]):
        w, u = np.linalg.eigh(block)
        sizes.append(float(np.sqrt(w[0] * w[1])))
        roots.append(u * np.sqrt(sizes[-1] / w) @ u.T)
    gamma = roots[0] @ s[:2, 2:] @ roots[1]
    c, d = np.linalg.svd(gamma, compute_uv=False)
    return StandardForm(*sizes, float(c), float(np.copysign(d, np.linalg.det(gamma))))


def checked_two_modes(covariance) -> np.ndarray:
    """The covariance of a two-mode state, shape (4, 4); refuses anything else."""
    cov = checked_matrix(covariance, "covariance", +1)
    if cov.shape != (4, 4):
        raise FiniteNError(f"covariance: got shape {cov.shape}; give two modes, (4, 4) over (x_1, p_1, x_2, p_2).")
    state_eigenvalues(cov)
    return cov
