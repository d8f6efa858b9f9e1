"""Models of one's own in study files: the same generator as the one that Python writes, and the right numbers."""

import numpy as np
import pytest
import qutip

from comparison import build, load
from finite_n import Boson, BosonicParticle, FiniteNError, LocalJump, Model, Species, mx, my, mz
from finite_n.systems import double_chain, three_level

SAME = 1e-12  # rounding of coefficients

TIMES = {"stop": 0.5, "points": 3}
SIZES = [4, 6, 8, 10]
THREE_LEVEL = {
    "levels": ["g", "e", "r"],
    "parameters": {"pump": 2.0, "shift": 3.0, "root": "sqrt(pump)"},
    "hamiltonian": "0.5*m(drive)",
    "operators": {"drive": "s_ge + dag(s_ge)", "up": [[0, 0, 0], [0, 0, 0], [0, 1, 0]]},
    "jumps": [
        {"operator": "up", "amplitude": "root/sqrt(1 + (shift*D)**2)", "delta": "m(s_rr)", "include_self": False},
        {"operator": "s_er", "rate": "pump/(1 + (shift*D)**2)", "delta": "m(s_rr)", "include_self": False},
        {"operator": "s_ge", "amplitude": 1.0},
        {"operator": "s_gr", "rate": 0.5},
    ],
}


def same(a: Model, b: Model) -> bool:
    """Whether two models have the same generator, jump by jump."""
    x = np.linspace(0, 1, 7)
    return (
        (a.hamiltonian - b.hamiltonian).size < SAME
        and len(a.jumps) == len(b.jumps)
        and all(
            np.allclose(j.operator, k.operator, atol=SAME)
            and np.allclose(j.amplitude(x), k.amplitude(x), atol=SAME)
            and (j.argument - k.argument).size < SAME
            and (j.include_self, j.species) == (k.include_self, k.species)
            for j, k in zip(a.jumps, b.jumps, strict=True)
        )
        and not a.collective
        and not b.collective
    )


def study(model, **more):
    raw = {"sizes": SIZES, "times": TIMES, "initial": {"bloch": [0, 0.3, 0.4]}, "model": model}
    return build(raw | more)


def test_particles_of_three_levels_are_those_of_the_built_in_system():
    found = study(THREE_LEVEL, initial={"populations": [0.6, 0.3, 0.1]}, observables={"rydberg": "m(s_rr)"})
    assert same(found.model, three_level())
    density = Species("", 3).average(np.diag([0, 0, 1.0]))
    assert (found.e_ops["rydberg"] - density).size < SAME


def test_species_with_levels_beside_species_of_spins():
    model = {
        "species": {"atoms": {"fraction": 0.5, "levels": ["g", "e", "r"]}, "spins": "1/2"},
        "hamiltonian": "m_atoms(s_ge_atoms + s_eg_atoms)*mz_spins",
        "jumps": [{"operator": "s_gr_atoms", "species": "atoms"}, {"operator": "sm", "species": "spins"}],
        "collective": [{"operators": ["m_atoms(s_ge_atoms) + 2*mm_spins"], "rate": 0.2}],
    }
    start = {"species": {"atoms": {"ket": ["1/sqrt(2)", 0, "-1j/sqrt(2)"]}, "spins": {"bloch": [0, 0, 1]}}}
    found = study(model, initial=start)
    atoms, spins = Species("atoms", 3, 0.5), Species("spins", 2, 0.5)
    up = np.zeros((3, 3))
    up[0, 1] = 1
    assert (found.model.hamiltonian - atoms.average(up + up.T) * spins.mz).size < SAME
    expected = atoms.average(up) + 2 * spins.average(qutip.sigmam())
    assert (found.model.collective[0].polynomials[0] - expected).size < SAME
    rho = found.rho0.parts["atoms"].density
    assert np.allclose(rho, np.outer([1, 0, -1j], [1, 0, 1j]) / 2, atol=SAME)


def test_a_density_matrix_may_start():
    found = study({"hamiltonian": "mx"}, initial={"matrix": [["3/4", "0.1j"], ["-0.1j", 0.25]]})
    assert np.allclose(found.rho0.limit()[0], [0, -0.2, 0.5], atol=SAME)


def test_adjoints_and_constants_stand_in_formulas():
    model = {"modes": ["light"], "hamiltonian": "pi*(mp*alpha_light + dag(mp*alpha_light)) + log(e)*n_light"}
    found = study(model).model.hamiltonian
    plain = study(model | {"hamiltonian": "pi*(mx*phi_light - my*pi_light)/sqrt(2) + n_light"}).model.hamiltonian
    assert (found - plain).size < SAME
    for word in ("conj", "adjoint"):
        text = f"pi*(mp*alpha_light + {word}(mp)*{word}(alpha_light)) + n_light"
        assert (study(model | {"hamiltonian": text}).model.hamiltonian - found).size < SAME
    jump = study({"jumps": [{"operator": "dag(sp + 1j*sz)"}]}).model.jumps[0]
    assert np.allclose(jump.operator, (qutip.sigmam() - 1j * qutip.sigmaz()).full(), atol=SAME)


def test_parameters_are_formulas_and_stand_everywhere(tmp_path):
    model = {"parameters": {"g": 0.4, "w": "2*pi*g"}, "hamiltonian": "w*mx"}
    found = study(
        model,
        observables={"q": "g*mz"},
        claims=[{"name": "c", "values": {"mean_z": "cos(w*t)"}}],
    )
    assert (found.model.hamiltonian - 0.8 * np.pi * mx).size < SAME and (found.e_ops["q"] - 0.4 * mz).size < SAME
    assert np.allclose(found.claims[0].values(np.array([1.0]))["mean_z"], np.cos(0.8 * np.pi))
    changed = load(
        str(_file(tmp_path, "[model]\nhamiltonian='g*my'\n[model.parameters]\ng=1.0")), {"parameters": {"g": 2}}
    )
    assert (changed.model.hamiltonian - 2 * my).size < SAME
    with pytest.raises(FiniteNError, match=r"'h'.*has none of this name; it has g"):
        load(str(_file(tmp_path, "[model]\nhamiltonian='g*my'\n[model.parameters]\ng=1.0")), {"parameters": {"h": 2}})


START = "sizes = [4, 6, 8, 10]\n[initial]\nbloch = [0, 0.3, 0.4]\n[times]\nstop = 0.5\npoints = 3\n"


def _file(folder, text, name="study.toml"):
    (folder / name).write_text(START + text if name.endswith("toml") else text, encoding="utf-8")
    return folder / name


def test_the_particles_of_the_double_chain_as_a_file():
    chain = double_chain(T=0.25, coupling=0.9)
    gamma, eta = chain.gamma, chain.eta
    one = [f"(1 + {gamma})/2", f"1j*{eta}*(1 + {gamma})/2", f"0.9*(1 + {gamma})/2", f"0.9j*{eta}*(1 + {gamma})/2"]
    back = [one[0], f"-{one[1]}", one[2], f"-{one[3]}"]
    rows = [one, [back[1], back[0], back[3], back[2]], [one[2], one[3], one[0], one[1]],
            [back[3], back[2], back[1], back[0]]]  # fmt: skip
    particle = {
        "bosons": ["first", "second"],
        "hamiltonian": "n_first + (x_second**2 + p_second**2)/2 + 1/2",
        "jumps": ["x_first", "p_first", "x_second", "p_second"],
        "matrix": rows,
        "operators": {"X1": f"sqrt({eta})/2*(x_first**2 - p_first**2)", "X2": "x_first*p_first + p_first*x_first"},
    }
    n = gamma / (1 - gamma)
    start = {"modes": {"first": {"thermal": n}, "second": {"thermal": n}}}
    raw = {"sizes": [4, 6, 8, 10], "times": TIMES, "initial": start, "particle": particle}
    found = build(raw)
    assert np.allclose(found.model.jumps.kossakowski, chain.kossakowski, atol=SAME)
    assert (found.operators["X1"] - chain.operators["X1"]).size < SAME
    theirs = build({"system": "double_chain", "parameters": {"T": 0.25}, "sizes": [4, 6, 8, 10], "times": TIMES})
    mean, cov = (r.results[-1].covariance[:, 0, 0] for r in (found.run(), theirs.run()))
    assert np.allclose(mean, cov, atol=1e-8)  # tolerance of the evolution
    with pytest.raises(
        FiniteNError, match=r"unknown name y_first, perhaps x_first is meant; known are x_first, p_first, a_first"
    ):
        build(raw | {"particle": particle | {"operators": {"X1": "y_first"}}})
    rates = particle | {"jumps": ["a_first", "dag(a_first)"], "matrix": None, "rate": [0.3, "0.1"]}
    a = Boson("first").a
    expected = BosonicParticle([Boson("first")], 0, [a, a.adjoint()], np.diag([0.3, 0.1])).jumps
    found = build(raw | {"particle": {k: x for k, x in rates.items() if x is not None}}).model.jumps
    assert np.array_equal(found.kossakowski, expected.kossakowski)
    assert [(p - q).size for p, q in zip(found.polynomials, expected.polynomials, strict=True)] == [0, 0]


PYTHON = """
import numpy as np
from finite_n import LocalJump, Model, mx
import qutip


def model(omega=1.0, rate=0.2):
    return Model(omega * mx, [LocalJump(qutip.sigmam(), rate=rate)])
"""


def test_a_python_file_is_executed_only_where_that_is_allowed(tmp_path):
    _file(tmp_path, "open('executed', 'w')\n" + PYTHON, "mine.py")
    file = str(_file(tmp_path, "[model]\nfile = 'mine.py'\n[model.parameters]\nomega = 0.3\n"))
    with pytest.raises(FiniteNError, match=r"line 8: model\.file: 'mine\.py' would be executed.*--allow-python"):
        load(file)
    assert not (tmp_path / "executed").exists()
    (tmp_path / "mine.py").write_text(PYTHON, encoding="utf-8")
    found = load(file, allow_python=True)
    assert same(found.model, Model(0.3 * mx, [LocalJump(qutip.sigmam(), rate=0.2)]))
    assert found.spec["model"]["file"] == "mine.py"


@pytest.mark.parametrize(
    ("python", "table", "words"),
    [
        (PYTHON, "file = 'mine.py'\nhamiltonian = 'mz'", r"model\.hamiltonian: the model is that of 'mine\.py'"),
        (PYTHON, "file = 'mine.txt'", "give a Python file"),
        (PYTHON, "file = 'other.py'", r"other\.py: cannot be read"),
        (PYTHON, "file = 'mine.py'\nparameters = {beta = 1.0}", r"model\(beta=1\) failed with TypeError"),
        ("def f(): return 3\n", "file = 'mine.py'", "f returned 3; let it return a Model"),
        ("def f(): return 1/0\n", "file = 'mine.py'", "failed with ZeroDivisionError"),
        ("x = 3\n", "file = 'mine.py'", "no public function; give one, of the parameters"),
        ("def f(\n", "file = 'mine.py'", "not Python, line 1"),
    ],
)
def test_python_files_that_hold_no_model(tmp_path, python, table, words):
    _file(tmp_path, python, "mine.py")
    with pytest.raises(FiniteNError, match=words):
        load(str(_file(tmp_path, f"[model]\n{table}\n")), allow_python=True)


def test_a_claim_may_be_python_where_that_is_allowed(tmp_path):
    _file(tmp_path, "import numpy as np\nerror = 1e-9\ndef f(t):\n    return {'mean_z': np.cos(t)}\n", "theory.py")
    file = str(_file(tmp_path, "[model]\nhamiltonian = 'mx'\n[[claims]]\nname = 'c'\nfile = 'theory.py'\n"))
    (claim,) = load(file, allow_python=True).claims
    assert (claim.name, claim.error) == ("c", 1e-9) and np.allclose(claim.values(np.zeros(1))["mean_z"], 1)
