"""What decides the claims of Merkli and Rafiyi 2018 about energy-conserving models (Lemma 1.5, section 2.2, proof
3.5.3): exact numbers at any N in closed form, Taylor coefficients in λ, and one oscillator in Fock levels.

Names in formulas: number(c), phi2(c), weyl(c): averages of the reservoir for a single oscillator that is coupled to it
by c φ ⊗ B; kappa = λ²μ_S(G²), G2 = μ_S(G²), G0 = μ_S(G); omega and nu: frequencies of modes; F: F(t) of eq. 2.10.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.sparse import csr_array, eye_array, kron
from scipy.sparse.linalg import expm_multiply
from scipy.special import gamma

from comparison.claims.exact.full_space import in_limit
from comparison.claims.exact.oscillator import low
from comparison.claims.merkli_2018 import ladders, points
from comparison.claims.merkli_2018.points import NU, OMEGA0, PAULI, POLARISED, SZ
from comparison.claims.merkli_2018.setting import Setting, nested, ordered, turned
from comparison.claims.paper_claim import Facts
from comparison.referee.extrapolation import extrapolate
from finite_n.solvers.evolve import evolve
from finite_n.states.mode import Field
from finite_n.systems import energy_conserving

_LAM = 0.5
_ALONG_X = (1.0, 0.0, 0.0)
_T = np.array([1.0, 3.0])
_CLOSED = "closed form at N = 100 … 6400, extrapolated"
_LEVELS = 60
_G = np.array([1.0, 0.6])  # form factor of two modes
_OMEGA = np.array([0.8, 1.7])
_FUNCTIONS = {
    **{"i": 1j, "fact": lambda x: gamma(x + 1), "Re": np.real, "Im": np.imag, "conj": np.conj, "abs": np.abs},
    "sum": lambda x: np.sum(x, axis=-1),
}


def weyl(f: complex, levels: int = _LEVELS) -> np.ndarray:
    """W(f) = e^{iφ(f)}, φ(f) = (f a† + f* a)/√2."""
    return expm(1j * smeared(f, levels))


def smeared(f: complex, levels: int = _LEVELS) -> np.ndarray:
    """φ(f)."""
    a = points.lowering(levels)
    return (f * a.T + np.conj(f) * a) / np.sqrt(2)


_H = 0.8 + 0.5j  # of the Weyl operator W(h) of the field


@functools.cache
def _one_oscillator(coupling: float, levels: int = 36, field: int = 80) -> dict[str, np.ndarray]:
    """The right side of eq. 1.25 with any number in place of 2√ϰ, for N̂, φ² and W(h), at two times."""
    one, phi = eye_array(levels), points.phi(field)
    free = kron(one, csr_array(NU * points.number(field)))
    H = csr_array(free + coupling * kron(csr_array(points.phi(levels)), csr_array(phi)))
    start = np.zeros(levels * field, complex)
    start[0] = 1.0
    operators = {"number": points.number(field), "phi2": phi @ phi, "weyl": weyl(_H, field)}
    kets = [expm_multiply(-1j * t * H, start).reshape(levels, field) for t in _T]
    return {k: np.array([np.vdot(x, x @ A.T) for x in kets]) for k, A in operators.items()}


def _oscillator() -> dict[str, Callable[[float], np.ndarray]]:
    names = {k: lambda c, k=k: _one_oscillator(float(c))[k] for k in ("number", "phi2", "weyl")}
    return {**names, "kappa": _LAM**2, "free": 0.5}


def _conserving() -> ladders.Limits:
    return ladders.conserving((_LAM,), (NU,), _ALONG_X, Field(), (0.0, *_T))


def lemma_1_5(_: bool) -> Facts:
    """⟨N̂⟩ and ⟨φ²⟩ for N → ∞ from the vacuum, spins along x."""
    value, error = _conserving()
    of = ("number", "phi2")
    return Facts(_oscillator(), {k: value[k][1:] for k in of}, {k: error[k][1:] + 1e-8 for k in of}, _CLOSED)


def series_of_lemma_1_5(_: bool) -> Facts:
    """⟨φ²⟩ − ½ for N → ∞."""
    value, error = _conserving()
    return Facts(_oscillator(), {"": value["phi2"][1:] - 0.5}, error["phi2"][1:] + 1e-8, _CLOSED)


@functools.cache
def _weyl_in_limit() -> tuple[np.ndarray, np.ndarray]:
    """⟨W(h)⟩ for N → ∞: an average over the binomial distribution of Σ σz = M of one mode with the force λM/√N."""
    levels, sizes = 70, (2, 4, 6, 8, 12, 16)
    H, phi, W = NU * points.number(levels), points.phi(levels), weyl(_H, levels)

    def at(N: int) -> np.ndarray:
        out = 0
        for up in range(N + 1):
            e, u = np.linalg.eigh(H + _LAM * (2 * up - N) / math.sqrt(N) * phi)
            kets = [u @ (np.exp(-1j * t * e) * u[0]) for t in _T]
            out = out + math.comb(N, up) / 2**N * np.array([np.vdot(x, W @ x) for x in kets])
        return out

    values = np.array([at(N) for N in sizes])
    parts = [extrapolate(sizes, x, 1e-13) for x in (values.real, values.imag)]
    return parts[0].value + 1j * parts[1].value, parts[0].error + parts[1].error


def weyl_limit(_: bool) -> Facts:
    """⟨W(h)⟩ for N → ∞ from the vacuum, spins along x."""
    value, error = _weyl_in_limit()
    names = {**_FUNCTIONS, **_oscillator(), "lam": _LAM, "G2": 1.0, "g": 1.0, "omega": NU, "h": _H, "t": _T}
    return Facts(names, {"": value}, error + 1e-9, "binomial average at N = 2 … 16, extrapolated")


def quanta(_: bool) -> Facts:
    """The number of quanta of two modes for N → ∞, the first one from a coherent state."""
    field = Field(beta=0.3 + 0.4j)
    value, error = ladders.conserving(tuple(_LAM * _G), tuple(_OMEGA), _ALONG_X, field, (0.0, *_T))
    names = {**_FUNCTIONS, "N0": 0.25, "lam": _LAM, "G2": 1.0, "g": _G, "omega": _OMEGA, "t": _T[:, None]}
    return Facts(names, {"": value["number"][1:]}, error["number"][1:], _CLOSED)


def _quanta(lam: float, times) -> tuple[np.ndarray, float]:
    """The number of quanta at N = 50."""
    found = evolve(energy_conserving(OMEGA0, NU, lam), 50, list(_ALONG_X), times)
    return found.number(), 50 * found.budget.moment_error


def second_order(_: bool) -> Facts:
    """The number of quanta at N = 50 for λ = 1 and 2, and what λ = 0.5 makes of one unit of λ²."""
    found = [_quanta(lam, (0.0, *_T)) for lam in (0.5, 1.0, 2.0)]
    names = {"one": found[0][0][1:] / 0.25, "lam": np.array([[1.0], [2.0]])}
    exact = np.array([n[1:] for n, _ in found[1:]])
    return Facts(names, {"": exact}, max(e for _, e in found) + 1e-11, "closed form at N = 50")


def periodic(_: bool) -> Facts:
    """The number of quanta at N = 50 for λ = 0.5 and 10, one and three periods of the mode later."""
    exact, earlier, error = [], [], 0.0
    for lam in (0.5, 10.0):
        for periods in (1, 3):
            late = 2 * np.pi * periods / NU
            found, off = _quanta(lam, (0.0, *_T, *(_T + late)))
            earlier.append(found[1:3])
            exact.append(found[3:])
            error = max(error, off)
    size = np.abs(exact).max()
    names = {"earlier": np.array(earlier)}
    return Facts(names, {"": np.array(exact)}, error + 1e-12 * size, "closed form at N = 50")


def only_the_variance(_: bool) -> Facts:
    """⟨φ⁴⟩ for N → ∞ with three-level particles, and with spins of the same μ_S(G²)."""
    value, error = ladders.fourth_moment(True, _LAM, NU, (0.0, *_T))
    spins, off = ladders.fourth_moment(False, _LAM, NU, (0.0, *_T))
    return Facts({"spins": spins[1:]}, {"": value[1:]}, (error + off)[1:], "closed form at N = 10 … 320, extrapolated")


def _polarised() -> ladders.Limits:
    return ladders.conserving(tuple(_LAM * _G), tuple(_OMEGA), POLARISED, Field(), (0.0, *_T))


def one_particle(_: bool) -> Facts:
    """⟨σ⟩ for N → ∞ of spins with μ(G) = 0.5 and two modes; formulas are i dρ/dt, integrated."""
    value, error = _polarised()

    def tr2(x: np.ndarray) -> np.ndarray:
        return np.einsum("ajbj->ab", x.reshape(2, 2, 2, 2))

    names = {"h": OMEGA0 / 2 * SZ, "G": SZ, "lam": _LAM, "G0": POLARISED[2]}
    names |= {"Tr2": tr2, "two": lambda x: np.kron(x, x)}

    def solve(formulas) -> dict[str, np.ndarray]:
        def rhs(t, y):
            F = -np.sum(_G**2 * (1 - np.cos(_OMEGA * t)) / _OMEGA)
            return -1j * formulas({**names, "rho": y.reshape(2, 2), "F": F})["rhs"].ravel()

        start = (np.eye(2) + np.tensordot(POLARISED, PAULI[1:], 1)) / 2
        y = solve_ivp(rhs, (0, _T[-1]), start.ravel().astype(complex), "DOP853", _T, rtol=1e-10, atol=1e-12).y
        return {
            k: np.einsum("ij,jit->t", sigma, y.reshape(2, 2, -1)) for k, sigma in zip("xyz", PAULI[1:], strict=True)
        }

    return Facts(names, {k: value[k][1:] for k in "xyz"}, {k: error[k][1:] for k in "xyz"}, _CLOSED, solve)


def products(_: bool) -> Facts:
    """⟨σxσx⟩ and ⟨σxσy⟩ of two spins with μ(G) = 0.5, and the averages of one, for N → ∞."""
    value, error = _polarised()
    names = {k: value[k][1:] for k in "xy"}
    off = error["x"][1:] + error["y"][1:]
    exact = {k: value[k][1:] for k in ("xx", "xy")}
    return Facts(names, exact, {k: error[k][1:] + off for k in exact}, _CLOSED)


def free_particle(_: bool) -> Facts:
    """⟨σx⟩ and ⟨σy⟩ for N → ∞ of spins with μ(G) = 0."""
    value, error = _conserving()
    names = {"omega0": OMEGA0, "t": _T}
    return Facts(names, {k: value[k][1:] for k in "xy"}, {k: error[k][1:] for k in "xy"}, _CLOSED)


def partial_trace(_: bool) -> Facts:
    """Tr_2 [G ⊗ G, ρ ⊗ ρ] of matrices of dimension 3."""
    rng = np.random.default_rng(7)
    x, y = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2))
    rho, G = x @ x.conj().T, y + y.conj().T
    whole = nested(np.kron(rho, rho), np.kron(G, G)).reshape(3, 3, 3, 3)
    return Facts({"rho": rho, "G": G, "Tr": np.trace}, {"": np.einsum("ajbj->ab", whole)}, 1e-11, "matrices")


_XI, _TIME = 0.3, 1.0


def _polaron() -> tuple[np.ndarray, np.ndarray, complex]:
    """H_R, e^{it(H_R + φ(ξg))} with g = 1, and f = ξg/(iω), for one mode."""
    H = NU * points.number(_LEVELS)
    return H, expm(1j * _TIME * (H + smeared(_XI))), _XI / (1j * NU)


def _levels() -> str:
    return f"oscillator in {_LEVELS} Fock levels"


def polaron(_: bool) -> Facts:
    """W(f) e^{it(H_R + φ(ξg))} W(−f) between low levels."""
    H, U, f = _polaron()
    names = {"i": 1j, "U": low(expm(1j * _TIME * H)), "t": _TIME, "xi": _XI, "g": 1.0, "omega": NU}
    return Facts(names, {"": low(weyl(f) @ U @ weyl(-f))}, 1e-10, _levels())


def weyl_relations(_: bool) -> Facts:
    """W(f) H_R W(−f) and W(f) φ(g) W(−f) between low levels."""
    f, g, H = 0.2 + 0.1j, 1.0 + 0.4j, NU * points.number(_LEVELS)
    names = {**_FUNCTIONS, "H": low(H), "phi_iwf": low(smeared(1j * NU * f)), "phi": low(smeared(g))}
    names |= {"omega": NU, "f": f, "g": g, "one": np.eye(len(low(H)))}
    exact = {"H": low(weyl(f) @ H @ weyl(-f)), "phi": low(weyl(f) @ smeared(g) @ weyl(-f))}
    return Facts(names, exact, 1e-10, _levels())


def displaced(_: bool) -> Facts:
    """e^{it(H_R + φ(ξg))} (a + 0.3 a†a) e^{−it(…)} between low levels."""
    H, U, f = _polaron()
    A = points.lowering(_LEVELS) + 0.3 * points.number(_LEVELS)
    d = (np.exp(1j * NU * _TIME) - 1) * f
    # products of matrices that truncation leaves alone where they are read
    names = {"Wplus": weyl(d), "At": turned(A, H, _TIME), "Wminus": weyl(-d), "low": low}
    return Facts(names, {"": low(U @ A @ U.conj().T)}, 1e-10, _levels())


def weyl_evolved(_: bool) -> Facts:
    """e^{it(H_R + φ(ξg))} W(h) e^{−it(…)} between low levels, ξ = 2√ϰ x at a place x of the oscillator's φ."""
    _, U, _ = _polaron()
    names = {**_FUNCTIONS, "kappa": 0.04, "x": _XI / 0.4, "g": 1.0, "omega": NU, "t": _TIME, "h": _H}
    names["Wt"] = low(weyl(np.exp(1j * NU * _TIME) * _H))
    return Facts(names, {"": low(U @ weyl(_H) @ U.conj().T)}, 1e-10, _levels())


def resummed(_: bool) -> Facts:
    """Coefficients of λ² and λ⁴ in ⟨φ⁴⟩ for N → ∞ with G = σz, and integrals of commutators of the reservoir alone by
    quadrature."""
    levels, t = 12, 1.0
    phi, H = points.phi(levels), NU * points.number(levels)
    A = np.linalg.matrix_power(phi, 4)
    setting = Setting(OMEGA0 / 2 * SZ, SZ, np.eye(2) / 2, H, phi, points.vacuum(levels))

    def value(N: int) -> np.ndarray:
        found = setting.coefficients(setting.observable(N, (), A), t, N, (2, 4))
        return np.array([found[2].real, found[4].real])

    limit, off = in_limit(value, 1)
    at = functools.partial(turned, phi, H)
    now = turned(A, H, t)

    def commutators(*times: float) -> complex:
        return nested(now, *(at(s) for s in times))[0, 0]

    names = {**_FUNCTIONS, "kappa": 1.0}
    names |= {f"I{r}": ordered(commutators, t, r, n) for r, n in ((2, 8), (4, 6))}
    exact = dict(zip(("1", "2"), limit, strict=True))
    return Facts(names, exact, float(off.max()) + 1e-8, "Taylor coefficients in λ of exact averages")


def ancilla(_: bool) -> Facts:
    """[φ ⊗ B_r, [… [φ ⊗ B_1, 1 ⊗ A]]] for r = 2 and 3, matrices of dimensions 4 and 3."""
    rng = np.random.default_rng(5)
    phi = points.phi(4)
    A, *B = (rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(4))
    exact, names = {}, {"phi": phi}
    for r in (2, 3):
        exact[str(r)] = nested(np.kron(np.eye(4), A), *(np.kron(phi, b) for b in B[:r]))
        names[f"with{r}"] = lambda x, r=r: np.kron(x, nested(A, *B[:r]))
    return Facts(names, exact, 1e-11, "matrices")


def vacuum_moments(_: bool) -> Facts:
    """⟨φ^r⟩ of the vacuum, r = 2, 4 … 10."""
    r = np.arange(2, 12, 2)
    exact = np.array([np.linalg.matrix_power(points.phi(12), k)[0, 0] for k in r])
    return Facts({**_FUNCTIONS, "r": r}, {"": exact}, 1e-12, "oscillator in 12 Fock levels")


def conserved(_: bool) -> Facts:
    """⟨G⟩ for N → ∞ of spins with μ(G) = 0.5 and two modes."""
    value, error = _polarised()
    return Facts({"G0": POLARISED[2]}, {"": value["z"][1:]}, error["z"][1:], _CLOSED)


def weyl_products(_: bool) -> Facts:
    """W(f)W(h) between low levels."""
    f, h = 0.2 + 0.1j, _H
    names = {**_FUNCTIONS, "f": f, "h": h, "Wsum": low(weyl(f + h))}
    return Facts(names, {"": low(weyl(f) @ weyl(h))}, 1e-10, _levels())


def vacuum_average(_: bool) -> Facts:
    """⟨e^{−2i√ϰ R φ}⟩ of the vacuum for three values of R."""
    kappa, R = 0.04, np.array([0.7, 2.0, 4.0])
    exact = np.array([weyl(-2 * math.sqrt(kappa) * x)[0, 0] for x in R])
    return Facts({"kappa": kappa, "R": R}, {"": exact}, 1e-10, _levels())
