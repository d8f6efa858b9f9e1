"""Several species and boson modes on Dicke blocks: against brute force on the full space, closed forms and known
numbers."""

import zlib

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
    evolve,
    mx,
    mz,
)
from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.frames import choose_frames
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import Patterns, dicke_model, hopfield, hopfield_patterns
from tests import random_general_models as general
from tests.brute_force_general import GeneralBruteForce

# (sizes, cutoffs): two and three species, unequal, one particle, odd and even, one and two modes
SYSTEMS = [
    ((1, 2), ()),
    ((3, 1), ()),
    ((2, 2), ()),
    ((1, 2, 1), ()),
    ((2, 1, 2), ()),
    ((1, 2, 3), ()),
    ((1,), (4,)),
    ((2,), (3,)),
    ((2,), (1, 2)),
    ((2, 1), (2,)),
]


def _seed(*words) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(words).encode()))


def _symmetric(x: np.ndarray) -> np.ndarray:
    return (x + x.T).real / 2


def _random(kind, sizes, cutoffs):
    rng = _seed(kind, sizes, cutoffs)
    species, modes = general.parts((2,) * len(sizes), sizes, len(cutoffs))
    return general.model(kind, rng, species, modes), general.state(rng, species, modes)


def _cases():
    for sizes, cutoffs in SYSTEMS:
        for kind in general.KINDS:
            slow = sum(sizes) > 5 or (sum(sizes) == 5 and kind != "tilted rates without self")
            yield pytest.param(kind, sizes, cutoffs, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize(("kind", "sizes", "cutoffs"), list(_cases()))
def test_moments_and_states_against_the_full_space(kind, sizes, cutoffs):
    model, state = _random(kind, sizes, cutoffs)
    N = sum(sizes)
    reference = GeneralBruteForce(model, N, cutoffs)
    rho = reference.evolve(reference.product_state(general.matrices(state, N, cutoffs)), 0.7)
    observable = general.hamiltonian(_seed(kind), model.species, model.modes, 3)
    levels = {m.name: c for m, c in zip(model.modes, cutoffs, strict=True)} or None
    result = evolve(model, N, state, [0, 0.3, 0.7], {"o": observable}, tol=1e-11, check=False, cutoffs=levels)
    # both sides keep ten digits: tolerance 1e-11 of the series, 1e-12 of the reference
    assert np.abs(result.means[-1] - reference.means(rho)).max() < 1e-9
    # what commutators of truncated quadratures lack at the top level, the symmetric part does not feel
    assert np.abs(_symmetric(result.second_moments[-1]) - _symmetric(reference.second(rho))).max() < 1e-9
    assert abs(result.expect[0][-1] - reference.expect(observable, rho)) < 1e-9
    if not cutoffs:
        for i, s in enumerate(model.species):
            first = reference.sites[s.name][0]
            others = [reference.sites[t.name][-1] for t in model.species[i:] if reference.sites[t.name][-1] != first]
            q = qutip.Qobj(rho, dims=[reference.dims] * 2)
            assert np.abs(result.reduced_state(1, s)[-1] - q.ptrace(first).full()).max() < 1e-9
            if others:
                pair = result.reduced_state(2, (s, model.species[-1]))[-1]
                assert np.abs(pair - q.ptrace([first, others[-1]]).full()).max() < 1e-9


@pytest.mark.parametrize(("sizes", "cutoffs"), [((3, 2), ()), ((2, 1), (2,)), ((1, 2, 2), ()), ((2,), (2, 1))])
def test_compiled_plain_and_sparse_generator_agree(sizes, cutoffs):
    model, state = _random("everything", sizes, cutoffs)
    blocks = DickeBlocks(sizes, cutoffs)
    generator = Liouvillian(model, sum(sizes), choose_frames(model, state), blocks)
    exists = np.concatenate([np.outer(*2 * [blocks.block_exists(b)]).ravel() for b in range(len(blocks.size))])
    assert (
        exists.sum()
        == blocks.elements
        == np.prod([(n + 1) * (n + 2) * (n + 3) // 6 for n in sizes]) * np.prod([(c + 1) ** 2 for c in cutoffs])
    )
    rng = _seed(sizes)
    v = exists * (rng.normal(size=blocks.dim) + 1j * rng.normal(size=blocks.dim))
    compiled, plain, sparse = generator.apply(v), generator.apply_plain(v), generator.csr() @ v
    scale = np.abs(plain).max()
    assert np.abs(compiled - plain).max() < 1e-12 * scale  # sums of some hundred terms
    assert np.abs(sparse - plain).max() < 1e-12 * scale
    assert np.all(plain[~exists] == 0)
    assert abs(plain[blocks.diagonal()].sum()) < 1e-11 * scale  # the trace is kept


def test_one_species_with_a_name_is_the_unnamed_one():
    a = Species("a")
    jumps = [
        LocalJump(j, lambda x, s=s: np.exp(0.4 * s * x), a.mz) for j, s in ((qutip.sigmap(), 1), (qutip.sigmam(), -1))
    ]
    named = evolve(Model(0.3 * a.mx, jumps, species=[a]), 9, [0, 0.3, 0.4], [0, 1.0])
    jumps = [LocalJump(j.operator, j.amplitude, mz) for j in jumps]
    plain = evolve(Model(0.3 * mx, jumps), 9, [0, 0.3, 0.4], [0, 1.0])
    assert np.abs(named.means - plain.means).max() < 1e-10  # tolerance 1e-9 on both, reached with margin
    assert np.abs(named.covariance - plain.covariance).max() < 1e-9
    assert np.abs(named.j_distribution - plain.j_distribution).max() < 1e-10
    for x, y in zip(named.final_state, plain.final_state, strict=True):
        assert np.abs(x - y).max() < 1e-10
    assert abs(named.purity - plain.purity).max() < 1e-10


def test_equal_species_with_equal_couplings_are_one_network():
    """With one stored pattern twice, ΔE of both species is twice the average: a single species at twice β."""
    model = hopfield_patterns(0.3, 0.5, {"pp": 7})
    one = evolve(hopfield(0.3, 1.0), 7, [0, 0.3, 0.4], [0, 1.0])
    two = evolve(model, 7, [0, 0.3, 0.4], [0, 1.0])
    assert np.abs(one.means - two.means).max() < 1e-9
    # split by hand into two species that feel the same field
    a, b = Species("a", fraction=4 / 7), Species("b", fraction=3 / 7)
    mean = 4 / 7 * a.mz + 3 / 7 * b.mz
    jumps = [LocalJump(j.operator, j.amplitude, mean, species=s) for s in (a, b) for j in hopfield(0.3, 1.0).jumps]
    split = Model(0.3 * (4 / 7 * a.mx + 3 / 7 * b.mx), jumps, species=[a, b])
    three = evolve(split, 7, {"a": [0, 0.3, 0.4], "b": [0, 0.3, 0.4]}, [0, 1.0])
    assert np.abs(three.means[:, :3] - one.means).max() < 1e-9
    assert np.abs(three.means[:, 3:] - one.means).max() < 1e-9
    w = np.sqrt([4 / 7, 3 / 7])
    whole = sum(w[i] * w[k] * three.covariance[:, 3 * i : 3 * i + 3, 3 * k : 3 * k + 3] for i in (0, 1) for k in (0, 1))
    assert np.abs(whole - one.covariance).max() < 1e-8  # N times the error of second moments
    assert two.sizes == [7] and three.sizes == [4, 3]


def test_dicke_model_photon_numbers():
    """Vacuum field, p = 0.3: numbers of an independent prototype, all digits given (README of the design: N = 4, 8,
    16)."""
    result = evolve(dicke_model(), 16, [0, 0, -0.4], [0, 1, 3, 6], tol=1e-8, threads=1)
    assert np.abs(result.number() - [0, 0.025947, 0.089773, 0.271014]).max() < 6e-7  # half a unit of the last digit
    assert result.budget.holds
    assert result.budget.boson_tail < 1e-9


def test_dicke_model_against_qutip_beyond_the_first_cutoff():
    """A field that grows past the first cutoff, N = 2: the cutoff follows, the answer is that of qutip with many
    levels."""
    model = dicke_model(1.0, 0.8, 1.5)
    result = evolve(model, 2, [0, 0, -1], [0, 1.5, 3.0], tol=1e-8)
    levels = 120
    a = qutip.tensor(qutip.destroy(levels), qutip.qeye(2), qutip.qeye(2))
    z, x = (
        sum(qutip.tensor(qutip.qeye(levels), *(s if i == k else qutip.qeye(2) for i in range(2))) for k in range(2))
        for s in (qutip.sigmaz(), qutip.sigmax())
    )
    H = z / 2 + 0.8 * a.dag() * a + 1.5 / np.sqrt(2) * x * (a + a.dag()) / np.sqrt(2)
    down = qutip.tensor(qutip.basis(levels, 0), qutip.basis(2, 1), qutip.basis(2, 1))
    solution = qutip.sesolve(H, down, [0, 1.5, 3.0], e_ops=[a.dag() * a, z / 2], options={"rtol": 1e-11, "atol": 1e-12})
    assert solution.expect[0][-1] > 7
    assert len(result.levels["field"][0]) > 13  # the first cutoff, 6 or a little more, was not enough
    assert np.abs(result.number() - solution.expect[0]).max() < 1e-6
    assert np.abs(result.mean("z") - solution.expect[1]).max() < 1e-7


@pytest.mark.parametrize(
    "field", [Field(beta=0.8 - 0.3j), Field(number=2), Field(thermal=0.7), Field(alpha=0.3 + 0.2j, beta=0.5)]
)
def test_damped_mode_alone(field):
    """Without particles' coupling: a(t) = a(0) e^{−iνt − κt/2}, ⟨a†a⟩ decays with κ; N only sets the scale of α."""
    nu, kappa, N = 0.8, 0.5, 3
    mode = Mode("light")
    model = Model(nu * mode.number, collective=[CollectiveJumps([mode.alpha], kappa)], modes=[mode])
    times = np.array([0, 0.7, 2.0])
    result = evolve(model, N, {"": [0, 0, 1], "light": field}, times)
    z = np.sqrt(N) * field.alpha + field.beta
    amplitude = z * np.exp(-1j * nu * times - kappa * times / 2)
    assert np.abs(result.mean("light.phi") - np.sqrt(2 / N) * amplitude.real).max() < 1e-8
    assert np.abs(result.mean("light.pi") - np.sqrt(2 / N) * amplitude.imag).max() < 1e-8
    number = (abs(z) ** 2 + field.number + field.thermal) * np.exp(-kappa * times)
    assert np.abs(result.number("light") - number).max() < 1e-7
    assert result.stats["elements"] < 40_000  # one value of J of four spins-½


def test_conserved_blocks_are_left_out_and_said_so():
    result = evolve(dicke_model(loss=0.3), 12, [0, 0, -1], [0, 1.0], check=False)
    assert "1 of 7" in result.stats["kept"]
    assert result.j_distribution.shape == (2, 1)
    assert abs(result.j_distribution[-1, 0] - 1) < 1e-9


def test_memory_and_refusals():
    model = hopfield_patterns(patterns={"pp": 1, "pm": 1})
    state = {"pp": [0, 0, 1], "pm": [0, 0, 1]}
    f = Mode("f")
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    cases = [
        (lambda: evolve(model, 4000, state, [0, 1]), "largest N that fits"),
        (lambda: evolve(model, 7, state, [0, 1]), "no whole number of particles; use for example N = 6"),
        (lambda: evolve(model, 6, [0, 0, 1], [0, 1]), "a state for each of the species pp, pm"),
        (lambda: evolve(model, 6, {"pp": [0, 0, 1]}, [0, 1]), "species pm is missing"),
        (lambda: evolve(model, 6, state | {"x": [0, 0, 1]}, [0, 1]), "'x' is not a species or mode"),
        (lambda: evolve(model, 6, state, [0, 1], basis="symmetrised", keep_states=True), "gives no states"),
        (lambda: evolve(hopfield(), 6, [0, 0, 1], [0, 1], cutoffs={"f": 3}), "no modes"),
        (lambda: evolve(dicke_model(), 2, [0, 0, 1], [0, 1], cutoffs={"f": 3}), "highest level of field"),
        (
            lambda: evolve(dicke_model(), 2, [0, 0, 1], [0, 1], cutoffs={"field": 0}),
            r"cutoffs: field = 0: give a whole number from 1 to",
        ),
        (lambda: evolve(dicke_model(), 2, {"": [0, 0, 1], "field": 3}, [0, 1]), "give a Field"),
        (lambda: Model(mx, species=[a]), "add up to 0.5"),
        (lambda: Model(a.mx, species=[Species(fraction=0.5), b]), "give each a name"),
        (lambda: Model(a.mx, species=[a, Species("a", fraction=0.5)]), "given twice"),
        (lambda: Model(mx * f.phi), "not an average of the model"),
        (lambda: Model(a.mx, [LocalJump(qutip.sigmam())], species=[a, b]), "say whose jumps"),
        (lambda: LocalJump(qutip.sigmam(), np.exp, f.phi), "contains a mode"),
        (lambda: Species("a b"), "give a word"),
        (lambda: Species(dim=1), "number of levels"),
        (lambda: Species(fraction=0), "above 0"),
        (lambda: Mode(""), "a name"),
        (lambda: Field(number=-1), "number = -1: give a whole number from 0 to 10000"),
        (lambda: Field(number=1, thermal=1.0), "not both"),
        (lambda: Field(beta="x"), "complex numbers"),
        (lambda: evolve(dicke_model(), 2, [0, 0, 1], [0, 1], check=False).number("x"), "choose one of"),
        (lambda: evolve(dicke_model(), 2, [0, 0, 1], [0, 1], check=False).mean("w"), "'field.pi'"),
        (lambda: dicke_model(nu=[1, 2], coupling=0.1), "one coupling for every mode"),
        (lambda: hopfield_patterns(patterns={"xy": 3}), "by signs"),
        (lambda: hopfield_patterns(patterns={3: 1}), "by signs"),
        (lambda: hopfield_patterns(omega="a"), "finite real number"),
        (lambda: dicke_model(nu="a"), "real numbers"),
        (lambda: dicke_model(loss=[0.1]), "finite real number"),
        (lambda: Patterns.draw(2, 3, seed=-1), "whole number"),
        (lambda: Patterns(np.array([1, 2, 3])), "array"),
    ]
    for make, message in cases:
        with pytest.raises(FiniteNError, match=message):
            make()


def test_initial_vector_is_the_product_state():
    """⟨m⟩ and Σ of the start, for three species of unequal sizes and a mode."""
    sizes, cutoffs = (2, 5, 3), (9,)
    species, modes = general.parts((2, 2, 2), sizes, 1)
    state = general.state(_seed("start"), species, modes)
    model = Model(0.0, species=species, modes=modes)
    blocks = DickeBlocks(sizes, cutoffs)
    vector = initial_state.vector(state, blocks, choose_frames(model, state))
    assert abs(vector[blocks.diagonal()].sum() - 1) < 1e-3  # what lies above the ninth level is missing
    result = evolve(model, 10, state, [0, 1.0], check=False)
    m, covariance, first = as_initial_state(state, model).limit()
    assert np.abs(result.means[0, :9] - m[:9]).max() < 1e-12
    assert np.abs(result.covariance[0] - covariance).max() < 1e-8
    assert np.abs(np.sqrt(10) * result.means[0, 9:] - first[9:]).max() < 1e-8


def test_a_generator_of_several_species_asks_for_blocks():
    with pytest.raises(FiniteNError, match="give blocks"):
        Liouvillian(dicke_model(), 2)


@pytest.mark.parametrize(
    ("sizes", "cutoffs"), [((2, 2), (36,)), ((1,), (150,)), ((2,), (64,)), ((6, 5), ()), ((1,), (6, 5))]
)
def test_the_kernel_reads_nothing_outside_a_state(sizes, cutoffs):
    """What lies before and behind a stored state is never used, not even times zero."""
    species, modes = general.parts((2,) * len(sizes), sizes, len(cutoffs))
    s = species[0]
    h = sum((m.number + 0.3 * s.mx * m.phi for m in modes), 0.4 * s.mx)
    lost = s.average(qutip.sigmam()) + sum((m.alpha for m in modes), 0 * s.mx)
    model = Model(
        h,
        [LocalJump(qutip.sigmam(), species=x) for x in species],
        [CollectiveJumps([lost])],
        species=species,
        modes=modes,
    )
    blocks = DickeBlocks(sizes, cutoffs)
    generator = Liouvillian(model, sum(sizes), choose_frames(model), blocks)
    margin = 4096
    surrounded = np.full(2 * generator.storage.length + 2 * margin, np.nan)
    state = surrounded[margin:-margin].reshape(2, -1)
    state[:] = 0.0
    state[:, generator.storage.begin[blocks.exists]] = 1.0
    out = generator.storage.zeros(2)
    generator.apply_stored(state, out)
    assert np.all(np.isfinite(out))


@pytest.mark.parametrize("check", [False, True])
def test_levels_that_are_jumped_over_do_not_hide_the_tail(check):
    """Four photons at a time fill the levels 0, 4, 8, …, never the two highest of most cutoffs; 10 levels hold all that
    N = 2 can reach."""
    f = Mode("f")
    up, down, a = average(qutip.sigmap()), average(qutip.sigmam()), f.alpha
    model = Model(down * a.adjoint() ** 4 + up * a**4, modes=[f])
    found = evolve(model, 2, [0, 0, 1], [0, 0.5, 1.0], check=check).number()
    exact = evolve(model, 2, [0, 0, 1], [0, 0.5, 1.0], cutoffs={"f": 10}, check=False).number()
    assert found[1] > 0.06
    assert np.abs(found - exact).max() < 1e-8


@pytest.mark.parametrize("angle", [1e-9, 1e-3, 0.05, 1.0])
def test_axes_of_rates_that_differ_at_all_are_not_taken_for_one(angle):
    """Δ of one species along two axes, of other lengths and signs: frames of their own, against the full space."""
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    start = {"a": [0, 0.3, 0.4], "b": [0, 0, 1]}
    x, z = 0.4 * np.cos(angle) + 0.3 * np.sin(angle), 0.3 * np.cos(angle) - 0.4 * np.sin(angle)
    result, full, rho = _two_rates(a, b, z * a.mz + x * a.mx, start)
    assert "several axes" in result.stats["kept"]
    assert np.abs(result.means[-1] - full.means(rho)).max() < 1e-9
    assert np.abs(_symmetric(result.second_moments[-1]) - _symmetric(full.second(rho))).max() < 1e-9
    parallel = _two_rates(a, b, -0.03 * a.mz - 0.04 * a.mx, start)[0]
    assert "several axes" not in parallel.stats["kept"]


def _two_rates(a, b, other, start):
    """A run to t = 0.4 with rates that depend on two averages of one species, and the same in the full space."""
    jumps = [LocalJump(qutip.sigmam(), np.exp, x, species=a) for x in (0.3 * a.mz + 0.4 * a.mx, other)]
    jumps.append(LocalJump(qutip.sigmap(), lambda d: np.exp(0.3 * d), 0.4 * b.mz, False, species=b))
    model = Model(a.mx + 0.3 * a.mz * b.mz, jumps, species=[a, b])
    full = GeneralBruteForce(model, 4)
    rho = full.evolve(full.product_state(general.matrices(as_initial_state(start, model), 4)), 0.4)
    return evolve(model, 4, start, [0, 0.4], check=False, basis="dicke"), full, rho
