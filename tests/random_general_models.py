"""Random models of every kind over any species and modes, seeded, with rates of order one; and images of one species in
them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.linalg import expm

from finite_n import CollectiveJumps, Field, LocalJump, Mode, Model, Species
from finite_n.engine import mode_states
from finite_n.model.operators import hermitian_basis
from finite_n.model.polynomial import XYZ, Polynomial
from finite_n.model.species import Space
from finite_n.states.initial_state import InitialState, as_initial_state
from tests.random_models import KINDS as ALL_KINDS
from tests.random_models import amplitude, kossakowski

ONE = Polynomial({(): 1})
KINDS = tuple(k for k in ALL_KINDS if k != "two tilts")  # and "two tilts": rates whose Δ do not commute on a species


def parts(dims=(2,), sizes=(1,), modes: int = 0) -> tuple[list[Species], list[Mode]]:
    """Species a, b, … of given levels whose sizes are `sizes` at N = Σ sizes, and modes f0, f1, …"""
    N = sum(sizes)
    species = [Species("abcdefgh"[i], d, Fraction(n, N)) for i, (d, n) in enumerate(zip(dims, sizes, strict=True))]
    return species, [Mode(f"f{i}") for i in range(modes)]


def complex_matrix(rng, d: int, size: float = 0.7) -> np.ndarray:
    return size * (rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))) / d


def hermitian(rng, d: int, size: float = 0.7) -> np.ndarray:
    x = complex_matrix(rng, d, size)
    return x + x.conj().T


def _few(rng, d: int) -> np.ndarray:
    """A Hermitian matrix that is not zero within two random levels only."""
    out = np.zeros((d, d), complex)
    out[np.ix_(*2 * [levels := rng.choice(d, 2, replace=False)])] = hermitian(rng, 2)
    return out if d == 2 else out - np.diag(np.diag(out)) + np.diag(np.arange(d)) * (levels[0] / 3)


def unitary(rng, d: int) -> np.ndarray:
    return expm(1j * hermitian(rng, d, 2.0))


def density(rng, d: int) -> np.ndarray:
    """A one-particle state of full rank, away from the maximally mixed one."""
    x = rng.normal(size=(d, d)) + 1j * rng.normal(size=(d, d))
    rho = x @ x.conj().T
    return 0.85 * rho / np.trace(rho).real + 0.15 * np.eye(d) / d


def _linear(rng, species, modes, size: float) -> Polynomial:
    """A complex linear combination of all letters, with a constant."""
    out = size * 0.3 * (rng.normal() + 1j * rng.normal()) * ONE
    for s in species:
        out = out + s.average(complex_matrix(rng, s.dim, size))
    for m in modes:
        c = size * (rng.normal(size=2) + 1j * rng.normal(size=2)) / 2
        out = out + c[0] * m.alpha + 0.5 * c[1] * m.alpha.adjoint()
    return out


def hamiltonian(rng, species, modes=(), degree: int = 3, words: int = 4) -> Polynomial:
    """Hermitian: `words` random products of every degree up to `degree`, each factor over a random species or mode.

    The factors of products are of a few matrix elements, so that particles of many levels do not make thousands of
    words.
    """
    h = Polynomial({})
    owners = [*species, *modes]
    for k in range(1, degree + 1):
        for _ in range(words):
            product = (0.5 / k) * (rng.normal() + 1j * rng.normal()) * ONE
            for _ in range(k):
                owner = owners[rng.integers(len(owners))]
                if isinstance(owner, Mode):
                    product = product * (owner.phi if rng.random() < 0.5 else owner.pi)
                else:
                    product = product * owner.average(hermitian(rng, owner.dim) if k == 1 else _few(rng, owner.dim))
            h = h + product
    return 0.5 * (h + h.adjoint()) + rng.normal()


def linear_delta(rng, species, frames) -> Polynomial:
    """Δ over all species, diagonal in the basis that `frames` gives for each of them."""
    delta = 0.3 * rng.normal() * ONE
    for s in species:
        r = np.diag(rng.normal(size=s.dim) * 0.6)
        delta = delta + s.average(frames[s.name].conj().T @ r @ frames[s.name])
    return 0.5 * (delta + delta.adjoint())


def _frames(rng, species, tilted: bool) -> dict[str, np.ndarray]:
    return {s.name: unitary(rng, s.dim) if tilted else np.eye(s.dim) for s in species}


def model(kind: str, rng, species, modes=()) -> Model:
    """One of KINDS, or "two tilts". Every species jumps, Δ and collective jumps are over all species (and modes)."""
    species, modes = list(species), list(modes)

    def built(h=0.0, jumps=(), collective=()):
        return Model(h, jumps, collective, species=species, modes=modes)

    if kind == "hamiltonian":
        return built(hamiltonian(rng, species, modes))
    if kind == "constant":
        h = hamiltonian(rng, species, modes, 1)
        return built(h, [LocalJump(complex_matrix(rng, s.dim), rng.uniform(0.5, 1.5), species=s) for s in species])
    if "rates" in kind or kind == "two tilts":
        frames = _frames(rng, species, "tilt" in kind)
        jumps = []
        for i, s in enumerate([*species, species[0]]):
            if kind == "two tilts" and i == len(species):
                frames = _frames(rng, species, True)
            include = kind != "two tilts" and "without" not in kind
            delta = linear_delta(rng, species, frames)
            jumps.append(LocalJump(complex_matrix(rng, s.dim), amplitude(rng), delta, include, species=s))
        return built(hamiltonian(rng, species, modes, 2), jumps)
    if kind == "collective":
        linear = [_linear(rng, species, modes, 0.8) for _ in range(3)]
        return built(hamiltonian(rng, species, modes, 2), collective=[CollectiveJumps(linear, kossakowski(rng))])
    if kind == "everything":
        some = [model(k, rng, species, modes) for k in ("hamiltonian", "constant", "collective")]
        frames = _frames(rng, species, True)
        jumps = [j for p in some for j in p.jumps]
        for include in (True, False):
            s = species[rng.integers(len(species))]
            delta = linear_delta(rng, species, frames)
            jumps.append(LocalJump(complex_matrix(rng, s.dim), amplitude(rng), delta, include, species=s))
        h = sum((p.hamiltonian for p in some), Polynomial({})) * 0.3
        return built(h, jumps, [c for p in some for c in p.collective])
    raise KeyError(kind)


def polynomial_model(rng, species, modes=(), *, degree: int = 3, gamma_degree: int = 1) -> Model:
    """Everything at once, with Γ a polynomial, so that rates in a product state are polynomials in 1/N: h up to
    `degree`, two jumps per species with Δ over all species, with and without particle k, and collective jumps with all
    letters."""
    jumps = [
        LocalJump(
            complex_matrix(rng, s.dim),
            np.polynomial.Polynomial([0.7, *(0.4 * rng.normal(size=gamma_degree))]),
            linear_delta(rng, species, _frames(rng, species, True)),
            include_self,
            species=s,
        )
        for s in species
        for include_self in (True, False)
    ]
    collective = [CollectiveJumps([_linear(rng, species, modes, 0.5) for _ in range(2)], kossakowski(rng, 2))]
    collective += [CollectiveJumps([mode.alpha], 0.7) for mode in modes]
    return Model(hamiltonian(rng, species, modes, degree), jumps, collective, species=species, modes=modes)


def state(rng, species, modes=()) -> InitialState:
    """A product of random one-particle states and weakly displaced modes, so that a low cutoff cuts something off."""
    given = {s.name: density(rng, s.dim) for s in species}
    given |= {m.name: Field(beta=complex(rng.normal(), rng.normal()) * 0.4, number=int(rng.integers(2))) for m in modes}
    return as_initial_state(given, Model(species=list(species), modes=list(modes)))


def matrices(joint: InitialState, N: int, cutoffs=()) -> dict[str, np.ndarray]:
    """The one-particle and the mode matrices of a joint product state, by name: what a full-space reference starts
    from."""
    space: Space = joint.space
    out = {s.name: joint.parts[s.name].density for s in space.species}
    return out | {
        m.name: mode_states.density(joint.parts[m.name], N, c) for m, c in zip(space.modes, cutoffs, strict=True)
    }


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
    images = {a: sum((float(s.fraction) * (s.mx, s.my, s.mz)[k] for s in species), 0 * ONE) for k, a in enumerate(XYZ)}
    return mapped(model, images, species)


def embedded(model: Model) -> Model:
    """The same model for particles with a third level that is never used."""
    species = Species("q", dim=3)
    images = {a: species.average(enlarged(v)) for a, v in zip(XYZ, hermitian_basis(2)[1:], strict=True)}
    return mapped(model, images, [species], enlarged)


def enlarged(x) -> np.ndarray:
    """x on the first two of three levels."""
    return np.pad(np.asarray(x, complex), ((0, 1), (0, 1)))
