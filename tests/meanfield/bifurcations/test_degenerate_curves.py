"""Curves of bifurcations where eigenvalues meet, stay zero, or have no value: the right curve, nan or one sentence."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from finite_n import FiniteNError
from finite_n.systems import dicke_model
from meanfield import bifurcation_curve, fixed_points
from tests.meanfield.bifurcations.small_flows import Brusselator, HopfieldPlane, Linear, Stack, Tilted, Turned

pytestmark = pytest.mark.rounding

CURVE = 1e-7  # f and ψ are solved to 1e-10; ψ has slopes of order one


@pytest.mark.parametrize("seed", range(4))
def test_a_hopf_curve_keeps_its_own_pair_to_its_end(seed):
    # beside −0.05 ± 2i, in coordinates where rounding makes the double zero at the end real or complex as it falls
    u = ortho_group.rvs(4, random_state=seed)
    spiral = Linear([[-0.05, 2], [-2, -0.05]])
    curve = bifurcation_curve(
        lambda w, b: Turned(Stack(HopfieldPlane(w, b), spiral), u),
        np.zeros(4), (0.5, 1.5), "Hopf", ((0.0, 0.7), (1.0, 2.0)), step=0.2,
    )  # fmt: skip
    omega, beta = curve.values.T
    assert np.abs(beta - 1.5).max() < CURVE and np.abs(curve.frequency**2 - (4 * omega**2 - 0.25)).max() < CURVE
    end = int(np.argmin(omega))
    assert "Bogdanov–Takens point, ω = 0" in curve.ends and abs(omega[end] - 0.25) < CURVE
    assert curve.frequency[end] < 1e-6 and np.isnan(curve.coefficient[end])  # ω² to rounding
    assert np.all(np.delete(curve.coefficient, end) < 0)


def test_no_lyapunov_coefficient_where_another_eigenvalue_is_zero():
    curve = bifurcation_curve(
        lambda a, b: Stack(Brusselator(a, b), Linear([[0.0]])),
        [1.0, 2.0, 0.0], (1.0, 2.05), "Hopf", ((0.5, 1.6), (1, 4)), step=0.2,
    )  # fmt: skip
    a, b = curve.values.T
    assert np.abs(b - 1 - a**2).max() < CURVE and np.abs(curve.frequency - a).max() < CURVE
    assert np.all(np.isnan(curve.coefficient))


BOX = ((-0.5, 0.5), (-0.5, 1.0))


@pytest.mark.parametrize(
    ("family", "start", "at", "kind", "message"),
    [
        (lambda p, q: Stack(Tilted(p, q), Tilted(p, q)), [0.5, 0.5], (-0.25, 0.75), "fold", "no fold point"),
        (lambda p, q: Stack(Tilted(p, q), Linear([[0.0]])), [0.5, 0.1], (-0.25, 0.75), "fold", "no fold point|stays"),
        (lambda p, q: Linear([[0.0, 0.0], [0.0, p]]), [0.1, 0.0], (0.2, 0.3), "pitchfork", "stays zero"),
        (lambda g, k: dicke_model(coupling=g, loss=k), [0, 0, -1, 0, 0], (0.3, 0.6), "pitchfork", "FixedLength"),
        (lambda p, q: Linear([[p, 1.0], [q, p]]), [0, 0], (0.2, 0.3), "Hopf", "no complex pair"),
        (lambda p, q: Linear([[p, np.nan], [q, p]]), [0, 0], (0.2, 0.3), "Hopf", "no complex pair"),
        (lambda p, q: Linear([[p, np.inf], [q, p]]), [0, 0], (0.2, 0.3), "fold", "no finite derivative"),
    ],
)
def test_curves_that_do_not_exist_are_refused_in_a_sentence(family, start, at, kind, message):
    with pytest.raises(FiniteNError, match=message) as refusal:
        bifurcation_curve(family, start, at, kind, BOX)
    assert len(str(refusal.value)) <= 400


def test_fixed_points_of_a_flow_without_values():
    assert fixed_points(Linear([[np.nan, 1.0], [1.0, 2.0]]), 2) == []
