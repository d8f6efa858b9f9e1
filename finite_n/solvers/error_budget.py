"""How far the numbers of an exact evolution may be off, part by part."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class ErrorBudget:
    """How far the numbers of one exact result may be off.

    tolerance: the one asked for; truncation_bound: of the series, or of eigenvectors by their residuals, on the trace
    norm of the final state; moment_difference, covariance_difference,
    observable_difference: largest change of averages and their products, of covariances, of observables, under a second
    run with other settings (None if not run);
    trace_drift: largest |Tr ρ − 1|; smallest_eigenvalue: of the final ρ_J, zero if none is negative, or the smallest
    population where not all of ρ is stored or a block is large; boson_tail: what the cutoffs of modes change, watched
    at all times: of a state vector a bound in trace norm, else an estimate for operators of norm one
    (`finite_n.engine.leakage`), zero where a cutoff is all that can be reached; discarded_weight: of blocks and ends of
    windows left out; rounding: what double precision may lose over so many applications of the generator, an estimate;
    covariance_growth: error of covariances over that of the state for averages of norm one, None for 3N, which holds
    for any state; largest_average: of all times, by which rounding is measured.
    """

    tolerance: float
    truncation_bound: float
    moment_difference: float | None
    covariance_difference: float | None
    observable_difference: float | None
    trace_drift: float
    smallest_eigenvalue: float
    boson_tail: float = 0.0
    discarded_weight: float = 0.0
    rounding: float = 0.0
    largest_average: float = 1.0  # norm of an average: above 1 for quadratures of modes and Gell-Mann matrices
    covariance_growth: float | None = None

    @property
    def state_error(self) -> float:
        """Error of the state in trace norm as far as it is known: truncation, rounding, what is left out, trace drift,
        negative eigenvalues."""
        return max(
            self.truncation_bound,
            self.rounding,
            self.discarded_weight,
            self.trace_drift,
            self.boson_tail,
            -self.smallest_eigenvalue,
        )

    @property
    def moment_error(self) -> float:
        """Error of averages and of products of averages, operators of norm one."""
        return max(self.largest_average**2 * self.state_error, self.moment_difference or 0.0)

    @property
    def holds(self) -> bool:
        """Whether everything measured stays within the tolerance asked for."""
        differences = (self.moment_difference, self.covariance_difference, self.observable_difference)
        return max(self.state_error, *(d or 0.0 for d in differences)) <= self.tolerance

    def covariance_error(self, N: int) -> float:
        """Error of covariances of fluctuations at N particles."""
        growth = 3 * N if self.covariance_growth is None else self.covariance_growth
        return max(growth * self.largest_average**2 * self.state_error, self.covariance_difference or 0.0)
