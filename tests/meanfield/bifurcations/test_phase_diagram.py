"""Phase diagrams and curves against the closed forms of the Hopfield network in Fiorelli 2024."""

import numpy as np
import pytest
import xarray as xr

from finite_n import FiniteNError
from finite_n.systems import hopfield
from meanfield import Limit, bifurcation_curve, bifurcation_curves, phase_diagram
from tests.meanfield.bifurcations.small_flows import Brusselator, HeatBathPlane, HopfieldPlane, HopfNormalForm, Tilted

pytestmark = pytest.mark.rounding

CURVE = 1e-7  # f and ψ are solved to 1e-10; ψ has slopes of order one
DOUBLE = 1e-4  # at a Bogdanov–Takens point ω² vanishes linearly, but Q has a double zero, known to the root of rounding


def name(cell):
    if cell.cycles:
        return "limit cycle"
    return "retrieval" if cell.count("stable") == 2 else "paramagnet" if cell.count("stable") == 1 else "other"


def fold(w):
    """Ω and β of the retrieval fold, w = β m_z there (see test_continuation)."""
    beta = 2 * w**2 * np.sinh(2 * w) / (2 * w * np.cosh(2 * w) - np.sinh(2 * w))
    return np.sqrt((beta * np.sinh(2 * w) / (2 * w) - np.cosh(w) ** 2) / 8), beta


def fold_omega(beta):
    """By bisection in w: an independent path to the boundary between retrieval and limit cycle; β > 3/2."""
    low, high = 1e-3, 5.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if fold(middle)[1] < beta else (low, middle)
    return fold(low)[0]


def expected(omega, beta):
    if beta < 1.5:
        return "paramagnet" if beta < 1 + 8 * omega**2 else "retrieval"
    return "retrieval" if omega < fold_omega(beta) else "limit cycle"


@pytest.fixture(scope="module")
def diagram():
    return phase_diagram(
        HopfieldPlane,
        [0.05, 0.24, 0.35, 0.6],
        [0.7, 1.2, 5 / 3, 2.1],
        names=("omega", "beta"),
        starts=10,
        runs=2,
        label=name,
    )


def test_hopfield_diagram_has_the_phases_of_the_closed_forms(diagram):
    for cell, label in zip(diagram.cells.flat, diagram.labels.flat, strict=True):
        assert label == expected(*cell.parameters)
    assert {"paramagnet", "retrieval", "limit cycle"} == set(diagram.labels.flat)


def test_points_and_attractors_agree(diagram):
    for cell in diagram.cells.flat:
        stable = [p.m for p in cell.points if p.stability == "stable"]
        for end in cell.attractors:
            assert end.kind != "not settled"
            if end.point is not None:
                assert min(np.linalg.norm(end.point.m - m) for m in stable) < 1e-6
        # Σ sign det(−Q) = 1 (Poincaré and Hopf)
        assert sum(np.sign(np.prod(-p.eigenvalues).real) for p in cell.points) == 1


def test_same_cells_from_the_model(diagram):
    small = phase_diagram(hopfield, [0.05, 0.6], [0.7, 5 / 3], names=("omega", "beta"), starts=6, runs=1, label=name)
    same = diagram.cells[::3, ::2]
    assert np.array_equal(small.labels, diagram.labels[::3, ::2])
    periods = [[c.cycles[0].period if c.cycles else 0 for c in cells.flat] for cells in (small.cells, same)]
    assert np.allclose(*periods, rtol=1e-8)


def test_dataset_is_written_and_read(diagram, tmp_path):
    curve = bifurcation_curve(
        HopfieldPlane, [0, 0], (0.5, 1.5), "Hopf", ((0, 0.7), (0.7, 2.2)), names=("omega", "beta")
    )
    data = diagram.with_curves([curve]).to_xarray()
    data.to_netcdf(tmp_path / "diagram.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "diagram.nc", engine="h5netcdf") as read:
        assert read["label"].sel(omega=0.6, beta=2.1).item() == "limit cycle"
        assert read["stable"].sel(omega=0.05, beta=2.1).item() == 2
        assert np.isfinite(read["cycle_period"].sel(omega=0.6, beta=2.1).values[0])
        assert np.allclose(read["curve_0_beta"], 1.5) and read["curve_0_beta"].attrs["kind"] == "Hopf"
        assert np.isnan(read["cycle_period"].sel(omega=0.05, beta=2.1).values).all()
    assert "limit cycle" in repr(diagram)


def test_curves_of_the_hopfield_network():
    found = bifurcation_curves(
        HopfieldPlane, ((0.0, 0.8), (0.5, 2.5)), ("Hopf", "fold", "pitchfork"), names=("omega", "beta")
    )
    curves = {curve.kind: curve for curve in found}
    assert len(found) == 3
    omega, beta = curves["Hopf"].values.T
    assert np.abs(beta - 1.5).max() < CURVE and np.abs(omega.max() - 0.8) < CURVE
    assert abs(omega.min() - 0.25) < DOUBLE and "Bogdanov–Takens point, ω = 0" in curves["Hopf"].ends
    assert np.abs(curves["Hopf"].frequency ** 2 - (4 * omega**2 - 0.25)).max() < CURVE
    inner = curves["Hopf"].coefficient[curves["Hopf"].frequency > 1e-2]
    assert np.all(inner < 0)  # supercritical all along
    omega, beta = curves["pitchfork"].values.T
    assert np.abs(beta - 1 - 8 * omega**2).max() < CURVE
    omega, beta = curves["fold"].values.T
    w = np.abs(beta * curves["fold"].m[:, 1])
    away = w > 0.05  # the closed form is 0/0 at w = 0, where fold and mirror image meet
    assert np.abs(np.array(fold(w[away])) - [omega[away], beta[away]]).max() < CURVE
    assert abs(beta.min() - 1.5) < 0.02 and w.max() > 1


def test_heat_bath_rates_let_a_cycle_and_retrieval_coexist():
    assert np.allclose(
        Limit(hopfield(0.6, 1.7, "heat_bath")).drift([0, 0.2, 0.3])[1:], HeatBathPlane(0.6, 1.7).drift([0.2, 0.3])
    )
    # retrieval loses stability where the trace β/cosh²w − 3/2 vanishes, w = β m_z, and β tanh w/w = 1 + 8Ω²
    curve = bifurcation_curve(HeatBathPlane, [-0.51, 0.28], (0.45, 3.4), "Hopf", ((0.3, 0.55), (2, 4)), step=0.1)
    omega, beta = curve.values.T
    w = beta * curve.m[:, 1]
    assert np.abs(np.cosh(w) ** 2 - 2 * beta / 3).max() < CURVE
    assert np.abs(beta * np.tanh(w) / w - 1 - 8 * omega**2).max() < CURVE
    assert np.all(curve.coefficient > 0)  # subcritical: so the large cycle outlives it
    diagram = phase_diagram(
        HeatBathPlane, [0.4], [3.0], starts=10, runs=np.array([[0.0, 0.9], [0.6, 0.0], [-0.5, 0.7]])
    )
    assert diagram.labels[0, 0] == "2 stable, 1 unstable, limit cycle"


def test_hopf_curves_of_other_flows():
    curve = bifurcation_curve(Brusselator, [1.0, 2.0], (1.0, 2.05), "Hopf", ((0.5, 1.6), (1, 4)), names=("a", "b"))
    a, b = curve.values.T
    assert np.abs(b - 1 - a**2).max() < CURVE and np.abs(curve.frequency - a).max() < CURVE
    assert a.min() < 0.5 + CURVE and a.max() > 1.6 - CURVE and np.all(curve.coefficient < 0)
    assert np.abs(curve.to_xarray()["m"].values - np.column_stack([a, b / a])).max() < CURVE


def test_fold_curve_turns_at_a_cusp():
    curve = bifurcation_curve(Tilted, [0.5], (-0.25, 0.75), "fold", ((-0.5, 0.5), (-0.5, 1.0)))
    p, q = curve.values.T
    assert np.abs(q - 3 * np.cbrt(p / 2) ** 2).max() < 1e-6  # whose slope is infinite at the cusp
    assert p.min() < -0.35 and p.max() > 0.35 and q.min() < 0.01


def test_hopf_curve_of_the_model():
    curve = bifurcation_curve(hopfield, [0, 0, 0], (0.5, 1.49), "Hopf", ((0.4, 0.6), (1.4, 1.6)), step=0.5)
    assert np.abs(curve.values[:, 1] - 1.5).max() < CURVE


def test_one_parameter_and_a_continuum():
    diagram = phase_diagram(HopfNormalForm, [-0.3, 0.2], names=("mu",), starts=3, runs=1)
    assert list(diagram.labels) == ["1 stable", "1 unstable, limit cycle"]
    assert diagram.to_xarray()["cycle_amplitude"].sel(mu=0.2).values[0] == pytest.approx(np.sqrt(0.2), abs=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: phase_diagram(HopfNormalForm, [0.2, 0.1]), "increasing"),
        (lambda: phase_diagram(HopfNormalForm, []), "increasing"),
        (lambda: phase_diagram(HopfieldPlane, [0.1], [0.2], names=("a", "a")), "names"),
        (lambda: phase_diagram("hopfield", [0.1]), "family"),
        (lambda: bifurcation_curve(HopfieldPlane, [0, 0], (0.5, 1.5), "Neimark", ((0, 1), (1, 2))), "kind"),
        (lambda: bifurcation_curve(HopfieldPlane, [0, 0], (0.5, 1.5), "Hopf", ((1, 0), (1, 2))), "bounds"),
        (lambda: bifurcation_curve(HopfieldPlane, [0, 0], (0.5, 2.5), "Hopf", ((0, 1), (1, 2))), "inside"),
        (lambda: bifurcation_curve(HopfieldPlane, [0, 0], (0.05, 1.9), "Hopf", ((0, 1), (1, 2))), "pair"),
        (lambda: bifurcation_curves(HopfieldPlane, ((0, 1), (1, 2)), anchors=0), "anchors"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(FiniteNError, match=message):
        call()
