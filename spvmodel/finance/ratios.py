"""Cash flow available for debt service and cover ratios (definitions, sections 1 and 2)."""

from __future__ import annotations

from spvmodel.finance.collateral.acceleration import in_hand
from spvmodel.finance.covenants.cure import cured_loans
from spvmodel.finance.debt.cured import after_cures, service_agreed, service_ahead
from spvmodel.finance.debt.ranks import SENIOR, SHAREHOLDER, ranked
from spvmodel.finance.operations.contract import prepaying
from spvmodel.finance.operations.income import certain_until, in_certain_term
from spvmodel.finance.operations.payables import paid_later
from spvmodel.finance.operations.recoveries import recovering
from spvmodel.finance.operations.working_capital import has_working_capital_movements, operating_cash
from spvmodel.finance.reserves.capital import capital_reserves
from spvmodel.finance.reserves.dsra import INTEREST_FED_BACK, counts_interest
from spvmodel.finance.reserves.general import prior_accounts, reserve_accounts
from spvmodel.finance.tax.income_tax import FED_BACK, pays_tax, taxed_before_service
from spvmodel.finance.tax.vat import groups, in_operation
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAYS_365, END, START, YEAR, YEAR_AGO, YEAR_AHEAD
from spvmodel.finance.waterfall.steps import before_service
from spvmodel.lines import (
    Expr,
    Ref,
    default,
    defined,
    highest,
    lowest,
    maximum,
    mean,
    na,
    next_,
    prev,
    ratio,
    sum_ahead,
    sum_behind,
    total,
    where,
)

TIE = 1e-9
"""Covers that differ by less are the same."""


def cfads_recipe(terms: Terms) -> tuple[str, ...]:
    """How CFADS is made, line by line, for the disclosure rule of definitions, section 1."""
    # Cash of operations is after it where anything is paid at another time than it is earned.
    working = "" if has_working_capital_movements(terms) else "working capital, "
    before = f"before {working}interest on accounts and reserve movements"
    prior = []
    if counts_interest(terms):
        prior.append("plus interest on accounts, but for that on trapped cash")
        before = before.replace("interest on accounts", "interest on trapped cash")
    if taxed_before_service(terms):
        prior.append("less income taxes, which rank before debt service")
    elif pays_tax(terms):
        before = f"before tax, which ranks after debt service, {before}"
    else:
        before = f"before tax (pass-through entity), {before}"
    saved = [words for words, _ in prior_contributions(terms)]
    if saved:
        prior += [f"less scheduled contributions to {words}, which rank before debt service" for words in saved]
        before = before.replace("reserve movements", "movements of the other reserves")
    if capital_reserves(terms) and not before_service(terms, "capital_reserves"):
        below = "before contributions to capital reserves, which rank after debt service"
        before = f"{below}, {before}"
    revenue = "revenue (income as it is received)"
    if terms.deal.spec.lease:
        revenue = "revenue (cash rent, triple net: recoveries and the costs they recover cancel out; and other income)"
        if recovering(terms):
            revenue = "revenue (cash rent; recoveries of operating costs as they are due; and other income)"
    ahead = ["plus customer prepayments as received, less what invoices are credited"] if prepaying(terms) else []
    return (
        revenue,
        *ahead,
        "less operating costs the SPV bears" + (", as they fall due for payment" if paid_later(terms) else ""),
        *(["plus VAT collected and recovered, less VAT paid and settled"] if in_operation(terms) else []),
        *prior,
        before,
        "without equity, debt, take-out proceeds and opening cash"
        + (", or VAT on construction" if groups(terms) else ""),
    )


def _after_prior_claims(terms: Terms, operating: Expr) -> Expr:
    """Cash flow of operations, with interest by switch, less what ranks before debt service: taxes, reserves."""
    if counts_interest(terms):
        operating = operating + INTEREST_FED_BACK
    if taxed_before_service(terms):
        operating = operating - FED_BACK
    for _, contribution in prior_contributions(terms):
        operating = operating - contribution
    return operating


def prior_contributions(terms: Terms) -> list[tuple[str, Ref]]:
    """Reserves that are filled before debt service, in words, and what they are due by schedule (series, money)."""
    found = [
        ("capital_reserves", "capital reserves", "reserves.capital.contribution"),
        ("working_capital", "the working-capital reserve", "reserves.working_capital.contribution"),
    ]
    prior = [(words, Ref(line)) for step, words, line in found if before_service(terms, step)]
    labels = reserve_accounts(terms)
    return prior + [(f"the account {labels[at].label}", Ref(f"{at}.contribution")) for at in prior_accounts(terms)]


def declare_ratios(terms: Terms) -> None:
    """CFADS, DSCR (period, historic, forward), ICR, LLCR, PLCR and debt yield."""
    g = terms.graph
    with g.place("Ratios", "Cash flow available for debt service"):
        cfads = g.series(
            "ratios.cfads",
            _after_prior_claims(terms, operating_cash(terms)),
            "CFADS",
            "money",
            "; ".join(cfads_recipe(terms)),
            total=True,
        )
        _declare_completion(terms)
    _declare_dscr(terms, cfads)
    _declare_life_cover(terms, cfads)
    with g.place("Ratios", "Debt yield"):
        noi, debt = Ref("opex.noi_ahead"), Ref("debt.closing")
        g.series(
            "ratios.debt_yield",
            ratio(noi, debt * Ref("ratios.outstanding")),
            "Debt yield",
            "share",
            "NOI of the next twelve months / closing debt",
        )
        first = Ref("time.builds")
        earned = g.scalar(
            "ratios.noi_when_built", total(noi, first), "NOI of the next twelve months, when built", "money"
        )
        owed = g.scalar("ratios.debt_when_built", total(debt, first), "Debt when built", "money")
        g.scalar(
            "ratios.debt_yield_when_built",
            ratio(earned, owed * (owed > terms["checks.tolerance"])),
            "Debt yield when fully drawn",
            "share",
            "NOI of the next twelve months / debt, when all is built and drawn",
        )
    if ranked(terms, SHAREHOLDER):
        with g.place("Ratios", "Gearing"):
            lent = Ref("funding.total_debt") - total(Ref("returns.shareholder_draws"))
            note = "shareholder loans count as equity"
            lent = g.scalar("ratios.debt_of_lenders", lent, "Debt drawn from lenders", "money", note)
            gearing = ratio(lent, Ref("funding.total_uses"))
            g.scalar("ratios.gearing_of_lenders", gearing, "Gearing without shareholder loans", "share", note)
    _declare_cuts(terms, owed)
    _declare_tail(terms)
    _declare_cash_held(terms)


def _declare_cuts(terms: Terms, owed: Ref) -> None:
    """The largest uniform cuts of CFADS (shares; negative where more is needed) that the senior debt bears.

    Definitions, section 2, break-even reduction: in closed form, 1 - 1 / LLCR and 1 - 1 / DSCR.
    """
    g, tolerance = terms.graph, terms["checks.tolerance"]
    with g.place("Ratios", "Break-even"):
        value = total(Ref("ratios.pv_loan"), Ref("time.builds"))
        value = g.scalar(
            "ratios.pv_when_built",
            value,
            "Present value of CFADS to final maturity, when built",
            "money",
            "discounted at the average rate of the debt",
        )
        bears = where((owed > tolerance) * (value > tolerance), ratio(value - owed, value), na())
        g.scalar(
            "ratios.breakeven_cfads_cut",
            bears,
            "Break-even cut of CFADS",
            "share",
            "1 - 1 / LLCR when all is built: the largest uniform cut of CFADS that still repays the senior debt "
            "in full by final maturity, if all cash flow may be used",
        )
        least = default(Ref("ratios.min_dscr"), 0)
        g.scalar(
            "ratios.timely_cfads_cut",
            where(least > 0, ratio(least - 1, least), na()),
            "Cut of CFADS with every payment in time",
            "share",
            "1 - 1 / minimum DSCR: the largest uniform cut with scheduled service paid in time and no reserve used",
        )


def _declare_tail(terms: Terms) -> None:
    """What revenue is left after the debt: in years, and as a share of value (definitions, section 2, tail)."""
    g = terms.graph
    with g.place("Ratios", "Tail"):
        tail = (certain_until(terms) - Ref("ratios.final_maturity")) / DAYS_365
        note = f"final maturity to the {_last_day(terms)}, actual days / 365"
        g.scalar("ratios.tail", tail, "Tail", "yr", note)
        every = total(Ref("ratios.pv_project"), Ref("time.builds"))
        note = "discounted at the average rate of the debt"
        every = g.scalar("ratios.pv_project_when_built", every, "Present value of CFADS, when built", "money", note)
        later = ratio(every - Ref("ratios.pv_when_built"), every)
        note = "present value of CFADS after final maturity / of all CFADS, when built"
        g.scalar("ratios.tail_share", later, "Tail, share of present value", "share", note)


def _declare_cash_held(terms: Terms) -> None:
    """Months of service that the DSRA holds, and debt net of all accounts on the EBITDA of the last twelve months."""
    g, owed = terms.graph, Ref("ratios.outstanding")
    with g.place("Ratios", "Reserve cover and net debt"):
        held: Expr = Ref("reserves.dsra.closing")
        if terms.deal.spec.reserves.dsra.lc_fee is not None:
            held = held + Ref("reserves.dsra.lc")
        g.series(
            "ratios.dsra_months",
            ratio(held * YEAR, Ref("ratios.service_ahead") * owed),
            "DSRA, months of service",
            "months",
            "DSRA / a twelfth of the service of the next twelve months, once built; a letter of credit counts",
        )
        debt = Ref("debt.closing_total") if g.has("debt.closing_total") else Ref("debt.closing")
        net = g.series("ratios.net_debt", debt - Ref("reserves.closing"), "Net debt", "money", "less all accounts")
        earned = sum_behind(Ref("opex.noi"), END, YEAR_AGO)
        earned = g.series("ratios.ebitda_behind", earned, "EBITDA, last 12 months", "money", "net operating income")
        told = owed * Ref("ratios.year_complete") * (earned > terms["checks.tolerance"])
        multiple = g.series(
            "ratios.net_debt_ebitda",
            where(told, ratio(net, earned), na()),
            "Net debt / EBITDA",
            "x",
            "from twelve months after the debt is fully drawn; N/A where nothing is earned",
        )
        g.scalar("ratios.max_net_debt_ebitda", highest(multiple), "Highest net debt / EBITDA", "x")


def _declare_completion(terms: Terms) -> None:
    """The debt is fully drawn when every loan's buildings are complete and no loan can be drawn any more."""
    g, loans = terms.graph, list(terms.deal.spec.debt)
    with g.place("Time", "Phases"):
        dates = [Ref(f"debt.{loan}.{what}") for loan in loans for what in ("completion_eve", "availability")]
        built_by = g.scalar("time.built_by", maximum(*dates), "Last completion or end of availability", "date")
        built = g.series("time.built", END >= built_by, "Built and fully drawn at the period end", "flag")
        g.series("time.builds", built * (1 - prev(built)), "Built in this period", "flag")
        g.series("time.operation", START >= built_by, "Built throughout the period", "flag")
        g.series(
            "time.phase",
            1 + (START >= built_by) + (START >= Ref("revenue.until")),
            "Phase",
            "count",
            "1 construction, 2 operation, 3 after the last revenue",
        )
    owed = (Ref("debt.closing") > terms["checks.tolerance"]) * built
    g.series("ratios.outstanding", owed, "Built, and debt outstanding", "flag")


def _served(terms: Terms, due: Expr) -> Expr:
    """What is due, and 0 where that is a remainder of rounding, or less than hedges pay: such a cover is N/A."""
    return due * (due > terms["checks.tolerance"])


def _declare_dscr(terms: Terms, cfads: Ref) -> None:
    g, service = terms.graph, Ref("debt.service")
    with g.place("Ratios", "Debt service cover"):
        dscr = g.series(
            "ratios.dscr",
            ratio(cfads, _served(terms, service) * (1 - Ref("debt.final_stub"))),
            "DSCR",
            "x",
            "CFADS / scheduled debt service; N/A where the last debt falls due within the period, as a balloon",
        )
        with_balloon = g.series(
            "ratios.dscr_with_balloon",
            ratio(cfads, _served(terms, service + after_cures(terms, "debt", "balloon"))),
            "DSCR with balloon",
            "x",
        )
        if g.has("debt.service_total"):
            every = ratio(cfads, _served(terms, Ref("debt.service_total")))
            every = g.series("ratios.dscr_total", every, "DSCR, all ranks", "x", "without shareholder loans")
            g.scalar("ratios.min_dscr_total", lowest(every), "Minimum DSCR, all ranks", "x")
        behind = g.series("ratios.cfads_behind", sum_behind(cfads, END, YEAR_AGO), "CFADS, last 12 months", "money")
        tested = g.series("ratios.year_complete", YEAR_AGO >= Ref("time.built_by"), "Complete for a year", "flag")
        due = g.series("ratios.service_behind", sum_behind(service, END, YEAR_AGO), "Service, last 12 months", "money")
        g.series(
            "ratios.dscr_historic",
            ratio(behind, _served(terms, due) * tested),
            "DSCR, last 12 months",
            "x",
            "from twelve months after the debt is fully drawn",
        )
        serving = g.series(
            "ratios.cfads_serving",
            cfads * (service > terms["checks.tolerance"]),
            "CFADS of periods with service",
            "money",
        )
        expected = serving
        if cured_loans(terms):
            words = "CFADS of periods with service before cures"
            served = cfads * (service_agreed(terms) > terms["checks.tolerance"])
            expected = g.series("ratios.cfads_expected", served, words, "money", "those that a forward cover counts")
        ahead = g.series("ratios.cfads_ahead", sum_ahead(expected, END, YEAR_AHEAD), "CFADS, next 12 months", "money")
        coming = g.series("ratios.service_ahead", service_ahead(terms), "Service, next 12 months", "money")
        g.series(
            "ratios.dscr_forward",
            ratio(ahead, _served(terms, coming) * Ref("time.operation")),
            "DSCR, next 12 months",
            "x",
            "once built",
        )
        interest: Expr = after_cures(terms, "debt", "interest_scheduled")
        if terms.deal.spec.hedge:
            interest = interest + Ref("hedge.net")
        g.series(
            "ratios.icr",
            ratio(cfads, _served(terms, interest)),
            "ICR",
            "x",
            "CFADS / scheduled interest, with net payments of hedges where there are any",
        )
        least = g.scalar("ratios.min_dscr", lowest(dscr), "Minimum DSCR", "x")
        # Sculpted covers are equal but for rounding, which must not choose the date.
        at_least = defined(dscr) * (default(dscr, 0) <= default(least, 0) + TIE)
        flag = g.series("ratios.dscr_lowest", at_least, "DSCR at its minimum", "flag", "to nine decimals")
        g.scalar("ratios.min_dscr_date", lowest(END, flag), "Date of the minimum DSCR", "date", "the first, of several")
        # While a loan still capitalises its interest the period ratio flatters, so averages begin when all is built.
        complete = Ref("time.operation")
        g.scalar(
            "ratios.avg_dscr",
            mean(dscr, complete),
            "Average DSCR",
            "x",
            "mean of period ratios, once built",
        )
        earned = g.scalar("ratios.cfads_when_built", total(serving, complete), "CFADS of periods with service", "money")
        served = g.scalar("ratios.service_when_built", total(service, complete), "Scheduled debt service", "money")
        g.scalar(
            "ratios.avg_dscr_total",
            ratio(earned, served),
            "Average DSCR by totals",
            "x",
            "total CFADS of periods with service / total service, once built",
        )
        g.scalar("ratios.min_dscr_with_balloon", lowest(with_balloon), "Minimum DSCR with balloons", "x")
        g.scalar("ratios.min_icr", lowest(Ref("ratios.icr")), "Minimum ICR", "x")


def _last_day(terms: Terms) -> str:
    return "last day with revenue" if certain_until(terms).name == "revenue.until" else "last day with certain revenue"


def _declare_life_cover(terms: Terms, cfads: Ref) -> None:
    """LLCR to final maturity (the take-out's, where there is one) and PLCR to the end of revenue."""
    g = terms.graph
    with g.place("Ratios", "Loan life and project life cover"):
        maturities = [Ref(f"debt.{loan}.final_day") for loan in ranked(terms, SENIOR)]
        final: Expr = terms["takeout.final_maturity"] if terms.deal.spec.takeout else maximum(*maturities)
        final = g.scalar("ratios.final_maturity", final, "Final maturity", "date")
        refinanced = "the final maturity of the take-out: the life of the debt with its refinancing"
        life_note = f"to {refinanced if terms.deal.spec.takeout else 'the last maturity of the loans'}"
        owed = prev(Ref("debt.scheduled_closing")) > terms["checks.tolerance"]
        note = "while the schedule owes principal"
        life = g.series(
            "ratios.cfads_life", cfads * owed * (START < final), "CFADS of the life of the debt", "money", note
        )
        certain = in_certain_term(terms, cfads)
        if not isinstance(certain, Ref):
            certain = g.series("ratios.cfads_certain", certain, "CFADS of the certain term", "money")
        for what, flow, label, end, until in (
            ("loan", life, "LLCR", final, life_note),
            ("project", certain, "PLCR", certain_until(terms), f"to the {_last_day(terms)}"),
        ):
            value = Ref(f"ratios.pv_{what}")
            g.series(
                value.name,
                (next_(value) + next_(flow)) / (1 + next_(Ref("debt.rate_pp"))),
                f"Present value of later CFADS, {what} life",
                "money",
                "discounted at the average rate of the debt",
            )
            cover = g.series(
                f"ratios.{label.lower()}",
                ratio(value, in_hand(terms, Ref("debt.closing") * Ref("ratios.outstanding") * (END < end))),
                label,
                "x",
                "present value of later CFADS / closing debt; not tested once no such flow is left",
            )
            g.scalar(f"ratios.min_{label.lower()}", lowest(cover), f"Minimum {label}", "x", until)
