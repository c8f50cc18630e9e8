# SPDX-License-Identifier: Apache-2.0
"""`doctor --fix` runs the command that it names, once allowed, and says when that did not help."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tinyedge import board as boards
from tinyedge import paths
from tinyedge.bench import needs
from tinyedge.bench.needs import Need

_BOARD = (paths.boards() / "mps3-an547.toml").read_text(encoding="utf-8")
_APT = "apt-get install --no-install-recommends qemu-system-arm"
_PROGRAM = "tinyedge-test-emulator"


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board whose emulator is missing until its `install` command has run."""
    tools = tmp_path / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools), prepend=os.pathsep)
    script = tmp_path / "install.py"
    script.write_text(f"import pathlib\nf = pathlib.Path({str(tools)!r}, {_PROGRAM!r})\nf.touch(0o755)\n")
    install = shlex.join([sys.executable, str(script)])
    file = tmp_path / "mine.toml"
    file.write_text(_BOARD.replace('"qemu-system-arm", "-M"', f'"{_PROGRAM}", "-M"').replace(_APT, install))
    return file


def _doctor(board: Path, *options: str, answer: str = "") -> tuple[int, str]:
    """Exit code, and all that was said."""
    command = [sys.executable, "-m", "tinyedge", "doctor", "--board", str(board), *options]
    ended = subprocess.run(
        command, input=answer, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
    )
    return ended.returncode, ended.stdout


def test_fix_asks_and_installs(board: Path) -> None:
    code, text = _doctor(board, "--fix", answer="y\n")
    emulator = boards.load(board).emulator
    assert emulator is not None and emulator.install is not None
    assert code == 0 and f"run: {emulator.install}" in text
    assert "nothing that is needed is missing now" in text
    code, text = _doctor(board, "--fix")
    assert code == 0 and "run:" not in text


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_fix_does_nothing_without_a_yes(board: Path, answer: str) -> None:
    code, text = _doctor(board, "--fix", answer=answer)
    assert code == 5 and f"lacks: emulator {_PROGRAM}" in text
    assert "not run:" in text


def test_yes_does_not_ask(board: Path) -> None:
    code, text = _doctor(board, "--fix", "--yes")
    assert code == 0 and "[y/N]" not in text


def test_an_installation_that_fails_is_told(board: Path) -> None:
    board.write_text(board.read_text().replace("install.py", "nothing.py"))
    code, text = _doctor(board, "--fix", "--yes")
    assert code == 5 and "failed with exit code 2" in text


def test_packages_of_debian_are_installed_in_one_go() -> None:
    lines = [
        _APT,
        "pip install 'tinyedge[keras]'",
        _APT.replace("-arm", "-misc qemu-system-xtensa"),
        _APT,
        None,
    ]
    steps = needs.commands([Need("b", "w", True, line) for line in lines])
    assert [step[step.index("apt-get") :] for step in steps[:2]] == [
        ["apt-get", "update", "-q"],
        [*_APT.split()[:3], "-y", "-q", "qemu-system-arm", "qemu-system-misc", "qemu-system-xtensa"],
    ]
    assert steps[2:] == [[sys.executable, "-m", "pip", "install", "tinyedge[keras]"]]
