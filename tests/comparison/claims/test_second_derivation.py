"""Every refuted formula has been transcribed and derived twice. The second was written from the paper alone, without a
look at the first; here both are compared, and with exact numbers."""

import numpy as np
import pytest

from comparison.claims.ledger import claims_of
from comparison.claims.paper_claim import REFUTED, evaluated, judge
from comparison.formula import parse
from tests.comparison.claims.second_derivation import all_second, facts_of, moved

SECOND = all_second()
DERIVED = [claim for claim in claims_of() if claim.derived is not None or claim.slip]
FAST = [claim for claim in DERIVED if claim.seconds <= 1]
SAME = 1e-10  # of the largest value: the same formula up to rounding, which integration can multiply
# where both are the same only by what the names stand for
BY_MEANING = {
    ("003-34", "derived"),  # T is antisymmetric, and the derivative of Γ² is 2ΓΓ′
    ("003-64", "printed"),  # δ_hk makes ΔE of h that of k
}


def test_every_refuted_formula_has_a_second_derivation_and_no_other():
    assert set(SECOND) == {claim.id for claim in DERIVED}


@pytest.mark.parametrize("id", SECOND)
def test_a_second_derivation_says_how(id):
    known = {"id", "printed", "derived", "derivation"}
    assert set(SECOND[id]) <= known and len(SECOND[id]["derivation"].split()) >= 15


def _apart(left, right) -> float:
    """The largest difference of two evaluated formulas, in units of the largest value of the right one."""
    assert set(left) == set(right)
    size = max(float(np.abs(x).max()) for x in right.values())
    gap = max(float(np.abs(left[k] - right[k]).max()) for k in right)
    return gap / size if size else gap


def _apart_elsewhere(claim, kind, known, seed):
    """The same at other values of the names, where no term vanishes by chance."""
    names = moved(known, seed)
    both = [
        {entry: np.asarray(parse(text, names, claim.id)) for entry, text in formulas.items()}
        for formulas in (SECOND[claim.id][kind], getattr(claim, kind))
    ]
    return _apart(*both)


def _check(claim, quick):
    facts, second = facts_of(claim, quick), SECOND[claim.id]

    def of(formulas):
        return evaluated(formulas, facts, claim.id)

    assert _apart(of(second["printed"]), of(claim.printed)) <= SAME
    assert judge(claim, facts, second["printed"]).verdict == REFUTED
    if claim.derived is None:
        return
    if facts.solve is None:
        for kind in ("printed", "derived"):
            gap = max(_apart_elsewhere(claim, kind, facts.names, seed) for seed in (0, 1))
            assert (gap > SAME) == ((claim.id, kind) in BY_MEANING), kind
    found = of(second["derived"])
    assert _apart(found, of(claim.derived)) <= SAME
    size = facts.scale if facts.scale is not None else max(float(np.abs(x).max()) for x in facts.exact.values())
    for entry, exact in facts.exact.items():
        assert np.abs(found[entry] - exact).max() <= claim.tolerance * size, entry


@pytest.mark.parametrize("claim", FAST, ids=lambda c: c.id)
def test_both_derivations_agree_with_each_other_and_with_exact_numbers(claim):
    _check(claim, quick=True)


@pytest.mark.slow
@pytest.mark.parametrize("claim", [c for c in DERIVED if c.seconds > 1], ids=lambda c: c.id)
def test_both_derivations_agree_where_facts_take_long(claim):
    _check(claim, quick=False)
