"""Symmetrised products against the Dicke basis, the full 2^N space and closed forms."""

import decimal
import itertools
import math

import numpy as np
import pytest
import qutip
import scipy.linalg

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, Polynomial, average, evolve, mx, my, mz, product
from finite_n.engine.moments import Readout
from finite_n.engine.moments import pairs as index_pairs
from finite_n.model.operators import bloch_to_density
from finite_n.model.polynomial import XYZ
from finite_n.model.rotation import axis_rotation
from finite_n.occupations.basis import Elements, compositions, everything
from finite_n.occupations.columns import Columns
from finite_n.occupations.common_frame import common_frames
from finite_n.occupations.initial_state import Product
from finite_n.occupations.labels import Labels, Trial
from finite_n.occupations.lindbladian import lindblad_chains
from finite_n.occupations.matrix import real_matrix
from finite_n.occupations.moments import Functionals
from finite_n.occupations.steps import run_all
from finite_n.systems import hopfield
from tests import random_general_models, random_models
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


class Space:
    """Elements of one two-level species in the common frame of its Δ, and the linear problem on them."""

    def __init__(self, model: Model, N: int, rows=None, frame=None):
        self.frame = common_frames(model)[""] if frame is None else frame
        self.columns = Columns(model, [N], (), {"": self.frame})
        self.elements = Elements(self.columns, everything(self.columns) if rows is None else rows)
        self.chains = lindblad_chains(self.columns)

    @property
    def matrix(self):
        """On real and imaginary parts."""
        return real_matrix(self.chains, self.elements, None)

    def rows(self, polynomials=()):
        """Functionals: letters, pairs, the trace, Hermitian and anti-Hermitian parts of the polynomials."""
        readout = Readout(self.columns.model.space, (), 1, polynomials)
        return Functionals(self.columns, readout).on(self.elements, None)

    def start(self, density) -> np.ndarray:
        p = Product(self.frame @ density @ self.frame.conj().T).values(self.elements.n)
        return np.concatenate([p.real, p.imag])

    def whole(self) -> np.ndarray:
        """The matrix on all elements, mirror images among them, from image to image (dense, complex)."""
        n = everything(self.columns)
        at = {tuple(row): i for i, row in enumerate(n.tolist())}
        out = np.zeros((len(n), len(n)), complex)
        for shift, c in run_all(self.chains, n).items():
            for i in np.flatnonzero(c):
                out[at[tuple(n[i] + shift)], i] += c[i]
        return out


def labels_up_to(degree: int) -> set:
    """(n_ud, n_du) that a polynomial of averages of this degree reads."""
    return {(k, l) for k in range(degree + 1) for l in range(degree + 1 - k)}


def as_rows(labels) -> np.ndarray:
    return np.array([(0, k, l, 0) for k, l in sorted(labels)])


def of_labels(model: Model, N: int, labels, frame=None) -> Space:
    """The space of some labels (n_ud, n_du)."""
    columns = Columns(model, [N])
    return Space(model, N, Labels(columns, as_rows(labels), [np.array([0, 3])]).elements().n, frame)


def closed_labels(model: Model, N: int, start, direction: str, limit: int):
    """All labels that `start` leads to (forward) or that lead to it; None if there are more than `limit`."""
    columns = Columns(model, [N], (), common_frames(model))
    trial = Trial(columns, [np.array([0, 3])], np.ones(4, dtype=bool))
    found = trial.closed(as_rows(start), direction == "backward", lambda labels: len(labels) > limit)
    return None if found is None else {row[1:3] for row in found}


def evolved(model: Model, density, N: int):
    """Moments m_a, pairs, trace and MOMENTS after T on all elements."""
    space = Space(model, N)
    x = scipy.linalg.expm(T * space.matrix.toarray()) @ space.start(density)
    values = space.rows(tuple(MOMENTS.values())) @ x
    return np.concatenate([values[:10], values[10::2] + 1j * values[11::2]]), space


def element(n) -> np.ndarray:
    """E_n written out on 2^N."""
    units = [unit for a, unit in enumerate(itertools.product((0, 1), repeat=2)) for _ in range(n[a])]
    total, orders = 0, set(itertools.permutations(units))
    for order in orders:
        total = total + qutip.tensor([qutip.basis(2, a) * qutip.basis(2, b).dag() for a, b in order]).full()
    return total / len(orders)


@pytest.mark.parametrize("kind", ONE_AXIS)
@pytest.mark.parametrize("N", [1, 2, 3, 4, 5])
def test_all_elements_give_the_moments_of_the_dicke_basis(kind, N):
    rng = np.random.default_rng([N, ONE_AXIS.index(kind)])
    model, density = one_axis(kind, rng), bloch_to_density(random_models.bloch(rng))
    values, space = evolved(model, density, N)
    result = evolve(model, N, density, [0, T], MOMENTS, tol=1e-12, check=False)
    pairs = [result.second_moments[-1][a, b].real for a, b in index_pairs(3)]
    expected = [*result.means[-1], *pairs, 1.0, *(result.e_data[k][-1] for k in MOMENTS)]
    assert space.elements.count == (N + 1) * (N + 2) * (N + 3) // 6
    assert np.abs(values - expected).max() < DICKE


@pytest.mark.parametrize("kind", ONE_AXIS)
@pytest.mark.parametrize("N", [1, 2, 5])
def test_of_mirror_images_one_is_enough(kind, N):
    """p of a mirror image is p*, and the matrix on real and imaginary parts of one of both acts alike."""
    rng = np.random.default_rng([N, ONE_AXIS.index(kind)])
    space = Space(one_axis(kind, rng), N)
    density = space.frame @ bloch_to_density(random_models.bloch(rng)) @ space.frame.conj().T
    n = everything(space.columns)
    p = Product(density).values(n)
    p = scipy.linalg.expm(T * space.whole()) @ p
    place, flipped = space.elements.places(n)
    mirror = np.array([np.flatnonzero((n == row[[0, 2, 1, 3]]).all(axis=1))[0] for row in n])
    assert np.abs(p[mirror] - p.conj()).max() < ROUNDING
    x = scipy.linalg.expm(T * space.matrix.toarray()) @ space.start(space.frame.conj().T @ density @ space.frame)
    half = x[: space.elements.size] + 1j * x[space.elements.size :]
    assert np.abs(np.where(flipped, half[place].conj(), half[place]) - p).max() < ROUNDING


@pytest.mark.parametrize("kind", ["all of one axis", "collective", "tilted rates without self"])
@pytest.mark.parametrize("N", [2, 3, 4])
def test_all_elements_give_the_moments_of_the_full_space(kind, N):
    rng = np.random.default_rng([N, 17])
    model, density = one_axis(kind, rng), bloch_to_density(random_models.bloch(rng))
    values, _ = evolved(model, density, N)
    full = BruteForce(model, N)
    rho = full.evolve(product_state(density, N), T)
    assert np.abs(values[10:] - [full.expect(p, rho) for p in MOMENTS.values()]).max() < FULL


@pytest.mark.parametrize("kind", ONE_AXIS)
@pytest.mark.parametrize("N", [1, 2, 3])
def test_images_are_those_of_elements_written_out(kind, N):
    space = Space(one_axis(kind, np.random.default_rng([5, ONE_AXIS.index(kind)])), N)
    full = BruteForce(space.columns.model.rotated(space.frame), N)
    for n in everything(space.columns):
        image = 0
        for shift, c in run_all(space.chains, n[None]).items():
            if c[0] != 0:
                image = image + c[0] * element(n + shift)  # a negative entry would fail here
        assert np.abs(image - full.rhs(element(n))).max() < ROUNDING


@pytest.mark.parametrize("kind", ONE_AXIS)
@pytest.mark.parametrize("N", [1, 2, 7, 12])
def test_columns_sum_to_zero_on_the_diagonal_label(kind, N):
    space = Space(one_axis(kind, np.random.default_rng(N)), N)
    A = space.matrix
    assert np.abs((space.rows()[[9]] @ A).toarray()).max() < 1e-14 * N * np.abs(A.data).max()


@pytest.mark.parametrize("N", [3, 100_000])
def test_moments_of_a_product_state_in_a_turned_frame(N):
    m, frame = np.array([0.3, -0.5, 0.4]), axis_rotation([0.2, 1.0, -0.4], 1.3)
    space = of_labels(Model(), N, labels_up_to(2), frame)
    values = space.rows((mx * my,)) @ space.start(bloch_to_density(m))
    values = np.array([*values[:10], values[10] + 1j * values[11]])
    pairs = {(a, b): (1 - 1 / N) * m[a] * m[b] + (a == b) / N for a, b in itertools.product(range(3), repeat=2)}
    expected = [*m, *(pairs[ab] for ab in index_pairs(3)), 1.0, pairs[0, 1] + 1j * m[2] / N]  # [m_x, m_y] = (2i/N) m_z
    assert np.abs(values - expected).max() < ROUNDING


def test_a_pure_product_state_and_an_element_beyond_numbers():
    space = of_labels(Model(), 40, labels_up_to(2))
    up = space.start(bloch_to_density([0, 0, 1]))
    assert up[space.elements.places(np.array([[40, 0, 0, 0]]))[0]] == 1 and np.count_nonzero(up) == 1
    with pytest.raises(FiniteNError, match="beyond what"):
        of_labels(Model(), 8000, {(2000, 2000)}).start(bloch_to_density([1, 0, 0]))
    with pytest.raises(FiniteNError, match="trace 2"):
        product(np.eye(2))


POPULATIONS = [np.diag([0.3, 0.7]), np.diag([0.2, 0.5, 0.3]), np.array([[0.6, 0.1j], [-0.1j, 0.4]])]


@pytest.mark.parametrize(
    ("N", "density"), [(n, x) for n in (1, 7, 100, 100_000) for x in POPULATIONS if n * len(x) < 250_000]
)
def test_populations_of_a_product_are_those_of_exact_arithmetic(N, density):
    """C. Loader's deviances against 40 digits, and a sum that is one."""
    d, share = len(density), np.diag(density).real
    populations = compositions(N, d)
    n = np.zeros((len(populations), d * d), int)
    n[:, :: d + 1] = populations
    p = Product(density).values(n)
    assert abs(p.sum() - 1) < ROUNDING
    typical = [
        int(np.abs(populations - N * share * x).sum(axis=1).argmin()) for x in ([0.99] * d, [1.0] * d, [1.01] * d)
    ]
    with decimal.localcontext(decimal.Context(prec=40)):
        for i in {0, len(n) - 1, *typical}:
            exact, left = decimal.Decimal(1), N
            for x, k in zip(share, populations[i].tolist(), strict=True):
                exact *= math.comb(left, k) * decimal.Decimal(float(x)) ** k
                left -= k
            # a share of 0.3 is rounded, which N/5 powers multiply, and so is its complement;
            # logarithms of some terms of order one, by several versions of numpy: up to 1.2e-14
            assert abs(p[i] - float(exact)) <= (2e-14 + 1e-16 * N) * float(exact)


@pytest.mark.parametrize("self_energy", [True, False])
def test_a_classical_chain_has_one_label_and_second_moments_six(self_energy):
    model = hopfield(omega=0.0, self_energy=self_energy)
    assert closed_labels(model, 1000, {(0, 0)}, "forward", 10) == {(0, 0)}
    assert closed_labels(model, 1000, {(0, 0)}, "backward", 10) == {(0, 0)}
    assert closed_labels(model, 1000, labels_up_to(2), "backward", 6) == labels_up_to(2)


@pytest.mark.parametrize("self_energy", [True, False])
def test_detailed_balance(self_energy):
    N, beta = 1000, 0.8
    space = of_labels(hopfield(0.0, beta, self_energy=self_energy), N, {(0, 0)})
    A = real_matrix(space.chains, space.elements, None, imaginary=False)
    up = np.arange(N + 1)
    m = 2 * up / N - 1
    own = 0 if self_energy else 1 / N
    raise_rate = (N - up) * np.exp(beta * (m + own)) / 2
    lower_rate = up * np.exp(-beta * (m - own)) / 2
    logs = np.concatenate([[0], np.cumsum(np.log(raise_rate[:-1] / lower_rate[1:]))])
    p = np.exp(logs - logs.max())
    p = (p / p.sum())[space.elements.n[:, 0]]
    assert not any(map(np.iscomplexobj, run_all(space.chains, space.elements.n).values()))
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
    start = {(0, 0), (1, 0)} if direction == "forward" else labels_up_to(1)
    labels = closed_labels(model, N, start, direction, 60)
    small, large = of_labels(model, N, labels), Space(model, N)
    place, flipped = large.elements.places(small.elements.n)
    assert not flipped.any()
    place = np.concatenate([place, place + large.elements.size])
    rest = np.setdiff1d(np.arange(2 * large.elements.size), place)
    A = large.matrix
    assert labels == ({(0, 0), (1, 0), (0, 1)} if direction == "forward" else labels_up_to(1))
    crossing = A[rest][:, place] if direction == "forward" else A[place][:, rest]
    assert crossing.nnz == 0
    assert np.abs((small.matrix - A[place][:, place]).toarray()).max() == 0


def test_labels_of_a_driven_model_go_on_and_on():
    model = hopfield(omega=0.3)
    assert closed_labels(model, 1000, {(0, 0)}, "forward", 30) is None
    assert closed_labels(model, 1000, {(0, 0)}, "backward", 30) is None
    assert closed_labels(model, 10, {(0, 0)}, "forward", 66) == labels_up_to(10)


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.1, 2.5])
def test_rounding_of_a_turned_frame_opens_no_labels(angle):
    """Isotropic exchange and noise are the same in every frame, but only up to rounding."""
    model = Model(mx * mx + my * my + mz * mz, [LocalJump(s) for s in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())])
    model = model.rotated(axis_rotation([0.3, 0.6, 1.0], angle))
    assert closed_labels(model, 1000, {(0, 0)}, "forward", 10) == {(0, 0)}
    assert closed_labels(model, 1000, labels_up_to(2), "backward", 10) == labels_up_to(2)


def test_a_coefficient_that_vanishes_on_a_label_opens_none():
    """σ+ and σ− only turn a coherence into another one, so a label keeps n_ud − n_du, and (0, 0) stays alone."""
    pair = [LocalJump(qutip.sigmap()), LocalJump(qutip.sigmax(), 0.5), LocalJump(qutip.sigmam(), np.exp, mz)]
    assert closed_labels(Model(jumps=pair), 50, {(0, 0)}, "forward", 10) == {(0, 0)}
    assert closed_labels(Model(jumps=pair), 50, {(2, 0)}, "forward", 10) == {(2, 0), (1, 1), (0, 2)}
    assert closed_labels(Model(jumps=pair), 50, {(2, 0)}, "backward", 10) == {(2, 0), (1, 1), (0, 2)}


def test_a_degenerate_polynomial_and_a_constant_model():
    space = of_labels(Model(3.0), 4, {(0, 0)})
    assert space.matrix.nnz == 0 and closed_labels(Model(3.0), 4, {(1, 1)}, "forward", 5) == {(1, 1)}
    rows = space.rows((Polynomial({}), average(qutip.num(2)) ** 4)).toarray()[:, : space.elements.size]
    assert np.all(rows[10:12] == 0)
    assert np.abs(rows[12] - (space.elements.n[:, 3] / 4) ** 4).max() < ROUNDING


def test_elements_of_labels_are_found_again():
    space = of_labels(Model(), 6, {(1, 2), (0, 0), (2, 1)})
    n = space.elements.n
    assert space.elements.count == 7 + 2 * 4
    place, flipped = space.elements.places(n)
    assert np.array_equal(place, np.arange(len(n))) and not flipped.any()
    assert np.all(space.elements.places(np.array([[3, 1, 0, 2], [3, 0, 1, 2], [2, 1, 1, 2]]))[0] == -1)
    place, flipped = space.elements.places(n[:, [0, 2, 1, 3]])
    assert np.array_equal(place, np.arange(len(n))) and np.array_equal(flipped, n[:, 1] != n[:, 2])
    columns = space.columns
    few = Labels(columns, as_rows({(1, 2), (0, 0)}), [np.array([0, 3])])
    assert few.count() == 15 and few.count(12) == 13 + 2 * 10  # mirror images belong to it


def test_refusals():
    columns = Columns(Model(jumps=[LocalJump(qutip.sigmam(), np.exp, mx)]), [2])
    with pytest.raises(FiniteNError, match="along z"):
        lindblad_chains(columns)
    tilted = random_models.model("two tilts", np.random.default_rng(1))
    with pytest.raises(FiniteNError, match="do not commute"):
        closed_labels(tilted, 5, {(0, 0)}, "forward", 10)
    with pytest.raises(FiniteNError, match=r"GiB.*largest N that fits"):
        evolve(hopfield(0.0), 10**13, [0, 0, 0.4], [0, 1], basis="symmetrised products")
    assert of_labels(Model(), 3, {(2, 2)}).elements.size == 0


def test_no_labels_are_followed_where_taking_all_elements_costs_less(monkeypatch):
    """Two particles of four levels have 136 elements: following as many labels took longer than the evolution."""
    followed, moved = [], Trial._moved
    monkeypatch.setattr(Trial, "_moved", lambda self, rows, back: followed.append(len(rows)) or moved(self, rows, back))
    rng = np.random.default_rng(3)
    species, _ = random_general_models.parts((4,), (2,))
    model = random_general_models.model("constant", rng, species)
    result = evolve(model, 2, {"a": random_general_models.density(rng, 4)}, [0, 0.1], check=False, basis="symmetrised")
    assert result.stats["elements"] == 136
    assert max(followed, default=0) <= 16
