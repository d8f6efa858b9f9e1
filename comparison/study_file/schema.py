"""The schema of study files, and refusals that name the place in the file and say what is wanted there."""

from __future__ import annotations

from typing import Annotated, Any

import pydantic

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


class StudySpec(_Strict):
    """A study file. Either `system` with `parameters`, or `model`."""

    name: str | None = None
    system: str | None = None
    parameters: dict[str, Any] = {}
    model: ModelSpec | None = None
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
    claims: list[ClaimSpec] = []
    theories: list[str] | None = None  # at finite N, by name, see comparison.theories


_HINTS = {
    "hamiltonian": ', such as "0.4*mx"',
    "operators": ', such as ["sm"]',
    "operator": ', such as "sm"',
    "bloch": "; bloch is three numbers",
    "points": "; the number of times",
    "sizes": '; sizes are such as [10, 20, 40, 80], or "auto"',
    "theories": ', such as ["meanfield", "cumulants2"]',
    "budget": '; budget is seconds, or a text such as "2min"',
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


def validated(raw: dict[str, Any], where: str) -> StudySpec:
    """Plain data that fit the schema; every refusal names the place in the data, after `where`."""
    try:
        return StudySpec.model_validate(raw)
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


def _wanted(kind: str, said: str) -> str:
    """What is wanted in place of a value, in words of a study file."""
    said = said.replace("Input should be greater than or equal to ", "give at least ")
    return _WANTED.get(kind, said.replace("Input should be less than or equal to ", "give at most "))


def _hint(place: str) -> str:
    return next((hint for key, hint in _HINTS.items() if key in place), "")


def _known_keys(location) -> list[str]:
    table: Any = StudySpec
    for step in location[:-1]:
        if isinstance(step, str) and step in table.model_fields:
            inner = _inner_models(table.model_fields[step].annotation)
            table = inner[0] if inner else table
    return list(table.model_fields)


def _inner_models(annotation):
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [m for a in getattr(annotation, "__args__", ()) for m in _inner_models(a)]
