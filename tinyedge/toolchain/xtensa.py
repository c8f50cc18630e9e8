# SPDX-License-Identifier: Apache-2.0
"""Takes the Xtensa code (call0 ABI) of one function, gives where it branches to, and its frame.

Encodings: Xtensa Instruction Set Architecture Reference Manual, "Opcode encodings". Assemblers pad behind
jumps, with bytes that are no instructions, so the code is followed and not read from its start to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tinyedge.toolchain.branch import Branch, signed

_STACK_POINTER = 1


def branches(code: bytes, address: int, data: Sequence[tuple[int, int]] = ()) -> Iterator[Branch]:
    """Every branch and call in `code`, which lies at `address`; returns are left out.

    Calls of the windowed ABI are left out, too: ours calls a boot ROM so, on a stack of the ROM's own. `data`
    is for other instruction sets, whose constants lie among the code.
    """
    for at, word, size in _reached(code, address):
        yield from _branches(word, at, size)


def frame(code: bytes, address: int) -> int | None:
    """Bytes that `code` takes of its caller's stack; None where that depends on what it computes."""
    total = 0
    kept = set()  # registers that hold the stack pointer
    for _, word, size in _reached(code, address):
        op0, r, s, t = word & 15, word >> 12 & 15, word >> 8 & 15, word >> 4 & 15
        if size == 2 and op0 == 0xD and r == 0 and s == _STACK_POINTER:  # mov.n from a1
            kept.add(t)
        elif size == 2 and op0 == 0xD and r == 0 and t == _STACK_POINTER and s in kept:
            continue
        elif size == 3 and op0 == 2 and r in (0xC, 0xD) and s == t == _STACK_POINTER:  # addi, addmi
            total += max(0, -signed(word >> 16, 8)) << (8 if r == 0xD else 0)
        elif _moves_stack(word, size):
            return None
    return total


def _moves_stack(word: int, size: int) -> bool:
    """Whether an instruction gives a1 another value, but for L32R: that is another stack."""
    op0, r, t = word & 15, word >> 12 & 15, word >> 4 & 15
    if size == 2:  # add.n, addi.n; mov.n
        return (op0 in (0xA, 0xB) and r == _STACK_POINTER) or (op0 == 0xD and r == 0 and t == _STACK_POINTER)
    if op0 == 2:  # l32i, addi, addmi
        return r in (2, 0xC, 0xD) and t == _STACK_POINTER
    # and, or, xor, neg, add, sub ...; in groups 0, 4 and 5 these bits tell instructions apart: 4.1 is SSL
    return op0 == 0 and word >> 16 & 15 == 0 and word >> 20 not in (0, 4, 5) and r == _STACK_POINTER


def _reached(code: bytes, address: int) -> list[tuple[int, int, int]]:
    """(address, instruction, its size) of all that the first instruction leads to, in order."""
    found: dict[int, tuple[int, int]] = {}
    todo = [address]
    while todo:
        at = todo.pop()
        while at not in found and 0 <= at - address <= len(code) - 2:
            size = _size(code[at - address] & 15)
            word = int.from_bytes(code[at - address : at - address + size], "little")
            found[at] = (word, size)
            branch = next(iter(_branches(word, at, size)), None)
            if branch is not None and branch.target is not None and not branch.call:
                todo.append(branch.target)
            if _ends(word, size):
                break
            at += size
    return [(at, *found[at]) for at in sorted(found)]


def _size(op0: int) -> int:
    """Bytes of an instruction by its lowest four bits; those of 4 are vector instructions of the ESP32-S3."""
    return 4 if op0 > 13 else 2 if op0 > 7 else 3


def _ends(word: int, size: int) -> bool:
    """Whether nothing behind the instruction follows it: RET, RET.N, JX, J, BREAK, ILL."""
    if size == 2:
        return word & 0xF00F == 0xF00D and word >> 4 & 15 in (0, 1, 2, 6)
    return word & 0xFFFFCF == 0x80 or word in (0, 0x41F0) or word & 0xFFF0FF == 0xA0 or word & 0x3F == 6


def _branches(word: int, at: int, size: int) -> Iterator[Branch]:
    op0, n, m = word & 15, word >> 4 & 3, word >> 6 & 3
    if size == 2:
        if op0 == 0xC and word & 0x80:  # BEQZ.N, BNEZ.N: forward, 6 bits
            yield Branch(at, at + 4 + (n << 4 | word >> 12))
    elif op0 == 5 and n == 0:  # CALL0
        yield Branch(at, ((at >> 2) + signed(word >> 6, 18) + 1 << 2) & 0xFFFFFFFF, call=True)
    elif op0 == 6 and n == 0:  # J
        yield Branch(at, at + 4 + signed(word >> 6, 18))
    elif op0 == 6 and n == 1:  # BEQZ, BNEZ, BLTZ, BGEZ
        yield Branch(at, at + 4 + signed(word >> 12, 12))
    elif op0 == 7 or (op0 == 6 and (n == 2 or m > 1)):  # two registers, or one and a constant
        yield Branch(at, at + 4 + signed(word >> 16, 8))
    elif op0 == 6 and m == 1:  # LOOP, LOOPNEZ, LOOPGTZ: forward; and branches by a Boolean register
        offset = word >> 16
        yield Branch(at, at + 4 + (offset if word >> 12 & 8 else signed(offset, 8)))
    elif word & 0xFFF0FF == 0xA0:  # JX
        yield Branch(at, None)
    elif word & 0xFFF0FF == 0xC0:  # CALLX0
        yield Branch(at, None, call=True)
