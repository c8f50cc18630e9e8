# SPDX-License-Identifier: Apache-2.0
"""Features of every channel of a window: moments, extremes, zero crossings."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_STATISTICS"
Feature = Literal[
    "mean",
    "deviation",
    "rms",
    "minimum",
    "maximum",
    "peak_to_peak",
    "zero_crossings",
    "variance",
    "kurtosis",
    "crest_factor",
]
FEATURES: tuple[Feature, ...] = get_args(Feature)
"""In the order of `enum te_statistic` in firmware/kernels/statistics.h."""
STEPS = {"zero_crossings": 1.0, "kurtosis": 2.0**-8, "crest_factor": 2.0**-7}
"""Of those that are pure numbers, whatever the unit of the samples."""
LONGEST = 32767
"""Rows of a window: their sums of squares times their number stay within 61 bits."""


class Statistics(Parameters):
    """One number a feature for every channel of a window, saturating where an int16 ends.

    features: which of them, in this order for every channel; variance_bits: a step of a variance is that of
    the samples squared times 2 to this power, and 15 is right for any samples.
    """

    features: tuple[Feature, ...] = ("mean", "deviation")
    variance_bits: Annotated[int, Field(ge=0, le=15)] = 15


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
        STEPS.get(feature, scale**2 * 2.0**wanted.variance_bits if feature == "variance" else scale)
        for scale in np.broadcast_to(source.quantization.scale, channels).tolist()
        for feature in wanted.features
    ]
    quantization = Quantization(tuple(scales), (0,) * len(scales), 1)
    target = Tensor(name, (1, len(scales)), "int16", quantization)
    return stream.then(
        KIND.lower(), target, {"features": wanted.features, "variance_bits": wanted.variance_bits}
    )


def reference(values: Reals, wanted: Statistics, stream: Stream) -> Reals:
    """Of [runs, rows, channels], by numpy and scipy.

    A sign changes between a number below 0 and one that is not; kurtosis is that of Pearson, 3 for a normal
    distribution.
    """
    return np.stack([_found(values, feature) for feature in wanted.features], axis=2).reshape(len(values), -1)


def _found(values: Reals, feature: Feature) -> Reals:
    """[runs, channels]."""
    from scipy import stats

    if feature == "kurtosis":
        return np.asarray(np.nan_to_num(stats.kurtosis(values, axis=1, fisher=False)))
    signs = np.signbit(values)
    rms = np.sqrt((values**2).mean(axis=1))
    found = {
        "mean": values.mean(axis=1),
        "deviation": values.std(axis=1),
        "rms": rms,
        "minimum": values.min(axis=1),
        "maximum": values.max(axis=1),
        "peak_to_peak": np.ptp(values, axis=1),
        "zero_crossings": (signs[:, 1:] != signs[:, :-1]).sum(axis=1).astype(np.float64),
        "variance": values.var(axis=1),
        "crest_factor": np.abs(values).max(axis=1) / np.where(rms == 0, 1, rms),
    }
    return np.asarray(found[feature])


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return ((1, grid(graph.input(op, 0))[1] * len(op.attrs["features"])),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    rows, channels = grid(source)
    chosen = tuple(FEATURES.index(feature) for feature in op.attrs["features"])
    params: dict[str, int | tuple[int, ...]] = {
        "rows": rows,
        "channels": channels,
        "features": len(chosen),
        "feature": chosen + (0,) * (len(FEATURES) - len(chosen)),
        "variance_bits": op.attrs["variance_bits"],
    }
    return (Call("statistics", "statistics_s16", params, (Input(source.name), Output(target.name))),)


block = Block(
    Statistics,
    append,
    reference,
    bound="extremes and counts are equal; mean, deviation and RMS are off by 0.54 steps of numpy, variance"
    " and crest factor by one, a kurtosis by one or 0.2 %",
)
operator = Operator((KIND,), infer, calls)
