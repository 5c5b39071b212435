"""The final day of a loan: its maturity, or the later one of an extension when the tests for it are passed.

Tests are made on the last period end before the maturity, when the lender knows the figures: DSCR of the twelve months
behind it, debt yield and loan to value at it, and nothing overdue. The schedule up to that date is the same whatever
the answer, but its lines run on beyond it; so the decision is a feedback, which is at rest after its second pass. Only
a prepayment that is short of cash because the DSRA already fills for service after the maturity could turn it again; a
check then says that the decision is not at rest.
"""

from __future__ import annotations

from spvmodel.finance.funding import PASSES
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END, FIRST_DAY, START
from spvmodel.lines import Expr, Ref, next_, total, where


def declare_final_day(terms: Terms, loan: str) -> None:
    """``debt.<loan>.final_day`` (date) and, with an extension, its tests, fee and margin step.

    ``extended`` is 1 when it is granted. ``extension_fee`` (money) is a share of the opening balance of the period in
    which the initial maturity falls, due then with the fees and no part of debt service. ``extension_step`` (1/yr) is
    added to the rate in every period that begins on or after the initial maturity.
    """
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan]
    maturity = terms[f"{at}.maturity"]
    if spec.extension is None:
        with g.place("Debt", f"{spec.label}: schedule"):
            g.scalar(f"{at}.final_day", maturity, "Final day", "date", "the maturity")
        return
    with g.place("Debt", f"{spec.label}: extension"):
        granted = _declare_tests(terms, loan)
        extended = g.feedback(f"{at}.extended", 0, granted.name, "Extended", "flag", PASSES)
        final = where(extended, terms[f"{at}.extension.until"], maturity)
        g.scalar(f"{at}.final_day", final, "Final day", "date", "the maturity, or the extended one when granted")
        due = g.series(f"{at}.extension_due", (maturity > START) * (maturity <= END), "Initial maturity", "flag")
        fee = extended * due * terms[f"{at}.extension.fee"] * Ref(f"{at}.opening")
        g.series(f"{at}.extension_fee", fee, "Extension fee", "money", "share of the opening balance", total=True)
        step = extended * (FIRST_DAY >= maturity) * terms[f"{at}.extension.margin_step"]
        g.series(f"{at}.extension_step", step, "Margin step of the extension", "1/yr")


def _declare_tests(terms: Terms, loan: str) -> Ref:
    """1 when every test that the deal states is passed on the last period end before the maturity.

    Tests compare products, so that a period without debt service, income or value needs no exception: no service passes
    the DSCR, no value fails the loan to value.
    """
    g, at, spec = terms.graph, f"debt.{loan}", terms.deal.spec.debt[loan].extension
    assert spec is not None
    maturity = terms[f"{at}.maturity"]
    tested = g.series(
        f"{at}.extension_tested",
        (END < maturity) * (next_(END) >= maturity),
        "Tested at the period end",
        "flag",
        "the last before the maturity",
    )

    def then(what: str, line: str, label: str) -> Ref:
        return g.scalar(f"{at}.extension_{what}", total(Ref(line), tested), label, "money")

    passed: list[Expr] = [then("overdue", "waterfall.unpaid", "Overdue at the test") <= terms["checks.tolerance"]]
    if spec.dscr is not None:
        cash = then("cfads", "ratios.cfads_behind", "CFADS, twelve months to the test")
        service = then("service", "ratios.service_behind", "Debt service, twelve months to the test")
        passed.append(_test(terms, loan, "dscr", cash >= terms[f"{at}.extension.dscr"] * service, "DSCR"))
    if spec.debt_yield is not None:
        debt = then("debt", "debt.closing", "Debt at the test")
        income = then("noi", "opex.noi_ahead", "NOI, twelve months after the test")
        needed = terms[f"{at}.extension.debt_yield"] * debt
        passed.append(_test(terms, loan, "debt_yield", income >= needed, "Debt yield"))
    if spec.ltv is not None:
        value = then("value", "valuation.value", "Value at the test")
        secured = then("secured", "valuation.debt", "Secured debt at the test")
        passed.append(_test(terms, loan, "ltv", secured <= terms[f"{at}.extension.ltv"] * value, "LTV"))
    granted = passed[0]
    for test in passed[1:]:
        granted = granted * test
    return g.scalar(
        f"{at}.extension_granted", granted, "Extension granted", "flag", "nothing overdue, every test passed"
    )


def _test(terms: Terms, loan: str, what: str, passed: Expr, label: str) -> Ref:
    name = f"debt.{loan}.extension_{what}_passed"
    return terms.graph.scalar(name, passed, f"{label} for the extension passed", "flag")
