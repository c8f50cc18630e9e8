# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a recurrent layer, gives it as firmware/kernels/pie/lstm.h has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant, Scratch
from tinyedge.plan.layout import header, parts, pie_product, pie_words
from tinyedge.plan.layout.pie_lanes import VECTOR

ORDER = (0, 1, 3, 2)
"""Gates: those with a sigmoid come first."""
POWERS = (25520, 19875, 12055, 4435, 600, 11, 0, 0, 0)
"""e^(-2^k) in Q0.15 for k from -2 on."""
FRACTION = header.number("pie/gates.h", "TE_PIE_GATE_FRACTION")
SIGMOID, TANH = 3, 4
"""Bits before the point of what powers of e are taken of."""
GATES = 4


def lstm(call: Call) -> Call | None:
    """Gates in another order, weights filled up, and constants; None if sums or shifts are too large."""
    changed: dict[str, Constant] = {}
    params = dict(call.params)
    arrays = parts.arrays(call)
    for of, role, bias in (("in", "weights", "bias"), ("state", "recurrent", "state_bias")):
        for field in (f"{of}_multiplier", f"{of}_shift"):
            numbers = params[field]
            assert isinstance(numbers, tuple)
            params[field] = tuple(numbers[gate] for gate in ORDER)
        rows, begins = (arrays[name].data[list(ORDER)] for name in (role, bias))
        shifts = params[f"{of}_shift"]
        assert isinstance(shifts, tuple)
        if not all(_fits(rows[i], begins[i], shift) for i, shift in enumerate(shifts)):
            return None
        padded = np.pad(rows.reshape(-1, rows.shape[-1]), ((0, 0), (0, -rows.shape[-1] % VECTOR)))
        stream = np.concatenate([padded.ravel(), np.zeros(VECTOR, np.int8)])
        changed[role] = parts.relaid(arrays[role], stream)
        words = np.column_stack([begins.ravel(), np.zeros(begins.size, np.int32)])
        changed[bias] = parts.relaid(arrays[bias], words)
    multiplier, shift, zero_point = (
        parts.number(call, f"out_{field}") for field in ("multiplier", "shift", "zero_point")
    )
    shown = pie_product.factors(multiplier, shift, zero_point, *fixedpoint.LIMITS["int8"])
    if shown is None or shift > 0:
        return None
    whole, clip = (parts.number(call, field) for field in ("cell_whole", "clip"))
    numbers = (
        *gate_numbers(SIGMOID, sigmoid=True),
        *gate_numbers(TANH, sigmoid=False),
        *gate_numbers(whole + 1, sigmoid=False),
        *(1 << whole, -clip, clip),
        *shown,
    )
    inputs, cells = (-(-parts.number(call, field) // VECTOR) * VECTOR for field in ("inputs", "cells"))
    made = parts.changed(replace(call, params=params), arrays=changed)
    *operands, output = made.arguments
    vectors = Constant("vectors", pie_product.vectors(*numbers))
    window = Scratch(inputs + cells + 2 * (1 + GATES) * cells, "window")
    return replace(made, arguments=(*operands, vectors, output, window))


def _fits(rows: Array, begins: Array, shift: int) -> bool:
    """Whether the kernel requantises all that a gate is told."""
    return pie_words.fits(int(fixedpoint.reach(rows, begins, -128, 127).max()), shift)


def gate_numbers(whole: int, *, sigmoid: bool) -> tuple[int, ...]:
    """What gates.h loads, in its order."""
    bits = [(1 << k, POWERS[k]) for k in range(whole + FRACTION)]
    centre, third = 28918, 10923  # e^(-1/8) and 1/3, in Q0.15
    numbers = [1, 1 << 14, -1, 1 << whole, 1 << 15 - FRACTION, -(1 << 12), 5, third, 3, centre, -centre]
    numbers += [*bits[0], 2**15 - 1]
    for bit in bits[1:]:
        numbers += bit
    # Half of 1 more, 48/17 less 32/17 of it, and twice a step of Newton's; then that and what becomes of it.
    numbers += [2, -15420, -23130, 1 << 13, *(3, 1, 0) * 2]
    return (*numbers, *((7, 2, 0, -16383) if sigmoid else (15, 4, -2)))
