"""`spectrum`: the slowest eigenvalues of the Liouvillian at one N, its zero modes and its gap."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.dicke_blocks.blocks import all_blocks
from finite_n.dicke_blocks.extent import extent, scaled
from finite_n.dicke_blocks.liouvillian.liouvillian import Liouvillian
from finite_n.dicke_blocks.rotation import in_laboratory
from finite_n.eigenmodes.arnoldi import SlowSubspace, bytes_kept, bytes_of, is_small, modes_kept, slow_subspace
from finite_n.eigenmodes.sectors import COLUMNS, SPLIT, Sector, field_of_values, sectors_of, typical_rate
from finite_n.engine.cutoffs import given_levels, in_words
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.model.model import Model
from finite_n.model.validation import check_number, check_size, check_whole
from finite_n.threads import one_blas_thread

MOST = 200  # eigenvalues
STATIONARY = "the stationary state"
_IN_ONE_SECTOR = 800  # modes of a large sector that may be looked for until one decays
_PER_TERM_AND_ROW = 70.0  # bytes
_ACCURACY = 13.0  # matrices over the modes kept
_PER_ENTRY = (45.0, 65.0)  # bytes, of several species or modes, whose terms leave more out, and of one
_SAMPLE = 1.5e6  # bytes, of the field of values
_PRINTED = 60  # eigenvalues
_INDISTINGUISHABLE = 2e-15  # from zero, of the largest rate or frequency


@dataclasses.dataclass(repr=False)
class Spectrum:
    """Eigenvalues of L_N with the largest real parts, k or a few more.

    N; eigenvalues (m,): complex, by falling real part; residuals (m,): ‖Lv − λv‖/‖v‖, Frobenius norm of the blocks;
    errors (m,): how far the true eigenvalue may be, rounding included (what a cutoff of modes does is not); conditions
    (m,): 1/|yᴴx| of the normalised left and right eigenvectors; together (m,): how many eigenvalues of the sector lie
    within the error; defective (m,): which of these have too few eigenvectors, or are so near an exceptional point that
    double precision does not tell; sectors: label of the sector of each; zero: |λ| up to which an eigenvalue counts as
    zero; rate: a decay rate per particle, the unit of the tolerances; left_out: in words, what may be missing among
    modes that tie with the last, or empty; stats. Without a Model behind it N is 0.
    """

    N: int
    eigenvalues: np.ndarray
    residuals: np.ndarray
    errors: np.ndarray
    conditions: np.ndarray
    together: np.ndarray
    defective: np.ndarray
    sectors: list[str]
    zero: float
    rate: float
    left_out: str
    stats: dict
    _modes: list[tuple[Sector, SlowSubspace, int]]
    _generator: Liouvillian | None = None

    @property
    def levels(self) -> dict[str, int]:
        """The highest Fock level kept of every mode."""
        if self._generator is None:
            return {}
        modes = zip(self._generator.model.modes, self._generator.blocks.modes, strict=True)
        return {mode.name: quanta.cutoff for mode, quanta in modes}

    @property
    def is_zero(self) -> np.ndarray:
        """Which eigenvalues count as zero, shape (m,)."""
        return np.abs(self.eigenvalues) <= self.zero

    @property
    def zero_modes(self) -> int:
        """Number of zero modes: of linearly independent stationary operators."""
        return int(self.is_zero.sum())

    @property
    def zero_sectors(self) -> dict[str, int]:
        """Number of zero modes of every sector that has some."""
        return dict(Counter(s for s, z in zip(self.sectors, self.is_zero, strict=True) if z))

    @property
    def undamped(self) -> int:
        """Number of eigenvalues on the imaginary axis that are not zero: they oscillate indefinitely."""
        return int(np.sum(~self.is_zero & (np.abs(self.eigenvalues.real) <= self.zero)))

    @property
    def gap(self) -> float:
        """The smallest decay rate, of modes that decay: neither zero nor undamped; inf if there is none."""
        return float(-self.eigenvalues.real[self.eigenvalues.real < -self.zero].max(initial=-np.inf))

    def mode(self, j: int) -> list[np.ndarray]:
        """Eigenvector j as blocks of a (in general not Hermitian) matrix, in the frame of the laboratory, of norm
        one."""
        if self._generator is None:
            raise FiniteNError("modes: this spectrum was made from sectors alone; use spectrum(model, N).")
        count = len(self._modes)
        sector, subspace, at = self._modes[check_whole(j, "number j of a mode", -count, count - 1)]
        x = subspace.mode(at)
        full = sector.embed(x.real) + 1j * sector.embed(x.imag)
        g = self._generator
        return in_laboratory(full, g.frames, g.blocks, g.model.space)

    def __repr__(self):
        s = self.stats
        lines = [
            f"Liouvillian spectrum, N = {self.N}: {len(self.eigenvalues)} slowest of {s['size']} eigenvalues",
            f"  zero modes   {self.zero_modes} (|λ| ≤ {self.zero:.1e})"
            + (f", and {self.undamped} undamped oscillations" if self.undamped else ""),
            f"  gap          {self.gap:.10g}",
        ]
        for j in range(min(len(self.eigenvalues), _PRINTED)):
            x, name = self.eigenvalues[j], self.sectors[j]
            near = f"   defective, {self.together[j]} within the error" if self.defective[j] else ""
            lines.append(
                f"  {x.real:+.10f} {x.imag:+.10f}i   error {self.errors[j]:.0e}   residual {self.residuals[j]:.0e}   "
                f"{name}{near}"
            )
        if len(self.eigenvalues) > _PRINTED:
            lines.append(f"  … and {len(self.eigenvalues) - _PRINTED} more")
        if self.left_out:
            lines.append(f"  {self.left_out}")
        lines.append(f"  method       {s['method']}, {s['run time']:.2f} s")
        return "\n".join(lines)


@one_blas_thread
def spectrum(
    model: Model, N: int, k: int = 6, *, tol: float = 1e-9, cutoffs: Mapping[str, int] | None = None
) -> Spectrum:
    """The k eigenvalues λ of L_N, L_N v = λ v, with the largest real parts (ħ = 1).

    All are eigenvalues on the permutation-symmetric operators, (N+1)(N+2)(N+3)/6 in number for one species of two-level
    particles.

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    k : int
        How many, 1 … 200. More are returned where modes tie for the last place, and where there are k modes that do not
        decay, or more: the slowest decaying mode is always among them. Of ties in large sectors some may be left out;
        `left_out` says so. Default 6.
    tol : float
        Residual allowed, and |λ| below which an eigenvalue counts as zero, in units of the largest decay rate per
        particle. A gap that closes exponentially in N counts as zero when it is smaller. Default 1e-9.
    cutoffs : dict of names of modes to int
        Highest Fock level kept; needed where there are modes. Compare two choices: eigenvalues of high modes need the
        more levels.

    Returns
    -------
    Spectrum

    Raises FiniteNError for bad N, k, tol or cutoffs, for particles of more than two levels, for a model without
    dissipation (its eigenvalues are differences of energies), if the search does not fit into memory, or if the
    residual asked for is not reached.

    Example
    -------
    >>> import numpy as np, qutip
    >>> from finite_n import LocalJump, Model, spectrum
    >>> decay = Model(jumps=[LocalJump(qutip.sigmam())])
    >>> np.abs(spectrum(decay, 10, k=3).eigenvalues.round(9))
    array([0. , 0.5, 0.5])
    """
    started = time.perf_counter()
    k = check_count(k)
    if isinstance(model, Model) and model.modes and cutoffs is None:
        names = ", ".join(f"{mode.name!r}: 20" for mode in model.modes)
        raise FiniteNError(f"the spectrum: say where the modes are cut off, for example cutoffs={{{names}}}.")
    generator, sectors = prepared(model, N, "the spectrum", k, tol, cutoffs)
    found = low_spectrum(sectors, k, tol, typical_rate(generator))
    found.N, found._generator = generator.blocks.N, generator
    found.stats["run time"] = time.perf_counter() - started
    return found


@one_blas_thread
def low_spectrum(sectors: Sequence[Sector], k: int = 6, tol: float = 1e-9, rate: float | None = None) -> Spectrum:
    """The k eigenvalues with the largest real parts of a generator given as its sectors; as `spectrum`."""
    started = time.perf_counter()
    k, tol = check_count(k), check_tolerance(tol)
    rate = max(s.rate for s in sectors) if rate is None else rate
    zero = max(tol * rate, _INDISTINGUISHABLE * max((s.scale for s in sectors), default=0.0))
    found = [(s, until_decaying(s, k, tol, zero)) for s in sectors if s.size]
    rows = [
        (-round(float(x.real) / rate, 9), number, abs(x.imag), -x.imag, j)  # pairs next to each other
        for number, (_, f) in enumerate(found)
        for j, x in enumerate(f.eigenvalues)
    ]
    rows.sort()
    order = [(number, j) for _, number, _, _, j in rows]
    real = np.array([found[n][1].eigenvalues[j].real for n, j in order])
    decaying = np.flatnonzero(real < -zero)
    m = max(k, decaying[0] + 1) if len(decaying) else len(order)
    last = real[:m].min()
    n, j = order[min(m, len(order)) - 1]
    tie = 2 * max(tol * rate, found[n][1].accuracy(j)[1])
    chosen = [c for c, x in zip(order, real, strict=True) if x >= last - tie]
    searched = [f for _, f in found if f.floor >= last - tie]
    accuracy = [found[n][1].accuracy(j) for n, j in chosen]
    return Spectrum(
        N=0,
        eigenvalues=np.array([found[n][1].eigenvalues[j] for n, j in chosen], dtype=complex),
        residuals=np.array([found[n][1].residuals[j] for n, j in chosen]),
        errors=np.array([a[1] for a in accuracy]),
        conditions=np.array([a[0] for a in accuracy]),
        together=np.array([a[2] for a in accuracy], dtype=int),
        defective=np.array([a[3] for a in accuracy], dtype=bool),
        sectors=[found[n][0].label for n, _ in chosen],
        zero=zero,
        rate=rate,
        left_out=_left_out(last, len(searched)),
        stats={
            "method": " and ".join(sorted({found[n][1].method for n, _ in chosen})),
            "size": sum(s.size for s in sectors),
            "sectors": len(sectors),
            "propagations": sum(f.propagations for _, f in found),
            "run time": time.perf_counter() - started,
        },
        _modes=[(*found[n], j) for n, j in chosen],
    )


def _left_out(last: float, sectors: int) -> str:
    if not sectors:
        return ""
    return f"not looked at: further modes that tie with the last, Re λ = {last:.6g}, in {sectors} large sector(s); a larger k finds more"


def until_decaying(sector: Sector, k: int, tol: float, zero: float) -> SlowSubspace:
    """The k slowest modes of a sector, and more until one of them decays, Re λ < −zero.

    Raises FiniteNError where too many of a large sector do not decay.
    """
    while True:
        found = slow_subspace(sector, k, tol)
        if np.any(found.eigenvalues.real < -zero) or k >= sector.size:
            return found
        k = max(2 * k, found.basis.shape[1] + 2)
        if k > _IN_ONE_SECTOR and not is_small(sector):
            raise FiniteNError(
                f"the search: in the sector «{sector.label}» {found.basis.shape[1]} modes or more do not decay, more than can be looked at "
                "one by one; take a smaller N."
            )


def smallest_told_from_zero(generator: Liouvillian, tol: float) -> float:
    """|λ| up to which an eigenvalue counts as zero: tol, in units of the decay rate per particle, or what rounding
    allows."""
    return max(tol * typical_rate(generator), _INDISTINGUISHABLE * field_of_values(generator))


def prepared(
    model: Model, N: int, what: str, k: int, tol: float, cutoffs: Mapping[str, int] | None = None
) -> tuple[Liouvillian, list[Sector]]:
    """Liouvillian and sectors after the checks of input and memory that the solvers for slow modes share."""
    if not isinstance(model, Model):
        raise FiniteNError(f"model: got {shown(model)}; give a finite_n.Model.")
    if large := next((s for s in model.species if s.dim != 2), None):
        raise FiniteNError(
            f"{what}: only two-level particles are supported; {large} has {large.dim} levels, so use evolve."
        )
    N, tol = check_size(N), check_tolerance(tol)
    if cutoffs is not None and not model.modes:
        raise FiniteNError(f"cutoffs = {shown(cutoffs)}: the model has no modes; leave them out.")
    levels = given_levels(model, None, N, cutoffs) or ()
    sizes = model.space.sizes(N)
    every_J = [range(n // 2 + 1) for n in sizes]

    def tables(n):
        size, chosen = scaled(every_J, sizes, n / N)
        whole = extent(size, levels, chosen)
        return _tables(whole.rows, whole.stored)

    check_memory(f"{what} with {in_words(levels)}" if levels else what, N, tables)
    generator = Liouvillian(model, N, blocks=all_blocks(tuple(sizes), levels))
    if typical_rate(generator) <= 1e-14 * model.hamiltonian.size:
        raise FiniteNError(
            f"{what}: {shown(model)} has no dissipation, so nothing decays and every function of H is stationary; add jumps, or use "
            "evolve for its dynamics."
        )
    sectors = sectors_of(generator)
    needed = bytes_of_search(generator, sectors, k, what == STATIONARY)
    # elements grow as (N_s + 1)(N_s + 2)(N_s + 3) of every species
    sizes = np.array([spins.N for spins in generator.blocks.spins], dtype=float)
    check_memory(what, N, lambda n: needed * float(np.prod((sizes * (n / N) + 2) / (sizes + 2))) ** 3)
    return generator, sectors


def _tables(rows: float, elements: float) -> float:
    """Memory of terms and index tables, known before they are made."""
    return 7000.0 * rows + 60.0 * elements


def bytes_of_search(generator: Liouvillian, sectors: list[Sector], k: int, stationary: bool = False) -> float:
    """Peak memory of generator, sectors and the search for k modes of each, as measured for several models: within a
    quarter."""
    terms = len(generator.terms)
    stored = _PER_TERM_AND_ROW * terms * generator.blocks.rows
    stored += sum(s.bytes for s in sectors)
    kept = search = 0.0
    for s in sectors:  # one after the other, and what is found is kept: of stationary states Schur forms
        search = max(search, kept + bytes_of(s, k))
        kept += 16.0 * s.size**2 * s.carries_trace if stationary and is_small(s) else bytes_kept(s, k)
    if not stationary:  # then how accurate eigenvalues are, one sector after the other
        search = max(search, kept + _ACCURACY * 8.0 * max(modes_kept(s, k) for s in sectors) ** 2)
    # what found the sectors: matrices by terms or by columns
    making = max(s.size for s in sectors)
    if len(generator.parts) > 1:
        making = 3 * 8.0 * making**2 if making <= COLUMNS else 0.0
    else:
        making = _PER_ENTRY[generator.blocks.is_one_species] * making * terms if making <= SPLIT else 0.0
    return stored + max(_SAMPLE, making, search)


def check_tolerance(tol) -> float:
    """A tolerance between 1e-13 and 1e-2."""
    return check_number(tol, "tol", 1e-13, 1e-2)


def check_count(k) -> int:
    """A number of eigenvalues."""
    return check_whole(k, "number of eigenvalues k", 1, MOST)
