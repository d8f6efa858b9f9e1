"""The claims of Fiorelli 2024 (arXiv:2402.00792): fluctuations where rates are operators, and Hopfield networks.

Formulas stand as the paper prints them; what they say in words is in `coverage/fiorelli_2024.toml`. Here are those
about N → ∞ in general; what their names mean and what decides is in `network.py` (averages and covariances of large
spins) and `weyl.py` (Weyl-like operators). The others are in `moments.py` (mean field and Lemma 7), `appendix.py`
(identities and bounds that hold at every N), `leading.py` (leading orders in Appendix A), `hopfield.py` (energies,
rates, stability, a direct interaction), `phases.py` (figures 2 and B1), `modes.py` (two modes of two large spins) and
`correlations.py` (figure 3).
"""

from __future__ import annotations

from comparison.claims.fiorelli_2024 import (
    appendix,
    correlations,
    hopfield,
    leading,
    modes,
    moments,
    network,
    phases,
    weyl,
)
from comparison.claims.fiorelli_2024.equations import (
    DRIFT,
    FIRST,
    FLIPS,
    FLIPS_B16,
    MEAN_FIELD,
    RATES,
    SECOND,
    TRANSPOSE,
)
from comparison.claims.paper_claim import ABOVE, CONCLUSION, MISPRINT, PROOF, PaperClaim

_WHOLE = f"({DRIFT} + {RATES})"


def _covariance(drift: str) -> dict[str, str]:
    """Eqs. 50 and 58 with some drift matrix."""
    return {"": f"({drift})@S + S@T({drift}) + {SECOND} + {FIRST} + {FLIPS}"}


_K = "(B + i*A + (G2p + G2m)*M)"
_QUADRATIC = f"T@(2*i*h)@T - {_K}@T + G2p*Gp + G2m*Gm"
_OF_RATES = "(ggp*jjp + ggm*jjm)*(r@T@R)*(R@T@r) + gdp*(r@T@R)*(cp@T@r) + gdm*(r@T@R)*(cm@T@r)"
_MOVED = "(r@Mwp)*d2p*(R@FW) + (r@Mwm)*d2m*(R@FW)"
_LINEAR = f"r@(T@(2*i*hR) - {_K})@FW"
_Q = f"({_K} - i*sigma@(2*i*hR))"

_SMALL = "extrapolated to better than 1e-7, and far below a change of a coefficient by 1 %"
_LIMIT = "extrapolated exact numbers are known to about 1e-5; a coefficient that is off by 1 % is seen"
_LADDER = {"tolerance": 1e-3, "reason": _LIMIT, "seconds": 8}
_SHORT = {"reason": _SMALL}
_MISSING = "The derivative of the rates Γ²(Δ) by the averages is left out; the mean-field equations need Q = ∂f/∂m."

_LIMITS = (
    PaperClaim("003-text-2.3-1", {"": "exp(-alpha**2/2*S)"}, weyl.one_operator, **_SHORT),
    PaperClaim("003-5", {"": "exp(-i/2*(r1@sigma@r2))"}, weyl.composition, **_SHORT),
    PaperClaim("003-6", {"": "exp(-(r@S@r)/2)"}, weyl.characteristic, **_SHORT),
    PaperClaim("003-22", {"": "i*A@m + B@m + G2p*Mwp + G2m*Mwm"}, weyl.averages_rate, **_SHORT, seconds=1),
    PaperClaim(
        "003-34",
        {"": f"i*({_MOVED}) - i*({_LINEAR}) - i*(r@({_QUADRATIC})@r + {_OF_RATES})"},
        weyl.generator(weyl.FULL, leading=False),
        **_SHORT,
        derived={
            "": f"i*({_MOVED}) - i*({_LINEAR}) - (r@({_QUADRATIC})@r + {_OF_RATES})/2"
            " - (gdp*(r@Mwp) + gdm*(r@Mwm))*(r@T@R)"
        },
        slip="Before the last bracket −i stands for −½, a misprint by eqs. 46–48. Also −Σ ΓΓ′ (r·Mω)(r·T r_ℓ) is "
        "missing, the commutator of W with the rates that eq. A.85 drops.",
        seconds=2,
    ),
    PaperClaim(
        "003-35",
        _covariance(DRIFT),
        network.covariance((0, 0.3, 0.4), 0.3, 0.8, (0.0, 0.5, 1.0, 1.5)),
        **_LADDER,
        derived=_covariance(_WHOLE),
        kind=CONCLUSION,
        figure="hopfield_covariance.png",
        slip=_MISSING,
    ),
    PaperClaim(
        "003-text-5.1-3",
        {"": f"{_Q}@S + S@Tr({_Q}) + G2p*(Gp + Tr(Gp))/2 + G2m*(Gm + Tr(Gm))/2"},
        weyl.covariance_rate(weyl.CONSTANT, 0.0),
        **_SHORT,
        seconds=2,
    ),
    PaperClaim(
        "003-44",
        {"": "zero"},
        weyl.difference_of_rates,
        **_SHORT,
        derived={"": f"i*({_MOVED})"},
        kind=PROOF,
        slip="√N (Γ²(Δ_N) − Γ²(Δ)) goes to (Γ²)′ r_ℓ·F, which is of order one; the bound that follows has no room for "
        "the √N. This is the term that Q misses.",
    ),
    PaperClaim("003-text-5.1-5", {"": "zero"}, weyl.antisymmetric),
    PaperClaim(
        "003-text-5.1-6",
        {"": "zero"},
        network.smallest_noise,
        tolerance=1e-5,
        reason=_SMALL,
        relation=ABOVE,
        derived={"": "4*y**2*(beta**2/8*(cosh(beta*z) - z*sinh(beta*z)) - beta/4*cosh(beta*z))"},
        kind=PROOF,
        slip="S^sym holds the cross term ΓΓ′ (r_ℓ c_ℓ + c_ℓ r_ℓ), which has no sign; only the sum of both parts of the "
        "noise is positive.",
    ),
    PaperClaim(
        "003-50",
        _covariance(DRIFT),
        network.covariance((0, -0.244786, 0.951483), 0.35, 2.5, (0.0, 0.25, 0.5)),
        **_LADDER,
        derived=_covariance(_WHOLE),
        figure="hopfield_covariance.png",
        slip=_MISSING,
    ),
    PaperClaim(
        "003-58",
        _covariance(DRIFT),
        network.covariance_rate,
        **_SHORT,
        derived=_covariance(_WHOLE),
        slip=_MISSING,
        seconds=1,
    ),
    PaperClaim("003-59", {"": DRIFT}, network.drift_matrix, **_SHORT, derived={"": _WHOLE}, slip=_MISSING, seconds=2),
    PaperClaim("003-60", {"": TRANSPOSE}, network.transposed(DRIFT)),
    PaperClaim("003-61", {"": FLIPS}, network.noise("first"), **_SHORT),
    PaperClaim("003-62", {"": SECOND}, network.noise("second"), **_SHORT),
    PaperClaim("003-63", {"": FIRST}, network.noise("mixed"), **_SHORT),
    PaperClaim(
        "003-64",
        {
            "": f"({DRIFT})@S + S@({TRANSPOSE}) + same*cosh(beta*Eh)*(xx + yy + 2*zz*(1 - tanh(beta*Eh)*mz))"
            " - xz*sinh(beta*Eh)*mx - zy*sinh(beta*Eh)*my - zx*sinh(beta*Eh)*mx - zy*sinh(beta*Eh)*my"
            " + beta**2/8*sh*large*(cosh(beta*Eh) + cosh(beta*Ek))*sk"
        },
        network.covariance_rate,
        **_SHORT,
        derived=_covariance(_WHOLE),
        slip="The last term is a splice of eqs. 62 and 63, one of the sinh terms is printed twice for its transpose, "
        "and δ_hk is lost before all four; besides, the derivative of the rates is missing as in eq. 59.",
        seconds=1,
    ),
    PaperClaim(
        "003-text-6.3-1",
        {"": "zero"},
        network.coupling_of_blocks,
        **_SHORT,
        derived={"": "beta*w*(cosh(beta*E) - z*sinh(beta*E))"},
        kind=CONCLUSION,
        slip="True of the printed Q only, which leaves out the derivative of the rates: ΔE of one large spin holds the "
        "averages of the others.",
        seconds=2,
    ),
    PaperClaim("003-text-6.3.1-1", {"y": "-y1", "z": "-z1"}, network.opposite, **_SHORT),
    PaperClaim(
        "003-66",
        {"xx": "-cosh(D)/2", "yy": "-cosh(D)/2", "yz": "-2*Omega", "zy": "2*Omega", "zz": "-cosh(D)", "12zz": "zero"},
        network.opposite_matrix,
        **_SHORT,
        derived={
            "xx": "-cosh(beta*D)/2",
            "yy": "-cosh(beta*D)/2",
            "yz": "-2*Omega - beta*y*sinh(beta*D)/4",
            "zy": "2*Omega",
            "zz": "-cosh(beta*D) + beta*(cosh(beta*D) - z*sinh(beta*D))/2",
            "12zz": "-beta*(cosh(beta*D) - z*sinh(beta*D))/2",
        },
        slip="The derivative of the rates is missing as in eq. 59, and with Δ = m_z the functions must be of βΔ.",
        seconds=2,
    ),
    PaperClaim(
        "003-67",
        {"xx": "1", "yy": "1", "yz": "-tanh(D)*y", "zz": "2*(1 - tanh(D)*z)", "12zz": "zero"},
        network.opposite_flips,
        **_SHORT,
        derived={
            "xx": "cosh(beta*D)",
            "yy": "cosh(beta*D)",
            "yz": "-sinh(beta*D)*y",
            "zz": "2*(cosh(beta*D) - sinh(beta*D)*z)",
            "12zz": "zero",
        },
        slip="The common factor cosh of eq. 61 is lost, and β in the argument.",
    ),
    PaperClaim(
        "003-68",
        {
            "xx": "beta*(beta/2*z*sinh(D) + (beta/2 - 1)*cosh(D))*y**2",
            "12xx": "beta*(beta/2*z*sinh(D) + (beta/2 - 1)*cosh(D))*y**2",
            "yy": "zero",
            "zz": "zero",
        },
        network.opposite_noise,
        **_SHORT,
        derived={
            "xx": "beta/2*((beta/2 - 1)*cosh(beta*D) - beta/2*z*sinh(beta*D))*y**2",
            "12xx": "beta/2*((beta/2 - 1)*cosh(beta*D) - beta/2*z*sinh(beta*D))*y**2",
            "yy": "zero",
            "zz": "zero",
        },
        slip="Eqs. 62 and 63 give half of it, with a minus sign before m_z sinh, and functions of βΔ.",
    ),
    PaperClaim(
        "003-B.1",
        MEAN_FIELD,
        network.mean_field,
        **_SHORT,
    ),
    PaperClaim(
        "003-B.16",
        {"": FLIPS_B16},
        network.noise("first"),
        **_SHORT,
        derived={"": FLIPS},
        kind=MISPRINT,
        slip="The four sinh terms stand behind the closed braces, so that δ_hk does not reach them; eq. 61 has it.",
    ),
    PaperClaim("003-B.19", {"": SECOND}, network.noise("second"), **_SHORT),
    PaperClaim("003-B.20", {"": FIRST}, network.noise("mixed"), **_SHORT),
)

CLAIMS = (
    *_LIMITS,
    *appendix.CLAIMS,
    *moments.CLAIMS,
    *leading.CLAIMS,
    *hopfield.CLAIMS,
    *phases.CLAIMS,
    *modes.CLAIMS,
    *correlations.CLAIMS,
)
