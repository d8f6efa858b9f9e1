"""Stationary states and slow eigenvalues of several species and modes: against the Liouvillian on the full space,
closed forms, and long evolution."""

import numpy as np
import pytest
import qutip

from comparison import compare_spectrum
from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    evolve,
    spectrum,
    steady_state,
)
from finite_n.engine import cutoffs
from finite_n.systems import dicke_model, hopfield_patterns
from tests import random_general_models as random_models
from tests.brute_force_general import GeneralBruteForce

pytestmark = pytest.mark.rounding

STEADY = 1e-8  # asked of stationary states; rounding times ‖L‖ over the gap is below 1e-11
EIGENVALUES = 1e-9  # dense matrices of some hundred rows, condition numbers up to 1e5 times rounding
CASES = [  # sizes of two-level species, cutoffs of modes
    ((1, 2), ()),
    ((2, 2), ()),
    ((1, 1, 1), ()),
    ((2,), (3,)),
    ((1, 1), (2,)),
    ((1,), (2, 2)),
]


def liouvillian(b: GeneralBruteForce) -> np.ndarray:
    """On row-major matrices of the full space."""
    one = np.eye(b.size)
    L = np.kron(b._effective, one) + np.kron(one, b._effective.conj())
    for J in b.jumps:
        L = L + np.kron(J, J.conj())
    for operators, D in b.collective:
        for m, n in np.ndindex(D.shape):
            L = L + D[m, n] * np.kron(operators[n], operators[m].conj())
    return L


def lossy(kind: str, sizes, cutoffs, seed: int) -> tuple[Model, dict[str, int]]:
    """A random model with emission of every species and loss of every mode, so that one state is stationary."""
    rng = np.random.default_rng(seed)
    species, modes = random_models.parts((2,) * len(sizes), sizes, len(cutoffs))
    m = random_models.model(kind, rng, species, modes)
    jumps = [*m.jumps, *(LocalJump(qutip.sigmam(), 0.7, species=s) for s in species)]
    collective = [*m.collective, *(CollectiveJumps([mode.alpha], 0.8) for mode in modes)]
    levels = {mode.name: c for mode, c in zip(modes, cutoffs, strict=True)}
    return Model(m.hamiltonian, jumps, collective, species=species, modes=modes), levels


@pytest.mark.parametrize(("sizes", "cutoffs"), CASES)
@pytest.mark.parametrize("kind", ["everything", "rates without self"])
def test_stationary_state_and_slow_eigenvalues_are_those_of_the_full_space(kind, sizes, cutoffs):
    model, levels = lossy(kind, sizes, cutoffs, seed=len(sizes) + 10 * len(cutoffs))
    N = sum(sizes)
    b = GeneralBruteForce(model, N, cutoffs)
    L = liouvillian(b)
    _, s, vh = np.linalg.svd(L)
    assert s[-1] < 1e-12 * s[0] < 1e-3 * s[-2]
    rho = vh[-1].conj().reshape(b.size, b.size)
    rho = rho / np.trace(rho)
    found = steady_state(model, N, cutoffs=levels or None)
    letters = [b.letter(a) for a in model.space.letters]
    assert np.abs(found.means - [np.trace(rho @ x).real for x in letters]).max() < STEADY
    of_mode = (
        [a in mode.letters for a in model.space.letters for mode in model.modes] if cutoffs else [False] * len(letters)
    )
    spins = np.flatnonzero(~np.any(np.reshape(of_mode, (len(letters), -1)), axis=1))  # where products are not cut off
    second = np.array([[np.trace(rho @ letters[i] @ letters[j]) for j in spins] for i in spins])
    assert np.abs(found.second_moments[np.ix_(spins, spins)] - second).max() < STEADY
    assert found.zero_modes == 1 and abs(sum(np.trace(x) for x in found.states) - 1) < STEADY
    everywhere = np.linalg.eigvals(L)  # of operators that are not symmetric under permutations too
    slow = spectrum(model, N, 6, cutoffs=levels or None)
    assert max(np.abs(everywhere - x).min() for x in slow.eigenvalues) < EIGENVALUES * s[0]
    assert abs(slow.gap - found.gap) < EIGENVALUES * s[0]
    # conjugates of the laboratory's ρ: trace norms of blocks are those of the frame of the computation
    assert found.smallest_eigenvalue > -STEADY and found.residual < STEADY


def test_a_driven_mode_in_closed_form():
    """H = ν a†a + ε√N (a + a†)/√2 with loss κ: a coherent state, ⟨a⟩ = −iε√(N/2)/(iν + κ/2); levels are found."""
    field, atoms = Mode("field"), Species("atoms")
    N, nu, drive, kappa = 3, 0.7, 0.5, 0.9
    model = Model(
        nu * field.number + drive * field.phi,
        [LocalJump(qutip.sigmam(), 0.6, species=atoms), LocalJump(qutip.sigmap(), 0.8, species=atoms)],
        [CollectiveJumps([field.alpha], kappa)],
        species=[atoms],
        modes=[field],
    )
    found = steady_state(model, N)
    a = -1j * drive * np.sqrt(N / 2) / (1j * nu + kappa / 2)
    assert abs(found.number() - abs(a) ** 2) < 1e-6  # a tail of 1e-8, times levels
    assert abs(found.mean("field.phi") - np.sqrt(2 / N) * a.real) < 1e-6
    assert abs(found.mean("field.pi") - np.sqrt(2 / N) * a.imag) < 1e-6
    n = np.arange(len(found.levels["field"]))
    poisson = np.exp(-(abs(a) ** 2)) * np.cumprod(np.r_[1.0, abs(a) ** 2 / n[1:]])
    assert np.abs(found.levels["field"] - poisson).max() < 1e-6
    assert abs(found.mean("atoms.z") - (0.64 - 0.36) / (0.64 + 0.36)) < STEADY
    assert found.boson_tail < 1e-8
    # gap: a mode decays at κ/2, coherences of atoms at (0.36 + 0.64)/2
    assert abs(found.gap - kappa / 2) < 1e-6


def test_a_mode_with_more_gain_than_loss_is_refused(monkeypatch):
    """Nothing is stationary, and levels fill however many are kept: told after few attempts."""
    monkeypatch.setattr(cutoffs, "_TRIED", 1)
    monkeypatch.setattr(cutoffs, "_PATIENCE", 0.0)
    field, atoms = Mode("field"), Species("atoms")
    pumped = [CollectiveJumps([field.alpha], 0.8), CollectiveJumps([field.alpha.adjoint()], 0.9)]
    jumps = [LocalJump(qutip.sigmam(), 0.6, species=atoms)]
    model = Model(0.3 * field.number, jumps, pumped, species=[atoms], modes=[field])
    with pytest.raises(FiniteNError, match=r"21 levels the highest still hold .*may have no stationary state"):
        steady_state(model, 1)


def test_open_dicke_is_where_its_evolution_ends():
    model, N = dicke_model(1.0, 0.8, 0.7, loss=0.8, emission=0.6), 3
    found = steady_state(model, N, tol=1e-9)
    end = evolve(model, N, [0, 0, -1], [0.0, 25.0 / found.gap], tol=1e-8, check=False, threads=1)
    assert np.abs(end.means[-1] - found.means).max() < 1e-6  # levels cut off at a tail of 1e-7
    assert np.abs(end.covariance[-1] - found.covariance).max() < 1e-5
    assert abs(end.number()[-1] - found.number()) < 1e-5
    assert np.abs(end.j_distribution[-1] - found.j_distribution).max() < 1e-6


def test_conserved_j_asks_for_a_start():
    """Dicke's model with photon loss alone: one stationary state for every J; from |J, −J⟩ ⊗ vacuum that of J = N/2."""
    model, N, levels = dicke_model(1.0, 0.8, 0.5, loss=0.8), 2, {"field": 4}
    with pytest.raises(FiniteNError, match="2 linearly independent stationary operators"):
        steady_state(model, N, cutoffs=levels)
    found = steady_state(model, N, rho0=[0, 0, -1], cutoffs=levels)
    end = evolve(model, N, [0, 0, -1], [0.0, 20.0 / found.gap], tol=1e-8, check=False, cutoffs=levels, threads=1)
    assert np.abs(end.means[-1] - found.means).max() < 1e-7  # tol of the evolution, and e^{−20}
    assert np.abs(found.j_distribution - [1, 0]).max() < STEADY
    start = {"": [0, 0, -1], "field": Field(beta=0.4)}
    assert np.abs(steady_state(model, N, rho0=start, cutoffs=levels).means - found.means).max() < 1e-7


def test_patterns_at_rest_by_detailed_balance():
    """Two patterns without drive: a classical chain in which both species jump; means vanish by symmetry."""
    found = steady_state(hopfield_patterns(omega=0.0, beta=0.5, patterns={"pp": 3, "pm": 3}), 6)
    assert np.abs(found.means).max() < STEADY
    assert found.j_distribution.shape == (2, 2) and abs(found.j_distribution.sum() - 1) < STEADY


def test_two_species_that_decay_apart_have_the_sums_of_mean_field():
    """Populations decay at γ_s, coherences at γ_s/2, at every N: the sums of the limit's eigenvalues, with nothing left
    for 1/N."""
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    model = Model(
        0.4 * a.mz - 0.7 * b.mz,
        [LocalJump(qutip.sigmam(), 1.0, species=a), LocalJump(qutip.sigmam(), 1.3, species=b)],
        species=[a, b],
    )
    found = compare_spectrum(model, [4, 6, 8], k=8)
    assert (
        len(found.tracks) >= 8 and max(t.distance for t in found.tracks) < 1e-8
    )  # of defective eigenvalues: rounding^(1/2)
    assert {len(t.predicted.coefficients) for t in found.tracks} == {6}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: spectrum(dicke_model(loss=0.5), 2), "cutoffs="),
        (lambda: spectrum(dicke_model(loss=0.5), 2, cutoffs={"light": 4}), "highest level of field"),
        (lambda: steady_state(dicke_model(loss=0.5), 2, cutoffs={"field": -1}), "whole number"),
        (lambda: steady_state(dicke_model(), 2, cutoffs={"field": 3}), "no dissipation"),
        (lambda: steady_state(dicke_model(loss=0.5), 10**6), r"no N above \d+ fits"),
    ],
)
def test_bad_input_is_one_sentence(call, words):
    with pytest.raises(FiniteNError, match=words) as error:
        call()
    assert "\n" not in str(error.value)
