"""One writer at a time, of an output folder or of one file: a lock that ends with the process that holds it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from finite_n.errors import FiniteNError, shown

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

NAME = ".finite-n.lock"
_TRIES = 10  # a lock file may vanish between opening and locking it, when its holder ends


class FileLock:
    """A lock on a file of its own, which is there while the lock is held.

    file : its path
    supported : False where the file system or the platform has no such locks; two writers are then not told apart.
    holder : number of the process that had it when `take` failed, as text; may be empty
    """

    def __init__(self, file: Path):
        self.file, self.supported, self.holder = file, fcntl is not None, ""
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Lock it, its folder made if need be; False if another process has it, or takes and leaves it all the time.

        Raises OSError if no file can be made there.
        """
        for _ in range(_TRIES):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            try:
                descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            except FileNotFoundError:
                continue
            try:
                locked = not self.supported or self._lock(descriptor)
            except BlockingIOError:
                self.holder = os.read(descriptor, 20).decode(errors="replace").strip()
                os.close(descriptor)
                return False
            if locked:
                self._descriptor = descriptor
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
                return True
            os.close(descriptor)
        return False

    def release(self) -> None:
        """Remove the lock file and unlock."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                if self.supported and self._is_named(self._descriptor):
                    self.file.unlink()
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self, descriptor: int) -> bool:
        """True if `descriptor` is locked and still the file of that name."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:  # some network file systems
            self.supported = False
            return True
        return self._is_named(descriptor)

    def _is_named(self, descriptor: int) -> bool:
        try:
            named = os.stat(self.file, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(descriptor), named)


class FolderLock(FileLock):
    """`take` locks a folder, or raises FiniteNError if another process has it, OSError if no file can be made there."""

    def __init__(self, folder: Path):
        super().__init__(folder / NAME)
        self.folder = folder

    def take(self) -> bool:
        """Lock the folder, made if need be."""
        self.holder = ""
        if super().take():
            return True
        which = f" (process {self.holder})" if self.holder else ""
        raise FiniteNError(
            f"output folder {shown(str(self.folder))}: another run is writing to it{which}; wait until it ends, or "
            "choose another folder."
        )
