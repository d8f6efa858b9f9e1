"""Classical chains, where corrections in 1/N are published: refined mean field, and exact master equations.

A chain is a model of σ+ and σ- with rates Γ². J = j Γ(Δ) acts with Δ of the state before the jump. With the particle
included, Δ is a function of the fraction x that is up, and the jumps have rates N β(x): a density-dependent population
process. With the particle left out of Δ = n, the projector on up, a particle that is down sees x and one that is up
sees x − 1/N; left out of Δ = m(σz) they see 2x − 1 ± 1/N. Then β depends on N, as the theorem of 2017 allows.
"""

import functools

import numpy as np
import pytest
import qutip

from finite_n import LocalJump, Model, Species, average, mz
from meanfield import Corrections
from tests.meanfield.corrections.refined_mean_field import Chain, X

UP = average(qutip.basis(2, 0).proj())
# u and d, the rates of one particle up and down, as functions of x
CHAINS = {
    "contact with a spontaneous rate": (0.2 + 1.5 * X, 1 + 0 * X),
    "kinetically constrained": (0.3 + 2 * X**2, 0.5 + X**2),
    "Ising-like": ((0.85 + 0.5 * X) ** 3, (1.15 - 0.5 * X) ** 3),
}
# Δ as a function of x, and what left out particles that are down and up see, in units of 1/N
DELTAS = {"included": (UP, True, (0, 0)), "n": (UP, False, (0, -1)), "m(σz)": (mz, False, (0.5, -0.5))}
# particles left out of n in a contact process, where d is constant, change nothing
CASES = [*((name, "included") for name in CHAINS), ("kinetically constrained", "n"), ("Ising-like", "m(σz)")]
START = 0.3  # x of independent particles
TIMES = [0, 1.0, 3.0, 60.0]  # at the last exp(∫F′) is below rounding
AGREEMENT = 1e-10  # two integrations at relative tolerance 1e-12, values up to 5; measured 2e-12


def model_of(name: str, delta: str = "included") -> Model:
    argument, include_self, _ = DELTAS[delta]

    def rate(polynomial):
        return (lambda d: polynomial((1 + d) / 2)) if argument is mz else polynomial

    return Model(
        0,
        [
            LocalJump(j, rate=rate(p), delta=argument, include_self=include_self)
            for j, p in zip((qutip.sigmap(), qutip.sigmam()), CHAINS[name], strict=True)
        ],
    )


@functools.cache
def derived(name: str, delta: str) -> np.ndarray:
    """x, V, A, W, B at TIMES, shape (5, T), by `Corrections`; m_z = 2x − 1."""
    found = Corrections(model_of(name, delta)).evolve([0, 0, 2 * START - 1], TIMES)
    z, v, a = (found.means[k][:, 2] for k in (0, 2, 4))
    w, b = (found.covariances[k][:, 2, 2] for k in (0, 2))
    return np.array([(1 + z) / 2, v / 2, a / 2, w / 4, b / 4 + (v / 2) ** 2])  # N Var X = W + (B − V²)/N


def chain_of(name: str, delta: str) -> Chain:
    return Chain(*CHAINS[name], DELTAS[delta][2])


@pytest.mark.parametrize(("name", "delta"), CASES)
def test_corrections_are_refined_mean_field(name, delta):
    published = chain_of(name, delta).expansion(START, TIMES)
    assert np.abs(derived(name, delta) - published).max() < AGREEMENT


def orders(sizes, rest) -> float:
    """The exponent of 1/N at which what is left falls, extrapolated from three sizes N, 2N, 4N."""
    local = -np.diff(np.log(np.abs(rest))) / np.diff(np.log(sizes))
    return 2 * local[1] - local[0]


@pytest.mark.parametrize("at", ["t = 1", "stationary"])
@pytest.mark.parametrize(("name", "delta"), CASES)
def test_master_equations_leave_the_next_power(name, delta, at):
    chain, column = chain_of(name, delta), 1 if at == "t = 1" else -1
    x, v, a, w, b = derived(name, delta)[:, column]
    sizes = np.array([200, 400, 800] if column < 0 else [100, 200, 400])
    exact = [chain.stationary(N) if column < 0 else chain.exact(N, START, TIMES[1]) for N in sizes]
    means, variances = np.array(exact).T
    assert abs(orders(sizes, means - x - v / sizes) - 2) < 0.05
    assert abs(orders(sizes, means - x - v / sizes - a / sizes**2) - 3) < 0.1
    assert abs(orders(sizes, variances - w - (b - v**2) / sizes) - 2) < 0.05


# Printed by rmftool 0.5 (PyPI; numpy 2.4.6, scipy 1.17.1, sympy 1.14.0): x, V, A, W, B of the particles up. The first
# two rows: meanFieldExpansionTransient(order=2, time=9.99) at t = 1 and 3 from x exactly as in the key; transitions
# [1, −1] at rate x_down u(x_up), [−1, 1] at rate x_up d(x_up). The third: meanFieldExpansionSteadyState(order=2) with
# x_up as the only coordinate. (With both, its A and B depend on whether x_down or 1 − x_up is written, and are not
# those that its own transient goes to.)
RMFTOOL = {
    ("contact with a spontaneous rate", 0.0): [
        [0.2093676264597177, -0.24264708501203425, 0.5033240190428919, 0.37280051258982083, -1.0359743632909648],
        [0.43782121787487743, -0.7586527572150396, 0.004500692803786066, 0.48198074515820694, 0.9822671157783123],
        [0.4785938897200184, -0.5565045229302535, -0.8387171598367907, 0.42137842396589564, 0.635066383835074],
    ],
    ("kinetically constrained", 1.0): [
        [0.5985865495378183, -0.3582517529459725, 0.15136914037043173, 0.2554558287324605, 0.12229398402037372],
        [0.5288779942292506, -0.6984227604752062, 0.6709506724471187, 0.33483483606604225, 0.5513565496023413],
        [0.5225644286905352, -0.8012661727585894, 0.5052973813490889, 0.34605035900431425, 0.8364993682641702],
    ],
    ("Ising-like", 0.0): [
        [0.4396619529735042, 0.05209786966227388, -0.4665481016636361, 0.5945117440714168, -1.2079451381307236],
        [0.7962618850253604, -0.5948132784659599, 1.7331253710649515, 0.3791290093360921, 1.886146104719562],
        [0.840700622527091, -0.33028936867765263, -0.4729770349948098, 0.23638343921901983, 0.8538959383183929],
    ],
}
# The same of susceptible, infected and recovered particles from all susceptible: transitions [−1, 1, 0] at rate
# x_S (0.3 + 2 x_I), [0, −1, 1] at rate x_I, [1, 0, −1] at rate 0.6 x_R. x, V, A as printed; in the stationary state
# with x_S and x_I as coordinates.
SIRS = [
    [
        [0.55911036, 0.30726572, 0.13362392],
        [0.5808066, -0.44046771, -0.14033889],
        [-1.27113531, 0.98501735, 0.28611796],
    ],
    [
        [0.27371425, 0.29623982, 0.43004593],
        [0.41991494, -0.07657253, -0.3433424],
        [1.09650362, -0.60244591, -0.49405771],
    ],
    [
        [0.31557112, 0.25666083],
        [0.38986752, -0.14620032],
        [0.33945408, -0.12729528],
    ],
]
PRINTED = 5e-6  # it integrates at tolerance 1e-6 and symmetrises tensors in single precision; measured 2e-6


@pytest.mark.parametrize(("name", "start"), RMFTOOL)
def test_numbers_of_rmftool(name, start):
    found = Corrections(model_of(name)).evolve([0, 0, 2 * start - 1], TIMES)
    z, v, a = (found.means[k][1:, 2] for k in (0, 2, 4))
    w, b = (found.covariances[k][1:, 2, 2] for k in (0, 2))
    values = np.array([(1 + z) / 2, v / 2, a / 2, w / 4, b / 4 + (v / 2) ** 2]).T
    assert np.abs(values - RMFTOOL[name, start]).max() < PRINTED


def test_numbers_of_rmftool_for_three_levels():
    particles = Species("particles", 3)
    s, i, r = (qutip.basis(3, k) for k in range(3))
    shares = [particles.average(level.proj()) for level in (s, i, r)]
    model = Model(
        0,
        [
            LocalJump(i * s.dag(), rate=lambda d: 0.3 + 2 * d, delta=shares[1]),
            LocalJump(r * i.dag()),
            LocalJump(s * r.dag(), rate=0.6),
        ],
        species=[particles],
    )
    found = Corrections(model).evolve(s.proj(), TIMES, shares).expect[:, ::2, 1:]  # levels, orders, times
    for k, printed in enumerate(SIRS):
        assert np.abs(found[: len(printed[0]), :, k].T - printed).max() < PRINTED
