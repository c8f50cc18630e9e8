# SPDX-License-Identifier: Apache-2.0
"""Takes a build, its model, a board and a recording, gives the Report: connects, replays, rates, judges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinyedge import transport
from tinyedge.board import Board
from tinyedge.build import Build
from tinyedge.errors import InvalidMeasurement
from tinyedge.graph import Array
from tinyedge.judge import harness, report
from tinyedge.judge.harness import Progress
from tinyedge.judge.report import Report
from tinyedge.line import clock
from tinyedge.line import device as devices
from tinyedge.model import Model
from tinyedge.oracle import Oracle
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric


def run(
    model: Model,
    board: Board,
    build: Build,
    out: Path,
    recording: Recording,
    metric: Metric,
    budget: Budget,
    golden: Sequence[Array] | None = None,
    port: str | None = None,
    progress: Progress = lambda frames: None,
) -> Report:
    """Replay `recording` on the board at `port` (None: its emulator), which runs what `build` says of `out`.

    golden: recorded outputs to judge by. Whatever happens, the port is given back and the emulator ended.
    Raises DeviceError, ToolMissing, and what `harness.replay` and `report.judge` raise.
    """
    with (
        Oracle(model.data, model.name) as oracle,
        devices.connect(transport.open_board(board, out / build.image.elf, port), build) as device,
    ):
        # An emulator's time is virtual, and only cycles are a clock of the chip's own.
        started = clock.read(device) if port is not None and device.hello.tick_unit == "cycles" else None
        replay = harness.replay(device, build, recording, oracle, golden, progress)
        measured = None if started is None else clock.since(device, started)
    rated = metric.kind != "none" and recording.labels is not None
    real = _float_outputs(model, recording) if rated and model.real is not None else None
    return report.judge(
        replay,
        build,
        board,
        budget,
        metric,
        real,
        recording.period_us,
        emulated=port is None,
        measured=measured,
    )


def _float_outputs(model: Model, recording: Recording) -> list[Array]:
    assert model.real is not None
    with Oracle(model.real, f"{model.name}, float") as oracle:
        feed: dict[int | str, Array] = {
            port.index: values.reshape(-1, *port.shape)
            for port, values in zip(oracle.inputs, recording.real(), strict=True)
        }
        outputs = oracle.run_many(feed)
    wrong = np.flatnonzero(~np.isfinite(outputs[0].reshape(len(recording), -1)).all(axis=1))
    if wrong.size:
        raise InvalidMeasurement(
            f"the float model gives values that are not finite, first in frame {wrong[0]}",
            "check the model, and that the recording has the scale it was trained with",
        )
    return outputs
