# SPDX-License-Identifier: Apache-2.0
"""Features and how fast they change: rows, and beside each the slope of the line through its neighbours."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid
from tinyedge.blocks import window as windows
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_DELTA"


class Delta(Parameters):
    """Columns twice: as they are, and their change from row to row.

    width: rows that a slope is made of, odd; what comes out lies half of them back in time.
    """

    width: Annotated[int, Field(ge=3, le=255)] = 9


def append(stream: Stream, wanted: Delta, name: str) -> Stream:
    """int16 [1, rows, channels] -> [1, rows, channels * 2], first all values and then all slopes."""
    if wanted.width % 2 == 0:
        raise UsageError(f"block 'delta': width = {wanted.width}", "choose an odd number: a row has a middle")
    rows, channels = grid(stream.last)
    before = windows.append(stream, windows.Window(rows=rows + wanted.width - 1), f"{name}/window")
    assert stream.last.quantization is not None
    scales = np.tile(np.broadcast_to(stream.last.quantization.scale, channels), 2).tolist()
    quantization = Quantization(tuple(scales), (0,) * len(scales), 2)
    target = Tensor(name, (1, rows, 2 * channels), "int16", quantization)
    return before.then(KIND.lower(), target, {"half": wanted.width // 2})


def reference(values: Reals, wanted: Delta, stream: Stream) -> Reals:
    """Of [runs, rows, channels]: scipy's filter of Savitzky and Golay, of first order, on rows from rest."""
    from scipy import signal

    runs, rows, channels = values.shape
    flat, half = values.reshape(-1, channels), wanted.width // 2
    taps = signal.savgol_coeffs(wanted.width, 1, deriv=1)
    late = np.concatenate([np.zeros((half, channels)), flat])[: len(flat)]
    found = np.concatenate([late, signal.lfilter(taps, [1.0], flat, axis=0)], axis=1)
    return np.asarray(found).reshape(runs, rows, 2 * channels)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    rows, channels = grid(graph.input(op, 0))
    return ((1, rows - 2 * op.attrs["half"], 2 * channels),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    rows, channels = grid(target)
    half = op.attrs["half"]
    params = {
        "rows": rows,
        "channels": channels // 2,
        "half": half,
        "spread": half * (half + 1) * (2 * half + 1) // 3,
    }
    return (Call("delta", "delta_s16", params, (Input(source.name), Output(target.name))),)


def macs(graph: Graph, op: Op) -> int:
    half: int = op.attrs["half"]
    return graph.output(op).size // 2 * half


block = Block(Delta, append, reference, bound="half a step of the slope in floating point")
operator = Operator((KIND,), infer, calls, macs=macs)
