# SPDX-License-Identifier: Apache-2.0
"""Takes a board, gives firmware of the real runtime with tests/toy as its model, and what to expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests import builds
from tinyedge import board as boards
from tinyedge import emit, toolchain
from tinyedge.build import ModelFile
from tinyedge.emit import Sources
from tinyedge.options import Options
from tinyedge.toolchain import Image

INPUT = 16  # arena offset of the input, 64 bytes
SIZE = 64
MISBEHAVE = 4  # arena offset: what layer 1 does
BEFORE, BEHIND, TRAP, FOR_EVER, LONG, STATE_BEFORE, STATE_BEHIND = 1, 2, 3, 4, 5, 6, 7
RUNS = 10  # arena offset: what layer 3 makes of the state's last byte, which it counts up
STATE = 7  # bytes; they are 100, 101 ... before the first run
DIG = 8  # arena offset: how deep layer 2 goes, times 16 * 256 bytes
ARENA = 8003
EXPECT = builds.make(
    board="toy-board",
    build_id="fedcba9876543210",
    model=ModelFile("toy", "0123456789abcdef" + 48 * "0", "model.tflite"),
    layers=tuple(map(builds.layer, ("fold", "misbehave", "dig", "count"))),
    inputs=(builds.slot("x", 0, INPUT, SIZE),),
    outputs=(builds.slot("y", 1, 0, 4),),
    ram=builds.ram(arena=ARENA, state=STATE),
)
OTHER = replace(
    EXPECT,
    model=ModelFile("other", "123456789abcdef0" + 48 * "0", "model.tflite"),
    layers=(builds.layer("only"),),
    inputs=(builds.slot("x", 0, 0, 3),),
    outputs=(builds.slot("y", 1, 1000, 1), builds.slot("z", 2, 8, 1)),
    ram=builds.ram(arena=1001),
)
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g")


def build(name: str, out: Path, compiler: str | None = None, flags: Sequence[str] = ()) -> Image:
    """Build the toy firmware for the board `name`."""
    board = boards.load(name)
    files = emit.emit_board(board)
    for file in sorted((Path(__file__).parent / "toy").iterdir()):
        files[file.name] = file.read_bytes()
    units = tuple(path for path in files if path.endswith((".c", ".S")))
    options = Options("size", compiler=compiler)
    sources = Sources(files, units, {"app.c": "size"}, options, "fedcba9876543210")
    return toolchain.compile(sources, board, out, flags)


def fold(state: int, data: bytes) -> int:
    """What layer 0 makes of its output and an input."""
    for byte in data:
        state = (state * 1664525 + byte + 1) & 0xFFFFFFFF
    return state
