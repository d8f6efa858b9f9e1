"""The Liouvillian's slow eigenvalues at a ladder of sizes beside the sums that mean field predicts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from comparison.convergence.followed_modes import SPARE, Track, tracks_of
from comparison.convergence.spectrum_table import notes_on, table_of
from comparison.ladder import Ladder
from comparison.referee.plain import plain
from finite_n.eigenmodes.low_spectrum import Spectrum
from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.validation import check_progress
from finite_n.solvers.spectrum import MOST, check_count, spectrum
from finite_n.typing import StateLike
from meanfield.bifurcations.fixed_points import ZERO, FixedPoint, fixed_points


@dataclasses.dataclass(repr=False)
class SpectrumComparison:
    """Slow modes by size beside the sums of mean field.

    sizes : those that are done
    spectra : list of Spectrum, one for every size
    points : fixed points, none of them marginal
    tracks : list of Track, in the order of the largest size
    notes : sentences for the reader
    interrupted : True if a signal ended it before the last size
    failure : the error that ended it before the last size, in a sentence; empty if there was none
    """

    sizes: list[int]
    spectra: list[Spectrum]
    points: list[FixedPoint]
    tracks: list[Track]
    notes: list[str]
    interrupted: bool = False
    failure: str = ""

    @property
    def gaps(self) -> np.ndarray:
        """Gap at every size, shape (number of N,)."""
        return np.array([s.gap for s in self.spectra])

    def table(self) -> str:
        """Text table: one row for every size, the extrapolation, the prediction, their distance and the rate."""
        lines = table_of(self.sizes, self.spectra, self.points, self.tracks)
        return "\n".join(lines + self.notes)

    def to_dict(self) -> dict:
        """Plain numbers, complex ones as [real, imaginary], for JSON."""

        def pair(x):
            return [float(np.real(x)), float(np.imag(x))]

        return {
            "sizes": self.sizes,
            "gaps": [plain(g) for g in self.gaps],
            "gap_sectors": [s.gap_sector for s in self.spectra],
            "zero_modes": [s.zero_modes for s in self.spectra],
            "undamped": [s.undamped for s in self.spectra],
            "largest_residuals": [float(s.residuals.max()) for s in self.spectra],
            "largest_errors": [float(s.errors.max()) for s in self.spectra],
            "fixed_points": [{"m": p.m.tolist(), "eigenvalues": [pair(q) for q in p.eigenvalues]} for p in self.points],
            "eigenvalues": [
                {
                    "values": [pair(x) for x in t.values],
                    "numerical_errors": [plain(x) for x in t.numerical],
                    "defective": [bool(x) for x in t.defective],
                    "extrapolated": pair(t.extrapolated),
                    "error": plain(t.error),
                    "predicted": None if t.predicted is None else pair(t.predicted.value),
                    "sum": None if t.predicted is None else list(t.predicted.coefficients),
                    "fixed_point": None if t.predicted is None else t.predicted.point,
                    "distance": plain(t.distance),
                    "exponent": plain(t.exponent),
                }
                for t in self.tracks
            ],
            "notes": self.notes,
            "interrupted": self.interrupted,
            "failure": self.failure or None,
        }

    def __repr__(self):
        return self.table()


def compare_spectrum(
    model: Model,
    sizes: Sequence[int] = (10, 20, 30, 40),
    k: int = 6,
    *,
    tol: float = 1e-9,
    progress: Callable[[int], None] | None = None,
    cutoffs: Mapping[str, int] | None = None,
    J: Callable[[int], float | Mapping[str, float]] | None = None,
    rho0: StateLike | None = None,
) -> SpectrumComparison:
    """Exact slow eigenvalues λ_N beside the mean-field sums n·q, with extrapolation in 1/N and rates.

    Parameters
    ----------
    model : Model
    sizes : increasing numbers of particles, one or more
        Four or more give extrapolated values with an error and a rate.
    k : int
        Eigenvalues followed, zero modes not counted. Default 6.
    tol : float
        As for `spectrum`.
    progress : function of N, called after every size
    cutoffs : as for `spectrum`, the same at all sizes
    J : function of N, optional
        The value of J, or dict of these by species, that `spectrum` is asked for at every size: lambda N: N / 2 for the
        symmetric states, which costs much less than all J.
    rho0 : as for `spectrum`
        Only what this start reaches.

    Returns
    -------
    SpectrumComparison

    Raises FiniteNError for sizes that do not increase, and whatever `spectrum` refuses at the first size. Interrupted
    or refused later, it returns the sizes before.
    """
    ladder, k = Ladder(sizes), check_count(k)
    check_progress(progress)
    if J is not None and not callable(J):
        raise FiniteNError(f"J: got {shown(J)}; give a function of N, such as lambda N: N / 2.")
    options = {"tol": tol, "cutoffs": cutoffs, "rho0": rho0}
    everything = fixed_points(model)  # before the long work, so that nothing is lost to a flow without an answer
    exact = ladder.climb(lambda N: _spectrum(model, N, k, J, options), progress, keep=True)
    sizes = ladder.done
    points = [p for p in everything if np.all(np.abs(p.eigenvalues.real) > ZERO)]
    if not any(p.stability == "stable" for p in points):
        points = []
    tracks = tracks_of(sizes, exact, k, points)
    notes = notes_on(exact, points, len(everything) > len(points), tracks)
    return SpectrumComparison(sizes, exact, points, tracks, notes, ladder.interrupted, ladder.failure)


def _spectrum(model: Model, N: int, k: int, J: Callable | None, options: dict) -> Spectrum:
    """The slow modes at one size, k + SPARE of them beside its zero modes, of which a model may have many."""
    zeros = 1
    while True:
        wanted = min(MOST, k + SPARE + zeros)
        found = spectrum(model, N, wanted, J=None if J is None else J(N), **options)
        if found.zero_modes <= zeros or len(found.eigenvalues) < wanted or wanted == MOST:
            return found
        zeros = found.zero_modes
