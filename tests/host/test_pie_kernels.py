# SPDX-License-Identifier: Apache-2.0
"""The kernels for the ESP32-S3's vectors on this machine, over the model of its registers: LiteRT's bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import single_op
from tests.bench import operator_layers
from tests.host.test_dsp_kernels import softmax
from tests.host.test_scalar_kernels import extreme, own_cases, wrong
from tinyedge import ops, passes
from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.requantization import Requantization
from tinyedge.graph import Tensor
from tinyedge.model import tflite
from tinyedge.ops import (
    Call,
    Case,
    Constant,
    Input,
    Output,
    case,
    conv_2d,
    depthwise_conv_2d,
    elementwise,
    fully_connected,
    lstm,
)
from tinyedge.ops.case import Window
from tinyedge.plan import kernels
from tinyedge.plan.layout import parts, pie_matmul, pie_words

SAME = 0
WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
PLAIN = ("ADD", "SUB", "MUL", "AVERAGE_POOL_2D", "MAX_POOL_2D", "MEAN")
"""Operators without weights."""
COPIES = ("CONCATENATION", "TRANSPOSE", "STRIDED_SLICE", "REVERSE_V2", "MIRROR_PAD", "SPACE_TO_BATCH_ND")
LIMITS = ("MAXIMUM", "MINIMUM", "RELU6", "SELECT_V2")
MATMUL = "BATCH_MATMUL"
LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"
SCALED = ("RELU", "LEAKY_RELU", "QUANTIZE")
"""Of int16."""
CONVOLUTIONS = (
    (Window((1, 5, 3, 64), (1, 1)), 9),  # whole vectors, held
    (Window((2, 3, 4, 24), (1, 1)), 17),  # held from anywhere
    (Window((1, 2, 3, 96), (1, 1), (1, 2)), 5),
    (Window((1, 2, 3, 112), (1, 1)), 6),  # more than registers hold
    (Window((1, 2, 3, 100), (1, 1)), 6),  # the same from anywhere: gathered
    (Window((1, 9, 7, 16), (3, 3), (2, 2), (1, 1), SAME), 8),
    (Window((1, 8, 9, 3), (3, 3), (1, 1), (1, 1), SAME), 8),
    (Window((1, 12, 10, 1), (10, 4), (2, 2), (1, 1), SAME), 7),
    (Window((1, 9, 9, 5), (2, 3), (1, 1), (2, 3), SAME), 4),
    (Window((1, 4, 4, 68), (4, 4)), 3),  # one pixel: a dense layer
    (Window((1, 6, 6, 130), (3, 3)), 3),
)
TAPS_OF_32_BITS = 2**31 // 2**15 // 2**7
"""Int16 inputs whose sums need more than 32 bits."""
GROUPED = (
    # window, output channels, groups
    (Window((1, 5, 4, 32), (3, 3), padding=SAME), 6, 2),  # whole vectors
    (Window((2, 5, 6, 24), (3, 2), (2, 1)), 9, 3),
    (Window((1, 6, 5, 12), (3, 3), (1, 1), (1, 2), SAME), 8, 4),
    (Window((1, 4, 5, 7), (3, 3), padding=SAME), 14, 7),
    (Window((1, 3, 4, 64), (1, 1)), 6, 2),  # read where they are
    (Window((1, 3, 4, 30), (1, 1), (1, 2)), 10, 5),
    (Window((1, 3, 2, 256), (1, 1)), 4, 2),
    (Window((1, 3, 3, 66), (3, 3)), 4, 2),
)
DEPTHWISE = (
    Window((1, 5, 6, 64), (3, 3), (1, 1), (1, 1), SAME),
    Window((2, 7, 5, 24), (3, 3), (2, 2), (1, 1), SAME),
    Window((1, 5, 6, 8), (3, 3), (1, 1), (1, 1), SAME),
    Window((1, 9, 9, 20), (2, 3), (1, 1), (2, 3), SAME),
    Window((1, 6, 6, 16), (5, 5)),
    Window((1, 8, 8, 16), (8, 8)),  # sums larger than a lane: portable
)
SUMS = ((0.05, 0.05, 0.07), (0.02, 0.5, 0.4), (0.9, 0.001, 0.5), (0.1, 0.1, 0.9))
"""Scales of both operands and of the sum; of the third, one factor has 24 bits at first."""
PRODUCTS = (
    # Scales of both operands and of the product, zero points, an activation, shapes
    ((0.05, 0.03, 0.15), (3, -7, 5), 0, (1, 9, 131), (1, 9, 131)),
    ((0.05, 0.03, 0.03), (-128, -128, -128), 1, (1, 5, 64), (1, 1, 64)),
    ((0.1, 0.1, 1.0), (127, -128, 127), 0, (1, 48), (3, 5, 48)),
    ((0.1, 0.1, 0.011), (-128, 127, 0), 3, (2, 1, 4, 16), (1, 3, 4, 16)),
    ((1.0, 1.0, 1.01), (0, 1, -1), 0, (1, 40), (1, 40)),
    ((1e-3, 1e-3, 0.9), (0, 0, 0), 0, (1, 32), (1, 32)),
    ((1.0, 1.0, 0.5), (0, 0, 0), 0, (1, 32), (1, 32)),  # a shift to the left: portable
    ((0.05, 0.03, 0.15), (0, 0, 0), 0, (1, 4, 24), (1, 1, 24)),  # of int8, rows that end amid a vector
)
POOLS = (
    Window((1, 25, 5, 64), (25, 5), padding=1),
    Window((2, 7, 6, 16), (3, 2), (2, 2), activation=1),
    Window((1, 5, 7, 40), (3, 3), activation=3),
    Window((1, 9, 4, 9), (2, 3), padding=1),
    Window((1, 64, 64, 8), (64, 64), padding=1),  # sums larger than a lane: portable
    Window((1, 65, 63, 8), (65, 63), padding=1),  # the largest that are not
    Window((1, 6, 6, 7), (2, 2)),
)
MEANS = (
    ((1, 7, 7, 64), (1, 2)),
    ((2, 5, 3, 24), (1, 2)),
    ((3, 4, 5, 16), (1,)),
    ((2, 3, 2, 4, 11), (1, 3)),
    ((1, 63, 65, 8), (1, 2)),
    ((1, 64, 64, 8), (1, 2)),  # sums larger than a lane: portable
)
DENSE = ((1, 8, 3), (1, 97, 5), (2, 96, 9), (3, 128, 4), (1, 640, 6))


def cases(kind: str, dtype: str = "int8", bias: str = "") -> Iterator[Case]:
    rng, bias = np.random.default_rng(11), bias or {"int8": "int32", "int16": "int64"}[dtype]
    if kind == "CONV_2D":
        windows = {f"conv_{i}": (*shape, 1) for i, shape in enumerate(CONVOLUTIONS)}
        windows |= {f"groups_{i}": shape for i, shape in enumerate(GROUPED)}
        for i, (name, (window, channels, groups)) in enumerate(windows.items()):
            # Every second with outputs from the zero point on, which have lines.
            zero_point = -128 if dtype == "int8" and i % 2 else None
            taps = window.kernel[0] * window.kernel[1] * window.shape[3] // groups
            if (dtype, bias) != ("int16", "int32") or taps < TAPS_OF_32_BITS:
                yield conv_2d._case(name, rng, dtype, bias, window, channels, groups, zero_point)
    elif kind == "DEPTHWISE_CONV_2D":
        for i, window in enumerate(DEPTHWISE):
            zero_point = -128 if dtype == "int8" and i % 2 == 0 else None
            yield depthwise_conv_2d._case(f"depthwise_{i}", rng, dtype, window, 1, zero_point)
        yield depthwise_conv_2d._case("depthwise_one", rng, dtype, Window((1, 9, 8, 1), (4, 5)), 8)
        yield depthwise_conv_2d._case("depthwise_two", rng, dtype, Window((1, 5, 4, 8), (3, 3)), 2)
    elif kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for i, window in enumerate(POOLS):
            source = case.activation(rng, "input", window.shape, dtype, 0.1)
            out = Tensor("output", (*window.output, window.shape[3]), dtype, source.quantization)
            yield Case(f"pool_{i}", kind, (source,), out, window.pool_options)
    elif kind == "MEAN":
        for i, (shape, axes) in enumerate(MEANS):
            source = case.activation(rng, "input", shape, dtype, 0.1)
            kept = tuple(size for axis, size in enumerate(shape) if axis not in axes)
            out = case.activation(rng, "output", kept, dtype, 0.03 if i % 2 else 0.1)
            yield Case(f"mean_{i}", kind, (source, case.indices("axes", *axes)), out, {"keepDims": False})
        yield from own_cases(kind, dtype)
    elif kind in (*COPIES, *LIMITS, *SCALED, MATMUL):
        yield from own_cases(kind, dtype)
        layers = operator_layers.layers().values()
        yield from (one for one in layers if (one.operator, one.output.dtype) == (kind, dtype))
        if kind == MATMUL:
            yield from multiplied(dtype)
        if kind == "SELECT_V2":
            yield from chosen(dtype)
        if kind in SCALED:
            yield from rescaled(kind, dtype)
    elif kind == "SOFTMAX":  # whose kernel is for any Xtensa core
        yield from (one for one in softmax() if one.output.dtype == dtype)
    elif kind == LSTM:
        yield from recurrent()
    elif kind == "MUL":
        yield from products(dtype)
        yield from own_cases(kind, dtype)
    elif kind in ("ADD", "SUB"):
        for i, scales in enumerate(SUMS):
            shape = (1, 129 + i, 127)
            a, b, out = (
                case.activation(rng, name, shape, "int8", scale)
                for name, scale in zip(("a", "b", "output"), scales, strict=True)
            )
            yield Case(f"sum_{i}", kind, (a, b), out, elementwise.options(kind, i))
        yield from (one for one in elementwise.cases(kind, 0.12) if one.output.dtype == "int8")
    else:
        for i, (batches, depth, channels) in enumerate(DENSE):
            yield fully_connected._case(
                f"dense_{i}",
                rng,
                dtype,
                bias,
                (batches, depth),
                depth,
                channels,
                i % 2 == 0,
                i % 4,
                False,
            )


def products(dtype: str) -> Iterator[Case]:
    """Those of PRODUCTS, every third with constants."""
    rng, fine = np.random.default_rng(12), {"int8": 1.0, "int16": 2.0**-8}[dtype]
    for i, (scales, zero_points, activation, *shapes) in enumerate(PRODUCTS):
        a, b, out = (
            case.activation(rng, name, shape, dtype, scale * fine, zero_point if dtype == "int8" else 0)
            for name, shape, scale, zero_point in zip(
                ("a", "b", "output"),
                (*shapes, np.broadcast_shapes(*shapes)),
                scales,
                zero_points,
                strict=True,
            )
        )
        if i % 3 == 1:
            limits = np.iinfo(dtype)
            numbers = rng.integers(limits.min, limits.max, b.shape, endpoint=True).astype(dtype)
            b = replace(b, data=numbers)
        yield Case(f"product_{i}", "MUL", (a, b), out, elementwise.options("MUL", activation))


MATRICES = (
    # Shapes, which of them lie transposed, zero points and the output's scale
    ((2, 3, 96), (2, 96, 33), False, False, (-128, 127, 3), 0.9),  # more columns than are laid at once
    ((1, 3, 5, 112), (3, 17, 112), False, True, (7, 0, -128), 0.5),  # more than registers hold
    ((3, 48, 2), (1, 48, 16), True, False, (0, -5, 127), 0.4),
    ((1, 1, 100), (1, 3, 100), False, True, (127, -128, 0), 2.0),
    ((2, 511), (511, 3), False, False, (1, 2, 3), 3.0),  # the largest of int16
    ((1, 4, 8), (1, 8, 5), False, False, (0, 0, 0), 1e-4),  # a shift to the left
)


def multiplied(dtype: str) -> Iterator[Case]:
    """Those of MATRICES, zero points only of int8."""
    for i, (first, second, adj_x, adj_y, zero_points, scale) in enumerate(MATRICES):
        rng, fine = np.random.default_rng(i), {"int8": 1.0, "int16": 2.0**-8}[dtype]
        rows, columns = first[-1 if adj_x else -2], second[-2 if adj_y else -1]
        shape = (*np.broadcast_shapes(first[:-2], second[:-2]), rows, columns)
        a, b, out = (
            case.activation(rng, name, size, dtype, step * fine, zero_point if dtype == "int8" else 0)
            for name, size, step, zero_point in zip(
                ("a", "b", "output"), (first, second, shape), (0.05, 0.02, scale), zero_points, strict=True
            )
        )
        yield Case(f"matrices_{i}", MATMUL, (a, b), out, {"adjX": adj_x, "adjY": adj_y})


def chosen(dtype: str) -> Iterator[Case]:
    """Rows that are whole vectors, and one that ends amid one."""
    for i, shapes in enumerate((((3, 1, 32), (3, 5, 32), (5, 32)), ((1, 77), (1, 77), (1, 77)))):
        rng = np.random.default_rng(i)
        a, b, out = (
            case.activation(rng, name, shape, dtype, case.scale(dtype, 0.05))
            for name, shape in zip(("a", "b", "output"), (*shapes[1:], shapes[1]), strict=True)
        )
        yield Case(f"chosen_{i}", "SELECT_V2", (Tensor("flags", shapes[0], "bool"), a, b), out, {})


def recurrent() -> Iterator[Case]:
    """Layers whose cells have any bits before the point, and more inputs than registers hold."""
    yield from own_cases(LSTM, "int8")
    yield operator_layers.layers()["lstm_int8"]
    for i, exponent in enumerate(range(-15, -8)):
        clip = 2.0 ** (exponent + 13) if i % 3 == 1 else 0.0
        yield lstm.layer(
            f"lstm_by_{i}", 1 + i % 2, 5, 16 * i + 9, 24 + 8 * (i % 4), exponent, i % 2 == 1, clip, seed=i
        )
    yield lstm.layer("lstm_deep", 2, 2, 113, 130, -11, bias=1)


def rescaled(kind: str, dtype: str) -> Iterator[Case]:
    """Int16 brought to outputs of a type, by shifts to the left, to the right and none."""
    if dtype == "int8" and kind != "QUANTIZE":
        return
    unit, zero_point = (256.0, 5) if dtype == "int8" else (1.0, 0)
    for i, ratio in enumerate((0.3, 1.0, 1.3, 0.5, 37.0, 0.001, 2.0**-14)):
        rng = np.random.default_rng(i)
        source = case.activation(rng, "input", (1, 5, 71), "int16", 0.01)
        target = case.activation(rng, "output", source.shape, dtype, 0.01 * unit / ratio, zero_point)
        options = {"alpha": (0.1, 0.9, 3.0, 1e-4)[i % 4]} if kind == "LEAKY_RELU" else {}
        yield Case(f"{kind.lower()}_by_{i}", kind, (source,), target, options)


@pytest.mark.parametrize("kind", [*WEIGHTED, *PLAIN, *COPIES, *LIMITS, "QUANTIZE", MATMUL, LSTM])
def test_kernels_equal_litert(kind: str, tmp_path: Path) -> None:
    tried = list(cases(kind))
    if kind in WEIGHTED:
        tried += [extreme(tried[0], value, "extreme") for value in (-128, 127)]
    assert not wrong(kind, tried, "pie", tmp_path)


def set_off(given: Case) -> Case:
    """A layer of int16x8 with channels whose output no input changes, and whose sums exceed 32 bits.

    The first has no weights and lies beyond an end, the second none and small steps, the third does not get
    back from its end.
    """
    source, weights, bias = given.inputs
    assert weights is not None and weights.data is not None and weights.quantization is not None
    assert bias is not None and bias.data is not None
    data, sums = weights.data.copy(), bias.data.copy()
    by_channel = data if given.operator == "CONV_2D" else np.moveaxis(data, -1, 0)
    by_channel[:2] = 0
    sums[:3] = -(1 << 37), 1 << 37, 1 << 36
    scales = (1e-2, 1e-7, *weights.quantization.scale[2:])
    assert len(scales) == len(sums) > 3
    weights = replace(weights, data=data, quantization=replace(weights.quantization, scale=scales))
    inputs = (source, weights, replace(bias, data=sums, quantization=None))
    return replace(given, name=f"{given.name}_set_off", inputs=inputs)


@pytest.mark.parametrize(("kind", "which"), [("CONV_2D", "int64_6"), ("DEPTHWISE_CONV_2D", "int16_1")])
def test_channels_that_no_input_changes_keep_no_kernel_away(kind: str, which: str, tmp_path: Path) -> None:
    (case,) = (set_off(case) for case in own_cases(kind, "int16") if case.name.endswith(which))
    graph = passes.optimize(tflite.lower(single_op.single(case), "one"))
    operator = ops.operators()[kind]
    assert operator.calls is not None
    (call,) = operator.calls(graph, graph.ops[0], "litert")
    bias = parts.arrays(call)["bias"].data.copy()
    assert np.abs(bias).max() > 2**36
    folders = ("dsp", "pie", "rvv", "scalar") if kind == "CONV_2D" else ("pie", "rvv")
    assert [kernels.choose(call, [folder], "speed").isa for folder in folders] == list(folders)
    assert not wrong(kind, [case], "pie", tmp_path)
    # One that inputs do change, whose sums exceed 32 bits, too.
    shifts = parts.arrays(call)["shift"].data.copy()
    bias[3], shifts[3] = 1 << 32, shifts[3] + 16
    held = {"bias": Constant("bias", bias), "shift": Constant("shift", shifts)}
    call = parts.changed(call, arrays=held)
    assert [kernels.choose(call, [folder], "speed").isa for folder in folders] == ["portable"] * len(folders)


@pytest.mark.parametrize("kind", [*WEIGHTED, *PLAIN[2:], *COPIES, *LIMITS, *SCALED, MATMUL])
def test_kernels_with_int16_activations_equal_litert(kind: str, tmp_path: Path) -> None:
    tried = list(cases(kind, "int16"))
    if kind in WEIGHTED:
        tried += own_cases(kind, "int16")
        tried += [extreme(tried[0], value, "extreme") for value in (-128, 127)]
    assert not wrong(kind, tried, "pie", tmp_path)


def test_kernels_with_int32_biases_of_int16_equal_litert(tmp_path: Path) -> None:
    tried = list(cases("CONV_2D", "int16", "int32"))
    tried += [extreme(tried[0], value, "extreme") for value in (-128, 127)]
    assert not wrong("CONV_2D", tried, "pie", tmp_path)


def test_the_largest_product_of_int16_is_no_other_than_it_is_taken_for() -> None:
    """That of -32768 and itself is taken for one less: where that makes a difference, it is not used."""
    names = [f"{name}_zero_point" for name in ("a", "b", "out")]
    whole = {"size": (1, 1, 1, 8), "a_step": (0, 0, 0, 1), "b_step": (0, 0, 0, 1), **dict.fromkeys(names, 0)}
    arguments = (Input("a"), Input("b"), Output("output"))
    for more, isa in ((0, "portable"), (2, "pie"), (-2, "pie"), (2**16, "portable"), (2**20, "portable")):
        multiplier, ends = 2**30 + 2**15 + more, {"out_min": -(2**15), "out_max": 2**15 - 1}
        made = fixedpoint.multiply_twice_rounded(np.array([2**30 - 1, 2**30]), multiplier, -15)
        assert (made[0] == made[1]) == (isa == "pie")
        params = {**whole, **ends, "multiplier": multiplier, "shift": -15}
        assert kernels.choose(Call("mul", "mul_s16", params, arguments), ["pie"], "speed").isa == isa


def test_products_of_int16_have_sums_that_their_register_holds() -> None:
    for kernel, depth, fits in (("s16", 511, True), ("s16", 512, False), ("s16_s8", 512, True)):
        call = Call("batch_matmul", f"batch_matmul_{kernel}", {"depth": depth, "columns": 3}, ())
        assert (pie_matmul.short_batch_matmul(call) is not None) == fits


def test_sums_rounded_once_keep_their_ties() -> None:
    """The short form is there where no negative sum is a tie, and equals te_requantize_once."""
    rows, bias = np.full((2, 16), 100, np.int8), np.array([7, -9], np.int32)
    for multiplier, short in ((2**30, False), (2**30 + 2**26, False), (1234567891, True), (0, True)):
        scaling = Requantization(np.array([multiplier]), np.array([38]), True, -5, -128, 127)
        words = pie_words.of_layer(scaling, rows, bias)
        assert (words.left == 2) == short
        if short:
            sums = np.arange(-210000, 210000, dtype=np.int64)
            (scale, added), right = words.scales[0].astype(np.int64), words.shifts[0]
            made = ((((sums << 2) * scale) >> 32) + added) >> right
            assert np.array_equal(made, scaling.exact(sums, np.zeros(1, np.int64)) - 5)
