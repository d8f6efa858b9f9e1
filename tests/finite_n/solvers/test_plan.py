"""Plans of evolutions: what they say is what the run then takes, and running one is the same as `evolve`."""

from fractions import Fraction

import numpy as np
import pytest
from qutip import sigmam

from finite_n import FiniteNError, LocalJump, Mode, Model, Species, evolve, mx, mz
from finite_n.compiled import njit, seconds_compiling
from finite_n.memory import NoMemoryError
from finite_n.solvers.plan import plan_evolution

DRIVEN = Model(0.4 * mx + 0.1 * mz * mz, [LocalJump(sigmam())])


def test_a_plan_says_what_its_run_takes_and_gives_the_same_numbers():
    times, start = [0.0, 0.5, 1.0], [0.6, 0.0, 0.3]
    plan, result = plan_evolution(DRIVEN, 12, start, times), evolve(DRIVEN, 12, start, times)
    ran = plan.run()
    assert plan.N == 12 and plan.elements == ran.stats["elements"] == 455  # (N+1)(N+2)(N+3)/6
    assert plan.work == plan.elements * plan.applications > plan.elements
    assert plan.bytes > 8 * 455 and plan.note.startswith("Dicke blocks")
    assert np.array_equal(ran.means, result.means) and np.array_equal(ran.covariance, result.covariance)


def test_more_particles_and_later_times_are_more_work():
    work = [plan_evolution(DRIVEN, N, [0, 0, 1], [0, 1]).work for N in (8, 16, 32, 64)]
    assert np.all(np.diff(np.log2(work)) > 2)  # at least N²
    assert plan_evolution(DRIVEN, 8, [0, 0, 1], [0, 10]).work > 3 * work[0]


def test_nothing_is_planned_that_does_not_fit_or_is_not_allowed():
    with pytest.raises(NoMemoryError, match="largest N that fits is"):
        plan_evolution(DRIVEN, 10**5, [0, 0, 1], [0, 1])
    with pytest.raises(FiniteNError, match="tol"):
        plan_evolution(DRIVEN, 8, [0, 0, 1], [0, 1], tol=2.0)
    with pytest.raises(FiniteNError, match="N = 0"):
        plan_evolution(DRIVEN, 0, [0, 0, 1], [0, 1])


@pytest.mark.parametrize(
    ("fractions", "unit"),
    [([1], 1), ([0.25, 0.75], 4), ([Fraction(1, 3), Fraction(2, 3)], 3), ([1 / 3, 2 / 3], 3), ([0.1, 0.4, 0.5], 10)],
)
def test_the_unit_is_the_smallest_size_that_gives_whole_numbers(fractions, unit):
    names = "abc" if len(fractions) > 1 else [""]
    species = [Species(name, fraction=f) for name, f in zip(names, fractions, strict=False)]
    space = Model(Mode("light").number, species=species, modes=[Mode("light")]).space
    assert space.unit == unit
    for N in range(1, 31):
        if N % unit:
            with pytest.raises(FiniteNError, match="whole number"):
                space.sizes(N)
        else:
            assert sum(space.sizes(N)) == N


def test_time_spent_compiling_is_counted():
    before = seconds_compiling()
    assert njit()(lambda x: x + 1)(1) == 2
    assert seconds_compiling() > before
    after = seconds_compiling()
    DRIVEN.space.sizes(3)
    assert seconds_compiling() == after
