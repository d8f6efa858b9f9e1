"""A saved study judges as the study did when it ran: the same verdicts, rates and advice."""

import dataclasses
import functools
import json
from fractions import Fraction

import h5py
import numpy as np
import pytest
import qutip

import comparison.study.subject
from comparison import Claim, Study, read_saved, write
from comparison.referee.expansion import DerivedExpansion
from comparison.referee.extrapolation import Extrapolation
from comparison.referee.witnesses import WitnessedLimit
from comparison.report.as_data import as_data, finite_size_data
from comparison.results_folder.identity import digest
from comparison.study.limit_arrays import limit_of, limit_variables
from finite_n import CollectiveJumps, Field, FiniteNError, Model, Species, mz
from finite_n.systems import dicke_model

pytestmark = [pytest.mark.rounding, pytest.mark.usefixtures("quick_figures")]

STUDIES = {
    "confirmed": lambda: Study(Model(mz * mz), [0.6, 0, 0.3], [0, 0.2, 0.4], [8, 12, 18, 27], e_ops={"order": mz * mz}),
    "undecided": lambda: Study(
        Model(collective=[CollectiveJumps([qutip.sigmam()])]), [0, 0, 1], [0, 2, 4], [2, 10, 20, 40]
    ),
    "first moments": lambda: Study(
        dicke_model(coupling=0.3),
        {"": [0, 0.6, -0.8], "field": Field(alpha=0.1)},
        [0, 0.2],
        [2, 4, 6, 9],
        accuracy=1e-3,
    ),
}


@functools.cache
def ran(name):
    """The result of a study, which no test changes."""
    return STUDIES[name]().run()


@pytest.mark.parametrize("name", list(STUDIES))
def test_verdicts_of_a_saved_study_are_those_of_the_run(name, tmp_path):
    result = ran(name)
    write(result, tmp_path)
    saved = read_saved(tmp_path)
    truth = result.claims[0]
    claims = [
        truth,
        Claim("late", "", {q: x[1:] + 1e-3 for q, x in result.limits["derived"].items()}, times=result.study.times[1:]),
        Claim("0", "", lambda t: {"mean_z": 0 * t}, uncertainty=0.7),
    ]
    for claim in claims:
        assert [as_data(v) for v in saved.judge(claim)] == [as_data(v) for v in result.judge(claim)]
    theory = Claim("N", "", lambda t, N: {q: x + 1 / N for q, x in truth.values(t).items()}, uncertainty=0.01)
    first = [finite_size_data(v) for v in result.judge(theory)]
    assert [finite_size_data(v) for v in saved.judge(theory)] == first and len(first) >= len(result.study.quantities)
    assert {v.status for v in result.judge(truth)} >= ({"undecided"} if name == "undecided" else {"confirmed"})
    assert all(v.advice for v in saved.judge(truth) if v.status == "undecided")


@pytest.mark.parametrize("name", list(STUDIES))
def test_predictions_of_a_saved_study_are_those_of_the_run(name, tmp_path):
    result = ran(name)
    write(result, tmp_path)
    saved = read_saved(tmp_path)
    for N in (result.sizes[1], result.sizes[1] + 1, 60, 10**9):
        first, read = result.predict(N), saved.predict(N)
        assert read.to_dict() == first.to_dict() and first.exact == (N in result.sizes)
        assert name == "undecided" or np.all(np.isfinite(first.error))
    with pytest.raises(FiniteNError, match="below the smallest size"):
        saved.predict(1)


def test_without_an_expansion_a_polynomial_predicts(tmp_path, monkeypatch):
    """⟨m_x⟩ of one-axis twisting, 0.6 Re (cos φ + 0.3 i sin φ)^(N−1), φ = 4t/N."""
    none = DerivedExpansion(None, "No expansion is derived.")
    monkeypatch.setattr(comparison.study.subject, "derived_expansion", lambda *_, **__: none)
    result = STUDIES["confirmed"]().run()
    write(result, tmp_path)
    for p in (result.predict(100), read_saved(tmp_path).predict(100)):
        truth = 0.6 * ((np.cos(4 * p.times / 100) + 0.3j * np.sin(4 * p.times / 100)) ** 99).real
        i = p.quantities.index("mean_x")
        assert np.all(np.abs(p.value[:, i] - truth) <= p.error[:, i]) and p.error[:, i].max() < 0.01


def test_shares_of_species_come_back(tmp_path):
    thirds = [Species("a", fraction=Fraction(1, 3)), Species("b", fraction=2 / 3)]
    model = Model(thirds[0].mz * thirds[1].mz, species=thirds)
    write(Study(model, {"a": [0.6, 0, 0.3], "b": [0, 0.5, 0.2]}, [0, 0.2], [3, 6, 9, 12]).run(), tmp_path)
    saved = read_saved(tmp_path)
    assert saved.predict(3 * 10**9).N == 3 * 10**9
    with pytest.raises(FiniteNError, match="no whole number of particles"):
        saved.predict(100)


def test_a_study_of_an_older_version_judges_and_does_not_predict(tmp_path):
    import xarray as xr

    result = ran("confirmed")
    write(result, tmp_path)
    with xr.open_dataset(tmp_path / "study.nc", engine="h5netcdf") as file:
        old = file.load().drop_vars(["derived_coefficient"])
    provenance = json.loads(old.attrs["provenance"])
    del provenance["fractions"]
    attrs = {"provenance": json.dumps(provenance), "digest": digest(old, provenance["identity"])}
    old.assign_attrs(attrs).to_netcdf(tmp_path / "old.nc", engine="h5netcdf")
    saved = read_saved(tmp_path / "old.nc")
    assert saved.judge(result.claims[0])
    with pytest.raises(FiniteNError, match=r"saved by an older version .* run it again"):
        saved.predict(100)


def test_numbers_that_were_changed_are_refused(tmp_path):
    write(ran("confirmed"), tmp_path)
    with h5py.File(tmp_path / "study.nc", "r+") as file:
        file["exact"][0, 0, 0] += 1e-9
    with pytest.raises(FiniteNError, match="not those of the digest"):
        read_saved(tmp_path)


@pytest.mark.parametrize(
    "limit",
    [
        Extrapolation(np.arange(6.0).reshape(3, 2), np.full((3, 2), np.inf), grows=np.arange(6).reshape(3, 2) > 4),
        WitnessedLimit(
            np.arange(6.0).reshape(3, 2),
            np.ones((3, 2)),
            remainder=np.full((3, 2), np.nan),
            order=np.zeros((3, 2)),
            expected=np.full((3, 2), 2.0),
            state=np.arange(6).reshape(3, 2) % 3,
        ),
    ],
)
def test_every_part_of_a_limit_comes_back(limit):
    import xarray as xr

    back = limit_of(xr.Dataset(limit_variables(limit)))
    assert type(back) is type(limit)
    for field in dataclasses.fields(limit):
        assert np.array_equal(getattr(back, field.name), getattr(limit, field.name), equal_nan=True), field.name
    assert limit_of(xr.Dataset()) is None
