"""The claims of Fiorelli 2024 (arXiv:2402.00792) about correlations of two large spins at rest, figure 3, and what a
direct interaction adds to them. What decides them is in `correlations_facts.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2024 import correlations_facts as pairs
from comparison.claims.paper_claim import ABOVE, BELOW, CONCLUSION, PaperClaim

_SMALL = "extrapolated to better than 1e-6, and far below a change of a coefficient by 1 %"
_CLOSE = {"tolerance": 1e-4, "reason": "the balance of exact rates is known to about 1e-6"}
_SQUARE = "R@(Wp + Wm)@T(R)"
_S1, _S2 = (f"({x} + T({x}))/2" for x in (_SQUARE, "(R@Vp@T(cp) + R@Vm@T(cm))"))
_FIGURE = (
    "discord at T = 0.8, below that at T = 0.9",
    "classical correlations there",
    "discord at T = 0.4, below half the classical correlations",
)

CLAIMS = (
    PaperClaim(
        "003-72",
        {"": "R@U@dS@T(U)@R"},  # the time derivative on the left side is lost
        pairs.rotated_rate,
        reason=_SMALL,
        seconds=1,
        read="dΣ̃^ω/dt on the left",
    ),
    PaperClaim(
        "003-text-6.3.1-5",
        dict(zip(_FIGURE, ("exactD", "exactJ", "exactRest/2"), strict=True)),
        pairs.figure_3,
        relation=BELOW,
        tolerance=2e-2,
        reason="the ladder at T = 0.4 is known to 1 %, and a half is far from it",
        derived=dict(zip(_FIGURE, ("DFar", "JFar", "DRest"), strict=True)),
        kind=CONCLUSION,
        slip="With the derivative of the rates discord is nearly as large as classical correlations in the retrieval "
        "phase, 0.0069 against 0.0084 at T = 0.4, Ω = 0.35. At Ω = 0.1 it falls towards the paramagnet, where the "
        "commutators of both modes vanish with m, while classical correlations grow.",
        seconds=2,
        figure="hopfield_correlations.png",
    ),
    PaperClaim(
        "003-text-6.3.1-6",
        {"": "1"},
        pairs.uncertainty,
        relation=ABOVE,
        tolerance=1e-8,
        reason="algebra",
        derived={"": "(A + B + 2*C)/2 - sqrt((A + B + 2*C)**2 - 4*D)/2"},
        kind=CONCLUSION,
        slip="The covariance of eqs. 58–63 violates the uncertainty relation at low temperature, so that it belongs to "
        "no state: noise that squeezes is balanced by a Q without the derivative of the rates.",
    ),
    PaperClaim(
        "003-B.17",
        {"second": f"sigma@({_S1})@T(sigma)", "mixed": f"sigma@({_S2})@T(sigma)"},
        pairs.noise_by_rates,
        reason=_SMALL,
    ),
    PaperClaim("003-text-B.2-3", {"": "zero"}, pairs.block_between, relation=ABOVE, seconds=1),
    PaperClaim(
        "003-text-B.2-4",
        {"discord": "exactD", "negativity": "exactE"},
        pairs.direct_interaction,
        relation=ABOVE,
        **_CLOSE,
        derived={"discord": "DDirect", "negativity": "EDirect"},
        kind=CONCLUSION,
        slip="In the retrieval phase the interaction weakens both: 0.0062 and 0.0528 at g = 0.5 against 0.0069 and "
        "0.0564 without it. Only next to the transition does discord grow with g.",
        seconds=2,
    ),
)
