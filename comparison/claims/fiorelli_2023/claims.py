"""The claims of Fiorelli et al. 2023 (New J. Phys. 25, 083010): collective operator-valued rates.

Formulas stand as the paper prints them; what their names mean and what decides is in `facts.py` and the
files that it serves, what they say in words in `coverage/fiorelli_2023.toml`.
"""

from __future__ import annotations

from comparison.claims.fiorelli_2023 import constants, generator, proofs
from comparison.claims.fiorelli_2023.hopfield import HOPFIELD
from comparison.claims.fiorelli_2023.theorems import DRIFT, THEOREMS
from comparison.claims.paper_claim import BELOW, MISPRINT, PROOF, PaperClaim

_FIELD = "(s(eps) + s(m@h) + s(h@m))"
# 2 N_O ‖j‖² {…} of Appendix A.2, at N_O = 1 and 2
_C = "2*{NO}*{norm}*j**2*(delta*g1*(delta*g1*(1 + {NO}) + 3*{NO}*g0) + 2*g0*delta**2*g2)/N"
# one jump of C_P of eq. 32
_ONE = "jnorm_{l}**2*(2*delta_{l}*g1_{l} + d**2*amax*g0_{l})**2"
# G_μν of Appendix A.4
_G = "i*(eps@a) + i*((m@h)@a + (h@m)@a) + G1(r1@m)**2*M1 + G2(r2@m)**2*M2"
# terms of C_v of Appendix A.3
_FIRST, _LAST = "(2*delta*g1 + 3*g0)*delta*g1", "g0*delta**2*g2"

_GENERAL = (
    PaperClaim("002-text-3.2-1", {"": "2*x*y/N"}, generator.small_commutators, relation=BELOW),
    PaperClaim("002-5", {"": "zero"}, generator.clustering),
    PaperClaim("002-7", {"": " + ".join(f"tr(x@v{k})*v{k}" for k in range(1, 5))}, generator.expansion(2)),
    PaperClaim(
        "002-8",
        {"": "s(tr((v2@v3 - v3@v2)@v))"},
        generator.structure,
    ),
    PaperClaim("002-text-3.3-1", {"": "zero"}, generator.same_site_terms),
    PaperClaim("002-14", {"1": "sum(abs(r1))", "2": "sum(abs(r2))"}, generator.bounded_argument, relation=BELOW),
    PaperClaim("002-text-3.3-2", {"": "2*NO/N*O*delta*g1"}, generator.lemma_1("two", double=False), relation=BELOW),
    PaperClaim("002-text-3.3-3", {"": "2/N*x*delta*g1"}, generator.lemma_1("average", double=False), relation=BELOW),
    PaperClaim(
        "002-text-3.3-4", {"": "4*NO**2/N**2*O*delta**2*g1**2"}, generator.lemma_1("two", double=True), relation=BELOW
    ),
    PaperClaim(
        "002-text-3.3-5", {"": "4/N**2*x*delta**2*g1**2"}, generator.lemma_1("average", double=True), relation=BELOW
    ),
    PaperClaim(
        "002-16",
        {
            "one": _C.format(NO=1, norm="one"),
            "two": _C.format(NO=2, norm="two"),
            "average": _C.format(NO=1, norm="average"),
        },
        generator.lemma_2,
        relation=BELOW,
    ),
    PaperClaim("002-text-4.1-2", {"": "s(M)"}, proofs.local_action),
    PaperClaim("002-text-4.1-1", {"": DRIFT}, generator.drift(2)),
    PaperClaim("002-30", {"": "LA@B + A@LB + jumps"}, proofs.generator_of_product),
    PaperClaim(
        "002-31",
        {"": "sum((jd@(m@G - G@m) + (m@jd - jd@m)@G)@((G@m - m@G)@j + G@(j@m - m@j)))"},
        proofs.last_term,
        derived={"": "sum((G@(jd@m - m@jd) + (G@m - m@G)@jd)@((m@j - j@m)@G + j@(m@G - G@m)))"},
        kind=PROOF,
        slip="The jump operators are taken as Γj, while eq. 12 has jΓ; the bound of eq. 32 holds for both orders.",
    ),
    PaperClaim(
        "002-32",
        {"": f"({_ONE.format(l=1)} + {_ONE.format(l=2)})/N"},
        proofs.bound_of_last_term,
        relation=BELOW,
    ),
    PaperClaim("002-37", {"37": "(mb - b*one)@mc + b*(mc - c*one)"}, proofs.only(proofs.differences, "37")),
    PaperClaim("002-38", {"38": "g**2*(mb - b*one) + (G@G - g**2*one)@mb"}, proofs.only(proofs.differences, "38")),
    PaperClaim(
        "002-50",
        {"": f"i*({_FIELD}@x - x@{_FIELD}) + G1(r1@m)**2*D1 + G2(r2@m)**2*D2"},
        generator.local_generator(3),
        seconds=2,
    ),
    PaperClaim("002-52", {"": "i*energy + i*(left + right) + rate1 + rate2"}, generator.generator_on_local(False)),
    PaperClaim("002-53", {"": "i*left + i*right + rate1 + rate2"}, generator.generator_on_local(True)),
    PaperClaim("002-A.1", {"": "2*NO/N*O*delta*g1"}, generator.lemma_1("one", double=False), relation=BELOW),
    PaperClaim(
        "002-A.3",
        {"": "G@O1@G + G@O2@G + ((G@O - O@G)@n@G + G@n@(O@G - G@O))/2"},
        proofs.dissipator_by_parts,
    ),
    PaperClaim("002-A.4", {"": "G@G@(O1 + O2) + G@((O1@G - G@O1) + (O2@G - G@O2))"}, proofs.first_part),
    PaperClaim(
        "002-A.5",
        {"": "(G@O - O@G)@(n@G - G@n)/2 + ((G@O - O@G)@G@n - G@n@(G@O - O@G))/2"},
        proofs.second_part,
    ),
    PaperClaim(
        "002-A.6",
        # D_2 = D_21 + D_22
        {"": "(G@O - O@G)@(n@G - G@n)/2 + ((G@O - O@G)@(G@n) - (G@n)@(G@O - O@G))/2"},
        proofs.second_part,
    ),
    PaperClaim(
        "002-A.8",
        {"A.8": "g2"},
        proofs.only(constants.sums_of_series, "A.8"),
        derived={"A.8": "g2 + g1/delta"},
        kind=PROOF,
        slip="Σ|c_n|n²δ^{n−2} is γ″ + γ′/δ, not γ″, the derivative of γ′. The sum over i before it is n(n−1)/2, "
        "not n², so the bound at the end of the line holds, with room of a factor 2.",
    ),
    PaperClaim(
        "002-A.9",
        {"A.9": "c@(n - one)"},
        proofs.only(constants.sums_of_series, "A.9"),
        derived={"A.9": "c@n"},
        kind=PROOF,
        slip="The sum over i = 0 … n − 1 has n terms, so the first member needs n in place of n − 1; the second member "
        "has it.",
    ),
    PaperClaim("002-A.10", {"": "2*NO*g0/N*j**2*delta**2*O*g2"}, proofs.bound_of_third_sum, relation=BELOW),
    PaperClaim(
        "002-text-A.2-1",
        {
            "O": "2*NO*O*j**2*(delta*g1*(delta*g1*(1 + NO) + 3*NO*g0) + 2*g0*delta**2*g2)",
            "x": "2*x*j**2*((2*delta*g1 + 3*g0)*delta*g1 + 2*g0*delta**2*g2)",
        },
        constants.constant_of_lemma_2,
    ),
    PaperClaim("002-A.11", {"": "i*S(eps@a)"}, proofs.energy_of_average(3)),
    PaperClaim(
        "002-text-A.3-1",
        {"": "pairs(B) + commutators(ha)"},
        proofs.interaction_of_average,
        derived={"": "i*pairs(B) + i*commutators(ha)"},
        kind=MISPRINT,
        slip="The factor i of i[H, ·] is lost, which L_1 in eq. A.11 and f_α of Lemma 3 have.",
    ),
    PaperClaim("002-A.12", {"": "d**8*hmax*amax**2/N"}, proofs.bound_of_commutators, relation=BELOW),
    PaperClaim(
        "002-A.13",
        {"": f"d**8*hmax*amax**2 + q*(2*j**2*{_FIRST} + 2*{_LAST})"},
        constants.constant_of_lemma_3,
        derived={"": f"d**8*hmax*amax**2 + q*2*j**2*({_FIRST} + {_LAST})"},
        kind=PROOF,
        slip="The last term of C_v lacks ‖j_ℓ‖²: with s j for j the dissipator has |s|² before it, C_v has not. Term "
        "by term the proof gives 2‖j_ℓ‖²{[2δγ′ + 3γ]δγ′ + γδ²γ″}, which is the printed C_v at ‖j_ℓ‖ = 1. C_x of "
        "Appendix A.2 has its last term twice as large, since eqs. A.8 and A.10 take n² where the sum over i gives "
        "n(n − 1)/2. As 0 ≤ j†j ≤ ‖j‖² halves its commutators, the printed C_v is a bound all the same for ‖j_ℓ‖² ≤ 2, "
        "and for exponential rates always; exact numbers of few particles do not contradict it elsewhere.",
    ),
    PaperClaim(
        "002-text-A.4-1",
        {"": f"({_G})@m"},  # summed over ν alone, though the paper writes μ, ν
        generator.drift(2),
        read="(d/dt) m_μ = Σ_ν G_μν m_ν",
    ),
    PaperClaim("002-text-A.5-1", {"": "2*g0*g1"}, proofs.quotient, relation=BELOW),
    PaperClaim("002-text-A.6-1", {"": "sqrt(left)*sqrt(right)"}, proofs.completely_positive, relation=BELOW),
)

CLAIMS = (*_GENERAL, *THEOREMS, *HOPFIELD)
