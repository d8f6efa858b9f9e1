"""Exact dynamics of |ψ⟩ for closed models that start pure: the amplitudes that H leads to, by Chebyshev's series.

What is returned is what the density matrix |ψ⟩⟨ψ| would give: ⟨m_a m_b⟩ = ⟨m_a ψ|m_b ψ⟩, populations of Fock levels, J
= N_s/2.
"""

from __future__ import annotations

import math

import numpy as np

from finite_n.dicke_blocks.blocks import DickeBlocks
from finite_n.dicke_blocks.moments import moment_count, pairs
from finite_n.dicke_blocks.product_blocks import ProductBlocks
from finite_n.dicke_blocks.spaces import Plan
from finite_n.engine.cutoffs import in_words
from finite_n.engine.footprint import Asked
from finite_n.engine.leakage import AmplitudeWatch
from finite_n.engine.run import Job, Run, two_reports
from finite_n.memory import check_memory
from finite_n.model.model import Model
from finite_n.propagation.chebyshev import Chebyshev
from finite_n.propagation.propagate import ROUNDING
from finite_n.propagation.reachability import led_to
from finite_n.state_vector.hamiltonian import (
    ClosedSystem,
    entries_per_row,
    observable,
    state_vector_bytes,
)
from finite_n.state_vector.initial_state import amplitudes, is_closed_and_pure, lost_amplitude
from finite_n.states.initial_state import InitialState
from finite_n.threads import threads_for

_CAUTIOUS = 1.3  # the interval of the check run over that of the first
_WHOLE = 512  # amplitudes up to which |ψ⟩⟨ψ| is kept too, as blocks


def suits(job: Job, state: InitialState) -> bool:
    """Whether |ψ⟩ suffices: no jumps, a pure start, and nothing asked for that needs the density matrix or another
    integrator."""
    asked = job.basis in ("auto", "state vector") and job.method == "faber" and not job.keep_states
    return asked and is_closed_and_pure(job.model, job.N, state)


def check_state_vector(model: Model, N: int, levels, asked: Asked | None = None) -> float:
    """Bytes of the evolution; refused if they do not fit."""
    what = f"the state vector with {in_words(levels)}" if levels else "the state vector"
    check_memory(what, N, lambda n: state_vector_bytes(model, N, levels, n / N, asked))
    return state_vector_bytes(model, N, levels, asked=asked)


def run_state_vector(
    job: Job,
    state: InitialState,
    levels,
    trace_tol: float,
    check: bool,
    cautious: float = 1.0,
    part=(0.0, 1.0),
    stop_at: float = math.inf,
    closed=(),
) -> Run:
    """Evolve |ψ⟩ with modes cut off at `levels`; with `check` a second time with other steps and a tolerance ten times
    smaller.

    TooFewLevels is raised where what the cutoffs change may exceed `stop_at`; `closed` modes reach no further.
    """
    model, N = job.model, job.N
    threads_for(job.threads, 0)  # refuses what is no number of threads; one is all that is used
    size = check_state_vector(model, N, levels, job.asked)
    system = ClosedSystem(model, N, levels)
    H, start = system.hamiltonian(), amplitudes(state, system)
    reached = led_to(H, start)
    if len(reached) < system.size:
        H = H[reached][:, reached]
    first, rest = two_reports(job.progress, 0.0, 1.0, check, part)
    watch = _watch(system, state, start, reached, stop_at, closed) if levels else None
    # ‖|ψ⟩⟨ψ| − |χ⟩⟨χ|‖₁ ≤ 2 ‖ψ − χ‖
    values, psi, done = _evolve(job, system, H, start, reached, trace_tol / 2, cautious, first, watch)
    second = None
    if check:
        second = _evolve(job, system, H, start, reached, trace_tol / 20, cautious * _CAUTIOUS, rest)[0]
    plan = Plan(
        lambda: iter(()),
        weights=_weights(system),
        elements=len(reached),
        bytes=size,
        basis="state vector",
        note=_note(system, len(reached)),
        moments=moment_count(model.space, levels),
        shape=(-1,) if model.is_single else (1,) * len(system.species),
        stats=_values_of_j(system),
    )
    arithmetic = "complex, H complex" if np.iscomplexobj(H) else "complex, H real"
    stats = {
        "applications": done.applications,
        "steps": len(job.times) - 1,
        "terms": entries_per_row(model),
        "arithmetic": arithmetic,
        "threads": 1,
        "method": "chebyshev",
    }
    finals = _as_blocks(system, psi)
    frame = np.eye(2) if model.is_single else {s.name: np.eye(s.dim) for s in model.species}
    return Run(
        plan,
        frame,
        values,
        second,
        stats,
        finals,
        [],
        bool(finals),
        0.0,
        2 * done.error,
        0.0,
        cutoffs=tuple(levels),
        tail=0.0 if watch is None else watch.error,
        rounding=ROUNDING * done.applications,
    )


def _watch(system: ClosedSystem, state: InitialState, start, reached, stop_at: float, closed) -> AmplitudeWatch:
    """What the cutoffs leave out of H, on the amplitudes that are reached."""

    def filled(x):
        psi = np.zeros(system.size, complex)
        psi[reached] = x[:, 0] + 1j * x[:, 1]
        return populations(system, psi)

    lost = lost_amplitude(state, system.N, system.cutoffs)
    return AmplitudeWatch(system.left_out(closed)[:, reached], start[reached], lost, stop_at, filled)


def _evolve(job: Job, system: ClosedSystem, H, start, reached, tol: float, cautious: float, progress, watch=None):
    """Functionals at all times, the final amplitudes, and the series with what it took."""
    series, wide = Chebyshev(H, cautious), system.raised(max([2, *(p.degree for p in job.polynomials)]) // 2)
    psi, values = np.zeros(system.size, complex), []
    v = np.stack([start[reached].real, start[reached].imag], axis=1)
    for k, x in enumerate(series.steps(v, job.times, tol, watch)):
        psi[reached] = x[:, 0] + 1j * x[:, 1]
        values.append(measure(system, wide, psi, job.polynomials))
        if progress is not None and k:
            progress(k / (len(job.times) - 1))
    return np.array(values), psi, series


def measure(system: ClosedSystem, wide: ClosedSystem, psi: np.ndarray, polynomials) -> np.ndarray:
    """⟨ψ|O|ψ⟩ for the operators O of `functionals.moment_functionals`, in their order, which act on the levels of
    `wide`."""
    whole = system.embedded(psi, wide.cutoffs[0] - system.cutoffs[0] if system.cutoffs else 0)
    images = [wide.act(a, whole) for a in system.model.space.letters]
    # einsum: threads of BLAS, once woken, would spin beside the next product
    means = [np.einsum("i,i", whole.conj(), x).real for x in images]
    squares = [np.einsum("i,i", images[a].conj(), images[b]).real for a, b in pairs(len(images))]
    del images
    j_weights = np.zeros(_weights(system))
    levels = populations(system, psi)
    j_weights[0] = np.einsum("i,i", psi.conj(), psi).real
    values = [observable(wide, p, whole) for p in polynomials]
    return np.concatenate([means, squares, *levels, j_weights, *([x.real, x.imag] for x in values)])


def populations(system: ClosedSystem, psi: np.ndarray) -> list[np.ndarray]:
    """Weights of the levels of every mode."""
    weight = (psi.real**2 + psi.imag**2).reshape(system.shape)
    axes = range(weight.ndim)
    return [weight.sum(axis=tuple(b for b in axes if b != a)) for a in axes[len(system.species) :]]


def _weights(system: ClosedSystem) -> int:
    """Values of J that weights are given for: all of a single species without a name, else those that are there."""
    return system.N // 2 + 1 if system.model.is_single else 1


def _values_of_j(system: ClosedSystem) -> dict:
    """What the weights belong to."""
    if system.model.is_single:
        return {"J": system.N / 2 - np.arange(system.N // 2 + 1)}
    two_levels = all(s.dim == 2 for s in system.species)
    return {"J": [np.array([n / 2]) for n in system.sizes]} if two_levels else {}


def _as_blocks(system: ClosedSystem, psi: np.ndarray) -> list:
    """|ψ⟩⟨ψ| in the layout of `ProductBlocks`, for few amplitudes of two-level particles; else nothing."""
    if system.size > _WHOLE or any(s.dim != 2 for s in system.species):
        return []
    top = [np.zeros(1, int) for _ in system.sizes]
    if system.model.is_single:
        return [(DickeBlocks(system.N, top[0]), np.outer(psi, psi.conj()).ravel())]
    blocks = ProductBlocks(system.sizes, system.cutoffs, top)
    order = np.argsort([-x.stride for x in (*blocks.spins, *blocks.modes)], kind="stable")
    psi = psi.reshape(system.shape).transpose(order).ravel()
    return [(blocks, np.outer(psi, psi.conj()).ravel())]


def _note(system: ClosedSystem, reached: int) -> str:
    of = "all of them" if reached == system.size else f"{reached} of {system.size}, H leads to no others"
    spins = " × ".join(f"1 of {n // 2 + 1}" for s, n in zip(system.species, system.sizes, strict=True) if s.dim == 2)
    values = f"; values of J: {spins}" if spins else ""
    levels = f"; {in_words(system.cutoffs)}" if system.cutoffs else ""
    return f"amplitudes of |ψ⟩, {of}: no jumps and a pure start{values}{levels}"
