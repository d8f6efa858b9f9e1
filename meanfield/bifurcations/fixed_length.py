"""Models that conserve the length of a species' Bloch vector, at a given length.

Collective models, such as Dicke's without emission, conserve |m_s| of every species, so each of their fixed points is
one of a family with a zero eigenvalue of Q along it. On the sphere |m_s| = r the family is a point. Here

    ṁ_s = f_s(m) − (|m_s|² − r²) m_s,    m_s·f_s(m) = 0,

so that the sphere attracts at the rate 2r². On it f is the model's own, and since m_s is a left null vector of Q there,
the eigenvalues are those of Q with −2r² in place of the zero.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.species import Species
from finite_n.model.time_dependent import check_constant
from meanfield.bifurcations import state_space
from meanfield.limit.limit import Limit

_CONSERVED = 1e-12  # |m_s·f_s| relative to |f|, rounding
_NEAR = 1e-6  # in |m_s|²


def conserved_lengths(limit: Limit) -> list[Species]:
    """The two-level species whose |m_s| the drift conserves, as seen at a state without symmetry."""
    space = limit.model.space
    m = state_space.generic_state(space)
    f = limit.drift(m)
    small = _CONSERVED * max(1.0, np.linalg.norm(f))
    return [s for s in space.species if s.dim == 2 and abs(m[space.part(s)] @ f[space.part(s)]) <= small]


def advice_on_continua(limit) -> str:
    """What to try if fixed points form a continuum."""
    kept = conserved_lengths(limit) if isinstance(limit, Limit) else []
    if not kept:
        return "begin at another value"
    names = " and of ".join(f"species {s.name}" if s.name else "the particles" for s in kept)
    return f"the drift conserves |m| of {names}: fix it with FixedLength(model)"


class FixedLength:
    """A model that conserves |m_s|, for `fixed_points`, `branches`, `attractor`, `phase_diagram` and the like, at given
    |m_s|.

    Parameters
    ----------
    model : Model or Limit
    length : float, or dict of floats by name of species
        |m_s| in (0, 1], 1 for product states of pure particles. A number applies to all two-level species whose length
        is conserved; a dict names those whose length is fixed. Default 1.

    drift(m) and jacobian(m) take the averages of all letters as those of `Limit` do; eigenvalues are those of the
    model, with −2|m_s|² in place of the zero along m_s. Only points of the spheres count as states.

    Raises FiniteNError if a length is not conserved, or not in (0, 1].

    Example
    -------
    >>> from finite_n.systems import dicke_model
    >>> from meanfield import FixedLength, continue_branch
    >>> family = lambda g: FixedLength(dicke_model(coupling=g, loss=0.6))
    >>> branch = continue_branch(family, [0, 0, -1, 0, 0], 0.2, (0.1, 1.0))
    >>> [(b.side, b.kind, b.parameters.round(6).tolist()) for b in branch.bifurcations]
    [('supercritical', 'pitchfork', [0.675463])]
    """

    def __init__(self, model: Model | Limit, length: float | Mapping[str, float] = 1.0):
        self.limit = model if isinstance(model, Limit) else Limit(model)
        check_constant(self.limit, "fixed length")
        space, kept = self.limit.model.space, {s.name: s for s in conserved_lengths(self.limit)}
        if not isinstance(length, Mapping):
            length = dict.fromkeys(kept, length)
        if not length or not set(length) <= set(kept):
            raise FiniteNError(
                f"fixed length: got length = {dict(length)}; of the two-level species of {shown(self.limit.model)} the "
                f"drift conserves |m| of {sorted(kept) or 'none'}."
            )
        for name, r in length.items():
            if not isinstance(r, numbers.Real) or not 0 < r <= 1:
                raise FiniteNError(
                    f"fixed length: |m| = {shown(r)} for species {shown(name)}; give a number above 0, at most 1."
                )
        self._spheres = [(space.part(kept[name]), float(r)) for name, r in length.items()]

    @property
    def axes(self) -> tuple[str, ...]:
        """Labels of the letters."""
        return self.limit.axes

    def _averages(self, m) -> np.ndarray:
        """m as floats, shape (n,); nan may be among them."""
        try:
            out = np.asarray(m, dtype=float)
            fits = out.shape == (len(self.axes),)
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise FiniteNError(f"fixed length: averages {shown(m)}; give {len(self.axes)} real numbers.")
        return out

    def drift(self, m) -> np.ndarray:
        """f(m) − (|m_s|² − r²) m_s, shape (n,)."""
        m = self._averages(m)
        f = self.limit.drift(m)
        for at, r in self._spheres:
            f[at] -= (m[at] @ m[at] - r * r) * m[at]
        return f

    def jacobian(self, m) -> np.ndarray:
        """The derivative of the drift at m, shape (n, n)."""
        m = self._averages(m)
        q = self.limit.jacobian(m)
        for at, r in self._spheres:
            q[at, at] -= (m[at] @ m[at] - r * r) * np.eye(3) + 2 * np.outer(m[at], m[at])
        return q

    def starts(self, count: int, seed: int) -> np.ndarray:
        """`count` starts of the limit, shape (count, n), by a seed, moved to the spheres."""
        points = state_space.starts(self.limit, count, seed)
        for at, r in self._spheres:
            points[:, at] *= r / np.linalg.norm(points[:, at], axis=1, keepdims=True)
        return points

    def boundary(self, m) -> tuple[float, np.ndarray]:
        """That of the states of other species, and of the neighbourhood of the spheres that counts as on them: what
        is left of it at m, and its gradient (n,)."""
        m = self._averages(m)
        others, edges = m.copy(), []
        for at, r in self._spheres:
            off, gradient = float(m[at] @ m[at] - r * r), np.zeros(len(m))
            gradient[at] = 2 * np.copysign(1, off) * m[at]
            edges.append((abs(off) - _NEAR, gradient))
            others[at] = 0.0
        return max([*edges, state_space.boundary(self.limit, others)], key=lambda e: e[0])

    @property
    def index(self) -> int:
        """Σ sign det(−Q) over all roots: the Euler characteristic, 2 for every sphere."""
        return 2 ** len(self._spheres)

    def __repr__(self):
        return f"{self.limit!r} on {len(self._spheres)} sphere{'s' * (len(self._spheres) > 1)}"
