"""The papers whose formulas every study of their systems judges, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comparison.claims import benatti_2016_study, fiorelli_2024_study
from comparison.referee.claim import Claim
from finite_n.model.model import Model

PAPERS = (benatti_2016_study, fiorelli_2024_study)


def printed_claims(system: str, parameters: Mapping[str, Any], rho0, model: Model) -> list[Claim]:
    """What the papers print of a built-in system with these parameters, from this state."""
    return [claim for paper in PAPERS for claim in paper.claims_on(system, parameters, rho0, model)]
