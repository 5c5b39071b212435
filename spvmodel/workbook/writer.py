"""Write a result as a workbook: every figure a formula, with the engine's value stored beside it."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final

from spvmodel.engine import Result

OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Text stays text, whatever it begins with."""

CREATED: Final = datetime(2000, 1, 1)
"""The date stored in every file: the same inputs give the same bytes."""


def write_workbook(result: Result, path: str | os.PathLike[str]) -> Path:
    """Write ``result`` to an .xlsx at ``path``, replacing a file there only when the new one is complete.

    The live case is the result's; values that were overridden for the result stand in the input cells of that
    case. A result whose checks fail says so on the cover. Returns the path. Raises OSError where the file cannot
    be written, leaving an earlier one as it was.
    """
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".xlsx", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        _write(result, draft)
        os.chmod(draft, 0o666 & ~_umask())
        os.replace(draft, target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return target


def _write(result: Result, path: Path) -> None:
    # Imported here: those who only ask where a line lives need no writer.
    from xlsxwriter.exceptions import FileCreateError
    from xlsxwriter.workbook import Workbook

    from spvmodel.workbook.book import Book
    from spvmodel.workbook.layout import CHECKS, COVER, INPUT_SERIES
    from spvmodel.workbook.sheets import control, dashboard, front, inputs, timed

    with tempfile.TemporaryDirectory(prefix=".spvmodel-", dir=path.parent) as folder:
        workbook = Workbook(str(path), {**OPTIONS, "tmpdir": folder})
        book = Book(result, workbook)
        workbook.set_properties({"title": book.about("title"), "author": "spvmodel", "created": CREATED})
        workbook.set_calc_mode("auto")
        front.write_cover(book)
        front.write_contents(book)
        front.write_guide(book)
        front.write_qualifications(book)
        front.write_change_log(book)
        inputs.write_cases(book)
        inputs.write_inputs(book)
        for sheet in book.place.sheets:
            if sheet.name == INPUT_SERIES:
                inputs.write_input_series(book, sheet)
            elif sheet.name == CHECKS:
                control.write_checks(book, sheet)
            else:
                timed.write_timed(book, sheet)
        dashboard.write_dashboard(book)
        front.write_sources(book)
        control.write_trace(book)
        book.sheets[COVER].activate()
        try:
            workbook.close()
        except FileCreateError as error:
            cause = error.__cause__ or error.__context__
            raise cause if isinstance(cause, OSError) else OSError(str(error)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
