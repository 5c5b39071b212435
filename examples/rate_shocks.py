"""A thousand shifts of the base rate at once: how low does cover fall before the take-out fixes the rate?

python rate_shocks.py
"""

from __future__ import annotations

import numpy as np

import spvmodel


def main(cases: int = 1000) -> None:
    """Print percentiles of the lowest DSCR before the loans mature, and of the equity IRR."""
    model = spvmodel.build(spvmodel.load("abilene"))
    shifts = np.random.default_rng(7).normal(0.0, 0.01, cases)
    many = spvmodel.solve_many(model, {"rates.shift": shifts}, keep=("ratios.dscr_forward",))
    ends = spvmodel.solve(model)["time.end"]
    maturity = model.inputs["debt.loan_a.maturity"].value
    term = np.nanmin(many["ratios.dscr_forward"][ends < maturity], axis=0)
    for percent in (1, 5, 25, 50, 75, 95, 99):
        cover, earned = np.percentile(term, percent), np.percentile(many.headline["equity_irr"], percent)
        print(f"{percent:3d}%  forward DSCR before maturity {cover:6.3f}x   equity IRR {earned:7.2%}")


if __name__ == "__main__":
    main()
