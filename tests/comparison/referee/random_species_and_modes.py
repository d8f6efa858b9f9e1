"""Random models and starts with two species, three levels or a mode, by kind of physics, for `random_studies`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from finite_n import Field, LocalJump, Model, Species
from finite_n.systems import dicke_model, three_level
from finite_n.systems.three_level import unit
from tests import random_general_models as general
from tests.random_models import amplitude, bloch

OTHERS: dict[str, Callable[[np.random.Generator], tuple]] = {}  # rng → (model, rho0)
_KINDS = ("hamiltonian", "constant", "rates", "rates without self", "tilted rates", "collective")


def _family(name: str):
    def register(build):
        OTHERS[name] = build
        return build

    return register


@_family("two species")
def _two_species(rng):
    fractions = ((1, 1), (1, 3))[rng.integers(2)]
    species = [Species(name, fraction=Fraction(n, sum(fractions))) for name, n in zip("ab", fractions, strict=True)]
    return general.model(_KINDS[rng.integers(len(_KINDS))], rng, species), general.state(rng, species)


@_family("three levels")
def _three_levels(rng):
    """Atoms driven up a ladder of levels, which decay, shift each other, and jump at rates set by the highest level."""
    atoms = Species("q", dim=3)
    top = atoms.average(unit("r", "r"))
    drive = [rng.uniform(0.2, 1) * (unit(a, b) + unit(b, a)) for a, b in (("g", "e"), ("e", "r"))]
    h = atoms.average(drive[0] + drive[1] + np.diag(rng.normal(size=3))) + rng.normal() * top * top
    decays = [LocalJump(unit(a, b), rate=rng.uniform(0.1, 1), species=atoms) for a, b in (("g", "e"), ("e", "r"))]
    pump = LocalJump(unit("r", "g"), amplitude(rng), top, include_self=bool(rng.random() < 0.5), species=atoms)
    return Model(h, [*decays, pump], species=[atoms]), general.density(rng, 3)


@_family("Rydberg gas")
def _rydberg(rng):
    """Three levels without coherences with the third, so that few elements of ρ matter; lines of a width from the whole
    to a quarter of the range of Δ."""
    model = three_level(
        omega=rng.uniform(0.5, 1.5),
        detuning=rng.normal() * 0.5,
        decay=rng.uniform(0.3, 1.5),
        pump=rng.uniform(0.5, 2.5),
        shift=rng.uniform(1, 4),
        offset=rng.choice([0.0, 1.0]) * rng.uniform(0, 2),
        leak=rng.uniform(0.2, 1),
        self_energy=bool(rng.random() < 0.5),
    )
    return model, (unit("g", "g"), general.density(rng, 3) * np.eye(3))[rng.integers(2)]


def _spins(rng) -> list[float]:
    return [0, 0, -1.0] if rng.random() < 0.5 else list(bloch(rng))


@_family("closed Dicke")
def _closed_dicke(rng):
    """Below and above threshold, the field in the vacuum."""
    model = dicke_model(rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.2), rng.uniform(0.2, 1.0))
    z = rng.uniform(-1, 1)
    return model, [np.sqrt(1 - z * z), 0, z]


@_family("closed Dicke from its pole")
def _dicke_pole(rng):
    """Above threshold, the field in the vacuum and all spins down or nearly so: mean field stays or leaves slowly."""
    omega, nu = rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.0)
    angle = rng.choice([0.0, 1.0]) * 10 ** rng.uniform(-2, -0.5)
    model = dicke_model(omega, nu, np.sqrt(omega * nu / 2) * rng.uniform(1.1, 2.5))
    return model, [np.sin(angle), 0, -np.cos(angle)]


@_family("open Dicke")
def _open_dicke(rng):
    emission = rng.choice([0.0, 0.2])
    model = dicke_model(
        rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.2), rng.uniform(0.2, 0.7), rng.uniform(0.3, 1), emission
    )
    return model, _spins(rng)


@_family("displaced field")
def _displaced(rng):
    """A field whose amplitude is of order √N."""
    loss = rng.choice([0.0, 0.5])
    alpha = complex(*rng.normal(size=2)) * 0.3
    model = dicke_model(rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.2), rng.uniform(0.2, 0.7), loss)
    return model, {"": _spins(rng) if loss else [0, 0, -1.0], "field": Field(alpha=alpha)}


@_family("field of order one")
def _field_of_order_one(rng):
    """A field whose amplitude is of order one, so that averages have terms N^−½."""
    loss = rng.choice([0.0, 0.5])
    beta = complex(*rng.normal(size=2)) * 0.6
    model = dicke_model(rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.2), rng.uniform(0.2, 0.5), loss)
    return model, {"": _spins(rng) if loss else [0, 0, -1.0], "field": Field(beta=beta)}
