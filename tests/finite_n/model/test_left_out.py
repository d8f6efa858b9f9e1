"""Particle k left out of Δ: Δ_k = r_0 + Σ_{s′≠s} m_s′(r_s′) + (1/N_s) Σ_{k′≠k in s} r_s^(k′), summed particle by
particle on the full space."""

import functools

import numpy as np
import pytest
import qutip

from finite_n import FiniteNError, LocalJump, Mode, Model, Species, average, evolve, mx, mz
from finite_n.model.polynomial import Polynomial
from meanfield import Limit
from tests.brute_force import hermitian_function, integrated
from tests.brute_force_general import basis_matrix
from tests.random_general_models import complex_matrix, density, hermitian

TOL = 1e-9  # both sides keep ten digits: tolerance 1e-11 of the series, 1e-12 of the reference
N_UP = np.diag([1.0, 0.0])  # a projector
DOWN = qutip.sigmam()


def _site(x, k: int, dims: list[int]) -> np.ndarray:
    return functools.reduce(np.kron, [x if i == k else np.eye(d) for i, d in enumerate(dims)])


def populations(dims, sizes, rates, states, t: float, include_self: bool = False) -> list[np.ndarray]:
    """One-particle state of every species at t; rates: (species, j, Γ, r_0, [r_s of every species])."""
    owner = [s for s, n in enumerate(sizes) for _ in range(n)]
    levels = [dims[s] for s in owner]
    size = int(np.prod(levels))
    jumps = []
    for s, j, gamma, r0, fields in rates:
        for k in (i for i, o in enumerate(owner) if o == s):
            delta = r0 * np.eye(size, dtype=complex)
            for i, o in enumerate(owner):
                if include_self or i != k:
                    delta = delta + _site(fields[o], i, levels) / sizes[o]
            jumps.append(_site(j, k, levels) @ hermitian_function(gamma, delta))
    squares = sum(J.conj().T @ J for J in jumps)

    def rhs(rho):
        return sum(J @ rho @ J.conj().T for J in jumps) - (squares @ rho + rho @ squares) / 2

    rho = integrated(rhs, functools.reduce(np.kron, [states[o] for o in owner]), t)
    out = []
    for s in range(len(sizes)):
        k, tensor = owner.index(s), qutip.Qobj(rho, dims=[levels, levels])
        out.append(tensor.ptrace(k).full())
    return out


def gamma(x):
    return 0.7 + 0.4 * x + 0.2 * np.exp(0.5 * x) + 0.3 * np.sin(x)


def _case(dims, sizes, field, seed):
    """A model whose species all jump, each with a Δ of every species, and the same as plain matrices."""
    rng = np.random.default_rng(seed)
    N = sum(sizes)
    species = [Species("abc"[i], d, n / N) for i, (d, n) in enumerate(zip(dims, sizes, strict=True))]
    turns = [np.linalg.eigh(hermitian(rng, d))[1] for d in dims]
    jumps, rates = [], []
    for s in range(len(dims)):
        fields = []
        for d, u in zip(dims, turns, strict=True):
            r = np.diag(rng.normal(size=d)) if field != "projector" else np.diag(np.eye(d)[rng.integers(d)])
            fields.append(u @ r @ u.conj().T if field == "tilted" else r)
        r0, j = (0.0 if field == "projector" else rng.normal()), complex_matrix(rng, dims[s])
        delta = sum((x.average(r) for x, r in zip(species, fields, strict=True)), Polynomial({})) + r0
        jumps.append(LocalJump(j, gamma, delta, include_self=False, species=species[s]))
        rates.append((s, j, gamma, r0, fields))
    states = [density(rng, d) for d in dims]
    return Model(jumps=jumps, species=species), rates, states


@pytest.mark.parametrize("field", ["projector", "diagonal", "tilted"])
@pytest.mark.parametrize(
    ("dims", "sizes"),
    [
        ((2,), (1,)),
        ((2,), (3,)),
        ((2,), (4,)),
        ((2, 2), (1, 2)),
        ((2, 2), (3, 1)),
        ((2, 2, 2), (1, 2, 1)),
        ((3,), (2,)),
        ((2, 3), (2, 1)),
        ((3, 2), (2, 1)),
    ],
)
def test_against_explicit_sums(dims, sizes, field):
    model, rates, states = _case(dims, sizes, field, sum(sizes) + 10 * len(dims))
    start = {s.name: x for s, x in zip(model.species, states, strict=True)}
    result = evolve(model, sum(sizes), start, [0, 0.6], tol=1e-11, check=False)
    with_self = populations(dims, sizes, rates, states, 0.6, include_self=True)
    expected, other = (
        np.concatenate([_averages(s.dim, x) for s, x in zip(model.species, rho, strict=True)])
        for rho in (populations(dims, sizes, rates, states, 0.6), with_self)
    )
    assert np.abs(result.means[-1] - expected).max() < TOL
    assert np.abs(other - expected).max() > 1e-4  # leaving k out is seen


def _averages(dim: int, rho: np.ndarray) -> np.ndarray:
    return np.array([np.trace(basis_matrix(dim, a) @ rho).real for a in range(1, dim**2)])


@pytest.mark.parametrize("N", [1, 2, 3, 4])
@pytest.mark.parametrize(("constant", "r"), [(0.0, N_UP), (0.3, N_UP), (0.6, np.diag([1.0, -1.0]))])
@pytest.mark.parametrize("basis", ["dicke", "symmetrised"])
def test_one_species_in_both_bases(N, constant, r, basis):
    """A classical chain, so that labels of symmetrised products are closed."""
    start = np.diag([0.8, 0.2])
    model = Model(jumps=[LocalJump(DOWN, gamma, average(r) + constant, include_self=False)])
    z = evolve(model, N, start, [0, 0.8], tol=1e-11, check=False, basis=basis).mean("z")[-1]
    (rho,) = populations([2], [N], [(0, DOWN.full(), gamma, constant, [r])], [start], 0.8)
    assert abs(z - np.trace(rho @ np.diag([1, -1])).real) < TOL


def test_axes_of_two_jumps_in_one_species():
    """Δ along x and along z: no common frame."""
    rng = np.random.default_rng(3)
    j, i = complex_matrix(rng, 2), complex_matrix(rng, 2)
    x, z = np.array([[0.5, 0.5], [0.5, 0.5]]), N_UP
    jumps = [LocalJump(j, gamma, average(x) + 0.2, False), LocalJump(i, gamma, average(z) - 0.1, False)]
    result = evolve(Model(jumps=jumps), 3, [0.1, 0.3, 0.5], [0, 0.6], tol=1e-11, check=False)
    start = np.array([[1.5, 0.1 - 0.3j], [0.1 + 0.3j, 0.5]]) / 2
    (rho,) = populations([2], [3], [(0, j, gamma, 0.2, [x]), (0, i, gamma, -0.1, [z])], [start], 0.6)
    expected = [np.trace(rho @ p.full()).real for p in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())]
    assert np.abs(result.means[-1] - expected).max() < TOL


def _two(jump, start, a_fraction=0.25, N=4, **options):
    a, b = Species("a", fraction=a_fraction), Species("b", fraction=1 - a_fraction)
    model = Model(jumps=[jump(a, b)], species=[a, b], **options)
    return (1 + evolve(model, N, start, [0, 1]).mean("a.z")[-1]) / 2


UP = {"a": [0, 0, 1], "b": [0, 0, 1]}


def test_the_only_particle_of_a_species():
    """N_a = 1: without it the sum over a is empty, so the particle decays at Γ(0)² = 1, or at Γ(½)² where ½ is a
    constant of Δ."""
    p = _two(lambda a, b: LocalJump(DOWN, lambda d: 1 + d, a.average(N_UP), False, species=a), UP)
    assert abs(p - np.exp(-1)) < 1e-8  # tolerance of evolve
    p = _two(lambda a, b: LocalJump(DOWN, lambda d: 1 + d, 0.5 + 0.5 * a.mz, False, species=a), UP)
    assert abs(p - np.exp(-2.25)) < 1e-8


def test_other_species_are_not_touched():
    p = _two(lambda a, b: LocalJump(DOWN, lambda d: 1 + d, b.average(N_UP), False, species=a), UP)
    assert abs(p - np.exp(-4)) < 1e-8
    p = _two(
        lambda a, b: LocalJump(DOWN, lambda d: 1 + d, a.average(N_UP) + b.average(N_UP) - 0.5, False, species=a), UP
    )
    assert abs(p - np.exp(-2.25)) < 1e-8


@pytest.mark.parametrize("include_self", [True, False])
def test_the_amplitude_is_asked_within_the_values_of_delta_only(include_self):
    """√(0.05 + Δ) with Δ in [0, 1], on Dicke blocks and (with a third level) on symmetrised products."""
    asked = []

    def root(d):
        if not np.iscomplexobj(d):
            asked.extend(np.ravel(d))
        return np.sqrt(0.05 + d)

    start = {"a": [0, 0, 1], "b": [0, 0, -1]}
    p = _two(lambda a, b: LocalJump(DOWN, root, b.average(N_UP), include_self, species=a), start)
    assert abs(p - np.exp(-0.05)) < 1e-8
    c = Species("c", 3)
    flip = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    model = Model(jumps=[LocalJump(flip, root, c.average(np.diag([1, 0, 0])), include_self, species=c)], species=[c])
    evolve(model, 3, {"c": np.diag([0.5, 0.3, 0.2])}, [0, 1])
    assert min(asked) >= 0 and max(asked) <= 1


def test_the_constant_stays_and_the_projector_goes():
    """N = 1: Γ = Δ decays at the square of what is left of Δ."""
    for delta, left in (
        (mz + 1.0, 1.0),
        (average(N_UP), 0.0),
        (average(N_UP) + 0.7, 0.7),
        (2 * average(N_UP) - 0.3, -0.3),
    ):
        jump = LocalJump(DOWN, lambda d: d + 0, delta, include_self=False)
        z = evolve(Model(jumps=[jump]), 1, [0, 0, 1], [0, 1]).mean("z")[-1]
        assert abs((1 + z) / 2 - np.exp(-(left**2))) < 1e-8


@pytest.mark.parametrize(
    ("delta", "include_self", "expected"),
    [
        (average(N_UP), True, (0, 1)),
        (average(N_UP), False, (0, 1)),
        (mz + 1.5, False, (0.5, 2.5)),
        (average(np.diag([3.0, 2.0])) + 1, False, (1, 4)),
        (average(np.diag([3.0, 2.0])) + 1, True, (3, 4)),
        (0.3 * mx + 0.4 * mz, False, (-0.5, 0.5)),
    ],
)
def test_the_range_holds_every_value_and_no_more(delta, include_self, expected):
    assert np.allclose(LocalJump(DOWN, lambda d: 1 + 0 * d, delta, include_self).range(), expected, atol=1e-14)


def test_amplitudes_that_are_undefined_on_the_values_are_refused():
    with pytest.raises(FiniteNError, match="inside the range"):  # N = 1 has Δ = 0
        LocalJump(DOWN, lambda d: 1 / d, average(np.diag([3.0, 2.0])), include_self=False)


def test_the_limit_does_not_see_one_particle():
    rng = np.random.default_rng(5)
    a, b, f = Species("a", fraction=0.25), Species("b", 3, fraction=0.75), Mode("f")
    r, q, j = hermitian(rng, 2), hermitian(rng, 3), complex_matrix(rng, 2)
    models = [
        Model(
            0.2 * f.number,
            [LocalJump(j, gamma, a.average(r) + b.average(q) + 0.3, k, species=a)],
            species=[a, b],
            modes=[f],
        )
        for k in (True, False)
    ]
    m = 0.3 * rng.normal(size=models[0].space.size)
    for what in ("drift", "diffusion", "jacobian"):
        x, y = (getattr(Limit(model), what)(m) for model in models)
        assert np.abs(x).max() > 1e-3
        assert np.abs(x - y).max() < 1e-14  # the same formula on the same numbers


def test_what_is_left_out_is_printed():
    jump = LocalJump(DOWN, gamma, average(N_UP), include_self=False)
    assert repr(jump) == "LocalJump(σ-, Γ = gamma, Δ = 0.5 + 0.5 m(σz) where 0.5 is m(1), particle k left out)"
