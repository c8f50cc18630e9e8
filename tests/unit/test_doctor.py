# SPDX-License-Identifier: Apache-2.0
"""`tinyedge doctor`: what it asks for, what it runs, and that no file of a project decides about that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tinyedge import board as boards
from tinyedge import paths
from tinyedge.bench import needs
from tinyedge.bench.needs import Need
from tinyedge.process import packages

_APT = "apt-get install --no-install-recommends qemu-system-arm"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The only folder of programs: an apt-get that makes an emulator, and a sudo that runs it."""
    tools = tmp_path / "bin"
    tools.mkdir()
    log = tmp_path / "log"
    apt = f'#!/bin/sh\necho "$@" >> {log}\ncase "$*" in *qemu-system-arm) echo > {tools}/qemu-system-arm;'
    _program(tools / "apt-get", f"{apt} /bin/chmod +x {tools}/qemu-system-arm;; esac\n")
    _program(tools / "sudo", '#!/bin/sh\nexec "$@"\n')
    return tools


def _program(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def _doctor(tools: Path, *options: str, answer: str = "", folder: Path | None = None) -> tuple[int, str]:
    """Exit code, and all that was said."""
    command = [sys.executable, "-m", "tinyedge", "doctor", *options]
    ended = subprocess.run(
        command,
        input=answer,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        cwd=folder,
        env={**os.environ, "PATH": str(tools), "PYTHONPATH": str(Path(boards.__file__).parents[2])},
    )
    return ended.returncode, ended.stdout


def test_fix_shows_all_that_it_would_run_then_asks_and_installs(bare: Path) -> None:
    code, text = _doctor(bare, "--board", "mps3-an547", "--fix", answer="y\ny\n")
    assert code == 0 and "nothing that is needed is missing now" in text
    first_question = text.index("run: ")
    assert text.index("apt-get update -q") < text.index("-y -q qemu-system-arm") < first_question
    code, text = _doctor(bare, "--board", "mps3-an547", "--fix")
    assert code == 0 and "run:" not in text


@pytest.mark.parametrize("answer", ["n\nn\n", "\n\n"])
def test_fix_does_nothing_without_a_yes(bare: Path, answer: str) -> None:
    code, text = _doctor(bare, "--board", "mps3-an547", "--fix", answer=answer)
    assert code == 5 and "lacks: emulator qemu-system-arm" in text
    assert "not run:" in text and not (bare.parent / "log").exists()


def test_fix_without_anybody_to_ask_says_what_to_add(bare: Path) -> None:
    code, text = _doctor(bare, "--board", "mps3-an547", "--fix")
    assert code == 2 and "nobody is there to answer" in text and "hint: --fix --yes" in text
    assert not (bare.parent / "log").exists()


def test_yes_does_not_ask_and_a_failure_is_told(bare: Path) -> None:
    code, text = _doctor(bare, "--board", "mps3-an547", "--fix", "--yes")
    assert code == 0 and "[y/N]" not in text
    (bare / "qemu-system-arm").unlink()
    _program(bare / "apt-get", "#!/bin/sh\nexit 2\n")
    code, text = _doctor(bare, "--board", "mps3-an547", "--fix", "--yes")
    assert code == 5 and "failed with exit code 2" in text


def test_nothing_in_a_projects_folder_is_run(bare: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("pip.py", "numpy.py", "tensorflow.py", "esptool.py", "click.py"):
        (project / name).write_text(f"open({str(project / 'PWNED')!r}, 'w')\n")
    board = (paths.boards() / "mps3-an547.toml").read_text(encoding="utf-8")
    (project / "mine.toml").write_text(board.replace("[link]", 'install = "touch PWNED"\n[link]'))
    code, text = _doctor(bare, "--board", "mine.toml", "--fix", "--yes", folder=project)
    assert code == 2 and "emulator.install: Extra inputs are not permitted" in text
    (project / "mine.toml").write_text(board.replace('"qemu-system-arm", "-M"', '"./evil", "-M"'))
    code, text = _doctor(bare, "--board", "mine.toml", "--fix", "--yes", folder=project)
    assert code == 2 and "emulator.command is none that tinyedge knows" in text
    (project / "mine.toml").write_text(board)
    assert _doctor(bare, "--board", "mine.toml", "--fix", "--yes", folder=project)[0] == 0
    assert not (project / "PWNED").exists()


def test_a_pip_of_the_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip.py").write_text("open('PWNED', 'w')\n")
    monkeypatch.chdir(tmp_path)
    (step,) = needs.commands([Need("b", "w", True, "pip install --help")])
    needs.run(step)
    assert not (tmp_path / "PWNED").exists()


def test_packages_of_debian_are_installed_in_one_go_and_pip_is_our_own() -> None:
    lines = [_APT, "pip install 'tinyedge[keras]'", _APT.replace("-arm", "-misc qemu-system-xtensa"), _APT]
    steps = needs.commands(Need("b", line, True, line) for line in lines)
    apt = [step for step in steps if "install" in step and "apt-get" in step]
    assert len(apt) == 1 and apt[0][-3:] == ["qemu-system-arm", "qemu-system-misc", "qemu-system-xtensa"]
    assert steps[2:] == [[sys.executable, "-P", "-m", "pip", "install", "tinyedge[keras]"]]


def test_every_program_of_a_board_is_in_the_table() -> None:
    for name in boards.names():
        board = boards.load(name)
        programs = [facts.command[0] for known, facts in board.core.compilers.items() if known != "zig"]
        programs += [board.emulator.command[0]] if board.emulator else []
        for program in programs:
            assert program == "{elf}" or not packages.install(program).startswith("put "), program


def test_json_names_packages_and_their_versions() -> None:
    command = [sys.executable, "-m", "tinyedge", "doctor", "--board", "mps3-an547", "--json"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60)
    checks = {check["what"]: check["brought_by"] for check in json.loads(ended.stdout)["checks"]}
    zig, gcc = checks["compiler zig"], checks["compiler gcc"]
    assert [(p["source"], p["name"]) for p in zig] == [("pip", "ziglang")] and zig[0]["version"]
    assert [p["name"] for p in gcc] == ["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"]
    for package in (*gcc, *checks["emulator qemu-system-arm"]):
        ask = ["dpkg-query", "-W", "-f=${Version}", package["name"]]
        try:
            said = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        except FileNotFoundError:
            said = ""
        assert package["version"] == (said or None)
