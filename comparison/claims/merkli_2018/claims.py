"""The claims of Merkli and Rafiyi 2018 (Proc. R. Soc. A 474, 20170856): expansions in λ and N^−½.

Formulas stand as the paper prints them; what they say in words is in `coverage/merkli_2018.toml`.
"""

from __future__ import annotations

from comparison.claims.merkli_2018 import conditions, conserving, dicke, expansion, fluctuations
from comparison.claims.paper_claim import ABOVE, BELOW, CONCLUSION, MISPRINT, PROOF, PaperClaim


def _series(**orders: int) -> dict[str, str]:
    """(iλ)^r/k! times the sum over multi-commutators, by the name of that sum, X0_4=2 for r = 4 and k = 2."""
    return {name: f"(i*lam)**{name[-1]}/fact({k})*{name}" for name, k in orders.items()}


_GENERAL = (
    PaperClaim(
        "004-text-1-1",
        {"X0": "2", "X1": "2*nu", "Y0": "1", "Y1": "2*nu + 1"},
        expansion.first_orders,
        1e-3,
        "slopes are extrapolated to 1e-5",
    ),
    PaperClaim("004-1.17", {"": "A*(2*n*lam*g*t)**(2*nu)/fact(2*nu)*S"}, expansion.bounds(0), relation=BELOW),
    PaperClaim("004-1.18", {"": "A*(2*n*lam*g*t)**(2*nu + 1)/fact(2*nu + 1)*S"}, expansion.bounds(1), relation=BELOW),
    PaperClaim("004-1.21", {"": "free + X0 + Y0/sqrt(N) + X1/N + Y1/N**(3/2) + rest"}, expansion.theorem_1_2),
    PaperClaim("004-1.22", _series(X0_2=1, X0_4=2, X1_2=0, X1_4=1, Y0_1=0, Y0_3=1), expansion.theorem_1_3),
    PaperClaim(
        "004-1.26",
        {"free": "muA*muR", "first": "-2*lam*J1", "second": "-2*lam**2*muA*J2"},
        expansion.leading_orders,
    ),
    PaperClaim(
        "004-text-1.1.3-1",
        {"": "zero"},
        expansion.remainder_at_all_times,
        derived={"": "4"},
        kind=CONCLUSION,
        slip="The remainder holds (λt)⁴: the λ² term of eq. 1.26 grows without bound with t, which the average of a "
        "bounded operator cannot. It is uniform on compact sets of times only.",
    ),
    PaperClaim("004-1.27", {"": "-2*lam**2*J2"}, expansion.equal_particles),
    PaperClaim("004-3.1", {r: f"(i*lam)**{r}*P{r}" for r in "123"}, expansion.dyson),
    PaperClaim("004-text-3.1-1", {r: f"at5_{r}" for r in "234"}, expansion.powers_of_the_orders),
    PaperClaim("004-3.10", {"": "A*(2*g*t)**r/fact(r)*beta*binom"}, expansion.integral_bound, relation=BELOW),
    PaperClaim(
        "004-3.18",
        {"": "fact(N - n)/(fact(r/2 - nu)*fact(N - n - r/2 + nu))*D"},
        expansion.equal_terms,
    ),
    PaperClaim("004-3.19", _series(X0_2=1, X0_4=2, X0_6=3, X1_2=0), expansion.reservoir_series, seconds=1),
    PaperClaim(
        "004-3.20",
        _series(Y1_1=0, Y1_3=1, Y2_1=0, Y2_3=1),
        expansion.particle_series,
        seconds=1,
        read="the second sum over all p_1 + … + p_n = 2ν + 1, r alone odd",
    ),
    PaperClaim(
        "004-3.39",
        {"": "-lam**2*sum(J)"},
        expansion.lowest_of_the_reservoir,
        derived={"": "-lam**2/N*sum(J)"},
        kind=MISPRINT,
        slip="The factor N^{−r/2} = 1/N of eq. 1.10 is lost; eq. 1.26 has it.",
    ),
    PaperClaim("004-3.40", {"": "2*muA*Re(muG*muB)"}, expansion.double_commutator),
    PaperClaim("004-3.41", {"": "i*lam*sum(J)"}, expansion.lowest_of_particles),
)

_LIMIT = "extrapolated exact numbers are known to 1e-5 and better, and the series to λ⁶"
_LADDER = {"tolerance": 1e-4, "reason": _LIMIT}
_ZERO = {"tolerance": 1e-3, "reason": "averages of order N^−½ are extrapolated to a few 1e-4, of numbers of order one"}
_FIRST = "(sin((omega0 + omegaR)*t)/(omega0 + omegaR) + sin((omega0 - omegaR)*t)/(omega0 - omegaR))"
_SIGMA_PLUS = "-4*lam*integral(im_{A}*Re(exp(i*s*omegaR)*alpha))"
_SIGMA_PLUS_DERIVED = "-2*sqrt2*lam*integral(im_{A}*Re(exp(-i*s*omegaR)*alpha))"
_PHASE = "(omega0*t - 2*lam**2*G0*(t - sin(nu*t)/nu)/nu)"

_FLUCTUATIONS = (
    PaperClaim("004-1.28", {"x": "zero", "y": "zero", "z": "mz"}, fluctuations.intensive, **_ZERO, seconds=1),
    PaperClaim(
        "004-text-1.1.4-5",
        {"x": "x0*cos(omega0*t)", "y": "x0*sin(omega0*t)"},
        fluctuations.any_state,
        **_LADDER,
        derived={"x": f"x0*cos{_PHASE}", "y": f"x0*sin{_PHASE}"},
        kind=CONCLUSION,
        slip="The condition (A0) is needed: where μ_S(G) ≠ 0 the reservoir is driven to an amplitude of order √N and "
        "acts back on every particle, as eq. 2.12 of the same paper has it.",
    ),
    PaperClaim(
        "004-1.29",
        {"1": "i*lam*J1", "3": "(i*lam)**3/fact((3 - 1)/2)*J3"},
        fluctuations.lemma_1_7,
    ),
    PaperClaim(
        "004-text-1.1.4-1",
        {f"{F} {s}": "zero" for F in ("Fx", "Fy", "Fz") for s in ("vacuum", "two quanta")},
        fluctuations.without_odd_moments,
        **_ZERO,
        seconds=1,
    ),
    PaperClaim(
        "004-1.30",
        {A: _SIGMA_PLUS.format(A=A) for A in "xA"},
        fluctuations.lowest_order,
        derived={A: _SIGMA_PLUS_DERIVED.format(A=A) for A in "xA"},
        slip="For B = (a* + a)/√2 the average of B(s) is √2 Re(e^{−iω_R s}α), not 2 Re(e^{iω_R s}α): the 1/√2 of B is "
        "lost, and for complex α the sign of the phase.",
    ),
    PaperClaim(
        "004-1.31",
        {"": f"-4*lam*alpha*A/(1 + exp(-omega0/T))*sin(omega0*t)*{_FIRST}"},
        fluctuations.of_thermal_spins,
        derived={
            "": "-2*sqrt(2)*lam*alpha*A*tanh(omega0/(2*T))*omega0*(cos(omegaR*t) - cos(omega0*t))"
            "/(omega0**2 - omegaR**2)"
        },
        slip="μ_S([σ_+, A(t)]) holds the difference of the populations, −tanh(ω_0/(2T)), not the population of the "
        "ground state alone; the integral of sin(ω_0(t − s))cos(ω_R s) has lost its second half; besides, the √2 of "
        "eq. 1.30.",
    ),
    PaperClaim("004-text-1.1.4-2", {"": "zero"}, fluctuations.of_diagonal, **_ZERO, seconds=1),
    PaperClaim(
        "004-text-1.1.4-3",
        {"": "2"},
        fluctuations.onset,
        1e-3,
        "the exponent is extrapolated to 1e-3 and better",
    ),
    PaperClaim(
        "004-text-1.1.4-4",
        {"": f"-4*lam*alpha*A/(1 + 1)*sin(omega0*t)*{_FIRST}"},
        fluctuations.of_infinite_temperature,
        derived={"": "zero"},
        kind=CONCLUSION,
        slip="At T = ∞ every term of eq. 1.29 is the average of a commutator in the trace state, which vanishes; the "
        "nonzero value comes from 1/(1 + e^{−ω_0/T}) in eq. 1.31, in place of tanh(ω_0/(2T)).",
    ),
    PaperClaim("004-3.38", {"1": "i*lam*sum(Y1)/N", "3": "(i*lam)**3*sum(Y3)/N"}, fluctuations.average_of_y0),
)

_LOWEST = (
    "lam**2*{}(p*(1 - cos((omega0 - omega)*t))/(omega0 - omega)**2"
    " + (1 - p)*(1 - cos((omega0 + omega)*t))/(omega0 + omega)**2)"
)
_DICKE = (
    PaperClaim("004-1.23", {"number": "free + X0", "Fx": "Y0", "Nz": "X1"}, dicke.expanded, **_LADDER, seconds=1),
    PaperClaim(
        "004-text-1.1.1-1",
        {"z weak": "mz", "zz weak": "mz**2", "xx weak": "zero", "z strong": "down", "zz strong": "down**2"}
        | {"xx strong": "zero"},
        dicke.particles,
        **_LADDER,
        seconds=3,
    ),
    PaperClaim("004-text-1.1.1-2", {"": "zero"}, dicke.reservoir_moves, relation=ABOVE, seconds=3),
    PaperClaim(
        "004-1.24",
        {"number": "free_number + X0_number", "phi2": "free_phi2 + X0_phi2"},
        dicke.reservoir,
        **_LADDER,
        seconds=1,
    ),
    PaperClaim(
        "004-text-1.3-1",
        {"": "accuracy"},  # from which on the sum of the series would miss the exact number
        dicke.all_orders,
        **_LADDER,
        relation=ABOVE,
        derived={"": "abs(exact - (tr(F@propagator(M)@S@T(propagator(M))) - 1)/2)"},
        kind=CONCLUSION,
        slip="The limit of a field that is coupled linearly is a linear problem of the field and the spins' "
        "fluctuations, whose propagator sums the series to all orders: Dicke's model is resummable, though not energy "
        "conserving.",
        seconds=3,
    ),
    PaperClaim("004-2.6", {"": "N0 + X0"}, dicke.quanta, **_LADDER, seconds=3),
    PaperClaim("004-2.8", _series(X0_2=1, X0_4=2, X0_6=3), expansion.quanta_series, seconds=1),
    PaperClaim("004-2.9", {"": _LOWEST.format("sum(g**2*") + ")"}, dicke.lowest_order),
    PaperClaim(
        "004-text-2.1-1",
        {"": "zero"},
        dicke.growth_at_resonance,
        derived={"": "2"},
        kind=CONCLUSION,
        slip="At ω_0 = ω the first term of eq. 2.9 is p t²/2, which does not oscillate, and a continuum with g(ω_0) ≠ "
        "0 gives a linear growth; both within the time range of the claim, which is longer the smaller λ is.",
    ),
    PaperClaim(
        "004-text-2.1-5",
        {"": "4"},
        dicke.remainder,
        tolerance=2e-2,
        reason="exponents are extrapolated in λ² to a few 1e-2, and those in question are whole numbers",
        seconds=1,
        derived={"": "zero"},
        kind=PROOF,
        slip="At resonance the remainder holds (λt)⁴, which is of order one at t = (2|λ|‖g‖)^{−1}; O(λ⁴) holds on sets "
        "of times that do not depend on λ.",
    ),
    PaperClaim("004-text-2.1-2", {"above": "zero", "below": "zero"}, dicke.growth, relation=ABOVE, seconds=2),
    PaperClaim(
        "004-text-2.1-3",
        dict.fromkeys(("without (A0)", "with (A0)"), "zero"),
        dicke.without_odd_moment_condition,
        relation=ABOVE,
        seconds=1,
    ),
)

_HALF = "The coupling must be √(2ϰ) φ, whose variance is that of (λ/√N) Σ G_j: "
_LOST = "the proof loses (2q)!/2^q in eq. 3.32 and 1/r! in eq. 3.36."
_FORCE = "Re(conj(g)*(1 - exp(i*omega*t))/omega*h)"
_EFFECTIVE = "(h + lam**2*G0*F*G)"
_CLOSED = {"tolerance": 1e-6, "reason": "closed forms at large N are extrapolated to 1e-8 and better"}

_CONSERVING = (
    PaperClaim(
        "004-1.25",
        {"number": "number(2*sqrt(kappa))", "phi2": "phi2(2*sqrt(kappa))"},
        conserving.lemma_1_5,
        **_CLOSED,
        derived={"number": "number(sqrt(2*kappa))", "phi2": "phi2(sqrt(2*kappa))"},
        slip=_HALF + _LOST,
    ),
    PaperClaim("004-text-1.1.2-1", {"": "spins"}, conserving.only_the_variance, **_CLOSED),
    PaperClaim(
        "004-2.10",
        {"rhs": "h@rho - rho@h + lam**2*F*Tr2(two(G)@two(rho) - two(rho)@two(G))"},
        conserving.one_particle,
        **_CLOSED,
    ),
    PaperClaim("004-2.11", {"": "(G@rho - rho@G)*Tr(rho@G)"}, conserving.partial_trace),
    PaperClaim("004-2.12", {"rhs": f"{_EFFECTIVE}@rho - rho@{_EFFECTIVE}"}, conserving.one_particle, **_CLOSED),
    PaperClaim("004-text-2.2-1", {"xx": "x*x", "xy": "x*y"}, conserving.products, **_CLOSED),
    PaperClaim("004-text-2.2-2", {"x": "cos(omega0*t)", "y": "sin(omega0*t)"}, conserving.free_particle, **_CLOSED),
    PaperClaim("004-text-2.2-6", {"": "G0"}, conserving.conserved, **_CLOSED),
    PaperClaim("004-text-2.2-7", {"": "exp(-i/2*Im(conj(f)*h))*Wsum"}, conserving.weyl_products),
    PaperClaim("004-text-2.2-8", {"": "exp(-kappa*R**2)"}, conserving.vacuum_average),
    PaperClaim(
        "004-2.14",
        {"": "U*exp(i/2*t*xi**2*g**2/omega)"},
        conserving.polaron,
        derived={"": "U*exp(-i/2*t*xi**2*g**2/omega)"},
        kind=PROOF,
        slip="The two standard relations give ½ − 1 = −½ for the energy: it is lowered, so that the phase is "
        "e^{−(i/2)tξ²‖g/√ω‖²}. It cancels in eq. 2.15.",
    ),
    PaperClaim(
        "004-text-2.2-3",
        {"H": "H - phi_iwf + omega*abs(f)**2/2*one", "phi": "phi - Im(conj(f)*g)*one"},
        conserving.weyl_relations,
    ),
    PaperClaim("004-2.15", {"": "low(Wplus@At@Wminus)"}, conserving.displaced),
    PaperClaim("004-2.16", {"": f"exp(-2*i*sqrt(kappa)*{_FORCE}*x)*Wt"}, conserving.weyl_evolved),
    PaperClaim(
        "004-2.17",
        {"": f"exp(-lam**2*G2*{_FORCE}**2)*exp(-abs(exp(i*omega*t)*h)**2/4)"},
        conserving.weyl_limit,
        1e-4,
        "extrapolated from N = 2 … 16 to 1e-5 and better",
        derived={"": f"exp(-lam**2*G2*{_FORCE}**2/2)*exp(-abs(exp(i*omega*t)*h)**2/4)"},
        slip="The exponent needs a factor ½, by the variance in eq. 1.25.",
    ),
    PaperClaim(
        "004-2.18",
        {"": "N0 + lam**2*G2*sum(abs((exp(i*omega*t) - 1)*g/omega)**2)"},
        conserving.quanta,
        **_CLOSED,
        derived={"": "N0 + lam**2*G2*sum(abs((exp(i*omega*t) - 1)*g/omega)**2)/2"},
        slip="Needs the factor ½ of eq. 1.25; at ω_0 = 0 the paper's own eq. 2.9, which is right, gives half of this.",
    ),
    PaperClaim("004-text-2.2-4", {"": "one*lam**2"}, conserving.second_order),
    PaperClaim("004-text-2.2-5", {"": "earlier"}, conserving.periodic),
    PaperClaim(
        "004-3.32",
        {"1": "(-kappa)**1/fact(1)*I2", "2": "(-kappa)**2/fact(2)*I4"},
        conserving.resummed,
        derived={"1": "(-kappa)**1/fact(1)*fact(2)/2*I2", "2": "(-kappa)**2/fact(2)*fact(4)/2**2*I4"},
        kind=PROOF,
        slip="All (2q)!/2^q arrangements of the indices in D_2q give the same term, and their number is lost; for q = "
        "1 it is one.",
    ),
    PaperClaim("004-3.33", {"2": "with2(phi@phi)", "3": "with3(phi@phi@phi)"}, conserving.ancilla),
    PaperClaim("004-3.34", {"": "fact(r)/(2**r*fact(r/2))"}, conserving.vacuum_moments),
    PaperClaim(
        "004-3.36",
        {"": "phi2(2*sqrt(kappa)) - free"},
        conserving.series_of_lemma_1_5,
        **_CLOSED,
        derived={"": "phi2(sqrt(2*kappa)) - free"},
        kind=PROOF,
        slip="A Dyson series has no 1/r! beside its time-ordered integrals, while eq. 3.35 has; with the (2q)!/2^q of "
        "eq. 3.32 restored the series is the Dyson series of √(2ϰ) φ.",
    ),
    PaperClaim(
        "004-3.37",
        {"": "weyl(2*sqrt(kappa))"},
        conserving.weyl_limit,
        1e-4,
        "extrapolated from N = 2 … 16 to 1e-5 and better",
        derived={"": "weyl(sqrt(2*kappa))"},
        slip=_HALF + _LOST,
    ),
)

CLAIMS = (*_GENERAL, *_FLUCTUATIONS, *_DICKE, *_CONSERVING, *conditions.CLAIMS)
