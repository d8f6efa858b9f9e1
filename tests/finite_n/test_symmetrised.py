"""Symmetrised products against the Dicke basis, the full 2^N space and closed forms."""

import itertools

import numpy as np
import pytest
import qutip
import scipy.linalg

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, Polynomial, average, evolve, mx, my, mz
from finite_n.dicke_blocks.liouvillian.liouvillian import choose_frame
from finite_n.dicke_blocks.moments import pairs as index_pairs
from finite_n.model.operators import bloch_to_density
from finite_n.model.polynomial import XYZ
from finite_n.model.rotation import axis_rotation
from finite_n.occupations.symmetrised import (
    SymmetrisedSpace,
    closed_labels,
    conjugate_index,
    images,
    matrix,
    moment_rows,
    observable_labels,
    product_vector,
)
from finite_n.systems import hopfield
from tests import random_models
from tests.brute_force import BruteForce, product_state

DICKE = 1e-10  # evolve is asked for 1e-12; a dense exponential of numbers of order ten adds its rounding
FULL = 1e-9  # the reference integrates with 1e-12; moments are of order one
ROUNDING = 1e-13  # sums of some hundred numbers of order one
T = 0.6
ONE_AXIS = [k for k in random_models.KINDS if k not in ("two tilts", "everything")] + ["all of one axis"]
MOMENTS = {str(w): Polynomial({w: 1}) for n in (1, 2, 3) for w in itertools.product(XYZ, repeat=n)}


def one_axis(kind: str, rng) -> Model:
    """A random model whose operator-valued rates, if any, share one axis."""
    if kind != "all of one axis":
        return random_models.model(kind, rng)
    parts = [
        random_models.model(k, rng) for k in ("hamiltonian", "constant", "collective", "tilted rates without self")
    ]
    h = sum((p.hamiltonian for p in parts), Polynomial({})) * 0.3
    return Model(h, [j for p in parts for j in p.jumps], [c for p in parts for c in p.collective])


def in_frame(model: Model):
    frame = choose_frame(model)
    return model.rotated(frame), frame


def evolved(model: Model, density, N: int):
    """Moments m_a, pairs, trace and MOMENTS after T on all labels, and the vector p."""
    turned, frame = in_frame(model)
    space = SymmetrisedSpace(observable_labels(N), N)
    p = product_vector(frame @ density @ frame.conj().T, space)
    p = scipy.linalg.expm(T * matrix(turned, space).toarray()) @ p
    return moment_rows(list(MOMENTS.values()), space, frame) @ p, p, space


def element(n) -> np.ndarray:
    """E_n written out on 2^N."""
    units = [unit for a, unit in enumerate(itertools.product((0, 1), repeat=2)) for _ in range(n[a])]
    total, orders = 0, set(itertools.permutations(units))
    for order in orders:
        total = total + qutip.tensor([qutip.basis(2, a) * qutip.basis(2, b).dag() for a, b in order]).full()
    return total / len(orders)


@pytest.mark.parametrize("kind", ONE_AXIS)
@pytest.mark.parametrize("N", [1, 2, 3, 4, 5])
def test_all_labels_give_the_moments_of_the_dicke_basis(kind, N):
    rng = np.random.default_rng([N, ONE_AXIS.index(kind)])
    model, density = one_axis(kind, rng), bloch_to_density(random_models.bloch(rng))
    values, p, space = evolved(model, density, N)
    result = evolve(model, N, density, [0, T], MOMENTS, tol=1e-12, check=False)
    pairs = [result.second[-1][a, b].real for a, b in index_pairs(3)]
    expected = [*result.means[-1], *pairs, 1.0, *(result.e_data[k][-1] for k in MOMENTS)]
    assert space.size == (N + 1) * (N + 2) * (N + 3) // 6
    assert np.abs(values - expected).max() < DICKE
    assert np.abs(p[conjugate_index(space)] - p.conj()).max() < ROUNDING


@pytest.mark.parametrize("kind", ["all of one axis", "collective", "tilted rates without self"])
@pytest.mark.parametrize("N", [2, 3, 4])
def test_all_labels_give_the_moments_of_the_full_space(kind, N):
    rng = np.random.default_rng([N, 17])
    model, density = one_axis(kind, rng), bloch_to_density(random_models.bloch(rng))
    values, _, _ = evolved(model, density, N)
    full = BruteForce(model, N)
    rho = full.evolve(product_state(density, N), T)
    assert np.abs(values[10:] - [full.expect(p, rho) for p in MOMENTS.values()]).max() < FULL


@pytest.mark.parametrize("kind", ONE_AXIS)
@pytest.mark.parametrize("N", [1, 2, 3])
def test_images_are_those_of_elements_written_out(kind, N):
    model, _ = in_frame(one_axis(kind, np.random.default_rng([5, ONE_AXIS.index(kind)])))
    full = BruteForce(model, N)
    for n in SymmetrisedSpace(observable_labels(N), N).occupations:
        image = 0
        for shift, c in images(model, N, n[None]).items():
            if c[0] != 0:
                image = image + c[0] * element(n + shift)  # a negative entry would fail here
        assert np.abs(image - full.rhs(element(n))).max() < ROUNDING


@pytest.mark.parametrize("kind", ONE_AXIS)
@pytest.mark.parametrize("N", [1, 2, 7, 12])
def test_columns_sum_to_zero_on_the_diagonal_label(kind, N):
    model, _ = in_frame(one_axis(kind, np.random.default_rng(N)))
    space = SymmetrisedSpace(observable_labels(N), N)
    A = matrix(model, space)
    assert np.abs((moment_rows([], space)[[9]] @ A).toarray()).max() < 1e-14 * N * np.abs(A.data).max()


@pytest.mark.parametrize("N", [3, 100_000])
def test_moments_of_a_product_state_in_a_turned_frame(N):
    m, frame = np.array([0.3, -0.5, 0.4]), axis_rotation([0.2, 1.0, -0.4], 1.3)
    space = SymmetrisedSpace(observable_labels(2), N)
    p = product_vector(frame @ bloch_to_density(m) @ frame.conj().T, space)
    values = moment_rows([mx * my], space, frame) @ p
    pairs = {(a, b): (1 - 1 / N) * m[a] * m[b] + (a == b) / N for a, b in itertools.product(range(3), repeat=2)}
    expected = [*m, *(pairs[ab] for ab in index_pairs(3)), 1.0, pairs[0, 1] + 1j * m[2] / N]  # [m_x, m_y] = (2i/N) m_z
    assert np.abs(values - expected).max() < ROUNDING


def test_a_pure_product_state_and_an_element_beyond_numbers():
    space = SymmetrisedSpace(observable_labels(2), 40)
    up = product_vector(bloch_to_density([0, 0, 1]), space)
    assert up[space.index([40, 0, 0, 0])] == 1 and np.count_nonzero(up) == 1
    with pytest.raises(FiniteNError, match="beyond what"):
        product_vector(bloch_to_density([1, 0, 0]), SymmetrisedSpace({(2000, 2000)}, 8000))
    with pytest.raises(FiniteNError, match="populations"):
        product_vector(np.eye(2), space)


@pytest.mark.parametrize("self_energy", [True, False])
def test_a_classical_chain_has_one_label_and_second_moments_six(self_energy):
    model = hopfield(omega=0.0, self_energy=self_energy)
    assert closed_labels(model, 1000, {(0, 0)}, "forward", 10) == {(0, 0)}
    assert closed_labels(model, 1000, {(0, 0)}, "backward", 10) == {(0, 0)}
    assert closed_labels(model, 1000, observable_labels(2), "backward", 6) == observable_labels(2)


@pytest.mark.parametrize("self_energy", [True, False])
def test_detailed_balance(self_energy):
    N, beta = 1000, 0.8
    space = SymmetrisedSpace({(0, 0)}, N)
    A = matrix(hopfield(0.0, beta, self_energy=self_energy), space)
    up = np.arange(N + 1)
    m = 2 * up / N - 1
    own = 0 if self_energy else 1 / N
    raise_rate = (N - up) * np.exp(beta * (m + own)) / 2
    lower_rate = up * np.exp(-beta * (m - own)) / 2
    logs = np.concatenate([[0], np.cumsum(np.log(raise_rate[:-1] / lower_rate[1:]))])
    p = np.exp(logs - logs.max())
    p = (p / p.sum())[N - space.occupations[:, 3]]
    assert A.dtype == float
    # rates are of order N, and p is a product of N ratios
    assert np.abs(A @ p).max() < 1e-12 * np.abs(A.data).max() * p.max()


@pytest.mark.parametrize("N", [10, 11])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_closed_space_gives_what_all_labels_give(N, direction):
    """Phases, decay and flips: coherences are turned into their mirrors only, so few labels are closed."""
    model = Model(
        0.7 * mz * mz + 0.2 * mz,
        [
            LocalJump(qutip.sigmam(), lambda d: 1 + 0.3 * d, mz, include_self=False),
            LocalJump(qutip.sigmax(), 0.6),
        ],
        [CollectiveJumps([qutip.sigmaz()], 0.4)],
    )
    start = {(0, 0), (1, 0)} if direction == "forward" else observable_labels(1)
    labels = closed_labels(model, N, start, direction, 60)
    small, large = SymmetrisedSpace(labels, N), SymmetrisedSpace(observable_labels(N), N)
    place = large.index(small.occupations)
    rest = np.setdiff1d(np.arange(large.size), place)
    A = matrix(model, large)
    assert labels == ({(0, 0), (1, 0), (0, 1)} if direction == "forward" else observable_labels(1))
    crossing = A[rest][:, place] if direction == "forward" else A[place][:, rest]
    assert crossing.nnz == 0
    assert np.abs((matrix(model, small) - A[place][:, place]).toarray()).max() == 0


def test_labels_of_a_driven_model_go_on_and_on():
    model = hopfield(omega=0.3)
    assert closed_labels(model, 1000, {(0, 0)}, "forward", 30) is None
    assert closed_labels(model, 1000, {(0, 0)}, "backward", 30) is None
    assert closed_labels(model, 10, {(0, 0)}, "forward", 66) == observable_labels(10)


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.1, 2.5])
def test_rounding_of_a_turned_frame_opens_no_labels(angle):
    """Isotropic exchange and noise are the same in every frame, but only up to rounding."""
    model = Model(mx * mx + my * my + mz * mz, [LocalJump(s) for s in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())])
    model = model.rotated(axis_rotation([0.3, 0.6, 1.0], angle))
    assert closed_labels(model, 1000, {(0, 0)}, "forward", 10) == {(0, 0)}
    assert closed_labels(model, 1000, observable_labels(2), "backward", 10) == observable_labels(2)


def test_a_coefficient_that_vanishes_on_a_label_opens_none():
    """σ+ and σ− only turn a coherence into another one, so a label keeps n_ud − n_du, and (0, 0) stays alone."""
    pair = [LocalJump(qutip.sigmap()), LocalJump(qutip.sigmax(), 0.5), LocalJump(qutip.sigmam(), np.exp, mz)]
    assert closed_labels(Model(jumps=pair), 50, {(0, 0)}, "forward", 10) == {(0, 0)}
    assert closed_labels(Model(jumps=pair), 50, {(2, 0)}, "forward", 10) == {(2, 0), (1, 1), (0, 2)}
    assert closed_labels(Model(jumps=pair), 50, {(2, 0)}, "backward", 10) == {(2, 0), (1, 1), (0, 2)}


def test_a_degenerate_polynomial_and_a_constant_model():
    space = SymmetrisedSpace({(0, 0)}, 4)
    assert matrix(Model(3.0), space).nnz == 0 and closed_labels(Model(3.0), 4, {(1, 1)}, "forward", 5) == {(1, 1)}
    rows = moment_rows([Polynomial({}), average(qutip.num(2)) ** 4], space).toarray()
    assert np.all(rows[10] == 0)
    assert np.abs(rows[11] - (space.occupations[:, 3] / 4) ** 4).max() < ROUNDING


def test_order_and_index():
    space = SymmetrisedSpace({(1, 2), (0, 0), (2, 1)}, 6)
    assert space.labels == [(0, 0), (1, 2), (2, 1)]
    assert np.array_equal(space.index(space.occupations), np.arange(space.size))
    assert space.index([6, 1, -1, 0]) == -1 and space.index([5, 1, 0, 0]) == -1 and space.index([5, 0, 0, 0]) == -1
    assert np.all(np.diff(space.occupations[space.part((1, 2)), 0]) == -1)
    mirror = conjugate_index(space)
    assert np.array_equal(mirror[mirror], np.arange(space.size))


def test_refusals():
    with pytest.raises(FiniteNError, match="along z"):
        images(Model(jumps=[LocalJump(qutip.sigmam(), np.exp, mx)]), 2, np.array([[1, 0, 0, 1]]))
    turned, _ = in_frame(random_models.model("two tilts", np.random.default_rng(1)))
    with pytest.raises(FiniteNError, match="along z"):
        closed_labels(turned, 5, {(0, 0)}, "forward", 10)
    with pytest.raises(FiniteNError, match="direction"):
        closed_labels(turned, 5, {(0, 0)}, "sideways", 10)
    with pytest.raises(FiniteNError, match="does not exist"):
        SymmetrisedSpace({(2, 2)}, 3)
    with pytest.raises(FiniteNError, match="there are none"):
        SymmetrisedSpace(set(), 3)
    with pytest.raises(FiniteNError, match="mirror"):
        conjugate_index(SymmetrisedSpace({(1, 0)}, 3))
    with pytest.raises(FiniteNError, match=r"GiB.*largest N that fits"):
        SymmetrisedSpace({(0, 0)}, 10**13)
