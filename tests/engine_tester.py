"""One tester for every engine: any system of known answer (`tests.systems.known`) with any option of `evolve`.

What is asserted of a run: numbers within the tolerance of the known ones; the budget says so; trace, Hermiticity and
positivity of what is stored and of reduced states, which agree with each other and with the averages; weights of J;
planned memory. What is asserted of a refusal: it was to be expected, and it is one sentence of at most 400 characters.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from finite_n import FiniteNError, evolve, steady_state
from finite_n.model.operators import hermitian_basis
from finite_n.solvers.result import Result
from meanfield import Limit
from tests.systems.known import System

ROUNDING = 1e-11  # sums of some thousand numbers of order one, over thousands of applications
LONGEST = 400  # characters of a refusal
STEADY = 1e-8  # tol 1e-10 of the residual over gaps above 0.1, with a margin for averages of products
LIMIT = 1e-10  # the limit is integrated to 1e-12


@dataclasses.dataclass(frozen=True)
class Options:
    """Options of `evolve`."""

    basis: str = "auto"
    method: str = "faber"
    threads: int = 1
    check: bool = True
    keep_states: bool = False
    tol: float = 1e-9

    def __str__(self):
        words = [self.basis, self.method, f"{self.threads} threads", f"{self.tol:.0e}"]
        return ", ".join(words + ["check"] * self.check + ["states"] * self.keep_states)


def measured(result, name: str) -> np.ndarray:
    """A quantity by name off anything with means, second and a space, (T,) or a number."""
    kind, *which = name.split()
    if kind == "e":
        return result.e_data[which[0]]
    if kind == "number":
        return result.number(which[0])
    a = [result.space.labels.index(x) for x in which]
    if kind == "mean":
        return result.means[..., a[0]]
    if kind == "second":
        return result.second_moments[..., a[0], a[1]].real
    return result.covariance[..., a[0], a[1]]


def can_run(system: System, options: Options) -> bool:
    """Whether the engine asked for promises this: products and single particles keep no states, and some systems have
    no products, no blocks, or particles that interact."""
    if options.basis in ("independent", "displaced"):
        known = system.independent if options.basis == "independent" else system.commuting
        return known and options.method == "faber" and not options.keep_states
    products = options.basis == "symmetrised" or "dicke" not in system.engines
    return options.basis in system.engines and not (products and options.keep_states)


def run(system: System, N: int, options: Options) -> Result | None:
    """The result, all of it checked; None if it was refused as it should be."""
    given = dataclasses.asdict(options)
    arguments = (system.model(N), N, system.start(N), system.times, system.observables(N))
    if not can_run(system, options):
        with pytest.raises(FiniteNError) as refused:
            evolve(*arguments, **given)
        check_sentence(str(refused.value))
        return None
    result = evolve(*arguments, **given)
    check_numbers(system, N, result, options.tol)
    check_budget(result, options)
    check_states(result, options)
    return result


def check_sentence(text: str) -> None:
    """One line that ends as a sentence does, not too long to read."""
    assert text and len(text) <= LONGEST and "\n" not in text and text[-1] in ".!?)", text


def check_numbers(system: System, N: int, result: Result, tol: float) -> None:
    """Averages, second moments, covariances and observables are promised to tol; a number of quanta is N/2 times two
    squares."""
    known = system.exact(N)
    assert known
    for name, exact in known.items():
        allowed = tol * (N if name.startswith("number") else 1) + system.reference * max(1, N * name.startswith("cov"))
        off = np.abs(measured(result, name) - exact).max()
        assert off <= allowed + ROUNDING, f"{system}, N = {N}: {name} is off by {off:.2e}, allowed {allowed:.2e}"


def check_budget(result: Result, options: Options) -> None:
    budget = result.budget
    assert budget.tolerance == options.tol
    assert budget.holds, str(budget)
    differences = (budget.moment_difference, budget.covariance_difference, budget.observable_difference)
    assert all((d is not None) == options.check for d in differences)
    if options.check:
        assert all(0 <= d <= options.tol for d in differences)
    assert np.isfinite(budget.covariance_error(result.N)) and budget.moment_error <= budget.covariance_error(result.N)
    assert np.isfinite(result.stats["bytes"]) and result.stats["bytes"] >= 8 * result.stats["elements"] > 0
    assert result.stats["applications"] >= 0 and result.stats["run time"] > 0


def check_states(result: Result, options: Options) -> None:
    """Invariants of all that is a state."""
    allowed = options.tol + ROUNDING
    T = len(result.times)
    assert result.means.shape == (T, result.space.size) and np.isrealobj(result.means)
    second = result.second_moments
    assert np.abs(second - second.conj().swapaxes(1, 2)).max() <= ROUNDING + allowed  # ⟨m_a m_b⟩* = ⟨m_b m_a⟩
    assert np.linalg.eigvalsh(result.covariance).min() > -allowed * len(second[0])
    # [m_a, m_b] = Σ_c s_abc m_c of averages over N_s particles, from products of the basis; [φ, π] = i/N
    for s, size in zip(result.space.species, result.sizes, strict=True):
        own, v = result.space.part(s), hermitian_basis(s.dim)[1:]
        products = np.einsum("aij,bjk->abik", v, v)
        brackets = np.einsum("abij,cji->abc", products - products.swapaxes(0, 1), v) / (2 * size)
        exact = np.einsum("abc,tc->tab", brackets, result.means[:, own])
        found = second[:, own, own]
        assert np.abs(found - found.swapaxes(1, 2) - exact).max() <= ROUNDING
    for mode in result.space.modes:
        q = result.space.part(mode).start
        assert np.abs(second[:, q, q + 1] - second[:, q + 1, q] - 1j / result.N).max() <= ROUNDING
    if result.values_of_J is not None:
        weights = result.j_distribution.reshape(T, -1)
        assert np.abs(weights.sum(axis=1) - 1).max() <= allowed and weights.min() >= -allowed
    for populations in result.levels.values():
        if not populations.shape[1]:  # a closed form, which has no levels
            continue
        assert np.abs(populations.sum(axis=1) - 1).max() <= allowed and populations.min() >= -allowed
    if options.keep_states:
        assert len(result.states) == T
        assert len(result.purity) == T and np.all(result.purity <= 1 + allowed)
    stored = result.states if options.keep_states else [result.final_state] if result.stored_final else []
    for blocks in stored:
        check_density(blocks, allowed)
    if stored and options.keep_states:
        for x, y in zip(result.final_state, stored[-1], strict=True):
            assert np.abs(x - y).max() <= ROUNDING
    for s, size in zip(result.space.species, result.sizes, strict=True):
        one = result.reduced_state(1, s)
        check_reduced(one, allowed)
        v = hermitian_basis(s.dim)[1:]
        assert np.abs(np.einsum("aij,tji->ta", v, one) - result.means[:, result.space.part(s)]).max() <= ROUNDING
        if size > 1:
            two = result.reduced_state(2, s)
            check_reduced(two, 4 * allowed)
            d = s.dim
            left = np.einsum("tijkj->tik", two.reshape(T, d, d, d, d))
            assert np.abs(left - one).max() <= 4 * allowed


def check_density(blocks: list[np.ndarray], allowed: float) -> None:
    """Σ tr ρ_J = 1, ρ_J Hermitian and positive."""
    assert abs(sum(np.trace(b) for b in blocks) - 1) <= allowed
    for b in blocks:
        assert np.abs(b - b.conj().T).max() <= ROUNDING
        assert np.linalg.eigvalsh((b + b.conj().T) / 2)[0] >= -allowed


def check_reduced(states: np.ndarray, allowed: float) -> None:
    assert np.abs(np.trace(states, axis1=1, axis2=2) - 1).max() <= ROUNDING
    assert np.abs(states - states.conj().swapaxes(1, 2)).max() <= ROUNDING
    assert np.linalg.eigvalsh(states).min() >= -2 * allowed


def check_steady(system: System, N: int) -> None:
    """The stationary state, where the system says what it is."""
    found = steady_state(system.model(N), N)
    for name, exact in system.steady(N).items():
        value = (
            N
            * (
                measured(found, f"second {name[4:]}")
                - np.prod([measured(found, f"mean {a}") for a in name[4:].split()])
            )
            if (name.startswith("cov"))
            else measured(found, name)
        )
        assert abs(value - exact) <= STEADY * N, f"{system}, N = {N}: {name}"


def check_limit(system: System, N: int) -> None:
    """Independent particles have the averages and covariances of the limit at every N."""
    limit = Limit(system.model(N)).evolve(system.start(N), system.times)
    result = evolve(system.model(N), N, system.start(N), system.times, tol=1e-11, check=False)
    assert np.abs(limit.means - result.means).max() <= LIMIT
    assert np.abs(limit.covariance - result.covariance).max() <= LIMIT * N
