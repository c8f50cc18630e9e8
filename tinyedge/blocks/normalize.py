# SPDX-License-Identifier: Apache-2.0
"""(x - mean) / deviation of every channel, in the integers of the tensor that comes next."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.blocks import Block, Parameters, Reals, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output

KIND = "BLOCK_NORMALIZE"
FRACTION = 30
"""Most fraction bits of a multiplier: times an int16 it is then off by at most 2^-16 of a step."""
MOST_FRACTION = 46
"""The same for an int32, of which factors are small; a zero point with as many still fits 64 bits."""


class Normalize(Parameters):
    """mean, deviation: of each channel, or one number for all, in the stream's physical units."""

    mean: float | tuple[float, ...] = 0.0
    deviation: float | tuple[float, ...] = 1.0
    dtype: str = "int16"
    scale: float = 2.0**-11
    """Of the output, where the model's input does not decide: int16 then holds -16 to 16 deviations."""
    zero_point: int = 0


def append(stream: Stream, wanted: Normalize, name: str) -> Stream:
    """Keeps the shape; the last dimension is the channels."""
    source = stream.last
    channels = source.shape[-1]
    for key, given in (("mean", wanted.mean), ("deviation", wanted.deviation)):
        count = len(each(given, channels))
        if count != channels:
            raise UsageError(
                f"block 'normalize': {key} has {count} numbers, the stream {channels} channels",
                "give one for each channel, or one for all",
            )
    deviations = each(wanted.deviation, channels)
    if not all(math.isfinite(d) and d > 0 for d in deviations):
        raise UsageError(
            f"block 'normalize': a deviation is {min(deviations):g}",
            "a channel that never changes says nothing",
        )
    if wanted.dtype not in LIMITS or not 0 < wanted.scale < math.inf:
        raise UsageError(
            f"block 'normalize': {wanted.dtype} at scale {wanted.scale:g}", "int8 and int16 exist"
        )
    target = Tensor(name, source.shape, wanted.dtype, Quantization((wanted.scale,), (wanted.zero_point,)))
    means = each(wanted.mean, channels)
    return stream.then(KIND.lower(), target, {"mean": means, "deviation": deviations})


def each(given: float | Sequence[float], channels: int) -> tuple[float, ...]:
    """One number a channel."""
    return tuple(given) if isinstance(given, tuple | list) else (float(given),) * channels  # type: ignore[arg-type]


def reference(values: Reals, wanted: Normalize, stream: Stream) -> Reals:
    """Of [runs, ..., channels]: the definition."""
    return np.asarray((values - np.asarray(wanted.mean)) / np.asarray(wanted.deviation))


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.input(op, 0).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    assert source.quantization is not None
    channels = source.shape[-1]
    scales = np.broadcast_to(source.quantization.scale, channels)
    deviation, mean = np.array(op.attrs["deviation"]), np.array(op.attrs["mean"])
    factors = scales / (deviation * target.scale)
    shift = min(MOST_FRACTION, FRACTION - math.ceil(math.log2(float(factors.max()))))
    if source.dtype == "int16":
        shift = min(FRACTION, shift)
    # floor(v + 1/2) rounds to the nearest, ties up.
    offsets = (target.zero_point - mean / (deviation * target.scale) + 0.5) * 2.0**shift
    if shift < 0 or np.abs(offsets).max() >= 2**62:
        raise UsageError(
            f"block {op.name!r}: mean {mean.max():g} at deviation {deviation.min():g} is beyond 64 bits",
            "check both: they are in the units of the sensor",
        )
    low, high = LIMITS[target.dtype]
    params = {
        "rows": source.size // channels,
        "channels": channels,
        "shift": shift,
        "out_min": low,
        "out_max": high,
    }
    return (
        Call(
            "normalize",
            f"normalize_s{source.dtype[3:]}_s{target.dtype[3:]}",
            params,
            (
                Input(source.name),
                Constant("multiplier", np.rint(factors * 2.0**shift).clip(max=2**31 - 1).astype(np.int32)),
                Constant("offset", np.rint(offsets).astype(np.int64)),
                Output(target.name),
            ),
        ),
    )


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Element by element, and none gets wider."""
    return 0


block = Block(
    Normalize,
    append,
    reference,
    takes=("int16", "int32"),
    bound="half a step, and 2^-15 of one, of the quotient in floating point",
)
operator = Operator((KIND,), infer, calls, distance=distance)
