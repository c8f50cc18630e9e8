# SPDX-License-Identifier: Apache-2.0
"""Takes checkouts of CMSIS-DSP and CMSIS_6, gives cmsis_dsp.toml: instructions of chains of blocks.

`python -m tests.bench.cmsis_dsp CMSIS-DSP CMSIS_6` compiles cmsis_dsp.c with the functions that it calls for
each board of bench.py, at -O3 with loops unrolled, by each compiler of the board's core, and keeps the least
count. On RISC-V, where it has no intrinsics, that is its portable C. Its code is no part of this repository.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests import plugin as plugins
from tests.bench import bench
from tests.bench.blocks import CHAINS, HERE, PEER, graph
from tinyedge import board as boards
from tinyedge import emit, transport
from tinyedge.board import Board
from tinyedge.toolchain import compilers, elf, jobs
from tinyedge.toolchain.compilers import Compiler

FUNCTIONS: Mapping[str, str] = {
    "BasicMath": "abs_q31 dot_prod_q31 mult_q31 offset_q31 scale_q31 shift_q31",
    "Statistics": "absmax_q31 max_q15 mean_q15 min_q15 power_q15 rms_q15 std_q15 var_q15",
    "Support": "q15_to_q31 q31_to_q15",
    "FastMath": "divide_q31 sqrt_q15 sqrt_q31 vlog_q31",
    "ComplexMath": "cmplx_mag_q31 cmplx_mag_squared_q31",
    "Filtering": "fir_q15 fir_init_q15 fir_decimate_q15 fir_decimate_init_q15 biquad_cascade_df1_q31"
    " biquad_cascade_df1_init_q31",
    "Transform": "bitreversal bitreversal2 cfft_init_q31 cfft_q31 cfft_radix4_q31 mfcc_init_q31 mfcc_q31"
    " rfft_init_q31 rfft_q31",
    "Matrix": "mat_vec_mult_q31",
}
TABLES = ("arm_common_tables.c", "arm_const_structs.c", "arm_mve_tables.c")
LIMIT = 60.0  # s
HEAD = """# Exact instructions of CMSIS-DSP's functions (https://github.com/ARM-software/CMSIS-DSP, commit
# {commit}), counted by cmsis_dsp.py; by chain of blocks.py and board.
"""


def main(dsp: Path, core: Path) -> int:
    """Measure and write cmsis_dsp.toml."""
    counts: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(bench.PLUGIN, Path(scratch))
        for name in bench.BOARDS:
            board = boards.load(name)
            for compiler in board.core.compilers:
                folder = Path(scratch) / f"{name}-{compiler}"
                build(board, compilers.find(board, compiler), dsp, core, folder)
                for chain in CHAINS:
                    found = count(board, folder, chain, plugin)
                    print(name, compiler, chain, found, flush=True)
                    if found is not None:
                        known = counts.setdefault(chain, {})
                        known[name] = min(found, known.get(name, found))
    commit = said("git", "-C", str(dsp), "rev-parse", "HEAD")
    tables = (
        "\n".join([f"\n[{chain}]", *(f"{b} = {n}" for b, n in of.items())]) for chain, of in counts.items()
    )
    PEER.write_text(HEAD.format(commit=commit) + "\n".join(tables) + "\n", encoding="utf-8")
    return 0


def build(board: Board, tool: Compiler, dsp: Path, core: Path, folder: Path) -> None:
    """folder/firmware.elf: cmsis_dsp.c on the board's own start-up code, instead of the runtime."""
    thumb = board.core.instructions == "thumb"
    for path, data in emit.emit_board(board).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (folder / "chains.h").write_text(filters())
    (folder / "runtime/main.c").write_bytes((HERE / "cmsis_dsp.c").read_bytes())
    peers = [
        dsp / f"Source/{room}Functions/arm_{name}.c" for room in FUNCTIONS for name in FUNCTIONS[room].split()
    ]
    peers += [dsp / "Source/CommonTables" / name for name in TABLES]
    units = [file for file in sorted(folder.rglob("*.[cS]")) if file.name not in ("session.c", "command.c")]
    asked = [f"-I{dsp / 'Include'}", f"-I{dsp / 'PrivateInclude'}", f"-I{core / 'CMSIS/Core/Include'}"]
    asked += ["-isystem", "/usr/include/newlib", "-DARM_MATH_LOOPUNROLL", "-w", "-Wno-error"]
    asked += [] if thumb else ["-D__GNUC_PYTHON__"]
    objects = []
    for at, unit in enumerate([*units, *peers]):
        ours = unit in units and unit.name != "main.c"
        objects.append(f"{at}.o")
        command = tool.compile_command(str(unit), objects[-1], folder, "runtime" if ours else "speed")
        run([*command, *([] if ours else asked)], folder, tool)
    run([*tool.link_command(objects, "firmware.elf"), libgcc(board)], folder, tool)


def run(command: list[str], folder: Path, tool: Compiler) -> None:
    """A compiler, whose words end the program where it fails."""
    ended = jobs.run(command, folder, tool.environment)
    if ended.code:
        raise SystemExit(ended.text)


def libgcc(board: Board) -> str:
    """GCC's library of divisions of 64 bits, which clang leaves to a library."""
    thumb = board.core.instructions == "thumb"
    flags = boards.load(board.name if thumb else "qemu-virt-rv32").core.compilers["gcc"].flags
    program = "arm-none-eabi-gcc" if thumb else "riscv64-unknown-elf-gcc"
    return said(program, *flags, "-print-libgcc-file-name")


def said(*command: str) -> str:
    """The line that a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT).stdout.strip()


def filters() -> str:
    """The mel filters' places and lengths as a header."""
    (op,) = (op for op in graph("log_mel_512").ops if op.kind == "block_filter_bank")
    bank = op.attrs["bank"]
    words = {"POSITIONS": bank.first, "LENGTHS": bank.count}
    lines = [f"#define {name} {', '.join(map(str, values))}" for name, values in words.items()]
    return "\n".join([*lines, f"#define WEIGHTS {sum(bank.count)}", ""])


def count(board: Board, folder: Path, chain: str, plugin: Path) -> int | None:
    """Instructions from the entry of a chain's function to done(); None where CMSIS-DSP has no such thing."""
    sizes = elf.measure(folder / "firmware.elf", board, lambda name, source: "other")
    address = {symbol.name: symbol.address for symbol in sizes.symbols}
    if chain not in address:
        return None
    out = folder / f"{chain}.txt"
    assert board.memory is not None
    counted = plugins.attach(
        board,
        plugin,
        begin=address[chain],
        end=address["done"],
        code=board.memory.flash.origin,
        size=sizes.flash,
        out=out,
    )
    line = transport.open_board(counted, folder / "firmware.elf")
    end = time.monotonic() + LIMIT
    size = -1
    while not (out.exists() and out.stat().st_size == size > 0):
        if time.monotonic() > end:
            raise SystemExit(f"{chain} on {board.name} does not end")
        size = out.stat().st_size if out.exists() else -1
        time.sleep(0.2)
    line.close()
    return sum(bench.read_counts(out, sizes.symbols).values())


if __name__ == "__main__":
    sys.exit(main(*(Path(given).resolve() for given in sys.argv[1:3])))
