"""What observables read: words of averages taken backward from the trace, as rows over the stored elements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.engine.moments import Readout
from finite_n.model.polynomial import Letter, Polynomial
from finite_n.occupations.basis import Elements, combined, populations
from finite_n.occupations.columns import Columns
from finite_n.occupations.lindbladian import left_step, word_steps
from finite_n.occupations.steps import Chain, Shift, Step, plain, run

_AT_ONCE = 32_768  # populations


def read_shifts(columns: Columns, observables: Sequence[Polynomial], diagonal: np.ndarray) -> dict[Shift, np.ndarray]:
    """Shifts from populations `diagonal` to the elements that observables read, and which populations are read from
    there.

    Up to the second degree all that two general letters read at once; of longer polynomials what their words do.
    """
    rng = np.random.default_rng(0)
    two = tuple(left_step(columns, rng.uniform(0.5, 1.0, 1 + columns.model.space.size)) for _ in range(2))
    chains = [Chain(1.0, two)]
    chains += [
        Chain(1.0, tuple(word_steps(columns, w))) for w in {w for p in observables for w in p.words if len(w) > 2}
    ]
    out: dict[Shift, np.ndarray] = {}
    for chain in chains:
        for shift, c in run(chain, diagonal, backward=True).items():
            out[shift] = (c != 0) | out.get(shift, False)
    return out


def rows_on_populations(columns: Columns, observables: int) -> int:
    """How many functionals read populations: letters that are diagonal and squares of all, the trace, observables."""
    diagonal = sum(p.dim - 1 for p in columns.particles)
    squares = sum(p.dim * (p.dim - 1) for p in columns.particles) + 3 * len(columns.bosons)
    return 1 + diagonal + diagonal * (diagonal + 1) // 2 + squares + 2 * observables


class Functionals:
    """Tr(O E_n) for what a `Readout` names, where the trace is the only weight of J."""

    def __init__(self, columns: Columns, readout: Readout):
        self.columns, self.readout, self._steps = columns, readout, {}
        self.diagonal = combined([g() for g in populations(columns)[1]])

    def on(self, elements: Elements, log_unit: np.ndarray | None, imaginary: bool = True) -> sp.csr_array:
        """Rows on (Re x, Im x) of the stored elements, or (without `imaginary`) on Re x."""
        return self.of(self._polynomials(), elements, log_unit, imaginary)

    def of(self, polynomials: Sequence, elements: Elements, log_unit, imaginary: bool = True) -> sp.csr_array:
        """The same of other Hermitian polynomials."""
        most = int(elements.n[:, self.columns.off_diagonal_units].sum(axis=1).max(initial=0))
        rows = [self._real_part_of(p, elements, imaginary, most) for p in polynomials]
        columns, values = [[x for x, _ in rows], [x for _, x in rows]]
        pointer = np.cumsum([0, *map(len, columns)])
        shape = (len(rows), (1 + imaginary) * elements.size)
        out = sp.csr_array((np.concatenate(values), np.concatenate(columns), pointer), shape=shape)
        if log_unit is not None:
            out.data *= np.exp(-log_unit)[out.indices % elements.size]
        return out

    def _polynomials(self) -> list[Polynomial | tuple[int, int]]:
        """What the functionals are real parts of; (column, level) for the population of a level."""
        levels = [(b.first, level) for b in self.columns.bosons for level in range(b.cutoff + 1)]
        read = self.readout
        return read.arranged(
            averages=read.averages,
            products=read.products,
            levels=levels,
            weights=[Polynomial({(): 1})],
            observables=read.observables,
        )

    def _real_part_of(self, p, elements: Elements, imaginary: bool, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of a row."""
        columns, values = [np.zeros(0, np.int32)], [np.zeros(0)]

        def put(column, value):
            used = np.flatnonzero(value)
            columns.append(column[used].astype(np.int32))
            values.append(value[used])

        for begin in range(0, len(self.diagonal), _AT_ONCE):
            diagonal = self.diagonal[begin : begin + _AT_ONCE]
            for shift, c in self._traces(p, diagonal, most).items():
                used = np.flatnonzero(c)
                place, flipped = elements.places(diagonal[used] + np.array(shift, diagonal.dtype))
                kept = np.flatnonzero(place >= 0)
                place, c, flipped = place[kept], c[used][kept], flipped[kept]
                put(place, np.real(c))
                if imaginary and np.iscomplexobj(c):
                    sign = np.where(elements.self_conjugate[place], 0.0, np.where(flipped, 1.0, -1.0))
                    put(place + elements.size, sign * c.imag)
        return _summed(np.concatenate(columns), np.concatenate(values))

    def _traces(self, p, diagonal: np.ndarray, most: int) -> dict[Shift, np.ndarray]:
        """Shifts to elements with at most so many units off the diagonal that are read, and Tr(p E_n) there."""
        if isinstance(p, tuple):
            column, level = p
            return {(0,) * self.columns.width: (diagonal[:, column] == level).astype(float)}
        out: dict[Shift, np.ndarray] = {}
        off = self.columns.off_diagonal_units

        def keep(shifts, remaining):  # a letter turns one unit at most
            return shifts[:, off].sum(axis=1) <= most + remaining

        for word, weight in p.words.items():
            # no state has weight above the cutoffs, but a product may lead there and back
            raised = len(word) // 2 if self.columns.bosons else 0
            steps = tuple(self._step(letter, raised) for letter in word[::-1])
            for shift, c in run(Chain(plain(weight), steps), diagonal, keep=keep, backward=True).items():
                for b in self.columns.bosons:
                    c[diagonal[:, b.first] + shift[b.first] > b.cutoff] = 0
                out[shift] = out[shift] + c if shift in out else c
        return out

    def _step(self, letter: Letter, raised: int) -> Step:
        if (letter, raised) not in self._steps:
            columns = self.columns.raised(raised)
            self._steps[letter, raised] = left_step(columns, columns.letter(letter))
        return self._steps[letter, raised]


def _summed(columns: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted columns, each once, and the sums of their values, without those that are zero."""
    order = np.argsort(columns, kind="stable")
    columns, values = columns[order], values[order]
    first = np.flatnonzero(np.diff(columns, prepend=-1))
    columns, values = columns[first], np.add.reduceat(values, first) if len(first) else values
    used = np.flatnonzero(values)
    return columns[used], values[used]
