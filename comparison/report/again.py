"""How to run a study again: the text of a study file."""

from __future__ import annotations

import re

import tomli_w

from comparison.study.result import StudyResult

_LIST = re.compile(r'\[\n((?:    (?:[-+.\w]+|"[^"\\\n]*"),\n)+)\]')  # of numbers or words, which is written on one line
_FIRST = ("name", "system", "parameters", "model", "particle", "initial", "times", "sizes")
_CHOICE = ("budget", "largest")  # of sizes, which are now given


def study_file(result: StudyResult) -> str:
    """A study file that gives the same numbers, with the sizes that were run; empty for a study that was not read from
    a file or from the command line.

    Tables of claims and functions that stand in files of their own are named, not repeated.
    """
    spec = result.study.spec
    if "times" not in spec or not any(key in spec for key in ("system", "model", "particle")):
        return ""
    kept = {key: _filled(x) for key, x in spec.items() if key not in _CHOICE and x not in ({}, [])}
    kept["sizes"] = list(result.sizes)
    order = sorted(kept, key=lambda key: (_FIRST.index(key) if key in _FIRST else len(_FIRST), key))
    try:
        text = tomli_w.dumps({key: kept[key] for key in order})
    except (TypeError, ValueError):  # of a `spec` that somebody else has written
        return ""
    return _LIST.sub(lambda found: f"[{', '.join(line.strip().rstrip(',') for line in found[1].splitlines())}]", text)


def needed_files(result: StudyResult) -> list[str]:
    """Files of claims, and of functions of time, that the study file names."""
    model = result.study.spec.get("model")
    functions = model.get("functions") if isinstance(model, dict) else None
    tables = [*(result.study.spec.get("claims") or []), *(functions.values() if isinstance(functions, dict) else [])]
    return [x["file"] for x in tables if isinstance(x, dict) and isinstance(x.get("file"), str)]


def _filled(x):
    """Without tables that are empty."""
    return {key: _filled(y) for key, y in x.items() if y != {}} if isinstance(x, dict) else x
