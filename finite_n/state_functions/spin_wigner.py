"""`spin_wigner`: Wigner's function of the collective spin on the sphere."""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.state_functions.density_matrix import DensityMatrix, of_every_time
from finite_n.state_functions.directions import Directions, spin_blocks
from finite_n.state_functions.multipoles import multipoles

_LARGEST = 1500  # degree of spherical harmonics; beyond, sin^q θ underflows where they still count


def spin_wigner(state, theta, phi, species=None, *, J: float | None = None):
    """W(θ, φ) = Σ_J (2J + 1)/4π tr(ρ_J Δ_J(θ, φ)), a quasi-probability per solid angle: ∫ W dΩ = Σ_J tr ρ_J = 1.

    Δ_J = √(4π/(2J + 1)) Σ_kq Y*_kq(θ, φ) T_kq is the kernel of Stratonovich and Weyl with the multipole operators T_kq,
    k = 0 … 2J, tr T†_kq T_k'q' = δ_kk' δ_qq'. W is real and turns with the state; states A, B of one and the same J
    have the overlap Tr AB = 4π/(2J + 1) ∫ W_A W_B dΩ. Every block counts with all its copies. Fringes show coherence
    between distant states, which `husimi` averages out.

    Other conventions, for one J: tr(ρ Δ) of Stratonovich is 4π/(2J + 1) W; `qutip.spin_wigner` is √(4π/(2J + 1)) W.

    Parameters
    ----------
    state : Result or SteadyState, as of `entropy`
    theta, phi : angles in radians, numbers or arrays that broadcast, as of `coherent`
    species : two-level species or its name; needed if there are several
        All others and modes are traced out.
    J : float, optional
        This J alone; then ∫ W dΩ = tr ρ_J.

    Returns
    -------
    array (T, …) of a `Result`, T = 1 if states were not kept; (…) or a number of a `SteadyState`; … the shape of the
    angles

    Rounding adds an error of some 1e-14 N to that of the state. The work is about N³ operations for each J.

    Raises FiniteNError where the blocks ρ_J are not known (evolve with basis="dicke" to know them), for angles that are
    not real numbers, for a J that does not exist, and beyond 2J = 1500.

    Example
    -------
    >>> import numpy as np
    >>> from finite_n import Model, evolve, ghz, mz, spin_wigner
    >>> cat = evolve(Model(0.5 * mz), 4, ghz(), [0, 0.1], basis="dicke")
    >>> spin_wigner(cat, np.pi / 2, [0.1, 0.1 + np.pi / 4]).round(6)  # a crest and a trough of cos 4(φ − t)
    array([[ 0.276306, -0.281978]])

    Source: G. S. Agarwal, Phys. Rev. A 24, 2889 (1981); J. P. Dowling, G. S. Agarwal and W. P. Schleich, Phys. Rev.
    A 49, 4101 (1994).
    """
    directions = Directions(theta, phi, "spin_wigner")

    def function(rho: DensityMatrix):
        blocks = spin_blocks(rho, species, J, "spin_wigner")
        degree = max(len(matrix) for matrix in blocks.values()) - 1
        if degree > _LARGEST:
            raise FiniteNError(
                f"spin_wigner: J = {degree / 2:g} is beyond {_LARGEST / 2:g}, the largest computed; use husimi, which "
                "has no such limit, or a smaller N."
            )
        amplitudes = np.zeros((degree + 1, degree + 1), complex)  # of Y*_kq, at [q, k]
        for matrix in blocks.values():
            n = len(matrix)
            amplitudes[:n, :n] += np.sqrt(n / (4 * np.pi)) * multipoles(matrix)
        return directions.fourier_sum(degree, lambda theta: _profiles(amplitudes, theta))

    return of_every_time(state, function)


def _profiles(amplitudes: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Σ_k c_qk Y_kq(θ, 0) without the phase (−1)^q, (q, Θ), by the recurrence in k, which is stable upwards.

    Those of scipy 1.17 are nan beyond k = 645.
    """
    n, cos, sin = len(amplitudes), np.cos(theta), np.sin(theta)
    out = np.zeros((n, len(theta)), complex)
    last, before = np.zeros((n, len(theta))), np.zeros((n, len(theta)))  # of k − 1 and k − 2
    diagonal = np.full(len(theta), 1 / np.sqrt(4 * np.pi))  # k = q
    for k in range(n):
        q = np.arange(k)[:, None]
        scale = np.sqrt((4 * k * k - 1) / (k * k - q * q)) if k else q
        of_before = np.sqrt(((k - 1) ** 2 - q * q) / (4 * (k - 1) ** 2 - 1)) if k else q
        before[:k] = scale * (cos * last[:k] - of_before * before[:k])
        before[k] = diagonal
        last, before = before, last
        out[: k + 1] += amplitudes[: k + 1, k, None] * last[: k + 1]
        diagonal = diagonal * sin * np.sqrt((2 * k + 3) / (2 * k + 2))
    return out
