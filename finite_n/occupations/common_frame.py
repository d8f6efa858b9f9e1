"""For every species a unitary that makes all Δ of a model diagonal in its levels."""

from __future__ import annotations

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model

_EXACT = 1e-12  # of the size of an operator: what counts as zero


def common_frames(model: Model) -> dict[str, np.ndarray]:
    """{name of a species: U (d, d)} with U r U† diagonal for what every Δ says of the species; 1 where it is already.

    Raises FiniteNError if two of these operators do not commute: no basis of levels can hold both.

    >>> from finite_n import LocalJump, Model, mx
    >>> import qutip
    >>> U = common_frames(Model(jumps=[LocalJump(qutip.sigmam(), np.exp, mx)]))[""]
    >>> np.diag(U @ qutip.sigmax().full() @ U.conj().T).real.round(12)
    array([-1.,  1.])
    """
    out = {}
    for s in model.species:
        fields = [(jump, jump.field(s.name, s.dim)) for jump in model.jumps if not jump.amplitude.is_constant]
        fields = [(jump, r / np.linalg.norm(r)) for jump, r in fields if np.any(r)]
        for i, (jump, r) in enumerate(fields):
            for other, q in fields[:i]:
                if np.abs(r @ q - q @ r).max() > _EXACT:
                    raise FiniteNError(
                        f"{s}: the Δ of {shown(jump)} and of {shown(other)} contain operators of its particles that do not commute, so no "
                        "basis of levels suits both; for one species of two levels use evolve, which turns between them, else "
                        "choose rates whose Δ commute."
                    )
        if all(np.abs(r - np.diag(np.diag(r))).max() <= _EXACT for _, r in fields):
            out[s.name] = np.eye(s.dim, dtype=complex)
            continue
        mixing = np.random.default_rng(0).uniform(1, 2, len(fields))
        vectors = np.linalg.eigh(sum(c * r for c, (_, r) in zip(mixing, fields, strict=True)))[1]
        out[s.name] = vectors.conj().T
    return out
