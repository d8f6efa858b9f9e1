"""The claims of Fiorelli 2024 (arXiv:2402.00792) about Hopfield networks: energies and rates, phases, several
patterns and a direct interaction. What decides them is in `states.py`, `retrieval.py` and
`interaction.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2024 import interaction as direct
from comparison.claims.fiorelli_2024 import retrieval as phases
from comparison.claims.fiorelli_2024 import states
from comparison.claims.fiorelli_2024.equations import FIRST, FLIPS, FLIPS_B16, MEAN_FIELD, RATES, SECOND
from comparison.claims.paper_claim import ABOVE, CONCLUSION, MISPRINT, PaperClaim

_DIRECT = "-2*Omega*eps*same - 2*g*epsz*wm*same{0} + g*sigma*bz*w{0} + same*cosh(beta*Eh)*(-xx/2 - yy/2 - zz)"
_Q, _WHOLE = _DIRECT.format(""), f"{_DIRECT.format('/2**p')} + {RATES}"
_DERIVATIVES = f"{SECOND} + {FIRST}"
_TWO_P = "With H_2 as printed h_{(αh)(βk)} is (g/2) 2^{−p} w̃_hk in units of N_s; H_2 = (g/2)(1/N_s) Σ w̃ S S is meant."
_RETRIEVAL = {"zy": "2*Omega", "yy": "-cosh(beta*o)/2"}
_B1 = "(beta*(1 - o*tanh(beta*o)))"
_W2 = "(Omega/cosh(beta*o))**2"
_FIRST = f"sqrt(({_B1} - 3/2)**2 + 2*({_B1} - 1 + 8*{_W2}*(beta - 1 - {_B1})))"
_SECOND = f"sqrt({_B1}**2 - (1 + 16*{_W2})*{_B1} + 16*{_W2}*(beta - 1) + 1/4)"
_SMALL = "extrapolated to better than 1e-5, and far below a change of a coefficient by 1 %"

CLAIMS = (
    PaperClaim("003-text-5.1-2", {"": "O@N"}, states.evolution_of_exponential),
    PaperClaim(
        "003-text-6.1-1",
        {"": "(gp/(sqrt(2)*cosh(beta*x)))**2 + (gm/(sqrt(2)*cosh(beta*x)))**2"},
        states.unit_rates,
        derived={"": "gp**2/cosh(beta*x) + gm**2/cosh(beta*x)"},
        kind=MISPRINT,
        slip="With the 1/√2 of eq. 51 the rates must be divided by √cosh(βΔE).",
    ),
    PaperClaim("003-51", {"": "(exp(beta*dE/2)/sqrt(2))**2/(exp(-beta*after/2)/sqrt(2))**2"}, states.balance_of_flips),
    PaperClaim(
        "003-text-6.1-3",
        {"": "dE"},
        states.energy_of_flips,
        derived={"": "2*dE + 2*p/N"},
        slip="σ_z of the flipped spin changes by 2, so that the energy of eq. 52 changes by 2ΔE and a self-energy "
        "2p/N. With it the rates obey detailed balance at temperature 1/β at every N.",
    ),
    PaperClaim("003-text-6.1-2", dict.fromkeys(("plus", "minus"), "exp(beta*z/2)/sqrt(2)"), states.majorant),
    PaperClaim(
        "003-text-6.3-4", {"number": "2**(p - 1)", "x": "x", "y": "xi*y", "z": "xi*z"}, states.gauge, seconds=0.5
    ),
    PaperClaim("003-52", {"patterns": "-sums/(2*N)"}, states.configuration("energy", "patterns")),
    PaperClaim(
        "003-53",
        {"first": "-sSS/2", "second": "-squares/(2**(p + 1)*Ns)"},
        states.configuration("energy", "first", "second"),
        derived={"first": "-sSS/(2*Ns)", "second": "-squares/(2**(p + 1)*Ns)"},
        kind=MISPRINT,
        slip="The first form has lost 1/N_s; its sum must end at 2^p.",
    ),
    PaperClaim("003-54", {"": "wS/Ns"}, states.configuration("fields", "")),
    PaperClaim("003-text-6.2-1", {"": "eS/(Ns*2**p)"}, states.configuration("overlap", "")),
    PaperClaim(
        "003-text-6.3.1-2",
        {"hh": "1/2", "hk": "-1/2", "ww": "w/2", "first": "z", "second": "-z"},
        states.couplings,
    ),
    PaperClaim("003-B.7", {"plus": "-s/2", "minus": "-s/2"}, states.local(0)),
    PaperClaim("003-B.8", {"plus": "-s/2", "minus": "-s/2"}, states.local(1)),
    PaperClaim("003-B.9", {"plus": "one - s", "minus": "-one - s"}, states.local(2)),
    PaperClaim(
        "003-B.11",
        {k: f"-xx/2 - yy/2 - zz + {k}*z4" for k in ("plus", "minus")},
        states.matrix_of_flips,
    ),
    PaperClaim("003-B.18", {"plus": "beta**2/4*gp**2", "minus": "beta**2/4*gm**2"}, states.squared_slope),
    PaperClaim("003-text-B.2-1", {"plus": "(1 - z)/2", "minus": "(1 + z)/2"}, states.squared_jump),
    PaperClaim(
        "003-text-B.2-2",
        {"plus z": "-1/2", "minus z": "1/2"} | {f"{end} {x}": "zero" for end in ("plus", "minus") for x in "xy"},
        states.along_basis,
    ),
    PaperClaim(
        "003-B.3",
        {"zz": "beta - 1", "zy": "2*Omega", "yz": "-2*Omega", "yy": "-1/2"}
        | {k: f"(beta - 3/2 {s} sqrt((beta - 1/2)**2 - 16*Omega**2))/2" for k, s in (("plus", "+"), ("minus", "-"))},
        phases.paramagnet,
        reason=_SMALL,
    ),
    PaperClaim(
        "003-text-B.1-2",
        {"saddle": "1 + 8*0.2**2", "Hopf": "3/2", "spiral": "4*0.35 + 1/2", "II": "zero"},
        phases.regimes,
        1e-4,
        _SMALL,
        derived={"saddle": "1 + 8*0.2**2", "Hopf": "3/2", "spiral": "4*0.35 + 1/2", "II": "two"},
        kind=MISPRINT,
        slip="In region (II) both eigenvalues are real, since (β − ½)² > 16Ω²; the stored text has ℂ. The boundaries "
        "are right.",
    ),
    PaperClaim("003-text-B.1-3", {"": "3/2"}, phases.hopf, 1e-4, _SMALL),
    PaperClaim("003-B.4", {"": "tanh(beta*o)/(1 + 8*Omega**2/cosh(beta*o)**2)"}, phases.stationary, 1e-5, _SMALL),
    PaperClaim("003-text-B.1-4", {"": "1 + 8*(Omega/cosh(beta*o))**2"}, phases.temperatures, relation=ABOVE),
    PaperClaim(
        "003-B.5",
        {
            "zz": "cosh(beta*o)*(beta*(1 - o*tan(beta*o)) - 1)",
            "yz": "-2*Omega*(1 - beta*o*tan(beta*o))",
            **_RETRIEVAL,
        },
        phases.retrieval("matrix"),
        reason=_SMALL,
        derived={
            "zz": "cosh(beta*o)*(beta*(1 - o*tanh(beta*o)) - 1)",
            "yz": "-2*Omega*(1 - beta*o*tanh(beta*o))",
            **_RETRIEVAL,
        },
        kind=MISPRINT,
        slip="tan stands for tanh, a misprint, as β′ below shows.",
    ),
    PaperClaim(
        "003-text-B.1-5",
        {
            f"{form} {k}": f"cosh(beta*o)/2*({_B1} - 3/2 {s} {text})"
            for form, text in (("first", _FIRST), ("second", _SECOND))
            for k, s in (("plus", "+"), ("minus", "-"))
        },
        phases.retrieval("eigenvalues"),
        tolerance=1e-5,
        reason=_SMALL,
    ),
    PaperClaim(
        "003-text-B.1-6",
        {"": "zero"},
        phases.retrieval("imaginary"),
        tolerance=1e-4,
        reason=_SMALL,
        derived={"": f"cosh(beta*o)/2*sqrt(-({_SECOND.removeprefix('sqrt(')[:-1]}))"},
        kind=CONCLUSION,
        slip="Near the transition the eigenvalues are a complex pair, −0.643 ± 0.037i at β = 1.316, Ω = 0.09; and Ω̃ "
        "has lost its square.",
    ),
    PaperClaim(
        "003-text-B.1-9",
        {"": "2"},
        phases.stable_solutions,
        derived={"": "zero"},
        kind=MISPRINT,
        slip="At this point eq. B.4 has no root but 0, which is unstable: it is in the region of the limit cycle. A "
        "smaller Ω must have been used.",
    ),
    PaperClaim(
        "003-26",
        MEAN_FIELD,
        direct.averages,
        tolerance=1e-4,
        reason="extrapolated exact numbers are known to 1e-6",
        seconds=8,
    ),
    PaperClaim(
        "003-57",
        {"": "anti"},
        direct.balance,
        reason=_SMALL,
        derived={"": "anti/2"},
        kind=MISPRINT,
        slip="The factor ½ of eqs. 30 and 72 is lost, with which eqs. 58–63 hold.",
    ),
    PaperClaim(
        "003-B.2",
        {
            f"{x}{mu}": text.replace("#", f"{mu}")
            for mu in (1, 2)
            for x, text in (
                ("z", "2*Omega*oy# - mean(cosh(beta*x))*oz# + mean(xi#*sinh(beta*x))"),
                ("y", "-2*Omega*oz# - mean(cosh(beta*x))*oy#/2"),
            )
        },
        direct.overlaps,
        reason=_SMALL,
        derived={
            f"{x}{mu}": text.replace("#", f"{mu}")
            for mu in (1, 2)
            for x, text in (
                ("z", "2*Omega*oy# - mean(xi#*cosh(beta*x)*mz) + mean(xi#*sinh(beta*x))"),
                ("y", "-2*Omega*oz# - mean(xi#*cosh(beta*x)*my)/2"),
            )
        },
        slip="For two patterns and more the average of a product is split: cosh stands with the averages of its own "
        "large spin in eq. B.1. Both agree for one pattern.",
        seconds=2,
    ),
    PaperClaim(
        "003-B.6",
        {"": f"({_Q})@S + S@T({_Q}) + {_DERIVATIVES} + {FLIPS_B16}"},
        direct.covariance_rate,
        reason=_SMALL,
        derived={"": f"({_WHOLE})@S + S@T({_WHOLE}) + {_DERIVATIVES} + {FLIPS}"},
        slip="Q of eqs. B.13 and B.14 leaves out the derivative of the rates, as in eq. 50, and has 2^p times the g of "
        "H_2; Γ²G of eq. B.16 has lost δ_hk in four terms.",
        seconds=2,
    ),
    PaperClaim(
        "003-B.12",
        {"x": "-2*g*my*w", "y": "2*g*mx*w", "z": "zero"},
        direct.contribution,
        reason=_SMALL,
        derived={"x": "-2*g*my*w/2**p", "y": "2*g*mx*w/2**p", "z": "zero"},
        kind=MISPRINT,
        slip=_TWO_P,
        seconds=1,
    ),
    PaperClaim(
        "003-B.13",
        {"xy": "-2*g*wm", "yx": "2*g*wm", "zy": "2*Omega", "zx": "zero"},
        direct.own_block,
        reason=_SMALL,
        derived={"xy": "-2*g*wm/2**p", "yx": "2*g*wm/2**p", "zy": "2*Omega", "zx": "zero"},
        kind=MISPRINT,
        slip=_TWO_P,
        seconds=1,
    ),
    PaperClaim(
        "003-B.14",
        {"": _Q},
        direct.drift_matrix,
        reason=_SMALL,
        derived={"": _WHOLE},
        slip="q stands for g. " + _TWO_P + " And the derivative of the rates is missing as in eq. 59.",
        seconds=2,
    ),
    PaperClaim(
        "003-B.15",
        {"": "2*Omega*eps*same + 2*g*epsz*wm*same - g*sigma*bz*w + same*cosh(beta*Eh)*(-xx/2 - yy/2 - zz)"},
        direct.transposed(_Q),
        derived={"": "2*Omega*eps*same + 2*g*epsz*wm*same - g*sigmak*az*w + same*cosh(beta*Eh)*(-xx/2 - yy/2 - zz)"},
        kind=MISPRINT,
        slip="The transpose of σ_αβ(h) δ_βz w̃_hk is −σ_αβ(k) δ_αz w̃_hk.",
    ),
)
