# SPDX-License-Identifier: Apache-2.0
"""Takes what was executed of a program, gives what a Cortex-M4 would need for it by its manual: cycles.

How often each instruction was executed and left by a jump are exact counts under QEMU; what each costs is
from Arm's Cortex-M4 Processor Technical Reference Manual (DDI 0439), "Instruction set summary" and
"Load/store timings", for memory without wait states:

- 1 cycle, unless told here; a division its most, 12.
- A load takes 2, but 1 right behind another load that its address does not wait for. Stores at a constant
  distance take 1, at that of a register 2, or 1 behind such a load. LDRD and STRD take 3, lists of N
  registers 1 + N.
- An address that the data processing instruction right before it makes costs 1 more.
- A jump refills the pipeline, in P cycles, of which the manual says only that they are 1 to 3, by where it
  goes and how early that is known. What is predicted is both ends.

Not in the model: contention of literal loads with the fetch, IT instructions that are folded away,
conditional instructions that do nothing (all are counted as if they did).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

REFILLS = (1, 3)
"""The least and the most cycles that a jump takes to refill the pipeline."""

_CONDITION = "(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
_SINGLE = re.compile(rf"(ldr|str)(?:sb|sh|b|h)?{_CONDITION}")
_DOUBLE = re.compile(rf"(?:ldr|str)d{_CONDITION}")
_LIST = re.compile(rf"(?:ldm|stm|push|pop)(?:ia|db)?{_CONDITION}")
_DIVISION = re.compile(rf"[su]div{_CONDITION}")
_TABLE = re.compile("tb[bh]")
_BRANCH = re.compile(rf"(?:b|bl|bx|blx){_CONDITION}|cbn?z")
_TEST = re.compile(rf"(?:cmp|cmn|tst|teq){_CONDITION}|it[te]*|nop|dsb|isb|dmb|cpsi[de]|msr")
_LONG = re.compile("[su]m(?:ull|lal)")
_REGISTER = re.compile(r"\b(?:r\d+|sl|fp|ip|sp|lr|pc)\b")
_LINE = re.compile(r"\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)\t?([^@;<]*)")


@dataclass(frozen=True)
class Instruction:
    """One line of a disassembly: `size` in bytes, the mnemonic, the operands as text; `types` is what the
    mnemonic has behind its first dot, its width or those of elements.
    """

    address: int
    size: int
    name: str
    operands: str
    types: str = ""

    @property
    def loads(self) -> bool:
        """Whether it is a load of one register."""
        single = _SINGLE.fullmatch(self.name)
        return single is not None and single[1] == "ldr"

    @property
    def cycles(self) -> int:
        """What it takes alone, without a refill of the pipeline."""
        if _SINGLE.fullmatch(self.name):
            return 2 if self.loads or len(self.address_registers) > 1 else 1
        if _DOUBLE.fullmatch(self.name):
            return 3
        if _LIST.fullmatch(self.name):
            return 1 + len(_REGISTER.findall(self.operands.partition("{")[2]))
        if _DIVISION.fullmatch(self.name):
            return 12
        return 2 if _TABLE.fullmatch(self.name) else 1

    @property
    def address_registers(self) -> tuple[str, ...]:
        """The registers that make the address, of a load or a store."""
        return tuple(_REGISTER.findall(self.operands.partition("[")[2].partition("]")[0]))

    @property
    def loaded(self) -> str | None:
        """The register that a load of one register fills."""
        return self.operands.partition(",")[0].strip() if self.loads else None

    @property
    def computed(self) -> tuple[str, ...]:
        """The registers that a data processing instruction fills."""
        other = (_SINGLE, _DOUBLE, _LIST, _TABLE, _BRANCH, _TEST)
        if any(kind.fullmatch(self.name) for kind in other):
            return ()
        return tuple(_REGISTER.findall(self.operands)[: 2 if _LONG.match(self.name) else 1])

    def behind(self, before: Instruction) -> int:
        """Cycles more (or less) that it takes right behind `before`."""
        addresses = self.address_registers
        if set(before.computed) & set(addresses):
            return 1
        return -1 if before.loads and before.loaded not in addresses and self._joins else 0

    @property
    def _joins(self) -> bool:
        return _SINGLE.fullmatch(self.name) is not None and self.cycles == 2


@dataclass(frozen=True)
class Prediction:
    """Of one inference: instructions and jumps executed, and the cycles without any refill."""

    instructions: int
    jumps: int
    straight: int

    def cycles(self, refill: int) -> int:
        """With `refill` cycles a jump."""
        return self.straight + refill * self.jumps


def predict(
    code: Sequence[Instruction], executed: Mapping[int, int], jumped: Mapping[int, int]
) -> Prediction:
    """executed, jumped: by address. ValueError where they contradict each other or the code."""
    known = {one.address for one in code}
    strange = [f"{address:#x}" for address in executed if address not in known]
    if strange:
        raise ValueError(f"executed, but no instruction: {', '.join(strange)}")
    straight = 0
    before: Instruction | None = None
    for one in code:
        times = executed.get(one.address, 0)
        straight += times * one.cycles
        if before is not None and before.address + before.size == one.address:
            fell = executed.get(before.address, 0) - jumped.get(before.address, 0)
            if not 0 <= fell <= times:
                raise ValueError(f"{one.address:#x} was executed {times} times, {fell} of them from above")
            straight += fell * one.behind(before)
        before = one
    return Prediction(sum(executed.values()), sum(jumped.values()), straight)


def read(disassembly: str) -> Iterator[Instruction]:
    """What objdump -d prints; constants among the code are left out."""
    for line in disassembly.splitlines():
        found = _LINE.match(line)
        if found is not None and not found[3].startswith("."):
            size = len(found[2].replace(" ", "")) // 2
            name, _, types = found[3].partition(".")
            yield Instruction(int(found[1], 16), size, name, found[4].strip(), types)
