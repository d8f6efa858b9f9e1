"""N → ∞ of exact numbers of the engines, at ladders of sizes, for spins and one mode in light and matter's models."""

from __future__ import annotations

import functools

import numpy as np

from comparison.referee.extrapolation import extrapolate
from finite_n.model.model import Model
from finite_n.model.species import Mode, Species
from finite_n.solvers.evolve import evolve
from finite_n.states.mode import Field
from finite_n.systems import dicke_model, energy_conserving

_TOLERANCE = 1e-11  # of evolutions; extrapolation multiplies it by some hundreds at most
PURE, MIXED = (4, 8, 16, 32, 64, 128), (2, 4, 6, 8, 12)
_LARGE = (100, 200, 400, 800, 1600, 3200, 6400)
Limits = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]


@functools.cache
def dicke(
    coupling: float,
    bloch: tuple[float, float, float],
    field: Field,
    times: tuple[float, ...],
    sizes: tuple[int, ...] = PURE,
    nu: float = 0.8,
) -> Limits:
    """Limits and errors at `times`, the first of which is 0: number and phi2 of the mode; z, zz and xx of spins; Fx, Fy
    = √N (x, y) and Nz = N (z − z(0)); and x, y and Fz = √N (z − z(0)).

    From states with vanishing odd moments of σx all but the last three are series in 1/N, since λ → −λ only changes the
    sign of x and y; these three are N^−½ times such series, and extrapolated in powers of N^−½.
    """

    def at(N: int) -> tuple[np.ndarray, float]:
        state = {"": list(bloch), "field": field}
        found = evolve(dicke_model(1.0, nu, coupling), N, state, times, tol=_TOLERANCE, check=False)
        x, y, z = found.means[:, :3].T
        phi2 = N * found.second_moments[:, 3, 3].real
        pairs = found.pair_moments_of("", "")
        rows = [found.number(), phi2, z, pairs[:, 2, 2], pairs[:, 0, 0]]
        rows += [np.sqrt(N) * x, np.sqrt(N) * y, N * (z - z[0]), x, y, np.sqrt(N) * (z - z[0])]
        return np.array(rows), max(N * found.budget.moment_error, found.budget.covariance_error(N))

    rows = [at(N) for N in sizes]
    whole = _limits(sizes, [(x[:8], e) for x, e in rows])
    halves = _limits(sizes, [(x[8:], e / N) for N, (x, e) in zip(sizes, rows, strict=True)], 0.5)
    names = ("number", "phi2", "z", "zz", "xx", "Fx", "Fy", "Nz", "x", "y", "Fz")
    value, error = (np.concatenate(pair) for pair in zip(whole, halves, strict=True))
    return dict(zip(names, value, strict=True)), dict(zip(names, error, strict=True))


@functools.cache
def conserving(
    coupling: tuple[float, ...],
    nu: tuple[float, ...],
    bloch: tuple[float, float, float],
    field: Field,
    times: tuple[float, ...],
) -> Limits:
    """The same for the energy-conserving model with G = σz, in closed form at N = 100 … 6400: x, y, z, xx and xy of
    spins; the number of all quanta; phi2 of the first mode, the only one that may not start in the vacuum."""
    model = energy_conserving(1.0, list(nu), list(coupling))
    first = model.modes[0]
    at = 3  # φ of the first mode

    def values(N: int) -> tuple[np.ndarray, float]:
        found = evolve(model, N, {"": list(bloch), first.name: field}, times)
        pairs = found.pair_moments_of("", "")
        rows = [*found.means[:, :3].T, pairs[:, 0, 0], pairs[:, 0, 1]]
        rows += [sum(found.number(mode) for mode in model.modes), N * found.second_moments[:, at, at].real]
        return np.array(rows), N * found.budget.moment_error

    value, error = _limits(_LARGE, [values(N) for N in _LARGE])
    names = ("x", "y", "z", "xx", "xy", "number", "phi2")
    return dict(zip(names, value, strict=True)), dict(zip(names, error, strict=True))


@functools.cache
def fourth_moment(three_levels: bool, coupling: float, nu: float, times: tuple[float, ...]) -> tuple:
    """⟨φ⁴⟩ for N → ∞ from the vacuum, for particles with μ(G) = 0 and μ(G²) = 1: σz of spins along x, or √(3/2) diag(1,
    0, −1) of three levels in the maximally mixed state."""
    mode = Mode("field")
    if three_levels:
        particle, G = Species(dim=3), np.sqrt(1.5) * np.diag([1.0, 0.0, -1.0])
        start: object = np.eye(3) / 3
    else:
        particle, G = Species(), np.diag([1.0, -1.0])
        start = [1.0, 0.0, 0.0]
    model = Model(nu * mode.number + coupling * particle.average(G) * mode.phi, species=[particle], modes=[mode])

    def values(N: int) -> tuple[np.ndarray, float]:
        fourth = {"fourth": mode.phi * mode.phi * mode.phi * mode.phi * N**2}
        found = evolve(model, N, {"": start}, times, fourth)
        return found.e_data["fourth"].real, N**2 * found.budget.moment_error

    sizes = (10, 20, 40, 80, 160, 320)
    return _limits(sizes, [values(N) for N in sizes])


def _limits(sizes, rows, power: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Limits and errors of values with errors, one pair for every size."""
    values, errors = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    found = extrapolate(sizes, values, errors.reshape(-1, *[1] * (values.ndim - 1)), power)
    return found.value, found.error
