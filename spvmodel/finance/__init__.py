"""Project finance as blocks of lines. A block declares lines; it never computes a number or writes a cell."""

from __future__ import annotations

from spvmodel.finance.model import build

__all__ = ["build"]
