"""Dicke's model of light and matter, closed (Merkli and Rafiyi 2018, §2.1) and open, with one mode or several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import SIGMA_MINUS
from finite_n.model.polynomial import mx, mz
from finite_n.model.species import Mode
from finite_n.model.validation import check_array, check_number


def dicke_model(
    omega0: float = 1.0,
    nu: float | Sequence[float] = 0.8,
    coupling: float | Sequence[float] = 0.25,
    loss: float = 0.0,
    emission: float = 0.0,
) -> Model:
    """H = ½ω₀ Σ σz + Σ_k ν_k a_k†a_k + Σ_k λ_k N^{-1/2} Σ_j σx^(j) (a_k + a_k†)/√2, photon loss κ D[a_k], emission γ
    D[σ−] of every atom.

    omega0: ω₀. nu: ν, or one for every mode (as in Merkli and Rafiyi 2018, eq. 2.2). coupling: λ, with the field
    φ = (a + a†)/√2 of Merkli and Rafiyi 2018, §1; eq. 2.1 there writes a + a†, so its λ is this one over √2. loss: κ.
    emission: γ. The modes are called field, or field0, field1, … The superradiant transition without loss is at
    λ_c = √(ω₀ν/2).
    """
    frequencies = np.atleast_1d(check_array(nu, "dicke_model: nu"))
    couplings = np.atleast_1d(check_array(coupling, "dicke_model: coupling"))
    omega0 = check_number(omega0, "dicke_model: omega0")
    loss, emission = (
        check_number(x, f"dicke_model: rate {name}", 0) for name, x in (("loss", loss), ("emission", emission))
    )
    if frequencies.shape != couplings.shape or frequencies.ndim != 1:
        raise FiniteNError(
            f"dicke_model: nu = {shown(nu)}, coupling = {shown(coupling)}; give one coupling for every mode."
        )
    modes = [Mode("field")] if len(frequencies) == 1 else [Mode(f"field{k}") for k in range(len(frequencies))]
    h = omega0 / 2 * mz
    for mode, frequency, strength in zip(modes, frequencies, couplings, strict=True):
        h = h + frequency * mode.number + strength * mx * mode.phi
    jumps = [LocalJump(SIGMA_MINUS, np.sqrt(emission))] if emission else []
    collective = [CollectiveJumps([mode.alpha], loss) for mode in modes] if loss else []
    return Model(h, jumps, collective, name="dicke_model", modes=modes)
