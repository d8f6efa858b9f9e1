"""Data of figures on disk: one netCDF file per figure, whole or not at all, served only if its numbers are those that
were written and the source that made them is that of today."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import xarray as xr

from comparison.results_folder.atomic import write_set
from comparison.results_folder.identity import digest

_SOURCE, _DIGEST = "figure_source", "figure_digest"  # attributes


class NotKept(Exception):
    """Why saved data cannot be used, in a few words; empty if there are none."""


def data_file(folder: Path, name: str) -> Path:
    """Where the data of a figure are."""
    return folder / f"{name}.nc"


def save(folder: Path, name: str, data: xr.Dataset, source: str) -> xr.Dataset:
    """Write the data of a figure; returns them as they will be read."""
    data = data.assign_attrs({_SOURCE: source})
    data = data.assign_attrs({_DIGEST: digest(data, _identity(data))})
    content = bytes(data.to_netcdf(engine="h5netcdf"))
    read = _read(content)  # never a file that could not be read again
    write_set(folder, {data_file(folder, name).name: content})
    return read


def kept(folder: Path, name: str, source: str) -> xr.Dataset:
    """The data of a figure; raises NotKept if there are none, or if they cannot be trusted or are of other source."""
    try:
        content = data_file(folder, name).read_bytes()
    except FileNotFoundError:
        raise NotKept from None
    except OSError as error:
        raise NotKept(f"cannot be read, {error.strerror}") from None
    data = _read(content)
    if data.attrs[_SOURCE] != source:
        raise NotKept("are of other source code")
    return data


def data_digest(data: xr.Dataset) -> str:
    """The digest of data that were saved or kept."""
    return str(data.attrs[_DIGEST])


def _read(content: bytes) -> xr.Dataset:
    try:
        data = xr.load_dataset(io.BytesIO(content), engine="h5netcdf")
        stated = data.attrs[_DIGEST]
        found = digest(data, _identity(data))
    except Exception as error:  # whatever a library says of a file that is cut short or of somebody else
        raise NotKept("are damaged") from error
    if found != stated:
        raise NotKept("were edited")
    return data


def _identity(data: xr.Dataset) -> dict[str, str]:
    """All attributes but the digest as text; attributes of variables too."""
    of = {key: value for key, value in data.attrs.items() if key != _DIGEST}
    inside = {str(name): data[name].attrs for name in data.variables}
    return {"attributes": json.dumps([of, inside], sort_keys=True, default=_plain)}


def _plain(x):
    return np.asarray(x).tolist()
