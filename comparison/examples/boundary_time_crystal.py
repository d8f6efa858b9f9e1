"""Mean field of the boundary time crystal (Iemini et al. 2018, PRL 121, 035301), formula by formula.

    finite-n claims comparison/examples/boundary_time_crystal.py

H = ω S_x and collective decay κ/S. Above the critical drive ω = κ averages oscillate for ever, below they come to rest.
Every formula is a text; what it must equal is found from exact numbers at a few N, extrapolated.
"""

import functools

import numpy as np
from scipy.interpolate import CubicSpline

from comparison import decide, decision_table, extrapolate, formula_claim
from finite_n import evolve
from finite_n.systems import boundary_time_crystal

SIZES = (32, 48, 64, 96, 128, 192)
STRONG, WEAK = {"omega": 3.0, "kappa": 1.0}, {"omega": 0.5, "kappa": 1.0}
START = {"x0": 0.6, "y0": 0.0, "z0": 0.8}
TIMES = [0.0, 0.4, 0.8, 1.2]
OPTIONS = {
    "theory": "mean field of the boundary time crystal",
    "tolerance": 1e-4,
    "how": "exact N = 32 … 192, extrapolated",
}


def in_limit(value):
    """N → ∞ of a number that is known at every N up to the tolerance of the evolution."""
    return extrapolate(SIZES, [value(N) for N in SIZES], 1e-7)


def averages(N, drive, start, times):
    """⟨m⟩ (T, 3) at N."""
    return evolve(boundary_time_crystal(**drive), N, start, times, tol=1e-9).means


@functools.cache  # two claims ask for it
def period(N):
    """From one time at which m_z falls through zero to the next, all spins up at the start."""
    times = np.linspace(0, 3.3, 121)
    crossings = CubicSpline(times, averages(N, STRONG, [0, 0, 1], times)[:, 2]).roots(extrapolate=False)
    return crossings[2] - crossings[0]


@functools.cache
def moving(N):
    """⟨m⟩ after the start."""
    return averages(N, STRONG, list(START.values()), TIMES)[1:]


def length():
    found = in_limit(moving)
    return (found.value**2).sum(axis=1), 2 * (np.abs(found.value) * found.error).sum(axis=1)


def second_constant():
    found = in_limit(moving)
    x, below = found.value[:, 0], found.value[:, 1] - STRONG["omega"] / STRONG["kappa"]
    return x / below, (found.error[:, 0] + np.abs(x / below) * found.error[:, 1]) / np.abs(below)


def at_rest():
    found = in_limit(lambda N: averages(N, WEAK, [0, 0, -1], [0.0, 20.0])[-1])
    return {axis: (found.value[k], found.error[k]) for k, axis in ((1, "y"), (2, "z"))}


CLAIMS = [
    formula_claim(
        "period",
        "A strong drive makes all averages oscillate with one period.",
        "2*pi/sqrt(omega**2 - kappa**2)",
        lambda: in_limit(period),
        STRONG,
        **OPTIONS,
    ),
    formula_claim(
        "bare period",
        "The period is that of the drive alone.",
        "2*pi/omega",
        lambda: in_limit(period),
        STRONG,
        **OPTIONS,
    ),
    formula_claim("length", "|m|² is constant.", "x0**2 + y0**2 + z0**2", length, START, **OPTIONS),
    formula_claim(
        "second constant",
        "m_x/(m_y − ω/κ) is constant.",
        "x0/(y0 - omega/kappa)",
        second_constant,
        STRONG | START,
        **OPTIONS,
    ),
    formula_claim(
        "at rest",
        "A weak drive ends in one fixed point.",
        {"y": "omega/kappa", "z": "-sqrt(1 - (omega/kappa)**2)"},
        at_rest,
        WEAK,
        **OPTIONS,
    ),
]

if __name__ == "__main__":
    print(decision_table(decide(CLAIMS)))
