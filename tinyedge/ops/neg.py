# SPDX-License-Identifier: Apache-2.0
"""NEG and SIGN of integers that stand for themselves, NEG of int16; in 8 bits they are tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Constant, Input, Operator, integer, require, strided, unary


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    strided.check_moved(graph, op, source, target)
    wanted = ("int16", "int32") if op.kind == "neg" else ("int32",)
    what = f"it takes {source.dtype}"
    require(source.dtype in wanted, graph, op, what, f"it can take {' and '.join(wanted)}")
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    zero = replace(source, name="zero", shape=(1,), data=np.zeros(1, source.dtype))
    nothing = Constant("zero", np.zeros(1, source.dtype))
    if op.kind == "sign":
        return (integer.call(graph, op, "add", (source, zero), [Input(source.name), nothing], (-1, 1)),)
    return (integer.call(graph, op, "sub", (zero, source), [nothing, Input(source.name)]),)


def cases() -> Iterator[Case]:
    for kind, dtype in (("NEG", "int16"), ("NEG", "int32"), ("SIGN", "int32")):
        source = Tensor("input", (2, 3, 7), dtype)
        target = replace(source, name="output")
        ranges = {} if kind == "NEG" else {"input": (-2, 2)}
        yield Case(f"{kind.lower()}_{dtype}", kind, (source,), target, {}, ranges=ranges)


operator = Operator(("NEG", "SIGN"), infer, calls, unary.read, distance=unary.distance, cases=cases)
