"""numba's njit with a folder for its cache, also where neither the package nor the user's cache folder can be written.

numba keeps compiled code beside the source, or else in the user's cache folder, and stops with an error where it can
write neither, as for another user in a container. Then a private folder for temporary files is used, or nothing is
kept.
"""

from __future__ import annotations

import functools
import os
import stat
import sys
import tempfile
from pathlib import Path

import numba


def njit(*, cache: bool = False, **options):
    """numba.njit(cache=…, …), without the cache where there is no folder for it."""
    return numba.njit(cache=cache and _has_folder(), **options)


@functools.cache
def _has_folder() -> bool:
    """Whether compiled code can be kept between runs; finds another folder where numba has none, and says so."""
    if _accepted():
        return True
    folder = _private_folder()
    if folder is not None:
        os.environ["NUMBA_CACHE_DIR"] = numba.config.CACHE_DIR = str(folder)
    kept = folder is not None and _accepted()
    where = f"is kept in {folder}" if kept else "is not kept and made anew at every start"
    print(
        f"finite-n: {Path(__file__).parent} and the cache folder of this user cannot be written, so compiled code {where}; "
        "NUMBA_CACHE_DIR names another folder.",
        file=sys.stderr,
    )
    return kept


def _accepted() -> bool:
    try:
        numba.njit(cache=True)(_nothing)
    except RuntimeError:  # no locator available
        return False
    return True


def _nothing():
    return None


def _private_folder() -> Path | None:
    """A folder of this user alone, since numba runs what it finds there; None if there is none or it is another's."""
    try:
        user = os.getuid() if hasattr(os, "getuid") else "cache"
        folder = Path(tempfile.gettempdir()) / f"finite-n-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(found.st_mode) or (user != "cache" and (found.st_uid != user or found.st_mode & 0o077)):
        return None
    return folder
