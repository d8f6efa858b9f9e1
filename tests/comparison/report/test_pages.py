"""Reports of studies: what they say, that names are shown literally, that a page needs nothing else."""

import dataclasses
import itertools
import re
import tomllib
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from comparison import build, headlines, html_report, power_test
from comparison.referee.table import Table
from comparison.report.again import study_file
from comparison.report.asked import asked
from comparison.report.content import prepared
from comparison.report.pages import literal, markdown, page, text_report
from comparison.results_folder.identity import marked
from comparison.study.result import StudyResult
from finite_n import FiniteNError
from tests.comparison.report.studies import NAME, OBSERVABLE, SOURCE, bosons, rich, small, undecided

VOID = {"meta", "link", "img", "source", "br"}


class Read(HTMLParser):
    """Elements with their attributes, the text, and whether all elements are closed in order."""

    def __init__(self, text: str):
        super().__init__()
        self.elements, self.text, self.open, self.comments = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    def attributes(self, tag: str) -> list[dict]:
        return [own for name, own in self.elements if name == tag]


def said(result, power=None) -> str:
    """The text of a page, without its figure."""
    return Read(page(prepared(result, power))).words


def rendered(text: str) -> Read:
    """What a CommonMark reader makes of Markdown, in which HTML is allowed."""
    return Read(MarkdownIt("commonmark", {"html": True}).enable("strikethrough").render(text))


@pytest.fixture(scope="module")
def result():
    return small().run()


@pytest.fixture(scope="module")
def odd():
    return rich().run()


@pytest.fixture(scope="module")
def html(odd):
    return html_report(odd, power_test(odd))


def test_both_reports_hold_every_headline_and_every_number(result):
    html, text = said(result), text_report(result)
    for line in headlines(result):
        head, sentence = line.split(": ", 1)
        assert sentence in text and head.split(" (")[0] in text
        verdict, rest = re.match(r"(.*?)\. (.*)", sentence).groups()
        assert verdict in html and rest in html
    for N in (8, 12, 18, 26):
        value = f"{result.exact[result.sizes.index(N), -1, result.study.quantities.index('cov_zz')]:.7f}"
        assert value in html and value in text
    assert "so ξ drops out. omega: transverse field" in html and "so ξ drops out. omega: transverse field" in text
    for words in ("Fiorelli 2024, eq. 50", "H = N h, h = 0.3 m(σx)", "product(m = (0, 0.3, 0.4))", "Error budget"):
        assert words in html and words in text


def test_a_verdict_has_word_and_symbol_and_what_it_rests_on(result):
    content = prepared(result)
    assert [c.name for c in content.claims] == [
        "printed",
        "derived",
    ] and content.verdict == "refuted"
    read = Read(page(content))
    classes = [own.get("class") for own in read.attributes("div")]
    assert classes.count("verdict refuted") == 1 and classes.count("verdict confirmed") == 2
    assert "✗ REFUTED" in read.words and "✓ CONFIRMED to" in read.words
    gaps = [v for v in result.verdicts if v.claim == "printed"]
    worst = max(gaps, key=lambda v: v.gap)
    assert f"gap {worst.gap:.1e} error bar {worst.error:.1e}" in re.sub(r"\s+", " ", read.words)


def test_what_would_decide_is_said_with_what_it_concerns():
    result = undecided().run()
    advice = {v.advice for v in result.verdicts if v.status == "undecided"}
    assert advice
    for text in (said(result), text_report(result)):
        part = text.split("What would decide what is undecided")[1]
        assert all(sentence in part for sentence in advice) and "cov_zz" in part
        assert "UNDECIDED at" in text


@pytest.mark.parametrize("words", [NAME, SOURCE, OBSERVABLE])
def test_names_are_text_and_nothing_else(odd, html, words):
    read = Read(html)
    assert not read.open and " ".join(words.split()) in read.words
    tags = {tag for tag, _ in read.elements}
    assert not tags & {"script", "b", "iframe", "object"} and all(
        not k.startswith("on") for _, a in read.elements for k in a
    )
    assert read.comments == [f" finite-n dataset {odd.digest} "]
    seen = rendered(text_report(odd))
    assert " ".join(words.split()) in seen.words
    assert {tag for tag, _ in seen.elements} <= {"h1", "h2", "p", "ul", "li", "pre", "code", "img"}
    assert [own["src"] for own in seen.attributes("img")] == []
    assert "# with a heading" in seen.words and len([1 for tag, _ in seen.elements if tag == "h1"]) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("1. a", "12) b", "- c", "+ d", "---", "===", "# e", "> f", "a_b _c_ __d__", "*x*", "<!-- g", "&amp;", "\\*"),
        *("``h`", "~~i~~", "[j]: k", "-0.5", "1.5", "|a|\n|-|", "&", "* * *", "<http://x>"),
    ],
)
def test_markdown_shows_any_text_as_it_is(text):
    read = rendered(f"{literal(text)}\n")
    assert read.words == " ".join(text.split()) and [tag for tag, _ in read.elements] == ["p"]


def test_a_page_needs_nothing_else(html):
    read = Read(html)
    for tag, attributes in read.elements:
        for key in ("src", "srcset", "data", "poster", "action", "background"):
            assert attributes.get(key, "data:").startswith("data:"), tag
        target = attributes.get("href", "#")
        assert target.startswith(("#", "data:")) and not (tag == "link" and target.startswith("#"))
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style and "@import" not in style and "prefers-color-scheme: dark" in style
    policy = next(own for own in read.attributes("meta") if "http-equiv" in own)["content"]
    assert "default-src 'none'" in policy and "script" not in policy


def test_the_figure_is_inside_for_both_grounds_and_said_in_words(result, html):
    read = Read(html_report(result))
    images, sources = read.attributes("img"), read.attributes("source")
    assert len(images) == len(sources) == 2
    assert all("cov_zz" in own["alt"] and "26" in own["alt"] for own in images)
    assert all("dark" in own["media"] for own in sources)
    assert len({own["src"] for own in images} | {own["srcset"] for own in sources}) == 4
    without = page(prepared(result))
    assert "The figure was not drawn" in without and images[0]["alt"] in Read(without).words


def test_headings_are_in_order_and_tables_have_heads(html):
    read = Read(html)
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b <= a + 1 for a, b in itertools.pairwise(levels))
    ids = [own["id"] for _, own in read.elements if "id" in own]
    assert len(set(ids)) == len(ids)
    assert {own["href"][1:] for own in read.attributes("a") if own["href"].startswith("#")} <= set(ids)
    assert all(own.get("scope") in ("row", "col") for own in read.attributes("th"))


def test_every_quantity_has_a_table_of_all_times(result):
    course = {t.title: t for t in prepared(result).course}
    assert set(course) == {"mean_y", "mean_z", "cov_xx", "cov_yy", "cov_yz", "cov_zz"}
    rows = course["cov_zz"].rows
    assert rows[0] == ["t", "N = 8", "N = 12", "N = 18", "N = 26", "N → ∞, exact", "claim: derived", "claim: printed"]
    assert [row[0] for row in rows[1:]] == ["0", "0.2", "0.4"]
    i = result.study.quantities.index("cov_zz")
    assert [float(row[4]) for row in rows[1:]] == pytest.approx(result.exact[3, :, i], abs=5e-8)  # the digits shown
    long = small(sizes=[4, 5, 6, 7], times={"stop": 0.4, "points": 60}).run()
    table = prepared(long).course[0]
    assert len(table.rows) == 42 and table.rows[-1][0] == "0.4" and "41 of 60 times" in table.notes[0]


def test_planted_errors_and_theories_are_there(odd, html):
    read = Read(html)
    assert "Planted errors" in read.words and "smallest error refuted" in read.words
    assert "largest error of averages" in read.words and "no state has such values from" in read.words
    assert "Planted errors" not in said(odd)


def test_a_function_in_python_is_shown_by_its_values(odd):
    words = said(odd)
    assert "Γ(-1) = 0.474, Γ(0) = 0.7071, Γ(1) = 1.055" in words  # e^{βΔ/2}/√2 at β = 0.8
    assert "written in Python" in words


@pytest.mark.parametrize(
    "given",
    [
        {"system": "hopfield", "sizes": [4, 5, 6, 7], "times": {"stop": 0.2, "points": 3}, "tolerance": 1e-10},
        {
            "name": 'quotes " and ] [',
            "sizes": [4, 6, 8, 10],
            "initial": {"species": {"a": {"bloch": [0, 0.3, 0.4]}, "b": {"thermal": ["0.3*mz", 1.5]}}, "modes": {}},
            "times": {"stop": 0.1, "points": 2},
            "model": {
                "species": {"a": "1/2", "b": "1/2"},
                "hamiltonian": "w*mz_a*mx_b",
                "parameters": {"w": 0.1 + 0.2},
                "jumps": [{"operator": "sm", "amplitude": "1 + 0.5*D", "delta": "mz_b", "species": "a"}],
            },
            "observables": {"zz": "mz_a*mz_b"},
            "claims": [{"name": "c", "times": [0.1], "values": {"zz": [0.1]}, "uncertainty": {"zz": 0.01}}],
            "theories": ["meanfield"],
        },
    ],
    ids=["system", "model"],
)
def test_the_study_file_of_a_report_gives_the_same_numbers(given):
    result = build(given).run()
    text = study_file(result)
    assert said(result).count(" ".join(text.split())) == 1
    again = build(tomllib.loads(text)).run()
    assert again.digest == result.digest
    assert page(prepared(again)) == page(prepared(result))


def test_tables_of_claims_are_named_beside_the_study_file(tmp_path):
    (tmp_path / "fig_3.csv").write_text("time,mean_z\n0.2,0.400\n")
    claims = [{"name": "by eye", "file": "fig_3.csv"}]
    given = {"system": "hopfield", "sizes": [4, 5, 6, 7], "times": {"stop": 0.2, "points": 3}, "claims": claims}
    result = build(given, folder=tmp_path).run()
    for text in (said(result), text_report(result)):
        assert "beside fig_3.csv:" in text
    again = build(tomllib.loads(study_file(result)), folder=tmp_path).run()
    assert again.digest == result.digest


def test_sizes_that_were_chosen_are_given_in_the_study_file():
    study = build({"system": "hopfield", "times": {"stop": 0.2, "points": 2}, "budget": "30s", "largest": 20})
    result = study.run()
    spec = tomllib.loads(study_file(result))
    assert spec["sizes"] == result.sizes and not {"budget", "largest"} & set(spec)
    assert build(spec).run().digest == result.digest


def test_the_question_is_in_formulas():
    field = {"species": {"a": 0.5, "b": 0.5}, "modes": ["light"], "hamiltonian": "0.8*n_light + 0.3*mx_b*phi_light"}
    jumps = [
        {"operator": "sm", "amplitude": "1 + 0.5*D", "delta": "mz_b", "species": "a"},
        {"operator": "sz", "rate": 0.2, "species": "b"},
    ]
    collective = [
        {"operators": ["alpha_light"], "rate": 0.5},
        {"operators": ["mm_a", "mm_b"], "matrix": [[1, "0.5j"], ["-0.5j", 1]]},
    ]
    model = field | {"jumps": jumps, "collective": collective}
    start = {"species": {name: {"bloch": [0, 0, 0.4]} for name in "ab"}, "modes": {"light": {"beta": 0.5}}}
    study = build({"model": model, "initial": start, "times": {"stop": 0.1, "points": 2}, "sizes": [4, 6, 8, 10]})
    parts = {part.name: part.lines for part in asked(StudyResult(study, [], {}, False, 0.0))}
    assert parts["Particles"] == (
        "species a, a fraction 0.5 of N, 2 levels each; species b, a fraction 0.5 of N, 2 levels each; mode light",
    )
    assert parts["Hamiltonian"][1] == "written as 0.8*n_light + 0.3*mx_b*phi_light"
    assert parts["Local jumps"] == ("a: σ-, Γ = 1 + 0.5*D, Δ = m_b(σz)", "b: σz, rate 0.2")
    assert parts["Collective jumps"][0] == "L = √N ℓ, ℓ = 0.707107 φ(light) + (0+0.707107j) π(light), rate 0.5"
    assert parts["Collective jumps"][1].endswith("with the Kossakowski matrix [1, 0+0.5j; 0-0.5j, 1]")
    assert "Fluctuations" not in parts and "Observables" not in parts
    levels = asked(StudyResult(build({"system": "three_level"}), [], {}, False, 0.0))
    jumps = next(part.lines for part in levels if part.name == "Local jumps")
    assert jumps[2] == "|0⟩⟨1|, rate 1" and "Γ(1)" in jumps[0]


def test_a_spec_of_another_kind_is_no_study_file(result):
    for spec in ({}, {"note": "mine"}, {"system": "hopfield", "times": None}):
        study = dataclasses.replace(result.study, spec=spec)
        assert study_file(dataclasses.replace(result, study=study)) == ""


def test_a_study_that_was_interrupted_has_a_report_without_verdicts(result):
    part = dataclasses.replace(result, results=result.results[:2], interrupted=True)
    for text in (said(part), text_report(part)):
        assert "2 of 4 sizes are done" in text and "A verdict on a limit needs four sizes." in text
    with pytest.raises(FiniteNError, match="no size of this study is done"):
        html_report(dataclasses.replace(result, results=[]))
    with pytest.raises(FiniteNError, match="html_report: result"):
        html_report(result.study)


def test_reports_carry_the_digest_of_their_numbers(result):
    assert marked(page(prepared(result)).encode()) == marked(text_report(result).encode()) == result.digest


def test_particles_made_of_bosons_have_reports_too():
    result = bosons().run()
    words, text = said(result), text_report(result)
    for part in (
        "N that do not interact, each made of boson b",
        "h = 0.75 φ(b) φ(b)",
        "f: r·F = 1.2 F(n)",
        "b: Field(",
    ):
        assert part in words and part in text


def test_a_table_turned_has_its_marks_turned():
    t = Table([["", "a", "b"], ["N", "1"], ["c", "2", "3"]], marks={(2, 1): "refuted"}).turned
    assert t.rows == [["", "N", "c"], ["a", "1", "2"], ["b", "", "3"]] and t.marks == {(1, 2): "refuted"}
    assert t.turned.rows[2] == ["c", "2", "3"]


def test_markdown_names_the_figure_beside_it(result):
    seen = rendered(markdown(prepared(result, files={"figure": "convergence-partial.png"})))
    assert [own["src"] for own in seen.attributes("img")] == ["convergence-partial.png"]
