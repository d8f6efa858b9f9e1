"""The claims of Benatti et al. 2017 about Gaussian states and entanglement: sections 3.3, 4 and 5."""

from __future__ import annotations

from comparison.claims.benatti_2017 import entangled_facts as facts
from comparison.claims.benatti_2017 import gaussian_facts as states
from comparison.claims.benatti_2017.at_rest import EXTRAPOLATED
from comparison.claims.paper_claim import ABOVE, BELOW, CONCLUSION, MISPRINT, PaperClaim

_N = "(1 + eta**2)/(4*eta)"
_DECAY = "exp(-4*t*eta/(1 + eta))/4"
_A = f"{_DECAY}*(3 + cosh(4*eta*lam*t/(1 + eta)))"
_B = f"{_DECAY}*(cosh(4*eta*lam*t/(1 + eta)) - 1)"
_SQUEEZED = (
    f"({_N})**2*exp(-4*(k + 2*eta*t/(1 + eta)))*(exp(4*k) + exp(4*eta*t/(1 + eta)) - 1)"
    "*(exp(4*(k + eta*t/(1 + eta))) - (exp(4*k) - 1)*cosh(2*eta*lam*t/(1 + eta))**2)"
)
_LATE = {
    "one": "-log((3 + exp(-4*k))*(1 + eta**2)**2/(16*eta**2))/(2*log(2))",
    "less": "-log((1 + eta**2)**2/(4*eta**2))/(2*log(2))",
}
_HALF = "(I1 + I2)/2 - I3"


def _says(id: str, decide, **more) -> PaperClaim:
    """A statement in prose that numbers are positive."""
    return PaperClaim(id, {"": "zero"}, decide, relation=ABOVE, **more)


CLAIMS = (
    _says("001-60", states.uncertainty),
    PaperClaim("001-61", {"": "S - M@S@T(M) + M@start@T(M)"}, states.evolved_covariance),
    PaperClaim("001-text-3.3-1", {"": "n*one"}, states.invariance),
    PaperClaim("001-text-3.3-2", {"": "exp(-(r@S@r)/2)"}, states.reduction, reason=EXTRAPOLATED),
    PaperClaim(
        "001-63",
        {"": "tr(S1@s3@Sc@s3@S2@s3@T(Sc)@s3)"},
        states.fourth_invariant,
        derived={"": "tr(S1@J@Sc@J@S2@J@T(Sc)@J)"},
        slip="The matrix between the blocks must be the symplectic iσ_2, not σ_3: only so is I_1I_2 + I_3² − I_4 the "
        "determinant that eq. 66 needs. With it eqs. 64 to 66 hold.",
    ),
    PaperClaim("001-64", {"": "I1*I2 + (1/4 - absI3)**2 - I4 - (I1 + I2)/4"}, states.separability),
    PaperClaim("001-65", {"": "positive(-log(4*I)/(2*log(2)))"}, states.negativity),
    PaperClaim("001-66", {"": f"{_HALF} - (({_HALF})**2 - (I1*I2 + I3**2 - I4))**(1/2)"}, states.smallest_eigenvalue),
    PaperClaim(
        "001-69",
        {"11": f"{_N}*exp(4*k)", "22": f"{_N}*exp(-4*k)"},
        states.squeezed_mode,
        derived={"11": f"{_N}*exp(-4*k)", "22": f"{_N}*exp(4*k)"},
        slip="With S of eq. 68 and SρS† of eq. 67, S†X̂S = e^{−2k}X̂: k has the wrong sign in one of the three. What "
        "follows is the same for k and −k, up to the rotation of eq. 71.",
    ),
    PaperClaim(
        "001-70",
        {"11": "H@A@T(H)", "12": "H@B@T(H)", "21": "H@B@T(H)", "22": "H@A@T(H)"},
        states.turned_blocks,
        reason=EXTRAPOLATED,
    ),
    PaperClaim(
        "001-71",
        {"11": "cos(2*omega*t)", "12": "sin(2*omega*t)", "21": "-sin(2*omega*t)", "22": "cos(2*omega*t)"},
        states.rotation,
    ),
    PaperClaim(
        "001-text-4-1",
        {
            "11": f"{_N}*({_A}*(exp(4*k) - 1) + 1)",
            "12": "zero",
            "22": f"{_N}*({_A}*(exp(-4*k) - 1) + 1)",
        },
        states.block("A"),
        reason=EXTRAPOLATED,
    ),
    PaperClaim(
        "001-text-4-2",
        {"11": f"{_N}*({_B}*(exp(4*k) - 1))", "12": "zero", "22": f"{_N}*({_B}*(exp(-4*k) - 1))"},
        states.block("B"),
        reason=EXTRAPOLATED,
    ),
    PaperClaim(
        "001-73",
        {"": _SQUEEZED},
        facts.explicit,
        reason=EXTRAPOLATED,
        derived={"": f"-log(4*({_SQUEEZED}))/(2*log(2))"},
        kind=MISPRINT,
        slip="The right side is I(t) of eq. 66; −½ log₂(4 …) of eq. 72 is left out. With it eq. 74 and the figures "
        "follow.",
    ),
    PaperClaim("001-74", _LATE, facts.late),
    _says("001-text-4-3", facts.generated),
    PaperClaim("001-text-4-4", {"": "still"}, facts.without_hamiltonian),
    _says("001-text-4-5", facts.grows_with_coupling),
    _says("001-text-4-6", facts.earlier_with_coupling),
    _says("001-text-4-7", facts.optimal_squeezing),
    _says("001-text-4-8", facts.birth_and_squeezing),
    _says("001-text-4-9", facts.falls_with_temperature),
    _says("001-text-4-10", facts.sudden_birth),
    _says("001-text-4-11", facts.sudden_death),
    _says("001-text-4-12", facts.later_death),
    _says("001-text-4-13", facts.persists),
    PaperClaim(
        "001-text-4-14",
        {"": "zero"},
        facts.more_squeezing,
        relation=BELOW,
        derived={"": "-(log(3 + exp(-4*k2)) - log(3 + exp(-4*k1)))/(2*log(2))"},
        kind=CONCLUSION,
        slip="By eq. 74 the asymptotic value grows with k, always. It saturates, at k = 1 within 0.005 of its bound, "
        "so that high k gains little; only at finite times may a larger k have less.",
    ),
    PaperClaim(
        "001-text-4-15",
        {"": "0.75"},
        facts.critical_temperature,
        0.005,
        "half a unit of the last printed digit is 0.7 %; a value that is off by 1 % is seen",
    ),
    _says("001-text-4-16", facts.critical_line),
    _says("001-text-5-1", facts.asymptotic_states),
)
