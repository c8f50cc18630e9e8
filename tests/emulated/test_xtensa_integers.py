# SPDX-License-Identifier: Apache-2.0
"""Takes the Xtensa port's integer functions and byte instructions, holds them against Python's integers."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tests.conftest import lacking, needed
from tinyedge import paths

_EDGES = (0, 1, 2, 3, 7, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF)
_PAIRS = 60
_ROW = struct.Struct("<18I")
# What the program computes for each pair (a, b), in 32-bit words, the lower half of 64 bits first.
_MAIN = """
#include "kernels/lx.h"
#include "kernels/product.h"

extern uint32_t pairs[][2], results[][18];
extern const uint32_t count;
volatile uint32_t done;

uint64_t shift_left(uint64_t value, int bits) __asm__("__ashldi3");
uint64_t shift_right(uint64_t value, int bits) __asm__("__lshrdi3");
int64_t shift_signed(int64_t value, int bits) __asm__("__ashrdi3");

void program(void) {
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t a = pairs[i][0], b = pairs[i][1];
        const int32_t x = (int32_t)a, y = (int32_t)b;
        const uint64_t product = ((uint64_t)b << 32 | a) * ((uint64_t)a << 32 | b);
        const int64_t wide = te_product(x, y);
        const int8_t byte = (int8_t)a;
        uint32_t *to = results[i];
        to[0] = b == 0 ? 0 : a / b;
        to[1] = b == 0 ? 0 : a % b;
        to[2] = b == 0 || (x == INT32_MIN && y == -1) ? 0 : (uint32_t)(x / y);
        to[3] = b == 0 || (x == INT32_MIN && y == -1) ? 0 : (uint32_t)(x % y);
        to[4] = (uint32_t)product;
        to[5] = (uint32_t)(product >> 32);
        to[6] = (uint32_t)wide;
        to[7] = (uint32_t)((uint64_t)wide >> 32);
        to[8] = (uint32_t)te_clamp(x, -128, y);
        to[9] = (uint32_t)te_lx_byte(&byte);
        const uint64_t both = (uint64_t)b << 32 | a;
        const uint64_t shifted[] = {shift_left(both, b & 63), shift_right(both, b & 63),
                                    (uint64_t)shift_signed((int64_t)both, b & 63),
                                    (uint64_t)shift_signed((int64_t)both, a & 31)};
        for (uint32_t k = 0; k < 4; k++) {
            to[10 + 2 * k] = (uint32_t)shifted[k];
            to[11 + 2 * k] = (uint32_t)(shifted[k] >> 32);
        }
    }
    done = 1;
    for (;;) {
    }
}
"""
_START = """
    .text
    .global reset_handler
    .literal_position
    .align 4
reset_handler:
    movi a2, 0x25
    wsr a2, ps
    rsync
    movi sp, 0x3FCB0000
    call0 program
"""
_LINKER = """
ENTRY(reset_handler)
SECTIONS
{
    . = 0x403B0000;
    .text : { *(.text .text.*) }
    . = 0x3FC88000;
    .data : { *(.rodata .rodata.* .data .data.* .bss .bss.* COMMON) }
}
"""


def signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value


def expected(a: int, b: int) -> list[int]:
    x, y = signed(a), signed(b)
    results = [0, 0, 0, 0]
    if b != 0:
        results[:2] = divmod(a, b)
        if not (x == -(1 << 31) and y == -1):
            quotient = abs(x) // abs(y) * (-1 if (x < 0) != (y < 0) else 1)
            results[2:] = [quotient, x - quotient * y]
    product, wide = (b << 32 | a) * (a << 32 | b), x * y
    byte = a & 255
    results += [product, product >> 32, wide, wide >> 32, min(max(x, -128), y), byte - (byte >> 7 << 8)]
    both = b << 32 | a
    signed_both = signed(b) << 32 | a
    for shifted in (both << (b & 63), both >> (b & 63), signed_both >> (b & 63), signed_both >> (a & 31)):
        results += [shifted, shifted >> 32]
    return [value & 0xFFFFFFFF for value in results]


@pytest.mark.parametrize("level", ["-Os", "-O3"])
def test_integers_are_those_of_python(level: str, tmp_path: Path) -> None:
    compiler = shutil.which("xtensa-lx106-elf-gcc")
    if compiler is None:
        lacking("xtensa-lx106-elf-gcc is missing: apt-get install gcc-xtensa-lx106")
    labwired = needed("labwired", "pip install labwired")
    rng = random.Random(1)
    pairs = [(a, b) for a in _EDGES for b in _EDGES]
    pairs += [(rng.getrandbits(32), rng.getrandbits(rng.choice([4, 16, 32]))) for _ in range(_PAIRS)]
    rows = ", ".join(f"{{{a}u, {b}u}}" for a, b in pairs)
    data = (
        f"#include <stdint.h>\nuint32_t pairs[][2] = {{{rows}}};\n"
        f"uint32_t results[{len(pairs)}][18] = {{{{1}}}};\nconst uint32_t count = {len(pairs)};\n"
    )
    for name, text in (("main.c", _MAIN), ("start.S", _START), ("data.c", data), ("linker.ld", _LINKER)):
        (tmp_path / name).write_text(text)
    elf = tmp_path / "integers.elf"
    firmware = paths.firmware()
    command = [
        compiler, "-mabi=call0", "-ffreestanding", "-mtext-section-literals", "-DTE_LX_BYTES", level,
        f"-I{firmware}", "-nostdlib", "-T", "linker.ld",
        "start.S", "main.c", "data.c", str(firmware / "ports" / "xtensa" / "integer.S"), "-o", str(elf),
    ]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    with labwired.Sim(elf, chip="esp32s3") as chip:
        chip.run_for("1ms")
        assert chip.read_u32(chip.symbol("done")) == 1
        words = bytes(chip.read_memory(chip.symbol("results"), _ROW.size * len(pairs)))
    wrong = [
        (f"{a:#x}", f"{b:#x}", expected(a, b), row)
        for (a, b), row in zip(pairs, _ROW.iter_unpack(words), strict=True)
        if list(row) != expected(a, b)
    ]
    assert not wrong
