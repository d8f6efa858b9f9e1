"""Random models of several species, levels and modes, and the images of single-species models in them."""

from __future__ import annotations

import numpy as np

from finite_n import CollectiveJumps, LocalJump, Model, Polynomial, Species
from tests import random_models

ONE = Polynomial({(): 1})


def combination(rng, space, *, modes: bool, real: bool) -> Polynomial:
    """A random linear polynomial of all letters, with a constant."""
    letters = space.letters if modes else [a for s in space.species for a in s.letters]
    c = rng.normal(size=len(letters) + 1) + (0 if real else 1j * rng.normal(size=len(letters) + 1))
    c = 0.4 * c / np.sqrt(len(letters))
    return Polynomial({(): c[0]} | {(a,): x for a, x in zip(letters, c[1:], strict=True)})


def general_model(rng, species, modes=(), *, degree: int = 3, gamma_degree: int = 1) -> Model:
    """Everything at once: h with random words up to `degree`, two jumps per species with Γ a polynomial of averages of all
    species, with and without particle k, and collective jumps with all letters."""
    space = Model(species=species, modes=modes).space
    h = Polynomial({})
    for length in range(1, degree + 1):
        for _ in range(10):
            word = tuple(space.letters[i] for i in rng.integers(space.size, size=length))
            h = h + Polynomial({word: 0.3 * complex(*rng.normal(size=2))})
    jumps = [
        LocalJump(
            0.6 * (rng.normal(size=(s.dim, s.dim)) + 1j * rng.normal(size=(s.dim, s.dim))) / np.sqrt(s.dim),
            np.polynomial.Polynomial([0.7, *(0.4 * rng.normal(size=gamma_degree))]),
            combination(rng, space, modes=False, real=True),
            include_self=include_self,
            species=s,
        )
        for s in space.species
        for include_self in (True, False)
    ]
    ls = [combination(rng, space, modes=True, real=False) for _ in range(2)]
    collective = [CollectiveJumps(ls, random_models.kossakowski(rng, 2))]
    collective += [CollectiveJumps([mode.alpha], 0.7) for mode in modes]
    return Model(0.5 * (h + h.adjoint()), jumps, collective, species=species, modes=modes)


def mapped(model: Model, images: dict, species, operator=lambda j: j) -> Model:
    """A model of one species with letters replaced by `images`, and every jump given to each of `species`."""
    jumps = [
        LocalJump(
            operator(jump.operator),
            jump.amplitude,
            None if jump.amplitude.is_constant else jump.argument.evaluate(images, ONE),
            include_self=jump.include_self,
            species=s,
        )
        for s in species
        for jump in model.jumps
    ]
    return Model(
        model.hamiltonian.evaluate(images, ONE), jumps, [c.rotated(images) for c in model.collective], species=species
    )


def split(model: Model, fractions) -> Model:
    """The same model with its particles named apart: m → Σ_s f_s m_s."""
    species = [Species(f"s{k}", fraction=f) for k, f in enumerate(fractions)]
    images = {a: sum((float(s.fraction) * (s.mx, s.my, s.mz)[a - 1] for s in species), 0 * ONE) for a in (1, 2, 3)}
    return mapped(model, images, species)


def embedded(model: Model) -> Model:
    """The same model for particles with a third level that is never used."""
    species = Species("q", dim=3)
    images = {a: species.average(enlarged(v)) for a, v in zip((1, 2, 3), PAULI, strict=True)}
    return mapped(model, images, [species], enlarged)


def enlarged(x) -> np.ndarray:
    """x on the first two of three levels."""
    return np.pad(np.asarray(x, complex), ((0, 1), (0, 1)))


PAULI = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]
