# SPDX-License-Identifier: Apache-2.0
"""Takes STM32s that QEMU has no machine for to labwired's models of their registers: clock tree, baud, link,
marker.

Its STM32H735 has the registers of an STM32H743, its STM32L476 those of an STM32L4R5; memory, and a port that
the small package has not, are put right here. Instructions are shown elsewhere (test_boards.py, on cores of
the same kind), since labwired knows no DSP instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tests.conftest import needed
from tests.emulated.test_composed_chips import plainer, system
from tinyedge import board as boards
from tinyedge.line.device import connect
from tinyedge.transport.labwired import Simulation

Read = Callable[[int], int]


@dataclass(frozen=True)
class Silicon:
    """labwired's chip and UART; the CPU's clock by its registers, in Hz; USART_BRR and its clock's divider;
    flash wait states; the output register of the marker's port; what the board's chip has otherwise.
    """

    chip: str
    uart: str
    clock: Callable[[Read], float]
    brr: int
    divider: float
    waits: tuple[int, int]
    marker: str
    output: int
    otherwise: tuple[tuple[str, str], ...] = ()


def _u5(read: Read) -> float:
    """RM0456, "RCC register map": PLL1 of the 16 MHz HSI, which is in use."""
    rcc, configured, divided = 0x46020C00, read(0x46020C28), read(0x46020C34)
    assert read(rcc + 0x1C) & 0xF == 0xF and configured & 3 == 2
    return 16e6 / ((configured >> 8 & 15) + 1) * ((divided & 511) + 1) / ((divided >> 24 & 127) + 1)


def _l4(read: Read) -> float:
    """RM0432, "RCC register map": the PLL of the 8 MHz at OSC_IN, which is in use, as are no bus dividers."""
    rcc, configured = 0x40021000, read(0x4002100C)
    assert read(rcc + 8) & 0x3FFF == 0xF and configured & 3 == 3 and configured >> 24 & 1
    return 8e6 / ((configured >> 4 & 15) + 1) * (configured >> 8 & 127) / (2 * ((configured >> 25 & 3) + 1))


def _h7(read: Read) -> float:
    """RM0433, "RCC register map": PLL1 of the 8 MHz at OSC_IN, which is in use."""
    rcc = 0x58024400
    selected, divided = read(rcc + 0x28), read(rcc + 0x30)
    assert read(rcc + 0x10) & 0x3F == 0x1B and selected & 3 == 2 and read(rcc + 0x18) >> 8 & 15 == 0
    assert (read(rcc + 0x18) & 0x7F, read(rcc + 0x1C)) == (0x48, 0x440)  # HPRE, then each PPRE: halves
    return 8e6 / (selected >> 4 & 63) * ((divided & 511) + 1) / ((divided >> 9 & 127) + 1)


_GPIOG = """peripherals:
  - id: "gpiog"
    type: "gpio"
    base_address: 0x48001800
    size: "1KB"
    config:
      profile: "stm32v2"
    clock: { reg: "ahb2enr", bit: 6 }
"""
_H743 = (
    ('0x24000000\n    size: "320KiB"', '0x20000000\n    size: "128KiB"'),
    ('0x20000000\n  size: "128KiB"', '0x24000000\n  size: "512KiB"'),
)
_L4R5 = ('size: "96KB"', 'size: "640KB"'), ("peripherals:\n", _GPIOG)
SILICON = {
    "nucleo-l4r5zi": Silicon(
        "stm32l476", "lpuart1", _l4, 0x4000800C, 1 / 256, (0x40022000, 5), "PB7", 0x48000414, _L4R5
    ),
    "nucleo-u575zi-q": Silicon("stm32u575", "usart1", _u5, 0x4001380C, 1, (0x40022000, 4), "PC7", 0x42020814),
    "nucleo-h743zi2": Silicon(
        "stm32h735", "usart3", _h7, 0x4000480C, 4, (0x52002000, 2), "PB0", 0x58020414, _H743
    ),
}


@pytest.mark.parametrize("name", SILICON)
def test_clock_baud_link_and_marker(name: str, tmp_path: Path) -> None:
    labwired = needed("labwired", "pip install labwired")
    silicon, facts = SILICON[name], boards.load(name)
    mine = plainer(name, tmp_path)
    text = mine.read_text(encoding="utf-8").replace("[memory]", f'marker = "{silicon.marker}"\n[memory]')
    mine.write_text(text, encoding="utf-8")
    described = system(silicon.chip, False, tmp_path)
    chip = tmp_path / "chip.yaml"
    memory = chip.read_text(encoding="utf-8")
    for old, new in silicon.otherwise:
        assert memory.count(old) == 1
        memory = memory.replace(old, new)
    chip.write_text(memory, encoding="utf-8")
    sim = labwired.Sim(toy.build(str(mine), tmp_path / "out").elf, system=described, uart=silicon.uart)
    with connect(Simulation(sim, name), expect=toy.EXPECT, timeout=30, limit=30) as device:
        assert (device.hello.tick_unit, device.hello.ticks_hz) == ("cycles", facts.clock_hz)
        assert silicon.clock(sim.read_u32) == facts.clock_hz
        assert facts.clock_hz is not None and facts.link.baud is not None
        baud = facts.clock_hz / silicon.divider / sim.read_u32(silicon.brr)
        assert baud == pytest.approx(facts.link.baud, rel=0.02)
        assert sim.read_u32(silicon.waits[0]) & 15 == silicon.waits[1]
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        assert device.run(0, 1) > 64
        assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)
        number = int(silicon.marker[2:])
        mode = sim.read_u32(silicon.output - 0x14)
        assert (sim.read_u32(silicon.output) >> number & 1, mode >> 2 * number & 3) == (0, 1)
        stack = device.memory().stack_high_water
        assert stack is not None and 50 < stack < 1000
