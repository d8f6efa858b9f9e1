"""Birth–death chains of N two-level particles: the published refined mean field in one dimension, and exact averages.

Order one: N. Gast, B. Van Houdt, Proc. ACM Meas. Anal. Comput. Syst. 1, 33 (2017). Order two: N. Gast, L. Bortolussi,
M. Tribastone, Perform. Eval. 129, 60 (2019).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.polynomial import Polynomial
from scipy.integrate import solve_ivp
from scipy.sparse import diags_array
from scipy.sparse.linalg import expm_multiply
from scipy.stats import binom

X = Polynomial([0, 1])


@dataclasses.dataclass
class Chain:
    """The fraction x of particles up: x → x + 1/N at rate N β₊ = N (1 − x) u, x → x − 1/N at rate N β₋ = N x d.

    up, down : u and d, the rates of one particle that is down or up, as functions of x
    shifts : (s₊, s₋), u and d are taken at x + s/N: what a particle sees where it does not count itself
    """

    up: Polynomial
    down: Polynomial
    shifts: tuple[float, float] = (0.0, 0.0)

    def rates(self, k: int) -> tuple[Polynomial, Polynomial]:
        """What stands before N^−k in β₊ and β₋, k ≤ 2."""
        plus, minus = (s**k / max(k, 1) * p.deriv(k) for p, s in zip((self.up, self.down), self.shifts, strict=True))
        return (1 - X) * plus, X * minus

    def expansion(self, x0: float, times, product: bool = True) -> np.ndarray:
        """x, V, A, W, B at times, shape (5, T): with X the fraction at finite N,

        E X = x + V/N + A/N² + …,  E (X − x)² = W/N + B/N² + …,  E (X − x)³ = C/N²,  E (X − x)⁴ = D/N².

        product : from independent particles that are up with probability x0, or from x0 exactly
        """
        rates = [self.rates(k) for k in range(3)]
        f, g, h = (plus - minus for plus, minus in rates)  # drift F, and what is added to it at 1/N and 1/N²
        q, q_added = (plus + minus for plus, minus in rates[:2])
        slopes = [*(f.deriv(k) for k in range(1, 5)), *(q.deriv(k) for k in range(1, 3)), g.deriv(1), g.deriv(2)]

        def rhs(_, y):
            x, v, w, a, b, c, d = y
            f1, f2, f3, f4, q1, q2, g1, g2 = (p(x) for p in slopes)
            return [
                f(x),
                f1 * v + f2 * w / 2 + g(x),
                2 * f1 * w + q(x),
                f1 * a + f2 * b / 2 + f3 * c / 6 + f4 * d / 24 + g1 * v + g2 * w / 2 + h(x),
                2 * f1 * b + f2 * c + f3 * d / 3 + q1 * v + q2 * w / 2 + 2 * g(x) * v + 2 * g1 * w + q_added(x),
                3 * f1 * c + 1.5 * f2 * d + 3 * q(x) * v + 3 * q1 * w + f(x) + 3 * g(x) * w,  # jumps³: β₊ − β₋ = F
                4 * f1 * d + 6 * q(x) * w,
            ]

        s = x0 * (1 - x0) if product else 0.0
        begin = [x0, 0, s, 0, 0, s * (1 - 2 * x0), 3 * s**2]
        y = solve_ivp(rhs, (0, times[-1]), begin, "DOP853", times, rtol=1e-12, atol=1e-14).y
        return y[[0, 1, 3, 2, 4]]

    def at(self, N: int) -> tuple[np.ndarray, np.ndarray]:
        """Rates of the jumps up and down from 0, …, N particles up."""
        i = np.arange(N + 1)
        plus, minus = (p((i + s) / N) for p, s in zip((self.up, self.down), self.shifts, strict=True))
        return (N - i) * plus, i * minus

    def exact(self, N: int, x0: float, t: float) -> tuple[float, float]:
        """E X and N Var X at time t from the master equation of N + 1 states."""
        plus, minus = self.at(N)
        generator = diags_array([plus[:-1], -plus - minus, minus[1:]], offsets=[-1, 0, 1], format="csr")
        return _moments(expm_multiply(t * generator, binom.pmf(np.arange(N + 1), N, x0)))

    def stationary(self, N: int) -> tuple[float, float]:
        """The same of the stationary distribution, which detailed balance gives in closed form."""
        plus, minus = self.at(N)
        logs = np.concatenate([[0], np.cumsum(np.log(plus[:-1]) - np.log(minus[1:]))])
        weights = np.exp(logs - logs.max())
        return _moments(weights / weights.sum())


def _moments(p: np.ndarray) -> tuple[float, float]:
    x = np.arange(len(p)) / (len(p) - 1)
    return float(p @ x), float((len(p) - 1) * (p @ (x - p @ x) ** 2))
