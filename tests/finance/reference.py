"""A second, plain computation of a deal, written without the graph: loops over days and periods, iterated to rest.

It shares no formula text with the model: rent is added up day by day, loans are rolled forward with Python's own
dates, and the loop of interest, fees and reserve is iterated until nothing moves.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta

from spvmodel.deal import Deal


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or that month's last day."""
    first = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


@dataclass
class Reference:
    """Values of one case by period; ``inputs`` are the deal's own values (dates as dates)."""

    deal: Deal
    case: str = "base"
    v: dict = field(init=False)

    def __post_init__(self) -> None:
        self.v = {name: quantity.value for name, quantity in self.deal.values(self.case).items()}
        ends = list(self.deal.periods)
        if self.deal.spec.time.closing == "on its own":
            ends[0] = self.v["time.close"]
        self.periods = list(zip([self.v["time.close"], *ends[:-1]], ends, strict=True))
        self.delay = int(self.v["construction.delay"])

    # Lease

    def rent(self, lease: str) -> list[float]:
        """Rent of each period: every day of the lease earns a day's part of its calendar period's rent."""
        v, at = self.v, f"lease.{lease}"
        building = self.deal.spec.lease[lease].building
        start = add_months(v[f"{at}.commencement"], self.delay)
        last = v.get(f"{at}.expiry") or add_months(start, int(v[f"{at}.term"])) - timedelta(days=1)
        first = add_months(start, int(v[f"{at}.free_rent"]))
        yearly = v[f"{at}.rent"] * v[f"building.{building}.capacity"] * 1000 * 12 / 1e6
        months = self.deal.months_per_period
        anniversaries = [add_months(start, 12 * k) for k in range(1, 60)]
        found = []
        for begin, end in self.periods:
            whole = (end - _month_end(end, -months)).days
            total, day = 0.0, begin + timedelta(days=1)
            while day <= end:
                if first <= day <= last:
                    steps = bisect_right(anniversaries, day)
                    share = self._left_by_events(lease, day)
                    total += share * yearly * months / 12 / whole * (1 + v[f"{at}.escalation"]) ** steps
                day += timedelta(days=1)
            found.append(total)
        return found

    def _left_by_events(self, lease: str, day: date) -> float:
        """The share of the rent of a day that events leave."""
        v, left = self.v, 1.0
        for name, event in self.deal.spec.event.items():
            at = f"event.{name}"
            on, until = v[f"{at}.on"], v.get(f"{at}.until")
            if (event.leases and lease not in event.leases) or day < on or (until and day > until):
                continue
            paid = v[f"{at}.rent_share"]
            if event.downtime is not None and day >= add_months(on, int(v[f"{at}.downtime"])):
                paid = v[f"{at}.relet_share"]
            left *= 1 - v[f"{at}.happens"] * v[f"{at}.passed_on"] * (1 - paid)
        return left

    # Loans

    def loan(self, loan: str) -> dict[str, list[float]]:
        """Balances, interest, fees, draws, equity and reserve filling of one loan's schedule."""
        carry = filling = 0.0
        for _ in range(200):
            rows = self._roll(loan, carry, filling)
            if abs(rows["carry"] - carry) + abs(rows["filling"] - filling) < 1e-12:
                return rows
            carry, filling = rows["carry"], rows["filling"]
        raise AssertionError("the reference does not come to rest")

    def _roll(self, loan: str, carry: float, filling: float) -> dict:
        v, at, spec = self.v, f"debt.{loan}", self.deal.spec
        close, maturity = v[f"{at}.close"], v[f"{at}.maturity"]
        shut = add_months(v[f"{at}.availability_end"], self.delay)
        eve = add_months(v[f"{at}.completion"], self.delay) - timedelta(days=1)
        buildings = [name for name, b in spec.building.items() if b.funded_by == spec.debt[loan].funds]
        budget = sum(v[f"building.{name}.budget"] for name in buildings)
        upfront = v[f"{at}.commitment"] * v[f"{at}.upfront_fee"]
        cost = (budget - v[f"funding.{spec.debt[loan].funds}.financing_budget"]) * (1 + v["construction.overrun"])
        scale = cost / budget
        share = min(1.0, v[f"{at}.commitment"] / (cost + upfront + carry + filling))
        i = v[f"{at}.repayment.rate"] * self.deal.months_per_period / 12
        n = v[f"{at}.repayment.term"] / self.deal.months_per_period
        factor = i / (1 - (1 + i) ** -n)
        balance = drawn = base = 0.0
        keys = ("interest", "cash_interest", "fees", "draws", "equity", "closing", "amortisation", "balloon")
        out: dict = {key: [] for key in keys}
        carried = 0.0
        for begin, end in self.periods:
            since = self._eve(begin, end)
            closing_here = since < close <= end
            days = max(0, (min(end, maturity) - max(begin, close)).days)
            can_draw = close <= end and since < shut
            spend = early = 0.0
            for name in buildings:
                first = v[f"building.{name}.spending_start"]
                last = add_months(v[f"building.{name}.spending_end"], self.delay)
                price = v[f"building.{name}.budget"] * scale

                def done(day: date, first: date = first, last: date = last) -> float:
                    return min(1.0, max(0.0, (day - first).days / (last - first).days))

                if end >= close:
                    spend += price * (done(end) - (done(begin) if since >= close else 0.0))
                if closing_here:
                    early += price * done(close)
            fee = upfront if closing_here else 0.0
            at_close = can_draw * share * (fee + early)
            building = can_draw * share * (spend - early)
            if f"{at}.draws" in v:
                dated = [(day, x) for day, x in v[f"{at}.draws"] if since < day <= end]
                at_close, building = 0.0, sum(x for _, x in dated)
            opens = max(begin, close)
            until = max(opens, min(end, shut))
            from_draw = (end - opens).days - v["construction.draw_timing"] * (until - opens).days
            if f"{at}.draws" in v:
                from_draw = sum(x * (end - day).days for day, x in dated) / building if building else 0.0
            rate = (
                max(
                    self._base_rate(since + timedelta(days=1)) + v["rates.shift"],
                    v[f"{at}.floor"],
                )
                + v[f"{at}.margin"]
                + sum(
                    v[f"trigger.{name}.margin"]
                    for name in spec.trigger
                    if begin + timedelta(days=1) >= v[f"trigger.{name}.on"]
                )
            )
            interest = rate * ((balance + at_close) * days + building * from_draw) / 360
            open_days = (until - opens).days if can_draw else 0
            undrawn_days = (v[f"{at}.commitment"] - drawn) * open_days - at_close * open_days
            undrawn_days -= building * max(0.0, from_draw - (end - until).days)
            fees = v[f"{at}.commitment_fee"] * undrawn_days / 360 + v[f"{at}.agency_fee"] * days / 365
            capitalised = min(1.0, max(0, (eve - begin).days) / max(1, (end - begin).days))
            fills = filling if since < eve <= end else 0.0
            rest = can_draw * share * (interest * capitalised + fees * capitalised + fills)
            if f"{at}.draws" in v:
                rest = 0.0
            draws = at_close + building + rest
            uses = spend + fee + (interest + fees) * capitalised + fills
            amortises = end > v[f"{at}.repayment.interest_only_until"] and end < maturity
            if amortises and not base:
                base = balance
            repaid = min(balance, max(0.0, base * factor - balance * i)) if amortises else 0.0
            balloon = balance if begin < maturity <= end else 0.0
            carried += (interest + fees) * capitalised
            balance += draws - repaid - balloon
            drawn += draws
            row = (interest, interest * (1 - capitalised), fees * (1 - capitalised), draws, uses - draws)
            for key, value in zip(out, (*row, balance, repaid, balloon), strict=True):
                out[key].append(value)
        out["carry"] = carried
        at_eve = next((k for k, (begin, end) in enumerate(self.periods) if begin < eve <= end), None)
        out["filling"] = 0.0 if at_eve is None else self.ahead(out, at_eve)
        out["held"] = [self.ahead(out, k) if end >= eve else 0.0 for k, (_, end) in enumerate(self.periods)]
        return out

    def ahead(self, rows: dict, k: int) -> float:
        """Service due within the reserve's months after period ``k``; a cut period counts by days."""
        end, months = self.periods[k][1], int(self.v["reserves.dsra.months"])
        limit = _month_end(end, months) if end == _month_end(end, 0) else add_months(end, months)
        total = 0.0
        for (begin, end), interest, repaid in list(
            zip(self.periods, rows["cash_interest"], rows["amortisation"], strict=True)
        )[k + 1 :]:
            share = min(1.0, max(0, (limit - begin).days) / (end - begin).days)
            total += share * (interest + repaid)
        return total

    def _eve(self, begin: date, end: date) -> date:
        """A day falls in the period after whose eve it comes; the closing date falls in the first."""
        return begin - timedelta(days=1) if (begin, end) == self.periods[0] else begin

    def _base_rate(self, day: date) -> float:
        return next(rate for since, rate in reversed(self.v["rates.curve"]) if since <= day)


def _month_end(day: date, months: int) -> date:
    first = add_months(day.replace(day=1), months + 1)
    return first - timedelta(days=1)
