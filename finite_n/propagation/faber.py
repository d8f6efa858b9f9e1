"""The exponential of the generator as a series of Faber polynomials of an ellipse.

If the field of values of L lies in the ellipse {−μ + ρ(w + d/w), |w| ≤ 1} (capacity ρ, semi-axes a = ρ(1 + d), b = ρ(1
− d)), then exp(hL) = Σ_k c_k F_k(Z), Z = (L + μ)/ρ, with F_0 = 1, F_1 = Z, F_2 = Z² − 2d, F_{k+1} = Z F_k − d F_{k−1},
and ‖F_k(Z)‖ ≤ 2 in the norm of the field of values (Beckermann, C. R. Acad. Sci. Paris 340, 855 (2005)). c_k are the
Laurent coefficients of exp(h(ρ(w + d/w) − μ)): Bessel functions, taken from one FFT. Rotations stretch the ellipse
along the imaginary axis, decay along the real one; d = 0 is the Taylor series, d = ±1 are Chebyshev's.

The ellipse comes from the symbol of L: where coefficients vary slowly, as they do at large N, L acts on an element like
Σ_terms c_term e^{iθ·shift}, c_term the mean of the coefficients into and out of the element, and its field of values is
about the hull of these numbers over elements and angles θ.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp

from finite_n.dicke_blocks.terms import Term

_DIRECTIONS = np.exp(1j * np.pi * np.arange(17) / 16)
_SAMPLED = 48  # rows of a matrix asked for their part of the field of values
_DIGITS = 20.0  # ln of the accuracy wanted, roughly
_NARROWEST = 0.88  # of the field of values, where no image grows by more than a series can stand
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
    return _extreme(np.append(np.minimum(value.real, 0) + 1j * value.imag, 0.0))


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


def _extreme(points: np.ndarray) -> np.ndarray:
    """The points that reach farthest in each of 17 directions of the upper half plane, all points mirrored into it."""
    x, y = points.real.copy(), np.abs(points.imag)
    farthest = [int(np.argmax(d.real * x + d.imag * y)) for d in _DIRECTIONS]
    return x[farthest] + 1j * y[farthest]


def around(points: np.ndarray, span: float) -> Ellipse:
    """The ellipse symmetric about the real axis, holding all points and zero, with the fewest terms over `span`."""
    points = _extreme(points)
    left, high = points.real.min(), points.imag.max()
    size = max(-left, high)
    if size == 0:
        return Ellipse(0.0, 1e-12, 1e-12)
    aspect, centre = np.geomspace(1e-2, 1e2, 41)[:, None, None], left / 2 - size * np.linspace(0, 0.5, 6)[:, None]
    b = np.sqrt(((points.real - centre) / aspect) ** 2 + points.imag**2).max(axis=2)
    candidates = Ellipse(np.broadcast_to(-centre[:, 0], b.shape), aspect[:, :, 0] * b, b)
    best = np.unravel_index(np.argmin(terms_per_time(candidates, span)), b.shape)
    return Ellipse(float(candidates.mu[best]), float(candidates.a[best]), float(b[best]))


def around_generator(generator, span: float, narrow: bool = False) -> Ellipse:
    """An ellipse about the field of values of a `Generator`; with turned parts the sum of one for every part.

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
