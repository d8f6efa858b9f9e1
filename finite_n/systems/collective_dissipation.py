"""Spins in one common bath, purely collective dissipation (Benatti et al. 2016, eqs. 17, 40)."""

from __future__ import annotations

import numpy as np

from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.model.operators import PAULI
from finite_n.model.validation import check_number


def collective_dissipation(
    lam: float = 0.8, a11: float = 1.0, a22: float = 1.2, a12: float = 0.4, a33: float = 0.3
) -> Model:
    """Collective dissipator (1/N) Σ_kh Σ_μν D_μν (s_ν^(h) ρ s_μ^(k) − …) with s = σ/2 and D = A + iB.

    lam: B_12 = −B_21 = λ, the antisymmetric part, which alone drives the averages; stable pole m_z > 0 for λ > 0.
    a11, a22, a12, a33: entries of the real symmetric part A, which makes noise. D must be positive: a11 a22 ≥ a12² +
    λ².
    """
    for name, x in (("lam", lam), ("a11", a11), ("a22", a22), ("a12", a12), ("a33", a33)):
        check_number(x, f"collective_dissipation: {name}")
    d = np.array([[a11, a12 + 1j * lam, 0], [a12 - 1j * lam, a22, 0], [0, 0, a33]])
    return Model(collective=[CollectiveJumps(PAULI[1:] / 2, d)], name="collective_dissipation")
