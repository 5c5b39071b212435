"""All cases of the campus side by side: what does each do to cover, reserve and refinancing?

python compare_cases.py [DEAL]
"""

from __future__ import annotations

import sys

import spvmodel

METRICS = ("min_dscr", "dsra_draws", "lockup_periods", "refinance_shortfall", "equity_irr")


def main(name: str) -> None:
    """Print one row per case."""
    deal = spvmodel.load(name)
    model = spvmodel.build(deal)
    print(f"{'case':24}" + "".join(f"{metric:>22}" for metric in METRICS))
    for case in model.cases:
        result = spvmodel.solve(model, case)
        print(f"{case:24}" + "".join(f"{result.headline[metric]:22.4f}" for metric in METRICS))
        for warning in result.warnings:
            print(f"{'':6}{warning}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "abilene")
