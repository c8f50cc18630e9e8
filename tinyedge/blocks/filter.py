# SPDX-License-Identifier: Apache-2.0
"""Butterworth filters, designed by scipy when building, run as biquads with a state of 32 bits.

Coefficients have 29 fraction bits; up to each section the largest gain is 1, so that none is lost in them.
Values between sections have as many bits below those of a sample as the worst input leaves room for: the sum
of the magnitudes of the impulse response up to each section bounds what any input can become there.

A filter begins at rest, as if there had been zeros: runs in which these can still be more than a hundredth of
what comes out count as those in which a window is not full, and nothing is decided or judged in them.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PositiveFloat

from tinyedge.blocks import Block, Parameters, Reals, Stream
from tinyedge.errors import UsageError
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output, State

KIND = "BLOCK_FILTER"
FRACTION = 29
"""Fraction bits of a coefficient: 4 is the limit of an int32."""
LARGEST_SUM = 8.0
"""Of a section's coefficients: with values below 2^30 the sum of products then stays below 2^62."""
LEAST_EXTRA = 4
"""Bits below a sample that a filter must have left; 13 to 14 are usual."""
LONGEST = 1 << 16
"""Rows of an impulse response that are looked at."""
SETTLED = 0.01
"""Share of an impulse response, by the sum of magnitudes, that may be left of one that has settled."""


class Filter(Parameters):
    """type: of the pass band; cutoff_hz: its edge, or both of a band; order: of the Butterworth filter."""

    type: Literal["lowpass", "highpass", "bandpass", "bandstop"]
    cutoff_hz: PositiveFloat | tuple[PositiveFloat, PositiveFloat]
    order: Annotated[int, Field(ge=1, le=8)] = 2


def append(stream: Stream, wanted: Filter, name: str) -> Stream:
    """Keeps shape, type and scale; what exceeds an int16 saturates."""
    source = stream.last
    sections = design(wanted, stream)
    extra = 15 - math.ceil(math.log2(1.001 * growth(sections)))
    largest = float(np.abs(sections).max())
    if np.abs(sections).sum(axis=1).max() >= LARGEST_SUM or largest >= 4 or extra < LEAST_EXTRA:
        raise UsageError(
            f"block 'filter': coefficients of {largest:.3g}, values {growth(sections):.3g} times a sample's",
            "choose a lower order, or a cutoff further from 0 and from half the rate",
        )
    state = np.zeros((source.shape[-1], 2 * (len(sections) + 1)), np.int32)
    target = Tensor(name, source.shape, source.dtype, source.quantization)
    attrs = {
        "sections": tuple(tuple(float(c) for c in row) for row in sections),
        "extra": extra,
        "warm_up": math.ceil(settling(sections) / (source.size // source.shape[-1])),
    }
    return stream.then(KIND.lower(), target, attrs, {"delays": state})


def design(wanted: Filter, stream: Stream) -> Array:
    """Second-order sections [sections, (b0, b1, b2, a1, a2)], a0 = 1, by scipy.signal.butter.

    It gives the first section all of the gain; here the largest gain up to and with each section is 1.
    """
    from scipy import signal

    if stream.rate_hz is None:
        raise UsageError("block 'filter' needs the rate of the samples", "give `rate_hz` under [input]")
    edges = np.atleast_1d(wanted.cutoff_hz)
    band = wanted.type.startswith("band")
    if len(edges) != 1 + band or edges[0] >= edges[-1] + (not band) or edges.max() >= stream.rate_hz / 2:
        raise UsageError(
            f"block 'filter': cutoff_hz = {wanted.cutoff_hz} for a {wanted.type} at {stream.rate_hz:g} Hz",
            "a band has two edges, the others one; all lie below half the rate",
        )
    edge: Any = edges if band else edges[0]
    found: Array = signal.butter(wanted.order, edge, wanted.type, fs=stream.rate_hz, output="sos")
    response = np.ones(1, np.complex128)
    for section in found:
        # Both ends of the spectrum are on the grid, and any peak between them to a part in ten thousand.
        with np.errstate(divide="ignore", invalid="ignore"):
            _, own = signal.freqz(section[:3], section[3:], worN=1 << 14, include_nyquist=True)
            gain = np.abs(response * own).max()
            section[:3] /= gain
            response = response * own / gain
    if not np.isfinite(found).all():
        raise UsageError(
            f"block 'filter': cutoff_hz = {wanted.cutoff_hz} at {stream.rate_hz:g} Hz has no coefficients",
            "choose a lower order, or a cutoff further from 0 and from half the rate",
        )
    return np.delete(found, 3, axis=1)


def growth(sections: Array) -> float:
    """How many times the largest sample any input can become between sections or behind them: at least 1."""
    return max([1.0, *(float(np.abs(response).sum()) for response in responses(sections))])


def settling(sections: Array) -> int:
    """Rows after which all that was before the first is at most SETTLED of what a sample can become."""
    left = np.abs(responses(sections)[-1])[::-1].cumsum()[::-1]
    return int(np.count_nonzero(left > SETTLED * left[0])) - 1


def responses(sections: Array) -> list[Array]:
    """float64 [LONGEST]: to one sample, up to each section."""
    from scipy import signal

    values, found = np.zeros(LONGEST), []
    values[0] = 1.0
    for row in sections:
        values = signal.lfilter(row[:3], np.concatenate([[1.0], row[3:]]), values)
        found.append(values)
    return found


def reference(values: Reals, wanted: Filter, stream: Stream) -> Reals:
    """Of [runs, rows, channels]: scipy.signal.sosfilt over all rows, from rest."""
    from scipy import signal

    sections = np.insert(design(wanted, stream), 3, 1.0, axis=1)
    flat = signal.sosfilt(sections, values.reshape(-1, values.shape[-1]), axis=0)
    return np.asarray(flat).reshape(values.shape)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.input(op, 0).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, delays, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    sections = np.array(op.attrs["sections"])
    channels = source.shape[-1]
    params = {
        "rows": source.size // channels,
        "channels": channels,
        "sections": len(sections),
        "extra": op.attrs["extra"],
    }
    coefficients = np.rint(sections * 2.0**FRACTION).astype(np.int32)
    return (
        Call(
            "biquad",
            "biquad_s16",
            params,
            (
                Input(source.name),
                Constant("coefficients", coefficients.ravel()),
                State(delays.name),
                Output(target.name),
            ),
        ),
    )


def macs(graph: Graph, op: Op) -> int:
    return graph.input(op, 0).size * len(op.attrs["sections"]) * 5


def warm_up(graph: Graph, op: Op) -> int:
    """Runs until it has settled."""
    return int(op.attrs["warm_up"])


block = Block(Filter, append, reference, bound="one step, or 60 dB, of scipy.signal.sosfilt")
operator = Operator((KIND,), infer, calls, macs=macs, warm_up=warm_up)
