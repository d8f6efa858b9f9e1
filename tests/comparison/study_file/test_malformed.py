"""Fifty study files that are wrong: one sentence each, with the place in the file and its line, and nothing is run."""

import pytest

from tests.comparison.cli.called import refused

OWN = "sizes = [4, 6, 8, 10]\ninitial = { bloch = [0, 0, 1] }\ntimes = { stop = 1.0 }\n"  # line 4 follows
UP = "{ bloch = [0, 0, 1] }"
SPECIES = f"sizes = [4, 6, 8, 10]\ninitial = {{ species = {{ a = {UP}, b = {UP} }} }}\ntimes = {{ stop = 1.0 }}\n"
SPECIES += "[model.species]\na = 0.5\nb = 0.5\n"
BOSON = "initial = { modes = { b = { thermal = 0.2 } } }\ntimes = { stop = 1.0 }\n[particle]\nbosons = ['b']\n"
JUMPS = "[model]\n[[model.jumps]]\noperator = 'sm'\n[[model.jumps]]\n"
HOPFIELD = "system = 'hopfield'\n"

MALFORMED = {
    "no TOML": ("sizes = [4, 6\nsystem = 'hopfield'", ["not a TOML file", "line 2"]),
    "a key twice": (HOPFIELD + "system = 'hopfield'", ["not a TOML file", "overwrite"]),
    "no quotes": ("system = hopfield", ["not a TOML file", "line 1"]),
    "nothing": ("", ["give either system", "none is given"]),
    "two subjects": (HOPFIELD + "[model]", ["system and model are given"]),
    "a system that there is not": (
        "\nsystem = 'hopfeld'",
        ["line 2: system: unknown system 'hopfeld', perhaps hopfield is meant"],
    ),
    "an unknown key": (HOPFIELD + "size = [4, 6, 8, 10]", ["line 2: unknown key size;", "sizes"]),
    "an unknown key in a table": (
        HOPFIELD + "[times]\nstop = 1.0\nend = 2.0",
        ["line 4: unknown key times.end", "points"],
    ),
    "a parameter that there is not": (
        HOPFIELD + "[parameters]\nomga = 1.0",
        ["line 3: parameters.omga", "omega, beta"],
    ),
    "a parameter of a wrong kind": (HOPFIELD + "[parameters]\nomega = 'fast'", ["line 3: parameters.omega = 'fast'"]),
    "a choice that there is not": (
        HOPFIELD + "[parameters]\nrates = 'cold'",
        ["line 3: parameters.rates", "heat_bath"],
    ),
    "a text for sizes": (HOPFIELD + "sizes = 'many'", ["sizes = 'many'", '"auto"']),
    "too few sizes": (HOPFIELD + "sizes = [4, 6, 8]", ["sizes", "four or more"]),
    "a size of 2.5": (HOPFIELD + "sizes = [4, 6, 8, 10.5]", ["line 2: sizes[3] = 10.5: give a whole number"]),
    "sizes that fall": (HOPFIELD + "sizes = [10, 8, 6, 4]", ["sizes"]),
    "a budget with sizes": (HOPFIELD + "sizes = [4, 6, 8, 10]\nbudget = '1min'", ["budget", "leave budget out"]),
    "a budget without unit": (HOPFIELD + "budget = '2 weeks'", ["budget = '2 weeks'", "2min"]),
    "times that do not run on": (HOPFIELD + "[times]\nstart = 2.0\nstop = 1.0", ["line 4: times.stop", "not later"]),
    "one time": (HOPFIELD + "[times]\nstop = 1.0\npoints = 1", ["line 4: times.points = 1: give at least 2"]),
    "no last time": (HOPFIELD + "[times]\npoints = 3", ["line 2: times.stop is missing"]),
    "times as a list": (HOPFIELD + "times = [0.0, 1.0]", ["line 2: times = [0.0, 1.0]: give a table"]),
    "infinite times": (HOPFIELD + "[times]\nstop = inf", ["line 3: times.stop = inf: give a finite number"]),
    "a rate that is no number": (
        OWN + JUMPS + "operator = 'sz'\nrate = nan",
        ["model.jumps[1].rate = nan: give a finite number, or a formula as text"],
    ),
    "a Bloch vector of two": (HOPFIELD + "[initial]\nbloch = [0, 1]", ["line 3: initial.bloch", "three numbers"]),
    "a Bloch vector too long": (HOPFIELD + "[initial]\nbloch = [0, 1, 1]", ["line 3: initial.bloch", "length"]),
    "two starts": (HOPFIELD + "[initial]\nbloch = [0, 0, 1]\ncoherent = [1, 2]", ["line 2: initial needs exactly one"]),
    "a ket without norm": (HOPFIELD + "[initial]\nket = [1, 1]", ["line 3: initial.ket", "norm 1.414213562"]),
    "a ragged matrix": (HOPFIELD + "[initial]\nmatrix = [[1, 0], [0]]", ["line 3: initial.matrix", "2 rows of 2"]),
    "a start of a mode that there is not": (
        OWN.replace("bloch = [0, 0, 1]", "modes = {x = {}}") + "[model]",
        ["initial"],
    ),
    "an unknown name": (
        OWN + "[model]\nhamiltonian = 'mx + om*mz'",
        ["line 5: model.hamiltonian: «mx + om*mz» uses the unknown name om", "mx, my, mz (averages of σx, σy, σz)"],
    ),
    "a misspelt parameter": (
        OWN + "[model]\nparameters = {omega = 1.0}\nhamiltonian = 'omga*mx'",
        ["line 6: model.hamiltonian", "unknown name omga, perhaps omega is meant", "omega (parameters)"],
    ),
    "an operator for its average": (OWN + "[model]\nhamiltonian = 'sx'", ["line 5: model.hamiltonian", "m(sz)"]),
    "an average for an operator": (
        OWN + JUMPS + "operator = 'mm'",
        ["line 8: model.jumps[1].operator", "unknown name mm", "σ+, σ−"],
    ),
    "no Hermitian Hamiltonian": (OWN + "[model]\nhamiltonian = 'mp'", ["line 5: model.hamiltonian", "not Hermitian"]),
    "a formula that ends early": (
        OWN + "[model]\nhamiltonian = '0.3*'",
        ["line 5: model.hamiltonian", "not a formula"],
    ),
    "code": (OWN + "[model]\nhamiltonian = '__import__(\"os\")'", ["line 5: model.hamiltonian", "unknown function"]),
    "a function of an operator": (OWN + "[model]\nhamiltonian = 'cos(mz)'", ["line 5: model.hamiltonian", "cos of an"]),
    "no product sign": (
        OWN + "[model]\nhamiltonian = 'pi(mz)'",
        ["line 5: model.hamiltonian", "write a * for products"],
    ),
    "a rate below zero": (OWN + JUMPS + "operator = 'sp'\nrate = -0.2", ["line 7: model.jumps[1]", "-0.2"]),
    "a rate of Δ without Δ": (
        OWN + JUMPS + "operator = 'sp'\nrate = 'exp(D)'",
        ["line 9: model.jumps[1].rate", "delta is missing"],
    ),
    "an unknown name in a rate": (
        OWN + JUMPS + "operator = 'sp'\ndelta = 'mz'\nrate = 'exp(-b*D)'",
        ["line 10: model.jumps[1].rate", "unknown name b", "D (Δ, which delta says)"],
    ),
    "a rate and its root": (
        OWN + JUMPS + "operator = 'sp'\nrate = 1.0\namplitude = 1.0",
        ["line 7: model.jumps[1]", "one of"],
    ),
    "no operator": (OWN + JUMPS + "rate = 1.0", ["line 7: model.jumps[1].operator is missing, such as"]),
    "jumps of no species": (SPECIES + "[[model.jumps]]\noperator = 'sm'\nspecies = 'c'", ["'c'"]),
    "fractions beyond one": (SPECIES.replace("b = 0.5", "b = 0.6"), ["fraction"]),
    "levels of two letters": (OWN + "[model]\nlevels = ['up', 'down']", ["line 5: model.levels", "one letter"]),
    "a matrix that is not positive": (
        OWN + "[[model.collective]]\noperators = ['sm']\nmatrix = [[-1.0]]",
        ["line 4: model.collective[0]", "not positive"],
    ),
    "rates for other operators": (
        OWN + "[[model.collective]]\noperators = ['sm', 'sp']\nrate = [0.1]",
        ["line 4: model.collective[0]", "2 operator(s)"],
    ),
    "a parameter called mx": (
        OWN + "[model]\n[model.parameters]\nmx = 1.0",
        ["line 6: model.parameters.mx", "of its own"],
    ),
    "a parameter of a later one": (
        OWN + "[model]\nparameters = {a = '2*b', b = 1.0}",
        ["model.parameters.a", "name b"],
    ),
    "an observable that is not Hermitian": (HOPFIELD + "[observables]\nq = 'mx*my'", ["observable q", "not Hermitian"]),
    "an observable with a taken name": (HOPFIELD + "[observables]\nmean_x = 'mx'", ["mean_x", "already"]),
    "a claim of nothing": (HOPFIELD + "[[claims]]\nname = 'c'", ["line 2: claims[0]: give either file"]),
    "a claim of an unknown quantity": (HOPFIELD + "[[claims]]\nname = 'c'\nvalues = {mean_q = 't'}", ["'mean_q'"]),
    "a claim from a missing file": (HOPFIELD + "[[claims]]\nname = 'c'\nfile = 'x.csv'", ["x.csv", "cannot be read"]),
    "Python that is not allowed": (
        HOPFIELD + "[[claims]]\nname = 'c'\nfile = 'x.py'",
        ["line 4: claims[0].file: 'x.py' would be executed", "--allow-python"],
    ),
    "a theory that there is not": (HOPFIELD + "theories = ['cumulants9']", ["'cumulants9' is unknown", "cumulants2"]),
    "an unknown boson": (BOSON + "operators = { X = 'x_c' }", ["line 5: particle.operators.X", "name x_c", "x_b, p_b"]),
    "nothing to look at": (BOSON, ["line 3: particle.operators is missing"]),
    "particles with theories": (
        "theories = ['meanfield']\n" + BOSON + "operators = { X = 'x_b' }",
        ["line 1: theories"],
    ),
    "an accuracy beyond the tolerance": (HOPFIELD + "accuracy = 1e-9", ["accuracy = 1e-09", "tolerance"]),
}


def test_there_are_fifty_of_them():
    assert len(MALFORMED) >= 50 and len({text for text, _ in MALFORMED.values()}) == len(MALFORMED)


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_file_is_one_sentence(capsys, tmp_path, what):
    text, words = MALFORMED[what]
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    said = refused(capsys, "run", file, "--quiet")
    assert str(tmp_path) in said, said
    for word in words:
        assert word in said, said
