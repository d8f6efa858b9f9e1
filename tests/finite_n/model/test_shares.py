"""Shares N_s/N as symbols: a number in every model, and that of the new sizes in `sized`."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
import qutip
from scipy.linalg import expm

from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, Species, evolve, mz
from finite_n.model.polynomial import Polynomial
from finite_n.systems import hopfield_patterns
from meanfield import Limit
from tests.brute_force_general import GeneralBruteForce

SP, SM, SZ = qutip.sigmap(), qutip.sigmam(), qutip.sigmaz()
TOL = 1e-9  # both sides keep ten digits: tolerance 1e-11 of the series, 1e-12 of the reference


def parts(*sizes):
    N = sum(sizes)
    return [Species("abc"[i], fraction=Fraction(n, N)) for i, n in enumerate(sizes)]


def gamma(d):
    return 0.8 + 0.3 * d + 0.2 * np.sin(d)


def written(species, value, modes=()):
    """h of degree 2, Δ and collective jumps, with value(s) for N_s/N; every species is spoken of."""
    a, b = species[:2]
    h = 0.4 * value(a) * a.mz + 0.3 * value(b) * b.mx + 0.5 * value(a) * value(b) * a.mx * b.mz
    h = h + 0.2 * value(a) * value(a) * (a.mx * a.mz + a.mz * a.mx)
    for c in species[2:]:
        h = h + 0.7 * value(c) * c.my + 0.3 * value(a) * value(c) * a.my * c.my
    for mode in modes:
        h = h + 0.6 * mode.number + 0.4 * value(a) * a.mx * mode.phi
    delta = value(a) * a.average(np.diag([1.0, 0.0])) + 0.5 * value(b) * b.mz + 0.1
    jumps = [LocalJump(SM, gamma, delta, k, species=s) for s, k in ((a, True), (b, False))] + [
        LocalJump(SP, 0.4, species=b)
    ]
    total = sum((value(s) * s.average(SM) for s in species), Polynomial({}))
    return h, jumps, [CollectiveJumps([total, value(a) * a.mz], [[0.5, 0.1], [0.1, 0.3]])]


def models(old, new, modes=()):
    """The model of sizes `new`: by `sized` from `old`, with shares; and written with numbers at once."""
    before, after = parts(*old), parts(*new)
    sized = Model(*written(before, lambda s: s.share, modes), species=before, modes=modes).sized(new)
    return sized, Model(*written(after, lambda s: float(s.fraction), modes), species=after, modes=modes)


@pytest.mark.parametrize(
    ("old", "new"), [((1, 1), (1, 2)), ((1, 1), (3, 1)), ((2, 3), (1, 1)), ((1, 2, 1), (2, 1, 1)), ((5, 1), (2, 3))]
)
def test_sized_models_against_the_full_space(old, new):
    """The reference is written with the numbers of the new sizes, on the full space."""
    sized, numbers = models(old, new)
    reference = GeneralBruteForce(numbers, sum(new))
    bloch = {"a": [0.3, 0.2, 0.5], "b": [-0.4, 0.1, 0.6], "c": [0.1, -0.7, 0.2]}
    start = {s.name: bloch[s.name] for s in sized.species}
    densities = {n: (np.eye(2) + sum(x * p.full() for x, p in zip(m, AXES, strict=True))) / 2 for n, m in start.items()}
    rho = reference.evolve(reference.product_state(densities), 0.6)
    a, b = sized.species[:2]
    wanted = {"shares": a.share * a.mz + b.share * b.mz * b.mz}
    result = evolve(sized, sum(new), start, [0, 0.6], wanted, tol=1e-11, check=False)
    assert np.abs(result.means[-1] - reference.means(rho)).max() < TOL
    fa, fb = new[0] / sum(new), new[1] / sum(new)
    assert abs(result.e_data["shares"][-1] - reference.expect(fa * a.mz + fb * b.mz * b.mz, rho)) < TOL
    # as if the old fractions had stayed: seen by the same numbers
    stale = models(old, old)[1].sized(new, constants=True)
    if max(abs(x / sum(old) - y / sum(new)) for x, y in zip(old, new, strict=True)) > 0.1:
        other = evolve(stale, sum(new), start, [0, 0.6], tol=1e-11, check=False).means[-1]
        assert np.abs(other - result.means[-1]).max() > 1e-3


AXES = [qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()]


def test_frequency_bins_of_gaussian_weight():
    """Independent spins of frequency w_s, dephasing 0.02: ⟨σx⟩ = cos(w t) e^{−0.02 t} at every N; weights are not whole
    at any N."""
    omega = np.array([-1.0, 0.0, 1.0])
    weight = np.exp(-2 * omega**2) / np.exp(-2 * omega**2).sum()
    bins = [Species(f"b{k}", fraction=x) for k, x in enumerate(weight)]
    jumps = [LocalJump(SZ, 0.1, species=s) for s in bins]
    start = {s.name: [1, 0, 0] for s in bins}

    def model(value):
        h = sum((0.5 * w * value(s) * s.mz for w, s in zip(omega, bins, strict=True)), Polynomial({}))
        return Model(h, jumps, species=bins)

    with pytest.raises(FiniteNError, match=r"model\.sized.*b0\.share"):
        evolve(model(lambda s: s.share), 12, start, [0, 1])
    for sizes in ([1, 10, 1], [3, 22, 3]):
        sized = model(lambda s: s.share).sized(sizes)
        exact = evolve(sized, sum(sizes), start, [0, 1]).mean("b0.x")[-1]
        assert abs(exact - np.cos(1) * np.exp(-0.02)) < 1e-8  # tolerance of evolve
        assert abs(Limit(sized).evolve(start, [0, 1]).means[-1, 0] - np.cos(1) * np.exp(-0.02)) < 1e-10
        with pytest.raises(FiniteNError, match=r"-0\.0532535 m_b0\(σz\).*b0\.share.*constants=True"):
            model(lambda s: float(s.fraction)).sized(sizes)


@pytest.mark.parametrize("with_mode", [False, True])
def test_limits_of_sized_models(with_mode):
    """Drift, Jacobian, noise and symplectic form are those of the model written with the numbers of its sizes."""
    sized, numbers = models((1, 1), (3, 1), [Mode("f")] if with_mode else [])
    m = np.random.default_rng(1).uniform(-0.5, 0.5, sized.space.size)
    for what in ("drift", "jacobian", "diffusion", "symplectic"):
        x, y = getattr(Limit(sized), what)(m), getattr(Limit(numbers), what)(m)
        assert np.abs(x).max() > 1e-2
        assert np.abs(x - y).max() < 1e-14  # rounding of products of fractions


def test_observables_of_limits_and_of_modes():
    a, b, f = Species("a", fraction=0.25), Species("b", fraction=0.75), Mode("f")
    model = Model(0.3 * a.share * a.mx * f.phi + f.number, species=[a, b], modes=[f])
    start = {"a": [0, 0, 1], "b": [0.6, 0, 0], "f": Field(beta=0.3)}
    for run in (
        Limit(model).evolve(start, [0, 1], [b.share * b.mx]),
        evolve(model, 4, start, [0, 1], [b.share * b.mx]),
    ):
        assert np.abs(np.ravel(run.expect[0]) - 0.75 * 0.6).max() < 1e-9
        assert list(run.labels) == ["f_b m_b(σx)"]


def test_nothing_of_a_model_shows_the_symbol():
    model = models((1, 2, 1), (2, 1, 1))[0]
    uses = [
        model.hamiltonian,
        *(j.argument for j in model.jumps),
        *(p for c in model.collective for p in c.polynomials),
    ]
    assert not any(p.has_shares for p in uses)
    turned = model.rotated({"a": expm(0.3j * AXES[0].full())})
    uses = [
        turned.hamiltonian,
        *(j.argument for j in turned.jumps),
        *(p for c in turned.collective for p in c.polynomials),
    ]
    assert not any(p.has_shares for p in uses)


def test_turning_and_sizing_commute():
    u = {"a": expm(0.3j * AXES[0].full()), "b": expm(0.5j * AXES[1].full())}
    species = parts(1, 1)
    model = Model(*written(species, lambda s: s.share), species=species)
    x, y = model.rotated(u).sized([1, 3]), model.sized([1, 3]).rotated(u)
    m = np.random.default_rng(2).uniform(-0.5, 0.5, 6)
    assert np.abs(Limit(x).drift(m) - Limit(y).drift(m)).max() < 1e-14
    assert np.abs(Limit(x).drift(m) - Limit(model.sized([1, 3])).drift(m)).max() > 1e-2


def test_copies_and_pickles_keep_what_was_written():
    species = parts(1, 1)
    model = Model(*written(species, lambda s: s.share), species=species)
    expected = model.sized([1, 3])
    for twin in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        sized = twin.sized([1, 3])
        assert sized.hamiltonian == expected.hamiltonian != model.hamiltonian
        assert [j.argument for j in sized.jumps] == [j.argument for j in expected.jumps]
        assert [j.ones for j in sized.jumps] == [j.ones for j in expected.jumps]


def test_sizing_again_and_back():
    species = parts(2, 1)
    model = Model(*written(species, lambda s: s.share), species=species)
    assert model.sized([1, 3]).sized([2, 1]).hamiltonian == model.hamiltonian
    assert model.sized([1, 3]).jumps[0].argument != model.jumps[0].argument


def test_species_of_size_zero_vanish_with_their_shares():
    species = parts(1, 1, 2)
    model = Model(*written(species, lambda s: s.share), species=species)
    alone = parts(1, 3)
    expected = Model(*written(alone, lambda s: s.share), species=alone)
    sized = model.sized([1, 3, 0])
    assert sized.hamiltonian == expected.hamiltonian
    assert sized.collective[0].polynomials == expected.collective[0].polynomials
    gone = model.sized({"a": 1, "b": 0, "c": 2})  # with the jumps of b
    assert [gone.species_of(j).name for j in gone.jumps] == ["a"]
    assert gone.jumps[0].argument.letters == {species[0].letters[2]}
    with pytest.raises(FiniteNError, match="not an average of the model"):
        Model(species[0].mz, species=species).sized([0, 1, 1], constants=True)


@pytest.mark.parametrize("include_self", [True, False])
def test_averages_of_the_identity_over_a_species_of_size_zero_vanish_with_its_share(include_self):
    """Δ counts the excited particles of both species, σz + 1 over 2, of which one species has none left."""
    a, b = Species("a", fraction=Fraction(1, 3)), Species("b", fraction=Fraction(2, 3))
    excited = np.diag([1.0, 0.0])
    delta = a.share * a.average(excited) + b.share * b.average(excited)
    jump = LocalJump(qutip.sigmam(), lambda d: 1 + d, delta=delta, include_self=include_self, species="b")
    sized = Model(b.share * b.mx, [jump], species=[a, b]).sized({"a": 0, "b": 2})
    alone = Species("b")
    jump = LocalJump(qutip.sigmam(), lambda d: 1 + d, alone.average(excited), include_self, species="b")
    written = Model(alone.mx, [jump], species=[alone])
    means = [evolve(m, 2, {"b": [0, 0, 1]}, [0, 1.0], check=False).means for m in (sized, written)]
    assert np.abs(means[0] - means[1]).max() < 1e-9


def test_numbers_are_refused_only_where_they_may_hold_a_fraction():
    a, b, c = species = parts(1, 1, 2)

    def sized(sizes, h=0.0, jumps=(), collective=(), **options):
        return Model(h, jumps, collective, species=species).sized(sizes, **options)

    sized([1, 1, 2], 0.3 * a.mz)  # the fractions of before
    sized([2, 2, 4], 0.3 * a.mz)
    sized([3, 1, 4], 0.3 * c.mz)  # that of c stays
    sized([1, 2, 1], jumps=[LocalJump(SM, 0.3, species=a)])  # a rate per particle
    assert sized([1, 2, 1], 0.3 * a.mz, constants=True).hamiltonian == 0.3 * a.mz
    for h in (0.3 * a.mz, 0.3 * a.share * a.mz * b.mz, a.share * a.mz + 0.1 * b.mx * b.mx):
        with pytest.raises(FiniteNError, match=r"sized: h contains .*\.share"):
            sized([3, 2, 1], h)
    with pytest.raises(FiniteNError, match=r"sized: Δ contains m_b\(σz\).*b\.share"):
        sized([3, 2, 1], jumps=[LocalJump(SM, gamma, b.mz, species=a)])
    with pytest.raises(FiniteNError, match=r"sized: collective jumps contains 0\.5 m_a\(σz\)"):
        sized([3, 2, 1], collective=[CollectiveJumps([0.5 * a.mz])])


@pytest.mark.parametrize("sizes", [5, [1], [1, 2, 3], {"a": 1}, [0, 0], [1, -2], ["x", 1], [1.5, 2], None])
def test_refusals_of_sizes(sizes):
    with pytest.raises(FiniteNError):
        Model(species=parts(1, 1)).sized(sizes)


def test_amplitudes_are_checked_where_the_shares_are_known():
    """√(0.3 + Δ) with Δ = −N_a/N … N_a/N."""
    a, b = parts(1, 3)
    jump = LocalJump(SM, lambda d: np.sqrt(0.3 + d), a.share * a.mz, species=a)
    assert Model(jumps=[jump], species=[a, b]).jumps[0].range() == (-0.25, 0.25)
    with pytest.raises(FiniteNError, match="inside the range"):
        Model(jumps=[jump], species=[a, b]).sized([1, 1])


def test_shares_commute_and_count_nothing():
    a = Species("a", fraction=0.5)
    assert a.mz * a.share * a.mx == a.share * a.mz * a.mx
    assert (a.share * a.share * a.mz).degree == 1
    assert (2j * a.share * a.mz).adjoint() == -2j * a.share * a.mz
    assert Species().share == Polynomial({(): 1})
    with pytest.raises(FiniteNError, match="f_a is not an average"):
        Model(a.share * 1.0)


def test_networks_of_other_sizes():
    """The Hopfield network of two patterns, sized, is the one built with these sizes."""
    for self_energy in (True, False):
        built = hopfield_patterns(0.4, 1.2, {"pp": 3, "pm": 1}, self_energy=self_energy)
        sized = hopfield_patterns(0.4, 1.2, 2, self_energy=self_energy).sized([3, 1])
        assert sized.hamiltonian == built.hamiltonian
        start = {"pp": [0, 0.3, 0.4], "pm": [0.2, 0.1, -0.3]}
        x, y = (evolve(m, 4, start, [0, 1], check=False).means for m in (sized, built))
        assert np.abs(x - y).max() < 1e-13  # the same numbers


def test_models_print_shares_and_their_values():
    a, b = parts(1, 3)
    model = Model(0.5 * a.share * a.mz, species=[a, b])
    assert repr(model) == "Model(species a, species b; h = 0.5 f_a m_a(σz), f_a = 0.25, 0 local jumps, 0 collective)"
    assert "f_a = 0.5," in repr(model.sized([1, 1]))
    assert repr(Model(0.5 * mz)) == "Model(h = 0.5 m(σz), 0 local jumps, 0 collective)"
