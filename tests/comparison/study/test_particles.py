"""Studies of particles made of bosons that do not interact: closed forms, verdicts, files, the double chain."""

import json

import numpy as np
import pytest

from comparison import Claim, Fluctuation, Study, build, load, power_test, read_saved, write
from comparison.claims.benatti_2017.study import claims_on, thermal_covariance
from comparison.report.as_data import as_data
from comparison.report.headlines import headlines
from comparison.report.pages import text_report
from comparison.report.tables import table
from comparison.results_folder.identity import identity
from finite_n import Boson, BosonicParticle, Field, FiniteNError, Model, mz
from finite_n.systems import double_chain
from meanfield import fluctuation_map

B = Boson("b")
DAMPED = BosonicParticle([B], 1.5 * B.number, [B.a])
OPERATORS = {"n": B.number, "x": B.x}
START, TIMES = {"b": Field(number=1)}, [0.0, 0.5, 1.0]
SQUEEZED = {"system": "double_chain", "parameters": {"k": 0.3}}
COLD = {"T": 0.2, "coupling": 0.7}  # few levels


def study(**changes):
    given = {"fluctuations": {"f": {"n": 1.2}}, "operators": OPERATORS, "accuracy": 1e-4}
    return Study(DAMPED, START, TIMES, **given | changes)


@pytest.fixture(scope="module")
def result():
    return study(sizes=[10, 20, 40, 80]).run()


def test_one_particle_answers_for_every_n(result):
    """n is 0 or 1 with p = e^{−t}: χ_N = [(1 − p) e^{−isp} + p e^{is(1 − p)}]^N with s = r/√N."""
    p, N = np.exp(-np.array(TIMES)), np.array([10, 20, 40, 80.0])[:, None]
    s = 1.2 / np.sqrt(N)
    exact = ((1 - p) * np.exp(-1j * s * p) + p * np.exp(1j * s * (1 - p))) ** N
    at = {q: i for i, q in enumerate(result.study.quantities)}
    found = result.exact[..., at["re_chi_f"]] + 1j * result.exact[..., at["im_chi_f"]]
    assert found == pytest.approx(exact, abs=1e-7)  # N times the tolerance
    assert np.all(np.abs(found - exact) <= result.errors[..., at["re_chi_f"]] * np.sqrt(2))
    assert result.exact[..., at["mean_n"]] == pytest.approx(p * np.ones((4, 1)), abs=1e-8)
    assert result.exact[..., at["cov_nn"]] == pytest.approx(p * (1 - p) * np.ones((4, 1)), abs=1e-8)
    assert result.status("derived") == "confirmed"
    im = next(v for v in result.verdicts if v.quantity == "im_chi_f" and v.claim == "derived")
    assert im.status == "confirmed"
    assert "re_chi_f" in table(result) and "central limit" in headlines(result)[0] and "damped" not in table(result)
    assert "each made of boson b" in text_report(result)


def test_a_wrong_covariance_is_refuted_by_both(result):
    wrong = Claim("wrong", "", lambda t: {"cov_nn": 1.01 * np.exp(-t) * (1 - np.exp(-t))})
    found = {v.quantity: v.status for v in result.judge(wrong)}
    assert found["cov_nn"] == "refuted" and found["re_chi_f"] == "refuted"


@pytest.mark.usefixtures("quick_figures")
def test_a_saved_study_of_particles_judges_as_it_did(result, tmp_path):
    write(result, tmp_path)
    saved = read_saved(tmp_path)
    claim = result.claims[0]
    assert [as_data(v) for v in saved.judge(claim)] == [as_data(v) for v in result.judge(claim)]
    assert saved.predict(1000).to_dict() == result.predict(1000).to_dict()
    p, at = np.exp(-1.0), result.study.quantities.index("re_chi_f")
    s = 1.2 / np.sqrt(1000)
    truth = (((1 - p) * np.exp(-1j * s * p) + p * np.exp(1j * s * (1 - p))) ** 1000).real
    prediction = result.predict(1000)
    assert abs(prediction.value[-1, at] - truth) <= prediction.error[-1, at] < 1e-4


def test_products_of_weyl_operators_are_judged_before_the_derived_map():
    """Averages move; of a wrong order of the three the gap is far above the errors."""
    between, operators = ({"p": 0.4}, {"x": -0.5}), OPERATORS | {"p": B.p}
    given = {"f": Fluctuation({"n": 0.5, "x": 0.6}, between=between)}
    start = {"b": Field(beta=0.6 + 0.2j)}
    found = Study(DAMPED, start, TIMES, [10, 20, 40, 80], operators=operators, fluctuations=given, accuracy=1e-4).run()
    assert found.status("derived") == "confirmed"
    own = [v for v in found.verdicts if v.quantity in ("re_product_f", "im_product_f")]
    assert len(own) == 2 and all(v.accuracy < 1e-4 for v in own)
    r = found.study.directions[0].product
    turned = fluctuation_map(DAMPED, start, TIMES, operators).three_point(r[::-1])
    wrong = Claim("wrong order", "", lambda t: {"im_product_f": turned.imag})
    assert [v.status for v in found.judge(wrong)] == ["refuted"]


def test_sizes_are_chosen_until_all_is_settled():
    found = study().run()
    assert found.growth.ended == "settled" and found.status("derived") == "confirmed"


def test_the_identity_follows_particle_start_and_operators():
    others = [
        study(),
        study(operators={"n": B.number, "x": B.x * 2}),
        Study(DAMPED, {"b": Field(number=2)}, TIMES, operators=OPERATORS, fluctuations={"f": {"n": 1.2}}),
        Study(BosonicParticle([B], 1.5 * B.number, [1.1 * B.a]), START, TIMES, operators=OPERATORS),
    ]
    assert len({json.dumps(identity(s)) for s in others}) == 4


def test_the_double_chain_is_a_built_in_study():
    """The thermal state stays, as eq. 27 prints it, and its fluctuations become the Gaussian at rate 1/N."""
    found = build({"system": "double_chain", "parameters": COLD, "times": {"stop": 1.0, "points": 2}}).run()
    assert found.status("derived") == "confirmed" and found.status("printed") == "confirmed"
    re = next(v for v in found.verdicts if v.quantity == "re_chi_f" and v.claim == "printed")
    assert re.rate == pytest.approx(1.0, abs=0.02) and re.accuracy < 5e-6
    chain = double_chain(**COLD)
    own = {"cov_X1_X1": np.full(2, 1.01 * (1 + chain.eta**2) / (4 * chain.eta))}
    assert {v.status for v in found.judge(Claim("1 %", "", lambda t: own))} >= {"refuted"}


def test_squeezed_chains_are_a_study():
    """Exact covariances of N sites go to the squeezed Gaussian as 1/N; one with k off by 1 % is refuted."""
    asked = {
        "system": "double_chain",
        "parameters": COLD | {"k": 0.3},
        "times": {"start": 0.5, "stop": 1.5, "points": 3},
    }
    found = build(asked | {"sizes": [8, 12, 16, 24, 32], "accuracy": 1e-4}).run()
    assert found.status("derived") == "confirmed" and found.status("printed") == "confirmed"
    own = next(v for v in found.verdicts if v.quantity == "cov_X1_X1")
    assert own.rate == pytest.approx(1.0, abs=0.02)
    first = found.exact[:, 0, found.study.quantities.index("cov_X1_X1")]
    chain = double_chain(**COLD, k=0.3)
    assert first[-1] == pytest.approx(chain.fluctuation_products(32, [0, 1])[0, 0, 0].real, abs=1e-10)
    wrong = double_chain(**COLD, k=0.303)
    claim = Claim("1 %", "", lambda t: {"cov_X1_X1": wrong.limit_covariance(t)[:, 0, 0]})
    assert [v.status for v in found.judge(claim)] == ["refuted"]
    others = [Study(c.particle, c, TIMES, operators=c.operators) for c in (chain, wrong)]
    assert len({json.dumps(identity(s)) for s in others}) == 2


def test_printed_claims_are_of_the_thermal_state_only():
    chain = double_chain(**COLD)
    parameters = {"T": 0.2, "omega": 1.0, "coupling": 0.7}
    assert [c.name for c in claims_on("double_chain", parameters, chain.gibbs, chain.particle)] == ["printed"]
    assert claims_on("double_chain", parameters, {"first": Field()}, chain.particle) == []
    assert claims_on("hopfield", {}, None, None) == []
    said = thermal_covariance(chain).values(np.zeros(3))
    assert len(said) == 27 and said["cov_X1_X2"].tolist() == [0, 0, 0]


def test_study_files_take_its_start_and_fluctuations(tmp_path):
    path = tmp_path / "chain.toml"
    path.write_text(
        'system = "double_chain"\naccuracy = 1e-3\n[parameters]\nT = 0.2\n[times]\nstop = 0.5\npoints = 2\n'
        "[initial.modes.first]\nthermal = 0.05\n[fluctuations]\ng = { X5 = 0.5 }\n",
        encoding="utf-8",
    )
    loaded = load(str(path))
    assert loaded.rho0 == {"first": Field(thermal=0.05)} and [c.name for c in loaded.claims] == []
    assert [d.name for d in loaded.directions] == ["g"] and loaded.kinds[0][1][0] == "mean_X1"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: study(operators=None), "operators"),
        (lambda: study(operators={"two words": B.x}), "give a word"),
        (lambda: study(operators={"a": 1j * B.x}), "not Hermitian"),
        (lambda: study(operators={"x_n": B.x, "x": B.x, "n_x": B.number}), "without underscores"),
        (lambda: study(e_ops={"y": mz}), "e_ops are of models"),
        (lambda: study(fluctuations={"f": Fluctuation({"n": 1.0}, "cumulants")}), "one two-level species"),
        (lambda: study(fluctuations={"f": {"y": 1.0}}), "no letter"),
        (
            lambda: study(fluctuations={"f": Fluctuation({"n": 1.0}, between=(0, 0))}, sizes=[4, 6, 8, 10]).run(),
            "leads from x",
        ),
        (lambda: Study(Model(mz), [0, 0, 1], TIMES, operators=OPERATORS), "operators are of a BosonicParticle"),
        (lambda: build({"system": "double_chain", "initial": {"bloch": [0, 0, 1]}}), "made of bosons"),
        (lambda: build({"system": "double_chain", "observables": {"a": "mz"}}), "observables"),
        (lambda: build({"system": "double_chain", "theories": ["meanfield"]}), "theories"),
        (lambda: build({"system": "double_chain", "parameters": {"coupling": 2.0}}), "coupling"),
        (lambda: build({"system": "double_chain", "parameters": {"k": 3.0}}), "163840 levels do not hold"),
        (lambda: build(SQUEEZED | {"initial": {"modes": {"first": {"thermal": 0.1}}}}), "a start of its own"),
        (lambda: build(SQUEEZED | {"cutoffs": {"first": 9}}), "leave cutoffs out"),
        (lambda: build(SQUEEZED | {"fluctuations": {"f": {"X1": 0.3}}}).run(), "nothing beyond"),
        (lambda: Study(DAMPED, double_chain(k=0.1), TIMES, operators=OPERATORS), r"give chain\.particle"),
        (
            lambda: Study(
                double_chain().particle, double_chain(k=0.1), TIMES, operators={"y": double_chain().operators["X1"] * 2}
            ),
            "the six of chain.operators",
        ),
        (lambda: power_test(study(sizes=[4, 6, 8, 10]).run()), r"give a study of a finite_n\.Model"),
    ],
)
def test_bad_input_is_refused(make, words):
    with pytest.raises(FiniteNError, match=words):
        make()
