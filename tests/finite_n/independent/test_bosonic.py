"""Particles made of bosons: against qutip's mesolve of one of them, closed forms, and another engine."""

import numpy as np
import pytest
import qutip
from scipy.special import eval_laguerre

from finite_n import (
    Boson,
    BosonicParticle,
    CollectiveJumps,
    Field,
    FiniteNError,
    Mode,
    Model,
    evolve,
    evolve_particle,
    three_point_function,
)

B, C = Boson("b"), Boson("c")
TOL = 1e-9  # asked for
FEW = {"b": 7, "c": 7}  # levels: of a quantum and a weak field, enough
TIMES = [0.0, 0.4, 1.0]
KERR = 0.7 * B.number + 0.15 * B.number * B.number + 0.2 * B.x


def _qutip(levels: int) -> dict:
    a = qutip.destroy(levels)
    return {"a": a, "x": (a + a.dag()) / np.sqrt(2), "p": (a - a.dag()) / (1j * np.sqrt(2)), "n": a.dag() * a}


def test_one_nonlinear_boson_with_two_quanta_lost_at_once_is_what_qutip_says():
    """H of degree four, L = a² and a Kossakowski matrix between a² and a, from a displaced state."""
    D = np.array([[0.3, 0.1j], [-0.1j, 0.4]])
    particle = BosonicParticle([B], KERR, [B.a * B.a, B.a], D)
    words = {"n": B.number, "x": B.x, "x2": B.x * B.x, "xp": 0.5 * (B.x * B.p + B.p * B.x)}
    result = evolve_particle(particle, {"b": Field(beta=0.4 + 0.3j)}, TIMES, words)
    q = _qutip(24)
    values, vectors = np.linalg.eigh(D)
    # Σ D_μν L_ν ρ L_μ† = Σ_k d_k J_k ρ J_k† with J_k = Σ_ν u*_νk L_ν
    jumps = [
        np.sqrt(d) * sum(np.conj(u) * L for u, L in zip(v, (q["a"] ** 2, q["a"]), strict=True))
        for d, v in zip(values, vectors.T, strict=True)
    ]
    H = 0.7 * q["n"] + 0.15 * q["n"] ** 2 + 0.2 * q["x"]
    psi = qutip.coherent(24, 0.4 + 0.3j, method="analytic")
    operators = [q["n"], q["x"], q["x"] ** 2, (q["x"] * q["p"] + q["p"] * q["x"]) / 2]
    options = {"atol": 1e-13, "rtol": 1e-11, "nsteps": 10**5}
    exact = qutip.mesolve(H, psi, TIMES, jumps, e_ops=operators, options=options)
    for name, values in zip(words, exact.expect, strict=True):
        assert np.abs(result.mean(name) - values).max() < 5 * TOL, name  # qutip's own error included
    assert result.error < TOL and result.difference < TOL


def test_linear_jumps_give_what_blocks_with_modes_give_at_one_particle():
    D = np.array([[0.5, 0.2 + 0.1j], [0.2 - 0.1j, 0.4]])
    h = 0.9 * B.number + 1.2 * C.number + 0.3 * (B.a.adjoint() * C.a + C.a.adjoint() * B.a)
    start = {"b": Field(number=1), "c": Field(beta=0.3)}
    words = {"n": B.number, "m": C.number, "xx": B.x * C.x}
    result = evolve_particle(BosonicParticle([B, C], h, [B.a, C.a], D), start, TIMES, words, check=False)
    model = Model(h, collective=[CollectiveJumps([B.a, C.a], D)], modes=[Mode("b"), Mode("c")])
    other = evolve(model, 1, {"": [0, 0, 1]} | start, TIMES, words, basis="dicke", check=False, cutoffs=FEW)
    for name in words:
        assert np.abs(result.mean(name) - other.e_data[name].real).max() < 2 * TOL
    assert set(result.levels) == {"b", "c"} and np.abs(result.levels["b"].sum(axis=1) - 1).max() < TOL


def test_products_of_operators_and_their_commutators():
    """Damped coherent amplitude: ⟨x⟩ falls by e^{−κt/2}, Σ and σ of (x, p) stay those of the vacuum."""
    particle = BosonicParticle([B], 0.0, [B.a], 0.8)
    result = evolve_particle(particle, {"b": Field(beta=0.5)}, TIMES, {"x": B.x, "p": B.p})
    assert np.abs(result.mean("x") - np.sqrt(2) * 0.5 * np.exp(-0.4 * result.times)).max() < TOL
    assert np.abs(result.covariance - 0.5 * np.eye(2)).max() < TOL
    assert np.abs(result.symplectic_form - np.array([[0, 1], [-1, 0]])).max() < TOL


@pytest.mark.parametrize("N", [1, 10, 10**6])
def test_the_characteristic_function_of_number_states_is_a_laguerre_polynomial(N):
    """⟨n| e^{i r x/√N} |n⟩ = e^{−r²/4N} L_n(r²/2N), and under loss of quanta a mixture over n."""
    particle, r = BosonicParticle([B], 1.3 * B.number, [B.a], 1.0), 0.9
    result = evolve_particle(particle, {"b": Field(number=2)}, [0.0, 0.5], {"x": B.x})
    kept = np.exp(-0.5)
    weights = np.array([[0, 0, 1], [(1 - kept) ** 2, 2 * kept * (1 - kept), kept**2]])
    one = weights @ [np.exp(-(r**2) / (4 * N)) * eval_laguerre(n, r**2 / (2 * N)) for n in range(3)]
    found = result.characteristic([r], N)
    assert np.abs(found - one**N).max() < 1e-14 * N + 1e-11  # N times rounding of one


def test_three_points_of_a_damped_boson_are_products_of_displacements():
    """⟨W(r1) Φ_t[W(r)] W(r2)⟩ of (x, p) in the vacuum, which damping keeps: W(r) → e^{−|r|²(1 − k²)/4} W(kr) with
    k = e^{−κt/2}, and Weyl's relation; the same at every N."""
    particle, kappa, t = BosonicParticle([B], 0.0, [B.a], 0.8), 0.8, 0.7
    r = np.array([[0.3, -0.2], [0.4, 0.5], [-0.1, 0.25]])
    k = np.exp(-kappa * t / 2)
    parts = [r[0], k * r[1], r[2]]
    phase = sum(parts[i][0] * parts[j][1] - parts[i][1] * parts[j][0] for i in range(3) for j in range(i + 1, 3))
    total = sum(parts)
    exact = np.exp(-(1 - k**2) * (r[1] @ r[1]) / 4 - total @ total / 4 - 0.5j * phase)
    for N in (4, 100):
        found = three_point_function(particle, None, [0.0, t], {"x": B.x, "p": B.p}, r, N)
        assert abs(found[-1] - exact) < 1e-9  # the tolerance


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda: BosonicParticle([], 0.0), "give a list of Boson"),
        (lambda: BosonicParticle([B], C.number), "polynomial of x and p of the bosons b"),
        (lambda: BosonicParticle([B], B.x * B.p), "not Hermitian"),
        (lambda: BosonicParticle([B], 0.0, [B.a], [[-1.0]]), "positive semi-definite"),
        (lambda: BosonicParticle([B], B.x**9), "degree 8 or less"),
        (lambda: Boson("no name"), "give a word"),
        (lambda: _run({"x": B.a}), "not Hermitian"),
        (lambda: _run({}), "give a dict of names"),
        (lambda: _run({"x": B.x}, start={"z": Field()}), "for some of the bosons b"),
        (lambda: _run({"x": B.x}, cutoffs={"b": 0}), "cutoffs: b"),
        (lambda: _run({"x": B.x}).characteristic([1, 2], 3), "give a number for each"),
        (lambda: _run({"x": B.x}).mean("y"), "none of the operators"),
        (lambda: three_point_function(BosonicParticle([B]), None, [0, 1], {"x": B.x}, [[1], [1]], 3), "r_1, r, r_2"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(ask, why):
    with pytest.raises(FiniteNError, match=why) as refused:
        ask()
    assert "\n" not in str(refused.value) and len(str(refused.value)) <= 400


def _run(operators, start=None, **options):
    return evolve_particle(BosonicParticle([B], B.number, [B.a]), start, [0.0, 0.1], operators, check=False, **options)


def test_a_boson_that_keeps_filling_is_refused(monkeypatch):
    """H = xp + px squeezes for ever: e^{2t} more at every time."""
    monkeypatch.setattr("finite_n.engine.cutoffs._PATIENCE", 0.3)  # seconds, of 20
    squeezed = BosonicParticle([B], 4.0 * (B.x * B.p + B.p * B.x))
    with pytest.raises(FiniteNError, match=r"the mode keeps filling|levels needs up to"):
        evolve_particle(squeezed, None, [0.0, 5.0], {"n": B.number}, tol=1e-4, check=False)
