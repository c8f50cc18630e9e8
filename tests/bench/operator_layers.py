# SPDX-License-Identifier: Apache-2.0
"""Gives one-operator models of the size that layers of small networks have: the rows of OPERATORS.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import Case, case, lstm
from tinyedge.ops.case import Window

MAP = (1, 8, 8, 32)
"""An activation of 2,048 elements: what elementwise operators take."""
BOTH = ("int8", "int16")
UNIT = {"int8": Quantization((2.0**-8,), (-128,)), "int16": Quantization((2.0**-15,), (0,))}
"""What LiteRT requires of an output between 0 and 1."""
SIGNED = {"int8": Quantization((2.0**-7,), (0,)), "int16": Quantization((2.0**-15,), (0,))}
"""The same between -1 and 1."""


def layers() -> dict[str, Case]:
    """Every layer by its name, in the table's order."""
    families = (_weighted, _recurrent, _products, _pools, _pairs, _functions, _moved, _reduced, _chosen)
    return {layer.name: layer for family in families for layer in family()}


def _weighted() -> Iterator[Case]:
    square, dense = Window((1, 16, 16, 16), (3, 3)), Window((1, 16, 16, 16), (1, 1))
    for dtype in BOTH:
        for kind, place, weights, axis in (
            ("conv_3x3", square, (16, 3, 3, 16), 0),
            ("conv_1x1", dense, (32, 1, 1, 16), 0),
            ("depthwise_3x3", square, (1, 3, 3, 16), 3),
        ):
            operator = "DEPTHWISE_CONV_2D" if axis else "CONV_2D"
            options = place.convolution_options | ({"depthMultiplier": 1} if axis else {})
            output = (*place.output, weights[axis])
            yield _layer(f"{kind}_{dtype}", operator, place.shape, weights, axis, output, dtype, options)
        options = {"keepNumDims": False, "quantizedBiasType": 0}
        yield _layer(f"dense_{dtype}", "FULLY_CONNECTED", (1, 256), (64, 256), None, (1, 64), dtype, options)
        options = {"padding": 0, "strideH": 2, "strideW": 2}
        output = (1, 16, 16, 8)
        made = _layer(
            f"transpose_conv_{dtype}",
            "TRANSPOSE_CONV",
            (1, 8, 8, 16),
            (8, 3, 3, 16),
            0,
            output,
            dtype,
            options,
        )
        source, kernel, bias = made.inputs
        yield replace(made, inputs=(case.indices("shape", *output), kernel, source, bias))


def _layer(
    name: str,
    operator: str,
    source: tuple[int, ...],
    shape: tuple[int, ...],
    axis: int | None,
    output: tuple[int, ...],
    dtype: str,
    options: Mapping[str, Any],
) -> Case:
    """A layer of weights, at output scales at which few outputs are clamped."""
    rng = np.random.default_rng(1)
    channels = output[-1]
    depth = int(np.prod(shape)) // channels
    inputs = (
        case.activation(rng, "input", source, dtype, case.scale(dtype, 0.05)),
        case.weights(rng, shape, axis),
        case.bias(rng, channels, "int32" if dtype == "int8" else "int64"),
    )
    target = case.activation(rng, "output", output, dtype, case.scale(dtype, 0.04 * depth**0.5))
    return Case(name, operator, inputs, target, {"fusedActivationFunction": 0, **options})


def _recurrent() -> Iterator[Case]:
    yield lstm.layer("lstm_int8", 1, 10, 16, 32, -11)
    for kept, units in (("int16", 64), ("int8", 64)):
        rng = np.random.default_rng(1)
        source = case.activation(rng, "input", (1, 40), "int8", 0.05)
        features = case.weights(rng, (units, 40), None, "features")
        high = 9000 if kept == "int16" else 127
        numbers = rng.integers(-high, high, (units, 10)).astype(kept)
        time = Tensor("time", (units, 10), kept, Quantization((1 / (2 * high),), (0,)), numbers)
        scale = 2.0**-11 if kept == "int16" else 0.3
        state = Tensor("state", (1, units * 10), kept, Quantization((scale,), (0,)))
        target = case.activation(rng, "output", (1, units), "int8", 0.1)
        bias = case.bias(rng, units)
        options = {"rank": 1, "fusedActivationFunction": 1}
        inputs = (source, features, time, bias, state)
        yield Case(f"svdf_{kept}_state", "SVDF", inputs, target, options, states=("state",))


def _products() -> Iterator[Case]:
    for dtype in BOTH:
        for adj in (False, True):
            rng = np.random.default_rng(1)
            a = case.activation(rng, "a", (1, 2, 16, 32), dtype, case.scale(dtype, 0.05))
            shape = (1, 2, 16, 32) if adj else (1, 2, 32, 16)
            b = case.activation(rng, "b", shape, dtype, case.scale(dtype, 0.02))
            target = case.activation(rng, "output", (1, 2, 16, 16), dtype, case.scale(dtype, 0.3))
            name = f"batch_matmul_{'transposed_' * adj}{dtype}"
            yield Case(name, "BATCH_MATMUL", (a, b), target, {"adjX": False, "adjY": adj})


def _pools() -> Iterator[Case]:
    for dtype in BOTH:
        place = Window((1, 16, 16, 16), (2, 2), stride=(2, 2))
        for kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
            source = _source("input", dtype, place.shape)
            target = replace(source, name="output", shape=(*place.output, 16))
            yield Case(f"{kind.lower()}_{dtype}", kind, (source,), target, place.pool_options)
        for kind in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"):
            source = _source("input", dtype, (1, 8, 8, 16))
            target = replace(source, name="output", shape=(1, 16, 16, 16))
            options = {"alignCorners": False, "halfPixelCenters": True}
            inputs = (source, case.indices("size", 16, 16))
            yield Case(f"{kind.lower()}_{dtype}", kind, inputs, target, options)


def _source(name: str, dtype: str, shape: tuple[int, ...] = MAP, scale: float = 0.05) -> Tensor:
    return case.activation(np.random.default_rng(1), name, shape, dtype, case.scale(dtype, scale))


def _pairs() -> Iterator[Case]:
    for dtype in BOTH:
        a = _source("a", dtype)
        b = case.activation(np.random.default_rng(2), "b", MAP, dtype, case.scale(dtype, 0.03))
        plain, fused = {"fusedActivationFunction": 0}, {"fusedActivationFunction": 0, "potScaleInt16": False}
        for kind, scale, options in (("ADD", 0.07, fused), ("SUB", 0.07, fused), ("MUL", 0.15, plain)):
            target = case.activation(np.random.default_rng(3), "output", MAP, dtype, case.scale(dtype, scale))
            yield Case(f"{kind.lower()}_{dtype}", kind, (a, b), target, options)
        target = case.activation(np.random.default_rng(3), "output", MAP, dtype, case.scale(dtype, 0.15))
        row = replace(b, shape=(32,), data=_numbers(dtype, (32,)))
        yield Case(f"mul_by_channel_{dtype}", "MUL", (a, row), target, plain)
        b = replace(a, name="b")
        for kind in ("MAXIMUM", "MINIMUM"):
            yield Case(f"{kind.lower()}_{dtype}", kind, (a, b), replace(a, name="output"), {})
        for kind in ("GREATER", "EQUAL"):
            yield Case(f"{kind.lower()}_{dtype}", kind, (a, b), Tensor("output", MAP, "bool"), {})
        flags = Tensor("flags", MAP, "bool")
        yield Case(f"select_v2_{dtype}", "SELECT_V2", (flags, a, b), replace(a, name="output"), {})
    a = _source("a", "int8")
    yield Case("squared_difference_int8", "SQUARED_DIFFERENCE", (a, replace(a, name="b")), _wide(0.5), {})
    divisor = Tensor("b", MAP, "int8", Quantization((0.02,), (-128,)))
    divisor = replace(divisor, data=np.maximum(_numbers("int8", MAP), -127).astype(np.int8))
    yield Case("div_int8", "DIV", (a, divisor), _wide(0.02), {"fusedActivationFunction": 0})


def _wide(scale: float) -> Tensor:
    return case.activation(np.random.default_rng(3), "output", MAP, "int8", scale)


def _numbers(dtype: str, shape: tuple[int, ...]) -> Any:
    limits = np.iinfo(dtype)
    return np.random.default_rng(4).integers(limits.min, limits.max, shape, endpoint=True).astype(dtype)


def _functions() -> Iterator[Case]:
    for dtype in BOTH:
        source = _source("input", dtype)
        same = replace(source, name="output")
        other = case.activation(np.random.default_rng(2), "output", MAP, dtype, case.scale(dtype, 0.03))
        for kind, target, options in (
            ("LOGISTIC", replace(same, quantization=UNIT[dtype]), {}),
            ("TANH", replace(same, quantization=SIGNED[dtype]), {}),
            ("RELU", other, {}),
            ("RELU6", same, {}),  # from one scale to another TFLM clamps without rescaling
            ("LEAKY_RELU", other, {"alpha": 0.1}),
        ):
            yield Case(f"{kind.lower()}_{dtype}", kind, (source,), target, options)
        rows = _source("input", dtype, (16, 32))
        target = replace(rows, name="output", quantization=UNIT[dtype])
        yield Case(f"softmax_{dtype}", "SOFTMAX", (rows,), target, {"beta": 1.0})
        slopes = case.activation(np.random.default_rng(2), "alpha", (1, 1, 32), "int8", 0.006)
        inputs = (source, replace(slopes, data=_numbers("int8", slopes.shape)))
        yield Case(f"prelu_{dtype}", "PRELU", inputs, other, {})
        for wanted in BOTH:
            target = case.activation(
                np.random.default_rng(2), "output", MAP, wanted, case.scale(wanted, 0.04), 0
            )
            yield Case(f"quantize_{dtype}_{wanted}", "QUANTIZE", (source,), target, {})
    source = _source("input", "int8")
    same = replace(source, name="output")
    for kind in ("HARD_SWISH", "ELU"):
        yield Case(f"{kind.lower()}_int8", kind, (source,), same, {})
    yield Case("abs_int16", "ABS", (_source("input", "int16"),), _source("output", "int16"), {})
    rows = _source("input", "int8", (16, 32))
    target = replace(rows, name="output", quantization=Quantization((1 / 16,), (127,)))
    yield Case("log_softmax_int8", "LOG_SOFTMAX", (rows,), target, {})
    target = replace(rows, name="output", quantization=SIGNED["int8"])
    yield Case("l2_normalization_int8", "L2_NORMALIZATION", (rows,), target, {})


def _moved() -> Iterator[Case]:
    for dtype in BOTH:
        source = _source("input", dtype, (1, 16, 16, 8))

        def moved(
            name: str,
            shape: tuple[int, ...],
            others: tuple[Tensor, ...] = (),
            options: Mapping[str, Any] | None = None,
            kind: str | None = None,
            source: Tensor = source,
            dtype: str = dtype,
        ) -> Case:
            target = replace(source, name="output", shape=shape)
            inputs = (source, *others)
            return Case(f"{name}_{dtype}", kind or name.upper(), inputs, target, options or {})

        halves = tuple(replace(source, name=f"in{i}") for i in range(2))
        for axis in (3, 1):
            shape = (1, 16, 16, 16) if axis == 3 else (1, 32, 16, 8)
            made = moved(f"concatenation_{'channels' if axis == 3 else 'rows'}", shape, kind="CONCATENATION")
            options = {"axis": axis, "fusedActivationFunction": 0}
            yield replace(made, inputs=halves, options=options)
        yield replace(moved("pack", (2, 1, 16, 16, 8)), inputs=halves, options={"valuesCount": 2, "axis": 0})
        border = np.array([(0, 0), (1, 1), (1, 1), (0, 0)], np.int32)
        sizes = Tensor("paddings", border.shape, "int32", None, border)
        yield moved("pad", (1, 18, 18, 8), (sizes,))
        yield moved("mirror_pad", (1, 18, 18, 8), (sizes,), {"mode": 0})
        begin, end, steps = case.indices("begin", 0, 2, 2, 0), case.indices("end", 1, 14, 14, 8), None
        yield moved("slice", (1, 12, 12, 8), (begin, case.indices("size", 1, 12, 12, 8)))
        for stride in (1, 2):
            steps = case.indices("steps", 1, stride, stride, 1)
            name = f"strided_slice_{stride}"
            yield moved(name, (1, 12 // stride, 12 // stride, 8), (begin, end, steps), {}, "STRIDED_SLICE")
        axis_three = Tensor("axis", (), "int32", None, np.array(3, np.int32))
        made = moved("split", (1, 16, 16, 4), options={"numSplits": 2})
        second = replace(made.output, name="second")
        yield replace(made, inputs=(axis_three, source), more=(second,))
        made = moved("split_v", (1, 16, 16, 3), (case.indices("sizes", 3, 5), axis_three), {"numSplits": 2})
        yield replace(made, more=(replace(second, shape=(1, 16, 16, 5)),))
        made = moved("unpack", (1, 16, 8), options={"num": 16, "axis": 1})
        more = tuple(replace(made.output, name=f"output{i}") for i in range(1, 16))
        yield replace(made, more=more)
        yield moved("transpose", (1, 8, 16, 16), (case.indices("order", 0, 3, 1, 2),))
        yield moved("transpose_rows", (1, 16, 16, 8), (case.indices("order", 0, 2, 1, 3),), {}, "TRANSPOSE")
        yield moved("space_to_depth", (1, 8, 8, 32), options={"blockSize": 2})
        yield moved("depth_to_space", (1, 32, 32, 2), options={"blockSize": 2})
        block, none = case.indices("block", 2, 2), np.zeros((2, 2), np.int32)
        crops = Tensor("crops", none.shape, "int32", None, none)
        yield moved("space_to_batch_nd", (4, 8, 8, 8), (block, crops))
        four = replace(source, shape=(4, 8, 8, 8))
        yield moved("batch_to_space_nd", (1, 16, 16, 8), (block, crops), source=four)
        yield moved("broadcast_to", (4, 16, 16, 8), (case.indices("shape", 4, 16, 16, 8),))
        yield moved("reverse_v2", (1, 16, 16, 8), (case.indices("axis", 1),))
        rows = replace(source, shape=(64, 32))
        picked = case.indices("positions", *range(0, 64, 2))
        yield moved("gather", (32, 32), (picked,), {"axis": 0, "batchDims": 0}, source=rows)


def _reduced() -> Iterator[Case]:
    for dtype in BOTH:
        source = _source("input", dtype, (1, 16, 16, 16))
        axes = case.indices("axes", 1, 2)
        for kind, scale in (("MEAN", 0.02), ("SUM", 2.0)):
            target = case.activation(
                np.random.default_rng(2), "output", (1, 16), dtype, case.scale(dtype, scale)
            )
            if kind == "MEAN" or dtype == "int8":
                yield Case(f"{kind.lower()}_{dtype}", kind, (source, axes), target, {"keepDims": False})
        target = replace(source, name="output", shape=(1, 16))
        yield Case(f"reduce_max_{dtype}", "REDUCE_MAX", (source, axes), target, {"keepDims": False})
        rows = case.activation(
            np.random.default_rng(2), "output", (1, 16, 16, 1), dtype, case.scale(dtype, 0.02)
        )
        last = case.indices("axes", 3)
        yield Case(f"mean_of_channels_{dtype}", "MEAN", (source, last), rows, {"keepDims": True})
        rows = replace(source, name="output", shape=(1, 16, 16, 1))
        yield Case(f"reduce_max_of_channels_{dtype}", "REDUCE_MAX", (source, last), rows, {"keepDims": True})


def _chosen() -> Iterator[Case]:
    axis = Tensor("axis", (), "int32", None, np.array(-1, np.int32))
    source = _source("input", "int8", (16, 32))
    yield Case("arg_max_int8", "ARG_MAX", (source, axis), Tensor("output", (16,), "int32"), {"outputType": 2})
    flags = Tensor("a", MAP, "bool")
    for kind in ("LOGICAL_AND", "LOGICAL_NOT"):
        inputs = (flags, replace(flags, name="b")) if kind == "LOGICAL_AND" else (flags,)
        yield Case(f"{kind.lower()}_bool", kind, inputs, replace(flags, name="output"), {})
    whole = Tensor("a", MAP, "int32")
    for kind in ("ADD", "MUL"):
        options = {"fusedActivationFunction": 0}
        inputs = (whole, replace(whole, name="b"))
        yield Case(f"{kind.lower()}_int32", kind, inputs, replace(whole, name="output"), options)
