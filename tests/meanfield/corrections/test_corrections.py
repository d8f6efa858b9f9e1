"""Coefficients of 1/N and 1/N² against exact numbers at finite N, closed forms and each other."""

from fractions import Fraction

import numpy as np
import pytest
import qutip

from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, Species, evolve, mx, mz
from finite_n.systems import SYSTEMS
from meanfield import Corrections, Limit
from meanfield.corrections import patience, symbols
from tests import random_models

LIMIT = 1e-10  # two integrations at relative tolerance 1e-12
# relative to the largest entry, of a polynomial in 1/N through exact values at SIZES, with rates of order one; measured
# to t = 0.2 up to 3e-5, 3e-4, 2e-3, growing as t⁴ and falling as N⁻⁴ … N⁻³
FIRST, COVARIANCE, SECOND = 1e-4, 1e-3, 1e-2
SIZES = [16, 24, 32, 48, 64]
SHORT, TIMES = [0, 0.1, 0.2], [0, 0.2, 0.4]


def fitted(sizes, values, power=1.0) -> np.ndarray:
    """Coefficients of N^0, N^−power, … of the polynomial through all points."""
    powers = np.vander(np.array(sizes, float) ** -power, increasing=True)
    values = np.array(values)
    return np.linalg.solve(powers, values.reshape(len(sizes), -1)).reshape(values.shape)


def assert_close(found, wanted, relative):
    assert np.abs(found - wanted).max() < relative * np.abs(wanted).max()


@pytest.mark.parametrize("kind", ["hamiltonian", "rates without self", "tilted rates", "collective"])
def test_coefficients_are_those_of_exact_ladders(kind):
    rng = np.random.default_rng(7)
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    expansion = Corrections(model).evolve(m, SHORT)
    limit = Limit(model).evolve(m, SHORT)
    assert np.abs(expansion.means[0] - limit.means).max() < LIMIT
    assert np.abs(expansion.covariances[0] - limit.covariance).max() < LIMIT
    results = [evolve(model, N, m, SHORT, tol=1e-11, check=False) for N in SIZES]
    means, covariances = fitted(SIZES, [r.means for r in results]), fitted(SIZES, [r.covariance for r in results])
    assert_close(means[1], expansion.c1, FIRST)
    assert_close(means[2], expansion.c2, SECOND)
    assert_close(covariances[1], expansion.C1, COVARIANCE)


def test_particles_that_do_not_interact_have_no_corrections():
    rng = np.random.default_rng(3)
    model, m = random_models.model("constant", rng), random_models.bloch(rng)
    expansion = Corrections(model).evolve(m, [0, 1.0, 3.0])
    assert max(np.abs(x).max() for x in (expansion.c1, expansion.c2, expansion.C1)) < 1e-12  # rounding


def test_one_axis_twisting_in_closed_form():
    """H = χ N m_z²: ⟨m_x⟩ = cos(4χt/N)^(N−1) x − … from a state along x, for every N."""
    chi, t = 0.3, np.array([0.0, 0.7, 1.5])
    expansion = Corrections(Model(chi * mz * mz)).evolve([1, 0, 0], t)
    # (N − 1) log cos(4χt/N) = −8 (χt)²/N + 8 (χt)²/N² − (64/3)(χt)⁴/N³ + …; wanted to order 1/N²
    g = 8 * (chi * t) ** 2
    assert np.abs(expansion.means[2][:, 0] + g).max() < LIMIT
    assert np.abs(expansion.means[4][:, 0] - (g + g**2 / 2)).max() < 100 * LIMIT  # values up to 50


def test_the_remainder_falls_as_the_next_power():
    model = Model(
        0.4 * mx + 0.1 * mz * mz,
        [LocalJump(qutip.sigmap(), lambda d: np.exp(0.5 * d) / 2, delta=mz), LocalJump(qutip.sigmaz(), 0.3)],
        [CollectiveJumps([qutip.sigmam()], 0.3)],
    )
    expansion = Corrections(model).evolve([0.6, 0, 0.3], [0, 1.0])
    sizes = [40, 80, 160]
    results = [evolve(model, N, [0.6, 0, 0.3], [0, 1.0], tol=1e-12, check=False) for N in sizes]
    limit, c1 = expansion.means[0], expansion.c1
    rest = [np.abs(r.means - limit - c1 / r.N)[-1].max() for r in results]
    local = -np.diff(np.log(rest)) / np.log(2)
    assert abs(2 * local[1] - local[0] - 2.0) < 0.05  # extrapolated in 1/N
    rest = [np.abs(r.means - limit - c1 / r.N - expansion.c2 / r.N**2)[-1].max() for r in results]
    local = -np.diff(np.log(rest)) / np.log(2)
    assert abs(2 * local[1] - local[0] - 3.0) < 0.1


LADDER = [16, 24, 32, 48, 64, 96]
HOPFIELD = [{"rates": rates, "self_energy": own} for rates in ("exponential", "heat_bath") for own in (True, False)]
PATTERNS = {"pp": [0, 0.3, 0.4], "pm": [0.2, 0.1, -0.3]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "rho0", "sizes"),
    [
        ("collective_dissipation", {}, [0.5, 0.2, -0.3], LADDER),
        *(("hopfield", options, [0, 0.3, 0.4], LADDER) for options in HOPFIELD),
        ("kinetically_constrained", {}, [0.4, 0, 0.2], LADDER),
        ("three_level", {}, np.diag([0.6, 0.3, 0.1]), [12, 14, 16, 18, 20, 24, 28, 32, 36, 40]),
        ("hopfield_patterns", {}, PATTERNS, [8, 10, 12, 14, 16, 20, 24, 28, 32]),
        ("dicke_model", {"loss": 0.8}, [0, 0, -0.4], [6, 8, 12, 16, 24, 32]),
    ],
)
def test_systems_of_the_papers(name, options, rho0, sizes):
    """Ladders of small sizes have more of them, and earlier times: measured 5e-6 and 2e-5 for three levels."""
    model, times = SYSTEMS[name](**options), [0, 0.1, 0.2] if len(sizes) > 8 else TIMES
    if model.modes:  # a field of order √N
        rho0 = {model.species[0].name: rho0, model.modes[0].name: Field(alpha=0.3)}
    expansion = Corrections(model).evolve(rho0, times)
    results = [evolve(model, N, rho0, times, tol=1e-11, check=False) for N in sizes]
    means, covariances = fitted(sizes, [r.means for r in results]), fitted(sizes, [r.covariance for r in results])
    assert_close(means[1], expansion.c1, FIRST)
    assert_close(covariances[1], expansion.C1, COVARIANCE)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_ten_random_models(seed):
    rng = np.random.default_rng([29, seed])
    kinds = ("hamiltonian", "rates", "rates without self", "tilted rates", "collective")
    model, m = random_models.model(kinds[seed % 5], rng), random_models.bloch(rng)
    expansion = Corrections(model).evolve(m, TIMES)
    results = [evolve(model, N, m, TIMES, tol=1e-11, check=False) for N in LADDER]
    means, covariances = fitted(LADDER, [r.means for r in results]), fitted(LADDER, [r.covariance for r in results])
    assert_close(means[1], expansion.c1, FIRST)
    assert_close(covariances[1], expansion.C1, COVARIANCE)


FIELDS = [(Field(number=1), 1.0), (Field(alpha=0.3j), 1.0), (Field(beta=0.3 + 0.1j), 0.5)]


@pytest.mark.parametrize(("field", "power"), FIELDS)
def test_modes_in_every_state(field, power):
    light = Mode("light")
    model = Model(0.5 * mz + 0.4 * light.number + 0.6 * mx * light.phi, modes=[light])
    sizes = [6, 8, 12, 16, 24] if power == 1 else [4, 6, 9, 12, 16, 20, 25]
    start = {"": [0.2, 0.3, -0.4], "light": field}
    expansion = Corrections(model).evolve(start, TIMES)
    results = [evolve(model, N, start, TIMES, tol=1e-9, check=False) for N in sizes]
    means = fitted(sizes, [r.means for r in results], power)
    covariances = fitted(sizes, [r.covariance for r in results], power)
    for k in range(1, 3 if power == 1 else 4):
        order = k if power == 0.5 else 2 * k
        assert_close(means[k], expansion.means[order], SECOND)  # measured up to 2e-4
    for k in range(1, 2 if power == 1 else 3):
        order = k if power == 0.5 else 2 * k
        assert_close(covariances[k], expansion.covariances[order], SECOND)


def test_products_of_averages_keep_their_order():
    rng = np.random.default_rng(11)
    model, m = random_models.model("collective", rng), random_models.bloch(rng)
    ops = {"zz": mz * mz, "zx": mz * mx}  # the second is not Hermitian: ⟨[m_z, m_x]⟩ = (2i/N)⟨m_y⟩
    expansion = Corrections(model).evolve(m, TIMES, ops)
    results = [evolve(model, N, m, TIMES, ops, tol=1e-11, check=False) for N in SIZES]
    for i, label in enumerate(ops):
        values = fitted(SIZES, [r.e_data[label] for r in results])
        assert_close(values[1], expansion.expect[i, 2], FIRST)
    assert np.abs(expansion.expect[1, 2].imag).max() > 0.1  # the order shows


def test_first_moments_of_species_in_both_normalisations():
    """⟨F_a⟩ = √f_s √N (⟨m_a⟩ − m_a): product states whose averages are moved by ⟨F_a⟩/(√f_s √N)."""
    a, b = Species("a", 2, Fraction(1, 4)), Species("b", 2, Fraction(3, 4))
    model = Model(
        0.5 * a.mx + 0.7 * a.mz * b.mz,
        [LocalJump(qutip.sigmam(), lambda d: 1 + 0.3 * d, delta=a.mz + b.mz, species="a")],
        species=[a, b],
    )
    m, first = np.array([0, 0.3, 0.4, 0.2, 0, -0.3]), np.array([0.1, -0.2, 0.15, 0.05, 0.1, -0.1])
    ops, sizes, rest = {"ab": a.mz * b.mx}, [8, 16, 32], []
    expansion = Corrections(model).evolve({"a": m[:3], "b": m[3:]}, TIMES, ops, first_moments=first)
    for N in sizes:
        moved = m + first / np.sqrt(N * np.array([0.25] * 3 + [0.75] * 3))
        exact = evolve(model, N, {"a": moved[:3], "b": moved[3:]}, TIMES, ops, tol=1e-11, check=False)
        means = exact.means - np.array([expansion.mean(axis, N) for axis in expansion.axes]).T
        differences = (
            means,
            exact.e_data["ab"] - expansion.observable("ab", N),
            exact.covariance - expansion.covariance(N),
        )
        rest.append([np.abs(d).max() for d in differences])
    local = np.log2(rest[1] / np.array(rest[2]))
    assert np.all(
        local > [2.2, 2.2, 1.2]
    )  # the first powers left out are 2.5 and 1.5; wrong coefficients give ≤ 2 and 1


def test_what_is_refused():
    with pytest.raises(FiniteNError, match=r"give a finite_n\.Model"):
        Corrections("hopfield")
    with pytest.raises(FiniteNError, match="order"):
        Corrections(Model(mx), order=7)
    half = (1 + mz) / 2
    square = Model(0, [LocalJump(qutip.sigmam(), rate=lambda d: d**2, delta=half), LocalJump(qutip.sigmap())])
    with pytest.raises(
        FiniteNError, match=r"^corrections: amplitude Γ = √rate: at Δ = 0 .* give its root as amplitude"
    ):
        Corrections(square).evolve([0, 0, -1], TIMES)
    with pytest.raises(FiniteNError, match="no converging Taylor series"):  # Γ‴ jumps where averages arrive
        cubic = LocalJump(
            qutip.sigmam(), lambda d: 1 + np.maximum(d, 0) ** 3, mz, derivative=lambda d: 3 * np.maximum(d, 0) ** 2
        )
        Corrections(Model(0, [cubic])).evolve([0, 0, 0.5], [0, 3.0])


def decaying(gamma):
    return Model(0.2 * mx, [LocalJump(qutip.sigmam(), gamma, delta=mz), LocalJump(qutip.sigmap(), 0.5)])


def bent(place):
    """Γ whose third derivative jumps by 1.8, which `Amplitude.check` and the limit do not see."""
    return lambda d: 1 + 0.3 * np.where(np.real(d) > place, (d - place) ** 3, 0 * d)


def test_a_third_derivative_that_jumps_is_noticed_early(monkeypatch):
    """z falls from 0.3 through 0.2, and the integrator gets no further. What Γ is where z does not come is not seen."""
    monkeypatch.setattr(patience, "FEWEST", 100)
    monkeypatch.setattr(patience, "FACTOR", 3)
    start, times = [0.6, 0, 0.3], [0, 0.2]
    with pytest.raises(FiniteNError, match=r"^corrections: \d+ evaluations reach .* jumps near Δ = 0\.[12]"):
        Corrections(decaying(bent(0.2))).evolve(start, times)
    away, constant = (Corrections(decaying(gamma)).evolve(start, times) for gamma in (bent(0.9), lambda d: 1 + 0 * d))
    assert np.allclose(away.c1, constant.c1, atol=1e-9) and np.allclose(away.c2, constant.c2, atol=1e-8)


def test_steep_functions_take_little_more_work_than_the_limit(monkeypatch):
    monkeypatch.setattr(patience, "FEWEST", 100)
    model, start, times = decaying(lambda d: 1 + 0.3 * np.tanh((d - 0.2) / 0.05)), [0.6, 0, 0.3], [0, 0.2]
    limit = Limit(model).evolve(start, times).stats["evaluations"]
    assert 100 < Corrections(model).evolve(start, times).stats["evaluations"] < 3 * limit  # 10 times are allowed


def test_generators_that_are_too_large_are_refused(monkeypatch):
    monkeypatch.setattr(symbols, "MOST_TERMS", 1000)
    with pytest.raises(FiniteNError, match=r"the generator of 8 averages has .* terms, and 1e\+03 are allowed"):
        Corrections(SYSTEMS["three_level"]()).evolve(np.diag([0.6, 0.3, 0.1]), TIMES)


def test_an_amplitude_is_its_own_root():
    """Γ = n vanishes at the start; its square as a rate is refused there."""
    half = (1 + mz) / 2
    model = Model(0, [LocalJump(qutip.sigmam(), lambda d: d, delta=half), LocalJump(qutip.sigmap())])
    expansion = Corrections(model).evolve([0, 0, -1], TIMES)
    results = [evolve(model, N, [0, 0, -1], TIMES, tol=1e-11, check=False) for N in SIZES]
    assert_close(fitted(SIZES, [r.means for r in results])[1], expansion.c1, FIRST)
