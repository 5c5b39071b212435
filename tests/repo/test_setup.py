"""setup.cfg says what is there: packages, version, dependencies; pyproject.toml says only how to build."""

from __future__ import annotations

import ast
import configparser
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import spvmodel
from tests.repo.checkout import ROOT

# Where the name that is imported is not the name that is declared.
DISTRIBUTION = {
    "numpy_financial": "numpy-financial",
    "pydantic_core": "pydantic",
    "python_calamine": "python-calamine",
    "ruamel": "ruamel.yaml",
    "vl_convert": "vl-convert-python",
    "xdist": "pytest-xdist",
    "xlsxwriter": "XlsxWriter",
}
OURS = {"spvmodel", "tests", "docs"}


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def names(requirements: str) -> set[str]:
    """The distributions of a list of requirements, in lower case."""
    lines = (line.strip() for line in requirements.splitlines())
    found = (re.match(r"[\w.-]+", line) for line in lines if not line.startswith("#"))
    return {match[0].lower() for match in found if match}


def imported(*folders: str) -> Iterator[tuple[str, Path]]:
    """Every distribution that the Python files of some folders import, with the importing file."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    modules = [node.module or ""]
                else:
                    continue
                for module in {module.partition(".")[0] for module in modules}:
                    if module not in sys.stdlib_module_names | OURS:
                        yield DISTRIBUTION.get(module, module).lower(), path.relative_to(ROOT)


def test_pyproject_holds_the_build_system_only() -> None:
    assert set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))) == {"build-system"}


def test_every_package_is_listed(setup: configparser.ConfigParser) -> None:
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "spvmodel").rglob("__init__.py")}
    listed = set(setup["options"]["packages"].split())
    assert listed == found | {"spvmodel.models", "spvmodel.templates"}


def test_version_is_stated_alike(setup: configparser.ConfigParser) -> None:
    version = setup["metadata"]["version"]
    assert spvmodel.__version__ == version
    assert version in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_package_imports_only_what_it_depends_on(setup: configparser.ConfigParser) -> None:
    declared = names(setup["options"]["install_requires"]) | names(setup["options.extras_require"]["fast"])
    assert [use for use in imported("spvmodel") if use[0] not in declared] == []


def test_tests_import_only_what_they_depend_on(setup: configparser.ConfigParser) -> None:
    extras = setup["options.extras_require"]
    declared = names(setup["options"]["install_requires"]) | names(extras["fast"]) | names(extras["test"])
    assert [use for use in imported("tests", "examples") if use[0] not in declared] == []
