"""Theories at finite N as claims, and where they leave what quantum states allow."""

import numpy as np
import pytest
import qutip

from comparison import theories
from comparison.referee.physical_range import excess
from comparison.referee.quantities import named_quantities
from comparison.referee.theories import THEORIES
from finite_n import CollectiveJumps, Field, FiniteNError, LocalJump, Mode, Model, Species, evolve, mx, mz
from finite_n.model.species import Space
from meanfield import Limit

SPINS = Space([Species()], [])
TIMES = np.array([0.0, 0.5, 1.0])
MODEL = Model(0.4 * mx + 0.1 * mz * mz, [LocalJump(qutip.sigmaz(), 0.3)], [CollectiveJumps([qutip.sigmam()], 0.3)])
START = [0.6, 0, 0.3]


def values(name: str, N: int, model=MODEL, start=START, e_ops=None) -> dict:
    (claim,) = theories(model, start, [name], e_ops)
    assert claim.per_size
    return claim.values(TIMES, N)


def test_every_theory_gives_every_quantity():
    ops = {"order": mz * mz}
    wanted = {*named_quantities(np.zeros((1, 3)), np.zeros((1, 3, 3))), "order"}
    for name in THEORIES:
        found = values(name, 20, e_ops=ops)
        assert set(found) == wanted
        assert all(x.shape == TIMES.shape and np.all(np.isfinite(x)) for x in found.values())


def test_at_the_start_they_all_are_exact():
    exact = evolve(MODEL, 20, START, TIMES, {"order": mz * mz}, tol=1e-10, check=False)
    for name in THEORIES:
        found = values(name, 20, e_ops={"order": mz * mz})
        for k, axis in enumerate("xyz"):
            assert abs(found[f"mean_{axis}"][0] - START[k]) < 1e-12
        assert abs(found["cov_zz"][0] - exact.covariance[0, 2, 2]) < 1e-10
        # ⟨m_z²⟩ = z² + (1 − z²)/N of a product state
        assert abs(found["order"][0] - (0.09 + 0.91 / 20)) < 1e-12


def test_mean_field_has_no_correlations_and_gaussian_those_of_the_limit():
    limit = Limit(MODEL).evolve(START, TIMES)
    mean, gauss = values("meanfield", 20), values("gaussian", 20)
    m = limit.means
    for found in (mean, gauss):
        assert np.abs(found["mean_z"] - m[:, 2]).max() < 1e-10  # two integrations at 1e-12
    assert np.abs(mean["cov_zz"] - (1 - m[:, 2] ** 2)).max() < 1e-10
    assert np.abs(mean["cov_xz"] + m[:, 0] * m[:, 2]).max() < 1e-10
    assert np.abs(gauss["cov_zz"] - limit.covariance[:, 2, 2]).max() < 1e-12
    # ⟨m_z²⟩ = ⟨m_z⟩² + Σ_zz/N for whatever state
    found = values("gaussian", 20, e_ops={"order": mz * mz})
    assert np.abs(found["order"] - (m[:, 2] ** 2 + limit.covariance[:, 2, 2] / 20)).max() < 1e-12


def test_orders_in_a_ladder():
    """Each theory's error at N = 40 over that at N = 80, against 2^order."""
    sizes = (40, 80)
    exact = [evolve(MODEL, N, START, TIMES, tol=1e-11, check=False) for N in sizes]
    wanted = {"meanfield": (1, 0), "gaussian": (1, 1), "corrected": (3, 2), "cumulants2": (2, 1), "cumulants3": (3, 2)}
    for name, orders in wanted.items():
        found = [values(name, N) for N in sizes]
        means = [
            max(np.abs(f[f"mean_{a}"] - e.mean(a)).max() for a in "xyz") for f, e in zip(found, exact, strict=True)
        ]
        spread = [np.abs(f["cov_zz"] - e.covariance[:, 2, 2]).max() for f, e in zip(found, exact, strict=True)]
        for (coarse, fine), order in zip((means, spread), orders, strict=True):
            assert abs(np.log2(coarse / fine) - order) < 0.2, name  # the next power of 1/N adds a few percent


def test_a_mode_that_starts_with_an_amplitude_of_order_one():
    light = Mode("light")
    model = Model(0.5 * mz + 0.4 * light.number + 0.6 * mx * light.phi, modes=[light])
    start, N = {"": [0.2, 0.3, -0.4], "light": Field(beta=0.3 + 0.1j)}, 20
    exact = evolve(model, N, start, TIMES, tol=1e-9, check=False)
    limit = Limit(model).evolve(start, TIMES)
    first = np.sqrt(N) * (exact.mean("light.phi") - limit.mean("light.phi"))
    for name in THEORIES:
        found = values(name, N, model, start)
        assert abs(found["first_light.phi"][0] - np.sqrt(2) * 0.3) < 1e-9
        assert np.abs(found["first_light.phi"] - first).max() < 0.1  # of 0.4, and 1/√N of it is 0.1


def test_what_is_refused():
    with pytest.raises(FiniteNError, match="'cumulants5' is unknown; known are meanfield, gaussian"):
        theories(MODEL, START, ["cumulants5"])
    with pytest.raises(FiniteNError, match="given twice"):
        theories(MODEL, START, ["meanfield", "meanfield"])
    with pytest.raises(FiniteNError, match=r"finite_n\.Model"):
        theories("hopfield", START)


def broken(means, covariance, N=10):
    times = np.array([0.0, 1.0])
    start = named_quantities(np.zeros((2, 3)), np.array([np.eye(3)] * 2))  # the maximally mixed state
    other = named_quantities(np.array([[0, 0, 0], means], float), np.array([np.eye(3), covariance]))
    assert excess(SPINS, N, times, start) is None
    return excess(SPINS, N, times, other)


def test_conditions_that_every_state_meets():
    pure = np.diag([1.0, 1.0, 0.0])
    assert broken([0, 0, 1], pure) is None
    found = broken([0, 0, 1.2], np.diag([1.2, 1.2, 0]))
    assert (found.condition, found.time) == ("populations", 1.0)
    assert abs(found.by - 0.1) < 1e-12  # (1 − |m|)/2
    assert broken([0, 0, 0], np.diag([1, 1, -0.25])).condition == "variance"
    found = broken([0, 0, 1], np.diag([0.9, 0.9, 0]))  # Σ_xx Σ_yy ≥ m_z²
    assert found.condition == "uncertainty"
    assert abs(found.by - 0.1) < 1e-12
    assert broken([0, 0, 0.8], np.diag([1.6, 0.4, 0.1])) is None  # squeezed: Σ_xx Σ_yy = m_z²
    # |m|² + tr Σ/N ≤ 1 + 2/N
    assert broken([0, 0, 0], 4 * np.eye(3), N=10) is None
    found = broken([0, 0, 0], 4.1 * np.eye(3), N=10)
    assert found.condition == "spin length"
    assert abs(found.by - 0.03) < 1e-12


def test_exact_numbers_meet_them():
    for model in (MODEL, Model(collective=[CollectiveJumps([qutip.sigmam()], 2)]), Model(0.5 * mz * mz)):
        for N in (2, 9):
            r = evolve(model, N, [1, 0, 0], TIMES, tol=1e-11, check=False)
            assert excess(SPINS, N, TIMES, named_quantities(r.means, r.covariance)) is None


def test_an_expansion_of_superradiance_leaves_them():
    model = Model(collective=[CollectiveJumps([qutip.sigmam()])])
    times = np.linspace(0, 3, 7)
    corrected, third = theories(model, [0, 0, 1], ["corrected", "cumulants3"])
    found = excess(SPINS, 10, times, corrected.values(times, 10))
    assert found.condition == "variance" and 0 < found.time < 3
    assert excess(SPINS, 10, times, third.values(times, 10)) is None
