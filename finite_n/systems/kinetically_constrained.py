"""Spin flips that need excited neighbours, all to all (Fiorelli et al. 2023, §2.1), with a coherent drive."""

from __future__ import annotations

import numpy as np

from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import SIGMA_MINUS, SIGMA_PLUS
from finite_n.model.polynomial import average, mx
from finite_n.model.validation import check_number


def kinetically_constrained(
    gamma_up: float = 1.0, gamma_down: float = 0.5, omega: float = 0.0, self_energy: bool = True
) -> Model:
    """Jumps √γ σ±^(k) n, n = (1/N) Σ_k |up⟩⟨up|^(k): the rate of a flip is γ n². H = Ω Σ σx.

    gamma_up, gamma_down: rates γ• (down → up) and γ◦ (up → down). omega: drive Ω, 0 in the paper.
    self_energy: whether n counts the flipping particle. True in the paper.
    """
    for name, rate in (("gamma_up", gamma_up), ("gamma_down", gamma_down)):
        check_number(rate, f"kinetically_constrained: rate {name}", 0)
    check_number(omega, "kinetically_constrained: omega")
    excited = average(np.diag([1.0, 0.0]))
    jumps = [
        LocalJump(j, lambda n, g=g: np.sqrt(g) * n, excited, self_energy)
        for j, g in ((SIGMA_PLUS, gamma_up), (SIGMA_MINUS, gamma_down))
    ]
    return Model(omega * mx, jumps, name="kinetically_constrained")
