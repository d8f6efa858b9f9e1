"""Every engine on every system of known answer, with every option; see `tests.engine_tester`."""

import itertools

import pytest

from tests.engine_tester import Options, can_run, check_limit, check_steady, run
from tests.systems.known import SYSTEMS

# between them, every value of every option, and both integrators at a loose and at a tight tolerance
OPTIONS = [
    Options(),
    Options("dicke", "faber", 2, False, True, 1e-11),
    Options("dicke", "runge_kutta", 1, False, False, 1e-7),
    Options("dicke", "faber", 1, True, False, 1e-4),
    Options("symmetrised", "faber", 1, True, False, 1e-9),
    Options("symmetrised", "runge_kutta", 1, False, False, 1e-5),
    Options("symmetrised", "faber", 1, False, True, 1e-9),  # products keep no states
    Options("energy eigenstates", "faber", 1, True, True, 1e-11),
    Options("independent", "faber", 1, True, False, 1e-10),
    Options("displaced", "faber", 1, True, False, 1e-10),
    Options("auto", "runge_kutta", 1, True, False, 1e-6),
    Options("auto", "faber", 1, False, True, 1e-8),
]
GRID = [
    Options(basis, method, 1 + k % 2, k % 3 != 0, kept, tol)
    for k, (basis, method, kept, tol) in enumerate(
        itertools.product(
            ("auto", "dicke", "symmetrised", "independent", "displaced"),
            ("faber", "runge_kutta"),
            (False, True),
            (1e-4, 1e-7, 1e-9, 1e-11),
        )
    )
]


def _chosen():
    """Every system at its sizes in turns, so that each of OPTIONS meets each system and all sizes are met."""
    for s in SYSTEMS.values():
        for k, options in enumerate(OPTIONS):
            N = s.sizes[k % len(s.sizes)]
            yield pytest.param(s, N, options, id=f"{s}, N = {N}, {options}")


@pytest.mark.parametrize(("system", "N", "options"), list(_chosen()))
def test_known_answers(system, N, options):
    result = run(system, N, options)
    assert (result is not None) == can_run(system, options)
    if result is not None and options.basis != "auto":
        assert result.stats["basis"].lower().startswith(options.basis)


@pytest.mark.slow
@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("options", GRID, ids=str)
def test_known_answers_with_all_options_at_all_sizes(name, options):
    for N in SYSTEMS[name].sizes:
        run(SYSTEMS[name], N, options)


@pytest.mark.parametrize("name", [s.name for s in SYSTEMS.values() if s.steady])
def test_stationary_states(name):
    for N in SYSTEMS[name].sizes:
        check_steady(SYSTEMS[name], N)


@pytest.mark.parametrize("name", [s.name for s in SYSTEMS.values() if s.independent])
def test_independent_particles_have_their_limit_at_every_size(name):
    for N in SYSTEMS[name].sizes:
        check_limit(SYSTEMS[name], N)
