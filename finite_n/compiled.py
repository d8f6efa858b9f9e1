"""numba's njit with a folder for its cache, also where neither the package nor the user's cache folder can be written.

numba keeps compiled code beside the source, or else in the user's cache folder, and stops with an error where it can
write neither, as for another user in a container. Then a private folder for temporary files is used, or nothing is
kept.

The logger `finite_n` reports at level INFO, once in a process, that kernels are being compiled, and after each kernel
in `record.seconds` how long it took; kernels that come from the cache are not reported.
"""

from __future__ import annotations

import functools
import logging
import os
import stat
import tempfile
import time
from pathlib import Path

import numba
from numba.core import event

_log = logging.getLogger("finite_n")


def njit(*, cache: bool = False, **options):
    """numba.njit(cache=…, …), without the cache where there is no folder for it."""
    return numba.njit(cache=cache and _has_folder(), no_cfunc_wrapper=True, **options)


def inner_njit(**options):
    """njit with its cache for what only compiled functions call: the code by which Python would call it takes longer to
    compile than most of them."""
    return njit(cache=True, no_cpython_wrapper=True, **options)


class _Compilations(event.Listener):
    """Tells of kernels that numba compiles, of a kernel and all that it calls together."""

    def __init__(self):
        self.begun, self.told, self.seconds = [], False, 0.0

    def on_start(self, happened):
        self.begun.append(time.perf_counter())
        if len(self.begun) == 1 and _is_ours(happened) and not self.told:
            self.told = True
            _log.info("compiling kernels, %s", "once after installation" if _has_folder() else "anew at every start")

    def on_end(self, happened):
        seconds = time.perf_counter() - self.begun.pop()
        if not self.begun:
            self.seconds += seconds
        if not self.begun and _is_ours(happened):
            _log.info("compiled %s, %.1f s", happened.data["dispatcher"].__name__, seconds, extra={"seconds": seconds})


def _is_ours(happened: event.Event) -> bool:
    return happened.data["dispatcher"].py_func.__module__ == "finite_n.kernels"


_compilations = _Compilations()
event.register("numba:compile", _compilations)


def seconds_compiling() -> float:
    """Seconds that this process has spent so far compiling kernels, for who measures how long their work takes."""
    return _compilations.seconds


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
    _log.warning(
        "finite-n: %s and the cache folder of this user cannot be written, so compiled code %s; NUMBA_CACHE_DIR names "
        "another folder.",
        Path(__file__).parent,
        where,
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
