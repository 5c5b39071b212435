"""Identities the model must satisfy (definitions, section 6)."""

from __future__ import annotations

from spvmodel.finance.alerts import declare_alerts
from spvmodel.finance.checks.cash import declare_cash_checks
from spvmodel.finance.checks.debt import declare_debt_checks
from spvmodel.finance.checks.funding import declare_funding_checks
from spvmodel.finance.checks.time import declare_time_checks
from spvmodel.finance.collateral.enforcement import declare_enforcement_checks
from spvmodel.finance.collateral.expected_loss import declare_expected_loss_checks
from spvmodel.finance.collateral.recovery import declare_recovery_checks
from spvmodel.finance.counterparties import declare_counterparty_checks
from spvmodel.finance.covenants.triggers import declare_trigger_alerts, declare_trigger_checks
from spvmodel.finance.debt.life import declare_life_checks
from spvmodel.finance.facility import declare_facility_checks
from spvmodel.finance.operations.contract import declare_contract_alerts, declare_contract_checks
from spvmodel.finance.operations.payables import declare_payables_check
from spvmodel.finance.operations.payment import declare_payment_checks
from spvmodel.finance.operations.straight_line import declare_straight_line_checks
from spvmodel.finance.operations.working_capital import declare_working_capital_check
from spvmodel.finance.sponsors import declare_sponsor_checks
from spvmodel.finance.tax.income_tax import declare_tax_checks
from spvmodel.finance.tax.vat import declare_vat_checks
from spvmodel.finance.terms import Terms


def declare_checks(terms: Terms) -> None:
    """Declare every check, then every alert."""
    declare_time_checks(terms)
    declare_funding_checks(terms)
    declare_debt_checks(terms)
    declare_life_checks(terms)
    declare_cash_checks(terms)
    declare_tax_checks(terms)
    declare_vat_checks(terms)
    declare_straight_line_checks(terms)
    declare_payment_checks(terms)
    declare_payables_check(terms)
    declare_working_capital_check(terms)
    declare_contract_checks(terms)
    declare_sponsor_checks(terms)
    declare_trigger_checks(terms)
    declare_facility_checks(terms)
    declare_recovery_checks(terms)
    declare_enforcement_checks(terms)
    declare_counterparty_checks(terms)
    declare_expected_loss_checks(terms)
    declare_alerts(terms)
    declare_contract_alerts(terms)
    declare_trigger_alerts(terms)
