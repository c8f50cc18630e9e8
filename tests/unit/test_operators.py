# SPDX-License-Identifier: Apache-2.0
"""Operators: what they refuse, with a sentence and a hint, and the arithmetic behind their constants."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests import single_op
from tinyedge import board, ops, passes
from tinyedge import plan as planner
from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import Case, comparison, exponential, pad, sigmoid, softmax, strided, view
from tinyedge.options import Options


def find(name: str) -> Case:
    return next(c for operator in ops.operators().values() for c in operator.cases() if c.name == name)


def source(case: Case, **changes: Any) -> Case:
    first = case.inputs[0]
    assert first is not None
    return replace(case, inputs=(replace(first, **changes), *case.inputs[1:]))


def target(case: Case, **changes: Any) -> Case:
    return replace(case, output=replace(case.output, **changes))


def second(case: Case, data: Any) -> Case:
    given = case.inputs[1]
    assert given is not None and given.data is not None
    changed = replace(given, data=np.array(data, given.dtype).reshape(given.shape))
    return replace(case, inputs=(case.inputs[0], changed, *case.inputs[2:]))


def scaled(scale: float, zero_point: int = 0) -> Quantization:
    return Quantization((float(np.float32(scale)),), (zero_point,))


REFUSED: dict[str, tuple[str, Callable[[Case], Case], str]] = {
    "int16 relu with a zero point": (
        "relu_int16_0",
        lambda c: source(c, quantization=scaled(0.1, 3)),
        "zero point 3",
    ),
    "relu to another type": ("relu_int8_0", lambda c: target(c, dtype="int16"), "int16, not int8"),
    "relu of float": ("relu_int8_0", lambda c: source(c, dtype="float32", quantization=None), "float32"),
    "relu without quantisation": ("relu_int8_0", lambda c: source(c, quantization=None), "not quantised"),
    "relu with scales too far apart": ("relu_int8_0", lambda c: source(c, quantization=scaled(1e9)), "apart"),
    "relu6 with a vanishing scale": (
        "relu6_int8_0",
        lambda c: target(c, quantization=scaled(1e-42)),
        "scale",
    ),
    "leaky relu with a falling slope": (
        "leaky_relu_int8_0",
        lambda c: replace(c, options={"alpha": -0.5}),
        "-0.5",
    ),
    "leaky relu with no slope": (
        "leaky_relu_int8_0",
        lambda c: replace(c, options={"alpha": math.nan}),
        "nan",
    ),
    "logistic at another scale": ("logistic_int8_0", lambda c: target(c, quantization=scaled(0.01)), "2^-8"),
    "int16 tanh at another scale": ("tanh_int16_0", lambda c: target(c, quantization=scaled(0.01)), "2^-15"),
    "int16 tanh of huge steps": ("tanh_int16_0", lambda c: source(c, quantization=scaled(6.0)), "scale 6"),
    "int16 tanh of tiny steps": ("tanh_int16_0", lambda c: source(c, quantization=scaled(1e-20)), "scale"),
    "softmax with another zero point": (
        "softmax_int8_int8_0",
        lambda c: target(c, quantization=scaled(1 / 256, 0)),
        "zero point 0",
    ),
    "softmax of tiny steps": ("softmax_int8_int8_0", lambda c: source(c, quantization=scaled(1e-9)), "scale"),
    "int16 softmax of huge steps": (
        "softmax_int16_int16_0",
        lambda c: source(c, quantization=scaled(9.0)),
        "scale",
    ),
    "softmax without beta": ("softmax_int8_int8_0", lambda c: replace(c, options={"beta": 0.0}), "beta is 0"),
    "int32 that grows": ("quantize_int32_int16_0", lambda c: source(c, quantization=scaled(1.0)), "apart"),
    "int32 with a zero point": (
        "quantize_int32_int8_0",
        lambda c: source(c, quantization=scaled(1e-9, 1)),
        "point 1",
    ),
    "negative padding": ("pad_int8_0", lambda c: second(c, [0, 0, -1, 3, 3, 0, 0, 0]), "padding"),
    "a mirror larger than what it mirrors": (
        "mirror_pad_int8_0",
        lambda c: second(c, [0, 0, 5, 0, 0, 0, 0, 0]),
        "mirrors 5",
    ),
    "parts that are not equal": ("split_int8_0", lambda c: replace(c, options={"numSplits": 4}), "equal"),
    "a position outside the table": ("gather_int8_1", lambda c: second(c, [0, 6, 1]), "outside"),
    "a resize of aligned half pixels": (
        "resize_bilinear_int8_0",
        lambda c: replace(c, options={"alignCorners": True, "halfPixelCenters": True}),
        "half-pixel",
    ),
    "a border at another scale": (
        "padv2_int8_0",
        lambda c: target(c, quantization=scaled(0.5)),
        "not quantised as",
    ),
    "a slice that stays": (
        "strided_slice_int8_3",
        lambda c: replace(c, inputs=(*c.inputs[:3], constant("steps", [0]))),
        "steps by 0",
    ),
    "a slice of nothing": ("strided_slice_int8_3", lambda c: second(c, [100]), "nothing is left"),
    "a slice of more dimensions than there are": (
        "strided_slice_int8_2",
        lambda c: source(c, shape=(120,)),
        "2 ranges for 1",
    ),
    "an int16 sum of powers of two": (
        "add_powers_1",
        lambda c: target(c, quantization=scaled(2.0**-10)),
        "powers of two",
    ),
    "an order that repeats": ("transpose_int8_3", lambda c: second(c, [0, 0]), "order"),
    "a reshape that does not fit": ("reshape_int8_0", lambda c: second(c, [7, -1]), "do not fit"),
    "a squeeze of what is not 1": (
        "squeeze_1",
        lambda c: replace(c, options={"squeezeDims": [1]}),
        "dimensions",
    ),
    "an axis out of range": ("expand_dims_0", lambda c: second(c, 3), "axis"),
    "a hard swish of huge steps": (
        "hard_swish_int8_0",
        lambda c: source(c, quantization=scaled(1e7)),
        "scale",
    ),
}


def constant(name: str, values: list[int]) -> Tensor:
    return Tensor(name, (len(values),), "int32", None, np.array(values, np.int32))


@pytest.mark.parametrize("what", REFUSED)
def test_a_layer_that_no_kernel_computes_is_refused(what: str) -> None:
    name, change, words = REFUSED[what]
    case = find(name)
    # With the rounding of TFLM, since LiteRT's own kernels make tables of what ours refuse.
    passes.optimize(tflite.lower(single_op.single(case), "whole"), "tflm")
    with pytest.raises(Unsupported, match=case.operator) as caught:
        passes.optimize(tflite.lower(single_op.single(change(case)), "changed"), "tflm")
    assert words in str(caught.value) and caught.value.hint


@pytest.mark.parametrize("name", ["logistic_int8_0", "tanh_int8_0", "relu6_int8_0"])
def test_what_tflm_computes_otherwise_is_refused_with_its_rounding(name: str) -> None:
    graph = passes.optimize(tflite.lower(single_op.single(find(name)), "model"))
    planner.plan(graph, board.load("host"), Options(rounding="litert"))
    with pytest.raises(Unsupported, match="TFLM"):
        planner.plan(graph, board.load("host"), Options(rounding="tflm"))


def test_a_border_of_whole_rows_is_one_block() -> None:
    assert pad.merged((1, 4, 5, 3), (0, 0, 2, 0), (0, 0, 1, 0))[-2:] == [(4, 0, 0), (15, 6, 3)]
    assert pad.merged((2, 3), (0, 0), (0, 0))[-1] == (6, 0, 0)


def test_dimensions_that_follow_on_are_one() -> None:
    assert strided.merged((2, 3, 4), (12, 4, 1)) == [(24, 1)]
    assert strided.merged((2, 1, 4), (24, 12, 1)) == [(2, 24), (4, 1)]
    assert strided.merged((1, 1), (1, 1)) == []


def test_a_shape_with_one_open_dimension_is_resolved() -> None:
    assert view.resolve((3, -1), 12) == (3, 4)
    for wrong in [(-1, -1), (5, -1), (0, -1), (-2, 6)]:
        with pytest.raises(Unsupported):
            view.resolve(wrong, 12)


def test_the_exponential_is_close_to_the_real_one() -> None:
    x = -np.arange(0, 2**31, 7919 * 4096, dtype=np.int64)
    real = np.exp(x / 2**26) * 2**31
    assert np.max(np.abs(exponential.of_negative(x) - real)) < 2**31 * 1e-6


def test_tables_hold_the_function_at_their_ends() -> None:
    multiplier, shift = fixedpoint.quantize_multiplier(0.1 * 2**26)
    table = softmax.exp_table(multiplier, shift)
    assert table[0] == 2**31 - 1 and table[-1] >= softmax.NOTICED and np.all(np.diff(table) < 0)
    assert abs(table[10] / 2**31 - math.exp(-1)) < 1e-6
    assert softmax.reciprocal_table()[[0, 512]].tolist() == [32767, 16384]
    assert sigmoid.table()[[0, 255]].tolist() == [32768, 65535]


@pytest.mark.parametrize("scale", [comparison.STEP, comparison.STEP * (1 + 2**-23), 0.0123, 1 - 2**-24])
def test_numbers_that_differ_do_so_at_the_scale_at_which_they_are_compared(scale: float) -> None:
    numbers = np.arange(-(2**16), 2**16) * 2**8
    scaled = fixedpoint.multiply_twice_rounded(numbers, *fixedpoint.quantize_multiplier(scale))
    assert np.diff(scaled).min() >= 1


def test_at_a_smaller_scale_some_meet() -> None:
    numbers = np.arange(-128, 128) * 2**8
    scale = comparison.STEP * 0.99
    scaled = fixedpoint.multiply_twice_rounded(numbers, *fixedpoint.quantize_multiplier(scale))
    assert np.diff(scaled).min() == 0
