# SPDX-License-Identifier: Apache-2.0
"""What operators of two operands share: broadcasting, a constant operand, in-place results, test cases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Argument, Case, Constant, Input, case, check, require

MAX_LOOPS = 4
"""Loops of the kernels, once neighbouring dimensions that are broadcast alike are merged."""


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """The broadcast shape; requires two operands of one type, int8 or int16, not both constant."""
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    check.quantized(graph, op, a, ("int8", "int16"))
    check.quantized(graph, op, b, (a.dtype,))
    check.activation(graph, op, target, (a.dtype,))
    check.fused(graph, op, target)
    computed = a.data is None or b.data is None
    require(computed, graph, op, "both its operands are constants", "fold constants before converting")
    what = f"shapes {a.shape} and {b.shape} do not fit each other"
    pairs = list(itertools.zip_longest(reversed(a.shape), reversed(b.shape), fillvalue=1))
    fit = all(m == n or 1 in (m, n) for m, n in pairs) and 0 not in (*a.shape, *b.shape)
    require(fit, graph, op, what, "reshape one of them")
    loops = len(_loops(a, b))
    require(
        loops <= MAX_LOOPS, graph, op, what, f"broadcast with at most {MAX_LOOPS} loops; this takes {loops}"
    )
    return (tuple(max(pair) for pair in reversed(pairs)),)


def params(graph: Graph, op: Op) -> dict[str, tuple[int, ...]]:
    """How often each loop of the kernel runs, and the elements by which it moves on in each operand."""
    loops = _loops(graph.input(op, 0), graph.input(op, 1))
    filled = [(1, 0, 0)] * (MAX_LOOPS - len(loops)) + loops
    sizes, a_steps, b_steps = zip(*filled, strict=True)
    return {"size": sizes, "a_step": a_steps, "b_step": b_steps}


def _loops(a: Tensor, b: Tensor) -> list[tuple[int, int, int]]:
    """(size, step in a, step in b), outermost first, neighbours that are broadcast alike as one loop."""
    pairs = list(itertools.zip_longest(reversed(a.shape), reversed(b.shape), fillvalue=1))
    merged: list[tuple[int, bool, bool]] = []
    for m, n in pairs:
        if m == n == 1:
            continue
        size, in_a, in_b = max(m, n), m > 1, n > 1
        if merged and merged[-1][1:] == (in_a, in_b):
            size *= merged.pop()[0]
        merged.append((size, in_a, in_b))
    loops, a_step, b_step = [], 1, 1
    for size, in_a, in_b in merged:
        loops.append((size, a_step if in_a else 0, b_step if in_b else 0))
        a_step *= size if in_a else 1
        b_step *= size if in_b else 1
    return loops[::-1]


def operand(tensor: Tensor, role: str = "operand") -> Argument:
    """The kernel argument of an operand, which may be a constant, called `role` in C."""
    if tensor.data is None:
        return Input(tensor.name)
    data = tensor.data.view(np.uint8) if tensor.dtype == "bool" else tensor.data
    return Constant(role, data, weight=True)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """0 where each element is read once, just before that of the output is written; None where repeated."""
    return 0 if graph.tensors[source].size == graph.output(op).size else None


def largest(tensor: Tensor) -> int:
    """The largest |value - zero point|, which is no less than the largest |value|."""
    low, high = LIMITS[tensor.dtype]
    return max(high - tensor.zero_point, tensor.zero_point - low)


def suffix(tensor: Tensor) -> str:
    """What kernels for this dtype are called."""
    return "s8" if tensor.dtype == "int8" else "s16"


def read(options: Any, inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """The fused activation."""
    check.count_inputs(inputs, 2, 2)
    return {"activation": int(options.get("fusedActivationFunction", 0))}


def cases(kind: str, out_scale: float) -> Iterator[Case]:
    """Shapes, constants, activations and extremes of one operator; `out_scale` suits inputs of scale 0.1."""
    shapes: tuple[tuple[tuple[int, ...], tuple[int, ...], str], ...] = (
        # first operand, second operand, which of them is constant
        ((1, 5, 7, 3), (1, 5, 7, 3), ""),
        ((1, 5, 7, 3), (3,), "b"),
        ((1, 1, 1, 3), (2, 5, 4, 3), ""),
        ((1, 4, 1, 5), (2, 1, 3, 5), ""),
        ((2, 1, 3, 1), (1, 4, 3, 2), ""),
        ((1, 6), (1, 1), "b"),
        ((1,), (3, 19), "a"),
        ((1, 67), (1, 67), "a"),
    )
    for dtype, (i, (a_shape, b_shape, constant)) in itertools.product(("int8", "int16"), enumerate(shapes)):
        rng = np.random.default_rng(i)
        a = _operand(rng, "a", a_shape, dtype, constant == "a")
        b = _operand(rng, "b", b_shape, dtype, constant == "b")
        target = case.activation(
            rng, "output", np.broadcast_shapes(a_shape, b_shape), dtype, case.scale(dtype, out_scale, i % 4)
        )
        yield Case(f"{kind.lower()}_{dtype}_{i}", kind, (a, b), target, options(kind, i % 4))
    extremes = ((-128, -128, 127), (127, 127, -128), (-128, 127, 0))
    for i, (a_zero, b_zero, out_zero) in enumerate(extremes):
        rng = np.random.default_rng(i)
        a = case.activation(rng, "a", (1, 256), "int8", 0.05, a_zero)
        b = case.activation(rng, "b", (1, 256), "int8", 0.3, b_zero)
        target = case.activation(rng, "output", (1, 256), "int8", out_scale, out_zero)
        yield Case(f"{kind.lower()}_zero_points_{i}", kind, (a, b), target, options(kind, 0))


def options(kind: str, activation: int) -> dict[str, Any]:
    """TFLite's options of ADD, SUB, MUL or DIV."""
    general = {} if kind in ("MUL", "DIV") else {"potScaleInt16": False}
    return general | {"fusedActivationFunction": activation}


def _operand(
    rng: np.random.Generator, name: str, shape: tuple[int, ...], dtype: str, constant: bool
) -> Tensor:
    tensor = case.activation(rng, name, shape, dtype, case.scale(dtype, float(rng.uniform(0.02, 0.1))))
    if not constant:
        return tensor
    low, high = LIMITS[dtype]
    return replace(tensor, data=rng.integers(low, high, shape, endpoint=True).astype(dtype))
