"""The claims of Fiorelli 2024 (arXiv:2402.00792) about two large spins: their stationary covariances, and
correlations of the two modes that are made of them. What decides them is in `modes_facts.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2024 import modes_facts as states
from comparison.claims.paper_claim import CONCLUSION, PaperClaim

_ZEROS = {"yy": "zero", "yz": "zero", "zz": "zero"}
# stationary covariances of the paramagnet
_YZ = "2*Omega*beta/((beta - 3/2)*(1 - beta) - 4*Omega**2 - 8*Omega**2*(1 - beta))"
_BETWEEN = {"yy": f"2*Omega*{_YZ}", "yz": f"-{_YZ}/2", "zz": f"-((1 + 2*Omega*{_YZ})/(1 - beta) - 1)/2"}
_MISSING = "Follows from the missing derivative of the rates in Q; exact blocks have yy, yz and zz elements as well."
_SMALL = "extrapolated to better than 1e-5, and far below a change of a coefficient by 1 %"
_SEARCH = "the search ends within 1e-8, and some terms are small"
_NOISE = "4*y**2*(beta**2/8*(cosh(beta*z) - z*sinh(beta*z)) - beta/4*cosh(beta*z))"
_STATIONARY = {
    "tolerance": 1e-3,
    "reason": "stationary states at N ≤ 40 are extrapolated to better than 1e-4",
    "seconds": 30,
}


def _g(x: str) -> str:
    """g(x) below eq. 76."""
    return f"(({x} + 1)/2*log(({x} + 1)/2) - ({x} - 1)/2*log(({x} - 1)/2))"


_SQUARED = "(A# + B# + 2*C#)/2 {} sqrt((A# + B# + 2*C#)**2 - 4*D#)/2"
_LEAST = {
    "1": "sqrt((2*C#**2 + (B# - 1)*(D# - A#) + 2*absC#*sqrt(C#**2 + (B# - 1)*(D# - A#)))/(B# - 1)**2)",
    "2": "sqrt((A#*B# - C#**2 + D# - sqrt(C#**4 + (D# - A#*B#)**2 - 2*C#**2*(A#*B# + D#)))/(2*B#))",
}
_CLASSICAL = {f"J{k}": f"{_g('sqrt(A#)')} - {_g(x)}".replace("#", k) for k, x in _LEAST.items()}
_NU = {s: f"sqrt({_SQUARED.format(s)})" for s in "+-"}
_DISCORD = {
    f"D{k}": f"{_g('sqrt(B#)')} - {_g(_NU['-'])} - {_g(_NU['+'])} + {_g(x)}".replace("#", k) for k, x in _LEAST.items()
}

CLAIMS = (
    PaperClaim("003-65", _ZEROS, states.stationary_blocks, **_STATIONARY, derived=_BETWEEN, slip=_MISSING),
    PaperClaim(
        "003-text-6.3-2",
        _ZEROS,
        states.stationary_blocks,
        **_STATIONARY,
        derived=_BETWEEN,
        kind=CONCLUSION,
        slip=_MISSING,
    ),
    PaperClaim(
        "003-text-6.3-3",
        {"between": "zero"},
        states.classical,
        reason=_SMALL,
        derived={"between": "-beta/(2*(1 - beta))"},
        kind=CONCLUSION,
        slip="The Gibbs state of eq. 52 has such correlations at every finite β, since the variance of the whole "
        "network is 1/(1 − β); Q leaves out the derivative of the rates.",
    ),
    PaperClaim(
        "003-69",
        {"yy": "z/length", "yz": "-y/length", "zy": "y/length", "zz": "z/length"},
        states.rotation,
    ),
    PaperClaim(
        "003-70",
        {"first": "i", "second": "i"},
        states.canonical_pairs,
        derived={"first": "i", "second": "-i"},
        slip="The averages of the second large spin are opposite, so that one of its operators needs a minus sign; "
        "without it the second mode is partially transposed, and entangled states look separable.",
    ),
    PaperClaim(
        "003-text-6.3.1-3",
        {
            "plus": "(A + B + 2*C)/2 + sqrt((A + B + 2*C)**2 - 4*D)/2",
            "minus": "(A + B + 2*C)/2 - sqrt((A + B + 2*C)**2 - 4*D)/2",
        },
        states.symplectic_eigenvalues,
    ),
    PaperClaim(
        "003-text-6.3.1-4",
        {"": "zero"},
        states.negativity,
        tolerance=1e-3,
        reason="a ladder up to N = 160 is known to 1e-4; the exact number is 56 times larger",
        derived={"": f"-log(sqrt(1 + {_NOISE}/cosh(beta*z))/length)"},
        kind=CONCLUSION,
        figure="hopfield_correlations.png",
        slip="C = 0 comes from the missing derivative in Q, and with the commutator of eq. 70 a negative C would be "
        "read as positive. The xx element of eqs. 62 and 63 squeezes the spins: at T = 0.4, Ω = 0.35 the negativity is "
        "0.056.",
        seconds=2,
    ),
    PaperClaim("003-75", _CLASSICAL, states.classical_correlations, 3e-7, _SEARCH, seconds=3),
    PaperClaim("003-76", _DISCORD, states.discord, 3e-7, _SEARCH, seconds=5),
)
