"""Spin squeezing from averages and covariance, of exact results and of the limit alike."""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.species import Space, Species

_DEGENERATE = 1e-9  # of two variances across m
_NO_DIRECTION = 1e-6  # of |m|: below, tolerances of 1e-9 leave few digits of the direction, and of Σ/|m|² none


def squeezing(
    means: np.ndarray, covariance: np.ndarray, space: Space, species: Species | str | None = None
) -> np.ndarray:
    """Wineland's squeezing parameter of the spins S = N_s m/2 of a two-level species: below 1 only if they are
    entangled.

        ξ² = N_s min ΔS_⊥² / |⟨S⟩|² = min nᵀΣn / |m|²,  n ⊥ m, |n| = 1,

    since ΔS_n² = N_s Σ_nn / 4. N_s drops out, so that Σ may be that of N → ∞.

    Parameters
    ----------
    means : array, shape (…, n)
    covariance : array, shape (…, n, n)
        Σ_ab = ½⟨{F_a, F_b}⟩ of F_a = √N_s (m_a − ⟨m_a⟩).
    space : Space
    species : Species or its name; needed if there are several.

    Returns
    -------
    array, shape (…)
        nan where |m| < 1e-6: there ⟨S⟩ has no direction.

    Raises FiniteNError for particles of other than two levels, and for what is not a species of the model.

    Source: Wineland, Bollinger, Itano and Heinzen, Phys. Rev. A 50, 67 (1994); on entanglement Sørensen, Duan, Cirac
    and Zoller, Nature 409, 63 (2001).
    """
    owner = space.species_of(species)
    if owner.dim != 2:
        raise FiniteNError(f"squeezing: {owner} has {owner.dim} levels; it is defined for spins, two levels.")
    part = space.part(owner)
    m, sigma = means[..., part], covariance[..., part, part]
    length = np.linalg.norm(m, axis=-1)
    known = length >= _NO_DIRECTION
    length = np.where(known, length, 1.0)
    n = m / length[..., None]
    along = n[..., :, None] * n[..., None, :]
    across = np.eye(3) - along
    trace = np.trace(sigma, axis1=-2, axis2=-1)[..., None, None]  # no variance is larger
    smallest = np.linalg.eigvalsh(across @ sigma @ across + trace * along)[..., 0]
    return np.where(known, smallest / length**2, np.nan)


def squeezing_slope(
    means: np.ndarray, covariance: np.ndarray, c: np.ndarray, C: np.ndarray, space: Space, species=None
) -> np.ndarray:
    """d/dε of the ξ² of means + ε c, covariance + ε C at ε = 0 from above, shape (…).

    With the eigenvector v of the smallest variance λ across n = m/|m|, λ′ = vᵀCv − 2 (v·c)(nᵀΣv)/|m|; where λ is
    degenerate, the smaller eigenvalue of that form on its plane. nan as for `squeezing`.

    means, c : (…, n); covariance, C : (…, n, n); space, species : as for `squeezing`
    """
    part = space.part(space.species_of(species))
    out = np.full(means.shape[:-1], np.nan)
    for at in np.ndindex(out.shape):
        out[at] = _slope(means[at][part], covariance[at][part, part], c[at][part], C[at][part, part])
    return out


def _slope(m: np.ndarray, sigma: np.ndarray, c: np.ndarray, C: np.ndarray) -> float:
    length = float(np.linalg.norm(m))
    if length < _NO_DIRECTION or not np.all(np.isfinite(C)):
        return np.nan
    n = m / length
    across = np.linalg.svd(n[None])[2][1:].T  # (3, 2)
    values, vectors = np.linalg.eigh(across.T @ sigma @ across)
    v = across @ vectors[:, values <= values[0] + _DEGENERATE * max(1.0, values[1])]
    turned = np.outer(v.T @ c, n @ sigma @ v) / length
    slope = float(np.linalg.eigvalsh(v.T @ C @ v - turned - turned.T)[0])
    return slope / length**2 - 2 * float(values[0] * (n @ c)) / length**3
