# SPDX-License-Identifier: Apache-2.0
"""Features of every channel of a window: mean, deviation, RMS, extremes, zero crossings."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_STATISTICS"
FEATURES = ("mean", "deviation", "rms", "minimum", "maximum", "peak_to_peak", "zero_crossings")
"""In the order of `enum te_statistic` in firmware/kernels/statistics.h."""
COUNTS = ("zero_crossings",)
"""Those that are a number of times, whatever the unit of the samples."""
LONGEST = 32767
"""Rows of a window: their sums of squares times their number stay within 61 bits."""


class Statistics(Parameters):
    """features: which of them, in this order for every channel."""

    features: tuple[
        Literal["mean", "deviation", "rms", "minimum", "maximum", "peak_to_peak", "zero_crossings"], ...
    ] = ("mean", "deviation")


def append(stream: Stream, wanted: Statistics, name: str) -> Stream:
    """[1, rows, channels] -> int16 [1, channels * features], channel by channel."""
    source = stream.last
    rows, channels = grid(source)
    if not wanted.features or len(set(wanted.features)) != len(wanted.features) or rows > LONGEST:
        raise UsageError(
            f"block 'statistics': features {list(wanted.features)} of {rows} rows",
            f"choose some of {', '.join(FEATURES)}, each once, of at most {LONGEST} rows",
        )
    assert source.quantization is not None
    scales = [
        1.0 if feature in COUNTS else scale
        for scale in np.broadcast_to(source.quantization.scale, channels).tolist()
        for feature in wanted.features
    ]
    quantization = Quantization(tuple(scales), (0,) * len(scales), 1)
    target = Tensor(name, (1, len(scales)), "int16", quantization)
    return stream.then(KIND.lower(), target, {"features": wanted.features})


def reference(values: Reals, wanted: Statistics, stream: Stream) -> Reals:
    """Of [runs, rows, channels], by numpy; a sign changes between a number below 0 and one that is not."""
    signs = np.signbit(values)
    found = {
        "mean": values.mean(axis=1),
        "deviation": values.std(axis=1),
        "rms": np.sqrt((values**2).mean(axis=1)),
        "minimum": values.min(axis=1),
        "maximum": values.max(axis=1),
        "peak_to_peak": np.ptp(values, axis=1),
        "zero_crossings": (signs[:, 1:] != signs[:, :-1]).sum(axis=1).astype(np.float64),
    }
    return np.stack([found[feature] for feature in wanted.features], axis=2).reshape(len(values), -1)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return ((1, graph.input(op, 0).shape[-1] * len(op.attrs["features"])),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    rows, channels = grid(source)
    chosen = tuple(FEATURES.index(feature) for feature in op.attrs["features"])
    params: dict[str, int | tuple[int, ...]] = {
        "rows": rows,
        "channels": channels,
        "features": len(chosen),
        "feature": chosen + (0,) * (len(FEATURES) - len(chosen)),
    }
    return (Call("statistics", "statistics_s16", params, (Input(source.name), Output(target.name))),)


block = Block(Statistics, append, reference)
operator = Operator((KIND,), infer, calls)
