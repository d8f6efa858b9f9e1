"""Inhomogeneous ensembles in study files: the same models as in Python, and what is written wrongly."""

import copy

import numpy as np
import pytest
import qutip
from scipy.stats import arcsine, cauchy, expon, norm, uniform

from comparison import build
from finite_n import CollectiveJumps, FiniteNError, LocalJump, Model, binned, coefficient, evolve

STUDY = {
    "model": {
        "parameters": {"shift": 0.1, "spread": 0.7},
        "binned": {"distribution": "normal", "width": "spread", "bins": 2, "value": "w"},
        "hamiltonian": "average(0.5*(w + shift)*mz) - cos(t)*average(sqrt(1 + w**2)*m(sx)) + average(mz)**2/4",
        "jumps": [{"operator": "sz", "rate": "0.05 + 0.1*exp(w)"}, {"operator": "sm", "rate": 0.2, "species": "bin_2"}],
        "collective": [{"operators": ["average((2 - w)*mm)"], "rate": 0.5}],
    },
    "initial": {"bloch": [0.6, 0.0, 0.8]},
    "times": {"stop": 1.0, "points": 3},
    "sizes": [4, 8, 12, 16],
    "observables": {"z": "average(mz)", "wz": "average(w*mz)", "second": "mz_bin_2"},
}


def changed(**tables):
    raw = copy.deepcopy(STUDY)
    for key, value in tables.items():
        raw["model"]["binned" if key == "binned" else key] = value
    return raw


def test_a_study_file_and_python_give_the_same_ensemble():
    spins = binned(norm(0, 0.7), 2)
    h = spins.average(lambda w, s: 0.5 * (w + 0.1) * s.mz) + spins.mz * spins.mz / 4
    model = Model(
        h + coefficient(lambda t: -np.cos(t)) * spins.average(lambda w, s: np.sqrt(1 + w**2) * s.mx),
        jumps=[
            *spins.jumps(lambda w, s: LocalJump(qutip.sigmaz(), rate=0.05 + 0.1 * np.exp(w))),
            LocalJump(qutip.sigmam(), rate=0.2, species="bin_2"),
        ],
        collective=[CollectiveJumps([spins.average(lambda w, s: (2 - w) * s.average(qutip.sigmam()))], rate=0.5)],
        species=spins.species,
    )
    study, times = build(STUDY), np.linspace(0, 1, 3)
    e_ops = {"z": spins.mz, "wz": spins.average(lambda w, s: w * s.mz), "second": spins.species[1].mz}
    ours = evolve(model, 4, spins.start([0.6, 0, 0.8]), times, e_ops)
    theirs = evolve(study.model, 4, study.rho0, times, study.e_ops)
    for label in e_ops:
        assert np.abs(ours.e_data[label] - theirs.e_data[label]).max() < 1e-12
    assert abs(ours.e_data["z"][-1] - 0.8) > 0.1


@pytest.mark.parametrize(
    ("table", "same"),
    [
        ({"distribution": "normal", "center": 1, "width": 2}, norm(1, 2)),
        ({"distribution": "uniform", "center": 1, "width": 2}, uniform(-1, 4)),
        ({"distribution": "exponential", "center": 1, "width": "2*shift"}, expon(1, 0.2)),
        ({"distribution": "standing wave", "width": 0.5}, arcsine(-0.5, 1)),
        ({"distribution": "lorentzian", "width": 0.5, "cut": [-9, "90*shift"]}, None),
        ({"density": "exp(-abs(u))*shift", "cut": [-1, 2], "value": "u"}, None),
        ({"values": [1, 2, 4, 8], "weights": [1, 1, 1, 1]}, None),
    ],
)
def test_distributions_by_name_by_density_and_by_values(table, same):
    given = changed(binned={"bins": 4, "value": "w"} | table, hamiltonian="0", jumps=[], collective=[])
    given["observables"] = {"values": f"average({table.get('value', 'w')}*mz)"}
    if "lorentzian" in table.values():
        same = binned(cauchy(0, 0.5), 4, cut=(-9, 9))
    elif "density" in table:
        same = binned(lambda x: np.exp(-np.abs(x)), 4, cut=(-1, 2))
    else:
        same = binned([1.0, 2.0, 4.0, 8.0] if same is None else same, 4)
    words = build(given).e_ops["values"].words
    found = sorted(c.real for c in words.values())
    assert np.abs(np.array(found) - np.sort(same.values[same.values != 0])).max() < 1e-11


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"hamiltonian": "w*mz"}, "model.hamiltonian has a value in every bin; write average"),
        ({"hamiltonian": "w"}, "model.hamiltonian has a value in every bin; write average"),
        ({"hamiltonian": "average(shift)"}, "give a formula of w, mx, my, mz"),
        ({"hamiltonian": "average(v*mz)"}, "unknown name v.*average"),
        ({"hamiltonian": "average(m(w))"}, "give an operator of one particle"),
        ({"species": {"a": 1.0}}, "binned gives the species"),
        ({"parameters": {"w": 1.0, "spread": 1, "shift": 0}}, "the name has a meaning of its own"),
        ({"binned": {"distribution": "normal", "bins": 2, "value": "mz"}}, "the name has a meaning of its own"),
        ({"binned": {"distribution": "normal", "bins": 2, "value": "a b"}}, "give a word of letters and digits"),
        ({"binned": {"distribution": "gaussian", "bins": 2, "value": "w"}}, "choose one of 'normal'"),
        ({"binned": {"distribution": "normal", "width": -1, "bins": 2, "value": "w"}}, "a number above 0"),
        ({"binned": {"distribution": "normal", "center": "1j", "bins": 2}}, "center = .1j.: give a real, finite"),
        ({"binned": {"distribution": "lorentzian", "bins": 2, "value": "w"}}, "model.binned.*no finite mean; cut"),
        ({"binned": {"density": "w", "cut": [-1, 1], "bins": 2, "value": "w"}}, "a density is a finite real number"),
        ({"binned": {"bins": 2, "value": "w"}}, "give one of distribution, density, values; got none"),
        ({"binned": {"values": [1.0], "density": "w", "value": "w"}}, "got density and values"),
        ({"binned": {"values": [1.0], "width": 1, "value": "w"}}, "center and width are of a distribution by name"),
        ({"binned": {"distribution": "normal", "bins": 2, "values": "w"}}, "binned.values"),
        ({"binned": {"distribution": "normal", "bin": 2}}, "binned.bin"),
    ],
)
def test_refusals(tables, said):
    with pytest.raises(FiniteNError, match=said):
        build(changed(**tables))
