"""`fidelity`: how close a state is to another one."""

from __future__ import annotations

import collections
from collections.abc import Iterator

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.state_functions.density_matrix import DensityMatrix, known, of_every_time
from finite_n.states.initial_state import as_initial_state


def fidelity(state, other):
    """Uhlmann's fidelity F = (tr √(√ρ σ √ρ))² = (Σ_J ‖√ρ_J √σ_J‖₁)², from 0 to 1; ⟨ψ|ρ|ψ⟩ if one of them is pure.

    The d_J copies of a block drop out. (`qutip.fidelity` is the square root of it.)

    Parameters
    ----------
    state : Result or SteadyState, as of `entropy`
    other : an initial state as `evolve` takes it, or a SteadyState, or a Result
        Of a `Result` the last state is used.

    Returns
    -------
    array (T,) of a `Result`, T = 1 if states were not kept; a number of a `SteadyState`

    An error ε of one state in trace norm changes √F by at most about √ε, and F by at most ε/2 if the other one is pure.

    Raises FiniteNError where the blocks ρ_J are not known (evolve with basis="dicke" to know them), and for states of
    other numbers of particles.

    Example
    -------
    >>> from finite_n import Model, coherent, evolve, fidelity, mz
    >>> turned = evolve(Model(0.25 * mz), 4, coherent(1.5707963267949), [0, 1], basis="dicke")
    >>> fidelity(turned, coherent(1.5707963267949, 0.5)).round(8)
    array([1.])

    Source: A. Uhlmann, Rep. Math. Phys. 9, 273 (1976).
    """
    given = known(other) if hasattr(other, "density_matrices") else None
    if isinstance(given, Iterator):
        (given,) = collections.deque(given, maxlen=1)

    def to_other(x: DensityMatrix) -> float:
        y = given
        if y is None:
            model = Model(0.0, species=x.space.species, modes=x.space.modes)
            y = DensityMatrix.of_initial(as_initial_state(other, model), sum(x.sizes), x.levels)
        return fidelity_between(x, y)

    return of_every_time(state, to_other)


def fidelity_between(x: DensityMatrix, y: DensityMatrix) -> float:
    """The fidelity of two states of the same particles and modes."""
    if y.sizes != x.sizes or len(y.levels) != len(x.levels):
        raise FiniteNError(
            f"fidelity: the states have {_in_words(x)} and {_in_words(y)}; give two states of the same particles and "
            "modes."
        )
    levels = [max(pair) for pair in zip(x.levels, y.levels, strict=True)]
    return _fidelity(x.with_levels(levels), y.with_levels(levels))


def _in_words(x: DensityMatrix) -> str:
    return f"{' + '.join(map(str, x.sizes))} particles, {len(x.levels)} modes"


def _fidelity(one: DensityMatrix, other: DensityMatrix) -> float:
    roots, others = _roots(one), _roots(other)
    total = sum(np.linalg.norm(roots[at] @ others[at], "nuc") for at in roots.keys() & others.keys())
    return float(total**2)


def _roots(state: DensityMatrix) -> dict[tuple[int, ...], np.ndarray]:
    """√ρ of every block; eigenvalues that are nothing but rounding count as zero, since the root of 1e-17 is 3e-9."""
    parts = {at: np.linalg.eigh(block) for at, block in state.blocks.items()}
    sizes, largest = zip(*((len(p), np.abs(p).max(initial=0.0)) for p, _ in parts.values()), strict=True)
    rounding = max(sizes) * np.finfo(float).eps * max(largest)
    return {
        at: (vectors * np.sqrt(np.where(p > rounding, p, 0.0))) @ vectors.conj().T for at, (p, vectors) in parts.items()
    }
