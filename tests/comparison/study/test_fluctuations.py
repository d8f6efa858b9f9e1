"""Fluctuations beyond their covariance as quantities of studies: exact numbers, verdicts, files, sizes."""

import dataclasses
import json

import numpy as np
import pytest

import comparison.study.subject
from comparison import (
    Claim,
    Fluctuation,
    Study,
    build,
    compare_fluctuations,
    load,
    power_test,
    read_saved,
    theories,
    write,
)
from comparison.claims.fiorelli_2024.study import printed_covariance
from comparison.referee.expansion import DerivedExpansion
from comparison.report.as_data import as_data
from comparison.report.figure import convergence_figure, label
from comparison.report.headlines import headlines
from comparison.report.tables import table
from comparison.results_folder.identity import identity
from finite_n import Field, FiniteNError, Model, Species, evolve, mz, weyl_three_point
from finite_n.systems import dicke_model, hopfield
from meanfield import Limit, fluctuation_map
from tests import random_models

OMEGA, BETA, START = 0.3, 2.0, [0, -0.35662163, 0.86579822]  # at rest in the retrieval phase
F = {"f": [0.2, 0.5, 0.6]}
ALL = {"f": Fluctuation({"z": 1.0}, ["characteristic", "cumulants", "distance"])}


@pytest.fixture(scope="module")
def retrieval():
    claim = printed_covariance(START, OMEGA, BETA)
    sizes = [10, 20, 40, 80, 160]
    return Study(hopfield(OMEGA, BETA), START, [0, 0.8], sizes, claim, accuracy=5e-3, fluctuations=F).run()


@pytest.fixture(scope="module")
def spins():
    """Independent spins, with everything."""
    return Study(Model(0.3 * mz), [0, 0, 0.4], [0, 1.0], [10, 20, 40, 80], accuracy=1e-2, fluctuations=ALL).run()


def verdict(result, claim, quantity):
    return next(v for v in result.verdicts if (v.claim, v.quantity) == (claim, quantity))


def test_the_network_in_the_retrieval_phase_goes_to_the_derived_gaussian_and_not_to_the_printed_one(retrieval):
    """Rates of the quantum central limit: 1/N of the real part, N^−½ of the imaginary one."""
    assert retrieval.status("derived") == "confirmed" and retrieval.status("printed") == "refuted"
    re, im = (verdict(retrieval, "derived", q) for q in ("re_chi_f", "im_chi_f"))
    assert (re.status, im.status) == ("confirmed", "confirmed") and re.accuracy < 1e-5 and im.accuracy < 5e-4
    assert re.rate == pytest.approx(1.0, abs=0.05) and im.rate == pytest.approx(0.5, abs=0.05)
    wrong = verdict(retrieval, "printed", "re_chi_f")
    assert wrong.status == "refuted" and wrong.gap > 0.02 and wrong.gap > 100 * wrong.error
    text = "\n".join(headlines(retrieval))
    assert "derived" in text and "characteristic functions: CONFIRMED" in text
    assert "characteristic functions: REFUTED. re_chi_f(0.8)" in text


def test_exact_numbers_are_those_of_the_result(retrieval):
    N, quantities = 20, retrieval.study.quantities
    result = evolve(hopfield(OMEGA, BETA), N, START, [0, 0.8], keep_states=True)
    chi, own = result.characteristic(F["f"]), result.distribution(F["f"])
    found = {q: retrieval.exact[1, :, quantities.index(q)] for q in quantities}
    assert found["re_chi_f"] + 1j * found["im_chi_f"] == pytest.approx(chi, abs=1e-10)  # the same run, other sums
    assert found["kappa3_f"] == pytest.approx(own.cumulant(3), abs=1e-8)
    assert found["kappa4_f"] == pytest.approx(own.cumulant(4), abs=1e-8)
    limit = Limit(hopfield(OMEGA, BETA)).evolve(START, [0, 0.8]).characteristic(F["f"])
    assert retrieval.limits["derived"]["re_chi_f"] == pytest.approx(limit, abs=1e-12)
    assert not any(retrieval.results[1].stored_states)  # of all sizes they would fill the memory


def test_independent_spins_have_closed_forms(spins):
    """κ_3 = −2z(1 − z²)/√N and κ_4 = −2(1 − z²)(1 − 3z²)/N of spins with mean z, the distance 2z/(6√(2π(1 − z²)N))."""
    z, N = 0.4, np.array([10, 20, 40, 80.0])
    exact = dict(zip(spins.study.quantities, spins.exact[:, 1].T, strict=True))
    errors = dict(zip(spins.study.quantities, spins.errors[:, 1].T, strict=True))
    assert np.all(np.abs(exact["kappa3_f"] + 2 * z * (1 - z * z) / np.sqrt(N)) <= errors["kappa3_f"])
    assert np.all(np.abs(exact["kappa4_f"] + 2 * (1 - z * z) * (1 - 3 * z * z) / N) <= errors["kappa4_f"])
    assert errors["kappa4_f"].max() < 1e-5
    edgeworth = 2 * z / (6 * np.sqrt(2 * np.pi * (1 - z * z) * N))
    assert np.all(np.abs(exact["distance_f"] / edgeworth - 1) < 3 / N)  # the next order, and the lattice
    value, error = spins.extrapolation.value[1], spins.extrapolation.error[1]
    at = spins.study.quantities.index("re_chi_f")
    assert abs(value[at] - np.exp(-(1 - z * z) / 2)) <= error[at] < 1e-5
    assert spins.status("derived") == "confirmed"
    assert verdict(spins, "derived", "distance_f").rate == pytest.approx(0.5, abs=0.1)


def test_the_first_term_of_odd_quantities_is_derived():
    """√N κ_3 → −2z(1 − z²) of independent spins; elsewhere what is left beside it falls as N^−3/2, and a ladder's own
    coefficient has it within its error."""
    z, f = 0.4, {"f": {"z": 1.0}}
    study = Study(Model(0.3 * mz), [0, 0, z], [0, 1.0], [10, 20, 40, 80], fluctuations=f)
    at = {q: i for i, q in enumerate(study.quantities)}
    third, im = (study.expansion.coefficients[1, 1, at[q]] for q in ("kappa3_f", "im_chi_f"))
    assert third == pytest.approx(-2 * z * (1 - z * z), abs=1e-9)
    assert im == pytest.approx(2 * z * (1 - z * z) / 6 * np.exp(-(1 - z * z) / 2), abs=1e-9)
    assert np.isnan(study.expansion.coefficients[1, 1, at["re_chi_f"]])

    network = Study(hopfield(0.3, 0.8), [0, 0.3, 0.4], [0, 1.0], [16, 32, 64, 96], fluctuations=F, accuracy=1e-3)
    start = {"": [0.3, 0, -0.5], "field": Field(alpha=0.3)}
    atoms = Study(
        dicke_model(0.4),
        start,
        [0, 0.5],
        [4, 6, 8, 12],
        accuracy=1e-2,
        fluctuations={"f": {"z": 0.5, "field.phi": 0.7}},
    )
    for result, names in ((network.run(), ("kappa3_f", "im_chi_f")), (atoms.run(), ("im_chi_f",))):
        for q in names:
            i = result.study.quantities.index(q)
            derived = result.study.expansion.coefficients[1, 1, i]
            assert abs(derived) > 0.01
            assert abs(result.slopes[0][1, i] - derived) <= result.slopes[1][1, i]
            assert result.extrapolation.expected[1, i] == 1.5
            assert result.extrapolation.order[1, i] == pytest.approx(1.5, abs=0.15)


def test_symmetric_families_go_by_one_over_n():
    """Without a mean value along r, odd cumulants vanish and the distance falls as 1/N."""
    f = {"f": Fluctuation({"x": 1.0}, ["characteristic", "cumulants", "distance"])}
    result = Study(Model(0.3 * mz), [0, 0, 0.4], [0, 1.0], [10, 20, 40, 80], accuracy=1e-2, fluctuations=f).run()
    exact = dict(zip(result.study.quantities, result.exact[:, 1].T, strict=True))
    assert np.abs(exact["kappa3_f"]).max() < 1e-8 and np.abs(exact["im_chi_f"]).max() < 1e-9
    slope = np.log(exact["distance_f"][0] / exact["distance_f"][-1]) / np.log(8)
    assert slope == pytest.approx(1.0, abs=0.1)  # the maximum moves with the lattice
    assert result.status("derived") == "confirmed"


@pytest.mark.parametrize("kind", ["hamiltonian", "rates", "collective"])
def test_the_truth_is_never_refuted_and_a_wrong_variance_is(kind):
    """Random models and directions; a claim of 3 % more covariance, everything else of it as derived."""
    rng = np.random.default_rng(3)
    model, start, r = random_models.model(kind, rng), random_models.bloch(rng), rng.normal(size=3)
    derived = Limit(model).evolve(start, [0, 0.3]).covariance
    wrong = {"f": float(np.exp(-0.5 * 1.03 * r @ derived[1] @ r))}
    claim = Claim("wrong", "", {"re_chi_f": np.array([wrong["f"]])}, times=[0.3])
    result = Study(model, start, [0, 0.3], [10, 16, 24, 36], claim, accuracy=1e-3, fluctuations={"f": r}).run()
    own = [v for v in result.verdicts if v.claim == "derived" and v.quantity.endswith("_f")]
    assert len(own) == 4 and all(v.status != "refuted" for v in own)
    assert verdict(result, "derived", "re_chi_f").status == "confirmed"
    assert result.status("wrong") == "refuted"


@pytest.mark.usefixtures("quick_figures")
def test_products_of_weyl_operators_go_to_the_map_of_the_limit(tmp_path):
    """Those of a study are those of `weyl_three_point`; a claim about them alone is judged: another order is
    refuted."""
    model, start, times, r = hopfield(0.3, 0.8), [0, 0.3, 0.4], [0, 0.5], [0.2, 0.5, 0.6]
    between = ([0.2, 0, 0.4], {"y": 0.3, "z": -0.3})
    turned = fluctuation_map(model, start, times).three_point([[0, 0.3, -0.3], r, between[0]])
    claim = Claim("turned round", "", {"im_product_w": turned.imag}, times=times)
    f = {"w": Fluctuation(r, between=between)}
    result = Study(model, start, times, [10, 20, 40, 80], claim, accuracy=2e-3, fluctuations=f).run()
    assert dict(result.study.kinds)["products of Weyl operators"] == ["re_product_w", "im_product_w"]
    exact = weyl_three_point(model, 20, start, times, [between[0], r, [0, 0.3, -0.3]]).values
    i = result.study.quantities.index("re_product_w")
    assert result.exact[1, :, i] + 1j * result.exact[1, :, i + 1] == pytest.approx(exact, abs=1e-9)
    assert result.status("derived") == "confirmed" and result.status("turned round") == "refuted"
    assert verdict(result, "derived", "re_product_w").rate == pytest.approx(0.5, abs=0.1)
    write(result, tmp_path)
    saved = read_saved(tmp_path)
    assert saved.directions == result.study.directions
    for c in result.claims:
        assert [as_data(v) for v in saved.judge(c)] == [as_data(v) for v in result.judge(c)]
    assert all(np.isfinite(x.shift) for x in power_test(result, 0.1))


@pytest.mark.usefixtures("quick_figures")
def test_the_linear_noise_approximation_states_its_gaussian_at_finite_n(tmp_path):
    model, start = hopfield(0.3, 0.8), [0, 0.3, 0.4]
    claims = theories(model, start, ["gaussian", "corrected"])
    result = Study(model, start, [0, 1.0], [16, 32, 64, 96], claims, accuracy=1e-3, fluctuations=F).run()
    found = {v.quantity: v for v in result.finite_sizes if v.claim == "gaussian" and v.quantity.endswith("_f")}
    orders = {"re_chi_f": 1.0, "im_chi_f": 0.5, "kappa3_f": 0.5, "kappa4_f": 1.0}
    assert {q: v.order for q, v in found.items()} == pytest.approx(orders, abs=0.04)  # of the next order
    assert all(v.status == "refuted" for v in found.values())
    assert not any(v.quantity in found for v in result.finite_sizes if v.claim == "corrected")
    write(result, tmp_path)
    saved = {v.quantity: v.order for v in read_saved(tmp_path).judge(claims[0])}
    assert saved == {v.quantity: v.order for v in result.finite_sizes if v.claim == "gaussian"}


@pytest.mark.usefixtures("quick_figures")
def test_a_saved_study_judges_claims_about_them(spins, tmp_path):
    write(spins, tmp_path)
    saved = read_saved(tmp_path)
    assert saved.digest == spins.digest and saved.directions == spins.study.directions
    claims = [
        spins.claims[0],
        Claim("wide", "", lambda t: {"cov_zz": np.full(t.shape, 1.2)}, uncertainty=0.05),
        Claim("odd", "", lambda t: {"im_chi_f": np.full(t.shape, 0.1)}),
    ]
    for claim in claims:
        assert [as_data(v) for v in saved.judge(claim)] == [as_data(v) for v in spins.judge(claim)]
    found = {v.quantity: v.status for v in saved.judge(claims[1])}
    assert found.keys() == {"cov_zz", "re_chi_f", "im_chi_f", "kappa3_f", "kappa4_f", "distance_f"}
    assert found["re_chi_f"] == found["distance_f"] == "refuted" and found["kappa3_f"] == "confirmed"
    assert saved.judge(claims[2])[0].status == "refuted"
    for N in (80, 320):
        assert saved.predict(N).to_dict() == spins.predict(N).to_dict()
    at, p = spins.study.quantities.index("kappa3_f"), spins.predict(320)
    assert abs(p.value[1, at] + 0.8 * 0.84 / np.sqrt(320)) <= p.error[1, at] < 1e-3


def test_tables_and_figures_say_by_which_power_they_go(spins):
    text = table(spins)
    assert text.count("N^-1/2, exact") == 3 and "(0.5)" in text  # Im χ, κ_3, distance
    assert label("im_chi_f") != "im_chi_f"
    figure = convergence_figure(spins.dataset, "kappa3_f")
    (guide,) = [line for line in figure.axes[1].lines if "propto" in line.get_label()]
    assert guide.get_label() == r"$\propto N^{-1/2}$"
    assert guide.get_ydata()[0] == pytest.approx(guide.get_ydata()[-1] * np.sqrt(8))


def test_sizes_are_chosen_until_they_are_settled():
    study = Study(hopfield(0.3, 0.5), [0, 0.3, 0.4], [0, 0.3], accuracy=1e-3, fluctuations={"f": {"z": 0.7}})
    result = study.run()
    assert result.growth.ended == "settled" and len(result.sizes) >= 4
    assert result.status("derived") == "confirmed"


def test_planted_errors_move_them(spins):
    rows = power_test(spins, 0.05)
    assert rows and all(np.isfinite(r.shift) for r in rows)


def test_several_species_and_a_mode():
    """Of letters of two owners there is a characteristic function: the product of both where they do not meet."""
    f = {"f": {"a.z": 0.7, "b.x": 0.4}, "g": {"a.z": 0.7}, "h": {"b.x": 0.4}}
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    start = {"a": [0.3, 0, 0.5], "b": [0.2, 0.1, -0.3]}
    result = Study(
        Model(a.mz + 0.5 * b.mz, species=[a, b]), start, [0, 0.5], [4, 6, 8, 12], accuracy=1e-2, fluctuations=f
    ).run()
    index = {q: i for i, q in enumerate(result.study.quantities)}
    assert "kappa3_f" not in index and "kappa3_g" in index
    both, *each = (
        result.exact[..., index[f"re_chi_{x}"]] + 1j * result.exact[..., index[f"im_chi_{x}"]] for x in "fgh"
    )
    assert both == pytest.approx(each[0] * each[1], abs=1e-9)
    assert result.status("derived") != "refuted"

    field = {"f": {"z": 0.5, "field.phi": 0.7}}
    start = {"": [0, 0.6, -0.8], "field": Field(beta=0.3)}
    study = Study(dicke_model(0.3), start, [0, 0.2], [2, 4, 6, 9], accuracy=1e-2, fluctuations=field)
    assert study.power == 0.5 and study.powers is None
    assert verdict(study.run(), "derived", "re_chi_f").status == "confirmed"


def test_without_an_expansion_exact_numbers_judge_alone(monkeypatch):
    """Then all of them go in powers of N^−½, with wider bars."""
    none = DerivedExpansion(None, "No expansion is derived.")
    monkeypatch.setattr(comparison.study.subject, "derived_expansion", lambda *_, **__: none)
    study = Study(Model(0.3 * mz), [0, 0, 0.4], [0, 1.0], [10, 20, 40, 80], accuracy=1e-2, fluctuations=F)
    result = study.run()
    assert {v.status for v in result.verdicts} == {"confirmed"}
    assert np.isfinite(result.predict(100).error).all()


def test_study_files_name_them(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        'system = "hopfield"\nsizes = [4, 6, 8, 10]\n[times]\nstop = 0.2\npoints = 2\n[fluctuations]\n'
        'f = [0.2, 0.5, 0.6]\nz = { z = 1.0 }\nd = { r = { x = 1.0 }, quantities = ["distance"] }\n'
        "w = { r = [0.2, 0.5, 0.6], between = [[0, 0, 1.0], 0] }\n",
        encoding="utf-8",
    )
    study = load(str(path))
    assert [d.quantities[0] for d in study.directions] == ["re_chi_f", "re_chi_z", "distance_d", "re_product_w"]
    assert study.directions[1].r == (0, 0, 1) and study.directions[3].between == ((0, 0, 1), (0, 0, 0))
    other = load(str(path), {"fluctuations": {"f": [0, 0, 1.0]}})
    without = build({"system": "hopfield", "sizes": [4, 6, 8, 10], "times": {"stop": 0.2, "points": 2}})
    assert len({json.dumps(identity(s)) for s in (study, other, without)}) == 3
    assert "fluctuations" not in identity(without) and "fluctuations" not in without.spec
    path.write_text(path.read_text(encoding="utf-8").replace("x = 1.0", "w = 1.0"), encoding="utf-8")
    with pytest.raises(FiniteNError, match=r"study\.toml: fluctuation d: .*w.* is no letter"):
        load(str(path))
    path.write_text(path.read_text(encoding="utf-8").replace("quantities", "quantity"), encoding="utf-8")
    with pytest.raises(FiniteNError, match=r"unknown key fluctuations\.d\.quantity"):
        load(str(path))


def test_a_mode_in_a_number_state_does_not_become_gaussian():
    start, f = {"": [0, 0, -0.5], "field": Field(number=1)}, {"f": {"field.phi": 1.0}}
    with pytest.raises(FiniteNError, match="number state"):
        Study(dicke_model(0.3), start, [0, 0.2], [2, 4, 6, 9], fluctuations=f)
    with pytest.raises(FiniteNError, match="number state"):
        compare_fluctuations(dicke_model(0.3), start, [0, 0.2], [2, 4, 6, 9], [0, 0, 0, 1.0, 0])


def test_names_that_are_taken_are_refused():
    with pytest.raises(FiniteNError, match=r"re_chi_f: it is already a quantity"):
        Study(Model(0.3 * mz), [0, 0, 0.4], [0, 1.0], [4, 6, 8, 10], e_ops={"re_chi_f": mz}, fluctuations=F)


def test_a_study_without_them_is_as_before(spins):
    study = dataclasses.replace(spins.study, fluctuations=None)
    assert study.powers is None and "powers" not in study.run().dataset
