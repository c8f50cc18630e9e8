# SPDX-License-Identifier: Apache-2.0
"""The model of the ESP32-S3's vector registers, sums by MAC16, and both's bytes, against emulators.

    PATH=$HOME/qemu/bin:$PATH pytest tests/emulated/test_pie_model.py

with Espressif's qemu-system-xtensa there, of 9.2, which judges what instructions do. Our own, tests/lx7, has
that from the model, and is judged itself: how it reads their bytes, and what it has of MAC16. What
accumulates stays within its limits: at them that QEMU is wrong by one, and it takes what EE.LD.ACCX.IP loads
for positive, as it is in our kernels.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests import builds, lx7
from tests.conftest import lacking
from tests.emulated.test_esp_rom import _with_rom, _write_flash
from tests.model_runner import SANITIZERS, WARNINGS
from tinyedge import board as boards
from tinyedge import emit, paths, toolchain, transport
from tinyedge.build import ModelFile
from tinyedge.emit import Sources
from tinyedge.graph import Array
from tinyedge.line.device import connect
from tinyedge.options import Options
from tinyedge.plan.files import contents

FOLDER = Path(__file__).resolve().parents[1] / "pie"
HALF, ROUNDS = 512, 60
EXPECT = builds.make(
    board="tried",
    build_id="fedcba9876543210",
    model=ModelFile("tried", "0123456789abcdef" + 48 * "0", "model.tflite"),
    layers=(builds.layer("tried"),),
    inputs=(builds.slot("x", 0, 0, HALF),),
    outputs=(builds.slot("y", 1, HALF, HALF),),
    ram=builds.ram(arena=2 * HALF),
)


def blocks() -> Array:
    rng = np.random.default_rng(4)
    made = rng.integers(-128, 128, (ROUNDS, HALF), np.int8)
    made[1] = -128
    made[2] = 127
    made[:, 260] = rng.integers(1, 100, ROUNDS)  # of ACCX, bits 32 to 39
    # Lanes of 20 bits from -2^18 to 2^18 - 1: three products do not fill them.
    lanes = rng.integers(-(2**18), 2**18, (ROUNDS, 2, 8))
    for row, halves in zip(made, lanes.tolist(), strict=True):
        low, high = (
            sum((lane & 0xFFFFF) << 20 * i for i, lane in enumerate(half)).to_bytes(20, "little")
            for half in halves
        )
        row[320:360] = np.frombuffer(low[:16] + high[:16] + low[16:] + high[16:], np.int8)
    return made


def modelled(inputs: Array, folder: Path) -> Array:
    if shutil.which("gcc") is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    program = folder / "host"
    command = [
        "gcc",
        *WARNINGS,
        *SANITIZERS,
        f"-I{paths.firmware()}",
        str(FOLDER / "host.c"),
        "-o",
        str(program),
    ]
    subprocess.run(command, check=True, timeout=60)
    done = subprocess.run([program], input=inputs.tobytes(), capture_output=True, timeout=60, check=True)
    return np.frombuffer(done.stdout, np.int8).reshape(ROUNDS, HALF)


@pytest.mark.parametrize("emulator", ["Espressif's", "ours"])
def test_the_model_is_what_the_instructions_do(emulator: str, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    board = boards.load("esp32s3")
    ours = emulator == "ours"
    emulated = lx7.emulated(board, lx7.compile(tmp_path)) if ours else _with_rom("esp32s3", flash)
    kernels = contents(["kernels/pie/pie.h", "kernels/mac16/mac16.h"], ())
    files = (
        emit.emit_board(board)
        | kernels
        | {name: (FOLDER / name).read_bytes() for name in ("app.c", "tried.h")}
    )
    units = tuple(path for path in files if path.endswith((".c", ".S")))
    sources = Sources(files, units, {"app.c": "speed"}, Options("speed"), "fedcba9876543210")
    built = toolchain.compile(sources, board, tmp_path / "build")
    if not ours:
        _write_flash(emulated, tmp_path / "build", flash)
    inputs = blocks()
    wrong = []
    with connect(transport.open_board(emulated, built.elf), expect=EXPECT) as device:
        for i, (given, expected) in enumerate(zip(inputs, modelled(inputs, tmp_path), strict=True)):
            device.write(0, given.tobytes())
            device.write(HALF, bytes(HALF))
            device.run()
            made = np.frombuffer(device.read(HALF, HALF), np.int8)
            wrong += [(i, np.flatnonzero(made != expected).tolist())] if np.any(made != expected) else []
    assert not wrong
