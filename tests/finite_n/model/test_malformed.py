"""Models, states and sizes that are not meant: each is refused in one sentence that says what is wanted, none with
another exception."""

import time

import numpy as np
import pytest
import qutip

from comparison import Study
from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Species,
    average,
    coefficient,
    coherent,
    dicke,
    evolve,
    from_blocks,
    mx,
    my,
    mz,
    product,
    steady_state,
    thermal,
)
from finite_n.engine.rates import entries_per_row
from finite_n.errors import LONGEST
from meanfield import Limit

SM, SX = qutip.sigmam(), qutip.sigmax()
A, B, F = Species("a", fraction=0.5), Species("b", fraction=0.5), Mode("f")
TWO = Model(A.share * A.mx, species=[A, B])
THREE = Model(species=Species("q", 3))
DECAY = Model(mx, [LocalJump(SM)])


def run(rho0, model=DECAY, N=4, **options):
    return evolve(model, N, rho0, [0, 1], **options)


CASES = {
    "a power without end": (lambda: mx**10**9, "at most 64"),
    "a word without end": (lambda: mx**40 * my**40, "80 averages.*at most 64"),
    "words by powers": (lambda: (mx * my) ** 33, "66 averages"),
    "a number beyond numbers": (lambda: 10**400 * mx, "too large for double precision"),
    "a Hamiltonian of time": (lambda: Model(lambda t: mx), r"coefficient\(f\) \* mx"),
    "a pair of three": (lambda: Model([0.2 * mz, [mx, lambda t: t, 1]]), r"pairs \[polynomial, f\]"),
    "a complex drive": (lambda: coefficient(lambda t: 1j * t)(1.0), "at t = 1 it is complex.*two coefficients"),
    "a coefficient times i": (lambda: coefficient(np.sin) * 1j * mx, "coefficients are real"),
    "an infinite drive": (lambda: coefficient(np.sin) * np.inf, "got inf"),
    "a break that is no list": (lambda: coefficient(np.sin, breaks=3), "breaks: got 3; give times"),
    "rates of time of nothing": (lambda: CollectiveJumps(5, rate=coefficient(np.cosh)), "got 5; give a list"),
    "two functions of time": (lambda: LocalJump(SM, rate=coefficient(np.cosh), time=np.cosh), "give one of them"),
    "two collective ones": (lambda: CollectiveJumps(SM, rate=np.cosh, time=np.cosh), "both functions of time"),
    "a table without times": (lambda: Model([0.1 * mz, [mx, [0, 1, 2.0]]]), "an array of values with tlist"),
    "a QobjEvo": (lambda: Model(qutip.QobjEvo([[SX, lambda t: t]])), r"coefficient\(f\) \* mx"),
    "a jump of time": (lambda: LocalJump([SM, lambda t: t]), "jump operator.*time=f"),
    "a QobjEvo that jumps": (lambda: LocalJump(qutip.QobjEvo([[SM, lambda t: t]])), "time=f"),
    "a collective jump of time": (lambda: CollectiveJumps([[SM, lambda t: t]]), "time=f"),
    "a Qobj as Hamiltonian": (lambda: Model(SX), r"Hamiltonian.*average\(x\)"),
    "an array as Hamiltonian": (lambda: Model(np.eye(2)), r"Hamiltonian.*average\(x\)"),
    "a formula as Hamiltonian": (lambda: Model("mx"), "polynomial of averages"),
    "nothing as Hamiltonian": (lambda: Model(None), "Hamiltonian.*None"),
    "a Qobj times an average": (lambda: SX * mx, r"average\(x\)"),
    "a Qobj as delta": (lambda: LocalJump(SM, lambda d: 1 + d, qutip.sigmaz()), r"Δ: .*average\(x\)"),
    "a Qobj as observable": (lambda: run([0, 0, 1], e_ops=[SX]), r"e_ops: .*average\(x\)"),
    "no operator": (lambda: LocalJump(None), "jump operator j: got None"),
    "a number as operator": (lambda: average(3), "got 3; give"),
    "an entry beyond numbers": (lambda: average([[10**400, 0], [0, 0]]), "average"),
    "a matrix D beyond numbers": (lambda: CollectiveJumps([SM], [[10**400]]), "Kossakowski"),
    "a large D": (lambda: CollectiveJumps([SM], 1e308), "beyond 1e100"),
    "a name that is none": (lambda: Model(mx, name=3), "give a string"),
    "delta of shares in no model": (
        lambda: LocalJump(SM, np.exp, A.share * A.mz, species=A).range(),
        "depends on shares",
    ),
    "a share of another model": (lambda: Model(A.share * mz), "f_a is not an average"),
    "a share as rate": (lambda: LocalJump(SM, rate=A.share), "real number or a function"),
    "an identity of another species": (
        lambda: Model(jumps=[LocalJump(SM, np.exp, B.average(np.eye(2)))]),
        "not a species",
    ),
    "a switch that is none": (lambda: TWO.sized([1, 3], constants="x"), "True or False"),
    "a turn that is none": (lambda: DECAY.rotated("x"), "rotated frame"),
    "a turn of three levels": (lambda: DECAY.rotated(np.eye(3)), "unitary, 2×2"),
    "a turn that stretches": (lambda: DECAY.rotated(2 * np.eye(2)), "unitary"),
    "a turn of nothing": (lambda: TWO.rotated({"c": np.eye(2)}), "'c' is not a species"),
    "a ket of all particles": (
        lambda: run(qutip.basis(16, 0)),
        r"16 levels.*have 2.*Species\(dim=16\)",
    ),
    "a ket of five levels": (lambda: run(qutip.basis(5, 0)), r"5 levels.*have 2.*Species\(dim=5\)"),
    "a matrix of five levels": (lambda: run(np.eye(5) / 5), "5 levels.*have 2"),
    "five levels, by name": (lambda: run({"": qutip.basis(5, 0)}), "5 levels.*have 2"),
    "five levels of a species": (lambda: run({"a": qutip.basis(5, 0), "b": [0, 0, 1]}, TWO), "species a.*5 levels"),
    "two levels for three": (lambda: run([0, 0, 1], THREE), "2 levels.*have 3"),
    "a Dicke state of three levels": (lambda: run(dicke(1, 0), THREE), "2 levels.*have 3"),
    "a limit of five levels": (lambda: Limit(DECAY).evolve(qutip.basis(5, 0), [0, 1]), "5 levels"),
    "a stationary state of five": (lambda: steady_state(DECAY, 4, rho0=np.eye(5) / 5), "5 levels"),
    "a study of five": (lambda: Study(DECAY, qutip.basis(5, 0), [0, 1], [4, 6, 8, 10]), "5 levels"),
    "no state": (lambda: run(None), "one-particle state: got None"),
    "a number as state": (lambda: run(3), "got 3; give a Bloch vector"),
    "four numbers": (lambda: run([0, 0, 0, 1]), r"shape \(4,\); give a Bloch vector of three"),
    "NaN": (lambda: run([0, 0, np.nan]), "Bloch vector"),
    "a matrix with NaN": (lambda: run(np.diag([np.nan, 1])), "not finite"),
    "a complex Bloch vector": (lambda: run([0, 0, 0.5j]), "three real numbers"),
    "a Bloch vector beyond numbers": (lambda: run([0, 0, 10**400]), "one-particle state"),
    "a trace of two": (lambda: run(np.eye(2)), "trace 2"),
    "a ket that is not normalised": (lambda: run(2 * qutip.basis(2, 0)), "trace 4"),
    "a bra": (lambda: run(qutip.basis(2, 0).dag()), r"shape \(1, 2\)"),
    "one state for two species": (lambda: run([0, 0, 1], TWO), "species a, b"),
    "a species without state": (lambda: run({"a": [0, 0, 1]}, TWO), "species b is missing"),
    "a state of no one": (lambda: run({"c": [0, 0, 1]}), "'c' is not a species"),
    "a field for particles": (lambda: run(Field(beta=1)), "one-particle state"),
    "particles for a field": (lambda: run({"": [0, 0, 1], "f": [0, 0, 1]}, Model(F.number, modes=[F])), "give a Field"),
    "a field beyond numbers": (lambda: Field(beta=10**400), "below 1000"),
    "a word as angle": (lambda: coherent("a"), "two finite angles"),
    "M beyond J": (lambda: dicke(2, 5), "J = 2, M = 5 does not exist"),
    "J of a third": (lambda: dicke(1 / 3, 0), "multiple of ½"),
    "J below zero": (lambda: dicke(-1, -1), "does not exist"),
    "M that is not J − 1": (lambda: dicke(2, 0.5), "does not exist"),
    "J as a word": (lambda: dicke("a", 0), "two real numbers"),
    "J of no N": (lambda: run(dicke(lambda: 2, 0)), "give functions of N"),
    "J that fails": (lambda: run(dicke(lambda N: 1 / (N - 4), 0)), "failed with"),
    "J of another N": (lambda: run(dicke(3, 0)), "does not exist for N = 4"),
    "β that is no number": (lambda: thermal(mz, np.nan), "finite real number"),
    "β beyond numbers": (lambda: thermal(mz, 10**400), "finite real number"),
    "a thermal state of a species": (lambda: thermal(A.mz, 1.0), "write it with mx, my, mz"),
    "a thermal Qobj": (lambda: thermal(SX, 1.0), "thermal state: .*average"),
    "blocks of another N": (lambda: run(from_blocks([np.eye(2) / 2])), "not N = 4"),
    "averages as a word": (lambda: Limit(DECAY).drift("a"), "averages"),
    "complex averages": (lambda: Limit(DECAY).drift([1j, 0, 0]), "averages"),
}


@pytest.mark.parametrize(("make", "message"), CASES.values(), ids=CASES.keys())
def test_refused_in_one_sentence(make, message):
    with pytest.raises(FiniteNError, match=message) as refusal:
        make()
    assert len(str(refusal.value)) <= LONGEST
    assert "\n" not in str(refusal.value)


def test_what_may_be_written_is_accepted():
    assert (mx**64).degree == 64
    assert coherent(0.3).bloch == pytest.approx([np.sin(0.3), 0, np.cos(0.3)], abs=1e-15)
    assert np.array_equal(run({"": [0, 0, 1]}).means, run([0, 0, 1]).means)
    assert dicke(1.5, -0.5).position(3) == (0, 2)
    assert product(qutip.tensor(qutip.basis(2, 0), qutip.basis(2, 1))).density.shape == (4, 4)


def test_high_powers_are_planned_at_once():
    """Rows of σx^64/N^64 reach every second M, up to 64 steps away: 65 shifts; and their evolution at N = 4 is that of
    the operator."""
    started = time.process_time()
    assert entries_per_row(Model(mx**64)) == 65
    assert entries_per_row(Model(0.5 * (mx * my + my * mx) * mx + 0.5 * mx * (mx * my + my * mx))) == 5
    assert time.process_time() - started < 20  # 2^64 products would not end
    # σx^(k) has eigenvalues ±1, so that m_x^64 has (1 − 2k/4)^64: 1, 2^−64, 0
    result = run([0, 0, 1], Model(mx**64))
    values, states = np.linalg.eigh(qutip.jmat(2, "x").full() / 2)
    psi = states @ (np.exp(-4j * values**64) * states[0].conj())
    assert abs(result.mean("z")[-1] - np.vdot(psi, qutip.jmat(2, "z").full() @ psi).real / 2) < 1e-8
