"""The claims of Merkli and Rafiyi 2018 (Proc. R. Soc. A 474, 20170856): expansions in λ and N^−½.

Formulas stand as the paper prints them; what they say in words is in `coverage/merkli_2018.toml`.
"""

from __future__ import annotations

from comparison.claims.merkli_2018 import expansion
from comparison.claims.paper_claim import BELOW, PaperClaim


def _series(**orders: int) -> dict[str, str]:
    """(iλ)^r/k! times the sum over multi-commutators, by the name of that sum, X0_4=2 for r = 4 and k = 2."""
    return {name: f"(i*lam)**{name[-1]}/fact({k})*{name}" for name, k in orders.items()}


_GENERAL = (
    PaperClaim(
        "004-text-1-1",
        {"X0": "2", "X1": "2*nu", "Y0": "1", "Y1": "2*nu + 1"},
        expansion.first_orders,
        1e-3,
        "slopes are extrapolated to 1e-5",
    ),
    PaperClaim("004-1.17", {"": "A*(2*n*lam*g*t)**(2*nu)/fact(2*nu)*S"}, expansion.bounds(0), relation=BELOW),
    PaperClaim("004-1.18", {"": "A*(2*n*lam*g*t)**(2*nu + 1)/fact(2*nu + 1)*S"}, expansion.bounds(1), relation=BELOW),
    PaperClaim("004-1.21", {"": "free + X0 + Y0/sqrt(N) + X1/N + Y1/N**(3/2) + rest"}, expansion.theorem_1_2),
    PaperClaim("004-1.22", _series(X0_2=1, X0_4=2, X1_2=0, X1_4=1, Y0_1=0, Y0_3=1), expansion.theorem_1_3),
    PaperClaim(
        "004-1.26",
        {"free": "muA*muR", "first": "-2*lam*J1", "second": "-2*lam**2*muA*J2"},
        expansion.leading_orders,
    ),
    PaperClaim("004-1.27", {"": "-2*lam**2*J2"}, expansion.equal_particles),
    PaperClaim("004-3.1", {r: f"(i*lam)**{r}*P{r}" for r in "123"}, expansion.dyson),
    PaperClaim("004-3.10", {"": "A*(2*g*t)**r/fact(r)*beta*binom"}, expansion.integral_bound, relation=BELOW),
    PaperClaim(
        "004-3.18",
        {"": "fact(N - n)/(fact(r/2 - nu)*fact(N - n - r/2 + nu))*D"},
        expansion.equal_terms,
    ),
    PaperClaim("004-3.19", _series(X0_2=1, X0_4=2, X0_6=3, X1_2=0), expansion.reservoir_series),
    PaperClaim("004-3.20", _series(Y1_1=0, Y1_3=1, Y2_1=0, Y2_3=1), expansion.particle_series),
    PaperClaim(
        "004-3.39",
        {"": "-lam**2*sum(J)"},
        expansion.lowest_of_the_reservoir,
        derived={"": "-lam**2/N*sum(J)"},
        slip="The factor N^{−r/2} = 1/N of eq. 1.10 is lost; eq. 1.26 has it.",
    ),
    PaperClaim("004-3.40", {"": "2*muA*Re(muG*muB)"}, expansion.double_commutator),
    PaperClaim("004-3.41", {"": "i*lam*sum(J)"}, expansion.lowest_of_particles),
)

CLAIMS = (*_GENERAL,)
