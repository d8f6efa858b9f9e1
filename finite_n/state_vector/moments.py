"""Functionals of |ψ⟩: averages, their products, levels, observables."""

from __future__ import annotations

import numpy as np

from finite_n.engine.moments import Readout, pairs
from finite_n.model.polynomial import Polynomial
from finite_n.state_vector.hamiltonian import ClosedSystem


def read(readout: Readout, system: ClosedSystem, wide: ClosedSystem, psi: np.ndarray) -> np.ndarray:
    """⟨ψ|O|ψ⟩ of what `readout` names; operators act on the levels of `wide`."""
    whole = system.embedded(psi, wide.cutoffs[0] - system.cutoffs[0] if system.cutoffs else 0)
    images = [wide.act(a, whole) for a in system.model.space.letters]
    # einsum: threads of BLAS, once woken, would spin beside the next product
    means = [np.einsum("i,i", whole.conj(), x).real for x in images]
    squares = [np.einsum("i,i", images[a].conj(), images[b]).real for a, b in pairs(len(images))]
    del images
    weights = np.zeros(readout["weights"].stop - readout["weights"].start)
    weights[0] = np.einsum("i,i", psi.conj(), psi).real
    observables = [expectation(wide, p, whole) for p in readout.given]
    return np.array(
        readout.arranged(
            averages=means,
            products=squares,
            levels=[x for p in populations(system, psi) for x in p],
            weights=weights,
            observables=[part for x in observables for part in (x.real, x.imag)],
        )
    )


def populations(system: ClosedSystem, psi: np.ndarray) -> list[np.ndarray]:
    """Weights of the levels of every mode."""
    weight = (psi.real**2 + psi.imag**2).reshape(system.shape)
    axes = range(weight.ndim)
    return [weight.sum(axis=tuple(b for b in axes if b != a)) for a in axes[len(system.species) :]]


def expectation(system: ClosedSystem, p: Polynomial, psi: np.ndarray) -> complex:
    """⟨ψ|p|ψ⟩ of an ordered polynomial."""
    out, bra = 0j, psi.conj()
    known: dict = {(): psi}  # words end alike more often than not
    for word in sorted(p.words, key=len):
        out += p.words[word] * np.einsum("i,i", bra, _word(system, word, known))
    return complex(out)


def _word(system: ClosedSystem, word, known: dict) -> np.ndarray:
    if word not in known:
        image = system.act(word[0], _word(system, word[1:], known))
        if len(word) > 1:
            return image
        known[word] = image
    return known[word]
