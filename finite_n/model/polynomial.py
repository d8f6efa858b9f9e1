"""The N-free algebra: ordered polynomials of average operators m(x) = (1/N) Σ_k x^(k).

A letter is the average of one basis operator over one species, for two levels of a Pauli matrix, or a quadrature of a
boson mode. A word is an ordered product of letters, written as a tuple; a polynomial maps words to complex
coefficients. m(1) = 1 is the empty word. Order is kept, since [m(σx), m(σy)] = (2i/N) m(σz) at finite N, but letters of
different species or modes commute and are sorted; in the limit all letters become commuting numbers. A letter of index
0 is the share N_s/N of a species, a number that a model puts in (`Polynomial.with_shares`).
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.operators import AXES, PAULI, as_operator, coefficients, is_function


class Letter(NamedTuple):
    """m(v_index) of a species of particles with `dim` levels, index 0: its share N_s/N; dim = 0: index 1 and 2 are the
    quadratures φ and π of a mode."""

    owner: str
    dim: int
    index: int

    @property
    def label(self) -> str:
        """Short name: "x", "a.x", "v3", "field.phi"."""
        if self.index == 0:
            return f"{self.owner}.share"
        axes = {0: ("phi", "pi"), 2: AXES}
        name = axes[self.dim][self.index - 1] if self.dim in axes else f"v{self.index}"
        return f"{self.owner}.{name}" if self.owner else name

    def __str__(self):
        if self.index == 0:
            return f"f_{self.owner}"
        if self.dim == 0:
            return f"{'φ' if self.index == 1 else 'π'}({self.owner})" if self.owner else ("φ", "π")[self.index - 1]
        name = f"σ{AXES[self.index - 1]}" if self.dim == 2 else f"v{self.index}"
        return f"m_{self.owner}({name})" if self.owner else f"m({name})"


XYZ = tuple(Letter("", 2, axis) for axis in (1, 2, 3))  # m(σx), m(σy), m(σz) of particles without a species' name
Word = tuple[Letter, ...]
LARGEST = 100_000  # terms of a product
LONGEST = 64  # letters of a word


class Polynomial:
    """An ordered polynomial of average operators; supports +, −, *, ** and numbers.

    Attributes: `words`, coefficients of words; `ones`, what averages of the identity, m_s(1) = 1, have put into words
    without averages, {(word of shares, species): coefficient}: what a sum over particles loses where one is left out
    (`LocalJump`).

    >>> from finite_n import mx, mz
    >>> 0.5 * mx + mz * mx
    0.5 m(σx) + m(σz) m(σx)
    """

    __slots__ = ("ones", "words")
    __array_ufunc__ = None  # so that numpy scalars on the left defer to __rmul__

    def __init__(self, words: dict[Word, complex], ones: dict[tuple[Word, str], complex] | None = None):
        if not isinstance(words, Mapping) or not all(isinstance(word, tuple) and _are_letters(word) for word in words):
            raise FiniteNError(
                f"polynomial: got {shown(words)}; write it with mx, my, mz, average(x), +, −, * and numbers, or give a "
                "dict of tuples of letters."
            )
        ordered: dict[Word, complex] = {}
        for word, c in words.items():
            if len(word) > 1 and len({_owner(a) for a in word}) > 1:
                word = tuple(sorted(word, key=_owner))  # what belongs to different owners commutes
            ordered[word] = ordered.get(word, 0) + complex(c)
        self.words = {w: c for w, c in ordered.items() if c != 0}
        self.ones = ones or {}

    @property
    def degree(self) -> int:
        """Length of the longest word, shares not counted; 0 for a number."""
        return max((sum(not is_share(a) for a in w) for w in self.words), default=0)

    @property
    def size(self) -> float:
        """Σ_w |c_w|, a bound of the operator norm (averages of Pauli matrices have norm at most 1)."""
        return sum(abs(c) for c in self.words.values())

    def adjoint(self) -> Polynomial:
        """The Hermitian conjugate: words reversed, coefficients conjugated."""
        return Polynomial({w[::-1]: c.conjugate() for w, c in self.words.items()})

    def non_hermitian_part(self) -> Polynomial:
        """½(h − h†) as an ordered polynomial, with rounding (1e-12 of the largest coefficient) removed."""
        scale = max((abs(c) for c in self.words.values()), default=0.0)
        rest = 0.5 * (self - self.adjoint())
        return Polynomial({w: c for w, c in rest.words.items() if abs(c) > 1e-12 * scale})

    @classmethod
    def _of_ordered(cls, words: dict[Word, complex], ones: dict[tuple[Word, str], complex] | None = None) -> Polynomial:
        """From words whose letters are in order already."""
        p = cls.__new__(cls)
        p.words = {w: c for w, c in words.items() if c != 0}
        p.ones = ones or {}
        return p

    @property
    def has_shares(self) -> bool:
        """True if the share of a species occurs."""
        return any(is_share(a) for word in self.words for a in word)

    def with_shares(self, fractions: Mapping[str, float]) -> Polynomial:
        """The polynomial with numbers in place of the shares N_s/N of some species, `fractions` by name."""

        def split(word):
            known = [a for a in word if is_share(a) and a.owner in fractions]
            return tuple(a for a in word if a not in known), math.prod(float(fractions[a.owner]) for a in known)

        words: dict[Word, complex] = {}
        for word, c in self.words.items():
            rest, number = split(word)
            words[rest] = words.get(rest, 0) + c * number
        ones: dict[tuple[Word, str], complex] = {}
        for (word, owner), c in self.ones.items():
            rest, number = split(word)
            ones[rest, owner] = ones.get((rest, owner), 0) + c * number
        return Polynomial._of_ordered(words, {key: c for key, c in ones.items() if c != 0})

    def substitute(self, images: Mapping[Letter, Polynomial]) -> Polynomial:
        """The polynomial with every letter replaced by its polynomial in `images`; shares stay, and so does m(1),
        since letters are rotated only.
        """
        total: dict[Word, complex] = {}
        for word, c in self.words.items():
            product = {(): c}
            for letter in word:
                if not is_share(letter) and letter not in images:
                    raise FiniteNError(f"polynomial: no image of {letter} is given; give one for every letter.")
                factor, longer = {(letter,): 1} if is_share(letter) else as_polynomial(images[letter]).words, {}
                for w1, c1 in product.items():
                    for w2, c2 in factor.items():
                        longer[w1 + w2] = longer.get(w1 + w2, 0) + c1 * c2
                product = longer
            for w, x in product.items():
                total[w] = total.get(w, 0) + x
        return Polynomial(total, self.ones)

    @property
    def letters(self) -> set:
        """Every letter that occurs."""
        return {letter for word in self.words for letter in word}

    def evaluate(self, letters, one):
        """Substitute objects for letters: Σ_w c_w letters[w0] * letters[w1] * …; `one` stands for the empty word.

        letters: a mapping, or a sequence for mx, my, mz.
        """
        letters = letters if isinstance(letters, Mapping) else dict(zip(XYZ, letters, strict=True))
        total = None
        for word, c in self.words.items():
            product = one
            for letter in word:
                product = product * letters[letter]
            total = c * product if total is None else total + c * product
        return 0 * one if total is None else total

    def value(self, m) -> complex:
        """Value with commuting numbers for the letters: a mapping, or m = (mx, my, mz)."""
        if not isinstance(m, Mapping):
            try:
                m = dict(zip(XYZ, map(complex, m), strict=True))
            except (TypeError, ValueError):
                raise FiniteNError(f"polynomial: value at {shown(m)}; give three numbers mx, my, mz.") from None
        if missing := {a for a in self.letters if a not in m}:
            names = ", ".join(sorted(str(a) for a in missing))
            raise FiniteNError(f"polynomial: {shown(self)} needs values of {names}; give a dict of numbers by letter.")
        return self.evaluate(m, 1.0 + 0j)

    def gradient(self, m) -> np.ndarray:
        """∂/∂m_a of `value` at averages m, shape (3,), complex."""
        return np.array([p.value(m) for p in self.partials()])

    def partials(self, letters: Sequence[Letter] = XYZ) -> list[Polynomial]:
        """The commuting partial derivatives by some letters, as polynomials."""
        if not isinstance(letters, Iterable):
            raise FiniteNError(
                f"polynomial: partials by {shown(letters)}; give a list of letters, such as species.letters."
            )
        out: dict[Letter, dict[Word, complex]] = {letter: {} for letter in letters}
        for word, c in self.words.items():
            for k, letter in enumerate(word):
                if letter in out:
                    rest = word[:k] + word[k + 1 :]
                    out[letter][rest] = out[letter].get(rest, 0) + c
        return [Polynomial(d) for d in out.values()]

    def __add__(self, other):
        if depends_on_time(other):
            return NotImplemented
        other = as_polynomial(other)
        return Polynomial._of_ordered(_added(self.words, other.words), _added(self.ones, other.ones))

    __radd__ = __add__

    def __neg__(self):
        return Polynomial._of_ordered(_times(self.words, -1), _times(self.ones, -1))

    def __sub__(self, other):
        return NotImplemented if depends_on_time(other) else self + (-as_polynomial(other))

    def __rsub__(self, other):
        return as_polynomial(other) - self

    def __mul__(self, other):
        if depends_on_time(other):
            return NotImplemented
        other = as_polynomial(other)
        if len(self.words) * len(other.words) > LARGEST:
            raise FiniteNError(
                f"polynomial: a product of {len(self.words)} and {len(other.words)} terms; at most {LARGEST} are "
                "allowed."
            )
        if self.words and other.words and (length := self._longest + other._longest) > LONGEST:
            raise FiniteNError(
                f"polynomial: a product of {length} averages, {shown(self)} times {shown(other)}; at most {LONGEST} "
                "are allowed."
            )
        words: dict[Word, complex] = {}
        for w1, c1 in self.words.items():
            for w2, c2 in other.words.items():
                words[w1 + w2] = words.get(w1 + w2, 0) + c1 * c2
        return Polynomial(words, self._ones_of_product(other))

    @property
    def _longest(self) -> int:
        return max((len(w) for w in self.words), default=0)

    def _ones_of_product(self, other: Polynomial) -> dict[tuple[Word, str], complex]:
        """A number or share times m_s(1) still belongs to the sum over particles; products of averages are not linear
        anyway.
        """
        ones: dict[tuple[Word, str], complex] = {}
        for p, q in ((self, other), (other, self)):
            if q.ones and not p.ones and p.degree == 0:
                for w1, c1 in p.words.items():
                    for (w2, owner), c2 in q.ones.items():
                        key = (tuple(sorted(w1 + w2, key=_owner)), owner)
                        ones[key] = ones.get(key, 0) + c1 * c2
        return ones

    def __rmul__(self, other):
        return as_polynomial(other) * self

    def __truediv__(self, other):
        if not isinstance(other, numbers.Number) or other == 0:
            raise FiniteNError(f"division of a polynomial by {shown(other)}: divide by a number only, and not by zero.")
        return self * (1 / other)

    def __pow__(self, k):
        if isinstance(k, bool) or not isinstance(k, numbers.Integral) or k < 0:
            raise FiniteNError(f"power {shown(k)} of a polynomial: use a whole number, 0 or more.")
        if k > LONGEST:
            raise FiniteNError(f"power {shown(k)} of a polynomial: at most {LONGEST} is allowed.")
        product = Polynomial({(): 1})
        for _ in range(k):
            product = product * self
        return product

    def __eq__(self, other):
        return isinstance(other, Polynomial) and self.words == other.words

    def __hash__(self):
        return hash(frozenset(self.words.items()))

    def __repr__(self):
        if not self.words:
            return "0"
        parts = []
        for w, c in sorted(self.words.items(), key=lambda item: (len(item[0]), [a for a in item[0]])):
            number = f"{c.real:.6g}" if c.imag == 0 else f"({c:.6g})"
            letters = " ".join(str(a) for a in w)
            parts.append(number if not letters else letters if number == "1" else f"{number} {letters}")
        return " + ".join(parts)


def depends_on_time(x) -> bool:
    """True for a coefficient, and for a polynomial that has some: they know how to be added and multiplied."""
    return getattr(type(x), "depends_on_time", False)


def as_polynomial(x) -> Polynomial:
    """A number or a polynomial, as a polynomial; a refusal says what to write in place of other packages' forms."""
    if isinstance(x, Polynomial):
        return x
    if isinstance(x, numbers.Number) and not isinstance(x, bool):
        try:
            return Polynomial({(): complex(x)})
        except OverflowError:
            raise FiniteNError(f"got the number {shown(x)}, which is too large for double precision.") from None
    raise FiniteNError(f"got {shown(x)} where a polynomial of averages is wanted; {_advice(x)}.")


def _advice(x) -> str:
    if hasattr(x, "isconstant") or is_function(x) or depends_on_time(x):
        return "functions of t multiply averages in a Hamiltonian: write coefficient(f) * mx"
    if isinstance(x, list | tuple) and any(isinstance(p, list | tuple) or callable(p) for p in x):
        return "pairs [polynomial, f(t)] are for a model's hamiltonian: write coefficient(f) * mx, or such a list there"
    return "write average(x) for (1/N) Σ_k x^(k) of a d×d array or Qobj x, and combine with +, −, * and numbers"


def average(x) -> Polynomial:
    """The average operator m(x) = (1/N) Σ_k x^(k) of a single-particle operator x (d×d array or `Qobj`).

    For models with several species use `Species.average`.

    >>> import qutip
    >>> average(qutip.num(2))
    0.5 + -0.5 m(σz)
    """
    x = as_operator(x, "average(x)", None)
    return average_of(coefficients(x), "", len(x))


def average_of(c, owner: str, dim: int) -> Polynomial:
    """m_s(x) of x = Σ_a c_a v_a, v_0 = 1, over the particles of one species."""
    p = linear(c, basis_letters(owner, dim))
    p.ones = {((), owner): complex(c[0])} if c[0] != 0 else {}
    return p


def _are_letters(word: tuple) -> bool:
    return all(isinstance(a, Letter) for a in word)


def is_share(letter: Letter) -> bool:
    """True for the share N_s/N of a species."""
    return letter.index == 0


def _owner(letter: Letter) -> tuple[int, str]:
    """Shares first, then species, then modes."""
    return (0 if letter.index == 0 else 1 if letter.dim else 2, letter.owner)


def _added(p: dict, q: dict) -> dict:
    total = dict(p)
    for key, c in q.items():
        total[key] = total.get(key, 0) + c
    return total


def _times(p: dict, number: complex) -> dict:
    return {key: number * c for key, c in p.items()}


def basis_letters(owner: str, dim: int) -> list[Letter]:
    """The letters of one species, or with dim = 0 of one mode."""
    return [Letter(owner, dim, a) for a in range(1, max(dim**2, 3))]


def linear(c, letters: Sequence[Letter] = XYZ) -> Polynomial:
    """c_0 + Σ_a c_a letter_a; for two-level particles c_0 + c_1 m(σx) + c_2 m(σy) + c_3 m(σz)."""
    return Polynomial({(): c[0]} | {(a,): x for a, x in zip(letters, c[1:], strict=True)})


def linear_coefficients(p: Polynomial, letters: Sequence) -> np.ndarray:
    """Inverse of `linear`: (c_0, c_1, …), complex."""
    return np.array([p.words.get(w, 0) for w in ((), *((a,) for a in letters))])


mx, my, mz = (average(PAULI[a]) for a in (1, 2, 3))
