"""`BinConvergence`: what more and more bins have shown, as a table, a sentence for every quantity, plain numbers."""

from __future__ import annotations

import dataclasses

import numpy as np

from comparison.convergence.bin_frequencies import Frequencies
from comparison.referee.table import aligned
from finite_n.model.validation import check_choice, check_whole

_NO_CHANGE = 1e-9  # widths of frequencies that count as none


@dataclasses.dataclass(frozen=True, repr=False)
class BinConvergence:
    """Q quantities at T times for n numbers of bins K, and what is left of the error of the last.

    bins : the numbers of bins K, (n,)
    N : number of particles, None for the limit N → ∞
    rule : of `binned`
    times : (T,), those asked for and more between them, close enough to see bins rephase
    labels : Q names of observables, "var x" for N (⟨x²⟩ − ⟨x⟩²)
    values : for every number of bins, (n, Q, T)
    witness : of bins between those of the last number, (Q, T)
    error : what the last values may be off by; never falls with time, inf where no convergence is seen, (Q, T)
    rate : p of the error K^−p, nan where it is not known, (Q, T)
    accuracy : to which a quantity is called converged
    until : the last time until which it is, nan if never, (Q,)
    frequencies : of particles in the bins, for every number of bins
    elements : numbers that were stored at finite N, for every number of bins
    failure : why larger numbers of bins that were asked for are missing, in a sentence; empty if none are
    """

    bins: list[int]
    N: int | None
    rule: str
    times: np.ndarray
    labels: list[str]
    values: np.ndarray
    witness: np.ndarray
    error: np.ndarray
    rate: np.ndarray
    accuracy: float
    until: np.ndarray
    frequencies: list[Frequencies]
    elements: list[float] = dataclasses.field(default_factory=list)
    failure: str = ""

    @property
    def is_converged(self) -> bool:
        """True if every quantity is converged until the last time."""
        return bool(np.all(self.until == self.times[-1]))

    def index(self, label: str) -> int:
        """Position of the quantity `label`."""
        return self.labels.index(check_choice(label, "bins: quantity", self.labels))

    def table(self, rows: int = 4) -> str:
        """Text: what neighbouring bins do, values and errors at some of the times, `rows` at most, and verdicts."""
        return _table(self, check_whole(rows, "bins: rows", 1))

    def to_dict(self) -> dict:
        """Plain numbers for JSON, None for what is infinite or unknown."""
        return _as_dict(self)

    def __repr__(self):
        return self.table()


def _table(found: BinConvergence, rows: int) -> str:
    """Bins, their frequencies, values and errors at some times, and verdicts."""
    where = "N → ∞" if found.N is None else f"N = {found.N}"
    head = ["bins", *(["elements"] if found.elements else []), "resolved from", "revival near"]
    lines = [head]
    for n, (k, f) in enumerate(zip(found.bins, found.frequencies, strict=True)):
        cost = [f"{found.elements[n]:.0f}"] if found.elements else []
        lines.append([str(k), *cost, _time(f.resolved), _time(f.revival)])
    out = [f"{where}, bins by {found.rule}, t = {found.times[0]:g} to {found.times[-1]:g}", "", aligned(lines)]
    some = np.unique(np.linspace(0, len(found.times) - 1, rows + 1).round().astype(int))[1:]
    for q, label in enumerate(found.labels):
        lines = [["t", *(f"{k} bins" for k in found.bins), "between", "error", "K^−p, p ="]]
        for i in some:
            numbers = [*found.values[:, q, i], found.witness[q, i]]
            p = f"{found.rate[q, i]:.2f}" if np.isfinite(found.rate[q, i]) else "–"
            lines.append([f"{found.times[i]:.4g}", *(f"{x:.6f}" for x in numbers), _error(found.error[q, i]), p])
        out += ["", label, aligned(lines)]
    return "\n".join([*out, "", *_verdicts(found), *([found.failure] if found.failure else [])])


def _verdicts(found: BinConvergence) -> list[str]:
    """A sentence for every quantity, and one on when bins rephase."""
    return [*(_verdict(found, q) for q in range(len(found.labels))), _rephasing(found)]


def _verdict(found: BinConvergence, q: int) -> str:
    label, until, last, k = found.labels[q], found.until[q], found.times[-1], found.bins[-1]
    if found.N == k:
        return f"{label}: EXACT in bins, every particle has its own value."
    off = _error(found.error[q, -1])
    by = "by an unknown amount" if off == "∞" else f"by up to {off}"
    if until == last:
        return f"{label}: CONVERGED to {found.accuracy:.3g} until t = {last:g}, {k} bins are off {by}."
    beyond = "at any time" if np.isnan(until) else f"beyond t = {until:.4g}"
    return f"{label}: NOT CONVERGED to {found.accuracy:.3g} {beyond}, {k} bins are off {by} until t = {last:g}."


def _rephasing(found: BinConvergence) -> str:
    f, k = found.frequencies[-1], found.bins[-1]
    if f.spread <= _NO_CHANGE:
        return "Particles of all bins have the same frequency: bins do not rephase."
    if k == found.N:
        return f"The {k} particles themselves rephase near t = {f.revival:.4g}."
    return (
        f"Neighbouring bins of {k} differ in frequency by {f.typical:.3g}, at most {f.widest:.3g}: the widest gaps are "
        f"resolved from t = 2π/{f.widest:.3g} = {f.resolved:.4g} on, and most neighbours are in phase again near "
        f"t = 2π/{f.typical:.3g} = {f.revival:.4g}, which those of a continuum never are."
    )


def _time(t: float) -> str:
    return f"t = {t:.4g}" if np.isfinite(t) else "never"


def _error(x: float) -> str:
    return f"{x:.1e}" if np.isfinite(x) else "∞"


def _as_dict(found: BinConvergence) -> dict:
    """Plain numbers."""

    def plain(x) -> list:
        return [plain(y) for y in x] if np.ndim(x) else (float(x) if np.isfinite(x) else None)

    return {
        "N": found.N,
        "rule": found.rule,
        "bins": found.bins,
        "elements": [float(x) for x in found.elements],
        "times": found.times.tolist(),
        "quantities": found.labels,
        "values": found.values.tolist(),
        "between": found.witness.tolist(),
        "errors": plain(found.error),
        "rates": plain(found.rate),
        "accuracy": found.accuracy,
        "converged until": plain(found.until),
        "resolved from": plain([f.resolved for f in found.frequencies]),
        "revival near": plain([f.revival for f in found.frequencies]),
        "verdicts": _verdicts(found),
        "failure": found.failure or None,
    }
