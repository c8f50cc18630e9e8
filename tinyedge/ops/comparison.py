# SPDX-License-Identifier: Apache-2.0
"""EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS and LESS_EQUAL, with broadcasting; they make bool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, Output, broadcast, case, check, elementwise, require

RESULTS = {
    "equal": (0, 1, 0),
    "not_equal": (1, 0, 1),
    "greater": (0, 0, 1),
    "greater_equal": (0, 1, 1),
    "less": (1, 0, 0),
    "less_equal": (1, 1, 0),
}
"""What each gives where the first operand is less, equal, greater."""

EITHER = ("equal", "not_equal")
"""Those that LiteRT has for bool, and that compare int16 as real numbers."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    return {}


STEP = 2.0**-8
"""Scale from which on numbers that differ still do so at LiteRT's common scale, its inverse."""


def _scaled(graph: Graph, op: Op) -> bool:
    """Whether it compares real numbers and not the integers that stand for them, as LiteRT chooses."""
    a = graph.input(op, 0)
    return a.dtype in ("int8", "uint8") or (
        a.dtype == "int16" and op.kind in EITHER and a.quantization is not None
    )


def _alike(a: Tensor, b: Tensor) -> bool:
    """Whether integers compare as the real numbers do that LiteRT makes of them."""
    return a.quantization == b.quantization and a.scale >= STEP and a.dtype != "uint8"


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    wanted = ("int8", "uint8", "int16", "int32", *(("bool",) if op.kind in EITHER else ()))
    good = a.dtype in wanted and a.dtype == b.dtype and target.dtype == "bool"
    what = f"it compares {a.dtype} with {b.dtype}"
    hint = check.QUANTIZE if "float32" in (a.dtype, b.dtype) else f"it can compare {', '.join(wanted)}"
    require(good, graph, op, what, hint)
    # LiteRT's NOT_EQUAL leaves int16 without a scale undone.
    done = not (op.kind == "not_equal" and a.dtype == "int16" and a.quantization is None)
    require(done, graph, op, f"{a.name!r} has no scale", "quantise the model")
    if _scaled(graph, op):
        for operand in (a, b):
            check.quantized(graph, op, operand, (a.dtype,))
            what = f"{operand.name!r} has scale {operand.scale:g}"
            require(operand.scale < 1, graph, op, what, "scales below 1 can be compared")
    return (broadcast.shape(graph, op, (a, b)),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    less, equal, greater = RESULTS[op.kind]
    params: dict[str, int | tuple[int, ...]] = {
        **broadcast.params("ab", (a, b)),
        "less": less,
        "equal": equal,
        "greater": greater,
    }
    kernel = f"compare_raw_s{8 * ITEM_SIZE[a.dtype]}"
    if _scaled(graph, op) and not _alike(a, b):
        kernel = f"compare_{'u8' if a.dtype == 'uint8' else elementwise.suffix(a)}"
        for letter, operand in (("a", a), ("b", b)):
            multiplier, shift = fixedpoint.quantize_multiplier(operand.scale)
            params[f"{letter}_multiplier"], params[f"{letter}_shift"] = multiplier, shift
            params[f"{letter}_zero_point"] = operand.zero_point
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(target.name))
    return (Call("compare", kernel, params, arguments),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Each element is read once, just before that of the output is written, which is no larger."""
    return 0 if graph.tensors[source].size == graph.output(op).size else None


def cases() -> Iterator[Case]:
    for kind in operator.tflite:
        either = kind.lower() in EITHER
        others = ("int16", "int32", "bool" if either else "uint8", "uint8")
        shapes: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
            ((1, 5, 9), (1, 5, 9)),
            ((2, 3, 4), (4,)),
            ((40,), (1,)),
            ((3, 7), (3, 7)),
            ((2, 5, 3), (5, 3)),
        ]
        for i, (first, second), dtype in case.typed(shapes, *others):
            rng = np.random.default_rng(i)
            a = replace(case.moved(rng, "a", first, dtype))
            b = replace(case.moved(rng, "b", second, dtype))
            if i == 0 and a.quantization is not None:  # the same scale, and one so small that numbers meet
                b = replace(b, quantization=a.quantization)
            elif i == 2 and a.quantization is not None:
                a = case.activation(rng, "a", first, dtype, 1 / 1024)
            elif i == 3:
                a = case.activation(rng, "a", first, dtype, 1 / 300)
                b = replace(b, quantization=a.quantization)
            target = Tensor("output", np.broadcast_shapes(first, second), "bool")
            ranges = {"a": (-2, 2), "b": (-2, 2)} if dtype == "int32" else {}
            yield Case(f"{kind.lower()}_{dtype}_{i}", kind, (a, b), target, {}, ranges=ranges)


operator = Operator(
    ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL"),
    infer,
    calls,
    read,
    distance=distance,
    cases=cases,
)
