"""`finite-n power-spectrum`: spectra of the light at a ladder of sizes beside their limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from comparison.cli.interruption import Interruption
from comparison.cli.options import number, operators
from comparison.cli.printing import present, present_json
from comparison.cli.running import ended
from comparison.cli.stationary import asked, climbed, points_of_mean_field, rows_of, some
from comparison.referee.table import aligned
from finite_n import PowerSpectrum, power_spectrum
from finite_n.errors import FiniteNError, shown
from meanfield import Limit


def run(arguments) -> int:
    """Find the spectra and print them; returns the exit status."""
    omegas = _frequencies(arguments)
    with Interruption() as stop:
        what = asked(arguments, "power-spectrum")
        a, b = operators(arguments, what.model)
        options = {"rho0": what.start, "resolution": arguments.resolution, "cutoffs": what.cutoffs}
        limit = None if arguments.resolution else _limit(what.model, omegas, a, b)

        def work(N: int) -> PowerSpectrum:
            return power_spectrum(what.model, N, omegas, a, b, **options)

        ladder = climbed(what.sizes, work, stop, arguments.quiet)
        if arguments.json:
            present_json(
                {
                    "study": what.study.name,
                    "sizes": ladder.done,
                    "omegas": omegas.tolist(),
                    "spectra": [_data(s) for s in ladder.results],
                    "derived": None if limit is None else limit.tolist(),
                    "interrupted": ladder.interrupted,
                    "failure": ladder.failure or None,
                }
            )
        else:
            present(lambda: _table(ladder.results, limit))
    return ended(ladder.done, ladder.failure, stop)


def _frequencies(arguments) -> np.ndarray:
    parts = arguments.omegas.split(",")
    if len(parts) != 2 or arguments.points < 2:
        raise FiniteNError(f"--omegas {shown(arguments.omegas)}, --points: give FROM,TO such as -3,3 and two or more.")
    first, last = (number(x, "--omegas", "two numbers such as -3,3") for x in parts)
    if not first < last:
        raise FiniteNError(f"--omegas {shown(arguments.omegas)}: give the smaller frequency first, such as -3,3.")
    return np.linspace(first, last, arguments.points)


def _limit(model, omegas: np.ndarray, a, b) -> np.ndarray | None:
    """N S(ω) as N → ∞, at the only stable fixed point."""
    stable = [p for p in points_of_mean_field(model) if p.stability == "stable"]
    try:
        return Limit(model).power_spectrum(stable[0].m, omegas, a, b) if len(stable) == 1 else None
    except FiniteNError:
        return None


def _data(s: PowerSpectrum) -> dict:
    """Plain numbers; complex ones as [real, imaginary]."""
    return {
        "N": s.N,
        "N_times_S": (s.N * s.values).tolist(),
        "error": s.N * s.error,
        "coherent": [s.coherent.real, s.coherent.imag],
        "total": [s.total.real, s.total.imag],
        "line": s.slowest.imag,
        "line_width": s.line_width,
    }


def _table(found: Sequence[PowerSpectrum], limit: np.ndarray | None) -> str:
    """N S at some frequencies, then what stands out."""
    columns = some(len(found[0].omegas))
    names = [f"ω = {found[0].omegas[k]:g}" for k in columns]
    values = {f"N = {s.N}": s.N * s.values for s in found}
    if limit is not None:
        values["N → ∞, derived"] = limit
    named = {row: dict(zip(names, own[columns], strict=True)) for row, own in values.items()}
    most = [["", "largest N S", "at ω", "coherent part", "narrowest line at ω", "full width", "error"]]
    for s in found:
        top = int(np.argmax(s.values))
        part = abs(s.coherent) / abs(s.total) if s.total else 0.0
        cells = [s.N * s.values[top], s.omegas[top], part, s.slowest.imag, s.line_width]
        most.append([f"N = {s.N}", *(f"{x:.6g}" for x in cells), f"{s.N * s.error:.0e}"])
    return "\n\n".join(["N S(ω)\n" + aligned(rows_of(names, named)), aligned(most)])
