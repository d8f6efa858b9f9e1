"""Labels of symmetrised products, and the sets of them that a generator does not leave or enter.

A label is the pair of off-diagonal occupations (n_ud, n_du) of a basis element (`finite_n.occupations.steps`). Two sets of
labels give exact results, and so does what is in both:

- forward: all labels that a state can reach; the others stay empty;
- backward: all labels that an observable can be reached from; the others do not matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from finite_n.errors import FiniteNError, shown
from finite_n.model.model import Model
from finite_n.model.validation import check_size
from finite_n.occupations.columns import Layout
from finite_n.occupations.lindbladian import generator_chains
from finite_n.occupations.steps import run_all

Label = tuple[int, int]
ROUNDING = 1e-14  # of the absolute values added up: below it, a coefficient is what cancellation left
SAMPLES = 48  # elements tried for one label, spread over n_uu so that no Γ is zero on all of them


def observable_labels(degree: int) -> set[Label]:
    """Labels on which a polynomial of averages of this degree has a trace: n_ud + n_du ≤ degree.

    >>> sorted(observable_labels(1))
    [(0, 0), (0, 1), (1, 0)]
    """
    return {(k, l) for k in range(degree + 1) for l in range(degree + 1 - k)}


def closed_labels(
    model: Model, N: int, start: Iterable[Label], direction: Literal["forward", "backward"], limit: int
) -> set[Label] | None:
    """The smallest set of labels that holds `start` and is closed under the generator.

    Parameters
    ----------
    model : Model
        In a frame where every Δ lies along z, as for `images`.
    N : int
        Particles; labels with n_ud + n_du > N do not exist and are left out. Whether a label leads to another does not
        depend on N, so it is tried on random elements with many particles; at small N the set can only be too large.
    start : labels (n_ud, n_du)
    direction : "forward" or "backward"
        All labels that `start` leads to, or all that lead to `start`.
    limit : int
        Largest number of labels wanted.

    Returns
    -------
    set of labels, or None as soon as there are more than `limit`. A coefficient counts as zero below 1e-14 of the
    absolute values it is the sum of.

    Raises FiniteNError as `images` does, or for another direction.

    Example
    -------
    >>> from finite_n.systems import hopfield
    >>> closed_labels(hopfield(omega=0.0), 100, {(0, 0)}, "forward", 10)
    {(0, 0)}
    """
    if direction not in ("forward", "backward"):
        raise FiniteNError(f"direction = {shown(direction)}: give 'forward' or 'backward'.")
    N = check_size(N)
    found = {(int(k), int(l)) for k, l in start}
    found = {label for label in found if _exists(label, N)}
    rng = np.random.default_rng(0)
    hops = set().union(*_hops(model, [(60, 60)], rng))
    layer = sorted(found)
    while layer:
        if len(found) > limit:
            return None
        if direction == "forward":
            steps = zip(layer, _hops(model, layer, rng), strict=True)
            reached = {_moved(label, hop) for label, moves in steps for hop in moves}
        else:
            sources = sorted({_moved(label, hop, -1) for label in layer for hop in hops} - found)
            sources = [label for label in sources if _exists(label, N)]
            steps = zip(sources, _hops(model, sources, rng), strict=True)
            reached = {label for label, moves in steps if any(_moved(label, hop) in found for hop in moves)}
        layer = sorted(label for label in reached - found if _exists(label, N))
        found.update(layer)
    return found


def _exists(label: Label, N: int) -> bool:
    return min(label) >= 0 and sum(label) <= N


def _moved(label: Label, hop: Label, sign: int = 1) -> Label:
    return label[0] + sign * hop[0], label[1] + sign * hop[1]


def _hops(model: Model, labels: list[Label], rng: np.random.Generator) -> list[set[Label]]:
    """For every label the changes of label that the generator makes on it, by trial at an N of some hundreds."""
    if not labels:
        return []
    k, l = np.repeat(np.array(labels, dtype=np.int64), SAMPLES, axis=0).T
    N = 200 + 2 * int(np.max(k + l))  # not larger: parts of order 1/N^(degree−1) are to stay above rounding
    share = (np.tile(np.arange(SAMPLES), len(labels)) + rng.uniform(0.2, 0.8, len(k))) / SAMPLES
    up = np.rint(share * (N - k - l)).astype(np.int64)
    n = np.stack([up, k, l, N - k - l - up], axis=1)
    chains = generator_chains(Layout(model, [N]))
    value, size = run_all(chains, n), run_all(chains, n, absolute=True)
    out: list[set[Label]] = [set() for _ in labels]
    for shift, c in value.items():
        moves = np.any((np.abs(c) > ROUNDING * size[shift]).reshape(len(labels), SAMPLES), axis=1)
        for i in np.flatnonzero(moves):
            out[i].add(shift[1:3])
    return out
