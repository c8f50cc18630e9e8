# SPDX-License-Identifier: Apache-2.0
"""AVERAGE_POOL_2D and MAX_POOL_2D: int8 and int16; averages of uint8, which round otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, case, channels, check, require, window
from tinyedge.ops.case import Window

SUFFIX = {"int8": "s8", "int16": "s16", "uint8": "u8"}
MAX_TAPS = 65535
"""So many int16 numbers have a sum of 32 bits."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    source = inputs[0]
    assert source is not None
    kernel = (int(options["filterHeight"]), int(options["filterWidth"]))
    if not 1 <= min(kernel) <= max(kernel) <= window.MAX_DIMENSION:
        raise Unsupported(f"a window of {kernel}", f"sizes from 1 to {window.MAX_DIMENSION} are possible")
    attrs: dict[str, Any] = window.read_window(options, source, kernel)
    return attrs | {"kernel": kernel, "activation": int(options["fusedActivationFunction"])}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, tuple(SUFFIX) if op.kind == "average_pool_2d" else ("int8", "int16"))
    check.activation(graph, op, target, (source.dtype,))
    check.same_quantization(graph, op, source, target)
    check.fused(graph, op, target)
    height, width = op.attrs["kernel"]
    taps = min(height, source.shape[1]) * min(width, source.shape[2])
    require(taps <= MAX_TAPS, graph, op, f"its window has {taps} elements", f"up to {MAX_TAPS} are possible")
    return ((source.shape[0], *window.window_output(graph, op, (height, width)), source.shape[3]),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    geometry = window.window_params(graph, op, op.attrs["kernel"])
    names = ("in_channels", "out_channels", "dilation_y", "dilation_x")
    params = {name: value for name, value in geometry.items() if name not in names}
    params |= {"channels": source.shape[3], "out_min": low, "out_max": high}
    kernel = f"{op.kind}_{SUFFIX[source.dtype]}"
    return (Call("pool_2d", kernel, params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    windows = (
        Window((1, 6, 8, 3), (2, 2), stride=(2, 2), padding=1),
        Window((1, 5, 7, 40), (3, 3), activation=1),
        Window((2, 9, 4, 5), (3, 2), stride=(2, 3), activation=3),
        Window((1, 7, 5, 17), (7, 5), stride=(7, 5), padding=1),
        Window((1, 3, 3, 2), (5, 4), activation=2),
        Window((1, 24, 5, 64), (24, 5), stride=(24, 5), padding=1),
        Window((1, 1, 9, 1), (1, 3), stride=(1, 2)),
    )
    operators, dtypes = ("AVERAGE_POOL_2D", "MAX_POOL_2D"), ("int8", "int16")
    for name, dtype, (i, place) in itertools.product(operators, dtypes, enumerate(windows)):
        rng = np.random.default_rng(i)
        source = case.activation(rng, "input", place.shape, dtype, case.scale(dtype, 0.1, place.activation))
        target = Tensor("output", (*place.output, place.shape[3]), dtype, source.quantization)
        yield Case(f"{name.lower()}_{dtype}_{i}", name, (source,), target, place.pool_options)
    for i, place in enumerate(windows[:2]):
        source = case.activation(np.random.default_rng(i), "input", place.shape, "uint8", 0.1)
        target = Tensor("output", (*place.output, place.shape[3]), "uint8", source.quantization)
        yield Case(f"average_pool_2d_uint8_{i}", "AVERAGE_POOL_2D", (source,), target, place.pool_options)


operator = Operator(
    ("AVERAGE_POOL_2D", "MAX_POOL_2D"),
    infer,
    calls,
    read,
    distance=window.window_distance,
    rise=window.window_rise,
    cases=cases,
    channels=channels.POOLED,
)
