"""Messages stay short whatever a user gives: what was given is cut, what to try stays."""

import numpy as np
import pytest
import qutip

from finite_n import FiniteNError, Model, evolve, mz
from finite_n.errors import LONGEST, SHOWN, shown


@pytest.mark.parametrize(
    "value",
    [list(range(10_000)), "a" * 10_000, np.eye(300), [qutip.sigmax()] * 50, 10**6000],
    ids=lambda v: type(v).__name__,
)
def test_a_value_of_any_size_is_shown_on_one_short_line(value):
    text = shown(value)
    assert len(text) <= SHOWN and "\n" not in text


def test_a_value_whose_repr_fails_is_named_by_its_type():
    class Broken:
        def __repr__(self):
            raise RuntimeError

    assert "Broken" in shown(Broken())


def test_a_long_message_keeps_its_beginning_and_its_advice():
    message = str(FiniteNError("what was given: " + "x" * 5000 + "; try something shorter."))
    assert len(message) <= LONGEST
    assert message.startswith("what was given") and message.endswith("try something shorter.")


def test_a_long_list_in_place_of_a_state_is_refused_in_one_sentence():
    with pytest.raises(FiniteNError) as refused:
        evolve(Model(mz), 4, [[0, 0, 1]] * 2000, [0, 1])
    assert len(str(refused.value)) <= LONGEST
