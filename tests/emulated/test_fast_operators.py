# SPDX-License-Identifier: Apache-2.0
"""Fast kernels of other operators than convolutions and dense layers give LiteRT's bits on emulated cores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.bench import operator_layers
from tests.conftest import needed
from tests.host.test_tflm import narrow_svdf
from tinyedge import ops, paths
from tinyedge.ops import Case, depthwise_conv_2d
from tinyedge.ops.case import Window
from tinyedge.options import Options

BOARDS = {"mps3-an547": "helium", "qemu-virt-rv32v": "rvv", "mps2-an386": "dsp", "qemu-virt-rv32": "scalar"}
"""With the folder of their kernels."""
FRAMES = 4
"""Random numbers, all minima and all maxima."""
CASES = {
    # kernel: cases of its operator, or rows of OPERATORS.md, that take it, odd sizes among them
    "add_linear_s8": ("add_int8_0", "add_int8_4"),
    "add_s16": ("add_int16_0", "add_int16_4", "sub_int16_7"),
    "average_pool_2d_s8": ("average_pool_2d_int8_1", "average_pool_2d_int8_2"),
    "average_pool_2d_s16": ("average_pool_2d_int16_1", "average_pool_2d_int16_2"),
    "batch_matmul_s8": ("batch_matmul_int8_0", "batch_matmul_int8_1"),
    "batch_matmul_s16": ("batch_matmul_int16_0", "batch_matmul_int16_1", "batch_matmul_int16_5"),
    "batch_matmul_s16_s8": ("batch_matmul_int16_4",),
    "compare_raw_s8": ("less_equal_int8_0", "greater_int8", "equal_int8_0", "not_equal_bool_2"),
    "compare_raw_s16": ("less_int16_0", "greater_int16", "equal_int16_0"),
    "compare_s8": ("equal_int8_3", "less_int8_1", "greater_equal_int8_2"),
    "compare_s16": ("equal_int16_4",),
    "concatenation": ("concatenation_int8_0", "concatenation_int16_3", "concatenation_rows_int8"),
    "conv_2d_s16_narrow": tuple(f"conv_2d_int16_int32_{i}" for i in (0, 1, 2, 5, 6)),
    "depthwise_conv_2d_s16": tuple(f"depthwise_conv_2d_int16_{i}" for i in (0, 1, 5, 9, 10)),
    "div_s8": ("div_int8_1", "div_int8_5", "div_divisors_int8"),
    "div_s16": ("div_int16_1", "div_int16_5", "div_divisors_int16"),
    "extremum_s8": ("maximum_int8_0", "minimum_int8_4", "minimum_int8"),
    "extremum_s16": ("maximum_int16_0", "minimum_int16_4", "maximum_int16"),
    "leaky_relu_s16": ("leaky_relu_int16_1", "leaky_relu_int16_2"),
    "limit_s8": ("relu6_int8",),
    "limit_s16": ("relu6_int16",),
    "lstm_s8": ("lstm_1", "lstm_2", "lstm_3"),
    "max_pool_2d_s8": tuple(f"max_pool_2d_int8_{i}" for i in range(4)),
    "max_pool_2d_s16": tuple(f"max_pool_2d_int16_{i}" for i in range(4)),
    "mean_s8": (
        *(f"mean_int8_{i}" for i in range(8)),
        "mean_int8_many",
        "mean_int8_groups",
        "mean_of_channels_int8",
        "sum_0",
    ),
    "mean_s16": (
        *(f"mean_int16_{i}" for i in range(8)),
        "mean_int16_many",
        "mean_int16_groups",
        "mean_of_channels_int16",
    ),
    "mul_s8": ("mul_int8_4", "mul_int8_7"),
    "mul_s16": ("mul_int16_0", "mul_int16_3"),
    "prelu_s8": ("prelu_int8_0",),
    "prelu_s16": ("prelu_int16_2",),
    "rescale_s16_s8": ("quantize_int16_int8_0", "quantize_int16_int8_1", "quantize_from_below_int8"),
    "rescale_s16_s16": ("quantize_int16_int16_1", "relu_int16_0", "relu_int16_1"),
    "resize_bilinear_s8": (*(f"resize_bilinear_int8_{i}" for i in (0, 2, 4)), "resize_bilinear_int8"),
    "resize_bilinear_u8": tuple(f"resize_bilinear_uint8_{i}" for i in range(3)),
    "resize_bilinear_s16": (*(f"resize_bilinear_int16_{i}" for i in (0, 1, 3, 4)), "resize_bilinear_int16"),
    "select": ("select_v2_int8_1", "select_v2_int16_0", "select_v2_int32_1", "select_int32_1"),
    "softmax_s8": ("softmax_int8_int8_1", "softmax_int8_int8_2"),
    "softmax_s8_s16": ("softmax_int8_int16_2",),
    "softmax_s16": ("softmax_int16_int16_1", "softmax_int16_int16_2"),
    "squared_difference_s8": ("squared_difference_int8_3", "squared_difference_zero_points_1"),
    "strided_copy_s8": ("strided_slice_int8_4", "transpose_int8_2", "split_int8_2", "reverse_v2_int8"),
    "strided_copy_s16": ("strided_slice_int16_0", "transpose_int16_0", "reverse_v2_int16"),
    "strided_copy_s32": ("strided_slice_int32_1", "transpose_int64_1"),
    "svdf_s8": ("svdf_1", "svdf_2"),
    "table_copy": ("resize_nearest_neighbor_int8_1", "mirror_pad_int16_0", "batch_to_space_nd_int8_2"),
    "transpose_conv_s8": tuple(f"transpose_conv_int8_int32_{i}" for i in range(1, 9)),
    "transpose_conv_s16": tuple(f"transpose_conv_int16_int64_{i}" for i in range(9)),
    "transpose_conv_s16_narrow": tuple(f"transpose_conv_int16_int32_{i}" for i in range(9)),
}
ONLY = {
    # folder, kernel: the same where others stay portable
    ("helium", "resize_bilinear_s8"): (
        "resize_bilinear_int8_0",
        "resize_bilinear_int8_4",
        "resize_bilinear_int8",
    ),
    ("helium", "resize_bilinear_u8"): ("resize_bilinear_uint8_0",),
    ("helium", "resize_bilinear_s16"): (
        "resize_bilinear_int16_0",
        "resize_bilinear_int16_4",
        "resize_bilinear_int16",
    ),
    **{
        (isa, f"{kind}_pool_2d_s{n}"): tuple(f"{kind}_pool_2d_int{n}_{i}" for i in cases)
        for isa, kind, cases in (
            ("rvv", "average", (1, 3, 5)),
            ("rvv", "max", (1, 5)),
            ("scalar", "average", (1, 3, 5)),
            ("scalar", "max", (1, 3, 5)),
        )
        for n in (8, 16)
    },
    ("scalar", "mean_s8"): ("mean_int8", "mean_int8_many", "mean_int8_groups"),
    ("scalar", "mean_s16"): ("mean_int16_many", "mean_int16_groups"),
}
ELSEWHERE = {
    # test_fast_kernels.py, test_helium.py, test_rvv.py, test_short_kernels.py, test_dense_mps3.py
    "conv_2d_s8",
    "conv_2d_s8_quads",
    "conv_2d_s8_rows",
    "conv_2d_s8_strips",
    "conv_2d_s16",
    "depthwise_conv_2d_s8",
    "depthwise_conv_2d_s8_windows",
    "fully_connected_s8",
    "fully_connected_s8_wide",
    "fully_connected_s16",
    # test_block_kernels.py
    "biquad_s16",
    "fir_s16",
    "spectra_s16",
    "spectrum_s32_s32",
    "statistics_s16",
    "window_s16",
    # below
    "svdf_s8_narrow",
}


def layers(isa: str) -> list[Case]:
    """The cases of CASES whose kernels are in a folder."""
    made = {case.name: case for kind in ops.operators().values() for case in kind.cases()}
    made |= operator_layers.layers()
    chosen = {kernel: ONLY.get((isa, kernel), CASES[kernel]) for kernel in CASES.keys() & folder(isa)}
    return [made[name] for kernel in sorted(chosen) for name in chosen[kernel]]


def kernels(isa: str) -> set[str]:
    """What these become there."""
    return {f"{kernel}_{isa}" for kernel in CASES.keys() & folder(isa)}


def folder(isa: str) -> set[str]:
    return {file.stem for file in (paths.firmware() / "kernels" / isa).glob("*.c")}


@pytest.mark.parametrize("board", BOARDS)
def test_kernels_equal_litert(board: str, tmp_path: Path) -> None:
    file = tmp_path / "operators.tflite"
    file.write_bytes(single_op.merged(layers(BOARDS[board])))
    report = zoo.replay(file, board, tmp_path / "out", FRAMES, Options("speed"))
    assert {layer.kernel for layer in report.build.layers} == kernels(BOARDS[board])
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact


def multiplied() -> list[Case]:
    """Depthwise layers of int16 whose channels have several outputs each."""
    shapes = ((8, 2), (2, 3), (8, 4), (3, 5), (4, 8), (3, 11), (2, 16), (2, 248))  # channels, outputs of each
    return [
        depthwise_conv_2d._case(
            f"depthwise_{i}", np.random.default_rng(i), "int16", Window((1, 5, 6, channels), (3, 2)), outputs
        )
        for i, (channels, outputs) in enumerate(shapes)
    ]


@pytest.mark.parametrize("board", [board for board, isa in BOARDS.items() if isa in ("helium", "dsp")])
def test_depthwise_layers_with_several_outputs_of_a_channel_equal_litert(board: str, tmp_path: Path) -> None:
    file = tmp_path / "multiplied.tflite"
    file.write_bytes(single_op.merged(multiplied()))
    report = zoo.replay(file, board, tmp_path / "out", FRAMES, Options("speed"))
    assert {layer.kernel for layer in report.build.layers} == {f"depthwise_conv_2d_s16_{BOARDS[board]}"}
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact


@pytest.mark.parametrize("isa", BOARDS.values())
def test_no_kernel_is_left_out(isa: str) -> None:
    assert folder(isa) <= CASES.keys() | ELSEWHERE


@pytest.mark.parametrize("board", [board for board, isa in BOARDS.items() if "svdf_s8_narrow" in folder(isa)])
def test_an_svdf_with_a_state_of_8_bits_equals_tflm(board: str, tmp_path: Path) -> None:
    needed("tflite_micro", "pip install tflite-micro")
    file = tmp_path / "narrow.tflite"
    file.write_bytes(narrow_svdf(0.125))
    report = zoo.replay(file, board, tmp_path / "out", 12, Options(rounding="tflm"))
    assert [layer.kernel for layer in report.build.layers] == [f"svdf_s8_narrow_{BOARDS[board]}"]
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (12, 0), report.bit_exact
