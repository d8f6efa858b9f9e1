"""Stationary states of particles of several levels against the full space, closed forms, and Dicke blocks."""

import math

import numpy as np
import pytest
import qutip
from scipy.special import xlogy

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Mode, Model, Species, mx, mz, spectrum, steady_state
from finite_n.eigenmodes import product_unique
from finite_n.eigenmodes.null_vector import null_vector
from finite_n.eigenmodes.product_sectors import ProductLindbladian
from finite_n.solvers import stationary_products
from finite_n.solvers.stationary_products import solved_on_products
from finite_n.systems import hopfield, three_level
from meanfield.bifurcations.fixed_points import fixed_points
from tests import random_general_models as random_models
from tests.brute_force_general import GeneralBruteForce

AGREE = 1e-9  # tol = 1e-10 on residuals, amplified by the inverse of gaps of order one
DOWN = qutip.sigmam()


def unit(a: int, b: int, d: int = 3) -> np.ndarray:
    out = np.zeros((d, d))
    out[a, b] = 1
    return out


def stationary_of_all(full: GeneralBruteForce) -> np.ndarray:
    """ρ with Lρ = 0, Tr ρ = 1, on the full space."""
    n = full.size
    matrix = np.array([full.rhs(e.reshape(n, n)).ravel() for e in np.eye(n * n)]).T
    matrix[0] = np.eye(n).ravel()  # one equation follows from the others
    return np.linalg.solve(matrix, np.eye(n * n)[0]).reshape(n, n)


def compared(state, full: GeneralBruteForce) -> None:
    rho = stationary_of_all(full)
    assert np.abs(state.means - full.means(rho)).max() < AGREE
    assert np.abs(state.second_moments - full.second(rho)).max() < AGREE
    assert state.purity == pytest.approx(np.sum(np.abs(rho) ** 2), abs=AGREE)
    p = np.linalg.eigvalsh(rho)
    assert state.entropy == pytest.approx(-np.sum(xlogy(p, p)), abs=1e-7)  # ε ln ε of eigenvalues near zero
    assert np.abs(np.linalg.eigvalsh(state.rho.full()) - p).max() < AGREE
    assert state.error < 1e-6 and state.zero_modes == 1


@pytest.mark.parametrize(
    "kind", ["constant", "tilted rates", "rates without self", pytest.param("everything", marks=pytest.mark.slow)]
)
def test_three_levels_against_the_full_space(kind):
    """Also with Γ(Δ) along several axes, and collective jumps."""
    rng = np.random.default_rng(5)
    species, _ = random_models.parts((3,), (2,))
    model = random_models.model(kind, rng, species)
    state = steady_state(model, 2, e_ops={"cube": species[0].average(unit(0, 1)) * species[0].average(unit(1, 0))})
    full = GeneralBruteForce(model, 2)
    compared(state, full)
    rho = stationary_of_all(full)
    assert np.abs(state.reduced_states().of_particles(2)[0] - rho).max() < AGREE
    letters = species[0].average(unit(0, 1)) * species[0].average(unit(1, 0))
    assert state.e_data["cube"] == pytest.approx(full.expect(letters, rho), abs=AGREE)


def test_a_mixture_with_a_mode_against_the_full_space():
    """Two and three levels and a damped mode, cut off at the same level in both."""
    species, modes = random_models.parts((2, 3), (1, 1), 1)
    a, b, light = *species, modes[0]
    raised = light.alpha.adjoint() * (a.average(DOWN) + b.average(unit(2, 1)))
    jumps = [
        LocalJump(DOWN, 0.7, species=a),
        LocalJump(unit(2, 0), 0.5, species=b),
        LocalJump(unit(0, 1), 0.8, species=b),
    ]
    model = Model(
        0.4 * a.mx + 0.3 * (raised + raised.adjoint()) + 0.2 * light.number,
        jumps,
        [CollectiveJumps([light.alpha], 0.9)],
        species=species,
        modes=modes,
    )
    state = steady_state(model, 2, cutoffs={"f0": 3})
    full = GeneralBruteForce(model, 2, (3,))
    rho = stationary_of_all(full)
    assert np.abs(state.rho.full() - rho).max() < AGREE  # in these frames, which are those of the model
    assert np.abs(state.means - full.means(rho)).max() < AGREE
    assert state.number() == pytest.approx(np.trace(full.site(np.diag(np.arange(4.0)), 2) @ rho).real, abs=AGREE)
    assert state.cutoff_error > state.boson_tail > 0  # few levels, and the result says so


def laser(pump: float = 1.5) -> Model:
    """Pumped spins whose decay is collective."""
    return Model(0.3 * mz, [LocalJump(qutip.sigmap(), pump**0.5)], [CollectiveJumps([DOWN])])


@pytest.mark.parametrize("model", [laser(), hopfield(omega=0.5, beta=0.8), Model(0.5 * mx, [LocalJump(DOWN)])])
def test_two_levels_are_the_same_in_both_bases(model):
    """By another engine, searched in full and by symmetry."""
    for N in (6, 9):
        one, other = steady_state(model, N), solved_on_products(model, N, None, 1e-10, None, None)
        assert np.abs(one.means - other.means).max() < AGREE
        assert np.abs(one.second_moments - other.second_moments).max() < AGREE
        assert one.purity == pytest.approx(other.purity, rel=1e-6)


def test_search_by_symmetry_is_the_search_of_all(monkeypatch):
    """Sparse LU, and Krylov spaces, against all sectors, with levels 0 and 1 driven and 2 apart."""
    model = three_level(control=0.0)
    whole = solved_on_products(model, 5, None, 1e-10, None, None)
    for few, method in ((10**6, "sparse LU"), (0, "Krylov spaces of exp(τL)")):
        monkeypatch.setattr(stationary_products, "_SEARCHED", 0)
        monkeypatch.setattr(product_unique, "QUICK", few)
        one = solved_on_products(model, 5, None, 1e-10, None, None)
        assert one.stats["method"] == method and one.found_gap is None
        assert np.abs(one.second_moments - whole.second_moments).max() < one.error + whole.error + 1e-14
        assert one.gap == pytest.approx(whole.gap, abs=AGREE)


def test_populations_of_many_independent_particles():
    """A cycle 0 → 1 → 2 → 0 with rates 1, 2, 4: p = (4, 2, 1)/7, and ρ = ρ₁^⊗N with N = 100."""
    particle = Species("q", dim=3)
    jumps = [LocalJump(unit(b, a), rate**0.5, species=particle) for a, b, rate in ((0, 1, 1), (1, 2, 2), (2, 0, 4))]
    state = steady_state(Model(0.5 * particle.average(np.diag([0, 1, 2])), jumps, species=[particle]), 100)
    p = np.array([4, 2, 1]) / 7
    assert np.abs(state.reduced_state - np.diag(p)).max() < AGREE
    assert state.purity == pytest.approx(np.sum(p**2) ** 100, rel=1e-6)
    assert state.stats["size"] == math.comb(102, 2)


def test_levels_of_many_particles_by_rescaled_elements():
    """N = 12, in units of a product with the shares of six particles: against a search without them, and 1/N."""
    found = [steady_state(three_level(), N) for N in (6, 12, 24)]
    assert found[1].stats["size"] == 1036 and max(s.error for s in found) < 1e-7
    apart = [s.mean("v7") - fixed_points(three_level())[0].m[6] for s in found]
    assert abs(apart[2]) < 0.6 * abs(apart[1]) < 0.6 * abs(apart[0])
    lindbladian = ProductLindbladian("the stationary state", three_level(), 12, ())
    (trace,) = [s for s in lindbladian.reached(lindbladian.diagonal, 10**5).sectors if s.carries_trace]
    other = null_vector(trace, 1e-9)
    p = lindbladian.reached(lindbladian.diagonal, 10**5).density(trace.embed(other.vector))
    assert np.abs(p.moments().second_moments[0] - found[1].second_moments).max() < 1e-9


def dark() -> Model:
    """Level 2 decays to 0 and 1, which nothing leaves: every state of these is stationary."""
    particle = Species("q", dim=3)
    return Model(jumps=[LocalJump(unit(k, 2), 1.0, species=particle) for k in (0, 1)], species=[particle])


def test_several_stationary_states_need_a_start():
    with pytest.raises(FiniteNError, match="linearly independent stationary"):
        steady_state(dark(), 3)
    rho0 = np.array([[0.3, 0.1, 0.1j], [0.1, 0.2, 0.1], [-0.1j, 0.1, 0.5]])
    state = steady_state(dark(), 3, rho0={"q": rho0})
    full = GeneralBruteForce(dark(), 3)
    rho = full.evolve(full.product_state({"q": rho0}), 60.0)  # e^{−30} of coherences with level 2 is left
    assert np.abs(state.second_moments - full.second(rho)).max() < AGREE
    assert state.zero_modes == 20  # symmetric operators of three particles of two levels: C(6, 3)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda s: s.states, "without blocks"),
        (lambda s: s.states, "reduced_states"),
        (lambda s: s.j_distribution, "more than two levels"),
    ],
)
def test_what_blocks_would_say_is_refused(ask, said):
    with pytest.raises(FiniteNError, match=said):
        ask(steady_state(three_level(), 2))


def test_questions_that_cannot_be_answered():
    with pytest.raises(FiniteNError, match="two-level particles only"):
        steady_state(three_level(), 4, J=2)
    with pytest.raises(FiniteNError, match="no dissipation"):
        steady_state(Model(Species("q", dim=3).average(unit(0, 0)), species=[Species("q", dim=3)]), 3)
    with pytest.raises(FiniteNError, match="too many to search"):
        steady_state(dark(), 12)
    with pytest.raises(FiniteNError, match=r"would have 2.19e\+03 rows"):
        steady_state(three_level(), 7).entropy  # noqa: B018


def structured() -> dict[str, Model]:
    """Three levels with symmetries of many kinds, some with one stationary state, some with several."""
    q, light = Species("q", dim=3), Mode("light")

    def model(h=0.0, local=(), collective=(), modes=()):
        jumps = [LocalJump(x, rate, species=q) for x, rate in local]
        return Model(h, jumps, collective, species=[q], modes=modes)

    def real(a, b):
        return q.average(unit(a, b) + unit(b, a))

    lifted = [(unit(2, 0), 0.8), (unit(1, 2), 0.9)]
    cycle = [(unit(1, 0), 0.8), (unit(2, 1), 0.9), (unit(0, 2), 1.1)]
    exchange = light.alpha.adjoint() * q.average(unit(0, 1))
    loss = CollectiveJumps([light.alpha], 1.2)
    pair = light.alpha * light.alpha * q.average(unit(1, 0)) * q.average(unit(1, 0))
    return {
        "cycle": model(0.3 * q.average(np.diag([0.0, 1, 2])), cycle),
        "driven": model(0.4 * real(0, 1) + 0.3 * real(1, 2), cycle[2:]),
        "two driven, one apart": model(0.4 * real(0, 1), cycle),
        "signs": model(sum(0.4 * q.average(x) ** 2 for x in (unit(0, 1), unit(1, 0))), cycle),
        "thirds": model(sum(0.3 * q.average(x) ** 3 for x in (unit(0, 1), unit(1, 0))), cycle),
        "dark": dark(),
        "dephasing": model(0.4 * real(0, 1), [(np.diag([1.0, 0, -1]), 0.7)]),
        "diagonal": model(0.3 * q.average(np.diag([0.0, 1, 2])), [(np.diag([1.0, 0, -1]), 0.7)]),
        "collective": model(collective=[CollectiveJumps([q.average(x)], 1.0) for x in (unit(0, 1), unit(1, 2))]),
        "level 2 stays": model(0.4 * real(0, 1), [(unit(0, 1), 0.9)]),
        "real, mixed": model(0.4 * real(0, 1), [(unit(0, 1) + unit(1, 2), 0.9), (unit(2, 0) + unit(0, 1), 0.5)]),
        "light": model(0.4 * (exchange + exchange.adjoint()), lifted, [loss], [light]),
        "pairs of quanta": model(0.4 * (pair + pair.adjoint()), lifted, [loss], [light]),
        "undamped light": model(0.3 * light.number, cycle, (), [light]),
    }


@pytest.mark.parametrize("name", structured())
def test_unique_only_where_all_sectors_have_one_zero_mode(name):
    model = structured()[name]
    N, levels = (2, (2,)) if model.modes else (3, ())
    lindbladian = ProductLindbladian("the stationary state", model, N, levels)
    found = product_unique.unique_product_state(lindbladian, 1e-9, 1e-10)
    cutoffs = {"light": 2} if model.modes else None
    whole = spectrum(model, N, 2, cutoffs=cutoffs)
    unseen = ("thirds", "pairs of quanta")  # unique, but by no symmetry that is looked at
    if found is not None:
        assert whole.zero_modes == 1 and whole.undamped == 0 and name not in unseen
    else:
        assert whole.zero_modes > 1 or name in unseen
