"""The claims of Fiorelli et al. 2023 about evolution: mean field and Theorems 1 and 2 (section 4). What decides is in
`evolution.py`, `local.py` and `ladders.py`."""

from __future__ import annotations

from comparison.claims.fiorelli_2023 import evolution, ladders, local
from comparison.claims.paper_claim import ABOVE, BELOW, PaperClaim

_C0 = "2*(d**2*A + d**4*2*B + q*d**2*M*(g0**2 + 2*delta*g0*g1))"
_C1, _C2 = f"(d**2*{_C0})", "(d**2*(CP + 4*CL))"

# f_α of Lemma 3
DRIFT = "i*((eps@a)@m) + i*((((h + T(h))@a)@m)@m) + G1(r1@m)**2*(M1@m) + G2(r2@m)**2*(M2@m)"
THEOREMS = (
    PaperClaim(
        "002-19",
        {"": "i*((eps@a)@mean) + M1@rate1 + M2@rate2"},  # f_α of Lemma 3 without interactions, averaged
        ladders.derivative_of_averages,
        1e-3,
        "differences of extrapolated exact numbers are known to about 1e-4; what is off by 1 % is seen",
        seconds=8,
    ),
    PaperClaim("002-20", {"zz": "z*z", "yz": "y*z"}, ladders.products, 3e-4, ladders.REASON, seconds=8),
    PaperClaim("002-21", {"rhs": DRIFT}, ladders.mean_field, 3e-4, ladders.REASON, seconds=8),
    PaperClaim("002-text-4.1-3", {"": "zero"}, evolution.no_product, relation=ABOVE),
    PaperClaim("002-text-4.1-4", {"": "v"}, evolution.bounded_averages, relation=BELOW),
    PaperClaim(
        "002-text-4.2-1", {"first": "sqrt(squares)", "second": "sqrt(E)"}, evolution.cauchy_schwarz, relation=BELOW
    ),
    PaperClaim(
        "002-23",
        dict.fromkeys(("mean_x", "mean_y", "mean_z"), "zero"),
        ladders.distance_from_mean_field,
        1e-4,
        ladders.REASON,
        seconds=8,
    ),
    PaperClaim("002-26", {"": "zero"}, ladders.error_of_mean_field(heat_bath=False), 1e-4, ladders.REASON, seconds=8),
    PaperClaim("002-29", {"": "generated - 2*mdot*mean"}, evolution.derivative_of_square),
    PaperClaim("002-41", {"": "X*E"}, evolution.between_deviations("matrix"), relation=BELOW),
    PaperClaim("002-42", {"": "E"}, evolution.between_deviations("one"), relation=BELOW),
    PaperClaim("002-43", {"": "E"}, evolution.between_deviations("averages"), relation=BELOW),
    PaperClaim("002-44", {"": "E"}, evolution.between_deviations("numbers"), relation=BELOW),
    PaperClaim("002-45", {"": "g0**2*E"}, evolution.between_deviations("square"), relation=BELOW),
    PaperClaim("002-46", {"": "2*delta*g0*g1*E"}, evolution.between_deviations("rate"), relation=BELOW),
    PaperClaim("002-47", {"": f"{_C0}/2*E + 2*CL/N"}, evolution.derivative_of_error("one"), relation=BELOW),
    PaperClaim(
        "002-48",
        {"": f"{_C1}*E + {_C2}/N"},
        evolution.derivative_of_error("modulus"),
        relation=BELOW,
        read="Σ_α (2|D_t^{α,I}| + |ω_t(P_α)|), each α with its own P",
    ),
    PaperClaim("002-49", {"": f"{_C1}*E + {_C2}/N"}, evolution.derivative_of_error("rate"), relation=BELOW),
    PaperClaim(
        "002-text-4.2-3",
        {"": f"exp({_C1}*t)*E0 + {_C2}*(exp({_C1}*t) - 1)/({_C1}*N)"},
        evolution.error_of_mean_field,
        relation=BELOW,
    ),
    PaperClaim("002-text-4.2-2", {"": "2*g0*g1*X*sum(abs(r)*sqrt(squares))*sqrt(BB)"}, local.lemma_5, relation=BELOW),
    PaperClaim("002-78", {"": "R*sinh(2*beta*dE)/(2*dE)*X*w*sqrt(square)*sqrt(BB)"}, local.heat_bath, relation=BELOW),
    PaperClaim("002-51", {"": "weights@(full - local)"}, local.duhamel),
    PaperClaim("002-55", {"": "d**4*hmax*2*NO*B*v*O*integral"}, local.first_term, relation=BELOW),
    PaperClaim(
        "002-text-4.3-2",
        {"": "map"},
        local.theorem_2,
        3e-3,
        local.REASON,
        seconds=5,
    ),
    PaperClaim(
        "002-text-4.3-1",
        {"": "first(rho)*second(rho)"},
        ladders.two_particles,
        1e-3,
        "extrapolated exact numbers are known to about 1e-4; what is off by 1 % is seen",
        seconds=4,
    ),
)
