"""The scripts that look for LibreOffice and Chromium: nothing to do, installed, or said and failed.

Each runs with a path that holds only what the case allows, so nothing is ever installed.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.repo.checkout import ROOT

SETUP = ROOT / "tests" / "setup-system.sh"
INSTALL = ROOT / ".ci" / "install-debian"


class Machine:
    """A folder of commands, and a log of what the installer was asked to do."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "log"
        for tool in ("sh", "dirname", "readlink", "env", "touch"):
            found = shutil.which(tool)
            assert found, f"{tool} is part of every POSIX system"
            (self.bin / tool).symlink_to(found)

    def add(self, name: str, script: str = "exit 0") -> None:
        """Give the machine a command."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def add_calc(self) -> None:
        self.add("soffice")
        (self.bin / "libsclo.so").touch()

    def add_apt(self, user: int, *, then: str = ":") -> None:
        """Give the machine a package manager that logs its calls; ``then`` is what an installation does."""
        self.add("id", f"echo {user}")
        self.add("apt-get", f'echo "$*" >>"{self.log}"\ncase "$*" in *install*) {then} ;; esac')

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in command],
            env={"PATH": str(self.bin)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self) -> str:
        """What the package manager was asked to install, '' when it was not called."""
        return self.log.read_text(encoding="utf-8").splitlines()[-1] if self.log.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_is_installed_where_all_is_there(machine: Machine) -> None:
    machine.add_calc()
    machine.add("chromium")
    machine.add_apt(user=0)
    done = machine.run(SETUP)
    assert (done.returncode, machine.installed()) == (0, "")


def test_root_installs_what_is_missing(machine: Machine) -> None:
    machine.add("soffice")
    machine.add("chromium")
    machine.add_apt(user=0, then=f'touch "{machine.bin}/libsclo.so"')
    done = machine.run(SETUP)
    assert done.returncode == 0, done.stderr
    assert machine.installed() == "-qq install -y --no-install-recommends libreoffice-calc"


def test_an_installation_that_brings_nothing_fails(machine: Machine) -> None:
    machine.add_apt(user=0)
    done = machine.run(SETUP)
    assert done.returncode == 1
    assert "still not found" in done.stderr


def test_sudo_installs_for_a_user(machine: Machine) -> None:
    machine.add_apt(user=1000)
    machine.add("sudo", 'if [ "$1" = -n ]; then shift; [ "$1" = true ] && exit 0; fi\nexec "$@"')
    done = machine.run(INSTALL, "one", "two")
    assert done.returncode == 0, done.stderr
    assert machine.installed().endswith("--no-install-recommends one two")


@pytest.mark.parametrize("sudo", [None, "exit 1"], ids=["no sudo", "sudo refuses"])
def test_a_user_without_rights_is_told_what_to_install(machine: Machine, sudo: str | None) -> None:
    machine.add_apt(user=1000)
    if sudo:
        machine.add("sudo", sudo)
    done = machine.run(SETUP)
    assert done.returncode == 1
    assert "apt-get install --no-install-recommends libreoffice-calc chromium" in done.stderr
    assert machine.installed() == ""


def test_another_system_is_told_what_to_install(machine: Machine) -> None:
    done = machine.run(INSTALL, "libreoffice-calc")
    assert done.returncode == 1
    assert "needs the Debian packages: libreoffice-calc" in done.stderr


def test_a_failing_package_manager_is_a_failure(machine: Machine) -> None:
    machine.add("id", "echo 0")
    machine.add("apt-get", "exit 100")
    done = machine.run(INSTALL, "chromium")
    assert done.returncode == 1
    assert "chromium" in done.stderr
