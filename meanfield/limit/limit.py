"""The N → ∞ limits of a model: drift of the averages and Gaussian dynamics of the fluctuations.

ṁ = f(m),  Σ̇ = Q̃Σ + ΣQ̃ᵀ + 𝒟,  ⟨Ḟ⟩ = Q̃⟨F⟩,  Q̃ = S Q S⁻¹,  Q = ∂f/∂m at m(t),

with F_a = s_a √N (m_a − ⟨m_a⟩) for every letter a of the model's space, S = diag(s), s_a = √f_s for the averages of a
species of fraction f_s (so that F_a = √N_s (m_a − ⟨m_a⟩)) and 1 for the quadratures of a mode; Σ_ab = ½⟨{F_a, F_b}⟩ and
σ_ab = −i⟨[F_a, F_b]⟩. For one species of two levels S = 1 and σ_ab = 2 ε_abc m_c.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array, vstack

from finite_n.errors import FiniteNError, shown
from finite_n.model.inputs import check_delays, check_starts, check_times, read_observables, read_operator
from finite_n.model.model import Model
from finite_n.model.operators import AXES
from finite_n.model.polynomial import Polynomial
from finite_n.model.time_dependent import TimeDependentError
from finite_n.model.validation import check_array, check_kind, check_number
from finite_n.states.initial_state import as_initial_state
from meanfield.limit.averages import with_one
from meanfield.limit.correlation import (
    LimitCorrelation,
    correlation_from,
    stationary_correlation,
    stationary_spectrum,
)
from meanfield.limit.drift import by_fields, weighted
from meanfield.limit.driven import Instant, course_of, integrate_over, terms_of, values_at
from meanfield.limit.integrate import ATOL, RTOL
from meanfield.limit.result import LimitResult


@dataclasses.dataclass(frozen=True)
class Coefficient:
    """One coefficient of the limit equations, an entry of a drift or noise term.

    kind : "drift" or "noise"
    term : its name, such as "hamiltonian", "jump 0" or "collective 0"
    row, column : numbers of letters; column 0 of the drift is that of the constant
    axes : labels of the letters
    """

    kind: str
    term: str
    row: int
    column: int
    axes: tuple[str, ...] = dataclasses.field(default=AXES, compare=False, repr=False)

    def __str__(self):
        columns = ("1", *self.axes) if self.kind == "drift" else self.axes
        return f"{self.kind}, {self.term}, {self.axes[self.row]} {columns[self.column]}"


class Limit:
    """Mean-field and Gaussian limit of a model.

    Parameters
    ----------
    model : Model
        Several species enter with their fractions; `model.sized({...})` gives the fractions of actual sizes, with which
        shares (`Species.share`) in coefficients change too.
    planted : mapping of Coefficient to a relative error, optional
        Multiplies coefficients by 1 + ε: a deliberately wrong limit, for testing the power of a comparison.

    Methods take the averages m of all letters, shape (n,), in the order of `axes`; for one species of two levels
    m = (⟨σx⟩, ⟨σy⟩, ⟨σz⟩). ħ = 1. Of a model that depends on time drift, Jacobian and noise are those at a time t.

    Raises FiniteNError for what is not a model and for a planted coefficient that the model does not have.

    Example
    -------
    >>> from finite_n import CollectiveJumps, Mode, Model, mx, mz
    >>> field = Mode("field")
    >>> loss = CollectiveJumps([field.alpha])
    >>> limit = Limit(Model(0.5 * mz + 0.4 * mx * field.phi, collective=[loss], modes=[field]))
    >>> limit.axes
    ('x', 'y', 'z', 'field.phi', 'field.pi')
    >>> limit.drift([0.6, 0, 0.8, 0, 0])
    array([ 0.  ,  0.6 ,  0.  ,  0.  , -0.24])
    """

    def __init__(self, model: Model, planted: Mapping[Coefficient, float] | None = None):
        if not isinstance(model, Model):
            raise FiniteNError(f"limit: got {shown(model)}; give a finite_n.Model.")
        self.model, self._space = model, model.space
        self._terms = terms_of(model)
        self._drift, self._noise = self._terms.drift, self._terms.noise
        n = self._space.size
        weights: dict[tuple[str, str], np.ndarray] = {}
        shapes = {("drift", p.name): (n, n + 1) for p in self._drift} | {("noise", p.name): (n, n) for p in self._noise}
        planted = {} if planted is None else planted
        self.planted = dict(check_kind(planted, "limit: planted", Mapping, "a dict of Coefficient: error"))
        for c, error in self.planted.items():
            check_kind(c, "limit: planted", Coefficient)
            check_number(error, f"limit: error planted in {shown(c)}")
            rows, columns = shapes.get((c.kind, c.term), (0, 0))
            if not (0 <= c.row < rows and 0 <= c.column < columns):
                raise FiniteNError(
                    f"limit: planted {shown(c)} is not a coefficient of {shown(model)}; take one of coefficients(m)."
                )
            weight = weights.setdefault((c.kind, c.term), np.ones((rows, columns)))
            weight[c.row, c.column] += error
            if c.kind == "noise" and c.row != c.column:
                weight[c.column, c.row] += error
        # most entries are zero: S_i,aβ of all fields i as a map of (1, m), and as one of the fields
        parts = [weighted(p.structure, weights.get(("drift", p.name))) for p in self._drift]
        self._of_averages = vstack([csr_array((0, n + 1)), *parts], format="csr")
        self._of_fields = by_fields(self._of_averages)
        self._noise_weight = {name: w for (kind, name), w in weights.items() if kind == "noise"}

    @property
    def axes(self) -> tuple[str, ...]:
        """Labels of the n letters, such as "x" or "a.x" or "field.phi"."""
        return tuple(self._space.labels)

    def drift(self, m, t: float | None = None) -> np.ndarray:
        """f(m) with ṁ = f(m), shape (n,); at time t, if the model depends on time."""
        m, f = self._averages(m), self._at(t)
        return self._fields(m, f) @ self._velocities(m)

    def jacobian(self, m, t: float | None = None) -> np.ndarray:
        """Q = ∂f/∂m at m and time t, shape (n, n), including the derivative of the rates."""
        m, f = self._averages(m), self._at(t)
        slopes = [p.slope(m) if f is None else f[p.part] * p.slope(m) for p in self._drift]
        direct = (self._of_fields @ self._fields(m, f)).reshape(len(m), -1)[:, 1:]
        return self._velocities(m).T @ np.concatenate([np.zeros((0, len(m))), *slopes]) + direct

    def fluctuation_matrix(self, m, t: float | None = None) -> np.ndarray:
        """Q̃ = S Q S⁻¹ with ⟨Ḟ⟩ = Q̃⟨F⟩ at m and time t, shape (n, n); Q for a single species."""
        scale = self._space.scale
        return scale[:, None] * self.jacobian(m, t) / scale

    def diffusion(self, m, t: float | None = None) -> np.ndarray:
        """𝒟(m) of the fluctuations F at time t, shape (n, n), symmetric."""
        m, f = self._averages(m), self._at(t)
        total = np.zeros((len(m), len(m)))
        for p in self._noise:
            weight = self._noise_weight.get(p.name)
            block = p.block(m) if f is None else f[p.part] * p.block(m)
            total[p.at] += block if weight is None else weight[p.at] * block
        return total

    def symplectic(self, m) -> np.ndarray:
        """σ_ab = −i⟨[F_a, F_b]⟩ = −i s_a s_b {a, b} at averages m, shape (n, n), antisymmetric."""
        scale = self._space.scale
        return np.outer(scale, scale) * np.real(-1j * self._space.bracket_values(self._averages(m)))

    def coefficients(self, m, floor: float = 1e-12, times=None) -> list[Coefficient]:
        """Coefficients above `floor` at any of the points m, shape (n,) or (T, n), functions of time apart; times (T,):
        of the points, for rates that are functions of Δ and time."""
        check_number(floor, "limit: floor", 0)
        points = [self._averages(x) for x in np.atleast_2d(check_array(m, "limit: averages"))]
        at = [None] * len(points) if times is None else check_array(times, "limit: times", (len(points),))
        found = []
        for kind, terms in (("drift", self._drift), ("noise", self._noise)):
            for p in terms:
                size = np.max([np.abs(self._matrix(p, x, t)) for x, t in zip(points, at, strict=True)], axis=0)
                found += [
                    Coefficient(kind, p.name, int(a), int(b), self.axes)
                    for a, b in np.argwhere(size > floor)
                    if kind == "drift" or a <= b
                ]
        return found

    def _matrix(self, term, m: np.ndarray, t: float | None) -> np.ndarray:
        for amplitude in self._terms.joint:
            amplitude.time = None if t is None else float(t)
        return term.matrix(m)

    def evolve(self, rho0, tlist, e_ops=None, first_moments=None) -> LimitResult:
        """Averages and fluctuations from a clustering initial state.

        Parameters
        ----------
        rho0 : State, Bloch vector, one-particle state, or dict of states by species and mode
            What `as_initial_state` accepts. Must have a limit: product, coherent, or thermal of a linear Hamiltonian.
        tlist : array, shape (T,)
        e_ops : dict or list of Polynomial, optional
            Evaluated with commuting averages.
        first_moments : array, shape (n,), optional
            ⟨F⟩ at the first time, in place of that of `rho0`, which is 0 except for modes with an amplitude β of order
            one, `Field(beta=…)`. It evolves with Q̃ and does not influence Σ.

        Returns
        -------
        LimitResult

        Raises FiniteNError for a state without a limit, for observables of other models, for first moments of another
        shape, and if the averages leave the domain of Γ.
        """
        times = check_times(tlist)
        labels, polynomials = read_observables(e_ops, self.model)
        self._check_observables(labels, polynomials)
        n = self._space.size
        m, covariance, first = as_initial_state(rho0, self.model).limit()
        start = np.concatenate([m, covariance.ravel(), first if first_moments is None else self._first(first_moments)])

        def rhs(t, y):
            m, sigma = y[:n], y[n : n + n * n].reshape(n, n)
            q = self.fluctuation_matrix(m, t)
            flow = q @ sigma
            noise = flow + flow.T + self.diffusion(m, t)
            return np.concatenate([self.drift(m, t), noise.ravel(), q @ y[n + n * n :]])

        y, evaluations = integrate_over(course_of(self.model, times), rhs, start, times, "limit")
        values = [dict(zip(self._space.letters, m, strict=True)) for m in y[:, :n]]
        return LimitResult(
            times=times,
            means=y[:, :n],
            covariance=y[:, n : n + n * n].reshape(-1, n, n),
            first_moments=y[:, n + n * n :],
            symplectic=np.array([self.symplectic(m) for m in y[:, :n]]),
            labels=labels,
            expect=[np.array([p.value(m) for m in values]) for p in polynomials],
            stats={"method": "DOP853", "evaluations": evaluations, "rtol": RTOL, "atol": ATOL},
            space=self._space,
        )

    def means(self, rho0, tlist) -> np.ndarray:
        """Averages alone, shape (T, n), of hundreds of species too: fluctuations, which `evolve` adds, take n² numbers.

        rho0, tlist : as for `evolve`
        """
        start, times = as_initial_state(rho0, self.model).limit()[0], check_times(tlist)
        return integrate_over(course_of(self.model, times), lambda t, m: self.drift(m, t), start, times, "limit")[0]

    def correlation(self, rho0, tlist, taulist, a: Polynomial, b: Polynomial) -> LimitCorrelation:
        """The limit of two-time correlations ⟨a(t + τ) b(t)⟩: product of averages, and N times the connected part.

            N (⟨a(t + τ) b(t)⟩ − ⟨a(t + τ)⟩⟨b(t)⟩) → ∇a · S⁻¹ Φ(t + τ, t) (Σ(t) + iσ(t)/2) S⁻¹ · ∇b,  dΦ/dτ = Q̃Φ

        Parameters
        ----------
        rho0 : as for `evolve`; with tlist=None the averages of a stable fixed point, shape (n,)
        tlist : array, shape (T,), or None
            Times t ≥ tlist[0], at which rho0 is given. None: stationary, Φ = e^{Q̃τ} and Q̃Σ + ΣQ̃ᵀ + 𝒟 = 0; what
            the model conserves, as the length of m in collective models, then does not fluctuate.
        taulist : array, shape (D,)
            Delays τ ≥ 0.
        a, b : Polynomial
            Of averages and quadratures; ħ = 1.

        Raises FiniteNError for bad input, for averages that are not those of a stable fixed point, and as `evolve`.

        Example
        -------
        >>> import numpy as np, qutip
        >>> from finite_n import LocalJump, Model, average, mz
        >>> decay = Model(0.5 * mz, jumps=[LocalJump(qutip.sigmam())])
        >>> up, down = average(qutip.sigmap()), average(qutip.sigmam())
        >>> Limit(decay).correlation([0, 0, 1], [0.0], [0.0, 1.0], up, down).connected.round(6)
        array([[1.     +0.j      , 0.32771+0.510378j]])
        """
        delays = check_delays(taulist)
        a, b = read_operator(a, "a", self.model), read_operator(b, "b", self.model)
        if tlist is None:
            self._check_at_rest("correlation")
            return LimitCorrelation(None, delays, *stationary_correlation(self, self._averages(rho0), delays, a, b))
        times = check_starts(tlist)
        if len(times) == 1:
            m, covariance, _ = as_initial_state(rho0, self.model).limit()
            at_times = [(m, covariance)]
        else:
            evolved = self.evolve(rho0, times)
            at_times = zip(evolved.means, evolved.covariance, strict=True)
        found = [correlation_from(self, t, *at, delays, a, b) for t, at in zip(times, at_times, strict=True)]
        product, connected = (np.array(x) for x in zip(*found, strict=True))
        return LimitCorrelation(times, delays, product, connected)

    def power_spectrum(self, m, omegas, a: Polynomial, b: Polynomial) -> np.ndarray:
        """The limit of N times `finite_n.power_spectrum` without its coherent line, at a stable fixed point m and
        at the frequencies omegas, shape (W,).

            N S(ω) → 2 Re ∇a · S⁻¹ (iω − Q̃)⁻¹ (Σ + iσ/2) S⁻¹ · ∇b,  Q̃Σ + ΣQ̃ᵀ + 𝒟 = 0

        Raises FiniteNError for averages m, shape (n,), that are not those of a stable fixed point.
        """
        self._check_at_rest("spectrum")
        omegas = check_array(omegas, "omegas", (None,), "frequencies")
        a, b = read_operator(a, "a", self.model), read_operator(b, "b", self.model)
        return stationary_spectrum(self, self._averages(m), omegas, a, b)

    def _check_at_rest(self, what: str) -> None:
        if self.depends_on_time:
            raise TimeDependentError(
                what,
                f"{what}: the model depends on time and has no fixed point: give Limit(model.at(t)), that of one time, "
                "or ask for correlations after a start, by rho0 and tlist.",
            )

    @property
    def depends_on_time(self) -> bool:
        """True if the model has coefficients that depend on time; drift, Jacobian and noise then need t."""
        return self._terms.functions is not None

    def _at(self, t: float | None) -> np.ndarray | None:
        """f_k at time t, None for a constant model."""
        if self._terms.functions is None:
            return None
        if t is None:
            raise TimeDependentError(f"limit without a time t: {self.model!r}")
        known = values_at(t)
        if known is None:
            known = Instant(np.array([1.0 if f is None else f(t) for f in self._terms.functions]), float(t))
        for amplitude in self._terms.joint:
            amplitude.time = known.time
        return known.values

    def _fields(self, m: np.ndarray, f: np.ndarray | None) -> np.ndarray:
        """g_i of all drift terms, for functions of time f."""
        of_terms = (p.field(m) if f is None else f[p.part] * p.field(m) for p in self._drift)
        return np.concatenate([np.zeros(0), *of_terms])

    def _velocities(self, m: np.ndarray) -> np.ndarray:
        """Velocity per unit of every field, Σ_β S_iaβ (1, m)_β, shape (fields, n)."""
        return (self._of_averages @ with_one(m)).reshape(-1, len(m))

    def _averages(self, m) -> np.ndarray:
        if isinstance(m, np.ndarray) and m.dtype == float and m.shape == (self._space.size,):
            return m  # called thousands of times by the integrator
        return check_array(m, f"limit: averages {', '.join(self.axes[:8])}", (self._space.size,))

    def _first(self, first_moments) -> np.ndarray:
        return check_array(first_moments, "limit: first_moments", (self._space.size,))

    def _check_observables(self, labels: Sequence[str], polynomials: Sequence[Polynomial]) -> None:
        for label, p in zip(labels, polynomials, strict=True):
            for letter in p.letters - set(self._space.letters):
                raise FiniteNError(
                    f"e_ops, {shown(label)}: {letter} is not an average of the model, whose letters are "
                    f"{', '.join(str(a) for a in self._space.letters[:12])}."
                )

    def __repr__(self):
        return f"Limit of {self.model!r}: {len(self._drift)} drift and {len(self._noise)} noise terms"
