"""Closed models that start pure: the state vector against the density matrix, the full space, and closed forms."""

import zlib

import numpy as np
import pytest
import qutip
import scipy.sparse as sp
from scipy.linalg import expm
from scipy.special import jv

from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    coefficient,
    dicke,
    evolve,
    kernels,
    mx,
    my,
    mz,
)
from finite_n.engine import mode_states
from finite_n.propagation.chebyshev import Chebyshev, evolved
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.state_vector.symmetric_subspace import SymmetricSubspace, symmetric_dimension
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import dicke_model
from tests import random_general_models as general
from tests.brute_force_general import GeneralBruteForce

ENGINES = 1e-9  # both sides are asked for 1e-11 and keep ten digits
FULL = 1e-9  # the reference integrates with 1e-12, the state vector is asked for 1e-11
ROUNDING = 1e-12  # sums of some hundred numbers of order one
# dims, sizes, cutoffs: one to three species, one particle, odd and even, two to four levels, one and two modes
TWO_LEVELS = [((2,) * len(sizes), sizes, cutoffs) for sizes, cutoffs in (
    ((5,), ()), ((1, 2), ()), ((2, 2), ()), ((1, 2, 1), ()), ((1,), (4,)), ((2,), (5,)), ((3,), (1, 2)), ((2, 1), (3,)),
)]  # fmt: skip
MORE_LEVELS = [((3,), (1,), ()), ((3,), (3,), ()), ((4,), (2,), ()), ((2, 3), (2, 1), ()), ((3,), (2,), (2,))]


def _closed(dims, sizes, cutoffs):
    """A random closed model with h of degree 3, complex in this basis, and a random pure product state."""
    rng = np.random.default_rng(zlib.crc32(repr((dims, sizes, cutoffs)).encode()))
    species, modes = general.parts(dims, sizes, len(cutoffs))
    model = Model(general.hamiltonian(rng, species, modes, 3), species=species, modes=modes)
    observable = general.hamiltonian(rng, species, modes, 3)
    kets = {s.name: qutip.rand_ket(s.dim, seed=int(rng.integers(2**31))) for s in species}
    fields = {m.name: Field(beta=0.4 * complex(*rng.normal(size=2)), number=k) for k, m in enumerate(modes)}
    levels = {m.name: c for m, c in zip(modes, cutoffs, strict=True)} or None
    return model, kets | fields, observable, dict(tol=1e-11, check=False, cutoffs=levels)


@pytest.mark.parametrize(("dims", "sizes", "cutoffs"), TWO_LEVELS)
def test_agrees_with_the_density_matrix(dims, sizes, cutoffs):
    model, state, observable, options = _closed(dims, sizes, cutoffs)
    times = [0, 0.4, 1.1]
    a, b = (evolve(model, sum(sizes), state, times, {"o": observable}, basis=x, **options) for x in ("auto", "dicke"))
    assert a.stats["basis"] == "state vector" and b.stats["basis"] == "Dicke"
    assert np.abs(a.means - b.means).max() < ENGINES
    assert np.abs(a.second_moments - b.second_moments).max() < ENGINES
    assert np.abs(a.expect[0] - b.expect[0]).max() < ENGINES
    assert np.abs(a.j_distribution - b.j_distribution).max() < ENGINES
    assert all(np.array_equal(x, y) for x, y in zip(a.J, b.J, strict=True))
    for name, populations in a.levels.items():
        assert np.abs(populations - b.levels[name]).max() < ENGINES
    for x, y in zip(a.final_state, b.final_state, strict=True):
        assert np.abs(x - y).max() < ENGINES
    assert abs(a.purity[-1] - b.purity[-1]) < ENGINES
    assert np.array_equal(a.to_xarray()["mean"], a.means)


@pytest.mark.parametrize(("dims", "sizes", "cutoffs"), TWO_LEVELS[1:] + MORE_LEVELS)
def test_agrees_with_the_full_space(dims, sizes, cutoffs):
    model, state, observable, options = _closed(dims, sizes, cutoffs)
    N, t = sum(sizes), 0.7
    full = GeneralBruteForce(model, N, cutoffs)
    start = full.product_state(general.matrices(as_initial_state(state, model), N, cutoffs))
    U = expm(-1j * t * full.H)
    rho = U @ start @ U.conj().T
    result = evolve(model, N, state, [0, 0.2, t], {"o": observable}, **options)
    assert result.stats["basis"] == "state vector"
    assert np.abs(result.means[-1] - full.means(rho)).max() < FULL
    # what commutators of truncated quadratures lack at the top level, the symmetric part does not feel
    second = full.second(rho)
    assert np.abs(result.second_moments[-1] + result.second_moments[-1].T - second - second.T).max() < FULL
    assert abs(result.expect[0][-1] - full.expect(observable, rho)) < FULL
    for s in model.species:
        if not cutoffs and len(full.sites[s.name]) > 1:
            pair = qutip.Qobj(rho, dims=[full.dims] * 2).ptrace(list(full.sites[s.name][:2]))
            assert np.abs(result.reduced_state(2, s)[-1] - pair.full()).max() < FULL


@pytest.mark.parametrize("N", [1, 2, 7, 30])
def test_one_unnamed_species_agrees_with_the_density_matrix(N):
    model = Model(0.4 * mx + 0.7 * mz * mz + 0.3 * (mx * my + my * mx) - 0.2 * mx * mz * mx)
    times, e_ops = np.linspace(0, 2, 5), {"zxz": mz * mx * mz}
    a, b = (evolve(model, N, [0.6, 0, 0.8], times, e_ops, tol=1e-11, basis=x) for x in ("auto", "dicke"))
    assert (a.stats["basis"], a.stats["elements"]) == ("state vector", N + 1)
    assert np.abs(a.means - b.means).max() < ENGINES
    assert np.abs(a.covariance - b.covariance).max() < ENGINES * N  # N times the error of second moments
    assert np.abs(a.expect[0] - b.expect[0]).max() < ENGINES
    assert np.abs(a.j_distribution - b.j_distribution).max() < ENGINES and np.array_equal(a.J, b.J)
    for x, y in zip(a.final_state, b.final_state, strict=True):
        assert np.abs(x - y).max() < ENGINES
    assert a.budget.holds and a.budget.moment_difference < 1e-11  # what both runs were asked for


@pytest.mark.parametrize("N", [1000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_one_axis_twisting_about_x(N):
    """H = χ S_x², all spins up: ⟨S_z⟩ = (N/2) cos^{N−1}(χt) (Kitagawa and Ueda, PRA 47, 5138 (1993))."""
    chi, times = 1 / N, np.array([0.0, 1.0, 2.0])
    result = evolve(Model(chi * N / 4 * mx * mx), N, [0, 0, 1], times, tol=1e-8, check=False, basis="state vector")
    assert np.abs(result.mean("z") - np.cos(chi * times) ** (N - 1)).max() < 1e-8  # the tolerance
    assert result.stats["elements"] == N // 2 + 1  # the parity of N/2 − M is conserved


@pytest.mark.parametrize("photons", [0, 3])
def test_jaynes_cummings_oscillations(photons):
    """One atom at resonance, H = ω(a†a + σz/2) + g(σ+ a + σ− a†), |up, n⟩: ⟨σz⟩ = cos(2g√(n+1) t); two amplitudes are
    reached."""
    f, g, times = Mode("f"), 0.3, np.linspace(0, 9, 10)
    coupling = average(qutip.sigmap()) * f.alpha
    model = Model(1.7 * (f.number + 0.5 * mz) + g * (coupling + coupling.adjoint()), modes=[f])
    result = evolve(model, 1, {"": [0, 0, 1], "f": Field(number=photons)}, times)
    exact = np.cos(2 * g * np.sqrt(photons + 1) * times)
    assert np.abs(result.mean("z") - exact).max() < 1e-9  # the tolerance
    assert np.abs(result.number() - photons - (1 - exact) / 2).max() < 1e-8  # quadratures are larger
    assert result.stats["elements"] == 2


def test_driven_mode():
    """H = ν a†a + √N ε(a + a†)/√2 from a displaced number state: ⟨a⟩ turns about −√N ε/(√2 ν), ⟨a†a⟩ − |⟨a⟩|² stays
    n."""
    nu, drive, N, f = 0.9, 0.4, 6, Mode("f")
    times, field = np.linspace(0, 4, 9), Field(beta=0.5 - 0.2j, number=2, alpha=0.1j)
    result = evolve(Model(nu * f.number + drive * f.phi, modes=[f]), N, {"": [0, 0, 1], "f": field}, times)
    rest = -np.sqrt(N / 2) * drive / nu
    a = rest + (np.sqrt(N) * field.alpha + field.beta - rest) * np.exp(-1j * nu * times)
    assert np.abs(result.mean("f.phi") + 1j * result.mean("f.pi") - np.sqrt(2 / N) * a).max() < 1e-8
    assert np.abs(result.number() - np.abs(a) ** 2 - 2).max() < 1e-8  # N times the error of second moments
    assert result.budget.holds


def test_a_hamiltonian_that_is_complex_is_as_good_as_its_real_image():
    """Turning the mode by a quarter of its phase, φ → π, makes the coupling imaginary and changes no photon number."""
    f, times = Mode("f"), np.linspace(0, 3, 4)
    both = [Model(0.5 * mz + 0.8 * f.number + mx * x, modes=[f]) for x in (f.phi, f.pi)]
    real, turned = (evolve(m, 12, [0, 0, -1], times) for m in both)
    assert [r.stats["arithmetic"] for r in (real, turned)] == ["complex, H real", "complex, H complex"]
    assert np.abs(real.number() - turned.number()).max() < 1e-9 * 12  # the tolerance, of averages of squares, times N


@pytest.mark.parametrize("tol", [1e-4, 1e-8])
def test_the_tolerance_holds_against_a_run_a_hundred_times_tighter(tol):
    times, e_ops = np.linspace(0, 3, 7), {"zφφ": mz * Mode("field").phi ** 2}
    loose, tight = (
        evolve(dicke_model(coupling=1.0), 24, [0, 0, -1], times, e_ops, tol=x, check=False) for x in (tol, tol / 100)
    )
    assert len(loose.levels["field"][0]) > 13  # more than the first guess of levels was needed
    assert np.abs(loose.means - tight.means).max() < tol
    assert np.abs(loose.covariance - tight.covariance).max() < tol
    assert np.abs(loose.expect[0] - tight.expect[0]).max() < tol
    assert loose.budget.truncation_bound <= tol and loose.budget.holds


def test_the_check_run_has_more_levels_and_other_steps():
    result = evolve(dicke_model(coupling=1.0), 24, [0, 0, -1], np.linspace(0, 3, 7), tol=1e-8)
    assert 0 < result.budget.moment_difference < 1e-8 / 24  # the tolerance asked for is that of covariances
    assert result.budget.holds


@pytest.mark.parametrize(
    ("options", "start", "basis"),
    [
        ({}, [0, 0, -1], "state vector"),
        ({}, dicke(lambda N: N / 2, lambda N: -N / 2), "state vector"),
        ({}, dicke(2, -1), "Dicke"),
        ({}, [0, 0, -0.9], "Dicke"),
        ({"basis": "dicke"}, [0, 0, -1], "Dicke"),
        ({"keep_states": True}, [0, 0, -1], "Dicke"),
        ({"method": "runge_kutta"}, [0, 0, -1], "Dicke"),
        ({"basis": "symmetrised"}, [0, 0, -1], "symmetrised products"),
    ],
)
def test_what_is_asked_for_decides(options, start, basis):
    mode = Model(0.5 * mz + 0.8 * Mode("f").number + 0.3 * mx * Mode("f").phi, modes=[Mode("f")])
    result = evolve(mode, 6, start, [0, 0.5], check=False, cutoffs={"f": 4}, **options)
    assert result.stats["basis"] == basis
    reference = evolve(mode, 6, start, [0, 0.5], check=False, cutoffs={"f": 4}, basis="dicke")
    assert np.abs(result.means - reference.means).max() < 1e-9  # the tolerance


def test_where_it_does_not_apply():
    """Jumps of any kind, a thermal field; and few products of rates far below the energies are kept for N large."""
    f = Mode("f")
    h = 0.5 * mz + f.number + 0.3 * mx * f.phi
    open_models = [
        Model(h, [LocalJump(qutip.sigmam())], modes=[f]),
        Model(h, (), [CollectiveJumps([f.alpha])], modes=[f]),
    ]
    for model, start in [
        *((m, [0, 0, -1]) for m in open_models),
        (Model(h, modes=[f]), {"": [0, 0, -1], "f": Field(thermal=0.1)}),
    ]:
        assert evolve(model, 2, start, [0, 0.1], check=False, cutoffs={"f": 4}).stats["basis"] == "Dicke"
    twisted = evolve(Model(0.25 * mz * mz), 5000, [1, 0, 0], [0, 1.0], check=False, basis="symmetrised")
    assert twisted.stats["basis"] == "symmetrised products"
    assert twisted.stats["applications"] < 200  # energies of 1250 would take 1250


def _three_levels() -> Model:
    q, rng = Species("q", 3), np.random.default_rng(0)
    x, y = (q.average(general.hermitian(rng, 3)) for _ in range(2))
    return Model(x + y * y, species=[q])


def test_refusals():
    model = dicke_model(coupling=1.0)
    cases = [
        (lambda: evolve(model, 10**8, [0, 0, -1], [0, 1]), "the largest N that fits is"),
        (lambda: check_evolution_memory(model, 10**8, [0, 0, -1]), "the largest N that fits is"),
        (lambda: check_evolution_memory(Model(mx * mx + mz), 10**8, [0, 0, 1]), "the largest N that fits is"),
        (lambda: check_evolution_memory(model, 10**9, [0, 0, -0.5]), "the largest N that fits is"),
        (
            lambda: evolve(Model(1e9 * mx * mx + mz), 100, [0, 0, 1], [0, 1], basis="state vector"),
            "shorten the times or lower the couplings",
        ),
        (lambda: evolve(model, 4, [0, 0, -1], [0, 1], threads=0), "threads = 0"),
        (
            lambda: evolve(model, 4, [0, 0, -1], [0, 1], cutoffs={"field": 0}),
            r"cutoffs: field = 0: give a whole number from 1 to",
        ),
        (lambda: evolve(model, 600, [0, 0, -1], [0, 0.01], check=False).final_state, "basis='dicke'"),
    ]
    levels = evolve(_three_levels(), 3, {"q": qutip.basis(3, 0)}, [0, 0.02], check=False)
    cases += [
        (lambda: levels.final_state, "for particles of two levels only"),
        (lambda: levels.j_distribution, "for particles of two levels only"),
    ]
    for make, message in cases:
        with pytest.raises(FiniteNError, match=message) as refused:
            make()
        assert "\n" not in str(refused.value)
    check_evolution_memory(model, 512, [0, 0, -1])


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-9, 0.5, 30.0, 1000.0])
def test_bessel_functions(x):
    values = kernels.bessel(x)
    assert np.abs(values - jv(np.arange(len(values)), x)).max() < 1e-13  # scipy's own error at x = 1000
    assert abs(values[0] + 2 * values[2::2].sum() - 1) < ROUNDING


@pytest.mark.parametrize("x", [1e5, 1e6])
def test_bessel_functions_of_large_argument(x):
    """J_0 by Hankel's expansion, whose next term is of order x^{-5/2}; and the sum rule."""
    values = kernels.bessel(x)
    hankel = np.sqrt(2 / (np.pi * x)) * (np.cos(x - np.pi / 4) + np.sin(x - np.pi / 4) / (8 * x))
    assert abs(values[0] - hankel) < ROUNDING
    assert abs(values[0] + 2 * values[2::2].sum() - 1) < ROUNDING


def test_one_long_step():
    """exp(−iS_x t) of spin 10 up: ⟨S_z⟩ = 10 cos t, in hardly more terms than radius × time."""
    M, t = 10.0 - np.arange(21), 1000.0
    c = np.sqrt((10 - M[1:]) * (11 + M[1:])) / 2
    series, up = Chebyshev(sp.diags_array([c, c], offsets=[-1, 1])), np.zeros((21, 2))
    up[0, 0] = 1.0
    *_, v = series.steps(up, np.array([0.0, t]), 1e-13)
    weight = (v**2).sum(axis=1)
    assert abs(weight.sum() - 1) < 1e-13  # the tolerance
    assert abs(weight @ M / 10 - np.cos(t)) < ROUNDING  # phases up to 1e4, known to 1e-16 of that
    assert series.applications < 1.03 * series.radius * t


@pytest.mark.parametrize("is_real", [True, False])
@pytest.mark.parametrize("t", [0.02, 1.0, 60.0])
def test_chebyshev_series_is_the_exponential_within_its_bound(t, is_real):
    rng = np.random.default_rng(3)
    H = general.hermitian(rng, 40, 8.0)
    H = H.real.copy() if is_real else H
    psi = (rng.normal(size=40) + 1j * rng.normal(size=40)) / np.sqrt(80)
    energies, vectors = np.linalg.eigh(H)
    for tol in (1e-4, 1e-13):
        series = Chebyshev(sp.csr_array(H))
        start = np.stack([psi.real, psi.imag], axis=1)
        *_, last = series.steps(start, np.array([0.0, 0.3 * t, t]), tol)
        exact = vectors @ (np.exp(-1j * (energies - series.centre) * t) * (vectors.conj().T @ psi))
        assert series.error <= 2 * tol
        # rounding of energies times t, at most 1e-16 × radius × t
        assert np.linalg.norm(last[:, 0] + 1j * last[:, 1] - exact) < series.error + 1e-15 * (10 + series.radius * t)
        assert abs(series.centre) + np.abs(energies).max() < 3 * series.radius


def test_coefficients_of_long_steps_do_not_fold_back():
    """Radius × time just below a power of two, where an FFT of twice that length would add up what lies beyond."""
    energies = np.linspace(-1, 1, 9)
    for x in (963.0, 1980.0, 8130.0):
        psi = evolved(sp.diags_array(x * energies).tocsr(), np.ones(9), 1.0, 1e-15)
        assert np.abs(psi - np.exp(-1j * x * energies)).max() < 1e-15 * x  # rounding of the phases


def test_fields_are_vectors_of_their_density_matrices():
    for field, N in ((Field(beta=0.7 - 0.4j), 3), (Field(number=3), 5), (Field(alpha=0.5j, beta=-1.0, number=2), 4)):
        psi = mode_states.amplitudes(field, N, 12)
        assert np.abs(np.outer(psi, psi.conj()) - mode_states.density(field, N, 12)).max() < ROUNDING
    z, n = 40.0, np.arange(2400)
    psi = np.abs(mode_states.amplitudes(Field(beta=z), 1, 2399)) ** 2
    assert abs(psi.sum() - 1) < ROUNDING and abs(psi @ n - z**2) < 1e-9  # photon numbers of some thousand, 13 digits


@pytest.mark.parametrize(("size", "dim"), [(1, 2), (6, 2), (4, 3), (3, 4), (2, 5)])
def test_symmetric_subspace(size, dim):
    """Totals obey the algebra of one-particle operators, and means of a product state are those of one particle."""
    own, rng = SymmetricSubspace(size, dim), np.random.default_rng(size)
    assert own.dimension == round(symmetric_dimension(size, dim))
    x, y = general.complex_matrix(rng, dim), general.complex_matrix(rng, dim)
    X, Y = own.total(x), own.total(y)
    assert abs(X @ Y - Y @ X - own.total(x @ y - y @ x)).max() < ROUNDING
    c = qutip.rand_ket(dim, seed=1).full().ravel()
    psi = own.product_state(c)
    assert abs(np.vdot(psi, X @ psi) - size * np.vdot(c, x @ c)) < ROUNDING
    both = size * np.vdot(c, x @ y @ c) + size * (size - 1) * np.vdot(c, x @ c) * np.vdot(c, y @ c)
    assert abs(np.vdot(psi, X @ (Y @ psi)) - both) < 10 * ROUNDING
    assert np.all(own.product_state(np.eye(dim)[-1])[:-1] == 0)


def test_amplitudes_of_many_particles_keep_their_digits():
    own, p = SymmetricSubspace(100_000, 2), 1e-3
    weight = own.product_state(np.sqrt([p, 1 - p])) ** 2
    up = own.occupations[:, 0]
    assert abs(weight @ up / 100 - 1) < ROUNDING
    assert abs(weight @ (up - 100.0) ** 2 / (100 * (1 - p)) - 1) < ROUNDING


def test_a_driven_vector_tells_how_far_it_is_and_stops_at_once():
    """Progress comes after every step, not only at the times asked for; an exception from it ends the run there."""
    model, told = Model(0.3 * mz * mz + coefficient(np.cos) * mx), []
    evolve(model, 60, [0, 0, 1], [0.0, 8.0], progress=told.append, tol=1e-8)
    assert len(told) > 8 and np.all(np.diff(told) >= 0) and told[-1] == pytest.approx(1.0)

    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        told.append(share)
        if share > 0.1:
            raise Stopped

    told.clear()
    with pytest.raises(Stopped):
        evolve(model, 60, [0, 0, 1], [0.0, 8.0], progress=stop, tol=1e-8)
    assert told[-1] < 0.4
