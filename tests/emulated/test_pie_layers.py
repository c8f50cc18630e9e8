# SPDX-License-Identifier: Apache-2.0
"""The layers of tests/host/test_pie_kernels.py as machine code in tests/lx7: LiteRT's bits.

There the kernels run over the model of the registers, compiled for this machine; here it is the Xtensa
compiler's code, and instructions by their bytes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import lx7, single_op, zoo
from tests.host.test_pie_kernels import COPIES, LSTM, MATMUL, cases
from tests.host.test_scalar_kernels import extreme
from tinyedge.board import Board
from tinyedge.graph import Tensor
from tinyedge.ops import Case
from tinyedge.options import Optimize, Options

KINDS = {
    ("CONV_2D", "int8"): "conv_2d_s8_pie",
    ("CONV_2D", "int16"): "conv_2d_s16_pie",
    ("CONV_2D", "int16/int32"): "conv_2d_s16_narrow_pie",
    ("DEPTHWISE_CONV_2D", "int8"): "depthwise_conv_2d_s8_pie",
    ("DEPTHWISE_CONV_2D", "int16"): "depthwise_conv_2d_s16_pie",
    ("FULLY_CONNECTED", "int8"): "fully_connected_s8_pie",
    ("FULLY_CONNECTED", "int16"): "fully_connected_s16_pie",
    ("ADD", "int8"): "add_linear_s8_pie",
    ("AVERAGE_POOL_2D", "int8"): "average_pool_2d_s8_pie",
    ("AVERAGE_POOL_2D", "int16"): "average_pool_2d_s16_pie",
    ("MAX_POOL_2D", "int8"): "max_pool_2d_s8_pie",
    ("MAX_POOL_2D", "int16"): "max_pool_2d_s16_pie",
    ("MEAN", "int8"): "mean_s8_pie",
    ("MEAN", "int16"): "mean_s16_pie",
    ("CONCATENATION", "int8"): "concatenation_pie",
    ("TRANSPOSE", "int8"): "strided_copy_s8_pie",
    ("TRANSPOSE", "int16"): "strided_copy_s16_pie",
    ("STRIDED_SLICE", "int8"): "strided_copy_s32_pie",
    ("MIRROR_PAD", "int16"): "table_copy_pie",
    ("MAXIMUM", "int8"): "extremum_s8_pie",
    ("MINIMUM", "int16"): "extremum_s16_pie",
    ("RELU6", "int8"): "limit_s8_pie",
    ("RELU6", "int16"): "limit_s16_pie",
    ("QUANTIZE", "int8"): "rescale_s16_s8_pie",
    ("RELU", "int16"): "rescale_s16_s16_pie",
    ("LEAKY_RELU", "int16"): "leaky_relu_s16_pie",
    ("SOFTMAX", "int8"): "softmax_s8_xtensa",
    ("SOFTMAX", "int16"): "softmax_s8_s16_xtensa",
    ("MUL", "int8"): "mul_s8_pie",
    ("MUL", "int16"): "mul_s16_pie",
    ("SELECT_V2", "int8"): "select_pie",
    ("SELECT_V2", "int16"): "select_pie",
    (MATMUL, "int8"): "batch_matmul_s8_pie",
    (MATMUL, "int16"): "batch_matmul_s16_pie",
    (LSTM, "int8"): "lstm_s8_pie",
}
"""Layers, by the type of activations and, if that says too little, of biases; the kernel that some have."""
LARGEST = 16_500  # bytes of a tensor: all layers of an image are in RAM at once
FRAMES = 3


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Board:
    return lx7.board(tmp_path_factory.mktemp("lx7"))


def small(case: Case) -> bool:
    return all(size(tensor) <= LARGEST for tensor in (*case.inputs, case.output) if tensor is not None)


def size(tensor: Tensor) -> int:
    return 0 if tensor.data is not None else int(np.prod(tensor.shape)) * np.dtype(tensor.dtype).itemsize


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize(("kind", "dtype"), KINDS)
def test_layers_equal_litert(kind: str, dtype: str, optimize: Optimize, board: Board, tmp_path: Path) -> None:
    layers = [case for case in cases(kind, *dtype.split("/")) if small(case)]
    if kind.endswith(("CONV_2D", "CONNECTED")):
        layers += [extreme(layers[0], value, f"extreme{value}") for value in (-128, 127)]
    file = tmp_path / "layers.tflite"
    file.write_bytes(single_op.merged(layers))
    report = zoo.replay(file, board, tmp_path / "out", FRAMES, Options(optimize))
    if optimize == "speed" or kind not in COPIES:  # for size they are memmove
        assert KINDS[kind, dtype] in {layer.kernel for layer in report.build.layers}
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact
