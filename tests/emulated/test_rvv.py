# SPDX-License-Identifier: Apache-2.0
"""RISC-V vector kernels at every length of a vector register: random layers give LiteRT's bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.emulated import test_dense_mps3 as dense
from tests.emulated import test_helium as helium
from tinyedge.ops import Case

BOARD = "qemu-virt-rv32v"
LENGTHS = (64, 128, 256, 512)
"""Bits; the kernels are the same for all, and so is the image."""


def dense_layers(count: int) -> Iterator[Case]:
    rng = np.random.default_rng(11)
    yield from (dense.dense(rng, f"dense{i}") for i in range(count))


GENERATORS: dict[str, Callable[[int], Iterator[Case]]] = {
    "conv_2d": helium.convolutions,
    "depthwise_conv_2d": helium.depthwise,
    "fully_connected": dense_layers,
}


@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize("kind", GENERATORS)
def test_random_layers_equal_litert(kind: str, optimize: str, tmp_path: Path) -> None:
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(list(GENERATORS[kind](20))))
    report = zoo.replay(file, BOARD, tmp_path / "out", helium.FRAMES, optimize)
    assert f"{kind}_s8_rvv" in {layer["kernel"] for layer in report.build["layers"]}
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (helium.FRAMES, 0), report.bit_exact
