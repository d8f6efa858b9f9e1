"""The one-particle map of the limit: against qutip, against 2^N brute force with an impurity, and what every such map
obeys."""

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from comparison.referee.extrapolation import extrapolate
from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, Species, dicke, mx, my, mz
from meanfield import Coefficient, Limit, LocalGenerator, local_dynamics
from tests import random_general_models as general
from tests import random_models
from tests.brute_force import BruteForce, product_state, reduced

SEEDS = st.integers(0, 2**32 - 1)
KINDS = st.sampled_from(random_models.KINDS)
ROUNDING = 1e-12
QUTIP = 2e-8  # mesolve at rtol 1e-10, accumulated over its steps
SX, SY, SZ, SP, SM = qutip.sigmax(), qutip.sigmay(), qutip.sigmaz(), qutip.sigmap(), qutip.sigmam()
START, TIMES = np.array([0.2, 0.3, 0.4]), np.array([0.0, 0.4, 1.1])


def up(x):
    return 0.5 + 0.3 * np.exp(x)


def down(x):
    return 0.8 + 0.2 * np.sin(2 * x)


MODEL = Model(
    0.3 * mx + 0.4 * mz * mz + 0.2 * (mx * my + my * mx),
    [LocalJump(SP, up, 0.5 * mz + 0.3 * mx), LocalJump(SM, down, mz, include_self=False)],
)


def by_hand(m):
    """H̃ = Σ ε v + Σ h_ab (m_a v_b + m_b v_a) and jumps of MODEL (Fiorelli et al. 2023, eq. 50), typed in as Qobj."""
    x, y, z = m
    return 0.3 * SX + 0.8 * z * SZ + 0.4 * (x * SY + y * SX), [up(0.5 * z + 0.3 * x) * SP, down(z) * SM]


def bulk():
    """m(t) of MODEL from the nonlinear one-particle master equation, as a function of time."""

    def rhs(_, m):
        H, jumps = by_hand(m)
        rho = 0.5 * (qutip.qeye(2) + m[0] * SX + m[1] * SY + m[2] * SZ)
        slope = -1j * (H * rho - rho * H)
        for L in jumps:
            slope += L * rho * L.dag() - 0.5 * (L.dag() * L * rho + rho * L.dag() * L)
        return [(slope * s).tr().real for s in (SX, SY, SZ)]

    return solve_ivp(rhs, (0, TIMES[-1]), START, method="DOP853", rtol=1e-10, atol=1e-12, dense_output=True).sol


def test_one_and_two_particles_against_qutip():
    m = bulk()

    def on(x, site, n):
        return x if n == 1 else qutip.tensor([x if i == site else qutip.qeye(2) for i in range(n)])

    rng = np.random.default_rng(5)
    local = local_dynamics(MODEL, START, TIMES)
    for n in (1, 2):
        parts = [(SX, 0), (SY, 1), (SZ, 2)]
        H = sum(
            qutip.QobjEvo([[on(s, k, n), lambda t, a=a: 0.5 * (by_hand(m(t))[0] * [SX, SY, SZ][a]).tr().real]])
            for s, a in parts
            for k in range(n)
        )
        rates = (lambda t: up(0.5 * m(t)[2] + 0.3 * m(t)[0]), lambda t: down(m(t)[2]))
        jumps = [qutip.QobjEvo([[on(j, k, n), g]]) for j, g in zip((SP, SM), rates, strict=True) for k in range(n)]
        a = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
        rho = a @ a.conj().T / np.trace(a @ a.conj().T)  # entangled in general
        options = {"rtol": 1e-10, "atol": 1e-12, "max_step": 0.05}
        states = qutip.mesolve(H, qutip.Qobj(rho, dims=[[2] * n] * 2), TIMES, jumps, options=options).states
        gap = np.abs(local.evolve_state(rho) - np.array([s.full() for s in states])).max()
        assert gap < QUTIP


def test_the_bulk_is_its_own_local_state():
    local = local_dynamics(MODEL, START, TIMES)
    assert np.abs(local.means - Limit(MODEL).evolve(START, TIMES).means).max() < 1e-10  # two runs at rtol 1e-12
    one = 0.5 * (np.eye(2) + sum(x * s.full() for x, s in zip(START, (SX, SY, SZ), strict=True)))
    three = np.kron(np.kron(one, one), one)
    assert np.abs(local.evolve_state(three) - local.reduced_state(3)).max() < 1e-10
    assert local.reduced_state(2).shape == (3, 4, 4)


@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_impurity_in_exact_dynamics_goes_to_the_local_map(n):
    # an entangled (n = 2) or flipped (n = 1) impurity among N particles that otherwise start in the bulk's state:
    # Theorem 2 with A ≠ 1. A polynomial in 1/N through four small sizes takes away nine tenths and more of what N = 6
    # is off.
    impurity = np.diag([0, 1]) if n == 1 else np.outer([0, 1, -1, 0], [0, 1, -1, 0]) / 2
    one = 0.5 * (np.eye(2) + sum(x * s.full() for x, s in zip(START, (SX, SY, SZ), strict=True)))
    sizes, t = [3, 4, 5, 6], 0.6
    exact = []
    for N in sizes:
        rho = np.kron(impurity, product_state(one, N - n))
        rhs = BruteForce(MODEL, N).rhs
        y = solve_ivp(
            lambda _, y, f=rhs: f(y.reshape([round(y.size**0.5)] * 2)).ravel(),
            (0, t),
            rho.astype(complex).ravel(),
            method="DOP853",
            rtol=1e-6,
            atol=1e-8,
        ).y[:, -1]
        state = reduced(y.reshape(2**N, 2**N), n, N)
        exact.append([state.real, state.imag])
    limit = local_dynamics(MODEL, START, [0, t]).evolve_state(impurity)[-1]
    target = np.array([limit.real, limit.imag])
    gap = np.abs(np.array(exact) - target).reshape(4, -1).max(axis=1)
    value = extrapolate(sizes, exact).value
    assert np.abs(value - target).max() < 0.1 * gap[-1]
    # the same numbers refuse a map in the field of the initial averages
    frozen = expm(t * LocalGenerator(MODEL).superoperator(START))
    frozen = np.kron(frozen, frozen) if n == 2 else frozen
    x = (
        impurity.reshape((2,) * 2 * n).transpose((1, 0) if n == 1 else (2, 0, 3, 1)).ravel()
    )  # vec of each particle in turn
    y = (frozen @ x).reshape((2,) * 2 * n).transpose((1, 0) if n == 1 else (1, 3, 0, 2)).reshape(2**n, 2**n)
    assert np.abs(value - [y.real, y.imag]).max() > 0.5 * gap[-1]


@given(KINDS, SEEDS)
def test_maps_are_completely_positive_and_keep_the_trace(kind, seed):
    rng = np.random.default_rng(seed)
    local = local_dynamics(random_models.model(kind, rng), random_models.bloch(rng), [0, 0.3, 0.9])
    for c, s in zip(local.choi, local.superoperator, strict=True):
        assert np.linalg.eigvalsh(c).min() > -1e-11  # rtol 1e-12 of the integrator
        traced = c.reshape(2, 2, 2, 2).trace(axis1=1, axis2=3)
        assert np.abs(traced - np.eye(2)).max() < ROUNDING
        assert np.abs(qutip.to_choi(qutip.Qobj(s, dims=[[[2], [2]]] * 2)).full() - c).max() < ROUNDING


@given(KINDS, SEEDS)
def test_lindblad_form_gives_the_generator(kind, seed):
    rng = np.random.default_rng(seed)
    model, m = random_models.model(kind, rng), random_models.bloch(rng)
    generator = LocalGenerator(model)
    H, jumps = generator.lindblad(m)
    size = max(1.0, np.abs(generator.superoperator(m)).max())
    again = qutip.liouvillian(qutip.Qobj(H), [qutip.Qobj(L) for L in jumps]).full()
    assert np.abs(again - generator.superoperator(m)).max() < ROUNDING * size
    assert abs(np.trace(H)) < ROUNDING * size and np.abs(H - H.conj().T).max() < ROUNDING * size
    assert np.abs(np.trace(jumps, axis1=1, axis2=2)).max(initial=0) < ROUNDING * size
    assert (len(jumps) == 0) == (kind in ("hamiltonian", "collective"))  # of which only single particles feel a field


def test_lindblad_form_of_a_model_typed_in():
    m = np.array([0.1, -0.5, 0.6])
    H, jumps = LocalGenerator(MODEL).lindblad(m)
    expected, c_ops = by_hand(m)
    assert np.abs(H - expected.full()).max() < ROUNDING
    assert np.allclose([np.abs(L).max() for L in jumps], sorted([np.abs(c.full()).max() for c in c_ops])[::-1])
    x = np.array([random_models.complex_matrix(np.random.default_rng(1))])
    expected = qutip.liouvillian(expected, c_ops).full() @ x[0].ravel(order="F")
    assert np.abs(LocalGenerator(MODEL).superoperator(m) @ x[0].ravel(order="F") - expected).max() < ROUNDING


@given(KINDS, SEEDS)
def test_operators_and_states_are_dual(kind, seed):
    rng = np.random.default_rng(seed)
    local = local_dynamics(random_models.model(kind, rng), random_models.bloch(rng), [0, 0.7])
    a, O = (rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)) for _ in range(2))
    rho = a @ a.conj().T / np.trace(a @ a.conj().T)
    states, operators = local.evolve_state(rho), local.evolve_operator(O)
    assert np.abs(states[0] - rho).max() < ROUNDING and np.abs(operators[0] - O).max() < 10 * ROUNDING
    assert abs(np.trace(states[1] @ O) - np.trace(rho @ operators[1])) < 10 * ROUNDING
    s = local.superoperator[1]
    assert np.abs((s @ rho[:2, :2].ravel(order="F")).reshape(2, 2, order="F").trace() - rho[:2, :2].trace()) < ROUNDING
    # a product stays a product, site by site
    b, c = rho[:2, :2] / rho[:2, :2].trace(), rho[2:4, 2:4] / rho[2:4, 2:4].trace()
    pair = np.kron(local.evolve_state(b)[1], local.evolve_state(c)[1])
    assert np.abs(local.evolve_state(np.kron(b, c))[1] - pair).max() < ROUNDING


def test_kets_and_qobj_are_read():
    local = local_dynamics(MODEL, START, TIMES)
    bell = qutip.bell_state("00")
    a, b, c = (local.evolve_state(x) for x in (bell, bell.full().ravel(), bell.proj()))
    assert np.array_equal(a, b) and np.abs(a - c).max() < ROUNDING


# Three levels: H̃, rates and the collective drift typed in as operators of one particle


def ket(j, d=3):
    return qutip.basis(d, j)


def moved(j, k, d=3):
    return ket(j, d) * ket(k, d).dag()


LOWER, FIXED = moved(0, 1), moved(1, 2)
X, Y, TOP, GROUND = LOWER + LOWER.dag(), -1j * FIXED + 1j * FIXED.dag(), ket(2) * ket(2).dag(), ket(0) * ket(0).dag()
Q = Species("q", dim=3)
QX, QY, QTOP = Q.average(X), Q.average(Y), Q.average(TOP)
THREE = Model(
    0.4 * QX + 0.5 * QTOP * QTOP + 0.15 * (QX * QY + QY * QX),
    [LocalJump(LOWER, up, 0.5 * Q.average(GROUND) + 0.3 * QX), LocalJump(FIXED, 0.7)],
    [CollectiveJumps([Q.average(LOWER)], 0.5)],
    species=Q,
)


def of_three_levels(rho):
    """H̃ and jumps of THREE, of which L = √N m(v) moves averages by H = D (v̄ v† − v̄* v)/2i."""
    x, y, top, ground, v = (qutip.expect(s, rho) for s in (X, Y, TOP, GROUND, LOWER))
    H = 0.4 * X + top * TOP + 0.3 * (x * Y + y * X) + 0.25 / 1j * (v * LOWER.dag() - np.conj(v) * LOWER)
    return H, [up(0.5 * ground + 0.3 * x) * LOWER, 0.7 * FIXED]


def slope(H, jumps, rho):
    out = -1j * (H * rho - rho * H)
    for L in jumps:
        out += L * rho * L.dag() - 0.5 * (L.dag() * L * rho + rho * L.dag() * L)
    return out


def mesolve(generator, trajectory, dims, rho):
    """States at TIMES under H(t) and the jumps that generator(trajectory(t)) gives."""
    size = int(np.prod(dims))
    as_operator = qutip.QobjEvo(lambda t: qutip.liouvillian(*generator(trajectory(t))))
    start = qutip.operator_to_vector(qutip.Qobj(rho, dims=[dims, dims]))
    options = {"rtol": 1e-10, "atol": 1e-12, "max_step": 0.05}
    states = qutip.mesolve(as_operator, start, TIMES, options=options).states
    return np.array([s.full().reshape(size, size, order="F") for s in states])


def dense(rhs, y0):
    return solve_ivp(rhs, (0, TIMES[-1]), y0, method="DOP853", rtol=1e-11, atol=1e-13, dense_output=True).sol


def test_three_levels_against_qutip():
    rng = np.random.default_rng(8)
    start = general.density(rng, 3)

    def rhs(_, y):
        rho = qutip.Qobj(y.reshape(3, 3))
        return slope(*of_three_levels(rho), rho).full().ravel()

    flow = dense(rhs, start.ravel())
    local = local_dynamics(THREE, start, TIMES)
    bulk = np.array([flow(t).reshape(3, 3) for t in TIMES])
    assert np.abs(local.reduced_state(1) - bulk).max() < 1e-9  # two integrators at rtol 1e-11 and 1e-12
    H, jumps = LocalGenerator(THREE).lindblad(local.means[1])
    expected = qutip.liouvillian(*of_three_levels(qutip.Qobj(bulk[1]))).full()
    again = qutip.liouvillian(qutip.Qobj(H), [qutip.Qobj(L) for L in jumps]).full()
    assert np.abs(again - expected).max() < 1e-9 and len(jumps) == 2
    assert np.abs(LocalGenerator(THREE, "q").superoperator(local.means[1]) - expected).max() < 1e-9
    impurity = general.density(rng, 3)
    exact = mesolve(lambda y: of_three_levels(qutip.Qobj(y.reshape(3, 3))), flow, [3], impurity)
    assert np.abs(local.evolve_state(impurity) - exact).max() < QUTIP
    assert local.reduced_state(2).shape == (3, 9, 9)


# Two species of two and three levels and a mode with an amplitude of order √N
A, B, FIELD = Species("a", fraction=1 / 3), Species("b", 3, 2 / 3), Mode("field")
TWO = Model(
    0.3 * A.mz
    + 0.4 * A.mx * FIELD.phi
    + 0.2 * B.average(X) * FIELD.pi
    + 0.6 * FIELD.number
    + 0.5 * A.mz * B.average(TOP),
    [LocalJump(SM, up, 0.5 * A.mz + 0.4 * B.average(TOP), species=A), LocalJump(LOWER, 0.6, species=B)],
    [CollectiveJumps([FIELD.alpha], 0.7)],
    species=[A, B],
    modes=[FIELD],
)


def of_two_species(y):
    """H̃ and jumps of one particle of a and of b, and α̇, of TWO; a species of fraction f feels its part of h over
    f."""
    a, b, alpha = qutip.Qobj(y[:4].reshape(2, 2)), qutip.Qobj(y[4:13].reshape(3, 3)), y[13]
    x, z, top, force = (qutip.expect(s, r) for s, r in ((SX, a), (SZ, a), (TOP, b), (X, b)))
    phi, pi = np.sqrt(2) * alpha.real, np.sqrt(2) * alpha.imag
    Ha, Hb = 3 * (0.3 * SZ + 0.4 * phi * SX + 0.5 * top * SZ), 1.5 * (0.2 * pi * X + 0.5 * z * TOP)
    rate = -1j * (0.6 * alpha + 0.4 * x / np.sqrt(2) + 0.2j * force / np.sqrt(2)) - 0.35 * alpha
    return (Ha, [up(0.5 * z + 0.4 * top) * SM]), (Hb, [0.6 * LOWER]), rate


def test_two_species_and_a_mode_against_qutip():
    rng = np.random.default_rng(9)
    rho_a, rho_b, alpha = general.density(rng, 2), general.density(rng, 3), 0.4 - 0.2j

    def rhs(_, y):
        of_a, of_b, rate = of_two_species(y)
        a, b = qutip.Qobj(y[:4].reshape(2, 2)), qutip.Qobj(y[4:13].reshape(3, 3))
        return np.concatenate([slope(*of_a, a).full().ravel(), slope(*of_b, b).full().ravel(), [rate]])

    flow = dense(rhs, np.concatenate([rho_a.ravel(), rho_b.ravel(), [alpha]]))
    # an amplitude of order one is not felt
    local = local_dynamics(TWO, {"a": rho_a, "b": rho_b, "field": Field(alpha=alpha, beta=2.0)}, TIMES)
    y = np.array([flow(t) for t in TIMES])
    assert np.abs(local.reduced_state(particles="a") - y[:, :4].reshape(-1, 2, 2)).max() < 1e-9
    assert np.abs(local.reduced_state(particles=[B]) - y[:, 4:13].reshape(-1, 3, 3)).max() < 1e-9
    one, two = qutip.qeye(2), qutip.qeye(3)

    def pair(y):
        (Ha, La), (Hb, Lb), _ = of_two_species(y)
        jumps = [qutip.tensor(L, two) for L in La] + [qutip.tensor(one, L) for L in Lb]
        return qutip.tensor(Ha, two) + qutip.tensor(one, Hb), jumps

    psi = rng.normal(size=6) + 1j * rng.normal(size=6)  # entangled
    psi /= np.linalg.norm(psi)
    exact = mesolve(pair, flow, [2, 3], np.outer(psi, psi.conj()))
    found = local.evolve_state(psi, ("a", "b"))
    assert np.abs(found - exact).max() < QUTIP
    swapped = local.evolve_state(psi.reshape(2, 3).T.ravel(), ["b", "a"])
    order = np.arange(6).reshape(2, 3).T.ravel()
    assert np.abs(swapped - found[:, order][:, :, order]).max() < ROUNDING
    # products stay products; the bulk is one of them
    a, b = general.density(rng, 2), general.density(rng, 3)
    three = local.evolve_state(np.kron(np.kron(a, rho_a), b), ("a", "a", "b"))
    alone = [local.evolve_state(x, s) for x, s in ((a, "a"), (rho_a, "a"), (b, "b"))]
    assert np.abs(three[-1] - np.kron(np.kron(*[x[-1] for x in alone[:2]]), alone[2][-1])).max() < ROUNDING
    bulk = local.evolve_state(np.kron(np.kron(rho_a, rho_a), rho_b), ("a", "a", "b"))
    assert np.abs(bulk - local.reduced_state(particles=("a", "a", "b"))).max() < 1e-10
    # operators are dual to states
    O = rng.normal(size=(6, 6)) + 1j * rng.normal(size=(6, 6))
    dual = local.evolve_operator(O, ("a", "b"))
    assert abs(psi.conj() @ dual[-1] @ psi - np.trace(found[-1] @ O)) < 10 * ROUNDING


@settings(max_examples=8)
@given(st.sampled_from(["rates", "tilted rates without self", "collective", "everything"]), SEEDS)
def test_maps_of_species_are_completely_positive_and_compose_from_generators(kind, seed):
    rng = np.random.default_rng(seed)
    species, modes = general.parts((2, 3), (1, 2), 1)
    model = general.model(kind, rng, species, modes)
    start = {s.name: general.density(rng, s.dim) for s in species} | {"f0": Field(alpha=0.2 + 0.1j)}
    local = local_dynamics(model, start, [0, 0.2, 0.5])
    limit = Limit(model)
    for s in species:
        d, own = s.dim, model.space.part(s)
        for c in local.of(s).choi:
            assert np.linalg.eigvalsh(c).min() > -1e-11  # rtol 1e-12 of the integrator
            traced = c.reshape(d, d, d, d).trace(axis1=1, axis2=3)
            assert np.abs(traced - np.eye(d)).max() < ROUNDING
        generator, m = LocalGenerator(model, s), local.means[1]
        g, size = generator.matrix(m), max(1.0, np.abs(generator.matrix(m)).max())
        assert np.abs(g[1:] @ np.r_[1, m[own]] - limit.drift(m)[own]).max() < ROUNDING * size
        H, jumps = generator.lindblad(m)
        again = qutip.liouvillian(qutip.Qobj(H), [qutip.Qobj(L) for L in jumps]).full()
        assert np.abs(again - generator.superoperator(m)).max() < 10 * ROUNDING * size
        assert len(jumps) <= d * d - 1 and abs(np.trace(H)) < ROUNDING * size


def test_bad_input_with_several_species_is_refused():
    rng = np.random.default_rng(1)
    local = local_dynamics(TWO, {"a": general.density(rng, 2), "b": general.density(rng, 3)}, [0, 0.1])
    pair = np.eye(6) / 6
    for state, particles, word in (
        (pair, None, "say which particles"),
        (pair, "a", "2\\^n×2\\^n"),
        (pair, ("a", "a"), "2 · 2 levels, so give 4×4"),
        (pair, ("a", "field"), "no particles"),
        (pair, ("a", "c"), "neither a species"),
        (pair, ("a", 2), "give a Species"),
        (pair, (), "0 particles"),
        (pair, {"a", "b"}, "give a list"),
        (pair, ("a",) * 7, "1 to 6"),
        (pair, ("b",) * 6, "729 levels"),
        (qutip.Qobj(pair, dims=[[3, 2], [3, 2]]), ("a", "b"), r"dims \[3, 2\] for particles of \[2, 3\]"),
    ):
        with pytest.raises(FiniteNError, match=word):
            local.evolve_state(state, particles)
    assert local.evolve_state(qutip.Qobj(pair, dims=[[2, 3], [2, 3]]), ("a", "b")).shape == (2, 6, 6)
    with pytest.raises(FiniteNError, match="give one of the two"):
        local.reduced_state(3, ("a", "b"))
    for read in (lambda: local.choi, lambda: local.generator, lambda: LocalGenerator(TWO)):
        with pytest.raises(FiniteNError, match="species a, b; say which"):
            read()
    with pytest.raises(FiniteNError, match="give 13 numbers"):
        LocalGenerator(TWO, "a").matrix([0, 0, 1])
    planted = Coefficient("drift", "collective 0", 11, 0)  # of φ
    with pytest.raises(FiniteNError, match="planted"):
        LocalGenerator(Limit(TWO, {planted: 1e-6}), "a")


def test_bad_input_is_refused():
    local = local_dynamics(MODEL, START, TIMES)
    for state, word in (
        (np.eye(3) / 3, "shape"),
        (np.eye(2), "trace 2"),
        (np.diag([1.5, -0.5]), "smallest eigenvalue -0.5"),
        (np.array([[0.5, 0.1], [0.2, 0.5]]), "Hermitian"),
        (np.array([[np.nan, 0], [0, 1]]), "not finite"),
        ("up", "2\\^n×2\\^n"),
        (np.eye(2**7) / 2**7, "n = 1 to 6"),
    ):
        with pytest.raises(FiniteNError, match=word):
            local.evolve_state(state)
    with pytest.raises(FiniteNError, match="shape"):
        local.evolve_operator([1, 0])
    for n in (0, 7, 1.5, True):
        with pytest.raises(FiniteNError, match="whole number from 1 to 6"):
            local.reduced_state(n)
    with pytest.raises(FiniteNError, match="no mean-field limit"):
        local_dynamics(MODEL, dicke(lambda N: N / 2, 0), TIMES)
    with pytest.raises(FiniteNError, match="planted"):
        local_dynamics(Limit(MODEL, {Coefficient("drift", "jump 0", 2, 0): 1e-6}), START, TIMES)
    with pytest.raises(FiniteNError, match="give a finite_n"):
        LocalGenerator(3)
