"""No key of a deal file is decoration: each quantity that the schema knows moves some line of some deal here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args, get_origin

import spvmodel
from spvmodel.deal import Deal, load
from spvmodel.deal.schema import DealSpec, Section
from spvmodel.deal.stated import Kinded
from tests.finance.small import small

ROOT = Path(__file__).resolve().parents[2]


def keys(section: type[Section], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every quantity of a section by its path, with * for the ids that a deal file chooses."""
    for key, field in section.model_fields.items():
        name = field.alias or key
        if any(isinstance(part, Kinded) for part in field.metadata):
            yield ".".join((*path, name))
            continue
        yield from _within(field.annotation, (*path, name))


def _within(annotation: object, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield from keys(annotation, path)
    elif any(isinstance(part, Kinded) for part in getattr(annotation, "__metadata__", ())):
        yield ".".join(path)
    elif get_origin(annotation) is dict:
        yield from _within(get_args(annotation)[1], (*path, "*"))
    else:
        for part in get_args(annotation):
            yield from _within(part, path)


def general(name: str, deal: Deal) -> str:
    """The dotted name of an input with * for the ids of the deal."""
    parts, at = [], deal.spec
    for part in name.split("."):
        if isinstance(at, list):
            at = at[0]  # a step of the waterfall, which its name stands for
            continue
        parts.append("*" if isinstance(at, Mapping) else part)
        at = at[part] if isinstance(at, Mapping) else getattr(at, part, None)
    return ".".join(parts)


REST = (
    "repayment: {profile: custom amounts, amounts: {2029-12-31: 40, 2031-12-31: 60}}\n"
    "prepayment: {amounts: {2029-06-30: 5}, make_whole: 4%}",
    "repayment: {profile: custom shares, shares: {2029-12-31: 40%, 2031-12-31: 60%}}",
    "repayment: {profile: target balance, balances: {2029-12-31: 40}}",
)
"""Loans with the terms that no deal file here states."""

ACCOUNTS = """\
reserves:
  dsra: {amount: 3m}
  account:
    works:
      label: Works
      weights: {year_1: 100%, year_2: 80%, year_3: 60%, year_4: 40%, year_5: 20%}
      works: {2031-06-30: 5m}
covenants:"""

SECTIONS = """\
reserves: {dsra: {months: 6 months, lc_fee: 1%, lc_rate: 8%}}
tax: {federal_rate: 21%, depreciation: MACRS 15, basis: 150m, placed_in_service: 2026-03-31, acquired: 2025-06-01}
covenants:"""

COLLATERAL = """\
counterparty:
  tenant:
    label: Tenant
    role: tenant
    default_rates: {
      year_1: 1%, year_2: 2%, year_3: 3%, year_4: 4%, year_5: 5%, year_6: 6%,
      year_7: 7%, year_8: 8%, year_9: 9%, year_10: 10%, year_15: 15%, year_20: 20%
    }
valuation: {dark: {amount: 20m}}
enforcement:
  basis: re-let
  cure_months: 3 months
  sale_months: 12 months
  relet: {downtime: 12 months, share: 60%, costs: 5%, discount_rate: 9%, term: 10 years}
covenants:"""

WITH_AREA = ("    capacity: 10 MW\n", "    capacity: 10 MW\n    area: 300,000 sf\n")


def deals(folder: Path) -> Iterator[Deal]:
    for loan in REST:
        yield small(folder, loan)
    path = small(folder, REST[1], amount="sizing: {dscr_steps: {2026-01-01: 1.4x}}").path
    text = path.read_text(encoding="utf-8")
    rents = ("rent: 90 USD/kW-month", "rent_per_mw: 1m USD/MW-year")
    for sections in (SECTIONS, ACCOUNTS, COLLATERAL, *(COLLATERAL.replace("share: 60%", rent) for rent in rents)):
        path.write_text(text.replace("covenants:", sections), encoding="utf-8")
        yield load(path)
    path.write_text(
        re.sub("    rent: .*", "    rent_per_area: 60 USD/sf-year", text).replace(*WITH_AREA), encoding="utf-8"
    )
    yield load(path)
    for path in sorted([*ROOT.glob("tests/deals/*.yaml"), *ROOT.glob("models/*.yaml")]):
        yield load(path)
    for path in sorted(ROOT.glob("templates/deal/*.yaml")):
        skeleton = folder / path.name
        skeleton.write_text(path.read_text(encoding="utf-8").replace("{{ name }}", "skeleton"), encoding="utf-8")
        yield load(skeleton)


def test_every_quantity_of_the_schema_is_read(tmp_path: Path) -> None:
    read = set()
    for deal in deals(tmp_path):
        model = spvmodel.build(deal)
        read |= {general(name, deal) for name in deal.inputs if model.readers[name]}
    known = set(keys(DealSpec))
    assert "debt.*.sizing.downside.dscr" in known and "time.close" in known
    assert known - read == set()
    assert read - known == set()
