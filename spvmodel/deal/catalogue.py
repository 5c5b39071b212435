"""The deal files that ship with the package."""

from __future__ import annotations

import difflib
from pathlib import Path

from spvmodel import resources
from spvmodel.deal.errors import DealError, short


def shipped() -> list[str]:
    """Names of the deals that ship with the package, sorted."""
    return sorted(path.stem for path in resources.models().glob("*.yaml"))


def find(name_or_path: str | Path) -> tuple[Path, str]:
    """The file a user means, and how errors name it.

    A bare name is a shipped deal first and a file of the working folder second; anything with a path
    separator or a YAML suffix is a path. Raises :class:`DealError` when there is no such deal.
    """
    given = str(name_or_path)
    is_path = isinstance(name_or_path, Path) or any(mark in given for mark in "/\\") or _is_yaml(given)
    names = shipped()
    if not is_path and given in names:
        path = resources.models() / f"{given}.yaml"
        return path, path.name
    path = Path(given)
    if _exists(path):
        return path, given
    what = "there is no such file" if is_path else f"there is no deal named {short(given)!r}"
    nearest = difflib.get_close_matches(Path(given).stem, names, n=1, cutoff=0.6)
    allowed = f"a path to a deal file, or a shipped name: {', '.join(names)}"
    raise DealError(short(given) or "''", 0, 0, what, allowed, nearest[0] if nearest else "")


def _exists(path: Path) -> bool:
    try:
        return str(path) != "." and path.exists()
    except (OSError, ValueError):  # a name no file can have: too long, or with a NUL
        return False


def _is_yaml(name: str) -> bool:
    return name.lower().endswith((".yaml", ".yml"))
