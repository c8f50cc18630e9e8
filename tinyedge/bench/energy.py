# SPDX-License-Identifier: Apache-2.0
"""Takes a board that runs a build, and a meter beside it, gives what an inference takes: runs of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tinyedge import energy
from tinyedge.board import Board
from tinyedge.build import Build
from tinyedge.energy import Energy, Meter
from tinyedge.errors import UsageError
from tinyedge.judge import harness
from tinyedge.judge.harness import Target
from tinyedge.recording import Recording

MOST = 100
"""Frames that are measured: the first of the recording."""


@contextmanager
def opened(probe: str | None, board: Board) -> Iterator[Meter | None]:
    """The meter that `--energy` names, for as long as it is needed; None where it names none.

    Opened before the board is spoken to, since it may be the board's supply. As energy.connect.
    """
    if probe is None:
        yield None
        return
    check(board)
    meter = energy.connect(probe)
    try:
        yield meter
    finally:
        meter.close()


def check(board: Board) -> None:
    """UsageError where a probe beside the board would see nothing of it."""
    if board.marker is None:
        shown = f"a file of your own: `tinyedge boards --show {board.name}` prints one"
        raise UsageError(
            f"{board.name} has no marker, so a probe cannot know when it computes",
            f'write `marker = "PIN"`, a free one, into {"its file" if board.folder else shown}',
        )


def measure(device: Target, build: Build, recording: Recording, meter: Meter) -> Energy:
    """Run the recording's first frames, each in one go, while `meter` measures. As Meter.finish."""
    frames = recording.first(min(len(recording), MOST))
    stored = harness.frames_of(frames, build.inputs)
    meter.start()
    try:
        ran = harness.run(device, build.inputs, build.outputs, stored, lambda done: None, fresh=frames.fresh)
        if ran.stopped is not None:
            raise ran.stopped
    except BaseException:
        meter.stop()
        raise
    hello = device.hello
    seconds = float(ran.ticks.sum()) / hello.ticks_hz if hello.tick_unit == "cycles" else None
    return meter.finish(len(frames), seconds)
