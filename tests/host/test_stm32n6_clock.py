# SPDX-License-Identifier: Apache-2.0
"""Takes the STM32N6 port's clock set-up to registers that behave as RM0486 says; no emulator has that chip.

The registers object to what the chip could not take: a PLL that is changed or stopped under a running CPU.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.conftest import lacking
from tests.model_runner import SANITIZERS, WARNINGS
from tinyedge import paths

CHIP = """
#include <stdint.h>
volatile uint32_t *chip_register(uint32_t address);
#define CHIP_REGISTER(address) (*chip_register(address))
"""

# Every access goes through chip_register(), which first lets the chip do what the last access asked for.
PROGRAM = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "chip.h"
#include "clock.h"

#define RCC 0x56028000u
#define PWR 0x56024800u
#define HSI (1u << 3)
#define PLL1 (1u << 8)
static uint32_t rcc[0x1300 / 4], pwr[0x40 / 4], before[3];
static int pll_works, accesses;
#define R(offset) rcc[(offset) / 4]
enum { SR = 4, CR = 0, CFGR1 = 0x20, CSR = 0x800, CCR = 0x1000, DIVENR = 0x240, DIVENSR = 0xA40 };

static void refuse(const char *why) {
    printf("refused: %s\\n", why);
    exit(0);
}

static void settle(void) {
    const int on_pll = (R(CFGR1) >> 20 & 3) == 3 || (R(CFGR1) >> 28 & 3) == 3;
    R(CR) = (R(CR) | R(CSR)) & ~R(CCR);
    R(CSR) = R(CCR) = 0;
    R(DIVENR) |= R(DIVENSR);
    R(DIVENSR) = 0;
    if (on_pll && (R(CR) & PLL1) == 0) {
        refuse("the PLL stopped under the CPU");
    }
    if ((R(SR) & PLL1) != 0 && memcmp(before, &R(0x80), sizeof before) != 0) {
        refuse("the PLL was changed while it ran");
    }
    memcpy(before, &R(0x80), sizeof before);
    R(SR) = (R(CR) & HSI) | (pll_works ? R(CR) & PLL1 : 0);
    /* A switch follows when its source runs: IC1 for the CPU, IC2, IC6 and IC11 for the buses. */
    const int cpu = (R(CFGR1) >> 16 & 3) == 3, bus = (R(CFGR1) >> 24 & 3) == 3;
    const int ready = (R(SR) & PLL1) != 0;
    R(CFGR1) &= ~(3u << 20 | 3u << 28);
    R(CFGR1) |= (cpu && ready && (R(DIVENR) & 1) != 0 ? 3u << 20 : 0);
    R(CFGR1) |= (bus && ready && (R(DIVENR) & 0x422) == 0x422 ? 3u << 28 : 0);
    R(0x25C) |= R(0xA5C);
    R(0xA5C) = 0;
    pwr[0x20 / 4] = (R(0x25C) >> 18 & 1) << 17;
}

volatile uint32_t *chip_register(uint32_t address) {
    accesses++;
    settle();
    return address >= RCC ? &R(address - RCC) : &pwr[(address - PWR) / 4];
}

int main(int count, char **values) {
    (void)count;
    /* As a boot ROM may leave it: all on a PLL of 800 MHz. */
    pll_works = 1;
    R(CR) = HSI | PLL1;
    R(0x80) = before[0] = 8u << 20 | 100u << 8;
    R(0x88) = before[2] = 0x49000005u;
    R(0xC4) = R(0xC8) = 1u << 16;
    R(DIVENR) = 0x423;
    R(CFGR1) = 3u << 16 | 3u << 24;
    pwr[0] = 1u << 2;
    settle();
    settle();
    pll_works = atoi(values[1]);
    te_clock_init();
    settle();
    printf("hz %u cfgr %x pll %x %x %x ic %x %x ahb %u smps %u accesses %d\\n", te_clock_hz, R(CFGR1),
           R(0x80), R(0x84), R(0x88), R(0xC4), R(0xC8), R(0x24) >> 20 & 7, pwr[0] >> 2 & 1, accesses);
    return 0;
}
"""


def _run(folder: Path, pll_works: bool) -> dict[str, list[str]]:
    gcc = shutil.which("gcc")
    if gcc is None:
        lacking("there is no gcc on PATH")
    port = paths.firmware() / "ports" / "cortex_m" / "stm32"
    (folder / "chip.h").write_text(CHIP)
    (folder / "te_board.h").write_text("#define TE_BOARD_CLOCK_HZ 600000000u\n")
    (folder / "main.c").write_text(PROGRAM)
    program = folder / "clock"
    units = [str(folder / "main.c"), str(port / "n6" / "clock.c"), str(port / "wait.c")]
    flags = [*WARNINGS, *SANITIZERS, f"-I{folder}", f"-I{port}", f"-I{port / 'n6'}"]
    subprocess.run([gcc, *flags, *units, "-o", str(program)], check=True, timeout=60)
    ended = subprocess.run(
        [program, str(int(pll_works))], check=True, timeout=20, capture_output=True, text=True
    )
    assert not ended.stdout.startswith("refused"), ended.stdout
    found: dict[str, list[str]] = {}
    for word in ended.stdout.split():
        if word in ("hz", "cfgr", "pll", "ic", "ahb", "smps", "accesses"):
            found[word] = values = []
        else:
            values.append(word)
    return found


def test_the_pll_gives_600_mhz_and_the_buses_their_share(tmp_path: Path) -> None:
    found = _run(tmp_path, pll_works=True)
    first, fraction, third = (int(value, 16) for value in found["pll"])
    assert first >> 28 == 0 and first >> 27 & 1 == 0 and fraction == 0  # HSI, not bypassed
    assert third >> 30 & 1  # its output is on
    made = 64_000_000 // (first >> 20 & 63) * (first >> 8 & 0xFFF) // (third >> 27 & 7) // (third >> 24 & 7)
    cpu, bus = (made // ((int(value, 16) >> 16 & 0xFF) + 1) for value in found["ic"])
    assert (cpu, bus, bus >> int(found["ahb"][0])) == (600_000_000, 400_000_000, 200_000_000)
    assert found["hz"] == ["600000000"] and found["smps"] == ["0"]
    assert int(found["cfgr"][0], 16) == 3 << 16 | 3 << 20 | 3 << 24 | 3 << 28


def test_without_a_pll_it_ends_on_the_internal_oscillator_in_bounded_time(tmp_path: Path) -> None:
    found = _run(tmp_path, pll_works=False)
    assert found["hz"] == ["64000000"]
    assert int(found["cfgr"][0], 16) >> 16 == 0
    assert int(found["accesses"][0]) < 500_000
