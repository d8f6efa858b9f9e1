"""Sizes that a ladder chooses: which, by a clock that only work moves, and why it ends."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from comparison.growing_ladder import GrowingLadder
from comparison.growth import Forecast, SizeSequence, duration, read_budget
from finite_n import FiniteNError, LocalJump, Mode, Model, Species, mx, mz
from finite_n.memory import NoMemoryError
from finite_n.model.operators import SIGMA_MINUS

SPIN = Model(mx).space
ROUNDED = np.sqrt(2) * 1.001  # predictions are rounded to powers of two


def of(*species, modes=()):
    """The space of a model with these parts."""
    return Model(species=list(species), modes=list(modes)).space


UNEQUAL = of(Species("a", fraction=0.25), Species("b", fraction=0.75))
THREE_LEVELS, WITH_MODE = of(Species(dim=3)), of(Species(), modes=[Mode("light")])


class Machine:
    """Work that takes seconds_of(N) on a clock of its own, `overhead` once in a process."""

    def __init__(self, seconds_of, overhead=0.0, planning=0.0):
        self.now, self.seconds_of, self.overhead, self.planning, self.run = 0.0, seconds_of, overhead, planning, []

    def work(self, N):
        self.now += self.seconds_of(N) + (self.overhead if not self.run else 0.0)
        self.run.append(N)
        return N

    def ladder(self, space=SPIN, budget=60.0, largest=None, cost=None, **options):
        def planned(N):
            self.now += self.planning
            return cost(N) if cost else 1e7 * self.seconds_of(N)

        sequence = SizeSequence(space, 4, largest)
        return GrowingLadder(sequence, budget, 4, cost=planned, clock=lambda: self.now, **options)


def test_one_sequence_with_four_sizes_to_every_factor_of_two():
    assert [SizeSequence(SPIN, 4)[i] for i in range(16)] == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32]
    assert [SizeSequence(UNEQUAL, 4)[i] for i in range(6)] == [4, 8, 12, 16, 20, 24]
    sequence = SizeSequence(SPIN, 4, 24)
    assert [N for N in range(40) if N in sequence] == [8, 10, 12, 14, 16, 20, 24]


@pytest.mark.parametrize(
    ("space", "smallest"),
    [
        (SPIN, [8, 10, 12, 14]),
        (WITH_MODE, [4, 5, 6, 7]),
        (THREE_LEVELS, [4, 5, 6, 7]),
        (UNEQUAL, [8, 12, 16, 20]),  # two of the rarer species
        (of(Species("a", fraction=0.5), Species("b", fraction=0.5)), [4, 6, 8, 10]),
        (of(*(Species(name, fraction=Fraction(1, 4)) for name in "abcd")), [4, 8, 12, 16]),
        (of(Species("a", fraction=1 / 3), Species("b", fraction=2 / 3)), [6, 9, 12, 15]),
    ],
)
def test_it_begins_small_with_whole_numbers_of_every_species(space, smallest):
    sequence = SizeSequence(space, 4)
    assert sequence.smallest(4) == smallest
    for i in range(30):
        assert sum(space.sizes(sequence[i])) == sequence[i]


@pytest.mark.parametrize(
    ("space", "chosen"),
    [
        (SPIN, [8, 12, 16, 24, 32, 48]),
        (UNEQUAL, [8, 12, 16, 24, 32, 48]),
        (WITH_MODE, [4, 6, 8, 12, 16, 24]),
        (THREE_LEVELS, [4, 6, 8, 12, 16, 24]),
    ],
)
def test_it_takes_two_steps_for_a_double_while_that_fits(space, chosen):
    machine = Machine(lambda N: 1e-6 * N)
    ladder = machine.ladder(space, settled=lambda results: len(results) == 6)
    assert ladder.climb(machine.work) == chosen == ladder.done
    assert ladder.growth.ended == "settled" and ladder.is_complete and not ladder.interrupted


@pytest.mark.parametrize("power", [1, 4, 8])
@pytest.mark.parametrize("budget", [0.5, 5.0, 60.0, 3600.0])
@pytest.mark.parametrize("overhead", [0.0, 0.9])
def test_no_size_is_begun_beyond_the_budget(power, budget, overhead):
    """A clock without noise, so that a prediction is off by its rounding, √2, alone; of sizes still needed all count as
    the last of them."""
    machine = Machine(lambda N: 1e-3 + 1e-3 * (N / 8) ** power, overhead)
    ladder = machine.ladder(budget=budget)
    ladder.climb(machine.work)
    growth = ladder.growth
    assert growth.spent == machine.now <= ROUNDED * budget + overhead
    assert growth.ended == "budget" and growth.further > ladder.done[-1]
    assert growth.seconds > budget - growth.spent
    after, needed = machine.seconds_of(growth.further), max(4 - len(ladder.done), 1)
    assert after / ROUNDED < growth.seconds < ROUNDED * needed * after * 1.05
    assert f"N = {growth.further} would take about {duration(growth.seconds)} more" in str(growth)


def test_where_a_step_by_half_does_not_fit_smaller_ones_are_taken():
    """t ~ N⁸: from some size on only the next one of the sequence fits."""
    machine = Machine(lambda N: 1e-3 * (N / 8) ** 8)
    ladder = machine.ladder(budget=60.0)
    ladder.climb(machine.work)
    ratios = np.divide(ladder.done[1:], ladder.done[:-1])
    assert ratios[0] == 1.5 and 1.1 < ratios[-1] < 1.3 and len(ladder.done) >= 4
    smallest = ladder.sequence[[ladder.sequence[i] for i in range(99)].index(ladder.done[-1]) + 1]
    assert machine.seconds_of(smallest) > (60.0 - ladder.spent) / ROUNDED


def test_room_is_left_for_the_four_sizes_that_a_verdict_needs():
    """A step by half would spend what four sizes need."""
    machine = Machine(lambda N: 0.05 * (N / 4) ** 8)
    ladder = machine.ladder(THREE_LEVELS, budget=20.0)
    ladder.climb(machine.work)
    assert len(ladder.done) >= 4 and ladder.done[1] < 8 and machine.now <= 20.0 * ROUNDED


def test_too_small_a_budget_is_said():
    machine = Machine(lambda N: 3.0 * N)
    ladder = machine.ladder(budget=30.0)
    ladder.climb(machine.work)
    assert ladder.done == [8]
    assert "sizes up to N = 14" in str(ladder.growth) and "a verdict needs four sizes" in str(ladder.growth)


def ladder_at(speed):
    machine = Machine(lambda N: speed * (N / 8) ** 4)
    return machine.ladder(budget=60.0).climb(machine.work)


def test_faster_and_slower_machines_take_sizes_of_one_sequence_and_noise_seldom_matters():
    """Times that vary by 5 % change the ladder where a rounded time is at the edge: log₂(1.05/0.95) = 14 % of speeds
    for each of the one or two last decisions."""
    speeds, same = 1e-4 * 2 ** np.linspace(0, 8, 81), []
    for speed in speeds:
        ladders = [ladder_at(x * speed) for x in (0.95, 1.0, 1.05)]
        same.append(ladders[0] == ladders[1] == ladders[2])
        assert all(len(x) >= 4 and x[:3] == [8, 12, 16] for x in ladders)
        assert all(N in SizeSequence(SPIN, 4) for x in ladders for N in x)
    assert np.mean(same) > 0.8


@pytest.mark.parametrize("largest", [5, 7, 8, 14, 16, 24, 100])
def test_the_largest_size_is_respected_and_reached(largest):
    machine = Machine(lambda N: 1e-6 * N)
    ladder = machine.ladder(largest=largest)
    done = ladder.climb(machine.work)
    sizes = [N for N in (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112)]
    assert len(done) >= 4 and done[-1] == max(N for N in sizes if N <= largest)
    assert ladder.growth.ended == "largest" and "larger sizes are not allowed" in str(ladder.growth)


@pytest.mark.parametrize(("space", "largest", "needed"), [(SPIN, 3, 5), (SPIN, 1, 5), (UNEQUAL, 15, 16)])
def test_fewer_than_four_possible_sizes_are_refused(space, largest, needed):
    with pytest.raises(FiniteNError, match=rf"largest = {largest}: four sizes .* give {needed} or more"):
        SizeSequence(space, 4, largest)
    assert len(SizeSequence(space, 4, needed).smallest(4)) == 4


def test_fractions_that_give_no_whole_numbers_are_refused_with_advice():
    space = of(Species("a", fraction=0.333333), Species("b", fraction=0.666667))
    with pytest.raises(FiniteNError, match="exact fractions, such as 1/3"):
        SizeSequence(space, 4)


def test_what_does_not_fit_into_memory_is_not_begun():
    def cost(N):
        if N > 50:
            raise NoMemoryError("the evolution", N, 2.0**40, 2.0**34, 50)
        return N

    machine = Machine(lambda N: 1e-6 * N)
    ladder = machine.ladder(cost=cost)
    assert ladder.climb(machine.work) == [8, 12, 16, 24, 32, 48]
    assert ladder.growth.ended == "memory" and "the largest N that fits is 50" in str(ladder.growth)


def test_memory_that_turns_out_too_small_while_a_size_runs_ends_the_ladder_there():
    machine = Machine(lambda N: 1e-6 * N)

    def work(N):
        if N > 20:
            raise NoMemoryError("the evolution with 200 levels", N, 2.0**40, 2.0**34, 20)
        return machine.work(N)

    ladder = machine.ladder()
    assert ladder.climb(work, keep=True) == [8, 12, 16] == ladder.done
    assert ladder.growth.ended == "memory" and not ladder.failure and "200 levels" in str(ladder.growth)


def test_planning_that_takes_long_counts():
    machine = Machine(lambda N: 0.01 * N, planning=4.0)
    ladder = machine.ladder(budget=30.0)
    ladder.climb(machine.work)
    assert machine.now <= 30.0 and ladder.growth.ended == "budget"
    assert "no larger size fits into what is left" in str(ladder.growth)


@pytest.mark.parametrize("at", [2, 5])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), FiniteNError("too much."), MemoryError()])
def test_what_is_done_is_kept(at, error):
    machine, sizes = Machine(lambda N: 1e-6 * N), [8, 12, 16, 24, 32]

    def work(N):
        if N == sizes[at - 1]:
            raise error
        return machine.work(N)

    ladder = machine.ladder()
    assert ladder.climb(work, keep=True) == ladder.done == sizes[: at - 1]
    assert ladder.interrupted == isinstance(error, KeyboardInterrupt)
    assert bool(ladder.failure) != ladder.interrupted and not ladder.is_complete
    assert ladder.growth.ended == "" and str(ladder.growth).startswith("Size")


def test_an_error_while_a_size_is_planned_keeps_what_is_done():
    def cost(N):
        if N > 40:
            raise ZeroDivisionError("no such N")
        return N

    machine = Machine(lambda N: 1e-6 * N)
    ladder = machine.ladder(cost=cost)
    assert ladder.climb(machine.work, keep=True) == [8, 12, 16, 24, 32]
    assert ladder.failure == "N = 48: ZeroDivisionError: no such N."


def test_settled_is_asked_from_the_fourth_size_on():
    asked, machine = [], Machine(lambda N: 1e-6 * N)

    def settled(results):
        asked.append(list(results))
        return True

    ladder = machine.ladder(settled=settled)
    assert ladder.climb(machine.work) == [8, 12, 16, 24] and asked == [[8, 12, 16, 24]]
    assert str(ladder.growth).endswith("spent; every verdict is settled.")


def test_particles_that_do_not_interact_do_not_make_it_endless():
    """Every N takes as long, so only a bound ends the ladder."""
    machine = Machine(lambda N: 1e-6)
    ladder = machine.ladder()
    assert 10**11 < ladder.climb(machine.work)[-1] <= 10**12 and ladder.growth.ended == "largest"


def test_evolutions_are_planned_run_and_stopped_when_they_go_far_beyond_the_budget():
    """The clock is moved by reports of progress at N = 12, as if that size took for ever."""
    now = itertools.count()
    clock, seen = [0.0], []
    model = Model(0.4 * mx + 0.1 * mz * mz, [LocalJump(SIGMA_MINUS)])

    def progress(N, share):
        seen.append((N, share))
        clock[0] += 200.0 * (N == 12 and 0 < share < 1)

    ladder = GrowingLadder(SizeSequence(model.space, 4), 60.0, 4, clock=lambda: clock[0] + 1e-3 * next(now))
    results = ladder.evolve(model, [0, 0, 1], np.linspace(0, 1, 9), progress=progress, keep=True)
    assert [r.N for r in results] == ladder.done == [8] and seen[0] == (8, 0.0) and (8, 1.0) in seen
    assert ladder.growth.ended == "overrun" and "N = 12 was stopped after" in str(ladder.growth)
    assert not ladder.failure and not ladder.interrupted


def test_a_forecast_is_within_its_rounding_for_a_constant_and_a_linear_part():
    forecast = Forecast()
    for work in (1e2, 1e4, 1e6):
        forecast.add(work, 0.02 + 1e-7 * work)
    for work in (1e7, 1e9):
        assert 1 / ROUNDED <= forecast(work) / (0.02 + 1e-7 * work) <= ROUNDED * 1.01


@pytest.mark.parametrize(
    ("given", "seconds"), [("60s", 60), ("2min", 120), ("1h", 3600), ("45", 45), (" 0.5 h ", 1800), (12.5, 12.5)]
)
def test_budgets(given, seconds):
    assert read_budget(given) == seconds


@pytest.mark.parametrize("given", ["", "fast", "-3s", "0", "0s", "2 days", "nan", "inf", -1, 0, np.nan, np.inf, True])
def test_other_budgets_are_refused(given):
    with pytest.raises(FiniteNError, match=r'budget = .*give seconds, or a text such as "60s", "2min" or "1h"'):
        read_budget(given)
