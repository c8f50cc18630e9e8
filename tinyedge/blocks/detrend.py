# SPDX-License-Identifier: Apache-2.0
"""A window less its mean, or less the straight line that fits it best."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_DETREND"
LONGEST = 4096
"""Rows of a window: its first moment with 23 fraction bits then stays within 62 bits."""


class Detrend(Parameters):
    """As scipy.signal.detrend, for every channel of a window.

    type: take off the mean ("constant") or the line of least squares ("linear").
    """

    type: Literal["constant", "linear"] = "constant"


def append(stream: Stream, wanted: Detrend, name: str) -> Stream:
    """Keeps shape, type and scale; what exceeds an int16 saturates."""
    source = stream.last
    rows, _ = grid(source)
    if not 2 <= rows <= LONGEST:
        raise UsageError(
            f"block 'detrend': a window of {rows} rows", f"put a `window` of 2 to {LONGEST} rows before it"
        )
    target = Tensor(name, source.shape, source.dtype, source.quantization)
    return stream.then(KIND.lower(), target, {"linear": wanted.type == "linear"})


def reference(values: Reals, wanted: Detrend, stream: Stream) -> Reals:
    """Of [runs, rows, channels], by scipy."""
    from scipy import signal

    return np.asarray(signal.detrend(values, axis=1, type=wanted.type))


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.input(op, 0).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    rows, channels = grid(source)
    params = {
        "rows": rows,
        "channels": channels,
        "linear": int(op.attrs["linear"]),
        "spread": rows * (rows * rows - 1) // 3,
    }
    return (Call("detrend", "detrend_s16", params, (Input(source.name), Output(target.name))),)


def macs(graph: Graph, op: Op) -> int:
    """Of the moment, and of the line."""
    return 2 * graph.input(op, 0).size


block = Block(Detrend, append, reference, bound="half a step, and 2^-9 of one, of scipy.signal.detrend")
operator = Operator((KIND,), infer, calls, macs=macs)
