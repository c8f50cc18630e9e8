# SPDX-License-Identifier: Apache-2.0
"""Takes Cortex-M4 ports to labwired, which models clocks and UARTs, shows clock tree, baud, link and faults.

QEMU's STM32F405 has no clock controller, and there is no QEMU for the nRF52840. Models do not run on
labwired: its Cortex-M4 lacks SSAT, which kernels and compilers use.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tests.conftest import lacking
from tinyedge import paths
from tinyedge.board import Board
from tinyedge.board import load as load_board
from tinyedge.errors import DeviceError
from tinyedge.line.device import connect
from tinyedge.line.link import Faulted
from tinyedge.transport import labwired

RCC, FLASH_ACR = 0x40023800, 0x40023C00
HSI_HZ = 16_000_000
# The only STM32F4s of labwired whose flash controller is an F4's; and its nRF52840, which has no SysTick.
F405 = 'name: "f405"\nchip: "stm32f405"\n'
F411 = 'name: "f411"\nchip: "stm32f411ceu6"\n'
OWN_F411: dict[str, object] = {
    "clock_hz": 84_000_000,
    "hz": 84_000_000,
    "crystal": "{ hz = 8_000_000 }",
    "uart": '{ name = "USART2", tx = "PA2", rx = "PA3" }',
}
NRF = """
name: "nrf52840-dk"
chip: "nrf52840"
peripherals: [{ id: systick, type: systick, base_address: 0xE000E010 }]
"""


def _simulate(
    name: str, system: str, line: str | None, folder: Path, marker: Marker | None = None, /, **facts: object
) -> tuple[Board, labwired.Simulation]:
    """The board, with other `facts` in its TOML, and its firmware at the start."""
    if importlib.util.find_spec("labwired") is None:
        lacking("labwired is missing: pip install labwired")
    text = (paths.boards() / f"{name}.toml").read_text(encoding="utf-8")
    for key, value in facts.items():
        text, count = re.subn(rf"^{key} = .*", f"{key} = {value}", text, flags=re.MULTILINE)
        assert count == 1
    if marker is not None:
        text = text.replace("[memory]", f'marker = "{marker.pin}"\n[memory]')
    file, chip = folder / "board.toml", folder / "system.yaml"
    file.write_text(text, encoding="utf-8")
    chip.write_text(system, encoding="utf-8")
    command = ["labwired", str(chip), *([line] if line else [])]
    return load_board(file), labwired.simulate(command, toy.build(str(file), folder / "out").elf)


def _register(line: labwired.Simulation, address: int) -> int:
    value: int = line.simulator.read_u32(address)
    return value


@dataclass(frozen=True)
class Clocks:
    """Frequencies of a clock tree, in Hz."""

    cpu: int
    apb1: int
    apb2: int


def _stm32f4_clocks(line: labwired.Simulation, crystal: int) -> Clocks:
    """What the registers stand for (RM0090, "RCC register map")."""
    configured, pll = _register(line, RCC + 8), _register(line, RCC + 4)
    assert configured & 3 == configured >> 2 & 3  # the switch has been made
    if configured & 3 == 0:
        return Clocks(HSI_HZ, HSI_HZ, HSI_HZ)
    assert configured & 3 == 2 and _register(line, RCC) >> 25 & 1  # PLL, locked
    source = crystal if pll >> 22 & 1 else HSI_HZ
    cpu = source // (pll & 63) * (pll >> 6 & 511) // (2 * (pll >> 16 & 3) + 2)
    apb1, apb2 = (cpu >> max(0, (configured >> at & 7) - 3) for at in (10, 13))
    return Clocks(cpu, apb1, apb2)


@pytest.mark.parametrize(
    ("name", "system", "uart", "changed", "crystal", "clocks", "waits", "brr"),
    [
        # An F405 has no over-drive, so no 180 MHz. Five wait states: above 150 MHz; prefetch and both caches.
        (
            "nucleo-f446re", F405, "uart2", {"clock_hz": 168_000_000, "hz": 168_000_000}, 8_000_000,
            Clocks(168_000_000, 42_000_000, 84_000_000), 0x705, 0x40004408,
        ),
        (
            "blackpill-f411ce", F411, "usart1", {}, 25_000_000,
            Clocks(100_000_000, 50_000_000, 100_000_000), 0x703, 0x40011008,
        ),
        # A board that nobody sells: another crystal, clock and USART.
        (
            "blackpill-f411ce", F411, "usart2", OWN_F411, 8_000_000,
            Clocks(84_000_000, 42_000_000, 84_000_000), 0x702, 0x40004408,
        ),
    ],
)  # fmt: skip
def test_the_pll_runs_the_cpu_and_the_usart_has_its_baud(
    name: str,
    system: str,
    uart: str,
    changed: dict[str, object],
    crystal: int,
    clocks: Clocks,
    waits: int,
    brr: int,
    tmp_path: Path,
) -> None:
    facts, line = _simulate(name, system, uart, tmp_path, **changed)
    with connect(line, expect=toy.EXPECT) as device:
        assert _stm32f4_clocks(line, crystal) == clocks
        assert device.hello.ticks_hz == facts.clock_hz == clocks.cpu
        assert _register(line, FLASH_ACR) == waits
        assert facts.link.baud is not None
        bus = clocks.apb2 if brr >= 0x40010000 else clocks.apb1
        assert bus / _register(line, brr) == pytest.approx(facts.link.baud, rel=0.02)


def test_without_overdrive_it_stays_on_the_internal_oscillator_and_says_so(tmp_path: Path) -> None:
    facts, line = _simulate("nucleo-f446re", F405, "uart2", tmp_path)
    with connect(line, expect=toy.EXPECT) as device:
        assert facts.clock_hz == 180_000_000 and facts.link.baud is not None
        assert _stm32f4_clocks(line, 8_000_000) == Clocks(HSI_HZ, HSI_HZ, HSI_HZ)
        assert device.hello.ticks_hz == HSI_HZ
        assert _register(line, 0x40004408) == round(HSI_HZ / facts.link.baud)


PORTS: dict[str, tuple[str, str | None, dict[str, object]]] = {
    "nucleo-f446re": (F405, "uart2", {"clock_hz": 168_000_000, "hz": 168_000_000}),
    "blackpill-f411ce": (F411, "usart1", {}),
    "nrf52840-dk": (NRF, None, {}),
    "microbit-v2": (NRF.replace("nrf52840-dk", "microbit-v2").replace("nrf52840", "nrf52833"), None, {}),
}


@dataclass(frozen=True)
class Marker:
    """A pin, its number, and the addresses of what is put out on its port and of how it is configured."""

    pin: str
    number: int
    output: int
    mode: int


# ODR and MODER (RM0090, "GPIO registers"); OUT and PIN_CNF (nRF52840 Product Specification, "GPIO").
ON_STM32 = Marker("PB4", 4, 0x40020414, 0x40020400)
ON_NRF = Marker("P0.04", 4, 0x50000504, 0x50000710)


@pytest.mark.parametrize("name", PORTS)
def test_link_faults_stack_and_marker(name: str, tmp_path: Path) -> None:
    system, uart, changed = PORTS[name]
    marker = ON_STM32 if "stm32" in system else ON_NRF
    facts, line = _simulate(name, system, uart, tmp_path, marker, **changed)

    def marked() -> int:
        return _register(line, marker.output) >> marker.number & 1

    with connect(line, expect=toy.EXPECT) as device:
        assert (device.hello.ticks_hz, device.hello.tick_unit) == (facts.clock_hz, "cycles")
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        assert marked() == 0
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
        # An output, low behind a run, and high as long as one lasts.
        mode = _register(line, marker.mode)
        assert mode >> 8 & 3 == 1 if marker is ON_STM32 else mode & 3 == 3
        device.run()
        assert marked() == 0
        device.write(toy.MISBEHAVE, bytes([toy.FOR_EVER]))
        with pytest.raises(DeviceError):
            device.run(limit=0.2)
        assert marked() == 1
