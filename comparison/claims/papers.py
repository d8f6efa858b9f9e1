"""The papers whose formulas every study of their systems judges, one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comparison.claims.benatti_2016 import study as benatti_2016
from comparison.claims.benatti_2017 import study as benatti_2017
from comparison.claims.fiorelli_2024 import study as fiorelli_2024
from comparison.claims.merkli_2018 import study as merkli_2018
from comparison.referee.claim import Claim
from finite_n.model.bosonic_particle import BosonicParticle
from finite_n.model.model import Model

PAPERS = (benatti_2016, benatti_2017, fiorelli_2024, merkli_2018)


def printed_claims(system: str, parameters: Mapping[str, Any], rho0, model: Model | BosonicParticle) -> list[Claim]:
    """What the papers print of a built-in system with these parameters, from this state."""
    return [claim for paper in PAPERS for claim in paper.claims_on(system, parameters, rho0, model)]
