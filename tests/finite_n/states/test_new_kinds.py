"""A new kind of initial state: refused in a sentence by engines that have no case for it, and taken by others."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, Species, evolve, from_blocks, mx, mz, steady_state
from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import dicke_blocks
from finite_n.model.rotation import axis_rotation
from finite_n.states.initial_state import as_initial_state
from finite_n.states.particles import State
from tests.engine_tester import check_sentence

N, TIMES = 6, [0.0, 0.4, 1.0]
IDENTITY = np.eye(2)
AGREE = 1e-9  # the tolerance that both are asked for
DECAY = Model(0.5 * mx + 0.3 * mz * mz, [LocalJump(qutip.sigmam(), 0.7)])


class Unknown(State):
    """No engine has a case for it; `diagonal` is what it promises."""

    def __init__(self, diagonal: bool, dim: int = 2):
        self.diagonal, self.dim = diagonal, dim

    def is_diagonal(self, frame=IDENTITY):
        return self.diagonal


class UpOrDown(State):
    """All spins up or all down, with probability ½ each; `matrices` is the only case that it has."""

    def is_diagonal(self, frame=IDENTITY):
        return abs(frame[0, 1]) < 1e-15


@initial_state.matrices.register
def _(state: UpOrDown, blocks):
    return _up_or_down(blocks.N)


def _up_or_down(size: int) -> list[np.ndarray]:
    blocks = [np.zeros((n, n)) for n in range(size + 1, 0, -2)]
    blocks[0][0, 0] = blocks[0][-1, -1] = 0.5
    return blocks


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("model", [DECAY, Model(0.5 * mz, [LocalJump(qutip.sigmam())]), Model(0.5 * mz)])
@pytest.mark.parametrize("basis", ["auto", "Dicke", "energy eigenstates", "symmetrised products", "state vector"])
def test_engines_refuse_what_they_have_no_case_for(basis, model, diagonal):
    with pytest.raises(FiniteNError) as refused:
        evolve(model, N, Unknown(diagonal), TIMES, basis=basis)
    check_sentence(str(refused.value))
    if basis in ("auto", "Dicke"):
        assert "initial state Unknown: Dicke blocks have no case for a state of this kind." in str(refused.value)


def test_of_more_levels_too():
    model = Model(0.0, species=[Species("s", dim=3)])
    with pytest.raises(FiniteNError, match="symmetrised products have no case"):
        evolve(model, N, {"s": Unknown(True, 3)}, TIMES)


@pytest.mark.parametrize("diagonal", [True, False])
def test_stationary_states_refuse_it_too(diagonal):
    with pytest.raises(FiniteNError, match="Dicke blocks have no case"):
        steady_state(DECAY, N, rho0=Unknown(diagonal))


def test_the_number_of_levels_is_that_of_the_species():
    with pytest.raises(FiniteNError, match="got a state of 3 levels, but particles have 2"):
        as_initial_state(Unknown(True, 3), Model())
    with pytest.raises(FiniteNError, match="got a state of 2 levels, but particles have 3"):
        as_initial_state({"s": Unknown(True)}, Model(0.0, species=[Species("s", dim=3)]))


@pytest.mark.parametrize(
    "model",
    [
        DECAY,
        Model(0.5 * mz, [LocalJump(qutip.sigmam())]),  # of which products would hold few
        Model(0.3 * mx, collective=[CollectiveJumps([qutip.sigmam()])]),  # J is conserved
        Model(0.5 * mx + mz * mz),
    ],
)
def test_one_case_suffices_for_an_engine_and_others_do_not_stand_in_its_way(model):
    found, known = (evolve(model, N, start, TIMES) for start in (UpOrDown(), from_blocks(_up_or_down(N))))
    assert found.stats["basis"] == ("energy eigenstates" if model.is_closed else "Dicke")
    assert np.abs(found.means - known.means).max() < AGREE
    assert np.abs(found.covariance - known.covariance).max() < AGREE


def test_a_diagonal_without_a_case_is_that_of_the_blocks():
    blocks, frame = dicke_blocks(N), axis_rotation([0, 0, 1], 0.7)
    for own in (IDENTITY, frame):
        diagonal = initial_state.diagonal(UpOrDown(), blocks, own)
        assert np.abs(diagonal - np.concatenate([np.diag(b) for b in _up_or_down(N)])).max() < 1e-15
    assert initial_state.diagonal(UpOrDown(), blocks, axis_rotation([0, 1, 0], 0.7)) is None
