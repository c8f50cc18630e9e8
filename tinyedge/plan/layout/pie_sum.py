# SPDX-License-Identifier: Apache-2.0
"""Takes the call of a sum, gives it with the vectors that firmware/kernels/pie/add_linear_s8.c reads."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np

from tinyedge.arithmetic import linear
from tinyedge.arithmetic.linear import Linear
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant, Input
from tinyedge.plan.layout import header, parts
from tinyedge.plan.layout.pie_lanes import LANES, VECTOR

UPPER = header.number("pie/add_linear.h", "TE_ADD_LINEAR_PIE_UPPER")
FACTORS = 23
"""Bits of a factor, whose upper 16 are a lane's."""
ONCE = (0, 0, 0, 1)
"""Steps of an operand each of whose elements is used once, in order."""


def add_linear(call: Call) -> Call | None:
    """The formula with factors that two lanes hold; None where operands are constant, or one is repeated."""
    steps = (call.params["a_step"], call.params["b_step"])
    if steps != (ONCE, ONCE) or sum(isinstance(argument, Input) for argument in call.arguments) != 2:
        return None
    low, high = (parts.number(call, f"out_{end}") for end in ("min", "max"))
    formula = _small(Linear(*(parts.number(call, field) for field in Linear.__dataclass_fields__)), low, high)
    if formula is None or formula.shift <= UPPER:
        return None
    laid = parts.changed(call, asdict(formula), {"shift": formula.shift - UPPER})
    *operands, output = laid.arguments
    return replace(laid, arguments=(*operands, Constant("vectors", _vectors(formula, low, high)), output))


def _small(formula: Linear, low: int, high: int) -> Linear | None:
    """The same function of all pairs of bytes, by smaller factors if these are too large."""
    if _fits(formula):
        return formula
    a, b = linear.BYTES[:, None] * formula.a_factor, linear.BYTES * formula.b_factor
    table = np.clip((a + b + formula.offset) >> formula.shift, low, high)
    a_real, b_real = formula.a_factor / 2**formula.shift, formula.b_factor / 2**formula.shift
    found = linear.fit(table, a_real, b_real, low, high, FACTORS + 7)
    return found if found is not None and _fits(found) else None


def _fits(formula: Linear) -> bool:
    reach = 1 << FACTORS
    return all(-reach <= factor < reach for factor in (formula.a_factor, formula.b_factor))


def _vectors(formula: Linear, low: int, high: int) -> Array:
    """The bytes of `vectors`."""
    lower = [factor & 255 for factor in (formula.a_factor, formula.b_factor)]
    upper = [factor >> 8 for factor in (formula.a_factor, formula.b_factor)]
    lanes = np.repeat(np.array([upper, lower], "<i2").T.ravel(), LANES)
    start = (formula.offset - 128 * sum(lower)) & (1 << 40) - 1
    half = start.to_bytes(5, "little") * (LANES // 2)
    qacc = half[:VECTOR] * 2 + half[VECTOR:] * 2 + bytes(8)
    limits = np.repeat(np.array([low, high], np.int8), VECTOR)
    return np.frombuffer(b"\x80" * VECTOR + lanes.tobytes() + limits.tobytes() + qacc, np.int8)
