"""Random and known Gaussian states for the tests of this folder."""

import numpy as np
from hypothesis import strategies as st
from scipy.linalg import expm

SEEDS = st.integers(0, 2**32 - 1)
ROUNDING = 1e-9  # of products of a few matrices with condition numbers up to 1e4
MINIMISER = 1e-7  # where a direct search over two parameters stops, as entropies


def omega(k):
    return np.kron(np.eye(k), [[0, 1], [-1, 0]])


def symplectic_map(rng, k, size=0.5):
    h = rng.normal(size=(2 * k, 2 * k))
    return expm(size * omega(k) @ (h + h.T) / 2)


def random_state(rng, k=2, size=0.5):
    """Canonical covariance of k modes: some modes pure, and every eighth state pure altogether."""
    nu = 0.5 + rng.exponential(0.7, k) * (rng.random(k) < 0.75) * (rng.random() < 0.875)
    s = symplectic_map(rng, k, size)
    return s @ np.diag(np.repeat(nu, 2)) @ s.T


def squeezed_vacuum(r):
    c, s = np.cosh(2 * r) / 2, np.sinh(2 * r) / 2
    return np.array([[c, 0, s, 0], [0, c, 0, -s], [s, 0, c, 0], [0, -s, 0, c]])


def spin_form(m):
    return 2 * np.einsum(
        "abc,c->ab", [[[(a - b) * (b - c) * (c - a) / 2 for c in range(3)] for b in range(3)] for a in range(3)], m
    )
