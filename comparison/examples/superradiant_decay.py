"""Superradiant decay of N excited atoms, L = √(Γ/N) J₋, by equations for correlations of two atoms alone.

    finite-n judge superradiance --initial 0,0,1 --stop 4 --points 9 --sizes 10,20,40,80,160 \
        --claim comparison/examples/superradiant_decay.py

z = ⟨σz⟩, c = ⟨σ₊^(1) σ₋^(2)⟩ and zz = ⟨σz^(1) σz^(2)⟩ obey closed equations once z c is put for ⟨σz^(1) σ₊^(2) σ₋^(3)⟩:
the second-order cumulant expansion. A theory of times and N is judged at every N. Γ = 1, so that t = 4 is 4/N in units
of the lifetime of one atom.
"""

from scipy.integrate import solve_ivp

source = "second-order cumulants, Γ = 1, all atoms excited at the start"
error = 1e-8  # of the integrator


def second_order(times, N):
    """⟨m_z⟩ at the times, at N atoms."""

    def rates(_, y):
        z, c, zz = y
        exchange = (z + zz) / 2 - c + (N - 2) * z * c
        return [-(1 + z + 2 * (N - 1) * c) / N, exchange / N, -4 * exchange / N]

    return {"mean_z": solve_ivp(rates, (0, times[-1]), [1, 0, 1], "DOP853", times, rtol=1e-10, atol=1e-12).y[0]}
