"""Thermal states exp(−β N h(m_z)) of two-level particles as populations, without numbers of size exp(N)."""

from __future__ import annotations

import numpy as np

from finite_n.states.particles import ThermalState


def down_populations(state: ThermalState, size: int) -> np.ndarray:
    """Weights of 0 … size spins down, shape (size + 1,), from the ratios of neighbours; h a polynomial of m_z."""
    down, m = np.arange(size), 1 - 2 * np.arange(size + 1) / max(size, 1)
    h = sum(np.real(c) * m ** len(w) for w, c in state.hamiltonian.words.items()) * np.ones(size + 1)
    ratio = np.log((size - down) / (down + 1)) - state.beta * size * np.diff(h)  # from `down` to one more
    top = int(np.argmax(np.concatenate([[0.0], np.cumsum(ratio)])))
    weight = np.exp(np.concatenate([-np.cumsum(ratio[:top][::-1])[::-1], [0.0], np.cumsum(ratio[top:])]))
    return weight / weight.sum()
