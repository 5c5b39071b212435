"""A graph and its result as a live .xlsx; reading one back."""

from __future__ import annotations

from spvmodel.workbook.formula import formula_in_names, formula_text
from spvmodel.workbook.layout import Layout, layout
from spvmodel.workbook.writer import write_workbook

__all__ = ["Layout", "formula_in_names", "formula_text", "layout", "write_workbook"]
