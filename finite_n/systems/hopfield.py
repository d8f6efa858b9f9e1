"""Open quantum Hopfield network with one stored pattern (papers 002 §5, 003 §6), gauged to the ferromagnet."""

from __future__ import annotations

from typing import Literal

import numpy as np
from qutip import sigmam, sigmap

from finite_n.algebra import mx, mz
from finite_n.model import LocalJump, Model


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
        # e^{±x/2}/√(2 cosh x) = 1/√(1 + e^{∓2x}), which does not overflow at low temperature
        return lambda d: 1 / np.sqrt(1 + np.exp(-2 * sign * beta * d))

    jumps = [LocalJump(j, amplitude(s), mz, self_energy) for j, s in ((sigmap(), 1), (sigmam(), -1))]
    return Model(omega * mx, jumps, name="hopfield")
