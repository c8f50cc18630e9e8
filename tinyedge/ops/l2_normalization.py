# SPDX-License-Identifier: Apache-2.0
"""L2_NORMALIZATION: int8, rows of the last dimension divided by their length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, case, check, require, unary

MAX_DEPTH = 32767
"""Squares of so many elements fit 32 bits."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    if options.get("fusedActivationFunction"):
        raise Unsupported("it has a fused activation", "convert the model again")
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = unary.check_both(graph, op, ("int8",))
    require(bool(source.shape), graph, op, "its input has no dimension", "give it at least one")
    good = target.scale == 1 / 128 and target.zero_point == 0
    what = f"its output has scale {target.scale} and zero point {target.zero_point}"
    require(good, graph, op, what, "convert the model again; 1/128 and 0 are possible")
    good = 1 <= source.shape[-1] <= MAX_DEPTH
    require(good, graph, op, f"it adds {source.shape[-1]} squares", f"up to {MAX_DEPTH} are possible")
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    depth = source.shape[-1]
    params = {"rows": source.size // depth, "depth": depth, "in_zero_point": source.zero_point}
    arguments = (Input(source.name), Output(target.name))
    return (Call("l2_normalization", "l2_normalization_s8", params, arguments),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """A row is read as a whole before its first element is written."""
    return 0


def cases() -> Iterator[Case]:
    for i, (shape, zero_point) in enumerate([((3, 7), 5), ((2, 4, 300), -128), ((40, 1), 0), ((2, 5), 127)]):
        rng = np.random.default_rng(i)
        source = case.activation(rng, "input", shape, "int8", 0.03, zero_point)
        target = case.activation(rng, "output", shape, "int8", 1 / 128, 0)
        yield Case(f"l2_normalization_{i}", "L2_NORMALIZATION", (source,), target, {})


operator = Operator(("L2_NORMALIZATION",), infer, calls, read, distance=distance, cases=cases)
