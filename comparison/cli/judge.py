"""`finite-n judge`: claims from files before the exact numbers of a study, one that is run or one that is saved."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from comparison.cli.interruption import Interruption
from comparison.cli.options import overrides, refuse_changes
from comparison.cli.printing import present, present_json
from comparison.cli.running import end, refuse_closed_output, run_study
from comparison.cli.streams import say
from comparison.referee.claim import Claim
from comparison.referee.extrapolation import FEWEST
from comparison.referee.finite_size import FiniteSizeVerdict
from comparison.referee.verdict import Verdict
from comparison.report.as_data import as_data, finite_size_data
from comparison.report.headlines import headlines_of
from comparison.report.tables import finite_size_table
from comparison.study.saved import read_saved
from comparison.study_file.build import load
from comparison.study_file.claim_files import claim_from
from finite_n.errors import FiniteNError, shown
from finite_n.model.validation import check_number

EXIT_REFUTED = 1
_WORST = ("refuted", "undecided", "confirmed")


@dataclasses.dataclass
class _Judged:
    """Verdicts on claims by the numbers of one study; `missing` are times of claims at which there are no numbers."""

    study: str
    dataset: str
    sizes: list[int]
    kinds: list[tuple[str, list[str]]]
    claims: list[Claim]
    verdicts: list[Verdict] = dataclasses.field(default_factory=list)
    finite_sizes: list[FiniteSizeVerdict] = dataclasses.field(default_factory=list)
    missing: dict[str, list[float]] = dataclasses.field(default_factory=dict)

    def add(self, claim: Claim, found: list) -> None:
        (self.finite_sizes if claim.per_size else self.verdicts).extend(found)

    def status(self, claim: Claim) -> str:
        found = [v.status for v in [*self.verdicts, *self.finite_sizes] if v.claim == claim.name]
        return min(found, key=_WORST.index, default="undecided")

    @property
    def refuted(self) -> bool:
        return any(self.status(c) == "refuted" for c in self.claims)

    def text(self) -> str:
        lines = map(str, headlines_of(self.claims, self.kinds, self.verdicts, self.finite_sizes))
        return "\n".join([*lines, *(["", finite_size_table(self.finite_sizes)] if self.finite_sizes else [])])

    def data(self) -> dict:
        return {
            "study": self.study,
            "dataset": self.dataset,
            "sizes": self.sizes,
            "claims": {
                c.name: {"source": c.source, "status": self.status(c), "missing_times": self.missing.get(c.name, [])}
                for c in self.claims
            },
            "verdicts": [as_data(v) for v in self.verdicts],
            "finite_sizes": [finite_size_data(v) for v in self.finite_sizes],
        }


def run(arguments) -> int:
    """Judge the claims and print the verdicts; returns the exit status."""
    claims = [claim_from(path) for path in arguments.claim]
    names = [c.name for c in claims]
    if len(set(names)) < len(names):
        raise FiniteNError(f"--claim: the name {shown(max(names, key=names.count))} twice; rename one of the files.")
    path = Path(arguments.study)
    if path.is_dir() or path.suffix == ".nc":
        return _print(arguments, _judge_saved(arguments, path, claims))
    return _run(arguments, claims)


def _judge_saved(arguments, path: Path, claims: list[Claim]) -> _Judged:
    if not claims:
        raise FiniteNError(f"{path}: give the claims to judge, such as --claim fig3.csv.")
    refuse_changes(path, arguments, but="accuracy")
    saved = read_saved(path)
    evidence = saved.evidence
    if arguments.accuracy is not None:
        evidence = dataclasses.replace(
            evidence, accuracy=check_number(arguments.accuracy, "accuracy", 0, 1, strict=True)
        )
        saved = dataclasses.replace(saved, evidence=evidence)
    if len(evidence.sizes) < FEWEST and not all(c.per_size for c in claims):
        raise FiniteNError(
            f"{path}: only the sizes {shown(evidence.sizes)} are done, and a limit needs four or more; run the study "
            "to its end."
        )
    out = _Judged(saved.name, saved.digest, list(evidence.sizes), saved.kinds, claims)
    for claim in claims:
        out.add(claim, saved.judge(claim))
        if lost := saved.missing_sizes(claim):
            say(
                f"finite-n: claim {shown(claim.name)}: its N = {', '.join(map(str, lost[:8]))} "
                f"{'is' if len(lost) == 1 else 'are'} not in the saved study and not judged; run the study with the "
                "claim for that."
            )
        if len(missing := saved.missing(claim)):
            out.missing[claim.name] = missing.tolist()
            say(
                f"finite-n: claim {shown(claim.name)}: t = {_listed(missing)} of its {len(claim.times)} times "
                f"{'is' if len(missing) == 1 else 'are'} not in the saved study and not judged; run the study with the "
                "claim for that."
            )
    return out


def _listed(times) -> str:
    return ", ".join(f"{t:g}" for t in times[:8]) + (", …" if len(times) > 8 else "")


def _run(arguments, claims: list[Claim]) -> int:
    """Run the study of a name or a file with the claims; returns the exit status."""
    with Interruption() as stop:
        study = load(arguments.study, overrides(arguments), claims, arguments.allow_python)
        own = [c["name"] for c in study.spec.get("claims", [])]
        judged = [c for c in study.claims if c in claims or c.name in own]
        if not judged:
            raise FiniteNError(f"{arguments.study}: has no [[claims]]; give claims to judge, such as --claim fig3.csv.")
        refuse_closed_output("verdicts")
        result = run_study(study, stop, arguments)
        out = _Judged(study.name, result.digest if result.results else "", result.sizes, study.kinds, judged)
        for claim in judged if result.results else []:
            out.add(claim, result.judge(claim))
        status = _print(arguments, out)
    return end(result, stop, status)


def _print(arguments, out: _Judged) -> int:
    if arguments.json:
        present_json(out.data())
    elif out.verdicts or out.finite_sizes:
        present(out.text)
    return EXIT_REFUTED if out.refuted else 0
