"""The first order of one quantum model, derived by hand in symmetric ordering, against the derived one."""

import numpy as np
import pytest
import qutip
from scipy.integrate import solve_ivp

from finite_n import CollectiveJumps, LocalJump, Model, mx, mz
from meanfield import Corrections

AGREEMENT = 1e-9  # two integrations at relative tolerance 1e-12, values up to 13; measured 8e-13
TIMES = np.array([0.0, 0.4, 1.0, 2.5])
PARAMETERS = [(0.7, 0.4, 0.9, 0.3), (-1.1, 0.8, 0.0, 0.5), (0.0, 0.5, 1.2, 0.0)]


def by_hand(a, b, g, k, m0):
    """m, Σ and c₁ of h = a m_z² + b m_x, g D[√N m(σ-)] and κ Σ_k D[σ-^(k)]; shapes (T, 3), (T, 3, 3), (T, 3).

    From [m_a, m_b] = (2i/N) ε_abc m_c, with {AB} = (AB + BA)/2, the Heisenberg equations are, exactly at every N,

        ṁ_x = −4a {m_y m_z}          + (g/2) {m_x m_z}     − (κ/2) m_x    − (g/2N) m_x
        ṁ_y =  4a {m_x m_z} − 2b m_z + (g/2) {m_y m_z}     − (κ/2) m_y    − (g/2N) m_y
        ṁ_z =  2b m_y                − (g/2) (m_x² + m_y²) − κ (1 + m_z)  − (g/N) m_z.

    The Hamiltonian and the local jumps give no term of order 1/N once products are symmetrised. The collective jump
    does: (1/N) S+ S- = N (m_x² + m_y²)/4 + m_z/2, and (m_x + i m_y) m_z + m_z (m_x − i m_y) = 2 {m_x m_z} − (2/N) m_x.
    Together e(m) = −(g/2) (m_x, m_y, 2 m_z). With ⟨{m_a m_b}⟩ = ⟨m_a⟩⟨m_b⟩ + Σ_ab/N + O(1/N²), Σ the symmetric
    covariance of F = √N (m − ⟨m⟩),

        ċ₁ = Q c₁ + ½ f″:Σ + e(m),    Σ̇ = Q Σ + Σ Qᵀ + 𝒟,    Σ(0) = 1 − m mᵀ,    c₁(0) = 0,

    where f is the right-hand side without 1/N, and 𝒟_ab = Re Σ_J ⟨[J, F_a]† [J, F_b]⟩ with [σ-, σ_x] = −σ_z,
    [σ-, σ_y] = i σ_z, [σ-, σ_z] = 2σ-:

        local       κ ⎛  1    0    m_x        ⎞    collective   g ⎛  m_z²      0        −m_x m_z     ⎞
                      ⎜  0    1    m_y        ⎟                   ⎜  0         m_z²     −m_y m_z     ⎟
                      ⎝  m_x  m_y  2 (1 + m_z)⎠                   ⎝ −m_x m_z  −m_y m_z   m_x² + m_y² ⎠
    """
    quadratic = np.zeros((3, 3, 3))  # f″/2, symmetric in the last two
    quadratic[0, 1, 2] = quadratic[0, 2, 1] = -2 * a
    quadratic[1, 0, 2] = quadratic[1, 2, 0] = 2 * a
    quadratic[0, 0, 2] = quadratic[0, 2, 0] = quadratic[1, 1, 2] = quadratic[1, 2, 1] = g / 4
    quadratic[2, 0, 0] = quadratic[2, 1, 1] = -g / 2
    linear = np.array([[-k / 2, 0, 0], [0, -k / 2, -2 * b], [0, 2 * b, -k]])
    ordering = -g / 2 * np.diag([1, 1, 2])

    def rhs(_, y):
        m, sigma, c1 = y[:3], y[3:12].reshape(3, 3), y[12:]
        x, y, z = m
        local = np.array([[1, 0, x], [0, 1, y], [x, y, 2 + 2 * z]])
        collective = np.array([[z * z, 0, -x * z], [0, z * z, -y * z], [-x * z, -y * z, x * x + y * y]])
        q = linear + 2 * quadratic @ m
        drift = linear @ m + quadratic @ m @ m - [0, 0, k]
        flow = q @ sigma + sigma @ q.T + k * local + g * collective
        return np.concatenate([drift, flow.ravel(), q @ c1 + np.tensordot(quadratic, sigma) + ordering @ m])

    m0 = np.array(m0)
    begin = np.concatenate([m0, (np.eye(3) - np.outer(m0, m0)).ravel(), np.zeros(3)])
    y = solve_ivp(rhs, (0, TIMES[-1]), begin, "DOP853", TIMES, rtol=1e-12, atol=1e-14).y.T
    return y[:, :3], y[:, 3:12].reshape(-1, 3, 3), y[:, 12:]


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_first_order_of_a_quantum_model(parameters):
    a, b, g, k = parameters
    model = Model(
        a * mz * mz + b * mx,
        [LocalJump(qutip.sigmam(), rate=k)] if k else [],
        [CollectiveJumps([qutip.sigmam()], rate=g)] if g else [],
    )
    m, sigma, c1 = by_hand(*parameters, [0.5, -0.3, 0.6])
    found = Corrections(model, order=1).evolve([0.5, -0.3, 0.6], TIMES)
    assert np.abs(found.means[0] - m).max() < AGREEMENT
    assert np.abs(found.covariances[0] - sigma).max() < AGREEMENT
    assert np.abs(found.c1 - c1).max() < AGREEMENT
    assert np.abs(c1).max() > 0.5  # so that the comparison means something
