"""What decides the claims of Fiorelli 2024 about the Hopfield network's averages and covariances: exact rates of change
of product states of large spins, extrapolated, and ladders of sizes.

Names in formulas that are matrices by (α h), (β k): same = δ_hk, xx = δ_αx δ_βx … zz, eps = ε_xαβ, w = w̃_hk, Eh, Ek: ΔE
of h and k, mx, my, mz: averages of h, sh = σ_αz(h), sk = σ_βz(k), S: covariance. E, z: by large spin; large: how many
there are; chain(v) = Σ_k′ v_k′ w̃_hk′ w̃_k′k. T: transposition.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

from comparison.claims.exact.full_space import EPSILON
from comparison.claims.exact.ladders import limits
from comparison.claims.exact.product_states import LargeSpins, in_limit
from comparison.claims.paper_claim import Facts
from comparison.formula import parse
from finite_n.systems import hopfield
from meanfield import Limit

BETA, OMEGA = 0.8, 0.3
ONE_PATTERN = np.array([[0.5, -0.5], [-0.5, 0.5]])
_FIELD = np.array([OMEGA, 0, 0])
_PAIRS = {"xy": 0.5, "yx": 0.5}  # ½ {F_a, F_b}
_AXES = "xyz"
_PRODUCTS = "product states of two large spins, exact at every N, extrapolated"
_LADDER = "exact at a ladder of N, extrapolated"

# two large spins with any averages and couplings, and with one pattern at opposite averages
GENERAL = LargeSpins(
    np.array([[0.2, 0.3, 0.4], [-0.1, 0.25, -0.35]]), BETA, np.array([[0.5, -0.3], [-0.3, 0.6]]), _FIELD
)
OPPOSITE = LargeSpins(np.array([[0, 0.3, 0.5], [0, -0.3, -0.5]]), BETA, ONE_PATTERN, _FIELD)


def names(spins: LargeSpins) -> dict:
    """What stands in eqs. 58–64, of large spins with these averages."""
    n = len(spins.bloch)
    h, a = np.repeat(np.arange(n), 3), np.tile(np.arange(3), n)
    energy = spins.coupling @ spins.bloch[:, 2]
    out: dict = {"beta": spins.beta, "Omega": spins.field[0], "T": np.transpose}
    out |= {"same": (h[:, None] == h) * 1.0, "w": spins.coupling[np.ix_(h, h)], "eps": EPSILON[0][np.ix_(a, a)]}
    for j, k in np.ndindex(3, 3):
        out[_AXES[j] + _AXES[k]] = np.outer(a == j, a == k) * 1.0
    column = np.ones(3 * n)
    out |= {"Eh": np.outer(energy[h], column), "Ek": np.outer(column, energy[h])}
    out |= {f"m{x}": np.outer(spins.bloch[h, j], column) for j, x in enumerate(_AXES)}
    sigma = 2 * np.einsum("abc,hc->hab", EPSILON, spins.bloch)[h, a, 2]
    out |= {"sh": np.outer(sigma, column), "sk": np.outer(column, sigma)}
    out |= {"E": energy, "z": spins.bloch[:, 2], "large": float(n)}
    out["chain"] = lambda v: (spins.coupling @ np.diag(v) @ spins.coupling)[np.ix_(h, h)]
    out["S"] = out["same"] * (np.eye(3 * n) - np.outer(spins.bloch.ravel(), spins.bloch.ravel()))
    return out


@functools.cache
def drift(spins: LargeSpins) -> tuple[np.ndarray, np.ndarray]:
    """d⟨m⟩/dt of a product state for N → ∞, (n, 3), and errors."""
    value, error = in_limit(lambda size: spins.generated({"x": 1}, size)[1:, 0] / size)
    return value.real.reshape(-1, 3), error.reshape(-1, 3)


@functools.cache
def response(spins: LargeSpins) -> tuple[np.ndarray, np.ndarray]:
    """∂(d⟨m⟩/dt)/∂m of product states for N → ∞, (3n, 3n), and errors."""
    value, error = in_limit(lambda size: spins.generated({"x": 1}, size, d="d")[1:, 1:] / size)
    return value.real, error


@functools.cache
def noise_parts(spins: LargeSpins) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Re Σ⟨[J, F_a]† [J, F_b]⟩ of a product state for N → ∞ by [J, F] = [j, F] Γ + j [Γ, F]: squares of the first and
    of the second, and what is between them."""
    first = {"gxJjyg": 1, "gxJyjg": -1, "gJxjyg": -1, "gJxyjg": 1}
    second = {"xgJjgy": 1, "xgJjyg": -1, "gxJjgy": -1, "gxJjyg": 1}
    # of all four words of (J F − F J)† (J F − F J)
    every = {"xgJjgy": 1, "xgJyjg": -1, "gJxjgy": -1, "gJxyjg": 1}
    sums = {"first": first, "second": second, "all": every}
    found = {k: in_limit(lambda size, w=w: spins.flips(w, size)[1:, 1:].real / size) for k, w in sums.items()}
    mixed = found["all"][0] - found["first"][0] - found["second"][0]
    found["mixed"] = mixed, sum(error for _, error in found.values())
    return {k: ((x + x.T).real / 2, (e + e.T) / 2) for k, (x, e) in found.items()}


def noise(part: str, spins: LargeSpins = GENERAL) -> Callable[[bool], Facts]:
    """The noise by jumps, its `first`, `second` and `mixed` part."""

    def facts(_: bool) -> Facts:
        value, error = noise_parts(spins)[part]
        return Facts(names(spins), {"": value}, error, _PRODUCTS)

    return facts


def opposite_noise(_: bool) -> Facts:
    """The noise by the derivative of the rates, of one pattern."""
    parts = [noise_parts(OPPOSITE)[k] for k in ("second", "mixed")]
    value, error = (sum(p[k] for p in parts) for k in (0, 1))
    where = {"xx": (0, 0), "12xx": (0, 3), "yy": (1, 1), "zz": (2, 2)}
    return Facts(_one(), {k: value[at] for k, at in where.items()}, float(error.max()), _PRODUCTS)


def opposite_flips(_: bool) -> Facts:
    """The noise by local flips, of one pattern."""
    value, error = noise_parts(OPPOSITE)["first"]
    where = {"xx": (0, 0), "yy": (1, 1), "yz": (1, 2), "zz": (2, 2), "12zz": (2, 5)}
    return Facts(_one(), {k: value[at] for k, at in where.items()}, float(error.max()), _PRODUCTS)


def _one() -> dict:
    """Names for one pattern: D = ΔE_1, y, z: averages of the first large spin."""
    _, y, z = OPPOSITE.bloch[0]
    return {"beta": BETA, "Omega": OMEGA, "D": (ONE_PATTERN @ OPPOSITE.bloch[:, 2])[0], "y": y, "z": z, "zero": 0.0}


def smallest_noise(_: bool) -> Facts:
    """The smallest eigenvalue of the noise by the derivative of the rates, of one pattern in one large spin."""
    spins = LargeSpins(np.array([[0, 0.3, 0.4]]), BETA, np.ones((1, 1)), _FIELD)
    value, error = (noise_parts(spins)["second"][k] + noise_parts(spins)["mixed"][k] for k in (0, 1))
    found = np.linalg.eigvalsh(value)[0]
    return Facts({"beta": BETA, "y": 0.3, "z": 0.4, "zero": 0.0}, {"": found}, float(error.sum()), _PRODUCTS)


def mean_field(_: bool) -> Facts:
    """d⟨m⟩/dt of each large spin."""
    value, error = drift(GENERAL)
    m = GENERAL.bloch
    known = {"beta": BETA, "Omega": OMEGA, "E": GENERAL.coupling @ m[:, 2], "x": m[:, 0], "y": m[:, 1], "z": m[:, 2]}
    return Facts(known, {k: value[:, j] for j, k in enumerate(_AXES)}, float(error.max()), _PRODUCTS)


def opposite(_: bool) -> Facts:
    """d⟨m⟩/dt of the second large spin of one pattern at opposite averages."""
    value, error = drift(OPPOSITE)
    known = {"y1": value[0, 1], "z1": value[0, 2]}
    return Facts(known, {"y": value[1, 1], "z": value[1, 2]}, float(error.max()), _PRODUCTS)


def drift_matrix(_: bool) -> Facts:
    """The response of d⟨m⟩/dt to the averages, of all large spins."""
    value, error = response(GENERAL)
    return Facts(names(GENERAL), {"": value}, error, _PRODUCTS)


def opposite_matrix(_: bool) -> Facts:
    """The same of one pattern at opposite averages."""
    value, error = response(OPPOSITE)
    where = {"xx": (0, 0), "yy": (1, 1), "yz": (1, 2), "zy": (2, 1), "zz": (2, 2), "12zz": (2, 5)}
    return Facts(_one(), {k: value[at] for k, at in where.items()}, float(error.max()), _PRODUCTS)


def coupling_of_blocks(_: bool) -> Facts:
    """The response of one large spin's d⟨m_z⟩/dt to ⟨m_z⟩ of the other."""
    value, error = response(GENERAL)
    known = {"beta": BETA, "w": -0.3, "E": (GENERAL.coupling @ GENERAL.bloch[:, 2])[0], "z": 0.4, "zero": 0.0}
    return Facts(known, {"": value[2, 5]}, float(error.max()), _PRODUCTS)


def transposed(formula: str) -> Callable[[bool], Facts]:
    """The transpose of a matrix that the paper prints."""

    def facts(_: bool) -> Facts:
        known = names(GENERAL)
        return Facts(known, {"": parse(formula, known, "eq. 59").T}, how="transposition of the printed matrix")

    return facts


def covariance_rate(_: bool) -> Facts:
    """dΣ/dt of a product state of two large spins for N → ∞."""
    value, error = in_limit(lambda size: GENERAL.generated(_PAIRS, size)[1:, 1:].real / size)
    return Facts(names(GENERAL), {"": value.real}, error, _PRODUCTS)


def covariance(bloch, omega: float, beta: float, times) -> Callable[[bool], Facts]:
    """Σ of one pattern, one large spin, for N → ∞ at the last time; formulas are its rate of change along m(t)."""

    def facts(quick: bool) -> Facts:
        axes = [_AXES[j] + _AXES[k] for j in range(3) for k in range(j, 3)]
        wanted = [f"cov_{pair}" for pair in axes]
        value, error = limits(hopfield(omega, beta), bloch, times, wanted, quick, 1e-5)
        at = {pair: np.ix_([_AXES.index(pair[0])], [_AXES.index(pair[1])]) for pair in axes}
        limit = Limit(hopfield(omega, beta))

        def solve(values):
            def rate(_, y):
                spins = LargeSpins(y[None, :3], beta, np.ones((1, 1)), np.array([omega, 0, 0]))
                found = values(names(spins) | {"S": y[3:].reshape(3, 3)})[""]
                return np.concatenate([limit.drift(y[:3]), np.ravel(found)])

            start = np.concatenate([bloch, (np.eye(3) - np.outer(bloch, bloch)).ravel()])
            y = solve_ivp(rate, (0, times[-1]), start, method="DOP853", rtol=1e-8, atol=1e-9).y[3:, -1].reshape(3, 3)
            return {pair: y[at[pair]].item() for pair in axes}

        exact, bound = ({k: part[f"cov_{k}"][-1] for k in axes} for part in (value, error))
        return Facts({}, exact, bound, _LADDER, solve)

    return facts
