"""The claims of Fiorelli 2024 (arXiv:2402.00792) about its phase diagram, figures 2 and B1. What decides them is in
`phases_facts.py` and `cycles_facts.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2024 import cycles_facts
from comparison.claims.fiorelli_2024 import phases_facts as phases
from comparison.claims.paper_claim import BELOW, MISPRINT, PaperClaim

_W2 = "(Omega/cosh(beta*o))**2"
_REGION = f"step(beta - 3/2)*step(Omega - 1/4)*step(1 + 8*{_W2} - beta)"
_EXTRAPOLATED = "extrapolated exact numbers are known to about 1e-5"


def _both(formula: str) -> dict[str, str]:
    """A formula for exact numbers and for the limit."""
    return dict.fromkeys((cycles_facts.EXACT, cycles_facts.LIMIT), formula)


CLAIMS = (
    PaperClaim(
        "003-text-6.2-2",
        {"stable": "1", "all": "1", "overlap": "zero", "later": "zero"},
        phases.paramagnet,
        tolerance=1e-4,
        reason=_EXTRAPOLATED,
        seconds=2,
    ),
    PaperClaim(
        "003-text-6.2-3",
        {"": "tanh(beta*o)/(1 + 8*Omega**2/cosh(beta*o)**2)"},  # eq. B.4 at the exact overlap
        phases.retrieval,
        tolerance=1e-4,
        reason=_EXTRAPOLATED,
        seconds=2,
    ),
    PaperClaim(
        "003-text-6.2-4",
        _both(f"step(Omega - 1/4)*step(beta - 3/2)*step(beta - (1 + 8*{_W2}))"),
        cycles_facts.cycles,
        derived=_both(_REGION),
        kind=MISPRINT,
        slip="The last inequality is inverted: the cycle is where there is no retrieval solution. At T = 0.6 it ends "
        "in a saddle-node on the cycle at Ω = 0.2941, where its period diverges and retrieval solutions appear.",
        seconds=6,
    ),
    PaperClaim(
        "003-text-B.1-1",
        {
            "exchanged z1": "z2",
            "exchanged z2": "z1",
            "exchanged y1": "y2",
            "exchanged y2": "y1",
            "inverted z1": "-z1",
            "inverted z2": "z2",
            "inverted y1": "-y1",
            "inverted y2": "y2",
        },
        phases.symmetries,
    ),
    PaperClaim(
        "003-text-B.1-7",
        _both(f"step(3/2 - beta)*step(Omega - 1/4)*step(1 + 8*{_W2} - beta)"),
        cycles_facts.cycles,
        derived=_both(_REGION),
        kind=MISPRINT,
        slip="β < 3/2 must be β > 3/2: below, no order is stable by eq. B.3. A misprint; section 6.2 has that sign.",
        seconds=6,
    ),
    PaperClaim("003-text-B.1-8", _both("1"), cycles_facts.multiplier, relation=BELOW, seconds=5),
    PaperClaim(
        "003-text-B.1-10",
        {"cycle": "sqrt(mean((oz - mean(oz))**2))", "retrieval": "zero", "paramagnet": "zero"},
        phases.deviation,
        tolerance=1e-3,
        reason="half a turn of the cycle is known to about 2e-4",
        seconds=4,
    ),
)
