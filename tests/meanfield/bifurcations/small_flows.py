"""Small flows with known answers, written by hand: any object with drift, jacobian and starts will do for the phase
diagrams."""

from __future__ import annotations

import numpy as np
from scipy.linalg import block_diag


class Planar:
    """Starts in a disc of radius 1; no edge."""

    n = 2

    def starts(self, count: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        angle, radius = 2 * np.pi * rng.random(count), np.sqrt(rng.random(count))
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


class HopfNormalForm(Planar):
    """ṙ = μr − r³, φ̇ = 1: for μ > 0 a cycle of radius √μ, period 2π, multiplier e^{−4πμ}; l₁ = −2."""

    def __init__(self, mu: float):
        self.mu = mu

    def drift(self, m):
        x, y = m
        r = x * x + y * y
        return np.array([self.mu * x - y - x * r, x + self.mu * y - y * r])

    def jacobian(self, m):
        x, y = m
        return np.array([[self.mu - 3 * x * x - y * y, -1 - 2 * x * y], [1 - 2 * x * y, self.mu - x * x - 3 * y * y]])


class Brusselator(Planar):
    """ẋ = a − (b + 1)x + x²y, ẏ = bx − x²y: fixed point (a, b/a), Hopf curve b = 1 + a² with ω = a."""

    def __init__(self, a: float, b: float):
        self.a, self.b = a, b

    def drift(self, m):
        x, y = m
        return np.array([self.a - (self.b + 1) * x + x * x * y, self.b * x - x * x * y])

    def jacobian(self, m):
        x, y = m
        return np.array([[2 * x * y - self.b - 1, x * x], [self.b - 2 * x * y, -x * x]])

    def starts(self, count, seed):
        return 2 + super().starts(count, seed)


class Tilted(Planar):
    """ẋ = p + qx − x³, one average: folds at q = 3 (p/2)^{2/3}, both meeting in a cusp at p = q = 0."""

    n = 1

    def __init__(self, p: float, q: float):
        self.p, self.q = p, q

    def drift(self, m):
        return np.array([self.p + self.q * m[0] - m[0] ** 3])

    def jacobian(self, m):
        return np.array([[self.q - 3 * m[0] ** 2]])

    def starts(self, count, seed):
        return 2 * super().starts(count, seed)[:, :1]


class HopfieldPlane(Planar):
    """Fiorelli 2024, eq. B.1 for one pattern, (m_y, m_z), typed in from the paper: what `hopfield` and `Limit` must
    agree with, and fast."""

    def __init__(self, omega: float, beta: float):
        self.omega, self.beta = omega, beta

    def drift(self, m):
        y, z = m
        c, s = np.cosh(self.beta * z), np.sinh(self.beta * z)
        return np.array([-2 * self.omega * z - c * y / 2, 2 * self.omega * y - c * z + s])

    def jacobian(self, m):
        y, z = m
        b = self.beta
        c, s = np.cosh(b * z), np.sinh(b * z)
        return np.array([[-c / 2, -2 * self.omega - b * s * y / 2], [2 * self.omega, (b - 1) * c - b * s * z]])

    def boundary(self, m):
        return m @ m - 1, 2 * m


class HeatBathPlane(Planar):
    """The rates of Fiorelli et al. 2023, eq. 59, for one pattern, (m_y, m_z): ẏ = −2Ωz − y/2, ż = 2Ωy − z + tanh βz."""

    def __init__(self, omega: float, beta: float):
        self.omega, self.beta = omega, beta

    def drift(self, m):
        y, z = m
        return np.array([-2 * self.omega * z - y / 2, 2 * self.omega * y - z + np.tanh(self.beta * z)])

    def jacobian(self, m):
        return np.array([[-0.5, -2 * self.omega], [2 * self.omega, self.beta / np.cosh(self.beta * m[1]) ** 2 - 1]])

    def boundary(self, m):
        return m @ m - 1, 2 * m


class Stack(Planar):
    """Several flows side by side, n the sum of theirs."""

    def __init__(self, *parts):
        self.parts = parts
        self.cuts = np.cumsum([p.n for p in parts])[:-1]

    def drift(self, m):
        return np.concatenate([p.drift(x) for p, x in zip(self.parts, np.split(m, self.cuts), strict=True)])

    def jacobian(self, m):
        return block_diag(*[p.jacobian(x) for p, x in zip(self.parts, np.split(m, self.cuts), strict=True)])

    def starts(self, count, seed):
        return np.hstack([p.starts(count, seed + k) for k, p in enumerate(self.parts)])


class Linear(Planar):
    """ṁ = A m."""

    def __init__(self, matrix):
        self.matrix = np.array(matrix, dtype=float)
        self.n = len(self.matrix)

    def drift(self, m):
        return self.matrix @ m

    def jacobian(self, m):
        return self.matrix


class Turned(Planar):
    """A flow in coordinates u m."""

    def __init__(self, flow, u):
        self.flow, self.u, self.n = flow, u, flow.n

    def drift(self, m):
        return self.u @ self.flow.drift(self.u.T @ m)

    def jacobian(self, m):
        return self.u @ self.flow.jacobian(self.u.T @ m) @ self.u.T
