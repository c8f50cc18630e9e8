# SPDX-License-Identifier: Apache-2.0
"""Takes a board's name, gives a one-layer model built for it and a recording: what every board replays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tests import single_op
from tinyedge import board as boards
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.build import Build
from tinyedge.energy import Meter
from tinyedge.judge.report import Report
from tinyedge.model import Model, tflite
from tinyedge.ops import conv_2d
from tinyedge.project import Budget
from tinyedge.recording import Recording, metrics

FRAMES = 8


@dataclass(frozen=True)
class Trial:
    """A model, what was built of it in `out`, and a recording for it."""

    board: str
    model: Model
    build: Build
    out: Path
    recording: Recording

    def run(
        self, model: Model | None = None, budget: Budget | None = None, meter: Meter | None = None
    ) -> Report:
        """Replay; `model` is what the device is judged by, in place of what it was built from."""
        return trial.run(
            model or self.model,
            boards.load(self.board),
            self.build,
            self.out,
            self.recording,
            metrics.choose(1, 1, labelled=False),
            budget or Budget(),
            meter=meter,
        )

    def with_another_weight(self) -> Model:
        """The model with the lowest bit of its first weight turned over."""
        graph = tflite.lower(self.model.data, self.model.name)
        weights = graph.input(graph.ops[0], 1).data
        assert weights is not None
        at = self.model.data.find(weights.tobytes())
        assert at >= 0
        data = bytearray(self.model.data)
        data[at] ^= 1
        return replace(self.model, data=bytes(data))


def convolution() -> Model:
    """A model of one CONV_2D."""
    data = single_op.single(next(iter(conv_2d.operator.cases())))
    return Model(data, "conv", hashlib.sha256(data).hexdigest(), "a test")


def prepare(board: str, out: Path) -> Trial:
    """Build the convolution for a board; random inputs, always the same."""
    model = convolution()
    build = pipeline.build(model, boards.load(board).emulated, out)
    spec = build.inputs[0].spec
    x = np.random.default_rng(5).integers(-128, 128, (FRAMES, *spec.frame), np.int8)
    return Trial(board, model, build, out, Recording(Path("x.npz"), (spec,), (x,)))
