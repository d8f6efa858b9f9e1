"""`evolve_products`: exact dynamics of any model on symmetrised products ⊗ |n⟩⟨n′|, for every number of levels, species and modes."""

from __future__ import annotations

import dataclasses
import numbers
import time
from collections.abc import Mapping, Sequence

import numpy as np

from finite_n.algebra import Polynomial, as_letter
from finite_n.blocks import check_size
from finite_n.errors import FiniteNError
from finite_n.inputs import check_times, read_observables
from finite_n.integrate import METHODS, propagate
from finite_n.joint import JointState, as_joint
from finite_n.model import Model
from finite_n.product_engine import ProductProblem, pairs_of, prepare

_RESOLVED = 1e-13  # of the trace norm: what double precision carries through thousands of applications
_TRIES = 12  # enlargements of the cutoffs


@dataclasses.dataclass
class ProductResult:
    """Exact dynamics at one N. T times, n letters in the order of model.space.letters.

    times (T,); means (T, n): ⟨m_a⟩; second (T, n, n): ⟨m_a m_b⟩, complex, with [φ, π] = i/N of the untruncated mode; expect: complex (T,)
    arrays by label; trace (T,); tails (T, modes): weight of the two highest levels of every mode; cutoffs by mode;
    smallest_population at the last time, 0 if none is negative; discarded: weight left out at the start and at ends of windows;
    difference: largest change of means and second moments, observables and trace under a second run (None if not run); truncation_bound: on the
    trace norm; stats, of which "kept" says what was stored and why.
    """

    model: Model
    N: int
    times: np.ndarray
    means: np.ndarray
    second: np.ndarray
    expect: dict[str, np.ndarray]
    trace: np.ndarray
    tails: np.ndarray
    cutoffs: dict[str, int]
    smallest_population: float
    discarded: float
    truncation_bound: float
    difference: float | None
    tolerance: float
    stats: dict

    @property
    def trace_drift(self) -> float:
        """Largest |Tr ρ − Tr ρ(0)|."""
        return float(np.abs(self.trace - self.trace[0]).max())

    @property
    def tail(self) -> float:
        """Largest weight of the two highest levels of a mode over all times, 0 without modes."""
        return float(self.tails.max(initial=0.0))

    def mean(self, label: str) -> np.ndarray:
        """⟨m_a⟩ of the letter with this label (`model.space.labels`), shape (T,)."""
        labels = self.model.space.labels
        if label not in labels:
            raise FiniteNError(f"letter {label!r}: known are {', '.join(labels)}.")
        return self.means[:, labels.index(label)]

    def __repr__(self):
        s = self.stats
        second = "not run" if self.difference is None else f"{self.difference:.1e}"
        return "\n".join(
            [
                f"Exact dynamics, N = {self.N}, {len(self.times)} times from {self.times[0]:g} to {self.times[-1]:g}",
                f"  kept         {s['kept']}",
                f"  units        {s['units']}, {s['bytes'] / 2**20:.1f} MiB planned",
                f"  method       {s['method']}, {s['applications']} applications in {s['steps']} steps, {s['run time']:.2f} s",
                f"  error budget tolerance {self.tolerance:.0e}; second run {second}; trace drift {self.trace_drift:.1e}; "
                f"boson tail {self.tail:.1e}; smallest population {self.smallest_population:.1e}",
            ]
        )


def evolve_products(
    model: Model,
    N: int,
    rho0,
    tlist: Sequence[float],
    e_ops: Mapping[str, Polynomial] | Sequence[Polynomial] | None = None,
    *,
    tol: float = 1e-9,
    cutoffs: Mapping[str, int] | int | None = None,
    check: bool = True,
    method: str = "faber",
    subset: bool = True,
) -> ProductResult:
    """Solve ρ̇ = L_N ρ exactly (ħ = 1) for N particles of any species, and modes cut off, on symmetrised products ⊗ |n⟩⟨n′|.

    The dimension is Π_s C(N_s + d_s² − 1, d_s² − 1) Π (cutoff + 1)², of which what the initial state reaches and the observables
    depend on is stored.

    Parameters
    ----------
    model : Model
        Any; the Δ of its jumps must commute.
    N : int
        Number of all particles; f_s N must be whole.
    rho0 : mapping of names to states, or one state
        As for `finite_n.joint.as_joint`: products for species, `Field` for modes.
    tlist : array, shape (T,)
        Increasing times; rho0 is the state at tlist[0].
    e_ops : dict or list of Polynomial, optional
        Ordered polynomials of averages and mode amplitudes, beside all first and second moments.
    tol : float
        Truncation error in time allowed on averages, covariances and the observables. Default 1e-9.
    cutoffs : mapping of names to int, or one int for all, optional
        Highest level of every mode. Default: enlarged until the two highest levels never weigh more than `tol`.
    check : bool
        A second run with another ellipse and a ten times smaller tolerance, whose largest difference is in the result.
    method : str
        "faber" (default) or "runge_kutta", many more applications for the same promise.
    subset : bool
        False: store all elements. Default True.

    Returns
    -------
    ProductResult

    Raises FiniteNError for bad input, Δ that do not commute, or if it does not fit into memory, naming the largest N that fits.

    Example
    -------
    >>> import numpy as np
    >>> from finite_n import LocalJump, Model, Species
    >>> three = Species("a", dim=3)
    >>> decay = np.zeros((3, 3))
    >>> decay[0, 2] = 1.0
    >>> model = Model(jumps=[LocalJump(decay, 1.0)], species=[three])
    >>> top = np.diag([0.0, 0.0, 1.0])
    >>> result = evolve_products(model, 10, top, [0.0, 1.0], {"top": three.average(top)})
    >>> result.expect["top"].real.round(8)
    array([1.        , 0.36787944])
    """
    started = time.perf_counter()
    if not isinstance(model, Model):
        raise FiniteNError(f"model: got {model!r}; give a finite_n.Model.")
    N, times = check_size(N), check_times(tlist)
    if not isinstance(tol, numbers.Real) or not 1e-13 <= tol <= 1e-1:
        raise FiniteNError(f"tol = {tol!r}: choose between 1e-13 and 0.1; double precision carries no more.")
    if method not in METHODS:
        raise FiniteNError(f"method = {method!r}: choose one of {', '.join(METHODS)}.")
    labels, polynomials = read_observables(e_ops)
    for p in polynomials:
        for letter in p.letters - set(model.space.letters):
            raise FiniteNError(f"observable {p}: {as_letter(letter)} is no average of the model.")
    state = as_joint(rho0, model)
    levels, fixed = check_cutoffs(model, cutoffs, state, N, tol)
    for _ in range(_TRIES):
        plan = prepare(model, N, state, polynomials, levels, subset)
        allowed = max(tol / _size(model, N, levels, polynomials), _RESOLVED)
        run = propagate(plan.problem, times, allowed, False, method)
        values = _Values(run.values, plan, model, N, len(times))
        if fixed or not model.modes or not np.any(high := values.tails.max(axis=0) > tol):
            break
        levels = [c + max(4, c // 3) if h else c for c, h in zip(levels, high, strict=True)]
    else:
        raise FiniteNError(
            f"cutoffs: grown to {levels}, and the highest levels still weigh {values.tails.max():.1e}; give cutoffs=…, or check "
            "whether the modes are stable."
        )
    difference = None
    if check:
        again = propagate(plan.problem, times, allowed / 10, False, method, 1.3)
        difference = float(np.abs(run.values - again.values).max(initial=0))
    return ProductResult(
        model=model,
        N=N,
        times=times,
        means=values.means,
        second=values.second,
        expect=dict(zip(labels, values.expect, strict=True)),
        trace=values.trace,
        tails=values.tails,
        cutoffs={m.name: c for m, c in zip(model.modes, levels, strict=True)},
        smallest_population=plan.smallest(run.final),
        discarded=plan.discarded + run.discarded,
        truncation_bound=run.error_bound,
        difference=difference,
        tolerance=tol,
        stats={
            "method": method,
            "basis": "symmetrised products",
            "kept": plan.note,
            "units": plan.units,
            "elements": plan.elements,
            "variables": plan.problem.elements,
            "terms": plan.terms,
            "bytes": plan.bytes,
            "applications": run.applications,
            "steps": run.steps,
            "run time": time.perf_counter() - started,
        },
    )


def check_cutoffs(model: Model, cutoffs, state: JointState, N: int, tol: float) -> tuple[list[int], bool]:
    """Highest level of every mode, and whether the user fixed them; else what the initial state needs."""
    names = [m.name for m in model.modes]
    if cutoffs is None:
        return [max(3, state.parts[name].cutoff(N, min(1e-3 * tol, 1e-12))) for name in names], False
    if isinstance(cutoffs, numbers.Integral) and not isinstance(cutoffs, bool):
        cutoffs = dict.fromkeys(names, cutoffs)
    if not names:
        raise FiniteNError("cutoffs: the model has no modes, so they would be ignored; leave them out.")
    if not isinstance(cutoffs, Mapping) or set(cutoffs) != set(names):
        raise FiniteNError(
            f"cutoffs = {cutoffs!r}: give a whole number, or one for each of the modes {', '.join(names)}."
        )
    for name, c in cutoffs.items():
        if isinstance(c, bool) or not isinstance(c, numbers.Integral) or not 1 <= c < 10_000:
            raise FiniteNError(f"cutoff {c!r} of mode {name}: give the highest level, a whole number from 1.")
    return [int(cutoffs[name]) for name in names], True


def _size(model: Model, N: int, cutoffs: Sequence[int], polynomials: Sequence[Polynomial]) -> float:
    """Largest factor from the trace norm of an error to an observable, or to a covariance of fluctuations (≤ 3N)."""
    norm = {a: np.sqrt(2.0) for s in model.species for a in s.letters}  # of a Gell-Mann matrix, at most
    norm |= {a: np.sqrt(2 * (c + 1) / N) for m, c in zip(model.modes, cutoffs, strict=True) for a in m.letters}
    sizes = [sum(abs(c) * np.prod([norm[a] for a in w]) for w, c in p.words.items()) for p in polynomials]
    return float(max(3 * N, N * max(norm.values()) ** 2, *sizes, 1.0))


class _Values:
    """The functionals of a `ProductProblem` by name."""

    def __init__(self, values: np.ndarray, plan: ProductProblem, model: Model, N: int, times: int):
        n = plan.letters
        self.trace, self.means = values[:, 0], values[:, 1 : 1 + n]
        brackets = model.space.brackets  # ⟨m_a m_b⟩ = ½⟨{m_a, m_b}⟩ + ⟨{a, b}⟩/2N
        self.second = (brackets[:, :, 0] + np.einsum("abc,tc->tab", brackets[:, :, 1:], self.means)) / (2 * N)
        for k, (a, b) in enumerate(pairs_of(n)):
            self.second[:, a, b] += values[:, 1 + n + k]
            if a != b:
                self.second[:, b, a] += values[:, 1 + n + k]
        end = 1 + n + n * (n + 1) // 2
        tails = values.shape[1] - plan.modes
        self.expect = list((values[:, end:tails:2] + 1j * values[:, end + 1 : tails : 2]).T)
        self.tails = values[:, tails:].reshape(times, plan.modes)
