"""The energy-conserving model of light and matter (Merkli and Rafiyi 2018, §2.2), with any number of modes, and modes
that stand for a continuum."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial, mz
from finite_n.model.species import Mode
from finite_n.model.validation import check_array, check_number, check_whole

_MOST = 2000  # modes


def energy_conserving(
    omega0: float = 1.0,
    nu: float | Sequence[float] = 0.8,
    coupling: float | Sequence[float] = 0.25,
    loss: float = 0.0,
) -> Model:
    """H = ½ω₀ Σ σz + Σ_k ν_k a_k†a_k + Σ_k λ_k N^{-1/2} Σ_j σz^(j) (a_k + a_k†)/√2, with loss κ D[a_k] of bosons: every
    σz is conserved.

    omega0: ω₀. nu: ν, or one for every mode. coupling: λ, or one for every mode, λ g_k of Merkli and Rafiyi 2018, eqs.
    2.3–2.5, with G = σz; `spectral_modes` gives both for a continuum. loss: κ. The modes are called field, or field0,
    field1, … `evolve` answers in closed form at every N.

    >>> model = energy_conserving(nu=[0.5, 1.0], coupling=[0.2, 0.1])
    >>> len(model.modes)
    2
    """
    frequencies = np.atleast_1d(check_array(nu, "energy_conserving: nu"))
    couplings = np.atleast_1d(check_array(coupling, "energy_conserving: coupling"))
    omega0 = check_number(omega0, "energy_conserving: omega0")
    loss = check_number(loss, "energy_conserving: rate loss", 0)
    if frequencies.shape != couplings.shape or frequencies.ndim != 1:
        raise FiniteNError(
            f"energy_conserving: nu = {shown(nu)}, coupling = {shown(coupling)}; give one coupling for every mode."
        )
    modes = [Mode("field")] if len(frequencies) == 1 else [Mode(f"field{k}") for k in range(len(frequencies))]
    words = dict((omega0 / 2 * mz).words)
    for mode, frequency, strength in zip(modes, frequencies, couplings, strict=True):
        words |= (frequency * mode.number + strength * mz * mode.phi).words
    collective = [CollectiveJumps([mode.alpha], loss) for mode in modes] if loss else []
    return Model(Polynomial(words), collective=collective, name="energy_conserving", modes=modes)


def spectral_modes(
    density: Callable[[np.ndarray], np.ndarray], cutoff: float, modes: int, exponent: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and couplings of modes that stand for a continuum: Σ_k λ_k² f(ν_k) ≈ ∫₀^cutoff J(ω) f(ω) dω.

    By Gauss–Jacobi quadrature, exact where J f is ω^s times a polynomial of degree below 2 `modes`. For smooth
    functions of ωt up to a time t the error falls faster than any power of the number of modes once this is above
    cutoff · t/4; with fewer modes the continuum has recurred by then. What J has above the cutoff is left out.

    Parameters
    ----------
    density : function of an array of frequencies ω > 0
        J(ω) = λ² ∫ |g(k)|² δ(ω − |k|) d³k ≥ 0, g the form factor of Merkli and Rafiyi 2018, eq. 2.5: of couplings to φ
        = (a + a†)/√2, so that it is twice that of couplings to a + a†.
    cutoff : float
    modes : int
        How many, up to 2000.
    exponent : float
        s > −1, with which J(ω) grows at ω = 0. Default 1, an ohmic bath; 3 in three dimensions with a smooth g.

    Returns
    -------
    frequencies, couplings : arrays (modes,)

    >>> nu, coupling = spectral_modes(lambda w: 0.1 * w * np.exp(-w), 30.0, 60)
    >>> float(np.sum(coupling**2).round(12))  # 0.1 ∫ ω e^{−ω} dω, all but 3e-13 of it below the cutoff
    0.1
    """
    cutoff = check_number(cutoff, "spectral_modes: cutoff", 0, strict=True)
    modes = check_whole(modes, "spectral_modes: modes", 1, _MOST)
    exponent = check_number(exponent, "spectral_modes: exponent", -1, strict=True)
    from scipy.special import roots_jacobi  # models are written without it

    x, weights = roots_jacobi(modes, 0.0, exponent)
    frequencies = cutoff * (1 + x) / 2
    try:
        J = np.asarray(density(frequencies), dtype=float)
    except Exception as error:
        raise FiniteNError(f"spectral_modes: the density failed with «{error}»; give a function of an array.") from None
    if J.shape != frequencies.shape or not np.all(np.isfinite(J)) or J.min() < 0:
        raise FiniteNError(
            f"spectral_modes: the density gives {shown(J)}; it must be finite, 0 or more, one for every frequency."
        )
    return frequencies, np.sqrt((cutoff / 2) ** (exponent + 1) * weights * J / frequencies**exponent)
