"""Files written whole or not at all: all bytes on the disk under a name of this process's own, then renamed.

No symbolic link is followed: a link of the final name is replaced itself. A part left by a process that was killed is
called `.<name>.<process>.<random>.part`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

_PART = re.compile(r"\.(?P<name>.+)\.(?P<process>\d+)\.[0-9a-f]{8}\.part")
_PROBE = 1 << 20  # bytes written to see whether there is room
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def write_set(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Replace files of `folder`, in the order given; raises OSError with nothing replaced if one does not fit on the
    disk."""
    parts: dict[str, Path] = {}
    try:
        for name, data in contents.items():
            parts[name] = _part(folder, name)
            _write(parts[name], data)
        for name, part in parts.items():
            os.replace(part, folder / name)
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    _synchronise(folder)
    return [folder / name for name in contents]


def check_room(folder: Path, size: int) -> None:
    """Raise OSError if `size` bytes do not fit in `folder`; of large sizes only what the file system says is free is
    asked."""
    if shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} for {size} bytes")
    part = _part(folder, "room")
    try:
        _write(part, bytes(min(size, _PROBE)))
    finally:
        part.unlink(missing_ok=True)


def remove_parts(folder: Path) -> None:
    """Remove what killed processes left half-written; for whoever holds the folder's lock."""
    for entry in folder.iterdir():
        if _PART.fullmatch(entry.name):
            with contextlib.suppress(OSError):
                entry.unlink()


def remove_parts_of(path: Path) -> None:
    """The same of one file; for whoever holds a lock on it."""
    for entry in path.parent.iterdir():
        found = _PART.fullmatch(entry.name)
        if found and found["name"] == path.name:
            with contextlib.suppress(OSError):
                entry.unlink()


def _part(folder: Path, name: str) -> Path:
    return folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}.part"


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, _FLAGS, 0o666)
    try:
        rest = memoryview(data)
        while len(rest):
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _synchronise(folder: Path) -> None:
    """Put the new names on the disk too, where folders can be opened for that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
