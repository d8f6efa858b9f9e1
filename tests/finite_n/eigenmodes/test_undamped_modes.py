"""Zero modes, undamped oscillations and gap for every number of modes asked for, counted by hand and by dense
eigenvalues."""

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, Liouvillian, LocalJump, Mode, Model, Species, mx, mz, spectrum
from finite_n.eigenmodes import arnoldi as slow_module
from finite_n.eigenmodes.dicke_sectors import sectors_of
from finite_n.eigenmodes.prepare import generator
from tests.brute_force import BruteForce

pytestmark = pytest.mark.rounding

ON_THE_AXIS = 1e-9  # real parts of undamped modes, computed


def decay_beside_precession(fraction: float = 0.25):
    """Species a decays, b precesses: stationary are ρ_a ⊗ |J_b M⟩⟨J_b M| about the axis of its field, undamped the
    others of b."""
    a, b = Species("a", fraction=fraction), Species("b", fraction=1 - fraction)
    return Model(0.5 * b.mz + 0.2 * b.mx, [LocalJump(qutip.sigmam(), species=a)], species=[a, b])


def counts(model, N, cutoffs=None):
    """(zero modes, undamped, gap) of all eigenvalues of the dense sectors."""
    sectors = sectors_of(generator("the spectrum", model, N, cutoffs))
    values = np.concatenate(
        [np.linalg.eigvals(np.array([s.apply(x) for x in np.eye(s.size)]).T) for s in sectors if s.size]
    )
    axis = np.abs(values.real) < 1e-7
    zero = int(np.sum(np.abs(values) < 1e-7))
    return zero, int(axis.sum()) - zero, float(-values.real[~axis].max(initial=-np.inf))


@pytest.mark.parametrize("k", [1, 2, 4, 6, 12, 20, 40, 80])
def test_zero_modes_undamped_and_gap_for_every_k(k):
    """N_b = 3: (4 + 2) M's, 4² + 2² − 6 differences of M's; coherences of a decay at ½."""
    found = spectrum(decay_beside_precession(), 4, k)
    assert (found.zero_modes, found.undamped) == (6, 14) and found.gap == pytest.approx(0.5, abs=1e-12)
    assert len(found.eigenvalues) >= k and found.left_out == ""
    last = found.eigenvalues.real.min()
    everything = spectrum(decay_beside_precession(), 4, 80).eigenvalues
    assert len(found.eigenvalues) == np.sum(everything.real > last - ON_THE_AXIS)  # ties stay whole


FIELD = Mode("field")
SPIN = Species("spin")
MODELS = {
    "one particle of each": (decay_beside_precession(0.5), 2, None),
    "collective dephasing, precession": (Model(0.3 * mz, collective=[CollectiveJumps([qutip.sigmaz()])]), 4, None),
    "J conserved, precession about x": (Model(0.4 * mx, collective=[CollectiveJumps([qutip.sigmax()])]), 5, None),
    "pure dephasing": (Model(0.3 * mz, [LocalJump(qutip.sigmaz(), 0.8)]), 5, None),
    "dark coherence": (Model(0.3 * mz, [LocalJump(qutip.sigmaz(), lambda d: 1 - d * d, mz)]), 4, None),
    "one particle": (Model(0.3 * mz, [LocalJump(qutip.sigmaz(), 0.8)]), 1, None),
    "lossy mode beside precession": (
        Model(
            0.5 * SPIN.mz + 0.7 * FIELD.number, [], [CollectiveJumps([FIELD.alpha], 0.8)], species=[SPIN], modes=[FIELD]
        ),
        3,
        {"field": 3},
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_counts_agree_with_all_eigenvalues(name):
    model, N, cutoffs = MODELS[name]
    zero, undamped, gap = counts(model, N, cutoffs)
    assert zero > 0
    for k in (1, 3, 8):
        found = spectrum(model, N, k, cutoffs=cutoffs)
        assert (found.zero_modes, found.undamped) == (zero, undamped)
        assert found.gap == pytest.approx(gap, abs=1e-9) or (np.isinf(found.gap) and np.isinf(gap))


def test_one_particle_on_all_states():
    model = Model(0.3 * mz, [LocalJump(qutip.sigmaz(), 0.8)])
    values = np.linalg.eigvals(BruteForce(model, 1).liouvillian())
    found = spectrum(model, 1, 4)
    assert len(found.eigenvalues) == 4 and found.zero_modes == 2 and found.undamped == 0
    assert found.gap == pytest.approx(-np.sort(values.real)[1], abs=1e-12) == pytest.approx(1.28)


def test_what_was_not_looked_at_is_said(monkeypatch):
    """Independent decay in a turned frame: many modes tie, and Arnoldi's method finds some of them."""
    monkeypatch.setattr(slow_module, "DENSE", 20)
    model = Model(0.3 * mx, [LocalJump(qutip.sigmam()), LocalJump(qutip.sigmap()), LocalJump(qutip.sigmaz(), 0.4)])
    found = spectrum(model, 5, 4)
    assert "Arnoldi" in found.stats["method"]
    exact = np.concatenate([np.linalg.eigvals(s.matrix().toarray()) for s in sectors_of(Liouvillian(model, 5))])
    missing = np.sum(exact.real > found.eigenvalues.real.min() - ON_THE_AXIS) - len(found.eigenvalues)
    assert missing == 0 or ("not looked at" in found.left_out and found.left_out in repr(found))
