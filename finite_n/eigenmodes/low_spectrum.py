"""The slowest eigenvalues of a generator given as its sectors, with their errors, and which of them count as zero."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.eigenmodes.arnoldi import SlowSubspace, smallest_told_from_zero, until_decaying
from finite_n.eigenmodes.sectors import Sector
from finite_n.errors import FiniteNError
from finite_n.model.validation import check_whole

_PRINTED = 60  # eigenvalues


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where sectors come from: N; rate, the unit of tolerances; levels: the highest Fock level of every mode by name;
    matrices: from a full vector to blocks in the frame of the laboratory, None where there are none."""

    N: int
    rate: float
    levels: dict[str, int]
    matrices: Callable[[np.ndarray], list[np.ndarray]] | None


@dataclasses.dataclass(repr=False)
class Spectrum:
    """Eigenvalues of L_N with the largest real parts, k or a few more.

    N; eigenvalues (m,): complex, by falling real part; residuals (m,): ‖Lv − λv‖/‖v‖, Frobenius norm of the blocks;
    errors (m,): how far the true eigenvalue may be, rounding included (what a cutoff of modes does is not); conditions
    (m,): 1/|yᴴx| of the normalised left and right eigenvectors; together (m,): how many eigenvalues of the sector lie
    within the error; defective (m,): which of these have too few eigenvectors, or are so near an exceptional point that
    double precision does not tell; sectors: label of the sector of each; of_all: whether these are all; zero: |λ| up
    to which an eigenvalue counts as zero; rate: a decay rate per particle, the unit of the tolerances; left_out: in
    words, what may be missing among modes that tie with the last, or empty; stats. Without a Model behind it N is 0.
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
    _origin: Origin | None
    of_all: bool = True

    @property
    def levels(self) -> dict[str, int]:
        """The highest Fock level kept of every mode."""
        return {} if self._origin is None else self._origin.levels

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
        """The smallest decay rate, of modes that decay: neither zero nor undamped; inf if there is none.

        It is that of all sectors that were searched, of which `gap_sector` is one. Where each of several has a zero
        mode, as with conserved J, the approach to the limit from a start has its own: give `spectrum` J or rho0.
        """
        return float(-self.eigenvalues.real[self.eigenvalues.real < -self.zero].max(initial=-np.inf))

    @property
    def gap_sector(self) -> str:
        """Label of the sector whose mode decays at `gap`, or empty."""
        decaying = np.flatnonzero(self.eigenvalues.real < -self.zero)
        return self.sectors[decaying[0]] if len(decaying) else ""

    def mode(self, j: int) -> list[np.ndarray]:
        """Eigenvector j of norm one as blocks of a matrix, shapes (2J + 1, 2J + 1), in general not Hermitian, in the
        frame of the laboratory."""
        if self._origin is None or self._origin.matrices is None:
            raise FiniteNError(
                "modes: eigenvectors are shown as blocks ρ_J, and this spectrum has none; use spectrum(model, N) "
                "of two-level particles."
            )
        count = len(self._modes)
        sector, subspace, at = self._modes[check_whole(j, "number j of a mode", -count, count - 1)]
        x = subspace.mode(at)
        full = sector.embed(x.real) + 1j * sector.embed(x.imag)
        return self._origin.matrices(full)

    def _of_what(self) -> str:
        if self.zero_modes <= 1 or not self.gap_sector:
            return ""
        one = "; of one J or start: spectrum(…, J=…) or spectrum(…, rho0=…)" if self.of_all else ""
        return f", the smallest of all sectors searched, in «{self.gap_sector}»{one}"

    def __repr__(self):
        s = self.stats
        lines = [
            f"Liouvillian spectrum, N = {self.N}: {len(self.eigenvalues)} slowest of {s['size']} eigenvalues",
            f"  zero modes   {self.zero_modes} (|λ| ≤ {self.zero:.1e})"
            + (f", and {self.undamped} undamped oscillations" if self.undamped else ""),
            f"  gap          {self.gap:.10g}{self._of_what()}",
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


def low_spectrum(sectors: Sequence[Sector], k: int = 6, tol: float = 1e-9, origin: Origin | None = None) -> Spectrum:
    """The k eigenvalues with the largest real parts of a generator given as its sectors, as `spectrum` explains them.

    Parameters
    ----------
    sectors : sequence of Sector
    k : int
    tol : float
        Of residuals and of zero, in units of the rate.
    origin : Origin, optional
        It sets the rate and shows eigenvectors. Default: the largest rate of the sectors.
    """
    started = time.perf_counter()
    rate = max(s.rate for s in sectors) if origin is None else origin.rate
    zero = smallest_told_from_zero(tol, rate, max((s.scale for s in sectors), default=0.0))
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
        N=0 if origin is None else origin.N,
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
        _origin=origin,
    )


def _left_out(last: float, sectors: int) -> str:
    if not sectors:
        return ""
    return (
        f"not computed: further modes that tie with the last, Re λ = {last:.6g}, in {sectors} large sector(s); a "
        "larger k finds more"
    )
