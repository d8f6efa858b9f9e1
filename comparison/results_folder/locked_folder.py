"""A folder that one run at a time writes to: checked, made if need be, locked while entered, removed if left empty."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from comparison.results_folder.atomic import remove_parts
from comparison.results_folder.lock import FolderLock
from finite_n.errors import FiniteNError, shown


class LockedFolder:
    """A folder, locked while entered.

    path : Path
    force : whether anything that stands there may be replaced
    notes : sentences for the user
    name : the folder's, as messages show it
    """

    def __init__(self, folder: str | os.PathLike, force: bool = False):
        if not isinstance(folder, str | os.PathLike) or "\0" in str(folder):
            raise FiniteNError(f"output folder: got {shown(folder)}; give the path of a folder, such as out/hopfield.")
        if not str(folder).strip():
            raise FiniteNError("output folder: the name is empty; give a folder, such as out/hopfield.")
        self.path, self.force, self.notes = Path(folder), force, []
        self.name = shown(str(folder))
        self._lock = FolderLock(self.path)

    def __enter__(self):
        self._made = False
        try:
            self._made = not self.path.exists()
            self._lock.take()
            if self._lock.supported:
                remove_parts(self.path)
            else:
                self.notes.append(f"output folder {self.name}: cannot be locked, so let no other run write to it.")
        except OSError as error:
            self.__exit__()
            raise self.unwritable(error) from None
        return self

    def __exit__(self, *_):
        self._lock.release()
        if self._made:
            with contextlib.suppress(OSError):
                self.path.rmdir()  # only if it is empty

    def unwritable(self, error: OSError) -> FiniteNError:
        """What to say of an error of the file system."""
        return FiniteNError(
            f"output folder {self.name}: cannot be written, {error.strerror or error}; choose another folder "
            "(on the command line with --out)."
        )
