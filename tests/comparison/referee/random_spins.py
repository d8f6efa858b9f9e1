"""Random models and starts of one species of two levels, by kind of physics, for `random_studies`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finite_n import CollectiveJumps, LocalJump, Model, average, mx, my, mz
from finite_n.model.operators import PAULI, SIGMA_MINUS, SIGMA_PLUS
from finite_n.model.polynomial import Polynomial
from finite_n.systems import hopfield, kinetically_constrained
from tests.random_models import LETTERS, amplitude, bloch, complex_matrix, kossakowski, linear_delta

_CONTACT_SOURCE = 0.02  # spontaneous part of a rate ∝ n, whose root has a kink at n = 0 without it

SPINS: dict[str, Callable[[np.random.Generator], tuple]] = {}  # rng → (model, rho0)


def _family(name: str):
    def register(build):
        SPINS[name] = build
        return build

    return register


def _hamiltonian(rng, degree: int, size: float = 0.8) -> Polynomial:
    """Hermitian, two random products of every degree up to `degree`."""
    h = Polynomial({})
    for k in range(1, degree + 1):
        for _ in range(2):
            product = size * rng.normal() * LETTERS[rng.integers(3)]
            for _ in range(k - 1):
                product = product * LETTERS[rng.integers(3)]
            h = h + 0.5 * (product + product.adjoint())
    return h


def _decay(rng) -> LocalJump:
    return LocalJump(complex_matrix(rng, 1.0), rng.uniform(0.3, 1.2))


@_family("closed")
def _closed(rng):
    return Model(_hamiltonian(rng, int(rng.integers(1, 5)))), bloch(rng)


@_family("open")
def _open(rng):
    return Model(_hamiltonian(rng, int(rng.integers(1, 5))), [_decay(rng) for _ in range(rng.integers(1, 3))]), bloch(
        rng
    )


def _with_rates(rng, gamma: Callable) -> tuple[Model, np.ndarray]:
    """Two jumps whose Γ(Δ) are gamma(Δ), with and without particle k, along z or tilted."""
    delta = linear_delta(rng, tilted=bool(rng.random() < 0.5))
    jumps = []
    for _ in range(2):
        jumps.append(LocalJump(complex_matrix(rng, 1.0), gamma(delta), delta, include_self=bool(rng.random() < 0.5)))
    return Model(_hamiltonian(rng, int(rng.integers(1, 3)), 0.4), jumps), bloch(rng)


@_family("entire rates")
def _entire(rng):
    return _with_rates(rng, lambda delta: amplitude(rng))


@_family("polynomial rates")
def _polynomial(rng):
    return _with_rates(rng, lambda delta: np.polynomial.Polynomial([0.7, *0.4 * rng.normal(size=rng.integers(1, 4))]))


@_family("steep rates")
def _steep(rng):
    """Steps of a width from half to a tenth of the range of Δ."""

    def gamma(delta: Polynomial):
        r = np.array([np.real(delta.words.get(w, 0)) for w in ((), *(next(iter(a.words)) for a in LETTERS))])
        half = np.linalg.norm(r[1:])
        width = 2 * half * 10 ** -rng.uniform(np.log10(2), 1)
        middle, low = r[0] + half * rng.uniform(-0.5, 0.5), rng.uniform(0.1, 0.6)
        if rng.random() < 0.5:
            return lambda d: low + 0.5 * (1 + np.tanh((d - middle) / width))
        sign = rng.choice([-1.0, 1.0])
        return lambda d: low + 1 / (1 + np.exp(sign * (d - middle) / width))

    return _with_rates(rng, gamma)


@_family("collective decay")
def _collective_decay(rng):
    local = [LocalJump(SIGMA_MINUS, rate=rng.uniform(0.2, 0.8))] if rng.random() < 0.8 else []
    collective = [CollectiveJumps([SIGMA_MINUS], rate=rng.uniform(0.4, 1.4))]
    return Model(_hamiltonian(rng, 2), local, collective), bloch(rng)


@_family("collective jumps")
def _collective(rng):
    operators = [complex_matrix(rng, 1.0) for _ in range(2)]
    return Model(_hamiltonian(rng, 2), collective=[CollectiveJumps(operators, kossakowski(rng, 2))]), bloch(rng)


@_family("contact")
def _contact(rng):
    """Rates ∝ n or n² of the density n, near where n = 0 loses its stability or another state appears."""
    start = [0.0, 0.3 * rng.random(), 2 * rng.uniform(0.05, 0.6) - 1]
    self_energy, drive = bool(rng.random() < 0.5), rng.choice([0.0, 0.1])
    if rng.random() < 0.4:
        return kinetically_constrained(rng.uniform(0.8, 2), rng.uniform(0.2, 0.6), drive, self_energy), start
    squared = rng.random() < 0.4
    strength = rng.uniform(3.2, 5) if squared else rng.uniform(0.8, 1.5)
    jump = LocalJump(
        SIGMA_PLUS,
        (lambda n: np.sqrt(strength) * n) if squared else (lambda n: np.sqrt(strength * (n + _CONTACT_SOURCE))),
        average(np.diag([1.0, 0.0])),
        include_self=self_energy,
    )
    return Model(drive * mx, [jump, LocalJump(SIGMA_MINUS, 1.0)]), start


@_family("near-critical networks")
def _networks(rng):
    kind = ("exponential", "heat_bath")[rng.integers(2)]
    model = hopfield(rng.choice([0.0, 0.1, 0.3]), rng.uniform(0.85, 1.25), kind, bool(rng.random() < 0.5))
    return model, [0.0, 0.2 * rng.normal(), rng.choice([0.0, 1.0]) * rng.uniform(0, 0.5)]


@_family("superradiance")
def _superradiance(rng):
    """From the inverted state, or from spins tilted or mixed a little."""
    angle = rng.choice([0.0, 1.0]) * 10 ** rng.uniform(-2, -0.5)
    start = rng.choice([1.0, 0.95]) * np.array([np.sin(angle), 0, np.cos(angle)])
    local = [LocalJump(SIGMA_MINUS, rate=rng.uniform(0.05, 0.3))] if rng.random() < 0.5 else []
    h = rng.uniform(0, 0.5) * mz + rng.choice([0.0, 0.3]) * mx
    return Model(h, local, [CollectiveJumps([SIGMA_MINUS], rate=rng.uniform(0.5, 1.5))]), start


@_family("unstable pole")
def _unstable_pole(rng):
    """Closed spins above threshold, H = N (a m_z − b m_x²) with 2b > a, from the pole that is unstable or near it."""
    a, threshold = rng.uniform(0.3, 0.8), rng.uniform(1.1, 3)
    angle = rng.choice([0.0, 1.0]) * 10 ** rng.uniform(-2, -0.5)
    start = [np.sin(angle) * np.cos(p := rng.uniform(0, 2 * np.pi)), np.sin(angle) * np.sin(p), -np.cos(angle)]
    return Model(a * mz - a / 2 * threshold * mx * mx + rng.choice([0.0, 0.2]) * my * mz * my), start


@_family("slow modes")
def _slow(rng):
    """Populations that relax thirty times more slowly than coherences."""
    gamma = amplitude(rng)
    pump = LocalJump(SIGMA_PLUS, lambda d: gamma(d) / np.sqrt(30), mz, include_self=bool(rng.random() < 0.5))
    jumps = [
        LocalJump(PAULI[3], rate=rng.uniform(0.6, 1.2)),
        LocalJump(SIGMA_MINUS, rate=rng.uniform(0.5, 2) / 30),
        pump,
    ]
    return Model(rng.normal() * mz + 0.1 * rng.normal() * mx, jumps), bloch(rng)


@_family("stiff rates")
def _stiff(rng):
    """A decay thirty times faster than everything else, while spins are driven or interact."""
    fast = LocalJump(SIGMA_MINUS, rate=rng.uniform(15, 30)) if rng.random() < 0.5 else LocalJump(PAULI[3], rate=8.0)
    return Model(_hamiltonian(rng, 2), [fast, LocalJump(complex_matrix(rng, 1.0), amplitude(rng), mz)]), bloch(rng)
