# SPDX-License-Identifier: Apache-2.0
"""A board of one's own, as a project that came from somebody else may hold it: facts, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyedge import board as boards
from tinyedge import emit, paths
from tinyedge.board import port
from tinyedge.errors import UsageError

_M55 = (paths.boards() / "mps3-an547.toml").read_text(encoding="utf-8")
_HOST = (paths.boards() / "host.toml").read_text(encoding="utf-8")
_CORE = (paths.boards() / "cores" / "cortex-m55.toml").read_text(encoding="utf-8")
_PORT = 'port = "cortex_m/cmsdk/mps3_an547"'


def _load(folder: Path, text: str, name: str = "mine.toml") -> boards.Board:
    (folder / name).write_text(text)
    return boards.load(folder / name)


@pytest.mark.parametrize("name", boards.names())
def test_a_copy_of_any_board_of_ours_is_taken(tmp_path: Path, name: str) -> None:
    copy = _load(tmp_path, (paths.boards() / f"{name}.toml").read_text(encoding="utf-8"))
    assert port.files(copy) == port.files(boards.load(name))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"qemu-system-arm"', '"./qemu-system-arm"'),
        ('"qemu-system-arm"', '"sh", "-c", "touch PWNED"'),
        ('"-M", "mps3-an547"', '"-M", "mps3-an547,dumpdtb=PWNED"'),
        ('"-M", "mps3-an547"', '"-M", "mps3-an547", "-plugin", "./evil.so"'),
        ('"-M", "mps3-an547"', '"-M", "mps3-an547", "-semihosting"'),
        ('"-M", "mps3-an547"', '"-M"'),
        ('"-monitor", "none"', '"-monitor", "exec:touch PWNED"'),
        ('"-display", "none"', '"-display", "none", "-D", "PWNED"'),
        ('transport = "qemu"', 'transport = "exec"'),
        ('transport = "qemu"', 'transport = "no_such"'),
    ],
)
def test_an_emulator_is_called_as_we_call_it(tmp_path: Path, old: str, new: str) -> None:
    assert old in _M55
    with pytest.raises(UsageError, match=r"mine\.toml: emulator\.command is none"):
        _load(tmp_path, _M55.replace(old, new))


def test_another_machine_of_the_same_emulator_is_a_fact(tmp_path: Path) -> None:
    board = _load(tmp_path, _M55.replace('"-M", "mps3-an547"', '"-M", "mps3-an524"'))
    assert board.emulator is not None and "mps3-an524" in board.emulator.command


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["arm-none-eabi-gcc"]', '["./gcc"]'),
        ('["arm-none-eabi-gcc"]', '["sh", "-c", "touch PWNED"]'),
        ('["{zig}", "clang"]', '["{zig}", "run", "evil.zig"]'),
        ("flags = [", 'flags = ["-fplugin=./evil.so", '),
        ("flags = [", 'flags = ["-B.", '),
        ("flags = [", 'flags = ["-specs=evil.specs", '),
        ("flags = [", 'flags = ["-mllvm=-load=evil", '),
        ("flags = [", 'flags = ["-mllvm", "-load=evil.so", '),
        ("flags = [", 'flags = ["@evil", '),
        ("link = [", 'link = ["-Wl,-plugin,evil.so", '),
        ('["{zig}", "ld.lld"]', '["./ld"]'),
        ("link = [", 'places = ["."]\nlink = ['),
        ("link = [", 'install = "touch PWNED"\nlink = ['),
    ],
)
def test_a_compiler_is_called_as_we_call_it(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "cores").mkdir()
    changed = _CORE.replace(old, new)
    assert changed != _CORE
    (tmp_path / "cores" / "cortex-m55.toml").write_text(changed)
    with pytest.raises(UsageError, match=r"compilers\.\w+(\.install: Extra| is none that tinyedge knows)"):
        _load(tmp_path, _M55)


def test_machine_flags_of_a_core_are_facts(tmp_path: Path) -> None:
    (tmp_path / "cores").mkdir()
    text = _CORE.replace("-mcpu=cortex-m55", "-mcpu=cortex-m85")
    (tmp_path / "cores" / "m85.toml").write_text(text)
    board = _load(tmp_path, _M55.replace('core = "cortex-m55"', 'core = "m85"'))
    assert any("cortex-m85" in flag for flag in board.core.compilers["gcc"].flags)


@pytest.mark.parametrize(
    "line",
    [
        'port = "../evil"',
        'port = "/etc"',
        'port = "a/../../evil"',
        'port = ""',
        'port = "-fplugin=x"',
        'port = "a b"',
        'port = "a\\nb"',
        f'{_PORT}\ndrivers = ["../.."]',
        f'{_PORT}\ndrivers = ["/"]',
        f'{_PORT}\nname = "../../evil"',
        f'{_PORT}\nfolder = "/"',
        f'{_PORT}\naliases = ["../x"]',
    ],
)
def test_folders_and_names_stay_below(tmp_path: Path, line: str) -> None:
    (tmp_path.parent / "evil").mkdir(exist_ok=True)
    with pytest.raises(UsageError, match=r"mine\.toml: (port|drivers|name|folder|aliases)"):
        _load(tmp_path, _M55.replace(_PORT, line))


@pytest.mark.parametrize("core", ["../cores/x", "/x", "", "a\\nb"])
def test_a_cores_name_is_no_path(tmp_path: Path, core: str) -> None:
    (tmp_path / "x.toml").write_text(_CORE)
    with pytest.raises(UsageError, match="there is no core"):
        _load(tmp_path, _M55.replace('core = "cortex-m55"', f'core = "{core}"'))


@pytest.mark.parametrize("name", ["...toml", "a b.toml", "-x.toml", "a\nb.toml", "$(x).toml"])
def test_a_boards_name_becomes_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="name that is not plain"):
        _load(tmp_path, _M55, name)


def test_a_port_may_be_a_folder_beside_the_board(tmp_path: Path) -> None:
    own = tmp_path / "chips" / "mine"
    own.mkdir(parents=True)
    (own / "reset.c").write_text("int mine;\n")
    (own / "notes.txt").write_text("not C\n")
    board = _load(tmp_path, _M55.replace(_PORT, 'port = "chips/mine"\ndrivers = ["cortex_m"]'))
    files = emit.emit_board(board)
    assert files["ports/chips/mine/reset.c"] == b"int mine;\n"
    assert "ports/cortex_m/fault.c" in files and not any("notes" in path for path in files)
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    with pytest.raises(UsageError, match="there is no folder chips/mine"):
        emit.emit_board(_load(elsewhere, _M55.replace(_PORT, 'port = "chips/mine"')))


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_no_symlink_leads_out(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "home"
    secret.mkdir()
    (secret / "secret.c").write_text("secret\n")
    project = tmp_path / "project"
    project.mkdir()
    if kind == "file":
        (project / "own").mkdir()
        (project / "own" / "x.c").symlink_to(secret / "secret.c")
    else:
        (project / "own").symlink_to(secret, target_is_directory=True)
    with pytest.raises(UsageError, match="is no file below"):
        emit.emit_board(_load(project, _M55.replace(_PORT, 'port = "own"')))


def test_code_from_beside_the_board_is_not_run_here(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "hal.c").write_text("int main(void) { return 0; }\n")
    with pytest.raises(UsageError, match="own beside it would run as a program of this machine"):
        _load(tmp_path, _HOST.replace('port = "host"', 'port = "own"'))
    with pytest.raises(UsageError, match="own beside it would run"):
        _load(tmp_path, _HOST.replace('port = "host"', 'port = "host"\ndrivers = ["own"]'))
