"""Whether exact numbers turn on a limit cycle: what they must show before they count, and half a turn of them."""

import numpy as np
import pytest

from comparison.claims.fiorelli_2024 import cycles_facts as module

Y = 0.44  # of a cycle


def _told(monkeypatch, back: float, outer: float, error: float, y: float | None) -> bool:
    """Whether half turns that come back at `back` and `outer` tell what is at (0, −y, 0)."""
    found = {module._OUTSIDE: (outer, error), module._INSIDE if y is None else y: (back, error)}
    monkeypatch.setattr(module, "_half_turn", lambda _beta, _omega, start: found[start])
    value, bound = module._turning(1.5, 0.5, y)
    assert value == (0 if y is None else 1) and bound in (0, np.inf)
    return bound == 0


@pytest.mark.parametrize(
    "back, outer, error, y, told",
    [
        (0.4401, 0.54, 1e-4, Y, True),
        (0.4500, 0.54, 1e-4, Y, False),  # not closed
        (0.4401, 0.71, 1e-4, Y, False),  # from outside it goes away
        (0.4401, 0.43, 1e-4, Y, False),  # and through the cycle, which trajectories in a plane cannot
        (0.4401, 0.54, 1e-2, Y, False),  # too little is known
        (0.25, 0.5, 1e-4, None, True),
        (0.31, 0.5, 1e-4, None, False),
        (0.25, 0.5, np.inf, None, False),
    ],
)
def test_half_turns_tell_a_cycle_only_where_they_show_it(monkeypatch, back, outer, error, y, told):
    assert _told(monkeypatch, back, outer, error, y) == told


@pytest.mark.slow
def test_exact_half_turns_follow_mean_field_and_a_state_that_moves_is_not_at_rest():
    y, beta_omega = module._on_cycle(), module.CYCLE
    back, error = module._half_turn(*beta_omega, y)
    assert abs(back - y) <= error < 1e-3
    assert abs(module._falls() - 1) < 0.05  # 1/N
    limit = module._crossing(*beta_omega, [0.0, -module._OUTSIDE, 0.0])[1][1]
    outer, error = module._half_turn(*beta_omega, module._OUTSIDE)
    assert abs(outer - limit) <= 3 * error
    assert module._resting(2.0, 0.2, np.array([0.0, -0.23, 0.90]))[1] == np.inf
