# SPDX-License-Identifier: Apache-2.0
"""Takes a model and a board, gives the Profile: builds, flashes, runs layer by layer on the board."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinyedge import board as boards
from tinyedge import pipeline
from tinyedge.bench import attach
from tinyedge.bench.observer import NOBODY, Observer
from tinyedge.bench.samples import SEED, random_values
from tinyedge.board import Board
from tinyedge.build import Build
from tinyedge.errors import InvalidMeasurement
from tinyedge.judge import profile as profiles
from tinyedge.judge.harness import Progress
from tinyedge.judge.profile import Profile
from tinyedge.line.device import Device
from tinyedge.model import Model
from tinyedge.options import DEFAULT, Options
from tinyedge.toolchain import describe, image

RUNS = 10


def profile(
    model: Model | str | Path,
    board: Board | str | Path,
    out: str | Path | None = None,
    *,
    options: Options = DEFAULT,
    runs: int = RUNS,
    port: str | None = None,
    flash: bool = True,
    observer: Observer = NOBODY,
) -> Profile:
    """Build `model` for `board`, put it there, and measure every layer `runs` times, on random inputs.

    out: folder of the build and of profile.json; default build/BOARD. port, flash: as for `test`. Kernels
    take the same way for every input, but for a few per cent. Raises UsageError, ToolMissing, DeviceError,
    and InvalidMeasurement for a board that gives other bytes for the same input.
    """
    board = board if isinstance(board, Board) else boards.load(board)
    model = model if isinstance(model, Model) else pipeline.load(model)
    port = attach.choose(board, port, observer)
    board = attach.for_port(observer, board, port)
    folder = Path("build") / board.name if out is None else Path(out)
    build = pipeline.build(model, board, folder, options)
    if port is not None and flash:
        attach.flash_another(observer, board, folder, build, port)
    with (
        pipeline.connect(folder, port, board, build) as device,
        observer.progress(f"profiling on {board.name}", runs) as advance,
    ):
        found = measure(device, build, folder, board, runs, emulated=port is None, progress=advance)
    found.write(folder)
    return found


def measure(
    device: Device,
    build: Build,
    folder: Path,
    board: Board,
    runs: int,
    *,
    emulated: bool,
    progress: Progress = lambda steps: None,
) -> Profile:
    """Every layer `runs` times on a device that runs the `build` in `folder`; raises as `profile` does."""
    random = np.random.default_rng(SEED)
    ticks, whole = [], []
    for _ in range(runs):
        one, all_at_once = _run(device, build, random)
        ticks.append(one)
        whole.append(all_at_once)
        progress(1)
    built = image.open_built(folder)
    return profiles.of(
        build,
        board.clock(emulated=emulated),
        np.array(ticks, np.uint64),
        np.array(whole, np.uint64),
        None if built.flash is None else describe.flash_by_layer(build, built.symbols),
        emulated=emulated,
    )


def _run(device: Device, build: Build, random: np.random.Generator) -> tuple[list[int], int]:
    """Ticks of each layer, and of all of them in one run, on the same inputs and from the same states.

    InvalidMeasurement where the outputs of the two differ: then what was measured is not one computation.
    """
    values = [random_values(slot.dtype, slot.shape, random) for slot in build.inputs]
    taken: list[list[int]] = []
    made: list[list[bytes]] = []
    steps = [(at, at + 1) for at in range(len(build.layers))]
    for ranges in (steps, [(0, len(build.layers))]):
        if build.ram.state:
            device.reset_state()
        for slot, value in zip(build.inputs, values, strict=True):
            slot.write(device, value)
        taken.append([device.run(*layers) for layers in ranges])
        made.append([device.read(slot.offset, slot.bytes) for slot in build.outputs])
    if made[0] != made[1]:
        raise InvalidMeasurement(
            "the same input gave other bytes the second time: the board does not compute the same each time",
            "`tinyedge test` says whether its bits are right; look at its supply and its clock",
        )
    return taken[0], taken[1][0]
