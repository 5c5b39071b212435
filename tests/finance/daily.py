"""Rent and other income counted day by day, for whatever terms a deal file gives a lease: plain loops over dates."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta

from spvmodel.deal import Deal
from spvmodel.deal.timeline import add_months

A_DAY = timedelta(days=1)


class Daily:
    """One case of a deal: what a day earns under each lease, and the money of every period."""

    def __init__(self, deal: Deal, case: str) -> None:
        self.deal = deal
        self.v = {name: quantity.value for name, quantity in deal.values(case).items()}
        ends = list(deal.periods)
        if deal.spec.time.closing == "on its own":
            ends[0] = self.v["time.close"]
        self.windows = list(zip([self.v["time.close"], *ends[:-1]], ends, strict=True))
        self.delay = int(self.v["construction.delay"])

    def rent(self, lease: str) -> list[float]:
        """Rent of each period (money): a day earns a day's part of its calendar period's part of the yearly rent."""
        months, found = self.deal.months_per_period, []
        first, last = self._lasts(lease)
        for begin, end in self.windows:
            whole = (end - self._eve_of_full(end, months)).days
            total, day = 0.0, max(begin + A_DAY, first)
            while day <= min(end, last):
                total += self._yearly(lease, day) * self.left(lease, day)
                total += self._let_again(lease, day)
                day += A_DAY
            found.append(total * months / 12 / whole)
        return found

    def _eve_of_full(self, end: date, months: int) -> date:
        """The end of the calendar period before: month ends stay month ends."""
        first = self.deal.periods[1 if self.deal.spec.time.closing == "on its own" else 0]
        if (first + A_DAY).day != 1:
            return add_months(end, -months)
        return add_months(end.replace(day=1), 1 - months) - A_DAY

    def _lasts(self, lease: str) -> tuple[date, date]:
        """First rent day and last day, with the renewals that can come about and a termination."""
        v, at, spec = self.v, f"lease.{lease}", self.deal.spec.lease[lease]
        start = add_months(v[f"{at}.commencement"], self.delay)
        last = v.get(f"{at}.expiry") or add_months(start, int(v[f"{at}.term"])) - A_DAY
        # Last day of each term, its probability, its multiple of the old rent or of a market rent, and which.
        self.terms = [(last, 1.0, 1.0, None)]
        for key in spec.renewals:
            here = f"{at}.renewals.{key}"
            before, likely, level, market = self.terms[-1]
            likely *= v[f"{here}.probability"]
            if spec.renewals[key].market_rent is not None:
                level, market = 1.0, (f"{here}.market_rent", before + A_DAY)
            else:
                level *= v[f"{here}.rent_multiple"]
            until = add_months(before + A_DAY, int(v[f"{here}.term"])) - A_DAY
            self.terms.append((until, likely, level, market))
            last = until if likely > 0 else last
        if spec.termination is not None and v[f"{at}.termination.exercised"]:
            last = min(last, add_months(v[f"{at}.termination.date"], self.delay))
        return add_months(start, int(v[f"{at}.free_rent"])), last

    def _yearly(self, lease: str, day: date) -> float:
        v, at, spec = self.v, f"lease.{lease}", self.deal.spec.lease[lease]
        let = 1.0
        if spec.delivery:
            let = sum(
                v[f"{at}.delivery.{key}.share"]
                for key in spec.delivery
                if day >= add_months(v[f"{at}.delivery.{key}.date"], self.delay)
            )
        if spec.abatement is not None:
            start = add_months(v[f"{at}.commencement"], self.delay)
            over = add_months(start, int(v[f"{at}.free_rent"] + v[f"{at}.abatement.months"]))
            let *= 1 - v[f"{at}.abatement.share"] * (day < over)
        _, likely, level, market = next(term for term in self.terms if day <= term[0])
        if market is not None:
            return self._market(lease, *market, day) * let * likely * level
        return self._base(lease, at) * self._index(lease, day) * let * likely * level

    def _market(self, lease: str, given: str, first: date, day: date) -> float:
        """The market rent of a day of a term that begins on ``first``."""
        v = self.v
        grown = (first - v.get(f"{given}.from", v["time.close"])).days / 365
        steps = bisect_right([add_months(first, 12 * k) for k in range(1, 60)], day)
        return self._base(lease, given) * (1 + v[f"{given}.growth"]) ** grown * (1 + v[f"{given}.escalation"]) ** steps

    def _let_again(self, lease: str, day: date) -> float:
        """What new tenants at market rent pay on a day."""
        v, found = self.v, 0.0
        for name, event in self.deal.spec.event.items():
            at = f"event.{name}"
            if event.relet_rent is None or lease not in event.leases:
                continue
            first = add_months(v[f"{at}.on"], int(v[f"{at}.downtime"]))
            if day >= first:
                paid = self._market(lease, f"{at}.relet_rent", first, day) * self.left(lease, day, but=name)
                found += v[f"{at}.happens"] * v[f"{at}.passed_on"] * paid
        return found

    def _base(self, lease: str, at: str) -> float:
        """A yearly rent that ``at`` states of the premises of a lease."""
        v, premises = self.v, f"lease.{lease}"
        building = f"building.{self.deal.spec.lease[lease].building}"
        share = v.get(f"{premises}.share", 1.0)
        if f"{at}.amount" in v:
            return v[f"{at}.amount"]
        if f"{at}.rent_per_area" in v:
            return v[f"{at}.rent_per_area"] * v.get(f"{premises}.area", v.get(f"{building}.area", 0) * share) / 1e6
        capacity = v.get(f"{premises}.capacity", v.get(f"{building}.capacity", 0) * share)
        return v[f"{at}.rent_per_mw"] * capacity if f"{at}.rent_per_mw" in v else v[f"{at}.rent"] * capacity * 0.012

    def _index(self, lease: str, day: date) -> float:
        v, at, spec = self.v, f"lease.{lease}", self.deal.spec.lease[lease]
        start = add_months(v[f"{at}.commencement"], self.delay)
        if spec.steps:
            level = 1.0
            for key in spec.steps:
                if day >= add_months(v[f"{at}.steps.{key}.date"], self.delay):
                    level *= 1 + v[f"{at}.steps.{key}.rise"]
            return level
        first = date(start.year, 1, 1) if spec.escalates == "each January" else start
        steps = [add_months(first, 12 * k) for k in range(1, 60)]
        if spec.indexation is None:
            return (1 + v[f"{at}.escalation"]) ** bisect_right(steps, day)
        level = 1.0
        for step in steps:
            if self.windows[0][0] < step <= day:
                rise = self._rise(lease, step)
                rise = max(rise, v.get(f"{at}.indexation.floor", rise))
                level *= 1 + min(rise, v.get(f"{at}.indexation.cap", rise))
        return level

    def _rise(self, lease: str, step: date) -> float:
        """The yearly rise that the index has on the first day of the period of the step less its lag."""
        spec = self.deal.spec.lease[lease].indexation
        assert spec is not None
        read = add_months(step, -int(self.v[f"lease.{lease}.indexation.lag"]))
        if self.deal.spec.index[spec.index].levels:
            return self._level(spec.index, read) / self._level(spec.index, add_months(read, -12)) - 1
        begin = next((eve for eve, end in self.windows if read <= end and end > eve), self.windows[-1][0])
        rates = self.v[f"index.{spec.index}.rates"]
        # The first period takes what holds on the closing date itself.
        day = begin if begin == self.windows[0][0] else begin + A_DAY
        return next((rate for since, rate in reversed(rates) if since <= day), rates[0][1])

    def _level(self, index: str, day: date) -> float:
        v, levels = self.v, [f"index.{index}.levels.{key}" for key in self.deal.spec.index[index].levels]
        return next(v[f"{at}.level"] for at in reversed(levels) if v[f"{at}.date"] <= day)

    def left(self, lease: str, day: date, but: str = "") -> float:
        """The share of the rent of a day that events leave, all or all but one."""
        v, left = self.v, 1.0
        for name, event in self.deal.spec.event.items():
            at = f"event.{name}"
            on, until = v[f"{at}.on"], v.get(f"{at}.until")
            named = event.leases or event.contracts or event.incomes
            if name == but or (named and lease not in event.leases) or day < on or (until and day > until):
                continue
            paid = v[f"{at}.rent_share"]
            if event.downtime is not None and day >= add_months(on, int(v[f"{at}.downtime"])):
                paid = v.get(f"{at}.relet_share", 0.0)
            left *= 1 - v[f"{at}.happens"] * v[f"{at}.passed_on"] * (1 - paid)
        return left
