"""Phases of networks of two and four species against those of one, and against the statistical mechanics of Hopfield's
model."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from finite_n.systems import hopfield, hopfield_patterns
from meanfield import (
    Limit,
    attractor,
    attractors,
    bifurcation_curve,
    continue_branch,
    fixed_points,
    phase_diagram,
)
from tests.meanfield.bifurcations.small_flows import HopfieldPlane
from tests.meanfield.bifurcations.test_phase_diagram import expected as phase
from tests.random_general_models import split

pytestmark = pytest.mark.rounding

POINT = 1e-9  # |f| ≤ 1e-10 over eigenvalues of order 0.1
LOCATED = 1e-6
CURVE = 1e-7
SPECTRUM = 1e-7  # of matrices of order one, not normal
CYCLE = 1e-8
UNEQUAL = {"pp": 3, "pm": 2}  # two patterns on fractions 3/5 and 2/5: each species is one pattern's network at 2fβ
FACTORS = np.array([1.2, 0.8])


def retrieval(omega, beta):
    """(m_y, m_z) of the outermost point of one pattern's network, z (1 + 8Ω²/cosh²βz) = tanh βz with y = −4Ωz/cosh
    βz."""
    z = brentq(lambda z: (1 + 8 * omega**2 / np.cosh(beta * z) ** 2) * z - np.tanh(beta * z), 0.5, 1, xtol=1e-15)
    return np.array([-4 * omega * z / np.cosh(beta * z), z])


def as_bloch(*planes):
    return np.concatenate([[0.0, *m] for m in planes])


def sorted_spectrum(values):
    return np.array(sorted(values, key=lambda x: (round(x.real, 6), x.imag)))


def test_two_patterns_rest_at_products_of_the_points_of_one():
    omega, beta = 0.1, 1 / 0.6
    m = retrieval(omega, beta)
    one = [-m, 0 * m, m]  # at this Ω no others
    points = fixed_points(hopfield_patterns(omega, beta, 2), 24)
    assert len(points) == 9
    plane = HopfieldPlane(omega, beta)
    for a in one:
        for b in one:
            (near,) = [p for p in points if np.linalg.norm(p.m - as_bloch(a, b)) < POINT]
            values = np.concatenate([np.linalg.eigvals(plane.jacobian(x)) for x in (a, b)])
            values = np.concatenate([values, [-np.cosh(beta * x[1]) / 2 for x in (a, b)]])  # ṁ_x = −½ cosh(βm_z) m_x
            assert np.abs(sorted_spectrum(near.eigenvalues) - sorted_spectrum(values)).max() < SPECTRUM
            # patterns 1 and 2 and their mirror images, (±m, ±m); mixtures (m, 0), (0, m) are saddles
            assert near.stability == ("stable" if a[1] and b[1] else "unstable") and near.isolated


def test_transitions_of_two_species():
    # equal fractions: both species order at β = 1, together
    branch = continue_branch(lambda beta: hopfield_patterns(0.0, beta, 2), np.zeros(6), 0.8, (0.6, 1.5), step=0.2)
    (event,) = branch.bifurcations
    assert event.kind == "multiple" and abs(event.parameters[0] - 1) < LOCATED and branch.unstable[-1] == 2
    # unequal: one after the other, β = 1/2f, and with a field Hopf points at 2fβ = 3/2, pitchforks at 2fβ = 1 + 8Ω²
    branch = continue_branch(lambda beta: hopfield_patterns(0.0, beta, UNEQUAL), np.zeros(6), 0.7, (0.6, 1.5), step=0.2)
    assert [e.kind for e in branch.bifurcations] == ["pitchfork", "pitchfork"]
    assert np.abs([e.parameters[0] for e in branch.bifurcations] - 1 / FACTORS).max() < LOCATED
    branch = continue_branch(lambda beta: hopfield_patterns(0.3, beta, UNEQUAL), np.zeros(6), 0.9, (0.8, 2.3), step=0.2)
    events = {(e.kind, round(e.parameters[0], 6)): e for e in branch.bifurcations}
    assert set(events) == {(k, round(v / f, 6)) for f in FACTORS for k, v in (("Hopf", 1.5), ("pitchfork", 1.72))}
    for (kind, _), event in events.items():
        if kind == "Hopf":
            assert event.side == "supercritical" and abs(event.frequency - np.sqrt(4 * 0.3**2 - 0.25)) < LOCATED


def test_hopf_curve_of_two_species():
    def two(omega, beta):
        return split(hopfield(omega, beta), (0.5, 0.5))

    for family, at, factor in (
        (lambda w, b: hopfield_patterns(w, b, UNEQUAL), (0.5, 1.25), 1.2),
        (two, (0.5, 1.5), 1.0),
    ):
        curve = bifurcation_curve(family, np.zeros(6), at, "Hopf", ((0.0, 0.7), (1.0, 2.0)), step=0.2)
        omega, beta = curve.values.T
        assert np.abs(factor * beta - 1.5).max() < CURVE and np.all(curve.coefficient[curve.frequency > 0.01] < 0)
        assert np.abs(curve.frequency**2 - (4 * omega**2 - 0.25)).max() < CURVE
        assert (
            abs(omega.min() - 0.25) < 1e-4 and "Bogdanov–Takens point, ω = 0" in curve.ends
        )  # Q has a double zero there


def test_a_network_named_in_two_halves_has_the_cycle_of_the_whole():
    omega, beta = 0.35, 1 / 0.6
    plane = attractor(HopfieldPlane(omega, beta), [0.3, 0.2]).cycle
    assert abs(plane.period - 16.619) < 1e-3
    end = attractor(split(hopfield(omega, beta), (0.5, 0.5)), [0, 0.3, 0.2, 0.1, 0.2, 0.4])
    cycle = end.cycle
    assert end.kind == "limit cycle" and cycle.stability == "stable"
    assert abs(cycle.period - plane.period) < CYCLE * plane.period
    assert np.abs(cycle.amplitude[[1, 2, 4, 5]] - np.tile(plane.amplitude, 2)).max() < CYCLE
    assert np.abs(cycle.orbit[:, :3] - cycle.orbit[:, 3:]).max() < CYCLE

    # across m₁ = m₂ the field is that of the cycle: δẏ = −½cδy − 2Ωδz, δż = 2Ωδy − cδz, δẋ = −½cδx, c = cosh βm_z
    def rhs(_, y):
        c = np.cosh(beta * y[1])
        across = np.array([[-c / 2, -2 * omega], [2 * omega, -c]])
        return np.concatenate([HopfieldPlane(omega, beta).drift(y[:2]), (across @ y[2:6].reshape(2, 2)).ravel(), [c]])

    run = solve_ivp(rhs, (0, plane.period), [*plane.m, 1, 0, 0, 1, 0], "LSODA", rtol=1e-11, atol=1e-13).y[:, -1]
    across = np.linalg.eigvals(run[2:6].reshape(2, 2))
    others = [plane.multipliers[1], *across, *2 * [np.exp(-run[6] / 2)]]
    for x in others:
        assert np.abs(cycle.multipliers - x).min() < 1e-7  # of the second integrator


@pytest.mark.slow
def test_independent_halves_have_a_free_phase():
    """With two patterns of equal weight the species do not see each other: their cycles form a torus of closed
    orbits."""
    omega, beta = 0.35, 1 / 0.6
    plane = attractor(HopfieldPlane(omega, beta), [0.3, 0.2]).cycle
    start = as_bloch(plane.orbit[0], plane.orbit[80])
    diagram = phase_diagram(lambda b: hopfield_patterns(omega, b, 2), [beta], starts=2, runs=np.array([start]))
    assert diagram.labels[0] == "1 unstable, marginal limit cycle"
    (cycle,) = diagram.cells[0].cycles
    assert cycle.stability == "marginal" and abs(cycle.period - plane.period) < CYCLE * plane.period
    assert np.sum(np.abs(cycle.multipliers - 1) < 1e-7) == 2


def ordered(patterns, beta):
    """Averages of three patterns' network at Ω = 0 from the overlaps M_μ, M = ⟨ξ tanh β ξ·M⟩, by iteration; and ξ."""
    xi = np.array([[1, a, b] for a in (1, -1) for b in (1, -1)], float)  # the gauge by the first pattern
    direction = np.array(patterns) / np.linalg.norm(patterns)
    overlaps = direction
    for _ in range(2000):  # along the mixture, where rounding would else grow
        overlaps = direction * (direction @ xi.T @ np.tanh(beta * xi @ overlaps) / 4)
    return np.tanh(beta * xi @ overlaps), xi


def by_species(model, z, xi):
    signs = {tuple(row): value for row, value in zip(xi.astype(int).tolist(), z, strict=True)}
    return np.concatenate([[0, 0, signs[tuple(1 if c == "p" else -1 for c in s.name)]] for s in model.species])


@pytest.mark.slow
def test_mixtures_of_three_patterns():
    """Stationary points are those of D. J. Amit, H. Gutfreund, H. Sompolinsky, Phys. Rev. A 32, 1007 (1985): mixtures
    of three patterns, M = ¼(tanh 3βM + tanh βM) for each, are metastable below T = 0.46, where 1 = β(1 − tanh² βM)."""
    for beta, stable in ((1 / 0.5, False), (1 / 0.4, True)):
        model = hopfield_patterns(0.0, beta, 3)
        for patterns, word in (([1, 0, 0], True), ([1, 1, 1], stable), ([1, 1, 0], False)):
            z, xi = ordered(patterns, beta)
            m = by_species(model, z, xi)
            assert np.abs(Limit(model).drift(m)).max() < 1e-14
            # ż_s = sinh βΔ_s − z_s cosh βΔ_s, Δ = ¼ ξξᵀz; x and y decay with ½ cosh βΔ_s
            c = np.cosh(beta * xi @ xi.T @ z / 4)
            values = np.concatenate(
                [np.linalg.eigvals(beta / c[:, None] * (xi @ xi.T) / 4 - np.diag(c)), -c / 2, -c / 2]
            )
            found = np.linalg.eigvals(Limit(model).jacobian(m))
            assert np.abs(sorted_spectrum(found) - sorted_spectrum(values)).max() < SPECTRUM
            assert (values.real.max() < 0) == word
            away = attractor(model, 0.97 * m + 0.01 * np.cos(np.arange(12)))
            assert (np.linalg.norm(away.point.m - m) < POINT) == word
    x = brentq(lambda x: np.cosh(x) ** 2 * (np.tanh(3 * x) + np.tanh(x)) / 4 - x, 0.5, 3)
    critical = np.cosh(x) ** 2
    assert abs(1 / critical - 0.46) < 5e-3  # as printed
    branch = continue_branch(
        lambda b: hopfield_patterns(0.0, b, 3), by_species(model, *ordered([1, 1, 1], 2.5)), 2.5, (1.9, 2.6)
    )
    (event,) = branch.bifurcations  # of two eigenvalues at once, by the symmetry between patterns
    assert event.kind == "multiple" and abs(event.parameters[0] - critical) < LOCATED
    assert {0, 2} == set(branch.unstable.tolist())


def test_patterns_draw_the_starts():
    beta = 2.0  # T = 1/2, where mixtures repel
    m = brentq(lambda m: np.tanh(beta * m) - m, 0.5, 1)
    for end in attractors(hopfield_patterns(0.0, beta, 3), 4):
        assert end.kind == "fixed point" and np.abs(np.abs(end.point.m) - np.tile([0, 0, m], 4)).max() < POINT
    xi = np.array([[1 if c == "p" else -1 for c in s.name] for s in hopfield_patterns(0.0, beta, 3).species])
    overlaps = np.abs(xi.T @ end.point.m[2::3]) / 4
    assert np.abs(np.sort(overlaps) - [0, 0, m]).max() < POINT


@pytest.mark.slow
def test_phase_diagram_of_unequal_species():
    """Each species is at one pattern's phase diagram at 2fβ, whose phases are known in closed form: counts multiply."""
    grid = [0.05, 0.35], [0.7, 1.0, 1.35, 1.7]
    diagram = phase_diagram(
        lambda w, b: hopfield_patterns(w, b, UNEQUAL), *grid, names=("omega", "beta"), starts=16, runs=2, t_max=400
    )
    stable = {"paramagnet": 1, "retrieval": 2, "limit cycle": 0}
    kinds = set()
    for cell in diagram.cells.flat:
        omega, beta = cell.parameters
        names = [phase(omega, f * beta) for f in FACTORS]
        kinds.add(tuple(names))
        assert cell.count("stable") == stable[names[0]] * stable[names[1]]
        assert bool(cell.cycles) == ("limit cycle" in names) and not cell.continuum and not cell.unsettled
        # and where long runs of the two planes end
        planes = [HopfieldPlane(omega, f * beta) for f in FACTORS]
        if not cell.cycles:
            for start in ([0.1, 0.5, 0.2, -0.3], [-0.4, -0.4, 0.6, 0.1]):
                run = solve_ivp(
                    lambda _, m, p=planes: np.append(p[0].drift(m[:2]), p[1].drift(m[2:])),
                    (0, 300),
                    start,
                    "LSODA",
                    rtol=1e-9,
                    atol=1e-11,
                )
                ends = [p.m for p in cell.points if p.stability == "stable"]
                end = as_bloch(run.y[:2, -1], run.y[2:, -1])
                assert min(np.linalg.norm(end - m) for m in ends) < 1e-6
    assert kinds >= {
        ("paramagnet",) * 2,
        ("retrieval",) * 2,
        ("retrieval", "paramagnet"),
        ("limit cycle", "paramagnet"),
    }


@pytest.mark.parametrize("omega", [0.0, 0.4])
def test_jacobian_of_four_species_by_differences(omega):
    limit = Limit(hopfield_patterns(omega, 1.9, 3))
    m = np.tile([0.1, -0.2, 0.4], 4) * np.repeat([1, -0.7, 0.5, 1.3], 3)
    h = 1e-5
    columns = [(limit.drift(m + h * e) - limit.drift(m - h * e)) / (2 * h) for e in np.eye(12)]
    assert np.abs(limit.jacobian(m) - np.array(columns).T).max() < 1e-8  # h², and rounding over h
