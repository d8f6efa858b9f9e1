"""|ψ(t)⟩ for a sparse Hermitian H(t) = Σ_k f_k(t) H_k by Taylor's series in t (`finite_n.propagation.taylor`), on real
and imaginary parts: with H = A + iB, d/dt (Re ψ, Im ψ) = ((B, A), (−A, B)) (Re ψ, Im ψ).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse as sp

from finite_n.propagation.propagate import TAYLOR, propagate
from finite_n.propagation.sparse_problem import DrivenSparseProblem


class DrivenVector:
    """H_k, ready for steps, and the functions f_k that `course` gives; `safety`: above 1 other steps are taken.

    `applications` and `error` (in the norm of the vector) add up over steps, as of
    `finite_n.propagation.chebyshev.Chebyshev`.
    """

    def __init__(self, each: Sequence[sp.csr_array], course: Callable, safety: float = 1.0):
        self._each = [_real_form(H) for H in each]
        self._every = sp.csr_array(sum(abs(m) for m in self._each))
        self._course, self._safety = course, safety
        self.applications, self.error = 0, 0.0

    def follow(
        self,
        psi: np.ndarray,
        times: np.ndarray,
        tol: float,
        take: Callable[[np.ndarray], None],
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Call `take` with the amplitudes (n, 2), real and imaginary parts, at every time, from those at the first, as
        soon as they are known; error at most `tol` in the norm of the vector. progress: called after every step with
        the share of the time that is done."""
        nothing = sp.csr_array((0, 2 * len(psi)))
        problem = DrivenSparseProblem(self._every, psi.T.ravel(), nothing, self._each, self._course)

        def keep(_, x: np.ndarray) -> None:
            take(np.ascontiguousarray(x.reshape(2, -1).T))

        # sizes are measured as 2 Σ|x|, at least twice the norm
        run = propagate(problem, times, 2 * tol, keep, method=TAYLOR, safety=self._safety, progress=progress)
        self.applications, self.error = self.applications + run.applications, self.error + run.error_bound / 2


def _real_form(H: sp.csr_array) -> sp.csr_array:
    A, B = sp.csr_array(H.real), sp.csr_array(H.imag) if np.iscomplexobj(H) else sp.csr_array(H.shape)
    return sp.csr_array(sp.block_array([[B, A], [-A, B]], format="csr"))
