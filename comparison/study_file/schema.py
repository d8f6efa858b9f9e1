"""The schema of study files, and refusals that name the place in the file and say what is wanted there."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic

from comparison.study_file.places import written
from finite_n.errors import FiniteNError, shown

Number = Annotated[float, pydantic.Field(allow_inf_nan=False, strict=True)]
Whole = Annotated[int, pydantic.Field(strict=True)]
Switch = Annotated[bool, pydantic.Field(strict=True)]
# a text is left to the study, which knows the words that are allowed
_TEXT_TOO = pydantic.WrapValidator(lambda value, check: value if isinstance(value, str) else check(value))
_AS_IT_IS = pydantic.PlainSerializer(lambda value: value)


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
    ket: list[str | Number] | None = None  # amplitudes of d levels
    matrix: list[list[str | Number]] | None = None  # density matrix of d levels


class FieldSpec(_Strict):
    """Initial state of a mode; amplitudes as numbers or formulas such as "0.5j"."""

    alpha: str | Number = 0.0
    beta: str | Number = 0.0
    number: Whole = 0
    thermal: Number = 0.0
    squeezed: Number | None = None  # r of a squeezed vacuum, in place of all others
    angle: Number = 0.0  # θ of it


class Initial(Particles):
    """Initial state: of the particles, or of every species by name; and of modes, vacuum if not given."""

    species: dict[str, Particles] = {}
    modes: dict[str, FieldSpec] = {}


class Jump(_Strict):
    """A local jump j Γ(Δ), with the amplitude Γ (1 if none is given) or the rate Γ²; in either the name D stands for
    Δ, and t for time."""

    operator: str
    amplitude: str | Number | None = None
    rate: str | Number | None = None
    delta: str | None = None
    include_self: Switch = True
    species: str | None = None


class Collective(_Strict):
    """Collective jumps with a Kossakowski matrix of numbers or formulas such as "0.5j", or one rate or a list of rates,
    its diagonal, which may be functions of t.

    operators: one-particle operators such as "sm"; with species or modes linear formulas of averages and amplitudes.
    time: a function of t that multiplies the matrix
    """

    operators: list[str]
    matrix: list[list[str | Number]] | None = None
    rate: str | Number | list[str | Number] | None = None
    time: str | None = None


class SpeciesSpec(_Strict):
    """Particles of one species: their share of all, and their levels where these are not two: a name of one letter or
    digit for each."""

    fraction: str | Number
    levels: list[str] | None = None


class BinnedSpec(_Strict):
    """Particles with a distribution of a number in bins: a distribution by name with center and width, a density as a
    formula of the number, or values with weights.

    value : its name in formulas
    """

    distribution: str | None = None
    center: str | Number | None = None
    width: str | Number | None = None
    density: str | None = None
    values: list[Number] | None = None
    weights: list[Number] | None = None
    cut: tuple[str | Number, str | Number] | None = None
    bins: Whole | None = None
    rule: str = "quantiles"
    value: str = "v"


class TableSpec(_Strict):
    """A function of time by its values at increasing times, between which it is a spline of this order (1: straight
    lines; 0: every value holds until the next), or by a CSV file of them."""

    times: list[Number] | None = None
    values: list[Number] | None = None
    file: str | None = None
    order: Annotated[int, pydantic.Field(ge=0, le=5, strict=True)] = 3


class ModelSpec(_Strict):
    """A model of one's own; `species` are fractions by name, or tables with levels too.

    parameters : numbers, or formulas of those before, by the names that formulas use
    operators : of one particle, as formulas or matrices, by the names that formulas use
    functions : of time, as formulas of t or tables, by the names that formulas use
    breaks : times at which functions of time have kinks or jumps
    file : a Python file in place of all but parameters, whose one public function of them returns the Model
    """

    species: dict[str, str | Number | SpeciesSpec] = {}
    levels: list[str] | None = None  # of the particles, where there are no species
    binned: BinnedSpec | None = None  # in place of species
    modes: list[str] = []
    hamiltonian: str = "0"
    parameters: dict[str, str | Number] = {}
    operators: dict[str, str | list[list[str | Number]]] | None = None
    functions: dict[str, str | TableSpec] = {}
    breaks: list[str | Number] | None = None
    jumps: list[Jump] = []
    collective: list[Collective] = []
    file: str | None = None

    @pydantic.model_validator(mode="after")
    def _all_tables(self):
        """All species are tables where one is: in a file that is written, tables come after numbers, and their order
        would be lost."""
        if any(isinstance(x, SpeciesSpec) for x in self.species.values()):
            own = self.species.items()
            self.species = {k: x if isinstance(x, SpeciesSpec) else SpeciesSpec(fraction=x) for k, x in own}
        return self


class ParticleSpec(_Strict):
    """A particle made of bosons, of which there are N that do not interact.

    operators : formulas of what is looked at, by name; jumps : formulas, with `matrix`, or `rate`, its diagonal
    """

    bosons: list[str]
    hamiltonian: str = "0"
    operators: dict[str, str]
    parameters: dict[str, str | Number] = {}
    jumps: list[str] = []
    matrix: list[list[str | Number]] | None = None
    rate: str | Number | list[str | Number] | None = None


class ClaimSpec(_Strict):
    """A claim: a table in a CSV file beside the study file, or values by quantity, each a list of numbers, one for each
    of `times`, or a formula of t, or of t and N, which may use the model's parameters.

    uncertainty: half-widths that the claim leaves open, one number or by quantity; of a file ± ½ of the last digit
    printed, if neither this nor a column of it says otherwise.
    """

    name: str
    source: str = ""
    file: str | None = None
    times: list[Number] | None = None
    values: dict[str, str | list[Number]] | None = None
    uncertainty: Number | dict[str, Number | list[Number]] | None = None


class FluctuationSpec(_Strict):
    """A fluctuation beyond its covariance: numbers for every letter of the model, or by label; its quantities, or the
    two directions between which e^{i r·F} stands in a product."""

    r: Any
    quantities: list[str] | None = None
    between: list[Any] | None = None


_DIRECTION_ALONE = pydantic.BeforeValidator(lambda x: x if isinstance(x, dict) and "r" in x else {"r": x})


class StateFunctionSpec(_Strict):
    """A function of the state: its kind, the parts that it is of, and of a Fisher information a formula of averages."""

    kind: str
    of: str | list[str] | None = None
    other: str | list[str] | None = None
    generator: str | None = None


_KIND_ALONE = pydantic.BeforeValidator(lambda x: {"kind": x} if isinstance(x, str) else x)


class StudySpec(_Strict):
    """A study file. Either `system` with `parameters`, or `model`, or `particle`.

    grid : values of parameters, each a list or a text such as "0.1:0.5:5"; a study for every combination
    """

    name: str | None = None
    system: str | None = None
    parameters: dict[str, Any] = {}
    model: ModelSpec | None = None
    particle: ParticleSpec | None = None
    grid: dict[str, str | list[Any]] | None = None
    initial: Initial | None = None
    times: Times | None = None
    sizes: Annotated[list[Whole], _TEXT_TOO, _AS_IT_IS] | None = None  # or "auto"
    budget: Annotated[Number, _TEXT_TOO, _AS_IT_IS] | None = None  # seconds, or such as "2min"
    largest: Whole | None = None
    observables: dict[str, str] = {}
    accuracy: Number | None = None
    tolerance: Number = 1e-9
    cutoffs: dict[str, Whole] | None = None
    power: Number | None = None
    fluctuations: dict[str, Annotated[FluctuationSpec, _DIRECTION_ALONE]] | None = None  # such as f = [0, 0, 1.0]
    state_functions: dict[str, Annotated[StateFunctionSpec, _KIND_ALONE]] | None = None  # such as xi2 = "squeezing"
    claims: list[ClaimSpec] = []
    theories: list[str] | None = None  # at finite N, by name, see comparison.theories


_HINTS = {
    "hamiltonian": ', such as "0.4*mx"',
    "operators": ', such as ["sm"]',
    "operator": ', such as "sm"',
    "bloch": "; bloch is three numbers",
    "points": "; the number of times",
    "sizes": '; sizes are such as [10, 20, 40, 80], or "auto"',
    "state_functions": ', such as xi2 = "squeezing"',
    "theories": ', such as ["meanfield", "cumulants2"]',
    "budget": '; budget is seconds, or a text such as "2min"',
    "levels": '; levels are such as ["g", "e", "r"]',
    "bosons": ', such as ["b"]',
    "functions": ', such as f = "exp(-(t-1)**2)", or a table of times and values',
    "breaks": ", such as [0.5, 1.0]",
    "fraction": ', such as 0.5 or "1/3"',
    "grid": '; give values such as [0.1, 0.2], or "0.1:0.5:5"',
}
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


def validated(raw: dict[str, Any], where: str) -> StudySpec:
    """Plain data that fit the schema; every refusal names the place in the data, after `where`."""
    try:
        return StudySpec.model_validate(raw)
    except pydantic.ValidationError as error:
        errors = [(e, _steps(raw, e)) for e in error.errors()]
    # of a value that may be of several kinds there is an error for each: the one that got farthest says most
    same = [(e, steps) for e, steps in errors if steps[: len(errors[0][1])] == errors[0][1]]
    first, steps = max(same, key=lambda x: len(x[1]))
    place = written(steps) or "top level"
    if first["type"] == "extra_forbidden":
        raise FiniteNError(f"{where}: unknown key {place}; known there are {', '.join(_known_keys(steps))}.")
    if first["type"] == "missing":
        raise FiniteNError(f"{where}: {place} is missing{_hint(steps)}.")
    wanted = _wanted(first["type"], first["msg"])
    kinds = {e["type"] for e, own in same if own == steps}
    if "string_type" in kinds and kinds & {"float_type", "finite_number"}:
        wanted = f"give a {'finite ' * ('finite_number' in kinds)}number, or a formula as text"
    raise FiniteNError(f"{where}: {place} = {shown(first['input'])}: {wanted}{_hint(steps)}.")


def _steps(raw: Any, error) -> list[str | int]:
    """The place of an error in the data, without the names of alternatives that pydantic puts in between."""
    out, value = [], raw
    last = len(error["loc"]) - 1
    for k, step in enumerate(error["loc"]):
        if isinstance(step, int):
            inside = isinstance(value, list | tuple) and step < len(value)
        else:
            inside = isinstance(value, dict) and step in value
        if inside:
            value = value[step]
        elif not (k == last and error["type"] == "missing"):
            continue
        out.append(step)
    return out


def _wanted(kind: str, said: str) -> str:
    """What is wanted in place of a value, in words of a study file."""
    said = said.replace("Input should be greater than or equal to ", "give at least ")
    return _WANTED.get(kind, said.replace("Input should be less than or equal to ", "give at most "))


def _hint(steps: list[str | int]) -> str:
    names = [step for step in steps if isinstance(step, str)]
    return next((_HINTS[name] for name in reversed(names) if name in _HINTS), "")


def _known_keys(steps: list[str | int]) -> list[str]:
    table: Any = StudySpec
    for step in steps[:-1]:
        inner = _inner_models(table.model_fields[step].annotation) if step in table.model_fields else []
        table = inner[0] if inner else table
    return list(table.model_fields)


def _inner_models(annotation):
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [m for a in getattr(annotation, "__args__", ()) for m in _inner_models(a)]
