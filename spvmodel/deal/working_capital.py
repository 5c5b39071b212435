"""What must hold of the terms by which cash comes and goes at other times than it is earned."""

from __future__ import annotations

from collections.abc import Iterator

from spvmodel.deal.errors import DealError
from spvmodel.deal.schema import DealSpec
from spvmodel.deal.translate import Translator


def working_capital_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    """Every term of payment that puts nothing off, and every term of VAT that could not act."""
    for key, cost in spec.opex.items():
        if cost.payment is not None and not cost.payment.model_fields_set:
            message = f"the payment of the cost '{key}' says nothing of when"
            yield say.error(("opex", key, "payment"), message, "lag, lag_days, or both", key=True)
    yield from _vat_errors(spec, say)


def _vat_errors(spec: DealSpec, say: Translator) -> Iterator[DealError]:
    vat = spec.vat
    if vat is None:
        return
    built = [building for building in spec.building.values() if building.budget is not None]
    used = [use for use in spec.use.values() if use.kind not in ("land", "working capital", "distribution")]
    let = [lease for lease in spec.lease.values() if lease.letting or any(r.cost for r in lease.renewals.values())]
    bears = {"on_capex": bool(built or used), "on_opex": bool(spec.opex or let), "on_revenue": True}
    whats = {"on_capex": "spending on buildings and uses", "on_opex": "operating cost"}
    given = [name for name in bears if getattr(vat, name) is not None]
    if not given:
        yield say.error(("vat",), "nothing bears the VAT", f"at least one of {', '.join(bears)}", key=True)
        return
    for name in given:
        if not bears[name]:
            message = f"the deal has no {whats[name]} that could bear VAT"
            yield say.error(("vat", name), message, f"no {name}", key=True)
    paid = [name for name in given if name != "on_revenue"]
    for lag, needed, words in (
        ("recovered_after", paid, "on_capex or on_opex"),
        ("settled_after", [name for name in given if name == "on_revenue"], "on_revenue"),
    ):
        stated = getattr(vat, lag) is not None
        if needed and not stated:
            yield say.error(("vat", needed[0]), f"VAT '{needed[0]}' needs a lag", f"{lag}: 2 months", key=True)
        elif stated and not needed:
            message = f"'{lag}' means nothing for VAT without {words}"
            yield say.error(("vat", lag), message, f"{words} beside it, or no {lag}", key=True)
