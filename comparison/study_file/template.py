"""Study files to start from, with every key explained: of a built-in system, or of a model of one's own."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

from comparison.study_file.defaults import ACCURACY, DEFAULTS
from comparison.study_file.explained import INITIAL, MODEL, PARTICLE, STUDY
from comparison.study_file.reading import BUILT_IN
from comparison.study_file.schema import StudySpec, Times
from finite_n.errors import FiniteNError, perhaps, shown
from finite_n.systems import PARTICLES

OWN = "model"  # the name of the file of a model of one's own
_GIVEN = {
    "hamiltonian": "omega*mx + pair*mz*mz",
    "parameters": {"omega": 0.4, "pair": 0.1, "gamma": 0.3},
    "jumps": [{"operator": "sp", "rate": "exp(D)/4", "delta": "mz"}, {"operator": "sz", "amplitude": 0.3}],
    "collective": [{"operators": ["sm"], "rate": "gamma"}],
}


def template(system: str | None = None) -> str:
    """The text of a study file: of a built-in system, asking for what `finite-n run NAME` asks for; or, if no name is
    given, of a model of one's own."""
    if system is None:
        return _text(None, {"initial": {"bloch": [0.6, 0, 0.3]}, "times": {"stop": 1.0}})
    if system not in BUILT_IN:
        raise FiniteNError(
            f"{shown(system)} is no built-in system{perhaps(str(system), BUILT_IN)}; known are {', '.join(BUILT_IN)}, "
            "and without a name it is a model of your own."
        )
    return _text(system, DEFAULTS[system])


def _text(system: str | None, study: Mapping[str, Any]) -> str:
    bosons = system in PARTICLES
    modes = [] if system is None or bosons else [m.name for m in BUILT_IN[system]().modes]
    defaults = {key: field.default for key, field in StudySpec.model_fields.items()}
    times = {key: field.default for key, field in Times.model_fields.items()} | study["times"]
    parts = [
        f"# A study of {system or 'a model of your own'}: `finite-n run FILE` runs it, and with --dry-run says what it "
        "would take.\n# Lines that begin with #= are keys that may be given, with examples.",
        _example("name", system or "my study"),
        _key("system", system) if system else _about("system") + f"#= system = {_toml(next(iter(BUILT_IN)))}",
        _key("sizes", "auto"),
        _example("budget", "2min"),
        _example("largest", 200),
        _key("accuracy", study.get("accuracy", ACCURACY)),
        _key("tolerance", defaults["tolerance"]),
        _example("cutoffs", {name: 30 for name in modes or ["light"]}),
        _example("power", 0.5),
        "" if bosons else _example("theories", ["meanfield", "cumulants2"]),
    ]
    if system:
        about = inspect.getdoc(BUILT_IN[system]).split("\n\nExample\n")[0]
        parameters = {p.name: p.default for p in inspect.signature(BUILT_IN[system]).parameters.values()}
        parts += [_comment(about), _table("parameters", parameters)]
    parts += [_initial(study.get("initial")), _table("times", times)]
    if not bosons:
        parts += [_about("observables") + '#= [observables]\n#= order = "mz*mz"']
    given = study.get("fluctuations")
    parts += [
        _table("fluctuations", given) if given else _about("fluctuations") + "#= [fluctuations]\n#= f = [0.2, 0.5, 0.6]"
    ]
    parts += [] if bosons else [_functions(system)]
    parts += [
        _about("claims") + '#= [[claims]]\n#= name = "first order"\n#= source = "where it is from"\n'
        '#= values = { mean_z = "0.3 + t/N" }\n#= uncertainty = 1e-3'
    ]
    first = next(iter(inspect.signature(BUILT_IN[system]).parameters)) if system else "omega"
    parts += [_about("grid") + f'#= [grid]\n#= {first} = [0.4, 0.5]    # or "0.4:0.5:3"']
    parts += [] if system else [_model(), _particle()]
    return "\n\n".join(part for part in parts if part).rstrip() + "\n"


def _functions(system: str | None) -> str:
    """Functions of the state, as examples; of two-level particles alone."""
    model = BUILT_IN[system]() if system else None
    if model and any(s.dim != 2 for s in model.species):
        return ""
    several, modes = model and len(model.species) > 1, model.modes if model else ()
    squeezing = {"kind": "squeezing", "of": model.species[0].name} if several else "squeezing"
    other = {"kind": "purity", "of": modes[0].name} if modes else "fidelity"
    return _about("state_functions") + f"#= [state_functions]\n#= xi2 = {_toml(squeezing)}\n#= P = {_toml(other)}"


def _initial(given: Mapping[str, Any] | None) -> str:
    kinds = _comment("\n".join(f"{key}: {text}" for key, text in INITIAL.items()))
    if given is None:
        return _about("initial") + "# This system brings its own; states of bosons by name: [initial.modes.first]."
    out = _about("initial") + f"{kinds}\n[initial]"
    for key, value in given.items():
        if isinstance(value, Mapping):
            out += "".join(f"\n[initial.{key}.{name}]\n{_lines(own)}" for name, own in value.items())
        else:
            out += f"\n{key} = {_toml(value)}"
    return out


def _model() -> str:
    examples = {
        "species": {"a": 0.5, "b": "1/2"},
        "levels": ["g", "e", "r"],
        "binned": {"distribution": "normal", "width": 0.5, "bins": 4, "value": "v"},
        "modes": ["light"],
        "operators": {"slope": "(sx + sz)/sqrt(2)"},
        "functions": {"f": "exp(-(t-1)**2)"},
        "breaks": [0.5, 1.0],
        "file": "mine.py",
    }
    tables = ("jumps", "collective")
    lines = [_comment(STUDY["model"]), "[model]"]
    for key in (k for k in MODEL if k not in tables):
        text = f"{key} = {_toml(_GIVEN.get(key, examples.get(key)))}"
        lines += [_comment(MODEL[key]), text if key in _GIVEN else f"#= {text}"]
    for key in tables:
        lines += ["", _comment(MODEL[key])]
        lines += [f"[[model.{key}]]\n{_lines(table)}" for table in _GIVEN[key]]
    return "\n".join(lines)


def _particle() -> str:
    examples = {
        "bosons": ["b"],
        "hamiltonian": "omega*n_b",
        "operators": {"X": "x_b**2 - p_b**2"},
        "parameters": {"omega": 1.0},
        "jumps": ["a_b", "dag(a_b)"],
        "matrix": [[0.3, 0.0], [0.0, 0.1]],
        "rate": [0.3, 0.1],
    }
    lines = [_comment(STUDY["particle"]), "#= [particle]"]
    for key, text in PARTICLE.items():
        lines += [_comment(text), f"#= {key} = {_toml(examples[key])}"]
    return "\n".join(lines)


def _key(key: str, value: Any) -> str:
    return _about(key) + f"{key} = {_toml(value)}"


def _example(key: str, value: Any) -> str:
    return _about(key) + f"#= {key} = {_toml(value)}"


def _table(key: str, values: Mapping[str, Any]) -> str:
    return _about(key) + f"[{key}]\n{_lines(values)}"


def _about(key: str) -> str:
    return _comment(STUDY[key]) + "\n"


def _comment(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _lines(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {_toml(value)}" for key, value in values.items())


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(x)}" for key, x in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
