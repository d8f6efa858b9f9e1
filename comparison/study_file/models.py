"""From the [model] and [particle] tables of a study file to a `Model` or a `BosonicParticle`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import qutip

from comparison.formula import CONSTANTS, FUNCTIONS, Names, function_of, names_in, parse
from comparison.study_file.binned_model import bins_of, check_averaged, meaning_of_bins, names_of_bins, per_bin
from comparison.study_file.functions_of_time import FunctionsOfTime
from comparison.study_file.names import (
    DELTA,
    TIME,
    averages_of,
    letters_of,
    names_of_model,
    names_of_numbers,
    names_of_operators,
    names_of_particle,
    operators_of,
)
from comparison.study_file.places import at
from comparison.study_file.python_files import check_allowed, only_function
from comparison.study_file.schema import Collective, Jump, ModelSpec, ParticleSpec, SpeciesSpec
from finite_n import (
    Bins,
    Boson,
    BosonicParticle,
    CollectiveJumps,
    FiniteNError,
    LocalJump,
    Mode,
    Model,
    Polynomial,
    Species,
)
from finite_n.errors import SHOWN, in_words, shortened, shown


def numbers_of(given: Mapping[str, str | float], where: str) -> dict[str, float]:
    """Parameters by name: numbers, and formulas of those before."""
    out: dict[str, float] = {}
    for name, x in given.items():
        if not name.isidentifier():
            raise FiniteNError(f"{where}.{name}: formulas cannot use this name; give a word of letters and digits.")
        out[name] = number(x, names_of_numbers(out), f"{where}.{name}")
        if isinstance(out[name], complex):
            raise FiniteNError(f"{where}.{name} = {shown(x)}: parameters are real numbers; write 1j in the formula.")
    return out


def number(x: str | float, names: Mapping[str, object], place: str):
    """A number that is given as such or as a formula."""
    return parse(x, names, place) if isinstance(x, str) else x


def matrix_of(rows: Sequence[Sequence[str | float]], names: Mapping[str, object], place: str, n: int | None = None):
    """A square matrix of numbers or formulas, with n rows or any number."""
    n = len(rows) if n is None else n
    if len(rows) != n or any(len(row) != n for row in rows):
        wanted = f"{n} rows of {n} entries" if rows else "a row for every level"
        raise FiniteNError(f"{place}: got rows of {[len(row) for row in rows][:8]} entries; give {wanted}.")
    return np.array([[number(x, names, place) for x in row] for row in rows])


def model_of(
    spec: ModelSpec,
    folder: Path,
    where: str,
    allow_python: bool,
    span: tuple[float, float],
    bins: Bins | None = None,
) -> tuple[Model, Names]:
    """A model, and the names that formulas of its averages may use; `span`: first and last time of the study; `bins`:
    in place of those of `binned`."""
    parameters = numbers_of(spec.parameters, f"{where}: model.parameters")
    if spec.file is not None:
        return _from_python(spec, parameters, folder, where, allow_python)
    bins = None if spec.binned is None else _bins(spec, parameters, f"{where}: model", bins)
    species, levels = _species(spec, parameters, f"{where}: model") if bins is None else (list(bins.species), {})
    with at(f"{where}: model.modes"):
        modes = [Mode(name) for name in spec.modes]
    operators = operators_of(species, levels)
    of_bins = {} if bins is None else names_of_bins(bins, spec.binned.value)
    letters = {**letters_of(species, modes), **averages_of(species), **of_bins}
    _refuse_taken(parameters, {*operators, *letters, TIME}, f"{where}: model.parameters")
    own = _own_operators(spec, names_of_operators(operators, parameters), f"{where}: model.operators")
    _refuse_taken(own, {*operators, *letters, *parameters, TIME}, f"{where}: model.operators")
    _refuse_taken(spec.functions, {*operators, *letters, *parameters, *own, TIME}, f"{where}: model.functions")
    names = names_of_model(species, modes, levels, parameters, own)
    if bins is not None:
        names = Names({**names, **of_bins}, f"{meaning_of_bins(spec.binned.value)}; {names.meaning}")
    of_operators, numbers = names_of_operators(operators | own, parameters), names_of_numbers(parameters)
    functions = _functions(spec, numbers, folder, span, f"{where}: model")
    in_bins = {} if bins is None else per_bin(bins, spec.binned.value, numbers)
    in_bins = {name: _functions(spec, known, folder, span, f"{where}: model") for name, known in in_bins.items()}
    jumps = [
        _jump(own, names, of_operators, of_time, f"{where}: model.jumps[{k}]")
        for k, jump in enumerate(spec.jumps)
        for own, of_time in _of_every_bin(jump, in_bins, functions)
    ]
    collective = [
        own
        for k, part in enumerate(spec.collective)
        for own in _collective(part, names, species, functions, f"{where}: model.collective[{k}]")
    ]
    place = f"{where}: model.hamiltonian"
    with at(place):
        h = _average(functions.parse(spec.hamiltonian, names, place), place)
        given = species if spec.species or spec.levels or bins is not None else []
        return Model(h, jumps, collective, species=given, modes=modes), names


def particle_of(spec: ParticleSpec, where: str) -> tuple[BosonicParticle, dict[str, Polynomial], Names]:
    """A particle made of bosons, its operators that are looked at, and the names that formulas may use."""
    place = f"{where}: particle"
    parameters = numbers_of(spec.parameters, f"{place}.parameters")
    with at(f"{place}.bosons"):
        bosons = [Boson(name) for name in spec.bosons]
        if len(set(spec.bosons)) < len(bosons):
            raise FiniteNError(f"got {shown(spec.bosons)}; give every boson a name of its own.")
    names, numbers = names_of_particle(bosons, parameters), names_of_numbers(parameters)
    _refuse_taken(parameters, set(names_of_particle(bosons, {})), f"{place}.parameters")
    jumps = [parse(x, names, f"{place}.jumps[{k}]") for k, x in enumerate(spec.jumps)]
    if spec.matrix is not None and spec.rate is not None:
        raise FiniteNError(f"{place}: matrix and rate are both given; rate is the diagonal of it, so give one of them.")
    matrix = None if spec.matrix is None else matrix_of(spec.matrix, numbers, f"{place}.matrix", len(jumps))
    if spec.rate is not None:
        rates = spec.rate if isinstance(spec.rate, list) else [spec.rate] * len(jumps)
        if len(rates) != len(jumps):
            raise FiniteNError(f"{place}.rate: got {len(rates)} for {len(jumps)} jumps; give one for each.")
        matrix = np.diag([number(x, numbers, f"{place}.rate") for x in rates])
    operators = {label: parse(x, names, f"{place}.operators.{label}") for label, x in spec.operators.items()}
    h = parse(spec.hamiltonian, names, f"{place}.hamiltonian")
    with at(place):
        return BosonicParticle(bosons, h, jumps, matrix), operators, names


def _from_python(spec: ModelSpec, parameters: dict, folder: Path, where: str, allow: bool) -> tuple[Model, Names]:
    given = spec.model_dump(exclude_defaults=True, exclude={"file", "parameters"})
    if given:
        raise FiniteNError(f"{where}: model.{min(given)}: the model is that of {shown(spec.file)}; give either.")
    check_allowed(spec.file, f"{where}: model.file", allow)
    function = only_function(folder / spec.file)
    try:
        model = function(**parameters)
    except (FiniteNError, MemoryError):
        raise
    except Exception as error:
        called = ", ".join(f"{k}={v:g}" for k, v in parameters.items())
        raise FiniteNError(
            f"{where}: model.file: {function.__name__}({called}) failed with {in_words(error)}"
        ) from error
    if not isinstance(model, Model):
        raise FiniteNError(f"{where}: model.file: {function.__name__} returned {shown(model)}; let it return a Model.")
    return model, names_of_model(model.species, model.modes, {}, parameters, {})


def _species(spec: ModelSpec, parameters: Mapping, where: str) -> tuple[list[Species], dict[str, list[str]]]:
    """Species, and the names of levels of those that have some."""
    if spec.levels is not None and spec.species:
        raise FiniteNError(f"{where}.levels: there are species; give [model.species.{min(spec.species)}] levels.")
    tables = {
        name: x if isinstance(x, SpeciesSpec) else SpeciesSpec(fraction=x) for name, x in spec.species.items()
    } or {"": SpeciesSpec(fraction=1.0, levels=spec.levels)}
    species, levels, numbers = [], {}, names_of_numbers(parameters)
    for name, x in tables.items():
        place = f"{where}.species.{name}" if name else where
        if x.levels is not None:
            levels[name] = x.levels
            words = [level for level in x.levels if len(level) != 1 or not level.isalnum()]
            if words or len(set(x.levels)) < len(x.levels):
                raise FiniteNError(
                    f"{place}.levels = {shown(x.levels)}: give different names of one letter or digit each, such as "
                    '["g", "e", "r"].'
                )
        with at(place):
            fraction = number(x.fraction, numbers, f"{place}.fraction")
            species.append(Species(name, len(levels.get(name, "ab")), fraction))
    return species, levels


def _bins(spec: ModelSpec, parameters: Mapping, where: str, bins: Bins | None) -> Bins:
    """The species of an ensemble in bins."""
    if given := [key for key in ("species", "levels") if getattr(spec, key)]:
        raise FiniteNError(f"{where}.{given[0]}: binned gives the species, of two levels; leave {given[0]} out.")
    bins = bins_of(spec.binned, names_of_numbers(parameters), f"{where}.binned") if bins is None else bins
    taken = {*parameters, *operators_of(bins.species, {}), *names_of_bins(bins, ""), TIME, DELTA}
    _refuse_taken({spec.binned.value: None}, taken, f"{where}.binned.value")
    return bins


def _of_every_bin(
    jump: Jump, in_bins: Mapping[str, FunctionsOfTime], functions: FunctionsOfTime
) -> list[tuple[Jump, FunctionsOfTime]]:
    """A jump for the particles of every bin, with the functions that know its value; or only that of one species."""
    if not in_bins or jump.species is not None:
        return [(jump, functions)]
    return [(jump.model_copy(update={"species": name}), own) for name, own in in_bins.items()]


def _refuse_taken(given: Mapping[str, object], taken: set[str], place: str) -> None:
    if reserved := set(given) & {*taken, *FUNCTIONS, *CONSTANTS, DELTA}:
        raise FiniteNError(f"{place}.{min(reserved)}: the name has a meaning of its own; choose another.")


def _functions(spec: ModelSpec, numbers: Names, folder: Path, span: tuple[float, float], place: str) -> FunctionsOfTime:
    """The functions of time of a model."""
    if words := [name for name in spec.functions if not name.isidentifier()]:
        raise FiniteNError(
            f"{place}.functions.{words[0]}: formulas cannot use this name; give a word of letters and digits."
        )
    given = spec.breaks or []
    breaks = [number(x, numbers, f"{place}.breaks[{k}]") for k, x in enumerate(given)]
    if wrong := [k for k, x in enumerate(breaks) if np.iscomplexobj(x) or not np.isfinite(x)]:
        raise FiniteNError(f"{place}.breaks[{wrong[0]}] = {shown(given[wrong[0]])}: give a real, finite time.")
    return FunctionsOfTime(spec.functions, breaks, numbers, folder, span, f"{place}.functions")


def _own_operators(spec: ModelSpec, names: Names, place: str) -> dict[str, qutip.Qobj]:
    """Operators of one particle that the file names."""
    out: dict[str, qutip.Qobj] = {}
    for name, x in (spec.operators or {}).items():
        if not name.isidentifier():
            raise FiniteNError(f"{place}.{name}: formulas cannot use this name; give a word of letters and digits.")
        known = Names({**names, **out}, names.meaning)
        found = parse(x, known, f"{place}.{name}") if isinstance(x, str) else None
        out[name] = qutip.Qobj(matrix_of(x, known, f"{place}.{name}")) if found is None else found
        if not isinstance(out[name], qutip.Qobj):
            raise FiniteNError(
                f"{place}.{name} = {shown(x)}: is no operator; give a matrix, or a formula of operators."
            )
    return out


def _average(x, place: str):
    """A polynomial or number; an operator of one particle is none, and what has a value in every bin."""
    check_averaged(x, place)
    if isinstance(x, qutip.Qobj):
        raise FiniteNError(f"{place} is an operator of one particle; write m(…) for its average, such as m(sz).")
    return x


def _jump(jump: Jump, names: Names, operators: Names, functions: FunctionsOfTime, place: str) -> LocalJump:
    given: dict[str, Any] = {"amplitude": jump.amplitude, "rate": jump.rate}
    for key, value in [*given.items()]:
        if isinstance(value, str):
            given[key], time = _amplitude(value, jump.delta, functions, f"{place}.{key}")
            given |= {} if time is None else {"time": time}
    delta = None if jump.delta is None else _average(parse(jump.delta, names, f"{place}.delta"), f"{place}.delta")
    operator = parse(jump.operator, operators, f"{place}.operator")
    with at(place):
        return LocalJump(operator, delta=delta, include_self=jump.include_self, species=jump.species, **given)


def _amplitude(text: str, delta: str | None, functions: FunctionsOfTime, place: str):
    """A number, a function of Δ or one of Δ and t; and the function of time that it is multiplied by, if any."""
    numbers = functions.numbers
    of_delta, of_time = functions.product(text, place)
    is_rate = place.endswith("rate")
    is_joint = of_time is not None and of_delta == of_time
    time = None if of_time is None or is_joint else functions.coefficient(of_time, place, is_rate)
    if is_joint and delta is not None:
        return functions.joint(text, place), None
    if of_delta is None:
        return 1.0, time
    if delta is not None:
        meaning = f"{DELTA} (Δ, which delta says); {numbers.meaning}"
        return function_of(of_delta, DELTA, Names(numbers, meaning), place), time
    if DELTA in names_in(of_delta, place):
        raise FiniteNError(
            f"{place}: «{shortened(text, SHOWN)}» is a function of {DELTA}, but delta is missing; "
            'give for example delta = "mz".'
        )
    return parse(of_delta, numbers, place), time


def _collective(
    part: Collective, names: Names, species, functions: FunctionsOfTime, place: str
) -> list[CollectiveJumps]:
    numbers = functions.numbers
    vs = [parse(v, names, f"{place}.operators[{k}]") for k, v in enumerate(part.operators)]
    if len(species) > 1 or species[0].name:
        vs = [_average(v, f"{place}.operators[{k}]") for k, v in enumerate(vs)]
    vs = [species[0].average(v) if isinstance(v, qutip.Qobj) else v for v in vs]
    matrix = np.eye(len(vs)) if part.rate is None else None
    rate = part.rate if isinstance(part.rate, list) else [] if part.rate is None else [part.rate]
    timed = [k for k, x in enumerate(rate) if isinstance(x, str) and TIME in names_in(x, f"{place}.rate")]
    time = None if part.time is None else functions.coefficient(part.time, f"{place}.time", is_rate=True)
    if timed and (part.matrix is not None or time is not None or len(rate) != len(vs)):
        raise FiniteNError(
            f"{place}.rate: depends on {TIME}; give a rate for each operator and neither matrix nor time, or a matrix "
            f'and time = "{shortened(str(rate[timed[0]]), SHOWN)}", which multiplies it.'
        )
    alone = [
        CollectiveJumps([vs[k]], rate=functions.coefficient(rate[k], f"{place}.rate", is_rate=True)) for k in timed
    ]
    vs = [v for k, v in enumerate(vs) if k not in timed]
    rate = [number(x, numbers, f"{place}.rate") for k, x in enumerate(rate) if k not in timed]
    if part.matrix is not None:
        matrix = matrix_of(part.matrix, numbers, f"{place}.matrix", len(vs))
    with at(place):
        return [*alone, CollectiveJumps(vs, matrix, rate or None, time)] if vs or not timed else alone
