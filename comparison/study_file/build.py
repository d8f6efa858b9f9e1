"""From a study file or the name of a system to a `Study`."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import tomllib
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import qutip

from comparison.claims.papers import printed_claims
from comparison.formula import CONSTANTS, FUNCTIONS, function_of, parse
from comparison.referee.claim import Claim
from comparison.referee.fluctuation import Fluctuation
from comparison.referee.theories import theories
from comparison.study.study import Study
from comparison.study_file.claim_files import claim_of
from comparison.study_file.defaults import ACCURACY, DEFAULTS
from comparison.study_file.schema import FieldSpec, Initial, ModelSpec, Particles, StudySpec, validated
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
    squeezed,
    thermal,
)
from finite_n.errors import SHOWN, shortened, shown
from finite_n.model.validation import check_kind
from finite_n.states.initial_state import as_initial_state
from finite_n.states.mode import ModeState
from finite_n.systems import PARTICLES, SYSTEMS

_LARGEST_FILE = 1_000_000  # bytes
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
BUILT_IN = SYSTEMS | PARTICLES


def load(name_or_file: str, overrides: dict[str, Any] | None = None, claims: Sequence[Claim] = ()) -> Study:
    """The study of a built-in system or of a study file.

    Parameters
    ----------
    name_or_file : name of a system, or path of a TOML file
    overrides : dict of parts of the study that replace those of the file; parameters and times are merged, optional
    claims : further claims to judge, optional
    """
    if not isinstance(name_or_file, str | Path):
        raise FiniteNError(f"study: got {shown(name_or_file)}; give the name of a system or the path of a study file.")
    path = Path(name_or_file)
    if name_or_file in BUILT_IN:
        raw: dict[str, Any] = {"system": name_or_file}
    elif path.suffix == ".toml" or os.path.isfile(path):  # no OSError for a name that no file can have
        raw = _read(path)
    else:
        raise FiniteNError(
            f"«{shortened(str(name_or_file), SHOWN)}» is neither a system ({', '.join(BUILT_IN)}) nor a study file; "
            "see `finite-n systems`, or give a file that ends in .toml."
        )
    for key, value in check_kind(
        {} if overrides is None else overrides, "study: overrides", dict, "a dict of parts of the study"
    ).items():
        if key in ("parameters", "times") and isinstance(raw.get(key, {}), dict) and isinstance(value, dict):
            default = DEFAULTS.get(raw.get("system", ""), {}).get(key, {}) if key == "times" else {}
            value = default | raw.get(key, {}) | value
        raw[key] = value
    return build(raw, str(name_or_file), path.parent, claims)


def build(raw: dict[str, Any], where: str = "study", folder: str | Path = ".", claims: Sequence[Claim] = ()) -> Study:
    """A `Study` from plain data; every refusal names the place in the data.

    Parameters
    ----------
    raw : dict with the keys of a study file
    where : what refusals call the data
    folder : in which the files of claims are looked for. Default: the working folder.
    claims : further claims to judge, optional
    """
    spec = validated(raw, where)
    if (spec.system is None) == (spec.model is None):
        given = "none is given" if spec.model is None else "both are given"
        raise FiniteNError(f'{where}: give either system = "…" or a [model] table; {given}.')
    if spec.system is not None and spec.system not in BUILT_IN:
        raise FiniteNError(f"{where}: unknown system {shown(spec.system)}; known are {', '.join(BUILT_IN)}.")
    if spec.model is not None and spec.parameters:
        raise FiniteNError(
            f"{where}: [parameters] and --set are for built-in systems; write model.parameters in the file of a "
            "[model]."
        )
    defaults = StudySpec.model_validate({"system": spec.system, **DEFAULTS.get(spec.system or "", {})})
    chosen = {
        key: getattr(defaults, key) if getattr(spec, key) is None else getattr(spec, key)
        for key in ("initial", "times", "sizes", "fluctuations")
    }
    fluctuations = chosen.pop("fluctuations")
    if chosen["sizes"] is None:
        chosen["sizes"] = "auto"
    accuracy = defaults.accuracy if spec.accuracy is None else spec.accuracy
    accuracy = ACCURACY if accuracy is None else accuracy
    at_rest = chosen["initial"] is None and spec.system in PARTICLES  # these bring a start of their own
    if at_rest:
        del chosen["initial"]
    if missing := [key for key, value in chosen.items() if value is None]:
        raise FiniteNError(f"{where}: {', '.join(missing)} missing; a study of one's own model states them.")
    parameters = _parameters(spec, where) if spec.system else {}
    with _at(f"{where}: parameters {parameters}" if spec.system else where):
        found = BUILT_IN[spec.system](**parameters) if spec.system else _model(spec.model, where)
    if spec.system in PARTICLES:
        model, operators = found.particle, found.operators
        if found.k and not at_rest:
            raise FiniteNError(f"{where}: k = {found.k:g} is a start of its own; leave `initial` out, or k.")
        if found.k:
            fluctuations = spec.fluctuations  # of the default ones only covariances are known then
        rho0 = (found if found.k else found.gibbs) if at_rest else _fields(chosen["initial"], where)
        if spec.observables or spec.theories:
            raise FiniteNError(f"{where}: observables and theories are of models; {spec.system} has bosons.")
    else:
        model, operators, initial = found, None, chosen["initial"]
        if spec.initial is None and initial.species and set(initial.species) != {s.name for s in model.species}:
            first = next(iter(initial.species.values()))  # a default written for other species
            initial = chosen["initial"] = Initial(species={s.name: first for s in model.species})
        rho0 = _initial(initial, model, where)
    times = chosen["times"]
    if times.stop <= times.start:
        raise FiniteNError(f"{where}: times.stop = {times.stop} is not later than times.start = {times.start}.")
    given = [
        claim_of(c, parameters if spec.system else spec.model.parameters, Path(folder), f"{where}: claims.{k}")
        for k, c in enumerate(spec.claims)
    ]
    e_ops = {
        label: parse(text, letters_of(model.species, model.modes), f"{where}: observables.{label}")
        for label, text in spec.observables.items()
    }
    asked = {k: Fluctuation(f.r, f.quantities, f.between) for k, f in (fluctuations or {}).items()}
    with _at(where):
        printed = printed_claims(spec.system, parameters, rho0, model) if spec.system else []
        at_finite_size = theories(model, rho0, spec.theories, e_ops) if spec.theories else []
        return Study(
            model=model,
            rho0=rho0,
            tlist=np.linspace(times.start, times.stop, times.points),
            sizes=chosen["sizes"],
            claims=[*printed, *given, *claims, *at_finite_size],
            e_ops=e_ops,
            accuracy=accuracy,
            tol=spec.tolerance,
            cutoffs=spec.cutoffs,
            power=spec.power,
            budget=spec.budget,
            largest=spec.largest,
            fluctuations=asked,
            operators=operators,
            name=spec.name or spec.system or "study",
            spec=spec.model_dump(exclude_none=True, exclude=None if spec.claims else {"claims"})
            | {k: v if isinstance(v, list | str) else v.model_dump(exclude_none=True) for k, v in chosen.items()}
            | {"accuracy": accuracy}
            | ({"fluctuations": {k: f.model_dump(exclude_none=True) for k, f in fluctuations.items()}} if asked else {})
            | ({"parameters": parameters} if spec.system else {}),
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():
            raise FiniteNError(f"{path}: is not a file; give a study file that ends in .toml.")
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


def _parameters(spec: StudySpec, where: str) -> dict[str, Any]:
    """Values for every parameter of the system, given ones checked against the type of the default."""
    signature = inspect.signature(BUILT_IN[spec.system])
    known = {p.name: p for p in signature.parameters.values()}
    out = {name: p.default for name, p in known.items()}
    for name, value in spec.parameters.items():
        if name not in known:
            raise FiniteNError(f"{where}: {spec.system} has no parameter {name}; it has {', '.join(known)}.")
        default = known[name].default
        hints = inspect.get_annotations(BUILT_IN[spec.system], eval_str=True)[name]
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
    out |= _modes(spec, where)
    with _at(f"{where}: initial"):
        return as_initial_state(out, model)


def _modes(spec: Initial, where: str) -> dict[str, ModeState]:
    """States of modes by name."""
    out = {}
    for name, f in spec.modes.items():
        place = f"{where}: initial.modes.{name}"
        alpha, beta = (parse(x, {}, place) if isinstance(x, str) else x for x in (f.alpha, f.beta))
        with _at(place):
            out[name] = _mode_state(f, alpha, beta)
    return out


def _mode_state(f: FieldSpec, alpha: complex, beta: complex) -> ModeState:
    if f.squeezed is None and not f.angle:
        return Field(beta=beta, number=f.number, thermal=f.thermal, alpha=alpha)
    if f.squeezed is None or alpha or beta or f.number or f.thermal:
        raise FiniteNError("give squeezed, with angle or without, or alpha, beta and number or thermal, not both.")
    return squeezed(f.squeezed, f.angle)


def _fields(spec: Initial, where: str) -> dict[str, ModeState]:
    """The start of one particle made of bosons."""
    if given := spec.model_dump(exclude_none=True, exclude={"modes"}, exclude_defaults=True):
        raise FiniteNError(
            f"{where}: initial.{min(given)} does not suit particles made of bosons; write [initial.modes.…]"
        )
    return _modes(spec, where)


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
