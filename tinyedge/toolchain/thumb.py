# SPDX-License-Identifier: Apache-2.0
"""Takes the Thumb code of one function, gives where it branches to, also through a register, and its frame.

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
    for at, first, second in instructions(code, address, data):
        yield from _narrow(first, at) if second is None else _wide(first, second, at)


def frame(code: bytes, address: int, data: Sequence[tuple[int, int]] = ()) -> int:
    """Bytes that the instructions of `code` take of the stack, one after another, each once.

    More than a function has where several ways through it take some, and less where a register says how many.
    """
    return sum(_taken(first, second) for _, first, second in instructions(code, address, data))


def instructions(
    code: bytes, address: int, data: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int | None]]:
    """The address and the halfwords of every instruction, of which a short one has no second."""
    at, end = address, address + len(code) - 1
    while at < end:
        inside = next((last for first, last in data if first <= at < last), None)
        if inside is not None:
            at = inside
            continue
        first = _halfword(code, at - address)
        # The five highest bits tell a 32-bit instruction: 0b11101, 0b11110 and 0b11111.
        if first >> 11 < 0b11101:
            yield at, first, None
            at += 2
        else:
            if at + 2 < end:
                yield at, first, _halfword(code, at + 2 - address)
            at += 4


def _taken(first: int, second: int | None) -> int:
    """By how much an instruction lowers the stack pointer."""
    if second is None:
        if first >> 9 == 0b1011010:  # PUSH {R0 to R7, LR}
            return 4 * (first & 0x1FF).bit_count()
        return (first & 0x7F) * 4 if first >> 7 == 0b101100001 else 0  # SUB SP, SP, #4n
    if first == 0xE92D:  # PUSH.W
        return 4 * second.bit_count()
    if first == 0xF84D and second & 0xF00 == 0xD00:  # STR Rt, [SP, #-n]!
        return second & 0xFF
    if first & 0xFFBF == 0xED2D and second & 0xE00 == 0xA00:  # VPUSH
        return (second & 0xFF) * 4
    if first & 0xFBEF in (0xF1AD, 0xF2AD) and second & 0x8F00 == 0x0D00:  # SUB.W SP, SP, #constant; SUBW
        constant = (first & 0x400) << 1 | second >> 4 & 0x700 | second & 0xFF
        return constant if first & 0x200 else _expanded(constant)
    return 0


def _expanded(constant: int) -> int:
    """What 12 bits of an instruction stand for (ThumbExpandImm)."""
    low = constant & 0xFF
    if constant >> 10:  # a byte with its highest bit set, rotated to the right
        return (low | 0x80) << (32 - (constant >> 7))
    return low * (1, 0x10001, 0x1000100, 0x1010101)[constant >> 8]


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
