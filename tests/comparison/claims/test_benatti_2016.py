"""Exact numbers of the claims of Benatti et al. 2016: maps of one spin and of fluctuations, and what they say of
composition; what decides complete positivity; the exact rate of change of averages."""

import numpy as np
import pytest

from comparison.claims.benatti_2016 import local, mesoscopic
from comparison.claims.benatti_2016.averages import drift_form
from comparison.claims.benatti_2016.facts import LAM, W, spin_covariance
from comparison.claims.benatti_2016.maps import (
    BATHS,
    GENERAL,
    STABLE,
    THREE,
    of_spin_maps,
    spin_map,
)
from comparison.claims.benatti_2016.operators import choi_spectrum
from comparison.claims.exact.full_space import SPIN, dissipated, evolved, particle, product, total
from finite_n.systems import collective_dissipation
from meanfield import Limit

SMALL = 1e-9  # integrators with tolerance 1e-11, differences of averages times √N
LIMIT = 1e-5  # extrapolated from N ≤ 48


def test_the_map_of_one_spin_is_that_of_the_full_space():
    v, N, t = np.array([0.1, 0.3, -0.2]), 3, 0.7
    d = BATHS["general"].collective[0].kossakowski
    start = np.kron(particle(v), product(W, N - 1))
    rho = evolved(lambda x: dissipated(x, d, total(N) / np.sqrt(N)), start, t)
    one = np.einsum("aibi->ab", rho.reshape(2, 2 ** (N - 1), 2, 2 ** (N - 1)))
    found = spin_map(GENERAL, (t,), N)[0]
    assert found[:, :3] @ v + found[:, 3] == pytest.approx([np.trace(one @ s).real for s in SPIN], abs=SMALL)


def test_maps_of_fluctuations_go_to_the_derived_limit():
    """X to the derivative of the averages by their start, and X Σ Xᵀ + Y to the covariance."""
    limit, step = Limit(BATHS["general"]), 1e-4
    x, y, *_ = mesoscopic.maps_in_limit(GENERAL)
    ends = [[limit.evolve(2 * (W + s * step * e), [0, *THREE]).means[1:] / 2 for s in (1, -1)] for e in np.eye(3)]
    derivative = np.stack([(up - down) / (2 * step) for up, down in ends], axis=2)
    assert x == pytest.approx(derivative, abs=LIMIT)
    covariance = x @ spin_covariance(W) @ x.transpose(0, 2, 1) + y
    assert covariance == pytest.approx(limit.evolve(2 * W, [0, *THREE]).covariance[1:] / 4, abs=LIMIT)


def test_where_averages_move_maps_compose_only_with_that_of_the_moved_state():
    """Rotations of one spin and maps of fluctuations, at s = 0.4 and t = 0.7: no semigroup."""
    (r, s, both), _ = of_spin_maps(GENERAL, lambda found: found[..., :3])
    x, *_ = mesoscopic.maps_in_limit(GENERAL)
    assert np.linalg.norm(both - s @ r) == pytest.approx(0.004668, abs=LIMIT)
    assert np.linalg.norm(x[2] - x[1] @ x[0]) == pytest.approx(0.01711, abs=LIMIT)
    assert local.after_restart(GENERAL) < LIMIT and mesoscopic.after_restart(GENERAL) < LIMIT


def test_at_the_pole_maps_of_fluctuations_are_a_semigroup():
    x, *_ = mesoscopic.maps_in_limit(STABLE)
    assert x[2] == pytest.approx(x[1] @ x[0], abs=LIMIT)


def test_a_kossakowski_matrix_that_is_not_positive_makes_no_channel():
    d = np.array(BATHS["rotated"].collective[0].kossakowski)
    assert choi_spectrum(d).min() > -1e-13
    d[0, 1], d[1, 0] = 0.4 + 1.2j, 0.4 - 1.2j  # λ = 1.2: one negative eigenvalue
    assert np.linalg.eigvalsh(d).min() < -0.1 and choi_spectrum(d).min() < -0.01


def test_the_rate_of_averages_is_the_drift_of_the_derived_limit():
    q = drift_form("rotated")
    assert q @ W @ W == pytest.approx(Limit(collective_dissipation(LAM)).drift(2 * W) / 2, abs=1e-12)
