"""The claims of Benatti et al. 2017 about the open dynamics: sections 3.1, 3.2, 6.4 and 6.5."""

from __future__ import annotations

from comparison.claims.benatti_2017 import microscopic_facts as exact
from comparison.claims.benatti_2017 import moving_facts as facts
from comparison.claims.benatti_2017.at_rest import EXTRAPOLATED
from comparison.claims.benatti_2017.few_sites import two_point_form
from comparison.claims.benatti_2017.weyl import R1, R2, R
from comparison.claims.paper_claim import ABOVE, BELOW, MISPRINT, PROOF, PaperClaim

_NOISE = "(S - M@S@T(M))"
_SUM = "(rt + r1 + r2)"
_ORDER = "(r1@sigma@rt + rt@sigma@r2 + r1@sigma@r2)"
_MOVED = f"exp(-({_SUM}@S@{_SUM})/2)*exp(-i/2*{_ORDER})"
_WHOLE = {"": f"exp(-(r@{_NOISE}@r)/2)*{_MOVED}"}
_TWO = "(S + i/2*sigma)"
_SIGN = "Expanding one site's number gives 1 − (Z + iY)/(2N), whose power goes to e^{−(Z + iY)/2}; the sign is lost."
_LIMIT = {"reason": EXTRAPOLATED, "seconds": 2}

CLAIMS = (
    PaperClaim("001-text-3.1-1", {"largest": "1", "smallest": "-1"}, exact.complete_positivity),
    PaperClaim(
        "001-text-3.1-2", {"4": "3*xx**2", "22": "xx*yy + 2*xy**2", "31": "3*xx*xy"}, exact.gaussian_stays_gaussian
    ),
    PaperClaim("001-text-3.1-6", {"22": "xx*yy", "11": "zero", "generator": "zero"}, exact.uncoupled),
    PaperClaim("001-47", {"": "first(Phi(X))@second(Phi(Y))"}, exact.products_over_sites),
    PaperClaim("001-text-3.1-3", {"": "U@DX@V"}, exact.parts_commute),
    PaperClaim(
        "001-text-3.1-4",
        {"first": "U@Dt(X)@U", "second": "Dt(U@X@U)"},
        exact.one_after_the_other,
        derived={"first": "U@Dt(X)@V", "second": "Dt(U@X@V)"},
        kind=MISPRINT,
        slip="The factors on the right must be e^{−itH}, as in the display before; a misprint, since otherwise Φ_t[1] "
        "= e^{2itH}.",
    ),
    PaperClaim("001-48", {"first": "g_t@g_s", "second": "g_s@g_t"}, exact.semigroup),
    PaperClaim("001-49", {"": "zero"}, exact.schwarz_positivity, relation=ABOVE),
    PaperClaim("001-text-3.1-5", {"later": "X", "parts": "zero"}, exact.stationary),
    PaperClaim("001-50", {"": f"factor*{_MOVED}"}, facts.quasi_free, **_LIMIT),
    PaperClaim("001-51", {"": "T(E(t*L))@r"}, facts.moved_operators),
    PaperClaim("001-52", {"": "combined(r@L)"}, facts.generated_fluctuations),
    PaperClaim("001-53", {"": "(gamma - 1)*one + 2*omega*sigma + (gamma - 1)*lam/sqrt(2)*mixing"}, facts.generator),
    PaperClaim(
        "001-54",
        {"": f"-1/2*(rt@{_NOISE}@rt)"},
        facts.exponent_of_map,
        **_LIMIT,
        derived={"": f"-1/2*(r@{_NOISE}@r)"},
        kind=MISPRINT,
        slip="The vector must be r: with r_t the thermal state would not be stationary. The display on the semigroup "
        "and eq. 61 have r.",
    ),
    PaperClaim("001-text-3.2-1", _WHOLE, facts.theorem_2(1.5, 0.5), **_LIMIT),
    PaperClaim(
        "001-text-3.2-2",
        {"first": "exp(-(r@Kt@r + rt@Ks@rt)/2)", "last": "exp(-(r@Kts@r)/2)"},
        facts.composition,
        **_LIMIT,
    ),
    PaperClaim("001-55", {"": "zero"}, facts.completely_positive, relation=ABOVE),
    PaperClaim("001-text-3.2-3", {"": f"conj@{_TWO}@r"}, two_point_form),
    PaperClaim("001-56", {"": "1"}, facts.contraction, **_LIMIT, relation=BELOW),
    PaperClaim(
        "001-text-3.2-4",
        {"": "6"},
        facts.damped_directions,
        derived={"": "6 - 2*limit"},
        kind=PROOF,
        slip="At λ = 1, which is allowed, two eigenvalues of K_t vanish: one mode is not damped. K_t is only positive "
        "semi-definite then, which is enough for the bound, and what keeps entanglement alive in eq. 74.",
    ),
    PaperClaim(
        "001-85",
        {"": "l*delta"},
        facts.order_of_lemma_4,
        1e-3,
        "slope at N = 10⁸, where the next order is 1e-4; an order that is off by 1 % is seen",
        seconds=2,
    ),
    PaperClaim(
        "001-text-6.4-1",
        {"": "BB*sqrt(XX)"},
        facts.cauchy_schwarz,
        relation=BELOW,
        derived={"": "sqrt(BB)*sqrt(XX)"},
        kind=PROOF,
        slip="⟨B†B⟩ must stand under the square root too: the left side scales like B, the printed right side like B². "
        "The lemma only needs that it is bounded.",
    ),
    PaperClaim("001-86", _WHOLE, facts.theorem_2(0.7, 0.9, (R2, R, R1)), **_LIMIT),
    PaperClaim(
        "001-87",
        {"": "exp((Z + i*Y)/2)"},
        facts.gaussian_value,
        **_LIMIT,
        derived={"": "exp(-(Z + i*Y)/2)"},
        kind=MISPRINT,
        slip=_SIGN,
    ),
    PaperClaim(
        "001-88",
        {"Z": f"(r + r1 + r2)@S@(r + r1 + r2) - rt@{_NOISE}@rt", "Y": _ORDER},
        facts.exponents,
        **_LIMIT,
        derived={"Z": f"{_SUM}@S@{_SUM} + r@{_NOISE}@r", "Y": _ORDER},
        kind=PROOF,
        slip="r and r_t are exchanged in Z_t, and the last sign with them: eqs. 93 to 95 give r_t in the first form "
        "and + r·K_t·r.",
    ),
    PaperClaim("001-89", {"": "one**2"}, exact.product_of_two_sites),
    PaperClaim("001-93", {"constant": "1", "root": "zero"}, facts.leading_order, **_LIMIT),
    PaperClaim("001-94", {"": "-1/2*(r1@S@r1 + r@S@r + r2@S@r2)"}, facts.squares, **_LIMIT),
    PaperClaim("001-95", {"": f"-(r1@{_TWO}@rt + rt@{_TWO}@r2 + r1@{_TWO}@r2)"}, facts.products, **_LIMIT),
    PaperClaim(
        "001-text-6.5-2", {"1t": f"r1@{_TWO}@rt", "t2": f"rt@{_TWO}@r2", "12": f"r1@{_TWO}@r2"}, facts.two_time_averages
    ),
    PaperClaim(
        "001-text-6.5-1",
        {"": "exp((Z + i*Y)/2)"},
        facts.limit_of_power,
        reason=EXTRAPOLATED,
        derived={"": "exp(-(Z + i*Y)/2)"},
        kind=MISPRINT,
        slip="(1 − z/(2N))^N goes to e^{−z/2}; the sign is lost, as in eq. 87.",
    ),
)
