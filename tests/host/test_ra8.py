# SPDX-License-Identifier: Apache-2.0
"""Takes the RA8 port's clock and line to registers that behave as Renesas says; no emulator has that chip.

The registers object to what the chip could not take: one that is written while it is locked, a PLL that is
changed while it runs, a clock that is faster than it may be, an SCI that is set up while it works. Its
numbers come from Renesas's FSP (bsp_feature.h, R7FA8M1AH.h), not from the port.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import lacking
from tests.model_runner import SANITIZERS, WARNINGS
from tinyedge import board as boards
from tinyedge import emit, paths

# Every access goes through chip(), which first lets the chip do what the last access asked for.
CHIP = """
#include "hal.h"
#include "te_board.h"
volatile void *chip(uint32_t address);
#define CHIP_REGISTER(address) (*(volatile uint32_t *)chip(address))
#define CHIP_HALF(address) (*(volatile uint16_t *)chip(address))
#define CHIP_BYTE(address) (*(volatile uint8_t *)chip(address))
#define CHIP_BARRIER (void)0
#define CHIP_LINE_INTERRUPT 0u
void te_line_init(void);
void te_line_interrupt(void);
void te_line_drain(void);
"""
POLLED = """
#include "chip.h"
#include "ports/ring.h"
static inline size_t polled_read(struct ring *ring, uint8_t *buffer, size_t size) {
    if (ring_empty(ring)) {
        te_line_interrupt();
    }
    return ring_take(ring, buffer, size);
}
"""
PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "chip.h"
#include "clock.h"

enum { SYSTEM, SRAM, FLASH, SCI, MSTP, ICU, PMISC, PFS, CORE, NVIC, MSC, BLOCKS };
static const uint32_t at[BLOCKS] = {0x4001E000, 0x40002000, 0x4001C100, TE_BOARD_SCI, 0x40203000, 0x40006300,
                                    0x40400D00, 0x40400800, 0xE000E000, 0xE000E100, 0xE001E000};
static const uint32_t size[BLOCKS] = {0xD80, 0x20, 0x50, 0x100, 0x20, 0x180, 0x30, 0x300, 0xF00, 4, 4};
static uint8_t now[BLOCKS][0xF00], old[BLOCKS][0xF00];
static uint8_t fifo[16], sent[256], got[256];
static uint32_t waiting, leaving, count_sent, count_got, last, accesses, hz;
static int crystal_works, pll_works;

#define B(block, offset) (*(uint8_t *)&now[block][offset])
#define H(block, offset) (*(uint16_t *)(void *)&now[block][offset])
#define W(block, offset) (*(uint32_t *)(void *)&now[block][offset])

static void refuse(const char *why) {
    printf("refused: %s\\n", why);
    exit(0);
}

static int changed(int block, uint32_t offset, uint32_t bytes) {
    return memcmp(&now[block][offset], &old[block][offset], bytes) != 0;
}

static void bus(uint32_t source, uint32_t shift, uint32_t most, const char *why) {
    if (source >> (W(SYSTEM, 0x20) >> shift & 15) > most) {
        refuse(why);
    }
}

static void clocks(void) {
    const uint32_t pll = TE_BOARD_CRYSTAL_HZ / ((H(SYSTEM, 0x28) & 3) + 1) * ((H(SYSTEM, 0x28) >> 8) + 1);
    const uint32_t source = B(SYSTEM, 0x26) == 5 ? pll / ((H(SYSTEM, 0x4C) & 15) + 1) : 8000000;
    const uint32_t cpu = source >> B(SYSTEM, 0x24), bus_hz = source >> (W(SYSTEM, 0x20) >> 24 & 15);
    if (cpu > 480000000 || cpu < bus_hz || (cpu > hz ? cpu - hz : hz - cpu) > 240000000) {
        refuse("CPUCLK: 480 MHz, no slower than ICLK, in steps of 240 MHz");
    }
    hz = cpu;
    bus(source, 24, 240000000, "ICLK");
    bus(source, 20, 240000000, "PCLKE");
    bus(source, 16, 120000000, "BCLK");
    bus(source, 12, 120000000, "PCLKA");
    bus(source, 0, 120000000, "PCLKD");
    bus(source, 8, 60000000, "PCLKB");
    bus(source, 4, 60000000, "PCLKC");
    bus(source, 28, 60000000, "FCLK");
    if (bus_hz > (B(FLASH, 0x1C) + 1u) * 48000000u || (bus_hz > 120000000 && B(SRAM, 8) != 1)) {
        refuse("wait states");
    }
}

/* What an access before this one asked for. */
static void settle(void) {
    if ((changed(SYSTEM, 0, 0x3FA) || changed(SYSTEM, 0x3FC, 0x984)) && H(SYSTEM, 0x3FA) != 0xA501) {
        refuse("a clock's register, locked by PRCR");
    }
    if ((changed(SYSTEM, 0x28, 2) || changed(SYSTEM, 0x4C, 2)) && B(SYSTEM, 0x2A) == 0) {
        refuse("the PLL was changed while it ran");
    }
    if ((changed(SYSTEM, 0xA50, 1) || changed(SYSTEM, 0xA2, 1)) && B(SYSTEM, 0x32) == 0) {
        refuse("the crystal was changed while it ran");
    }
    if (B(SYSTEM, 0x26) == 5 && (B(SYSTEM, 0x2A) != 0 || (old[SYSTEM][0x3C] & 32) == 0)) {
        refuse("the PLL does not run under the CPU");
    }
    if ((changed(SYSTEM, 0x54, 1) || (B(SYSTEM, 0x55) & 15) != (old[SYSTEM][0x55] & 15)) &&
        (old[SYSTEM][0x55] & 0x80) == 0) {
        refuse("the SCIs' clock was changed while it ran");
    }
    if (changed(SRAM, 8, 1) && H(SRAM, 0) != 0xA501) {
        refuse("SRAMWTSC is locked");
    }
    if (changed(PFS, 0, 0x300) && B(PMISC, 0x14) != 0x40) {
        refuse("the pins are locked");
    }
    if (B(PMISC, 0x14) == 0x40 && old[PMISC][0x14] == 0x80) {
        refuse("PFSWE while B0WI is set");
    }
    const int stopped = W(MSTP, 4) >> TE_BOARD_SCI_STOP_BIT & 1;
    if (changed(SCI, 4, 0x40) && (stopped || (changed(SCI, 0xC, 0x20) && (W(SCI, 8) & 0x11) != 0))) {
        refuse("an SCI that is stopped, or works, was set up");
    }
    H(FLASH, 4) = 0;
    B(SYSTEM, 0x3C) = (crystal_works && B(SYSTEM, 0x32) == 0 ? 8 : 0);
    B(SYSTEM, 0x3C) |= (pll_works && B(SYSTEM, 0x3C) == 8 && B(SYSTEM, 0x2A) == 0 ? 32 : 0);
    B(SYSTEM, 0x55) = (uint8_t)((B(SYSTEM, 0x55) & 0x4F) | (B(SYSTEM, 0x55) & 0x40) << 1);
    if (last == at[SCI] && waiting > 0) {
        memmove(fifo, fifo + 1, --waiting);
    } else if (last == at[SCI] + 4) {
        if (leaving == 16) {
            refuse("TDR, with 16 bytes waiting");
        }
        leaving++;
        sent[count_sent++] = B(SCI, 4);
    }
    leaving -= leaving > 0 && accesses % 7 == 0;
    W(SCI, 0) = fifo[0];
    W(SCI, 0x48) = (W(SCI, 0x48) & ~W(SCI, 0x68) & ~(1u << 30)) | (leaving == 0 ? 1u << 30 : 0);
    W(SCI, 0x68) = W(SCI, 0x70) = 0;
    W(SCI, 0x50) = waiting << 8;
    W(SCI, 0x54) = leaving;
    clocks();
    for (int block = 0; block < CORE; block++) {
        memcpy(old[block], now[block], size[block]);
    }
}

volatile void *chip(uint32_t address) {
    accesses++;
    settle();
    last = address;
    for (int block = 0; block < BLOCKS; block++) {
        if (block != CORE && address >= at[block] && address < at[block] + size[block]) {
            return &now[block][address - at[block]];
        }
    }
    if (address >= at[CORE] && address < at[CORE] + size[CORE]) {
        return &now[CORE][address - at[CORE]];
    }
    refuse("no such register");
    return NULL;
}

/* A byte on the line: after an overrun none is taken until the flag is cleared, and none interrupts. */
static void arrive(uint8_t byte, int interrupts) {
    if ((W(SCI, 8) & 1) == 0 || (W(SCI, 0x48) >> 24 & 1) != 0) {
        return;
    }
    if (waiting == 16) {
        W(SCI, 0x48) |= 1u << 24;
        return;
    }
    fifo[waiting++] = byte;
    if (interrupts && (W(NVIC, 0) & 1) != 0 && (W(ICU, 0) & 0x1FF) == TE_BOARD_SCI_EVENT &&
        (W(SCI, 8) >> 16 & 1) != 0 && (W(SCI, 0x24) >> 16 & 15) == 1) {
        W(ICU, 0) |= 1u << 16;
        te_line_interrupt();
        if ((W(ICU, 0) >> 16 & 1) != 0) {
            refuse("the event is still pending");
        }
    }
}

void te_caches_on(void) {}

static void take(void) {
    uint8_t byte;
    while (hal_read(&byte, 1) == 1) {
        got[count_got++] = byte;
    }
}

int main(int count, char **values) {
    (void)count;
    crystal_works = atoi(values[1]);
    pll_works = atoi(values[2]);
    W(CORE, 0xD00) = (uint32_t)strtoul(values[3], NULL, 16);
    B(SYSTEM, 0x26) = B(SYSTEM, 0x2A) = B(SYSTEM, 0x32) = 1;
    H(SYSTEM, 0x3FA) = 0xA500;
    B(PMISC, 0x14) = 0x80;
    W(MSTP, 4) = 0xFFFFFFFF;
    W(SCI, 0x14) = 0x1203;
    hz = 8000000;
    memcpy(old, now, sizeof now);
    te_line_init();
    settle();
    const uint32_t started = accesses;
    for (int i = 0; i < 40; i++) {
        arrive((uint8_t)(i + 1), 1);
    }
    take();
    for (int i = 0; i < 20; i++) {
        arrive((uint8_t)(i + 1), 0); /* interrupts are off: 16 are kept, and the 17th is an overrun */
    }
    take();
    arrive(99, 1);
    take();
    uint8_t text[50];
    for (uint32_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)(200 - i);
    }
    hal_write(text, sizeof text);
    te_line_drain();
    settle();
    printf("%u %u %x %x %x %x %x %x %x %x\\n", te_clock_hz, hz, W(SCI, 0x10), W(SCI, 0x14), B(SYSTEM, 0x54),
           B(SYSTEM, 0x55), W(PFS, 4 * TE_BOARD_PLACE_TX), W(PFS, 4 * TE_BOARD_PLACE_RX), W(MSC, 0), started);
    for (uint32_t i = 0; i < count_got; i++) {
        printf("%u ", got[i]);
    }
    puts("");
    for (uint32_t i = 0; i < count_sent; i++) {
        printf("%u ", sent[i]);
    }
    printf("\\n%x %x %u\\n", H(SYSTEM, 0x3FA), B(PMISC, 0x14), leaving);
    return 0;
}
"""


@dataclass(frozen=True)
class Ran:
    """What it says it runs at, and does; SCI registers, pins, MSCR; bytes each way; the locks."""

    said: int
    hz: int
    ccr2: int
    ccr3: int
    sci_divider: int
    sci_clock: int
    tx: int
    rx: int
    mscr: int
    accesses: int
    got: list[int]
    sent: list[int]
    locks: list[str]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    gcc = shutil.which("gcc")
    if gcc is None:
        lacking("there is no gcc on PATH")
    folder, port = tmp_path_factory.mktemp("ra8"), paths.firmware() / "ports" / "cortex_m" / "ra8"
    written = {"chip.h": CHIP, "polled.h": POLLED, "main.c": PROGRAM}
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "te_board.h").write_bytes(emit.emit_board(boards.load("ek-ra8m1"))["te_board.h"])
    for name in ("clock.c", "clock.h", "sci.c", "hal_port.h"):
        shutil.copyfile(port / name, folder / name)
    here = [folder, paths.firmware(), paths.firmware() / "runtime", port.parent / "caches"]
    flags = [*WARNINGS, *SANITIZERS, "-Wno-int-to-pointer-cast", *(f"-I{each}" for each in here)]
    units = [str(folder / name) for name in ("main.c", "clock.c", "sci.c")]
    subprocess.run([gcc, *flags, *units, "-o", str(folder / "ra8")], check=True, timeout=60)
    return folder / "ra8"


def _run(program: Path, crystal: bool = True, pll: bool = True, cpuid: str = "410FD231") -> Ran:
    ended = subprocess.run(
        [program, str(int(crystal)), str(int(pll)), cpuid],
        check=True, timeout=20, capture_output=True, text=True,
    )  # fmt: skip
    assert not ended.stdout.startswith("refused"), ended.stdout
    numbers, got, sent, locks = (line.split() for line in ended.stdout.splitlines())
    ccr2, ccr3, divider, clock, tx, rx, mscr, accesses = (int(word, 16) for word in numbers[2:])
    return Ran(
        int(numbers[0]), int(numbers[1]), ccr2, ccr3, divider, clock, tx, rx, mscr, accesses,
        [int(byte) for byte in got], [int(byte) for byte in sent], locks,
    )  # fmt: skip


def _baud(ran: Ran, hz: float) -> float:
    """By the formula of the manual's "Bit rate": 8 cycles a bit where BGDM and ABCS are set."""
    assert ran.ccr2 & 0x70 == 0x30 and ran.ccr2 >> 20 & 3 == 0
    modulated = (ran.ccr2 >> 24) / 256 if ran.ccr2 >> 16 & 1 else 1.0
    return hz / 8 / ((ran.ccr2 >> 8 & 255) + 1) * modulated


def test_the_clock_the_line_and_the_pins(program: Path) -> None:
    ran = _run(program)
    assert (ran.said, ran.hz) == (480_000_000, 480_000_000)
    assert (ran.sci_clock, ran.sci_divider) == (5, 2)  # PLL1P by 4
    assert _baud(ran, 120e6) == pytest.approx(115_200, rel=0.004)
    assert ran.ccr3 == 0x101200  # asynchronous, 8 bits, lowest first, one stop bit, FIFOs
    assert (ran.tx >> 24, ran.tx >> 16 & 1, ran.rx >> 24, ran.rx >> 16 & 1, ran.rx >> 4 & 1) == (
        5,
        1,
        5,
        1,
        1,
    )
    assert ran.locks == ["a500", "80", "0"]


def test_bytes_arrive_and_leave_in_order_and_an_overrun_ends_nothing(program: Path) -> None:
    ran = _run(program)
    assert ran.got == [*range(1, 41), *range(1, 17), 99]
    assert ran.sent == [200 - i for i in range(50)]


@pytest.mark.parametrize(("crystal", "pll"), [(False, True), (True, False)])
def test_what_does_not_start_leaves_the_clock_of_a_reset(program: Path, crystal: bool, pll: bool) -> None:
    ran = _run(program, crystal, pll)
    assert (ran.said, ran.hz, ran.sci_clock, ran.sci_divider) == (8_000_000, 8_000_000, 1, 0)
    assert _baud(ran, 8e6) == pytest.approx(115_200, rel=0.004)
    assert ran.accesses < 500_000 and ran.got[-1] == 99


@pytest.mark.parametrize(("cpuid", "through"), [("410FD230", True), ("411FD230", True), ("411FD231", False)])
def test_old_revisions_of_the_core_write_through(program: Path, cpuid: str, through: bool) -> None:
    assert bool(_run(program, cpuid=cpuid).mscr >> 2 & 1) == through
