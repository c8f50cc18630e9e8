# SPDX-License-Identifier: Apache-2.0
"""Takes MicroPython on an emulated board, gives what a model costs as its module, beside the same C alone.

`python -m tests.bench.micropython [MODEL.tflite ...]` (MLPerf Tiny's and tiny_cnn when none is named) writes
MICROPYTHON.md beside this file; lines of other boards and models stay. TINYEDGE_MICROPYTHON_BOARD and
..._ROMFS are as in tests/README.md, the command's `-kernel` a port with its symbols. Instructions of one
`predict`, with all that Python does around it, are counted between two functions of MicroPython's by the
plugin of bench.py. A model whose C module is in the firmware (`export --format micropython`) is counted as
that, too.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

from tests import plugin as plugins
from tests.bench import bench
from tests.host.test_micropython_board import architecture, file_system, session
from tests.host.test_micropython_native import ROOM, made_of
from tinyedge import board as boards
from tinyedge import names
from tinyedge.board import Board
from tinyedge.errors import DeviceError
from tinyedge.line.repl import Interpreter
from tinyedge.micropython import mpy
from tinyedge.micropython.native import Architecture
from tinyedge.options import Options

RESULTS = bench.HERE / "MICROPYTHON.md"
ALONE = {
    "armv7m": "mps2-an386",
    "armv7emsp": "mps2-an386",
    "armv7emdp": "mps2-an500",
    "rv32imc": "qemu-virt-rv32",
}
"""The board on which the same C runs without MicroPython."""
HELIUM = "mps3-an547"
PARTS = ("model", "kernels", "constants", "weights")
"""What is the model's own of a firmware's flash."""
HEAD = f"""# MicroPython

Made by `python -m tests.bench.micropython`: do not edit. Counts of instructions in QEMU, of one `predict`
with all that Python does around it and the ticks of its clock that fall into it, and, alone, of the same
kernels in firmware of ours for the same core: the C of MicroPython's firmware is compiled by GCC on both
sides, a native module by zig's clang, all for speed. Bytes of a native module stand beside those of the
code, constants and weights in that firmware; it may have {ROOM:,} more.

| board | module | model | instructions | outside the module | alone | ratio | bytes | in firmware |
| --- | --- | --- | --: | --: | --: | --: | --: | --: |
"""
GIVEN = """data, x = bytearray(n), 12345
for i in range(n):
    x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
    data[i] = x >> 24"""
"""The bytes that bench.py gives."""
LINE = re.compile(r"\| ([^|]+ \| [^|]+ \| [^|]+) \|.*\d")


@dataclass(frozen=True)
class Port:
    """MicroPython in QEMU: what starts it, where in it things are; C modules of ours in it, by prefix."""

    command: tuple[str, ...]
    interpreter: Interpreter
    begin: int
    end: int
    heap: range
    memory: range
    ours: tuple[range, ...]
    modules: frozenset[str]


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write MICROPYTHON.md."""
    command = os.environ.get("TINYEDGE_MICROPYTHON_BOARD")
    if command is None:
        print("TINYEDGE_MICROPYTHON_BOARD does not say how QEMU starts MicroPython", file=sys.stderr)
        return 5
    port = port_of(shlex.split(command))
    files = [Path(name) for name in arguments] or [*sorted(bench.MODELS.glob("*.tflite")), bench.OURS]
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    lines = {found[1]: each for each in text.splitlines() if (found := LINE.match(each))}
    with tempfile.TemporaryDirectory() as scratch:
        for file in files:
            folder = Path(scratch) / file.stem
            folder.mkdir()
            for each in measure(port, file, folder):
                print(each, flush=True)
                if found := LINE.match(each):
                    lines[found[1]] = each
    RESULTS.write_text(HEAD + "".join(f"{lines[key]}\n" for key in sorted(lines)), encoding="utf-8")
    return 0


def port_of(command: Sequence[str]) -> Port:
    """What the port says of itself, and its ELF file of it."""
    with Path(command[command.index("-kernel") + 1]).open("rb") as opened:
        elf = ELFFile(opened)
        symbols = {symbol.name: symbol for symbol in elf.get_section_by_name(".symtab").iter_symbols()}
        segments = [
            range(segment["p_vaddr"], segment["p_vaddr"] + segment["p_memsz"])
            for segment in elf.iter_segments()
            if segment["p_type"] == "PT_LOAD"
        ]
    thumb = 0 if "riscv" in command[0] else 1
    begin, end = (symbols[f"mp_micropython_heap_{name}"]["st_value"] - thumb for name in ("lock", "unlock"))
    heap = symbols["gc_heap"]
    where = range(heap["st_value"], heap["st_value"] + heap["st_size"])
    held = [each for each in segments if begin in each or where.start in each]
    memory = range(min(each.start for each in held), max(each.stop for each in held))
    modules = {name.removesuffix("_run_layers") for name in symbols if name.endswith("_run_layers")}
    starts = [(each["st_value"] & ~1, each["st_size"]) for name, each in symbols.items() if name[:3] == "te_"]
    ours = tuple(range(start, start + size) for start, size in starts)
    counted = (*command, "-icount", "shift=0")
    with session(list(command)) as repl:
        said = repl.interpreter()
    return Port(counted, said, begin, end, where, memory, ours, frozenset(modules))


def measure(port: Port, file: Path, folder: Path) -> list[str]:
    """A line for the native module, and one for that in the firmware, if it is there."""
    interpreter = port.interpreter
    found = architecture(interpreter)
    board = f"{interpreter.machine.split(' ')[0]}, {'.'.join(map(str, interpreter.version))}"
    own = names.prefix(file.stem)
    lines = []
    if own in port.modules:
        alone = alone_on(boards.load(HELIUM), file, folder / "helium", "gcc")
        total, inside = count(port, folder, alone, own, None)
        lines.append(
            f"| {board} | C in firmware, Helium | {file.stem} | {figures(total, inside, alone)} | | |"
        )
    made = made_of(file, found.name, folder / "scratch", Options("speed"))
    alone = alone_on(same_kernels(found), file, folder / "alone")
    firmware = sum(alone.build.flash.parts.get(part, 0) for part in PARTS)
    assert interpreter.mpy is not None
    module = mpy.readable_by(made.module, interpreter.mpy[1])
    (folder / "rom.img").write_bytes(made.image)
    label = f"| {board} | native {found.name} | {file.stem}"
    try:
        total, inside = count(port, folder, alone, "model", module)
    except DeviceError as error:
        if "MemoryError" not in str(error):
            raise
        return [*lines, f"{label}: the heap is too small"]
    sizes = f"{len(module):,} | {firmware:,}"
    return [*lines, f"{label} | {figures(total, inside, alone)} | {sizes} |"]


def figures(total: int, inside: int, alone: bench.Row) -> str:
    return f"{total:,} | {total - inside:,} | {alone.instructions:,} | {total / alone.instructions:.3f}"


def same_kernels(found: Architecture) -> Board:
    """A board of ours that takes the kernels of this code and is compiled for the same core."""
    board = boards.load(ALONE[found.name])
    own = {flag.split("=")[0]: flag for flag in found.flags}
    facts = board.core.compilers["zig"]
    same = tuple(own.get(flag.split("=")[0], flag) for flag in facts.flags)
    compilers = {"zig": facts.model_copy(update={"flags": same})}
    core = board.core.model_copy(update={"isa": found.isa, "compilers": compilers})
    return board.model_copy(update={"core": core})


def alone_on(board: Board, file: Path, folder: Path, compiler: str | None = None) -> bench.Row:
    folder.mkdir()
    return bench.measure(board, file, "speed", plugins.compile(bench.PLUGIN, folder), folder, compiler)


def count(port: Port, folder: Path, alone: bench.Row, name: str, module: bytes | None) -> tuple[int, int]:
    """Instructions of one `predict` of the module `name`: all, and those of the module itself."""
    out = folder / "counts.txt"
    facts = {"begin": port.begin, "end": port.end, "code": port.memory.start, "size": len(port.memory)}
    words = [f"{key}={value:#x}" for key, value in facts.items()]
    plugin = ",".join([str(plugins.compile(bench.PLUGIN, folder)), *words, f"out={out}"])
    places = os.environ.get("TINYEDGE_MICROPYTHON_ROMFS") if module is not None else None
    rom = shlex.split((places or "").replace("{}", str(folder / "rom.img")))
    (slot,) = alone.build.inputs
    size = sum(slot.bytes for slot in alone.build.outputs)
    with session([*port.command, *rom, "-plugin", plugin]) as repl:
        if module is not None and not rom:
            file_system(repl, {"model.mpy": module})
        repl.run(f"import gc, micropython, {name} as model\ngc.collect()", 120)
        if module is not None and not rom:
            repl.run("import os\nos.remove('model.mpy')\ngc.collect()")
        repl.run(
            f"n = {slot.bytes}\n{GIVEN}\nout = bytearray({size})\nmodel.predict(data, out)\ngc.collect()", 300
        )
        repl.run("micropython.heap_lock()\nmodel.predict(data, out)\nmicropython.heap_unlock()", 300)
    head, *lines = out.read_text(encoding="ascii").splitlines()
    assert head == "intervals 1", head
    counts = [(int(address, 16), int(number)) for address, number in (line.split() for line in lines)]
    own = port.ours if module is None else (port.heap,)
    inside = sum(number for address, number in counts if any(address in each for each in own))
    return sum(number for _, number in counts), inside


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
