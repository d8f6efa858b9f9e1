"""Formulas of Merkli and Rafiyi 2018 (Proc. R. Soc. A 474, 20170856) that every study of their models judges, where
odd moments of G vanish at the start (A0): particles that move freely (Lemma 1.4), and covariances of the field in the
energy-conserving model (eq. 2.17, second derivatives by h).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from comparison.referee.claim import Claim
from comparison.referee.quantities import covariance_indices, covariance_names
from finite_n.model.model import Model
from finite_n.states.initial_state import InitialState, as_initial_state

_ROUNDING = 1e-12  # of averages that vanish


def claims_on(system: str, parameters: Mapping[str, Any], rho0, model: Model) -> list[Claim]:
    """What the paper prints of `dicke_model` and `energy_conserving` without loss and emission, from states that obey
    its condition (A0)."""
    if system not in ("dicke_model", "energy_conserving") or parameters["loss"] or parameters.get("emission"):
        return []
    start = as_initial_state(rho0, model)
    if not _vanishing_odd_moments(start, coherences=system == "dicke_model"):
        return []
    found = [free_particles(start, parameters["omega0"])]
    if system == "energy_conserving":
        found.append(reservoir(start, np.atleast_1d(parameters["nu"]), np.atleast_1d(parameters["coupling"])))
    return found


def _vanishing_odd_moments(start: InitialState, coherences: bool) -> bool:
    """Whether odd moments of G = σx vanish (no coherences), or of σz, and fields have no amplitude of order √N."""
    m = start.limit()[0]
    own = m[:2] if coherences else m[2:3]
    return bool(max(np.abs(own).max(), np.abs(m[3:]).max()) <= _ROUNDING)


def free_particles(start: InitialState, omega0: float) -> Claim:
    """Lemma 1.4: averages of particles evolve as without coupling."""
    x, y, z = start.limit()[0][:3]

    def values(times):
        c, s = np.cos(omega0 * (times - times[0])), np.sin(omega0 * (times - times[0]))
        return {"mean_x": x * c - y * s, "mean_y": x * s + y * c, "mean_z": np.full(len(times), z)}

    return Claim("free particles", "Merkli and Rafiyi 2018, Lemma 1.4", values)


def reservoir(start: InitialState, nu: np.ndarray, coupling: np.ndarray) -> Claim:
    """Covariances of φ_k and π_k: those of the free field and 2λ²μ_S(G²) v vᵀ, v = Re⟨g, (1 − e^{iωt})/ω h⟩ for the h
    of each, as the exponent of eq. 2.17 prints it; μ_S(G²) = 1, λg_k = coupling_k."""
    covariance, space = start.limit()[1], start.space
    modes = slice(3, space.size)

    def values(times):
        t = (times - times[0])[:, None]
        c, s = np.cos(nu * t), np.sin(nu * t)
        turn = np.zeros((len(times), 2 * len(nu), 2 * len(nu)))
        for k in range(len(nu)):
            turn[:, 2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = np.moveaxis([[c[:, k], s[:, k]], [-s[:, k], c[:, k]]], 2, 0)
        at_rest = np.where(nu == 0, 1.0, nu)  # (1 − cos ωt)/ω = 0 and sin ωt/ω = t at ω = 0
        v = coupling * np.array([(1 - c) / at_rest, np.where(nu == 0, t, s / at_rest)])  # (φ and π, T, modes)
        v = np.moveaxis(v, 0, 2).reshape(len(times), -1)
        whole = turn @ covariance[modes, modes] @ turn.swapaxes(1, 2) + 2 * v[:, :, None] * v[:, None, :]
        names = zip(covariance_names(space), covariance_indices(space), strict=True)
        return {name: whole[:, a - 3, b - 3] for name, (a, b) in names if a >= 3}

    return Claim("reservoir", "Merkli and Rafiyi 2018, eq. 2.17", values)
