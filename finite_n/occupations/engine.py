"""The exact engine for any model: symmetrised products of particles ⊗ |n⟩⟨n′| of modes, as a sparse real problem ẋ =
Ax.

x holds real and imaginary parts of one element of every mirror pair, in one of two units of p_n, the sum of all matrix
elements of ρ with occupations n (`finite_n.occupations.steps`). With M_n the number of ways to hand out the units (a
multinomial) and R_n ≤ M_n that of ways to hand out only the levels on one side:

- probabilities, x = p_n: a classical chain keeps Σ|x| = 1, which is the trace norm. But a coherent state has
  Σ_n |p_n| = (Σ_ab |ρ_ab|)^N, up to d^N: digits that the observables do not need, and that the error bound would have
  to pay for;
- orthonormal, x = D p_n/√M_n (times √2 where an element stands for itself and its mirror image): x²/D² sums up to Tr ρ²
≤ 1, H acts
  as an antisymmetric matrix, so that the field of values is known tightly, and D = max √R_n ≤ d^{N/2} makes Σ|x| a
  bound of the trace norm, since an element of the basis has rank at most R_n and norm one.

The unit is chosen in which the largest state is the smaller one: with P = Σ_n M_n / d^N, what a fully coherent state
has of Σ|p_n| on the elements kept, probabilities if P ≤ D, which is the case for classical chains and few coherences,
else orthonormal. Measured for `three_level(control=0.7)`, N = 12, a coherent state to t = 2 at a tolerance of 1e-9:
orthonormal 116 applications of the generator and errors of moments of 3e-15; probabilities, with Σ|p| of 1e5, 168 and
8e-15; p_n N^{−number of off-diagonal units}, in which a coherent state has a norm of order one but the generator a
large one, 468 and 1e-12. Rounding is that of every element by itself, so it is nearly the same in all of them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import gammaln, logsumexp

from finite_n.dicke_blocks.moments import pairs
from finite_n.engine import mode_states
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory, fits
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.rotation import turned
from finite_n.occupations.basis import Elements, closed, combined, everything, populations, supported
from finite_n.occupations.columns import Layout
from finite_n.occupations.common_frame import common_frames
from finite_n.occupations.lindbladian import generator_chains, left_step
from finite_n.occupations.matrix import Functionals, levels_of, real_matrix
from finite_n.occupations.steps import Chain, run, run_all
from finite_n.propagation.reachability import needed
from finite_n.propagation.sparse_problem import SparseProblem
from finite_n.states.initial_state import InitialState
from finite_n.states.particles import ProductState

SHARE = 4  # a subset is stored if it has at most 1/SHARE of the elements: else finding it costs more than it saves
_QUICK = 3_000  # elements up to which a search is a matter of a second
SMALL = 3_000  # elements below which none is sought: what is not needed is dropped afterwards


@dataclasses.dataclass
class ProductProblem:
    """A `SparseProblem` for one model, N, state and list of observables, and what its numbers mean.

    problem: functionals in the order of `finite_n.dicke_blocks.moments.Moments`: letters, ½{m_a, m_b} for a ≤ b, populations of
    every mode's levels, the trace, real and imaginary part of every polynomial. elements: of ρ that are stored (mirror
    images counted). bytes planned; note: what was kept and why; terms per row;
    populations: variables that are populations, and unit: what they have to be divided by.
    """

    problem: SparseProblem
    elements: int
    bytes: float
    note: str
    units: str
    terms: int
    populations: np.ndarray
    unit: np.ndarray


def bytes_of(elements: float, terms: float) -> float:
    """Memory of an evolution on so many elements with so many shifts each: the matrix while it is built, and twice as
    stored."""
    return elements * (300.0 + 26.0 * terms) + 1e6


def prepare(
    model: Model,
    N: int,
    state: InitialState,
    polynomials: Sequence[Polynomial],
    cutoffs: Sequence[int] = (),
    subset: bool = True,
    dry: bool = False,
) -> ProductProblem | None:
    """The problem on all elements that the initial state reaches and the observables depend on.

    Parameters
    ----------
    model : Model
    N : int
        Particles of all species; their sizes must be whole (`Space.sizes`).
    state : InitialState
        Of product states, from `finite_n.states.initial_state.as_initial_state`.
    polynomials : sequence of Polynomial
        Observables beside first and second moments.
    cutoffs : sequence of int
        Highest level of every mode, in the order of model.modes.
    subset : bool
        False: keep all elements.
    dry : bool
        None, after the checks of memory.

    Raises FiniteNError if a part of the state is no product, if the Δ of jumps do not commute, or if it does not fit
    into memory, naming the largest N that fits.
    """
    _check_state(model, state)
    sizes = model.space.sizes(N)
    frames = common_frames(model)
    layout = Layout(model, sizes, cutoffs, frames)
    chains = generator_chains(layout)
    densities = [turned(state.parts[s.name].density, frames[s.name]) for s in model.species]
    letters = [Polynomial({(a,): 1}) for a in model.space.letters]
    wanted = [Polynomial({(): 1}), *letters]
    wanted += [0.5 * (letters[a] * letters[b] + letters[b] * letters[a]) for a, b in pairs(len(letters))]
    wanted += polynomials

    terms = _shifts(chains, layout) if layout.elements > SMALL else 100  # small ones fit anyway
    _check_diagonal(layout)
    # levels grow at most as N does
    check_memory("the state of the modes", N, lambda n: sum(48.0 * (c + 1.0) ** 2 for c in cutoffs) * (n / N) ** 2)
    fields = [mode_states.density(state.parts[m.name], N, c) for m, c in zip(model.modes, cutoffs, strict=True)]
    elements, note = _chosen(_Search(layout, chains, densities, fields, wanted), terms, subset, dry)
    if dry:
        return None
    read = Functionals(layout, wanted)
    log_unit, units = _units(layout, elements)
    matrix = real_matrix(chains, elements, log_unit)
    start = _start(layout, elements, densities, fields, log_unit)
    functionals = read.on(elements, log_unit, levels_of(layout))
    used = needed(matrix, start, functionals)
    if used.size == 0:
        used = np.array([0])
    problem = SparseProblem(matrix[used][:, used], start[used], functionals[:, used])
    diagonal = np.concatenate([layout.is_diagonal(elements.n), np.zeros(elements.size, dtype=bool)])
    at = np.flatnonzero(diagonal[used])
    return ProductProblem(
        problem=problem,
        elements=elements.count,
        bytes=bytes_of(elements.count, terms),
        note=f"{problem.elements} real numbers for {elements.count} of {layout.elements} symmetrised products: {note}",
        units=units,
        terms=math.ceil(problem.matrix.nnz / max(problem.elements, 1)),
        populations=at,
        unit=np.exp(log_unit[used[at]]),
    )


def _check_state(model: Model, state: InitialState) -> None:
    for s in model.species:
        part = state.parts[s.name]
        if not isinstance(part, ProductState):
            raise FiniteNError(
                f"initial state of {s}: {shown(part)} is no product of one-particle states, and symmetrised products start from those; "
                "give a density matrix of one particle."
            )


def _shifts(chains: list[Chain], layout: Layout) -> int:
    """Largest number of elements that a random one leads to, over a sample."""
    rng = np.random.default_rng(0)
    rows = np.zeros((24, layout.width), np.int32)
    for p in layout.particles:
        share = rng.dirichlet(np.ones(p.dim**2), len(rows))
        rows[:, p.first : p.last] = [rng.multinomial(p.size, x) for x in share]
    for b in layout.bosons:
        rows[:, b.first : b.first + 2] = rng.integers(0, b.cutoff + 1, (len(rows), 2))
    return max(len(run_all(chains, rows)), 1)


def _real_elements(layout: Layout, n: float) -> float:
    """Number of elements at another N with the same fractions and cutoffs."""
    log = 0.0
    for p in layout.particles:
        size, k = p.size * n / layout.N, p.dim**2 - 1
        log += gammaln(size + k + 1) - gammaln(size + 1) - gammaln(k + 1)
    return math.exp(min(log, 600.0)) * math.prod((b.cutoff + 1.0) ** 2 for b in layout.bosons)


def _check_diagonal(layout: Layout) -> None:
    def count(n):
        log = sum(
            gammaln(p.size * n / layout.N + p.dim) - gammaln(p.size * n / layout.N + 1) - gammaln(p.dim)
            for p in layout.particles
        )
        return 400.0 * math.exp(min(log, 600.0)) * math.prod(b.cutoff + 1.0 for b in layout.bosons)

    check_memory("the list of populations", layout.N, count)


@dataclasses.dataclass(frozen=True)
class _Search:
    """For a set of elements that suffices: what the initial state reaches, or what the observables depend on."""

    layout: Layout
    chains: list[Chain]
    densities: list[np.ndarray]
    fields: list[np.ndarray]
    wanted: list[Polynomial]

    def run(self, few: int) -> tuple[Elements | None, str]:
        """At most `few` elements that suffice, and why; None if they are more."""
        units = [np.flatnonzero(rho.ravel()) for rho in self.densities]
        pairs = [np.argwhere(f) for f in self.fields]
        count, groups = supported(self.layout, units, pairs)
        if count <= few:
            kept = closed(self.chains, self.layout, combined([g() for g in groups]), False, few // 2)
            if kept is not None:
                return kept, "the initial state reaches no others"  # what nothing depends on is dropped from the matrix
        if populations(self.layout)[0] <= few:
            seeds = self._read()
            kept = closed(self.chains, self.layout, seeds, True, few // 2) if len(seeds) <= few else None
            if kept is not None:
                return kept, "the observables depend on no others"
        return None, ""

    def _read(self) -> np.ndarray:
        """Elements that observables read: what two general letters read at once, and what longer polynomials do."""
        layout, rng = self.layout, np.random.default_rng(0)
        diagonal = combined([g() for g in populations(layout)[1]])
        size = 1 + layout.model.space.size
        two = tuple(left_step(layout, rng.uniform(0.5, 1.0, size)) for _ in range(2))
        reached = run(Chain(1.0, two), diagonal, backward=True)
        rows = [diagonal[c != 0] + np.array(shift, diagonal.dtype) for shift, c in reached.items()]
        longer = [p for p in self.wanted if p.degree > 2]
        if longer:
            rows.append(Functionals(layout, longer).elements)
        return Elements(layout, np.concatenate(rows)).n

    def at(self, N: int) -> _Search:
        """The same with about N particles."""
        sizes = [max(1, round(p.size * N / self.layout.N)) for p in self.layout.particles]
        cutoffs = [b.cutoff for b in self.layout.bosons]
        layout = Layout(self.layout.model, sizes, cutoffs, common_frames(self.layout.model))
        return dataclasses.replace(self, layout=layout, chains=generator_chains(layout))

    def predicted(self) -> Callable[[float], float]:
        """Elements as a function of N: c C(N + k, k), c and k from the largest two of a few small N that are searched
        quickly."""
        known, N = [], 4 * len(self.layout.particles)
        while N < self.layout.N and len(known) < 3:
            small = self.at(N)
            kept, _ = small.run(_QUICK)
            if kept is None and small.layout.elements > _QUICK:
                break
            known.append((small.layout.N, kept.count if kept is not None else small.layout.elements))
            N = math.ceil(1.5 * N)
        if len(known) < 2:
            return lambda n: _real_elements(self.layout, n)
        (n1, c1), (n2, c2) = known[-2:]

        def log_binomial(n, k):
            return gammaln(n + k + 1) - gammaln(n + 1)

        low, high = 0.0, 100.0
        for _ in range(60):
            k = (low + high) / 2
            low, high = (k, high) if log_binomial(n2, k) - log_binomial(n1, k) < math.log(c2 / c1) else (low, k)
        return lambda n: c2 * math.exp(min(log_binomial(n, low) - log_binomial(n2, low), 600.0))


def _chosen(search: _Search, terms: float, subset: bool, dry: bool) -> tuple[Elements | None, str]:
    """The elements to keep, and why: those that the state reaches, those that observables depend on, or all."""
    layout, total, kept, why = search.layout, search.layout.elements, None, ""
    what, all_fit = "the evolution on symmetrised products", fits(bytes_of(_real_elements(layout, layout.N), terms))
    if dry and all_fit:
        return None, ""
    few = total // SHARE
    while not fits(bytes_of(few, terms)):  # the search itself must fit; what is larger is refused below
        few //= 2
    if subset and total > SMALL:
        if all_fit:
            kept, why = search.run(few)
        else:
            count = search.predicted()
            few_likely = count(layout.N) <= _QUICK
            kept, why = search.run(min(few, _QUICK)) if few_likely else (None, "")
            if kept is None:  # a long search is worth it only if what it finds is likely to fit
                check_memory(what, layout.N, lambda n: bytes_of(min(count(n), _real_elements(layout, n)), terms))
                if dry:
                    return None, ""
                kept, why = search.run(few)
    if kept is None:
        check_memory(what, layout.N, lambda n: bytes_of(_real_elements(layout, n), terms))
        why = "all are kept" if not subset or total <= SMALL else f"more than 1/{SHARE} of them matter"
        return (None if dry else Elements(layout, everything(layout))), why
    size = kept.count
    check_memory(what, layout.N, lambda n: bytes_of(size * n / layout.N, terms))
    return kept, why


def _log_ways(n: np.ndarray, groups: Sequence[Sequence[Sequence[int]]]) -> np.ndarray:
    """Σ over species of log N_s!/Π_g (Σ_{c ∈ g} n_c)!, shape (E,)."""
    out = np.zeros(len(n))
    for columns in groups:
        counts = np.stack([n[:, list(c)].sum(axis=1) for c in columns])
        out += gammaln(counts.sum(axis=0) + 1) - gammaln(counts + 1).sum(axis=0)
    return out


def _log_multinomial(layout: Layout, n: np.ndarray) -> np.ndarray:
    """log M_n."""
    return _log_ways(n, [[[c] for c in range(p.first, p.last)] for p in layout.particles])


def _units(layout: Layout, elements: Elements) -> tuple[np.ndarray, str]:
    """log of x/p for real and imaginary parts, (2 size,), and the name of the unit; see the head of this module."""
    multinomial = _log_multinomial(layout, elements.n)
    ranks = [
        _log_ways(elements.n, [[p.level(level, side) for level in range(p.dim)] for p in layout.particles])
        for side in (0, 1)
    ]
    log_d = np.minimum(*ranks).max(initial=0.0) / 2
    dimension = sum(p.size * math.log(p.dim) for p in layout.particles)
    dimension += sum(math.log(b.cutoff + 1) for b in layout.bosons)
    twice = np.where(elements.alone, 0.0, math.log(2))
    if logsumexp(multinomial + twice) - dimension <= log_d:
        return np.zeros(2 * elements.size), "probabilities"
    log_unit = log_d - multinomial / 2 + twice / 2
    return np.concatenate([log_unit, log_unit]), "orthonormal"


def _start(layout, elements: Elements, densities, fields, log_unit: np.ndarray) -> np.ndarray:
    """x of the product state, p_n = Π_s (M_n Π_α ρ_α^{n_α}) Π ⟨n|ρ|n′⟩."""
    n = elements.n
    log, phase = _log_multinomial(layout, n), np.ones(elements.size, complex)
    for p, rho in zip(layout.particles, densities, strict=True):
        for c, value in enumerate(rho.ravel()):
            count = n[:, p.first + c]
            size = abs(value)
            with np.errstate(divide="ignore", invalid="ignore"):
                log += np.where(count > 0, count * np.log(size), 0.0)
            if size:
                powers = np.cumprod(np.append(1.0, np.full(int(count.max(initial=0)), value / size)))
                phase *= powers[count]
    for b, rho in zip(layout.bosons, fields, strict=True):
        phase *= rho[n[:, b.first], n[:, b.first + 1]]
    vector = np.exp(log + log_unit[: elements.size]) * phase
    vector[elements.alone] = vector[elements.alone].real
    return np.concatenate([vector.real, vector.imag])
