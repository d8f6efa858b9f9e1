"""Weyl operators of fluctuations between two others: against the full space, closed forms, and the Gaussian map."""

import numpy as np
import pytest
from scipy.linalg import expm

from finite_n import (
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    coefficient,
    evolve,
    mx,
    mz,
    weyl_three_point,
)
from finite_n.model.operators import SIGMA_MINUS, bloch_to_density
from finite_n.systems import dicke_model
from tests import random_models
from tests.brute_force import PAULI, BruteForce, mean, product_state
from tests.brute_force_general import DrivenBruteForce, GeneralBruteForce

ACCURATE = 1e-9  # evolutions are asked for 1e-10 here
R = np.array([[0.7, -0.4, 0.9], [0.5, 0.2, 1.1], [-1.1, 0.2, 0.3]])


def centred(letters, rho, N):
    """√N (m_a − ⟨m_a⟩) as matrices."""
    return [np.sqrt(N) * (x - np.trace(rho @ x) * np.eye(len(rho))) for x in letters]


def brute(full, letters, rho, r, t, N):
    """Tr(e^{i r·F_t} e^{tL}(W(r_2) ρ W(r_1))) from its definition."""
    before, after = centred(letters, rho, N), centred(letters, full.evolve(rho, t), N)
    first, second = (expm(1j * np.tensordot(x, before, 1)) for x in (r[0], r[2]))
    return np.trace(expm(1j * np.tensordot(r[1], after, 1)) @ full.evolve(second @ rho @ first, t))


@pytest.mark.parametrize(
    ("kind", "N"),
    [("hamiltonian", 5), ("collective", 5), ("tilted rates", 4), ("rates without self", 4), ("everything", 3)],
)
def test_the_full_space_has_the_same(kind, N):
    rng = np.random.default_rng(N)
    model, start, t = random_models.model(kind, rng), random_models.bloch(rng), 0.6
    found = weyl_three_point(model, N, start, [0, 0.3, t], R, tol=1e-10)
    letters = [mean(PAULI[a].full(), N) for a in (1, 2, 3)]
    truth = brute(BruteForce(model, N), letters, product_state(bloch_to_density(start), N), R, t, N)
    assert abs(found.values[2] - truth) < ACCURATE and found.error < ACCURATE
    assert abs(truth - abs(truth)) > 1e-3  # a number that is complex


def test_a_model_that_depends_on_time():
    """A drive, and local decay that begins after the start."""
    N, start, t = 3, [0.3, 0.2, 0.6], 0.9

    def late(t):
        return np.maximum(0, t - 0.5) ** 4

    jump = LocalJump(SIGMA_MINUS, lambda d: 0.7 + 0.3 * d, mz)
    timed = LocalJump(SIGMA_MINUS, lambda d: 0.7 + 0.3 * d, mz, time=lambda t: 5 * late(t) ** 0.5)
    model = Model(0.3 * mz * mz + coefficient(np.cos) * mx, [timed])
    found = weyl_three_point(model, N, start, [0, t], R, tol=1e-10)
    parts = [Model(0.3 * mz * mz), Model(1.0 * mx), Model(0.0, [jump])]
    full = DrivenBruteForce(parts, [None, np.cos, lambda t: 25 * late(t)], N, breaks=[0.5])
    rho, letters = product_state(bloch_to_density(start), N), [mean(PAULI[a].full(), N) for a in (1, 2, 3)]
    before, after = centred(letters, rho, N), centred(letters, full.evolve(rho, 0, t), N)
    first, second = (expm(1j * np.tensordot(x, before, 1)) for x in (R[0], R[2]))
    truth = np.trace(expm(1j * np.tensordot(R[1], after, 1)) @ full.evolve(second @ rho @ first, 0, t))
    assert abs(found.values[1] - truth) < ACCURATE


def test_several_species_have_fluctuations_of_their_own():
    rng = np.random.default_rng(2)
    model, start = _two_species()
    r = rng.normal(size=(3, 6)) * 0.7
    found = weyl_three_point(model, 4, start, [0, 0.5], r, tol=1e-10)
    full = GeneralBruteForce(model, 4)
    rho = np.eye(1)
    for s in model.species:
        for _ in range(2):
            rho = np.kron(rho, bloch_to_density(start[s.name]))
    letters = [full.polynomial(p) / np.sqrt(2) for s in model.species for p in (s.mx, s.my, s.mz)]  # √N_s of √N
    assert abs(found.values[1] - brute(full, letters, rho, r, 0.5, 4)) < ACCURATE


def _two_species():
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    jump = LocalJump(SIGMA_MINUS, lambda d: 0.7 + 0.3 * d, delta=b.mz, species=a)
    model = Model(0.4 * a.mz * b.mx + 0.3 * b.my, [jump], species=[a, b])
    return model, {"a": [0.3, 0.5, -0.4], "b": [0.1, -0.2, 0.6]}


def test_independent_spins_are_one_to_the_power_n():
    """[Tr(w e^{Lt}(w_2 ρ w_1))]^N with w = e^{i r·(σ − ⟨σ⟩)/√N}: one spin is solved by its four elements."""
    N, t, start = 40, 0.8, np.array([0.3, 0.5, -0.4])
    model = Model(0.4 * mx, [LocalJump(SIGMA_MINUS, 0.7)])
    one = BruteForce(model, 1)
    sigma, rho = [PAULI[a].full() for a in (1, 2, 3)], bloch_to_density(start)
    before, after = (centred(sigma, x, 1.0 / N) for x in (rho, one.evolve(rho, t)))
    first, second = (expm(1j * np.tensordot(x, before, 1)) for x in (R[0], R[2]))
    alone = np.trace(expm(1j * np.tensordot(R[1], after, 1)) @ one.evolve(second @ rho @ first, t))
    assert abs(weyl_three_point(model, N, start, [0, t], R).values[1] - alone**N) < 1e-8  # N times the error of one


def test_a_mode_that_turns_by_itself():
    """W(r_1) W(s) W(r_2) in the vacuum displaced by β, s = r turned: e^{−v²/4} and phases of [φ, π] = i."""
    w, t = 0.8, 0.9
    model = dicke_model(1.0, w, 0.0)
    r = np.zeros((3, 5))
    r[:, 3:] = [[0.8, -0.5], [0.4, 0.6], [-0.3, 0.7]]
    found = weyl_three_point(model, 2, {"": [0, 0, -1.0], "field": Field(beta=0.6)}, [0, t], r)
    turn = np.array([[np.cos(w * t), np.sin(w * t)], [-np.sin(w * t), np.cos(w * t)]])  # φ_t = φ cos + π sin
    a, s, b = r[0, 3:], r[1, 3:] @ turn, r[2, 3:]
    v, cross = a + s + b, lambda x, y: x[0] * y[1] - x[1] * y[0]
    truth = np.exp(-v @ v / 4 - 0.5j * (cross(a, s) + cross(a, b) + cross(s, b)))
    assert abs(found.values[1] - truth) < 1e-8  # levels of the field


def test_without_outer_operators_it_is_the_characteristic_function():
    model, start, r = Model(0.4 * mx + 0.3 * mz * mz, [LocalJump(SIGMA_MINUS, 0.7)]), [0.3, 0.5, -0.4], np.zeros((3, 3))
    r[1] = R[1]
    found = weyl_three_point(model, 12, start, [0, 0.5, 1.0], r)
    result = evolve(model, 12, start, [0, 0.5, 1.0], keep_states=True)
    assert found.values == pytest.approx(result.characteristic(r[1]), abs=1e-9)
    assert "N = 12, 3 times" in repr(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"r": R[:2]}, r"give \(r_1, r, r_2\)"),
        ({"r": R[:, :2]}, "each of x, y, z"),
        ({"r": "x"}, "three lists"),
        ({"N": 0}, "number of particles"),
        (
            {"model": Model(Mode("f").number, modes=[Mode("f")]), "r": np.ones((3, 4))},
            "each of x, y, z, f",
        ),
    ],
)
def test_bad_input_is_refused(change, words):
    given = {"model": Model(0.3 * mz), "N": 3, "rho0": [0, 0, 0.4], "tlist": [0, 0.1], "r": R} | change
    with pytest.raises(FiniteNError, match=words):
        weyl_three_point(**given)


def test_more_than_two_levels_are_refused():
    q = Species("q", dim=3)
    model = Model(q.average(np.diag([1.0, 0, -1])), species=[q])
    with pytest.raises(FiniteNError, match="levels"):
        weyl_three_point(model, 3, np.eye(3) / 3, [0, 0.1], np.ones((3, 8)))
