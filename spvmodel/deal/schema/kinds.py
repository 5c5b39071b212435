"""What keys are made of: kinds of quantities, names, and the mapping in which every key is known."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from spvmodel.deal.stated import (
    MOST_LOOKBACK,
    Identifier,
    Kinded,
    Stated,
    business_days,
    iso_date,
    unambiguous,
)

Money = Annotated[Stated, Kinded("money")]
MoneyPerYear = Annotated[Stated, Kinded("money_per_year")]
MoneyPerMw = Annotated[Stated, Kinded("money_per_mw")]
MoneyPerMonth = Annotated[Stated, Kinded("money_per_month")]
Rate = Annotated[Stated, Kinded("rate")]
NonNegativeRate = Annotated[Stated, Kinded("rate", low=0.0)]
Share = Annotated[Stated, Kinded("share")]
Months = Annotated[Stated, Kinded("months")]
Term = Annotated[Stated, Kinded("months", low=1.0)]
Days = Annotated[Stated, Kinded("days")]
Date = Annotated[Stated, Kinded("date")]
Power = Annotated[Stated, Kinded("power")]
Rent = Annotated[Stated, Kinded("rent")]
RentPerMw = Annotated[Stated, Kinded("rent_per_mw")]
RentPerArea = Annotated[Stated, Kinded("rent_per_area")]
Area = Annotated[Stated, Kinded("area")]
Charge = Annotated[Stated, Kinded("charge")]
Units = Annotated[Stated, Kinded("units")]
HourlyPrice = Annotated[Stated, Kinded("hourly")]
LettingCost = Annotated[Stated, Kinded("letting_cost")]
Multiple = Annotated[Stated, Kinded("multiple")]
IndexLevel = Annotated[Stated, Kinded("index_level")]
Flag = Annotated[Stated, Kinded("flag")]
Count = Annotated[Stated, Kinded("count", low=1.0)]
Curve = Annotated[Stated, Kinded("curve")]
Amounts = Annotated[Stated, Kinded("amounts")]
Balances = Annotated[Stated, Kinded("balances")]
Levels = Annotated[Stated, Kinded("levels")]
Shares = Annotated[Stated, Kinded("shares")]
Portions = Annotated[Stated, Kinded("portions")]
Multiples = Annotated[Stated, Kinded("multiples")]
Cover = Annotated[Stated, Kinded("multiple", low=0.5)]
YesNo = Literal["yes", "no"]
DayCount = Annotated[
    Literal[
        "ACT/360", "ACT/365F", "ACT/ACT ISDA", "ACT/ACT ICMA", "30/360 Bond Basis", "30U/360", "30E/360",
        "30E/360 ISDA", "NL/365", "1/1", "by period",
    ],
    BeforeValidator(unambiguous),
]  # fmt: skip
Day = Annotated[dt.date, BeforeValidator(iso_date)]
Lookback = Annotated[
    int, BeforeValidator(business_days), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_LOOKBACK})
]
Id = Annotated[str, Identifier()]
DealId = Annotated[str, Identifier(hyphens=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=5000)]
AtLeastOne = Field(min_length=1)
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


def said(title: str, description: str, default: Any = ..., *, key: str | None = None) -> Any:
    """A key: the label a reader sees, what it means, and the default as a deal file would write it.

    ``key`` is the word for it in a deal file where that cannot be the name of a field.
    """
    return Field(default=default, title=title, description=description, validate_default=default is not None, alias=key)


class Section(BaseModel):
    """A mapping of the deal file in which every key is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


Depreciation = Literal[
    "MACRS 5", "MACRS 7", "MACRS 15", "MACRS 20", "straight line 5", "straight line 15", "straight line 20",
]  # fmt: skip
