"""For test suites of users: a theory that is confirmed today stays confirmed."""

from __future__ import annotations

import dataclasses

from comparison.referee.claim import Claim
from comparison.referee.claimed import positions
from comparison.referee.finite_size import FiniteSizeVerdict
from comparison.referee.verdict import Verdict
from comparison.report.headlines import headlines_of
from comparison.study.result import StudyResult
from comparison.study.study import Study
from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_kind


def assert_confirmed(
    study: Study | StudyResult, claim: Claim | None = None, accuracy: float | None = None
) -> StudyResult:
    """Run a study and assert that every verdict on a claim is "confirmed".

        def test_my_theory():
            assert_confirmed(Study(model, rho0, tlist, [10, 20, 40, 80]), Claim("mine", "", my_theory), 1e-3)

    Parameters
    ----------
    study : Study, which is run; or the result of one, which is not run again and must have all times of the
        claim
    claim : to be judged. Default: every claim of the study, or the derived limit if it has none.
    accuracy : asked of "confirmed". Default: that of the study.

    Returns the result. Raises AssertionError with a sentence for every kind of quantity that is refuted or undecided,
    FiniteNError if the claim or the accuracy cannot be judged.
    """
    __tracebackhide__ = True  # pytest then shows the line of the test
    check_kind(study, "assert_confirmed: study", Study | StudyResult, "a Study or a StudyResult")
    if claim is not None:
        check_kind(claim, "assert_confirmed: claim", Claim, "a Claim")
    if isinstance(study, Study):
        change = ({} if claim is None else {"claims": [claim]}) | ({} if accuracy is None else {"accuracy": accuracy})
        result = dataclasses.replace(study, **change).run()
    else:
        given = study.study if accuracy is None else dataclasses.replace(study.study, accuracy=accuracy)
        result = dataclasses.replace(study, study=given)
    if result.failure or result.interrupted:
        raise AssertionError(f"only N = {result.sizes} are done: {result.failure or 'interrupted.'}")
    claims = [claim] if claim is not None else result.claims[1:] or result.claims
    for c in claims:
        if c.times is not None and (lost := c.times[positions(c.times, result.study.times) < 0]).size:
            raise FiniteNError(
                f"claim {shown(c.name)}: there are no exact numbers at t = {shown(lost.tolist())}; run the study with "
                "this claim, by giving the Study in place of its result."
            )
    found = {c.name: result.judge(c) for c in claims}
    if empty := [name for name, verdicts in found.items() if not verdicts]:
        raise FiniteNError(f"claim {shown(empty[0])}: there is nothing to judge; it needs values of a quantity.")
    wrong = [v for verdicts in found.values() for v in verdicts if v.status != "confirmed"]
    if wrong:
        parts = [[v for v in wrong if isinstance(v, kind)] for kind in (Verdict, FiniteSizeVerdict)]
        raise AssertionError("\n".join(map(str, headlines_of(claims, result.study.kinds, *parts))))
    return result
