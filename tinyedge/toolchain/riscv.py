# SPDX-License-Identifier: Apache-2.0
"""Takes the RV32 code of one function, gives where it branches to, and where it branches through a register.

Encodings: The RISC-V Instruction Set Manual, volume I, "Control transfer instructions" and the chapter on the
C extension.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tinyedge.toolchain.branch import Branch, signed

_LINKS = (1, 5)  # ra, and t0, which the ABI has for calls of a function's prologue
_JAL, _JALR, _BRANCH, _AUIPC, _LUI = 0x6F, 0x67, 0x63, 0x17, 0x37
_READ_VLENB = 0xC2202073  # CSRRS rd, vlenb, x0


def branches(code: bytes, address: int, data: Sequence[tuple[int, int]] = ()) -> Iterator[Branch]:
    """Every branch and call in `code`, which lies at `address`; returns are left out.

    `data` are the (begin, end) addresses of constants among the code, sorted.
    """
    at, end = address, address + len(code) - 1
    above: tuple[int, int] | None = (
        None  # register and value of an AUIPC or LUI just before: the first half of a call
    )
    while at < end:
        inside = next((last for first, last in data if first <= at < last), None)
        if inside is not None:
            at, above = inside, None
            continue
        size = 4 if code[at - address] & 3 == 3 else 2
        word = int.from_bytes(code[at - address : at - address + size], "little")
        if size == 2:
            yield from _compressed(word, at)
        else:
            yield from _wide(word, at, above)
        base = {_AUIPC: at, _LUI: 0}.get(word & 0x7F) if size == 4 else None
        above = None if base is None else ((word >> 7) & 31, (base + (word & ~0xFFF)) & 0xFFFFFFFF)
        at += size


def needs_vector_length(code: bytes) -> bool:
    """Whether `code` asks for the length of vector registers: it then keeps some on the stack."""
    at = 0
    while at < len(code) - 1:
        size = 4 if code[at] & 3 == 3 else 2
        if size == 4 and int.from_bytes(code[at : at + 4], "little") & ~0xF80 == _READ_VLENB:
            return True
        at += size
    return False


def _wide(word: int, at: int, above: tuple[int, int] | None) -> Iterator[Branch]:
    opcode, to, base = word & 0x7F, (word >> 7) & 31, (word >> 15) & 31
    if opcode == _JAL:
        offset = (
            (word >> 31) << 20
            | (word >> 12 & 0xFF) << 12
            | (word >> 20 & 1) << 11
            | (word >> 21 & 0x3FF) << 1
        )
        yield Branch(at, at + signed(offset, 21), call=to != 0)
    elif opcode == _JALR:
        if above is not None and above[0] == base:
            yield Branch(at, (above[1] + signed(word >> 20, 12)) & 0xFFFFFFFE, call=to != 0)
        elif to != 0 or base not in _LINKS:
            yield Branch(at, None, call=to != 0)
    elif opcode == _BRANCH:
        offset = (
            (word >> 31) << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 0x3F) << 5 | (word >> 8 & 0xF) << 1
        )
        yield Branch(at, at + signed(offset, 13))


def _compressed(word: int, at: int) -> Iterator[Branch]:
    kind = word & 3, word >> 13
    if kind in ((1, 0b101), (1, 0b001)):  # C.J, C.JAL: the offset's bits 11, 4, 9..8, 10, 6, 7, 3..1, 5
        offset = _gather(word, ((12, 11), (11, 4), (10, 9), (9, 8), (8, 10), (7, 6), (6, 7), (5, 3)))
        offset |= _gather(word, ((4, 2), (3, 1), (2, 5)))
        yield Branch(at, at + signed(offset, 12), call=kind == (1, 0b001))
    elif kind in ((1, 0b110), (1, 0b111)):  # C.BEQZ, C.BNEZ
        offset = _gather(word, ((12, 8), (11, 4), (10, 3), (6, 7), (5, 6), (4, 2), (3, 1), (2, 5)))
        yield Branch(at, at + signed(offset, 9))
    elif kind == (2, 0b100) and (word >> 2) & 31 == 0 and (word >> 7) & 31 != 0:
        call = bool(word & 0x1000)  # C.JALR, else C.JR
        if call or (word >> 7) & 31 not in _LINKS:
            yield Branch(at, None, call=call)


def _gather(word: int, places: Sequence[tuple[int, int]]) -> int:
    return sum((word >> source & 1) << target for source, target in places)
