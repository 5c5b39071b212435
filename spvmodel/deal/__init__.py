"""Deal files: what they may say, reading them, and every error at its place.

``load("abilene")`` gives a :class:`Deal`. Nothing heavy is imported until a name of this package is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spvmodel.deal.catalogue import shipped
    from spvmodel.deal.deal import Case, Deal
    from spvmodel.deal.editor import json_schema
    from spvmodel.deal.errors import DealError
    from spvmodel.deal.loader import load
    from spvmodel.deal.quantity import Quantity
    from spvmodel.deal.schema import DealSpec, Source

__all__ = ["Case", "Deal", "DealError", "DealSpec", "Quantity", "Source", "json_schema", "load", "shipped"]

_HOMES = {
    "Case": "deal",
    "Deal": "deal",
    "DealError": "errors",
    "DealSpec": "schema",
    "Quantity": "quantity",
    "Source": "schema",
    "json_schema": "editor",
    "load": "loader",
    "shipped": "catalogue",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
