"""Spectra and stationary states of one conserved J, and of what a start reaches: against qutip on the symmetric states,
and evolution."""

import numpy as np
import pytest
import qutip

from comparison.cli.speed import job_a
from finite_n import CollectiveJumps, FiniteNError, Model, evolve, mx, product, spectrum, steady_state
from finite_n.dicke_blocks.initial_state import weights
from finite_n.solvers import stationary_blocks as module
from finite_n.systems import dicke_model

pytestmark = pytest.mark.rounding

STEADY = 1e-8  # asked of stationary states; rounding times ‖L‖ over the gap is below 1e-11


def crystal(ratio: float) -> Model:
    """A boundary time crystal: H = ω J_x and collective decay κ, ω/κ = ratio."""
    return Model(0.5 * ratio * mx, collective=[CollectiveJumps([qutip.sigmam()], 2.0)])


def symmetric_liouvillian(ratio: float, N: int) -> qutip.Qobj:
    return qutip.liouvillian(ratio * qutip.jmat(N / 2, "x"), [np.sqrt(2 / N) * qutip.jmat(N / 2, "-")])


@pytest.mark.parametrize("ratio", [0.5, 1.5])
@pytest.mark.parametrize("N", [8, 12, 16])
def test_gap_and_state_of_one_j_are_those_of_the_symmetric_states(ratio, N):
    right = np.sort(-np.linalg.eigvals(symmetric_liouvillian(ratio, N).full()).real)[1]
    found = spectrum(crystal(ratio), N, J=N / 2)
    assert found.gap == pytest.approx(right, abs=1e-8) and found.zero_modes == 1 and not found.of_all
    mixed = spectrum(crystal(ratio), N)
    assert mixed.zero_modes == N // 2 + 1 and mixed.gap < right and "J=…" in repr(mixed)
    assert mixed.gap_sector.split("J = ")[1] != f"{N // 2}"
    state = steady_state(crystal(ratio), N, J=N / 2)
    rho = qutip.steadystate(symmetric_liouvillian(ratio, N))
    np.testing.assert_allclose(
        state.means, [2 / N * qutip.expect(qutip.jmat(N / 2, a), rho) for a in "xyz"], atol=STEADY
    )
    np.testing.assert_allclose(steady_state(crystal(ratio), N, rho0=[0, 0, -1]).means, state.means, atol=STEADY)


def test_spectrum_of_a_start_has_the_modes_that_its_evolution_shows():
    """From all down only J = N/2 is reached, and real symmetric matrices in the frame of the computation."""
    N, m = 8, crystal(0.5)
    reached, one = spectrum(m, N, rho0=[0, 0, -1]), spectrum(m, N, 40, J=N / 2)
    assert reached.zero_modes == 1
    assert np.abs(reached.eigenvalues[:, None] - one.eigenvalues).min(axis=1).max() < 1e-9
    late = evolve(m, N, [0, 0, -1], [0, 20.0, 21.0, 22.0, 50.0], tol=1e-13, check=False).mean("z")
    left = late[1:4] - late[4]  # a e^{−λ₁t} + b e^{−λ₂t}, of the third mode e^{−0.5·20}
    p, q = np.exp(reached.eigenvalues[1:3].real)
    assert abs(left[2] - (p + q) * left[1] + p * q * left[0]) < 1e-4 * abs(left[0])


def test_one_j_beside_a_mode():
    """Of Dicke's model with a lossy field: J = N/2 is what a start from all down reaches."""
    model, levels = dicke_model(1.0, 0.6, 0.4, loss=0.8), {"field": 5}
    one, reached = (steady_state(model, 3, cutoffs=levels, **x) for x in ({"J": 1.5}, {"rho0": [0, 0, -1]}))
    np.testing.assert_allclose(one.means, reached.means, atol=STEADY)
    np.testing.assert_allclose(one.second_moments, reached.second_moments, atol=STEADY)
    assert one.zero_modes == 1 and reached.zero_modes == 2 and len(one.states) == 1


@pytest.mark.parametrize(
    "call,words",
    [
        (lambda: spectrum(job_a(), 4, J=2), "not conserved"),
        (lambda: spectrum(crystal(0.5), 5, J=2), r"give one of 2\.5, 1\.5"),
        (lambda: spectrum(crystal(0.5), 4, J={"a": 2}), "the species are"),
        (lambda: steady_state(crystal(0.5), 4, J=2, rho0=[0, 0, 1]), "give one of them"),
        (lambda: spectrum(crystal(0.5), 4, J=1, rho0=[0, 0, 1]), "no part in the blocks"),
        (lambda: steady_state(crystal(0.5), 4, J=0), "single state"),
    ],
)
def test_a_j_that_does_not_exist_or_is_not_conserved_is_refused(call, words):
    with pytest.raises(FiniteNError, match=words) as error:
        call()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("start", [[0.1, 0.3, 0.4], [0, 0, -1]])
def test_limit_of_a_start_is_found_block_by_block(start, monkeypatch):
    """N = 20 against the search of all sectors; N = 60 in closed form, ⟨m_z⟩ = −Σ_J p_J 2J/N of collective decay."""
    m = crystal(0.8)
    found = steady_state(m, 20, rho0=start)
    assert found.stats["method"] == "sparse LU" and found.zero_modes == 11
    monkeypatch.setattr(module, "SEARCHED", 10**9)
    whole = steady_state(m, 20, rho0=start)
    apart = found.blocks.existing(found.vector - whole.vector)
    assert sum(np.abs(np.linalg.eigvalsh(x)).sum() for x in apart) <= found.error + whole.error < STEADY
    monkeypatch.undo()
    N = 60
    fallen = steady_state(crystal(0.0), N, rho0=start)
    right = -(weights(product(start), N) * (1 - 2 * np.arange(N // 2 + 1) / N)).sum()
    assert abs(fallen.mean("z") - right) <= fallen.error < STEADY
