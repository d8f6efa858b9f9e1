"""Distributions in bins: their nodes against closed forms, and models made of them against the full space."""

import math
from fractions import Fraction

import numpy as np
import pytest
import qutip
import scipy.stats
from scipy.stats import norm

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Mode, Model, Species, binned, coefficient, evolve
from finite_n.solvers.plan import plan_evolution

ROUNDING = 1e-13  # of sums of some thousand numbers of order one


def test_bins_of_a_normal_distribution_have_the_means_of_its_quantile_ranges():
    """∫ x φ(x) dx = φ(a) − φ(b) between a and b."""
    for bins in (1, 4, 5, 55):
        edges = norm.ppf(np.arange(bins + 1) / bins)
        found = binned(norm(2, 0.5), bins)
        assert np.abs(found.values - 2 + 0.5 * bins * np.diff(norm.pdf(edges))).max() < ROUNDING
        assert [s.fraction for s in found.species] == [Fraction(1, bins)] * bins


def test_a_cut_lorentzian_has_means_and_an_uncut_one_medians():
    half = binned(scipy.stats.cauchy(0, 1), 2, cut=(-20, 20)).values
    assert np.abs(half - np.array([-1, 1]) * np.log(401) / (2 * np.arctan(20))).max() < ROUNDING
    lopsided = binned(scipy.stats.cauchy(0, 1), 1, cut=(-1, np.inf), rule="medians").values  # u from 1/4 to 1
    assert np.abs(lopsided - np.tan(np.pi / 8)).max() < ROUNDING
    medians = binned(scipy.stats.cauchy(0, 1), 4, rule="medians").values
    assert np.abs(medians - np.tan(np.pi * (np.arange(4) - 1.5) / 4)).max() < ROUNDING


def test_a_density_need_neither_be_normalised_nor_smooth():
    assert (
        np.abs(binned(lambda x: 5 * np.exp(-(x**2) / 2), 3, cut=(-12, 12)).values - binned(norm, 3).values).max()
        < 1e-11
    )
    box = binned(lambda x: 1.0 if abs(x) < 0.3 else 0.0, 3, cut=(-1, 1))
    assert np.abs(box.values - [-0.2, 0, 0.2]).max() < 1e-11  # masses of panels to 1e-13 of all, at a jump
    triangle = binned(lambda x: 1 - abs(x), 2, cut=(-1, 1)).values
    assert np.abs(triangle - [-1 / 3, 1 / 3]).max() < 1e-11


def test_couplings_in_a_standing_wave():
    """g cos φ with φ uniform has the mean 2g/π over half of the circle."""
    assert np.abs(binned(scipy.stats.arcsine(-0.5, 1), 2).values - [-1 / np.pi, 1 / np.pi]).max() < ROUNDING


def test_measured_values_are_their_own_bins_or_divided_by_their_shares():
    table = binned([1.0, 2.0, 2.0, 5.0])
    assert table.values.tolist() == [1, 2, 5] and np.abs(table.weights - [0.25, 0.5, 0.25]).max() < ROUNDING
    halves = binned([1.0, 2.0, 5.0], 2, weights=[1, 4, 3]).values  # 1 with three of the four 2 | one 2 with three 5
    assert np.abs(halves - [7 / 4, 17 / 4]).max() < ROUNDING
    counts = scipy.stats.rv_histogram((np.array([3, 1]), np.array([0.0, 1.0, 3.0])), density=False)
    assert np.abs(binned(counts, 4).values - [1 / 6, 1 / 2, 5 / 6, 2]).max() < ROUNDING


def test_gauss_quadrature_is_that_of_hermite_legendre_laguerre_and_of_a_table():
    x, w = np.polynomial.hermite_e.hermegauss(12)
    found = binned(norm(0, 1), 12, rule="gauss")
    assert np.abs(found.values - x).max() < ROUNDING and np.abs(found.weights - w / w.sum()).max() < ROUNDING
    x, w = np.polynomial.legendre.leggauss(9)
    found = binned(scipy.stats.uniform(-1, 2), 9, rule="gauss")
    assert np.abs(found.values - x).max() < ROUNDING and np.abs(found.weights - w / 2).max() < ROUNDING
    x, w = np.polynomial.laguerre.laggauss(6)
    found = binned(scipy.stats.expon(), 6, rule="gauss")
    assert np.abs(found.values - x).max() < 1e-11 and np.abs(found.weights - w).max() < 1e-11
    heaviest = binned(scipy.stats.weibull_min(0.5), 4, rule="gauss")  # x = z², z exponential: by its moments (2k)!
    moments = heaviest.weights @ heaviest.values[:, None] ** np.arange(8)
    assert np.abs(moments / [math.factorial(2 * k) for k in range(8)] - 1).max() < 1e-9
    table = binned([3.0, 1.0, 2.0], 3, rule="gauss")
    assert np.abs(table.values - [1, 2, 3]).max() < ROUNDING and np.abs(table.weights - 1 / 3).max() < ROUNDING


@pytest.mark.parametrize("rule", ["quantiles", "staggered"])
def test_bins_keep_the_mean_and_hold_whole_numbers_of_particles(rule):
    for N, bins in [(5, 1), (5, 2), (5, 4), (5, 5), (10, 4), (12, 3)]:
        found = binned(scipy.stats.expon(), bins, N=N, rule=rule)
        sizes = Model(0, species=found.species).space.sizes(N)
        assert len(found) == bins and sum(sizes) == N and abs(found.weights @ found.values - 1) < 1e-12
        assert max(sizes) - min(sizes) <= 1 or rule == "staggered"
    assert [s.fraction * 10 for s in binned(norm, 4, N=10).species] == [2, 3, 3, 2]
    assert [s.fraction * 12 for s in binned(norm, 4, N=12, rule="staggered").species] == [2, 4, 4, 2]
    alone = binned(scipy.stats.uniform(0, 1), 8, N=8)
    assert np.abs(alone.values - (np.arange(8) + 0.5) / 8).max() < ROUNDING


def test_a_product_has_every_pair():
    both = binned([1.0, 2.0], name="a") * binned([5.0, 7.0], weights=[1, 3])
    assert [v for v, _ in both] == [(1, 5), (1, 7), (2, 5), (2, 7)]
    assert np.abs(both.weights - np.array([1, 3, 1, 3]) / 8).max() < ROUNDING
    assert [s.name for s in both.species] == ["a_1", "a_2", "a_3", "a_4"]


def test_independent_spins_of_a_uniform_distribution_dephase_as_the_sum_of_their_bins():
    """Σ_b cos(w_b t)/K = sin(W t)/(K sin(W t/K)) for K values evenly between −W and W, with its revival at 2πK/(2W)."""
    for bins in (3, 4):
        spins = binned(scipy.stats.uniform(-2, 4), bins)
        model = Model(spins.average(lambda w, s: 0.5 * w * s.mz), species=spins.species)
        times = np.linspace(0, np.pi * bins / 2, 7)
        found = evolve(model, 12, spins.start([1, 0, 0]), times, {"x": spins.mx})
        inner = times[1:-1]
        assert np.abs(found.e_data["x"].real[1:-1] - np.sin(2 * inner) / (bins * np.sin(2 * inner / bins))).max() < 1e-8
        assert abs(abs(found.e_data["x"][-1]) - 1) < 1e-8  # all in phase again, up to the sign for an even number
        profile = spins.profile(found, "x")
        assert np.abs(profile - np.cos(np.outer(times, spins.values))).max() < 1e-8


def full_space(detunings, couplings, rates, levels, times):
    """⟨σz⟩ of every spin, ⟨a†a⟩ of spins in a cavity, by qutip, every particle with numbers of its own."""
    n = len(detunings)
    identities = [qutip.qeye(2)] * n + [qutip.qeye(levels)]

    def of(x, k):
        return qutip.tensor(*identities[:k], x, *identities[k + 1 :])

    a = of(qutip.destroy(levels), n)
    h = sum(0.5 * w * of(qutip.sigmaz(), k) for k, w in enumerate(detunings))
    for k, g in enumerate(couplings):
        half = g / np.sqrt(n) * of(qutip.sigmap(), k) * a
        h = h + half + half.dag()
    jumps = [np.sqrt(0.3) * a, sum(g * of(qutip.sigmam(), k) for k, g in enumerate(couplings)) * np.sqrt(0.4 / n)]
    jumps += [np.sqrt(r) * of(qutip.sigmaz(), k) for k, r in enumerate(rates)]
    start = qutip.tensor(*[qutip.ket2dm(qutip.basis(2, 0))] * n, qutip.fock_dm(levels, 0))
    e_ops = [*(of(qutip.sigmaz(), k) for k in range(n)), a.dag() * a]
    options = {"atol": 1e-11, "rtol": 1e-11, "nsteps": 10**5}
    return np.array(qutip.mesolve(h, start, times, jumps, e_ops=e_ops, options=options).expect)


def test_inhomogeneous_spins_in_a_cavity_agree_with_the_full_space():
    """Detunings, couplings to a mode, collective emission with the couplings and dephasing, all by a particle's pair of
    values; the mode has the same levels in both."""
    levels, times = 3, np.linspace(0, 2, 5)
    spins = binned(norm(0.2, 0.8), 2, N=4, name="w") * binned([0.5, 1.1], name="g")
    field = Mode("field")
    coupling = spins.average(lambda v, s: v[1] * s.average(qutip.sigmap())) * field.alpha
    model = Model(
        spins.average(lambda v, s: 0.5 * v[0] * s.mz) + coupling + coupling.adjoint(),
        jumps=spins.jumps(lambda v, s: LocalJump(qutip.sigmaz(), rate=0.1 + v[0] ** 2)),
        collective=[
            CollectiveJumps([field.alpha], rate=0.3),
            CollectiveJumps([spins.average(lambda v, s: v[1] * s.average(qutip.sigmam()))], rate=0.4),
        ],
        species=spins.species,
        modes=[field],
    )
    e_ops = {"z": spins.mz, "n": 4 * field.number}
    found = evolve(model, 4, spins.start([0, 0, 1]), times, e_ops, cutoffs={"field": levels - 1})
    w, g = np.array([v for v, _ in spins]).T
    exact = full_space(w, g, 0.1 + w**2, levels, times)
    assert np.abs(spins.profile(found, "z").T - exact[:4]).max() < 1e-8
    assert np.abs(found.e_data["z"] - exact[:4].mean(axis=0)).max() < 1e-8
    assert np.abs(found.e_data["n"] - exact[4]).max() < 1e-8


def test_states_and_rates_may_differ_from_bin_to_bin():
    """Independent decay at rates v from ⟨σz⟩ = v: 2 (1 + v)/2 e^{−vt} − 1."""
    spins = binned([0.25, 0.75])
    model = Model(jumps=spins.jumps(lambda v, s: LocalJump(qutip.sigmam(), rate=v)), species=spins.species)
    found = evolve(model, 6, spins.start(lambda v: [0, 0, v]), [0.0, 1.0], {"z": spins.average(qutip.sigmaz())})
    v = spins.values
    assert np.abs(spins.profile(found, "z")[-1] - (1 + v) * np.exp(-v) + 1).max() < 1e-8
    assert abs(found.e_data["z"][-1] - spins.profile(found, "z")[-1].mean()) < 1e-12


def test_particles_of_three_levels_and_drives_in_time():
    atoms = binned(norm(0, 1), 2, dim=3, name="atom")
    assert [s.dim for s in atoms.species] == [3, 3] and atoms.species[1].name == "atom_2"
    spins = binned(norm(0, 1), 2)
    model = Model(spins.average(lambda w, s: coefficient(np.cos) * (w * s.mz)), species=spins.species)
    times = np.array([0.0, 0.7, 1.4])
    found = evolve(model, 2, spins.start([1, 0, 0]), times)  # the angle is 2 w ∫ cos
    assert np.abs(spins.profile(found, "x") - np.cos(2 * np.outer(np.sin(times), spins.values))).max() < 1e-8


def test_what_bins_cost_is_known_before_anything_is_stored():
    """Spins of K bins of N/K spins each, with decay, have C(N/K + 3, 3)^K elements at most, which grows with K."""
    elements = []
    for bins in (1, 2, 3):
        spins = binned(norm(0, 1), bins)
        h = spins.average(lambda w, s: 0.5 * w * s.mz) + 0.3 * spins.mx + 0.2 * spins.mx * spins.mx
        model = Model(h, jumps=spins.jumps(LocalJump(qutip.sigmam())), species=spins.species)
        plan = plan_evolution(model, 12, spins.start([0, 0, 1]), [0.0, 1.0])
        assert plan.elements <= [455, 84**2, 35**3][bins - 1] and plan.bytes > 8 * plan.elements
        elements.append(plan.elements)
    assert elements[0] < elements[1] < elements[2]
    spins = binned(norm(0, 1), 8)
    h = spins.average(lambda w, s: 0.5 * w * s.mz) + 0.3 * spins.mx + 0.2 * spins.mx * spins.mx
    model = Model(h, jumps=spins.jumps(LocalJump(qutip.sigmam())), species=spins.species)
    with pytest.raises(FiniteNError, match="largest N that fits"):
        plan_evolution(model, 80, spins.start([0, 0, 1]), [0.0, 1.0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: binned(lambda x: x, 3, cut=(-1, 1)), "a density is a finite real number, 0 or more"),
        (lambda: binned(lambda x: x * np.nan, 3, cut=(-1, 1)), "the density is nan"),
        (lambda: binned(lambda x: 0 * x, 3, cut=(-1, 1)), "the density is 0 between"),
        (lambda: binned(lambda x: 1 + 0 * x, 3), r"give cut=\(a, b\)"),
        (lambda: binned(scipy.stats.cauchy(0, 1), 3), "no finite mean; cut them off"),
        (lambda: binned(scipy.stats.t(3), 4, rule="gauss"), "no finite moment of order 6"),
        (lambda: binned(scipy.stats.lognorm(1), 4, rule="gauss"), "moments do not determine it"),  # Heyde 1963
        (lambda: binned(scipy.stats.weibull_min(0.4), 4, rule="gauss"), "moments do not determine it"),  # x ~ log^2.5
        (lambda: binned(scipy.stats.gennorm(0.7), 4, rule="gauss"), "moments do not determine it"),  # on both sides
        (lambda: binned(scipy.stats.poisson(2), 3), "is discrete; give its values"),
        (lambda: binned(norm(0, -1), 3), "gives no quantiles"),
        (lambda: binned(norm, 3, cut=(30, 40)), "no weight between 30 and 40"),
        (lambda: binned(norm, 3, cut=(1, -1)), "a, b with a < b"),
        (lambda: binned(norm, 3, weights=[1]), "weights belong to a table"),
        (lambda: binned([1.0, 2.0], weights=[1, -1]), "not all of them 0"),
        (lambda: binned([1.0, np.inf]), "a list of finite values"),
        (lambda: binned("normal", 3), "a distribution of scipy.stats with its parameters"),
        (lambda: binned([1.0, 1.0, 2.0], 3), "at most as many bins as values"),
        (lambda: binned(norm, 6, N=5), "at most as many bins as particles"),
        (lambda: binned(norm, 4, N=8, rule="gauss"), "irrational"),
        (lambda: binned(norm), "say in how many bins"),
        (lambda: binned([1.0], N=4), "rule and N need bins"),
        (lambda: binned(norm, 2.5), "give a whole number"),
        (lambda: binned(norm, 2, rule="equal"), "choose one of 'quantiles'"),
        (lambda: binned(norm, 2, name="a b"), "give a word of letters"),
        (lambda: binned(norm, 2, name=3), "give a word"),
        (lambda: binned(norm, 2).average(lambda w: w), "a function of a value and its species"),
        (lambda: binned(norm, 2).average(lambda w, s: "x"), "where a polynomial of averages is wanted"),
        (lambda: binned(norm, 2).jumps(lambda w, s: 1.0), "returns a LocalJump"),
        (lambda: binned(norm, 2).jumps(lambda w, s: LocalJump(qutip.sigmam(), species="c")), "of this species"),
        (lambda: binned(norm, 2, dim=3).mx, "two levels"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(FiniteNError, match=said):
        call()


def test_a_profile_is_refused_of_a_result_of_other_species():
    spins = binned(norm, 2)
    result = evolve(Model(spins.mz, species=spins.species), 2, spins.start([1, 0, 0]), [0, 1])
    with pytest.raises(FiniteNError, match="choose one of 'x', 'y', 'z'"):
        spins.profile(result, "bin_1.x")
    with pytest.raises(FiniteNError, match="is not a species of the result"):
        binned(norm, 3).profile(result, "x")
    assert Species("bin_1", fraction=Fraction(1, 2)) in result.space.species
