"""Random studies hold what their families promise."""

import numpy as np
import pytest

from finite_n.states.initial_state import as_initial_state
from meanfield import Limit
from tests.comparison.referee.random_studies import FAMILIES, case

SEEDS = range(12)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_is_one_study(family):
    one, again, other = case(family, 5), case(family, 5), case(family, 6)
    assert np.array_equal(one.times, again.times) and not np.array_equal(one.times, other.times)
    assert 8 <= len(one.times) <= 13 and one.times[0] == 0


def rates(study) -> np.ndarray:
    """Real parts of the eigenvalues of Q at the start, rising."""
    m = as_initial_state(study.rho0, study.model).limit()[0]
    return np.sort(np.linalg.eigvals(Limit(study.model).jacobian(m)).real)


def test_hamiltonians_have_every_degree_up_to_four():
    assert {max(map(len, case("closed", k).model.hamiltonian.words)) for k in SEEDS} >= {1, 2, 3, 4}


@pytest.mark.parametrize("family", ["entire rates", "polynomial rates", "steep rates", "contact", "three levels"])
def test_particles_count_in_their_own_rate_or_not(family):
    jumps = [j for k in SEEDS for j in case(family, k).model.jumps if not j.amplitude.is_constant]
    assert {j.include_self for j in jumps} == {True, False}


def test_steps_are_a_half_to_a_tenth_of_the_range_wide():
    """½ (1 + tanh(Δ/w)) has slope 1/(2w), the logistic function 1/(4w)."""
    steepest = []
    for jump in (j for k in SEEDS for j in case("steep rates", k).model.jumps):
        low, high = jump.range()
        d = np.linspace(low, high, 2001)
        steepest.append(np.abs(np.gradient(jump.amplitude(d), d)).max() * (high - low))
    assert min(steepest) >= 0.49 and 3 < max(steepest) <= 5.01


@pytest.mark.parametrize("family", ["superradiance", "unstable pole", "closed Dicke from its pole"])
def test_starts_are_at_unstable_points_or_near_them(family):
    found = [rates(case(family, k)) for k in SEEDS]
    assert all(r[-1] > 0.05 for r in found)


def test_slow_modes_are_slow():
    """The smallest rate beside the largest, which is that of coherences."""
    ratios = [(r := np.abs(rates(case("slow modes", k)))).max() / r.min() for k in SEEDS]
    assert min(ratios) > 8 and np.median(ratios) > 20


def test_fields_start_displaced():
    for k in SEEDS:
        alpha, beta = (case(f, k) for f in ("displaced field", "field of order one"))
        m, _, first = as_initial_state(alpha.rho0, alpha.model).limit()
        assert np.any(m[-2:] != 0) and not np.any(first)
        m, _, first = as_initial_state(beta.rho0, beta.model).limit()
        assert not np.any(m[-2:]) and np.any(first[-2:] != 0)
