"""Models that depend on time in study files: the right numbers, from formulas and from tables, and their refusals."""

import numpy as np
import pytest
import qutip

from comparison import PointStore, StudyPoints, Sweep, build, load
from comparison.report.pages import text_report
from comparison.results_folder.identity import identity
from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, coefficient, evolve, mx, my, mz
from tests.comparison.cli.called import run
from tests.comparison.sweep.pretending import at_once  # noqa: F401

SAME = 1e-12  # rounding of coefficients
EXACT = 1e-8  # of an evolution with the default tolerance, and of the reference
DOWN, TIMES = [0, 0, -1], [0, 1, 2]
N = 4
JUMPS = {
    "jumps": [{"operator": "sm", "amplitude": 0.3}],
    "collective": [{"operators": ["sm"], "rate": 0.2}],
}
PULSE = {"hamiltonian": "0.2*mz + exp(-(t-1)**2)*mx", **JUMPS}


def study(model, **more):
    raw = {"sizes": [4, 6, 8, 10], "times": {"stop": 2.0, "points": 3}, "initial": {"bloch": DOWN}, "model": model}
    return build(raw | more, "study.toml")


def final(model) -> float:
    """⟨σz⟩ at t = 2."""
    return evolve(study(model).model, N, DOWN, TIMES).mean("z")[-1]


def table(number: int, order: int = 3):
    t = np.linspace(0, 2, number)
    return {"times": t.tolist(), "values": np.exp(-((t - 1) ** 2)).tolist(), "order": order}


@pytest.fixture(scope="module")
def by_qutip() -> float:
    """The pulse by `qutip.mesolve` on 2^N."""
    at = lambda x, k: qutip.tensor([x if i == k else qutip.qeye(2) for i in range(N)])  # noqa: E731
    total = lambda x: sum(at(x, k) for k in range(N))  # noqa: E731
    H = [0.2 * total(qutip.sigmaz()), [total(qutip.sigmax()), lambda t: np.exp(-((t - 1) ** 2))]]
    jumps = [0.3 * at(qutip.sigmam(), k) for k in range(N)] + [np.sqrt(0.2 / N) * total(qutip.sigmam())]
    start = qutip.tensor([qutip.basis(2, 1)] * N)
    options = {"rtol": 1e-10, "atol": 1e-12, "max_step": 0.05}
    return qutip.mesolve(H, start, TIMES, jumps, e_ops=[total(qutip.sigmaz()) / N], options=options).expect[0][-1]


def test_a_pulse_is_that_of_qutip(by_qutip):
    assert abs(final(PULSE) - by_qutip) < EXACT
    named = PULSE | {
        "hamiltonian": "0.2*mz + f(t/2)*mx",
        "functions": {"f": "exp(-(2*t - middle)**2)"},
        "parameters": {"middle": 1.0},
    }
    assert abs(final(named) - by_qutip) < EXACT


@pytest.mark.parametrize("order", [1, 3])
def test_a_table_of_a_pulse_is_the_pulse_within_its_interpolation_error(by_qutip, order):
    """‖ρ − ρ′‖ ≤ ∫ ‖[δH, ρ]‖ dt ≤ 2 N T max|δf|."""
    model = PULSE | {"hamiltonian": "0.2*mz + f(t)*mx", "functions": {"f": table(41, order)}}
    t = np.linspace(0, 2, 4001)
    ((f, _),) = study(model).model.hamiltonian.terms
    error = np.abs(f(t) - np.exp(-((t - 1) ** 2))).max()
    assert EXACT < abs(final(model) - by_qutip) < 2 * N * 2 * error
    # straight lines have the error h²/8 max|f″|; the cubic spline 5h⁴/384 max|f⁗|, twice that where it ends
    assert error < {1: 0.05**2 / 8 * 2, 3: 2 * 5 * 0.05**4 / 384 * 12}[order] * (1 + 1e-3)


def test_an_amplitude_of_delta_and_time_is_that_of_python(tmp_path):
    """With a table and a parameter in it; its points are stored, and another formula is another study."""
    rate = "0.5*(1 + 0.4*sin(w*t)*D*f(t))"
    parts = {"hamiltonian": "0.2*mx", "parameters": {"w": 2.0}, "functions": {"f": table(41)}}
    text = parts | {"jumps": [{"operator": "sm", "amplitude": rate, "delta": "mz"}]}
    built = study(text)
    f = coefficient(np.array(table(41)["values"]), table(41)["times"])
    jump = LocalJump(qutip.sigmam(), amplitude=lambda d, t: 0.5 * (1 + 0.4 * np.sin(2 * t) * d * f(t)), delta=mz)
    start = [0.3, 0, 0.5]
    one, other = (evolve(m, N, start, TIMES) for m in (built.model, Model(0.2 * mx, [jump])))
    np.testing.assert_allclose(one.means, other.means, atol=1e-11)
    assert rate in text_report(built.run())
    again = study(parts | {"jumps": [{"operator": "sm", "amplitude": rate.replace("0.4", "0.5"), "delta": "mz"}]})
    assert identity(built) == identity(study(text)) != identity(again)
    store = PointStore(tmp_path)
    StudyPoints(built, store).finish(4)
    assert StudyPoints(study(text), store).is_stored(4)
    assert not StudyPoints(again, store).is_stored(4)


def test_a_table_may_be_a_file(tmp_path):
    rows = zip(table(41)["times"], table(41)["values"], strict=True)
    lines = ["# a pulse", "time,value", *(f"{t!r},{x!r}" for t, x in rows)]
    (tmp_path / "pulse.csv").write_text("\n".join(lines))
    text = (
        "sizes = [4, 6, 8, 10]\ninitial = { bloch = [0, 0, -1] }\ntimes = { stop = 2.0, points = 3 }\n[model]\n"
        'hamiltonian = "0.2*mz + f(t)*mx"\nfunctions = { f = { file = "pulse.csv" } }\n'
        '[[model.jumps]]\noperator = "sm"\namplitude = 0.3\n[[model.collective]]\noperators = ["sm"]\nrate = 0.2\n'
    )
    (tmp_path / "study.toml").write_text(text)
    found = load(str(tmp_path / "study.toml"))
    given = study(PULSE | {"hamiltonian": "0.2*mz + f(t)*mx", "functions": {"f": table(41)}})
    value = evolve(found.model, N, DOWN, TIMES).mean("z")[-1]
    assert abs(value - evolve(given.model, N, DOWN, TIMES).mean("z")[-1]) < SAME
    (tmp_path / "pulse.csv").write_text("time,value,other\n0,1,2\n")
    with pytest.raises(FiniteNError, match=r"study\.toml, line 6: model\.functions\.f: .*has the columns time, value"):
        load(str(tmp_path / "study.toml"))


@pytest.mark.parametrize(
    ("formula", "integral", "breaks"),
    [
        ("0.3 + 0.8*step(t - on)", 0.6 + 0.8 * 1.23, ["on"]),  # a jump
        ("0.3 + 0.8*step(t - 0.77)", 0.6 + 0.8 * 1.23, []),  # that is found
        ("f(t)", 0.6 + 0.8 * 1.23, []),
        ("abs(t - 1)", 1.0, []),  # kinks on nodes of a grid of times
        ("sqrt((t - 1/16)**2)", 1 / 512 + 31**2 / 512, []),
        ("2*max0(t - 0.25)", 1.75**2, []),
    ],
)
def test_jumps_and_kinks_of_a_drive_are_exact(formula, integral, breaks):
    """⟨σz⟩ = −cos 2∫f for H = N f(t) m(σx) alone, at every N."""
    functions = {"f": {"times": [0, 0.77, 3], "values": [0.3, 1.1, 9], "order": 0}, "max0": "t*step(t)"}
    parameters = {"on": 0.77}
    model = {"hamiltonian": f"({formula})*mx", "functions": functions, "breaks": breaks, "parameters": parameters}
    assert abs(final(model) + np.cos(2 * integral)) < EXACT


def test_sums_of_products_are_what_they_say():
    text = "cos(t)*(mx + f(2*t)*my)/(1 + t**2) - (cos(t) + 1j*sin(t))*mp*t - dag((cos(t) + 1j*sin(t))*mp*t) + mz/2"
    found = study({"hamiltonian": text, "functions": {"f": "sqrt(t)"}}).model
    for t in (0.3, 1.7):
        rotating = np.cos(t) * mx - np.sin(t) * my
        expected = np.cos(t) / (1 + t**2) * (mx + np.sqrt(2 * t) * my) - t * rotating + 0.5 * mz
        assert (found.at(t).hamiltonian - expected).size < SAME


def test_rates_are_products_of_functions_of_the_state_and_of_time():
    jumps = [
        {"operator": "sm", "rate": "0.3*(1 + sin(3*t))"},
        {"operator": "sp", "rate": "exp(D)*exp(-t)/(2*(1 + t))", "delta": "mz"},
        {"operator": "sz", "amplitude": "-t*(2 + D)", "delta": "mx"},
    ]
    collective = [
        {"operators": ["sm", "sz"], "rate": ["exp(-t)", "0.1"]},
        {"operators": ["sm", "sp"], "matrix": [[1, "0.5j"], ["-0.5j", 1]], "time": "t**2"},
    ]
    model, t, x = study({"jumps": jumps, "collective": collective}).model, 0.7, np.linspace(-1, 1, 5)
    found = {str(np.round(jump.operator, 2)): jump.amplitude(x) for jump in model.at(t).jumps}
    expected = [
        LocalJump(qutip.sigmam(), rate=0.3 * (1 + np.sin(3 * t))),
        LocalJump(qutip.sigmap(), rate=lambda d: np.exp(d - t) / (2 * (1 + t)), delta=mz),
        LocalJump(qutip.sigmaz(), lambda d: t * (2 + d), delta=mx),
    ]
    for jump in expected:
        assert np.allclose(found[str(np.round(jump.operator, 2))], jump.amplitude(x), atol=SAME)
    matrices = [part.kossakowski for part in model.at(t).collective]
    others = [CollectiveJumps([qutip.sigmaz()], rate=0.1), CollectiveJumps([qutip.sigmam()], rate=np.exp(-t))]
    for expected in [*(x.kossakowski for x in others), t**2 * np.array([[1, 0.5j], [-0.5j, 1]])]:
        assert any(x.shape == expected.shape and np.allclose(x, expected, atol=SAME) for x in matrices)


FILE = """
sizes = [4, 6, 8, 12]
accuracy = 1e-2
tolerance = 1e-7
initial = { bloch = [0, 0, -1] }
times = { stop = 1.0, points = 3 }
[model]
parameters = { height = 1.0 }
hamiltonian = "0.2*mz + height*f(t)*mx"
functions = { f = "exp(-(t-1)**2)" }
[[model.jumps]]
operator = "sm"
rate = "0.09*(1 + sin(3*t))"
"""


def test_the_command_line_runs_it_to_verdicts(capsys, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(FILE)
    status, out, _ = run(capsys, "run", file, "--cache", tmp_path / "points")
    assert status == 0 and "averages: CONFIRMED" in out and "REFUTED" not in out
    page = text_report(load(str(file)).run())
    assert "f(t) = exp(-(t-1)**2)" in page and "times 0.09*(1 + sin(3*t))" in page
    _, _, err = run(capsys, "run", file, "--cache", tmp_path / "points")
    assert "4 of 4 sizes were found" in err
    status, out, _ = run(capsys, "run", file, "--dry-run")
    assert status == 0 and "In all about" in out


def test_corrections_fall_as_one_over_N():
    result = study(PULSE, sizes=[8, 16, 32, 64], accuracy=1e-3, tolerance=1e-8, times={"stop": 1.0, "points": 2}).run()
    verdict = next(v for v in result.verdicts if v.quantity == "mean_z")
    exact = [evolve(result.study.model, n, DOWN, [0, 1.0]).mean("z")[-1] for n in (16, 32, 64)]
    errors = np.abs(np.array(exact) - verdict.claimed)
    assert verdict.status == "confirmed" and np.all(abs(errors[:-1] / errors[1:] - 2) < 0.1)


def test_points_of_a_grid_over_the_drive_are_found_again(tmp_path, at_once):  # noqa: F811
    raw = {"sizes": [4, 6, 8, 10], "times": {"stop": 0.5, "points": 2}}
    model = {"parameters": {"height": 1.0}, "hamiltonian": "height*f(t)*mx", "functions": {"f": table(21)}}
    raw |= {"accuracy": 1e-2, "tolerance": 1e-7, "initial": {"bloch": DOWN}, "model": model}
    store = PointStore(tmp_path / "points")
    result = Sweep(raw, {"height": [0.5, 1.0]}).run(points=tmp_path / "points")
    assert not any(row.failure for row in result.rows)
    for height, stored in ((0.5, True), (0.75, False), (1.0, True)):
        model = raw["model"] | {"parameters": {"height": height}}
        assert StudyPoints(build(raw | {"model": model}), store).is_stored(6) is stored
    other = raw["model"] | {"functions": {"f": table(22)}}
    assert not StudyPoints(build(raw | {"model": other}), store).is_stored(6)


def test_functions_are_told_apart_by_what_they_are():
    names = [identity(study(PULSE | {"hamiltonian": f"exp(-(t-{x})**2)*mx"})) for x in ("1", "1", "1.01")]
    assert names[0] == names[1] != names[2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hamiltonian": "t*mx + g(t)*my"}, "model.hamiltonian: .* unknown function g"),
        ({"hamiltonian": "t*omga*mx"}, r"unknown name omga; known are t \(time\); mx"),
        ({"hamiltonian": "exp(-1j*t)*mp"}, "functions of time are real; write exp"),
        ({"hamiltonian": "mx/t"}, "1/t: at t = 0 it is inf"),
        ({"hamiltonian": "t*mp"}, "not Hermitian"),
        ({"hamiltonian": "mx", "parameters": {"t": 1}}, "model.parameters.t: the name has a meaning"),
        ({"functions": {"f": {"times": [0, 1], "values": [1, 2]}}, "hamiltonian": "f(t)*mx"}, "from t = 0 to 1, and"),
        ({"functions": {"f": {"times": [0, 1], "values": [1, 2]}}, "hamiltonian": "f(t**2)*mx"}, "was asked for at"),
        ({"functions": {"f": {"times": [0, 1, 1], "values": [1, 2, 3]}}}, "model.functions.f: times = .* later than"),
        ({"functions": {"f": {"times": [0, 1, 2], "values": [1, 2]}}}, "got 3 times and 2 values"),
        ({"functions": {"f": {"times": [0, 1, 2]}}}, "model.functions.f: give either times"),
        ({"functions": {"f": {"file": "none.csv"}}}, "model.functions.f: none.csv: cannot be read"),
        ({"functions": {"f": {"fil": "a.csv"}}}, "known there are times, values, file, order"),
        ({"functions": {"f": "f(t)"}}, "model.functions.f: .*unknown function f"),
        ({"functions": {"a b": "t"}}, "formulas cannot use this name"),
        ({"functions": {f"f{k}": f"f{k - 1}(t)*f{k - 1}(-t)" if k else "t" for k in range(40)}}, "at most 1000"),
        ({"breaks": ["x"]}, r"model.breaks\[0\]: «x» uses the unknown name x"),
        ({"breaks": ["1j"]}, "give a real, finite time"),
        ({"jumps": [{"operator": "sm", "rate": "sin(3*t)"}]}, r"jumps\[0\].rate: .* is -.* a rate is not negative"),
        ({"jumps": [{"operator": "sm", "rate": "1 + t*D"}]}, "is a function of D, but delta is missing"),
        ({"jumps": [{"operator": "sm", "rate": "1 + t*D*q", "delta": "mz"}]}, "unknown name q"),
        ({"jumps": [{"operator": "sm", "rate": "t*D"}]}, "is a function of D, but delta is missing"),
        ({"jumps": [{"operator": "sm", "rate": "t", "delta": "mz"}]}, "delta, .* would be ignored"),
        ({"collective": [{"operators": ["sm", "sz"], "rate": "t"}]}, r"collective\[0\].rate: depends on t; give"),
        ({"collective": [{"operators": ["sm"], "rate": "t - 1"}]}, "a rate is not negative at any time"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(change, said):
    with pytest.raises(FiniteNError, match=said) as error:
        study(change)
    assert str(error.value).startswith("study.toml: model") or "unknown key model" in str(error.value)
    assert "\n" not in str(error.value)
