"""Random models of every kind, seeded, with rates of order one, and two that conserve something."""

from __future__ import annotations

import numpy as np
from qutip import sigmam, sigmap, sigmaz

from finite_n import CollectiveJumps, LocalJump, Model, mx, my, mz
from finite_n.model.polynomial import XYZ, Polynomial

LETTERS = (mx, my, mz)


def complex_matrix(rng, size: float = 0.7) -> np.ndarray:
    return size * (rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))) / 2


def hamiltonian(rng, degree: int = 3) -> Polynomial:
    """Hermitian, with complex coefficients on every word up to `degree`."""
    h = Polynomial({})
    words = [()]
    for _ in range(degree):
        words = [(*w, a) for w in words for a in XYZ]
        h = h + Polynomial({w: (rng.normal() + 1j * rng.normal()) * 0.3 / 3 ** (len(w) - 1) for w in words})
    return 0.5 * (h + h.adjoint())


def linear_delta(rng, tilted: bool) -> Polynomial:
    if not tilted:
        return rng.normal() * 0.3 + mz
    r = rng.normal(size=4) * 0.5
    return r[0] + r[1] * mx + r[2] * my + r[3] * mz


def amplitude(rng):
    """An entire, positive or sign-changing function of order one."""
    a, b, c = rng.normal(size=3) * 0.5
    return lambda x: 0.6 + a * x + 0.3 * np.exp(b * x) + 0.2 * np.sin(c * x)


def kossakowski(rng, n: int = 3, size: float = 0.5) -> np.ndarray:
    a = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    d = a @ a.conj().T
    return size * d / np.trace(d).real * n


def bloch(rng) -> np.ndarray:
    """Inside the ball, away from its surface and centre."""
    m = rng.normal(size=3)
    return m / np.linalg.norm(m) * rng.uniform(0.3, 0.9)


def model(kind: str, rng) -> Model:
    """kind: hamiltonian, constant, rates, rates without self, tilted rates, two tilts, collective, everything."""
    if kind == "hamiltonian":
        return Model(hamiltonian(rng))
    if kind == "constant":
        return Model(hamiltonian(rng, 1), [LocalJump(complex_matrix(rng), rng.uniform(0.5, 1.5)) for _ in range(2)])
    if kind in ("rates", "rates without self", "tilted rates", "tilted rates without self"):
        delta = linear_delta(rng, "tilted" in kind)
        jumps = [
            LocalJump(complex_matrix(rng), amplitude(rng), delta, include_self="without" not in kind) for _ in range(2)
        ]
        return Model(hamiltonian(rng, 2), jumps)
    if kind == "two tilts":
        jumps = [
            LocalJump(complex_matrix(rng), amplitude(rng), linear_delta(rng, True), include_self)
            for include_self in (True, False)
        ]
        return Model(hamiltonian(rng, 1), jumps)
    if kind == "collective":
        operators = [complex_matrix(rng, 1.0) for _ in range(3)]
        return Model(hamiltonian(rng, 2), collective=[CollectiveJumps(operators, kossakowski(rng))])
    if kind == "everything":
        parts = [
            model(k, rng) for k in ("hamiltonian", "constant", "tilted rates without self", "two tilts", "collective")
        ]
        return Model(
            sum((p.hamiltonian for p in parts), Polynomial({})) * 0.3,
            [j for p in parts for j in p.jumps],
            [c for p in parts for c in p.collective],
        )
    raise KeyError(kind)


KINDS = (
    "hamiltonian",
    "constant",
    "rates",
    "rates without self",
    "tilted rates",
    "tilted rates without self",
    "two tilts",
    "collective",
    "everything",
)

SM, SP, SZ = sigmam(), sigmap(), sigmaz()


def weak_symmetry() -> Model:
    """Conserves coherence orders M − M′, but neither J nor anything in the basis of products; not random."""
    jumps = [LocalJump(SM, 0.6), LocalJump(SP, lambda d: 0.5 + 0.2 * d, mz), LocalJump(SZ, 0.3)]
    return Model(0.3 * mz + 0.2 * mz * mz, jumps, [CollectiveJumps([SM], 0.7)])


def conserves_J() -> Model:
    """Collective jumps alone; not random."""
    operators, matrix = [SM, SZ], [[0.6, 0.2j], [-0.2j, 0.3]]
    return Model(0.3 * mx + 0.2 * mz * mz, collective=[CollectiveJumps(operators, matrix)])
