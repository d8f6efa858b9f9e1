"""For every species a unitary that makes all Δ of a model diagonal in its levels, and the start real where it can."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.rotation import turned
from finite_n.occupations.columns import Columns
from finite_n.occupations.labels import Trial
from finite_n.occupations.steps import run_all

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
                        f"{s}: the Δ of {shown(jump)} and of {shown(other)} contain operators of its particles that do "
                        "not commute, so no basis of levels suits both; use two-level particles with basis='dicke', "
                        "which turns between them, or choose rates whose Δ commute."
                    )
        if all(np.abs(r - np.diag(np.diag(r))).max() <= _EXACT for _, r in fields):
            out[s.name] = np.eye(s.dim, dtype=complex)
            continue
        mixing = np.random.default_rng(0).uniform(1, 2, len(fields))
        vectors = np.linalg.eigh(sum(c * r for c, (_, r) in zip(mixing, fields, strict=True)))[1]
        out[s.name] = vectors.conj().T
    return out


def with_real_start(
    columns: Columns, densities: Mapping[str, np.ndarray], frames: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The frames with phases of the levels that make one-particle states real, where they are symmetries of the model:
    then imaginary parts never arise. `columns`: of the frames."""
    out = dict(frames)
    for name, density in densities.items():
        rho = turned(density, frames[name])
        first = np.argmax(np.abs(np.diag(rho)))
        phases = np.where(np.abs(rho[first]) > _EXACT, np.exp(1j * np.angle(rho[first])), 1.0)
        phases[first] = 1.0
        if not np.any(rho.imag) or np.any(turned(rho, np.diag(phases)).imag):
            continue
        tried = out | {name: np.diag(phases) @ frames[name]}
        if _same_chains(columns, columns.in_frames(tried)):
            out = tried
    return out


def _same_chains(one: Columns, other: Columns) -> bool:
    trials = [Trial(x, *_all_units(x)) for x in (one, other)]
    rows = trials[0].samples(_generic_label(trials[0].columns))
    images = [run_all(t.chains, rows) for t in trials]
    sizes = run_all(trials[0].chains, rows, absolute=True)
    largest = max((np.abs(c).max() for c in sizes.values()), default=0.0)
    shifts = images[0].keys() | images[1].keys()
    return all(np.abs(images[0].get(s, 0) - images[1].get(s, 0)).max() <= _EXACT * largest for s in shifts)


def _all_units(columns: Columns) -> tuple[list[np.ndarray], np.ndarray]:
    return [np.arange(p.dim) * (p.dim + 1) for p in columns.particles], np.ones(columns.width, dtype=bool)


def _generic_label(columns: Columns) -> np.ndarray:
    out = np.zeros((1, columns.width), dtype=np.int64)
    for p in columns.particles:
        out[0, p.first : p.last] = p.size // (2 * p.dim**2)
        out[0, p.first : p.last : p.dim + 1] = 0
    return out
