"""`g2`: bunching of light, the second-order coherence of a collective operator or a mode at two times."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finite_n.errors import FiniteNError
from finite_n.model.inputs import read_operator
from finite_n.model.model import Model
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_kind
from finite_n.solvers.correlation import correlation
from finite_n.threads import one_blas_thread
from finite_n.typing import Cutoffs, StateLike

_ONE = Polynomial({(): 1})
_DARK = 10.0  # times the error: less light is none


@dataclasses.dataclass(frozen=True)
class Coherence:
    """g²(t, t + τ) = ⟨b†(t) b†(t + τ) b(t + τ) b(t)⟩ / (⟨b†b(t)⟩⟨b†b(t + τ)⟩) at one N.

    N; times: t, (T,), None in the stationary state; delays: τ, (D,); values: g², (T, D), in the stationary state (D,);
    intensity: ⟨b†b⟩ at t, (T,) or a number; later: at t + τ, of the shape of values; error: of values, as far as it is
    known. Values after a t are nan where there is no light at it or at one of its delays.
    """

    N: int
    times: np.ndarray | None
    delays: np.ndarray
    values: np.ndarray
    intensity: np.ndarray
    later: np.ndarray
    error: float


@one_blas_thread
def g2(
    model: Model,
    N: int,
    rho0: StateLike | None,
    tlist: Sequence[float] | None,
    taulist: Sequence[float],
    b: Polynomial,
    *,
    tol: float = 1e-9,
    check: bool = True,
    threads: int | None = None,
    cutoffs: Cutoffs | None = None,
) -> Coherence:
    """g²(t, t + τ) = ⟨b†(t) b†(t + τ) b(t + τ) b(t)⟩ / (⟨b†b(t)⟩⟨b†b(t + τ)⟩), in the order of photon counting (ħ = 1).

    Parameters
    ----------
    model, N, rho0, tlist, taulist : as for `correlation`; tlist=None means the stationary state
    b : Polynomial
        What destroys a photon: m(σ₋), or α of a mode.
    tol, check, threads, cutoffs : as for `correlation`

    Raises FiniteNError as `correlation`, and where there is no light: ⟨b†b⟩ below its error, after every t.

    Example
    -------
    >>> import qutip
    >>> from finite_n import CollectiveJumps, Model, average, g2
    >>> both = [CollectiveJumps([qutip.sigmam()], 4.0), CollectiveJumps([qutip.sigmap()], 4.0)]
    >>> g2(Model(collective=both), 4, [0, 0, -1], None, [0.0, 40.0], average(qutip.sigmam())).values.round(8)
    array([1.05, 1.  ])

    Source: R. J. Glauber, Phys. Rev. 130, 2529 (1963).
    """
    check_kind(model, "model", Model, "a finite_n.Model")
    b = read_operator(b, "b", model)
    raised = b.adjoint()
    options = {"tol": tol, "check": check, "threads": threads, "cutoffs": cutoffs}
    pairs = correlation(model, N, rho0, tlist, taulist, [raised * b, _ONE], b, c=raised, **options)
    both, now = pairs.values.real  # the trace of bρb† stays
    later, error = now, pairs.error
    if tlist is not None:
        light = correlation(model, N, rho0, tlist, taulist, raised * b, _ONE, **options)
        later, error = light.values.real, max(error, light.error)
    least = np.minimum(now, later).min(axis=-1)
    dark = least <= _DARK * error
    if np.all(dark):
        what = "there is no light"
        if error > tol and model.modes:
            what = "there is no light, or what lies above the highest Fock levels matters; raise cutoffs"
        raise FiniteNError(f"g2: ⟨b†b⟩ falls to {least.min():.1e}, where its error is {error:.1e}: {what}.")
    lit = np.where(dark, np.nan, (now * later).T).T
    values = both / lit
    error = float(np.nanmax(error * (1 + np.abs(values) * (now + later)) / lit))
    return Coherence(N, pairs.times, pairs.delays, values, now[..., 0], later, error)
