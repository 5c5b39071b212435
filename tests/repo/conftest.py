"""The wheel and the source archive, made from a copy of the checkout."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.repo.checkout import ROOT, build

# The parts of the checkout that a build reads.
BUILT_FROM = (
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "spvmodel",
    "models",
    "templates",
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a build reads, so that building leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the setuptools of this environment: no network."""
    out = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    build([*pip, "--wheel-dir", out, "."], source)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def sdist(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, built by the backend that pyproject.toml names."""
    out = tmp_path_factory.mktemp("sdist")
    script = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    build([sys.executable, "-c", script, out], source)
    (made,) = out.glob("*.tar.gz")
    return made
