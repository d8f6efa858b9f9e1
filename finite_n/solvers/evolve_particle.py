"""`evolve_particle`: N particles made of bosons that do not feel each other, for every N at once, from one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.engine.moments import pairs
from finite_n.errors import FiniteNError, shown
from finite_n.independent.bosonic import OneParticle, Turned, question_of, start_averages
from finite_n.independent.weyl import Weyl
from finite_n.memory import refused_when_full
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.inputs import check_times
from finite_n.model.polynomial import Polynomial
from finite_n.model.validation import check_array, check_kind, check_number, check_size, check_switch
from finite_n.solvers.particle_result import ParticleResult, combined, levels_of, power, traces
from finite_n.states.mode import Field
from finite_n.threads import one_blas_thread
from finite_n.typing import Cutoffs, Progress

_LEAST = 1e-13  # of tol


@one_blas_thread
def evolve_particle(
    particle: BosonicParticle,
    rho0: Mapping[str, Field] | None,
    tlist: Sequence[float],
    operators: Mapping[str, Polynomial],
    *,
    tol: float = 1e-9,
    check: bool = True,
    cutoffs: Cutoffs | None = None,
    progress: Progress | None = None,
) -> ParticleResult:
    """Solve ρ̇ = Lρ exactly for one of N independent particles made of bosons (ħ = 1), which answers for every N.

    With F_a = N^{-1/2} Σ_k (X_a^(k) − ⟨X_a⟩) of the operators X_a asked for, averages and covariances do not depend on
    N, and ⟨exp(i r·F)⟩ is a number of one particle to the power N.

    Parameters
    ----------
    particle : BosonicParticle
    rho0 : dict of names of bosons to Field
        The start of one particle, a product over its bosons: vacuum (default), number, thermal and displaced states.
    tlist : array, shape (T,)
        Increasing times; rho0 is the state at tlist[0].
    operators : dict of Polynomial
        Hermitian polynomials X_a of the particle's x and p, by name.
    tol : float
        Error allowed on averages and products ⟨X_a X_b⟩. Default 1e-9.
    check : bool
        Run a second time with more levels and other settings, and put the difference into the result. Default True.
    cutoffs : dict of names of bosons to int, optional
        Highest Fock level kept. Default: raised until what lies above does not matter at the tolerance asked for.
    progress : function of a number in [0, 1], optional

    Returns
    -------
    ParticleResult

    Raises FiniteNError for operators that are not Hermitian polynomials of the particle's x and p, bad times or
    tolerance, bosons that keep filling, or if the state does not fit into memory.

    Example
    -------
    >>> from finite_n import Boson, BosonicParticle, Field
    >>> b = Boson("b")
    >>> damped = BosonicParticle([b], 1.5 * b.number, [b.a])
    >>> result = evolve_particle(damped, {"b": Field(number=1)}, [0.0, 1.0], {"n": b.number, "x": b.x})
    >>> result.mean("n").round(8), result.covariance[-1].round(8)
    (array([1.        , 0.36787944]), array([[0.23254416, 0.        ],
           [0.        , 0.86787944]]))
    """
    names, asked = _read(particle, operators)
    tol = check_number(tol, "tol", _LEAST, 0.1)
    check_switch(check, "check")
    products = [asked[a] * asked[b] for a, b in pairs(len(asked))]
    options = {"tol": tol, "check": check, "cutoffs": cutoffs, "progress": progress}
    times = check_times(tlist)
    question = question_of(particle, rho0, times, [*asked, *products], **options)
    with refused_when_full("evolution of one particle"):
        outcome = OneParticle(particle, question).run()
    return ParticleResult(particle, times, names, asked, outcome, tol)


def three_point_function(
    particle: BosonicParticle,
    rho0: Mapping[str, Field] | None,
    tlist: Sequence[float],
    operators: Mapping[str, Polynomial],
    r: Sequence[Sequence[float]],
    N: int,
    *,
    tol: float = 1e-9,
    cutoffs: Cutoffs | None = None,
) -> np.ndarray:
    """⟨W(r_1) Φ_t[W(r)] W(r_2)⟩ of W(r) = exp(i r·F), exact for N independent particles, shape (T,), complex.

    Benatti et al. 2017, eq. 41, left-hand side. With one particle's w = exp(i r·(X − ⟨X⟩)/√N) it is
    [Tr(w e^{Lt}(w_2 ρ w_1))]^N; averages ⟨X⟩ are those of the start. w_2 ρ w_1 is no state, but ¼ Σ_k i^k Y_k ρ Y_k†
    with Y_k = w_2 + i^k w_1†, so that what its levels leave out is watched as for states. Of spins and modes:
    `weyl_three_point`.

    Parameters
    ----------
    particle, rho0, tlist, operators, cutoffs : as for `evolve_particle`
    r : (r_1, r, r_2), shape (3, number of operators)
    N : number of particles
    tol : error allowed on the result. Default 1e-9.
    """
    r, N = check_array(r, "r", wanted="three lists of numbers (r_1, r, r_2)"), check_size(N)
    names, asked = _read(particle, operators)
    if r.shape != (3, len(names)):
        raise FiniteNError(f"r: got shape {r.shape}; give (r_1, r, r_2) with a number for each of {', '.join(names)}.")
    times, root = check_times(tlist), np.sqrt(N)
    options = {"tol": max(check_number(tol, "tol", _LEAST, 0.1) / N, _LEAST), "check": False, "cutoffs": cutoffs}
    question = question_of(particle, rho0, times, [], **options)
    # of w_1†, w and w_2 without the factors exp(∓i r·⟨X⟩/√N) of numbers, which are put in once
    left, now, right = (
        Weyl(particle, combined(x, asked, names), sign / root) for x, sign in zip(r, (-1, 1, 1), strict=True)
    )
    shift = np.exp(-1j * (r.sum(axis=0) @ start_averages(question.start, particle, asked)) / root)
    total, levels = np.zeros(len(times), complex), None
    for k in range(4):
        outcome = OneParticle(particle, question, Turned([(0.5, right), (0.5 * 1j**k, left)]), levels).run()
        levels = levels_of(outcome)
        total += 1j**k * traces(outcome, now)
    return power(total * shift, N)


def _read(particle, operators) -> tuple[list[str], list[Polynomial]]:
    check_kind(particle, "particle", BosonicParticle, "a finite_n.BosonicParticle")
    if not isinstance(operators, Mapping) or not operators:
        raise FiniteNError(f"operators: got {shown(operators)}; give a dict of names to polynomials of x and p.")
    return [str(name) for name in operators], [particle.operator(p, f"{k}") for k, p in operators.items()]
