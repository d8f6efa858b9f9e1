"""Modes and classical directions of fluctuations, separated by the kernel of the symplectic form.

T σ Tᵀ = ω ⊕ 0 with ω = ⊕ [[0, 1], [−1, 0]]: the rows of T combine the fluctuations F_a into canonical pairs
(x_1, p_1, …, x_k, p_k), [x_i, p_j] = i δ_ij, and into classical directions, which commute with everything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.linalg import null_space, schur

from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_number

TOLERANCE = 1e-10  # strengths below this, relative to the scale, count as zero: above the error of an integrated m(t)
SYMMETRY = 1e-9  # relative departure from (anti)symmetry, or from commuting groups, that counts as rounding
SAME = 64 * np.finfo(float).eps  # strengths closer than this, relative to the largest, are one degenerate strength
ENOUGH = 0.3  # a row is aligned with the first axis whose weight is at least this share of the largest


@dataclasses.dataclass(frozen=True)
class CanonicalModes:
    """Canonical pairs, modes (2k, n), and classical directions (n − 2k, n) as rows over the n fluctuations.

    strengths, shape (k,), are the values that σ had in each mode before it was scaled to 1 (2|m| for a spin species);
    mode_group (k,) and classical_group (n − 2k,) say to which group a mode or classical direction belongs.
    """

    modes: np.ndarray
    classical: np.ndarray
    strengths: np.ndarray
    mode_group: np.ndarray
    classical_group: np.ndarray

    @property
    def matrix(self) -> np.ndarray:
        """T, shape (n, n): canonical pairs above classical directions; invertible."""
        return np.vstack([self.modes, self.classical])

    def covariance(self, covariance) -> np.ndarray:
        """Canonical covariance of all modes, shape (2k, 2k), of a covariance (n, n); classical directions left out."""
        full = checked_matrix(covariance, "covariance", +1)
        if len(full) != self.modes.shape[1]:
            raise FiniteNError(
                f"covariance: got {len(full)} directions and a symplectic form of {self.modes.shape[1]}; give both "
                "for the same fluctuations."
            )
        reduced = self.modes @ full @ self.modes.T
        return (reduced + reduced.T) / 2


def canonical_modes(
    symplectic, groups: Sequence[Sequence[int]] | None = None, tolerance: float = TOLERANCE, scale: float | None = None
) -> CanonicalModes:
    """Separate modes from classical directions: T σ Tᵀ = ω ⊕ 0, from the real Schur form of σ.

    Within a group the planes of σ are ordered by falling strength s, each spanned by orthonormal x, p with xᵀσp = s and
    scaled by 1/√s; the classical rows are orthonormal. The rotation left free in a plane, or among planes of equal
    strength, is fixed by the coordinate axes: each x is the projection of an axis on what remains, so that p has no
    component along that axis. A single classical direction is signed so that the group's rows are right-handed. For a
    spin species (σ_ab = 2 ε_abc m_c) that gives x ⊥ m in the plane of m and e_x (of e_y if m is nearly along ±e_x),
    p = m̂ × x, and the classical direction +m̂.

    Parameters
    ----------
    symplectic : array, shape (n, n)
        σ_ab = −i⟨[F_a, F_b]⟩, real and antisymmetric, ħ = 1.
    groups : list of lists of indices, optional
        Parts of 0 … n − 1 (species, boson modes) that commute with each other. Each mode then belongs to one group,
        and the modes are ordered by group. Default: one group.
    tolerance, scale : float, optional
        Strengths up to tolerance·scale count as zero. The scale is by default the largest strength.

    Raises
    ------
    FiniteNError
        If σ is not real, square, finite and antisymmetric, or the groups do not form a partition or do not commute.

    Example
    -------
    >>> s = canonical_modes([[0, 1.2, 0], [-1.2, 0, 0], [0, 0, 0]])  # Bloch vector (0, 0, 0.6)
    >>> print(s.strengths, s.classical)
    [1.2] [[0. 0. 1.]]

    Source: the symplectic form of quantum fluctuations, as in Goderis, Verbeure and Vets, Probab. Theory Relat. Fields
    82, 527 (1989).
    """
    sigma = checked_matrix(symplectic, "symplectic form", -1)
    n = len(sigma)
    if groups is not None and not isinstance(groups, list | tuple):
        raise FiniteNError(f"groups: got {shown(groups)}; give a list of lists of indices.")
    parts = [list(range(n))] if groups is None else [indices(g, n) for g in groups]
    if sorted(i for part in parts for i in part) != list(range(n)):
        raise FiniteNError(f"groups: got {shown(groups)}; give every index from 0 to {n - 1} once.")
    norm = float(np.linalg.norm(sigma, 2)) if n else 0.0
    outside = sigma.copy()
    for part in parts:
        outside[np.ix_(part, part)] = 0
    if np.abs(outside).max(initial=0) > SYMMETRY * norm:
        a, b = np.unravel_index(np.argmax(np.abs(outside)), (n, n))
        raise FiniteNError(
            f"groups: directions {a} and {b} are in different groups and do not commute (σ = {sigma[a, b]:g}); "
            "put them into one group."
        )
    floor = check_number(tolerance, "tolerance", 0) * (norm if scale is None else check_number(scale, "scale", 0))
    modes, classical, strengths, mode_group, classical_group = [], [], [], [], []
    for label, part in enumerate(parts):
        pairs, kernel, s = _separate(sigma[np.ix_(part, part)], floor)
        for rows, found in ((pairs, modes), (kernel, classical)):
            spread = np.zeros((len(rows), n))
            spread[:, part] = rows
            found.append(spread)
        strengths.append(s)
        mode_group += [label] * len(s)
        classical_group += [label] * len(kernel)
    return CanonicalModes(
        np.vstack(modes) if modes else np.zeros((0, n)),
        np.vstack(classical) if classical else np.zeros((0, n)),
        np.concatenate(strengths) if strengths else np.zeros(0),
        np.array(mode_group, dtype=int),
        np.array(classical_group, dtype=int),
    )


def _separate(sigma: np.ndarray, floor: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of the pairs (2k, n), of the kernel (n − 2k, n), and the strengths (k,), of one group."""
    n = len(sigma)
    if n == 0:
        return np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0)
    _, z = schur(sigma, output="real")
    t = z.T @ sigma @ z
    t = (t - t.T) / 2
    planes, strengths, kernel, i = [], [], [], 0
    while i < n:
        if i + 1 < n and abs(t[i, i + 1]) > floor:
            x, p = (i, i + 1) if t[i, i + 1] > 0 else (i + 1, i)
            planes.append((z[:, x] - 1j * z[:, p]) / np.sqrt(2))  # σ(x − ip) = is(x − ip)
            strengths.append(abs(t[i, i + 1]))
            i += 2
        else:
            kernel.append(z[:, i])
            i += 1
    order = np.argsort(-np.array(strengths), kind="stable")
    s = np.array(strengths)[order]
    rows, start = [], 0
    for end in range(1, len(s) + 1):
        if end == len(s) or s[end - 1] - s[end] > SAME * s[0]:
            for v in _anchored(np.array([planes[j] for j in order[start:end]]).T):
                rows += [np.sqrt(2) * v.real, -np.sqrt(2) * v.imag]
            start = end
    classical = _anchored(np.array(kernel).T) if kernel else []
    if len(classical) == 1 and np.linalg.det(np.array([*rows, classical[0]])) < 0:
        classical = [-classical[0]]
    pairs = np.array(rows).reshape(-1, n) / np.sqrt(np.repeat(s, 2))[:, None]
    return pairs, np.array(classical).reshape(-1, n), s


def _anchored(v: np.ndarray) -> list[np.ndarray]:
    """An orthonormal basis of the span of the columns of v, shape (n, r), which depends on the span only."""
    found = []
    while v.shape[1]:
        weight = np.sum(np.abs(v) ** 2, axis=1)
        along = v[np.argmax(weight > ENOUGH * weight.max())].conj()
        along = along / np.linalg.norm(along)
        found.append(v @ along)
        v = v @ null_space(along.conj()[None])
    return found


def checked_matrix(value, name: str, sign: int) -> np.ndarray:
    """A real square matrix made exactly symmetric (sign +1) or antisymmetric (−1); refuses anything else."""
    word = "symmetric" if sign > 0 else "antisymmetric"
    try:
        given = np.asarray(value)
        matrix = np.array(given.real, dtype=float)
        imaginary = np.any(np.imag(given) != 0)
    except (TypeError, ValueError):
        raise FiniteNError(f"{name}: got {shown(value)}; give a real {word} matrix.") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or imaginary or not np.all(np.isfinite(matrix)):
        what = "complex entries" if imaginary else f"shape {matrix.shape}, finite: {bool(np.all(np.isfinite(matrix)))}"
        raise FiniteNError(f"{name}: got {what}; give a square, real and finite {word} matrix.")
    departure = np.abs(matrix - sign * matrix.T).max(initial=0)
    if departure > SYMMETRY * np.abs(matrix).max(initial=0):
        raise FiniteNError(
            f"{name}: got a matrix that is not {word} (by {departure:.1e}); give "
            + ("Σ_ab = ½⟨{F_a, F_b}⟩." if sign > 0 else "σ_ab = −i⟨[F_a, F_b]⟩.")
        )
    return (matrix + sign * matrix.T) / 2


def indices(group, n: int) -> list[int]:
    """Different whole numbers below n, as a list; refuses anything else."""
    try:
        part = [int(i) for i in group]
        fits = all(i == j for i, j in zip(part, group, strict=True))
    except (TypeError, ValueError):
        raise FiniteNError(f"groups: got {shown(group)}; give a list of indices of directions.") from None
    if not part or not fits or len(set(part)) < len(part) or min(part) < 0 or max(part) >= n:
        raise FiniteNError(f"groups: got {shown(group)}; give different indices from 0 to {n - 1}.")
    return part
