"""Particles that do not interact: one of them against blocks, occupations, the full space and closed forms."""

import time

import numpy as np
import pytest
import qutip
from scipy.special import comb

from finite_n import (
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    dicke,
    evolve,
    from_blocks,
    mx,
    my,
    mz,
    thermal,
)
from finite_n.independent.one_particle import again, operators, propagators
from finite_n.model.operators import hermitian_basis
from finite_n.solvers.evolve import check_evolution_memory
from tests.brute_force import BruteForce, polynomial

AGREE = 1e-9  # what the other engine is asked for
EXACT = 1e-12  # rounding of some matrix products
SM, SZ = qutip.sigmam(), qutip.sigmaz()
DRIVEN = Model(0.5 * mx + 0.3 * mz, [LocalJump(SM, 0.7), LocalJump(SZ, 0.3), LocalJump(qutip.sigmax(), rate=0.1)])
TIMES = [0.0, 0.4, 1.5]
PAIRS = {"xz": mx * mz, "yz + y": my * mz + 0.3 * my}


def _blocks(N: int):
    """A random state of N spins that is diagonal in nothing."""
    rng, sizes = np.random.default_rng(5), range(N + 1, 0, -2)
    blocks = []
    for n in sizes:
        x = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
        blocks.append(x @ x.conj().T)
    trace = sum(np.trace(b).real for b in blocks)
    return from_blocks([b / trace for b in blocks])


STARTS = {
    "product": [0.3, -0.2, 0.4],
    "Dicke": dicke(3, 1),
    "Dicke, lower J": dicke(2, -1),
    "thermal, diagonal": thermal(mz * mz + 0.3 * mz, 0.8),
    "thermal, a product": thermal(0.4 * mx - 0.2 * mz, 1.3),
    "thermal, of no axis": thermal(mx * mx + 0.3 * mz, 0.7),
    "blocks": _blocks(6),
}


@pytest.mark.parametrize("name", STARTS)
def test_blocks_give_the_same_from_every_start(name):
    one, whole = (evolve(DRIVEN, 6, STARTS[name], TIMES, PAIRS, basis=b) for b in ("independent", "dicke"))
    assert np.abs(one.second_moments - whole.second_moments).max() < AGREE
    assert np.abs(one.covariance - whole.covariance).max() < AGREE * one.N
    assert np.abs(one.connected - whole.connected).max() < AGREE * one.N
    assert np.abs(one.reduced_state(2) - whole.reduced_state(2)).max() < AGREE
    assert np.abs(np.array(one.expect) - whole.expect).max() < AGREE
    assert one.budget.holds and whole.stats["basis"] == "Dicke"


@pytest.mark.parametrize("N", [1, 2, 4])
@pytest.mark.parametrize("state", [dicke(lambda N: N / 2, lambda N: N / 2 - 1), thermal(mz * mz - 0.2 * mz, 0.6)])
def test_the_full_space_gives_the_same_from_starts_that_are_no_products(state, N):
    full, words = BruteForce(DRIVEN, N), {"xy": mx * my, "zz": mz * mz, "xz": mx * mz, "z": mz}
    if "dicke" in repr(state):  # one spin down, evenly over all
        psi = sum(np.eye(2**N)[1 << k] for k in range(N)) / np.sqrt(N)
        rho = np.outer(psi, psi).astype(complex)
    else:
        h = state.hamiltonian
        energies = np.diag(polynomial(h, N)).real
        rho = np.diag(np.exp(-0.6 * N * energies)).astype(complex)
        rho /= np.trace(rho)
    result = evolve(DRIVEN, N, state, [0.0, 0.7], words, basis="independent")
    rho = full.evolve(rho, 0.7)
    for label, p in words.items():
        assert abs(result.e_data[label][-1] - full.expect(p, rho)) < AGREE, label


def test_species_of_two_and_three_levels_give_what_occupations_give():
    rng = np.random.default_rng(3)
    a, b = Species("a", fraction=0.5), Species("b", dim=3, fraction=0.5)
    x = rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))
    h = 0.3 * a.mx + 0.2 * a.share * a.mz + b.average(0.2 * (x + x.conj().T))
    jumps = [LocalJump(SM, 0.8, species=a), LocalJump(0.4 * x, species=b), LocalJump(np.diag([0, 0.5, 1j]), species=b)]
    n = b.average(np.diag([1.0, 0, 0]))
    words = {"ab": a.mx * b.average(x + x.conj().T), "nn": n * n, "mixed": a.mx * a.mz * n * a.my, "odd": n * n * n}
    start = {"a": [0.2, 0.1, -0.6], "b": np.diag([0.5, 0.3, 0.2]) + 0.1 * (np.ones((3, 3)) - np.eye(3))}
    model = Model(h, jumps, species=[a, b])
    one, whole = (evolve(model, 4, start, TIMES, words, basis=k) for k in ("independent", "symmetrised"))
    assert np.abs(one.second_moments - whole.second_moments).max() < AGREE
    assert np.abs(one.covariance - whole.covariance).max() < AGREE * 4
    assert np.abs(np.array(one.expect) - whole.expect).max() < AGREE


def test_powers_of_an_average_are_moments_of_the_binomial_distribution():
    N, decay = 7, Model(jumps=[LocalJump(SM)])
    result = evolve(decay, N, [0, 0, 1], [0.0, 0.6], {f"z{k}": mz**k for k in (3, 5, 8)}, basis="independent")
    up, k = np.exp(-0.6), np.arange(N + 1)
    weights = comb(N, k) * up**k * (1 - up) ** (N - k)
    for power in (3, 5, 8):
        assert abs(result.e_data[f"z{power}"][-1] - weights @ (2 * k / N - 1) ** power) < EXACT


def test_a_billion_particles_keep_all_digits_of_covariances():
    """N times a difference of moments would be lost in rounding at 1e-7."""
    N, m = 10**9, np.array([0.3, -0.2, 0.4])
    result = evolve(DRIVEN, N, m, TIMES, {"zzz": mz**3})
    few = evolve(DRIVEN, 2, m, TIMES, basis="dicke", tol=1e-12)
    assert result.stats["basis"] == "independent" and result.budget.holds
    assert result.budget.covariance_error(N) < EXACT
    # of particles without correlations the covariance is that of one
    assert np.abs(result.covariance - few.covariance).max() < 1e-11
    assert np.abs(result.connected).max() < EXACT
    z = result.mean("z")
    assert np.abs(result.e_data["zzz"] - (z**3 + 3 * z * (1 - z**2) / N)).max() < EXACT
    check_evolution_memory(DRIVEN, 10**12, m)


def test_correlations_of_many_particles_at_the_start_are_followed():
    """Half up, half down in one symmetric state: N (⟨σx σx⟩ − 0) of two is N²/2(N − 1), and decays with dephasing."""
    N, rate = 10**6, 0.3
    result = evolve(Model(jumps=[LocalJump(SZ, rate=rate)]), N, dicke(N / 2, 0), [0, 1.0], check=False)
    assert result.stats["basis"] == "independent"
    expected = N * N / (2 * (N - 1)) * np.exp(-4 * rate * result.times)
    assert np.abs(result.connected[:, 0, 0] / expected - 1).max() < 1e-10  # relative; N²/4 less N of N = 10^6


def test_both_forms_of_the_equation_of_one_particle_agree():
    s = Species("s", dim=4)
    rng = np.random.default_rng(1)
    x, y = (rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)) for _ in range(2))
    model = Model(s.average(x + x.conj().T), [LocalJump(y), LocalJump(x)], species=[s])
    H, jumps = operators(model, s)
    times = np.array([0.2, 0.5, 0.9, 2.0])
    assert np.abs(propagators(H, jumps, times) - again(H, jumps, times)).max() < EXACT
    # and qutip's
    rho = np.diag([0.4, 0.3, 0.2, 0.1]).astype(complex)
    L = qutip.liouvillian(qutip.Qobj(H), [qutip.Qobj(j) for j in jumps])
    later = ((L * 0.7).expm() * qutip.operator_to_vector(qutip.Qobj(rho))).full().reshape(4, 4, order="F")
    v = hermitian_basis(4)
    start, end = (np.einsum("aij,ji->a", v, r).real for r in (rho, later))
    assert np.abs(propagators(H, jumps, times)[2] @ start - end).max() < EXACT


@pytest.mark.parametrize(
    ("model", "start", "options", "why"),
    [
        (Model(mz * mz), [0, 0, 1], {}, "must not interact"),
        (Model(0, [LocalJump(SM, lambda d: 1 + d / 2, mz)]), [0, 0, 1], {}, "must not interact"),
        (Model(0, collective=[CollectiveJumps([SM])]), [0, 0, 1], {}, "must not interact"),
        (Model(mz, modes=[Mode("f")]), [0, 0, 1], {}, "no modes"),
        (DRIVEN, [0, 0, 1], {"method": "runge_kutta"}, "method='faber'"),
        (DRIVEN, [0, 0, 1], {"keep_states": True}, "keep_states"),
        (DRIVEN, dicke(2, 0), {"e_ops": {"zzz": mz**3}}, "no product of one-particle states"),
        (DRIVEN, [0, 0, 1], {"e_ops": {"z16": mz**16}}, "too many averages"),
    ],
)
def test_what_one_particle_does_not_know_is_refused_in_a_sentence(model, start, options, why):
    with pytest.raises(FiniteNError, match=why) as refused:
        evolve(model, 4, start, [0, 1], basis="independent", **options)
    assert len(str(refused.value)) <= 400 and "\n" not in str(refused.value)


def test_what_it_refuses_other_engines_answer():
    result = evolve(DRIVEN, 4, dicke(2, 0), [0, 1], {"zzz": mz**3})
    assert result.stats["basis"] == "Dicke"
    assert evolve(DRIVEN, 4, [0, 0, 1], [0, 1], keep_states=True).stats["basis"] == "Dicke"


def test_it_takes_no_time_at_any_size():
    evolve(DRIVEN, 10, [0, 0, 1], [0, 1])
    before = time.process_time()
    evolve(DRIVEN, 10**9, [0, 0, 1], np.linspace(0, 10, 100), {"p": average(qutip.num(2)) * mx})
    assert time.process_time() - before < 2  # some hundredths of a second where nothing else runs


@pytest.mark.parametrize("angle", [1e3, 1e6, 1e9])
def test_the_error_of_long_times_is_said(angle):
    """cos 2ωt of a spin that turns about x; rounding of the phase is all that is wrong with it."""
    result = evolve(Model(angle * mx), 4, [0, 0, 1], [0, 1.0])
    assert abs(result.mean("z")[-1] - np.cos(2 * angle)) <= result.budget.moment_error
    assert result.budget.holds == (angle < 1e5)
