"""`finite-n bench`: the measurements of `speed` as tables."""

from __future__ import annotations

from comparison.cli.printing import present, present_json
from comparison.cli.speed import THREADS, measurements
from comparison.cli.streams import say


def run(arguments) -> int:
    """Measure and print; returns the exit status."""
    data = measurements(arguments.large, (lambda text: None) if arguments.quiet else say)
    if arguments.json:
        present_json(data)
    else:
        present(lambda: text(data))
    return 0


def text(data: dict) -> str:
    """The measurements as tables."""
    lines = ["Job A, seconds (error against a tight reference) and ratios to ours"]
    for r in data["jobs"]:
        cells = [f"N = {r['N']:4d}  ours {r['ours']:.4g} s, {r['threads']} thread(s) ({r['ours error']:.0e})"]
        for name in ("runge_kutta", "csr", "piqs"):
            if name in r:
                cells.append(f"{name} {r[name]:.4g} s ({r[f'{name} error']:.0e}), {r[f'{name} / ours']:.0f} times ours")
        lines.append("   ".join(cells))
    lines.append("\nOne application of the generator")
    for r in data["applications"]:
        cells = [f"N = {r['N']:4d}  {r['terms']} terms, {r['arithmetic']:15s}"]
        for threads in THREADS:
            cells.append(
                f"{threads} thread(s): {r[f'ns per element, {threads} thread(s)']:.2f} ns per element, "
                f"{r[f'copies of the state, {threads} thread(s)']:.1f} copies of the state "
                f"({r[f'copies of the stored half, {threads} thread(s)']:.1f} of what is stored)"
            )
        if "csr / ours, 1 thread" in r:
            cells.append(f"scipy CSR {r['csr / ours, 1 thread']:.1f} times ours")
        lines.append("   ".join(cells))
    two = data["two species"]
    a, b = two["ns per element and term"]
    lines.append(
        f"\nTwo species, {two['elements'][0]} elements, {two['terms'][0]} terms: {a:.3f} ns per element and term; "
        f"one species, {two['elements'][1]} elements, {two['terms'][1]} terms: {b:.3f}; "
        f"ratio {two['two species / one']:.2f}"
    )
    lines.append("\nGrowth with N: " + ", ".join(f"{k} N^{v:.2f}" for k, v in data["growth"].items()))
    return "\n".join(lines)
