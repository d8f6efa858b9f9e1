"""What a model is made of: species of identical particles, boson modes, and the space of averages that they span.

The letters are Hermitian: m_a = (1/N_s) Σ_k v_a^(k) for every basis operator of every species s, and for every mode the
quadratures φ = (α + α†)/√2, π = (α − α†)/(√2 i) of α = a/√N, N the number of all particles. Then

    [m_a, m_b] = {a, b}/N,   {a, b} = C_ab0 + Σ_c C_abc m_c,

with C_abc = (1/f_s) × the structure constants of [v_a, v_b] within a species of fraction f_s = N_s/N, and {φ, π} = i.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import numbers
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import as_operator, coefficients, hermitian_basis
from finite_n.model.polynomial import Letter, Polynomial, average_of, basis_letters
from finite_n.model.validation import check_size

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_LOOKED_AT = 2000  # sizes on either side of one that does not suit
_WHOLE = 1e-9  # relative distance of f_s N from a whole number
_FINEST = 10**6  # denominators of shares of species


@dataclasses.dataclass(frozen=True)
class Species:
    """Identical particles with `dim` levels, a fraction of all N.

    name: a word, needed if there are several species; dim: number of levels d ≥ 2; fraction: N_s/N, a number or a
    `Fraction`.

    `share` is N_s/N as a symbol, `fraction` its number: (1/N) Σ_k σz^(k) over the particles of a is `a.share * a.mz`
    for whatever sizes, so that `Model.sized` can put in others.

    >>> a = Species("a", fraction=0.25)
    >>> a.mz * a.mx
    m_a(σz) m_a(σx)
    >>> 0.5 * a.share * a.mz
    0.5 f_a m_a(σz)
    """

    name: str = ""
    dim: int = 2
    fraction: float | Fraction = 1

    def __post_init__(self):
        _check_name(self.name, "species")
        if isinstance(self.dim, bool) or not isinstance(self.dim, numbers.Integral) or not 2 <= self.dim <= 16:
            raise FiniteNError(
                f"species {shown(self.name)}: dim = {shown(self.dim)}; give the number of levels, 2 to 16."
            )
        if not isinstance(self.fraction, numbers.Real) or not 0 < self.fraction <= 1:
            raise FiniteNError(
                f"species {shown(self.name)}: fraction = {shown(self.fraction)}; give N_s/N, above 0 and at most 1."
            )

    @property
    def letters(self) -> list[Letter]:
        """d² − 1 letters."""
        return basis_letters(self.name, self.dim)

    def average(self, x) -> Polynomial:
        """m_s(x) = (1/N_s) Σ_k x^(k) over the particles of this species; x a d×d array or `Qobj`."""
        return average_of(coefficients(as_operator(x, f"{self}.average(x)", self.dim)), self.name, self.dim)

    @property
    def share(self) -> Polynomial:
        """N_s/N, which commutes with everything and is a number in every model; 1 for the only species without a
        name."""
        return Polynomial({(Letter(self.name, self.dim, 0),): 1} if self.name else {(): 1})

    def _pauli(self, axis: int) -> Polynomial:
        if self.dim != 2:
            raise FiniteNError(
                f"{self}: mx, my, mz are for two levels; use average(x) with a {self.dim}×{self.dim} array."
            )
        return Polynomial({(self.letters[axis],): 1})

    @property
    def mx(self) -> Polynomial:
        """m_s(σx), two levels."""
        return self._pauli(0)

    @property
    def my(self) -> Polynomial:
        """m_s(σy), two levels."""
        return self._pauli(1)

    @property
    def mz(self) -> Polynomial:
        """m_s(σz), two levels."""
        return self._pauli(2)

    def __str__(self):
        return f"species {self.name}" if self.name else "species"


@dataclasses.dataclass(frozen=True)
class Mode:
    """A boson mode a, which enters models as α = a/√N. name: a word.

    >>> field = Mode("field")
    >>> 0.8 * field.number
    0.4 φ(field) φ(field) + (0+0.4j) φ(field) π(field) + (0-0.4j) π(field) φ(field) + 0.4 π(field) π(field)
    """

    name: str = "field"

    def __post_init__(self):
        _check_name(self.name, "mode")
        if not self.name:
            raise FiniteNError("mode: give it a name, for example Mode('field').")

    @property
    def letters(self) -> list[Letter]:
        """φ, π."""
        return basis_letters(self.name, 0)

    @property
    def phi(self) -> Polynomial:
        """φ = (a + a†)/√(2N)."""
        return Polynomial({(self.letters[0],): 1})

    @property
    def pi(self) -> Polynomial:
        """π = (a − a†)/(i√(2N))."""
        return Polynomial({(self.letters[1],): 1})

    @property
    def alpha(self) -> Polynomial:
        """α = a/√N = (φ + iπ)/√2."""
        return (self.phi + 1j * self.pi) / math.sqrt(2)

    @property
    def number(self) -> Polynomial:
        """α†α = a†a/N."""
        return self.alpha.adjoint() * self.alpha

    def __str__(self):
        return f"mode {self.name}"


class Space:
    """The letters of a model, in order, and their brackets.

    Attributes: `species`, `modes`; `letters` (n) and their `labels`; `scale` (n,): √f_s, for modes 1, so that the
    fluctuations are F_a = scale_a √N (m_a − ⟨m_a⟩); `brackets` (n², n + 1), sparse: C_abc in row a n + b, with c = 0
    for the number 1.
    """

    def __init__(self, species: Sequence[Species], modes: Sequence[Mode]):
        self.species, self.modes = tuple(species), tuple(modes)
        self.owners = (*self.species, *self.modes)
        self.letters = [a for owner in self.owners for a in owner.letters]
        self.index = {a: i for i, a in enumerate(self.letters)}
        self.labels = [a.label for a in self.letters]
        self.scale = np.array(
            [math.sqrt(s.fraction) for s in self.species for _ in s.letters] + [1.0, 1.0] * len(modes)
        )

    @property
    def size(self) -> int:
        """n, the number of letters."""
        return len(self.letters)

    def part(self, owner: Species | Mode | str) -> slice:
        """The letters of one species or mode, given itself or by name."""
        owner = owner if isinstance(owner, Species | Mode) else self.owner(owner)
        first = self.index[owner.letters[0]]
        return slice(first, first + len(owner.letters))

    def owner(self, name: str) -> Species | Mode:
        """The species or mode of that name."""
        for owner in self.owners:
            if isinstance(name, str) and owner.name == name:
                return owner
        known = ", ".join(repr(o.name) for o in self.owners)
        raise FiniteNError(f"{shown(name)} is neither a species nor a mode of the model; known are {known}.")

    def owners_of(self, given, what: str) -> list[Species | Mode]:
        """Species and modes, one or a list, themselves or by name, each once; `what` asks, in a refusal."""
        given = list(given) if isinstance(given, list | tuple) else [given]
        try:
            found = [self.owner(x.name if isinstance(x, Species | Mode) else x) for x in given]
        except FiniteNError as error:
            raise FiniteNError(f"{what}: {error}") from None
        if not found or len(set(found)) < len(found):
            known = ", ".join(repr(o.name) for o in self.owners)
            raise FiniteNError(f"{what}: got {shown(given)}; give one or more species or modes, each once: {known}.")
        return found

    def species_of(self, species: Species | str | None) -> Species:
        """A species of the model, given itself or by name; the only one if None."""
        if species is None and len(self.species) == 1:
            return self.species[0]
        if species is None:
            raise FiniteNError(f"say which species: {', '.join(s.name for s in self.species)}.")
        owner = species if isinstance(species, Species) else self.owner(species)
        if owner not in self.species:
            raise FiniteNError(f"{owner} is not a species of the model.")
        return owner

    @functools.cached_property
    def brackets(self) -> csr_array:
        from scipy.sparse import csr_array  # models are written without it

        n, rows, columns, values = self.size, [], [], []
        for s in self.species:
            part, c = self.part(s), _brackets(s.dim) / float(s.fraction)
            a, b, k = np.nonzero(c)
            rows.append((part.start + a) * n + part.start + b)
            columns.append(np.where(k == 0, 0, part.start + k))
            values.append(c[a, b, k])
        q = np.array([self.part(mode).start for mode in self.modes], dtype=int)
        rows += [q * n + q + 1, (q + 1) * n + q]
        columns += [0 * q, 0 * q]
        values += [np.full(len(q), 1j), np.full(len(q), -1j)]
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
        return csr_array(entries, shape=(n * n, n + 1))

    def bracket_values(self, means: np.ndarray) -> np.ndarray:
        """C_ab0 + Σ_c C_abc m_c at averages m (…, n), shape (…, n, n)."""
        one = np.concatenate([np.ones((*means.shape[:-1], 1)), means], axis=-1)
        found = self.brackets @ one.reshape(-1, self.size + 1).T
        return found.T.reshape(*means.shape[:-1], self.size, self.size)

    def brackets_with(self, l: np.ndarray) -> csr_array:
        """Σ_a l_μa C_abc for rows of l (k, n): (k n, n + 1), sparse, row μ n + b."""
        from scipy.sparse import csr_array, eye_array, kron

        return csr_array(kron(csr_array(l), eye_array(self.size)) @ self.brackets)

    @functools.cached_property
    def unit(self) -> int:
        """The smallest N that gives every species a whole number of particles; its multiples do so too."""
        shares = [Fraction(s.fraction).limit_denominator(_FINEST) for s in self.species]
        return math.lcm(*(x.denominator for x in shares))

    def sizes(self, N: int) -> list[int]:
        """N_s of every species at N particles; refuses fractions that do not give whole numbers."""
        N = check_size(N)
        exact = [s.fraction * N for s in self.species]
        sizes = [round(x) for x in exact]
        if sum(sizes) != N or any(abs(x - n) > _WHOLE * N or n < 1 for x, n in zip(exact, sizes, strict=True)):
            shares = ", ".join(f"{s.name} {float(s.fraction):.6g}" for s in self.species)
            near = next((n for n in _nearest(N) if _are_whole(self.species, n)), None)
            written = f"whose N_s/N are written as {self.species[0].name}.share"
            advice = (
                f"use for example N = {near}"
                if near
                else "give exact fractions, such as 1/3 for 0.3333, or in Python sizes with "
                f"model.sized([…]) of a model {written}"
            )
            raise FiniteNError(
                f"N = {N} with fractions {shares}: a species would have no whole number of particles; {advice}."
            )
        return sizes


@functools.lru_cache(maxsize=16)
def _brackets(dim: int) -> np.ndarray:
    """Coefficients of [v_a, v_b] over 1 and all v_c, shape (d² − 1, d² − 1, d²)."""
    v = hermitian_basis(dim)[1:]
    return np.array([[coefficients(a @ b - b @ a) for b in v] for a in v])


def _are_whole(species: Sequence[Species], N: int) -> bool:
    return all(
        abs(s.fraction * N - round(s.fraction * N)) <= _WHOLE * N and round(s.fraction * N) >= 1 for s in species
    )


def _nearest(N: int) -> Iterator[int]:
    """Sizes around N, the nearest first, up to a number that is searched quickly."""
    for k in range(1, min(N + 200, _LOOKED_AT)):
        yield from (n for n in (N - k, N + k) if 2 * n >= N)


def check_parts(species, modes) -> tuple[tuple[Species, ...], tuple[Mode, ...]]:
    """Species (the unnamed two-level one if none are given) and modes; refuses what does not fit together."""
    out = []
    for what, kind, parts in (("species", Species, species), ("modes", Mode, modes)):
        parts = (parts,) if isinstance(parts, kind) else parts
        if not isinstance(parts, list | tuple) or any(not isinstance(p, kind) for p in parts):
            raise FiniteNError(f"model, {what}: got {shown(parts)}; give a list of {kind.__name__} objects.")
        out.append(tuple(parts))
    species, modes = out[0] or (Species(),), out[1]
    names = [p.name for p in (*species, *modes)]
    if len(species) > 1 and not all(s.name for s in species):
        raise FiniteNError(
            "model, species: there are several, so give each a name, for example Species('a', fraction=0.5)."
        )
    if len(set(names)) < len(names):
        raise FiniteNError(
            f"model: the name {shown(max(names, key=names.count))} is given twice; names of species and modes differ."
        )
    total = sum(s.fraction for s in species)
    if abs(total - 1) > 1e-12:
        raise FiniteNError(f"model, species: the fractions add up to {float(total):.12g}; they must add up to 1.")
    return species, modes


def with_sizes(species: Sequence[Species], sizes: Mapping[str, int] | Sequence[int]) -> list[Species]:
    """The same species with the fractions N_s/N of given sizes; those of size 0 are dropped."""
    names = ", ".join(s.name for s in species) or "the only species"
    if isinstance(sizes, Mapping):
        if set(sizes) != {s.name for s in species}:
            raise FiniteNError(f"sizes {shown(dict(sizes))}: give one size for each of {names}.")
        sizes = [sizes[s.name] for s in species]
    sizes = sizes.tolist() if isinstance(sizes, np.ndarray) else sizes
    try:
        whole = [0 if n == 0 and not isinstance(n, bool) else check_size(n) for n in sizes]
    except TypeError:
        raise FiniteNError(f"sizes {shown(sizes)}: give a list or dict with one size for each of {names}.") from None
    if len(whole) != len(species) or not any(whole):
        raise FiniteNError(
            f"sizes {shown(list(sizes))}: give one size for each of the {len(species)} species, not all of them 0."
        )
    N = sum(whole)
    return [dataclasses.replace(s, fraction=Fraction(n, N)) for s, n in zip(species, whole, strict=True) if n]


def changed(old: Sequence[Species], new: Sequence[Species]) -> dict[str, float]:
    """Fractions of the species whose fraction is another one, by name; 0 for those that are gone."""
    now = {s.name: s.fraction for s in new}
    return {s.name: now.get(s.name, 0) for s in old if abs(s.fraction - now.get(s.name, 0)) > _WHOLE}


def _check_name(name, what: str) -> None:
    if not isinstance(name, str) or (name and not name.isidentifier()):
        raise FiniteNError(
            f"{what}: name {shown(name)}; give a word of letters, digits and underscores, for example 'a'."
        )


SINGLE = Space((Species(),), ())  # one species of two-level particles without a name, no modes
