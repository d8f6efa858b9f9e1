"""Directions on the sphere, and functions of a collective spin on them as Fourier sums over φ."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.memory import USABLE, available, in_bytes
from finite_n.model.validation import check_array, check_number
from finite_n.state_functions.density_matrix import DensityMatrix

_AT_ONCE = 2**21  # numbers of a table of profiles, 32 MiB
_EACH = 80.0  # bytes of a direction: its angles, their order, its value, and two complex numbers


class Directions:
    """Directions (θ, φ), angles in radians that broadcast, of the given shape; θ beyond [0, π] is folded into it."""

    def __init__(self, theta, phi, what: str):
        theta, phi = check_array(theta, f"{what}: theta"), check_array(phi, f"{what}: phi")
        try:
            self.shape = np.broadcast_shapes(theta.shape, phi.shape)
        except ValueError:
            raise FiniteNError(
                f"{what}: theta of shape {theta.shape} and phi of shape {phi.shape}; give arrays that broadcast."
            ) from None
        needed, limit = _EACH * float(np.prod(self.shape, dtype=float)), USABLE * available()
        if needed > limit:
            raise FiniteNError(
                f"{what}: angles of shape {shown(self.shape)} need {in_bytes(needed)}, and {in_bytes(limit)} may be "
                "used here; give fewer directions."
            )
        theta = np.mod(theta, 2 * np.pi)
        south = theta > np.pi  # beyond the pole
        folded = np.broadcast_to(np.where(south, 2 * np.pi - theta, theta), self.shape).ravel()
        self._theta, self._of = np.unique(folded, return_inverse=True)
        self._phi = (phi + np.pi * south).ravel()

    def fourier_sum(self, degree: int, profiles: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """F₀(θ) + 2 Re Σ_{q=1}^{degree} F_q(θ) e^{iqφ}; `profiles` gives F_q, (degree + 1, Θ), at Θ values of θ."""
        values = np.empty(len(self._phi))
        order = np.argsort(self._of, kind="stable")
        ordered = self._of[order]
        step = max(1, _AT_ONCE // (degree + 1))
        for begin in range(0, len(self._theta), step):
            found = profiles(self._theta[begin : begin + step])
            first, last = np.searchsorted(ordered, [begin, begin + step])
            points = order[first:last]
            at, phi = self._of[points] - begin, self._phi[points]
            total = found[0].real[at]
            for q in np.flatnonzero(np.any(found[1:], axis=1)) + 1:
                total += 2 * (found[q][at] * np.exp(1j * q * phi)).real
            values[points] = total
        return values.reshape(self.shape)[()]


def spin_blocks(rho: DensityMatrix, species, J: float | None, what: str) -> dict[float, np.ndarray]:
    """ρ_J of one species by J, all else traced out; of one J if it is given."""
    own = rho.reduced([rho.space.species_of(species)])
    (N,) = own.sizes
    blocks = {N / 2 - at: matrix for (at,), matrix in own.blocks.items()}
    if J is None:
        return blocks
    if check_number(J, f"{what}: J") not in (N / 2 - np.arange(N // 2 + 1)):
        raise FiniteNError(f"{what}: J = {shown(J)}: give one of N/2, N/2 − 1, … ≥ 0 at N = {N}.")
    return {j: matrix for j, matrix in blocks.items() if j == J}
