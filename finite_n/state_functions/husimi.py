"""`husimi`: Husimi's Q function of the collective spin."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from finite_n.model.validation import check_switch
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time
from finite_n.state_functions.directions import Directions, spin_blocks

_ZERO = 1e-300  # of cos(θ/2) and sin(θ/2), for their logarithms


def husimi(state, theta, phi, species=None, *, J: float | None = None, density: bool = False):
    """Q(θ, φ) = Σ_J ⟨J; θ, φ|ρ_J|J; θ, φ⟩ with spin-coherent states |J; θ, φ⟩, M = J along (sin θ cos φ, sin θ sin φ,
    cos θ).

    It is the probability that the total spin S points along the direction with all its length, and the overlap with the
    state of all spins up along it where J = N/2 only, or for J=N/2. Σ_J (2J + 1)/4π ∫ Q_J dΩ = 1.

    Parameters
    ----------
    state : Result or SteadyState, as of `entropy`
    theta, phi : angles in radians, numbers or arrays that broadcast, as of `coherent`
    species : two-level species or its name; needed if there are several
        All others and modes are traced out.
    J : float, optional
        This J alone.
    density : bool
        With True per solid angle, Σ_J (2J + 1)/4π Q_J, whose integral ∫ dΩ is 1, to be seen beside `spin_wigner`.

    Returns
    -------
    array (T, …) of a `Result`, T = 1 if states were not kept; (…) or a number of a `SteadyState`; … the shape of the
    angles

    Raises FiniteNError where the blocks ρ_J are not known (evolve with basis="dicke" to know them), for angles that are
    not real numbers, and for a J that does not exist.

    Example
    -------
    >>> from finite_n import Model, coherent, evolve, husimi, mz
    >>> twisted = evolve(Model(0.5 * mz * mz), 6, coherent(1.5707963267949), [0, 0.7], basis="dicke")
    >>> husimi(twisted, 1.1, 0.4).round(8)
    array([0.60036759])

    Source: F. T. Arecchi, E. Courtens, R. Gilmore and H. Thomas, Phys. Rev. A 6, 2211 (1972).
    """
    directions = Directions(theta, phi, "husimi")
    check_switch(density, "husimi: density")

    def function(rho: DensityMatrix):
        blocks = spin_blocks(rho, species, J, "husimi")
        if density:
            blocks = {j: (2 * j + 1) / (4 * np.pi) * matrix for j, matrix in blocks.items()}
        degree = max(len(matrix) for matrix in blocks.values()) - 1

        def profiles(theta: np.ndarray) -> np.ndarray:
            out = np.zeros((degree + 1, len(theta)), complex)
            for j, matrix in blocks.items():
                roots = coherent_amplitudes(j, theta)
                for q in range(len(matrix)):
                    if np.any(diagonal := np.diagonal(matrix, q)):
                        out[q] += (roots[:, : len(diagonal)] * roots[:, q:]) @ diagonal
            return out

        return directions.fourier_sum(degree, profiles)

    return of_every_time(state, function)


def coherent_amplitudes(J: float, theta: np.ndarray) -> np.ndarray:
    """⟨J, M|J; θ, 0⟩ = √C(2J, k) cos^{2J−k}(θ/2) sin^k(θ/2), k = J − M, at 0 ≤ θ ≤ π: (Θ, 2J + 1)."""
    k = np.arange(round(2 * J) + 1)
    binomial = (gammaln(2 * J + 1) - gammaln(k + 1) - gammaln(2 * J - k + 1)) / 2
    north, south = (np.log(np.maximum(x, _ZERO))[:, None] for x in (np.cos(theta / 2), np.sin(theta / 2)))
    return np.exp(binomial + (2 * J - k) * north + k * south)
