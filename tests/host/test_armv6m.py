# SPDX-License-Identifier: Apache-2.0
"""Takes the arithmetic that Arm v6-M lacks, compiled for this machine, holds it against Python's integers."""

from __future__ import annotations

import ctypes
import random
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tinyedge import paths

_WORDS = (0, 1, 2, 3, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF)
_U64, _U32, _I32 = ctypes.c_uint64, ctypes.c_uint32, ctypes.c_int32


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("armv6m")
    (folder / "hal.h").write_text("#include <stdint.h>\n#define HAL_FREESTANDING 1\n")
    target = folder / "armv6m.so"
    command = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        "-shared",
        "-fPIC",
        "-O1",
        "-std=c11",
        "-Wall",
        "-Wextra",
    ]
    command += ["-Werror", "-fsanitize=undefined", "-fsanitize-trap=undefined"]
    command += ["-D__ARM_EABI__", "-D__ARM_ARCH=6", "-iquote", str(folder), "-o", str(target), "-x", "c", "-"]
    source = (paths.firmware() / "runtime" / "armv6m.c").read_bytes()
    subprocess.run(command, input=source, check=True, timeout=120)
    return ctypes.CDLL(str(target))


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def _pairs() -> Iterator[tuple[int, int]]:
    """Words: all pairs of the extremes, and random ones of every length."""
    yield from ((a, b) for a in _WORDS for b in _WORDS)
    dice = random.Random(6)
    for _ in range(2000):
        yield dice.getrandbits(dice.randint(1, 32)), dice.getrandbits(dice.randint(1, 32))


def test_products(library: ctypes.CDLL) -> None:
    multiply = library.__aeabi_lmul
    multiply.argtypes, multiply.restype = (_U64, _U64), _U64
    for a, b in _pairs():
        for left, right in ((a, b), (a << 32 | b, b << 32 | a), (_signed(a, 32), _signed(b, 32))):
            assert multiply(left, right) == left * right & (1 << 64) - 1


def test_quotients_and_remainders(library: ctypes.CDLL) -> None:
    both, quotient = library.__aeabi_uidivmod, library.__aeabi_uidiv
    both.argtypes, both.restype = (_U32, _U32), _U64
    quotient.argtypes, quotient.restype = (_U32, _U32), _U32
    for a, b in _pairs():
        if b != 0:
            assert both(a, b) == a % b << 32 | a // b
            assert quotient(a, b) == a // b


def test_signed_quotients_go_towards_zero(library: ctypes.CDLL) -> None:
    both, quotient = library.__aeabi_idivmod, library.__aeabi_idiv
    both.argtypes, both.restype = (_I32, _I32), _U64
    quotient.argtypes, quotient.restype = (_I32, _I32), _I32
    for a, b in ((_signed(a, 32), _signed(b, 32)) for a, b in _pairs()):
        if b == 0 or (a, b) == (-(1 << 31), -1):  # undefined in C
            continue
        expected = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        rest = a - expected * b
        assert both(a, b) == (rest & 0xFFFFFFFF) << 32 | expected & 0xFFFFFFFF
        assert quotient(a, b) == expected


def test_shifts(library: ctypes.CDLL) -> None:
    for name in ("llsl", "llsr", "lasr"):
        shift = getattr(library, f"__aeabi_{name}")
        shift.argtypes, shift.restype = (_U64, ctypes.c_int), _U64
        for a, b in _pairs():
            value, count = a << 32 | b, b % 64
            moved = {"llsl": value << count, "llsr": value >> count, "lasr": _signed(value, 64) >> count}[
                name
            ]
            assert shift(value, count) == moved & (1 << 64) - 1
