"""How fast the series converge in their number of terms: faster than any power, against scipy's exponential.

Slopes are those of log error against log terms between neighbouring numbers of terms; beyond hb, where the coefficients
begin to fall, each is steeper than the one before.
"""

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sp

from finite_n.propagation.chebyshev import Chebyshev
from finite_n.propagation.faber import tails
from finite_n.propagation.sparse_problem import SparseProblem

FLOOR = 1e-13  # of errors, above rounding


def _chain(rng) -> np.ndarray:
    """A classical chain, rates of order one, columns that add up to zero: exp(tA) keeps Σ|x|."""
    A = rng.random((8, 8))
    np.fill_diagonal(A, 0)
    return A - np.diag(A.sum(axis=0))


def _turning(rng) -> np.ndarray:
    """An antisymmetric matrix with a little damping."""
    B = rng.normal(size=(8, 8))
    return B - B.T - 0.1 * np.eye(8)


def _steepening(terms: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Slopes at errors between 0.1 of the state and `FLOOR`."""
    used = (errors < 0.1) & (errors > FLOOR)
    assert used.sum() >= 4
    return -np.diff(np.log(errors[used])) / np.diff(np.log(terms[used]))


@pytest.mark.parametrize("kind", [_chain, _turning])
@pytest.mark.parametrize("h", [1.0, 4.0])
def test_faber_series(kind, h):
    A = kind(np.random.default_rng(1))
    x = np.full(8, 1 / 8)
    x[0] += 0.5
    problem = SparseProblem(sp.csr_array(A), x, sp.csr_array(np.eye(8)))
    ellipse = problem.field_of_values(h, x)
    weight = ellipse.coefficients(h)[0]
    exact, terms, errors = scipy.linalg.expm(h * A) @ x, np.arange(4, weight.size, 4), []
    for K in terms:
        acc, series = problem.empty(), np.zeros((K + 1, 8))
        part = np.ascontiguousarray(weight[: K + 1])
        problem.series(x, problem.empty(), problem.empty(), acc, series, part, tails(part), ellipse, 0.0, 1e9)
        errors.append(problem.trace_norm(acc - exact))
        assert np.abs(part @ series - acc).max() < 1e-12  # functionals by terms, here the state itself
    rest = 2 * tails(weight)[terms] * problem.trace_norm(x)  # ‖F_k‖ ≤ 2 in the norm of the field of values
    assert np.all(np.array(errors) <= 2 * rest + FLOOR)
    slopes = _steepening(terms, np.array(errors))
    assert slopes[-1] > 12 and slopes[-1] > 1.3 * slopes[0]


@pytest.mark.parametrize("t", [2.0, 20.0])
def test_chebyshev_series(t):
    rng = np.random.default_rng(2)
    H = rng.normal(size=(6, 6)) + 1j * rng.normal(size=(6, 6))
    H = (H + H.conj().T) / 4
    psi = rng.normal(size=(6, 2))
    psi /= np.linalg.norm(psi)
    terms, errors = [], []
    for tol in 10.0 ** np.arange(-13, 0):
        series = Chebyshev(sp.csr_array(H))
        *_, last = series.steps(psi, np.array([0.0, t]), tol)
        exact = scipy.linalg.expm(-1j * (H - series.centre * np.eye(6)) * t) @ (psi[:, 0] + 1j * psi[:, 1])
        error = np.linalg.norm(last[:, 0] + 1j * last[:, 1] - exact)
        assert error <= 2 * series.error + FLOOR  # what it says of itself
        if not terms or series.applications != terms[-1]:
            terms.append(series.applications)
            errors.append(error)
    slopes = _steepening(np.array(terms[::-1]), np.array(errors[::-1]))
    assert np.median(slopes[-3:]) > 10 and np.median(slopes[-3:]) > np.median(slopes[:3])
    assert terms[0] < series.radius * t + 60  # and no more than the Bessel functions ask for
