"""How the uses of an entry of ``funding`` are paid: revenue before completion first, then debt and equity.

A period has three payments: on the closing date, on construction's dates, at the period end. Of each, debt pays in
cash

- pro rata: the share that the loans' proceeds are of all cash uses;
- equity first: what equity does not, which pays until all is paid in that the loans leave;
- debt first: all, while the loans last.

Loans share it in proportion to what is left of their amounts (for loans that close together: to their amounts), or
one follows the other in the order of the deal file. Each is drawn only while it is available and up to its amount;
equity pays the rest. A loan with an original issue discount d brings
1 - d in cash for each unit drawn: the draw is grossed up, and what the lenders keep is a use of funds. A standby
facility is drawn as the other loans are, for as much as the overrun; an equity bridge too, and equity repays it later.
"""

from __future__ import annotations

from functools import reduce
from operator import add, sub
from typing import Final

from spvmodel.finance.collateral.acceleration import enforces, stands
from spvmodel.finance.construction import closing_flag
from spvmodel.finance.debt.bridge import bridges_of, declare_bridged_equity
from spvmodel.finance.debt.standby import left_to_draw
from spvmodel.finance.hedge import premiums_at_close
from spvmodel.finance.operations.working_capital import cash_noi
from spvmodel.finance.reserves.general import funds_accounts
from spvmodel.finance.reserves.working_capital import funds_working_capital
from spvmodel.finance.tax.vat import on_construction
from spvmodel.finance.terms import Terms
from spvmodel.finance.time import END
from spvmodel.lines import Expr, Ref, default, maximum, minimum, prev, ratio, sum_of, total

_DRAWN: Final = {
    "at_close": "Drawn on the closing date",
    "construction": "Drawn for construction",
    "at_end": "Drawn for interest, fees and reserve",
}
"""The payments of a period in order, each with the label of its draw."""

_PAID: Final = {
    "at_close": "the closing date's uses",
    "construction": "construction",
    "at_end": "interest, fees and reserve",
}


def discounted(terms: Terms, group: str) -> list[str]:
    """The loans of an entry of ``funding`` whose lenders keep an original issue discount."""
    return [loan for loan in terms.loans_of(group) if terms.has(f"debt.{loan}.discount")]


def declare_sources(terms: Terms, group: str) -> None:
    """Revenue used, draws of every loan and equity of one entry of ``funding`` (series, millions)."""
    g, at, loans = terms.graph, f"funding.{group}", terms.loans_of(group)
    funding = terms.deal.spec.funding[group]
    with g.place("Funding", f"Sources of {funding.label}"):
        equity: Expr = Ref(f"{at}.uses")
        if funding.revenue == "used":
            equity = equity - _declare_revenue(terms, group)
        if loans:
            _Draws(terms, group).declare()
            draws = sum_of(*[Ref(f"debt.{loan}.draw") for loan in loans])
            equity = equity - g.series(f"{at}.draws", draws, "Debt draws", "money", total=True)
        if prefunded(terms, group):
            equity = _declare_proceeds(terms, group, equity)
        paid = g.series(
            f"{at}.equity", declare_bridged_equity(terms, group, equity), "Equity contributions", "money", total=True
        )
        if bridges_of(terms, group):
            paid = Ref(f"{at}.equity_for_uses")
        if _follows_equity(terms, group):
            before = g.series(f"{at}.equity_before", prev(Ref(f"{at}.equity_paid")), "Equity paid before", "money")
            g.series(f"{at}.equity_paid", before + paid, "Equity paid by the period end", "money")
            come = maximum(0, Ref(f"{at}.equity_share") - before)
            g.series(f"{at}.equity_to_come", come, "Equity still to come at the start", "money")


def prefunded(terms: Terms, group: str) -> bool:
    """Whether documents fix the draws, so that proceeds may wait in an account until they are spent."""
    return any(terms.has(f"debt.{loan}.draws") for loan in terms.loans_of(group))


def _declare_proceeds(terms: Terms, group: str, missing: Expr) -> Expr:
    """The account of proceeds drawn before they are spent, as of notes issued in full; returns what equity pays.

    ``missing`` is what the draws of a period leave of its uses, negative where they exceed them (money).
    """
    g, at = terms.graph, f"funding.{group}.proceeds"
    opening = g.series(f"{at}.opening", prev(Ref(f"{at}.closing")), "Proceeds not yet spent, opening", "money")
    missing = g.series(f"{at}.missing", missing, "Uses less draws", "money", total=True)
    held = g.series(f"{at}.closing", maximum(0, opening - missing), "Proceeds not yet spent, closing", "money")
    if enforces(terms):
        # Sources and uses follow their schedule; the account itself stands still once lenders enforce.
        kept = f"funding.{group}.held"
        g.series(f"{kept}.opening", prev(Ref(f"{kept}.closing")), "Proceeds held, opening", "money")
        stands(terms, f"{kept}.closing", held, "Proceeds held, closing")
    return missing - opening + held


def _follows_equity(terms: Terms, group: str) -> bool:
    """Whether a term asks how much equity is still to come."""
    order = terms.deal.spec.funding[group].order
    return order == "equity first" or terms.has(f"funding.{group}.equity_lc_fee")


def _declare_revenue(terms: Terms, group: str) -> Ref:
    """What operations earn in periods before the loans' last completion pays construction, then financing costs.

    The period in which completion falls keeps its income: most of it is earned after, and service falls due.
    """
    g, at, deal = terms.graph, f"funding.{group}", terms.deal.spec
    bridged = bridges_of(terms, group)
    before: list[Expr] = [
        END <= Ref(f"debt.{loan}.completion_eve") if loan in bridged else Ref(f"debt.{loan}.capitalised_share")
        for loan in terms.loans_of(group)
    ]
    earned: Expr = maximum(0, cash_noi(terms)) * (maximum(*before) >= 1)
    for other in list(deal.funding)[: list(deal.funding).index(group)]:
        if deal.funding[other].revenue == "used":
            earned = earned - Ref(f"funding.{other}.revenue_used")
    label = "Net operating income before completion"
    earned = g.series(f"{at}.revenue_earned", earned, label, "money", "what other funding left of it", total=True)
    building = minimum(earned, _construction(terms, group))
    building = g.series(f"{at}.revenue_construction", building, "Revenue used for construction", "money", total=True)
    at_end = minimum(earned - building, _at_end(terms, group))
    at_end = g.series(f"{at}.revenue_at_end", at_end, "Revenue used for financing costs", "money", total=True)
    used = g.series(f"{at}.revenue_used", sum_of(building, at_end), "Revenue used", "money", total=True)
    g.scalar(f"{at}.revenue_total", total(used), "Revenue used", "money")
    return used


def _at_close(terms: Terms, group: str) -> Expr:
    at = f"funding.{group}"
    fee: Expr = Ref(f"{at}.upfront_fee")
    if len(terms.loans_of(group)) > 1:
        fee = closing_flag(terms, group) * fee
    early = fee + Ref(f"{at}.spend_at_close")
    if funds_working_capital(terms, group):
        early = early + Ref(f"{at}.working_capital")
    premiums = premiums_at_close(terms, group)
    early = early if premiums is None else early + premiums
    if funds_accounts(terms, group):
        early = early + Ref(f"{at}.accounts")
    if on_construction(terms, group):
        early = early + Ref(f"{at}.vat_at_close")
    return early + Ref(f"{at}.dsra") if terms.deal.spec.reserves.dsra.funded == "at close" else early


def _construction(terms: Terms, group: str) -> Expr:
    """Spending after the close with its VAT, and the upfront fee of a loan that closes in a later period."""
    at = f"funding.{group}"
    later: Expr = Ref(f"{at}.spend") - Ref(f"{at}.spend_at_close")
    if len(terms.loans_of(group)) > 1:
        later = later + (1 - closing_flag(terms, group)) * Ref(f"{at}.upfront_fee")
    if on_construction(terms, group):
        later = later + Ref(f"{at}.vat") - Ref(f"{at}.vat_at_close")
    return later


def _at_end(terms: Terms, group: str) -> Expr:
    at = f"funding.{group}"
    due: Expr = Ref(f"{at}.idc") + Ref(f"{at}.fees")
    if terms.deal.spec.reserves.dsra.funded != "at close":
        due = due + Ref(f"{at}.dsra")
    if terms.deal.spec.hedge:
        due = due + Ref(f"{at}.hedge")
        early = premiums_at_close(terms, group)
        due = due if early is None else due - early
    return due + Ref(f"{at}.lc_fee") if terms.has(f"{at}.equity_lc_fee") else due


class _Draws:
    """The draws of the loans of one entry of ``funding``, as its order and its documents say."""

    def __init__(self, terms: Terms, group: str) -> None:
        self.terms, self.g, self.at = terms, terms.graph, f"funding.{group}"
        self.group, self.spec = group, terms.deal.spec.funding[group]
        self.loans = terms.loans_of(group)
        self.in_turn = self.spec.loans == "in turn" and len(self.loans) > 1
        self.together = len(self.loans) > 1 and not self.in_turn

    def declare(self) -> None:
        """Draws by payment and in all, of every loan."""
        if self.spec.order == "pro rata":
            self._declare_debt_share()
        if _follows_equity(self.terms, self.group):
            rest = maximum(0, self._cash_uses() - self._proceeds())
            self.g.scalar(f"{self.at}.equity_share", rest, "Equity to be paid", "money", "cash uses less net proceeds")
        # The rules see to it that documents fix the draws of all loans or of none.
        if self.terms.has(f"debt.{self.loans[0]}.draws"):
            self._declare_dated()
        else:
            self._declare_ordered()
        for loan in self.loans:
            parts = [Ref(f"debt.{loan}.draw_{payment}") for payment in _DRAWN]
            self.g.series(f"debt.{loan}.draw", sum_of(*parts), "Debt draws", "money", total=True)

    def _declare_dated(self) -> None:
        for payment, label in _DRAWN.items():
            for loan in self.loans:
                given = self.terms[f"debt.{loan}.draws"] if payment == "construction" else 0
                self.g.series(f"debt.{loan}.draw_{payment}", given, label, "money", total=True)

    def _declare_ordered(self) -> None:
        if self.together:
            self._declare_parts()
        for payment, due in self._payments().items():
            if self.spec.order == "pro rata" and len(self.loans) == 1:
                self._declare_pro_rata(payment, due)
            else:
                self._declare_capped(payment, due)

    def _payments(self) -> dict[str, Expr]:
        """What debt and equity pay in cash, by payment of the period."""
        close, later, end = (made(self.terms, self.group) for made in (_at_close, _construction, _at_end))
        if self.spec.revenue == "used":
            later, end = later - Ref(f"{self.at}.revenue_construction"), end - Ref(f"{self.at}.revenue_at_end")
        return {"at_close": close, "construction": later, "at_end": end}

    def _declare_pro_rata(self, payment: str, due: Expr) -> None:
        """One loan pays its share of the payment: when all uses are paid, it is fully drawn."""
        (loan,) = self.loans
        share = Ref(f"debt.{loan}.available") * Ref(f"{self.at}.debt_share")
        self._declare_draw(loan, payment, self._gross(loan, share * due))

    def _declare_capped(self, payment: str, due: Expr) -> None:
        """Loans pay what their order asks of them, each up to what is left of its amount."""
        pay = self.g.series(f"{self.at}.pay_{payment}", due, f"To pay: {_PAID[payment]}", "money", total=True)
        asked = pay
        if self.spec.order != "debt first":
            part = Ref(f"{self.at}.debt_share") * pay
            rest = maximum(0, pay - self._equity_left(payment))
            debt = part if self.spec.order == "pro rata" else rest
            asked = self.g.series(f"{self.at}.asked_{payment}", debt, f"Asked of debt: {_PAID[payment]}", "money")
        paid: list[Expr] = []
        for loan in self.loans:
            if self.together:
                draw: Expr = asked * Ref(f"debt.{loan}.draw_part")
            else:
                draw = Ref(f"debt.{loan}.available") * self._gross(loan, reduce(sub, paid, asked))
            paid.append(self._cash(loan, self._declare_draw(loan, payment, minimum(draw, self._left(loan, payment)))))
        if self.spec.order == "equity first" and payment != "at_end":
            rest = reduce(sub, paid, pay)
            self.g.series(f"{self.at}.equity_{payment}", rest, f"Equity pays: {_PAID[payment]}", "money", total=True)

    def _declare_draw(self, loan: str, payment: str, draw: Expr | int) -> Ref:
        if payment != "at_close" and not self.terms.has(f"debt.{loan}.availability_end"):
            draw = 0  # it can be drawn on its closing date alone
        return self.g.series(f"debt.{loan}.draw_{payment}", draw, _DRAWN[payment], "money", total=True)

    def _declare_debt_share(self) -> None:
        self.g.scalar(
            f"{self.at}.debt_share",
            minimum(1, default(ratio(self._proceeds(), self._cash_uses()), 0)),
            "Debt share of every use",
            "share",
            "commitment / total uses: debt and equity are drawn pro rata",
        )

    def _declare_parts(self) -> None:
        """Draw of each loan for each unit of cash that debt pays (series): what is left of it / of all, as cash."""
        open_ = {
            loan: self.g.series(
                f"debt.{loan}.drawable",
                Ref(f"debt.{loan}.available") * maximum(0, left_to_draw(self.terms, loan)),
                f"{self.terms.deal.spec.debt[loan].label}: can be drawn in the period",
                "money",
            )
            for loan in self.loans
        }
        cash = reduce(add, [self._cash(loan, left) for loan, left in open_.items()])
        cash = self.g.series(f"{self.at}.drawable", cash, "Can be drawn in the period, as cash", "money")
        for loan, left in open_.items():
            label = f"{self.terms.deal.spec.debt[loan].label}: draw per unit of cash from debt"
            self.g.series(f"debt.{loan}.draw_part", default(ratio(left, cash), 0), label, "share")

    def _left(self, loan: str, payment: str) -> Expr:
        """What is left of a loan's amount before a payment."""
        drawn = [Ref(f"debt.{loan}.draw_{earlier}") for earlier in _before(payment)]
        return maximum(0, reduce(sub, drawn, left_to_draw(self.terms, loan)))

    def _equity_left(self, payment: str) -> Expr:
        """What equity still has to pay before a payment, when it pays first."""
        paid = [Ref(f"{self.at}.equity_{earlier}") for earlier in _before(payment)]
        return maximum(0, reduce(sub, paid, Ref(f"{self.at}.equity_to_come")))

    def _proceeds(self) -> Expr:
        """What the loans bring in cash when fully drawn (scalar, money)."""
        return reduce(add, [self._cash(loan, Ref(f"debt.{loan}.amount")) for loan in self.loans])

    def _cash_uses(self) -> Expr:
        """Uses that debt and equity pay in cash (scalar, money)."""
        uses: Expr = Ref(f"{self.at}.total_uses")
        if discounted(self.terms, self.group):
            uses = uses - Ref(f"{self.at}.discount_fed")
        return uses - Ref(f"{self.at}.revenue_fed") if self.spec.revenue == "used" else uses

    def _keeps(self, loan: str) -> bool:
        return self.terms.has(f"debt.{loan}.discount")

    def _net(self, loan: str) -> Expr:
        return 1 - self.terms[f"debt.{loan}.discount"]

    def _gross(self, loan: str, cash: Expr) -> Expr:
        """The draw that brings an amount in cash."""
        return cash / self._net(loan) if self._keeps(loan) else cash

    def _cash(self, loan: str, drawn: Expr) -> Expr:
        """What a draw brings in cash."""
        return drawn * self._net(loan) if self._keeps(loan) else drawn


def _before(payment: str) -> list[str]:
    """The payments of a period that come before one of them."""
    return list(_DRAWN)[: list(_DRAWN).index(payment)]
