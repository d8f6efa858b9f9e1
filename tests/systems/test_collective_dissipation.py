"""Benatti et al. 2016: closed forms at every N where they exist, and the printed limits against exact numbers."""

import numpy as np
import pytest

from comparison import Study, build, rate
from comparison.claims.benatti_2016.study import pole_covariance
from finite_n import evolve
from finite_n.systems import collective_dissipation

SIZES = [20, 28, 40, 56, 80, 112, 160]


@pytest.fixture(scope="module")
def off_pole():
    return build({"system": "collective_dissipation", "sizes": SIZES, "times": {"stop": 2.0, "points": 5}}).run()


def test_J_is_conserved():
    result = evolve(collective_dissipation(), 15, [0.5, 0.2, -0.3], [0, 1, 2])
    assert np.abs(result.j_distribution - result.j_distribution[0]).max() < 1e-10


def test_magnetisation_goes_to_its_closed_form_at_rate_one(off_pole):
    assert off_pole.status("magnetisation") == "confirmed"
    assert off_pole.status("derived") == "confirmed"
    claimed = off_pole.limits["magnetisation"]
    for q in ("mean_x", "mean_y", "mean_z"):
        i = off_pole.study.quantities.index(q)
        for t in (2, 4):
            r = rate(SIZES, off_pole.exact[:, t, i], claimed[q][t], off_pole.errors[:, t, i])
            assert abs(r.asymptotic - 1) < 0.01  # the local exponent, with its 1/N removed


def test_averages_end_on_the_stable_pole():
    """Eq. 41: (0, 0, |ξ|) for λ > 0, to the distance e^{−λξt} of the closed form."""
    m = np.array([0.5, 0.2, -0.3])
    length = np.linalg.norm(m)
    study = build(
        {"system": "collective_dissipation", "sizes": [20, 40, 80, 160], "times": {"stop": 60.0, "points": 3}}
    )
    final = {q: v[-1] for q, v in study.claims[0].values(study.tlist).items()}
    assert abs(final["mean_z"] - length) < 1e-6
    assert abs(final["mean_x"]) + abs(final["mean_y"]) < 1e-5


@pytest.mark.parametrize("pole", [0.6, -0.6], ids=["stable", "unstable"])
def test_covariance_at_the_pole_goes_to_eq_55(pole):
    parameters = dict(lam=0.8, a11=1.0, a22=1.2, a12=0.4)
    state = [0, 0, pole]
    study = Study(
        collective_dissipation(**parameters),
        state,
        np.linspace(0, 1.0, 4),
        SIZES,
        [pole_covariance(state, **parameters)],
    )
    result = study.run()
    assert result.status("covariance") == "confirmed"
    assert result.status("derived") == "confirmed"
    i = study.quantities.index("cov_xx")
    grows = result.exact[-1, -1, i] / result.exact[-1, 0, i]
    assert (grows > 1.2) == (pole < 0)


def test_a_wrong_covariance_at_the_pole_is_refuted():
    state = [0, 0, 0.6]
    claim = pole_covariance(state, lam=0.8, a11=1.01, a22=1.2, a12=0.4)  # one coefficient 1 % off
    result = Study(collective_dissipation(), state, np.linspace(0, 1.5, 4), SIZES[:5], [claim]).run()
    assert result.status("covariance") == "refuted"
