"""Cutoffs of modes: closed forms where a mode fills and empties, what a budget says of cutoffs that were given, what
can be reached."""

import time

import numpy as np
import pytest
import qutip

from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    dicke,
    evolve,
    memory,
    mx,
    my,
    mz,
)
from finite_n.engine.cutoffs import watched_levels
from finite_n.engine.leakage import _norms_above
from finite_n.engine.reachable_levels import highest_levels
from finite_n.propagation.reachability import reachable
from finite_n.solvers.evolve import check_evolution_memory
from finite_n.state_vector.hamiltonian import ClosedSystem
from finite_n.state_vector.initial_state import amplitudes
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import dicke_model

F = Mode("f")
EXCHANGE = average(qutip.sigmap()) * F.alpha
ENGINES = ("auto", "dicke", "symmetrised")
ROUNDING = 1e-11  # ten times what the series is asked for; sums of some hundred numbers of order one
BEYOND = 2e-12  # errors of the series, asked for 1e-11 or less, where that of the cutoff is smaller


def polaron(g, loss=0.0):
    """H = a†a + g√(N/2) m_z (a + a†): at t = 2π the mode is back where it was, ⟨σx⟩ = cos(2g²t/N)^{N−1} from all spins
    along x."""
    return Model(F.number + g * mz * F.phi, [], [CollectiveJumps([F.alpha], loss)] if loss else [], modes=[F])


def tavis_cummings(g=0.7, loss=False, pumped=False):
    jumps = [LocalJump(qutip.sigmam(), 0.4)] if loss else [LocalJump(qutip.sigmap(), 0.4)] if pumped else []
    lost = [CollectiveJumps([F.alpha], 0.2)] if loss else []
    return Model(F.number + 0.5 * mz + g * (EXCHANGE + EXCHANGE.adjoint()), jumps, lost, modes=[F])


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("N", "g"), [(1, 1.0), (2, 0.5), (2, 2.5), (3, 1.5), (6, 4.0), (12, 2.0)])
def test_a_mode_that_fills_and_empties_between_output_times(N, g, check):
    result = evolve(polaron(g), N, {"": [1, 0, 0]}, [0, 2 * np.pi], tol=1e-8, check=check)
    assert abs(result.mean("x")[-1] - np.cos(4 * np.pi * g**2 / N) ** (N - 1)) < 1e-8  # the tolerance
    assert result.number()[-1] < 1e-8 and result.budget.holds


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(("basis", "method"), [("dicke", "faber"), ("dicke", "runge_kutta"), ("symmetrised", "faber")])
def test_the_same_for_density_matrices(basis, method, check):
    options = {"tol": 1e-6, "basis": basis, "method": method, "check": check}
    result = evolve(polaron(0.6), 2, {"": [1, 0, 0]}, [0, 2 * np.pi], **options)
    assert result.stats["basis"] != "state vector" and result.budget.holds
    assert abs(result.mean("x")[-1] - np.cos(4 * np.pi * 0.6**2 / 2)) < 1e-6  # the tolerance
    assert result.number()[-1] < 1e-6


@pytest.mark.parametrize("N", [2, 3])
@pytest.mark.parametrize(
    "fields",
    [
        {"f": Field(number=2)},
        {"b": Field(beta=0.7 - 0.3j)},
        pytest.param({"f": Field(thermal=0.3)}, marks=pytest.mark.slow),
    ],
)
def test_two_modes_from_any_fields(N, fields):
    """Frequencies 1 and 2, both modes return at t = 2π whatever state they start in: ⟨σx⟩ = cos(2(g²/1 +
    g′²/2)t/N)^{N−1}."""
    b, g, other = Mode("b"), 0.6, 0.8
    model = Model(F.number + 2 * b.number + mz * (g * F.phi + other * b.phi), modes=[F, b])
    tol = (
        3e-3 if any(x.thermal for x in fields.values()) else 1e-7
    )  # a density matrix of few digits is a matter of seconds
    result = evolve(model, N, {"": [1, 0, 0]} | fields, [0, 2 * np.pi], tol=tol, check=False)
    exact = np.cos(4 * np.pi * (g**2 + other**2 / 2) / N) ** (N - 1)
    assert abs(result.mean("x")[-1] - exact) < tol and result.budget.holds
    for mode in ("f", "b"):
        assert abs(result.number(mode)[-1] - result.number(mode)[0]) < 10 * tol  # numbers of order ten


@pytest.mark.parametrize("basis", ["state vector", "symmetrised", "displaced"])
@pytest.mark.parametrize("N", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_three_levels_and_a_mode_that_empties(N, basis):
    """H = a†a + g√(N/2) m(z)(a + a†), z = diag(1, 0, −1), from (1, 1, 1)/√3: at t = 2π only exp(iφ(Σz)²) is left, φ =
    g²t/2N, so that ⟨|0⟩⟨1|⟩ = ⅓ e^{−iφ} (⅓ Σ_l e^{−2iφ z_l})^{N−1}."""
    s, g, tol = Species("s", dim=3), 0.7, 1e-6
    x = np.zeros((3, 3))
    x[0, 1] = x[1, 0] = 1
    model = Model(F.number + g * s.average(np.diag([1.0, 0, -1])) * F.phi, species=[s], modes=[F])
    start, times = {"s": np.ones((3, 3)) / 3}, [0, 2 * np.pi]
    result = evolve(model, N, start, times, {"x": s.average(x)}, tol=tol, check=False, basis=basis)
    phase = g**2 * np.pi / N
    exact = 2 / 3 * np.real(np.exp(-1j * phase) * (np.exp(-2j * phase * np.array([1, 0, -1])).sum() / 3) ** (N - 1))
    assert result.stats["basis"].startswith(basis)
    assert abs(result.e_data["x"][-1] - exact) < tol and result.budget.holds


@pytest.mark.parametrize("basis", ["auto", "symmetrised"])
def test_the_loss_of_an_anharmonic_mode(basis):
    """H = a†a + U(a†a)²/N² commutes with a†a, which decays as e^{−κt}; its words of two and of four quadratures are cut
    off together."""
    N, tol, times = 1, 1e-6, np.linspace(0, 2, 5)
    model = Model(F.number + 0.3 * F.number**2, collective=[CollectiveJumps([F.alpha], 0.5)], modes=[F])
    result = evolve(model, N, {"": [0, 0, 1], "f": Field(beta=1.5)}, times, tol=tol, basis=basis)
    assert np.abs(result.number() - 1.5**2 * np.exp(-0.5 * times)).max() < tol and result.budget.holds


@pytest.mark.parametrize("cutoff", [3, 14, 30])
@pytest.mark.parametrize("longest", [1, 2, 3, 4, 9])
def test_norms_of_what_is_left_out(cutoff, longest):
    """Σ_k c_k (φ + 2π)^k, k = 1 … longest, by matrices of many more levels."""
    N, levels = 3, cutoff + 1
    model, x = Model(F.number, modes=[F]), F.phi + 2 * F.pi
    p = sum((x**k * (1 / k) for k in range(2, longest + 1)), x)
    lower = np.diag(np.sqrt(np.arange(1.0, levels + longest)), 1) / np.sqrt(2 * N)
    wide = lower + lower.T - 2j * (lower - lower.T)
    narrow, whole, cut = wide[:levels, :levels], 0, 0
    for k in range(1, longest + 1):
        whole = whole + np.linalg.matrix_power(wide, k) / k
        cut = cut + np.linalg.matrix_power(narrow, k) / k
    whole[:levels, :levels] -= cut
    exact = np.linalg.norm(whole[:, :levels], 2)
    assert _norms_above(model, N, [cutoff], p)[0] == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_a_driven_oscillator_is_displaced(loss):
    """ȧ = −(iν + κ/2)a − i√N ε/√2 from the vacuum stays coherent; without loss it is empty at every period."""
    nu, drive, N = 1.0, 0.8, 3
    jumps = [CollectiveJumps([F.alpha], loss)] if loss else []
    times = np.array([0, 2 * np.pi, 4 * np.pi])
    result = evolve(Model(nu * F.number + drive * F.phi, [], jumps, modes=[F]), N, [0, 0, 1], times, check=False)
    rate = 1j * nu + loss / 2
    a = -1j * np.sqrt(N / 2) * drive / rate * (1 - np.exp(-rate * times))
    assert (
        np.abs(np.sqrt(N / 2) * (result.mean("f.phi") + 1j * result.mean("f.pi")) - a).max() < 1e-8
    )  # √N × the tolerance
    assert np.abs(result.number() - np.abs(a) ** 2).max() < 1e-8
    assert result.budget.holds


@pytest.mark.parametrize("basis", ENGINES[:2])
def test_a_squeezed_vacuum(basis):
    """H = (r/2)(a² + a†²): n = sinh²(rt), ⟨(aa + a†a†)⟩ = 0, ⟨i(aa − a†a†)⟩ = sinh(2rt) from the vacuum."""
    r, N, a = 0.5, 2, F.alpha
    model = Model(r / 2 * (a * a + a.adjoint() * a.adjoint()), modes=[F])
    times = np.array([0, 0.7, 1.4])
    e_ops = {"x": a * a + a.adjoint() * a.adjoint(), "y": 1j * (a * a - a.adjoint() * a.adjoint())}
    result = evolve(model, N, [0, 0, 1], times, e_ops, tol=1e-7, check=False, basis=basis)
    assert np.abs(result.number() - np.sinh(r * times) ** 2).max() < 1e-7  # the tolerance
    assert np.abs(N * result.e_data["x"]).max() < 1e-7
    assert np.abs(N * result.e_data["y"] - np.sinh(2 * r * times)).max() < 1e-7
    assert result.budget.holds


def test_jaynes_cummings_collapse_and_revival():
    """One resonant atom, coherent field: ⟨σz⟩ = Σ_n P(n) cos(2g√(n+1) t), P a Poisson distribution."""
    g, beta, times = 0.4, 2.0, np.linspace(0, 40, 21)
    result = evolve(tavis_cummings(g), 1, {"": [0, 0, 1], "f": Field(beta=beta)}, times)
    n = np.arange(80)
    p = np.exp(-(beta**2)) * np.cumprod(np.append(1.0, beta**2 / n[1:]))
    assert np.abs(result.mean("z") - np.cos(2 * g * np.outer(times, np.sqrt(n + 1))) @ p).max() < 1e-9  # the tolerance


@pytest.mark.parametrize("basis", ENGINES)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_what_is_read_takes_no_notice_of_the_highest_level(basis, n):
    """|n⟩ between the levels 0 … n: ⟨φ²⟩ = ⟨π²⟩ = (2n + 1)/2N, ⟨φ⁴⟩ = (6n² + 6n + 3)/4N², ⟨aa†⟩ = n + 1."""
    N, model = 3, Model(0.3 * mz, modes=[F])
    phi, alpha = F.phi, F.alpha
    e_ops = {
        "4": phi**4,
        "anti": alpha * alpha.adjoint(),
        "spin": phi * mz * phi,
        "a²a†²": alpha**2 * alpha.adjoint() ** 2,
    }
    state, options = {"": [0, 0, 1], "f": Field(number=n)}, {"cutoffs": {"f": n}, "basis": basis, "check": False}
    result = evolve(model, N, state, [0, 1.0], e_ops, tol=1e-12, **options)
    second = result.second_moments[:, 3:, 3:]
    assert np.abs(second - (2 * n + 1) / (2 * N) * np.eye(2) - np.array([[0, 1j], [-1j, 0]]) / (2 * N)).max() < ROUNDING
    assert np.abs(result.e_data["4"] - (6 * n**2 + 6 * n + 3) / (4 * N**2)).max() < ROUNDING
    assert np.abs(result.e_data["anti"] - (n + 1) / N).max() < ROUNDING
    assert np.abs(result.e_data["spin"] - (2 * n + 1) / (2 * N)).max() < ROUNDING
    assert np.abs(result.e_data["a²a†²"] - (n + 1) * (n + 2) / N**2).max() < ROUNDING
    assert np.abs(result.number() - n).max() < ROUNDING


@pytest.mark.parametrize("basis", ENGINES)
@pytest.mark.parametrize("N", [3, 4])
def test_a_cutoff_at_what_can_be_reached_is_exact(N, basis):
    times, options = [0, 1, 2, 5], {"basis": basis, "check": False}
    one, other = (evolve(tavis_cummings(), N, [0, 0, 1], times, cutoffs={"f": c}, **options) for c in (N, N + 5))
    assert one.budget.holds and one.budget.boson_tail < ROUNDING
    assert np.abs(one.number() - other.number()).max() < 1e-9  # the tolerance
    assert np.abs(one.covariance - other.covariance).max() < 1e-9
    assert np.abs(one.number() + N * one.mean("z") / 2 - N / 2).max() < 1e-9  # excitations are conserved


@pytest.mark.parametrize(("loss", "quanta", "N"), [(False, 0, 31), (False, 3, 8), (True, 0, 7), (True, 2, 6)])
def test_levels_end_where_excitations_do(loss, quanta, N):
    result = evolve(tavis_cummings(loss=loss), N, {"": [0, 0, 1], "f": Field(number=quanta)}, [0, 5], tol=1e-7)
    assert result.levels["f"].shape[1] == N + quanta + 1
    assert result.budget.holds and result.budget.boson_tail == 0


@pytest.mark.parametrize(
    ("model", "spins", "field", "highest"),
    [
        (tavis_cummings(), [0, 0, 1], Field(), 5),
        (tavis_cummings(), [0, 0, -1], Field(number=2), 2),
        (tavis_cummings(), [0.6, 0, 0.8], Field(number=2), 7),
        (tavis_cummings(), dicke(2.5, -0.5), Field(), 2),
        (tavis_cummings(), dicke(1.5, 0.5), Field(), 2),
        (tavis_cummings(loss=True), dicke(1.5, 0.5), Field(), 3),  # local jumps change J
        (tavis_cummings(pumped=True), [0, 0, 1], Field(), None),
        (tavis_cummings(), [0, 0, 1], Field(beta=0.5), None),
        (tavis_cummings(), [0, 0, 1], Field(thermal=0.5), None),
        (dicke_model(), [0, 0, -1], Field(), None),
        (Model(EXCHANGE * F.alpha + (EXCHANGE * F.alpha).adjoint(), modes=[F]), [0, 0, 1], Field(number=1), 11),
        (Model(F.number + 0.1 * F.phi, modes=[F]), [0, 0, 1], Field(), None),
        (
            Model(F.number + 0.3 * mx, [], [CollectiveJumps([F.alpha + 0.5])], modes=[F]),
            [0, 0, 1],
            Field(),
            None,
        ),  # L†L drives
        (Model(F.number + 0.3 * mx, [], [CollectiveJumps([F.alpha])], modes=[F]), [0, 0, 1], Field(number=4), 4),
    ],
)
def test_highest_levels(model, spins, field, highest):
    name = model.modes[0].name
    assert highest_levels(model, as_initial_state({"": spins, name: field}, model), 5) == [highest]


def test_highest_levels_of_two_modes_and_three_levels_are_what_h_leads_to():
    """A quantum goes from one mode through a Λ atom into another: the amplitudes that H leads to with many levels say
    how far."""
    s, b, N = Species("s", dim=3), Mode("b"), 2
    up, down = np.zeros((3, 3)), np.zeros((3, 3))
    up[1, 0], down[2, 1] = 1, 1
    h = s.average(up) * F.alpha + 0.7 * s.average(down) * b.alpha.adjoint() * b.alpha.adjoint()
    model = Model(h + h.adjoint(), species=[s], modes=[F, b])
    state = as_initial_state({"s": np.diag([0, 1.0, 0]), "f": Field(number=1), "b": Field()}, model)
    system = ClosedSystem(model, N, (9, 12))
    reached = np.unravel_index(reachable(system.hamiltonian(), amplitudes(state, system)), system.shape)
    assert highest_levels(model, state, N) == [int(x.max()) for x in reached[1:]]


@pytest.mark.parametrize("basis", ENGINES[:2])
@pytest.mark.parametrize("cutoff", [5, 9, 14, 20])
def test_a_budget_covers_cutoffs_that_were_given(cutoff, basis):
    """Errors of averages and second moments, over their norms, against many levels: at output times the mode is all but
    empty."""
    models = [(polaron(1.0), 2, [1, 0, 0]), (dicke_model(1, 1, 0.9), 3, [0, 0, -1]), (polaron(1.0, 0.1), 2, [1, 0, 0])]
    for model, N, spins in models:
        name, times = model.modes[0].name, [0, np.pi, 2 * np.pi]
        best = evolve(model, N, spins, times, tol=1e-11, check=False, cutoffs={name: 45})
        result = evolve(model, N, spins, times, tol=1e-11, check=False, cutoffs={name: cutoff}, basis=basis)
        norm = result.budget.largest_average
        error = max(
            np.abs(result.means - best.means).max() / norm,
            np.abs(result.second_moments - best.second_moments).max() / norm**2,
        )
        assert error < result.budget.state_error + BEYOND
        assert not result.budget.holds or error < 1e-11 + BEYOND


@pytest.mark.parametrize("basis", ENGINES[:2])
@pytest.mark.parametrize("quanta, cutoff", [(2, 1), (3, 1), (3, 2), (3, 3)])
def test_a_budget_covers_cutoffs_that_stop_a_drive_at_once(quanta, cutoff, basis):
    """Quanta come together, from the vacuum to above all levels that are kept, so that all of these stay empty."""
    drive = 0.1 * (F.alpha**quanta + F.alpha.adjoint() ** quanta)
    model = Model(drive, collective=[CollectiveJumps([F.alpha], 0.5)], modes=[F])
    best = evolve(model, 1, [0, 0, -1], [0, 0.3], cutoffs={"f": 40}, check=False, basis=basis)
    result = evolve(model, 1, [0, 0, -1], [0, 0.3], cutoffs={"f": cutoff}, check=False, basis=basis)
    assert best.number()[-1] > 1e-3
    assert abs(result.number() - best.number()).max() < result.budget.state_error
    assert not result.budget.holds


def test_the_lowest_level_counts_only_where_a_term_leads_from_there_to_above():
    """φ⁴ and a†² a² have words of four letters, of which the latter leads nowhere."""
    loss = [CollectiveJumps([F.alpha], 0.5)]
    kerr = F.alpha.adjoint() ** 2 * F.alpha**2
    for h, levels in ((F.number + mx * F.phi, [1, 2, 2]), (kerr, [1, 2, 3]), (F.phi**4, [2, 3, 4])):
        model = Model(h, collective=loss, modes=[F])
        assert [watched_levels(model, F, cutoff) for cutoff in (1, 2, 3)] == levels


def test_commutators_are_left_out_with_their_norms():
    """Words that differ in the order of averages of one species do not cancel."""
    N = 4
    for p, q in (
        ((mx * my - my * mx) * F.phi, 2j / N * mz * F.phi),
        ((mx * my + my * mx) * F.phi, 2 * mx * my * F.phi),
    ):
        model = Model(mx, modes=[F])
        assert _norms_above(model, N, [9], p)[0] >= _norms_above(model, N, [9], q)[0] > 0


@pytest.mark.slow
@pytest.mark.parametrize("basis", ENGINES)
def test_a_budget_covers_cutoffs_that_were_given_for_three_levels_and_thermal_fields(basis):
    s = Species("s", dim=3)
    ladder = np.diag([1.0, 1.0], 1)
    jumps = [CollectiveJumps([F.alpha], 0.5), CollectiveJumps([F.alpha.adjoint()], 0.2)]
    three = Model(
        s.average(ladder + ladder.T) * F.phi + F.number, [LocalJump(0.3 * ladder, species=s)], species=[s], modes=[F]
    )
    two = Model(F.number + 0.4 * mx * F.phi, [], jumps, modes=[F])
    for model, state in ((three, {"s": np.diag([1.0, 0, 0])}), (two, {"": [0, 0, 1], "f": Field(thermal=0.4)})):
        if basis == "dicke" and model is three:
            continue
        best = evolve(model, 2, state, [0, 3.0], tol=1e-10, check=False, cutoffs={"f": 38}, basis=basis)
        for cutoff in (6, 12, 20):
            result = evolve(model, 2, state, [0, 3.0], tol=1e-10, check=False, cutoffs={"f": cutoff}, basis=basis)
            norm = result.budget.largest_average
            error = max(
                np.abs(result.means - best.means).max() / norm,
                np.abs(result.second_moments - best.second_moments).max() / norm**2,
            )
            assert error < result.budget.state_error + 1e-10  # the tolerance of both


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [
        Model(0.5 * (F.alpha * F.alpha + F.alpha.adjoint() * F.alpha.adjoint()), modes=[F]),
        Model(F.number + 0.7 * F.phi, [], [CollectiveJumps([F.alpha.adjoint()], 1.0)], modes=[F]),
    ],
    ids=["parametric", "gain"],
)
def test_a_mode_that_keeps_filling_is_refused_in_time(model):
    """Parametric drive without loss (n = sinh²(t/2) …) and gain (n = e^t …) to t = 60: more quanta than any computer
    holds."""
    started = time.process_time()
    with pytest.raises(FiniteNError, match=r"levels suffice up to t = .* of 60, and the mode keeps filling") as refusal:
        evolve(model, 1, [0, 0, 1], [0, 60.0])
    assert time.process_time() - started < 60 and len(str(refusal.value)) <= 400


def test_the_largest_n_that_fits_has_its_own_levels(monkeypatch):
    """α = 0.3: the levels grow with N, and so does what was left out. What is named passes, and it is the same whatever
    is asked."""
    monkeypatch.setattr(memory, "available", lambda: 8e9)
    jumps, loss = [LocalJump(qutip.sigmam(), 0.4)], [CollectiveJumps([F.alpha])]
    model = Model(0.5 * mz + F.number + 0.9 * mx * F.phi, jumps, loss, modes=[F])
    start, named = {"": [0.6, 0.0, -0.8], "f": Field(alpha=0.3)}, set()
    for N in (400, 2000, 10**6, 10**9):
        with pytest.raises(FiniteNError, match="largest N that fits is") as refusal:
            check_evolution_memory(model, N, start)
        named.add(int(str(refusal.value).rstrip(".").split()[-1]))
    assert max(named) - min(named) <= 0.1 * max(named)
    check_evolution_memory(model, min(named), start)


def test_the_largest_n_that_fits_gives_whole_sizes():
    a, b = Species("a", fraction=1 / 3), Species("b", fraction=2 / 3)
    model = Model(a.mz + F.number + b.mx * F.phi, [LocalJump(qutip.sigmam(), species=a)], species=[a, b], modes=[F])
    with pytest.raises(FiniteNError, match="largest N that fits is") as refusal:
        check_evolution_memory(model, 3000, {"a": [0, 0, 1], "b": [0.6, 0, 0.8], "f": Field(alpha=0.3)})
    assert int(str(refusal.value).rstrip(".").split()[-1]) % 3 == 0
