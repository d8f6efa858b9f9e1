"""What a study is about, N particles made of bosons that do not interact: one of them is evolved, and answers for every
N.

Averages and covariances of the fluctuations F_a = N^−½ Σ_k (X_a^(k) − ⟨X_a⟩) are those of one particle at every N, and
their characteristic function is a number of one particle to the power N, which goes to the Gaussian of its covariance.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from comparison.ladder import Ladder
from comparison.referee.claim import Claim
from comparison.referee.expansion import DerivedExpansion
from comparison.referee.fluctuation import Direction
from comparison.referee.quantities import covariance_names, named_quantities
from finite_n.errors import FiniteNError, shown
from finite_n.model.bosonic_particle import BosonicParticle, OperatorSpace
from finite_n.model.polynomial import Polynomial
from finite_n.solvers.error_budget import ErrorBudget
from finite_n.solvers.evolve_particle import evolve_particle, three_point_function
from finite_n.solvers.particle_result import ParticleResult
from meanfield import fluctuation_map


@dataclasses.dataclass(frozen=True)
class ParticleMoments:
    """Of the operators asked for, without a state: times (T,), means (T, n), covariance (T, n, n), stats."""

    times: np.ndarray
    means: np.ndarray
    covariance: np.ndarray
    stats: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class ParticlesAtN:
    """What `Result` is for a model: N of the particles, at T times."""

    N: int
    one: ParticleResult | ParticleMoments
    space: OperatorSpace
    budget: ErrorBudget
    labels: tuple[str, ...] = ()
    polynomials: tuple[Polynomial, ...] = ()

    @property
    def times(self) -> np.ndarray:
        """(T,)."""
        return self.one.times

    @property
    def means(self) -> np.ndarray:
        """⟨X_a⟩, (T, n)."""
        return self.one.means

    @property
    def covariance(self) -> np.ndarray:
        """Σ, (T, n, n)."""
        return self.one.covariance

    @property
    def e_data(self) -> dict:
        """No further observables."""
        return {}

    @property
    def stats(self) -> dict:
        """Of the run of one particle."""
        return {"applications": 0} | self.one.stats

    def characteristic(self, r) -> np.ndarray:
        """⟨e^{i r·F}⟩, (T,)."""
        return self.one.characteristic(r, self.N)


class ParticleSubject:
    """N particles, their start, and the operators whose averages and fluctuations are looked at.

    rho0 : Fields by name of the boson; space : of the operators
    """

    power = 1.0

    def __init__(self, particle: BosonicParticle, rho0, operators, e_ops, cutoffs, tol: float):
        if not isinstance(operators, Mapping) or not operators:
            raise FiniteNError(
                f"study: operators = {shown(operators)}; particles made of bosons need a dict of names to Hermitian "
                "polynomials of their x and p."
            )
        if e_ops:
            raise FiniteNError("study: e_ops are of models; name what is looked at in operators.")
        self.model, self.operators, self.cutoffs, self.tol = particle, dict(operators), cutoffs, tol
        for name, p in self.operators.items():
            if not isinstance(name, str) or not name.isidentifier():
                raise FiniteNError(f"study: operators: name {shown(name)}; give a word.")
            particle.operator(p, name)
        self.rho0, self.space = rho0, OperatorSpace(list(self.operators))
        if len(set(names := covariance_names(self.space))) < len(names):
            raise FiniteNError(
                f"study: operators {', '.join(self.operators)}: two covariances would be called "
                f"{max(names, key=names.count)}; take names without underscores."
            )
        self._results: dict[bytes, ParticleResult] = {}

    def cost(self, N: int) -> float:
        """The same at every N, and enough not to be measured twice: one particle has been evolved."""
        return 1e7

    def one(self, times: np.ndarray) -> ParticleResult:
        """One particle, evolved once for the same times."""
        key = times.tobytes()
        if key not in self._results:
            options = {"tol": self.tol, "cutoffs": self.cutoffs}
            self._results[key] = evolve_particle(self.model, self.rho0, times, self.operators, **options)
        return self._results[key]

    def check(self, N: int, times: np.ndarray, options: Mapping) -> None:
        """Nothing: memory does not depend on N, and one particle is refused when it is evolved."""

    def means(self, times: np.ndarray) -> np.ndarray:
        """⟨X_a⟩, (T, n)."""
        return self.one(times).means

    def derived(self, directions: Sequence[Direction] = ()) -> Claim:
        """Averages and covariances of one particle, the Gaussian of these, and products by the map of fluctuations."""
        products = [d for d in directions if d.between]

        def values(times):
            one = self.one(times)
            out = named_quantities(one.means, one.covariance, self.space)
            if products:
                found = fluctuation_map(self.model, self.rho0, times, self.operators)
                for d in products:
                    out |= d.product_named(found.three_point(d.product))
            return out

        return Claim("derived", "one of the particles, which do not interact, and the central limit", values, self.tol)

    def product(self, N: int, times: np.ndarray, r: np.ndarray, tol: float, cutoffs) -> tuple[np.ndarray, float]:
        """⟨W(r_1) Φ_t[W(r)] W(r_2)⟩ at N, (T,), W(r) with the averages at t, and its error."""
        one = self.one(times)
        values = three_point_function(
            self.model, self.rho0, times, self.operators, r, N, tol=max(tol, self.tol), cutoffs=cutoffs
        )
        moved = np.sqrt(N) * (one.means - one.means[0]) @ r[1]
        off = 2 * np.sqrt(N) * float(np.abs(r[1]).sum()) * max(one.difference or 0.0, self.tol)
        return values * np.exp(-1j * moved), max(tol, self.tol) + off

    def expansion(
        self, times: np.ndarray, quantities: Sequence[str], power: float, claims, directions=()
    ) -> DerivedExpansion:
        """Averages and covariances have no corrections."""
        values = self.derived().values(times)
        table = np.full((3, len(times), len(quantities)), np.nan)
        for i, q in enumerate(quantities):
            if q in values:
                table[:, :, i] = 0.0
                table[0, :, i] = values[q]
        return DerivedExpansion(table)

    def cumulants(self, times: np.ndarray, quantities: Sequence[str], accuracy: float) -> None:
        """None: averages and covariances have no corrections."""

    def climb(self, ladder: Ladder, times: np.ndarray, *, progress=None, read, after, keep, **_) -> None:
        """Results at every size."""
        report = progress or (lambda N, share: None)

        def kept(N: int) -> None:
            report(N, 1.0)
            after(N)

        ladder.climb(lambda N: read(self.exact(N, times)), kept, keep, lambda N: report(N, 0.0))

    def without_states(self, result: ParticlesAtN) -> ParticlesAtN:
        """What a study keeps."""
        one = result.one
        return dataclasses.replace(result, one=ParticleMoments(one.times, one.means, one.covariance, one.stats))

    def as_data(self, result: ParticlesAtN) -> dict:
        """What a study keeps of a result, as numbers, texts and arrays."""
        return {"N": result.N, "one": vars(result.one), "budget": vars(result.budget)}

    def from_data(self, data: Mapping) -> ParticlesAtN:
        """The result of `as_data`, to the last bit."""
        return ParticlesAtN(data["N"], ParticleMoments(**data["one"]), self.space, ErrorBudget(**data["budget"]))

    def evolved(self) -> list:
        """All that exact results follow from, beside N, times and options."""
        return [self.model, self.rho0, list(self.operators), list(self.operators.values())]

    def exact(self, N: int, times: np.ndarray, **_) -> ParticlesAtN:
        """The exact result at one size."""
        one = self.one(times)
        off = max(one.difference or 0.0, self.tol)
        return ParticlesAtN(N, one, self.space, self.budget(off, min(N * one.error, 2.0)))

    def budget(self, off: float, truncation: float = 0.0) -> ErrorBudget:
        """Of averages and covariances that may be off by so much, and of a state in trace norm."""
        return ErrorBudget(
            tolerance=self.tol,
            truncation_bound=truncation,
            moment_difference=off,
            covariance_difference=off,
            observable_difference=None,
            trace_drift=0.0,
            smallest_eigenvalue=0.0,
            covariance_growth=1.0,
            largest_average=0.0,  # unbounded operators: their averages have the errors that were measured
        )

    def identity(self) -> dict:
        """All that exact numbers and limits follow from, by name."""
        p = self.model
        jumps = None if p.jumps is None else [p.jumps.polynomials, p.jumps.kossakowski]
        parts = [repr(p), p.hamiltonian, jumps, sorted(self.operators.items())]
        return {"particle": parts, "initial state": sorted((k, repr(f)) for k, f in (self.rho0 or {}).items())}
