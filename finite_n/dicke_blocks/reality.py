"""Whether a generator is real in the basis |J, M⟩ ⊗ |n⟩, decided operator by operator: σy and π are the imaginary
letters."""

from __future__ import annotations

import numpy as np

from finite_n.dicke_blocks.operators import ladder_coefficients
from finite_n.model.model import Model
from finite_n.model.operators import from_coefficients
from finite_n.model.polynomial import linear_coefficients


def is_real(model: Model) -> bool:
    """True if every part of the generator has real matrix elements; two-level species only."""

    def small(x, scale):
        return np.all(np.abs(np.imag(x)) <= 1e-14 * np.max(np.abs(scale), initial=0))

    words = model.hamiltonian.words
    largest = max((abs(c) for c in words.values()), default=0.0)
    for word, c in words.items():
        imaginary = sum(a.index == 2 for a in word)
        if word and not small(c * 1j ** (imaginary + 1), largest):
            return False
    for jump in model.jumps:
        j = jump.operator.ravel()
        phase = j[np.argmax(np.abs(j))]
        size = max((abs(c) for c in jump.argument.words.values()), default=0.0)
        tilted = [c for w, c in jump.argument.words.items() if w and w[0].index != 3]
        if np.linalg.norm(tilted) > 1e-12 * size or (phase != 0 and not small(j * np.conj(phase) / abs(phase), j)):
            return False
    for part in model.collective:
        q = np.array([_ladders(model, p) for p in part.polynomials])
        form = np.einsum("mn,nq,mr->qr", part.kossakowski, q, q.conj())
        if not small(form, form):
            return False
    return True


def _ladders(model: Model, p) -> np.ndarray:
    """A linear polynomial over 1, s+, s−, s_z of every species and a, a† of every mode, up to real factors."""
    out = [[p.words.get((), 0)]]
    for s in model.species:
        own = linear_coefficients(p, s.letters)
        own[0] = 0
        out.append(ladder_coefficients(from_coefficients(own))[1:])
    for mode in model.modes:
        phi, pi = linear_coefficients(p, mode.letters)[1:]
        out.append([phi - 1j * pi, phi + 1j * pi])
    return np.concatenate(out)
