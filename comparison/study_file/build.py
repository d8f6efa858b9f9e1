"""From a study file or the name of a system to a `Study`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from comparison.claims.papers import printed_claims
from comparison.formula import Names, parse
from comparison.referee.claim import Claim
from comparison.referee.fluctuation import Fluctuation
from comparison.referee.state_function import StateFunction
from comparison.referee.theories import theories
from comparison.study.study import Study
from comparison.study_file.binned_model import check_averaged
from comparison.study_file.claim_files import claim_of
from comparison.study_file.defaults import ACCURACY, DEFAULTS
from comparison.study_file.initial import fields_of, state_of
from comparison.study_file.models import model_of, numbers_of, particle_of
from comparison.study_file.names import names_of_model, names_of_particle
from comparison.study_file.parameters import parameters_of
from comparison.study_file.places import at, with_lines
from comparison.study_file.reading import BUILT_IN, read_source
from comparison.study_file.schema import Initial, Particles, StateFunctionSpec, StudySpec, validated
from finite_n import Bins, BosonicParticle, FiniteNError, Model, Polynomial
from finite_n.errors import perhaps, shown
from finite_n.model.polynomial import as_polynomial
from finite_n.systems import PARTICLES
from finite_n.systems.three_level import LEVELS

_LEVELS = {"three_level": {"": list(LEVELS)}}  # names of levels of built-in systems by species
_KINDS = ("system", "model", "particle")


def load(
    name_or_file: str,
    overrides: dict[str, Any] | None = None,
    claims: Sequence[Claim] = (),
    allow_python: bool = False,
) -> Study:
    """The study of a built-in system or of a study file.

    Parameters
    ----------
    name_or_file : name of a system, or path of a TOML file
    overrides : dict of parts of the study that replace those of the file; parameters and times are merged, optional
    claims : further claims to judge, optional
    allow_python : execute the Python files that the study file names. Default False: they are refused, and a study file
        is safe to run.
    """
    source = read_source(name_or_file, overrides)
    with with_lines(source.text, source.where):
        return build(source.raw, source.where, source.folder, claims, allow_python)


def build(
    raw: dict[str, Any],
    where: str = "study",
    folder: str | Path = ".",
    claims: Sequence[Claim] = (),
    allow_python: bool = False,
) -> Study:
    """A `Study` from plain data; every refusal names the place in the data.

    Parameters
    ----------
    raw : dict with the keys of a study file
    where : what refusals call the data
    folder : in which the files that the data name are looked for. Default: the working folder.
    claims : further claims to judge, optional
    allow_python : execute the Python files that the data name. Default False: they are refused.
    """
    spec = validated(raw, where)
    check_kind_of(spec, where)
    defaults = StudySpec.model_validate({"system": spec.system, **DEFAULTS.get(spec.system or "", {})})
    chosen = {
        key: getattr(defaults, key) if getattr(spec, key) is None else getattr(spec, key)
        for key in ("initial", "times", "sizes", "fluctuations")
    }
    fluctuations = chosen.pop("fluctuations")
    if chosen["sizes"] is None:
        chosen["sizes"] = "auto"
    accuracy = next(x for x in (spec.accuracy, defaults.accuracy, ACCURACY) if x is not None)
    needed = ("times",) if spec.system in PARTICLES else ("initial", "times")  # those bring a start of their own
    if missing := [key for key in needed if chosen[key] is None]:
        raise FiniteNError(f"{where}: {', '.join(missing)} missing; a study of one's own model states them.")
    subject = subject_of(spec, chosen, Path(folder), where, allow_python)
    if subject.initial is None:
        del chosen["initial"]
    else:
        chosen["initial"] = subject.initial
    if subject.at_rest_only:  # of the default ones only covariances are known then
        fluctuations = spec.fluctuations
    times = chosen["times"]
    if times.stop <= times.start:
        raise FiniteNError(f"{where}: times.stop = {times.stop} is not later than times.start = {times.start}.")
    given = [
        claim_of(c, subject.parameters, Path(folder), f"{where}: claims[{k}]", allow_python)
        for k, c in enumerate(spec.claims)
    ]
    e_ops = {label: observable_of(text, subject, label, where) for label, text in spec.observables.items()}
    asked = {k: Fluctuation(f.r, f.quantities, f.between) for k, f in (fluctuations or {}).items()}
    functions = {k: _state_function(f, subject, k, where) for k, f in (spec.state_functions or {}).items()}
    with at(where):
        model, rho0 = subject.model, subject.rho0
        printed = printed_claims(spec.system, subject.parameters, rho0, model) if spec.system else []
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
            state_functions=functions or None,
            operators=subject.operators,
            name=spec.name or spec.system or "study",
            spec=spec.model_dump(exclude_none=True, exclude=None if spec.claims else {"claims"})
            | {k: v if isinstance(v, list | str) else v.model_dump(exclude_none=True) for k, v in chosen.items()}
            | {"accuracy": accuracy}
            | ({"fluctuations": {k: f.model_dump(exclude_none=True) for k, f in fluctuations.items()}} if asked else {})
            | ({"parameters": subject.parameters} if spec.system else {}),
        )


@dataclasses.dataclass(frozen=True)
class Subject:
    """What a study is about.

    names : of formulas of observables; parameters : by name; initial : as it was given, None where the system brings
    its own; at_rest_only : that start is one of collective squeezing
    """

    model: Model | BosonicParticle
    rho0: object
    names: Names
    parameters: Mapping[str, Any]
    initial: Initial | None
    operators: Mapping[str, Polynomial] | None = None
    at_rest_only: bool = False


def check_kind_of(spec: StudySpec, where: str) -> None:
    """Refuse studies of nothing or of two things, and keys that would be ignored."""
    given = [key for key in _KINDS if getattr(spec, key) is not None]
    if len(given) != 1:
        said = f"{' and '.join(given)} are given" if given else "none is given"
        raise FiniteNError(f'{where}: give either system = "…", a [model] or a [particle] table; {said}.')
    if spec.system is not None and spec.system not in BUILT_IN:
        raise FiniteNError(
            f"{where}: system: unknown system {shown(spec.system)}{perhaps(spec.system, BUILT_IN)}; known are "
            f"{', '.join(BUILT_IN)}."
        )
    if spec.system is None and spec.parameters:
        raise FiniteNError(
            f"{where}: parameters: [parameters] is for built-in systems; write [{given[0]}.parameters] in the file of "
            f"a [{given[0]}]."
        )
    if spec.grid is not None:
        raise FiniteNError(
            f"{where}: grid: it asks for a study of every combination; take `finite-n run`, or comparison.Sweep in "
            "Python."
        )
    if (spec.particle is not None or spec.system in PARTICLES) and (
        given := [key for key in ("observables", "theories", "state_functions") if getattr(spec, key)]
    ):
        raise FiniteNError(
            f"{where}: {given[0]}: observables, theories and functions of the state are of models; this one has bosons."
        )


def subject_of(
    spec: StudySpec, chosen: Mapping[str, Any], folder: Path, where: str, allow_python: bool, bins: Bins | None = None
) -> Subject:
    """What a study is about; `bins`: of a binned model, in place of its own."""
    initial = chosen["initial"]
    if spec.particle is not None:
        model, operators, names = particle_of(spec.particle, where)
        parameters = numbers_of(spec.particle.parameters, f"{where}: particle.parameters")
        return Subject(model, fields_of(initial, parameters, where), names, parameters, initial, operators)
    if spec.model is not None:
        span = (chosen["times"].start, chosen["times"].stop)
        model, names = model_of(spec.model, folder, where, allow_python, span, bins)
        parameters = numbers_of(spec.model.parameters, f"{where}: model.parameters")
        if spec.model.binned is not None and not initial.species:  # one state for particles of all bins
            state = Particles.model_validate(initial.model_dump(include=set(Particles.model_fields)))
            started = Initial(species={s.name: state for s in model.species}, modes=initial.modes)
            return Subject(model, state_of(started, model, parameters, where), names, parameters, initial)
        return Subject(model, state_of(initial, model, parameters, where), names, parameters, initial)
    parameters = parameters_of(spec, where)
    with at(f"{where}: parameters {parameters}"):
        found = BUILT_IN[spec.system](**parameters)
    if spec.system not in PARTICLES:
        if spec.initial is None and initial.species and set(initial.species) != {s.name for s in found.species}:
            first = next(iter(initial.species.values()))  # a default written for other species
            initial = Initial(species={s.name: first for s in found.species})
        numbers = {k: x for k, x in parameters.items() if isinstance(x, int | float) and not isinstance(x, bool)}
        names = names_of_model(found.species, found.modes, _LEVELS.get(spec.system, {}), numbers, {})
        return Subject(found, state_of(initial, found, parameters, where), names, parameters, initial)
    if found.k and initial is not None:
        raise FiniteNError(f"{where}: k = {found.k:g} is a start of its own; leave `initial` out, or k.")
    own = found if found.k else found.gibbs
    rho0 = own if initial is None else fields_of(initial, parameters, where)
    names = names_of_particle(found.particle.bosons, {})
    return Subject(found.particle, rho0, names, parameters, initial, found.operators, bool(found.k))


def _state_function(given: StateFunctionSpec, subject: Subject, name: str, where: str) -> StateFunction:
    generator = given.generator
    if generator is not None:
        place = f"{where}: state_functions.{name}.generator"
        generator = as_polynomial(parse(generator, subject.names, place))
    return StateFunction(given.kind, given.of, given.other, generator)


def observable_of(text: str, subject: Subject, label: str, where: str) -> Polynomial:
    """The polynomial of a formula."""
    place = f"{where}: observables.{label}"
    found = check_averaged(parse(text, subject.names, place), place)
    if not isinstance(found, Polynomial):
        raise FiniteNError(f"{place} = {shown(text)}: is no observable; give a formula of averages, such as mz*mz.")
    return found
