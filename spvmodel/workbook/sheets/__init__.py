"""The sheets of a workbook, one module per kind."""

from __future__ import annotations
