"""The generator as a list of separable terms.

A term sends block J to J′ = J + hop:

    (Tρ)_J′[M, N] = left(J′, M) · right(J′, N) · ρ_J[M − left_shift, N − right_shift],

so a left product with a band of an operator, a right product, and each band pair of a Kraus family K ρ K† are one term
each. With several species and modes (`finite_n.dicke_blocks.blocks`) hop counts blocks, and shifts are such that row i
of block b takes from row i − hop + left_shift of block b + hop, which is the same for one species. Weights are folded
into `left`. Amplitudes of the Kraus families of local operators: B. A. Chase and J. M. Geremia, PRA 78, 052101 (2008),
with d_J, a_J ratios written out.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks, Spins
from finite_n.dicke_blocks.operators import (
    BandOperator,
    ladder_coefficients,
    letter_operators,
    mode_operators,
    spin_operators,
    total,
)
from finite_n.model.local_jump import LocalJump
from finite_n.model.model import Model
from finite_n.model.operators import from_coefficients
from finite_n.model.polynomial import Polynomial, linear_coefficients

LADDER = (1, 2, 3)  # s+, s−, s_z
SHIFT = {1: 1, 2: -1, 3: 0}
PROJECTORS = (np.diag([1.0, 0.0]), np.diag([0.0, 1.0]))


@dataclasses.dataclass(frozen=True)
class Term:
    """One separable term; `left`, `right` run over the rows (J′, M) of the destination."""

    hop: int
    left_shift: int
    right_shift: int
    left: np.ndarray
    right: np.ndarray


@dataclasses.dataclass(frozen=True)
class TermList:
    """ρ̇ = Gρ + ρG† + Σ terms: G = −iH − ½ Σ J†J and what two-sided terms with an identity factor amount to."""

    effective: BandOperator
    two_sided: list[Term]
    rows: int

    def off_diagonal(self) -> list[Term]:
        """All terms but the left and right product with the diagonal of G."""
        ones, out = np.ones(self.rows), []
        for a, c in self.effective.diagonals.items():
            if a != 0:
                g = np.roll(c, -a)  # by destination
                out += [Term(0, a, 0, g, ones), Term(0, 0, a, ones, g.conj())]
        return out + self.two_sided

    def diagonal(self) -> np.ndarray:
        """g with (g_i + g_k*) ρ_ik for the diagonal of G."""
        return np.asarray(self.effective.diagonals.get(0, np.zeros(self.rows)), dtype=complex)

    def all(self) -> list[Term]:
        """Every term."""
        g, ones = self.diagonal(), np.ones(self.rows)
        own = [Term(0, 0, 0, g, ones), Term(0, 0, 0, ones, g.conj())] if np.any(g) else []
        return own + self.off_diagonal()


def build_terms(model: Model, jumps: Sequence[LocalJump], blocks: DickeBlocks) -> TermList:
    """Terms of h, the collective jumps of `model`, and of `jumps`, whose Δ must all be along z."""
    letters, ladders = letter_operators(model.space, blocks), _Ladders(model, blocks)
    one = BandOperator({0: blocks.exists.astype(float)})
    h = Polynomial({w: c for w, c in model.hamiltonian.words.items() if w})  # a constant moves nothing
    G = (-1j * blocks.N) * h.evaluate(letters, one)

    collective = np.zeros(2 * (ladders.count,), complex)
    for part in model.collective:
        q = np.sqrt(blocks.N) * np.array([ladders.coefficients(p) for p in part.polynomials])
        collective += np.einsum("mn,nq,mr->qr", part.kossakowski, q, q.conj())
        L = [np.sqrt(blocks.N) * p.evaluate(letters, one) for p in part.polynomials]
        for m, left in enumerate(L):
            for n, right in enumerate(L):
                G = G + (-0.5 * part.kossakowski[m, n]) * (left.adjoint() * right)
    identity = collective[:, 0].copy()
    identity[0] /= 2

    terms: list[Term] = []
    weights = collective.astype(object)  # entries become arrays over rows where particles jump one by one
    for s, spins in zip(model.species, blocks.spins, strict=True):
        own = [j for j in jumps if model.species_of(j) is s]
        scaled = [float(j.amplitude(0.0)) * j.operator for j in own if j.amplitude.is_constant]
        local = sum((_outer(ladder_coefficients(j)) for j in scaled), np.zeros((4, 4), complex))
        G = G + -0.5 * total(sum((j.conj().T @ j for j in scaled), np.zeros((2, 2), complex)), spins)
        at = ladders.of_species[s.name]
        identity[at] += local[1:, 0]
        identity[0] += spins.N * local[0, 0] / 2
        for q in LADDER:
            for r in LADDER:
                if local[q, r] != 0:
                    weights[at[q - 1], at[r - 1]] = weights[at[q - 1], at[r - 1]] + _hop_weight(0, spins) * local[q, r]
                    for hop in (-1, 1):
                        left = _hop_weight(hop, spins) * local[q, r] * _amplitude(q, hop, spins)
                        terms.append(_shifted(hop, SHIFT[q], SHIFT[r], left, _amplitude(r, hop, spins), spins))
        for jump in own:
            if not jump.amplitude.is_constant:
                square, more = _operator_rate_terms(spins, rate_tables(jump, model, blocks, spins))
                G = G + -0.5 * square
                terms += more
    for q in range(1, ladders.count):
        for r in range(1, ladders.count):
            if np.any(weights[q, r] != 0):
                left, right = ladders.amplitude[q], ladders.amplitude[r]
                terms.append(Term(0, ladders.shift[q], ladders.shift[r], weights[q, r] * left, right))
    for g, band in zip(identity, ladders.bands, strict=True):
        G = G + g * band
    there = blocks.exists
    terms = [dataclasses.replace(t, left=t.left * there, right=t.right * there) for t in terms]
    return TermList(G, [t for t in terms if np.any(t.left) and np.any(t.right)], blocks.rows)


class _Ladders:
    """1, S+, S−, Sz of every species and a, a† of every mode: shift in rows and coefficients over destination rows."""

    def __init__(self, model: Model, blocks: DickeBlocks):
        self.model, self.blocks = model, blocks
        self.bands = [BandOperator({0: blocks.exists.astype(float)})]
        self.shift, self.amplitude = [0], [np.ones(blocks.rows)]
        self.of_species, self.of_mode = {}, {}
        for s, spins in zip(model.species, blocks.spins, strict=True):
            self.of_species[s.name] = len(self.bands) + np.arange(3)
            self.bands += spin_operators(spins)[1:]
            self.shift += [SHIFT[q] * spins.stride for q in LADDER]
            self.amplitude += [_amplitude(q, 0, spins) for q in LADDER]
        for mode, quanta in zip(model.modes, blocks.modes, strict=True):
            self.of_mode[mode.name] = len(self.bands) + np.arange(2)
            for band, shift in zip(mode_operators(quanta), (quanta.stride, -quanta.stride), strict=True):
                self.bands.append(band)
                self.shift.append(shift)
                self.amplitude.append(np.roll(band.diagonals.get(shift, np.zeros(blocks.rows)), -shift))
        self.count = len(self.bands)

    def coefficients(self, p: Polynomial) -> np.ndarray:
        """A linear polynomial of letters over the ladders."""
        c = np.zeros(self.count, complex)
        c[0] = p.words.get((), 0)
        for s, spins in zip(self.model.species, self.blocks.spins, strict=True):
            own = linear_coefficients(p, s.letters)
            own[0] = 0
            c[self.of_species[s.name]] = ladder_coefficients(from_coefficients(own))[1:] / spins.N
        for mode in self.model.modes:
            phi, pi = linear_coefficients(p, mode.letters)[1:] / np.sqrt(2 * self.blocks.N)
            c[self.of_mode[mode.name]] = phi - 1j * pi, phi + 1j * pi
        return c


def _shifted(hop: int, a: int, b: int, left: np.ndarray, right: np.ndarray, spins: Spins) -> Term:
    """A term that changes J of one species by hop and M by a and b."""
    blocks = hop * spins.hop_stride
    return Term(blocks, (a - hop) * spins.stride + blocks, (b - hop) * spins.stride + blocks, left, right)


def _outer(q: np.ndarray) -> np.ndarray:
    return np.outer(q, q.conj())


@functools.lru_cache(maxsize=4)
def _hop_weight(hop: int, spins: Spins) -> np.ndarray:
    """Weight of the Kraus family J → J + hop, over destination rows."""
    N, J = spins.N, spins.row_J - hop  # J of the source
    with np.errstate(divide="ignore", invalid="ignore"):
        if hop == 0:
            w = (N + 2) / (4 * J * (J + 1))
        elif hop == -1:
            w = (N / 2 + J + 1) / (2 * J * (2 * J + 1))
        else:
            w = (N / 2 - J) / (2 * (J + 1) * (2 * J + 1))
    return np.where((J >= 0) & (J <= N / 2) & (J + hop >= 0) & np.isfinite(w), w, 0.0)


@functools.lru_cache(maxsize=12)
def _amplitude(q: int, hop: int, spins: Spins) -> np.ndarray:
    """⟨J+hop, M+a| of s_q acting on |J, M⟩, over destination rows."""
    J, M = spins.row_J - hop, spins.row_M - SHIFT[q]  # of the source
    if hop == 0:
        square = {1: (J - M) * (J + M + 1), 2: (J + M) * (J - M + 1), 3: M * M}[q]
        sign = np.sign(M) if q == 3 else 1.0
    elif hop == -1:
        square = {1: (J - M) * (J - M - 1), 2: (J + M) * (J + M - 1), 3: (J + M) * (J - M)}[q]
        sign = -1.0 if q == 2 else 1.0
    else:
        square = {1: (J + M + 1) * (J + M + 2), 2: (J - M + 1) * (J - M + 2), 3: (J + M + 1) * (J - M + 1)}[q]
        sign = -1.0 if q == 1 else 1.0
    inside = (J >= 0) & (J <= spins.N / 2) & (np.abs(M) <= J)
    return np.where(inside, sign * np.sqrt(np.where(inside, square, 0.0)), 0.0)


def _operator_rate_terms(spins: Spins, parts) -> tuple[BandOperator, list[Term]]:
    """Σ_k J_k†J_k and the two-sided terms of Σ_k J_k ρ J_k† for J_k = Σ_s j_s^(k) Γ_s, with `parts` from
    `rate_tables`."""
    square = BandOperator({})
    for js, gs in parts:
        for jr, gr in parts:
            square = square + BandOperator({0: gs(0)}) * total(js.conj().T @ jr, spins) * BandOperator({0: gr(0)})

    def kraus(hop):  # {shift: coefficients over destination rows} of Σ_s Σ_q (j_s)_q K_q Γ_s
        out = {}
        for j, g in parts:
            coefficient = ladder_coefficients(j)
            for q in LADDER:
                if coefficient[q] != 0:
                    c = coefficient[q] * _amplitude(q, hop, spins) * g(SHIFT[q])
                    out[SHIFT[q]] = out.get(SHIFT[q], 0) + c
        return out

    weight = _hop_weight(0, spins)
    root = np.sqrt(weight)
    inverse = np.divide(1.0, weight, out=np.zeros_like(weight), where=weight > 0)
    identity = sum(ladder_coefficients(j)[0] * g(0) for j, g in parts)
    # N gρg† + gρA† + Aρg† + c₀AρA† = (√c₀ A + g/√c₀) ρ (…)† + (N − 1/c₀) gρg†, g the identity part
    collective = {a: root * c for a, c in kraus(0).items()}
    collective[0] = collective.get(0, 0) + np.sqrt(inverse) * identity
    terms = _pairs(0, collective, spins)
    if np.any(identity):
        terms.append(Term(0, 0, 0, (spins.N - inverse) * identity, np.conj(identity)))
    for hop in (-1, 1):
        w = np.sqrt(_hop_weight(hop, spins))
        terms += _pairs(hop, {a: w * c for a, c in kraus(hop).items()}, spins)
    return square, terms


def _pairs(hop: int, family: dict[int, np.ndarray], spins: Spins) -> list[Term]:
    return [
        _shifted(hop, a, b, left, np.conj(right), spins) for a, left in family.items() for b, right in family.items()
    ]


def rate_tables(jump: LocalJump, model: Model, blocks: DickeBlocks, spins) -> list[tuple[np.ndarray, Callable]]:
    """[(j_s, Γ_s)] with J_k = Σ_s j_s^(k) Γ_s: Γ_s(a) over all rows, with M of the jumping species taken a less than
    there.

    With particle k left out, Γ(Δ_k) = Σ_s Γ(Δ − r_s/N_s) P_s^(k), P_s the projectors on up and down. Γ is asked only
    where Δ can lie.
    """
    species = model.species_of(jump)
    slopes = [jump.argument.words.get((s.letters[2],), 0).real for s in model.species]
    constant, others, own = jump.argument.words.get((), 0).real, np.zeros(blocks.rows), 0.0
    for slope, other in zip(slopes, blocks.spins, strict=True):
        if other is spins:
            own = slope
        else:
            others = others + slope * _average_of_z(other, 0)

    def table(sign):
        base = constant - (jump.ones.get(species.name, 0.0) / spins.N if sign else 0.0) + others

        def values(shift):
            M = spins.row_M - shift
            possible = blocks.exists & (np.abs(M) <= spins.N / 2) & (M != -sign * spins.N / 2 if sign else True)
            delta = base + own * (_average_of_z(spins, shift) - sign / spins.N)
            points, index = np.unique(delta[possible], return_inverse=True)
            out = np.zeros(blocks.rows)
            out[possible] = jump.gamma(points)[index]
            return out

        return values

    if jump.include_self:
        return [(jump.operator, table(0))]
    return [(jump.operator @ projector, table(sign)) for projector, sign in zip(PROJECTORS, (1, -1), strict=True)]


def _average_of_z(spins: Spins, shift: int) -> np.ndarray:
    """2(M − shift)/N over rows, without rounding at the ends."""
    return 1 - 2 * np.rint(spins.N / 2 - spins.row_M + shift) / spins.N
