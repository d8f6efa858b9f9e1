"""`CollectiveJumps`: jumps of all particles together, linear in averages and amplitudes."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.coefficient import coefficient
from finite_n.model.jump_operators import check_coefficients, refuse_two_times, shown_operator
from finite_n.model.operators import as_operator, from_coefficients
from finite_n.model.polynomial import XYZ, Polynomial, average, linear_coefficients
from finite_n.model.time_dependent import TimeDependentError


class CollectiveJumps:
    """Collective dissipation Σ_μν D_μν (L_ν ρ L_μ† − ½{L_μ† L_ν, ρ}) with L_μ = √N m(v_μ) = N^{-1/2} Σ_k v_μ^(k).

    Parameters
    ----------
    operators : sequence of d×d arrays, Qobj or linear Polynomials
        v_μ; need not be Hermitian. A polynomial ℓ_μ of averages and mode amplitudes, of degree one, stands for L_μ = √N
        ℓ_μ: `field.alpha` is the loss of bosons, L = a.
    kossakowski : array, shape (n, n)
        D, Hermitian and positive semi-definite (Benatti et al. 2016, eq. 17); a number for one operator. Default 1.
    rate : float or list of n floats, in place of `kossakowski`
        D = diag(rates): every L_μ on its own, at the rate given (not its root).
    time : function of t or `coefficient`, optional
        g(t) ≥ 0, which multiplies D. A function as `rate` means rate=1 with that g.

    `polynomials` are the ℓ_μ.

    Raises FiniteNError if D is not Hermitian and positive or does not fit, or if an ℓ_μ is not linear.

    Example
    -------
    >>> import qutip
    >>> CollectiveJumps([qutip.sigmam()], rate=0.3)
    CollectiveJumps([σ-], D = [[0.3+0.j]])
    """

    def __init__(self, operators: Sequence, kossakowski=None, rate=None, time: Callable | None = None):
        if isinstance(operators, str) or not (_is_single(operators) or hasattr(operators, "__len__")):
            raise FiniteNError(f"collective jumps: got {shown(operators)}; give a list of operators v_μ.")
        if _is_single(operators):
            operators = [operators]
        if callable(rate):
            refuse_two_times(rate, time, "collective jumps")
            rate, time = np.ones(len(operators)), rate
        self.rate_factor = self.time = None if time is None else coefficient(time)
        self.polynomials = [
            self._read(v) if isinstance(v, Polynomial) else average(as_operator(v, "collective operator v_μ", None))
            for v in operators
        ]
        for p in self.polynomials:
            check_coefficients(p, "collective jumps: L = √N")
        self.written = self.polynomials
        if rate is not None:
            if kossakowski is not None:
                raise FiniteNError(
                    "collective jumps: kossakowski and rate are both given; rate is the diagonal of D, so give one of "
                    "them."
                )
            kossakowski = _diagonal_of(rate, len(self.polynomials))
        self._matrix = _kossakowski(kossakowski, len(self.polynomials))

    @property
    def kossakowski(self) -> np.ndarray:
        """D, shape (n, n) for n operators, complex; refused where it depends on time."""
        if self.time is not None:
            raise TimeDependentError(f"the Kossakowski matrix of {self!r}")
        return self._matrix

    def constant(self, factor: float = 1.0) -> CollectiveJumps:
        """The jumps without their g(t), with D `factor` times as large."""
        image = copy.copy(self)
        image.time = image.rate_factor = None
        image._matrix = factor * self._matrix
        return image

    @staticmethod
    def _read(p: Polynomial) -> Polynomial:
        return _linear(p)

    @functools.cached_property
    def operators(self) -> np.ndarray:
        """v_μ of a single species of two-level particles, shape (n, 2, 2)."""
        return np.array([from_coefficients(linear_coefficients(p, XYZ)) for p in self.polynomials])

    def rotated(self, images: Mapping) -> CollectiveJumps:
        """The same jumps with letters replaced by their images; D stays, so it is not checked again."""
        image = copy.copy(self)
        image.__dict__.pop("operators", None)
        image.polynomials = [p.substitute(images) for p in self.polynomials]
        shares = any(p.has_shares for p in self.written)
        image.written = [p.substitute(images) for p in self.written] if shares else image.polynomials
        return image

    def with_shares(self, fractions: Mapping[str, float]) -> CollectiveJumps:
        """The same jumps with numbers for the shares N_s/N, `fractions` by name; `written` stays as it was."""
        if not any(p.has_shares for p in self.written):
            return self
        image = copy.copy(self)
        image.__dict__.pop("operators", None)
        image.polynomials = [p.with_shares(fractions) for p in self.written]
        return image

    def without_shares(self, names: Iterable[str]) -> CollectiveJumps:
        """The same jumps in models from which the species of these `names` are gone: their shares are 0."""
        image = self.with_shares(dict.fromkeys(names, 0)) if names else self
        if image is not self:
            image.written = image.polynomials
        return image

    @property
    def shown_operators(self) -> list[str]:
        """v_μ by name, or ℓ_μ where they are of several species or modes."""
        plain = all(letter in XYZ for p in self.polynomials for letter in p.letters)
        return [shown_operator(v) for v in self.operators] if plain else [str(p) for p in self.polynomials]

    def __repr__(self):
        times = "" if self.time is None else f", times {self.time.text}"
        matrix = np.array2string(self._matrix, precision=4, separator=", ")
        return f"CollectiveJumps([{', '.join(self.shown_operators)}], D = {matrix}{times})"


def _kossakowski(given, n: int) -> np.ndarray:
    """D, Hermitian and positive, for n operators; 1 for None."""
    try:
        matrix = np.atleast_2d(np.array(1.0 if given is None else given, dtype=complex))
    except (TypeError, ValueError, OverflowError):
        raise FiniteNError(f"Kossakowski matrix: got {shown(given)}; give a square array of numbers.") from None
    if n == 0:
        raise FiniteNError(
            "collective jumps: the list of operators is empty; give at least one, for example qutip.sigmam()."
        )
    if matrix.shape != (n, n):
        raise FiniteNError(
            f"Kossakowski matrix: got shape {matrix.shape} for {n} operator(s); give one row and column per operator."
        )
    if not np.all(np.abs(matrix) < 1e100):
        raise FiniteNError("Kossakowski matrix: has an entry that is not finite, or beyond 1e100; give finite numbers.")
    scale = np.abs(matrix).max()
    gap = np.abs(matrix - matrix.conj().T).max()
    if gap > 1e-12 * scale:
        raise FiniteNError(f"Kossakowski matrix: not Hermitian, D − D† has an entry of size {gap:.3g}; try (D + D†)/2.")
    smallest = np.linalg.eigvalsh(matrix).min()
    if smallest < -1e-12 * scale:
        raise FiniteNError(
            f"Kossakowski matrix: not positive semi-definite, its smallest eigenvalue is {smallest:.6g}; "
            "a Lindblad generator needs all eigenvalues ≥ 0."
        )
    return (matrix + matrix.conj().T) / 2


def _is_single(operators) -> bool:
    """One operator, not a list of them."""
    array = isinstance(operators, np.ndarray) and operators.ndim == 2
    return isinstance(operators, Polynomial) or hasattr(operators, "full") or array


def _diagonal_of(rate, n: int) -> np.ndarray:
    """D of n rates, or of one for a single operator."""
    try:
        rates = np.atleast_1d(np.array(rate, dtype=float))
    except (TypeError, ValueError, OverflowError):
        rates = np.zeros(0)
    if rates.shape != (n,) or not np.all(np.isfinite(rates)) or np.any(rates < 0):
        raise FiniteNError(
            f"collective jumps: rate = {shown(rate)} for {n} operator(s); give a number, 0 or more, for a single "
            "operator, or a list of one per operator."
        )
    return np.diag(rates)


def _linear(p: Polynomial) -> Polynomial:
    if p.degree > 1 or not np.isfinite(p.size):
        raise FiniteNError(
            f"collective jumps: L = √N ({p}); give finite linear combinations of averages and amplitudes."
        )
    return p
