"""Where the shipped deal files and the templates lie on disk.

``models/`` and ``templates/`` are top-level folders of the project. An installed package carries them inside
``spvmodel``; a checkout, also one that is installed as editable, keeps them beside it.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["models", "templates"]


def models() -> Path:
    """The folder of the shipped deal files: one ``<deal>.yaml`` per SPV.

    Raises ``FileNotFoundError`` when the installation is incomplete.
    """
    return _folder("models")


def templates() -> Path:
    """The folder of the report's templates and styles and of the skeleton deal files.

    Raises ``FileNotFoundError`` when the installation is incomplete.
    """
    return _folder("templates")


def _folder(name: str) -> Path:
    # Imported here: the path of a deal file is not needed to print a help page.
    from importlib.resources import files

    package = Path(str(files("spvmodel")))
    installed, checkout = package / name, package.parent / name
    if installed.is_dir():
        return installed
    # Beside an installed package such a folder is somebody else's: setup.cfg tells a checkout from that.
    if checkout.is_dir() and (package.parent / "setup.cfg").is_file():
        return checkout
    raise FileNotFoundError(f"this installation of spvmodel has no folder {name!r}: install it again")
