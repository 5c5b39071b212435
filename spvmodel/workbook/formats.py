"""How cells look: one style per role, one number format per unit."""

from __future__ import annotations

from typing import Any, Final

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

FONT: Final = {"font_name": "Arial", "font_size": 9, "valign": "vcenter"}

NAVY, GREY, PALE_GREY, RULE = "#1F3552", "#7F7F7F", "#F2F2F2", "#BFBFBF"
YELLOW, PALE_YELLOW = "#FFF9D6", "#FFFDF0"
GREEN, RED, AMBER = "#E2F0E4", "#F8D7D4", "#FBE9C9"
DARK_GREEN, DARK_RED, DARK_AMBER = "#1E6B34", "#B3261E", "#8A5A00"

NUMBERS: Final = {
    "money": '#,##0.000;-#,##0.000;"–"',
    "money/yr": '#,##0.000;-#,##0.000;"–"',
    "1/yr": "0.000%",
    "share": "0.00%",
    "date": "yyyy-mm-dd",
    "days": "#,##0",
    "months": "#,##0",
    "count": "#,##0",
    "year": "0",
    "flag": '0;-0;"·"',
    # A third decimal tells a cover just below a level from one that meets it: a format rounds, and cannot cut.
    "x": "0.000",
    "yr": "0.00",
    "MW": "#,##0.0",
}
"""Number formats by unit; the unit itself stands in the unit column."""
OTHER_NUMBERS: Final = "#,##0.0000"
SMALL_NUMBERS: Final = "0.000000000"

ROLES: Final[dict[str, dict[str, Any]]] = {
    "calc": {"align": "right"},
    "scalar": {"align": "right"},
    "opening": {"align": "right", "bg_color": PALE_GREY},
    "total": {"align": "right", "bold": True},
    "rowcheck": {"align": "right", "font_color": GREY, "font_size": 7},
    "input": {"align": "right", "bg_color": YELLOW, "border": 1, "border_color": RULE},
    "blank": {"align": "right", "bg_color": PALE_YELLOW, "border": 1, "border_color": RULE},
    "fixed": {"align": "right", "bg_color": PALE_GREY, "border": 1, "border_color": RULE},
    "bound": {"align": "right", "font_color": GREY, "font_size": 8, "bg_color": PALE_GREY},
    "name": {"font_color": GREY, "font_size": 7},
    "label": {},
    "sublabel": {"indent": 2, "font_color": GREY},
    "unit": {"font_color": GREY, "font_size": 8, "indent": 1},
    "text": {},
    "wrap": {"text_wrap": True, "valign": "top"},
    "note": {"font_color": GREY, "font_size": 8},
    "title": {"bold": True, "font_size": 14, "font_color": NAVY},
    "subtitle": {"bold": True, "font_color": NAVY},
    "banner": {"bold": True, "font_size": 16, "font_color": DARK_GREEN, "bg_color": GREEN},
    "section": {"bold": True, "font_size": 11, "font_color": NAVY, "bottom": 1, "bottom_color": NAVY},
    "group": {"bold": True, "font_color": NAVY},
    "legend": {"bold": True, "font_color": "#FFFFFF", "bg_color": NAVY},
    "legend_right": {"bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "align": "right"},
    "header": {"align": "right", "font_color": NAVY, "bg_color": PALE_GREY},
    "header_label": {"font_color": NAVY, "bg_color": PALE_GREY},
    "status": {"bold": True, "align": "left"},
    "fact": {"align": "left", "valign": "top"},
    "fact_wrap": {"align": "left", "text_wrap": True, "valign": "top"},
    "link": {"font_color": "#1155AA", "underline": 1},
}

STATUS_COLOURS: Final = {
    "filed": "#DDEFE0",
    "company": "#E3EEF8",
    "reported": "#EAE6F5",
    "derived": "#E4F1F1",
    "assumed": "#FBE9D3",
    "unsourced": "#F8DDDA",
    "default": "#EDEDED",
    "fixed": "#EDEDED",
}
"""Fill of an input's status cell, from the firmest source to none."""


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, str], Format] = {}

    def get(self, role: str, numbers: str = "") -> Format:
        """The style of a role, with a number format."""
        key = (role, numbers)
        if key not in self._made:
            number_format = {"num_format": numbers} if numbers else {}
            self._made[key] = self._workbook.add_format({**FONT, **ROLES[role], **number_format})
        return self._made[key]

    def unit(self, role: str, unit: str, is_input: bool = False) -> Format:
        """The style of a role for values of a unit; a given number without a unit is a share."""
        return self.get(role, NUMBERS.get(unit or ("share" if is_input else ""), OTHER_NUMBERS))

    def status(self, status: str) -> Format:
        """The style of a source status."""
        key = ("status " + status, "")
        if key not in self._made:
            colour = STATUS_COLOURS.get(status, STATUS_COLOURS["unsourced"])
            self._made[key] = self._workbook.add_format({**FONT, "font_size": 8, "bg_color": colour})
        return self._made[key]

    def signal(self, which: str) -> Format:
        """The style a condition lays over a cell: ``good``, ``bad`` or ``alert``."""
        key = ("signal", which)
        if key not in self._made:
            font, fill = {
                "good": (DARK_GREEN, GREEN),
                "bad": (DARK_RED, RED),
                "alert": (DARK_AMBER, AMBER),
            }[which]
            self._made[key] = self._workbook.add_format({"font_color": font, "bg_color": fill, "bold": True})
        return self._made[key]


def unit_shown(unit: str, currency: str, is_input: bool = False) -> str:
    """A unit as the unit column shows it: money in millions of the deal's currency."""
    if not unit:
        return "%" if is_input else "number"
    named = {"1/yr": "p.a.", "yr": "years", "x": "x"}
    return named.get(unit, unit.replace("money", f"{currency} m".strip()).replace("/yr", " p.a."))
