# SPDX-License-Identifier: Apache-2.0
"""What LOGISTIC and TANH share: on 16 bits both interpolate in one table of the logistic function."""

from __future__ import annotations

import math

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Output, require

UNIT = 3 * 4096
"""Steps of the table's argument in 1: it spans [-10.7, 10.7] where a 16-bit Q3.12 number spans [-8, 8]."""


def table() -> Array:
    """logistic(i / 24) in Q0.16 for i < 255, each less half the error in the middle of its step; then 1."""

    def exact(i: float) -> float:
        return 65536 / (1 + math.exp(-i / 24))

    errors = [(exact(i) + exact(i + 1)) / 2 - exact(i + 0.5) for i in range(255)]
    points = [fixedpoint.round_half_away(exact(i) - error / 2) for i, error in enumerate(errors)]
    return np.array([*points, 65535], np.uint16)


def multiplier_and_shift(graph: Graph, op: Op, powers: tuple[int, ...]) -> tuple[int, int]:
    """input * multiplier / 2^shift is the table's argument; requires that it fits 32 bits.

    `powers` are the exponents e for which LiteRT treats a scale of 2^(e - 12), or one within 0.07 % of it, as
    exact.
    """
    source = graph.input(op, 0)
    exponent = nearest_power(source.scale)
    if exponent is not None and exponent + 12 in powers:
        return 3 << (exponent + 12), 0
    real, shift = source.scale * UNIT, 0
    while real <= 32767 / 2 and shift <= 30:
        real, shift = real * 2, shift + 1
    multiplier = int(real)
    good = 0 < multiplier < 2**16
    require(good, graph, op, f"its input has scale {source.scale}", "check the scales of this layer")
    return multiplier, shift


def check_output_s16(graph: Graph, op: Op, target: Tensor) -> None:
    """Require the only output scale there is: 2^-15."""
    good = target.scale == 2.0**-15
    require(
        good, graph, op, f"its int16 output has scale {target.scale}, not 2^-15", "convert the model again"
    )


def call_s16(graph: Graph, op: Op, kernel: str, powers: tuple[int, ...]) -> Call:
    """A call of the kernel for 16 bits."""
    source, target = graph.input(op, 0), graph.output(op)
    multiplier, shift = multiplier_and_shift(graph, op, powers)
    params = {"size": source.size, "multiplier": multiplier, "shift": shift}
    return Call(
        "sigmoid", kernel, params, (Input(source.name), Constant("table", table()), Output(target.name))
    )


def nearest_power(value: float) -> int | None:
    """The integer that log2(value), in float32 steps, is within a thousandth of."""
    logarithm = np.float32(math.log(value)) * (np.float32(1) / np.float32(math.log(2)))
    nearest = np.trunc(logarithm + np.copysign(np.float32(0.5), logarithm))
    return int(nearest) if abs(logarithm - nearest) < np.float32(1e-3) else None
