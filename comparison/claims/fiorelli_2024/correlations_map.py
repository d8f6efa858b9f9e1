"""Correlations of two large spins of Fiorelli 2024 over the plane of temperature and field: data of the figure beside
its figure 3.

    python -m comparison.claims.fiorelli_2024.correlations_map FILE.nc
"""

from __future__ import annotations

import sys

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from comparison.claims.fiorelli_2024.correlations_facts import derived, exact, printed
from meanfield import classical_correlations, discord, log_negativity, symplectic_eigenvalues

QUANTITIES = {"negativity": log_negativity, "discord": discord, "classical": classical_correlations}
TEMPERATURES, FIELDS = np.linspace(0.2, 1.0, 81), np.linspace(0.0, 0.6, 61)
LINE = 0.2  # Ω of the cut
CYCLE_BELOW = 2 / 3  # T of the Hopf bifurcation: no order is unstable below it, for Ω > 1/4
EXACT = np.array([0.3, 0.4, 0.5, 0.6, 0.7, 0.74])  # temperatures of exact numbers on it
_O = np.linspace(1e-3, 0.9999, 2000)


def largest_field(beta: float) -> float:
    """Ω up to which there is a retrieval state, by eq. B.4; 0 without any."""
    square = np.cosh(beta * _O) ** 2 * (np.tanh(beta * _O) / _O - 1) / 8
    return float(np.sqrt(max(square.max(), (beta - 1) / 8, 0.0)))


def retrieval(beta: float, omega: float) -> np.ndarray | None:
    """Averages of the retrieval state, the largest root of eq. B.4, if there is one."""

    def gap(o):
        return np.tanh(beta * o) - o * (1 + 8 * omega**2 / np.cosh(beta * o) ** 2)

    signs = gap(_O) > 0
    if not signs.any():
        return None
    last = int(np.flatnonzero(signs)[-1])
    z = brentq(gap, _O[last], 1.0, xtol=1e-14)
    return np.array([0.0, -4 * omega * z / np.cosh(beta * z), z])


def correlations_map(
    temperatures: np.ndarray = TEMPERATURES, fields: np.ndarray = FIELDS, points: np.ndarray = EXACT
) -> xr.Dataset:
    """Of the derived limit: logarithmic negativity, discord and classical correlations in the retrieval phase, NaN
    elsewhere, by T and Ω; of the printed one: ν_−, vacuum 1. On the cut Ω = `LINE`: both, and exact numbers with
    errors."""
    shape = (len(temperatures), len(fields))
    out = {name: np.full(shape, np.nan) for name in (*QUANTITIES, "printed_nu")}
    for j, k in np.ndindex(shape):
        found = _values(1 / temperatures[j], fields[k])
        for name, value in found.items():
            if name in out:
                out[name][j, k] = value
    cut = [_values(1 / t, LINE) for t in temperatures]
    lines = {f"{x}{name}": [c.get(f"{x}{name}", np.nan) for c in cut] for name in QUANTITIES for x in ("", "printed_")}
    sure = [[exact(1 / t, LINE).value(of) for t in points] for of in QUANTITIES.values()]
    data = {name: (("temperature", "field"), values) for name, values in out.items()}
    data |= {f"line_{name}": ("temperature", np.array(x)) for name, x in lines.items()}
    data["largest_field"] = ("temperature", np.array([largest_field(1 / t) for t in temperatures]))
    for i, name in enumerate(QUANTITIES):
        data[f"exact_{name}"] = ("point", np.array([x for x, _ in sure[i]], float))
        data[f"exact_{name}_error"] = ("point", np.array([e for _, e in sure[i]], float))
    where = {"temperature": temperatures, "field": fields, "point": points}
    return xr.Dataset(data, where, {"omega": LINE})


def _values(beta: float, omega: float) -> dict[str, float]:
    """What is known at one point of the retrieval phase."""
    m = retrieval(beta, omega)
    if m is None or m[2] < 1e-2 or omega == 0:
        return {}
    modes, other = derived(beta, omega, start=tuple(m)).modes(), printed(beta, omega, start=tuple(m)).modes()
    nu = 2 * float(symplectic_eigenvalues(other)[0])
    out = {name: of(modes) for name, of in QUANTITIES.items()} | {"printed_nu": nu}
    if nu >= 1:
        out |= {f"printed_{name}": of(other) for name, of in QUANTITIES.items()}
    return out


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m comparison.claims.fiorelli_2024.correlations_map FILE.nc")
    correlations_map().to_netcdf(sys.argv[1], engine="h5netcdf")
