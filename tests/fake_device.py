# SPDX-License-Identifier: Apache-2.0
"""Takes faults to inject, gives a device that runs tiny_models.dense() in numpy, and its build.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests import builds, tiny_models
from tinyedge.board import Board
from tinyedge.board import load as load_board
from tinyedge.build import Build
from tinyedge.errors import DeviceError
from tinyedge.options import Rounding

X, SUM, Y = 0, 4, 6  # byte offsets in the arena


def build(rounding: Rounding = "litert") -> Build:
    """The build of the dense model: x at 0, W x + b at 4, y at 6."""
    sums, y = builds.slot("dense", 3, SUM, 2), builds.slot("y", 4, Y, 2)
    return builds.make(
        rounding=rounding,
        inputs=(builds.slot("x", 0, X, 4),),
        outputs=(y,),
        layers=(builds.layer("first", "fully_connected", sums), builds.layer("second", "relu", y)),
    )


def board() -> Board:
    """The board of that build; one tick is 31.25 instructions."""
    return load_board("mps3-an547")


@dataclass
class FakeDevice:
    """Computes W x + b and its ReLU as written on paper; each fault is one that a chip could have.

    wrong_layer adds 1 to the first element of that layer from frame `from_frame` on; only_whole: only when
    the layers run in one go. ticks are given back in turn. gone_at: the frame at which its port vanishes.
    """

    wrong_layer: int | None = None
    from_frame: int = 0
    only_whole: bool = False
    ticks: tuple[int, ...] = (100,)
    short_read: bool = False
    interrupt_at: int | None = None
    gone_at: int | None = None
    frames: int = -1
    resets: int = 0

    def __post_init__(self) -> None:
        self.arena = np.zeros(8, np.int8)
        self.hello = SimpleNamespace(ticks_hz=32_000_000, tick_unit="instructions")

    def write(self, offset: int, data: bytes) -> None:
        if offset == X:
            self.frames += 1
        self.arena[offset : offset + len(data)] = np.frombuffer(data, np.int8)

    def read(self, offset: int, length: int) -> bytes:
        return self.arena[offset : offset + length - self.short_read].tobytes()

    def run(self, first: int = 0, last: int | None = None) -> int:
        if self.interrupt_at is not None and self.frames >= self.interrupt_at:
            raise KeyboardInterrupt
        if self.gone_at is not None and self.frames >= self.gone_at:
            raise DeviceError("the port is gone", "is it plugged in?")
        whole = last is None
        for layer in range(first, 2 if last is None else last):
            if layer == 0:
                x = self.arena[X : X + 4].astype(int)
                sums = tiny_models.DENSE_W.astype(int) @ x + tiny_models.DENSE_B
                self.arena[SUM : SUM + 2] = np.clip(sums, -128, 127)
            else:
                self.arena[Y : Y + 2] = np.maximum(self.arena[SUM : SUM + 2], 0)
            if layer == self.wrong_layer and self.frames >= self.from_frame and whole >= self.only_whole:
                self.arena[(SUM, Y)[layer]] += 1
        return self.ticks[self.frames % len(self.ticks)]

    def infer(
        self, inputs: Sequence[tuple[int, bytes]], outputs: Sequence[tuple[int, int]]
    ) -> tuple[int, list[bytes]]:
        for offset, data in inputs:
            self.write(offset, data)
        return self.run(), [self.read(offset, length) for offset, length in outputs]

    def reset_state(self) -> None:
        self.resets += 1

    def memory(self) -> Any:
        if self.gone_at is not None and self.frames >= self.gone_at - 1:
            raise DeviceError("the port is gone")
        return SimpleNamespace(stack_size=4096, stack_high_water=272)
