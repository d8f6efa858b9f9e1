"""A study written as data: the schema of study files, the built-in studies, and the way from either to a `Study`."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import tomllib
import typing
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
import qutip

from comparison.claims.benatti_2016 import at_pole, magnetisation, pole_covariance
from comparison.claims.fiorelli_2024 import printed_covariance
from comparison.referee.claim import Claim
from comparison.study.study import Study
from comparison.study_file.formula import CONSTANTS, FUNCTIONS, function_of, parse
from finite_n import (
    CollectiveJumps,
    Field,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Polynomial,
    Species,
    coherent,
    mx,
    my,
    mz,
    product,
    thermal,
)
from finite_n.errors import SHOWN, shortened, shown
from finite_n.model.validation import check_kind
from finite_n.states.initial_state import as_initial_state
from finite_n.systems import SYSTEMS

OPERATORS = {  # as Qobj, so that * is the product of matrices and 1 + sz adds the identity
    "one": qutip.qeye(2),
    "sx": qutip.sigmax(),
    "sy": qutip.sigmay(),
    "sz": qutip.sigmaz(),
    "sp": qutip.sigmap(),
    "sm": qutip.sigmam(),
}
LETTERS = {"mx": mx, "my": my, "mz": mz}
DELTA = "D"
Number = Annotated[float, pydantic.Field(allow_inf_nan=False, strict=True)]
Whole = Annotated[int, pydantic.Field(strict=True)]
_LARGEST_FILE = 1_000_000  # bytes
Switch = Annotated[bool, pydantic.Field(strict=True)]


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


class Times(_Strict):
    """Evenly spaced times."""

    start: Number = 0.0
    stop: Number
    points: Annotated[int, pydantic.Field(ge=2, le=100_000, strict=True)] = 16


class Particles(_Strict):
    """Initial state of particles: one of these."""

    bloch: tuple[Number, Number, Number] | None = None
    coherent: tuple[Number, Number] | None = None  # θ, φ
    thermal: tuple[str, Number] | None = None  # linear Hamiltonian, β
    populations: list[Number] | None = None  # of d levels, without coherences


class FieldSpec(_Strict):
    """Initial state of a mode; amplitudes as numbers or formulas such as "0.5j"."""

    alpha: str | Number = 0.0
    beta: str | Number = 0.0
    number: Whole = 0
    thermal: Number = 0.0


class Initial(Particles):
    """Initial state: of the particles, or of every species by name; and of modes, vacuum if not given."""

    species: dict[str, Particles] = {}
    modes: dict[str, FieldSpec] = {}


class Jump(_Strict):
    """A local jump j Γ(Δ), with the amplitude Γ (1 if none is given) or the rate Γ²; in either the name D stands for
    Δ."""

    operator: str
    amplitude: str | Number | None = None
    rate: str | Number | None = None
    delta: str | None = None
    include_self: Switch = True
    species: str | None = None


class Collective(_Strict):
    """Collective jumps with a Kossakowski matrix of numbers or formulas such as "0.5j", or one rate or a list of rates,
    its diagonal.

    operators: one-particle operators such as "sm"; with species or modes linear formulas of averages and amplitudes.
    """

    operators: list[str]
    matrix: list[list[str | Number]] | None = None
    rate: str | Number | list[str | Number] | None = None


class ModelSpec(_Strict):
    """A model of one's own, of two-level particles; `species` are fractions by name."""

    species: dict[str, str | Number] = {}
    modes: list[str] = []
    hamiltonian: str = "0"
    parameters: dict[str, Number] = {}
    jumps: list[Jump] = []
    collective: list[Collective] = []


class StudySpec(_Strict):
    """A study file. Either `system` with `parameters`, or `model`."""

    name: str | None = None
    system: str | None = None
    parameters: dict[str, Any] = {}
    model: ModelSpec | None = None
    initial: Initial | None = None
    times: Times | None = None
    sizes: list[Whole] | None = None
    observables: dict[str, str] = {}
    accuracy: Number = 1e-4
    tolerance: Number = 1e-9
    cutoffs: dict[str, Whole] | None = None
    power: Number | None = None


DEFAULTS: dict[str, dict[str, Any]] = {
    "hopfield": {"initial": {"bloch": [0, 0.3, 0.4]}, "times": {"stop": 1.5}, "sizes": [10, 20, 40, 80, 160]},
    "collective_dissipation": {
        "initial": {"bloch": [0.5, 0.2, -0.3]},
        "times": {"stop": 2.0},
        "sizes": [10, 20, 40, 80, 160],
    },
    "dicke_model": {"initial": {"bloch": [0, 0, -0.4]}, "times": {"stop": 3.0}, "sizes": [4, 6, 8, 12, 16]},
    "hopfield_patterns": {
        "initial": {"species": {"pp": {"bloch": [0, 0.3, 0.4]}, "pm": {"bloch": [0.2, 0.1, -0.3]}}},
        "times": {"stop": 0.5},
        "sizes": [4, 8, 12, 16, 24],
    },
    "three_level": {
        "initial": {"populations": [0.6, 0.3, 0.1]},
        "times": {"stop": 0.5},
        "sizes": [6, 8, 12, 16, 24, 32],
    },
    "kinetically_constrained": {
        "initial": {"bloch": [0.4, 0, 0.2]},
        "times": {"stop": 2.0},
        "sizes": [10, 20, 40, 80, 160],
    },
}


def load(name_or_file: str, overrides: dict[str, Any] | None = None) -> Study:
    """The study of a built-in system's name or of a TOML file, with `overrides` merged in."""
    if not isinstance(name_or_file, str | Path):
        raise FiniteNError(f"study: got {shown(name_or_file)}; give the name of a system or the path of a study file.")
    path = Path(name_or_file)
    if name_or_file in SYSTEMS:
        raw: dict[str, Any] = {"system": name_or_file}
    elif path.suffix == ".toml" or os.path.isfile(path):  # no OSError for a name that no file can have
        raw = _read(path)
    else:
        raise FiniteNError(
            f"«{shortened(str(name_or_file), SHOWN)}» is neither a system ({', '.join(SYSTEMS)}) nor a study file; "
            "see `finite-n systems`, or give a file that ends in .toml."
        )
    for key, value in check_kind(
        {} if overrides is None else overrides, "study: overrides", dict, "a dict of parts of the study"
    ).items():
        if key in ("parameters", "times") and isinstance(raw.get(key, {}), dict) and isinstance(value, dict):
            default = DEFAULTS.get(raw.get("system", ""), {}).get(key, {}) if key == "times" else {}
            value = default | raw.get(key, {}) | value
        raw[key] = value
    return build(raw, str(name_or_file))


def build(raw: dict[str, Any], where: str = "study") -> Study:
    """A `Study` from plain data; every refusal names the place in the data."""
    try:
        spec = StudySpec.model_validate(raw)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or "top level"
        if first["type"] == "extra_forbidden":
            known = ", ".join(_known_keys(first["loc"]))
            raise FiniteNError(f"{where}: unknown key {place}; known there are {known}.") from None
        if first["type"] == "missing":
            raise FiniteNError(f"{where}: {place} is missing{_hint(place)}.") from None
        wanted = _wanted(first["type"], first["msg"])
        if place.endswith(_OF_UNION):
            place, wanted = place.rpartition(".")[0], "give a number, or a formula as text"
        raise FiniteNError(f"{where}: {place} = {shown(first['input'])}: {wanted}{_hint(place)}.") from None
    if (spec.system is None) == (spec.model is None):
        given = "none is given" if spec.model is None else "both are given"
        raise FiniteNError(f'{where}: give either system = "…" or a [model] table; {given}.')
    if spec.system is not None and spec.system not in SYSTEMS:
        raise FiniteNError(f"{where}: unknown system {shown(spec.system)}; known are {', '.join(SYSTEMS)}.")
    if spec.model is not None and spec.parameters:
        raise FiniteNError(
            f"{where}: [parameters] and --set are for built-in systems; write model.parameters in the file of a "
            "[model]."
        )
    defaults = StudySpec.model_validate({"system": spec.system, **DEFAULTS.get(spec.system or "", {})})
    chosen = {
        key: getattr(defaults, key) if getattr(spec, key) is None else getattr(spec, key)
        for key in ("initial", "times", "sizes")
    }
    if missing := [key for key, value in chosen.items() if value is None]:
        raise FiniteNError(f"{where}: {', '.join(missing)} missing; a study of one's own model states them.")
    parameters = _parameters(spec, where) if spec.system else {}
    with _at(f"{where}: parameters {parameters}" if spec.system else where):
        model = SYSTEMS[spec.system](**parameters) if spec.system else _model(spec.model, where)
    initial = chosen["initial"]
    if spec.initial is None and initial.species and set(initial.species) != {s.name for s in model.species}:
        first = next(iter(initial.species.values()))  # a default written for other species
        initial = chosen["initial"] = Initial(species={s.name: first for s in model.species})
    rho0 = _initial(initial, model, where)
    times = chosen["times"]
    if times.stop <= times.start:
        raise FiniteNError(f"{where}: times.stop = {times.stop} is not later than times.start = {times.start}.")
    with _at(where):
        return Study(
            model=model,
            rho0=rho0,
            tlist=np.linspace(times.start, times.stop, times.points),
            sizes=chosen["sizes"],
            claims=_claims(spec.system, parameters, rho0, model),
            e_ops={
                label: parse(text, letters_of(model.species, model.modes), f"{where}: observables.{label}")
                for label, text in spec.observables.items()
            },
            accuracy=spec.accuracy,
            tol=spec.tolerance,
            cutoffs=spec.cutoffs,
            power=spec.power,
            name=spec.name or spec.system or "study",
            spec=spec.model_dump(exclude_none=True)
            | {k: v if isinstance(v, list) else v.model_dump(exclude_none=True) for k, v in chosen.items()}
            | ({"parameters": parameters} if spec.system else {}),
        )


HINTS = {
    "hamiltonian": ', such as "0.4*mx"',
    "operators": ', such as ["sm"]',
    "operator": ', such as "sm"',
    "bloch": "; bloch is three numbers",
    "points": "; the number of times",
    "sizes": "; sizes are such as [10, 20, 40, 80]",
}


_OF_UNION = (".str", ".constrained-str", ".float", ".constrained-float")
_WANTED = {
    "model_type": "give a table",
    "dict_type": "give a table",
    "list_type": "give a list",
    "tuple_type": "give a list",
    "string_type": "give a text in quotes",
    "bool_type": "give true or false",
    "float_type": "give a number",
    "finite_number": "give a finite number",
    "int_type": "give a whole number",
}


def _wanted(kind: str, said: str) -> str:
    """What is wanted in place of a value, in words of a study file."""
    said = said.replace("Input should be greater than or equal to ", "give at least ")
    return _WANTED.get(kind, said.replace("Input should be less than or equal to ", "give at most "))


def _hint(place: str) -> str:
    return next((hint for key, hint in HINTS.items() if key in place), "")


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():
            raise FiniteNError(f"{path}: is no file; give a study file that ends in .toml.")
        if path.stat().st_size > _LARGEST_FILE:
            raise FiniteNError(f"{path}: has {path.stat().st_size} bytes; a study file has {_LARGEST_FILE} at most.")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors may begin with a mark
    except FiniteNError:
        raise
    except RecursionError:
        raise FiniteNError(f"{path}: its tables or lists are nested too deeply to be read.") from None
    except tomllib.TOMLDecodeError as error:
        raise FiniteNError(f"{path}: not a TOML file, {error}.") from None
    except UnicodeDecodeError:
        raise FiniteNError(f"{path}: is not a text in UTF-8; save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise FiniteNError(f"{path}: cannot be read, {getattr(error, 'strerror', None) or error}.") from None


def _known_keys(location) -> list[str]:
    table: Any = StudySpec
    for step in location[:-1]:
        if isinstance(step, str) and step in table.model_fields:
            inner = [a for a in _inner_models(table.model_fields[step].annotation)]
            table = inner[0] if inner else table
    return list(table.model_fields)


def _inner_models(annotation):
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [m for a in getattr(annotation, "__args__", ()) for m in _inner_models(a)]


def _parameters(spec: StudySpec, where: str) -> dict[str, Any]:
    """Values for every parameter of the system, given ones checked against the type of the default."""
    signature = inspect.signature(SYSTEMS[spec.system])
    known = {p.name: p for p in signature.parameters.values()}
    out = {name: p.default for name, p in known.items()}
    for name, value in spec.parameters.items():
        if name not in known:
            raise FiniteNError(f"{where}: {spec.system} has no parameter {name}; it has {', '.join(known)}.")
        default = known[name].default
        hints = inspect.get_annotations(SYSTEMS[spec.system], eval_str=True)[name]
        choices = typing.get_args(hints) if typing.get_origin(hints) is Literal else ()
        if choices and value not in choices:
            raise FiniteNError(
                f"{where}: parameters.{name} = {shown(value)}; choose one of {', '.join(map(repr, choices))}."
            )
        number = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(float(value))
        whole = number and float(value).is_integer()
        numbers = (
            isinstance(value, list)
            and "Sequence" in str(hints)
            and all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
        )
        kind = float if isinstance(default, float) else type(default)
        if not {float: number or numbers, int: whole}.get(kind, isinstance(value, kind)):
            wanted = {float: "a finite number", int: "a whole number"}.get(kind, "true or false")
            raise FiniteNError(
                f"{where}: parameters.{name} = {shown(value)}; give {wanted}, the default is {shown(default)}."
            )
        out[name] = value
    return out


@contextlib.contextmanager
def _at(place: str):
    """Put the place in the data in front of a refusal."""
    try:
        yield
    except FiniteNError as error:
        raise FiniteNError(str(error) if place in str(error) else f"{place}: {error}") from None


def _model(spec: ModelSpec, where: str) -> Model:
    with _at(f"{where}: model"):
        fractions = {
            name: parse(x, spec.parameters, f"{where}: model.species.{name}") if isinstance(x, str) else x
            for name, x in spec.species.items()
        }
        species = [Species(name, fraction=x) for name, x in fractions.items()]
        modes = [Mode(name) for name in spec.modes]
    letters, joint = letters_of(species, modes), bool(species or modes)
    if reserved := set(spec.parameters) & {*letters, *OPERATORS, *FUNCTIONS, *CONSTANTS, DELTA}:
        raise FiniteNError(
            f"{where}: model.parameters.{min(reserved)}: the name has a meaning of its own; choose another."
        )
    names = {**spec.parameters, **letters}
    operators = {**spec.parameters, **OPERATORS}
    jumps = []
    for k, jump in enumerate(spec.jumps):
        place = f"{where}: model.jumps.{k}"
        given = {"amplitude": jump.amplitude, "rate": jump.rate}
        for key, value in given.items():
            if isinstance(value, str) and jump.delta is None and re.search(rf"\b{DELTA}\b", value):
                raise FiniteNError(
                    f"{place}.{key}: «{shortened(value, SHOWN)}» is a function of {DELTA}, but delta is missing; "
                    'give for example delta = "mz".'
                )
            if isinstance(value, str) and jump.delta is None:
                given[key] = parse(value, spec.parameters, f"{place}.{key}")
            elif isinstance(value, str):
                given[key] = function_of(value, DELTA, spec.parameters, f"{place}.{key}")
        delta = None if jump.delta is None else parse(jump.delta, names, f"{place}.delta")
        with _at(place):
            operator = parse(jump.operator, operators, f"{place}.operator")
            jumps.append(
                LocalJump(operator, delta=delta, include_self=jump.include_self, species=jump.species, **given)
            )
    collective = []
    for k, part in enumerate(spec.collective):
        place = f"{where}: model.collective.{k}"
        vs = [parse(v, names if joint else operators, f"{place}.operators") for v in part.operators]
        matrix = np.eye(len(vs)) if part.rate is None else None
        rate = part.rate if isinstance(part.rate, list) else [] if part.rate is None else [part.rate]
        rate = [parse(x, spec.parameters, f"{place}.rate") if isinstance(x, str) else x for x in rate]
        if part.matrix is not None:
            rows = [
                [parse(x, spec.parameters, f"{place}.matrix") if isinstance(x, str) else x for x in row]
                for row in part.matrix
            ]
            if any(len(row) != len(vs) for row in rows):
                raise FiniteNError(f"{place}.matrix: every row needs {len(vs)} entries, one per operator.")
            matrix = np.array(rows)
        with _at(place):
            collective.append(CollectiveJumps(vs, matrix, rate or None))
    place = f"{where}: model.hamiltonian"
    with _at(place):
        return Model(parse(spec.hamiltonian, names, place), jumps, collective, species=species, modes=modes)


def letters_of(species, modes) -> dict[str, Polynomial]:
    """Names in formulas: mx, my, mz, mp, mm (of σ+ and σ−) with _name for a species that has one, share_name (its
    N_s/N); phi_, pi_, alpha_, n_name of modes."""
    out = {}
    for s in species or [Species()]:
        end = f"_{s.name}" if s.name else ""
        if s.name:
            out[f"share{end}"] = s.share
        if s.dim == 2:
            out |= {f"mx{end}": s.mx, f"my{end}": s.my, f"mz{end}": s.mz}
            out |= {f"mp{end}": s.average(OPERATORS["sp"]), f"mm{end}": s.average(OPERATORS["sm"])}
    for m in modes:
        out |= {f"phi_{m.name}": m.phi, f"pi_{m.name}": m.pi, f"alpha_{m.name}": m.alpha, f"n_{m.name}": m.number}
    return out


def _initial(spec: Initial, model: Model, where: str):
    particles = Particles.model_validate(spec.model_dump(include=set(Particles.model_fields)))
    given = particles.model_dump(exclude_none=True)
    if given and spec.species:
        raise FiniteNError(f"{where}: initial gives {min(given)} and species; give one or the other.")
    if given and (len(model.species) > 1 or (spec.bloch is not None and model.species[0].dim != 2)):
        few = [f"initial.species.{s.name}" for s in model.species[:2]]
        wanted = "populations = […]" if len(model.species) == 1 else f"[{'], ['.join(few)}], … with a state each"
        raise FiniteNError(
            f"{where}: initial.{min(given)} does not suit the model, which has {_particles_of(model)}; "
            f"write {wanted} in a study file."
        )
    own = model.species[0].name
    states = spec.species or {own: particles}
    out = {
        name: _particles(p, f"{where}: initial" + (f".species.{name}" if name else "")) for name, p in states.items()
    }
    for name, f in spec.modes.items():
        place = f"{where}: initial.modes.{name}"
        alpha, beta = (parse(x, {}, place) if isinstance(x, str) else x for x in (f.alpha, f.beta))
        with _at(place):
            out[name] = Field(beta=beta, number=f.number, thermal=f.thermal, alpha=alpha)
    with _at(f"{where}: initial"):
        return as_initial_state(out, model)


def _particles_of(model: Model) -> str:
    if len(model.species) > 1:
        return f"the species {', '.join(s.name for s in model.species[:8])}"
    return f"particles of {model.species[0].dim} levels"


def _particles(spec: Particles, place: str):
    given = spec.model_dump(exclude_none=True)
    if len(given) != 1:
        known = ", ".join(Particles.model_fields)
        raise FiniteNError(f"{place} needs exactly one of {known}; got {sorted(given)}.")
    with _at(place):
        if spec.bloch is not None:
            return product(spec.bloch)
        if spec.coherent is not None:
            return coherent(*spec.coherent)
        if spec.populations is not None:
            return product(np.diag(spec.populations))
        return thermal(parse(spec.thermal[0], LETTERS, f"{place}.thermal"), spec.thermal[1])


def _claims(system: str | None, parameters: dict[str, Any], rho0, model: Model) -> list[Claim]:
    """Printed formulas that speak of this system from this state."""
    if system == "hopfield_patterns" and parameters["rates"] == "exponential":
        return [printed_covariance(rho0, parameters["omega"], parameters["beta"], model)]
    if system == "hopfield" and parameters["rates"] == "exponential":
        return [printed_covariance(rho0, parameters["omega"], parameters["beta"])]
    if system == "collective_dissipation":
        p = parameters
        if at_pole(rho0):
            return [pole_covariance(rho0, p["lam"], p["a11"], p["a22"], p["a12"])]
        if np.any(rho0.limit()[0]):
            return [magnetisation(rho0, p["lam"])]
    return []
