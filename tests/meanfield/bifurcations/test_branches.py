"""Fixed points and their branches against closed forms."""

import numpy as np
import pytest
from qutip import sigmam

from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, mx, mz
from finite_n.systems import hopfield, kinetically_constrained
from meanfield import Limit, branches, continue_branch, fixed_points
from tests.meanfield.bifurcations.small_flows import Brusselator, HopfieldPlane, HopfNormalForm, Planar, Stack, Tilted

pytestmark = pytest.mark.rounding

LOCATED = 1e-6  # asked of every bifurcation; what is reached is nearer 1e-9, set by rounding in f near a double root
CURVE = 1e-9  # a point of a branch against its closed form: residual 1e-12 over the slope
FORM = 1e-6  # normal-form coefficients, from fourth differences with step 2e-3


class Transcritical(Planar):
    """ẋ = px − x²: x = 0 and x = p exchange stability at p = 0; a = −1."""

    def __init__(self, p):
        self.p = p

    def drift(self, m):
        return self.p * m - m**2

    def jacobian(self, m):
        return np.diag(self.p - 2 * m)

    def starts(self, count, seed):
        return super().starts(count, seed)[:, :1]


def paramagnet(omega, high):
    return continue_branch(lambda beta: hopfield(omega, beta), [0, 0, 0], 0.9, (0.7, high), step=0.2)


def test_plane_flow_is_that_of_the_model():
    rng = np.random.default_rng(4)
    for omega, beta in rng.uniform(0.1, 2, (4, 2)):
        m = rng.uniform(-0.6, 0.6, 2)
        limit, plane = Limit(hopfield(omega, beta)), HopfieldPlane(omega, beta)
        assert np.allclose(limit.drift([0, *m])[1:], plane.drift(m), atol=1e-13)
        assert np.allclose(limit.jacobian([0, *m])[1:, 1:], plane.jacobian(m), atol=1e-13)


def test_curie_weiss_transition():
    (event,) = paramagnet(0.0, 1.5).bifurcations
    assert event.kind == "pitchfork" and event.side == "supercritical"
    assert abs(event.parameters[0] - 1) < LOCATED
    assert abs(event.coefficient + 1 / 3) < FORM  # ż = sinh z − z cosh z at β = 1


def test_boundary_of_the_paramagnet():
    # (δz, δy): trace β − 3/2, determinant 4Ω² − (β − 1)/2; Fiorelli 2024, eq. B.3
    (event,) = paramagnet(0.2, 1.6).bifurcations
    assert event.kind == "pitchfork" and abs(event.parameters[0] - (1 + 8 * 0.2**2)) < LOCATED
    (event,) = paramagnet(0.6, 1.8).bifurcations
    assert event.kind == "Hopf" and event.side == "supercritical"
    assert abs(event.parameters[0] - 1.5) < LOCATED
    assert abs(event.frequency - np.sqrt(4 * 0.6**2 - 1 / 4)) < LOCATED


def test_retrieval_states_through_both_folds_and_the_pitchfork():
    omega = 0.3
    found = branches(lambda beta: HopfieldPlane(omega, beta), (1.2, 2.2), parameter="beta")
    assert len(found) == 2
    para, retrieval = sorted(found, key=lambda b: np.abs(b.m).max())
    assert [b.kind for b in sorted(para.bifurcations, key=lambda b: b.parameters[0])] == ["Hopf", "pitchfork"]
    y, z, beta = *retrieval.m.T, retrieval.values
    c = np.cosh(beta * z)
    assert np.abs((1 + 8 * omega**2 / c**2) * z - np.tanh(beta * z)).max() < CURVE  # Fiorelli 2024, eq. B.4
    assert np.abs(y + 4 * omega * z / c).max() < CURVE
    assert z.min() < -0.9 and z.max() > 0.9 and retrieval.ends == ("bound 2.2", "bound 2.2")
    # Ω² = cosh²w (β tanh w/w − 1)/8 with w = βz has its largest value at a fold; β follows from dΩ²/dw = 0
    assert [b.kind for b in retrieval.bifurcations] == ["fold", "fold"]
    for b in retrieval.bifurcations:
        w = b.parameters[0] * b.m[1]
        closed = 2 * w**2 * np.sinh(2 * w) / (2 * w * np.cosh(2 * w) - np.sinh(2 * w))
        assert abs(b.parameters[0] - closed) < LOCATED
    turns = np.flatnonzero(np.diff(np.sign(np.diff(beta))))
    assert len(turns) == 3  # two folds, and the pitchfork, where β is stationary on this branch too
    outer = np.abs(z) > np.abs(retrieval.bifurcations[0].m[1]) + 1e-6
    assert np.all(retrieval.unstable[outer] == 0) and np.all(retrieval.unstable[~outer] > 0)


def test_folds_of_optical_bistability():
    # local and collective decay γ, κ with drive Ω: 2√2 Ω/γ = X (1 + 2C/(1 + X²)), 2C = κ/γ, folds at X² = C − 1 ± √(C²
    # − 4C) (Bonifacio and Lugiato, Phys. Rev. A 18, 1129 (1978))
    kappa = 12.0
    C = kappa / 2
    X = np.sqrt(C - 1 + np.array([1, -1]) * np.sqrt(C**2 - 4 * C))
    expected = X * (1 + 2 * C / (1 + X**2)) / (2 * np.sqrt(2))

    def family(omega):
        return Model(omega * mx, [LocalJump(sigmam())], [CollectiveJumps([sigmam()], kappa)])

    branch = continue_branch(family, [0, 0.3, -0.95], 1.0, (0.5, 2.8), step=0.1, parameter="omega")
    assert [b.kind for b in branch.bifurcations] == ["fold", "fold"]
    assert np.abs(np.sort([b.parameters[0] for b in branch.bifurcations]) - np.sort(expected)).max() < LOCATED
    assert {0, 1} == set(branch.unstable.tolist())


def test_folds_of_a_cubic_and_a_transcritical_point():
    branch = continue_branch(lambda p: Tilted(p, 1.0), [-1.1], -0.3, (-0.6, 0.6))
    at = 2 / 3**1.5
    assert np.abs(np.array([b.parameters[0] for b in branch.bifurcations]) - [at, -at]).max() < LOCATED
    assert np.allclose([b.coefficient + 3 * b.m[0] for b in branch.bifurcations], 0, atol=FORM)  # a = −3x
    (event,) = continue_branch(Transcritical, [0.0], -0.4, (-0.5, 0.6)).bifurcations
    assert event.kind == "transcritical" and abs(event.parameters[0]) < LOCATED
    assert abs(event.coefficient + 1) < FORM


def test_hopf_points_known_exactly():
    (event,) = continue_branch(HopfNormalForm, [0.0, 0.0], -0.3, (-0.5, 0.6)).bifurcations
    assert event.kind == "Hopf" and abs(event.parameters[0]) < LOCATED and abs(event.frequency - 1) < LOCATED
    assert abs(event.coefficient + 2) < FORM
    a = 1.3
    (event,) = continue_branch(lambda b: Brusselator(a, b), [a, 2 / a], 2.0, (1.5, 4)).bifurcations
    assert event.kind == "Hopf" and abs(event.parameters[0] - 1 - a**2) < LOCATED and abs(event.frequency - a) < LOCATED
    assert event.side == "supercritical"
    dataset = continue_branch(HopfNormalForm, [0.0, 0.0], -0.3, (-0.5, 0.6), parameter="mu").to_xarray()
    assert list(dataset["bifurcation_kind"].values) == ["Hopf"] and dataset["mu"].values[0] == -0.5


def test_two_crossings_at_once_are_called_multiple():
    branch = continue_branch(lambda mu: Stack(HopfNormalForm(mu), HopfNormalForm(mu)), np.zeros(4), -0.3, (-0.5, 0.6))
    (event,) = branch.bifurcations
    assert event.kind == "multiple" and abs(event.parameters[0]) < LOCATED
    assert branch.unstable[-1] == 4


def test_root_where_the_rates_vanish():
    # rates ∝ n², n = (1 + m_z)/2: m_z = −1 is a double root on the edge, (m_x, m_y, −1) are roots that are no states
    low, high = fixed_points(kinetically_constrained(1.0, 0.5), 12)
    assert np.abs(low.m - [0, 0, -1]).max() < 1e-6 and low.stability == "marginal" and low.isolated
    assert np.abs(high.m - [0, 0, 1 / 3]).max() < 1e-10 and high.stability == "stable"
    (only,) = fixed_points(kinetically_constrained(0.0, 1.0), 8)
    assert np.abs(only.m - [0, 0, -1]).max() < 1e-5


def test_degenerate_root_at_the_transition_counts_once():
    (only,) = fixed_points(hopfield(0.0, 1.0), 12)
    assert np.abs(only.m).max() < 1e-4 and only.stability == "marginal" and only.isolated


def test_a_continuum_is_said_to_be_one():
    for model in (Model(mz), Model(collective=[CollectiveJumps([sigmam()])])):
        points = fixed_points(model, 6)
        assert points and not any(p.isolated for p in points)
        assert all(np.abs(p.m[:2]).max() < 1e-6 for p in points)
    z = [p.m[2] for p in points]
    assert min(z) < -0.9 and max(z) > 0.9


def test_index_finds_what_few_starts_miss():
    # one start finds one root; with a saddle alone Σ sign det(−Q) = −1, so more are tried
    for start in range(3):
        points = fixed_points(hopfield(0.1, 5 / 3), 2, seed=start)
        assert [p.stability for p in points] == ["stable", "unstable", "stable"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: continue_branch(lambda p: Model(p * mz), [0, 0, 0.5], 1.0, (0, 2)), "continuum"),
        (lambda: continue_branch(Transcritical, [0.9], 0.1, (-1, 1), step=0.0), "step"),
        (lambda: continue_branch(Transcritical, [0.0], 2.0, (-1, 1)), "outside bounds"),
        (lambda: continue_branch(Transcritical, [0.0], 0.1, (1, -1)), "lower first"),
        (lambda: continue_branch(lambda p: Tilted(p, -1), [np.nan], 0.1, (-1, 1)), "finite numbers"),
        (lambda: continue_branch(lambda b: hopfield(0, b), [0, 0, 2], 1.0, (0, 2)), "not a state"),
        (lambda: continue_branch(lambda b: b, [0.0], 1.0, (0, 2)), "drift"),
        (lambda: branches(3, (0, 1)), "family"),
        (lambda: branches(Transcritical, (0, 1), anchors=0), "anchors"),
        (lambda: fixed_points(hopfield(), 0), "starts"),
        (lambda: fixed_points(hopfield(), separation=-1), "separation"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(FiniteNError, match=message):
        call()
