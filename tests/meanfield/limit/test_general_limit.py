"""Limits of models of several species, levels and modes: against the definitions at finite N, closed forms and each
other."""

from fractions import Fraction

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, Species, evolve, mx, my, mz
from meanfield import Coefficient, Limit
from tests import random_models
from tests.product_derivatives import ProductDerivatives, intercept, random_density, random_field
from tests.random_general_models import embedded, enlarged, polynomial_model, split

EXACT = 1e-10  # of rates of order one from a polynomial in 1/N through all its points: only rounding, measured 1e-12
PRINTED = 6e-7  # half a unit of the last of six printed digits, and a little for rounding
SAME = 1e-10  # of two integrations with relative tolerance 1e-12 to t of order one
SOLVER = 1e-8  # of the reference integrations, at relative tolerance 1e-10
DIFFERENCE = 1e-7  # of a central difference with step 1e-6
SEEDS = st.integers(0, 2**32 - 1)

FIELD = Mode("field")


def pair(fraction=Fraction(1, 2), dim=2):
    return [Species("a", dim, fraction), Species("b", fraction=1 - fraction)]


# Derivatives at t = 0 in a product state are polynomials in 1/N, of degree 2 for h of degree 3, Γ of degree 1 and
# collective jumps (a word of k averages has degree k − 1, and the powers 1 and 2 of N cancel), of degree 4 for Γ of
# degree 2.
CASES = {
    "halves": (pair(), [], [2, 4, 6, 8], {}),
    "a third": (pair(Fraction(1, 3)), [], [3, 6, 9], {}),
    "a quarter": (pair(Fraction(1, 4)), [], [4, 8, 12], {"degree": 2}),
    "quadratic rates": (pair(), [], [2, 4, 6, 8, 10], {"gamma_degree": 2}),
    "three levels": (pair(Fraction(1, 2), 3), [], [2, 4, 6], {}),
    "a mode": (pair(Fraction(1, 3)), [FIELD], [3, 6, 9], {"degree": 2}),
    "two modes": ([Species()], [FIELD, Mode("other")], [1, 2, 3, 4], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_drift_noise_and_symplectic_form_are_the_limits_of_exact_rates(case):
    species, modes, sizes, options = CASES[case]
    rng = np.random.default_rng(sorted(CASES).index(case))
    model = polynomial_model(rng, species, modes, **options)
    states = {s.name: random_density(rng, s.dim) for s in species} | {mode.name: random_field(rng) for mode in modes}
    exact = [ProductDerivatives(model, states, N) for N in sizes]
    limit, m, covariance = Limit(model), exact[0].means, exact[0].covariance
    start = limit.evolve(states, [0, 1e-9])
    assert np.abs(start.means[0] - m).max() < EXACT and np.abs(start.covariance[0] - covariance).max() < EXACT
    assert np.abs(limit.symplectic(m) - exact[0].symplectic).max() < EXACT
    assert np.abs(limit.drift(m) - intercept(sizes, [e.rate for e in exact])).max() < EXACT
    flow = limit.fluctuation_matrix(m) @ covariance
    flow = flow + flow.T + limit.diffusion(m)
    assert np.abs(flow - intercept(sizes, [e.flow for e in exact])).max() < EXACT
    assert np.abs(flow - exact[-1].flow).max() > 1e-3  # or the extrapolation would say nothing


@settings(max_examples=20)
@given(SEEDS, st.sampled_from(("a third", "three levels", "a mode")))
def test_jacobian_first_moments_and_planted_errors_are_consistent(seed, case):
    species, modes, _, options = CASES[case]
    rng = np.random.default_rng(seed)
    limit = Limit(polynomial_model(rng, species, modes, **options))
    m, step = 0.3 * rng.normal(size=len(limit.axes)) / np.sqrt(len(limit.axes)), 1e-6
    rough = [(limit.drift(m + step * e) - limit.drift(m - step * e)) / (2 * step) for e in np.eye(len(m))]
    assert np.abs(limit.jacobian(m) - np.transpose(rough)).max() < DIFFERENCE
    assert np.linalg.eigvalsh(limit.diffusion(m)).min() > -EXACT
    c = limit.coefficients(m)[rng.integers(len(limit.coefficients(m)))]
    wrong = Limit(limit.model, {c: 0.01})
    change = wrong.drift(m) - limit.drift(m) if c.kind == "drift" else wrong.diffusion(m) - limit.diffusion(m)
    assert 1 <= np.count_nonzero(change) <= 2 and change[c.row if c.kind == "drift" else (c.row, c.column)] != 0
    assert str(c).split(", ")[2].split()[0] == limit.axes[c.row]


@pytest.mark.parametrize("case", ["a third", "three levels", "a mode"])
def test_the_uncertainty_relation_is_kept(case):
    species, modes, _, options = CASES[case]
    rng = np.random.default_rng(7)
    model = polynomial_model(rng, species, modes, **options)
    states = {s.name: random_density(rng, s.dim) for s in species} | {mode.name: random_field(rng) for mode in modes}
    result = Limit(model).evolve(states, [0, 0.2, 0.4])
    for covariance, symplectic in zip(result.covariance, result.symplectic, strict=True):
        assert np.linalg.eigvalsh(covariance + 0.5j * symplectic).min() > -EXACT


@pytest.mark.parametrize("kind", random_models.KINDS)
def test_a_species_split_in_two_says_the_same(kind):
    rng = np.random.default_rng(random_models.KINDS.index(kind))
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    fractions, times, first = (0.3, 0.7), np.linspace(0, 1, 4), rng.normal(size=3)
    whole = Limit(model).evolve(m, times, first_moments=first)
    parts = Limit(split(model, fractions)).evolve(
        {"s0": m, "s1": m}, times, first_moments=np.concatenate([np.sqrt(f) * first for f in fractions])
    )
    together = np.hstack([np.sqrt(f) * np.eye(3) for f in fractions])  # F = Σ_s √f_s F_s
    for k in (0, 3):
        assert np.abs(parts.means[:, k : k + 3] - whole.means).max() < SAME
    assert np.abs(together @ parts.covariance @ together.T - whole.covariance).max() < SAME
    assert np.abs(together @ parts.symplectic @ together.T - whole.symplectic).max() < SAME
    assert np.abs(parts.first_moments @ together.T - whole.first_moments).max() < SAME


@pytest.mark.parametrize("kind", random_models.KINDS)
def test_a_third_level_that_is_never_used_changes_nothing(kind):
    rng = np.random.default_rng(random_models.KINDS.index(kind))
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    pauli = [qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()]
    density = enlarged((qutip.qeye(2) + sum(c * x for c, x in zip(m, pauli, strict=True))).full() / 2)
    two, image = Limit(model).evolve(m, [0, 0.5, 1]), embedded(model)
    three = Limit(image).evolve(density, [0, 0.5, 1])
    c = [image.species[0].average(enlarged(x.full())) for x in pauli]  # σ ⊕ 0, of which v_1 … v_8 are a basis
    rows = np.array([[p.words.get((a,), 0).real for a in image.space.letters] for p in c])
    constant = np.array([p.words.get((), 0).real for p in c])
    assert np.abs(three.means @ rows.T + constant - two.means).max() < SAME
    assert np.abs(rows @ three.covariance @ rows.T - two.covariance).max() < SAME


def test_particles_that_do_not_meet_stay_a_product():
    rng = np.random.default_rng(5)
    a = rng.normal(size=(3, 3, 3)) + 1j * rng.normal(size=(3, 3, 3))
    H, jumps, density = 0.5 * (a[0] + a[0].conj().T), 0.5 * a[1:], random_density(rng, 3)
    s, times = Species(dim=3), np.linspace(0, 2, 5)
    result = Limit(Model(s.average(H), [LocalJump(j) for j in jumps], species=[s])).evolve(density, times)
    options = {"rtol": 1e-10, "atol": 1e-12, "nsteps": 100_000}
    reference = qutip.mesolve(
        qutip.Qobj(H), qutip.Qobj(density), times, [qutip.Qobj(j) for j in jumps], options=options
    )
    v = np.array(basis_of_three())
    for rho, m, covariance in zip(reference.states, result.means, result.covariance, strict=True):
        expected = np.einsum("aij,ji->a", v, rho.full()).real
        products = np.einsum("aij,bjk,ki->ab", v, v, rho.full()).real
        assert np.abs(m - expected).max() < SOLVER
        assert np.abs(covariance - (products - np.outer(expected, expected))).max() < SOLVER


def basis_of_three() -> list[np.ndarray]:
    """Gell-Mann matrices in the order of the letters: every pair of levels, then the diagonal ones."""
    out = []
    for j, k in ((0, 1), (0, 2), (1, 2)):
        e = np.zeros((3, 3), complex)
        e[j, k] = 1
        out += [e + e.T, -1j * e + 1j * e.T]
    return [*out, np.diag([1, -1, 0]), np.diag([1, 1, -2]) / np.sqrt(3)]


def test_photons_of_the_dicke_model_in_the_vacuum():
    # Merkli and Rafiyi 2018, eq. 2.1 with (a + a†)/√2 as in 2.5, p = 0.3: H = ½ω₀ Σσz + ν a†a +
    # λ N^{-1/2} Σσx (a + a†)/√2 = N h
    model = Model(0.5 * mz + 0.8 * FIELD.number + 0.25 * mx * FIELD.phi, modes=[FIELD])
    result = Limit(model).evolve([0, 0, 2 * 0.3 - 1], [0, 1, 3, 6])
    assert np.abs(result.number(FIELD) - [0, 0.025946, 0.089819, 0.277753]).max() < PRINTED
    assert np.abs(result.mean("field.phi")).max() == 0


def test_mean_field_of_the_open_dicke_model():
    # by hand from H = N(½ω₀ m_z + ν α†α + λ m_x φ) and loss at rate κ, φ = √2 Re α; the structure is that of F. Carollo
    # and I. Lesanovsky, Phys. Rev. Lett. 126, 230601 (2021)
    w, nu, lam, kappa = 1.3, 0.8, 0.9, 0.6
    h = 0.5 * w * mz + nu * FIELD.number + lam * mx * FIELD.phi
    model = Model(h, collective=[CollectiveJumps([FIELD.alpha], kappa)], modes=[FIELD])

    def rhs(_, y):
        x, y_, z, alpha = y
        phi = np.sqrt(2) * alpha.real
        return [
            -w * y_,
            w * x - 2 * lam * phi * z,
            2 * lam * phi * y_,
            -(1j * nu + kappa / 2) * alpha - 1j * lam / np.sqrt(2) * x,
        ]

    times, m, alpha = np.linspace(0, 8, 5), [0.3, -0.2, 0.6], 0.4 - 0.3j
    expected = solve_ivp(rhs, (0, 8), [*m, alpha], "DOP853", times, rtol=1e-11, atol=1e-12).y
    result = Limit(model).evolve({"": m, "field": Field(alpha=alpha)}, times, {"n": FIELD.number})
    assert np.abs(result.means[:, :3].T - expected[:3]).max() < SOLVER
    found = (result.mean("field.phi") + 1j * result.mean("field.pi")) / np.sqrt(2)
    assert np.abs(found - expected[3]).max() < SOLVER
    assert np.abs(result.e_data["n"] - np.abs(expected[3]) ** 2).max() < SOLVER


def test_a_damped_mode_alone():
    nu, kappa, beta, thermal = 1.1, 0.4, 0.7 - 0.2j, 0.6
    model = Model(nu * FIELD.number + 0.0 * mx, collective=[CollectiveJumps([FIELD.alpha], kappa)], modes=[FIELD])
    times = np.linspace(0, 3, 4)
    result = Limit(model).evolve({"": [0, 0, 1], "field": Field(beta=beta, thermal=thermal)}, times)
    decay = np.exp(-kappa * times)
    amplitude = beta * np.exp(-(1j * nu + kappa / 2) * times)  # ⟨a⟩ of order one
    found = (result.first_moments[:, 3] + 1j * result.first_moments[:, 4]) / np.sqrt(2)
    assert np.abs(found - amplitude).max() < SAME
    assert np.abs(result.number("field") - (thermal + abs(beta) ** 2) * decay).max() < SAME
    replaced = Limit(model).evolve({"": [0, 0, 1], "field": Field(beta=beta)}, times, first_moments=np.zeros(5))
    assert np.abs(replaced.number("field")).max() < SAME


def test_the_number_of_bosons_means_the_same_as_at_finite_n():
    """|√N α + β|² + n̄ of a displaced thermal mode, which decays by itself: exact at every N, as nothing corrects α."""
    nu, kappa, alpha, beta, thermal, N = 1.1, 0.4, 0.5 + 0.3j, 0.7 - 0.2j, 0.6, 4
    model = Model(nu * FIELD.number + 0.0 * mx, collective=[CollectiveJumps([FIELD.alpha], kappa)], modes=[FIELD])
    start, times = {"": [0, 0, 1], "field": Field(alpha=alpha, beta=beta, thermal=thermal)}, np.array([0, 0.5, 2.0])
    limit = Limit(model).evolve(start, times)
    right = (abs(np.sqrt(N) * alpha + beta) ** 2 + thermal) * np.exp(-kappa * times)
    assert np.abs(limit.number(N=N) - right).max() < SAME * N
    assert (
        np.abs(limit.number("field", N) - evolve(model, N, start, times, tol=1e-7, check=False).number()).max() < 1e-6
    )
    with pytest.raises(FiniteNError, match=r"grows with N; give number\(…, N=…\)"):
        limit.number("field")
    with pytest.raises(FiniteNError, match="no modes"):
        Limit(Model(mx)).evolve([0, 0, 1], [0, 1]).number()


def test_particles_gain_noise_through_the_rates_of_others():
    # Γ = g of m_b on a: ⟨[J, F_b]†[J, F_b]⟩ reaches b though no b jumps; checked in general above, here that it is
    # there
    a, b = pair(Fraction(1, 4))
    jump = LocalJump(qutip.sigmam(), lambda x: 1 + 0.5 * x, b.mx, species=a)
    noise = Limit(Model(jumps=[jump], species=[a, b])).diffusion([0, 0, 0.5, 0, 0.3, 0.4])
    # f_a Γ'² ⟨σ+σ-⟩ |s_b {b.x, b.y}|², {b.x, b.y} = 2i m_b.z/f_b
    assert abs(noise[4, 4] - 0.25 * 0.25 * 0.75 * (2 * 0.4) ** 2 / 0.75) < EXACT
    assert noise[3, 3] == 0 and noise[4, 5] != 0


def test_sizes_give_fractions():
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    model = Model(a.mx * b.mz, species=[a, b])
    limit = Limit(model.sized({"a": 1, "b": 3}, constants=True))
    # ṁ_a.y = {m_b.z m_a.x, m_a.y} i = −2 m_b.z m_a.z/f_a
    assert limit.drift([0, 0, 0.5, 0, 0, 0.6])[1] == pytest.approx(-2 * 0.6 * 0.5 / 0.25, abs=1e-14)
    assert limit.axes == ("a.x", "a.y", "a.z", "b.x", "b.y", "b.z")


def test_labels_of_results():
    a, b = pair()
    result = Limit(Model(a.mx * b.mz, species=[a, b], modes=[FIELD])).evolve({"a": [0, 0, 1], "b": [1, 0, 0]}, [0, 1])
    assert list(result.to_xarray().axis.values) == list(result.axes)
    assert np.array_equal(result.mean("b.x"), result.means[:, 3])
    single = Limit(Model(mx)).evolve([0, 0, 1], [0, 1])
    assert list(single.to_xarray().axis.values) == ["x", "y", "z"]
    assert str(Coefficient("drift", "hamiltonian", 1, 0)) == "drift, hamiltonian, y 1"


def test_bad_input_is_refused():
    a, b = pair()
    limit = Limit(Model(a.mx * b.mz, species=[a, b], modes=[FIELD]))
    states = {"a": [0, 0, 1], "b": [0, 0, 1]}
    with pytest.raises(FiniteNError, match=r"averages a\.x.*shape \(8,\)"):
        limit.drift([0, 0, 1])
    with pytest.raises(FiniteNError, match=r"first_moments.*shape \(8,\)"):
        limit.evolve(states, [0, 1], first_moments=[0, 0, 1])
    with pytest.raises(FiniteNError, match="is not an average of the model"):
        limit.evolve(states, [0, 1], {"y": my})
    with pytest.raises(FiniteNError, match="for each of the species a, b"):
        limit.evolve([0, 0, 1], [0, 1])
    with pytest.raises(FiniteNError, match="is not a coefficient of"):
        Limit(limit.model, {Coefficient("drift", "jump 0", 0, 0): 0.01})
    result = limit.evolve(states, [0, 1])
    with pytest.raises(FiniteNError, match=r"axis = 'x': choose one of 'a\.x'"):
        result.mean("x")
    with pytest.raises(FiniteNError, match="species a is not a mode"):
        result.number("a")
    with pytest.raises(FiniteNError, match="neither a species nor a mode"):
        result.number("b.x")
