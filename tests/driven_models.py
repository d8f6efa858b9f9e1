"""Random models that depend on time, each written twice: for the package, and with qutip's operators on 2^N."""

from __future__ import annotations

import itertools

import numpy as np
import qutip

from finite_n import CollectiveJumps, LocalJump, Model, coefficient, mx, my, mz

KINKS = (0.77, 0.8, np.pi / 2)  # of the functions below
FUNCTIONS = {
    "pulse": lambda t: np.exp(-((t - 1) ** 2)),
    "oscillation": lambda t: np.cos(5 * t + 0.3),
    "kink": lambda t: np.abs(np.sin(2 * t)),
    "jump": lambda t: np.where(np.asarray(t) < 0.77, 0.3, 1.1),
    "rational": lambda t: 1 / (1 + np.asarray(t) ** 2),
    "ramp": lambda t: np.maximum(0, np.asarray(t) - 0.8),
}
_SIGMA = [qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()]
_LETTERS = [mx, my, mz]


class Driven:
    """A model with two drives, of degree one and two, and with local and collective rates that depend on time, one of
    them on the state too."""

    def __init__(self, seed: int, N: int):
        rng, self.N = np.random.default_rng(seed), N
        f = [FUNCTIONS[name] for name in rng.choice(list(FUNCTIONS), 5)]
        a, b, c = rng.normal(size=3), rng.normal(size=3), rng.normal(size=(3, 3)) * 0.2
        j, k, l = (rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)) for _ in range(3))
        c = c + c.T

        def linear(x, letters):
            return sum(float(y) * p for y, p in zip(x, letters, strict=True))

        def quadratic(letters):
            return sum(float(c[m, n]) * letters[m] * letters[n] for m in range(3) for n in range(3))

        rates = [_positive(x) for x in f[2:]]
        self.model = Model(
            linear(a, _LETTERS) + coefficient(f[0]) * linear(b, _LETTERS) + quadratic(_LETTERS) * coefficient(f[1]),
            [
                LocalJump(j, rate=0.09, time=rates[0]),
                LocalJump(0.3 * k, lambda d: np.exp(0.3 * d), mz, time=rates[1]),  # an amplitude times a function
                LocalJump(qutip.sigmam(), 0.4),
            ],
            [CollectiveJumps([0.3 * l], time=rates[2])],
        )
        m = self.averages = [sum(self.site(x, i) for i in range(N)) / N for x in _SIGMA]
        gamma = (0.3 * m[2]).expm()
        self.H = [N * linear(a, m), [N * linear(b, m), _number(f[0])], [N * quadratic(m), _number(f[1])]]
        root = [lambda t, g=g: float(np.sqrt(g(t))) for g in rates]
        self.jumps = [[0.3 * self.site(j, i), root[0]] for i in range(N)]
        self.jumps += [[0.3 * self.site(k, i) * gamma, lambda t: float(rates[1](t))] for i in range(N)]
        self.jumps += [0.4 * self.site(qutip.sigmam(), i) for i in range(N)]
        self.jumps += [[0.3 * sum(self.site(l, i) for i in range(N)) / np.sqrt(N), root[2]]]
        direction = rng.normal(size=3)
        self.bloch = 0.8 * direction / np.linalg.norm(direction)

    def site(self, x, i: int) -> qutip.Qobj:
        """x acting on particle i."""
        return qutip.tensor([qutip.Qobj(x) if k == i else qutip.qeye(2) for k in range(self.N)])

    def exact(self, times) -> list[qutip.Qobj]:
        """ρ at all times by qutip's `mesolve`."""
        one = (qutip.qeye(2) + sum(float(b) * s for b, s in zip(self.bloch, _SIGMA, strict=True))) / 2
        return self.evolved(qutip.tensor([one] * self.N), times[0], np.asarray(times) - times[0])

    def evolved(self, x: qutip.Qobj, t: float, delays) -> list[qutip.Qobj]:
        """What becomes of any operator x from time t on, after all delays from 0 on, from kink to kink."""
        times = t + np.asarray(delays)
        out, grid = [x], sorted({*map(float, times), *(k for k in KINKS if t < k < times[-1])})
        options = {"rtol": 1e-10, "atol": 1e-12, "nsteps": 100_000, "method": "dop853"}
        for left, right in itertools.pairwise(grid):
            inside = [left + 1e-12, right - 1e-12]
            x = qutip.mesolve(self.H, x, inside, self.jumps, options=options).states[-1]
            if right in times:
                out.append(x)
        return out


def _positive(f):
    return lambda t: f(t) ** 2 + 0.1


def _number(f):
    return lambda t: float(f(t))
