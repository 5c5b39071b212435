"""Quantities as people write them: accepted forms, refused forms, and the way back to text."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spvmodel.deal.quantity import KINDS, QuantityError, parse, unit_of, write

AMOUNT = "0 to 10,000,000 million; a figure without m or bn is in millions"
ACCEPTED = [
    # kind, text, value in the unit of the model
    ("money", "3,400", 3400.0),
    ("money", "3400", 3400.0),
    ("money", "1,933.3333", 1933.3333),
    ("money", "$3.4bn", 3400.0),
    ("money", "US$3.4 billion", 3400.0),
    ("money", "USD 2,288m", 2288.0),
    ("money", "2,288 USD m", 2288.0),
    ("money", "2,288m USD", 2288.0),
    ("money", "250k", 0.25),
    ("money", "12 million", 12.0),
    ("money", "0.000001", 1e-6),
    ("money", "1e-6", 1e-6),
    ("money", "0", 0.0),
    ("money_per_year", "0.25", 0.25),
    ("money_per_year", "$250k/yr", 0.25),
    ("money_per_year", "3m a year", 3.0),
    ("money_per_year", "3m p.a.", 3.0),
    ("money_per_mw", "8.2", 8.2),
    ("money_per_mw", "USD 8.2m per MW", 8.2),
    ("money_per_mw", "$800k/MW", 0.8),
    ("rate", "2.50%", 0.025),
    ("rate", "2.5 %", 0.025),
    ("rate", "6.192%", 0.06192),
    ("rate", "250 bp", 0.025),
    ("rate", "250bps", 0.025),
    ("rate", "-50 bp", -0.005),
    ("rate", "0.025", 0.025),
    ("rate", "2.50% p.a.", 0.025),
    ("share", "67.3%", 0.673),
    ("share", "0.5", 0.5),
    ("share", "1", 1.0),
    ("share", "100%", 1.0),
    ("months", "6 months", 6.0),
    ("months", "1 month", 1.0),
    ("months", "15 years", 180.0),
    ("months", "1.5 years", 18.0),
    ("months", "2 quarters", 6.0),
    ("months", "6", 6.0),
    ("date", "2025-05-21", dt.date(2025, 5, 21)),
    ("date", "2024-02-29", dt.date(2024, 2, 29)),
    ("power", "206 MW", 206.0),
    ("power", "1.2 GW", 1200.0),
    ("power", "150 kW", 0.15),
    ("power", "206", 206.0),
    ("rent", "99.00 USD/kW-month", 99.0),
    ("rent", "$99/kW-month", 99.0),
    ("rent", "99 per kW-month", 99.0),
    ("rent", "99", 99.0),
    ("days", "30 days", 30.0),
    ("days", "1 day", 1.0),
    ("days", "45", 45.0),
    ("rent_per_mw", "1.40m USD/MW-year", 1.4),
    ("rent_per_mw", "$1.4m/MW-yr", 1.4),
    ("rent_per_mw", "1,400k USD per MW-year", 1.4),
    ("rent_per_mw", "1.4", 1.4),
    ("rent_per_area", "35.50 USD/sf-year", 35.5),
    ("rent_per_area", "$35 per sq ft-year", 35.0),
    ("rent_per_area", "35", 35.0),
    ("area", "250,000 sf", 250_000.0),
    ("area", "250,000 sq. ft", 250_000.0),
    ("area", "250,000", 250_000.0),
    ("charge", "12.50 USD/kW-year", 12.5),
    ("charge", "$12/kW-yr", 12.0),
    ("charge", "12 per kW-year", 12.0),
    ("charge", "12", 12.0),
    ("units", "16,000 GPUs", 16000.0),
    ("units", "1 GPU", 1.0),
    ("units", "16000", 16000.0),
    ("hourly", "2.50 USD/GPU-hour", 2.5),
    ("hourly", "$2.50/GPU-hr", 2.5),
    ("hourly", "2.50 per GPU-hour", 2.5),
    ("letting_cost", "1,500 USD/kW", 1500.0),
    ("letting_cost", "$200 per kW", 200.0),
    ("letting_cost", "200", 200.0),
    ("money_per_month", "12.5m a month", 12.5),
    ("money_per_month", "USD 1.2bn/month", 1200.0),
    ("money_per_month", "3", 3.0),
    ("multiple", "1.15x", 1.15),
    ("multiple", "1.15", 1.15),
    ("index_level", "317.67", 317.67),
    ("index_level", "1,024", 1024.0),
    ("flag", "yes", 1.0),
    ("flag", "True", 1.0),
    ("flag", "no", 0.0),
    ("flag", "false", 0.0),
    ("count", "2", 2.0),
    ("curve", "4.30%", 0.043),
    ("amounts", "120", 120.0),
    ("balances", "0.5bn", 500.0),
    ("levels", "120m", 120.0),
    ("shares", "12.5%", 0.125),
    ("portions", "12.5%", 0.125),
    ("multiples", "1.30x", 1.3),
]

REFUSED = [
    # kind, text, a part of the message, a part of what is allowed
    (
        "money",
        "-1",
        "outside the range of an amount of money",
        AMOUNT,
    ),
    ("money", "10,000,001", "outside the range", AMOUNT),
    ("money", "3,40", "is not an amount of money", "3,400 (in millions)"),
    ("money", "3.400,00", "is not an amount of money", "3,400 (in millions)"),
    ("money", "１００", "is not an amount of money", "3,400"),
    ("rate", "２.50%", "is not a rate", "250 bp"),
    ("date", "２０２５-05-21", "is not a date", "2025-05-21"),
    ("count", "٣", "is not a count", "whole numbers"),
    ("money", "nan", "is not an amount of money", "3,400"),
    ("money", "inf", "is not an amount of money", "3,400"),
    ("money", "1e99", "outside the range", AMOUNT),
    ("money", "1e999999999", "is not an amount of money", "3,400"),
    ("money", "", "is not an amount of money", "3,400"),
    ("money", "lots", "is not an amount of money", "3,400"),
    ("money", "€100", "'€' is not the currency of this deal, USD", "amounts in USD"),
    ("money", "EUR 100", "'EUR' is not the currency of this deal, USD", "amounts in USD"),
    ("money", "USD 100 USD", "is not an amount of money", "3,400"),
    ("money", "9" * 200, "is not an amount of money", "3,400"),
    ("money_per_year", "3 a month", "is not an amount a year", "3,400"),
    ("money_per_mw", "8m/kW", "is not an amount per MW", "8.2m/MW"),
    ("money_per_mw", "10,001m/MW", "outside the range of an amount per MW", "0 to 10,000 million"),
    ("rate", "2.5", "has no unit", "'2.5%', '2.5 bp'"),
    ("rate", "51%", "outside the range of a rate", "-5% to 50%"),
    ("rate", "-6%", "outside the range of a rate", "-5% to 50%"),
    ("rate", "SOFR + 2.50%", "is not a rate", "250 bp"),
    ("share", "67.3", "has no unit and is not between 0 and 1", "'67.3%', or 0 to 1"),
    ("share", "101%", "outside the range of a share", "0% to 100%"),
    ("share", "-1%", "outside the range of a share", "0% to 100%"),
    ("months", "1.5 months", "is not a whole number of months", "whole months"),
    ("months", "-6", "outside the range of a time", "0 to 1,200 months"),
    ("months", "101 years", "outside the range of a time", "0 to 1,200 months"),
    ("months", "6 weeks", "is not a time", "15 years"),
    ("date", "21.05.2025", "is not a date", "2025-05-21"),
    ("date", "20250521", "is not a date", "2025-05-21"),
    ("date", "2025-02-29", "is not a day of the calendar", "2025-05-21"),
    ("date", "1989-12-31", "outside the range of a date", "1990-01-01 to 2100-12-31"),
    ("date", "2101-01-01", "outside the range of a date", "1990-01-01 to 2100-12-31"),
    ("power", "100 MWh", "is not a power", "206 MW"),
    ("power", "-1 MW", "outside the range of a power", "0 to 100,000 MW"),
    ("rent", "99 EUR/kW-month", "'EUR' is not the currency of this deal, USD", "amounts in USD"),
    ("rent", "99 USD/kW-year", "is not a rent", "99.00"),
    ("rent", "10,001", "outside the range of a rent", "0 to 10,000"),
    ("days", "1 month", "is not a number of days", "30 days"),
    ("days", "1.5 days", "is not a whole number of days", "whole days"),
    ("days", "367 days", "outside the range of a number of days", "0 to 366 days"),
    ("rent_per_mw", "1,400,000 USD/MW-year", "outside the range of a rent per MW", "0 to 100 million"),
    ("rent_per_mw", "1.4m EUR/MW-year", "'EUR' is not the currency of this deal, USD", "amounts in USD"),
    ("rent_per_mw", "1.4m USD/kW-year", "is not a rent per MW", "1.40m USD/MW-year"),
    ("rent_per_area", "35 USD/kW-year", "is not a rent by area", "35.00 USD/sf-year"),
    ("rent_per_area", "10,001", "outside the range of a rent by area", "0 to 10,000"),
    ("area", "250,000 sqm", "is not an area", "250,000 sf"),
    ("area", "-1", "outside the range of an area", "0 to 1,000,000,000 sf"),
    ("charge", "12 USD/kW-month", "is not a charge a year", "12.00"),
    ("charge", "12 EUR/kW-year", "'EUR' is not the currency of this deal, USD", "amounts in USD"),
    ("units", "2.5 GPUs", "'2.5 GPUs' is not a whole number of GPUs", "whole GPUs"),
    ("units", "16,000 kW", "is not a number of GPUs", "16,000 GPUs"),
    ("hourly", "2.50 USD/kW-month", "is not a price per GPU-hour", "2.50 USD/GPU-hour"),
    ("hourly", "2.50 EUR/GPU-hour", "'EUR' is not the currency of this deal, USD", "amounts in USD"),
    ("letting_cost", "200 USD/kW-month", "is not a cost per kW", "1,500 USD/kW"),
    ("letting_cost", "1,000,001", "outside the range of a cost per kW", "0 to 1,000,000"),
    ("money_per_month", "3m a year", "is not an amount a month", "3,400"),
    ("charge", "10,001", "outside the range of a charge a year", "0 to 10,000"),
    ("multiple", "115%", "is not a multiple", "1.15x"),
    ("multiple", "21x", "outside the range of a multiple", "0x to 20x"),
    ("index_level", "3%", "is not a level of an index", "317.67"),
    ("index_level", "0", "outside the range of a level of an index", "0.01 to 1,000,000"),
    ("flag", "maybe", "is not a yes or no", "yes, no"),
    ("flag", "1", "is not a yes or no", "yes, no"),
    ("count", "2.5", "is not a whole number", "whole"),
    ("count", "two", "is not a count", "whole numbers"),
    ("curve", "-6%", "outside the range of a rate", "-5% to 50%"),
    (
        "balances",
        "-1",
        "outside the range of a balance",
        AMOUNT,
    ),
    ("levels", "much", "is not an amount of money", "3.4bn"),
    ("shares", "101%", "outside the range of a share", "0% to 100%"),
    ("portions", "101%", "outside the range of a share", "0% to 100%"),
    ("multiples", "130%", "is not a multiple", "1.30x"),
]


@pytest.mark.parametrize(("kind", "text", "value"), ACCEPTED, ids=lambda part: str(part))
def test_accepted(kind: str, text: str, value: float | dt.date) -> None:
    assert parse(kind, text) == value


@pytest.mark.parametrize(("kind", "text", "message", "allowed"), REFUSED, ids=lambda part: str(part)[:30])
def test_refused(kind: str, text: str, message: str, allowed: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse(kind, text)
    assert message in caught.value.message
    assert allowed in caught.value.allowed


def test_every_kind_is_in_the_tables() -> None:
    assert {kind for kind, *_ in ACCEPTED} == set(KINDS)
    assert {kind for kind, *_ in REFUSED} >= set(KINDS) - {"amounts"}


@pytest.mark.parametrize(
    ("currency", "sign"),
    [("EUR", "€"), ("GBP", "£"), ("JPY", "¥"), ("CAD", "$"), ("USD", "US$"), ("CHF", "CHF ")],
)
def test_the_sign_of_the_deals_own_currency(currency: str, sign: str) -> None:
    assert parse("money", f"{sign}100", currency) == 100.0


@pytest.mark.parametrize(("currency", "sign"), [("EUR", "$"), ("CAD", "US$"), ("USD", "CHF "), ("GBP", "€")])
def test_the_sign_of_another_currency(currency: str, sign: str) -> None:
    with pytest.raises(QuantityError, match=f"is not the currency of this deal, {currency}"):
        parse("money", f"{sign}100", currency)


def test_units_name_the_currency_of_the_deal() -> None:
    assert unit_of("rent", "EUR") == "EUR/kW/month"
    assert unit_of("money", "EUR") == "money"


def in_range(kind: str) -> st.SearchStrategy[float | dt.date]:
    """Values a kind may hold."""
    rule = KINDS[kind]
    if kind == "date":
        return st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))
    if kind in ("months", "days", "count", "flag", "units"):
        return st.integers(int(rule.low), int(rule.high)).map(float)
    return st.decimals(str(rule.low), str(rule.high), places=9).map(float)


@given(st.data(), st.sampled_from(sorted(KINDS)), st.sampled_from(["USD", "EUR", "CHF"]))
def test_what_is_written_is_read_back(data: st.DataObject, kind: str, currency: str) -> None:
    value = data.draw(in_range(kind))
    assert parse(kind, write(kind, value, currency), currency) == value


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=30))
def test_any_text_is_a_value_in_range_or_refused(kind: str, text: str) -> None:
    try:
        value = parse(kind, text)
    except QuantityError as error:
        assert error.message and error.allowed
    else:
        assert isinstance(value, dt.date) or KINDS[kind].low <= value <= KINDS[kind].high
