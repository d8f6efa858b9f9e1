"""Functions of the state as N → ∞: closed forms, exact numbers at growing N, and where there is no limit."""

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
    average,
    coherent,
    entropy,
    evolve,
    fidelity,
    mx,
    my,
    mz,
    negativity,
    pair_negativity,
    product,
    purity,
    quantum_fisher_information,
)
from finite_n.systems import hopfield
from meanfield import GaussianLimit, Limit, root_fidelity

LIGHT = Mode("light")
UP = average(qutip.sigmap())
RATE = 0.15  # of an exponent from two sizes, whose next order is 1/N


def along(*numbers):
    return GaussianLimit.of(Model(0.0), list(numbers), [0.0, 1.0])


def test_one_axis_twisting_has_closed_forms():
    """Kitagawa and Ueda 1993 at N, with μ = 4t/N of H = S_z²·4/N; its limit with s = 4t, and pairs by ξ²."""
    t, model, start = 0.3, Model(mz * mz), coherent(np.pi / 2)
    limit = GaussianLimit.of(model, start, [0.0, t])
    s = 4 * t
    xi = 1 + s**2 / 2 - s * np.sqrt(1 + s**2 / 4)
    assert limit.squeezing() == pytest.approx([1, xi], abs=1e-10)
    assert limit.pair_negativity_times_N() == pytest.approx([0, (1 - xi) / 2], abs=1e-10)
    # F = 4 Var of pure states, the long axis of the ellipse at most
    assert limit.fisher_information_per_particle(my / 2)[1] == pytest.approx(1 + s**2, abs=1e-9)
    apart = []
    for N in (50, 100):
        mu, result = s / N * 2, evolve(model, N, start, [0, t])
        A, B = 1 - np.cos(mu) ** (N - 2), 4 * np.sin(mu / 2) * np.cos(mu / 2) ** (N - 2)
        own = (1 + (N - 1) / 4 * (A - np.sqrt(A**2 + B**2))) / np.cos(mu / 2) ** (2 * N - 2)
        assert result.squeezing()[1] == pytest.approx(own, abs=1e-8)
        apart.append([own - xi, N * pair_negativity(result)[1] - (1 - xi) / 2])
    assert np.log2(np.divide(*apart)) == pytest.approx([1, 1], abs=RATE)


@pytest.mark.parametrize("r", [0.1, 0.4])
def test_inverted_spins_and_a_mode_become_a_two_mode_squeezed_vacuum(r):
    """With r the gain times t: ν = ½ cosh 2r of each, negativity (e^{2r} − 1)/2, overlap with the start 1/cosh² r."""
    model = Model(LIGHT.alpha * average(qutip.sigmam()) + LIGHT.alpha.adjoint() * UP, modes=[LIGHT])
    down = {"": [0, 0, -1]}  # σ₊ then creates particles of the fluctuation, a† with it
    limit, (ch, sh) = GaussianLimit.of(model, down, [0, r]), (np.cosh(r) ** 2, np.sinh(r) ** 2)
    for part in ("light", ""):
        assert limit.entropy(part) == pytest.approx([0, ch * np.log(ch) - sh * np.log(sh)], abs=1e-8)
        assert limit.purity(part) == pytest.approx([1, 1 / np.cosh(2 * r)], abs=1e-9)
    assert limit.negativity("light") == pytest.approx([0, (np.exp(2 * r) - 1) / 2], abs=1e-9)
    assert limit.entropy() == pytest.approx([0, 0], abs=1e-7) and limit.purity() == pytest.approx([1, 1], abs=1e-9)
    assert limit.fidelity() == pytest.approx([1, 1 / ch], abs=1e-9)
    assert limit.entropy_per_particle() == pytest.approx([0, 0], abs=1e-8)
    assert limit.g2_zero()[1] == pytest.approx(2, abs=1e-9) and np.isnan(limit.g2_zero()[0])


def test_spins_that_do_not_interact():
    """Entropy of one, F = Σ |n × m|² of product states, and the same product at all N."""
    m, decay = np.array([0.3, 0.0, 0.5]), LocalJump(qutip.sigmam(), 0.7)
    limit = GaussianLimit.of(Model(0.0, [decay]), product(m), [0, 1.0])
    length = np.linalg.norm(m)
    p = np.array([1 + length, 1 - length]) / 2
    assert limit.entropy_per_particle()[0] == pytest.approx(-(p @ np.log(p)), abs=1e-12)
    assert limit.fisher_information_per_particle(mx / 2)[0] == pytest.approx(m[1] ** 2 + m[2] ** 2, abs=1e-12)
    assert limit.fidelity() == pytest.approx([1, 1], abs=1e-9)
    assert np.isnan(limit.entropy()).all() and np.isnan(limit.purity()).all()
    assert limit.pair_negativity_times_N() == pytest.approx([0, 0])
    assert along(0, 0, 1.0).fisher_information_per_particle(mx / 2) == pytest.approx([1, 1], abs=1e-12)


def ladder(model, start, t, sizes, limit, functions):
    """Exact values by function and N, (functions, N), and their limits."""
    results = [evolve(model, N, start, [0, t], basis="dicke") for N in sizes]
    exact = np.array([[f(x, N)[-1] for x, N in zip(results, sizes, strict=True)] for f in functions])
    return exact, np.array([x[-1] for x in limit])


def test_exact_numbers_of_a_network_in_mixed_states_go_there():
    model, start, t, sizes = hopfield(0.3, 0.8), [0, 0.3, 0.4], 1.5, [10, 20, 40]
    limit, g = GaussianLimit.of(model, start, [0, t]), my / 2 + mz * mz
    there = product(Limit(model).evolve(start, [0, t]).means[-1])
    functions = [
        lambda x, N: entropy(x) / N,
        lambda x, N: quantum_fisher_information(x, mx / 2) / N,
        lambda x, N: quantum_fisher_information(x, g) / N,
        lambda x, N: fidelity(x, there),
    ]
    limits = [
        limit.entropy_per_particle(),
        limit.fisher_information_per_particle(mx / 2),
        limit.fisher_information_per_particle(g),
        limit.fidelity(),
    ]
    exact, limits = ladder(model, start, t, sizes, limits, functions)
    apart = np.abs(exact - limits[:, None])
    assert np.all(apart[:, -1] < [2e-3, 7e-3, 7e-2, 5e-3]) and np.all(apart[:, -1] > 1e-4)
    assert np.log2(apart[:, -2] / apart[:, -1]) == pytest.approx([0.92, 0.94, 0.78, 0.96], abs=0.02)  # on the way to 1
    assert 2 * exact[:, -1] - exact[:, -2] == pytest.approx(limits, abs=2e-2)  # without 1/N


@pytest.mark.parametrize("kind", ["pure", "mixed", "decaying"])
def test_exact_numbers_of_spins_and_a_mode_go_there(kind):
    """Detuned, with counter-rotating terms; particles stay pure, start mixed, or jump alone while the light leaks."""
    exchange, other = LIGHT.alpha * UP, LIGHT.alpha * UP.adjoint()
    h = 0.5 * mz + LIGHT.number + 0.3 * (exchange + exchange.adjoint()) + 0.1 * (other + other.adjoint())
    start = {"": [0.2, 0, 0.6] if kind == "mixed" else [0, 0, 1]}
    jumps = [LocalJump(qutip.sigmam(), 0.4)] if kind == "decaying" else []
    loss = [CollectiveJumps([LIGHT.alpha], 0.5)] if kind == "decaying" else []
    model, t, sizes = Model(h, jumps, loss, modes=[LIGHT]), 1.0, [4, 8, 12]
    limit, m = GaussianLimit.of(model, start, [0, t]), Limit(model).evolve(start, [0, t]).means[-1]
    there = {"": product(m[:3]), "light": Field(alpha=complex(m[3], m[4]) / np.sqrt(2))}
    functions = [
        lambda x, N: entropy(x, "light"),
        lambda x, N: purity(x, "light"),
        lambda x, N: negativity(x, "light"),
        lambda x, N: quantum_fisher_information(x, mx / 2) / N,
        lambda x, N: fidelity(x, there),
    ]
    limits = [
        limit.entropy("light"),
        limit.purity("light"),
        limit.negativity("light"),
        limit.fisher_information_per_particle(mx / 2),
        limit.fidelity(),
    ]
    exact, limits = ladder(model, start, t, sizes, limits, functions)
    quadratic = np.linalg.solve(np.vander(1 / np.array(sizes)), exact.T)[-1]
    assert quadratic == pytest.approx(limits, abs=1.5e-3)  # 1/N³ of the ladder
    assert np.all(np.abs(exact[:, -1] - limits) < np.maximum(np.abs(exact[:, 0] - limits), 2e-4))


def test_two_species_on_the_largest_spins():
    """Entropy of one of two species that rotate each other: Σ_ab makes it that of a mode."""
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    model, start, t = Model(a.mx * b.mx + 0.3 * a.mz, species=[a, b]), {"a": [0, 0, 1], "b": [0, 0, 1]}, 0.2
    limit = GaussianLimit.of(model, start, [0, t])
    functions = [lambda x, N: entropy(x, "a"), lambda x, N: negativity(x, "a", "b")]
    sizes = [8, 16, 32]
    exact, limits = ladder(model, start, t, sizes, [limit.entropy("a"), limit.negativity("a", "b")], functions)
    assert limits[0] > 0.05 and np.all(np.diff(np.abs(exact - limits[:, None])) < 0)
    quadratic = np.linalg.solve(np.vander(1 / np.array(sizes)), exact.T)[-1]
    assert quadratic == pytest.approx(limits, abs=2e-3)  # 1/N³ of the ladder


def test_there_is_no_limit_where_none_is_derived():
    dark = GaussianLimit.of(Model(0.0, [LocalJump(qutip.sigmam(), 1.0)]), [0, 0, -1], [0, 1.0])
    for found in (dark.fidelity(), dark.fisher_information_per_particle(mx), dark.pair_negativity_times_N()):
        assert np.isfinite(found[0]) and np.isnan(found[1])
    nowhere = along(0, 0, 0)
    assert np.isnan(nowhere.fidelity()).all() and np.isnan(nowhere.squeezing()).all()
    with pytest.raises(FiniteNError, match="3 levels"):
        GaussianLimit.of(Model(0.0, species=[Species(dim=3)]), np.eye(3) / 3, [0.0, 1.0])
    with pytest.raises(FiniteNError, match="number state"):
        GaussianLimit.of(Model(LIGHT.number, modes=[LIGHT]), {"": [0, 0, 1], "light": Field(number=1)}, [0, 1.0])
    with pytest.raises(FiniteNError, match="different species or modes"):
        along(0, 0, 1).negativity("")
    with pytest.raises(FiniteNError, match="not an average of the model"):
        along(0, 0, 1).fisher_information_per_particle(LIGHT.phi)


@pytest.mark.parametrize("shift", [0.0, 0.6])
def test_fidelity_of_gaussian_states_is_that_of_fock_states(shift):
    """One mode and two, mixed: thermal states, squeezed and mixed with each other, in qutip with 40 levels each."""
    d, a = 40, qutip.destroy(40)

    def one(n, r, x):
        rho = qutip.squeeze(d, r) * qutip.thermal_dm(d, n) * qutip.squeeze(d, r).dag()
        return qutip.displace(d, x / np.sqrt(2)) * rho * qutip.displace(d, x / np.sqrt(2)).dag()

    def covariance(rho):
        q, p = (a + a.dag()) / np.sqrt(2), (a - a.dag()) / (1j * np.sqrt(2))
        pairs = [[((u * v + v * u) * rho).tr().real / 2 for u in (q, p)] for v in (q, p)]
        mean = np.array([(u * rho).tr().real for u in (q, p)])
        return np.array(pairs) - np.outer(mean, mean), mean

    rho, sigma = one(0.3, 0.2, shift), one(0.1, -0.15, 0.0)
    (V, x), (W, y) = covariance(rho), covariance(sigma)
    wanted = qutip.fidelity(rho, sigma)
    assert root_fidelity(V, W, x - y) == pytest.approx(wanted, abs=1e-6)  # levels left out
    c, s = np.cos(0.7), np.sin(0.7)
    turn, zero = np.kron([[c, -s], [s, c]], np.eye(2)), np.zeros((2, 2))
    both = [turn @ np.block([[u, zero], [zero, v]]) @ turn.T for u, v in ((V, W), (W, W))]
    assert root_fidelity(*both, turn @ [*(x - y), 0, 0]) == pytest.approx(wanted, abs=1e-6)
    with pytest.raises(FiniteNError, match="same modes"):
        root_fidelity(V, both[0])
