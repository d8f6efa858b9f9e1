"""What decides the claims of Fiorelli 2024 about phases of the Hopfield network with one pattern: stability matrices as
exact rates of change of product states respond to their averages, extrapolated, at fixed points of the model's limit.

Names in formulas: o: overlap ō_z at the fixed point, beta, Omega: β and Ω.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, root

from comparison.claims.exact.product_states import LargeSpins
from comparison.claims.fiorelli_2024.network import drift, response
from comparison.claims.paper_claim import Facts
from finite_n.systems import hopfield
from meanfield import Limit

_STABLE = (2.0, 0.2)  # β, Ω
_SPIRAL = (1.316, 0.09)
_HOW = "product states, exact at every N, extrapolated"
_ROOT = 3e-6  # of a root by β, from errors of some 1e-8 of what vanishes there
_ZERO = np.zeros(3)


def _retrieval(beta: float, omega: float) -> np.ndarray:
    """The averages of the retrieval state, from the ordered side."""
    limit = Limit(hopfield(omega, beta))
    found = root(limit.drift, [0, -0.2, 0.9], jac=limit.jacobian, tol=1e-14)
    return found.x


def _spins(beta: float, omega: float, bloch: np.ndarray) -> LargeSpins:
    return LargeSpins(bloch[None], beta, np.ones((1, 1)), np.array([omega, 0, 0]))


def _stability(beta: float, omega: float, bloch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """∂(ż, ẏ)/∂(z, y) and errors."""
    at = np.ix_([2, 1], [2, 1])
    value, error = response(_spins(beta, omega, bloch))
    return value[at], error[at]


def _entries(matrix: np.ndarray) -> dict[str, float]:
    return {"zz": matrix[0, 0], "zy": matrix[0, 1], "yz": matrix[1, 0], "yy": matrix[1, 1]}


def _eigenvalues(matrix: np.ndarray) -> dict[str, complex]:
    """By real part, then imaginary part."""
    minus, plus = sorted(np.linalg.eigvals(matrix).astype(complex), key=lambda x: (round(x.real, 9), x.imag))
    return {"minus": minus, "plus": plus}


def paramagnet(_: bool) -> Facts:
    """The stability of no order, and its eigenvalues."""
    beta, omega = 0.8, 0.3
    value, error = _stability(beta, omega, np.zeros(3))
    exact = _entries(value) | _eigenvalues(value)
    return Facts({"beta": beta + 0j, "Omega": omega}, exact, 10 * float(error.max()), _HOW)


def retrieval(what: str) -> Callable[[bool], Facts]:
    """The stability matrix of the retrieval state, its eigenvalues, or their imaginary parts where they are a pair."""

    def facts(_: bool) -> Facts:
        beta, omega = _SPIRAL if what == "imaginary" else _STABLE
        bloch = _retrieval(beta, omega)
        value, error = _stability(beta, omega, bloch)
        known = {"beta": beta + 0j if what == "eigenvalues" else beta, "Omega": omega, "o": bloch[2], "zero": 0.0}
        if what == "matrix":
            exact = _entries(value)
        elif what == "eigenvalues":
            found = _eigenvalues(value)
            exact = {f"{form} {k}": found[k] for form in ("first", "second") for k in found}
        else:
            exact = {"": float(np.linalg.eigvals(value).imag.max())}
        return Facts(known, exact, (1 if what == "matrix" else 10) * float(error.max()), _HOW)

    return facts


def stationary(_: bool) -> Facts:
    """ō_z of fixed points at three points of the retrieval phase: Newton's step from those of the limit, by exact rates
    of change."""
    points = [_STABLE, (1 / 0.6, 0.25), (2.5, 0.35)]
    rows = []
    for point in points:
        bloch = _retrieval(*point)
        (rate, off), (matrix, _) = drift(_spins(*point, bloch)), _stability(*point, bloch)
        inverse = np.linalg.inv(matrix)[0]
        rows.append((bloch[2] - inverse @ rate[0, [2, 1]], 2 * np.abs(inverse) @ off[0, [2, 1]]))
    found, error = np.array(rows).T
    beta, omega = np.array(points).T
    return Facts({"beta": beta, "Omega": omega, "o": found}, {"": found}, error, _HOW)


def temperatures(_: bool) -> Facts:
    """β of these points."""
    found = stationary(True)
    return Facts(found.names, {"": found.names["beta"]}, how=_HOW)


def regimes(_: bool) -> Facts:
    """Where the eigenvalues about no order change their kind, and how many are real in region (II)."""

    def eigenvalues(beta: float, omega: float) -> np.ndarray:
        return np.linalg.eigvals(_stability(beta, omega, _ZERO)[0])

    def discriminant(beta: float, omega: float) -> float:
        q = _stability(beta, omega, _ZERO)[0]
        return np.trace(q) ** 2 - 4 * np.linalg.det(q)

    exact = {
        "saddle": brentq(lambda b: np.prod(eigenvalues(b, 0.2)).real, 1.1, 1.6, xtol=1e-9),
        "Hopf": brentq(lambda b: eigenvalues(b, 0.6).real.max(), 1.2, 1.8, xtol=1e-9),
        "spiral": brentq(lambda b: discriminant(b, 0.35), 1.7, 2.2, xtol=1e-9),
        "II": float(np.sum(eigenvalues(1.92, 0.345).imag == 0)),
    }
    return Facts({"zero": 0.0, "two": 2.0}, exact, _ROOT, _HOW)


def hopf(_: bool) -> Facts:
    """β at which the real part of the eigenvalues about no order vanishes, at three Ω."""
    omega = np.array([0.3, 0.45, 0.6])
    exact = np.array([brentq(lambda b, w=w: np.trace(_stability(b, w, _ZERO)[0]), 1.0, 2.0, xtol=1e-9) for w in omega])
    return Facts({}, {"": exact}, _ROOT, _HOW)


def stable_solutions(_: bool) -> Facts:
    """How many stable stationary states there are at T = 0.6, Ω = 0.35."""
    limit, count = Limit(hopfield(0.35, 1 / 0.6)), 0
    found: list[np.ndarray] = []
    for z in np.linspace(-1, 1, 9):
        for y in np.linspace(-1, 1, 5):
            solution = root(limit.drift, [0, y, z], jac=limit.jacobian)
            new = solution.success and all(np.linalg.norm(solution.x - x) > 1e-6 for x in found)
            if new and np.linalg.norm(solution.x) <= 1:
                found.append(solution.x)
                count += int(np.linalg.eigvals(_stability(1 / 0.6, 0.35, solution.x)[0]).real.max() < 0)
    return Facts(
        {"zero": 0.0},
        {"": float(count)},
        how=f"stationary states of the limit, searched from 45 starts; {_HOW}",
        scale=1.0,
    )
