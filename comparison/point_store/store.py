"""A folder of finished points, which any number of runs may share: each found by its key, or computed by one of them
and stored at once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from comparison.point_store.encoding import Damaged, decoded, encoded
from comparison.point_store.source import edited
from comparison.results_folder.atomic import remove_parts_of, write_set
from comparison.results_folder.lock import FileLock
from finite_n.errors import FiniteNError, in_words, shown

VARIABLE = "FINITE_N_CACHE"  # of the environment: the folder where points are kept, or "off"
OFF = "off"
LARGEST = 2 * 2**30  # bytes that the user's cache folder may hold
_ROOM = 2**16  # bytes that a folder must have left for points, each of which takes some kilobytes
_WAITS = (0.01, 0.5)  # seconds between looks at another run's lock, growing
_log = logging.getLogger("finite_n.points")


def cache_folder() -> Path | None:
    """Where points are kept if no folder is given: `FINITE_N_CACHE`, or else a folder in the user's cache; None if that
    variable says "off"."""
    given = os.environ.get(VARIABLE, "").strip()
    if given.lower() == OFF:
        return None
    return Path(given) if given else platformdirs.user_cache_path("finite-n", appauthor=False) / "points"


def key_of(description) -> str:
    """The name of a point: SHA-256 of its description, 64 hexadecimal digits."""
    return hashlib.sha256(_text(description).encode()).hexdigest()


class PointStore:
    """Finished points in a folder, one file each, written whole or not at all.

    Points are found by a SHA-256 of all that they follow from: the canonical description of the exact evolution, the
    source of this package that computes it, and the versions of Python, numpy, scipy and numba. So nothing is found
    that another model, setting or version has given. A file that was cut off, edited or put there by something else is
    reported and its point computed again. Any number of processes may use a folder at once: one computes a point and
    the others wait for it. What cannot be written, on a full disk for example, is reported once, and the run goes on.

    Points of another processor are found too; they may differ in the last digits, within their error bounds.

    Parameters
    ----------
    folder : path, optional
        Made when the first point is stored. Default: that of the variable FINITE_N_CACHE, or else a folder for
        finite-n in the user's cache.

    Attributes
    ----------
    folder : Path
    found, kept : how many points were found and how many stored by this object

    Raises FiniteNError if FINITE_N_CACHE says "off" and no folder is given.
    """

    def __init__(self, folder: str | os.PathLike | None = None):
        if folder is not None and (not isinstance(folder, str | os.PathLike) or "\0" in str(folder) or not str(folder)):
            raise FiniteNError(f"points: folder = {shown(folder)}; give the path of a folder, such as points.")
        found = cache_folder() if folder is None else Path(folder)
        if found is None:
            raise FiniteNError(f'points: {VARIABLE} is "{OFF}"; give a folder, or run without a store of points.')
        self.folder, self.found, self.kept = found, 0, 0
        self._said: set[str] = set()

    def path(self, key: str) -> Path:
        """The file of the point with that key, whether it is there or not."""
        return self.folder / key[:2] / f"{key}.npz"

    def find(self, description, name: str):
        """What was stored of a point, None if nothing or nothing whole was.

        description : lists and texts of `canonical`; name : what messages call it
        """
        path = self.path(key_of(description))
        try:
            content = _content(path)
            if content is None:
                return None
            stored = decoded(content)
            if stored["description"] != _text(description):
                raise Damaged("it is of another point")
        except OSError as error:
            self._say(f"{name}: the stored point {path} cannot be read, {error.strerror}; it is computed again.")
        except (Damaged, KeyError, TypeError) as error:
            why = str(error) if isinstance(error, Damaged) else "it is not a point"
            self._say(f"{name}: the stored point {path} is not as it was written, {why}; it is computed again.")
        else:
            with contextlib.suppress(OSError):
                os.utime(path)  # the last use
            self.found += 1
            return stored["data"]
        return None

    def keep(self, description, name: str, data) -> bool:
        """Store the data of a point at once, under the hash of its description; messages call it `name`. False, after a
        message, if that fails."""
        if file := edited():
            self._say(
                f"{name}: not stored, since {file} was edited after this process began, so that nobody knows which "
                "source has computed it; start again."
            )
            return False
        path = self.path(key_of(description))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_set(path.parent, {path.name: encoded({"description": _text(description), "data": data})})
        except OSError as error:
            self._say(
                f"points cannot be stored in {self.folder}, {error.strerror or error}; the run goes on without that."
            )
            return False
        except TypeError as error:
            self._say(f"{name}: not stored, {in_words(error)}")
            return False
        self.kept += 1
        return True

    def once(self, description, name: str, compute: Callable[[], object]) -> tuple[object, bool]:
        """What is stored of a point with that description, or compute() after it is stored, and whether it was found;
        messages call it `name`.

        While another process computes the same point, it is waited for.
        """
        path = self.path(key_of(description))
        if (data := self.find(description, name)) is not None:
            _remove_old_lock(path)
            return data, True
        with self._only_one(path, name) as waited:
            if waited and (data := self.find(description, name)) is not None:
                return data, True
            data = compute()
            self.keep(description, name, data)
            return data, False

    @contextlib.contextmanager
    def _only_one(self, path: Path, name: str) -> Iterator[bool]:
        """While entered no other process computes the point, where the file system has locks; gives whether the lock
        was ever another's."""
        lock, pause, waited = _lock_of(path), _WAITS[0], False
        try:
            try:
                while not lock.take():
                    if not waited:
                        which = f" (process {lock.holder})" if lock.holder else ""
                        self._say(f"{name}: another run{which} is computing it; waiting for that.")
                    waited = True
                    time.sleep(pause)
                    pause = min(2 * pause, _WAITS[1])
                if lock.supported:
                    remove_parts_of(path)
            except OSError:  # nothing can be written here, which is said when a point is stored
                pass
            # a point may have been stored between looking for it and locking
            yield waited or path.exists()
        finally:
            lock.release()

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            _log.warning("finite-n: %s", text)

    def check_writable(self) -> None:
        """Refuse a folder in which no point can be stored now, for work whose only result is what it stores."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder) as file:
                file.write(bytes(_ROOM))
        except OSError as error:
            raise FiniteNError(
                f"points cannot be stored in {self.folder}, {error.strerror or error}; give another folder (on the "
                "command line with --cache), or none (--no-cache)."
            ) from None

    def size(self) -> tuple[int, int]:
        """Number of points in the folder, of whatever version, and their bytes."""
        sizes = [status.st_size for _, status in self._files()]
        return len(sizes), sum(sizes)

    def clear(self, largest: int = 0) -> int:
        """Remove the points not used for longest until no more than `largest` bytes are left; returns how many."""
        files = sorted(self._files(), key=lambda pair: pair[1].st_mtime)
        total, removed = sum(status.st_size for _, status in files), 0
        for path, status in files:
            if total <= largest:
                break
            with contextlib.suppress(OSError):
                path.unlink()
                total, removed = total - status.st_size, removed + 1
        if not largest:
            for folder in self.folder.glob("[0-9a-f][0-9a-f]"):
                with contextlib.suppress(OSError):
                    folder.rmdir()  # only if it is empty
        return removed

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        out = []
        for path in self.folder.glob(f"[0-9a-f][0-9a-f]/{'[0-9a-f]' * 64}.npz"):
            with contextlib.suppress(OSError):
                status = path.lstat()
                out += [(path, status)] if stat.S_ISREG(status.st_mode) else []
        return out

    def __repr__(self):
        return f"PointStore({str(self.folder)!r})"


def _content(path: Path) -> bytes | None:
    """The bytes of a file, None if there is none; Damaged for what is no regular file, which might never end."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Damaged("it is no file")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _lock_of(path: Path) -> FileLock:
    return FileLock(path.with_suffix(".lock"))


def _remove_old_lock(path: Path) -> None:
    """That of a process that was killed when it had just stored the point."""
    lock = _lock_of(path)
    with contextlib.suppress(OSError):
        if lock.file.exists() and lock.take():
            lock.release()


def _text(description) -> str:
    return json.dumps(description, ensure_ascii=False, separators=(",", ":"))
