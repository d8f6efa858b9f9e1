"""Functions of the state as quantities of studies: exact numbers and their errors, limits, verdicts, files, sizes."""

import dataclasses

import numpy as np
import pytest
import qutip

import comparison.study.subject
from comparison import Claim, StateFunction, Study, StudyPoints, load, power_test, read_saved, theories
from comparison.claims.fiorelli_2024.study import printed_covariance
from comparison.referee.expansion import DerivedExpansion
from comparison.referee.state_function import AskedFunction, read_state_functions
from comparison.report.headlines import headlines
from comparison.results_folder.identity import identity
from comparison.study import state_function_values as state_function_module
from comparison.study.state_function_values import state_function_values
from finite_n import (
    Boson,
    BosonicParticle,
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    coherent,
    evolve,
    mx,
    my,
    mz,
    product,
)
from finite_n.solvers.result import Result
from finite_n.state_functions.entropy import _entropy as entropy_of_all
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import dicke_model, hopfield
from meanfield import GaussianLimit, Limit
from tests import random_models

LIGHT = Mode("light")
UP = average(qutip.sigmap())
FISHER = StateFunction("fisher_information_per_particle", generator=mx / 2)
OF_PARTICLES = {
    "xi2": "squeezing",
    "s": "entropy_per_particle",
    "F": "fidelity",
    "I": FISHER,
    "EN": "pair_negativity_times_N",
}
START = {"": [0, 0, 1], "light": Field(thermal=0.3)}
OF_LIGHT = {
    "S": StateFunction("entropy", of="light"),
    "P": StateFunction("purity", of="light"),
    "E": StateFunction("negativity", of="light"),
}


def leaking_atoms():
    exchange = LIGHT.alpha * UP
    h = 0.5 * mz + LIGHT.number + 0.4 * (exchange + exchange.adjoint())
    return Model(h, [LocalJump(qutip.sigmam(), 0.4)], [CollectiveJumps([LIGHT.alpha], 0.5)], modes=[LIGHT])


@pytest.fixture(scope="module")
def network():
    """With a wrong covariance, and a wrong number."""
    start, wrong = [0, 0.3, 0.4], Claim("wrong", "", lambda t: {"s": np.full(t.shape, 0.6), "xi2": 8.0 + t})
    claims = [printed_covariance(start, 0.3, 0.8), wrong, *theories(hopfield(0.3, 0.8), start, ["corrected"])]
    options = {"accuracy": 1e-3, "state_functions": OF_PARTICLES}
    return Study(hopfield(0.3, 0.8), start, [0, 1.5], [8, 12, 16, 24, 32], claims, **options).run()


@pytest.fixture(scope="module")
def atoms():
    start = {"": [0, 0, 1]}
    return Study(
        leaking_atoms(), start, [0, 1.0], [4, 6, 8, 12], accuracy=2e-2, state_functions=OF_LIGHT | {"I": FISHER}
    ).run()


def verdicts(result, claim):
    names = [f.name for f in result.study.functions]
    return {v.quantity: v for v in result.verdicts if v.claim == claim and v.quantity in names}


def test_the_network_goes_to_the_derived_limits_and_not_to_the_printed_ones(network):
    """The printed covariance leaves out feedback: fidelity and Fisher information are refuted by it."""
    own = verdicts(network, "derived")
    assert {q: v.status for q, v in own.items()} == dict.fromkeys(OF_PARTICLES, "confirmed")
    assert own["xi2"].accuracy < 1e-4  # with the first term derived
    rates = {q: v.rate for q, v in own.items() if q != "EN"}
    assert rates == pytest.approx(dict.fromkeys(rates, 1.0), abs=0.05)
    printed = verdicts(network, "printed")
    assert {q for q, v in printed.items() if v.status == "refuted"} == {"F", "I"} and "s" not in printed
    assert {v.status for v in verdicts(network, "wrong").values()} == {"refuted"}
    text = "\n".join(headlines(network))
    assert "functions of the state: CONFIRMED" in text and "functions of the state: REFUTED" in text


def test_the_first_term_of_squeezing_is_derived(network):
    i = network.study.quantities.index("xi2")
    assert abs(network.slopes[0][1, i] - network.study.expansion.coefficients[1, 1, i]) <= network.slopes[1][1, i]
    assert network.extrapolation.order[1, i] == pytest.approx(2, abs=0.05)
    found = next(v for v in network.finite_sizes if v.claim == "corrected" and v.quantity == "xi2")
    assert found.order > 1.8  # of Σ + C₁/N, 2 or more


def test_atoms_and_leaking_light_go_to_the_gaussian_for_given_lengths(atoms):
    own = verdicts(atoms, "derived")
    assert {v.status for v in own.values()} == {"confirmed"} and own["S"].rate == pytest.approx(1, abs=0.1)


def test_bars_hold_for_runs_of_other_tolerance(network, atoms):
    """Numbers of a run at tol = 1e-5 differ from those at 1e-12 by less than both bars; without a second run, whose
    difference would widen them."""
    for result, N in ((network, 12), (atoms, 6)):
        study = result.study
        rough, fine = (
            evolve(
                study.model,
                N,
                study.rho0,
                study.times,
                tol=tol,
                keep_states=True,
                cutoffs={"light": 14} if N == 6 else None,
                check=tol > 1e-9,
            )
            for tol in (1e-5, 1e-12)
        )
        found, right = (state_function_values(x, study.functions, study.limit_means, study.rho0) for x in (rough, fine))
        for name, (value, error) in found.items():
            assert np.all(np.abs(value - right[name][0]) <= error + right[name][1]), name


@pytest.mark.parametrize("kind", ["mixed", "pure", "light"])
def test_states_that_differ_by_the_error_have_values_within_the_bars(kind, monkeypatch):
    """ε/2 of the state's largest eigenvector is put elsewhere: along the smallest, a superposition, anything."""
    N, of_all, bath = 6, {"F": "fidelity", "I": FISHER}, CollectiveJumps([qutip.sigmam()], 0.3)
    model, start, functions = {
        "mixed": (hopfield(0.3, 0.8), [0, 0.3, 0.4], {"s": "entropy_per_particle"}),
        "pure": (
            Model(0.5 * mz * mz + 0.3 * mx, [], [bath]),
            [0, 0, 1],
            {"S": "entropy"},
        ),
        "light": (leaking_atoms(), {"": [0, 0, 1]}, OF_LIGHT),
    }[kind]
    result, rng, error = evolve(model, N, start, [0, 1.0], basis="dicke"), np.random.default_rng(0), 1e-4
    asked, m = read_state_functions(functions | of_all, model.space), Limit(model).evolve(start, [0, 1.0]).means[-1:]
    (right,) = result.density_matrices()
    monkeypatch.setattr(state_function_module, "state_error", lambda _: error)
    last = dataclasses.replace(result, times=result.times[-1:], means=result.means[-1:])

    def values(state):
        monkeypatch.setattr(Result, "density_matrices", lambda _: iter([state]))
        monkeypatch.setattr(Result, "entropy", property(lambda _: np.array([entropy_of_all(state)])))
        return state_function_values(last, asked, m, as_initial_state(start, model))

    known, largest = values(right), max(right.blocks, key=lambda at: np.trace(right.blocks[at]).real)
    for k in range(40):
        blocks = {at: block.astype(complex) for at, block in right.blocks.items()}
        taken = np.linalg.eigh(blocks[largest])[1][:, -1]
        at = list(blocks)[rng.integers(len(blocks))]
        vectors = np.linalg.eigh(blocks[at])[1]
        put = vectors[:, rng.integers(len(vectors))]
        if k % 2:
            put = put + np.exp(2j * np.pi * rng.random()) * vectors[:, -1]
            put = put / np.linalg.norm(put)
        blocks[largest] -= error / 2 * np.outer(taken, taken.conj())
        blocks[at] += error / 2 * np.outer(put, put.conj())
        for name, (x, _) in values(dataclasses.replace(right, blocks=blocks)).items():
            assert np.abs(x - known[name][0]) <= known[name][1], name


def test_one_axis_twisting_has_a_closed_form_at_every_size():
    """Kitagawa and Ueda 1993, with μ = 2s/N; the limit 1 + s²/2 − s√(1 + s²/4), and pairs entangled by (1 − ξ²)/2."""
    s, t, functions = 1.2, 0.3, {"xi2": "squeezing", "EN": "pair_negativity_times_N"}
    study = Study(
        Model(mz * mz), coherent(np.pi / 2), [0, t], [20, 40, 80, 160], accuracy=1e-3, state_functions=functions
    )
    assert not study.evolution["keep_states"]  # averages and their products are enough
    result = study.run()
    at = {q: i for i, q in enumerate(study.quantities)}
    for k, N in enumerate(result.sizes):
        mu = 2 * s / N
        A, B = 1 - np.cos(mu) ** (N - 2), 4 * np.sin(mu / 2) * np.cos(mu / 2) ** (N - 2)
        own = (1 + (N - 1) / 4 * (A - np.sqrt(A**2 + B**2))) / np.cos(mu / 2) ** (2 * N - 2)
        assert abs(result.exact[k, 1, at["xi2"]] - own) <= result.errors[k, 1, at["xi2"]] < 1e-5
    xi = 1 + s**2 / 2 - s * np.sqrt(1 + s**2 / 4)
    assert result.limits["derived"]["xi2"] == pytest.approx([1, xi], abs=1e-9)
    assert result.limits["derived"]["EN"] == pytest.approx([0, (1 - xi) / 2], abs=1e-9)
    assert {v.status for v in verdicts(result, "derived").values()} == {"confirmed"}


def test_spins_that_decay_alone_have_the_entropy_of_one_at_every_size():
    t, start = np.array([0, 0.5, 1.0]), [0, 0, 0.6]
    model = Model(0.0, [LocalJump(qutip.sigmam(), np.sqrt(0.7))])
    result = Study(model, start, t, [4, 8, 16, 32], state_functions={"s": "entropy_per_particle"}).run()
    p = 0.8 * np.exp(-0.7 * t)
    wanted = -p * np.log(p) - (1 - p) * np.log(1 - p)
    i = result.study.quantities.index("s")
    assert np.all(np.abs(result.exact[..., i] - wanted) <= result.errors[..., i])
    assert result.errors[..., i].max() < 1e-8 and result.status("derived") == "confirmed"


def test_inverted_atoms_become_a_two_mode_squeezed_vacuum():
    """Pure at every N; S → cosh²r ln cosh²r − sinh²r ln sinh²r, E → (e^{2r} − 1)/2, of atoms and light alike."""
    r = 0.5
    model = Model(LIGHT.alpha * average(qutip.sigmam()) + LIGHT.alpha.adjoint() * UP, modes=[LIGHT])
    functions = OF_LIGHT | {"A": StateFunction("entropy", of=""), "whole": "purity"}
    study = Study(model, {"": [0, 0, -1]}, [0, r], [6, 9, 14, 20], accuracy=2e-2, state_functions=functions)
    result, (ch, sh) = study.run(), (np.cosh(r) ** 2, np.sinh(r) ** 2)
    limit = {q: x[1] for q, x in result.limits["derived"].items()}
    entropy = ch * np.log(ch) - sh * np.log(sh)
    assert [limit[q] for q in "SAPE"] == pytest.approx([entropy, entropy, 1 / np.cosh(2 * r), (np.exp(2 * r) - 1) / 2])
    own = verdicts(result, "derived")
    assert {own[q].status for q in ("S", "A", "P", "E", "whole")} == {"confirmed"}
    wrong = Claim("log2", "", lambda t: {"S": np.full(t.shape, entropy / np.log(2))}, times=[r])
    assert result.judge(wrong)[0].status == "refuted"


@pytest.mark.parametrize(
    "kind", ["collective", *(pytest.param(k, marks=pytest.mark.slow) for k in ("hamiltonian", "rates"))]
)
def test_the_truth_is_never_refuted_on_random_models(kind):
    rng = np.random.default_rng(5)
    model, start = random_models.model(kind, rng), random_models.bloch(rng)
    result = Study(model, start, [0, 0.3], [8, 12, 18, 27], accuracy=2e-2, state_functions=OF_PARTICLES).run()
    own = verdicts(result, "derived")
    assert len(own) == 5 and all(v.status != "refuted" for v in own.values())
    assert own["s"].status == own["I"].status == "confirmed"


@pytest.mark.slow
def test_entropies_with_logarithms_are_not_refuted():
    """Photons turn with the noise of the spins: the light is pure in the limit, and S N grows by the same amount from
    size to double size."""
    model, start = Model(LIGHT.number * mx, modes=[LIGHT]), {"": product([0, 0, 1]), "light": Field(beta=0.8)}
    functions = {"S": StateFunction("entropy", of="light")}
    result = Study(model, start, [0, 0.8], [4, 8, 16, 32], accuracy=5e-2, state_functions=functions).run()
    exact, N = result.exact[:, 1, result.study.quantities.index("S")], np.array(result.sizes)
    assert result.limits["derived"]["S"] == pytest.approx([0, 0], abs=1e-7) and exact[1] > 0.1
    grows = np.diff(exact * N)
    assert grows.min() > 0.25 and np.ptp(grows) < 0.1 * grows.mean()
    assert verdicts(result, "derived")["S"].status != "refuted"


@pytest.mark.slow
def test_species_and_modes_with_first_moments():
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    functions = {"E": StateFunction("negativity", of="a", other="b"), "xi": StateFunction("squeezing", of="b")}
    start = {"a": [0, 0, 1], "b": [0, 0, 1]}
    result = Study(
        Model(a.mx * b.mx + 0.3 * a.mz, species=[a, b]),
        start,
        [0, 0.2],
        [8, 12, 16, 24],
        accuracy=3e-2,
        state_functions=functions,
    ).run()
    assert {v.status for v in verdicts(result, "derived").values()} == {"confirmed"}
    study = Study(
        dicke_model(0.3),
        {"": [0, 0.6, -0.8], "field": Field(beta=0.3)},
        [0, 0.3],
        [4, 6, 9, 13],
        accuracy=5e-2,
        state_functions={"F": "fidelity"},
    )
    result = study.run()
    assert study.power == 0.5 and result.limits["derived"]["F"][0] == pytest.approx(np.exp(-0.09), abs=1e-9)  # |⟨β|0⟩|²
    assert verdicts(result, "derived")["F"].status != "refuted"


def test_a_saved_study_judges_claims_about_them(atoms, tmp_path):
    atoms.dataset.to_netcdf(path := tmp_path / "study.nc", engine="h5netcdf")
    saved, derived = read_saved(path), atoms.study.said(atoms.study.derived).values
    assert saved.digest == atoms.digest and list(saved.functions) == atoms.study.functions
    covariances = {q: 1.05 * x for q, x in derived.items() if q.startswith("cov")}
    wide = Claim("wide", "", covariances, times=atoms.study.times, uncertainty=1e-3)
    noise = theories(atoms.study.model, atoms.study.rho0, ["gaussian"])
    for claim in (atoms.claims[0], wide, *noise):
        assert [str(v) for v in saved.judge(claim)] == [str(v) for v in atoms.judge(claim)]
    assert {v.quantity for v in saved.judge(wide)} >= {"S", "P", "E", "I"}
    assert saved.predict(100).to_dict() == atoms.predict(100).to_dict()


def test_points_are_found_again_by_the_same_functions_only(tmp_path):
    def study(functions):
        return Study(Model(0.3 * mz), [0, 0.2, 0.4], [0, 1.0], [4, 6, 8, 10], state_functions=functions)

    first, again = (study({"I": FISHER, "F": "fidelity"}).run(points=tmp_path) for _ in range(2))
    assert sorted(again.points.found) == [4, 6, 8, 10] and again.digest == first.digest
    other = study({"I": dataclasses.replace(FISHER, generator=my / 2), "F": "fidelity"})
    assert not StudyPoints(other, tmp_path).is_stored(4)
    without = study(None)
    assert len({str(identity(s)) for s in (other, without, first.study)}) == 3 and not StudyPoints(
        without, tmp_path
    ).is_stored(4)


def test_fidelity_with_the_start(tmp_path):
    """Twisted spins whose mean stays: (1 + s²/4)^−½ of the start; where it turns away, 0."""
    functions, s = {"F": StateFunction("fidelity", other="start"), "P": "fidelity"}, 1.2
    twist = Study(
        Model(mz * mz), coherent(np.pi / 2), [0, s / 4], [10, 20, 40, 80], accuracy=1e-3, state_functions=functions
    )
    result = twist.run()
    assert result.limits["derived"]["F"] == pytest.approx([1, (1 + s**2 / 4) ** -0.5], abs=1e-9)
    assert result.limits["derived"]["P"] == pytest.approx(result.limits["derived"]["F"], abs=1e-9)
    result.dataset.to_netcdf(path := tmp_path / "study.nc", engine="h5netcdf")
    saved = read_saved(path).judge(result.claims[0])
    assert [str(v) for v in saved] == [str(v) for v in result.judge(result.claims[0])]
    assert verdicts(result, "derived")["F"].status == "confirmed"
    turn = Study(Model(mz), [0.6, 0, 0.3], [0, 0.5], [10, 20, 40, 80], accuracy=1e-1, state_functions=functions).run()
    assert (
        turn.limits["derived"]["F"] == pytest.approx([1, 0])
        and turn.exact[0, 1, turn.study.quantities.index("F")] > 0.05
    )
    assert verdicts(turn, "derived")["F"].status == "confirmed"


def test_they_stand_beside_fluctuations(tmp_path):
    options = {"state_functions": {"xi": "squeezing", "s": "entropy_per_particle"}, "fluctuations": {"f": [0, 0, 1.0]}}
    study = Study(Model(0.3 * mz), [0, 0.2, 0.4], [0, 1.0], [4, 6, 8, 10], accuracy=1e-2, **options)
    result, again = (study.run(points=tmp_path) for _ in range(2))
    assert {"xi", "s", "re_chi_f", "kappa3_f"} <= set(study.quantities) and result.digest == again.digest
    assert sorted(again.points.found) == [4, 6, 8, 10] and result.status("derived") != "refuted"
    assert {v.quantity: v.status for v in result.verdicts}["s"] == "confirmed"


def test_sizes_are_chosen_until_they_are_settled():
    study = Study(hopfield(0.3, 0.5), [0, 0.3, 0.4], [0, 0.3], accuracy=3e-3, state_functions={"I": FISHER})
    result = study.run()
    assert result.growth.ended == "settled" and result.status("derived") == "confirmed"


@pytest.mark.slow
def test_planted_errors_move_them():
    model, functions = Model(0.4 * mx, [LocalJump(qutip.sigmam(), 0.7)]), {"xi2": "squeezing", "I": FISHER}
    result = Study(model, [0, 0.2, 0.6], [0, 1.0], [4, 6, 8, 12], accuracy=1e-2, state_functions=functions).run()
    assert all(np.isfinite(r.shift) for r in power_test(result, 0.05))


def test_bunching_of_thermal_light_goes_to_that_of_a_gaussian():
    """Light that is thermal at the start stays Gaussian in the limit: 2, as its own g²(0) is at every N at t = 0."""
    functions, sizes = {"g": "g2_zero"}, [4, 6, 8, 12]
    study = Study(leaking_atoms(), START, [0, 0.5], sizes, accuracy=5e-2, state_functions=functions)
    result = study.run()
    i = study.quantities.index("g")
    assert result.limits["derived"]["g"] == pytest.approx([2, 2], abs=1e-9)
    assert np.all(np.abs(result.exact[:, 0, i] - 2) <= result.errors[:, 0, i]) and result.exact[0, 1, i] < 1.99
    assert verdicts(result, "derived")["g"].status == "confirmed"
    with pytest.raises(FiniteNError, match="no light then"):
        Study(leaking_atoms(), {"": [0, 0, 1]}, [0, 0.5], sizes, state_functions=functions)


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        ({"S": "entropy"}, 'grows with N: take "entropy_per_particle"'),
        ({"P": StateFunction("purity", of="")}, "grows with N"),
        ({"mean_x": "squeezing"}, "mean_x: it is already a quantity"),
        ({"o": "squeezing"}, "o: it is already a quantity"),
    ],
)
def test_what_has_no_limit_or_a_name_that_is_taken_is_refused(functions, words):
    with pytest.raises(FiniteNError, match=words):
        Study(
            leaking_atoms(), {"": [0, 0, 1]}, [0, 1.0], [4, 6, 8, 12], e_ops={"o": mz * mz}, state_functions=functions
        )


def test_refusals_of_starts_and_subjects(monkeypatch):
    sizes = [4, 6, 8, 12]
    with pytest.raises(FiniteNError, match="spin vanishes"):
        Study(Model(0.3 * mz), [0, 0, 0], [0, 1.0], sizes, state_functions={"xi": "squeezing"})
    with pytest.raises(FiniteNError, match="number state"):
        start = {"": [0, 0, -0.5], "field": Field(number=1)}
        Study(dicke_model(0.3), start, [0, 0.2], sizes, state_functions={"S": StateFunction("entropy", of="field")})
    with pytest.raises(FiniteNError, match="they are of models"):
        b = Boson("b")
        Study(
            BosonicParticle([b], b.x * b.x),
            {},
            [0, 1.0],
            sizes,
            operators={"X": b.x},
            state_functions={"S": "entropy"},
        )
    dark = Model(0.0, [LocalJump(qutip.sigmam(), 1.0)])
    with pytest.raises(FiniteNError, match="pure state although particles jump alone"):
        Study(dark, [0, 0, -1], [0, 1.0], sizes, state_functions={"I": FISHER})
    none = DerivedExpansion(None, "No expansion is derived.")
    monkeypatch.setattr(comparison.study.subject, "derived_expansion", lambda *_, **__: none)
    with pytest.raises(FiniteNError, match="nothing says how it goes with N"):
        Study(Model(0.3 * mz), [0, 0, 0.4], [0, 1.0], sizes, state_functions={"I": FISHER})
    alone = Study(Model(0.3 * mz), [0, 0, 0.4], [0, 1.0], sizes, state_functions={"xi": "squeezing"}, accuracy=1e-2)
    assert alone.run().status("derived") == "confirmed"


def test_study_files_name_them(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        'system = "dicke_model"\nsizes = [4, 6, 8, 10]\n[times]\nstop = 0.2\npoints = 2\n[state_functions]\n'
        'xi = "squeezing"\nE = { kind = "negativity", of = "field" }\n'
        'I = { kind = "fisher_information_per_particle", generator = "omega0*mx/2 + phi_field" }\n',
        encoding="utf-8",
    )
    study = load(str(path))
    assert [f.name for f in study.functions] == ["xi", "E", "I"]
    assert (study.functions[1].of, study.functions[1].other) == (("field",), ("",))
    wanted = AskedFunction("I", FISHER.kind, ("", "field"), (), mx / 2 + Mode("field").phi)
    assert study.functions[2] == wanted and study.spec["state_functions"]["xi"] == {"kind": "squeezing"}
    other = load(str(path), {"state_functions": {"xi": "squeezing"}})
    assert identity(study) != identity(other) and len(other.functions) == 1
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"squeezing"', '"squeezed"'), encoding="utf-8")
    with pytest.raises(FiniteNError, match=r"study\.toml: state function xi: kind = .*squeezed"):
        load(str(path))
    path.write_text(text.replace("generator", "generators"), encoding="utf-8")
    with pytest.raises(FiniteNError, match=r"unknown key state_functions\.I\.generators"):
        load(str(path))
    path.write_text(text.replace("mx/2", "mq/2"), encoding="utf-8")
    with pytest.raises(FiniteNError, match=r"state_functions\.I\.generator: .*mq"):
        load(str(path))
    with pytest.raises(FiniteNError, match="this one has bosons"):
        load("double_chain", {"state_functions": {"xi": "squeezing"}})


def test_first_moments_of_the_spins_count(tmp_path):
    """Light of order one displaces the spins by order √N: the limit in a study is that of `GaussianLimit`."""
    exchange, start = LIGHT.alpha * UP, {"": [0, 0, 1], "light": Field(beta=0.5)}
    h = 0.5 * mz + LIGHT.number + 0.3 * (exchange + exchange.adjoint())
    model = Model(h, [], [CollectiveJumps([LIGHT.alpha], 0.6)], modes=[LIGHT])
    functions = {"F": "fidelity", "L": StateFunction("fidelity", other="start")}
    result = Study(model, start, [0, 0.4], [4, 6, 8, 10], accuracy=1e-2, state_functions=functions).run()
    limit = GaussianLimit.of(model, start, [0, 0.4])
    known = limit.means[0], limit.covariance[0], limit.first_moments[0]
    assert np.abs(limit.first_moments[1, :2]).max() > 0.1
    assert result.limits["derived"]["F"] == pytest.approx(limit.fidelity(), abs=1e-10)
    assert result.limits["derived"]["L"] == pytest.approx(limit.fidelity(known), abs=1e-10)
    assert {q: v.status for q, v in verdicts(result, "derived").items()} == dict.fromkeys("FL", "confirmed")
    result.dataset.to_netcdf(path := tmp_path / "study.nc", engine="h5netcdf")
    assert [str(v) for v in read_saved(path).judge(result.claims[0])] == [
        str(v) for v in result.judge(result.claims[0])
    ]
