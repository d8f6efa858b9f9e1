"""Claims of Benatti et al. 2016 that hold at every N: of the generator, and the steps of their appendix. Decided in the
full space of few spins."""

from __future__ import annotations

import functools

import numpy as np
from scipy.linalg import expm

from comparison.claims.benatti_2016.facts import B, D, N, W, weyl_generator
from comparison.claims.benatti_2016.maps import GENERAL, exact
from comparison.claims.exact import full_space as spins
from comparison.claims.exact.full_space import (
    EPSILON,
    anticommutator,
    commutator,
    dissipated,
    site,
    superoperator,
    total,
)
from comparison.claims.exact.oscillator import position_momentum
from comparison.claims.paper_claim import Facts, PaperClaim

_FULL = f"full space of {N} spins"
_FEW = 3  # spins that evolve in their full space
_TIME, _STEP = 0.8, 0.02
_X = (0, 2)  # (μ, ν) of the covariance operator


def fluctuations(w: np.ndarray, size: int) -> np.ndarray:
    """F_N(s_μ) about the averages w."""
    root = np.sqrt(size)
    return total(size) / root - root * np.asarray(w)[:, None, None] * np.eye(2**size)


def covariance_operators(f: np.ndarray) -> np.ndarray:
    """½{F_μ, F_ν}, (3, 3, dim, dim)."""
    return np.array([[anticommutator(a, b) / 2 for b in f] for a in f])


@functools.cache
def evolved(t: float) -> np.ndarray:
    """The density matrix of a few spins at time t, from the product state with averages `W`."""
    return spins.evolved(lambda x: dissipated(x, D, total(_FEW) / np.sqrt(_FEW)), spins.product(W, _FEW), t)


def averages(rho: np.ndarray) -> np.ndarray:
    """ω(s_μ) of one of a few spins."""
    return np.array([np.trace(rho @ x).real for x in total(_FEW)]) / _FEW


def commutators_of_fluctuations(_: bool) -> Facts:
    """[F_N(s_μ), F_N(s_ν)] for all μ, ν."""
    f = fluctuations(W, N)
    exact = np.array([[commutator(a, b) for b in f] for a in f])
    names = {"i": 1j, "S": total(N) / N, "eps": lambda v: np.einsum("abc,cij->abij", EPSILON, v)}
    return Facts(names, {"": exact}, how=_FULL)


def choi_spectrum(d: np.ndarray, t: float = 0.7) -> np.ndarray:
    """Eigenvalues of Σ_ij e_ij ⊗ γ_t[e_ij] of two spins, none of which is negative if γ_t is completely positive."""
    generator = superoperator(lambda x: dissipated(x, d, total(2) / np.sqrt(2)), 4)
    return np.linalg.eigvalsh(expm(t * generator).reshape(4, 4, 4, 4).transpose(2, 0, 3, 1).reshape(16, 16))


def complete_positivity(_: bool) -> Facts:
    """γ_t[1], and the negative part of the spectrum of the Choi matrix, for two spins."""
    generator = superoperator(lambda x: dissipated(x, D, total(2) / np.sqrt(2)), 4)
    unit = (expm(0.7 * generator) @ np.eye(4).ravel()).reshape(4, 4)
    negative = np.minimum(choi_spectrum(D), 0.0).sum()
    return Facts({"zero": 0.0, "one": np.eye(4)}, {"unit": unit, "negative": negative}, 1e-12, "maps of two spins")


def mean_of_fluctuations(_: bool) -> Facts:
    """ω_t(F_t) in the full space, about averages from Dicke blocks."""
    w = exact(GENERAL, (_TIME,), _FEW).means[-1] / 2
    rho = evolved(_TIME)
    found = [np.trace(rho @ x).real for x in fluctuations(w, _FEW)]
    return Facts({"zero": 0.0}, {"": np.array(found)}, 1e-9, f"full space of {_FEW} spins, and Dicke blocks", scale=0.1)


def pairs_of_sites(_: bool) -> Facts:
    """ω_t(s_1^(i) s_2^(j)) of all pairs of sites; the formula is that of the first."""
    rho = evolved(_TIME)
    pairs = [(i, j) for i in range(_FEW) for j in range(_FEW) if i != j]
    found = np.array([np.trace(rho @ site(0, i, _FEW) @ site(1, j, _FEW)).real for i, j in pairs])
    return Facts({"first": found[0]}, {"": found}, 1e-12, f"full space of {_FEW} spins")


def rate_of_covariance(_: bool) -> Facts:
    """d/dt of ω_t(½{F_t(s_μ), F_t(s_ν)}) of a few spins, by differences in time of fourth order."""

    def covariance(t: float) -> np.ndarray:
        rho = evolved(t)
        return np.einsum("ij,abji->ab", rho, covariance_operators(fluctuations(averages(rho), _FEW))).real

    rate = sum(c * covariance(_TIME + k * _STEP) for k, c in ((-2, 1), (-1, -8), (1, 8), (2, -1))) / (12 * _STEP)
    rho, jumps = evolved(_TIME), total(_FEW) / np.sqrt(_FEW)
    operators = covariance_operators(fluctuations(averages(rho), _FEW))
    generated = [[np.trace(rho @ dissipated(x, D, jumps)).real for x in row] for row in operators]
    return Facts({"generated": np.array(generated)}, {"": rate}, 10 * _STEP**4, f"full space of {_FEW} spins")


def second_part(_: bool) -> Facts:
    """What B_N[½{F_μ, F_ν}] has beside the part with two fluctuations."""
    root, f = np.sqrt(N), fluctuations(W, N)
    pair = covariance_operators(f)[_X]
    inner = np.array([commutator(x, pair) for x in f])
    first = sum(0.5j * B[a, b] * anticommutator(inner[a], f[b]) for a, b in np.ndindex(3, 3))
    names = {"i": 1j, "B": B, "w": W, "root": root, "single": lambda v: np.tensordot(v, inner, 1)}
    return Facts(names, {"": dissipated(pair, 1j * B, total(N) / root) - first}, 1e-12, _FULL)


def commutator_in_two_parts(_: bool) -> Facts:
    """[F_μ', F_μ], and what it is made of."""
    f = fluctuations(W, N)
    exact = np.array([[commutator(a, b) for b in f] for a in f])
    names = {"i": 1j, "root": np.sqrt(N), "F": f, "w": W[:, None, None] * np.eye(2**N)}
    return Facts(names | {"eps": lambda v: np.einsum("abc,cij->abij", EPSILON, v)}, {"": exact}, 1e-13, _FULL)


def commutator_with_covariance_operator(_: bool) -> Facts:
    """[F_μ', ½{F_μ, F_ν}] for all indices."""
    f = fluctuations(W, N)
    both = covariance_operators(f)
    exact = np.array([[[commutator(a, x) for x in row] for row in both] for a in f])
    names = {"i": 1j, "root": np.sqrt(N), "Sigma": both, "wF": W[:, None, None, None] * f[None, :]}
    # ε_{κμγ} x_γν and ε_{κνγ} x_γμ
    names["first"] = lambda x: np.einsum("kmg,gnij->kmnij", EPSILON, x)
    names["second"] = lambda x: np.einsum("kng,gmij->kmnij", EPSILON, x)
    return Facts(names, {"": exact}, 1e-12, _FULL)


def mean_of_second_part(_: bool) -> Facts:
    """ω_t of i Σ B_κλ √N ω_t(s_λ) [F_κ, ½{F_μ, F_ν}] at a later time."""
    rho = evolved(_TIME)
    w = averages(rho)
    f = fluctuations(w, _FEW)
    both, v = covariance_operators(f), 1j * np.sqrt(_FEW) * np.tensordot(B @ w, f, 1)
    exact = np.array([[np.trace(rho @ commutator(v, x)) for x in row] for row in both])
    s = np.einsum("ij,abji->ab", rho, both)
    names = {"B": B, "w": w, "S": s}
    names["first"] = lambda v: np.einsum("k,kmg,gn->mn", v, EPSILON, s)
    names["second"] = lambda v: np.einsum("k,kng,gm->mn", v, EPSILON, s)
    return Facts(names, {"": exact}, 1e-12, f"full space of {_FEW} spins")


def matrix_of_one_operator(_: bool) -> Facts:
    """The Kossakowski matrix of the Lindblad generator with the one operator q + ibp, solved for."""
    b, r = 0.7, position_momentum(6)
    jump = r[0] + 1j * b * r[1]
    terms = [superoperator(lambda x, m=m, n=n: _part(x, r[m], r[n]), 6).ravel() for m, n in np.ndindex(2, 2)]
    whole = superoperator(lambda x: _part(x, jump.conj().T, jump), 6).ravel()
    found = np.linalg.lstsq(np.array(terms).T, whole, rcond=None)[0]
    exact = {k: found[n] for n, k in enumerate(("11", "12", "21", "22"))}
    names = {"i": 1j, "b": b, "zero": 0.0}
    least = np.linalg.eigvalsh(found.reshape(2, 2))[0]
    return Facts(names, exact | {"least": least}, 1e-11, "oscillator in 6 Fock levels")


def _part(x: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """left x right − ½{left right, x}."""
    return left @ x @ right - anticommutator(left @ right, x) / 2


CLAIMS = (
    PaperClaim("000-text-2-1", {"": "i*eps(S)"}, commutators_of_fluctuations),
    PaperClaim("000-text-3-2", {"unit": "one", "negative": "zero"}, complete_positivity),
    PaperClaim("000-29", {"": "zero"}, mean_of_fluctuations),
    PaperClaim("000-46", {"": "xi/2*(A12*double_qp + A21*double_pq)"}, weyl_generator("off")),
    PaperClaim("000-58", {"11": "1", "12": "i*b", "21": "-i*b", "22": "b**2", "least": "zero"}, matrix_of_one_operator),
    PaperClaim("000-text-4.3-3", {"": "first"}, pairs_of_sites),
    PaperClaim("000-68", {"": "generated"}, rate_of_covariance, 1e-4, "differences in time are good to about 1e-6"),
    PaperClaim("000-75", {"": "i*root*single(B@w)"}, second_part),
    PaperClaim("000-text-6-1", {"": "i*eps(F)/root + i*eps(w)"}, commutator_in_two_parts),
    PaperClaim(
        "000-text-6-2",
        {"": "i/root*first(Sigma) + i/root*second(Sigma) + i*first(wF) + i*second(wF)"},
        commutator_with_covariance_operator,
    ),
    PaperClaim("000-text-6-3", {"": "-first(B@w) - second(B@w)"}, mean_of_second_part),
)
