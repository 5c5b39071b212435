"""The waterfall as a list: what its order changes, by hand; limits, dates and supports; cash at every step."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import spvmodel
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import Model
from tests.finance.changing import with_fault
from tests.finance.conserved import conserved
from tests.finance.test_sweep import FIRST, rewritten

DEALS = Path(__file__).parents[1] / "deals"

# 20 m senior debt without interest repaid at 1 m a quarter, 10 m second lien at 24% a year, 0.6 m a quarter. Rent is
# 1.8 m a quarter. The DSRA holds the next quarter's 1 m and is filled from cash flow.
RENT = ("1,000 USD/kW-month", "600 USD/kW-month")
SECOND = (
    "sweep:\n  share: 25%\n  order: [senior]\n  application: inverse\n  start: 2026-01-01\n",
    """  second:
    label: Second lien loan
    rank: second lien
    funds: annex
    close: 2024-12-31
    commitment: 10m
    fixed_rate: 24%
    day_count: by period
    availability_end: 2025-12-31
    completion: 2026-01-01
    repayment: {profile: bullet}
    maturity: 2031-03-31
reserves:
  dsra: {months: 3, funded: from cash flow}
""",
)
ANNEX = (
    "funding:\n  site: {label: Site}\n",
    "  annex: {label: Annex, capacity: 1 MW, budget: 12m, spending_start: 2025-01-01, spending_end: 2025-12-31, "
    "funded_by: annex}\nfunding:\n  site: {label: Site}\n  annex: {label: Annex}\n",
)
RESERVE = ("sweep:\n", "reserves:\n  dsra: {months: 3, funded: from cash flow}\nsweep:\n")


def listed(*steps: str) -> str:
    """The section of a deal file that lists these steps between the senior debt and the lock-up test."""
    first = ["pay: operating costs", "pay: fees", "pay: senior interest", "pay: senior principal", "pay: balloons"]
    last = ["test: lock-up", "distribute: equity"]
    return "waterfall:\n" + "".join(f"  - {step}\n" for step in [*first, *steps, *last])


def solved(folder: Path, waterfall: str, *changes: tuple[str, str], case: str = "base") -> Result:
    """The deal of the sweep with passages replaced and a waterfall of its own; every check holds."""
    text = (DEALS / "sweep.yaml").read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "deal.yaml").write_text(text + waterfall)
    result = spvmodel.solve(spvmodel.build(spvmodel.load(folder / "deal.yaml")), case)
    assert [(check.name, check.value) for check in result.checks if not check.passed] == []
    return result


def column(result: Result, name: str, count: int) -> list[float]:
    return list(result.series(name)[FIRST : FIRST + count])


def test_junior_interest_before_and_after_the_reserve_by_hand(tmp_path: Path) -> None:
    """0.8 m a quarter is left after senior debt, for 0.6 m of second lien interest and 1 m of the reserve."""
    changes = (RENT, ANNEX, SECOND)
    before = solved(tmp_path, listed("pay: second lien interest", "fund: dsra", "pay: second lien principal",
                                     "pay: second lien balloons"), *changes)  # fmt: skip
    # The lender is paid in full, and the reserve gets the 0.2 m that are left.
    assert column(before, "waterfall.second_lien_interest.paid", 6) == pytest.approx([0.6] * 6, abs=1e-9)
    assert column(before, "reserves.dsra.closing", 6) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0], abs=1e-9)
    assert column(before, "waterfall.distributions", 6) == pytest.approx([0, 0, 0, 0, 0, 0.2], abs=1e-9)
    after = solved(tmp_path, listed("fund: dsra", "pay: second lien"), *changes)
    # The reserve takes all 0.8 m, then 0.2 m; what the lender is then short of bears 24% by the quarter.
    assert column(after, "reserves.dsra.closing", 3) == pytest.approx([0.8, 1.0, 1.0], abs=1e-9)
    second = 0.6 + 0.6 + 0.6 * 0.06
    third = 0.6 + (second - 0.6) * 1.06
    assert column(after, "waterfall.second_lien_interest.due", 3) == pytest.approx([0.6, second, third], abs=1e-9)
    assert column(after, "waterfall.second_lien_interest.paid", 3) == pytest.approx([0.0, 0.6, 0.8], abs=1e-9)
    assert column(after, "waterfall.distributions", 3) == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_sweep_before_and_after_the_reserve_by_hand(tmp_path: Path) -> None:
    """0.8 m a quarter is left after principal; a quarter of excess cash is swept, and 1 m fills the reserve."""
    after = solved(tmp_path, listed("fund: dsra", "sweep: excess cash"), RENT, RESERVE)
    # Nothing is swept until the reserve is full, in the second quarter with 0.2 m: then 0.6 m are left to sweep.
    assert column(after, "reserves.dsra.closing", 3) == pytest.approx([0.8, 1.0, 1.0], abs=1e-9)
    assert column(after, "waterfall.sweep.paid", 3) == pytest.approx([0.0, 0.15, 0.2], abs=1e-9)
    assert column(after, "waterfall.distributions", 3) == pytest.approx([0.0, 0.45, 0.6], abs=1e-9)
    before = solved(tmp_path, listed("sweep: excess cash", "fund: dsra"), RENT, RESERVE)
    # The sweep does not wait: 0.2 m of 0.8 m each quarter, and the reserve gets what it needs of 0.6 m.
    assert column(before, "waterfall.sweep.paid", 3) == pytest.approx([0.2, 0.2, 0.2], abs=1e-9)
    assert column(before, "reserves.dsra.closing", 3) == pytest.approx([0.6, 1.0, 1.0], abs=1e-9)
    assert column(before, "waterfall.distributions", 3) == pytest.approx([0.0, 0.2, 0.6], abs=1e-9)
    warning = "The sweep is paid before the DSRA is full"
    assert warning in before.warnings and warning not in after.warnings


def test_a_sweep_and_a_prepayment_share_what_is_left_of_the_loan_in_their_order(tmp_path: Path) -> None:
    """All of the 2 m excess is swept, and 30 m are to be prepaid in the second quarter: what comes first takes it."""
    terms = ("    maturity: 2030-03-31", "    maturity: 2030-03-31\n    prepayment: {amounts: {2026-06-30: 30m}}")
    share = ("share: 25%", "share: 100%")
    first = solved(tmp_path, listed("fund: dsra", "sweep: excess cash", "pay: prepayments"), terms, share)
    assert column(first, "waterfall.sweep.paid", 2) == pytest.approx([2.0, 2.0], abs=1e-9)
    # 20 less 1 and 2 in the first quarter, less 1 due and 2 swept in the second.
    assert column(first, "debt.senior.prepayment_asked", 2) == pytest.approx([0.0, 14.0], abs=1e-9)
    assert column(first, "waterfall.prepayment.paid", 2) == pytest.approx([0.0, 0.0], abs=1e-9)
    then = solved(tmp_path, listed("fund: dsra", "pay: prepayments", "sweep: excess cash"), terms, share)
    assert column(then, "debt.senior.prepayment_asked", 2) == pytest.approx([0.0, 16.0], abs=1e-9)
    assert column(then, "waterfall.prepayment.paid", 2) == pytest.approx([0.0, 2.0], abs=1e-9)
    assert column(then, "waterfall.sweep.paid", 2) == pytest.approx([2.0, 0.0], abs=1e-9)


def test_a_sweep_before_junior_debt_waits_only_for_what_is_paid_before_it(tmp_path: Path) -> None:
    """The sweep takes 0.4 m of 0.8 m, so that 0.2 m of second lien interest go unpaid; and it is paid again."""
    sweep = "sweep: {share: 50%, order: [senior], start: 2026-01-01}\n"
    deal = (RENT, ANNEX, (SECOND[0], SECOND[1].replace("months: 3, ", "months: 0, ") + sweep))
    result = solved(tmp_path, listed("fund: dsra", "sweep: excess cash", "pay: second lien"), *deal)
    assert column(result, "waterfall.sweep.paid", 3) == pytest.approx([0.4, 0.4, 0.4], abs=1e-9)
    assert column(result, "waterfall.second_lien_interest.paid", 3) == pytest.approx([0.4, 0.4, 0.4], abs=1e-9)
    assert column(result, "covenants.nothing_overdue", 3) == [0.0, 0.0, 0.0]


def test_junior_interest_before_senior_principal_is_said_aloud(tmp_path: Path) -> None:
    """0.9 m of rent: 0.6 m go to the second lien, and 0.3 m are left for 1 m of senior principal."""
    steps = listed("fund: dsra", "pay: second lien principal", "pay: second lien balloons")
    steps = steps.replace("  - pay: senior principal\n", "  - pay: second lien interest\n  - pay: senior principal\n")
    result = solved(tmp_path, steps, ("1,000 USD/kW-month", "300 USD/kW-month"), ANNEX, SECOND)
    assert column(result, "waterfall.second_lien_interest.paid", 2) == pytest.approx([0.6, 0.6], abs=1e-9)
    assert column(result, "waterfall.principal.paid", 2) == pytest.approx([0.3, 0.3], abs=1e-9)
    assert column(result, "ratios.dscr", 2) == pytest.approx([0.9, 0.9], abs=1e-9)
    assert any(warning.startswith("Junior debt is paid before senior principal") for warning in result.warnings)


# Limits and dates

AGENT = ("    margin: 0 bp", "    margin: 0 bp\n    agency_fee: 0.73m")


def test_what_a_limit_keeps_from_fees_stays_due_and_is_not_overdue(tmp_path: Path) -> None:
    """0.73 m a year is 2 thousand a day: 0.18 m and 0.182 m in the first quarters, of which 0.1 m is paid."""
    text = listed("fund: dsra", "sweep: excess cash").replace("pay: fees", "pay: fees\n    limit: 0.4m")
    result = solved(tmp_path, text, AGENT)
    assert column(result, "waterfall.fees.due", 3) == pytest.approx([0.18, 0.08 + 0.182, 0.162 + 0.184], abs=1e-9)
    assert column(result, "waterfall.fees.payable", 3) == pytest.approx([0.1] * 3, abs=1e-9)
    assert column(result, "waterfall.fees.paid", 3) == pytest.approx([0.1] * 3, abs=1e-9)
    assert column(result, "waterfall.fees.shortfall", 3) == pytest.approx([0.08, 0.162, 0.246], abs=1e-9)
    assert column(result, "waterfall.unpaid", 3) == [0.0] * 3
    # 3 m less 0.1 m, 1 m and a quarter of the rest swept.
    assert column(result, "waterfall.distributions", 3) == pytest.approx([1.9 * 0.75] * 3, abs=1e-9)
    never = "What a limit of the waterfall holds back is never paid"
    assert never in result.warnings
    assert result.scalar("waterfall.held_back_at_end") == pytest.approx(
        sum(result.series("debt.fees_scheduled")) - sum(result.series("waterfall.fees.paid"))
    )
    wide = solved(tmp_path, text.replace("limit: 0.4m", "limit: 4m"), AGENT)
    assert wide.scalar("waterfall.held_back_at_end") == 0
    assert never not in wide.warnings


def test_limits_of_a_reserve_and_of_the_sweep(tmp_path: Path) -> None:
    """The reserve gets 0.4 m a quarter, though 0.8 m are left; the sweep 0.05 m of 0.2 m, once the reserve is full."""
    steps = listed("fund: dsra\n    limit: 1.6m", "sweep: excess cash\n    limit: 0.2m")
    result = solved(tmp_path, steps, RENT, RESERVE)
    assert column(result, "reserves.dsra.closing", 4) == pytest.approx([0.4, 0.8, 1.0, 1.0], abs=1e-9)
    assert column(result, "waterfall.sweep.paid", 4) == pytest.approx([0, 0, 0.05, 0.05], abs=1e-9)
    # What the limit leaves is trapped until the reserve is full: 0.4 + 0.4 + 0.6 - 0.05 in the third quarter.
    assert column(result, "reserves.trapped.closing", 3) == pytest.approx([0.4, 0.8, 0.0], abs=1e-9)
    assert column(result, "waterfall.distributions", 4) == pytest.approx([0, 0, 1.35, 0.75], abs=1e-9)


def test_a_reserve_and_the_sweep_begin_at_the_period_end_that_falls_on_their_date(tmp_path: Path) -> None:
    steps = listed("fund: dsra\n    from: 2026-06-30", "sweep: excess cash\n    from: 2026-12-31")
    result = solved(tmp_path, steps, RENT, RESERVE)
    assert column(result, "waterfall.dsra.payable", 3) == pytest.approx([0.0, 1.0, 0.2], abs=1e-9)
    assert column(result, "waterfall.dsra.paid", 3) == pytest.approx([0.0, 0.8, 0.2], abs=1e-9)
    assert column(result, "waterfall.sweep.paid", 5) == pytest.approx([0, 0, 0, 0.2, 0.2], abs=1e-9)
    later = solved(tmp_path, steps.replace("from: 2026-06-30", "from: 2026-07-01"), RENT, RESERVE)
    assert column(later, "waterfall.dsra.payable", 3) == pytest.approx([0.0, 0.0, 1.0], abs=1e-9)


def test_a_case_changes_a_limit_and_a_date(tmp_path: Path) -> None:
    steps = listed("fund: dsra\n    limit: 1.6m", "sweep: excess cash\n    from: 2026-12-31")
    steps += "cases:\n  wide: {label: Wide, description: More., set: {waterfall.dsra.limit: 2.4m, "
    steps += "waterfall.sweep.from: 2026-06-30}}\n"
    result = solved(tmp_path, steps, RENT, RESERVE, case="wide")
    assert column(result, "reserves.dsra.closing", 3) == pytest.approx([0.6, 1.0, 1.0], abs=1e-9)
    # 0.4 m left of the second quarter.
    assert column(result, "waterfall.sweep.paid", 3) == pytest.approx([0, 0.1, 0.2], abs=1e-9)


# Supports


def test_accounts_cover_a_step_in_the_order_in_which_it_names_them(tmp_path: Path) -> None:
    """No rent in the ninth quarter of operation: 0.25 m of costs, 1 m of principal, 0.125 m and 1 m held."""
    costs = ("debt:\n  senior:", "opex: {care: {label: Care, amount: 1m}}\ndebt:\n  senior:")
    reserves = ("sweep:\n", "reserves:\n  dsra: {months: 3}\n  working_capital_months: 1.5\nsweep:\n")
    reserves = (reserves[0], reserves[1].replace("1.5", "3"))
    gap = ("commencement: 2026-01-01, term: 6 years", "commencement: 2026-01-01, expiry: 2027-12-31")
    text = listed("fund: dsra", "fund: working capital", "sweep: excess cash")
    text = text.replace("operating costs", "operating costs\n    support: [dsra, working capital]")
    text = text.replace("senior principal", "senior principal\n    support: [working capital, dsra]")
    result = solved(tmp_path, text, costs, reserves, gap, ("end: 2031-12-31", "end: 2030-12-31"))
    dry = slice(FIRST + 8, FIRST + 9)
    held = [result.series(f"reserves.{name}.opening")[dry][0] for name in ("dsra", "working_capital")]
    assert held[0] == pytest.approx(1.0, abs=1e-9)
    due = result.series("waterfall.operating_costs.due")[dry][0]
    drawn = {
        name: result.series(f"waterfall.{name}")[dry][0]
        for name in (
            "operating_costs.from_dsra",
            "operating_costs.from_working_capital",
            "principal.from_working_capital",
            "principal.from_dsra",
        )
    }
    # Costs empty the DSRA by what they are; principal takes the whole working capital and the rest of the DSRA.
    assert drawn["operating_costs.from_dsra"] == pytest.approx(due, abs=1e-9)
    assert drawn["operating_costs.from_working_capital"] == 0.0
    assert drawn["principal.from_working_capital"] == pytest.approx(min(1.0, held[1]), abs=1e-9)
    assert drawn["principal.from_dsra"] == pytest.approx(min(1.0 - due, 1.0 - min(1.0, held[1])), abs=1e-9)


def test_an_account_that_no_step_names_is_never_drawn(tmp_path: Path) -> None:
    gap = ("commencement: 2026-01-01, term: 6 years", "commencement: 2026-01-01, expiry: 2027-12-31")
    reserve = ("sweep:\n", "reserves:\n  dsra: {months: 3}\nsweep:\n")
    result = solved(tmp_path, listed("fund: dsra", "sweep: excess cash"), gap, reserve)
    assert max(result.series("waterfall.principal.shortfall")) > 1
    assert max(result.series("reserves.dsra.draw")) == 0.0


# Ranks of reserves and CFADS


def rows(result: Result, *names: str) -> list[tuple[float, ...]]:
    return list(zip(*map(result.series, names), strict=True))


def test_contributions_after_debt_service_are_not_in_cfads(tmp_path: Path) -> None:
    """The same deal with its capital reserve after and before debt service: cover, and the recipe that says so."""
    text = (DEALS / "ordered.yaml").read_text()
    step = "  - fund: capital reserves\n"
    (tmp_path / "deal.yaml").write_text(text.replace(step, "").replace("  - pay: fees\n", f"{step}  - pay: fees\n"))
    below, above = (spvmodel.build(spvmodel.load(path)) for path in (DEALS / "ordered.yaml", tmp_path / "deal.yaml"))
    for model, share in ((below, 0), (above, 1)):
        result = spvmodel.solve(model)
        saved = result.series("reserves.capital.contribution")
        assert max(saved) > 0.5
        for (cfads, noi), part in zip(rows(result, "ratios.cfads", "opex.noi"), saved, strict=True):
            assert cfads == pytest.approx(noi - share * part, abs=1e-12)
        # The project pays for works when they are done, wherever the reserve ranks.
        names = ("returns.project_flow", "opex.noi", "construction.spend", "reserves.capital.spending")
        for flow, noi, spent, works in rows(result, *names):
            assert flow == pytest.approx(noi - spent - works, abs=1e-9)
    recipes = ["; ".join(model.about["cfads_recipe"]) for model in (below, above)]  # type: ignore[arg-type]
    assert "before contributions to capital reserves, which rank after debt service" in recipes[0]
    assert "less scheduled contributions to capital reserves, which rank before debt service" in recipes[1]


def test_working_capital_before_debt_service_is_in_cfads() -> None:
    """What the target rises by after its first filling is due before debt service, and its fall comes back."""
    result = spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / "steps.yaml")))
    at = "reserves.working_capital"
    target = result.series(f"{at}.target")
    rise = [0.0, *(now - before for before, now in pairwise(target))]
    assert result.series(f"{at}.contribution") == pytest.approx(rise, abs=1e-12)
    assert max(rise) > 0.1 and min(rise) < -0.1
    for cfads, noi, part in rows(result, "ratios.cfads", "opex.noi", f"{at}.contribution"):
        assert cfads == pytest.approx(noi - part, abs=1e-12)


# Order and cash


def order_of(model: Model) -> list[str]:
    """The steps of a model as its lines stand, which is the order of the sheet."""
    steps = [name.split(".")[1] for name in model.lines if name.startswith("waterfall.") and name.endswith(".paid")]
    return list(dict.fromkeys(steps))


def test_lines_stand_in_the_order_of_the_deal_file() -> None:
    assert order_of(spvmodel.build(spvmodel.load(DEALS / "steps.yaml"))) == [
        "operating_costs", "fees", "working_capital", "hedge", "interest", "principal", "second_lien_interest",
        "balloon", "dsra", "second_lien_principal", "tax", "capital_reserves", "sweep", "second_lien_balloon",
        "shareholder_interest", "shareholder_principal", "shareholder_balloon",
    ]  # fmt: skip
    ordered = spvmodel.build(spvmodel.load(DEALS / "ordered.yaml"))
    assert order_of(ordered) == [
        "operating_costs", "fees", "hedge", "interest", "principal", "balloon", "dsra", "capital_reserves",
    ]  # fmt: skip
    assert dict(ordered.about["fixed"])["Order of the waterfall"].startswith(  # type: ignore[call-overload]
        "pay operating costs, pay fees, pay hedges, pay senior interest"
    )


@pytest.mark.parametrize("name", ["ordered", "steps", "tranches", "works", "refinanced", "hedged", "workshop"])
def test_cash_is_conserved_at_every_step(name: str) -> None:
    model = spvmodel.build(spvmodel.load(DEALS / f"{name}.yaml"))
    for case in model.cases:
        conserved(spvmodel.solve(model, case))


def test_the_default_order_listed_is_the_default_order(tmp_path: Path) -> None:
    """Tranches, with the steps and supports that a deal file without a list has: every line is the same."""
    text = "waterfall:\n" + "".join(f"  - {step}\n" for step in (
        "pay: operating costs", "pay: fees", "pay: senior interest\n    support: [dsra]",
        "pay: senior principal\n    support: [dsra]", "pay: balloons", "fund: dsra", "pay: second lien",
        "pay: mezzanine", "sweep: excess cash", "test: lock-up", "pay: holdco", "pay: shareholder loans",
        "distribute: equity",
    ))  # fmt: skip
    deal = rewritten(tmp_path, "tranches", ("reserves:\n", f"{text}reserves:\n"))
    given, usual = spvmodel.build(deal), spvmodel.build(spvmodel.load(DEALS / "tranches.yaml"))
    assert given.lines == usual.lines
    assert json.dumps(deal.fingerprint) != json.dumps(spvmodel.load(DEALS / "tranches.yaml").fingerprint)


def test_a_reader_sees_steps_in_order_with_what_covered_them() -> None:
    """The table of the report: the order of the deal file, and the draws of the case with less rent."""
    from spvmodel.report.tables import waterfall
    from spvmodel.report.view import View

    result = spvmodel.solve(spvmodel.build(spvmodel.load(DEALS / "ordered.yaml")), "low_rent")
    table: Any = waterfall(View(result))
    groups = [row.label for row in table.rows if row.kind == "group"]
    assert groups == [
        "Operating costs", "Commitment and agency fees", "Payments to hedge banks", "Senior interest",
        "Senior principal", "DSRA top-up", "Capital reserves",
    ]  # fmt: skip
    labels = [row.label for row in table.rows]
    at = labels.index("Senior principal")
    told = ["Due, with arrears", "Paid", "of which from the DSRA", "Unpaid at year end", "Cash left"]
    assert labels[at + 1 : at + 6] == told


FAULTS = {
    "waterfall.fees.paid": "checks.fees_step",
    "waterfall.second_lien_interest.paid": "checks.second_lien_interest_step",
    "waterfall.principal.from_dsra": "checks.principal_step",
    "reserves.working_capital.draw": "checks.cash",
    "waterfall.sweep.paid": "checks.sweep",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str) -> None:
    """One line of the deal with steps of its own 0.01 too high in the sixth period, when nothing may be swept."""
    model = spvmodel.build(spvmodel.load(DEALS / "steps.yaml"))
    faulty = with_fault(model, name, 0.01, "money", 6)
    inputs = {key: given.value for key, given in faulty.inputs.items()}
    result = Result(faulty, "base", inputs, evaluate(faulty, inputs))
    assert FAULTS[name] in {check.name for check in result.checks if not check.passed}
