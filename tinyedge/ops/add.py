# SPDX-License-Identifier: Apache-2.0
"""ADD and SUB: int8, int16 and int32, with broadcasting."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint, linear
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.arithmetic.linear import Linear
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import (
    Call,
    Case,
    Operator,
    Output,
    case,
    channels,
    check,
    elementwise,
    integer,
    require,
    sigmoid,
)
from tinyedge.ops.requantize import SUM_LIMIT

LEFT_SHIFT = {"int8": 20, "int16": 15}
"""Bits by which operands are scaled up before they are brought to twice the larger of their scales."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """The fused activation, and whether a file allows the int16 variant for scales that are powers of two."""
    return elementwise.read(options, inputs) | {"powers": bool(options.get("potScaleInt16"))}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    if graph.output(op).dtype == "int32":
        return integer.infer_fused(graph, op)
    shapes = elementwise.infer(graph, op)
    tensors = (graph.input(op, 0), graph.input(op, 1), graph.output(op))
    # LiteRT takes the variant, which tinyedge does not have, where all three scales are such powers.
    shifted = op.attrs["powers"] and tensors[0].dtype == "int16"
    good = not shifted or None in [sigmoid.nearest_power(tensor.scale) for tensor in tensors]
    what = "its int16 scales are powers of two, for which LiteRT computes by shifts (pot_scale_int16)"
    require(good, graph, op, what, "convert the model again, calibrated with other data")
    return shapes


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    if target.dtype == "int32":
        return integer.calls(graph, op, rounding)
    twice = 2 * max(a.scale, b.scale)
    real = twice / (2.0 ** LEFT_SHIFT[a.dtype] * target.scale)
    # LiteRT aborts on an ADD whose output scale is so small, and on a SUB where the ratio is 1.
    sound = real < 1 or (op.kind == "sub" and real > 1)
    require(sound, graph, op, f"its output scale {target.scale:g} is too small", check.ROOM)
    a_multiplier, a_shift = fixedpoint.quantize_multiplier(a.scale / twice)
    b_multiplier, b_shift = fixedpoint.quantize_multiplier(b.scale / twice)
    multiplier, shift = fixedpoint.quantize_multiplier(real)
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    # Each operand is halved at least, so their sum is no larger than the larger of them.
    most = max(elementwise.largest(a), elementwise.largest(b)) << LEFT_SHIFT[a.dtype]
    fits = shift <= 30 and most <= SUM_LIMIT >> max(shift, 0)
    require(fits, graph, op, "its sums do not fit 32 bits", check.ROOM)
    params: dict[str, int] = {
        "sign": 1 if op.kind == "add" else -1,
        "a_zero_point": a.zero_point,
        "a_multiplier": a_multiplier,
        "a_shift": a_shift,
        "b_zero_point": b.zero_point,
        "b_multiplier": b_multiplier,
        "b_shift": b_shift,
        "out_zero_point": target.zero_point,
        "out_multiplier": multiplier,
        "out_shift": shift,
        "out_min": low,
        "out_max": high,
    }
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(target.name))
    loops: dict[str, int | tuple[int, ...]] = {**elementwise.params(graph, op)}
    if a.dtype == "int8":
        found = _linear(tuple(params.items()), a.scale / target.scale, b.scale / target.scale)
        if found is not None:
            formula = dataclasses.asdict(found) | {"out_min": low, "out_max": high}
            return (Call("add_linear", "add_linear_s8", loops | formula, arguments),)
    return (Call("add", f"add_{elementwise.suffix(a)}", loops | params, arguments),)


@functools.lru_cache(4096)
def _linear(params: tuple[tuple[str, int], ...], a_real: float, b_real: float) -> Linear | None:
    """The formula, where there is one; kept, since passes ask for it and then the plan does."""
    known = dict(params)
    ends = known["out_min"], known["out_max"]
    return linear.fit(_table(known), a_real, known["sign"] * b_real, *ends)


def _table(params: Mapping[str, Any]) -> Ints:
    """What LiteRT makes of every pair of bytes: [a + 128, b + 128]."""
    up = LEFT_SHIFT["int8"]
    a, b = (
        fixedpoint.multiply_twice_rounded(
            (linear.BYTES - params[f"{which}_zero_point"]) << up,
            params[f"{which}_multiplier"],
            params[f"{which}_shift"],
        )
        for which in "ab"
    )
    total = a[:, None] + params["sign"] * b
    scaled = fixedpoint.multiply_twice_rounded(total, params["out_multiplier"], params["out_shift"])
    table: Ints = np.clip(scaled + params["out_zero_point"], params["out_min"], params["out_max"])
    return table


def cases() -> Iterator[Case]:
    yield from elementwise.cases("ADD", 0.12)
    yield from elementwise.cases("SUB", 0.12)
    for kind in ("ADD", "SUB"):
        yield from integer.cases_of(kind, elementwise.options(kind, 1))
        for i, scale in enumerate((3e-4, 2.0**-11)):  # one scale that is no power of two is enough
            rng = np.random.default_rng(i)
            a = case.activation(rng, "a", (1, 5, 7, 3), "int16", scale)
            b = case.activation(rng, "b", (1, 5, 7, 3), "int16", 2.0**-12)
            target = case.activation(rng, "output", (1, 5, 7, 3), "int16", 4e-4)
            yield Case(f"{kind.lower()}_powers_{i}", kind, (a, b), target, {"potScaleInt16": True})


operator = Operator(
    ("ADD", "SUB"),
    infer,
    calls,
    read,
    distance=elementwise.distance,
    cases=cases,
    channels=channels.OPERANDS,
)
