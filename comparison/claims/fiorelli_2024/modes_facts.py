"""What decides the claims of Fiorelli 2024 about two large spins: covariances between them in stationary states, and
two modes that are made of them.

Names in formulas: z, y, length: averages and their size, beta, Omega: β and Ω; A, B, C, D: determinants of eq. 74,
absC = |C|.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from comparison.claims.exact import full_space as spins
from comparison.claims.exact.full_space import commutator
from comparison.claims.exact.ladders import of_sizes
from comparison.claims.fiorelli_2024.network import OMEGA
from comparison.claims.fiorelli_2024.phases_facts import RETRIEVED, at_rest
from comparison.claims.paper_claim import Facts
from comparison.referee.extrapolation import extrapolate
from finite_n import steady_state
from finite_n.systems import hopfield

_MEAN = np.array([0, 0.3, 0.5])
_FORM = np.kron(np.eye(2), [[0, 1], [-1, 0]])
_LADDER = "exact at a ladder of N, extrapolated"


def rotation(_: bool) -> Facts:
    """The rotation about x that turns the averages along z."""
    y, z = _MEAN[1:]
    turned = Rotation.from_rotvec([np.arctan2(y, z), 0, 0]).as_matrix()
    exact = {"yy": turned[1, 1], "yz": turned[1, 2], "zy": turned[2, 1], "zz": turned[2, 2]}
    return Facts({"y": y, "z": z, "length": float(np.hypot(y, z))}, exact, how="rotation of vectors")


def canonical_pairs(_: bool) -> Facts:
    """⟨[r_x, r_y]⟩ of two large spins of 4 with opposite averages, rotated and scaled as printed."""
    size, exact = 4, {}
    length = float(np.linalg.norm(_MEAN))
    turned = Rotation.from_rotvec([np.arctan2(_MEAN[1], _MEAN[2]), 0, 0]).as_matrix()
    f = np.tensordot(turned, 2 * spins.total(size) / np.sqrt(size), 1) / np.sqrt(2 * length)
    for name, m in (("first", _MEAN), ("second", -_MEAN)):
        exact[name] = np.trace(spins.product(m / 2, size) @ commutator(f[0], f[1]))
    return Facts({"i": 1j}, exact, 1e-12, "full space of 4 spins")


def symplectic_eigenvalues(_: bool) -> Facts:
    """ν_± of a two-mode covariance, vacuum 1, from the spectrum of its product with the symplectic form."""
    root = np.array([[1.2, 0.1, 0.4, 0.2], [0, 1.1, -0.1, -0.5], [0.3, 0, 1.3, 0.1], [0.2, -0.4, 0, 1.4]])
    sigma = root @ root.T + np.eye(4)
    found = np.sort(np.abs(np.linalg.eigvals(1j * _FORM @ sigma)))
    det = np.linalg.det
    known = {"A": det(sigma[:2, :2]), "B": det(sigma[2:, 2:]), "C": det(sigma[:2, 2:]), "D": det(sigma)}
    return Facts(known, {"minus": found[0] ** 2, "plus": found[-1] ** 2}, 1e-11, "eigenvalues of a 4×4 matrix")


def _between(variance, one: float):
    """The covariance of two halves with opposite patterns, from that of the whole in the gauge without them."""
    return -(variance - one) / 2


def classical(_: bool) -> Facts:
    """Covariances of ⟨σ_z⟩ of two large spins in the stationary state at Ω = 0, N → ∞: flips up and down balance."""
    beta = 0.5

    def variance(size: int) -> float:
        up = np.arange(size + 1.0)
        m = 2 * up / size - 1
        ratio = np.log(size - up[:-1]) + beta * m[:-1] - np.log(up[1:]) + beta * m[1:]
        weight = np.concatenate([[0.0], np.cumsum(ratio)])
        weight = np.exp(weight - weight.max())
        return size * (weight @ m**2) / weight.sum()

    value, error = of_sizes(variance, (1000, 1400, 2000, 2800, 4000), 1e-10)
    exact = {"between": _between(value, 1.0)}
    return Facts({"beta": beta, "zero": 0.0}, exact, float(error), "stationary state of flips, exact, extrapolated")


_SIZES = (12, 16, 24, 32, 40)


@functools.cache
def _stationary(beta: float) -> tuple[np.ndarray, np.ndarray]:
    """Σ in the stationary state of one large spin, N → ∞."""
    found = extrapolate(_SIZES, [steady_state(hopfield(OMEGA, beta), size).covariance for size in _SIZES], 1e-9)
    return found.value, found.error


def stationary_blocks(_: bool) -> Facts:
    """Covariances of two large spins in the stationary state of the paramagnet, N → ∞."""
    beta = 0.3
    value, bound = _stationary(beta)
    at = {"yy": (1, 1), "yz": (1, 2), "zz": (2, 2)}
    exact = {k: _between(value[x], float(k[0] == k[1])) for k, x in at.items()}
    error = {k: bound[x] for k, x in at.items()}
    return Facts({"beta": beta, "Omega": OMEGA, "zero": 0.0}, exact, error, "stationary states at a ladder of N")


def negativity(_: bool) -> Facts:
    """−ln ν̃_− of two large spins at rest, N → ∞, and whether it is positive."""
    value, error = at_rest()
    length = np.hypot(value["mean_y"][-1], value["mean_z"][-1])
    # sum and difference of the halves have the covariances (Σ_xx, ·) and (1, 1) across the averages, so that the
    # partial transpose pairs Σ_xx with 1
    found = -np.log(np.sqrt(value["cov_xx"][-1]) / length)
    bound = error["cov_xx"][-1] + error["mean_y"][-1] + error["mean_z"][-1]
    known = {"beta": 2.5, "y": RETRIEVED[1], "z": RETRIEVED[2], "zero": 0.0, "length": float(np.linalg.norm(RETRIEVED))}
    return Facts(known, {"": found}, 2 * bound, _LADDER, scale=1.0)


def _entropy(nu: float) -> float:
    """Of a thermal mode with covariance ν, vacuum 1, by its populations."""
    ratio = (nu - 1) / (nu + 1)
    populations = (1 - ratio) * ratio ** np.arange(3000)
    kept = populations[populations > 1e-300]
    return float(-(kept * np.log(kept)).sum())


def _conditional(sigma: np.ndarray) -> float:
    """The least determinant of the first mode after Gaussian measurements of the second, found by search: seeds of any
    squeezing and direction, up to measurements of one quadrature."""
    a, b, c = sigma[:2, :2], sigma[2:, 2:], sigma[:2, 2:]

    def squeezed(x: np.ndarray) -> float:
        turn = np.array([[np.cos(x[1]), -np.sin(x[1])], [np.sin(x[1]), np.cos(x[1])]])
        strength = 6 * np.tanh(x[0] / 6)  # stronger squeezing loses digits; `quadrature` is its limit
        seed = turn @ np.diag([np.exp(strength), np.exp(-strength)]) @ turn.T
        return np.linalg.det(a - c @ np.linalg.inv(b + seed) @ c.T)

    def quadrature(x: np.ndarray) -> float:
        u = np.array([np.cos(x[0]), np.sin(x[0])])
        return np.linalg.det(a - np.outer(c @ u, c @ u) / (u @ b @ u))

    options = {"xatol": 1e-10, "fatol": 1e-15}
    angles = np.linspace(0, np.pi, 4)[:-1] + 0.1
    found = [minimize(squeezed, [s, x], method="Nelder-Mead", options=options).fun for s in (-1, 1) for x in angles]
    found += [minimize(quadrature, [x], method="Nelder-Mead", options=options).fun for x in angles]
    return min(found)


def _correlated(a: float, b: float, c: float, d: float) -> np.ndarray:
    return np.block([[a * np.eye(2), np.diag([c, d])], [np.diag([c, d]), b * np.eye(2)]])


@functools.cache
def measured(_: bool) -> Facts:
    """Classical correlations and discord of two states, one of each kind of E_min, with the first mode's entropy after
    the best measurement of the second."""
    known, exact = {}, {}
    for k, sigma in enumerate((_correlated(2.0, 2.4, 1.1, -1.1), _correlated(2.0, 1.8, 1.2, 0.35)), start=1):
        det = np.linalg.det
        known |= {f"A{k}": det(sigma[:2, :2]), f"B{k}": det(sigma[2:, 2:]), f"C{k}": det(sigma[:2, 2:])}
        known |= {f"D{k}": det(sigma), f"absC{k}": abs(known[f"C{k}"])}
        nu = np.sort(np.abs(np.linalg.eigvals(1j * _FORM @ sigma)))[::2]
        after = _entropy(np.sqrt(_conditional(sigma)))
        exact[f"J{k}"] = _entropy(np.sqrt(det(sigma[:2, :2]))) - after
        exact[f"D{k}"] = _entropy(np.sqrt(det(sigma[2:, 2:]))) - sum(_entropy(x) for x in nu) + after
    return Facts(known, exact, 1e-8, "direct search over Gaussian measurements")


def classical_correlations(quick: bool) -> Facts:
    """The first of these alone."""
    found = measured(quick)
    return Facts(found.names, {k: x for k, x in found.exact.items() if k[0] == "J"}, found.error, found.how)


def discord(quick: bool) -> Facts:
    """The second of these alone."""
    found = measured(quick)
    return Facts(found.names, {k: x for k, x in found.exact.items() if k[0] == "D"}, found.error, found.how)
