"""The jumps of a model: local ones with a rate that depends on averages, and collective ones."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.amplitude import Amplitude
from finite_n.model.coefficient import Coefficient, coefficient
from finite_n.model.operators import LARGEST, PAULI, as_operator, from_coefficients
from finite_n.model.polynomial import (
    XYZ,
    Polynomial,
    as_polynomial,
    average,
    basis_letters,
    is_share,
    linear_coefficients,
)
from finite_n.model.rotation import images_of, turned
from finite_n.model.species import Species
from finite_n.model.time_dependent import TimeDependentError
from finite_n.model.timed_amplitude import TimedAmplitude, takes_time
from finite_n.model.validation import check_switch

_LONGEST_SUM = 4  # terms of an operator that is shown


class LocalJump:
    """The jumps J_k = j^(k) Γ(Δ), one for every particle k, or every particle k of one species.

    Parameters
    ----------
    operator : d×d array or Qobj
        j, any complex single-particle operator.
    amplitude : float or function
        Γ, a real constant or a real function of Δ; the rate is Γ². A function of two numbers is Γ(Δ, t). Default 1.
    delta : Polynomial, optional
        Δ = r_0 + Σ_s m_s(r_s), a Hermitian linear combination of averages of any species, such as m(σz) or
        0.3 m(σx) + m(σz) + 0.1.
    include_self : bool
        True: Δ contains particle k (Fiorelli et al. 2023, eq. 59; Fiorelli 2024, eq. 51). False: particle k of species
        s is left out of the sum of its own species, which is still divided by N_s (Fiorelli et al. 2023, eq. 58, where
        it is divided by N):
        Δ_k = r_0 + Σ_{s′≠s} m_s′(r_s′) + (1/N_s) Σ_{k′≠k in s} r_s^(k′). What `average(x)` was given is summed as it
        is, so that average(n) of a projector n without the only particle is 0, but 1/2 + m(σz)/2 without it is the
        constant 1/2. Default True.
    derivative : function, optional
        Γ′ (or that of the rate, if a rate is given), for a function that numpy cannot evaluate at complex argument;
        by Δ, a function of Δ and t where Γ is.
    species : Species or its name, optional
        Whose particles jump; needed if the model has several species.
    rate : float or function, in place of `amplitude`
        Γ², or Γ²(Δ, t), so that Γ = √rate, which must be smooth as well: where a rate touches zero its root has a kink.
    time : function of t or `coefficient`, optional
        g(t), which multiplies what is given: the rate Γ²(Δ) g(t), g ≥ 0, or the amplitude Γ(Δ) g(t). A coefficient as
        `rate` means rate=1 with that g.

    `argument` is Δ as a polynomial (0 for constant Γ); `delta`, for particles of two levels without species, its
    coefficients (r_0, r_x, r_y, r_z); `ones` what averages of the identity add to its constant, by species.

    Raises FiniteNError if Δ is not linear and Hermitian, if Γ is complex or not finite on the range of Δ, if a rate is
    negative there, or if an option would be ignored. With shares N_s/N in Δ, its range is known in a model, which then
    checks Γ.

    Example
    -------
    >>> import qutip
    >>> LocalJump(qutip.sigmam(), rate=0.3)
    LocalJump(σ-, rate 0.3)
    """

    def __init__(
        self,
        operator,
        amplitude: float | Callable | None = None,
        delta: Polynomial | None = None,
        include_self: bool = True,
        derivative: Callable | None = None,
        species: Species | str | None = None,
        rate: float | Callable | None = None,
        time: Callable | None = None,
    ):
        if isinstance(rate, Coefficient):
            _refuse_two_times(rate, time, "local jump")
            rate, time = 1.0, rate
        self.time, self.signed = None if time is None else coefficient(time), False
        # what the rate is multiplied by
        self.rate_factor = self.time if self.time is None or rate is not None else self.time * self.time
        self.operator = as_operator(operator, "jump operator j", None)
        self._fractions: dict[str, float] = {}  # in place of shares
        self._range: tuple[float, float] | None = None
        self.species = species.name if isinstance(species, Species) else species
        if self.species is not None and not isinstance(self.species, str):
            raise FiniteNError(f"local jump: species = {shown(species)}; give a Species or its name.")
        if amplitude is not None and rate is not None:
            raise FiniteNError(
                f"local jump: amplitude = {shown(amplitude)} and rate = {shown(rate)}; the rate is amplitude², so give "
                "one of them."
            )
        given = amplitude if rate is None else rate
        if takes_time(given):
            amplitude = TimedAmplitude(given, derivative, is_root=rate is not None)
        elif rate is not None:
            amplitude = Amplitude.of_rate(rate, derivative)
        elif not isinstance(amplitude, Amplitude | TimedAmplitude):
            amplitude = Amplitude(1.0 if amplitude is None else amplitude, derivative)
        self._amplitude = amplitude
        self.include_self = check_switch(include_self, "local jump: include_self")
        if self._amplitude.is_constant:
            if delta is not None or not include_self or derivative is not None:
                raise FiniteNError(
                    "local jump: a constant amplitude depends on no Δ, so delta, include_self and derivative would be "
                    "ignored; give a function of Δ as amplitude, or leave them out."
                )
            self.argument = self.written = Polynomial({})
            if not abs(float(self._amplitude(0.0))) * float(np.abs(self.operator).max()) < LARGEST**2:
                raise FiniteNError(
                    "local jump: the rate Γ²|j|² is too large for double precision; lower the amplitude."
                )
        else:
            if delta is None:
                raise FiniteNError(
                    "local jump: the amplitude is a function of Δ, but delta is missing; give for example delta=mz."
                )
            self.argument = self.written = _linear_hermitian(delta)
            if not self.written.has_shares:
                self._check_amplitude()

    @property
    def amplitude(self) -> Amplitude:
        """Γ; refused where it depends on time."""
        if self.time is not None:
            raise TimeDependentError(f"the {self._amplitude._name} of {self!r}")
        return self._amplitude

    @property
    def is_joint(self) -> bool:
        """Whether Γ(Δ, t) is a function of both, which `amplitude_in_time` gives."""
        return isinstance(self._amplitude, TimedAmplitude)

    @property
    def amplitude_in_time(self) -> TimedAmplitude:
        """Γ(Δ, t), without g(t)."""
        return self._amplitude

    @property
    def depends_on_time(self) -> bool:
        """Whether Γ(Δ, t) or g(t) is a function of time."""
        return self.is_joint or self.time is not None

    def at(self, t: float) -> LocalJump:
        """The jumps with Γ(Δ, t) at one time, which is checked there."""
        if not self.is_joint:
            return self
        image = copy.copy(self)
        image._amplitude = self._amplitude.at(t)
        if not self.written.has_shares:
            image._check_amplitude()
        return image

    def use(self, amplitude: Amplitude, factor: Coefficient) -> None:
        """Take another `amplitude`; `factor`, a function of time of either sign, multiplies its rate."""
        self._range, self._amplitude = self.range(), amplitude
        self.time = self.rate_factor = factor
        self.signed = True

    def constant(self, factor: float = 1.0) -> LocalJump:
        """The jumps without their g(t), of rates that are `factor` times as large."""
        image = copy.copy(self)
        image.time = image.rate_factor = None
        image._amplitude = self._amplitude if factor == 1.0 else self._amplitude.for_rates(factor)
        return image

    def _check_amplitude(self) -> None:
        self._range = self.range()
        self._amplitude.check(*self._range)

    def with_shares(self, fractions: Mapping[str, float]) -> LocalJump:
        """The same jumps with numbers for the shares N_s/N in Δ, `fractions` by name; `written` stays as it was."""
        own = {a.owner: fractions[a.owner] for a in self.written.letters if is_share(a) and a.owner in fractions}
        if self._fractions == own:
            return self
        image = copy.copy(self)
        image._fractions = own
        image.argument = self.written.with_shares(own)
        if not image.argument.has_shares:
            image._check_amplitude()
        return image

    def without_shares(self, names: Iterable[str]) -> LocalJump:
        """The same jumps in models from which the species of these `names` are gone: their shares are 0."""
        image = self.with_shares(dict.fromkeys(names, 0)) if names else self
        if image is not self:
            image.written, image._fractions = image.argument, {}
        return image

    @property
    def ones(self) -> dict[str, float]:
        """Coefficients of m_s(1) = 1 in Δ, by name of species."""
        out: dict[str, float] = {}
        for (_, owner), c in self.argument.ones.items():
            out[owner] = out.get(owner, 0.0) + c.real
        return out

    def gamma(self, delta: np.ndarray) -> np.ndarray:
        """Γ at values `delta` of Δ, shape (K,) or any; those that rounding puts beyond the range count as its ends."""
        low, high = self._range or self.range()
        inside = np.clip(delta, low, high)
        close = np.abs(delta - inside) <= 1e-12 * max(abs(low), abs(high), 1e-300)
        return self.amplitude(np.where(close, inside, delta))

    def range(self) -> tuple[float, float]:
        """Smallest interval that holds every value of Δ, at every N."""
        if self.argument.has_shares:
            raise FiniteNError(
                f"Δ = {self.argument}: its range depends on shares, which are numbers in a model; see Model(…).jumps."
            )
        ones = self.ones
        owners = {a[:2] for a in self.argument.letters}
        names = {name for name, _ in owners} | set(ones)
        # without species there is only one
        left_out = self.species if self.species is not None else min(names, default="")
        low = high = self.argument.words.get((), 0).real - sum(ones.values())
        for name in names:
            dims = [dim for owner, dim in owners if owner == name]
            levels = np.linalg.eigvalsh(self.field(name, dims[0])) if dims else np.zeros(1)
            first, last = levels[0] + ones.get(name, 0.0), levels[-1] + ones.get(name, 0.0)
            if not self.include_self and name == left_out:  # (N_s − 1)/N_s of it
                first, last = min(first, 0.0), max(last, 0.0)
            low, high = low + first, high + last
        rounding = 1e-15 * max(abs(low), abs(high))  # so that a projector has 0 and 1, not −1e-17
        return tuple(0.0 if abs(x) <= rounding else float(f"{x:.15g}") for x in (low, high))

    @property
    def delta(self) -> np.ndarray:
        """(r_0, r_x, r_y, r_z) of Δ = r_0 + Σ_a r_a m(σ_a)."""
        return linear_coefficients(self.argument, XYZ).real

    def field(self, owner: str, dim: int) -> np.ndarray:
        """The one-particle operator r of the species `owner` in Δ = r_0 + Σ_s m_s(r), shape (dim, dim)."""
        c = linear_coefficients(self.argument, basis_letters(owner, dim))
        c[0] = 0
        return from_coefficients(c)

    def rotated(self, unitary: np.ndarray, images: Mapping | None = None) -> LocalJump:
        """The same jumps in a frame rotated by U, `unitary`; the range of Δ stays, so Γ is not checked again.

        images: what the letters become, if other species are rotated too.
        """
        image = copy.copy(self)
        image.operator = turned(self.operator, unitary)
        images = images_of(basis_letters("", 2), unitary) if images is None else images
        image.argument = self.argument.substitute(images)
        image.written = self.written.substitute(images) if self.written.has_shares else image.argument
        return image

    @property
    def described(self) -> str:
        """Operator, rate or Γ, Δ, and what it is multiplied by in time, as reports show them."""
        times = "" if self.time is None else f", times {self.time.text}"
        if self._amplitude.is_constant:
            return f"{_show(self.operator)}, {self._amplitude.described}{times}"
        left_out = "" if self.include_self else f"{self._shown_ones()}, particle k left out"
        return f"{_show(self.operator)}, {self._amplitude.described}, Δ = {self.written}{left_out}{times}"

    def __repr__(self):
        return f"LocalJump({self.described})"

    def _shown_ones(self) -> str:
        parts = [f"{c:.6g} is m{f'_{name}' if name else ''}(1)" for name, c in self.ones.items() if c]
        return f" where {', '.join(parts)}" if parts else ""


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
            _refuse_two_times(rate, time, "collective jumps")
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
        try:
            matrix = np.atleast_2d(np.array(1.0 if kossakowski is None else kossakowski, dtype=complex))
        except (TypeError, ValueError, OverflowError):
            raise FiniteNError(
                f"Kossakowski matrix: got {shown(kossakowski)}; give a square array of numbers."
            ) from None
        n = len(self.polynomials)
        if n == 0:
            raise FiniteNError(
                "collective jumps: the list of operators is empty; give at least one, for example qutip.sigmam()."
            )
        if matrix.shape != (n, n):
            raise FiniteNError(
                f"Kossakowski matrix: got shape {matrix.shape} for {n} operator(s); give one row and column per "
                "operator."
            )
        if not np.all(np.abs(matrix) < 1e100):
            raise FiniteNError(
                "Kossakowski matrix: has an entry that is not finite, or beyond 1e100; give finite numbers."
            )
        scale = np.abs(matrix).max()
        gap = np.abs(matrix - matrix.conj().T).max()
        if gap > 1e-12 * scale:
            raise FiniteNError(
                f"Kossakowski matrix: not Hermitian, D − D† has an entry of size {gap:.3g}; try (D + D†)/2."
            )
        smallest = np.linalg.eigvalsh(matrix).min()
        if smallest < -1e-12 * scale:
            raise FiniteNError(
                f"Kossakowski matrix: not positive semi-definite, its smallest eigenvalue is {smallest:.6g}; "
                "a Lindblad generator needs all eigenvalues ≥ 0."
            )
        self._matrix = (matrix + matrix.conj().T) / 2

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
        return [_show(v) for v in self.operators] if plain else [str(p) for p in self.polynomials]

    def __repr__(self):
        times = "" if self.time is None else f", times {self.time.text}"
        matrix = np.array2string(self._matrix, precision=4, separator=", ")
        return f"CollectiveJumps([{', '.join(self.shown_operators)}], D = {matrix}{times})"


def _refuse_two_times(rate, time, what: str) -> None:
    if time is not None:
        raise FiniteNError(f"{what}: rate = {shown(rate)} and time are both functions of time; give one of them.")


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


def check_coefficients(p: Polynomial, what: str) -> None:
    """Refuse coefficients whose squares are too large for double precision."""
    if not max((abs(c) for c in p.words.values()), default=0.0) < LARGEST:
        raise FiniteNError(
            f"{what} ({shown(p)}): has a coefficient beyond {LARGEST:.0e}, which is more than double precision "
            "carries; lower it."
        )


def _linear_hermitian(delta) -> Polynomial:
    """Δ = r_0 + Σ_s m_s(r_s); refuses anything else."""
    try:
        delta = as_polynomial(delta)
    except FiniteNError as error:
        raise FiniteNError(f"Δ: {error}") from None
    if delta.degree > 1:
        raise FiniteNError(
            f"Δ = {delta} has degree {delta.degree}; Γ is a function of one linear combination of averages. "
            "Put powers into Γ instead."
        )
    check_coefficients(delta, "Δ")
    if delta.non_hermitian_part().words:
        raise FiniteNError(f"Δ = {delta} is not Hermitian; use real coefficients with σx, σy, σz.")
    if not np.isfinite(delta.size):
        raise FiniteNError(f"Δ = {delta} has a coefficient that is not finite; give finite numbers.")
    if any(a.dim == 0 for a in delta.letters):
        raise FiniteNError(f"Δ = {delta} contains a mode; Γ is a function of averages of particles.")
    return delta


def _show(x: np.ndarray) -> str:
    """By name; else as a sum of Pauli matrices, or of |a⟩⟨b|, levels counted from 0; long sums as the array."""
    if len(x) == 2:
        for name, c in (("σ+", [0, 0.5, 0.5j, 0]), ("σ-", [0, 0.5, -0.5j, 0])):
            if np.allclose(x, from_coefficients(c), atol=1e-14):
                return name
        terms = {name: np.trace(v @ x) / 2 for name, v in zip(("1", "σx", "σy", "σz"), PAULI, strict=True)}
    else:
        terms = {f"|{a}⟩⟨{b}|": x[a, b] for a, b in np.argwhere(x)}
    terms = {name: c for name, c in terms.items() if abs(c) > 1e-14}
    if not 0 < len(terms) <= _LONGEST_SUM:
        return np.array2string(x, precision=4, separator=", ").replace("\n", "")
    numbers = {name: f"{c.real:.4g}" if abs(c.imag) < 1e-14 else f"({c:.4g})" for name, c in terms.items()}
    return " + ".join(name if c == "1" else f"{c} {name}" for name, c in numbers.items())
