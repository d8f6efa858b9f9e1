"""The claims of Fiorelli 2024 (arXiv:2402.00792) in its Appendix A, and others that hold at every N: commutators of
fluctuations, bounds, and what the generator makes of Weyl-like operators. What decides them is in
`operators.py`, `bounds.py` and `weyl.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2024 import bounds, weyl
from comparison.claims.fiorelli_2024 import operators as spins
from comparison.claims.paper_claim import BELOW, MISPRINT, PROOF, PaperClaim

_SMALL = "extrapolated to better than 1e-7, and far below a change of a coefficient by 1 %"
_SHORT = {"reason": _SMALL}
_COMMUTATORS = {"12": "2*i*m3", "13": "-2*i*m2", "23": "2*i*m1"}
_SYMPLECTIC = {"12": "2*m3", "13": "-2*m2", "23": "2*m1"}

CLAIMS = (
    PaperClaim("003-text-2.3-2", {"": "S + i/2*sigma"}, spins.correlations),
    PaperClaim("003-8", {"": "t1*v1 + t2*v2 + t3*v3 + t4*v4"}, spins.expanded),
    PaperClaim("003-28", _COMMUTATORS, spins.fluctuations),
    PaperClaim("003-29", _SYMPLECTIC, spins.symplectic),
    PaperClaim("003-text-5.1-4", {"": "-uQTu"}, spins.linear),
    PaperClaim(
        "003-A.20",
        {"": "e@y@e"},
        spins.series,
        derived={"": "e@y@inverse"},
        kind=MISPRINT,
        slip="The exponential on the right has lost its minus sign; a misprint, since W v W† follows.",
    ),
    PaperClaim("003-A.22", {"": "-(rAF + root*rAw*one)"}, spins.first_of_field),
    PaperClaim("003-A.23", {"": "i/2*rATr"}, spins.second_of_field),
    PaperClaim(
        "003-A.26",
        {
            "middle": "i*(left(hR) + right(hR)) - (left(hI) - right(hI))",
            "last": "i*anti(hR) - double(hI)",
        },
        spins.interaction,
        derived={
            "middle": "i*(left(hR) + right(hR)) - (left(hI) + right(hI))",
            "last": "i*anti(hR) - double(hI)",
        },
        kind=MISPRINT,
        slip="In the middle form the sign between the two terms of h^I must be +; the last form follows from it and "
        "is right.",
    ),
    PaperClaim("003-A.39", {"": "i*rBF + root*i*rBw*one"}, spins.first_of_mean),
    PaperClaim("003-A.40", {"": "rBTr/2"}, spins.second_of_mean),
    PaperClaim("003-A.42", {"": "(of_jdagger + of_j)/2 + (of_rate + of_rate_right)/2"}, spins.dissipated),
    PaperClaim(
        "003-A.45",
        {"": "first/2 + second/2"},
        spins.by_rates,
        tolerance=1e-9,
        reason="exact up to rounding, and the first part, of order 1/√N, is small",
    ),
    PaperClaim(
        "003-A.47",
        {"": "G@of_shift"},
        spins.moved_rate,
        derived={"": "of_sum"},
        kind=PROOF,
        slip="The binomial series needs [Δ_N, D_Δ] = 0, which does not hold; it is true to leading order only.",
    ),
    PaperClaim(
        "003-A.53",
        {"": "(G@(G - V) - (G - V)@V)@W"},
        spins.double_commutator,
        derived={"": "((G - V)@V - G@(G - V))@W"},
        kind=MISPRINT,
        slip="The overall sign of the first form is wrong; the square that follows from it has the right one.",
    ),
    PaperClaim("003-A.77", {"": "i*(rMF + root*rMw*one)"}, spins.first_of_flips),
    PaperClaim("003-A.78", {"": "-first/2 - second/2"}, spins.identity_of_flips),
    PaperClaim("003-A.79", {"": "rMTr/2"}, spins.second_of_flips),
    PaperClaim("003-A.80", {"": "-rGr/2"}, spins.squares_of_flips),
    PaperClaim("003-text-2.2-1", {"": "2*x*y/N"}, bounds.averages, relation=BELOW),
    PaperClaim("003-15", {"": "delta"}, bounds.argument, relation=BELOW),
    PaperClaim(
        "003-text-3-1",
        {
            "local": "2*NO/N*O*delta*dg",
            "average": "2/N*x*delta*dg",
            "local twice": "4*NO**2/N**2*O*delta**2*dg**2",
            "average twice": "4/N**2*x*delta**2*dg**2",
        },
        bounds.commutators_of_rate,
        relation=BELOW,
    ),
    PaperClaim(
        "003-18",
        {
            "local": "2*NO*O*j2*(delta*dg*(delta*dg*(1 + NO) + 3*NO*g) + 2*g*delta**2*ddg)/N",
            "average": "2*x*j2*((2*delta*dg + 3*g)*delta*dg + 2*g*delta**2*ddg)/N",
        },
        bounds.dissipator,
        relation=BELOW,
    ),
    PaperClaim("003-A.4", {"": "j2*(2*delta*dg + d2*a*g)**2/N"}, bounds.product_term, relation=BELOW),
    PaperClaim(
        "003-A.25",
        {f"n{n}": f"(d2*r*2*v)**{n}*v/root**{n}" for n in range(1, 5)},
        bounds.nested_commutators,
        relation=BELOW,
    ),
    PaperClaim("003-A.24", {"": "d2*v*eps/root*exp(2*v*d2*r)"}, bounds.rest_of_field, relation=BELOW),
    PaperClaim("003-A.29", {"": "v**2/N*exp(2*d2*r)"}, bounds.rest_of_interaction, relation=BELOW),
    PaperClaim(
        "003-text-4.1-3",
        {"Lemma 6": "sqrt(AA)*sqrt(BB)", "Lemma 5": "2*g*dg*(r1*sqrt(e1) + r2*sqrt(e2) + r3*sqrt(e3))*sqrt(bb)"},
        bounds.cauchy_schwarz,
        relation=BELOW,
    ),
    PaperClaim("003-A.46", {"": "gamma(delta*(1 + exp(d2**2*r*a)))/root"}, bounds.rate_and_weyl, relation=BELOW),
    PaperClaim("003-A.49", {"": "delta*exp(d2**2*r*a)/root"}, bounds.shift, relation=BELOW),
    PaperClaim(
        "003-A.51",
        {"": "j2*delta*dg*gamma(delta*(1 + exp(d2**2*r*a)))/root"},
        bounds.first_part,
        relation=BELOW,
    ),
    PaperClaim("003-A.86", {"": "2/root*delta*dg"}, bounds.fluctuation_and_rate, relation=BELOW),
    PaperClaim(
        "003-text-A.2-1", {"": "-(r@A@FW) + i/2*(r@A@T@r)", "leading": "-(r@A@m)"}, weyl.generator(weyl.FIELD), **_SHORT
    ),
    PaperClaim(
        "003-text-A.3-1",
        {
            "": "-(r@(T@(-2*hI + 2*i*hR)@T)@r)/2 - i*(r@T@(2*i*hR)@FW) + (r@B@T@r)/2 + i*(r@B@FW)",
            "leading": "i*(r@B@m)",
        },
        weyl.generator(weyl.INTERACTION),
        **_SHORT,
        seconds=3,
    ),
    PaperClaim(
        "003-A.37",
        # r stands at the end of the second term, as its dimension needs
        {"": "-2*i*(r@(T@(i*hR))@FW) - r@(T@(i*hR)@T)@r"},
        weyl.fluctuating_interaction,
        **_SHORT,
        read="(−2i r·(T^N(ih^R)F_t^N) − r·(T^N(ih^R)T^N r)) W_t^N",
    ),
    PaperClaim(
        "003-text-A.4-1",
        {x: f"-(r@T@R)*gg{x}*jj{x}*(R@T@r)/2 - gd{x}*(r@T@R)*(c{x}@T@r)/2" for x in "pm"},
        weyl.words(weyl.RATE_COMMUTATORS),
        **_SHORT,
    ),
    PaperClaim(
        "003-A.58",
        {x: f"-(r@T@R)*gg{x}*jj{x}*(R@T@r)/2" for x in "pm"},
        weyl.words(weyl.DOUBLE_COMMUTATORS),
        tolerance=1e-5,
        reason=_SMALL,
    ),
    PaperClaim(
        "003-text-A.5-1",
        {x: f"i*G2{x}*(r@M@FW) + i*(r@Mw{x})*d2{x}*(R@FW) + G2{x}*(r@M@T@r)/2 + G2{x}*(r@G{x}@r)/2" for x in "pm"},
        weyl.words(weyl.JUMP_COMMUTATORS),
        **_SHORT,
        derived={
            x: f"i*G2{x}*(r@M@FW) + i*(r@Mw{x})*d2{x}*(R@FW) + G2{x}*(r@M@T@r)/2 - G2{x}*(r@G{x}@r)/2"
            f" - gd{x}*(r@Mw{x})*(r@T@R)"
            for x in "pm"
        },
        kind=PROOF,
        slip="The sign of the G term must be −, as in eqs. A.80 and A.81; and the commutator of the leading term with "
        "the rates is missing, see eq. A.85.",
    ),
    PaperClaim(
        "003-A.85",
        {"p": "zero", "m": "zero"},
        weyl.words(weyl.MOVED_RATES),
        **_SHORT,
        derived={x: f"-gd{x}*(r@Mw{x})*(r@T@R)" for x in "pm"},
        kind=PROOF,
        slip="i√N r·(M_ℓ ω)[W, Γ_ℓ] of eq. A.82 is dropped here. The commutator is of order 1/√N, so that the term is "
        "of order one; it belongs to the derivative of the rates that Q misses.",
    ),
)
