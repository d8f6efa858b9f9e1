"""Tr(a (z − L)⁻¹X) on symmetrised products: the linear problem that the resolvent is asked for."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from finite_n.eigenmodes.fill_in import decomposes
from finite_n.engine.moments import Readout
from finite_n.errors import FiniteNError
from finite_n.model.polynomial import Polynomial
from finite_n.occupations.lindbladian import lindblad_chains
from finite_n.occupations.matrix import real_matrix
from finite_n.occupations.moments import Functionals
from finite_n.occupations.operator_elements import OperatorElements
from finite_n.occupations.units import orthonormal_units
from finite_n.propagation.reachability import needed

_MOST = 13_000  # numbers that sparse decompositions are for
_NEGLIGIBLE = 1e-15  # of the largest element of bρ


def on_products(part: OperatorElements, a: Polynomial):
    """L, x, the row of a, a typical rate, and the trace: X = A + iB with Hermitian A and B, whose real numbers are
    the real and the imaginary part of x, on those that X leads to and that lead to a."""
    elements, columns = part.elements, part.columns
    log_unit = orthonormal_units(elements)
    matrix = real_matrix(lindblad_chains(columns), elements, log_unit)
    unit = np.exp(np.concatenate([log_unit, log_unit]))
    one, other = (unit * np.concatenate([y.real, y.imag]) for y in part.hermitian_parts())
    x = one + 1j * other
    x[np.abs(x) <= _NEGLIGIBLE * np.abs(x).max(initial=0)] = 0.0
    readout = Readout(columns.model.space, part.levels, 1, [a])
    rows = Functionals(columns, readout).of(readout.observables, elements, log_unit)
    kept = needed(matrix, x, rows)
    kept = kept if kept.size else np.array([0])
    if kept.size > _MOST or not decomposes(matrix[kept][:, kept], shifted=True):
        raise FiniteNError(
            f"spectrum: {kept.size} numbers in symmetrised products are too many to solve for (at most {_MOST}, and "
            "factors must fit into memory); take a smaller N, or the Fourier transform of "
            "correlation(…, None, None, taulist, …)."
        )
    row = (rows[[0]] + 1j * rows[[1]]).toarray().ravel()
    rate = float(max(1e-300, -matrix.diagonal().min(initial=0.0))) / columns.N
    trace = np.concatenate([columns.is_diagonal(elements.n), np.zeros(elements.size)]) / unit
    return sp.csr_array(matrix[kept][:, kept]), x[kept], row[kept], rate, trace[kept]
