"""The cash waterfall. It only allocates: other blocks say what is due, each step pays what cash allows.

Steps stand in the order of the deal file, or in the default order (``deal/steps.py``); those that the deal does not
need are not there. Each step has what is due, what its supporting accounts add to the cash, what is paid, what is
short, and the cash it leaves. Trapped cash covers any obligation; an account covers the steps that name it, in turn,
as far as its opening balance goes. Take-out proceeds wait for the balloons. What reserves release joins the cash once
they are filled; what an entry of ``reserves.account`` releases, right after its own step. Holdco and shareholder loans
are paid only out of cash that may be distributed.
"""

from __future__ import annotations

from spvmodel.deal.steps import AFTER_TEST, Step, account_step, accounts
from spvmodel.finance.collateral.acceleration import declare_flow, due_until_sale, in_hand, unsold
from spvmodel.finance.covenants.cure import PAID as CURE
from spvmodel.finance.covenants.cure import pays_in_cash
from spvmodel.finance.debt.prepayment import bears_exit_fee, prepaid_loans
from spvmodel.finance.debt.ranks import RANKS, SHAREHOLDER, STEPS, SUBORDINATED, UPSTREAM, facilities, step_of, steps_of
from spvmodel.finance.debt.takeout import breaks_hedges
from spvmodel.finance.debt.toggle import accretes
from spvmodel.finance.facility import drawable, fees_saved, sources_of
from spvmodel.finance.operations.contract import PREPAID, prepaying
from spvmodel.finance.operations.payables import cash_costs
from spvmodel.finance.operations.payment import cash_revenue
from spvmodel.finance.reserves.dsra import DSRA, earns_interest
from spvmodel.finance.reserves.general import account_due, reserve_accounts, undrawn
from spvmodel.finance.reserves.working_capital import WORKING_CAPITAL, has_working_capital
from spvmodel.finance.tax.income_tax import pays_tax
from spvmodel.finance.tax.vat import collected, handed_on
from spvmodel.finance.terms import Terms
from spvmodel.finance.waterfall.steps import (
    before_service,
    begun,
    limit_of,
    limited,
    names,
    obligations,
    overdue,
    payable,
    steps,
)
from spvmodel.finance.waterfall.sweep import declare_sweep
from spvmodel.lines import Expr, Number, Ref, maximum, minimum, prev, sum_of

_CARRIED = ("operating_costs", "tax", "fees", "hedge", "exit_fees")
"""Steps that carry what they did not pay; other dues hold what was not paid before already."""

_RANKED = {step_of(rank, part): (rank, part) for rank in RANKS for part, _ in STEPS}
"""Rank and part of the steps that pay loans."""

_LABELS = {
    "operating_costs": "Operating costs",
    "tax": "Taxes",
    "capital_reserves": "Capital reserves",
    "hedge": "Payments to hedge banks",
    "balloon": "Balloons",
    "exit_fees": "Exit fees",
    "reimbursements": "Reimbursements",
    "dsra": "DSRA top-up",
    "prepayment": "Voluntary prepayment",
    "working_capital": "Working-capital top-up",
}

_FROM = {"dsra": "from the DSRA", "working_capital": "from the working-capital reserve"}


def declare_waterfall(terms: Terms) -> None:
    """Every step with due, draws on its support, paid, shortfall and cash left."""
    walk = _Walk(terms)
    for place, step in enumerate(steps(terms)):
        walk.take(place, step)
    g = terms.graph
    with g.place("Waterfall", "Obligations"):
        paid = [Ref(f"waterfall.{step}.paid") for step in obligations(terms)]
        g.series("waterfall.obligations_paid", sum_of(*paid), "Obligations paid", "money", total=True)
        short = [overdue(terms, step) for step in obligations(terms)]
        unpaid = g.series("waterfall.unpaid", sum_of(*short), "Obligations not paid in time", "money")
        _declare_overdue(terms, unpaid)


class _Walk:
    """Down the steps, with the cash that is left."""

    def __init__(self, terms: Terms) -> None:
        self.terms, self.graph = terms, terms.graph
        order = names(terms)
        self.held = _take_out(terms)
        """Take-out proceeds that wait for the first step they may pay, or None once they are in the cash."""
        self.balloons = min(order.index(name) for name in order if name.endswith(("balloon", "exit_fees")))
        self.release: Expr | None = _releases(terms)
        """What reserves release, until it is in the cash."""
        self.filled = _filled(order)
        self.tested = order.index("lockup")
        facilities = {facility.key: facility for facility in drawable(terms)}
        held = accounts(terms.deal.spec).values()
        self.holds: dict[str, Expr] = {account: Ref(f"{_prefix(account)}.opening") for account in held}
        """What every account and facility can cover at the start of the period."""
        self.holds |= {key: Ref(f"{facility.at}.available") for key, facility in facilities.items()}
        self.words = {account: _from(terms, account) for account in held}
        self.words |= {key: f"from {facility.label}" for key, facility in facilities.items()}
        self.drawn: dict[str, list[Ref]] = {source: [] for source in self.holds}
        self.after_senior = False
        self.cash: Expr = _declare_cash_in(terms, self.held)

    def take(self, place: int, step: Step) -> None:
        """Declare the step; the cash is then what it leaves."""
        if place == self.balloons:
            with self.graph.place("Waterfall", _label(self.terms, step.name)):
                self._add("cash_for_balloon", self.held, "Cash with take-out proceeds")
        if self.filled < place < self.tested:
            self._join(step.name)
        match step.name:
            case "sweep":
                self.cash = declare_sweep(self.terms, self.cash)
            case "lockup":
                self.cash = self._test()
            case "distributions":
                self._distribute()
            case _:
                self._pay(step)

    def _pay(self, step: Step) -> None:
        g, terms, at, label = self.graph, self.terms, f"waterfall.{step.name}", _label(self.terms, step.name)
        with g.place("Waterfall", label):
            owed = now = g.series(f"{at}.due", _due(terms, step.name), f"{label}: due", "money")
            if limited(terms, step.name):
                now = _declare_payable(terms, step.name, label, owed)
            cash = self.cash
            for source in sources_of(terms, step):
                draw = minimum(self._left(source), maximum(0, now - cash))
                words = f"{label}: {self.words[source]}"
                draw = g.series(f"{at}.from_{source}", draw, words, "money", total=True)
                self.drawn[source].append(draw)
                cash = cash + draw
            paid = g.series(f"{at}.paid", minimum(now, maximum(0, cash)), f"{label}: paid", "money", total=True)
            if limited(terms, step.name) and step.name in obligations(terms):
                g.series(f"{at}.overdue", now - paid, f"{label}: not paid in time", "money")
            g.series(f"{at}.shortfall", owed - paid, f"{label}: shortfall", "money")
            self.cash = g.series(f"{at}.cash_left", cash - paid, f"{label}: cash left", "money")
            if step.name.startswith(account_step("")):
                freed = self.cash + Ref(f"{_prefix(step.name)}.release")
                self.cash = g.series(f"waterfall.cash_after_{step.name}", freed, "Cash with its release", "money")

    def _left(self, source: str) -> Expr:
        """What earlier steps left of an account or a facility."""
        left: Expr = in_hand(self.terms, self.holds[source])
        for draw in self.drawn[source]:
            left = left - draw
        return left

    def _add(self, name: str, more: Expr | None, label: str) -> None:
        cash = self.cash if more is None else self.cash + more
        self.cash = self.graph.series(f"waterfall.{name}", cash, label, "money")

    def _join(self, step: str) -> None:
        """What reserves release joins the cash before this step, the first after they are filled."""
        junior = step == "sweep" or _RANKED.get(step, ("", ""))[0] in SUBORDINATED
        if junior and not self.after_senior:
            with self.graph.place("Waterfall", "After senior debt"):
                self._add("excess", self.release, "Cash after senior debt, with releases")
            self.after_senior = True
        elif self.release is not None:
            with self.graph.place("Waterfall", _label(self.terms, step)):
                name = "cash_for_tax" if step == "tax" else "cash_with_releases"
                self._add(name, self.release, "Cash with reserve releases")
        self.release = None

    def _test(self) -> Expr:
        """The cash that the lock-up test tests; returns what it lets go, with what was trapped."""
        g, free = self.graph, self.cash
        label = "Cash left" if self.after_senior or reserve_accounts(self.terms) else "Cash after tax"
        if self.release is not None:
            free = free + self.release
            label = "Cash with reserve releases" if has_working_capital(self.terms) else "Cash with DSRA release"
        with g.place("Waterfall", "Distributions"):
            free = g.series("waterfall.distributable", free, label, "money", total=True)
        released = Ref("covenants.distribution_allowed") * free + Ref("reserves.trapped.release")
        if not steps_of(self.terms, UPSTREAM):
            return released
        with g.place("Waterfall", "After the lock-up test"):
            return g.series(
                "waterfall.upstream",
                released,
                "Cash that may leave the SPV",
                "money",
                "with what was trapped",
                total=True,
            )

    def _distribute(self) -> None:
        g, upstream = self.graph, [step for step in names(self.terms) if step in AFTER_TEST[:-1]]
        if upstream:
            with g.place("Waterfall", "After the lock-up test"):
                paid = sum_of(*[Ref(f"waterfall.{step}.paid") for step in upstream])
                g.series(
                    "waterfall.upstream_service", paid, "Service of holdco and shareholder loans", "money", total=True
                )
        with g.place("Waterfall", "Distributions"):
            g.series(
                "waterfall.distributions",
                self.cash,
                "Distributions",
                "money",
                "all cash, with what was trapped, when the lock-up test allows it",
                total=True,
            )


def _take_out(terms: Terms) -> Expr:
    """Take-out proceeds that wait for the balloons."""
    if breaks_hedges(terms):
        # Hedges are paid before debt service: what is drawn to break them does not wait for the balloons.
        return Ref("waterfall.refinancing") - in_hand(terms, Ref("debt.takeout.hedges.net_proceeds"))
    return Ref("waterfall.refinancing")


def _releases(terms: Terms) -> Expr:
    released: Expr = Ref(f"{DSRA}.release")
    return released + Ref(f"{WORKING_CAPITAL}.release") if has_working_capital(terms) else released


def _filled(order: list[str]) -> int:
    """The step after which reserves release: the last that fills one, with the prepayments that follow it."""
    last = max(order.index(name) for name in ("dsra", "working_capital") if name in order)
    return last + 1 if order[last + 1] == "prepayment" else last


def _declare_cash_in(terms: Terms, held: Expr) -> Ref:
    """Receipts, obligations, and the cash for the first step."""
    g = terms.graph
    with g.place("Waterfall", "Cash in"):
        name, label = "waterfall.refinancing", "Take-out proceeds, net"
        if terms.deal.spec.takeout is not None:
            refinancing = declare_flow(terms, name, Ref("debt.takeout.net_proceeds"), label)
        else:
            refinancing = g.series(name, Number(0), label, "money", total=True)
        receipts: Expr = cash_revenue(terms) + refinancing
        if prepaying(terms):
            receipts = receipts + PREPAID
        if terms.deal.spec.hedge:
            receipts = receipts + Ref("hedge.receivable")
        if g.has("funding.revenue_used"):
            # What paid uses before completion is gone.
            receipts = receipts - Ref("funding.revenue_used")
        if earns_interest(terms):
            receipts = receipts + Ref("reserves.interest_earned")
        if pays_tax(terms):
            receipts = receipts + Ref("tax.refund")
        if pays_in_cash(terms):
            receipts = receipts + CURE
        for vat in collected(terms):
            receipts = receipts + vat
        receipts = declare_flow(terms, "waterfall.receipts", receipts, "Receipts")
        dues = [_foreseen(terms, step) for step in obligations(terms)] + _fillings(terms)
        if drawable(terms):
            dues.append(Ref("waterfall.reimbursements.due"))
        declare_flow(terms, "waterfall.obligations", sum_of(*dues), "Obligations of the period", total=False)
        return g.series(
            "waterfall.cash_in",
            receipts - held + Ref("reserves.trapped.support"),
            "Cash for the first step",
            "money",
            "receipts and trapped cash; take-out proceeds wait for the balloons",
        )


def _foreseen(terms: Terms, step: str) -> Ref:
    """What trapped cash is drawn for: what an obligation is to be paid, whatever accounts would cover of others."""
    at = _prefix(step)
    account = at in reserve_accounts(terms) and undrawn(terms, at)
    return Ref(f"{at}.due_undrawn") if account else payable(terms, step)


def _fillings(terms: Terms) -> list[Ref]:
    """What the DSRA and the working-capital reserve take before debt service, where nothing is drawn on them.

    It is not there for debt service, so that trapped cash is drawn for it as for accounts in that place.
    """
    found = []
    for step in (name for name in names(terms) if name in ("dsra", "working_capital") and before_service(terms, name)):
        at, label = f"reserves.{step}", f"{_LABELS[step]} before debt service"
        due: Expr = maximum(0, Ref(f"{at}.target") - Ref(f"{at}.opening") - Ref(f"{at}.funding"))
        if terms.has(f"waterfall.{step}.limit"):
            due = minimum(due, limit_of(terms, step))
        if terms.has(f"waterfall.{step}.from"):
            due = due * begun(terms, step)
        note = "where nothing is drawn: what trapped cash is drawn for"
        found.append(terms.graph.series(f"{at}.due_undrawn", due, label, "money", note))
    return found


def _due(terms: Terms, step: str) -> Expr:
    """What is due to a step, with what it did not pay before."""
    due = _new(terms, step)
    if step in (*_RANKED, "reimbursements"):
        return due
    # What loans and facilities are owed stays due until the sale, as does what steps carry; nothing else falls due.
    if step not in _CARRIED:
        return in_hand(terms, due)
    late = unsold(terms, prev(Ref(f"waterfall.{step}.shortfall")))
    return due_until_sale(terms, due + late, late)


def _new(terms: Terms, step: str) -> Expr:
    match step:
        case "operating_costs":
            vat = handed_on(terms)
            return sum_of(cash_costs(terms), *vat) if vat else cash_costs(terms)
        case "tax":
            return Ref("tax.due")
        case "capital_reserves":
            return Ref("reserves.capital.due")
        case "fees":
            extended = [Ref(f"debt.{loan}.extension_fee") for loan in _extended(terms)]
            fees: Expr = Ref("debt.fees_scheduled")
            fees = sum_of(Ref("debt.fees_scheduled"), *extended) if extended else fees
            return fees - sum_of(*fees_saved(terms)) if drawable(terms) else fees
        case "hedge":
            return Ref("hedge.payable")
        case "exit_fees":
            return sum_of(*[Ref(f"debt.{loan}.exit_fee_due") for loan in bears_exit_fee(terms)])
        case "reimbursements":
            return sum_of(*[Ref(f"{facility.at}.due") for facility in drawable(terms)])
        case "prepayment":
            return sum_of(*[Ref(f"debt.{loan}.prepayment_due") for loan in prepaid_loans(terms)])
        case "dsra" | "working_capital":
            at = f"reserves.{step}"
            return maximum(0, Ref(f"{at}.target") - Ref(f"{at}.before_top_up"))
        case _ if step.startswith(account_step("")):
            at = _prefix(step)
            return account_due(terms, at, Ref(f"{at}.before_top_up"))
        case _:
            rank, part = _RANKED[step]
            return sum_of(*[Ref(f"{at}.{part}_due") for at in facilities(terms, rank)])


def _extended(terms: Terms) -> list[str]:
    return [name for name, loan in terms.deal.spec.debt.items() if loan.extension]


def _label(terms: Terms, step: str) -> str:
    if step == "fees":
        return "Commitment, agency and extension fees" if _extended(terms) else "Commitment and agency fees"
    if step == "operating_costs" and handed_on(terms):
        return "Operating costs and VAT"
    if step in _LABELS:
        return _LABELS[step]
    if step.startswith(account_step("")):
        return reserve_accounts(terms)[_prefix(step)].label
    rank, part = _RANKED[step]
    return f"{'Shareholder loan' if rank == SHAREHOLDER else rank.capitalize()} {part}"


def _from(terms: Terms, account: str) -> str:
    """Where a draw comes from, in words; an account by the step that fills it."""
    return _FROM[account] if account in _FROM else f"from {reserve_accounts(terms)[_prefix(account)].label}"


def _prefix(account: str) -> str:
    """The prefix of the lines of an account, by the step that fills it."""
    key = account.removeprefix(account_step(""))
    return f"reserves.{account}" if key == account else f"reserves.account.{key}"


def _declare_payable(terms: Terms, step: str, label: str, owed: Ref) -> Ref:
    """What is due up to the limit of the period, from the first date on."""
    now: Expr = owed
    if terms.has(f"waterfall.{step}.limit"):
        now = minimum(now, limit_of(terms, step))
    if terms.has(f"waterfall.{step}.from"):
        now = now * begun(terms, step)
    return terms.graph.series(
        f"waterfall.{step}.payable", now, f"{label}: payable", "money", "due, within what the waterfall allows"
    )


def _declare_overdue(terms: Terms, unpaid: Ref) -> None:
    """What stays due, where a loan before the lock-up test adds unpaid interest to its balance instead."""
    added = [Ref(f"{at}.interest_shortfall") for at in facilities(terms, *SUBORDINATED) if accretes(terms, at)]
    if added:
        still = unpaid - sum_of(*added)
        terms.graph.series("waterfall.overdue", still, "Obligations that stay due", "money")
