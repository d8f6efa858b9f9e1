"""One step of Taylor's series in time, term by term: for problems that have no compiled step of their own."""

from __future__ import annotations

import numpy as np

from finite_n import kernels

SAFE = 1.5  # times what terms so far have used of the radius, for terms to come


def step_by_terms(problem, v, acc, memory, powers, growth, step: float, centre: float, allowed: float, most: int):
    """acc = Σ_n x_n: see `finite_n.propagation.problem.DrivenProblem.step`."""
    degree = powers.shape[1] - 1
    slots = degree + 2  # that take turns
    acc[:] = 0.0
    memory[0] = v.ravel()
    series, sizes = [problem.add(v, acc, 1.0)], np.zeros(most + 1 + kernels.FARTHER)
    sizes[0], used, rest = problem.trace_norm(v), 0.0, np.inf
    for n in range(most):
        earlier = np.arange(max(0, n - degree), n + 1)
        weights = np.zeros((len(powers), min(n + 1, slots)))
        weights[:, earlier % slots] = powers[:, n - earlier]
        places = n % slots, (n + 1) % slots
        values, sizes[n + 1] = problem.next_term(memory, *places, weights, acc, step / (n + 1), centre)
        series.append(values)
        bound = float(growth[n - earlier] @ sizes[earlier]) / (n + 1)
        used = max(used, min(1.0, sizes[n + 1] / bound)) if bound > 0 else used
        if not np.isfinite(sizes[n + 1]):
            break
        if n > degree and sizes[n + 1] <= allowed:
            rest = kernels.rest_of_series(sizes, n + 1, min(1.0, SAFE * used), growth, allowed)
        if rest <= allowed:
            break
    return n + 1, rest, np.array(series), sizes
