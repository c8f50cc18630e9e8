# SPDX-License-Identifier: Apache-2.0
"""What the decoders of instruction sets (thumb.py, riscv.py) find in code: branches, calls and jumps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Branch:
    """A branch at address `at`; `call`: it comes back; `target`: None when it is not in the code."""

    at: int
    target: int | None
    call: bool = False


def signed(value: int, bits: int) -> int:
    """The two's complement number that the lowest `bits` of `value` are."""
    return value - (1 << bits) if value >> (bits - 1) else value
