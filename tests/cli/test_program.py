"""The program as a whole: statuses, start-up, terminals."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

import spvmodel
from tests.cli.conftest import Run


def test_help_imports_click_and_little_else() -> None:
    """What ``--help`` loads beyond the standard library and the package itself is click."""
    code = (
        "import sys\n"
        "from spvmodel.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "known = sys.stdlib_module_names | {'spvmodel', '__main__'}\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(r for r in roots - known if not r.startswith(('_', 'sitecustomize'))), file=sys.stderr)\n"
        "print(sorted(n for n in sys.modules if n.startswith('spvmodel.') and not n.startswith('spvmodel.cli')),"
        " file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    roots, ours = done.stderr.splitlines()
    assert roots == "['click']"
    assert ours == "[]"
    assert "Usage:" in done.stdout


def test_every_command_of_the_interface_is_there(run: Run) -> None:
    text = run("--help").stdout
    for command in ("run", "list", "show", "check", "cases", "trace", "schema"):
        assert f"\n  {command} " in text
        assert run(command, "--help").exit_code == 0


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"spvmodel, version {spvmodel.__version__}\n"


@pytest.mark.parametrize("arguments", [["nothing"], ["run"], ["--nothing"], ["list", "extra"]])
def test_usage_errors_end_with_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.stderr and result.stdout == ""


def test_a_fault_of_ours_ends_with_3(run: Run, deal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(found: object) -> None:
        raise KeyError("debt.missing")

    monkeypatch.setattr(spvmodel, "build", broken, raising=False)
    result = run("check", deal)
    assert result.exit_code == 3
    assert "KeyError: 'debt.missing'" in result.stderr and "Traceback (most" not in result.stderr
    for shown in (run("--traceback", "check", deal), _with_debug(run, deal, monkeypatch)):
        assert shown.exit_code == 3
        assert "Traceback (most recent call last)" in shown.stderr
        assert shown.stdout == ""


def _with_debug(run: Run, deal: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv("SPVMODEL_DEBUG", "1")
    return run("check", deal)


def test_python_m_spvmodel(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spvmodel", "list"], capture_output=True, text=True, env=_environment(), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "abilene" in done.stdout


@pytest.mark.parametrize("no_colour", [False, True])
def test_on_a_terminal_tables_are_drawn(tmp_path: Path, no_colour: bool) -> None:
    text = _on_a_terminal(["list"], no_colour)
    assert "abilene" in text and "─" in text
    coloured = re.search(r"\x1b\[[\d;]*\b3\d", text) is not None
    assert coloured is not no_colour


def _environment(**more: str) -> dict[str, str]:
    root = str(Path(spvmodel.__file__).parent.parent)
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return kept | {"PYTHONPATH": root, "TERM": "xterm-256color", "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"} | more


def _on_a_terminal(arguments: list[str], no_colour: bool) -> str:
    ours, theirs = pty.openpty()
    environment = _environment(NO_COLOR="1") if no_colour else _environment()
    done = subprocess.Popen(
        [sys.executable, "-m", "spvmodel", *arguments], stdout=theirs, stderr=subprocess.DEVNULL, env=environment
    )
    os.close(theirs)
    text = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other side has closed
            break
        if not part:
            break
        text += part
    os.close(ours)
    assert done.wait() == 0
    return text.decode()
