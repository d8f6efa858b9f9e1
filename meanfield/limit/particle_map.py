"""The map of fluctuations of N particles made of bosons that do not interact, derived from one of them without Fock
levels.

Where the dynamics of one particle maps its operators X_a among themselves, L[X_a] = c_a + Σ_b Q_ab X_b, the limit of
Φ_t[W(r)] is e^{−½ r·Yr} W(Xᵀr) with X = e^{tQ} and

    Ẏ = QY + YQᵀ + 𝒟,  𝒟_ab = Re ⟨L[X_a X_b] − L[X_a] X_b − X_a L[X_b]⟩_t.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.linalg import expm

from finite_n.errors import FiniteNError, shown
from finite_n.model.boson_algebra import BosonAlgebra, Normal, average, times
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.states.initial_state import as_particle_start
from finite_n.states.mode_moments import normal_moment

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def particle_map(particle: BosonicParticle, rho0, tlist: np.ndarray, operators) -> Parts:
    """⟨X_a⟩ (T, n); X and Y (T, n, n); Σ and σ of the start, (n, n)."""
    if not isinstance(operators, Mapping) or not operators:
        raise FiniteNError(f"operators: got {shown(operators)}; give a dict of names to polynomials of x and p.")
    algebra = BosonAlgebra(particle)
    asked = [algebra.normal(particle.operator(p, f"{name}")) for name, p in operators.items()]
    n = len(asked)
    M, noise, whole = algebra.equations_of_products(asked, list(map(str, operators)))
    start = as_particle_start(rho0, particle)
    states = [start.parts[b.name] for b in particle.bosons]
    needed = [*asked, *noise, *(times(a, b) for a in asked for b in asked)]
    averages = _averages(needed, states)
    m = averages[:n].real
    products = averages[n + len(noise) :].reshape(n, n) - np.multiply.outer(m, m)
    first = np.concatenate([np.zeros(n * n), averages[n : n + len(noise)]])
    spans = tlist - tlist[0]
    Y = np.array([(expm(t * whole) @ first)[: n * n].reshape(n, n).real for t in spans])
    means = np.array([(expm(t * M) @ np.append(1.0, m))[1:] for t in spans])
    X = np.array([expm(t * M[1:, 1:]) for t in spans])
    return means, X, (Y + Y.transpose(0, 2, 1)) / 2, products.real, 2 * products.imag


def _averages(operators: list[Normal], states) -> np.ndarray:
    """In a product of states of the bosons, (number of operators,), complex."""
    keys = {s for A in operators for s in A}
    moments = [
        {(k, l): normal_moment(state, k, l) for k, l in {(s[2 * j], s[2 * j + 1]) for s in keys}}
        for j, state in enumerate(states)
    ]
    return np.array([average(A, moments) for A in operators], complex)
