"""`ParticleResult`: what one of N independent particles made of bosons says about all of them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from finite_n.engine.moments import pairs
from finite_n.engine.protocol import Outcome
from finite_n.errors import FiniteNError, shown
from finite_n.independent.shifts import Levels
from finite_n.independent.weyl import Weyl
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_array, check_size

_ROUNDING = 1e-14  # in trace norm


@dataclasses.dataclass(frozen=True, repr=False)
class ParticleResult:
    """N independent particles made of bosons, for every N: what one of them says.

    times (T,); names of the n operators X_a; levels: populations (T, cutoff + 1) by name of the boson; error: of the
    state of one particle in trace norm, as far as it is known; difference: largest change of averages and products
    under the check run, None without one; stats; outcome: of the engine; tolerance: asked for.
    """

    particle: BosonicParticle
    times: np.ndarray
    names: list[str]
    operators: list[Polynomial] = dataclasses.field(repr=False)
    outcome: Outcome = dataclasses.field(repr=False)
    tolerance: float

    @property
    def means(self) -> np.ndarray:
        """⟨X_a⟩, of one particle and of every average over N, shape (T, n)."""
        return self.outcome.moments.observables[:, : len(self.names)].real

    def mean(self, name: str) -> np.ndarray:
        """⟨X⟩ of the operator `name`, shape (T,)."""
        if name not in self.names:
            raise FiniteNError(f"mean: {shown(name)} is none of the operators {', '.join(self.names)}.")
        return self.means[:, self.names.index(name)]

    @functools.cached_property
    def products(self) -> np.ndarray:
        """⟨X_a X_b⟩ of one particle, shape (T, n, n), complex."""
        n = len(self.names)
        out = np.zeros((len(self.times), n, n), complex)
        for k, (a, b) in enumerate(pairs(n)):
            out[:, a, b] = self.outcome.moments.observables[:, n + k]
            out[:, b, a] = out[:, a, b].conj()
        return out

    @property
    def covariance(self) -> np.ndarray:
        """Σ_ab = ½⟨{F_a, F_b}⟩ at every N, shape (T, n, n)."""
        return self.products.real - np.einsum("ta,tb->tab", self.means, self.means)

    @property
    def symplectic_form(self) -> np.ndarray:
        """σ_ab = −i⟨[F_a, F_b]⟩ at every N, shape (T, n, n)."""
        return 2 * self.products.imag

    def characteristic(self, r: Sequence[float], N: int, mean=None) -> np.ndarray:
        """⟨exp(i r·F)⟩ for N particles, shape (T,), complex: [Tr ρ exp(i r·(X − ⟨X⟩)/√N)]^N.

        r (n,); mean: what F has in place of ⟨X⟩ at that time, (n,), such as averages of the start. Its error is at most
        about N times that of one particle's state.
        """
        N, operator = check_size(N), combined(r, self.operators, self.names)
        r = np.asarray(r, dtype=float)
        centre = self.means @ r if mean is None else check_array(mean, "mean", wanted="a list of numbers") @ r
        one = traces(self.outcome, Weyl(self.particle, operator, 1 / np.sqrt(N)))
        return power(one * np.exp(-1j * centre / np.sqrt(N)), N)

    @property
    def levels(self) -> dict[str, np.ndarray]:
        """Populations of the Fock levels, (T, cutoff + 1) by name of the boson."""
        names = (b.name for b in self.particle.bosons)
        return dict(zip(names, self.outcome.moments.levels, strict=True))

    @property
    def error(self) -> float:
        """Of one particle's state in trace norm: truncation, levels left out, rounding, lost trace."""
        out = self.outcome
        drift = float(np.abs(out.moments.weights.sum(axis=1) - 1).max())
        return max(out.bound, out.tail, out.rounding, drift, -out.smallest)

    @property
    def difference(self) -> float | None:
        """Largest change of averages and products under the check run."""
        again = self.outcome.again
        return None if again is None else float(np.abs(self.outcome.moments.observables - again.observables).max())

    @property
    def stats(self) -> dict:
        """Of the run: elements, applications, what was kept."""
        return self.outcome.stats | {"elements": self.outcome.elements, "kept": self.outcome.note}

    def __repr__(self):
        return (
            f"ParticleResult({self.particle}, {len(self.times)} times, {', '.join(self.names)}; {self.outcome.note}; "
            f"state error {self.error:.1e})"
        )


def combined(r, operators: Sequence[Polynomial], names: Sequence[str]) -> Polynomial:
    """r·X."""
    r = check_array(r, "r", wanted=f"a list of {len(names)} numbers")
    if r.shape != (len(names),):
        raise FiniteNError(f"r: got shape {r.shape}; give a number for each of the operators {', '.join(names)}.")
    return sum((x * p for x, p in zip(r.tolist(), operators, strict=True)), Polynomial({}))


def levels_of(outcome: Outcome) -> tuple[int, ...]:
    """Cutoffs."""
    return tuple(len(p[0]) - 1 for p in outcome.moments.levels)


def traces(outcome: Outcome, weyl: Weyl) -> np.ndarray:
    """Tr(ρ exp(isX)) at every time; rows of ρ with many quanta are left out where the sum of their norms, which bounds
    them in trace norm, is rounding."""
    levels, states = Levels(levels_of(outcome)), [parts[0].matrix() for parts in outcome.states]
    quanta = levels.numbers.sum(axis=1)
    norms = np.max([np.linalg.norm(rho, axis=1) for rho in states], axis=0)
    beyond = np.bincount(quanta, norms)[::-1].cumsum()[::-1]  # of so many quanta and more
    most = int(np.count_nonzero(beyond > _ROUNDING)) - 1
    w = weyl.between(levels, most=max(most, 0))
    return np.array([np.einsum("ij,ji->", w, rho) for rho in states])


def power(one: np.ndarray, N: int) -> np.ndarray:
    """z^N for z near 1."""
    return np.power(one, float(N))
