# SPDX-License-Identifier: Apache-2.0
"""Takes the Thumb code of one function, gives where it branches to, and where it branches through a register.

Encodings: Armv8-M Architecture Reference Manual (DDI 0553), "T32 instruction set encoding".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tinyedge.toolchain.branch import Branch, signed

_LR = 14


def branches(code: bytes, address: int, data: Sequence[tuple[int, int]] = ()) -> Iterator[Branch]:
    """Every branch and call in `code`, which lies at `address`; returns are left out.

    `data` are the (begin, end) addresses of constants among the code, sorted.
    """
    at, end = address, address + len(code) - 1
    while at < end:
        inside = next((last for first, last in data if first <= at < last), None)
        if inside is not None:
            at = inside
            continue
        first = _halfword(code, at - address)
        # The five highest bits tell a 32-bit instruction: 0b11101, 0b11110 and 0b11111.
        if first >> 11 < 0b11101:
            yield from _narrow(first, at)
            at += 2
        else:
            if at + 2 < end:
                yield from _wide(first, _halfword(code, at + 2 - address), at)
            at += 4


def _narrow(word: int, at: int) -> Iterator[Branch]:
    # A branch counts from the address of its instruction plus 4.
    if word >> 12 == 0b1101 and (word >> 8) & 0xF < 0xE:  # B<cond>
        yield Branch(at, at + 4 + signed(word & 0xFF, 8) * 2)
    elif word >> 11 == 0b11100:  # B
        yield Branch(at, at + 4 + signed(word & 0x7FF, 11) * 2)
    elif word & 0xFF80 == 0x4780:  # BLX register
        yield Branch(at, None, call=True)
    elif (word & 0xFF80 == 0x4700 or word & 0xFF87 == 0x4687) and (word >> 3) & 0xF != _LR:
        yield Branch(at, None)  # BX register, MOV PC, register


def _wide(first: int, second: int, at: int) -> Iterator[Branch]:
    if first >> 11 == 0b11110 and second & 0x8000:
        sign, j1, j2 = (first >> 10) & 1, (second >> 13) & 1, (second >> 11) & 1
        if second & 0x1000:  # BL, B.W: 24 bits, of which two are stored as J = not (I xor sign)
            i1, i2 = 1 ^ (j1 ^ sign), 1 ^ (j2 ^ sign)
            offset = sign << 23 | i1 << 22 | i2 << 21 | (first & 0x3FF) << 11 | second & 0x7FF
            yield Branch(at, at + 4 + signed(offset, 24) * 2, call=bool(second & 0x4000))
        elif not second & 0x4000 and (first >> 6) & 0xF < 0xE:  # B<cond>.W: 20 bits
            offset = sign << 19 | j2 << 18 | j1 << 17 | (first & 0x3F) << 11 | second & 0x7FF
            yield Branch(at, at + 4 + signed(offset, 20) * 2)
    elif first & 0xFFF0 == 0xF8D0 or first & 0xFFF0 == 0xF850:
        # LDR PC, ...: a jump through memory, unless it is POP {PC} (LDR PC, [SP], #4), which returns, or goes
        # where the stack says (LDR PC, [SP, #n]): kernels keep their own places there, no compiler calls so.
        pops, within = (first, second) == (0xF85D, 0xFB04), first == 0xF8DD
        if second >> 12 == 0xF and not pops and not within:
            yield Branch(at, None)


def _halfword(code: bytes, offset: int) -> int:
    return int.from_bytes(code[offset : offset + 2], "little")
