"""`LocalJump`: the jumps of every single particle, with a rate that may depend on averages and on time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.amplitude import Amplitude
from finite_n.model.coefficient import Coefficient, coefficient
from finite_n.model.jump_operators import check_coefficients, refuse_two_times, shown_operator
from finite_n.model.operators import LARGEST, as_operator, from_coefficients
from finite_n.model.polynomial import XYZ, Polynomial, as_polynomial, basis_letters, is_share, linear_coefficients
from finite_n.model.rotation import images_of, turned
from finite_n.model.species import Species
from finite_n.model.time_dependent import TimeDependentError
from finite_n.model.timed_amplitude import TimedAmplitude, takes_time
from finite_n.model.validation import check_switch


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
    coefficients (r_0, r_x, r_y, r_z); `ones` what averages of the identity add to its constant, by species; `signed`
    is True of parts of Γ(Δ, t), whose g(t) may be negative.

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
            refuse_two_times(rate, time, "local jump")
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

    def with_amplitude(self, amplitude: Amplitude, factor: Coefficient) -> LocalJump:
        """The same jumps with another `amplitude`; `factor`, a function of time of either sign, multiplies its rate."""
        image = copy.copy(self)
        image._range, image._amplitude = self.range(), amplitude
        image.time = image.rate_factor = factor
        image.signed = True
        return image

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
            return f"{shown_operator(self.operator)}, {self._amplitude.described}{times}"
        left_out = "" if self.include_self else f"{self._shown_ones()}, particle k left out"
        return f"{shown_operator(self.operator)}, {self._amplitude.described}, Δ = {self.written}{left_out}{times}"

    def __repr__(self):
        return f"LocalJump({self.described})"

    def _shown_ones(self) -> str:
        parts = [f"{c:.6g} is m{f'_{name}' if name else ''}(1)" for name, c in self.ones.items() if c]
        return f" where {', '.join(parts)}" if parts else ""


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
