"""The report in a browser: it draws, and the browser has nothing to complain of."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

import spvmodel
from spvmodel.report import write_report

WIDTH, HEIGHT = 1200, 1600


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the shipped deal."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(spvmodel.solve(spvmodel.build(spvmodel.load("abilene"))), path)
    return path


def chromium(page: Path, *options: str) -> str:
    """Open a page in headless Chromium and return what the browser says on stderr."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    profile = page.parent / "profile"
    done = subprocess.run(
        [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
            f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}", *options, page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


def complaints(log: str) -> list[str]:
    """What the page wrote to the console: errors, refused loads, broken style."""
    return [line for line in log.splitlines() if "CONSOLE" in line]


def colours(png: bytes) -> set[bytes]:
    """The colours of an 8-bit PNG, whatever its filters: rows that repeat the one above are told apart too."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (width, height, depth) == (WIDTH, HEIGHT, 8)
    data, at = b"", 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    raw, step = zlib.decompress(data), {2: 3, 6: 4}[kind]
    stride = 1 + width * step
    return {raw[k + 1 + x : k + 1 + x + step] for k in range(0, len(raw), stride) for x in range(0, width * step, step)}


def test_the_report_draws_without_a_complaint(report: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    log = chromium(report, f"--screenshot={picture}")
    assert complaints(log) == []
    png = picture.read_bytes()
    assert len(png) > 60_000
    assert len(colours(png)) > 100


def test_a_complaint_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<!DOCTYPE html><meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"><script>x</script>"
    )
    assert complaints(chromium(page, f"--screenshot={tmp_path / 'page.png'}")) != []


def test_the_report_prints(report: Path, tmp_path: Path) -> None:
    paper = tmp_path / "page.pdf"
    chromium(report, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    content = paper.read_bytes()
    assert content.startswith(b"%PDF-")
    pages = content.count(b"/Type /Page\n") + content.count(b"/Type /Page ")
    assert 10 <= pages <= 45
    # A4 across, in points.
    assert b"/MediaBox [0 0 841" in content or b"/MediaBox [0 0 842" in content
