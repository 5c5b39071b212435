"""Counterparties by hand: hazard rates from spreads, yearly rates and tables, and what a chain passes on."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spvmodel
from spvmodel.engine import Result
from tests.finance.changing import changed, with_fault

DEALS = Path(__file__).parents[1] / "deals"
TEXT = (DEALS / "parties.yaml").read_text(encoding="utf-8")
HALF_YEARS = [181, 184, 181, 184, 181, 184, 182, 184, 181, 184]
"""Days of the periods: the second half-years have 184, the first 181, and 182 in 2028."""
MODEL = spvmodel.build(spvmodel.load(DEALS / "parties.yaml"))
YEARS = [sum(HALF_YEARS[: t + 1]) / 365 for t in range(10)]


def solved(case: str = "base", text: str = TEXT, folder: Path | None = None) -> Result:
    path = DEALS / "parties.yaml"
    if folder is not None:
        path = folder / "parties.yaml"
        path.write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(path)), case=case)
    assert [check.name for check in result.checks if not check.passed] == []
    return result


def near(values: list[float]) -> object:
    return pytest.approx(values, rel=1e-9, abs=1e-12)


def test_a_spread_is_a_hazard_rate() -> None:
    """600 bp / (1 - 40%) = 10% a year, so that e ^ -0.1 = 90.48% survive one year of 365 days."""
    result = solved()
    assert result.scalar("counterparty.user.own_hazard") == pytest.approx(0.1, rel=1e-12)
    survival = [math.exp(-0.1 * years) for years in YEARS]
    assert result.series("counterparty.user.survival") == near(survival)
    assert survival[1] == pytest.approx(0.904837418)
    failing = [a - b for a, b in zip([1.0, *survival], survival, strict=False)]
    assert result.series("counterparty.user.default_probability") == near(failing)
    assert result.series("counterparty.user.hazard") == near([0.1] * 10)


def test_a_published_spread_gives_the_published_probability() -> None:
    """A spread of 125 bp at a recovery of 40% is 1 - e ^ -(5 x 0.0125 / 0.6) = 9.9% in five years of 365 days."""
    many = spvmodel.solve_many(
        MODEL,
        {"counterparty.user.cds": [0.0125]},
        keep=("counterparty.user.survival",),
    )
    # The timeline ends 5 x 365 + 1 days after close.
    kept = float(many["counterparty.user.survival"][-1][0])
    assert 1 - kept == pytest.approx(1 - math.exp(-0.0125 / 0.6 * 1826 / 365), rel=1e-9)
    assert 1 - kept == pytest.approx(0.099, abs=5e-4)


def test_a_table_has_a_hazard_rate_for_each_of_its_steps() -> None:
    """1% by year 1: ln(1 / 0.99). 4% by year 3: ln(0.99 / 0.96) / 2 a year. 4% by year 4: 0, and 0 after it."""
    result = solved()
    first, then = math.log(1 / 0.99), math.log(0.99 / 0.96) / 2
    assert result.scalar("counterparty.parent.own_hazard_1") == pytest.approx(first, rel=1e-12)
    assert result.scalar("counterparty.parent.own_hazard_3") == pytest.approx(then, rel=1e-12)
    assert result.scalar("counterparty.parent.own_hazard_4") == 0.0
    burden = [first * min(y, 1) + then * max(0.0, min(y, 3) - 1) for y in YEARS]
    survival = [math.exp(-b) for b in burden]
    assert result.series("counterparty.parent.survival") == near(survival)
    # At the ends of years 1 and 3 the table itself.
    assert survival[1] == pytest.approx(0.99, rel=1e-12)
    assert survival[5] == pytest.approx(0.96, rel=1e-12)
    assert result.series("counterparty.parent.hazard") == near([first, first, then, then, then, then, 0, 0, 0, 0])


def test_the_last_rate_of_a_table_goes_on() -> None:
    """In the case weaker 9% by year 4 after 8% by year 3: ln(0.92 / 0.91) a year, also in the fifth."""
    last = math.log(0.92 / 0.91)
    assert solved("weaker").series("counterparty.parent.hazard")[6:] == near([last] * 4)


def test_a_yearly_rate_from_a_later_day() -> None:
    """10% a year is a hazard rate of ln(1 / 0.9); from 15 August 2025, 138 days to the year's end."""
    result = solved()
    rate = math.log(1 / 0.9)
    assert result.scalar("counterparty.builder.own_hazard") == pytest.approx(rate, rel=1e-12)
    survival = result.series("counterparty.builder.survival")
    assert survival[:2] == near([1.0, 0.9 ** (138 / 365)])
    assert survival[3] == pytest.approx(0.9 ** ((138 + 365) / 365), rel=1e-12)
    assert result.series("counterparty.builder.hazard")[0] == 0.0


def test_a_risk_from_before_close_counts_from_close() -> None:
    survival = solved("weaker").series("counterparty.builder.survival")
    assert survival == near([0.9**years for years in YEARS])


def test_what_the_chain_passes_on() -> None:
    """The tenant always fails with its parent, and with its customer one time in four."""
    result = solved()
    parent, user = (result.series(f"counterparty.{name}.survival") for name in ("parent", "user"))
    survival = [a * (1 - 0.25 * (1 - b)) for a, b in zip(parent, user, strict=True)]
    assert result.series("counterparty.tenant.survival") == near(survival)
    # After one year: 0.99 x (1 - 0.25 x 9.516%) = 0.99 x 0.976209 = 0.966447.
    assert survival[1] == pytest.approx(0.966447, abs=1e-6)


def test_all_is_passed_on_and_nothing_is() -> None:
    """At 100% hazard rates add up; at 0% only the parent's is left."""
    for case, share in (("all_passed_on", 1.0), ("base", 0.0)):
        many = spvmodel.solve_many(
            MODEL,
            {"counterparty.tenant.depends_on.user.passed_on": [share]},
            case,
            keep=tuple(f"counterparty.{name}.hazard" for name in ("tenant", "parent", "user")),
        )
        tenant, parent, user = (
            [float(row[0]) for row in many[f"counterparty.{name}.hazard"]] for name in ("tenant", "parent", "user")
        )
        assert tenant == near([a + share * b for a, b in zip(parent, user, strict=True)])


def test_probabilities_and_survival_are_one_in_all() -> None:
    for case in ("base", "all_passed_on", "weaker"):
        result = solved(case)
        for name in ("tenant", "parent", "user", "builder"):
            failing = result.series(f"counterparty.{name}.default_probability")
            survival = result.series(f"counterparty.{name}.survival")
            assert sum(failing) + survival[-1] == pytest.approx(1.0, abs=1e-12)


def test_a_fault_is_found() -> None:
    wrong = with_fault(MODEL, "counterparty.user.default_probability", 0.001, "", 4)
    failed = [check.name for check in spvmodel.solve(wrong).checks if not check.passed]
    assert failed == ["checks.counterparty_user"]


def test_a_party_without_credit_has_no_lines(tmp_path: Path) -> None:
    model = solved().model
    assert not any(name.startswith("counterparty.bank.") for name in model.lines)
    bare = TEXT[: TEXT.index("counterparty:")] + "counterparty: {bank: {label: Bank, role: hedge bank}}\n"
    with_bank, without = tmp_path / "with.yaml", tmp_path / "without.yaml"
    with_bank.write_text(bare, encoding="utf-8")
    without.write_text(bare[: bare.index("counterparty:")], encoding="utf-8")
    models = [spvmodel.build(spvmodel.load(path)) for path in (with_bank, without)]
    assert list(models[0].lines) == list(models[1].lines)


def test_the_chain_is_declared_from_its_end(tmp_path: Path) -> None:
    """The tenant stands first in the file and last among the lines; a party is declared once, however it is reached."""
    text = changed(
        TEXT, ("    cds: {value: 600 bp", "    depends_on: {parent: {passed_on: 10%}}\n    cds: {value: 600 bp")
    )
    result = solved(text=text, folder=tmp_path)
    ends = [name for name in result.model.lines if name.endswith(".survival") and not name.endswith("own_survival")]
    assert [name.split(".")[1] for name in ends] == ["parent", "user", "tenant", "builder"]
    parent = result.series("counterparty.parent.survival")
    own = [math.exp(-0.1 * years) * (1 - 0.1 * (1 - p)) for years, p in zip(YEARS, parent, strict=True)]
    assert result.series("counterparty.user.survival") == near(own)


PERCENT = st.floats(0.0, 0.9)


@given(
    cds=st.floats(0.0, 0.5),
    recovery=PERCENT,
    passed=st.floats(0.0, 1.0),
    rate=PERCENT,
    table=st.tuples(PERCENT, PERCENT),
)
@settings(max_examples=40, deadline=None)
def test_survival_falls_from_one_and_stays_above_nothing(
    cds: float, recovery: float, passed: float, rate: float, table: tuple[float, float]
) -> None:
    low, high = sorted(table)
    inputs = {
        "counterparty.user.cds": cds,
        "counterparty.user.recovery": recovery,
        "counterparty.tenant.depends_on.user.passed_on": passed,
        "counterparty.builder.default_rate": rate,
        "counterparty.parent.default_rates.year_1": low,
        "counterparty.parent.default_rates.year_3": high,
        "counterparty.parent.default_rates.year_4": high,
    }
    result = spvmodel.solve(MODEL, inputs=inputs)
    assert [check.name for check in result.checks if not check.passed] == []
    for name in ("tenant", "parent", "user", "builder"):
        survival = [1.0, *result.series(f"counterparty.{name}.survival")]
        assert all(1.0 >= before >= after >= 0.0 for before, after in pairwise(survival))
        assert min(result.series(f"counterparty.{name}.hazard")) >= 0.0
    # A tenant that depends on others is never the safer for it.
    tenant, parent = (result.series(f"counterparty.{name}.survival") for name in ("tenant", "parent"))
    assert all(a <= b + 1e-15 for a, b in zip(tenant, parent, strict=True))  # 1 - (1 - b) is b but for its last bit
