# SPDX-License-Identifier: Apache-2.0
"""The kernels of every emulated core but Helium: random layers, and chains in place, give LiteRT's bits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.emulated import test_helium as helium
from tests.emulated import test_rvv as rvv
from tinyedge.ops import Case, conv_2d
from tinyedge.ops.case import Window
from tinyedge.options import Optimize, Options

FOLDERS = {"qemu-virt-rv32": "scalar", "qemu-virt-rv32v": "rvv", "mps2-an386": "dsp"}
"""The folder of the convolution's fast twin on each board."""


WINDOWS = (
    (Window((1, 1, 1, 300), (1, 1)), 9),  # a single pixel
    (Window((1, 3, 2, 7), (3, 2), padding=1), 6),
    (Window((1, 1, 3, 297), (1, 2)), 35),  # a window in parts, channels in blocks
)


def convolutions() -> Iterator[Case]:
    yield from helium.convolutions(12)
    rng = np.random.default_rng(9)
    for i, (window, channels) in enumerate(WINDOWS):
        yield conv_2d._case(f"window{i}", rng, "int8", "int32", window, channels, 1)


LAYERS: dict[str, Callable[[], Iterator[Case]]] = {
    "CONV_2D": convolutions,
    "DEPTHWISE_CONV_2D": lambda: helium.depthwise(12),
    "FULLY_CONNECTED": lambda: rvv.dense_layers(8),
}


def layers() -> list[Case]:
    """All of them, for one image: what a build and an emulator take besides is taken once."""
    return [
        dataclasses.replace(case, name=f"{operator.lower()}_{case.name}")
        for operator, generate in LAYERS.items()
        for case in generate()
    ]


@pytest.mark.parametrize(("board", "optimize"), [*((b, "speed") for b in FOLDERS), ("mps2-an386", "size")])
def test_random_layers_equal_litert(board: str, optimize: Optimize, tmp_path: Path) -> None:
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(layers()))
    report = zoo.replay(file, board, tmp_path / "out", helium.FRAMES, Options(optimize))
    assert f"conv_2d_s8_{FOLDERS[board]}" in {layer.kernel for layer in report.build.layers}
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (helium.FRAMES, 0), report.bit_exact


@pytest.mark.parametrize("upwards", [False, True])
@pytest.mark.parametrize("board", FOLDERS)
def test_outputs_trail_over_inputs(
    board: str, upwards: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helium, "BOARD", board)
    helium.test_outputs_trail_over_inputs("speed", upwards, tmp_path, monkeypatch)
