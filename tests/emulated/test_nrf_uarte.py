# SPDX-License-Identifier: Apache-2.0
"""Takes Nordic's chips with UARTEs alone to labwired: start-up, GPIO, link, faults and marker.

labwired's UARTEs send, and receive nothing. So the UARTE's registers are plain memory there, and what a UARTE
does with them is done here, as the product specification has it: START takes a buffer, END tells that it is
full or sent. Instructions are shown elsewhere (test_boards.py, on cores of the same kind), since labwired
knows no DSP instructions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import runtime_toy as toy
from tests.conftest import needed
from tests.emulated.test_composed_chips import plainer, system
from tinyedge import board as boards
from tinyedge.line.device import connect
from tinyedge.line.link import Faulted
from tinyedge.transport.labwired import Simulation

_STEP = 2e-5  # s, two bytes at 1 Mbit/s
_SYSTICK = "peripherals:\n  - { id: systick, type: systick, base_address: 0xE000E010 }\n"


@dataclass(frozen=True)
class Registers:
    """Where a UARTE has them (nRF5340 and nRF54L15 Product Specifications, "UARTE", "Registers")."""

    base: int
    rx_start: int
    rx_end: int
    rx_ptr: int
    tx_start: int
    tx_end: int
    tx_ptr: int
    psel_tx: int
    psel_rx: int


@dataclass(frozen=True)
class Silicon:
    """labwired's chip and UART; PSEL of TX and RX; TX's PIN_CNF; the marker, its OUT register and PIN_CNF."""

    chip: str
    uart: str
    uarte: Registers
    pins: tuple[int, int]
    tx_mode: int
    marker: str
    out: int
    mode: int


SILICON = {
    "nrf5340-dk": Silicon(
        "nrf5340",
        "uart0",
        Registers(0x50008000, 0x000, 0x110, 0x534, 0x008, 0x120, 0x544, 0x50C, 0x514),
        (20, 22),
        0x50842750,
        "P1.06",
        0x50842804,
        0x50842A18,
    ),
    "nrf54l15-dk": Silicon(
        "nrf54l15",
        "uart20",
        Registers(0x500C6000, 0x028, 0x14C, 0x704, 0x050, 0x168, 0x73C, 0x604, 0x60C),
        (36, 37),
        0x500D8290,
        "P2.07",
        0x50050400,
        0x5005049C,
    ),
}


class Line(Simulation):
    """A UARTE that receives a byte for each START of its receiver, and sends for each of its transmitter."""

    def __init__(self, simulator: Any, registers: Registers) -> None:
        super().__init__(simulator, "labwired")
        self._at = registers
        self._waiting = bytearray()
        self._listens = False

    def write(self, data: bytes) -> None:
        self._waiting += data

    def register(self, offset: int) -> int:
        return int(self.simulator.read_u32(self._at.base + offset))

    def _run(self) -> bytes:
        self.simulator.run_for(_STEP)
        assert self.register(0x500) in (0, 8)  # ENABLE
        sent = b""
        if self._started(self._at.tx_start):
            pointer, count = self.register(self._at.tx_ptr), self.register(self._at.tx_ptr + 4)
            assert pointer >= 0x20000000  # the DMA reaches RAM alone
            sent = self.simulator.read_memory(pointer, count)
            self._tell(self._at.tx_end)
        self._listens |= self._started(self._at.rx_start)
        if self._listens and self._waiting:
            self._listens = False
            assert self.register(self._at.rx_ptr + 4) == 1  # else no END before the buffer is full
            pointer = self.register(self._at.rx_ptr)
            word, shift = pointer & ~3, 8 * (pointer & 3)
            kept = self.simulator.read_u32(word) & ~(0xFF << shift)
            self.simulator.write_u32(word, kept | self._waiting.pop(0) << shift)
            self._tell(self._at.rx_end)
        return sent

    def _started(self, task: int) -> bool:
        if self.register(task) == 0:
            return False
        self.simulator.write_u32(self._at.base + task, 0)
        return True

    def _tell(self, event: int) -> None:
        self.simulator.write_u32(self._at.base + event, 1)


@pytest.mark.parametrize("name", SILICON)
def test_start_link_faults_and_marker(name: str, tmp_path: Path) -> None:
    labwired = needed("labwired", "pip install labwired")
    silicon, facts = SILICON[name], boards.load(name)
    mine = plainer(name, tmp_path)
    text = mine.read_text(encoding="utf-8").replace("[memory]", f'marker = "{silicon.marker}"\n[memory]')
    mine.write_text(text, encoding="utf-8")
    built = toy.build(str(mine), tmp_path / "out")
    described = system(silicon.chip, False, tmp_path)
    chip = described.parent / "chip.yaml"
    text = re.sub(rf'  - id: "{silicon.uart}"\n(    .*\n)+', "", chip.read_text(encoding="utf-8"))
    if "systick" not in text:
        text = text.replace("peripherals:\n", _SYSTICK)
    region = f"memory_regions:\n  - {{ name: uarte, base: {silicon.uarte.base:#x}, size: 4KB }}\n"
    chip.write_text(region + text, encoding="utf-8")
    line = Line(labwired.Sim(built.elf, system=described), silicon.uarte)
    with connect(line, expect=toy.EXPECT, timeout=30, limit=30) as device:
        assert (device.hello.tick_unit, device.hello.ticks_hz) == ("cycles", facts.clock_hz)
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        assert device.run(0, 1) > 64
        assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)
        pins = line.register(silicon.uarte.psel_tx), line.register(silicon.uarte.psel_rx)
        assert (pins, line.register(0x524)) == (silicon.pins, 0x10000000)  # BAUDRATE of 1 Mbit/s
        number, read = int(silicon.marker[-2:]), line.simulator.read_u32
        assert read(silicon.tx_mode) & 3 == 3
        assert (read(silicon.out) >> number & 1, read(silicon.mode) & 3) == (0, 3)
        stack = device.memory().stack_high_water
        assert stack is not None and 50 < stack < 1000
        device.write(toy.MISBEHAVE, bytes([toy.TRAP]))
        with pytest.raises(Faulted, match="in layer 1:"):
            device.run()
        assert device.read(0, 4) == bytes(4)  # restarted, arena cleared
