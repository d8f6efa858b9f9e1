"""Open quantum Hopfield network with one stored pattern (papers 002 §5, 003 §6), gauged to the ferromagnet."""

from __future__ import annotations

from typing import Literal

import numpy as np
from qutip import sigmam, sigmap

from finite_n.algebra import mx, mz
from finite_n.model import LocalJump, Model


def _heat_bath(x):
    """e^{x/2}/√(2 cosh x), written so that nothing overflows at low temperature."""
    small = np.exp(-np.where(np.real(x) > 0, x, -x))
    return np.where(np.real(x) > 0, 1.0, small) / np.sqrt(1 + small**2)


def hopfield(
    omega: float = 0.3,
    beta: float = 0.8,
    rates: Literal["exponential", "heat_bath"] = "exponential",
    self_energy: bool = True,
) -> Model:
    """H = Ω Σ σx, jumps σ±^(k) Γ±(ΔE), ΔE = m(σz); spins with ξ = −1 are turned by π about x, so ξ drops out.

    omega: transverse field Ω. beta: inverse temperature β of the bath.
    rates: "exponential", Γ± = e^{±βΔE/2}/√2 (003 eq. 51), or "heat_bath", Γ± = e^{±βΔE/2}/√(2 cosh βΔE) (002 eq. 59).
    self_energy: True, ΔE contains the spin that flips (002 eq. 59); False, it is left out (002 eq. 58).
    """

    def amplitude(sign):
        if rates == "exponential":
            return lambda d: np.exp(sign * beta * d / 2) / np.sqrt(2)
        return lambda d: _heat_bath(sign * beta * d)

    jumps = [LocalJump(j, amplitude(s), mz, self_energy) for j, s in ((sigmap(), 1), (sigmam(), -1))]
    return Model(omega * mx, jumps, name="hopfield")
