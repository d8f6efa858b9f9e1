"""The page of the ledger: what stands on top and for every claim, which pages it may replace, and the committed one."""

import dataclasses
import re
from pathlib import Path

import pytest

from comparison.claims import page as module
from comparison.claims.decisions import decided
from comparison.claims.ledger import claims_of
from comparison.claims.page import judged_on, page
from comparison.claims.paper_claim import CONCLUSION, FORMULA, KINDS, Decision, Facts
from comparison.claims.summary import MAIN

ROOT = Path(__file__).parents[3]
FAST = {c.id: c for c in claims_of() if c.seconds < 1}
DATE = "2001-02-03"


def _decision(id: str, verdict: str, **options) -> Decision:
    """A decision with numbers that are given."""
    claim = dataclasses.replace(FAST[id], **options.pop("claim", {}))
    numbers = {"printed": 1.06, "exact": 0.007, "derived": None, "error": 1e-9, "accuracy": 1e-8}
    return Decision(claim, verdict, **{"entry": "", **numbers, "how": "a test", **options})


def test_the_top_counts_claims_by_paper_and_kind_and_tells_conclusions_in_words():
    text = page(
        [
            _decision("000-8", "confirmed"),
            _decision("000-62", "refuted", claim={"kind": CONCLUSION, "slip": "A factor is lost."}),
            _decision("000-66", "refuted", claim={"kind": FORMULA, "decide": None}) if "000-66" in FAST else
            _decision("000-text-4.2-2", "refuted"),
        ],
        DATE,
    )  # fmt: skip
    assert "F. Benatti, F. Carollo, R. Floreanini, H. Narnhofer, 2016 | 3 | 1 | 0 | 2 | 1 | 1 | 0 | 0 |" in text
    assert "| together | 3 | 1 | 0 | 2 | 1 | 1 | 0 | 0 |" in text
    assert re.search(r"^- 000, \[Eq\. 62\]\(#000-62\): “.+” A factor is lost\.$", text, re.M)
    assert "Of 3 claims 1 are confirmed, 2 refuted and 0 undecided" in text and DATE in text
    assert "Not judged: " in text and "stable: the same generator" in text  # parameter points


def test_numbers_of_what_does_not_hold():
    equal = _decision("000-62", "refuted", entry="11", derived=0.007)
    text = page([equal], DATE)
    assert "It gives, element 11: 1.06; exact: 0.007 ± 1e-09, as our derivation gives (a test)." in text
    below = _decision("000-62", "refuted", claim={"relation": "<", "kind": "proof"})
    assert "Claimed: < 1.06; computed: 0.007 ± 1e-09 (a test)." in page([below], DATE)


def test_inequalities_show_their_sign_and_the_numbers_that_a_reader_wants():
    above = _decision("000-8", "confirmed", claim={"relation": ">"}, printed=0.0, accuracy=float("nan"))
    assert "| > 0 | 0.007 |  |" in page([above], DATE)
    named = dataclasses.replace(above, shown={"largest E": 0.25, "t_0": 17.5})
    assert "| > 0 | largest E: 0.25; t_0: 17.5 |  |" in page([named], DATE)


def test_a_mended_reading_and_the_doubt_about_the_stored_text_stand_on_the_page():
    (claim,) = (c for c in claims_of("000") if c.id == "000-36")
    text = page([Decision(claim, "confirmed", "", 0.9, 0.9, None, 1e-9, 1e-6, "a test")], DATE)
    assert f"Read as: `{claim.read}`. {claim.item.suspicion} With it: 0.9, exact 0.9." in text
    assert "1 of the confirmed claims are judged with a slip of print mended" in text


def test_every_figure_is_there_and_shown_once():
    shown = [c for c in claims_of() if c.figure]
    assert {"003-50", "003-text-6.3.1-4", "003-text-6.3.1-5"} <= {c.id for c in shown}
    assert all((ROOT / "figures" / c.figure).is_file() for c in shown)
    found = [Decision(c, "refuted", "", 1.0, 2.0, None, 0.0, 1.0, "a test") for c in shown]
    text = page(found, DATE)
    names = {c.figure for c in shown}
    assert all(len(re.findall(rf"^  !\[.*\]\(../../figures/{name}\)$", text, re.M)) == 1 for name in names)
    assert all(f"([figure](../../figures/{c.figure}))" in text for c in shown if c.kind == CONCLUSION)


def test_every_refuted_kind_is_known_and_readings_belong_to_doubts():
    for c in claims_of():
        assert c.kind in KINDS, c.id
        assert not c.read or c.item.suspicion, c.id


def test_main_results_that_are_confirmed_stand_on_top():
    known = {c.id: c for c in claims_of()}
    assert all(known[id].relation == "=" for id in MAIN) and {id[:3] for id in MAIN} == {
        c.paper for c in known.values()
    }
    claim = known["000-12"]
    top = page([Decision(claim, "confirmed", "", 0.9, 0.9, None, 1e-9, 7e-8, "a test")], DATE).split("## 000")[0]
    assert f"| 000 | [Eq. 12](#000-12) | {claim.item.statement} | 0.9 | 7e-08 |" in top
    assert "Main results" not in page([Decision(claim, "refuted", "", 0.9, 1.0, None, 0.0, 0.1, "a test")], DATE)


def test_a_page_says_what_it_was_judged_on():
    found = [_decision("000-8", "confirmed"), _decision("000-62", "refuted")]
    assert judged_on(page(found, DATE, quick=True, took="3 s")) == (2, True)
    assert judged_on(page(found, DATE)) == (2, False)
    assert judged_on("# A page of something else\n") is None
    assert "in a quick run of 3 s, by" in page(found, DATE, quick=True, took="3 s")


def test_sections_follow_the_claims_of_their_paper(monkeypatch):
    text = page([_decision("000-8", "confirmed")], DATE, {"000": lambda: "### A table of its own\n"})
    assert text.rstrip().endswith("### A table of its own")
    assert set(module.SECTIONS) == {"002"}


def test_the_committed_page_shows_every_claim_of_the_ledger():
    """Ids and counts; the page is written anew by `finite-n claims --page comparison/claims/README.md`."""
    text = (ROOT / "comparison/claims/README.md").read_text(encoding="utf-8")
    known = [c.id for c in claims_of()]
    assert sorted(re.findall(r'<a id="(\d{3}-[^"]+)"></a>', text)) == sorted(known)
    assert judged_on(text)[0] == len(known)


@pytest.mark.parametrize("id", ["001-text-4-11"])
def test_numbers_that_are_shown_come_from_the_facts(id):
    claim = FAST[id]
    facts: Facts = claim.decide(True)
    assert facts.shown and decided(claim).shown == facts.shown
