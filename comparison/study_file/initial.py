"""From the [initial] table of a study file to an initial state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from comparison.formula import parse
from comparison.study_file.models import matrix_of, number
from comparison.study_file.names import names_of_model, names_of_numbers
from comparison.study_file.places import at
from comparison.study_file.schema import FieldSpec, Initial, Particles
from finite_n import Field, FiniteNError, Model, Species, coherent, product, squeezed, thermal
from finite_n.states.initial_state import as_initial_state
from finite_n.states.mode import ModeState


def state_of(spec: Initial, model: Model, parameters: Mapping[str, object], where: str):
    """The initial state of a model."""
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
        name: _particles(p, parameters, f"{where}: initial" + (f".species.{name}" if name and spec.species else ""))
        for name, p in states.items()
    }
    out |= _modes(spec, parameters, where)
    with at(f"{where}: initial"):
        return as_initial_state(out, model)


def fields_of(spec: Initial, parameters: Mapping[str, object], where: str) -> dict[str, ModeState]:
    """The start of one particle made of bosons."""
    if given := spec.model_dump(exclude_none=True, exclude={"modes"}, exclude_defaults=True):
        raise FiniteNError(
            f"{where}: initial.{min(given)} does not suit particles made of bosons; write [initial.modes.…]"
        )
    return _modes(spec, parameters, where)


def _modes(spec: Initial, parameters: Mapping[str, object], where: str) -> dict[str, ModeState]:
    """States of modes by name."""
    out, names = {}, names_of_numbers(parameters)
    for name, f in spec.modes.items():
        place = f"{where}: initial.modes.{name}"
        alpha, beta = number(f.alpha, names, f"{place}.alpha"), number(f.beta, names, f"{place}.beta")
        with at(place):
            out[name] = _mode_state(f, alpha, beta)
    return out


def _mode_state(f: FieldSpec, alpha: complex, beta: complex) -> ModeState:
    if f.squeezed is None and not f.angle:
        return Field(beta=beta, number=f.number, thermal=f.thermal, alpha=alpha)
    if f.squeezed is None or alpha or beta or f.number or f.thermal:
        raise FiniteNError("give squeezed, with angle or without, or alpha, beta and number or thermal, not both.")
    return squeezed(f.squeezed, f.angle)


def _particles_of(model: Model) -> str:
    if len(model.species) > 1:
        return f"the species {', '.join(s.name for s in model.species[:8])}"
    return f"particles of {model.species[0].dim} levels"


def _particles(spec: Particles, parameters: Mapping[str, object], place: str):
    given = spec.model_dump(exclude_none=True)
    if len(given) != 1:
        known = ", ".join(Particles.model_fields)
        raise FiniteNError(f"{place} needs exactly one of {known}; got {sorted(given)}.")
    (kind,), numbers = given, names_of_numbers(parameters)
    with at(f"{place}.{kind}"):
        if spec.bloch is not None:
            return product(spec.bloch)
        if spec.coherent is not None:
            return coherent(*spec.coherent)
        if spec.populations is not None:
            return product(np.diag(spec.populations))
        if spec.matrix is not None:
            return product(matrix_of(spec.matrix, numbers, f"{place}.matrix"))
        if spec.ket is not None:
            return product(_projector([number(x, numbers, f"{place}.ket") for x in spec.ket]))
        names = names_of_model([Species()], [], {}, numbers, {})
        return thermal(parse(spec.thermal[0], names, f"{place}.thermal"), spec.thermal[1])


def _projector(amplitudes: list[complex]) -> np.ndarray:
    """|ψ⟩⟨ψ|."""
    psi = np.array(amplitudes, complex)
    if not abs(np.vdot(psi, psi) - 1) < 1e-9:  # rounding of printed square roots is larger
        norm = float(np.linalg.norm(psi))
        raise FiniteNError(f"the amplitudes have the norm {norm:.10g}; divide them by it, or write such as 1/sqrt(2).")
    return np.outer(psi, psi.conj()) / np.vdot(psi, psi).real
