"""Fixed points of the mean-field drift inside the Bloch ball, and their linear stability."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.optimize import root
from scipy.stats import qmc

from finite_n.errors import FiniteNError
from finite_n.model import Model
from meanfield.limit import Limit

ZERO = 1e-7  # real parts of eigenvalues below this are called zero


@dataclasses.dataclass(frozen=True)
class FixedPoint:
    """m with f(m) = 0, the eigenvalues of Q there (shape (3,), by falling real part) and a word for them.

    stability: "stable" (all real parts < 0), "unstable" (one > 0), or "marginal" (the largest is zero, as with a
    conserved quantity, where linearisation does not decide and the point may belong to a continuum).
    """

    m: np.ndarray
    eigenvalues: np.ndarray
    stability: str

    def __repr__(self):
        m = ", ".join(f"{x:+.6f}" for x in self.m)
        return f"FixedPoint(m = ({m}), {self.stability}, eigenvalues {np.array2string(self.eigenvalues, precision=4)})"


def fixed_points(model: Model, starts: int = 64, separation: float = 1e-5) -> list[FixedPoint]:
    """All points with f(m) = 0 found from `starts` low-discrepancy points of the Bloch ball, |m| ≤ 1.

    Points closer than `separation` count as one. A continuum of fixed points comes back as a sample of marginal points.
    """
    if not isinstance(starts, int) or starts < 1:
        raise FiniteNError(f"fixed points: starts = {starts!r}; give a whole number, 1 or more.")
    limit = Limit(model)
    cube = 2 * qmc.Halton(3, scramble=False).random(4 * starts) - 1
    ball = cube[np.linalg.norm(cube, axis=1) <= 1][:starts]
    found: list[FixedPoint] = []
    for start in ball:
        solution = root(limit.drift, start, jac=limit.jacobian, method="lm", options={"xtol": 1e-14, "ftol": 1e-14})
        m = solution.x
        if np.linalg.norm(m) > 1 + 1e-9 or np.abs(limit.drift(m)).max() > 1e-10:
            continue
        if all(np.linalg.norm(m - p.m) > separation for p in found):
            eigenvalues = np.linalg.eigvals(limit.jacobian(m))
            eigenvalues = eigenvalues[np.argsort(-eigenvalues.real, kind="stable")]
            top = eigenvalues[0].real
            word = "stable" if top < -ZERO else "unstable" if top > ZERO else "marginal"
            found.append(FixedPoint(m, eigenvalues, word))
    return sorted(found, key=lambda p: tuple(np.round(p.m, 6)))
