"""Writing outputs: all of them, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from spvmodel.cli.errors import Failure


def publish(folder: Path, writers: Mapping[str, Callable[[Path], None]]) -> list[Path]:
    """Write every file into ``folder``, by name, and return the paths.

    The files are written into a temporary folder beside their targets and moved into place once all are there. If
    anything fails, what was in the folder before is there again, and a folder made for the purpose is gone. Raises
    :class:`Failure` where the folder cannot be written to.
    """
    made = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".spvmodel-") as name:
            fresh, old = Path(name, "new"), Path(name, "old")
            fresh.mkdir()
            old.mkdir()
            for file, write in writers.items():
                write(fresh / file)
            _move(fresh, old, folder, list(writers))
        made = []
    except OSError as error:
        raise Failure(f"{folder} cannot be written to: {error.strerror or error}. Nothing was changed.") from error
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()
    return [folder / file for file in writers]


def _move(fresh: Path, old: Path, folder: Path, files: list[str]) -> None:
    """Move new files into place, keeping the old ones until all have moved."""
    moved: list[str] = []
    try:
        for file in files:
            if (folder / file).is_dir():
                raise IsADirectoryError(None, f"{folder / file} is a folder")
            if (folder / file).exists():
                # A copy, not a move: until the new file takes its place, the old one stays where it is.
                shutil.copy2(folder / file, old / file)
            os.replace(fresh / file, folder / file)
            moved.append(file)
    except BaseException:
        for file in moved:
            if (old / file).exists():
                os.replace(old / file, folder / file)
            else:
                (folder / file).unlink(missing_ok=True)
        raise


def _missing(folder: Path) -> list[Path]:
    """The folder and its parents that do not exist yet, innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]
