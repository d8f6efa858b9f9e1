"""What decides the claims of Fiorelli 2024 about the network itself: energies and rates of configurations, and one-spin
algebra.

Names in formulas: beta: β, z: ⟨σ_z⟩, gp, gm: both rates; of a configuration: sums by pattern and large spin, N, Ns, p.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
from scipy.linalg import expm

from comparison.claims.exact import full_space
from comparison.claims.exact.full_space import anticommutator, commutator
from comparison.claims.exact.product_states import PAULI
from comparison.claims.fiorelli_2023.hopfield_facts import argument, configurations, energies
from comparison.claims.fiorelli_2024.network import BETA, OMEGA
from comparison.claims.paper_claim import Facts
from finite_n import evolve
from finite_n.systems import hopfield_patterns

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


def flips_of_configurations(_: bool) -> Facts:
    """Every flip up of four spins with two patterns: the energy before less that after, and its Boltzmann factor."""
    xi = np.array([[1, 1, -1, 1], [1, -1, -1, -1]])
    spins, cost, before, after = configurations(4), [], [], []
    energy = energies(spins, xi, own=True)
    for k in range(4):
        down = np.flatnonzero(spins[:, k] == -1)
        up = down - 2 ** (3 - k)  # up is 0 in the order of the full space
        cost.append(energy[down] - energy[up])
        before.append(argument(spins, xi, k, own=True)[down])
        after.append(argument(spins, xi, k, own=True)[up])
    known = {"beta": BETA, "dE": np.concatenate(before), "after": np.concatenate(after), "p": 2.0, "N": 4.0}
    gain = np.concatenate(cost)
    return Facts(known, {"gain": gain, "ratio": np.exp(BETA * gain)}, 1e-14, "all flips of four spins")


def energy_of_flips(_: bool) -> Facts:
    """The first of these alone."""
    found = flips_of_configurations(True)
    return Facts(found.names, {"": found.exact["gain"]}, 1e-14, found.how)


def balance_of_flips(_: bool) -> Facts:
    """The second of these alone."""
    found = flips_of_configurations(True)
    return Facts(found.names, {"": found.exact["ratio"]}, 1e-14, found.how)


def majorant(_: bool) -> Facts:
    """γ(z) of the rates: the sum of the moduli of Taylor coefficients, found on circles of radius z."""
    z, exact = np.array([1.0, 5.0, 20.0]), {}
    angles = np.exp(2j * np.pi * np.arange(256) / 256)
    for name, sign in (("plus", 1), ("minus", -1)):
        rows = [np.fft.fft(np.exp(sign * BETA / 2 * x * angles) / np.sqrt(2)) / 256 for x in z]
        exact[name] = np.abs(rows).sum(axis=1)
    return Facts({"beta": BETA, "z": z}, exact, 1e-10, "Taylor coefficients from values on circles")


def gauge(_: bool) -> Facts:
    """How many large spins there are for one to four patterns once the first is turned to ones, and averages of four
    spins with two patterns at t = 0.7 in the full space, beside those of the turned network by `evolve`."""
    counts = []
    for p in range(1, 5):
        columns = np.array(list(itertools.product((1, -1), repeat=p)))
        counts.append(float(len(np.unique(columns[:, :1] * columns, axis=0))))
    N, xi = 4, np.array([[1, 1, -1, -1], [1, -1, 1, -1]])
    turned = {"pp": [0.2, 0.3, 0.4], "pm": [-0.1, 0.25, -0.35]}
    kinds = ["pp" if a == b else "pm" for a, b in xi.T]
    found = evolve(hopfield_patterns(OMEGA, BETA, 2), N, turned, [0.0, 0.7])
    names = [s.name for s in hopfield_patterns(OMEGA, BETA, 2).species]
    means = {name: found.means[-1, 3 * names.index(name) : 3 * names.index(name) + 3] for name in turned}
    signs = np.array([[1, x, x] for x in xi[0]])
    paulis = np.array([[2 * full_space.site(mu, k, N) for mu in range(3)] for k in range(N)])
    energy = OMEGA * paulis[:, 0].sum(axis=0)
    jumps = []
    for k in range(N):
        field = sum((xi[:, k] @ xi[:, j]) / N * paulis[j, 2] for j in range(N))
        for sign in (1, -1):
            flip = (paulis[k, 0] + sign * 1j * paulis[k, 1]) / 2
            jumps.append(flip @ expm(sign * BETA / 2 * field) / np.sqrt(2))
    one = np.eye(2**N)
    loss = sum(j.conj().T @ j for j in jumps)
    flow = -1j * (np.kron(energy, one) - np.kron(one, energy.T)) - (np.kron(loss, one) + np.kron(one, loss.T)) / 2
    flow = flow + sum(np.kron(j, j.conj()) for j in jumps)
    parts = [full_space.particle(signs[k] * turned[kind] / 2) for k, kind in enumerate(kinds)]
    rho = (expm(0.7 * flow) @ functools.reduce(np.kron, parts).ravel()).reshape(one.shape)
    exact = {"number": np.array(counts)}
    known = {"p": np.arange(1.0, 5.0), "xi": xi[0]}
    for j, x in enumerate("xyz"):
        exact[x] = np.array([np.trace(rho @ paulis[k, j]).real for k in range(N)])
        known[x] = np.array([means[kind][j] for kind in kinds])
    return Facts(known, exact, 1e-8, "full space of four spins")


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
