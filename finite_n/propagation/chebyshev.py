"""exp(−iHt)|ψ⟩ for a sparse Hermitian H by Chebyshev's series, with a bound of what is left out.

With the spectrum of H in [c − r, c + r], exp(−iHt) = e^{−ict} (J_0(rt) + 2 Σ_k (−i)^k J_k(rt) T_k((H − c)/r)): the
Faber series of a segment (`finite_n.propagation.faber`) (Tal-Ezer and Kosloff, J. Chem. Phys. 81, 3967 (1984)). As
‖T_k‖ ≤ 1, the error is at most 2 Σ_{k>K} |J_k|, known before the first product; it takes about rt terms. The interval
is Gershgorin's, so the bound holds. The phase e^{−ict} is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from finite_n import kernels
from finite_n.errors import FiniteNError
from finite_n.propagation.faber import tails

_ROUNDING = 1e-15  # no step is asked for less, and none is known better: coefficients are cut off there
_WATCHED = 400.0  # radius × time of a step that is watched, so that its images are few
_TOO_MANY = 1e7  # rate × time: beyond, a series is the wrong tool


class Chebyshev:
    """A Hermitian matrix, ready to be applied: `centre` and `radius` of an interval that holds its spectrum, the latter
    times `wider`.

    `applications` and `error` (in the norm of the vector) add up over steps.
    """

    def __init__(self, H: sp.csr_array, wider: float = 1.0):
        H = sp.csr_array(H)
        diagonal = H.diagonal().real
        rest = np.asarray(abs(H).sum(axis=1)).ravel() - np.abs(diagonal)
        low, high = (diagonal - rest).min(initial=0.0), (diagonal + rest).max(initial=0.0)
        self.centre, self.radius = float(low + high) / 2, wider * max(float(high - low) / 2, 1e-300)
        # unsigned, or the compiled loop would allow for negative indices
        places = np.uint32 if H.nnz < 2**32 else np.uint64
        self._arrays = H.indptr.astype(places), H.indices.astype(places), H.data
        self.applications, self.error = 0, 0.0
        self._buffers = [np.zeros((H.shape[0], 2)) for _ in range(2)]

    def steps(self, psi: np.ndarray, times: np.ndarray, tol: float, watch=None) -> Iterator[np.ndarray]:
        """ψ at every one of the times, the first of which is that of the start, shape (n, 2), real and imaginary parts.

        `tol` bounds the truncation error of the last vector. What is yielded is overwritten by the next step. `watch`
        is called after every step, none of more than about _WATCHED terms, with the images on `watch.columns`
        (`finite_n.engine.leakage.AmplitudeWatch`).
        """
        span = times[-1] - times[0]
        if self.radius * span > _TOO_MANY:
            raise FiniteNError(
                f"evolution: energies within ±{self.radius:.3g} over a time of {span:.3g} need about "
                f"{self.radius * span:.1e} applications of H, and {_TOO_MANY:.0e} are the limit; shorten the times or "
                "lower the couplings."
            )
        v, out = psi, np.zeros_like(psi)
        yield v
        for h in np.diff(times):
            pieces = max(1, math.ceil(self.radius * h / _WATCHED)) if watch is not None else 1
            for _ in range(pieces):
                self._step(v, out, float(h) / pieces, max(tol * h / pieces / span, _ROUNDING), watch)
                v, out = out, v
            yield v

    def _step(self, v: np.ndarray, out: np.ndarray, h: float, allowed: float, watch=None) -> None:
        """out = exp(−i(H − c)h) v."""
        weight = _coefficients(self.radius * h)
        rest = tails(weight)
        terms = int(np.argmax(rest <= allowed / 2))
        np.multiply(v, weight[0], out=out)
        source, other, term = v, *self._buffers
        watched = None if watch is None else np.zeros((terms + 1, len(watch.columns), 2))
        if watched is not None:
            watched[0] = v[watch.columns]
        for k in range(1, terms + 1):
            w = weight[k] * (-1j) ** (k % 4)
            if k == 2:
                term[:] = v
            keep, scale = (0.0, 1.0) if k == 1 else (-1.0, 2.0)
            kernels.chebyshev_term(
                source, term, out, keep, scale / self.radius, -self.centre, w.real, w.imag, *self._arrays
            )
            if watched is not None:
                watched[k] = term[watch.columns]
            source, term = term, other if k == 1 else source
        self.applications += terms
        self.error += rest[terms] + _ROUNDING
        if watched is not None:
            watch(h, self.radius, watched.view(complex)[:, :, 0], out, _coefficients)


def _coefficients(x: float) -> np.ndarray:
    """J_0(x), 2 J_1(x), 2 J_2(x), …"""
    weight = kernels.bessel(x)
    weight[1:] *= 2
    return weight


def evolved(H: sp.csr_array, psi: np.ndarray, t: float, tol: float) -> np.ndarray:
    """exp(−iHt)|ψ⟩ up to the phase e^{−ict}, removed where c = 0."""
    start = np.ascontiguousarray(np.stack([psi.real, psi.imag], axis=1), dtype=float)
    *_, last = Chebyshev(H).steps(start, np.array([0.0, t]), tol)
    return last[:, 0] + 1j * last[:, 1]
