"""The map of fluctuations: against the covariance of the limit, its algebra, and exact numbers of many spins."""

import dataclasses

import numpy as np
import pytest

from comparison import extrapolate
from finite_n import Field, FiniteNError, weyl_three_point
from finite_n.systems import collective_dissipation, dicke_model, hopfield
from meanfield import Limit, fluctuation_map

R = np.array([[0.2, 0, 0.4], [0.2, 0.5, 0.6], [0, 0.3, -0.3]])
TIMES = [0, 0.5, 1.0]
INTEGRATED = 1e-9  # of numbers of order one


@pytest.mark.parametrize(
    ("model", "start"),
    [
        (hopfield(0.3, 0.8), [0, 0.3, 0.4]),
        (collective_dissipation(), [0.5, 0.2, -0.3]),
        (dicke_model(0.4, loss=0.3), {"": [0.3, 0, -0.5], "field": Field(alpha=0.2, beta=0.1)}),
    ],
)
def test_it_carries_covariances_and_mean_values(model, start):
    found, limit = fluctuation_map(model, start, TIMES), Limit(model).evolve(start, TIMES)
    moved = found.X @ found.covariance @ found.X.transpose(0, 2, 1) + found.Y
    assert moved == pytest.approx(limit.covariance, abs=INTEGRATED)
    assert found.X @ limit.first_moments[0] == pytest.approx(limit.first_moments, abs=INTEGRATED)
    assert found.means == pytest.approx(limit.means, abs=INTEGRATED)
    r = np.zeros((3, len(found.covariance)))
    r[1] = np.linspace(0.2, 0.8, len(found.covariance))
    assert found.three_point(r) == pytest.approx(limit.characteristic(r[1]), abs=INTEGRATED)


def test_noise_makes_up_for_the_commutators_that_are_lost():
    """Complete positivity, Y + (i/2)(σ_t − XσXᵀ) ≥ 0, at t = 0 with Weyl operators that multiply by their phases."""
    model, start = hopfield(0.3, 0.8), [0, 0.3, 0.4]
    found = fluctuation_map(model, start, TIMES)
    for m, x, y in zip(found.means, found.X, found.Y, strict=True):
        lost = Limit(model).symplectic(m) - x @ found.symplectic @ x.T
        assert np.linalg.eigvalsh(y + 0.5j * lost)[0] > -1e-9
    v, s = R.sum(axis=0), found.symplectic
    phase = R[0] @ s @ R[1] + R[0] @ s @ R[2] + R[1] @ s @ R[2]
    assert found.three_point(R)[0] == pytest.approx(np.exp(-0.5 * v @ found.covariance @ v - 0.5j * phase), abs=1e-12)


@pytest.mark.parametrize(
    ("model", "start"), [(hopfield(0.3, 0.8), [0, 0.3, 0.4]), (collective_dissipation(), [0.5, 0.2, -0.3])]
)
def test_exact_numbers_go_there_as_the_root_of_n(model, start):
    """The mesoscopic limit of the dynamics (Benatti et al. 2016, Fiorelli 2024): what is even in r goes there by 1/N,
    what is odd to 0 by N^−½."""
    sizes, times = [10, 20, 40, 80], [0, 0.8]
    both = [np.array([weyl_three_point(model, N, start, times, r, check=False).values for N in sizes]) for r in (R, -R)]
    even, odd = (both[0] + both[1]) / 2, (both[0] - both[1]) / 2
    limit = fluctuation_map(model, start, times).three_point(R)
    for part in (np.real, np.imag):
        found = extrapolate(sizes, part(even), 1e-9, ordered=True)
        assert np.all(np.abs(found.value - part(limit)) <= found.error) and np.all(found.error < 2e-3)
    assert np.log(np.abs(odd[-2, 1] / odd[-1, 1])) / np.log(2) == pytest.approx(0.5, abs=0.06)
    reversed_order = fluctuation_map(model, start, times).three_point(R[::-1])
    assert np.abs(reversed_order - limit).min() > 0.02  # far beyond these errors


def test_a_number_state_keeps_its_shape():
    """Atoms and a field that starts with one boson: exact numbers go to the map with a Laguerre polynomial, by 1/N."""
    model, start, sizes = dicke_model(0.5), {"": [0, 0, -0.6], "field": Field(number=1)}, [2, 4, 8, 16]
    r = np.zeros((3, 5))
    r[:, [0, 3, 4]] = [[0.3, 0.2, 0.1], [0.4, 0.8, -0.3], [-0.2, 0.3, 0.4]]
    exact = np.array([weyl_three_point(model, N, start, [0, 0.8], r, check=False).values[1] for N in sizes])
    found = fluctuation_map(model, start, [0, 0.8])
    gaps = np.abs(exact - found.three_point(r)[1])
    assert np.log2(gaps[:-1] / gaps[1:]) == pytest.approx([1, 1, 1], abs=0.15) and gaps[-1] < 5e-3
    gaussian = dataclasses.replace(found, number_states={}).three_point(r)[1]
    assert abs(gaussian - found.three_point(r)[1]) > 0.02


def test_bad_input_is_refused():
    with pytest.raises(FiniteNError, match="each of x, y, z"):
        fluctuation_map(hopfield(), [0, 0.3, 0.4], TIMES).three_point(R[:2])
    with pytest.raises(FiniteNError, match="give a finite_n"):
        fluctuation_map("hopfield", [0, 0.3, 0.4], TIMES)
