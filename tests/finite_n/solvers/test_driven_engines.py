"""Models that depend on time on every engine that takes them: several species, three levels, modes, independent
particles, against qutip on the full space and a closed form.
"""

import numpy as np
import pytest
import qutip
from scipy.integrate import solve_ivp

from finite_n import CollectiveJumps, LocalJump, Mode, Model, Species, coefficient, evolve, mx, my, mz

SM = qutip.sigmam()
TIMES = np.linspace(0, 2, 5)
QUTIP = 1e-9  # of its steps of relative tolerance 1e-10
OPTIONS = {"rtol": 1e-10, "atol": 1e-12, "nsteps": 100_000}


def pulse(t):
    return np.exp(-((t - 1) ** 2))


def cosine(t):
    return np.cos(t)


def _at(x, i: int, N: int, *more: int) -> qutip.Qobj:
    """x on particle i of N alike, beside modes of so many levels."""
    particles = [qutip.Qobj(x) if k == i else qutip.qeye(len(qutip.Qobj(x).full())) for k in range(N)]
    return qutip.tensor([*particles, *map(qutip.qeye, more)])


@pytest.mark.parametrize("basis", ["Dicke", "symmetrised products"])
def test_two_species(basis):
    """Drives on both, one rate of a pulse, one amplitude of the other species' average times cos t."""
    a, b = Species("a", fraction=0.5), Species("b", fraction=0.5)
    jumps = [
        LocalJump(SM, rate=0.3, species=a, time=pulse),
        LocalJump(SM, lambda d: 1 + 0.3 * d, a.mz, species=b, time=cosine),
    ]
    h = coefficient(pulse) * a.mx + 0.4 * a.mz * b.mz + coefficient(cosine) * 0.5 * (b.mx + b.mz)
    N, mean = 4, {name: lambda x, k=k: (_at(x, k, 4) + _at(x, k + 1, 4)) / 2 for name, k in (("a", 0), ("b", 2))}
    x, z = qutip.sigmax(), qutip.sigmaz()
    H = [0.4 * N * mean["a"](z) * mean["b"](z), [N * mean["a"](x), pulse], [N * mean["b"]((x + z) / 2), cosine]]
    gamma = 1 + 0.3 * mean["a"](z)
    c_ops = [[np.sqrt(0.3) * _at(SM, k, N), lambda t: np.sqrt(pulse(t))] for k in (0, 1)]
    c_ops += [[_at(SM, k, N) * gamma, cosine] for k in (2, 3)]
    up = qutip.tensor([qutip.basis(2, 0)] * N)
    exact = qutip.mesolve(H, up, TIMES, c_ops, e_ops=[mean["a"](z), mean["b"](x)], options=OPTIONS).expect
    result = evolve(Model(h, jumps, species=[a, b]), N, {"a": [0, 0, 1], "b": [0, 0, 1]}, TIMES, basis=basis)
    np.testing.assert_allclose(result.mean("a.z"), exact[0], atol=QUTIP)
    np.testing.assert_allclose(result.mean("b.x"), exact[1], atol=QUTIP)
    assert result.stats["basis"] == basis


def test_three_levels_under_two_pulses():
    """Two pulses in the order of adiabatic passage, a rate that depends on the state and on time, an interaction."""

    def ket(i, j):
        return qutip.basis(3, i) * qutip.basis(3, j).dag()

    atom, N = Species("atom", dim=3), 2
    m = atom.average
    x01, x12, n0, n1 = ket(0, 1) + ket(1, 0), ket(1, 2) + ket(2, 1), ket(0, 0), ket(1, 1)

    def first(t):
        return 3 * np.exp(-((t - 1.2) ** 2))

    def second(t):
        return 3 * np.exp(-((t - 0.8) ** 2))

    def falling(t):
        return np.exp(-t / 2)

    model = Model(
        [0.3 * m(n1) * m(n1), [m(x01), first], [m(x12), second]],
        [LocalJump(ket(0, 1), lambda d: 1 + 0.5 * d, m(n0), time=falling), LocalJump(ket(2, 2), 0.2)],
        [CollectiveJumps([m(ket(2, 1))], 0.3)],
        species=[atom],
    )
    mean = [sum(_at(x, i, N) for i in range(N)) / N for x in (n0, x01, x12, n1)]
    H = [0.3 * N * mean[3] * mean[3], [N * mean[1], first], [N * mean[2], second]]
    c_ops = [[_at(ket(0, 1), i, N) * (1 + 0.5 * mean[0]), falling] for i in range(N)]
    c_ops += [0.2 * _at(ket(2, 2), i, N) for i in range(N)]
    c_ops += [np.sqrt(0.3 / N) * sum(_at(ket(2, 1), i, N) for i in range(N))]
    start = qutip.tensor([qutip.basis(3, 0)] * N)
    exact = qutip.mesolve(H, start, TIMES, c_ops, e_ops=mean, options=OPTIONS).expect
    result = evolve(model, N, {"atom": ket(0, 0)}, TIMES, [m(x) for x in (n0, x01, x12, n1)])
    np.testing.assert_allclose(result.expect, exact, atol=QUTIP)


@pytest.mark.parametrize("N", [1, 4])
def test_a_driven_damped_cavity(N):
    """α̇ = −(iν + κ/2)α − i f(t)/√2, whatever the number of levels that are kept."""
    cavity, nu, kappa = Mode("c"), 1.3, 0.4
    h = 0.5 * nu * (cavity.phi * cavity.phi + cavity.pi * cavity.pi) + 0.1 * mz
    drive = coefficient(lambda t: pulse(t) * np.cos(2 * t))
    model = Model(h + drive * cavity.phi, collective=[CollectiveJumps([cavity.alpha], kappa)], modes=[cavity])
    result = evolve(model, N, [0, 0, -1], TIMES)

    def rhs(t, y):
        return [-(1j * nu + kappa / 2) * y[0] - 1j * drive(t) / np.sqrt(2)]

    alpha = solve_ivp(rhs, (0, 2), [0j], t_eval=TIMES, rtol=1e-12, atol=1e-14).y[0]
    np.testing.assert_allclose((result.mean("c.phi") + 1j * result.mean("c.pi")) / np.sqrt(2), alpha, atol=1e-10)


def test_independent_particles_at_any_number():
    """The same moments as on Dicke blocks at N = 7, and averages that do not depend on N."""
    decay = LocalJump(SM, rate=0.3, time=lambda t: 1 + np.sin(3 * t))
    model = Model(0.2 * mz + coefficient(pulse) * mx, [decay, LocalJump(qutip.sigmaz(), 0.2)])
    one, other = (evolve(model, 7, [0, 0, -1], TIMES, {"zzx": mz * mz * mx}, basis=b) for b in ("auto", "Dicke"))
    assert one.stats["basis"] == "independent"
    np.testing.assert_allclose(one.means, other.means, atol=1e-10)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)
    np.testing.assert_allclose(one.expect[0], other.expect[0], atol=1e-10)
    np.testing.assert_allclose(evolve(model, 10**6, [0, 0, -1], TIMES).means, one.means, atol=1e-11)


def test_a_classical_chain_of_many_particles():
    """Flips whose rates depend on the state and on time, N = 300: M alone, against its master equation by scipy."""
    N, up = 300, qutip.sigmap()
    model = Model(0.0, [LocalJump(SM, lambda d: 1 + 0.3 * d, mz, time=cosine), LocalJump(up, 0.7)])
    result = evolve(model, N, [0, 0, 1], [0, 1.0])
    n = np.arange(N + 1)  # particles that are up

    def rhs(t, p):
        down, raised = n * ((1 + 0.3 * (2 * n / N - 1)) * np.cos(t)) ** 2 * p, (N - n) * 0.49 * p
        return np.append(down[1:], 0) - down + np.append(0, raised[:-1]) - raised

    p = solve_ivp(rhs, (0, 1), np.eye(N + 1)[N], method="DOP853", rtol=1e-11, atol=1e-14).y[:, -1]
    np.testing.assert_allclose(result.mean("z")[-1], p @ (2 * n / N - 1), atol=1e-9)
    assert result.stats["variables"] == N + 1


def test_a_closed_ensemble_stays_pure_under_a_ramp():
    """The Lipkin–Meshkov–Glick model under a ramp of its field: amplitudes against blocks of ρ, and against qutip in
    the symmetric subspace at N = 40."""
    ramp = coefficient(lambda t: np.minimum(t, 1.2))
    model = Model(-1.0 * mx * mx - ramp * mz + 0.1 * my * (2 - ramp))
    one, other = (evolve(model, 8, [1, 0, 0], TIMES, {"xzx": mx * mz * mx}, basis=b) for b in ("auto", "Dicke"))
    assert one.stats["basis"] == "state vector"
    np.testing.assert_allclose(one.means, other.means, atol=1e-10)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)
    np.testing.assert_allclose(one.expect[0], other.expect[0], atol=1e-10)
    N = 40
    x, y, z = (2 * qutip.jmat(N / 2, a) for a in "xyz")
    H = [-x * x / N, [-1.0 * z, lambda t: min(t, 1.2)], [0.1 * y, lambda t: 2 - min(t, 1.2)]]
    psi = qutip.spin_coherent(N / 2, np.pi / 2, 0)
    for span in ([0, 1.2], [1.2, 2.0]):
        psi = qutip.sesolve(H, psi, span, options=OPTIONS).states[-1]
    result = evolve(model, N, [1, 0, 0], TIMES)
    np.testing.assert_allclose(result.mean("z")[-1], qutip.expect(z, psi) / N, atol=QUTIP)
    assert result.stats["elements"] == N + 1
