"""Ranks of debt: who is paid first, what stays due, what is added to the loan, and what sponsors get."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spvmodel
from spvmodel.deal import Deal
from spvmodel.engine import Result
from spvmodel.lines import Model
from tests.finance.test_identities import flexes
from tests.finance.test_identities import holds as checked

TRANCHES = Path(__file__).parents[1] / "deals" / "tranches.yaml"
CASES = ("base", "low_rent", "very_low_rent", "high_rates", "late", "no_sweep")
NAMES = {
    "senior": ("interest", "principal", "balloon"),
    "second lien": ("second_lien_interest", "second_lien_principal", "second_lien_balloon"),
    "mezzanine": ("mezzanine_interest", "mezzanine_principal", "mezzanine_balloon"),
    "holdco": ("holdco_interest", "holdco_principal", "holdco_balloon"),
    "shareholder": ("shareholder_interest", "shareholder_principal", "shareholder_balloon"),
}


@pytest.fixture(scope="module")
def tranches() -> Model:
    return spvmodel.build(spvmodel.load(str(TRANCHES)))


def rewritten(folder: Path, *changes: tuple[str, str]) -> Deal:
    """The deal with passages replaced."""
    text = TRANCHES.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "deal.yaml").write_text(text)
    return spvmodel.load(str(folder / "deal.yaml"))


def holds(result: Result) -> None:
    assert [(check.name, check.value) for check in result.checks if not check.passed] == []


# A second computation of what each rank is owed and paid


@dataclass
class Loan:
    """What is owed on one loan, by its actual balance; nothing here is a difference from the schedule."""

    name: str
    rank: str
    sequence: float
    toggles: bool
    balance: float = 0.0
    late_interest: float = 0.0
    late_principal: float = 0.0
    late_balloon: float = 0.0
    added: float = 0.0
    lead: float = 0.0

    @property
    def current(self) -> float:
        """The balance that is not overdue."""
        return self.balance - self.late_principal - self.late_balloon


class Roll:
    """One case, rolled forward with Python's own arithmetic from the schedules, the income and the DSRA target."""

    def __init__(self, deal: Deal, result: Result) -> None:
        self.rows = {name: result.series(name) for name in result.model_lines() if result.model.lines[name].series}
        self.spec, self.periods = deal.spec, result.model.periods
        self.inputs = {name: quantity.value for name, quantity in deal.values(result.case).items()}
        self.loans = [
            Loan(
                name,
                loan.rank,
                self.inputs.get(f"debt.{name}.sequence", 1.0),
                loan.rank == "shareholder" or bool(loan.pik and loan.pik.toggle == "yes"),
            )
            for name, loan in deal.spec.debt.items()
        ]
        self.found: dict[str, list[float]] = {}
        dsra = trapped = late_costs = late_fees = 0.0
        for t in range(self.periods):
            x = {name: values[t] for name, values in self.rows.items()}
            due = {loan.name: self.due(loan, x) for loan in self.loans}
            costs, fees = x["opex.total"] + late_costs, x["debt.fees_scheduled"] + late_fees
            ranks = ("senior", "second lien", "mezzanine")
            owed = costs + fees + sum(sum(due[loan.name][:3]) for loan in self.loans if loan.rank in ranks)
            support = min(trapped, max(0.0, owed - x["lease.rent_income"]))
            cash = x["lease.rent_income"] + support
            cash, late_costs = take(cash, costs)
            cash, late_fees = take(cash, fees)
            service = sum(sum(due[loan.name][:2]) for loan in self.loans if loan.rank == "senior")
            drawn = min(dsra, max(0.0, service - cash))
            cash, unpaid = self.pay("senior", due, cash + drawn)
            held = dsra + x["reserves.dsra.funding"] - drawn
            gap = max(0.0, x["reserves.dsra.target"] - held)
            top_up, release = min(cash, gap), max(0.0, held - x["reserves.dsra.target"])
            dsra, cash = held + top_up - release, cash - top_up + release
            for rank in ("second lien", "mezzanine"):
                cash, short = self.pay(rank, due, cash)
                unpaid += short
            overdue = unpaid + late_costs + late_fees > 1e-6
            excess = 0.0 if overdue or gap - top_up > 1e-6 else cash
            swept = self.sweep(due, excess, x)
            cash -= sum(swept.values())
            allowed = x["covenants.distribution_allowed"]
            assert not (allowed and overdue)
            free = allowed * (cash + trapped - support)
            trapped = (1 - allowed) * (cash + trapped - support)
            for rank in ("holdco", "shareholder"):
                free, _ = self.pay(rank, due, free)
            self.note("waterfall.distributions", free)
            self.note("reserves.trapped.closing", trapped)
            self.note("reserves.dsra.closing", dsra)
            for loan in self.loans:
                self.close(loan, due[loan.name], swept.get(loan.name, 0.0), x)

    def due(self, loan: Loan, x: dict[str, float]) -> list[float]:
        """Cash interest, principal, balloon and PIK of a period: of the balance that is not overdue, and what is."""
        at = f"debt.{loan.name}"
        share = 0.0
        if self.spec.debt[loan.name].pik:
            share = self.inputs[f"{at}.pik.share"] * (1 - x[f"{at}.matures"])
        interest, pik = x[f"{at}.interest_scheduled"], x.get(f"{at}.pik_scheduled", 0.0)
        if x[f"{at}.capitalised_share"] == 0 and x[f"{at}.draw"] == 0:
            accrued = x[f"{at}.rate"] * x[f"{at}.accrual_days"] / 360 * loan.current
            interest, pik = accrued * (1 - share), accrued * share
        late = loan.late_interest + loan.late_principal + loan.late_balloon
        interest += loan.late_interest + late * x[f"{at}.rate"] * x["time.days"] / 360
        scheduled, regular = x[f"{at}.amortisation"], loan.current - loan.added
        application = self.spec.sweep.application if self.spec.sweep else "inverse"
        if application == "inverse":
            principal = min(scheduled, regular)
        elif application == "pro rata":
            opening = x[f"{at}.scheduled_opening"]
            principal = scheduled * regular / opening if opening else 0.0
        else:
            principal = max(0.0, scheduled - loan.lead)
            loan.lead -= scheduled - principal
        matured = x["time.end"] >= self.rows_date(f"{at}.maturity")
        balloon = loan.current - principal if matured else 0.0
        return [interest, principal + loan.late_principal, balloon + loan.late_balloon, pik]

    def rows_date(self, name: str) -> float:
        return spvmodel.lines.serial(self.inputs[name])

    def pay(self, rank: str, due: dict[str, list[float]], cash: float) -> tuple[float, float]:
        """Interest pro rata, then principal and balloons by sequence; returns cash left and what is unpaid."""
        loans, unpaid = [loan for loan in self.loans if loan.rank == rank], 0.0
        for k in range(3):
            before = cash
            for place in sorted({loan.sequence if k else 1.0 for loan in loans}):
                here = [loan for loan in loans if k == 0 or loan.sequence == place]
                want = sum(due[loan.name][k] for loan in here)
                given = min(want, max(0.0, cash))
                for loan in here:
                    part = given * due[loan.name][k] / want if want else 0.0
                    setattr(loan, f"paid_{k}", part)
                cash, unpaid = cash - given, unpaid + want - given
            self.note(f"waterfall.{NAMES[rank][k]}.paid", before - cash)
        return cash, unpaid

    def sweep(self, due: dict[str, list[float]], excess: float, x: dict[str, float]) -> dict[str, float]:
        """Loans past their ARD take all excess cash, then the sweep takes its share in its order."""
        left = {loan.name: max(0.0, loan.balance - due[loan.name][1] - due[loan.name][2]) for loan in self.loans}
        swept: dict[str, float] = {}
        for name, loan in self.spec.debt.items():
            if loan.ard and x["time.start"] >= self.rows_date(f"debt.{name}.ard.date"):
                swept[name] = min(left[name], excess)
                excess -= swept[name]
        if self.spec.sweep and x["time.operation"] and x["time.first_day"] >= self.rows_date("sweep.start"):
            budget = excess * self.inputs["sweep.share"]
            for name in self.spec.sweep.order:
                part = min(left[name] - swept.get(name, 0.0), budget)
                swept[name] = swept.get(name, 0.0) + part
                budget -= part
        self.note("waterfall.sweep.paid", sum(swept.values()))
        return swept

    def close(self, loan: Loan, due: list[float], swept: float, x: dict[str, float]) -> None:
        paid = [getattr(loan, f"paid_{k}") for k in range(3)]
        short = due[0] - paid[0]
        at, growth, regular = f"debt.{loan.name}", due[3], loan.current - loan.added
        loan.balance += x[f"{at}.draw"] + growth + (short if loan.toggles else 0.0) - paid[1] - paid[2] - swept
        loan.late_interest = 0.0 if loan.toggles else short
        loan.late_principal, loan.late_balloon = due[1] - paid[1], due[2] - paid[2]
        # Interest added for want of cash is repaid first by a sweep, else with the balloon; PIK accrues on it too.
        matured = x["time.end"] >= self.rows_date(f"{at}.maturity")
        grown = 0.0
        if loan.added and growth and regular + loan.added:
            grown = growth * loan.added / (regular + loan.added)
        kept = 0.0 if matured else loan.added
        early = min(kept, swept)
        loan.added = kept + grown + (short if loan.toggles else 0.0) - early
        # What is prepaid would have grown by PIK too, so the lead over the schedule grows with it.
        loan.lead += swept - early + x.get(f"{at}.pik_scheduled", 0.0) - (growth - grown)
        self.note(f"{at}.closing", loan.balance)

    def note(self, name: str, value: float) -> None:
        self.found.setdefault(name, []).append(value)


def take(cash: float, due: float) -> tuple[float, float]:
    """Pays what cash allows; returns what is left of the cash and of the due."""
    paid = min(due, max(0.0, cash))
    return cash - paid, due - paid


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("application", ["inverse", "pro rata", "forward"])
def test_ranks_are_paid_as_plain_arithmetic_pays_them(tmp_path: Path, case: str, application: str) -> None:
    deal = rewritten(tmp_path, ("application: pro rata", f"application: {application}"))
    result = spvmodel.solve(spvmodel.build(deal), case)
    holds(result)
    found = Roll(deal, result).found
    assert len(found) == 25
    for name, values in found.items():
        assert values == pytest.approx(result.series(name), rel=1e-9, abs=1e-7), name


# Single mechanisms


def test_the_cases_take_every_turn(tranches: Model) -> None:
    """What the comparison above proves is only as good as what happens in its cases."""
    base, low, very_low = (spvmodel.solve(tranches, case) for case in ("base", "low_rent", "very_low_rent"))
    assert base.headline["lockup_periods"] < low.headline["lockup_periods"]
    assert sum(base.series("debt.mezzanine.share_sweep")) > 1, "the sweep reaches the second loan of its order"
    assert sum(low.series("debt.mezzanine.accreted_added")) > 1, "the toggle is used"
    assert sum(low.series("debt.holdco.interest_on_overdue")) > 0.01, "the holdco waits"
    assert sum(low.series("debt.sponsor.accreted_added")) > 1, "the sponsors wait"
    assert max(very_low.series("debt.senior_b.principal_shortfall")) > 0.1, "senior principal is missed"
    assert max(very_low.series("debt.second_lien.interest_overdue")) > 0.1, "the second lien is in arrears"


def test_pik_by_hand(tranches: Model) -> None:
    """First quarter of 2026: 9 m x 11% x 90 / 360 = 0.2475 m, of which 40% is added and bears interest next quarter."""
    result = spvmodel.solve(tranches, "base")
    t = 4
    assert result.series("debt.mezzanine.interest_due")[t] == pytest.approx(0.1485, abs=1e-12)
    assert result.series("debt.mezzanine.pik")[t] == pytest.approx(0.0990, abs=1e-12)
    assert result.series("debt.mezzanine.closing")[t] == pytest.approx(9.0990, abs=1e-12)
    assert result.series("debt.mezzanine.interest_due")[t + 1] == pytest.approx(
        9.099 * 0.11 * 91 / 360 * 0.6, abs=1e-12
    )


def test_a_later_sequence_misses_principal_first(tranches: Model) -> None:
    result = spvmodel.solve(tranches, "very_low_rent")
    first, later = "debt.senior_a.principal", "debt.senior_b.principal"
    missed = 0
    for short, short_later, paid_later in zip(
        *map(result.series, (f"{first}_shortfall", f"{later}_shortfall", f"{later}_paid")), strict=True
    ):
        missed += short_later > 1e-6
        assert short <= 1e-9 or paid_later <= 1e-9
    assert missed > 4


def test_loans_of_one_sequence_share_a_shortfall(tranches: Model) -> None:
    """The place in the sequence is an input: equal places share in proportion to what is due."""
    result = spvmodel.solve(tranches, "very_low_rent", {"debt.senior_b.sequence": 1.0})
    holds(result)
    loans, flows = ("senior_a", "senior_b"), ("paid", "due")
    rows = [result.series(f"debt.{loan}.principal_{what}") for loan in loans for what in flows]
    shared = 0
    for paid, due, paid_later, due_later in zip(*rows, strict=True):
        if due > 1e-6 and due_later > 1e-6:
            assert paid / due == pytest.approx(paid_later / due_later, abs=1e-9)
            shared += 0.01 < paid / due < 0.99
    assert shared


def test_upstream_ranks_are_paid_only_when_the_lock_up_test_allows(tranches: Model) -> None:
    for case in CASES:
        result = spvmodel.solve(tranches, case)
        allowed = result.series("covenants.distribution_allowed")
        for step in (*NAMES["holdco"], *NAMES["shareholder"]):
            paid = result.series(f"waterfall.{step}.paid")
            assert max((p for p, a in zip(paid, allowed, strict=True) if not a), default=0.0) <= 1e-12
    result = spvmodel.solve(tranches, "base")
    assert sum(result.series("waterfall.holdco_interest.paid")) > 1


def test_holdco_arrears_bear_interest(tranches: Model) -> None:
    """Due next period: the schedule, what was missed, and the loan's rate on it for the days of the period."""
    result = spvmodel.solve(tranches, "low_rent")
    at = "debt.holdco"
    short = [result.series(f"{at}.{step}_shortfall") for step in ("interest", "principal", "balloon")]
    t = next(k for k in range(len(short[0])) if short[0][k] > 0.01)
    late = sum(row[t] for row in short) * result.series(f"{at}.rate")[t + 1] * result.series("time.days")[t + 1] / 360
    wanted = result.series(f"{at}.interest_scheduled")[t + 1] + short[0][t] + late
    assert result.series(f"{at}.interest_due")[t + 1] == pytest.approx(wanted, rel=1e-12)


def test_sponsors_flows_include_their_loans(tranches: Model) -> None:
    result = spvmodel.solve(tranches, "base")
    service = [result.series(f"waterfall.shareholder_{step}.paid") for step in ("interest", "principal", "balloon")]
    flows = [
        given + capitalised + sum(paid) - equity - lent
        for given, capitalised, equity, lent, *paid in zip(
            result.series("waterfall.distributions"),
            result.series("debt.sponsor.capitalised"),
            result.series("funding.equity"),
            result.series("debt.sponsor.draw"),
            *service,
            strict=True,
        )
    ]
    assert result.series("returns.equity_flow") == pytest.approx(flows, abs=1e-9)
    assert sum(result.series("debt.sponsor.draw")) == pytest.approx(6.0)
    ends = result.series("time.end")
    rate = result.headline["equity_irr"]
    value = math.fsum(x / (1 + rate) ** ((end - ends[0]) / 365) for x, end in zip(flows, ends, strict=True))
    assert abs(value) < 1e-9 * math.fsum(map(abs, flows))
    assert result.headline["recourse_to_sponsors"] == 0


def test_cover_and_debt_are_of_the_senior_loans(tranches: Model) -> None:
    result = spvmodel.solve(tranches, "base")

    def summed(what: str, *loans: str) -> list[float]:
        return [sum(x) for x in zip(*(result.series(f"debt.{loan}.{what}") for loan in loans), strict=True)]

    senior, junior = ("senior_a", "senior_b"), ("second_lien", "mezzanine", "holdco")
    assert result.series("debt.closing") == pytest.approx(summed("closing", *senior))
    assert result.series("debt.closing_total") == pytest.approx(summed("closing", *senior, *junior))
    service = [sum(x) for x in zip(summed("service", *senior), result.series("debt.fees_scheduled"), strict=True)]
    assert result.series("debt.service") == pytest.approx(service)
    every = [sum(x) for x in zip(service, summed("service", *junior), strict=True)]
    assert result.series("debt.service_total") == pytest.approx(every)
    t = 20
    cover = result.series("ratios.cfads")[t] / every[t]
    assert result.series("ratios.dscr_total")[t] == pytest.approx(cover, rel=1e-12)
    assert result.scalar("ratios.min_dscr_total") < result.headline["min_dscr"]
    assert result.headline["peak_debt"] == pytest.approx(max(summed("closing", *senior, *junior)))


def test_no_lines_of_what_the_deal_does_not_have() -> None:
    """One senior loan: no step, no total and no balance of other ranks."""
    model = spvmodel.build(spvmodel.load(str(TRANCHES.with_name("workshop.yaml"))))
    absent = ("mezzanine", "second_lien", "holdco", "shareholder", "sweep", "ahead_", "accreted", "pik", "ard")
    names = [name for name in model.lines if any(f".{word}" in name or f"_{word}" in name for word in absent)]
    names = [name for name in names if not name.endswith("_ahead") and ".year_ahead" not in name]
    assert names == []
    assert "debt.service_total" not in model.lines and "waterfall.upstream" not in model.lines


def test_the_take_out_follows_the_ranks(tmp_path: Path) -> None:
    """With a take-out, what sweeps and toggles do to the balloons comes to rest, and juniors are refinanced last."""
    takeout = "takeout: {rate: 6%, dscr: 1.3x, upfront_fee: 1%, final_maturity: 2049-12-31}\n"
    changes = (("end: 2042-06-30", "end: 2051-12-31"), ("term: 16 years", "term: 25 years"))
    model = spvmodel.build(rewritten(tmp_path, *changes, ("reserves:\n", f"{takeout}reserves:\n")))
    for case, full in (("base", True), ("very_low_rent", False)):
        result = spvmodel.solve(model, case)
        holds(result)
        drawn, need = (
            {loan: sum(result.series(f"debt.{loan}.{what}")) for loan in ("senior_a", "second_lien", "mezzanine")}
            for what in ("refinanced", "refinancing_need")
        )
        assert drawn["senior_a"] == pytest.approx(need["senior_a"])
        assert (drawn["mezzanine"] >= need["mezzanine"] - 1e-9) is full
    change = result.scalar("debt.mezzanine.balloon_change")
    assert change > 10, "interest that was added falls due with the balloon"
    scheduled = sum(result.series("debt.mezzanine.balloon"))
    assert need["mezzanine"] == pytest.approx((scheduled + change) / 0.99)
    assert "debt.sponsor.refinanced" not in model.lines and "debt.holdco.refinanced" not in model.lines


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_check_holds_for_random_inputs(tranches: Model, data: st.DataObject) -> None:
    moved = data.draw(flexes(tranches))
    checked(spvmodel.solve(tranches, data.draw(st.sampled_from(CASES)), moved))
