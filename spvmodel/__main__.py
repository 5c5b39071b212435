"""``python -m spvmodel`` is the command ``spvmodel``."""

from __future__ import annotations

from spvmodel.cli import main

if __name__ == "__main__":
    main(prog_name="spvmodel")
