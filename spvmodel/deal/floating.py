"""What must hold of rates, margins and hedges: which go together, and how far the base rate path reaches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from spvmodel.deal.errors import DealError, short
from spvmodel.deal.overnight import CALENDAR, FIRST_CLOSE, observed
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import Problem, Values
from spvmodel.deal.schema import DealSpec, Debt, Hedge
from spvmodel.deal.timeline import period_eves
from spvmodel.deal.translate import Translator


def misfits(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Keys that do not go together, whatever their values."""
    for key, loan in spec.debt.items():
        yield from _loan_misfits(("debt", key), loan, say)
    for key, hedge in spec.hedge.items():
        yield from _hedge_misfits(("hedge", key), hedge, spec, say)
    floating: list[tuple[str, ...]] = [("debt", key) for key, loan in spec.debt.items() if loan.margin is not None]
    floating += [("facility", key) for key, facility in spec.facility.items() if facility.margin is not None]
    if spec.reserves.dsra.lc_margin is not None:
        floating.append(("reserves", "dsra", "lc_margin"))
    if spec.rates is None and (floating or spec.hedge):
        path = floating[0] if floating else ("hedge", next(iter(spec.hedge)))
        message = f"{'.'.join(path)} floats, and the deal has no base rate"
        yield say.error(path, message, "rates: with index and curve", key=True)
    if (
        spec.rates is not None
        and spec.rates.spread_adjustment is not None
        and not any(loan.margin is not None for loan in spec.debt.values())
    ):
        message = "'spread_adjustment' is added to the base rate of floating loans, and the deal has none"
        allowed = "a loan with a margin, or no spread_adjustment"
        yield say.error(("rates", "spread_adjustment"), message, allowed, key=True)
    if spec.rates is not None and spec.rates.fixing == "term" and say.tree.find(("rates", "lookback")) is not None:
        message = "'lookback' means nothing for a term rate"
        yield say.error(("rates", "lookback"), message, "fixing: compounded in arrears, or no lookback", key=True)


def _loan_misfits(path: tuple[str, str], loan: Debt, say: Translator) -> Iterator[DealError]:
    if (loan.margin is None) == (loan.fixed_rate is None):
        given = "neither margin nor fixed_rate" if loan.margin is None else "both margin and fixed_rate"
        yield say.error(path, f"loan '{path[1]}' has {given}", "exactly one of them", key=True)
        return
    for name in ("margin_steps", "floor", "cap"):
        if loan.margin is None and say.tree.find((*path, name)) is not None:
            message = f"loan '{path[1]}' bears a fixed rate and has {name}"
            yield say.error((*path, name), message, f"margin in place of fixed_rate, or no {name}", key=True)


def _hedge_misfits(path: tuple[str, str], hedge: Hedge, spec: DealSpec, say: Translator) -> Iterator[DealError]:
    if (hedge.share is None) == (hedge.schedule is None):
        given = "neither share nor schedule" if hedge.share is None else "both share and schedule"
        yield say.error(path, f"hedge '{path[1]}' has {given}", "exactly one of them", key=True)
    if spec.debt[hedge.loan].fixed_rate is not None:
        message = f"hedge '{path[1]}' is of loan '{hedge.loan}', which bears a fixed rate"
        yield say.error((*path, "loan"), message, "a loan with a margin")


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Every rule the values of one case break; ``periods`` are the period ends of the timeline."""
    values = Values(quantities)
    for key, loan in spec.debt.items():
        yield from _rate(values, f"debt.{key}", loan)
        yield from _idle_steps(values, f"debt.{key}", loan, periods)
    for key, hedge in spec.hedge.items():
        yield from _hedge(values, f"hedge.{key}", hedge)
        yield from _idle_schedule(values, f"hedge.{key}", hedge, spec.debt[hedge.loan], periods)
    if spec.rates is not None:
        yield from _reach(values, spec, periods)


def _rate(values: Values, name: str, loan: Debt) -> Iterator[Problem]:
    """Margins step within the life of the loan, and the floor of its base rate is not above the cap."""
    label = short(loan.label)
    if loan.margin_steps is not None:
        close, maturity = values.date(f"{name}.close"), values.date(f"{name}.maturity")
        for day, margin in values.points(f"{name}.margin_steps"):
            if margin < 0:
                yield Problem((f"{name}.margin_steps",), f"the margin of {label} from {day} is negative", "0% or more")
            if not close <= day < maturity:
                message = f"the margin of {label} steps on {day}, outside its life"
                names = (f"{name}.margin_steps", f"{name}.close", f"{name}.maturity")
                yield Problem(names, message, f"{close} or later, and before {maturity}")
                break
    if loan.cap is not None and values.number(f"{name}.floor") > values.number(f"{name}.cap"):
        cap = values.number(f"{name}.cap")
        message = f"the floor of {label} lies above its cap of {cap:.2%}"
        yield Problem((f"{name}.floor", f"{name}.cap"), message, f"at most {cap:.2%}")


def _idle_steps(values: Values, name: str, loan: Debt, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """A margin holds in the periods that begin from its date on, and in one of them at least."""
    steps = f"{name}.margin_steps"
    if steps not in values:
        return
    last = _last_day(values, name, loan)
    begins = _begins(values, periods, last)
    points = values.points(steps)
    for (day, _), until in zip(points, [*(day for day, _ in points[1:]), dt.date.max], strict=True):
        if day < last and not any(day <= begin < until for begin in begins):
            message = f"the margin of {short(loan.label)} that holds from {day} never applies: a period takes the "
            message += "margin of its first day"
            nearest = max((begin for begin in begins if begin < until), default=begins[0])
            yield Problem((steps, f"{name}.maturity"), message, f"a date on which a period begins, such as {nearest}")
            return


def _idle_schedule(
    values: Values, name: str, hedge: Hedge, loan: Debt, periods: tuple[dt.date, ...]
) -> Iterator[Problem]:
    """A notional stands in the periods that begin on or after its first date, and in one of them at least."""
    if hedge.schedule is None:
        return
    last = _last_day(values, f"debt.{hedge.loan}", loan)
    first, begins = values.points(f"{name}.schedule")[0][0], _begins(values, periods, last)
    if first > begins[-1]:
        message = f"the notional of {short(hedge.label)} begins on {first}, after the last period of its loan has begun"
        yield Problem((f"{name}.schedule", f"debt.{hedge.loan}.maturity"), message, f"{begins[-1]} or earlier")


def _last_day(values: Values, name: str, loan: Debt) -> dt.date:
    return values.date(f"{name}.extension.until" if loan.extension else f"{name}.maturity")


def _begins(values: Values, periods: tuple[dt.date, ...], last: dt.date) -> list[dt.date]:
    """The first days of the periods that begin by ``last``."""
    eves = period_eves(values.date("time.close"), periods)
    return [eve + dt.timedelta(days=1) for eve in eves if eve < last]


def _hedge(values: Values, name: str, hedge: Hedge) -> Iterator[Problem]:
    """A hedge lasts, on a share of the balance no longer than the loan, and has the costs of its kind."""
    label, loan = short(hedge.label), f"debt.{hedge.loan}"
    close, maturity = values.date(f"{loan}.close"), values.date(f"{loan}.maturity")
    start = values.date(f"{name}.start") if hedge.start else close
    end = values.date(f"{name}.end") if hedge.end else maturity
    given = tuple(f"{name}.{key}" for key in ("end", "start") if getattr(hedge, key))
    if start < close:
        message = f"{label} starts on {start}, before its loan closes on {close}"
        yield Problem((f"{name}.start", f"{loan}.close"), message, f"{close} or later")
    if end <= start:
        message = f"{label} ends on {end}, not after it starts on {start}"
        yield Problem((*given, f"{loan}.maturity"), message, f"after {start}")
    elif hedge.share is not None and end > maturity:
        message = f"{label} is of a share of the balance and ends on {end}, after its loan matures on {maturity}"
        yield Problem((f"{name}.end", f"{loan}.maturity"), message, f"by {maturity}, or a schedule of its own")
    if hedge.kind == "cap" and values.number(f"{name}.credit_margin") > 0:
        yield Problem((f"{name}.credit_margin",), f"{label} is a cap and has a credit margin", "a premium")
    if hedge.kind == "swap" and values.number(f"{name}.premium") > 0:
        yield Problem((f"{name}.premium",), f"{label} is a swap and has a premium", "a credit margin")


def _reach(values: Values, spec: DealSpec, periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """The base rate path is known for the first day of every period in which something floats, or for all its days."""
    assert spec.rates is not None
    arrears = spec.rates.fixing != "term"
    if arrears:
        too_early = list(_observed_from(values, spec.rates.lookback))
        yield from too_early
        if too_early:
            return
    curve = values.quantities["rates.curve"]
    last = spec.rates.until or (values.points("rates.curve")[-1][0] if curve.file else None)
    ends = {f"debt.{key}.maturity": loan.label for key, loan in spec.debt.items() if loan.margin is not None}
    ends |= {f"hedge.{key}.end": hedge.label for key, hedge in spec.hedge.items() if hedge.end is not None}
    ends |= {f"facility.{key}.until": part.label for key, part in spec.facility.items() if part.margin is not None}
    if last is None or not ends:
        return
    name = max(ends, key=values.date)
    # The first days of the periods that begin before the last accrual ends; the one of the first is close.
    begins = [end + dt.timedelta(days=1) for end in periods if end < values.date(name)]
    needed = begins[-1] if begins else values.date("time.close")
    what = f"the last period of {short(ends[name])} begins on {needed}"
    if arrears:
        closes = next((end for end in periods if end >= values.date(name)), periods[-1])
        needed = observed(closes - dt.timedelta(days=1), spec.rates.lookback)
        what = f"{needed}, the last day that {short(ends[name])} compounds"
    if last < needed:
        path = f"the base rate path of {curve.file}" if curve.file else "the base rate path"
        message = f"{path} ends on {last}, before {what}"
        yield Problem(("rates.curve", name), message, f"rates to {needed} or later")


def _observed_from(values: Values, lookback: int) -> Iterator[Problem]:
    """Overnight rates are known from the first day observed, and so are its holidays."""
    close, begins = values.date("time.close"), values.points("rates.curve")[0][0]
    if close.year < FIRST_CLOSE:
        message = f"the business days of {CALENDAR} are not known for {close.year}, when financial close is"
        yield Problem(("time.close",), message, f"a close in {FIRST_CLOSE} or later, or fixing: term")
        return
    first = observed(close, lookback)
    if first < begins <= close:
        message = f"the base rate path begins on {begins}, after {first}, the first day that is compounded"
        yield Problem(("rates.curve", "time.close"), message, f"a first date on or before {first}")
