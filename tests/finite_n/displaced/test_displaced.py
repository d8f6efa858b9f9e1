"""Energy-conserving models in closed form: against state vectors, Dicke blocks, sums over configurations, formulas."""

import numpy as np
import pytest
import qutip

from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    dicke,
    evolve,
    memory,
    mx,
    my,
    mz,
)
from finite_n.displaced.closed_form import ClosedForm
from finite_n.displaced.configurations import Configurations
from finite_n.displaced.moments import Reader
from finite_n.displaced.recognised import recognised
from finite_n.displaced.words import terms, touching
from finite_n.states.initial_state import as_initial_state

ENGINES = 1e-9  # the other engine is asked for 1e-11 or 1e-10 and keeps ten digits
ROUNDING = 1e-13  # sums of some hundred numbers of order one
TIMES = [0.0, 0.5, 2.0]
F, G = Mode("f"), Mode("g")
TILTED = 0.6 * mx + 0.8 * mz
MATRIX = 0.6 * qutip.sigmax() + 0.8 * qutip.sigmaz()
ONE_MODE = 0.3 * TILTED + 0.5 * TILTED * TILTED + 0.7 * F.number + 0.25 * TILTED * F.phi
TWO_MODES = ONE_MODE - 0.4 * G.number + 0.2 * TILTED * G.pi + 0.1 * G.phi
WORDS = {
    "a": mx * my * F.phi * F.pi,
    "b": F.phi * F.pi * mz * F.phi,
    "c": mx * my * mz * mx,
    "d": F.pi * my,
}


def _agree(a, b, tolerance=ENGINES):
    assert a.stats["basis"] == "displaced" != b.stats["basis"]
    assert np.abs(a.means - b.means).max() < tolerance
    assert np.abs(a.second_moments - b.second_moments).max() < tolerance
    assert np.abs(a.covariance - b.covariance).max() < tolerance * a.N
    for name, x in a.e_data.items():
        assert np.abs(x - b.e_data[name]).max() < tolerance, name
    for mode in a.levels:
        assert np.abs(a.number(mode) - b.number(mode)).max() < tolerance * a.N
    assert a.budget.holds and a.budget.moment_difference is not None


@pytest.mark.parametrize(
    ("N", "f", "g"),
    [
        (1, Field(), Field()),
        (2, Field(beta=0.4 + 0.2j), Field(number=2)),
        (5, Field(alpha=0.2j, number=1), Field(beta=0.3)),
        (12, Field(alpha=0.1, beta=-0.2), Field()),
    ],
    ids=["vacuum", "number", "of order √N", "twelve"],
)
def test_two_modes_agree_with_the_state_vector(N, f, g):
    model, start = Model(TWO_MODES, modes=[F, G]), {"": [0, 0.8, 0.6], "f": f, "g": g}
    observables = WORDS | {"e": F.phi * G.phi * F.phi * G.pi}
    a = evolve(model, N, start, TIMES, observables)
    _agree(a, evolve(model, N, start, TIMES, observables, basis="state vector", tol=1e-11, check=False))


COLLECTIVE = CollectiveJumps([(1 + 0.5j) * MATRIX + 0.2j, TILTED + 0.1j], kossakowski=[[1, 0.3j], [-0.3j, 0.5]])
OPEN = {
    "thermal field, loss": (ONE_MODE, [], [CollectiveJumps([F.alpha], rate=0.5)], Field(thermal=0.05, beta=0.3j)),
    "number state, loss": (ONE_MODE, [], [CollectiveJumps([2j * F.alpha], rate=0.1)], Field(number=2, beta=0.3j)),
    "dephasing": (
        ONE_MODE,
        [LocalJump(MATRIX + (0.3 + 0.2j), rate=0.4), LocalJump(MATRIX, 0.3)],
        [COLLECTIVE],
        Field(beta=0.3j),
    ),
    "cubic, nonlinear force": (
        ONE_MODE + 0.4 * TILTED**3 + 0.3 * TILTED * TILTED * F.phi,
        [LocalJump(MATRIX + (0.3 + 0.2j), rate=0.4)],
        [],
        Field(number=1, beta=0.2),
    ),
}


@pytest.mark.parametrize("case", OPEN)
def test_mixed_and_open_models_agree_with_dicke_blocks(case):
    h, jumps, collective, field = OPEN[case]
    model, start = Model(h, jumps, collective, modes=[F]), {"": [0.1, 0.7, 0.6], "f": field}
    a = evolve(model, 3, start, TIMES, WORDS)
    _agree(a, evolve(model, 3, start, TIMES, WORDS, basis="dicke", tol=1e-10, check=False))


def test_several_species_agree_with_the_state_vector():
    a, b = Species("a", fraction=0.25), Species("b", fraction=0.75)
    h = 0.3 * a.mz * b.mx + 0.4 * a.mz * a.mz + 0.2 * b.mx * F.phi + 0.5 * F.number + 0.3 * F.pi * a.mz
    model, start = Model(h, species=[a, b], modes=[F]), {"a": [0, 0.8, 0.6], "b": [0, 0.8, 0.6], "f": Field(beta=0.2)}
    words = {"x": a.share * a.my * b.my * b.mz * F.phi, "y": b.mx * b.my * b.mz * a.mx}
    result = evolve(model, 4, start, TIMES, words)
    _agree(result, evolve(model, 4, start, TIMES, words, basis="state vector", tol=1e-11, check=False))


def _three_levels():
    s = Species("s", dim=3)
    U = qutip.rand_unitary(3, seed=1).full()
    force, energy = (s.average(U @ np.diag(x) @ U.conj().T) for x in ([1.0, 0, -1], [0.1, 0.7, 0.3]))
    return s, energy + 0.5 * force * force + 0.4 * force * F.phi + 0.8 * F.number


def test_three_levels_in_a_frame_of_their_own_agree_with_the_state_vector():
    s, h = _three_levels()
    model, start = Model(h, species=[s], modes=[F]), {"s": qutip.rand_ket(3, seed=2), "f": Field(beta=0.2)}
    words = {"x": s.average(qutip.num(3)) * s.average(np.eye(3, k=1)) * F.phi}
    result = evolve(model, 3, start, [0.5, 2.0], words)
    _agree(result, evolve(model, 3, start, [0.5, 2.0], words, basis="state vector", tol=1e-11, check=False))


def _by_both_ways(model, N, start, times, words):
    data = recognised(model, N, as_initial_state(start, model))
    ways = [Reader(kind(data, np.array(times))) for kind in (ClosedForm, Configurations)]
    return [x.moments(words) for x in ways], ways


@pytest.mark.parametrize("N", [40, 3001])
def test_products_over_particles_are_sums_over_configurations(N):
    """Two algorithms with nothing in common but the forces on a mode; phases of order one at every N."""
    model = Model(TWO_MODES, modes=[F, G])
    start = {"": [0.3, 0.5, 0.6], "f": Field(thermal=0.4, alpha=0.1), "g": Field(number=3, beta=0.2)}
    words = (*WORDS.values(), mx * my, mz * F.pi, F.phi * G.pi)
    (closed, summed), _ = _by_both_ways(model, N, start, TIMES, words)
    assert np.abs(closed.means - summed.means).max() < ROUNDING
    assert np.abs(closed.second_moments - summed.second_moments).max() < ROUNDING
    assert np.abs(closed.observables - summed.observables).max() < ROUNDING
    assert np.abs(closed.means[-1] - closed.means[0]).max() > 0.1  # something happens
    for found, a, b in zip(closed.observables.T[len(WORDS) :], (0, 2, 3), (1, 4, 6), strict=True):
        assert np.abs(found - closed.second_moments[:, a, b]).max() < ROUNDING  # as words, and all at once


def test_where_the_sum_over_the_levels_of_a_particle_vanishes():
    """(Σ p e^{iθ})^K with Σ p e^{iθ} = 0, and its derivatives, which are not zero for few particles."""
    for N in (1, 2, 3):
        h = 0.25 * mz * mz + 0.3 * mz * F.phi  # ω = 0: the force only displaces
        t = N * np.pi / 2  # cos(t/N) = 0
        model, words = Model(h, modes=[F]), (mx * F.pi * F.pi, my * F.pi, mx * my * F.pi)
        (closed, summed), ways = _by_both_ways(model, N, [1.0, 0, 0], [0.0, t], words)
        assert np.abs(ways[0].sectors._sector(((0, 1),)).base[0][1] + 1) < 1e-15
        assert np.abs(closed.second_moments - summed.second_moments).max() < ROUNDING * 10  # (N − 1)π/2 ≫ 1 squared
        assert np.abs(closed.observables - summed.observables).max() < ROUNDING * 10


@pytest.mark.parametrize("N", [1, 7, 10**6, 10**9])
def test_one_axis_twisting_at_any_size(N):
    """H = χ S_z², χ = 1/√N: ⟨σx⟩ = cos^{N−1}(χt) (Kitagawa and Ueda, PRA 47, 5138 (1993))."""
    chi, t = 1 / np.sqrt(N), np.array([0.0, 0.7, 1.9])
    result = evolve(Model(chi * N / 4 * mz * mz), N, [1.0, 0, 0], t, check=False)
    # cos x = 1 − 2 sin²(x/2), so that large powers keep their digits; its sign at small N
    cos = np.cos(chi * t)
    power = np.exp((N - 1) * np.log1p(-2 * np.sin(chi * t / 2) ** 2)) if N > 100 else cos ** (N - 1)
    assert np.abs(result.mean("x") - power).max() < ROUNDING
    assert result.stats["basis"] == "displaced" and result.budget.holds


def test_a_closed_form_is_taken_before_others_are_asked():
    model, start = Model(TWO_MODES, modes=[F, G]), [0, 0.8, 0.6]
    result = evolve(model, 10**6, start, TIMES)
    assert result.stats["basis"] == "displaced" and "closed form" in repr(result)
    assert evolve(Model((0.4 * mx + mz) ** 2), 5, start, TIMES).stats["basis"] == "displaced"  # one direction
    assert evolve(Model(0.4 * mx + mz * mz), 5, start, TIMES).stats["basis"] != "displaced"
    one = Model(ONE_MODE, modes=[F])
    assert evolve(one, 2, start, [0, 0.1], method="runge_kutta").stats["basis"] == "Dicke"
    assert evolve(one, 2, start, [0, 0.1], cutoffs={"f": 8}).levels["f"].shape == (2, 9)


def test_terms_of_a_product_are_counted():
    model = recognised(Model(TWO_MODES, modes=[F, G]), 9, as_initial_state([0.3, 0.5, 0.6], Model(mz, modes=[F, G])))
    word = next(iter((mx * my * mz).words))
    assert terms(word) == 4**3 + 3 * 4**2 + 4 and len(touching(model, word)) <= 20 + 10 + 4
    assert terms((*word, *F.letters)) == 5 * terms(word)


def test_too_many_times_are_refused(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 2**28)
    with pytest.raises(FiniteNError, match=r"second moments of 7 averages at 200000 times need .* GiB.*fewer times"):
        evolve(Model(TWO_MODES, modes=[F, G]), 9, [0, 0, 1], np.linspace(0, 1, 200_000), basis="displaced")


DEPENDS = LocalJump(qutip.sigmaz(), np.exp, mz)
REFUSED = {
    "operators of species in h": (Model(mx + mz * mz), [0, 0, 1], {}),
    "do not commute": (Model(mz, [LocalJump(qutip.sigmam())]), [0, 0, 1], {}),
    "rate of jump 0 depends on Δ": (Model(mz, [DEPENDS]), [0, 0, 1], {}),
    "h contains m(σz) φ(f) φ(f)": (Model(mz * F.phi * F.phi, modes=[F]), [0, 0, 1], {}),
    "h contains φ(f) φ(g)": (Model(F.phi * G.phi, modes=[F, G]), [0, 0, 1], {}),
    "squares of φ and π of mode f": (Model(F.phi * F.phi, modes=[F]), [0, 0, 1], {}),
    "loss of bosons of single modes": (Model(0, collective=[CollectiveJumps([F.phi])], modes=[F]), [0, 0, 1], {}),
    "not in a product state": (Model(mz), dicke(lambda N: N / 2, lambda N: N / 2), {}),
    "no time steps and no Fock levels": (Model(mz * F.phi, modes=[F]), [0, 0, 1], {"cutoffs": {"f": 5}}),
    "method = 'runge_kutta'": (Model(mz), [0, 0, 1], {"method": "runge_kutta"}),
    "configurations of N": (_three_levels()[1], np.diag([0.5, 0.3, 0.2]), {}),
    "products of matrix elements": (Model(mz), [0, 0.6, 0.8], {"e_ops": {"long": (mx * my * mz) ** 3}}),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_no_closed_form_is_refused_in_a_sentence(reason):
    model, start, options = REFUSED[reason]
    N = 4
    if not isinstance(model, Model):
        s = _three_levels()[0]
        force = s.average(np.diag([1.0, 0, -1]))
        model, N = Model(force**3, species=[s]), 10**6
    with pytest.raises(FiniteNError) as refused:
        evolve(model, N, start, [0, 1], basis="displaced", **options)
    text = str(refused.value)
    assert reason in text and len(text) <= 400 and "\n" not in text and text.endswith(".")
