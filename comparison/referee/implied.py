"""What the averages and covariances of a claim say beyond themselves: of fluctuations, by their Gaussian, and of
functions of the state."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from comparison.referee.claim import Claim
from comparison.referee.claimed import Claimed
from comparison.referee.fluctuation import Direction, is_gaussian, with_fluctuations
from comparison.referee.implied_functions import with_state_functions
from comparison.referee.state_function import AskedFunction
from finite_n.model.species import Space


@dataclasses.dataclass(frozen=True)
class Implied:
    """Fluctuations and functions of the state that a study looks at.

    directions : fluctuations
    functions : functions of the state
    space : of the model; needed where there are functions
    symmetric : (T, S), where each of S species is known to be on J = N_s/2, as of `meanfield.GaussianLimit`; likewise
    first_moments : (T, n), of fluctuations in the derived limit; likewise
    """

    directions: Sequence[Direction] = ()
    functions: Sequence[AskedFunction] = ()
    space: Space | None = None
    symmetric: np.ndarray | None = None
    first_moments: np.ndarray | None = None

    def of(self, said: Claimed, derived: Mapping[str, np.ndarray], claim: Claim | None = None) -> Claimed:
        """A claim with all that it implies.

        derived : values of the derived limit by quantity, (T,)
        claim : which says whether it is a limit. Default: it is.
        """
        if self.directions and (claim is None or is_gaussian(claim)):
            said = with_fluctuations(said, self.directions, derived)
        if self.functions:
            at_one_N = claim is not None and claim.per_size
            known = (self.space, self.symmetric, derived, at_one_N, self.first_moments)
            said = with_state_functions(said, self.functions, *known)
        return said
