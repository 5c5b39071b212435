"""The command line: thin commands that parse, call and print. Only click is imported until a command runs."""

from __future__ import annotations

from spvmodel.cli.program import main

__all__ = ["main"]
