# SPDX-License-Identifier: Apache-2.0
"""FLOOR_DIV, FLOOR_MOD, BITWISE_XOR, RIGHT_SHIFT and POW of integers that stand for themselves.

Also what ADD, SUB, MUL, DIV, SQUARED_DIFFERENCE and NEG make of int32.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Argument, Call, Case, Operator, Output, broadcast, case, check, elementwise, require

WIDE = (-(2**31), 2**31 - 1)
ACTIVATIONS = {0: WIDE, 1: (0, WIDE[1]), 2: (-1, 1), 3: (0, 6)}
"""Lowest and highest result under a fused activation (TFLite's ActivationFunctionType)."""

TYPES = {"pow": ("int32",)}
"""Types of an operator's elements where they are not all of these: int8, int16, int32."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """The broadcast shape; requires two operands of one integer type that `op` has."""
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    wanted = TYPES.get(op.kind, ("int8", "int16", "int32"))
    good = a.dtype in wanted and a.dtype == b.dtype == target.dtype
    what = f"it makes {target.dtype} from {a.dtype} and {b.dtype}"
    require(good, graph, op, what, f"it can take {', '.join(wanted)}")
    return (broadcast.shape(graph, op, (a, b)),)


def infer_fused(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """As `infer`, of an int32 operator that may have a fused activation."""
    known = op.attrs.get("activation", 0) in ACTIVATIONS
    what = f"fused activation number {op.attrs.get('activation')}"
    require(known, graph, op, what, "use RELU, RELU6 or RELU_N1_TO_1")
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    good = a.dtype == b.dtype == target.dtype
    what = f"it makes {target.dtype} from {a.dtype} and {b.dtype}"
    require(good, graph, op, what, "convert the model again")
    return (broadcast.shape(graph, op, (a, b)),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    operands = graph.input(op, 0), graph.input(op, 1)
    limits = ACTIVATIONS[op.attrs.get("activation", 0)]
    arguments = [elementwise.operand(operand) for operand in operands]
    return (call(graph, op, op.kind, operands, arguments, limits),)


def call(
    graph: Graph,
    op: Op,
    function: str,
    operands: tuple[Tensor, Tensor],
    arguments: list[Argument],
    limits: tuple[int, int] = WIDE,
) -> Call:
    """`function` of two operands that are broadcast, within `limits`."""
    target = graph.output(op)
    params: dict[str, int | tuple[int, ...]] = {
        **broadcast.params("ab", operands),
        "out_min": limits[0],
        "out_max": limits[1],
    }
    kernel = f"integer_{function}_s{8 * ITEM_SIZE[target.dtype]}"
    return Call("integer", kernel, params, (*arguments, Output(target.name)))


def cases() -> Iterator[Case]:
    for kind in operator.tflite:
        others = TYPES.get(kind.lower(), ("int16", "int32"))
        yield from cases_of(kind, {}, others, kind != "POW")


def cases_of(
    kind: str, options: Mapping[str, Any], others: tuple[str, ...] = ("int32",), narrow: bool = False
) -> Iterator[Case]:
    """Shapes and constants of one operator; `narrow`: in int8, too. Divisors are not 0."""
    shapes: list[tuple[tuple[int, ...], tuple[int, ...], bool]] = [
        ((1, 5, 9), (1, 5, 9), False),
        ((2, 3, 4), (4,), True),
        ((2, 1, 3), (1, 4, 3), False),
        ((40,), (1,), True),
    ]
    for i, (first, second, constant), dtype in case.typed(shapes, *others):
        if dtype == "int8" and not narrow:
            continue
        rng = np.random.default_rng(i)
        values = rng.integers(1, 9, second).astype(dtype) * (1 if kind in ("POW", "RIGHT_SHIFT") else -1)
        a = Tensor("a", first, dtype)
        b = Tensor("b", second, dtype, None, values if constant else None)
        target = Tensor("output", np.broadcast_shapes(first, second), dtype)
        ranges = {"a": (-100, 100), "b": (1, 9)}
        if kind == "POW":
            ranges = {"a": (-9, 9), "b": (0, 9)}
        yield Case(f"{kind.lower()}_{dtype}_raw_{i}", kind, (a, b), target, options, ranges=ranges)


operator = Operator(
    ("FLOOR_DIV", "FLOOR_MOD", "BITWISE_XOR", "RIGHT_SHIFT", "POW"),
    infer,
    calls,
    read,
    distance=elementwise.distance,
    cases=cases,
)
