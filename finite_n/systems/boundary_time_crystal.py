"""A driven spin that decays collectively, which oscillates for ever as N → ∞ (Iemini et al. 2018, PRL 121, 035301)."""

from __future__ import annotations

from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.model.operators import SIGMA_MINUS
from finite_n.model.polynomial import mx
from finite_n.model.validation import check_number


def boundary_time_crystal(omega: float = 2.0, kappa: float = 1.0) -> Model:
    """H = ω S_x, and collective decay (κ/S)(S₋ρS₊ − ½{S₊S₋, ρ}), with S_a = ½ Σ_k σ_a^(k) and S = N/2.

    omega: drive ω. kappa: collective decay κ, 0 or more. As N → ∞, averages go to a fixed point for ω < κ, and
    oscillate with the period 2π/√(ω² − κ²) for ω > κ.
    """
    check_number(omega, "boundary_time_crystal: omega")
    check_number(kappa, "boundary_time_crystal: kappa", 0)
    decay = [CollectiveJumps([SIGMA_MINUS], rate=2 * kappa)] if kappa else []
    return Model(omega / 2 * mx, collective=decay, name="boundary_time_crystal")
