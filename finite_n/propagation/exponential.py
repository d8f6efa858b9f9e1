"""exp(τL)x for any real linear operator given by its product with a vector: the Faber series, unfused.

The series of `finite_n.propagation.faber` in steps, for vectors that are not states: errors are relative to the
Euclidean norm of x, and nothing is measured on the way.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.propagation.faber import Ellipse, longest_step, tails

_TERMS = 1200  # of one step, about
_GROWTH = 1e5  # of images over the start: above, the ellipse is too small
_ENLARGED = 12  # times by a fifth


def exponential(
    apply: Callable[[np.ndarray, np.ndarray, float, float, float], None],
    x: np.ndarray,
    tau: float,
    ellipse: Ellipse,
    tol: float = 1e-14,
) -> np.ndarray:
    """exp(τL) x.

    Parameters
    ----------
    apply : function (source, out, scale, shift, keep)
        Writes keep out + scale (L + shift) source into out.
    x : real array
    tau : float, not negative
    ellipse : Ellipse
        About the field of values of L; enlarged where images of x grow as they should not.
    tol : float
        Truncation allowed, relative to ‖x‖.

    Raises FiniteNError if no ellipse is large enough, as with numbers that are not finite.
    """
    v, first, second = x.copy(), np.zeros_like(x), np.zeros_like(x)  # kernels read and never write padding
    done, enlarged = 0.0, 0
    while done < tau:
        step = min(longest_step(ellipse, _TERMS), tau - done)
        total = _step(apply, v, first, second, step, ellipse, tol)
        if total is None:
            ellipse, enlarged = ellipse.scaled(1.2), enlarged + 1
            if enlarged > _ENLARGED:
                raise FiniteNError(f"exponential: no series converges to τ = {tau:.3g}; check the model's rates.")
            continue
        v, done = total, (tau if step == tau - done else done + step)
    return v


def _step(apply, v, first, second, step: float, ellipse: Ellipse, tol: float) -> np.ndarray | None:
    """exp(step L) v, or None if images grow out of bounds."""
    weight = ellipse.coefficients(step)[0]
    tail = tails(weight)
    total, start = weight[0] * v, np.linalg.norm(v)
    source, term = v, first
    for k in range(1, len(weight)):
        if k == 2:
            second[:] = v
        apply(source, term, 1 / ellipse.capacity, ellipse.mu, ellipse.keep(k))
        total += weight[k] * term
        if k % 8 == 0 or k == len(weight) - 1:
            size = np.linalg.norm(term)
            if not size <= _GROWTH * start:
                return None
            if 2 * size * tail[k] <= tol * start:
                break
        source, term = term, second if term is first else first
    return total
