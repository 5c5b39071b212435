"""The tree as drawn in the design: top-level folders, direction of imports; nothing of one machine in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repo.checkout import LEFT_BEHIND, ROOT, project_files

OUTPUTS = {"workbook", "report", "audit", "studies"}
WORKINGS = {"lines", "deal", "finance", "engine"}

# What each package may import of ours; any of them may find its files through resources.
MAY_IMPORT = {
    "lines": set(),
    "deal": set(),
    "finance": {"lines", "deal"},
    "engine": {"lines"},
    **{package: WORKINGS | OUTPUTS - {package} for package in OUTPUTS},
    "cli": WORKINGS | OUTPUTS,
}

# Written in pieces, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w./-])/" + r"(?:work|root|home|Users)(?![\w-])")
REGISTRY = re.compile(r"pypi\." + r"org|pythonhosted\." + r"org|PIP_" + r"INDEX|index-" + r"url")


def imports_of_ours(path: Path) -> Iterator[str]:
    """The packages of spvmodel that a file imports, also inside functions."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = base + (node.module.split(".") if node.module else [])
            found = [[*module, alias.name] for alias in node.names]
        else:
            continue
        yield from (parts[1] for parts in found if parts[0] == "spvmodel" and len(parts) > 1)


PACKAGES = sorted(path.parent.name for path in (ROOT / "spvmodel").glob("*/__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_down_only(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package, "resources"}
    files = sorted((ROOT / "spvmodel" / package).rglob("*.py"))
    upward = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in files
        for name in imports_of_ours(path)
        if name in MAY_IMPORT and name not in allowed
    }
    assert upward == set()


def test_top_level_folders_are_the_ones_of_the_design() -> None:
    found = {path.name for path in ROOT.iterdir() if path.is_dir()}
    found = {name for name in found if name not in LEFT_BEHIND and not name.endswith(".egg-info")}
    assert found == {".ci", "spvmodel", "templates", "models", "tests", "examples", "docs"}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("see /" + "home/ann/deal.yaml", MACHINE_PATH),
        ('"/' + 'root"', MACHINE_PATH),
        ("https://pypi." + "org/simple", REGISTRY),
    ],
)
def test_the_patterns_find_what_they_look_for(text: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize("text", ["spvmodel/workbook", "/workbook", "https://example.com/home/page"])
def test_the_patterns_leave_our_own_names_alone(text: str) -> None:
    assert not MACHINE_PATH.search(text)


def test_no_file_names_a_machine_path_or_a_registry() -> None:
    found = []
    for path in project_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATH.search(line) or REGISTRY.search(line):
                found.append(f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:120]}")
    assert found == []
