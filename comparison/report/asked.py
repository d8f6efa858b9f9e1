"""What a study asks, in words and formulas: model, start, times, sizes, claims."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping

import numpy as np

from comparison.referee.claim import Claim
from comparison.study.result import StudyResult
from comparison.study.study import Study
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.systems import PARTICLES, SYSTEMS


@dataclasses.dataclass(frozen=True)
class Asked:
    """One part of a question: its name, and lines of text, or of formulas."""

    name: str
    lines: tuple[str, ...]
    is_formula: bool = False


def asked(result: StudyResult) -> list[Asked]:
    """All parts of the question of a study, those it does not have left out."""
    study = result.study
    t = study.times
    parts = [
        *_system(study),
        *(_of_particle(study) if isinstance(study.model, BosonicParticle) else _of_model(study)),
        Asked("Start", _start(study.rho0), True),
        Asked("Times", (f"t = {t[0]:g} … {t[-1]:g}, {len(t)} of them, in units in which ħ = 1",)),
        Asked("Sizes", (_sizes(result),)),
        Asked("Observables", tuple(_observables(study)), True),
        Asked("Fluctuations", tuple(_fluctuations(study)), True),
        Asked("Functions of the state", tuple(f"{f.name}: {f.text}" for f in study.functions), True),
        Asked("Accuracy", (f"{study.accuracy:g} is asked of “confirmed”, relative for quantities above 1",)),
        Asked("Exact evolution", (f"tolerance {study.tol:g}{_cutoffs(study.cutoffs)}",)),
    ]
    return [part for part in parts if part.lines]


def statement(claim: Claim) -> str:
    """What kind of claim it is, as words."""
    if claim.sizes is not None:
        kind = f"a table at N = {', '.join(map(str, claim.sizes))}"
    elif claim.per_size:
        kind = "a theory at finite N, judged at every size"
    else:
        kind = "a limit" if claim.times is None else f"a limit, a table at {len(claim.times)} times"
    return kind + (", with an uncertainty of its own" if np.any(_widths(claim.uncertainty)) else "")


def _widths(uncertainty) -> np.ndarray:
    values = uncertainty.values() if isinstance(uncertainty, Mapping) else [uncertainty]
    return np.concatenate([np.ravel(x) for x in values])


def _system(study: Study) -> list[Asked]:
    """The description of a built-in system, and its parameters."""
    function = (SYSTEMS | PARTICLES).get(study.spec.get("system", ""))
    own = study.spec.get("model")
    parameters = study.spec.get("parameters") if function else own.get("parameters") if isinstance(own, dict) else None
    values = ", ".join(f"{k} = {v}" for k, v in parameters.items()) if isinstance(parameters, dict) else ""
    about = _paragraphs(inspect.getdoc(function) or "") if function else []
    return [Asked("System", tuple(about)), Asked("Parameters", (values,) if values else ())]


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n")]


def _of_model(study: Study) -> list[Asked]:
    model, spec = study.model, study.spec.get("model")
    written = spec.get("hamiltonian") if isinstance(spec, dict) else None
    formulas = (f"H = N h, h = {_signs(model.hamiltonian)}", *([f"written as {written}"] if written else []))
    return [
        Asked("Particles", (_owners(model),)),
        Asked("Hamiltonian", formulas, True),
        Asked("Functions of time", tuple(_functions(spec)), True),
        Asked("Local jumps", tuple(_local(model, j) for j in model.jumps), True),
        Asked("Collective jumps", tuple(x for c in model.collective for x in _collective(c, _averages(c))), True),
    ]


def _functions(model) -> Iterable[str]:
    """Functions of time that a study file names."""
    found = model.get("functions") if isinstance(model, dict) else None
    for name, x in found.items() if isinstance(found, Mapping) else ():
        if not isinstance(x, Mapping):
            yield f"{name}(t) = {x}"
        elif x.get("file") is not None:
            yield f"{name}(t): the table in {x['file']}, a spline of order {x.get('order')}"
        else:
            t = x["times"]
            yield f"{name}(t): {len(t)} values from t = {t[0]:g} to {t[-1]:g}, a spline of order {x['order']}"


def _of_particle(study: Study) -> list[Asked]:
    """N particles made of bosons that do not interact."""
    particle = study.model
    operators = [f"{name} = {_signs(p)}" for name, p in study.subject.operators.items()]
    return [
        Asked("Particles", (f"N that do not interact, each made of {', '.join(map(str, particle.bosons))}",)),
        Asked("Hamiltonian of one", (f"h = {_signs(particle.hamiltonian)}",), True),
        Asked("Its jumps", tuple(_collective(particle.jumps, "L") if particle.jumps else ()), True),
        Asked("Operators", tuple(operators), True),
    ]


def _owners(model: Model) -> str:
    words = [
        f"species {s.name}, a fraction {s.fraction} of N, {s.dim} levels each"
        if s.name
        else f"N particles of {s.dim} levels each"
        for s in model.space.species
    ]
    return "; ".join([*words, *(f"mode {m.name}" for m in model.modes)])


def _local(model: Model, jump: LocalJump) -> str:
    name = model.species_of(jump).name
    gamma = (jump if jump.time is None else jump.constant()).amplitude  # of Γ(Δ, t) the function has a name or none
    text = f"{f'{name}: ' if name else ''}{jump.described}"
    if gamma.is_constant or jump.is_joint or getattr(gamma.function, "label", None):
        return _signs(text)
    at = np.unique(np.linspace(*jump.range(), 3))  # a function in Python has values, and no formula
    values = ", ".join(f"Γ({x + 0.0:.3g}) = {y:.4g}" for x, y in zip(at, gamma(at), strict=True))
    return _signs(f"{text.replace('Γ = <lambda>', 'Γ(Δ)')}; {values}")


def _averages(part: CollectiveJumps) -> str:
    """Collective jumps by their one-particle operators v, or by polynomials ℓ of averages and amplitudes."""
    of_averages = part.shown_operators == [str(p) for p in part.polynomials]
    return "L = √N ℓ, ℓ" if of_averages else "L = √N m(v), v"


def _collective(part: CollectiveJumps, of: str) -> Iterable[str]:
    """Operators with their rates, or with their Kossakowski matrix."""
    constant = part if part.time is None else part.constant()
    matrix, names = np.asarray(constant.kossakowski), part.shown_operators
    times = "" if part.time is None else f", times {part.time.text}"
    if not np.any(matrix - np.diag(np.diag(matrix))):
        rates = np.diag(matrix).real
        return [_signs(f"{of} = {name}, rate {d:.6g}{times}") for name, d in zip(names, rates, strict=True)]
    rows = "; ".join(", ".join(f"{x.real:.6g}" if not x.imag else f"{x:.6g}" for x in row) for row in matrix)
    return [_signs(f"{of} = {', '.join(names)}, with the Kossakowski matrix [{rows}]{times}")]


def _start(rho0) -> tuple[str, ...]:
    if isinstance(rho0, Mapping):
        return tuple(f"{name}: {state!r}" for name, state in rho0.items())
    return (repr(rho0),)


def _sizes(result: StudyResult) -> str:
    return f"N = {', '.join(map(str, result.sizes))}" if result.growth is None else result.growth.without_times()


def _cutoffs(cutoffs: Mapping[str, int] | None) -> str:
    return "" if not cutoffs else "; cutoffs " + ", ".join(f"{name} = {n}" for name, n in cutoffs.items())


def _observables(study: Study) -> Iterable[str]:
    written = study.spec.get("observables")
    for q, p in (study.e_ops or {}).items():
        yield f"{q} = {written[q] if isinstance(written, dict) and q in written else _signs(p)}"


def _fluctuations(study: Study) -> Iterable[str]:
    labels = study.space.labels
    for d in study.directions:
        own = [f"r·F = {_sum(d.r, labels)}"]
        if d.between:
            own.append(f"between {' and '.join(_sum(r, labels) for r in d.between)}")
        yield f"{d.name}: {', '.join(own)}"


def _sum(r, labels) -> str:
    return _signs(" + ".join(f"{x:g} F({a})" for x, a in zip(r, labels, strict=True) if x) or "0")


def _signs(formula) -> str:
    """A sum as one writes it."""
    return str(formula).replace(" + -", " − ")
