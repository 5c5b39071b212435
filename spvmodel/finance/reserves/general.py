"""General reserve accounts: minimum cash, costs of some months, leasing and maintenance reserves, lease events.

The target of an account (millions, at each period end) follows from the deal alone, so that CFADS can be less what an
account before debt service is due by schedule:

- an amount, at once or in equal instalments;
- the operating costs of the months ahead;
- what accrues for each kW of the buildings less the works paid, up to a cap;
- the works of the years ahead, weighted (definitions, section 3, MRA target).

What is paid in, drawn, spent on works and released follows the waterfall: missing money falls due again.
"""

from __future__ import annotations

from spvmodel.deal.schema import ReserveAccount
from spvmodel.deal.steps import SERVICE, account_step
from spvmodel.finance.collateral.acceleration import declare_balance, declare_flow, due_until_sale
from spvmodel.finance.operations.payables import cash_cost, cash_costs
from spvmodel.finance.operations.rent import KW_PER_MW
from spvmodel.finance.reserves.window import declare_sum, declare_window
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import DAY, END, FULL_DAYS, LAST_DAY, PERIODS_PER_YEAR, START, YEAR, from_end
from spvmodel.finance.waterfall.steps import before_service, supported
from spvmodel.lines import Expr, Number, Ref, default, maximum, minimum, prev, ratio, sum_ahead, sum_of, total

GENERAL = "reserves.account"
ACCOUNTS_END = Ref("reserves.accounts_end")


def reserve_accounts(terms: Terms) -> dict[str, ReserveAccount]:
    """Every general reserve account by the prefix of its lines, in the order of the deal file."""
    return {f"{GENERAL}.{key}": account for key, account in terms.deal.spec.reserves.account.items()}


def with_works(terms: Terms) -> list[str]:
    """The accounts that pay for works."""
    return [at for at, account in reserve_accounts(terms).items() if account.works is not None]


def filled_at_close(terms: Terms) -> list[str]:
    """The accounts whose first filling is a use of funds."""
    return [at for at, account in reserve_accounts(terms).items() if account.funded == "at close"]


def funds_accounts(terms: Terms, group: str) -> bool:
    """Whether an entry of ``funding`` pays for the first fillings: the first one with a loan does."""
    with_loans = (entry for entry in terms.deal.spec.funding if terms.loans_of(entry))
    return bool(filled_at_close(terms)) and group == next(with_loans)


def step_of_account(at: str) -> str:
    """The step of the waterfall that fills an account."""
    return account_step(at.rpartition(".")[2])


def prior_accounts(terms: Terms) -> list[str]:
    """The accounts that are filled before debt service."""
    return [at for at in reserve_accounts(terms) if before_service(terms, step_of_account(at))]


def tested_accounts(terms: Terms) -> list[str]:
    """The accounts that must be full before anything is distributed."""
    return [at for at, account in reserve_accounts(terms).items() if account.counts_for_lockup == "yes"]


def account_due(terms: Terms, at: str, balance: Expr) -> Expr:
    """What cash flow is to pay into an account that holds ``balance``: up to its target, with works not covered."""
    works = reserve_accounts(terms)[at].works is not None
    wanted = Ref(f"{at}.target") + Ref(f"{at}.owed") if works else Ref(f"{at}.target")
    return maximum(0, wanted - balance)


def undrawn(terms: Terms, at: str) -> bool:
    """Whether an account before debt service covers steps before it: ``{at}.due_undrawn`` is what is due without that.

    Trapped cash is drawn for it first, so that the account itself is drawn only once there is none.
    """
    return at in prior_accounts(terms) and bool(_covers(terms, at))


def declare_accounts(terms: Terms) -> None:
    """Target and corkscrew (money, by period) of every general reserve account, and their sums."""
    every = reserve_accounts(terms)
    if not every:
        return
    g = terms.graph
    with g.place("Reserves", "Reserve accounts"):
        end = minimum(Ref("revenue.until"), LAST_DAY)
        g.scalar(ACCOUNTS_END.name, end, "End of the accounts", "date", "the last day with revenue, within the model")
    for at, account in every.items():
        with g.place("Reserves", f"{account.label}: target"):
            _declare_target(terms, at, account)
        with g.place("Reserves", f"{account.label}: account"):
            _declare_account(terms, at, account)
    with g.place("Reserves", "All reserve accounts"):
        for what, label, held in (
            ("target", "Targets", list(every)),
            ("opening", "Opening balance", list(every)),
            ("funding", "First filling, from sources", filled_at_close(terms)),
            ("top_up", "Paid in from cash flow", list(every)),
            ("draw", "Drawn to meet obligations", [at for at in every if _covers(terms, at)]),
            ("spending", "Spent on works", with_works(terms)),
            ("release", "Released", list(every)),
            ("closing", "Closing balance", list(every)),
        ):
            if held:
                flows = what not in ("target", "opening", "closing")
                parts = sum_of(*[Ref(f"{at}.{what}") for at in held])
                g.series(f"{GENERAL}.{what}", parts, label, "money", total=flows)
        short = sum_of(*[Ref(f"waterfall.{step_of_account(at)}.shortfall") for at in every])
        g.series(f"{GENERAL}.shortfall", short, "Short of the targets", "money")


def _covers(terms: Terms, at: str) -> list[str]:
    """The steps that an account covers."""
    return supported(terms, at.rpartition(".")[2])


def _declare_target(terms: Terms, at: str, account: ReserveAccount) -> None:
    g = terms.graph
    since = terms[f"{at}.start"] - DAY if terms.has(f"{at}.start") else Ref("revenue.from")
    if account.funded == "at close":
        since = terms["time.close"] - DAY
    eve = g.scalar(f"{at}.eve", since, "Eve of the first day", "date")
    end = terms[f"{at}.until"] if terms.has(f"{at}.until") else ACCOUNTS_END
    held = g.series(f"{at}.held", (END > eve) * (END < end), "Held at the period end", "flag")
    note = ""
    if account.amount is not None:
        target: Expr = terms[f"{at}.amount"]
        if account.full_by is not None:
            target = target * _declare_built(terms, at, eve)
    elif account.months is not None:
        target, note = _declare_costs_ahead(terms, at, account.costs), "operating costs of the months ahead"
    elif account.per_kw is not None:
        target, note = _declare_accrual(terms, at, eve, end), "what has accrued, less works, up to the cap"
    else:
        target, note = _declare_works_ahead(terms, at), "works of the years ahead, weighted"
    g.series(f"{at}.target", held * target, "Target", "money", note)


def _declare_built(terms: Terms, at: str, eve: Ref) -> Ref:
    """The share of the instalments that are due by each period end.

    A month counts in proportion to its days, so that every full period pays alike.
    """
    g, full = terms.graph, terms[f"{at}.full_by"]
    days = maximum(0, minimum(END, full) - maximum(START, eve))
    months = Ref("time.months_per_period") * (days / FULL_DAYS)
    months = g.series(f"{at}.instalment_months", months, "Months of instalments", "months", total=True)
    paid = g.series(f"{at}.months_passed", prev(Ref(f"{at}.months_passed")) + months, "Months passed", "months")
    whole = g.scalar(f"{at}.months_in_all", total(months), "Months of instalments in all", "months")
    return g.series(f"{at}.built", default(ratio(paid, whole), END >= full), "Share of the instalments due", "share")


def _declare_costs_ahead(terms: Terms, at: str, costs: list[str]) -> Expr:
    g, cost = terms.graph, cash_costs(terms)
    if costs:
        parts = sum_of(*[cash_cost(terms, key) for key in costs])
        cost = g.series(f"{at}.cost", parts, "Costs that it is held for", "money", total=True)
    return declare_sum(terms, declare_window(terms, at, terms[f"{at}.months"]), cost, f"{at}.costs", "Costs")


def _declare_accrual(terms: Terms, at: str, eve: Ref, end: Expr) -> Expr:
    """What the account would hold if every accrual were paid: the balance before, and accrual, less works; capped."""
    g = terms.graph
    built = [key for key, building in terms.deal.spec.building.items() if building.capacity is not None]
    capacity = sum_of(*[terms[f"building.{key}.capacity"] for key in built])
    yearly = terms[f"{at}.per_kw"] * capacity * KW_PER_MW / terms.million
    yearly = g.scalar(f"{at}.yearly", yearly, "Accrual of a year", "money/yr")
    days = maximum(0, minimum(END, end) - maximum(START, eve))
    accrual = yearly / PERIODS_PER_YEAR * days / FULL_DAYS
    accrual = g.series(f"{at}.accrual", accrual, "Accrual", "money", total=True)
    saved = prev(Ref(f"{at}.target")) + accrual
    if terms.has(f"{at}.works"):
        saved = maximum(0, saved - terms[f"{at}.works"])
    return minimum(terms[f"{at}.cap"], saved) if terms.has(f"{at}.cap") else saved


def _declare_works_ahead(terms: Terms, at: str) -> Expr:
    """Sum over the years ahead of weight x works of that year (definitions, section 3)."""
    g, works = terms.graph, terms[f"{at}.works"]
    parts: list[Expr] = []
    ahead: Expr = Number(0)
    last = max(j for j in range(1, 6) if terms.has(f"{at}.weights.year_{j}"))
    for j in range(1, last + 1):
        label = f"{j} year{'s' if j > 1 else ''} ahead"
        limit = g.series(f"{at}.limit_{j}", from_end(terms, Number(float(j)) * YEAR), label, "date")
        until = g.series(f"{at}.ahead_{j}", sum_ahead(works, END, limit), f"Works up to {label}", "money")
        if terms.has(f"{at}.weights.year_{j}"):
            parts.append(terms[f"{at}.weights.year_{j}"] * (until - ahead))
        ahead = until
    return sum(parts[1:], parts[0])


def _declare_account(terms: Terms, at: str, account: ReserveAccount) -> None:
    """Filled as far as the waterfall pays; works are paid as far as there is money, the rest above target released."""
    g, target = terms.graph, Ref(f"{at}.target")
    opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Opening balance", "money")
    balance: Expr = opening
    funding = _declare_filling(terms, at) if account.funded == "at close" else None
    if funding is not None:
        balance = balance + funding
    owed = _declare_owed(terms, at) if account.works is not None else None
    covered = _covers(terms, at)
    if undrawn(terms, at):
        due, note = account_due(terms, at, balance), "what trapped cash is drawn for"
        declare_flow(terms, f"{at}.due_undrawn", due, "Due where nothing is drawn", note, total=False)
    if covered:
        draws = sum_of(*[Ref(f"waterfall.{step}.from_{step_of_account(at)}") for step in covered])
        label = "Drawn for debt service" if set(covered) <= set(SERVICE) else "Drawn to meet obligations"
        balance = balance - g.series(f"{at}.draw", draws, label, "money", total=True)
    balance = g.series(f"{at}.before_top_up", balance, "Balance before top-up", "money")
    top_up = Ref(f"waterfall.{step_of_account(at)}.paid")
    top_up = g.series(f"{at}.top_up", top_up, "Paid in from cash flow", "money", total=True)
    free: Expr = balance
    closing = balance + top_up
    if owed is not None:
        spending = declare_flow(terms, f"{at}.spending", minimum(owed, closing), "Spent on works")
        declare_balance(terms, f"{at}.unpaid", owed - spending, "Works not paid")
        free, closing = balance - owed, closing - spending
    release = declare_flow(terms, f"{at}.release", maximum(0, free - target), "Released above target")
    declare_balance(terms, f"{at}.closing", closing - release, "Closing balance")
    if at in prior_accounts(terms):
        _declare_contribution(terms, at, funding)


def _declare_contribution(terms: Terms, at: str, funding: Ref | None) -> None:
    """What an account before debt service takes by schedule, for CFADS; what it gives back is negative."""
    target = Ref(f"{at}.target")
    scheduled: Expr = target - prev(target)
    if terms.has(f"{at}.works"):
        scheduled = terms[f"{at}.works"] + scheduled
    if funding is not None:
        scheduled = scheduled - funding
    note = "ranks before debt service: works and the rise of the target, less its fall"
    terms.graph.series(f"{at}.contribution", scheduled, "Scheduled contribution", "money", note, total=True)


def _declare_filling(terms: Terms, at: str) -> Ref:
    g, begun = terms.graph, Ref(f"{at}.begun")
    g.series(begun.name, Number(1), "Begun", "flag", "from financial close", opening=0)
    fills = g.series(f"{at}.fills", begun - prev(begun), "Financial close falls here", "flag")
    initial = g.scalar(f"{at}.initial", total(Ref(f"{at}.target"), fills), "First filling", "money", "a use of funds")
    return g.series(f"{at}.funding", fills * initial, "First filling, from sources", "money", total=True)


def _declare_owed(terms: Terms, at: str) -> Ref:
    late = prev(Ref(f"{at}.unpaid"))
    owed = due_until_sale(terms, late + terms[f"{at}.works"], late)
    return terms.graph.series(f"{at}.owed", owed, "Works to be paid", "money")
