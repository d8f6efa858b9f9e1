"""The claims of Benatti et al. 2016 (Phys. Lett. A 380, 381): spins that dissipate into one common bath.

Formulas stand as the paper prints them; what they say in words is in `coverage/benatti_2016.toml`. Here are those of
which `facts.py` and `fluctuations.py` say what their names mean and what decides. Those about averages are in
`averages.py`, about local operators in `local.py`, about maps of fluctuations in `mesoscopic.py`, about products of
Weyl-like operators in `weyl_products.py`, and identities that hold at every N in `operators.py`.
"""

from __future__ import annotations

from comparison.claims.benatti_2016 import averages, facts, local, mesoscopic, operators, weyl_products
from comparison.claims.benatti_2016 import fluctuations as moving
from comparison.claims.paper_claim import ABOVE, MISPRINT, PaperClaim

_TWO = "exp(-((r1 + r2)@S@(r1 + r2))/2)*exp(-i/2*(r1@sigma@r2))"
_NOISE = {"11": "A22", "12": "(-A12)", "22": "A11"}
# σ^ω A σ^ω of the two-dimensional σ^ω has the entries −absxi A22, xi A12, −absxi A11
_OWN = {"11": "absxi*A22", "12": "(-xi*A12)", "22": "absxi*A11"}
COVARIANCE = {k: f"exp(-2*b*t)*S{k} + (1 - exp(-2*b*t))/(2*b)*{a}" for k, a in _OWN.items()}
SOLUTION = {
    "w1": "w1*cosh(xi*c)/cosh(xi*(lam*t + c))",
    "w2": "w2*cosh(xi*c)/cosh(xi*(lam*t + c))",
    "w3": "xi*tanh(xi*(lam*t + c))",
}
_UNSTABLE = {k: f"exp(2*absb*t)*S{k} + {a}/(2*absb)*(exp(2*absb*t) - 1)" for k, a in _OWN.items()}


def _late(*factors: str) -> dict[str, str]:
    """The second line of eq. 62 with a factor before the noise."""
    noise = dict(
        zip(("11", "12", "22"), (f"{f}{a}" for f, a in zip(factors, _NOISE.values(), strict=True)), strict=True)
    )
    flow = {"11": "2*S11", "12": "2*S12", "13": "S13", "22": "2*S22", "23": "S23"}
    return {k: f"-b*{x}" + (f" + {noise[k]}" if k in noise else "") for k, x in flow.items()} | {"33": "0"}


_EXACT = "holds at every N, so up to rounding; a coefficient that is off by 1 % is seen"
_LIMIT = "extrapolated exact numbers are known to about 1e-5; a coefficient that is off by 1 % is seen"

_OWN_CLAIMS = (
    PaperClaim("000-1", {"12": "i*s3", "23": "i*s1", "31": "i*s2"}, facts.commutators),
    PaperClaim("000-2", {"": "1/2"}, facts.largest_average),
    PaperClaim("000-8", {"12": "i*w3", "13": "-i*w2", "23": "i*w1"}, facts.symplectic),
    PaperClaim("000-9", {"": "exp(-i/2*(r1@sigma@r2))"}, facts.composition),
    PaperClaim("000-12", {"": "exp(-(r@S@r)/2)"}, facts.characteristic),
    PaperClaim("000-text-2-2", {"": _TWO}, facts.characteristic_of_two),
    PaperClaim(
        "000-33",
        {"": "exp(-i/2*((r1 + r2)@S@(r1 + r2)))*exp(-i/2*(r1@sigma@r2))"},
        facts.characteristic_of_two,
        derived={"": _TWO},
        kind=MISPRINT,
        slip="An i stands before the covariance, where eq. 14 has −1/2; a misprint, since the state would not be "
        "positive.",
    ),
    PaperClaim("000-text-3-1", {"": "(left(D) + right(D))/2"}, facts.generator(facts.D)),
    PaperClaim(
        "000-18",
        {"first": "g_t@g_s", "second": "g_ts@g_t"},
        facts.semigroup,
        derived={"first": "g_t@g_s", "second": "g_s@g_t"},
        kind=MISPRINT,
        slip="The product in the middle has γ_{t+s} where γ_s must stand; a misprint.",
    ),
    PaperClaim("000-19", {"": "double(A)/(2*N)"}, facts.generator(facts.A)),
    PaperClaim("000-20", {"": "i*anti(B)/(2*N)"}, facts.generator(1j * facts.B)),
    PaperClaim("000-21", {"": "double(A)/(2*N)"}, facts.one_site(facts.A)),
    PaperClaim("000-22", {"": "i*anti(B)/2"}, facts.one_site(1j * facts.B)),
    PaperClaim("000-text-3.1-1", {"": "i*(s(B@w)@x - x@s(B@w))"}, facts.local_hamiltonian),
    PaperClaim(
        "000-34",
        {"rhs": "sigma@A@T(sigma) + sigma@B@S + S@B@sigma + C@S + S@T(C)"},
        moving.covariance_equation,
        tolerance=1e-4,
        reason=_LIMIT,
        seconds=8,
    ),
    PaperClaim("000-37", {"": "-B12*w1*w3 + B13*w1*w2 + B23*(w2**2 + w3**2)"}, facts.mean_field(0)),
    PaperClaim("000-38", {"": "-B12*w2*w3 - B23*w1*w2 - B13*(w1**2 + w3**2)"}, facts.mean_field(1)),
    PaperClaim("000-39", {"": "B13*w2*w3 - B23*w1*w3 + B12*(w1**2 + w2**2)"}, facts.mean_field(2)),
    PaperClaim("000-40", {"": "lam*J"}, facts.rotated_form),
    PaperClaim("000-text-4-2", {"": "w1**2 + w2**2 + w3**2"}, facts.length, 1e-4, _LIMIT, seconds=8),
    PaperClaim(
        "000-text-4-3",
        SOLUTION,
        facts.solution,
        1e-4,
        _LIMIT,
        seconds=8,
    ),
    PaperClaim(
        "000-text-4-4", {"w1": "zero", "w2": "zero", "w3": "sign*xi"}, facts.late_averages(1.0), 1e-3, _LIMIT, seconds=8
    ),
    PaperClaim("000-42", {"12": "i*xi", "3": "zero"}, facts.conjugate_pair(-facts.XI)),
    PaperClaim("000-43", {"qp": "i"}, facts.position_and_momentum(-facts.XI)),
    PaperClaim(
        "000-45",
        {"": "absxi/2*(A11*double_qq + A22*double_pp) + xi/2*(A12*double_qp + A12*double_pq)"},
        facts.weyl_generator("A"),
    ),
    PaperClaim("000-49", {"": "i*lam/2*(anti_F12 - anti_F21)"}, facts.weyl_generator("B")),
    PaperClaim("000-50", {"": "i*b/2*(anti_qp - anti_pq)"}, facts.weyl_generator("B")),
    PaperClaim("000-text-4.1-1", {"q": "q - r2*one", "p": "p + r1*one"}, facts.displaced),
    PaperClaim("000-text-4.1-2", {"": "-i*b*rRW + (r@sigma@A@sigma@r)/2*W"}, facts.weyl_generator("AB")),
    PaperClaim(
        "000-54",
        # covariance ½ of the vacuum; Y_t is the integral of eq. 54
        {"": "exp(-exp(-2*b*t)*(r@r)/4 + (1 - exp(-2*b*t))/(4*b)*(r@sigma@A@sigma@r))"},
        moving.evolved_weyl,
    ),
    PaperClaim("000-55", COVARIANCE, moving.covariance_at_pole(moving.LAM, moving.XI), 1e-4, _LIMIT, seconds=8),
    PaperClaim(
        "000-56",
        {"11": "absxi*A22/(2*b)", "12": "-A12*xi/(2*b)", "22": "absxi*A11/(2*b)"},
        moving.covariance_at_pole(moving.LAM, moving.XI, late=True),
        1e-3,
        _LIMIT,
        seconds=8,
    ),
    PaperClaim("000-57", _UNSTABLE, moving.covariance_at_pole(moving.LAM, -moving.XI), 1e-4, _LIMIT, seconds=8),
    PaperClaim(
        "000-text-4.1-6",
        {"": "(q + i*b*p)@rho@(q - i*b*p) - ((q - i*b*p)@(q + i*b*p)@rho + rho@(q - i*b*p)@(q + i*b*p))/2"},
        moving.example_generator,
    ),
    PaperClaim("000-text-4.1-7", {"vacuum": "1", "11": "1/2", "12": "zero", "22": "1/2"}, moving.stationary_mode(1.0)),
    PaperClaim("000-text-4.1-8", {"": "zero"}, moving.growing_number, relation=ABOVE),
    PaperClaim(
        "000-59",
        {"11": "zero", "12": "w3", "13": "-w2", "21": "-w3", "22": "zero", "23": "w1", "31": "w2", "32": "-w1"}
        | {"33": "zero"},
        moving.symplectic_at_time,
    ),
    PaperClaim(
        "000-60",
        {"11": "zero", "12": "zero", "13": "-lam*w1", "21": "zero", "22": "zero", "23": "-lam*w2"}
        | {"31": "lam*w1", "32": "lam*w2", "33": "zero"},
        moving.rotated_matrix,
    ),
    PaperClaim(
        "000-62",
        _late("", "", ""),
        moving.late_covariance_equation,
        derived=_late("xi**2*", "xi**2*", "xi**2*"),
        slip="The second line leaves out the factor ξ² of σ_∞ A σ_∞, with σ_∞ of eq. 61; eq. 56 needs it.",
    ),
    PaperClaim(
        "000-text-4.2-1",
        {k: x for k, x in _late("", "", "").items() if k in _NOISE},
        moving.late_equation_of_two,
        derived={k: x for k, x in _late("xi**2*", "xi**2*", "xi**2*").items() if k in _NOISE},
        slip="Follows eq. 62: A^(2) needs the factor ξ².",
    ),
    PaperClaim(
        "000-text-4.2-2",
        {f"{k}": f"exp(-2*b*t)*S{k} + {a}/(2*b)" for k, a in _NOISE.items()},
        moving.solution_of_late_equation,
        derived={f"{k}": f"exp(-2*b*t)*S{k} + (1 - exp(-2*b*t))*{a}/(2*b)" for k, a in _NOISE.items()},
        slip="The noise must be multiplied by 1 − e^{−2bt}, as in eq. 55; the limit t → ∞ is the same.",
    ),
    PaperClaim(
        "000-63",
        {"33": "w@S@w/xi**2", "13": "zero", "23": "zero"},
        moving.late_variance,
        1e-3,
        _LIMIT,
        seconds=8,
        read="s² = (1/|ξ|²) Σ_μν ω_μ(0) ω_ν(0) Σ_μν^ω",
    ),
    PaperClaim(
        "000-64",
        {"11": "1/4", "12": "0", "13": "0", "22": "1/4", "23": "0", "33": "(1 - 4*xi**2)/4"},
        moving.product_covariance,
    ),
    PaperClaim(
        "000-65",
        {"": "(N - 1)*(sigma1sigma2 - w1*w2)"},
        moving.sum_of_correlations,
        derived={"": "(N - 1)*(s1s2 - w1*w2)"},
        kind=MISPRINT,
        slip="The last line has σ₁σ₂ for s₁s₂, four times as large; a misprint.",
    ),
    PaperClaim(
        "000-66",
        {"": "-A12/(2*absb)"},
        moving.correlation_of_two,
        1e-3,
        _LIMIT,
        derived={"": "-A12*xi**2/(2*b)"},
        slip="Eq. 56 is the covariance of q and p; that of F(s_1) and F(s_2) is ξ times its off-diagonal entry, by "
        "eq. 43.",
        seconds=8,
    ),
    PaperClaim(
        "000-text-4.2-4",
        {"13": "zero", "23": "zero", "33": "S33"},
        moving.decoupling,
        1e-3,
        _LIMIT,
        seconds=8,
    ),
    PaperClaim(
        "000-text-4.2-5",
        # eq. 56 times |ξ|, for F(s_1) and F(s_2) in place of q and p
        {"11": "absxi*absxi*A22/(2*b)", "12": "-absxi*A12*xi/(2*b)", "22": "absxi*absxi*A11/(2*b)"},
        moving.forgotten_start,
        1e-3,
        _LIMIT,
        seconds=8,
    ),
    PaperClaim(
        "000-text-4.3-2",
        {"": "-A12/(2*absb)"},
        moving.correlation_of_two,
        1e-3,
        _LIMIT,
        derived={"": "-A12*xi**2/(2*b)"},
        slip="Eq. 56, by which it is said to be given, has −ξA_12/(2b) for q and p; that is −ξ² A_12/(2b) for F(s_1) "
        "and F(s_2). The factor lost in eq. 62 is lost here too.",
        seconds=8,
    ),
    PaperClaim(
        "000-text-4.3-4",
        {"": "NC + A12/(2*absb)"},
        moving.what_is_left_of_correlations,
        1e-3,
        _LIMIT,
        derived={"": "NC + A12*xi**2/(2*b)"},
        slip="The factor ξ² of the correlation of F(s_1) and F(s_2) is missing, as in eq. 66.",
        seconds=8,
    ),
    PaperClaim("000-70", {"": "double(A)/2"}, moving.appendix("A")),
    PaperClaim("000-71", {"": "i*first + i*second"}, moving.commutator_with_covariance),
    PaperClaim("000-72", {"72": "sigma@A@T(sigma)"}, moving.sums_of_the_limit("72")),
    PaperClaim(
        "000-74",
        {"": "i/(2*N)*anti(B) + i*root*single(B@w)"},
        moving.appendix("B"),
        derived={"": "i/2*anti(B) + i*root*single(B@w)"},
        kind=MISPRINT,
        slip="The factor 1/N is left of eq. 73, where the sums over sites stand; with fluctuations it is used up, as "
        "eq. 76 has it.",
    ),
    PaperClaim("000-76", {"76": "sigma@B@S + S@B@sigma"}, moving.sums_of_the_limit("76")),
    PaperClaim("000-77", {"77": "C@S + S@T(C)"}, moving.sums_of_the_limit("77")),
)

CLAIMS = (
    *_OWN_CLAIMS,
    *averages.CLAIMS,
    *local.CLAIMS,
    *mesoscopic.CLAIMS,
    *operators.CLAIMS,
    *weyl_products.CLAIMS,
)
