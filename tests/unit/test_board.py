# SPDX-License-Identifier: Apache-2.0
"""Boards load, and a board file that is wrong is refused with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyedge import board, emit, paths
from tinyedge.errors import UsageError

_GOOD = (paths.boards() / "mps3-an547.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", board.names())
def test_every_board_loads_and_its_port_is_there(name: str) -> None:
    found = board.load(name)
    assert found.name == name
    assert (paths.firmware() / "ports" / found.port).is_dir()
    assert found.core.compilers


def test_an547_as_qemu_has_it() -> None:
    found = board.load("mps3-an547")
    assert found.memory is not None
    assert (found.memory.flash.origin, found.memory.flash.length) == (0, 512 * 1024)
    assert (found.memory.ram.origin, found.memory.ram.length) == (0x20000000, 512 * 1024)
    assert found.ticks.per_tick * found.ticks.hz == 1e9  # one instruction is 1 ns
    assert found.isa == ("helium",)


def test_a_tick_of_the_board_is_another_on_its_emulator() -> None:
    found = board.load("netduinoplus2")
    silicon, emulated = found.clock(emulated=False), found.clock(emulated=True)
    assert (silicon.unit, silicon.hz, silicon.per_tick) == ("cycles", found.clock_hz, 1.0)
    assert (emulated.unit, emulated.hz) == ("instructions", silicon.hz)
    assert emulated.per_tick * emulated.hz == pytest.approx(1e9, rel=1e-12)  # one instruction is 1 ns
    same = board.load("mps3-an547")
    assert same.clock(emulated=False) == same.clock(emulated=True) == same.ticks


def test_an_unknown_board_gets_the_close_ones() -> None:
    with pytest.raises(UsageError, match="'mps3-an574'") as error:
        board.load("mps3-an574")
    assert "mps3-an547" in error.value.hint


def test_an_alias_finds_its_board() -> None:
    assert board.load("pico") == board.load("rp2040")
    assert board.load("pico2").name == "rp2350-arm"
    aliases = [alias for name in board.names() for alias in board.load(name).aliases]
    assert len(set(aliases)) == len(aliases) and not set(aliases) & set(board.names())


def test_a_board_of_the_user_uses_our_core(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(_GOOD)
    assert board.load(file) == board.load("mps3-an547").model_copy(
        update={"name": "mine", "folder": tmp_path}
    )


def test_a_core_beside_the_board_comes_first(tmp_path: Path) -> None:
    (tmp_path / "cores").mkdir()
    core = (paths.boards() / "cores" / "cortex-m55.toml").read_text(encoding="utf-8")
    (tmp_path / "cores" / "cortex-m55.toml").write_text(core.replace('["helium"]', "[]"))
    file = tmp_path / "mine.toml"
    file.write_text(_GOOD)
    assert board.load(str(file)).isa == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('port = "cortex_m/cmsdk/mps3_an547"', "", "port: Field required"),
        ('port = "cortex_m/cmsdk/mps3_an547"', 'port = "x"\ncolour = "red"', "colour: Extra inputs"),
        ("clock_hz = 32_000_000", 'clock_hz = "fast"', "clock_hz: Input should be a valid integer"),
        ("clock_hz = 32_000_000", "clock_hz = 0", "clock_hz: Input should be greater than 0"),
        ('verified = "emulated"', 'verified = "yes"', "verified: Input should be 'emulated'"),
        ("stack = 4096", "stack = 0x80000", "memory: .*leaves nothing"),
        ("stack = 4096", "stack = 4095", "memory.stack: .*multiple of 8"),
        ('core = "cortex-m55"', 'core = "cortex-m99"', "core: there is no core 'cortex-m99'"),
        ('core = "cortex-m55"', "core = 7", "core: "),
        ("[memory]", "[memory", "is not valid TOML"),
    ],
)
def test_a_wrong_board_file_is_refused_with_file_and_key(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    assert old in _GOOD
    file = tmp_path / "bad.toml"
    file.write_text(_GOOD.replace(old, new, 1))
    with pytest.raises(UsageError, match=rf"bad\.toml.*{complaint}"):
        board.load(file)


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bytes.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        board.load(file)
    with pytest.raises(UsageError, match="no board file"):
        board.load(tmp_path / "none.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UsageError, match="no board file"):
        board.load(tmp_path / "folder.toml")


@pytest.mark.parametrize("wrong", [{"port": "cortex_m/nope"}, {"drivers": ("nope",)}])
def test_a_folder_that_is_not_there_is_named(wrong: dict[str, object]) -> None:
    facts = board.load("rp2040").model_copy(update=wrong)
    with pytest.raises(UsageError, match=r"rp2040: there is no folder .*nope"):
        emit.emit_board(facts)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("stm32f411", "blackpill-f411ce"),
        ("microbit", "microbit-v2"),
        ("nrf52833", "microbit-v2"),
        ("esp32s", "esp32s3"),
    ],
)
def test_an_unknown_board_is_answered_by_its_chip_or_a_part_of_its_name(asked: str, meant: str) -> None:
    with pytest.raises(UsageError) as refused:
        board.load(asked)
    assert meant in refused.value.hint and "stm32n6" not in refused.value.hint
