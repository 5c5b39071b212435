"""What must hold between the values of a deal, in the base case and in every other case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from spvmodel.deal.errors import short
from spvmodel.deal.quantity import Quantity
from spvmodel.deal.rules import construction, debt, general, operations, refinancing, reserves, sponsors, tax, waterfall
from spvmodel.deal.rules.dates import inside, long_first_period, order
from spvmodel.deal.rules.values import A_DAY, Problem, Values
from spvmodel.deal.schema import DealSpec

__all__ = ["A_DAY", "Problem", "Values", "long_first_period", "problems"]


def problems(spec: DealSpec, quantities: Mapping[str, Quantity], periods: tuple[dt.date, ...]) -> Iterator[Problem]:
    """Every rule the values of one case break; ``periods`` are the period ends of the timeline."""
    values, end = Values(quantities), periods[-1]
    yield from general.general(values, spec)
    too_late = list(general.closing(values, spec, periods))
    yield from too_late
    if too_late:
        # Every date after the close of this case would be measured by periods that are not its own.
        return
    for section in ("building", "use"):
        for key in getattr(spec, section):
            yield from construction.spending(values, f"{section}.{key}", end)
    for key in spec.lease:
        yield from operations.lease(values, key, short(spec.lease[key].label), end)
        yield from long_first_period(values, f"lease.{key}.commencement", short(spec.lease[key].label), periods)
    for key, income in spec.income.items():
        yield from operations.income(values, f"income.{key}", end)
        if income.amount is not None:
            yield from long_first_period(values, f"income.{key}.commencement", short(income.label), periods)
    for key, loan in spec.debt.items():
        yield from debt.loan(values, f"debt.{key}", loan, periods)
        yield from debt.payment_days(values, loan, periods)
    yield from refinancing.refinancing(values, spec, end)
    yield from waterfall.sweep(values, spec, periods)
    for key in spec.funding:
        yield from construction.budget(values, spec, key)
    for key, reserve in spec.reserves.capital.items():
        yield from reserves.capital_reserve(values, f"reserves.capital.{key}", short(reserve.label), spec, end)
    for key, account in spec.reserves.account.items():
        yield from reserves.account(values, f"reserves.account.{key}", short(account.label), periods)
    if spec.construction.damages is not None:
        yield from order(values, "construction.damages.agreed_completion", "time.close")
        yield from inside(values, "construction.damages.agreed_completion", end)
    if spec.covenants.first_test is not None:
        yield from order(values, "covenants.first_test", "time.close")
        yield from inside(values, "covenants.first_test", end)
    if spec.tax is not None:
        yield from tax.tax(values, spec, spec.tax, end)
    if spec.vat is not None:
        yield from tax.vat(values, end)
    if spec.valuation is not None:
        yield from general.appraisals(values, end)
    if spec.enforcement is not None:
        for key in spec.enforcement.support:
            yield from order(values, f"enforcement.support.{key}.until", "time.close")
    yield from sponsors.joint_venture(values, spec)
    for key in spec.facility:
        yield from reserves.facility(values, f"facility.{key}", periods)
    for name in quantities:
        if name.startswith("waterfall.") and name.endswith(".from"):
            yield from inside(values, name, end)
    if spec.takeout is not None:
        refinanced = [
            key for key, loan in spec.debt.items() if loan.rank not in ("holdco", "shareholder", "equity bridge")
        ]
        yield from refinancing.takeout(
            values, [refinancing.final_day(key, spec.debt[key]) for key in refinanced], periods
        )
        yield from inside(values, "takeout.final_maturity", end)
