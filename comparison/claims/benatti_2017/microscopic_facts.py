"""What decides the claims of Benatti et al. 2017 about the master equation at every N: of one site as it is written,
and of two.

Names in formulas: Phi, Dt: e^{tL}, and with the dissipator alone; U, V: e^{itH}, e^{−itH}.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from scipy.linalg import expm
from scipy.optimize import brentq

from comparison.claims.benatti_2017.few_sites import ONE
from comparison.claims.benatti_2017.site import CHAIN, LETTERS, OTHERS, Site, generator, site, two_sites
from comparison.claims.benatti_2017.weyl import R1, R2, R
from comparison.claims.exact.full_space import commutator, dissipated, superoperator
from comparison.claims.paper_claim import Facts
from finite_n.model.polynomial import Polynomial
from finite_n.systems.double_chain import FIRST, SECOND, DoubleChain

TIME = 0.7
_SMALL = "one site with up to {} quanta"


def complete_positivity(_: bool) -> Facts:
    """The largest and smallest λ with C ≥ 0: where its smallest eigenvalue vanishes."""

    def smallest(coupling: float) -> float:
        return float(np.linalg.eigvalsh(DoubleChain(CHAIN.T, CHAIN.omega, coupling).kossakowski)[0])

    exact = {"largest": brentq(smallest, 0.5, 2.0), "smallest": brentq(smallest, -2.0, -0.5)}
    return Facts({}, exact, 1e-10, "eigenvalues of a 4×4 matrix")


@functools.cache
def _squeezed_later() -> Callable[[Polynomial], float]:
    """Averages at t of one site whose first oscillator starts squeezed, the second in the vacuum."""
    s = site()
    vacuum = np.eye(s.size)[0]
    psi = expm(0.05j * s.matrix(FIRST.x * FIRST.p + FIRST.p * FIRST.x)) @ vacuum
    rho = s.evolved(np.outer(psi, psi.conj())[None], TIME)[0]
    return lambda p: float(np.trace(rho @ s.matrix(p)).real)


def gaussian_stays_gaussian(_: bool) -> Facts:
    """⟨x_1⁴⟩, ⟨x_1²x_2²⟩ and ⟨x_1³x_2⟩ at a later time; names: second moments then."""
    at, x, y = _squeezed_later(), FIRST.x, SECOND.x
    exact = {"4": at(x**4), "22": at(x**2 * y**2), "31": at(x**3 * y)}
    return Facts({"xx": at(x**2), "xy": at(x * y), "yy": at(y**2)}, exact, 1e-9, ONE)


def uncoupled(_: bool) -> Facts:
    """λ = 0: averages of products of both chains at a later time, from a product; names: averages of one chain; and
    what L makes of X_1 and X_2 in operators of the other chain or of both."""
    s = site(coupling=0.0)
    psi = expm(0.05j * s.matrix(FIRST.x * FIRST.p + FIRST.p * FIRST.x)) @ np.eye(s.size)[0]
    rho = s.evolved(np.outer(psi, psi.conj())[None], TIME)[0]
    x, y = FIRST.x, SECOND.x
    asked = {"xx": x**2, "yy": y**2, "11": x * y, "22": x**2 * y**2}
    at = {k: float(np.trace(rho @ s.matrix(p)).real) for k, p in asked.items()}
    exact = {"22": at.pop("22"), "11": at.pop("11"), "generator": generator(coupling=0.0)[5:7, 7:11]}
    return Facts(at | {"zero": 0.0}, exact, 1e-10, ONE)


def heisenberg(s: Site, parts: Sequence[str] = ("H", "D")) -> np.ndarray:
    """L, or one part of it, on matrices between the levels of a site, row by row."""
    C, v = s.chain.kossakowski, s.v

    def of(x: np.ndarray) -> np.ndarray:
        out = np.zeros(x.shape, complex)
        if "H" in parts:
            out += 1j * commutator(s.H, x)
        if "D" in parts:
            out += dissipated(x, C, v)
        return out

    return superoperator(of, s.size)


@functools.cache
def _maps(t: float, parts: tuple[str, ...] = ("H", "D"), quanta: int = 2) -> np.ndarray:
    return expm(t * heisenberg(site(quanta=quanta), parts))


def applied(matrix: np.ndarray, x: np.ndarray) -> np.ndarray:
    """A map of matrices."""
    return (matrix @ x.ravel()).reshape(x.shape)


def _some(size: int, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))


@functools.cache
def _map_of_two_sites() -> np.ndarray:
    """e^{tL} of two sites with up to one quantum each, from the generator of both."""
    s = site(quanta=1)
    C, v = s.chain.kossakowski, [np.array([two_sites(x, k) for x in s.v]) for k in (0, 1)]
    H = two_sites(s.H, 0) + two_sites(s.H, 1)

    def of(x: np.ndarray) -> np.ndarray:
        return 1j * commutator(H, x) + dissipated(x, C, v[0]) + dissipated(x, C, v[1])

    return expm(TIME * superoperator(of, s.size**2))


def products_over_sites(_: bool) -> Facts:
    """e^{tL}[X ⊗ Y] of two sites with up to one quantum each, by the generator of both."""
    s = site(quanta=1)
    X, Y = _some(s.size), _some(s.size, 6)
    exact = applied(_map_of_two_sites(), two_sites(X, 0) @ two_sites(Y, 1))
    own = _maps(TIME, quanta=1)
    names = {"X": X, "Y": Y, "first": lambda x: two_sites(x, 0), "second": lambda x: two_sites(x, 1)}
    return Facts(names | {"Phi": lambda x: applied(own, x)}, {"": exact}, 1e-12, _SMALL.format(1))


def _turn(s: Site, t: float) -> dict:
    return {"U": np.diag(np.exp(1j * t * np.diag(s.H))), "V": np.diag(np.exp(-1j * t * np.diag(s.H)))}


def parts_commute(_: bool) -> Facts:
    """D[e^{itH} X e^{−itH}] of some X."""
    s = site(quanta=2)
    turn, x = _turn(s, TIME), _some(s.size)
    exact = dissipated(turn["U"] @ x @ turn["V"], s.chain.kossakowski, s.v)
    return Facts(turn | {"DX": dissipated(x, s.chain.kossakowski, s.v)}, {"": exact}, 1e-12, _SMALL.format(2))


def one_after_the_other(_: bool) -> Facts:
    """e^{tL}[X] of some X."""
    s = site(quanta=2)
    x = _some(s.size)
    names = _turn(s, TIME) | {"X": x, "Dt": lambda y: applied(_maps(TIME, ("D",)), y)}
    exact = applied(_maps(TIME), x)
    return Facts(names, {"first": exact, "second": exact}, 1e-12, _SMALL.format(2))


def semigroup(_: bool) -> Facts:
    """e^{(t+s)L}."""
    t, s = TIME, 0.4
    exact = _maps(t + s)
    return Facts({"g_t": _maps(t), "g_s": _maps(s)}, {"first": exact, "second": exact}, 1e-12, _SMALL.format(2))


def schwarz_positivity(_: bool) -> Facts:
    """e^{tL}[X†X] − e^{tL}[X†]e^{tL}[X], a number for X of degree one, of four X and at three times."""
    s, found = site(quanta=4), []
    matrices = [np.eye(s.size), *s.v, *s.X, *(s.matrix(p) for p in OTHERS)]
    for t in (0.1, 0.7, 3.0):
        maps = expm(t * generator())
        for c in _some(4):
            square = sum((c[a].conj() * c[b] * LETTERS[a] * LETTERS[b] for a, b in np.ndindex(4, 4)), Polynomial({}))
            x = s.matrix(square)
            real, imaginary = (s.coefficients(y, matrices)[0] for y in ((x + x.conj().T) / 2, (x - x.conj().T) / 2j))
            later = np.tensordot((real + 1j * imaginary) @ maps, matrices, 1)
            moved = sum(
                (float(k.real) + 1j * float(k.imag)) * p for k, p in zip(c @ maps[1:5, 1:5], LETTERS, strict=True)
            )
            wide = s.wide(moved)
            found.append((later - s.cut(wide.conj().T @ wide))[0, 0].real)
    return Facts({"zero": 0.0}, {"": np.array(found)}, 1e-11, ONE)


_MONOMIALS = (FIRST.x**2, FIRST.p**4, FIRST.x**2 * SECOND.x**2, FIRST.x * SECOND.x * FIRST.p * SECOND.p)


def stationary(_: bool) -> Facts:
    """⟨e^{tL}[X]⟩ in the thermal state of monomials up to degree four; names: ⟨X⟩; and ⟨L[X]⟩ of both parts of L."""
    s = site()
    rho = s.evolved(s.rho[None], TIME)[0]
    matrices = [s.matrix(p) for p in _MONOMIALS]
    later = np.array([np.trace(rho @ x) for x in matrices])
    quadratic = [*s.chain.operators.values(), *OTHERS]
    parts = np.array([[s.average(f(p)) for p in quadratic] for f in (s.hamiltonian_part, s.dissipative_part)])
    names = {"X": np.array([s.average(x) for x in matrices]), "zero": 0.0}
    return Facts(names, {"later": later, "parts": parts}, 1e-11, ONE)


def product_of_two_sites(_: bool) -> Facts:
    """⟨W^(2)(r₁)Φ_t^(2)[W^(2)(r)]W^(2)(r₂)⟩ of two sites with up to one quantum each."""
    s = site(quanta=1)
    X = np.array([s.v[0], s.v[1], s.v[2], s.v[3], s.H, s.v[0] @ s.v[3]])
    X = (X + X.conj().transpose(0, 2, 1)) / 2  # any operators: sites are what counts

    def whole(r: np.ndarray) -> np.ndarray:
        x = np.tensordot(r, X, 1)
        return expm(1j * (two_sites(x, 0) + two_sites(x, 1)) / np.sqrt(2))

    w1, w, w2 = (expm(1j * np.tensordot(r, X, 1) / np.sqrt(2)) for r in (R1, R, R2))
    one = s.average(w1 @ applied(_maps(TIME, quanta=1), w) @ w2)
    exact = np.trace(np.kron(s.rho, s.rho) @ whole(R1) @ applied(_map_of_two_sites(), whole(R)) @ whole(R2))
    return Facts({"one": one, "N": 2.0}, {"": exact}, 1e-12, "two sites of three levels")
