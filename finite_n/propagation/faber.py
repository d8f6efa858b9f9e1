"""The exponential of the generator as a series of Faber polynomials of an ellipse.

If the field of values of L lies in the ellipse {−μ + ρ(w + d/w), |w| ≤ 1} (capacity ρ, semi-axes a = ρ(1 + d), b = ρ(1
− d)), then exp(hL) = Σ_k c_k F_k(Z), Z = (L + μ)/ρ, with F_0 = 1, F_1 = Z, F_2 = Z² − 2d, F_{k+1} = Z F_k − d F_{k−1},
and ‖F_k(Z)‖ ≤ 2 in the norm of the field of values (Beckermann, C. R. Acad. Sci. Paris 340, 855 (2005)). c_k are the
Laurent coefficients of exp(h(ρ(w + d/w) − μ)): Bessel functions, taken from one FFT. Rotations stretch the ellipse
along the imaginary axis, decay along the real one; d = 0 is the Taylor series, d = ±1 are Chebyshev's.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp

_DIRECTIONS = np.exp(1j * np.pi * np.arange(17) / 16)
_SAMPLED = 48  # rows of a matrix asked for their part of the field of values
_DIGITS = 20.0  # ln of the accuracy wanted, roughly
_GAIN = 4.0  # ln of the growth e^{h(a − μ)} a step may have


@dataclasses.dataclass(frozen=True)
class Ellipse:
    """{−μ + ρ(w + d/w), |w| ≤ 1}."""

    mu: float
    a: float
    b: float

    @property
    def capacity(self) -> float:
        """ρ = (a + b)/2."""
        return (self.a + self.b) / 2

    @property
    def ratio(self) -> float:
        """d = (a − b)/(a + b)."""
        return (self.a - self.b) / (self.a + self.b)

    def keep(self, k: int) -> float:
        """Factor of F_{k−2} in F_k = Z F_{k−1} + factor F_{k−2}; where k = 1, of whatever stood there."""
        return 0.0 if k == 1 else -self.ratio * (2 if k == 2 else 1)

    def scaled(self, factor: float) -> Ellipse:
        """Every point times `factor`."""
        return Ellipse(self.mu * factor, self.a * factor, self.b * factor)

    def coefficients(self, h: np.ndarray) -> np.ndarray:
        """c_k for every h, shape (len(h), K), K where they fall below what an FFT resolves, 1e-16 max(1, e^{h(a −
        μ)})."""
        h = np.atleast_1d(h)
        # c_k falls beyond k = hb over some (hb)^{1/3} terms, and what is not zero by the middle of an FFT is folded
        # back
        slack = 120 + 30 * np.cbrt(h * self.b)
        sizes = 2 ** np.ceil(np.log2(2 * h * terms_per_time(self, np.maximum(h, 1e-300)) + slack)).astype(int)
        out = np.zeros((h.size, sizes.max() // 2))
        for size in np.unique(sizes):
            w = np.exp(2j * np.pi * np.arange(size // 2 + 1) / size)
            image = np.conj(self.capacity * (w + self.ratio / w) - self.mu)
            some = np.flatnonzero(sizes == size)
            for part in np.array_split(some, max(1, some.size * size // 2**17)):
                out[part, : size // 2] = np.fft.irfft(np.exp(image * h[part, None]), size)[:, : size // 2]
        out[np.abs(out) < 1e-15 * np.maximum(1, np.exp(h * (self.a - self.mu)))[:, None]] = 0.0
        return out[:, : max(2, np.flatnonzero(out.any(axis=0))[-1] + 1)]


def tails(weight: np.ndarray) -> np.ndarray:
    """Σ_{j>k} |weight_j| for every k."""
    return np.append(np.cumsum(np.abs(weight[::-1]))[::-1][1:], 0.0)


def terms_per_time(ellipse: Ellipse, span: float) -> float:
    """Terms for a unit of time over a long `span`: c_k falls beyond k = hb like a Gaussian of variance ha."""
    step = np.minimum(span, _GAIN / np.maximum(ellipse.a - ellipse.mu, 1e-300))
    return ellipse.b + np.sqrt(2 * _DIGITS * ellipse.a / step)


def longest_step(ellipse: Ellipse, terms: int) -> float:
    """h for which the series takes about `terms` terms and its coefficients grow no more than they may."""
    root = (np.sqrt(2 * _DIGITS * ellipse.a + 4 * ellipse.b * terms) - np.sqrt(2 * _DIGITS * ellipse.a)) / (
        2 * ellipse.b
    )
    return min(root**2, _GAIN / max(ellipse.a - ellipse.mu, 1e-300))


def extreme(points: np.ndarray) -> np.ndarray:
    """The points that reach farthest in each of 17 directions of the upper half plane, all points mirrored into it."""
    x, y = points.real.copy(), np.abs(points.imag)
    farthest = [int(np.argmax(d.real * x + d.imag * y)) for d in _DIRECTIONS]
    return x[farthest] + 1j * y[farthest]


def around(points: np.ndarray, span: float) -> Ellipse:
    """The ellipse symmetric about the real axis, holding all points and zero, with the fewest terms over `span`."""
    points = extreme(points)
    left, high = points.real.min(), points.imag.max()
    size = max(-left, high)
    if size == 0:
        return Ellipse(0.0, 1e-12, 1e-12)
    aspect, centre = np.geomspace(1e-2, 1e2, 41)[:, None, None], left / 2 - size * np.linspace(0, 0.5, 6)[:, None]
    b = np.sqrt(((points.real - centre) / aspect) ** 2 + points.imag**2).max(axis=2)
    candidates = Ellipse(np.broadcast_to(-centre[:, 0], b.shape), aspect[:, :, 0] * b, b)
    best = np.unravel_index(np.argmin(terms_per_time(candidates, span)), b.shape)
    return Ellipse(float(candidates.mu[best]), float(candidates.a[best]), float(b[best]))


def row_bounds(matrix: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Row by row, by Gershgorin: how far left the Hermitian part reaches, how high the anti-Hermitian part."""
    transpose, diagonal = sp.csr_array(matrix.T), matrix.diagonal()
    half, other = abs(matrix + transpose) / 2, abs(matrix - transpose) / 2
    left = diagonal + np.abs(diagonal) - np.asarray(half.sum(axis=1)).ravel()
    return left, np.asarray(other.sum(axis=1)).ravel()


def around_rows(left: np.ndarray, high: np.ndarray, span: float) -> Ellipse:
    """An ellipse about the ellipses from 0 to `left`, up to `high`, of a sample of rows."""
    rows = np.linspace(0, left.size - 1, min(left.size, _SAMPLED)).astype(int)
    rows = np.append(rows, [np.argmin(left), np.argmax(high)])
    # exp(tA) contracts the trace norm, so nothing right of zero matters
    centre, angle = np.minimum(left[rows], 0.0)[:, None] / 2, np.linspace(0, np.pi, 17)
    return around((centre * (1 + np.cos(angle)) + 1j * high[rows][:, None] * np.sin(angle)).ravel(), span)
