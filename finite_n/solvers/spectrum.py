"""`spectrum`: the slowest eigenvalues of the Liouvillian at one N, its zero modes and its gap."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from finite_n.dicke_blocks import initial_state
from finite_n.dicke_blocks.rotation import in_laboratory
from finite_n.eigenmodes.dicke_sectors import typical_rate
from finite_n.eigenmodes.low_spectrum import Origin, Spectrum, low_spectrum
from finite_n.eigenmodes.prepare import check_question, generator, searched
from finite_n.eigenmodes.product_search import all_products, product_start
from finite_n.eigenmodes.sectors import Sector, reached_by
from finite_n.errors import FiniteNError
from finite_n.model.model import Model
from finite_n.model.validation import check_whole
from finite_n.states.initial_state import InitialState, as_initial_state
from finite_n.threads import one_blas_thread
from finite_n.typing import StateLike

MOST = 200  # eigenvalues
_WHAT = "the spectrum"


@one_blas_thread
def spectrum(
    model: Model,
    N: int,
    k: int = 6,
    *,
    J: float | Mapping[str, float] | None = None,
    rho0: StateLike | None = None,
    tol: float = 1e-9,
    cutoffs: Mapping[str, int] | None = None,
) -> Spectrum:
    """The k eigenvalues λ of L_N, L_N v = λ v, with the largest real parts (ħ = 1).

    All are eigenvalues on the permutation-symmetric operators, (N+1)(N+2)(N+3)/6 in number for one species of two-level
    particles, C(N + d² − 1, N) for d levels.

    Parameters
    ----------
    model : Model
    N : int
        Number of particles, N ≥ 1.
    k : int
        How many, 1 … 200. More are returned where modes tie for the last place, and where k modes or more do
        not decay: the slowest decaying mode is always among them. Of ties in large sectors some may be left out;
        `left_out` says so. Default 6.
    J : float, or dict of names of species to float, optional
        Only operators within these blocks, of species whose particles do not jump one by one, so that J is conserved:
        J = N/2 for the symmetric states. Default: all J, and `gap` is that of all of them together.
    rho0 : State, Bloch vector (3,) or one-particle state (d, d), optional; with several species or modes a dict of them
        and of Fields
        Only sectors in which this start has a part: no other mode shows in its evolution. Default: all sectors.
    tol : float
        Residual allowed, and |λ| below which an eigenvalue counts as zero, in units of the largest decay rate per
        particle. A gap that closes exponentially in N counts as zero when it is smaller. Default 1e-9.
    cutoffs : dict of names of modes to int
        Highest Fock level kept; needed where there are modes. Compare two choices: eigenvalues of high modes need the
        more levels.

    Returns
    -------
    Spectrum

    Raises FiniteNError for bad N, k, J, rho0, tol or cutoffs, where J is not conserved, for a model without dissipation
    (its eigenvalues are differences of energies), if the search does not fit into memory, or if the residual asked for
    is not reached.

    Example
    -------
    >>> import numpy as np, qutip
    >>> from finite_n import LocalJump, Model, spectrum
    >>> decay = Model(jumps=[LocalJump(qutip.sigmam())])
    >>> np.abs(spectrum(decay, 10, k=3).eigenvalues.round(9))
    array([0. , 0.5, 0.5])
    """
    started = time.perf_counter()
    k = check_count(k)
    N, tol = check_question(model, N, tol)
    if model.modes and cutoffs is None:
        names = ", ".join(f"{mode.name!r}: 20" for mode in model.modes)
        raise FiniteNError(f"{_WHAT}: say where the modes are cut off, for example cutoffs={{{names}}}.")
    start = None if rho0 is None else as_initial_state(rho0, model)
    on_blocks = all(s.dim == 2 for s in model.species)
    sectors, origin = (_of_blocks if on_blocks else _of_products)(model, N, k, start, J, cutoffs)
    found = low_spectrum(sectors, k, tol, origin)
    found.of_all = J is None and rho0 is None
    found.stats["run time"] = time.perf_counter() - started
    return found


def _of_blocks(model: Model, N: int, k: int, start: InitialState | None, J, cutoffs) -> tuple[list[Sector], Origin]:
    liouvillian = generator(_WHAT, model, N, cutoffs, J)
    blocks, frames = liouvillian.blocks, liouvillian.frames
    vector = None if start is None else initial_state.vector(start, blocks, frames)
    if vector is not None and not np.any(vector):
        raise FiniteNError(f"{_WHAT}: rho0 has no part in the blocks of this J; leave one of them out.")
    levels = {mode.name: quanta.cutoff for mode, quanta in zip(model.modes, blocks.modes, strict=True)}

    def matrices(full):
        return in_laboratory(full, frames, blocks, model.space)

    origin = Origin(N, typical_rate(liouvillian), levels, matrices)
    return searched(_WHAT, liouvillian, k, start=vector), origin


def _of_products(model: Model, N: int, k: int, start: InitialState | None, J, cutoffs) -> tuple[list[Sector], Origin]:
    made = all_products(_WHAT, model, N, J, cutoffs, k)
    sectors = made.sectors
    if start is not None:
        vector = product_start(start, made)
        sectors = reached_by(sectors, vector, made.frobenius(vector))
    columns = made.elements.columns
    return sectors, Origin(N, made.lindbladian.rate, {b.name: b.cutoff for b in columns.bosons}, None)


def check_count(k) -> int:
    """A number of eigenvalues."""
    return check_whole(k, "number of eigenvalues k", 1, MOST)
