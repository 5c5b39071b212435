"""Recalculate workbooks with LibreOffice, an opinion that is not ours.

LibreOffice keeps the stored values of files it did not write unless told otherwise; here it runs in a private
profile that tells it to recompute every formula on loading.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_ALWAYS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Setup/Office">
<prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


class RecalculationError(Exception):
    """LibreOffice is missing, or did not recalculate a file."""


def recalculate(paths: Sequence[Path], folder: Path, timeout: float = 600.0, form: str = "xlsx") -> list[Path]:
    """Recompute every formula of the workbooks and save copies in ``folder``, in one start of LibreOffice.

    The files must have different names. ``form`` is the format of the copies, ``xlsx`` or ``pdf``; ``timeout`` is
    in seconds. Raises :class:`RecalculationError`.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise RecalculationError("LibreOffice (soffice) is not installed")
    if len({path.name for path in paths}) != len(paths):
        raise RecalculationError("the files to recalculate need different names")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [folder / f"{path.stem}.{form}" for path in paths]
    for old in wanted:
        old.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="spvmodel-office-") as profile:
        user = Path(profile) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
        command = [
            program,
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            form,
            "--outdir",
            str(folder),
            *map(str, paths),
        ]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=timeout, env=environment, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise RecalculationError(f"LibreOffice took more than {timeout:g} seconds") from error
    missing = [path.name for path in wanted if not path.is_file()]
    if done.returncode or missing:
        told = (done.stderr or done.stdout).strip()[-400:]
        raise RecalculationError(f"LibreOffice did not recalculate {', '.join(missing) or 'the files'}: {told}")
    return wanted
