"""Atoms that decay together into one lossy mode (Dicke 1954; Gross and Haroche 1982, Phys. Rep. 93, 301)."""

from __future__ import annotations

from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import SIGMA_MINUS
from finite_n.model.validation import check_number


def superradiance(gamma: float = 1.0, local: float = 0.0) -> Model:
    """Collective decay (Γ/N)(J₋ρJ₊ − ½{J₊J₋, ρ}) with J₋ = Σ_k σ₋^(k), and decay of every atom on its own.

    gamma: Γ, 0 or more. Where J₋ has the rate Γ₀ of one atom, Γ = N Γ₀: t = 4 at Γ = 1 is 4/N in units of 1/Γ₀.
    local: rate of the local jumps σ₋^(k), 0 or more.
    """
    check_number(gamma, "superradiance: gamma", 0)
    check_number(local, "superradiance: local", 0)
    jumps = [LocalJump(SIGMA_MINUS, rate=local)] if local else []
    collective = [CollectiveJumps([SIGMA_MINUS], rate=gamma)] if gamma else []
    return Model(jumps=jumps, collective=collective, name="superradiance")
