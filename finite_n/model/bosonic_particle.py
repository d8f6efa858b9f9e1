"""Particles that are made of bosons and do not feel each other: N copies of one small open system, without N.

Its operators are polynomials in the x and p of its bosons, and one particle's master equation is all there is:

    ρ̇ = −i[H, ρ] + Σ_μν D_μν (L_ν ρ L_μ† − ½{L_μ† L_ν, ρ}),  ħ = 1.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.collective_jumps import CollectiveJumps
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial, as_polynomial
from finite_n.model.species import SINGLE, Mode, Space

_LONGEST = 8  # factors x and p of an operator


@dataclasses.dataclass(frozen=True)
class Boson:
    """A boson of a particle: x = (a + a†)/√2, p = (a − a†)/(i√2), [x, p] = i.

    name: a word. Polynomials of x and p are printed with φ and π, the quadratures of a mode, which they are at N = 1.

    >>> b = Boson("b")
    >>> 0.5 * (b.x**2 + b.p**2)
    0.5 φ(b) φ(b) + 0.5 π(b) π(b)
    """

    name: str

    def __post_init__(self):
        Mode(self.name)  # refuses what is no name

    @property
    def mode(self) -> Mode:
        """The mode that it is at N = 1."""
        return Mode(self.name)

    @property
    def x(self) -> Polynomial:
        """(a + a†)/√2."""
        return self.mode.phi

    @property
    def p(self) -> Polynomial:
        """(a − a†)/(i√2)."""
        return self.mode.pi

    @property
    def a(self) -> Polynomial:
        """(x + ip)/√2."""
        return self.mode.alpha

    @property
    def number(self) -> Polynomial:
        """a†a."""
        return self.mode.number

    def __str__(self):
        return f"boson {self.name}"


class BosonicParticle:
    """A particle made of bosons, of which there are N that do not interact.

    Parameters
    ----------
    bosons : sequence of Boson
    hamiltonian : Polynomial or number
        H of one particle, a Hermitian polynomial of its x and p. Default 0.
    jumps : sequence of Polynomial
        L_μ, polynomials of its x and p, need not be Hermitian. Default: none.
    kossakowski : array, shape (n, n)
        D, Hermitian and positive semi-definite, acting as L_ν ρ L_μ†. Default: the identity.
    name : str

    Raises FiniteNError if H is not Hermitian, D not positive, or an operator contains something else.

    Example
    -------
    >>> b = Boson("b")
    >>> BosonicParticle([b], 1.5 * b.number, [b.a], 0.2)
    BosonicParticle(boson b; 1 jump operator)
    """

    def __init__(
        self,
        bosons: Sequence[Boson],
        hamiltonian: Polynomial | float = 0.0,
        jumps: Sequence[Polynomial] = (),
        kossakowski=None,
        name: str = "",
    ):
        bosons = (bosons,) if isinstance(bosons, Boson) else bosons
        if not isinstance(bosons, list | tuple) or not bosons or any(not isinstance(b, Boson) for b in bosons):
            raise FiniteNError(f"particle, bosons: got {shown(bosons)}; give a list of Boson objects.")
        jumps = (jumps,) if isinstance(jumps, Polynomial) else jumps
        if not isinstance(jumps, list | tuple):
            raise FiniteNError(f"particle, jumps: got {shown(jumps)}; give a list of polynomials of x and p.")
        self.bosons, self.name = tuple(bosons), name
        self.hamiltonian = self.operator(hamiltonian, "H")
        operators = [self.operator(p, "L", False) for p in jumps]
        if kossakowski is not None and not operators:
            raise FiniteNError("particle: a Kossakowski matrix is given without jumps; give their operators too.")
        matrix = np.eye(len(operators)) if kossakowski is None else kossakowski
        self.jumps = _Jumps(operators, matrix) if operators else None

    def operator(self, p, what: str = "operator", hermitian: bool = True) -> Polynomial:
        """The polynomial p of the particle's x and p; refuses others, and what is not `hermitian`; errors call it
        `what`."""
        try:
            p = as_polynomial(p)
        except FiniteNError as error:
            raise FiniteNError(f"{what} of a particle: {error}") from None
        known = {a for b in self.bosons for a in b.mode.letters}
        if not p.letters <= known or p.degree > _LONGEST or not np.isfinite(p.size):
            names = ", ".join(b.name for b in self.bosons)
            raise FiniteNError(
                f"{what} of a particle = {shown(p)}: give a finite polynomial of x and p of the bosons {names}, of "
                f"degree {_LONGEST} or less."
            )
        if hermitian and p.non_hermitian_part().words:
            raise FiniteNError(f"{what} of a particle = {shown(p)} is not Hermitian; symmetrise products.")
        return p

    @functools.cached_property
    def space(self) -> Space:
        """The letters x and p of all bosons."""
        return Space((), [b.mode for b in self.bosons])

    @functools.cached_property
    def as_model(self) -> Model:
        """The model of modes that is one particle at N = 1, beside a two-level particle to which nothing happens."""
        collective = [] if self.jumps is None else [self.jumps]
        return Model(self.hamiltonian, collective=collective, modes=[b.mode for b in self.bosons])

    def __repr__(self):
        number = 0 if self.jumps is None else len(self.jumps.polynomials)
        name = f"{self.name}: " if self.name else ""
        bosons = ", ".join(map(str, self.bosons))
        return f"BosonicParticle({name}{bosons}; {number} jump operator{'' if number == 1 else 's'})"


class _Jumps(CollectiveJumps):
    """L_μ of any degree: of one particle there is no N that a degree would have to fit."""

    @staticmethod
    def _read(p: Polynomial) -> Polynomial:
        return p


class OperatorSpace(Space):
    """The averages of named operators, in place of those of species and modes."""

    def __init__(self, names: Sequence[str]):
        super().__init__(SINGLE.species, ())
        self.labels, self.scale = list(names), np.ones(len(names))

    @property
    def size(self) -> int:
        """n, the number of operators."""
        return len(self.labels)

    def part(self, owner) -> slice:
        """None of them is of a species of spins."""
        return slice(0, 0)
