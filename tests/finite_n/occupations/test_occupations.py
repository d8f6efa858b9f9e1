"""The engine on symmetrised products for any species and modes: against the full space, the Dicke basis and closed
forms."""

import itertools
import time
from fractions import Fraction

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
    mx,
    my,
    mz,
    thermal,
)
from finite_n.engine.moments import Readout, pairs
from finite_n.engine.protocol import Question, Refusal
from finite_n.model.operators import bloch_to_density, hermitian_basis
from finite_n.occupations.basis import Elements, compositions, everything
from finite_n.occupations.columns import Columns
from finite_n.occupations.common_frame import common_frames
from finite_n.occupations.engine import Occupations
from finite_n.occupations.prospect import Prospect
from finite_n.propagation.propagate import propagate
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import three_level
from finite_n.systems.three_level import unit
from tests import random_general_models as general
from tests import random_models
from tests.brute_force_general import GeneralBruteForce

FULL = 1e-9  # the reference integrates with 1e-12, evolve_products is asked for 1e-11; moments are of order one
RATE = 1e-11  # one application of generators of size below 1e3, summed up by both sides
DICKE = 1e-10  # both engines are asked for 1e-12 and measured errors are 1e-13
ROUNDING = 1e-12  # sums of some thousand numbers of order one
T = 0.6
SPACES = [
    *[((3,), (n,), 0) for n in (1, 2, 3)],
    *[((2, 2), sizes, 0) for sizes in ((1, 2), (2, 1), (2, 2), (3, 1))],
    ((2, 2, 2), (1, 2, 1), 0),
    ((2, 2, 2), (2, 1, 2), 0),
    ((2, 3), (2, 1), 0),
    ((3, 2), (1, 2), 0),
    ((2,), (2,), 1),
    ((3,), (1,), 1),
    ((2, 2), (1, 1), 1),
    ((2,), (1,), 2),
    ((4,), (2,), 0),
]


def evolve_products(model, N, rho0, tlist, e_ops=None, **options):
    return evolve(model, N, rho0, tlist, e_ops, basis="symmetrised", **options)


def case(kind, dims, sizes, modes, cutoff=3):
    """A random model, the full-space reference, the initial state for both, and an observable."""
    rng = np.random.default_rng([len(kind), *dims, *sizes, modes])
    species, fields = general.parts(dims, sizes, modes)
    model, N, cutoffs = general.model(kind, rng, species, fields), sum(sizes), [cutoff] * modes
    state = general.state(rng, species, fields)
    full = GeneralBruteForce(model, N, cutoffs)
    p = general.hamiltonian(rng, species, fields, words=1) * (1 - 0.4j)
    return model, N, cutoffs, state, full, full.product_state(general.matrices(state, N, cutoffs)), p


def expected(full, rho, p):
    """Trace, letters, symmetrised pairs, and real and imaginary part of p."""
    second, value = full.second(rho), full.expect(p, rho)
    return np.array([np.trace(rho).real, *full.means(rho), *symmetric(second), value.real, value.imag])


def symmetric(second):
    """½⟨{m_a, m_b}⟩, a ≤ b."""
    return [(second[a, b] + second[b, a]).real / 2 for a, b in pairs(len(second))]


ALL_KINDS = [
    ((3,), (2,), 0),
    ((2, 2), (2, 1), 0),
    ((2, 3), (2, 1), 0),
    ((3,), (1,), 1),
]  # others: slow, but for one kind


def _cases():
    for space in SPACES:
        for kind in general.KINDS:
            fast = space in ALL_KINDS or kind == "tilted rates without self"
            yield pytest.param(kind, *space, marks=[] if fast else pytest.mark.slow)


@pytest.mark.parametrize(("kind", "dims", "sizes", "modes"), list(_cases()))
def test_rates_of_change_are_those_of_the_full_space(kind, dims, sizes, modes):
    model, N, cutoffs, state, full, rho, p = case(kind, dims, sizes, modes)
    made = Prospect(model, N, state, [p], cutoffs).prepare()
    for vector, matrix in ((made.start, rho), (made.matrix @ made.start, full.rhs(rho))):
        m = Readout(model.space, cutoffs, 1, [p]).moments((made.functionals @ vector)[None], N)
        value = m.observables[0, 0]
        values = np.array([m.weights[0, 0], *m.means[0], *symmetric(m.second_moments[0]), value.real, value.imag])
        assert np.abs(values - expected(full, matrix, p)).max() < RATE


@pytest.mark.parametrize("kind", ["constant", "rates without self", "tilted rates", "collective"])
@pytest.mark.parametrize(
    ("dims", "sizes", "modes"), [((3,), (3,), 0), ((2, 2), (3, 1), 0), ((2, 3), (2, 1), 0), ((2,), (2,), 1)]
)
def test_evolution_is_that_of_the_full_space(kind, dims, sizes, modes):
    model, N, _, state, full, rho, p = case(kind, dims, sizes, modes, 4)
    cutoffs = {m.name: 4 for m in model.modes} or None
    result = evolve_products(model, N, state, [0, T], {"p": p}, tol=1e-11, cutoffs=cutoffs, check=False)
    rho = full.evolve(rho, T)
    value = result.expect[0][-1]
    values = np.array([*result.means[-1], *symmetric(result.second_moments[-1]), value.real, value.imag])
    assert np.abs(values - expected(full, rho, p)[1:]).max() < FULL
    assert result.budget.smallest_eigenvalue > -FULL
    if modes:
        top = full.site(np.diag([0.0, 0, 0, 1, 1]), N)  # of levels 0 … 4 the highest two
        assert abs(result.levels["f0"][-1, 3:].sum() - np.trace(top @ rho).real) < FULL
    else:
        assert result.budget.trace_drift < FULL


@pytest.mark.parametrize("kind", [k for k in random_models.KINDS if k not in ("two tilts", "everything")])
@pytest.mark.parametrize("N", [5, 10])
def test_two_level_particles_give_what_the_dicke_basis_gives(kind, N):
    rng = np.random.default_rng([N, 3])
    model, density = random_models.model(kind, rng), bloch_to_density(random_models.bloch(rng))
    observables = {"xyz": mx * my * mz, "z3": mz**3}
    ours = evolve_products(model, N, density, [0, T, 1.0], observables, tol=1e-12, check=False)
    dicke_basis = evolve(model, N, density, [0, T, 1.0], observables, tol=1e-12, check=False)
    assert np.abs(ours.means - dicke_basis.means).max() < DICKE
    assert np.abs(ours.second_moments - dicke_basis.second_moments).max() < DICKE
    for name in observables:
        assert np.abs(ours.e_data[name] - dicke_basis.e_data[name]).max() < DICKE


@pytest.mark.parametrize("N", [1, 4, 9])
def test_independent_three_level_particles_stay_a_product(N):
    rng = np.random.default_rng(5)
    species, _ = general.parts((3,), (1,))
    model, state = general.model("constant", rng, species), general.density(rng, 3)
    full = GeneralBruteForce(model, 1)
    rho = full.evolve(state, T)
    result = evolve_products(model, N, state, [0, T])
    v, m = hermitian_basis(3)[1:], full.means(rho)
    same = np.einsum("aij,bjk,ki->ab", v, v, rho)
    assert np.abs(result.means[-1] - m).max() < FULL
    assert np.abs(result.second_moments[-1] - ((1 - 1 / N) * np.outer(m, m) + same / N)).max() < FULL


@pytest.mark.parametrize("tol", [1e-5, 1e-9])
@pytest.mark.parametrize(("control", "N"), [(0.7, 8), (0.0, 10)])
def test_the_tolerance_holds_for_a_coherent_state(control, N, tol):
    ket = np.array([1, 0.8j, -0.6 + 0.3j])
    state = np.outer(ket, ket.conj()) / np.vdot(ket, ket).real
    model = three_level(control=control)
    p = {"rr": model.species[0].average(unit("r", "r")) ** 2}
    loose = evolve_products(model, N, state, [0, 1.0, 5.0], p, tol=tol, check=False)
    tight = evolve_products(model, N, state, [0, 1.0, 5.0], p, tol=tol / 100, check=False)
    assert loose.stats["units"] == "orthonormal"
    assert np.abs(loose.means - tight.means).max() < tol
    assert np.abs(loose.second_moments - tight.second_moments).max() < tol
    assert np.abs(loose.e_data["rr"] - tight.e_data["rr"]).max() < tol
    assert loose.budget.trace_drift < tol


def test_runge_kutta_gives_the_same_for_few_particles():
    model, start = three_level(control=0.5), unit("g", "g")
    one, other = (evolve_products(model, 4, start, [0, 1.0], tol=1e-8, method=m) for m in ("faber", "runge_kutta"))
    assert np.abs(one.means - other.means).max() < 1e-8  # what both promise
    assert other.stats["steps"] > one.stats["steps"]


@pytest.mark.parametrize(
    ("model", "start", "share"),
    [
        (three_level(), "coherent", 4),  # nothing makes coherences with r: read from the observables
        (three_level(control=0.5), "classical", None),
        (three_level(omega=0.0), "classical", 40),  # a classical chain
    ],
)
def test_what_is_left_out_does_not_matter(model, start, share):
    N = 8
    state = np.diag([0.5, 0.3, 0.2]) + (0.1 * (np.ones((3, 3)) - np.eye(3)) if start == "coherent" else 0)
    few = evolve_products(model, N, state, [0, T], check=False)
    every = Prospect(model, N, as_initial_state(state, model), [], subset=False).prepare()
    runs = [propagate(part.problem, np.array([0, T]), 1e-11) for part in every.parts()]
    moments = Readout(model.space).moments(sum(run.values for run in runs), N)
    assert np.abs(few.means - moments.means).max() < FULL
    assert np.abs(few.second_moments - moments.second_moments).max() < FULL
    if share:
        assert few.stats["variables"] * share < 2 * every.elements
    assert few.stats["units"] == ("probabilities" if share == 40 else "orthonormal")


def test_a_classical_chain_of_many_particles():
    """N = 300 has codes beyond 62 bits; every particle decays by itself, r → e → g."""
    jumps = [LocalJump(unit("e", "r"), 1.0), LocalJump(unit("g", "e"), np.sqrt(0.5))]
    atoms = Species("a", 3)
    populations = {name: atoms.average(unit(name, name)) for name in "er"}
    result = evolve_products(
        Model(jumps=jumps, species=[atoms]), 300, unit("r", "r"), [0, 1.0], populations, check=False
    )
    assert result.stats["units"] == "probabilities" and result.stats["elements"] == 301 * 302 // 2
    e, r = 2 * (np.exp(-0.5) - np.exp(-1.0)), np.exp(-1.0)  # ė = r − e/2
    assert abs(result.e_data["r"][-1] - r) < FULL and abs(result.e_data["e"][-1] - e) < FULL


def test_a_damped_mode_follows_its_closed_form():
    field, spins = Mode("field"), Species("a")
    N, omega, kappa, beta = 2, 1.3, 0.4, 0.8 - 0.5j
    model = Model(
        omega * field.number, collective=[CollectiveJumps([field.alpha], kappa)], species=[spins], modes=[field]
    )
    state = {"a": [0, 0, 1], "field": Field(beta=beta)}
    times = np.array([0, 0.7, 2.0])
    result = evolve_products(model, N, state, times, {"n": N * field.number, "a": np.sqrt(N) * field.alpha})
    amplitude = beta * np.exp(-(1j * omega + kappa / 2) * times)
    assert result.budget.boson_tail < 1e-9 and result.levels["field"].shape[1] < 41
    assert np.abs(result.e_data["a"] - amplitude).max() < 1e-8  # a weight of 1e-12 above the cutoff has some ten quanta
    assert np.abs(result.e_data["n"] - np.abs(amplitude) ** 2).max() < 1e-8


def test_cutoffs_grow_with_the_mode():
    field, spins = Mode("field"), Species("a")
    drive = 0.8 * (field.alpha + field.alpha.adjoint())  # H = N h = √N 0.8 (a + a†), so ⟨a⟩ = −0.8i√N t
    model = Model(drive, species=[spins], modes=[field])
    result = evolve_products(model, 4, {"a": [0, 0, 1]}, [0, 1.0], {"n": 4 * field.number}, tol=1e-8, check=False)
    assert result.budget.boson_tail < 1e-8
    assert abs(result.e_data["n"][-1] - (0.8 * 2.0) ** 2) < 1e-6  # the tail of 1e-8 times some twenty quanta


def test_elements_are_numbered_one_to_one():
    species, modes = general.parts((3, 2), (3, 2), 1)
    columns = Columns(Model(species=species, modes=modes), [3, 2], [2])
    n = everything(columns)
    elements = Elements(columns, n)
    assert len(n) == columns.elements == elements.count
    assert len(compositions(3, 9)) == 165 and len({tuple(row) for row in compositions(3, 9)}) == 165
    place, mirrored = elements.places(n)
    stored = np.where(mirrored[:, None], n[:, columns.mirror], n)
    assert np.array_equal(elements.n[place], stored)
    assert np.all(elements.self_conjugate[place] == np.all(n == n[:, columns.mirror], axis=1))


def test_the_start_is_the_product_state():
    rng = np.random.default_rng(2)
    species, _ = general.parts((3, 2), (4, 2))
    model, state = Model(species=species), general.state(rng, *general.parts((3, 2), (4, 2)))
    made = Prospect(model, 6, state, []).prepare()
    values = made.functionals @ made.start
    m = np.concatenate(
        [np.real(np.einsum("aij,ji->a", hermitian_basis(len(d))[1:], d)) for d in general.matrices(state, 6).values()]
    )
    assert abs(values[-1] - 1) < ROUNDING and np.abs(values[: len(m)] - m).max() < ROUNDING
    cross = [k for k, (a, b) in enumerate(pairs(len(m))) if a < 8 <= b]
    assert np.abs(values[len(m) :][cross] - np.outer(m[:8], m[8:]).ravel()).max() < ROUNDING


def test_frames_make_every_delta_diagonal():
    rng = np.random.default_rng(4)
    species, _ = general.parts((3, 2), (2, 1))
    model = general.model("tilted rates", rng, species)
    turned = model.rotated(common_frames(model))
    for jump, s in itertools.product(turned.jumps, species):
        r = jump.field(s.name, s.dim)
        assert np.abs(r - np.diag(np.diag(r))).max() < ROUNDING


def test_refusals():
    rng = np.random.default_rng(1)
    species, modes = general.parts((3,), (1,), 1)
    atoms, mode = species[0], modes[0]
    model, start = three_level(), unit("g", "g")
    with pytest.raises(FiniteNError, match="do not commute"):
        evolve_products(general.model("two tilts", rng, species), 2, start, [0, 1])
    with pytest.raises(FiniteNError, match="no product"):
        evolve_products(Model(), 2, thermal(mx + mx * mx, 1.0), [0, 1])
    with pytest.raises(FiniteNError, match=r"GiB.*largest N that fits"):
        evolve_products(three_level(control=1.0), 200, start, [0, 1])
    with pytest.raises(FiniteNError, match=r"largest N that fits"):
        evolve_products(model, 10**7, start, [0, 1])
    with pytest.raises(FiniteNError, match="no mode"):
        evolve_products(model, 2, start, [0, 1], cutoffs={"f": 3})
    with pytest.raises(FiniteNError, match="gives no states"):
        evolve(model, 2, start, [0, 1], keep_states=True)
    with pytest.raises(FiniteNError, match="cutoff"):
        evolve_products(Model(species=[atoms], modes=[mode]), 2, start, [0, 1], cutoffs={"f0": 0})
    with pytest.raises(FiniteNError, match="cutoffs"):
        evolve_products(Model(species=[atoms], modes=[mode]), 2, start, [0, 1], cutoffs={"other": 3})
    with pytest.raises(FiniteNError, match="not an average of the model"):
        evolve_products(model, 2, start, [0, 1], [mz])
    with pytest.raises(FiniteNError, match="levels"):
        evolve_products(model, 2, [0, 0, 1], [0, 1])
    with pytest.raises(FiniteNError, match="tol"):
        evolve_products(model, 2, start, [0, 1], tol=0)
    with pytest.raises(FiniteNError, match="whole number of particles"):
        evolve_products(Model(species=general.parts((2, 2), (1, 2))[0]), 4, {"a": [0, 0, 1], "b": [0, 0, 1]}, [0, 1])
    with pytest.raises(FiniteNError, match=r"axis.*'w'"):
        evolve_products(model, 2, start, [0, 1]).mean("w")
    with pytest.raises(FiniteNError, match="rate"):
        three_level(decay=-1.0)


def test_a_result_says_what_was_done():
    result = evolve_products(Model(0.5 * mx, [LocalJump(qutip.sigmam())]), 3, [0, 0, 1], [0, 1.0])
    assert "symmetrised products" in repr(result) and "probabilities" not in result.stats["units"]
    assert result.mean("z")[0] == pytest.approx(1.0, abs=ROUNDING)


def _chain(species: str | None):
    own = Species(species) if species else None
    m, options = (own.mz, {"species": own}) if own else (mz, {})
    up = LocalJump(qutip.sigmap(), lambda d: np.exp(0.4 * d), m, **options)
    down = LocalJump(qutip.sigmam(), lambda d: np.exp(-0.4 * d), m, **options)
    return Model(jumps=[up, down], species=[own] if own else [])


def test_a_name_changes_nothing():
    one, other = (evolve(_chain(name), 200, [0.3, -0.2, 0.4], [0, 0.5], check=False) for name in (None, "a"))
    assert one.stats["elements"] == other.stats["elements"] == 1198  # six pairs (n_ud, n_du)
    assert one.stats["basis"] == other.stats["basis"] == "symmetrised products"
    assert np.abs(one.second_moments - other.second_moments).max() < ROUNDING


@pytest.mark.parametrize("N", [4, 9])
def test_starts_in_J_M_of_one_of_several_species(N):
    sizes = {"a": N // 2, "b": N - N // 2}
    a, b = (Species(s, fraction=Fraction(n, N)) for s, n in sizes.items())
    jumps = [
        LocalJump(qutip.sigmam(), lambda d: 1 + 0.3 * d, b.mz, species=a),
        LocalJump(qutip.sigmam(), 0.5, species=b),
    ]
    model = Model(0.2 * a.mz * b.mz + 0.3 * a.mz, jumps, species=[a, b])
    for start in (dicke(sizes["a"] / 2, sizes["a"] / 2 - 1), thermal(0.4 * mz + 0.5 * mz * mz, 0.7)):
        state = {"a": start, "b": [0.3, 0.2, 0.5]}
        bases = ("symmetrised", "Dicke")
        ours, blocks = (evolve(model, N, state, [0, T], tol=1e-12, check=False, basis=x) for x in bases)
        assert np.abs(ours.second_moments - blocks.second_moments).max() < DICKE


def test_a_mode_that_is_only_counted_keeps_few_labels():
    """Lost one by one and shifted by the spins: n − n′ stays what it is."""
    spins, field = Species("a"), Mode("f")
    h = 0.4 * field.number + 0.3 * spins.mz * field.number
    loss = CollectiveJumps([field.alpha], 0.4)
    model = Model(h, [LocalJump(qutip.sigmam(), species=spins)], [loss], species=[spins], modes=[field])
    state, cutoffs = {"a": [0.3, 0.1, 0.5], "f": Field(beta=0.5)}, {"f": 7}
    ours, blocks = (
        evolve(model, 6, state, [0, T], tol=1e-11, check=False, cutoffs=cutoffs, basis=x)
        for x in ("symmetrised products", "Dicke")
    )
    assert ours.stats["elements"] < blocks.stats["elements"]
    assert np.abs(ours.second_moments - blocks.second_moments).max() < DICKE
    assert np.abs(ours.levels["f"] - blocks.levels["f"]).max() < DICKE


def test_an_offer_says_what_the_run_takes():
    model = _chain("a")
    question = Question(model, 500, as_initial_state([0.3, -0.2, 0.4], model), np.array([0.0, 0.5]), check=False)
    offer = Occupations().offer(question)
    outcome = offer.run()
    assert outcome.elements == offer.elements == 2998 and outcome.bytes == offer.bytes
    parts = 4  # that do not act on each other
    assert 1 / 3 < outcome.stats["applications"] / parts / offer.applications < 3


@pytest.mark.parametrize("N", [100, 10**6])
def test_what_is_hopeless_is_told_at_once(N):
    spins = Species("a")
    model = Model(0.3 * spins.mx, [LocalJump(qutip.sigmam(), species=spins)], species=[spins])
    question = Question(model, N, as_initial_state([0.3, -0.2, 0.4], model), np.array([0.0, 0.5]))
    Occupations().offer(question)
    before = time.process_time()
    assert isinstance(Occupations().offer(question), Refusal)
    assert time.process_time() - before < 0.3  # some milliseconds
