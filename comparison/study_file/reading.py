"""What a study file says, or a built-in system stands for, as plain data, with the parts that are replaced."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from comparison.study_file.defaults import DEFAULTS
from finite_n.errors import SHOWN, FiniteNError, perhaps, shortened, shown
from finite_n.model.validation import check_kind
from finite_n.systems import PARTICLES, SYSTEMS

_LARGEST_FILE = 1_000_000  # bytes
BUILT_IN = SYSTEMS | PARTICLES


@dataclasses.dataclass(frozen=True)
class Source:
    """Where a study comes from.

    raw : plain data with the keys of a study file
    text : of the file, empty for a built-in system
    where : what refusals call it; folder : in which the files that it names are looked for
    """

    raw: dict[str, Any]
    where: str
    folder: str
    text: str = ""


def read_source(name_or_file: str | Path, overrides: Mapping[str, Any] | None = None) -> Source:
    """A built-in system or a study file.

    overrides : dict of parts of the study that replace those of the file; parameters and times are merged, optional
    """
    if not isinstance(name_or_file, str | Path):
        raise FiniteNError(f"study: got {shown(name_or_file)}; give the name of a system or the path of a study file.")
    path, text = Path(name_or_file), ""
    if name_or_file in BUILT_IN:
        raw: dict[str, Any] = {"system": name_or_file}
    elif path.suffix == ".toml" or os.path.isfile(path):  # no OSError for a name that no file can have
        raw, text = _read(path)
    else:
        name = str(name_or_file)
        raise FiniteNError(
            f"«{shortened(name, SHOWN)}» is neither a system ({', '.join(BUILT_IN)}) nor a study "
            f"file{perhaps(name, BUILT_IN)}; see `finite-n systems`, or give a file that ends in .toml."
        )
    given = {} if overrides is None else overrides
    check_kind(given, "study: overrides", dict, "a dict of parts of the study")
    return Source(replaced(raw, given), str(name_or_file), str(path.parent), text)


def replaced(raw: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data of a study with other parts; parameters are those of its system or of its own model, and they and
    times are merged."""
    out = dict(raw)
    for key, value in overrides.items():
        own = next((x for x in ("model", "particle") if isinstance(raw.get(x), dict)), None)
        if key == "parameters" and own is not None and "system" not in raw and isinstance(value, dict):
            out[own] = _with_parameters(out[own], value, own)
            continue
        if key in ("parameters", "times") and isinstance(out.get(key, {}), dict) and isinstance(value, dict):
            default = DEFAULTS.get(out.get("system", ""), {}).get(key, {}) if key == "times" else {}
            value = default | out.get(key, {}) | value
        out[key] = value
    return out


def _with_parameters(table: dict, given: Mapping[str, Any], own: str) -> dict:
    """The table of a model of one's own with other values of its parameters."""
    known = table.get("parameters", {})
    known = known if isinstance(known, dict) else {}
    if unknown := [name for name in given if name not in known]:
        there = f"it has {', '.join(known)}" if known else f"it has none; name them in [{own}.parameters]"
        raise FiniteNError(f"parameter {shown(unknown[0])}: the [{own}] of the file has none of this name; {there}.")
    return table | {"parameters": known | dict(given)}


def _read(path: Path) -> tuple[dict[str, Any], str]:
    try:
        if path.exists() and not path.is_file():
            raise FiniteNError(f"{path}: is not a file; give a study file that ends in .toml.")
        if path.stat().st_size > _LARGEST_FILE:
            raise FiniteNError(f"{path}: has {path.stat().st_size} bytes; a study file has {_LARGEST_FILE} at most.")
        text = path.read_text(encoding="utf-8-sig")  # editors may begin with a mark
        return tomllib.loads(text), text
    except FiniteNError:
        raise
    except RecursionError:
        raise FiniteNError(f"{path}: its tables or lists are nested too deeply to be read.") from None
    except tomllib.TOMLDecodeError as error:
        raise FiniteNError(f"{path}: not a TOML file, {error}.") from None
    except UnicodeDecodeError:
        raise FiniteNError(f"{path}: is not a text in UTF-8; save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        raise FiniteNError(f"{path}: cannot be read, {getattr(error, 'strerror', None) or error}.") from None
