"""The symbol of a Liouvillian on Dicke blocks, and the ellipse about its field of values that a Faber series needs.

Where coefficients vary slowly, as they do at large N, L acts on an element like
Σ_terms c_term e^{iθ·shift}, c_term the mean of the coefficients into and out of the element, and its field of values is
about the hull of these numbers over elements and angles θ.
"""

from __future__ import annotations

import numpy as np

from finite_n.dicke_blocks.terms import Term
from finite_n.propagation.faber import Ellipse, around, extreme

_NARROWEST = 0.88  # of the field of values, where no image grows by more than a series can stand


def symbol_of(terms: list[Term], blocks) -> np.ndarray:
    """Extreme values of Σ_terms c e^{iθ·shift} over a sample of elements and angles, one for each of 17 directions."""
    return _outline(_sums(*_sample(terms, blocks)))


def _sample(terms: list[Term], blocks) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (terms, elements) and phases e^{iθ·shift} (terms, angles)."""
    b = np.linspace(0, len(blocks.size) - 1, min(6, len(blocks.size))).astype(int)
    i = blocks.row_start[b, None] + (np.linspace(0, 1, 5) * (blocks.size[b, None] - 1)).astype(int)
    rows, columns = np.repeat(i, 5, axis=1).ravel(), np.tile(i, 5).ravel()
    quarter = np.pi / 2 * np.array(np.meshgrid(*3 * [np.arange(4)])).reshape(3, -1)
    angles = np.concatenate([quarter, np.random.default_rng(0).uniform(0, 2 * np.pi, (3, 64))], axis=1)
    shifts = np.array([(t.hop, t.left_shift, t.right_shift) for t in terms]).reshape(-1, 3)
    weight = np.array([_into_and_out_of(t, rows, columns, blocks) / 2 for t in terms]).reshape(-1, rows.size)
    return weight, np.exp(1j * shifts @ angles)


def _sums(weight: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Σ_terms weight · phase for every element and angle, in products too small for the threads of BLAS."""
    return np.concatenate([(w.T @ phase).ravel() for w in np.array_split(weight, 6, axis=1)])


def _outline(value: np.ndarray) -> np.ndarray:
    """The extreme values that count: exp(tL) contracts the trace norm."""
    return extreme(np.append(np.minimum(value.real, 0) + 1j * value.imag, 0.0))


def _into_and_out_of(term: Term, rows: np.ndarray, columns: np.ndarray, blocks) -> np.ndarray:
    """Coefficient with which a term reaches the elements (rows, columns) plus that with which it leaves them."""
    destination = blocks.row_block[rows] - term.hop
    inside = (destination >= 0) & (destination < len(blocks.size))
    destination = np.where(inside, destination, 0)
    at = []
    for x, shift in ((rows, term.left_shift), (columns, term.right_shift)):
        i = blocks.row_index[x] + term.hop - shift
        inside &= (i >= 0) & (i < blocks.size[destination])
        at.append(np.where(inside, blocks.row_start[destination] + i, 0))
    return term.left[rows] * term.right[columns] + np.where(inside, term.left[at[0]] * term.right[at[1]], 0)


def around_generator(generator, span: float, narrow: bool = False) -> Ellipse:
    """An ellipse about the field of values of a `Liouvillian`; with rotated parts the sum of one for every part.

    `narrow`: smaller, down to _NARROWEST. The imaginary part of the symbol is due to rotations, which last, and to
    jumps that shift both sides: these carry weight across the space and out of it, no spectrum lies there, and
    meanwhile the images of a smaller ellipse's polynomials grow little. If they grow too much after all, the integrator
    takes a larger one.
    """
    parts = []
    for part in generator.parts:
        terms = part.terms.all()
        weight, phase = _sample(terms, generator.blocks)
        value, factor = _sums(weight, phase), 1.0
        if narrow:
            lasting = np.array([t.left_shift == 0 or t.right_shift == 0 for t in terms], dtype=bool)
            whole, turning = (np.abs(x.imag).max() for x in (value, _sums(weight[lasting], phase[lasting])))
            factor = min(1.0, max(_NARROWEST, turning / whole)) if whole > 0 else 1.0
        parts.append(around(_outline(value), span).scaled(factor))
    return Ellipse(*(float(sum(getattr(e, x) for e in parts)) for x in ("mu", "a", "b")))
