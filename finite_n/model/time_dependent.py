"""Parts of a model that depend on time: h = h_0 + Σ_k f_k(t) h_k, and the sum of constant models it stands for.

A generator that depends on time is a sum L(t) = L_0 + Σ_k f_k(t) L_k of generators of constant models, and so are drift
and noise of its limits. What takes constant models only refuses one that depends on time by its attributes: those that
have no single value raise `TimeDependentError`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.coefficient import Coefficient, coefficient
from finite_n.model.polynomial import Polynomial, as_polynomial
from finite_n.model.validation import check_number


class TimeDependentError(FiniteNError, AttributeError):
    """A model that depends on time is given where coefficients have to be constant."""

    def __init__(self, what: str, sentence: str = ""):
        super().__init__(
            sentence
            or f"{what} depends on time, and what is asked for is known of models with constant coefficients only; "
            "model.at(t) is the model at one time."
        )


def check_constant(model, what: str) -> None:
    """Refuse a model, or a limit, that depends on time, where `what` is of constant ones."""
    if model.depends_on_time:
        raise TimeDependentError(f"{what}: {model!r}")


_INSIDE = np.arange(1, 34) * (np.sqrt(5) - 1) / 2 % 1  # of a period
_REPEATS = 1e-9  # of the largest value


def check_period(model, period: float, start: float) -> float:
    """A period of all functions of time of a model, from a first time on; refuses others."""
    period = check_number(period, "period", 0, strict=True)
    for f in (p.coefficient for p in model.between(start, start + 2 * period).parts if p.coefficient is not None):
        known = f.domain[0] <= start and start + 2 * period <= f.domain[1]
        at = start + period * (_INSIDE if known else np.zeros(1))
        once, again = f(at), f(at + period)
        if np.abs(again - once).max() > _REPEATS * max(np.abs(once).max(), f.size, 1e-300):
            t = at[np.argmax(np.abs(again - once))]
            raise FiniteNError(
                f"period = {period:.10g}: coefficient {f.text} is {f(t):.10g} at t = {t:.6g} and {f(t + period):.10g} "
                "a period later; give a time after which all functions of time repeat."
            )
    return period


@functools.lru_cache(maxsize=256)
def _product(f: Coefficient, g: Coefficient) -> Coefficient:
    """f g, one and the same for the same f and g, so that f g h + (f g h)† is one term."""
    return f * g


class TimeDependentPolynomial:
    """h_0 + Σ_k f_k(t) h_k, a Hamiltonian that depends on time; supports +, −, * with numbers, polynomials and
    coefficients.

    Attributes: `constant`, h_0; `terms`, pairs (f_k, h_k).
    """

    depends_on_time = True
    __array_ufunc__ = None

    def __init__(self, constant: Polynomial, terms: Iterable[tuple[Coefficient, Polynomial]]):
        self.constant = constant
        joined: dict[int, tuple[Coefficient, Polynomial]] = {}
        for f, p in terms:
            joined[id(f)] = (f, joined[id(f)][1] + p) if id(f) in joined else (f, p)
        self.terms = [(f, p) for f, p in joined.values() if p.words]

    def at(self, t: float) -> Polynomial:
        """The polynomial at one time."""
        return sum((f(t) * p for f, p in self.terms), self.constant)

    @property
    def polynomials(self) -> list[Polynomial]:
        """h_0, h_1, …"""
        return [self.constant, *(p for _, p in self.terms)]

    @property
    def has_shares(self) -> bool:
        """True if the share of a species occurs."""
        return any(p.has_shares for p in self.polynomials)

    @property
    def letters(self) -> set:
        """Every letter that occurs."""
        return set().union(*(p.letters for p in self.polynomials))

    def with_shares(self, fractions: Mapping[str, float]) -> TimeDependentPolynomial:
        """The same with numbers in place of the shares N_s/N of some species."""
        return self._map(lambda p: p.with_shares(fractions))

    def substitute(self, images: Mapping) -> TimeDependentPolynomial:
        """The same with every letter replaced by a polynomial."""
        return self._map(lambda p: p.substitute(images))

    def _map(self, change) -> TimeDependentPolynomial:
        return TimeDependentPolynomial(change(self.constant), [(f, change(p)) for f, p in self.terms])

    def __add__(self, other):
        if isinstance(other, Coefficient):
            other = other * Polynomial({(): 1})
        if isinstance(other, TimeDependentPolynomial):
            return TimeDependentPolynomial(self.constant + other.constant, [*self.terms, *other.terms])
        return TimeDependentPolynomial(self.constant + as_polynomial(other), self.terms)

    __radd__ = __add__

    def __neg__(self):
        return self._map(lambda p: -p)

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def adjoint(self) -> TimeDependentPolynomial:
        """h†, every f_k being real."""
        return self._map(lambda p: p.adjoint())

    def __mul__(self, other):
        if isinstance(other, TimeDependentPolynomial):
            return sum((self * f * p for f, p in other.terms), self * other.constant)
        if isinstance(other, Coefficient):
            return TimeDependentPolynomial(Polynomial({}), [(other, self.constant)]) + TimeDependentPolynomial(
                Polynomial({}), [(_product(f, other), p) for f, p in self.terms]
            )
        return self._map(lambda p: p * as_polynomial(other))

    def __rmul__(self, other):
        return self * other if isinstance(other, Coefficient) else self._map(lambda p: as_polynomial(other) * p)

    def __truediv__(self, other):
        return self._map(lambda p: p / other)

    def __eq__(self, other):
        return (
            isinstance(other, TimeDependentPolynomial)
            and self.constant == other.constant
            and [(id(f), p) for f, p in self.terms] == [(id(f), p) for f, p in other.terms]
        )

    __hash__ = None

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        raise TimeDependentError(f"the Hamiltonian {self!r}")

    def __repr__(self):
        constant = [] if not self.constant.words else [repr(self.constant)]
        return " + ".join([*constant, *(f"{f.text} [{p!r}]" for f, p in self.terms)]) or "0"


@dataclasses.dataclass(frozen=True)
class Part:
    """A constant model and the function of time that its generator is multiplied by; None for 1. `is_rate`: it must
    not be negative."""

    coefficient: Coefficient | None
    model: object
    is_rate: bool = False


def read_hamiltonian(h) -> Polynomial | TimeDependentPolynomial:
    """h as a user writes it: a polynomial or number, one that depends on time, or a list of these and of pairs
    [polynomial, f], as in qutip.
    """
    if isinstance(h, TimeDependentPolynomial):
        return h if h.terms else h.constant
    if isinstance(h, Coefficient):
        return h * Polynomial({(): 1})
    if not isinstance(h, list | tuple):
        return as_polynomial(h)
    total: Polynomial | TimeDependentPolynomial = Polynomial({})
    for part in h:
        if isinstance(part, list | tuple):
            if len(part) != 2:
                raise FiniteNError(f"got {shown(part)}; give pairs [polynomial, f], f a function of t.")
            total = total + coefficient(part[1]) * as_polynomial(part[0])
        else:
            total = total + (part if isinstance(part, TimeDependentPolynomial) else as_polynomial(part))
    return total
