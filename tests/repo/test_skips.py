"""``--no-skips`` turns whatever did not run into a failure, in one process and over workers."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.repo.checkout import ROOT, call

SKIPPED = {
    "by_mark": "import pytest\n@pytest.mark.skip(reason='the moon')\ndef test_one():\n    pass\n",
    "inside": "import pytest\ndef test_one():\n    pytest.skip('the moon')\n",
    "at_collection": "import pytest\npytest.skip('the moon', allow_module_level=True)\n",
    "in_fixture": (
        "import pytest\n@pytest.fixture\ndef moon():\n    pytest.skip('the moon')\ndef test_one(moon):\n    pass\n"
    ),
    "expected_failure": ("import pytest\n@pytest.mark.xfail(reason='the moon')\ndef test_one():\n    assert False\n"),
}


def suite(folder: Path, test: str, *options: str) -> tuple[int, str]:
    """Run a suite of one passing test and one more under our conftest: exit status and output."""
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_passes.py").write_text("def test_passes():\n    assert True\n", encoding="utf-8")
    (folder / "test_other.py").write_text(test, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = call([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options], folder)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("how", SKIPPED)
def test_a_skip_fails_the_suite(tmp_path: Path, how: str) -> None:
    status, output = suite(tmp_path, SKIPPED[how], "--no-skips")
    assert status != 0, output
    assert "the moon" in output
    assert "skipped" not in output.splitlines()[-1]


@pytest.mark.parametrize("how", ["by_mark", "at_collection"])
def test_a_skip_on_a_worker_fails_the_suite(tmp_path: Path, how: str) -> None:
    status, output = suite(tmp_path, SKIPPED[how], "--no-skips", "-n", "1")
    assert status != 0, output
    assert "the moon" in output


@pytest.mark.parametrize("how", SKIPPED)
def test_without_the_option_a_skip_is_a_skip(tmp_path: Path, how: str) -> None:
    status, output = suite(tmp_path, SKIPPED[how])
    assert status == 0, output


def test_a_suite_without_skips_passes(tmp_path: Path) -> None:
    status, output = suite(tmp_path, "def test_one():\n    assert True\n", "--no-skips")
    assert status == 0, output
    assert "2 passed" in output.splitlines()[-1]
