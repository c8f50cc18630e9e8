# SPDX-License-Identifier: Apache-2.0
"""Takes a program and what was executed of it, gives the cycles that a model of the core predicts.

They were measured on no chip. Each model says in its own file what is in it and what is not; it needs
arm-none-eabi-objdump.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import cortex_m4, cortex_m55
from tests.bench.cortex_m4 import Instruction

DISASSEMBLER = "arm-none-eabi-objdump"
Counts = Mapping[int, int]
"""By address of an instruction, how often."""


@dataclass(frozen=True)
class Model:
    """A model of a core: who says so, what the disassembler is to be told, and its least and most cycles.

    jumps: whether it must be told which instructions were left by a jump. published: somebody else's cycles
    on a chip with this core, by model; by: who and where.
    """

    source: str
    machine: tuple[str, ...]
    jumps: bool
    cycles: Callable[[Sequence[Instruction], Counts, Counts], tuple[int, ...]]
    published: Mapping[str, int]
    by: str = ""


def _m4(code: Sequence[Instruction], executed: Counts, jumped: Counts) -> tuple[int, ...]:
    found = cortex_m4.predict(code, executed, jumped)
    return tuple(found.cycles(refill) for refill in cortex_m4.REFILLS)


def _m55(code: Sequence[Instruction], executed: Counts, _: Counts) -> tuple[int, ...]:
    return (cortex_m55.predict(code, executed),)


MODELS = {
    "cortex-m4": Model(
        "Arm's Cortex-M4 Technical Reference Manual (DDI 0439), which leaves 1 to 3 cycles for a jump"
        " ([what is in it](cortex_m4.py))",
        (),
        True,
        _m4,
        {
            "ad01_int8": 570_000,
            "kws_ref_model": 5_200_000,
            "pretrainedResnet_quant": 19_900_000,
            "vww_96_int8": 10_700_000,
        },
        "ST Edge AI's at 120 MHz (MLCommons' results of MLPerf Tiny, latency times clock)",
    ),
    "cortex-m55": Model(
        "SLOTHY's cortex_m55r1, which calls itself approximate ([what is in it](cortex_m55.py))",
        ("-m", "armv8.1-m.main"),
        False,
        _m55,
        {},
    ),
}
"""By the core's name; the others have none."""


def predict(model: Model, elf: Path, counts: Path, jumps: Path) -> tuple[int, ...]:
    """The least and the most cycles of one run, or the one number, from what the plugins wrote."""
    ended = subprocess.run(
        [DISASSEMBLER, "-d", *model.machine, str(elf)], capture_output=True, text=True, check=True
    )
    jumped = _read(jumps) if model.jumps else {}
    return model.cycles(tuple(cortex_m4.read(ended.stdout)), _read(counts), jumped)


def _read(file: Path) -> dict[int, int]:
    _, *lines = file.read_text(encoding="ascii").splitlines()
    return {int(address, 16): int(count) for address, count in (line.split() for line in lines)}
