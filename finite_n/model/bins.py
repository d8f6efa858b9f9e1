"""Inhomogeneous ensembles: a distribution of frequencies, couplings or rates over the particles, in bins as species.

Particles of one bin share one value v_b, so that they are a species with the fraction of particles in the bin; a sum
over all particles of what depends on a particle's value is a sum over bins,

    (1/N) Σ_k f(v_k, x^(k)) = Σ_b (N_b/N) f(v_b, m_b(x)).

K bins are a continuum only for times before the differences of neighbouring values are resolved: where values are
frequencies with a distance δω the dephasing reverses at t = 2π/δω. `comparison.bin_convergence` says how far to trust
them.
"""

from __future__ import annotations

import copy
import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.distribution import Table
from finite_n.model.given_distribution import read_distribution
from finite_n.model.inputs import label_index
from finite_n.model.local_jump import LocalJump
from finite_n.model.operators import is_function
from finite_n.model.polynomial import Polynomial, as_polynomial, depends_on_time
from finite_n.model.species import Species
from finite_n.model.validation import call_given, check_choice, check_size, check_whole

MOST = 2000  # bins
_LEAST = 1e-15  # weight of a node of Gauss quadrature that is kept
_ENDS = 8  # halvings of the bins at the ends where nobody asks for whole numbers of particles
RULES = ("quantiles", "medians", "staggered", "staggered medians", "gauss")


@dataclasses.dataclass(frozen=True, eq=False)
class Bins:
    """Particles in K bins; `binned` makes them. Iterating gives pairs (value, species).

    values : of the bins, increasing, shape (K,), or tuples of numbers for a product of ensembles
    species : one for each bin, with names such as "bin_1"
    rule : how values and fractions were chosen
    """

    values: np.ndarray
    species: tuple[Species, ...]
    rule: str

    @property
    def weights(self) -> np.ndarray:
        """Shares N_b/N of the bins, shape (K,)."""
        return np.array([float(s.fraction) for s in self.species])

    def __len__(self):
        return len(self.species)

    def __iter__(self) -> Iterator[tuple]:
        values = (v if np.ndim(v) == 0 else tuple(map(float, v)) for v in self.values)
        return zip((float(v) if np.ndim(v) == 0 else v for v in values), self.species, strict=True)

    def average(self, x) -> Polynomial:
        """(1/N) Σ_k over all particles, Σ_b (N_b/N) f(v_b, s_b).

        x : a function f of a value and its species that returns a polynomial, such as lambda w, s: w * s.mz; or a d×d
            array or `Qobj`, for (1/N) Σ_k x^(k)
        """
        if not is_function(x):
            return sum((s.share * s.average(x) for s in self.species), Polynomial({}))
        total = Polynomial({})
        for value, s in self:
            part = call_given(x, "bins: average", "a function of a value and its species", value, s)
            total = total + s.share * (part if depends_on_time(part) else as_polynomial(part))
        return total

    @property
    def mx(self) -> Polynomial:
        """(1/N) Σ_k σx^(k), two levels."""
        return self.average(lambda _, s: s.mx)

    @property
    def my(self) -> Polynomial:
        """(1/N) Σ_k σy^(k), two levels."""
        return self.average(lambda _, s: s.my)

    @property
    def mz(self) -> Polynomial:
        """(1/N) Σ_k σz^(k), two levels."""
        return self.average(lambda _, s: s.mz)

    def jumps(self, jump: Callable[[object, Species], LocalJump | Sequence[LocalJump]]) -> list[LocalJump]:
        """Local jumps of the particles of every bin.

        jump : function of a value and its species that returns a LocalJump, or several, such as
            lambda w, s: LocalJump(qutip.sigmam(), rate=1 + w**2). The particles of the bin jump.
        """
        found, wanted = [], "a function of a value and its species that returns a LocalJump or a list of them"
        for value, s in self:
            given = call_given(jump, "bins: jumps", wanted, value, s) if callable(jump) else jump
            for one in given if isinstance(given, list | tuple) else [given]:
                if not isinstance(one, LocalJump) or one.species not in (None, s.name):
                    raise FiniteNError(f"bins: jumps of {s}: got {shown(given)}; give {wanted}, of this species.")
                own = copy.copy(one)
                own.species = s.name
                found.append(own)
        return found

    def start(self, state) -> dict:
        """Initial states by species, for `rho0`; modes may be added, {**bins.start([0, 0, 1]), "field": Field()}.

        state : one for particles of all bins, as `evolve` takes it; or a function of a value that returns one
        """
        if not is_function(state):
            return {s.name: state for s in self.species}
        wanted = "a function of a value that returns an initial state"
        return {s.name: call_given(state, "bins: start", wanted, value) for value, s in self}

    def profile(self, result, axis: str) -> np.ndarray:
        """⟨m_b⟩ of every bin in a result of `evolve` or of a limit, shape (T, K), beside `values`.

        axis : what is averaged, such as "z", or "v1" for particles of more levels
        """
        labels = [a.label.rpartition(".")[2] for a in self.species[0].letters]
        k = label_index(axis, labels)
        if missing := [s for s in self.species if s not in result.space.species]:
            raise FiniteNError(f"bins: profile: {missing[0]} of these bins is not a species of the result.")
        return np.stack([result.means[:, result.space.part(s).start + k] for s in self.species], axis=1)

    def __mul__(self, other: Bins) -> Bins:
        """Independent distributions of two numbers: every pair of bins is a bin, its value a tuple."""
        if not isinstance(other, Bins):
            return NotImplemented
        check_whole(len(self) * len(other), "binned: number of bins of a product", 1, MOST)
        rows = [(*np.atleast_1d(v), *np.atleast_1d(w)) for v in self.values for w in other.values]
        shares = [s.fraction * t.fraction for s in self.species for t in other.species]
        name, dim = self.species[0].name.rpartition("_")[0], self.species[0].dim
        rule = self.rule if self.rule == other.rule else f"{self.rule}, {other.rule}"
        return Bins(np.array(rows), _species(name, dim, shares), rule)

    def __repr__(self):
        shown_values = ", ".join(f"{v:.6g}" if np.ndim(v) == 0 else str(v) for v, _ in list(self)[:6])
        some = ", …" if len(self) > 6 else ""
        return f"{len(self)} bins by {self.rule}, values {shown_values}{some}"


def binned(
    distribution,
    bins: int | None = None,
    *,
    weights=None,
    cut: tuple[float, float] | None = None,
    rule: str = "quantiles",
    N: int | None = None,
    name: str = "bin",
    dim: int = 2,
) -> Bins:
    """Particles with a distribution of one number each, in bins: species of identical particles with shares of all.

    Parameters
    ----------
    distribution : distribution of scipy.stats, density, or array (M,) of values
        Such as scipy.stats.norm(0, 0.5), scipy.stats.uniform(-1, 2), scipy.stats.cauchy(0, 1) with a cut,
        scipy.stats.arcsine(-g, 2 * g) for couplings g cos(kx) in a standing wave, scipy.stats.rv_histogram; a function
        p(x) ≥ 0 with a cut, which need not be normalised; or measured values. In units of what it stands for, ħ = 1.
    bins : int
        K, the number of bins. Default, for values alone: one bin for every different value.
    weights : array (M,), optional
        Of the values. Default: equal ones.
    cut : (a, b), optional
        Values outside are left out, and the rest is normalised.
    rule : str
        "quantiles" (default): bins of equally many particles, each with the mean of the values in it, so that the mean
        of all is exact. "medians": the same with the median of each, for distributions without a mean.
        "staggered", "staggered medians": the first and last bin have half as many particles, and without N they are
        halved further towards the ends; what differs from "quantiles" or "medians" shows what bins do not resolve.
        "gauss": nodes and weights of Gauss quadrature, which converge fastest for smooth
        distributions with short tails, and not to a distribution that its moments do not determine, such as the
        lognormal one, which is refused; its shares are irrational, so for limits only.
    N : int, optional
        Number of all particles that will be evolved: the bins hold whole numbers of particles as equal as can be, and
        each has the mean (or median) of just its own share of the values. Default: equal shares, for limits, and for N
        that are multiples of K. With bins=N every particle has a value of its own.
    name : str
        Of the species: name_1, name_2, …
    dim : int
        Number of levels of a particle. Default 2.

    Equal shares are the default because at finite N every bin holds a whole number of particles.

    Returns
    -------
    Bins

    Raises FiniteNError for a density that is negative somewhere, tails without a mean, more bins than particles or
    values, and arguments of the wrong kind.

    Example
    -------
    >>> from scipy.stats import norm
    >>> from finite_n import LocalJump, Model, binned
    >>> spins = binned(norm(0, 1), 4)
    >>> spins
    4 bins by quantiles, values -1.27111, -0.324663, 0.324663, 1.27111
    >>> Model(spins.average(lambda w, s: 0.5 * w * s.mz), species=spins.species).species[0].fraction
    Fraction(1, 4)
    """
    check_choice(rule, "binned: rule", RULES)
    given = read_distribution(distribution, weights, cut)
    N = None if N is None else check_size(N)
    if bins is None:
        if not isinstance(given, Table):
            raise FiniteNError(f"binned: say in how many bins {given.text} is divided, for example bins = 4.")
        if rule != "quantiles" or N is not None:
            raise FiniteNError("binned: without bins every value is a bin of its own; rule and N need bins = ….")
        check_whole(given.values.size, "binned: number of different values", 1, MOST)
        return Bins(given.values, _species(name, dim, list(given.mass)), "values")
    check_whole(bins, "binned: bins", 1, MOST)
    if isinstance(given, Table) and bins > given.values.size:
        raise FiniteNError(f"binned: {bins} bins of {given.text}; give at most as many bins as values.")
    if N is not None and bins > N:
        raise FiniteNError(f"binned: {bins} bins for N = {N} particles; give at most as many bins as particles.")
    if rule == "gauss":
        if N is not None:
            raise FiniteNError(
                f"binned: N = {N} with rule = 'gauss', whose shares of particles are irrational; at finite N take "
                "rule='quantiles'."
            )
        values, shares = given.gauss(bins)
        kept = shares > _LEAST
        return Bins(_centered(values[kept]), _species(name, dim, list(shares[kept] / shares[kept].sum())), rule)
    edges = _edges(bins, N, rule.startswith("staggered"))
    of_bin = given.median if rule.endswith("medians") else given.mean
    values = np.array([of_bin(a, b) for a, b in itertools.pairwise(edges)])
    return Bins(_centered(values), _species(name, dim, np.diff(edges)), rule)


def _edges(bins: int, N: int | None, staggered: bool) -> np.ndarray:
    """Cumulated shares of the particles, 0 to 1, as fractions; with N those of whole numbers, the same from both
    ends."""
    if staggered and bins > 1:
        inner = [Fraction(2 * k - 1, 2 * (bins - 1)) for k in range(1, bins)]
        if N is None:
            ends = [inner[0] / 2**k for k in range(_ENDS, 0, -1)]
            inner = [*ends, *inner, *(1 - e for e in ends[::-1])]
    else:
        inner = [Fraction(k, bins) for k in range(1, bins)]
    edges = [Fraction(0), *inner, Fraction(1)]
    if N is not None:
        half = [Fraction(round(e * N), N) for e in edges[: bins // 2 + 1]]
        edges = half + [1 - e for e in half[: bins + 1 - len(half)][::-1]]
    return np.array(edges, dtype=object)


def _centered(values: np.ndarray) -> np.ndarray:
    """Values, with zero in place of its rounding."""
    return np.where(np.abs(values) < 1e-14 * np.abs(values).max(initial=0.0), 0.0, values)


def _species(name: str, dim: int, shares: Sequence) -> tuple[Species, ...]:
    if not isinstance(name, str) or not name:
        raise FiniteNError(f"binned: name = {shown(name)}; give a word, for example 'bin'.")
    return tuple(Species(f"{name}_{k}", dim, share) for k, share in enumerate(shares, 1))
