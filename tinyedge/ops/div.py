# SPDX-License-Identifier: Apache-2.0
"""DIV: int8 and int16, with broadcasting, where LiteRT's own kernel is sound; int32."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Case, Operator, Output, case, elementwise, integer, require


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    if graph.output(op).dtype == "int32":
        return integer.infer_fused(graph, op)
    return elementwise.infer(graph, op)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    if target.dtype == "int32":
        return integer.calls(graph, op, rounding)
    with np.errstate(all="ignore"):
        # LiteRT computes this ratio in float32.
        real = float(np.float32(a.scale) / (np.float32(b.scale) * np.float32(target.scale)))
    multiplier, shift = fixedpoint.quantize_multiplier(real) if np.isfinite(real) else (0, 31)
    # By these and the numbers' bits LiteRT finds how far it shifts: beyond 0 to 31 its result is anything.
    least = elementwise.largest(b).bit_length() - 1
    most = 31 - elementwise.largest(a).bit_length()
    what = f"its scales are {real:g} apart, from where LiteRT's own kernel does not divide"
    hint = "multiply by the reciprocal, `x * (1 / y)`"
    require(least <= shift <= most, graph, op, what, hint)
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    params: dict[str, int | tuple[int, ...]] = {
        "multiplier": multiplier,
        "shift": shift,
        "a_zero_point": a.zero_point,
        "b_zero_point": b.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(target.name))
    return (Call("div", f"div_{elementwise.suffix(a)}", elementwise.params(graph, op) | params, arguments),)


def cases() -> Iterator[Case]:
    for made in elementwise.cases("DIV", 0.3):
        a, b = made.inputs
        assert a is not None and b is not None
        # No element of the divisor is 0, and scales suit LiteRT.
        wide = b.dtype == "int16"
        zero = 0 if wide else -128
        if b.data is not None:
            b = replace(b, data=np.maximum(b.data, zero + 1))
        b = _scaled(b, 0.02, zero)
        target = _scaled(made.output, a.scale / b.scale / (20000 if wide else 100), made.output.zero_point)
        yield replace(made, inputs=(a, b), output=target, ranges={"b": (zero + 1, LIMITS[b.dtype][1])})
    yield from integer.cases_of("DIV", {"fusedActivationFunction": 1})
    for dtype in ("int8", "int16"):
        # Every number of 8 bits, and every power of two of 16, divides.
        powers = [sign << n for n in range(15) for sign in (1, -1)]
        divisors = [n for n in range(-128, 128) if n] if dtype == "int8" else [*powers, -(2**15), 2**15 - 1]
        data = np.array([divisors], dtype)
        a = case.activation(np.random.default_rng(1), "a", (21, 1), dtype, 0.05)
        b = _scaled(Tensor("b", data.shape, dtype, None, data), 0.02, 0)
        plain = case.activation(np.random.default_rng(2), "output", (21, data.size), dtype, 1.0)
        target = _scaled(plain, a.scale / b.scale / (20000 if dtype == "int16" else 100), plain.zero_point)
        yield Case(f"div_divisors_{dtype}", "DIV", (a, b), target, elementwise.options("DIV", 0))


def _scaled(tensor: Tensor, scale: float, zero_point: int) -> Tensor:
    return replace(tensor, quantization=Quantization((float(np.float32(scale)),), (zero_point,)))


operator = Operator(("DIV",), infer, calls, elementwise.read, distance=elementwise.distance, cases=cases)
