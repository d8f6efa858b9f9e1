"""The claims of Fiorelli 2024 (arXiv:2402.00792) about leading orders in Appendix A: what commutators with W, moved
rates and local dissipators come to. What decides them is in `leading_facts.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2024 import leading_facts as orders
from comparison.claims.paper_claim import MISPRINT, PROOF, PaperClaim

_SMALL = "extrapolated to better than 1e-7, and far below a change of a coefficient by 1 %"
_FIRST = {x: f"(r@T@R)*dg{x}*(r@T@c{x})" for x in "pm"}
_DLOC = "i*(r@M@FW) + (r@M@T@r)/2"

CLAIMS = (
    PaperClaim("003-33", {"": "N*V"}, orders.variance),
    PaperClaim("003-A.2", {"": "N*V"}, orders.variance),
    PaperClaim(
        "003-A.27",
        {"": "-i*(r@T)"},
        orders.commutator_with_weyl,
        reason=_SMALL,
        derived={"": "-i*(r@T)*chi"},
        kind=MISPRINT,
        slip="W_t^N(r) is lost behind the second term, so that the printed norm does not vanish; a misprint, also in "
        "the last line of eq. A.28, since eq. A.30 has W.",
    ),
    PaperClaim("003-A.31", {"": "r@(T@hI@T)@r"}, orders.double_commutator, reason=_SMALL),
    PaperClaim("003-A.48", {"": "total(i**n/factorial*d/root**n)"}, orders.shift),
    PaperClaim("003-A.66", _FIRST, orders.product_of_differences(rest=False), reason=_SMALL),
    PaperClaim(
        "003-A.70",
        {"p": "zero", "m": "zero"},
        orders.product_of_differences(rest=True),
        tolerance=1e-5,
        reason=_SMALL,
        derived={
            x: f"i/2*(dg{x}*(R@K@m)*(c{x}@K@K@m) + (c{x}@K@m)*(dg{x}*(R@K@K@m) + ddg{x}*(R@K@m)**2))" for x in "pm"
        },
        kind=PROOF,
        slip="P of eq. A.67 leaves out the products of the first term of one series with the second of the other. They "
        "are of order N^{−3/2}, not N^{−2}; after the sum over k they vanish as N^{−1/2}, so the lemma stands.",
    ),
    PaperClaim(
        "003-A.75",
        # the last term is read inside the sum, without the ½, and W behind all
        {x: f"{_DLOC} - r@G{x}@r" for x in "pm"} | {f"leading {x}": f"i*(r@Mw{x})" for x in "pm"},
        orders.flips_of_weyl,
        reason=_SMALL,
        derived={x: f"{_DLOC} - (r@G{x}@r)/2" for x in "pm"} | {f"leading {x}": f"i*(r@Mw{x})" for x in "pm"},
        kind=MISPRINT,
        slip="The ½ before the last term is lost, which eq. A.80 has; a misprint.",
    ),
)
