"""Names in formulas of study files: what each stands for, and what is said of them where one is wrong."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence

import qutip

from comparison.formula import CONSTANTS, Names
from finite_n.errors import FiniteNError, shown
from finite_n.model.bosonic_particle import Boson
from finite_n.model.polynomial import Polynomial
from finite_n.model.species import Mode, Species

OPERATORS = {  # as Qobj, so that * is the product of matrices and 1 + sz adds the identity
    "one": qutip.qeye(2),
    "sx": qutip.sigmax(),
    "sy": qutip.sigmay(),
    "sz": qutip.sigmaz(),
    "sp": qutip.sigmap(),
    "sm": qutip.sigmam(),
}
DELTA = "D"
TIME = "t"
_DIGITS = "0123456789abcdef"  # names of levels where nothing else is said
_FEW = 3  # species or modes that are named in full
_ALWAYS = f"{', '.join(CONSTANTS)}; dag(…) is the adjoint"


def letters_of(species: Sequence[Species], modes: Sequence[Mode]) -> dict[str, Polynomial]:
    """Averages and amplitudes by name: mx, my, mz, mp, mm (of σ+ and σ−) with _name for a species that has one,
    share_name (its N_s/N); phi_, pi_, alpha_, n_name of modes."""
    out = {}
    for s in species or [Species()]:
        end = _end(s)
        if s.name:
            out[f"share{end}"] = s.share
        if s.dim == 2:
            out |= {f"mx{end}": s.mx, f"my{end}": s.my, f"mz{end}": s.mz}
            out |= {f"mp{end}": s.average(OPERATORS["sp"]), f"mm{end}": s.average(OPERATORS["sm"])}
    for m in modes:
        out |= {f"phi_{m.name}": m.phi, f"pi_{m.name}": m.pi, f"alpha_{m.name}": m.alpha, f"n_{m.name}": m.number}
    return out


def operators_of(species: Sequence[Species], levels: Mapping[str, Sequence[str]]) -> dict[str, qutip.Qobj]:
    """Operators of one particle by name: one, sx, sy, sz, sp, sm of two-level particles; s_ge = |g⟩⟨e| of particles
    with levels g, e, …, and one, with _name for a species that has one.

    levels : names of the levels by species, of one letter or digit each
    """
    out = dict(OPERATORS) if any(s.dim == 2 for s in species) else {}
    for s in species:
        own, end = levels.get(s.name, _DIGITS[: s.dim]), _end(s)
        if s.dim == 2 and s.name not in levels:
            continue
        kets = {level: qutip.basis(s.dim, k) for k, level in enumerate(own)}
        out[f"one{end}"] = qutip.qeye(s.dim)
        out |= {f"s_{a}{b}{end}": kets[a] * kets[b].dag() for a in own for b in own}
    return out


def averages_of(species: Sequence[Species]) -> dict[str, object]:
    """The functions m(x) or m_name(x): the average of an operator of one particle."""
    return {f"m{_end(s)}": functools.partial(_average, s, f"m{_end(s)}") for s in species}


def _average(s: Species, name: str, x) -> Polynomial:
    if not isinstance(x, qutip.Qobj):
        raise FiniteNError(f"{name}({shown(x)}): give an operator of one particle, such as sz or a product of two.")
    return s.average(x)


def names_of_model(
    species: Sequence[Species],
    modes: Sequence[Mode],
    levels: Mapping[str, Sequence[str]],
    parameters: Mapping[str, float],
    own: Mapping[str, qutip.Qobj],
) -> Names:
    """All that formulas of averages may use."""
    operators = operators_of(species, levels) | own
    names = {**parameters, **operators, **letters_of(species, modes), **averages_of(species)}
    parts = _of_species(species)
    parts += [_of_modes(modes)] if modes else []
    parts += [f"{_some(averages_of(species), '(…)')} of operators ({_some(operators, most=7)})"]
    return Names(names, "; ".join([*parts, *_of_parameters(parameters), _ALWAYS]))


def names_of_operators(operators: Mapping[str, qutip.Qobj], parameters: Mapping[str, float]) -> Names:
    """All that formulas of operators of one particle may use."""
    known = [
        ("sx, sy, sz (Pauli matrices), sp, sm (σ+, σ−), one", [x for x in OPERATORS if x in operators]),
        (", ".join([x for x in operators if x not in OPERATORS][:12]), [x for x in operators if x not in OPERATORS]),
    ]
    levels = any(x.startswith("s_") for x in operators)
    parts = [text for text, there in known if there] + (["s_ab = |a⟩⟨b|"] if levels else [])
    return Names({**parameters, **operators}, "; ".join([*parts, *_of_parameters(parameters), _ALWAYS]))


def names_of_particle(bosons: Sequence[Boson], parameters: Mapping[str, float]) -> Names:
    """All that formulas of a particle made of bosons may use: x_, p_, a_, n_name."""
    out: dict[str, object] = dict(parameters)
    for b in bosons:
        out |= {f"x_{b.name}": b.x, f"p_{b.name}": b.p, f"a_{b.name}": b.a, f"n_{b.name}": b.number}
    each = [f"x_{b.name}, p_{b.name}, a_{b.name}, n_{b.name}" for b in bosons[:_FEW]]
    meaning = f"{', '.join(each)} (x, p, a = (x + ip)/√2 and a†a of a boson)"
    return Names(out, "; ".join([meaning, *_of_parameters(parameters), _ALWAYS]))


def names_of_numbers(parameters: Mapping[str, object]) -> Names:
    """All that formulas of numbers may use."""
    numbers = {k: x for k, x in parameters.items() if isinstance(x, int | float) and not isinstance(x, bool)}
    return Names(numbers, "; ".join([*_of_parameters(numbers), ", ".join(CONSTANTS)]))


def _end(species: Species) -> str:
    return f"_{species.name}" if species.name else ""


def _of_species(species: Sequence[Species]) -> list[str]:
    two, named = [s for s in species if s.dim == 2], [s for s in species if s.name]
    out = []
    if two and not two[0].name:
        out.append("mx, my, mz (averages of σx, σy, σz), mp, mm (of σ+, σ−)")
    elif two:
        e = two[0].name
        out.append(f"mx_{e}, my_{e}, mz_{e} (averages of σx, σy, σz of {e}), mp_{e}, mm_{e} (of σ+, σ−)")
    if named:
        out.append(f"share_{named[0].name} (N_{named[0].name}/N)")
    if len(named) > 1:
        out.append(f"likewise with {_some([f'_{s.name}' for s in named[1:]])}")
    return out


def _of_modes(modes: Sequence[Mode]) -> str:
    e = modes[0].name
    others = f", likewise of {_some([m.name for m in modes[1:]])}" if len(modes) > 1 else ""
    return f"alpha_{e} (a/√N), phi_{e}, pi_{e} (its quadratures), n_{e} (a†a/N) of mode {e}{others}"


def _of_parameters(parameters: Mapping[str, object]) -> list[str]:
    return [f"{_some(parameters, most=6)} (parameters)"] if parameters else []


def _some(names: Iterable[str], end: str = "", most: int = _FEW) -> str:
    names = [f"{name}{end}" for name in names]
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")
