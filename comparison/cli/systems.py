"""`finite-n systems`: the built-in systems, their parameters and studies; loads what writes models and no engine."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping

from comparison.cli.printing import present, present_json
from comparison.study_file.defaults import DEFAULTS
from finite_n.systems import PARTICLES, SYSTEMS


def run(arguments) -> int:
    """Print the list; returns the exit status."""
    entries = {}
    for name, function in (SYSTEMS | PARTICLES).items():
        defaults = {p.name: p.default for p in inspect.signature(function).parameters.values()}
        entries[name] = {
            "parameters": defaults,
            "description": inspect.getdoc(function),
            "about": inspect.getdoc(inspect.getmodule(function)),
            "study": DEFAULTS[name],
        }
    if arguments.json:
        present_json(entries)
    else:
        present(lambda: _text(entries))
    return 0


def _text(entries: Mapping[str, dict]) -> str:
    lines = []
    for name, entry in entries.items():
        values = ", ".join(f"{k}={v}" for k, v in entry["parameters"].items())
        study = entry["study"]
        lines += [
            f"{name}({values})",
            textwrap.indent(entry["about"], "  "),
            textwrap.indent(entry["description"], "    "),
            f"  study: from {_initial_text(study.get('initial'))}, t = 0 … {study['times']['stop']:g}, "
            f"N = {_sizes(study.get('sizes', 'auto'))}\n",
        ]
    return "\n".join(lines)


def _sizes(sizes: list[int] | str) -> str:
    return "chosen automatically" if sizes == "auto" else ", ".join(map(str, sizes))


def _initial_text(initial: dict | None) -> str:
    if initial is None:
        return "its Gibbs state"
    if "species" in initial:
        return "; ".join(f"{name} {_initial_text(own)}" for name, own in initial["species"].items())
    return f"populations {initial['populations']}" if "populations" in initial else f"Bloch vector {initial['bloch']}"
