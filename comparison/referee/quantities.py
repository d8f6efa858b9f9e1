"""Names of the quantities that studies compare, by the labels of the letters of a model's space.

    mean_<a>        ⟨m_a⟩                                       mean_x        mean_a.x           mean_field.phi
    cov_<a>_<b>     Σ_ab = ½⟨{F_a, F_b}⟩, a not after b         cov_xy        cov_a.x_b.z        cov_a.x_field.phi
    first_<a>       ⟨F_a⟩ of a mode, at finite N √N (⟨m_a⟩ − its limit)                          first_field.phi

The first examples are those of one species of two levels without a name and no modes, where cov_xy has no second bar.
"""

from __future__ import annotations

import itertools

import numpy as np

from finite_n.model.species import Space, Species


def mean_names(space: Space) -> tuple[str, ...]:
    """Names of the n averages, in the order of the letters."""
    return tuple(f"mean_{a}" for a in space.labels)


def covariance_names(space: Space) -> tuple[str, ...]:
    """Names of the n (n + 1)/2 covariances, in the order of `covariance_indices`."""
    between = "" if all(len(a) == 1 for a in space.labels) else "_"
    return tuple(f"cov_{space.labels[a]}{between}{space.labels[b]}" for a, b in covariance_indices(space))


def covariance_indices(space: Space) -> list[tuple[int, int]]:
    """(a, b), a ≤ b, of every covariance."""
    return list(itertools.combinations_with_replacement(range(space.size), 2))


def first_moment_names(space: Space) -> tuple[str, ...]:
    """Names of the first moments of the fluctuations of all modes, φ and π of each."""
    return tuple(f"first_{space.labels[a]}" for a in _mode_letters(space))


def named_quantities(
    means: np.ndarray, covariance: np.ndarray, space: Space | None = None, first_moments: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """{quantity: (T,)} from means (T, n) and covariance (T, n, n), and of modes from first_moments (T, n) if given.

    space: that of the model; default one species of two levels, n = 3.
    """
    space = _SPINS if space is None else space
    out = {name: means[:, a] for a, name in enumerate(mean_names(space))}
    pairs = zip(covariance_names(space), covariance_indices(space), strict=True)
    out |= {name: covariance[:, a, b] for name, (a, b) in pairs}
    if first_moments is not None:
        named = zip(first_moment_names(space), _mode_letters(space), strict=True)
        out |= {name: first_moments[:, a] for name, a in named}
    return out


def _mode_letters(space: Space) -> list[int]:
    return [a for mode in space.modes for a in range(space.part(mode).start, space.part(mode).stop)]


_SPINS = Space([Species()], [])
