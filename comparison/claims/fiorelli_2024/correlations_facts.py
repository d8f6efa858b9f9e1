"""What decides the claims of Fiorelli 2024 about correlations of two large spins at rest, figure 3: covariances that
exact rates of change of product states balance, N → ∞ and then t → ∞, beside those of the derived limit.

Names in formulas: of the derived limit: D, J and E with a number for discord, classical correlations and logarithmic
negativity at the points of `_known`, Direct with an interaction; of two large spins: sigma, R: R_ℓ by (μh) and k, c:
c_ℓ by (νk) and k, diag of Γ′² ⟨j†j⟩ and ΓΓ′ as Wp, Wm, Vp, Vm.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
from scipy.linalg import block_diag, solve_continuous_lyapunov
from scipy.optimize import root
from scipy.spatial.transform import Rotation

from comparison.claims.exact.full_space import EPSILON
from comparison.claims.exact.product_states import PAULI, LargeSpins, in_limit
from comparison.claims.fiorelli_2024.equations import DRIFT, FIRST, FLIPS, SECOND
from comparison.claims.fiorelli_2024.network import GENERAL, ONE_PATTERN, OPPOSITE, names, noise_parts, response
from comparison.claims.fiorelli_2024.phases_facts import REST, runs_at_rest
from comparison.claims.paper_claim import Facts
from comparison.formula import parse
from comparison.referee.extrapolation import extrapolate
from finite_n.model.model import Model
from finite_n.model.polynomial import mz
from finite_n.solvers.result import Result
from finite_n.systems import hopfield
from meanfield import (
    Limit,
    classical_correlations,
    discord,
    log_negativity,
    symplectic_eigenvalues,
    two_mode_covariance,
)

_HALVES = ([0, 1, 2], [3, 4, 5])
_TURN = np.array([1, -1, -1])  # by π about x, from the first large spin to the second
_BALANCE = "rates of product states, exact at every N, extrapolated, and their balance"
_PRODUCTS = "product states of two large spins, exact at every N, extrapolated"


_ORDERED = (0.0, -0.2, 0.9)  # averages near those of the retrieval state


def network(beta: float, omega: float, g: float = 0.0) -> Model:
    """One pattern in one large spin, with H_2 of Appendix B.2, N g m_z²/4 there."""
    model = hopfield(omega, beta)
    return Model(model.hamiltonian + g / 4 * mz * mz, model.jumps) if g else model


def at_rest(limit: Limit, start=_ORDERED) -> np.ndarray:
    """Averages of the retrieval state, near `start`."""
    found = root(limit.drift, start, jac=limit.jacobian, tol=1e-14)
    return found.x


@dataclasses.dataclass(frozen=True, eq=False)
class AtRest:
    """Two large spins with opposite averages: their covariance (6, 6), its errors, and averages of the first (3,)."""

    covariance: np.ndarray
    error: np.ndarray
    bloch: np.ndarray

    @property
    def symplectic(self) -> np.ndarray:
        """σ_ab = −i⟨[F_a, F_b]⟩."""
        return block_diag(*(2 * EPSILON @ m for m in (self.bloch, self.bloch * _TURN)))

    def modes(self, covariance: np.ndarray | None = None) -> np.ndarray:
        """The two modes, (4, 4), vacuum ½."""
        return two_mode_covariance(self.covariance if covariance is None else covariance, self.symplectic, *_HALVES)

    def value(self, of: Callable[[np.ndarray], float]) -> tuple[float, float]:
        """A function of the two modes, and its error to first order."""
        value, error, h = of(self.modes()), 0.0, 1e-6
        for j, k in zip(*np.triu_indices(6), strict=True):
            step = np.zeros((6, 6))
            step[j, k] = step[k, j] = h
            error += abs(of(self.modes(self.covariance + step)) - value) / h * self.error[j, k]
        return value, error


def balanced(q: np.ndarray, noise: np.ndarray, bloch: np.ndarray, errors=(0.0, 0.0)) -> AtRest:
    """Σ with QΣ + ΣQᵀ + 𝒟 = 0, and errors from those of Q and 𝒟."""
    s = solve_continuous_lyapunov(q, -noise)
    one = np.eye(len(q))
    inverse = np.abs(np.linalg.inv(np.kron(q, one) + np.kron(one, q)))
    of_q = np.broadcast_to(errors[0], q.shape)
    source = np.broadcast_to(errors[1], q.shape) + of_q @ np.abs(s) + np.abs(s) @ of_q.T
    return AtRest(s, (inverse @ source.ravel()).reshape(q.shape), bloch)


@functools.cache
def exact(beta: float, omega: float, g: float = 0.0) -> AtRest:
    """By exact rates of product states."""
    m = at_rest(Limit(network(beta, omega, g)))
    pairs = [(h, PAULI[2], k, PAULI[2], g / 4 * ONE_PATTERN[h, k]) for h in range(2) for k in range(2)]
    spins = LargeSpins(np.array([m, m * _TURN]), beta, ONE_PATTERN, np.array([omega, 0, 0]), pairs)
    (q, e_q), (noise, e_noise) = response(spins), noise_parts(spins)["all"]
    return balanced(q, noise, m, (e_q, e_noise))


@functools.cache
def derived(beta: float, omega: float, g: float = 0.0, start=_ORDERED) -> AtRest:
    """By the limit that is derived from the model. Turned alike, both halves make one large spin with covariance Σ, and
    their difference keeps that of spins without correlations."""
    limit = Limit(network(beta, omega, g))
    m = at_rest(limit, start)
    together = solve_continuous_lyapunov(limit.jacobian(m), -limit.diffusion(m))
    apart, turn = np.eye(3) - np.outer(m, m), np.diag(_TURN)
    own, between = (together + apart) / 2, (together - apart) / 2
    whole = np.block([[own, between @ turn], [turn @ between, turn @ own @ turn]])
    return AtRest(whole, np.zeros((6, 6)), m)


def printed(beta: float, omega: float, start=_ORDERED) -> AtRest:
    """By eqs. 58, 59 and 61–63 as printed."""
    m = at_rest(Limit(network(beta, omega)), start)
    known = names(LargeSpins(np.array([m, m * _TURN]), beta, ONE_PATTERN, np.array([omega, 0, 0])))
    q, noise = parse(DRIFT, known, "eq. 59"), parse(f"{FLIPS} + {SECOND} + {FIRST}", known, "eqs. 61–63")
    return balanced(q, noise, m)


_NEAR, _FAR = (1 / 0.9, 0.1), (1 / 0.8, 0.1)  # near and farther from the paramagnet
_OF = {"D": discord, "J": classical_correlations, "E": log_negativity}


def _known() -> dict:
    """Correlations of the derived limit by name."""
    points = {"Rest": REST, "Near": _NEAR, "Far": _FAR, "Direct": (*REST, 0.5)}
    return {k + name: of(derived(*point).modes()) for name, point in points.items() for k, of in _OF.items()}


def at_size(run: Result) -> AtRest:
    """Two halves of a network of N spins at its last time, from the covariance and the averages of the whole."""
    n, m, whole, turn = run.N, run.means[-1], run.covariance[-1], np.diag(_TURN)
    apart = np.eye(3) - np.outer(m, m)
    pair = (whole - apart) / (n - 1)  # of two different spins
    own, between = apart + (n / 2 - 1) * pair, n / 2 * pair @ turn
    block = np.block([[own, between], [between.T, turn @ own @ turn]])
    return AtRest(block, np.zeros((6, 6)), m)


@functools.cache
def of_ladder(name: str) -> tuple[float, float]:
    """One of the correlations of two halves at rest, exact at every size, for N → ∞, and its error."""
    runs = runs_at_rest()
    found = extrapolate(list(runs), [_OF[name](at_size(x).modes()) for x in runs.values()], 1e-7)
    return float(found.value), float(found.error)


def figure_3(_: bool) -> Facts:
    """Discord and classical correlations farther from the transition, and discord in the retrieval phase, the latter
    from a ladder of sizes."""
    wanted = {
        "discord at T = 0.8, below that at T = 0.9": ("D", _FAR),
        "classical correlations there": ("J", _FAR),
    }
    found = {entry: exact(*point).value(_OF[k]) for entry, (k, point) in wanted.items()}
    found["discord at T = 0.4, below half the classical correlations"] = of_ladder("D")
    near = {"exactD": exact(*_NEAR).value(discord)[0], "exactJ": exact(*_NEAR).value(classical_correlations)[0]}
    near["exactRest"] = of_ladder("J")[0]
    error = {k: float(e) for k, (_, e) in found.items()}
    how = f"{_BALANCE}; at T = 0.4 at a ladder of N, extrapolated"
    return Facts(_known() | near, {k: x for k, (x, _) in found.items()}, error, how)


def direct_interaction(_: bool) -> Facts:
    """Discord and logarithmic negativity with g = ½ in the retrieval phase."""
    found = {name: exact(*REST, 0.5).value(_OF[k]) for name, k in (("discord", "D"), ("negativity", "E"))}
    without = {f"exact{k}": exact(*REST).value(_OF[k])[0] for k in ("D", "E")}
    error = {k: 10 * float(e) for k, (_, e) in found.items()}
    return Facts(_known() | without, {k: x for k, (x, _) in found.items()}, error, _BALANCE)


def block_between(_: bool) -> Facts:
    """|det| of the covariance between two large spins with g = ½."""
    found = exact(*REST, 0.5)
    block, error = found.covariance[:3, 3:], found.error[:3, 3:]
    bound = float(np.abs(np.linalg.inv(block)).T.ravel() @ error.ravel())
    value = abs(np.linalg.det(block))
    return Facts({"zero": 0.0}, {"": value}, value * bound, _BALANCE, shown={"modulus at g = ½": value})


def uncertainty(_: bool) -> Facts:
    """ν_−² of the two modes that eqs. 58–63 balance, vacuum 1; and their determinants, see eq. 74."""
    modes = printed(*REST).modes()
    a, b, c, d = (np.linalg.det(x) for x in (2 * modes[:2, :2], 2 * modes[2:, 2:], 2 * modes[:2, 2:], 2 * modes))
    value = float((2 * symplectic_eigenvalues(modes)[0]) ** 2)
    return Facts(
        {"A": a, "B": b, "C": c, "D": d},
        {"": value},
        1e-9,
        "eigenvalues of the covariance that eqs. 58–63 balance at T = 0.4, Ω = 0.35",
    )


def rotated_rate(_: bool) -> Facts:
    """Q̃Σ̃ + Σ̃Q̃ᵀ and the noise of rotated and scaled fluctuations of opposite large spins, from exact rates; and dΣ/dt
    before that."""
    (q, e_q), (noise, e_noise) = response(OPPOSITE), noise_parts(OPPOSITE)["all"]
    rate, e_rate = in_limit(lambda n: OPPOSITE.generated({"xy": 0.5, "yx": 0.5}, n)[1:, 1:].real / n)
    _, y, z = OPPOSITE.bloch[0]
    turned = Rotation.from_rotvec([np.arctan2(y, z), 0, 0]).as_matrix()
    scaled = np.diag([1 / np.sqrt(2 * np.hypot(y, z))] * 2 + [1.0])
    one = np.eye(2)
    whole = np.kron(one, scaled @ turned)
    tilde = whole @ q @ np.linalg.inv(whole)
    start = whole @ names(OPPOSITE)["S"] @ whole.T
    value = tilde @ start + start @ tilde.T + whole @ noise @ whole.T
    known = {"U": np.kron(one, turned), "R": np.kron(one, scaled), "dS": rate.real, "T": np.transpose}
    return Facts(known, {"": value}, 10 * float((e_q + e_noise + e_rate).max()), _PRODUCTS)


def noise_by_rates(_: bool) -> Facts:
    """The noise by the derivative of the rates, of two large spins: its square and what is between it and the flips."""
    n, beta = 2, GENERAL.beta
    energy = GENERAL.coupling @ GENERAL.bloch[:, 2]
    along = np.zeros((3 * n, n))
    own = np.zeros((3 * n, n))
    for h in range(n):
        along[3 * h + 2] = GENERAL.coupling[h]
        own[3 * h + 2, h] = 1.0
    out = {"T": np.transpose, "R": along, "sigma": block_diag(*(2 * EPSILON @ m for m in GENERAL.bloch))}
    for end, sign in (("p", 1), ("m", -1)):
        square = np.exp(sign * beta * energy) / 2
        out[f"W{end}"] = np.diag(beta**2 / 4 * square * (1 - sign * GENERAL.bloch[:, 2]) / 2)
        out[f"V{end}"] = np.diag(sign * beta / 2 * square)
        out[f"c{end}"] = -sign / 2 * own
    parts = {k: noise_parts(GENERAL)[k] for k in ("second", "mixed")}
    value, error = ({k: x[j] for k, x in parts.items()} for j in (0, 1))
    return Facts(out, value, error, _PRODUCTS)
