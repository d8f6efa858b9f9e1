"""Characteristic functions and distributions of fluctuations against the full space and closed forms."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import binom

from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, Species, evolve, mx, mz, steady_state
from finite_n.model.operators import SIGMA_MINUS
from finite_n.systems import dicke_model, hopfield
from meanfield import Limit
from tests import random_models
from tests.brute_force import PAULI, BruteForce, mean, product_state

ROUNDING = 1e-9  # of evolutions with the default tolerance
R = np.array([[0.7, -0.4, 0.9], [0.0, 0.0, 1.3], [-1.1, 0.2, 0.0]])
OPEN = Model(0.4 * mx + 0.3 * mz * mz + 0.2 * mx * mx, [LocalJump(SIGMA_MINUS, 0.7)])
START = [0.3, 0.5, -0.4]


def particle(bloch):
    """ρ of one particle."""
    return (np.eye(2) + np.tensordot(bloch, [PAULI[a].full() for a in (1, 2, 3)], 1)) / 2


@pytest.mark.parametrize("N", [1, 2, 5])
@pytest.mark.parametrize("kind", ["rates", "collective"])
def test_the_full_space_has_the_same(kind, N):
    rng = np.random.default_rng(5)
    model, start, t = random_models.model(kind, rng), random_models.bloch(rng), 0.8
    result = evolve(model, N, start, [0, t], keep_states=True)
    rho = BruteForce(model, N).evolve(product_state(particle(start), N), t)
    letters = np.array([mean(PAULI[a].full(), N) for a in (1, 2, 3)])
    averages = np.array([np.trace(rho @ x).real for x in letters])
    centred = np.sqrt(N) * (letters - averages[:, None, None] * np.eye(2**N))
    for r, found in zip(R, result.characteristic(R), strict=True):
        f = np.tensordot(r, centred, 1)
        assert found[1] == pytest.approx(np.trace(rho @ expm(1j * f)), abs=ROUNDING)
        own = result.distribution(r)
        assert own.probabilities.sum(axis=1) == pytest.approx([1, 1], abs=ROUNDING)
        second, third, fourth = (np.trace(rho @ np.linalg.matrix_power(f, k)).real for k in (2, 3, 4))
        cumulants = [own.cumulant(k)[1] for k in (1, 2, 3, 4)]
        assert cumulants == pytest.approx([0, second, third, fourth - 3 * second**2], abs=10 * ROUNDING)


def test_of_a_product_state_it_is_one_particle_to_the_power_n():
    """Also at the last time alone, where states are not kept; the distribution along z is binomial."""
    N, z = 30, 0.4
    result = evolve(Model(0.0 * mz), N, [0, 0, z], [0, 1.0], keep_states=True)
    one = expm(
        1j / np.sqrt(N) * (np.tensordot(R[0], [PAULI[a].full() for a in (1, 2, 3)], 1) - R[0, 2] * z * np.eye(2))
    )
    rho = np.diag([1 + z, 1 - z]) / 2
    assert result.characteristic(R[0]) == pytest.approx([np.trace(rho @ one) ** N] * 2, abs=ROUNDING)
    own = result.distribution([0, 0, 2.0])
    up = np.arange(N, -1, -1)
    assert own.probabilities[1] == pytest.approx(binom.pmf(up, N, (1 + z) / 2), abs=ROUNDING)
    assert own.values[1] == pytest.approx(2 * np.sqrt(N) * (2 * up / N - 1 - z), abs=1e-12)
    assert own.cumulant(2) == pytest.approx(4 * (1 - z * z) * np.ones(2), abs=ROUNDING)
    assert own.characteristic(0.5) == pytest.approx(result.characteristic([0, 0, 1.0]), abs=ROUNDING)
    last = evolve(OPEN, 6, START, [0, 1.0])
    kept = evolve(OPEN, 6, START, [0, 1.0], keep_states=True)
    assert last.characteristic(R).shape == (3, 1)
    assert last.characteristic(R)[:, 0] == pytest.approx(kept.characteristic(R)[:, 1], abs=ROUNDING)


def test_two_species_and_a_mode():
    """Independent species and a coherent field: the product of their functions; F_φ, F_π of a coherent field have
    variance ½."""
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    model = Model(a.mz + 0.5 * b.mx, species=[a, b])
    result = evolve(model, 8, {"a": [0.3, 0, 0.5], "b": START}, [0, 0.7], basis="Dicke", keep_states=True)
    alone = [
        evolve(Model(h), 4, start, [0, 0.7], basis="Dicke", keep_states=True)
        for h, start in ((2 * mz, [0.3, 0, 0.5]), (mx, START))  # N h with N = 2 N_s
    ]
    both = result.characteristic([*R[0], *R[1]])
    assert both == pytest.approx(alone[0].characteristic(R[0]) * alone[1].characteristic(R[1]), abs=ROUNDING)
    own = result.distribution(R[0], "b")
    assert own.probabilities == pytest.approx(alone[1].distribution(R[0]).probabilities, abs=ROUNDING)

    field = dicke_model(1.0, 0.8, 0.0)  # no coupling: the field turns by itself
    result = evolve(field, 3, {"": [0, 0, -1.0], "field": Field(beta=0.6)}, [0, 0.9], keep_states=True)
    r = np.array([0.0, 0, 0, 0.8, -0.5])
    assert result.characteristic(r) == pytest.approx(np.exp(-(r @ r) / 4) * np.ones(2), abs=1e-7)  # cutoff of the field


def test_they_go_to_the_gaussian_of_the_derived_limit():
    """Hopfield: 1 − χ_N/χ falls as N^−½ in its imaginary part and as 1/N in its real part, κ_3 as N^−½, κ_4 as 1/N."""
    model, start, times, r = hopfield(0.3, 0.8), [0, 0.3, 0.4], [0, 1.5], np.array([0.2, 0.5, 0.6])
    limit = Limit(model).evolve(start, times)
    assert limit.characteristic(R).shape == (3, 2)
    gaussian, variance = limit.characteristic(r)[1], r @ limit.covariance[1] @ r
    sizes, rows = np.array([16, 32, 64, 128]), []
    for N in sizes:
        result = evolve(model, int(N), start, times)
        gap, own = result.characteristic(r)[0] - gaussian, result.distribution(r)
        rows.append([gap.real, gap.imag, own.cumulant(3)[0], own.cumulant(4)[0], own.distance_from_normal(variance)[0]])
    slopes = np.log(np.abs(np.array(rows)[-2:] / np.array(rows)[-3:-1])) / np.log(2)
    assert slopes[-1] == pytest.approx([-1, -0.5, -0.5, -1, -0.5], abs=0.08)  # next orders, at N = 64 … 128


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda r: r.characteristic([1.0, 2.0]), "one number for each of x, y, z"),
        (lambda r: r.characteristic([[[1.0, 2.0, 3.0]]]), "one number for each of x, y, z"),
        (lambda r: r.characteristic("x"), "characteristic function: r"),
        (lambda r: r.distribution([0, 0, 0]), "give a direction"),
        (lambda r: r.distribution([0, 0, 1], "b"), "b"),
        (lambda r: r.distribution([0, 0, 1]).cumulant(5), "order"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(FiniteNError, match=words):
        call(evolve(OPEN, 3, START, [0, 0.1]))


def test_states_that_are_not_known_are_refused():
    with pytest.raises(FiniteNError, match="not known in full"):
        evolve(OPEN, 4, START, [0, 0.1], basis="symmetrised products").characteristic([0, 0, 1.0])


def test_stationary_states_have_them_too():
    """Two species and a mode, against the evolution at a late time; of one species against the full space."""
    a, b, light = Species("a", fraction=0.5), Species("b", fraction=0.5), Mode("light")
    jumps = [LocalJump(SIGMA_MINUS, 1.2, species=x) for x in "ab"]
    h = 0.3 * a.mx * b.mx + 0.4 * a.mx * light.phi + 0.5 * b.mx
    model = Model(h, jumps, [CollectiveJumps([light.alpha], 1.5)], species=[a, b], modes=[light])
    state = steady_state(model, 2, cutoffs={"light": 5})
    late = evolve(model, 2, {"a": [0, 0, 1], "b": [0, 0, 1]}, [0, 60.0], basis="dicke", cutoffs={"light": 5})
    r = np.array([[0.3, -0.5, 0.7, 0.2, 0.4, -0.6, 0.8, -0.3], [0, 0, 1.0, 0, 0, 0, 0, 0]])
    assert np.abs(state.characteristic(r) - late.characteristic(r)[:, 0]).max() < 1e-7  # of late times
    assert state.characteristic(r[0]) == pytest.approx(state.characteristic(r)[0], abs=1e-15)
    own, later = (x.distribution([0.2, 0.5, 0.6], "b") for x in (state, late))
    assert np.abs(own.probabilities - later.probabilities).max() < 1e-7
    assert own.characteristic(1.0)[0] == pytest.approx(state.characteristic([0, 0, 0, 0.2, 0.5, 0.6, 0, 0]), abs=1e-12)
    with pytest.raises(FiniteNError, match=r"reduced_states\(\)"):
        _ = state.reduced_state
    assert state.reduced_states().of_particles(1, "a")[0] == pytest.approx(late.reduced_state(1, "a")[-1], abs=1e-7)

    N, driven = 3, Model(0.4 * mx, [LocalJump(SIGMA_MINUS, 0.7)])
    found = steady_state(driven, N)
    rho = BruteForce(driven, N).evolve(product_state(particle(START), N), 120.0)
    f = np.sqrt(N) * np.tensordot(R[0], [mean(PAULI[x].full(), N) for x in (1, 2, 3)], 1)
    f = f - np.trace(rho @ f).real * np.eye(2**N)
    assert found.characteristic(R[0]) == pytest.approx(np.trace(rho @ expm(1j * f)), abs=1e-8)
    third = np.trace(rho @ np.linalg.matrix_power(f, 3)).real
    assert found.distribution(R[0]).cumulant(3)[0] == pytest.approx(third, abs=1e-7)
