"""Symmetrised products: the generator on closed sets of labels, exact where the Dicke basis is too large.

A label is the pair of off-diagonal occupations (n_ud, n_du) of a basis element E_n (`finite_n.occupations.steps`); a label
holds the N − n_ud − n_du + 1 elements with n_uu + n_dd = N − n_ud − n_du. A set of labels closed under the generator
(`finite_n.occupations.labels`) gives exact results: a classical chain has one label, so N of the order 10⁵ is possible; all labels
together have (N+1)(N+2)(N+3)/6 elements, as many as the Dicke blocks. The coefficients p_n are sums of matrix elements,
ρ = Σ_n p_n E_n.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse as sp
from scipy.special import binom, xlogy

from finite_n.dicke_blocks.moments import pairs
from finite_n.errors import FiniteNError, shown
from finite_n.memory import check_memory
from finite_n.model.model import Model
from finite_n.model.operators import PAULI
from finite_n.model.polynomial import XYZ, Polynomial
from finite_n.model.rotation import turned
from finite_n.model.validation import check_size
from finite_n.occupations.columns import Layout
from finite_n.occupations.labels import Label, closed_labels, observable_labels
from finite_n.occupations.lindbladian import generator_chains, images
from finite_n.occupations.steps import Chain, Shift, Step, left, run, run_all, step

__all__ = [
    "SymmetrisedSpace",
    "closed_labels",
    "conjugate_index",
    "images",
    "matrix",
    "moment_rows",
    "observable_labels",
    "product_vector",
]


class SymmetrisedSpace:
    """The basis elements E_n of a set of labels, in order.

    Labels (n_ud, n_du) are sorted; within one, n_uu falls from N − n_ud − n_du to 0, so that a classical chain is
    banded.

    Parameters: labels, pairs of whole numbers ≥ 0 with sum at most N; N, particles.
    Attributes: `N`, `labels` (sorted), `start` (first element of every label, and the end), `size` (number of
    elements), `occupations` (size, 4): n_uu, n_ud, n_du, n_dd of every element.

    Raises FiniteNError for a label that does not exist, or if the table does not fit into memory.

    Example
    -------
    >>> SymmetrisedSpace({(0, 0), (1, 1)}, 3).occupations.tolist()
    [[3, 0, 0, 0], [2, 0, 0, 1], [1, 0, 0, 2], [0, 0, 0, 3], [1, 1, 1, 0], [0, 1, 1, 1]]
    """

    def __init__(self, labels: Iterable[Label], N: int):
        self.N = N = check_size(N)
        try:
            self.labels = sorted({(int(k), int(l)) for k, l in labels})
        except (TypeError, ValueError):
            raise FiniteNError(f"labels: got {shown(labels)}; give pairs (n_ud, n_du) of whole numbers.") from None
        wrong = [(k, l) for k, l in self.labels if k < 0 or l < 0 or k + l > N]
        if wrong or not self.labels:
            what = f"{wrong[0]} does not exist" if wrong else "there are none"
            raise FiniteNError(f"labels: {what} for N = {N}; give pairs (n_ud, n_du), both ≥ 0, with sum at most {N}.")
        check_memory("the list of basis elements", N, lambda n: 40 * self._elements(n))
        pairs = np.array(self.labels, dtype=np.int64)
        length = N + 1 - pairs.sum(axis=1)
        self.start = np.concatenate([[0], np.cumsum(length)])
        self.size = int(self.start[-1])
        self._codes = pairs[:, 0] * (N + 1) + pairs[:, 1]
        down = np.arange(self.size) - np.repeat(self.start[:-1], length)
        k, l = np.repeat(pairs, length, axis=0).T
        self.occupations = np.stack([N - k - l - down, k, l, down], axis=1)

    def _elements(self, n: int) -> int:
        """Size that the same labels would have at another n."""
        return sum(max(n + 1 - k - l, 0) for k, l in self.labels)

    def index(self, n: np.ndarray) -> np.ndarray:
        """Positions of the elements with occupations n (…, 4), −1 where the space holds none; shape (…)."""
        n = np.asarray(n)
        inside = np.all(n >= 0, axis=-1) & (n.sum(axis=-1) == self.N)
        code = np.where(inside, n[..., 1] * (self.N + 1) + n[..., 2], -1)
        label = np.minimum(np.searchsorted(self._codes, code), len(self._codes) - 1)
        inside &= self._codes[label] == code
        return np.where(inside, self.start[label] + n[..., 3], -1)

    def part(self, label: Label) -> slice:
        """The elements of one label."""
        i = self.labels.index(label)
        return slice(int(self.start[i]), int(self.start[i + 1]))

    def __repr__(self):
        return f"SymmetrisedSpace(N = {self.N}, {len(self.labels)} labels, {self.size} elements)"


def matrix(model: Model, space: SymmetrisedSpace) -> sp.csr_array:
    """The generator restricted to a space: ṗ = A p, A[destination, source], ħ = 1.

    Parameters
    ----------
    model : Model
        In a frame where every Δ lies along z, as for `images`.
    space : SymmetrisedSpace
        What leaves it, or comes from outside, is left out; for `closed_labels` nothing that matters is.

    Returns
    -------
    csr_array, shape (size, size), float64 if no coefficient has an imaginary part, else complex128.

    Raises FiniteNError as `images` does, or if the matrix does not fit into memory.
    """
    N, n = space.N, space.occupations
    chains = generator_chains(Layout(model, [N]))
    entries = max(len(run_all(chains, n[:: max(1, len(n) // 64)])), 1)
    check_memory("the generator on symmetrised products", N, lambda x: 80.0 * entries * space._elements(x))
    rows, columns, values = [], [], []
    for shift, c in run_all(chains, n).items():
        to = space.index(n + np.array(shift))
        used = np.flatnonzero((to >= 0) & (c != 0))
        rows.append(to[used])
        columns.append(used)
        values.append(c[used])
    shape = (space.size, space.size)
    if not rows:
        return sp.csr_array(shape, dtype=float)
    data = np.concatenate(values)
    if np.iscomplexobj(data) and not np.any(data.imag):
        data = data.real
    return sp.coo_array((data, (np.concatenate(rows), np.concatenate(columns))), shape=shape).tocsr()


def product_vector(density: np.ndarray, space: SymmetrisedSpace) -> np.ndarray:
    """The product state ρ₁^⊗N, p_n = N!/(Π_α n_α!) Π_α ρ_α^{n_α}.

    Parameters
    ----------
    density : array, shape (2, 2)
        ρ₁, of trace 1, in the frame of the model.
    space : SymmetrisedSpace

    Returns
    -------
    array, shape (size,), real if ρ₁ is real. What is below the range of numbers is 0.

    Raises FiniteNError if the trace is not 1 to 1e-12, or if a label is so far off the diagonal that p_n is beyond
    numbers.
    """
    density = np.asarray(density, dtype=complex)
    up, down = density[0, 0].real, density[1, 1].real
    if abs(np.trace(density) - 1) > 1e-12 or min(up, down) < -1e-12:
        raise FiniteNError(
            f"one-particle state: diagonal {np.diag(density)}; a density matrix has populations ≥ 0 with sum 1."
        )
    up, down = max(up, 0.0), max(down, 0.0)
    out = np.zeros(space.size, complex)
    steps = np.log(space.N - np.arange(space.N))
    falling = np.concatenate([[0.0], np.cumsum(steps)])  # log N!/(N − s)!
    factorial = np.concatenate([[0.0], np.cumsum(steps[::-1])])  # log s!
    for k, l in space.labels:
        phase, log = 1.0 + 0j, falling[k + l] - factorial[k] - factorial[l]
        for x, power in ((density[0, 1], k), (density[1, 0], l)):
            log += xlogy(power, abs(x))
            phase *= (x / abs(x)) ** power if power and x != 0 else 1.0
        if log > 700:
            raise FiniteNError(
                f"product state at N = {space.N}: the elements of label ({k}, {l}) are of size e^{log:.0f}, beyond what "
                "numbers can hold; use labels with fewer off-diagonal units, or evolve."
            )
        # the sum over the label is exp(log) exactly, and what is left is a binomial distribution
        out[space.part((k, l))] = np.exp(log) * phase * _binomial(space.N - k - l, up, down)
    return out.real.copy() if not np.any(out.imag) else out


def diagonal_vector(populations: tuple[np.ndarray, np.ndarray, np.ndarray], space: SymmetrisedSpace) -> np.ndarray:
    """p of a state that is diagonal in |J, M⟩, from its populations (`finite_n.dicke_blocks.initial_state.populations`); real, shape (size,).

    Elements with n_ud = n_du = k add up the matrix elements between configurations of n = N/2 + M spins up that differ
    by k exchanges: on the copies of spin J = N/2 − s their sum is an eigenvalue of the Johnson scheme,
    E_k(s) = Σ_j (−1)^j C(s, j) C(n − s, k − j) C(N − n − s, k − j) (P. Delsarte, Philips Res. Rep. Suppl. 10 (1973)),
    and elements with n_ud ≠ n_du are zero.
    """
    s, i, weight = populations
    down, N = s + i, space.N
    out = np.zeros(space.size)
    for k, l in space.labels:
        if k == l:
            sums = sum(
                (-1) ** j * binom(s, j) * binom(N - down - s, k - j) * binom(down - s, k - j) for j in range(k + 1)
            )
            # in the order of n_dd = down − k = 0 … N − 2k
            inside = (down >= k) & (down <= N - k)
            total = np.bincount(down[inside] - k, (weight * sums)[inside], minlength=N + 1 - 2 * k)
            out[space.part((k, l))] = total
    return out


def _binomial(S: int, up: float, down: float) -> np.ndarray:
    """Binomial distribution of n_uu = S … 0 by ratios from its top, so that logarithms of order S never occur."""
    if up == 0 or down == 0:
        out = np.zeros(S + 1)
        out[0 if down == 0 else S] = 1.0
        return out
    d = np.arange(S)
    ratio = np.log((S - d) / (d + 1)) + np.log(down / up)  # from d to d + 1 particles down
    top = min(int((S + 1) * down / (up + down)), S)
    logs = np.concatenate([-np.cumsum(ratio[:top][::-1])[::-1], [0.0], np.cumsum(ratio[top:])])
    weights = np.exp(logs)
    return weights / weights.sum()


def moment_rows(
    polynomials: Sequence[Polynomial], space: SymmetrisedSpace, frame: np.ndarray | None = None
) -> sp.csr_array:
    """Rows of the linear functionals Tr(O ρ) = Σ_n Tr(O E_n) p_n.

    Parameters
    ----------
    polynomials : sequence of Polynomial
        Ordered polynomials of averages in the frame of the laboratory.
    space : SymmetrisedSpace
        Elements it does not hold count as empty.
    frame : array, shape (2, 2), optional
        U of the frame that ρ is kept in: m(x) of the laboratory becomes m(U x U†). Default: that of the laboratory.

    Returns
    -------
    csr_array, complex, shape (10 + P, size): m_a (3), ½{m_a, m_b} for (a, b) = xx, xy, xz, yy, yz, zz (6), the trace
    (1), and the P polynomials.
    """
    frame = np.eye(2) if frame is None else np.asarray(frame, dtype=complex)
    letters = [step(left(turned(PAULI[a], frame))) for a in (1, 2, 3)]
    wanted = [Polynomial({(a,): 1}) for a in XYZ]
    wanted += [Polynomial({(XYZ[a], XYZ[b]): 0.5}) + Polynomial({(XYZ[b], XYZ[a]): 0.5}) for a, b in pairs(3)]
    wanted += [Polynomial({(): 1}), *polynomials]
    words = sorted({w for p in wanted for w in p.words}, key=lambda w: (len(w), w))
    known = {word: i for i, word in enumerate(words)}
    degree = max(len(w) for w in words)
    rows, columns, values = [], [], []
    for label in space.labels:
        if sum(label) > degree:
            continue
        part = space.part(label)
        for word, i in known.items():
            trace = _word_trace([letters[a.index - 1] for a in word[::-1]], label, space.occupations[part])
            if trace is not None:
                used = np.flatnonzero(trace)
                rows.append(np.full(used.size, i))
                columns.append(part.start + used)
                values.append(trace[used] * float(space.N) ** -len(word))
    if not rows:
        return sp.csr_array((len(wanted), space.size), dtype=complex)
    index = (np.concatenate(rows), np.concatenate(columns))
    traces = sp.coo_array((np.concatenate(values), index), shape=(len(words), space.size), dtype=complex).tocsr()
    table = np.array([[p.words.get(w, 0) for w in words] for p in wanted])
    return sp.csr_array(sp.csr_array(table) @ traces)


def _word_trace(steps: list[Step], label: Label, n: np.ndarray) -> np.ndarray | None:
    """Tr(w E_n) N^degree for the elements of one label: of what the left products make, the diagonal part counts."""

    def keep(shift: Shift, remaining: int) -> bool:  # a left product turns one off-diagonal unit at most
        return label[0] + shift[1] + label[1] + shift[2] <= remaining

    if sum(label) > len(steps):
        return None
    reached = run(Chain(1.0, tuple(steps)), n, keep=keep)
    diagonal = [c for s, c in reached.items() if (label[0] + s[1], label[1] + s[2]) == (0, 0)]
    return sum(diagonal) if diagonal else None


def conjugate_index(space: SymmetrisedSpace) -> np.ndarray:
    """Position of the Hermitian mirror of every element, n_ud ↔ n_du, shape (size,): p[mirror] = p* for ρ = ρ†.

    Raises FiniteNError if the mirror of a label is not in the space.
    """
    mirror = space.index(space.occupations[:, [0, 2, 1, 3]])
    if np.any(mirror < 0):
        k, l = (int(x) for x in space.occupations[np.argmin(mirror), 1:3])
        raise FiniteNError(f"labels: ({k}, {l}) is in the space but its mirror ({l}, {k}) is not; add it.")
    return mirror
