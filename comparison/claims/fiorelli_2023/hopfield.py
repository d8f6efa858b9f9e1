"""The claims of Fiorelli et al. 2023 about their models: kinetically constrained particles (section 2.1) and Hopfield
networks (section 5). What decides is in `constrained.py`,
`hopfield_facts.py`, `blocks.py` and `ladders.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2023 import blocks, constrained, ladders
from comparison.claims.fiorelli_2023 import hopfield_facts as facts
from comparison.claims.paper_claim import ABOVE, BELOW, MISPRINT, PaperClaim

_FLIPS = (
    "gup*sum(plus@n@rho@n@minus - (n@minus@plus@n@rho + rho@n@minus@plus@n)/2)"
    " + gdown*sum(minus@n@rho@n@plus - (n@plus@minus@n@rho + rho@n@plus@minus@n)/2)"
)


def _gamma(sign: str, x: str) -> str:
    """Γ_± of eqs. 58 and 59."""
    return f"exp({sign}beta/2*{x})/sqrt(2*cosh(beta*{x}))"


_SHIFTED = {k: f"diag({_gamma(s, '(dE - c*z)')})@s" for k, s in (("+", ""), ("-", "-"))}
_STEP = f"norm({_gamma('', 'dE')} - {_gamma('', '(dE - c*z)')})"


def _difference(b: str) -> dict[str, str]:
    """Eq. 61 with b before the arguments of cosh."""
    x, y = f"cosh({b}x)", f"cosh({b}y)"
    return {
        k: f"exp({s}beta*x/2)*({y} - {x})/(sqrt({x}*{y})*(sqrt(2*{y}) + sqrt(2*{x})))"
        f" + (exp({s}beta*x/2) - exp({s}beta*y/2))/sqrt(2*{y})"
        for k, s in (("+", ""), ("-", "-"))
    }


def _shift(l: str, first: str) -> str:
    """e^{ℓβΔE} cosh(…) − e^{ℓβ(ΔE − cσ_z/2)} cosh(ℓβΔE) of eqs. 68 and 69, with the argument of the first cosh."""
    return f"exp({l}beta*dE)*cosh({first}) - exp({l}beta*(dE - c/2*z))*cosh({l}beta*dE)"


_SIGNS = (("+", ""), ("-", "-"))
_PRINTED_SHIFT = {k: _shift(l, f"{l}beta*dE - c/2*z") for k, l in _SIGNS}
_RIGHT_SHIFT = {k: _shift(l, f"{l}beta*(dE - c/2*z)") for k, l in _SIGNS}
_REMAINDER = "xmax/N*Gamma*(3*C + C**2)"
_R = "1/(2*cosh(beta*x)*cosh(beta*y))"
_EQUALITY = "an equality, since a flip maps both halves of the configurations onto each other; rounding"

HOPFIELD = (
    PaperClaim("002-text-2.1-1", {"": _FLIPS}, constrained.flow(False)),
    PaperClaim("002-text-2.1-2", {"": "gup*x**2*(1 - x) - gdown*x**2*x"}, constrained.rates_of_flips),
    PaperClaim("002-text-2.1-3", {"": _FLIPS}, constrained.flow(True)),
    PaperClaim(
        "002-text-5.1-1",
        {"one": "-(first@w1@first)/2", "two": "-(first@w2@first)/2", "other": "-(second@w2@second)/2"},
        facts.lowest_energy,
    ),
    PaperClaim(
        "002-58",
        {
            "ratio": f"({_gamma('', 'dE')})**2/({_gamma('-', 'dE')})**2",
            "sum": f"({_gamma('', 'dE')})**2 + ({_gamma('-', 'dE')})**2",
        },
        facts.detailed_balance,
    ),
    PaperClaim(
        "002-text-5.1-2",
        {"+": f"diag({_gamma('', 'dE')})@s", "-": f"diag({_gamma('-', 'dE')})@s"},
        facts.product_with_flip("own"),
    ),
    PaperClaim(
        "002-text-5.1-3",
        dict.fromkeys(("paramagnet", "ferromagnet", "cycle"), "zero"),
        blocks.phases,
        relation=ABOVE,
        seconds=2,
    ),
    PaperClaim("002-text-5.1-4", {k: k for k in "xyz"}, ladders.self_energy, 3e-4, ladders.REASON, seconds=16),
    PaperClaim(
        "002-text-5.1-5",
        {"": "dE"},
        facts.energy_of_a_flip,
        derived={"": "2*dE"},
        slip="σ_z of the flipped spin changes by 2, so the energy changes by 2ΔE_k; the rates of eq. 58 obey detailed "
        "balance with that factor.",
    ),
    PaperClaim("002-text-5.2-1", {"": "zero"}, blocks.inverse_radius, relation=ABOVE),
    PaperClaim(
        "002-text-5.2-2",
        {"+": f"diag({_gamma('', 'dE')})@s", "-": f"diag({_gamma('-', 'dE')})@s"},
        facts.product_with_flip("z"),
    ),
    PaperClaim("002-text-5.2-3", _SHIFTED, facts.product_with_flip("shift")),
    PaperClaim("002-60", {"": _STEP}, facts.commutator_with_flip(double=False), reason=_EQUALITY),
    PaperClaim(
        "002-61",
        _difference(""),
        facts.difference_of_rates(1),
        derived=_difference("beta*"),
        kind=MISPRINT,
        slip="β is lost in every cosh, whose arguments are βx and βy in the rates of eq. 59; a misprint.",
    ),
    PaperClaim("002-62", {"": "2*xmax*C/N"}, facts.commutator_with_average(double=False), relation=BELOW),
    PaperClaim("002-63", {"": f"{_STEP}**2"}, facts.commutator_with_flip(double=True), reason=_EQUALITY),
    PaperClaim("002-64", {"": "2*xmax*C**2/N**2"}, facts.commutator_with_average(double=True), relation=BELOW),
    PaperClaim("002-65", {"": _REMAINDER}, facts.dissipator_of_one_spin("with"), relation=BELOW),
    PaperClaim("002-66", {"": _REMAINDER}, facts.dissipator_of_one_spin("without"), relation=BELOW),
    PaperClaim(
        "002-68",
        _PRINTED_SHIFT,
        facts.shifted_square(bound=False),
        derived=_RIGHT_SHIFT,
        kind=MISPRINT,
        slip="In the first cosh the factor ℓβ before (c/2)σ_z is lost; with it the formula is an identity.",
    ),
    PaperClaim(
        "002-69",
        {k: f"norm({text})" for k, text in _PRINTED_SHIFT.items()},
        facts.shifted_square(bound=True),
        relation=ABOVE,
        derived={k: f"norm({text})" for k, text in _RIGHT_SHIFT.items()},
        kind=MISPRINT,
        slip="As in eq. 68 the factor ℓβ before (c/2)σ_z is lost in the first cosh. With it the norm equals "
        "‖sinh(βcσ_z/2)‖; without it, it is larger for β < 1.",
    ),
    PaperClaim(
        "002-70",
        {"": "(sinh(beta*p)*W + 2*xmax*Gamma*(3*C + C**2))/N"},
        facts.dissipator_of_one_spin("difference"),
        relation=BELOW,
    ),
    PaperClaim("002-71", {"": "-sum(overlaps**2)/(2*N)"}, blocks.energy_by_patterns),
    PaperClaim(
        "002-72",
        {"first": "-sum((S@wt)*S)/2", "second": "-sum((S@T(f))**2)/(2**(p + 1)*Ns)"},
        blocks.energy_by_blocks,
        derived={"first": "-sum((S@wt)*S)/(2*Ns)", "second": "-sum((S@T(f))**2)/(2**(p + 1)*Ns)"},
        kind=MISPRINT,
        slip="The first form lacks the factor 1/N_s, with which it equals the second; and its sum must end at 2^p, the "
        "number of blocks.",
    ),
    PaperClaim(
        "002-text-5.2-4",
        {"": "1/2**p"},
        blocks.shares,
        5e-3,
        "of two million drawn spins the shares are known to 1e-3; 1 % of 1/4 is seen",
    ),
    PaperClaim("002-73", {"sums": "(S@wt)/Ns", "averages": "m@wt"}, blocks.argument_by_blocks),
    PaperClaim(
        "002-75",
        {k: f"sinh({l}beta*(x - y))/(2*cosh(beta*x)*cosh(beta*y))" for k, l in _SIGNS},
        blocks.difference_of_squares,
    ),
    PaperClaim(
        "002-76",
        {k: f"{_R}*sum(({l}beta)**(2*n + 1)/factorial*column((m - mt)@wt)**(2*n))" for k, l in _SIGNS},
        blocks.quotient,
    ),
    PaperClaim("002-77", {"": f"{_R}/(2*dE)*sinh(2*beta*dE)"}, blocks.bound_of_quotient, relation=BELOW),
    PaperClaim(
        "002-text-5.2-5", {"": "zero"}, ladders.error_of_mean_field(heat_bath=True), 1e-4, ladders.REASON, seconds=8
    ),
)
