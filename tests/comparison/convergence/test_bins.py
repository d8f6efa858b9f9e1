"""How many bins suffice: against closed forms of dephasing, whole ensembles, revivals that look like convergence."""

import itertools
import json

import numpy as np
import pytest
import qutip
import scipy.stats
from scipy.integrate import solve_ivp
from scipy.stats import norm

from comparison import bin_convergence
from comparison.convergence.bin_error import converged_until, remaining_error
from finite_n import CollectiveJumps, FiniteNError, LocalJump, Mode, Model, binned, evolve, mx

UNIFORM = scipy.stats.uniform(-1, 2)
FEW = np.append(norm.ppf((np.arange(998) + 0.5) / 998), [8.0, 8.3])  # 0.2 % are less than a bin
DECAYS = {  # ⟨σx⟩ of independent spins: the Fourier transform of the distribution
    "gaussian": (norm(0, 1), {}, lambda t: np.exp(-(t**2) / 2)),
    "uniform": (UNIFORM, {}, lambda t: np.sinc(t / np.pi)),
    "exponential": (scipy.stats.expon(), {}, lambda t: 1 / (1 + t**2)),
    "lorentzian": (scipy.stats.cauchy(0, 1), {"rule": "medians"}, lambda t: np.exp(-t)),
    "gauss": (norm(0, 1), {"rule": "gauss"}, lambda t: np.exp(-(t**2) / 2)),
    "few far away": (FEW, {}, lambda t: np.cos(np.outer(t, FEW)).mean(axis=1)),
    "few far away, medians": (FEW, {"rule": "medians"}, lambda t: np.cos(np.outer(t, FEW)).mean(axis=1)),
}


def precession(bins):
    return Model(bins.average(lambda w, s: 0.5 * w * s.mz), species=bins.species)


def transverse(bins):
    return {"x": bins.mx}


def by_hand(name, members, end):
    """Values of free precession, without a model: (n + 1, T), the last of bins in between, and times."""
    distribution, options, exact = DECAYS[name]
    rule = options.get("rule", "quantiles")
    all_bins = [binned(distribution, k, rule=rule) for k in members]
    between = {"quantiles": "staggered", "medians": "staggered medians", "gauss": "gauss"}[rule]
    all_bins += [binned(distribution, members[-1] + 1, rule=between)]
    times = np.linspace(0, end, max(101, int(8 * np.ptp(all_bins[-2].values) * end / (2 * np.pi))))
    return times, np.array([b.weights @ np.cos(np.outer(b.values, times)) for b in all_bins]), exact(times)


@pytest.mark.parametrize("members", [[8, 13, 21, 34], [8, 16, 32, 64], [5, 10, 20], [4, 6, 8, 10]])
@pytest.mark.parametrize("name", DECAYS)
def test_the_error_is_never_smaller_than_the_true_one(name, members):
    """At any time before and after revivals, which begin at t = 2π/δω, and for tails of every kind."""
    for end in (3.0, 30.0):
        times, values, exact = by_hand(name, members, end)
        error, power = remaining_error(members, values[:-1, None], values[-1:], np.array([1e-12]))
        assert np.all(np.abs(values[-2] - exact) <= error[0])
        assert np.all(np.diff(error) >= 0)
        assert np.isnan(power[0, 0])  # nothing differs at the start
    assert np.isnan(converged_until(times, np.full((1, times.size), 1.0), 0.5)[0])
    assert converged_until(times, error, 1e9)[0] == times[-1]


@pytest.mark.parametrize(
    ("name", "accuracy", "until"), [("uniform", 1e-2, 5.0), ("gaussian", 5e-2, 1.0), ("gauss", 1e-6, 3.5)]
)
def test_dephasing_is_converged_until_a_time_and_right_until_then(name, accuracy, until):
    distribution, options, exact = DECAYS[name]
    found = bin_convergence(
        precession, distribution, [1, 0, 0], [0.0, 6.0], observables=transverse, accuracy=accuracy, **options
    )
    assert found.until[0] >= until
    inside = found.times <= found.until[0]
    assert np.abs(found.values[-1, 0] - exact(found.times))[inside].max() < accuracy


def test_revivals_are_named_and_not_taken_for_convergence():
    """K frequencies 2/K apart rephase at t = πK: 8, 16 and 32 bins all do at t = 32π and 64π, with |⟨σx⟩| = 1."""
    members = [8, 16, 32]
    back = 32 * np.pi
    found = bin_convergence(precession, UNIFORM, [1, 0, 0], [0, back, 2 * back], members, observables=transverse)
    assert np.abs([f.revival for f in found.frequencies] - np.pi * np.array(members)).max() < 1e-9
    assert np.abs([f.resolved for f in found.frequencies] - np.pi * np.array(members)).max() < 1e-9
    last = found.values[:, 0, -1]
    assert np.abs(last - last[-1]).max() < 1e-6  # they agree
    assert found.until[0] < 8 * np.pi and found.error[0, -1] > 0.9 and not found.is_converged
    assert "NOT CONVERGED" in found.table() and "= 100.5, which" in found.table()
    assert json.loads(json.dumps(found.to_dict()))["revival near"][-1] == pytest.approx(back)


def test_what_forgets_its_phases_converges_beyond_the_revival():
    """With dephasing at rate 1 every bin loses its phase long before: e^{−2t} sinc(t)."""

    def model(bins):
        return Model(precession(bins).hamiltonian, bins.jumps(LocalJump(qutip.sigmaz())), species=bins.species)

    found = bin_convergence(model, UNIFORM, [1, 0, 0], [0, 40.0], [4, 6, 8, 10], observables=transverse)
    assert found.is_converged and found.frequencies[-1].revival < 40
    assert np.abs(found.values[-1, 0] - np.exp(-2 * found.times) * np.sinc(found.times / np.pi)).max() < 1e-3
    assert "CONVERGED" in found.table()


def test_bins_that_all_miss_a_resonance_are_not_taken_for_the_continuum():
    """A weak drive turns those particles that are in resonance with it; none of an even number of bins is."""

    def driven(bins):
        return Model(bins.average(lambda w, s: 0.5 * w * s.mz) + 0.05 * bins.mx, species=bins.species)

    found = bin_convergence(
        driven, UNIFORM, [0, 0, 1], [0.0, 60.0], [4, 8, 12], observables=lambda b: {"z": b.mz}, accuracy=1e-2
    )
    w = binned(UNIFORM, 2000).values  # resonant ones turn by 60 · 0.1
    rabi = np.sqrt(w**2 + 0.01)
    exact = 1 - 2 * 0.01 / rabi**2 * np.sin(np.outer(found.times, rabi) / 2) ** 2
    off = np.abs(found.values[-1, 0] - exact.mean(axis=1))
    assert np.all(off <= found.error[0]) and off.max() > 1e-2 and not found.is_converged
    assert np.all(off[found.times <= found.until[0]] <= 1e-2)


def test_rates_alone_do_not_rephase():
    """Decay at rates uniform in [0, 2]: ⟨(1 + σz)/2⟩ = (1 − e^{−2t})/(2t)."""

    def model(bins):
        return Model(jumps=bins.jumps(lambda v, s: LocalJump(qutip.sigmam(), rate=v)), species=bins.species)

    found = bin_convergence(
        model, scipy.stats.uniform(0, 2), [0, 0, 1], [0, 1.0, 2.0], observables=lambda b: {"n": 0.5 + 0.5 * b.mz}
    )
    times = found.times[1:]
    assert found.is_converged and found.frequencies[0].spread == 0 and np.isinf(found.frequencies[0].revival)
    assert np.abs(found.values[-1, 0, 1:] - (1 - np.exp(-2 * times)) / (2 * times)).max() < 1e-3
    assert "do not rephase" in found.table()


def test_a_distribution_of_rabi_frequencies_rephases_as_these_do():
    """H = v σx/2 with v in [0, 2]: neighbours are 2/K apart, whichever way the axis points, and however strong a common
    detuning of all that commutes."""
    for common in (0.0, 3.0):

        def model(bins, common=common):
            return Model(bins.average(lambda v, s: 0.5 * (v + common) * s.mx), species=bins.species)

        found = bin_convergence(model, UNIFORM, [0, 0, 1], [0, 1.0], [3, 5, 7], observables=lambda b: {"z": b.mz})
        assert np.abs([f.revival * 2 / (2 * np.pi) for f in found.frequencies] - np.array([3, 5, 7])).max() < 1e-6


def lossy(bins):
    """Emission into a lossy mode with detunings, driven."""
    field = Mode("field")
    coupling = bins.average(lambda w, s: s.average(qutip.sigmap())) * field.alpha
    h = bins.average(lambda w, s: 0.5 * w * s.mz) + coupling + coupling.adjoint()
    return Model(h, collective=[CollectiveJumps([field.alpha], rate=1.0)], species=bins.species, modes=[field])


def test_the_limit_of_an_inhomogeneous_ensemble_in_a_cavity_against_a_thousand_spins():
    """Mean-field equations written by hand for every one of 1000 spins: σ˙ = iwσ − iσz α …, α˙ = −α/2 − i mean σ."""
    tilted = np.array([np.sin(2.8), 0.0, np.cos(2.8)])
    found = bin_convergence(
        lossy, UNIFORM, tilted, [0.0, 4.0], [5, 8, 13], observables=lambda b: {"z": b.mz}, accuracy=1e-2
    )
    w = binned(UNIFORM, 1000).values

    def rhs(t, y):
        (x, y1, z), alpha = y[:-2].reshape(3, -1), y[-2] + 1j * y[-1]
        bx, by = 2 * alpha.real, -2 * alpha.imag  # H = w σz/2 + (α σ+ + α* σ−) = w σz/2 + Re α σx − Im α σy
        rate = -0.5 * alpha - 0.5j * (x - 1j * y1).mean()
        turned = np.concatenate([by * z - w * y1, w * x - bx * z, bx * y1 - by * x])
        return np.append(turned, [rate.real, rate.imag])

    start = np.append(np.repeat(tilted, 1000), [0.0, 0.0])
    solved = solve_ivp(rhs, (0, 4), start, t_eval=found.times, rtol=1e-9, atol=1e-9)
    exact = solved.y[2000:3000].mean(axis=0)
    off = np.abs(found.values[-1, 0] - exact)
    assert found.is_converged and off.max() < 1e-2 and np.all(off <= found.error[0])


def test_fluctuations_of_independent_spins():
    """N (⟨m_x²⟩ − ⟨m_x⟩²) = 1 − mean cos²(wt) = (1 − sinc 2t)/2, as N → ∞ and at every N."""
    options = {"observables": transverse, "fluctuations": True}
    found = bin_convergence(precession, UNIFORM, [1, 0, 0], [0, 2.0], [4, 6, 8], accuracy=0.1, **options)
    exact = 0.5 * (1 - np.sinc(2 * found.times / np.pi))
    assert found.labels == ["x", "var x"] and found.until[1] > 1
    assert np.all(np.abs(found.values[-1, 1] - exact) <= found.error[1])
    own = bin_convergence(precession, UNIFORM, [1, 0, 0], [0, 2.0], [2, 4], N=4, **options)
    w = binned(UNIFORM, 4).values
    assert np.abs(own.values[-1, 1] - (np.sin(np.outer(own.times, w)) ** 2).mean(axis=1)).max() < 1e-7


@pytest.mark.slow
def test_fluctuations_of_spins_that_emit_together():
    """Detuned, pumped spins that emit together: the Gaussian variance of two bins, against exact numbers at N = 4 … 32
    extrapolated in powers of 1/N, to what the last power changes."""

    def model(bins):
        return Model(
            bins.average(lambda w, s: 0.5 * w * s.mz),
            bins.jumps(LocalJump(qutip.sigmap(), rate=0.4)),
            [CollectiveJumps([bins.average(qutip.sigmam())], rate=1.0)],
            species=bins.species,
        )

    start, times = [0.6, 0, 0.2], [0, 0.5, 1.0]
    found = bin_convergence(model, UNIFORM, start, times, [2, 3, 4], observables=transverse, fluctuations=True)
    two, orders = binned(UNIFORM, 2), [[]]
    for N in (4, 8, 16, 32):
        result = evolve(model(two), N, two.start(start), times, {"x": two.mx, "xx": two.mx * two.mx}, check=False)
        orders[0].append(N * (result.e_data["xx"] - result.e_data["x"] ** 2).real[-1])
    for power in (2, 4, 8):
        orders.append([(power * b - a) / (power - 1) for a, b in itertools.pairwise(orders[-1])])
    assert abs(found.values[0, 1, -1] - orders[3][0]) < abs(orders[3][0] - orders[2][-1])


def test_at_finite_n_the_aim_is_a_value_for_every_particle():
    """Driven, emitting spins at N = 6 with 1, 2, 3 bins, against all six of their own, and these against qutip."""

    def model(bins):
        h = bins.average(lambda w, s: 0.5 * w * s.mz) + 0.4 * bins.mx
        jump = CollectiveJumps([bins.average(qutip.sigmam())], rate=1.0)
        return Model(h, collective=[jump], species=bins.species)

    found = bin_convergence(model, norm(0, 0.5), [0, 0, 1], [0.0, 2.0], N=6, observables=lambda b: {"z": b.mz})
    own = binned(norm(0, 0.5), 6, N=6)
    identity = [qutip.qeye(2)] * 6

    def of(x, k):
        return qutip.tensor(*identity[:k], x, *identity[k + 1 :])

    h = sum(0.5 * w * of(qutip.sigmaz(), k) + 0.4 * of(qutip.sigmax(), k) for k, w in enumerate(own.values))
    jump = sum(of(qutip.sigmam(), k) for k in range(6)) / np.sqrt(6)
    z = sum(of(qutip.sigmaz(), k) for k in range(6)) / 6
    start = qutip.tensor(*[qutip.basis(2, 0)] * 6)
    solved = qutip.mesolve(h, start, found.times, [jump], e_ops=[z], options={"atol": 1e-10, "rtol": 1e-10})
    off = np.abs(found.values[-1, 0] - solved.expect[0])
    assert found.bins == [1, 2, 3] and off.max() > 1e-4 and np.all(off <= found.error[0])
    assert len(found.elements) == 3 and found.elements[0] < found.elements[2]
    whole = bin_convergence(model, norm(0, 0.5), [0, 0, 1], [0.0, 2.0], [3, 6], N=6, observables=lambda b: {"z": b.mz})
    assert np.abs(whole.values[-1, 0] - np.interp(whole.times, found.times, solved.expect[0])).max() < 1e-4
    assert whole.is_converged and "EXACT in bins" in whole.table()
    alone = bin_convergence(model, norm(0.7, 0.5), [0, 0, 1], [0.0, 2.0], N=1, observables=lambda b: {"z": b.mz})
    one = binned([0.7], 1)
    spin = evolve(model(one), 1, one.start([0, 0, 1]), alone.times, {"z": one.mz})
    assert alone.bins == [1] and alone.is_converged
    assert np.abs(alone.values[-1, 0] - spin.e_data["z"].real).max() < 1e-8  # the mean of all is that of one particle


def test_numbers_of_bins_that_do_not_fit_are_left_out_and_named(monkeypatch):
    monkeypatch.setattr("finite_n.memory.available", lambda: 8e9)

    def model(bins):
        h = bins.average(lambda w, s: 0.5 * w * s.mz)
        return Model(h, collective=[CollectiveJumps([bins.average(qutip.sigmam())])], species=bins.species)

    given, options = (model, UNIFORM, [1, 0, 0], [0, 0.1], [1, 2, 3, 16]), {"observables": transverse, "tol": 1e-6}
    found = bin_convergence(*given, N=16, **options)
    assert found.bins == [1, 2, 3] and found.failure.startswith("16 bins: ") and found.failure in found.table()
    monkeypatch.setattr("comparison.convergence.bins._MOST_COSTLY", 1)  # times: too few to see bins rephase
    unseen = bin_convergence(*given, N=16, **options)
    assert unseen.failure.startswith(found.failure) and unseen.failure.endswith("take a shorter time.")
    assert np.isinf(unseen.error).all() and np.isnan(unseen.until).all() and "at any time" in unseen.table()
    with pytest.raises(FiniteNError, match=r"16 bins: .*largest N that fits"):
        bin_convergence(model, UNIFORM, [1, 0, 0], [0, 0.1], [1, 16, 24], N=24, observables=transverse)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bins": [4, 8]}, "give three or more increasing numbers of bins"),
        ({"bins": [8, 4, 12]}, "give three or more increasing numbers of bins"),
        ({"bins": 8}, "give three or more increasing numbers of bins"),
        ({"bins": [1, 2, 13], "N": 12}, "13 bins for N = 12 particles"),
        ({"rule": "staggered"}, "choose one of 'quantiles', 'medians', 'gauss'"),
        ({"rule": "gauss", "N": 12}, "irrational"),
        ({"accuracy": 0}, "above 0"),
        ({"model": 3}, "a function of Bins that returns a Model"),
        ({"model": lambda b: 3}, "model gave 3"),
        ({"observables": lambda b: 3}, "observables gave 3"),
        ({"observables": lambda b: {"x": 1j * b.mx}}, "not Hermitian"),
        ({"observables": lambda b: {"x": mx}}, "not an average of the model"),
        ({"width": 3}, "unknown option 'width'"),
    ],
)
def test_refusals(changes, said):
    given = {"model": precession, "distribution": norm, "rho0": [1, 0, 0], "tlist": [0, 1]} | changes
    with pytest.raises(FiniteNError, match=said):
        bin_convergence(**given)
