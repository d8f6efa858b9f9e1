"""The claims of Benatti et al. 2017 about the thermal state: sections 2 and 6.1 to 6.3."""

from __future__ import annotations

from comparison.claims.benatti_2017 import at_rest_facts as limits
from comparison.claims.benatti_2017 import few_sites as exact
from comparison.claims.benatti_2017.weyl import R1, R
from comparison.claims.paper_claim import ABOVE, BELOW, MISPRINT, PROOF, PaperClaim

EXTRAPOLATED = "extrapolated to better than 1e-6, and far below a change of a coefficient by 1 %"
_GAUSSIAN = {"": "exp(-((eta**2 + 1)/(4*eta)*rr)/2)"}
_FORM = {f"{j}{k}": "1" if (j % 2, k) == (1, j + 1) else "zero" for j in range(1, 7) for k in range(j + 1, 7)}
_PAIRS = {f"X{j}P{k}": "i" if j == k else "zero" for j in (1, 2, 3) for k in (1, 2, 3)}
_COVARIANCE = {f"{j}{k}": "zero" for j in range(1, 7) for k in range(1, j)}
_ON = {"1 on first": "1", "1 on second": "zero", "2 on first": "zero", "2 on second": "1"}

CLAIMS = (
    PaperClaim(
        "001-1",
        {"same": "i*one", "same of chain 2": "i*one", "chains": "zero", "sites": "zero"},
        exact.canonical,
    ),
    PaperClaim(
        "001-5", {"": "first(E(-beta*H)/tr(E(-beta*H)))@second(E(-beta*H)/tr(E(-beta*H)))"}, exact.product_state
    ),
    PaperClaim("001-7", {"": "o"}, exact.same_averages),
    PaperClaim("001-9", {"": "(AB - A*B)*same"}, exact.no_correlations),
    PaperClaim(
        "001-text-2.1-1",
        {"4": "3*xx**2", "22": "xx*yy", "xp": "xp*xp + xx*pp + xp*px", "6": "15*xx**3"},
        exact.higher_moments,
    ),
    PaperClaim("001-text-2.1-2", {"inverse": "one", "adjoint": "minus"}, exact.weyl_is_unitary),
    PaperClaim("001-11", {"": "W12*exp(-i/2*(v1@sigma@v2))"}, exact.weyl_relation),
    PaperClaim(
        "001-12",
        {"12": "1", "21": "-1", "34": "1", "13": "zero", "14": "zero", "23": "zero", "24": "zero"},
        exact.symplectic_matrix,
    ),
    PaperClaim("001-15", {"": "1/(2*tanh(beta*omega/2))*one"}, exact.thermal_covariance),
    PaperClaim(
        "001-17", {"pairs": "1/N**2*pairs", "sites": "1/N**2*sites"}, exact.commutator_of_averages("pairs", "sites")
    ),
    PaperClaim("001-18", {"": "1/N*Z"}, exact.commutator_of_averages("")),
    PaperClaim("001-19", {"": "X*AB"}, limits.average_with_locals, reason=EXTRAPOLATED),
    PaperClaim("001-20", {"first": "X", "second": "X**2"}, limits.average_is_a_number, reason=EXTRAPOLATED),
    PaperClaim("001-22", {"": "1/N*sites"}, exact.commutator_of_fluctuations),
    PaperClaim(
        "001-23",
        {"1": "sqrt(eta)/2", "3": "sqrt(eta)/2", "5": "sqrt(2/eta)"},
        exact.prefactors,
        derived={"1": "sqrt(eta)/2", "3": "sqrt(eta)/2", "5": "sqrt(eta/2)"},
        kind=MISPRINT,
        slip="The fraction under the root before X_5 and X_6 is inverted, perhaps in the stored text alone: eqs. 27, "
        "32 and 53 need √(η/2).",
    ),
    PaperClaim("001-25", {"": "r1*F1 + r2*F2 + r3*F3 + r4*F4 + r5*F5 + r6*F6"}, exact.linear),
    PaperClaim("001-text-2.3-1", _GAUSSIAN, limits.characteristic(R1, R), reason=EXTRAPOLATED),
    PaperClaim("001-27", {"": "(eta**2 + 1)/(4*eta)*one"}, exact.covariance),
    PaperClaim(
        "001-28",
        {"power": "one**two", "expanded": "(1 + i/sqrt(N)*mean - variance/(2*N) + rest)**N"},
        limits.power_of_one_site,
    ),
    PaperClaim("001-text-2.3-2", {"": "3/2"}, limits.order_of_rest, relation=ABOVE),
    PaperClaim("001-30", {"": "r@S@r"}, limits.variance),
    PaperClaim(
        "001-text-2.3-3",
        {"product": "single*exp(-c/2)", "norm": "zero"},
        limits.defect_of_product,
        reason=EXTRAPOLATED,
    ),
    PaperClaim("001-31", {"": "i*(r1@sigma@r2)"}, exact.commutator_of_span),
    PaperClaim("001-32", _FORM, exact.form_of_operators),
    PaperClaim(
        "001-33",
        {"product": "exp(-i/2*(r1@sigma@r2))", "adjoint": "minus"},
        limits.algebra,
        reason=EXTRAPOLATED,
    ),
    PaperClaim(
        "001-34",
        {"": "exp(-((r1 + r + r2)@S@(r1 + r + r2))/2)*exp(-i/2*(r1@sigma@r + r1@sigma@r2 + r@sigma@r2))"},
        limits.three_products,
        reason=EXTRAPOLATED,
    ),
    PaperClaim("001-35", _GAUSSIAN, limits.characteristic(R1 + R), reason=EXTRAPOLATED),
    PaperClaim("001-text-2.3-4", {"": "zero"}, exact.uncertainty, relation=ABOVE),
    PaperClaim(
        "001-37",
        {"mean": "i*(r1@sigma@r2)", "square": "-(r1@sigma@r2)**2"},
        limits.commutator_is_a_number,
        reason=EXTRAPOLATED,
    ),
    PaperClaim("001-38", {"2": "n", "4": "3*n**2"}, limits.moments, reason=EXTRAPOLATED),
    PaperClaim(
        "001-text-2.3-5", _PAIRS | {f"X{j}X{k}": "zero" for j in (2, 3) for k in range(1, j)}, exact.canonical_pairs
    ),
    PaperClaim("001-text-2.3-6", _ON | {"3 on first": "1", "3 on second": "1"}, exact.chains_of_modes),
    PaperClaim("001-text-2.3-7", {"to others": "zero", "from others": "zero", "covariance": "zero"}, exact.decoupled),
    PaperClaim("001-text-2.3-8", _COVARIANCE, exact.diagonal_covariance),
    PaperClaim(
        "001-75",
        {"product": "exp(i*(X1 + X2 + X3))", "sum": "exp(i*(X1 + X2 + X3))"},
        limits.exponentials_of_averages,
        reason=EXTRAPOLATED,
    ),
    PaperClaim("001-76", {"": "exp(i*X)*A"}, limits.exponential_beside_bounded, reason=EXTRAPOLATED),
    PaperClaim("001-text-6.1-2", {"": "i*integral"}, limits.difference_by_integral),
    PaperClaim("001-text-6.1-3", {"": "sqrt((XX - X**2)/N)"}, limits.bound_of_difference, relation=BELOW),
    PaperClaim("001-text-6.1-1", {"": "1/N*(XX - X**2)"}, limits.variance_of_average),
    PaperClaim(
        "001-78",
        {"": "l*delta"},
        limits.order_of_lemma_3,
        1e-3,
        "slopes at N = 10⁸, where the next order is 1e-4; an order that is off by 1 % is seen",
    ),
    PaperClaim("001-text-6.2-1", {"": "terms*M**d"}, limits.wick_bound, relation=BELOW),
    PaperClaim(
        "001-81",
        {"": "(C*(1 + X))**k"},
        limits.constant_of_series,
        derived={"": "(C*(1 + absX))**k"},
        kind=PROOF,
        slip="The modulus of ⟨X⟩, which the line before has, is lost in C′; it matters where ⟨X⟩ < 0. The operators of "
        "eq. 23 have ⟨X⟩ = 0, so the lemmas that follow are not touched. C^k for C^m also needs C ≥ 1.",
    ),
    PaperClaim("001-text-6.2-2", {"": "4*C/N**delta"}, limits.ratio_of_terms, reason=EXTRAPOLATED),
    PaperClaim("001-text-6.3-1", {"": "2 - 2*re(exp(-c/2)*triple)"}, limits.norm_of_defect),
    PaperClaim("001-83", {"": "one**2"}, limits.triple_of_two_sites),
    PaperClaim("001-text-6.3-2", {"": "exp(c/2)"}, limits.triple, reason=EXTRAPOLATED),
)
