"""The unit of a variable: p_n itself, or p_n of a basis that is orthonormal.

p_n is the sum of all matrix elements of ρ with occupations n (`finite_n.occupations.steps`). With M_n the number of
ways to hand out the units (a multinomial) and R_n ≤ M_n that of ways to hand out only the levels on one side:

- probabilities, x = p_n: a classical chain keeps Σ|x| = 1, which is the trace norm. But a coherent state has
  Σ_n |p_n| = (Σ_ab |ρ_ab|)^N, up to d^N: digits that the observables do not need, and that the error bound would have
  to pay for;
- orthonormal, x = D p_n/√M_n (times √2 where an element stands for itself and its mirror image): x²/D² sums up to
  Tr ρ² ≤ 1, H acts as an antisymmetric matrix, so that the field of values is known tightly, and D = max √R_n ≤ d^{N/2}
  makes Σ|x| a bound of the trace norm, since an element of the basis has rank at most R_n and norm one.

The unit is chosen in which the largest state is the smaller one: with P = Σ_n M_n / d^N, what a fully coherent state
has of Σ|p_n| on the elements kept, probabilities if P ≤ D, which is the case for classical chains and few coherences,
else orthonormal. Measured for `three_level(control=0.7)`, N = 12, a coherent state to t = 2 at a tolerance of 1e-9:
orthonormal 116 applications of the Lindbladian and errors of moments of 3e-15; probabilities, with Σ|p| of 1e5, 168 and
8e-15; p_n N^{−number of off-diagonal units}, in which a coherent state has a norm of order one but the Lindbladian a
large one, 468 and 1e-12. Rounding is that of every element by itself, so it is nearly the same in all of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln, logsumexp

from finite_n.occupations.basis import Elements
from finite_n.occupations.columns import Columns

PROBABILITIES, ORTHONORMAL = "probabilities", "orthonormal"


def log_units(elements: Elements) -> tuple[np.ndarray | None, str]:
    """log of x/p for every element, None where it is 0, and the name of the unit."""
    columns, n = elements.columns, elements.n
    multinomial = log_products(elements)
    # half of the logarithm of what a number of ways can be at most
    log_d, dimension = log_dimension(columns, ()) / 2, log_dimension(columns)
    twice = np.where(elements.self_conjugate, 0.0, math.log(2))
    log_p = logsumexp(multinomial + twice) - dimension
    ranks = [
        _log_ways(n, [[p.level(level, side) for level in range(p.dim)] for p in columns.particles]) for side in (0, 1)
    ]
    log_d = min(log_d, np.minimum(*ranks).max(initial=0.0) / 2)
    if log_p <= log_d:
        return None, PROBABILITIES
    return log_d - multinomial / 2 + twice / 2, ORTHONORMAL


def log_dimension(columns: Columns, cutoffs: Sequence[int] | None = None) -> float:
    """log of the dimension of all particles and modes; cutoffs : of the modes, in place of their own."""
    cutoffs = [b.cutoff for b in columns.bosons] if cutoffs is None else cutoffs
    return sum(p.size * math.log(p.dim) for p in columns.particles) + sum(math.log(c + 1) for c in cutoffs)


def log_products(elements: Elements) -> np.ndarray:
    """log M_n of every element, (size,)."""
    return _log_ways(elements.n, [[[c] for c in range(p.first, p.last)] for p in elements.columns.particles])


def orthonormal_units(elements: Elements) -> np.ndarray:
    """log of x/p with Σ x² = Tr ρ² over real and imaginary parts, D = 1."""
    return (np.where(elements.self_conjugate, 0.0, math.log(2)) - log_products(elements)) / 2


def _log_ways(n: np.ndarray, groups: Sequence[Sequence[Sequence[int]]]) -> np.ndarray:
    """Σ over species of log N_s!/Π_g (Σ_{c ∈ g} n_c)!, shape (E,)."""
    out = np.zeros(len(n))
    for columns in groups:
        total = 0
        for c in columns:
            count = n[:, list(c)].sum(axis=1) if len(c) > 1 else n[:, c[0]]
            out -= gammaln(count + 1.0)
            total = total + count
        out += gammaln(total + 1.0)
    return out
