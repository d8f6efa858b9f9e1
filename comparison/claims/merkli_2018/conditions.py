"""The claims of Merkli and Rafiyi 2018 about the conditions of their theorems, and the counts in their proofs. What
decides them is in `moments.py` and `counting.py`."""

from __future__ import annotations

from comparison.claims.merkli_2018 import counting, moments
from comparison.claims.paper_claim import ABOVE, BELOW, MISPRINT, PROOF, PaperClaim

_LEMMA = "exp(1)/sqrt(pi)*norm*(C/exp(1))**(r/2)*r**(r/2)"
_FIRST = "exp(1)/sqrt(pi)*(C/exp(1))**(nu + k/2)*(2*nu + k)**(nu + k/2)"
_MINIMUM = (
    "The proof takes the largest ℓ^ℓ(r − ℓ)^{r−ℓ} to be at ℓ = r/2, where it is smallest; at the ends it is r^r, so "
    "that C becomes 2C in the bound of β_r and b ≤ √(2C(t)/e)."
)
_EXTRAPOLATED = "limits of ratios of moments are extrapolated to 1e-6 and better"

_BOUNDS = (
    PaperClaim("004-1.12", {"": "zero"}, moments.odd_moments((2, 2), pauli=True)),
    PaperClaim("004-text-1.2.1-1", {"": "zero"}, moments.odd_moments((2, 3, 4), pauli=False)),
    PaperClaim("004-1.19", {"": "2*exp(1)*b**2*(2*lam*g*t)**2"}, moments.series_of_bounds, 1e-4, _EXTRAPOLATED),
    PaperClaim("004-text-1.2.2-1", {"": "norm*gR**r"}, moments.bounded_moments, relation=BELOW),
    PaperClaim(
        "004-text-1.2.2-2",
        {"beta": _LEMMA, "b": "sqrt(C/exp(1))"},
        moments.bounded_observable,
        relation=BELOW,
        derived={"beta": "sqrt(fact(2*r)/fact(r))/2**r", "b": "1/sqrt((1 + a)*exp(1))"},
        kind=PROOF,
        slip=_MINIMUM,
    ),
    PaperClaim(
        "004-text-1.2.2-3",
        {"": _LEMMA},
        moments.few_quanta,
        relation=BELOW,
        derived={"": "sqrt(fact(r))/2**(r/2)"},
        kind=PROOF,
        slip="With A_R at an end of the product all r factors B act on one side, so that up to n_0 + r quanta reach "
        "it, not n_0 + r/2. Besides, the constant of (1).",
    ),
    PaperClaim(
        "004-text-1.2.2-4",
        {"": "exp(1)/sqrt(pi)*(C/exp(1))**((r + k)/2)*(r + k)**((r + k)/2)"},
        moments.field_products(sharp=False),
        relation=BELOW,
    ),
    PaperClaim(
        "004-text-1.2.2-5",
        {"": "1"},
        moments.sufficient,
        relation=BELOW,
        tolerance=1e-5,
        reason=_EXTRAPOLATED,
        derived={"": "16*lam**2*g**2*t**2*C/(1 + a)"},
        kind=PROOF,
        slip="True with the constant of (3); that of (1) and (2) rests on the wrong bound of b and must be 16λ²g²t²C.",
    ),
    PaperClaim(
        "004-text-1.2.3-1",
        {"": "norm*gR**(2*nu)*exp((2*lam*gR*t)**2)"},
        moments.bounded_series,
        relation=BELOW,
        derived={"": "norm*gR**(2*nu)*exp((2*lam*g*gR*t)**2)"},
        kind=MISPRINT,
        slip="g = sup‖G_j‖ is lost in the exponent; a misprint, and the conclusion stands.",
    ),
    PaperClaim("004-text-1.2.3-2", {"": "1"}, moments.growth_of_series, 1e-3, "exponents are extrapolated to 1e-4"),
    PaperClaim(
        "004-text-2.1-4",
        {"b": "g/sqrt(2*exp(1))", "t": "1/(2*lam*g)"},
        moments.number_operator,
        1e-4,
        _EXTRAPOLATED,
    ),
)

_PROOFS = (
    PaperClaim("004-3.3", {"": "fact(r)/(fact(p1)*fact(p2)*fact(p3))"}, counting.tuples),
    PaperClaim(
        "004-3.7",
        {"": "fact(r)/fact(p1)*(1/fact(p/2))*(fact(p/2)/(fact(q2)*fact(q3)))"},
        counting.terms,
        relation=BELOW,
    ),
    PaperClaim("004-3.8", {"": "(N - n)**(p/2)"}, counting.sum_of_multinomials),
    PaperClaim(
        "004-3.11",
        {"": "fact(r)/fact(p1)*(1/fact(r/2 - nu))*(fact(r/2 - nu)/(fact(2*q2)*fact(2*q3)))"},
        counting.rewritten,
        read="(r/2 − ν)!/Π(2q_j)! in place of the last symbol",
    ),
    PaperClaim("004-3.12", {"": "(N - n)**(r/2 - nu)"}, counting.sum_of_multinomials),
    PaperClaim(
        "004-text-3.3-1",
        {"": "exp(2)/4*root/nu**2"},
        moments.stirling_of_the_proof,
        relation=BELOW,
        derived={"": "root/(2*nu)**(1/nu)"},
        kind=MISPRINT,
        slip="(2ν)! has lost its factorial in both places; with 2ν the inequality fails.",
    ),
    PaperClaim(
        "004-3.15",
        {"all": "fact(L + T - 1)/(fact(T)*fact(L - 1))", "star": "fact(L)/(fact(T)*fact(L - T))"},
        counting.solutions,
    ),
    PaperClaim("004-3.16", {"": "L**T/fact(T)*(up - down)"}, counting.higher_multiplicities),
    PaperClaim("004-3.21", {"": "fact(r)/(2**(r/2)*fact(r/2))*C**(r/2)"}, moments.wick),
    PaperClaim(
        "004-3.23",
        {
            "": "norm*(C/2)**(r/2)*sqrt(fact(2*(j - 1))/fact(j - 1)*fact(2*(r - j + 1))/fact(r - j + 1))",
        },
        moments.around_an_observable,
    ),
    PaperClaim(
        "004-3.24",
        {"lower": "sqrt(2*pi)*n**(n + 1/2)*exp(-n)", "upper": "-exp(1)*n**(n + 1/2)*exp(-n)"},
        moments.stirling,
        relation=ABOVE,
    ),
    PaperClaim("004-3.25", {"": "exp(1)/sqrt(pi)*(4/exp(1))**n*n**n"}, moments.ratio_of_factorials, relation=BELOW),
    PaperClaim(
        "004-3.26",
        {"": "(r/2)**r"},
        moments.largest_product,
        derived={"": "r**r"},
        kind=PROOF,
        slip="ℓ ln ℓ + (r − ℓ) ln(r − ℓ) is convex: ℓ = r/2 is its minimum, the maximum r^r is at ℓ = 0 and r. The "
        "inequality of eq. 3.26 itself holds.",
    ),
    PaperClaim(
        "004-3.27",
        {"": "1/2**((r + k)/2)*fact(r + k)/fact((r + k)/2)*C**((r + k)/2)"},
        moments.field_products(sharp=True),
    ),
    PaperClaim(
        "004-3.28",
        {
            "": f"{_FIRST} + exp(1)/(sqrt(2)*pi)*(C/exp(1))**(nu + k/2)*sum((C*kappa**2)**s*(2 + (2*column + k)/s)**s"
            "*(2*(column + s) + k)**(column + k/2))"
        },
        moments.bound_of_series("terms"),
        relation=BELOW,
    ),
    PaperClaim(
        "004-3.29",
        {
            "": f"{_FIRST} + exp(1)/(sqrt(2)*pi)*(2*C)**(nu + k/2)*(2*C*kappa**2)**(-nu - k/2)"
            "*sum(after((2*C*kappa**2)**s*s**(column + k/2)))"
        },
        moments.bound_of_series("series"),
        relation=BELOW,
    ),
    PaperClaim(
        "004-text-3.5.2-1",
        {
            "": f"{_FIRST} + exp(1)/(sqrt(2)*pi)*(2*C)**(nu + k/2)*(2*C*kappa**2*(1 - 2*C*kappa**2))**(-nu - k/2)"
            "*fact(nu + k/2)"
        },
        moments.bound_of_series("factorial"),
        relation=BELOW,
    ),
    PaperClaim(
        "004-3.30",
        {f"{m} {y}": f"derivative{m}(1/(1 - 2*exp(alpha)*C*kappa{y}**2))" for m in range(1, 5) for y in "36"},
        moments.sum_of_powers,
        read="2Cϰ² < 1 in place of 2Cα² < 1",
    ),
    PaperClaim(
        "004-3.31",
        {str(m): f"(2/(1 - 2*C*kappa**2))**{m}*fact({m})" for m in (1, 2, 3)},
        moments.bound_of_derivative,
        relation=BELOW,
        derived={"1": "y/(1 - y)**2", "2": "y*(1 + y)/(1 - y)**3", "3": "y*(1 + 4*y + y**2)/(1 - y)**4"},
        kind=PROOF,
        slip="The derivative has a pole of order m + 1, so that the maximum must run to j = m + 1. For 2Cϰ² < ½, which "
        "Lemma 1.9 assumes, the printed bound holds.",
    ),
)

CLAIMS = (*_BOUNDS, *_PROOFS)
