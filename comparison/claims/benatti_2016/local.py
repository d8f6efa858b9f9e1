"""Claims of Benatti et al. 2016 about local operators: the unitary maps that the dissipative ones become, and how they
compose. Decided by the exact map of one spin among the others, `maps.spin_map`."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from comparison.claims.benatti_2016.facts import B, W, spin_covariance
from comparison.claims.benatti_2016.maps import (
    BOTH,
    GENERAL,
    HOW,
    ONE_AMONG_OTHERS,
    SECOND,
    STABLE,
    THREE,
    Point,
    exact,
    in_limit,
    of_spin_maps,
)
from comparison.claims.exact.full_space import SPIN, commutator, particle
from comparison.claims.exact.ladders import of_closed_form
from comparison.claims.paper_claim import ABOVE, Facts, PaperClaim

_LIMIT = "extrapolated exact numbers are known to about 1e-4; a coefficient that is off by 1 % is seen"
_STEP = 0.05  # of time, for derivatives


def _rotations(found: np.ndarray) -> np.ndarray:
    return found[..., :3]


def unitary(_: bool) -> Facts:
    """RᵀR and the shift of the map of one spin, and averages of two spins, at three times."""
    point = GENERAL

    def of_one(found: np.ndarray) -> np.ndarray:
        r = _rotations(found)
        return np.concatenate([np.einsum("tab,tac->tbc", r, r), found[..., 3:]], axis=2)

    one, error = of_spin_maps(point, of_one)
    # two different spins of the same state, of which the maps make R w each
    pairs, more = in_limit(lambda N: exact(point, THREE, N).pair_moments[1:] / 4)
    r, _ = of_spin_maps(point, _rotations)
    moved = r @ W
    names = {"one": np.eye(3), "zero": 0.0, "pair": moved[:, :, None] * moved[:, None, :]}
    values = {"length": one[..., :3], "shift": one[..., 3], "pair": pairs}
    errors = {"length": error[..., :3], "shift": error[..., 3], "pair": more + error[..., 3:]}
    return Facts(names, values, errors, ONE_AMONG_OTHERS)


def equation_of_maps(_: bool) -> Facts:
    """R at three times; the formula is the right-hand side for α(s_κ), integrated with the averages ω(α(s_ν))."""
    found, error = of_spin_maps(GENERAL, _rotations)

    def solve(formulas) -> dict[str, np.ndarray]:
        def rhs(_, y: np.ndarray) -> np.ndarray:
            moved = y.reshape(3, 2, 2)  # α(s_μ)
            w = np.array([np.trace(particle(W) @ x) for x in moved])
            names = {"i": 1j, "B": B, "w": w, "alpha": lambda v: np.tensordot(v, moved, 1)}
            return np.array([formulas(names | {"x": x})[""] for x in moved]).ravel()

        y = solve_ivp(rhs, (0, BOTH), SPIN.astype(complex).ravel(), "DOP853", THREE, rtol=1e-10, atol=1e-12).y
        return {"": 2 * np.einsum("mijt,nji->tmn", y.reshape(3, 2, 2, -1), SPIN).real}

    return Facts({}, {"": found}, error, ONE_AMONG_OTHERS, solve)


def emergent_hamiltonian(_: bool) -> Facts:
    """d/dt of averages of one spin and of two spins, s_1 s_2 and s_2 s_3, for N → ∞, by differences in time."""
    at = 0.6
    times = tuple(at + k * _STEP for k in (-2, -1, 0, 1, 2))
    stencil = np.array([1, -8, 0, 8, -1]) / (12 * _STEP)

    def both(N: int) -> np.ndarray:
        run = exact(GENERAL, times, N)
        pairs = run.pair_moments[1:] / 4
        return np.concatenate([run.means[1:] / 2, pairs[:, [0, 1], [1, 2]]], axis=1)

    rates, error = in_limit(lambda N: stencil @ both(N))
    w, _ = in_limit(lambda N: exact(GENERAL, (at,), N).means[1] / 2)
    rho = np.kron(particle(w), particle(w))
    one = [np.kron(s, np.eye(2)) for s in SPIN]
    other = [np.kron(np.eye(2), s) for s in SPIN]
    local = [*one, one[0] @ other[1], one[1] @ other[2]]

    def average(v: np.ndarray) -> np.ndarray:
        """ω_t([Σ_k Σ_μ v_μ s_μ^(k), x]) of the five operators."""
        h = np.tensordot(v, np.array(one) + np.array(other), 1)
        return np.array([np.trace(rho @ commutator(h, x)) for x in local])

    # differences of fourth order: the next derivatives are of order one
    names = {"i": 1j, "B": B, "w": w, "average": average}
    return Facts(names, {"": rates}, error + _STEP**4, HOW)


def composition(_: bool) -> Facts:
    """How far the map of t + s is from the product of those of s and t, in both orders. With the map of the state that
    has got to s in place of the first, they compose; `how` says how well."""

    (first, second, both), error = of_spin_maps(GENERAL, _rotations)
    value = [np.linalg.norm(both - x) for x in (first @ second, second @ first)]
    how = f"{ONE_AMONG_OTHERS}; with the map of the state at s the distance is {after_restart(GENERAL):.0e}"
    # rotations, so that errors of factors are those of the product
    return Facts({"zero": 0.0}, {"": np.array(value)}, sum(np.linalg.norm(e) for e in error), how)


def after_restart(point: Point) -> float:
    """Distance of the rotation of t + s from that of s followed by that of t of the state at s."""
    (first, _, both), _ = of_spin_maps(point, _rotations)
    w, _ = of_spin_maps(point, lambda found: _rotations(found)[0] @ np.array(point.w) + found[0, :, 3])
    later, _ = of_spin_maps(Point(point.bath, tuple(w)), _rotations, (SECOND,))
    return float(np.linalg.norm(both - later[0] @ first))  # averages first move to s, and from there on to t + s


def semigroup_at_rest(_: bool) -> Facts:
    """The maps of the stable state at s, t and t + s."""
    found, error = of_spin_maps(STABLE, _rotations)
    names = {"first": found[0], "second": found[1]}
    return Facts(names, {"": found[2]}, error[2] + error[0] + error[1], ONE_AMONG_OTHERS)


def nothing_moves(_: bool) -> Facts:
    """The map of one spin, and averages of two, in the stable state at three times."""
    found, error = of_spin_maps(STABLE, _rotations)
    pairs, more = in_limit(lambda N: exact(STABLE, THREE, N).pair_moments[1:] / 4)
    start = np.array(STABLE.w)
    names = {"one": np.eye(3), "pair": np.outer(start, start)}
    return Facts(names, {"one": found, "two": pairs}, {"one": error, "two": more}, ONE_AMONG_OTHERS, scale=0.1)


def moved_state(_: bool) -> Facts:
    """⟨e^{i(r, F̂)}⟩ in the state that the maps of one spin make of the product state: one spin to the power N."""
    found, bound = of_spin_maps(GENERAL, _rotations)
    rotation, r = found[2], np.array([0.7, -0.4, 0.9])
    moved = np.tensordot(rotation, SPIN, 1)  # α(s_μ)
    centred = np.tensordot(r, moved, 1) - (r @ rotation @ W) * np.eye(2)

    def at(size: int) -> complex:
        return np.exp(size * np.log(np.trace(particle(W) @ expm(1j / np.sqrt(size) * centred))))

    value, error = of_closed_form(at)
    names = {"r": r, "R": rotation, "S": spin_covariance(W), "T": np.transpose}
    return Facts(names, {"": value}, error + float(bound.max()), f"{ONE_AMONG_OTHERS}; to the power N")


CLAIMS = (
    PaperClaim("000-24", {"": "i*average(B@w)"}, emergent_hamiltonian, 1e-3, _LIMIT),
    PaperClaim("000-26", {"length": "one", "shift": "zero", "pair": "pair"}, unitary, 3e-4, _LIMIT, seconds=2),
    PaperClaim("000-27", {"": "i*(alpha(B@w)@x - x@alpha(B@w))"}, equation_of_maps, 2e-4, _LIMIT, seconds=2),
    PaperClaim("000-text-3.1-2", {"": "zero"}, composition, relation=ABOVE, seconds=3),
    PaperClaim("000-text-3.1-3", {"": "second@first"}, semigroup_at_rest, 1e-3, _LIMIT, seconds=2),
    PaperClaim(
        "000-36",
        {"": "exp(-(r@(R@S@T(R))@r)/2)"},
        moved_state,
        3e-4,
        _LIMIT,
        seconds=2,
        read="ω∘α_t^ω(exp(i(r, F̂_t^(N)))), with the hat of eq. 35",
    ),
    PaperClaim("000-text-4.3-1", {"one": "one", "two": "pair"}, nothing_moves, 1e-3, _LIMIT, seconds=2),
)
