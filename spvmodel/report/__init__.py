"""A result as a document: HTML for people, JSON, CSV and Parquet for programs. Imports nothing until it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spvmodel.report.data import document, write_csv, write_json, write_parquet
    from spvmodel.report.html import write_report

__all__ = ["document", "write_csv", "write_json", "write_parquet", "write_report"]

_HOMES = {"write_report": "html"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'data')}"), name)
