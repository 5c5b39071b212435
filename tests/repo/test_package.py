"""The package as users get it: what wheel and source archive carry, and a run from an installed wheel."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.repo.checkout import ROOT, build, call

# One worker, so that each archive is built once.
pytestmark = pytest.mark.xdist_group("package")


def checkout_files(folder: str) -> set[str]:
    """The files below a folder of the checkout, named from its root."""
    found = (path for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def wheel_files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def sdist_files(sdist: Path) -> set[str]:
    with tarfile.open(sdist) as archive:
        return {member.name.partition("/")[2] for member in archive if member.isfile()}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds our wheel, and reads the libraries of the one we run in."""
    home = tmp_path_factory.mktemp("environment")
    build([sys.executable, "-m", "venv", "--without-pip", home], home)
    places = {"base": str(home), "platbase": str(home)}
    python = Path(sysconfig.get_path("scripts", "venv", places), Path(sys.executable).name)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
    ]
    build([*pip, wheel], home)
    # After the install, so that pip sees nothing else. A path in a .pth file does not start the .pth files
    # found there, so an editable install of this checkout stays out of sight.
    libraries = Path(sysconfig.get_path("purelib", "venv", places), "libraries.pth")
    libraries.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def test_wheel_carries_every_file_of_the_package_once(wheel: Path) -> None:
    expected = checkout_files("spvmodel") | {
        f"spvmodel/{name}" for folder in ("models", "templates") for name in checkout_files(folder)
    }
    shipped = {name for name in wheel_files(wheel) if ".dist-info/" not in name}
    assert shipped == expected
    assert {"spvmodel/models/abilene.yaml", "spvmodel/py.typed"} <= shipped
    assert any(name.startswith("spvmodel/templates/") for name in shipped)


def test_wheel_carries_the_licence(wheel: Path) -> None:
    (name,) = (name for name in wheel_files(wheel) if name.endswith("/LICENSE"))
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(name) == (ROOT / "LICENSE").read_bytes()


def test_source_archive_carries_what_the_wheel_is_built_from(sdist: Path) -> None:
    needed = {"setup.cfg", "pyproject.toml", "README.md", "LICENSE"}
    for folder in ("spvmodel", "models", "templates"):
        needed |= checkout_files(folder)
    assert needed <= sdist_files(sdist)


def test_wheel_from_the_source_archive_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    build([*pip, "--wheel-dir", tmp_path, sdist], tmp_path)
    (second,) = tmp_path.glob("*.whl")
    assert wheel_files(second) == wheel_files(wheel)


def test_installed_wheel_reads_its_own_files(installed: Path, tmp_path: Path) -> None:
    script = (
        "import json, spvmodel; from spvmodel import resources; "
        "places = [spvmodel.__file__, resources.models(), resources.templates()]; "
        "print(json.dumps([str(place) for place in places]))"
    )
    done = call([installed, "-c", script], tmp_path)
    assert done.returncode == 0, done.stderr
    for place in json.loads(done.stdout):
        assert Path(place).is_relative_to(installed.parents[1]), place


@pytest.mark.parametrize("through", ["module", "command"])
def test_installed_wheel_runs_abilene_from_an_empty_folder(installed: Path, tmp_path: Path, through: str) -> None:
    command = [installed, "-m", "spvmodel"] if through == "module" else [installed.with_name("spvmodel")]
    done: subprocess.CompletedProcess[str] = call([*command, "run", "abilene"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {f"out/abilene/abilene.{kind}" for kind in ("xlsx", "html", "json")}
