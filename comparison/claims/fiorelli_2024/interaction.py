"""What decides the claims of Fiorelli 2024 about several patterns and about a direct interaction of large spins, H_2 =
(g/2) (1/(2^p N_s)) Σ w̃_hk S_z^(h) S_z^(k): exact rates of change of product states, extrapolated.

Names in formulas as in `network.py`; g, p; by (α h), (β k): epsz = ε_zαβ, wm = Σ_h′ w̃_hh′ m_z,h′, sigma,
sigmak = σ_αβ(h), σ_αβ(k), bz, az = δ_βz, δ_αz.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import solve_continuous_lyapunov

from comparison.claims.exact.full_space import EPSILON, anticommutator, total
from comparison.claims.exact.ladders import limits
from comparison.claims.exact.product_states import PAULI, LargeSpins, in_limit
from comparison.claims.fiorelli_2024.network import BETA, GENERAL, OMEGA, drift, names, response
from comparison.claims.paper_claim import Facts
from comparison.formula import parse
from finite_n.systems import hopfield

_G, _P = 0.7, 1
_PRODUCTS = "product states of two large spins, exact at every N, extrapolated"
_PAIRS = [(h, PAULI[2], k, PAULI[2], _G / 2 / 2**_P * GENERAL.coupling[h, k]) for h in range(2) for k in range(2)]
DIRECT = LargeSpins(GENERAL.bloch, BETA, GENERAL.coupling, GENERAL.field, _PAIRS)
_NO_FLIPS = LargeSpins(GENERAL.bloch, None, GENERAL.coupling, GENERAL.field, _PAIRS)


@functools.cache
def known() -> dict:
    """Names with the interaction."""
    out = names(DIRECT) | {"g": _G, "p": float(_P)}
    h, a = np.repeat(np.arange(2), 3), np.tile(np.arange(3), 2)
    sigma = 2 * np.einsum("abc,hc->hab", EPSILON, GENERAL.bloch)
    # σ_αβ(h) and σ_αβ(k), for all h and k
    out |= {"epsz": EPSILON[2][np.ix_(a, a)], "sigma": sigma[h[:, None], a[:, None], a]}
    out |= {"sigmak": sigma[h[None, :], a[:, None], a], "bz": np.outer(np.ones(6), a == 2) * 1.0}
    out |= {"az": out["bz"].T, "wm": np.outer((GENERAL.coupling @ GENERAL.bloch[:, 2])[h], np.ones(6))}
    return out


def contribution(_: bool) -> Facts:
    """How the interaction makes d⟨σ_α⟩/dt of one large spin respond to ⟨σ_z⟩ of the other."""
    value, error = response(_NO_FLIPS)
    (x, y, _), w = GENERAL.bloch[0], GENERAL.coupling[0, 1]
    exact = {"x": value[0, 5], "y": value[1, 5], "z": value[2, 5]}
    return Facts({"g": _G, "p": _P, "w": w, "mx": x, "my": y, "zero": 0.0}, exact, float(error.max()), _PRODUCTS)


def own_block(_: bool) -> Facts:
    """How d⟨m⟩/dt of a large spin responds to its own ⟨σ_x⟩ and ⟨σ_y⟩, without flips."""
    value, error = response(_NO_FLIPS)
    wm = float((GENERAL.coupling @ GENERAL.bloch[:, 2])[0])
    exact = {"xy": value[0, 1], "yx": value[1, 0], "zy": value[2, 1], "zx": value[2, 0]}
    return Facts({"g": _G, "p": _P, "wm": wm, "Omega": OMEGA, "zero": 0.0}, exact, float(error.max()), _PRODUCTS)


def drift_matrix(_: bool) -> Facts:
    """The response of d⟨m⟩/dt to the averages, with flips."""
    value, error = response(DIRECT)
    return Facts(known(), {"": value}, error, _PRODUCTS)


def transposed(formula: str) -> Callable[[bool], Facts]:
    """The transpose of a matrix that the paper prints."""

    def facts(_: bool) -> Facts:
        return Facts(known(), {"": parse(formula, known(), "eq. B.14").T}, how="transposition of the printed matrix")

    return facts


def covariance_rate(_: bool) -> Facts:
    """dΣ/dt of a product state for N → ∞."""
    value, error = in_limit(lambda size: DIRECT.generated({"xy": 0.5, "yx": 0.5}, size)[1:, 1:].real / size)
    return Facts(known(), {"": value.real}, error, _PRODUCTS)


def overlaps(_: bool) -> Facts:
    """d o/dt of two overlaps of two patterns, from spins aligned with both."""
    blocks = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    oz, oy = np.array([0.5, 0.2]), np.array([-0.1, 0.15])
    bloch = np.stack([np.zeros(4), blocks @ oy, blocks @ oz], axis=1)
    value, error = drift(LargeSpins(bloch, BETA, blocks @ blocks.T / 4, np.array([OMEGA, 0, 0])))
    rates = blocks.T @ value / 4
    exact = {f"{x}{mu + 1}": rates[mu, j] for mu in range(2) for x, j in (("z", 2), ("y", 1))}
    out: dict = {"beta": BETA, "Omega": OMEGA, "mean": np.mean, "x": blocks @ oz, "mz": bloch[:, 2], "my": bloch[:, 1]}
    for mu in range(2):
        out |= {f"xi{mu + 1}": blocks[:, mu], f"oz{mu + 1}": oz[mu], f"oy{mu + 1}": oy[mu]}
    return Facts(out, exact, float(error.max()), "product states of four large spins, exact at every N, extrapolated")


def averages(quick: bool) -> Facts:
    """⟨m⟩ of one pattern for N → ∞; formulas are its rate of change."""
    start, times, axes = (0.2, 0.3, 0.4), (0.0, 0.5, 1.0, 1.5), "xyz"
    value, error = limits(hopfield(OMEGA, BETA), start, times, [f"mean_{a}" for a in axes], quick, 1e-6)

    def solve(values):
        def rate(_, y):
            found = values({"beta": BETA, "Omega": OMEGA, "E": y[2], "x": y[0], "y": y[1], "z": y[2]})
            return [found[a] for a in axes]

        y = solve_ivp(rate, (0, times[-1]), start, method="DOP853", rtol=1e-10, atol=1e-12, t_eval=times[1:]).y
        return dict(zip(axes, y, strict=True))

    exact, bound = ({a: part[f"mean_{a}"][1:] for a in axes} for part in (value, error))
    return Facts({}, exact, bound, "exact at a ladder of N, extrapolated", solve)


def balance(_: bool) -> Facts:
    """The covariance that damping and noise balance at Ω = 0, β = 0, where spins are independent."""
    free = LargeSpins(np.zeros((1, 3)), 0.0, np.ones((1, 1)), np.zeros(3))
    q, bound = response(free)
    words = {"gxJjyg": 1, "gxJyjg": -1, "gJxjyg": -1, "gJxyjg": 1}
    noise, error = in_limit(lambda size: free.flips(words, size)[1:, 1:].real / size)
    exact = solve_continuous_lyapunov(q, -noise.real)
    f = 2 * total(4) / np.sqrt(4)
    anti = np.array([[np.trace(anticommutator(a, b)).real / 16 for b in f] for a in f])
    return Facts({"anti": anti}, {"": exact}, 4 * float(error.max() + bound.max()), _PRODUCTS)
