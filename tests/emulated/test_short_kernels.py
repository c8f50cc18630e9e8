# SPDX-License-Identifier: Apache-2.0
"""Fast kernels with int16 activations on emulated cores: LiteRT's bits, of operators' layers and others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.emulated import test_helium as helium
from tests.emulated import test_rvv as rvv
from tinyedge import ops
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import Case
from tinyedge.options import Options

FOLDERS = {"mps3-an547": "helium", "qemu-virt-rv32": "scalar", "qemu-virt-rv32v": "rvv", "mps2-an386": "dsp"}
"""The folder of the twins on each board."""
KERNELS = ("conv_2d_s16", "fully_connected_s16")
FRAMES = 3
"""Random bytes, and all minima and all maxima."""
LEAST = 0.01
"""Scale of an output, times 256."""
CHOSEN = (0, 5, 10, 11)
"""Of Helium's convolutions: a window in parts, many channels, a stride, groups."""


def widened(case: Case) -> Case:
    """An int8 layer with the same weights and int16 activations, whose outputs fit 32 bits unclamped."""
    source, weights, bias = case.inputs
    assert source is not None
    if bias is not None:
        assert bias.data is not None
        scale = None if bias.quantization is None else _finer(bias.quantization)
        bias = replace(bias, dtype="int64", data=bias.data.astype(np.int64) * 64, quantization=scale)
    return replace(case, inputs=(_wide(source), weights, bias), output=_wide(case.output, LEAST))


def _wide(tensor: Tensor, least: float = 0.0) -> Tensor:
    assert tensor.quantization is not None
    return replace(tensor, dtype="int16", quantization=_finer(tensor.quantization, least))


def _finer(quantization: Quantization, least: float = 0.0) -> Quantization:
    scales = tuple(float(np.float32(max(scale, least) / 256)) for scale in quantization.scale)
    return Quantization(scales, (0,) * len(scales))


def layers() -> Iterator[Case]:
    """What operators have in int16 with biases of 64 bits, and some of what the int8 kernels are tried on."""
    for kind, every in (("CONV_2D", 2), ("FULLY_CONNECTED", 2), ("ADD", 4)):
        cases = [case for case in ops.operators()[kind].cases() if case.operator == kind]
        wide = [case for case in cases if case.output.dtype == "int16" and "int32" not in case.name]
        yield from wide[::every]
    convolutions = list(helium.convolutions(0))
    yield from (widened(convolutions[i]) for i in CHOSEN)
    yield from map(widened, rvv.dense_layers(2))


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize("board", FOLDERS)
def test_layers_equal_litert(board: str, tmp_path: Path) -> None:
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(list(layers())))
    report = zoo.replay(file, board, tmp_path / "out", FRAMES, Options("speed"))
    for kernel in KERNELS:
        assert f"{kernel}_{FOLDERS[board]}" in {layer.kernel for layer in report.build.layers}
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact
