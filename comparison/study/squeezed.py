"""What a study is about, two chains of N sites whose fluctuations start squeezed (`finite_n.systems.double_chain` with
k): products of fluctuations are exact at every N, and their limit is Gaussian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from comparison.referee.claim import Claim
from comparison.referee.expansion import DerivedExpansion
from comparison.referee.fluctuation import Direction
from comparison.referee.quantities import mean_names, named_quantities
from comparison.study.particles import ParticleMoments, ParticlesAtN, ParticleSubject
from finite_n.errors import FiniteNError
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.systems.double_chain import DoubleChain

_ROUNDING = 1e-11  # of products of order one: exponentials of matrices of some forty rows


class SqueezedSubject(ParticleSubject):
    """N sites of a double chain that starts squeezed; rho0 : the chain."""

    def __init__(self, particle: BosonicParticle, chain: DoubleChain, operators, e_ops, cutoffs, tol: float):
        super().__init__(particle, chain, operators, e_ops, cutoffs, tol)
        if cutoffs is not None:
            raise FiniteNError("study: squeezed chains have no Fock levels; leave cutoffs out.")
        own = chain.particle
        if (particle.hamiltonian, particle.jumps.polynomials) != (own.hamiltonian, own.jumps.polynomials) or np.any(
            particle.jumps.kossakowski != own.jumps.kossakowski
        ):
            raise FiniteNError("study: the start is a double chain, the model another particle; give chain.particle.")
        known = chain.operators
        if others := [name for name, p in self.operators.items() if known.get(name) != p]:
            raise FiniteNError(
                f"study: operators {', '.join(others)}: of squeezed chains the six of chain.operators are known only."
            )
        self._some = [list(known).index(name) for name in self.operators]

    def check(self, N: int, times: np.ndarray, options: Mapping) -> None:
        """Refuse a start that is not held."""
        self.rho0.fluctuation_products(1, times)

    def means(self, times: np.ndarray) -> np.ndarray:
        """Zero, (T, n)."""
        return np.zeros((len(times), len(self._some)))

    def derived(self, directions: Sequence[Direction] = ()) -> Claim:
        """The squeezed Gaussian, carried by the generator of one site."""
        if directions:
            raise FiniteNError(
                "fluctuations: of squeezed chains covariances are known at finite N, and nothing beyond."
            )

        def values(times):
            covariance = self.rho0.limit_covariance(times)[np.ix_(range(len(times)), self._some, self._some)]
            return named_quantities(self.means(times), covariance, self.space)

        return Claim("derived", "the squeezed Gaussian, carried by the generator of one site", values, _ROUNDING)

    def expansion(
        self, times: np.ndarray, quantities: Sequence[str], power: float, claims, directions=()
    ) -> DerivedExpansion:
        """The limit alone is derived; averages vanish at every N."""
        values, averages = self.derived().values(times), mean_names(self.space)
        table = np.full((3, len(times), len(quantities)), np.nan)
        for i, q in enumerate(quantities):
            if q in averages:
                table[:, :, i] = 0.0
            elif q in values:
                table[0, :, i] = values[q]
        return DerivedExpansion(table)

    def exact(self, N: int, times: np.ndarray, **_) -> ParticlesAtN:
        """The exact result at one size."""
        products = self.rho0.fluctuation_products(N, times)[np.ix_(range(len(times)), self._some, self._some)]
        one = ParticleMoments(times, self.means(times), products.real)
        off = max(_ROUNDING * float(np.abs(products).max()), self.tol)
        return ParticlesAtN(N, one, self.space, self.budget(off))

    def identity(self) -> dict:
        """All that exact numbers and limits follow from, by name."""
        return {"particle": sorted(self.operators.items()), "initial state": repr(self.rho0)}
