# SPDX-License-Identifier: Apache-2.0
"""Boards that nobody sells, each a TOML alone: another crystal, another UART, other pins. They boot and
replay.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import zoo
from tinyedge.board import show
from tinyedge.transport import labwired

F411 = (
    ("{ hz = 25_000_000 }", "{ hz = 8_000_000 }"),
    ('"USART1", tx = "PA9", rx = "PA10"', '"USART2", tx = "PD5", rx = "PA3"'),
    ('"-serial", "{serial}"', '"-serial", "null", "-serial", "{serial}"'),  # QEMU's second port
)
C3 = (('tx = "GPIO21", rx = "GPIO20"', 'tx = "GPIO4", rx = "GPIO5"'),)
RP2040 = (
    ('"UART0", tx = "GPIO0", rx = "GPIO1"', '"UART1", tx = "GPIO8", rx = "GPIO9"'),
    ('["labwired", "rp2040"]', '["labwired", "rp2040.yaml", "uart1"]'),
    ("125_000_000", "120_000_000"),
)


def _own(folder: Path, name: str, changes: tuple[tuple[str, str], ...]) -> Path:
    text = show.show(name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "changes", "frames"),
    [("blackpill-f411ce", F411, 20), ("esp32c3", C3, 3), ("rp2040", RP2040, 3)],
    ids=["F411 with 8 MHz on USART2", "C3 on GPIO4 and 5", "RP2040 on UART1 at 120 MHz"],
)
def test_a_board_of_one_s_own_is_bit_exact(
    name: str, changes: tuple[tuple[str, str], ...], frames: int, tmp_path: Path
) -> None:
    file = _own(tmp_path, name, changes)
    report = zoo.replay(zoo.OURS / "tiny_cnn.tflite", str(file), tmp_path / "out", frames)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (frames, 0)
    if name == "esp32c3":
        assert _routed(tmp_path / "out" / "firmware.elf", 4, 5)


def _routed(elf: Path, tx: int, rx: int) -> bool:
    """Whether the firmware has put UART0 (signal 6) on these pins, which the simulator's line does not pass.

    ESP32-C3 Technical Reference Manual, "IO MUX and GPIO Matrix": output select with the enable of bit 9,
    that enable, input select with bit 6; function 1 of both pads, the input with its pull-up.
    """
    simulation = labwired.simulate(["labwired", "esp32c3.yaml"], elf)
    try:
        simulation.read(0.5)
        read = simulation.simulator.read_u32
        selected = (read(0x60004554 + 4 * tx), read(0x60004020) >> tx & 1, read(0x60004154 + 4 * 6))
        pads = (read(0x60009004 + 4 * tx), read(0x60009004 + 4 * rx))
    finally:
        simulation.close()
    return selected == (6 | 1 << 9, 1, rx | 1 << 6) and [pad >> 8 & 0x73 for pad in pads] == [0x10, 0x13]
