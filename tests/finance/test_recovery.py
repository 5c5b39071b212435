"""What lenders recover, by the date of the tenant's default: three dates by hand, tranche by tranche, and its limits.

The deal: 200 m built evenly over 2026 and 2027, rent of 24 m a year from 2028. A senior loan of 100 m at 6% and 2%
default interest repays 10 m a year from 2028 and has a balloon of 40 m at the end of 2033; a second lien of 30 m at 8%
and a mezzanine loan of 20 m at 10% are bullets. The sale comes 3 + 9 months after the default.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spvmodel
from spvmodel.deal.collateral import TAKEN
from spvmodel.engine import Result
from spvmodel.engine.one import evaluate
from spvmodel.lines import Model, Number, Ref

PATH = Path(__file__).parents[1] / "deals" / "enforced.yaml"
TRANCHES = ("senior", "second", "mezzanine")
CENT = 1e-8
"""Of a million."""

CONSTRUCTION, MID_TERM, BEFORE_BALLOON = 1, 4, 7
"""The periods that end in 2026, 2029 and 2032; the first is the closing date."""

# What is owed at the default, claims a year later, recovered and lost: senior, second lien, mezzanine.
BY_HAND = {
    # Half is built: 100 spent, worth 50; 45 after the haircut of 10%, 44.1 after costs of 2%. Claims are 50 x 1.08,
    # 15 x 1.08 and 10 x 1.1 = 81.2. Enforcement costs 2 + 3 for a year of protection. 81.2 + 5 - 44.1 = 42.1 is
    # missing: the completion guarantee pays its 15, the sponsor's guarantee its 5. 64.1 - 5 = 59.1 is for claims.
    CONSTRUCTION: ((50, 15, 10), (54, 16.2, 11), (54, 5.1, 0), (0, 11.1, 11)),
    # NOI when re-let 24 x 60% x 95% = 13.68; at 9% worth 152; less six more months of downtime (13.68 + 3) / 2 = 8.34
    # and 8 of re-letting: 135.66; 122.094 after the haircut, 119.65212 after costs. The tenant's fee brings
    # 24 / 2 x 50% = 6, the residual value guarantee 125 - 119.65212: 131 in all. Claims are 80 x 1.08, 30 x 1.08 and
    # 20 x 1.1 = 140.8; with costs of 5, 14.8 is missing, of which the sponsor pays 5. 136 - 5 = 131 is for claims.
    MID_TERM: ((80, 30, 20), (86.4, 32.4, 22), (86.4, 32.4, 12.2), (0, 0, 9.8)),
    # The threshold of the residual value has fallen to 60: 119.65212 + 6 - 5 = 120.65212 covers claims of 108.4.
    BEFORE_BALLOON: ((50, 30, 20), (54, 32.4, 22), (54, 32.4, 22), (0, 0, 0)),
}
# Price less costs of the sale, proceeds, recourse to sponsors, surplus of the owners.
IN_ALL = {
    CONSTRUCTION: (44.1, 64.1, 20, 0),
    MID_TERM: (119.65212, 136, 5, 0),
    BEFORE_BALLOON: (119.65212, 125.65212, 0, 12.25212),
}


@pytest.fixture(scope="module")
def model() -> Model:
    return spvmodel.build(spvmodel.load(PATH))


@pytest.fixture(scope="module")
def base(model: Model) -> Result:
    return spvmodel.solve(model)


@pytest.mark.parametrize("period", BY_HAND)
def test_every_tranche_by_hand(base: Result, period: int) -> None:
    owed, claims, recovered, lost = BY_HAND[period]
    for what, values in (("exposure", owed), ("claim", claims), ("recovered", recovered), ("loss", lost)):
        found = [base.series(f"recovery.{loan}.{what}")[period] for loan in TRANCHES]
        assert found == pytest.approx(values, abs=CENT), what
        assert base.series(f"recovery.{what}")[period] == pytest.approx(sum(values), abs=CENT)
    found = [base.series(f"recovery.{what}")[period] for what in ("sold", "proceeds", "recourse", "surplus")]
    assert found == pytest.approx(IN_ALL[period], abs=CENT)
    assert base.series("recovery.lgd")[period] == pytest.approx(sum(lost) / sum(claims), abs=CENT)


def test_the_discounted_lgd_leaves_default_interest_out(base: Result) -> None:
    """Recovered / (1 + the loan's own rate), at most what was owed: 80 of 86.4 / 1.06, 30, and 12.2 / 1.1."""
    assert base.series("recovery.lgd_discounted")[MID_TERM] == pytest.approx(
        1 - (80 + 30 + 12.2 / 1.1) / 130, abs=1e-12
    )


def test_where_nothing_is_owed_there_is_no_lgd_and_no_cost(base: Result) -> None:
    assert base.series("recovery.claim")[0] == 0 == base.series("recovery.costs")[0]
    assert math.isnan(base.series("recovery.lgd")[0])


def test_claims_are_recovered_or_lost_to_a_cent_and_sponsors_keep_to_their_commitment(model: Model) -> None:
    for case in model.cases:
        result = spvmodel.solve(model, case)
        assert [check.name for check in result.checks if not check.passed] == []
        for loan in TRANCHES:
            rows = [result.series(f"recovery.{loan}.{what}") for what in ("claim", "recovered", "loss")]
            for claim, got, lost in zip(*rows, strict=True):
                assert got + lost == pytest.approx(claim, abs=CENT)
        most = [20.0] * 2 + [5.0] * 10
        assert all(paid <= limit + CENT for paid, limit in zip(result.series("recovery.recourse"), most, strict=True))


def test_a_deal_without_support_is_non_recourse(tmp_path: Path) -> None:
    text = PATH.read_text(encoding="utf-8")
    # Without supporters there is nobody whose failure a case could turn on.
    (tmp_path / "deal.yaml").write_text(text[: text.index("  support:")], encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")))
    assert set(result.series("recovery.recourse")) == {0.0} == set(result.series("recovery.commitment"))
    assert result.series("recovery.proceeds")[MID_TERM] == pytest.approx(119.65212, abs=CENT)
    # Senior and second lien take 114.65212 of 140.8.
    assert result.series("recovery.second.loss")[MID_TERM] == pytest.approx(86.4 + 32.4 - 114.65212, abs=CENT)


def test_a_facility_may_be_called_letter_beside_the_letter_of_credit_of_the_dsra(tmp_path: Path) -> None:
    text = PATH.read_text(encoding="utf-8")
    assert "reserves:" not in text and "facility:" not in text
    text += "reserves: {dsra: {months: 6 months, funded: at close, lc_fee: 2%, lc_rate: 8%}}\n"
    terms = "label: Letter, kind: letter of credit, limit: 5m, until: 2033-12-31, fixed_rate: 8%"
    (tmp_path / "deal.yaml").write_text(f"{text}facility: {{letter: {{{terms}}}}}\n", encoding="utf-8")
    lines = spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")).lines
    assert {"recovery.facility.letter.exposure", "recovery.facility.dsra_lc.exposure"} <= set(lines)


@pytest.mark.parametrize("key", sorted(TAKEN))
def test_no_loan_that_is_enforced_bears_the_name_of_a_line(tmp_path: Path, key: str) -> None:
    text = PATH.read_text(encoding="utf-8").replace("\n  mezzanine:\n", f"\n  {key}:\n", 1)
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(spvmodel.DealError, match=f"'{key}' is the name of a line of the recovery"):
        spvmodel.load(tmp_path / "deal.yaml")


def test_other_bases_and_the_time_to_sell(tmp_path: Path) -> None:
    """Dark: 10 MW x 6 m = 60 less 10%; a lease that goes on: NOI of 24 / 8% at the sale, and 24 till then."""
    text = PATH.read_text(encoding="utf-8")
    found = {}
    for basis in ("dark", "cap rate", "amounts"):
        here = text.replace("basis: re-let", f"basis: {basis}")
        if basis != "dark":
            here = here.replace('  tenant_stays: "no"\n', "")
            here = here[: here.index("  unpaid_balloon:")]
        (tmp_path / "deal.yaml").write_text(here, encoding="utf-8")
        found[basis] = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")))
    assert found["dark"].series("recovery.sold")[MID_TERM] == pytest.approx(60 * 0.9 * 0.98, abs=CENT)
    assert found["dark"].series("recovery.costs")[MID_TERM] == pytest.approx(2 + 3, abs=CENT)
    assert set(found["dark"].series("recovery.income")) == {0.0}
    lives = found["cap rate"]
    assert lives.series("recovery.sold")[MID_TERM] == pytest.approx(300 * 0.9 * 0.98, abs=CENT)
    assert lives.series("recovery.income")[MID_TERM] == pytest.approx(24, abs=CENT)
    assert lives.series("recovery.costs")[MID_TERM] == pytest.approx(2, abs=CENT)
    # At the end of 2036 the lease has run out, and nothing is ahead of a sale then.
    assert lives.series("recovery.sold")[10] == pytest.approx(0, abs=CENT)
    # The value by date falls from 250 to 180 in 2030: before the sale of a default of 2029.
    assert found["amounts"].series("recovery.value")[MID_TERM] == pytest.approx(180, abs=CENT)
    assert found["amounts"].series("recovery.value")[MID_TERM - 1] == pytest.approx(250, abs=CENT)


def test_a_lease_found_before_the_sale_pays_the_lenders(model: Model) -> None:
    """Six months of downtime, twelve to the sale: six months of new NOI, and of protective costs; none to a buyer."""
    result = spvmodel.solve(model, inputs={"enforcement.relet.downtime": 6.0})
    assert result.series("recovery.value")[MID_TERM] == pytest.approx(152 - 8, abs=CENT)
    assert result.series("recovery.income")[MID_TERM] == pytest.approx(13.68 / 2, abs=CENT)
    assert result.series("recovery.costs")[MID_TERM] == pytest.approx(2 + 1.5, abs=CENT)


LEFT = """\
event:
  left:
    label: The tenant leaves
    kind: tenant default
    happens: "yes"
    on: 2029-01-01
    rent_share: 0%
    downtime: 18 months
    relet_share: 60%
"""


def test_a_tenant_that_left_earlier_has_been_missing_since_then(tmp_path: Path) -> None:
    """A year before a default at the end of 2029: 6 of 18 months are left. By the end of 2030 all is let again."""
    (tmp_path / "deal.yaml").write_text(PATH.read_text(encoding="utf-8").replace("event:\n", LEFT, 1), "utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")))
    assert result.series("recovery.downtime")[MID_TERM - 1 : MID_TERM + 2] == [18, 6, 0]
    assert result.series("recovery.value")[MID_TERM] == pytest.approx(152 - 8, abs=CENT)
    assert result.series("recovery.income")[MID_TERM] == pytest.approx(13.68 / 2, abs=CENT)
    assert result.series("recovery.holding")[MID_TERM] == pytest.approx(1.5, abs=CENT)
    assert result.series("recovery.value")[MID_TERM + 1] == pytest.approx(152, abs=CENT)
    assert result.series("recovery.income")[MID_TERM + 1] == pytest.approx(13.68, abs=CENT)
    assert result.series("recovery.holding")[MID_TERM + 1] == 0


SECOND = """\
  second:
    label: Second lease
    building: hall
    tenant: Other
    rent: 200 USD/kW-month
    capacity: 4 MW
    commencement: 2028-01-01
    term: 9 years
debt:
"""


def split(text: str) -> str:
    """The campus let to two tenants: 6 MW and 4 MW, 60% and 40% of the same rent."""
    text = text.replace("    escalation: 0%\n", "    escalation: 0%\n    capacity: 6 MW\n", 1)
    return text.replace("debt:\n", SECOND, 1)


def test_one_tenant_of_two_that_left_earlier_shortens_its_part_of_the_downtime(tmp_path: Path) -> None:
    """The second leaves a year before a default at the end of 2029: 6 months are left of its downtime, 18 of the other.

    Of the twelve months to the sale 6 pay its rent, 40% of all: 2.4 months of the whole. 6 months of the other's 60%
    are left to the buyer, 3.6: (13.68 + 3) x 0.3 = 5.004 off 152, and 8 of re-letting. A year later the second has been
    let again, which leaves 60% of the cost.
    """
    text = split(PATH.read_text(encoding="utf-8")).replace("event:\n", LEFT, 1)
    text = text.replace("    on: 2029-01-01\n", "    on: 2029-01-01\n    leases: [second]\n", 1)
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")))
    assert result.series("recovery.downtime_second")[MID_TERM - 1 : MID_TERM + 2] == [18, 6, 0]
    assert result.series("recovery.months_relet")[MID_TERM : MID_TERM + 2] == pytest.approx([2.4, 4.8])
    assert result.series("recovery.months_left")[MID_TERM : MID_TERM + 2] == pytest.approx([3.6, 3.6])
    assert result.series("recovery.value")[MID_TERM] == pytest.approx(152 - 5.004 - 8, abs=CENT)
    assert result.series("recovery.value")[MID_TERM + 1] == pytest.approx(152 - 5.004 - 4.8, abs=CENT)
    assert result.series("recovery.income")[MID_TERM] == pytest.approx(13.68 * 0.2, abs=CENT)
    assert result.series("recovery.holding")[MID_TERM] == pytest.approx(3 * 0.8, abs=CENT)


@pytest.mark.parametrize("leases", ["[hall, second]", "[]"])
def test_an_event_of_all_leases_by_name_is_one_of_all(leases: str, tmp_path: Path) -> None:
    text = split(PATH.read_text(encoding="utf-8")).replace("event:\n", LEFT, 1)
    text = text.replace("    on: 2029-01-01\n", f"    on: 2029-01-01\n    leases: {leases}\n", 1)
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")))
    assert result.series("recovery.downtime")[MID_TERM - 1 : MID_TERM + 2] == [18, 6, 0]
    assert result.series("recovery.value")[MID_TERM] == pytest.approx(152 - 8, abs=CENT)


def test_an_unpaid_cost_of_letting_is_counted_once(tmp_path: Path) -> None:
    """Let again in July 2030 at a tenth of the rent for 400 USD/kW, 4 m, of which 1.2 m of rent pay a part.

    At the end of 2030 the price is not lowered by another re-letting; the 2.8 m that are owed for this one come first,
    with the 2 m of enforcement. At the end of 2029, before it, the price bears the 8 m and nothing is owed. A long time
    to cure keeps the SPV going until then.
    """
    left = LEFT.replace("relet_share: 60%", "relet_share: 10%\n    relet_cost: 400 USD/kW")
    text = PATH.read_text(encoding="utf-8").replace("event:\n", left, 1)
    text = text.replace("cure_months: 3 months", "cure_months: 24 months")
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")))
    assert result.series("recovery.relet_paid")[MID_TERM : MID_TERM + 2] == [0, 1]
    assert result.series("recovery.value")[MID_TERM : MID_TERM + 2] == pytest.approx([144, 152])
    assert result.series("waterfall.operating_costs.shortfall")[MID_TERM + 1] == pytest.approx(4 - 24 * 0.1 * 184 / 365)
    costs = result.series("recovery.costs")[MID_TERM : MID_TERM + 2]
    assert costs == pytest.approx([2 + 1.5, 2 + 4 - 24 * 0.1 * 184 / 365])


# Price of 119.65212 and the sponsor's 5 as at mid-term; the fee, the residual value guarantee, what is left for the
# mezzanine loan after costs of 5 and claims of 86.4 and 32.4 before it.
FAILED = {
    # The tenant alone: no fee; its parent still pays 125 - 119.65212.
    "tenant_fails": (0.0, 5.34788, 6.2),
    # The parent: a quarter of that; the tenant stands with 40%, and so does half of its fee of 12.
    "group_fails": (2.4, 1.33697, 4.58909),
}


@pytest.mark.parametrize("case", FAILED)
def test_what_a_guarantor_owes_is_not_collected_once_it_has_failed(case: str, model: Model) -> None:
    """The failure falls on the last day of 2029, so that all that is owed stands as it would without it."""
    fee, value, mezzanine = FAILED[case]
    result = spvmodel.solve(model, case)
    assert result.series("recovery.support.fee")[MID_TERM] == pytest.approx(fee)
    assert result.series("recovery.support.value")[MID_TERM] == pytest.approx(value)
    assert result.series("recovery.mezzanine.recovered")[MID_TERM] == pytest.approx(mezzanine)
    # Before that day, and in the base case, everybody pays what was agreed.
    plain = spvmodel.solve(model)
    for name in ("recovery.support.fee", "recovery.support.value"):
        assert result.series(name)[MID_TERM - 1] == plain.series(name)[MID_TERM - 1]
    assert set(plain.series("counterparty.tenant.standing")) == {1.0}
    both = spvmodel.solve(model, case, inputs={"event.group_fails.happens": 1.0, "event.tenant_fails.happens": 1.0})
    assert both.series("recovery.support.fee")[MID_TERM] == 0
    stated = spvmodel.solve(model, case, inputs={"enforcement.support.value.collected_failed": 1.0})
    assert stated.series("recovery.support.value")[MID_TERM] == pytest.approx(5.34788)


def test_a_new_lease_by_its_term(tmp_path: Path) -> None:
    text = PATH.read_text(encoding="utf-8").replace(
        "cost: 8m, cap_rate: 9%", "cost: 8m, discount_rate: 9%, term: 8 years"
    )
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    result = spvmodel.solve(spvmodel.build(spvmodel.load(tmp_path / "deal.yaml")))
    worth = sum(13.68 / 1.09**year for year in range(1, 9))
    assert result.series("recovery.stabilised")[MID_TERM] == pytest.approx(worth, rel=1e-12)


def test_the_rent_of_the_lease_counts_whatever_is_paid(model: Model, base: Result) -> None:
    """Free rent moves what is paid, not what the lease says; a value by NOI sees that the rent is gone."""
    result = spvmodel.solve(model, inputs={"lease.hall.free_rent": 48.0})
    assert result.series("recovery.signed_rent") == base.series("recovery.signed_rent")
    assert result.series("recovery.sold") == base.series("recovery.sold")
    assert result.series("valuation.by_cap_rate")[MID_TERM] == 0 < base.series("valuation.by_cap_rate")[MID_TERM]


def losses(model: Model, **changed: Any) -> list[float]:
    inputs = {f"enforcement.{name.replace('__', '.')}": value for name, value in changed.items()}
    return list(spvmodel.solve(model, inputs=inputs).series("recovery.loss"))


@settings(max_examples=25)
@given(
    worse=st.sampled_from(["haircut", "sale_costs", "costs", "holding_costs", "downtime", "share", "cost", "cap_rate"]),
    steps=st.integers(1, 30),
)
def test_loss_never_falls_as_terms_get_worse(model: Model, worse: str, steps: int) -> None:
    changed: dict[str, Any] = {
        "haircut": {"haircut": 0.1 + 0.03 * steps},
        "sale_costs": {"sale_costs": 0.02 + 0.03 * steps},
        "costs": {"costs": 2.0 + steps},
        "holding_costs": {"holding_costs": 3.0 + steps},
        "downtime": {"relet__downtime": 18.0 + steps},
        "share": {"relet__share": 0.6 - 0.02 * steps},
        "cost": {"relet__cost": 8.0 + steps},
        "cap_rate": {"relet__cap_rate": 0.09 + 0.01 * steps},
    }[worse]
    for before, after in zip(losses(model), losses(model, **changed), strict=True):
        assert after >= before - CENT


@settings(max_examples=10)
@given(months=st.integers(0, 36), more=st.integers(1, 24))
def test_without_a_new_lease_a_longer_time_to_sell_never_lowers_the_loss(
    tmp_path_factory: Any, months: int, more: int
) -> None:
    folder = tmp_path_factory.mktemp("dark")
    text = PATH.read_text(encoding="utf-8").replace("basis: re-let", "basis: dark")
    (folder / "deal.yaml").write_text(text, encoding="utf-8")
    model = spvmodel.build(spvmodel.load(folder / "deal.yaml"))
    soon, late = (losses(model, sale_months=float(length)) for length in (months, months + more))
    assert all(b >= a - CENT for a, b in zip(soon, late, strict=True))


def test_once_built_a_later_default_never_loses_more_while_loans_amortise(model: Model) -> None:
    """Rent, value and support are even over time, and what is owed falls until the balloon is missed in 2033."""
    none = (0.0,) * 12
    found = losses(model, support__value__threshold=none)[2:8]
    assert found == sorted(found, reverse=True) and found[0] > found[-1]


def test_a_value_that_covers_the_claims_leaves_no_loss(model: Model) -> None:
    result = spvmodel.solve(model, inputs={"enforcement.relet.share": 1.0})
    sold, owed = result.series("recovery.sold"), result.series("recovery.claim")
    for period in range(2, 12):
        assert sold[period] > owed[period] + 5
        assert result.series("recovery.loss")[period] == 0 == result.series("recovery.recourse")[period]


FAULTS = {
    "recovery.senior.recovered": "checks.recovery_senior",
    "recovery.second.loss": "checks.recovery_second",
    "recovery.surplus": "checks.recovery_cash",
    "recovery.costs_paid": "checks.recovery_cash",
    "recovery.rank.second_lien.recovered": "checks.recovery_second",
    "recovery.rank.senior.cash_left": "checks.recovery_cash",
    "recovery.rank.mezzanine.recovered": "checks.recovery_ranks",
    "recovery.recourse": "checks.recovery_recourse",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_one_period_is_found(model: Model, name: str) -> None:
    """1 m too much at the default of 2027, when the second lien and the mezzanine loan lose."""
    line = model.lines[name]
    assert line.expr is not None
    here = (Ref("time.number") >= 2) * (Ref("time.number") <= 2)
    wrong = replace(line, expr=line.expr + here * Number(1, "money"))
    broken = replace(model, lines=model.lines | {name: wrong})
    inputs = {key: given.value for key, given in broken.inputs.items()}
    result = Result(broken, "base", inputs, evaluate(broken, inputs))
    assert FAULTS[name] in {check.name for check in result.checks if not check.passed}
