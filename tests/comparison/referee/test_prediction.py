"""Predictions at sizes that were not run, before exact runs, closed forms and series whose numbers are known."""

import dataclasses

import numpy as np
import pytest
import qutip

from comparison import Study, load
from comparison.referee.extrapolation import extrapolate, weights
from comparison.referee.judging import Evidence
from comparison.referee.prediction import CAUTION, predict, prediction_table
from comparison.referee.witnesses import CONFLICT, OUTSIDE, WITHIN, remainder_weights, witnessed_limit
from comparison.study.result import StudyResult
from finite_n import CollectiveJumps, Field, FiniteNError, Model, Species, mx, mz
from finite_n.systems import dicke_model
from tests.comparison.referee.random_studies import case

pytestmark = pytest.mark.rounding

SIZES = [10, 14, 20, 28, 40]
TWISTING = 0.2  # H = N c m_z²: ⟨m_x + i m_y⟩ = x (cos φ + i z sin φ)^(N−1), φ = 4ct/N, from (x, 0, z)
SEEN = 3.0  # errors of an exact run beyond which its distance from a prediction is the prediction's


def evidence(values, errors=0.0, coefficients=None, sizes=SIZES, power=1.0):
    """That of values (n, T, Q) or of functions of N, one for each quantity."""
    if callable(values[0]):
        values = np.array([[[f(N) for f in values]] for N in sizes])
    errors = np.broadcast_to(errors, values.shape)
    if coefficients is None:
        limit = extrapolate(sizes, values, errors, power, ordered=True)
    else:
        coefficients = np.asarray(coefficients, float)
        limit = witnessed_limit(sizes, values, errors, coefficients, power)
    times, names = np.arange(values.shape[1], dtype=float), [f"q{i}" for i in range(values.shape[2])]
    return Evidence(list(sizes), times, names, values, errors, limit, 1e-4, power, coefficients)


@pytest.mark.parametrize("at", [np.inf, 1e15, 1000.0, 33.0, 12.0])
@pytest.mark.parametrize("power", [0.5, 1.0])
def test_weights_reproduce_their_functions(at, power):
    x, X = np.array(SIZES) ** -power, at**-power
    for lowest in (0, 2, 3):
        w = weights(SIZES, power, at, lowest)
        for e in range(lowest, lowest + len(SIZES)):
            assert w @ x**e == pytest.approx(X**e, rel=1e-9, abs=1e-12 * np.abs(w) @ x**e)
    w = remainder_weights(SIZES, 2 * power, power, at)
    for e in (0, 2, 3, 4, 5):
        assert w @ x**e == pytest.approx(X**e, rel=1e-8, abs=1e-10 * np.abs(w) @ x**e)


def twisting(sizes, stop=0.6):
    return Study(Model(TWISTING * mz * mz), [0.6, 0, 0.3], np.linspace(0, stop, 4), sizes)


def of_twisting(N, times):
    phi = 4 * TWISTING * times / N
    length = 0.5 * np.log1p(-0.91 * np.sin(phi) ** 2)  # of cos φ + i z sin φ, without the rounding of 1 − ε
    turned = 0.6 * np.exp((N - 1) * (length + 1j * np.arctan2(0.3 * np.sin(phi), np.cos(phi))))
    return {"mean_x": turned.real, "mean_y": turned.imag, "mean_z": 0.3 + 0 * times, "cov_zz": 0.91 + 0 * times}


@pytest.fixture(scope="module")
def twisted():
    return twisting([8, 12, 18, 27, 40]).run()


@pytest.mark.parametrize("N", [9, 30, 41, 80, 400, 10**4, 10**7, 10**12])
def test_one_axis_twisting_is_its_closed_form(twisted, N):
    p = twisted.predict(N)
    for q, truth in of_twisting(N, p.times).items():
        i = p.quantities.index(q)
        assert np.all(np.abs(p.value[:, i] - truth) <= p.error[:, i]), q
        assert p.error[:, i].max() < 1e-6  # three decades above the tolerance of the ladder
    assert p.notes == () and not p.exact


STUDIES = {
    "driven and decaying": (
        lambda sizes: Study(
            Model(0.4 * mx + 0.1 * mz * mz, collective=[CollectiveJumps([qutip.sigmam()], rate=0.3)]),
            [0.6, 0, 0.3],
            np.linspace(0, 4, 5),
            sizes,
        ),
        [5, 7, 10, 14],
        [6, 24, 48],
    ),
    "Hopfield network, classical": (
        lambda sizes: load(
            "hopfield",
            {
                "sizes": sizes,
                "parameters": {"omega": 0.0},
                "initial": {"bloch": [0, 0, 0.4]},
                "times": {"stop": 4.0, "points": 5},
            },
        ),
        [5, 7, 10, 14],
        [12, 40, 400],
    ),
    "collective dissipation from a pole": (
        lambda sizes: Study(
            Model(collective=[CollectiveJumps([qutip.sigmam()])]), [0, 0, 1], np.linspace(0, 1.2, 5), sizes
        ),
        [5, 7, 10, 14],
        [8, 40, 400],
    ),
    "modes, odd powers of N^-1/2": (
        lambda sizes: Study(
            dicke_model(coupling=0.3),
            {"": [0, 0.6, -0.8], "field": Field(beta=0.4)},
            [0, 0.2, 0.4],
            sizes,
            accuracy=1e-3,
        ),
        [4, 6, 9, 14],
        [10, 24],
    ),
}


@pytest.fixture(scope="module", params=list(STUDIES))
def known(request):
    """A ladder, and exact numbers with their errors at sizes that it has not."""
    build, sizes, others = STUDIES[request.param]
    ran = build(sorted({*others, *sizes})).run()
    pairs = dict(zip(ran.sizes, zip(ran.exact, ran.errors, strict=True), strict=True))
    return build(sizes).run(), {N: pairs[N] for N in others}


def test_the_error_holds_the_exact_run(known):
    """All quantities at all times, and nearer to them than the largest size of the ladder is."""
    result, truths = known
    for N, (truth, error) in truths.items():
        p = result.predict(N)
        assert np.all(np.abs(p.value - truth) <= p.error + error)
        assert p.error.max() < np.abs(truth - result.exact[-1]).max()


def test_errors_of_random_studies_hold_and_are_not_absurd():
    """Late times too, where ladders hardly converge; seeds that had no part in choosing the rule. Where a prediction
    agrees with the exact run within that one's error, nothing is known of how much too large its own is."""
    ratios = []
    for family in ("open", "collective decay", "near-critical networks", "superradiance", "unstable pole"):
        c = case(family, 2)
        ran = Study(c.model, c.rho0, c.times, [6, 10, 12, 16, 24, 48]).run()
        study = Study(c.model, c.rho0, c.times, [6, 10, 16, 24])
        result = StudyResult(study, [r for r in ran.results if r.N in study.sizes], ran.limits, False, 0.0)
        for N in (12, 48):
            p, k = result.predict(N), ran.sizes.index(N)
            off = np.abs(p.value - ran.exact[k])
            assert np.all(off <= p.error + ran.errors[k]), (family, N)
            told = np.isfinite(p.error) & (off > SEEN * ran.errors[k])
            ratios += (p.error[told] / off[told]).tolist()
    assert len(ratios) > 300 and 3 < np.median(ratios) <= 30


def test_a_thousand_particles_from_eighty():
    """The classical Hopfield network, to what its ladder promises: 1e-9 of averages, 3 N times that of covariances."""
    network = {"parameters": {"omega": 0.0}, "initial": {"bloch": [0, 0, 0.4]}, "times": {"points": 4}}
    result = load("hopfield", network | {"sizes": [10, 20, 40, 80]}).run()
    far = load("hopfield", network | {"sizes": [2, 4, 400, 1000]}).run()
    for k, N in enumerate((400, 1000)):
        p = result.predict(N)
        assert np.all(np.abs(p.value - far.exact[2 + k]) <= p.error + far.errors[2 + k])
        assert p.error.max() < 0.01 * np.abs(far.exact[2 + k] - result.exact[-1]).max()


def test_a_size_that_was_run_is_its_exact_numbers(twisted):
    p = twisted.predict(27)
    assert p.exact and np.array_equal(p.value, twisted.exact[3]) and np.array_equal(p.error, twisted.errors[3])


@pytest.mark.parametrize("N", [25, 56, 160, 10**6])
def test_more_derived_terms_make_errors_smaller(N):
    """y = 1 + 2/N + 3/N² + 4/N³ + 5/N⁴ + 60/(N + 3)⁵."""
    series = [1.0, 2.0, 3.0, 4.0, 5.0]

    def y(n):
        return sum(a / n**j for j, a in enumerate(series)) + 60 / (n + 3) ** 5

    errors = []
    for terms in (0, 1, 2, 3):
        coefficients = np.reshape(series[:terms], (terms, 1, 1)) if terms else None
        p = predict(evidence([y], 1e-13, coefficients), N)
        assert abs(p.value - y(N)) <= p.error
        errors.append(p.error.item())
    assert errors[3] < 0.2 * errors[1] and errors[3] < 1e-6


@pytest.mark.parametrize("N", [56, 80])
def test_errors_are_not_absurd_where_orders_converge_fast(N):
    """y = 1 + 2/N + 5/(N² + 2N), of which every order is a fifth to a twentieth of the last one on this ladder; without
    that the error would be 300 and 500 times the true one."""

    def y(n):
        return 1 + 2 / n + 5 / (n**2 + 2 * n)

    p = predict(evidence([y], 1e-13, np.reshape([1.0, 2.0], (2, 1, 1))), N)
    assert 1 < p.error.item() / abs(p.value.item() - y(N)) < 100


def test_errors_of_the_ladder_are_propagated():
    """An alternating error of the worst signs is within the bar, however many decades above the truncation."""
    coefficients = np.reshape([1.0, 2.0], (2, 1, 1))
    clean = evidence([lambda n: 1 + 2 / n + 3 / n**2], 1e-6, coefficients)
    for order in range(1, len(SIZES) + 1):
        w = np.zeros(len(SIZES))
        w[-order:] = weights(SIZES[-order:], 1.0, 90, 2)
        off = evidence(clean.exact + 1e-6 * np.sign(w)[:, None, None], 1e-6, coefficients)
        p = predict(off, 90)
        assert abs(p.value.item() - (1 + 2 / 90 + 3 / 90**2)) <= p.error.item() < 3e-5


def test_an_error_of_an_early_time_counts_later():
    """At the middle time what is left is no sum of powers; at the others nothing is."""
    values = np.array([[[1.0], [1 + 0.1 * np.exp(-N / 10)], [1.0]] for N in SIZES])
    p = predict(evidence(values, 1e-12, np.reshape([[1.0] * 3, [0.0] * 3], (2, 3, 1))), 45)
    first, middle, last = p.error[:, 0]
    assert first < 1e-9 < middle and last >= 0.9 * middle


@pytest.mark.parametrize(
    ("rest", "sizes", "state", "said"),
    [
        (lambda n: 0 / n, [8, 16, 32, 64], WITHIN, ""),
        (lambda n: 1e-3 * np.cos(np.pi * n / 10), [20, 30, 40, 50], OUTSIDE, "not in the range of the expansion"),
        (lambda n: 1e-3 + 2e-3 / n**2, [8, 16, 32, 64], CONFLICT, "in conflict"),
    ],
)
def test_nothing_is_predicted_where_the_witnesses_do_not_agree(rest, sizes, state, said):
    functions = [lambda n: 1 + 2 / n + rest(n), lambda n: 1 - 1 / n]
    e = evidence(functions, 1e-12, np.reshape([[1.0, 1.0], [2.0, -1.0]], (2, 1, 2)), sizes)
    assert e.extrapolation.state.tolist() == [[state, WITHIN]]
    p = predict(e, 100)
    assert np.isinf(p.error).tolist() == [[state != WITHIN, False]]
    notes = [n for n in p.notes if said in n and "q0" in n and "q1" not in n]
    assert len(p.notes) == len(notes) == (state != WITHIN)
    assert ("?" in str(p)) == (state != WITHIN) == ("No error is known" in str(p))
    assert p.to_dict()["error"]["q0"] == ([None] if said else [p.error[0, 0]])


def test_a_ladder_that_does_not_converge_has_no_error_without_an_expansion():
    p = predict(evidence([lambda n: np.log(n), lambda n: 1 + 1 / n]), 100)
    assert np.isinf(p.error).tolist() == [[True, False]] and "does not converge" in p.notes[0]
    assert abs(p.value[0, 1] - 1.01) <= p.error[0, 1] < 1e-9


def test_the_order_zero_error_is_the_envelope_of_the_remainder():
    """R = ±1e-6 in turn: orders above are worse, and far beyond the ladder the derived terms alone count."""
    values = np.array([[[1 + 2 / N + (-1) ** k * 1e-6 * (40 / N) ** 2]] for k, N in enumerate(SIZES)])
    p = predict(evidence(values, 1e-13, np.reshape([1.0, 2.0], (2, 1, 1))), 10**5)
    assert p.value.item() == pytest.approx(1 + 2e-5, abs=1e-15)
    assert p.error.item() < CAUTION * 4e-6 * 20 / 10**5 + 2e-10


@pytest.mark.parametrize(
    ("N", "said"),
    [
        (0, "whole number"),
        (-8, "whole number"),
        (9.5, "whole number"),
        ("400", "whole number"),
        (True, "whole number"),
        (None, "whole number"),
        (np.nan, "whole number"),
        (7, "below the smallest size of the study, 8"),
        (10**15 + 1, "give 10^15 or less"),
        (10**400, "give 10^15 or less"),
    ],
)
def test_refusals(twisted, N, said):
    with pytest.raises(FiniteNError, match=said.replace("^", r"\^")):
        twisted.predict(N)


def test_whole_floats_are_sizes(twisted):
    assert twisted.predict(400.0).N == 400 and np.array_equal(twisted.predict(400.0).value, twisted.predict(400).value)


def test_fewer_than_four_sizes_predict_nothing_but_themselves(twisted):
    short = StudyResult(twisted.study, twisted.results[:2], twisted.limits, True, 0.0)
    assert short.predict(12).exact
    with pytest.raises(FiniteNError, match=r"only the sizes \[8, 12\] are done"):
        short.predict(100)
    with pytest.raises(FiniteNError, match=r"only the sizes \[\] are done"):
        StudyResult(twisted.study, [], twisted.limits, True, 0.0).predict(100)


def test_species_have_whole_numbers():
    a, b = Species("a", fraction=0.25), Species("b", fraction=0.75)
    model = Model(a.mz * b.mz, species=[a, b])
    result = Study(model, {"a": [0.6, 0, 0.3], "b": [0, 0.5, 0.2]}, [0, 0.2], [4, 8, 12, 16]).run()
    assert result.predict(400).N == 400
    with pytest.raises(FiniteNError, match="no whole number of particles"):
        result.predict(401)


def test_tables_and_datasets(twisted):
    p = twisted.predict(80)
    data = p.to_xarray()
    assert data["value"].dims == ("time", "quantity") and data.attrs["N"] == 80
    assert np.array_equal(data["error"].sel(quantity="cov_zz"), p.error[:, p.quantities.index("cov_zz")])
    text = prediction_table([p, twisted.predict(27)])
    head, columns, *rows = text.splitlines()
    assert head == "t = 0.6" and columns.split() == ["N", "=", "80", "N", "=", "27,", "exact"]
    # mean_z and cov_zz are conserved; every average is below one another with its error
    assert [row.split()[0] for row in rows] == [
        q for q in p.quantities if np.abs(p.value).max(axis=0)[p.quantities.index(q)] > 1e-9
    ]
    number = next(row.split()[1] for row in rows if row.startswith("mean_x"))
    truth = of_twisting(80, p.times)["mean_x"][-1]
    shown, error = number.rstrip(")").split("(")
    unit = 10.0 ** -len(shown.split(".")[1])
    assert abs(float(shown) - truth) <= (int(error) + 0.5) * unit
    assert dataclasses.replace(p, notes=("Why.",)).__str__().endswith("\nWhy.")
