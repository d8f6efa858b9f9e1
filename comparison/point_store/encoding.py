"""Numbers, texts, lists, dicts and arrays as the bytes of an .npz file, to the last bit, and back.

The archive holds `data.json` and its arrays; its comment is a SHA-256 of all bytes before, so that a file that was cut
off or edited is found out before anything in it is read. There are no pickles.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import numpy as np

_MARK = b"sha256 "
_LENGTH = len(_MARK) + 64  # of the comment
_JSON = "data.json"
NUMBERS = "biufc"  # kinds of arrays that are stored and written down


class Damaged(Exception):
    """Bytes that are not a whole file of `encoded`; the message is a clause that says why."""


def encoded(data) -> bytes:
    """The bytes of a file; TypeError for what can be none of its data."""
    arrays: list[np.ndarray] = []
    text = json.dumps(_plain(data, arrays), ensure_ascii=False)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = _MARK + bytes(64)
        archive.writestr(zipfile.ZipInfo(_JSON), text)
        for k, x in enumerate(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, x, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{k}.npy"), member.getvalue())
    body = buffer.getvalue()[:-_LENGTH]
    return body + _comment(body)


def decoded(content: bytes) -> object:
    """What `encoded` was given; Damaged if a byte of it is not as it was written."""
    body = content[:-_LENGTH]
    if not content:
        raise Damaged("it is empty")
    if content[len(body) :] != _comment(body):
        raise Damaged("its bytes are not those of its checksum")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            plain = json.loads(archive.read(_JSON))
            count = len(archive.namelist()) - 1
            arrays = [np.lib.format.read_array(io.BytesIO(archive.read(f"{k}.npy"))) for k in range(count)]
        return _whole(plain, arrays)
    except Exception as error:
        raise Damaged(f"it is not written as points are, {type(error).__name__}: {error}") from None


def _comment(body: bytes) -> bytes:
    return _MARK + hashlib.sha256(body).hexdigest().encode()


def _plain(x, arrays: list[np.ndarray]) -> object:
    """As JSON; what JSON has no word for is an object with a single key, which says what it is."""
    if x is None or type(x) in (bool, int, float, str):
        return x
    if type(x) is list:
        return [_plain(y, arrays) for y in x]
    if type(x) is tuple:
        return {"tuple": [_plain(y, arrays) for y in x]}
    if type(x) is dict and all(type(key) is str for key in x):
        return {"dict": {key: _plain(y, arrays) for key, y in x.items()}}
    if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in NUMBERS:
        arrays.append(np.asarray(x))
        return {"array" if isinstance(x, np.ndarray) else "number": len(arrays) - 1}
    raise TypeError(f"{type(x).__name__} cannot be stored")


def _whole(x, arrays: list[np.ndarray]) -> object:
    if isinstance(x, list):
        return [_whole(y, arrays) for y in x]
    if not isinstance(x, dict):
        return x
    ((kind, value),) = x.items()
    if kind == "dict":
        return {key: _whole(y, arrays) for key, y in value.items()}
    if kind == "tuple":
        return tuple(_whole(y, arrays) for y in value)
    return arrays[value] if kind == "array" else arrays[value][()]
