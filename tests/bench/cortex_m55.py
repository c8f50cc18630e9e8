# SPDX-License-Identifier: Apache-2.0
"""Takes what was executed of a program, gives what a Cortex-M55 would need by a published model: cycles.

How often each instruction was executed is an exact count under QEMU; when each is issued is from the model of
this core in the optimiser SLOTHY (slothy/targets/arm_v81m/cortex_m55r1.py), which calls itself approximate,
for memory without wait states:

- One instruction a cycle, in order. A vector of 128 bits keeps its unit busy for 2 cycles: one for loads and
  stores, one for sums, shifts and logic, one for products. Moves between vectors and registers of the core,
  and constants, take whichever of the latter two is free, for 1.
- What follows may use a result 1 cycle later, that of a product, a narrowing or a rounding shift 2, that of
  a sum over lanes of products 3, that of LDRD or of a load of interleaved vectors 2.
- It has gathers of four words, in 2 cycles. Here all gathers and scatters have that rate, two elements a
  cycle: this is a guess.

Not in the model: what a jump costs to refill the pipeline, and that loops of LE need not execute it; stores
that hold up a load two cycles later; what one basic block leaves for the next, but for the rounds of a loop
of one. A list of N registers is counted as N cycles, a division as 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.cortex_m4 import Instruction

LOAD, INTEGER, PRODUCT, SCALAR = "load", "integer", "product", "scalar"
_ELEMENTS = {"8": 16, "16": 8, "32": 4, "64": 2, "b": 16, "h": 8, "w": 4, "d": 2}
_ACCESS = re.compile(r"v(ld|st)r([bhwd])[te]?")
_INTERLEAVED = re.compile(r"v(ld|st)[24]\d")
_REDUCTION = re.compile(r"v(?:rml|ml)[as]?l?d?av.*")
_MULTIPLIED = re.compile(r"v(?:q?r?d?mul|q?r?d?ml[as]|mul|fm[as]|cm).*")
_LATE = re.compile(r"v(?:q?r?shl|r?shr|q?r?shr|shll|q?movn|q?movun|movl|sli|sri).*")
_BRANCH = re.compile(
    r"b|bl|bx|blx|b(?:l|x)?(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|hs|lo)|cbn?z|le|letp|wls|wlstp|bf.*"
)
_LIST = re.compile(r"(?:ldm|stm|push|pop|vldm|vstm|vpush|vpop).*")
_STORED = re.compile(r"v?st.*|v?push|cmp.*|cmn.*|tst.*|teq.*|vcmp.*|b.*|cb.*|vmsr|vpst|vpt.*")
_ACCUMULATING = re.compile(r"v(?:ml|rml|q?r?dml|sli|sri|fm|cm|qmovn|qmovun|movn|q?r?shrn).*|movt|bfi")
_REGISTER = re.compile(r"\b(?:r\d+|sl|fp|ip|sp|lr|[qds]\d+)\b")
_CORE = re.compile(r"\b(?:r\d+|sl|fp|ip|lr)\b")


@dataclass(frozen=True)
class Timing:
    """The units that may take an instruction, how long it keeps the one, and when its result is there."""

    units: tuple[str, ...]
    busy: int = 1
    latency: int = 1


def timing(one: Instruction) -> Timing:
    """What the model says of an instruction."""
    access = _ACCESS.fullmatch(one.name)
    if access is not None and re.search(r"\[\w+, q\d", one.operands):
        elements = _ELEMENTS[one.types[-2:].lstrip("us") or access[2]]
        return Timing((LOAD,), elements // 2)
    if access is not None or _INTERLEAVED.fullmatch(one.name):
        return Timing((LOAD,), 2, 1 if access is not None else 2)
    if _LIST.fullmatch(one.name):
        return Timing((LOAD,), max(len(_REGISTER.findall(one.operands)), 1))
    if not one.name.startswith("v"):
        double = one.name in ("ldrd", "sdiv", "udiv")
        memory = one.name.startswith(("ldr", "str"))
        busy = 11 if one.name in ("sdiv", "udiv") else 1
        return Timing((LOAD,) if memory else (SCALAR,), busy, busy if busy > 1 else 1 + double)
    if one.name in ("vldr", "vstr", "vpst", "vmsr", "vmrs") or one.name.startswith("vpt"):
        return Timing((LOAD,) if one.name[1:] in ("ldr", "str") else (SCALAR,))
    if one.name.startswith("vmov") and not _LATE.fullmatch(one.name):
        return Timing((INTEGER, PRODUCT))
    if _REDUCTION.fullmatch(one.name):
        return Timing((PRODUCT,), 2, 3)
    if _MULTIPLIED.fullmatch(one.name):
        return Timing((PRODUCT,), 2, 2)
    return Timing((INTEGER,), 2, 2 if _LATE.fullmatch(one.name) else 1)


def registers(one: Instruction) -> tuple[set[str], set[str]]:
    """The registers that an instruction reads, and those that it fills; parts of a vector are the vector."""
    found = [_whole(name) for name in _REGISTER.findall(one.operands)]
    if _STORED.fullmatch(one.name) or not found:
        return set(found), set()
    if one.name.startswith("vmov") and "[" in one.operands:
        # Two lanes of a vector from the core, or the other way; the vector keeps its others.
        return set(found), {found[0]} if one.operands.lstrip().startswith("q") else set(found[:2])
    filled = 2 if one.name in ("ldrd", "smull", "umull", "smlal", "umlal") or "aldav" in one.name else 1
    kept = _ACCUMULATING.fullmatch(one.name) or (
        len(found) == filled + 1 and one.name.startswith(("vrshl", "vqrshl"))
    )
    return set(found[0 if kept else filled :]), set(found[:filled])


def _whole(name: str) -> str:
    if name[0] in "ds" and name[1:].isdigit():
        return f"q{int(name[1:]) // (2 if name[0] == 'd' else 4)}"
    return name


def issue(block: Sequence[Instruction], rounds: int) -> int:
    """Cycles from the first instruction of a block to the one behind its last, when it runs so many times."""
    free: dict[str, int] = {}
    ready: dict[str, int] = {}
    now = 0
    for one in [*block] * rounds:
        cost = timing(one)
        read_, filled = registers(one)
        unit = min(cost.units, key=lambda name: free.get(name, 0))
        now = max(now, 0 if unit == SCALAR else free.get(unit, 0), *(ready.get(name, 0) for name in read_), 0)
        free[unit] = now + cost.busy
        for name in filled:
            ready[name] = now + cost.latency
        now += cost.busy if unit == SCALAR else 1
    return now


def blocks(code: Sequence[Instruction], executed: Mapping[int, int]) -> Iterator[list[Instruction]]:
    """What is executed, in runs that are entered at their first instruction and left at their last."""
    targets = {_target(one) for one in code}
    block: list[Instruction] = []
    for one in code:
        before = block[-1] if block else None
        if before is not None and (
            before.address + before.size != one.address
            or one.address in targets
            or _BRANCH.fullmatch(before.name)
            or executed.get(before.address, 0) != executed.get(one.address, 0)
        ):
            yield block
            block = []
        block.append(one)
    if block:
        yield block


def predict(code: Sequence[Instruction], executed: Mapping[int, int]) -> int:
    """Cycles of one inference. executed: by address. ValueError where it is of no instruction."""
    strange = set(executed) - {one.address for one in code}
    if strange:
        raise ValueError(f"executed, but no instruction: {min(strange):#x} and {len(strange) - 1} more")
    cycles = 0
    for block in blocks(code, executed):
        times = executed.get(block[0].address, 0)
        if times:
            loops = _target(block[-1]) == block[0].address
            cycles += times * (issue(block, 2) - issue(block, 1) if loops else issue(block, 1))
    return cycles


def _target(one: Instruction) -> int | None:
    if not _BRANCH.fullmatch(one.name):
        return None
    last = one.operands.split(",")[-1].strip()
    return int(last, 16) if re.fullmatch(r"[0-9a-f]+", last) and not _CORE.fullmatch(last) else None
