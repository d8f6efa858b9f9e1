"""A claim: named quantities as functions of time, as a table or at finite N, to be judged by exact numbers."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.referee.quantities import named_quantities
from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.validation import check_array, check_kind, check_number, check_sizes
from meanfield import Limit
from meanfield.limit.integrate import RTOL

# error of claimed values that an integrator gives: some hundred steps, each off by its tolerance
INTEGRATED = 100 * RTOL
_VALUES = (
    "a function of times, or of times and N, that returns a dict of arrays by quantity, or a dict of arrays together "
    "with times"
)


@dataclasses.dataclass(frozen=True, eq=False)
class Claim:
    """A limit, or a theory at finite N, that is claimed for some of a study's quantities.

    Parameters
    ----------
    name : short text, unique in a study
    source : text, such as paper and equation
    values : function of times (T,) → dict of arrays (T,) by quantity; or a table, such a dict together with `times`;
        or function of (times, N) → dict of arrays (T,): a theory at finite N, judged at every N; or its table, a dict
        of arrays (n, T) together with `times` and `sizes`
        Quantities are averages and covariances of the model's letters (for one species of two levels mean_x … mean_z
        and cov_xx … cov_zz), first moments of its modes, and the labels of the study's own observables.
    error : of the values, relative to their size where that is above 1, as an integrator gives them. Default 0: exact
        but for rounding.
    times : increasing times (T,) of its own, at which it is judged. Default: the times of the study.
    uncertainty : what the claim leaves open, in units of the quantity: half-widths, 0 or more, of an interval that is
        claimed to hold the truth. One number, or a dict by quantity of numbers or arrays of the shape of the values.
        Default: 0.
    sizes : increasing numbers of particles (n,) of a table at finite N, at which it is judged. Default: none, so that a
        table is a limit.
    may_end : whether a theory at finite N may diverge, with nan from some time on. It is judged at the times at which
        it has values at every N. Default: False, which refuses nan.
    """

    name: str
    source: str
    values: Callable[..., Mapping[str, np.ndarray]] | Mapping[str, Sequence[float]]
    error: float = 0.0
    times: Sequence[float] | None = None
    uncertainty: float | Mapping[str, float | Sequence[float]] | None = None
    may_end: bool = False
    sizes: Sequence[int] | None = None

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.strip():
            raise FiniteNError(f"claim: name = {shown(self.name)}; give a short text.")
        what = f"claim {shown(self.name)}"
        check_kind(self.source, f"{what}: source", str, "a text, such as paper and equation, or ''")
        check_number(self.error, f"claim {self.name}: error", 0)
        if self.times is not None:
            object.__setattr__(self, "times", _times(self.times, what))
        shape: tuple[int | None, ...] = (None if self.times is None else len(self.times),)
        if self.sizes is not None:
            if not isinstance(self.values, Mapping):
                raise FiniteNError(f"{what}: sizes are for a table; a function of times and N is asked at every N.")
            object.__setattr__(self, "sizes", check_sizes(self.sizes))
            shape = (len(self.sizes), *shape)
        if isinstance(self.values, Mapping):
            if self.times is None:
                raise FiniteNError(f"{what}: its values are a table; give their times=[…] too.")
            table = {q: check_array(x, f"{what}: {shown(q)}", shape, _one_each(shape)) for q, x in self.values.items()}
            object.__setattr__(self, "values", table)
        elif not callable(self.values) or _required(self.values) > 2:
            raise FiniteNError(f"{what}: values = {shown(self.values)}; give {_VALUES}.")
        object.__setattr__(self, "uncertainty", _uncertainty(self.uncertainty, what, shape))

    @functools.cached_property
    def per_size(self) -> bool:
        """Whether it is a theory at finite N, a function of times and N or a table with sizes."""
        return self.sizes is not None or (callable(self.values) and _required(self.values) == 2)

    def among(self, sizes: Sequence[int]) -> list[int]:
        """Those of `sizes` at which it says something: all, but for a table with sizes of its own."""
        return [N for N in sizes if self.sizes is None or N in self.sizes]

    def row(self, N: int) -> int:
        """The place of N in `sizes`."""
        if N not in self.sizes:
            known = ", ".join(map(str, self.sizes))
            raise FiniteNError(f"claim {shown(self.name)}: it says nothing at N = {N}, only at N = {known}.")
        return self.sizes.index(N)

    def integration_error(self, values: np.ndarray) -> np.ndarray:
        """What the claim's own integrator may leave wrong in its values, absolute, shape (T,) as theirs."""
        return self.error * np.maximum(1.0, np.abs(values))

    def uncertainty_of(self, quantity: str, count: int, N: int | None = None) -> np.ndarray:
        """Half-widths of the quantity that the claim leaves open at its `count` times, at N of a table with sizes,
        shape (count,)."""
        given = self.uncertainty.get(quantity, 0.0) if isinstance(self.uncertainty, Mapping) else self.uncertainty
        if np.ndim(given) == 2:
            given = given[self.row(N)]
        if np.ndim(given) and len(given) != count:
            raise FiniteNError(
                f"claim {shown(self.name)}: {len(given)} uncertainties of {quantity} for {count} times; give one "
                "number, or one for each time together with times=[…]."
            )
        return np.broadcast_to(np.asarray(given, dtype=float), (count,))

    def error_of(self, quantity: str, values: np.ndarray) -> np.ndarray:
        """Absolute errors (T,) of claimed values (T,) of the quantity: those of its integrator and its uncertainty."""
        values = np.asarray(values, dtype=float)
        return self.integration_error(values) + self.uncertainty_of(quantity, len(values))


def _times(times, what: str) -> np.ndarray:
    wanted = "one or more increasing numbers"
    times = check_array(times, f"{what}: times", (None,), wanted)
    if not len(times) or np.any(np.diff(times) <= 0):
        raise FiniteNError(f"{what}: times = {shown(times.tolist())}; give {wanted}.")
    return times


def _one_each(shape: tuple[int | None, ...]) -> str:
    if len(shape) == 2:
        return f"finite real numbers of shape ({shape[0]}, {shape[1]}), one for each of its sizes and times"
    return "finite real numbers, one for each time" + ("" if shape[0] is None else f", {shape[0]} of them")


def _uncertainty(given, what: str, shape: tuple[int | None, ...]):
    """A number, or numbers and arrays by quantity."""
    if given is None:
        return 0.0
    if not isinstance(given, Mapping):
        if np.ndim(given):
            raise FiniteNError(
                f"{what}: uncertainty = {shown(given)}; give one number, or a dict by quantity of numbers or arrays."
            )
        return check_number(given, f"{what}: uncertainty", 0)
    out = {}
    for q, x in given.items():
        place = f"{what}: uncertainty of {shown(q)}"
        out[q] = check_array(x, place, shape, _one_each(shape)) if np.ndim(x) else check_number(x, place, 0)
        if np.any(np.asarray(out[q]) < 0):
            raise FiniteNError(f"{place} = {shown(x)}; half-widths are 0 or more.")
    return out


def _required(function: Callable) -> int:
    """How many arguments a function cannot do without; 1 where it does not say, 3 where times are not enough for it or
    too many."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    others = [p for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if others or not (positional or any(p.kind is p.VAR_POSITIONAL for p in parameters)):
        return 3
    return sum(p.default is p.empty for p in positional)


def derived_claim(model: Model, rho0, e_ops=None, planted=None) -> Claim:
    """The limit that this package derives from the model.

    Parameters
    ----------
    model : Model
    rho0 : initial state with a limit
    e_ops : dict of Polynomial, further observables, optional
    planted : dict of relative errors by Coefficient, optional
    """

    def values(times):
        result = Limit(model, planted).evolve(rho0, times, e_ops)
        extra = {label: np.real(v) for label, v in result.e_data.items()}
        return named_quantities(result.means, result.covariance, model.space, result.first_moments) | extra

    source = "ṁ = f(m), Σ̇ = QΣ + ΣQᵀ + 𝒟 with Q = ∂f/∂m, from the model"
    return Claim("derived", source, values, INTEGRATED)
