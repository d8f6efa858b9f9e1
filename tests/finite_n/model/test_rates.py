"""Rates in place of amplitudes: Γ = √rate, D = diag(rates), and what is no rate."""

import numpy as np
import pytest
import qutip

from comparison.study_file.build import build
from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, Species, average, evolve, mx, mz
from finite_n.model.amplitude import Amplitude
from finite_n.model.polynomial import Polynomial
from meanfield import Limit

SM, SZ = qutip.sigmam(), qutip.sigmaz()
UP = np.diag([1.0, 0.0])
TOL = 1e-8  # tolerance of evolve


def z_at_1(model, N, start=(0, 0, 1)):
    return evolve(model, N, list(start), [0, 1]).mean("z")[-1]


@pytest.mark.parametrize("N", [1, 4])
def test_constant_rates_are_rates(N):
    """Alone every particle decays at the rate, 1 + ⟨σz⟩ = 2 e^{−rate t}; with N = 1 collective decay is the same."""
    expected = 2 * np.exp(-0.3) - 1
    assert abs(z_at_1(Model(jumps=[LocalJump(SM, rate=0.3)]), N) - expected) < TOL
    assert abs(z_at_1(Model(jumps=[LocalJump(SM, np.sqrt(0.3))]), N) - expected) < TOL
    assert abs(z_at_1(Model(collective=[CollectiveJumps([SM], rate=0.3)]), 1) - expected) < TOL


def test_rates_of_several_operators_are_the_diagonal_of_d():
    part = CollectiveJumps([SM, SZ, mx], rate=[0.3, 0, 2])
    assert np.array_equal(part.kossakowski, np.diag([0.3, 0, 2]))
    assert np.array_equal(CollectiveJumps(SM, rate=0.3).kossakowski, [[0.3]])
    assert np.array_equal(CollectiveJumps([SM, SZ][:1]).kossakowski, [[1]])


@pytest.mark.parametrize("include_self", [True, False])
def test_functions_as_rates(include_self):
    """N = 3: all up, so Δ = m(n) is 1 (with k) or 2/3 (without) at t = 0: d⟨σz⟩/dt = −2 rate(Δ); and the same as with
    the root."""

    def rate(d):
        return 0.2 + d**2 / 3

    def model(**given):
        return Model(jumps=[LocalJump(SM, delta=average(UP), include_self=include_self, **given)])

    x, y = model(rate=rate), model(amplitude=lambda d: np.sqrt(rate(d)))
    assert abs(z_at_1(x, 3, (0.2, 0, 0.5)) - z_at_1(y, 3, (0.2, 0, 0.5))) < 1e-12  # the same numbers
    early = evolve(x, 3, [0, 0, 1], [0, 1e-4]).mean("z")[-1]
    assert abs((early - 1) / 1e-4 + 2 * rate(1 if include_self else 2 / 3)) < 1e-3  # of first order in t


def test_limits_of_rates():
    """ṁ_z = −rate(m_z)(1 + m_z), by hand, with its derivative by the rate's own."""
    model = Model(jumps=[LocalJump(SM, rate=lambda d: 1 + 0.5 * d, delta=mz)])
    given = Model(
        jumps=[LocalJump(SM, rate=lambda d: 1 + 0.5 * np.abs(d + 2) - 1, delta=mz, derivative=lambda d: 0.5 + 0 * d)]
    )
    m = [0.1, 0.2, 0.4]
    for x in (Limit(model), Limit(given)):
        assert abs(x.drift(m)[2] + (1 + 0.2) * 1.4) < 1e-14
        assert abs(x.jacobian(m)[2, 2] + (1 + 0.2) + 0.5 * 1.4) < 1e-14


def test_slopes_by_complex_step_go_through_the_root():
    gamma = Amplitude.of_rate(lambda d: np.exp(2 * d) + 1)
    x = np.array([-0.3, 0.7])
    assert np.abs(gamma.derivative(x) - np.exp(2 * x) / np.sqrt(np.exp(2 * x) + 1)).max() < 1e-15


def test_printed_rates():
    for jump, text in (
        (LocalJump(SM, 0.3), "LocalJump(σ-, rate 0.09)"),
        (LocalJump(SM, -0.3), "LocalJump(σ-, rate 0.09)"),
        (LocalJump(SM, rate=0.3), "LocalJump(σ-, rate 0.3)"),
        (LocalJump(SM), "LocalJump(σ-, rate 1)"),
        (LocalJump(SM, rate=np.exp, delta=mz), "LocalJump(σ-, rate = exp, Δ = m(σz))"),
        (LocalJump(SM, np.exp, mz), "LocalJump(σ-, Γ = exp, Δ = m(σz))"),
    ):
        assert repr(jump) == text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LocalJump(SM, 1.0, rate=1.0), "give one of them"),
        (lambda: LocalJump(SM, rate=-0.1), "0 or more"),
        (lambda: LocalJump(SM, rate=np.nan), "finite real number"),
        (lambda: LocalJump(SM, rate=np.inf), "finite real number"),
        (lambda: LocalJump(SM, rate=1j), "real number or a function"),
        (lambda: LocalJump(SM, rate="fast"), "real number or a function"),
        (lambda: LocalJump(SM, rate=True), "real number or a function"),
        (lambda: LocalJump(SM, rate=0.3, delta=mz), "would be ignored"),
        (lambda: LocalJump(SM, rate=np.exp), "delta is missing"),
        (lambda: LocalJump(SM, rate=lambda d: d, delta=mz), "rate: at Δ = .* not negative"),
        (lambda: LocalJump(SM, rate=lambda d: d, delta=average(UP)), "√rate.*smooth"),
        (lambda: LocalJump(SM, rate=lambda d: (d - 0.2) ** 2, delta=mz), "√rate.*smooth"),
        (lambda: LocalJump(SM, rate=lambda d: np.exp(1j * d), delta=mz), "rate: .*complex"),
        (lambda: LocalJump(SM, rate=lambda d: 1 / (d - 1), delta=mz), "rate"),
        (lambda: CollectiveJumps([SM], 0.3, rate=0.3), "give one of them"),
        (lambda: CollectiveJumps([SM, SZ], rate=0.3), "one per operator"),
        (lambda: CollectiveJumps([SM], rate=[0.3, 0.2]), "one per operator"),
        (lambda: CollectiveJumps([SM], rate=-0.3), "0 or more"),
        (lambda: CollectiveJumps([SM], rate=1j), "0 or more"),
        (lambda: CollectiveJumps([SM], rate=[[0.3]]), "one per operator"),
        (lambda: CollectiveJumps([SM], rate="fast"), "0 or more"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(FiniteNError, match=message):
        make()


def _file(jump, collective=None, **model):
    table = {"jumps": [{"operator": "sm", **jump}], "parameters": {"g": 0.3}, **model}
    if collective:
        table["collective"] = [{"operators": ["sm"], **collective}]
    return {"model": table, "initial": {"bloch": [0, 0, 0.5]}, "times": {"stop": 1.0}, "sizes": [4, 6, 8, 12]}


def test_rates_in_study_files():
    jumps = [
        build(_file(given)).model.jumps[0]
        for given in ({"rate": 0.3}, {"rate": "g"}, {"rate": "g + 0.1*D**2", "delta": "mz"}, {"amplitude": 0.3}, {})
    ]
    assert [repr(j) for j in jumps] == [
        "LocalJump(σ-, rate 0.3)",
        "LocalJump(σ-, rate 0.3)",
        "LocalJump(σ-, rate = g + 0.1*D**2, Δ = m(σz))",
        "LocalJump(σ-, rate 0.09)",
        "LocalJump(σ-, rate 1)",
    ]
    assert abs(float(jumps[2].gamma(0.5)) - np.sqrt(0.3 + 0.025)) < 1e-15
    for rate in (0.3, "g", ["2*g - 0.3"]):
        assert abs(build(_file({}, {"rate": rate})).model.collective[0].kossakowski[0, 0] - 0.3) < 1e-15
    for wrong, message in (
        (_file({"rate": 0.3, "amplitude": 0.3}), r"model\.jumps\[0\].*give one of them"),
        (_file({"rate": "D", "delta": "mz"}), r"model\.jumps\[0\].*not negative"),
        (_file({}, {"rate": 0.3, "matrix": [[1.0]]}), r"model\.collective\[0\].*give one of them"),
    ):
        with pytest.raises(FiniteNError, match=message):
            build(wrong)


def test_shares_in_study_files():
    table = _file({"rate": 0.3, "species": "a"}, species={"a": 0.25, "b": 0.75}, hamiltonian="0.5*share_a*mz_a")
    table["initial"] = {"species": {"a": {"bloch": [1, 0, 0]}, "b": {"bloch": [0, 0, 1]}}}
    table["observables"] = {"all": "share_a*mx_a + share_b*mx_b"}
    study = build(table | {"sizes": [4, 8, 12, 16]})
    a = Species("a", fraction=0.25)
    assert study.model.hamiltonian == 0.125 * a.mz
    assert study.model.sized([1, 1]).hamiltonian == 0.25 * a.mz
    assert study.e_ops["all"].with_shares({"a": 0.25, "b": 0.75}) == 0.25 * a.mx + Polynomial(
        {(Species("b").letters[0],): 0.75}
    )
