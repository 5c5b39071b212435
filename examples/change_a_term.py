"""One term changed from Python, and the workbook and report of the changed deal.

python change_a_term.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import spvmodel


def main(folder: Path) -> None:
    """Raise both margins by 75 bp, say what that costs, and write workbook and report."""
    model = spvmodel.build(spvmodel.load("abilene"))
    before = spvmodel.solve(model)
    margins = {f"debt.{loan}.margin": 0.0325 for loan in ("loan_a", "loan_b")}
    after = spvmodel.solve(model, inputs=margins)
    for metric in ("min_icr", "min_dscr", "equity_irr"):
        print(f"{metric:12} {before.headline[metric]:8.4f} -> {after.headline[metric]:8.4f}")
    folder.mkdir(parents=True, exist_ok=True)
    spvmodel.write_workbook(after, folder / "abilene-margin.xlsx")
    spvmodel.write_report(after, folder / "abilene-margin.html")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
