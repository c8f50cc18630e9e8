# SPDX-License-Identifier: Apache-2.0
"""Takes the ESP32-P4's port to a chip composed of labwired's parts: start-up, clock, watchdogs, line.

No emulator has that chip. A RISC-V core, the UART of the ESP32-C6, and plain memory in place of other
registers: what was written to them is read back. Its image is esptool's to judge.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import runtime_toy as toy
from tests.conftest import needed
from tinyedge import board as boards
from tinyedge.line.device import connect
from tinyedge.transport.labwired import Simulation

CHIP = """\
name: "p4"
arch: "riscv"
core: "rv32imc"
registers_count: 31
cpu_hz: 90_000_000
flash: { base: 0x4FF10000, size: "160KB" }
ram: { base: 0x4FF00000, size: "64KB" }
memory_regions:
  - { name: "timers", base: 0x500C2000, size: "8KB" }
  - { name: "usb", base: 0x500D2000, size: "4KB" }
  - { name: "clocks", base: 0x500E6000, size: "4KB" }
  - { name: "low_power", base: 0x50110000, size: "128KB" }
peripherals:
  - { id: "uart0", type: "esp32c6_uart", base_address: 0x500CA000, size: "4KB" }
"""
SYSTEM = 'name: "x"\nchip: "chip.yaml"\nexternal_devices: []\nboard_io: []\n'
# Of ESP-IDF: lp_wdt_reg.h, timer_group_reg.h, lp_clkrst_reg.h, hp_sys_clkrst_reg.h, i2c_ana_mst_reg.h
LP_WDT, SWD, TIMER_WDT = 0x50116000, 0x5011601C, (0x500C2048, 0x500C3048)
ROOT, ROOT_CTRL, CALIBRATION, BUS, UART_CLOCK = 0x50111040, 0x500E6004, 0x500E60BC, 0x50124000, 0x500E6068


def test_start_up_clock_and_line(tmp_path: Path) -> None:
    labwired = needed("labwired", "pip install labwired")
    (tmp_path / "chip.yaml").write_text(CHIP, encoding="utf-8")
    (tmp_path / "system.yaml").write_text(SYSTEM, encoding="utf-8")
    facts, built = boards.load("esp32p4"), toy.build("esp32p4", tmp_path / "out")
    sim = labwired.Sim(built.elf, system=tmp_path / "system.yaml", uart="uart0")
    for register in (LP_WDT, *TIMER_WDT):
        sim.write_u32(register, 0x80000000)  # as the boot ROM leaves a watchdog
    with connect(Simulation(sim, "esp32p4"), expect=toy.EXPECT, timeout=30, limit=30) as device:
        assert (device.hello.tick_unit, device.hello.ticks_hz) == ("cycles", facts.clock_hz)
        data = bytes(range(toy.SIZE))
        device.write(toy.INPUT, data)
        assert device.run(0, 1) > 64
        assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)
        device.self_test()
        read = sim.read_u32
        assert [read(register) >> 31 for register in (LP_WDT, *TIMER_WDT)] == [0, 0, 0]
        assert read(SWD) >> 18 & 1
        dividers = [read(ROOT_CTRL) >> 5, read(ROOT_CTRL + 4) & 0xFF0000FF, read(ROOT_CTRL + 8) >> 16 & 0xFF]
        assert (read(ROOT) & 3, dividers, read(CALIBRATION) >> 3 & 1) == (1, [3, 0, 0], 1)  # CPLL by 4
        assert read(BUS) == 1 << 24 | 0x73 << 16 | 6 << 8 | 0x67  # the last order to the CPLL
        assert read(UART_CLOCK) >> 24 & 7 == 4  # on, from the crystal
        stack = device.memory().stack_high_water
        assert stack is not None and 50 < stack < 1500


def test_esptool_accepts_the_image_for_these_revisions(tmp_path: Path) -> None:
    needed("esptool", "pip install esptool")
    toy.build("esp32p4", tmp_path / "out")
    command = [sys.executable, "-m", "esptool", "--chip", "esp32p4", "image-info"]
    told = subprocess.run(
        [*command, str(tmp_path / "out" / "firmware.bin")],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert "Chip ID: 18 (ESP32-P4)" in told and told.count("(valid)") == 2
    assert "Minimal chip revision: v1.0" in told and "Maximal chip revision: v1.99" in told
    assert "0x4ff10000" in told.split("Segments Information")[1]
