# SPDX-License-Identifier: Apache-2.0
"""Takes Cortex-M4 ports to labwired, which models clocks and UARTs, shows clock tree, baud, link and faults.

QEMU's STM32F405 has no clock controller, and there is no QEMU for the nRF52840. Models do not run on
labwired: its Cortex-M4 lacks SSAT, which kernels and compilers use.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import runtime_toy as toy
from tests.conftest import lacking
from tinyedge import paths
from tinyedge.board import Board
from tinyedge.board import load as load_board
from tinyedge.device import connect
from tinyedge.link import Faulted
from tinyedge.transport.labwired import Emulator

RCC, FLASH_ACR, USART2_BRR = 0x40023800, 0x40023C00, 0x40004408
HSI_HZ = 16_000_000
# The only STM32F4 of labwired whose flash controller is an F4's; and its nRF52840, which has no SysTick.
F405 = 'name: "f405"\nchip: "stm32f405"\n'
NRF = """
name: "nrf52840-dk"
chip: "nrf52840"
peripherals: [{ id: systick, type: systick, base_address: 0xE000E010 }]
"""


def _simulate(name: str, system: str, uart: str | None, folder: Path, **facts: object) -> tuple[Board, Any]:
    """The board, with other `facts` in its TOML, and its firmware at the start."""
    try:
        import labwired
    except ImportError:
        lacking("labwired is missing: pip install labwired")
    text = (paths.boards() / f"{name}.toml").read_text(encoding="utf-8")
    for key, value in facts.items():
        text, count = re.subn(rf"^{key} = .*", f"{key} = {value}", text, flags=re.MULTILINE)
        assert count == 1
    file, chip = folder / "board.toml", folder / "system.yaml"
    file.write_text(text, encoding="utf-8")
    chip.write_text(system, encoding="utf-8")
    return load_board(file), labwired.Sim(toy.build(str(file), folder / "out").elf, system=chip, uart=uart)


def _stm32f4_hz(sim: Any) -> tuple[int, int]:
    """The frequency of CPU and of APB1 that the registers stand for (RM0090, "RCC register map")."""
    configured, pll = sim.read_u32(RCC + 8), sim.read_u32(RCC + 4)
    assert configured & 3 == configured >> 2 & 3  # the switch has been made
    if configured & 3 == 0:
        return HSI_HZ, HSI_HZ
    assert configured & 3 == 2 and sim.read_u32(RCC) >> 25 & 1  # PLL, locked
    source = 8_000_000 if pll >> 22 & 1 else HSI_HZ
    made = source // (pll & 63) * (pll >> 6 & 511) // (2 * (pll >> 16 & 3) + 2)
    return made, made >> (configured >> 10 & 7) - 3


def test_the_pll_runs_the_cpu_and_the_usart_has_its_baud(tmp_path: Path) -> None:
    # An F405 has no over-drive, so no 180 MHz.
    facts, sim = _simulate("nucleo-f446re", F405, "uart2", tmp_path, clock_hz=168_000_000)
    with connect(Emulator(sim, "an F405"), expect=toy.EXPECT) as device:
        assert _stm32f4_hz(sim) == (facts.clock_hz, 42_000_000)
        assert device.hello.ticks_hz == facts.clock_hz
        waits = sim.read_u32(FLASH_ACR)
        assert waits & 15 == 5 and waits >> 8 & 7 == 7  # 150 < f <= 180 MHz; prefetch and both caches
        assert facts.link.baud is not None
        assert 42_000_000 / sim.read_u32(USART2_BRR) == pytest.approx(facts.link.baud, rel=0.02)


def test_without_overdrive_it_stays_on_the_internal_oscillator_and_says_so(tmp_path: Path) -> None:
    facts, sim = _simulate("nucleo-f446re", F405, "uart2", tmp_path)
    with connect(Emulator(sim, "an F405"), expect=toy.EXPECT) as device:
        assert facts.clock_hz == 180_000_000 and facts.link.baud is not None
        assert _stm32f4_hz(sim) == (HSI_HZ, HSI_HZ)
        assert device.hello.ticks_hz == HSI_HZ
        assert sim.read_u32(USART2_BRR) == round(HSI_HZ / facts.link.baud)


PORTS = {
    "nucleo-f446re": (F405, "uart2", {"clock_hz": 168_000_000}),
    "nrf52840-dk": (NRF, None, {}),
}


@pytest.mark.parametrize("name", PORTS)
def test_link_faults_and_stack(name: str, tmp_path: Path) -> None:
    system, uart, changed = PORTS[name]
    facts, sim = _simulate(name, system, uart, tmp_path, **changed)
    with connect(Emulator(sim, name), expect=toy.EXPECT) as device:
        assert (device.hello.ticks_hz, device.hello.tick_unit) == (facts.clock_hz, "cycles")
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        # 64 rounds of five to eleven instructions, of one cycle each here
        assert 300 < device.run(0, 1) < 1500
        assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)
        device.self_test()
        memory = device.memory()
        assert memory.stack_high_water is not None and 50 < memory.stack_high_water < 1000
        device.write(toy.MISBEHAVE, bytes([toy.TRAP]))
        with pytest.raises(Faulted, match="in layer 1:"):
            device.run()
        assert device.read(0, 4) == bytes(4)  # restarted, arena cleared
