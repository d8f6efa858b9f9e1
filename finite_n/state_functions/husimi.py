"""`husimi`: Husimi's Q function of the collective spin."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_array, check_number
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time

_ZERO = 1e-300  # of cos(θ/2) and sin(θ/2), for their logarithms


def husimi(state, theta, phi, species=None, *, J: float | None = None):
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
    theta, phi = check_array(theta, "husimi: theta"), check_array(phi, "husimi: phi")
    try:
        theta, phi = np.broadcast_arrays(theta, phi)
    except ValueError:
        raise FiniteNError(
            f"husimi: theta of shape {theta.shape} and phi of shape {phi.shape}; give arrays that broadcast."
        ) from None

    def function(x: DensityMatrix):
        own = x.reduced([x.space.species_of(species)])
        (N,) = own.sizes
        blocks = {N / 2 - at: matrix for (at,), matrix in own.blocks.items()}
        if J is not None:
            if check_number(J, "husimi: J") not in (N / 2 - np.arange(N // 2 + 1)):
                raise FiniteNError(f"husimi: J = {shown(J)}: give one of N/2, N/2 − 1, … ≥ 0 at N = {N}.")
            blocks = {j: matrix for j, matrix in blocks.items() if j == J}
        states = CoherentStates(N, theta.ravel(), phi.ravel())
        values = sum((states.expectation(m, j) for j, m in blocks.items()), np.zeros(theta.size))
        return values.reshape(theta.shape)[()]

    return of_every_time(state, function)


class CoherentStates:
    """|J; θ, φ⟩ at P points for all J up to N/2."""

    def __init__(self, N: int, theta: np.ndarray, phi: np.ndarray):
        north, south = np.abs(np.cos(theta / 2)), np.abs(np.sin(theta / 2))
        beyond = np.where(np.cos(theta / 2) * np.sin(theta / 2) < 0, np.pi, 0.0)  # the other side of the pole
        self._phases = np.exp(1j * np.outer(phi + beyond, np.arange(N + 1)))
        self._logs = [np.log(np.maximum(x, _ZERO))[:, None] for x in (north, south)]

    def amplitudes(self, J: float) -> np.ndarray:
        """⟨J, M|J; θ, φ⟩ = √C(2J, k) cos^{2J−k}(θ/2) sin^k(θ/2) e^{ikφ}, k = J − M: (P, 2J + 1)."""
        k = np.arange(round(2 * J) + 1)
        binomial = (gammaln(2 * J + 1) - gammaln(k + 1) - gammaln(2 * J - k + 1)) / 2
        return np.exp(binomial + (2 * J - k) * self._logs[0] + k * self._logs[1]) * self._phases[:, : len(k)]

    def expectation(self, matrix: np.ndarray, J: float) -> np.ndarray:
        """⟨J; θ, φ|ρ_J|J; θ, φ⟩, (P,)."""
        psi = self.amplitudes(J)
        return np.einsum("pi,pi->p", psi.conj(), psi @ matrix.T).real
