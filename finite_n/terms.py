"""The generator as a list of separable terms.

A term sends block J to J′ = J + hop:

    (Tρ)_J′[M, N] = left(J′, M) · right(J′, N) · ρ_J[M − left_shift, N − right_shift],

so a left product with a band of an operator, a right product, and each band pair of a Kraus family K ρ K† are one term
each. Weights are folded into `left`. Amplitudes of the Kraus families of local operators: B. A. Chase and J. M. Geremia,
PRA 78, 052101 (2008), with d_J, a_J ratios written out.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from finite_n.algebra import Polynomial
from finite_n.bands import Bands, ladder_coefficients, spin_bands, total
from finite_n.basis import PAULI
from finite_n.blocks import DickeBlocks
from finite_n.model import CollectiveJumps, LocalJump, Model

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

    effective: Bands
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


def build_terms(model: Model, jumps: list[LocalJump], blocks: DickeBlocks) -> TermList:
    """Terms of h, the collective jumps of `model`, and of `jumps`, whose Δ must all be along z."""
    N = blocks.N
    letters = [total(PAULI[a], blocks) * (1 / N) for a in (1, 2, 3)]
    h = Polynomial({w: c for w, c in model.hamiltonian.words.items() if w})  # a constant moves nothing
    G = (-1j * N) * h.evaluate(letters, spin_bands(blocks)[0])

    scaled = [float(j.amplitude(0.0)) * j.operator for j in jumps if j.amplitude.is_constant]
    local = sum((_outer(ladder_coefficients(j)) for j in scaled), np.zeros((4, 4), complex))
    G = G + -0.5 * total(sum((j.conj().T @ j for j in scaled), np.zeros((2, 2), complex)), blocks)
    collective = np.zeros((4, 4), complex)
    for part in model.collective:
        form, square = _collective_form(part, blocks)
        collective += form
        G = G + -0.5 * square
    for g, band in zip(_identity_parts(local, collective, N), spin_bands(blocks), strict=True):
        G = G + g * band

    terms: list[Term] = []
    for hop in (0, -1, 1):
        weight = _hop_weight(hop, blocks)
        amplitude = {q: _amplitude(q, hop, blocks) for q in LADDER}
        for q in LADDER:
            for r in LADDER:
                w = weight * local[q, r] + (collective[q, r] if hop == 0 else 0)
                terms.append(Term(hop, SHIFT[q], SHIFT[r], w * amplitude[q], amplitude[r]))
    for jump in jumps:
        if not jump.amplitude.is_constant:
            square, more = _operator_rate_terms(jump, blocks)
            G = G + -0.5 * square
            terms += more
    return TermList(G, [t for t in terms if np.any(t.left) and np.any(t.right)], blocks.rows)


def _outer(q: np.ndarray) -> np.ndarray:
    return np.outer(q, q.conj())


def _identity_parts(local: np.ndarray, collective: np.ndarray, N: int) -> np.ndarray:
    """Coefficients of (1, S+, S−, Sz) in the left product that two-sided terms with an identity factor amount to."""
    g = local[:, 0] + collective[:, 0]
    g[0] = (N * local[0, 0] + collective[0, 0]) / 2
    return g


def _collective_form(part: CollectiveJumps, blocks: DickeBlocks) -> tuple[np.ndarray, Bands]:
    """Form C_qr with Σ D_μν L_ν ρ L_μ† = Σ C_qr S_q ρ S_r† over (1, S+, S−, Sz), and Σ D_μν L_μ† L_ν."""
    N = blocks.N
    q = np.array([ladder_coefficients(v) for v in part.operators]) / np.sqrt(N)
    q[:, 0] *= N
    form = np.einsum("mn,nq,mr->qr", part.kossakowski, q, q.conj())
    L = [total(v, blocks) * (1 / np.sqrt(N)) for v in part.operators]
    square = Bands({})
    for m, left in enumerate(L):
        for n, right in enumerate(L):
            square = square + part.kossakowski[m, n] * (left.adjoint() * right)
    return form, square


def _hop_weight(hop: int, blocks: DickeBlocks) -> np.ndarray:
    """Weight of the Kraus family J → J + hop, over destination rows."""
    N, J = blocks.N, blocks.row_J - hop  # J of the source
    with np.errstate(divide="ignore", invalid="ignore"):
        if hop == 0:
            w = (N + 2) / (4 * J * (J + 1))
        elif hop == -1:
            w = (N / 2 + J + 1) / (2 * J * (2 * J + 1))
        else:
            w = (N / 2 - J) / (2 * (J + 1) * (2 * J + 1))
    return np.where((J >= 0) & (J <= N / 2) & (J + hop >= 0) & np.isfinite(w), w, 0.0)


def _amplitude(q: int, hop: int, blocks: DickeBlocks) -> np.ndarray:
    """⟨J+hop, M+a| of s_q acting on |J, M⟩, over destination rows."""
    J, M = blocks.row_J - hop, blocks.row_M - SHIFT[q]  # of the source
    if hop == 0:
        square = {1: (J - M) * (J + M + 1), 2: (J + M) * (J - M + 1), 3: M * M}[q]
        sign = np.sign(M) if q == 3 else 1.0
    elif hop == -1:
        square = {1: (J - M) * (J - M - 1), 2: (J + M) * (J + M - 1), 3: (J + M) * (J - M)}[q]
        sign = -1.0 if q == 2 else 1.0
    else:
        square = {1: (J + M + 1) * (J + M + 2), 2: (J - M + 1) * (J - M + 2), 3: (J + M + 1) * (J - M + 1)}[q]
        sign = -1.0 if q == 1 else 1.0
    inside = (J >= 0) & (J <= blocks.N / 2) & (np.abs(M) <= J)
    return np.where(inside, sign * np.sqrt(np.where(inside, square, 0.0)), 0.0)


def _operator_rate_terms(jump: LocalJump, blocks: DickeBlocks) -> tuple[Bands, list[Term]]:
    """Σ_k J_k†J_k and the two-sided terms of Σ_k J_k ρ J_k† for J_k = j^(k) Γ(Δ), Δ along z.

    With particle k left out, Γ(Δ_k) = Σ_s Γ(Δ − r_s/N) P_s^(k), P_s the projectors on up and down; so in both cases
    J_k = Σ_s j_s^(k) Γ_s with Γ_s a function of M.
    """
    parts = split_by_self(jump, blocks.N)
    square = Bands({})
    for js, gs in parts:
        for jr, gr in parts:
            G_s, G_r = Bands({0: _at_shift(gs, 0, blocks)}), Bands({0: _at_shift(gr, 0, blocks)})
            square = square + G_s * total(js.conj().T @ jr, blocks) * G_r

    def kraus(hop):  # {shift: coefficients over destination rows} of Σ_s Σ_q (j_s)_q K_q Γ_s
        out = {}
        for j, g in parts:
            coefficient = ladder_coefficients(j)
            for q in LADDER:
                if coefficient[q] != 0:
                    c = coefficient[q] * _amplitude(q, hop, blocks) * _at_shift(g, SHIFT[q], blocks)
                    out[SHIFT[q]] = out.get(SHIFT[q], 0) + c
        return out

    weight = _hop_weight(0, blocks)
    root = np.sqrt(weight)
    inverse = np.divide(1.0, weight, out=np.zeros_like(weight), where=weight > 0)
    identity = sum(ladder_coefficients(j)[0] * _at_shift(g, 0, blocks) for j, g in parts)
    # N gρg† + gρA† + Aρg† + c₀AρA† = (√c₀ A + g/√c₀) ρ (…)† + (N − 1/c₀) gρg†, g the identity part
    collective = {a: root * c for a, c in kraus(0).items()}
    collective[0] = collective.get(0, 0) + np.sqrt(inverse) * identity
    terms = _pairs(0, collective)
    if np.any(identity):
        terms.append(Term(0, 0, 0, (blocks.N - inverse) * identity, np.conj(identity)))
    for hop in (-1, 1):
        w = np.sqrt(_hop_weight(hop, blocks))
        terms += _pairs(hop, {a: w * c for a, c in kraus(hop).items()})
    return square, terms


def _pairs(hop: int, family: dict[int, np.ndarray]) -> list[Term]:
    return [Term(hop, a, b, left, np.conj(right)) for a, left in family.items() for b, right in family.items()]


def split_by_self(jump: LocalJump, N: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(j_s, Γ_s) with Γ_s tabulated over N/2 − M = 0 … N; Γ is asked only where Δ can lie."""
    r = jump.delta
    m = 1 - 2 * np.arange(N + 1) / N
    if jump.include_self:
        return [(jump.operator, jump.amplitude(r[0] + r[3] * m))]
    parts = []
    for projector, sign in zip(PROJECTORS, (1, -1), strict=True):
        possible = (m > -1) if sign > 0 else (m < 1)  # some particle is up, or down
        value = np.zeros(N + 1)
        delta = r[0] * (N - 1) / N + r[3] * (m - sign / N)
        value[possible] = jump.amplitude(delta[possible])
        parts.append((jump.operator @ projector, value))
    return parts


def _at_shift(table: np.ndarray, shift: int, blocks: DickeBlocks) -> np.ndarray:
    """Values at M of the source, M − shift, over destination rows; zero where M − shift is no value of M."""
    index = np.rint(blocks.N / 2 - (blocks.row_M - shift)).astype(int)
    inside = (index >= 0) & (index <= blocks.N)
    return np.where(inside, table[np.clip(index, 0, blocks.N)], 0.0)
