"""A second transcription and derivation of refuted formulas, kept in `second/`, one file per paper, and facts of claims
that several tests ask for.

Of a claim: printed, derived {entry: formula}, as in `PaperClaim`; derivation: in words. The second is found from the
paper alone, without sight of the first.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from comparison.claims.paper_claim import Facts, PaperClaim

_FOLDER = Path(__file__).parent / "second"
_FIXED = ("i", "zero", "one", "two")  # numbers by name


@functools.cache
def facts_of(claim: PaperClaim, quick: bool) -> Facts:
    """What decides a claim, found once."""
    return claim.decide(quick)


def second_of(name: str) -> dict[str, Mapping]:
    """The second transcriptions and derivations of one file, by id. In formulas, {X} stands for the text X of `parts`,
    which may hold earlier ones."""
    data = tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))
    parts: dict[str, str] = {}
    for part, text in data.get("parts", {}).items():
        parts[part] = text.format_map(parts)
    out = {}
    for found in data["claim"]:
        for kind in ("printed", "derived"):
            if kind in found:
                found[kind] = {entry: text.format_map(parts) for entry, text in found[kind].items()}
        assert found["id"] not in out, f"{name} has {found['id']} twice"
        out[found["id"]] = found
    return out


def all_second() -> dict[str, Mapping]:
    """Those of every paper."""
    return {id: found for path in sorted(_FOLDER.glob("*.toml")) for id, found in second_of(path.name).items()}


def moved(names: Mapping[str, object], seed: int) -> dict[str, object]:
    """Other values of all names that are real or complex numbers, or arrays of them: zeros are moved too, so
    that terms count which vanish at the facts' own values."""
    random, out = np.random.default_rng(seed), dict(names)
    for name, value in names.items():
        if name not in _FIXED and not callable(value):
            shape = np.shape(value)
            out[name] = np.asarray(value) * random.uniform(0.8, 1.2, shape) + random.uniform(0.01, 0.1, shape)
    return out
