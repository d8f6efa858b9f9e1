"""All six processes of qutip's PIQS at up to N = 40, within its single-precision rates."""

import numpy as np
import pytest
import qutip
from qutip.piqs.piqs import Dicke, jspin
from qutip.piqs.piqs import css as piqs_css

from finite_n import CollectiveJumps, LocalJump, Model, coherent, evolve, mx, mz

PIQS_PRECISION = 1e-5  # its rates are float32: 6e-8 per rate and application, amplified by N terms over t = 1
THETA, PHI = 1.1, 0.4


@pytest.mark.parametrize("N", [3, 12, pytest.param(40, marks=pytest.mark.slow)])
def test_local_and_collective_emission_pumping_and_dephasing(N):
    rates = dict(
        emission=0.3,
        pumping=0.2,
        dephasing=0.4,
        collective_emission=0.5 / N,
        collective_pumping=0.25 / N,
        collective_dephasing=0.35 / N,
    )
    jx, jy, jz = jspin(N)
    times = np.linspace(0, 1, 6)
    system = Dicke(N, hamiltonian=0.6 * jx + 0.3 * jz, **rates)
    start = piqs_css(N, THETA, -PHI, coordinates="polar")  # PIQS has the opposite sign of φ
    options = {"rtol": 1e-9, "atol": 1e-11, "nsteps": 100_000, "progress_bar": None}
    piqs = qutip.mesolve(system.liouvillian(), start, times, [], e_ops=[jx, jy, jz, jz * jz, jx * jz], options=options)

    s = {"m": qutip.sigmam(), "p": qutip.sigmap(), "z": qutip.sigmaz() / 2}
    model = Model(
        0.3 * mx + 0.15 * mz,
        [
            LocalJump(s["m"], np.sqrt(rates["emission"])),
            LocalJump(s["p"], np.sqrt(rates["pumping"])),
            LocalJump(s["z"], np.sqrt(rates["dephasing"])),  # PIQS: rate times D[σz/2]
        ],
        [
            CollectiveJumps([s["m"]], N * rates["collective_emission"]),
            CollectiveJumps([s["p"]], N * rates["collective_pumping"]),
            CollectiveJumps([s["z"]], N * rates["collective_dephasing"]),
        ],
    )
    ours = evolve(model, N, coherent(THETA, PHI), times, {"zz": mz * mz, "xz": mx * mz})
    half = N / 2
    for a in range(3):
        assert np.abs(half * ours.means[:, a] - piqs.expect[a]).max() < PIQS_PRECISION * half
    assert np.abs(half**2 * ours.e_data["zz"].real - piqs.expect[3]).max() < PIQS_PRECISION * half**2
    assert np.abs(half**2 * ours.e_data["xz"] - piqs.expect[4]).max() < PIQS_PRECISION * half**2
