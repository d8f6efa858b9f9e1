"""Plain arguments of the wrong kind are refused in one sentence, before any work, wherever they are given."""

import fractions

import numpy as np
import pytest
import qutip

import comparison
import meanfield
from comparison import Claim, Study, build, extrapolate, judge, load, rate, write
from comparison.formula import parse
from finite_n import (
    Amplitude,
    Field,
    FiniteNError,
    Liouvillian,
    LocalJump,
    Model,
    Polynomial,
    Species,
    coherent,
    evolve,
    mx,
    spectrum,
)  # fmt: skip
from finite_n.dicke_blocks.blocks import dicke_blocks
from finite_n.engine import mode_states
from finite_n.errors import LONGEST
from finite_n.model.validation import check_array, check_choice, check_number, check_switch, check_whole
from finite_n.systems import SYSTEMS, Patterns, hopfield, hopfield_patterns

TIMES = [0.0, 0.2]
JUNK = (None, "a", 1j, float("nan"), float("inf"), [], {}, object(), True, 1e400, np.eye(3), lambda: 0, 10**400)


def _model() -> Model:
    return Model(0.3 * mx + 0.1 * mx * mx, [LocalJump(qutip.sigmam(), 0.7)])


def _study(**changes) -> Study:
    arguments = {"model": _model(), "rho0": [0, 0, 1], "tlist": TIMES, "sizes": [4, 6, 8, 10]} | changes
    return Study(
        **arguments, **{} if "accuracy" in changes else {"accuracy": 1e-2}, **{} if "tol" in changes else {"tol": 1e-6}
    )


def test_numbers_arrays_and_words_that_are_right_are_taken():
    assert check_number(np.float32(0.5), "x", 0, 1) == 0.5
    assert check_number(fractions.Fraction(1, 2), "x") == 0.5
    assert check_whole(np.int64(3), "x", 1, 3) == 3
    assert check_array([fractions.Fraction(1, 4), 2], "x", (None,)).tolist() == [0.25, 2.0]
    assert check_choice("b", "x", ("a", "b")) == "b" and check_switch(np.True_, "x") is True


@pytest.mark.parametrize("junk", JUNK, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize(
    "call",
    [
        lambda x: check_number(x, "x"),
        lambda x: hopfield(omega=x),
        lambda x: hopfield_patterns(beta=x),
        lambda x: SYSTEMS["three_level"](pump=x),
        lambda x: SYSTEMS["three_level"](detuning=x),
        lambda x: SYSTEMS["kinetically_constrained"](gamma_down=x),
        lambda x: SYSTEMS["collective_dissipation"](a12=x),
        lambda x: SYSTEMS["dicke_model"](loss=x),
        lambda x: Patterns.draw(2, 5, seed=x),
        lambda x: evolve(_model(), 4, [0, 0, 1], TIMES, tol=x),
        lambda x: evolve(_model(), 4, [0, 0, 1], TIMES, method=x),
        lambda x: _study(tol=x),
        lambda x: _study(accuracy=x),
        lambda x: rate([4, 6, 8, 10], [1, 2, 3, 4], x),
        lambda x: extrapolate([4, 6, 8, 10], [1, 2, 3, 4], power=x),
        lambda x: meanfield.canonical_form(x),
        lambda x: meanfield.fixed_points(_model(), separation=x),
        lambda x: meanfield.fixed_points(_model(), seed=x),
        lambda x: meanfield.Limit(_model()).coefficients([0, 0, 1], floor=x),
        lambda x: load(x if not isinstance(x, str) else "nothing of that name"),
    ],
)
def test_what_is_no_number_in_range_is_refused_in_a_sentence(call, junk):
    with pytest.raises(FiniteNError) as refused:
        call(junk)
    assert len(str(refused.value)) <= LONGEST


@pytest.mark.parametrize(
    "call",
    [
        lambda: evolve(_model(), 4, [0, 0, 1], TIMES, check="no"),
        lambda: evolve(_model(), 4, [0, 0, 1], TIMES, keep_states=1),
        lambda: evolve(_model(), 4, [0, 0, 1], ["0", "1"]),
        lambda: evolve(_model(), 4, [0, 0, 1], [False, True]),
        lambda: evolve(_model(), 4, [0, 0, 1], TIMES).reduced_state("a"),
        lambda: evolve(_model(), 4, [0, 0, 1], TIMES).mean(np.eye(2)),
        lambda: evolve(_model(), 4, [0, 0, 1], TIMES).mean(["x"]),
        lambda: _study(claims=3),
        lambda: _study(power="a"),
        lambda: _study(spec=3),
        lambda: load("hopfield", 3),
        lambda: build({"system": "dicke_model", "parameters": {"nu": [True]}}),
        lambda: Claim("c", "", 3),
        lambda: Claim(3, "", lambda t: {}),
        lambda: meanfield.Limit(_model()).drift(["a", "b", "c"]),
        lambda: meanfield.Limit(_model(), {"a": 1}),
        lambda: meanfield.fixed_points(_model(), guesses=["a"]),
        lambda: extrapolate([4, 6, 8, 10], [1, 2, 3]),
        lambda: extrapolate([10, 8, 6, 4], [1, 2, 3, 4]),
        lambda: extrapolate([4, 6, 8, 10], [1, 2, 3, np.nan]),
        lambda: extrapolate([4, 6, 8, 10], [1, 2, 3, 4], ordered=True),
        lambda: judge("c", "q", [0.0, 1.0], [0.0, 1.0], [0.1, -0.1], [0.0, 1.0], 1e-3),
        lambda: judge("c", "q", [0.0, 1.0], [0.0, 1.0], [0.1, 0.1], [0.0], 1e-3),
        lambda: comparison.fraction_ladder(3, hopfield_patterns(), {}, TIMES, [4]),
        lambda: hopfield_patterns(patterns=10**9),
        lambda: Patterns.draw(10**5, 10**5),
    ],
)
def test_what_is_of_the_wrong_kind_is_refused_in_a_sentence(call):
    with pytest.raises(FiniteNError) as refused:
        call()
    assert len(str(refused.value)) <= LONGEST


@pytest.fixture(scope="module")
def small_result():
    return _study().run()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mean_q": [0, 0]}, "mean_q"),
        ({"mean_x": [0, 0, 0]}, "shape"),
        ({"mean_x": [0, float("nan")]}, "finite"),
        ({3: [0, 0]}, "unknown quantity 3"),
        (3, "dict"),
    ],
)
def test_values_to_be_judged_are_read_like_those_of_claims(small_result, values, words):
    with pytest.raises(FiniteNError, match=words):
        small_result.judge_values("a theory", values)


def test_a_claim_whose_function_fails_is_named_before_the_long_work():
    def values(times):
        return {"mean_x": times["a"]}

    with pytest.raises(FiniteNError, match=r"claim 'broken'.*IndexError"):
        _study(claims=[Claim("broken", "", values)]).run(lambda *_: pytest.fail("evolution had begun"))


def test_a_sum_of_five_hundred_terms_is_a_formula_and_what_is_nested_too_deeply_is_refused():
    assert parse("+".join(["a"] * 500), {"a": 1}, "here") == 500.0
    assert parse("a" + "-1+1" * 400, {"a": 2}, "here") == 2.0
    assert parse("2**3**2", {}, "here") == 512.0 and parse("8/4/2-1-1", {}, "here") == -1.0
    for text in ("-" * 1500 + "1", "(1+" * 150 + "1" + ")" * 150, "exp(" * 120 + "0" + ")" * 120, "1**" * 300 + "1"):
        with pytest.raises(FiniteNError) as refused:
            parse(text, {}, "here")
        assert len(str(refused.value)) <= LONGEST


@pytest.mark.parametrize(
    "content", ["a = " + "[" * 3000 + "]" * 3000, "[" + ".".join("a" * 3000) + "]", "#" * 2_000_000]
)
def test_study_files_that_are_too_deep_or_too_large_are_refused(tmp_path, content):
    file = tmp_path / "study.toml"
    file.write_text(content)
    with pytest.raises(FiniteNError) as refused:
        load(str(file))
    assert len(str(refused.value)) <= LONGEST


def test_what_is_no_file_is_refused(tmp_path):
    for name in (tmp_path, "a" * 5000, "a\0.toml", tmp_path / ("b" * 300 + ".toml")):
        with pytest.raises(FiniteNError):
            load(str(name))


@pytest.mark.parametrize("huge", [2**63, 10**30, 1e300])
@pytest.mark.parametrize(
    "call",
    [
        lambda x: Liouvillian(_model(), x),
        lambda x: evolve(_model(), x, [0, 0, 1], TIMES),
        lambda x: _study(sizes=[4, 6, 8, x]),
        lambda x: hopfield_patterns(patterns=x),
        lambda x: Patterns.draw(x, x),
        lambda x: coherent(x),
    ],
)
def test_absurd_sizes_are_refused_at_once(call, huge):
    with pytest.raises(FiniteNError) as refused:
        call(huge)
    assert len(str(refused.value)) <= LONGEST


def test_a_size_that_suits_no_fractions_names_the_nearest_that_does_at_once():
    a, b = Species("a", fraction=0.25), Species("b", fraction=0.75)
    space = Model(a.mx, species=[a, b]).space
    with pytest.raises(FiniteNError, match="use for example N = 30000000"):
        space.sizes(30_000_001)
    quarter = [Species("a", fraction=fractions.Fraction(1, 4)), Species("b", fraction=fractions.Fraction(3, 4))]
    assert Model(a.mx, species=quarter).space.sizes(4 * 10**29) == [10**29, 3 * 10**29]
    odd = Model(
        Species("a", fraction=0.123456789).mx,
        species=[Species("a", fraction=0.123456789), Species("b", fraction=0.876543211)],
    )
    with pytest.raises(FiniteNError, match="sized"):
        odd.space.sizes(10)


def _failing(*_):
    raise RuntimeError("boom")


class _Flow:
    """A limit of the user's own."""

    def __init__(self, drift):
        self.drift = drift

    def jacobian(self, m):
        return np.eye(3)


ONE = [0.0, 0.0, 0.0]
POINT = meanfield.FixedPoint(np.zeros(1), np.array([-1.0]), "stable")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: judge("c", "q", [0], [1], [0.1], [1], 1e-3, claimed_error=-5), "claimed_error"),
        (lambda: Liouvillian(_model(), 4).apply(np.full(35, np.nan)), "finite numbers"),
        (lambda: Liouvillian(_model(), 4).apply(np.zeros(3)), "finite numbers"),
        (lambda: Liouvillian(_model(), 4).apply("x"), "finite numbers"),
        (lambda: Liouvillian(_model(), 4).apply(np.ones(Liouvillian(_model(), 4).dim), workers=-1), "workers"),
        (lambda: Liouvillian(_model(), 4).apply_plain(np.zeros((2, 2))), "finite numbers"),
        (lambda: Liouvillian(_model(), 4, blocks=3), "blocks"),
        (lambda: Liouvillian(_model(), 4, blocks=dicke_blocks(6)), "same N"),
        (lambda: mode_states.amplitudes(Field(thermal=1), 4, 10), "density"),
        (lambda: Field().populations("3"), "cutoff"),
        (lambda: mode_states.density(Field(), 4, -1), "cutoff"),
        (lambda: Field().cutoff(4, 0), "tail"),
        (lambda: Field(number=10**9), "0 to 10000"),
        (lambda: Amplitude(np.exp)("x"), "real number"),
        (lambda: Amplitude(np.exp).derivative("x"), "real number"),
        (lambda: Amplitude(np.exp, 3), "derivative"),
        (lambda: Amplitude(np.exp).check(1, -1), "high end"),
        (lambda: Polynomial(3), "polynomial"),
        (lambda: Polynomial({"x": 1}), "polynomial"),
        (lambda: mx.value([1, 2]), "three numbers"),
        (lambda: mx.gradient([0, 0, "a"]), "three numbers"),
        (lambda: Species("a").mx.value({}), "needs values of"),
        (lambda: mx.partials(3), "letters"),
        (lambda: mx.substitute({}), "no image"),
        (lambda: _model().species_of(3), "LocalJump"),
        (lambda: spectrum(_model(), 4).mode(999), "number j"),
        (lambda: spectrum(_model(), 4).mode("a"), "number j"),
        (lambda: meanfield.fixed_points(_model(), guesses=[[0, 0]]), "guess"),
        (lambda: meanfield.attractor(_model(), ONE, known=[3]), "known"),
        (lambda: meanfield.continue_branch(_failing, ONE, 0.5, (0, 1)), "family at 0.5.*boom"),
        (lambda: meanfield.continue_branch(lambda: 0, ONE, 0.5, (0, 1)), "function of 1 number"),
        (lambda: meanfield.continue_branch(hopfield, ONE, "a", (0, 1)), "value"),
        (lambda: meanfield.continue_branch(hopfield, ONE, 0.5, (0, 1), points=-1), "points"),
        (lambda: meanfield.continue_branch(hopfield, ONE, 0.5, (0, 1), step="a"), "step"),
        (lambda: meanfield.bifurcation_curves(lambda p: hopfield(p), ((0, 1), (0, 1))), "function of 2 numbers"),
        (lambda: meanfield.bifurcation_curve(hopfield, ONE, "ab", "Hopf", ((0, 1), (0, 1))), "values"),
        (lambda: meanfield.bifurcation_curve(hopfield, ONE, (0, 1), "Hopf", ((0, 1), (0, 1)), names="p"), "names"),
        (lambda: meanfield.phase_diagram(hopfield, [0.5], label=3), "label"),
        (lambda: meanfield.phase_diagram(hopfield, [0.5], progress=3), "progress"),
        (lambda: meanfield.phase_diagram(hopfield, [0.5], names=3), "names"),
        (lambda: meanfield.phase_diagram(hopfield, [0.5], starts=1, runs=1, label=_failing), "label.*boom"),
        (lambda: meanfield.phase_diagram(hopfield, [0.5], starts=1, runs=1, label=lambda c: c), "label.*a text"),
        (lambda: meanfield.LocalGenerator(_model()).lindblad("x"), "averages"),
        (lambda: comparison.mean_field_sums([POINT], -1), "count"),
        (lambda: comparison.mean_field_sums([POINT], 10**7), "count"),
        (lambda: comparison.mean_field_sums([3], 3), "fixed points"),
        (lambda: comparison.mean_field_error(3, [ONE]), "Result"),
        (lambda: comparison.fraction_ladder(_failing, hopfield(), {"": ONE}, TIMES, [4]), "family.*boom"),
        (
            lambda: comparison.fraction_ladder(lambda N: hopfield(), hopfield(), {"": ONE}, TIMES, [4], lambda m: 3),
            "observables",
        ),
        (lambda: comparison.theorem_bound(hopfield(), ONE, TIMES, [4]).holds_with("x"), "share"),
        (lambda: _study(spec={"a": object()}), "JSON"),
        (lambda: write(3, "x"), "StudyResult"),
        (lambda: load("hopfield", {"times": 3}), "times = 3: give a table"),
        (lambda: meanfield.attractors(_model(), seed="x"), "seed"),
        (lambda: meanfield.attractors(_model(), 10**9), "starts"),
        (lambda: meanfield.limit_cycle(_model(), ONE, 1.0, iterations="x"), "iterations"),
        (lambda: meanfield.FixedLength(SYSTEMS["dicke_model"]()).jacobian("x"), "averages"),
        (lambda: meanfield.FixedLength(SYSTEMS["dicke_model"]()).boundary([1]), "averages"),
        (lambda: meanfield.attractor(_Flow(lambda m: "x"), ONE), "drift or jacobian"),
        (lambda: meanfield.attractor(_Flow(lambda m: m[:2]), ONE), "drift or jacobian"),
    ],
)
def test_what_is_not_meant_is_refused_in_one_sentence(call, message):
    with pytest.raises(FiniteNError, match=message) as refused:
        call()
    assert len(str(refused.value)) <= LONGEST and str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("exact", "limit", "message"),
    [
        (_failing, lambda r: r.means[:, 0], "exact.*boom"),
        (lambda r: r.means, lambda r: r.means[:, 0], "what exact returns"),
        (lambda r: r.means[:, 0], lambda r: r.means[:, 0] * 1j, "what limit returns"),
        (lambda r: r.means[:, 0] * np.nan, lambda r: r.means[:, 0], "what exact returns"),
    ],
)
def test_quantities_that_depart_are_real_numbers_at_all_times(exact, limit, message):
    unstable = hopfield(omega=0.0, beta=2.0)
    with pytest.raises(FiniteNError, match=message):
        comparison.departure_times(unstable, ONE, TIMES, [4], exact, limit)


@pytest.mark.parametrize("folder", [3, None, "a\0b", "b" * 300])
def test_folders_that_cannot_be_are_refused(small_result, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FiniteNError, match="output folder"):
        write(small_result, folder)
    with pytest.raises(FiniteNError, match="power"):
        write(small_result, "out", power=3)


def test_messages_are_on_one_line_and_hold_nothing_that_moves_the_cursor():
    assert str(FiniteNError("a\nb\x1b[2J")) == "a b [2J"
