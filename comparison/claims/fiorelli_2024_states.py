"""What decides the claims of Fiorelli 2024 about the network itself: energies and rates of configurations, one-spin
algebra, stationary states, and two large spins as two modes.

Names in formulas: z, y, length: averages and their size, beta, Omega: β and Ω; D, A, B, C: determinants of eq. 74.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm
from scipy.spatial.transform import Rotation

from comparison.claims import full_space as spins
from comparison.claims.fiorelli_2024_network import BETA, OMEGA
from comparison.claims.full_space import anticommutator, commutator
from comparison.claims.ladders import limits, of_closed_form
from comparison.claims.paper_claim import Facts
from comparison.claims.product_states import PAULI
from comparison.referee.extrapolation import extrapolate
from finite_n import steady_state
from finite_n.systems import hopfield

_PLUS = (PAULI[0] + 1j * PAULI[1]) / 2
_TWO_LEVELS = "2×2 matrices"
_MEAN = np.array([0, 0.3, 0.5])
_LADDER = "exact at a ladder of N, extrapolated"


def _network() -> dict:
    """A configuration of 12 spins with two patterns in four equal blocks, and what the paper makes of it."""
    blocks = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    size, patterns = 3, np.repeat(blocks, 3, axis=0).T
    rng = np.random.default_rng(5)
    config = rng.choice([-1.0, 1.0], 12)
    large = config.reshape(4, size).sum(axis=1)
    hebb = patterns.T @ patterns / 12
    coupling = blocks @ blocks.T / 4
    return {
        "energy": -config @ hebb @ config / 2,
        "fields": (hebb @ config).reshape(4, size),
        "overlap": patterns @ config / 12,
        "sums": ((patterns @ config) ** 2).sum(),
        "sSS": large @ coupling @ large,
        "squares": ((blocks.T @ large) ** 2).sum(),
        "wS": coupling @ large,
        "eS": blocks.T @ large,
        "N": 12.0,
        "Ns": float(size),
        "p": 2.0,
    }


def configuration(*wanted: str) -> Callable[[bool], Facts]:
    """Numbers of a configuration, all entries the same."""

    def facts(_: bool) -> Facts:
        known = _network()
        exact = known.pop(wanted[0])
        if np.ndim(exact) == 2:
            exact = exact.mean(axis=1)  # the same for all spins of a block
        return Facts(known, dict.fromkeys(wanted[1:], exact), how="a configuration of 12 spins")

    return facts


def couplings(_: bool) -> Facts:
    """How ΔE of each of two blocks of 4 spins depends on the averages of both, with one pattern."""
    xi = np.repeat([1.0, -1.0], 4)
    hebb = np.outer(xi, xi) / 8
    of_averages = np.array([[hebb[4 * h, 4 * k : 4 * k + 4].sum() for k in range(2)] for h in range(2)])
    m = np.array([0.5, -0.5])
    first, second = of_averages @ m
    products = of_averages[:, :, None] * of_averages[None, :, :]  # by h, k′ and k
    exact = {"hh": of_averages[0, 0], "hk": of_averages[0, 1], "ww": products}
    known = {"w": of_averages[:, None, :], "z": 0.5}
    return Facts(known, exact | {"first": first, "second": second}, how="two blocks of 4 spins")


def unit_rates(_: bool) -> Facts:
    """Γ_+² + Γ_−² of the heat bath."""
    x = 0.4
    known = {f"g{end}": np.exp(sign * BETA * x / 2) / np.sqrt(2) for end, sign in (("p", 1), ("m", -1))}
    return Facts(known | {"x": x, "beta": BETA}, {"": 1.0}, how="what the rates of Refs. [47, 70] are said to obey")


def local(mu: int) -> Callable[[bool], Facts]:
    """D_±^Loc[σ_μ]."""

    def facts(_: bool) -> Facts:
        exact = {}
        for name, j in (("plus", _PLUS), ("minus", _PLUS.T)):
            loss = j.conj().T @ j
            exact[name] = j.conj().T @ PAULI[mu] @ j - anticommutator(loss, PAULI[mu]) / 2
        return Facts({"s": PAULI[mu], "one": np.eye(2)}, exact, how=_TWO_LEVELS)

    return facts


def matrix_of_flips(_: bool) -> Facts:
    """Coefficients of D_ℓ^Loc[σ_α] along σ_x, σ_y, σ_z and 1, for both ℓ."""
    basis, exact, known = [*PAULI, np.eye(2)], {}, {}
    for name, j, sign in (("plus", _PLUS, 1.0), ("minus", _PLUS.T, -1.0)):
        rows = [j.conj().T @ v @ j - anticommutator(j.conj().T @ j, v) / 2 for v in PAULI]
        exact[name] = np.array([[np.trace(row @ v).real / 2 for v in basis] for row in rows])
        known[name] = sign
    for k, x in enumerate("xyz"):
        known[x + x] = np.outer(np.arange(3) == k, np.arange(4) == k) * 1.0
    return Facts(known | {"z4": np.outer(np.arange(3) == 2, np.arange(4) == 3) * 1.0}, exact, how=_TWO_LEVELS)


def squared_jump(_: bool) -> Facts:
    """⟨σ_∓ σ_±⟩ in a state with ⟨σ_z⟩ = z."""
    rho = (np.eye(2) + np.tensordot(_MEAN, PAULI, 1)) / 2
    exact = {name: np.trace(rho @ j.T @ j).real for name, j in (("plus", _PLUS), ("minus", _PLUS.T))}
    return Facts({"z": _MEAN[2]}, exact, how=_TWO_LEVELS)


def along_basis(_: bool) -> Facts:
    """Coefficients of σ_∓ σ_± along σ_x, σ_y, σ_z."""
    exact = {}
    for name, j in (("plus", _PLUS), ("minus", _PLUS.T)):
        exact |= {f"{name} {x}": np.trace(j.T @ j @ v).real / 2 for x, v in zip("xyz", PAULI, strict=True)}
    return Facts({"zero": 0.0}, exact, how=_TWO_LEVELS)


def squared_slope(_: bool) -> Facts:
    """(Γ′)² of both rates, by imaginary steps."""
    x, exact = 0.4, {}
    for name, sign in (("plus", 1), ("minus", -1)):
        exact[name] = (np.exp(sign * BETA / 2 * (x + 1e-20j)) / np.sqrt(2)).imag ** 2 * 1e40
    known = {"beta": BETA, "gp": np.exp(BETA * x / 2) / np.sqrt(2), "gm": np.exp(-BETA * x / 2) / np.sqrt(2)}
    return Facts(known, exact, how="closed form")


def evolution_of_exponential(_: bool) -> Facts:
    """d/dt e^{iM(t)} for a matrix that does not commute with its derivative."""
    m = np.diag([0.3, -0.2, 0.5]) + 0.2 * np.ones((3, 3))
    slope = np.array([[0.1, 0.4, 0], [0.4, -0.3, 0.2], [0, 0.2, 0.6]])
    inner, series = slope, 1j * slope
    factor = 1j
    for k in range(2, 25):
        inner, factor = commutator(m, inner), factor * 1j / k
        series = series + factor * inner
    # e^{i(M + εM′)} for ε → 0 stands in the corner of the exponential of a block matrix
    block = expm(1j * np.block([[m, slope], [np.zeros((3, 3)), m]]))
    return Facts({"O": series, "N": expm(1j * m)}, {"": block[:3, 3:]}, 1e-13, "3×3 matrices")


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
    form = np.kron(np.eye(2), [[0, 1], [-1, 0]])
    found = np.sort(np.abs(np.linalg.eigvals(1j * form @ sigma)))
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

    value, error = of_closed_form(variance, 1.0, (1000, 1400, 2000, 2800, 4000), 1e-10)
    exact = {"between": _between(value.real, 1.0)}
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


_REST = np.array([0, -0.244786, 0.951483])


def negativity(quick: bool) -> Facts:
    """−ln ν̃_− of two large spins at rest, N → ∞, and whether it is positive."""
    times = (0.0, 1.0, 2.0, 3.0)
    wanted = ["cov_xx", "mean_y", "mean_z"]
    value, error = limits(hopfield(0.35, 2.5), _REST, times, wanted, quick, 1e-5)
    length = np.hypot(value["mean_y"][-1], value["mean_z"][-1])
    # sum and difference of the halves have the covariances (Σ_xx, ·) and (1, 1) across the averages, so that the
    # partial transpose pairs Σ_xx with 1
    found = -np.log(np.sqrt(value["cov_xx"][-1]) / length)
    bound = error["cov_xx"][-1] + error["mean_y"][-1] + error["mean_z"][-1]
    known = {"beta": 2.5, "y": _REST[1], "z": _REST[2], "zero": 0.0, "length": float(np.linalg.norm(_REST))}
    return Facts(known, {"": found}, 2 * bound, _LADDER, scale=1.0)
