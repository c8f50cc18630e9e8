# SPDX-License-Identifier: Apache-2.0
"""Takes one-operator models, gives exact instructions of one run on emulated boards, beside those of TFLM.

`python -m tests.bench.operators [board ...]` measures on all of BOARDS when none is named, and writes
OPERATORS.md beside this file; what it says of other boards stays. `--check` counts CHECKED on the first board
again, in seconds, and fails where OPERATORS.md says otherwise. `--models FOLDER` writes the models and their
inputs instead, for whoever measures a peer. Counted as in bench.py, optimised for speed.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import plugin as plugins
from tests import single_op
from tests.bench import bench, operator_layers, tables
from tinyedge import board as boards
from tinyedge import emit, model, pipeline, toolchain, transport
from tinyedge.board import Board
from tinyedge.build import Slot
from tinyedge.line import device
from tinyedge.ops import Case
from tinyedge.options import Options
from tinyedge.toolchain import describe

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "OPERATORS.md"
PEER = HERE / "tflm_operators.toml"
BOARDS = ("mps3-an547", "mps2-an386", "qemu-virt-rv32", "qemu-virt-rv32v")
"""The first is that of the peer's figures."""
LIMIT = 1.5
"""How many of the peer's instructions a layer may take."""
TOGETHER = 12
"""Models in one image: their weights and code must fit it."""
CHECKED = (
    "lstm_int8",
    "batch_matmul_int8",
    "resize_bilinear_int8",
    "softmax_int8",
    "broadcast_to_int8",
    "add_int16",
    "mean_int8",
)
"""What `--check` counts on the first board."""
ROUNDED = ("svdf_int8_state",)
"""As TFLM does it: LiteRT has no such layer."""
HEAD = f"""# Operators

Made by `python -m tests.bench.operators`: do not edit. A layer alone (operator_layers.py), on random bytes,
optimised for speed: instructions are exact counts under QEMU, and no cycles; dispatch and clock reading are
in ours. TFLM with CMSIS-NN, on {BOARDS[0]}'s core, is from tflm_operators.toml: what its kernel's own
function takes, without the interpreter; "-" where it has no such operator or type, or refuses the layer.
**Bold** is more than {LIMIT} times that. Kernels are those of {BOARDS[0]}, portable where no folder is named.

"""
COLUMNS = ("layer", BOARDS[0], "TFLM", "ratio", *BOARDS[1:], "kernels")


@dataclass(frozen=True)
class Count:
    """Instructions of a layer on a board, and its kernels there."""

    instructions: int
    kernels: tuple[str, ...]


Counts = dict[tuple[str, str], Count]
"""By board and layer."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write OPERATORS.md; or check it; or write the models."""
    if "--check" in arguments:
        return check()
    if "--models" in arguments:
        return write_models(Path(arguments[arguments.index("--models") + 1]))
    return write(arguments or BOARDS)


def check() -> int:
    """Count CHECKED again and hold them against OPERATORS.md."""
    committed, layers = known(), operator_layers.layers()
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(bench.PLUGIN, Path(scratch))
        cases = [layers[name] for name in CHECKED]
        found = measure(boards.load(BOARDS[0]), cases, plugin, Path(scratch))
    wrong = {name for name in CHECKED if committed.get((BOARDS[0], name)) != found[BOARDS[0], name]}
    for name in CHECKED:
        said, count = committed.get((BOARDS[0], name)), found[BOARDS[0], name]
        print(
            f"OPERATORS.md says of {name} {said}, but it is {count}" if name in wrong else f"{name}: {count}"
        )
    if wrong:
        print("OPERATORS.md is no longer true: run `make bench` and commit it", file=sys.stderr)
    return 1 if wrong else 0


def write_models(folder: Path) -> int:
    """Every model as <layer>.tflite, what it is fed on as <layer>.bin: its inputs one after another."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in operator_layers.layers().items():
        (folder / f"{name}.tflite").write_bytes(single_op.single(case))
        slots = [(t.dtype, t.nbytes) for t in case.inputs if t is not None and _is_fed(case, t.name)]
        (folder / f"{name}.bin").write_bytes(b"".join(fed(slots)))
    return 0


def _is_fed(case: Case, name: str) -> bool:
    tensor = next(t for t in case.inputs if t is not None and t.name == name)
    return tensor.data is None and name not in case.states


def write(chosen: Sequence[str]) -> int:
    """Measure the boards named, print and write OPERATORS.md."""
    counts = known()
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(bench.PLUGIN, Path(scratch))
        for board in chosen:
            for cases in _parts(list(operator_layers.layers().values())):
                counts |= measure(boards.load(board), cases, plugin, Path(scratch))
                RESULTS.write_text(render(counts), encoding="utf-8")
    print(render(counts))
    return 0


def _parts(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    for rounded in (False, True):
        chosen = [case for case in cases if (case.name in ROUNDED) == rounded]
        for at in range(0, len(chosen), TOGETHER):
            yield chosen[at : at + TOGETHER]


def measure(board: Board, cases: Sequence[Case], plugin: Path, scratch: Path) -> Counts:
    """Count the layers, all in one image and rounded alike: the first run of each."""
    options = Options("speed", "tflm" if cases[0].name in ROUNDED else "litert")
    plans = []
    for case in cases:
        file = scratch / f"{case.name}.tflite"
        file.write_bytes(single_op.single(case))
        plans.append(pipeline.plan(model.load(file), board, options).plan)
    out = scratch / f"{board.name}-{cases[0].name}"
    image = toolchain.compile(emit.emit_image([(plan, "0" * 64) for plan in plans]), board, out)
    file = out / "counts.txt"
    counted = plugins.inferences(board, plugin, image.symbols, file)
    found: Counts = {}
    before = 0
    with device.connect(transport.open_board(counted, image.elf)) as chip:
        for number, (case, plan) in enumerate(zip(cases, plans, strict=True)):
            chip.choose(number)
            slots = [describe.slot(plan, name) for name in plan.graph.inputs]
            feed(chip, slots)
            chip.run()
            done = sum(bench.read_counts(file, image.symbols, number + 1).values())
            kernels = tuple(layer.kernel.removesuffix("_portable") for layer in plan.layers)
            found[board.name, case.name] = Count(done - before, kernels)
            before = done
    return found


def feed(chip: device.Device, slots: Sequence[Slot]) -> None:
    """Write every input."""
    for slot, data in zip(slots, fed([(slot.dtype, slot.bytes) for slot in slots]), strict=True):
        chip.write(slot.offset, data)


def fed(slots: Sequence[tuple[str, int]]) -> list[bytes]:
    """Bytes of a fixed generator for inputs of a type and so many bytes; booleans are its lowest bits."""
    state, found = 12345, []
    for dtype, size in slots:
        data = bytearray()
        for _ in range(size):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            data.append(state >> 24 & (1 if dtype == "bool" else 255))
        found.append(bytes(data))
    return found


def known() -> Counts:
    """What OPERATORS.md says."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    counts: Counts = {}
    for line in re.findall(r"^\| (\w+ \| .*) \|$", text, re.M)[1:]:
        name, first, _, _, *others, kernels = line.split(" | ")
        for board, cell in zip(BOARDS, (first, *others), strict=True):
            if cell != "-":
                made = tuple(kernels.split(", ")) if board == BOARDS[0] else ()
                counts[board, name] = Count(int(cell.replace(",", "")), made)
    return counts


def render(counts: Mapping[tuple[str, str], Count]) -> str:
    """OPERATORS.md, in the order of the layers."""
    peer: dict[str, int] = tomllib.loads(PEER.read_text(encoding="utf-8")) if PEER.exists() else {}
    lines = [tables.row(*COLUMNS), tables.row("---", *["--:"] * (len(COLUMNS) - 2), "---")]
    for name in operator_layers.layers():
        first = counts.get((BOARDS[0], name))
        theirs = peer.get(name)
        ratio = "-" if theirs is None or first is None else f"{first.instructions / theirs:.2f}"
        bold = first is not None and theirs is not None and first.instructions > LIMIT * theirs
        cells = [_number(counts.get((board, name))) for board in BOARDS]
        lines.append(
            tables.row(
                name,
                cells[0],
                "-" if theirs is None else f"{theirs:,}",
                f"**{ratio}**" if bold else ratio,
                *cells[1:],
                "" if first is None else ", ".join(first.kernels),
            )
        )
    return HEAD + "\n".join(lines) + "\n"


def _number(count: Count | None) -> str:
    return "-" if count is None else f"{count.instructions:,}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
