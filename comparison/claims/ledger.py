"""The ledger: all claims of the papers."""

from __future__ import annotations

from comparison.claims.benatti_2016 import claims as benatti_2016
from comparison.claims.benatti_2017 import claims as benatti_2017
from comparison.claims.coverage import coverage
from comparison.claims.fiorelli_2023 import claims as fiorelli_2023
from comparison.claims.fiorelli_2024 import claims as fiorelli_2024
from comparison.claims.merkli_2018 import claims as merkli_2018
from comparison.claims.paper_claim import PaperClaim
from finite_n.errors import FiniteNError, shown

LEDGER: dict[str, tuple[PaperClaim, ...]] = {
    "000": benatti_2016.CLAIMS,
    "001": benatti_2017.CLAIMS,
    "002": fiorelli_2023.CLAIMS,
    "003": fiorelli_2024.CLAIMS,
    "004": merkli_2018.CLAIMS,
}


def claims_of(paper: str | None = None) -> list[PaperClaim]:
    """The claims of one paper, or of all, in the order of the text."""
    if paper is not None and paper not in LEDGER:
        raise FiniteNError(f"paper {shown(paper)}: the ledger holds {', '.join(LEDGER)}.")
    out = []
    for name in LEDGER if paper is None else (paper,):
        place = {item.id: k for k, item in enumerate(coverage(name))}
        out += sorted(LEDGER[name], key=lambda claim: place[claim.id])
    return out
